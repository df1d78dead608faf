"""Results of searches and benchmarks that take longer than a chapter should, stored with the course.

This folder's README.md gives the command that made each of them.
"""

import json
from pathlib import Path

from nas_tutorial.history import History
from nas_tutorial.names import unknown_name

HISTORIES = Path(__file__).parent


def stored_history(name: str) -> History:
    """The history of a search that is stored with the course.

    Args:
        name: Such as "digits".

    Raises:
        ValueError: If no history of that name is stored.
    """
    return History.load(_stored("a stored history", name, ".jsonl"))


def stored_records(name: str) -> list[dict]:
    """What a benchmark measured, one dictionary for each line of its records.

    Args:
        name: Such as "weight_sharing".

    Raises:
        ValueError: If no records of that name are stored.
    """
    lines = _stored("stored records", name, ".ndjson").read_text(encoding="utf-8").splitlines()
    return list(map(json.loads, lines))


def _stored(kind: str, name: str, suffix: str) -> Path:
    known = sorted(path.stem for path in HISTORIES.glob(f"*{suffix}"))
    if name not in known:
        raise unknown_name(kind, name, known)
    return HISTORIES / f"{name}{suffix}"
