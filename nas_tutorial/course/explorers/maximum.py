"""The bias of the maximum: the best of n observed values lies above its true mean."""

from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from scipy.integrate import quad

from nas_tutorial.course.figures.chapter05 import density_of_best
from nas_tutorial.course.widgets import Control, explorer
from nas_tutorial.names import real, whole
from nas_tutorial.reporting.diagrams import (
    DEEP,
    FAINT,
    INK,
    LINE,
    SMALL,
    SOFT,
    chart,
    figure_of,
    sheet,
    words,
)

NUMBERS = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1_000, 10_000)
FAR = 8.0  # standard deviations: nothing of 10,000 values lies beyond
SHOWN = (-4.0, 6.0)  # standard deviations on the axis


class BestOf(NamedTuple):
    """The best of n values that are all the true mean plus normal noise: its density and its mean.

    Attributes:
        values: Where the density is given, of shape (num_points,).
        density: Of the largest of n, of shape (num_points,).
        expected: The mean of the largest of n.
        optimism: How far that lies above the true mean.
    """

    values: np.ndarray
    density: np.ndarray
    expected: float
    optimism: float


def explore_maximum(sd: float = 0.0047, mean: float = 0.9, *, n: int = 10):
    """Move n, and see how far the best of n equal networks looks better than it is.

    Args:
        sd: The standard deviation of the noise of one observed value. The default is that of an
            accuracy of 0.9 on 4,000 samples.
        mean: The true mean of all the networks.
        n: How many networks to begin with, one of `NUMBERS`.

    Raises:
        ValueError: If the deviation is not positive, the mean is not finite, or n is another number.
    """
    best_of(n, sd, mean)  # checks all three
    numbers = {f"{number:,}": number for number in sorted({*NUMBERS, n})}
    return explorer(lambda n: draw_maximum(n, sd, mean), n=Control("best of n =", numbers, n))


def best_of(n: int, sd: float, mean: float) -> BestOf:
    """The distribution of the largest of n independent normal values, by its formula.

    The largest is below v if all n are, so its density is n Φ^(n - 1) φ, and its mean is the true
    mean plus sd times the integral of z n Φ(z)^(n - 1) φ(z).

    Raises:
        ValueError: As in `explore_maximum`.
    """
    n = whole("n", n, 1, NUMBERS[-1])
    sd, mean = real("sd", sd, above=0), real("mean", mean)
    scores = np.linspace(*SHOWN, 801)
    optimism, _ = quad(lambda z: z * density_of_best(z, n), -FAR, FAR, limit=200)
    return BestOf(
        mean + sd * scores, density_of_best(scores, n) / sd, mean + sd * optimism, sd * optimism
    )


def draw_maximum(n: int, sd: float, mean: float) -> Figure:
    """The density of one observed value and of the best of n, the true mean, and the optimism."""
    one, best = best_of(1, sd, mean), best_of(n, sd, mean)
    ax = sheet(7.6, 3.1)
    numbers = chart(ax, (0.35, 0.6), (6.9, 2.0), xlabel="observed value")
    numbers.set_title(
        f"the best of {n:,} shows {best.expected:.4f} on average, {best.optimism:.4f} too much",
        fontsize=10,
        color=INK,
    )
    top = best.density.max()
    numbers.plot(one.values, one.density, color=LINE, linewidth=1.2, linestyle="--")
    numbers.fill_between(best.values, best.density, color=SOFT)
    numbers.plot(best.values, best.density, color=DEEP, linewidth=1.4)
    numbers.axvline(mean, color=INK, linewidth=1.4)
    numbers.plot([best.expected] * 2, [0, top], color=DEEP, linestyle=":")
    if n > 1:
        ends = {"arrowstyle": "-|>", "color": INK, "shrinkA": 0, "shrinkB": 0}
        numbers.annotate("", (best.expected, 1.08 * top), (mean, 1.08 * top), arrowprops=ends)
    texts = ((0.1, 1.13 * top, "true mean of every network", INK),
             (1.3, 0.9 * one.density.max(), "one network", LINE))  # fmt: skip
    for scores, y, text, color in texts:
        words(numbers, mean - scores * sd, y, text, ha="right", size=SMALL, color=color)
    numbers.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    numbers.spines["left"].set_visible(False)
    numbers.set(xlim=(best.values[0], best.values[-1]), ylim=(0, 1.22 * top))
    numbers.grid(True, axis="x", color=FAINT, alpha=0.3)
    return figure_of(ax)
