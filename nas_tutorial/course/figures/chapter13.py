"""Drawings of chapter 13: prior, posterior and acquisition, the loop around them, and its results."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nas_tutorial.reporting.diagrams import (
    DEEP,
    INK,
    SMALL,
    SOFT,
    WARM,
    arrow,
    badge,
    box,
    chart,
    figure_of,
    route,
    sheet,
    words,
)
from nas_tutorial.reporting.plots import COLOURS, LINES
from nas_tutorial.statistics.tests import paired_difference
from nas_tutorial.strategies.gaussian_process import (
    GaussianProcess,
    Kernel,
    distances,
    expected_improvement,
)

GRID = np.linspace(0, 10, 201)[:, None]
LENGTH, NOISE = 1.2, 1e-3
RESULTS = np.array([[1.5], [3.5], [7.0], [9.0]])


def measured() -> np.ndarray:
    """Four values with mean 0 and standard deviation 1, as the process wants them."""
    values = np.sin(RESULTS[:, 0]) + 0.1 * RESULTS[:, 0]
    return (values - values.mean()) / values.std()


def posterior() -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation over `GRID`, given the four results."""
    process = GaussianProcess([Kernel()])
    process.log_parameters = np.log([1.0, LENGTH, NOISE])
    return process.condition(RESULTS, measured()).predict(GRID)


def prior_draws(number: int, seed: int = 0) -> np.ndarray:
    """Functions drawn from the prior, of shape (number, grid): mean 0, covariance by the kernel."""
    covariance = np.exp(-0.5 * (distances(GRID, GRID) / LENGTH) ** 2) + 1e-8 * np.eye(len(GRID))
    rng = np.random.default_rng(seed)
    return rng.standard_normal((number, len(GRID))) @ np.linalg.cholesky(covariance).T


def prior_posterior_acquisition() -> Figure:
    """Three plots. Left the prior: every value has mean 0 and a band of two standard deviations, and four
    smooth curves are drawn from it. Middle the posterior after four results: the mean runs through
    them, the band closes there and opens between them. Right the acquisition: expected improvement
    is highest where the band is wide and the mean is high, and there the next measurement is made.
    """
    ax = sheet(9, 2.9)
    x = GRID[:, 0]
    mean, deviation = posterior()
    prior = chart(ax, (0.35, 0.45), (2.6, 1.95), "input", "value", "prior")
    _band(prior, np.zeros(len(x)), np.ones(len(x)))
    prior.plot(x, prior_draws(4).T, color=DEEP, linewidth=0.8)
    after = chart(ax, (3.3, 0.45), (2.6, 1.95), "input", "", "posterior")
    _band(after, mean, deviation)
    after.scatter(RESULTS, measured(), s=28, color=INK, zorder=4)
    for numbers in (prior, after):
        numbers.set(ylim=(-3.2, 3.2), xlim=(0, 10))
    promise = expected_improvement(mean, deviation, measured().max())
    right = chart(ax, (6.25, 0.45), (2.6, 1.95), "input", "", "acquisition")
    right.fill_between(x, promise, color=WARM, linewidth=0)
    right.plot(x, promise, color=INK, linewidth=1)
    right.set(xlim=(0, 10), ylim=(0, 1.3 * promise.max()))
    best = x[promise.argmax()]
    right.plot([best, best], [0, promise.max()], color=INK, linewidth=1, linestyle="--")
    words(right, best, 1.12 * promise.max(), "measure here", size=SMALL)
    return figure_of(ax)


def _band(numbers: Axes, mean: np.ndarray, deviation: np.ndarray) -> None:
    x = GRID[:, 0]
    numbers.fill_between(x, mean - 2 * deviation, mean + 2 * deviation, color=SOFT, linewidth=0)
    numbers.plot(x, mean, color=INK, linewidth=1.6, linestyle="--")


def bayesian_loop() -> Figure:
    """The loop of Bayesian optimisation in four steps: the results so far; a surrogate, fitted to them,
    that gives a mean and an uncertainty for every candidate; an acquisition function that makes one
    number of the two; and the candidate with the largest number, which is measured. Its result joins
    the others, and the loop begins again.
    """
    ax = sheet(9, 2.2)
    texts = (
        "results\nso far",
        "surrogate:\nmean and\nuncertainty",
        "acquisition:\none number per\ncandidate",
        "measure the\nlargest",
    )
    shapes = []
    for number, text in enumerate(texts, start=1):
        x = 1.0 + 2.33 * (number - 1)
        shapes.append(
            box(ax, x, 1.35, text, width=1.6, height=0.9, fill=SOFT if number != 4 else WARM)
        )
        badge(ax, x - 0.68, 1.93, number)
    for before, after, text in zip(shapes, shapes[1:], ("fit", "score", "choose")):
        arrow(ax, before, after)
        words(ax, (before.x + after.x) / 2, 1.52, text, size=SMALL)
    route(ax, [(8.0, 0.86), (8.0, 0.35), (1.0, 0.35), (1.0, 0.86)])
    words(ax, 4.5, 0.35, "the new result joins the others", size=SMALL, over="#ffffff")
    return figure_of(ax)


def predictions(
    x: np.ndarray,
    panels: Mapping[str, tuple[np.ndarray, np.ndarray]],
    known: np.ndarray,
    values: np.ndarray,
) -> Figure:
    """One panel per surrogate: its mean as a line with a band of two standard deviations around it, and
    the results that it was given as black dots.
    """
    figure, axes = plt.subplots(1, len(panels), figsize=(9, 3.2), sharey=True)
    for ax, (title, (mean, deviation)) in zip(axes, panels.items()):
        _posterior(ax, x, mean, deviation)
        ax.plot(known, values, "o", color=INK, markersize=5, label="measured")
        ax.set(xlabel="input", title=title)
    axes[0].set_ylabel("value (band: 2 sd)")
    axes[0].legend(loc="upper left")
    return figure


def line_search(
    x: np.ndarray,
    truth: np.ndarray,
    measured: Sequence[int],
    rounds: Mapping[int, tuple[np.ndarray, np.ndarray]],
) -> Figure:
    """The search on a line, one column per round. Above, the hidden function is dotted and the surrogate's
    mean and band pass through the results; below is the expected improvement, with a dashed line
    at the next input. The band stays wide where nothing was measured.
    """
    figure, axes = plt.subplots(
        2, len(rounds), figsize=(10, 4.2), sharex=True, sharey="row", height_ratios=(2.2, 1)
    )
    for (above, below), (number, (mean, deviation)) in zip(axes.T, rounds.items()):
        known = list(measured[:number])
        above.plot(x, truth, ":", color=INK, label="hidden")
        _posterior(above, x, mean, deviation)
        above.plot(x[known], truth[known], "o", color=INK, markersize=5, label="measured")
        gain = expected_improvement(mean, deviation, truth[known].max())
        below.plot(x, gain, color=COLOURS[1])
        below.axvline(x[measured[number]], linestyle="--", linewidth=1, color=COLOURS[1])
        above.set(title=f"n = {number} results", ylim=(-3.2, 3.2))
        below.set(xlabel="input")
    axes[0, 0].set_ylabel("value (band: 2 sd)")
    axes[1, 0].set_ylabel("expected\nimprovement")
    axes[0, -1].legend(loc="lower right", fontsize=7)
    return figure


def _posterior(ax: Axes, x: np.ndarray, mean: np.ndarray, deviation: np.ndarray) -> None:
    ax.plot(x, mean, color=COLOURS[0], label="mean")
    ax.fill_between(
        x, mean - 2 * deviation, mean + 2 * deviation, color=COLOURS[0], alpha=0.18, linewidth=0
    )


def minus_random(curves: Mapping[str, np.ndarray], trials: Sequence[int]) -> Figure:
    """Differences in percentage points of the incumbent's true mean to random search against the
    number of trials, one line per strategy, with 95 % intervals as bars; zero is random search.
    """
    figure, ax = plt.subplots(figsize=(7, 3.8))
    baseline = curves["random search"]
    others = [name for name in curves if name != "random search"]
    for index, name in enumerate(others):
        found = [paired_difference(100 * column) for column in (curves[name] - baseline).T]
        means = [each.mean for each in found]
        places = [number + index - 1 for number in trials]
        errors = [each.high - each.mean for each in found]
        ax.errorbar(
            places, means, errors, linestyle=LINES[index], marker="o", capsize=3,
            color=COLOURS[index], label=name,
        )  # fmt: skip
    ax.axhline(0, color=INK, linewidth=1)
    ax.set(xlabel="trials", ylabel="points minus random search", title="true mean, paired by seed")
    ax.legend(loc="lower right")
    return figure
