"""Tabular benchmarks: every network of a space was trained once, and a search looks results up.

A look-up takes microseconds, so a strategy can be run hundreds of times on a laptop, and the best
network is known, so regret can be measured.

Reference:
    Ying et al. 2019, NAS-Bench-101: towards reproducible neural architecture search.
    Dong and Yang 2020, NAS-Bench-201.
"""

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from nas_tutorial.architecture import Architecture
from nas_tutorial.names import unknown_name
from nas_tutorial.spaces import EdgeCellSpace, SearchSpace
from nas_tutorial.trials import Candidate, Result

COURSE = Path(__file__).parent / "tables" / "edge_cell_mnist1d"
NASBENCH201_DATASETS = ("cifar10", "cifar100", "imagenet16_120")


class Table:
    """What was measured about every network of a space.

    Args:
        name: What the table is.
        space: The space that it covers.
        networks: One architecture a network.
        of_encoding: Which network each encoding denotes, in the order of the space's own iteration,
            of shape (space.size,).
        metrics: (name, epochs) -> values of shape (num_networks, num_seeds), such as
            ("val_accuracy", 5.0), in [0, 1].
        costs: Name -> values of shape (num_networks,): parameters, flops, latency_ms.
        seconds: Of the whole training, of shape (num_networks, num_seeds).

    Raises:
        ValueError: If the shapes do not agree.
    """

    def __init__(
        self,
        name: str,
        space: SearchSpace,
        networks: list[Architecture],
        of_encoding: np.ndarray,
        *,
        metrics: Mapping[tuple[str, float], np.ndarray],
        costs: Mapping[str, np.ndarray],
        seconds: np.ndarray,
    ):
        self.name = name
        self.space = space
        self.networks = networks
        self.num_seeds = seconds.shape[1]
        self.epochs = tuple(sorted({epochs for _, epochs in metrics}))
        self._of_encoding = np.asarray(of_encoding)
        self._metrics = dict(metrics)
        self._costs = dict(costs)
        self._seconds = seconds
        self._places = [
            {option: place for place, option in enumerate(choice.options)}
            for choice in space.choices
        ]
        shapes = {values.shape for values in (*self._metrics.values(), seconds)}
        if shapes != {(len(networks), self.num_seeds)} or len(of_encoding) != space.size:
            raise ValueError(
                f"all metrics must have the shape (num_networks, num_seeds) of the seconds, "
                f"{seconds.shape}, with {len(networks)} networks and {space.size} encodings, got "
                f"{sorted(shapes)} and {len(of_encoding)} encodings. Check how they were read."
            )

    def __len__(self) -> int:
        """The number of networks."""
        return len(self.networks)

    def __repr__(self) -> str:
        return (
            f"Table({self.name}: {len(self):,} networks, {self.num_seeds} seeds, "
            f"epochs {', '.join(f'{epochs:.4g}' for epochs in self.epochs)})"
        )

    @classmethod
    def load_course(cls) -> "Table":
        """The course's own table: every network of `EdgeCellSpace`, trained on MNIST-1D."""
        return cls.load(COURSE)

    @classmethod
    def load(cls, folder: str | Path) -> "Table":
        """Read the shards that `python -m nas_tutorial table build` wrote; whole seeds only.

        Raises:
            FileNotFoundError: If no seed is there for all networks.
        """
        from nas_tutorial.table_build import read_table

        return cls("edge cell on MNIST-1D", EdgeCellSpace(), **read_table(Path(folder)))

    @classmethod
    def load_nasbench201(cls, path: str | Path, dataset: str = "cifar10") -> "Table":
        """Read an extract of NAS-Bench-201: a CSV with one row an architecture.

        Args:
            path: The file, with the columns architecture, DATASET_val_12epochs,
                DATASET_test_12epochs and DATASET_test_200epochs, in percent; may be gzipped.
            dataset: cifar10, cifar100 or imagenet16_120.

        Returns:
            A table in which every encoding is a network of its own, as in the benchmark, with
            val_accuracy and test_accuracy at 12 epochs and test_accuracy at 200. The extract has no
            times, so seconds are 0.

        Raises:
            ValueError: If the data set is unknown, or an architecture is missing.
        """
        import pandas

        if dataset not in NASBENCH201_DATASETS:
            raise unknown_name("dataset", dataset, NASBENCH201_DATASETS)
        space = EdgeCellSpace()
        frame = pandas.read_csv(path)
        rows = {space.from_string(text): row for row, text in enumerate(frame["architecture"])}
        encodings = list(space)
        if set(rows) != set(encodings):
            raise ValueError(
                f"{path} must hold all {space.size:,} architectures, got {len(rows):,}. "
                "Take the whole extract."
            )
        metrics = {
            (f"{part}_accuracy", epochs): frame[[f"{dataset}_{part}_{epochs}epochs"]].to_numpy()
            / 100
            for part, epochs in (("val", 12), ("test", 12), ("test", 200))
        }
        return cls(
            f"NAS-Bench-201, {dataset}",
            space,
            list(rows),
            np.array([rows[architecture] for architecture in encodings]),
            metrics=metrics,
            costs={},
            seconds=np.zeros((len(rows), 1)),
        )

    def row(self, architecture: Architecture) -> int:
        """The number of the network that an architecture denotes.

        Raises:
            ValueError: If the architecture is not of the table's space.
        """
        position = 0
        try:
            for places, value in zip(self._places, architecture.values, strict=True):
                position = position * len(places) + places[value]
        except (KeyError, ValueError):
            self.space.require(architecture)
            raise
        return int(self._of_encoding[position])

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

    def result(self, architecture: Architecture, *, epochs: float, seed: int) -> Result:
        """One training as a `Result`: one seed's validation metrics, costs, simulated seconds."""
        row, column = self.row(architecture), seed % self.num_seeds
        metrics = {
            name: float(values[row, column])
            for (name, known), values in self._metrics.items()
            if known == epochs and name.startswith("val_")
        }
        metrics |= {name: values[row].item() for name, values in self._costs.items()}
        return Result(metrics, float(self._seconds[row, column]) * epochs / self.epochs[-1])


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
        return self.table.result(candidate.architecture, epochs=epochs, seed=seed)

    def describe(self) -> dict:
        """What a result of this evaluator depends on, JSON-ready."""
        return {"evaluator": "TableEvaluator", "table": self.table.name, "epochs": self.epochs}

    def _known(self, epochs: float) -> float:
        self.table.column("val_accuracy", epochs)
        return next(e for e in self.table.epochs if math.isclose(e, epochs, rel_tol=1e-6))


def regret(history, table: Table, *, name: str = "test_accuracy") -> np.ndarray:
    """How far the incumbent by validation is below the table's best, after each trial.

    Args:
        history: A search on this table, by val_accuracy.
        table: The table.
        name: The metric in which regret is measured, at its last epochs, mean over seeds.

    Returns:
        Non-negative values of shape (num_trials,).
    """
    means = table.column(name).mean(axis=1)
    values, best, incumbent = [], -math.inf, 0.0
    for trial in history:
        if not trial.failed and trial.value("val_accuracy") > best:
            best = trial.value("val_accuracy")
            incumbent = float(means[table.row(trial.candidate.architecture)])
        values.append(float(means.max()) - incumbent)
    return np.array(values)
