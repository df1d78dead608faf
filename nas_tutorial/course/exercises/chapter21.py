"""Checks of chapter 21, find the bug: each refuses the published mistake and other wrong repairs."""

import math
import random
from collections.abc import Callable
from numbers import Real

import numpy as np

from nas_tutorial.course.exercises.verdicts import Wrong, require


def check_random_search(random_search) -> None:
    """21.1: random_search(draw, measure, trials) -> the network that measured best."""
    cases = [[0.5, 0.9, 0.7], [0.9, 0.5, 0.7], [0.5, 0.7, 0.9], [0.4], [-3.0, -1.0, -2.0]]
    cases += [[0.8, 0.1, 0.2, 0.9, 0.3, 0.85], [0.9, 0.1, 0.95, 0.2]]
    for values in cases:
        told = dict(zip("ABCDEF", values))
        waiting, asked = iter(told), list[str]()
        got = random_search(
            lambda waiting=waiting, told=told: _next_of(waiting, len(told)),
            lambda network, told=told, asked=asked: asked.append(network) or told[network],
            len(values),
        )
        require(
            asked == list(told),
            f"with trials={len(values)}, {len(values)} networks are drawn and each is measured "
            f"once, but measured were {asked} of {list(told)}",
        )
        best = max(told, key=told.__getitem__)
        require(got == best, f"of the networks {told} the best is {best!r}, got {got!r}")


def _next_of(waiting, trials: int):
    network = next(waiting, None)
    require(network is not None, f"draw() was called more often than trials={trials}")
    return network


def check_draw_networks(draw_networks) -> None:
    """21.2: draw_networks(networks, trials, seed), by a generator of its own."""
    networks = [f"network {number}" for number in range(30)]
    method, states = random.seed, _global_states()
    try:
        runs = [draw_networks(list(networks), 60, seed) for seed in (42, 7, 42, 43)]
        many = draw_networks(list(networks), 1_000, 1)
        untouched = random.seed is method
    finally:
        random.seed = method  # a name that is overwritten would stay so for the whole session
    require(
        untouched, "after your function random.seed is no longer a function: it was overwritten"
    )
    require(
        _equal_states(states, _global_states()),
        "your function changed the state of random or np.random, from which others draw too. Make a "
        "generator of its own: random.Random(seed), say",
    )
    for run in runs:
        require(
            isinstance(run, (list, tuple)) and len(run) == 60 and set(run) <= set(networks),
            f"with trials=60 a list of 60 of the networks must come back, got {run!r:.80}",
        )
    require(
        list(runs[0]) == list(runs[2]),
        f"two calls with seed 42 began with {runs[0][:2]} and {runs[2][:2]}; they must be equal",
    )
    require(
        len(set(map(tuple, runs))) == 3,
        "three different seeds must give three different lists, but some are equal",
    )
    repeated = len(set(runs[0])) < 60 // 4
    require(not repeated, f"60 draws of 30 networks gave only {len(set(runs[0]))} of them")
    never = [place for place, network in enumerate(networks) if network not in many]
    require(  # by chance, one right function in 10 ** 13 fails here
        not never,
        f"1,000 draws of 30 networks never gave number {never[:1]}, counted from 0: each must be "
        "drawn from all",
    )


def _global_states() -> tuple:
    return random.getstate(), np.random.get_state()  # noqa: NPY002


def _equal_states(one: tuple, other: tuple) -> bool:
    (first, (name, keys, *rest)), (second, (other_name, other_keys, *other_rest)) = one, other
    same = first == second and name == other_name and rest == other_rest
    return same and np.array_equal(keys, other_keys)


def check_keeps(keeps) -> None:
    """21.3: keeps(measured, limits) -> whether all limits are kept; an unknown name is refused."""
    small = {"parameters": 4_000, "flops": 300_000}
    cases = [
        ({}, True),
        ({"parameters": 4_000}, True),
        ({"parameters": 3_999}, False),
        ({"flops": 500_000}, True),
        ({"parameters": 5_000, "flops": 299_999}, False),
        ({"parameters": 3_000, "flops": 500_000}, False),
        ({"parameters": 5_000, "flops": 300_000}, True),
    ]
    for limits, expected in cases:
        case = f"measured {small} with limits {limits}: must be {expected}"
        try:
            got = keeps(dict(small), dict(limits))
        except (ValueError, KeyError) as error:
            raise Wrong(f"{case}, but you raise {error!r}") from None
        require(isinstance(got, (bool, np.bool_)) and bool(got) == expected, f"{case}, got {got!r}")
    for limits in (
        {"paramters": 3_000},
        {"paramters": 9_000},
        {"parameters": 5_000, "FLOPs": 1},
        {"parameters": 3_000, "latency": 1},
        {"latency": 1, "parameters": 3_000},
    ):
        (unknown,) = set(limits) - set(small)
        _require_refusal(lambda limits=limits: keeps(dict(small), dict(limits)), unknown, limits)


def _require_refusal(call: Callable, unknown: str, limits: dict) -> None:
    try:
        got = call()
    except (ValueError, KeyError) as error:
        require(
            unknown in str(error),
            f"the error for limits {limits} must name {unknown!r}, got {error!r}",
        )
        return
    raise Wrong(
        f"nothing called {unknown!r} was measured, but with limits {limits} you return {got!r}"
    )


def check_sample_feasible(sample_feasible) -> None:
    """21.4: sample_feasible(draw, is_feasible, attempts), with an end."""
    for first_good, attempts in (
        (1, 1),
        (1, 9),
        (3, 9),
        (9, 9),
        (2, 2),
        (None, 1),
        (None, 7),
        (8, 7),
    ):
        drawn: list[int] = []
        case = f"with attempts={attempts}, where " + (
            f"draw number {first_good} is the first feasible one"
            if first_good
            else "none is feasible"
        )

        def draw(drawn=drawn, attempts=attempts, case=case):
            drawn.append(len(drawn) + 1)
            require(len(drawn) <= attempts, f"{case}, draw() was called {len(drawn)} times")
            return drawn[-1]

        succeeds = first_good is not None and first_good <= attempts
        try:
            got = sample_feasible(draw, lambda number, good=first_good: number == good, attempts)
        except (ValueError, RuntimeError) as error:
            require(not succeeds, f"{case}, it must be returned, but you raise {error!r}")
            require(len(drawn) == attempts, f"{case}, you give up after {len(drawn)} draws")
            require(
                str(attempts) in str(error),
                f"{case}, the message must say after how many attempts you gave up, got {error!r}",
            )
            continue
        require(succeeds, f"{case}, a ValueError must be raised, but you return {got!r}")
        require(got == first_good, f"{case}, it must be returned, got {got!r}")


def check_replace_worst(replace_worst) -> None:
    """21.5: replace_worst(members, child): the largest error leaves, the child's too."""
    rng = np.random.default_rng(215)
    cases = [([0.10, 0.30, 0.20], 0.15), ([0.30, 0.10, 0.20], 0.40), ([0.1, 0.2, 0.3], 0.05)]
    cases += [([0.2, 0.2], 0.2), ([0.3, 0.3, 0.1], 0.2)]
    for size in (2, 3, 5, 8, 8, 8):
        errors = (rng.permutation(20)[: size + 1] / 20).tolist()
        cases.append((errors[:-1], errors[-1]))
    for errors, new in cases:
        members = [
            (f"network {len(errors) - number}", error) for number, error in enumerate(errors)
        ]
        before, child = list(members), ("child", new)
        got = replace_worst(members, child)
        case = f"members with validation errors {errors} and a child with {new}"
        require(members == before, f"{case}: the list that you were given must stay as it was")
        require(
            isinstance(got, (list, tuple)) and all(isinstance(one, tuple) for one in got),
            f"{case}: a list of (architecture, error) must come back, got {got!r:.80}",
        )
        everyone = [*before, child]
        left = sorted(error for _, error in got)
        expected = sorted(error for _, error in everyone)[:-1]
        require(
            left == expected and set(got) <= set(everyone),
            f"{case}: the errors {expected} are left, got {left}",
        )


def check_front(front) -> None:
    """21.6: front(accuracy, parameters) -> row numbers of what nothing dominates."""
    rng = np.random.default_rng(216)
    cases: list[tuple] = [
        ([0.80, 0.90, 0.95, 0.85], [1_000, 3_000, 9_000, 4_000]),
        ([0.9, 0.9, 0.8], [2_000, 3_000, 2_000]),
        ([0.9, 0.9], [2_000, 2_000]),
        ([0.5], [100]),
        ([0.80, 0.84, 0.95], [1_000, 5_000, 6_000]),  # the middle one is best for no weights
    ]
    for size in (5, 8, 12, 20):
        cases.append((rng.integers(10, 20, size) / 20, 1_000 * rng.integers(1, 9, size)))
    for accuracy, parameters in cases:
        accuracy, parameters = np.array(accuracy, float), np.array(parameters, float)
        expected = _slow_front(accuracy.tolist(), parameters.tolist())
        for unit, name in ((1.0, "parameters"), (1e3, "thousands of parameters")):
            got = front(accuracy.copy(), parameters / unit)
            rows = _row_numbers(got)
            require(
                rows == expected,
                f"accuracy {accuracy.tolist()} and {(parameters / unit).tolist()} {name}: nothing "
                f"dominates the rows {expected}, got {got!r:.80}",
            )


def _row_numbers(got) -> list[int]:
    rows = np.asarray(sorted(got) if isinstance(got, (set, frozenset)) else got)
    whole = rows.ndim == 1 and (rows.size == 0 or np.issubdtype(rows.dtype, np.integer))
    require(bool(whole), f"row numbers must come back, such as [0, 2], got {got!r:.80}")
    return sorted(rows.tolist())


def _slow_front(accuracy: list[float], parameters: list[float]) -> list[int]:
    """Row by row: is there another that is nowhere worse and somewhere better?"""
    points = list(zip(accuracy, parameters))
    return [
        row
        for row, (a, p) in enumerate(points)
        if not any(a2 >= a and p2 <= p and (a2 > a or p2 < p) for a2, p2 in points)
    ]


def check_incumbent_at(incumbent_at) -> None:
    """21.7: incumbent_at(finished, best, at): a value that was there by then, or NaN."""
    finished, best = [2.0, 5.0, 6.0, 10.0], [0.70, 0.90, 0.90, 0.95]
    cases = [(finished, best, at) for at in (0.0, 1.9, 2.0, 2.1, 4.9, 5.0, 5.5, 9.9, 10.0, 50.0)]
    rng = np.random.default_rng(217)
    times = rng.uniform(0.5, 3, 6).cumsum().round(2)
    values = np.maximum.accumulate(rng.uniform(0.5, 1, 6)).round(3)
    cases += [
        (times.tolist(), values.tolist(), at) for at in rng.uniform(0, 12, 12).round(2).tolist()
    ]
    for times, values, at in cases:
        there = [value for time, value in zip(times, values) if time <= at]
        expected = there[-1] if there else math.nan
        got = incumbent_at(np.array(times), np.array(values), at)
        got = got.item() if isinstance(got, np.ndarray) and got.ndim == 0 else got
        require(
            isinstance(got, Real) and np.allclose(float(got), expected, atol=1e-9, equal_nan=True),
            f"trials finished at {times} s, best so far {values}: at {at} s it was {expected:g}"
            f"{'' if there else ' (no trial had finished)'}, got "
            f"{f'{got:g}' if isinstance(got, Real) else repr(got)}",
        )


def check_prepare(prepare) -> None:
    """21.8: prepare(x_train, x_val, normalise), with the training part's mean and SD for both."""
    rng = np.random.default_rng(218)
    for rows, columns in ((4, 1), (6, 3), (50, 5)):
        x_train = rng.normal(
            rng.uniform(-50, 50, columns), rng.uniform(1, 90, columns), (rows, columns)
        )
        x_val = rng.normal(5, 30, (rows // 2, columns))
        got = _prepared(prepare, x_train, x_val, False)
        require(
            np.allclose(got[0], x_train) and np.allclose(got[1], x_val),
            "with normalise=False both parts must come back as they were",
        )
        new_train, new_val = _prepared(prepare, x_train, x_val, True)
        mean, sd = x_train.mean(axis=0), x_train.std(axis=0)
        require(
            np.allclose(new_train.mean(axis=0), 0, atol=1e-6)
            and np.allclose(new_train.std(axis=0), 1, atol=1e-3),
            "after normalise=True each column of the training part must have mean 0 and SD 1, got "
            f"means {new_train.mean(axis=0).round(3)[:3].tolist()} and SDs "
            f"{new_train.std(axis=0).round(3)[:3].tolist()} (np.std with ddof=0)",
        )
        expected = (x_val - mean) / sd
        require(
            np.allclose(new_val, expected, atol=1e-3, rtol=1e-3),
            f"a column with mean {mean[0]:.2f} and SD {sd[0]:.2f} in the training part: its first "
            f"validation value {x_val[0, 0]:.2f} becomes {expected[0, 0]:.3f}, got "
            f"{new_val[0, 0]:.3f}",
        )


def _prepared(prepare: Callable, x_train: np.ndarray, x_val: np.ndarray, normalise: bool) -> tuple:
    given = x_train.copy(), x_val.copy()
    got = prepare(*given, normalise)
    require(
        np.array_equal(given[0], x_train) and np.array_equal(given[1], x_val),
        f"with normalise={normalise} the arrays that you were given are not what they were: the "
        "caller still uses them. Make new ones: x - mean, not x -= mean",
    )
    require(
        isinstance(got, (tuple, list)) and len(got) == 2, "two parts must come back, (train, val)"
    )
    new_train, new_val = (np.asarray(one, dtype=float) for one in got)
    require(
        new_train.shape == x_train.shape and new_val.shape == x_val.shape,
        f"the shapes {x_train.shape} and {x_val.shape} must stay, got {new_train.shape} and "
        f"{new_val.shape}",
    )
    return new_train, new_val


def check_evolve(evolve) -> None:
    """21.9: evolve(population, measure, breed, rounds) -> (network, what it was told)."""
    rounds_of_values = [
        [[0.5, 0.9], [0.6, 0.7]],  # the best came first
        [[0.5, 0.6], [0.7, 0.8], [0.95, 0.4]],  # in the last round
        [[0.9, 0.1, 0.2], [0.3, 0.95, 0.4], [0.94, 0.2, 0.1]],  # in the middle
        [[0.3, 0.2]],
        [[-0.5, -0.2], [-0.9, -0.1]],
    ]
    for values in rounds_of_values:
        _check_one_evolution(evolve, values)


def _check_one_evolution(evolve: Callable, values: list[list[float]]) -> None:
    """The networks of round r are named r0, r1, ...; a value is told once, and never again."""
    size, rounds = len(values[0]), len(values)
    names = [[f"{'ABCD'[r]}{number}" for number in range(size)] for r in range(rounds + 1)]
    told = {name: value for row, line in zip(names, values) for name, value in zip(row, line)}
    case = f"with rounds={rounds}, where the networks are told {told}"
    asked, bred = [], []

    def measure(name):
        require(
            name in told and name not in asked,
            f"{case}, each is measured once, but {name} is measured "
            f"{'again' if name in asked else f'after round {rounds}'}",
        )
        asked.append(name)
        return told[name]

    def breed(population, values_told):
        require(
            list(values_told) == [told[name] for name in population],
            f"{case}, breed got {list(population)} with {list(values_told)}: they do not belong "
            "together",
        )
        bred.append(None)
        return list(names[min(len(bred), rounds)])

    got = evolve(list(names[0]), measure, breed, rounds)
    require(
        isinstance(got, (tuple, list)) and len(got) == 2,
        f"a pair (network, what it was told) must come back, got {got!r}",
    )
    require(asked == list(told), f"{case}, all of them must be measured, but measured were {asked}")
    best = max(told, key=told.__getitem__)
    require(
        tuple(got) == (best, told[best]),
        f"{case}, the best of all is {(best, told[best])}, got {tuple(got)}",
    )


def check_final_report(final_report) -> None:
    """21.10: final_report(networks, validate, test): chosen by validation, tested once."""
    rng = np.random.default_rng(2110)
    tables = [
        {"A": (0.90, 0.80), "B": (0.95, 0.85), "C": (0.80, 0.99)},
        {"A": (0.95, 0.70), "B": (0.94, 0.96), "C": (0.93, 0.97)},
        {"A": (0.5, 0.6)},
    ]
    for _ in range(20):
        values = rng.permutation(100).reshape(2, -1)[:, :6] / 100
        tables.append(dict(zip("ABCDEF", map(tuple, values.T.tolist()))))
    for table in tables:
        asked: list[str] = []

        def validate(name, table=table, asked=asked):
            require(
                "test" not in asked,
                "you go on validating after the test part was read: choose first",
            )
            asked.append("validation")
            return table[name][0]

        def test(name, table=table, asked=asked):
            asked.append("test")
            return table[name][1]

        got = final_report(list(table), validate, test)
        reads, winner = asked.count("test"), max(table, key=lambda name: table[name][0])
        case = f"of {{network: (validation, test)}} {table}"
        require(reads == 1, f"{case} the test part is read once, but you read it {reads} times")
        require(
            isinstance(got, (tuple, list)) and tuple(got) == (winner, table[winner][1]),
            f"{case} validation chooses {winner!r}, so the report is {(winner, table[winner][1])}, "
            f"got {got!r}",
        )


FALLS = {
    "a": "the winner's accuracy fell when it was trained again. It was chosen for a lucky training; "
    "who was not chosen is lucky as often as not",
    "b": "a network that nobody chose, too, gets another accuracy on another part of the data: one "
    "part is a little easier",
    "c": "the residual block, which nobody searched for, fell as well when the generator was shifted",
    "d": "the best of 1,000 was chosen for its luck on those 100 samples; a network that nobody chose "
    "is lucky as often as not",
}


def check_prediction(guess) -> None:
    """21.11: which falls hit a network that nobody chose."""
    require(
        isinstance(guess, str) and set(guess.lower()) <= set(FALLS),
        f'guess must be made of the letters a, b, c and d, such as "ad", got {guess!r}',
    )
    for letter, reason in FALLS.items():
        require((letter in guess.lower()) == (letter in "bc"), f"{letter}: {reason}")


CHECKS = {
    "21.1": check_random_search,
    "21.2": check_draw_networks,
    "21.3": check_keeps,
    "21.4": check_sample_feasible,
    "21.5": check_replace_worst,
    "21.6": check_front,
    "21.7": check_incumbent_at,
    "21.8": check_prepare,
    "21.9": check_evolve,
    "21.10": check_final_report,
    "21.11": check_prediction,
}
