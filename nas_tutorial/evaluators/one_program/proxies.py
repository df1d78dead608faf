"""Annex: compile once, score any architecture by the zero-cost proxies of `evaluators.proxies`.

For NAS-Bench-201's cell on sequences, as `CompiledEvaluator` trains it. Scoring all networks of the
course's table takes minutes.
"""

import functools
import time
from typing import Unpack

import numpy as np

from nas_tutorial.backend import compile_function, double_precision, keras, value_and_grad
from nas_tutorial.data.datasets import Dataset
from nas_tutorial.evaluators import proxies
from nas_tutorial.evaluators.one_program.edge import EPSILON
from nas_tutorial.evaluators.one_program.network import StackedCells
from nas_tutorial.evaluators.one_program.training import CompiledEvaluator, tensor
from nas_tutorial.evaluators.recipe import Recipe, Settings
from nas_tutorial.randomness import generator
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.trials import Candidate, Result

ops = keras.ops


class CompiledProxyEvaluator:
    """Scores candidates of `EdgeCellSpace` on sequences by one compiled program.

    Args:
        recipe: As in `CompiledEvaluator`; its batch size is that of the batch.
        dataset, settings: As in `CompiledEvaluator`, but the batch size is 64 unless another one is
            given.

    Raises:
        ValueError: If the recipe is of another kind, or an argument is wrong.
    """

    def __init__(
        self,
        recipe: Recipe | SearchSpace,
        dataset: Dataset | None = None,
        **settings: Unpack[Settings],
    ):
        self.recipe = Recipe.of(recipe, dataset, settings, batch_size=proxies.BATCH_SIZE)
        self.recipe.require_plain(type(self).__name__, self.recipe.dataset.task)
        self.evaluator = CompiledEvaluator(self.recipe)
        self.stacked = self.evaluator.stacked

    def __reduce__(self):
        """Another process compiles its own program."""
        return type(self), (self.recipe,)

    def __call__(self, candidate: Candidate, *, seed: int) -> Result:
        """All proxies as metrics; a result with an error where one of them is not finite.

        Raises:
            ValueError: If the architecture is not of the space.
        """
        start = time.perf_counter()
        metrics = {
            **self.scores(candidate.architecture, seed=seed),
            **self.evaluator.costs(candidate.architecture),
        }
        return proxies.finite_result(metrics, time.perf_counter() - start)

    def describe(self) -> dict:
        """What a result of this evaluator depends on, JSON-ready."""
        settings = proxies.untrained_settings(self.recipe)
        return {"evaluator": type(self).__name__, **settings}

    def scores(
        self, architecture: Architecture, *, seed: int, weights: np.ndarray | None = None
    ) -> dict[str, float]:
        """grad_norm, snip, synflow, jacob_cov and naswot of a network; they need not be finite.

        Args:
            architecture: What to score.
            seed: Of the initial weights and of the batch.
            weights: Initial weights instead of fresh ones, as `StackedCells.weights_of` returns them.
        """
        operations = self.evaluator.operations(architecture)
        if weights is None:
            weights = self.stacked.initial_weights(operations, generator(seed))
        x, y = proxies.first_batch(self.recipe.dataset, self.recipe.batch_size, seed)
        batch = tensor(x), tensor(y, "int32"), tensor(operations, "int32")
        gradient, jacobian, agreements = map(
            ops.convert_to_numpy, self._program.one_batch(tensor(weights), *batch)
        )
        kernels = self._kernels(weights, gradient)
        return {
            "grad_norm": proxies.gradient_norms(kernels),
            "snip": proxies.saliency(kernels),
            "synflow": self._synflow(weights, operations),
            "jacob_cov": proxies.correlation_score(jacobian.reshape(len(x), -1)),
            "naswot": proxies.agreement_score(agreements),
        }

    def _synflow(self, weights: np.ndarray, operations: np.ndarray) -> float:
        """As `proxies.synflow`: without batch normalisation, in 64 bits."""
        stacked = self.stacked
        linear = np.abs(weights).astype("float64")
        statistics = stacked.initial_statistics().astype("float64")
        statistics[:, 1] = 1 - EPSILON  # the variance that divides by one
        for part in stacked.slices[:-1]:  # each ends with batch normalisation
            linear[part.stop - 2 * stacked.filters : part.stop - stacked.filters] = 1
            linear[part.stop - stacked.filters : part.stop] = 0
        with double_precision():
            gradient = self._program.flow(
                tensor(linear, "float64"),
                tensor(statistics, "float64"),
                ops.ones((1, stacked.length, stacked.channels)),
                tensor(operations, "int32"),
            )
            return proxies.saliency(self._kernels(linear, ops.convert_to_numpy(gradient)))

    def _kernels(self, weights: np.ndarray, gradient: np.ndarray) -> list:
        """The pairs (kernel, its gradient) in two vectors; kernels that are not used have gradient 0."""
        stacked = self.stacked
        normalisation = 2 * stacked.filters
        stem, *edges, _, classifier = stacked.slices
        parts = [slice(part.start, part.stop - normalisation) for part in (stem, *edges)]
        parts.append(slice(classifier.start, classifier.stop - stacked.num_classes))
        return [(weights[part].astype(float), gradient[part].astype(float)) for part in parts]

    @functools.cached_property
    def _program(self) -> "ProxyProgram":
        return ProxyProgram(self.stacked)


class ProxyProgram:
    """The functions that are compiled once.

    Args:
        stacked: The networks.
    """

    def __init__(self, stacked: StackedCells):
        self._stacked = stacked
        self.one_batch = compile_function(self._one_batch)
        self.flow = compile_function(self._flow)

    def _one_batch(self, weights, x, y, operations):
        """The loss's gradient, of shape (num_weights,); the Jacobian, of x's shape; and on how many
        rectified units samples agree, of shape (batch, batch)."""
        _, gradient = value_and_grad(self._stacked.loss)(weights, x, y, operations)
        (_, agreements), jacobian = value_and_grad(self._total)(x, weights, operations)
        return gradient, jacobian, agreements

    def _total(self, x, weights, operations):
        """The sum of the logits, and the agreements of samples.

        A convolution begins with a ReLU of the edge's input, so what switches the ReLU is seen
        before the switch, and counts where the operation is a convolution.
        """
        agreements = []

        def watch(before, there):
            signs = ops.where(before > 0, 1.0, -1.0)
            signs = ops.reshape(signs, (before.shape[0], -1))
            units = signs.shape[1]
            agreements.append(there * (units + ops.matmul(signs, ops.transpose(signs))) / 2)

        logits, _ = self._stacked.logits(weights, x, operations, watch=watch)
        return ops.sum(logits), sum(agreements)

    def _flow(self, linear, statistics, ones, operations):
        """The gradient of the sum of the outputs by all weights."""

        def total(weights):
            return ops.sum(self._stacked.logits_at_rest(weights, statistics, ones, operations)), ()

        _, gradient = value_and_grad(total)(linear)
        return gradient
