"""Drawing of chapter 14: one step of REINFORCE as a ring."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nas_tutorial.reporting.diagrams import (
    INK,
    PAPER,
    SMALL,
    SOFT,
    WARM,
    arrow,
    badge,
    box,
    chart,
    circle,
    figure_of,
    route,
    sheet,
    words,
)
from nas_tutorial.strategies.reinforce import log_probability_gradient, softmax

OPTIONS, BEFORE, DRAWN = "ABC", (0.2, 0.3, 0.5), 0
REWARD, BASELINE, LEARNING_RATE = 1.0, 0.5, 1.0


def one_step() -> tuple[np.ndarray, np.ndarray]:
    """The probabilities before and after a step of REINFORCE (Williams 1992)."""
    logits = np.log(BEFORE)
    gradient = log_probability_gradient(logits, DRAWN)
    return softmax(logits), softmax(logits + LEARNING_RATE * (REWARD - BASELINE) * gradient)


def policy_loop() -> Figure:
    """One step of REINFORCE in four stations. A policy gives the options A, B and C the probabilities 0.2,
    0.3 and 0.5. A is drawn and evaluated; its reward is 1.0 and the baseline 0.5. Since the
    reward is above the baseline, the update makes A more likely and the others less: 0.32, 0.27 and
    0.41. From that policy the next option is drawn.
    """
    ax = sheet(9, 3.1)
    before, after = one_step()
    _policy(ax, 0.25, before, "policy")
    _policy(ax, 7.15, after, "policy after the step")
    drawn = circle(ax, 3.05, 1.75, OPTIONS[DRAWN], radius=0.24, fill=WARM, bold=True)
    reward = box(ax, 5.2, 1.75, "reward 1.0\n− baseline 0.5\n= +0.5", width=1.5, height=0.85)
    arrow(ax, (1.95, 1.75), drawn)
    arrow(ax, drawn, reward)
    arrow(ax, reward, (7.1, 1.75))
    for number, x, text in ((1, 2.2, "draw"), (2, 3.48, "evaluate"), (3, 6.15, "update")):
        badge(ax, x, 2.15, number)
        words(ax, x + 0.18, 2.15, text, ha="left")
    route(ax, [(8.0, 0.55), (8.0, 0.25), (1.1, 0.25), (1.1, 0.55)])
    words(ax, 4.5, 0.25, "the next option is drawn from the new policy", size=SMALL, over=PAPER)
    return figure_of(ax)


def _policy(ax: Axes, left: float, probabilities: np.ndarray, title: str) -> None:
    """Probabilities of the options as bars; the drawn one stands out."""
    numbers = chart(ax, (left, 0.9), (1.65, 1.6), title=title)
    fills = [WARM if place == DRAWN else SOFT for place in range(len(OPTIONS))]
    numbers.bar(range(len(OPTIONS)), probabilities, color=fills, edgecolor=INK, linewidth=0.9)
    for place, value in enumerate(probabilities):
        words(numbers, place, value + 0.05, f"{value:.2f}", size=SMALL)
    numbers.set_xticks(range(len(OPTIONS)), list(OPTIONS))
    numbers.set(ylim=(0, 0.62))
