"""All trials of a search in order, and the JSON lines in which they are kept."""

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from nas_tutorial.files import replacing
from nas_tutorial.names import shown, whole
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.trials import (
    IDENTITY,
    NO_INCUMBENT,
    Candidate,
    Constraint,
    Objective,
    Result,
    Resumed,
    Trial,
    ranking_key,
)


class History(Sequence[Trial]):
    """All trials of a search, in the order in which their results arrived."""

    def __init__(self, trials: Iterable[Trial] = ()):
        self._trials = tuple(trials)

    def __len__(self) -> int:
        return len(self._trials)

    def __getitem__(self, index):
        return History(self._trials[index]) if isinstance(index, slice) else self._trials[index]

    def __eq__(self, other) -> bool:
        return isinstance(other, History) and self._trials == other._trials

    def __hash__(self) -> int:
        return hash(tuple(trial.number for trial in self._trials))

    def __repr__(self) -> str:
        return f"History({len(self)} trials, {sum(trial.failed for trial in self)} failed)"

    @property
    def num_bred(self) -> int:
        """How many trials were bred from earlier ones rather than drawn at random."""
        return sum(bool(trial.candidate.parents) for trial in self)

    def best(self, objective: Objective, constraints: Iterable[Constraint] = ()) -> Trial:
        """The best trial that keeps the constraints; the earliest where several are equal.

        With different epochs it is the best of those trained longest, see `ranking_key`.

        Raises:
            ValueError: If no trial succeeded, or none keeps the constraints.
        """
        constraints = tuple(constraints)
        if all(trial.failed for trial in self):
            raise ValueError(
                f"at least one trial must have succeeded, got {self!r}. "
                "Look at the errors: history.to_frame()['error']."
            )
        best = self.incumbents(objective, constraints)[-1]
        if best is None:
            raise ValueError(
                f"at least one trial must keep {constraints}, but none of {len(self)} does. "
                "Raise the limit or search longer."
            )
        return best

    def incumbents(
        self, objective: Objective, constraints: Iterable[Constraint] = ()
    ) -> list[Trial | None]:
        """The incumbent after each trial: the best so far, by `ranking_key`.

        None until the first trial that succeeded and keeps the constraints.
        """
        constraints = tuple(constraints)
        incumbents: list[Trial | None] = []
        incumbent, lowest = None, NO_INCUMBENT
        for trial in self:
            key = ranking_key(trial, objective, constraints)
            if key < lowest:
                incumbent, lowest = trial, key
            incumbents.append(incumbent)
        return incumbents

    def incumbent(self, objective: Objective, constraints: Iterable[Constraint] = ()) -> np.ndarray:
        """The objective value of the incumbent after each trial, of shape (num_trials,).

        NaN until there is one. It never gets worse, but for one case: where the first trial of more
        epochs takes over, see `ranking_key`.
        """
        incumbents = self.incumbents(objective, constraints)
        return np.array([t.value(objective.name) if t else math.nan for t in incumbents], float)

    def to_frame(self):
        """A `pandas.DataFrame` with one row a trial: number, architecture, costs and metrics."""
        import pandas

        metrics = dict.fromkeys(name for trial in self for name in trial.result.metrics)
        rows = [
            {
                "number": trial.number,
                "architecture": str(trial.candidate.architecture),
                "epochs": trial.candidate.epochs,
                "resumes": getattr(trial.candidate.resumes, "number", None),
                "parents": trial.candidate.parents,
                "seed": trial.seed,
                **trial.result.metrics,
                "seconds": trial.result.seconds,
                "error": trial.result.error,
            }
            for trial in self
        ]
        return pandas.DataFrame(rows, columns=[*IDENTITY, *metrics, "seconds", "error"])

    def save(self, path: str | Path) -> None:
        """Write the trials as JSON lines, in the form that `search(..., store=path)` keeps."""
        lines = []
        for trial in self:
            lines += [ask_record(trial.number, trial.candidate, trial.seed), tell_record(trial)]
        with replacing(path) as new:
            new.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> "History":
        """Read what `save` or a search's store wrote; a torn last line is left out.

        Raises:
            ValueError: If a line is not one that this library writes.
            FileNotFoundError: If there is no such file.
        """
        return cls(trials_from_records(read_records(path), source=str(path)))


def ask_record(number: int, candidate: Candidate, seed: int) -> dict:
    """A proposal as a JSON-ready record; it says what it resumes only where it does."""
    record = {
        "number": number,
        "architecture": list(candidate.architecture.values),
        "epochs": candidate.epochs,
        "parents": list(candidate.parents),
        "seed": seed,
    }
    if (resumed := candidate.resumes) is not None:
        record |= {"resumes": resumed.number, "epochs_before": resumed.epochs}
    return {"ask": record}


def tell_record(trial: Trial) -> dict:
    """A result as a JSON-ready record; it belongs to the proposal with the same number."""
    measured = {**vars(trial.result), "metrics": dict(trial.result.metrics)}
    return {"tell": {"number": trial.number, **measured}}


def read_records(path: str | Path) -> list[dict]:
    """The JSON lines of a file, without a last line that a crash cut short.

    Raises:
        ValueError: If any other line is not a JSON object.
    """
    text = Path(path).read_bytes().decode("utf-8", errors="replace")
    *lines, _torn = text.split("\n")  # a whole line ends with a line break, so what follows is torn
    records = []
    for number, line in enumerate(lines, start=1):
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            record = None
        if not isinstance(record, dict):
            raise _foreign(path, f"line {number} is {shown(line)}")
        records.append(record)
    return records


def trials_from_records(records: Iterable[dict], *, source: str) -> list[Trial]:
    """Join proposals and results; a proposal without a result yet is left out.

    Raises:
        ValueError: If a record is not one that this library writes.
    """
    asked, trials = {}, []
    for record in records:
        try:
            if "ask" in record:
                ask = record["ask"]
                number = whole("number", ask["number"])
                asked[number] = _candidate(ask), whole("seed", ask["seed"])
            elif "tell" in record:
                tell = record["tell"]
                trials.append(Trial(tell["number"], *asked.pop(tell["number"]), _result(tell)))
            elif "search" not in record:
                raise ValueError("it is neither a proposal nor a result")
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise _foreign(source, f"{shown(record)} ({error!r})") from error
    return trials


def _candidate(ask: dict) -> Candidate:
    resumes = Resumed(ask["resumes"], ask["epochs_before"]) if "resumes" in ask else None
    architecture = Architecture(ask["architecture"])
    return Candidate(architecture, ask["epochs"], ask["parents"], resumes)


def _result(tell: dict) -> Result:
    return Result(tell["metrics"], tell["seconds"], tell["error"], tell["copied_from"])


def _foreign(path: str | Path, finding: str) -> ValueError:
    return ValueError(
        f"{path} must hold the JSON lines of a search, but {finding}. "
        "Name the file that search(..., store=...) or History.save wrote. If this is one and was "
        "damaged, cut it off before that line: what stands above it is kept."
    )
