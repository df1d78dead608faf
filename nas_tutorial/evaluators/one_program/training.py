"""Annex: compile once, train any architecture. `CompiledEvaluator` for NAS-Bench-201's cell on sequences.

An ordinary evaluation compiles a program for every network, which takes longer than training a
small one. Here one program trains all of them: the architecture is an argument, and each edge runs
the operation that it names (see edge.py). Weights and optimiser are fresh for every candidate, and
the training run is that of `TrainingEvaluator`.
"""

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Unpack

import numpy as np

from nas_tutorial.backend import compile_function, keras, median_ms, value_and_grad
from nas_tutorial.data.datasets import Dataset
from nas_tutorial.evaluators.checkpoints import Checkpoints, fits
from nas_tutorial.evaluators.metrics import classification_metrics, labels, require_finite
from nas_tutorial.evaluators.one_program.network import SPACE, StackedCells
from nas_tutorial.evaluators.recipe import Recipe, Settings
from nas_tutorial.evaluators.training import TrainingEvaluator, attempt, steps_in
from nas_tutorial.randomness import generator
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.spaces.flops import count_flops
from nas_tutorial.spaces.operations import BUILT_IN, MOMENTUM, OPERATIONS
from nas_tutorial.spaces.skeleton import Skeleton
from nas_tutorial.trials import Candidate, Result

ops = keras.ops

PREDICT_BATCH = 250  # inputs that are predicted at a time


class CompiledEvaluator:
    """Trains and measures candidates of `EdgeCellSpace` on sequences by one compiled program.

    A space of your own may leave operations or cells of `EdgeCellSpace` out. One with other
    operations or another graph is refused.

    Args:
        recipe: For an `EdgeCellSpace`, inputs of shape (length, channels), one stage of cells and the
            dtype policy float32; or the space, from which a `Recipe` is made with the rest.
        dataset, checkpoints, settings: As in `TrainingEvaluator`.

    Raises:
        ValueError: If the recipe is of another kind, or an argument is wrong.
    """

    def __init__(
        self,
        recipe: Recipe | SearchSpace,
        dataset: Dataset | None = None,
        checkpoints: str | Path | None = None,
        **settings: Unpack[Settings],
    ):
        self.recipe = recipe = Recipe.of(recipe, dataset, settings)
        recipe.require_plain(type(self).__name__, recipe.dataset.task)
        require_suitable(recipe)
        self.stacked = StackedCells(
            length=recipe.dataset.input_shape[0],
            channels=recipe.dataset.input_shape[1],
            filters=recipe.skeleton.filters,
            cells=recipe.skeleton.cells[0],
            num_classes=recipe.dataset.num_classes,
        )
        self.checkpoints = Checkpoints(checkpoints, self.describe())

    def __reduce__(self):
        """Another process compiles its own program."""
        return type(self), (self.recipe, None, self.checkpoints.folder)

    def describe(self) -> dict:
        """What a result of this evaluator depends on, JSON-ready."""
        return {"evaluator": type(self).__name__, **self.recipe.describe()}

    def __call__(self, candidate: Candidate, *, seed: int) -> Result:
        """Train and measure, as `TrainingEvaluator` does.

        Returns:
            A result with the same metrics; latency_ms is that of the compiled program.

        Raises:
            ValueError: If the architecture is not of the space, or asks for more epochs than the
                recipe has.
        """
        self.operations(candidate.architecture)
        epochs = self.recipe.epochs_of(candidate)
        result, run = attempt(self._trained, candidate, epochs, seed=seed)
        if run is not None and epochs < self.recipe.epochs:
            self.checkpoints.save(candidate, seed, run.arrays())
        return result

    def _trained(
        self, candidate: Candidate, epochs: float, *, seed: int
    ) -> tuple[dict, "TrainingRun"]:
        """Metrics and training run of a candidate after so many epochs."""
        data = self.recipe.dataset
        run = self.start(candidate.architecture, seed=seed)
        earlier = self.checkpoints.load(candidate, seed)
        if earlier is not None:
            run.restore(earlier)
        run.train_to(steps_in(epochs, run.steps_per_epoch))
        run.require_finite()
        metrics = {
            **classification_metrics(data.y_val, run.predict(data.x_val), prefix="val_"),
            **self.costs(candidate.architecture),
            "latency_ms": run.latency_ms(),
        }
        return metrics, run

    def final(self, architecture: Architecture, *, seed: int) -> tuple[keras.Model, dict]:
        """As `TrainingEvaluator.final`: an ordinary Keras model, tested once."""
        return TrainingEvaluator(self.recipe).final(architecture, seed=seed)

    def start(
        self, architecture: Architecture, *, seed: int, weights: np.ndarray | None = None
    ) -> "TrainingRun":
        """A training run that has not taken a step yet.

        Args:
            architecture: What to train.
            seed: Of the initial weights and of the order of the samples.
            weights: Initial weights instead of fresh ones, as `StackedCells.weights_of` returns them.
        """
        operations = self.operations(architecture)
        if weights is None:
            weights = self.stacked.initial_weights(operations, generator(seed))
        return TrainingRun(self, operations, weights, seed)

    def operations(self, architecture: Architecture) -> np.ndarray:
        """As `StackedCells.operations`, of an architecture of the recipe's space.

        Raises:
            ValueError: If the architecture is not of the space, or is another network there than it
                is in `EdgeCellSpace`.
        """
        return operations_of(self.recipe.space, architecture)

    def costs(self, architecture: Architecture) -> dict:
        """Parameters and FLOPs, as counted on Keras models.

        Both are sums over operations, and over additions where edges meet, so they are counted once
        on models with a single operation each, and added up.
        """
        graph = self.recipe.space.graph(architecture).pruned()
        single = self._costs_of_single_operations
        if not graph.edges:
            return dict(single["none"])
        costs = dict(single["skip_connect"])
        for operation in graph.operations[1:-1]:
            for name in costs:
                costs[name] += single[operation][name] - single["skip_connect"][name]
        num_additions = len(graph.edges) - (len(graph.operations) - 1)
        stacked = self.stacked
        costs["flops"] += stacked.cells * num_additions * stacked.length * stacked.filters
        return costs

    @functools.cached_property
    def _costs_of_single_operations(self) -> dict[str, dict]:
        """Operation -> costs of the network in which it alone joins input and output."""
        nothing, costs = EdgeCellSpace.NONE, {}
        for operation in EdgeCellSpace.OPERATIONS:
            alone = Architecture((nothing, nothing, nothing, operation, nothing, nothing))
            model = self.recipe.build(alone, seed=0)
            costs[operation] = {"parameters": model.count_params(), "flops": count_flops(model)}
        return costs

    @functools.cached_property
    def training_tensors(self) -> tuple:
        """The training set (x, y) as tensors, made once."""
        data = self.recipe.dataset
        return tensor(data.x_train), tensor(data.y_train, "int32")

    @functools.cached_property
    def program(self) -> "TrainingProgram":
        """The compiled functions; each compiles at its first call."""
        return TrainingProgram(self.stacked)


def suits(recipe: Recipe) -> bool:
    """Whether the compiled program trains the very networks that the recipe builds."""
    try:
        require_suitable(recipe)
    except ValueError:
        return False
    return True


def require_suitable(recipe: Recipe) -> None:
    """Raise unless the compiled program trains the very networks that the recipe builds.

    Raises:
        ValueError: If space, inputs, skeleton or dtype policy are of another kind, or one of the
            operations was replaced by another of its name.
    """
    space, skeleton, inputs = recipe.space, recipe.skeleton, recipe.dataset.input_shape
    is_sequence = len(inputs) == 2 and recipe.dtype_policy == "float32"
    is_one_stage = type(skeleton) is Skeleton and len(skeleton.cells) == 1
    if not (isinstance(space, EdgeCellSpace) and is_sequence and is_one_stage):
        raise ValueError(
            "the compiled program must get an EdgeCellSpace, inputs of shape (length, channels), a "
            f"Skeleton of one stage and the dtype policy float32, got {type(space).__name__}, "
            f"inputs {inputs}, {skeleton} and {recipe.dtype_policy}. Use TrainingEvaluator."
        )
    for architecture in recipe.probes():
        operations_of(space, architecture)
        for name in space.graph(architecture).operations[1:-1]:
            if OPERATIONS[name] is not BUILT_IN[name]:
                raise ValueError(
                    f"the compiled program must get the library's own operations, but {name!r} was "
                    "replaced. Use TrainingEvaluator, or give yours a name of its own."
                )


def operations_of(space: SearchSpace, architecture: Architecture) -> np.ndarray:
    """As `StackedCells.operations`, of an architecture of a space.

    Raises:
        ValueError: If it is not of the space, or is another network there than in `EdgeCellSpace`.
    """
    space.require(architecture)
    if architecture not in SPACE or space.graph(architecture) != SPACE.graph(architecture):
        raise ValueError(
            "the compiled program must get cells with the operations and the graph of "
            f"EdgeCellSpace, got one of {type(space).__name__} that it does not know: "
            f"{architecture}. Use TrainingEvaluator."
        )
    return StackedCells.operations(architecture)


class State(NamedTuple):
    """Where a training run stands, in the step between two batches.

    Each is a tensor for the run of one network, and holds the numbers of all paths in a supernet.
    """

    weights: Any
    velocity: Any  # of the weights: momentum
    statistics: Any  # of batch normalisation: running means and variances


class TrainingRun:
    """The training run of one candidate: its weights, and how far it has come.

    Args:
        evaluator: Whose recipe and program to use.
        operations: The index of the operation on each edge, of shape (6,).
        weights: Initial weights, of shape (num_weights,).
        seed: Of the order of the samples.
    """

    def __init__(self, evaluator: CompiledEvaluator, operations, weights: np.ndarray, seed: int):
        recipe = evaluator.recipe
        self._program = evaluator.program
        self._data = evaluator.training_tensors
        order = recipe.batches(len(recipe.dataset.x_train), generator(seed))
        self.steps_per_epoch = len(order) // recipe.epochs
        self._plan = tensor(order, "int32"), tensor(falling_rates(recipe.learning_rate, len(order)))
        self._operations = tensor(operations, "int32")
        statistics = evaluator.stacked.initial_statistics()
        self.state = State(tensor(weights), tensor(np.zeros_like(weights)), tensor(statistics))
        self.losses = np.zeros(0, "float32")

    @property
    def steps(self) -> int:
        """How many steps have been taken."""
        return len(self.losses)

    def train_to(self, step: int) -> None:
        """Go on until `step` steps have been taken; `losses` then holds one loss per step."""
        done = self.steps
        self.state, losses = self._program.train(
            self.state, *self._data, *self._plan, self._operations,
            tensor(done, "int32"), tensor(step, "int32"),
        )  # fmt: skip
        self.losses = np.concatenate([self.losses, ops.convert_to_numpy(losses)[done:step]])

    def require_finite(self) -> None:
        """Raise unless losses, weights and statistics are finite numbers.

        Raises:
            FloatingPointError: If one is not.
        """
        require_finite("the training loss", self.losses, f"after {self.steps} steps")
        weights, _, statistics = self.state
        require_finite("each weight", weights, "after training")
        require_finite("each statistic of a batch normalisation", statistics, "after training")

    def arrays(self) -> list[np.ndarray]:
        """All that `restore` needs to go on from here: losses, weights, velocity, statistics."""
        return [self.losses, *map(ops.convert_to_numpy, self.state)]

    def restore(self, arrays: Sequence[np.ndarray]) -> None:
        """Go to where a run of the same architecture and seed was when it returned `arrays`.

        Arrays that do not fit leave it where it is.
        """
        if fits(arrays[1:], self.arrays()[1:]):
            self.losses, *state = arrays
            self.state = State(*map(tensor, state))

    def predict(self, x: np.ndarray) -> np.ndarray:
        """The labels that the current weights predict, of shape (num_samples,).

        Raises:
            FloatingPointError: If a logit is no finite number.
        """
        padding = np.zeros((-len(x) % PREDICT_BATCH, *x.shape[1:]), x.dtype)
        padded = np.concatenate([x, padding]).reshape(-1, PREDICT_BATCH, *x.shape[1:])
        logits = [ops.convert_to_numpy(self._logits(tensor(batch))) for batch in padded]
        return labels(np.concatenate(logits)[: len(x)])

    def latency_ms(self) -> float:
        """Milliseconds of one forward pass of one sample through the compiled program."""
        sample = self._data[0][:1]
        return median_ms(lambda: self._logits(sample))

    def _logits(self, x):
        weights, _, statistics = self.state
        return self._program.predict(weights, statistics, x, self._operations)


class TrainingProgram:
    """The functions that are compiled once: training steps, and prediction.

    Args:
        stacked: The networks.
    """

    def __init__(self, stacked: StackedCells):
        self._loss_and_gradient = value_and_grad(stacked.loss)
        self.train = compile_function(self._train)
        self.predict = compile_function(stacked.logits_at_rest)

    def step(self, state: State, x, y, operations, rate) -> tuple:
        """The state after one batch (x, y), and the loss before: Nesterov momentum 0.9."""
        (loss, statistics), gradient = self._loss_and_gradient(state.weights, x, y, operations)
        weights, velocity = descend(state.weights, state.velocity, rate * gradient)
        statistics = ops.reshape(statistics, state.statistics.shape)
        statistics = MOMENTUM * state.statistics + (1 - MOMENTUM) * statistics
        return State(weights, velocity, statistics), loss

    def _train(self, state, x, y, order, rates, operations, start, stop):
        def step(index, state):
            some = ops.take(x, order[index], axis=0), ops.take(y, order[index], axis=0)
            return self.step(state, *some, operations, rates[index])

        return take_steps(step, state, order.shape[0], start, stop)


def take_steps(step: Callable, state: State, num_steps: int, start, stop) -> tuple:
    """Take the steps from `start` to `stop`.

    Args:
        step: (index, state) -> the next state, and the loss of the step.
        state: Before the first of them.
        num_steps: Of the whole training run.
        start, stop: Scalar tensors.

    Returns:
        The state after them, and the loss of each step taken, in an array of shape (num_steps,).
    """

    def body(index, carry):
        state, loss = step(index, carry[0])
        place = ops.reshape(index, (1,))
        return state, ops.slice_update(carry[1], place, ops.reshape(loss, (1,)))

    return ops.fori_loop(start, stop, body, (state, ops.zeros((num_steps,))))


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


def tensor(values, dtype: str = "float32"):
    """Numbers as a tensor of the backend."""
    return ops.convert_to_tensor(np.asarray(values, dtype))
