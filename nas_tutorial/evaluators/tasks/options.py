"""The optional settings of a `Recipe`: checked, described, and refused where they are not honoured."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np

from nas_tutorial.data.datasets import Dataset
from nas_tutorial.names import digest, one_of, real, require_kind, shown, whole

if TYPE_CHECKING:  # it needs Keras, which settings do without
    from nas_tutorial.spaces.skeleton import Skeleton

OPTIMIZERS = {"sgd": 0.1, "adam": 0.002, "adamw": 0.002}  # -> the usual learning rate


class Settings(TypedDict, total=False):
    """What a `Recipe` takes besides space and data set, for editors and type checkers."""

    skeleton: "Skeleton | None"
    epochs: int
    batch_size: int
    learning_rate: float
    dtype_policy: str
    optimizer: str
    weight_decay: float
    label_smoothing: float
    class_weight: str | tuple[float, ...] | None
    patience: int | None
    callbacks: str | Callable | None
    max_seconds: float | None


@dataclass(frozen=True, kw_only=True)
class Options:
    """Settings of a training run that the course itself leaves as they are; `Recipe` has them too.

    Args:
        optimizer: "sgd", with Nesterov momentum of 0.9, "adam" or "adamw".
        weight_decay: Decoupled from the gradient, at least 0.
        label_smoothing: How far a label is drawn to the other classes, in [0, 1).
        class_weight: The weight of each class in the loss; "balanced" gives all the same sum.
        patience: After so many epochs without a smaller validation loss, unweighted, a run stops and
            takes the weights of its best epoch; None trains all epochs. The final training then
            stops by the validation set too, and is not trained on it.
        callbacks: A function that makes a list of Keras's callbacks for each run, and that other
            processes can import: itself, or "package.module:function". Its source and arguments are
            part of what the recipe is.
        max_seconds: A run that takes longer, building and compiling left out, is a failed trial; it
            is looked at after every step. None sets no limit. The final training
            has none, unless it has patience.
    """

    optimizer: str = "sgd"
    weight_decay: float = 0.0
    label_smoothing: float = 0.0
    class_weight: str | tuple[float, ...] | None = None
    patience: int | None = None
    callbacks: str | Callable | None = None
    max_seconds: float | None = None

    def checked(self, dataset: Dataset, learning_rate: float | None) -> dict[str, Any]:
        """The settings, each as it is kept, with the learning rate.

        Args:
            dataset: What is trained on.
            learning_rate: None takes the optimiser's usual one.

        Raises:
            ValueError: If one is of another kind or out of range, or does not fit the task.
        """
        task = dataset.task
        optimizer = one_of("optimizer", self.optimizer, OPTIMIZERS)
        rate = OPTIMIZERS[optimizer] if learning_rate is None else learning_rate
        smoothing = real("label_smoothing", self.label_smoothing, 0, below=1)
        if smoothing and task == "regression":
            raise ValueError(
                f"a regression must be trained without label_smoothing, got {smoothing}. Leave it out; "
                "smoothing is for classes."
            )
        if self.patience is not None:
            whole("patience", self.patience, 1, advice="Give a number of epochs, or None.")
        if self.max_seconds is not None:
            real("max_seconds", self.max_seconds, above=0, advice="Give seconds, or None.")
        if self.callbacks is not None:
            factory_of(self.callbacks)
        return {
            "optimizer": optimizer,
            "learning_rate": real("learning_rate", rate, above=0),
            "weight_decay": real("weight_decay", self.weight_decay, 0),
            "label_smoothing": smoothing,
            "class_weight": _class_weight(self.class_weight, dataset),
        }

    def described(self) -> dict:
        """What a description says of callbacks: their name, and a hash of their source and arguments."""
        if self.callbacks is None:
            return {}
        function, arguments = _parts(factory_of(self.callbacks))
        content = [inspect.getsource(function), repr(arguments)]
        return {"callbacks": name_of(self.callbacks), "callbacks_digest": digest(content)}

    def require_plain(self, evaluator: str, task: str) -> None:
        """Raise where a setting or the task is one that only `TrainingEvaluator` honours.

        Args:
            evaluator: The name of the one that does not, for the error.
            task: The data set's.

        Raises:
            ValueError: With the first such setting.
        """
        usual = {"task": "classification"} | {each.name: each.default for each in fields(Options)}
        for name, plain in usual.items():
            value = task if name == "task" else getattr(self, name)
            if value != plain:
                raise ValueError(
                    f"{evaluator} must get a recipe with {name}={plain!r}, which is all that it can "
                    f"do, got {shown(value)}. Use TrainingEvaluator."
                )

    def require_no_stops(self, epochs: float) -> None:
        """Raise where a candidate names its epochs, and patience or callbacks end runs as well.

        Raises:
            ValueError: If so: what such a run had learned could not be taken up again.
        """
        if self.patience is not None or self.callbacks is not None:
            raise ValueError(
                f"a recipe with patience or callbacks must get candidates that leave their epochs "
                f"to it, got one of {epochs} epochs. Leave both out for strategies that stop runs."
            )


def factory_of(callbacks):
    """The function without arguments that makes Keras callbacks.

    Args:
        callbacks: The function, a `functools.partial` of one, or "package.module:function".

    Raises:
        ValueError: If it is none that another process can import.
    """
    if isinstance(callbacks, str):
        module, _, name = callbacks.partition(":")
        try:
            return getattr(import_module(module), name)
        except (ImportError, AttributeError, ValueError) as error:
            raise ValueError(
                f'callbacks must name a function that can be imported, as "package.module:function", '
                f"got {callbacks!r}: {error}. Put it into a file of its own."
            ) from error
    function, _ = _parts(callbacks)
    is_importable = callable(function) and "<" not in getattr(function, "__qualname__", "<none>")
    if not is_importable:
        raise ValueError(
            f"callbacks must be a function at the top of a module, which makes a list of Keras's "
            f"callbacks for each training run, got {shown(callbacks)}. Define it with def, outside "
            "of other functions."
        )
    return callbacks


def name_of(callbacks) -> str:
    """The factory as a description names it."""
    if isinstance(callbacks, str):
        return callbacks
    function, arguments = _parts(callbacks)
    fixed = shown(arguments) if any(arguments) else ""
    return f"{function.__module__}:{function.__qualname__}{fixed}"


def _parts(factory) -> tuple[Any, tuple[tuple, dict]]:
    """The function itself, and the arguments that a `functools.partial` fixes."""
    if isinstance(factory, functools.partial):
        return factory.func, (factory.args, factory.keywords)
    return factory, ((), {})


def _class_weight(weights, dataset: Dataset):
    """None, "balanced", or one number per class."""
    if weights is None:
        return None
    if dataset.task != "classification":
        raise ValueError(
            f"class_weight must be None where the task is {dataset.task}, got {shown(weights)}. Leave "
            "it out."
        )
    if isinstance(weights, str):
        return one_of("class_weight", weights, ["balanced"])
    advice = 'Write class_weight="balanced", or one number per class, in their order.'
    require_kind("class_weight", weights, tuple | list, advice)
    number = dataset.num_classes
    whole("the number of class weights", len(weights), number, number, advice)
    return tuple(real("a class weight", weight, above=0, advice=advice) for weight in weights)


def sample_weights(class_weight, y: np.ndarray, num_classes: int) -> np.ndarray | None:
    """The weight of each sample in the loss, of shape (num_samples,); None where all weigh the same.

    "balanced" gives every class the same sum: num_samples / (num_classes * its samples).

    Args:
        class_weight: None, "balanced", or one number per class.
        y: Of shape (num_samples,).
        num_classes: How many there are.

    Reference:
        King and Zeng 2001, Logistic regression in rare events data; scikit-learn's "balanced".
    """
    if class_weight is None:
        return None
    if class_weight == "balanced":
        counts = np.bincount(y, minlength=num_classes)
        class_weight = len(y) / (num_classes * np.maximum(counts, 1))
    return np.asarray(class_weight, "float32")[y]
