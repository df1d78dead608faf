"""Checks of chapter 03, the search loop."""

import itertools

import numpy as np

from nas_tutorial.exercises.verdicts import require
from nas_tutorial.spaces import EdgeCellSpace


def check_prediction(guess) -> None:
    """3.1: (architectures in the space, trials in the population) after 30 trials."""
    require(
        isinstance(guess, (tuple, list)) and len(guess) == 2,
        f"guess must be a pair (space, population), got {guess!r}",
    )
    require(
        guess[0] == EdgeCellSpace().size,
        f"{guess[0]} architectures are not what the space holds. It is the set of all that may be "
        "built; the first child by hand was in it before it was made",
    )
    require(
        guess[1] == 8,
        f"{guess[1]} trials are not what the population holds: each newcomer above its size makes "
        "the worst leave",
    )


def best_so_far(accuracies: list) -> list:
    """For each trial, look at all trials up to it."""
    curve = []
    for end in range(1, len(accuracies) + 1):
        succeeded = [accuracy for accuracy in accuracies[:end] if accuracy is not None]
        curve.append(max(succeeded) if succeeded else None)
    return curve


def check_incumbents(incumbents) -> None:
    """3.2: incumbents(accuracies) -> the best accuracy so far after each trial."""
    rng = np.random.default_rng(32)
    cases = [[0.5], [0.5, 0.7, 0.6], [None, 0.4, None, 0.3], [None, None], [0.0, None], []]
    for _ in range(50):
        drawn = rng.integers(0, 10, size=int(rng.integers(1, 9))) / 10
        failed = rng.random(len(drawn)) < 0.2
        cases.append([None if fails else float(one) for one, fails in zip(drawn, failed)])
    for case in cases:
        got, expected = incumbents(list(case)), best_so_far(case)
        require(
            isinstance(got, (list, tuple)) and list(got) == expected,
            f"for {case} the incumbents are {expected}, got {got!r}",
        )


class _Numbers:
    """A space whose architectures are the numbers of a list, drawn in a known order."""

    def __init__(self, numbers):
        self.numbers = numbers
        self.drawn = 0

    def sample(self, rng) -> int:
        require(
            isinstance(rng, np.random.Generator),
            f"space.sample must get the rng that was given, got {rng!r}",
        )
        self.drawn += 1
        return self.numbers[self.drawn - 1]


def check_random_search(random_search) -> None:
    """3.3: random_search(space, evaluate, trials, rng) -> (accuracy, architecture) of the best."""
    rng = np.random.default_rng(33)
    for numbers in ([7], [1, 9, 3], [9, 1, 3], [1, 3, 9], [-5, -2, -4], rng.permutation(40)):
        numbers = [int(number) for number in numbers]
        for trials in {1, len(numbers)}:
            _check_one_search(random_search, numbers, trials, rng)


def _check_one_search(random_search, numbers: list[int], trials: int, rng) -> None:
    measured = []

    def evaluate(architecture):
        measured.append(architecture)
        return architecture / 10

    space = _Numbers([*numbers, *itertools.repeat(99, 3)])
    asked = f"with draws {numbers[:trials]} whose accuracies are a tenth of them"
    got = random_search(space, evaluate, trials, rng)
    require(
        space.drawn == trials,
        f"{asked}, {trials} must be drawn, and your function drew {space.drawn}",
    )
    require(
        measured == numbers[:trials],
        f"{asked}, each must be measured once, in that order, but {measured} were",
    )
    best = max(numbers[:trials])
    require(
        isinstance(got, (tuple, list)) and tuple(got) == (best / 10, best),
        f"{asked}, the best is ({best / 10}, {best}), got {got!r}",
    )


def check_draws_until(draws_until) -> None:
    """3.4: draws_until(is_good, draw) -> how many draws up to and with the first good one."""
    rng = np.random.default_rng(34)
    for expected in (1, 2, 3, 17):
        values = [*rng.uniform(0.1, 1, expected - 1), 0.05, *rng.uniform(0.1, 1, 3)]
        waiting = iter(values)
        got = draws_until(lambda value: value < 0.1, lambda it=waiting: next(it))
        shown = [round(value, 2) for value in values[:expected]]
        require(
            got == expected,
            f"with draws {shown}, of which only the last is good, {expected} were needed, "
            f"got {got!r}",
        )
        require(
            len(list(waiting)) == 3,
            "your function went on drawing after the first good one, or drew more than once a turn",
        )


CHECKS = {
    "3.1": check_prediction,
    "3.2": check_incumbents,
    "3.3": check_random_search,
    "3.4": check_draws_until,
}
