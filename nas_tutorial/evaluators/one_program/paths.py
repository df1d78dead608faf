"""Numbers that architectures share: one row an operation on each edge, of which a path picks one.

`on_path` takes what a path needs out of them, in the order in which `StackedCells` computes with it,
and `with_path` puts it back. What lies off the path is not touched.
"""

from typing import NamedTuple

import numpy as np

from nas_tutorial.backend import keras
from nas_tutorial.spaces.edge_cell import EdgeCellSpace

ops = keras.ops

NUM_OPERATIONS = len(EdgeCellSpace.OPERATIONS)


class Shared(NamedTuple):
    """Numbers for every path: weights, their velocity, or statistics of batch normalisation.

    Row 5 e + o of `edges` belongs to operation o on edge e, counted through all cells. The rows of
    operations without weights are never used.
    """

    stem: object  # of shape (size of the stem,)
    edges: object  # of shape (num_edges * NUM_OPERATIONS, size of an edge)
    head: object  # of shape (size of the head,)


def on_path(shared: Shared, operations):
    """The numbers on a path as one vector, ordered as `StackedCells` has them.

    Args:
        shared: Where they are taken from.
        operations: The index of the operation on each edge of a cell, of shape (6,).
    """
    taken = ops.take(shared.edges, _rows(shared, operations), axis=0)
    return ops.concatenate([shared.stem, ops.reshape(taken, (-1,)), shared.head])


def with_path(shared: Shared, operations, vector) -> Shared:
    """`shared` with other numbers on a path; all off the path stay as they are."""
    stem, head = shared.stem.shape[0], shared.head.shape[0]
    rows = ops.reshape(vector[stem:-head], (-1, shared.edges.shape[1]))
    places = ops.reshape(_rows(shared, operations), (-1, 1))
    edges = ops.scatter_update(shared.edges, places, rows)
    return Shared(vector[:stem], edges, vector[-head:])


def _rows(shared: Shared, operations):
    num_edges = shared.edges.shape[0] // NUM_OPERATIONS
    repeated = ops.tile(operations, num_edges // len(EdgeCellSpace.EDGES))
    return NUM_OPERATIONS * ops.arange(num_edges, dtype="int32") + repeated


def gathered(each: list[np.ndarray], stem: int, head: int, size: int) -> Shared:
    """Gather what all paths share, stem and head from the first.

    Args:
        each: For each operation the vector of the cell that has it on all edges.
        stem, head: Where in such a vector the stem ends, and where the head begins.
        size: Numbers an edge.
    """
    rows = np.stack([one[stem:head].reshape(-1, size) for one in each], axis=1)
    parts = each[0][:stem], rows.reshape(-1, size), each[0][head:]
    return Shared(*(ops.convert_to_tensor(part, dtype="float32") for part in parts))
