import numpy as np
import pytest
from scipy.stats import norm

from nas_tutorial.spaces import SPACES
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.spaces.node_cell import NodeCellSpace
from nas_tutorial.strategies.bayesian import Bayesian, first_of_largest, kernels
from nas_tutorial.strategies.gaussian_process import expected_improvement
from nas_tutorial.strategies.pool import REFILL
from nas_tutorial.strategies.predictor import encode
from nas_tutorial.strategies.random_search import RandomSearch
from nas_tutorial.trials import Constraint, Objective
from tests.toys import drive, evaluated, fragile, noisy, quick


def architectures(trials) -> list[Architecture]:
    return [trial.candidate.architecture for trial in trials]


@pytest.mark.parametrize("name", list(SPACES))
def test_random_architectures_lie_1_apart_in_the_mean_square(name):
    space = SPACES.load(name)()
    rng = np.random.default_rng(0)
    drawn = [
        Architecture(tuple(c.options[rng.integers(len(c.options))] for c in space.choices))
        for _ in range(800)
    ]
    hot, counts = (kernel.columns for kernel in kernels(space))
    features = encode(space, drawn)
    assert features[:, hot].shape[1] == sum(len(choice.options) for choice in space.choices)
    differences = (features[:400] - features[400:]) ** 2
    assert differences[:, hot].sum(axis=1).mean() == pytest.approx(1, abs=0.05)
    assert 0 < differences[:, counts].sum(axis=1).mean() < 3


def test_one_changed_option_is_as_far_in_both_blocks():
    space = ChainSpace(depth=3)
    pair = [
        Architecture(("max_pool_3x3", "nor_conv_3x3", "nor_conv_3x3")),
        Architecture(("max_pool_3x3", "nor_conv_3x3", "nor_conv_5x5")),
    ]
    first, second = encode(space, pair)
    for kernel in kernels(space):
        distance = ((first - second)[kernel.columns] ** 2).sum()
        assert distance == pytest.approx(2 / (2 * 3 * (1 - 1 / 4)))


def test_founders_are_those_of_random_search():
    # So that curves of both coincide at first, and a comparison over seeds is paired.
    first = drive(Bayesian(EdgeCellSpace(), seed=3, num_founders=12), noisy, 20)
    random = drive(RandomSearch(EdgeCellSpace(), seed=3), noisy, 20)
    assert architectures(first)[:12] == architectures(random)[:12]
    assert architectures(first)[12:] != architectures(random)[12:]


def test_it_proposes_the_largest_expected_improvement():
    space = ChainSpace(depth=3)
    strategy = Bayesian(space, seed=2)
    drive(strategy, noisy, 14)
    proposed = strategy.ask().architecture
    told = architectures(strategy.trials)
    left = [architecture for architecture in space if architecture not in told]
    best = norm.ppf(1 - 0.5 / len(told))  # the normal score of the first of so many
    improvements = 0.0
    for process in strategy.processes:
        mean, deviation = process.predict(encode(space, left))
        improvements += expected_improvement(mean, np.hypot(deviation, process.noise), best)
    assert proposed == left[first_of_largest(improvements)]


def test_rounding_does_not_choose_among_equal_promises():
    assert first_of_largest(np.array([0.1, 0.5, 0.50001, 0.3])) == 1
    assert first_of_largest(np.array([0.1, 0.5, 0.51, 0.3])) == 2
    assert first_of_largest(np.zeros(3)) == 0


@pytest.mark.parametrize("name", list(SPACES))
@pytest.mark.parametrize("in_flight", [1, 7])
def test_nothing_is_proposed_twice(name, in_flight):
    space = SPACES.load(name)()
    proposed = architectures(drive(Bayesian(space), fragile, 60, in_flight=in_flight))
    assert len(set(proposed)) == 60


def test_a_space_that_is_seen_whole_is_seen_again():
    space = ChainSpace(depth=2)
    trials = drive(Bayesian(space), noisy, 20)
    assert len(set(architectures(trials)[:16])) == 16


def test_failures_are_not_modelled_and_founders_that_fail_are_replaced():
    strategy = Bayesian(EdgeCellSpace(), num_founders=10)
    trials = drive(strategy, fragile, 40)
    assert strategy.trials == [trial for trial in trials if not trial.failed]
    succeeded = np.cumsum([not trial.failed for trial in trials])
    num_random = int(np.argmax(succeeded == 10)) + 1  # until ten have succeeded
    assert num_random > 10
    # Random draws with failures among them are the same as without a model.
    random = drive(RandomSearch(EdgeCellSpace()), fragile, 40)
    assert architectures(trials)[:num_random] == architectures(random)[:num_random]


def test_the_process_is_sure_of_what_is_in_flight_and_believes_its_own_mean():
    space = EdgeCellSpace()
    strategy = Bayesian(space)
    drive(strategy, noisy, 20)
    pending = strategy.ask().architecture
    before = [values[0] for values in strategy.processes[0].predict(encode(space, [pending]))]
    strategy.ask()
    after = [values[0] for values in strategy.processes[0].predict(encode(space, [pending]))]
    assert after[1] < before[1]
    assert after[0] == pytest.approx(before[0], abs=0.1)


def test_candidates_in_flight_lie_apart():
    def mean_distance(in_flight_believed: bool) -> float:
        distances = []
        for seed in range(4):
            strategy = Bayesian(EdgeCellSpace(), seed=seed)
            drive(strategy, quick, 12)
            asked = []
            for _ in range(5):
                asked.append(strategy.ask().architecture)
                if not in_flight_believed:
                    strategy._in_flight.clear()
            features = encode(strategy.space, asked)
            distances.append(np.var(features, axis=0).sum())
        return float(np.mean(distances))

    assert mean_distance(True) > mean_distance(False)


def test_of_a_large_space_it_sees_a_pool_that_is_bounded():
    strategy = Bayesian(NodeCellSpace(), pool_size=150)
    drive(strategy, noisy, 20)
    assert len(strategy._pool) in (149, 150)


def test_a_constraint_that_founders_break_is_kept_later():
    limit = Constraint("parameters", 350)
    strategy = Bayesian(EdgeCellSpace(), constraints=[limit])
    trials = drive(strategy, quick, 60)
    keeps = [trial.value("parameters") <= 350 for trial in trials[10:]]
    best = min(trials, key=strategy.ranking_key)
    assert best.value("parameters") == 300  # two convolutions, as many as the limit allows
    assert np.mean(keeps) > 0.5


def test_it_finds_the_best_of_a_thousand_with_a_few_dozen():
    # Four choices of six: 1,296 chains, one of them with four 3x3 convolutions.
    operations = ("nor_conv_3x3", "nor_conv_5x5", "max_pool_3x3", "avg_pool_3x3", "nor_conv_1x1")
    space = ChainSpace(depth=4, operations=operations)
    needed = []
    for seed in range(5):
        values = [t.value("val_accuracy") for t in drive(Bayesian(space, seed=seed), quick, 40)]
        needed.append(values.index(max(values)) if max(values) == 1 else 1000)
    assert max(needed) < 40


def test_the_unit_of_the_objective_does_not_matter():
    def in_percent(candidate, *, seed):
        result = noisy(candidate, seed=seed)
        return type(result)({"percent": 100 * result.metrics["val_accuracy"]}, result.seconds)

    space = EdgeCellSpace()
    plain = drive(Bayesian(space), noisy, 30)
    scaled = drive(Bayesian(space, objective=Objective("percent")), in_percent, 30)
    assert architectures(plain) == architectures(scaled)


def test_results_that_nobody_asked_for_are_taken_in():
    space = EdgeCellSpace()
    strategy = Bayesian(space)
    for number, candidate in enumerate(RandomSearch(space).ask() for _ in range(12)):
        strategy.tell(evaluated(number, candidate, noisy))
    assert strategy.ask().architecture in space


@pytest.mark.parametrize(("setting", "least"), [("num_founders", 2), ("pool_size", REFILL)])
def test_sizes_that_are_too_small_are_refused(setting, least):
    with pytest.raises(ValueError, match=f"{setting} must be .* at least {least}, got {least - 1}"):
        Bayesian(EdgeCellSpace(), **{setting: least - 1})
