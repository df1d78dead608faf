"""Checks of chapter 07, image recognition."""

from collections import Counter

import numpy as np
from scipy.signal import correlate2d

from nas_tutorial.course.exercises.verdicts import require


def check_prediction(guess) -> None:
    """7.1: the weights of a 1 x 1 convolution from 16 channels to 16."""
    require(
        guess == 16 * 16,
        f"{guess!r} is not the number of weights. A 3 x 3 has 3 * 3 * 16 * 16; a kernel of one pixel "
        "has one weight for each pair of channels, in and out",
    )


def check_convolve(convolve) -> None:
    """7.2: convolve(image, kernel) -> sums of products, of the image's size."""
    rng = np.random.default_rng(72)
    one_pixel = np.zeros((4, 5))
    one_pixel[1, 2] = 1
    numbered = np.arange(1.0, 10).reshape(3, 3)
    cases: list[tuple[np.ndarray, np.ndarray]] = [(one_pixel, numbered)]
    cases += [(rng.integers(0, 5, (h, w)) * 1.0, rng.integers(-2, 3, (3, 3)) * 1.0)
              for h, w in ((3, 3), (5, 8), (8, 4))]  # fmt: skip
    for image, kernel in cases:
        given = image.copy()
        got = convolve(image, kernel)
        expected = correlate2d(image, kernel, mode="same")
        require(np.array_equal(image, given), "your function changed the image that it was given")
        require(
            np.shape(got) == image.shape,
            f"the result must have the image's shape {image.shape}, got {np.shape(got)}",
        )
        require(
            np.allclose(got, expected),
            f"for the image\n{image}\nand the kernel\n{kernel}\nthe result is\n{expected}\n"
            f"got\n{np.asarray(got)}",
        )


def check_worst_confusion(worst_confusion) -> None:
    """7.3: worst_confusion(y_true, y_pred) -> the most frequent pair among the mistakes."""
    rng = np.random.default_rng(73)
    cases: list[tuple] = [([0, 1], [0, 1]), ([0, 0, 1], [1, 1, 0])]
    cases += [([0, 1, 1], [1, 0, 1]), ([2, 1], [0, 0])]
    cases += [(rng.integers(0, 3, 12), rng.integers(0, 3, 12)) for _ in range(30)]
    for y_true, y_pred in cases:
        y_true, y_pred = np.array(y_true), np.array(y_pred)
        mistakes = Counter((int(a), int(b)) for a, b in zip(y_true, y_pred) if a != b)
        expected = sorted(mistakes, key=lambda pair: (-mistakes[pair], pair))[:1]
        expected = expected[0] if expected else None
        got = worst_confusion(y_true, y_pred)
        same = got is None if expected is None else got is not None and tuple(got) == expected
        require(
            same,
            f"with true {y_true.tolist()} and called {y_pred.tolist()} the answer is {expected}, "
            f"got {got!r}",
        )


def check_shifted(shifted) -> None:
    """7.4: shifted(images, right) -> moved sideways, zeros coming in."""
    images = np.arange(1.0, 25).reshape(2, 3, 4, 1)
    given = images.copy()
    for right in (0, 1, 3, -1, -2):
        expected = np.zeros_like(images)
        for column in range(4):
            if 0 <= column - right < 4:
                expected[:, :, column] = images[:, :, column - right]
        got = shifted(images, right)
        require(np.array_equal(images, given), "your function changed the images that it was given")
        require(
            np.shape(got) == images.shape,
            f"the result must have the shape {images.shape}, got {np.shape(got)}",
        )
        require(
            np.array_equal(got, expected),
            f"the row {images[0, 0, :, 0].astype(int).tolist()} moved by {right} becomes "
            f"{expected[0, 0, :, 0].astype(int).tolist()}, got {np.asarray(got)[0, 0, :, 0].tolist()}",
        )


CHECKS = {
    "7.1": check_prediction,
    "7.2": check_convolve,
    "7.3": check_worst_confusion,
    "7.4": check_shifted,
}
