from itertools import pairwise

import numpy as np
import pytest

from nas_tutorial.loop.search import search
from nas_tutorial.spaces import SPACES
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.strategies.genetic import Genetic
from nas_tutorial.trials import Constraint, Objective
from tests.toys import drive, evaluated, fragile, noisy, quick


class Watched(EdgeCellSpace):
    """Keeps what crossover and mutation were given and what they made."""

    def __init__(self):
        super().__init__()
        self.crossed, self.mutated = [], []

    def crossover(self, first, second, rng):
        child = super().crossover(first, second, rng)
        self.crossed.append((first, second, child))
        return child

    def mutate(self, architecture, rng):
        child = super().mutate(architecture, rng)
        self.mutated.append((architecture, child))
        return child


def differing(one, other) -> int:
    return sum(a != b for a, b in zip(one.values, other.values, strict=True))


def stepwise(strategy, evaluator, trials: int):
    """Drive the strategy and yield its sorted ranking keys after each tell."""
    for number in range(trials):
        trial = evaluated(number, strategy.ask(), evaluator)
        strategy.tell(trial)
        yield sorted(map(strategy.ranking_key, strategy.population))


@pytest.mark.parametrize("evaluator", [noisy, fragile])
@pytest.mark.parametrize("objective", [Objective(), Objective("seconds", "min")])
def test_the_worst_never_gets_worse_and_the_best_never_leaves(evaluator, objective):
    # Published mistake: "discards the worst" removed the smallest error, which is the best.
    strategy = Genetic(EdgeCellSpace(), population_size=6, objective=objective)
    full = [keys for keys in stepwise(strategy, evaluator, 150) if len(keys) == 6]
    assert len(full) > 50
    for before, after in pairwise(full):
        assert after[-1] <= before[-1]
        assert after[0] <= before[0]
    assert full[-1][-1] < full[0][-1]  # and it did get better


def test_the_population_is_the_best_of_all_that_was_told():
    strategy = Genetic(EdgeCellSpace(), population_size=5)
    told = drive(strategy, noisy, 80, in_flight=4)
    best = sorted(told, key=strategy.ranking_key)[:5]
    assert sorted(strategy.population, key=strategy.ranking_key) == best


def test_what_breaks_a_constraint_makes_room_first():
    limit = Constraint("parameters", 250)
    strategy = Genetic(EdgeCellSpace(), population_size=5, constraints=[limit])
    told = drive(strategy, noisy, 80)
    assert sum(trial.value("parameters") <= 250 for trial in told) >= 5
    assert all(trial.value("parameters") <= 250 for trial in strategy.population)


def test_the_founders_are_drawn_and_all_others_bred_from_two():
    trials = drive(Genetic(EdgeCellSpace(), population_size=10), noisy, 50)
    numbers_of_parents = [len(trial.candidate.parents) for trial in trials]
    assert numbers_of_parents == [0] * 10 + [2] * 40


def test_a_failed_founder_is_replaced_by_another():
    strategy = Genetic(EdgeCellSpace(), population_size=10)
    trials = drive(strategy, fragile, 80)
    founders = [trial for trial in trials if not trial.candidate.parents]
    assert any(trial.failed for trial in founders)
    assert sum(not trial.failed for trial in founders) == 10
    assert founders == trials[: len(founders)]


def test_failed_trials_stay_out_of_the_population():
    strategy = Genetic(EdgeCellSpace(), population_size=10)
    told = drive(strategy, fragile, 80)
    assert any(trial.failed for trial in told)
    assert not any(trial.failed for trial in strategy.population)


def test_a_child_is_one_mutation_of_a_crossover_of_its_parents():
    space = Watched()
    trials = drive(Genetic(space, population_size=8), noisy, 60)
    bred = [trial for trial in trials if trial.candidate.parents]
    assert len(bred) == len(space.crossed) == len(space.mutated) == 52
    of_number = {trial.number: trial.candidate.architecture for trial in trials}
    for trial, (mother, father, mixed), (before, after) in zip(bred, space.crossed, space.mutated):
        assert (mother, father) == tuple(of_number[number] for number in trial.candidate.parents)
        assert all(m in pair for m, pair in zip(mixed.values, zip(mother.values, father.values)))
        assert before == mixed
        assert after == trial.candidate.architecture
        assert differing(before, after) == 1


@pytest.mark.parametrize("name", list(SPACES))
def test_a_child_holds_at_most_one_value_that_no_parent_has(name):
    trials = drive(Genetic(SPACES.load(name)()), noisy, 80)
    of_number = {trial.number: trial.candidate.architecture.values for trial in trials}
    strange = [
        sum(
            value not in inherited
            for value, inherited in zip(
                trial.candidate.architecture.values,
                zip(*(of_number[parent] for parent in trial.candidate.parents)),
            )
        )
        for trial in trials
        if trial.candidate.parents
    ]
    assert max(strange) == 1


def test_parents_are_good_ones():
    strategy = Genetic(EdgeCellSpace(), population_size=20, tournament_size=5)
    trials = drive(strategy, quick, 60)
    accuracy = {trial.number: trial.value("val_accuracy") for trial in trials}
    of_parents = [accuracy[n] for trial in trials[20:] for n in trial.candidate.parents]
    assert np.mean(of_parents) > np.mean([accuracy[n] for n in range(20)]) + 0.1


def test_both_parents_are_chosen():
    trials = drive(Genetic(EdgeCellSpace()), noisy, 60)
    pairs = [trial.candidate.parents for trial in trials if trial.candidate.parents]
    assert any(mother != father for mother, father in pairs)


def test_it_reaches_the_best_architecture_of_a_small_space():
    space = ChainSpace(depth=4)  # 256 architectures, one of them all convolutions
    trials = drive(Genetic(space), quick, 120)
    assert max(trial.value("val_accuracy") for trial in trials) == 1.0


@pytest.mark.parametrize("size", [-1, 0, 1])
def test_a_population_must_have_two_to_choose_from(size):
    with pytest.raises(ValueError, match=f"population_size must be .* at least 2, got {size}"):
        Genetic(EdgeCellSpace(), population_size=size)


@pytest.mark.parametrize("size", [-3, 0, 21, 25])
def test_a_tournament_must_lie_within_the_population(size):
    complaint = rf"tournament_size must be .* in \[1, 20\], got {size}\. Lower it or enlarge"
    with pytest.raises(ValueError, match=complaint):
        Genetic(EdgeCellSpace(), population_size=20, tournament_size=size)


@pytest.mark.parametrize(("population", "size"), [(2, 1), (2, 2), (20, 1), (20, 20)])
def test_sizes_at_the_limits_are_fine(population, size):
    strategy = Genetic(EdgeCellSpace(), population_size=population, tournament_size=size)
    assert (strategy.population_size, strategy.tournament_size) == (population, size)


def test_a_population_as_large_as_the_budget_breeds_nothing_and_warns():
    # Published mistake: population and budget were both 100, and no evolution step ever ran.
    strategy = Genetic(EdgeCellSpace(), population_size=20)
    with pytest.warns(UserWarning, match="population_size=20 leaves 0 of 20 trials to be bred"):
        history = search(strategy, quick, trials=20, progress=False)
    assert history.num_bred == 0
