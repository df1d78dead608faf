"""What a student opens is what the sources say, and keeps the course's rules."""

import ast
import re
from pathlib import Path
from types import SimpleNamespace

import jupytext
import nbformat
import pytest

from sources import build, contents, run_time
from tests import ROOT

NOTEBOOKS = ROOT / "notebooks"
SOURCES = build.sources()
IGNORED = "nbval-ignore-output"
each_chapter = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)


def student(source: Path):
    return nbformat.read(NOTEBOOKS / f"{source.stem}.ipynb", as_version=4)


def without_outputs(notebook) -> list:
    return [(cell.cell_type, cell.id, cell.source, dict(cell.metadata)) for cell in notebook.cells]


def code_cells(notebook) -> list:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tags(cell) -> list[str]:
    return cell.metadata.get("tags", [])


@each_chapter
def test_the_student_notebook_is_fresh(source):
    built = build.student_notebook(source)
    assert without_outputs(student(source)) == without_outputs(built), "run make notebooks"
    assert student(source).metadata == built.metadata


@each_chapter
def test_the_solution_notebook_is_fresh(source):
    built = build.solution_notebook(source)
    stored = nbformat.read(build.SOLUTIONS / f"{source.stem}.ipynb", as_version=4)
    assert without_outputs(stored) == without_outputs(built), "run make notebooks"


def test_there_is_no_notebook_without_a_source():
    stems = {source.stem for source in SOURCES}
    for folder in (NOTEBOOKS, build.SOLUTIONS):
        assert {path.stem for path in folder.glob("*.ipynb")} == stems


@each_chapter
def test_no_solution_is_left_in_the_student_notebook(source):
    assert "SOLUTION" not in "".join(cell.source for cell in student(source).cells)


@each_chapter
def test_every_cell_ran_and_none_failed(source):
    for cell in code_cells(student(source)):
        assert cell.execution_count or not cell.source.strip(), cell.id
        for output in cell.outputs:
            assert output.output_type != "error", cell.id
            assert output.get("name") != "stderr", (cell.id, output.text)


@each_chapter
def test_few_cells_are_ignored_and_none_skipped(source):
    cells = code_cells(student(source))
    assert not any("nbval-skip" in tags(cell) for cell in cells)
    shown = [
        cell for cell in cells if re.search(r"^nas\.course\.show\(", cell.source, re.MULTILINE)
    ]
    ignored = [cell for cell in cells if IGNORED in tags(cell) and cell not in shown]
    assert all(IGNORED in tags(cell) for cell in shown), "a cell that shows source must be ignored"
    assert len(ignored) <= 0.3 * len(cells)


def names(tree: ast.AST, context: type) -> set[str]:
    """The plain names that a piece of code loads or stores."""
    loaded = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    return {node.id for node in loaded if isinstance(node.ctx, context)}


def clock_names(cells: list) -> set[str]:
    """Names that hold what a clock said, or were computed from one that does."""
    found = {"time"}
    for cell in cells:
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, (ast.Assign, ast.AugAssign)) and names(node, ast.Load) & found:
                found |= names(node, ast.Store)
            elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".append"):
                found |= names(node.func, ast.Load) if names(node, ast.Load) & found else set()
    return found


@each_chapter
def test_no_compared_cell_speaks_of_the_clock(source):
    cells = code_cells(student(source))
    clock = clock_names(cells)
    for cell in cells:
        if IGNORED not in tags(cell) and cell.outputs:
            spoken = names(ast.parse(cell.source), ast.Load) & clock
            assert not spoken, f"{cell.id}: {spoken} differ from run to run; tag it {IGNORED}"


@each_chapter
def test_models_are_exported_to_a_string(source):
    """Keras 3.13, which is Colab's, takes no Path there."""
    for cell in code_cells(student(source)):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".export"):
                assert ast.unparse(node.args[0]).startswith("str("), cell.id


@each_chapter
def test_every_exercise_has_its_check_and_statement(source):
    notebook = build.solution_notebook(source)
    graded = [c.metadata["nbgrader"] for c in notebook.cells if "nbgrader" in c.metadata]
    graded = [g for g in graded if not g["grade_id"].startswith("project-")]  # open: no check
    answers = [g["grade_id"] for g in graded if g["solution"]]
    checks = [g["grade_id"] for g in graded if g["grade"]]
    assert [name.replace("ex-", "check-") for name in answers] == checks
    text = "".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for name in answers:
        assert f"Exercise {name.removeprefix('ex-').replace('-', '.')}" in text
    if source.stem[:2] >= "02":
        assert len(answers) >= 3


@each_chapter
def test_it_begins_with_one_title(source):
    titles = [
        line
        for cell in student(source).cells
        if cell.cell_type == "markdown"
        for line in cell.source.splitlines()
        if re.match(r"# \S", line)
    ]
    assert len(titles) == 1


@each_chapter
def test_pictures_are_png_only(source):
    for cell in code_cells(student(source)):
        for output in cell.outputs:
            kinds = set(output.get("data", {}))
            assert not kinds & {"image/svg+xml", "application/pdf"}, cell.id


@each_chapter
def test_the_top_of_a_chapter_asks_for_the_minutes_of_its_header(source):
    top = " ".join(jupytext.read(source).cells[0].source.lower().split())
    assert f"about {contents.entry(source).minutes} minutes" in top


def test_the_readme_lists_the_chapters_as_their_sources_do():
    readme = contents.README.read_text(encoding="utf-8")
    assert contents.with_list(readme, build.entries()) == readme, "run make notebooks"


def test_chapter_00_lists_every_chapter_with_its_minutes():
    cells = build.solution_notebook(SOURCES[0]).cells
    (listed,) = (cell.source for cell in cells if "| about (min) |" in cell.source)
    for one in build.entries():
        assert re.search(rf"\*\*\[?{one.number} {one.name}.*\| {one.minutes} \|\n", listed)
    for one in build.entries()[1:]:
        assert f"[{one.number}]: {one.stem}.ipynb" in listed


def test_the_modules_that_chapters_name_are_there():
    for one in build.entries():
        for module in one.modules:
            path = ROOT / "nas_tutorial" / module.replace(".", "/")
            assert path.with_suffix(".py").exists() or path.is_dir(), (one.stem, module)


@pytest.mark.parametrize(
    ("header", "complaint"),
    [("", "missing"), ("name: X\n#     abuot: y", "unexpected keyword argument 'abuot'")],
)
def test_a_source_without_its_header_is_refused(header, complaint, tmp_path):
    source = tmp_path / "99_x.py"
    source.write_text(f"# ---\n# jupyter:\n#   nas_tutorial:\n#     {header}\n# ---\n\n# %%\n1\n")
    with pytest.raises(ValueError, match=rf"99_x.py must begin with the header .*{complaint}"):
        contents.entry(source)


def test_a_module_is_tested_where_the_tests_mirror_it():
    assert contents.tests_of("names") == "tests/test_names.py"
    assert contents.tests_of("loop.search") == "tests/loop/test_search.py"
    assert contents.tests_of("strategies") == "tests/strategies/"
    assert contents.tests_of("loop.nothing") == "tests/loop/"


def test_every_notebook_promises_its_seconds():
    assert set(run_time.promised()) == {source.stem[:2] for source in SOURCES}, (
        "pytest --nbval notebooks --keep-seconds"
    )


def test_a_notebook_that_takes_much_longer_than_promised_is_told():
    reports = [
        SimpleNamespace(nodeid=f"notebooks/{chapter}_x.ipynb::Cell {cell}", duration=seconds)
        for chapter, share in (("01", 1.4), ("02", 1.6))
        for cell, seconds in enumerate([run_time.promised()[chapter] * share / 2] * 2)
    ]
    reports.append(SimpleNamespace(nodeid="tests/test_x.py::test_y", duration=1000))
    (first, late), (second, later), (everything, _) = run_time.lines(run_time.taken(reports))
    assert first.startswith("01") and not late and "WARNING" not in first
    assert second.startswith("02") and later and "WARNING" in second
    assert everything.startswith("all")


def test_the_seconds_of_a_run_are_kept_beside_those_of_other_chapters(tmp_path, monkeypatch):
    file = tmp_path / "run_seconds.json"
    file.write_text('{"01": 3.0, "02": 4.0}')
    monkeypatch.setattr(run_time, "PROMISED", file)
    run_time.keep({"02": 5.04, "03": 1.0})
    assert run_time.promised() == {"01": 3.0, "02": 5.0, "03": 1.0}
