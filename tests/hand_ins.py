"""Hand-ins for tests of grading: a course's folder as nbgrader lays it out, and what students put in."""

import subprocess
import sys
from pathlib import Path

import nbformat

from tests import ROOT

sys.path.insert(0, str(ROOT / "docs" / "grading"))
import prepare  # noqa: F401

CHAPTER = "04_search_spaces_as_graphs"


def nbgrader(course: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Run nbgrader in a course's folder."""
    command = [sys.executable, "-m", "nbgrader", *arguments]
    return subprocess.run(command, cwd=course, capture_output=True, text=True)


def hand_in(course: Path, student: str, assignment: str, answers: dict[str, str]) -> None:
    """Write a student's notebook: the one that was released, with some cells answered."""
    notebook = released(course, assignment)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = answers.get(name, cell.source)
    target = course / "submitted" / student / assignment / f"{assignment}.ipynb"
    target.parent.mkdir(parents=True)
    nbformat.write(notebook, target)


def released(course: Path, assignment: str):
    return nbformat.read(course / "release" / assignment / f"{assignment}.ipynb", as_version=4)


def solved(course: Path, assignment: str) -> dict[str, str]:
    """grade_id -> the teacher's cell, of those that a student writes."""
    path = course / "source" / assignment / f"{assignment}.ipynb"
    cells = nbformat.read(path, as_version=4).cells
    graded = [cell for cell in cells if cell.metadata.get("nbgrader", {}).get("solution")]
    return {cell.metadata["nbgrader"]["grade_id"]: cell.source for cell in graded}
