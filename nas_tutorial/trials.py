"""What a search speaks of: candidates that are proposed, results that are measured, their history.

    strategy --Candidate--> evaluator --Result--> Trial --> History

An `Objective` says which measured value counts and in which direction; a `Constraint` puts an upper
limit on another.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from nas_tutorial.names import cause, one_of, real, require_kind, shown, unknown_name, whole
from nas_tutorial.spaces.architecture import Architecture

MOST_CHARACTERS = 2000  # of an error's text; some libraries write megabytes
IDENTITY = ("number", "architecture", "epochs", "resumes", "parents", "seed")  # of a trial


@dataclass(frozen=True)
class Resumed:
    """The trial whose training run goes on, and after how many epochs it stopped.

    Args:
        number: Of that trial.
        epochs: Where it stopped, above 0.

    Raises:
        ValueError: If one of them is no such number.
    """

    number: int
    epochs: float

    def __post_init__(self):
        advice = "Write trial.resumed(epochs)."
        number = whole("the number of the resumed trial", self.number, advice=advice)
        epochs = real("the epochs of the resumed trial", self.epochs, above=0, advice=advice)
        _set(self, number=number, epochs=epochs)


@dataclass(frozen=True)
class Candidate:
    """An architecture that a strategy proposes for evaluation.

    Args:
        architecture: What to evaluate.
        epochs: After how many epochs to stop, parts of one included; None leaves it to the
            evaluator.
        parents: Numbers of the trials that it was bred from; empty where it was drawn at random.
        resumes: The trial whose training run goes on; None where a run begins anew.

    Raises:
        ValueError: If `architecture` is none, `epochs` is not a positive number, `parents` are no
            numbers of trials, or the resumed trial did not stop before `epochs`.
    """

    architecture: Architecture
    epochs: float | None = None
    parents: tuple[int, ...] = ()
    resumes: Resumed | None = None

    def __post_init__(self):
        advice = "Make one with space.sample(rng)."
        require_kind("a candidate's architecture", self.architecture, Architecture, advice)
        require_kind("parents", self.parents, tuple | list, "Put the trials' numbers in a tuple.")
        parents = (whole("parents", each, advice="Count trials from 0.") for each in self.parents)
        _set(self, parents=tuple(parents))
        if self.epochs is not None:
            advice = "Leave it out to train for the evaluator's own."
            _set(self, epochs=real("epochs", self.epochs, above=0, advice=advice))
        if self.resumes is not None:
            require_kind("resumes", self.resumes, Resumed, "Write trial.resumed(epochs).")
            most, advice = self.epochs or math.inf, "Let the candidate train for more epochs."
            real("the epochs of the resumed trial", self.resumes.epochs, below=most, advice=advice)


@dataclass(frozen=True)
class Result:
    """What an evaluation measured. Holds validation metrics only: the test set is not for search.

    Args:
        metrics: Name -> finite number, such as val_accuracy in [0, 1], parameters, flops or
            latency_ms. Read-only afterwards.
        seconds: What the evaluation cost, at least 0; on a tabular benchmark, what it would have.
        error: Why the evaluation failed, cut at `MOST_CHARACTERS`; None where it did not.
        copied_from: Number of the trial whose metrics these are, where nothing was evaluated.

    Raises:
        ValueError: If a metric or the seconds are not finite, seconds is negative, or another
            argument is of another kind.
    """

    metrics: Mapping[str, float]
    seconds: float
    error: str | None = None
    copied_from: int | None = None

    def __post_init__(self):
        advice = 'Write Result({"val_accuracy": 0.9}, seconds).'
        require_kind("metrics", self.metrics, Mapping, advice)
        for name in self.metrics:
            if not isinstance(name, str) or name in (*IDENTITY, "error", "seconds"):
                raise ValueError(
                    "a metric's name must be a text, and none that a trial has itself, got "
                    f"{shown(name)}. Give it another name; seconds is an argument of its own."
                )
        advice = "Report a diverged training run as Result({}, seconds, error=...)."
        metrics = {n: real(f"metric {n!r:.80}", v, advice=advice) for n, v in self.metrics.items()}
        seconds = real("seconds", self.seconds, 0, advice="Check the clock.")
        _set(self, metrics=MappingProxyType(metrics), seconds=seconds)
        if self.error is not None:
            require_kind("error", self.error, str, "Pass error=str(error).")
            _set(self, error=self.error[:MOST_CHARACTERS])
        if self.copied_from is not None:
            _set(self, copied_from=whole("copied_from", self.copied_from))

    @classmethod
    def of_error(cls, error: BaseException, seconds: float) -> "Result":
        """The result of an evaluation that raised an error after so many seconds."""
        return cls({}, seconds, error=cause(error))

    def __reduce__(self):  # a mapping proxy does not pickle
        return Result, (dict(self.metrics), self.seconds, self.error, self.copied_from)


class Evaluator(Protocol):
    """Measures a candidate: a function, or an object that is called as one.

    One with a method `describe()` says by it what its results depend on.
    """

    def __call__(self, candidate: Candidate, *, seed: int) -> Result: ...


@dataclass(frozen=True)
class Trial:
    """One candidate and its result, with the number and the seed that it was evaluated under.

    Raises:
        ValueError: If the number or the seed is no whole number from 0.
    """

    number: int
    candidate: Candidate
    seed: int
    result: Result

    def __post_init__(self):
        _set(self, number=whole("number", self.number), seed=whole("seed", self.seed))

    @property
    def failed(self) -> bool:
        return self.result.error is not None

    def value(self, name: str) -> float:
        """The measured value called `name`; "seconds" is one of them.

        Raises:
            ValueError: If the trial failed or measured nothing of that name.
        """
        if self.failed:
            raise ValueError(
                f"trial {self.number} must have succeeded to have a {name}, but it failed with "
                f"{self.result.error!r}. Look at trial.failed first."
            )
        if name in self.result.metrics:
            return self.result.metrics[name]
        if name == "seconds":
            return self.result.seconds
        raise unknown_name("a measured value", name, ["seconds", *self.result.metrics])

    def resumed(self, epochs: float) -> Candidate:
        """The candidate that goes on with this trial's training run, to `epochs` epochs in all.

        Raises:
            ValueError: If the trial does not say its epochs, or did not stop earlier.
        """
        resumes = Resumed(self.number, self.candidate.epochs or 0)
        return Candidate(self.candidate.architecture, epochs, resumes=resumes)


@dataclass(frozen=True)
class Objective:
    """The measured value to optimise, and its direction.

    Args:
        name: A key of `Result.metrics`, or "seconds".
        direction: "max" or "min".

    Raises:
        ValueError: If the direction is another, or the name is no text.
    """

    name: str = "val_accuracy"
    direction: str = "max"

    def __post_init__(self):
        require_kind("an objective's name", self.name, str, "Name a measured value.")
        one_of("direction", self.direction, ("max", "min"))

    def loss(self, trial: Trial) -> float:
        """The objective of a trial as a number to be made small; infinity where it failed."""
        return math.inf if trial.failed else self.loss_of(trial.value(self.name))

    def loss_of(self, value: float) -> float:
        """A value of the objective as a number to be made small."""
        return -value if self.direction == "max" else value


@dataclass(frozen=True)
class Constraint:
    """An upper limit on a measured value, such as Constraint("parameters", 20_000).

    Args:
        name: A key of `Result.metrics`, or "seconds".
        limit: The largest value allowed; positive.

    Raises:
        ValueError: If the limit is not a positive number, or the name is no text.
    """

    name: str
    limit: float

    def __post_init__(self):
        require_kind("a constraint's name", self.name, str, "Name a measured value.")
        advice = "No network would pass another."
        limit = real(f"the limit on {self.name}", self.limit, above=0, advice=advice)
        _set(self, limit=limit)

    def violation(self, trial: Trial) -> float:
        """By how much of the limit the trial exceeds it; 0 where it keeps it, infinity if failed."""
        if trial.failed:
            return math.inf
        return max(0.0, trial.value(self.name) / self.limit - 1)


# What the key of every trial is below that succeeded and keeps the constraints, and no other's.
NO_INCUMBENT = (0.0, math.inf, math.inf)


def ranking_key(
    trial: Trial, objective: Objective, constraints: Iterable[Constraint] = ()
) -> tuple[float, float, float]:
    """Sort by this and the best trial comes first: violation, minus the epochs, loss.

    A trial that keeps the constraints beats one that does not; among those that do not, the smaller
    violation wins. Then the one that was trained for more epochs wins, since values after different
    epochs do not compare: a lucky beginning must not beat a training in full. A candidate that
    leaves its epochs to the evaluator is trained in full. Among equals the objective decides. A
    failed trial comes last.

    Reference:
        Deb 2000, An efficient constraint handling method for genetic algorithms, section 3 (the
        constraints).
    """
    epochs = math.inf if trial.candidate.epochs is None else trial.candidate.epochs
    violation = sum(constraint.violation(trial) for constraint in constraints)
    return violation, math.inf if trial.failed else -epochs, objective.loss(trial)


def _set(record, **field) -> None:
    """Give a field of a frozen record its checked value, as its own __post_init__ may."""
    for name, value in field.items():
        object.__setattr__(record, name, value)
