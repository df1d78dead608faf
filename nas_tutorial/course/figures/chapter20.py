"""Drawings of chapter 20: pairs of seeds, what seeds buy, signed ranks, and critical differences."""

from collections import Counter
from collections.abc import Mapping
from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import studentized_range, t

from nas_tutorial.reporting.diagrams import (
    DEEP,
    FAINT,
    INK,
    LINE,
    SMALL,
    SOFT,
    WARM,
    bracket,
    chart,
    circle,
    figure_of,
    sheet,
    words,
)
from nas_tutorial.reporting.plots import COLOURS, LINES, plot_critical_difference
from nas_tutorial.statistics.tests import Difference, RankTest, paired_difference

NUM_SEEDS, GAIN, SPREAD, NOISE = 10, 0.6, 1.4, 0.25  # points: of the mean, of seeds, of each search
RANKS, NUM_BLOCKS, LEVEL = {"A": 1.4, "B": 1.9, "C": 3.0, "D": 3.7}, 12, 0.05  # an example


def two_strategies() -> tuple[np.ndarray, np.ndarray]:
    """Scores of two strategies over the same seeds: what the seed gives to both, a gain, and noise."""
    rng = np.random.default_rng(1)
    seeds = 94 + SPREAD * rng.standard_normal(NUM_SEEDS)
    noise = NOISE * rng.standard_normal((2, NUM_SEEDS))
    return seeds + noise[0], seeds + GAIN + noise[1]


def unpaired_difference(first: np.ndarray, second: np.ndarray) -> Difference:
    """The interval of the difference of two means with equal numbers of runs, pairs unknown."""
    mean, n = float(second.mean() - first.mean()), len(first)
    error = np.sqrt((first.var(ddof=1) + second.var(ddof=1)) / n)
    half = float(t.ppf(0.975, 2 * n - 2) * error)
    return Difference(mean, mean - half, mean + half)


def paired_and_unpaired() -> Figure:
    """The same ten scores of strategy X and ten of strategy Y, drawn twice. Left, without pairs, the two
    columns of dots overlap and the interval of the difference holds 0: a tie. Right, lines join the
    scores of one seed; nearly all rise, and the interval of the paired difference lies above 0: better.
    """
    ax = sheet(9, 3.3)
    first, second = two_strategies()
    found = (unpaired_difference(first, second), paired_difference(second - first))
    for left, title, difference, joined in zip(
        (0.6, 5.1), ("unpaired", "paired by seed"), found, (False, True)
    ):
        numbers = chart(ax, (left, 0.9), (3.7, 2.0), ylabel="score", title=title)
        numbers.set(xlim=(-0.6, 1.6), ylim=(91, 97))
        numbers.set_yticks([92, 94, 96])
        numbers.set_xticks([0, 1], ["X", "Y"])
        if joined:
            for a, b in zip(first, second):
                numbers.plot(
                    [0, 1],
                    [a, b],
                    color=DEEP if b > a else WARM,
                    linewidth=1.2,
                    linestyle="-" if b > a else "--",
                    zorder=2,
                )
        numbers.scatter([0] * NUM_SEEDS, first, s=30, color=SOFT, edgecolor=INK, zorder=3)
        numbers.scatter([1] * NUM_SEEDS, second, s=30, color=DEEP, edgecolor=INK, zorder=3)
        words(ax, left + 1.85, 0.35, f"Y − X: {difference.text(1)}")
    return figure_of(ax)


def critical_difference(ranks: int, blocks: int, level: float) -> float:
    """How far apart two average ranks must be (Demšar 2006, section 3.2.2)."""
    q = studentized_range.isf(level, ranks, np.inf) / np.sqrt(2)
    return float(q * np.sqrt(ranks * (ranks + 1) / (6 * blocks)))


def reading_critical_differences() -> Figure:
    """A critical-difference diagram with notes. Four strategies stand on an axis of average ranks, 1 is
    best: A at 1.4, B at 1.9, C at 3.0, D at 3.7. A bar above gives the critical difference, 1.35 ranks.
    Bars below join A and B, B and C, C and D, which are closer than that and cannot be told apart. A
    and C have no bar in common, so they differ.
    """
    ax = sheet(9, 3.25)
    axis, low = 2.3, 1.0
    _rank_axis(ax, axis)
    difference = critical_difference(len(RANKS), NUM_BLOCKS, LEVEL)
    start, end = (_place(1), axis + 0.48), (_place(1 + difference), axis + 0.48)
    bracket(ax, start, end, f"critical difference: {difference:.2f} ranks", depth=0.12)
    for name, rank in RANKS.items():
        x = _place(rank)
        ax.plot([x, x], [axis, low], color=FAINT, linewidth=1, zorder=1)
        circle(ax, x, axis, radius=0.06, fill=DEEP)
        words(ax, x, low - 0.15, f"{name}  {rank:.1f}", bold=True)
    for row, pair in enumerate(indistinguishable(difference)):
        ends = [_place(RANKS[name]) for name in pair]
        y = axis - 0.35 - 0.3 * row
        ax.plot(ends, [y, y], color=DEEP, linewidth=5, solid_capstyle="butt")
    joined = "joined: cannot be told apart"
    words(ax, _place(1.9) + 0.15, axis - 0.35, joined, size=SMALL, ha="left")
    apart = "A and C have no bar in common: they differ, although B is joined to both"
    words(ax, 4.45, 0.45, apart)
    return figure_of(ax)


def _place(rank: float) -> float:
    """Where a rank stands on the sheet, in inches."""
    return 1.3 + 2.1 * (rank - 1)


def _rank_axis(ax: Axes, y: float) -> None:
    ax.plot([_place(1), _place(4)], [y, y], color=INK, linewidth=1.2)
    for rank in range(1, 5):
        ax.plot([_place(rank)] * 2, [y, y + 0.08], color=INK, linewidth=1.2)
        words(ax, _place(rank), y + 0.22, str(rank))
    words(ax, _place(1) - 0.3, y, "best", ha="right", size=SMALL, color=LINE)
    words(ax, _place(4) + 0.3, y, "worst", ha="left", size=SMALL, color=LINE)


def indistinguishable(difference: float) -> list[tuple[str, str]]:
    """The first and last name of each longest row of strategies closer than the difference."""
    names = list(RANKS)
    ends: list[tuple[str, str]] = []
    for start, name in enumerate(names):
        near = [other for other in names[start:] if RANKS[other] - RANKS[name] < difference]
        if len(near) > 1 and (not ends or near[-1] != ends[-1][1]):
            ends.append((name, near[-1]))
    return ends


def seeds_and_errors(measured: pandas.DataFrame) -> Figure:
    """Two panels over the number of seeds, for a clear pair of strategies and a close one. Left, the share
    of studies whose mean has the wrong sign, which falls fast for the clear pair and slowly for the
    close one. Right, the power: the share that call the better strategy better. Dots are drawn
    studies, lines the formula. The clear pair reaches 80 % with about 40 seeds, the close pair does
    not reach it with 160.

    Args:
        measured: Rows with pair, seeds, wrong, power and formula.
    """
    figure, axes = plt.subplots(1, 2, figsize=(8.6, 3.6))
    for index, (name, rows) in enumerate(measured.groupby("pair", sort=False)):
        colour, line, marker = COLOURS[index], LINES[index], "os"[index]
        axes[0].plot(
            rows["seeds"], 100 * rows["wrong"], line, marker=marker, color=colour, label=name
        )
        axes[1].plot(rows["seeds"], 100 * rows["formula"], line, color=colour)
        axes[1].plot(rows["seeds"], 100 * rows["power"], marker, color=colour, label=name)
    for ax, level, title in zip(axes, (5, 80), ("mean has the wrong sign", "power")):
        ax.axhline(level, color="black", linestyle=":", linewidth=1)
        ax.set(xscale="log", xlabel="seeds", ylabel="studies (%)", title=title, ylim=(0, None))
        ax.set_xticks(measured["seeds"].unique(), measured["seeds"].unique())
        ax.minorticks_off()
        ax.legend()
    return figure


def against_random_search(settings: Mapping[int, Mapping[str, Difference]]) -> Figure:
    """A panel for each budget: points ahead of random search, with the 95 % interval of the mean; hollow
    dots are ties. After 20 trials most intervals hold 0 and tabu lies far to the left. After 180 all
    of them lie to the right of 0.

    Args:
        settings: Trials -> name of a strategy -> its difference to random search.
    """
    figure, axes = plt.subplots(1, len(settings), figsize=(9, 3.6), sharey=True)
    names = list(next(iter(settings.values())))
    for ax, (trials, found) in zip(axes, settings.items()):
        for name, (mean, low, high) in found.items():
            row = names.index(name)
            filling = "white" if low <= 0 <= high else COLOURS[0]
            ax.plot([low, high], [row, row], color=COLOURS[0], linewidth=1.5)
            ax.plot(mean, row, "o", color=COLOURS[0], markerfacecolor=filling)
        ax.axvline(0, color="black", linewidth=1)
        ax.set_title(f"{trials} trials", fontsize=10)
        ax.set_yticks(range(len(names)), names)
    axes[0].invert_yaxis()
    figure.supxlabel("points ahead of random search", fontsize=10)
    return figure


def signed_rank_sums(ranks: np.ndarray, observed: float) -> Figure:
    """A bar for every sum that the positive ranks can have, as high as the number of sign patterns that
    give it. The bars are symmetric around the middle. Those at least as far from the middle as the
    observed sum are dark, on both sides: together they are the p-value.

    Args:
        ranks: Of the sizes of the differences.
        observed: The sum of the ranks of the positive differences.
    """
    figure, ax = plt.subplots(figsize=(7, 2.8))
    sums = Counter(float(ranks @ signs) for signs in product((0, 1), repeat=len(ranks)))
    middle = ranks.sum() / 2
    for total, count in sums.items():
        extreme = abs(total - middle) >= abs(observed - middle)
        ax.bar(total, count, color=DEEP if extreme else SOFT, edgecolor=INK, linewidth=0.6)
    ax.axvline(observed, color="black", linestyle=":", label=f"observed, {observed:g}")
    ax.set(xlabel="sum of the positive ranks", ylabel="sign patterns")
    ax.legend()
    return figure


def critical_differences(tests: Mapping[int, RankTest]) -> Figure:
    """A critical-difference diagram for each budget, one below the other. After 20 trials tabu stands
    alone at the wrong end; after 180 random search does, and the six others are joined by one bar.

    Args:
        tests: Trials -> Friedman's test and Nemenyi's after it.
    """
    figure, axes = plt.subplots(len(tests), 1, figsize=(7, 3.4 * len(tests)))
    figure.set_layout_engine("constrained", hspace=0.1)
    for ax, (trials, test) in zip(axes, tests.items()):
        plot_critical_difference(test, ax=ax)
        ax.set_title(f"{trials} trials: average rank of {test.num_blocks} seeds, 1 is best", pad=18)
    return figure
