"""What every data set must hold, checked before anything is trained on it."""

import warnings

import numpy as np

from nas_tutorial.names import shown

LARGEST = np.finfo("float32").max  # networks compute with float32, in which more is infinite
SMALLEST_IMAGE = 8  # pixels along a side
MISSING = ("refuse", "fill")  # what to do about empty cells of a table
TASKS = ("classification", "multilabel", "regression")


def checked_sets(
    name: str, given: dict, num_classes: int, vocabulary_size: int | None, task: str
) -> list:
    """The sets of a data set, each as inputs and labels, if they can be trained on.

    Args:
        name: The data set, for errors.
        given: Name of a set -> (x, y); None for a test set that there is not.
        num_classes: How many classes, labels or targets there are.
        vocabulary_size: How many tokens there are; None where the inputs are no tokens.
        task: One of `TASKS`.

    Raises:
        ValueError: If a set is no such pair, or inputs of two sets differ in shape.
    """
    sets = {
        split: _checked_arrays(
            f"the {split} set of {name}", arrays, num_classes, vocabulary_size, task
        )
        for split, arrays in given.items()
        if split != "test" or arrays is not None
    }
    _require_one_shape(name, {split: x.shape[1:] for split, (x, _) in sets.items()})
    return [sets.get(split) for split in given]


def _checked_arrays(
    what: str, arrays, num_classes: int, vocabulary_size: int | None, task: str
) -> tuple:
    """One set as inputs and labels, if it holds numbers that a network can be trained on.

    Args:
        what: The set, for errors: "the training set of mine".
        arrays: What came for (x, y).
        num_classes: How many classes, labels or targets there are.
        vocabulary_size: How many tokens there are; None where the inputs are no tokens.
        task: One of `TASKS`.

    Raises:
        ValueError: If anything else came. The message says what to do about it.
    """
    try:
        x, y = (np.asarray(array) for array in arrays)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{what} must be a pair of arrays, inputs and labels, got {shown(arrays)}. Write (x, y)."
        ) from error
    is_filled = x.ndim and x.size and y.size and x.dtype.kind in "biuf"
    if not is_filled or x.shape[:1] != y.shape[:1]:
        raise ValueError(
            f"{what} must have inputs that are numbers and a label for each, got inputs of "
            f"{x.dtype}, shape {x.shape}, and labels of shape {y.shape}. Check how it was cut."
        )
    require_inputs(what, x, vocabulary_size)
    read = {"classification": _labels, "multilabel": _flags, "regression": _targets}[task]
    x, y = x.view(), read(what, y, num_classes).view()
    x.flags.writeable = y.flags.writeable = False
    return x, y


def _require_one_shape(name: str, shapes: dict[str, tuple[int, ...]]) -> None:
    """Raise where the inputs of two sets differ in shape; warn where they are images without channels.

    Args:
        name: The data set, for errors.
        shapes: Name of a set -> the shape of one input.
    """
    first, *others = shapes
    shape = shapes[first]
    for other in others:
        if shapes[other] != shape:
            raise ValueError(
                f"all sets of {name} must have inputs of one shape, but those of the {first} set "
                f"have {shape} and those of the {other} set {shapes[other]}. Cut or pad them alike."
            )
    if len(shape) == 2 and looks_like_an_image(shape):
        warnings.warn(
            f"inputs of {name} have shape {shape} and are taken as sequences of {shape[0]} steps "
            f"with {shape[1]} channels. Where they are images, write x[..., None].",
            stacklevel=5,
        )


def looks_like_an_image(shape: tuple[int, ...]) -> bool:
    """Whether two numbers may be height and width: neither small, and not far from each other."""
    return min(shape) >= SMALLEST_IMAGE and max(shape) <= 2 * min(shape)


def require_inputs(what: str, x: np.ndarray, vocabulary_size: int | None) -> None:
    """Raise unless all inputs are finite numbers, or tokens; the error names the first sample.

    Args:
        what: The set, for the error.
        x: Of shape (num_samples, ...).
        vocabulary_size: How many tokens there are; None where the inputs are no tokens.
    """
    if vocabulary_size is None:
        must, is_right = "finite numbers", (x >= -LARGEST) & (x <= LARGEST)
    else:
        must = f"whole numbers in [0, {vocabulary_size - 1}], the tokens of {vocabulary_size=}"
        is_right = (x >= 0) & (x < vocabulary_size) & (x == np.floor(x))
    if is_right.all():
        return
    is_right = is_right.reshape(len(x), -1)
    wrong = np.flatnonzero(~is_right.all(axis=1))
    value = x.reshape(len(x), -1)[wrong[0]][~is_right[wrong[0]]][0]
    advice = "Leave these samples out, or fill them in, as np.nan_to_num does."
    if vocabulary_size is not None:
        is_beyond = value >= vocabulary_size and np.isfinite(x).all()
        advice = f"Give vocabulary_size={int(x.max()) + 1}, or n" if is_beyond else "N"
        advice += "umber the tokens from 0."
    raise ValueError(
        f"the inputs of {what} must be {must}, but those of {len(wrong)} of {len(x)} samples are "
        f"not; the first is sample {wrong[0]}, with {value}. {advice}"
    )


def _labels(what: str, y: np.ndarray, num_classes: int) -> np.ndarray:
    """Labels of shape (num_samples,): a column becomes a row, and False and True are 0 and 1."""
    y = y[:, 0] if y.shape == (len(y), 1) else y
    y = y.astype("int32") if y.dtype.kind == "b" and y.ndim == 1 else y
    are_whole = y.dtype.kind in "iu"
    if y.ndim == 1 and are_whole and y.min() >= 0 and y.max() < num_classes:
        return y
    extent = f" in [{y.min()}, {y.max()}]" if are_whole else ""
    raise ValueError(
        f"the labels of {what} must be whole numbers in [0, {num_classes - 1}], one per class name, "
        f"got {y.dtype} of shape {y.shape}{extent}. {_advice(y, num_classes)}"
    )


def _flags(what: str, y: np.ndarray, num_labels: int) -> np.ndarray:
    """Zeros and ones of shape (num_samples, num_labels): whether a sample has a label."""
    if (
        y.ndim == 2
        and y.shape[1] == num_labels
        and y.dtype.kind in "biuf"
        and np.isin(y, (0, 1)).all()
    ):
        return y.astype("int32")
    raise ValueError(
        f"the labels of {what} must be 0 or 1 in {num_labels} columns, one per name, got {y.dtype} "
        f"of shape {y.shape}. Write 1 where a sample has a label, and 0 where it does not."
    )


def _targets(what: str, y: np.ndarray, num_targets: int) -> np.ndarray:
    """Finite numbers of shape (num_samples, num_targets); a row is taken as one column."""
    y = y[:, None] if y.ndim == 1 else y
    if y.ndim != 2 or y.shape[1] != num_targets or y.dtype.kind not in "biuf":
        raise ValueError(
            f"the targets of {what} must be numbers in {num_targets} columns, one per name, got "
            f"{y.dtype} of shape {y.shape}. Name every target once, and make numbers of texts."
        )
    wrong = np.flatnonzero(~(np.abs(y) <= LARGEST).all(axis=1))
    if len(wrong):
        raise ValueError(
            f"the targets of {what} must be finite numbers, but those of {len(wrong)} of {len(y)} "
            f"samples are not; the first is sample {wrong[0]}. Leave these samples out."
        )
    return y.astype("float32")


def _advice(y: np.ndarray, num_classes: int) -> str:
    """What to do about labels of another kind."""
    numbering = "y = np.unique(all_labels, return_inverse=True)"
    are_numbers = y.dtype.kind in "biuf"
    if y.ndim > 1:
        if are_numbers and np.isin(y, (0, 1)).all() and (y.sum(axis=-1) == 1).all():
            return "These rows are one-hot: write y.argmax(axis=1)."
        return f"Give one label per sample, in an array of shape ({len(y)},)."
    if not are_numbers:
        return f"Write names, {numbering}, before the sets are cut, and class_names=tuple(names)."
    if not np.isfinite(y).all():
        return "Leave out the samples without a label."
    if y.dtype.kind == "f":
        if (y == np.floor(y)).all():
            return "Write y.astype(int)."
        return "Make classes of what was measured, as np.digitize does."
    if y.min() < 0:
        return f"Number the classes from 0: {numbering}[1], before the sets are cut."
    if y.min() == 1 and y.max() == num_classes:
        return "Number the classes from 0: y - 1."
    return f"Number the classes from 0, and give each of the {y.max() + 1} a name."
