"""Drawing of chapter 10: what a table is, and how it answers a query."""

from matplotlib.figure import Figure

from nas_tutorial.reporting.cells import FILLS, operation_label
from nas_tutorial.reporting.diagrams import (
    LINE,
    PAPER,
    SMALL,
    WARM,
    arrow,
    box,
    bracket,
    figure_of,
    sheet,
    strip,
    words,
)

ROWS = {  # of the course's table: parameters, then the validation accuracy of three training runs
    15: (3802, 0.7990, 0.8738, 0.8055),
    16: (1306, 0.6330, 0.7027, 0.7033),
    17: (2842, 0.7788, 0.7540, 0.8093),
    18: (3802, 0.8350, 0.8433, 0.8073),
}
WIDTHS = (0.55, 1.0, 0.9, 0.9, 0.9)  # of the table's columns, in inches
ANSWER = 16  # the row of the query
QUERIES = (
    ("nor_conv_3x3", "skip_connect", "none", "nor_conv_1x1", "none", "avg_pool_3x3"),
    ("skip_connect", "nor_conv_3x3", "none", "nor_conv_1x1", "avg_pool_3x3", "none"),
)


def table_and_query() -> Figure:
    """A query and the table that answers it. Two encodings, each a row of six operations, are made into a
    graph, pruned, and found in the table by their fingerprint; they are one network and so lead to one
    row. A row holds what was measured once for that network: its parameters and the validation accuracy
    of three training runs. No training happens at the query.
    """
    ax = sheet(9, 3.2)
    words(ax, 0.12, 2.98, "query: an encoding, such as", ha="left", bold=True)
    for y, values in zip((2.6, 2.1), QUERIES):
        labels = [operation_label(value) for value in values]
        strip(ax, 0.12, y, labels, [FILLS.get(label, PAPER) for label in labels], width=0.56)
    bracket(ax, (3.48, 1.87), (0.12, 1.87))
    graph = box(ax, 1.0, 0.95, "graph,\npruned", width=1.1, height=0.6)
    mark = box(ax, 2.75, 0.95, "fingerprint", width=1.2, height=0.6)
    arrow(ax, (1.0, 1.77), graph)
    words(ax, 1.15, 1.52, "both are one network", size=SMALL, ha="left")
    arrow(ax, graph, mark)
    left, height = 4.6, 0.34
    words(ax, left, 2.98, "table: a row per network", ha="left", bold=True)
    words(ax, left + 2.9, 2.75, "validation accuracy", size=SMALL, color=LINE)
    for x, name in zip(_middles(left), ("row", "parameters", "run 0", "run 1", "run 2")):
        words(ax, x, 2.55, name, size=SMALL, color=LINE)
    for place, (row, (parameters, *accuracies)) in enumerate(ROWS.items()):
        y, fill = 2.15 - height * place, WARM if row == ANSWER else PAPER
        texts = (str(row), f"{parameters:,}", *(f"{value:.4f}" for value in accuracies))
        for x, text, width in zip(_middles(left), texts, WIDTHS):
            box(ax, x, y, text, width=width, height=height, fill=fill, line=0.8, rounding=0,
                size=SMALL)  # fmt: skip
        if row == ANSWER:
            arrow(ax, mark, (left - 0.04, y))
    words(ax, left + 2.1, 0.75, "… 8,765 rows, trained once", color=LINE, slanted=True)
    words(ax, left + 2.1, 0.35, "The answer: the marked row. Nothing is trained.")
    return figure_of(ax)


def _middles(left: float) -> list[float]:
    """Where the table's columns have their middles."""
    return [left + sum(WIDTHS[:place]) + width / 2 for place, width in enumerate(WIDTHS)]
