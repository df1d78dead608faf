"""Drawing of chapter 11: a landscape, a climb that gets stuck, and a walk that gets away."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nas_tutorial.reporting.diagrams import (
    DEEP,
    FAINT,
    INK,
    SMALL,
    WARM,
    chart,
    figure_of,
    sheet,
    words,
)
from nas_tutorial.reporting.plots import COLOURS, LINES, plot_difference

NUM_NETWORKS, START = 14, 1
TEMPERATURE, COOLING, NUM_STEPS, SEED = (
    0.3,
    0.96,
    120,
    28,
)  # of the walk that is shown; about one in seven gets there


def landscape() -> np.ndarray:
    """The heights of 14 networks in a row, each the neighbour of the next: a low hill and a high one."""
    x = np.linspace(0, 10, NUM_NETWORKS)
    return 0.62 * np.exp(-((x - 2.5) ** 2) / 3) + np.exp(-((x - 7.2) ** 2) / 3.5)


def climb(heights: np.ndarray, start: int) -> list[int]:
    """Local search: go to the better neighbour until neither is better."""
    path = [start]
    while heights[there := _better_neighbour(heights, path[-1])] > heights[path[-1]]:
        path.append(there)
    return path


def _better_neighbour(heights: np.ndarray, here: int) -> int:
    near = [place for place in (here - 1, here + 1) if 0 <= place < len(heights)]
    return max(near, key=lambda place: heights[place])


def anneal(heights: np.ndarray, start: int, seed: int) -> list[int]:
    """Simulated annealing until the top is reached: a step down is taken with probability
    exp(-loss / temperature), and the temperature falls.
    """
    rng, path = np.random.default_rng(seed), [start]
    for temperature in TEMPERATURE * COOLING ** np.arange(NUM_STEPS):
        here = path[-1]
        there = int(np.clip(here + rng.choice((-1, 1)), 0, len(heights) - 1))
        loss = heights[here] - heights[there]
        path.append(there if rng.random() < np.exp(-max(loss, 0) / temperature) else here)
    return path[: path.index(int(heights.argmax())) + 1]


def landscape_walk() -> Figure:
    """A landscape with a low hill on the left and a high one on the right; each dot is a network, its
    height the accuracy, and neighbours differ in one choice. Local search starts on the left, climbs
    step by step and stops on the low hill. Simulated annealing starts at the same place, accepts
    steps down while it is warm, crosses the valley and ends on the high hill.
    """
    ax = sheet(9, 2.9)
    heights = landscape()
    walks = {
        "local search": climb(heights, START),
        "simulated annealing": anneal(heights, START, SEED),
    }
    for (name, path), left in zip(walks.items(), (0.4, 4.85)):
        numbers = chart(
            ax, (left, 0.4), (3.95, 2.1), "networks, each beside its neighbours", "accuracy", name
        )
        numbers.set(xlim=(-0.8, NUM_NETWORKS - 0.2), ylim=(0, 1.25))
        numbers.plot(heights, color=FAINT, linewidth=1, zorder=1)
        numbers.scatter(range(NUM_NETWORKS), heights, s=16, color=FAINT, zorder=2)
        _walk(numbers, heights, path)
    return figure_of(ax)


def _walk(numbers: Axes, heights: np.ndarray, path: list[int]) -> None:
    """The steps of a walk as arrows, steps down in another colour; start and end are named."""
    for here, there in pairwise(path):
        if here == there:
            continue
        down = heights[there] < heights[here]
        numbers.annotate(
            "",
            (there, heights[there]),
            (here, heights[here]),
            arrowprops={
                "arrowstyle": "-|>",
                "color": WARM if down else DEEP,
                "linestyle": (0, (2, 1)) if down else "-",
                "linewidth": 1.6,
                "connectionstyle": "arc3,rad=-0.5",
                "shrinkA": 3,
                "shrinkB": 3,
            },
        )
    for place in (path[0], path[-1]):
        numbers.scatter(place, heights[place], s=42, color=INK, zorder=4)
    words(numbers, path[0] + 0.4, heights[path[0]] - 0.07, "start", size=SMALL, ha="left")
    words(numbers, path[-1], heights[path[-1]] + 0.14, "end", size=SMALL)


def grid(
    values: np.ndarray, operations: Sequence[str], paths: Mapping[str, Sequence[int]]
) -> Figure:
    """Accuracies of 25 networks as a table of five by five shaded cells, one panel per walk. Arrows
    lead from the start of each walk to its end; dashed ones go down. Neighbours share a row or a column.
    """
    width = 4.5 * len(paths) + (1.1 if len(paths) == 1 else 0)
    figure, axes = plt.subplots(1, len(paths), figsize=(width, 4.4), sharey=True, squeeze=False)
    for ax, (title, path) in zip(axes[0], paths.items()):
        ax.imshow(values, cmap="Blues", vmin=0.75, vmax=1)
        for y, x in np.ndindex(values.shape):
            ax.text(x, y + 0.3, f"{values[y, x]:.3f}", ha="center", va="center", fontsize=9)
        for move, (here, there) in enumerate(pairwise(path), start=1):
            _move(ax, values, here, there, move)
        ax.set_xticks(range(5), operations, rotation=30, ha="right")
        ax.set_yticks(range(5), operations)
        ax.set(xlabel="edge 1 to 3", title=title)
        ax.grid(False)
    axes[0, 0].set_ylabel("edge 0 to 3")
    return figure


def _move(ax: Axes, values: np.ndarray, here: int, there: int, number: int) -> None:
    """An arrow from one cell of the grid to another, with its number."""
    (y, x), (to_y, to_x) = divmod(here, 5), divmod(there, 5)
    down = values.flat[there] < values.flat[here]
    ax.annotate(
        "", (to_x, to_y - 0.1), (x, y - 0.1),
        arrowprops={"arrowstyle": "-|>", "color": WARM if down else INK, "linewidth": 1.8,
                    "linestyle": "--" if down else "-", "connectionstyle": "arc3,rad=-0.25"},
    )  # fmt: skip
    ax.text((3 * x + to_x) / 4, (3 * y + to_y) / 4 - 0.3, str(number), weight="bold", color=INK)


def shape(views: Mapping[str, tuple[np.ndarray, np.ndarray, np.ndarray]]) -> Figure:
    """Two charts of landscapes, each with medians and quartiles. Left: accuracy against the distance to
    the best encoding. Right: better neighbours of an encoding, by tenths of the encodings, worst first.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.7))
    levels = [0.25, 0.5, 0.75]
    for index, (name, (value, distance, better)) in enumerate(views.items()):
        by_distance = [np.quantile(value[distance == d], levels) for d in range(7)]
        tenths = np.array_split(np.argsort(value, kind="stable"), 10)
        by_rank = [np.quantile(better[tenth], levels) for tenth in tenths]
        for ax, x, y in ((left, range(7), by_distance), (right, range(1, 11), by_rank)):
            low, middle, high = np.array(y).T
            ax.plot(x, middle, LINES[index], marker="o", color=COLOURS[index], label=name)
            ax.fill_between(x, low, high, color=COLOURS[index], alpha=0.15, linewidth=0)
    left.set(xlabel="distance to the best (edges)", ylabel="validation accuracy")
    right.set(xlabel="tenth of the encodings, worst to best", ylabel="better neighbours (of 24)")
    right.legend()
    figure.suptitle("median, band: quartiles", fontsize=10)
    return figure


def differences(comparisons: Mapping[str, pd.DataFrame]) -> Figure:
    """Two charts: each strategy's incumbent minus that of random search, with 95 % intervals, left on
    the landscape as measured and right on a rugged one.
    """
    figure, axes = plt.subplots(1, len(comparisons), figsize=(10, 3.8), sharey=True)
    for ax, (name, comparison) in zip(axes, comparisons.items()):
        plot_difference(comparison, "random search", ax=ax)
        ax.set(title=name, ylim=(-2, 3))
    figure.suptitle("minus random search, paired by seed; band: 95 % interval", fontsize=10)
    return figure


def stands(walks: Mapping[str, np.ndarray]) -> Figure:
    """The accuracy at which an annealing walk stands after each step, one panel per temperature: hot
    walks jump up and down, cold ones stay where they are.
    """
    figure, axes = plt.subplots(1, len(walks), figsize=(10, 2.8), sharey=True)
    for ax, (name, values) in zip(axes, walks.items()):
        ax.step(range(len(values)), values, where="post", linewidth=1)
        ax.set(title=name, xlabel="step", ylim=(0.8, 0.97))
    axes[0].set_ylabel("current network")
    return figure
