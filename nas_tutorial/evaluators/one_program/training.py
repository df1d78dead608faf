"""Compile once, train any architecture: `CompiledEvaluator` for NAS-Bench-201's cell on sequences.

An ordinary evaluation compiles a program for every network, which takes longer than training a
small one. Here one program trains all of them: the architecture is an argument, and each edge runs
the operation that it names (see switched.py). Weights and optimizer are fresh for every candidate,
and the recipe is `TrainingEvaluator`'s.
"""

import functools
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nas_tutorial.backend import compiled, keras, median_ms, value_and_grad
from nas_tutorial.data.datasets import Dataset
from nas_tutorial.evaluators.checkpoints import Checkpoints
from nas_tutorial.evaluators.one_program.network import StackedCells
from nas_tutorial.evaluators.training import TrainingEvaluator, classification_metrics, steps_in
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.spaces.flops import count_flops
from nas_tutorial.spaces.operations import MOMENTUM
from nas_tutorial.spaces.skeleton import Skeleton
from nas_tutorial.trials import Candidate, Result

ops = keras.ops

PREDICT_BATCH = 250  # inputs that are predicted at a time


class CompiledEvaluator:
    """Trains and measures candidates of `EdgeCellSpace` on sequences by one compiled program.

    Args:
        space: An `EdgeCellSpace`.
        dataset: Inputs of shape (length, channels).
        skeleton: One stage of cells; None takes `Skeleton.for_input`.
        epochs, batch_size, learning_rate, checkpoints: As in `TrainingEvaluator`.

    Raises:
        ValueError: If space, data or skeleton are of another kind.
    """

    def __init__(
        self,
        space: EdgeCellSpace,
        dataset: Dataset,
        skeleton: Skeleton | None = None,
        epochs: int = 5,
        *,
        batch_size: int = 128,
        learning_rate: float = 0.1,
        checkpoints: str | Path | None = None,
    ):
        self.trainer = TrainingEvaluator(
            space, dataset, skeleton, epochs, batch_size=batch_size, learning_rate=learning_rate
        )
        if not suits(space, dataset, self.trainer.skeleton):
            raise ValueError(
                "the compiled program must get an EdgeCellSpace, inputs of shape (length, "
                f"channels) and a skeleton of one stage, got {type(space).__name__}, inputs "
                f"{dataset.input_shape} and cells={self.trainer.skeleton.cells}. "
                "Use TrainingEvaluator."
            )
        self.space = space
        self.dataset = dataset
        self.epochs = epochs
        self.stacked = StackedCells(
            length=dataset.input_shape[0],
            channels=dataset.input_shape[1],
            filters=self.trainer.skeleton.filters,
            cells=self.trainer.skeleton.cells[0],
            num_classes=dataset.num_classes,
        )
        self.checkpoints = Checkpoints(checkpoints, {"space": space.name, **self.describe()})

    def __reduce__(self):
        """Another process compiles its own program."""
        one = self.trainer
        make = functools.partial(
            CompiledEvaluator,
            batch_size=one.batch_size,
            learning_rate=one.learning_rate,
            checkpoints=self.checkpoints.folder,
        )
        return make, (self.space, self.dataset, one.skeleton, self.epochs)

    def describe(self) -> dict:
        """What a result of this evaluator depends on, JSON-ready."""
        return {**self.trainer.describe(), "evaluator": type(self).__name__}

    def __call__(self, candidate: Candidate, *, seed: int) -> Result:
        """Train and measure, as `TrainingEvaluator` does.

        Returns:
            A result with the same metrics; latency_ms is that of the compiled program.

        Raises:
            ValueError: If the architecture is not of the space, or asks for more epochs than the
                evaluator has.
        """
        epochs = self.trainer.epochs_of(candidate)
        start = time.perf_counter()
        run = self.start(candidate.architecture, seed=seed)
        earlier = self.checkpoints.load(candidate, seed)
        if earlier is not None:
            run.restore(earlier)
        run.train_to(steps_in(epochs, run.steps_per_epoch))
        if not np.isfinite(run.losses[-1]):
            message = f"FloatingPointError: the training loss is {run.losses[-1]}"
            return Result({}, time.perf_counter() - start, error=message)
        predicted = run.predict(self.dataset.x_val)
        metrics = {
            **classification_metrics(self.dataset.y_val, predicted, prefix="val_"),
            **self.costs(candidate.architecture),
            "latency_ms": run.latency_ms(),
        }
        if epochs < self.epochs:
            self.checkpoints.save(candidate, seed, run.state())
        return Result(metrics, time.perf_counter() - start)

    def final(self, architecture: Architecture, *, seed: int) -> tuple[keras.Model, dict]:
        """As `TrainingEvaluator.final`: an ordinary Keras model, tested once."""
        return self.trainer.final(architecture, seed=seed)

    def start(
        self, architecture: Architecture, *, seed: int, weights: np.ndarray | None = None
    ) -> "Run":
        """A training that has not taken a step yet.

        Args:
            architecture: What to train.
            seed: Of the initial weights and of the order of the samples.
            weights: Initial weights in place of fresh ones, as `StackedCells.weights_of` gives them.
        """
        self.space.require(architecture)
        return Run(self, architecture, seed, weights)

    def costs(self, architecture: Architecture) -> dict:
        """Parameters and FLOPs, as counted on Keras models.

        Both are sums over operations, and over additions where edges meet, so they are counted once
        on models with a single operation each, and added up.
        """
        graph = self.space.graph(architecture).pruned()
        single = self._costs_of_single_operations
        if not graph.edges:
            return dict(single["none"])
        costs = dict(single["skip_connect"])
        for operation in graph.operations[1:-1]:
            for name in costs:
                costs[name] += single[operation][name] - single["skip_connect"][name]
        num_additions = len(graph.edges) - (len(graph.operations) - 1)
        cells, filters = self.stacked.cells, self.stacked.filters
        costs["flops"] += cells * num_additions * self.stacked.length * filters
        return costs

    @functools.cached_property
    def _costs_of_single_operations(self) -> dict[str, dict]:
        """Operation -> costs of the network in which it alone joins input and output."""
        nothing = EdgeCellSpace.NONE
        models = {
            operation: self.trainer.build(
                Architecture((nothing, nothing, nothing, operation, nothing, nothing)), seed=0
            )
            for operation in EdgeCellSpace.OPERATIONS
        }
        return {
            operation: {"parameters": model.count_params(), "flops": count_flops(model)}
            for operation, model in models.items()
        }

    @functools.cached_property
    def training_tensors(self) -> tuple:
        """The training part (x, y) as tensors, made once."""
        data = self.dataset
        return _tensor(data.x_train, "float32"), _tensor(data.y_train, "int32")

    @functools.cached_property
    def program(self) -> "Program":
        """The compiled functions; each compiles at its first call."""
        return Program(self.stacked)


class Run:
    """One candidate in training: its weights, and how far it has come."""

    def __init__(
        self,
        evaluator: CompiledEvaluator,
        architecture: Architecture,
        seed: int,
        weights: np.ndarray | None,
    ):
        recipe = evaluator.trainer
        data = evaluator.dataset
        self._program = evaluator.program
        self._x, self._y = evaluator.training_tensors
        order = batches(len(data.x_train), recipe.batch_size, evaluator.epochs, seed)
        self.steps_per_epoch = len(order) // evaluator.epochs
        self._order = _tensor(order, "int32")
        self._rates = _tensor(falling_rates(recipe.learning_rate, len(order)), "float32")
        self.operations = evaluator.stacked.operations(evaluator.space, architecture)
        if weights is None:
            weights = evaluator.stacked.initial_weights(self.operations, seed)
        self._operations = _tensor(self.operations, "int32")
        self.steps = 0
        self.losses = np.zeros(0, "float32")
        self._state = (
            _tensor(weights, "float32"),
            _tensor(np.zeros_like(weights), "float32"),
            _tensor(evaluator.stacked.initial_statistics(), "float32"),
        )

    def train_to(self, step: int) -> None:
        """Go on until `step` steps have been taken; `losses` then holds one loss a step."""
        *state, losses = self._program.train(
            self._state, self._x, self._y, self._order, self._rates, self._operations,
            _tensor(self.steps, "int32"), _tensor(step, "int32"),
        )  # fmt: skip
        self._state = tuple(state)
        new = ops.convert_to_numpy(losses)[self.steps : step]
        self.losses, self.steps = np.concatenate([self.losses, new]), step

    def state(self) -> list[np.ndarray]:
        """All that `restore` needs to go on from here: losses, weights, velocity, statistics."""
        return [self.losses, *map(ops.convert_to_numpy, self._state)]

    def restore(self, state: Sequence[np.ndarray]) -> None:
        """Go to where a run of the same architecture and seed was when it gave its `state`."""
        self.losses, *tensors = state
        self.steps = len(self.losses)
        self._state = tuple(_tensor(values, "float32") for values in tensors)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """The predicted labels, of shape (num_samples,), with the weights of now."""
        weights, _, statistics = self._state
        padding = -len(x) % PREDICT_BATCH
        padded = np.concatenate([x, np.zeros((padding, *x.shape[1:]), x.dtype)])
        batches = padded.reshape(-1, PREDICT_BATCH, *x.shape[1:])
        logits = [
            self._program.predict(weights, statistics, _tensor(batch, "float32"), self._operations)
            for batch in batches
        ]
        labels = np.concatenate([ops.convert_to_numpy(one).argmax(axis=-1) for one in logits])
        return labels[: len(x)]

    def latency_ms(self) -> float:
        """Milliseconds of one forward pass of one sample through the compiled program."""
        weights, _, statistics = self._state
        sample = self._x[:1]
        return median_ms(
            lambda: self._program.predict(weights, statistics, sample, self._operations)
        )


class Program:
    """The functions that are compiled once: training steps, and prediction."""

    def __init__(self, stacked: StackedCells):
        self._loss_and_gradient = value_and_grad(stacked.loss)
        self.train = compiled(self._train)
        self.predict = compiled(stacked.logits_at_rest)

    def _train(self, state, x, y, order, rates, operations, start, stop):
        """Take the steps from `start` to `stop`: gradient descent with Nesterov momentum 0.9.

        Returns weights, velocity and statistics, and the loss of each step taken, in an array with
        one place per step of the whole training.
        """

        def step(index, carry):
            weights, velocity, statistics, losses = carry
            batch = order[index]
            (loss, of_batch), gradient = self._loss_and_gradient(
                weights, ops.take(x, batch, axis=0), ops.take(y, batch, axis=0), operations
            )
            weights, velocity = descend(weights, velocity, rates[index] * gradient)
            statistics = MOMENTUM * statistics + (1 - MOMENTUM) * of_batch
            place = ops.reshape(index, (1,))
            losses = ops.slice_update(losses, place, ops.reshape(loss, (1,)))
            return weights, velocity, statistics, losses

        return ops.fori_loop(start, stop, step, (*state, ops.zeros((order.shape[0],))))


def batches(num_samples: int, batch_size: int, epochs: int, seed: int) -> np.ndarray:
    """Which samples each step takes, of shape (num_steps, batch_size): a permutation an epoch."""
    batch_size = min(batch_size, num_samples)
    steps = num_samples // batch_size
    rng = np.random.default_rng(seed)
    order = [rng.permutation(num_samples)[: steps * batch_size] for _ in range(epochs)]
    return np.reshape(order, (epochs * steps, batch_size))


def falling_rates(learning_rate: float, num_steps: int) -> np.ndarray:
    """The learning rate of each step, along a cosine from `learning_rate` to zero."""
    return learning_rate * 0.5 * (1 + np.cos(np.pi * np.arange(num_steps) / num_steps))


def descend(weights, velocity, change):
    """One step of gradient descent with Nesterov momentum 0.9: the new weights and velocity.

    Args:
        weights, velocity: Tensors of one shape.
        change: The gradient times the learning rate.
    """
    velocity = 0.9 * velocity - change
    return weights + 0.9 * velocity - change, velocity


def _tensor(values, dtype: str):
    return ops.convert_to_tensor(np.asarray(values, dtype))


def suits(space: SearchSpace, dataset: Dataset, skeleton: Skeleton) -> bool:
    """Whether the compiled program can train these networks on these data."""
    is_sequence = len(dataset.input_shape) == 2
    return isinstance(space, EdgeCellSpace) and is_sequence and len(skeleton.cells) == 1
