"""Exhaustive search: every architecture once, and then it ends.

Count through all encodings and propose each valid one, in the space's own order or in steps so large
that neighbours in the order are not alike. Nothing is listed, so a space of any size can be begun.
"""

import math

import numpy as np

from nas_tutorial.names import one_of
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.strategies.base import Strategy
from nas_tutorial.trials import Candidate

MAX_INVALID = 100_000  # encodings that one ask may skip


class Exhaustive(Strategy):
    """Each architecture once, whatever the results; a failed one is not repeated.

    In the space's own order the first trials would all be similar. The strided order avoids that
    and no more: it walks through the own order with a start and a stride that the seed decides, so
    its first trials are no random sample. A search that will stop early needs `RandomSearch`.

    Args:
        space, objective, constraints, seed: As in `Strategy`.
        order: "strided", whose start and stride the seed decides, or "own", that of `iter(space)`.

    Raises:
        ValueError: If the order is another. From `ask`, if `MAX_INVALID` encodings in a row are
            invalid.
    """

    name = "exhaustive"

    def __init__(self, space, *, order: str = "strided", **shared):
        super().__init__(space, **shared)
        self.order = one_of("order", order, ("strided", "own"))
        start, stride = (0, 1) if order == "own" else strides(space.size, self.rng)
        self._left = range(start, start + stride * space.size, stride)  # numbers, modulo the size

    def ask(self) -> Candidate | None:
        for number in self._left[:MAX_INVALID]:
            self._left = self._left[1:]
            architecture = numbered(self.space, number % self.space.size)
            if self.space.is_valid(architecture):
                return Candidate(architecture)
        if self._left:
            raise ValueError(
                f"an exhaustive search must meet a valid architecture of {self.space.name} within "
                f"{MAX_INVALID:,} encodings, but in its {self.order} order the last so many were all "
                'invalid. Take order="strided", or loosen the space\'s rules.'
            )
        return None


def numbered(space: SearchSpace, number: int) -> Architecture:
    """The encoding at this place of the space's own order, valid or not; the first is 0.

    The choices are the digits of the number, and the last one changes fastest.
    """
    values = []
    for choice in reversed(space.choices):
        number, digit = divmod(number, len(choice.options))
        values.append(choice.options[digit])
    return Architecture(tuple(reversed(values)))


def strides(size: int, rng: np.random.Generator) -> tuple[int, int]:
    """A start and a stride that lead through all of range(size), modulo size.

    Steps of a stride that has no factor in common with the size come back to the start only after
    they have met every number.
    """
    num_bytes = size.bit_length() // 8 + 8  # so many that no remainder is preferred
    start, stride = (int.from_bytes(rng.bytes(num_bytes)) % size for _ in range(2))
    while math.gcd(stride, size) > 1:
        stride += 1
    return start, stride
