"""Grading in a sandbox: what is let in, what comes out, and a few attacks.

All attacks are in grading_attacks.py (`make test-grading`). Those that are here need bubblewrap, and
are skipped where there is none.
"""

import json
import shutil
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from nas_tutorial.course.exercises.own_numbers import STUDENT_VARIABLE
from tests.hand_ins import (
    ATTACKER,
    EXERCISES,
    ROOT,
    SECRET,
    Attack,
    Limits,
    Live,
    activated_path,
    admit,
    below,
    execute,
    grade,
    outputs,
    runner,
    sandbox,
    small_course,
)

pytestmark = pytest.mark.filterwarnings("ignore::Warning:nbgrader")
PNG = "iVBORw0KGgoAAAANSUhEUg=="
MARKS = {"grade": True, "grade_id": "check", "locked": True, "points": 1, "schema_version": 3,
         "solution": False, "task": False}  # fmt: skip


# ---- what is let in


@pytest.fixture
def released() -> NotebookNode:
    answer = {"grade_id": "answer", "solution": True, "grade": False, "locked": False}
    essay = {**answer, "grade_id": "essay"}
    return new_notebook(
        cells=[
            new_markdown_cell("A *question*"),
            new_code_cell("...", metadata={"nbgrader": answer}),
            new_code_cell("check()", metadata={"nbgrader": MARKS}),
            new_markdown_cell("Write here.", metadata={"nbgrader": essay}),
        ]
    )


def let_in(tmp_path: Path, notebook, released: NotebookNode) -> NotebookNode:
    path = tmp_path / "submitted" / "ada" / "a" / "a.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return admit.admit(path, released)


def sources(notebook: NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells]


def test_answers_are_let_in_and_checks_are_the_released_ones(tmp_path, released):
    notebook = json.loads(nbformat.writes(released))
    for cell in notebook["cells"]:
        cell["source"] = ["mine"]
        cell["metadata"].get("nbgrader", {}).update(points=100, locked=False)
    got = let_in(tmp_path, notebook, released)
    assert sources(got) == ["```text\nmine\n```", "mine", "check()", "```text\nmine\n```"]
    marks = [cell.metadata for cell in released.cells]
    assert [cell.metadata for cell in got.cells] == marks


def test_what_was_released_stays_as_it_is(tmp_path, released):
    assert sources(let_in(tmp_path, released, released)) == sources(released)


def test_the_first_of_two_counts_and_what_is_missing_is_added(tmp_path, released):
    check = released.cells[2]
    got = let_in(tmp_path, {"cells": [check, check]}, released)
    assert sources(got) == ["check()", "check()", "...", "Write here."]
    assert got.cells[0].metadata.nbgrader == MARKS and got.cells[1].metadata == {}


def test_nothing_but_text_is_let_in(tmp_path, released):
    shown = new_output("display_data", data={"text/html": "<script>"})
    cell = new_code_cell("1", outputs=[shown], metadata={"x": "<script>"})
    (got, *_) = let_in(tmp_path, new_notebook(cells=[cell]), released).cells
    assert (got.source, got.outputs, got.metadata) == ("1", [], {})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "is not JSON"),
        (b"\xff", "is not JSON"),
        (b"[" * 200_000, "is not JSON"),
        (b"[]", "is not a notebook of format 4"),
        (b'{"cells": [1]}', "is not a notebook of format 4"),
        (b'{"cells": [{"source": 1}]}', "one of its cells has no text"),
        (b'{"cells": [' + b'{"source": ""},' * 1000 + b'{"source": ""}]}', "more than 1000 cells"),
        (b'{"cells": [{"source": "' + b"x" * 500_001 + b'"}]}', "more than 500000 characters"),
        (b" " * (admit.MOST_BYTES + 1), "more than 10 MB"),
    ],
    ids=lambda value: str(value[:12]),
)
def test_what_is_no_notebook_is_refused(tmp_path, released, content, message):
    path = tmp_path / "submitted" / "ada" / "a" / "a.ipynb"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(admit.Refused, match=message):
        admit.admit(path, released)


def test_links_are_refused(tmp_path, released):
    path = tmp_path / "submitted" / "ada" / "a" / "a.ipynb"
    path.parent.mkdir(parents=True)
    path.symlink_to(tmp_path / "gradebook.db")
    with pytest.raises(admit.Refused, match="is a link"):
        admit.admit(path, released)
    shutil.move(path.parents[1], tmp_path / "submitted" / "bo")
    path.parents[1].symlink_to(tmp_path / "submitted" / "bo")
    with pytest.raises(admit.Refused, match="is a link"):
        admit.admit(path, released)


@pytest.mark.parametrize("text", ["<script>", "```", "a\n````\nb", "`" * 50, ""])
def test_a_fence_is_longer_than_what_is_in_it(text):
    first, *middle, last = admit.fenced(text).split("\n")
    assert "\n".join(middle) == text
    assert first == f"{last}text" and last not in text


# ---- what comes out


def test_text_and_pictures_stay():
    given = [
        {"output_type": "stream", "name": "stderr", "text": ["a", "b"]},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["line"], "x": 1},
        {"output_type": "execute_result", "data": {"text/plain": "1", "text/html": "<b>"}},
        {"output_type": "display_data", "data": {"image/png": PNG}, "metadata": {"x": "<b>"}},
    ]
    stream, error, result, picture = outputs.harmless(given)
    assert (stream.name, stream.text) == ("stderr", "ab")
    assert (error.ename, error.evalue, error.traceback) == ("E", "v", ["line"])
    assert result.data == {"text/plain": "1"}
    assert (picture.data, picture.metadata) == ({"image/png": PNG}, {})


@pytest.mark.parametrize(
    "data",
    [{"text/html": "<script>"}, {"image/svg+xml": "<svg/>"}, {"image/png": "PHNjcmlwdD4="},
     {"image/png": f'{PNG}" onerror="x'}, {"image/png": [PNG]}, {"image/png": 7}, {}, None, "x"],
    ids=str,
)  # fmt: skip
def test_what_a_browser_could_run_is_left_out(data):
    (output,) = outputs.harmless([{"output_type": "display_data", "data": data}])
    assert output.data == {"text/plain": outputs.LEFT_OUT}


def test_long_texts_are_cut():
    (output,) = outputs.harmless([{"output_type": "stream", "text": "\ud800" + "x" * 200_000}])
    assert output.text.startswith("?x") and output.text.endswith("[cut after 100000 characters]")
    assert len(output.text) < 100_100


@pytest.mark.parametrize("given", [None, 7, "x", {}, [7], [None], [{}], [{"output_type": "<b>"}]])
def test_what_is_no_output_is_refused(given):
    with pytest.raises(outputs.Malformed, match="must be"):
        outputs.harmless(given)


# ---- the process that answers, played by a few lines


def played(code: str, **limits) -> runner.Runner:
    """A process that reads the limits, says that it is ready, and does as the code says."""
    ready = "import os, sys, time\nnext(sys.stdin); print([], flush=True)\n"
    return runner.Runner([sys.executable, "-c", ready + code], Limits(**limits))


def checks() -> NotebookNode:
    cells = [new_code_cell(f"check({n})", metadata={"nbgrader": MARKS}) for n in range(3)]
    return new_notebook(cells=cells)


def failed(notebook: NotebookNode) -> list[bool]:
    return [execute.has_failed(cell) for cell in notebook.cells]


def test_cells_that_did_not_run_fail():
    notebook = checks()
    note = execute.run_cells(notebook, played("next(sys.stdin); print([], flush=True)"))
    assert note == "stopped: its process ended"
    assert failed(notebook) == [False, True, True]


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        ("x", "what it put out cannot be read"),
        ("[" * 100_000, "what it put out cannot be read"),
        ("9" * 10_000, "what it put out cannot be read"),
        ("7", "outputs must be a list, got int"),
        ("[7]", "an output must be of one of four types, got 'None'"),
        ('{"end": "output"}', "it put out too much"),
        ('{"end": ["a"]}', "it ended"),
        ("{}", "it ended"),
    ],
    ids=lambda value: value[:12],
)
def test_an_answer_that_is_none_stops(answer, note):
    notebook = checks()
    code = f"print({answer!r}, flush=True); time.sleep(60)"
    assert execute.run_cells(notebook, played(code)) == f"stopped: {note}"
    assert failed(notebook) == [True, True, True]


@pytest.mark.parametrize(
    ("code", "limits", "note"),
    [
        ("while True: print('x' * 9999, end='')", {"output_mb": 1}, "it put out too much"),
        ("time.sleep(60)", {"seconds": 1}, "it ran for more than 1 seconds"),
        (
            "x = b'x' * (300 << 20); time.sleep(60)",
            {"memory_mb": 200},
            "more than 200 MB of memory",
        ),
        ("time.sleep(60)", {"reserve_mb": 10**9}, "of the machine's memory were free"),
    ],
)
def test_limits_are_kept_from_outside(code, limits, note):
    process = played(code, **limits)
    assert execute.run_cells(checks(), process).endswith(note)
    assert not process._process.is_running()


def test_trusted_hand_ins_run_without_a_sandbox():
    running = below()
    with sandbox.runner("ada", Limits(), bare=True) as process:
        process.start()
        code = "import os, nas_tutorial\nprint(os.environ['NAS_TUTORIAL_STUDENT'])\n1 / 0"
        said, error = outputs.harmless(process.run(code))
    assert (said.text, error.ename) == ("ada\n", "ZeroDivisionError")
    assert below() <= running


def test_a_process_that_does_not_read_or_answer_is_stopped(monkeypatch):
    monkeypatch.setattr(runner, "GRACE_SECONDS", 1)
    notebook = new_notebook(cells=[new_code_cell("#" * 10**6)])
    note = execute.run_cells(notebook, played("time.sleep(60)", cell_seconds=0))
    assert note == "stopped: it did not answer in time"


@pytest.mark.parametrize("result", ["100", "inf"])
def test_a_result_of_too_many_points_gives_none(result):
    notebook = checks()
    said = json.dumps([new_output("execute_result", data={"text/plain": result})])
    code = f"for line in sys.stdin: print({said!r}, flush=True)"
    assert execute.run_cells(notebook, played(code)) == ""
    assert [execute.determine_grade(cell) for cell in notebook.cells] == [(0, 1)] * 3


def test_a_failure_counts_before_a_result():
    notebook = checks()
    said = [new_output("execute_result", data={"text/plain": "1"}), outputs.error("E", "wrong")]
    code = f"for line in sys.stdin: print({json.dumps(said)!r}, flush=True)"
    execute.run_cells(notebook, played(code))
    assert [execute.determine_grade(cell) for cell in notebook.cells] == [(0, 1)] * 3


def test_a_page_is_sealed(tmp_path):
    page = tmp_path / "x.html"
    page.write_text("<html><head><script src='x'>1</script></head><SCRIPT>\n2</SCRIPT>3</html>")
    grade.seal(page)
    assert "Content-Security-Policy" in page.read_text()
    assert "script" not in page.read_text().lower() and "3" in page.read_text()


# ---- the command


def said(capsys, *arguments: str) -> str:
    assert grade.main([*map(str, arguments)]) == 2
    return capsys.readouterr().err


def test_without_bubblewrap_nothing_is_graded(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "there is no bubblewrap. On Debian" in said(capsys, tmp_path, EXERCISES)


def test_a_bubblewrap_that_fails_is_quoted(tmp_path, monkeypatch, capsys):
    (tmp_path / "bwrap").write_text("#!/bin/sh\necho 'bwrap: no namespaces' >&2; exit 1\n")
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    message = said(capsys, tmp_path, EXERCISES)
    assert "needed, and here it fails: bwrap: no namespaces. Grade" in message
    assert "--without-sandbox" in message


def test_a_course_that_hand_ins_could_read_is_refused(capsys):
    message = said(capsys, Path(sys.prefix) / "course", EXERCISES)
    assert "must not lie in" in message and "which hand-ins can read. Move it" in message


def test_what_was_not_released_or_handed_in_is_said(tmp_path, capsys, released):
    message = said(capsys, tmp_path, "a", "--without-sandbox")
    assert (
        "can do what you can do" in message
        and "Run there: nbgrader generate_assignment a" in message
    )
    (tmp_path / "release" / "a").mkdir(parents=True)
    nbformat.write(released, tmp_path / "release" / "a" / "a.ipynb")
    assert "nobody handed in a. Put it in" in said(capsys, tmp_path, "a", "--without-sandbox")


@pytest.mark.parametrize(
    "steps",
    [
        "",
        "c.Autograde.autograde_preprocessors = []",
        "c.Autograde.autograde_preprocessors = ['x.Y']",
    ],
)
def test_settings_that_let_nbgrader_run_cells_are_refused(tmp_path, steps):
    (tmp_path / "nbgrader_config.py").write_text(f"c = get_config()\n{steps}\n")
    with pytest.raises(grade.NotReady, match="must list one step that runs cells, and lists 0"):
        grade.settings(tmp_path, print)


# ---- attacks, where there is a sandbox


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    folder = tmp_path_factory.mktemp("course")
    try:
        sandbox.require_sandbox(folder)
    except sandbox.NoSandbox as missing:
        pytest.skip(str(missing))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", activated_path())
        patch.setenv(STUDENT_VARIABLE, "nobody")  # nbgrader's settings change it
        yield small_course(folder)


def test_attacks_reach_nothing(course):
    attack = Attack(course)
    places = [course, course / "gradebook.db", course / "submitted", ROOT / "sources", Path.home()]
    outcome = attack(f"""
import os, socket
print("THERE", [place for place in {[str(place) for place in places]!r} if os.path.exists(place)])
print("ROOT", os.getuid() == 0)
for place in ("/library/nas_tutorial/x", "/usr/x", "/x", {sys.prefix!r} + "/x"):
    try: open(place, "w"); print("WRITTEN", place)
    except OSError: pass
try: socket.create_connection(("1.1.1.1", 53), 2); print("CONNECTED")
except OSError: pass
print("<script>alert(1)</script>")
os.system("setsid sleep 1000 &")
""")
    attack.require_held()
    there = [str(Path.home())] if Path(sys.base_prefix).is_relative_to(Path.home()) else []
    assert f"THERE {there}" in outcome.outputs  # the way to Python, with nothing else in it
    assert "ROOT False" in outcome.outputs
    assert "WRITTEN" not in outcome.outputs and "CONNECTED" not in outcome.outputs
    assert Live(outcome.page).found == [] and "<script>alert(1)" in Live(outcome.page).text
    assert (outcome.status, outcome.points, outcome.note) == (0, 2, "")


def test_what_was_checked_before_an_end_counts(course):
    attack = Attack(course)
    outcome = attack.answers({**attack.right, "ex-4-3": "import os\nos._exit(0)"})
    attack.require_held()
    assert (outcome.points, outcome.note) == (1, "stopped: its kernel died")
    assert SECRET not in outcome.outputs


def test_output_without_end_is_stopped(course):
    attack = Attack(course)
    outcome = attack("while True: print('x' * 1000)", output_mb=2)
    attack.require_held()
    assert (outcome.points, outcome.note) == (0, "stopped: it put out too much")
    shutil.rmtree(course / "submitted" / ATTACKER)
