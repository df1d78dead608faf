"""A row of slots, each an operation or left out: the simplest macro search space."""

from numbers import Integral

from nas_tutorial.spaces.architecture import Architecture, Choice
from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.spaces.graph import INPUT, OUTPUT, Graph

MAX_DEPTH = 1000  # a larger one is a typing error that would fill the memory


class ChainSpace(SearchSpace):
    """A row of slots, each an operation or left out ("skip"): the simplest macro search space.

    Args:
        depth: The number of slots, at least 1 and at most `MAX_DEPTH`.
        operations: What a slot may hold beside "skip"; texts.

    Raises:
        ValueError: If depth is no such number, or the operations are no tuple of distinct texts.
    """

    SKIP = "skip"

    def __init__(
        self,
        depth: int = 6,
        operations: tuple[str, ...] = ("nor_conv_3x3", "nor_conv_5x5", "max_pool_3x3"),
    ):
        if not isinstance(depth, Integral) or not 1 <= depth <= MAX_DEPTH:
            raise ValueError(
                f"depth must be a whole number, at least 1 and at most {MAX_DEPTH:,}, got "
                f"{depth!r:.40}. A chain needs a slot."
            )
        is_tuple = isinstance(operations, (tuple, list))
        if not is_tuple or not all(isinstance(operation, str) for operation in operations):
            raise ValueError(
                f"operations must be a tuple of texts, got {operations!r:.60}. "
                'Write ("nor_conv_3x3", "max_pool_3x3").'
            )
        options = (*operations, self.SKIP)
        super().__init__("chain", tuple(Choice(f"slot {i + 1}", options) for i in range(depth)))

    def graph(self, architecture: Architecture) -> Graph:
        """Input, the operations in a row without the skipped slots, output."""
        kept = [operation for operation in architecture.values if operation != self.SKIP]
        return Graph((INPUT, *kept, OUTPUT), frozenset((i, i + 1) for i in range(len(kept) + 1)))
