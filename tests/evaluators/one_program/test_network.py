"""network: the vector of weights computes what the Keras model with the same weights computes."""

import numpy as np
import pytest

from nas_tutorial.backend import compile_function, keras
from nas_tutorial.evaluators.one_program.network import StackedCells
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.spaces.operations import MOMENTUM
from nas_tutorial.spaces.skeleton import Skeleton
from tests.on_jax import assert_passes_on_jax, not_on_jax_itself

ops = keras.ops
SPACE = EdgeCellSpace()
SKELETON = Skeleton(filters=3, cells=(2,))
STACKED = StackedCells(length=7, channels=2, filters=3, cells=2, num_classes=4)
ARCHITECTURES = [
    Architecture(("nor_conv_3x3", "nor_conv_1x1", "avg_pool_3x3", "skip_connect", "none",
                  "nor_conv_3x3")),
    Architecture(("nor_conv_3x3", "nor_conv_1x1", "none", "none", "none", "nor_conv_3x3")),
    Architecture(("none",) * 6),
]  # fmt: skip
X = np.random.default_rng(0).standard_normal((5, 7, 2)).astype("float32")


@pytest.fixture(scope="module")
def logits():
    return compile_function(STACKED.logits)


@pytest.fixture(scope="module")
def logits_at_rest():
    return compile_function(STACKED.logits_at_rest)


def model_and_vector(architecture: Architecture):
    """A Keras model of random weights, and the same weights as a vector."""
    model = SKELETON.build(SPACE.graph(architecture), (7, 2), 4)
    rng = np.random.default_rng(1)
    for variable in model.trainable_variables:
        variable.assign(rng.standard_normal(variable.shape))
    operations = STACKED.operations(architecture)
    return model, STACKED.weights_of(model, operations), operations.astype("int32")


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=str)
def test_in_training_it_computes_what_keras_computes(logits, architecture):
    model, vector, operations = model_and_vector(architecture)
    found, statistics = map(ops.convert_to_numpy, logits(vector, X, operations))
    np.testing.assert_allclose(found, model(X, training=True), atol=1e-4)
    moved = model.get_layer(index=2).moving_mean  # the stem's: begins at zero
    np.testing.assert_allclose(statistics[0, 0] * (1 - MOMENTUM), moved, atol=1e-5)


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=str)
def test_at_rest_it_computes_what_keras_computes(logits_at_rest, architecture):
    model, vector, operations = model_and_vector(architecture)
    found = logits_at_rest(vector, STACKED.initial_statistics(), X, operations)
    np.testing.assert_allclose(ops.convert_to_numpy(found), model(X, training=False), atol=1e-4)


def test_dead_edges_are_no_operations():
    none, skip = SPACE.OPERATIONS.index("none"), SPACE.OPERATIONS.index("skip_connect")
    dead = Architecture(("skip_connect", "none", "none", "none", "none", "nor_conv_3x3"))
    assert STACKED.operations(dead).tolist() == [none] * 6
    through = Architecture(("nor_conv_3x3", "none", "none", "skip_connect", "none", "none"))
    assert STACKED.operations(through).tolist() == [none, none, none, skip, none, none]


def test_the_slices_cover_the_vector_once():
    assert STACKED.slices[0].start == 0 and STACKED.slices[-1].stop == STACKED.num_weights
    assert all(a.stop == b.start for a, b in zip(STACKED.slices, STACKED.slices[1:]))
    assert len(STACKED.slices) == 1 + 2 * 6 + 2  # stem, edges, and the head's two


def test_fresh_weights_are_drawn_as_keras_draws_them():
    """He's normal kernels, cut at two standard deviations, and a uniform Glorot classifier."""
    large = StackedCells(length=7, channels=2, filters=32, cells=2, num_classes=10)
    operations = [SPACE.OPERATIONS.index("nor_conv_3x3")] * 6
    vector = large.initial_weights(operations, np.random.default_rng(0))
    kernel = vector[large.slices[1]][: -2 * 32]
    deviation = (2 / (3 * 32)) ** 0.5
    assert kernel.std() == pytest.approx(deviation, rel=0.05)
    assert np.abs(kernel).max() <= 2 * deviation / 0.8796
    assert vector[large.slices[1]][-2 * 32 :].tolist() == [1] * 32 + [0] * 32
    classifier = vector[large.slices[-1]][:-10]
    assert 0.9 * (6 / 42) ** 0.5 < np.abs(classifier).max() <= (6 / 42) ** 0.5
    again = large.initial_weights(operations, np.random.default_rng(0))
    np.testing.assert_array_equal(vector, again)


@not_on_jax_itself
def test_all_of_this_holds_on_jax_too():
    assert_passes_on_jax(__file__)
