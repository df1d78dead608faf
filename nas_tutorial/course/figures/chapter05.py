"""Drawings of chapter 05: what each split is for, and why the winner looks better than it is."""

import numpy as np
from matplotlib.figure import Figure
from scipy.stats import norm

from nas_tutorial.reporting.diagrams import (
    DEEP,
    INK,
    SMALL,
    SOFT,
    WARM,
    arrow,
    box,
    chart,
    figure_of,
    sheet,
    words,
)

SPLITS = {"training set": 1077, "validation set": 360, "test set": 360}  # of the digits
TRUE_ACCURACY, NUM_SAMPLES = 0.90, 4000
TRIALS = (1, 10, 100, 1000)


def splits() -> Figure:
    """A data set as a bar in three pieces, and below each piece who reads it. The optimizer reads the
    training set in every epoch to fit weights. The search reads the validation set once per trial to
    choose a network. You read the test set once, to report the network that was chosen.
    """
    ax = sheet(9, 2.75)
    left, scale = 0.15, 8.7 / sum(SPLITS.values())
    readers = (
        ("the optimizer", "fits the weights", "in every epoch", SOFT),
        ("the search", "chooses a network", "once per trial", WARM),
        ("you", "report the winner", "once", DEEP),
    )
    for (name, size), (reader, does, often, fill) in zip(SPLITS.items(), readers):
        width = scale * size
        x = left + width / 2
        words(ax, x, 2.58, name, bold=True)
        box(ax, x, 2.2, f"{size:,}", width=width, height=0.42, fill=fill, rounding=0)
        arrow(ax, (x, 1.98), (x, 1.18), often, color=INK)
        box(ax, x, 0.85, reader, width=1.5, height=0.58, bold=True)
        words(ax, x, 0.35, does)
        left += width
    return figure_of(ax)


def bias_of_the_maximum() -> Figure:
    """Four bell-shaped curves, one above the other: the validation accuracy of one network, and of the
    best of 10, 100 and 1,000 networks that are all equally good. Their true accuracy is 0.90, a
    vertical line. One network scatters around the line; the best of 1,000 shows 0.915 on average.

    Each curve is drawn to its own height.
    """
    ax = sheet(7.6, 3.4)
    numbers = chart(
        ax, (1.45, 0.6), (5.9, 2.55), xlabel="validation accuracy, measured on 4,000 samples"
    )
    deviation = np.sqrt(TRUE_ACCURACY * (1 - TRUE_ACCURACY) / NUM_SAMPLES)
    scores = np.linspace(-4.2, 6.3, 600)
    accuracy = TRUE_ACCURACY + deviation * scores
    for row, trials in enumerate(TRIALS):
        base = len(TRIALS) - 1 - row
        density = density_of_best(scores, trials)
        mean = TRUE_ACCURACY + deviation * np.trapezoid(scores * density, scores)
        numbers.fill_between(
            accuracy, base, base + 0.85 * density / density.max(), color=SOFT, zorder=1
        )
        numbers.plot(accuracy, base + 0.85 * density / density.max(), color=DEEP, linewidth=1.2)
        numbers.plot([mean, mean], [base, base + 0.85], color=DEEP, linewidth=1, linestyle=":")
        if trials > 1:
            numbers.annotate(
                "", (mean, base + 0.3), (TRUE_ACCURACY, base + 0.3),
                arrowprops={"arrowstyle": "-|>", "color": INK, "shrinkA": 0, "shrinkB": 0},
            )  # fmt: skip
            text = f"optimism +{mean - TRUE_ACCURACY:.3f}"
            words(numbers, mean + 0.0045, base + 0.5, text, size=SMALL, ha="left")
    numbers.axvline(TRUE_ACCURACY, color=INK, linewidth=1.4)
    words(
        numbers,
        TRUE_ACCURACY + 0.0008,
        4.1,
        "true accuracy of every network",
        size=SMALL,
        ha="left",
    )
    labels = ["one network", *(f"best of {trials:,}" for trials in TRIALS[1:])]
    numbers.set_yticks(range(len(TRIALS) - 1, -1, -1), labels)
    numbers.set_xticks([0.88, 0.89, 0.90, 0.91, 0.92])
    numbers.set(xlim=(accuracy[0], accuracy[-1]), ylim=(-0.1, 4.3))
    numbers.tick_params(axis="y", length=0)
    return figure_of(ax)


def density_of_best(score: np.ndarray, trials: int) -> np.ndarray:
    """The density of the largest of `trials` standard normal numbers: n Φ(z)^(n - 1) φ(z)."""
    return trials * norm.cdf(score) ** (trials - 1) * norm.pdf(score)
