"""Choices, and architectures, which take one option of each.

A search space is a list of choices; an architecture holds one value for each. Strategies see
nothing else of a network, so every strategy works on every space.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from nas_tutorial.names import shown


@dataclass(frozen=True)
class Choice:
    """One named decision with its options, such as "the operation on edge 0 to 1".

    Args:
        name: What is decided.
        options: The values to choose from: distinct texts or whole numbers, at least one.

    Raises:
        ValueError: If there is no option, one occurs twice, or one is neither a text nor a whole
            number.
    """

    name: str
    options: tuple[str | int, ...]

    def __post_init__(self):
        object.__setattr__(self, "options", _checked(self.options))
        if not self.options or len(set(self.options)) != len(self.options):
            raise ValueError(
                f"the options of choice {self.name!r} must be distinct and at least one, got "
                f"{shown(self.options)}. List each option once."
            )


@dataclass(frozen=True)
class Architecture:
    """One value per choice of a search space, in the order of its choices. Immutable, hashable.

    Args:
        values: Texts or whole numbers.

    Raises:
        ValueError: If a value is neither a text nor a whole number.
    """

    values: tuple[str | int, ...]

    def __post_init__(self):
        object.__setattr__(self, "values", _checked(self.values))

    def __str__(self) -> str:
        return " ".join(str(value) for value in self.values)

    def to_json(self) -> str:
        """The values as a JSON list, as stores and reports hold it."""
        return json.dumps(list(self.values))

    @classmethod
    def from_json(cls, text: str) -> "Architecture":
        """Read what `to_json` wrote.

        Raises:
            ValueError: If the text is not a JSON list of texts and whole numbers.
        """
        try:
            return cls(json.loads(text))
        except (ValueError, TypeError, RecursionError) as error:  # no JSON, or nested too deep
            raise ValueError(
                f"an architecture must be a JSON list of texts and whole numbers, got {shown(text)}. "
                "Write it with Architecture.to_json()."
            ) from error


def _checked(values: Sequence[str | int]) -> tuple[str | int, ...]:
    """Values as a tuple, if they are a tuple or a list of texts and whole numbers."""
    is_row = isinstance(values, tuple | list)
    for value in values if is_row else [values]:
        if not is_row or isinstance(value, bool) or not isinstance(value, str | int):
            raise ValueError(
                f"values must be texts and whole numbers in a tuple, got {shown(value)}. "
                "Use the options of the space's choices."
            )
    return tuple(values)
