"""What a search speaks of: candidates that are proposed, results that are measured, their history.

    strategy --Candidate--> evaluator --Result--> Trial --> History

An `Objective` says which measured value counts and in which direction; a `Constraint` puts an upper
limit on another.
"""

import math
import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from numbers import Real
from types import MappingProxyType

from nas_tutorial.names import unknown_name
from nas_tutorial.spaces.architecture import Architecture

IDENTITY = ("number", "architecture", "epochs", "resumes", "parents", "seed")  # of a trial


@dataclass(frozen=True)
class Candidate:
    """An architecture that a strategy proposes for evaluation.

    Args:
        architecture: What to evaluate.
        epochs: After how many epochs to stop, parts of one included; None leaves it to the
            evaluator.
        parents: Numbers of the trials that it was bred from; empty where it was drawn at random.
        resumes: Number of the trial whose training goes on; None where training begins anew.
        epochs_before: After how many epochs that trial stopped; 0 where none is resumed.

    Raises:
        ValueError: If `architecture` is none, `epochs` is not a positive number, `parents` or
            `resumes` are no numbers of trials, or `epochs_before` does not lie between 0 and
            `epochs` where a trial is resumed.
    """

    architecture: Architecture
    epochs: float | None = None
    parents: tuple[int, ...] = ()
    resumes: int | None = None
    epochs_before: float = 0

    def __post_init__(self):
        if not isinstance(self.architecture, Architecture):
            raise ValueError(
                f"a candidate must hold an Architecture, got {self.architecture!r:.60}. "
                "Make one with space.sample(rng)."
            )
        object.__setattr__(self, "parents", _trial_numbers("parents", self.parents))
        if self.epochs is not None and not (_is_finite(self.epochs) and self.epochs > 0):
            raise ValueError(
                f"epochs must be positive and finite, got {self.epochs!r:.40}. "
                "Leave it out to train for the evaluator's own."
            )
        if self.resumes is not None:
            object.__setattr__(self, "resumes", trial_number("resumes", self.resumes))
        most = math.inf if self.epochs is None else self.epochs
        before = self.epochs_before if _is_finite(self.epochs_before) else math.nan
        if (before != 0) != (self.resumes is not None) or not 0 <= before < most:
            raise ValueError(
                "epochs_before must lie between 0 and the candidate's own epochs where it resumes "
                f"a trial, and be 0 where it does not, got epochs_before={self.epochs_before}, "
                f"epochs={self.epochs} and resumes={self.resumes}. Resume a trial that says its "
                "epochs and stopped earlier: trial.resumed(epochs)."
            )


@dataclass(frozen=True)
class Result:
    """What an evaluation measured. Holds validation metrics only: the test part is not for search.

    Args:
        metrics: Name -> finite number, such as val_accuracy in [0, 1], parameters, flops or
            latency_ms. Read-only afterwards.
        seconds: What the evaluation cost, at least 0; on a tabular benchmark, what it would have.
        error: Why the evaluation failed; None where it did not.
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
        if not isinstance(self.metrics, Mapping):
            raise ValueError(
                f"metrics must map names to numbers, got {self.metrics!r:.60}. "
                'Write Result({"val_accuracy": 0.9}, seconds).'
            )
        metrics = {name: _python_number(value) for name, value in self.metrics.items()}
        object.__setattr__(self, "metrics", MappingProxyType(metrics))
        object.__setattr__(self, "seconds", _python_number(self.seconds))
        for name, value in {**self.metrics, "seconds": self.seconds}.items():
            if not isinstance(name, str) or not _is_finite(value):
                raise ValueError(
                    f"every metric must have a text as name and a finite number as value, got "
                    f"{name!r}: {value!r:.40}. Report a diverged training as "
                    "Result({}, seconds, error=...)."
                )
        if taken := {*IDENTITY, "error"} & set(self.metrics):
            raise ValueError(
                f"a metric must not be called {sorted(taken)[0]}, as a trial has its own. "
                "Give it another name."
            )
        if "seconds" in self.metrics or not isinstance(self.error, str | None):
            raise ValueError(
                "seconds must be an argument of its own and error a text or None, got metrics "
                f"{sorted(self.metrics)} and error={self.error!r}. Pass Result(metrics, seconds, "
                "error=str(error))."
            )
        if self.seconds < 0:
            raise ValueError(f"seconds must be at least 0, got {self.seconds}. Check the clock.")
        if self.copied_from is not None:
            trial_number("copied_from", self.copied_from)

    def __reduce__(self):  # a mapping proxy does not pickle
        return Result, (dict(self.metrics), self.seconds, self.error, self.copied_from)


@dataclass(frozen=True)
class Trial:
    """One candidate and its result, with the number and the seed that it was evaluated under."""

    number: int
    candidate: Candidate
    seed: int
    result: Result

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
        """The candidate that goes on with this trial's training, to `epochs` epochs in all.

        Raises:
            ValueError: If the trial does not say its epochs, or did not stop earlier.
        """
        return Candidate(
            self.candidate.architecture,
            epochs,
            resumes=self.number,
            epochs_before=self.candidate.epochs or 0,
        )


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
        _require_text("an objective", self.name)
        if self.direction not in ("max", "min"):
            raise unknown_name("direction", self.direction, ("max", "min"))

    def loss(self, trial: Trial) -> float:
        """The objective of a trial as a number to be made small; infinity where it failed."""
        if trial.failed:
            return math.inf
        value = trial.value(self.name)
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
        _require_text("a constraint", self.name)
        if not isinstance(self.limit, Real) or not self.limit > 0:
            raise ValueError(
                f"the limit on {self.name} must be a positive number, got {self.limit!r:.40}. "
                "No network would pass another."
            )

    def violation(self, trial: Trial) -> float:
        """By how much of the limit the trial exceeds it; 0 where it keeps it, infinity if failed."""
        if trial.failed:
            return math.inf
        return max(0.0, trial.value(self.name) / self.limit - 1)


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


def trial_number(name: str, value) -> int:
    """A whole number from 0 on as Python's int, NumPy's included."""
    try:
        number = operator.index(value)
    except TypeError:
        number = -1
    if number < 0:
        advice = " Write trial.resumed(epochs)." if name == "resumes" else " Count trials from 0."
        raise ValueError(f"{name} must be the number of a trial, got {value!r:.40}.{advice}")
    return number


def _trial_numbers(name: str, values) -> tuple[int, ...]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise ValueError(
            f"{name} must be numbers of trials, got {values!r:.40}. Put them in a tuple."
        )
    return tuple(trial_number(name, value) for value in values)


def _require_text(what: str, name) -> None:
    if not isinstance(name, str):
        raise ValueError(
            f"the name of {what} must be a text, got {name!r:.40}. "
            'Write that of a measured value, such as "val_accuracy".'
        )


def _is_finite(value) -> bool:
    try:
        return math.isfinite(value)
    except (TypeError, OverflowError):  # no number, or an integer beyond all floats
        return False


def _python_number(value):
    """NumPy's and Keras's scalars as Python's, which JSON knows."""
    return value.item() if hasattr(value, "item") else value
