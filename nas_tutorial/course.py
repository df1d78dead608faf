"""What the notebooks need: a set-up in one call, source code on the page, and how much to compute."""

import inspect
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from nas_tutorial import quizzes
from nas_tutorial.exercises import check
from nas_tutorial.names import unknown_name
from nas_tutorial.trials import History, Objective

__all__ = [
    "MODE_VARIABLE",
    "STILL_VARIABLE",
    "Settings",
    "check",
    "play",
    "progress",
    "quiz",
    "settings",
    "show",
    "start",
    "stored_history",
    "stored_records",
]

MODE_VARIABLE = "NAS_TUTORIAL_MODE"
STILL_VARIABLE = "NAS_TUTORIAL_STILL"
HISTORIES = Path(__file__).parent / "histories"


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

    from nas_tutorial import backend, plots

    plt.rcParams.update(plots.STYLE)
    backend.keras.utils.disable_interactive_logging()
    if not os.environ.get(STILL_VARIABLE):
        _say_what_computes(backend.gpus())
    return settings()


def _say_what_computes(gpus: list[str]) -> None:
    if gpus:
        print(f"Computing on: {', '.join(gpus)}.")
    elif "google.colab" in sys.modules:  # loaded by Colab's kernels
        print("Computing on: the CPU. Runtime > Change runtime type lends a GPU.")


def stored_history(name: str) -> History:
    """A search that takes longer than a chapter should, kept with the course.

    The commands that made them stand in nas_tutorial/histories/README.md.

    Args:
        name: Such as "digits".

    Raises:
        ValueError: If the course keeps none of that name.
    """
    return History.load(_stored("a stored history", name, ".jsonl"))


def stored_records(name: str) -> list[dict]:
    """What a benchmark measured, kept with the course: one dictionary a line of its records.

    The commands that made them stand in nas_tutorial/histories/README.md.

    Args:
        name: Such as "weight_sharing".

    Raises:
        ValueError: If the course keeps none of that name.
    """
    lines = _stored("stored records", name, ".ndjson").read_text(encoding="utf-8").splitlines()
    return list(map(json.loads, lines))


def _stored(kind: str, name: str, suffix: str) -> Path:
    known = sorted(path.stem for path in HISTORIES.glob(f"*{suffix}"))
    if name not in known:
        raise unknown_name(kind, name, known)
    return HISTORIES / f"{name}{suffix}"


def show(*objects):
    """Show the source code of functions, classes or modules, in colour.

    The notebooks never paste what the library holds: what is shown is what runs.
    """
    from IPython.display import Code

    return Code("\n\n".join(inspect.getsource(one).rstrip() for one in objects), language="python")


def play(
    history: History,
    objective: Objective = Objective(),
    *,
    ylim: tuple[float, float] | None = None,
):
    """Replay a search in a player with buttons; only its last picture where the notebook is built.

    That is so where the environment variable NAS_TUTORIAL_STILL is set, as for the stored notebooks
    and their tests: a picture compares equal, a player does not.

    Args:
        history, objective, ylim: As in `replay.plot_replay`.
    """
    import matplotlib.pyplot as plt

    from nas_tutorial import replay

    if os.environ.get(STILL_VARIABLE):
        replay.plot_replay(history, objective, ylim=ylim)
        plt.show()
        return None
    from IPython.display import HTML

    return HTML(replay.player(replay.replay(history, objective, ylim=ylim)))


def quiz(chapter: str):
    """Ask what the chapter was about: click on an answer, and it says why it is right or wrong.

    Where the environment variable NAS_TUTORIAL_STILL is set, the questions are printed instead, for
    those who read a stored notebook without running it.

    Args:
        chapter: Such as "05".

    Raises:
        ValueError: If that chapter has no quiz.
    """
    asked = quizzes.questions(chapter)
    if os.environ.get(STILL_VARIABLE):
        print(quizzes.as_text(asked))
        return None
    from IPython.display import HTML

    return HTML(quizzes.as_html(asked))


def progress() -> None:
    """Print which exercises are solved, tried and open, and where that is kept."""
    from nas_tutorial.exercises.summary import summary

    print(summary())
