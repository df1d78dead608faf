"""Choices, and the architecture that settles them.

A search space is a list of choices; an architecture holds one value for each. Strategies see
nothing else of a network, so every strategy works on every space.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    """One named decision with its options, such as "the operation on edge 0 to 1".

    Args:
        name: What is decided.
        options: The values to choose from: distinct texts or whole numbers, at least one.

    Raises:
        ValueError: If there is no option, one occurs twice, or one is of another kind.
    """

    name: str
    options: tuple[str | int, ...]

    def __post_init__(self):
        _require_sequence(self.options)
        object.__setattr__(self, "options", tuple(self.options))
        _require_texts_or_numbers(self.options)
        if not self.options or len(set(self.options)) != len(self.options):
            raise ValueError(
                f"the options of choice {self.name!r} must be distinct and at least one, got "
                f"{self.options}. List each option once."
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
        _require_sequence(self.values)
        object.__setattr__(self, "values", tuple(self.values))
        _require_texts_or_numbers(self.values)

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
            values = json.loads(text)
        except (ValueError, TypeError, RecursionError) as error:  # no JSON, no text, too deep
            raise ValueError(
                f"an architecture must be a JSON list such as {cls(('a', 1)).to_json()}, got "
                f"{text!r:.60}. Write it with Architecture.to_json()."
            ) from error
        if not isinstance(values, list):
            raise ValueError(
                f"an architecture must be a JSON list, got a {type(values).__name__}. "
                "Write it with Architecture.to_json()."
            )
        return cls(tuple(values))


def _require_sequence(values) -> None:
    if isinstance(values, str) or not isinstance(values, Iterable):
        what = "the text" if isinstance(values, str) else "the value"
        raise ValueError(
            f"values must be a tuple of values, got {what} {values!r:.40}. "
            "Put it in a tuple, or read it with Architecture.from_json."
        )


def _require_texts_or_numbers(values: tuple) -> None:
    for value in values:
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise ValueError(
                f"every value must be a text or a whole number, got {value!r}. "
                "Use the options of the space's choices."
            )
