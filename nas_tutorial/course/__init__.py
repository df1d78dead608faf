"""What the notebooks call beside the library; an annex, of which each module serves one need.

session      how a chapter starts and how much it computes: `start`, `settings`; `progress` for the learner
source       the library's source code on the page: `show`
player       a search replayed as a film: `play`
predictions  a guess before the result: `predict`, `reveal`, `guess`, `mark_guess`, `calibration`
explorers    controls above a picture: `explore_cell`, `explore_maximum` and three more
exercises    checks of the learner's answers: `check`; one file for each chapter
quizzes      a few questions for each chapter, with every answer explained: `quiz`
figures      the concept drawings, one file for each chapter: `figures`
histories    results that take longer than a chapter should: `stored_history`, `stored_records`
records      the learner's own files: progress, and guesses
widgets      ipywidgets where it can be shown, and pictures elsewhere

Each name is loaded on use (see __init__.pyi): importing the course loads neither matplotlib nor ipywidgets.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
