"""Drawings of chapter 01: the cell, the whole network, a digit as a curve, and what the table holds."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import matplotlib.pyplot as plt
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
    heading,
    panel,
    sheet,
    words,
)
from nas_tutorial.reporting.plots import COLOURS, LINES
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.statistics.chance import expected_best_of

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


def named_cells(space: EdgeCellSpace, cells: Mapping[str, Architecture]) -> Figure:
    """Cells side by side, each with its name above it: four numbered nodes and six edges, on each of
    which stands its operation; edges with "none" are dashed.

    Args:
        space: Of the cells.
        cells: Name -> architecture.
    """
    ax = sheet(4.0 * len(cells), 2.7)
    for place, (name, architecture) in enumerate(cells.items()):
        left = 0.12 + 4.0 * place
        heading(ax, left, 2.5, f"network {name}")
        draw_edges(ax, left + 0.2, 1.0, space, architecture)
    return figure_of(ax)


def three_runs(losses: Mapping[str, np.ndarray], accuracy: Mapping[str, float]) -> Figure:
    """On the left the training loss of each network falls with the training steps; on the right a bar
    for each network shows its validation accuracy, and a dotted line what guessing would give.

    Args:
        losses: Name -> loss of each training step.
        accuracy: Name -> validation accuracy after the last step.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), width_ratios=(3, 2))
    for place, (name, values) in enumerate(losses.items()):
        colour = COLOURS[place]
        smooth = np.convolve(values, np.ones(10) / 10, mode="valid")
        steps = np.arange(10, len(values) + 1)
        left.plot(steps, smooth, LINES[place], color=colour, label=f"network {name}")
        right.bar(place, accuracy[name], color=colour, width=0.6)
        right.annotate(f"{accuracy[name]:.2f}", (place, accuracy[name]), ha="center", va="bottom")
    right.axhline(0.1, linestyle=":", color="black")
    right.text(len(losses) - 0.5, 0.12, "guessing")
    left.set(xlabel="training step", ylabel="loss, mean of 10 steps (nats)", ylim=(0, None))
    left.legend()
    right.set(ylabel="validation accuracy", ylim=(0, 1.05), xlim=(-0.5, len(losses) + 0.6))
    right.set_xticks(range(len(losses)), list(losses))
    return figure


def all_networks(parameters: np.ndarray, accuracy: np.ndarray, named: Mapping[str, int]) -> Figure:
    """On the left a histogram of the accuracy of all networks, with its median; on the right a dot for
    each network, its accuracy against its number of parameters. The dots form tall columns, one for
    each size; some networks are marked by name.

    Args:
        parameters: Of each network, of shape (num_networks,).
        accuracy: Of one training run of each, of the same shape.
        named: Name -> row of a network to mark.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.8), sharey=True, width_ratios=(2, 3))
    left.hist(accuracy, bins=np.linspace(0, 1, 51), orientation="horizontal", color=COLOURS[0])
    middle = np.median(accuracy)
    left.axhline(middle, linestyle="--", color="black")
    where = {"transform": left.get_yaxis_transform(), "ha": "right"}  # x as a share of the axis
    left.text(0.98, middle - 0.06, f"median {middle:.2f}", **where)
    left.set(xlabel="networks", ylabel="accuracy, first training run", ylim=(0, 1))
    right.scatter(parameters, accuracy, s=4, color=COLOURS[0], alpha=0.15, linewidth=0)
    for (name, row), marker in zip(named.items(), "osD^v"):
        place = parameters[row], accuracy[row]
        right.scatter(*place, s=60, marker=marker, label=name, **_hollow())
    right.set(xlabel="parameters")
    right.legend(loc="lower right")
    return figure


def plateau(chosen_by: np.ndarray, judged_by: np.ndarray) -> Figure:
    """On the left all networks in the order of their accuracy: a long plateau with a cliff at its right
    end; the best 300 are a narrow band, the worse half is shaded. On the right the expected gain of
    the best of n random draws over a random pick: it rises steeply up to ten draws and slowly after
    that, and as judged by other training runs it rises less.

    Args:
        chosen_by: The accuracy that the search sees, of shape (num_networks,).
        judged_by: The mean of training runs that it does not see, of the same shape.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.8))
    total = len(chosen_by)
    left.plot(np.arange(1, total + 1), -np.sort(-chosen_by), color=COLOURS[0])
    left.axvspan(total / 2, total, color="black", alpha=0.08, linewidth=0)
    left.annotate("the worse half", (0.75 * total, 0.2), ha="center")
    left.axvspan(0, 300, color=COLOURS[1], alpha=0.35, linewidth=0)
    left.annotate(
        "the best 300", (300, 0.35), (900, 0.35), va="center", arrowprops={"arrowstyle": "->"}
    )
    left.set(xlabel="rank", ylabel="accuracy, first training run", ylim=(0, 1))
    n = np.unique(np.geomspace(1, 1000, 100).astype(int))
    curves = {
        "observed: the run that chose": (chosen_by, None),
        "judged by the other two runs": (judged_by, judged_by),
    }
    for place, (name, (values, report)) in enumerate(curves.items()):
        gain = 100 * (expected_best_of(chosen_by, n.tolist(), report=report) - values.mean())
        right.plot(n, gain, LINES[place], color=COLOURS[place], label=name)
    right.set(xscale="log", xlabel="networks drawn and trained (n)", ylim=(0, None))
    right.set_ylabel("gain over a random pick (points)")
    right.legend(loc="lower right")
    return figure


def runs_of_the_best(runs: np.ndarray, rows: Sequence[int]) -> Figure:
    """A column for each of some good networks, in the order of their first training run, which is a
    hollow diamond. Two dots show their other two runs, joined by a line. The lines are long and
    overlap, and they do not follow the order of the diamonds.

    Args:
        runs: Accuracies of shape (num_networks, 3).
        rows: The networks to draw, the best first run first.
    """
    figure, ax = plt.subplots(figsize=(8, 3.8))
    place, (first, *others) = np.arange(1, len(rows) + 1), runs[rows].T
    ax.vlines(place, np.min(others, axis=0), np.max(others, axis=0), color=COLOURS[0], linewidth=1)
    for values, label in zip(others, ("the other two runs", None)):
        ax.scatter(place, values, s=26, color=COLOURS[0], label=label)
    ax.scatter(place, first, s=50, marker="D", label="the run that chose them", **_hollow())
    ax.set(xlabel="rank by the first run, among those drawn", ylabel="validation accuracy")
    ax.set_xticks(place)
    ax.legend(loc="lower right")
    return figure


def costs(gpu_days: Mapping[str, float], core_days: Mapping[str, float]) -> Figure:
    """The cost of searches as dots on a logarithmic axis of days of one device, each labelled with its
    number: published searches in GPU-days, and the course's in days of one processor core.

    Args:
        gpu_days: Name -> cost of a published search.
        core_days: Name -> cost of one of the course.
    """
    figure, ax = plt.subplots(figsize=(8.5, 3.6))
    kinds = (("GPU-days", gpu_days, "o"), ("core-days", core_days, "s"))
    row = 0
    for place, (unit, searches, marker) in enumerate(kinds):
        for value in searches.values():
            ax.plot([1e-5, value], [row, row], color="black", linewidth=0.8, alpha=0.4)
            ax.text(1.6 * value, row, _written(value), va="center")
            row += 1
        rows = np.arange(row - len(searches), row)
        ax.plot(list(searches.values()), rows, marker, color=COLOURS[place], label=unit)
    ax.set(xscale="log", xlim=(1e-5, 2e6), xlabel="cost of one search (days of one device)")
    ax.set_yticks(range(row), [*gpu_days, *core_days])
    ax.invert_yaxis()
    ax.grid(axis="y", visible=False)
    ax.legend(loc="lower right")
    return figure


def _written(days: float) -> str:
    """A cost in the unit in which it is small enough to be read."""
    for size, unit in ((1, "days"), (1 / 24, "hours")):
        if days >= size:
            return (
                f"{days / size:,.0f} {unit}" if days >= 10 * size else f"{days / size:.2g} {unit}"
            )
    return f"{days * 86_400:.0f} seconds"


def _hollow() -> dict:
    """How a marked network looks: white, with a thick edge, above all others."""
    return {"facecolor": "white", "edgecolor": COLOURS[1], "linewidth": 2, "zorder": 3}
