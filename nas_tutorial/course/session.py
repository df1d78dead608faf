"""What the notebooks need: a set-up in one call, source code on the page, and how much to compute."""

import os
import sys
from dataclasses import dataclass

from nas_tutorial.names import unknown_name

MODE_VARIABLE = "NAS_TUTORIAL_MODE"
STILL_VARIABLE = "NAS_TUTORIAL_STILL"


@dataclass(frozen=True)
class Settings:
    """How much a chapter computes.

    What full needs of a GPU's memory, by `models.training_bytes` at batch 128: at most 0.65 GiB for
    the largest network of chapters 07 and 08 and 0.6 GiB for the data, a twelfth of the 15 GiB that
    a T4 has. So time is what limits it there, and it has not been run on one.

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

    Says in a line what computes, where that is a GPU or on Colab, and outputs are not compared.

    Returns:
        The settings to compute by.
    """
    import matplotlib.pyplot as plt

    from nas_tutorial import backend
    from nas_tutorial.reporting import plots

    plt.style.use(plots.STYLE)
    backend.keras.utils.disable_interactive_logging()
    if not os.environ.get(STILL_VARIABLE):
        _say_what_computes(backend.gpus())
    return settings()


def _say_what_computes(gpus: list[str]) -> None:
    if gpus:
        print(f"Computing on: {', '.join(gpus)}.")
    elif "google.colab" in sys.modules:  # loaded by Colab's kernels
        print("Computing on: the CPU. Runtime > Change runtime type lends a GPU.")


def progress() -> None:
    """Print which exercises are solved, tried and open, and where that is kept."""
    from nas_tutorial.course.exercises.summary import summary

    print(summary())
