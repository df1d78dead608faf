"""DARTS follows the gradients of its paper, and keeps the operation with the largest alpha."""

import dataclasses

import numpy as np
import pytest

from nas_tutorial.backend import compile_function, double_precision, keras, value_and_grad
from nas_tutorial.data.datasets import Dataset
from nas_tutorial.evaluators.one_program.darts import (
    ALPHA_DECAY,
    Darts,
    MixedCells,
    adam,
    discretised,
    first_order,
    gradients,
    num_skips,
    second_order,
)
from nas_tutorial.evaluators.one_program.network import StackedCells
from nas_tutorial.evaluators.recipe import Recipe
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.spaces.skeleton import Skeleton
from tests.on_jax import assert_passes_on_jax, not_on_jax_itself

ops = keras.ops
SPACE = EdgeCellSpace()
SKELETON = Skeleton(filters=4, cells=(1,))
EVERY_EDGE = Architecture(("nor_conv_3x3", "nor_conv_1x1", "avg_pool_3x3", "skip_connect",
                           "nor_conv_1x1", "nor_conv_3x3"))  # fmt: skip


def split(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Sines of two frequencies, to be told apart."""
    rng = np.random.default_rng(seed)
    y = rng.integers(2, size=count)
    phase = rng.uniform(0, 6, size=(count, 1))
    x = np.sin((1 + 2 * y[:, None]) * np.linspace(0, 6, 10) + phase)
    return x[..., None].astype("float32"), y.astype("int32")


DATA = Dataset("sines", split(0, 201), split(1, 20), split(2, 20), class_names=("slow", "fast"))


class Fewer(EdgeCellSpace):
    OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "avg_pool_3x3")


class Ruled(EdgeCellSpace):
    def is_valid(self, architecture):
        return "none" not in architecture.values


@pytest.mark.parametrize("space", [Fewer(), Ruled()], ids=["fewer operations", "a rule"])
def test_a_space_that_lacks_cells_is_refused(space):
    """The search could end at one of them."""
    with pytest.raises(
        ValueError, match=r"DARTS must get a space with every cell .* got (Few|Rul)"
    ):
        Darts(dataclasses.replace(RECIPE, space=space))


RECIPE = Recipe(SPACE, DATA, SKELETON, 6, batch_size=20, learning_rate=0.1)


# --- what is kept ---------------------------------------------------------------------------------


def test_each_edge_keeps_the_operation_with_the_largest_alpha():
    alpha = np.eye(5)[[0, 1, 2, 3, 4, 1]] - 7
    assert discretised(alpha) == Architecture(
        ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3", "skip_connect")
    )
    assert num_skips(discretised(alpha)) == 2
    assert num_skips(EVERY_EDGE) == 1


# --- the mixed network ----------------------------------------------------------------------------


def test_a_mixture_of_one_operation_is_that_network():
    """`StackedCells` with the same kernels, its normalisations without scale and offset."""
    settings = {"channels": 1, "filters": 3, "cells": 2, "num_classes": 4}
    mixed, stacked = MixedCells(**settings), StackedCells(length=6, **settings)
    weights = mixed.initial_weights(np.random.default_rng(0))
    weights[mixed.slices[-1]] = 0.1, 0.2, 0.3, 0.4
    stem, ones, threes, matrix, bias = (
        weights[part].reshape(shape) for part, shape in zip(mixed.slices, mixed.shapes)
    )
    operations = stacked.operations(EVERY_EDGE)
    neutral = [1.0] * 3 + [0.0] * 3
    vector = [*stem.ravel(), *neutral]
    for edge in range(12):
        one = np.concatenate([ones[edge], np.zeros((6, 3))])  # a 1x1 kernel is the first third
        kernel = {2: one, 3: threes[edge]}.get(operations[edge % 6], np.zeros((9, 3)))
        vector += [*kernel.ravel(), *neutral]
    vector += [*neutral, *matrix.ravel(), *bias]
    x = np.random.default_rng(1).standard_normal((5, 6, 1)).astype("float32")
    expected, _ = compile_function(stacked.logits)(
        ops.convert_to_tensor(vector, "float32"), x, ops.convert_to_tensor(operations, "int32")
    )
    shares = np.eye(5, dtype="float32")[operations]
    found = mixed.logits(ops.convert_to_tensor(weights), ops.convert_to_tensor(shares), x)
    np.testing.assert_allclose(
        ops.convert_to_numpy(found), ops.convert_to_numpy(expected), atol=1e-5
    )


class Tiny:
    """A network, weights, alpha and two batches, small enough to differentiate by hand."""

    def __init__(self):
        self.cells = MixedCells(channels=1, filters=2, cells=1, num_classes=3)
        rng = np.random.default_rng(3)
        self.weights = ops.convert_to_tensor(
            self.cells.initial_weights(np.random.default_rng(1)).astype("float64")
        )
        self.alpha = ops.convert_to_tensor(rng.standard_normal((6, 5)))
        self.training, self.validation = (self._loss(rng) for _ in range(2))

    def _loss(self, rng):
        x = ops.convert_to_tensor(rng.standard_normal((4, 5, 1)))
        y = ops.convert_to_tensor(rng.integers(3, size=4), "int32")
        return lambda weights, alpha: self.cells.loss(weights, alpha, x, y)


@pytest.fixture
def tiny():
    with double_precision():
        yield Tiny()


def test_the_gradient_of_alpha_is_that_of_finite_differences(tiny):
    found = ops.convert_to_numpy(first_order(tiny.validation, tiny.weights, tiny.alpha))
    loss = compile_function(tiny.validation)
    for place in np.ndindex(6, 5):
        move = np.zeros((6, 5))
        move[place] = 1e-5
        above, below = (float(loss(tiny.weights, tiny.alpha + s * move)) for s in (1, -1))
        assert found[place] == pytest.approx((above - below) / 2e-5, abs=1e-8)


def test_the_second_order_is_that_of_exact_second_derivatives(tiny):
    """The product of the mixed second derivatives with a vector, by differentiating twice."""
    rate = 0.5
    ahead = tiny.weights - rate * gradients(tiny.training, tiny.weights, tiny.alpha)[0]
    vector, by_alpha = gradients(tiny.validation, ahead, tiny.alpha)

    def along(alpha):
        return ops.sum(gradients(tiny.training, tiny.weights, alpha)[0] * vector), ()

    _, exact = value_and_grad(along)(tiny.alpha)
    found = second_order(tiny.training, tiny.validation, tiny.weights, tiny.alpha, rate)
    exact, found, by_alpha = map(ops.convert_to_numpy, (exact, found, by_alpha))
    size = np.abs(rate * exact).max()
    assert size > 1e-3  # it says something
    np.testing.assert_allclose(found, by_alpha - rate * exact, atol=0.01 * size)


def test_the_second_order_by_hand():
    """training = sum(a w^2) / 2 has d/da = w^2 / 2, whose derivative along v is w v; validation =
    sum(c w + a)."""
    with double_precision():
        c, a, w = (ops.convert_to_tensor(np.array(v)) for v in ([3.0, -1], [0.5, 2], [1.0, 4]))
        found = second_order(
            lambda w, a: ops.sum(a * w**2) / 2, lambda w, a: ops.sum(c * w + a), w, a, 0.1
        )
        expected = 1 - 0.1 * np.array([3.0 * 1, -1 * 4])
        np.testing.assert_allclose(ops.convert_to_numpy(found), expected, rtol=1e-9)


def test_without_a_step_ahead_the_orders_agree(tiny):
    still = first_order(tiny.validation, tiny.weights, tiny.alpha)
    ahead = second_order(tiny.training, tiny.validation, tiny.weights, tiny.alpha, 0.0)
    np.testing.assert_allclose(ops.convert_to_numpy(ahead), ops.convert_to_numpy(still), atol=1e-12)


def test_adam_is_that_of_keras():
    rng = np.random.default_rng(0)
    alpha = rng.standard_normal((6, 5)).astype("float32")
    variable = keras.Variable(alpha)
    optimizer = keras.optimizers.Adam(0.01, beta_1=0.5, beta_2=0.999, epsilon=1e-8)
    moments = (np.zeros_like(alpha), np.zeros_like(alpha))
    for step in range(4):
        slope = rng.standard_normal((6, 5)).astype("float32")
        optimizer.apply([ops.convert_to_tensor(slope + ALPHA_DECAY * alpha)], [variable])
        alpha, moments = adam(ops.convert_to_tensor(alpha), moments, slope, step, 0.01)
        alpha = ops.convert_to_numpy(alpha)
        np.testing.assert_allclose(alpha, ops.convert_to_numpy(variable.value), atol=1e-5)


# --- the search -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def darts():
    return Darts(RECIPE, alpha_rate=0.01)


@pytest.fixture(scope="module")
def found(darts):
    return darts.search(seed=1)


def test_a_search_leaves_alphas_of_every_epoch(found):
    assert found.alphas.shape == (7, 6, 5)
    assert np.abs(found.alphas[0]).max() < 0.01
    apart = np.abs(np.diff(found.alphas, axis=0)).max(axis=(1, 2))
    assert (apart > 0.005).all()  # five steps of about a hundredth
    assert found.architecture == discretised(found.alphas[-1])
    assert found.seconds > 0


def test_the_weights_learn(found, darts):
    assert found.losses.shape == (6,)
    assert found.losses[-1] < 0.8 * found.losses[0]
    logits = darts.cells.logits(found.weights, ops.softmax(found.alphas[-1]), DATA.x_val)
    assert np.mean(ops.convert_to_numpy(logits).argmax(axis=1) == DATA.y_val) > 0.7


def test_the_seed_decides(darts, found):
    again, other = darts.search(seed=1), darts.search(seed=2)
    np.testing.assert_allclose(again.alphas, found.alphas, atol=1e-3)
    assert np.abs(other.alphas - found.alphas).max() > 0.01


def test_weights_and_alpha_learn_from_different_halves(darts):
    weights, alpha = darts.orders(seed=0)
    assert weights.shape == alpha.shape == (6 * 5, 20)
    assert not set(weights.ravel()) & set(alpha.ravel())
    for half in (weights, alpha):
        assert len(set(half[:5].ravel())) == 100  # an epoch takes each sample once
    assert (darts.orders(seed=1)[0] != weights).any()
    # Stored records were made with this order: another rule would break them silently.
    first = weights[0, :5].tolist(), alpha[0, :5].tolist()
    assert first == ([42, 35, 53, 36, 54], [14, 69, 137, 26, 49])


def test_the_second_order_finds_its_own_way(found):
    other = Darts(RECIPE, order=2, alpha_rate=0.01).search(seed=1)
    assert other.losses[0] == pytest.approx(found.losses[0], abs=0.05)
    assert 1e-4 < np.abs(other.alphas[1] - found.alphas[1]).max() < 0.1


@pytest.mark.parametrize("order", [0, 3, "second"])
def test_another_order_is_refused(order):
    with pytest.raises(ValueError, match=r"order must be a whole number in \[1, 2\], got "):
        Darts(RECIPE, order=order)


def test_another_kind_of_network_is_refused():
    with pytest.raises(ValueError, match=r"must get an EdgeCellSpace"):
        Darts(ChainSpace(), DATA, skeleton=SKELETON)


def test_a_diverged_search_says_so(darts):
    wild = Darts(dataclasses.replace(RECIPE, learning_rate=3e38))
    wild._descend = darts._descend  # compiled already
    with pytest.raises(FloatingPointError, match="Lower the learning rate"):
        wild.search(seed=0)


@not_on_jax_itself
def test_all_of_this_holds_on_jax_too():
    assert_passes_on_jax(__file__)
