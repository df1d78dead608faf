"""Checks of chapter 06, the document's project in code."""

import copy
from collections import Counter

import numpy as np

from nas_tutorial.course.exercises.verdicts import Wrong, require

SPACE = {
    "blocks": (1, 2, 3),
    "filters": (8, 16, 32),
    "input": ("raw",),  # nothing to choose here
    "kernel": (3, 5, 7),
    "pooling": ("none", "average", "max"),
}


def _call(function, *arguments, asked: str, hint: str = ""):
    """The learner's function on a case; where it raises, the verdict names the case."""
    try:
        return function(*arguments)
    except Exception as error:
        what = f"{type(error).__name__}: {error}"
        raise Wrong(f"{asked}, your function raised {what}{hint}") from error


def bred_and_dropped(trials: int, population_size: int) -> tuple[int, int]:
    """Count step by step how many trials are bred, and how many drop one of the population."""
    members = bred = dropped = 0
    for _ in range(trials):
        bred += members == population_size  # the population was full when this one was chosen
        members += 1
        if members > population_size:
            members -= 1
            dropped += 1
    return bred, dropped


def check_prediction(guess) -> None:
    """6.1: (bred, dropped) for 30 trials with a population of 12."""
    require(
        isinstance(guess, (tuple, list)) and len(guess) == 2,
        f"guess must be a pair (bred, dropped), got {guess!r}",
    )
    bred, dropped = bred_and_dropped(30, 12)
    require(
        guess[0] == bred,
        f"{guess[0]} bred is not what a count gives. Count the smallest case: with 3 trials and a "
        "population of 2, trials 1 and 2 are drawn at random and trial 3 is bred",
    )
    require(
        guess[1] == dropped,
        f"{guess[1]} dropped is not what a count gives. Count the smallest case: with 3 trials and "
        "a population of 2, nothing is dropped until trial 3 makes it three",
    )


def check_replace_worst(replace_worst) -> None:
    """6.2: replace_worst(population, newcomer, size) -> the new population."""
    _check_one_replacement(replace_worst, [0.5, 0.9, 0.7], 0.8, 3)
    _check_one_replacement(replace_worst, [0.9, 0.5, 0.7], 0.6, 3)
    _check_one_replacement(replace_worst, [0.9, 0.5, 0.7], 0.4, 3)  # the newcomer is the worst
    _check_one_replacement(replace_worst, [0.9, 0.5], 0.4, 3)  # there is room
    _check_one_replacement(replace_worst, [], 0.4, 3)
    _check_one_replacement(replace_worst, [0.6, 0.6, 0.7], 0.6, 3)  # equal performances
    rng = np.random.default_rng(6)
    for _ in range(50):
        size = int(rng.integers(1, 6))
        *before, newcomer = rng.integers(0, 10, size=int(rng.integers(1, size + 2))) / 10
        _check_one_replacement(replace_worst, [float(p) for p in before], float(newcomer), size)


def _check_one_replacement(replace_worst, performances, newcomer, size) -> None:
    population = [(p, {"name": f"network {i}"}) for i, p in enumerate(performances)]
    newcomer = (newcomer, {"name": "newcomer"})
    given, everyone = copy.deepcopy(population), [*population, newcomer]
    asked = f"with population {performances}, newcomer {newcomer[0]} and size {size}"
    equal = len({pair[0] for pair in everyone}) < len(everyone)
    hint = ". Two performances are equal here: see the remark on key=by_performance" * equal
    got = _call(replace_worst, population, newcomer, size, asked=asked, hint=hint)
    require(population == given, f"{asked}, your function changed the population that it was given")
    require(isinstance(got, list), f"{asked}, a list must come back, got {got!r}")
    require(
        got is not population,
        f"{asked}, your function returned the very list that it was given; make a new one",
    )
    require(all(pair in everyone for pair in got), f"{asked}, {got} holds a pair that nobody gave")
    expected = sorted((pair[0] for pair in everyone), reverse=True)[:size]
    kept = sorted((pair[0] for pair in got), reverse=True)
    require(kept == expected, f"{asked}, the performances {expected} must stay, got {kept}")
    names = Counter(pair[1]["name"] for pair in got)
    require(max(names.values(), default=1) == 1, f"{asked}, a network is in it twice: {got}")


def check_mutate(mutate) -> None:
    """6.3: mutate(architecture, space, rng) -> a copy with exactly one value changed."""
    rng = np.random.default_rng(63)
    parent = {"blocks": 2, "filters": 8, "input": "raw", "kernel": 7, "pooling": "max"}
    given, children = dict(parent), Counter[tuple]()
    for _ in range(4000):
        child = _call(mutate, parent, SPACE, rng, asked=f"with {parent} in the space {SPACE}")
        require(parent == given, f"your function changed the parent itself: it is now {parent}")
        require(
            isinstance(child, dict) and child.keys() == parent.keys(),
            f"a child must have the slots {list(parent)}, got {child!r}",
        )
        changed = [slot for slot in parent if child[slot] != parent[slot]]
        require(
            len(changed) == 1,
            f"exactly one value must change, but {len(changed)} did: {parent} became {child}",
        )
        slot = changed[0]
        require(child[slot] in SPACE[slot], f"{child[slot]!r} is not an option of {slot!r}")
        children[slot, child[slot]] += 1
    possible = [(s, o) for s, options in SPACE.items() for o in options if o != parent[s]]
    expected = 4000 // len(possible)  # 500, with a standard deviation of 21
    slot, option = max(possible, key=lambda pair: abs(children[pair] - expected))
    require(
        abs(children[slot, option] - expected) <= 110,
        f"{slot!r} became {option!r} in {children[slot, option]} of 4,000 children, and should in "
        f"about {expected}: draw slot and option uniformly. The parent was {parent}",
    )
    _check_that_the_generator_decides(mutate, parent)


def _check_that_the_generator_decides(mutate, parent) -> None:
    def some() -> list:
        rng = np.random.default_rng(3)
        return [mutate(parent, SPACE, rng) for _ in range(20)]

    require(some() == some(), "equal seeds gave different children: draw from rng and nothing else")


def stopping_trial(performances, patience: int) -> int:
    """After each trial look back: how many trials came since the first one with the best value?"""
    for trial in range(1, len(performances) + 1):
        so_far = list(performances[:trial])
        first_best = so_far.index(max(so_far)) + 1
        if trial - first_best >= patience:
            return trial
    return len(performances)


def check_stop(stop_after_no_progress) -> None:
    """6.4: stop_after_no_progress(performances, patience) -> after which trial to stop."""
    cases = [
        ([0.5, 0.6, 0.6, 0.6, 0.9], 2),
        ([0.5, 0.4, 0.45, 0.9], 2),
        ([0.5, 0.4, 0.6, 0.5, 0.7, 0.6], 2),
        ([0.5, 0.6, 0.7], 1),
        ([0.7], 1),
        ([0.9, 0.1, 0.1, 0.1], 3),
        ([0.9, 0.1, 0.1], 3),
        ([0.6, 0.5, 0.6, 0.6, 0.8], 3),
    ]
    rng = np.random.default_rng(64)
    for _ in range(100):
        drawn = rng.integers(0, 8, size=int(rng.integers(1, 12))) / 10
        cases.append(([float(p) for p in drawn], int(rng.integers(1, 5))))
    for performances, patience in cases:
        asked = f"with performances {performances} and patience {patience}"
        got = _call(stop_after_no_progress, list(performances), patience, asked=asked)
        expected = stopping_trial(performances, patience)
        require(got == expected, f"{asked} the search stops after trial {expected}, got {got!r}")


CHECKS = {
    "6.1": check_prediction,
    "6.2": check_replace_worst,
    "6.3": check_mutate,
    "6.4": check_stop,
}
