"""Checks of chapter 11, local search and annealing."""

import math
from collections.abc import Callable
from numbers import Integral

import numpy as np

from nas_tutorial.course.exercises.verdicts import Wrong, require
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace


def check_prediction(guess) -> None:
    """11.1: evaluations of a descent that moves once, counted as a set of encodings."""
    require(
        isinstance(guess, Integral) and not isinstance(guess, bool),
        f"guess must be a whole number, got {guess!r}",
    )
    space = EdgeCellSpace()
    start = space.sample(np.random.default_rng(111))
    around = space.neighbors(start)
    known = {start, *around}
    around_next = set(space.neighbors(around[0]))
    require(
        guess == len(known | around_next),
        f"{guess} is not the number of different encodings. Take a start and list its "
        f"{len(around)} neighbours; then move, list the next {len(around_next)}, and strike out what "
        "has been evaluated already: the start, and who else?",
    )


def check_accept(accept) -> None:
    """11.2: accept(current, candidate, temperature, draw)."""
    rng = np.random.default_rng(112)
    cases = [
        (0.9, 0.9, 0.01, 0.999),
        (0.5, 0.95, 0.0001, 0.999),
        (0.95, 0.5, 0.0001, 0.001),
        (0.95, 0.94, 10.0, 0.9),
    ]
    for temperature in (0.001, 0.02, 0.5):
        for change in (-3, -1, -0.2, 0.2, 1):
            current = float(rng.uniform(0.4, 0.6))
            candidate = current + change * temperature
            cases += [(current, candidate, temperature, float(rng.random())) for _ in range(8)]
    for current, candidate, temperature, draw in cases:
        loss = max(current - candidate, 0.0)
        probability = math.exp(-loss / temperature)
        if abs(draw - probability) < 1e-9:
            continue
        expected = draw < probability
        try:
            got = accept(current, candidate, temperature, draw)
        except OverflowError:
            raise Wrong(
                f"from {current:.4f} to {candidate:.4f} at temperature {temperature} the "
                "exponential overflows. Is one needed where the candidate is not worse?"
            ) from None
        require(
            isinstance(got, (bool, np.bool_)) and bool(got) == expected,
            f"from {current:.4f} to {candidate:.4f} at temperature {temperature} the probability is "
            f"{probability:.4f}, so with the draw {draw:.4f} the answer is {expected}, got {got!r}",
        )


def check_best_step(best_step) -> None:
    """11.3: best_step(architecture, space, accuracy_of)."""
    rng = np.random.default_rng(113)
    for space in (ChainSpace(depth=3), EdgeCellSpace()):
        for levels in (2, 5, 1000):  # few levels: many equals
            known: dict = {}

            def accuracy_of(architecture, known=known, levels=levels):
                return known.setdefault(architecture, float(rng.integers(levels)) / levels)

            for _ in range(20):
                _check_one_step(best_step, space, accuracy_of, space.sample(rng))
        _check_one_step(best_step, space, lambda one: 0.5, space.sample(rng))
        peak = space.sample(rng)
        _check_one_step(best_step, space, lambda one, peak=peak: float(one == peak), peak)


def _check_one_step(best_step, space, accuracy_of: Callable, architecture) -> None:
    own = accuracy_of(architecture)
    around = {one: accuracy_of(one) for one in space.neighbors(architecture)}
    highest = max(around.values())
    got = best_step(architecture, space, accuracy_of)
    if highest > own:
        require(
            got in around and around[got] == highest,
            f"the best neighbours of {architecture} ({own:.3f}) have {highest:.3f}, got {got!s:.80}"
            + (f" with {around[got]:.3f}" if got in around else ", which is no neighbour"),
        )
    else:
        require(
            got == architecture,
            f"no neighbour of {architecture} ({own:.3f}) is better, the best has {highest:.3f} "
            f"(equal is not better), so the step stays, got {got!s:.80}",
        )


def check_tabu_step(tabu_step) -> None:
    """11.4: tabu_step(architecture, space, accuracy_of, tabu), with more and more that is tabu."""
    rng = np.random.default_rng(114)
    for space in (ChainSpace(depth=3), EdgeCellSpace()):
        every = [(i, value) for i, one in enumerate(space.choices) for value in one.options]
        for share in (0.0, 0.3, 0.6, 0.9, 1.0):
            known: dict = {}

            def accuracy_of(architecture, known=known):
                return known.setdefault(architecture, float(rng.random()))

            for _ in range(10):
                chosen = rng.random(len(every)) < share
                tabu = {pair for pair, is_tabu in zip(every, chosen) if is_tabu}
                _check_one_tabu_step(tabu_step, space, accuracy_of, tabu, space.sample(rng))


def _check_one_tabu_step(tabu_step, space, accuracy_of: Callable, tabu: set, architecture) -> None:
    allowed = {}
    for index, choice in enumerate(space.choices):
        for value in set(choice.options) - {architecture.values[index]}:
            if (index, value) not in tabu:
                values = (*architecture.values[:index], value, *architecture.values[index + 1 :])
                allowed[Architecture(values)] = accuracy_of(Architecture(values))
    got = tabu_step(architecture, space, accuracy_of, set(tabu))
    where = f"from {architecture} ({accuracy_of(architecture):.3f}) with tabu {sorted(tabu)[:3]}"
    where += " ..." if len(tabu) > 3 else ""
    if not allowed:
        require(
            got is None, f"{where} no neighbour is allowed, so it must be None, got {got!s:.80}"
        )
        return
    best = max(allowed, key=allowed.__getitem__)
    found = f"({accuracy_of(got):.3f})" if isinstance(got, Architecture) else ""
    require(
        got == best,
        f"{where} the best of the {len(allowed)} allowed neighbours is {best} "
        f"({allowed[best]:.3f}), got {got!s:.80} {found}".rstrip(),
    )


def check_transitions(transitions) -> None:
    """11.5: transitions(heights, near, temperature), on rows and stars, whose places differ."""
    rng = np.random.default_rng(115)
    row, star = [[1], [0, 2], [1, 3], [2]], [[1, 2, 3], [0], [0], [0]]
    for near in ([[1], [0]], row, star):
        for temperature in (0.05, 0.5, 5.0):
            _check_transitions(transitions, rng.random(len(near)), near, temperature)


def _check_transitions(transitions, heights: np.ndarray, near: list, temperature: float) -> None:
    got = np.asarray(transitions(heights.copy(), [list(one) for one in near], temperature), float)
    size = len(near)
    where = f"with neighbours {near} and temperature {temperature}"
    require(
        got.shape == (size, size), f"{where} the matrix must be {size} x {size}, got {got.shape}"
    )
    require(
        bool(np.allclose(got.sum(axis=1), 1) and (got >= -1e-12).all()),
        f"{where} each row must be probabilities that sum to 1, got the sums {got.sum(axis=1)}. Where "
        "is a walk that refuses?",
    )
    weights = np.exp((heights - heights.max()) / temperature)
    weights /= weights.sum()
    require(
        bool(np.allclose(weights @ got, weights)),
        f"{where} the Boltzmann distribution {weights.round(3)} becomes {(weights @ got).round(3)} in "
        "one step. Write detailed balance with 1 / n_x for the proposal: does n cancel?",
    )
    for x, around in enumerate(near):
        for y in around:
            most = min(1 / len(around), weights[y] / weights[x] / len(near[y]))
            require(
                abs(got[x, y] - most) < 1e-9,
                f"{where} the walk goes from {x} to {y} with {got[x, y]:.4f}; detailed balance, "
                f"accepting as often as it allows, gives {most:.4f}",
            )


CHECKS = {
    "11.1": check_prediction,
    "11.2": check_accept,
    "11.3": check_best_step,
    "11.4": check_tabu_step,
    "11.5": check_transitions,
}
