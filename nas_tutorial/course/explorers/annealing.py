"""The temperature of simulated annealing: which steps down it accepts, and where a walk gets to."""

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nas_tutorial.course.figures.chapter11 import START, landscape
from nas_tutorial.course.widgets import Control, explorer
from nas_tutorial.names import real, whole
from nas_tutorial.reporting.diagrams import (
    DEEP,
    FAINT,
    INK,
    LINE,
    PAPER,
    SMALL,
    SOFT,
    WARM,
    chart,
    figure_of,
    sheet,
    words,
)
from nas_tutorial.strategies.simulated_annealing import is_accepted

TEMPERATURES = (0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2, 5)
NUM_STEPS, NUM_WALKS = 200, 10


class Walk(NamedTuple):
    """A walk at one temperature.

    Attributes:
        places: The network after each step, of shape (num_steps + 1,); the first is the start.
        num_down: How many steps down were proposed.
        num_accepted: How many of these were accepted.
    """

    places: np.ndarray
    num_down: int
    num_accepted: int


def explore_annealing(temperature: float = 0.15):
    """Move the temperature, and see which steps down are accepted and where a walk gets to.

    The walk has a constant temperature, and begins below the low hill of chapter 11's landscape.

    Args:
        temperature: To begin with, at least 0, in the unit of accuracy.

    Raises:
        ValueError: If the temperature is negative.
    """
    temperature = real("temperature", temperature, 0)
    temperatures = {f"{each:g}": each for each in sorted({*TEMPERATURES, temperature})}
    walks = {str(seed + 1): seed for seed in range(NUM_WALKS)}
    return explorer(
        draw_annealing,
        temperature=Control("temperature", temperatures, temperature),
        seed=Control("walk", walks, 0),
    )


def acceptance(losses: np.ndarray, temperature: float) -> np.ndarray:
    """The probability that a step which loses so much is accepted: exp(-loss / temperature).

    Args:
        losses: Of accuracy, at least 0.
        temperature: At least 0; at 0 no loss is accepted.

    Reference:
        Metropolis et al. 1953, Equation of state calculations by fast computing machines.
    """
    if temperature == 0:
        return np.where(np.asarray(losses) > 0, 0.0, 1.0)
    return np.exp(-np.asarray(losses) / temperature)


def walk(heights: np.ndarray, start: int, temperature: float, num_steps: int, seed: int) -> Walk:
    """A walk from neighbour to neighbour on a row of networks, by the library's own rule.

    Args:
        heights: The accuracy of each network, of shape (num_networks,).
        start: Where the walk begins.
        temperature: Of each step, at least 0.
        num_steps: How many steps are proposed; one beyond an end of the row stays where it is.
        seed: Of the steps.

    Raises:
        ValueError: If a number is out of range.
    """
    temperature, num_steps = real("temperature", temperature, 0), whole("num_steps", num_steps)
    rng = np.random.default_rng(whole("seed", seed))
    places, num_down, num_accepted = [whole("start", start, 0, len(heights) - 1)], 0, 0
    for _ in range(num_steps):
        here = places[-1]
        there = int(np.clip(here + rng.choice((-1, 1)), 0, len(heights) - 1))
        loss = heights[here] - heights[there]
        accepted = is_accepted(loss, temperature, rng)
        num_down += loss > 0
        num_accepted += accepted and loss > 0
        places.append(there if accepted else here)
    return Walk(np.array(places), int(num_down), int(num_accepted))


def draw_annealing(temperature: float, seed: int) -> Figure:
    """Left the probability that a loss is accepted; right how often a walk was at each network."""
    heights = landscape()
    walked = walk(heights, START, temperature, NUM_STEPS, seed)
    ax = sheet(9, 3.1)
    left = chart(ax, (0.6, 0.55), (2.6, 2.05), "loss of a step", "probability", "acceptance")
    _draw_acceptance(left, heights, temperature)
    right = chart(ax, (3.9, 0.55), (4.9, 2.05), "networks, each beside its neighbours", "accuracy")
    right.set_title(
        f"{walked.num_accepted} of {walked.num_down} steps down accepted; "
        f"network {visits(walked, heights).argmax() + 1} visited most",
        fontsize=10, color=INK,
    )  # fmt: skip
    _draw_visits(right, heights, walked)
    return figure_of(ax)


def visits(walked: Walk, heights: np.ndarray) -> np.ndarray:
    """How often the walk was at each network, of shape (num_networks,)."""
    return np.bincount(walked.places, minlength=len(heights))


def _draw_acceptance(numbers: Axes, heights: np.ndarray, temperature: float) -> None:
    """The curve, and a dot for each step down of the landscape."""
    steps = np.abs(np.diff(heights))
    losses = np.linspace(0, 0.4, 401)
    numbers.plot(losses, acceptance(losses, temperature), color=DEEP, linewidth=1.8)
    numbers.scatter(steps, acceptance(steps, temperature), s=22, facecolor=PAPER, edgecolor=INK,
                    zorder=3)  # fmt: skip
    numbers.set_xticks([0, 0.1, 0.2, 0.3, 0.4])
    numbers.set_yticks([0, 0.5, 1])
    numbers.set(xlim=(-0.01, 0.4), ylim=(-0.05, 1.1))


def _draw_visits(numbers: Axes, heights: np.ndarray, walked: Walk) -> None:
    """The landscape; the area of each dot says how often the walk was there."""
    number = visits(walked, heights)
    numbers.plot(heights, color=FAINT, linewidth=1, zorder=1)
    numbers.scatter(range(len(heights)), heights, s=14, color=FAINT, zorder=2)
    there = number > 0
    numbers.scatter(np.flatnonzero(there), heights[there], s=4 * number[there], facecolor=SOFT,
                    edgecolor=DEEP, zorder=3)  # fmt: skip
    first, last = walked.places[[0, -1]]
    numbers.scatter(first, heights[first], s=42, color=INK, zorder=4)
    numbers.scatter(last, heights[last], s=70, marker="*", facecolor=WARM, edgecolor=INK, zorder=5)
    words(numbers, first + 0.45, heights[first] - 0.09, "start", size=SMALL, ha="left")
    words(numbers, last, heights[last] + 0.24, "end", size=SMALL)
    numbers.text(0.985, 0.03, f"area: visits in {NUM_STEPS} steps", transform=numbers.transAxes,
                 ha="right", fontsize=SMALL, color=LINE)  # fmt: skip
    numbers.set_xticks(range(len(heights)), [str(n + 1) for n in range(len(heights))])
    numbers.set(xlim=(-0.8, len(heights) - 0.2), ylim=(-0.1, 1.35))
