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

from nas_tutorial.backend import keras, latency_ms
from nas_tutorial.data.datasets import Dataset
from nas_tutorial.evaluators.checkpoints import Checkpoints, fits
from nas_tutorial.evaluators.metrics import require_finite
from nas_tutorial.evaluators.recipe import Recipe, Settings
from nas_tutorial.evaluators.tasks.options import sample_weights
from nas_tutorial.evaluators.tasks.outputs import task_of
from nas_tutorial.evaluators.tasks.training import optimizer_of, watched
from nas_tutorial.randomness import kept_global_state
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.spaces.flops import count_flops
from nas_tutorial.trials import Candidate, Result


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
        settings: `skeleton`, `epochs`, `batch_size`, `learning_rate` and others, as in `Recipe`.

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
        self.task = task_of(self.recipe.dataset)
        self.checkpoints = Checkpoints(checkpoints, self.describe())

    def describe(self) -> dict:
        """What a result of this evaluator depends on, JSON-ready."""
        return {"evaluator": type(self).__name__, **self.recipe.describe()}

    def __call__(self, candidate: Candidate, *, seed: int) -> Result:
        """Train and measure; what goes wrong in training becomes a result with an error.

        Returns:
            A result with what the task measures (val_accuracy, val_macro_recall,
            val_macro_precision and val_macro_f1 of a classification), parameters, flops and
            latency_ms.

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
        validates: bool = True,
    ) -> list[float]:
        """Train a model by the recipe.

        Args:
            model: Changed in place.
            x: Inputs, of shape (num_samples, *input_shape).
            y: As the data set has them.
            seed: Of the order of the samples.
            epochs: After how many of the recipe's epochs to stop; None trains all.
            earlier: The `training_state` in which such a run with this seed stopped; it goes on
                from there.
            validates: Whether the validation set may stop the run, which the recipe's patience asks
                for; not where it is trained on.

        Returns:
            The mean training loss of each epoch, or piece of an epoch, that was trained here.

        Raises:
            FloatingPointError: If the loss is no longer a number.
            TimeoutError: If the run takes longer than the recipe allows.
        """
        order = self.recipe.batches(len(x), np.random.default_rng(seed))
        steps = len(order) // self.recipe.epochs
        self.compile(model, steps)
        done = 0 if earlier is None else _restore(model, earlier)
        stop = steps_in(epochs or self.recipe.epochs, steps)
        losses: list[float] = []
        weights = sample_weights(self.recipe.class_weight, y, self.recipe.dataset.num_classes)
        with watched(self.recipe, model, validates=validates) as settings:
            while done < stop and not model.stop_training:
                epoch = done // steps
                end = min(stop, steps * (epoch + 1))  # of this epoch
                rows = order[done:end].ravel()
                run = model.fit(
                    x[rows], y[rows], batch_size=order.shape[1], shuffle=False, verbose=0,
                    sample_weight=None if weights is None else weights[rows],
                    initial_epoch=epoch, epochs=epoch + 1, **settings,
                )  # fmt: skip
                losses.append(run.history["loss"][0])
                require_finite("the training loss", losses, f"in epoch {epoch + 1}")
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
            optimizer=optimizer_of(self.recipe, schedule),
            loss=self.task.loss(self.recipe.dataset, self.recipe.label_smoothing),
            metrics=metrics,
            jit_compile=False if keras.backend.backend() == "tensorflow" else "auto",
        )

    def predict(self, model: keras.Model, x: np.ndarray) -> np.ndarray:
        """What is predicted, as the data set has it: labels of shape (num_samples,), or a row each.

        Raises:
            FloatingPointError: If a weight of the model, or what it returns, is no finite number.
        """
        return self.task.predictions(self._outputs(model, x))

    def _outputs(self, model: keras.Model, x: np.ndarray) -> np.ndarray:
        for weight in model.weights:  # max pooling hides some of them from loss and predictions
            require_finite(f"each number in {weight.path}", weight.numpy(), "after training")
        return model.predict(x, batch_size=500, verbose=0)

    def measured(self, model: keras.Model) -> dict:
        """What a result says of a trained model: its metrics and costs."""
        data = self.recipe.dataset
        outputs = self._outputs(model, data.x_val)
        return {
            **self.task.metrics(data.y_val, outputs, prefix="val_"),
            "parameters": model.count_params(),
            "flops": count_flops(model),
            "latency_ms": latency_ms(model, data.x_val[:1]),
        }

    def final(self, architecture: Architecture, *, seed: int) -> tuple[keras.Model, dict]:
        """Train the chosen architecture on training plus validation set; read the test set once.

        With the recipe's patience, the validation set says when to stop, and is not trained on.

        Returns:
            The trained model, and what the task measures on the test set: test_accuracy and so on;
            nothing where there is no test set.

        Raises:
            RuntimeError: If the test set was read before.
        """
        data, validates = self.recipe.dataset, self.recipe.patience is not None
        self.recipe.require(architecture)
        x, y = (data.x_train, data.y_train) if validates else data.train_and_validation()
        with kept_global_state(seed):
            model = self.recipe.build(architecture, seed=seed)
            self.fit(model, x, y, seed=seed, validates=validates)
        if not data.has_test:
            return model, {}
        x_test, y_test = data.final_test()
        self.tested = y_test, self._outputs(model, x_test)  # for figures of this one look
        return model, self.task.metrics(*self.tested, prefix="test_")


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
