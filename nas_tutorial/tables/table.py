"""Tabular benchmarks: every network of a space was trained before, and a search looks results up.

A look-up takes microseconds, so a strategy can be run hundreds of times on a laptop, and the best
network is known, so regret can be measured.

Reference:
    Ying et al. 2019, NAS-Bench-101: towards reproducible neural architecture search.
    Dong and Yang 2020, NAS-Bench-201.
"""

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from nas_tutorial.history import History
from nas_tutorial.names import one_of, real
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.tables.course_table import COURSE, read_folder
from nas_tutorial.trials import Candidate, Objective, Result


class Table:
    """What was measured about every network of a space.

    Args:
        name: What the table is.
        space: The space that it covers.
        networks: One architecture for each network.
        index: Gives the number of the network that an architecture denotes, or raises a ValueError;
            an array is taken as `ByPosition` takes it.
        metrics: (name, epochs) -> values of shape (num_networks, num_seeds), such as
            ("val_accuracy", 5.0), in [0, 1].
        costs: Name -> values of shape (num_networks,): parameters, flops, latency_ms.
        seconds: Of the whole training run, of shape (num_networks, num_seeds), of which fewer epochs
            cost their share; or, where it was measured, epochs -> seconds until then.
        run_epochs: Epochs -> how many epochs the run lasted that was measured there. Left out, all
            epochs are stops of one run, which can go on from one to the next.
        proxies: Name -> scores without training, of shape (num_networks, number of their seeds).
        pickled_as: A function of a module that gives this table. With it the table pickles as the
            function's name, and another process calls it; without, it pickles whole.

    Raises:
        ValueError: If the shapes do not agree, a value is no number, or the seconds are not known
            for all epochs.
    """

    def __init__(
        self,
        name: str,
        space: SearchSpace,
        networks: Sequence[Architecture],
        index: Callable[[Architecture], int] | np.ndarray,
        *,
        metrics: Mapping[tuple[str, float], np.ndarray],
        costs: Mapping[str, np.ndarray],
        seconds: np.ndarray | Mapping[float, np.ndarray],
        run_epochs: Mapping[float, float] | None = None,
        proxies: Mapping[str, np.ndarray] | None = None,
        pickled_as: "Callable[[], Table] | None" = None,
    ):
        if not metrics:
            raise ValueError(f"{name} must have a metric, got none. Check how it was read.")
        self.name = name
        self.space = space
        self.networks = networks
        self.epochs = tuple(sorted({epochs for _, epochs in metrics}))
        self._index = index if callable(index) else ByPosition(space, index)
        self._metrics = dict(metrics)
        self._costs = dict(costs)
        self._proxies = dict(proxies or {})
        if not isinstance(seconds, Mapping):
            in_full = np.asarray(seconds, dtype=float)
            seconds = {epochs: in_full * (epochs / self.epochs[-1]) for epochs in self.epochs}
        self._seconds = dict(seconds)
        self._run_epochs = run_epochs or dict.fromkeys(self.epochs)
        self._pickled_as = pickled_as
        self.num_seeds = (*np.shape(next(iter(metrics.values()))), 0, 0)[1]
        self._require_shapes()

    def _require_shapes(self) -> None:
        """Numbers, with a row for each network, and with seconds wherever there are metrics."""
        if set(self._seconds) != set(self.epochs):
            raise ValueError(
                f"{self.name} must have seconds for the same epochs as metrics, got metrics for "
                f"epochs {self.epochs} and seconds for {tuple(self._seconds)}. Add what is missing."
            )
        by_seed = {**self._metrics, **self._seconds}
        for name, values in {**by_seed, **self._costs, **self._proxies}.items():
            kind, found = np.asarray(values).dtype, np.shape(values)
            shape = (len(self), self.num_seeds) if name in by_seed else (len(self), *found[1:])
            if kind.kind not in "biuf" or found != shape:
                raise ValueError(
                    f"{name} of {self.name} must be numbers of shape {shape}, a row for each network, "
                    f"got {kind} of shape {found}. Check how they were read."
                )

    def __len__(self) -> int:
        """The number of networks."""
        return len(self.networks)

    def __reduce__(self):
        return (self._pickled_as, ()) if self._pickled_as else super().__reduce__()

    def __repr__(self) -> str:
        return (
            f"Table({self.name}: {len(self):,} networks, {self.num_seeds} seeds, "
            f"epochs {', '.join(f'{epochs:.4g}' for epochs in self.epochs)})"
        )

    @classmethod
    def load_course(cls) -> "Table":
        """The course's own table: every network of `EdgeCellSpace`, trained on MNIST-1D."""
        return cls(**read_folder(COURSE), pickled_as=_course)

    @classmethod
    def load(cls, folder: str | Path) -> "Table":
        """Read the shards that `python -m nas_tutorial table build` wrote; whole seeds only.

        Raises:
            FileNotFoundError: If seed 0 is not there for all networks.
            ValueError: If a file was damaged.
        """
        return cls(**read_folder(Path(folder)))

    def row(self, architecture: Architecture) -> int:
        """The number of the network that an architecture denotes.

        Raises:
            ValueError: If the architecture is not of the table's space, or was not measured.
        """
        return self._index(architecture)

    def required_epochs(self, epochs: float | None, name: str | None = None) -> float:
        """The epochs at which there are values: the given ones, up to rounding.

        Args:
            epochs: One of `self.epochs`; None takes the last.
            name: The metric whose values are meant; None means any.

        Raises:
            ValueError: If there is no such metric, or none at these epochs.
        """
        if name is not None:
            one_of("a metric", name, {metric for metric, _ in self._metrics})
        there = sorted({known for metric, known in self._metrics if name in (None, metric)})
        if epochs is None:
            return there[-1]
        epochs = real("epochs", epochs, advice="Choose one of table.epochs.")
        near = [known for known in there if math.isclose(known, epochs, rel_tol=1e-6)]
        if not near:
            raise ValueError(
                f"epochs of {name or 'this table'} must be one of "
                f"{', '.join(f'{known:.4g}' for known in there)}, got {epochs}. "
                "Choose one of table.epochs."
            )
        return near[0]

    def column(self, name: str, epochs: float | None = None) -> np.ndarray:
        """All values of a metric, of shape (num_networks, num_seeds).

        Args:
            name: Such as "val_accuracy" or "test_accuracy".
            epochs: One of `self.epochs`; None takes the last at which the metric is there.

        Raises:
            ValueError: If the table has no such metric, or not at these epochs.
        """
        return self._metrics[name, self.required_epochs(epochs, name)]

    def proxy(self, name: str) -> np.ndarray:
        """Scores of all networks without training, of shape (num_networks, number of their seeds).

        A seed of a proxy has nothing to do with the training seed of the same number.

        Args:
            name: One of `nas_tutorial.evaluators.proxies.PROXIES`. parameters and flops do not
                depend on a seed and have one column.

        Raises:
            ValueError: If the table has no such proxy, or none at all.
        """
        costs = {"parameters", "flops"} & set(self._costs)
        there = {cost: self._costs[cost][:, None] for cost in costs} | self._proxies
        if not there:
            raise ValueError(
                f"a table must hold proxies to be asked for {name}, but {self.name} holds none. "
                "Take Table.load_course(), or compute them with nas_tutorial.evaluators.proxies."
            )
        return there[one_of("a proxy of this table", name, there)]

    def query(self, architecture: Architecture, *, epochs: float | None = None) -> dict:
        """The metrics of a network, each the mean over seeds, and its costs.

        Args:
            architecture: Any encoding.
            epochs: One of `self.epochs`; None takes, for each metric, the last.

        Raises:
            ValueError: If the architecture was not measured, or nothing at these epochs.
        """
        row = self.row(architecture)
        if epochs is not None:
            epochs = self.required_epochs(epochs)
        names = sorted({name for name, known in self._metrics if epochs in (None, known)})
        metrics = {name: float(self.column(name, epochs)[row].mean()) for name in names}
        return {**metrics, **{name: values[row].item() for name, values in self._costs.items()}}

    def optimum(
        self, name: str = "test_accuracy", epochs: float | None = None
    ) -> tuple[Architecture, float]:
        """The network with the highest mean over seeds, and that mean."""
        means = self.column(name, epochs).mean(axis=1)
        best = int(means.argmax())
        return self.networks[best], float(means[best])

    def result(
        self, architecture: Architecture, *, epochs: float, seed: int, epochs_before: float = 0
    ) -> Result:
        """One training run as a `Result`: its validation metrics, costs and simulated seconds.

        A run that goes on after `epochs_before` costs only what it adds. Where the table has these
        epochs from another run, that one cannot go on, and all is charged.
        """
        row, column = self._index(architecture), seed % self.num_seeds
        metrics = {
            name: float(values[row, column])
            for (name, known), values in self._metrics.items()
            if known == epochs and name.startswith("val_")
        }
        metrics |= {name: values[row].item() for name, values in self._costs.items()}
        seconds = float(self._seconds[epochs][row, column])
        if epochs_before and self._run_epochs[epochs_before] == self._run_epochs[epochs]:
            seconds -= float(self._seconds[epochs_before][row, column])
        return Result(metrics, seconds)


@functools.cache
def _course() -> Table:
    """The course's table, loaded once for all that is unpickled in this process."""
    return Table.load_course()


class ByPosition:
    """Finds a network by where an architecture stands among all encodings of its space.

    Args:
        space: A space that is small enough to count through.
        of_encoding: Which network each encoding denotes, in the order of the space's own iteration,
            of shape (space.size,); -1 where none was measured.

    Raises:
        ValueError: If there is not one number for each encoding.
    """

    def __init__(self, space: SearchSpace, of_encoding: np.ndarray):
        self._space = space
        self._of_encoding = np.asarray(of_encoding).tolist()
        options = [choice.options for choice in space.choices]
        self._places = [dict(zip(values, range(len(values)))) for values in options]
        if len(of_encoding) != space.size:
            raise ValueError(
                f"of_encoding must have one number for each of the {space.size:,} encodings, got "
                f"{len(of_encoding):,}. Check how they were read."
            )

    def __call__(self, architecture: Architecture) -> int:
        position = 0
        try:
            for places, value in zip(self._places, architecture.values, strict=True):
                position = position * len(places) + places[value]
        except (KeyError, ValueError):
            self._space.require(architecture)
            raise
        row = self._of_encoding[position]
        if row < 0:
            raise not_measured(architecture)
        return row


def not_measured(architecture: Architecture) -> ValueError:
    """The error for an architecture that a table lacks."""
    return ValueError(
        f"an architecture must denote a network that was measured, but {architecture} does not. "
        "Choose among table.networks, or load the whole benchmark."
    )


class TableEvaluator:
    """Looks candidates up in a table instead of training them.

    The seed of the evaluation chooses among the table's seeds, so two evaluations of one network
    may differ, as two training runs do.

    Args:
        table: Where to look.
        epochs: Where on the learning curve, unless the candidate says; None takes the last with a
            validation accuracy.

    Raises:
        ValueError: If the table has no validation accuracy at these epochs.
    """

    def __init__(self, table: Table, epochs: float | None = None):
        self.table = table
        self.epochs = self._known(epochs)

    def __call__(self, candidate: Candidate, *, seed: int) -> Result:
        return self.table.result(
            candidate.architecture,
            epochs=self.epochs if candidate.epochs is None else self._known(candidate.epochs),
            seed=seed,
            epochs_before=self._known(candidate.resumes.epochs) if candidate.resumes else 0,
        )

    def describe(self) -> dict:
        """What a result of this evaluator depends on, JSON-ready."""
        return {"evaluator": "TableEvaluator", "table": self.table.name, "epochs": self.epochs}

    def _known(self, epochs: float | None) -> float:
        return self.table.required_epochs(epochs, "val_accuracy")


def true_means(history: History, table: Table, *, name: str = "val_accuracy") -> np.ndarray:
    """The true mean of the incumbent by validation after each trial: its mean over the table's runs.

    The incumbent's own value was observed once and won a comparison, so it is too good on average
    (the winner's curse). The mean over all runs of its network is not.

    Args:
        history: A search on this table, by val_accuracy. With several epochs, the incumbent is the
            best of those trained longest so far, as in `History.best`.
        table: The table.
        name: The metric that is averaged, at its last epochs.

    Returns:
        Values of shape (num_trials,); NaN until there is an incumbent.
    """
    means = table.column(name).mean(axis=1)
    incumbents = history.incumbents(Objective("val_accuracy"))
    return np.array(
        [means[table.row(t.candidate.architecture)] if t else math.nan for t in incumbents], float
    )


def regret(history: History, table: Table, *, name: str = "test_accuracy") -> np.ndarray:
    """How far the incumbent by validation is below the table's best, after each trial.

    Args:
        history, table: As in `true_means`.
        name: The metric in which regret is measured, at its last epochs, mean over runs. Where there
            is no incumbent yet, its value counts as 0.

    Returns:
        Non-negative values of shape (num_trials,).
    """
    best = table.column(name).mean(axis=1).max()
    return best - np.nan_to_num(true_means(history, table, name=name))
