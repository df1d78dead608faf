"""Search spaces: what can be built. A space is a product of choices, and a rule that turns an
architecture (one value per choice) into a graph.

`SearchSpace` knows how to sample, mutate, cross, list neighbours and encode, once for all spaces; a
concrete space adds only its choices, its `graph`, and where needed which architectures are valid.
"""

import itertools
import math
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from numbers import Integral

import numpy as np

from nas_tutorial.architecture import Architecture, Choice
from nas_tutorial.graph import INPUT, OUTPUT, OUTPUT_CONCAT, Graph
from nas_tutorial.names import Entry, Registry, unknown_name

MAX_ATTEMPTS = 1000  # draws before a space is called infeasible
MAX_DEPTH, MAX_NODES = 1000, 50  # larger ones are typing errors that would fill the memory


class SearchSpace(ABC):
    """All architectures that a search may propose.

    Args:
        name: The space's short name.
        choices: The decisions, in the order of an architecture's values.
    """

    def __init__(self, name: str, choices: tuple[Choice, ...]):
        self.name = name
        self.choices = tuple(choices)
        self._options = tuple(frozenset(choice.options) for choice in self.choices)

    @abstractmethod
    def graph(self, architecture: Architecture) -> Graph:
        """The graph that an architecture denotes, dead nodes included."""

    def is_valid(self, architecture: Architecture) -> bool:
        """Whether an architecture with proper values is allowed; all are, unless a space says no."""
        return True

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.choices)} choices, {self.size:,} encodings)"

    @property
    def size(self) -> int:
        """The number of encodings: the product of the numbers of options, valid or not."""
        return math.prod(len(choice.options) for choice in self.choices)

    def __iter__(self) -> Iterator[Architecture]:
        """All valid architectures, the last choice changing fastest."""
        for values in itertools.product(*(choice.options for choice in self.choices)):
            architecture = Architecture(values)
            if self.is_valid(architecture):
                yield architecture

    def __contains__(self, architecture: object) -> bool:
        return (
            isinstance(architecture, Architecture)
            and len(architecture.values) == len(self.choices)
            and all(v in options for v, options in zip(architecture.values, self._options))
            and self.is_valid(architecture)
        )

    def require(self, architecture: Architecture) -> None:
        """Raise unless the architecture belongs to this space.

        Raises:
            ValueError: With the first choice that has a foreign value, or the validity that fails.
        """
        if architecture in self:
            return
        if not isinstance(architecture, Architecture):
            raise ValueError(
                f"{self.name} must get an Architecture, got a {type(architecture).__name__}. "
                "Make it with space.sample(rng)."
            )
        if len(architecture.values) != len(self.choices):
            raise ValueError(
                f"an architecture of {self.name} must have {len(self.choices)} values, got "
                f"{len(architecture.values)}. Make it with space.sample(rng)."
            )
        for choice, value in zip(self.choices, architecture.values):
            if value not in choice.options:
                raise unknown_name(f"choice {choice.name!r}", value, map(str, choice.options))
        raise ValueError(
            f"an architecture of {self.name} must keep its rules (see {type(self).__name__}), "
            f"but {architecture} breaks them. Make it with space.sample(rng)."
        )

    def sample(self, rng: np.random.Generator) -> Architecture:
        """Draw uniformly among the valid architectures.

        Raises:
            ValueError: If `MAX_ATTEMPTS` draws met none.
        """
        return self._first_valid(
            lambda: tuple(_pick(choice.options, rng) for choice in self.choices), "sample"
        )

    def mutate(self, architecture: Architecture, rng: np.random.Generator) -> Architecture:
        """Change one choice, drawn uniformly, to another of its options, drawn uniformly.

        Raises:
            ValueError: If no choice has a second option, or `MAX_ATTEMPTS` draws were all invalid.
        """
        changeable = [i for i, choice in enumerate(self.choices) if len(choice.options) > 1]
        if not changeable:
            raise ValueError(
                f"{self.name} must have a choice with at least two options to mutate, got none. "
                "Add an option."
            )

        def changed() -> tuple:
            index = _pick(changeable, rng)
            others = [o for o in self.choices[index].options if o != architecture.values[index]]
            return _replaced(architecture.values, index, _pick(others, rng))

        return self._first_valid(changed, "mutate")

    def crossover(
        self, first: Architecture, second: Architecture, rng: np.random.Generator
    ) -> Architecture:
        """Take each value from either parent with equal probability (uniform crossover).

        The first parent comes back where `MAX_ATTEMPTS` mixes were all invalid.

        Reference:
            Syswerda 1989, Uniform crossover in genetic algorithms.
        """

        def mixed() -> tuple:
            from_first = rng.random(len(self.choices)) < 0.5
            return tuple(
                a if take else b for a, b, take in zip(first.values, second.values, from_first)
            )

        try:
            return self._first_valid(mixed, "crossover")
        except ValueError:
            return first

    def neighbors(self, architecture: Architecture) -> list[Architecture]:
        """All valid architectures that differ in exactly one choice."""
        changed = (
            Architecture(_replaced(architecture.values, index, option))
            for index, choice in enumerate(self.choices)
            for option in choice.options
            if option != architecture.values[index]
        )
        return [neighbor for neighbor in changed if self.is_valid(neighbor)]

    def encode(self, architecture: Architecture) -> np.ndarray:
        """The one-hot encoding, of shape (num_features,): one feature per option of each choice."""
        self.require(architecture)
        return np.array(
            [
                float(value == option)
                for choice, value in zip(self.choices, architecture.values)
                for option in choice.options
            ]
        )

    def _first_valid(self, draw: Callable[[], tuple], what: str) -> Architecture:
        for _ in range(MAX_ATTEMPTS):
            architecture = Architecture(draw())
            if self.is_valid(architecture):
                return architecture
        raise ValueError(
            f"{what} must find a valid architecture of {self.name} within {MAX_ATTEMPTS} draws, "
            f"but 0 of {MAX_ATTEMPTS} were valid (a feasible rate below {1 / MAX_ATTEMPTS:.1%}). "
            "Loosen the space's rules."
        )


class ChainSpace(SearchSpace):
    """A row of slots, each an operation or left out ("skip"): the simplest macro search space.

    Args:
        depth: The number of slots, at least 1 and at most `MAX_DEPTH`.
        operations: What a slot may hold beside "skip"; texts.

    Raises:
        ValueError: If depth is no such number, or the operations are no tuple of distinct texts.
    """

    SKIP = "skip"

    def __init__(
        self,
        depth: int = 6,
        operations: tuple[str, ...] = ("nor_conv_3x3", "nor_conv_5x5", "max_pool_3x3"),
    ):
        if not isinstance(depth, Integral) or not 1 <= depth <= MAX_DEPTH:
            raise ValueError(
                f"depth must be a whole number, at least 1 and at most {MAX_DEPTH:,}, got "
                f"{depth!r:.40}. A chain needs a slot."
            )
        is_tuple = isinstance(operations, (tuple, list))
        if not is_tuple or not all(isinstance(operation, str) for operation in operations):
            raise ValueError(
                f"operations must be a tuple of texts, got {operations!r:.60}. "
                'Write ("nor_conv_3x3", "max_pool_3x3").'
            )
        options = (*operations, self.SKIP)
        super().__init__("chain", tuple(Choice(f"slot {i + 1}", options) for i in range(depth)))

    def graph(self, architecture: Architecture) -> Graph:
        """Input, the operations in a row without the skipped slots, output."""
        kept = [operation for operation in architecture.values if operation != self.SKIP]
        return Graph((INPUT, *kept, OUTPUT), frozenset((i, i + 1) for i in range(len(kept) + 1)))


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
        output = len(cell_edges) + 1
        edges = set()
        for node, (source, target, _) in enumerate(cell_edges, start=1):
            if source == 0:
                edges.add((0, node))
            if target == self.NUM_NODES - 1:
                edges.add((node, output))
            for later, (later_source, _, _) in enumerate(cell_edges, start=1):
                if later_source == target:
                    edges.add((node, later))
        return Graph((INPUT, *(edge[2] for edge in cell_edges), OUTPUT), frozenset(edges))

    def without_dead_edges(self, architecture: Architecture) -> Architecture:
        """The same network with "none" on every edge that does no work."""
        edges = self._edges_with_operation(architecture)
        live = self.graph(architecture).live_nodes()
        kept = {edge[:2]: edge[2] for node, edge in enumerate(edges, start=1) if node in live}
        return Architecture(tuple(kept.get(edge, self.NONE) for edge in self.EDGES))

    def _edges_with_operation(self, architecture: Architecture) -> list[tuple[int, int, str]]:
        """(source, target, operation) of each edge that is not "none", in topological order."""
        return sorted(
            (source, target, operation)
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
        pattern = r"\+".join(
            "".join(rf"\|(\w+)~{source}" for source in range(target)) + r"\|"
            for target in range(1, self.NUM_NODES)
        )
        match = re.fullmatch(pattern, text.strip()) if isinstance(text, str) else None
        if match is None:
            example = self.to_string(Architecture(("skip_connect",) * len(self.EDGES)))
            raise ValueError(
                f"the name of a cell must look like {example}, got {str(text)[:120]!r}. "
                "Write it with space.to_string(architecture)."
            )
        architecture = Architecture(match.groups())
        self.require(architecture)
        return architecture


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


SPACES = Registry(
    "space",
    {
        "edge_cell": Entry(f"{__name__}:EdgeCellSpace", "NAS-Bench-201's cell, 15,625 encodings"),
        "node_cell": Entry(f"{__name__}:NodeCellSpace", "NAS-Bench-101's cell, up to seven nodes"),
        "chain": Entry(f"{__name__}:ChainSpace", "a row of six slots, each an operation or skip"),
    },
)


def _pick(options, rng: np.random.Generator):
    """One of the options, drawn uniformly; its own type is kept."""
    return options[int(rng.integers(len(options)))]


def _replaced(values: tuple, index: int, value) -> tuple:
    return (*values[:index], value, *values[index + 1 :])
