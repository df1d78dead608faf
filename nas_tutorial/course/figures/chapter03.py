"""Drawings of chapter 03: the loop with its objects, and the population with its two exits."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from nas_tutorial.reporting.diagrams import (
    DEEP,
    INK,
    LINE,
    PANEL,
    SMALL,
    SOFT,
    WARM,
    arrow,
    badge,
    box,
    circle,
    figure_of,
    panel,
    route,
    sheet,
    words,
)
from nas_tutorial.reporting.plots import COLOURS, LINES


def search_loop() -> Figure:
    """The search loop as a ring. The strategy is asked and returns a candidate, that is an architecture
    to be measured. The evaluator measures it and returns a result: metrics and seconds. Candidate,
    result, seed and number together are a trial. The trial is appended to the history and told to
    the strategy, and the loop begins again until the budget is spent.
    """
    ax = sheet(9, 3.7)
    box(ax, 1.3, 2.2, "Strategy", width=1.5, height=0.7, fill=SOFT, bold=True)
    box(ax, 7.7, 2.2, "Evaluator", width=1.5, height=0.7, fill=SOFT, bold=True)
    box(ax, 4.5, 3.05, "Candidate", width=1.3)
    result = box(ax, 5.9, 1.35, "Result", width=1.1)
    trial = box(ax, 3.1, 1.35, "Trial", width=1.1)
    history = box(ax, 3.1, 0.4, "History: all trials in order", width=2.4, fill=PANEL)
    words(ax, 4.5, 2.68, "architecture, epochs, parents", size=SMALL, color=LINE)
    words(ax, 5.9, 0.97, "metrics, seconds, error", size=SMALL, color=LINE)
    words(ax, 3.2, 0.97, "candidate, seed, result", size=SMALL, color=LINE, ha="left")
    route(ax, [(1.3, 2.59), (1.3, 3.05), (3.8, 3.05)])
    route(ax, [(5.2, 3.05), (7.7, 3.05), (7.7, 2.6)])
    route(ax, [(7.7, 1.81), (7.7, 1.35), (6.5, 1.35)])
    arrow(ax, result, trial)
    route(ax, [(2.5, 1.35), (1.3, 1.35), (1.3, 1.8)])
    arrow(ax, trial, history)
    for number, x, y, text in (
        (1, 1.5, 3.27, "initialise"),
        (3, 2.65, 3.27, "search"),
        (2, 6.1, 3.27, "evaluate"),
        (4, 1.5, 1.57, "update"),
        (5, 3.25, 2.2, "repeat until the budget is spent"),
    ):
        badge(ax, x, y, number)
        words(ax, x + 0.2, y, text, ha="left")
    words(ax, 2.55, 2.87, "ask()", size=SMALL, color=LINE)
    words(ax, 1.9, 1.16, "tell()", size=SMALL, color=LINE)
    return figure_of(ax)


def two_exits() -> Figure:
    """The search space on the left never changes: its 15,625 architectures stay where they are. In the
    middle is the population, four measured architectures in the order of their age. A child enters,
    and one member has to leave, by one of two exits: the worst one, or the oldest one. Here the
    worst is the youngest and the oldest is the third best.
    """
    ax = sheet(9, 3.1)
    panel(ax, 0.1, 0.5, 2.0, 2.0, "search space")
    places = np.array([(column, row) for row in range(4) for column in range(6)])
    ax.scatter(0.35 + 0.3 * places[:, 0], 0.95 + 0.3 * places[:, 1], s=22, color=DEEP, zorder=3)
    words(ax, 1.1, 0.68, "15,625, always", size=SMALL)
    panel(ax, 3.75, 0.9, 3.7, 1.6, "population")
    child = circle(ax, 3.0, 1.6, "E", radius=0.22, fill=WARM)
    words(ax, 3.0, 1.22, "0.93", size=SMALL)
    words(ax, 3.0, 2.02, "child")
    members = []
    for place, (name, value) in enumerate((("D", 0.88), ("C", 0.92), ("B", 0.96), ("A", 0.90))):
        x = 4.3 + 0.87 * place
        members.append(circle(ax, x, 1.6, name, radius=0.22, fill=SOFT))
        words(ax, x, 1.22, f"{value:.2f}", size=SMALL)
    words(ax, 4.3, 2.02, "youngest", size=SMALL, color=LINE)
    words(ax, 6.91, 2.02, "oldest", size=SMALL, color=LINE)
    arrow(ax, (2.1, 1.6), child, style="--")
    arrow(ax, child, (3.75, 1.6))
    route(ax, [(5.6, 2.5), (5.6, 2.8), (3.0, 2.8), (3.0, 2.15)])
    words(ax, 4.3, 2.95, "parents: crossover, mutation")
    arrow(ax, (4.3, 1.1), (4.3, 0.5), color=INK, line=1.8)
    words(ax, 4.3, 0.3, "exit 1: the worst leaves")
    arrow(ax, members[-1], (7.95, 1.6), color=INK, line=1.8)
    words(ax, 8.0, 1.6, "exit 2: the\noldest leaves", ha="left")
    return figure_of(ax)


def population_over_rounds(rounds: np.ndarray) -> Figure:
    """Best and worst accuracy of a population of four over 40 rounds, as two step curves with the band
    between them. Both only rise, and the band between them closes.

    Args:
        rounds: Accuracies of shape (num_rounds + 1, population_size), the best first.
    """
    figure, ax = plt.subplots()
    numbers = np.arange(len(rounds))
    ax.fill_between(numbers, rounds[:, -1], rounds[:, 0], step="post", color=SOFT)
    for column, label in ((0, "best of the population"), (-1, "worst of the population")):
        line = LINES[column]
        ax.step(numbers, rounds[:, column], line, where="post", color=COLOURS[column], label=label)
    ax.set(xlabel="rounds after the first child", ylabel="validation accuracy")
    ax.legend(loc="lower right")
    return figure
