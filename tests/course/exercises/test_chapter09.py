"""The checks of chapter 09: solutions pass, plausible mistakes do not, stubs are not attempted."""

import numpy as np

from nas_tutorial.course.exercises import check
from tests.course.exercises.promises import promises

ANSWERS = {
    "9.1": "guess",
    "9.2": "sgd_step",
    "9.3": "to_values",
    "9.4": "seeds_that_hold",
}


def climbs(w, x, y, rate):
    return w + rate * 2 / len(x) * x.T @ (x @ w - y)


def forgets_the_two(w, x, y, rate):
    return w - rate / len(x) * x.T @ (x @ w - y)


def forgets_the_mean(w, x, y, rate):
    return w - rate * 2 * x.T @ (x @ w - y)


def changes_its_argument(w, x, y, rate):
    w -= rate * 2 / len(x) * x.T @ (x @ w - y)
    return w


def returns_the_gradient(w, x, y, rate):
    return 2 / len(x) * x.T @ (x @ w - y)


def numbers_the_choices(architecture, space):
    return dict(enumerate(architecture.values))


def takes_the_first_options(architecture, space):
    return {choice.name: choice.options[0] for choice in space.choices}


def turns_it_round(architecture, space):
    return {value: choice.name for choice, value in zip(space.choices, architecture.values)}


def gives_places(architecture, space):
    pairs = zip(space.choices, architecture.values)
    return {choice.name: choice.options.index(value) for choice, value in pairs}


def compares_neighbouring_seeds(propose, seeds):
    return [seed for seed in seeds if propose(seed) == propose(seed + 1)]


def asks_whether_seeds_differ(propose, seeds):
    return [seed for seed in seeds if propose(seed) != propose(seed)]


def believes_every_seed_but_zero(propose, seeds):
    return [seed for seed in seeds if seed]


def compares_a_thing_with_itself(propose, seeds):
    return [seed for seed in seeds if (one := propose(seed)) == one]


MISTAKES = [
    ("9.1", 5),
    ("9.1", 3),
    ("9.1", 4),
    ("9.2", climbs),
    ("9.2", forgets_the_two),
    ("9.2", forgets_the_mean),
    ("9.2", changes_its_argument),
    ("9.2", returns_the_gradient),
    ("9.3", numbers_the_choices),
    ("9.3", takes_the_first_options),
    ("9.3", turns_it_round),
    ("9.3", gives_places),
    ("9.4", compares_neighbouring_seeds),
    ("9.4", asks_whether_seeds_differ),
    ("9.4", believes_every_seed_but_zero),
    ("9.4", compares_a_thing_with_itself),
]


test_solution_is_right, test_plausible_mistake_is_wrong, test_stub_is_not_attempted = promises(
    "09", ANSWERS, MISTAKES
)


def test_the_seeds_may_be_an_array(capsys):
    check("9.4", lambda propose, seeds: np.array([s for s in seeds if propose(s) == propose(s)]))
    assert capsys.readouterr().out == "9.4: right\n"
