"""Search spaces: what can be built. A space is a product of choices, and a rule that turns an
architecture (one value per choice) into a graph.

`SearchSpace` knows how to sample, mutate, cross, list neighbours and encode, once for all spaces; a
concrete space adds only its choices, its `graph`, and where needed which architectures are valid.
"""

import itertools
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator

import numpy as np

from nas_tutorial.names import shown, unknown_name, whole
from nas_tutorial.spaces.architecture import Architecture, Choice
from nas_tutorial.spaces.graph import Graph

MAX_ATTEMPTS = 1000  # draws before a space is called infeasible


class SearchSpace(ABC):
    """All architectures that a search may propose.

    Args:
        name: The space's short name.
        choices: The decisions, in the order of an architecture's values.
    """

    def __init__(self, name: str, choices: tuple[Choice, ...]):
        self.name = name
        self.choices = tuple(choices)

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
