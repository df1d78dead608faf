"""A row of slots, each an operation or left out: the simplest macro search space."""

from nas_tutorial.names import shown, whole
from nas_tutorial.spaces.architecture import Architecture, Choice
from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.spaces.graph import INPUT, OUTPUT, Graph

MAX_DEPTH = 1000  # a larger one is a typing error that would fill the memory


class ChainSpace(SearchSpace):
    """A row of slots, each an operation or left out ("skip"): the simplest macro search space.

    Args:
        depth: The number of slots, at least 1 and at most `MAX_DEPTH`.
        operations: What a slot may hold apart from "skip"; texts.

    Raises:
        ValueError: If depth is out of range, or the operations are not a tuple of distinct texts.
    """

    SKIP = "skip"

    def __init__(
        self,
        depth: int = 6,
        operations: tuple[str, ...] = ("nor_conv_3x3", "nor_conv_5x5", "max_pool_3x3"),
    ):
        depth = whole("depth", depth, 1, MAX_DEPTH, "A chain needs a slot, and not too many.")
        is_tuple = isinstance(operations, (tuple, list))
        if not is_tuple or not all(isinstance(operation, str) for operation in operations):
            raise ValueError(
                f"operations must be a tuple of texts, got {shown(operations)}. "
                'Write ("nor_conv_3x3", "max_pool_3x3").'
            )
        options = (*operations, self.SKIP)
        super().__init__("chain", tuple(Choice(f"slot {i + 1}", options) for i in range(depth)))

    def graph(self, architecture: Architecture) -> Graph:
        """Input, the operations in a row without the skipped slots, output."""
        operations = [str(value) for value in architecture.values if value != self.SKIP]
        edges = frozenset((node, node + 1) for node in range(len(operations) + 1))
        return Graph((INPUT, *operations, OUTPUT), edges)
