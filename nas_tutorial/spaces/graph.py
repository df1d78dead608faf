"""A neural network as a labelled directed acyclic graph: nodes are operations, edges carry tensors.

Everything that is drawn, counted, compared or built starts here. Two questions matter most: which
nodes do any work (`pruned`), and are two graphs the same network (`fingerprint`)?

Reference:
    Ying et al. 2019, NAS-Bench-101, section 2.1 (cells as labelled DAGs, duplicates by isomorphism).
    McKay and Piperno 2014, Practical graph isomorphism II, section 2 (refine, then individualise).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from operator import index

from nas_tutorial.names import shown

INPUT = "input"
OUTPUT = "output"  # an output that adds up what reaches it
OUTPUT_CONCAT = "output_concat"  # an output that joins what reaches it along the channels
MAX_SPELLINGS = 100  # of one graph; 14 equal branches of two nodes have 92

Sides = tuple[tuple[int, ...], tuple[int, ...]]  # predecessors and successors of a node


@dataclass(frozen=True)
class Graph:
    """A directed acyclic graph whose nodes are operations.

    Args:
        operations: One label a node, in topological order. The first is `INPUT`; the last is the
            output, whose label says how it joins what reaches it (`OUTPUT` or `OUTPUT_CONCAT`).
        edges: Pairs (source, target) of node numbers with source < target.

    Raises:
        ValueError: If input or output is missing, an operation is not a text, or an edge is not a
            pair of numbers, leaves the graph or points backwards.
    """

    operations: tuple[str, ...]
    edges: frozenset[tuple[int, int]]

    def __post_init__(self):
        try:
            operations = tuple(self.operations)
            edges = frozenset((index(source), index(target)) for source, target in self.edges)
        except (TypeError, ValueError) as error:
            raise ValueError(
                "a graph must have a tuple of operations and pairs of node numbers as edges, got "
                f"{shown(self.operations)} and {shown(self.edges)}. Write Graph(('input', "
                "'output'), {(0, 1)})."
            ) from error
        object.__setattr__(self, "operations", operations)
        object.__setattr__(self, "edges", edges)
        are_texts = all(isinstance(operation, str) for operation in operations)
        has_ends = operations[:1] == (INPUT,) and operations[-1] in (OUTPUT, OUTPUT_CONCAT)
        if not are_texts or not has_ends:
            raise ValueError(
                f"operations must be texts that start with {INPUT!r} and end with {OUTPUT!r} or "
                f"{OUTPUT_CONCAT!r}, got {shown(operations)}. Name each one, and both ends."
            )
        for source, target in sorted(edges):
            if not 0 <= source < target < len(operations):
                raise ValueError(
                    f"an edge must lead from a lower to a higher node number, all in "
                    f"[0, {len(operations) - 1}], got {(source, target)}. Renumber the nodes "
                    "in topological order."
                )

    def predecessors(self, node: int) -> tuple[int, ...]:
        """The nodes whose tensors reach `node`, in ascending order."""
        return tuple(sorted(source for source, target in self.edges if target == node))

    def successors(self, node: int) -> tuple[int, ...]:
        """The nodes that use what `node` computes, in ascending order."""
        return tuple(sorted(target for source, target in self.edges if source == node))

    def live_nodes(self) -> frozenset[int]:
        """The nodes that do any work: those on a path from input to output.

        Empty where no path leads from input to output.
        """
        edges = sorted(self.edges)
        from_input, to_output = {0}, {len(self.operations) - 1}
        for source, target in edges:  # in this order all edges into a source come before it
            if source in from_input:
                from_input.add(target)
        for source, target in reversed(edges):
            if target in to_output:
                to_output.add(source)
        return frozenset(from_input & to_output)

    def pruned(self) -> "Graph":
        """The graph without its dead nodes, renumbered; input and output always stay."""
        live = self.live_nodes()
        remaining = sorted(live | {0, len(self.operations) - 1})
        number = {node: position for position, node in enumerate(remaining)}
        return Graph(
            tuple(self.operations[node] for node in remaining),
            frozenset((number[s], number[t]) for s, t in self.edges if s in live and t in live),
        )

    def fingerprint(self) -> str:
        """A text that two graphs share if and only if their pruned graphs are isomorphic.

        The pruned graph is written down for every numbering of its nodes that respects labels and
        neighbourhoods; the fingerprint is the text that sorts first. So two different networks
        never share one. A skip connection is a node like any other: a network with a skip differs
        from one without.

        At most `MAX_SPELLINGS` texts are compared, which is more than cells have. In a larger graph
        where very many nodes look alike, isomorphic encodings may get different fingerprints.
        """
        graph = self.pruned()
        labels = sorted(set(graph.operations))
        colours = [labels.index(label) for label in graph.operations]
        sides = [(graph.predecessors(n), graph.successors(n)) for n in range(len(colours))]
        return min(islice(_spellings(graph, sides, colours), MAX_SPELLINGS))


def _spellings(graph: Graph, sides: list[Sides], colours: list[int]) -> Iterator[str]:
    """The texts of `graph` for the numberings that respect `colours`, without most repetitions.

    Nodes start with one colour per label. Refinement splits colours by the neighbours' colours.
    Where nodes still share one, each of them in turn gets a colour of its own, and is refined again.
    If the first text that follows from one node is that from another, some renumbering of the graph
    onto itself exchanges the two, so all further texts would be the same as well.
    """
    colours = _refined(sides, colours)
    shared = next((c for c in sorted(set(colours)) if colours.count(c) > 1), None)
    if shared is None:
        yield _spelling(graph, colours)
        return
    firsts: set[str] = set()
    for node in (n for n, colour in enumerate(colours) if colour == shared):
        set_apart = [2 * colour for colour in colours]
        set_apart[node] -= 1
        texts = _spellings(graph, sides, set_apart)
        yield (first := next(texts))
        if first not in firsts:
            firsts.add(first)
            yield from texts


def _refined(sides: list[Sides], colours: list[int]) -> list[int]:
    """Split colours by the colours of predecessors and successors until nothing changes."""
    while True:
        views = [
            (colour, *(tuple(sorted(colours[n] for n in side)) for side in both))
            for colour, both in zip(colours, sides)
        ]
        ranks = {view: rank for rank, view in enumerate(sorted(set(views)))}
        refined = [ranks[view] for view in views]
        if len(ranks) == len(set(colours)):
            return refined
        colours = refined


def _spelling(graph: Graph, position: list[int]) -> str:
    """Write the graph with node n at place `position[n]`, as '["input", "output"] 0>1'."""
    operations = sorted(range(len(position)), key=position.__getitem__)
    edges = sorted((position[source], position[target]) for source, target in graph.edges)
    labels = json.dumps([graph.operations[node] for node in operations])
    return " ".join([labels, *(f"{source}>{target}" for source, target in edges)])
