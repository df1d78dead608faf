"""What can be built: the first of the three dimensions of NAS.

graph         a network as a labelled graph; pruning, and when two graphs are the same network
architecture  choices, and one value for each
base          a space: a product of choices, and a rule from an architecture to a graph
chain, edge_cell, node_cell  three spaces; dense, an annex, a fourth for tables of numbers
operations    from the name of an operation to Keras layers
skeleton      from graph to Keras model
flops         what a model costs, counted without running it

The last three import Keras, so nothing here imports them.
"""

from nas_tutorial.names import Entry, Registry

SPACES = Registry(
    "space",
    {
        "edge_cell": Entry(f"{__name__}.edge_cell:EdgeCellSpace", "NAS-Bench-201's cell, 4 nodes"),
        "node_cell": Entry(f"{__name__}.node_cell:NodeCellSpace", "NAS-Bench-101's cell, 7 nodes"),
        "chain": Entry(f"{__name__}.chain:ChainSpace", "a row of slots, each an operation or skip"),
    },
)
