"""What of a handed-in file is let in: the text of its cells, in the frame of what was released.

The file is whatever somebody sent. nbgrader and the browser see only the notebook that is made here.
"""

import copy
import json
import re
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

MOST_BYTES = 10 * 1024**2
MOST_CELLS = 1000
MOST_CHARACTERS = 500_000  # in all cells; the longest chapter has a tenth of it


class Refused(Exception):
    """The file is no hand-in; the message says why."""


def admit(path: Path, released: NotebookNode) -> NotebookNode:
    """Read a handed-in notebook.

    Cells that nbgrader knows are the released ones; of the student's there is the text of answers.
    The first cell with a name counts, its copies are extra cells, and what is missing is added at
    the end.

    Args:
        path: The file, below the course's folder `submitted`.
        released: The notebook that was given out.

    Raises:
        Refused: If this is not a file with a notebook of format 4, or it is too large.
    """
    missing = {name: cell for cell in released.cells if (name := grade_id(cell))}
    known_text = {cell.source for cell in released.cells if cell.cell_type == "markdown"}
    cells = []
    given_cells = _cells(_read(path))
    texts = [_source(given) for given in given_cells]
    if sum(map(len, texts)) > MOST_CHARACTERS:
        raise Refused(f"its cells have more than {MOST_CHARACTERS} characters")
    for given, source in zip(given_cells, texts):
        kind = given.get("cell_type")
        if (name := grade_id(given)) in missing:
            cells.append(_known(missing.pop(name), source))
        elif kind == "code":
            cells.append(new_code_cell(source))
        else:
            cells.append(new_markdown_cell(source if source in known_text else fenced(source)))
    cells += [copy.deepcopy(cell) for cell in missing.values()]
    return new_notebook(cells=cells, metadata=copy.deepcopy(released.metadata))


def grade_id(cell: dict) -> str | None:
    """nbgrader's name of a cell, if it has one."""
    marks = cell.get("metadata")
    marks = marks.get("nbgrader") if isinstance(marks, dict) else None
    name = marks.get("grade_id") if isinstance(marks, dict) else None
    return name if isinstance(name, str) else None


def fenced(source: str) -> str:
    """Markdown that shows a text as it was written, whatever is in it."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", source)), default=0))
    return f"{fence}text\n{source}\n{fence}"


def _known(released: NotebookNode, source: str) -> NotebookNode:
    """A released cell, with the student's text where it is an answer."""
    cell = copy.deepcopy(released)
    if cell.metadata.nbgrader.get("solution") and source != cell.source:
        cell.source = source if cell.cell_type == "code" else fenced(source)
    return cell


def _read(path: Path) -> bytes:
    if path.resolve() != path.parents[2].resolve().joinpath(*path.parts[-3:]):
        raise Refused("its file or folder is a link")
    if not path.is_file():
        raise Refused(f"there is no file {path.name}")
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Refused(f"its file has more than {MOST_BYTES // 1024**2} MB")
    return content


def _cells(content: bytes) -> list[dict]:
    try:
        notebook = json.loads(content)
    except (ValueError, RecursionError):
        raise Refused("its file is not JSON") from None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise Refused("its file is not a notebook of format 4")
    if len(cells) > MOST_CELLS:
        raise Refused(f"it has more than {MOST_CELLS} cells")
    return cells


def _source(cell: dict) -> str:
    source = cell.get("source")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise Refused("one of its cells has no text")
    return source.encode("utf-8", "replace").decode()
