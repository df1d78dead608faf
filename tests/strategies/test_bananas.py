from collections import Counter

import numpy as np
import pytest

from nas_tutorial.spaces import SPACES
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.strategies.bananas import Bananas, thompson_samples
from nas_tutorial.trials import Objective
from tests.toys import Silent, drive, evaluated, fragile, noisy, quick


def test_samples_have_the_mean_and_the_deviation_of_the_predictors():
    predictions = np.array([[1.0, 5.0, 0.0], [3.0, 5.0, 4.0]])
    rng = np.random.default_rng(0)
    samples = np.array([thompson_samples(predictions, rng) for _ in range(4000)])
    np.testing.assert_allclose(samples.mean(axis=0), [2, 5, 2], atol=0.15)
    np.testing.assert_allclose(samples.std(axis=0), [1, 0, 2], atol=0.1)
    assert abs(np.corrcoef(samples[:, 0], samples[:, 2])[0, 1]) < 0.1  # each by itself


@pytest.mark.parametrize("name", list(SPACES))
def test_after_the_founders_all_are_mutations_of_the_best(name):
    space = SPACES.load(name)()
    strategy = Bananas(space, num_founders=8, num_parents=3)
    trials = drive(strategy, noisy, 40)
    for place, trial in enumerate(trials):
        if place < 8:
            assert trial.candidate.parents == ()
            continue
        best = sorted(trials[:place], key=strategy.ranking_key)[:3]
        (number,) = trial.candidate.parents
        (parent,) = [trial for trial in best if trial.number == number]
        neighbours = space.neighbors(parent.candidate.architecture)
        assert trial.candidate.architecture in neighbours


def test_of_the_mutations_it_proposes_one_that_is_predicted_to_be_good():
    strategy = Bananas(EdgeCellSpace(), num_founders=30)
    drive(strategy, quick, 30)
    best = min(strategy.trials, key=strategy.ranking_key)
    chosen = [evaluated(100 + i, strategy.ask(), quick).value("val_accuracy") for i in range(10)]
    # Most mutations of a network with several convolutions have fewer.
    assert np.mean(chosen) > best.value("val_accuracy") - 0.05


@pytest.mark.parametrize("in_flight", [1, 7])
def test_nothing_is_bred_twice_while_there_are_new_mutations(in_flight):
    trials = drive(Bananas(EdgeCellSpace()), fragile, 100, in_flight=in_flight)
    bred = Counter(t.candidate.architecture for t in trials if t.candidate.parents)
    assert max(bred.values()) == 1


def test_where_no_mutation_is_new_it_repeats_one():
    trials = drive(Bananas(ChainSpace(depth=1)), noisy, 30)  # four architectures
    assert all(trial.candidate.parents for trial in trials[10:])


def test_failures_are_not_learnt_from_and_founders_that_fail_are_replaced():
    strategy = Bananas(EdgeCellSpace(), num_founders=10)
    trials = drive(strategy, fragile, 80)
    assert strategy.trials == [trial for trial in trials if not trial.failed]
    founders = [trial for trial in trials if not trial.candidate.parents]
    assert any(trial.failed for trial in founders)
    assert sum(not trial.failed for trial in founders) == 10


def test_the_unit_of_the_objective_does_not_matter():
    def in_percent(candidate, *, seed):
        result = noisy(candidate, seed=seed)
        return type(result)({"percent": 100 * result.metrics["val_accuracy"]}, result.seconds)

    space = EdgeCellSpace()
    plain = drive(Bananas(space), noisy, 40)
    scaled = drive(Bananas(space, objective=Objective("percent")), in_percent, 40)
    assert [t.candidate for t in plain] == [t.candidate for t in scaled]


@pytest.mark.parametrize(
    ("setting", "least"),
    [("num_founders", 2), ("num_predictors", 2), ("num_parents", 1), ("num_candidates", 1)],
)
def test_sizes_that_are_too_small_are_refused(setting, least):
    with pytest.raises(ValueError, match=f"{setting} must be .* at least {least}, got {least - 1}"):
        Bananas(EdgeCellSpace(), **{setting: least - 1})


def test_a_graph_that_leaves_a_choice_out_is_refused():
    """The predictor would see one and the same in architectures that differ."""
    with pytest.raises(ValueError, match=r"graph of silent must show every choice, .*'units'"):
        Bananas(Silent())
