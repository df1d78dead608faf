"""What strategies with a population share: how a parent is chosen, and a child of two of them."""

from collections.abc import Callable, Sequence

import numpy as np

from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.trials import Candidate, Trial


def tournament(
    population: Sequence[Trial], size: int, key: Callable, rng: np.random.Generator
) -> Trial:
    """The best of `size` trials drawn from the population with replacement.

    Reference:
        Goldberg and Deb 1991, A comparative analysis of selection schemes, section 4.
    """
    indices = rng.integers(len(population), size=size)
    return min((population[index] for index in indices), key=key)


def child_of(
    mother: Trial, father: Trial, space: SearchSpace, rng: np.random.Generator
) -> Candidate:
    """Cross two architectures, and mutate what comes out."""
    architectures = mother.candidate.architecture, father.candidate.architecture
    mutated = space.mutate(space.crossover(*architectures, rng), rng)
    return Candidate(mutated, parents=(mother.number, father.number))
