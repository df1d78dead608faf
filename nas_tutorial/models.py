"""From graph to Keras model. `Skeleton` stacks cells between input and classifier, and is the one
place where the name of an operation becomes layers, in one dimension (sequences) and two (images).

Reference:
    Dong and Yang 2020, NAS-Bench-201, section 2.1 and Figure 1 (stem, stages, reduction, head).
    Ying et al. 2019, NAS-Bench-101, section 2.2 and supplement S1 (how cells join channels).
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from numbers import Integral

import numpy as np

from nas_tutorial.backend import keras
from nas_tutorial.graph import OUTPUT_CONCAT, Graph
from nas_tutorial.names import unknown_name

MOMENTUM = 0.9  # of batch normalisation; Keras's 0.99 is too slow for trainings of a few epochs


@dataclass(frozen=True)
class Skeleton:
    """How cells are stacked: stem, stages of equal cells with a reduction between stages, head.

    A reduction halves the length (or height and width) and doubles the filters.

    Args:
        filters: Channels in the first stage, at least 1.
        cells: How many cells each stage has, such as (3,) or (1, 1, 1).
        vocabulary_size: For input of token numbers, how many tokens there are: an embedding with
            `filters` dimensions then comes first. None for input that is numbers already.

    Raises:
        ValueError: If filters or a stage is empty, or one of them is no whole number.
    """

    filters: int = 16
    cells: tuple[int, ...] = (3,)
    vocabulary_size: int | None = None

    def __post_init__(self):
        cells = tuple(self.cells) if isinstance(self.cells, Iterable) else (self.cells,)
        object.__setattr__(self, "cells", cells)
        tokens = () if self.vocabulary_size is None else (self.vocabulary_size,)
        numbers = (self.filters, *cells, *tokens)
        if not cells or not all(isinstance(each, Integral) and each >= 1 for each in numbers):
            raise ValueError(
                "filters, the cells of every stage and a vocabulary_size must be whole numbers of "
                f"at least 1, got filters={self.filters!r:.40}, cells={cells!r:.60} and "
                f"vocabulary_size={self.vocabulary_size!r:.40}. Raise the one that is too small."
            )

    @classmethod
    def for_input(
        cls, input_shape: tuple[int, ...], vocabulary_size: int | None = None
    ) -> "Skeleton":
        """A small skeleton that suits the input: larger images get stages, tokens an embedding."""
        large_image = len(input_shape) == 3 and input_shape[0] >= 16
        return cls(cells=(1, 1, 1) if large_image else (3,), vocabulary_size=vocabulary_size)

    def build(
        self, graph: Graph, input_shape: tuple[int, ...], num_classes: int, *, seed: int = 0
    ) -> keras.Model:
        """Build the network with fresh weights.

        Args:
            graph: The cell; it is pruned first, so what does no work is not built.
            input_shape: Without the batch: (length, channels), (height, width, channels), or
                (length,) of token numbers.
            num_classes: Size of the output.
            seed: Of the initial weights. Equal seeds give equal weights.

        Returns:
            A model that maps (batch, *input_shape) to logits of shape (batch, num_classes).

        Raises:
            ValueError: If the input shape does not fit, or an operation is unknown.
        """
        self._check_input(input_shape)
        inputs = keras.Input(input_shape)
        x = inputs
        if self.vocabulary_size is not None:
            x = _seeded_embedding(self.vocabulary_size, self.filters, seed)(x)
        make = _Layers(rank=len(x.shape) - 2, seed=seed)
        x = make.batch_norm(make.conv(x, self.filters, 3))
        filters, graph = self.filters, graph.pruned()
        for stage, num_cells in enumerate(self.cells):
            if stage > 0:
                filters *= 2
                x = _relu_conv_bn(make, x, filters, kernel=3, strides=2)
            for _ in range(num_cells):
                x = _cell(make, graph, x, filters)
        x = make.average(make.relu(make.batch_norm(x)))
        return keras.Model(inputs, make.dense(x, num_classes))

    def _check_input(self, input_shape: tuple[int, ...]) -> None:
        allowed = (1,) if self.vocabulary_size is not None else (2, 3)
        if len(input_shape) not in allowed:
            raise ValueError(
                f"input_shape must have {' or '.join(map(str, allowed))} entries here, got "
                f"{input_shape}. Use (length, channels), (height, width, channels), or (length,) "
                "with a vocabulary_size."
            )


class _Layers:
    """Makes layers of one rank (1 for sequences, 2 for images), each with a seed of its own."""

    def __init__(self, rank: int, seed: int):
        self._rank = rank
        self._rng = np.random.default_rng(seed)

    def conv(self, x, filters: int, kernel: int, strides: int = 1):
        initializer = keras.initializers.HeNormal(seed=self._next_seed())
        layer = self._layer("Conv")(
            filters,
            kernel,
            strides=strides,
            padding="same",
            use_bias=False,
            kernel_initializer=initializer,
        )
        return layer(x)

    def dense(self, x, units: int):
        initializer = keras.initializers.GlorotUniform(seed=self._next_seed())
        return keras.layers.Dense(units, kernel_initializer=initializer)(x)

    def pool(self, x, kind: str):
        return self._layer(f"{kind}Pooling")(3, strides=1, padding="same")(x)

    def batch_norm(self, x):
        return keras.layers.BatchNormalization(momentum=MOMENTUM)(x)

    def relu(self, x):
        return keras.layers.ReLU()(x)

    def average(self, x):
        return self._layer("GlobalAveragePooling")()(x)

    def _layer(self, name: str):
        return getattr(keras.layers, f"{name}{self._rank}D")

    def _next_seed(self) -> int:
        return int(self._rng.integers(2**31))


def _relu_conv_bn(make: _Layers, x, filters: int, *, kernel: int, strides: int = 1):
    return make.batch_norm(make.conv(make.relu(x), filters, kernel, strides))


def _conv_bn_relu(make: _Layers, x, filters: int, *, kernel: int):
    return make.relu(make.batch_norm(make.conv(x, filters, kernel)))


# Name -> (make, x, filters) -> tensor. "3x3" means three taps where the input is a sequence.
OPERATIONS: dict[str, Callable] = {
    "skip_connect": lambda make, x, filters: x,
    "nor_conv_1x1": partial(_relu_conv_bn, kernel=1),
    "nor_conv_3x3": partial(_relu_conv_bn, kernel=3),
    "nor_conv_5x5": partial(_relu_conv_bn, kernel=5),
    "avg_pool_3x3": lambda make, x, filters: make.pool(x, "Average"),
    "max_pool_3x3": lambda make, x, filters: make.pool(x, "Max"),
    "conv1x1-bn-relu": partial(_conv_bn_relu, kernel=1),
    "conv3x3-bn-relu": partial(_conv_bn_relu, kernel=3),
    "maxpool3x3": lambda make, x, filters: make.pool(x, "Max"),
}


def _operation(name: str) -> Callable:
    if name not in OPERATIONS:
        raise unknown_name("an operation", name, OPERATIONS)
    return OPERATIONS[name]


def _cell(make: _Layers, graph: Graph, x, filters: int):
    """Apply a pruned cell to x, which has `filters` channels, and so has what comes back."""
    if not graph.edges:  # nothing reaches the output
        return keras.layers.Rescaling(0.0)(x)
    return (_concat_cell if graph.operations[-1] == OUTPUT_CONCAT else _sum_cell)(
        make, graph, x, filters
    )


def _sum_cell(make: _Layers, graph: Graph, x, filters: int):
    """Every node adds up what reaches it."""
    tensors = {0: x}
    output = len(graph.operations) - 1
    for node in range(1, output + 1):
        joined = _sum([tensors[source] for source in graph.predecessors(node)])
        tensors[node] = (
            joined if node == output else _operation(graph.operations[node])(make, joined, filters)
        )
    return tensors[output]


def _concat_cell(make: _Layers, graph: Graph, x, filters: int):
    """Inner nodes add up; the output joins along the channels, and the input is projected."""
    channels = node_channels(graph, filters)
    output = len(graph.operations) - 1
    tensors = {}
    for node in range(1, output):
        arriving = [
            _conv_bn_relu(make, x, channels[node], kernel=1)
            if source == 0
            else _first_channels(tensors[source], channels[node])
            for source in graph.predecessors(node)
        ]
        operation = _operation(graph.operations[node])
        tensors[node] = operation(make, _sum(arriving), channels[node])
    inner = [tensors[source] for source in graph.predecessors(output) if source != 0]
    branches = [keras.layers.Concatenate()(inner) if len(inner) > 1 else inner[0]] if inner else []
    if (0, output) in graph.edges:
        branches.append(_conv_bn_relu(make, x, filters, kernel=1))
    return _sum(branches)


def node_channels(graph: Graph, filters: int) -> list[int]:
    """How many channels each node of a concatenating cell has, by NAS-Bench-101's rule.

    The output's `filters` are shared out among the inner nodes that lead to it, the first ones
    taking what does not divide; any other inner node has as many as the largest that it leads to.

    Raises:
        ValueError: If more inner nodes lead to the output than there are filters.

    Reference:
        Ying et al. 2019, NAS-Bench-101, supplement S1 (`compute_vertex_channels` in their code).
    """
    output = len(graph.operations) - 1
    last = [node for node in graph.predecessors(output) if node != 0]
    if len(last) > filters:
        raise ValueError(
            f"filters must be at least the {len(last)} nodes that the output joins, got {filters}. "
            "Build with more filters."
        )
    channels = [0] * output + [filters]
    channels[0] = filters
    for node in reversed(range(1, output)):
        if node in last:
            share, rest = divmod(filters, len(last))
            channels[node] = share + (last.index(node) < rest)
        else:
            channels[node] = max(channels[target] for target in graph.successors(node))
    return channels


def _first_channels(x, channels: int):
    return x if x.shape[-1] == channels else x[..., :channels]


def _sum(tensors: list):
    return tensors[0] if len(tensors) == 1 else keras.layers.Add()(tensors)


def _seeded_embedding(vocabulary_size: int, dimensions: int, seed: int):
    initializer = keras.initializers.RandomUniform(seed=seed)
    return keras.layers.Embedding(vocabulary_size, dimensions, embeddings_initializer=initializer)


def count_flops(model: keras.Model) -> int:
    """Floating-point operations of one forward pass of one sample.

    A multiplication and an addition count as two; batch normalisation as the one multiplication
    and one addition that it comes down to after training; slicing, joining and look-ups as none.

    Raises:
        ValueError: If the model holds a layer whose cost this function does not know.
    """
    return sum(_layer_flops(layer) for layer in model.layers)


def _layer_flops(layer) -> int:
    """The cost of one layer, from its class name and the shapes that pass through it."""
    kind = type(layer).__name__.removesuffix("1D").removesuffix("2D")
    if kind in ("InputLayer", "Embedding", "Concatenate", "GetItem"):
        return 0
    size_in, size_out = _size(layer.input), _size(layer.output)
    if kind == "Conv":
        return 2 * math.prod(layer.kernel.shape[:-1]) * size_out
    if kind == "Dense":
        return 2 * size_in * layer.units + layer.units
    if kind in ("AveragePooling", "MaxPooling"):
        return math.prod(layer.pool_size) * size_out
    if kind == "GlobalAveragePooling":
        return size_in
    if kind == "BatchNormalization":
        return 2 * size_out
    if kind in ("ReLU", "Rescaling"):
        return size_out
    if kind == "Add":
        return (len(layer.input) - 1) * size_out
    raise ValueError(
        f"every layer must be of a kind whose cost is known, got {type(layer).__name__}. "
        "Add its cost to nas_tutorial.models."
    )


def training_bytes(model: keras.Model, batch_size: int) -> int:
    """Memory for a step of SGD with momentum in 32 bits, by arithmetic, to size a GPU on paper.

    4 bytes for each of: a trainable weight three times (itself, its gradient, its momentum), any
    other weight once, and the output of each layer for each sample twice (kept for the backward
    pass, and its gradient). Less may do, since gradients are let go on the way back; the data, the
    backend itself and the workspace of its convolutions come on top.

    Args:
        model: A built model.
        batch_size: Samples a step.
    """
    trainable = sum(math.prod(weight.shape) for weight in model.trainable_weights)
    others = model.count_params() - trainable
    outputs = sum(_size(layer.output) for layer in model.layers)
    return 4 * (3 * trainable + others + 2 * batch_size * outputs)


def _size(tensor) -> int:
    """Numbers in a tensor without its batch axis; for a list of tensors, in all of them."""
    if isinstance(tensor, (list, tuple)):
        return sum(_size(one) for one in tensor)
    return math.prod(tensor.shape[1:])
