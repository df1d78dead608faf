"""Drawings of chapter 18: dominance, hypervolume, and what a weighted sum misses."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from nas_tutorial.pareto import non_dominated
from nas_tutorial.reporting.diagrams import (
    DEEP,
    FAINT,
    INK,
    LINE,
    PANEL,
    PAPER,
    SMALL,
    SOFT,
    chart,
    figure_of,
    sheet,
    words,
)

NAMES = "ABCDEF"
POINTS = np.array([(1, 9), (3, 7), (4, 3), (4, 8), (6, 9), (8, 2)])  # thousand parameters, % error
FRONT = np.flatnonzero(non_dominated(POINTS))
REFERENCE = (10, 10)


def dominance() -> Figure:
    """Six networks by parameters and error, both to be made small. C dominates everything to its right and
    above it, a shaded area in which D and E lie. A, B, C and F are dominated by none: a dashed staircase joins them,
    the Pareto front.
    """
    numbers = _plane()
    x, y = POINTS[NAMES.index("C")]
    numbers.add_patch(
        Rectangle((x, y), 11 - x, 11 - y, facecolor=PANEL, edgecolor="none", zorder=0)
    )
    words(numbers, 7.4, 5.2, "C dominates\nthis area", color=LINE, slanted=True)
    stairs = POINTS[FRONT]
    numbers.step(
        [*stairs[:, 0], 11],
        [*stairs[:, 1], stairs[-1, 1]],
        where="post",
        color=INK,
        linestyle="--",
        linewidth=1,
    )
    _points(numbers)
    return figure_of(numbers)


def hypervolume_of_a_front() -> Figure:
    """The area between the front of A, B, C and F and a reference point at 10 thousand parameters and 10 %
    error, cut into four flat boxes. Each begins at a point, reaches right to the reference and up to
    the point before: 9 × 1, 7 × 2, 6 × 4 and 2 × 1, together 49, the hypervolume.
    """
    numbers = _plane()
    above = REFERENCE[1]
    for (x, y), fill in zip(POINTS[FRONT], (SOFT, PANEL, SOFT, PANEL)):
        width, height = REFERENCE[0] - x, above - y
        numbers.add_patch(
            Rectangle(
                (x, y), width, height, facecolor=fill, edgecolor=LINE, linewidth=0.8, zorder=1
            )
        )
        words(
            numbers,
            (x + REFERENCE[0]) / 2,
            y + height / 2,
            f"{width} × {height} = {width * height}",
            size=SMALL,
        )
        above = y
    numbers.scatter(*REFERENCE, marker="*", s=130, color=INK, zorder=4, clip_on=False)
    _points(numbers, only=FRONT)
    return figure_of(numbers)


def weighted_sum() -> Figure:
    """The front again, with lines of equal weighted sum for three weightings. Each line is pushed towards
    the lower left as far as it still meets a point, and it meets A, C or F. B lies above the straight
    line from A to C, in a dent of the front, so no weighting ever picks it.
    """
    numbers = _plane()
    a, c = (POINTS[NAMES.index(name)] for name in "AC")
    numbers.plot(*zip(a, c), color=FAINT, linewidth=3, zorder=1)
    x = np.array([0, 10.4])
    for weight, place, style in ((0.8, 2.75, "-"), (0.5, 5.2, "--"), (0.1, 1.6, "-.")):
        smallest = (POINTS @ (weight, 1 - weight)).min()
        line = (smallest - weight * x) / (1 - weight)
        numbers.plot(x, line, color=INK, linewidth=1.1, linestyle=style, zorder=2)
        y = (smallest - weight * place) / (1 - weight)
        words(numbers, place, y, f"{weight}", size=SMALL, over=PAPER)
    words(
        numbers,
        5.0,
        9.3,
        "lines of equal sum, and the\nweight of the parameters in it",
        size=SMALL,
        ha="left",
        va="center",
    )
    words(numbers, 3.65, 6.75, "in a dent: no line picks B", size=SMALL, ha="left")
    _points(numbers, only=FRONT, above=True)
    return figure_of(numbers)


def _plane() -> Axes:
    ax = sheet(4.6, 3.6)
    numbers = chart(ax, (0.6, 0.55), (3.85, 2.9), "parameters (thousands)", "error (%)")
    numbers.set(xlim=(0, 10.4), ylim=(0, 10.4), xticks=range(0, 11, 2), yticks=range(0, 11, 2))
    return numbers


def _points(numbers: Axes, only=range(len(POINTS)), above: bool = False) -> None:
    """The networks with their letters; those on the front are filled."""
    for row in only:
        x, y = POINTS[row]
        fill = DEEP if row in FRONT else PAPER
        numbers.scatter(x, y, s=46, facecolor=fill, edgecolor=DEEP, zorder=4)
        shift = (-0.3, -0.42) if row in FRONT and not above else (0.4, 0.4)
        words(numbers, x + shift[0], y + shift[1], NAMES[row], bold=True)
