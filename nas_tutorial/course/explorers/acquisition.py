"""Bayesian optimisation on a line: the posterior, the acquisition function, and the next point."""

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nas_tutorial.course.figures.chapter13 import GRID, NOISE, RESULTS
from nas_tutorial.course.widgets import Control, explorer
from nas_tutorial.names import one_of, real, whole
from nas_tutorial.reporting.diagrams import (
    DEEP,
    FAINT,
    INK,
    LINE,
    SMALL,
    SOFT,
    WARM,
    chart,
    figure_of,
    sheet,
    words,
)
from nas_tutorial.strategies.gaussian_process import GaussianProcess, Kernel, expected_improvement

LENGTHS = (0.2, 0.4, 0.6, 0.9, 1.2, 1.6, 2.2, 3.0)
MOST_ROUNDS = 10
RULES = ("expected improvement", "largest mean", "widest band")


class Round(NamedTuple):
    """What Bayesian optimisation knows after some measurements, and where it would measure next.

    Attributes:
        points: The places on `GRID` that were measured, in order, of shape (num_points,).
        mean, deviation: Of the posterior over `GRID`, in the unit of the function.
        acquisition: What is made as large as possible, over `GRID`.
        next: The place on `GRID` where it is largest.
    """

    points: np.ndarray
    mean: np.ndarray
    deviation: np.ndarray
    acquisition: np.ndarray
    next: int


def explore_acquisition(length: float = 1.2, rounds: int = 0, rule: str = RULES[0]):
    """Choose the length scale and the rule for the next point, and go on round by round.

    Args:
        length: The length scale of the kernel to begin with, positive.
        rounds: How many points the rule has chosen at first, at most `MOST_ROUNDS`.
        rule: One of `RULES`: what the next point makes as large as possible.

    Raises:
        ValueError: If an argument is out of range.
    """
    optimise(length, rounds, rule)  # checks all three
    lengths = {f"{each:g}": each for each in sorted({*LENGTHS, length})}
    return explorer(
        draw_acquisition,
        length=Control("length scale", lengths, length),
        rounds=Control("rounds", {str(n): n for n in range(MOST_ROUNDS + 1)}, rounds),
        rule=Control("next point:", {rule: rule for rule in RULES}, rule, is_slider=False),
    )


def function(x: np.ndarray) -> np.ndarray:
    """What is measured: the function of chapter 13's drawing, which the learner may see here."""
    return np.sin(x) + 0.1 * x


def optimise(length: float, rounds: int, rule: str) -> Round:
    """Four points, then as many as there were rounds, each where the rule's acquisition is largest.

    Raises:
        ValueError: As in `explore_acquisition`.
    """
    length = real("length", length, above=0, advice="The points lie between 0 and 10.")
    whole("rounds", rounds, 0, MOST_ROUNDS)
    one_of("the rule for the next point", rule, RULES)
    points = [int(np.abs(GRID[:, 0] - x).argmin()) for x in RESULTS[:, 0]]
    for _ in range(rounds):
        points.append(_known(points, length, rule).next)
    return _known(points, length, rule)


def _known(points: list[int], length: float, rule: str) -> Round:
    values = function(GRID[points, 0])
    process = GaussianProcess([Kernel()])
    process.log_parameters = np.log([1.0, length, NOISE])
    mean, deviation = process.condition(GRID[points], values).predict(GRID)
    acquisition = {
        "expected improvement": expected_improvement(mean, deviation, values.max()),
        "largest mean": mean,
        "widest band": deviation,
    }[rule]
    return Round(np.array(points), mean, deviation, acquisition, int(acquisition.argmax()))


def draw_acquisition(length: float, rounds: int, rule: str) -> Figure:
    """Above the posterior with its points, below the acquisition and where it is largest."""
    now = optimise(length, rounds, rule)
    x, best = GRID[:, 0], function(GRID[now.points, 0]).max()
    ax = sheet(7.6, 4.2)
    above = chart(ax, (0.5, 1.85), (6.8, 1.9), ylabel="value")
    gap = function(x).max() - best
    above.set_title(
        f"{len(now.points)} points; the best is {best:.3f}, {gap:.3f} below the maximum",
        fontsize=10, color=INK,
    )  # fmt: skip
    _draw_posterior(above, now)
    below = chart(ax, (0.5, 0.5), (6.8, 1.05), xlabel="input", ylabel=rule.split()[-1])
    low = min(0.0, now.acquisition.min())
    below.fill_between(x, low, now.acquisition, color=WARM, linewidth=0)
    below.plot(x, now.acquisition, color=INK, linewidth=1)
    top = max(now.acquisition.max(), low + 1e-6)
    below.set(xlim=(0, 10), ylim=(low, low + 1.35 * (top - low)))
    for numbers in (above, below):
        numbers.axvline(x[now.next], color=INK, linewidth=1, linestyle="--")
        numbers.set_xticks(range(0, 11, 2))
    shift, ha = (0.1, "left") if x[now.next] < 8 else (-0.1, "right")
    words(below, x[now.next] + shift, low + 1.2 * (top - low), "next", size=SMALL, ha=ha)
    return figure_of(ax)


def _draw_posterior(numbers: Axes, now: Round) -> None:
    """The band of two standard deviations, the mean, the function, and the points with numbers."""
    x = GRID[:, 0]
    low, high = now.mean - 2 * now.deviation, now.mean + 2 * now.deviation
    numbers.fill_between(x, low, high, color=SOFT, linewidth=0)
    numbers.plot(x, now.mean, color=DEEP, linewidth=1.6, linestyle="--", label="mean")
    numbers.plot(x, function(x), color=FAINT, linewidth=1.6, label="the function")
    places, values = x[now.points], function(x[now.points])
    numbers.scatter(places, values, s=28, color=INK, zorder=4, clip_on=False)
    for point in set(now.points[len(RESULTS) :]):
        rounds = np.flatnonzero(now.points == point) - len(RESULTS) + 1
        label = ", ".join(str(number) for number in rounds if number > 0)
        words(numbers, x[point], float(function(x[point])) + 0.35, label, size=SMALL)
    numbers.set(xlim=(0, 10), ylim=(-2.6, 3.2))
    numbers.set_yticks([-2, 0, 2])
    numbers.legend(loc="lower right", fontsize=SMALL, ncols=2, frameon=False, labelcolor=LINE)
