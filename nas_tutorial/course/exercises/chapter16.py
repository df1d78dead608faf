"""Checks of chapter 16, zero-cost proxies."""

import tracemalloc
from collections.abc import Callable

import numpy as np

from nas_tutorial.course.exercises.chapter10 import mean_ranks
from nas_tutorial.course.exercises.verdicts import require


def snip_of_two_weights(x: float, first: float, second: float, target: float) -> float:
    """SNIP of y = second * relu(first * x) under half the squared error, by central differences."""

    def loss(weights):
        return (weights[1] * max(weights[0] * x, 0.0) - target) ** 2 / 2

    weights, step, total = np.array([first, second]), 1e-6, 0.0
    for place, weight in enumerate(weights):
        move = np.eye(2)[place] * step
        total += abs(weight * (loss(weights + move) - loss(weights - move)) / (2 * step))
    return float(total)


def check_prediction(guess) -> None:
    """16.1: SNIP of the chapter's network with the first weight times 10, the second over 10."""
    require(
        isinstance(guess, (int, float, np.number)) and not isinstance(guess, bool),
        f"guess must be a number, got {guess!r}",
    )
    expected = snip_of_two_weights(2.0, 5.0, -0.15, 1.0)
    require(
        abs(guess - expected) < 0.01,
        f"{guess} is not the score. The output is the same number as before, so the error is too; "
        "write w dL/dw down for each weight and look at what the factor 10 does to w and to dL/dw",
    )


def check_snip(snip_score) -> None:
    """16.2: snip_score(weights, gradients), lists of arrays of one shape each."""
    rng = np.random.default_rng(162)
    cases = [([np.array([[2.0, -1.0]])], [np.array([[0.5, 3.0]])])]
    for shapes in [((2, 3),), ((2, 3), (3, 1)), ((3, 1, 2), (4, 2), (2, 5))]:
        weights, gradients = ([rng.normal(size=shape) for shape in shapes] for _ in range(2))
        cases.append((weights, gradients))
    for weights, gradients in cases:
        expected = 0.0
        for weight, gradient in zip(weights, gradients):
            for place in np.ndindex(weight.shape):
                expected += abs(weight[place] * gradient[place])
        got = snip_score([w.copy() for w in weights], [g.copy() for g in gradients])
        require(
            np.ndim(got) == 0 and np.isclose(got, expected),
            f"for weights {[w.round(2).tolist() for w in weights]} and gradients "
            f"{[g.round(2).tolist() for g in gradients]} it is {expected:.4f}, got {got!r}",
        )


def check_agreements(agreements) -> None:
    """16.3: agreements(codes), codes boolean of shape (num_samples, num_units)."""
    rng = np.random.default_rng(163)
    cases = [np.array([[1, 0, 1, 1], [1, 0, 0, 1], [0, 1, 0, 0]], dtype=bool)]
    cases += [rng.random(shape) < 0.4 for shape in [(2, 3), (3, 7), (5, 5), (4, 40), (3, 700)]]
    for codes in cases:
        expected = [[sum(a == b for a, b in zip(one, other)) for other in codes] for one in codes]
        got = np.asarray(agreements(codes.copy()))
        require(
            got.shape == (len(codes), len(codes)) and np.allclose(got.astype(float), expected),
            f"for the codes {codes[:3, :8].astype(int).tolist()} (at most three samples and eight "
            f"units of {codes.shape[1]} shown) K is {np.array(expected).tolist()}, got "
            f"{got.tolist()}",
        )
    codes = rng.random((400, 500)) < 0.4
    taken = _most_memory(lambda: agreements(codes)) / 1e6
    allowed = codes.size * len(codes) / 2e6  # half of what the comparison takes
    require(
        taken < allowed,
        f"right, but for {codes.shape[0]} samples and {codes.shape[1]} units it takes {taken:.0f} MB; "
        f"without an array of three axes less than {allowed:.0f} MB are enough",
    )


def _most_memory(call: Callable) -> int:
    """The most bytes that a call held at a time, beyond what was there before."""
    was_tracing = tracemalloc.is_tracing()
    tracemalloc.start()
    try:
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        call()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        if not was_tracing:
            tracemalloc.stop()


def check_vote(vote) -> None:
    """16.4: vote(scores), scores of shape (num_proxies, num_networks)."""
    rng = np.random.default_rng(164)
    cases = [
        np.array([[1.0, 2.0, 3.0], [300.0, 100.0, 200.0]]),
        np.array([[5.0, 5.0, 1.0, 9.0], [0.1, 0.2, 0.3, 0.4]]),
    ]
    cases += [
        rng.normal(size=(size, 6)) * 10.0 ** rng.integers(-3, 4, (size, 1)) for size in (2, 3)
    ]
    for scores in cases:
        expected = np.mean([mean_ranks(one) for one in scores], axis=0)
        got = np.asarray(vote(scores.copy()), dtype=float)
        require(
            got.shape == expected.shape and np.allclose(got, expected),
            f"for the scores {scores.round(4).tolist()} the mean ranks are {expected.tolist()}, "
            f"got {got.tolist()}",
        )


CHECKS = {
    "16.1": check_prediction,
    "16.2": check_snip,
    "16.3": check_agreements,
    "16.4": check_vote,
}
