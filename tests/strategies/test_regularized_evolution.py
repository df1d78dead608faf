import warnings

import numpy as np
import pytest

from nas_tutorial.__main__ import _parser
from nas_tutorial.loop.search import search
from nas_tutorial.spaces import SPACES
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.strategies import STRATEGIES
from nas_tutorial.strategies.regularized_evolution import RegularizedEvolution
from nas_tutorial.trials import Result
from tests.toys import drive, evaluated, fragile, noisy, quick


def test_the_oldest_leaves_even_if_it_is_the_best():
    def first_is_best(candidate, *, seed):
        first_is_best.calls += 1
        return Result({"val_accuracy": 1.0 / first_is_best.calls}, 1.0)

    first_is_best.calls = 0
    strategy = RegularizedEvolution(EdgeCellSpace(), population_size=4)
    told = drive(strategy, first_is_best, 4)
    assert told[0] in strategy.population
    assert strategy.ranking_key(told[0]) == min(map(strategy.ranking_key, told))
    fifth = evaluated(4, strategy.ask(), first_is_best)
    strategy.tell(fifth)
    assert list(strategy.population) == [*told[1:], fifth]


@pytest.mark.parametrize("in_flight", [1, 6])
def test_the_population_is_the_last_that_succeeded(in_flight):
    strategy = RegularizedEvolution(EdgeCellSpace(), population_size=7)
    told = drive(strategy, fragile, 100, in_flight=in_flight)
    succeeded = [trial for trial in told if not trial.failed]
    assert len(succeeded) < len(told)
    assert list(strategy.population) == succeeded[-7:]


def test_nobody_breeds_after_it_has_left():
    strategy = RegularizedEvolution(EdgeCellSpace(), population_size=6)
    trials = drive(strategy, noisy, 100)
    ages = [trial.number - trial.candidate.parents[0] for trial in trials[6:]]
    assert max(ages) <= 6


@pytest.mark.parametrize("name", list(SPACES))
def test_a_child_is_a_neighbour_of_its_one_parent(name):
    space = SPACES.load(name)()
    trials = drive(RegularizedEvolution(space, population_size=10), noisy, 60)
    of_number = {trial.number: trial.candidate.architecture for trial in trials}
    assert [len(trial.candidate.parents) for trial in trials] == [0] * 10 + [1] * 50
    for trial in trials[10:]:
        (parent,) = trial.candidate.parents
        assert trial.candidate.architecture in space.neighbors(of_number[parent])


def test_a_failed_founder_is_replaced_by_another():
    trials = drive(RegularizedEvolution(EdgeCellSpace(), population_size=10), fragile, 80)
    founders = [trial for trial in trials if not trial.candidate.parents]
    assert any(trial.failed for trial in founders)
    assert sum(not trial.failed for trial in founders) == 10


def test_a_failed_child_is_not_replaced_by_a_founder():
    trials = drive(RegularizedEvolution(EdgeCellSpace(), population_size=5), fragile, 80)
    first_child = next(i for i, trial in enumerate(trials) if trial.candidate.parents)
    later = trials[first_child:]
    assert any(trial.failed for trial in later)
    assert all(trial.candidate.parents for trial in later)


def test_parents_are_good_ones():
    strategy = RegularizedEvolution(EdgeCellSpace(), population_size=20, tournament_size=10)
    trials = drive(strategy, quick, 40)
    accuracy = {trial.number: trial.value("val_accuracy") for trial in trials}
    of_parents = [accuracy[trial.candidate.parents[0]] for trial in trials[20:]]
    assert np.mean(of_parents) > np.mean([accuracy[n] for n in range(20)]) + 0.1


def test_bad_sizes_are_refused():
    with pytest.raises(ValueError, match=r"population_size must be .* at least 2, got 0"):
        RegularizedEvolution(EdgeCellSpace(), population_size=0)
    with pytest.raises(ValueError, match=r"in \[1, 5\], got 6. Lower it or enlarge"):
        RegularizedEvolution(EdgeCellSpace(), population_size=5, tournament_size=6)


@pytest.mark.parametrize("name", ["genetic", "regularized_evolution"])
@pytest.mark.parametrize("trials", [40, _parser().parse_args(["search"]).trials])
def test_by_default_at_least_half_of_the_trials_are_bred(name, trials):
    # Published mistake: population and budget were both 100, and no evolution step ever ran.
    strategy = STRATEGIES.load(name)(EdgeCellSpace())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        history = search(strategy, quick, trials=trials, progress=False)
    assert history.num_bred >= trials / 2


@pytest.mark.parametrize(("population_size", "bred"), [(11, 9), (20, 0), (100, 0)])
def test_a_population_that_swallows_the_budget_warns(population_size, bred):
    strategy = RegularizedEvolution(EdgeCellSpace(), population_size=population_size)
    complaint = rf"population_size={population_size} leaves {bred} of 20 trials to be bred"
    with pytest.warns(UserWarning, match=complaint) as caught:
        history = search(strategy, quick, trials=20, progress=False)
    assert history.num_bred == bred
    assert caught[0].filename == __file__  # it points at the call of search


def test_a_population_of_half_the_budget_does_not_warn():
    strategy = RegularizedEvolution(EdgeCellSpace(), population_size=10)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert search(strategy, quick, trials=20, progress=False).num_bred == 10
