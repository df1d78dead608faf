"""Hand-ins for tests of grading: a course's folder as nbgrader lays it out, and what students put in."""

import csv
import dataclasses
import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import psutil
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.api import Gradebook

from sources import build
from tests import ROOT

sys.path.insert(0, str(ROOT / "docs" / "grading"))
import admit  # noqa: F401, these are for tests that import them from here
import execute  # noqa: F401
import grade
import outputs  # noqa: F401
import prepare
import runner  # noqa: F401
import sandbox  # noqa: F401
from runner import Limits

CHAPTER = "04_search_spaces_as_graphs"
EXERCISES = "exercises"  # two of the chapter's, which run in a moment
HONEST, ATTACKER, LATER = "ada", "eve", "zoe"
SECRET = "this line is a hidden test"
MARK = "271828182"  # seconds of sleep, by which a process that was left is found
SET_UP = """import nas_tutorial as nas
from nas_tutorial.course import check
from nas_tutorial.spaces.graph import Graph"""
HIDDEN = f"""
### BEGIN HIDDEN TESTS
# {SECRET}
assert num_paths(Graph(("input", "relu", "output"), frozenset({{(0, 1), (1, 2), (0, 2)}}))) == 2
### END HIDDEN TESTS"""


def nbgrader(course: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Run nbgrader in a course's folder."""
    command = [sys.executable, "-m", "nbgrader", *arguments]
    return subprocess.run(command, cwd=course, capture_output=True, text=True)


def hand_in(course: Path, student: str, assignment: str, answers: dict[str, str]) -> Path:
    """Write a student's notebook: the one that was released, with some cells answered."""
    notebook = released(course, assignment)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = answers.get(name, cell.source)
    return put(course, student, assignment, nbformat.writes(notebook))


def put(course: Path, student: str, assignment: str, content: str) -> Path:
    """Write a student's file, whatever is in it."""
    target = course / "submitted" / student / assignment / f"{assignment}.ipynb"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(content, encoding="utf-8")
    return target


def released(course: Path, assignment: str) -> NotebookNode:
    return nbformat.read(course / "release" / assignment / f"{assignment}.ipynb", as_version=4)


def solved(course: Path, assignment: str) -> dict[str, str]:
    """grade_id -> the teacher's cell, of those that a student writes and a check grades."""
    path = course / "source" / assignment / f"{assignment}.ipynb"
    cells = nbformat.read(path, as_version=4).cells
    graded = [cell for cell in cells if cell.metadata.get("nbgrader", {}).get("solution")]
    named = {cell.metadata["nbgrader"]["grade_id"]: cell.source for cell in graded}
    return {name: source for name, source in named.items() if not name.startswith("project-")}


def small_course(course: Path) -> Path:
    """Two exercises of the chapter, the second with a hidden test, released; two honest hand-ins.

    One is graded before the attacker's, one waits behind it.
    """
    prepare.prepare(course, [CHAPTER[:2]])
    kept = [new_code_cell(SET_UP)]
    for cell in prepare.notebook(build.sources(["04"])[0]).cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id", "").endswith(("4-1", "4-3")):
            kept.append(cell)
    kept[-1].source += HIDDEN
    source = course / "source" / EXERCISES / f"{EXERCISES}.ipynb"
    source.parent.mkdir(parents=True)
    nbformat.write(new_notebook(cells=kept, metadata={"kernelspec": build.KERNEL}), source)
    made = nbgrader(course, "generate_assignment", EXERCISES)
    assert made.returncode == 0, made.stderr
    for student in (HONEST, LATER):
        hand_in(course, student, EXERCISES, solved(course, EXERCISES))
    assert grade.grade(course, EXERCISES, [HONEST]) == 0
    assert points(course, HONEST) == {"check-4-1": 1, "check-4-3": 1}
    return course


def points(course: Path, student: str) -> dict[str, float]:
    """Exercise -> points, from the gradebook."""
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        found = gradebook.find_submission_notebook(EXERCISES, EXERCISES, student)
        return {one.name: one.score for one in found.grades}


def lines(course: Path) -> list[dict]:
    """The lines of the CSV."""
    with (course / "points" / f"{EXERCISES}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@dataclasses.dataclass
class Outcome:
    """What became of the attacker's hand-in."""

    status: int
    points: float  # from the CSV
    note: str
    outputs: str  # all of them, as text
    page: str


class Attack:
    """Hands in as the attacker, and looks at what belongs to others."""

    def __init__(self, course: Path):
        self.course = course
        self.right = solved(course, EXERCISES)
        self.before, self.running = self.of_others(), below()

    def __call__(self, code: str = "", **limits) -> Outcome:
        """Grade the right answers with some code before the first."""
        answers = {**self.right, "ex-4-1": f"{code}\n{self.right['ex-4-1']}"}
        return self.answers(answers, **limits)

    def answers(self, answers: dict[str, str], **limits) -> Outcome:
        hand_in(self.course, ATTACKER, EXERCISES, answers)
        return self.grade(**limits)

    def notebook(self, notebook: NotebookNode, **limits) -> Outcome:
        put(self.course, ATTACKER, EXERCISES, nbformat.writes(notebook))
        return self.grade(**limits)

    def grade(self, **limits) -> Outcome:
        """Grade what the attacker has handed in."""
        status = grade.grade(self.course, EXERCISES, [ATTACKER], Limits(**limits))
        rows = [row for row in lines(self.course) if row["student"] == ATTACKER]
        written = self.course / "autograded" / ATTACKER / EXERCISES / f"{EXERCISES}.ipynb"
        page = self.course / "feedback" / ATTACKER / EXERCISES / f"{EXERCISES}.html"
        return Outcome(
            status,
            sum(float(row["points"]) for row in rows),
            rows[0]["note"],
            shown(nbformat.read(written, as_version=4)) if written.exists() else "",
            page.read_text(encoding="utf-8") if page.exists() else "",
        )

    def of_others(self) -> dict:
        """All that a hand-in must leave as it is."""
        files = {
            path: path.read_bytes()
            for path in self.course.rglob("*")
            if path.is_file()
            and ATTACKER not in path.parts
            and path.name not in ("gradebook.db", f"{EXERCISES}.csv")
        }
        others = [row for row in lines(self.course) if row["student"] != ATTACKER]
        return {**files, "points": points(self.course, HONEST), "lines": others}

    def require_held(self) -> None:
        """Nothing of others was touched, and no process is left."""
        assert self.of_others() == self.before
        assert below() <= self.running
        commands = [process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"])]
        assert not any(MARK in command for command in commands)


def below() -> set[psutil.Process]:
    """All processes that this one has started, and theirs."""
    return set(psutil.Process().children(recursive=True))


def shown(notebook: NotebookNode) -> str:
    """The text of all outputs of a notebook."""
    said = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            said += [output.get("text", ""), output.get("ename", ""), output.get("evalue", "")]
            said.append(output.get("data", {}).get("text/plain", ""))
    return "\n".join(said)


class Live(HTMLParser):
    """What of a page a browser would run or load."""

    TAGS = ("script", "iframe", "object", "embed", "link", "base", "form", "svg", "math", "video")
    LOADING = ("src", "srcset", "href", "data", "action", "poster", "background")

    def __init__(self, page: str):
        super().__init__()
        self.found, self.text = [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag in self.TAGS:
            self.found.append((tag, dict(attrs)))
        for name, value in attrs:
            is_inert = (value or "").startswith(("data:image/png;base64,", "#"))
            if name.startswith("on") or (name in self.LOADING and not is_inert):
                self.found.append((tag, name, value))

    def handle_data(self, data):
        self.text += data


def activated_path() -> str:
    """The PATH of an activated environment, since nbgrader calls alembic by its name."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
