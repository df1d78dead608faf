"""How a recipe's optional settings change a training run: optimiser, early stopping, callbacks, time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from nas_tutorial.backend import keras
from nas_tutorial.evaluators.tasks.options import factory_of


def optimizer_of(recipe, schedule) -> keras.optimizers.Optimizer:
    """A fresh optimiser; weight decay is decoupled from the gradient.

    Args:
        recipe: With `optimizer` and `weight_decay`.
        schedule: Of the learning rate.

    Reference:
        Loshchilov and Hutter 2019, Decoupled weight decay regularization, algorithms 1 and 2.
    """
    if recipe.optimizer == "sgd":
        decay = recipe.weight_decay or None
        return keras.optimizers.SGD(schedule, momentum=0.9, nesterov=True, weight_decay=decay)
    kind = {"adam": keras.optimizers.Adam, "adamw": keras.optimizers.AdamW}[recipe.optimizer]
    return kind(schedule, weight_decay=recipe.weight_decay)


@contextmanager
def watched(recipe, model: keras.Model, *, validates: bool) -> Iterator[dict]:
    """Settings of `model.fit` by which several calls, one per epoch, are one training run to callbacks.

    Nobody watches a run without a validation set, as the last one of a search is: callbacks would find
    no val_loss, and a limit of seconds would lose what the search has found.

    Args:
        recipe: With `patience`, `callbacks` and `max_seconds`.
        model: Compiled.
        validates: Whether the run has a validation set to stop by.

    Yields:
        {"callbacks": [...], "validation_data": ...}, or nothing where nobody watches.
    """
    if not validates:
        yield {}
        return
    data = recipe.dataset
    watchers: list = []
    if recipe.patience is not None:
        stop = {"monitor": "val_loss", "patience": recipe.patience, "restore_best_weights": True}
        watchers.append(keras.callbacks.EarlyStopping(**stop))
    if recipe.callbacks is not None:
        watchers += factory_of(recipe.callbacks)()
    if recipe.max_seconds is not None:
        watchers.append(_deadline(recipe.max_seconds))
    if not watchers:
        yield {}
        return
    together = keras.callbacks.CallbackList(watchers, model=model)
    only_the_clock = recipe.patience is None and recipe.callbacks is None
    validation = None if only_the_clock else (data.x_val, data.y_val)
    together.on_train_begin()
    try:
        yield {"callbacks": [_passed_on(together)], "validation_data": validation}
    finally:  # a callback may hold what must be closed
        together.on_train_end()


def _passed_on(together) -> keras.callbacks.Callback:
    """A callback that passes on epochs and batches, and not the begin and end of each call of fit."""

    class PassedOn(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            together.on_epoch_begin(epoch, logs)

        def on_epoch_end(self, epoch, logs=None):
            together.on_epoch_end(epoch, logs)

        def on_train_batch_begin(self, batch, logs=None):
            together.on_train_batch_begin(batch, logs)

        def on_train_batch_end(self, batch, logs=None):
            together.on_train_batch_end(batch, logs)

    return PassedOn()


def _deadline(seconds: float) -> keras.callbacks.Callback:
    end = time.monotonic() + seconds

    class Deadline(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if time.monotonic() > end:
                raise TimeoutError(
                    f"a training run must end within max_seconds={seconds:g}, but this one did not. "
                    "Raise max_seconds, or search smaller networks."
                )

    return Deadline()
