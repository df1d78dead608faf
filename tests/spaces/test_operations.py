"""operations: each name becomes the layers that it says."""

import numpy as np
import pytest

from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.spaces.graph import OUTPUT, OUTPUT_CONCAT
from nas_tutorial.spaces.node_cell import NodeCellSpace
from nas_tutorial.spaces.operations import OPERATIONS, operation_of
from tests.spaces.networks import IMAGE, SEQUENCE, SMALL, batch, chain, layers, logits


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


def test_an_operation_is_found_by_its_name():
    assert operation_of("nor_conv_3x3") is OPERATIONS["nor_conv_3x3"]
    with pytest.raises(ValueError, match=r"an operation must be one of .*; got None\. Choose"):
        operation_of(None)


@pytest.mark.parametrize("space", [ChainSpace(), EdgeCellSpace(), NodeCellSpace()], ids=repr)
def test_every_operation_of_every_space_can_be_built(space):
    rng = np.random.default_rng(0)
    graphs = [space.graph(space.sample(rng)) for _ in range(50)]
    used = {operation for graph in graphs for operation in graph.operations[1:-1]}
    assert used and used <= set(OPERATIONS)
