"""Drawing of chapter 02: the three dimensions of a search, of which later chapters light one."""

from collections.abc import Iterable
from itertools import pairwise

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
