"""Chapter 01: the solutions pass, plausible mistakes fail, untouched stubs are told apart."""

import math

import numpy as np

from nas_tutorial.course.exercises import check
from tests.course.exercises.promises import promises
from tests.course.exercises.solutions import solution

ANSWERS = {"1.1": "guess", "1.2": "draws_needed", "1.3": "within_and_between"}


def until_the_expected_number_is_one(share, chance):
    """As if each draw brought one share of a success."""
    return math.ceil(chance / share)


def as_if_all_were_good(share, chance):
    """The opposite taken of the wrong event: all draws good."""
    return max(1, math.ceil(math.log(1 - chance) / math.log(share)))


def rounded_down(share, chance):
    return int(math.log(1 - chance) / math.log(1 - share))


def one_too_many(share, chance):
    return math.floor(math.log(1 - chance) / math.log(1 - share)) + 2


def more_than_the_chance(share, chance):
    """Goes on where the chance is met exactly: `at least` read as `more than`."""
    draws = 1
    while 1 - (1 - share) ** draws <= chance:
        draws += 1
    return draws


def up_to_two_thousand(share, chance):
    """A loop with an end, before the single best of the table is met."""
    enough = (n for n in range(1, 2001) if 1 - (1 - share) ** n >= chance)
    return next(enough, 2000)


def by_logarithms(share, chance):
    """A right answer without a loop."""
    return np.ceil(np.log(1 - chance) / np.log(1 - share))


def until_the_best_one(share, chance):
    """The belief that only the single best of 8,765 will do."""
    return math.ceil(math.log(1 - chance) / math.log(1 - 1 / 8765))


def with_the_networks_themselves(runs):
    """The diagonal counts as pairs of two networks as well."""
    distances = np.abs(runs[:, 0][:, None] - runs[:, 1][None, :])
    return np.diagonal(distances).mean(), distances.mean()


def with_their_signs(runs):
    """Differences that cancel."""
    differences = runs[:, 0][:, None] - runs[:, 1][None, :]
    others = differences[~np.eye(len(runs), dtype=bool)]
    return np.diagonal(differences).mean(), others.mean()


def neighbours_alone(runs):
    """Each network and the next one, not all pairs."""
    first, second = runs.T
    return np.abs(first - second).mean(), np.abs(first[:-1] - second[1:]).mean()


def the_other_way_round(runs):
    return with_all_pairs(runs)[::-1]


def with_all_pairs(runs):
    """A right answer by a loop."""
    places = range(len(runs))
    pairs = [abs(runs[i][0] - runs[j][1]) for i in places for j in places if i != j]
    return sum(abs(a - b) for a, b in runs) / len(runs), sum(pairs) / len(pairs)


MISTAKES = [
    ("1.1", 450 * 7 / 20_000),  # GPU-days
    ("1.1", 450 * 7),  # the whole search
    ("1.1", 20_000 / (450 * 7 * 24)),  # networks an hour
    ("1.1", 7 * 24 / 20_000),  # without the GPUs
    ("1.1", "3.78"),
    ("1.2", until_the_expected_number_is_one),
    ("1.2", as_if_all_were_good),
    ("1.2", rounded_down),
    ("1.2", one_too_many),
    ("1.2", until_the_best_one),
    ("1.2", more_than_the_chance),
    ("1.2", up_to_two_thousand),
    ("1.2", lambda share, chance: f"{share}"),
    ("1.3", with_the_networks_themselves),
    ("1.3", with_their_signs),
    ("1.3", neighbours_alone),
    ("1.3", the_other_way_round),
    ("1.3", lambda runs: np.abs(runs[:, 0] - runs[:, 1]).mean()),  # one number
]


test_solution_is_right, test_plausible_mistake_is_wrong, test_stub_is_not_attempted = promises(
    "01", ANSWERS, MISTAKES
)


def test_a_guess_that_is_rounded_is_right(capsys):
    check("1.1", 3.8)
    assert capsys.readouterr().out == "1.1: right\n"


def test_another_way_is_right(capsys):
    check("1.2", by_logarithms)
    check("1.3", with_all_pairs)
    assert capsys.readouterr().out == "1.2: right\n1.3: right\n"


def test_counter_examples_are_shown(capsys):
    check("1.1", 450 * 7 / 20_000)
    assert "0.1575 is the number of GPU-days" in capsys.readouterr().out
    check("1.1", 42)
    assert (
        "20,000 networks at 42 GPU-hours each would be 35,000 GPU-days" in capsys.readouterr().out
    )
    check("1.2", until_the_expected_number_is_one)
    assert "with share=0.5 and chance=0.95 it takes 5 draws, you say 2" in capsys.readouterr().out


def test_the_numbers_that_the_solution_quotes(capsys):
    draws_needed = solution("01", "ex-1-2")["draws_needed"]
    shares = (1 / 2, 300 / 8765, 1 / 8765)
    assert [draws_needed(share, 0.95) for share in shares] == [5, 87, 26_257]
