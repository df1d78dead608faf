"""Checks of chapter 01: what a search costs, how many draws it takes, and how much runs differ."""

import math
import numbers

import numpy as np

from nas_tutorial.course.exercises.verdicts import require

GPU_HOURS = 450 * 7 * 24 / 20_000  # Real et al. 2019, appendix on methods: one network


def check_gpu_hours(guess) -> None:
    """1.1: GPU-hours of one network."""
    require(_is_number(guess), f"guess must be a number, got {guess!r}.")
    require(
        not math.isclose(guess, GPU_HOURS / 24, rel_tol=0.02),
        f"{guess:.4g} is the number of GPU-days; the question asks for GPU-hours.",
    )
    require(
        math.isclose(guess, GPU_HOURS, rel_tol=0.02),
        f"20,000 networks at {guess:.4g} GPU-hours each would be {20_000 * guess / 24:,.0f} "
        "GPU-days in all; how many are 450 GPUs for 7 days?",
    )


def check_draws_needed(draws_needed) -> None:
    """1.2: the smallest number of draws, against a count that goes up one by one."""
    rng = np.random.default_rng(12)
    shares = rng.uniform(0.003, 0.9, size=20).round(3)
    chances = rng.uniform(0.05, 0.99, size=20).round(2)
    # Two draws of a half are good enough with a probability of exactly 0.75.
    by_hand = (0.5, 0.95), (0.5, 0.3), (0.5, 0.75), (0.01, 0.95), (1 / 8765, 0.95)
    for share, chance in (*by_hand, *zip(shares, chances)):
        share, chance = float(share), float(chance)
        expected, answer = _counted(share, chance), draws_needed(share, chance)
        require(_is_number(answer), f"return a number, got {answer!r}.")
        met = 1 - (1 - share) ** max(answer, 0)
        require(
            answer == expected,
            f"with share={share:.4g} and chance={chance} it takes {expected} draws, you say "
            f"{answer}: with so many, one is good enough with probability {met:.3f}.",
        )


def _counted(share: float, chance: float) -> int:
    draws, none_is_good = 1, 1 - share
    while 1 - none_is_good < chance:
        draws, none_is_good = draws + 1, none_is_good * (1 - share)
    return draws


def check_within_and_between(within_and_between) -> None:
    """1.3: the two mean differences, against a walk over all pairs."""
    rng = np.random.default_rng(13)
    for num_networks in (2, 3, 7):
        runs = rng.uniform(0.7, 1, size=(num_networks, 2)).round(3)
        answer = within_and_between(runs.copy())
        is_pair = isinstance(answer, (tuple, list, np.ndarray)) and len(answer) == 2
        require(is_pair, f"return two numbers, got {answer!r}.")
        names = ("two runs of one network", "the first run of one and the second of another")
        for name, expected, value in zip(names, _differences(runs), answer):
            require(_is_number(value), f"the difference of {name} must be a number, got {value!r}.")
            require(
                math.isclose(value, expected, abs_tol=1e-9),
                f"with the runs {runs.tolist()} the mean absolute difference of {name} is "
                f"{expected:.4f}, you say {value:.4f}.",
            )


def _differences(runs) -> tuple[float, float]:
    """The mean difference of pairs of one network, and of pairs of two, taken pair by pair."""
    gaps = [(i == j, abs(a - b)) for i, (a, _) in enumerate(runs) for j, (_, b) in enumerate(runs)]
    within, between = ([gap for same, gap in gaps if same is of_one] for of_one in (True, False))
    return sum(within) / len(within), sum(between) / len(between)


def _is_number(value) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and math.isfinite(value)


CHECKS = {"1.1": check_gpu_hours, "1.2": check_draws_needed, "1.3": check_within_and_between}
