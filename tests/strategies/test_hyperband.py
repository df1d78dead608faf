from collections import Counter

import pytest

from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.strategies.hyperband import Hyperband, bracket_size
from nas_tutorial.strategies.rungs import geometric_rungs
from tests.toys import drive, fragile, hopeless, noisy

SPACE = EdgeCellSpace()


def starts(trials) -> list[tuple[float, int]]:
    """Epochs of each run of fresh candidates, and how many there were."""
    runs = []
    for trial in trials:
        if trial.candidate.resumes is None:
            if runs and runs[-1][0] == trial.candidate.epochs:
                runs[-1][1] += 1
            else:
                runs.append([trial.candidate.epochs, 1])
    return [tuple(run) for run in runs]


def test_the_brackets_of_81_epochs_by_threes():
    """By the formula of Algorithm 1: 5 * 81 / 5, 5 * 27 / 4, 5 * 9 / 3, 5 * 3 / 2, 5 * 1, upwards."""
    epochs = (1, 3, 9, 27, 81)
    assert [bracket_size(epochs, skipped) for skipped in range(5)] == [81, 34, 15, 8, 5]


@pytest.mark.parametrize("epochs", [1, 5, 7, 200])
@pytest.mark.parametrize("number", [2, 3, 4, 5, 6])
def test_the_first_bracket_fills_its_rungs_exactly(epochs, number):
    # 5 / (5 / 9) is more than 9 in floating-point numbers, and its ceiling 10.
    rungs = geometric_rungs(epochs, number=number)
    assert bracket_size(rungs, 0) == 3 ** (number - 1)
    assert bracket_size(rungs, number - 1) == number


def test_a_round_by_hand():
    strategy = Hyperband(SPACE, epochs=(1, 3, 9))
    trials = drive(strategy, noisy, 13 + 6 + 3)
    expected = [(1, 9), (3, 3), (9, 1), (3, 5), (9, 1), (9, 3)]
    assert [t.candidate.epochs for t in trials] == [e for e, n in expected for _ in range(n)]
    assert starts(trials) == [(1, 9), (3, 5), (9, 3)]


def test_after_the_last_bracket_the_first_comes_again():
    trials = drive(Hyperband(SPACE, epochs=(1, 3, 9)), noisy, 2 * 22)
    assert starts(trials) == [(1, 9), (3, 5), (9, 3)] * 2
    counts = Counter(trial.candidate.architecture for trial in trials[22:] if
                     trial.candidate.resumes is None)  # fmt: skip
    earlier = {trial.candidate.architecture for trial in trials[:22]}
    assert not earlier & set(counts)


def test_each_bracket_takes_the_best_of_its_own():
    trials = drive(Hyperband(SPACE, epochs=(1, 3, 9)), noisy, 22)
    accuracy = [trial.value("val_accuracy") for trial in trials]
    for first, size, number in ((0, 9, 3), (9, 3, 1), (13, 5, 1)):
        best = sorted(range(first, first + size), key=lambda n: -accuracy[n])[:number]
        after = trials[first + size : first + size + number]
        assert [trial.candidate.resumes.number for trial in after] == best


def test_it_waits_for_a_rung_and_a_bracket():
    strategy = Hyperband(SPACE, epochs=(1, 3, 9))
    assert [strategy.ask() is None for _ in range(11)] == [False] * 9 + [True] * 2


@pytest.mark.parametrize("in_flight", [1, 30])
def test_where_all_fail_each_bracket_ends_with_its_first_rung(in_flight):
    trials = drive(Hyperband(SPACE, epochs=(1, 3, 9)), hopeless, 60, in_flight=in_flight)
    trials.sort(key=lambda trial: trial.number)
    assert starts(trials)[:6] == [(1, 9), (3, 5), (9, 3)] * 2
    assert all(trial.candidate.resumes is None for trial in trials)


def test_a_few_failures_cost_no_bracket():
    trials = drive(Hyperband(SPACE, epochs=(1, 3, 9)), fragile, 100)
    assert starts(trials)[:6] == [(1, 9), (3, 5), (9, 3)] * 2


def test_what_are_no_rungs_is_refused():
    with pytest.raises(ValueError, match="must be two or more numbers that grow"):
        Hyperband(SPACE, epochs=(9,))
