"""Annex: NAS-Bench-101 as it was published: the hash that names a cell, and the files of measurements.

nasbench_only108.tfrecord and nasbench_full.tfrecord hold a record for each training run: a list of
the cell's hash, the epochs, the adjacency matrix in digits, the operations, and the measurements, a
protocol buffer in base 64, all in JSON. They are read record by record, and need no TensorFlow.

Reference:
    Ying et al. 2019, NAS-Bench-101: towards reproducible neural architecture search.
    github.com/google-research/nasbench at b942470, nasbench/: api.py (how the files are read),
    lib/model_metrics.proto (the measurements), lib/graph_util.py (the hash).
"""

import base64
import functools
import hashlib
import json
import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import overload

import numpy as np

from nas_tutorial.files import Bar, required_arrays
from nas_tutorial.names import one_of
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.graph import Graph
from nas_tutorial.spaces.node_cell import NodeCellSpace
from nas_tutorial.tables.published.compact import CONVERT_ANEW, converted
from nas_tutorial.tables.published.tfrecord import read_message, read_records
from nas_tutorial.tables.table import Table, not_measured

NUM_CELLS = 423_624
EPOCHS = (4, 12, 36, 108)  # a cell was trained from scratch for each of them
REPEATS = 3  # times
METRICS = ("train_accuracy", "val_accuracy", "test_accuracy")
VERSION = "NAS-Bench-101, 1"
OPERATIONS = NodeCellSpace.OPERATIONS  # in the order of lib/config.py, available_ops
SPACE = NodeCellSpace()


def cell_hash(graph: Graph) -> str:
    """The benchmark's name of a cell: 32 hexadecimal digits that isomorphic cells share.

    Args:
        graph: A cell of `NodeCellSpace`; it is pruned first.

    Raises:
        ValueError: If an operation is not one of NAS-Bench-101's.

    Reference:
        Ying et al. 2019, section 2.1; lib/model_spec.py, hash_spec (the labels).
    """
    graph = graph.pruned()
    for operation in graph.operations[1:-1]:
        one_of("an operation of NAS-Bench-101", operation, OPERATIONS)
    nodes = range(len(graph.operations))
    return labelled_hash(
        [-1, *map(OPERATIONS.index, graph.operations[1:-1]), -2],
        [graph.predecessors(node) for node in nodes],
        [graph.successors(node) for node in nodes],
    )


def labelled_hash(
    labels: Sequence[int], before: Sequence[Sequence[int]], after: Sequence[Sequence[int]]
) -> str:
    """The hash of a directed graph with a whole number on each node.

    A node starts with a digest of its degrees and its label. Then, as many times as there are
    nodes, each takes its neighbours' digests into its own. The sorted digests name the graph.

    Args:
        labels: One a node.
        before: The predecessors of each node.
        after: The successors of each node.

    Reference:
        lib/graph_util.py, hash_module.
    """
    digests = [
        _md5(str((len(outgoing), len(incoming), label)))
        for label, incoming, outgoing in zip(labels, before, after)
    ]
    for _ in labels:
        digests = [
            _md5(
                "".join(sorted([digests[source] for source in incoming]))
                + "|"
                + "".join(sorted([digests[target] for target in outgoing]))
                + "|"
                + own
            )
            for own, incoming, outgoing in zip(digests, before, after)
        ]
    return _md5(str(sorted(digests)))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


class Cells(Sequence[Architecture]):
    """The benchmark's cells as architectures of `NodeCellSpace`, each made when it is asked for.

    Args:
        links: Bit i is the link between the i-th pair of nodes, of shape (num_cells,).
        operations: Places in `OPERATIONS`, of shape (num_cells, 5).
    """

    def __init__(self, links: np.ndarray, operations: np.ndarray):
        self._links = links
        self._operations = operations

    def __len__(self) -> int:
        return len(self._links)

    @overload
    def __getitem__(self, row: int) -> Architecture: ...

    @overload
    def __getitem__(self, row: slice) -> "Cells": ...

    def __getitem__(self, row):
        if isinstance(row, slice):
            return Cells(self._links[row], self._operations[row])
        return _architecture(int(self._links[row]), self._operations[row])


def _architecture(links: int, operations: Iterable[int]) -> Architecture:
    ones = (links >> place & 1 for place in range(len(SPACE.pairs)))
    return Architecture((*ones, *(OPERATIONS[place] for place in operations)))


class ByHash:
    """Finds a network by a hash of its graph, where a space is too large to count through.

    Args:
        rows: Hash -> number of the network.
    """

    def __init__(self, rows: Mapping[str, int]):
        self._rows = rows

    def __call__(self, architecture: Architecture) -> int:
        SPACE.require(architecture)
        row = self._rows.get(cell_hash(SPACE.graph(architecture)))
        if row is None:
            raise not_measured(architecture)
        return row


def load(
    path: str | Path,
    *,
    compact: str | Path | None = None,
    partial: bool = False,
    progress: bool = True,
) -> Table:
    """Read NAS-Bench-101 from its official file, which is converted the first time.

    Args:
        path: nasbench_only108.tfrecord, nasbench_full.tfrecord or what was converted of them.
        compact: Where the converted file is or goes; None is next to the official one.
        partial: Whether a file without all 423,624 cells will do.
        progress: Whether to show a bar while an official file is converted.

    Returns:
        A table with train_accuracy, val_accuracy and test_accuracy, the parameters and the measured
        seconds of training. Each cell was trained from scratch for 108 epochs (in the full file for
        4, 12 and 36 as well), three times, which are the table's seeds, and measured halfway as
        well: the values at 54 epochs belong to the run of 108.

    Raises:
        FileNotFoundError: If there is no file.
        ValueError: If the file is not the benchmark's, was damaged, or lacks cells.
    """
    path = Path(path)
    arrays = required_arrays(
        path,
        converted(path, compact, functools.partial(convert, progress=progress), version=VERSION),
        {
            "hashes": ("u", ("cells", 16)),
            "links": ("u", ("cells",)),
            "operations": ("u", ("cells", SPACE.num_nodes - 2)),
            "parameters": ("i", ("cells",)),
            "epochs": ("i", ("runs",)),
            "measured": ("f", ("runs", 2, 1 + len(METRICS), "cells", REPEATS)),
        },
        advice=CONVERT_ANEW,
    )
    num_cells = len(arrays["links"])
    if num_cells != NUM_CELLS and not partial:
        raise ValueError(
            f"{path} must hold all {NUM_CELLS:,} cells of NAS-Bench-101, got {num_cells:,}. "
            "Download the official file again, or say partial=True if these are enough."
        )
    metrics: dict[tuple[str, float], np.ndarray] = {}
    seconds, run_epochs = {}, {}
    for of_run, epochs in zip(arrays["measured"], arrays["epochs"].tolist()):
        for values, until in zip(of_run, (epochs / 2, epochs)):
            run_epochs[until], seconds[until] = epochs, values[0]
            metrics |= {(name, until): column for name, column in zip(METRICS, values[1:])}
    digits = arrays["hashes"].tobytes().hex()
    return Table(
        "NAS-Bench-101",
        SPACE,
        Cells(arrays["links"], arrays["operations"]),
        ByHash({digits[32 * row : 32 * row + 32]: row for row in range(num_cells)}),
        metrics=metrics,
        costs={"parameters": arrays["parameters"]},
        seconds=seconds,
        run_epochs=run_epochs,
    )


def convert(path: Path, *, progress: bool = True) -> dict[str, np.ndarray]:
    """Read an official file, record by record, into arrays.

    Returns:
        hashes of shape (num_cells, 16); links and operations, as `Cells` takes them; parameters of
        shape (num_cells,); epochs; and measured, in single precision as the benchmark measured, of
        shape (len(epochs), 2, 4, num_cells, REPEATS): halfway and at the end, the seconds and then
        `METRICS`.

    Raises:
        ValueError: If the file is not the benchmark's, was damaged, or has not three training
            runs of each cell for each number of epochs.
    """
    rows: dict[str, int] = {}
    cells = []
    counts = array("I")  # runs read, at row * len(EPOCHS) + place in EPOCHS
    places, measured = array("I"), array("f")
    with (
        path.open("rb") as stream,
        Bar(
            total=path.stat().st_size,
            unit="B",
            unit_scale=True,
            desc=path.name,
            disable=not progress,
        ) as bar,
    ):
        for number, record in enumerate(read_records(stream, path.name)):
            try:
                name, epochs, digits, operations, metrics = json.loads(record)
                values, parameters = _measurements(metrics)
                if name not in rows:
                    cells.append((*_cell(name, digits, operations.split(",")), parameters))
                    rows[name] = len(rows)
                    counts.extend([0] * len(EPOCHS))
                place = rows[name] * len(EPOCHS) + EPOCHS.index(epochs)
            except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
                raise ValueError(
                    f"{path.name} must hold training runs of NAS-Bench-101's cells, but record "
                    f"{number:,} is none: {error!r}. Check the path, or download the file again."
                ) from error
            places.append(place * REPEATS + counts[place])
            measured.extend(values)
            counts[place] += 1
            bar.update(stream.tell() - bar.n)
    trained = np.array(counts, dtype=int).reshape(-1, len(EPOCHS))
    there = trained.any(axis=0)
    if not there.any() or (trained[:, there] != REPEATS).any():
        raise ValueError(
            f"{path.name} must hold {REPEATS} training runs of each cell for each number of "
            f"epochs, got {len(places):,} runs of {len(rows):,} cells for {there.sum()} numbers. "
            "Download the file again."
        )
    by_place = np.empty((trained.size * REPEATS, 2 * (1 + len(METRICS))), np.float32)
    by_place[places] = np.reshape(measured, (len(places), -1))
    by_run = by_place.reshape(*trained.shape, REPEATS, 2, 1 + len(METRICS))[:, there]
    links, inner, parameters = zip(*cells)
    return {
        "hashes": np.frombuffer(bytes.fromhex("".join(rows)), np.uint8).reshape(-1, 16),
        "links": np.array(links, np.uint32),
        "operations": np.array(inner, np.uint8),
        "parameters": np.array(parameters, np.int32),
        "epochs": np.array(EPOCHS)[there],
        "measured": np.ascontiguousarray(by_run.transpose(1, 3, 4, 0, 2)),
    }


def _measurements(metrics: str) -> tuple[list[float], int]:
    """Seconds and accuracies halfway and at the end, and the number of parameters.

    Reference:
        lib/model_metrics.proto; api.py, NASBench.__init__ (evaluation 0 is before training).
    """
    fields = read_message(base64.b64decode(metrics, validate=True))
    halfway, final = fields[1][1], fields[1][2]
    values = []
    for evaluation in map(read_message, (halfway, final)):
        # training_time, train_accuracy, validation_accuracy, test_accuracy; absent means 0
        values += [evaluation.get(field, [0.0])[-1] for field in (2, 3, 4, 5)]
    parameters = fields[2][-1]
    are_numbers = all(isinstance(value, float) and math.isfinite(value) for value in values)
    if not are_numbers or not isinstance(parameters, int) or parameters >= 2**31:
        raise ValueError(f"measurements must be finite numbers, got {values} and {parameters!r}")
    return values, parameters


def _cell(name: str, digits: str, operations: list[str]) -> tuple[int, list[int]]:
    """A cell as `Cells` holds it: its last node becomes the seventh, and nodes before it are dead.

    Raises:
        ValueError: If it is no cell of the benchmark, or not the one that the hash names.
    """
    size = len(operations)
    numbers = [*range(size - 1), SPACE.num_nodes - 1]
    ones = [divmod(place, size) for place, digit in enumerate(digits) if digit == "1"]
    links = sum(1 << SPACE.pairs.index((numbers[s], numbers[t])) for s, t in ones)
    inner = [*map(OPERATIONS.index, operations[1:-1]), *[0] * (SPACE.num_nodes - size)]
    architecture = _architecture(links, inner)
    SPACE.require(architecture)
    found = cell_hash(SPACE.graph(architecture))
    if (operations[0], operations[-1], len(digits), found) != ("input", "output", size**2, name):
        raise ValueError(f"the hash of cell {digits} {operations} must be {name}, got {found}")
    return links, inner
