import json

import numpy as np
import pytest

from nas_tutorial.loop.search import search
from nas_tutorial.pareto import pareto_front
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.strategies.nsga2 import Nsga2, crowded_order
from nas_tutorial.strategies.random_search import RandomSearch
from nas_tutorial.trials import Candidate, Constraint, Objective, Result, Trial
from tests.strategies.test_genetic import Watched, differing
from tests.toys import drive, fragile, noisy, quick

SPACE = EdgeCellSpace()
ACCURACY, SIZE = Objective("val_accuracy", "max"), Objective("parameters", "min")
LIMIT = Constraint("parameters", 250)


def trial(number: int, accuracy: float, parameters: float) -> Trial:
    metrics = {"val_accuracy": accuracy, "parameters": parameters}
    return Trial(number, Candidate(SPACE.sample(_rng(number))), 0, Result(metrics, 1.0))


def _rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def numbers(trials) -> list[int]:
    return [trial.number for trial in trials]


def scaled(factor: float):
    """`noisy`, with parameters in another unit."""

    def evaluator(candidate, *, seed):
        result = noisy(candidate, seed=seed)
        parameters = result.metrics["parameters"] * factor
        return Result({**result.metrics, "parameters": parameters}, result.seconds)

    return evaluator


# Who comes before whom


def test_order_by_hand():
    trials = [
        trial(0, 0.5, 500),  # behind 1
        trial(1, 0.6, 400),
        trial(2, 0.9, 900),  # an end
        trial(3, 0.1, 100),  # an end
        trial(4, 0.8, 800),  # room (0.9 - 0.6) / 0.8 + (900 - 400) / 800 = 1.0
        trial(5, 0.4, 450),  # behind 1; 0 and 5 are the ends of the second front
    ]
    # Trial 1 has room (0.8 - 0.1) / 0.8 + (800 - 100) / 800 = 1.75, more than trial 4.
    assert numbers(crowded_order(trials, (ACCURACY, SIZE))) == [2, 3, 1, 4, 0, 5]


def test_what_keeps_the_constraints_comes_first_then_the_smaller_excess():
    trials = [trial(0, 0.9, 400), trial(1, 0.2, 250), trial(2, 0.8, 300), trial(3, 0.3, 250)]
    assert numbers(crowded_order(trials, (ACCURACY, SIZE), [LIMIT])) == [3, 1, 2, 0]


def test_excesses_over_several_limits_add_up():
    # 400 parameters exceed the first limit by 0.6; 300 exceed it by 0.2, and the second by 0.5.
    trials = [trial(0, 0.9, 300), trial(1, 0.9, 400)]
    both = [LIMIT, Constraint("parameters", 200)]
    assert numbers(crowded_order(trials, (ACCURACY,), both)) == [0, 1]
    assert numbers(crowded_order(trials[::-1], (ACCURACY,), iter(both))) == [0, 1]


# Who breeds


def test_the_better_of_two_drawn_with_replacement_becomes_a_parent():
    n, rounds = 8, 4000
    strategy = Nsga2(SPACE, population_size=n, objectives=(ACCURACY,))
    for number in range(n):  # trial 0 is the best
        strategy.ask()
        strategy.tell(trial(number, 1 - number / n, 100))
    parents = [number for _ in range(rounds) for number in strategy.ask().parents]
    shares = np.bincount(parents, minlength=n) / len(parents)
    place = np.arange(n)
    expected = ((n - place) / n) ** 2 - ((n - place - 1) / n) ** 2
    np.testing.assert_allclose(shares, expected, atol=0.025)  # 5 standard deviations


def test_the_founders_are_drawn_and_all_others_bred_from_two():
    trials = drive(Nsga2(SPACE, population_size=10), noisy, 50)
    assert [len(trial.candidate.parents) for trial in trials] == [0] * 10 + [2] * 40


def test_a_failed_founder_is_replaced_by_another():
    trials = drive(Nsga2(SPACE, population_size=10), fragile, 80)
    founders = [trial for trial in trials if not trial.candidate.parents]
    assert any(trial.failed for trial in founders)
    assert sum(not trial.failed for trial in founders) == 10


def test_a_child_is_one_mutation_of_a_crossover_of_its_parents():
    space = Watched()
    trials = drive(Nsga2(space, population_size=8), noisy, 60)
    of_number = {trial.number: trial.candidate.architecture for trial in trials}
    bred = [trial for trial in trials if trial.candidate.parents]
    assert len(bred) == len(space.crossed) == len(space.mutated) == 52
    for child, (mother, father, mixed), (before, after) in zip(bred, space.crossed, space.mutated):
        assert (mother, father) == tuple(of_number[n] for n in child.candidate.parents)
        assert (before, after) == (mixed, child.candidate.architecture)
        assert differing(before, after) == 1


# Who stays


@pytest.mark.parametrize("in_flight", [1, 6])
def test_after_each_tell_the_last_in_order_makes_room(in_flight):
    strategy = Nsga2(SPACE, population_size=6)
    before: list[Trial] = []
    for told in drive(Nsga2(SPACE, population_size=6), fragile, 80, in_flight=in_flight):
        strategy.tell(told)
        if not told.failed:
            before = crowded_order([*before, told], (ACCURACY, SIZE))[:6]
        assert strategy.population == before
    assert len(before) == 6


@pytest.mark.parametrize("evaluator", [noisy, fragile])
def test_the_best_of_each_objective_never_leaves(evaluator):
    strategy = Nsga2(SPACE, population_size=6)
    told = [t for t in drive(strategy, evaluator, 150) if not t.failed]
    for objective in (ACCURACY, SIZE):
        assert min(map(objective.loss, strategy.population)) == min(map(objective.loss, told))
    assert not any(trial.failed for trial in strategy.population)


def test_what_breaks_a_constraint_makes_room_first():
    strategy = Nsga2(SPACE, population_size=5, constraints=[LIMIT])
    told = drive(strategy, noisy, 80)
    assert sum(trial.value("parameters") <= 250 for trial in told) >= 5
    assert all(trial.value("parameters") <= 250 for trial in strategy.population)


def test_with_one_objective_the_population_is_the_best_of_all_that_was_told():
    strategy = Nsga2(SPACE, population_size=5, objectives=[ACCURACY])
    told = drive(strategy, noisy, 80, in_flight=4)
    best = sorted(told, key=strategy.ranking_key)[:5]
    assert strategy.population == best


# What comes of it


def test_it_finds_the_whole_front_where_every_count_is_a_compromise():
    # With `quick`, each number of convolutions from 0 to 6 is on the front; by chance, six
    # convolutions come once in 15,625 draws.
    strategy = Nsga2(SPACE, population_size=14)
    front = pareto_front(drive(strategy, quick, 150), strategy.objectives)
    assert {trial.value("parameters") for trial in front} == {100 * (1 + n) for n in range(7)}
    assert {t.value("parameters") for t in strategy.population} == {100 * n for n in range(1, 8)}
    drawn = pareto_front(drive(RandomSearch(SPACE), quick, 150), strategy.objectives)
    assert len({trial.value("parameters") for trial in drawn}) < 7


@pytest.mark.parametrize("factor", [2.0**-20, 2.0**20])
def test_another_unit_changes_nothing(factor):
    # Published mistake: KerasTuner sums the signed raw values, so the objective with the larger
    # numbers silently wins. Powers of two are exact.
    usual, other = drive(Nsga2(SPACE), noisy, 80), drive(Nsga2(SPACE), scaled(factor), 80)
    assert [trial.candidate for trial in usual] == [trial.candidate for trial in other]


def test_no_objective_silently_wins():
    # The raw sum of -accuracy and parameters is smallest for the smallest network, whatever its
    # accuracy; the population keeps both ends.
    strategy = Nsga2(SPACE)
    told = drive(strategy, quick, 100)
    by_sum = min(told, key=lambda trial: ACCURACY.loss(trial) + SIZE.loss(trial))
    assert by_sum.value("val_accuracy") == 0
    accuracies = [trial.value("val_accuracy") for trial in strategy.population]
    assert min(accuracies) == 0 and max(accuracies) >= 5 / 6


def test_three_objectives_can_be_followed():
    objectives = (ACCURACY, SIZE, Objective("seconds", "min"))
    strategy = Nsga2(SPACE, objectives=objectives)
    history = search(strategy, noisy, trials=60, progress=False)
    assert strategy.objectives == objectives and strategy.objective == ACCURACY
    assert len(pareto_front(history, objectives)) >= 2


# Settings


def test_the_description_holds_all_objectives():
    description = Nsga2(SPACE, objectives=[SIZE, ACCURACY]).describe()
    assert description["objectives"] == [["parameters", "min"], ["val_accuracy", "max"]]
    assert description["objective"] == ["parameters", "min"]
    assert json.loads(json.dumps(description)) == description


def test_one_objective_is_refused_by_the_name_of_several():
    must = "a setting of Nsga2 must be one of constraints, objectives, population_size, seed; got"
    with pytest.raises(TypeError, match=rf"{must} 'objective'\. Did you mean 'objectives'\?"):
        Nsga2(SPACE, objective=SIZE)
    with pytest.raises(TypeError, match=rf"{must} 'objectiv'\. Did you mean 'objectives'\?"):
        Nsga2(SPACE, objectiv=SIZE)


@pytest.mark.parametrize(
    "objectives", [(), (ACCURACY, ACCURACY), (ACCURACY, LIMIT), ("val_accuracy",), ACCURACY, None]
)
def test_bad_objectives_are_refused(objectives):
    with pytest.raises(ValueError, match=r"must be Objectives of different names, .* Write \(Obj"):
        Nsga2(SPACE, objectives=objectives)


def test_a_name_in_both_directions_is_refused():
    with pytest.raises(ValueError, match="different names"):
        Nsga2(SPACE, objectives=(Objective("seconds", "min"), Objective("seconds", "max")))


def test_a_bad_size_is_refused():
    with pytest.raises(ValueError, match=r"population_size must be .* at least 2, got 1"):
        Nsga2(SPACE, population_size=1)


def test_an_objective_that_was_not_measured_is_refused():
    strategy = Nsga2(SPACE, objectives=(ACCURACY, Objective("paramters", "min")))
    with pytest.raises(ValueError, match="Did you mean 'parameters'"):
        drive(strategy, quick, 5)


def test_an_objective_that_was_not_measured_stays_out_of_the_store(tmp_path):
    strategy = Nsga2(SPACE, objectives=(ACCURACY, Objective("paramters", "min")))
    store = tmp_path / "store.jsonl"
    with pytest.raises(ValueError, match="Did you mean 'parameters'"):
        search(strategy, quick, trials=50, store=store, progress=False)
    assert '"tell"' not in store.read_text()


def test_a_population_as_large_as_the_budget_breeds_nothing_and_warns():
    # Published mistake: population and budget were both 100, and no evolution step ever ran.
    strategy = Nsga2(SPACE, population_size=20)
    with pytest.warns(UserWarning, match="population_size=20 leaves 0 of 20 trials to be bred"):
        assert search(strategy, quick, trials=20, progress=False).num_bred == 0
