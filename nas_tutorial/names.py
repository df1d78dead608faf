"""Names that people type: registries that load what a name stands for, and errors that help.

A registry knows names and one line about each without importing anything heavy; what a name stands
for is imported when it is asked for.
"""

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module


def unknown_name(kind: str, name: object, valid: Iterable[str]) -> ValueError:
    """The error for a name that does not exist: what must hold, what came, what to do."""
    valid = sorted(valid)
    near = difflib.get_close_matches(str(name), valid, n=1, cutoff=0.5)
    advice = f"Did you mean {near[0]!r}?" if near else "Choose one of these."
    return ValueError(f"{kind} must be one of {', '.join(valid)}; got {name!r}. {advice}")


@dataclass(frozen=True)
class Entry:
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
        if name not in self._entries:
            raise unknown_name(self.kind, name, self._entries)
        return self._entries[name]
