"""The checks of chapter 15: solutions pass, plausible mistakes do not, stubs are not attempted."""

import math

import numpy as np

from nas_tutorial.course.exercises.chapter15 import best_places
from tests.course.exercises.promises import promises

ANSWERS = {"15.1": "guess", "15.2": "halve", "15.3": "share_kept", "15.4": "promote"}


def best_first(values):
    return [int(place) for place in np.argsort(-values, kind="stable")]


def keeps_the_worst(values, eta):
    return best_first(-values)[: len(values) // eta]


def sorts_nan_last_and_keeps_it(values, eta):
    return best_first(values)[: len(values) // eta]


def rounds_up(values, eta):
    succeeded = [place for place in best_first(values) if not math.isnan(values[place])]
    return succeeded[: math.ceil(len(values) / eta)]


def counts_successes_only(values, eta):
    succeeded = [place for place in best_first(values) if not math.isnan(values[place])]
    return succeeded[: len(succeeded) // eta]


def breaks_ties_by_the_later(values, eta):
    places = np.argsort(values, kind="stable")[::-1].tolist()
    succeeded = [place for place in places if not math.isnan(values[place])]
    return succeeded[: len(values) // eta]


def always_halves(values, eta):
    succeeded = [place for place in best_first(values) if not math.isnan(values[place])]
    return succeeded[: len(values) // 2]


def believes_that_early_leaders_win(early, final, eta, top):
    return 1.0


def divides_by_those_who_go_on(early, final, eta, top):
    going_on = best_first(early)[: len(early) // eta]
    return len(set(going_on) & set(best_first(final)[:top])) / len(going_on)


def takes_precision_at_top(early, final, eta, top):
    return len(set(best_first(early)[:top]) & set(best_first(final)[:top])) / top


def keeps_the_worst_early(early, final, eta, top):
    return len(set(best_first(-early)[: len(early) // eta]) & set(best_first(final)[:top])) / top


def share_of_the_first(number):
    """share_kept, but for how many go on."""

    def share_kept(early, final, eta, top):
        going_on = best_first(early)[: number(len(early) / eta)]
        return len(set(going_on) & set(best_first(final)[:top])) / top

    return share_kept


def takes_the_best_of_those_left(values, promoted, eta):
    left = [place for place in best_first(values) if place not in promoted]
    return left[0] if left and len(left) >= eta else None


def forgets_who_has_gone_on(values, promoted, eta):
    return (best_first(values)[: len(values) // eta] or [None])[0]


def takes_the_earliest(values, promoted, eta):
    top = sorted(best_first(values)[: len(values) // eta])
    return next((place for place in top if place not in promoted), None)


def promotes_at_once(values, promoted, eta):
    top = best_first(values)[: math.ceil(len(values) / eta)]
    return next((place for place in top if place not in promoted), None)


MISTAKES = [
    ("15.1", 108),  # every rung paid from the beginning
    ("15.1", 729),  # all in full
    ("15.1", 40),  # trials
    ("15.1", "81"),
    ("15.2", keeps_the_worst),
    ("15.2", sorts_nan_last_and_keeps_it),
    ("15.2", rounds_up),
    ("15.2", counts_successes_only),
    ("15.2", breaks_ties_by_the_later),
    ("15.2", always_halves),
    ("15.3", believes_that_early_leaders_win),
    ("15.3", divides_by_those_who_go_on),
    ("15.3", takes_precision_at_top),
    ("15.3", keeps_the_worst_early),
    ("15.3", share_of_the_first(math.ceil)),
    ("15.3", share_of_the_first(round)),
    ("15.3", share_of_the_first(lambda number: math.floor(number) + 1)),
    ("15.4", takes_the_best_of_those_left),
    ("15.4", forgets_who_has_gone_on),
    ("15.4", takes_the_earliest),
    ("15.4", promotes_at_once),
]


test_solution_is_right, test_plausible_mistake_is_wrong, test_stub_is_not_attempted = promises(
    "15", ANSWERS, MISTAKES
)


def test_of_equal_values_the_first_is_picked_first():
    assert best_places(np.array([0.2, 0.5, 0.5, 0.9]), 3) == [3, 1, 2]
