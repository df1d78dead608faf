"""Grade hand-ins, each in a sandbox: `python docs/grading/grade.py COURSE ASSIGNMENT`.

nbgrader keeps the gradebook and gives the points, and runs no student's code: cells run inside
bubblewrap, one hand-in at a time. Points also go to points/, as a CSV with a line per student and
exercise, and feedback/ gets a page for each student.
"""

import argparse
import dataclasses
import re
import shutil
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import nbformat
import points
import sandbox
from admit import Refused, admit
from execute import run_cells
from nbconvert.preprocessors import ExecutePreprocessor
from nbformat import NotebookNode
from nbgrader.apps import NbGraderAPI
from runner import Limits
from traitlets.config import Config, PyFileConfigLoader

ADMITTED = "admitted"  # nbgrader reads this folder in place of submitted/
STUDENT = re.compile(r"\w[\w.@+-]*")
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
        1 if a hand-in could not be graded, or else 0.

    Raises:
        NotReady: If the assignment was not released, nobody handed it in, or the course's settings
            would let nbgrader run cells itself.
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
        rows = points.rows(
            api.coursedir.db_url, assignment, student, released, notes.get(student, "")
        )
        points.write(course / "points" / f"{assignment}.csv", student, rows)
        total, most = (sum(row[column] for row in rows) for column in ("points", "max_points"))
        print(f"{student}: {total:g} of {most:g}", *filter(None, [notes.get(student)]), sep="; ")
    return int(failed)


def settings(course: Path, run: Callable) -> Config:
    """The course's own settings, with another way to run cells.

    Raises:
        NotReady: If they do not say in which step cells run.
    """
    config = PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config()
    given = config.Autograde.get("autograde_preprocessors", [])
    steps = [run if _runs_cells(step) else step for step in given]
    if steps.count(run) != 1:
        raise NotReady(
            f"{course / 'nbgrader_config.py'} must list one step that runs cells, and lists "
            f"{steps.count(run)}. Run prepare.py again, which puts it back."
        )
    config.Autograde.autograde_preprocessors = steps
    config.CourseDirectory.root = str(course)
    config.CourseDirectory.submitted_directory = ADMITTED
    return config


def _runs_cells(step) -> bool:
    return isinstance(step, type) and issubclass(step, ExecutePreprocessor)


def running(limits: Limits, bare: bool, notes: dict[str, str]) -> Callable:
    """The step of nbgrader's in which cells run; it notes which hand-ins were stopped, and why."""

    def run(notebook: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        student = resources["nbgrader"]["student"]
        notes[student] = run_cells(notebook, sandbox.runner(student, limits, bare))
        return notebook, resources

    return run


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
