"""Compile once, score any architecture: the proxies of `proxies` for NAS-Bench-201's cell on
sequences, as `compiled` trains it. All networks of the course's table take minutes.
"""

import functools
import time

import numpy as np

from nas_tutorial.backend import compiled, double_precision, keras, value_and_grad
from nas_tutorial.data.datasets import Dataset
from nas_tutorial.evaluators import proxies
from nas_tutorial.evaluators.one_program.edge import EPSILON
from nas_tutorial.evaluators.one_program.network import StackedCells
from nas_tutorial.evaluators.one_program.training import CompiledEvaluator
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.spaces.skeleton import Skeleton
from nas_tutorial.trials import Candidate, Result

ops = keras.ops


class CompiledProxyEvaluator:
    """Scores candidates of `EdgeCellSpace` on sequences by one compiled program.

    Args:
        space: An `EdgeCellSpace`.
        dataset: Inputs of shape (length, channels).
        skeleton: One stage of cells; None takes `Skeleton.for_input`.
        batch_size: Samples in the batch.

    Raises:
        ValueError: If space, data or skeleton are of another kind.
    """

    def __init__(
        self,
        space: EdgeCellSpace,
        dataset: Dataset,
        skeleton: Skeleton | None = None,
        *,
        batch_size: int = proxies.BATCH_SIZE,
    ):
        self.trainer = CompiledEvaluator(space, dataset, skeleton, batch_size=batch_size)
        self.stacked = self.trainer.stacked

    def __reduce__(self):
        """Another process compiles its own program."""
        one = self.trainer.trainer
        make = functools.partial(CompiledProxyEvaluator, batch_size=one.batch_size)
        return make, (one.space, one.dataset, one.skeleton)

    def __call__(self, candidate: Candidate, *, seed: int) -> Result:
        """All proxies as metrics; a result with an error where one of them is not finite.

        Raises:
            ValueError: If the architecture is not of the space.
        """
        start = time.perf_counter()
        metrics = {
            **self.scores(candidate.architecture, seed=seed),
            **self.trainer.costs(candidate.architecture),
        }
        return proxies.finite_result(metrics, time.perf_counter() - start)

    def describe(self) -> dict:
        """What a result of this evaluator depends on, JSON-ready."""
        recipe = self.trainer.describe()
        kept = {name: recipe[name] for name in ("dataset", "skeleton", "batch_size")}
        return {"evaluator": type(self).__name__, **kept}

    def scores(
        self, architecture: Architecture, *, seed: int, weights: np.ndarray | None = None
    ) -> dict[str, float]:
        """grad_norm, snip, synflow, jacob_cov and naswot of a network; they need not be finite.

        Args:
            architecture: What to score.
            seed: Of the initial weights and of the batch.
            weights: Initial weights in place of fresh ones, as `StackedCells.weights_of` gives them.
        """
        self.trainer.space.require(architecture)
        operations = self.stacked.operations(self.trainer.space, architecture)
        if weights is None:
            weights = self.stacked.initial_weights(operations, seed)
        x, y = proxies.first_batch(self.trainer.dataset, self.trainer.trainer.batch_size, seed)
        gradient, jacobian, agreements = map(
            ops.convert_to_numpy,
            self._program.one_batch(
                _tensor(weights, "float32"),
                _tensor(x, "float32"),
                _tensor(y, "int32"),
                _tensor(operations, "int32"),
            ),
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
                _tensor(linear, "float64"),
                _tensor(statistics, "float64"),
                ops.ones((1, stacked.length, stacked.channels)),
                _tensor(operations, "int32"),
            )
            return proxies.saliency(self._kernels(linear, ops.convert_to_numpy(gradient)))

    def _kernels(self, weights: np.ndarray, gradient: np.ndarray) -> list:
        """The pairs (kernel, its gradient) in two vectors; those that play no part have gradient 0."""
        stacked = self.stacked
        normalisation = 2 * stacked.filters
        stem, *edges, _, classifier = stacked.slices
        parts = [slice(part.start, part.stop - normalisation) for part in (stem, *edges)]
        parts.append(slice(classifier.start, classifier.stop - stacked.num_classes))
        return [(weights[part].astype(float), gradient[part].astype(float)) for part in parts]

    @functools.cached_property
    def _program(self) -> "Program":
        return Program(self.stacked)


class Program:
    """The functions that are compiled once.

    Args:
        stacked: The networks.
    """

    def __init__(self, stacked: StackedCells):
        self._stacked = stacked
        self.one_batch = compiled(self._one_batch)
        self.flow = compiled(self._flow)

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

        def watch(tensor, there):
            signs = ops.where(tensor > 0, 1.0, -1.0)
            signs = ops.reshape(signs, (tensor.shape[0], -1))
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


def _tensor(values, dtype: str):
    return ops.convert_to_tensor(np.asarray(values, dtype))
