"""Where the nodes of a graph stand in a drawing: in layers from left to right, few crossings.

Reference:
    Sugiyama, Tagawa and Toda 1981, Methods for visual understanding of hierarchical system
    structures, sections III and IV (layers, stand-ins on long edges, barycentres).
"""

from dataclasses import dataclass
from itertools import pairwise

from nas_tutorial.spaces.graph import Graph

SWEEPS = 8  # passes over the layers that look for an order with few crossings


@dataclass(frozen=True)
class Layout:
    """Positions in layers.

    Args:
        positions: Node -> (layer, height); layers count from 0, heights are centred on 0.
        routes: Edge -> the points that it passes, ends included.
    """

    positions: dict[int, tuple[float, float]]
    routes: dict[tuple[int, int], list[tuple[float, float]]]

    @property
    def width(self) -> int:
        """The number of layers."""
        return 1 + int(max(layer for layer, _ in self.positions.values()))

    @property
    def height(self) -> float:
        """The distance from the lowest to the highest point of any route or node, at least 1."""
        heights = [height for _, height in self.positions.values()]
        heights += [height for route in self.routes.values() for _, height in route]
        return max(1.0, max(heights) - min(heights) + 1)


def layered(graph: Graph) -> Layout:
    """Lay a graph out: each node one layer after the last of its predecessors, the output last.

    An edge that jumps over layers gets a stand-in in each of them, so that it has room of its own.
    """
    layer = _layers(graph)
    stand_ins = {
        (source, target): [
            ("via", source, target, at) for at in range(layer[source] + 1, layer[target])
        ]
        for source, target in sorted(graph.edges)
    }
    chains = {edge: [edge[0], *points, edge[1]] for edge, points in stand_ins.items()}
    rows: list[list] = [[] for _ in range(max(layer.values()) + 1)]
    for node, at in layer.items():
        rows[at].append(node)
    for points in stand_ins.values():
        for point in points:
            rows[point[3]].append(point)
    links = [pair for chain in chains.values() for pair in pairwise(chain)]
    _reduce_crossings(rows, links)
    place = {
        node: (float(at), (len(row) - 1) / 2 - index)
        for at, row in enumerate(rows)
        for index, node in enumerate(row)
    }
    return Layout(
        {node: place[node] for node in layer},
        {edge: [place[point] for point in chain] for edge, chain in chains.items()},
    )


def _layers(graph: Graph) -> dict[int, int]:
    """The longest way from the start to each node; ends that lead nowhere stay where they are."""
    layer = {0: 0}
    output = len(graph.operations) - 1
    for node in range(1, output + 1):
        before = [layer[source] for source in graph.predecessors(node)]
        layer[node] = 1 + max(before, default=0)
    layer[output] = 1 + max(layer[node] for node in range(output))
    return layer


def _reduce_crossings(rows: list[list], links: list[tuple]) -> None:
    """Sort each row by the mean place of its neighbours, forwards and backwards, in place."""
    best, fewest = [list(row) for row in rows], _crossings(rows, links)
    for sweep in range(SWEEPS):
        forwards = sweep % 2 == 0
        order = range(1, len(rows)) if forwards else range(len(rows) - 2, -1, -1)
        for at in order:
            beside = rows[at - 1 if forwards else at + 1]
            place = {node: index - len(beside) / 2 for index, node in enumerate(beside)}
            rows[at].sort(key=lambda node: _barycentre(node, place, links))
        if (crossings := _crossings(rows, links)) < fewest:
            best, fewest = [list(row) for row in rows], crossings
    rows[:] = best


def _barycentre(node, place: dict, links: list[tuple]) -> float:
    near = [place[a] for a, b in links if b == node and a in place]
    near += [place[b] for a, b in links if a == node and b in place]
    return sum(near) / len(near) if near else 0.0


def _crossings(rows: list[list], links: list[tuple]) -> int:
    place = {node: (at, index) for at, row in enumerate(rows) for index, node in enumerate(row)}
    spans = [(place[a], place[b]) for a, b in links]
    return sum(
        a[0] == c[0] and (a[1] - c[1]) * (b[1] - d[1]) < 0
        for i, (a, b) in enumerate(spans)
        for c, d in spans[:i]
    )
