"""How a chapter starts, and how much it computes: quick on two laptop cores, full on a GPU."""

import os
import sys
from dataclasses import dataclass

from nas_tutorial.names import unknown_name

MODE_VARIABLE = "NAS_TUTORIAL_MODE"
STILL_VARIABLE = "NAS_TUTORIAL_STILL"


@dataclass(frozen=True)
class Settings:
    """How much a chapter computes.

    By the estimate of `tests/course/memory.py` at batch size 128, full mode needs at most 0.65 GiB of a GPU's
    memory for the largest network of chapters 07 and 08, and 0.6 GiB for the data: a twelfth of the
    15 GiB of a T4. It has not been run on one.

    Args:
        mode: "quick" is for two laptop cores and takes at most two minutes; "full" is for a GPU.
        trials: The number of candidates in a live search.
        epochs: The number of epochs for which each candidate is trained.
        seeds: The number of seeds where training is repeated.
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


def is_still() -> bool:
    """Whether a notebook is built or tested: what moves or asks is then shown as a picture or a text.

    The environment variable NAS_TUTORIAL_STILL says so. Pictures and texts compare equal from run to
    run, players and forms do not.
    """
    return bool(os.environ.get(STILL_VARIABLE))


def start() -> Settings:
    """Set a notebook up: the course's figure style, sharp pictures, a backend that starts quietly.

    On a machine with a GPU, on Colab, and where Keras is missing, as in a browser, it prints in one
    line what the notebook computes on or cannot do, except where the notebook is built or tested,
    since its output is compared there.

    Returns:
        The settings that say how much to compute.
    """
    import matplotlib.pyplot as plt
    from tqdm.auto import tqdm

    from nas_tutorial import backend
    from nas_tutorial.reporting import plots

    plt.style.use(plots.STYLE)
    if plt.get_backend().endswith("inline"):
        _draw_sharply()
    if sys.platform == "emscripten":  # a browser has no threads, such as the one that watches bars
        tqdm.monitor_interval = 0
    if backend.HAS_KERAS:
        backend.keras.utils.disable_interactive_logging()
    if not is_still():
        _say_what_computes(backend.gpus() if backend.HAS_KERAS else None)
    return settings()


def _draw_sharply() -> None:
    """Pictures in a notebook get two pixels where they had one, for screens that show them."""
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    set_matplotlib_formats("retina")


def _say_what_computes(gpus: list[str] | None) -> None:
    """None stands for: Keras is missing."""
    if gpus is None:
        print("Keras is not installed here: cells that train networks do not run.")
    elif gpus:
        print(f"Computing on: {', '.join(gpus)}.")
    elif "google.colab" in sys.modules:  # loaded by Colab's kernels
        print("Computing on: the CPU. Runtime > Change runtime type lends a GPU.")


def progress() -> None:
    """Print which exercises are solved, attempted and open, and in which file that is kept."""
    from nas_tutorial.course.exercises.summary import summary

    print(summary())
