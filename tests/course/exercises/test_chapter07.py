"""The checks of chapter 07: solutions pass, plausible mistakes do not, stubs are not attempted."""

import numpy as np

from tests.course.exercises.promises import promises

ANSWERS = {
    "7.1": "guess",
    "7.2": "convolve",
    "7.3": "worst_confusion",
    "7.4": "shifted",
}


def _convolve(image, kernel, *, pad=True):
    padded = np.pad(image, 1) if pad else image
    rows, columns = padded.shape[0] - 2, padded.shape[1] - 2
    return np.array(
        [
            [np.sum(padded[r : r + 3, c : c + 3] * kernel) for c in range(columns)]
            for r in range(rows)
        ]
    )


def turns_the_kernel(image, kernel):
    return _convolve(image, kernel[::-1, ::-1])


def transposes_the_kernel(image, kernel):
    return _convolve(image, kernel.T)


def forgets_the_padding(image, kernel):
    return _convolve(image, kernel, pad=False)


def pads_with_the_edge(image, kernel):
    padded = np.pad(image, 1, mode="edge")
    return _convolve(padded, kernel, pad=False)


def takes_the_mean(image, kernel):
    return _convolve(image, kernel) / 9


def counts_right_ones_too(y_true, y_pred):
    pairs = [(int(a), int(b)) for a, b in zip(y_true, y_pred)]
    return max(sorted(set(pairs)), key=pairs.count)


def _pairs(y_true, y_pred):
    return [(int(a), int(b)) for a, b in zip(y_true, y_pred) if a != b]


def swaps_true_and_called(y_true, y_pred):
    pairs = _pairs(y_pred, y_true)
    return min(set(pairs), key=lambda pair: (-pairs.count(pair), pair), default=None)


def takes_the_rarest(y_true, y_pred):
    pairs = _pairs(y_true, y_pred)
    return min(set(pairs), key=lambda pair: (pairs.count(pair), pair), default=None)


def forgets_the_direction(y_true, y_pred):
    pairs = [tuple(sorted(pair)) for pair in _pairs(y_true, y_pred)]
    return min(set(pairs), key=lambda pair: (-pairs.count(pair), pair), default=None)


def wraps_round(images, right):
    return np.roll(images, right, axis=2)


def moves_down(images, right):
    moved = np.roll(images, right, axis=1)
    if right > 0:
        moved[:, :right] = 0
    if right < 0:
        moved[:, right:] = 0
    return moved


def moves_to_the_left(images, right):
    moved = np.roll(images, -right, axis=2)
    if right > 0:
        moved[:, :, -right:] = 0
    if right < 0:
        moved[:, :, :-right] = 0
    return moved


def fails_at_zero(images, right):
    moved = np.zeros_like(images)
    if right > 0:
        moved[:, :, right:] = images[:, :, :-right]
    if right < 0:
        moved[:, :, :right] = images[:, :, -right:]
    return moved


MISTAKES = [
    ("7.1", 3 * 3 * 16 * 16),
    ("7.1", 16),
    ("7.1", 3 * 16 * 16),
    ("7.2", turns_the_kernel),
    ("7.2", transposes_the_kernel),
    ("7.2", forgets_the_padding),
    ("7.2", pads_with_the_edge),
    ("7.2", takes_the_mean),
    ("7.3", counts_right_ones_too),
    ("7.3", swaps_true_and_called),
    ("7.3", takes_the_rarest),
    ("7.3", forgets_the_direction),
    ("7.4", wraps_round),
    ("7.4", moves_down),
    ("7.4", moves_to_the_left),
    ("7.4", fails_at_zero),
]


test_solution_is_right, test_plausible_mistake_is_wrong, test_stub_is_not_attempted = promises(
    "07", ANSWERS, MISTAKES
)
