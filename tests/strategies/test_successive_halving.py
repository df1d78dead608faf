from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from nas_tutorial.loop.search import search
from nas_tutorial.randomness import trial_seed
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.strategies.successive_halving import SuccessiveHalving
from nas_tutorial.trials import Constraint, Objective, Result, Resumed, Trial
from tests.toys import by_number, drive, fragile, hopeless, noisy, quick

SPACE = EdgeCellSpace()


def halving(**settings) -> SuccessiveHalving:
    return SuccessiveHalving(SPACE, **{"epochs": (1, 3, 9), "bracket_size": 9, **settings})


def told(strategy, number: int, candidate, accuracy: float | None, **metrics) -> Trial:
    """Tell a trial of this accuracy, or one that failed."""
    failed = accuracy is None
    measured = {} if failed else {"val_accuracy": accuracy, **metrics}
    trial = Trial(number, candidate, number, Result(measured, 1.0, error="no" if failed else None))
    strategy.tell(trial)
    return trial


def test_a_bracket_by_hand():
    strategy = halving()
    accuracies = [0.1, 0.9, 0.5, 0.8, 0.3, 0.2, 0.7, 0.4, 0.6]
    lowest = [strategy.ask() for _ in range(9)]
    assert [(candidate.epochs, candidate.resumes) for candidate in lowest] == [(1, None)] * 9
    assert strategy.ask() is None
    trials = [told(strategy, n, *pair) for n, pair in enumerate(zip(lowest, accuracies))]
    middle = [strategy.ask() for _ in range(3)]
    assert middle == [trials[number].resumed(3) for number in (1, 3, 6)]  # the best first
    assert strategy.ask() is None
    # Rung 3 turns the order round, and the last is told first.
    trials += [told(strategy, 9 + n, middle[n], (0.5, 0.6, 0.7)[n]) for n in (2, 1, 0)]
    assert strategy.ask() == trials[9].resumed(9)  # of number 11, told before 10 and 9
    assert trials[9].candidate.resumes == Resumed(6, 1)
    assert strategy.ask() is None
    told(strategy, 12, trials[9].resumed(9), 0.7)
    fresh = strategy.ask()
    assert (fresh.epochs, fresh.resumes) == (1, None)


@pytest.mark.parametrize(
    ("epochs", "size", "expected"),
    [
        ((1, 3, 9), 9, {1: 9, 3: 3, 9: 1}),
        ((1, 3, 9), 10, {1: 10, 3: 3, 9: 1}),
        ((1, 3, 9), 27, {1: 27, 3: 9, 9: 3}),
        ((1, 2, 4, 8), 8, {1: 8, 2: 4, 4: 2, 8: 1}),
        ((5 / 9, 5 / 3, 5), 9, {5 / 9: 9, 5 / 3: 3, 5: 1}),
        ((4, 10, 12), 6, {4: 6, 10: 2, 12: 2}),
    ],
)
def test_each_rung_has_its_share(epochs, size, expected):
    size_of_bracket = sum(expected.values())
    strategy = halving(epochs=epochs, bracket_size=size)
    for _ in range(2):
        trials = drive(strategy, noisy, size_of_bracket)
        assert Counter(trial.candidate.epochs for trial in trials) == expected


def test_it_waits_at_the_rung_and_only_there():
    strategy = halving()
    trials = [(number, strategy.ask()) for number in range(9)]
    for number, candidate in trials[:-1]:
        told(strategy, number, candidate, 0.5)
        assert strategy.ask() is None
    told(strategy, *trials[-1], 0.5)
    assert strategy.ask() is not None


def test_what_it_finds_does_not_depend_on_how_many_work():
    alone = search(halving(), noisy, trials=39, progress=False)
    with ThreadPoolExecutor(4) as executor:
        together = search(halving(), noisy, trials=39, executor=executor, workers=4, progress=False)
    assert by_number(together) == by_number(alone)


def test_the_failed_go_nowhere_and_nobody_waits_for_them():
    strategy = halving()
    lowest = [strategy.ask() for _ in range(9)]
    trials = [told(strategy, n, one, 0.5 if n in (2, 4) else None) for n, one in enumerate(lowest)]
    assert strategy.ask() == trials[2].resumed(3)
    assert strategy.ask() == trials[4].resumed(3)
    assert strategy.ask() is None  # there is no third that succeeded
    told(strategy, 9, trials[2].resumed(3), None)
    told(strategy, 10, trials[4].resumed(3), None)
    assert strategy.ask().epochs == 1  # the bracket is over


@pytest.mark.parametrize("in_flight", [1, 4, 30])
def test_a_search_ends_with_its_budget_whatever_fails(in_flight):
    class FailsAbove:
        """Fails wherever a candidate is trained for more than so many epochs."""

        def __init__(self, epochs):
            self.epochs = epochs

        def __call__(self, candidate, *, seed):
            return (hopeless if candidate.epochs > self.epochs else noisy)(candidate, seed=seed)

    for most in (0, 1, 3, 9):
        trials = drive(halving(), FailsAbove(most), 60, in_flight=in_flight)
        assert len(trials) == 60
    assert len(drive(halving(), fragile, 60, in_flight=in_flight)) == 60


def test_what_keeps_the_constraints_goes_on():
    strategy = halving(constraints=[Constraint("parameters", 250)])
    trials = drive(strategy, quick, 130)
    beyond = [t for t in trials if t.value("parameters") > 250]
    assert len(beyond) > 10
    assert all(trial.candidate.epochs == 1 for trial in beyond)


def test_it_goes_by_the_direction_of_the_objective():
    strategy = halving(objective=Objective("parameters", "min"))
    lowest = [strategy.ask() for _ in range(9)]
    trials = [told(strategy, n, one, 0.5, parameters=100 * (n + 1)) for n, one in enumerate(lowest)]
    assert strategy.ask() == trials[0].resumed(3)


def test_equals_go_on_in_the_order_of_their_numbers_whoever_is_told_first():
    strategy = halving()
    lowest = [strategy.ask() for _ in range(9)]
    for number in (7, 8, 3, 0, 6, 2, 1, 5, 4):
        told(strategy, number, lowest[number], 0.5)
    assert [strategy.ask().resumes.number for _ in range(3)] == [0, 1, 2]


def test_one_training_keeps_its_seed_to_the_last_rung():
    history = search(halving(seed=3), noisy, trials=13, progress=False)
    of_number = {trial.number: trial for trial in history}
    last = history[-1]
    first = of_number[of_number[last.candidate.resumes.number].candidate.resumes.number]
    assert last.candidate.epochs == 9
    assert last.seed == first.seed == trial_seed(3, first.number)
    assert last.candidate.architecture == first.candidate.architecture


@pytest.mark.parametrize("size", [0, 8])
def test_a_bracket_from_which_nobody_reaches_the_last_rung_is_refused(size):
    with pytest.raises(ValueError, match=rf"bracket_size must be .* at least 9, got {size}\. Rais"):
        halving(bracket_size=size)
    with pytest.raises(ValueError, match="must be two or more numbers that grow"):
        halving(epochs=(3, 1))
    with pytest.raises(ValueError, match="bracket_size must be a whole number"):
        halving(bracket_size=9.5)
