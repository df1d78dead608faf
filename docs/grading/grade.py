"""Grade hand-ins, each in a sandbox: `python docs/grading/grade.py COURSE ASSIGNMENT`.

nbgrader keeps the gradebook and gives the points, and runs no student's code: cells run inside
bubblewrap, one hand-in at a time. Points also go to points/, as a CSV with a line per student and
exercise, and feedback/ gets a page for each student.
"""

import argparse
import csv
import dataclasses
import re
import shutil
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import nbformat
import sandbox
from admit import Refused, admit
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.preprocessors import Execute
from nbgrader.utils import determine_grade, has_failed, is_grade
from outputs import Malformed, error, harmless
from runner import Limits, Runner, Stopped
from traitlets.config import Config, PyFileConfigLoader

ADMITTED = "admitted"  # nbgrader reads this folder in place of submitted/
STUDENT = re.compile(r"\w[\w.@+-]*")
COLUMNS = ("student", "assignment", "exercise", "points", "max_points", "note")
DANGER = (
    "Without a sandbox a hand-in can do what you can do: change points, read and delete your files, "
    "and use the network."
)
ELSE = "Grade on another machine, or with --without-sandbox if you trust every hand-in."
CLOSED = (
    '<head><meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">"
)


class NotReady(Exception):
    """There is nothing to grade here; the message says what to do."""


def main(arguments: list[str] | None = None) -> int:
    """Grade what the command line names; return 1 where a hand-in could not be graded, 2 where none."""
    warnings.filterwarnings("ignore", module="nbgrader")  # of its own database
    options = _parser().parse_args(arguments)
    limits = Limits(**{name: getattr(options, name) for name in _limits()})
    try:
        if options.without_sandbox:
            print(DANGER, file=sys.stderr)
        else:
            sandbox.require_sandbox(options.course)
        return grade(
            options.course, options.assignment, options.students, limits, options.without_sandbox
        )
    except sandbox.NoSandbox as missing:
        print(f"grade.py grades nothing: {missing} {ELSE}", file=sys.stderr)
    except NotReady as missing:
        print(f"grade.py grades nothing: {missing}", file=sys.stderr)
    return 2


def grade(
    course: Path,
    assignment: str,
    students: list[str] = (),
    limits: Limits = Limits(),
    bare: bool = False,
) -> int:
    """Grade an assignment's hand-ins, one after the other.

    Args:
        course: The folder that `prepare.py` laid out.
        assignment: Its name; nbgrader has made its release.
        students: Ids as in `submitted`; none takes all who handed in.
        limits: What each hand-in may use.
        bare: Whether to do without the sandbox.

    Returns:
        How many hand-ins could not be graded, at most 1.

    Raises:
        NotReady: If the assignment was not released, or nobody handed it in.
    """
    course = course.resolve()
    released = _released(course, assignment)
    students = students or sorted(f.parent.name for f in course.glob(f"submitted/*/{assignment}"))
    if not students:
        raise NotReady(f"nobody handed in {assignment}. Put it in submitted/STUDENT/{assignment}/.")
    notes = {}
    api = NbGraderAPI(config=settings(course, running(limits, bare, notes)))
    failed = False
    for student in students:
        try:
            _grade_one(api, course, assignment, student, released)
        except Refused as refused:
            notes[student], failed = f"not graded: {refused}", True
        rows = _rows(api, assignment, student, released, notes.get(student, ""))
        _write(course / "points" / f"{assignment}.csv", student, rows)
        total, most = (sum(row[column] for row in rows) for column in ("points", "max_points"))
        print(f"{student}: {total:g} of {most:g}", *filter(None, [notes.get(student)]), sep="; ")
    return int(failed)


def settings(course: Path, run: Callable) -> Config:
    """The course's own settings, with another way to run cells."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config()
    steps = config.Autograde.autograde_preprocessors
    config.Autograde.autograde_preprocessors = [
        run if isinstance(step, type) and issubclass(step, Execute) else step for step in steps
    ]
    config.CourseDirectory.root = str(course)
    config.CourseDirectory.submitted_directory = ADMITTED
    return config


def running(limits: Limits, bare: bool, notes: dict[str, str]) -> Callable:
    """The step of nbgrader's in which cells run; it notes which hand-ins were stopped, and why."""

    def run(notebook: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        student = resources["nbgrader"]["student"]
        notes[student] = run_cells(notebook, sandbox.runner(student, limits, bare))
        return notebook, resources

    return run


def run_cells(notebook: NotebookNode, runner: Runner) -> str:
    """Run a notebook's code, and keep harmless outputs.

    A cell that was not run gets an error, since nbgrader gives all points where there is none.

    Returns:
        Why it was stopped; blank where it came to its end.
    """
    waiting = [cell for cell in notebook.cells if cell.cell_type == "code"]
    note = ""
    try:
        with runner:
            runner.start()
            while waiting:
                waiting[0].outputs = harmless(runner.run(waiting[0].source))
                _require_points(waiting.pop(0))
    except (Stopped, Malformed) as stopped:
        note = f"stopped: {stopped}"
        for cell in waiting:
            cell.outputs = [error("Stopped", str(stopped))]
    return note


def _require_points(cell: NotebookNode) -> None:
    """Make an error of a check's result that nbgrader cannot take, and let errors come first.

    nbgrader looks at the first error or result, and a result may have been put before the error.
    """
    if is_grade(cell):
        try:
            determine_grade(cell)
        except (ValueError, KeyError) as refused:
            cell.outputs.append(error("Stopped", str(refused)))
        cell.outputs.sort(key=lambda output: not has_failed(_only(output)))


def _only(output: NotebookNode) -> NotebookNode:
    return NotebookNode(cell_type="code", outputs=[output])


def _grade_one(
    api: NbGraderAPI, course: Path, assignment: str, student: str, released: NotebookNode
) -> None:
    """Let a hand-in in, grade it, and write its page."""
    if not STUDENT.fullmatch(student):
        raise Refused("a student's id must be of letters, digits and . _ @ + -")
    place = Path(student, assignment, f"{assignment}.ipynb")
    notebook = admit(course / "submitted" / place, released)
    shutil.rmtree(course / ADMITTED / student / assignment, ignore_errors=True)
    (course / ADMITTED / place).parent.mkdir(parents=True)
    nbformat.write(notebook, course / ADMITTED / place)
    for step in (api.autograde, api.generate_feedback):
        done = step(assignment, student)
        if "KeyboardInterrupt" in done.get("error", ""):
            raise KeyboardInterrupt
        if not done["success"]:
            raise Refused(f"nbgrader says: {done['error'].strip().splitlines()[-1]}")
    seal(course / "feedback" / place.with_suffix(".html"))


def seal(page: Path) -> None:
    """Take the template's scripts out of a page, and forbid the browser to run or load any."""
    text = re.sub(
        r"<script\b.*?</script>", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.I
    )
    page.write_text(text.replace("<head>", CLOSED, 1), encoding="utf-8")


def _released(course: Path, assignment: str) -> NotebookNode:
    path = course / "release" / assignment / f"{assignment}.ipynb"
    if not path.exists():
        raise NotReady(
            f"there is no release of {assignment} in {course}. "
            f"Run there: nbgrader generate_assignment {assignment}"
        )
    return nbformat.read(path, as_version=4)


def _rows(
    api: NbGraderAPI, assignment: str, student: str, released: NotebookNode, note: str
) -> list[dict]:
    """A student's lines of the CSV; no points where nothing was graded."""
    points = {}
    if not note.startswith("not graded"):
        with Gradebook(api.coursedir.db_url) as gradebook:
            found = gradebook.find_submission_notebook(assignment, assignment, student)
            points = {grade.name: grade.score for grade in found.grades}
    rows = []
    for cell in filter(is_grade, released.cells):
        name, most = cell.metadata.nbgrader.grade_id, float(cell.metadata.nbgrader.points)
        values = (student, assignment, name, points.get(name, 0.0), most, note)
        rows.append(dict(zip(COLUMNS, values)))
    return rows


def _write(path: Path, student: str, rows: list[dict]) -> None:
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


def _limits() -> dict[str, int]:
    """The names of the limits and what they are by default."""
    return {field.name: field.default for field in dataclasses.fields(Limits)}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("course", type=Path, help="the folder that prepare.py laid out")
    parser.add_argument("assignment", help="such as 04_search_spaces_as_graphs")
    parser.add_argument("students", nargs="*", help="ids as in submitted/; none takes all")
    parser.add_argument("--without-sandbox", action="store_true", help=DANGER)
    for name, default in _limits().items():
        flag = f"--{name.replace('_', '-')}"
        parser.add_argument(flag, type=int, default=default, help=f"of a hand-in ({default})")
    return parser


if __name__ == "__main__":
    sys.exit(main())
