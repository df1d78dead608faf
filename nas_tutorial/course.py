"""What the notebooks need: a set-up in one call, source code on the page, and how much to compute."""

import inspect
import os
from dataclasses import dataclass
from pathlib import Path

from nas_tutorial.exercises import check
from nas_tutorial.names import unknown_name
from nas_tutorial.trials import History

__all__ = ["MODE_VARIABLE", "Settings", "check", "settings", "show", "start", "stored_history"]

MODE_VARIABLE = "NAS_TUTORIAL_MODE"
HISTORIES = Path(__file__).parent / "histories"


@dataclass(frozen=True)
class Settings:
    """How much a chapter computes.

    Args:
        mode: "quick" runs on two laptop cores in two minutes at most; "full" is for a GPU.
        trials: Candidates in a live search.
        epochs: Epochs a candidate.
        seeds: Repetitions where training is repeated.
    """

    mode: str
    trials: int
    epochs: int
    seeds: int


_MODES = {
    "quick": Settings("quick", trials=10, epochs=5, seeds=5),
    "full": Settings("full", trials=100, epochs=20, seeds=10),
}


def settings() -> Settings:
    """The settings that the environment variable NAS_TUTORIAL_MODE names; quick by default.

    Raises:
        ValueError: If it names neither quick nor full.
    """
    mode = os.environ.get(MODE_VARIABLE, "quick")
    if mode not in _MODES:
        raise unknown_name(f"the environment variable {MODE_VARIABLE}", mode, _MODES)
    return _MODES[mode]


def start() -> Settings:
    """Set a notebook up: the course's figure style, and a backend that starts quietly.

    Returns:
        The settings to compute by.
    """
    import matplotlib.pyplot as plt

    from nas_tutorial import backend, plots

    plt.rcParams.update(plots.STYLE)
    backend.keras.utils.disable_interactive_logging()
    return settings()


def stored_history(name: str) -> History:
    """A search that takes longer than a chapter should, kept with the course.

    The commands that made them stand in nas_tutorial/histories/README.md.

    Args:
        name: Such as "digits".

    Raises:
        ValueError: If the course keeps none of that name.
    """
    known = sorted(path.stem for path in HISTORIES.glob("*.jsonl"))
    if name not in known:
        raise unknown_name("a stored history", name, known)
    return History.load(HISTORIES / f"{name}.jsonl")


def show(*objects):
    """Show the source code of functions, classes or modules, in colour.

    The notebooks never paste what the library holds: what is shown is what runs.
    """
    from IPython.display import Code

    return Code("\n\n".join(inspect.getsource(one).rstrip() for one in objects), language="python")
