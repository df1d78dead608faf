"""The learner's progress: which exercises are attempted and solved, in a file on their own machine.

The file is JSON, exercise number -> "attempted" or "solved"; a solved exercise stays solved. It is
written whole or not at all, and under a lock, since two notebooks may be open.
"""

import json
import os
from contextlib import suppress
from pathlib import Path

import filelock
from platformdirs import user_data_path

from nas_tutorial.course.exercises.verdicts import is_autograded
from nas_tutorial.files import replacing

VARIABLE = "NAS_TUTORIAL_PROGRESS"
OFF = "off"
STATES = ("attempted", "solved")
LOCK_SECONDS = 2


class Damaged(ValueError):
    """The progress file holds something else."""


def path() -> Path | None:
    """The progress file, whether it exists or not; None if no progress is kept.

    The environment variable NAS_TUTORIAL_PROGRESS names another file, or says `off`. Under nbgrader no
    progress is kept either, since the notebooks of many people run in one account there.
    """
    place = os.environ.get(VARIABLE, "")
    if place == OFF or is_autograded():
        return None
    default = user_data_path("nas_tutorial", appauthor=False) / "progress.json"
    return (Path(place).expanduser() if place else default).resolve()


def records() -> dict[str, str]:
    """Exercise number -> "attempted" or "solved"; an exercise without an entry is open.

    Raises:
        Damaged: If the file holds something else.
        OSError: If it cannot be read.
    """
    file = path()
    return {} if file is None else _read(file)


def note(number: str, *, solved: bool) -> str | None:
    """Record that an exercise was attempted or solved.

    Returns:
        A sentence for the learner if that failed, for instance in a read-only folder; else None.
    """
    state = "solved" if solved else "attempted"
    try:
        file = path()
        return None if file is None else _note(file, number, state)
    except (OSError, ValueError, RuntimeError) as error:  # a notebook goes on without its records
        return f"(Your progress is not kept: {_first_line(error)}. {VARIABLE} names another file.)"


def reset() -> Path | None:
    """Start afresh: the progress file is renamed.

    Returns:
        Its new name; None if there was no file.
    """
    file = path()
    if file is None or not file.exists():
        return None
    with _lock(file):
        return _set_aside(file, "old")


def _note(file: Path, number: str, state: str) -> str | None:
    with suppress(Damaged):
        if _holds(_read(file), number, state):
            return None  # nothing to write, and so no lock to wait for
    file.parent.mkdir(parents=True, exist_ok=True)
    with _lock(file):
        known, said = _read_or_set_aside(file)
        if not _holds(known, number, state):
            _write(file, {**known, number: state})
    return said


def _holds(known: dict[str, str], number: str, state: str) -> bool:
    return known.get(number) in (state, "solved")


def _read(file: Path) -> dict[str, str]:
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (ValueError, RecursionError) as error:
        raise Damaged(f"{file} must be JSON, but {_first_line(error)}") from error
    if not isinstance(known, dict) or not all(state in STATES for state in known.values()):
        raise Damaged(f"{file} must map numbers of exercises to {' or '.join(STATES)}")
    return known


def _read_or_set_aside(file: Path) -> tuple[dict[str, str], str | None]:
    try:
        return _read(file), None
    except Damaged:
        kept = _set_aside(file, "damaged")
        return (
            {},
            f"(The file of your progress was damaged: it is kept as {kept}, a new one begun.)",
        )


def _set_aside(file: Path, why: str) -> Path:
    """Rename the file, without replacing an earlier one."""
    number, kept = 1, file.with_name(f"{file.stem}-{why}{file.suffix}")
    while kept.exists():
        number += 1
        kept = file.with_name(f"{file.stem}-{why}-{number}{file.suffix}")
    file.rename(kept)
    return kept


def _write(file: Path, known: dict[str, str]) -> None:
    with replacing(file) as new:
        new.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")


def _lock(file: Path) -> filelock.BaseFileLock:
    return filelock.FileLock(file.with_name(f".{file.name}.lock"), timeout=LOCK_SECONDS)


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
