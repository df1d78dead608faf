"""Checks of chapter 04: search spaces as graphs."""

from collections import Counter
from itertools import pairwise

import numpy as np

from nas_tutorial.course.exercises.verdicts import require
from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.spaces.graph import Graph
from nas_tutorial.spaces.node_cell import NodeCellSpace

CELL = "|none~0|+|skip_connect~0|nor_conv_3x3~1|+|nor_conv_1x1~0|avg_pool_3x3~1|none~2|"  # of 4.1


def check_working_edges(guess) -> None:
    """4.1: which edges of `CELL` do any work."""
    require(
        isinstance(guess, (set, frozenset)),
        f"write a set of pairs such as {{(0, 1), (1, 2)}}, not {guess!r}",
    )
    space = EdgeCellSpace()
    operation = dict(zip(space.EDGES, space.from_string(CELL).values))
    foreign = sorted(guess - set(space.EDGES), key=str)
    require(not foreign, f"the cell has no edge {foreign[0] if foreign else ''}")
    there = {edge for edge in space.EDGES if operation[edge] != space.NONE}
    paths = [
        edges
        for nodes in ((0, 3), (0, 1, 3), (0, 2, 3), (0, 1, 2, 3))
        if (edges := set(pairwise(nodes))) <= there
    ]
    working = set().union(*paths)
    for edge in sorted(guess - working):
        why = "it is none" if edge not in there else "no path from node 0 to node 3 passes it"
        require(False, f"edge {edge} does no work: {why}")
    require(guess == working, "an edge that does work is missing from your set")


def check_names_per_network(names_per_network) -> None:
    """4.2: a dictionary from fingerprint to number of encodings, against a list of all of them."""
    for space in (ChainSpace(depth=3), NodeCellSpace(num_nodes=4, max_edges=4), EdgeCellSpace()):
        names = names_per_network(space)
        require(isinstance(names, dict), f"return a dictionary, not {type(names).__name__}")
        every = [space.graph(architecture).fingerprint() for architecture in space]
        expected = Counter(every)
        foreign = next((key for key in names if key not in expected), None)
        require(
            foreign is None, f"in {space!r} the key {foreign!r} is the fingerprint of no network"
        )
        for fingerprint, count in expected.items():
            require(
                names.get(fingerprint) == count,
                f"in {space!r} the network {fingerprint!r} has {count} encodings, you say "
                f"{names.get(fingerprint)}",
            )


def check_num_paths(num_paths) -> None:
    """4.3: the number of paths, against a walk along each of them."""
    node_cell, edge_cell, rng = NodeCellSpace(), EdgeCellSpace(), np.random.default_rng(43)
    graphs = [
        Graph(("input", "output"), frozenset({(0, 1)})),
        Graph(("input", "output"), frozenset()),
        Graph(("input", "nor_conv_3x3", "output"), frozenset({(0, 2), (1, 2)})),
        *(node_cell.graph(node_cell.sample(rng)) for _ in range(30)),
        *(edge_cell.graph(edge_cell.sample(rng)) for _ in range(30)),
    ]
    for graph in graphs:
        expected, answer = _walks(graph, 0), num_paths(graph)
        require(
            answer == expected,
            f"a graph of {len(graph.operations)} nodes with the edges {sorted(graph.edges)} has "
            f"{expected} paths, you count {answer!r}",
        )


def check_silent_share(silent_share) -> None:
    """4.4: the share of silent steps, against a count of every step."""
    rng = np.random.default_rng(44)
    for space in (ChainSpace(depth=3), EdgeCellSpace(), NodeCellSpace(num_nodes=5, max_edges=6)):
        architectures = [space.sample(rng) for _ in range(12)]
        expected, answer = _silent(space, architectures), silent_share(space, architectures)
        require(
            isinstance(answer, (int, float, np.number)),
            f"return a number, not {type(answer).__name__}",
        )
        require(
            abs(float(answer) - expected) < 1e-9,
            f"for 12 samples of {space!r} the share is {expected:.4f} (all steps together, not cell "
            f"by cell), you say {float(answer):.4f}",
        )


SIZES = {  # of 4.5: letter -> the number of encodings, and a question that leads there
    "a": (4**4, "how many options has one slot, and how many slots are there?"),
    "b": (3**10, "how many pairs do five nodes make?"),
    "c": (2**6 * 3**2, "how many links are there or not, and how many nodes hold an operation?"),
    "d": (5**12, "for each first cell, how many second cells are there?"),
}


def check_sizes(sizes) -> None:
    """4.5: the number of encodings of four spaces."""
    require(isinstance(sizes, dict), f"sizes must be a dictionary, got {sizes!r}.")
    require(
        set(sizes) == set(SIZES),
        f"sizes must have the keys {', '.join(SIZES)}, got {', '.join(map(str, sizes))}.",
    )
    for letter, (expected, question) in SIZES.items():
        require(sizes[letter] == expected, f"{letter} is not {sizes[letter]!r}: {question}")


def _walks(graph: Graph, node: int) -> int:
    """How many walks from `node` end at the output, by taking each of them."""
    if node == len(graph.operations) - 1:
        return 1
    return sum(_walks(graph, target) for source, target in graph.edges if source == node)


def _silent(space: SearchSpace, architectures: list) -> float:
    """The share of silent steps, from a list with one entry a step."""
    steps = [
        space.graph(neighbor).fingerprint() == space.graph(architecture).fingerprint()
        for architecture in architectures
        for neighbor in space.neighbors(architecture)
    ]
    return sum(steps) / len(steps)


CHECKS = {
    "4.1": check_working_edges,
    "4.2": check_names_per_network,
    "4.3": check_num_paths,
    "4.4": check_silent_share,
    "4.5": check_sizes,
}
