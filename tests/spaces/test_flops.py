"""flops: what a model costs, counted by hand."""

import pytest

from nas_tutorial.backend import keras
from nas_tutorial.spaces.flops import count_flops
from nas_tutorial.spaces.graph import OUTPUT_CONCAT
from nas_tutorial.spaces.skeleton import Skeleton
from tests.spaces.networks import chain, graph


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
