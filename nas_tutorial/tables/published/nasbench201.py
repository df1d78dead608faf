"""Annex: NAS-Bench-201 as it was published, by NATS-Bench's official files or by an extract.

NATS-Bench's topology space is NAS-Bench-201 with more training runs: each architecture was trained
from scratch for 12 and for 200 epochs on three data sets. The results are pickles, one for each
architecture in a folder, and are read as plain data. An extract is a CSV of accuracies, which is all
that many comparisons need.

Reference:
    Dong and Yang 2020, NAS-Bench-201: extending the scope of reproducible neural architecture search.
    Dong, Liu, Musial and Gabrys 2021, NATS-Bench: benchmarking NAS algorithms for architecture
    topology and size.
    github.com/D-X-Y/NATS-Bench at 1d4a304, nats_bench/api_utils.py (what the files hold).
    github.com/D-X-Y/AutoDL-Projects at f46486e, exps/NATS-Bench/tss-collect.py (who wrote them).
"""

import bz2
import functools
import itertools
import math
import operator
from pathlib import Path

import numpy as np

from nas_tutorial.files import Bar, required_arrays
from nas_tutorial.names import one_of
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.tables.published import pickles
from nas_tutorial.tables.published.compact import CONVERT_ANEW, converted
from nas_tutorial.tables.table import Table

SPACE = EdgeCellSpace()
SUFFIXES = (".pbz2", ".npz")
EPOCHS = (12, 200)
METRICS = ("train_accuracy", "val_accuracy", "test_accuracy")
COSTS = ("parameters", "flops", "latency_ms")
VERSION = "NATS-Bench topology, 1"
# Where a data set's validation and its test are found: what the network was trained on, and what it
# was measured on (api_utils.py, remap_dataset_set_names).
DATASETS = {
    "cifar10": (("cifar10-valid", "x-valid"), ("cifar10", "ori-test")),
    "cifar100": (("cifar100", "x-valid"), ("cifar100", "x-test")),
    "imagenet16_120": (("ImageNet16-120", "x-valid"), ("ImageNet16-120", "x-test")),
}


def load(
    path: str | Path,
    dataset: str = "cifar10",
    *,
    compact: str | Path | None = None,
    partial: bool = False,
    progress: bool = True,
) -> Table:
    """Read NAS-Bench-201 from NATS-Bench's official files, or from an extract.

    Every encoding is a network of its own, as in the benchmark.

    From the official files there are the accuracies after 12 and after 200 epochs, of training runs
    of their own. On CIFAR-10, test_accuracy is that of a network which was trained on the validation
    set too. The seconds are those of a run and of one validation. Architectures were not all trained
    equally often: the table has as many seeds as it takes to repeat each run of an architecture
    equally often. An extract has val_accuracy and test_accuracy at 12 epochs and test_accuracy at
    200; it has no times, so seconds are 0.

    Args:
        path: The folder NATS-tss-v1_0-3ffb9-simple, or one of its files, or what was converted of
            them the first time. Or a CSV with one row for each architecture, maybe gzipped, with the
            columns architecture, DATASET_val_12epochs, DATASET_test_12epochs and
            DATASET_test_200epochs, in percent.
        dataset: One of `DATASETS`.
        compact: Where the converted file is or goes; None is next to the official folder.
        partial: Whether official files will do that lack architectures.
        progress: Whether to show a bar while official files are converted.

    Raises:
        FileNotFoundError: If there is no file.
        ValueError: If the data set is unknown, the file is another one or damaged, or an
            architecture is missing.

    Reference:
        api_utils.py, simulate_train_eval (the seconds).
    """
    path = Path(path)
    one_of("dataset", dataset, DATASETS)
    if path.is_dir() or path.suffix in SUFFIXES:
        convert_with = functools.partial(convert, progress=progress)
        arrays = converted(path, compact, convert_with, version=VERSION)
        name, arguments = f"NATS-Bench, {dataset}", _of_arrays(arrays, path, dataset, partial)
    else:
        name, arguments = f"NAS-Bench-201, {dataset}", _of_extract(path, dataset)
    rows = {architecture: row for row, architecture in enumerate(arguments["networks"])}
    index = np.array([rows.get(architecture, -1) for architecture in SPACE])
    return Table(name, SPACE, index=index, **arguments)


# An extract


def _of_extract(path: Path, dataset: str) -> dict:
    """The arguments of `Table` from a CSV."""
    import pandas

    columns = {
        (f"{split}_accuracy", epochs): f"{dataset}_{split}_{epochs}epochs"
        for split, epochs in (("val", 12), ("test", 12), ("test", 200))
    }
    names, types = ["architecture", *columns.values()], dict.fromkeys(columns.values(), "float64")
    try:
        frame = pandas.read_csv(path, usecols=names, dtype=types)
        percents = frame[list(columns.values())].to_numpy()
    except (FileNotFoundError, PermissionError):
        raise
    except Exception as error:  # pandas, gzip and zlib have each their own
        raise ValueError(
            f"{path} must be NATS-Bench's folder NATS-tss-v1_0-3ffb9-simple, unpacked, or a CSV with "
            f"the columns {', '.join(names)}, the last three numbers, but is not: "
            f"{pickles.cause(error)}. Take the folder or the whole extract."
        ) from error
    networks = list(map(SPACE.from_string, frame["architecture"]))
    are_percents = ((percents >= 0) & (percents <= 100)).all()
    if not len(set(networks)) == len(networks) == SPACE.size or not are_percents:
        raise ValueError(
            f"{path} must hold all {SPACE.size:,} architectures once, with accuracies in [0, 100], "
            f"got {len(set(networks)):,}. Take the whole extract."
        )
    return {
        "networks": networks,
        "metrics": {key: frame[[column]].to_numpy() / 100 for key, column in columns.items()},
        "costs": {},
        "seconds": np.zeros((len(networks), 1)),
    }


# The official files


def _of_arrays(arrays: dict[str, np.ndarray], path: Path, dataset: str, partial: bool) -> dict:
    """The arguments of `Table` from what `convert` makes."""
    shape = "architectures", len(EPOCHS), 1 + len(METRICS), "runs"
    expected = {
        "architectures": ("U", ("architectures",)),
        dataset: ("f", shape),
        f"{dataset} costs": ("f", ("architectures", len(COSTS))),
    }
    arrays = required_arrays(path, arrays, expected, advice=CONVERT_ANEW)
    names, measured, costs = arrays.values()
    if len(names) != SPACE.size and not partial:
        raise ValueError(
            f"{path} must hold all {SPACE.size:,} architectures of the topology space, got "
            f"{len(names):,}. Unpack or download the official files again, or say partial=True if "
            "these are enough."
        )
    counts = np.isfinite(measured).sum(axis=-1)
    if not counts.all():
        raise ValueError(
            f"{path} must hold a training run of each architecture on {dataset} for {EPOCHS} epochs, "
            "but lacks some. Download the official files again."
        )
    seeds = np.arange(math.lcm(*np.unique(counts).tolist()))
    repeated = np.take_along_axis(measured, seeds % counts[..., None], axis=-1)
    by_epochs = dict(zip(EPOCHS, repeated.transpose(1, 2, 0, 3)))
    return {
        "networks": list(map(SPACE.from_string, names.tolist())),
        "metrics": {
            (name, epochs): values
            for epochs, (_, *of_metrics) in by_epochs.items()
            for name, values in zip(METRICS, of_metrics)
        },
        "costs": {
            name: values if name == "latency_ms" else values.round().astype(int)
            for name, values in zip(COSTS, costs.T)
        },
        "seconds": {epochs: seconds for epochs, (seconds, *_) in by_epochs.items()},
        "run_epochs": {epochs: epochs for epochs in EPOCHS},
    }


def convert(path: Path, *, progress: bool = True) -> dict[str, np.ndarray]:
    """Read the official files, one architecture after the other, into arrays.

    Returns:
        architectures, their names in the benchmark's order; for each data set what was measured, of
        shape (num_architectures, len(EPOCHS), 4, most runs): seconds and `METRICS`, with NaN after
        the last run; and "DATASET costs" of shape (num_architectures, 3): `COSTS`.

    Raises:
        ValueError: If the files are not those of the topology space, or were damaged.
    """
    files = sorted(path.glob(f"[0-9]*{SUFFIXES[0]}")) if path.is_dir() else [path]
    summaries = []
    with Bar(files, desc=path.name, unit="file", disable=not progress) as bar:
        for file in bar:
            summaries += [_summary(result, file) for result in _results(file)]
    if not summaries:
        raise ValueError(
            f"{path} must hold results of NATS-Bench's topology space, but holds none. Unpack "
            "NATS-tss-v1_0-3ffb9-simple.tar, and take the folder."
        )
    _, names, measured, costs = zip(*sorted(summaries))
    arrays = {"architectures": np.array(names)}
    for place, dataset in enumerate(DATASETS):
        runs = [lists for of_datasets in measured for lists in of_datasets[place]]
        padded = itertools.zip_longest(*runs, fillvalue=np.nan)
        arrays[dataset] = np.array(list(padded)).T.reshape(len(names), len(EPOCHS), 4, -1)
        arrays[f"{dataset} costs"] = np.array(costs)[:, place]
    return arrays


def _results(file: Path) -> list:
    """The results of each architecture in a pickle: of the one, or of a few."""
    with bz2.open(file) as stream:
        made = pickles.load(stream, file.name)
    if not isinstance(made, dict):
        return []
    several = made.get("arch2infos")
    if isinstance(several, dict):
        return list(several.values())
    return [made] if "12" in made else []


def _summary(result, file: Path) -> tuple[int, str, list, list]:
    """What a table needs of one architecture's results.

    Returns:
        Its number and name; for each data set and number of epochs the seconds and `METRICS`, each
        a list with one value for each run; and for each data set the `COSTS`.
    """
    try:
        measured = [
            [values for epochs in EPOCHS for values in _measured(result, epochs, *sources)]
            for sources in DATASETS.values()
        ]
        costs = [_costs(result, trained_on) for (trained_on, _), _ in DATASETS.values()]
        number, name = result["12"]["arch_index"], result["12"]["arch_str"]
        if not all(map(math.isfinite, itertools.chain(*itertools.chain(*measured), *costs))):
            raise ValueError("a measurement is not finite")
        SPACE.from_string(name)
        return operator.index(number), name, measured, costs
    except (LookupError, TypeError, AttributeError, ValueError, ArithmeticError) as error:
        raise ValueError(
            f"{file} must hold results of NATS-Bench's topology space, but an architecture's are "
            f"others: {pickles.cause(error)}. Take those in NATS-tss-v1_0-3ffb9-simple.tar."
        ) from error


def _measured(result: dict, epochs: int, for_val: tuple, for_test: tuple) -> list[list[float]]:
    """Seconds and `METRICS` at the end of the runs for so many epochs."""
    (trained_on, split), (test_trained_on, test_split) = for_val, for_test
    runs, last = _runs(result, epochs, trained_on), epochs - 1
    return [
        [
            sum(run["train_times"][epoch] for epoch in range(epochs))
            + sum(run["eval_times"][f"{split}@{epoch}"] for epoch in range(epochs)) / epochs
            for run in runs
        ],
        [run["train_acc1es"][last] / 100 for run in runs],
        [run["eval_acc1es"][f"{split}@{last}"] / 100 for run in runs],
        [
            run["eval_acc1es"][f"{test_split}@{last}"] / 100
            for run in _runs(result, epochs, test_trained_on)
        ],
    ]


def _runs(result: dict, epochs: int, dataset: str) -> list[dict]:
    """The training runs for so many epochs on a data set, in the order of their seeds."""
    of_epochs = result[str(epochs)]
    seeds = of_epochs["dataset_seed"][dataset]
    if not seeds:
        raise LookupError(f"no run for {epochs} epochs on {dataset}")
    return [of_epochs["all_results"][dataset, seed] for seed in seeds]


def _costs(result: dict, dataset: str) -> list[float]:
    """`COSTS`, from the first run for 12 epochs: those for 200 have some wrong values.

    Reference:
        github.com/D-X-Y/NATS-Bench, issue 36; api_utils.py, get_compute_costs.
    """
    run = _runs(result, 12, dataset)[0]
    latency = sum(run["latency"]) / len(run["latency"])  # seconds
    return [1e6 * run["params"], 1e6 * run["flop"], 1000 * latency]
