"""Drawings of chapter 16: SynFlow's paths, and what each proxy looks at."""

import itertools

import numpy as np
from matplotlib.figure import Figure

from nas_tutorial.reporting.diagrams import (
    DEEP,
    FAINT,
    LINE,
    PAPER,
    SOFT,
    arrow,
    box,
    circle,
    figure_of,
    sheet,
    words,
)

FIRST = np.array([[0.5, -1.0], [2.0, 0.1]])  # weights from input to hidden unit
SECOND = np.array([-0.4, 3.0])  # from hidden unit to output


def synflow_paths() -> Figure:
    """A network of two inputs, two hidden units and one output, its lines as thick as the absolute values of
    their weights. Four paths lead from an input to the output. On the right each path is a bar as long
    as the product of its two weights; the path from input 1 over hidden unit 2 has the largest, 3.0.
    The four products add up to R = 4.3.
    """
    ax = sheet(9, 2.9)
    inputs = [
        circle(ax, 0.9, y, name, radius=0.24, fill=SOFT) for y, name in ((2.2, "x₁"), (0.7, "x₂"))
    ]
    hidden = [circle(ax, 2.9, y, name, radius=0.24) for y, name in ((2.2, "h₁"), (0.7, "h₂"))]
    output = circle(ax, 4.5, 1.45, "R", radius=0.24, fill=SOFT)
    strongest = max(paths().items(), key=lambda path: path[1])[0]
    for (i, h), weight in np.ndenumerate(abs(FIRST)):
        color = DEEP if (i, h) == strongest else LINE
        arrow(
            ax,
            inputs[i],
            hidden[h],
            f"{weight:g}",
            line=0.6 + 1.4 * weight,
            color=color,
            at=0.5 if i == h else 0.3,
        )
    for h, weight in enumerate(abs(SECOND)):
        color = DEEP if h == strongest[1] else LINE
        arrow(ax, hidden[h], output, f"{weight:g}", line=0.6 + 1.4 * weight, color=color)
    for row, ((i, h), product) in enumerate(paths().items()):
        y = 2.35 - 0.5 * row
        words(ax, 5.35, y, f"x{'₁₂'[i]} → h{'₁₂'[h]} → R", ha="left")
        fill = DEEP if (i, h) == strongest else SOFT
        box(
            ax,
            6.65 + 0.3 * product,
            y,
            width=0.6 * product,
            height=0.26,
            fill=fill,
            line=0.8,
            rounding=0,
        )
        words(ax, 6.75 + 0.6 * product, y, f"{product:.1f}", ha="left")
    words(
        ax, 5.35, 0.3, f"sum over the paths: R = {sum(paths().values()):.1f}", ha="left", bold=True
    )
    return figure_of(ax)


def paths() -> dict[tuple[int, int], float]:
    """(input, hidden unit) -> the product of the absolute weights on that path to the output."""
    a, b = abs(FIRST), abs(SECOND)
    return {(i, h): float(a[i, h] * b[h]) for i, h in itertools.product(range(2), range(2))}


LOOKS = {  # proxy -> weights, samples, labels, and what it computes
    "parameters": (False, False, False, "how many weights there are"),
    "grad_norm": (True, True, True, r"$\sum\, \| \partial L / \partial W \|$"),
    "snip": (True, True, True, r"$\sum\, | w \cdot \partial L / \partial w |$"),
    "synflow": (
        True,
        False,
        False,
        r"$\sum\, | w \cdot \partial R / \partial w |$,  weights made positive",
    ),
    "naswot": (True, True, False, r"$\log |K|$,  agreement of ReLU codes"),
    "jacob_cov": (True, True, False, r"correlations of $\partial f / \partial x$"),
}


def what_proxies_look_at() -> Figure:
    """A table of six proxies by what they look at. The parameter count looks at the architecture alone.
    SynFlow adds the initial weights. NASWOT and jacob_cov add samples without labels; grad_norm and
    SNIP add labels as well. The last column gives what each computes.
    """
    ax = sheet(9, 3.1)
    for x, text in ((2.25, "initial\nweights"), (3.3, "samples"), (4.25, "labels")):
        words(ax, x, 2.8, text, bold=True)
    words(ax, 5.0, 2.8, "computes", ha="left", bold=True)
    for row, (name, (*reads, formula)) in enumerate(LOOKS.items()):
        y = 2.25 - 0.4 * row
        words(ax, 0.2, y, name, ha="left")
        for x, read in zip((2.25, 3.3, 4.25), reads):
            circle(
                ax, x, y, radius=0.11, fill=DEEP if read else PAPER, edge=DEEP if read else FAINT
            )
        words(ax, 5.0, y, formula, ha="left")
        ax.plot([0.2, 8.8], [y + 0.2, y + 0.2], color=FAINT, linewidth=0.6, zorder=0)
    return figure_of(ax)
