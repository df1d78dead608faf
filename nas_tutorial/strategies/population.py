"""What strategies with a population share: how a parent is chosen."""

from collections.abc import Callable, Sequence

import numpy as np

from nas_tutorial.trials import Trial


def tournament(
    population: Sequence[Trial], size: int, key: Callable, rng: np.random.Generator
) -> Trial:
    """The best of `size` trials drawn from the population with replacement.

    Reference:
        Goldberg and Deb 1991, A comparative analysis of selection schemes, section 4.
    """
    indices = rng.integers(len(population), size=size)
    return min((population[index] for index in indices), key=key)
