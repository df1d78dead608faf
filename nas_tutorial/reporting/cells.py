"""The edge cell drawn twice: operations on the edges, as papers draw it, and operations as nodes.

Reference:
    Dong and Yang 2020, NAS-Bench-201, Figure 1.
"""

import re

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nas_tutorial.reporting.diagrams import (
    DEEP,
    FAINT,
    INK,
    LINE,
    PAPER,
    SMALL,
    SOFT,
    WARM,
    Shape,
    arrow,
    box,
    circle,
    figure_of,
    heading,
    sheet,
    words,
)
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.edge_cell import EdgeCellSpace

FILLS = {"conv 3": DEEP, "conv 1": SOFT, "pool 3": WARM, "skip": PAPER}  # of operations
STEP = 1.13  # inches between two nodes
HEIGHTS = {(0, 2): 0.6, (1, 3): -0.6, (0, 3): 1.1}  # of the middle of a curved edge
WIDTH, UP, DOWN = 3 * STEP, 1.35, 0.85  # what a cell needs right of node 0, above and below it


def plot_cell_twice(
    space: EdgeCellSpace,
    architecture: Architecture,
    *,
    dimensions: int = 1,
    fade_dead: bool = False,
) -> Figure:
    """One cell drawn twice. On the left four numbered nodes add up what reaches them, and each of
    the six edges between them carries an operation; an edge with "none" is dashed. On the right
    the operations themselves are the nodes, each in the place of its edge, and arrows show which
    operation reads the result of which.

    Args:
        space: The cell's space.
        architecture: What to draw.
        dimensions: 1 for sequences ("conv 3"), 2 for images ("conv 3×3").
        fade_dead: Whether operations that do no work are pale.

    Raises:
        ValueError: If the architecture is not in the space.
    """
    space.require(architecture)
    ax = sheet(9, 2.6)
    y = 0.95
    heading(ax, 0.12, 2.4, "operations on the edges")
    draw_edges(ax, 0.3, y, space, architecture, dimensions=dimensions, fade_dead=fade_dead)
    heading(ax, 4.35, 2.4, "operations as nodes")
    draw_operations(ax, 4.95, y, space, architecture, dimensions=dimensions, fade_dead=fade_dead)
    return figure_of(ax)


def draw_edges(
    ax: Axes,
    left: float,
    y: float,
    space: EdgeCellSpace,
    architecture: Architecture,
    *,
    dimensions: int = 1,
    fade_dead: bool = False,
    over: str = PAPER,
) -> None:
    """Draw a cell as papers do, node 0 at (left, y) in inches; edges that carry "none" are dashed.

    `over` is the colour of the ground.
    """
    alive = space.without_dead_edges(architecture) if fade_dead else architecture
    nodes = [circle(ax, left + STEP * node, y, str(node), radius=0.16) for node in range(4)]
    for edge, operation, live in zip(space.EDGES, architecture.values, alive.values):
        source, target = edge
        label, pale = operation_label(str(operation), dimensions), live == space.NONE
        bend = 2 * HEIGHTS.get(edge, 0.0) / (STEP * (target - source))
        style = "--" if operation == space.NONE else "-"
        color = FAINT if pale else LINE
        arrow(ax, nodes[source], nodes[target], bend=bend, color=color, style=style)
        if pale:
            words(ax, *_middle(left, y, edge), label, size=SMALL, color=LINE, over=over)
        else:
            _operation(ax, *_middle(left, y, edge), label)


def draw_operations(
    ax: Axes,
    left: float,
    y: float,
    space: EdgeCellSpace,
    architecture: Architecture,
    *,
    dimensions: int = 1,
    fade_dead: bool = False,
) -> None:
    """Draw a cell with its operations as nodes, each where `draw_edges` has its edge."""
    alive = space.without_dead_edges(architecture) if fade_dead else architecture
    values = dict(zip(space.EDGES, architecture.values))
    live = {edge for edge, value in zip(space.EDGES, alive.values) if value != space.NONE}
    shapes = {
        edge: _operation(
            ax,
            *_middle(left, y, edge),
            operation_label(str(operation), dimensions),
            pale=edge not in live,
        )
        for edge, operation in values.items()
        if operation != space.NONE
    }
    first, last = _end(ax, left - 0.35, y, "input"), _end(ax, left + WIDTH + 0.35, y, "output")
    for edge, shape in shapes.items():
        source, target = edge
        color, bend = LINE if edge in live else FAINT, 0.5 * HEIGHTS.get(edge, 0.0)
        if source == 0:
            arrow(ax, first, shape, bend=min(bend, 0.3), color=color)
        if target == 3:
            arrow(ax, shape, last, bend=min(bend, 0.3), color=color)
        for later in (later for later in shapes if later[0] == target):
            color = LINE if {edge, later} <= live else FAINT
            curve = bend or 0.5 * HEIGHTS.get(later, 0.0)
            arrow(ax, shape, shapes[later], bend=curve, color=color)


def operation_label(operation: str, dimensions: int = 1) -> str:
    """An operation's short name: "conv 3" for nor_conv_3x3 on sequences, 3×3 in a second line on images."""
    kind = next((kind for kind in ("conv", "pool", "skip") if kind in operation), operation)
    size = re.search(r"(\d)x\d$", operation)
    if size is None:
        return kind
    return f"{kind} {size[1]}" if dimensions == 1 else f"{kind}\n{size[1]}×{size[1]}"


def _middle(left: float, y: float, edge: tuple[int, int]) -> tuple[float, float]:
    """Where an edge's operation stands."""
    return left + STEP * sum(edge) / 2, y + HEIGHTS.get(edge, 0.0)


def _operation(ax: Axes, x: float, y: float, label: str, *, pale: bool = False) -> Shape:
    """A box with an operation's name on its fill."""
    fill = FILLS[re.sub(r"\n(\d)×\d", r" \1", label)]
    return box(
        ax,
        x,
        y,
        label,
        width=0.56,
        height=0.4 if "\n" in label else 0.3,
        size=SMALL,
        fill=PAPER if pale else fill,
        edge=FAINT if pale else INK,
        style="--" if pale else "-",
        color=LINE if pale else None,
    )


def _end(ax: Axes, x: float, y: float, text: str) -> Shape:
    return box(ax, x, y, text, width=0.54, height=0.3, size=SMALL, rounding=0.14)
