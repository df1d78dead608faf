"""node_cell: nodes with operations, edges that are chosen, and what makes a cell valid."""

import pytest

from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.graph import INPUT, OUTPUT_CONCAT, Graph
from nas_tutorial.spaces.node_cell import NodeCellSpace


def test_a_node_cell_is_its_graph():
    space = NodeCellSpace(num_nodes=4)
    assert space.pairs == ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3))
    graph = space.graph(Architecture((1, 0, 1, 1, 0, 1, "maxpool3x3", "conv1x1-bn-relu")))
    assert graph == Graph(
        (INPUT, "maxpool3x3", "conv1x1-bn-relu", OUTPUT_CONCAT),
        frozenset({(0, 1), (0, 3), (1, 2), (2, 3)}),
    )


def test_a_node_cell_counts_only_the_edges_that_work():
    space = NodeCellSpace(num_nodes=4, max_edges=3)
    operations = ("maxpool3x3", "maxpool3x3")
    assert Architecture((1, 0, 0, 1, 0, 1, *operations)) in space  # three in a row
    assert Architecture((1, 0, 1, 1, 0, 1, *operations)) not in space  # and a fourth
    assert Architecture((1, 0, 1, 1, 1, 0, *operations)) in space  # 1 to 2 leads nowhere
    assert Architecture((1, 0, 0, 1, 0, 0, *operations)) not in space  # output on its own


def test_the_default_node_cell_is_nasbench_101s():
    space = NodeCellSpace()
    assert (space.num_nodes, space.max_edges) == (7, 9)
    assert space.OPERATIONS == ("conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3")


@pytest.mark.parametrize(
    ("setting", "value", "bounds"),
    [
        ("num_nodes", 1, r"in \[2, 50\]"),
        ("num_nodes", 51, r"in \[2, 50\]"),
        ("num_nodes", None, r"in \[2, 50\]"),
        ("max_edges", 0, "at least 1"),
        ("max_edges", 1.5, "at least 1"),
    ],
)
def test_a_node_cell_needs_nodes_and_edges(setting, value, bounds):
    expected = rf"{setting} must be a whole number {bounds}, got {value}\."
    with pytest.raises(ValueError, match=expected):
        NodeCellSpace(**{setting: value})
