"""Drawing of chapter 11: a landscape, a climb that gets stuck, and a walk that gets away."""

from itertools import pairwise

import numpy as np
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
