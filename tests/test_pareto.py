import warnings

import numpy as np
import pytest
from pymoo.indicators.hv import HV
from pymoo.operators.survival.rank_and_crowding.metrics import get_crowding_function
from pymoo.util.nds.non_dominated_sorting import NonDominatedSorting

from nas_tutorial.history import History
from nas_tutorial.pareto import (
    crowding_distance,
    domination,
    hypervolume,
    losses_of,
    non_dominated,
    non_dominated_sort,
    pareto_front,
)
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.trials import Candidate, Constraint, Objective, Result, Trial

ACCURACY, SIZE = Objective("val_accuracy", "max"), Objective("parameters", "min")


def history(*values: tuple[float, float] | None) -> History:
    """A trial for each (accuracy, parameters); None is one that failed."""
    results = [
        Result({}, 1.0, error="failed")
        if pair is None
        else Result({"val_accuracy": pair[0], "parameters": pair[1]}, 1.0)
        for pair in values
    ]
    return History(
        Trial(number, Candidate(Architecture((number,))), 0, result)
        for number, result in enumerate(results)
    )


def numbers(trials) -> list[int]:
    return [trial.number for trial in trials]


def dominates(p, q) -> bool:
    """The definition, value by value."""
    return all(a <= b for a, b in zip(p, q)) and any(a < b for a, b in zip(p, q))


def brute_force_sort(losses, beats=dominates) -> list[list[int]]:
    """Peel off what nothing that is left dominates."""
    left, fronts = list(range(len(losses))), []
    while left:
        front = [i for i in left if not any(beats(losses[j], losses[i]) for j in left)]
        fronts.append(front)
        left = [i for i in left if i not in front]
    return fronts


def clouds() -> list[np.ndarray]:
    """Points of one to four objectives: spread out, and on a small grid with many equal ones."""
    rng = np.random.default_rng(0)
    spread = [rng.random((60, k)) for k in (1, 2, 3, 4)]
    grids = [rng.integers(4, size=(60, k)).astype(float) for k in (1, 2, 3, 4)]
    return spread + grids


@pytest.fixture(params=clouds(), ids=lambda losses: f"{losses.shape[1]}d")
def losses(request) -> np.ndarray:
    return request.param


# Domination


def test_one_dominates_another_if_it_is_nowhere_worse_and_somewhere_better():
    points = [(1, 2), (2, 1), (2, 2), (1, 2)]  # the last is the first again
    expected = [
        [False, False, True, False],
        [False, False, True, False],
        [False, False, False, False],
        [False, False, True, False],
    ]
    assert domination(points).tolist() == expected


def test_the_smaller_violation_dominates_whatever_the_losses():
    points, violations = [(1, 1), (9, 9), (5, 5)], [0.2, 0.0, 0.1]
    assert domination(points, violations).tolist() == [
        [False, False, False],
        [True, False, True],
        [True, False, False],
    ]


def test_equal_violations_leave_it_to_the_losses():
    points = [(1, 1), (2, 2), (0, 3)]
    np.testing.assert_array_equal(domination(points, [0.3] * 3), domination(points))


# Sorting


def test_fronts_by_hand():
    # Size and error of five networks: 0 and 3 are the front, 1 and 4 stand behind one of them.
    points = [(1, 5), (2, 5), (4, 4), (3, 1), (3, 2)]
    assert [front.tolist() for front in non_dominated_sort(points)] == [[0, 3], [1, 4], [2]]


def test_fronts_are_those_of_brute_force(losses):
    fronts = [front.tolist() for front in non_dominated_sort(losses)]
    assert fronts == brute_force_sort(losses)


def test_fronts_are_those_of_pymoo(losses):
    expected = NonDominatedSorting().do(losses)
    for ours, theirs in zip(non_dominated_sort(losses), expected, strict=True):
        assert ours.tolist() == sorted(theirs)


def test_fronts_under_constraints_are_those_of_brute_force(losses):
    violations = np.random.default_rng(1).integers(3, size=len(losses)) / 10

    def beats(p, q) -> bool:
        return p[0] < q[0] or (p[0] == q[0] and dominates(p[1:], q[1:]))

    expected = brute_force_sort(np.column_stack([violations, losses]).tolist(), beats)
    assert [front.tolist() for front in non_dominated_sort(losses, violations)] == expected


def test_of_one_objective_the_fronts_are_the_order():
    fronts = non_dominated_sort([[3.0], [1.0], [2.0], [1.0]])
    assert [front.tolist() for front in fronts] == [[1, 3], [2], [0]]


def test_the_quick_mask_is_the_first_front(losses):
    assert np.flatnonzero(non_dominated(losses)).tolist() == brute_force_sort(losses)[0]


def test_nothing_has_no_front():
    empty = np.empty((0, 2))
    assert non_dominated_sort(empty) == []
    assert non_dominated(empty).tolist() == crowding_distance(empty).tolist() == []


# Crowding


def test_crowding_by_hand():
    # Ranges 4 and 10. Between the ends: (2 - 0) / 4 + (10 - 5) / 10 and (4 - 1) / 4 + (6 - 0) / 10.
    points = [(0, 10), (1, 6), (2, 5), (4, 0)]
    np.testing.assert_allclose(crowding_distance(points), [np.inf, 1.0, 1.35, np.inf])


def test_infinite_losses_leave_every_distance_a_number():
    """A point next to an infinite loss lies far from it; two infinite ones do not lie apart."""
    points = [(0, 10), (1, 9), (2, 8), (np.inf, 7), (np.inf, 6), (np.inf, 5)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = crowding_distance(points)
    np.testing.assert_allclose(found, [np.inf, 2 / 2 + 2 / 5, np.inf, np.inf, 2 / 5, np.inf])
    assert crowding_distance([(np.inf, np.inf)] * 3).tolist() == [0, 0, 0]
    assert crowding_distance([(1.0,), (np.inf,), (np.inf,)]).tolist() == [np.inf, np.inf, np.inf]


def test_crowding_is_that_of_pymoo_which_divides_by_the_number_of_objectives():
    rng = np.random.default_rng(2)
    for k in (2, 3, 4):
        losses = rng.random((30, k))
        expected = get_crowding_function("cd").do(losses) * k
        np.testing.assert_allclose(crowding_distance(losses), expected)


def test_crowding_has_no_unit():
    losses = np.random.default_rng(3).random((20, 2))
    np.testing.assert_allclose(crowding_distance(losses), crowding_distance(losses * [1, 4096]))


@pytest.mark.parametrize("number", [1, 2, 5])
def test_what_is_the_same_everywhere_crowds_nothing(number):
    assert crowding_distance(np.ones((number, 3))).tolist() == [0] * number
    alike = np.column_stack([np.ones(number), np.arange(number)])
    np.testing.assert_array_equal(crowding_distance(alike), crowding_distance(alike[:, 1:]))


# The front of a history


def test_the_front_heeds_directions_and_leaves_failed_trials_out():
    trials = history((0.9, 300), None, (0.8, 100), (0.7, 200), (0.8, 150), (0.95, 900))
    assert numbers(pareto_front(trials, (ACCURACY, SIZE))) == [5, 0, 2]
    assert numbers(pareto_front(trials, (SIZE, ACCURACY))) == [2, 0, 5]
    assert numbers(pareto_front(trials, (ACCURACY,))) == [5]
    large = Objective("parameters", "max")
    assert numbers(pareto_front(trials, (ACCURACY, large))) == [5]


def test_equal_trials_are_on_the_front_together():
    assert numbers(pareto_front(history((0.9, 1), (0.9, 1), (0.8, 1)), (ACCURACY, SIZE))) == [0, 1]


def test_only_what_was_trained_longest_is_on_the_front():
    results = [Result({"val_accuracy": a, "parameters": 100}, 1.0) for a in (0.9, 0.8, 0.7)]
    one, five, full = (
        Trial(number, Candidate(Architecture((number,)), epochs), 0, result)
        for number, (epochs, result) in enumerate(zip((1, 5, None), results))
    )
    assert numbers(pareto_front([one, five], (ACCURACY, SIZE))) == [1]
    assert numbers(pareto_front([one, full, five], (ACCURACY, SIZE))) == [2]  # None: in full
    assert pareto_front([one, five], (ACCURACY,))[0] == History([one, five]).best(ACCURACY)


def test_the_front_holds_only_what_keeps_the_constraints():
    trials = history((0.9, 300), (0.8, 100), (0.85, 250), (0.84, 260))
    limit = Constraint("parameters", 260)
    assert numbers(pareto_front(trials, (ACCURACY, SIZE), [limit])) == [2, 1]
    assert len(pareto_front(trials, (ACCURACY, SIZE), [Constraint("parameters", 50)])) == 0
    constraints = (c for c in [limit])  # an iterator reads once
    assert numbers(pareto_front(trials, (ACCURACY, SIZE), constraints)) == [2, 1]


def test_a_history_in_which_everything_failed_has_no_front():
    front = pareto_front(history(None, None), (ACCURACY, SIZE))
    assert isinstance(front, History) and len(front) == 0


def test_adding_up_lets_the_large_numbers_win_and_the_front_does_not():
    # Published mistake: KerasTuner's MultiObjective sums the signed raw values.
    trials = history((0.95, 4000), (0.94, 2000), (0.10, 1000))
    raw_sum = losses_of(trials, (ACCURACY, SIZE)).sum(axis=1)
    assert raw_sum.argsort(kind="stable").tolist() == [
        2,
        1,
        0,
    ]  # the order of the parameters, no more
    assert numbers(pareto_front(trials, (ACCURACY, SIZE))) == [0, 1, 2]
    in_millions = history((0.95, 0.004), (0.94, 0.002), (0.10, 0.001))
    raw_sum = losses_of(in_millions, (ACCURACY, SIZE)).sum(axis=1)
    assert raw_sum.argsort(kind="stable").tolist() == [0, 1, 2]  # another unit, another winner
    assert numbers(pareto_front(in_millions, (ACCURACY, SIZE))) == [0, 1, 2]


def test_without_an_objective_there_is_no_front():
    with pytest.raises(
        ValueError, match=r"number of objectives must be .* at least 1, got 0\. Write"
    ):
        pareto_front(history((0.9, 1)), ())


def test_an_objective_that_was_not_measured_is_refused():
    with pytest.raises(ValueError, match="Did you mean 'parameters'"):
        pareto_front(history((0.9, 1)), (ACCURACY, Objective("paramters", "min")))


@pytest.mark.parametrize("function", [domination, crowding_distance, non_dominated])
@pytest.mark.parametrize("losses", [[1.0, 2.0], [[1.0, np.nan]], [[1.0, -np.inf]], [[]]])
def test_what_is_no_table_of_losses_is_refused(function, losses):
    with pytest.raises(
        ValueError, match=r"losses must be numbers of shape .* Give one row a point"
    ):
        function(losses)


# Hypervolume


def test_hypervolume_by_hand():
    # Up to (4, 4), a staircase of three columns, each 1 wide.
    assert hypervolume([(1, 3), (2, 2), (3, 1)], (4, 4)) == 1 + 2 + 3
    assert hypervolume([(1.5,), (3.0,)], (4.0,)) == 2.5
    # Two boxes of 2 x 2 x 1 and 1 x 1 x 2 that share 1 x 1 x 1.
    assert hypervolume([(0, 0, 1), (1, 1, 0)], (2, 2, 2)) == 4 + 2 - 1


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_hypervolume_is_that_of_pymoo(k):
    rng = np.random.default_rng(k)
    for losses in (rng.random((25, k)), rng.integers(5, size=(25, k)) / 4):
        for corner in (0.5, 0.9, 1.5):
            reference = np.full(k, corner)
            expected = HV(ref_point=reference).do(losses)
            assert hypervolume(losses, reference) == pytest.approx(expected)


def test_what_is_dominated_or_beyond_the_reference_adds_nothing():
    front = [(1, 3), (2, 2)]
    whole = hypervolume(front, (4, 4))
    assert hypervolume([*front, (2, 3), (2, 2), (0, 4), (5, 0)], (4, 4)) == whole
    assert hypervolume([(4, 0), (9, 9)], (4, 4)) == 0
    assert hypervolume(np.empty((0, 2)), (4, 4)) == 0


@pytest.mark.parametrize("reference", [(4, 4, 4), (4, np.nan), (np.inf, np.inf)])
def test_a_reference_of_another_length_or_without_an_end_is_refused(reference):
    complaint = r"one finite value for each of 2 objectives, got array\(.*\)\. Give the worst"
    with pytest.raises(ValueError, match=complaint):
        hypervolume([(1, 2)], reference)


def test_an_infinite_loss_adds_nothing_to_the_volume():
    assert hypervolume([(1, 3), (2, 2), (np.inf, 0)], (4, 4)) == hypervolume(
        [(1, 3), (2, 2)], (4, 4)
    )
