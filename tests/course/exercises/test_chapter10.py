"""The checks of chapter 10: solutions pass, plausible mistakes do not, stubs are not attempted."""

import numpy as np

from nas_tutorial.course.exercises.chapter10 import mean_ranks
from tests.course.exercises.promises import promises

ANSWERS = {
    "10.1": "guess",
    "10.2": "spearman",
    "10.3": "precision_at",
    "10.4": "is_local_optimum",
}


def breaks_ties_by_place(first, second):
    ranks = [np.argsort(values).argsort() for values in (first, second)]
    return float(np.corrcoef(*ranks)[0, 1])


def correlates_the_values(first, second):
    return float(np.corrcoef(first, second)[0, 1])


def ranks_with_argsort_once(first, second):
    return float(np.corrcoef(np.argsort(first), np.argsort(second))[0, 1])


def gives_ties_the_lowest_rank(first, second):
    ranks = [(values[:, None] > values[None, :]).sum(axis=1) for values in (first, second)]
    return float(np.corrcoef(*ranks)[0, 1])


def is_positive_whatever_comes(first, second):
    return abs(float(np.corrcoef(mean_ranks(first), mean_ranks(second))[0, 1]))


def takes_the_worst(k, early, final):
    return len(set(np.argsort(early)[:k]) & set(np.argsort(final)[:k])) / k


def divides_by_all(k, early, final):
    return len(set(np.argsort(early)[-k:]) & set(np.argsort(final)[-k:])) / len(early)


def compares_in_order(k, early, final):
    return float(np.mean(np.argsort(early)[-k:] == np.argsort(final)[-k:]))


def takes_one_too_few(k, early, final):
    return len(set(np.argsort(early)[-k:-1]) & set(np.argsort(final)[-k:-1])) / k


def compares_the_values(k, early, final):
    return len(set(np.sort(early)[-k:]) & set(np.sort(final)[-k:])) / k


def asks_for_strictly_better(architecture, space, accuracy_of):
    own = accuracy_of(architecture)
    return all(accuracy_of(one) < own for one in space.neighbors(architecture))


def looks_for_a_minimum(architecture, space, accuracy_of):
    own = accuracy_of(architecture)
    return all(accuracy_of(one) >= own for one in space.neighbors(architecture))


def is_content_with_one(architecture, space, accuracy_of):
    own = accuracy_of(architecture)
    return any(accuracy_of(one) <= own for one in space.neighbors(architecture))


def looks_at_the_first_few(architecture, space, accuracy_of):
    own = accuracy_of(architecture)
    return all(accuracy_of(one) <= own for one in space.neighbors(architecture)[:4])


MISTAKES = [
    ("10.1", 0.998),
    ("10.1", 0.002),
    ("10.1", -1),
    ("10.1", "-0.998"),
    ("10.2", breaks_ties_by_place),
    ("10.2", correlates_the_values),
    ("10.2", ranks_with_argsort_once),
    ("10.2", gives_ties_the_lowest_rank),
    ("10.2", is_positive_whatever_comes),
    ("10.3", takes_the_worst),
    ("10.3", divides_by_all),
    ("10.3", compares_in_order),
    ("10.3", takes_one_too_few),
    ("10.3", compares_the_values),
    ("10.4", asks_for_strictly_better),
    ("10.4", looks_for_a_minimum),
    ("10.4", is_content_with_one),
    ("10.4", looks_at_the_first_few),
]


test_solution_is_right, test_plausible_mistake_is_wrong, test_stub_is_not_attempted = promises(
    "10", ANSWERS, MISTAKES
)


def test_equal_values_share_their_ranks():
    assert mean_ranks(np.array([3.0, 9.0, 5.0, 5.0])).tolist() == [1, 4, 2.5, 2.5]
