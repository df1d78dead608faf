"""The architectures among which a predictor chooses: all of a small space, some of a large one."""

from collections.abc import Iterable, Sequence

import numpy as np

from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.base import MAX_ATTEMPTS, SearchSpace
from nas_tutorial.strategies.predictor import encode

ENUMERABLE = 20_000  # encodings; all of a space with at most so many are in the pool
REFILL = 100  # architectures of a larger space that join the pool at a time


class Pool:
    """Architectures that were not proposed yet, with their features.

    Args:
        space: Where they come from.
        size: The most architectures of a space larger than `ENUMERABLE`, at least `REFILL`.

    Attributes:
        features: What `encode` says of each architecture in the pool, one row each.
    """

    def __init__(self, space: SearchSpace, size: int):
        self.space, self.size = space, size
        self.features = np.empty((0, 0))
        self._architectures: list[Architecture] = []
        self._proposed: set[Architecture] = set()

    def __len__(self) -> int:
        return len(self._architectures)

    def draw(self, rng: np.random.Generator) -> Architecture:
        """A random architecture; a new one, unless `MAX_ATTEMPTS` draws were all proposed before."""
        for _ in range(MAX_ATTEMPTS):
            architecture = self.space.sample(rng)
            if architecture not in self._proposed:
                break
        self._proposed.add(architecture)
        return architecture

    def take(self, row: int) -> Architecture:
        """Propose the architecture of this row of the features; it leaves the pool."""
        self.features = np.delete(self.features, row, axis=0)
        architecture = self._architectures.pop(row)
        self._proposed.add(architecture)
        return architecture

    def refill(self, parents: Sequence[Architecture], rng: np.random.Generator) -> None:
        """Add all of a small space, once; of a large one add some, and drop the oldest.

        Half of those added are drawn at random, and half are mutations of the parents in turn.
        """
        if self.space.size > ENUMERABLE:
            half = REFILL // 2
            fresh = [self.space.sample(rng) for _ in range(half)]
            fresh += [self.space.mutate(parents[i % len(parents)], rng) for i in range(half)]
            self._add(fresh, self.size)
        elif not self._architectures:
            self._add(self.space, ENUMERABLE)

    def _add(self, fresh: Iterable[Architecture], most: int) -> None:
        known = self._proposed.union(self._architectures)
        new = [architecture for architecture in dict.fromkeys(fresh) if architecture not in known]
        if new:
            old = [self.features] if self._architectures else []
            self.features = np.concatenate([*old, encode(self.space, new)])[-most:]
            self._architectures = (self._architectures + new)[-most:]
