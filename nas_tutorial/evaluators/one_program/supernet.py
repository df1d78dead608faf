"""Annex: one network that holds all others. `Supernet` shares its weights between architectures.

Every edge of every cell has weights of its own for each operation. An architecture is a path through
them. Each step of the training draws a path and trains the weights on it, so they are trained once,
for all architectures together. `OneShotEvaluator` then scores any of them without further training.

The papers leave some decisions open. They are made as follows:

- Paths are drawn uniformly over the space's encodings without a dead edge, of which a network has
  one or two. Over all encodings, every ninth step would train a network of at most one edge.
- The momentum of weights off the path rests with them. Otherwise a weight would keep moving in
  steps that do not use it.
- Batch normalisation collects statistics for each edge and operation. They come from many paths, so
  they fit none; before a path is scored, its own are computed from training samples.

Reference:
    Guo et al. 2020, Single path one-shot neural architecture search with uniform sampling, section 3.
    Li and Talwalkar 2019, Random search and reproducibility for neural architecture search.
"""

import functools
import time
from collections.abc import Sequence
from typing import Any, NamedTuple, Unpack

import numpy as np

from nas_tutorial.backend import compile_function, keras
from nas_tutorial.data.datasets import Dataset
from nas_tutorial.evaluators.metrics import classification_metrics, require_finite
from nas_tutorial.evaluators.one_program.edge import edge_weights
from nas_tutorial.evaluators.one_program.network import SPACE, StackedCells
from nas_tutorial.evaluators.one_program.training import (
    PREDICT_BATCH,
    CompiledEvaluator,
    State,
    TrainingProgram,
    TrainingRun,
    falling_rates,
    operations_of,
    take_steps,
    tensor,
)
from nas_tutorial.evaluators.recipe import Recipe, Settings
from nas_tutorial.evaluators.training import attempt, steps_in
from nas_tutorial.names import whole
from nas_tutorial.randomness import generator
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.trials import Candidate, Result

ops = keras.ops

NUM_OPERATIONS = len(EdgeCellSpace.OPERATIONS)
RECALIBRATION = 4  # batches of PREDICT_BATCH training samples


# --- arrays that all paths share ------------------------------------------------------------------


class SharedArrays(NamedTuple):
    """Numbers for every path: weights, their velocity, or statistics of batch normalisation.

    Row 5 e + o of `edges` belongs to operation o on edge e, counted through all cells. The rows of
    operations without weights are never used.
    """

    stem: Any  # of shape (size of the stem,)
    edges: Any  # of shape (num_edges * NUM_OPERATIONS, size of an edge)
    head: Any  # of shape (size of the head,)


def on_path(shared: SharedArrays, operations):
    """The numbers on a path as one vector, in the order in which `StackedCells` has them.

    Args:
        shared: Where they are taken from.
        operations: The index of the operation on each edge of a cell, of shape (6,).
    """
    taken = ops.take(shared.edges, _rows(shared, operations), axis=0)
    return ops.concatenate([shared.stem, ops.reshape(taken, (-1,)), shared.head])


def with_path(shared: SharedArrays, operations, vector) -> SharedArrays:
    """`shared` with other numbers on a path; all off the path stay as they are."""
    stem, head = shared.stem.shape[0], shared.head.shape[0]
    rows = ops.reshape(vector[stem:-head], (-1, shared.edges.shape[1]))
    places = ops.reshape(_rows(shared, operations), (-1, 1))
    edges = ops.scatter_update(shared.edges, places, rows)
    return SharedArrays(vector[:stem], edges, vector[-head:])


def _rows(shared: SharedArrays, operations):
    num_edges = shared.edges.shape[0] // NUM_OPERATIONS
    repeated = ops.tile(operations, num_edges // len(EdgeCellSpace.EDGES))
    return NUM_OPERATIONS * ops.arange(num_edges, dtype="int32") + repeated


def gathered(vectors: list[np.ndarray], stem: int, head: int, size: int) -> SharedArrays:
    """Gather what all paths share, stem and head from the first.

    Args:
        vectors: For each operation the vector of the network that has it on all edges.
        stem, head: Where in such a vector the stem ends, and where the head begins.
        size: Numbers per edge.
    """
    rows = np.stack([vector[stem:head].reshape(-1, size) for vector in vectors], axis=1)
    first = vectors[0]
    return SharedArrays(tensor(first[:stem]), tensor(rows.reshape(-1, size)), tensor(first[head:]))


# --- the supernet ---------------------------------------------------------------------------------


class Supernet:
    """Shared weights, and their training.

    It trains as `CompiledEvaluator` does, except that each step draws a path; `paths` holds these as
    operations, of shape (num_steps, 6).

    Args:
        recipe: As in `CompiledEvaluator`.
        dataset: As in `CompiledEvaluator`.
        architectures: The paths to draw from; None takes every encoding without a dead edge.
        seed: Of the initial weights, the order of the samples and the paths.
        settings: As in `Recipe`, but there are 100 epochs unless another number is given. Only about
            every fifth step trains a given weight of an edge, so more are needed than by one network.

    Raises:
        ValueError: If the recipe is of another kind, or there is nothing to draw from.
    """

    def __init__(
        self,
        recipe: Recipe | SearchSpace,
        dataset: Dataset | None = None,
        architectures: Sequence[Architecture] | None = None,
        seed: int = 0,
        **settings: Unpack[Settings],
    ):
        self.recipe = recipe = Recipe.of(recipe, dataset, settings, epochs=100)
        recipe.require_plain(type(self).__name__, recipe.dataset.task)
        self.evaluator = CompiledEvaluator(recipe)
        self.stacked = self.evaluator.stacked
        self.architectures = None if architectures is None else list(architectures)
        self.seed = seed = whole("seed", seed)
        order = recipe.batches(len(recipe.dataset.x_train), generator(seed))
        self.steps_per_epoch = len(order) // recipe.epochs
        every = self._every_path()
        self.paths = every[generator(seed, 1).integers(len(every), size=len(order))]
        rates = falling_rates(recipe.learning_rate, len(order))
        self._plan = tensor(order, "int32"), tensor(self.paths, "int32"), tensor(rates)
        self._program = SupernetProgram(self.stacked)
        self.state = self._untrained()
        self.losses = np.zeros(0, "float32")
        self.seconds = 0.0

    def __reduce__(self):
        """Another process compiles its own program, and takes the weights over."""
        state = keras.tree.map_structure(ops.convert_to_numpy, self.state)
        trained = {"state": state, "losses": self.losses, "seconds": self.seconds}
        return type(self), (self.recipe, None, self.architectures, self.seed), trained

    def describe(self) -> dict:
        """What the weights depend on, JSON-ready."""
        drawn = self.architectures
        return {
            "evaluator": type(self).__name__,
            **self.recipe.describe(),
            "architectures": None if drawn is None else [list(each.values) for each in drawn],
            "seed": self.seed,
            "steps": len(self.losses),
        }

    def train(self, epochs: float | None = None) -> None:
        """Go on until so many epochs are trained; None trains all.

        `losses` then holds the loss of each step's path, and `seconds` what the training has cost.

        Raises:
            ValueError: If the recipe has fewer epochs, or more of them are trained already.
            FloatingPointError: If the loss is no longer a number.
        """
        all_epochs, done = self.recipe.epochs, len(self.losses)
        stop = steps_in(all_epochs if epochs is None else epochs, self.steps_per_epoch)
        if not done <= stop <= all_epochs * self.steps_per_epoch:
            raise ValueError(
                f"epochs must lie between the {done / self.steps_per_epoch:.4g} that are trained and "
                f"the supernet's own {all_epochs}, got {epochs}. Make a supernet with more epochs."
            )
        start = time.perf_counter()
        self.state, losses = self._program.train(
            self.state, *self.evaluator.training_tensors, *self._plan,
            tensor(done, "int32"), tensor(stop, "int32"),
        )  # fmt: skip
        self.losses = np.concatenate([self.losses, ops.convert_to_numpy(losses)[done:stop]])
        self.seconds += time.perf_counter() - start
        require_finite("the training loss", self.losses, f"after {stop} steps")

    def weights(self, architecture: Architecture) -> np.ndarray:
        """The weights on an architecture's path, as `StackedCells` has them: a copy."""
        return ops.convert_to_numpy(on_path(self.state.weights, self._operations(architecture)))

    def set_weights(self, architecture: Architecture, weights: np.ndarray) -> None:
        """Put weights on an architecture's path, in place of those that are there."""
        path = self._operations(architecture)
        changed = with_path(self.state.weights, path, tensor(weights))
        self.state = self.state._replace(weights=changed)

    def run(
        self, architecture: Architecture, *, recalibration: int = RECALIBRATION, seed: int = 0
    ) -> TrainingRun:
        """The architecture as a training run of its own that starts from the shared weights.

        It predicts as it is; training it does not change the supernet.

        Args:
            architecture: Any encoding.
            recalibration: From how many batches of training samples to compute the statistics of
                batch normalisation; 0 takes those that were collected from all paths.
            seed: Which samples these are, and the order of those that are trained on.
        """
        run = self.evaluator.start(architecture, seed=seed, weights=self.weights(architecture))
        statistics = self.statistics(architecture, recalibration, seed)
        run.state = run.state._replace(statistics=tensor(statistics))
        return run

    def statistics(self, architecture: Architecture, recalibration: int, seed: int) -> np.ndarray:
        """Mean and variance by which each batch normalisation of an architecture predicts.

        Args:
            architecture, recalibration, seed: As in `run`.

        Returns:
            Of shape (number of normalisations, 2, filters).
        """
        path = self._operations(architecture)
        if not recalibration:
            collected = on_path(self.state.statistics, path)
            return ops.convert_to_numpy(collected).reshape(-1, 2, self.stacked.filters)
        x = self.recipe.dataset.x_train
        size = min(PREDICT_BATCH, len(x))
        number = min(recalibration, len(x) // size)
        drawn = np.random.default_rng(seed).permutation(len(x))[: number * size]
        weights = on_path(self.state.weights, path)
        found = [
            ops.convert_to_numpy(self._program.statistics(weights, tensor(x[rows]), path))
            for rows in drawn.reshape(number, size)
        ]
        return np.mean(found, axis=0)

    def _operations(self, architecture: Architecture):
        return tensor(self.evaluator.operations(architecture), "int32")

    def _every_path(self) -> np.ndarray:
        """The paths to draw from, as operations, of shape (num_paths, 6)."""
        if self.architectures is None:
            paths = _live_paths(self.recipe.space)
        else:
            paths = np.array([self.evaluator.operations(each) for each in self.architectures])
        if not len(paths):
            raise ValueError(
                "architectures must hold a path to draw, got none. Leave them out to draw from all "
                "cells of the space without a dead edge."
            )
        return paths

    def _untrained(self) -> State:
        """Fresh weights, velocity and statistics."""
        stacked = self.stacked
        vectors = [
            stacked.initial_weights(
                [operation] * len(EdgeCellSpace.EDGES), generator(self.seed, operation)
            )
            for operation in range(NUM_OPERATIONS)
        ]
        stem, head = stacked.slices[0].stop, stacked.slices[-2].start
        weights = gathered(vectors, stem, head, edge_weights(stacked.filters))
        velocity = SharedArrays(*map(ops.zeros_like, weights))
        normal, size = stacked.initial_statistics().ravel(), 2 * stacked.filters
        statistics = gathered([normal] * NUM_OPERATIONS, size, len(normal) - size, size)
        return State(weights, velocity, statistics)


@functools.lru_cache(maxsize=1)
def _live_paths(space: EdgeCellSpace) -> np.ndarray:
    """The operations of all encodings without a dead edge, of shape (9445, 6) for `EdgeCellSpace`."""
    live = [each for each in space if SPACE.without_dead_edges(each) == each]
    return np.array([operations_of(space, each) for each in live])


class SupernetProgram:
    """The functions that are compiled once: training steps, and statistics of a path.

    Args:
        stacked: The networks.
    """

    def __init__(self, stacked: StackedCells):
        self._training = TrainingProgram(stacked)
        self.train = compile_function(self._train)
        self.statistics = compile_function(lambda *arguments: stacked.logits(*arguments)[1])

    def _train(self, state, x, y, order, paths, rates, start, stop):
        def step(index, state):
            path = paths[index]
            some = ops.take(x, order[index], axis=0), ops.take(y, order[index], axis=0)
            before = State(*(on_path(shared, path) for shared in state))
            after, loss = self._training.step(before, *some, path, rates[index])
            return State(*(with_path(s, path, v) for s, v in zip(state, after))), loss

        return take_steps(step, state, order.shape[0], start, stop)


class OneShotEvaluator:
    """Scores candidates by the weights of a trained supernet: an evaluator for any strategy.

    The seconds of a result are those of scoring alone; what training the supernet took is in
    `supernet.seconds`. The seed of an evaluation says which samples recalibrate.

    Args:
        supernet: Trained.
        recalibration: As in `Supernet.run`.

    Raises:
        ValueError: If the supernet is not trained, or recalibration is no number of batches.
    """

    def __init__(self, supernet: Supernet, *, recalibration: int = RECALIBRATION):
        if not len(supernet.losses):
            raise ValueError(
                "the supernet must be trained, got one without a step. Call supernet.train() first."
            )
        self.supernet = supernet
        self.recalibration = whole("recalibration", recalibration)

    def __call__(self, candidate: Candidate, *, seed: int) -> Result:
        """Score on the validation set.

        Returns:
            A result with the metrics of `CompiledEvaluator` except latency_ms.

        Raises:
            ValueError: If the architecture is not of the space, or the candidate asks for epochs.
        """
        if candidate.epochs is not None:
            raise ValueError(
                f"a candidate must leave epochs out here, got {candidate.epochs}: shared weights are "
                "not trained again. Use a strategy without rungs."
            )
        self.supernet.evaluator.operations(candidate.architecture)
        return attempt(self._scored, candidate.architecture, seed=seed)[0]

    def _scored(self, architecture: Architecture, *, seed: int) -> tuple[dict, TrainingRun]:
        run = self.supernet.run(architecture, recalibration=self.recalibration, seed=seed)
        data = self.supernet.recipe.dataset
        metrics = {
            **classification_metrics(data.y_val, run.predict(data.x_val), prefix="val_"),
            **self.supernet.evaluator.costs(architecture),
        }
        return metrics, run

    def describe(self) -> dict:
        """What a result of this evaluator depends on, JSON-ready."""
        return {
            "evaluator": type(self).__name__,
            "supernet": self.supernet.describe(),
            "recalibration": self.recalibration,
        }
