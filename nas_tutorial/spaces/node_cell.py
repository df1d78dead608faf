"""NAS-Bench-101's cell: up to seven nodes, edges and operations both chosen.

Reference:
    Ying et al. 2019, NAS-Bench-101, section 2.1.
"""

import itertools
from numbers import Integral

from nas_tutorial.spaces.architecture import Architecture, Choice
from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.spaces.graph import INPUT, OUTPUT_CONCAT, Graph

MAX_NODES = 50  # more are a typing error that would fill the memory


class NodeCellSpace(SearchSpace):
    """NAS-Bench-101's cell: up to seven nodes, edges and operations both chosen.

    A pair of nodes is linked or not, and each inner node has an operation. Valid are the cells in
    which the output hangs on the input and at most `max_edges` edges do any work.

    Args:
        num_nodes: Nodes with input and output, at least 2 and at most `MAX_NODES`.
        max_edges: The most edges of the pruned cell, at least 1.

    Raises:
        ValueError: If one of them is no such number.

    Reference:
        Ying et al. 2019, NAS-Bench-101, section 2.1.
    """

    OPERATIONS = ("conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3")

    def __init__(self, num_nodes: int = 7, max_edges: int = 9):
        are_whole = isinstance(num_nodes, Integral) and isinstance(max_edges, Integral)
        if not are_whole or num_nodes < 2 or max_edges < 1 or num_nodes > MAX_NODES:
            raise ValueError(
                f"a cell must have at least 2 nodes and 1 edge, and at most {MAX_NODES} nodes, got "
                f"num_nodes={num_nodes!r:.40} and max_edges={max_edges!r:.40}. Give other whole "
                "numbers."
            )
        self.num_nodes = num_nodes
        self.max_edges = max_edges
        self.pairs = tuple(itertools.combinations(range(num_nodes), 2))
        super().__init__(
            "node_cell",
            (
                *(Choice(f"edge {source} to {target}", (0, 1)) for source, target in self.pairs),
                *(Choice(f"operation {i}", self.OPERATIONS) for i in range(1, num_nodes - 1)),
            ),
        )

    def graph(self, architecture: Architecture) -> Graph:
        """The cell as it is: its nodes hold the operations already."""
        linked = architecture.values[: len(self.pairs)]
        operations = architecture.values[len(self.pairs) :]
        return Graph(
            (INPUT, *operations, OUTPUT_CONCAT),
            frozenset(pair for pair, link in zip(self.pairs, linked) if link),
        )

    def is_valid(self, architecture: Architecture) -> bool:
        return 0 < len(self.graph(architecture).pruned().edges) <= self.max_edges
