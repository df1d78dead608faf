"""Finished runs of a benchmark, one line of a file each, so that a run cut short goes on where it was."""

import json
from pathlib import Path
from typing import TextIO


def read(path: Path) -> dict[tuple, dict]:
    """Job -> what it measured; empty where there is no file yet, whose folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        return {}
    records = map(json.loads, path.read_text().splitlines())
    return {tuple(record["job"]): record["values"] for record in records}


def append(file: TextIO, job: tuple, values: dict) -> None:
    """Write one down at once."""
    file.write(json.dumps({"job": job, "values": values}) + "\n")
    file.flush()
