"""What a network returns, how far that is from the truth, and what is measured: by task."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import f1_score, hamming_loss, mean_absolute_error, r2_score

from nas_tutorial.backend import keras
from nas_tutorial.data.datasets import Dataset
from nas_tutorial.evaluators.metrics import classification_metrics, labels, require_finite
from nas_tutorial.trials import Objective


@dataclass(frozen=True)
class Task:
    """How the outputs of a network are trained and read.

    Args:
        name: As in `Dataset`.
        objective: What a search is after, unless it is told otherwise.
        loss: (data set, label smoothing) -> Keras's loss, a function of y and outputs.
        predictions: Outputs of shape (num_samples, num_classes) -> what is predicted, in y's form.
        measures: (y, predictions, prefix) -> name of a metric -> value.
    """

    name: str
    objective: Objective
    loss: Callable
    predictions: Callable[[np.ndarray], np.ndarray]
    measures: Callable[..., dict]

    def metrics(self, y: np.ndarray, outputs: np.ndarray, *, prefix: str) -> dict:
        """What is measured of a network's outputs.

        Args:
            y: As the data set has it.
            outputs: Of shape (num_samples, num_classes).
            prefix: Put before every name: "val_" or "test_".

        Raises:
            FloatingPointError: If an output is no finite number.
        """
        return self.measures(y, self.predictions(outputs), prefix=prefix)


def task_of(dataset: Dataset) -> Task:
    """The task of a data set."""
    return TASKS_BY_NAME[dataset.task]


def with_head(model: keras.Model, dataset: Dataset) -> keras.Model:
    """A network whose outputs have the units of the answers.

    The last layer of a regression multiplies by the standard deviation of the targets in the
    training set and adds their mean, so that networks learn numbers near 0 and return, also where
    they are exported, what was measured. Logits stay as they are.
    """
    if dataset.task != "regression":
        return model
    mean, deviation = target_scale(dataset)
    scaled = keras.layers.Rescaling(deviation.tolist(), mean.tolist(), dtype="float32")(
        model.output
    )
    return keras.Model(model.inputs, scaled)


def target_scale(dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each target over the training set, of shape (num_targets,)."""
    mean, deviation = dataset.y_train.mean(axis=0), dataset.y_train.std(axis=0)
    return mean, np.where(deviation > 0, deviation, 1)


def _class_loss(dataset: Dataset, smoothing: float):
    if not smoothing:
        return keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def smoothed_crossentropy(y, logits):
        one_hot = keras.ops.one_hot(keras.ops.reshape(y, (-1,)), dataset.num_classes)
        return keras.losses.categorical_crossentropy(
            one_hot, logits, from_logits=True, label_smoothing=smoothing
        )

    return smoothed_crossentropy


def _label_loss(dataset: Dataset, smoothing: float):
    return keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=smoothing)


def _target_loss(dataset: Dataset, smoothing: float):
    scale = keras.ops.convert_to_tensor(target_scale(dataset)[1], "float32")

    def scaled_squared_error(y, outputs):
        return keras.ops.mean(keras.ops.square((y - outputs) / scale), axis=-1)

    return scaled_squared_error


def _flags(logits: np.ndarray) -> np.ndarray:
    """A label is predicted where its probability is above one half: where its logit is above 0."""
    require_finite("each predicted logit", logits, advice="Scale the inputs.")
    return (logits > 0).astype(int)


def _values(outputs: np.ndarray) -> np.ndarray:
    require_finite("each predicted value", outputs, advice="Scale the inputs.")
    return outputs


def label_metrics(y: np.ndarray, predicted: np.ndarray, *, prefix: str) -> dict:
    """F1 as a plain mean over the labels and over all decisions, and the share of wrong decisions.

    Args:
        y: 0 and 1, of shape (num_samples, num_labels).
        predicted: The same.
        prefix: Put before every name.
    """
    return {
        f"{prefix}macro_f1": float(f1_score(y, predicted, average="macro", zero_division=0)),
        f"{prefix}micro_f1": float(f1_score(y, predicted, average="micro", zero_division=0)),
        f"{prefix}hamming_loss": float(hamming_loss(y, predicted)),
    }


def target_metrics(y: np.ndarray, predicted: np.ndarray, *, prefix: str) -> dict:
    """Mean absolute error, root of the mean squared error, and R2 (0 for the mean), over targets.

    The first two have the targets' own units; of several targets each is the mean over targets.

    Args:
        y: Of shape (num_samples, num_targets).
        predicted: The same.
        prefix: Put before every name.
    """
    y, predicted = np.asarray(y, "float64"), np.asarray(predicted, "float64")
    squared = ((y - predicted) ** 2).mean(axis=0)
    return {
        f"{prefix}mae": float(mean_absolute_error(y, predicted)),
        f"{prefix}rmse": float(np.sqrt(squared).mean()),
        f"{prefix}r2": float(r2_score(y, predicted)),
    }


TASKS_BY_NAME = {
    "classification": Task(
        "classification", Objective(), _class_loss, labels, classification_metrics
    ),
    "multilabel": Task("multilabel", Objective("val_macro_f1"), _label_loss, _flags, label_metrics),
    "regression": Task(
        "regression", Objective("val_rmse", "min"), _target_loss, _values, target_metrics
    ),
}
