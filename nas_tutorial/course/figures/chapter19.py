"""Drawings of chapter 19: two workers on a clock, and the recipe that is sent to a worker."""

from matplotlib.figure import Figure

from nas_tutorial.reporting.diagrams import (
    FAINT,
    LINE,
    PANEL,
    SMALL,
    SOFT,
    WARM,
    arrow,
    badge,
    box,
    figure_of,
    panel,
    sheet,
    words,
)

SECONDS = (4, 1, 1, 1, 3)  # of trials 0 to 4
WAYS = {"synchronous: two by two": False, "asynchronous: refilled at once": True}


def schedule(at_once: bool) -> list[tuple[int, int, int]]:
    """(worker, start, end) of each trial on two workers, in order.

    Args:
        at_once: Whether a free worker gets the next trial at once, or when both are free.
    """
    free, bars = [0, 0], []
    for trial, seconds in enumerate(SECONDS):
        if not at_once and trial % 2 == 0:
            free = [max(free)] * 2
        worker = free.index(min(free)) if at_once else trial % 2
        bars.append((worker, free[worker], free[worker] + seconds))
        free[worker] += seconds
    return bars


def workers_on_a_clock() -> Figure:
    """Five trials of 4, 1, 1, 1 and 3 seconds on two workers, as bars on a clock. Synchronous, two by two,
    they take 8 seconds, and a worker stands idle from second 1 to 4 and from 5 to 8. Asynchronous,
    each free worker gets the next trial at once, they take 6 seconds; but trial 0 is told fourth.
    """
    ax = sheet(9, 3.6)
    left, scale = 1.0, 0.95
    for (title, at_once), top in zip(WAYS.items(), (2.85, 1.25)):
        bars = schedule(at_once)
        words(ax, 0.12, top + 0.42, title, ha="left", bold=True)
        for worker in (0, 1):
            y = top - 0.42 * worker
            words(ax, 0.12, y, f"worker {worker}", ha="left", size=SMALL)
            for start, end in idle(bars, worker):
                x, width = left + scale * (start + end) / 2, scale * (end - start)
                box(ax, x, y, "idle", width=width, height=0.34, fill=PANEL, edge=FAINT, rounding=0,
                    size=SMALL, zorder=2)  # fmt: skip
        for trial, (worker, start, end) in enumerate(bars):
            x, y = left + scale * (start + end) / 2, top - 0.42 * worker
            fill = WARM if trial == 0 else SOFT
            box(
                ax,
                x,
                y,
                f"trial {trial}",
                width=scale * (end - start),
                height=0.34,
                fill=fill,
                rounding=0,
            )
    ax.plot([left, left + scale * 8], [0.55, 0.55], color=LINE, linewidth=0.9)
    for second in range(9):
        x = left + scale * second
        ax.plot([x, x], [0.55, 0.49], color=LINE, linewidth=0.9)
        words(ax, x, 0.36, str(second), size=SMALL)
    words(ax, left + scale * 4, 0.14, "seconds", size=SMALL)
    return figure_of(ax)


def idle(bars: list[tuple[int, int, int]], worker: int) -> list[tuple[int, int]]:
    """The gaps of a worker, from the start to the end of the last bar of all."""
    own = [(start, end) for who, start, end in bars if who == worker]
    ends = [0, *(end for _, end in own)]
    starts = [*(start for start, _ in own), max(end for _, _, end in bars)]
    return [(end, start) for end, start in zip(ends, starts) if start > end]


def recipe_to_worker() -> Figure:
    """The main process on the left, a worker on the right. The main process holds the strategy and the
    history. With each task it sends a candidate, a seed and a recipe of less than 1,000 bytes. At its
    first task the worker makes the evaluator from the recipe: it loads the data and compiles the
    program. It keeps the evaluator for the tasks to come, and sends back a result.
    """
    ax = sheet(9, 3.3)
    panel(ax, 0.12, 0.15, 2.5, 3.0, "main process")
    panel(ax, 6.2, 0.15, 2.68, 3.0, "worker")
    box(ax, 1.37, 2.2, "strategy", width=1.7, fill=SOFT)
    box(ax, 1.37, 0.95, "history", width=1.7, fill=SOFT)
    made = box(ax, 7.54, 2.2, "evaluator", width=1.7, fill=SOFT)
    result = box(ax, 7.54, 0.95, "result", width=1.7)
    arrow(ax, made, result)
    arrow(ax, (2.26, 2.2), (6.65, 2.2))
    arrow(ax, (6.65, 0.95), (2.26, 0.95))
    box(ax, 4.4, 2.2, "candidate + seed + recipe", width=2.3, fill=WARM)
    words(ax, 4.4, 1.8, "less than 1,000 bytes", size=SMALL, color=LINE)
    box(ax, 4.4, 0.95, "metrics, seconds", width=1.6)
    for number, x, y in ((1, 3.0, 2.42), (2, 6.0, 2.42), (3, 7.3, 1.58), (4, 5.6, 1.17)):
        badge(ax, x, y, number)
    words(ax, 7.54, 2.62, "made once, then kept", size=SMALL, color=LINE)
    return figure_of(ax)
