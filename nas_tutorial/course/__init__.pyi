# What the notebooks call; lazy_loader reads this file, and each name is loaded when it is first used.

from . import figures as figures
from .exercises import check as check
from .explorers.acquisition import explore_acquisition as explore_acquisition
from .explorers.annealing import explore_annealing as explore_annealing
from .explorers.cell import explore_cell as explore_cell
from .explorers.maximum import explore_maximum as explore_maximum
from .explorers.population import explore_population as explore_population
from .histories import stored_history as stored_history, stored_records as stored_records
from .player import play as play
from .predictions import (
    calibration as calibration,
    guess as guess,
    mark_guess as mark_guess,
    predict as predict,
    reveal as reveal,
)
from .quizzes import quiz as quiz
from .session import (
    Settings as Settings,
    progress as progress,
    settings as settings,
    start as start,
)
from .source import show as show
