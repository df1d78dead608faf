from itertools import pairwise

import numpy as np
import pytest

from nas_tutorial.reporting.layout import layered
from nas_tutorial.spaces import SPACES
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.spaces.graph import INPUT, OUTPUT, Graph
from nas_tutorial.spaces.node_cell import NodeCellSpace


def sampled_graphs(name: str, number: int = 150) -> list[Graph]:
    """Graphs of a space as they are and pruned."""
    space = SPACES.load(name)()
    rng = np.random.default_rng(0)
    graphs = [space.graph(space.sample(rng)) for _ in range(number)]
    return graphs + [graph.pruned() for graph in graphs]


def dense_graphs(number: int = 60) -> list[Graph]:
    """Graphs of up to nine nodes with any edges, so with dead ends and nodes that hang on none."""
    rng = np.random.default_rng(1)
    graphs = []
    for _ in range(number):
        size = int(rng.integers(2, 10))
        pairs = [(s, t) for t in range(size) for s in range(t)]
        kept = rng.random(len(pairs)) < rng.uniform(0.1, 0.9)
        edges = frozenset(pair for pair, keep in zip(pairs, kept) if keep)
        graphs.append(Graph((INPUT, *["conv"] * (size - 2), OUTPUT), edges))
    return graphs


@pytest.fixture(params=[*SPACES, "dense"])
def graphs(request) -> list[Graph]:
    return dense_graphs() if request.param == "dense" else sampled_graphs(request.param)


def test_every_node_has_a_place_and_every_edge_a_route(graphs):
    for graph in graphs:
        layout = layered(graph)
        assert set(layout.positions) == set(range(len(graph.operations)))
        assert set(layout.routes) == graph.edges
        for (source, target), route in layout.routes.items():
            assert route[0] == layout.positions[source]
            assert route[-1] == layout.positions[target]


def test_nodes_stand_in_layers_and_every_edge_goes_right(graphs):
    for graph in graphs:
        layout = layered(graph)
        assert all(x == int(x) >= 0 for x, _ in layout.positions.values())
        for source, target in graph.edges:
            assert layout.positions[source][0] < layout.positions[target][0]


def test_the_input_comes_first_and_the_output_last(graphs):
    for graph in graphs:
        positions = layered(graph).positions
        layers = {node: x for node, (x, _) in positions.items()}
        inner = [x for node, x in layers.items() if node not in (0, len(layers) - 1)]
        assert layers[0] == 0 < min(inner, default=1)
        assert layers[len(layers) - 1] > max(inner, default=0)


def test_a_node_stands_right_after_the_last_of_its_predecessors(graphs):
    for graph in graphs:
        positions = layered(graph).positions
        for node in range(1, len(graph.operations) - 1):
            before = [positions[source][0] for source in graph.predecessors(node)]
            assert positions[node][0] == 1 + max(before, default=0)


def test_no_two_things_are_on_the_same_spot(graphs):
    for graph in graphs:
        layout = layered(graph)
        spots = list(layout.positions.values())
        spots += [point for route in layout.routes.values() for point in route[1:-1]]
        assert len(spots) == len(set(spots))


def test_routes_stop_in_every_layer_so_no_edge_runs_through_a_node(graphs):
    for graph in graphs:
        layout = layered(graph)
        for route in layout.routes.values():
            assert all(after[0] - before[0] == 1 for before, after in pairwise(route))
            assert not set(route[1:-1]) & set(layout.positions.values())


def test_things_in_a_layer_keep_a_distance_of_one(graphs):
    for graph in graphs:
        layout = layered(graph)
        rows: dict = {}
        spots = {*layout.positions.values()}.union(*layout.routes.values())
        for x, y in spots:
            rows.setdefault(x, []).append(y)
        for row in rows.values():
            assert all(after - before == 1 for before, after in pairwise(sorted(row)))
            assert sum(row) == 0  # centred


def test_width_and_height_hold_everything(graphs):
    for graph in graphs:
        layout = layered(graph)
        spots = {*layout.positions.values()}.union(*layout.routes.values())
        assert layout.width == 1 + max(x for x, _ in spots)
        assert layout.height == 1 + max(y for _, y in spots) - min(y for _, y in spots)


def test_the_same_graph_is_laid_out_the_same(graphs):
    for graph in graphs[:20]:
        twin = Graph(graph.operations, frozenset(sorted(graph.edges, reverse=True)))
        assert layered(graph) == layered(twin)


def test_a_chain_is_a_straight_line():
    space = ChainSpace(depth=4)
    graph = space.graph(next(iter(space)))
    assert layered(graph).positions == {node: (float(node), 0.0) for node in range(6)}


def test_the_smallest_graphs():
    assert layered(Graph((INPUT, OUTPUT), frozenset())).positions == {0: (0.0, 0.0), 1: (1.0, 0.0)}
    joined = layered(Graph((INPUT, OUTPUT), frozenset({(0, 1)})))
    assert joined.routes == {(0, 1): [(0.0, 0.0), (1.0, 0.0)]}
    assert (joined.width, joined.height) == (2, 1.0)


def crossings(layout) -> int:
    """Pairs of steps between the same two layers that change sides, counted anew."""
    steps = [step for route in layout.routes.values() for step in pairwise(route)]
    return sum(
        a[0] == c[0] and (a[1] - c[1]) * (b[1] - d[1]) < 0
        for index, (a, b) in enumerate(steps)
        for c, d in steps[:index]
    )


def test_two_lanes_that_are_numbered_crosswise_do_not_cross():
    # 0 feeds 1 and 2; 1 feeds 4, 2 feeds 3; in the order of the numbers the lanes would cross.
    edges = frozenset({(0, 1), (0, 2), (1, 4), (2, 3), (3, 5), (4, 5)})
    layout = layered(Graph((INPUT, "a", "b", "c", "d", OUTPUT), edges))
    assert crossings(layout) == 0
    assert {layout.positions[node][0] for node in (3, 4)} == {2.0}


def test_the_full_cell_of_nas_bench_201_is_drawn_with_few_crossings():
    space = EdgeCellSpace()
    rng = np.random.default_rng(0)
    full = type(space.sample(rng))(("nor_conv_3x3",) * 6)
    assert crossings(layered(space.graph(full))) <= 1


def test_sorting_leaves_fewer_crossings_than_the_order_of_the_numbers():
    from nas_tutorial.reporting import layout

    space = NodeCellSpace()
    rng = np.random.default_rng(0)
    graphs = [space.graph(space.sample(rng)).pruned() for _ in range(60)]
    swept = sum(crossings(layered(graph)) for graph in graphs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layout, "SWEEPS", 0)
        unswept = sum(crossings(layered(graph)) for graph in graphs)
    assert swept < unswept / 2
