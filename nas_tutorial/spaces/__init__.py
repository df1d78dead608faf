"""What can be built: the first of the three dimensions of NAS.

graph         a network as a labelled graph; pruning, and when two graphs are the same network
architecture  choices, and one value for each
base          a space: a product of choices, and a rule from an architecture to a graph
chain, edge_cell, node_cell  three spaces
operations    from the name of an operation to Keras layers
skeleton      from graph to Keras model
flops         what a model costs, counted without running it

The last three import Keras, and are loaded on use.
"""

from nas_tutorial.names import Entry, Registry
from nas_tutorial.spaces.architecture import Architecture as Architecture
from nas_tutorial.spaces.architecture import Choice as Choice
from nas_tutorial.spaces.base import SearchSpace as SearchSpace
from nas_tutorial.spaces.chain import ChainSpace as ChainSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace as EdgeCellSpace
from nas_tutorial.spaces.graph import Graph as Graph
from nas_tutorial.spaces.node_cell import NodeCellSpace as NodeCellSpace

SPACES = Registry(
    "space",
    {
        "edge_cell": Entry(f"{__name__}:EdgeCellSpace", "NAS-Bench-201's cell, 15,625 encodings"),
        "node_cell": Entry(f"{__name__}:NodeCellSpace", "NAS-Bench-101's cell, up to seven nodes"),
        "chain": Entry(f"{__name__}:ChainSpace", "a row of six slots, each an operation or skip"),
    },
)


def __getattr__(name: str):
    """`Skeleton` alone needs Keras, so it is imported when it is first asked for."""
    if name != "Skeleton":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from nas_tutorial.spaces.skeleton import Skeleton

    return Skeleton
