"""Drawing of chapter 22: the plan of a study as a timeline."""

from matplotlib.figure import Figure

from nas_tutorial.reporting.diagrams import (
    DEEP,
    INK,
    SMALL,
    SOFT,
    arrow,
    bracket,
    circle,
    figure_of,
    sheet,
    words,
)

STEPS = (  # name, and what is there at its end
    ("question", "one\nsentence"),
    ("space", "what the\nlimit leaves"),
    ("strategies", "a reason,\na doubt"),
    ("pilot", "number\nof seeds"),
    ("plan", "its\nfingerprint"),
    ("runs", "all, in one\npicture"),
    ("answer", "an\ninterval"),
    ("network", "test set\nread once"),
    ("report", "run card,\none page"),
)
FROZEN = 5  # after that many steps


def plan_as_timeline() -> Figure:
    """Nine steps on a line from left to right: question, space, strategies, pilot, plan, runs, answer,
    network, report; below each stands what is there at its end. After the plan a vertical line says
    "frozen". What stands left of it is decided before any result is seen; right of it nothing is
    changed any more.
    """
    ax = sheet(9, 2.4)
    y, step = 1.05, 0.98
    arrow(ax, (0.2, y), (8.9, y), line=1.6)
    for number, (name, end) in enumerate(STEPS, start=1):
        x = 0.55 + step * (number - 1)
        fill = SOFT if number <= FROZEN else DEEP
        circle(ax, x, y, str(number), radius=0.2, fill=fill, bold=True)
        words(ax, x, y + 0.38, name, bold=True)
        words(ax, x, y - 0.5, end, size=SMALL)
    x = 0.55 + step * (FROZEN - 0.5)
    ax.plot([x, x], [0.25, 2.0], color=INK, linewidth=2, zorder=4)
    words(ax, x, 2.18, "frozen", bold=True)
    bracket(ax, (0.35, 1.65), (x - 0.12, 1.65), "decided before any result is seen")
    bracket(ax, (x + 0.12, 1.65), (8.6, 1.65), "nothing is changed any more")
    return figure_of(ax)
