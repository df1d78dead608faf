"""Checks of chapter 03, the search loop."""

import numpy as np

from nas_tutorial.course.exercises.verdicts import Wrong, require
from nas_tutorial.names import shown
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.trials import Candidate, Result, Trial

GOES_ON = "your function went on drawing after the first good one, or drew more than once a turn"


def check_prediction(guess) -> None:
    """3.1: (architectures in the space, trials in the population, bred) after 30 trials."""
    require(
        isinstance(guess, (tuple, list)) and len(guess) == 3,
        f"guess must be a triple (space, population, bred), got {guess!r}",
    )
    space, population, bred = guess
    require(
        space == EdgeCellSpace().size,
        f"{space} architectures are not what the space holds. It is the set of all that may be "
        "built; the first child by hand was in it before it was made",
    )
    require(
        population == 8,
        f"{population} trials are not what the population holds: each newcomer above its size makes "
        "the worst leave",
    )
    require(
        bred == 30 - 8,
        f"{bred} is not how many were bred. Take 5 trials and a population of 4: the first four are "
        "drawn, the fifth is bred",
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
    cases: list[list] = [[0.5], [0.5, 0.7, 0.6], [None, 0.4, None, 0.3], [None, None], [0.0, None]]
    cases.append([])
    for _ in range(50):
        drawn = rng.integers(0, 10, size=int(rng.integers(1, 9))) / 10
        failed = rng.random(len(drawn)) < 0.2
        cases.append([None if fails else float(one) for one, fails in zip(drawn, failed)])
    for case in cases:
        got, expected = incumbents(list(case)), best_so_far(case)
        require(isinstance(got, (list, tuple)), f"a list must come back, got {got!r}")
        require(list(got) == expected, f"for {case} the incumbents are {expected}, got {got!r}")


class _Network:
    """An architecture of the check: it has a number, and no order."""

    def __init__(self, number: int):
        self.number = number

    def __repr__(self) -> str:
        return f"network {self.number}"


class _Known:
    """A space that draws known networks in a known order."""

    def __init__(self, networks: list[_Network]):
        self.networks = networks
        self.drawn = 0

    def sample(self, rng) -> _Network:
        require(
            isinstance(rng, np.random.Generator),
            f"space.sample must get the rng that was given, got {rng!r}",
        )
        self.drawn += 1
        return self.networks[self.drawn - 1]


def check_random_search(random_search) -> None:
    """3.3: random_search(space, evaluate, trials, rng) -> (accuracy, architecture) of the best."""
    rng = np.random.default_rng(33)
    for numbers in ([7], [1, 9, 3], [9, 1, 3], [1, 3, 9], [-5, -2, -4], [4, 6, 6, 2]):
        for trials in {1, len(numbers)}:
            _check_one_search(random_search, numbers, trials, rng)
    _check_one_search(random_search, rng.permutation(40).tolist(), 40, rng)


def _check_one_search(random_search, numbers: list[int], trials: int, rng) -> None:
    networks = [_Network(number) for number in (*numbers, 99, 99, 99)]
    measured = []

    def evaluate(network: _Network) -> float:
        measured.append(network)
        return network.number / 10

    space = _Known(networks)
    accuracies = [number / 10 for number in numbers[:trials]]
    asked = f"with draws whose accuracies are {accuracies}"
    try:
        got = random_search(space, evaluate, trials, rng)
    except TypeError as error:
        raise Wrong(
            f"{asked}, your function raised {error}. Where two accuracies are equal, Python goes on "
            "to compare the architectures: see the remark on key=by_accuracy"
        ) from error
    require(
        space.drawn == trials,
        f"{asked}, {trials} must be drawn, and your function drew {space.drawn}",
    )
    require(
        measured == networks[:trials],
        f"{asked}, each must be measured once, in that order, but {measured} were",
    )
    best = max(accuracies)
    require(
        isinstance(got, (tuple, list)) and len(got) == 2,
        f"{asked}, a pair (accuracy, architecture) must come back, got {got!r}",
    )
    require(
        got[0] == best and isinstance(got[1], _Network) and got[1].number / 10 == best,
        f"{asked}, the best has {best}, and the pair must hold it and its network, got {got!r}",
    )


class _Scripted:
    """A strategy that proposes known candidates, and remembers what it was told."""

    def __init__(self, candidates: list[Candidate | None]):
        self.waiting = list(candidates)
        self.told: list[Trial] = []

    def ask(self) -> Candidate | None:
        require(
            len(self.told) == self.asked,
            f"candidate {self.asked} was asked for before the result of the one before was told",
        )
        candidate = self.waiting.pop(0) if self.waiting else None
        self.asked += candidate is not None
        return candidate

    def tell(self, trial) -> None:
        require(isinstance(trial, Trial), f"tell must get a Trial, got {trial!r}")
        self.told.append(trial)

    asked = 0


def check_run(run) -> None:
    """3.4: run(strategy, evaluator, trials) -> the list of trials."""
    for asked, known, fails in ((5, 8, ()), (8, 5, ()), (4, 4, (1, 2)), (0, 3, ()), (3, 0, ())):
        candidates = [Candidate(Architecture((number,))) for number in range(known)]
        strategy = _Scripted(list(candidates))
        seeds: list[int] = []

        def evaluator(candidate, *, seed, seeds=seeds, fails=fails):
            require(
                candidate is not None,
                "ask returned None, so the strategy is finished, and your function went on",
            )
            seeds.append(seed)
            number = candidate.architecture.values[0]
            if number in fails:
                return Result({}, 1.0, error="diverged")
            return Result({"val_accuracy": number / 10}, 1.0)

        expected = min(asked, known)
        case = f"for a strategy with {known} candidates and trials={asked}"
        got = run(strategy, evaluator, asked)
        require(
            isinstance(got, (list, tuple)) and len(got) == expected,
            f"{case}, {expected} trials must come back, got {shown(got)}",
        )
        require(
            [trial.number for trial in strategy.told] == list(range(expected)),
            f"{case} of which {len(fails)} fail, the strategy must be told trials 0 to "
            f"{expected - 1} in order, but it was told {[t.number for t in strategy.told]}",
        )
        require(list(got) == strategy.told, f"{case}, what comes back must be what was told")
        require(
            [trial.candidate for trial in got] == candidates[:expected]
            and seeds == [trial.seed for trial in got] == list(range(expected)),
            f"{case}, trial n must hold candidate n and be evaluated with seed n, got seeds {seeds}",
        )


def check_draws_until(draws_until) -> None:
    """3.5: draws_until(is_good, draw) -> how many draws up to and with the first good one."""
    rng = np.random.default_rng(34)
    for expected in (1, 2, 3, 17):
        values = [*rng.uniform(0.1, 1, expected - 1), 0.05, *rng.uniform(0.1, 1, 3)]
        waiting = iter(values)
        shown = [round(value, 2) for value in values[:expected]]

        def draw(waiting=waiting):
            value = next(waiting, None)
            require(value is not None, GOES_ON)
            return value

        got = draws_until(lambda value: value < 0.1, draw)
        require(
            got == expected,
            f"with draws {shown}, of which only the last is good, {expected} were needed, "
            f"got {got!r}",
        )
        require(len(list(waiting)) == 3, GOES_ON)


def patient_end(incumbents: list[float], patience: int) -> int:
    """Look at every trial: have the last `patience` trials left the incumbent as it was?"""
    for trial in range(1, len(incumbents) + 1):
        before = trial - patience
        if before >= 1 and incumbents[trial - 1] == incumbents[before - 1]:
            return trial
    return len(incumbents)


def check_stopped_at(stopped_at) -> None:
    """3.6: stopped_at(incumbents, patience) -> after how many trials the search stops."""
    rng = np.random.default_rng(36)
    cases = [([0.5], 3), ([0.5, 0.5, 0.5, 0.9], 2), ([0.1, 0.2, 0.3], 1), ([0.1] * 7, 3)]
    for _ in range(60):
        values = np.maximum.accumulate(rng.integers(0, 12, size=int(rng.integers(1, 15))) / 10)
        cases.append((values.tolist(), int(rng.integers(1, 6))))
    for values, patience in cases:
        got, expected = stopped_at(list(values), patience), patient_end(values, patience)
        require(
            got == expected,
            f"with incumbents {values} and a patience of {patience}, the search stops after trial "
            f"{expected}, got {got!r}",
        )


CHECKS = {
    "3.1": check_prediction,
    "3.2": check_incumbents,
    "3.3": check_random_search,
    "3.4": check_run,
    "3.5": check_draws_until,
    "3.6": check_stopped_at,
}
