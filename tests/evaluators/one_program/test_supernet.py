"""The supernet trains a path as the compiled program trains a network, and nothing beside it."""

import dataclasses
import functools
import json
import pickle
import re

import numpy as np
import pytest

from nas_tutorial.backend import keras
from nas_tutorial.data.datasets import Dataset
from nas_tutorial.evaluators.one_program.supernet import (
    OneShotEvaluator,
    SharedArrays,
    Supernet,
    SupernetProgram,
    on_path,
    with_path,
)
from nas_tutorial.evaluators.one_program.training import CompiledEvaluator
from nas_tutorial.evaluators.recipe import Recipe
from nas_tutorial.evaluators.training import TrainingEvaluator
from nas_tutorial.loop.search import search
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.spaces.flops import count_flops
from nas_tutorial.spaces.skeleton import Skeleton
from nas_tutorial.strategies.regularized_evolution import RegularizedEvolution
from nas_tutorial.trials import Candidate
from tests.on_jax import assert_passes_on_jax, not_on_jax_itself
from tests.toys import waves

ops = keras.ops
SPACE = EdgeCellSpace()
SKELETON = Skeleton(filters=4, cells=(2,))
FIRST = Architecture(("nor_conv_3x3", "nor_conv_1x1", "avg_pool_3x3", "skip_connect", "none",
                      "nor_conv_3x3"))  # fmt: skip
SECOND = Architecture(("nor_conv_1x1", "nor_conv_1x1", "nor_conv_3x3", "none", "none",
                       "skip_connect"))  # fmt: skip
WITH_A_DEAD_EDGE = Architecture(("nor_conv_3x3", "nor_conv_1x1", "none", "none", "none",
                                 "nor_conv_3x3"))  # fmt: skip
EPOCHS = 20


DATA = Dataset(
    "waves", waves(0, 600, 12), waves(1, 250, 12), waves(2, 60, 12), class_names=("a", "b", "c")
)


class Fewer(EdgeCellSpace):
    OPERATIONS = ("avg_pool_3x3", "none", "skip_connect")


def test_paths_are_those_of_the_space():
    fewer = Supernet(dataclasses.replace(RECIPE, space=Fewer()))
    names = {EdgeCellSpace.OPERATIONS[place] for place in np.unique(fewer.paths)}
    assert names == set(Fewer.OPERATIONS)
    with pytest.raises(ValueError, match="got 'nor_conv_1x1'"):
        fewer.weights(Architecture(("nor_conv_1x1",) * 6))


RECIPE = Recipe(SPACE, DATA, SKELETON, EPOCHS, batch_size=100)


@functools.cache
def program() -> SupernetProgram:
    return Supernet(RECIPE)._program


def supernet(*held_to: Architecture, seed: int = 5, epochs: int = EPOCHS) -> Supernet:
    """A supernet that draws from these paths, or from all; it shares what is compiled."""
    recipe = dataclasses.replace(RECIPE, epochs=epochs)
    one = Supernet(recipe, architectures=held_to or None, seed=seed)
    one._program = program()
    return one


@pytest.fixture(scope="module")
def trained():
    one = supernet()
    one.train()
    return one


@pytest.fixture(scope="module")
def alone():
    return CompiledEvaluator(RECIPE)


# --- what paths share -----------------------------------------------------------------------------


def counted() -> SharedArrays:
    """Two cells: stem of two numbers, 12 edges with five rows of three, head of one."""
    edges = np.arange(12 * 5 * 3, dtype="float32").reshape(60, 3)
    parts = np.array([-1.0, -2.0], "float32"), edges, np.array([-3.0], "float32")
    return SharedArrays(*map(ops.convert_to_tensor, parts))


def test_a_path_picks_the_row_of_its_operation_on_each_edge():
    operations = [3, 0, 2, 4, 1, 3]
    vector = ops.convert_to_numpy(on_path(counted(), np.array(operations, "int32")))
    rows = [5 * edge + operations[edge % 6] for edge in range(12)]
    np.testing.assert_array_equal(vector[2:-1].reshape(12, 3)[:, 0], 3 * np.array(rows))
    np.testing.assert_array_equal(vector[[0, 1, -1]], [-1, -2, -3])


def test_putting_a_path_back_changes_its_rows_alone():
    shared, operations = counted(), np.array([3, 0, 2, 4, 1, 3], "int32")
    changed = with_path(shared, operations, on_path(shared, operations) + 1000)
    assert ops.convert_to_numpy(changed.stem).tolist() == [999, 998]
    moved = ops.convert_to_numpy(changed.edges) - ops.convert_to_numpy(shared.edges)
    expected = np.zeros((12, 5, 3))
    for edge in range(12):
        expected[edge, operations[edge % 6]] = 1000
    np.testing.assert_array_equal(moved, expected.reshape(60, 3))


# --- training -------------------------------------------------------------------------------------


@pytest.mark.parametrize("architecture", [FIRST, WITH_A_DEAD_EDGE], ids=str)
def test_held_to_one_path_it_takes_the_steps_that_keras_takes(alone, architecture):
    """From equal weights; the loss of an epoch of Keras is the mean over its steps."""
    model = RECIPE.build(architecture, seed=1)
    weights = alone.stacked.weights_of(model, alone.stacked.operations(architecture))
    one = supernet(architecture)
    one.set_weights(architecture, weights)
    one.train(1)
    losses = TrainingEvaluator(RECIPE).fit(model, DATA.x_train, DATA.y_train, seed=5, epochs=1)
    assert one.losses.mean() == pytest.approx(losses[0], abs=1e-3)


def test_held_to_one_path_it_trains_what_the_compiled_program_trains(alone):
    one = supernet(FIRST)
    run = alone.start(FIRST, seed=5, weights=one.weights(FIRST))
    one.train(2)
    run.train_to(12)
    np.testing.assert_allclose(one.losses, run.losses, atol=1e-4)
    weights, _, statistics = run.state
    np.testing.assert_allclose(one.weights(FIRST), weights, atol=1e-3)
    collected = one.statistics(FIRST, recalibration=0, seed=0)
    np.testing.assert_allclose(collected, statistics, atol=1e-3)


def rows_off(architecture: Architecture, one: Supernet) -> np.ndarray:
    """Whether each row of what is shared lies off an architecture's path."""
    operations = one.stacked.operations(architecture)
    off = np.ones((one.stacked.cells * 6, 5), dtype=bool)
    for edge in range(len(off)):
        off[edge, operations[edge % 6]] = False
    return off.ravel()


def test_training_a_path_leaves_all_others_as_they_are():
    """Weights, their velocity and their statistics; the other path had moved before."""
    before = supernet(SECOND)
    before.train(1)
    one = supernet(FIRST)
    one.state = before.state
    one.train(1)
    off = rows_off(FIRST, one)
    for shared, earlier in zip(one.state, before.state, strict=True):
        now, then = ops.convert_to_numpy(shared.edges), ops.convert_to_numpy(earlier.edges)
        np.testing.assert_array_equal(now[off], then[off])
    weights, velocity, _ = (ops.convert_to_numpy(shared.edges) for shared in one.state)
    conv3_on_the_last_edge = 5 * 5 + 3  # on FIRST alone
    conv1_on_the_first_edge = 0 + 2  # on SECOND alone
    earlier = ops.convert_to_numpy(before.state.weights.edges)
    assert np.abs(weights - earlier)[conv3_on_the_last_edge].max() > 0.01
    assert np.abs(velocity)[conv1_on_the_first_edge].max() > 0


def test_paths_are_drawn_from_all_live_encodings_alike():
    paths = supernet(epochs=500).paths
    assert paths.shape == (3000, 6)
    for path in paths[:200]:
        one = Architecture(tuple(SPACE.OPERATIONS[place] for place in path))
        assert SPACE.without_dead_edges(one) == one
    live = [one for one in SPACE if SPACE.without_dead_edges(one) == one]
    for edge in range(6):
        shares = [np.mean([one.values[edge] == name for one in live]) for name in SPACE.OPERATIONS]
        drawn = np.bincount(paths[:, edge], minlength=5) / len(paths)
        np.testing.assert_allclose(drawn, shares, atol=0.03)  # four standard errors


def test_paths_stay_what_they_are():
    """Stored records of supernets were made with these: another rule would break them silently."""
    assert supernet(seed=5).paths[:3].tolist() == [
        [1, 2, 2, 4, 1, 1],
        [4, 0, 2, 4, 1, 4],
        [4, 0, 3, 1, 1, 2],
    ]


def test_it_learns(trained):
    assert trained.losses[-6:].mean() < 0.8 * trained.losses[:6].mean()
    assert trained.seconds > 0


def test_stopping_and_going_on_is_the_same_as_going_through(trained):
    stopped = supernet()
    for epochs in (0.5, 1, 2):
        stopped.train(epochs)
    np.testing.assert_allclose(stopped.losses, trained.losses[:12], rtol=1e-4)


def test_the_seed_decides(trained):
    again, other = supernet(), supernet(seed=6)
    again.train(1)
    other.train(1)
    np.testing.assert_allclose(again.losses, trained.losses[:6], rtol=1e-4)
    assert np.abs(other.losses - again.losses).max() > 0.01
    assert (other.paths != again.paths).any()


# --- statistics -----------------------------------------------------------------------------------


def test_recalibration_finds_the_statistics_of_a_pass_of_the_network_alone(alone):
    """Keras moves its statistics by a tenth towards those of the batch, from mean 0, variance 1."""
    chain = Architecture(("nor_conv_3x3", "none", "skip_connect", "none", "none", "nor_conv_1x1"))
    model = RECIPE.build(chain, seed=1)
    weights = alone.stacked.weights_of(model, alone.stacked.operations(chain))
    one = supernet()
    one.set_weights(chain, weights)
    for recalibration in (1, 2):
        found = one.statistics(chain, recalibration, seed=3)
        order = np.random.default_rng(3).permutation(600)
        expected = []
        for batch in range(recalibration):
            fresh = keras.models.clone_model(model)
            fresh.set_weights(model.get_weights())
            fresh(DATA.x_train[order[250 * batch :][:250]], training=True)
            expected.append([moved_by_a_batch(norm) for norm in norms_in_order(fresh)])
        names = (0, 1, 6, 7, 12, 13)  # stem, first and last edge of each cell, head
        np.testing.assert_allclose(found[list(names)], np.mean(expected, axis=0), atol=1e-3)


def norms_in_order(model) -> list:
    norms = [one for one in model.layers if type(one).__name__ == "BatchNormalization"]
    return sorted(norms, key=lambda one: [int(n) for n in re.findall(r"_(\d+)$", one.name)])


def moved_by_a_batch(norm) -> np.ndarray:
    mean, variance = (np.asarray(variable) for variable in norm.get_weights()[2:])
    return np.stack([10 * mean, 10 * (variance - 0.9)])


def test_without_recalibration_they_are_those_that_training_collected(trained):
    first, other = (trained.statistics(FIRST, 0, seed) for seed in (0, 1))
    np.testing.assert_array_equal(first, other)
    fresh, again = (trained.statistics(FIRST, 1, seed) for seed in (0, 1))
    assert np.abs(fresh - again).max() > 1e-4
    assert np.abs(fresh - first).max() > 0.05  # of many paths, and of this one


def test_with_fewer_samples_than_a_batch_it_takes_all():
    few = Dataset(
        "few", waves(0, 90, 12), waves(1, 50, 12), waves(2, 60, 12), class_names=("a", "b", "c")
    )
    one = Supernet(SPACE, few, skeleton=SKELETON, epochs=EPOCHS)
    np.testing.assert_allclose(
        one.statistics(FIRST, 1, seed=0), one.statistics(FIRST, 9, seed=1), atol=1e-5
    )


# --- the evaluator --------------------------------------------------------------------------------


def test_a_result_has_the_metrics_of_the_network_and_changes_nothing(trained, alone):
    evaluator = OneShotEvaluator(trained)
    before = trained.weights(FIRST)
    result = evaluator(Candidate(FIRST), seed=0)
    model = RECIPE.build(FIRST, seed=0)
    assert result.metrics["parameters"] == model.count_params()
    assert result.metrics["flops"] == count_flops(model)
    assert result.error is None and result.seconds > 0
    run = trained.run(FIRST)
    assert result.metrics["val_accuracy"] == np.mean(run.predict(DATA.x_val) == DATA.y_val)
    run.train_to(3)
    np.testing.assert_array_equal(trained.weights(FIRST), before)


def test_it_tells_a_trained_path_from_nothing(trained):
    evaluator = OneShotEvaluator(trained)
    nothing = evaluator(Candidate(Architecture(("none",) * 6)), seed=0)
    assert nothing.metrics["val_accuracy"] < 0.5  # three classes, and no input
    assert evaluator(Candidate(FIRST), seed=0).metrics["val_accuracy"] > 0.55


def test_a_strategy_searches_by_it(trained):
    strategy = RegularizedEvolution(SPACE, population_size=3, tournament_size=2, seed=0)
    history = search(strategy, OneShotEvaluator(trained), trials=12, progress=False)
    assert len(history) == 12 and not any(trial.failed for trial in history)


def test_it_pickles_with_its_weights(trained):
    evaluator = OneShotEvaluator(trained, recalibration=2)
    copy = pickle.loads(pickle.dumps(evaluator))
    assert json.dumps(copy.describe()) == json.dumps(evaluator.describe())
    assert copy.supernet.seconds == trained.seconds
    np.testing.assert_array_equal(copy.supernet.losses, trained.losses)
    np.testing.assert_array_equal(copy.supernet.weights(FIRST), trained.weights(FIRST))
    for ours, theirs in zip(copy.supernet.state, trained.state, strict=True):
        for own, other in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(own, ops.convert_to_numpy(other))


def test_supernets_that_differ_describe_themselves_otherwise(trained):
    described = trained.describe()
    assert described["steps"] == 120 and described["epochs"] == EPOCHS
    for other in (supernet(), supernet(FIRST), supernet(seed=6)):
        assert other.describe() != described


# --- what is refused ------------------------------------------------------------------------------


def test_a_supernet_that_is_not_trained_does_not_score():
    with pytest.raises(ValueError, match=r"must be trained.*Call supernet\.train"):
        OneShotEvaluator(supernet())


def test_a_candidate_with_epochs_is_refused(trained):
    with pytest.raises(ValueError, match=r"must leave epochs out here, got 2.*without rungs"):
        OneShotEvaluator(trained)(Candidate(FIRST, epochs=2), seed=0)


def test_a_foreign_architecture_is_refused(trained):
    with pytest.raises(ValueError, match="must have 6 values"):
        OneShotEvaluator(trained)(Candidate(Architecture(("none",))), seed=0)
    with pytest.raises(ValueError, match="must have 6 values"):
        supernet(Architecture(("none",)))


def test_there_must_be_a_path():
    with pytest.raises(ValueError, match=r"must hold a path to draw, got none\. Leave them out"):
        Supernet(RECIPE, architectures=[])


@pytest.mark.parametrize("epochs", [EPOCHS + 1, 1])
def test_training_goes_on_and_not_beyond_its_end(trained, epochs):
    with pytest.raises(
        ValueError, match=rf"between the 20 .* own 20, got {epochs}\. Make a supernet"
    ):
        trained.train(epochs)


def test_a_diverged_training_says_so():
    wild = Supernet(dataclasses.replace(RECIPE, learning_rate=3e38))
    wild._program = program()
    with pytest.raises(FloatingPointError, match="Lower the learning rate"):
        wild.train()


def test_another_kind_of_network_is_refused():
    with pytest.raises(ValueError, match=r"must get an EdgeCellSpace"):
        Supernet(ChainSpace(), DATA, skeleton=SKELETON)


@not_on_jax_itself
def test_all_of_this_holds_on_jax_too():
    assert_passes_on_jax(__file__)
