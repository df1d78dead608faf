"""Annex: architecture search by gradient descent. DARTS for NAS-Bench-201's cell on sequences.

Every edge computes all operations and passes on a mixture of them, weighted by the softmax of numbers
alpha that all cells share. The loss is then smooth in alpha. Weights descend on one half of the
training set, alpha on the other; in the end each edge keeps the operation with the largest alpha.

As in NAS-Bench-201's own code for DARTS, `none` is one of the operations and may be kept, and all
edges are; Liu et al. never keep `none`, and two edges a node. Batch normalisation inside has no scale
and offset, as in both; here stem and head have none either. Left out: weight decay of the weights,
clipping of gradients, and momentum in the step ahead of equation 6.

Reference:
    Liu, Simonyan and Yang 2019, DARTS: differentiable architecture search, sections 2.2 to 2.4.
    Dong and Yang 2020, NAS-Bench-201, section 5 (and github.com/D-X-Y/AutoDL-Projects, DARTS-V1).
"""

import time
from dataclasses import dataclass
from itertools import pairwise
from typing import Unpack

import numpy as np

from nas_tutorial.backend import compile_function, keras, value_and_grad
from nas_tutorial.data.datasets import Dataset
from nas_tutorial.evaluators.metrics import require_finite
from nas_tutorial.evaluators.one_program.edge import as_rows, normalise, taps
from nas_tutorial.evaluators.one_program.network import SPACE
from nas_tutorial.evaluators.one_program.training import (
    CompiledEvaluator,
    descend,
    falling_rates,
    tensor,
)
from nas_tutorial.evaluators.recipe import Recipe, Settings
from nas_tutorial.names import real, whole
from nas_tutorial.randomness import generator
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace

ops = keras.ops

ALPHA_DECAY = 1e-3  # Adam's settings for alpha, from Liu et al., section 3.1
ALPHA_BETAS = (0.5, 0.999)
SKIP = EdgeCellSpace.OPERATIONS.index("skip_connect")


@dataclass(frozen=True)
class Relaxed:
    """What a search by DARTS ends with.

    Args:
        alphas: At the beginning and after each epoch, of shape (epochs + 1, 6, 5).
        losses: Mean training loss of each epoch, of shape (epochs,).
        weights: Of the mixed network at the end, as `MixedCells` has them.
        seconds: What it took, compilation included.
    """

    alphas: np.ndarray
    losses: np.ndarray
    weights: np.ndarray
    seconds: float

    @property
    def architecture(self) -> Architecture:
        return discretised(self.alphas[-1])


def discretised(alpha: np.ndarray) -> Architecture:
    """The operation with the largest alpha on each edge, `none` included.

    Args:
        alpha: Of shape (6, 5); columns are EdgeCellSpace.OPERATIONS.

    Reference:
        `genotype` in github.com/D-X-Y/AutoDL-Projects, lib/models/cell_searchs/search_model_darts.py.
    """
    return Architecture(tuple(EdgeCellSpace.OPERATIONS[best] for best in np.argmax(alpha, axis=1)))


def num_skips(architecture: Architecture) -> int:
    """How many of the six edges are skip connections."""
    return sum(value == EdgeCellSpace.OPERATIONS[SKIP] for value in architecture.values)


# --- the gradient of alpha ------------------------------------------------------------------------
# A loss is here a function (weights, alpha) -> number.


def gradients(loss, weights, alpha):
    """d loss / d weights, and d loss / d alpha."""
    _, both = value_and_grad(lambda pair: (loss(*pair), ()))((weights, alpha))
    return both


def first_order(validation, weights, alpha):
    """The gradient of alpha with the weights held still: equation 7 with xi = 0."""
    return gradients(validation, weights, alpha)[1]


def second_order(training, validation, weights, alpha, rate):
    """The gradient of alpha if the weights adapt to it by one step.

    Args:
        training, validation: The two losses.
        weights: A vector.
        alpha: Of shape (6, 5).
        rate: xi, the learning rate of that step.

    Reference:
        Liu, Simonyan and Yang 2019, equations 6 to 8.
    """
    ahead = weights - rate * gradients(training, weights, alpha)[0]  # equation 6
    by_weights, by_alpha = gradients(validation, ahead, alpha)
    epsilon = 0.01 / ops.sqrt(ops.sum(by_weights**2))
    above = gradients(training, weights + epsilon * by_weights, alpha)[1]
    below = gradients(training, weights - epsilon * by_weights, alpha)[1]
    return by_alpha - rate * (above - below) / (2 * epsilon)  # equations 7 and 8


def adam(alpha, moments, gradient, step, rate):
    """One step of Adam: the new alpha and moments.

    Reference:
        Kingma and Ba 2015, Adam, Algorithm 1; the decay is added to the gradient, as in PyTorch.
    """
    beta1, beta2 = ALPHA_BETAS
    gradient = gradient + ALPHA_DECAY * alpha
    first = beta1 * moments[0] + (1 - beta1) * gradient
    second = beta2 * moments[1] + (1 - beta2) * gradient**2
    count = ops.cast(step + 1, alpha.dtype)
    unbiased = first / (1 - beta1**count), second / (1 - beta2**count)
    return alpha - rate * unbiased[0] / (ops.sqrt(unbiased[1]) + 1e-8), (first, second)


# --- the mixed network ----------------------------------------------------------------------------


class MixedCells:
    """Stem, cells and head, where each edge mixes all operations.

    All weights are one vector: the stem's convolution, for each edge a 1x1 and a 3x3 convolution, the
    classifier.

    Args:
        channels: Of an input.
        filters: Channels inside.
        cells: How many.
        num_classes: Size of the output.
    """

    def __init__(self, *, channels: int, filters: int, cells: int, num_classes: int):
        self.cells, self.filters = cells, filters
        num_edges = cells * len(EdgeCellSpace.EDGES)
        self.shapes = (
            (3 * channels, filters),
            (num_edges, filters, filters),
            (num_edges, 3 * filters, filters),
            (filters, num_classes),
            (num_classes,),
        )
        ends = np.cumsum([0, *(int(np.prod(shape)) for shape in self.shapes)])
        self.slices = [slice(int(a), int(b)) for a, b in pairwise(ends)]

    def initial_weights(self, rng: np.random.Generator) -> np.ndarray:
        """He's normal numbers in all matrices, and no bias."""
        *matrices, bias = self.shapes
        drawn = [rng.normal(0, (2 / shape[-2]) ** 0.5, shape).ravel() for shape in matrices]
        return np.concatenate([*drawn, np.zeros(bias)]).astype("float32")

    def loss(self, weights, alpha, x, y):
        """Mean cross-entropy of a batch."""
        logits = self.logits(weights, ops.softmax(alpha, axis=-1), x)
        return _mean(ops.sparse_categorical_crossentropy(y, logits, from_logits=True), axis=0)

    def logits(self, weights, mixture, x):
        """Logits of a batch, of shape (batch, num_classes), normalised by its own statistics.

        Args:
            weights: A vector.
            mixture: The share of each operation on each edge of a cell, of shape (6, 5).
            x: Of shape (batch, length, channels).
        """
        stem, ones, threes, matrix, bias = (
            ops.reshape(weights[part], shape) for part, shape in zip(self.slices, self.shapes)
        )
        x = _convolved(taps(x), stem)
        edges = iter(zip(ops.unstack(ones), ops.unstack(threes)))
        for _ in range(self.cells):
            nodes = [x, 0, 0, 0]
            for shares, (source, target) in zip(ops.unstack(mixture), EdgeCellSpace.EDGES):
                nodes[target] = nodes[target] + _mixed(nodes[source], shares, *next(edges))
            x = nodes[-1]
        x = ops.relu(ops.reshape(normalise(as_rows(x))[0], x.shape))
        return ops.matmul(_mean(x, axis=1), matrix) + bias


def _mixed(x, shares, one, three):
    """All operations of an edge, each times its share; `none` adds nothing."""
    rectified = ops.relu(x)
    skip, conv1, conv3, pool = ops.unstack(shares)[1:]
    return (
        skip * x
        + conv1 * _convolved(rectified, one)
        + conv3 * _convolved(taps(rectified), three)
        + pool * ops.average_pool(x, 3, strides=1, padding="same")
    )


def _convolved(x, kernel):
    """A convolution, as a matrix product with what each position sees, and batch normalisation."""
    y = normalise(ops.matmul(as_rows(x), kernel))[0]
    return ops.reshape(y, (-1, x.shape[1], kernel.shape[-1]))


def _mean(x, *, axis: int):
    """The mean along an axis; that of Keras has 32 bits on JAX, whatever x has."""
    return ops.sum(x, axis=axis) / x.shape[axis]


# --- the search -----------------------------------------------------------------------------------


class Darts:
    """Searches for an architecture by gradient descent.

    The weights descend with Nesterov momentum 0.9 along a cosine. The validation set is not used.

    Args:
        recipe: As in `CompiledEvaluator`, but the space must hold every cell of `EdgeCellSpace`,
            since the search may end at any of them; an epoch is a pass over half the training set.
        dataset: As in `CompiledEvaluator`.
        order: 1 holds the weights still where alpha descends, 2 looks one step ahead.
        alpha_rate: The learning rate of alpha, above 0.
        settings: As in `Recipe`, but with 50 epochs, a batch size of 64 and a learning rate of 0.025
            unless others are given.

    Raises:
        ValueError: If the recipe is of another kind, or an argument is wrong.
    """

    def __init__(
        self,
        recipe: Recipe | SearchSpace,
        dataset: Dataset | None = None,
        *,
        order: int = 1,
        alpha_rate: float = 3e-4,
        **settings: Unpack[Settings],
    ):
        usual = Settings(epochs=50, batch_size=64, learning_rate=0.025)
        self.recipe = Recipe.of(recipe, dataset, settings, **usual)
        self.recipe.require_plain(type(self).__name__, self.recipe.dataset.task)
        self.order = whole("order", order, 1, 2)
        self.alpha_rate = real("alpha_rate", alpha_rate, above=0)
        self.evaluator = CompiledEvaluator(self.recipe)
        space = self.recipe.space
        if space.size < SPACE.size or type(space).is_valid is not SearchSpace.is_valid:
            raise ValueError(
                "DARTS must get a space with every cell of EdgeCellSpace, since it may choose any, "
                f"got {space}. Use EdgeCellSpace(), or another strategy on this space."
            )
        stacked = self.evaluator.stacked
        self.cells = MixedCells(
            channels=stacked.channels,
            filters=stacked.filters,
            cells=stacked.cells,
            num_classes=stacked.num_classes,
        )
        self._descend = compile_function(self._steps)

    def search(self, seed: int) -> Relaxed:
        """Search once.

        Args:
            seed: Of the initial weights and alphas, the halves and the order of the samples.

        Raises:
            FloatingPointError: If the loss is no longer a number.
        """
        start = time.perf_counter()
        orders = self.orders(seed)
        num_steps = orders.shape[1]
        rates = falling_rates(self.recipe.learning_rate, num_steps)
        plan = tensor(orders, "int32"), tensor(rates)
        state, alphas, losses = self._fresh(seed), [], []
        ends = np.arange(self.recipe.epochs + 1) * (num_steps // self.recipe.epochs)
        for first, last in pairwise(ends):
            alphas.append(ops.convert_to_numpy(state[2]))
            *state, total = self._descend(
                tuple(state), *self.evaluator.training_tensors, *plan,
                tensor(first, "int32"), tensor(last, "int32"),
            )  # fmt: skip
            losses.append(float(total) / (last - first))
        alphas.append(ops.convert_to_numpy(state[2]))
        require_finite("the training loss", losses, "in the last epoch")
        weights = ops.convert_to_numpy(state[0])
        return Relaxed(np.stack(alphas), np.array(losses), weights, time.perf_counter() - start)

    def orders(self, seed: int) -> np.ndarray:
        """The samples of each step, of shape (2, num_steps, batch_size): for weights, for alpha."""
        num_samples = len(self.recipe.dataset.x_train)
        half = num_samples // 2
        mixed = generator(seed, 0).permutation(num_samples)
        return np.stack(
            [
                samples[self.recipe.batches(half, generator(seed, purpose))]
                for purpose, samples in enumerate((mixed[:half], mixed[half : 2 * half]), start=1)
            ]
        )

    def _fresh(self, seed: int) -> tuple:
        """Weights and velocity, alpha and its moments at the beginning."""
        weights = tensor(self.cells.initial_weights(generator(seed)))
        shape = len(EdgeCellSpace.EDGES), len(EdgeCellSpace.OPERATIONS)
        alpha = tensor(1e-3 * generator(seed, 3).standard_normal(shape))
        zero = ops.zeros_like(alpha)
        return weights, ops.zeros_like(weights), alpha, (zero, zero)

    def _steps(self, state, x, y, orders, rates, start, stop):
        """Take the steps from `start` to `stop`; returns the state, and the sum of training losses.

        Reference:
            Liu, Simonyan and Yang 2019, Algorithm 1.
        """

        def loss_of(batch):
            some = ops.take(x, batch, axis=0), ops.take(y, batch, axis=0)
            return lambda weights, alpha: self.cells.loss(weights, alpha, *some)

        def step(index, carry):
            weights, velocity, alpha, moments, total = carry
            training, validation = loss_of(orders[0, index]), loss_of(orders[1, index])
            if self.order == 1:
                slope = first_order(validation, weights, alpha)
            else:
                slope = second_order(training, validation, weights, alpha, rates[index])
            alpha, moments = adam(alpha, moments, slope, index, self.alpha_rate)
            by_weights = value_and_grad(lambda weights: (training(weights, alpha), ()))
            (loss, _), gradient = by_weights(weights)
            weights, velocity = descend(weights, velocity, rates[index] * gradient)
            return weights, velocity, alpha, moments, total + loss

        return ops.fori_loop(start, stop, step, (*state, ops.zeros(())))
