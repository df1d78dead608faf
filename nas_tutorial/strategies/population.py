"""What strategies with a population share: who becomes a parent, and which sizes make sense."""

from collections.abc import Callable, Sequence

import numpy as np

from nas_tutorial.strategies.base import whole
from nas_tutorial.trials import Trial


def tournament(
    population: Sequence[Trial], size: int, key: Callable, rng: np.random.Generator
) -> Trial:
    """The best of `size` trials drawn from the population with replacement.

    Reference:
        Goldberg and Deb 1991, A comparative analysis of selection schemes, section 4.
    """
    drawn = rng.integers(len(population), size=size)
    return min((population[index] for index in drawn), key=key)


def checked_sizes(population_size: int, tournament_size: int) -> tuple[int, int]:
    """The sizes as Python's ints, if selection can be done with them and does something.

    Raises:
        ValueError: If the population is empty, or the tournament does not lie within it.
    """
    population_size = whole("population_size", population_size)
    tournament_size = whole("tournament_size", tournament_size)
    if population_size < 2:
        raise ValueError(
            f"population_size must be at least 2, got {population_size}. "
            "With one trial there is nothing to select from."
        )
    if not 1 <= tournament_size <= population_size:
        raise ValueError(
            f"tournament_size must lie in [1, population_size={population_size}], got "
            f"{tournament_size}. Lower it or enlarge the population."
        )
    return population_size, tournament_size
