"""Checks of chapter 12, evolution."""

import itertools
from numbers import Real

import numpy as np

from nas_tutorial.course.exercises.verdicts import require


def check_prediction(guess) -> None:
    """12.1: (bred, oldest member by age, oldest possible member by worst) after 100 trials."""
    require(
        isinstance(guess, (tuple, list)) and len(guess) == 3,
        f"guess must be a triple (bred, oldest rule, worst rule), got {guess!r}",
    )
    bred, oldest, worst = guess
    require(
        bred == 100 - 20,
        f"{bred} is not how many were bred. Take 5 trials and a population of 4: the first four are "
        "drawn, the fifth is bred",
    )
    require(
        oldest == 80,
        f"{oldest} is not the oldest that is left. Take trials 0 to 4 and a population of 4: when 4 "
        "comes 0 leaves, and 1 is the oldest of 1, 2, 3, 4",
    )
    require(
        worst == 0,
        f"{worst} is not the smallest possible number: if trial 0 was told the most of all, it is "
        "never the worst",
    )


def last_population(told: list[float], size: int, rule: str) -> list[int]:
    """Rank all by age, or take away the worst again and again from those that have come."""
    if rule == "oldest":
        return list(range(len(told)))[-size:]
    best_first = sorted(range(len(told)), key=lambda number: (-told[number], -number))
    return sorted(best_first[:size])  # who is ever among the worst never comes back


def check_survivors(survivors) -> None:
    """12.2: survivors(told, size, rule) -> numbers of the members that are left."""
    rng = np.random.default_rng(122)
    cases = [([0.9, 0.96, 0.92, 0.88, 0.93, 0.91], 4), ([0.5], 2), ([0.9, 0.8, 0.7], 2)]
    cases += [([0.5, 0.5, 0.5], 2), ([0.1, 0.2, 0.3, 0.4], 2)]
    for _ in range(40):
        length, size = int(rng.integers(1, 13)), int(rng.integers(2, 6))
        cases.append(((rng.integers(10, size=length) / 10).tolist(), size))
    for (told, size), rule in itertools.product(cases, ("worst", "oldest")):
        expected, got = last_population(told, size, rule), survivors(list(told), size, rule)
        require(
            np.iterable(got) and all(isinstance(one, Real) for one in got),
            f"the numbers of the trials that are left must come back, as a list, got {got!r}",
        )
        require(
            sorted(got) == expected,
            f"of told values {told}, with a population of {size} and the {rule} leaving, the "
            f"trials {expected} are left, got {sorted(got)}",
        )


def counted_wins(population_size: int, tournament_size: int) -> list[float]:
    """Hold every tournament that is possible; the share that each rank wins, best first."""
    draws = itertools.product(range(population_size), repeat=tournament_size)
    winners = [min(drawn) for drawn in draws]
    return [winners.count(rank) / len(winners) for rank in range(population_size)]


def check_win_probability(win_probability) -> None:
    """12.3: win_probability(rank, population_size, tournament_size)."""
    for population_size, tournament_size in ((2, 1), (2, 2), (4, 1), (3, 3), (5, 2), (6, 4)):
        expected = counted_wins(population_size, tournament_size)
        for rank, share in enumerate(expected, start=1):
            got = win_probability(rank, population_size, tournament_size)
            require(
                np.ndim(got) == 0 and np.isclose(got, share),
                f"of all {population_size**tournament_size} tournaments of {tournament_size} draws "
                f"among {population_size}, rank {rank} wins {share:.4f}, got {got!r}",
            )


def check_hand_over(hand_over) -> None:
    """12.4: hand_over(pairs, measure, finalists, repeats) -> the best when measured again."""
    rng = np.random.default_rng(124)
    lucky = [(0.99, "lucky"), (0.90, "solid"), (0.50, "poor")]
    again = {"lucky": [0.80, 0.80], "solid": [0.85, 0.85], "poor": [0.99, 0.99]}
    _check_one_handing_over(hand_over, lucky, again, 2)
    unsteady = {"lucky": [0.99, 0.60], "solid": [0.85, 0.86], "poor": [0.1, 0.1]}
    _check_one_handing_over(hand_over, lucky, unsteady, 2)
    _check_one_handing_over(hand_over, lucky, again, 9)
    for _ in range(30):
        names = [f"network {number}" for number in rng.choice(6, size=10)]
        told = rng.permutation(10) / 10
        new = {name: rng.random(3).round(3).tolist() for name in names}
        _check_one_handing_over(hand_over, list(zip(told.tolist(), names)), new, 3)


def _check_one_handing_over(hand_over, pairs: list, new: dict, finalists: int) -> None:
    """`new` holds the values that each architecture has when it is measured again, in turn."""
    waiting = {name: iter(values) for name, values in new.items()}
    repeats = len(next(iter(new.values())))
    asked = []

    def measure(name):
        asked.append(name)
        value = next(waiting[name], None)
        require(value is not None, f"{name} must be measured {repeats} times, not more often")
        return value

    distinct = list(dict.fromkeys(name for _, name in sorted(pairs, reverse=True)))
    chosen = distinct[:finalists]
    got = hand_over(list(pairs), measure, finalists, repeats)
    case = f"with {pairs}, finalists={finalists}, repeats={repeats}"
    require(
        sorted(asked) == sorted(chosen * repeats),
        f"{case}, the finalists are {chosen}, each to be measured {repeats} times, but measured "
        f"were {asked}",
    )
    expected = max(chosen, key=lambda name: np.mean(new[name]))
    values = {name: new[name] for name in chosen}
    require(
        got == expected,
        f"{case}, and new values {values}, {expected} has the highest mean, got {got!r}",
    )


CHECKS = {
    "12.1": check_prediction,
    "12.2": check_survivors,
    "12.3": check_win_probability,
    "12.4": check_hand_over,
}
