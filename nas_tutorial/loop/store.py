"""The file that a search keeps as it goes, so that a crash costs at most the trials in flight.

JSON lines: first what the search is, then each proposal and each result in the order in which they
happened, and the file closed after every line: mounted drives such as Colab's have been seen to
upload nothing of a file that stays open. An operating-system lock keeps a second search out; it ends
with the process that holds it, however that process ends.
"""

import json
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import filelock

from nas_tutorial.data.datasets import DATASETS
from nas_tutorial.history import read_records
from nas_tutorial.names import shown

LATER = ("space_digest", "dataset_digest")  # what stores of the first release do not hold


class Records(Protocol):
    """Where a search keeps its proposals and results."""

    path: Path  # named in errors
    records: list[dict]  # what was there at the beginning, to be repeated

    def append(self, record: dict) -> None:
        """Keep one record more."""


class Store:
    """A file of records, for one search at a time. Use it in a `with` statement.

    Args:
        path: The file; made, with its folder, where it does not exist.
        search: What the search is, JSON-ready; a store of another search is refused.

    Raises:
        ValueError: If the file belongs to another search, or holds something else.
        RuntimeError: If another search has it open.
        OSError: If it cannot be written, as on a full disk or in a folder that is read-only. What it
            held before stays.
    """

    def __init__(self, path: str | Path, search: dict):
        self.path = Path(path).resolve()  # one file, one lock, whatever leads to it
        self.records: list[dict] = []
        self._header = {"search": json.loads(json.dumps(search))}
        self._lock = filelock.FileLock(self.path.with_name(f".{self.path.name}.lock"), timeout=0)
        self._ends_whole = False

    def __enter__(self) -> "Store":
        with self._advice():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        try:
            self._open()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception) -> None:
        self._lock.release()

    def _open(self) -> None:
        """Read what is there, or begin the file; every error comes before anything is trained."""
        with self._advice():
            self.path.open("ab").close()
            content = self.path.read_bytes()
        header, *self.records = read_records(self.path) or [{}]
        if not content.endswith(b"\n") and _line(self._header).startswith(content):
            self.append(self._header)  # the file is new, or was cut off in its first line
        elif not isinstance(header.get("search"), dict):
            raise ValueError(
                f"{self.path} must begin with the search that it belongs to, got {shown(content)}. "
                "Name a new file."
            )
        else:
            self._require_same(header["search"])

    def _require_same(self, there: dict) -> None:
        """Refuse the file of another search."""
        here = self._header["search"]
        unknown = {key: here[key] for key in LATER if key in here and key not in there}
        if unknown and str(there.get("dataset")) in DATASETS:
            warnings.warn(
                f"{self.path} was begun by a release that did not keep {' and '.join(unknown)}. It is "
                "taken for the same search. Where data or space have changed since, name a new file.",
                stacklevel=4,
            )
            there = there | unknown
        differences = [
            f"{key} is {there.get(key)!r} there and {value!r} here"
            for key, value in here.items()
            if there.get(key) != value
        ]
        if differences:
            raise ValueError(
                f"{self.path} must belong to the same search, but {'; '.join(differences)}. "
                "Use the same data and settings to go on with it, or name a new file."
            )

    def append(self, record: dict) -> None:
        """Write one record; a torn last line makes room for it."""
        # "r+b" and not "ab", which would begin a file anew that was taken away.
        with self._advice(), self.path.open("r+b") as file:
            if not self._ends_whole:
                file.truncate(self.path.read_bytes().rfind(b"\n") + 1)
            self._ends_whole = False  # until it is written
            file.seek(0, os.SEEK_END)
            file.write(_line(record))
        self._ends_whole = True

    @contextmanager
    def _advice(self) -> Iterator[None]:
        """Say what to do where the file is in use, or cannot be written."""
        try:
            yield
        except filelock.Timeout as error:
            # Without locks filelock leaves a file, which may outlive the machine that wrote it.
            is_mark = isinstance(self._lock, filelock.SoftFileLock)
            mark = f" This file system has no locks: if no search runs, delete {error.lock_file}."
            raise RuntimeError(
                f"{self.path} must belong to one search at a time, but another one has it open. "
                f"Wait for that one to end, or name another file.{mark * is_mark}"
            ) from error
        except OSError as error:
            raise OSError(
                error.errno,
                f"{self.path} must be written after every trial, but: {error.strerror or error}. Make "
                "room on the disk, or name a file where you may write. What this one holds stays, "
                "and the same search with it goes on from there.",
            ) from error


def _line(record: dict) -> bytes:
    return json.dumps(record).encode() + b"\n"
