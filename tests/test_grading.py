"""Grading on nbgrader, by the recipe in docs/teaching/grading.md: a folder of handed-in notebooks."""

import csv
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.apps import NbGraderAPI
from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions
from traitlets.config import Config

from nas_tutorial.course.exercises.own_numbers import STUDENT_VARIABLE, require_own, student_seed
from nas_tutorial.course.exercises.verdicts import Wrong
from sources import build
from tests import ROOT
from tests.hand_ins import CHAPTER, hand_in, nbgrader, prepare, released, solved

HANGS = "def names_per_network(space):\n    while True:\n        pass"
CRASHES = "import os\n\nos._exit(1)"
LIMIT = 40  # seconds a cell, in place of minutes


@pytest.fixture(autouse=True)
def activated(monkeypatch):
    """An activated environment, since nbgrader calls alembic by its name."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    monkeypatch.setenv("PATH", path)


def points(course: Path) -> dict[str, tuple[float, float]]:
    """Student -> points and the most that there are, from the CSV."""
    assert nbgrader(course, "export").returncode == 0
    with (course / "grades.csv").open() as file:
        rows = list(csv.DictReader(file))
    return {row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in rows}


def test_five_notebooks_get_their_points(tmp_path):
    prepare.prepare(tmp_path, [CHAPTER[:2]])
    assert nbgrader(tmp_path, "generate_assignment", CHAPTER).returncode == 0
    right = solved(tmp_path, CHAPTER)
    first, second, third, *_ = right
    hand_in(tmp_path, "right", CHAPTER, right)
    hand_in(tmp_path, "half", CHAPTER, {first: right[first], third: right[third]})
    hand_in(tmp_path, "blank", CHAPTER, {})
    hand_in(tmp_path, "hangs", CHAPTER, {**right, second: HANGS})
    hand_in(tmp_path, "crashes", CHAPTER, {**right, third: CRASHES})
    graded = nbgrader(tmp_path, "autograde", CHAPTER, f"--KeepWhatRan.timeout={LIMIT}")
    assert points(tmp_path) == {
        "right": (5, 5),
        "half": (2, 5),
        "blank": (0, 5),
        "hangs": (4, 5),
        "crashes": (2, 5),
    }, graded.stderr


def settings() -> dict:
    """What the configuration file defines, as nbgrader reads it."""
    source = (ROOT / "docs" / "grading" / "nbgrader_config.py").read_text(encoding="utf-8")
    names = {"get_config": Config}
    exec(compile(source, "nbgrader_config.py", "exec"), names)
    return names


def test_what_ran_before_a_kernel_that_cannot_be_interrupted_counts():
    hang = "while True:\n    try:\n        while True:\n            pass\n    except:\n        pass"
    notebook = new_notebook(cells=[new_code_cell(source) for source in ("1", hang, "2", "3")])
    ran, _ = settings()["KeepWhatRan"](timeout=2).preprocess(notebook, {})
    errors = [[o.ename for o in c.outputs if o.output_type == "error"] for c in ran.cells]
    assert errors == [[], ["CellTimeoutError"], ["CellTimeoutError"], ["CellTimeoutError"]]


def test_the_settings_agree_with_the_notebooks():
    defined = settings()
    c = defined["c"]
    assert c.ClearSolutions.code_stub == {"python": build.STUB}
    assert c.KeepWhatRan.timeout >= build.CELL_SECONDS
    assert defined["TellStudent"] in c.Autograde.autograde_preprocessors


def test_every_chapter_can_be_released_as_it_is(tmp_path):
    """What nbgrader hands out is what a student opens anyway, cell by cell."""
    names = prepare.prepare(tmp_path)
    config = settings()["c"]
    config.CourseDirectory.root = str(tmp_path)
    api = NbGraderAPI(config=config)
    for name in names:
        assert api.generate_assignment(name)["success"], name
    for source in build.sources():
        student = build.student_notebook(source)
        cells = released(tmp_path, source.stem).cells
        assert [cell.source for cell in cells] == [cell.source for cell in student.cells]


def cells_of_own_numbers() -> list:
    cells = prepare.notebook(prepare.OWN_NUMBERS).cells
    return [cell for cell in cells if cell.cell_type == "code"]


def answered(student: str) -> dict:
    """What a student who solves the assignment has defined at its end, the id included."""
    names = {}
    for cell in cells_of_own_numbers():
        if not cell.metadata.get("nbgrader", {}).get("grade"):
            exec(cell.source.replace('"teacher"', repr(student)), names)
    return names


def complaints(names: dict) -> list[str]:
    """What the hidden tests say to a student's answers, check by check; blank where they agree."""
    said = []
    for cell in cells_of_own_numbers():
        if cell.metadata.get("nbgrader", {}).get("grade"):
            try:
                exec(cell.source, names)
                said.append("")
            except Wrong as wrong:
                said.append(str(wrong))
    return said


@pytest.fixture(scope="module")
def ada():
    return answered("ada")


@pytest.fixture(scope="module")
def bo():
    return answered("bo")


ANSWERS = ("working", "mean_difference", "standard_error", "best")


def test_ones_own_answers_are_right(ada, bo, monkeypatch):
    assert complaints(ada) == complaints(bo) == ["", "", ""]
    monkeypatch.setenv(STUDENT_VARIABLE, "Ada")
    assert complaints(ada) == ["", "", ""]


def test_students_have_different_data(ada, bo):
    for name in ("cells", "seeds", "rows"):
        assert not np.array_equal(ada[name], bo[name])


def test_another_students_answers_are_wrong(ada, bo):
    copied = {**ada, **{name: bo[name] for name in ANSWERS}}
    assert all(complaints(copied))


def test_another_students_notebook_is_refused(ada, monkeypatch):
    monkeypatch.setenv(STUDENT_VARIABLE, "bo")
    assert all("numbers of 'ada', but 'bo' handed it in" in said for said in complaints(ada))


def test_a_notebook_that_nobody_began_gets_nothing_and_runs(capsys):
    names, blank = {}, prepare.notebook(prepare.OWN_NUMBERS)
    for cut in (ClearSolutions, ClearHiddenTests):
        blank, _ = cut(config=settings()["c"]).preprocess(blank, {})
    for cell in blank.cells:
        if cell.cell_type == "code":
            exec(cell.source, names)
    assert "write a list of sets of pairs" in capsys.readouterr().out
    assert all(complaints(names))


def test_a_seed_belongs_to_a_student_and_an_assignment():
    seed = student_seed("ada.l", "first term")
    assert seed == student_seed(" Ada.L ", "first term")
    others = [student_seed("ada.k", "first term"), student_seed("ada.l", "second term")]
    assert seed not in others and student_seed(..., "first term") not in (seed, *others)
    assert 0 <= seed < 2**63
    assert len({student_seed(str(n), "x") for n in range(2000)}) == 2000


@pytest.mark.parametrize(("student", "assignment"), [("", "x"), (7, "x"), ("ada", " ")])
def test_a_blank_id_is_refused(student, assignment):
    with pytest.raises(ValueError, match="must be a text that is not blank, got"):
        student_seed(student, assignment)


def test_outside_nbgrader_everybody_is_who_they_say(monkeypatch):
    monkeypatch.delenv(STUDENT_VARIABLE, raising=False)
    require_own("anybody")


def test_an_unknown_assignment_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"must be among 00, .*own_numbers, got 99. Leave them"):
        prepare.prepare(tmp_path, ["99"])


def test_the_settings_say_who_handed_in(monkeypatch):
    monkeypatch.setenv(STUDENT_VARIABLE, "somebody else")
    settings()["TellStudent"]().preprocess(new_notebook(), {"nbgrader": {"student": "bo"}})
    assert os.environ[STUDENT_VARIABLE] == "bo"
