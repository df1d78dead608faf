"""Drawings of chapter 15: a bracket of successive halving, Hyperband's grid, ASHA's promotions."""

from collections.abc import Sequence
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nas_tutorial.reporting.diagrams import (
    DEEP,
    FAINT,
    INK,
    LINE,
    SMALL,
    SOFT,
    WARM,
    arrow,
    box,
    circle,
    figure_of,
    sheet,
    words,
)
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.strategies.asha import Asha
from nas_tutorial.strategies.base import Strategy
from nas_tutorial.strategies.hyperband import bracket_size
from nas_tutorial.strategies.rungs import geometric_rungs, num_promoted
from nas_tutorial.strategies.successive_halving import SuccessiveHalving
from nas_tutorial.trials import Result, Trial

RUNGS = geometric_rungs(5)  # 5/9, 5/3 and 5 epochs
NAMES = ("5/9", "5/3", "5")
FILLS = (SOFT, WARM, DEEP)
NINE = {  # networks of the course's table: validation accuracy at each rung that they reach
    "B": (0.258, 0.746, 0.918), "H": (0.227, 0.726), "E": (0.227, 0.320), "D": (0.226,),
    "G": (0.222,), "C": (0.219,), "A": (0.215,), "I": (0.202,), "F": (0.200,),
}  # fmt: skip
SEEN = {  # validation accuracies in the order of the trials, from the course's table
    SuccessiveHalving: (
        0.2185, 0.2318, 0.2100, 0.2497, 0.1993, 0.2155, 0.2517, 0.2028,
        0.2328, 0.4138, 0.5767, 0.5138, 0.8578, 0.2460, 0.2190, 0.2250,
    ),
    Asha: (
        0.2185, 0.2318, 0.2100, 0.2980, 0.2497, 0.5767, 0.2727, 0.6683,
        0.8830, 0.2155, 0.2005, 0.2122, 0.2328, 0.5138, 0.2460, 0.5370,
    ),
}  # fmt: skip


def bracket_of_nine() -> Figure:
    """Nine networks as nine bars, as long as they are trained. All nine get 5/9 of an epoch; the best three
    go on to 5/3 epochs; the best of these, B, goes on to all 5. In each bar stand the validation
    accuracies that decide. All bars together are 11.7 epochs long; nine whole training runs would be 45.
    """
    ax = sheet(9, 3.55)
    left, scale = 0.5, 8.2 / RUNGS[-1]
    for place, (name, values) in enumerate(NINE.items()):
        y = 2.85 - 0.28 * place
        words(ax, 0.25, y, name, bold=True)
        start = 0.0
        for value, rung, fill in zip(values, RUNGS, FILLS):
            middle, width = left + scale * (start + rung) / 2, scale * (rung - start)
            box(
                ax,
                middle,
                y,
                f"{value:.3f}",
                width=width,
                height=0.23,
                fill=fill,
                line=0.8,
                rounding=0,
                size=SMALL,
            )
            start = rung
    for rung, name in zip(RUNGS, NAMES):
        x = left + scale * rung
        ax.plot([x, x], [0.42, 3.1], color=LINE, linewidth=0.9, linestyle=":", zorder=1)
        words(
            ax,
            x,
            3.28,
            f"{name} epochs" if name == "5" else name,
            ha="right" if name == "5" else "center",
        )
    words(ax, left, 0.22, "length of all bars: 11.7 epochs; nine whole runs: 45", ha="left")
    return figure_of(ax)


def hyperband_grid() -> Figure:
    """Hyperband as three brackets, one per row, with the rungs 5/9, 5/3 and 5 epochs as columns. The first
    bracket starts nine networks at the lowest rung and keeps three, then one. The second starts five
    at the middle rung and keeps one. The third trains three in full. All cost about the same number of epochs.
    """
    ax = sheet(9, 3.3)
    columns = (2.9, 5.2, 7.0)
    for x, name in zip(columns, NAMES):
        words(ax, x, 3.05, f"{name} epochs", bold=True)
    words(ax, 8.35, 3.05, "cost", bold=True)
    for skipped in range(len(RUNGS)):
        y = 2.4 - 0.95 * skipped
        says = ("many, judged early", "some", "few, in full at once")[skipped]
        words(ax, 0.12, y + 0.1, f"bracket {skipped + 1}", ha="left", bold=True)
        words(ax, 0.12, y - 0.16, says, ha="left", size=SMALL, color=LINE)
        sizes = bracket_sizes(skipped)
        for x, size, fill in zip(columns[skipped:], sizes, FILLS[skipped:]):
            _networks(ax, x, y, size, fill)
        for here, there in pairwise(columns[skipped:]):
            arrow(ax, (here + 0.75, y), (there - 0.75, y))
        words(ax, 8.35, y, f"{bracket_cost(skipped):.1f} epochs")
    return figure_of(ax)


def bracket_sizes(skipped: int) -> list[int]:
    """How many networks each rung of a bracket has."""
    size = bracket_size(RUNGS, skipped)
    return [num_promoted(size, RUNGS[skipped], rung) for rung in RUNGS[skipped:]]


def bracket_cost(skipped: int) -> float:
    """The epochs of a bracket; a run that goes on pays only for what it adds."""
    steps = [high - low for low, high in pairwise((0.0, *RUNGS[skipped:]))]
    return sum(size * step for size, step in zip(bracket_sizes(skipped), steps))


def _networks(ax: Axes, x: float, y: float, number: int, fill: str) -> None:
    """So many circles around a point, at most five in a row."""
    rows = [min(5, number - start) for start in range(0, number, 5)]
    for row, size in enumerate(rows):
        for place in range(size):
            across = 0.26 * (place - (rows[0] - 1) / 2)
            circle(ax, x + across, y + 0.26 * ((len(rows) - 1) / 2 - row), radius=0.1, fill=fill)


def asha_promotion() -> Figure:
    """Sixteen trials in the order in which they ran, with one worker; a network that goes on is drawn one
    rung higher and joined to its earlier trial by a line. In successive halving nine trials run on the
    lowest rung before the first is promoted. ASHA promotes after three, whenever a network is among
    the best third of its rung so far.
    """
    ax = sheet(9, 3.7)
    for kind, title, y in ((SuccessiveHalving, "successive halving", 2.2), (Asha, "ASHA", 0.3)):
        words(ax, 0.12, y + 1.3, title, ha="left", bold=True)
        _promotions(ax, y, replayed(kind))
    return figure_of(ax)


def replayed(kind: type[Strategy]) -> list[Trial]:
    """What a strategy asks for if it is told the accuracies of `SEEN`."""
    strategy, trials = kind(EdgeCellSpace(), seed=0), []
    for number, value in enumerate(SEEN[kind]):
        candidate = strategy.ask()
        assert candidate is not None  # one trial at a time: no rung is waited for
        trial = Trial(number, candidate, 0, Result({"val_accuracy": value}, 0.0))
        strategy.tell(trial)
        trials.append(trial)
    return trials


def _promotions(ax: Axes, y: float, trials: Sequence[Trial]) -> None:
    """Trials from left to right, each on the height of its rung."""
    shapes = {}
    for rung, name in enumerate(NAMES):
        height = y + 0.15 + 0.4 * rung
        words(ax, 0.75, height, f"{name} epochs", size=SMALL, color=LINE)
        ax.plot([1.3, 8.85], [height, height], color=FAINT, linewidth=0.8, linestyle=":", zorder=0)
    for trial in trials:
        rung = RUNGS.index(trial.candidate.epochs)
        x = 1.6 + 0.47 * trial.number
        shape = circle(
            ax,
            x,
            y + 0.15 + 0.4 * rung,
            str(trial.number + 1),
            radius=0.155,
            fill=FILLS[rung],
            size=SMALL,
        )
        shapes[trial.number] = shape
        if trial.candidate.resumes is not None:
            arrow(ax, shapes[trial.candidate.resumes.number], shape, color=INK, line=1.1)
