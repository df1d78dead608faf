"""The course's own solutions, taken out of the chapter sources."""

import ast
from importlib.util import find_spec

import jupytext

from tests import ROOT

SOURCES = ROOT / "sources"


def solution(chapter: str, grade_id: str, **given) -> dict:
    """Run a chapter's imports and one of its solution cells; return what they defined.

    Args:
        chapter: Number, such as "04".
        grade_id: Such as "ex-4-2".
        given: What the solution cell finds defined by earlier cells.
    """
    code = _code_cells(chapter)
    (solved,) = (
        cell.source
        for cell in code
        if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    )
    namespace = dict(given)
    exec(_imports(code), namespace)
    exec(solved, namespace)
    return namespace


def code_cell(chapter: str, beginning: str) -> str:
    """The one code cell of a chapter that begins so."""
    (source,) = (cell.source for cell in _code_cells(chapter) if cell.source.startswith(beginning))
    return source


def _code_cells(chapter: str) -> list:
    (source,) = SOURCES.glob(f"{chapter}_*.py")
    return [cell for cell in jupytext.read(source).cells if cell.cell_type == "code"]


def _imports(cells: list) -> str:
    """All imports of a chapter, wherever they stand, but for modules that the chapter itself writes."""
    nodes = (node for cell in cells for node in ast.parse(cell.source).body)
    return "\n".join(map(ast.unparse, filter(_is_import, nodes)))


def _is_import(node: ast.stmt) -> bool:
    if isinstance(node, ast.Import):
        return all(find_spec(alias.name.partition(".")[0]) for alias in node.names)
    return isinstance(node, ast.ImportFrom)
