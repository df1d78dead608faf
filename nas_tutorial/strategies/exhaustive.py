"""Exhaustive search: every architecture once, and then it ends.

Count through all encodings and propose each valid one, in the space's own order or in a random one.
Nothing is listed, so a space of any size can be begun: the random order is computed number by
number, as a cipher turns each text into another (Luby and Rackoff 1988, How to construct
pseudorandom permutations from pseudorandom functions).
"""

import hashlib
from collections.abc import Sequence

from nas_tutorial.names import unknown_name
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.strategies.base import Strategy
from nas_tutorial.trials import Candidate

ORDERS = ("random", "own")
MAX_INVALID = 100_000  # encodings that one ask may skip
ROUNDS = 8  # four are enough in theory, for large sizes


class Exhaustive(Strategy):
    """Each architecture once, whatever the results; a failed one is not repeated.

    In random order the trials of a search that stops early are a random sample without
    replacement; in its own order they would all be alike.

    Args:
        space, objective, constraints, seed: As in `Strategy`.
        order: "random", which the seed decides, or "own", the order of `iter(space)`.

    Raises:
        ValueError: If the order is another. From `ask`, if `MAX_INVALID` encodings in a row are
            invalid.
    """

    name = "exhaustive"

    def __init__(self, space, *, order: str = "random", **shared):
        super().__init__(space, **shared)
        if order not in ORDERS:
            raise unknown_name("order", order, ORDERS)
        self.order = order
        self._keys = [self.rng.bytes(16) for _ in range(ROUNDS)]
        self._next = 0  # position in the order

    def ask(self) -> Candidate | None:
        size = self.space.size
        for position in range(self._next, min(self._next + MAX_INVALID, size)):
            self._next = position + 1
            number = shuffled(position, size, self._keys) if self.order == "random" else position
            architecture = numbered(self.space, number)
            if self.space.is_valid(architecture):
                return Candidate(architecture)
        if self._next < size:
            raise ValueError(
                f"an exhaustive search must meet a valid architecture of {self.space.name} within "
                f"{MAX_INVALID:,} encodings, but in its {self.order} order those up to "
                f'{self._next:,} of {size:,} are invalid. Take order="random", or loosen the '
                "space's rules."
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


def shuffled(position: int, size: int, keys: Sequence[bytes]) -> int:
    """What stands at `position` in a random order of range(size), without a list of it.

    A Feistel network permutes the numbers of 2 * half_bits bits, of which there are fewer than four
    times as many as `size`. Where it leads beyond `size` it is applied again until it leads within,
    which it does, since a permutation's cycles close; in the mean after fewer than four steps.

    Args:
        position: In [0, size).
        size: How many numbers there are, at least 1.
        keys: One a round; they decide the order.

    Reference:
        Luby and Rackoff 1988 (the network).
        Black and Rogaway 2002, Ciphers with arbitrary finite domains (the cycle-walking cipher).
    """
    half_bits = ((size - 1).bit_length() + 1) // 2
    number = _permuted(position, half_bits, keys)
    while number >= size:
        number = _permuted(number, half_bits, keys)
    return number


def _permuted(number: int, half_bits: int, keys: Sequence[bytes]) -> int:
    num_bytes = half_bits // 8 + 1
    left, right = divmod(number, 1 << half_bits)
    for key in keys:  # each round can be undone, whatever the hash
        digest = hashlib.shake_128(key + right.to_bytes(num_bytes)).digest(num_bytes)
        left, right = right, left ^ int.from_bytes(digest) % (1 << half_bits)
    return (left << half_bits) + right
