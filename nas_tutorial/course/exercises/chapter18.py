"""Checks of chapter 18, many objectives."""

import itertools

import numpy as np

from nas_tutorial.course.exercises.verdicts import require

NETWORKS = {"P": (0.80, 1_000), "Q": (0.90, 3_000), "R": (0.95, 12_000), "S": (0.93, 5_000)}
SCORES = {
    "accuracy minus parameters": lambda accuracy, parameters: accuracy - parameters,
    "accuracy minus parameters in millions": lambda accuracy, parameters: (
        accuracy - parameters / 1e6
    ),
    "percent minus thousands": lambda accuracy, parameters: 100 * accuracy - parameters / 1e3,
}


def check_prediction(guess) -> None:
    """18.1: which network each of three sums picks."""
    require(
        isinstance(guess, str) and len(guess) == 3 and set(guess) <= set(NETWORKS),
        f'guess must be three of the letters P, Q, R and S, such as "PPP", got {guess!r}',
    )
    for letter, (name, score) in zip(guess, SCORES.items()):
        best = max(NETWORKS, key=lambda one: score(*NETWORKS[one]))
        mine, other = score(*NETWORKS[letter]), score(*NETWORKS["R" if letter != "R" else "P"])
        require(
            letter == best,
            f"by {name}, {letter} has {mine:g} and is not the best. Compute the other three; "
            f"{'R' if letter != 'R' else 'P'} has {other:g}",
        )


def check_dominates(dominates) -> None:
    """18.2: dominates(first, second), losses of any number."""
    values = (1, 2, 3)
    pairs = [
        (first, second)
        for size in (1, 2, 3)
        for first in itertools.product(values, repeat=size)
        for second in itertools.product(values, repeat=size)
    ]
    for first, second in pairs:
        worse = [a for a, b in zip(first, second) if a > b]
        expected = not worse and first != second
        got = dominates(list(first), list(second))
        require(
            isinstance(got, (bool, np.bool_)) and bool(got) == expected,
            f"{list(first)} {'dominates' if expected else 'does not dominate'} {list(second)}, "
            f"got {got!r}",
        )


def squares(points: list[tuple[int, int]], reference: tuple[int, int]) -> int:
    """Count the unit squares below and left of the reference that some point dominates."""
    return sum(
        any(x <= column and y <= row for x, y in points)
        for column in range(reference[0])
        for row in range(reference[1])
    )


def check_area(area) -> None:
    """18.3: area(points, reference), the hypervolume of two losses."""
    rng = np.random.default_rng(183)
    cases = [
        ([(1, 1)], (4, 3)),
        ([(1, 3), (2, 2), (3, 1)], (4, 4)),
        ([(3, 1), (1, 3), (2, 2), (3, 3)], (4, 4)),
        ([(1, 3), (0, 9), (9, 0)], (5, 5)),
        ([(1, 5), (5, 1)], (5, 5)),
        ([], (3, 3)),
    ]
    cases += [
        ([tuple(point) for point in rng.integers(0, 10, (size, 2)).tolist()], (8, 6))
        for size in (2, 3, 5, 8, 8, 8)
    ]
    for points, reference in cases:
        expected = squares(points, reference)
        got = area(list(points), reference)
        require(
            np.ndim(got) == 0 and np.isclose(got, expected),
            f"{points} up to {reference} dominate an area of {expected}, got {got!r}",
        )


def check_better(better) -> None:
    """18.4: better(first, second, limit), pairs of accuracy and parameters."""
    limit = 2_000
    networks = list(itertools.product((0.3, 0.8, 0.9), (1_000, 2_000, 2_001, 5_000)))
    for first, second in itertools.product(networks, repeat=2):
        fits = [parameters <= limit for _, parameters in (first, second)]
        if all(fits):
            expected, why = first[0] > second[0], "both keep the limit, so accuracy decides"
        elif any(fits):
            expected, why = fits[0], "one keeps the limit and the other does not"
        else:
            expected, why = first[1] < second[1], "both are over the limit, so the nearer one wins"
        got = better(first, second, limit)
        require(
            isinstance(got, (bool, np.bool_)) and bool(got) == expected,
            f"better({first}, {second}, limit={limit}) must be {expected}: {why}; got {got!r}",
        )


def check_chebyshev(chebyshev) -> None:
    """18.5: chebyshev(losses, weights, ideal), the row of the smallest largest distance."""
    rng = np.random.default_rng(185)
    six = np.array([(1, 9), (3, 7), (4, 3), (4, 8), (6, 9), (8, 2)], float)
    cases: list[tuple] = [
        (six, (1 / 3, 1 / 7), (0, 0)),
        (six, (1 / 8, 1 / 2), (0, 0)),
        (six, (1, 0.2), (1, 2)),
    ]
    for shape in ((4, 2), (6, 3), (9, 2), (9, 3)):
        losses = rng.permutation(np.prod(shape)).reshape(shape) + 5.0
        cases.append((losses, rng.uniform(0.2, 1, shape[1]).round(2), losses.min(axis=0) - 1))
    for losses, weights, ideal in cases:
        largest = [
            max(w * (f - z) for w, f, z in zip(weights, point, ideal)) for point in losses.tolist()
        ]
        expected = largest.index(min(largest))
        got = chebyshev(losses.copy(), np.array(weights), np.array(ideal, float))
        require(
            isinstance(got, (int, np.integer)) and got == expected,
            f"of {losses.tolist()} with weights {np.round(weights, 2).tolist()} and ideal "
            f"{np.array(ideal).tolist()}, row {expected} has the smallest maximum, "
            f"{min(largest):.2f}; got {got!r}",
        )


def check_crowding(crowding) -> None:
    """18.6: crowding(losses) of one front, in the order of its rows."""
    rng = np.random.default_rng(186)
    fronts = [
        np.array([(1, 9), (3, 7), (4, 3), (8, 2)], float),
        np.array([(4, 3), (8, 2), (1, 9), (3, 7)], float),
        np.array([(2, 5)], float),
        np.array([(2, 5), (4, 1)], float),
        np.array([(1, 9, 7), (3, 7, 7), (4, 3, 7), (8, 2, 7)], float),  # the third is constant
    ]
    for size in (5, 7):
        columns = [rng.permutation(3 * size)[:size] for _ in range(3)]
        fronts.append(np.column_stack(columns).astype(float))
    for losses in fronts:
        expected = _slow_crowding(losses.tolist())
        got = crowding(losses.copy())
        require(
            np.shape(got) == (len(losses),) and bool(np.allclose(got, expected)),
            f"the points {losses.tolist()} have the crowding distances "
            f"{np.round(expected, 3).tolist()}, got {got!r}",
        )


def _slow_crowding(points: list[list[float]]) -> list[float]:
    """By its definition: for each point and objective, the nearest values on both sides."""
    distances = []
    for point in points:
        distance = 0.0
        for mine, values in zip(point, zip(*points)):
            below, above = ([v for v in values if v < mine], [v for v in values if v > mine])
            if below and above:
                distance += (min(above) - max(below)) / (max(values) - min(values))
            elif len(set(values)) > 1:
                distance = float("inf")
        distances.append(distance)
    return distances


CHECKS = {
    "18.1": check_prediction,
    "18.2": check_dominates,
    "18.3": check_area,
    "18.4": check_better,
    "18.5": check_chebyshev,
    "18.6": check_crowding,
}
