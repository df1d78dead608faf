"""The checks of chapter 17: solutions pass, plausible mistakes do not, stubs are not attempted."""

import numpy as np
import pytest

from nas_tutorial.course.exercises import check
from nas_tutorial.course.exercises.chapter17 import moved_by_momentum
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from tests.course.exercises.promises import promises

ANSWERS = {"17.1": "guess", "17.2": "trained", "17.3": "pooled", "17.4": "kept"}
OPERATIONS = EdgeCellSpace.OPERATIONS


def trains_in_place(weights, path, gradient, rate):
    for edge, operation in enumerate(path):
        weights[edge, operation] -= rate * gradient[edge]
    return weights


def trains_every_operation(weights, path, gradient, rate):
    return weights - rate * gradient[:, None]


def trains_the_operation_on_every_edge(weights, path, gradient, rate):
    after = weights.copy()
    after[:, path] -= rate * gradient[:, None]
    return after


def climbs(weights, path, gradient, rate):
    after = weights.copy()
    after[np.arange(len(path)), path] += rate * gradient
    return after


def returns_the_path_alone(weights, path, gradient, rate):
    return weights[np.arange(len(path)), path] - rate * gradient


def averages_the_variances(counts, means, variances):
    return np.average(means, weights=counts), np.average(variances, weights=counts)


def gives_every_batch_the_same_weight(counts, means, variances):
    return means.mean(), variances.mean() + means.var()


def adds_the_spread_without_weights(counts, means, variances):
    mean = np.average(means, weights=counts)
    return mean, np.average(variances, weights=counts) + np.mean((means - mean) ** 2)


def divides_by_one_less(counts, means, variances):
    mean = np.average(means, weights=counts)
    total = np.sum(counts * (variances + (means - mean) ** 2))
    return mean, total / max(counts.sum() - 1, 1)


def takes_the_deviation(counts, means, variances):
    mean = np.average(means, weights=counts)
    return mean, np.sqrt(np.average(variances + (means - mean) ** 2, weights=counts))


def names_and_skips(places):
    names = [OPERATIONS[place] for place in places]
    return names, names.count("skip_connect")


def never_keeps_none(alpha, none_allowed):
    return names_and_skips(alpha[:, 1:].argmax(axis=1) + 1)


def forgets_to_shift(alpha, none_allowed):
    return names_and_skips((alpha if none_allowed else alpha[:, 1:]).argmax(axis=1))


def takes_the_size_of_alpha(alpha, none_allowed):
    sizes = np.abs(alpha)
    return names_and_skips(
        sizes.argmax(axis=1) if none_allowed else sizes[:, 1:].argmax(axis=1) + 1
    )


def puts_zero_for_none(alpha, none_allowed):
    alpha = alpha.copy()
    if not none_allowed:
        alpha[:, 0] = 0
    return names_and_skips(alpha.argmax(axis=1))


def softens_along_the_edges(alpha, none_allowed):
    shares = np.exp(alpha) / np.exp(alpha).sum(axis=0)
    return never_keeps_none(shares, False) if not none_allowed else forgets_to_shift(shares, True)


def returns_the_names_alone(alpha, none_allowed):
    return keeps_in_a_list(alpha, none_allowed)[0]


def keeps_in_a_list(alpha, none_allowed):
    """Right: a list of two is a pair as well."""
    first = 0 if none_allowed else 1
    return list(names_and_skips(first + alpha[:, first:].argmax(axis=1)))


def keeps_in_an_array(alpha, none_allowed):
    """Right: so are names in an array."""
    names, skips = keeps_in_a_list(alpha, none_allowed)
    return np.array(names), np.int64(skips)


def counts_none_as_a_skip(alpha, none_allowed):
    places = alpha.argmax(axis=1) if none_allowed else alpha[:, 1:].argmax(axis=1) + 1
    return [OPERATIONS[place] for place in places], int(np.sum(places <= 1))


MISTAKES = [
    ("17.1", 1.0),
    ("17.1", 0.2),
    ("17.1", 0.3122),
    ("17.1", 1.619),
    ("17.1", "0.38"),
    ("17.2", trains_in_place),
    ("17.2", trains_every_operation),
    ("17.2", trains_the_operation_on_every_edge),
    ("17.2", climbs),
    ("17.2", returns_the_path_alone),
    ("17.3", averages_the_variances),
    ("17.3", gives_every_batch_the_same_weight),
    ("17.3", adds_the_spread_without_weights),
    ("17.3", divides_by_one_less),
    ("17.3", takes_the_deviation),
    ("17.4", never_keeps_none),
    ("17.4", forgets_to_shift),
    ("17.4", takes_the_size_of_alpha),
    ("17.4", puts_zero_for_none),
    ("17.4", counts_none_as_a_skip),
    ("17.4", softens_along_the_edges),
    ("17.4", returns_the_names_alone),
]


test_solution_is_right, test_plausible_mistake_is_wrong, test_stub_is_not_attempted = promises(
    "17", ANSWERS, MISTAKES
)


@pytest.mark.parametrize("answer", [keeps_in_a_list, keeps_in_an_array])
def test_a_pair_may_come_in_other_forms(answer, capsys):
    check("17.4", answer)
    assert capsys.readouterr().out == "17.4: right\n"


def test_momentum_moves_a_weight_by_a_geometric_sum():
    expected = 1 - 0.2 * (0.9 + 0.81 + 0.729 + 0.6561)
    assert moved_by_momentum(1.0, -0.2, 4) == pytest.approx(expected)
