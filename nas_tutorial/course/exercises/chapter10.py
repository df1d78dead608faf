"""Checks of chapter 10, tabular benchmarks."""

from collections.abc import Callable

import numpy as np

from nas_tutorial.course.exercises.verdicts import require
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace


def check_prediction(guess) -> None:
    """10.1: the rank correlation when one of the two orders is turned round."""
    require(
        isinstance(guess, (int, float, np.number)) and not isinstance(guess, bool),
        f"guess must be a number, got {guess!r}",
    )
    require(
        abs(guess + 0.998) < 0.0015,
        f"{guess} is not what reversed ranks give. Take three networks: their accuracies in order "
        "and their errors in reverse have the ranks 1, 2, 3 and 3, 2, 1",
    )


def mean_ranks(values: np.ndarray) -> np.ndarray:
    """Sort, number from 1, and give equal values the mean of their numbers."""
    order = sorted(range(len(values)), key=lambda index: values[index])
    places: dict[float, list[int]] = {}
    for place, index in enumerate(order, start=1):
        places.setdefault(float(values[index]), []).append(place)
    return np.array([np.mean(places[float(value)]) for value in values])


def check_spearman(spearman) -> None:
    """10.2: spearman(first, second), ties sharing the mean of their ranks."""
    rng = np.random.default_rng(102)
    cases = [
        (np.array([3.0, 5.0, 5.0, 9.0]), np.array([1.0, 2.0, 3.0, 4.0])),
        (np.array([1.0, 2.0, 3.0]), np.array([9.0, 4.0, 1.0])),
        (np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 10.0, 100.0, 1000.0])),
    ]
    cases += [(rng.random(8), rng.random(8)) for _ in range(10)]
    cases += [
        (rng.permutation([1.0, 1, 2, 3, 3, 3, 4]), rng.permutation([0.0, 1, 1, 2, 5, 5, 6]))
        for _ in range(10)
    ]
    for first, second in cases:
        got = spearman(first.copy(), second.copy())
        expected = np.corrcoef(mean_ranks(first), mean_ranks(second))[0, 1]
        require(
            np.ndim(got) == 0 and np.isclose(got, expected, atol=1e-6),
            f"of {first.round(3).tolist()} and {second.round(3).tolist()} the correlation of the "
            f"ranks is {expected:.4f}, got {got!r}",
        )


def check_precision(precision_at) -> None:
    """10.3: precision_at(k, early, final)."""
    rng = np.random.default_rng(103)
    cases = [(1, np.array([0.1, 0.9, 0.5]), np.array([0.2, 0.8, 0.9]))]
    for size in (4, 9, 30):
        for k in (1, 2, size // 2, size):
            cases.append((k, rng.permutation(size) / size, rng.permutation(size) / size))
    for k, early, final in cases:
        best = [set(sorted(range(len(x)), key=lambda i: -x[i])[:k]) for x in (early, final)]
        expected = len(best[0] & best[1]) / k
        got = precision_at(k, early.copy(), final.copy())
        require(
            np.ndim(got) == 0 and np.isclose(got, expected),
            f"with k={k}, early {early.round(2).tolist()} and final {final.round(2).tolist()} the "
            f"share is {expected:.3f}, got {got!r}",
        )


def check_local_optimum(is_local_optimum) -> None:
    """10.4: is_local_optimum(architecture, space, accuracy_of)."""
    rng = np.random.default_rng(104)
    for space in (ChainSpace(depth=3), EdgeCellSpace()):
        for levels in (2, 3, 1000):
            accuracy: dict = {}

            def accuracy_of(architecture, known=accuracy, levels=levels):
                value = float(rng.integers(levels)) / levels
                return known.setdefault(architecture, value)

            for _ in range(20):
                _check_one_optimum(is_local_optimum, space, accuracy_of, space.sample(rng))
        _check_one_optimum(is_local_optimum, space, lambda one: 0.5, space.sample(rng))
        peak = space.sample(rng)
        _check_one_optimum(is_local_optimum, space, lambda one, p=peak: float(one == p), peak)


def _check_one_optimum(is_local_optimum, space, accuracy_of: Callable, architecture) -> None:
    own = accuracy_of(architecture)
    better = [one for one in space.neighbors(architecture) if accuracy_of(one) > own]
    got = is_local_optimum(architecture, space, accuracy_of)
    if better:
        require(
            not got,
            f"{architecture} with accuracy {own:.3f} has a neighbour with "
            f"{accuracy_of(better[0]):.3f}, {better[0]}, and is no local optimum, got {got!r}",
        )
    else:
        require(
            bool(got),
            f"no neighbour of {architecture} is better than its {own:.3f} (equal is not better), "
            f"so it is a local optimum, got {got!r}",
        )


CHECKS = {
    "10.1": check_prediction,
    "10.2": check_spearman,
    "10.3": check_precision,
    "10.4": check_local_optimum,
}
