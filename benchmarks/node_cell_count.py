"""How many different cells does NAS-Bench-101's space hold, by the benchmark's own hash?

    python benchmarks/node_cell_count.py --nodes 6 --json

Counted as the benchmark was made: every graph in which each node does work, with every labelling of
its inner nodes. Published are 423,624 cells of up to seven nodes.

Reference:
    Ying et al. 2019, NAS-Bench-101, section 2.1.
    github.com/google-research/nasbench at b942470, nasbench/scripts/generate_graphs.py.
"""

import argparse
import itertools
import json
import time

import numpy as np
from tqdm.auto import tqdm

from nas_tutorial.spaces.node_cell import NodeCellSpace
from nas_tutorial.tables.published.nasbench101 import labelled_hash


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nodes", type=int, default=6, help="the most nodes, with both ends")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    options = parser.parse_args()
    start, hashes, graphs, up_to = time.process_time(), set(), 0, {}
    for num_nodes in range(2, options.nodes + 1):
        wirings = wirings_without_dead_nodes(NodeCellSpace(num_nodes))
        for edges in tqdm(wirings, desc=f"{num_nodes} nodes", unit="wiring"):
            of_wiring = [*hashes_of(edges, num_nodes)]
            graphs += len(of_wiring)
            hashes.update(of_wiring)
        up_to[num_nodes] = len(hashes)
        print(f"up to {num_nodes} nodes {up_to[num_nodes]:>7,} cells, {graphs:>9,} graphs")
    seconds = time.process_time() - start
    print(f"{seconds:.0f} s of processor time")
    if options.json:
        print(json.dumps({"cells_up_to": up_to, "graphs": graphs, "processor_seconds": seconds}))


def wirings_without_dead_nodes(space: NodeCellSpace) -> list[list[tuple[int, int]]]:
    """The edges of each graph of just so many nodes that the space allows, dead nodes excluded.

    A node does work if something leads to it and it leads to something, since all edges point
    forwards.
    """
    linked = np.arange(1 << len(space.pairs))  # bit i: the i-th pair is linked
    sources, targets = (np.array(ends) for ends in zip(*space.pairs))
    bits = 1 << np.arange(len(space.pairs))
    ends = [bits[sources == node].sum() for node in range(space.num_nodes - 1)]
    ends += [bits[targets == node].sum() for node in range(1, space.num_nodes)]
    for mask in ends:
        linked = linked[linked & mask > 0]
    linked = linked[np.bitwise_count(linked) <= space.max_edges]
    return [
        [pair for place, pair in enumerate(space.pairs) if wiring >> place & 1]
        for wiring in linked.tolist()
    ]


def hashes_of(edges: list[tuple[int, int]], num_nodes: int):
    """The hash of each labelling of a wiring."""
    before = [[s for s, t in edges if t == node] for node in range(num_nodes)]
    after = [[t for s, t in edges if s == node] for node in range(num_nodes)]
    for labels in itertools.product(
        range(len(NodeCellSpace.OPERATIONS)), repeat=max(num_nodes - 2, 0)
    ):
        yield labelled_hash([-1, *labels, -2], before, after)


if __name__ == "__main__":
    main()
