"""Checks of chapter 15, several fidelities."""

import math

import numpy as np

from nas_tutorial.course.exercises.verdicts import require


def check_prediction(guess) -> None:
    """15.1: what 27 networks cost at rungs 1, 3, 9 and 27, eta 3, trainings resumed."""
    require(
        isinstance(guess, (int, float, np.number)) and not isinstance(guess, bool),
        f"guess must be a number of epochs, got {guess!r}",
    )
    require(
        math.isclose(guess, _cost(27, (1, 3, 9, 27))),
        f"{guess} is not what the rungs add up to. Take three networks with rungs 1 and 3: three "
        f"for one epoch, then one for the two that are missing, {_cost(3, (1, 3))} in all",
    )


def _cost(number: int, rungs: tuple[int, ...]) -> int:
    """Each network pays every epoch that it trains, one by one."""
    paid, going_on = 0, number
    for epoch in range(1, rungs[-1] + 1):
        paid += going_on
        if epoch in rungs:
            going_on //= 3
    return paid


def best_places(values: np.ndarray, number: int) -> list[int]:
    """Pick the largest value that is left, the first where several are equal, again and again."""
    left, picked = dict(enumerate(values.tolist())), list[int]()
    while left and len(picked) < number:
        picked.append(max(left, key=left.__getitem__))
        del left[picked[-1]]
    return picked


def check_halve(halve) -> None:
    """15.2: halve(values, eta), where a failed training is nan."""
    rng = np.random.default_rng(152)
    nan = math.nan
    cases = [
        (np.array([0.2, 0.9, 0.5]), 3),
        (np.array([0.5, 0.7, 0.7, 0.7, 0.1, 0.5]), 3),
        (np.array([nan, 0.3, nan, 0.2, nan, nan]), 2),
        (np.array([0.4, 0.6]), 3),
        (np.array([nan, nan, nan]), 3),
    ]
    for size in (4, 8, 9, 10, 27):
        for eta in (2, 3, 4):
            values = rng.integers(0, 12, size) / 20
            cases.append((np.where(rng.random(size) < 0.15, nan, values), eta))
    for values, eta in cases:
        got = halve(values.copy(), eta)
        most, successes = len(values) // eta, int(np.sum(~np.isnan(values)))
        expected = best_places(np.where(np.isnan(values), -1.0, values), min(most, successes))
        require(
            isinstance(got, (list, tuple, np.ndarray)) and list(got) == expected,
            f"of {values.tolist()} with eta={eta} the places {expected} go on, got {got!r}",
        )


def check_share_kept(share_kept) -> None:
    """15.3: share_kept(early, final, eta, top)."""
    rng = np.random.default_rng(153)
    cases = [
        (np.array([0.1, 0.4, 0.3, 0.2]), np.array([0.9, 0.8, 0.7, 0.6]), 2, 2),
        (np.array([0.5, 0.4, 0.3, 0.2, 0.1]), np.array([0.5, 0.7, 0.6, 0.2, 0.1]), 2, 2),
    ]
    for size in (6, 7, 11, 20):  # of which 3 divides one, and 2 two
        for eta in (2, 3):
            for top in (1, 2, size // 3, size // 2):
                for _ in range(3):
                    early, final = rng.permutation(size) / size, rng.permutation(size) / size
                    cases.append((early, final, eta, top))
    for early, final, eta, top in cases:
        going_on = best_places(early, len(early) // eta)
        expected = sum(place in going_on for place in best_places(final, top)) / top
        got = share_kept(early.copy(), final.copy(), eta, top)
        require(
            np.ndim(got) == 0 and np.isclose(got, expected),
            f"with early {early.round(2).tolist()}, final {final.round(2).tolist()}, eta={eta} and "
            f"top={top} the share is {expected:.3f}, got {got!r}",
        )


def check_promote(promote) -> None:
    """15.4: promote(values, promoted, eta)."""
    rng = np.random.default_rng(154)
    cases = [
        (np.array([0.3, 0.5]), set(), 3),
        (np.array([0.3, 0.5, 0.4]), {1}, 3),
        (np.array([0.3, 0.5, 0.4, 0.1, 0.2, 0.6]), {1}, 3),
    ]
    for size in (1, 3, 6, 9, 20):
        for eta in (2, 3, 4):
            values = rng.permutation(size) / size
            cases.append((values, set(np.flatnonzero(rng.random(size) < 0.3).tolist()), eta))
            cases.append((values, set(best_places(values, size // eta)[:-1]), eta))
    for values, promoted, eta in cases:
        promotable = best_places(values, len(values) // eta)
        expected = next((place for place in promotable if place not in promoted), None)
        got = promote(values.copy(), set(promoted), eta)
        require(
            got is None if expected is None else got is not None and got == expected,
            f"of {values.round(2).tolist()} with {promoted or 'nobody'} gone on and eta={eta}, "
            f"{expected} goes on next, got {got!r}",
        )


CHECKS = {
    "15.1": check_prediction,
    "15.2": check_halve,
    "15.3": check_share_kept,
    "15.4": check_promote,
}
