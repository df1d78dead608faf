"""Which row of a table belongs to an architecture.

Several architectures denote one network, and a table holds each network once.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np

from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.spaces.graph import Graph


class Index(Protocol):
    """Knows which network an architecture denotes."""

    def __call__(self, architecture: Architecture) -> int:
        """The number of the network.

        Raises:
            ValueError: If the architecture is not of the table's space, or was not measured.
        """


class ByPosition:
    """Finds a network by where an architecture stands among all encodings of its space.

    Args:
        space: A space that is small enough to count through.
        of_encoding: Which network each encoding denotes, in the order of the space's own iteration,
            of shape (space.size,); -1 where none was measured.

    Raises:
        ValueError: If there is not one number for each encoding.
    """

    def __init__(self, space: SearchSpace, of_encoding: np.ndarray):
        self._space = space
        self._of_encoding = np.asarray(of_encoding).tolist()
        self._places = [
            {option: place for place, option in enumerate(choice.options)}
            for choice in space.choices
        ]
        if len(of_encoding) != space.size:
            raise ValueError(
                f"of_encoding must have one number for each of the {space.size:,} encodings, got "
                f"{len(of_encoding):,}. Check how they were read."
            )

    def __call__(self, architecture: Architecture) -> int:
        position = 0
        try:
            for places, value in zip(self._places, architecture.values, strict=True):
                position = position * len(places) + places[value]
        except (KeyError, ValueError):
            self._space.require(architecture)
            raise
        row = self._of_encoding[position]
        if row < 0:
            raise _not_measured(architecture)
        return row


class ByHash:
    """Finds a network by a hash of its graph, where a space is too large to count through.

    Args:
        space: The space.
        hashed: Names a graph. Graphs of one network share the name.
        rows: Name -> number of the network.
    """

    def __init__(self, space: SearchSpace, hashed: Callable[[Graph], str], rows: Mapping[str, int]):
        self._space = space
        self._hashed = hashed
        self._rows = rows

    def __call__(self, architecture: Architecture) -> int:
        self._space.require(architecture)
        row = self._rows.get(self._hashed(self._space.graph(architecture)))
        if row is None:
            raise _not_measured(architecture)
        return row


def _not_measured(architecture: Architecture) -> ValueError:
    return ValueError(
        f"an architecture must denote a network that was measured, but {architecture} does not. "
        "Choose among table.networks, or load the whole benchmark."
    )
