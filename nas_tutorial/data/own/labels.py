"""Answers of any kind as the numbers that networks learn, and the names of their classes."""

from dataclasses import dataclass

import numpy as np

from nas_tutorial.data.own.checks import TASKS
from nas_tutorial.names import one_of, shown

MANY_VALUES = 20  # so many different whole numbers may be classes or measurements


@dataclass(frozen=True)
class Labels:
    """What is to be predicted.

    Args:
        task: One of `TASKS`.
        y: As a `Dataset` takes it for that task.
        names: One per class, label or target.
        originals: Of a classification, what each class was called where the labels came from.
    """

    task: str
    y: np.ndarray
    names: tuple[str, ...]
    originals: tuple | None = None


def read_labels(y, task: str | None = None, names: tuple[str, ...] | None = None) -> Labels:
    """Labels or targets, converted.

    Texts, booleans, whole numbers (from 0, from 1, or any), one-hot rows and columns of shape
    (num_samples, 1) are classes, in sorted order. Several columns of 0 and 1 are labels of their
    own, unless every row has exactly one 1. Fractions are targets of a regression.

    Args:
        y: One answer per sample, of shape (num_samples,) or (num_samples, num_columns).
        task: One of `TASKS`; None finds out.
        names: One per class, label or target; None takes the labels as they are, or numbers them.

    Raises:
        ValueError: If answers are missing, the task cannot be told from them, or they do not fit it,
            or there are more or fewer names than classes, labels or targets.
    """
    y = _column_as_row(np.asarray(y))
    _require_present(y)
    task = _task_of(y) if task is None else one_of("task", task, TASKS)
    read = {"classification": _classes, "multilabel": _flags, "regression": _targets}[task]
    return read(y, names)


def _column_as_row(y: np.ndarray) -> np.ndarray:
    return y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y


def _require_present(y: np.ndarray) -> None:
    if y.ndim not in (1, 2) or not y.size:
        raise ValueError(
            f"labels must have shape (num_samples,) or (num_samples, num_columns), got {y.shape}. "
            "Give one answer per sample."
        )
    if y.dtype.kind == "f":
        is_missing = ~np.isfinite(y)
    elif y.dtype == object:
        from pandas import isna

        is_missing = isna(y)
    else:
        return
    missing = np.flatnonzero(is_missing.reshape(len(y), -1).any(axis=1))
    if len(missing):
        raise ValueError(
            f"every sample must have an answer, but {len(missing)} of {len(y)} have none; the first "
            f"is sample {missing[0]}, with {shown(y[missing[0]])}. Leave these samples out."
        )


def _task_of(y: np.ndarray) -> str:
    if y.dtype.kind not in "biuf":
        return "classification" if y.ndim == 1 else _unclear(y, "texts in several columns")
    if y.ndim == 2:
        are_flags = np.isin(y, (0, 1)).all()
        if not are_flags:
            return "regression"
        return "classification" if (y.sum(axis=1) == 1).all() else "multilabel"
    if y.dtype.kind == "f" and (y != np.floor(y)).any():
        return "regression"
    if len(np.unique(y)) > max(MANY_VALUES, len(y) // 10):
        return _unclear(y, f"{len(np.unique(y))} different whole numbers")
    return "classification"


def _unclear(y: np.ndarray, what: str):
    raise ValueError(
        f"the task must be clear, but {what} for {len(y)} samples may be classes or measurements. "
        'Write task="classification" or task="regression".'
    )


def _classes(y: np.ndarray, names: tuple[str, ...] | None) -> Labels:
    if y.ndim == 2:
        y = _of_one_hot(y)
    if y.dtype.kind == "f" and (y == np.floor(y)).all():
        y = y.astype("int64")
    if y.dtype.kind not in "biuUSO":
        raise ValueError(
            f"classes must be texts, booleans or whole numbers, got {y.dtype}, such as {y[0]}. Make "
            'classes of what was measured, as np.digitize does, or write task="regression".'
        )
    if y.dtype == object:
        y = np.asarray(y.tolist())  # as texts, unless all are numbers
    found, numbers = np.unique(y, return_inverse=True)
    if names is not None and y.dtype.kind in "iu" and 0 <= y.min() <= y.max() < len(names):
        # A class without a sample has its place, and is refused where the sets are cut.
        found, numbers = np.arange(len(names)), y
    if len(found) < 2:
        raise ValueError(
            f"there must be at least two classes, got {shown(found[0].item())} alone. Look at the "
            "column of labels."
        )
    originals = tuple(each.item() for each in found)
    names = tuple(map(str, originals)) if names is None else _as_many(names, len(found), "class")
    return Labels("classification", numbers.astype("int32"), names, originals)


def _of_one_hot(y: np.ndarray) -> np.ndarray:
    if y.dtype.kind in "biuf" and np.isin(y, (0, 1)).all() and (y.sum(axis=1) == 1).all():
        return y.argmax(axis=1)
    raise ValueError(
        f"each sample must have one class, got labels of shape {y.shape} whose rows do not hold "
        'exactly one 1. Give one column, or write task="multilabel".'
    )


def _flags(y: np.ndarray, names: tuple[str, ...] | None) -> Labels:
    y = y[:, None] if y.ndim == 1 else y
    if y.dtype.kind not in "biuf" or not np.isin(y, (0, 1)).all():
        raise ValueError(
            f"several labels must be columns of 0 and 1, got {y.dtype}, such as "
            f"{shown(y[~np.isin(y, (0, 1))].ravel()[0].item())}. Make one column per label, as "
            "pandas.get_dummies does."
        )
    names = names or tuple(f"label {column}" for column in range(y.shape[1]))
    return Labels("multilabel", y.astype("int32"), _as_many(names, y.shape[1], "label"))


def _targets(y: np.ndarray, names: tuple[str, ...] | None) -> Labels:
    y = y[:, None] if y.ndim == 1 else y
    if y.dtype.kind not in "biuf":
        raise ValueError(
            f"the targets of a regression must be numbers, got {y.dtype}, such as "
            f'{shown(y.ravel()[0].item())}. Make numbers of them, or write task="classification".'
        )
    names = names or tuple(f"target {column}" for column in range(y.shape[1]))
    return Labels("regression", y.astype("float32"), _as_many(names, y.shape[1], "target"))


def _as_many(names: tuple[str, ...], number: int, kind: str) -> tuple[str, ...]:
    if len(names) != number:
        raise ValueError(
            f"there must be one name per {kind}, got {len(names)} names for {number}: "
            f"{shown(tuple(names))}. Leave class_names out, or name each once, in sorted order."
        )
    return tuple(names)
