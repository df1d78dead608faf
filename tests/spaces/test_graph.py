"""graph: what does work, and when two graphs are the same network."""

import itertools
import random
import time
from collections import defaultdict

import networkx
import pytest
from networkx.algorithms.isomorphism import categorical_node_match

from nas_tutorial.spaces import graph as graph_module
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.spaces.graph import INPUT, OUTPUT, OUTPUT_CONCAT, Graph
from nas_tutorial.spaces.node_cell import NodeCellSpace

SAME_OPERATION = categorical_node_match("operation", None)


def chain(*operations: str, output: str = OUTPUT) -> Graph:
    """Input, the operations in a row, output."""
    edges = frozenset((i, i + 1) for i in range(len(operations) + 1))
    return Graph((INPUT, *operations, output), edges)


def as_networkx(graph: Graph) -> networkx.DiGraph:
    """The same graph by networkx; every node has the attribute `operation`."""
    drawn = networkx.DiGraph(sorted(graph.edges))
    drawn.add_nodes_from((n, {"operation": name}) for n, name in enumerate(graph.operations))
    return drawn


def isomorphic(first: Graph, second: Graph) -> bool:
    """What networkx says of two graphs, dead nodes taken out by networkx as well."""
    return networkx.is_isomorphic(live_part(first), live_part(second), node_match=SAME_OPERATION)


def live_part(graph: Graph) -> networkx.DiGraph:
    """The input, the output and the nodes between them, by networkx's reachability."""
    whole = as_networkx(graph)
    output = len(graph.operations) - 1
    after_input = networkx.descendants(whole, 0) | {0}
    before_output = networkx.ancestors(whole, output) | {output}
    live = after_input & before_output
    kept = whole.subgraph(live).copy()
    for end in (0, output):
        kept.add_node(end, operation=graph.operations[end])
    return kept


def random_graph(rng: random.Random, *, num_nodes: int, labels: str = "ab") -> Graph:
    pairs = itertools.combinations(range(num_nodes), 2)
    density = rng.uniform(0.2, 0.8)
    inner = (rng.choice(labels) for _ in range(num_nodes - 2))
    output = rng.choice((OUTPUT, OUTPUT, OUTPUT, OUTPUT_CONCAT))
    edges = frozenset(pair for pair in pairs if rng.random() < density)
    return Graph((INPUT, *inner, output), edges)


def relabelled(graph: Graph, rng: random.Random) -> Graph:
    """The same network with its inner nodes in another topological order."""
    last = len(graph.operations) - 1
    order, waiting = [0], set(range(1, last))
    while waiting:
        free = [n for n in waiting if not waiting & set(graph.predecessors(n))]
        order.append(rng.choice(sorted(free)))
        waiting.remove(order[-1])
    order.append(last)
    number = {node: position for position, node in enumerate(order)}
    return Graph(
        tuple(graph.operations[node] for node in order),
        frozenset((number[s], number[t]) for s, t in graph.edges),
    )


def near_miss(graph: Graph, rng: random.Random) -> Graph:
    """One edge more or less, or one operation changed."""
    operations, edges = list(graph.operations), set(graph.edges)
    if len(operations) > 2 and rng.random() < 0.5:
        node = rng.randrange(1, len(operations) - 1)
        operations[node] = "b" if operations[node] == "a" else "a"
    else:
        edges ^= {tuple(sorted(rng.sample(range(len(operations)), 2)))}
    return Graph(tuple(operations), frozenset(edges))


# Pruning


def test_a_node_that_the_input_does_not_reach_is_dead():
    graph = Graph((INPUT, "a", "b", OUTPUT), frozenset({(0, 2), (1, 2), (2, 3)}))
    assert graph.live_nodes() == {0, 2, 3}
    assert graph.pruned() == chain("b")


def test_a_node_that_does_not_reach_the_output_is_dead():
    graph = Graph((INPUT, "a", "b", OUTPUT), frozenset({(0, 1), (0, 2), (1, 2), (1, 3)}))
    assert graph.pruned() == chain("a")


def test_pruning_keeps_every_live_edge_and_renumbers():
    operations = (INPUT, "dead", "a", "dead too", "b", OUTPUT_CONCAT)
    edges = frozenset({(0, 2), (0, 4), (0, 5), (2, 4), (4, 5), (1, 5), (2, 3)})
    assert Graph(operations, edges).pruned() == Graph(
        (INPUT, "a", "b", OUTPUT_CONCAT), frozenset({(0, 1), (0, 2), (0, 3), (1, 2), (2, 3)})
    )


def test_without_a_path_only_the_two_ends_stay():
    graph = Graph((INPUT, "a", "b", OUTPUT), frozenset({(0, 1), (2, 3)}))
    assert graph.live_nodes() == frozenset()
    assert graph.pruned() == Graph((INPUT, OUTPUT), frozenset())


def test_a_graph_without_dead_nodes_is_its_own_pruned_graph():
    graph = Graph((INPUT, "a", "b", OUTPUT), frozenset({(0, 1), (0, 2), (1, 3), (2, 3)}))
    assert graph.pruned() == graph


def test_pruning_agrees_with_networkx_and_needs_no_second_time():
    rng = random.Random(1)
    num_pruned = 0
    for _ in range(300):
        graph = random_graph(rng, num_nodes=rng.randint(2, 9))
        pruned, expected = graph.pruned(), live_part(graph)
        assert sorted(pruned.operations) == sorted(
            operation for _, operation in expected.nodes(data="operation")
        )
        assert len(pruned.edges) == expected.number_of_edges()
        assert pruned.pruned() == pruned
        num_pruned += pruned != graph
    assert 50 < num_pruned < 300


def test_predecessors_and_successors_come_in_ascending_order():
    graph = Graph((INPUT, "a", "b", OUTPUT), frozenset({(1, 3), (0, 3), (2, 3), (0, 2), (0, 1)}))
    assert graph.predecessors(3) == (0, 1, 2)
    assert graph.successors(0) == (1, 2, 3)
    assert graph.predecessors(0) == graph.successors(3) == ()


# Fingerprint


def test_fingerprint_agrees_with_networkx_on_random_pairs():
    rng = random.Random(2)
    outcomes = defaultdict(int)
    for _ in range(200):
        graph = random_graph(rng, num_nodes=rng.randint(2, 8))
        for kind, other in (
            ("copy", relabelled(graph, rng)),
            ("near miss", near_miss(relabelled(graph, rng), rng)),
            ("stranger", random_graph(rng, num_nodes=rng.randint(2, 4))),
        ):
            same = graph.fingerprint() == other.fingerprint()
            assert same == isomorphic(graph, other), (graph, other)
            outcomes[kind, same] += 1
    assert outcomes["copy", False] == 0
    # Each kind of pair has to have put the question: a change to a dead node is no change.
    assert min(outcomes["near miss", False], outcomes["near miss", True]) > 20
    assert min(outcomes["stranger", False], outcomes["stranger", True]) > 5


def rings(*sizes: int) -> Graph:
    """Two layers; node i of a ring leads to i and to its next. All nodes of a layer look alike."""
    width, start, edges = sum(sizes), 0, set()
    for size in sizes:
        for i in range(size):
            for j in (i, (i + 1) % size):
                edges.add((1 + start + i, 1 + width + start + j))
        start += size
    output = 1 + 2 * width
    edges |= {(0, 1 + i) for i in range(width)} | {(1 + width + i, output) for i in range(width)}
    return Graph((INPUT, *("a" * width + "b" * width), OUTPUT), frozenset(edges))


@pytest.mark.parametrize(("first", "second"), [((6,), (3, 3)), ((4, 2), (3, 3)), ((5,), (3, 2))])
def test_fingerprint_tells_apart_what_neighbourhoods_cannot(first, second):
    assert not isomorphic(rings(*first), rings(*second))
    assert rings(*first).fingerprint() != rings(*second).fingerprint()


@pytest.mark.parametrize("sizes", [(6,), (4, 2), (3, 2, 2)])
def test_fingerprint_does_not_depend_on_the_numbering(sizes):
    """Where nodes of rings of several sizes look alike, every one of them has to be tried."""
    rng, graph = random.Random(3), rings(*sizes)
    for _ in range(10):
        assert relabelled(graph, rng).fingerprint() == graph.fingerprint()


def branches(number: int, *edges: tuple[int, int], labels: str = "ab") -> Graph:
    """Equal branches between input and output, each of which has these edges between its nodes."""
    width, output = len(labels), 1 + number * len(labels)
    starts = [1 + width * i for i in range(number)]
    inner = {(start + s, start + t) for start in starts for s, t in edges or ((0, 1),)}
    outer = {(0, start) for start in starts} | {(start + width - 1, output) for start in starts}
    return Graph((INPUT, *(labels * number), OUTPUT), frozenset(inner | outer))


@pytest.mark.parametrize("number", [8, 10, 20])
def test_fingerprint_is_quick_where_many_branches_are_equal(number):
    rng, graph = random.Random(4), branches(number)
    other = Graph((*graph.operations[:-2], "a", OUTPUT), graph.edges)
    start = time.process_time()
    fingerprint = graph.fingerprint()
    assert time.process_time() - start < 1
    assert relabelled(graph, rng).fingerprint() == fingerprint
    assert other.fingerprint() != fingerprint


@pytest.mark.parametrize("number", [2, 5])
def test_fingerprint_is_quick_where_equal_branches_hold_equal_nodes(number):
    """Each branch is a diamond; in the second graph the last one has lost an edge."""
    diamond = (0, 1), (0, 2), (0, 3), (1, 4), (2, 4), (3, 4)
    rng, graph = random.Random(5), branches(number, *diamond, labels="abbbc")
    other = Graph(graph.operations, graph.edges - {(5 * number - 4, 5 * number - 3)})
    assert relabelled(graph, rng).fingerprint() == graph.fingerprint()
    assert other.pruned() != other
    assert relabelled(other, rng).fingerprint() == other.fingerprint() != graph.fingerprint()


def test_where_too_much_looks_alike_a_fingerprint_may_miss_a_duplicate_and_never_invents_one(
    monkeypatch,
):
    rng = random.Random(6)
    same, others = rings(3, 2, 2), [rings(4, 3), rings(7), rings(5, 2)]
    monkeypatch.setattr(graph_module, "MAX_SPELLINGS", 1)
    found = {relabelled(same, rng).fingerprint() for _ in range(10)}
    assert len(found) > 1  # a duplicate is missed
    assert not found & {relabelled(o, rng).fingerprint() for o in others for _ in range(10)}


def test_fingerprint_sees_skips_order_and_the_kind_of_output():
    different = [
        chain(),
        chain("skip_connect"),
        chain("a", "b"),
        chain("b", "a"),
        chain("a", "b", output=OUTPUT_CONCAT),
        Graph((INPUT, OUTPUT), frozenset()),
    ]
    assert len({graph.fingerprint() for graph in different}) == len(different)


def test_fingerprint_keeps_labels_with_spaces_apart():
    """Any text may label a node: where one label ends must not be lost in the spelling."""
    assert chain("a b", "c").fingerprint() != chain("a", "b c").fingerprint()


def test_fingerprint_ignores_dead_nodes():
    graph = Graph((INPUT, "b", "a", OUTPUT), frozenset({(0, 2), (2, 3), (1, 3)}))
    assert graph.fingerprint() == chain("a").fingerprint()


def test_edge_cell_has_8765_networks_and_networkx_agrees():
    space = EdgeCellSpace()
    by_fingerprint, num_encodings = defaultdict(set), 0
    for architecture in space:
        graph = space.graph(architecture)
        by_fingerprint[graph.fingerprint()].add(graph.pruned())
        num_encodings += 1
    assert num_encodings == space.size == 15_625
    assert len(by_fingerprint) == 8_765

    # The same partition by networkx: within groups that share a cheap invariant, every pruned
    # graph is compared with one member of each class so far.
    groups = defaultdict(list)
    for graph in set().union(*by_fingerprint.values()):
        groups[neighbourhoods(graph)].append(graph)
    classes = []
    for group in groups.values():
        found = []
        for graph in group:
            drawn = as_networkx(graph)
            for other, members in found:
                if networkx.is_isomorphic(drawn, other, node_match=SAME_OPERATION):
                    members.add(graph)
                    break
            else:
                found.append((drawn, {graph}))
        classes += [frozenset(members) for _, members in found]
    assert len(classes) == 8_765
    assert set(classes) == {frozenset(members) for members in by_fingerprint.values()}


def neighbourhoods(graph: Graph) -> tuple:
    """Of every node its operation and those around it: equal for isomorphic graphs."""
    operations = graph.operations
    return tuple(
        sorted(
            (
                operation,
                tuple(sorted(operations[n] for n in graph.predecessors(node))),
                tuple(sorted(operations[n] for n in graph.successors(node))),
            )
            for node, operation in enumerate(operations)
        )
    )


# NAS-Bench-101 has 1, 6, 84 and 2,441 distinct cells with exactly 2, 3, 4 and 5 nodes.
@pytest.mark.parametrize(("num_nodes", "cells"), [(2, 1), (3, 7), (4, 91), (5, 2_532)])
def test_node_cell_has_as_many_networks_as_nasbench_101(num_nodes, cells):
    space = NodeCellSpace(num_nodes=num_nodes)
    pruned = {space.graph(architecture).pruned() for architecture in space}
    assert len({graph.fingerprint() for graph in pruned}) == cells


# Conversion, equality, errors


def test_a_graph_made_of_lists_equals_one_made_of_tuples():
    graph = Graph([INPUT, "a", OUTPUT], [[0, 1], [1, 2], [0, 1]])
    assert graph == chain("a")
    assert hash(graph) == hash(chain("a"))


@pytest.mark.parametrize(
    ("operations", "edges", "message"),
    [
        (
            (),
            (),
            r"that start with 'input' and end with 'output' or .* got \(\).*and both ends",
        ),
        ((INPUT,), (), "must be texts that start with 'input' and end with 'output' or"),
        (("a", OUTPUT), (), r"that start with 'input'.*got \('a', 'output'\)"),
        ((INPUT, "a"), (), "end with 'output' or 'output_concat', got .'input', 'a'"),
        ((INPUT, OUTPUT), ((0, 2),), r"all in \[0, 1\], got \(0, 2\).*Renumber the nodes"),
        ((INPUT, OUTPUT), ((-1, 1),), r"an edge must lead from a lower.*got \(-1, 1\)"),
        ((INPUT, "a", OUTPUT), ((2, 1),), r"from a lower to a higher node number.*got \(2, 1\)"),
        (3, (), "a tuple of operations and pairs of node numbers as edges, got 3"),
        ((INPUT, 3, OUTPUT), (), r"operations must be texts .*, got \('input', 3.*Name each one"),
        ((INPUT, OUTPUT), ((0, 1, 1),), r"pairs of node numbers .*Write Graph"),
        ((INPUT, OUTPUT), (("0", "1"),), r"pairs of node numbers"),
        ((INPUT, "a", OUTPUT), ((1, 1),), r"from a lower to a higher node number.*got \(1, 1\)"),
    ],
)
def test_what_is_no_graph_is_refused(operations, edges, message):
    with pytest.raises(ValueError, match=message):
        Graph(operations, frozenset(edges))
