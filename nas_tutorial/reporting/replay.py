"""A search replayed, trial by trial: observed values, the incumbent, lines from parent to child."""

import re
from collections.abc import Iterable

import matplotlib.pyplot as plt
from matplotlib.animation import FuncAnimation
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from nas_tutorial.history import History
from nas_tutorial.names import whole
from nas_tutorial.reporting.plots import plot_incumbent
from nas_tutorial.trials import Constraint, Objective

DPI = 80  # of the player's pictures: sixty of them make about 2 MB
MILLISECONDS = 250  # a frame
ICONS = {  # the player's buttons as texts: matplotlib would load a font for them from the net
    "fa-minus": "−",
    "fa-fast-backward": "«",
    "fa-step-backward": "‹",
    "fa-play fa-flip-horizontal": "◀",
    "fa-pause": "‖",
    "fa-play": "▶",
    "fa-step-forward": "›",
    "fa-fast-forward": "»",
    "fa-plus": "+",
}


def plot_replay(
    history: History,
    objective: Objective = Objective(),
    *,
    trials: int | None = None,
    constraints: Iterable[Constraint] = (),
    ylim: tuple[float, float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """The first trials of a search as `plots.plot_incumbent` draws them, within the whole's axes.

    Thin lines lead from each parent to its child; those to the newest trial are black. The title says
    how many of the trials are shown.

    Args:
        history: The whole search.
        objective: What is drawn.
        trials: How many trials to draw; None draws all.
        constraints: As in `plot_incumbent`.
        ylim: The lowest and highest value to show; None shows all of the whole search.
        ax: Where to draw.

    Raises:
        ValueError: If `trials` does not lie between 0 and the number of trials.
    """
    trials = len(history) if trials is None else trials
    advice = "A replay shows no more than was searched."
    trials = whole("trials", trials, 0, len(history), advice)
    shown = history[:trials]
    ax = plot_incumbent(shown, objective, constraints=constraints, ax=ax)
    for is_last, colour, width, label in (
        (False, "#bbbbbb", 0.6, "parent to child"),
        (True, "black", 1.2, "to the newest trial"),
    ):
        lines = _parent_lines(shown, objective, of_last=is_last)
        drawing = LineCollection(lines, colors=colour, linewidths=width, zorder=1.5)
        drawing.set_label(label if lines else None)
        ax.add_collection(drawing)
    ax.set(xlim=(0, len(history) + 1), ylim=_limits(history, objective) if ylim is None else ylim)
    ax.set_title(f"{trials} of {len(history)} trials")
    ax.legend(loc="lower right", frameon=True, framealpha=0.85, edgecolor="none")
    return ax


def replay(
    history: History,
    objective: Objective = Objective(),
    *,
    constraints: Iterable[Constraint] = (),
    ylim: tuple[float, float] | None = None,
    max_frames: int = 60,
) -> FuncAnimation:
    """The search as a film: a frame a trial, or evenly spaced ones; the last shows all.

    Args:
        history, objective, constraints, ylim: As in `plot_replay`.
        max_frames: A longer search takes several trials a frame.

    Raises:
        ValueError: If nothing was searched, or `max_frames` is not positive.
    """
    whole("the number of trials", len(history), 1, advice="Search first.")
    max_frames = whole("max_frames", max_frames, 1, advice="Leave it at 60.")
    constraints = tuple(constraints)
    figure = Figure(layout="constrained")  # not pyplot's, which a notebook would show as well
    ax = figure.subplots()

    def draw(trials: int) -> list:
        ax.clear()
        plot_replay(history, objective, trials=trials, constraints=constraints, ylim=ylim, ax=ax)
        return []

    draw(len(history))
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # the axes keep the place that the whole picture needs

    return FuncAnimation(
        figure,
        draw,
        frames=frame_trials(len(history), max_frames),
        init_func=lambda: [],
        interval=MILLISECONDS,
        repeat=False,
    )


def frame_trials(trials: int, max_frames: int = 60) -> list[int]:
    """How many trials each frame shows: evenly spaced numbers, of which the last is all."""
    frames = min(trials, max_frames)
    return [-(-trials * frame // frames) for frame in range(1, frames + 1)]  # rounded up


def player(animation: FuncAnimation) -> str:
    """An animation as HTML with buttons. It plays without a network: all of it is in the text."""
    with plt.rc_context({"savefig.dpi": DPI}):
        page = animation.to_jshtml(default_mode="once")
    page = re.sub(r"<link\b[^>]*>", "", page)
    for icon, text in ICONS.items():
        page = page.replace(f'<i class="fa {icon}"></i>', text)
    return page


def _parent_lines(history: History, objective: Objective, *, of_last: bool) -> list[list[tuple]]:
    """Lines from parent to child, for the last trial or for those before it."""
    places = {
        trial.number: (place, trial.value(objective.name))
        for place, trial in enumerate(history, start=1)
        if not trial.failed
    }
    children = history[-1:] if of_last else history[:-1]
    return [
        [places[parent], places[child.number]]
        for child in children
        for parent in child.candidate.parents
        if parent in places and child.number in places
    ]


def _limits(history: History, objective: Objective) -> tuple[float, float] | None:
    values = [trial.value(objective.name) for trial in history if not trial.failed]
    if not values:
        return None
    low, high = min(values), max(values)
    margin = 0.05 * (high - low) or 0.05
    return low - margin, high + margin
