"""The checks of chapter 16: solutions pass, plausible mistakes do not, stubs are not attempted."""

import numpy as np
import pytest

from nas_tutorial.course.exercises.chapter16 import snip_of_two_weights
from tests.course.exercises.promises import promises

ANSWERS = {"16.1": "guess", "16.2": "snip_score", "16.3": "agreements", "16.4": "vote"}


def forgets_the_sign(weights, gradients):
    return sum((w * g).sum() for w, g in zip(weights, gradients))


def takes_the_sign_after_the_sum(weights, gradients):
    return sum(abs((w * g).sum()) for w, g in zip(weights, gradients))


def takes_the_gradient_norm(weights, gradients):
    return sum(np.linalg.norm(g) for g in gradients)


def takes_the_mean(weights, gradients):
    return np.mean(np.concatenate([abs(w * g).ravel() for w, g in zip(weights, gradients)]))


def looks_at_the_last_layer(weights, gradients):
    return abs(weights[-1] * gradients[-1]).sum()


def counts_where_both_are_on(codes):
    return codes.astype(int) @ codes.T.astype(int)


def counts_where_they_differ(codes):
    return (codes[:, None] != codes[None]).sum(axis=2)


def divides_by_the_units(codes):
    return (codes[:, None] == codes[None]).mean(axis=2)


def compares_units(codes):
    return (codes.T[:, None] == codes.T[None]).sum(axis=2)


def makes_the_array_of_three_axes(codes):
    return (codes[:, None, :] == codes[None, :, :]).sum(axis=2)


def counts_in_eight_bits(codes):
    on, off = codes.astype("uint8"), (~codes).astype("uint8")
    return on @ on.T + off @ off.T


def averages_the_scores(scores):
    return scores.mean(axis=0)


def ranks_with_argsort_once(scores):
    return (scores.argsort(axis=1) + 1).mean(axis=0)


def breaks_ties_by_place(scores):
    return (scores.argsort(axis=1, kind="stable").argsort(axis=1) + 1).mean(axis=0)


def gives_the_best_rank_one(scores):
    return ((-scores).argsort(axis=1).argsort(axis=1) + 1).mean(axis=0)


MISTAKES = [
    ("16.1", 75.0),
    ("16.1", 0.75),
    ("16.1", 25.75),
    ("16.1", 10.0),
    ("16.1", "7.5"),
    ("16.2", forgets_the_sign),
    ("16.2", takes_the_sign_after_the_sum),
    ("16.2", takes_the_gradient_norm),
    ("16.2", takes_the_mean),
    ("16.2", looks_at_the_last_layer),
    ("16.3", counts_where_both_are_on),
    ("16.3", counts_where_they_differ),
    ("16.3", divides_by_the_units),
    ("16.3", compares_units),
    ("16.3", makes_the_array_of_three_axes),
    ("16.3", counts_in_eight_bits),
    ("16.4", averages_the_scores),
    ("16.4", ranks_with_argsort_once),
    ("16.4", breaks_ties_by_place),
    ("16.4", gives_the_best_rank_one),
]


test_solution_is_right, test_plausible_mistake_is_wrong, test_stub_is_not_attempted = promises(
    "16", ANSWERS, MISTAKES
)


def test_snip_of_the_chapters_network():
    """w dL/dw is -2.5 * -1.5 * 2 * 0.5 for the first weight and -2.5 * 1 * -1.5 for the second."""
    assert snip_of_two_weights(2.0, 0.5, -1.5, 1.0) == pytest.approx(3.75 + 3.75, abs=1e-6)
