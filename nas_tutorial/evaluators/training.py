"""How good is a candidate? `TrainingEvaluator` trains a fresh Keras model and measures it.

An evaluator is a callable `(candidate, *, seed) -> Result`. Evaluators never cache: a second
training run of the same network is a second sample.
"""

import gc
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Unpack

import numpy as np
from sklearn.metrics import accuracy_score, precision_recall_fscore_support

from nas_tutorial.backend import keras, latency_ms
from nas_tutorial.data.datasets import Dataset
from nas_tutorial.evaluators.checkpoints import Checkpoints, fits
from nas_tutorial.evaluators.recipe import Recipe, Settings
from nas_tutorial.randomness import kept_global_state
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.spaces.flops import count_flops
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
    names = ("accuracy", "macro_recall", "macro_precision", "macro_f1")
    values = (accuracy_score(y_true, y_pred), recall, precision, f1)
    return {prefix + name: float(value) for name, value in zip(names, values)}


def steps_in(epochs: float, steps_per_epoch: int) -> int:
    """Epochs as a whole number of steps, at least 1."""
    return max(1, round(epochs * steps_per_epoch))


def attempt(measure: Callable[..., tuple[dict, Any]], *arguments, seed: int) -> tuple[Result, Any]:
    """Train and measure; what goes wrong becomes a result with an error.

    Args:
        measure: (*arguments, seed=...) -> the metrics, and whatever else is to be returned.
        arguments: Of `measure`.
        seed: Of the training run.

    Returns:
        The result, and what else `measure` returned; None where it failed.
    """
    start = time.perf_counter()
    with kept_global_state(seed):  # from which layers of your own may take their seeds
        try:
            metrics, others = measure(*arguments, seed=seed)
        except Exception as error:  # a failed training run is a result like any other
            return Result.of_error(error, time.perf_counter() - start), None
    return Result(metrics, time.perf_counter() - start), others


def require_finite(
    what: str, values, when: str = "", advice: str = "Lower the learning rate."
) -> None:
    """Raise unless all values are finite numbers.

    Args:
        what: What one of them is, for the error.
        values: A number, or an array or tensor of any shape.
        when: When they came, for the error.
        advice: What to do about others; ends the error.

    Raises:
        FloatingPointError: If one is infinite or no number.
    """
    values = np.asarray(values)
    if not (are_finite := np.isfinite(values)).all():
        wrong = f"{float(values[~are_finite][0])} {when}".strip()
        raise FloatingPointError(f"{what} must be a finite number, got {wrong}. {advice}")


class TrainingEvaluator:
    """Trains a fresh model per candidate and measures it on the validation set.

    Stochastic gradient descent with Nesterov momentum; the learning rate falls along a cosine laid
    out over all epochs of the recipe, even if a candidate stops earlier. Batches come from a
    permutation of our own; an incomplete last batch is left out. So a run that stops and resumes
    takes the steps that an uninterrupted one takes.

    Args:
        recipe: What to train and how; or a space, from which a `Recipe` is made with the rest.
        dataset: What to train on, where no recipe is given.
        checkpoints: A folder for runs that stop before the last epoch. A candidate that resumes one
            goes on from there. Where nothing is found, or without a folder, it is trained from the
            beginning, with the same result, and the seconds are those of the whole run.
        settings: `skeleton`, `epochs`, `batch_size` and `learning_rate`, as in `Recipe`.

    The backend keeps some memory of every training run until its process ends, whatever is done
    here. `trials_a_process` says after how many a process should be replaced; see
    `workers.processes`.

    Reference:
        Loshchilov and Hutter 2017, SGDR, equation 5 (cosine, without restarts).
    """

    trials_a_process = 25

    def __init__(
        self,
        recipe: Recipe | SearchSpace,
        dataset: Dataset | None = None,
        checkpoints: str | Path | None = None,
        **settings: Unpack[Settings],
    ):
        self.recipe = Recipe.of(recipe, dataset, settings)
        self.checkpoints = Checkpoints(checkpoints, self.describe())

    def describe(self) -> dict:
        """What a result of this evaluator depends on, JSON-ready."""
        return {"evaluator": type(self).__name__, **self.recipe.describe()}

    def __call__(self, candidate: Candidate, *, seed: int) -> Result:
        """Train and measure; what goes wrong in training becomes a result with an error.

        Returns:
            A result with val_accuracy, val_macro_recall, val_macro_precision, val_macro_f1,
            parameters, flops and latency_ms.

        Raises:
            ValueError: If the architecture is not of the space, or asks for more epochs than the
                recipe has, or what its layers cost is not known.
            OSError: If a checkpoint cannot be written: a full disk is no fault of a network.
        """
        self.recipe.require(candidate.architecture)
        epochs = self.recipe.epochs_of(candidate)
        result, state = attempt(self._trained, candidate, epochs, seed=seed)
        gc.collect()  # Keras's clear_session would reset dtype policy, distribution and seeds, too
        if result.error is None and epochs < self.recipe.epochs:
            self.checkpoints.save(candidate, seed, state)
        return result

    def _trained(self, candidate: Candidate, epochs: float, *, seed: int) -> tuple[dict, list]:
        """Metrics and `training_state` of a candidate after so many epochs."""
        data = self.recipe.dataset
        model = self.recipe.build(candidate.architecture, seed=seed)
        earlier = self.checkpoints.load(candidate, seed)
        self.fit(model, data.x_train, data.y_train, seed=seed, epochs=epochs, earlier=earlier)
        return self.measured(model), training_state(model)

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
        """Train a model by the recipe.

        Args:
            model: Changed in place.
            x: Inputs, of shape (num_samples, *input_shape).
            y: Labels, of shape (num_samples,).
            seed: Of the order of the samples.
            epochs: After how many of the recipe's epochs to stop; None trains all.
            earlier: The `training_state` in which such a run with this seed stopped; it goes on
                from there.

        Returns:
            The mean training loss of each epoch, or piece of an epoch, that was trained here.

        Raises:
            FloatingPointError: If the loss is no longer a number.
        """
        order = self.recipe.batches(len(x), np.random.default_rng(seed))
        steps = len(order) // self.recipe.epochs
        self.compile(model, steps)
        done = 0 if earlier is None else _restore(model, earlier)
        stop = steps_in(epochs or self.recipe.epochs, steps)
        losses = []
        while done < stop:
            end = min(stop, steps * (done // steps + 1))  # of this epoch
            rows = order[done:end].ravel()
            run = model.fit(x[rows], y[rows], batch_size=order.shape[1], shuffle=False, verbose=0)
            losses.append(run.history["loss"][0])
            require_finite("the training loss", losses, f"in epoch {done // steps + 1}")
            done = end
        return losses

    def compile(self, model: keras.Model, steps_per_epoch: int, *, metrics=None) -> None:
        """Give a model the recipe's loss, optimiser and learning-rate schedule.

        Args:
            model: Changed in place.
            steps_per_epoch: The schedule is laid out over so many steps times the epochs.
            metrics: What Keras reports after every epoch besides the loss.
        """
        num_steps = self.recipe.epochs * steps_per_epoch
        schedule = keras.optimizers.schedules.CosineDecay(self.recipe.learning_rate, num_steps)
        model.compile(
            optimizer=keras.optimizers.SGD(schedule, momentum=0.9, nesterov=True),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=metrics,
            jit_compile=False if keras.backend.backend() == "tensorflow" else "auto",
        )

    def predict(self, model: keras.Model, x: np.ndarray) -> np.ndarray:
        """The predicted labels, of shape (num_samples,).

        Raises:
            FloatingPointError: If a weight of the model, or what it returns, is no finite number.
        """
        for weight in model.weights:  # max pooling hides some of them from loss and predictions
            require_finite(f"each number in {weight.path}", weight.numpy(), "after training")
        return labels(model.predict(x, batch_size=500, verbose=0))

    def measured(self, model: keras.Model) -> dict:
        """What a result says of a trained model: its metrics and costs."""
        data = self.recipe.dataset
        return {
            **classification_metrics(data.y_val, self.predict(model, data.x_val), prefix="val_"),
            "parameters": model.count_params(),
            "flops": count_flops(model),
            "latency_ms": latency_ms(model, data.x_val[:1]),
        }

    def final(self, architecture: Architecture, *, seed: int) -> tuple[keras.Model, dict]:
        """Train the chosen architecture on training plus validation set; read the test set once.

        Returns:
            The trained model, and its test_accuracy, test_macro_recall, test_macro_precision and
            test_macro_f1.

        Raises:
            RuntimeError: If the test set was read before.
        """
        data = self.recipe.dataset
        self.recipe.require(architecture)
        with kept_global_state(seed):
            model = self.recipe.build(architecture, seed=seed)
            self.fit(model, *data.train_and_validation(), seed=seed)
        x_test, y_test = data.final_test()
        return model, classification_metrics(y_test, self.predict(model, x_test), prefix="test_")


def labels(logits: np.ndarray) -> np.ndarray:
    """The class with the largest logit for each sample, of shape (num_samples,).

    Args:
        logits: Of shape (num_samples, num_classes).

    Raises:
        FloatingPointError: If one is no finite number; the largest would be the first of those.
    """
    advice = "Scale the inputs, or look at layers of your own."
    require_finite("each predicted logit", logits, advice=advice)
    return logits.argmax(axis=-1)


def training_state(model: keras.Model) -> list[np.ndarray]:
    """All that a training run goes on from: the weights, with the statistics of batch
    normalisation, and the optimiser's step and momentum."""
    return [np.asarray(variable) for variable in _variables(model)]


def _restore(model: keras.Model, state: Sequence[np.ndarray]) -> int:
    """Set a compiled model to a `training_state`; return how many steps it has taken.

    A state that does not fit the model leaves it as it is, at step 0.
    """
    model.optimizer.build(model.trainable_variables)
    if fits(state, training_state(model)):
        for variable, value in zip(_variables(model), state):
            variable.assign(value)
    return int(model.optimizer.iterations)


def _variables(model: keras.Model) -> list:
    return [*model.weights, *model.optimizer.variables]
