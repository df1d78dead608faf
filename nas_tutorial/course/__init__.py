"""What the notebooks need: a set-up in one call, source code on the page, checks of what they ask.

session     how much a chapter computes, and how it starts
source      the library's source code on the page
player      a search as a film
exercises/  the checks of the learner's answers, and what was solved
quizzes/    a few questions a chapter, each answer explained
figures/    the concept drawings
histories/  searches that take longer than a chapter should
"""

from nas_tutorial.course import figures
from nas_tutorial.course.exercises import check
from nas_tutorial.course.histories import stored_history, stored_records
from nas_tutorial.course.player import play
from nas_tutorial.course.quizzes import quiz
from nas_tutorial.course.session import Settings, progress, settings, start
from nas_tutorial.course.source import show

__all__ = [
    "Settings",
    "check",
    "figures",
    "play",
    "progress",
    "quiz",
    "settings",
    "show",
    "start",
    "stored_history",
    "stored_records",
]
