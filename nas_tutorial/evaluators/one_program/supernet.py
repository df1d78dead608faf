"""One network that holds all others: `Supernet` shares its weights between architectures.

Every edge of every cell has weights of its own for each operation. An architecture is a path through
them. Each step of the training draws a path and trains the weights on it, so they are trained once,
for all architectures together. `OneShotEvaluator` then scores any of them without further training.

What the papers leave open is decided so:

- Paths are drawn uniformly over the encodings without a dead edge, of which a network has one or
  two. Over all encodings, every ninth step would train a network of at most one edge.
- The momentum of weights off the path rests with them. Otherwise a weight would go on moving on
  steps that it has no part in.
- Batch normalisation collects statistics for each edge and operation. They come from many paths, so
  they fit none; before a path is scored, its own are computed from training samples.

Reference:
    Guo et al. 2020, Single path one-shot neural architecture search with uniform sampling, section 3.
    Li and Talwalkar 2019, Random search and reproducibility for neural architecture search.
"""

import functools
import time
from collections.abc import Sequence

import numpy as np

from nas_tutorial.backend import compiled, keras, value_and_grad
from nas_tutorial.data.datasets import Dataset
from nas_tutorial.evaluators.one_program.edge import edge_weights
from nas_tutorial.evaluators.one_program.network import StackedCells
from nas_tutorial.evaluators.one_program.paths import (
    NUM_OPERATIONS,
    Shared,
    gathered,
    on_path,
    with_path,
)
from nas_tutorial.evaluators.one_program.training import (
    PREDICT_BATCH,
    CompiledEvaluator,
    Run,
    batches,
    descend,
    falling_rates,
)
from nas_tutorial.evaluators.training import classification_metrics, steps_in
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.spaces.operations import MOMENTUM
from nas_tutorial.spaces.skeleton import Skeleton
from nas_tutorial.trials import Candidate, Result

ops = keras.ops

RECALIBRATION = 4  # batches of PREDICT_BATCH training samples


class Supernet:
    """Shared weights, and their training.

    The recipe is `CompiledEvaluator`'s, but for the path that each step draws; `paths` holds these as
    operations, of shape (num_steps, 6).

    Args:
        space: An `EdgeCellSpace`.
        dataset: Inputs of shape (length, channels).
        skeleton: One stage of cells; None takes `Skeleton.for_input`.
        epochs: Passes over the training part. Each weight of an edge is trained by about every fifth
            step alone, so more than a single network needs.
        batch_size, learning_rate: As in `TrainingEvaluator`.
        architectures: The paths to draw from; None takes every encoding without a dead edge.
        seed: Of the initial weights, the order of the samples and the paths.

    Raises:
        ValueError: If space, data or skeleton are of another kind, or there is nothing to draw from.
    """

    def __init__(
        self,
        space: EdgeCellSpace,
        dataset: Dataset,
        skeleton: Skeleton | None = None,
        epochs: int = 100,
        *,
        batch_size: int = 128,
        learning_rate: float = 0.1,
        architectures: Sequence[Architecture] | None = None,
        seed: int = 0,
    ):
        self.trainer = CompiledEvaluator(
            space, dataset, skeleton, epochs, batch_size=batch_size, learning_rate=learning_rate
        )
        self.stacked = self.trainer.stacked
        self.architectures = None if architectures is None else list(architectures)
        self.seed = seed
        order = batches(len(dataset.x_train), batch_size, epochs, seed)
        self.steps_per_epoch = len(order) // epochs
        every = self._every_path()
        drawn = np.random.default_rng([seed, 1]).integers(len(every), size=len(order))
        self.paths = every[drawn]
        rates = falling_rates(learning_rate, len(order))
        self._plan = (
            ops.convert_to_tensor(order, dtype="int32"),
            ops.convert_to_tensor(self.paths, dtype="int32"),
            ops.convert_to_tensor(rates, dtype="float32"),
        )
        self.losses = np.zeros(0, "float32")
        self.seconds = 0.0
        self._program = Program(self.stacked)
        self._state = self._untrained()

    def __reduce__(self):
        """Another process compiles its own program, and takes the weights over."""
        one = self.trainer.trainer
        make = functools.partial(
            Supernet,
            batch_size=one.batch_size,
            learning_rate=one.learning_rate,
            architectures=self.architectures,
            seed=self.seed,
        )
        return make, (one.space, one.dataset, one.skeleton, one.epochs), self.state()

    def state(self) -> list[np.ndarray]:
        """All that `restore` needs: seconds, losses, weights, velocity and statistics."""
        tensors = (part for shared in self._state for part in shared)
        return [np.array(self.seconds), self.losses, *map(ops.convert_to_numpy, tensors)]

    def restore(self, state: Sequence[np.ndarray]) -> None:
        """Go to where a supernet of the same recipe was when it gave its `state`."""
        seconds, self.losses, *arrays = state
        self.seconds = float(seconds)
        parts = [ops.convert_to_tensor(array, dtype="float32") for array in arrays]
        self._state = tuple(Shared(*parts[first : first + 3]) for first in (0, 3, 6))

    __setstate__ = restore

    def describe(self) -> dict:
        """What the weights depend on, JSON-ready."""
        only = self.architectures and [list(one.values) for one in self.architectures]
        return {
            **self.trainer.describe(),
            "evaluator": type(self).__name__,
            "architectures": only,
            "seed": self.seed,
            "steps": len(self.losses),
        }

    def train(self, epochs: float | None = None) -> None:
        """Go on until so many epochs are trained; None trains all.

        `losses` then holds the loss of each step's path, and `seconds` what the training has cost.

        Raises:
            ValueError: If there are fewer epochs, or more of them are trained already.
            FloatingPointError: If the loss is no longer a number.
        """
        all_epochs, done = self.trainer.epochs, len(self.losses)
        stop = steps_in(all_epochs if epochs is None else epochs, self.steps_per_epoch)
        if not done <= stop <= all_epochs * self.steps_per_epoch:
            raise ValueError(
                f"epochs must lie between the {done / self.steps_per_epoch:.4g} that are trained and "
                f"the supernet's own {all_epochs}, got {epochs}. Make a supernet with more epochs."
            )
        start = time.perf_counter()
        *state, losses = self._program.train(
            self._state, *self.trainer.training_tensors, *self._plan,
            ops.convert_to_tensor(done, dtype="int32"), ops.convert_to_tensor(stop, dtype="int32"),
        )  # fmt: skip
        self._state = tuple(state)
        self.losses = np.concatenate([self.losses, ops.convert_to_numpy(losses)[done:stop]])
        self.seconds += time.perf_counter() - start
        if not np.isfinite(self.losses).all():
            raise FloatingPointError(
                f"the training loss must be a finite number, got {self.losses[-1]} after "
                f"{stop} steps. Lower the learning rate."
            )

    def weights(self, architecture: Architecture) -> np.ndarray:
        """The weights on an architecture's path, as `StackedCells` has them: a copy."""
        return ops.convert_to_numpy(on_path(self._state[0], self._operations(architecture)))

    def set_weights(self, architecture: Architecture, weights: np.ndarray) -> None:
        """Put weights on an architecture's path, in the place of those that are there."""
        vector = ops.convert_to_tensor(weights, dtype="float32")
        changed = with_path(self._state[0], self._operations(architecture), vector)
        self._state = (changed, *self._state[1:])

    def run(
        self, architecture: Architecture, *, recalibration: int = RECALIBRATION, seed: int = 0
    ) -> Run:
        """The architecture as a training of its own that starts from the shared weights.

        It predicts as it is; training it does not change the supernet.

        Args:
            architecture: Any encoding.
            recalibration: Over how many batches of training samples to compute the statistics of
                batch normalisation; 0 takes those that were collected from all paths.
            seed: Which samples these are, and the order of those that are trained on.
        """
        run = self.trainer.start(architecture, seed=seed, weights=self.weights(architecture))
        *fresh, _ = run.state()
        run.restore([*fresh, self.statistics(architecture, recalibration, seed)])
        return run

    def statistics(self, architecture: Architecture, recalibration: int, seed: int) -> np.ndarray:
        """Mean and variance by which each batch normalisation of an architecture predicts.

        Args:
            architecture, recalibration, seed: As in `run`.

        Returns:
            Of shape (number of normalisations, 2, filters).
        """
        weights, _, statistics = self._state
        operations = self._operations(architecture)
        if not recalibration:
            collected = on_path(statistics, operations)
            return ops.convert_to_numpy(collected).reshape(-1, 2, self.stacked.filters)
        x = self.trainer.dataset.x_train
        size = min(PREDICT_BATCH, len(x))
        number = min(recalibration, len(x) // size)
        drawn = np.random.default_rng(seed).permutation(len(x))[: number * size]
        found = [
            self._program.statistics(
                on_path(weights, operations), ops.convert_to_tensor(batch), operations
            )
            for batch in x[drawn].reshape(number, size, *x.shape[1:])
        ]
        return np.mean([ops.convert_to_numpy(one) for one in found], axis=0)

    def _operations(self, architecture: Architecture):
        self.trainer.space.require(architecture)
        operations = self.stacked.operations(self.trainer.space, architecture)
        return ops.convert_to_tensor(operations, dtype="int32")

    def _every_path(self) -> np.ndarray:
        """The paths to draw from, as operations, of shape (num_paths, 6)."""
        space, chosen = self.trainer.space, self.architectures
        if chosen is None:
            return _live_paths()
        if not chosen:
            raise ValueError(
                "architectures must hold a path to draw, got none. Leave them out to draw from all."
            )
        for one in chosen:
            space.require(one)
        return np.array([self.stacked.operations(space, one) for one in chosen])

    def _untrained(self) -> tuple[Shared, Shared, Shared]:
        """Fresh weights, velocity and statistics."""
        stacked = self.stacked
        each = [
            stacked.initial_weights([operation] * len(EdgeCellSpace.EDGES), [self.seed, operation])
            for operation in range(NUM_OPERATIONS)
        ]
        stem, head = stacked.slices[0].stop, stacked.slices[-2].start
        weights = gathered(each, stem, head, edge_weights(stacked.filters))
        velocity = Shared(*map(ops.zeros_like, weights))
        normal, size = stacked.initial_statistics().ravel(), 2 * stacked.filters
        statistics = gathered([normal] * NUM_OPERATIONS, size, len(normal) - size, size)
        return weights, velocity, statistics


@functools.cache
def _live_paths() -> np.ndarray:
    """The operations of all encodings without a dead edge, of shape (9445, 6)."""
    space = EdgeCellSpace()
    live = [one for one in space if space.without_dead_edges(one) == one]
    return np.array([[space.OPERATIONS.index(value) for value in one.values] for one in live])


class Program:
    """The functions that are compiled once: training steps, and statistics of a path.

    Args:
        stacked: The networks.
    """

    def __init__(self, stacked: StackedCells):
        self._loss_and_gradient = value_and_grad(stacked.loss)
        self.train = compiled(self._train)
        self.statistics = compiled(lambda *arguments: stacked.logits(*arguments)[1])

    def _train(self, state, x, y, order, paths, rates, start, stop):
        """Take the steps from `start` to `stop`, each on a path of its own.

        Returns weights, velocity and statistics, and the loss of each step taken, in an array with
        one place per step of the whole training.
        """

        def step(index, carry):
            weights, velocity, statistics, losses = carry
            path, batch = paths[index], order[index]
            (loss, of_batch), gradient = self._loss_and_gradient(
                on_path(weights, path), ops.take(x, batch, axis=0), ops.take(y, batch, axis=0), path
            )
            change = rates[index] * gradient
            theirs = descend(on_path(weights, path), on_path(velocity, path), change)
            kept = MOMENTUM * on_path(statistics, path)
            kept = kept + (1 - MOMENTUM) * ops.reshape(of_batch, (-1,))
            place = ops.reshape(index, (1,))
            return (
                with_path(weights, path, theirs[0]),
                with_path(velocity, path, theirs[1]),
                with_path(statistics, path, kept),
                ops.slice_update(losses, place, ops.reshape(loss, (1,))),
            )

        return ops.fori_loop(start, stop, step, (*state, ops.zeros((order.shape[0],))))


class OneShotEvaluator:
    """Scores candidates by the weights of a trained supernet: an evaluator for any strategy.

    The seconds of a result are those of scoring alone; what training the supernet took is in
    `supernet.seconds`. The seed of an evaluation says which samples recalibrate.

    Args:
        supernet: Trained.
        recalibration: As in `Supernet.run`.

    Raises:
        ValueError: If the supernet is not trained.
    """

    def __init__(self, supernet: Supernet, *, recalibration: int = RECALIBRATION):
        if not len(supernet.losses):
            raise ValueError(
                "the supernet must be trained, got one without a step. Call supernet.train() first."
            )
        self.supernet = supernet
        self.recalibration = recalibration

    def __call__(self, candidate: Candidate, *, seed: int) -> Result:
        """Score by the validation part.

        Returns:
            A result with the metrics of `CompiledEvaluator` but for latency_ms.

        Raises:
            ValueError: If the architecture is not of the space, or the candidate asks for epochs.
        """
        if candidate.epochs is not None:
            raise ValueError(
                f"a candidate must leave epochs out here, got {candidate.epochs}: shared weights are "
                "not trained again. Use a strategy without rungs."
            )
        start = time.perf_counter()
        trainer = self.supernet.trainer
        run = self.supernet.run(candidate.architecture, recalibration=self.recalibration, seed=seed)
        data = trainer.dataset
        metrics = {
            **classification_metrics(data.y_val, run.predict(data.x_val), prefix="val_"),
            **trainer.costs(candidate.architecture),
        }
        return Result(metrics, time.perf_counter() - start)

    def describe(self) -> dict:
        """What a result of this evaluator depends on, JSON-ready."""
        return {
            "evaluator": type(self).__name__,
            "supernet": self.supernet.describe(),
            "recalibration": self.recalibration,
        }
