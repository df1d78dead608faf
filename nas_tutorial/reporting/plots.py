"""Pictures: the incumbent, an architecture's graph, costs against accuracy, confusions, comparisons.

Every function draws on the axes that it is given, or makes some, and returns them. They are made to
be read in greyscale too: line styles, markers and texts carry what colour carries.
"""

import re
from collections.abc import Iterable, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path
from sklearn.metrics import confusion_matrix

from nas_tutorial.history import History
from nas_tutorial.names import one_of, whole
from nas_tutorial.pareto import pareto_front
from nas_tutorial.reporting.layout import layered
from nas_tutorial.spaces.graph import Graph
from nas_tutorial.statistics.tests import RankTest, paired_difference
from nas_tutorial.trials import Constraint, Objective, Trial

STYLE = {
    "figure.figsize": (6.4, 3.8),
    "figure.dpi": 100,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "axes.axisbelow": True,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
}
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000", "#56B4E9", "#E69F00")  # Okabe-Ito
LINES = ("-", "--", "-.", ":")
FILLS = {
    "skip": "#ffffff",
    "conv": "#cfe3f5",
    "pool": "#fbe3c8",
    "put": "#e6e6e6",
}  # by word in name
OVER_A_LIMIT = ("over a limit", "#dddddd", "#999999")  # label, face, edge


def plot_incumbent(
    history: History,
    objective: Objective = Objective(),
    *,
    constraints: Iterable[Constraint] = (),
    ax: Axes | None = None,
) -> Axes:
    """The best value found so far as a step curve, over the trials that it came from.

    Filled dots were bred from earlier trials, open ones drawn at random, crosses failed; grey ones
    break a constraint.
    """
    ax, constraints = _axes(ax), tuple(constraints)
    values = history.incumbent(objective, constraints)
    number = np.arange(1, len(history) + 1)
    ax.step(number, values, where="post", color=COLOURS[0], label="best so far")
    bred = np.array([bool(trial.candidate.parents) for trial in history], dtype=bool)
    failed = np.array([trial.failed for trial in history], dtype=bool)
    allowed = np.array([_is_allowed(trial, constraints) for trial in history], dtype=bool)
    observed = np.array([np.nan if t.failed else t.value(objective.name) for t in history])
    for chosen, label, face, edge in (
        (~bred & allowed, "drawn at random", "white", COLOURS[1]),
        (bred & allowed, "bred", COLOURS[1], COLOURS[1]),
        (~failed & ~allowed, *OVER_A_LIMIT),
    ):
        if chosen.any():
            ax.scatter(
                number[chosen],
                observed[chosen],
                s=26,
                facecolor=face,
                edgecolor=edge,
                label=label,
                zorder=3,
            )
    if failed.any():
        floor = np.nanmin(observed) if not failed.all() else 0.0
        ax.scatter(
            number[failed], np.full(failed.sum(), floor), marker="x", color="black", label="failed"
        )
    ax.set(xlabel="trial", ylabel=_label(objective.name), title=f"Search, n = {len(history)}")
    ax.locator_params(axis="x", integer=True)
    ax.legend(loc="best", frameon=True, framealpha=0.85, edgecolor="none")  # dots are everywhere
    return ax


def plot_tradeoff(
    history: History,
    objective: Objective = Objective(),
    cost: str = "parameters",
    *,
    constraints: Iterable[Constraint] = (),
    ax: Axes | None = None,
) -> Axes:
    """The objective of every trial against a cost, to be made small.

    The line is the best objective that each cost buys, the front of the two; the best trial is
    ringed. Trials that break a constraint are grey and have no part in either.
    """
    ax, constraints = _axes(ax), tuple(constraints)

    def places(trials: Sequence[Trial]) -> tuple[np.ndarray, np.ndarray]:
        costs = [trial.value(cost) for trial in trials]
        return np.array(costs), np.array([trial.value(objective.name) for trial in trials])

    allowed = [trial for trial in history if _is_allowed(trial, constraints)]
    over = [trial for trial in history if not trial.failed and trial not in allowed]
    ax.scatter(*places(allowed), s=26, color=COLOURS[0], alpha=0.7, zorder=2)
    if over:
        label, face, edge = OVER_A_LIMIT
        ax.scatter(*places(over), s=26, facecolor=face, edgecolor=edge, label=label, zorder=1)
    if allowed:
        x, y = places(pareto_front(allowed, (Objective(cost, "min"), objective)))
        x, y = np.append(x, places(allowed)[0].max()), np.append(y, y[-1])
        ax.step(x, y, where="post", color="black", linestyle="--", linewidth=1, label="front")
        best = History(allowed).best(objective)
        ax.scatter(
            *places([best]),
            s=140,
            facecolor="none",
            edgecolor=COLOURS[1],
            linewidth=2,
            label="best",
            zorder=3,
        )
    if allowed or over:
        ax.legend(loc="best")
    title = f"Cost, n = {len(allowed) + len(over)}"
    ax.set(xlabel=_label(cost), ylabel=_label(objective.name), title=title)
    return ax


def plot_graph(graph: Graph, *, ax: Axes | None = None) -> Axes:
    """A graph from left to right. Nodes and edges that do no work are pale and dashed."""
    layout = layered(graph)
    if ax is None:
        size = (1.05 * layout.width + 0.3, 0.8 * layout.height + 0.3)
        ax = plt.subplots(figsize=size, layout="none")[1]
        ax.figure.subplots_adjust(0.01, 0.01, 0.99, 0.9)
    live = graph.live_nodes()
    for (source, target), route in layout.routes.items():
        _draw_edge(ax, route, alive=source in live and target in live)
    for node, (x, y) in layout.positions.items():
        _draw_node(ax, x, y, graph.operations[node], alive=node in live)
    ax.set(xlim=(-0.55, layout.width - 0.45), ylim=(-layout.height / 2, layout.height / 2))
    ax.set_aspect(0.76)  # equal boxes, whatever the graph and the axes
    ax.set_axis_off()
    return ax


def plot_confusion(
    y_true: np.ndarray,
    y_pred: np.ndarray,
    class_names: Sequence[str],
    *,
    ax: Axes | None = None,
) -> Axes:
    """How often each true class (row) was called each class (column), in numbers of samples."""
    if ax is None:
        side = 1.5 + 0.45 * len(class_names)
        ax = plt.subplots(figsize=(side, side))[1]
    counts = confusion_matrix(y_true, y_pred, labels=range(len(class_names)))
    ax.imshow(
        counts / np.maximum(counts.sum(axis=1, keepdims=True), 1), cmap="Blues", vmin=0, vmax=1
    )
    for row, column in np.ndindex(counts.shape):
        share = counts[row, column] / max(counts[row].sum(), 1)
        if counts[row, column]:
            ax.text(
                column,
                row,
                counts[row, column],
                ha="center",
                va="center",
                fontsize=8,
                color="white" if share > 0.5 else "black",
            )
    rotation = 90 if max(map(len, class_names)) > 3 else 0
    ax.set_xticks(range(len(class_names)), class_names, rotation=rotation)
    ax.set_yticks(range(len(class_names)), class_names)
    ax.set(xlabel="predicted class", ylabel="true class", title=f"Confusion, n = {counts.sum():,}")
    ax.grid(False)
    return ax


def plot_comparison(
    quartiles: pandas.DataFrame,
    *,
    over: str = "trial",
    ylabel: str = "best so far",
    ax: Axes | None = None,
) -> Axes:
    """Medians over seeds as step curves, with the band between the quartiles.

    Where fewer than all seeds have a value, the legend says how many.

    Args:
        quartiles: What `repeats.quartiles` returns.
        over: "trial" or "seconds": along what.
        ylabel: What the curves are.
        ax: Where to draw.
    """
    ax = _axes(ax)
    for index, (name, rows) in enumerate(quartiles.groupby("strategy", sort=False)):
        colour, line = COLOURS[index % len(COLOURS)], LINES[index % len(LINES)]
        label = _with_seeds(name, over, rows[over], rows["seeds"], rows["missing"])
        ax.step(rows[over], rows["median"], line, where="post", color=colour, label=label)
        ax.fill_between(
            rows[over],
            rows["lower_quartile"],
            rows["upper_quartile"],
            step="post",
            color=colour,
            alpha=0.15,
            linewidth=0,
        )
    ax.set(xlabel=_label(over), ylabel=ylabel, title="Median over seeds, band: quartiles")
    ax.legend(loc="lower right")
    return ax


def plot_difference(
    comparison: pandas.DataFrame,
    baseline: str,
    column: str = "incumbent",
    *,
    over: str = "trial",
    scale: float = 100,
    ylabel: str = "percentage points",
    ax: Axes | None = None,
) -> Axes:
    """Each strategy minus a baseline, paired by seed: the mean difference and its 95 % interval.

    Where several bands of medians would cover each other, differences show what the comparison is
    about: a band above 0 is better than the baseline, a band that holds 0 is a tie. Where fewer than
    all pairs have two values, the legend says how many; from one pair there is no band.

    Args:
        comparison: What `repeats.compare` or `repeats.on_grid` returns, with at least two seeds.
        baseline: The strategy that the others are compared with.
        column: Which curve.
        over: "trial" or "seconds": along what.
        scale: What differences are multiplied by; 100 turns fractions into percentage points.
        ylabel: The unit of the scaled differences.
        ax: Where to draw.

    Raises:
        ValueError: If no strategy has the baseline's name, or there is one seed alone.
    """
    ax = _axes(ax)
    wide = comparison.pivot(index=over, columns=["strategy", "seed"], values=column)
    whole("the number of seeds", comparison["seed"].nunique(), 2, advice="Compare more runs.")
    one_of("a strategy of the comparison", baseline, comparison["strategy"].unique())
    others = [name for name in comparison["strategy"].unique() if name != baseline]
    for index, name in enumerate(others, start=1):  # the baseline has the first colour elsewhere
        colour, line = COLOURS[index % len(COLOURS)], LINES[index % len(LINES)]
        differences = scale * (wide[name] - wide[baseline])
        seeds, missing = differences.count(axis=1), differences.isna().sum(axis=1)
        pairs = (row.dropna() for _, row in differences.iterrows())
        found = [paired_difference(each) if len(each) > 1 else (np.nan,) * 3 for each in pairs]
        mean, low, high = np.transpose(found)
        label = _with_seeds(name, over, wide.index, seeds, missing)
        ax.step(wide.index, mean, line, where="post", color=colour, label=label)
        ax.fill_between(wide.index, low, high, step="post", color=colour, alpha=0.15, linewidth=0)
    ax.axhline(0, color="black", linewidth=1)
    title = f"minus {_label(baseline)}, paired by seed; band: 95 % interval of the mean"
    ax.set(xlabel=_label(over), ylabel=ylabel, title=title)
    ax.legend(loc="best")
    return ax


def plot_critical_difference(test: RankTest, *, ax: Axes | None = None) -> Axes:
    """Average ranks on a line; a thick bar joins strategies that the test cannot tell apart.

    The thin bar above is the critical difference: ranks further apart than that differ.

    Args:
        test: What `statistics.tests.friedman_nemenyi` returns.
        ax: Where to draw.

    Reference:
        Demšar 2006, Statistical comparisons of classifiers over multiple data sets, figure 1.
    """
    from scikit_posthocs import critical_difference_diagram

    if ax is None:
        height = 1.8 + 0.25 * len(test.ranks)
        ax = plt.subplots(figsize=(6.4, height), layout="constrained")[1]
    best, worst = test.ranks.min(), test.ranks.max()
    critical_difference_diagram(
        test.ranks,
        test.p_values,
        alpha=test.alpha,
        ax=ax,
        left_only=True,  # on both sides, long names would be cut off
        label_fmt_left="{label} ({rank:.2f})",
        text_h_margin=0.02 * max(worst - best, 0.1),
        marker_props={"color": "black", "s": 20},
        elbow_props={"color": "black", "linewidth": 1},
        crossbar_props={"linewidth": 4, "solid_capstyle": "butt"},
    )
    end = best + test.critical_difference
    ax.plot([best, end], [1.7, 1.7], "|-", color="black", linewidth=1)
    label = f"critical difference {test.critical_difference:.2f}"
    ax.text((best + end) / 2, 2, label, ha="center", va="bottom")
    ax.set_ylim(top=3.2)
    ax.spines["top"].set(visible=True, bounds=(min(best, end), max(worst, end)))
    ax.grid(False)
    ax.set_title(f"Average rank, 1 is best; n = {test.num_blocks}, level {test.alpha:g}")
    return ax


def _is_allowed(trial: Trial, constraints: tuple[Constraint, ...]) -> bool:
    """Whether a trial succeeded and keeps the constraints."""
    return not trial.failed and not any(limit.violation(trial) for limit in constraints)


def _axes(ax: Axes | None) -> Axes:
    return ax if ax is not None else plt.subplots(layout="constrained")[1]


def _label(name: str) -> str:
    """A metric's name with its unit, for an axis."""
    units = {"latency_ms": "latency (ms)", "seconds": "seconds (s)", "flops": "FLOPs a sample"}
    return units.get(name, name.replace("val_", "validation ").replace("_", " "))


def _with_seeds(
    name: str, over: str, at: Sequence[float], seeds: Sequence[int], missing: Sequence[int]
) -> str:
    """A strategy's name for the legend; where seeds have no value, how many stand behind its curve."""
    at, seeds, missing = np.asarray(at), np.asarray(seeds), np.asarray(missing)
    few = missing > 0
    if not few.any():
        return str(name)
    counts, places = ((some[few].min(), some[few].max()) for some in (seeds, at))
    return f"{name} ({over} {_span(*places)}: {_span(*counts)} of {(seeds + missing)[0]} seeds)"


def _span(low: float, high: float) -> str:
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _draw_node(ax: Axes, x: float, y: float, operation: str, *, alive: bool) -> None:
    width, height = 0.62, 0.56
    fill = next((colour for word, colour in FILLS.items() if word in operation), "#ffffff")
    ax.add_patch(
        FancyBboxPatch(
            (x - width / 2, y - height / 2),
            width,
            height,
            boxstyle="round,pad=0,rounding_size=0.08",
            facecolor=fill if alive else "white",
            edgecolor="black" if alive else "#bbbbbb",
            linestyle="-" if alive else "--",
            zorder=3,
        )
    )
    ax.text(
        x,
        y,
        _two_lines(operation),
        ha="center",
        va="center",
        fontsize=7.5,
        color="black" if alive else "#999999",
        zorder=4,
    )


def _draw_edge(ax: Axes, route: list[tuple[float, float]], *, alive: bool) -> None:
    """A smooth line that is level wherever it leaves, passes or reaches a point of its route."""
    half = 0.31
    (x, y), *rest = route
    points, codes = [(x + half, y)], [Path.MOVETO]
    for index, (x_next, y_next) in enumerate(rest):
        x_start, y_start = points[-1]
        middle, x_end = (x_start + x_next - half) / 2, x_next - half
        points += [(middle, y_start), (middle, y_next), (x_end, y_next)]
        codes += [Path.CURVE4] * 3
        if index < len(rest) - 1:
            points.append((x_next + half, y_next))
            codes.append(Path.LINETO)
    ax.add_patch(
        FancyArrowPatch(
            path=Path(points, codes),
            arrowstyle="-|>",
            mutation_scale=9,
            zorder=2,
            color="#444444" if alive else "#cccccc",
            linestyle="-" if alive else "--",
        )
    )


def _two_lines(operation: str) -> str:
    """Break a long name: nor_conv / 3x3, skip / connect, conv3x3 / bn-relu."""
    sized = re.fullmatch(r"(.+?)_?(\d+x\d+)", operation)
    return "\n".join(sized.groups() if sized else re.split("[_-]", operation, maxsplit=1))
