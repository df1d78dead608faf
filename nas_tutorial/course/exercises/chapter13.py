"""Checks of chapter 13, Bayesian optimisation."""

import numpy as np
from scipy.stats import multivariate_normal

from nas_tutorial.course.exercises.verdicts import require
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace

NODES = np.linspace(-9, 9, 200_001)  # in standard deviations, for sums in place of integrals


def over_a_normal(function, mean: float, deviation: float) -> float:
    """The mean of a function of a normal value, by summing over a fine grid."""
    weights = np.exp(-0.5 * NODES**2)
    return float(weights @ function(mean + deviation * NODES) / weights.sum())


def expected_gain(mean: float, deviation: float, best: float) -> float:
    return over_a_normal(lambda value: np.maximum(value - best, 0), mean, deviation)


def check_prediction(guess) -> None:
    """13.1: the expected improvement at the best result and far from every result."""
    require(
        isinstance(guess, (tuple, list))
        and len(guess) == 2
        and all(
            isinstance(one, (int, float, np.number)) and not isinstance(one, bool) for one in guess
        ),
        f"guess must be two numbers, got {guess!r}",
    )
    require(
        abs(guess[0] - expected_gain(0.0, 0.0, best=0.0)) < 0.006,
        f"(a) is not {guess[0]}: there the value is known, and it is the best one itself",
    )
    require(
        abs(guess[1] - expected_gain(0.0, 1.0, best=0.0)) < 0.006,
        f"(b) is not {guess[1]}: take the mean of max(value, 0) over values with mean 0 and standard "
        "deviation 1, half of which are negative",
    )


def _cases(seed: int) -> list[tuple[np.ndarray, np.ndarray, float]]:
    """Means, deviations and a best value; the last deviations are 0."""
    rng = np.random.default_rng(seed)
    cases = [(np.array([0.9, 0.5]), np.array([0.1, 1.0]), 1.0)]
    cases += [(rng.normal(size=5), rng.uniform(0.1, 2, size=5), rng.normal()) for _ in range(5)]
    return [*cases, (np.array([0.2, 0.7, 0.5]), np.zeros(3), 0.5)]


def _check_acquisition(answer, expected_of, seed: int) -> None:
    for means, deviations, best in _cases(seed):
        with np.errstate(divide="ignore", invalid="ignore"):
            got = answer(means.copy(), deviations.copy(), best)
        expected = [expected_of(m, d, best) for m, d in zip(means, deviations)]
        require(
            np.shape(got) == means.shape,
            f"{len(means)} means must give {len(means)} numbers, got {got!r}",
        )
        for mean, deviation, value, one in zip(means, deviations, expected, got):
            require(
                bool(np.isclose(one, value, atol=1e-4)),
                f"with mean {mean:.3f}, deviation {deviation:.3f} and best {best:.3f} it is "
                f"{value:.4f}, got {one!r}",
            )


def check_improvement(improvement) -> None:
    """13.2: improvement(mean, deviation, best)."""
    _check_acquisition(improvement, expected_gain, seed=132)


def check_likeness(likeness_of) -> None:
    """13.3: likeness_of(first, second, length)."""
    rng = np.random.default_rng(133)
    for space in (EdgeCellSpace(), ChainSpace(depth=4)):
        for length in (0.8, 1.0, 2.5):
            for _ in range(5):
                first, second = space.sample(rng), space.sample(rng)
                squared = ((space.encode(first) - space.encode(second)) ** 2).sum()
                expected = np.exp(-squared / (2 * length**2))
                got = likeness_of(first, second, length)
                different = sum(a != b for a, b in zip(first.values, second.values))
                require(
                    np.ndim(got) == 0 and bool(np.isclose(got, expected)),
                    f"{first} and {second} differ in {different} choices, so that their one-hot "
                    f"encodings have the squared distance {squared:.0f}; with length {length} the "
                    f"likeness is {expected:.4f}, got {got!r}",
                )


def check_probability(probability_of_improvement) -> None:
    """13.4: probability_of_improvement(mean, deviation, best)."""

    def share_above(mean: float, deviation: float, best: float) -> float:
        return over_a_normal(lambda value: (value > best).astype(float), mean, deviation)

    _check_acquisition(probability_of_improvement, share_above, seed=134)


def _ensembles(seed: int) -> list[np.ndarray]:
    """Predictions of shape (num_predictors, num_candidates): the chapter's own, and drawn ones."""
    rng = np.random.default_rng(seed)
    ours = np.array([[0.0, 0.5], [0.3, 0.5], [0.9, 0.5]])
    drawn = [
        rng.normal(0.1 * rng.normal(size=candidates), rng.uniform(0.1, 0.6, size=candidates), shape)
        for candidates, shape in ((5, (20, 5)), (6, (6, 6)), (4, (20, 4)))
    ]
    return [ours, *drawn]


def check_choice(thompson_choice) -> None:
    """13.5: thompson_choice(predictions, rng), judged by how often it takes each candidate."""
    rng = np.random.default_rng(135)
    for predictions in _ensembles(seed=135):
        candidates = predictions.shape[1]
        spread = predictions.mean(axis=0), predictions.std(axis=0)
        draws = rng.normal(*spread, size=(50_000, candidates))
        expected = np.bincount(draws.argmax(axis=1), minlength=candidates) / len(draws)
        taken = [thompson_choice(predictions.copy(), rng) for _ in range(2000)]
        require(
            all(np.ndim(one) == 0 and one in range(candidates) for one in taken),
            f"of {candidates} candidates it must return the place of one, got {taken[0]!r}",
        )
        shares = np.bincount(np.array(taken, dtype=int), minlength=candidates) / len(taken)
        require(
            bool(np.abs(shares - expected).max() < 0.05),
            f"{len(predictions)} predictors with the means {spread[0].round(2)} and deviations "
            f"{spread[1].round(2)}: in 2,000 choices the candidates should have about the shares "
            f"{expected.round(2)}, got {shares.round(2)}",
        )


def check_evidence(log_evidence) -> None:
    """13.6: log_evidence(covariance, noise, values), compared with scipy's normal density."""
    rng = np.random.default_rng(136)
    for number, noise in ((1, 0.5), (3, 0.1), (8, 0.3), (400, 0.1)):
        x = rng.uniform(0, 5, size=number)
        covariance = np.exp(-0.5 * (x[:, None] - x) ** 2)
        values = rng.normal(size=number)
        expected = multivariate_normal(cov=covariance + noise**2 * np.eye(number)).logpdf(values)
        with np.errstate(divide="ignore", invalid="ignore"):
            got = log_evidence(covariance.copy(), noise, values.copy())
        require(
            np.ndim(got) == 0 and bool(np.isclose(got, expected, rtol=1e-6)),
            f"for {number} values with noise {noise} it is {expected:.4f}, got {got!r}",
        )


CHECKS = {
    "13.1": check_prediction,
    "13.2": check_improvement,
    "13.3": check_likeness,
    "13.4": check_probability,
    "13.5": check_choice,
    "13.6": check_evidence,
}
