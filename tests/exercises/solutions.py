"""The course's own solutions, taken out of the chapter sources."""

from pathlib import Path

import jupytext

SOURCES = Path(__file__).parents[2] / "notebooks" / "source"


def solution(chapter: str, grade_id: str, **given) -> dict:
    """Run a chapter's import cell and one of its solution cells; return what they defined.

    Args:
        chapter: Number, such as "04".
        grade_id: Such as "ex-4-2".
        given: What the solution cell finds defined by earlier cells.
    """
    (source,) = SOURCES.glob(f"{chapter}_*.py")
    code = [cell for cell in jupytext.read(source).cells if cell.cell_type == "code"]
    imports = code[0].source
    (solved,) = (
        cell.source
        for cell in code
        if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    )
    namespace = dict(given)
    exec(imports, namespace)
    exec(solved, namespace)
    return namespace
