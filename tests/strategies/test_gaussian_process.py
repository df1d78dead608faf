"""gaussian_process: checked against scikit-learn, against finite differences, and by hand."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.stats import norm
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern

from nas_tutorial.strategies import gaussian_process
from nas_tutorial.strategies.gaussian_process import (
    JITTER,
    GaussianProcess,
    Kernel,
    distances,
    expected_improvement,
)

NUM_RESULTS = 25


@pytest.fixture
def results() -> tuple[np.ndarray, np.ndarray]:
    """Values that depend on the first and the fourth of five features."""
    rng = np.random.default_rng(0)
    x = 0.6 * rng.normal(size=(NUM_RESULTS, 5))
    return x, 3 + np.sin(2 * x[:, 0]) + x[:, 3] + 0.1 * rng.normal(size=NUM_RESULTS)


def scikit_learn(
    x, y, *, scale: float, length: float, noise: float, power: int = 2
) -> GaussianProcessRegressor:
    """Its process with one kernel over all features and fixed hyper-parameters."""
    exponential = Matern(length, "fixed", nu=0.5)
    shape = exponential if power == 1 else RBF(length, "fixed")
    kernel = ConstantKernel(scale**2, "fixed") * shape
    alpha = noise**2 + JITTER
    return GaussianProcessRegressor(kernel, alpha=alpha, normalize_y=True, optimizer=None).fit(x, y)


@pytest.mark.parametrize("power", [1, 2])
def test_predictions_are_those_of_scikit_learn(results, power):
    x, y = results
    process = GaussianProcess([Kernel(power=power)])
    process.log_parameters = np.log([1.3, 0.7, 0.2])  # scale, length, noise
    mean, deviation = process.condition(x, y).predict(elsewhere := x[::-1] + 0.3)
    reference = scikit_learn(x, y, scale=1.3, length=0.7, noise=0.2, power=power)
    expected = reference.predict(elsewhere, return_std=True)
    np.testing.assert_allclose(mean, expected[0], rtol=1e-4)
    np.testing.assert_allclose(deviation, expected[1], rtol=1e-4)
    assert process.noise == pytest.approx(0.2 * y.std())


def test_two_kernels_over_the_same_features_add_up(results):
    x, y = results
    process = GaussianProcess([Kernel(), Kernel()])
    process.log_parameters = np.log([0.6, 0.8, 0.7, 0.7, 0.2])  # 0.6² + 0.8² = 1
    mean, deviation = process.condition(x, y).predict(x + 0.3)
    expected = scikit_learn(x, y, scale=1, length=0.7, noise=0.2).predict(x + 0.3, return_std=True)
    np.testing.assert_allclose(mean, expected[0], rtol=1e-4)
    np.testing.assert_allclose(deviation, expected[1], rtol=1e-4)


def test_what_is_minimised_is_scikit_learns_likelihood_and_the_prior(results):
    x, y = results
    targets = (y - y.mean()) / y.std()
    process = GaussianProcess([Kernel()])
    prior = norm(np.log([1, 1, 0.14]), [1, 0.5, 1])
    for parameters in (np.log([1.3, 0.7, 0.2]), np.log([0.5, 2.0, 0.9])):
        loss, _ = process._negative_log_posterior(parameters, [distances(x, x)], targets)
        scale, length, noise = np.exp(parameters)
        likelihood = scikit_learn(x, y, scale=scale, length=length, noise=noise)
        expected = likelihood.log_marginal_likelihood_value_ + prior.logpdf(parameters).sum()
        constant = len(y) / 2 * np.log(2 * np.pi) - prior.logpdf(prior.mean()).sum()
        assert -loss - constant == pytest.approx(expected)


def test_the_gradient_is_that_of_finite_differences(results):
    x, y = results
    process = GaussianProcess([Kernel(slice(0, 3)), Kernel(slice(3, 5), power=1)])
    parameters = np.log([0.9, 1.2, 0.7, 1.4, 0.3])
    arguments = process._distances(x, x), (y - y.mean()) / y.std()
    _, gradient = process._negative_log_posterior(parameters, *arguments)
    expected = approx_fprime(
        parameters, lambda p: process._negative_log_posterior(p, *arguments)[0], 1e-6
    )
    np.testing.assert_allclose(gradient, expected, rtol=1e-3)


def test_a_fit_lands_where_no_step_is_better(results):
    x, y = results
    process = GaussianProcess([Kernel(slice(0, 3)), Kernel(slice(3, 5))]).fit(x, y)
    arguments = process._distances(x, x), (y - y.mean()) / y.std()
    best, gradient = process._negative_log_posterior(process.log_parameters, *arguments)
    assert np.abs(gradient).max() < 0.1
    start = GaussianProcess(process.kernels).log_parameters
    assert best < process._negative_log_posterior(start, *arguments)[0]


def test_it_predicts_what_it_has_not_seen_and_knows_how_well():
    rng = np.random.default_rng(1)
    x = rng.uniform(-1, 1, size=(300, 3))
    signal = np.sin(3 * x[:, 0]) + x[:, 2] ** 2
    y = signal + 0.1 * rng.normal(size=300)
    process = GaussianProcess([Kernel(slice(0, 2)), Kernel(slice(2, 3))]).fit(x[:60], y[:60])
    mean, deviation = process.predict(x[60:])
    assert np.corrcoef(mean, signal[60:])[0, 1] > 0.95
    assert process.noise == pytest.approx(0.1, rel=0.4)
    errors = np.abs(y[60:] - mean) / np.hypot(deviation, process.noise)
    assert 0.55 < np.mean(errors < 1) < 0.85  # two thirds lie within one deviation
    assert np.mean(errors < 2) > 0.9


def test_near_a_result_it_is_sure_and_far_away_it_knows_nothing():
    process = GaussianProcess([Kernel()])
    process.log_parameters = np.log([1.0, 0.5, 1e-3])
    x, y = np.array([[0.0], [1.0]]), np.array([2.0, 6.0])
    mean, deviation = process.condition(x, y).predict(np.array([[0.0], [1.0], [50.0]]))
    np.testing.assert_allclose(mean, [2, 6, 4], atol=1e-3)  # far away the mean of the values
    np.testing.assert_allclose(deviation, [0, 0, 2], atol=1e-2)  # and their spread


@pytest.mark.parametrize("y", [np.full(6, 0.5), np.array([0, 0, 0, 0, 0, 1.0])])
def test_equal_inputs_and_equal_values_do_no_harm(y):
    x = np.zeros((6, 4))
    mean, deviation = (
        GaussianProcess([Kernel(slice(0, 2)), Kernel(slice(2, 4))]).fit(x, y).predict(x)
    )
    np.testing.assert_allclose(mean, y.mean(), atol=0.1)
    assert np.isfinite(deviation).all()


def test_predicting_in_chunks_changes_nothing(results, monkeypatch):
    x, y = results
    process = GaussianProcess([Kernel(slice(0, 3)), Kernel(slice(3, 5))]).fit(x, y)
    at_once = process.predict(x + 0.3)
    monkeypatch.setattr(gaussian_process, "CHUNK", 7)
    np.testing.assert_allclose(process.predict(x + 0.3), at_once, rtol=1e-4)


def test_distances_by_hand():
    first, second = np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([[3.0, 4.0], [0.0, 1.0]])
    np.testing.assert_allclose(distances(first, second), [[5, 1], [0, 18**0.5]])


def test_expected_improvement_is_the_mean_of_what_exceeds_the_best():
    rng = np.random.default_rng(0)
    mean, deviation = np.array([-1.0, 0.3, 0.5, 2.0]), np.array([1.0, 0.2, 0.5, 1.5])
    draws = mean + deviation * rng.normal(size=(200_000, 4))
    expected = np.maximum(draws - 0.5, 0).mean(axis=0)
    np.testing.assert_allclose(expected_improvement(mean, deviation, 0.5), expected, atol=0.01)
    # At the best itself it is deviation / sqrt(2 pi).
    assert expected_improvement(mean, deviation, 0.5)[2] == pytest.approx(0.5 / np.sqrt(2 * np.pi))


def test_without_uncertainty_the_improvement_is_the_difference():
    improvement = expected_improvement(np.array([1.0, 2.0, 4.0]), np.zeros(3), 2.0)
    np.testing.assert_allclose(improvement, [0, 0, 2], atol=1e-9)
