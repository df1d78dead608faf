"""models: from graph to Keras model, its size, its cost and its weights."""

import math

import numpy as np
import pytest

from nas_tutorial.backend import keras
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.spaces.flops import count_flops, training_bytes
from nas_tutorial.spaces.graph import INPUT, OUTPUT, OUTPUT_CONCAT, Graph
from nas_tutorial.spaces.node_cell import NodeCellSpace
from nas_tutorial.spaces.operations import OPERATIONS
from nas_tutorial.spaces.skeleton import Skeleton, node_channels

SMALL = Skeleton(filters=4, cells=(1,))
SEQUENCE, IMAGE = (8, 1), (6, 6, 1)


def graph(*operations: str, edges, output: str = OUTPUT) -> Graph:
    return Graph((INPUT, *operations, output), frozenset(edges))


def chain(*operations: str, output: str = OUTPUT) -> Graph:
    edges = {(i, i + 1) for i in range(len(operations) + 1)}
    return graph(*operations, edges=edges, output=output)


def batch(input_shape, *, size: int = 3, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(size, *input_shape)).astype("float32")


def logits(model, x, **settings) -> np.ndarray:
    return keras.ops.convert_to_numpy(model(x, **settings))


def layers(model, kind: str) -> list:
    return [layer for layer in model.layers if type(layer).__name__.startswith(kind)]


# Size and cost, counted by hand


def test_a_one_dimensional_network_counted_by_hand():
    """Length 5, one channel; one cell of two filters that holds one convolution; three classes."""
    skeleton = Skeleton(filters=2, cells=(1,))
    model = skeleton.build(chain("nor_conv_3x3"), (5, 1), 3)
    numbers = 5 * 2  # in a tensor of the cell
    norm = 4 * 2  # scale, offset, moving mean and moving variance of two channels

    stem = 3 * 1 * 2 + norm
    cell = 3 * 2 * 2 + norm
    head = norm + (2 * 3 + 3)
    assert model.count_params() == stem + cell + head == 51

    stem = 2 * (3 * 1) * numbers + 2 * numbers  # convolution, batch norm
    cell = numbers + 2 * (3 * 2) * numbers + 2 * numbers  # ReLU, convolution, batch norm
    head = 2 * numbers + numbers + numbers + (2 * 2 * 3 + 3)  # norm, ReLU, average, dense
    assert count_flops(model) == stem + cell + head == 285


def test_a_two_dimensional_network_counted_by_hand():
    """4 x 4 pixels, three channels, two stages of one cell: a skip, a pool and a 1 x 1, summed."""
    cell_graph = graph(
        "skip_connect",
        "avg_pool_3x3",
        "nor_conv_1x1",
        edges={(0, 1), (0, 2), (0, 3), (1, 4), (2, 4), (3, 4)},
    )
    model = Skeleton(filters=2, cells=(1, 1)).build(cell_graph, (4, 4, 3), 5)
    first, second = 4 * 4 * 2, 2 * 2 * 4  # numbers in a tensor of each stage

    stem = 9 * 3 * 2 + 4 * 2
    cells = (1 * 2 * 2 + 4 * 2) + (1 * 4 * 4 + 4 * 4)
    reduction = 9 * 2 * 4 + 4 * 4
    head = 4 * 4 + (4 * 5 + 5)
    assert model.count_params() == stem + cells + reduction + head == 235

    def cell(numbers: int, channels: int) -> int:
        pool, add = 9 * numbers, 2 * numbers
        return pool + (numbers + 2 * channels * numbers + 2 * numbers) + add

    stem = 2 * (9 * 3) * first + 2 * first
    reduction = first + 2 * (9 * 2) * second + 2 * second
    head = 2 * second + second + second + (2 * 4 * 5 + 5)
    assert count_flops(model) == stem + cell(first, 2) + reduction + cell(second, 4) + head


def test_a_concatenating_network_counted_by_hand():
    """Length 4; the output joins nodes 1 and 2, which so have two of three channels, and one."""
    cell_graph = graph(
        "conv1x1-bn-relu",
        "conv3x3-bn-relu",
        edges={(0, 1), (1, 2), (1, 3), (2, 3)},
        output=OUTPUT_CONCAT,
    )
    model = Skeleton(filters=3, cells=(1,)).build(cell_graph, (4, 1), 2)

    stem = 3 * 1 * 3 + 4 * 3
    projection = 1 * 3 * 2 + 4 * 2
    node_1 = 1 * 2 * 2 + 4 * 2
    node_2 = 3 * 1 * 1 + 4 * 1  # it takes one of node 1's two channels
    head = 4 * 3 + (3 * 2 + 2)
    assert model.count_params() == stem + projection + node_1 + node_2 + head == 74

    def conv_norm_relu(kernel: int, channels_in: int, channels_out: int) -> int:
        return (2 * kernel * channels_in + 2 + 1) * 4 * channels_out

    stem = (2 * 3 * 1 + 2) * 4 * 3
    cell = conv_norm_relu(1, 3, 2) + conv_norm_relu(1, 2, 2) + conv_norm_relu(3, 1, 1)
    head = (2 + 1 + 1) * 4 * 3 + (2 * 3 * 2 + 2)
    assert count_flops(model) == stem + cell + head


def test_a_layer_of_unknown_cost_is_refused():
    model = keras.Sequential([keras.Input((4, 1)), keras.layers.LSTM(2)])
    with pytest.raises(ValueError, match=r"of a kind whose cost is known, got LSTM\. Add its cost"):
        count_flops(model)


# Shape of the network


@pytest.mark.parametrize("input_shape", [SEQUENCE, IMAGE, (7, 5, 3)])
def test_a_reduction_halves_the_size_and_doubles_the_filters(input_shape):
    model = Skeleton(filters=2, cells=(1, 2, 1)).build(chain("nor_conv_1x1"), input_shape, 10)
    (average,) = layers(model, "GlobalAveragePooling")
    halved_twice = tuple(math.ceil(size / 4) for size in input_shape[:-1])
    assert tuple(average.input.shape) == (None, *halved_twice, 8)
    assert tuple(model.output.shape) == (None, 10)
    widths = [layer.filters for layer in layers(model, "Conv")]
    assert widths == [2, 2, 4, 4, 4, 8, 8]  # stem; then cells, a reduction before each new stage


def test_large_images_get_stages_and_tokens_an_embedding():
    assert len(Skeleton.for_input((32, 32, 3)).cells) > 1
    assert len(Skeleton.for_input((8, 8, 1)).cells) == 1
    assert len(Skeleton.for_input((40, 1)).cells) == 1
    assert Skeleton.for_input((200,), 1000).vocabulary_size == 1000


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"filters": 0}, r"filters=0, cells=\(3,\)"),
        ({"filters": "16"}, r"filters='16', cells=\(3,\)"),
        ({"cells": 0}, r"cells=\(0,\)"),
        ({"vocabulary_size": 0}, r"vocabulary_size=0"),
        ({"cells": ()}, r"cells=\(\)"),
        ({"cells": (1, 0)}, r"cells=\(1, 0\)"),
    ],
)
def test_empty_skeletons_are_refused(settings, found):
    with pytest.raises(ValueError, match=rf"must be whole numbers of at least 1, got .*{found}"):
        Skeleton(**settings)


@pytest.mark.parametrize(
    ("vocabulary_size", "input_shape", "allowed"),
    [(None, (8,), "2 or 3"), (None, (2, 2, 2, 1), "2 or 3"), (10, (8, 1), "1")],
)
def test_input_of_another_rank_is_refused(vocabulary_size, input_shape, allowed):
    skeleton = Skeleton(vocabulary_size=vocabulary_size)
    with pytest.raises(ValueError, match=rf"must have {allowed} entries here, got .*Use \(length"):
        skeleton.build(chain("skip_connect"), input_shape, 2)


# Operations


@pytest.mark.parametrize("input_shape", [SEQUENCE, IMAGE], ids=["1-D", "2-D"])
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("output", [OUTPUT, OUTPUT_CONCAT])
def test_every_operation_builds(operation, input_shape, output):
    model = SMALL.build(chain(operation, output=output), input_shape, 3)
    result = logits(model, batch(input_shape))
    assert result.shape == (3, 3)
    assert np.isfinite(result).all()
    assert len(np.unique(result.round(5))) == 9  # every sample and class its own
    # The cell's window is what the name says, one-dimensional for a sequence.
    windows = [layer.kernel_size for layer in layers(model, "Conv")[1:]]
    windows += [layer.pool_size for layer in layers(model, "Max") + layers(model, "Average")]
    rank = len(input_shape) - 1
    expected = [(int(size),) * rank for size in "135" if f"{size}x{size}" in operation]
    projection = [(1,) * rank] if output == OUTPUT_CONCAT else []
    assert windows == projection + expected


@pytest.mark.parametrize("kind", ["Max", "Average"])
def test_pooling_looks_at_three_neighbours(kind):
    name = {"Max": "max_pool_3x3", "Average": "avg_pool_3x3"}[kind]
    model = SMALL.build(chain(name), SEQUENCE, 3)
    (pool,) = layers(model, f"{kind}Pooling")
    x = np.array([4.0, 8, 0, 2, 6], "float32").reshape(1, 5, 1)
    # At the ends the window holds two numbers: what lies outside does not count.
    expected = {"Max": [8, 8, 8, 6, 6], "Average": [6, 4, 10 / 3, 8 / 3, 4]}[kind]
    np.testing.assert_allclose(logits(pool, x).ravel(), expected, rtol=1e-6)


@pytest.mark.parametrize("output", [OUTPUT, OUTPUT_CONCAT])
def test_an_unknown_operation_is_refused_with_the_nearest(output):
    with pytest.raises(ValueError, match=r"got 'nor_conv_3x4'\. Did you mean 'nor_conv_3x3'\?"):
        SMALL.build(chain("nor_conv_3x4", output=output), SEQUENCE, 3)


def test_an_unknown_operation_that_does_no_work_is_not_built():
    cell_graph = graph("skip_connect", "no such", edges={(0, 1), (0, 2), (1, 3)})
    assert SMALL.build(cell_graph, SEQUENCE, 3).count_params() > 0


# What cells compute


def test_nodes_add_up_what_reaches_them():
    """Fresh batch norms and ReLU keep factors, so two skips side by side double the logits."""
    x = batch(SEQUENCE)
    once = SMALL.build(chain("skip_connect"), SEQUENCE, 3, seed=1)
    cell_graph = graph("skip_connect", "skip_connect", edges={(0, 1), (0, 2), (1, 3), (2, 3)})
    twice = SMALL.build(cell_graph, SEQUENCE, 3, seed=1)
    np.testing.assert_allclose(logits(twice, x), 2 * logits(once, x), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("input_shape", [SEQUENCE, IMAGE], ids=["1-D", "2-D"])
@pytest.mark.parametrize("output", [OUTPUT, OUTPUT_CONCAT])
def test_a_disconnected_cell_gives_constant_logits(input_shape, output):
    cell_graph = graph("nor_conv_3x3", edges={(0, 1)}, output=output)
    model = Skeleton(filters=4, cells=(1, 1)).build(cell_graph, input_shape, 3)
    result = logits(model, batch(input_shape))
    np.testing.assert_array_equal(result, np.broadcast_to(result[0], result.shape))


def test_dead_parts_change_nothing():
    """Neither size nor weights nor output: a convolution on zeros would add its offset."""
    pairs = [
        (
            graph("nor_conv_3x3", "nor_conv_1x1", edges={(0, 1), (1, 3), (2, 3)}),
            chain("nor_conv_3x3"),
        ),
        (
            graph("nor_conv_1x1", "nor_conv_3x3", edges={(0, 1), (0, 2), (2, 3)}),
            chain("nor_conv_3x3"),
        ),
        (
            graph(
                "maxpool3x3",
                "conv1x1-bn-relu",
                edges={(0, 1), (0, 2), (2, 3)},
                output=OUTPUT_CONCAT,
            ),
            chain("conv1x1-bn-relu", output=OUTPUT_CONCAT),
        ),
    ]
    x = batch(IMAGE)
    for with_dead_parts, pruned in pairs:
        models = [SMALL.build(g, IMAGE, 3, seed=2) for g in (with_dead_parts, pruned)]
        assert models[0].count_params() == models[1].count_params()
        assert count_flops(models[0]) == count_flops(models[1])
        np.testing.assert_array_equal(logits(models[0], x), logits(models[1], x))


@pytest.mark.parametrize("space", [EdgeCellSpace(), NodeCellSpace(), ChainSpace(4)], ids=repr)
def test_sampled_architectures_build_and_save(space, tmp_path):
    """A saved model gives the same logits again; node cells slice channels on the way."""
    rng = np.random.default_rng(0)
    for number in range(3):
        model = SMALL.build(space.graph(space.sample(rng)), SEQUENCE, 3, seed=number)
        x = batch(SEQUENCE)
        model(x, training=True)  # moves the batch statistics off their start
        model.save(tmp_path / "model.keras")
        again = keras.saving.load_model(tmp_path / "model.keras")
        np.testing.assert_allclose(logits(again, x), logits(model, x), rtol=1e-5, atol=1e-6)


def test_a_node_cell_that_slices_channels_saves(tmp_path):
    cell_graph = graph(
        "conv1x1-bn-relu",
        "conv3x3-bn-relu",
        edges={(0, 1), (1, 2), (1, 3), (2, 3), (0, 3)},
        output=OUTPUT_CONCAT,
    )
    model = Skeleton(filters=5, cells=(2,)).build(cell_graph, IMAGE, 3)
    assert any(type(operation).__name__ == "GetItem" for operation in model.operations)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    x = batch(IMAGE)
    np.testing.assert_allclose(logits(again, x), logits(model, x), rtol=1e-5, atol=1e-6)


# Seeds


@pytest.mark.parametrize("vocabulary_size", [None, 20])
def test_equal_seeds_equal_weights(vocabulary_size):
    skeleton = Skeleton(filters=4, cells=(1,), vocabulary_size=vocabulary_size)
    shape = SEQUENCE if vocabulary_size is None else (8,)

    def weights(seed: int) -> list[np.ndarray]:
        return skeleton.build(chain("nor_conv_3x3"), shape, 3, seed=seed).get_weights()

    first, again, other = weights(7), weights(7), weights(8)
    assert all(np.array_equal(a, b) for a, b in zip(first, again))
    drawn = [i for i, w in enumerate(first) if w.std() > 0]  # all but offsets, scales, statistics
    assert len(drawn) == (3 if vocabulary_size is None else 4)
    assert not any(np.array_equal(first[i], other[i]) for i in drawn)


def test_layers_of_one_model_start_with_different_weights():
    model = SMALL.build(chain("nor_conv_3x3", "nor_conv_3x3"), SEQUENCE, 3)
    first, second = (layer.get_weights()[0] for layer in layers(model, "Conv")[1:])
    assert first.shape == second.shape
    assert not np.array_equal(first, second)


# Batch normalisation


def test_batch_statistics_move_by_a_tenth():
    model = SMALL.build(chain("skip_connect"), SEQUENCE, 3)
    stem, norm = layers(model, "Conv")[0], layers(model, "BatchNormalization")[0]
    x = batch(SEQUENCE, size=64)
    convolved = logits(stem, x)
    model(x, training=True)
    mean, variance = (keras.ops.convert_to_numpy(v) for v in norm.non_trainable_variables)
    np.testing.assert_allclose(mean, 0.1 * convolved.mean(axis=(0, 1)), rtol=1e-4, atol=1e-6)
    expected = 0.9 + 0.1 * convolved.var(axis=(0, 1))
    np.testing.assert_allclose(variance, expected, rtol=1e-2)


def test_a_prediction_does_not_depend_on_its_batch():
    model = SMALL.build(chain("nor_conv_3x3"), SEQUENCE, 3)
    x = batch(SEQUENCE, size=16)
    model(x, training=True)
    together, alone = logits(model, x, training=False)[:1], logits(model, x[:1], training=False)
    np.testing.assert_allclose(together, alone, rtol=1e-4, atol=1e-5)


# Tokens


def test_tokens_are_embedded_first():
    skeleton = Skeleton(filters=4, cells=(1,), vocabulary_size=20)
    model = skeleton.build(chain("nor_conv_3x3"), (8,), 3)
    (embedding,) = layers(model, "Embedding")
    assert embedding.count_params() == 20 * 4
    tokens = np.arange(16).reshape(2, 8)
    changed = tokens.copy()
    changed[0, 3] = 19
    before, after = logits(model, tokens), logits(model, changed)
    assert before.shape == (2, 3)
    assert np.abs(before[0] - after[0]).max() > 1e-6
    np.testing.assert_allclose(before[1], after[1], rtol=1e-5)
    without = Skeleton(filters=4, cells=(1,)).build(chain("nor_conv_3x3"), (8, 4), 3)
    assert model.count_params() == without.count_params() + 80
    assert count_flops(model) == count_flops(without)


# Channels by NAS-Bench-101's rule


@pytest.mark.parametrize(
    ("edges", "filters", "expected"),
    [
        # In a row: the one node before the output has all, and so have those before it.
        ({(0, 1), (1, 2), (2, 3)}, 8, [8, 8, 8, 8]),
        # Two nodes side by side share evenly.
        ({(0, 1), (0, 2), (1, 3), (2, 3)}, 8, [8, 4, 4, 8]),
        # What does not divide goes to the first ones.
        ({(0, 1), (0, 2), (1, 3), (2, 3)}, 7, [7, 4, 3, 7]),
        ({(0, 1), (0, 2), (0, 3), (1, 4), (2, 4), (3, 4)}, 8, [8, 3, 3, 2, 8]),
        # A node that leads to the output keeps its share, whatever else it leads to.
        ({(0, 1), (1, 2), (1, 3), (2, 3)}, 7, [7, 4, 3, 7]),
        # Node 1 leads to nodes 2 and 3, with 4 and 3 channels: it has the larger number.
        ({(0, 1), (1, 2), (1, 3), (2, 4), (3, 4)}, 7, [7, 4, 4, 3, 7]),
        # The same one node further from the output, and node 2 leads only to the smaller.
        ({(0, 1), (1, 2), (2, 4), (1, 3), (3, 5), (4, 5)}, 7, [7, 4, 3, 4, 3, 7]),
        # An edge from input to output takes no share: its projection is added.
        ({(0, 1), (0, 2), (0, 3), (1, 3), (2, 3)}, 8, [8, 4, 4, 8]),
        ({(0, 1)}, 5, [5, 5]),
    ],
)
def test_node_channels_by_hand(edges, filters, expected):
    inner = ("maxpool3x3",) * (len(expected) - 2)
    cell_graph = graph(*inner, edges=edges, output=OUTPUT_CONCAT)
    assert node_channels(cell_graph, filters) == expected


def test_the_output_of_a_concatenating_cell_has_all_filters():
    space, rng = NodeCellSpace(), np.random.default_rng(1)
    for _ in range(200):
        pruned = space.graph(space.sample(rng)).pruned()
        channels, output = node_channels(pruned, 17), len(pruned.operations) - 1
        joined = [channels[n] for n in pruned.predecessors(output) if n != 0]
        assert sum(joined) == 17 or not joined
        for source, target in pruned.edges:  # a node never lacks channels that the next one takes
            assert channels[source] >= channels[target] or target == output


def test_more_joined_nodes_than_filters_are_refused():
    cell_graph = graph(
        *("maxpool3x3",) * 3,
        edges={(0, 1), (0, 2), (0, 3), (1, 4), (2, 4), (3, 4)},
        output=OUTPUT_CONCAT,
    )
    with pytest.raises(ValueError, match=r"at least the 3 nodes that the output joins, got 2\."):
        node_channels(cell_graph, 2)


def test_training_bytes_by_hand():
    model = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(5), keras.layers.BatchNormalization()]
    )
    weights = 3 * (3 * 5 + 5 + 2 * 5) + 2 * 5  # kernel, bias, scale and shift; mean and variance
    outputs = 3 + 5 + 5 if isinstance(model.layers[0], keras.layers.InputLayer) else 5 + 5
    assert training_bytes(model, 1) == 4 * (weights + 2 * outputs)
    assert training_bytes(model, 7) == 4 * (weights + 7 * 2 * outputs)
