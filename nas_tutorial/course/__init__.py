"""What the notebooks call beside the library; an annex, of which each module serves one need.

session    how a chapter starts and how much it computes: `start`, `settings`; `progress` for the learner
source     the library's source code on the page: `show`
player     a search replayed as a film: `play`
exercises  checks of the learner's answers: `check`; one file for each chapter
quizzes    a few questions for each chapter, with every answer explained: `quiz`
figures    the concept drawings, one file for each chapter: `figures`
histories  results that take longer than a chapter should: `stored_history`, `stored_records`
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
