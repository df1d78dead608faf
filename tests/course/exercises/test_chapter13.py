"""The checks of chapter 13: solutions pass, plausible mistakes do not, stubs are not attempted."""

import numpy as np
import pytest
from scipy.stats import norm

from nas_tutorial.course.exercises import check
from nas_tutorial.course.exercises.chapter13 import expected_gain, over_a_normal
from nas_tutorial.strategies.bananas import thompson_samples
from nas_tutorial.strategies.gaussian_process import expected_improvement
from tests.course.exercises.promises import promises

ANSWERS = {
    "13.1": "guess",
    "13.2": "improvement",
    "13.3": "likeness_of",
    "13.4": "probability_of_improvement",
    "13.5": "thompson_choice",
    "13.6": "log_evidence",
}


def standardised(mean, deviation, best):
    return (mean - best) / np.maximum(deviation, 1e-12)


def subtracts_the_wrong_way(mean, deviation, best):
    return expected_improvement(-mean, deviation, -best)


def forgets_the_deviation_of_the_density(mean, deviation, best):
    z = standardised(mean, deviation, best)
    return (mean - best) * norm.cdf(z) + norm.pdf(z)


def gives_the_probability(mean, deviation, best):
    return norm.cdf(standardised(mean, deviation, best))


def divides_by_zero(mean, deviation, best):
    z = (mean - best) / deviation
    return (mean - best) * norm.cdf(z) + deviation * norm.pdf(z)


def takes_the_gain_of_the_mean(mean, deviation, best):
    return np.maximum(mean - best, 0)


def gives_only_the_largest(mean, deviation, best):
    return float(expected_improvement(mean, deviation, best).max())


def num_different(first, second):
    return sum(a != b for a, b in zip(first.values, second.values))


def counts_each_difference_once(first, second, length):
    return float(np.exp(-num_different(first, second) / (2 * length**2)))


def counts_what_is_equal(first, second, length):
    return float(np.exp(-(len(first.values) - num_different(first, second)) / length**2))


def squares_the_number(first, second, length):
    return float(np.exp(-(num_different(first, second) ** 2) / length**2))


def forgets_the_square_of_the_length(first, second, length):
    return float(np.exp(-num_different(first, second) / length))


def takes_the_other_tail(mean, deviation, best):
    return norm.cdf(-standardised(mean, deviation, best))


def forgets_to_divide(mean, deviation, best):
    return norm.cdf(mean - best)


def takes_the_density(mean, deviation, best):
    return norm.pdf(standardised(mean, deviation, best))


def measures_the_deviation_along_the_candidates(predictions, rng):
    return int(
        rng.normal(predictions.mean(axis=0), predictions.std(axis=1, keepdims=True)).argmax()
    )


def takes_the_variance(predictions, rng):
    return int(rng.normal(predictions.mean(axis=0), predictions.var(axis=0)).argmax())


def takes_the_best_mean(predictions, rng):
    return int(predictions.mean(axis=0).argmax())


def takes_the_smallest_draw(predictions, rng):
    return int(rng.normal(predictions.mean(axis=0), predictions.std(axis=0)).argmin())


def draws_once_for_all(predictions, rng):
    return int((predictions.mean(axis=0) + rng.normal() * predictions.std(axis=0)).argmax())


def asks_one_predictor(predictions, rng):
    return int(predictions[rng.integers(len(predictions))].argmax())


def draws_with_a_generator_of_its_own(predictions, rng):
    return int(thompson_samples(predictions, np.random.default_rng(0)).argmax())


def returns_the_draws(predictions, rng):
    return thompson_samples(predictions, rng)


def evidence(A, values, constant=1.0):
    fit = values @ np.linalg.solve(A, values) / 2
    return -fit - np.linalg.slogdet(A)[1] / 2 - constant * len(values) * np.log(2 * np.pi) / 2


def adds_the_noise_without_its_square(covariance, noise, values):
    return evidence(covariance + noise * np.eye(len(values)), values)


def leaves_out_the_constant(covariance, noise, values):
    return evidence(covariance + noise**2 * np.eye(len(values)), values, constant=0.0)


def leaves_out_the_noise(covariance, noise, values):
    return evidence(covariance + 1e-6 * np.eye(len(values)), values)


def takes_the_log_of_the_determinant(covariance, noise, values):
    A = covariance + noise**2 * np.eye(len(values))
    fit = values @ np.linalg.solve(A, values) / 2
    return -fit - np.log(np.linalg.det(A)) / 2 - len(values) * np.log(2 * np.pi) / 2


def forgets_that_the_factor_is_a_root(covariance, noise, values):
    A = covariance + noise**2 * np.eye(len(values))
    return evidence(A, values) - np.log(np.diag(np.linalg.cholesky(A))).sum()


MISTAKES = [
    ("13.1", (0, 0.5)),  # the probability of an improvement, not its size
    ("13.1", (0, 0)),
    ("13.1", (0.4, 0.4)),
    ("13.1", 0.4),
    ("13.2", subtracts_the_wrong_way),
    ("13.2", forgets_the_deviation_of_the_density),
    ("13.2", gives_the_probability),
    ("13.2", divides_by_zero),
    ("13.2", takes_the_gain_of_the_mean),
    ("13.2", gives_only_the_largest),
    ("13.3", counts_each_difference_once),
    ("13.3", counts_what_is_equal),
    ("13.3", squares_the_number),
    ("13.3", forgets_the_square_of_the_length),
    ("13.4", takes_the_other_tail),
    ("13.4", forgets_to_divide),
    ("13.4", takes_the_density),
    ("13.4", expected_improvement),
    ("13.5", measures_the_deviation_along_the_candidates),
    ("13.5", takes_the_variance),
    ("13.5", takes_the_best_mean),
    ("13.5", takes_the_smallest_draw),
    ("13.5", draws_once_for_all),
    ("13.5", asks_one_predictor),
    ("13.5", draws_with_a_generator_of_its_own),
    ("13.5", returns_the_draws),
    ("13.6", adds_the_noise_without_its_square),
    ("13.6", leaves_out_the_constant),
    ("13.6", takes_the_log_of_the_determinant),
    ("13.6", forgets_that_the_factor_is_a_root),
    ("13.6", leaves_out_the_noise),
]


test_solution_is_right, test_plausible_mistake_is_wrong, test_stub_is_not_attempted = promises(
    "13", ANSWERS, MISTAKES
)


def test_another_way_to_the_same_shares_is_right(capsys):
    def unbiased(predictions, rng):
        noise = rng.standard_normal(predictions.shape[1])
        draws = predictions.mean(axis=0) + noise * predictions.std(axis=0, ddof=1)
        return draws.argmax()

    check("13.5", unbiased)
    assert capsys.readouterr().out == "13.5: right\n"


def test_sums_over_a_normal_agree_with_what_is_known():
    assert over_a_normal(lambda value: value**2, 1.0, 2.0) == pytest.approx(5.0)
    assert expected_gain(0.5, 1.0, best=1.0) == pytest.approx(
        expected_improvement(np.array([0.5]), np.array([1.0]), 1.0)[0], abs=1e-6
    )
