"""The file that a search keeps as it goes, so that a crash costs at most the trials in flight.

JSON lines: first what the search is, then each proposal and each result in the order in which they
happened, and the file closed after every line: mounted drives such as Colab's have been seen to
upload nothing of a file that stays open. An operating-system lock keeps a second search out; it ends
with the process that holds it, however that process ends. A lock cannot keep out a second path to the
file, or a program that puts an older copy in its place. So before every line the end of the file is
compared with what this search wrote there.
"""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Protocol

import filelock

from nas_tutorial.files import ordinary, replacing
from nas_tutorial.history import read_records
from nas_tutorial.names import real, shown

COMPARED = 4096  # bytes at the end of the file


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
        ValueError: If the file belongs to another search, or holds something else, or the search
            describes itself by what JSON has no form for.
        RuntimeError: If another search has it open, or has written to it, or another file has taken
            its place. All records of this search are kept in a new file then, which the error names.
        OSError: If it cannot be written, as on a full disk or in a folder that is read-only, or is
            no file, but a device or a pipe. What it held before stays.
    """

    def __init__(self, path: str | Path, search: dict):
        self.path = Path(path).resolve()  # one file, one lock, whatever leads to it
        self.records: list[dict] = []
        advice = "Return texts, numbers, lists and dicts."
        plain = partial(real, "what an evaluator's describe() returns", advice=advice)
        self._header = {"search": json.loads(json.dumps(search, default=plain))}
        self._lock = filelock.FileLock(self.path.with_name(f".{self.path.name}.lock"), timeout=0)
        self._kept = bytearray()  # the whole lines of the file
        self._torn = b""  # what may follow them: a line of which only the beginning was written

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
        ordinary(self.path)
        with self._advice():
            self.path.open("ab").close()
            content = self.path.read_bytes()
        end = content.rfind(b"\n") + 1
        self._kept, self._torn = bytearray(content[:end]), content[end:]
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
        differences = [
            f"{key} is {there.get(key)!r} there and {value!r} here"
            for key, value in self._header["search"].items()
            if there.get(key) != value
        ]
        if differences:
            raise ValueError(
                f"{self.path} must belong to the same search, but {'; '.join(differences)}. "
                "Use the same data and settings to go on with it, or name a new file."
            )

    def append(self, record: dict) -> None:
        """Write one record; a torn last line makes room for it."""
        line = _line(record)
        with self._advice():
            if not self._write(line):
                raise self._displaced(line)
        self._kept += line
        self._torn = b""

    def _write(self, line: bytes) -> bool:
        """Write a line at the end, unless something else stands there than this search wrote."""
        try:
            file = self.path.open("r+b")  # "ab" would begin a file anew that was taken away
        except FileNotFoundError:
            return False
        with file:
            end = len(self._kept)
            begin = max(0, end - COMPARED)
            file.seek(begin)
            there = file.read(COMPARED + len(self._torn) + 1)
            known, torn = there[: end - begin], there[end - begin :]
            if known != self._kept[begin:] or not self._torn.startswith(torn):
                return False
            file.seek(end)
            file.truncate()
            self._torn = line  # until all of it is written
            file.write(line)
        return True

    def _displaced(self, line: bytes) -> RuntimeError:
        """The error for a file that is no longer this search's, whose records it keeps beside."""
        name = f"{self.path.stem}-{secrets.token_hex(4)}{self.path.suffix}"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(self.path.with_name(name)) as new:
            new.write_bytes(self._kept + line)
        return RuntimeError(
            f"{self.path} must hold what this search wrote, but another program took the file away, "
            "put another in its place or wrote to it. It was left as it is. All records of this "
            f"search are in {name} in the same folder: search again with that store to go on."
        )

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
