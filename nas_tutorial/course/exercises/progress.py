"""The learner's progress: which exercises are attempted and solved, in a file on their own machine.

The file maps the number of an exercise to "attempted" or "solved"; a solved exercise stays solved.
"""

from pathlib import Path

from nas_tutorial.course.records import OFF, PROGRESS, VARIABLE, Damaged, Records

__all__ = ["OFF", "STATES", "VARIABLE", "Damaged", "note", "path", "records", "reset"]

STATES = ("attempted", "solved")
_KEPT = Records(
    PROGRESS,
    what="progress",
    content=f"map numbers of exercises to {' or '.join(STATES)}",
    is_entry=lambda state: state in STATES,
)


def path() -> Path | None:
    """The progress file, whether it exists or not; None if no progress is kept (`records.place`)."""
    return _KEPT.path()


def records() -> dict[str, str]:
    """Exercise number -> "attempted" or "solved"; an exercise without an entry is open.

    Raises:
        Damaged: If the file holds something else.
        OSError: If it cannot be read, or is no ordinary file.
    """
    return _KEPT.read()


def note(number: str, *, solved: bool) -> str | None:
    """Record that an exercise was attempted or solved.

    Returns:
        A sentence for the learner if that failed, for instance in a read-only folder; else None.
    """
    state = "solved" if solved else "attempted"

    def noted(known: dict[str, str]) -> dict[str, str]:
        return known if known.get(number) in (state, "solved") else {**known, number: state}

    return _KEPT.change(noted)


def reset() -> Path | None:
    """Start afresh: the progress file is renamed.

    Returns:
        Its new name; None if there was no file.
    """
    return _KEPT.reset()
