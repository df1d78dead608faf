"""skeleton: from graph to Keras model, its shape, its channels and its weights."""

import math

import numpy as np
import pytest

from nas_tutorial.backend import keras
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.spaces.flops import count_flops
from nas_tutorial.spaces.graph import OUTPUT, OUTPUT_CONCAT
from nas_tutorial.spaces.node_cell import NodeCellSpace
from nas_tutorial.spaces.skeleton import Skeleton, node_channels
from tests.spaces.networks import IMAGE, SEQUENCE, SMALL, batch, chain, graph, layers, logits

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
        ({"filters": 0}, r"filters must be .* got 0"),
        ({"filters": "16"}, r"filters must be .* got '16'"),
        ({"filters": True}, r"filters must be .* got True"),
        ({"cells": 0}, r"the cells of a stage must be .* got 0"),
        ({"cells": (1, 0)}, r"the cells of a stage must be .* got 0"),
        ({"cells": ()}, r"the number of stages must be .* got 0. Write cells="),
        ({"vocabulary_size": 0}, r"vocabulary_size must be .* got 0"),
    ],
)
def test_empty_skeletons_are_refused(settings, found):
    with pytest.raises(ValueError, match=found):
        Skeleton(**settings)


def test_the_numbers_of_a_skeleton_become_pythons_own():
    skeleton = Skeleton(np.int64(8), [np.int64(2), 1], np.int32(30))
    assert skeleton == Skeleton(8, (2, 1), 30)
    assert {type(number) for number in (skeleton.filters, *skeleton.cells)} == {int}


@pytest.mark.parametrize(
    ("vocabulary_size", "input_shape", "allowed"),
    [(None, (8,), "2 or 3"), (None, (2, 2, 2, 1), "2 or 3"), (10, (8, 1), "1")],
)
def test_input_of_another_rank_is_refused(vocabulary_size, input_shape, allowed):
    skeleton = Skeleton(vocabulary_size=vocabulary_size)
    with pytest.raises(ValueError, match=rf"must have {allowed} entries here, got .*Use \(length"):
        skeleton.build(chain("skip_connect"), input_shape, 2)


# What cells compute


def test_an_unknown_operation_that_does_no_work_is_not_built():
    cell_graph = graph("skip_connect", "no such", edges={(0, 1), (0, 2), (1, 3)})
    assert SMALL.build(cell_graph, SEQUENCE, 3).count_params() > 0


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
    with pytest.raises(ValueError, match=r"at least 3, got 2\. The output joins 3 nodes: build"):
        node_channels(cell_graph, 2)
