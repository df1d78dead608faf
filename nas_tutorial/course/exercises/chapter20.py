"""Checks of chapter 20, comparing strategies."""

import itertools
import math
from collections import defaultdict
from collections.abc import Callable

import numpy as np
from scipy.stats import rankdata, t

from nas_tutorial.course.exercises.verdicts import require

VERDICTS = ("better", "worse", "alike", "unclear")


def check_prediction(guess) -> None:
    """20.1: a standard error falls with the root of the number of seeds."""
    require(
        isinstance(guess, (int, float, np.number)) and not isinstance(guess, bool),
        f"guess must be a number of seeds, got {guess!r}",
    )
    error = 0.6 * math.sqrt(10 / guess) if guess > 0 else math.inf
    require(
        guess == 90,
        f"with {guess} seeds the standard error would be about {error:.2f} points. It falls with "
        "the root of the number of seeds: how many times smaller is it to be, and what is the "
        "square of that?",
    )


def check_interval(paired_interval) -> None:
    """20.2: paired_interval(first, second, level)."""
    rng = np.random.default_rng(202)
    for n in (2, 3, 10, 50):
        luck = rng.normal(0, 2, n)  # that a seed brings to both
        first = (0.5 + luck + rng.normal(0, 0.3, n)).round(3)
        second = (luck + rng.normal(0, 0.3, n)).round(3)
        for level in (0.95, 0.9):
            expected = _slow_interval(first.tolist(), second.tolist(), level)
            got = paired_interval(first.copy(), second.copy(), level)
            require(
                np.shape(got) == (2,) and bool(np.allclose(got, expected, atol=1e-6)),
                f"of {n} seeds, first {first[:3].tolist()}{' ...' * (n > 3)} and second "
                f"{second[:3].tolist()}{' ...' * (n > 3)}, the interval at level {level} is "
                f"({expected[0]:.4f}, {expected[1]:.4f}), got {got!r}",
            )


def check_holm(holm) -> None:
    """20.3: holm(p_values) in the order in which they came."""
    rng = np.random.default_rng(203)
    cases = [[0.01, 0.04, 0.03], [0.5, 0.9, 0.2], [0.02, 0.02], [0.2]]
    cases += [rng.uniform(0, 0.3, size).round(3).tolist() for size in (4, 6, 21)]
    for p_values in cases:
        expected = _slow_holm(p_values)
        got = holm(np.array(p_values))
        require(
            np.shape(got) == (len(p_values),) and bool(np.allclose(got, expected, atol=1e-9)),
            f"{p_values} are adjusted to {np.round(expected, 4).tolist()}, got "
            f"{np.round(np.asarray(got, dtype=float), 4).tolist()}",
        )


def check_verdict(verdict) -> None:
    """20.4: verdict(low, high, matters)."""
    ends = (-3.0, -1.5, -0.5, 0.25, 0.75, 2.0, 4.0)
    for matters in (1.0, 2.5, 0.1):
        for low, high in itertools.combinations(ends, 2):
            expected = _slow_verdict(low, high, matters)
            got = verdict(low, high, matters)
            require(
                got in VERDICTS and got == expected,
                f"an interval from {low} to {high}, where {matters} is the least that matters, "
                f"says {expected!r}, got {got!r}",
            )


def check_wrong_sign_rate(wrong_sign_rate) -> None:
    """20.5: wrong_sign_rate(differences, n, repeats, rng)."""
    always = [1, 2, 5, 3]
    require(
        np.isclose(wrong_sign_rate(np.array(always), 3, 50, np.random.default_rng(0)), 0),
        f"all of {always} are positive, so no mean of three is negative; the rate must be 0",
    )
    for differences, n in itertools.product(_SETS, (1, 2, 4, 30)):
        expected = _exact_rate(differences, n)
        got = wrong_sign_rate(np.array(differences, float), n, 4000, np.random.default_rng(n))
        require(
            np.ndim(got) == 0 and abs(float(got) - expected) < 0.035,  # more than 4 SD
            f"the mean of {differences} is {np.mean(differences):.2f}; means of n = {n}, drawn with "
            f"replacement, do not have its sign in {expected:.3f} of all cases, got {got!r} with "
            "repeats = 4000",
        )
    for repeats in (101, 7, 1):
        got = float(wrong_sign_rate(np.array(_SETS[0]), 2, repeats, np.random.default_rng(0)))
        require(
            abs(got * repeats - round(got * repeats, 0)) < 1e-6,
            f"a share of {repeats} draws is a whole number divided by {repeats}, got {got!r}. Draw "
            "as often as repeats says",
        )
    _require_from_rng(wrong_sign_rate, np.array(_SETS[1]))


def check_signed_rank(signed_rank_p) -> None:
    """20.6: signed_rank_p(differences), exact, by all patterns of signs."""
    rng = np.random.default_rng(206)
    cases: list[list[float]] = [
        [2.1, 0.4, -0.3, 1.6, 0.9, -0.6],
        [1, 2, 3],
        [-3, -1, -2],
        [5.0],
        [1, -1, 2],
        [1, -2],
    ]
    cases += [rng.normal(0.4, 1, n).round(2).tolist() for n in (7, 10)]
    cases += [rng.choice([-2, -1, 1, 2, 3], n).tolist() for n in (6, 9)]  # equal sizes
    for differences in cases:
        expected = _slow_signed_rank(differences)
        got = signed_rank_p(np.array(differences, float))
        require(
            np.ndim(got) == 0 and bool(np.isclose(float(got), expected, atol=1e-9)),
            f"of {differences} the p-value is {expected:.4f}, got {got!r}",
        )


def check_told_apart(told_apart) -> None:
    """20.7: told_apart(ranks, num_blocks), pairs further apart than the critical difference."""
    drawn = {"A": 1.4, "B": 1.9, "C": 3.0, "D": 3.7}
    cases = [(drawn, 12), (drawn, 5), (drawn, 400), ({"Y": 1.5, "X": 2.9, "Z": 1.6}, 4)]
    cases += [(dict(zip("STUVWXY", (5.3, 3.4, 3.6, 3.7, 4.0, 4.0, 4.1))), n) for n in (30, 100)]
    for ranks, num_blocks in cases:
        expected = _slow_told_apart(ranks, num_blocks)
        got = told_apart(dict(ranks), num_blocks)
        require(
            isinstance(got, (set, frozenset)) and got == expected,
            f"with average ranks {ranks} of {num_blocks} blocks the pairs are "
            f"{sorted(expected) or 'none'}, got {sorted(got) if isinstance(got, set) else got!r}",
        )


_SETS = (
    [1, 1, 1, -1],  # means of two are often 0
    [3, -4, 6, 1, -2, 5, -7, 2, 4, -1, 0, -3],
    [-3, 4, -6, -1, 2, -5, 7, -2, -4, 1, 0, 2],
    [-1] * 9 + [12] * 3,  # most are negative, the mean is not
)


def _require_from_rng(wrong_sign_rate: Callable, differences: np.ndarray) -> None:
    once, again, other = (
        [float(wrong_sign_rate(differences, n, 2000, rng)) for n in (1, 2, 3, 4)]
        for rng in map(np.random.default_rng, (5, 5, 6))
    )
    require(
        once == again,
        f"with equal generators the rates were {once} and {again}. Draw from rng alone",
    )
    require(
        once != other,
        f"whatever the generator, the rates are {once}. Draw n of the differences anew each time",
    )


def _slow_interval(first: list, second: list, level: float) -> tuple[float, float]:
    differences = [one - other for one, other in zip(first, second)]
    n = len(differences)
    mean = sum(differences) / n
    variance = sum((each - mean) ** 2 for each in differences) / (n - 1)
    half = float(t.ppf((1 + level) / 2, n - 1)) * math.sqrt(variance / n)
    return mean - half, mean + half


def _slow_holm(p_values: list[float]) -> list[float]:
    """By its meaning: the smallest level at which the step-down procedure rejects each."""
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    adjusted = {}
    for place, index in enumerate(order):
        needed = [
            (len(p_values) - step) * p_values[other]
            for step, other in enumerate(order[: place + 1])
        ]
        adjusted[index] = min(1.0, max(needed))
    return [adjusted[index] for index in range(len(p_values))]


def _slow_verdict(low: float, high: float, matters: float) -> str:
    if low > matters:
        return "better"
    if high < -matters:
        return "worse"
    if low > -matters and high < matters:
        return "alike"
    return "unclear"


def _slow_signed_rank(differences: list[float]) -> float:
    """By its meaning: the distribution of twice the sum of positive ranks, rank by rank."""
    ranks = [round(2 * rank) for rank in rankdata(np.abs(differences))]
    counts = {0: 1}
    for rank in ranks:
        longer: dict[int, int] = defaultdict(int)
        for total, count in counts.items():
            longer[total] += count
            longer[total + rank] += count
        counts = longer
    distance = abs(2 * sum(r for r, d in zip(ranks, differences) if d > 0) - sum(ranks))
    extreme = sum(
        count for total, count in counts.items() if abs(2 * total - sum(ranks)) >= distance
    )
    return extreme / 2 ** len(ranks)


_Q = {3: 2.3437, 4: 2.5690, 7: 2.9483}  # number of strategies -> quantile, level 0.05 (Demšar 2006)


def _slow_told_apart(ranks: dict[str, float], num_blocks: int) -> set[tuple[str, str]]:
    k = len(ranks)
    difference = _Q[k] * math.sqrt(k * (k + 1) / (6 * num_blocks))
    pairs = itertools.permutations(ranks, 2)
    return {(one, other) for one, other in pairs if ranks[other] - ranks[one] > difference}


def _exact_rate(differences: list[int], n: int) -> float:
    """By its meaning: the distribution of the sum of n draws, draw by draw. No draw is made."""
    probability = {0: 1.0}  # of each sum
    for _ in range(n):
        longer: dict[int, float] = defaultdict(float)
        for total, before in probability.items():
            for each in differences:
                longer[total + each] += before / len(differences)
        probability = longer
    truth = np.sign(sum(differences))
    return sum(share for total, share in probability.items() if np.sign(total) != truth)


CHECKS = {
    "20.1": check_prediction,
    "20.2": check_interval,
    "20.3": check_holm,
    "20.4": check_verdict,
    "20.5": check_wrong_sign_rate,
    "20.6": check_signed_rank,
    "20.7": check_told_apart,
}
