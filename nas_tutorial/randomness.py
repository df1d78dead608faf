"""Randomness that repeats: every number drawn here comes from an explicit seed.

A search has one seed, its strategy's. A trial's own seed is derived from that seed and the trial's
number, so it does not matter which worker runs it, or whether the search was interrupted. A trial
that resumes the training run of an earlier one keeps its seed too.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


def trial_seed(seed: int, number: int) -> int:
    """The seed of trial `number` in a search with `seed`, in [0, 2**31).

    Reference:
        NumPy, Parallel random number generation, SeedSequence with a sequence of integers.
    """
    return int(np.random.SeedSequence([seed, number]).generate_state(1)[0] >> 1)


def generator(seed: int, *purpose: int) -> np.random.Generator:
    """The generator for one purpose among several that share a seed.

    Args:
        seed: At least 0. Without a purpose the generator is `np.random.default_rng(seed)`.
        purpose: Whole numbers of at least 1 that tell one use of a seed from another, such as the
            order of the samples from the initial weights; their streams are independent. A 0 at the
            end adds nothing.

    Reference:
        NumPy, Parallel random number generation, SeedSequence with a sequence of integers.
    """
    return np.random.default_rng([seed, *purpose])


@contextmanager
def kept_global_state(seed: int | None = None) -> Iterator[None]:
    """Give Python's and NumPy's global random states back as they were on entry.

    Args:
        seed: Where both begin inside; None leaves them as they are.
    """
    python_state, numpy_state = random.getstate(), np.random.get_state()  # noqa: NPY002
    if seed is not None:
        random.seed(seed)
        np.random.seed(seed % 2**32)  # noqa: NPY002
    try:
        yield
    finally:
        random.setstate(python_state)
        np.random.set_state(numpy_state)  # noqa: NPY002
