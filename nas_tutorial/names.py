"""Names and numbers that people type: registries, checks, and errors that help.

A registry knows names and one line about each without importing anything heavy; what a name stands
for is imported on use. Every number that enters the library goes through `whole` or `real`, which
make it Python's own, so that it can be written as JSON, and refuse what is none.
"""

import difflib
import hashlib
import json
import math
import operator
import reprlib
import traceback
from collections.abc import Iterable, Iterator
from importlib import import_module
from types import UnionType
from typing import Any, NamedTuple

DIGEST_LENGTH = 16
_LONGEST = 800  # characters of another library's error
_SHORT = reprlib.Repr()
_SHORT.maxlevel, _SHORT.maxstring, _SHORT.maxother = 3, 80, 80


def digest(content: object) -> str:
    """A short hash, which two JSON-ready contents share if they are equal."""
    text = json.dumps(content, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST_LENGTH]


def shown(value: object) -> str:
    """A value as an error message shows it: its repr, cut where that is long."""
    try:
        return _SHORT.repr(value)
    except Exception:  # whatever a foreign __repr__ raises must not hide the real error
        return f"an object of type {type(value).__name__}"


def unknown_name(kind: str, name: object, valid: Iterable[str | int]) -> ValueError:
    """The error for a name that does not exist: what must hold, what came, what to do."""
    texts = sorted(map(str, valid))
    typed = name[:80] if isinstance(name, str) else shown(name)
    near = difflib.get_close_matches(typed, texts, n=1, cutoff=0.5)
    advice = f"Did you mean {near[0]!r}?" if near else "Choose one of these."
    return ValueError(f"{kind} must be one of {', '.join(texts)}; got {shown(name)}. {advice}")


def one_of(kind: str, name: Any, valid: Iterable[str | int]) -> Any:
    """`name`, if it is one of the valid ones, which are texts or whole numbers.

    Raises:
        ValueError: If it is not; the message names the nearest valid one.
    """
    valid = tuple(valid)
    if not isinstance(name, str | int) or name not in valid:
        raise unknown_name(kind, name, valid)
    return valid[valid.index(name)]


def require_kind(name: str, value: object, kind: type | UnionType, advice: str) -> None:
    """Refuse a value of another type, which no type checker has seen.

    Args:
        name: What is checked, for the error.
        value: What came.
        kind: What it must be an instance of.
        advice: What to do about another value; ends the error.

    Raises:
        ValueError: If it is of another type.
    """
    if not isinstance(value, kind):
        must = getattr(kind, "__name__", kind)  # several types in one have no name
        raise ValueError(f"{name} must be of type {must}, got {shown(value)}. {advice}")


def cause(error: BaseException) -> str:
    """An error as a result holds it: its type, and what it says in one line.

    The middle of a long text is left out: TensorFlow begins with where it was and ends with why.
    """
    said = "".join(traceback.format_exception_only(error))  # also where its own __str__ fails
    said = " ".join(said.split())
    if len(said) <= _LONGEST:
        return said
    return f"{said[: _LONGEST // 4]} ... {said[-_LONGEST * 3 // 4 :]}"


def whole(
    name: str, value: Any, least: int = 0, most: int | None = None, advice: str = "Change it."
) -> int:
    """A whole number in [least, most] as Python's int; NumPy's and a tensor's are taken too.

    Args:
        name: What is checked, for the error.
        value: What came.
        least: The smallest value allowed.
        most: The largest value allowed; None sets no bound.
        advice: What to do about another value; ends the error.

    Raises:
        ValueError: If it is no whole number, or outside the bounds.
    """
    number = None if isinstance(value, bool) else _index(value)
    if number is None or number < least or (most is not None and number > most):
        bounds = f"at least {least:,}" if most is None else f"in [{least:,}, {most:,}]"
        came = shown(value if number is None else number)
        raise ValueError(f"{name} must be a whole number {bounds}, got {came}. {advice}")
    return number


def real(
    name: str,
    value: Any,
    least: float = -math.inf,
    most: float = math.inf,
    *,
    above: float = -math.inf,
    below: float = math.inf,
    advice: str = "Change it.",
) -> float:
    """A finite number in [least, most] and in (above, below) as Python's own; ints stay ints.

    NumPy's, a tensor's, Decimal's and Fraction's numbers are taken too.

    Args:
        name: What is checked, for the error.
        value: What came.
        least, most: The ends of the range, allowed themselves.
        above, below: The ends of the range, not allowed themselves.
        advice: What to do about another value; ends the error.

    Raises:
        ValueError: If it is no finite number, or out of range.
    """
    number = _float(value)
    if number is None or not (least <= number <= most and above < number < below):
        bounds = [
            f"{word} {end:g}"
            for word, end in
            [("at least", least), ("above", above), ("at most", most), ("below", below)]
            if math.isfinite(end)
        ]  # fmt: skip
        must = " ".join(["a finite number", " and ".join(bounds)]).strip()
        came = shown(value if number is None else number)
        raise ValueError(f"{name} must be {must}, got {came}. {advice}")
    return number


def _index(value: Any) -> int | None:
    try:
        return operator.index(value)
    except (TypeError, AttributeError):  # the latter by TensorFlow's scalars that are not whole
        return None


def _float(value: Any) -> float | None:
    """A number as Python's int or float; None where it is none, or not finite."""
    try:
        if type(value) not in (int, float):  # as nearly all are
            # NumPy's flag is Python's bool then.
            value = value.item() if hasattr(value, "item") else value
            if isinstance(value, bool) or not hasattr(value, "__float__"):  # float() reads texts
                return None
            index = _index(value)
            value = float(value) if index is None else index
        return value if math.isfinite(value) else None
    except (TypeError, ValueError, OverflowError):  # no number, or beyond all floats
        return None


class Entry(NamedTuple):
    """Where a registered thing lives ("package.module:attribute"), and one line about it."""

    target: str
    summary: str


class Registry:
    """Named things of one kind, imported on use.

    Args:
        kind: What is registered, for error messages: "strategy".
        entries: Name -> `Entry`.
    """

    def __init__(self, kind: str, entries: dict[str, Entry]):
        self.kind = kind
        self._entries = dict(entries)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def summary(self, name: str) -> str:
        """One line about `name`, without importing it."""
        return self._entry(name).summary

    def load(self, name: str):
        """Import and return what `name` stands for.

        Raises:
            ValueError: If the name is not registered; the message names the nearest one.
        """
        module, attribute = self._entry(name).target.split(":")
        return getattr(import_module(module), attribute)

    def _entry(self, name: str) -> Entry:
        return self._entries[one_of(self.kind, name, self._entries)]
