"""Checks of chapter 05: measures, standard errors, and the winner's optimism."""

import math
import numbers

import numpy as np

from nas_tutorial.course.exercises.verdicts import require


def check_optimism_factor(guess) -> None:
    """5.1: four times the validation samples halve the optimism."""
    require(
        isinstance(guess, numbers.Real) and not isinstance(guess, bool),
        f"guess must be a number, got {guess!r}.",
    )
    rng = np.random.default_rng(0)
    few, many = (_mean_best_of_100(num_samples, rng) for num_samples in (360, 1440))
    require(
        abs(guess - few / many) < 0.25,
        f"you say by a factor of {guess}, but in 500 simulated searches the optimism goes from "
        f"{few:.4f} to {many:.4f}. What happens to the noise of one validation, "
        "sqrt(p (1 - p) / n), when n is four times as large?",
    )


def check_macro_recall(macro_recall) -> None:
    """5.2: one recall a class of y_true, then the plain mean."""
    rng = np.random.default_rng(0)
    y_true = rng.choice([0, 1, 2], size=12, p=[0.6, 0.25, 0.15])
    cases = [
        ([0, 0, 0, 0, 1], [0, 0, 0, 0, 0]),  # class 1 is never found
        ([0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 1, 1]),
        ([2, 2, 7, 7, 7], [2, 7, 7, 7, 2]),  # labels with gaps
        (y_true, np.where(rng.random(12) < 0.6, y_true, rng.permutation(y_true))),
    ]
    for y_true, y_pred in cases:
        y_true, y_pred = np.array(y_true), np.array(y_pred)
        expected = _slow_macro_recall(y_true.tolist(), y_pred.tolist())
        got = macro_recall(y_true.copy(), y_pred.copy())
        require(
            _is_close(got, expected),
            f"for y_true={y_true.tolist()} and y_pred={y_pred.tolist()} the macro recall is "
            f"{expected:.4f}, you return {got!r}.",
        )


def check_standard_error(standard_error) -> None:
    """5.3: the standard deviation with n - 1, divided by the root of n."""
    rng = np.random.default_rng(0)
    for values in ([0.8, 0.9], [0.91, 0.94, 0.92, 0.95], rng.normal(0.9, 0.02, 25).round(3)):
        values = np.array(values)
        expected = _slow_standard_error(values.tolist())
        got = standard_error(values.copy())
        require(
            _is_close(got, expected),
            f"for {values[:4].tolist()}{' ...' if len(values) > 4 else ''} (n = {len(values)}) "
            f"the standard error is {expected:.5f}, you return {got!r}.",
        )


def check_seeds_needed(seeds_needed) -> None:
    """5.4: the first number of seeds whose standard error is below half of the difference."""
    cases = [(0.02, 0.01), (0.03, 0.02), (0.5, 0.25), (0.01, 0.1), (0.02, 0.004)]
    for sd, difference in cases:
        expected = _slow_seeds_needed(sd, difference)
        got = _unwrapped(seeds_needed(sd, difference))
        require(
            isinstance(got, numbers.Real) and got == expected,
            f"with sd={sd} and difference={difference} it takes {expected} seeds: "
            f"{_standard_errors(sd, expected)}, and half of the difference is {difference / 2}. "
            f"You return {got!r}.",
        )


def check_winner_optimism(winner_optimism) -> None:
    """5.5: random by rng alone, right on average, and whole samples away from the truth."""
    _require_drawn_from_rng(winner_optimism)
    searches = 600
    for num_candidates, num_samples, accuracy in ((1, 40, 0.8), (20, 40, 0.8), (10, 100, 0.5)):
        call = f"winner_optimism({num_candidates}, {num_samples}, {accuracy}, rng)"
        rng = np.random.default_rng(1)
        got = [
            _unwrapped(winner_optimism(num_candidates, num_samples, accuracy, rng))
            for _ in range(searches)
        ]
        require(
            all(isinstance(value, numbers.Real) for value in got),
            f"{call} must return a number, got {got[0]!r}.",
        )
        require(
            num_candidates > 1 or min(got) < 0 < max(got),
            f"{call}: a single candidate is unlucky as often as lucky, but your {searches} values "
            f"lie in [{min(got):.3f}, {max(got):.3f}].",
        )
        hits = (np.array(got) + accuracy) * num_samples
        require(
            bool(np.allclose(hits, hits.round(), atol=1e-6)),
            f"{call} gave {got[0]:.5f}: the measured accuracy would be {hits[0]:.3f} right of "
            f"{num_samples}. A validation counts whole samples.",
        )
        rng = np.random.default_rng(2)
        expected = np.mean(
            [_slow_optimism(num_candidates, num_samples, accuracy, rng) for _ in range(searches)]
        )
        require(
            abs(np.mean(got) - expected) < 0.012,
            f"{call}, the mean of {searches} calls: about {expected:.3f}, yours is "
            f"{np.mean(got):.3f}.",
        )


def _require_drawn_from_rng(winner_optimism) -> None:
    """Equal generators give equal results, and NumPy's global generator stays as it was."""
    before = tuple(np.random.get_state())  # noqa: NPY002
    once, twice = (
        [winner_optimism(20, 40, 0.8, rng) for _ in range(20)]
        for rng in (np.random.default_rng(3), np.random.default_rng(3))
    )
    after = tuple(np.random.get_state())  # noqa: NPY002
    untouched = np.array_equal(before[1], after[1]) and before[2:] == after[2:]
    require(
        untouched,
        "your function changed the state of np.random. Draw from the generator that you are "
        "given: rng.binomial(...), say.",
    )
    for first, second in zip(once, twice):
        require(
            np.array_equal(first, second),
            "winner_optimism(20, 40, 0.8, rng), called with two generators in equal states, gave "
            f"{first!r} and {second!r}. Draw every random number from rng.",
        )


def _mean_best_of_100(num_samples: int, rng: np.random.Generator) -> float:
    best = [rng.binomial(num_samples, 0.90, size=100).max() / num_samples for _ in range(500)]
    return float(np.mean(best)) - 0.90


def _slow_macro_recall(y_true: list, y_pred: list) -> float:
    recalls = []
    for label in sorted(set(y_true)):
        found = total = 0
        for true, predicted in zip(y_true, y_pred):
            if true == label:
                total += 1
                found += predicted == label
        recalls.append(found / total)
    return sum(recalls) / len(recalls)


def _slow_standard_error(values: list[float]) -> float:
    n = len(values)
    mean = sum(values) / n
    variance = sum((value - mean) ** 2 for value in values) / (n - 1)
    return math.sqrt(variance) / math.sqrt(n)


def _slow_seeds_needed(sd: float, difference: float) -> int:
    seeds = 2
    while sd / math.sqrt(seeds) >= difference / 2:
        seeds += 1
    return seeds


def _standard_errors(sd: float, seeds: int) -> str:
    """The standard errors just before and at the answer."""
    shown = range(max(2, seeds - 1), seeds + 1)
    return ", ".join(f"{count} seeds give an SE of {sd / math.sqrt(count):.6f}" for count in shown)


def _slow_optimism(
    num_candidates: int, num_samples: int, accuracy: float, rng: np.random.Generator
) -> float:
    best = 0.0
    for _ in range(num_candidates):
        hits = sum(hit < accuracy for hit in rng.random(num_samples))
        best = max(best, hits / num_samples)
    return best - accuracy


def _unwrapped(got):
    """An array without dimensions is a number too."""
    return got.item() if isinstance(got, np.ndarray) and got.ndim == 0 else got


def _is_close(got, expected: float) -> bool:
    got = _unwrapped(got)
    return isinstance(got, numbers.Real) and math.isclose(got, expected, abs_tol=1e-9)


CHECKS = {
    "5.1": check_optimism_factor,
    "5.2": check_macro_recall,
    "5.3": check_standard_error,
    "5.4": check_seeds_needed,
    "5.5": check_winner_optimism,
}
