"""Drawing of chapter 09: KerasTuner's four objects, and what they are called here."""

from matplotlib.figure import Figure

from nas_tutorial.reporting.diagrams import (
    INK,
    LINE,
    SMALL,
    SOFT,
    arrow,
    box,
    figure_of,
    panel,
    sheet,
    words,
)


def four_objects() -> Figure:
    """KerasTuner's objects and their names in this course. The tuner is the loop, here `search`. Inside it
    the oracle, here a strategy, proposes hyperparameter values; the hypermodel, here a space with a
    skeleton and a recipe, builds a model of them and trains it. Values and score together are a
    trial, and the folder of all trials is the history.
    """
    ax = sheet(9, 3.2)
    panel(ax, 0.12, 0.12, 8.76, 2.96, "Tuner")
    words(ax, 0.85, 2.88, "here: search()", ha="left", color=LINE, slanted=True)
    for x, name, here in (
        (1.7, "Oracle", "here: a strategy"),
        (7.3, "HyperModel", "here: space, skeleton, recipe"),
    ):
        box(ax, x, 1.85, width=2.3, height=0.8, fill=SOFT)
        words(ax, x, 2.0, name, bold=True)
        words(ax, x, 1.7, here, size=SMALL, color=LINE, slanted=True)
    box(ax, 4.5, 0.62, width=3.0, height=0.7)
    words(ax, 4.5, 0.76, "folder of trials", bold=True)
    words(ax, 4.5, 0.48, "here: a history", size=SMALL, color=LINE, slanted=True)
    arrow(ax, (2.89, 2.05), (6.11, 2.05), color=INK)
    words(ax, 4.5, 2.25, "values of the hyperparameters")
    arrow(ax, (6.11, 1.65), (2.89, 1.65), color=INK)
    words(ax, 4.5, 1.8, "score")
    arrow(ax, (4.5, 1.61), (4.5, 1.01))
    words(ax, 4.62, 1.33, "values and score: a trial", size=SMALL, ha="left")
    return figure_of(ax)
