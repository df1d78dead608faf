"""Searches and measurements that take longer than a chapter should, kept with the course.

The commands that made them stand in this folder's README.md.
"""

import json
from pathlib import Path

from nas_tutorial.history import History
from nas_tutorial.names import unknown_name

HISTORIES = Path(__file__).parent


def stored_history(name: str) -> History:
    """A search that takes longer than a chapter should, kept with the course.

    The commands that made them stand in nas_tutorial/histories/README.md.

    Args:
        name: Such as "digits".

    Raises:
        ValueError: If the course keeps none of that name.
    """
    return History.load(_stored("a stored history", name, ".jsonl"))


def stored_records(name: str) -> list[dict]:
    """What a benchmark measured, kept with the course: one dictionary a line of its records.

    The commands that made them stand in nas_tutorial/histories/README.md.

    Args:
        name: Such as "weight_sharing".

    Raises:
        ValueError: If the course keeps none of that name.
    """
    lines = _stored("stored records", name, ".ndjson").read_text(encoding="utf-8").splitlines()
    return list(map(json.loads, lines))


def _stored(kind: str, name: str, suffix: str) -> Path:
    known = sorted(path.stem for path in HISTORIES.glob(f"*{suffix}"))
    if name not in known:
        raise unknown_name(kind, name, known)
    return HISTORIES / f"{name}{suffix}"
