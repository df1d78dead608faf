"""Drawings of chapter 01: the cell, the whole network, and how a digit becomes a curve."""

from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nas_tutorial.randomness import kept_global_state
from nas_tutorial.reporting.cells import draw_edges, plot_cell_twice
from nas_tutorial.reporting.diagrams import (
    DEEP,
    LINE,
    PANEL,
    SMALL,
    SOFT,
    Shape,
    arrow,
    badge,
    box,
    chart,
    figure_of,
    panel,
    sheet,
    words,
)
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.edge_cell import EdgeCellSpace

CELL = Architecture(
    ("nor_conv_3x3", "nor_conv_1x1", "none", "skip_connect", "nor_conv_3x3", "avg_pool_3x3")
)
DIGIT = 5
SEED = 5  # of the distortion that is shown


def cell() -> Figure:
    """One cell drawn twice. On the left four numbered nodes, joined by six edges that each carry an
    operation (one of them "none", dashed); on the right the same cell with its operations as the
    nodes, each in the place of its edge, between input and output.
    """
    return plot_cell_twice(EdgeCellSpace(), CELL)


def whole_network() -> Figure:
    """The whole network from left to right: a curve of 40 points goes through a stem (one
    convolution that makes 16 channels), three equal cells, an average over all positions and a
    classifier that gives ten scores. One cell is opened below: four nodes and six edges. Only the
    cell is searched; everything around it is fixed.
    """
    ax = sheet(9, 4.25)
    y = 3.5
    panel(ax, 2.2, 0.12, 4.4, 2.6)
    parts = [
        _part(ax, 0.62, y, "curve", "40 × 1"),
        _part(ax, 1.9, y, "stem\nconv 3", "40 × 16"),
        *(_part(ax, x, y, "cell", "40 × 16", fill=DEEP) for x in (3.1, 4.2, 5.3)),
        _part(ax, 6.6, y, "average over\npositions", "16", width=1.16),
        _part(ax, 8.1, y, "classifier\ndense", "10 scores", width=0.96),
    ]
    for before, after in pairwise(parts):
        arrow(ax, before, after)
    for x, corner in ((3.86, 2.3), (4.54, 6.5)):
        ax.plot([x, corner], [y - 0.3, 2.72], color=LINE, linewidth=0.8, linestyle=":", zorder=1)
    words(ax, 2.36, 2.5, "each of the three cells is this one", ha="left", bold=True)
    draw_edges(ax, 2.7, 1.0, EdgeCellSpace(), CELL, over=PANEL)
    words(ax, 2.05, 1.4, "The cell is searched:\nan operation for\neach of six edges.", ha="right")
    words(
        ax, 6.75, 1.4, "The rest is fixed:\nstem, number of cells,\nfilters, classifier.", ha="left"
    )
    words(ax, 0.22, 4.12, "shape of what comes out", ha="left", size=SMALL, color=LINE)
    return figure_of(ax)


def _part(
    ax: Axes, x: float, y: float, text: str, shape: str, *, width: float = 0.8, fill: str = SOFT
) -> Shape:
    """A part of the network, and above it the shape of what comes out of it."""
    words(ax, x, y + 0.43, shape, size=SMALL, color=LINE)
    return box(ax, x, y, text, width=width, height=0.52, fill=fill)


def digit_in_steps() -> Figure:
    """A five of MNIST-1D in five small plots: the clean template of 12 points; padded and stretched to
    72 points; made larger or smaller and shifted; with noise; and at last tilted and reduced to the
    40 points that a network sees.
    """
    names = ("template:\n12 points", "padded, stretched\nto 72 points", "scaled\nand shifted",
             "noise added", "tilted, reduced\nto 40 points")  # fmt: skip
    ax = sheet(9, 2.25)
    curves = distorted(DIGIT, SEED)
    limit = 1.1 * max(abs(curve).max() for curve in curves)
    for place, (name, curve) in enumerate(zip(names, curves)):
        left = 0.12 + 1.81 * place
        numbers = chart(ax, (left, 0.2), (1.5, 1.3))
        numbers.axhline(0, color=PANEL, linewidth=1, zorder=0)
        numbers.plot(
            curve, color=DEEP, linewidth=1.4, marker=".", markersize=4 if place in (0, 4) else 0
        )
        numbers.set(ylim=(-limit, limit))
        words(ax, left + 0.75, 1.9, name)
        if place:
            badge(ax, left - 0.17, 1.12, place)
            arrow(ax, (left - 0.28, 0.85), (left - 0.05, 0.85))
    return figure_of(ax)


def distorted(digit: int, seed: int) -> list[np.ndarray]:
    """The template of a digit and what each of MNIST-1D's four steps makes of it.

    Reference:
        Greydanus and Kobak 2024, Scaling down deep learning with MNIST-1D; the steps are those of
        `mnist1d.transform`.
    """
    from mnist1d.data import get_dataset_args, get_templates
    from mnist1d.transform import (
        corr_noise_like,
        iid_noise_like,
        interpolate,
        pad,
        shear,
        translate,
    )
    from mnist1d.utils import set_seed

    settings = get_dataset_args()
    template = get_templates()["x"][digit]
    long = settings.template_len + settings.padding[-1]
    with kept_global_state():  # the steps draw from NumPy's global state
        set_seed(seed)
        stretched = interpolate(pad(template + 1e-8, settings.padding), long)
        scale = 1 + settings.scale_coeff * (np.random.rand() - 0.5)  # noqa: NPY002
        moved = translate(scale * stretched, settings.max_translation)
        noisy = np.where(moved != 0, moved, corr_noise_like(moved, settings.corr_noise_scale))
        noisy = noisy + iid_noise_like(moved, settings.iid_noise_scale)
        tilted = shear(noisy, settings.shear_scale)
        return [template, stretched, moved, noisy, interpolate(tilted, settings.final_seq_length)]
