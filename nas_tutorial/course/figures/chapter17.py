"""Drawings of chapter 17: a supernet with one path lit, a mixed edge, and two levels in turn."""

from itertools import pairwise

from matplotlib.figure import Figure

from nas_tutorial.reporting.cells import FILLS, operation_label
from nas_tutorial.reporting.diagrams import (
    DEEP,
    FAINT,
    LINE,
    PAPER,
    SMALL,
    SOFT,
    arrow,
    box,
    circle,
    figure_of,
    panel,
    sheet,
    words,
)
from nas_tutorial.spaces.edge_cell import EdgeCellSpace

PATH = dict(zip(EdgeCellSpace.EDGES, ("conv 3", "skip", "pool 3", "conv 1", "conv 3", "conv 3")))
LABELS = tuple(operation_label(operation) for operation in EdgeCellSpace.OPERATIONS)
STEP, GAP = 1.95, 0.13  # inches between nodes, and between strands in the middle of an edge
HEIGHTS = {(0, 2): 1.0, (1, 3): -1.0, (0, 3): 1.85}


def supernet_path() -> Figure:
    """A supernet drawn as the cell with four nodes. Each of the six edges is a bundle of five strands, one
    for each operation. One strand per edge is lit: that is a path, one network. A step of training
    changes the weights on the path alone; the next step lights another path, and all 15,625 paths
    share twelve convolutions, two on each edge.
    """
    ax = sheet(9, 4.0)
    left, y = 0.45, 1.6
    nodes = [circle(ax, left + STEP * node, y, str(node), radius=0.2) for node in range(4)]
    for edge in EdgeCellSpace.EDGES:
        source, target = edge
        for place, label in enumerate(LABELS):
            height = HEIGHTS.get(edge, 0.0) + GAP * (2 - place)
            bend = 2 * height / (STEP * (target - source))
            if label != PATH[edge]:
                arrow(
                    ax, nodes[source], nodes[target], bend=bend, color=FAINT, line=0.9, head=False
                )
                continue
            arrow(ax, nodes[source], nodes[target], bend=bend, color=DEEP, line=2.4)
            x = left + STEP * (source + target) / 2
            box(ax, x, y + height, label, width=0.6, height=0.26, fill=FILLS[label], size=SMALL)
    words(ax, 7.0, 3.3, "each edge is a bundle:", ha="left", bold=True)
    for place, label in enumerate(LABELS):
        height = 2.98 - 0.2 * place
        ax.plot([7.05, 7.6], [height, height], color=FAINT, linewidth=0.9)
        words(ax, 7.7, height, label, ha="left", size=SMALL)
    ax.plot([7.05, 7.6], [1.55, 1.55], color=DEEP, linewidth=2.4)
    words(ax, 7.7, 1.55, "on the path:\ntrained now", ha="left", size=SMALL)
    words(ax, 7.05, 0.85, "5⁶ = 15,625 paths\nshare 12 convolutions", ha="left")
    return figure_of(ax)


SHARES = (0.05, 0.20, 0.15, 0.45, 0.15)  # an example, in the order of the operations


def mixed_edge() -> Figure:
    """One edge of DARTS. Its input x goes through all five operations at once. Their results are added up
    with shares that are the softmax of five numbers alpha, here from 0.05 to 0.45, and the arrows are
    as thick as the shares. After the search the operation with the largest share, conv 3, is kept.
    """
    ax = sheet(9, 3.0)
    first = circle(ax, 0.45, 1.35, "x", radius=0.24, fill=SOFT)
    total = circle(ax, 4.6, 1.35, "+", radius=0.24, size=13)
    for place, (label, share) in enumerate(zip(LABELS, SHARES)):
        y = 2.35 - 0.5 * place
        operation = box(ax, 1.9, y, label, width=0.8, height=0.34, fill=FILLS.get(label, PAPER))
        arrow(ax, first, operation.left)
        words(ax, 2.62, y, f"× {share:.2f}")
        color = DEEP if share == max(SHARES) else LINE
        arrow(ax, (2.95, y), total, line=0.6 + 9 * share, color=color)
    words(ax, 1.9, 2.75, "operation", bold=True)
    words(ax, 2.62, 2.75, "share", bold=True)
    arrow(ax, total, circle(ax, 5.5, 1.35, "y", radius=0.24, fill=SOFT))
    arrow(ax, (5.95, 1.35), (6.55, 1.35), style="--")
    words(ax, 6.25, 1.62, "cut", slanted=True)
    ends = [
        circle(ax, x, 1.35, name, radius=0.24, fill=SOFT) for x, name in ((6.9, "x"), (8.7, "y"))
    ]
    kept = box(ax, 7.8, 1.35, "conv 3", width=0.8, height=0.34, fill=FILLS["conv 3"])
    arrow(ax, ends[0], kept)
    arrow(ax, kept, ends[1])
    words(ax, 7.8, 1.9, "after the search:\nthe largest share alone")
    return figure_of(ax)


def bilevel_alternation() -> Figure:
    """Two lanes along time. Below, the weights w take steps on the training half of the data; above, the
    alphas take steps on the validation half; they alternate. In the first order a step of the alphas
    takes the weights as they are. In the second order, dashed, it looks at w′, where the weights
    would be one step later.
    """
    ax = sheet(9, 3.0)
    up, down = 2.5, 1.1
    for y, name, data in ((up, "alphas", "validation half"), (down, "weights w", "training half")):
        panel(ax, 1.75, y - 0.42, 7.1, 0.84)
        words(ax, 1.6, y + 0.12, name, ha="right", bold=True)
        words(ax, 1.6, y - 0.14, data, ha="right", size=SMALL, color=LINE)
    steps = []
    for number in range(3):
        x = 2.25 + 2.4 * number
        steps.append(circle(ax, x, up, f"α{'₁₂₃'[number]}", radius=0.26, fill=DEEP))
        steps.append(circle(ax, x + 1.2, down, f"w{'₁₂₃'[number]}", radius=0.26, fill=SOFT))
    for before, after in pairwise(steps):
        arrow(ax, before, after)
    ahead = circle(ax, steps[2].x, down, "w′", radius=0.26, edge=LINE, style="--")
    arrow(ax, steps[1], ahead, style="--")
    arrow(ax, ahead, steps[2], style="--")
    arrow(ax, (1.75, 0.3), (2.3, 0.3))
    words(ax, 2.4, 0.3, "first order", ha="left")
    arrow(ax, (3.9, 0.3), (4.45, 0.3), style="--")
    words(ax, 4.55, 0.3, "second order: looks one step of the weights ahead", ha="left")
    return figure_of(ax)
