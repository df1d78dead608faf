"""NAS-Bench-201's cell: four nodes that add up, an operation on each of the six edges.

Reference:
    Dong and Yang 2020, NAS-Bench-201, section 2.1.
"""

import re

from nas_tutorial.names import shown
from nas_tutorial.spaces.architecture import Architecture, Choice
from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.spaces.graph import INPUT, OUTPUT, Graph


class EdgeCellSpace(SearchSpace):
    """NAS-Bench-201's cell: four nodes that add up, an operation on each of the six edges.

    Node 0 is the input and node 3 the output. 5 ** 6 = 15,625 encodings.

    Reference:
        Dong and Yang 2020, NAS-Bench-201, section 2.1.
    """

    NUM_NODES = 4
    NONE = "none"
    OPERATIONS = (NONE, "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
    EDGES = tuple((source, target) for target in range(NUM_NODES) for source in range(target))

    def __init__(self):
        super().__init__(
            "edge_cell", tuple(Choice(f"{s} to {t}", self.OPERATIONS) for s, t in self.EDGES)
        )

    def graph(self, architecture: Architecture) -> Graph:
        """Each edge of the cell that is not "none" becomes a node that holds its operation."""
        cell_edges = self._edges_with_operation(architecture)
        last = self.NUM_NODES - 1
        # The cell's nodes between which each node of the graph lies, input and output included.
        spans = [(-1, 0), *(edge[:2] for edge in cell_edges), (last, last + 1)]
        edges = frozenset(
            (first, second)
            for first, (_, end) in enumerate(spans)
            for second, (start, _) in enumerate(spans)
            if end == start
        )
        return Graph((INPUT, *(operation for _, _, operation in cell_edges), OUTPUT), edges)

    def without_dead_edges(self, architecture: Architecture) -> Architecture:
        """The same network with "none" on every edge that does no work."""
        edges = self._edges_with_operation(architecture)
        live = self.graph(architecture).live_nodes()
        at_work = {edge[:2]: edge[2] for node, edge in enumerate(edges, start=1) if node in live}
        return Architecture(tuple(at_work.get(edge, self.NONE) for edge in self.EDGES))

    def _edges_with_operation(self, architecture: Architecture) -> list[tuple[int, int, str]]:
        """(source, target, operation) of each edge that is not "none", in topological order."""
        return sorted(
            (source, target, str(operation))
            for (source, target), operation in zip(self.EDGES, architecture.values)
            if operation != self.NONE
        )

    def to_string(self, architecture: Architecture) -> str:
        """NAS-Bench-201's name: |op~0|+|op~0|op~1|+|op~0|op~1|op~2|, a node's edges in a group."""
        self.require(architecture)
        operation = dict(zip(self.EDGES, architecture.values))
        groups = (
            "".join(f"|{operation[source, target]}~{source}" for source in range(target)) + "|"
            for target in range(1, self.NUM_NODES)
        )
        return "+".join(groups)

    def from_string(self, text: str) -> Architecture:
        """Read NAS-Bench-201's name of an architecture.

        Raises:
            ValueError: If the text is not such a name.
        """
        text = str(text).strip()
        operations = tuple(re.findall(r"\|(\w+)~", text))
        if len(operations) == len(self.EDGES) and self.to_string(Architecture(operations)) == text:
            return Architecture(operations)
        example = self.to_string(Architecture(("skip_connect",) * len(self.EDGES)))
        raise ValueError(
            f"the name of a cell must look like {example}, got {shown(text)}. "
            "Write it with space.to_string(architecture)."
        )
