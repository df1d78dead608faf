"""Drawing of chapter 08: from letters to numbers, to vectors, to the cell."""

import numpy as np
from matplotlib.figure import Figure

from nas_tutorial.data.surnames import encode, letters
from nas_tutorial.reporting.diagrams import (
    DEEP,
    PAPER,
    SMALL,
    SOFT,
    arrow,
    box,
    bracket,
    figure_of,
    sheet,
    strip,
    words,
)

NAME = "Núñez"
FILTERS = 6  # of the vectors in the drawing


def letters_to_cell() -> Figure:
    """From top to bottom: the name Núñez loses its accents and becomes the five letters n, u, n, e, z; the
    letters become the numbers 14, 21, 14, 5, 26 behind eleven zeros; and each number picks a column of
    an embedding, so that both n have the same vector. From there it goes on as with curves: three
    cells, an average over the places, and a score for each language.
    """
    ax = sheet(9, 3.5)
    (numbers,) = encode([NAME])
    plain = letters(NAME)
    left, width = 0.12, 0.345
    start = left + width * (len(numbers) - len(plain))
    name = box(ax, 2.4, 3.15, NAME, width=0.9, bold=True)
    shapes = strip(ax, start, 3.15, list(plain), [SOFT] * len(plain), width=width)
    arrow(ax, name, shapes[0].left, "accents go")
    texts = [str(number) for number in numbers]
    fills = [SOFT if number else PAPER for number in numbers]
    below = strip(ax, left, 2.35, texts, fills, width=width)
    for upper, lower in zip(shapes, below[-len(plain) :]):
        arrow(ax, upper, lower)
    table = np.random.default_rng(0).uniform(-0.05, 0.05, size=(27, FILTERS))  # as when fresh
    edges, rows = left + width * np.arange(len(numbers) + 1), 0.62 + 0.17 * np.arange(FILTERS + 1)
    ax.pcolormesh(
        edges,
        rows,
        table[numbers].T,
        cmap="Blues",
        edgecolors=PAPER,
        linewidth=0.8,
        vmin=-0.06,
        vmax=0.06,
    )
    for shape in below:
        arrow(ax, shape, (shape.x, 1.68))
    first, second = (
        below[place].x for place, number in enumerate(numbers) if number == numbers[-1 - 2]
    )
    bracket(ax, (second, 0.58), (first, 0.58), "both n: the same vector")
    for y, text in ((3.15, "letters"), (2.35, "numbers: 1 for a to 26 for z, 0 in front")):
        words(ax, 5.78, y, text, ha="left")
    cells = box(ax, 6.35, 1.13, "cell × 3", width=0.8, height=0.56, fill=DEEP)
    average = box(ax, 7.42, 1.13, "average\nover places", width=0.94, height=0.56)
    scores = box(ax, 8.46, 1.13, "7 scores", width=0.8, height=0.56)
    arrow(ax, (5.68, 1.13), cells)
    arrow(ax, cells, average)
    arrow(ax, average, scores)
    words(ax, 2.0, 0.3, "embedding: a vector for each number", size=SMALL)
    words(ax, 8.36, 0.7, "one per language", size=SMALL)
    return figure_of(ax)
