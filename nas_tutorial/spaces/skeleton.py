"""From graph to Keras model: how cells are stacked between input and classifier, for sequences (one
dimension) and images (two). `operations` has the layers that the name of an operation stands for.

Reference:
    Dong and Yang 2020, NAS-Bench-201, section 2.1 and Figure 1 (stem, stages, reduction, head).
    Ying et al. 2019, NAS-Bench-101, section 2.2 and supplement S1 (how cells join channels).
"""

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from nas_tutorial.backend import keras
from nas_tutorial.names import whole
from nas_tutorial.randomness import kept_global_state
from nas_tutorial.spaces.flops import count_flops
from nas_tutorial.spaces.graph import OUTPUT_CONCAT, Graph
from nas_tutorial.spaces.operations import Layers, conv_bn_relu, operation_of, relu_conv_bn


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
        ValueError: If there is no stage, or one of the numbers is no whole number from 1.
    """

    filters: int = 16
    cells: tuple[int, ...] = (3,)
    vocabulary_size: int | None = None

    def __post_init__(self):
        cells = tuple(self.cells) if isinstance(self.cells, Iterable) else (self.cells,)
        whole("the number of stages", len(cells), 1, advice="Write cells=(3,).")
        cells = tuple(whole("the cells of a stage", number, 1) for number in cells)
        object.__setattr__(self, "cells", cells)
        object.__setattr__(self, "filters", whole("filters", self.filters, 1))
        if self.vocabulary_size is not None:
            size = whole("vocabulary_size", self.vocabulary_size, 1)
            object.__setattr__(self, "vocabulary_size", size)

    @classmethod
    def for_input(
        cls, input_shape: tuple[int, ...], vocabulary_size: int | None = None
    ) -> "Skeleton":
        """A small skeleton that suits the input: larger images get stages, tokens an embedding."""
        large_image = len(input_shape) == 3 and input_shape[0] >= 16
        return cls(cells=(1, 1, 1) if large_image else (3,), vocabulary_size=vocabulary_size)

    def require(self, input_shape: tuple[int, ...], operations: Iterable[str] = ()) -> None:
        """Raise unless this skeleton can build networks of these operations for this input.

        Raises:
            ValueError: If the input shape does not fit, an operation is unknown or changes the shape
                of what it is given, or the cost of one of its layers is not known.
        """
        allowed = (1,) if self.vocabulary_size is not None else (2, 3)
        if len(input_shape) not in allowed:
            raise ValueError(
                f"input_shape must have {' or '.join(map(str, allowed))} entries here, got "
                f"{input_shape}. Use (length, channels), (height, width, channels), or (length,) "
                "with a vocabulary_size."
            )
        sides = input_shape if self.vocabulary_size is not None else input_shape[:-1]
        for name in operations:
            _require_operation(name, operation_of(name), (*sides, self.filters))

    def build(
        self, graph: Graph, input_shape: tuple[int, ...], num_classes: int, *, seed: int = 0
    ) -> keras.Model:
        """Build the network with fresh weights.

        Args:
            graph: The cell. It is pruned first, so nodes that do no work are not built.
            input_shape: Without the batch: (length, channels), (height, width, channels), or
                (length,) of token numbers.
            num_classes: Size of the output.
            seed: Of the initial weights. Equal seeds give equal weights.

        Returns:
            A model that maps (batch, *input_shape) to logits of shape (batch, num_classes).

        Raises:
            ValueError: If the input shape does not fit, or an operation is unknown.
        """
        self.require(input_shape)
        with kept_global_state(seed):  # from which layers of your own may take their seeds
            return self._built(graph, input_shape, num_classes, seed)

    def _built(self, graph, input_shape, num_classes: int, seed: int) -> keras.Model:
        inputs = keras.Input(input_shape)
        x = inputs
        if self.vocabulary_size is not None:
            start = keras.initializers.RandomUniform(seed=seed)
            x = keras.layers.Embedding(self.vocabulary_size, self.filters, start)(x)
        make = Layers(rank=len(x.shape) - 2, seed=seed)
        x = make.batch_norm(make.conv(x, self.filters, 3))
        filters, graph = self.filters, graph.pruned()
        for stage, num_cells in enumerate(self.cells):
            if stage > 0:
                filters *= 2
                x = relu_conv_bn(make, x, filters, kernel=3, strides=2)
            for _ in range(num_cells):
                x = _cell(make, graph, x, filters)
        x = make.average(make.relu(make.batch_norm(x)))
        return keras.Model(inputs, make.dense(x, num_classes))


@functools.lru_cache(maxsize=256)
def _require_operation(name: str, operation: Callable, shape: tuple[int, ...]) -> None:
    """Build an operation alone, on inputs of this shape, to see that it can be built and counted."""
    x = keras.Input(shape)
    with kept_global_state(0):
        y = operation(Layers(rank=len(shape) - 1, seed=0), x, shape[-1])
    if y.shape != x.shape:
        raise ValueError(
            f"operation {name!r} must return what it is given in shape, {x.shape}, got {y.shape}. "
            "Pad it, and give it as many filters as it is called with."
        )
    count_flops(keras.Model(x, y))


def _cell(make: Layers, graph: Graph, x, filters: int):
    """Apply a pruned cell to x. Both x and the result have `filters` channels."""
    if not graph.edges:  # nothing reaches the output
        return keras.layers.Rescaling(0.0)(x)
    apply = _concat_cell if graph.operations[-1] == OUTPUT_CONCAT else _sum_cell
    return apply(make, graph, x, filters)


def _sum_cell(make: Layers, graph: Graph, x, filters: int):
    """Every node adds up what reaches it."""
    tensors = {0: x}
    output = len(graph.operations) - 1
    for node in range(1, output):
        arriving = _sum([tensors[source] for source in graph.predecessors(node)])
        tensors[node] = operation_of(graph.operations[node])(make, arriving, filters)
    return _sum([tensors[source] for source in graph.predecessors(output)])


def _concat_cell(make: Layers, graph: Graph, x, filters: int):
    """Inner nodes add up; the output joins along the channels, and the input is projected."""
    channels = node_channels(graph, filters)
    output = len(graph.operations) - 1
    tensors: dict[int, keras.KerasTensor] = {}
    for node in range(1, output):
        arriving = [
            conv_bn_relu(make, x, channels[node], kernel=1)
            if source == 0
            else _first_channels(tensors[source], channels[node])
            for source in graph.predecessors(node)
        ]
        operation = operation_of(graph.operations[node])
        tensors[node] = operation(make, _sum(arriving), channels[node])
    inner = [tensors[source] for source in graph.predecessors(output) if source != 0]
    branches = [keras.layers.Concatenate()(inner) if len(inner) > 1 else inner[0]] if inner else []
    if (0, output) in graph.edges:
        branches.append(conv_bn_relu(make, x, filters, kernel=1))
    return _sum(branches)


def node_channels(graph: Graph, filters: int) -> list[int]:
    """How many channels each node of a concatenating cell has, by NAS-Bench-101's rule.

    The output's `filters` are divided among the inner nodes that lead to it; the first ones get one
    more where that leaves a remainder. Any other inner node has as many channels as the largest of
    the nodes that it leads to.

    Raises:
        ValueError: If more inner nodes lead to the output than there are filters.

    Reference:
        Ying et al. 2019, NAS-Bench-101, supplement S1 (`compute_vertex_channels` in their code).
    """
    output = len(graph.operations) - 1
    last = [node for node in graph.predecessors(output) if node != 0]
    advice = f"The output joins {len(last)} nodes: build with more filters."
    whole("filters", filters, len(last), advice=advice)
    channels = [filters] * (output + 1)
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
