"""Drawings of chapter 04: several encodings of one network, and what an isomorphism is."""

from collections.abc import Mapping
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nas_tutorial.reporting.cells import FILLS, operation_label
from nas_tutorial.reporting.diagrams import (
    LINE,
    PAPER,
    SMALL,
    Shape,
    arrow,
    box,
    figure_of,
    ink_on,
    panel,
    sheet,
    strip,
    words,
)
from nas_tutorial.reporting.plots import COLOURS, LINES, plot_graph
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.spaces.graph import Graph

CONV, SMALL_CONV, POOL = "nor_conv_3x3", "nor_conv_1x1", "avg_pool_3x3"
SKIP, NONE = "skip_connect", EdgeCellSpace.NONE
ENCODINGS = tuple(
    Architecture(values)
    for values in (
        (CONV, SKIP, NONE, SMALL_CONV, NONE, POOL),
        (POOL, SKIP, NONE, SMALL_CONV, NONE, POOL),
        (SKIP, CONV, NONE, SMALL_CONV, POOL, NONE),
        (CONV, NONE, CONV, NONE, NONE, CONV),
    )
)  # the first three are one network
COUNTS = (58, 1)  # encodings of the first network and of the last


def encodings_and_networks() -> Figure:
    """Encodings on the left, networks on the right. Three encodings, each a row of six operations, lead
    to the same network: two differ only in an operation whose result nobody reads, one swaps nodes 1
    and 2. That network has 58 encodings in all. A fourth encoding, a chain of three convolutions, is
    the only one of its network.
    """
    ax = sheet(9, 3.5)
    space = EdgeCellSpace()
    rows = (2.65, 2.2, 1.75, 0.6)
    for place, (source, target) in enumerate(space.EDGES):
        words(ax, 0.4 + 0.58 * place, 3.0, f"{source}→{target}", size=SMALL, color=LINE)
    words(ax, 0.12, 3.32, "encodings", ha="left", bold=True)
    words(ax, 5.1, 3.32, "networks", ha="left", bold=True)
    for architecture, y in zip(ENCODINGS, rows):
        _encoding(ax, 0.11, y, space, architecture)
    words(ax, 1.85, 1.37, f"and {COUNTS[0] - 3} more", size=SMALL, color=LINE, slanted=True)
    many = panel(ax, 5.1, 1.4, 3.8, 1.6)
    one = panel(ax, 5.1, 0.15, 3.8, 0.95)
    for y in rows[:3]:
        arrow(ax, (3.64, y), (many.left[0] - 0.04, 2.2 + 0.3 * (y - 2.2)))
    arrow(ax, (3.64, rows[3]), (one.left[0] - 0.04, one.y))
    words(ax, 5.2, 2.82, f"{COUNTS[0]} encodings", size=SMALL, ha="left")
    words(ax, 5.2, 0.93, f"{COUNTS[1]} encoding", size=SMALL, ha="left")
    _two_branches(ax, 7.0, 2.1)
    _chain(ax, 7.0, 0.53)
    return figure_of(ax)


def _encoding(
    ax: Axes, left: float, y: float, space: EdgeCellSpace, architecture: Architecture
) -> None:
    """A row of six operations; those that do no work are pale."""
    alive = space.without_dead_edges(architecture)
    labels = [operation_label(str(value)) for value in architecture.values]
    fills = [
        PAPER if value == NONE else FILLS[operation_label(str(value))] for value in alive.values
    ]
    shapes = strip(ax, left, y, [""] * 6, fills, width=0.58)
    for shape, label, value in zip(shapes, labels, alive.values):
        color = LINE if value == NONE else ink_on(FILLS[label])
        words(ax, shape.x, shape.y, label, size=SMALL, color=color, slanted=value == NONE)


def _operation(ax: Axes, x: float, y: float, text: str) -> Shape:
    fill = FILLS.get(text, PAPER)
    rounding = 0.14 if text in ("input", "output") else 0.07
    return box(ax, x, y, text, width=0.6, height=0.3, size=SMALL, fill=fill, rounding=rounding)


def _two_branches(ax: Axes, x: float, y: float) -> None:
    first, last = _operation(ax, x - 1.5, y, "input"), _operation(ax, x + 1.5, y, "output")
    skip, pool = (
        _operation(ax, x - 0.5, y + 0.33, "skip"),
        _operation(ax, x + 0.5, y + 0.33, "pool 3"),
    )
    conv = _operation(ax, x, y - 0.4, "conv 1")
    for start, end in ((first, skip), (skip, pool), (pool, last), (first, conv), (conv, last)):
        arrow(ax, start, end)


def _chain(ax: Axes, x: float, y: float) -> None:
    names = ("input", "conv 3", "conv 3", "conv 3", "output")
    shapes = [_operation(ax, x + 0.8 * (place - 2), y, name) for place, name in enumerate(names)]
    for start, end in pairwise(shapes):
        arrow(ax, start, end)


def isomorphism() -> Figure:
    """Three graphs with the same five operations. In the first, conv 3 is followed by pool 3 and conv 1
    stands alone. The second has other numbers and is drawn upside down, but each arrow of the first
    has its partner in it: they are isomorphic, one network. In the third pool 3 follows conv 1, and
    no numbering makes it equal to the first.
    """
    ax = sheet(9, 2.9)
    graphs = (  # name -> (number, place), and the middle operations in a row, upper and lower
        ("graph A", (("conv 3", 1), ("pool 3", 2)), (("conv 1", 3),), True),
        ("graph B", (("conv 3", 2), ("pool 3", 3)), (("conv 1", 1),), False),
        ("graph C", (("conv 1", 1), ("pool 3", 2)), (("conv 3", 3),), True),
    )
    notes = (
        "all three have\nthe same operations",
        "is A: read 1, 2, 3 of A\nas 2, 3, 1 of B",
        "is not A: here pool 3\nreads conv 1",
    )
    for place, ((name, chain, alone, upright), note) in enumerate(zip(graphs, notes)):
        left = 0.1 + 3.0 * place
        panel(ax, left, 0.75, 2.8, 2.05, name)
        _numbered(ax, left + 1.4, 1.65, chain, alone, 1 if upright else -1)
        words(ax, left + 1.4, 0.4, note)
    return figure_of(ax)


def _numbered(ax: Axes, x: float, y: float, chain, alone, side: int) -> None:
    """A graph of a chain and of one operation beside it; each node has its number above."""
    first, last = _operation(ax, x - 1.05, y, "input"), _operation(ax, x + 1.05, y, "output")
    (one, two), (other,) = chain, alone
    shapes = [
        _operation(ax, x - 0.4, y + 0.45 * side, one[0]),
        _operation(ax, x + 0.4, y + 0.45 * side, two[0]),
        _operation(ax, x, y - 0.45 * side, other[0]),
    ]
    for shape, number in zip((first, *shapes, last), (0, one[1], two[1], other[1], 4)):
        words(ax, shape.x, shape.y + 0.25, str(number), size=SMALL, bold=True)
    for start, end in (
        (first, shapes[0]), (shapes[0], shapes[1]), (shapes[1], last),
        (first, shapes[2]), (shapes[2], last),
    ):  # fmt: skip
        arrow(ax, start, end)


def graphs(named: Mapping[str, Graph], columns: int = 4) -> Figure:
    """Graphs in a grid, each with its name above it. Their operations are nodes from left to right,
    edges are arrows; what does no work is pale and dashed.

    Args:
        named: Name -> graph.
        columns: How many stand in a row.
    """
    rows = -(-len(named) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(11, 1.8 * rows), squeeze=False)
    for (name, graph), ax in zip(named.items(), axes.flat):
        plot_graph(graph, ax=ax)
        ax.set_title(name)
    return figure


def met_so_far(curves: Mapping[str, np.ndarray]) -> Figure:
    """How many different encodings and how many different networks random draws have met: two lines
    over the number of draws. The encodings stay close to the diagonal, the networks fall behind.

    Args:
        curves: Name -> numbers of shape (num_seeds, num_draws).
    """
    figure, ax = plt.subplots()
    for place, (name, counts) in enumerate(curves.items()):
        draws = np.arange(1, counts.shape[1] + 1)
        low, middle, high = np.quantile(counts, (0.25, 0.5, 0.75), axis=0)
        ax.plot(draws, middle, LINES[place], color=COLOURS[place], label=name)
        ax.fill_between(draws, low, high, color=COLOURS[place], alpha=0.2, linewidth=0)
    ax.set(xlabel="random draws", ylabel="met so far", title="median and quartiles of the seeds")
    ax.legend()
    return figure
