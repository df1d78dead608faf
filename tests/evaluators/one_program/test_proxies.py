"""The compiled program gives a network the scores that it gets as a Keras model."""

import json
import pickle

import numpy as np
import pytest

from nas_tutorial.data.datasets import Dataset
from nas_tutorial.evaluators.one_program.proxies import CompiledProxyEvaluator
from nas_tutorial.evaluators.proxies import PROXIES, first_batch
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.spaces.skeleton import Skeleton
from nas_tutorial.trials import Candidate
from tests.on_jax import assert_passes_on_jax, not_on_jax_itself

SPACE = EdgeCellSpace()
SKELETON = Skeleton(filters=4, cells=(2,))
EMPTY = Architecture(("none",) * 6)
ARCHITECTURES = [
    Architecture(("nor_conv_3x3", "nor_conv_1x1", "avg_pool_3x3", "skip_connect", "none",
                  "nor_conv_3x3")),
    Architecture(("avg_pool_3x3", "none", "none", "skip_connect", "nor_conv_1x1", "none")),
    Architecture(("none", "none", "none", "avg_pool_3x3", "nor_conv_3x3", "none")),
    EMPTY,
]  # fmt: skip
RNG = np.random.default_rng(0)
PART = (
    RNG.standard_normal((40, 12, 1)).astype("float32"),
    RNG.integers(3, size=40).astype("int32"),
)
DATA = Dataset("noise", PART, PART, PART, class_names=("a", "b", "c"))


@pytest.fixture(scope="module")
def evaluator():
    return CompiledProxyEvaluator(SPACE, DATA, skeleton=SKELETON, batch_size=8)


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=str)
def test_from_equal_weights_the_scores_of_the_keras_model(evaluator, architecture):
    model = evaluator.recipe.build(architecture, seed=1)
    operations = evaluator.stacked.operations(architecture)
    weights = evaluator.stacked.weights_of(model, operations)
    batch = first_batch(DATA, 8, seed=5)
    for name, score in evaluator.scores(architecture, seed=5, weights=weights).items():
        assert score == pytest.approx(PROXIES.load(name)(model, *batch), rel=1e-4), name


def test_synflow_leaves_trained_batch_normalisation_out(evaluator):
    one = ARCHITECTURES[0]
    operations = evaluator.stacked.operations(one)
    weights = evaluator.stacked.initial_weights(operations, np.random.default_rng(0))
    trained = weights.copy()
    for part in evaluator.stacked.slices[:-1]:
        trained[part.stop - 8 : part.stop] = RNG.standard_normal(8)
    fresh, later = (evaluator.scores(one, seed=0, weights=w) for w in (weights, trained))
    assert fresh["synflow"] == later["synflow"]
    assert fresh["snip"] != later["snip"]


def test_the_seed_sets_weights_and_batch(evaluator):
    first, again, other = (evaluator.scores(ARCHITECTURES[0], seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert all(first[name] != other[name] for name in first)


def test_a_result_has_every_proxy(evaluator):
    result = evaluator(Candidate(ARCHITECTURES[0]), seed=0)
    assert set(result.metrics) == set(PROXIES)
    model = evaluator.recipe.build(ARCHITECTURES[0], seed=0)
    assert result.metrics["parameters"] == model.count_params()


def test_a_score_that_is_not_finite_is_a_failed_result(evaluator):
    assert evaluator(Candidate(EMPTY), seed=0).error == "FloatingPointError: naswot is -inf"


def test_it_pickles_as_a_recipe(evaluator):
    copy = pickle.loads(pickle.dumps(evaluator))
    assert copy.describe() == evaluator.describe()
    assert json.loads(json.dumps(copy.describe()))["batch_size"] == 8


def test_another_kind_of_network_is_refused():
    with pytest.raises(ValueError, match=r"must get an EdgeCellSpace"):
        CompiledProxyEvaluator(ChainSpace(), DATA, skeleton=SKELETON)


def test_a_foreign_architecture_is_refused(evaluator):
    with pytest.raises(ValueError, match="must have 6 values"):
        evaluator(Candidate(Architecture(("none",))), seed=0)


@not_on_jax_itself
def test_all_of_this_holds_on_jax_too():
    assert_passes_on_jax(__file__)
