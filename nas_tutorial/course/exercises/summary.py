"""The learner's progress as a table: which exercises of each chapter are solved, attempted and open."""

from nas_tutorial.course.exercises import CHAPTERS, checks, progress
from nas_tutorial.course.records import VARIABLE, first_line

COLUMNS = ("solved", "attempted", "open")


def summary() -> str:
    """A table with one line for each chapter, and the file that the progress is kept in."""
    known, trouble = _records()
    rows = [(chapter, *_sorted(chapter, known)) for chapter in CHAPTERS]
    solved, attempted, still_open = (
        sum(len(row[place]) for row in rows) for place in range(1, 1 + len(COLUMNS))
    )
    total = f"{solved} of {solved + attempted + still_open} solved, {attempted} attempted."
    return "\n".join([*_table(rows), "", f"{total} {_where()}", *([trouble] if trouble else [])])


def _records() -> tuple[dict[str, str], str | None]:
    """The records, and what is wrong if they cannot be read."""
    try:
        return progress.records(), None
    except progress.Damaged as error:
        return {}, f"{error}. The next check keeps that file aside and begins a new one."
    except OSError as error:
        return {}, f"They cannot be read: {first_line(error)}. {VARIABLE} names another file."


def _sorted(chapter: str, known: dict[str, str]) -> tuple[list[str], ...]:
    """The chapter's exercises in three lists, one for each of COLUMNS."""
    return tuple(
        [number for number in checks(chapter) if known.get(number, "open") == state]
        for state in COLUMNS
    )


def _table(rows: list[tuple]) -> list[str]:
    cells = [("chapter", *COLUMNS)]
    cells += [
        (chapter, *(" ".join(numbers) or "-" for numbers in lists)) for chapter, *lists in rows
    ]
    widths = [max(map(len, column)) for column in zip(*cells)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths)) for row in cells)
    return [line.rstrip() for line in lines]


def _where() -> str:
    file = progress.path()
    return "Nothing is kept here." if file is None else f"Kept in {file}"
