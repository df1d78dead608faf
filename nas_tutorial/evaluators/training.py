"""How good is a candidate? `TrainingEvaluator` trains a fresh Keras model and measures it.

An evaluator is a callable `(candidate, *, seed) -> Result`. Evaluators never cache: a second
training of the same network is a second sample.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import asdict
from numbers import Integral, Real
from pathlib import Path

import numpy as np
from sklearn.metrics import accuracy_score, precision_recall_fscore_support

from nas_tutorial.backend import keras, latency_ms
from nas_tutorial.data.datasets import Dataset
from nas_tutorial.evaluators.checkpoints import Checkpoints
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.spaces.flops import count_flops
from nas_tutorial.spaces.skeleton import Skeleton
from nas_tutorial.trials import Candidate, Result


def classification_metrics(y_true: np.ndarray, y_pred: np.ndarray, *, prefix: str) -> dict:
    """Accuracy, and recall, precision and F1 as plain means over the classes ("macro").

    The classes are those that occur among labels or predictions. One that is never predicted has
    precision 0; one that is predicted but never true has recall 0.

    Args:
        y_true: Labels, of shape (num_samples,).
        y_pred: Predicted labels, of the same shape.
        prefix: Put before every name: "val_" or "test_".

    Returns:
        Name -> value in [0, 1].
    """
    precision, recall, f1, _ = precision_recall_fscore_support(
        y_true, y_pred, average="macro", zero_division=0
    )
    values = {
        "accuracy": accuracy_score(y_true, y_pred),
        "macro_recall": recall,
        "macro_precision": precision,
        "macro_f1": f1,
    }
    return {prefix + name: float(value) for name, value in values.items()}


def steps_in(epochs: float, steps_per_epoch: int) -> int:
    """Epochs as a whole number of steps, at least 1."""
    return max(1, round(epochs * steps_per_epoch))


class TrainingEvaluator:
    """Trains a fresh model per candidate and measures it on the validation part.

    Stochastic gradient descent with Nesterov momentum; the learning rate falls along a cosine laid
    out over all `epochs`, also where a candidate stops earlier. Batches come from a permutation of
    our own; an incomplete last batch is left out. So a training that stops and goes on takes the
    steps that it would have taken in one go.

    Args:
        space: Where candidates come from.
        dataset: What to train on.
        skeleton: How cells are stacked; None chooses `Skeleton.for_input`.
        epochs: Passes over the training part.
        batch_size: Samples a step.
        learning_rate: At the first step.
        checkpoints: A folder for trainings that stop before the last epoch. A candidate that
            resumes one goes on from there; where it finds nothing, or without a folder, it is
            trained from the beginning, with the same result, and the seconds say so.

    The backend keeps some memory of every training until its process ends, whatever is done here.
    `trials_a_process` says after how many a process should be replaced; see `workers.processes`.

    Raises:
        ValueError: If epochs, batch_size or learning_rate is not positive, or no number.

    Reference:
        Loshchilov and Hutter 2017, SGDR, equation 5 (cosine, without restarts).
    """

    MEGABYTES_A_TRIAL = 15  # see benchmarks/memory.py
    trials_a_process = 25

    def __init__(
        self,
        space: SearchSpace,
        dataset: Dataset,
        skeleton: Skeleton | None = None,
        epochs: int = 5,
        *,
        batch_size: int = 128,
        learning_rate: float = 0.1,
        checkpoints: str | Path | None = None,
    ):
        are_whole = isinstance(epochs, Integral) and isinstance(batch_size, Integral)
        is_rate = isinstance(learning_rate, Real) and 0 < learning_rate < math.inf
        if not are_whole or min(epochs, batch_size) < 1 or not is_rate:
            raise ValueError(
                "epochs and batch_size must be whole numbers of at least 1 and learning_rate "
                f"positive, got epochs={epochs!r:.40}, batch_size={batch_size!r:.40}, "
                f"learning_rate={learning_rate!r:.40}. Change the one that is wrong."
            )
        self.space = space
        self.dataset = dataset
        self.skeleton = skeleton or Skeleton.for_input(dataset.input_shape, dataset.vocabulary_size)
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.checkpoints = Checkpoints(checkpoints, {"space": space.name, **self.describe()})

    def describe(self) -> dict:
        """What a result of this evaluator depends on, JSON-ready."""
        return {
            "evaluator": type(self).__name__,
            "dataset": self.dataset.name,
            "skeleton": asdict(self.skeleton),
            "epochs": self.epochs,
            "batch_size": self.batch_size,
            "learning_rate": self.learning_rate,
        }

    def __call__(self, candidate: Candidate, *, seed: int) -> Result:
        """Train and measure; what goes wrong in training becomes a result with an error.

        Returns:
            A result with val_accuracy, val_macro_recall, val_macro_precision, val_macro_f1,
            parameters, flops and latency_ms.

        Raises:
            ValueError: If the architecture is not of the space, or asks for more epochs than the
                evaluator has.
            OSError: If a training that stops cannot be kept: a full disk is no fault of a network.
        """
        self.space.require(candidate.architecture)
        epochs = self.epochs_of(candidate)
        start = time.perf_counter()
        try:
            model = self.build(candidate.architecture, seed=seed)
            earlier = self.checkpoints.load(candidate, seed)
            x, y = self.dataset.x_train, self.dataset.y_train
            self.fit(model, x, y, seed=seed, epochs=epochs, earlier=earlier)
            metrics = self.measured(model)
            state = training_state(model) if epochs < self.epochs else None
        except Exception as error:  # a failed training is a result like any other
            message = f"{type(error).__name__}: {error}".splitlines()[0]
            return Result({}, time.perf_counter() - start, error=message)
        finally:
            keras.backend.clear_session()
        if state is not None:
            self.checkpoints.save(candidate, seed, state)
        return Result(metrics, time.perf_counter() - start)

    def build(self, architecture: Architecture, *, seed: int) -> keras.Model:
        """The untrained model of an architecture."""
        return self.skeleton.build(
            self.space.graph(architecture),
            self.dataset.input_shape,
            self.dataset.num_classes,
            seed=seed,
        )

    def fit(
        self,
        model: keras.Model,
        x: np.ndarray,
        y: np.ndarray,
        *,
        seed: int,
        epochs: float | None = None,
        earlier: Sequence[np.ndarray] | None = None,
    ) -> list[float]:
        """Train a model by this evaluator's recipe.

        Args:
            model: Changed in place.
            x: Inputs, of shape (num_samples, *input_shape).
            y: Labels, of shape (num_samples,).
            seed: Of the order of the samples.
            epochs: After how many of the evaluator's epochs to stop; None trains all.
            earlier: The `training_state` in which such a training with this seed stopped; it goes
                on from there.

        Returns:
            The mean training loss of each epoch, or part of an epoch, that was trained here.

        Raises:
            FloatingPointError: If the loss is no longer a number.
        """
        batch_size = min(self.batch_size, len(x))
        steps = len(x) // batch_size
        self.compile(model, steps)
        done = 0 if earlier is None else _restore(model, earlier)
        stop = steps_in(epochs or self.epochs, steps)
        rng = np.random.default_rng(seed)
        losses = []
        for first in range(0, stop, steps):  # of each epoch's steps
            order = rng.permutation(len(x))  # for finished epochs too, or the next would differ
            now = order[max(done - first, 0) * batch_size : min(stop - first, steps) * batch_size]
            if len(now) == 0:
                continue
            run = model.fit(x[now], y[now], batch_size=batch_size, shuffle=False, verbose=0)
            losses.append(run.history["loss"][0])
            if not np.isfinite(losses[-1]):
                raise FloatingPointError(
                    f"the training loss must be a finite number, got {losses[-1]} in epoch "
                    f"{first // steps + 1}. Lower the learning rate."
                )
        return losses

    def compile(self, model: keras.Model, steps_per_epoch: int, *, metrics=None) -> None:
        """Give a model this evaluator's loss, optimiser and learning-rate schedule.

        Args:
            model: Changed in place.
            steps_per_epoch: The schedule is laid out over so many steps times the epochs.
            metrics: What Keras is to report after every epoch, beside the loss.
        """
        schedule = keras.optimizers.schedules.CosineDecay(
            self.learning_rate, self.epochs * steps_per_epoch
        )
        model.compile(
            optimizer=keras.optimizers.SGD(schedule, momentum=0.9, nesterov=True),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=metrics,
            jit_compile=False if keras.backend.backend() == "tensorflow" else "auto",
        )

    def predict(self, model: keras.Model, x: np.ndarray) -> np.ndarray:
        """The predicted labels, of shape (num_samples,)."""
        return model.predict(x, batch_size=500, verbose=0).argmax(axis=-1)

    def final(self, architecture: Architecture, *, seed: int) -> tuple[keras.Model, dict]:
        """Train the chosen architecture on train plus validation, and read the test part once.

        Returns:
            The trained model, and its test_accuracy, test_macro_recall, test_macro_precision and
            test_macro_f1.

        Raises:
            RuntimeError: If this data set's test part was read before.
        """
        self.space.require(architecture)
        model = self.build(architecture, seed=seed)
        self.fit(model, *self.dataset.train_and_validation(), seed=seed)
        x_test, y_test = self.dataset.final_test()
        metrics = classification_metrics(y_test, self.predict(model, x_test), prefix="test_")
        return model, metrics

    def epochs_of(self, candidate: Candidate) -> float:
        """How many epochs to train a candidate for.

        Raises:
            ValueError: If it asks for more than the evaluator has.
        """
        if candidate.epochs is not None and candidate.epochs > self.epochs:
            raise ValueError(
                f"a candidate's epochs must lie in (0, {self.epochs}], the evaluator's own, got "
                f"{candidate.epochs}. Give the evaluator more epochs."
            )
        return candidate.epochs or self.epochs

    def measured(self, model: keras.Model) -> dict:
        """What a result of this evaluator says of a trained model: metrics and costs."""
        predicted = self.predict(model, self.dataset.x_val)
        return {
            **classification_metrics(self.dataset.y_val, predicted, prefix="val_"),
            "parameters": model.count_params(),
            "flops": count_flops(model),
            "latency_ms": latency_ms(model, self.dataset.x_val[:1]),
        }


def training_state(model: keras.Model) -> list[np.ndarray]:
    """All that a training goes on from: the weights, with the statistics of batch normalisation,
    and the optimizer's step and momentum."""
    return [np.asarray(variable) for variable in _variables(model)]


def _restore(model: keras.Model, state: Sequence[np.ndarray]) -> int:
    """Set a compiled model to a `training_state`; return how many steps it has taken."""
    model.optimizer.build(model.trainable_variables)
    for variable, value in zip(_variables(model), state, strict=True):
        variable.assign(value)
    return int(model.optimizer.iterations)


def _variables(model: keras.Model) -> list:
    return [*model.weights, *model.optimizer.variables]
