"""NAS-Bench-101's cell: up to seven nodes, edges and operations both chosen.

Reference:
    Ying et al. 2019, NAS-Bench-101, section 2.1.
"""

import itertools

from nas_tutorial.names import whole
from nas_tutorial.spaces.architecture import Architecture, Choice
from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.spaces.graph import INPUT, OUTPUT_CONCAT, Graph

MAX_NODES = 50  # more are a typing error that would fill the memory


class NodeCellSpace(SearchSpace):
    """NAS-Bench-101's cell: up to seven nodes, edges and operations both chosen.

    A pair of nodes is linked or not, and each inner node has an operation. A cell is valid if a path
    leads from its input to its output, and if at most `max_edges` edges do any work.

    Args:
        num_nodes: Nodes, including input and output, at least 2 and at most `MAX_NODES`.
        max_edges: The most edges of the pruned cell, at least 1.

    Raises:
        ValueError: If one of them is out of range.

    Reference:
        Ying et al. 2019, NAS-Bench-101, section 2.1.
    """

    OPERATIONS = ("conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3")

    def __init__(self, num_nodes: int = 7, max_edges: int = 9):
        self.num_nodes = whole("num_nodes", num_nodes, 2, MAX_NODES, "Count input and output.")
        self.max_edges = whole("max_edges", max_edges, 1)
        self.pairs = tuple(itertools.combinations(range(self.num_nodes), 2))
        edges = [Choice(f"edge {source} to {target}", (0, 1)) for source, target in self.pairs]
        inner_nodes = range(1, self.num_nodes - 1)
        operations = [Choice(f"operation {node}", self.OPERATIONS) for node in inner_nodes]
        super().__init__("node_cell", (*edges, *operations))

    def graph(self, architecture: Architecture) -> Graph:
        """The cell as it is: its nodes hold the operations already."""
        linked = architecture.values[: len(self.pairs)]
        operations = architecture.values[len(self.pairs) :]
        return Graph(
            (INPUT, *map(str, operations), OUTPUT_CONCAT),
            frozenset(pair for pair, link in zip(self.pairs, linked) if link),
        )

    def is_valid(self, architecture: Architecture) -> bool:
        return 0 < len(self.graph(architecture).pruned().edges) <= self.max_edges
