"""The cell explorer: choose six operations, and see the cell, its accuracy, its rank and its size."""

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from nas_tutorial.course.widgets import Control, explorer
from nas_tutorial.names import shown
from nas_tutorial.reporting.cells import operation_label, plot_cell_twice
from nas_tutorial.reporting.diagrams import DEEP, FAINT, INK, LINE, SMALL, WARM, chart, words
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.tables.table import Table

EVERYWHERE = "nor_conv_3x3"  # on each edge at first
BELOW = 1.75  # inches below the drawing of the cell, for its numbers
NUM_BINS = 60


class CellFacts(NamedTuple):
    """What a table holds about a cell: the accuracy of each run, their mean, its rank, its size."""

    runs: tuple[float, ...]
    mean: float
    rank: int
    num_networks: int
    parameters: int


def explore_cell(
    table: Table,
    architecture: Architecture | None = None,
    *,
    metric: str = "val_accuracy",
    dimensions: int = 1,
):
    """Choose the six operations of a cell, and see at once what the table knows about it.

    Args:
        table: Of an `EdgeCellSpace`.
        architecture: The cell to begin with; None takes convolutions of width 3 on all edges.
        metric: Which accuracy to show.
        dimensions: 1 for sequences, 2 for images, as in `reporting.cells.plot_cell_twice`.

    Raises:
        ValueError: If the table has another space or no such metric, or the architecture is foreign.
    """
    space = _cell_space(table)
    if architecture is None:
        architecture = Architecture((EVERYWHERE,) * len(space.choices))
    space.require(architecture)
    labels = {
        operation_label(operation, dimensions).replace("\n", " "): operation
        for operation in space.OPERATIONS
    }
    controls = {
        f"edge_{source}{target}": Control(f"{source}→{target}", labels, chosen, is_slider=False)
        for (source, target), choice, chosen in zip(space.EDGES, space.choices, architecture.values)
    }

    def draw(**operations: str) -> Figure:
        chosen = Architecture(tuple(operations.values()))
        return draw_cell(table, chosen, metric=metric, dimensions=dimensions)

    return explorer(draw, **controls)


def cell_facts(table: Table, architecture: Architecture, metric: str = "val_accuracy") -> CellFacts:
    """What the table holds about a cell; networks of equal mean have the same rank.

    Raises:
        ValueError: If the table has no such metric, or does not hold the cell.
    """
    runs, row = table.column(metric), table.row(architecture)
    means = runs.mean(axis=1)
    return CellFacts(
        runs=tuple(runs[row].tolist()),
        mean=float(means[row]),
        rank=1 + int((means > means[row]).sum()),
        num_networks=len(table),
        parameters=int(table.query(architecture)["parameters"]),
    )


def draw_cell(
    table: Table, architecture: Architecture, *, metric: str = "val_accuracy", dimensions: int = 1
) -> Figure:
    """A cell drawn twice; below it, where its runs lie among the mean accuracies of all networks."""
    facts = cell_facts(table, architecture, metric)
    figure = plot_cell_twice(
        _cell_space(table), architecture, dimensions=dimensions, fade_dead=True
    )
    (cell,) = figure.axes
    width, height = figure.get_size_inches()
    figure.set_size_inches(width, height + BELOW)
    cell.set_position((0, BELOW / (height + BELOW), 1, height / (height + BELOW)))
    name = metric.replace("val_", "validation ").replace("_", " ")
    numbers = chart(cell, (3.9, 0.45), (4.9, 1.0), xlabel=f"{name} of all networks")
    _draw_runs(numbers, facts, table.column(metric).mean(axis=1))
    runs = ", ".join(f"{run:.4f}" for run in facts.runs)
    lines = (
        f"{name} {facts.mean:.4f} on average",
        f"runs: {runs}",
        f"rank {facts.rank:,} of {facts.num_networks:,}",
        f"{facts.parameters:,} parameters",
    )
    for place, line in enumerate(lines):
        words(cell, 0.3, -0.45 - 0.3 * place, line, ha="left", bold=place == 0)
    key = "dots: the runs of this cell, line: their mean"
    words(cell, 3.9, -0.14, key, ha="left", size=SMALL, color=LINE)
    return figure


def _draw_runs(numbers: Axes, facts: CellFacts, means: np.ndarray) -> None:
    """A histogram of all means, the mean of the cell as a line, and its runs as dots."""
    counts, edges = np.histogram(means, NUM_BINS)
    numbers.stairs(counts, edges, fill=True, color=FAINT)
    top = counts.max()
    numbers.axvline(facts.mean, color=DEEP, linewidth=1.6)
    heights = np.full(len(facts.runs), 1.15 * top)
    numbers.scatter(facts.runs, heights, s=30, facecolor=WARM, edgecolor=INK, zorder=3)
    numbers.set(ylim=(0, 1.3 * top))
    numbers.spines["left"].set_visible(False)
    numbers.xaxis.set_major_locator(MaxNLocator(6))


def _cell_space(table: Table) -> EdgeCellSpace:
    if not isinstance(table.space, EdgeCellSpace):
        raise ValueError(
            f"a table must cover an EdgeCellSpace to be explored cell by cell, got "
            f"{shown(table.space)}. Take Table.load_course()."
        )
    return table.space
