"""Checks of chapter 02: space, strategy, estimation, and one change at a time."""

import itertools
import numbers
from collections import Counter

import numpy as np

from nas_tutorial.course.exercises.verdicts import require
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.trials import Candidate, Result

DIMENSIONS = {  # change of 2.1 -> its dimension, and a question that leads there
    "a": (
        "estimation",
        "does Adam change what may be proposed, what is proposed next, or which "
        "number a proposed architecture gets?",
    ),
    "b": (
        "strategy",
        "are the same architectures still allowed, and does each still get the same number?",
    ),
    "c": ("space", "is there an architecture now that could not be proposed before?"),
    "d": ("estimation", "which of the three decides what 'good' means?"),
    "e": ("space", "is there an architecture that may not be proposed any more?"),
    "f": ("estimation", "does the architecture change when it is trained for longer?"),
}


def check_dimensions(guess) -> None:
    """2.1: the dimension of each of six changes."""
    words = sorted({word for word, _ in DIMENSIONS.values()})
    require(isinstance(guess, dict), f"guess must be a dictionary, got {guess!r}.")
    require(
        set(guess) == set(DIMENSIONS),
        f"guess must have the keys {', '.join(DIMENSIONS)}, got {', '.join(map(str, guess))}.",
    )
    for letter, (word, question) in DIMENSIONS.items():
        said = guess[letter]
        require(said in words, f"{letter} must be one of {', '.join(words)}, got {said!r}.")
        require(said == word, f"{letter} is not the {said}: {question}")


def check_without_repeats(without_repeats) -> None:
    """2.2: never what was measured, all others equally often, by the given generator alone."""
    rng = np.random.default_rng(22)
    space = [Architecture(values) for values in itertools.product("ab", "cde")]
    for num_measured in (0, 1, 3, 5):
        measured = [space[index] for index in rng.permutation(6)[:num_measured]]
        history = [(architecture, float(rng.random())) for architecture in measured]
        counts = Counter[Architecture]()
        for _ in range(1200):
            drawn = _leaving_its_lists_alone(without_repeats, space, history, rng)
            require(drawn in space, f"return an architecture of the space, got {drawn!r}.")
            require(
                drawn not in measured,
                f"with {', '.join(map(str, measured))} in the history you propose {drawn} again.",
            )
            counts[drawn] += 1
        expected = 1200 / (6 - num_measured)
        for architecture in space:
            require(
                architecture in measured or abs(counts[architecture] - expected) < 0.3 * expected,
                f"of 6 architectures {num_measured} are measured; in 1,200 calls you propose "
                f"{architecture} {counts[architecture]} times, {expected:.0f} would be its share.",
            )
    first, second = (
        [without_repeats(list(space), [], again) for _ in range(20)]
        for again in (np.random.default_rng(1), np.random.default_rng(1))
    )
    require(first == second, "two generators with equal seeds give different proposals: use rng.")


def _leaving_its_lists_alone(strategy, space: list, history: list, rng):
    """What the strategy proposes; its caller goes on with the same two lists."""
    given = {"space": list(space), "history": list(history)}
    drawn = strategy(given["space"], given["history"], rng)
    for name, before in (("space", space), ("history", history)):
        require(
            given[name] == before,
            f"the list `{name}` is not what it was before the call, and the caller still uses it: "
            "make a list of your own.",
        )
    return drawn


def check_twice(twice) -> None:
    """2.3: two trainings with different seeds, their mean, and all the seconds."""
    candidate = Candidate(Architecture(("a",)))
    calls = []

    def evaluate(given, *, seed):
        require(given == candidate, f"evaluate must get the candidate, got {given!r}.")
        calls.append(int(seed))
        draw = np.random.default_rng(int(seed)).random(2)
        return Result({"val_accuracy": draw[0]}, seconds=1 + draw[1])

    def seeds_of(seed):
        return _seeds_of(twice(evaluate), evaluate, candidate, seed, calls)

    used = {seed: seeds_of(seed) for seed in (5, 4, 812)}
    again = seeds_of(5)
    require(
        used[5] == again,
        f"seed 5 trains with seeds {used[5]} once and {again} the next time: let them follow "
        "from seed.",
    )
    require(
        set(used[5]) != set(used[4]),
        f"seed 5 and seed 4 both train with {used[5]}: a second evaluation must be a new sample.",
    )
    both = set(used[5]) & set(used[812])
    require(
        not both,
        f"seed 5 and seed 812 both train with seed {min(both, default=0)}: let both seeds follow "
        "from seed.",
    )
    seeds_of(0)  # where a seed that is multiplied stays what it is


def _seeds_of(evaluate_twice, evaluate, candidate: Candidate, seed: int, calls: list) -> tuple:
    """The two seeds that one evaluation trained with, once its result is checked."""
    calls.clear()
    result = evaluate_twice(candidate, seed=seed)
    require(isinstance(result, Result), f"the new evaluator must return a Result, not {result!r}.")
    require(len(calls) == 2, f"evaluate must be called twice, you call it {len(calls)} times.")
    require(
        calls[0] != calls[1],
        f"with seed {seed} both trainings have the seed {calls[0]}: the second is a copy of the "
        "first.",
    )
    used = tuple(calls)
    again = [evaluate(candidate, seed=one) for one in used]
    accuracies = [one.metrics["val_accuracy"] for one in again]
    _require_close(
        result.metrics.get("val_accuracy"),
        sum(accuracies) / 2,
        f"val_accuracy of trainings that give {accuracies[0]:.4f} and {accuracies[1]:.4f}",
    )
    require(
        set(result.metrics) == {"val_accuracy"},
        f"val_accuracy must be the only metric, got {', '.join(result.metrics)}.",
    )
    spent = [one.seconds for one in again]
    _require_close(
        result.seconds,
        sum(spent),
        f"the seconds of trainings that take {spent[0]:.3f} s and {spent[1]:.3f} s",
    )
    return used


def check_effect(effect) -> None:
    """2.4: the mean over pairs that differ at one place alone, against all pairs of keys."""
    rng = np.random.default_rng(24)
    for sizes, missing in (((2, 2, 2), 0), ((2, 3, 2), 0), ((2, 2, 2), 2), ((3, 2, 3), 5)):
        levels = ["abc"[:size] for size in sizes]  # the same names at every place
        every = list(itertools.product(*levels))
        kept = [every[index] for index in rng.permutation(len(every))[missing:]]
        values = {key: round(float(rng.random()), 3) for key in kept}
        for place, options in enumerate(levels):
            for before, after in itertools.permutations(options, 2):
                pairs = _pairs(kept, place, before, after)
                if not pairs:
                    continue
                expected = sum(values[b] - values[a] for a, b in pairs) / len(pairs)
                _require_close(
                    effect(dict(values), place, before, after),
                    expected,
                    f"{missing} of {len(every)} keys are missing, {len(pairs)} pairs differ at "
                    f"place {place} alone, {before} to {after}; the effect",
                )


def _pairs(keys: list[tuple], place: int, before: str, after: str) -> list[tuple]:
    """All pairs of keys that differ at `place` alone, by looking at every pair."""
    return [
        (a, b)
        for a, b in itertools.product(keys, repeat=2)
        if a[place] == before
        and b[place] == after
        and all(x == y for i, (x, y) in enumerate(zip(a, b)) if i != place)
    ]


def _require_close(answer, expected: float, what: str) -> None:
    is_number = isinstance(answer, numbers.Real) and not isinstance(answer, bool)
    require(is_number, f"{what} must be a number, got {answer!r}.")
    require(
        abs(float(answer) - expected) < 1e-9,
        f"{what} must be {expected:.4f}, got {float(answer):.4f}.",
    )


CHECKS = {
    "2.1": check_dimensions,
    "2.2": check_without_repeats,
    "2.3": check_twice,
    "2.4": check_effect,
}
