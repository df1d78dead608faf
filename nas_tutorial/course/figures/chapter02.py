"""Drawings of chapter 02: the three dimensions of a search, which later chapters light one by one, and
what the chapter's searches found.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nas_tutorial.names import one_of
from nas_tutorial.reporting.diagrams import (
    DEEP,
    FAINT,
    INK,
    LINE,
    PAPER,
    SOFT,
    Shape,
    arrow,
    box,
    figure_of,
    sheet,
    words,
)
from nas_tutorial.reporting.plots import COLOURS, LINES
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.statistics.tests import Difference

DIMENSIONS = {
    "space": "which architectures\ncan be built",
    "strategy": "which one\ncomes next",
    "estimation": "how good\nit is",
}
TITLES = {
    "space": "search space",
    "strategy": "search strategy",
    "estimation": "performance estimation",
}


def three_dimensions(lit: Iterable[str] = tuple(DIMENSIONS)) -> Figure:
    """Three boxes in a row. The search space says which architectures can be built, and gives its
    architectures to the search strategy, which decides which one comes next. The strategy sends an
    architecture to performance estimation, which says how good it is and sends a number back. The
    parts that a chapter is about are lit, the others are pale.

    Args:
        lit: Which of "space", "strategy" and "estimation" are lit.

    Raises:
        ValueError: If there is no such dimension.
    """
    lit = {one_of("a dimension", name, DIMENSIONS) for name in lit}
    ax = sheet(9, 2.5)
    for (name, says), x in zip(DIMENSIONS.items(), (1.1, 4.5, 7.9)):
        _dimension(ax, x, name, says, is_lit=name in lit)
    arrow(ax, (2.14, 1.25), (3.46, 1.25))
    words(ax, 2.8, 1.4, "architectures")
    arrow(ax, (5.54, 1.45), (6.86, 1.45))
    words(ax, 6.2, 1.6, "an architecture")
    arrow(ax, (6.86, 1.05), (5.54, 1.05))
    words(ax, 6.2, 0.88, "a number")
    return figure_of(ax)


def _dimension(ax: Axes, x: float, name: str, says: str, *, is_lit: bool) -> None:
    """A box with the name of a dimension, a small picture and the question that it answers."""
    fill, edge, ink = (SOFT, INK, INK) if is_lit else (PAPER, FAINT, LINE)
    box(ax, x, 1.25, width=2.0, height=2.1, fill=fill, edge=edge, line=1.4 if is_lit else 1)
    words(ax, x, 2.04, TITLES[name], bold=is_lit, color=ink)
    words(ax, x, 0.48, says, color=ink)
    PICTURES[name](ax, x, 1.22, DEEP if is_lit else FAINT)


def _many_networks(ax: Axes, x: float, y: float, color: str) -> None:
    places = np.array([(column, row) for row in range(3) for column in range(8)])
    ax.scatter(
        x + 0.2 * (places[:, 0] - 3.5), y + 0.2 * (places[:, 1] - 1), s=26, color=color, zorder=4
    )


def _a_walk(ax: Axes, x: float, y: float, color: str) -> None:
    stops = [(x - 0.7, y - 0.2), (x - 0.3, y + 0.1), (x + 0.2, y - 0.12), (x + 0.65, y + 0.22)]
    dots = [Shape(across, up, 0.1, 0.1, is_round=True) for across, up in stops]
    for start, end in pairwise(dots):
        arrow(ax, start, end, color=color, zorder=4)
    ax.scatter([dot.x for dot in dots], [dot.y for dot in dots], s=26, color=color, zorder=4)


def _a_measurement(ax: Axes, x: float, y: float, color: str) -> None:
    time = np.linspace(0, 1, 40)
    ax.plot(
        x - 0.7 + 1.4 * time,
        y - 0.25 + 0.5 * (1 - np.exp(-4 * time)),
        color=color,
        linewidth=1.8,
        zorder=4,
    )
    ax.plot(
        [x - 0.7, x - 0.7, x + 0.75],
        [y + 0.3, y - 0.3, y - 0.3],
        color=color,
        linewidth=1,
        zorder=4,
    )


PICTURES = {"space": _many_networks, "strategy": _a_walk, "estimation": _a_measurement}


def searches_on_squares(searches: Mapping[str, tuple]) -> Figure:
    """The small space as five by five squares, once for each search. A square is a network: its column
    says what is on edge 0→3, its row what is on edge 1→3, its number what the estimate says; darker
    is better. Small labels number the trials of the search, and its result is framed.

    Args:
        searches: Title -> (architecture -> value, the history as pairs of architecture and value).
    """
    rows = -(-len(searches) // 2)
    figure, axes = plt.subplots(rows, 2, figsize=(9.5, 4.5 * rows), layout="constrained")
    for ax, (title, (values, history)) in zip(axes.flat, searches.items()):
        _squares(ax, values)
        _trials(ax, history)
        ax.set(title=title, xlabel="edge 0→3", ylabel="edge 1→3")
        ax.set_xticks(range(5), LABELS, rotation=30)
        ax.set_yticks(range(5), LABELS)
        ax.grid(False)
    return figure


LABELS = ("none", "skip", "conv 1", "conv 3", "pool 3")  # of EdgeCellSpace.OPERATIONS


def _square(architecture: Architecture) -> tuple[int, int]:
    """Column and row of a network of the small space."""
    *_, direct, second, _ = architecture.values
    column, row = (EdgeCellSpace.OPERATIONS.index(str(name)) for name in (direct, second))
    return column, row


def _squares(ax: Axes, values: Mapping[Architecture, float]) -> None:
    shades = np.full((5, 5), np.nan)
    for architecture, value in values.items():
        x, y = _square(architecture)
        shades[y, x] = value
        color = "white" if value > 0.75 else "black"
        ax.text(x, y + 0.22, f"{value:.2f}", ha="center", va="center", color=color)
    ax.imshow(shades, cmap="Blues", vmin=0, vmax=1)


def _trials(ax: Axes, history: Sequence[tuple[Architecture, float]]) -> None:
    """Number the trials on their squares, and frame the best."""
    numbers: dict[tuple, list[str]] = {}
    for number, (architecture, _) in enumerate(history, start=1):
        numbers.setdefault(_square(architecture), []).append(str(number))
    label = {"boxstyle": "round,pad=0.2", "facecolor": "white"}
    for (x, y), on_it in numbers.items():
        text = ", ".join(on_it)
        ax.text(x, y - 0.22, text, ha="center", va="center", fontsize=8, bbox=label)
    best, _ = max(history, key=lambda pair: pair[1])
    x, y = _square(best)
    ax.add_patch(
        plt.Rectangle(
            (x - 0.47, y - 0.47), 0.94, 0.94, fill=False, linewidth=3, edgecolor=COLOURS[1]
        )
    )


def two_loops(losses: Sequence[np.ndarray], accuracies: Sequence[float]) -> Figure:
    """Two plots above each other over the steps of SGD since the search began. Above, the outer loop:
    one dot for each trial and the best so far as a step curve. Below, the inner loop: the training
    loss, which begins high with each trial and falls again.

    Args:
        losses: Of each trial, one loss for each step.
        accuracies: Of each trial.
    """
    figure, (upper, lower) = plt.subplots(2, 1, figsize=(9, 5), sharex=True, layout="constrained")
    ends = np.cumsum([len(values) for values in losses])
    best = np.maximum.accumulate(accuracies)
    upper.step(ends, best, where="post", color=COLOURS[1], label="best so far")
    upper.scatter(ends, accuracies, s=40, color=COLOURS[1], label="one trial", zorder=3)
    upper.set(ylabel="validation accuracy", ylim=(0, 1), title="outer loop: what the strategy sees")
    upper.legend(loc="lower right")
    lower.plot(np.arange(1, ends[-1] + 1), np.concatenate(losses), color=COLOURS[0], linewidth=0.8)
    lower.set(xlabel="steps of SGD since the search began", ylabel="training loss (nats)")
    lower.set(ylim=(0, None), title="inner loop: what SGD sees")
    for ax in (upper, lower):
        for end in ends:
            ax.axvline(end, color="black", linewidth=0.6, linestyle=":")
    return figure


def effects(series: Mapping[str, Mapping[str, Difference]]) -> Figure:
    """Differences as dots with their 95 % intervals, a row for each change and a colour for each
    series; the line at 0 means no difference, and an interval that crosses it is a tie.

    Args:
        series: Name of a series -> what was changed -> the difference in percentage points.
    """
    changes = list(next(iter(series.values())))
    figure, ax = plt.subplots(figsize=(8.5, 0.8 + 0.5 * len(changes)), layout="constrained")
    shifts = 0.2 * (np.arange(len(series)) - (len(series) - 1) / 2)
    for place, (name, differences) in enumerate(series.items()):
        means = np.array([differences[change].mean for change in changes])
        lows = np.array([differences[change].low for change in changes])
        rows = np.arange(len(changes)) + shifts[place]
        ax.errorbar(
            means,
            rows,
            xerr=means - lows,
            label=name,
            fmt="osD"[place % 3],
            color=COLOURS[place],
            capsize=4,
        )
    ax.axvline(0, color="black", linewidth=1)
    ax.set_yticks(range(len(changes)), changes)
    ax.invert_yaxis()
    ax.set(xlabel="percentage points of test accuracy; bars: 95 % interval of the mean")
    figure.legend(loc="outside upper center", ncols=len(series))
    return figure


def eight_searches(found: Mapping[tuple[str, str, str], np.ndarray]) -> Figure:
    """Two panels, one for each space. In each, two lines, one for each strategy, lead from the full
    estimate to the rough one; points are medians and bars the quartiles of the searches.

    Args:
        found: (space, strategy, estimate) -> what the winners of all searches reach, in percent.
    """
    spaces, strategies, estimates = (
        list(dict.fromkeys(key[place] for key in found)) for place in range(3)
    )
    figure, axes = plt.subplots(
        1, len(spaces), figsize=(9, 4), sharey=True, layout="constrained", squeeze=False
    )
    for ax, space in zip(axes.flat, spaces):
        for place, strategy in enumerate(strategies):
            values = [found[space, strategy, estimate] for estimate in estimates]
            low, middle, high = np.quantile(values, (0.25, 0.5, 0.75), axis=1)
            ax.errorbar(
                np.arange(len(estimates)) + 0.08 * (place - 0.5),
                middle,
                yerr=(middle - low, high - middle),
                linestyle=LINES[place],
                color=COLOURS[place],
                marker="os"[place % 2],
                capsize=4,
                label=strategy,
            )
        ax.set(title=f"space: {space}", xlabel="estimate in the search", xlim=(-0.4, 1.4))
        ax.set_xticks(range(len(estimates)), estimates)
    axes[0, 0].set_ylabel("test accuracy of the winner (%)")
    axes[0, -1].legend()
    return figure
