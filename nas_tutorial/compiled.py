"""Compile once, train any architecture: `CompiledEvaluator` for NAS-Bench-201's cell on sequences.

An ordinary evaluation compiles a program for every network, which takes longer than training a
small one. Here one program trains all of them: the architecture is an argument, and each edge runs
the operation that it names (see switched.py). Weights and optimizer are fresh for every candidate,
and the recipe is `TrainingEvaluator`'s.
"""

import functools
import re
import time
from itertools import pairwise

import numpy as np

from nas_tutorial.architecture import Architecture
from nas_tutorial.backend import compiled, keras, median_ms, value_and_grad
from nas_tutorial.data import Dataset
from nas_tutorial.evaluation import TrainingEvaluator, classification_metrics, steps_in
from nas_tutorial.models import MOMENTUM, Skeleton, count_flops
from nas_tutorial.spaces import EdgeCellSpace
from nas_tutorial.switched import (
    as_rows,
    edge,
    edge_at_rest,
    edge_weights,
    normalise,
    normalise_at_rest,
    taps,
)
from nas_tutorial.trials import Candidate, Result

ops = keras.ops

PREDICT_BATCH = 250  # inputs that are predicted at a time


class CompiledEvaluator:
    """Trains and measures candidates of `EdgeCellSpace` on sequences by one compiled program.

    Args:
        space: An `EdgeCellSpace`.
        dataset: Inputs of shape (length, channels).
        skeleton: One stage of cells; None takes `Skeleton.for_input`.
        epochs, batch_size, learning_rate: As in `TrainingEvaluator`.

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
    ):
        self.trainer = TrainingEvaluator(
            space, dataset, skeleton, epochs, batch_size=batch_size, learning_rate=learning_rate
        )
        _require_sequences(space, dataset, self.trainer.skeleton)
        self.space = space
        self.dataset = dataset
        self.epochs = epochs
        self._costs: dict[tuple, dict] = {}
        self.network = Network(
            length=dataset.input_shape[0],
            channels=dataset.input_shape[1],
            filters=self.trainer.skeleton.filters,
            cells=self.trainer.skeleton.cells[0],
            num_classes=dataset.num_classes,
        )

    def __reduce__(self):
        """Another process compiles its own program."""
        one = self.trainer
        recipe = {"batch_size": one.batch_size, "learning_rate": one.learning_rate}
        make = functools.partial(CompiledEvaluator, **recipe)
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
        return Result(metrics, time.perf_counter() - start)

    def start(
        self, architecture: Architecture, *, seed: int, weights: np.ndarray | None = None
    ) -> "Run":
        """A training that has not taken a step yet.

        Args:
            architecture: What to train.
            seed: Of the initial weights and of the order of the samples.
            weights: Initial weights in place of fresh ones, as `Network.weights_of` gives them.
        """
        self.space.require(architecture)
        return Run(self, architecture, seed, weights)

    def costs(self, architecture: Architecture) -> dict:
        """Parameters and FLOPs, counted on the Keras model.

        They depend only on which operations there are and on how many edges join them, so one model
        is built for all networks that agree in both.
        """
        graph = self.space.graph(architecture).pruned()
        key = tuple(sorted(graph.operations)), len(graph.edges)
        if key not in self._costs:
            model = self.trainer.build(architecture, seed=0)
            self._costs[key] = {"parameters": model.count_params(), "flops": count_flops(model)}
        return dict(self._costs[key])

    @functools.cached_property
    def program(self) -> "Program":
        """The compiled functions; each compiles at its first call."""
        return Program(self.network)


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
        self._network = evaluator.network
        self._x, self._y = _on_device(evaluator)
        batch_size = min(recipe.batch_size, len(data.x_train))
        self.steps_per_epoch = len(data.x_train) // batch_size
        num_steps = evaluator.epochs * self.steps_per_epoch
        rng = np.random.default_rng(seed)
        order = [
            rng.permutation(len(data.x_train))[: self.steps_per_epoch * batch_size]
            for _ in range(evaluator.epochs)
        ]
        self._order = _tensor(np.reshape(order, (num_steps, batch_size)), "int32")
        cosine = 0.5 * (1 + np.cos(np.pi * np.arange(num_steps) / num_steps))
        self._rates = _tensor(recipe.learning_rate * cosine, "float32")
        self.operations = evaluator.network.operations(evaluator.space, architecture)
        if weights is None:
            weights = evaluator.network.initial_weights(self.operations, seed)
        self._operations = _tensor(self.operations, "int32")
        self.steps = 0
        self.losses = np.zeros(0, "float32")
        self._state = (
            _tensor(weights, "float32"),
            _tensor(np.zeros_like(weights), "float32"),
            _tensor(evaluator.network.initial_statistics(), "float32"),
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

    def __init__(self, network: "Network"):
        self._loss_and_gradient = value_and_grad(network.loss)
        self.train = compiled(self._train)
        self.predict = compiled(network.logits_at_rest)

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
            change = rates[index] * gradient
            velocity = 0.9 * velocity - change
            weights = weights + 0.9 * velocity - change
            statistics = MOMENTUM * statistics + (1 - MOMENTUM) * of_batch
            place = ops.reshape(index, (1,))
            losses = ops.slice_update(losses, place, ops.reshape(loss, (1,)))
            return weights, velocity, statistics, losses

        return ops.fori_loop(start, stop, step, (*state, ops.zeros((order.shape[0],))))


class Network:
    """The stacked cells as functions of one vector of weights, for any choice of operations.

    The vector holds the stem (a convolution of three taps and its batch normalisation), the edges
    of all cells in turn, and the head (batch normalisation and the classifier).

    Args:
        length, channels: Of an input.
        filters: Channels inside.
        cells: How many.
        num_classes: Size of the output.
    """

    def __init__(self, *, length: int, channels: int, filters: int, cells: int, num_classes: int):
        self.length, self.channels, self.filters = length, channels, filters
        self.cells, self.num_classes = cells, num_classes
        num_edges = cells * len(EdgeCellSpace.EDGES)
        sizes = (
            3 * channels * filters + 2 * filters,
            *(edge_weights(filters),) * num_edges,
            2 * filters,
            filters * num_classes + num_classes,
        )
        ends = np.cumsum((0, *sizes))
        self.slices = [slice(int(a), int(b)) for a, b in pairwise(ends)]
        self.num_weights = int(ends[-1])

    def operations(self, space: EdgeCellSpace, architecture: Architecture) -> np.ndarray:
        """The index of each edge's operation, of shape (6,), dead edges removed."""
        alive = space.without_dead_edges(architecture)
        return np.array([space.OPERATIONS.index(value) for value in alive.values])

    def initial_weights(self, operations: np.ndarray, seed: int) -> np.ndarray:
        """Fresh weights: He's normal kernels, a Glorot classifier, scale 1 and offset 0.

        Reference:
            He et al. 2015, Delving deep into rectifiers, equation 10.
            Glorot and Bengio 2010, equation 16.
        """
        rng = np.random.default_rng(seed)
        filters = self.filters
        neutral = np.concatenate([np.ones(filters), np.zeros(filters)])
        parts = [_he_normal((3 * self.channels, filters), 3 * self.channels, rng), neutral]
        for _ in range(self.cells):
            for operation in operations:
                one_tap = EdgeCellSpace.OPERATIONS[operation] == "nor_conv_1x1"
                fan_in = filters if one_tap else 3 * filters
                parts += [_he_normal((3 * filters, filters), fan_in, rng), neutral]
        limit = (6 / (filters + self.num_classes)) ** 0.5
        classifier = rng.uniform(-limit, limit, (filters, self.num_classes))
        parts += [neutral, classifier, np.zeros(self.num_classes)]
        return np.concatenate([part.ravel() for part in parts]).astype("float32")

    def weights_of(self, model: keras.Model, operations: np.ndarray) -> np.ndarray:
        """The vector that holds the weights of a Keras model of the same architecture.

        Args:
            model: Built by `Skeleton` from the same choice of operations.
            operations: Of shape (6,), dead edges removed.
        """
        vector = self.initial_weights(operations, seed=0)
        convolutions, norms, (classifier,) = (
            iter(_in_order_of_creation(model, kind))
            for kind in ("Conv1D", "BatchNormalization", "Dense")
        )

        def fill(part: slice, *arrays) -> None:
            flat = np.concatenate([np.ravel(array) for array in arrays])
            vector[part.start : part.start + len(flat)] = flat

        def scale_and_offset() -> list:
            return next(norms).get_weights()[:2]

        fill(self.slices[0], *next(convolutions).get_weights(), *scale_and_offset())
        edges = EdgeCellSpace.EDGES
        for cell in range(self.cells):
            for number in sorted(range(len(edges)), key=edges.__getitem__):
                part = self.slices[1 + cell * len(edges) + number]
                if "conv" in EdgeCellSpace.OPERATIONS[operations[number]]:
                    fill(part, *next(convolutions).get_weights())
                    vector[part.stop - 2 * self.filters : part.stop] = np.ravel(scale_and_offset())
        fill(self.slices[-2], *scale_and_offset())
        fill(self.slices[-1], *classifier.get_weights())
        return vector

    def initial_statistics(self) -> np.ndarray:
        """Mean 0 and variance 1 for every batch normalisation: (number of them, 2, filters)."""
        one = np.stack([np.zeros(self.filters), np.ones(self.filters)])
        return np.tile(one, (len(self.slices) - 1, 1, 1)).astype("float32")

    def loss(self, weights, x, y, operations):
        """Mean cross-entropy of a batch in training, and the batch statistics."""
        parts = [weights[part] for part in self.slices]
        collected = []

        def normalised(z, scale_and_offset):
            rows, _, statistics = normalise(as_rows(z))
            collected.append(statistics)
            return self._scaled(rows, scale_and_offset, z)

        def applied(number, operation, tensor):
            y, statistics = edge(operation, tensor, parts[1 + number])
            collected.append(statistics)
            return y

        logits = self._logits(x, parts, operations, normalised, applied)
        losses = ops.sparse_categorical_crossentropy(y, logits, from_logits=True)
        return ops.mean(losses), ops.stack(collected)

    def logits_at_rest(self, weights, statistics, x, operations):
        """Logits of shape (batch, num_classes), by the statistics that training collected."""
        parts = [weights[part] for part in self.slices]
        waiting = iter(range(len(self.slices) - 1))

        def normalised(z, scale_and_offset):
            rows = normalise_at_rest(as_rows(z), statistics[next(waiting)])
            return self._scaled(rows, scale_and_offset, z)

        def applied(number, operation, tensor):
            return edge_at_rest(operation, tensor, parts[1 + number], statistics[next(waiting)])

        return self._logits(x, parts, operations, normalised, applied)

    def _logits(self, x, parts, operations, normalised, applied):
        """Stem, cells and head; how to normalise and how to apply an edge are arguments."""
        filters = self.filters
        stem, head, classifier = parts[0], parts[-2], parts[-1]
        kernel = ops.reshape(stem[: -2 * filters], (3 * self.channels, filters))
        z = ops.matmul(as_rows(taps(x)), kernel)
        x = normalised(ops.reshape(z, (-1, self.length, filters)), stem[-2 * filters :])
        for cell in range(self.cells):
            x = _cell(x, operations, applied, first=cell * len(EdgeCellSpace.EDGES))
        pooled = ops.mean(ops.relu(normalised(x, head)), axis=1)
        matrix = ops.reshape(classifier[: -self.num_classes], (filters, self.num_classes))
        return ops.matmul(pooled, matrix) + classifier[-self.num_classes :]

    def _scaled(self, rows, scale_and_offset, like):
        scale, offset = scale_and_offset[: self.filters], scale_and_offset[self.filters :]
        return ops.reshape(rows * scale + offset, (-1, self.length, self.filters))


def _cell(x, operations, applied, *, first: int):
    """The four nodes of a cell, each the sum of the edges that lead to it."""
    nodes = [x] + [None] * (EdgeCellSpace.NUM_NODES - 1)
    for number, (source, target) in enumerate(EdgeCellSpace.EDGES):
        y = applied(first + number, operations[number], nodes[source])
        nodes[target] = y if nodes[target] is None else nodes[target] + y
    return nodes[-1]


def _in_order_of_creation(model: keras.Model, kind: str) -> list:
    """The model's layers of one class; Keras numbers their names as it makes them."""
    layers = [layer for layer in model.layers if type(layer).__name__ == kind]
    return sorted(layers, key=lambda layer: [int(n) for n in re.findall(r"_(\d+)$", layer.name)])


def _he_normal(shape: tuple[int, int], fan_in: int, rng: np.random.Generator) -> np.ndarray:
    """Normal numbers cut at two standard deviations, with variance 2 / fan_in, as Keras draws."""
    drawn = rng.standard_normal(shape)
    while (outside := np.abs(drawn) > 2).any():
        drawn[outside] = rng.standard_normal(int(outside.sum()))
    return drawn * (2 / fan_in) ** 0.5 / 0.87962566103423978  # the cut normal's own deviation


def _on_device(evaluator: CompiledEvaluator):
    """The training part as tensors, made once an evaluator."""
    if not hasattr(evaluator, "_tensors"):
        data = evaluator.dataset
        evaluator._tensors = _tensor(data.x_train, "float32"), _tensor(data.y_train, "int32")
    return evaluator._tensors


def _tensor(values, dtype: str):
    return ops.convert_to_tensor(np.asarray(values, dtype))


def _require_sequences(space, dataset: Dataset, skeleton: Skeleton) -> None:
    if (
        not isinstance(space, EdgeCellSpace)
        or len(dataset.input_shape) != 2
        or len(skeleton.cells) != 1
    ):
        raise ValueError(
            "the compiled program must get an EdgeCellSpace, inputs of shape (length, channels) "
            f"and a skeleton of one stage, got {type(space).__name__}, inputs "
            f"{dataset.input_shape} and cells={skeleton.cells}. Use TrainingEvaluator."
        )
