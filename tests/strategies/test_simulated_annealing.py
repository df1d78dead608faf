import math

import numpy as np
import pytest

from nas_tutorial.spaces import SPACES
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.strategies import simulated_annealing
from nas_tutorial.strategies.simulated_annealing import SimulatedAnnealing, is_accepted
from nas_tutorial.trials import Candidate, Constraint, Objective, Result, Trial
from tests.toys import Grid, drive, evaluated, fragile, hopeless, noisy, quick

ALWAYS = 1e9  # a temperature at which everything is accepted


def told(strategy: SimulatedAnnealing, number: int, accuracy: float, **metrics) -> Trial:
    """Ask, and tell that accuracy."""
    result = Result({"val_accuracy": accuracy, **metrics}, 1.0)
    trial = Trial(number, strategy.ask(), 0, result)
    strategy.tell(trial)
    return trial


# Metropolis' rule


@pytest.mark.parametrize("temperature", [0.05, 3.0])
@pytest.mark.parametrize("ratio", [0.1, 1.0, 2.5])
def test_a_worse_one_is_accepted_with_the_probability_of_boltzmann(temperature, ratio):
    rng = np.random.default_rng(0)
    accepted = [is_accepted(ratio * temperature, temperature, rng) for _ in range(4000)]
    assert np.mean(accepted) == pytest.approx(math.exp(-ratio), abs=0.035)


def test_what_is_not_worse_is_accepted_without_a_draw():
    rng = np.random.default_rng(0)
    state = rng.bit_generator.state
    assert is_accepted(-0.1, 0.0, rng) and is_accepted(0.0, 0.0, rng)
    assert rng.bit_generator.state == state


@pytest.mark.parametrize("temperature", [0.0, 5e-324])
def test_at_the_lowest_temperatures_nothing_worse_is_accepted(temperature):
    rng = np.random.default_rng(0)
    assert not any(is_accepted(1e-9, temperature, rng) for _ in range(100))


# The walk


@pytest.mark.parametrize("name", list(SPACES))
def test_a_candidate_is_a_mutation_of_the_current_one(name):
    space = SPACES.load(name)()
    strategy = SimulatedAnnealing(space)
    for number in range(60):
        current = strategy.current
        candidate = strategy.ask()
        if current is None:
            assert candidate.parents == ()
        else:
            assert candidate.parents == (current.number,)
            assert candidate.architecture in space.neighbors(current.candidate.architecture)
        strategy.tell(evaluated(number, candidate, noisy))
    assert strategy.current.number > 0


def test_without_temperature_it_climbs_only():
    strategy = SimulatedAnnealing(EdgeCellSpace(), temperature=0)
    heights = []
    for number in range(100):
        strategy.tell(evaluated(number, strategy.ask(), noisy))
        heights.append(strategy.current.value("val_accuracy"))
    assert heights == sorted(heights)
    assert heights[-1] > heights[0]


def test_at_a_very_high_temperature_it_walks_at_random():
    trials = drive(SimulatedAnnealing(EdgeCellSpace(), temperature=ALWAYS, cooling=1), noisy, 60)
    assert [trial.candidate.parents for trial in trials] == [(), *((n,) for n in range(59))]


def test_the_temperature_falls_by_a_factor_with_each_mutation(monkeypatch):
    temperatures = []

    def watched(increase, temperature, rng):
        temperatures.append(temperature)
        return False

    monkeypatch.setattr(simulated_annealing, "is_accepted", watched)
    strategy = SimulatedAnnealing(EdgeCellSpace(), temperature=8, cooling=0.5)
    trials = [*drive(strategy, hopeless, 5), *drive(strategy, fragile, 20, first=5)]
    mutations = [trial for trial in trials if trial.candidate.parents]
    assert any(trial.failed for trial in mutations)  # a failed one takes its step, too
    steps = [step for step, trial in enumerate(mutations) if not trial.failed]
    assert temperatures == [8 * 0.5**step for step in steps]


def test_the_loss_increases_where_the_objective_gets_worse(monkeypatch):
    increases = []
    monkeypatch.setattr(
        simulated_annealing, "is_accepted", lambda increase, *_: bool(increases.append(increase))
    )
    strategy = SimulatedAnnealing(EdgeCellSpace())
    for number, accuracy in enumerate([0.5, 0.75, 0.25]):
        told(strategy, number, accuracy)
    assert increases == [-0.25, 0.25]
    low = SimulatedAnnealing(EdgeCellSpace(), objective=Objective("val_accuracy", "min"))
    for number, accuracy in enumerate([0.5, 0.75, 0.25]):
        told(low, number, accuracy)
    assert increases[2:] == [0.25, -0.25]


def test_a_constraint_is_not_traded_for_the_objective():
    limit = Constraint("parameters", 100)
    strategy = SimulatedAnnealing(EdgeCellSpace(), constraints=[limit], temperature=ALWAYS)
    first = told(strategy, 0, 0.9, parameters=200)
    told(strategy, 1, 0.99, parameters=201)
    assert strategy.current is first
    inside = told(strategy, 2, 0.1, parameters=90)
    assert strategy.current is inside
    told(strategy, 3, 0.99, parameters=101)
    assert strategy.current is inside
    also_inside = told(strategy, 4, 0.05, parameters=100)  # here the temperature decides
    assert strategy.current is also_inside


def test_a_failed_candidate_is_not_moved_to():
    strategy = SimulatedAnnealing(EdgeCellSpace(), temperature=ALWAYS)
    current = told(strategy, 0, 0.5)
    drive(strategy, hopeless, 20, first=1)
    assert strategy.current is current


def test_a_late_result_competes_with_the_one_that_is_current_now():
    strategy = SimulatedAnnealing(Grid(3, 3), temperature=0)
    told(strategy, 0, 0.1)
    better, between = strategy.ask(), strategy.ask()
    assert better.parents == between.parents == (0,)
    strategy.tell(Trial(1, better, 0, Result({"val_accuracy": 0.3}, 1.0)))
    strategy.tell(Trial(2, between, 0, Result({"val_accuracy": 0.2}, 1.0)))
    assert strategy.current.number == 1


def test_starts_that_are_in_flight_together_compete():
    strategy = SimulatedAnnealing(EdgeCellSpace(), temperature=0)
    asked = [strategy.ask() for _ in range(3)]
    for number, accuracy in enumerate([0.2, 0.6, 0.4]):
        strategy.tell(Trial(number, asked[number], 0, Result({"val_accuracy": accuracy}, 1.0)))
    assert strategy.current.number == 1


def test_a_little_temperature_leaves_a_local_optimum():
    def valley(candidate, *, seed):  # from 0 0, every way to the top at 1 1 leads down first
        heights = {(0, 0): 0.5, (0, 1): 0.45, (1, 0): 0.45, (1, 1): 1.0}
        return Result({"val_accuracy": heights[candidate.architecture.values]}, 1.0)

    def end(temperature):
        strategy = SimulatedAnnealing(Grid(2, 2), temperature=temperature, cooling=1)
        strategy.tell(evaluated(0, Candidate(Architecture((0, 0))), valley))
        drive(strategy, valley, 50, first=1)
        return strategy.current.candidate.architecture.values

    assert end(0.05) == (1, 1)
    assert end(0.0) == (0, 0)


def test_it_reaches_the_best_architecture_of_a_small_space():
    strategy = SimulatedAnnealing(ChainSpace(depth=4))  # 256 architectures
    trials = drive(strategy, quick, 120)
    assert max(trial.value("val_accuracy") for trial in trials) == 1.0


@pytest.mark.parametrize("temperature", [-0.01, math.inf, math.nan])
def test_a_bad_temperature_is_refused(temperature):
    with pytest.raises(
        ValueError, match=r"temperature must be a finite number at least 0, got .*\. Give"
    ):
        SimulatedAnnealing(EdgeCellSpace(), temperature=temperature)


@pytest.mark.parametrize("cooling", [0, 1.01, -0.5, math.nan])
def test_a_bad_cooling_is_refused(cooling):
    with pytest.raises(
        ValueError, match=r"cooling must be .* above 0 and at most 1, got .* multiplies"
    ):
        SimulatedAnnealing(EdgeCellSpace(), cooling=cooling)
