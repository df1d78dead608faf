"""The file that a search keeps as it goes, so that a crash costs at most the trial in flight.

JSON lines: first what the search is, then each proposal and each result in the order in which they
happened, every line flushed. An operating-system lock keeps a second search out; it ends with the
process that holds it, however that process ends.
"""

import json
from pathlib import Path

import filelock

from nas_tutorial.trials import read_records


class Store:
    """An open store. Use it in a `with` statement.

    Args:
        path: The file; made, with its folder, where it does not exist.
        search: What the search is, JSON-ready; a store of another search is refused.

    Raises:
        ValueError: If the file belongs to another search, or holds something else.
        RuntimeError: If another search has it open.
        OSError: If it cannot be written.
    """

    def __init__(self, path: str | Path, search: dict):
        self.path = Path(path).resolve()  # one file, one lock, whatever leads to it
        self._search = json.loads(json.dumps(search))
        self._lock = filelock.FileLock(self.path.with_name(f".{self.path.name}.lock"), timeout=0)
        self._file = None

    def __enter__(self) -> "Store":
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire()
        except filelock.Timeout as error:
            raise RuntimeError(
                f"{self.path} must belong to one search at a time, but another one has it open. "
                "Wait for that one to end, or name another file."
            ) from error
        try:
            records = self._read()
            self.records = records[1:]
            self._file = self.path.open("ab")
            self._ends_whole = False
            if not records:
                self.append({"search": self._search})
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception) -> None:
        try:
            if self._file is not None:
                self._file.close()
        finally:  # a full disk fails again on closing
            self._lock.release()

    def append(self, record: dict) -> None:
        """Write one record and flush it; a torn last line makes room for the first one."""
        if not self._ends_whole:
            self._drop_torn_line()
        self._file.write(json.dumps(record).encode() + b"\n")
        self._file.flush()

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

    def _drop_torn_line(self) -> None:
        content = self.path.read_bytes()
        self._file.truncate(content.rfind(b"\n") + 1)
        self._ends_whole = True
