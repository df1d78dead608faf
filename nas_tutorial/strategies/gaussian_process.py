"""Gaussian process regression: a prediction and its uncertainty from a few dozen results.

Similar inputs have similar values; the kernel says how similar. Everything else follows from the
rules for conditioning normal distributions. scikit-learn's process is not used because it has
neither kernels on some of the columns nor a prior on the hyper-parameters.

Reference:
    Rasmussen and Williams 2006, Gaussian Processes for Machine Learning, chapters 2 and 5.
"""

from typing import NamedTuple

import numpy as np
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.optimize import Bounds, minimize
from scipy.special import ndtr
from threadpoolctl import ThreadpoolController

JITTER = 1e-8  # keeps the kernel matrix positive definite where inputs coincide
# Matrices are small: a second thread saves little, and on a busy machine each waits for the other.
ONE_THREAD = ThreadpoolController().wrap(limits=1, user_api="blas")
CHUNK = 1000  # inputs predicted at a time, so that intermediate arrays stay small
SINGLE = np.float32  # predictions are made in single precision, in half the time
RESTARTS_UNTIL = 30  # results; up to there the best hyper-parameters may still jump


class Kernel(NamedTuple):
    """How similarity falls with the distance r between two inputs: exp(-r^p / p), r over length.

    Attributes:
        columns: The features that count for the distance.
        power: p. 2, the squared exponential kernel, is for values that change smoothly; 1, the
            exponential one, is for rough values, where similarity falls at the first step.

    Reference:
        Rasmussen and Williams 2006, section 4.2.1.
    """

    columns: slice = slice(None)
    power: int = 2


class GaussianProcess:
    """A sum of kernels, each with a scale and a length, and noise.

        k(x, x') = sum over kernels i: scale_i^2 kernel_i(|x - x'| / length_i)

    Values are standardised first. The hyper-parameters maximise the marginal likelihood times a
    log-normal prior, without which ten results would not pin them down.

    Args:
        kernels: Scale features so that two typical inputs are about 1 apart for each kernel: the
            prior expects lengths around 1.

    Attributes:
        log_parameters: Logarithms of all scales, all lengths and the noise, in that order, of shape
            (2 * num_kernels + 1,).
    """

    def __init__(self, kernels: list[Kernel]):
        self.kernels = list(kernels)
        number = len(self.kernels)
        self._prior_mean = np.log([number**-0.5] * number + [1.0] * number + [0.14])
        self._prior_deviation = np.array([1.0] * number + [0.5] * number + [1.0])
        self.log_parameters = self._prior_mean.copy()

    @property
    def noise(self) -> float:
        """The standard deviation of noise, in the unit of the values."""
        return float(np.exp(self.log_parameters[-1]) * self._spread)

    @ONE_THREAD
    def fit(self, x: np.ndarray, y: np.ndarray) -> "GaussianProcess":
        """Choose the hyper-parameters, then condition on the results.

        Args:
            x: Inputs of shape (num_results, num_features).
            y: Values of shape (num_results,).
        """
        apart, targets = self._distances(x, x), _standardised(y)[0]
        starts = [self.log_parameters]
        if len(y) < RESTARTS_UNTIL:
            starts.append(self._prior_mean)
        reach = 4 * self._prior_deviation
        bounds = Bounds(self._prior_mean - reach, self._prior_mean + reach)
        how = {"jac": True, "method": "L-BFGS-B", "bounds": bounds, "options": {"maxiter": 20}}
        function, data = self._negative_log_posterior, (apart, targets)
        fits = [minimize(function, start, data, **how) for start in starts]
        self.log_parameters = min(fits, key=lambda fit: fit.fun).x
        return self.condition(x, y)

    @ONE_THREAD
    def condition(self, x: np.ndarray, y: np.ndarray) -> "GaussianProcess":
        """Take in the results with the hyper-parameters as they are; shapes as in `fit`."""
        targets, self._mean, self._spread = _standardised(y)
        self._x = x
        variance = np.exp(2 * self.log_parameters[-1]) + JITTER
        covariance = self._covariance(x, x) + variance * np.eye(len(y))
        self._cholesky = cholesky(covariance, lower=True)
        self._weights = cho_solve((self._cholesky, True), targets)
        return self

    @ONE_THREAD
    def predict(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of the function itself, noise left out.

        Args:
            x: Inputs of shape (num_inputs, num_features).

        Returns:
            Two arrays of shape (num_inputs,), in the unit of the values.

        Reference:
            Rasmussen and Williams 2006, Algorithm 2.1.
        """
        x = np.asarray(x, SINGLE)
        parts = [self._predict(x[start : start + CHUNK]) for start in range(0, len(x), CHUNK)]
        mean, deviation = np.concatenate(parts, axis=1).astype(float)
        return self._mean + self._spread * mean, self._spread * deviation

    def _predict(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        cross = self._covariance(self._x.astype(SINGLE), x)
        mean = self._weights.astype(SINGLE) @ cross  # Algorithm 2.1, line 4
        explained = solve_triangular(self._cholesky.astype(SINGLE), cross, lower=True)  # line 5
        prior = np.exp(2 * self.log_parameters[: len(self.kernels)]).sum()
        variance = prior - (explained**2).sum(axis=0)  # line 6
        return mean, np.sqrt(np.maximum(variance, 0.0))

    def _covariance(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        return sum(self._parts(self.log_parameters, self._distances(first, second))[0])

    def _distances(self, first: np.ndarray, second: np.ndarray) -> list[np.ndarray]:
        """For each kernel, between every pair of rows."""
        seen = [kernel.columns for kernel in self.kernels]
        return [distances(first[:, columns], second[:, columns]) for columns in seen]

    def _parts(self, log_parameters: np.ndarray, apart: list[np.ndarray]) -> tuple[list, list]:
        """The covariance by each kernel, and (r / length)^p, by which it falls with the length."""
        scales, lengths = np.exp(log_parameters[:-1]).astype(apart[0].dtype).reshape(2, -1)
        powers = [kernel.power for kernel in self.kernels]
        falls = [(r / length) ** p for r, length, p in zip(apart, lengths, powers)]
        return [s**2 * np.exp(fall / -p) for s, fall, p in zip(scales, falls, powers)], falls

    def _negative_log_posterior(
        self, log_parameters: np.ndarray, apart: list[np.ndarray], targets: np.ndarray
    ) -> tuple[float, np.ndarray]:
        """What the best hyper-parameters make small, up to a constant, and its gradient.

        Reference:
            Rasmussen and Williams 2006, equations 5.8 and 5.9.
        """
        parts, falls = self._parts(log_parameters, apart)
        identity = np.eye(len(targets))
        noise = np.exp(2 * log_parameters[-1]) * identity
        factor = cholesky(sum(parts) + noise + JITTER * identity, lower=True)
        weights = cho_solve((factor, True), targets)
        loss = 0.5 * targets @ weights + np.log(np.diag(factor)).sum()
        by_covariance = 0.5 * (cho_solve((factor, True), identity) - np.outer(weights, weights))
        by_length = [part * fall for part, fall in zip(parts, falls)]
        derivatives = [*(2 * part for part in parts), *by_length, 2 * noise]
        gradient = np.array([(by_covariance * derivative).sum() for derivative in derivatives])
        offset = (log_parameters - self._prior_mean) / self._prior_deviation
        return loss + 0.5 * offset @ offset, gradient + offset / self._prior_deviation


def distances(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """|a - b| for every pair of rows, of shape (num_first, num_second)."""
    norms = (first**2).sum(axis=1)[:, None] + (second**2).sum(axis=1)
    return np.sqrt(np.maximum(norms - 2 * first @ second.T, 0.0))


def expected_improvement(mean: np.ndarray, deviation: np.ndarray, best: float) -> np.ndarray:
    """By how much a normal value exceeds `best` on average, counting a shortfall as 0.

    Args:
        mean, deviation: Of each value, of one shape; larger values are better.
        best: The value to exceed.

    Reference:
        Jones, Schonlau and Welch 1998, Efficient global optimization, equation 15.
    """
    gain = mean - best
    ratio = gain / np.maximum(deviation, 1e-12)
    return gain * ndtr(ratio) + deviation * np.exp(-0.5 * ratio**2) / np.sqrt(2 * np.pi)


def _standardised(y: np.ndarray) -> tuple[np.ndarray, float, float]:
    """(y - mean) / spread, the mean and the spread; a spread of 1 where all values are equal."""
    y = np.asarray(y, dtype=float)
    mean, spread = float(y.mean()), float(y.std()) or 1.0
    return (y - mean) / spread, mean, spread
