"""Quick evaluators and a bare loop, for tests. Module level, so that they pickle."""

import os
import signal
import time
import zlib
from pathlib import Path

import numpy as np

from nas_tutorial.randomness import trial_seed
from nas_tutorial.spaces.architecture import Architecture, Choice
from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.spaces.graph import INPUT, OUTPUT, Graph
from nas_tutorial.trials import Candidate, Result, Trial

FAILED = "ResourceExhaustedError: out of memory"


def waves(seed: int, count: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Noisy waves of three frequencies, to be told apart."""
    rng = np.random.default_rng(seed)
    y = rng.integers(3, size=count)
    phase = rng.uniform(0, 6, size=(count, 1))
    x = np.sin((y[:, None] + 1) * np.linspace(0, 6, length) + phase)
    x = x + 0.1 * rng.standard_normal(x.shape)
    return x[..., None].astype("float32"), y.astype("int32")


def num_convolutions(candidate: Candidate) -> int:
    """How many values are a 3x3 convolution, by the name that any of the spaces gives it."""
    values = map(str, candidate.architecture.values)
    return sum("conv" in value and "3x3" in value for value in values)


def quick(candidate: Candidate, *, seed: int) -> Result:
    """Accuracy is the share of 3x3 convolutions; parameters and seconds grow with their number."""
    count = num_convolutions(candidate)
    metrics = {
        "val_accuracy": count / len(candidate.architecture.values),
        "parameters": 100 * (1 + count),
    }
    return Result(metrics, 1.0 + count)


def noisy(candidate: Candidate, *, seed: int) -> Result:
    """`quick` with noise that the seed decides."""
    exact = quick(candidate, seed=seed)
    noise = np.random.default_rng(seed).normal(0, 0.1)
    accuracy = exact.metrics["val_accuracy"] + noise
    return Result({**exact.metrics, "val_accuracy": accuracy}, exact.seconds)


def constant(candidate: Candidate, *, seed: int) -> Result:
    """Every architecture is as good as every other."""
    return Result({"val_accuracy": 0.5, "parameters": 100}, 1.0)


def fails_on(candidate: Candidate) -> bool:
    """About a third of all architectures, always the same ones."""
    return zlib.crc32(str(candidate.architecture).encode()) % 3 == 0


def fragile(candidate: Candidate, *, seed: int) -> Result:
    """`noisy`, but the architectures of `fails_on` fail."""
    if fails_on(candidate):
        return Result({}, 1.0, error="MemoryError: too large")
    return noisy(candidate, seed=seed)


def hopeless(candidate: Candidate, *, seed: int) -> Result:
    """Every training fails."""
    return Result({}, 1.0, error="MemoryError: too large")


def slow(candidate: Candidate, *, seed: int) -> Result:
    """`noisy`, a few milliseconds later."""
    time.sleep(0.004)
    return noisy(candidate, seed=seed)


class Witnessed:
    """`slow`, and a byte in a file at the beginning of each evaluation, which outlives a kill."""

    def __init__(self, path):
        self.file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def describe(self) -> dict:
        return {"evaluator": "slow"}

    def __call__(self, candidate: Candidate, *, seed: int) -> Result:
        os.write(self.file, b".")
        return slow(candidate, seed=seed)


class DeadlyAt:
    """`noisy`, but the trial of this number takes its process with it, as a kill for lack of memory
    does. When it happens is no part of what the evaluator is."""

    def __init__(self, number: int, strategy_seed: int = 0):
        self.deadly_seed = trial_seed(strategy_seed, number)

    def __call__(self, candidate: Candidate, *, seed: int) -> Result:
        if seed == self.deadly_seed:
            os._exit(1)
        return noisy(candidate, seed=seed)

    def describe(self) -> dict:
        return {"evaluator": "deadly"}


class DiesOnce:
    """`noisy`, but the first attempt at one trial has its process killed, as a cluster may do."""

    def __init__(self, number: int, mark: Path):
        self.deadly_seed, self.mark = trial_seed(0, number), mark

    def describe(self) -> dict:
        return {"evaluator": "noisy"}

    def __call__(self, candidate, *, seed):
        if seed == self.deadly_seed and not self.mark.exists():
            self.mark.write_text(str(os.getpid()))
            os.kill(os.getpid(), signal.SIGKILL)
        return noisy(candidate, seed=seed)


MADE = 0


class CountsItsMaking:
    """How often this process has made one, which process that is, and its computing threads."""

    def describe(self) -> dict:
        return {"evaluator": "counts"}

    def __reduce__(self):
        return _made, ()

    def __call__(self, candidate, *, seed):
        metrics = {"val_accuracy": 0.5, "made": MADE, "process": os.getpid()}
        return Result({**metrics, "threads": int(os.environ["OMP_NUM_THREADS"])}, 0.0)


def _made() -> CountsItsMaking:
    global MADE
    MADE += 1
    return CountsItsMaking()


class Sleeps:
    """A training that does not end."""

    def describe(self) -> dict:
        return {"evaluator": "sleeps"}

    def __call__(self, candidate, *, seed):
        time.sleep(300)


def prints_its_process_and_sleeps(candidate: Candidate, *, seed: int) -> Result:
    """A training that does not end, and says where it runs."""
    os.write(1, f"{os.getpid()}\n".encode())  # in one piece: several write at once
    time.sleep(300)
    return constant(candidate, seed=seed)


def process_number() -> int:
    """The number of the process that this runs in, a moment later: so that all workers get some."""
    time.sleep(0.05)
    return os.getpid()


class Grid(SearchSpace):
    """Whole numbers along a few axes: small enough to work a search by hand."""

    def __init__(self, *sizes: int):
        super().__init__(
            "grid", tuple(Choice(f"axis {i}", tuple(range(size))) for i, size in enumerate(sizes))
        )

    def graph(self, architecture: Architecture) -> Graph:
        return Graph((INPUT, OUTPUT), frozenset({(0, 1)}))


class Heights:
    """Accuracy is the height at a point of a `Grid`, None a failure; nested lists, axis by axis."""

    def __init__(self, heights: list):
        self.heights = heights

    def __call__(self, candidate: Candidate, *, seed: int) -> Result:
        height = self.heights
        for value in candidate.architecture.values:
            height = height[value]
        if height is None:
            return Result({}, 1.0, error="MemoryError: too large")
        return Result({"val_accuracy": height}, 1.0)


def drive(
    strategy, evaluator, trials: int, *, in_flight: int = 1, order: int = 0, first: int = 0
) -> list[Trial]:
    """The barest search loop: `in_flight` candidates wait, and a random one is told next.

    Args:
        first: Number of the first trial, where others went before.

    Returns:
        The trials in the order in which they were told.
    """
    rng = np.random.default_rng(order)
    told, pending, asked, seeds = [], [], 0, {}
    while len(told) < trials:
        while asked < trials and len(pending) < in_flight:
            candidate = strategy.ask()
            if candidate is None:
                break
            pending.append((first + asked, candidate))
            asked += 1
        assert pending, f"a deadlock: nothing to wait for after {len(told)} of {trials} trials"
        number, candidate = pending.pop(int(rng.integers(len(pending))))
        begun = number if candidate.resumes is None else candidate.resumes.number
        seed = seeds[number] = seeds.get(begun, trial_seed(strategy.seed, begun))
        trial = Trial(number, candidate, seed, evaluator(candidate, seed=seed))
        strategy.tell(trial)
        told.append(trial)
    return told


def evaluated(number: int, candidate: Candidate, evaluator, strategy_seed: int = 0) -> Trial:
    """The trial that a search would make of a candidate."""
    seed = trial_seed(strategy_seed, number)
    return Trial(number, candidate, seed, evaluator(candidate, seed=seed))


def by_number(trials) -> list[tuple]:
    """What two equal searches share, whatever the order in which their results arrived."""
    return sorted(
        (t.number, t.candidate, t.seed, tuple(sorted(t.result.metrics.items()))) for t in trials
    )


def trial(
    number: int, accuracy: float | None = None, *, epochs=None, parameters=100, parents=()
) -> Trial:
    """A trial with this validation accuracy, or a failed one."""
    candidate = Candidate(Architecture(("conv", number)), epochs, parents)
    if accuracy is None:
        return Trial(number, candidate, number, Result({}, 1.5, error=FAILED))
    metrics = {"val_accuracy": accuracy, "parameters": parameters}
    return Trial(number, candidate, number, Result(metrics, 2.0))
