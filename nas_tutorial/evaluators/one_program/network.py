"""Annex: stacked cells as functions of one vector of weights, for any choice of operations.

What `Skeleton` builds as a Keras model for one architecture, this is for all architectures of
`EdgeCellSpace` at once, on sequences: the operation of each edge is an argument (see edge.py).
"""

import re
from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from nas_tutorial.backend import keras
from nas_tutorial.evaluators.one_program.edge import (
    as_rows,
    edge,
    edge_at_rest,
    edge_weights,
    normalise,
    normalise_at_rest,
    taps,
)
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.edge_cell import EdgeCellSpace

ops = keras.ops

SPACE = EdgeCellSpace()
BEGINS_WITH_RELU = np.array(["conv" in name for name in EdgeCellSpace.OPERATIONS], "float32")


class StackedCells:
    """Stem, cells and head.

    The vector holds the stem (a convolution of three taps and its batch normalisation), the edges
    of all cells in turn, and the head (batch normalisation and the classifier).

    Args:
        length, channels: Of an input.
        filters: Channels inside.
        cells: How many.
        num_classes: Size of the output.
    """

    def __init__(self, *, length: int, channels: int, filters: int, cells: int, num_classes: int):
        self.length, self.channels, self.filters = length, channels, filters
        self.cells, self.num_classes = cells, num_classes
        num_edges = cells * len(EdgeCellSpace.EDGES)
        sizes = (
            3 * channels * filters + 2 * filters,
            *(edge_weights(filters),) * num_edges,
            2 * filters,
            filters * num_classes + num_classes,
        )
        ends = np.cumsum((0, *sizes))
        self.slices = [slice(int(a), int(b)) for a, b in pairwise(ends)]
        self.num_weights = int(ends[-1])

    @staticmethod
    def operations(architecture: Architecture) -> np.ndarray:
        """The index of each edge's operation, found by its name, of shape (6,).

        The index is that in EdgeCellSpace.OPERATIONS; a dead edge counts as `none`.

        Raises:
            ValueError: If the architecture is not of `EdgeCellSpace`.
        """
        SPACE.require(architecture)
        alive = SPACE.without_dead_edges(architecture)
        return np.array([SPACE.OPERATIONS.index(value) for value in alive.values])

    def initial_weights(self, operations: Iterable[int], rng: np.random.Generator) -> np.ndarray:
        """Fresh weights: He's normal kernels, a Glorot classifier, scale 1 and offset 0.

        Reference:
            He et al. 2015, Delving deep into rectifiers, equation 10.
            Glorot and Bengio 2010, equation 16.
        """
        filters = self.filters
        neutral = np.concatenate([np.ones(filters), np.zeros(filters)])
        parts = [_he_normal((3 * self.channels, filters), 3 * self.channels, rng), neutral]
        for _ in range(self.cells):
            for operation in operations:
                one_tap = EdgeCellSpace.OPERATIONS[operation] == "nor_conv_1x1"
                fan_in = filters if one_tap else 3 * filters
                parts += [_he_normal((3 * filters, filters), fan_in, rng), neutral]
        limit = (6 / (filters + self.num_classes)) ** 0.5
        classifier = rng.uniform(-limit, limit, (filters, self.num_classes))
        parts += [neutral, classifier, np.zeros(self.num_classes)]
        return np.concatenate([part.ravel() for part in parts]).astype("float32")

    def weights_of(self, model: keras.Model, operations: np.ndarray) -> np.ndarray:
        """The vector that holds the weights of a Keras model of the same architecture.

        Args:
            model: Built by `Skeleton` from the same choice of operations.
            operations: Of shape (6,), dead edges removed.
        """
        vector = self.initial_weights(operations, np.random.default_rng(0))
        convolutions, norms, (classifier,) = (
            iter(_in_order_of_creation(model, kind))
            for kind in ("Conv1D", "BatchNormalization", "Dense")
        )

        def fill(part: slice, *arrays) -> None:
            flat = np.concatenate([np.ravel(array) for array in arrays])
            vector[part.start : part.start + len(flat)] = flat

        def scale_and_offset() -> list:
            return next(norms).get_weights()[:2]

        fill(self.slices[0], *next(convolutions).get_weights(), *scale_and_offset())
        edges = EdgeCellSpace.EDGES
        for cell in range(self.cells):
            for number in sorted(range(len(edges)), key=edges.__getitem__):
                part = self.slices[1 + cell * len(edges) + number]
                if "conv" in EdgeCellSpace.OPERATIONS[operations[number]]:
                    fill(part, *next(convolutions).get_weights())
                    vector[part.stop - 2 * self.filters : part.stop] = np.ravel(scale_and_offset())
        fill(self.slices[-2], *scale_and_offset())
        fill(self.slices[-1], *classifier.get_weights())
        return vector

    def initial_statistics(self) -> np.ndarray:
        """Mean 0 and variance 1 for every batch normalisation: (number of them, 2, filters)."""
        one = np.stack([np.zeros(self.filters), np.ones(self.filters)])
        return np.tile(one, (len(self.slices) - 1, 1, 1)).astype("float32")

    def loss(self, weights, x, y, operations):
        """Mean cross-entropy of a batch in training, and the batch statistics."""
        logits, statistics = self.logits(weights, x, operations)
        losses = ops.sparse_categorical_crossentropy(y, logits, from_logits=True)
        return ops.mean(losses), statistics

    def logits(self, weights, x, operations, *, watch=lambda tensor, there: None):
        """Logits of a batch in training, of shape (batch, num_classes), and the batch statistics.

        Args:
            weights, x, operations: Tensors.
            watch: Called with each tensor that a ReLU may receive, and whether there is one: 1, or
                0 where the edge's operation begins with none.
        """
        parts = [weights[part] for part in self.slices]
        collected = []

        def normalised(z, scale_and_offset):
            rows, _, statistics = normalise(as_rows(z))
            collected.append(statistics)
            return self._scaled(rows, scale_and_offset)

        def applied(number, operation, tensor):
            watch(tensor, ops.take(BEGINS_WITH_RELU, operation))
            y, statistics = edge(operation, tensor, parts[1 + number])
            collected.append(statistics)
            return y

        def relu(tensor):
            watch(tensor, 1)
            return ops.relu(tensor)

        logits = self._logits(x, parts, operations, normalised, applied, relu)
        return logits, ops.stack(collected)

    def logits_at_rest(self, weights, statistics, x, operations):
        """Logits of shape (batch, num_classes), by the statistics that training collected."""
        parts = [weights[part] for part in self.slices]
        waiting = iter(range(len(self.slices) - 1))

        def normalised(z, scale_and_offset):
            rows = normalise_at_rest(as_rows(z), statistics[next(waiting)])
            return self._scaled(rows, scale_and_offset)

        def applied(number, operation, tensor):
            return edge_at_rest(operation, tensor, parts[1 + number], statistics[next(waiting)])

        return self._logits(x, parts, operations, normalised, applied, ops.relu)

    def _logits(self, x, parts, operations, normalised, applied, relu):
        """Stem, cells and head; how to normalise, to apply an edge and to rectify are arguments."""
        filters = self.filters
        stem, head, classifier = parts[0], parts[-2], parts[-1]
        kernel = ops.reshape(stem[: -2 * filters], (3 * self.channels, filters))
        z = ops.matmul(as_rows(taps(x)), kernel)
        x = normalised(ops.reshape(z, (-1, self.length, filters)), stem[-2 * filters :])
        for cell in range(self.cells):
            x = _cell(x, operations, applied, first=cell * len(EdgeCellSpace.EDGES))
        pooled = ops.mean(relu(normalised(x, head)), axis=1)
        matrix = ops.reshape(classifier[: -self.num_classes], (filters, self.num_classes))
        return ops.matmul(pooled, matrix) + classifier[-self.num_classes :]

    def _scaled(self, rows, scale_and_offset):
        scale, offset = scale_and_offset[: self.filters], scale_and_offset[self.filters :]
        return ops.reshape(rows * scale + offset, (-1, self.length, self.filters))


def _cell(x, operations, applied, *, first: int):
    """The four nodes of a cell, each the sum of the edges that lead to it."""
    nodes = [x] + [None] * (EdgeCellSpace.NUM_NODES - 1)
    for number, (source, target) in enumerate(EdgeCellSpace.EDGES):
        y = applied(first + number, operations[number], nodes[source])
        nodes[target] = y if nodes[target] is None else nodes[target] + y
    return nodes[-1]


def _he_normal(shape: tuple[int, int], fan_in: int, rng: np.random.Generator) -> np.ndarray:
    """Normal numbers cut at two standard deviations, with variance 2 / fan_in, as Keras draws."""
    drawn = rng.standard_normal(shape)
    while (outside := np.abs(drawn) > 2).any():
        drawn[outside] = rng.standard_normal(int(outside.sum()))
    return drawn * (2 / fan_in) ** 0.5 / 0.87962566103423978  # the cut normal's own deviation


def _in_order_of_creation(model: keras.Model, kind: str) -> list:
    """The model's layers of one class; Keras numbers their names as it makes them."""
    layers = [layer for layer in model.layers if type(layer).__name__ == kind]
    return sorted(layers, key=lambda layer: [int(n) for n in re.findall(r"_(\d+)$", layer.name)])
