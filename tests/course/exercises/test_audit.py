"""Every chapter from 02 on asks to predict, to write and to experiment, and its checks can fail."""

import re
from collections import Counter
from importlib import import_module

import jupytext
import pytest

from nas_tutorial.course.exercises import CHAPTERS, checks
from tests.course.exercises.solutions import SOURCES

KINDS = {"Predict": "predict", "Write": "write", "Mend": "write", "Experiment": "experiment"}
HEADING = re.compile(
    rf"^### Exercise (\d+\.\d+) ★{{1,3}} ({'|'.join(KINDS)})( and experiment)?: \S.*$", re.MULTILINE
)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_asks_for_all_three_and_its_checks_can_fail(chapter):
    (source,) = SOURCES.glob(f"{chapter}_*.py")
    cells = jupytext.read(source).cells
    stated = _stated(cells)
    assert list(stated) == list(checks(chapter)), (
        "a heading `### Exercise 4.2 ★★ Write: …` for each"
    )
    if chapter >= "02":
        assert len(stated) >= 3
        assert set.union(*stated.values()) == {"predict", "write", "experiment"}

    answers = {number: _graded(cells, f"ex-{number.replace('.', '-')}") for number in stated}
    asked = {number: _graded(cells, f"check-{number.replace('.', '-')}") for number in stated}
    for number in stated:
        solution = answers[number].split("### BEGIN SOLUTION\n")[1].split("### END SOLUTION")[0]
        assert re.search(r"^\s*[^#\s]", solution, re.MULTILINE), f"{number} has no solution"
        assert asked[number].startswith(f'nas.course.check("{number}", ')

    tested = import_module(f"tests.course.exercises.test_chapter{chapter}")
    planted = Counter(number for number, *_ in tested.MISTAKES)
    assert all(planted[number] >= 2 for number in stated), planted
    assert set(planted) == set(stated)


def _stated(cells) -> dict[str, set[str]]:
    """Exercise number -> what it asks for, in the order of the chapter."""
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return {
        number: {KINDS[kind]} | ({"experiment"} if also else set())
        for number, kind, also in HEADING.findall(text)
    }


def _graded(cells, grade_id: str) -> str:
    (cell,) = (c for c in cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)
    return cell.source
