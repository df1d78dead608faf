"""The checks of chapter 14: solutions pass, plausible mistakes do not, stubs are not attempted."""

import numpy as np
import pytest

from nas_tutorial.course.exercises import check
from nas_tutorial.course.exercises.chapter14 import log_probability_slopes, slopes
from nas_tutorial.strategies.reinforce import log_probability_gradient, softmax
from tests.course.exercises.promises import promises

ANSWERS = {
    "14.1": "guess",
    "14.2": "reinforce_step",
    "14.3": "mean_and_variance",
    "14.4": "entropy_gradient",
}


def goes_downhill(logits, option, reward, baseline, learning_rate):
    return logits - learning_rate * (reward - baseline) * log_probability_gradient(logits, option)


def forgets_the_baseline(logits, option, reward, baseline, learning_rate):
    return logits + learning_rate * reward * log_probability_gradient(logits, option)


def forgets_the_others(logits, option, reward, baseline, learning_rate):
    gradient = np.eye(len(logits))[option] * (1 - softmax(logits))
    return logits + learning_rate * (reward - baseline) * gradient


def takes_the_gradient_of_the_probability(logits, option, reward, baseline, learning_rate):
    gradient = softmax(logits)[option] * log_probability_gradient(logits, option)
    return logits + learning_rate * (reward - baseline) * gradient


def writes_into_what_is_given(logits, option, reward, baseline, learning_rate):
    logits += learning_rate * (reward - baseline) * log_probability_gradient(logits, option)
    return logits


def steps_of(probabilities, rewards, baseline):
    return (rewards - baseline)[:, None] * (np.eye(len(probabilities)) - probabilities)


def counts_all_options_alike(probabilities, rewards, baseline):
    steps = steps_of(probabilities, rewards, baseline)
    return steps.mean(axis=0), float(steps.var(axis=0).sum())


def gives_the_standard_deviation(probabilities, rewards, baseline):
    steps = steps_of(probabilities, rewards, baseline)
    mean = probabilities @ steps
    return mean, float(np.sqrt(probabilities @ ((steps - mean) ** 2).sum(axis=1)))


def gives_the_mean_square(probabilities, rewards, baseline):
    steps = steps_of(probabilities, rewards, baseline)
    return probabilities @ steps, float(probabilities @ (steps**2).sum(axis=1))


def leaves_the_baseline_out_of_the_variance(probabilities, rewards, baseline):
    steps = steps_of(probabilities, rewards, 0.0)
    mean = probabilities @ steps
    return mean, float(probabilities @ ((steps - mean) ** 2).sum(axis=1))


def turns_the_sign(logits):
    p = softmax(logits)
    return p * (np.log(p) - p @ np.log(p))


def forgets_that_probabilities_hang_together(logits):
    return -(np.log(softmax(logits)) + 1)


def counts_in_bits(logits):
    p = softmax(logits)
    return -p * (np.log2(p) - p @ np.log2(p))


def gives_a_variance_a_logit(probabilities, rewards, baseline):
    steps = steps_of(probabilities, rewards, baseline)
    mean = probabilities @ steps
    return [mean, probabilities @ (steps - mean) ** 2]


MISTAKES = [
    ("14.1", ("falls", "falls", "stays")),  # no baseline, and yet what is worse is punished
    ("14.1", ("rises", "rises", "rises")),
    ("14.1", ("rises", "falls", "falls")),
    ("14.1", "rises"),
    ("14.2", goes_downhill),
    ("14.2", forgets_the_baseline),
    ("14.2", forgets_the_others),
    ("14.2", takes_the_gradient_of_the_probability),
    ("14.2", writes_into_what_is_given),
    ("14.3", counts_all_options_alike),
    ("14.3", gives_the_standard_deviation),
    ("14.3", gives_the_mean_square),
    ("14.3", leaves_the_baseline_out_of_the_variance),
    ("14.3", gives_a_variance_a_logit),
    ("14.4", turns_the_sign),
    ("14.4", forgets_that_probabilities_hang_together),
    ("14.4", counts_in_bits),
]


test_solution_is_right, test_plausible_mistake_is_wrong, test_stub_is_not_attempted = promises(
    "14", ANSWERS, MISTAKES
)


def test_a_list_is_a_pair_too(capsys):
    def as_list(probabilities, rewards, baseline):
        steps = steps_of(probabilities, rewards, baseline)
        mean = probabilities @ steps
        return [mean, probabilities @ ((steps - mean) ** 2).sum(axis=1)]

    check("14.3", as_list)
    assert capsys.readouterr().out == "14.3: right\n"


def test_slopes_are_those_of_a_parabola():
    assert slopes(lambda x: (x**2).sum(), np.array([1.0, -2.0])) == pytest.approx([2, -4])


def test_the_reference_gradient_is_the_librarys():
    logits = np.array([0.3, -1.0, 0.8])
    np.testing.assert_allclose(
        log_probability_slopes(logits, 1), log_probability_gradient(logits, 1), atol=1e-8
    )
