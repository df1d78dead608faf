import numpy as np
import pytest

from nas_tutorial.spaces import SPACES
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.spaces.graph import INPUT, OUTPUT, Graph
from nas_tutorial.strategies.predictor import (
    bagged_trees,
    features,
    normal_scores,
    one_hot,
    operation_counts,
    paths,
)
from nas_tutorial.strategies.random_search import RandomSearch
from nas_tutorial.trials import Constraint, Objective, ranking_key
from tests.toys import drive, quick

# Input to conv to pool to output, input to conv to output, and a skip past all.
GRAPH = Graph(
    (INPUT, "conv", "pool", "skip", OUTPUT),
    frozenset({(0, 1), (1, 2), (2, 4), (1, 4), (0, 3), (3, 4)}),
)


@pytest.mark.parametrize("name", list(SPACES))
def test_the_one_hot_encoding_is_the_spaces_own(name):
    space = SPACES.load(name)()
    rng = np.random.default_rng(0)
    drawn = [space.sample(rng) for _ in range(20)]
    np.testing.assert_array_equal(one_hot(space, drawn), [space.encode(a) for a in drawn])


def test_operations_are_counted_where_they_work():
    space = EdgeCellSpace()
    # Edges 0-1, 0-2, 1-2, 0-3, 1-3, 2-3; nothing leaves node 2, so what reaches it is dead.
    cell = ("nor_conv_3x3", "nor_conv_1x1", "avg_pool_3x3", "skip_connect", "nor_conv_3x3", "none")
    graphs = [space.graph(Architecture(cell)), space.graph(Architecture(cell)).pruned()]
    counts = operation_counts(space, graphs)  # none, skip, 1x1, 3x3, pooling
    np.testing.assert_array_equal(counts, [[0, 1, 1, 2, 1], [0, 1, 0, 2, 0]])


def test_networks_that_are_one_have_equal_counts():
    space = EdgeCellSpace()
    first = Architecture(("nor_conv_3x3", "avg_pool_3x3", "none", "none", "skip_connect", "none"))
    other = Architecture(("none", "nor_conv_3x3", "none", "none", "none", "skip_connect"))
    graphs = [space.graph(architecture).pruned() for architecture in (first, other)]
    assert graphs[0].fingerprint() == graphs[1].fingerprint()
    np.testing.assert_array_equal(*operation_counts(space, graphs))


def test_scores_of_three_by_hand():
    # Ranks 1, 2 and 3 of 3: the normal quantiles of 1/6, 1/2 and 5/6.
    scores = normal_scores([(0.0, 5.0), (0.0, 1.0), (0.0, 9.0)])
    np.testing.assert_allclose(scores, [0, 0.9674, -0.9674], atol=1e-4)


def test_equal_keys_share_a_score():
    np.testing.assert_allclose(normal_scores([(0.0, 1.0)] * 4), 0, atol=1e-12)
    scores = normal_scores([(0.0, 1.0), (0.0, 1.0), (0.0, 2.0)])
    assert scores[0] == scores[1] > 0 > scores[2]


def test_scores_are_blind_to_the_unit_and_heed_direction_and_constraints():
    trials = drive(RandomSearch(EdgeCellSpace()), quick, 50)

    def scores(objective: Objective, *constraints: Constraint) -> np.ndarray:
        return normal_scores([ranking_key(trial, objective, constraints) for trial in trials])

    accuracy = np.array([trial.value("val_accuracy") for trial in trials])
    upwards = scores(Objective("val_accuracy", "max"))
    assert (np.diff(upwards[np.argsort(accuracy, kind="stable")]) >= 0).all()
    # In the toy both grow with the number of convolutions, in different units.
    np.testing.assert_array_equal(upwards, scores(Objective("parameters", "max")))
    np.testing.assert_allclose(upwards, -scores(Objective("parameters", "min")), atol=1e-12)
    limited = scores(Objective("val_accuracy", "max"), Constraint("parameters", 250))
    keeps = np.array([trial.value("parameters") <= 250 for trial in trials])
    assert limited[keeps].min() > limited[~keeps].max()


def test_paths_by_hand():
    assert sorted(paths(GRAPH)) == [("conv",), ("conv", "pool"), ("skip",)]
    straight = Graph((INPUT, OUTPUT), frozenset({(0, 1)}))
    assert paths(straight) == [()]
    assert paths(Graph((INPUT, OUTPUT), frozenset())) == []


def test_the_order_of_paths_is_the_same_in_every_process():
    # A set of texts would be in another order in each process, and no stored search could go on.
    assert paths(GRAPH) == [("skip",), ("conv",), ("conv", "pool")]


def test_features_are_paths_once_and_operations_counted():
    twice = Graph((INPUT, "conv", "conv", OUTPUT), frozenset({(0, 1), (0, 2), (1, 3), (2, 3)}))
    assert features(twice) == {("conv",): 1, "conv": 2, INPUT: 1, OUTPUT: 1}


def test_networks_that_are_one_have_equal_features():
    space = EdgeCellSpace()
    first = Architecture(("nor_conv_3x3", "avg_pool_3x3", "none", "none", "skip_connect", "none"))
    other = Architecture(("none", "nor_conv_3x3", "none", "none", "none", "skip_connect"))
    described = [features(space.graph(architecture).pruned()) for architecture in (first, other)]
    assert described[0] == described[1]


def test_each_tree_sees_a_bootstrap_sample():
    x, y = np.arange(40, dtype=np.float32)[:, None], np.arange(40.0)
    trees = bagged_trees(x, y, 30, np.random.default_rng(0))
    predictions = np.array([tree.predict(x) for tree in trees])
    assert len(trees) == 30
    # A fully grown tree is right about what it saw: on average 1 - 1/e of the results.
    assert np.mean(predictions == y) == pytest.approx(1 - np.exp(-1), abs=0.05)
    assert len({tuple(row) for row in predictions}) == 30
