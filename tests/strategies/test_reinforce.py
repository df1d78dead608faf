import numpy as np
import pytest

from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.spaces.node_cell import NodeCellSpace
from nas_tutorial.strategies.reinforce import Reinforce, log_probability_gradient, softmax
from nas_tutorial.trials import Candidate, Constraint, Objective
from tests.toys import constant, drive, evaluated, hopeless, quick

SPACE = ChainSpace(depth=2)  # nor_conv_3x3, nor_conv_5x5, max_pool_3x3 or skip, twice


def told(strategy: Reinforce, *values: tuple) -> Reinforce:
    """The strategy after the results of these architectures."""
    for number, each in enumerate(values):
        strategy.tell(evaluated(number, Candidate(Architecture(each)), quick))
    return strategy


def test_a_softmax_by_hand():
    np.testing.assert_allclose(softmax(np.log([1.0, 2.0, 5.0])), [0.125, 0.25, 0.625])
    np.testing.assert_allclose(softmax(np.array([1000.0, 1000.0])), [0.5, 0.5])


def test_the_gradient_is_that_of_finite_differences():
    logits, step = np.array([0.3, -1.0, 0.8]), 1e-6
    for option in range(3):
        differences = [
            np.log(softmax(logits + step * unit)[option] / softmax(logits - step * unit)[option])
            for unit in np.eye(3)
        ]
        gradient = log_probability_gradient(logits, option)
        np.testing.assert_allclose(gradient, np.array(differences) / (2 * step), atol=1e-8)


def test_before_any_result_it_draws_as_random_search_does_in_distribution():
    strategy = Reinforce(SPACE, seed=1)
    drawn = [strategy.ask().architecture.values for _ in range(3000)]
    shares = [drawn.count(architecture.values) / 3000 for architecture in SPACE]
    np.testing.assert_allclose(shares, 1 / 16, atol=0.022)  # 5 standard deviations


def test_the_second_result_by_hand():
    strategy = Reinforce(SPACE, learning_rate=2.0, momentum=0.9)
    told(strategy, ("skip", "skip"))
    assert strategy.baseline == 0.5  # nothing to compare the first one with
    np.testing.assert_array_equal(strategy.logits, 0)
    told(strategy, ("nor_conv_3x3", "skip"))  # beats the first: a reward of 1
    rise, fall = 2 * (1 - 0.5) * (1 - 1 / 4), -2 * (1 - 0.5) / 4
    np.testing.assert_allclose(strategy.logits, [[rise, *[fall] * 3], [*[fall] * 3, rise]])
    assert strategy.baseline == pytest.approx(0.9 * 0.5 + 0.1 * 1)


def test_what_is_worse_than_the_baseline_becomes_less_likely():
    strategy = told(Reinforce(SPACE), ("nor_conv_3x3", "nor_conv_3x3"), ("skip", "max_pool_3x3"))
    first, second = map(softmax, strategy.logits)
    assert first[3] < 0.25 and second[2] < 0.25
    assert first[:3] == pytest.approx(first[0]) and first[0] > 0.25


def test_a_reward_is_the_share_of_earlier_results_that_are_beaten_ties_by_half():
    strategy = Reinforce(SPACE)
    both, one, none = ("nor_conv_3x3",) * 2, ("nor_conv_3x3", "skip"), ("skip", "skip")
    rewards = []
    reward_of = strategy._reward
    strategy._reward = lambda trial: rewards.append(reward_of(trial)) or rewards[-1]
    told(strategy, one, none, both, one, both)
    assert rewards == [0.5, 0, 1, (1 + 1 / 2) / 3, (3 + 1 / 2) / 4]


def test_who_breaks_a_constraint_earns_less_than_all_who_keep_it():
    # One convolution has 200 parameters, two have 300 and the better accuracy.
    strategy = Reinforce(SPACE, constraints=[Constraint("parameters", 200)])
    told(strategy, ("nor_conv_3x3", "skip"), ("nor_conv_3x3", "nor_conv_3x3"))
    assert softmax(strategy.logits[1])[0] < 0.25


def test_an_objective_to_be_made_small_is_made_small():
    strategy = Reinforce(SPACE, objective=Objective("seconds", "min"))
    told(strategy, ("nor_conv_3x3", "nor_conv_3x3"), ("skip", "skip"))
    assert softmax(strategy.logits[0])[3] > 0.25


def test_failures_teach_nothing():
    strategy = Reinforce(EdgeCellSpace())
    drive(strategy, hopeless, 30)
    np.testing.assert_array_equal(np.concatenate(strategy.logits), 0)
    assert strategy.baseline == 0.5


def test_constant_results_teach_nothing():
    strategy = Reinforce(EdgeCellSpace())
    drive(strategy, constant, 30)
    np.testing.assert_allclose(np.concatenate(strategy.logits), 0, atol=1e-12)


@pytest.mark.parametrize("in_flight", [1, 8])
def test_the_distribution_moves_to_what_pays(in_flight):
    strategy = Reinforce(EdgeCellSpace())
    drive(strategy, quick, 150, in_flight=in_flight)
    place = EdgeCellSpace.OPERATIONS.index("nor_conv_3x3")
    assert np.mean([softmax(logits)[place] for logits in strategy.logits]) > 0.6


def test_samples_follow_the_distribution():
    strategy = Reinforce(SPACE)
    strategy.logits[0] = np.log([0.7, 0.2, 0.1, 1e-9])
    drawn = [strategy.ask().architecture.values[0] for _ in range(3000)]
    shares = [drawn.count(option) / 3000 for option in SPACE.choices[0].options]
    np.testing.assert_allclose(shares, [0.7, 0.2, 0.1, 0], atol=0.04)


def test_a_policy_that_draws_nothing_valid_falls_back_on_uniform_draws():
    space = NodeCellSpace()
    strategy = Reinforce(space, seed=4)
    for logits in strategy.logits[: len(space.pairs)]:
        logits[0] = 1000.0  # never an edge
    assert len({strategy.ask().architecture for _ in range(3)}) == 3
    assert strategy.ask().architecture in space


def test_bad_settings_are_refused():
    with pytest.raises(ValueError, match=r"learning_rate must be .* above 0, got 0\. Raise it"):
        Reinforce(SPACE, learning_rate=0)
    for momentum in (-0.1, 1):
        complaint = rf"momentum must be .* at least 0 and below 1, got {momentum}\. At 1"
        with pytest.raises(ValueError, match=complaint):
            Reinforce(SPACE, momentum=momentum)
