import numpy as np
import pytest

from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.strategies.population import tournament
from nas_tutorial.trials import Candidate, Objective, Result, Trial

N = 8
POPULATION = [
    Trial(number, Candidate(Architecture((number,))), 0, Result({"val_accuracy": number / N}, 1.0))
    for number in range(N)
]
OBJECTIVE = Objective()


def wins(size: int, rounds: int = 4000) -> np.ndarray:
    """How often each trial wins, as a share, the worst first."""
    rng = np.random.default_rng(0)
    winners = [tournament(POPULATION, size, OBJECTIVE.loss, rng).number for _ in range(rounds)]
    return np.bincount(winners, minlength=N) / rounds


def test_a_tournament_of_one_draws_uniformly():
    np.testing.assert_allclose(wins(1), 1 / N, atol=0.025)  # 5 standard deviations


@pytest.mark.parametrize("size", [2, 3])
def test_the_better_of_a_few_drawn_with_replacement_wins(size):
    rank = np.arange(N)
    expected = ((rank + 1) / N) ** size - (rank / N) ** size
    # Without replacement the best would win size / N of the rounds: 0.375 in place of 0.330.
    np.testing.assert_allclose(wins(size), expected, atol=0.03)
    assert wins(size)[-1] == pytest.approx(1 - (1 - 1 / N) ** size, abs=0.03)


def test_a_very_large_tournament_finds_the_best():
    assert wins(300, rounds=50)[-1] == 1.0


def test_it_goes_by_the_key_that_it_is_given():
    rng = np.random.default_rng(0)
    smallest = tournament(POPULATION, 300, lambda trial: trial.number, rng)
    assert smallest.number == 0


def test_the_population_stays_as_it_is():
    before = list(POPULATION)
    tournament(POPULATION, 3, OBJECTIVE.loss, np.random.default_rng(0))
    assert before == POPULATION
