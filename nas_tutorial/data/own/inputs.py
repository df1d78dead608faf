"""Inputs of any form as arrays of numbers that networks take."""

import numpy as np

from nas_tutorial.data.own.checks import looks_like_an_image
from nas_tutorial.names import shown

NUMBERS_OF_AXES = (2, 3, 4)  # of a table, of series, of images


def input_array(x, vocabulary_size: int | None) -> tuple[np.ndarray, list[str]]:
    """Inputs as one array, and what somebody may want otherwise, one sentence each.

    Numbers become float32; whole numbers from 0 to 255 in bytes, as images have them, are divided by
    255; images without an axis of channels get one.

    Args:
        x: An array, or a list of arrays of one shape.
        vocabulary_size: How many tokens there are; None where the inputs are no tokens.

    Raises:
        ValueError: If the samples differ in shape, are no numbers, or are single numbers.
    """
    x = _stacked(x)
    if x.dtype.kind not in "biuf":
        raise ValueError(
            f"inputs must be numbers, got {x.dtype}: {shown(x.ravel()[0])}. Texts become tokens by "
            "a vocabulary; the columns of a table are read by Dataset.from_csv, which takes a "
            "DataFrame too."
        )
    if vocabulary_size is not None:
        return x, []
    if x.ndim not in NUMBERS_OF_AXES:
        raise ValueError(
            "inputs must have shape (num_samples, num_features), (num_samples, length, channels) or "
            f"(num_samples, height, width, channels), got {x.shape}. Write x[:, None] where each "
            "sample is one number, or give vocabulary_size where they are tokens."
        )
    notes: list[str] = []
    is_bytes = x.dtype == np.uint8
    height_and_width = x.shape[1:]
    if x.ndim == 3 and (is_bytes or looks_like_an_image(height_and_width)):
        x = x[..., None]
        notes.append(
            f"Inputs of shape {height_and_width} were taken as images and given an axis of channels; "
            "where they are sequences, give x as floats, transposed or cut to another shape."
        )
    if is_bytes and x.ndim == 4:
        return x / np.float32(255), notes
    with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused as such
        return x.astype("float32"), notes


def standardised(x: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Columns of a table, or channels, with mean 0 and standard deviation 1 over the training set.

    Args:
        x: Of shape (num_samples, ..., num_features).
        rows: Those of the training set: other rows must not help to choose the scale.

    Returns:
        The scaled table, the means, and the standard deviations (1 for a constant column).
    """
    axes = tuple(range(x.ndim - 1))
    mean = x[rows].mean(axes, dtype="float64")
    deviation = x[rows].std(axes, dtype="float64")
    deviation[deviation == 0] = 1
    return scaled(x, mean, deviation), mean, deviation


def scaled(x: np.ndarray, mean, deviation) -> np.ndarray:
    """Columns as `standardised` has them, by the means and deviations that it returned."""
    return ((x - np.asarray(mean)) / np.asarray(deviation)).astype("float32")


def _stacked(x) -> np.ndarray:
    """One array; where samples have several shapes, the error names the first one that differs."""
    if isinstance(x, np.ndarray) and x.dtype != object:
        return x
    shapes = [np.shape(sample) for sample in x]
    for index, shape in enumerate(shapes):
        if shape != shapes[0]:
            raise ValueError(
                f"all inputs must have one shape, but sample 0 has {shapes[0]} and sample {index} has "
                f"{shape}. Cut or pad them to one length."
            )
    return np.stack([np.asarray(sample) for sample in x]) if shapes else np.asarray(x)
