"""Points as a table: a line per student and exercise, from nbgrader's gradebook."""

import csv
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.utils import is_grade

COLUMNS = ("student", "assignment", "exercise", "points", "max_points", "note")


def rows(
    database: str, assignment: str, student: str, released: NotebookNode, note: str
) -> list[dict]:
    """A student's lines of the CSV; no points where nothing was graded."""
    points = {}
    if not note.startswith("not graded"):
        with Gradebook(database) as gradebook:
            found = gradebook.find_submission_notebook(assignment, assignment, student)
            points = {grade.name: grade.score for grade in found.grades}
    made = []
    for cell in filter(is_grade, released.cells):
        name, most = cell.metadata.nbgrader.grade_id, float(cell.metadata.nbgrader.points)
        values = (student, assignment, name, points.get(name, 0.0), most, note)
        made.append(dict(zip(COLUMNS, values)))
    return made


def write(path: Path, student: str, rows: list[dict]) -> None:
    """Put a student's lines in place of those that are there."""
    path.parent.mkdir(exist_ok=True)
    others = []
    if path.exists():
        with path.open(newline="", encoding="utf-8") as file:
            others = [row for row in csv.DictReader(file) if row["student"] != student]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows([*others, *rows])
