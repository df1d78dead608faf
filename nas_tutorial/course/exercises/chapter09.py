"""Checks of chapter 09, the tools."""

import itertools

import numpy as np

from nas_tutorial.course.exercises.verdicts import require
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.spaces.node_cell import NodeCellSpace


def new_shapes(known: set[int], lengths: list[int]) -> int:
    """Walk through the calls and note each length that was not met before."""
    count = 0
    for length in lengths:
        if length not in known:
            known.add(length)
            count += 1
    return count


def check_prediction(guess) -> None:
    """9.1: how often a function is traced further."""
    require(
        guess == new_shapes({3, 5}, [2, 3, 2, 4, 3]),
        f"{guess!r} is not how often it is traced. A shape that was met before, in this cell or in "
        "the one above, is not traced again",
    )


def check_sgd_step(sgd_step) -> None:
    """9.2: sgd_step(w, x, y, rate) -> weights after one step on the mean squared error."""
    rng = np.random.default_rng(92)
    cases = [(np.array([0.0]), np.array([[1.0], [2], [3], [4]]), np.array([2.0, 4, 6, 8]), 0.05)]
    cases += [
        (rng.normal(size=d), rng.normal(size=(n, d)), rng.normal(size=n), 0.1)
        for n, d in ((3, 1), (5, 2), (8, 3))
    ]
    for w, x, y, rate in cases:
        given = w.copy()
        got = sgd_step(w, x.copy(), y.copy(), rate)
        expected = w - rate * _gradient_by_differences(given, x, y)
        require(
            np.array_equal(w, given),
            "your function changed the weights that it was given; copy them",
        )
        require(
            np.shape(got) == w.shape and np.allclose(got, expected, atol=1e-5),
            f"from w = {w.round(3).tolist()} with n = {len(x)} samples and rate {rate} the step "
            f"leads to {expected.round(4).tolist()}, got {got!r}",
        )


def _gradient_by_differences(w: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    def loss(weights: np.ndarray) -> float:
        return float(np.mean((x @ weights - y) ** 2))

    steps = 1e-6 * np.eye(len(w))
    return np.array([(loss(w + step) - loss(w - step)) / 2e-6 for step in steps])


def check_to_values(to_values) -> None:
    """9.3: to_values(architecture, space) -> {name of a choice: value}."""
    rng = np.random.default_rng(93)
    for space in (EdgeCellSpace(), ChainSpace(depth=3), NodeCellSpace(num_nodes=4)):
        for _ in range(5):
            architecture = space.sample(rng)
            expected = {}
            for place, choice in enumerate(space.choices):
                expected[choice.name] = architecture.values[place]
            got = to_values(architecture, space)
            require(
                isinstance(got, dict) and got == expected,
                f"for {architecture} of {space.name} the values are {expected}, got {got!r}",
            )


def check_seeds(seeds_that_hold) -> None:
    """9.4: seeds_that_hold(propose, seeds) -> the seeds whose proposals repeat."""
    for broken in (set(), {0}, {1, 4}, {0, 1, 2, 3, 4}):
        fresh = itertools.count(1000)

        def propose(seed, broken=broken, fresh=fresh):
            return [next(fresh)] if seed in broken else [seed % 2, 7]

        expected = [seed for seed in range(5) if seed not in broken]
        got = seeds_that_hold(propose, range(5))
        require(
            isinstance(got, (list, tuple, set, np.ndarray)) and sorted(got) == expected,
            f"where the proposals of {sorted(broken) or 'no seed'} change from call to call, of 0 to "
            f"4 the seeds {expected} hold, got {got!r}",
        )


CHECKS = {
    "9.1": check_prediction,
    "9.2": check_sgd_step,
    "9.3": check_to_values,
    "9.4": check_seeds,
}
