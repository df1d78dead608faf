import itertools

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas
import pytest
from matplotlib.colors import to_rgba
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from nas_tutorial.history import History
from nas_tutorial.loop.search import search
from nas_tutorial.reporting import plots
from nas_tutorial.spaces import SPACES
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.spaces.graph import INPUT, OUTPUT, Graph
from nas_tutorial.statistics.repeats import compare, quartiles
from nas_tutorial.statistics.tests import friedman_nemenyi, paired_difference
from nas_tutorial.strategies.genetic import Genetic
from nas_tutorial.strategies.random_search import RandomSearch
from nas_tutorial.trials import Constraint, Objective
from tests.toys import fragile, hopeless, noisy

SPACE = EdgeCellSpace()
HISTORY = search(Genetic(SPACE), fragile, trials=40, progress=False)
FAILED = search(RandomSearch(SPACE), hopeless, trials=5, progress=False)
QUARTILES = quartiles(
    compare(
        {
            "random": lambda seed: RandomSearch(SPACE, seed=seed),
            "genetic": lambda seed: Genetic(SPACE, seed=seed),
        },
        noisy,
        trials=20,
        seeds=range(4),
    )
)
RANKS = friedman_nemenyi(
    pandas.DataFrame(  # b and c cannot be told apart, a and d stand alone
        {"a": np.full(20, 4.0), "b": [3.0, 2.0] * 10, "c": [2.0, 3.0] * 10, "d": np.full(20, 1.0)}
    )
)
GRAPH = SPACE.graph(SPACE.sample(np.random.default_rng(0)))

DRAWINGS = {
    "incumbent": lambda ax: plots.plot_incumbent(HISTORY, ax=ax),
    "tradeoff": lambda ax: plots.plot_tradeoff(HISTORY, ax=ax),
    "graph": lambda ax: plots.plot_graph(GRAPH, ax=ax),
    "confusion": lambda ax: plots.plot_confusion([0, 1], [0, 0], ["a", "b"], ax=ax),
    "comparison": lambda ax: plots.plot_comparison(QUARTILES, ax=ax),
    "critical_difference": lambda ax: plots.plot_critical_difference(RANKS, ax=ax),
}


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def legend(ax) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def dots(ax) -> dict[str, np.ndarray]:
    """Label of each group of dots -> their positions, of shape (number, 2)."""
    return {c.get_label(): np.asarray(c.get_offsets()) for c in ax.collections}


def boxes(ax) -> list[FancyBboxPatch]:
    return [patch for patch in ax.patches if isinstance(patch, FancyBboxPatch)]


def arrows(ax) -> list[FancyArrowPatch]:
    return [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]


@pytest.mark.parametrize("name", list(DRAWINGS))
def test_it_draws_on_the_axes_that_it_is_given(name):
    figure, (left, right) = plt.subplots(1, 2)
    assert DRAWINGS[name](right) is right
    assert right.has_data() or right.patches
    assert not left.has_data() and not left.patches
    assert plt.get_fignums() == [figure.number]
    figure.canvas.draw()


@pytest.mark.parametrize("name", list(DRAWINGS))
def test_without_axes_it_makes_one_figure(name):
    ax = DRAWINGS[name](None)
    assert plt.get_fignums() == [ax.figure.number]
    ax.figure.canvas.draw()


@pytest.mark.parametrize("name", ["incumbent", "tradeoff", "confusion", "comparison"])
def test_axes_are_named_and_the_title_says_what_is_counted(name):
    ax = DRAWINGS[name](None)
    assert ax.get_xlabel() and ax.get_ylabel()
    assert "n = " in ax.get_title() or "quartiles" in ax.get_title()


# The incumbent


def test_the_incumbent_is_a_step_curve_of_the_best_so_far():
    # Published mistake: interpolated curves show an accuracy that nobody had yet.
    ax = plots.plot_incumbent(HISTORY)
    (line,) = ax.get_lines()
    assert line.get_drawstyle() == "steps-post"
    np.testing.assert_array_equal(line.get_xdata(), np.arange(1, 41))
    np.testing.assert_array_equal(line.get_ydata(), HISTORY.incumbent(Objective()))


def test_each_trial_is_a_dot_by_where_it_came_from():
    ax = plots.plot_incumbent(HISTORY)
    groups = dots(ax)
    assert list(groups) == ["drawn at random", "bred", "failed"]
    expected = {"drawn at random": set(), "bred": set(), "failed": set()}
    for trial in HISTORY:
        origin = "bred" if trial.candidate.parents else "drawn at random"
        expected["failed" if trial.failed else origin].add(trial.number + 1)
    assert all(expected.values())
    assert {label: set(places[:, 0]) for label, places in groups.items()} == expected
    for x, y in itertools.chain(groups["drawn at random"], groups["bred"]):
        assert y == HISTORY[int(x) - 1].value("val_accuracy")
    assert set(legend(ax)) == {"best so far", *groups}


def test_bred_dots_are_filled_and_drawn_ones_open():
    ax = plots.plot_incumbent(HISTORY)
    faces = {c.get_label(): tuple(c.get_facecolor()[0]) for c in ax.collections}
    assert faces["drawn at random"] == to_rgba("white")
    assert faces["bred"] == to_rgba(plots.COLOURS[1])


def test_failed_trials_are_crosses_within_the_picture():
    ax = plots.plot_incumbent(HISTORY)
    ax.figure.canvas.draw()
    low, high = ax.get_ylim()
    assert all(low <= y <= high for y in dots(ax)["failed"][:, 1])


def test_a_history_in_which_everything_failed_can_be_drawn():
    ax = plots.plot_incumbent(FAILED)
    ax.figure.canvas.draw()
    assert list(dots(ax)) == ["failed"]
    assert len(dots(ax)["failed"]) == 5
    ax = plots.plot_tradeoff(FAILED)
    ax.figure.canvas.draw()
    assert len(ax.collections[0].get_offsets()) == 0


@pytest.mark.parametrize("draw", [plots.plot_incumbent, plots.plot_tradeoff])
def test_an_empty_history_can_be_drawn(draw):
    draw(History()).figure.canvas.draw()


def test_a_minimised_objective_goes_down():
    ax = plots.plot_incumbent(HISTORY, Objective("seconds", "min"))
    values = ax.get_lines()[0].get_ydata()
    values = values[~np.isnan(values)]
    assert (np.diff(values) <= 0).all() and values[-1] < values[0]
    assert ax.get_ylabel() == "seconds (s)"


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("val_accuracy", "validation accuracy"),
        ("parameters", "parameters"),
        ("latency_ms", "latency (ms)"),
        ("flops", "FLOPs a sample"),
    ],
)
def test_axes_carry_units(name, label):
    def toy(candidate, *, seed):
        result = noisy(candidate, seed=seed)
        return type(result)({**result.metrics, "latency_ms": 2.0, "flops": 3}, 1.0)

    history = search(RandomSearch(SPACE), toy, trials=3, progress=False)
    assert plots.plot_incumbent(history, Objective(name)).get_ylabel() == label
    assert plots.plot_tradeoff(history, Objective(), name).get_xlabel() == label


# Costs


def test_the_tradeoff_shows_every_trial_that_succeeded_and_rings_the_best():
    ax = plots.plot_tradeoff(HISTORY)
    every, ring = (np.asarray(c.get_offsets()) for c in ax.collections)
    succeeded = [trial for trial in HISTORY if not trial.failed]
    expected = [[t.value("parameters"), t.value("val_accuracy")] for t in succeeded]
    np.testing.assert_array_equal(every, expected)
    best = HISTORY.best(Objective())
    np.testing.assert_array_equal(ring, [[best.value("parameters"), best.value("val_accuracy")]])
    assert ax.get_title() == f"Cost, n = {len(succeeded)}"
    assert legend(ax) == ["front", "best"]


def test_what_breaks_a_limit_is_not_ringed_nor_the_incumbent():
    # Convolutions pay and cost: without the limit the best has more than 250 parameters.
    limit = Constraint("parameters", 250)
    assert HISTORY.best(Objective()).value("parameters") > 250
    best = HISTORY.best(Objective(), [limit])
    over = [t for t in HISTORY if not t.failed and t.value("parameters") > 250]

    ax = plots.plot_tradeoff(HISTORY, constraints=[limit])
    assert dots(ax)["best"].tolist() == [[best.value("parameters"), best.value("val_accuracy")]]
    assert dots(ax)["over a limit"].tolist() == [
        [t.value("parameters"), t.value("val_accuracy")] for t in over
    ]
    assert ax.get_lines()[0].get_xdata()[:-1].max() <= 250

    ax = plots.plot_incumbent(HISTORY, constraints=[limit])
    assert ax.get_lines()[0].get_ydata()[-1] == best.value("val_accuracy")
    assert set(dots(ax)["over a limit"][:, 0]) == {trial.number + 1 for trial in over}


@pytest.mark.parametrize("draw", [plots.plot_incumbent, plots.plot_tradeoff])
def test_a_history_in_which_nothing_keeps_the_constraints_can_be_drawn(draw):
    ax = draw(HISTORY, constraints=(limit for limit in [Constraint("parameters", 50)]))
    ax.figure.canvas.draw()
    assert {"drawn at random", "bred", "best", "front"}.isdisjoint(legend(ax))
    assert "over a limit" in legend(ax)


def test_the_ring_follows_the_direction():
    ax = plots.plot_tradeoff(HISTORY, Objective("val_accuracy", "min"))
    every, ring = (np.asarray(c.get_offsets()) for c in ax.collections)
    assert ring[0, 1] == every[:, 1].min()


@pytest.mark.parametrize("objective", [Objective(), Objective("seconds", "min")])
def test_the_line_is_the_best_that_each_cost_buys(objective):
    ax = plots.plot_tradeoff(HISTORY, objective)
    (line,) = ax.get_lines()
    assert line.get_drawstyle() == "steps-post"
    places = np.asarray(ax.collections[0].get_offsets())
    pick = max if objective.direction == "max" else min
    for x, y in zip(*line.get_data(), strict=True):
        assert y == pick(places[places[:, 0] <= x, 1])
    assert line.get_xdata()[0] == places[:, 0].min()
    assert line.get_xdata()[-1] == places[:, 0].max()


# Graphs


@pytest.fixture(params=list(SPACES))
def graphs(request) -> list[Graph]:
    space = SPACES.load(request.param)()
    rng = np.random.default_rng(3)
    return [space.graph(space.sample(rng)) for _ in range(12)]


def words(text) -> str:
    return text.get_text().replace("\n", "")


def test_a_graph_has_a_box_with_its_operation_for_each_node_and_an_arrow_for_each_edge(graphs):
    for graph in graphs:
        ax = plots.plot_graph(graph)
        assert len(boxes(ax)) == len(ax.texts) == len(graph.operations)
        assert len(arrows(ax)) == len(graph.edges)
        shown = sorted(words(text).replace("_", "").replace("-", "") for text in ax.texts)
        assert shown == sorted(o.replace("_", "").replace("-", "") for o in graph.operations)
        plt.close(ax.figure)


def test_boxes_do_not_overlap_and_lie_within_the_axes(graphs):
    for graph in graphs:
        ax = plots.plot_graph(graph)
        extents = [box.get_bbox() for box in boxes(ax)]
        assert not any(a.overlaps(b) for a, b in itertools.combinations(extents, 2))
        (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
        for box in extents:
            assert left <= box.x0 < box.x1 <= right
            assert bottom <= box.y0 < box.y1 <= top
        plt.close(ax.figure)


def test_texts_fit_into_their_boxes(graphs):
    for graph in graphs:
        ax = plots.plot_graph(graph)
        ax.figure.canvas.draw()
        for box, text in zip(boxes(ax), ax.texts, strict=True):
            around, inside = box.get_window_extent(), text.get_window_extent()
            assert around.x0 <= inside.x0 < inside.x1 <= around.x1, text.get_text()
            assert around.y0 <= inside.y0 < inside.y1 <= around.y1, text.get_text()
        plt.close(ax.figure)


def test_what_does_no_work_is_pale_and_dashed():
    values = ("nor_conv_3x3", "skip_connect", "none", "nor_conv_1x1", "none", "avg_pool_3x3")
    graph = SPACE.graph(Architecture(values))  # node 1 of the cell leads nowhere
    dead = set(range(len(graph.operations))) - graph.live_nodes()
    assert [graph.operations[node] for node in dead] == ["nor_conv_3x3"]
    ax = plots.plot_graph(graph)
    pale = [box.get_linestyle() != "solid" and box.get_linestyle() != "-" for box in boxes(ax)]
    assert [node for node, is_pale in enumerate(pale) if is_pale] == sorted(dead)
    dashed = [arrow for arrow in arrows(ax) if arrow.get_linestyle() not in ("-", "solid")]
    assert len(dashed) == sum(s in dead or t in dead for s, t in graph.edges) == 1


def test_a_graph_without_a_path_can_be_drawn():
    ax = plots.plot_graph(Graph((INPUT, "nor_conv_3x3", OUTPUT), frozenset()))
    ax.figure.canvas.draw()
    assert len(boxes(ax)) == 3 and not arrows(ax)


# Confusions


def test_a_confusion_shows_its_counts_true_classes_in_rows():
    ax = plots.plot_confusion([0, 0, 0, 1, 2, 2], [0, 0, 2, 1, 2, 2], ["cat", "dog", "owl"])
    assert {t.get_position(): t.get_text() for t in ax.texts} == {
        (0, 0): "2",
        (2, 0): "1",  # one cat (row 0) was called an owl (column 2)
        (1, 1): "1",
        (2, 2): "2",
    }
    assert [t.get_text() for t in ax.get_xticklabels()] == ["cat", "dog", "owl"]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["cat", "dog", "owl"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted class", "true class")
    assert ax.get_title() == "Confusion, n = 6"


def test_rows_are_coloured_by_their_shares():
    ax = plots.plot_confusion([0, 0, 0, 0, 1], [0, 0, 0, 1, 1], ["a", "b"])
    (image,) = ax.get_images()
    np.testing.assert_allclose(image.get_array(), [[0.75, 0.25], [0, 1]])
    white = {t.get_position() for t in ax.texts if t.get_color() == "white"}
    assert white == {(0, 0), (1, 1)}


def test_a_class_that_never_occurs_is_a_row_of_nothing():
    ax = plots.plot_confusion([0, 1], [0, 1], ["a", "b", "never"])
    np.testing.assert_array_equal(ax.get_images()[0].get_array()[2], [0, 0, 0])


def test_long_class_names_are_turned():
    short = plots.plot_confusion([0, 1], [0, 1], ["a", "b"])
    long = plots.plot_confusion([0, 1], [0, 1], ["T-shirt", "ankle boot"])
    assert short.get_xticklabels()[0].get_rotation() == 0
    assert long.get_xticklabels()[0].get_rotation() == 90


# Comparisons


def test_a_comparison_has_a_step_curve_and_a_band_for_each_strategy():
    ax = plots.plot_comparison(QUARTILES)
    assert legend(ax) == ["random", "genetic"]
    assert len(ax.collections) == 2
    for name, line in zip(("random", "genetic"), ax.get_lines(), strict=True):
        rows = QUARTILES[QUARTILES["strategy"] == name]
        assert line.get_drawstyle() == "steps-post"
        np.testing.assert_array_equal(line.get_xdata(), rows["trial"])
        np.testing.assert_array_equal(line.get_ydata(), rows["median"])


def test_a_band_lies_between_the_quartiles():
    ax = plots.plot_comparison(QUARTILES)
    for name, band in zip(("random", "genetic"), ax.collections, strict=True):
        rows = QUARTILES[QUARTILES["strategy"] == name]
        heights = band.get_paths()[0].vertices[:, 1]
        assert heights.min() == rows["lower_quartile"].min()
        assert heights.max() == rows["upper_quartile"].max()
        steps = np.diff(band.get_paths()[0].vertices, axis=0)
        assert (steps == 0).any(axis=1).all()  # every side is level or upright


def test_the_legend_says_where_fewer_than_all_seeds_stand_behind_a_band():
    limit = Constraint("parameters", 150)
    strategies = {
        "limited": lambda seed: RandomSearch(SPACE, seed=seed, constraints=[limit]),
        "free": lambda seed: RandomSearch(SPACE, seed=seed),
    }
    comparison = compare(strategies, noisy, trials=20, seeds=range(9))
    of_limited = comparison[comparison["strategy"] == "limited"]
    counts = of_limited.groupby("trial")["incumbent"].count()
    last = int((counts < 9).sum())
    assert 1 < last < 20 and counts[1] < counts[last]
    where = f"(trial 1 to {last}: {counts[1]} to {counts[last]} of 9 seeds)"
    assert legend(plots.plot_comparison(quartiles(comparison))) == [f"limited {where}", "free"]
    assert legend(plots.plot_difference(comparison, "free")) == [f"limited {where}"]


def test_a_difference_is_that_of_the_pairs_that_there_are():
    runs = two_runs(0.2)
    runs.loc[(runs["trial"] == 1) & (runs["seed"] == 2), "incumbent"] = np.nan
    ax = plots.plot_difference(runs, "random")
    assert ax.get_lines()[0].get_ydata() == pytest.approx([20.5, 21])
    assert legend(ax) == ["genetic (trial 1: 2 of 3 seeds)"]


def test_the_difference_of_one_seed_is_refused():
    with pytest.raises(ValueError, match=r"number of seeds must be .* at least 2, got 1"):
        plots.plot_difference(two_runs(0.1).query("seed == 0"), "random")


def test_curves_differ_in_greyscale_too():
    frame = pandas.concat([QUARTILES.assign(strategy=name) for name in "abcd"])
    lines = plots.plot_comparison(frame[frame["trial"] > 0]).get_lines()
    assert len({line.get_linestyle() for line in lines}) == 4
    assert len({line.get_color() for line in lines}) == 4


def test_the_value_is_named_as_asked():
    assert plots.plot_comparison(QUARTILES, ylabel="regret").get_ylabel() == "regret"


def test_a_comparison_may_go_along_the_seconds():
    rows = QUARTILES.rename(columns={"trial": "seconds"})
    ax = plots.plot_comparison(rows, over="seconds")
    assert ax.get_xlabel() == "seconds (s)"
    np.testing.assert_array_equal(ax.get_lines()[0].get_xdata(), range(1, 21))


# Critical differences


def test_ranks_are_marked_and_bars_join_what_cannot_be_told_apart():
    ax = plots.plot_critical_difference(RANKS)
    markers = sorted(float(dot.get_offsets()[0, 0]) for dot in ax.collections)
    assert markers == [1.0, 2.5, 2.5, 4.0]
    bars = [line.get_xdata() for line in ax.get_lines() if line.get_linewidth() == 4]
    assert [sorted(bar) for bar in bars] == [[2.5, 2.5]]
    (scale,) = [line.get_xdata() for line in ax.get_lines() if line.get_marker() == "|"]
    assert np.ptp(scale) == pytest.approx(RANKS.critical_difference)
    assert f"critical difference {RANKS.critical_difference:.2f}" in texts(ax)
    assert ax.get_title() == "Average rank, 1 is best; n = 20, level 0.05"


def texts(ax) -> list[str]:
    return [text.get_text() for text in ax.texts]


@pytest.mark.parametrize("number", [3, 4, 9])
@pytest.mark.parametrize("spread", [0.0, 0.1, 3.0])
def test_labels_and_ticks_of_ranks_do_not_overlap(number, spread):
    scores = np.random.default_rng(0).random((12, number)) + spread * np.arange(number)
    if not spread:
        scores[:] = 0.5  # all level: one point on the line
    names = [f"a_strategy_of_a_long_name_{i}" for i in range(number)]
    ax = plots.plot_critical_difference(friedman_nemenyi(pandas.DataFrame(scores, columns=names)))
    ax.figure.canvas.draw()
    assert all(any(name in text for text in texts(ax)) for name in names)
    low, high = ax.get_xlim()
    ticks = [
        label
        for place, label in zip(ax.get_xticks(), ax.get_xticklabels())
        if low <= place <= high and label.get_text()
    ]
    boxes = [text.get_window_extent() for text in [*ax.texts, *ticks, ax.title]]
    assert not any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2))
    whole = ax.figure.bbox
    assert all(whole.x0 <= box.x0 and box.x1 <= whole.x1 and box.y1 <= whole.y1 for box in boxes)


def test_the_style_holds_only_what_matplotlib_knows():
    with plt.rc_context(plots.STYLE):
        assert plt.rcParams["axes.grid"] is True


# Differences to a baseline


def two_runs(lead: float) -> pandas.DataFrame:
    """Two strategies, three seeds, two trials; the second is ahead by `lead` and more with the seed."""
    return pandas.DataFrame(
        [
            (name, seed, trial, 0.5 + 0.1 * seed + ahead * (lead + 0.01 * seed))
            for name, ahead in (("random", 0), ("genetic", 1))
            for seed in range(3)
            for trial in (1, 2)
        ],
        columns=["strategy", "seed", "trial", "incumbent"],
    )


def test_a_difference_is_paired_by_seed_and_has_the_interval_of_the_mean():
    ax = plots.plot_difference(two_runs(0.2), "random")
    (line, zero) = ax.get_lines()
    assert line.get_ydata() == pytest.approx([21, 21])  # the seeds' own levels cancel
    expected = paired_difference(np.array([20.0, 21.0, 22.0]))
    heights = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert (heights.min(), heights.max()) == pytest.approx((expected.low, expected.high))
    assert set(zero.get_ydata()) == {0}
    assert legend(ax) == ["genetic"]


def test_an_unknown_baseline_is_refused():
    with pytest.raises(ValueError, match=r"got 'randm'\. Did you mean 'random'"):
        plots.plot_difference(two_runs(0.1), "randm")
