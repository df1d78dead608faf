"""Drawings of chapter 07: what a convolution computes, and cells that are stacked and widened."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

from nas_tutorial.data.datasets import load_dataset
from nas_tutorial.reporting.diagrams import (
    DEEP,
    FAINT,
    INK,
    LINE,
    PAPER,
    SMALL,
    SOFT,
    WARM,
    arrow,
    box,
    figure_of,
    panel,
    sheet,
    words,
)

KERNEL = np.array([[1, 0, -1], [1, 0, -1], [1, 0, -1]])
WINDOW = (4, 5)  # row and column of the window's middle in the image
SIGNED = LinearSegmentedColormap.from_list("signed", [DEEP, "#86a9c8", PAPER])  # by lightness


def convolution_window() -> Figure:
    """A convolution on an image of 8 by 8 pixels, a handwritten one. A window of 3 by 3 pixels lies on the
    image and slides over it. Its nine numbers are multiplied by the nine weights of the kernel and
    added up; the sum is one pixel of the result, at the place of the window's middle.
    """
    image = one_of_the_digits(1)
    result = convolved(image)
    row, column = WINDOW
    seen = image[row - 1 : row + 2, column - 1 : column + 2]
    ax = sheet(9, 3.0)
    cell, bottom = 0.27, 0.45
    _picture(ax, 0.12, bottom, cell, image, "Greys", 0, 1)
    _frame(ax, 0.12, bottom, cell, row, column, 3)
    _frame(ax, 0.12, bottom, cell, 1, 1, 3, color=LINE, style="--", line=1.4)
    arrow(ax, (0.12, 0.32), (2.28, 0.32))
    for x, y, corner in ((2.01, 1.8, (2.7, 2.21)), (2.01, 0.99, (2.7, 0.95))):
        ax.plot([x, corner[0]], [y, corner[1]], color=LINE, linewidth=0.8, linestyle=":")
    _numbers(ax, 2.7, 0.95, 0.42, seen, "{:.2f}")
    words(ax, 4.12, 1.58, "×", size=14)
    _numbers(ax, 4.28, 0.95, 0.36, KERNEL, "{:d}", height=0.42)
    arrow(ax, (5.4, 1.58), (5.66, 1.58))
    box(ax, 5.98, 1.58, f"{result[row, column]:.2f}", width=0.58, height=0.4, fill=WARM)
    words(ax, 5.98, 1.95, "sum")
    arrow(ax, (6.3, 1.58), (6.62, 1.58))
    _picture(ax, 6.66, bottom, cell, result, SIGNED, -2.7, 2.7)
    _frame(ax, 6.66, bottom, cell, row, column, 1)
    for x, y, text in (
        (1.2, 2.8, "image"),
        (3.33, 2.4, "window"),
        (4.82, 2.4, "kernel"),
        (7.74, 2.8, "result"),
    ):
        words(ax, x, y, text, bold=True)
    words(ax, 1.2, 0.16, "the window slides", size=SMALL)
    words(ax, 7.74, 0.2, "dark: below zero, white: above", size=SMALL)
    return figure_of(ax)


def one_of_the_digits(label: int) -> np.ndarray:
    """The first training image of a digit, of shape (8, 8), from 0 (paper) to 1 (ink)."""
    digits = load_dataset("digits")
    return digits.x_train[np.flatnonzero(digits.y_train == label)[0], ..., 0]


def convolved(image: np.ndarray) -> np.ndarray:
    """The image under `KERNEL`, of the same shape; outside the image there are zeros."""
    padded = np.pad(image, 1)
    windows = np.lib.stride_tricks.sliding_window_view(padded, KERNEL.shape)
    return (windows * KERNEL).sum(axis=(2, 3))


def _picture(
    ax: Axes, left: float, bottom: float, cell: float, values: np.ndarray, cmap, low, high
) -> None:
    edges = cell * np.arange(len(values) + 1)
    ax.pcolormesh(
        left + edges, bottom + edges, values[::-1], cmap=cmap, vmin=low, vmax=high,
        edgecolors=FAINT, linewidth=0.4,
    )  # fmt: skip


def _frame(
    ax: Axes, left: float, bottom: float, cell: float, row: int, column: int, size: int,
    color: str = WARM, style: str = "-", line: float = 2.4,
) -> None:  # fmt: skip
    """A frame around size × size pixels of a picture of eight rows."""
    corner = left + cell * (column - size // 2), bottom + cell * (7 - row - size // 2)
    ax.add_patch(
        Rectangle(corner, size * cell, size * cell, fill=False, edgecolor=color, linestyle=style,
                  linewidth=line, zorder=4)
    )  # fmt: skip


def _numbers(
    ax: Axes, left: float, bottom: float, width: float, values: np.ndarray, text: str,
    height: float | None = None,
) -> None:  # fmt: skip
    height = height or width
    for (row, column), value in np.ndenumerate(values):
        x, y = left + width * (column + 0.5), bottom + height * (2.5 - row)
        box(ax, x, y, text.format(value).replace("-", "−"), width=width, height=height, line=0.7,
            edge=LINE, rounding=0, size=SMALL)  # fmt: skip


def stacked_and_widened() -> Figure:
    """A network for images from left to right, with blocks that show the shape of the tensors. The stem
    makes 28 × 28 positions with 16 channels. In each of three stages cells keep the shape. Between
    stages a reduction halves height and width and doubles the channels: 14 × 14 × 32, then 7 × 7 × 64.
    An average over positions and a classifier give the scores.
    """
    ax = sheet(9, 3.1)
    _slab(ax, 0.55, 1.8, 1, 1 / 64)
    words(ax, 0.55, 0.87, "28 × 28 × 1", size=SMALL)
    words(ax, 0.55, 2.82, "image", bold=True)
    stages = ((1.5, 1.6, 28, 16), (3.75, 1.5, 14, 32), (5.9, 1.7, 7, 64))
    for number, (left, width, side, channels) in enumerate(stages, start=1):
        x = left + width / 2
        panel(ax, left, 0.12, width, 2.9, f"stage {number}")
        _slab(ax, x, 1.8, side / 28, channels / 64)
        words(ax, x, 0.87, f"{side} × {side} × {channels}", size=SMALL)
        box(ax, x, 0.43, "cell × n", width=0.9, height=0.36, fill=DEEP)
    for start, end, text in ((1.1, 1.46, "stem"), (3.14, 3.71, "reduce"), (5.29, 5.86, "reduce")):
        arrow(ax, (start, 1.8), (end, 1.8))
        words(ax, (start + end) / 2, 2.0, text, size=SMALL)
    arrow(ax, (7.64, 1.8), (7.86, 1.8))
    average = box(ax, 8.42, 1.8, "average\n64", width=1.04, height=0.6)
    classifier = box(ax, 8.42, 0.6, "classifier\n10 scores", width=1.04, height=0.6)
    arrow(ax, average, classifier)
    return figure_of(ax)


def _slab(ax: Axes, x: float, y: float, side: float, depth: float) -> None:
    """A block around its centre: `side` inches high, `depth` inches long, seen from the front left."""
    shift = 0.4 * side
    left, bottom = x - (depth + shift) / 2, y - (side + shift) / 2
    front = [(0, 0), (depth, 0), (depth, side), (0, side)]
    top = [(0, side), (depth, side), (depth + shift, side + shift), (shift, side + shift)]
    end = [(depth, 0), (depth + shift, shift), (depth + shift, side + shift), (depth, side)]
    for corners, fill in ((front, SOFT), (top, PAPER), (end, FAINT)):
        places = [(left + across, bottom + up) for across, up in corners]
        ax.add_patch(Polygon(places, facecolor=fill, edgecolor=INK, linewidth=0.9, zorder=3))
