"""Search spaces: what can be built. A space is a product of choices, and a rule that turns an
architecture (one value per choice) into a graph.

`SearchSpace` knows how to sample, mutate, cross, list neighbours and encode, once for all spaces; a
concrete space adds only its choices, its `graph`, and where needed which architectures are valid. Where
a function of your own builds the networks, choices are enough.
"""

import itertools
import math
from collections.abc import Callable, Iterator

import numpy as np

from nas_tutorial.names import digest, shown, unknown_name, whole
from nas_tutorial.spaces.architecture import Architecture, Choice
from nas_tutorial.spaces.graph import INPUT, OUTPUT, Graph

MAX_ATTEMPTS = 1000  # draws before a space is called infeasible
NUM_PROBES = 8  # samples whose graphs say what encodings mean


class SearchSpace:
    """All architectures that a search may propose.

    Args:
        name: The space's short name.
        choices: The decisions, in the order of an architecture's values; each has a name of its own.

    Raises:
        ValueError: If two choices have one name.

    A space may have a method `build(architecture, input_shape, num_classes, *, seed)` that makes an
    untrained Keras model, as `DenseSpace` has it. Then nothing else does, and `graph` may be left out:

        class Mine(nas.SearchSpace):
            def __init__(self):
                super().__init__("mine", (nas.Choice("units", (8, 32)), nas.Choice("layers", (1, 2))))

            def build(self, architecture, input_shape, num_classes, *, seed):
                units, layers = architecture.values
                hidden = [keras.layers.Dense(units, "relu") for _ in range(layers)]
                last = keras.layers.Dense(num_classes)  # no softmax
                return keras.Sequential([keras.Input(input_shape), *hidden, last])

        evaluator = nas.TrainingEvaluator(Mine(), dataset, epochs=20)
    """

    build: Callable | None = None

    def __init__(self, name: str, choices: tuple[Choice, ...]):
        self.name = name
        self.choices = tuple(choices)
        names = [choice.name for choice in self.choices]
        if twice := [each for each in names if names.count(each) > 1]:
            raise ValueError(
                f"the choices of {name} must have distinct names, got {twice[0]!r} "
                f"{names.count(twice[0])} times. Rename all but one."
            )

    def graph(self, architecture: Architecture) -> Graph:
        """The graph that an architecture denotes, dead nodes included.

        A space that leaves this method out has a row of the values here, one node each, so that
        every encoding is a network of its own.
        """
        values = zip(self.choices, architecture.values)
        nodes = [f"{choice.name}={value!r}" for choice, value in values]
        edges = frozenset((node, node + 1) for node in range(len(nodes) + 1))
        return Graph((INPUT, *nodes, OUTPUT), edges)

    def is_valid(self, architecture: Architecture) -> bool:
        """Whether an architecture with proper values is allowed; all are, unless a space says no."""
        return True

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.choices)} choices, {self.size:,} encodings)"

    @property
    def size(self) -> int:
        """The number of encodings: the product of the numbers of options, valid or not."""
        return math.prod(len(choice.options) for choice in self.choices)

    @property
    def digest(self) -> str:
        """A short hash of the class, the choices, and the graphs of a few samples: what the
        encodings mean."""
        choices = [[choice.name, *choice.options] for choice in self.choices]
        rng = np.random.default_rng(0)
        graphs = [self.graph(self.sample(rng)) for _ in range(NUM_PROBES)]
        meanings = [[graph.operations, sorted(graph.edges)] for graph in graphs]
        return digest([type(self).__name__, choices, meanings])

    def __iter__(self) -> Iterator[Architecture]:
        """All valid architectures, the last choice changing fastest."""
        values = itertools.product(*(choice.options for choice in self.choices))
        return filter(self.is_valid, map(Architecture, values))

    def __contains__(self, architecture: object) -> bool:
        try:
            self.require(architecture)
        except ValueError:
            return False
        return True

    def require(self, architecture: object) -> None:
        """Raise unless the architecture belongs to this space.

        Raises:
            ValueError: If it does not. The message says which choice has an unknown value, or that
                the space's rules are broken.
        """
        advice = f"A strategy and its evaluator must share one space, here {self.name}."
        values = architecture.values if isinstance(architecture, Architecture) else ()
        if not isinstance(architecture, Architecture) or len(values) != len(self.choices):
            raise ValueError(
                f"an architecture of {self.name} must have {len(self.choices)} values, got "
                f"{len(values) or 'none'}: {shown(architecture)}. Make it with space.sample(rng). "
                f"{advice}"
            )
        for choice, value in zip(self.choices, values):
            if value not in choice.options:
                error = unknown_name(f"choice {choice.name!r}", value, choice.options)
                raise ValueError(f"{error} {advice}")
        if not self.is_valid(architecture):
            raise ValueError(
                f"an architecture of {self.name} must keep its rules (see {type(self).__name__}), "
                f"but {architecture} breaks them. Make it with space.sample(rng)."
            )

    def require_choices_in_graph(self) -> None:
        """Raise where a choice shows in no graph: networks that differ in it would count as one.

        Raises:
            ValueError: If no change of a choice changed the graph of any of `MAX_ATTEMPTS` samples.
        """
        rng = np.random.default_rng(0)
        shows: dict[int, bool] = {}  # index of a choice that was changed -> whether its graph was
        changeable = [i for i, choice in enumerate(self.choices) if len(choice.options) > 1]
        for _ in range(MAX_ATTEMPTS):
            before = self.sample(rng)
            for index in (index for index in changeable if not shows.get(index)):
                option = _pick(self.choices[index].options, rng)
                after = Architecture(_replaced(before.values, index, option))
                if after != before and self.is_valid(after):
                    graphs = self.graph(before), self.graph(after)
                    shows[index] = graphs[0].fingerprint() != graphs[1].fingerprint()
            if all(shows.get(index) for index in changeable):
                return
        if hidden := [index for index in changeable if shows.get(index) is False]:
            names = ", ".join(repr(self.choices[index].name) for index in hidden)
            raise ValueError(
                f"the graph of {self.name} must show every choice, but changes of {names} changed "
                f"none of {MAX_ATTEMPTS} graphs. Leave `graph` out of {type(self).__name__}, or let "
                "it show the choice."
            )

    def sample(self, rng: np.random.Generator) -> Architecture:
        """Draw uniformly among the valid architectures.

        Raises:
            ValueError: If `MAX_ATTEMPTS` draws were all invalid.
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
        what = f"the number of choices of {self.name} that have a second option"
        whole(what, len(changeable), 1, advice="Add an option.")

        def changed() -> tuple:
            index = _pick(changeable, rng)
            others = [o for o in self.choices[index].options if o != architecture.values[index]]
            return _replaced(architecture.values, index, _pick(others, rng))

        return self._first_valid(changed, "mutate")

    def crossover(
        self, first: Architecture, second: Architecture, rng: np.random.Generator
    ) -> Architecture:
        """Take each value from either parent with equal probability (uniform crossover).

        Where `MAX_ATTEMPTS` mixes were all invalid, the child is the first parent.

        Reference:
            Syswerda 1989, Uniform crossover in genetic algorithms.
        """

        def mixed() -> tuple:
            from_first = rng.random(len(self.choices)) < 0.5
            values = zip(from_first, first.values, second.values)
            return tuple(one if is_first else other for is_first, one, other in values)

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
        pairs = zip(architecture.values, self.choices)
        taken = [value == option for value, choice in pairs for option in choice.options]
        return np.array(taken, dtype=float)

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


def _pick(options, rng: np.random.Generator):
    """One of the options, drawn uniformly; its own type is kept."""
    return options[int(rng.integers(len(options)))]


def _replaced(values: tuple, index: int, value) -> tuple:
    return (*values[:index], value, *values[index + 1 :])
