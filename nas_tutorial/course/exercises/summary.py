"""What is solved, tried and open, chapter by chapter."""

from nas_tutorial.course.exercises import CHAPTERS, checks, progress

COLUMNS = ("solved", "attempted", "open")


def summary() -> str:
    """A table with a line a chapter, and where the records lie."""
    known, trouble = _records()
    rows = [(chapter, *_sorted(chapter, known)) for chapter in CHAPTERS]
    solved, attempted, still_open = (
        sum(len(row[place]) for row in rows) for place in range(1, 1 + len(COLUMNS))
    )
    total = f"{solved} of {solved + attempted + still_open} solved, {attempted} attempted."
    return "\n".join([*_table(rows), "", f"{total} {_where()}", *([trouble] if trouble else [])])


def _records() -> tuple[dict[str, str], str | None]:
    """The records, or none and what is the matter with them."""
    try:
        return progress.records(), None
    except progress.Damaged as error:
        return {}, f"{error}. The next check keeps that file aside and begins a new one."
    except OSError as error:
        return {}, f"They cannot be read: {error}"


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
