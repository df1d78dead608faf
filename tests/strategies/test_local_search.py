import numpy as np
import pytest

from nas_tutorial.spaces import SPACES
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.strategies.local_search import IMPROVEMENTS, LocalSearch
from nas_tutorial.trials import Candidate, Constraint, Result, Trial
from tests.toys import Grid, Heights, constant, drive, evaluated, fragile, hopeless, noisy, quick

SLOPE = Heights([[0, 1, 2], [10, 11, 12], [20, 21, 22]])  # one optimum, at 2 2


def begun(strategy: LocalSearch, values: tuple, evaluator) -> LocalSearch:
    """The strategy with a descent that begins at a given point, trial 0."""
    strategy.tell(evaluated(0, Candidate(Architecture(values)), evaluator))
    return strategy


def result_of(number: int, candidate: Candidate, accuracy: float | None) -> Trial:
    if accuracy is None:
        return Trial(number, candidate, 0, Result({}, 1.0, error="MemoryError"))
    return Trial(number, candidate, 0, Result({"val_accuracy": accuracy}, 1.0))


def descents(trials) -> list[list[Trial]]:
    """The trials, split where one was drawn at random."""
    runs = []
    for trial in trials:
        if not trial.candidate.parents:
            runs.append([])
        runs[-1].append(trial)
    return runs


def test_best_improvement_waits_for_all_and_moves_to_the_best():
    strategy = begun(LocalSearch(Grid(3, 3), improvement="best"), (0, 0), SLOPE)
    trials = drive(strategy, SLOPE, 8, first=1)
    points = [trial.candidate.architecture.values for trial in trials]
    centres = [(points[n - 1] if n else (0, 0)) for t in trials for n in t.candidate.parents]
    assert centres == [(0, 0)] * 4 + [(2, 0)] * 2 + [(2, 2)]
    assert set(points[:4]) == {(1, 0), (2, 0), (0, 1), (0, 2)}
    assert set(points[4:6]) == {(2, 1), (2, 2)}  # 0 0 and 1 0 were seen
    assert points[6] == (1, 2)
    assert not trials[7].candidate.parents  # 2 2 is the optimum


@pytest.mark.parametrize("seed", range(5))
def test_first_improvement_moves_as_soon_as_one_is_better(seed):
    strategy = begun(LocalSearch(Grid(3, 3), seed=seed), (1, 1), SLOPE)
    number, height = 0, 11
    while strategy.centre is not None:  # at most nine points
        number += 1
        trial = evaluated(number, strategy.ask(), SLOPE)
        before = strategy.centre
        strategy.tell(trial)
        if trial.value("val_accuracy") > height:
            assert strategy.centre is trial
            height = trial.value("val_accuracy")
        else:
            assert strategy.centre in (before, None)
    assert height == 22


def test_first_improvement_tries_the_neighbours_in_random_order():
    firsts = {
        begun(LocalSearch(Grid(3, 3), seed=seed), (1, 1), SLOPE).ask().architecture.values
        for seed in range(40)
    }
    assert firsts == {(0, 1), (2, 1), (1, 0), (1, 2)}


@pytest.mark.parametrize("improvement", IMPROVEMENTS)
def test_where_none_is_better_it_begins_anew(improvement):
    strategy = LocalSearch(Grid(3, 3), improvement=improvement)
    runs = descents(drive(strategy, constant, 50))
    assert [len(run) for run in runs] == [5] * 10  # equally good is not better
    assert len({run[0].candidate.architecture for run in runs}) > 3
    # There are nine points, so a later descent trains again what an earlier one knew.


@pytest.mark.parametrize("improvement", IMPROVEMENTS)
@pytest.mark.parametrize("name", list(SPACES))
def test_no_encoding_is_trained_twice_within_a_descent(improvement, name):
    strategy = LocalSearch(SPACES.load(name)(), improvement=improvement)
    runs = descents(drive(strategy, noisy, 300))
    assert max(len(run) for run in runs) > 30
    for run in runs:
        assert len({trial.candidate.architecture for trial in run}) == len(run)


@pytest.mark.parametrize("name", list(SPACES))
def test_a_child_is_a_neighbour_of_its_parent(name):
    space = SPACES.load(name)()
    trials = drive(LocalSearch(space), noisy, 60, in_flight=3)
    of_number = {trial.number: trial.candidate.architecture for trial in trials}
    bred = [trial for trial in trials if trial.candidate.parents]
    assert len(bred) > 30
    for trial in bred:
        assert trial.candidate.architecture in space.neighbors(
            of_number[trial.candidate.parents[0]]
        )


@pytest.mark.parametrize("improvement", IMPROVEMENTS)
def test_a_neighbourhood_that_fails_is_left(improvement):
    isle = Heights([[5, None, None], [None, 1, 1], [None, 1, 1]])
    strategy = begun(LocalSearch(Grid(3, 3), improvement=improvement), (0, 0), isle)
    trials = drive(strategy, isle, 5, first=1)
    assert [trial.failed for trial in trials[:4]] == [True] * 4
    assert not trials[4].candidate.parents


def test_a_start_that_fails_is_followed_by_another():
    trials = drive(LocalSearch(EdgeCellSpace()), hopeless, 30, in_flight=4)
    assert not any(trial.candidate.parents for trial in trials)


# Many in flight


@pytest.mark.parametrize("improvement", IMPROVEMENTS)
def test_all_neighbours_can_be_in_flight_and_then_it_draws_starts(improvement):
    space = EdgeCellSpace()
    strategy = LocalSearch(space, improvement=improvement)
    start = evaluated(0, strategy.ask(), noisy)
    strategy.tell(start)
    asked = [strategy.ask() for _ in range(30)]
    neighbors = {candidate.architecture for candidate in asked[:24]}
    assert neighbors == set(space.neighbors(start.candidate.architecture))
    assert [candidate.parents for candidate in asked] == [(0,)] * 24 + [()] * 6


@pytest.mark.parametrize("order", [1, -1])
def test_best_improvement_finds_the_same_in_any_order(order):
    strategy = begun(LocalSearch(Grid(3, 3), improvement="best"), (0, 0), SLOPE)
    asked = [strategy.ask() for _ in range(4)]
    for number, candidate in list(enumerate(asked, start=1))[::order]:
        assert strategy.centre.number == 0
        strategy.tell(evaluated(number, candidate, SLOPE))
    assert strategy.centre.candidate.architecture.values == (2, 0)


def test_best_improvement_moves_on_rather_than_idle():
    strategy = begun(LocalSearch(Grid(3, 3), improvement="best"), (0, 0), SLOPE)
    asked = {strategy.ask().architecture.values: number for number in (1, 2, 3, 4)}

    def tell(*values):
        candidate = Candidate(Architecture(values), parents=(0,))
        strategy.tell(evaluated(asked[values], candidate, SLOPE))

    tell(0, 1)
    assert strategy.centre.number == 0  # a later one may be better still
    tell(1, 0)
    ahead = {strategy.ask() for _ in range(2)}
    assert {candidate.parents for candidate in ahead} == {(asked[1, 0],)}
    assert {candidate.architecture.values for candidate in ahead} == {(1, 1), (1, 2)}
    tell(2, 0)  # it is better still, though late
    assert strategy.ask().parents == (asked[2, 0],)


def test_a_late_result_counts_if_it_beats_the_centre_that_there_is_now():
    strategy = begun(LocalSearch(Grid(3, 3)), (0, 0), SLOPE)
    asked = [strategy.ask() for _ in range(3)]
    trials = [result_of(n, c, a) for n, c, a in zip((1, 2, 3), asked, (0.5, 0.3, 0.7))]
    for trial, centre in zip(trials, (1, 1, 3)):
        strategy.tell(trial)
        assert strategy.centre.number == centre


@pytest.mark.parametrize("improvement", IMPROVEMENTS)
@pytest.mark.parametrize(("last", "centre"), [(99.0, 4), (-1.0, 6), (None, 6)])
def test_a_descent_ends_with_the_last_of_its_neighbours(improvement, last, centre):
    strategy = begun(LocalSearch(Grid(3, 3), improvement=improvement), (2, 2), SLOPE)
    asked = [strategy.ask() for _ in range(4)]
    starts = [strategy.ask() for _ in range(3)]
    assert not any(candidate.parents for candidate in starts)
    for number, candidate in zip((1, 2, 3), asked):
        strategy.tell(evaluated(number, candidate, SLOPE))
    for number, candidate, accuracy in zip((5, 6, 7), starts, (0.2, 0.8, None)):
        strategy.tell(result_of(number, candidate, accuracy))
        assert strategy.centre.number == 0
    strategy.tell(result_of(4, asked[3], last))
    # A better last neighbour is moved to; otherwise the best start that waits takes over.
    assert strategy.centre.number == centre
    assert [trial.number for trial in strategy.starts] == ([5, 6] if centre == 4 else [5])


@pytest.mark.parametrize("improvement", IMPROVEMENTS)
@pytest.mark.parametrize("in_flight", [1, 3, 8, 40])
def test_it_never_idles(improvement, in_flight):
    strategy = LocalSearch(EdgeCellSpace(), improvement=improvement)
    rng = np.random.default_rng(0)
    pending = []
    for number in range(400):
        candidate = strategy.ask()
        assert candidate is not None
        pending.append(evaluated(number, candidate, fragile))
        if len(pending) == in_flight:
            strategy.tell(pending.pop(int(rng.integers(in_flight))))
    bred = [trial for trial in pending if trial.candidate.parents]
    assert bred or in_flight == 1


def test_one_in_flight_draws_nothing_before_a_descent_has_ended():
    strategy = LocalSearch(EdgeCellSpace(), improvement="best")
    for number in range(200):
        trial = evaluated(number, strategy.ask(), noisy)
        assert bool(trial.candidate.parents) == (strategy.centre is not None)
        strategy.tell(trial)
        assert strategy.starts == []


# What it finds


@pytest.mark.parametrize("improvement", IMPROVEMENTS)
@pytest.mark.parametrize("in_flight", [1, 10])
def test_it_reaches_the_best_architecture_of_a_small_space(improvement, in_flight):
    strategy = LocalSearch(ChainSpace(depth=4), improvement=improvement)  # 256 architectures
    trials = drive(strategy, quick, 100, in_flight=in_flight)
    assert max(trial.value("val_accuracy") for trial in trials) == 1.0


def test_it_moves_only_to_what_keeps_the_constraints():
    limit = Constraint("parameters", 250)
    strategy = LocalSearch(EdgeCellSpace(), constraints=[limit])
    inside = []
    for number in range(200):
        strategy.tell(evaluated(number, strategy.ask(), quick))
        if strategy.centre is not None:
            inside.append(strategy.centre.value("parameters") <= 250)
    assert np.mean(inside) > 0.9  # only the first steps of a descent may lie outside


def test_an_unknown_improvement_is_refused():
    complaint = r"improvement must be one of best, first; got 'fist'\. Did you mean 'first'"
    with pytest.raises(ValueError, match=complaint):
        LocalSearch(EdgeCellSpace(), improvement="fist")
