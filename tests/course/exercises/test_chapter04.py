"""Chapter 04: the solutions pass, plausible mistakes fail, untouched stubs are told apart."""

from collections import Counter

import numpy as np

from nas_tutorial.course.exercises import check
from nas_tutorial.course.exercises.chapter04 import CELL, SIZES
from tests.course.exercises.promises import promises
from tests.course.exercises.solutions import SOURCES

ANSWERS = {
    "4.1": "guess",
    "4.2": "names_per_network",
    "4.3": "num_paths",
    "4.4": "silent_share",
    "4.5": "sizes",
}
RIGHT = {letter: size for letter, (size, _) in SIZES.items()}


def unpruned_names(space):
    """The graph as it is drawn, idle parts included."""
    graphs = [space.graph(a) for a in space]
    return Counter(f"{g.operations} {sorted(g.edges)}" for g in graphs)


def each_network_once(space):
    return {space.graph(a).fingerprint(): 1 for a in space}


def names_beside_the_first(space):
    names = {}
    for a in space:
        key = space.graph(a).fingerprint()
        names[key] = names[key] + 1 if key in names else 0
    return names


def eager_names(space):
    return Counter(" ".join(sorted(space.graph(a).pruned().operations)) for a in space)


def longest_path(graph):
    length = [0]
    for node in range(1, len(graph.operations)):
        length.append(1 + max((length[s] for s in graph.predecessors(node)), default=0))
    return length[-1]


def every_node_is_a_start(graph):
    ways = []
    for node in range(len(graph.operations)):
        ways.append(sum(ways[s] for s in graph.predecessors(node)) or 1)
    return ways[-1]


def edges_into_the_output(graph):
    return len(graph.pruned().predecessors(len(graph.pruned().operations) - 1))


def starts_from_nothing(graph):
    ways = [0] * len(graph.operations)
    for node in range(1, len(graph.operations)):
        ways[node] = sum(ways[s] for s in graph.predecessors(node))
    return ways[-1]


def _steps(space, architectures):
    for a in architectures:
        for n in space.neighbors(a):
            yield a, n


def share_of_changes(space, architectures):
    """The sign turned round."""
    changes = [
        space.graph(a).fingerprint() != space.graph(n).fingerprint()
        for a, n in _steps(space, architectures)
    ]
    return sum(changes) / len(changes)


def compares_drawings(space, architectures):
    """Graphs in place of fingerprints."""
    return np.mean([space.graph(a) == space.graph(n) for a, n in _steps(space, architectures)])


def divides_by_choices(space, architectures):
    """As if every choice had one other option."""
    silent = sum(
        space.graph(a).fingerprint() == space.graph(n).fingerprint()
        for a, n in _steps(space, architectures)
    )
    return silent / (len(architectures) * len(space.choices))


def mean_of_shares(space, architectures):
    """Each architecture counts alike, however many valid neighbours it has."""
    return np.mean([1 - share_of_changes(space, [a]) for a in architectures])


MISTAKES = [
    ("4.1", {(0, 2), (0, 3), (1, 2), (1, 3)}),  # everything that is not none
    ("4.1", {(0, 2), (0, 3)}),  # all that the input reaches
    ("4.1", {(0, 3), (1, 3)}),  # all that reaches the output
    ("4.1", set()),
    ("4.1", {(3, 0)}),
    ("4.1", 1),  # how many, not which
    ("4.2", unpruned_names),
    ("4.2", each_network_once),
    ("4.2", names_beside_the_first),
    ("4.2", eager_names),
    ("4.2", lambda space: len(each_network_once(space))),
    ("4.3", lambda graph: len(graph.pruned().edges)),
    ("4.3", longest_path),
    ("4.3", every_node_is_a_start),
    ("4.3", edges_into_the_output),
    ("4.3", starts_from_nothing),
    ("4.4", share_of_changes),
    ("4.4", compares_drawings),
    ("4.4", divides_by_choices),
    ("4.4", mean_of_shares),
    ("4.4", lambda space, architectures: str(len(architectures))),
    ("4.5", {**RIGHT, "a": 3**4}),  # skipping forgotten
    ("4.5", {**RIGHT, "b": 3**5}),  # an operation for each node
    ("4.5", {**RIGHT, "b": 3**20}),  # each pair counted twice
    ("4.5", {**RIGHT, "c": 2**6 + 3**2}),  # a sum in place of a product
    ("4.5", {**RIGHT, "c": 2**6 * 3**4}),  # input and output hold operations
    ("4.5", {**RIGHT, "d": 2 * 5**6}),  # the belief that two cells double the space
    ("4.5", {"a": 4**4}),
    ("4.5", 4**4),
]


test_solution_is_right, test_plausible_mistake_is_wrong, test_stub_is_not_attempted = promises(
    "04", ANSWERS, MISTAKES
)


def test_the_cell_of_the_prediction_is_the_one_in_the_chapter():
    (source,) = SOURCES.glob("04_*.py")
    assert f"`{CELL}`" in source.read_text(encoding="utf-8")


def test_counter_examples_are_shown(capsys):
    check("4.3", starts_from_nothing)
    assert "with the edges [(0, 1)] has 1 paths, you count 0" in capsys.readouterr().out
    check("4.1", {(1, 2)})
    assert "edge (1, 2) does no work: no path" in capsys.readouterr().out
    check("4.4", mean_of_shares)
    assert "all steps together, not cell by cell" in capsys.readouterr().out
