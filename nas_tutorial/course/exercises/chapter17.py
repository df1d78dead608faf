"""Checks of chapter 17, weight sharing and DARTS."""

import numpy as np

from nas_tutorial.course.exercises.verdicts import require
from nas_tutorial.spaces.edge_cell import EdgeCellSpace


def moved_by_momentum(weight: float, velocity: float, steps: int) -> float:
    """Where a weight without a gradient is after steps of momentum 0.9 that do not leave it out."""
    for _ in range(steps):
        velocity = 0.9 * velocity
        weight += velocity
    return weight


def check_prediction(guess) -> None:
    """17.1: a weight of 1 with the velocity -0.2, four steps on other paths."""
    require(
        isinstance(guess, (int, float, np.number)) and not isinstance(guess, bool),
        f"guess must be a number, got {guess!r}",
    )
    expected = moved_by_momentum(1.0, -0.2, 4)
    require(
        abs(guess - expected) < 0.002,
        f"{guess} is not where it is. Take one step alone: the gradient is 0, the velocity becomes "
        f"0.9 times -0.2, and the weight moves by that, to {moved_by_momentum(1.0, -0.2, 1)}",
    )


def check_trained(trained) -> None:
    """17.2: trained(weights, path, gradient, rate) of shapes (edges, operations, n), (edges,),
    (edges, n)."""
    rng = np.random.default_rng(172)
    cases = [(np.arange(6.0).reshape(2, 3, 1), np.array([2, 0]), np.array([[1.0], [10.0]]), 0.1)]
    for edges, operations, size in ((1, 2, 3), (6, 5, 2), (3, 5, 4)):
        cases.append(
            (
                rng.normal(size=(edges, operations, size)).round(2),
                rng.integers(operations, size=edges),
                rng.normal(size=(edges, size)).round(2),
                0.5,
            )
        )
    for weights, path, gradient, rate in cases:
        given = weights.copy()
        got = np.asarray(trained(given, path.copy(), gradient.copy(), rate), dtype=float)
        expected = weights.copy()
        for edge, operation in enumerate(path):
            expected[edge, operation] = weights[edge, operation] - rate * gradient[edge]
        what = f"for a path {path.tolist()} through weights of shape {weights.shape}"
        require(got.shape == weights.shape, f"{what} the result has their shape, got {got.shape}")
        for edge, operation in np.ndindex(weights.shape[:2]):
            on_it = "on" if path[edge] == operation else "off"
            require(
                np.allclose(got[edge, operation], expected[edge, operation]),
                f"{what}, edge {edge}, operation {operation} is {on_it} the path and becomes "
                f"{expected[edge, operation].round(3).tolist()}, got "
                f"{got[edge, operation].round(3).tolist()}",
            )
        require(
            np.array_equal(given, weights), "the weights that it was given must stay as they are"
        )


def check_pooled(pooled) -> None:
    """17.3: pooled(counts, means, variances) of batches -> mean and variance of all samples."""
    rng = np.random.default_rng(173)
    cases = [[np.array([0.0, 2.0]), np.array([10.0, 10.0, 13.0])]]
    for sizes in ((4,), (5, 5), (2, 9), (3, 1, 8, 2)):
        cases.append([rng.normal(3 * number, 1, size) for number, size in enumerate(sizes)])
    for batches in cases:
        counts = np.array([len(one) for one in batches])
        means = np.array([one.mean() for one in batches])
        variances = np.array([one.var() for one in batches])
        every = [value for one in batches for value in one]
        mean = sum(every) / len(every)
        expected = mean, sum((value - mean) ** 2 for value in every) / len(every)
        got = pooled(counts.copy(), means.copy(), variances.copy())
        require(
            isinstance(got, (tuple, list, np.ndarray)) and len(got) == 2,
            f"it returns two numbers, the mean and the variance, got {got!r}",
        )
        require(
            np.allclose(np.array(got, dtype=float), expected),
            f"for batches of {counts.tolist()} samples with the means {means.round(3).tolist()} and "
            f"the variances {variances.round(3).tolist()} all samples together have the mean "
            f"{expected[0]:.4f} and the variance {expected[1]:.4f}, got "
            f"{float(got[0]):.4f} and {float(got[1]):.4f}",
        )


def check_kept(kept) -> None:
    """17.4: kept(alpha, none_allowed) -> names of the operations, and how many are skips."""
    rng = np.random.default_rng(174)
    cases = [
        np.array([[0.9, 0.1, 0.0, 0.3, 0.2], [0.0, 0.5, 0.4, 0.1, 0.2]]),
        np.array([[-0.1, -0.5, -0.2, -0.3, -0.9]]),
        np.array([[0.2, 0.2, 0.1, 0.2, 0.0]]),
    ]
    cases += [rng.normal(size=(6, 5)) for _ in range(6)]
    for alpha in cases:
        for none_allowed in (True, False):
            expected = []
            for row in alpha.tolist():
                shares = dict(zip(EdgeCellSpace.OPERATIONS, row))
                allowed = [name for name in shares if none_allowed or name != "none"]
                expected.append(max(allowed, key=shares.__getitem__))
            got = kept(alpha.copy(), none_allowed)
            require(
                isinstance(got, (tuple, list)) and len(got) == 2,
                f"it returns a pair, the names and the number of skips, got {got!r}",
            )
            names, skips = list(got[0]), got[1]
            what = f"for alpha {alpha.round(2).tolist()} and none_allowed={none_allowed}"
            require(names == expected, f"{what} the edges keep {expected}, got {names}")
            count = expected.count("skip_connect")
            require(skips == count, f"{what} there are {count} skips, got {skips}")


CHECKS = {"17.1": check_prediction, "17.2": check_trained, "17.3": check_pooled, "17.4": check_kept}
