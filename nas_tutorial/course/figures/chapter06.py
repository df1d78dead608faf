"""Drawing of chapter 06: the four functions of the project."""

from matplotlib.figure import Figure

from nas_tutorial.reporting.diagrams import (
    LINE,
    SMALL,
    SOFT,
    WARM,
    arrow,
    box,
    figure_of,
    sheet,
    words,
)


def four_functions() -> Figure:
    """Four functions and what each remembers. `main` runs the loop and remembers the history. It gives
    a model to `evaluate_model`, which returns its performance and remembers nothing; it gives both to
    `search_space`, which remembers the population and returns the next model. `search_space` asks
    `create_search_space` for the choices; that one always returns the same and remembers nothing.
    """
    ax = sheet(9, 3.6)
    main = box(ax, 3.1, 3.1, width=4.4, height=0.64, fill=SOFT)
    words(ax, main.x, 3.22, "main()", bold=True)
    words(ax, main.x, 2.96, "the loop", size=SMALL)
    names = ("evaluate_model()", "search_space()", "create_search_space()")
    asks = ("how good is it?", "which one is next?", "what can be built?")
    for x, name, question in zip((1.4, 4.8, 7.75), names, asks):
        box(ax, x, 1.3, width=2.1, height=0.64, fill=SOFT)
        words(ax, x, 1.42, name, bold=True)
        words(ax, x, 1.16, question, size=SMALL)
    for x, y, memory in ((6.5, 3.1, "history"), (4.8, 0.5, "population")):
        box(ax, x, y, f"remembers: {memory}", width=1.9, fill=WARM)
    for x in (1.4, 7.75):
        words(ax, x, 0.5, "remembers nothing", color=LINE, slanted=True)
    for x, down, up in ((1.4, "model", "performance"), (4.8, "model,\nperformance", "next model")):
        arrow(ax, (x - 0.25, 2.74), (x - 0.25, 1.66))
        arrow(ax, (x + 0.25, 1.66), (x + 0.25, 2.74))
        words(ax, x - 0.35, 2.2, down, ha="right")
        words(ax, x + 0.35, 2.2, up, ha="left")
    arrow(ax, (6.66, 1.3), (5.89, 1.3))
    words(ax, 6.275, 1.46, "choices")
    return figure_of(ax)
