import itertools

import numpy as np
import pytest

from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.statistics.chance import expected_best_of
from nas_tutorial.statistics.repeats import compare, final_values
from nas_tutorial.strategies.random_search import RandomSearch
from nas_tutorial.trials import Candidate
from tests.toys import quick

VALUES = np.array([0.3, 0.9, 0.3, 0.5, 0.9, 0.1])  # with ties, at the top too
REPORT = np.array([0.2, 0.8, 0.6, 0.5, 0.7, 0.3])  # what is chosen by VALUES is worth this


def brute_force(values, report, n: int, *, replace: bool) -> float:
    """The mean over all ways to draw n: the first drawn of the best ones counts."""
    rows = range(len(values))
    draws = itertools.product(rows, repeat=n) if replace else itertools.permutations(rows, n)
    return float(np.mean([report[max(draw, key=lambda row: values[row])] for draw in draws]))


@pytest.mark.parametrize("n", [1, 2, 3, 5])
@pytest.mark.parametrize("replace", [True, False])
def test_it_is_the_mean_over_all_ways_to_draw(n, replace):
    found = expected_best_of(VALUES, n, replace=replace)
    assert found == pytest.approx(brute_force(VALUES, VALUES, n, replace=replace))
    found = expected_best_of(VALUES, n, report=REPORT, replace=replace)
    assert found == pytest.approx(brute_force(VALUES, REPORT, n, replace=replace))


def test_the_standard_deviation_follows_from_the_mean_square():
    draws = itertools.product(range(6), repeat=3)
    best = [REPORT[max(draw, key=lambda row: VALUES[row])] for draw in draws]
    mean = expected_best_of(VALUES, 3, report=REPORT)
    square = expected_best_of(VALUES, 3, report=REPORT**2)
    assert np.sqrt(square - mean**2) == pytest.approx(np.std(best))


@pytest.mark.parametrize("replace", [True, False])
def test_it_is_what_many_draws_give(replace):
    rng = np.random.default_rng(0)
    values, rounds, n = rng.normal(size=200), 5000, 40
    report = values + rng.normal(size=200)
    drawn = np.array([rng.choice(200, size=n, replace=replace) for _ in range(rounds)])
    found = report[drawn[np.arange(rounds), values[drawn].argmax(axis=1)]]
    expected = expected_best_of(values, n, report=report, replace=replace)
    assert abs(found.mean() - expected) < 4 * found.std() / np.sqrt(rounds)


def test_it_is_what_random_search_finds():
    space = ChainSpace(depth=3)
    values = [quick(Candidate(one), seed=0).metrics["val_accuracy"] for one in space]
    searches = {"random": lambda seed: RandomSearch(space, seed=seed)}
    ends = final_values(compare(searches, quick, trials=4, seeds=range(400)))["random"]
    error = 4 * ends.std() / np.sqrt(len(ends))
    assert abs(ends.mean() - expected_best_of(values, 4)) < error
    picks = final_values(compare(searches, quick, trials=1, seeds=range(400)))["random"]
    assert abs(picks.mean() - expected_best_of(values, 1)) < 4 * picks.std() / np.sqrt(len(picks))


def test_one_draw_gives_the_mean_and_all_of_them_the_best():
    assert expected_best_of(VALUES, 1) == pytest.approx(VALUES.mean())
    assert expected_best_of(VALUES, 1, report=REPORT, replace=False) == pytest.approx(REPORT.mean())
    assert expected_best_of(VALUES, 6, replace=False) == pytest.approx(0.9)
    assert expected_best_of(VALUES, 6, report=REPORT, replace=False) == pytest.approx(0.75)
    assert expected_best_of(VALUES, 1000) == pytest.approx(0.9)
    assert expected_best_of(np.full(7, 0.5), 3) == pytest.approx(0.5)


def test_several_numbers_of_draws_give_a_curve_that_rises():
    values = np.random.default_rng(0).random(15_625)
    n = np.array([1, 2, 10, 100, 15_625])
    for replace in (True, False):
        curve = expected_best_of(values, n, replace=replace)
        assert curve.shape == n.shape and (np.diff(curve) > 0).all()
        assert curve[2] == pytest.approx(expected_best_of(values, 10, replace=replace))
    assert curve[-1] == pytest.approx(values.max(), abs=1e-9)


def test_without_replacement_is_better_on_average():
    twice = expected_best_of(VALUES, 3)
    assert expected_best_of(VALUES, 3, replace=False) > twice


@pytest.mark.parametrize(
    ("values", "report"),
    [([], None), ([0.1, np.nan], None), ([0.1, 0.2], [0.1]), ([[0.1, 0.2]], None)],
)
def test_bad_columns_are_refused(values, report):
    with pytest.raises(ValueError, match=r"must be finite, not empty and of one shape \(N,\), got"):
        expected_best_of(values, 1, report=report)


@pytest.mark.parametrize(
    ("n", "replace", "message"),
    [
        (0, True, "at least 1, got 0"),
        ([3, -1], True, "at least 1, got -1"),
        (2.5, True, r"at least 1, got np.float64\(2.5\)"),
        (7, False, r"in \[1, 6\], got 7"),
    ],
)
def test_bad_numbers_of_draws_are_refused(n, replace, message):
    advice = "Draw once or more" if replace else "Draw at most all"
    with pytest.raises(ValueError, match=rf"n must be a whole number {message}.*{advice}"):
        expected_best_of(VALUES, n, replace=replace)
