"""Drawings of chapter 12: a tournament, a crossover, and a population that ages."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nas_tutorial.reporting.diagrams import (
    DEEP,
    LINE,
    SMALL,
    SOFT,
    WARM,
    Shape,
    arrow,
    circle,
    figure_of,
    panel,
    sheet,
    strip,
    words,
)

MEMBERS = dict(zip("ABCDEFGH", (0.90, 0.96, 0.92, 0.88, 0.94, 0.85, 0.91, 0.89)))  # an example
DRAWN = "ACG"  # by chance


def tournament() -> Figure:
    """A tournament of size three. From a population of eight networks three are drawn at random; the best
    of these three becomes a parent. It need not be the best of all: B with 0.96 was not drawn.
    """
    ax = sheet(9, 2.6)
    panel(ax, 0.12, 0.2, 3.9, 2.25, "population")
    places = {}
    for number, (name, value) in enumerate(MEMBERS.items()):
        x, y = 0.6 + 0.97 * (number % 4), 1.62 - 0.85 * (number // 4)
        places[name] = circle(ax, x, y, name, radius=0.2, fill=WARM if name in DRAWN else SOFT)
        words(ax, x, y - 0.34, f"{value:.2f}", size=SMALL)
    arrow(ax, (4.02, 1.3), (5.1, 1.3))
    words(ax, 4.56, 1.62, "draw 3\nat random", size=SMALL)
    winner = max(DRAWN, key=lambda name: MEMBERS[name])
    for place, name in enumerate(DRAWN):
        x = 5.45 + 0.65 * place
        circle(ax, x, 1.3, name, radius=0.2, fill=WARM)
        words(ax, x, 0.96, f"{MEMBERS[name]:.2f}", size=SMALL, bold=name == winner)
    arrow(ax, (7.05, 1.3), (7.95, 1.3))
    words(ax, 7.48, 1.46, "the best", size=SMALL)
    circle(ax, 8.25, 1.3, winner, radius=0.26, fill=DEEP, bold=True)
    words(ax, 8.25, 0.88, "parent")
    return figure_of(ax)


MOTHER = ("conv 3", "skip", "none", "conv 1", "conv 3", "pool 3")
FATHER = ("pool 3", "conv 1", "conv 3", "conv 1", "none", "skip")
FROM_MOTHER = (True, False, False, True, True, False)  # by the toss of a coin
MUTATED, NEW = 4, "skip"


def crossover() -> Figure:
    """Crossover and mutation on a row of six operations. The mother's row is dark, the father's light. The
    mixed row takes each operation from one of the two, by the toss of a coin, and keeps that parent's
    colour. Then one operation, marked, is replaced by one drawn at random.
    """
    ax = sheet(7.4, 3.1)
    mixed = [m if own else f for m, f, own in zip(MOTHER, FATHER, FROM_MOTHER)]
    child = [NEW if place == MUTATED else value for place, value in enumerate(mixed)]
    fills = [DEEP if own else SOFT for own in FROM_MOTHER]
    marked = [WARM if place == MUTATED else fill for place, fill in enumerate(fills)]
    rows = (
        ("mother", 2.65, MOTHER, [DEEP] * 6),
        ("father", 2.05, FATHER, [SOFT] * 6),
        ("mixed", 1.25, mixed, fills),
        ("child", 0.45, child, marked),
    )
    for name, y, values, colours in rows:
        words(ax, 0.95, y, name, ha="right", bold=True)
        strip(ax, 1.1, y, values, colours, width=0.72, height=0.36)
    words(ax, 5.6, 1.25, "a coin decides for\neach operation", ha="left", size=SMALL)
    words(ax, 5.6, 0.45, "one operation is\ndrawn anew", ha="left", size=SMALL)
    for y in (1.8, 0.99):
        arrow(ax, (3.26, y), (3.26, y - 0.33))
    return figure_of(ax)


def ageing_queue() -> Figure:
    """A population of four as a queue, at three moments one below the other. At each moment a child enters
    on the left, everyone moves one place to the right, and the oldest leaves on the right, whatever
    its accuracy. First A leaves, then B, although its 0.96 is the best of all.
    """
    ax = sheet(9, 3.3)
    for y, child, leaver in ((2.75, "E", "A"), (1.75, "F", "B"), (0.75, "", "")):
        queue = {"": "FEDC", "E": "DCBA", "F": "EDCB"}[child]
        panel(ax, 2.3, y - 0.42, 4.4, 0.84)
        shapes = [_member(ax, 2.85 + 1.1 * place, y, name) for place, name in enumerate(queue)]
        if child:
            arrow(ax, _member(ax, 1.4, y, child, fill=WARM), (2.3, y))
            arrow(ax, shapes[-1], (7.35, y))
            words(ax, 7.45, y, f"{leaver} leaves", ha="left")
    words(ax, 1.02, 2.75, "child", ha="right")
    words(ax, 2.85, 0.14, "youngest", size=SMALL, color=LINE)
    words(ax, 6.15, 0.14, "oldest", size=SMALL, color=LINE)
    words(ax, 7.45, 1.5, "(the best so far)", ha="left", size=SMALL, color=LINE)
    return figure_of(ax)


QUEUE = {"A": 0.90, "B": 0.96, "C": 0.92, "D": 0.88, "E": 0.93, "F": 0.91}  # by age, an example


def _member(ax: Axes, x: float, y: float, name: str, fill: str = SOFT) -> Shape:
    shape = circle(ax, x, y + 0.1, name, radius=0.2, fill=fill)
    words(ax, x, y - 0.25, f"{QUEUE[name]:.2f}", size=SMALL)
    return Shape(shape.x, y, 0.4, 0.4, is_round=True)
