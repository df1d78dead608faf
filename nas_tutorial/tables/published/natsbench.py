"""NATS-Bench as it was published; its topology part is NAS-Bench-201 with more trainings.

Each architecture was trained from scratch for 12 and for 200 epochs on three data sets. The results
are pickles, one of all architectures or one of each in a folder, and are read as plain data.

Reference:
    Dong, Liu, Musial and Gabrys 2021, NATS-Bench: benchmarking NAS algorithms for architecture
    topology and size.
    github.com/D-X-Y/NATS-Bench at 1d4a304, nats_bench/api_utils.py (what the files hold).
    github.com/D-X-Y/AutoDL-Projects at f46486e, exps/NATS-Bench/tss-collect.py (who wrote them).
"""

import bz2
import functools
import io
import itertools
import math
import operator
import reprlib
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.tables.published.compact import converted, require_arrays
from nas_tutorial.tables.published.pickles import load

SUFFIXES = (".pbz2", ".npz")
EPOCHS = (12, 200)
METRICS = ("train_accuracy", "val_accuracy", "test_accuracy")
COSTS = ("parameters", "flops", "latency_ms")
VERSION = "NATS-Bench topology, 1"
# Where a data set's validation and its test are found: what the network was trained on, and the
# part that it was measured on (api_utils.py, remap_dataset_set_names).
SOURCES = {
    "cifar10": (("cifar10-valid", "x-valid"), ("cifar10", "ori-test")),
    "cifar100": (("cifar100", "x-valid"), ("cifar100", "x-test")),
    "imagenet16_120": (("ImageNet16-120", "x-valid"), ("ImageNet16-120", "x-test")),
}


def read_table(
    path: Path,
    dataset: str,
    compact: Path | None = None,
    *,
    partial: bool = False,
    progress: bool = True,
) -> dict:
    """The arguments of `Table`, but for its index, from the official files.

    The accuracies after 12 and after 200 epochs come from trainings of their own. On CIFAR-10,
    test_accuracy is that of a network which was trained on the validation part too. The seconds are
    those of a training and of one validation. Architectures were not all trained equally often: the
    table has as many seeds as it takes to repeat each training of an architecture equally often.

    Args:
        path: NATS-tss-v1_0-3ffb9.pickle.pbz2, the folder NATS-tss-v1_0-3ffb9-simple, or what was
            converted of them.
        dataset: One of `SOURCES`.
        compact: Where the converted file is or goes; None is beside the official one.
        partial: Whether files will do that lack architectures.
        progress: Whether to show a bar while the official files are read.

    Raises:
        FileNotFoundError: If there is no file.
        ValueError: If the files are not the benchmark's, were damaged, or lack architectures.

    Reference:
        api_utils.py, simulate_train_eval (the seconds).
    """
    arrays = converted(
        path, compact, functools.partial(convert, progress=progress), version=VERSION
    )
    shape = "architectures", len(EPOCHS), 1 + len(METRICS), "trainings"
    require_arrays(
        path,
        arrays,
        {
            "architectures": ("U", ("architectures",)),
            dataset: ("f", shape),
            f"{dataset} costs": ("f", ("architectures", len(COSTS))),
        },
    )
    space, names = EdgeCellSpace(), arrays["architectures"].tolist()
    if len(names) != space.size and not partial:
        raise ValueError(
            f"{path} must hold all {space.size:,} architectures of the topology space, got "
            f"{len(names):,}. Unpack or download the official files again, or say partial=True if "
            "these are enough."
        )
    measured, costs = arrays[dataset], arrays[f"{dataset} costs"]
    counts = np.isfinite(measured).sum(axis=-1)
    if not counts.all():
        raise ValueError(
            f"{path} must hold a training of each architecture on {dataset} for {EPOCHS} epochs, "
            "but lacks some. Download the official files again."
        )
    seeds = np.arange(math.lcm(*np.unique(counts).tolist()))
    repeated = np.take_along_axis(measured, seeds % counts[..., None], axis=-1)
    by_epochs = dict(zip(EPOCHS, repeated.transpose(1, 2, 0, 3)))
    return {
        "networks": list(map(space.from_string, names)),
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
        "trainings": {epochs: epochs for epochs in EPOCHS},
    }


def convert(path: Path, *, progress: bool = True) -> dict[str, np.ndarray]:
    """Read the official files, architecture by architecture, into arrays.

    Returns:
        architectures, their names in the benchmark's order; for each data set what was measured, of
        shape (num_architectures, len(EPOCHS), 4, most trainings): seconds and `METRICS`, with NaN
        after the last training; and "DATASET costs" of shape (num_architectures, 3): `COSTS`.

    Raises:
        ValueError: If the files are not those of the topology space, or were damaged.
    """
    files = sorted(path.glob(f"[0-9]*{SUFFIXES[0]}")) if path.is_dir() else [path]
    size = sum(file.stat().st_size for file in files)
    with tqdm(total=size, unit="B", unit_scale=True, desc=path.name, disable=not progress) as bar:
        results = sorted(itertools.chain(*(_results(file, bar) for file in files)))
    if not results:
        raise ValueError(
            f"{path} must hold results of NATS-Bench's topology space, but holds none. Take "
            "NATS-tss-v1_0-3ffb9.pickle.pbz2, or unpack NATS-tss-v1_0-3ffb9-simple.tar and take "
            "the folder."
        )
    _, names, measured, costs = zip(*results)
    arrays = {"architectures": np.array(names)}
    for place, dataset in enumerate(SOURCES):
        runs = [lists for of_datasets in measured for lists in of_datasets[place]]
        padded = itertools.zip_longest(*runs, fillvalue=np.nan)
        arrays[dataset] = np.array(list(padded)).T.reshape(len(names), len(EPOCHS), 4, -1)
        arrays[f"{dataset} costs"] = np.array(costs)[:, place]
    return arrays


def _results(file: Path, bar: tqdm) -> list[tuple]:
    """What `_summary` makes of each architecture in a pickle, while the pickle is read."""
    results, before = [], bar.n
    with file.open("rb") as packed, bz2.BZ2File(packed) as stream:

        def finished(made: dict) -> dict | None:
            if not isinstance(made.get("12"), dict) or "all_results" not in made["12"]:
                return made
            results.append(_summary(made))
            bar.update(before + packed.tell() - bar.n)
            return None

        try:
            load(io.BufferedReader(stream, 1 << 20), file.name, finished=finished)
        except _Foreign as error:
            raise ValueError(
                f"{file} must hold results of NATS-Bench's topology space, but of an architecture "
                f"there is {error}. Take NATS-tss-v1_0-3ffb9.pickle.pbz2."
            ) from error
    return results


class _Foreign(Exception):
    """What was found in place of an architecture's results."""


def _summary(result: dict) -> tuple[int, str, list, list]:
    """What a table needs of one architecture's results.

    Returns:
        Its number and name; for each data set and number of epochs the seconds and `METRICS`, each
        a list with one value a training; and for each data set the `COSTS`.
    """
    try:
        measured = [
            [values for epochs in EPOCHS for values in _measured(result, epochs, *sources)]
            for sources in SOURCES.values()
        ]
        costs = [_costs(result, trained_on) for (trained_on, _), _ in SOURCES.values()]
        number, name = result["12"]["arch_index"], result["12"]["arch_str"]
        if not all(map(math.isfinite, itertools.chain(*itertools.chain(*measured), *costs))):
            raise ValueError("a measurement is not finite")
        EdgeCellSpace().from_string(name)
        return operator.index(number), name, measured, costs
    except (LookupError, TypeError, AttributeError, ValueError, ArithmeticError) as error:
        raise _Foreign(f"{reprlib.repr(result)[:80]}... ({error!r})") from error


def _measured(result: dict, epochs: int, for_val: tuple, for_test: tuple) -> list[list[float]]:
    """Seconds and `METRICS` at the end of the trainings for so many epochs."""
    (trained_on, part), (test_trained_on, test_part) = for_val, for_test
    trainings, last = _trainings(result, epochs, trained_on), epochs - 1
    return [
        [
            sum(training["train_times"][epoch] for epoch in range(epochs))
            + sum(training["eval_times"][f"{part}@{epoch}"] for epoch in range(epochs)) / epochs
            for training in trainings
        ],
        [training["train_acc1es"][last] / 100 for training in trainings],
        [training["eval_acc1es"][f"{part}@{last}"] / 100 for training in trainings],
        [
            training["eval_acc1es"][f"{test_part}@{last}"] / 100
            for training in _trainings(result, epochs, test_trained_on)
        ],
    ]


def _trainings(result: dict, epochs: int, dataset: str) -> list[dict]:
    """The trainings for so many epochs on a data set, in the order of their seeds."""
    of_epochs = result[str(epochs)]
    seeds = of_epochs["dataset_seed"][dataset]
    if not seeds:
        raise LookupError(f"no training for {epochs} epochs on {dataset}")
    return [of_epochs["all_results"][dataset, seed] for seed in seeds]


def _costs(result: dict, dataset: str) -> list[float]:
    """`COSTS`, from the first training for 12 epochs: those for 200 have some wrong values.

    Reference:
        github.com/D-X-Y/NATS-Bench, issue 36; api_utils.py, get_compute_costs.
    """
    training = _trainings(result, 12, dataset)[0]
    latency = sum(training["latency"]) / len(training["latency"])  # seconds
    return [1e6 * training["params"], 1e6 * training["flop"], 1000 * latency]
