"""Drawings of chapter 18: dominance, hypervolume, what a weighted sum misses, and what finds it."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
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
from nas_tutorial.reporting.plots import COLOURS

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


def two_remedies() -> Figure:
    """Two ways to find B, the point in the dent. Left, the epsilon-constraint method: of the points left of
    a limit at 3.8 thousand parameters, B has the smallest error. Right, Chebyshev's sum: a box grows
    from the corner of zero, three wide for every seven high, and B is the first point that it meets.
    """
    ax = sheet(9, 3.6)
    limit = _plane(ax, 0.6)
    limit.add_patch(Rectangle((0, 0), 3.8, 10.4, facecolor=PANEL, edgecolor="none", zorder=0))
    limit.axvline(3.8, color=INK, linestyle="--", linewidth=1.1)
    limit.set_title("epsilon-constraint", fontsize=10, color=INK)
    words(limit, 4.1, 9.4, "limit: 3.8", size=SMALL, ha="left")
    words(limit, 2.0, 5.6, "smallest error\nwithin it: B", size=SMALL)
    box = _plane(ax, 5.0)
    for share, style in ((0.5, ":"), (0.75, "--"), (1, "-")):
        size = share * POINTS[NAMES.index("B")]
        fill = PANEL if share == 1 else "none"
        box.add_patch(
            Rectangle(
                (0, 0),
                *size,
                facecolor=fill,
                edgecolor=INK,
                linestyle=style,
                zorder=0 if share == 1 else 1,
            )
        )
    box.set_title("Chebyshev", fontsize=10, color=INK)
    words(box, 4.4, 6.3, "the box meets B first", size=SMALL, ha="left")
    for numbers in (limit, box):
        _points(numbers, only=FRONT, above=True)
    return figure_of(ax)


def front_of_a_table(
    parameters: np.ndarray, accuracy: np.ndarray, front: Sequence[tuple[float, float]]
) -> Figure:
    """All networks of the table by parameters and accuracy, a cloud that rises steeply and then flattens.
    A dashed staircase along its upper left edge joins the points of the front: six steps up to 3,800
    parameters, and three small ones after that.

    Args:
        parameters, accuracy: Of all networks, of shape (num_networks,).
        front: (parameters, accuracy) of the points of the front, the smallest first.
    """
    figure, ax = plt.subplots()
    ax.scatter(parameters, accuracy, s=3, alpha=0.15, color=COLOURS[5])
    ax.step(*np.transpose(front), where="post", color="black", linestyle="--")
    ax.scatter(*np.transpose(front), color=COLOURS[0], zorder=3, label="on the front")
    ax.set(xlabel="parameters", ylabel="validation accuracy, true mean")
    ax.legend(loc="lower right")
    return figure


def under_a_limit(ends: Mapping[str, np.ndarray]) -> Figure:
    """A row of dots for each way to search under the limit, one dot per seed, at the true mean of what it
    found. Most dots form two lumps, at 69 and at 81 %. They lie mostly in the lower lump for the
    genetic search with a constraint, and mostly in the upper one for random search within the rule,
    where the others lie near 74 %. Black bars mark the means; a search that found nothing is drawn at 0.

    Args:
        ends: Name of a way -> true mean in percent of what each seed found, 0 for nothing.
    """
    figure, ax = plt.subplots(figsize=(8.6, 3.6))
    rng = np.random.default_rng(0)
    for row, values in enumerate(ends.values()):
        shift = rng.uniform(-0.28, 0.28, len(values))
        ax.scatter(values, row + shift, s=9, alpha=0.6, color=COLOURS[0])
        ax.plot([values.mean()] * 2, [row - 0.38, row + 0.38], color="black", linewidth=2)
    ax.set_yticks(range(len(ends)), ends)
    ax.invert_yaxis()
    ax.set(xlabel="true mean of the network found (%)", xlim=(-2, 86))
    return figure


def latencies(latency: np.ndarray) -> Figure:
    """The latency of every network on a logarithmic axis, in the order of measuring. The first sixth lies
    several times higher than the rest and is widely spread.

    Args:
        latency: In milliseconds, of shape (num_networks,).
    """
    figure, ax = plt.subplots(figsize=(7, 3.2))
    ax.scatter(np.arange(len(latency)), 1000 * latency, s=3, alpha=0.2, color=COLOURS[0])
    ax.set(yscale="log", xlabel="networks in the order of measuring", ylabel="latency (µs)")
    return figure


def _plane(ax: Axes | None = None, left: float = 0.6) -> Axes:
    ax = ax or sheet(4.6, 3.6)
    numbers = chart(ax, (left, 0.55), (3.85, 2.7), "parameters (thousands)", "error (%)")
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
