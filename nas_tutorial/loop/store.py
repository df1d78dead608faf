"""The file that a search keeps as it goes, so that a crash costs at most the trial in flight.

JSON lines: first what the search is, then each proposal and each result in the order in which they
happened, and the file closed after every line: mounted drives such as Colab's have been seen to
upload nothing of a file that stays open. An operating-system lock keeps a second search out; it ends
with the process that holds it, however that process ends.
"""

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from nas_tutorial.history import read_records

NO_ROOM = "Make room on the disk"
NOT_ALLOWED = "Name a file in a folder where you may write, or move it there"
ADVICE = {
    errno.ENOSPC: NO_ROOM, errno.EDQUOT: NO_ROOM, errno.EFBIG: NO_ROOM,
    errno.EACCES: NOT_ALLOWED, errno.EPERM: NOT_ALLOWED, errno.EROFS: NOT_ALLOWED,
}  # fmt: skip


class Store:
    """An open store. Use it in a `with` statement.

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
        self._search = json.loads(json.dumps(search))
        self._lock = filelock.FileLock(self.path.with_name(f".{self.path.name}.lock"), timeout=0)

    def __enter__(self) -> "Store":
        try:
            with self._advice_where_it_cannot_be_written():
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._lock.acquire()
        except filelock.Timeout as error:
            raise RuntimeError(
                f"{self.path} must belong to one search at a time, but another one has it open. "
                f"Wait for that one to end, or name another file.{self._advice_without_locks()}"
            ) from error
        try:
            with self._advice_where_it_cannot_be_written():
                records = self._read()
                self.path.open("ab").close()  # made, or an error before anything is trained
            self.records = records[1:]
            self._ends_whole = False
            if not records:
                self.append({"search": self._search})
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception) -> None:
        self._lock.release()

    def append(self, record: dict) -> None:
        """Write one record; a torn last line makes room for it."""
        line = json.dumps(record).encode() + b"\n"
        with (
            self._advice_where_it_cannot_be_written(),
            self.path.open("r+b") as file,  # not "ab", which would begin a lost file anew
        ):
            if not self._ends_whole:
                file.truncate(self.path.read_bytes().rfind(b"\n") + 1)
            self._ends_whole = False  # until it is written
            file.seek(0, os.SEEK_END)
            file.write(line)
        self._ends_whole = True

    @contextmanager
    def _advice_where_it_cannot_be_written(self) -> Iterator[None]:
        try:
            yield
        except filelock.Timeout:  # an OSError too, but no trouble with the file
            raise
        except OSError as error:
            advice = ADVICE.get(error.errno, "Name another file, or mend what is wrong there")
            raise OSError(
                error.errno,
                f"{self.path} must be written after every trial, but that failed: "
                f"{error.strerror or error}. {advice}; what it holds stays, and the same search "
                "with the same file goes on from there.",
            ) from error

    def _advice_without_locks(self) -> str:
        """A file system without locks makes filelock mark the store by a file, which may outlive the
        machine that wrote it."""
        if not isinstance(self._lock, filelock.SoftFileLock):
            return ""
        return f" This file system has no locks: if no search runs, delete {self._lock.lock_file}."

    def _read(self) -> list[dict]:
        """The records of the file, its header checked; none where it is new or torn at once."""
        if not self.path.exists():
            return []
        records = read_records(self.path)
        if records:
            self._check_header(records)
        elif not self._header().startswith(self.path.read_bytes()):
            raise self._foreign(self.path.read_bytes()[:80])
        return records

    def _header(self) -> bytes:
        return json.dumps({"search": self._search}).encode() + b"\n"

    def _foreign(self, found) -> ValueError:
        return ValueError(
            f"{self.path} must begin with the search that it belongs to, got {found!s:.80}. "
            "Name a new file."
        )

    def _check_header(self, records: list[dict]) -> None:
        """The first record must describe this very search."""
        there = records[0].get("search")
        if not isinstance(there, dict):
            raise self._foreign(records[0])
        differences = [
            f"{key} is {there.get(key)!r} there and {value!r} here"
            for key, value in self._search.items()
            if there.get(key) != value
        ]
        if differences:
            raise ValueError(
                f"{self.path} must belong to the same search, but {'; '.join(differences)}. "
                "Use the same settings to go on with it, or name a new file."
            )
