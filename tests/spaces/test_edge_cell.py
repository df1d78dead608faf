"""edge_cell: an edge of the cell becomes a node of the graph, and NAS-Bench-201's names."""

import csv
import gzip
import os
from pathlib import Path

import numpy as np
import pytest

from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.spaces.graph import INPUT, OUTPUT, Graph


def test_an_edge_of_the_cell_becomes_a_node():
    space = EdgeCellSpace()
    text = "|nor_conv_3x3~0|+|none~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_1x1~1|none~2|"
    graph = space.graph(space.from_string(text))
    # Nodes: 0 to 1 conv3, 0 to 3 skip, 1 to 2 pool (leads nowhere), 1 to 3 conv1.
    nodes = (INPUT, "nor_conv_3x3", "skip_connect", "avg_pool_3x3", "nor_conv_1x1", OUTPUT)
    assert graph == Graph(nodes, frozenset({(0, 1), (0, 2), (1, 3), (1, 4), (2, 5), (4, 5)}))
    assert "avg_pool_3x3" not in graph.pruned().operations


def test_paths_through_an_edge_cell_are_paths_through_its_graph():
    """Four nodes in a full cell: one path of one edge, two of two, one of three."""
    import networkx

    space = EdgeCellSpace()
    graph = space.graph(Architecture(("skip_connect",) * 6))
    paths = networkx.all_simple_paths(
        networkx.DiGraph(sorted(graph.edges)), 0, len(graph.operations) - 1
    )
    assert sorted(len(path) - 2 for path in paths) == [1, 2, 2, 3]


def test_without_dead_edges_is_the_same_network_in_9445_ways():
    space = EdgeCellSpace()
    written = {architecture: space.without_dead_edges(architecture) for architecture in space}
    assert len(set(written.values())) == 9_445
    for architecture, shorter in written.items():
        changed = {new for old, new in zip(architecture.values, shorter.values) if old != new}
        assert changed <= {"none"}
        graph = space.graph(shorter)
        assert graph == space.graph(architecture).pruned()


def test_edge_cell_has_24_neighbors_everywhere():
    space = EdgeCellSpace()
    assert {
        len(space.neighbors(space.sample(np.random.default_rng(seed)))) for seed in range(20)
    } == {24}


# NAS-Bench-201's names


def test_a_name_of_nasbench_201_by_hand():
    space = EdgeCellSpace()
    text = "|nor_conv_3x3~0|+|none~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_1x1~1|none~2|"
    architecture = space.from_string(text)
    named = dict(zip((choice.name for choice in space.choices), architecture.values))
    assert named == {
        "0 to 1": "nor_conv_3x3",
        "0 to 2": "none",
        "1 to 2": "avg_pool_3x3",
        "0 to 3": "skip_connect",
        "1 to 3": "nor_conv_1x1",
        "2 to 3": "none",
    }
    assert space.to_string(architecture) == text
    assert space.from_string(f" {text}\n") == architecture


def test_all_names_round_trip():
    space = EdgeCellSpace()
    names = {space.to_string(architecture): architecture for architecture in space}
    assert len(names) == 15_625
    assert all(space.from_string(text) == architecture for text, architecture in names.items())


def test_the_names_of_nasbench_201_itself_round_trip():
    path = os.environ.get("NAS_TUTORIAL_NASBENCH201")
    if not path:
        pytest.skip("NAS_TUTORIAL_NASBENCH201 names no NAS-Bench-201 table")
    if not Path(path).is_file():
        pytest.skip(f"there is no file {path}, which NAS_TUTORIAL_NASBENCH201 names")
    with gzip.open(path, "rt", newline="") as file:
        names = [row["architecture"] for row in csv.DictReader(file)]
    space = EdgeCellSpace()
    architectures = {space.from_string(text) for text in names}
    assert architectures == set(space)
    assert all(space.to_string(space.from_string(text)) == text for text in names)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nor_conv_3x3",
        "|none~0|+|none~0|none~1|",
        "|none~0|+|none~0|none~1|+|none~0|none~1|none~3|",
        "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|none~3|",
        None,
        3,
    ],
)
def test_what_is_no_name_is_refused_with_an_example(text):
    expected = r"must look like \|skip_connect~0\|\+.*, got .*Write it with space.to_string"
    with pytest.raises(ValueError, match=expected):
        EdgeCellSpace().from_string(text)


def test_a_name_with_an_unknown_operation_is_refused():
    with pytest.raises(
        ValueError, match=r"choice '0 to 3' .*got 'nor_conv_3x4'. Did you mean 'nor"
    ):
        EdgeCellSpace().from_string(
            "|none~0|+|none~0|none~1|+|nor_conv_3x4~0|none~1|none~2|",
        )


def test_to_string_refuses_a_foreign_architecture():
    with pytest.raises(ValueError, match="of edge_cell must have 6 values, got 1: Arch"):
        EdgeCellSpace().to_string(Architecture(("none",)))
