"""A warm start changes where an evolution begins, and nothing else."""

import json
import pickle

import numpy as np
import pytest

from nas_tutorial.loop.search import search
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.strategies.genetic import Genetic
from nas_tutorial.strategies.nsga2 import Nsga2
from nas_tutorial.strategies.random_search import RandomSearch
from nas_tutorial.strategies.regularized_evolution import RegularizedEvolution
from nas_tutorial.strategies.warm_start import WarmStart, best_of_random
from nas_tutorial.trials import Candidate, Constraint, Objective
from tests.toys import drive, fails_on, fragile, noisy, num_convolutions

SPACE = EdgeCellSpace()
EVOLUTIONS = [RegularizedEvolution, Genetic]
RNG = np.random.default_rng(0)
FOUNDERS = [SPACE.sample(RNG) for _ in range(5)]


def evolution(kind=RegularizedEvolution, **settings):
    return kind(SPACE, population_size=5, **settings)


def architectures(trials) -> list[Architecture]:
    return [trial.candidate.architecture for trial in trials]


@pytest.mark.parametrize("kind", EVOLUTIONS)
def test_it_begins_with_the_founders_and_breeds_from_them(kind):
    trials = drive(WarmStart(evolution(kind), FOUNDERS), noisy, 12)
    assert architectures(trials[:5]) == FOUNDERS
    assert all(trial.candidate.parents for trial in trials[5:])
    assert set(trials[5].candidate.parents) <= set(range(5))


@pytest.mark.parametrize("kind", EVOLUTIONS)
def test_with_the_founders_that_it_would_draw_it_is_the_strategy_itself(kind):
    rng = np.random.default_rng(3)
    founders = [SPACE.sample(rng) for _ in range(5)]
    warm, cold = WarmStart(evolution(kind, seed=3), founders), evolution(kind, seed=3)
    assert architectures(drive(warm, noisy, 40)) == architectures(drive(cold, noisy, 40))


def test_where_a_founder_fails_the_next_steps_in_and_then_chance():
    candidates = [SPACE.sample(RNG) for _ in range(200)]
    doomed = [architecture for architecture in candidates if fails_on(Candidate(architecture))]
    sound = [architecture for architecture in candidates if architecture not in doomed]
    trials = drive(WarmStart(evolution(), [*doomed[:2], *sound[:3], sound[3]]), fragile, 30)
    assert architectures(trials[:6]) == [*doomed[:2], *sound[:3], sound[3]]
    assert trials[6].candidate.parents == ()  # one is still missing


def test_a_search_takes_it_and_goes_on_from_its_file(tmp_path):
    def make():
        return WarmStart(evolution(), FOUNDERS)

    whole = search(make(), noisy, trials=20, progress=False)
    store = tmp_path / "history.jsonl"
    search(make(), noisy, trials=12, store=store, progress=False)
    assert search(make(), noisy, trials=20, store=store, progress=False) == whole


def test_it_pickles_with_its_state():
    strategy = WarmStart(evolution(), FOUNDERS)
    drive(strategy, noisy, 7)
    copy = pickle.loads(pickle.dumps(strategy))
    assert [copy.ask() for _ in range(3)] == [strategy.ask() for _ in range(3)]


def test_objective_constraints_and_order_are_the_strategys():
    objective, constraints = Objective("parameters", "min"), (Constraint("parameters", 300),)
    inner = evolution(objective=objective, constraints=constraints, seed=4)
    warm = WarmStart(inner, FOUNDERS)
    assert (warm.objective, warm.constraints, warm.seed) == (objective, constraints, 4)
    assert warm.num_founders == 5
    (trial,) = drive(warm, noisy, 1)
    assert warm.ranking_key(trial) == inner.ranking_key(trial)


def test_it_optimises_all_objectives_of_the_strategy():
    objectives = (Objective(), Objective("paramters", "min"))
    warm = WarmStart(Nsga2(SPACE, objectives=objectives, population_size=2), FOUNDERS)
    assert warm.objectives == objectives
    with pytest.raises(ValueError, match="Did you mean 'parameters'"):
        search(warm, noisy, trials=5, progress=False)


def test_it_describes_the_strategy_and_the_founders():
    found = json.loads(json.dumps(WarmStart(evolution(), FOUNDERS).describe()))
    assert found["strategy"] == "regularized_evolution" and found["population_size"] == 5
    assert found["founders"] == [list(founder.values) for founder in FOUNDERS]


def test_what_is_no_strategy_is_refused():
    with pytest.raises(
        ValueError, match=r"strategy of WarmStart must be of type Strategy, got <class"
    ):
        WarmStart(RandomSearch, FOUNDERS)


def test_no_founder_and_a_foreign_one_are_refused():
    with pytest.raises(ValueError, match=r"founders must be .* at least 1, got 0\..* random: 5"):
        WarmStart(evolution(), [])
    with pytest.raises(ValueError, match="must have 6 values"):
        WarmStart(evolution(), [Architecture(("none",))])


def score(architecture: Architecture) -> int:
    return num_convolutions(Candidate(architecture))


def test_the_best_of_random_ones_are_kept():
    drawn = [SPACE.sample(rng) for rng in [np.random.default_rng(1)] for _ in range(50)]
    kept = best_of_random(SPACE, score, drawn=50, kept=7, rng=np.random.default_rng(1))
    assert list(map(score, kept)) == sorted(map(score, drawn), reverse=True)[:7]
    assert set(kept) <= set(drawn)


def test_with_a_score_of_constants_chance_decides():
    rng = np.random.default_rng(1)
    first = [SPACE.sample(rng) for _ in range(7)]
    kept = best_of_random(SPACE, lambda _: 0, drawn=50, kept=7, rng=np.random.default_rng(1))
    assert kept == first


@pytest.mark.parametrize(("drawn", "kept"), [(5, 6), (5, 0)])
def test_more_than_were_drawn_cannot_be_kept(drawn, kept):
    with pytest.raises(ValueError, match=rf"kept must be .* in \[1, 5\], got {kept}.*fewer"):
        best_of_random(SPACE, score, drawn=drawn, kept=kept, rng=RNG)
