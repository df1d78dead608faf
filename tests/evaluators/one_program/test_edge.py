"""The switch does what ordinary layers and automatic differentiation do, forwards and backwards."""

import numpy as np
import pytest

from nas_tutorial.backend import compile_function, keras, value_and_grad
from nas_tutorial.evaluators.one_program.edge import EPSILON, edge, edge_at_rest, edge_weights
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from tests.on_jax import assert_passes_on_jax, not_on_jax_itself

ops = keras.ops
FILTERS, LENGTH, BATCH = 4, 7, 5
OPERATIONS = EdgeCellSpace.OPERATIONS


def example(seed: int = 0):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((BATCH, LENGTH, FILTERS)).astype("float32")
    weights = rng.standard_normal(edge_weights(FILTERS)).astype("float32")
    return ops.convert_to_tensor(x), ops.convert_to_tensor(weights)


def plain(name: str, x, weights, statistics=None):
    """The operation by Keras's own convolution and pooling, to be differentiated automatically."""
    taps = {"nor_conv_1x1": 1, "nor_conv_3x3": 3}.get(name)
    if taps is None:
        return {
            "none": lambda: 0 * x,
            "skip_connect": lambda: x,
            "avg_pool_3x3": lambda: ops.average_pool(x, 3, strides=1, padding="same"),
        }[name]()
    kernel = ops.reshape(weights[: taps * FILTERS**2], (taps, FILTERS, FILTERS))
    z = ops.conv(ops.relu(x), kernel, padding="same")
    if statistics is None:
        mean, variance = ops.mean(z, axis=(0, 1)), ops.var(z, axis=(0, 1))
    else:
        mean, variance = statistics
    scale, offset = weights[-2 * FILTERS : -FILTERS], weights[-FILTERS:]
    return (z - mean) * ops.rsqrt(variance + EPSILON) * scale + offset


def weighted_sum(y):
    """A scalar in which every entry of y counts differently."""
    shape = tuple(y.shape)
    factors = np.random.default_rng(1).standard_normal(shape).astype("float32")
    return ops.sum(y * factors)


def gradients(apply, x, weights):
    """d weighted_sum / d (x and weights), as one vector."""
    size = x.shape[0] * x.shape[1] * x.shape[2]

    def loss(packed):
        y = apply(ops.reshape(packed[:size], x.shape), packed[size:])
        return weighted_sum(y), y

    packed = ops.concatenate([ops.reshape(x, (-1,)), weights])
    (_, y), gradient = compile_function(value_and_grad(loss))(packed)
    return ops.convert_to_numpy(y), ops.convert_to_numpy(gradient)


@pytest.mark.parametrize("name", OPERATIONS)
def test_forwards_and_backwards_as_by_automatic_differentiation(name):
    x, weights = example()
    index = ops.convert_to_tensor(np.int32(OPERATIONS.index(name)))
    y, gradient = gradients(lambda x, w: edge(index, x, w)[0], x, weights)
    y_plain, gradient_plain = gradients(lambda x, w: plain(name, x, w), x, weights)
    np.testing.assert_allclose(y, y_plain, atol=1e-5)
    np.testing.assert_allclose(gradient, gradient_plain, atol=2e-4)


@pytest.mark.parametrize("name", OPERATIONS)
def test_at_rest_it_normalises_by_collected_statistics(name):
    x, weights = example()
    statistics = np.stack([np.linspace(-1, 1, FILTERS), np.linspace(0.5, 2, FILTERS)])
    statistics = ops.convert_to_tensor(statistics.astype("float32"))
    index = ops.convert_to_tensor(np.int32(OPERATIONS.index(name)))
    y = compile_function(edge_at_rest)(index, x, weights, statistics)
    expected = plain(name, x, weights, statistics)
    np.testing.assert_allclose(ops.convert_to_numpy(y), ops.convert_to_numpy(expected), atol=1e-5)


def test_the_batch_statistics_are_those_of_the_convolution():
    x, weights = example()
    index = ops.convert_to_tensor(np.int32(OPERATIONS.index("nor_conv_3x3")))
    statistics = ops.convert_to_numpy(compile_function(edge)(index, x, weights)[1])
    kernel = ops.reshape(weights[: 3 * FILTERS**2], (3, FILTERS, FILTERS))
    z = ops.convert_to_numpy(ops.conv(ops.relu(x), kernel, padding="same"))
    expected = np.stack([z.mean(axis=(0, 1)), z.var(axis=(0, 1))])
    np.testing.assert_allclose(statistics, expected, rtol=1e-4, atol=1e-5)


@not_on_jax_itself
def test_all_of_this_holds_on_jax_too():
    assert_passes_on_jax(__file__)
