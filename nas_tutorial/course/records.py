"""What the course keeps for a learner: small JSON files in a folder of their own.

A file maps a text to an entry. It is written whole or not at all, and under a lock, since two
notebooks may be open. A damaged file is kept aside and a new one begun. Whatever is no ordinary file,
such as a folder, a device or a pipe, is neither read nor renamed nor replaced.
"""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import filelock
from platformdirs import user_data_path

from nas_tutorial.files import replacing

VARIABLE = "NAS_TUTORIAL_PROGRESS"
OFF = "off"
PROGRESS = "progress"  # the file that the variable names; others lie beside it
LOCK_SECONDS = 2


class Damaged(ValueError):
    """The file holds something else."""


def is_autograded() -> bool:
    """Whether nbgrader is running this notebook to grade it."""
    return os.environ.get("NBGRADER_EXECUTION") == "autograde"


def place(name: str = PROGRESS) -> Path | None:
    """Where the file of this name lies, whether it exists or not; None if nothing is kept.

    The environment variable NAS_TUTORIAL_PROGRESS names another place for the progress, beside which
    the other files lie, or says `off`. Under nbgrader nothing is kept either, since the notebooks of
    many people run in one account there.
    """
    named = os.environ.get(VARIABLE, "")
    if named == OFF or is_autograded():
        return None
    default = user_data_path("nas_tutorial", appauthor=False) / f"{PROGRESS}.json"
    file = (Path(named).expanduser() if named else default).resolve()
    if name == PROGRESS:
        return file
    replaced = file.stem.replace(PROGRESS, name)
    return file.with_stem(replaced if replaced != file.stem else f"{file.stem}-{name}")


@dataclass(frozen=True)
class Records:
    """One of the learner's files.

    Args:
        name: Of the file, without its ending.
        what: What it keeps, as a learner is told: "Your ... is not kept".
        content: What it must hold, for the error about a damaged file.
        is_entry: Whether a value from the file is an entry.
    """

    name: str
    what: str
    content: str
    is_entry: Callable[[Any], bool]

    def path(self) -> Path | None:
        """The file, whether it exists or not; None if nothing is kept."""
        return place(self.name)

    def read(self) -> dict[str, Any]:
        """Text -> entry; empty if there is no file.

        Raises:
            Damaged: If the file holds something else.
            OSError: If it cannot be read, or is no ordinary file.
        """
        file = self.path()
        return {} if file is None else self._read(file)

    def change(self, changed: Callable[[dict[str, Any]], dict[str, Any]]) -> str | None:
        """Keep `changed(records)` in place of the records.

        Returns:
            A sentence for the learner if that failed, for instance in a read-only folder; else None.
        """
        try:
            file = self.path()
            return None if file is None else self._change(file, changed)
        except (
            OSError,
            ValueError,
            RuntimeError,
        ) as error:  # a notebook goes on without its records
            said = first_line(error)
            return f"(Your {self.what} is not kept: {said}. {VARIABLE} names another file.)"

    def reset(self) -> Path | None:
        """Start afresh: the file is renamed.

        Returns:
            Its new name; None if there was no file.
        """
        file = self.path()
        if file is None or not file.is_file():
            return None
        with _lock(file):
            return _set_aside(file, "old")

    def _change(
        self, file: Path, changed: Callable[[dict[str, Any]], dict[str, Any]]
    ) -> str | None:
        with suppress(Damaged):
            known = self._read(file)
            if changed(known) == known:
                return None  # nothing to write, and so no lock to wait for
        file.parent.mkdir(parents=True, exist_ok=True)
        with _lock(file):
            known, said = self._read_or_set_aside(file)
            if changed(known) != known:
                _write(file, changed(known))
        return said

    def _read(self, file: Path) -> dict[str, Any]:
        for there in (place(), file):
            if there is not None and there.exists() and not there.is_file():
                raise OSError(f"{there} is no ordinary file, and is left alone")
        try:
            known = json.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (ValueError, RecursionError) as error:
            raise Damaged(f"{file} must be JSON, but {first_line(error)}") from error
        if not isinstance(known, dict) or not all(map(self.is_entry, known.values())):
            raise Damaged(f"{file} must {self.content}")
        return known

    def _read_or_set_aside(self, file: Path) -> tuple[dict[str, Any], str | None]:
        try:
            return self._read(file), None
        except Damaged:
            kept = _set_aside(file, "damaged")
            said = f"The file of your {self.what} was damaged"
            return {}, f"({said}: it is kept as {kept}, a new one begun.)"


def first_line(error: Exception) -> str:
    """What an error says, in a line and without its full stop."""
    return (str(error) or type(error).__name__).splitlines()[0].rstrip(".")


def _set_aside(file: Path, why: str) -> Path:
    """Rename the file, without replacing an earlier one."""
    number, kept = 1, file.with_name(f"{file.stem}-{why}{file.suffix}")
    while kept.exists():
        number += 1
        kept = file.with_name(f"{file.stem}-{why}-{number}{file.suffix}")
    file.rename(kept)
    return kept


def _write(file: Path, known: dict[str, Any]) -> None:
    with replacing(file) as new:
        new.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")


def _lock(file: Path) -> filelock.BaseFileLock:
    return filelock.FileLock(file.with_name(f".{file.name}.lock"), timeout=LOCK_SECONDS)
