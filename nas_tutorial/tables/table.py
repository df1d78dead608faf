"""Tabular benchmarks: every network of a space was trained before, and a search looks results up.

A look-up takes microseconds, so a strategy can be run hundreds of times on a laptop, and the best
network is known, so regret can be measured.

Reference:
    Ying et al. 2019, NAS-Bench-101: towards reproducible neural architecture search.
    Dong and Yang 2020, NAS-Bench-201.
"""

import functools
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from nas_tutorial.names import unknown_name
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.tables.index import ByHash, ByPosition, Index
from nas_tutorial.trials import Candidate, Objective, Result, ranking_key

COURSE = Path(__file__).parent / "edge_cell_mnist1d"


class Table:
    """What was measured about every network of a space.

    Args:
        name: What the table is.
        space: The space that it covers.
        networks: One architecture a network.
        index: Which network an architecture denotes; an array is taken as `ByPosition` takes it.
        metrics: (name, epochs) -> values of shape (num_networks, num_seeds), such as
            ("val_accuracy", 5.0), in [0, 1].
        costs: Name -> values of shape (num_networks,): parameters, flops, latency_ms.
        seconds: Of the whole training, of shape (num_networks, num_seeds), of which fewer epochs
            cost their share; or, where it was measured, epochs -> seconds until then.
        trainings: Epochs -> how many epochs that training was to last. Left out, all epochs are
            stops of one training, which can go on from one to the next.
        proxies: Name -> scores without training, of shape (num_networks, number of their seeds).

    Raises:
        ValueError: If the shapes do not agree, a value is no number, or the seconds are not known
            for all epochs.
    """

    def __init__(
        self,
        name: str,
        space: SearchSpace,
        networks: Sequence[Architecture],
        index: Index | np.ndarray,
        *,
        metrics: Mapping[tuple[str, float], np.ndarray],
        costs: Mapping[str, np.ndarray],
        seconds: np.ndarray | Mapping[float, np.ndarray],
        trainings: Mapping[float, float] | None = None,
        proxies: Mapping[str, np.ndarray] | None = None,
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
            whole = np.asarray(seconds, dtype=float)
            seconds = {epochs: whole * (epochs / self.epochs[-1]) for epochs in self.epochs}
        self._seconds = dict(seconds)
        self._trainings = trainings or dict.fromkeys(self.epochs)
        self._is_courses = False
        self._require_numbers()
        self.num_seeds = next(iter(self._seconds.values())).shape[1]
        shapes = {values.shape for values in (*self._metrics.values(), *self._seconds.values())}
        if shapes != {(len(networks), self.num_seeds)} or set(self._seconds) != set(self.epochs):
            raise ValueError(
                "metrics and seconds must have the shape (num_networks, num_seeds) = "
                f"{len(networks), self.num_seeds} for the same epochs, got {sorted(shapes)}, "
                f"metrics for epochs {self.epochs} and seconds for {tuple(self._seconds)}. "
                "Check how they were read."
            )

    def _require_numbers(self) -> None:
        """Every value must be a number, and every cost and proxy have a row for each network."""
        by_network = {**self._costs, **self._proxies}
        for name, values in {**self._metrics, **self._seconds, **by_network}.items():
            values = np.asarray(values)
            has_rows = name not in by_network or values.shape[:1] == (len(self.networks),)
            if values.dtype.kind not in "biuf" or not has_rows:
                raise ValueError(
                    f"{name} of {self.name} must be numbers with a row for each of the "
                    f"{len(self.networks):,} networks, got {values.dtype} of shape "
                    f"{values.shape}. Check how they were read."
                )

    def __len__(self) -> int:
        """The number of networks."""
        return len(self.networks)

    def __reduce__(self):
        """The course's own pickles as its name, as data sets do: another process loads it itself."""
        if self._is_courses:
            return _of_this_process, ()
        return super().__reduce__()

    def __repr__(self) -> str:
        return (
            f"Table({self.name}: {len(self):,} networks, {self.num_seeds} seeds, "
            f"epochs {', '.join(f'{epochs:.4g}' for epochs in self.epochs)})"
        )

    @classmethod
    def load_course(cls) -> "Table":
        """The course's own table: every network of `EdgeCellSpace`, trained on MNIST-1D."""
        table = cls.load(COURSE)
        table._is_courses = True
        return table

    @classmethod
    def load(cls, folder: str | Path) -> "Table":
        """Read the shards that `python -m nas_tutorial table build` wrote; whole seeds only.

        Raises:
            FileNotFoundError: If no seed is there for all networks.
        """
        from nas_tutorial.tables.course_table import read_proxies, read_table

        parts, proxies = read_table(Path(folder)), read_proxies(Path(folder))
        return cls("edge cell on MNIST-1D", EdgeCellSpace(), **parts, proxies=proxies)

    @classmethod
    def load_nasbench101(
        cls,
        path: str | Path,
        *,
        compact: str | Path | None = None,
        partial: bool = False,
        progress: bool = True,
    ) -> "Table":
        """Read NAS-Bench-101 from its official file, which is converted the first time.

        Args:
            path: nasbench_only108.tfrecord, nasbench_full.tfrecord or what was converted of them.
            compact: Where the converted file is or goes; None is beside the official one.
            partial: Whether a file will do that lacks cells.
            progress: Whether to show a bar while an official file is converted.

        Returns:
            A table with train_accuracy, val_accuracy and test_accuracy, the parameters and the
            measured seconds of training. Each cell was trained from scratch for 108 epochs (in the
            full file for 4, 12 and 36 as well), three times, which are the table's seeds, and
            measured halfway as well: the values at 54 epochs belong to the training for 108.

        Raises:
            FileNotFoundError: If there is no file.
            ValueError: If the file is not the benchmark's, was damaged, or lacks cells.
        """
        from nas_tutorial.tables.published import nasbench101

        parts = nasbench101.read_table(
            Path(path),
            None if compact is None else Path(compact),
            partial=partial,
            progress=progress,
        )
        index = ByHash(nasbench101.SPACE, nasbench101.cell_hash, parts.pop("rows"))
        return cls("NAS-Bench-101", nasbench101.SPACE, index=index, **parts)

    @classmethod
    def load_nasbench201(
        cls,
        path: str | Path,
        dataset: str = "cifar10",
        *,
        compact: str | Path | None = None,
        partial: bool = False,
        progress: bool = True,
    ) -> "Table":
        """Read NAS-Bench-201 from NATS-Bench's official files, or from an extract.

        Args:
            path: NATS-tss-v1_0-3ffb9.pickle.pbz2, the folder NATS-tss-v1_0-3ffb9-simple or what was
                converted of them the first time. Or a CSV with one row an architecture, maybe
                gzipped, with the columns architecture, DATASET_val_12epochs, DATASET_test_12epochs
                and DATASET_test_200epochs, in percent.
            dataset: cifar10, cifar100 or imagenet16_120.
            compact: Where the converted file is or goes; None is beside the official one.
            partial: Whether official files will do that lack architectures.
            progress: Whether to show a bar while official files are converted.

        Returns:
            A table in which every encoding is a network of its own, as in the benchmark. An extract
            has val_accuracy and test_accuracy at 12 epochs and test_accuracy at 200; it has no
            times, so seconds are 0. For the official files see `natsbench.read_table`.

        Raises:
            FileNotFoundError: If there is no file.
            ValueError: If the data set is unknown, the file is another one or damaged, or an
                architecture is missing.
        """
        from nas_tutorial.tables.published import nasbench201, natsbench

        if dataset not in nasbench201.DATASETS:
            raise unknown_name("dataset", dataset, nasbench201.DATASETS)
        path, space = Path(path), EdgeCellSpace()
        if path.is_dir() or path.suffix in natsbench.SUFFIXES:
            compact = None if compact is None else Path(compact)
            source = "NATS-Bench"
            parts = natsbench.read_table(path, dataset, compact, partial=partial, progress=progress)
        else:
            source, parts = "NAS-Bench-201", nasbench201.read_table(path, dataset)
        rows = {architecture: row for row, architecture in enumerate(parts["networks"])}
        index = np.array([rows.get(architecture, -1) for architecture in space])
        return cls(f"{source}, {dataset}", space, index=index, **parts)

    def row(self, architecture: Architecture) -> int:
        """The number of the network that an architecture denotes.

        Raises:
            ValueError: If the architecture is not of the table's space, or was not measured.
        """
        return self._index(architecture)

    def column(self, name: str, epochs: float | None = None) -> np.ndarray:
        """All values of a metric, of shape (num_networks, num_seeds).

        Args:
            name: Such as "val_accuracy" or "test_accuracy".
            epochs: One of `self.epochs`; None takes the last at which the metric is there.

        Raises:
            ValueError: If the table has no such metric, or not at these epochs.
        """
        there = [known for metric, known in self._metrics if metric == name]
        if not there:
            raise unknown_name("a metric", name, {metric for metric, _ in self._metrics})
        if epochs is None:
            return self._metrics[name, max(there)]
        near = [known for known in there if math.isclose(known, epochs, rel_tol=1e-6)]
        if not near:
            raise ValueError(
                f"epochs of {name} must be one of {', '.join(f'{e:.4g}' for e in sorted(there))}, "
                f"got {epochs}. Choose one of table.epochs."
            )
        return self._metrics[name, near[0]]

    def proxy(self, name: str) -> np.ndarray:
        """Scores of all networks without training, of shape (num_networks, number of their seeds).

        A seed of a proxy has nothing to do with the trainings' seed of the same number.

        Args:
            name: One of `nas_tutorial.proxies.PROXIES`. parameters and flops do not depend on a
                seed and have one column.

        Raises:
            ValueError: If the table has no such proxy, or none at all.
        """
        costs = {
            cost: self._costs[cost][:, None]
            for cost in ("parameters", "flops")
            if cost in self._costs
        }
        there = {**costs, **self._proxies}
        if not there:
            raise ValueError(
                f"a table must hold proxies to be asked for {name}, but {self.name} holds none. "
                "Take Table.load_course(), or compute them with nas_tutorial.proxies."
            )
        if name not in there:
            raise unknown_name("a proxy of this table", name, there)
        return there[name]

    def query(self, architecture: Architecture, *, epochs: float | None = None) -> dict:
        """The metrics of a network, each the mean over seeds, and its costs.

        Args:
            architecture: Any encoding.
            epochs: One of `self.epochs`; None takes, for each metric, the last.
        """
        row = self.row(architecture)
        names = {
            name
            for name, known in self._metrics
            if epochs is None or math.isclose(known, epochs, rel_tol=1e-6)
        }
        if not names:
            self.column(next(iter(self._metrics))[0], epochs)  # raises, with the epochs there are
        metrics = {name: float(self.column(name, epochs)[row].mean()) for name in sorted(names)}
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
        """One training as a `Result`: one seed's validation metrics, costs, simulated seconds.

        A training that goes on after `epochs_before` costs only what it adds. Where the table has
        it as a training of its own, it cannot go on, and costs all.
        """
        row, column = self._index(architecture), seed % self.num_seeds
        metrics = {
            name: float(values[row, column])
            for (name, known), values in self._metrics.items()
            if known == epochs and name.startswith("val_")
        }
        metrics |= {name: values[row].item() for name, values in self._costs.items()}
        seconds = float(self._seconds[epochs][row, column])
        if epochs_before and self._trainings[epochs_before] == self._trainings[epochs]:
            seconds -= float(self._seconds[epochs_before][row, column])
        return Result(metrics, seconds)


class TableEvaluator:
    """Looks candidates up in a table instead of training them.

    The seed of the evaluation chooses among the table's seeds, so two evaluations of one network
    may differ, as two trainings do.

    Args:
        table: Where to look.
        epochs: Where on the learning curve, unless the candidate says; None takes the last.

    Raises:
        ValueError: If the table has no validation accuracy at these epochs.
    """

    def __init__(self, table: Table, epochs: float | None = None):
        self.table = table
        self.epochs = self._known(table.epochs[-1] if epochs is None else epochs)

    def __call__(self, candidate: Candidate, *, seed: int) -> Result:
        epochs = self.epochs if candidate.epochs is None else self._known(candidate.epochs)
        return self.table.result(
            candidate.architecture,
            epochs=epochs,
            seed=seed,
            epochs_before=self._known(candidate.resumes.epochs) if candidate.resumes else 0,
        )

    def describe(self) -> dict:
        """What a result of this evaluator depends on, JSON-ready."""
        return {"evaluator": "TableEvaluator", "table": self.table.name, "epochs": self.epochs}

    def _known(self, epochs: float) -> float:
        self.table.column("val_accuracy", epochs)
        return next(e for e in self.table.epochs if math.isclose(e, epochs, rel_tol=1e-6))


@functools.cache
def _of_this_process() -> Table:
    """The course's table, loaded once for all that is unpickled here."""
    return Table.load_course()


def regret(history, table: Table, *, name: str = "test_accuracy") -> np.ndarray:
    """How far the incumbent by validation is below the table's best, after each trial.

    Args:
        history: A search on this table, by val_accuracy. With several epochs, the incumbent is the
            best of those trained longest so far, as in `History.best`.
        table: The table.
        name: The metric in which regret is measured, at its last epochs, mean over seeds.

    Returns:
        Non-negative values of shape (num_trials,).
    """
    means = table.column(name).mean(axis=1)
    values, best, incumbent = [], (math.inf,), 0.0
    for trial in history:
        key = ranking_key(trial, Objective("val_accuracy"))
        if not trial.failed and key < best:
            best = key
            incumbent = float(means[table.row(trial.candidate.architecture)])
        values.append(float(means.max()) - incumbent)
    return np.array(values)
