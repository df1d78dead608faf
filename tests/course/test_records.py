"""What progress and guesses share; what is promised of progress stands in exercises/test_progress.py."""

import json
from pathlib import Path

import pytest

from nas_tutorial.course.records import VARIABLE, Damaged, Records, is_autograded, place

NUMBERS = Records("numbers", what="list", content="hold numbers", is_entry=lambda x: x in range(9))


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "progress.json"))
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    return tmp_path.resolve()


@pytest.mark.parametrize(
    ("named", "beside"),
    [
        ("progress.json", "numbers.json"),
        ("my-progress.json", "my-numbers.json"),
        ("anna.json", "anna-numbers.json"),
        ("kept", "kept-numbers"),
    ],
)
def test_another_file_lies_beside_the_progress(named, beside, folder, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(folder / named))
    assert (place(), place("numbers")) == (folder / named, folder / beside)
    assert NUMBERS.path() == folder / beside


def test_without_a_name_both_lie_in_the_users_own_folder(monkeypatch):
    monkeypatch.delenv(VARIABLE)
    assert place("numbers") == place().with_name("numbers.json")


@pytest.mark.parametrize(("mode", "graded"), [("autograde", True), ("validate", False)])
def test_under_nbgrader_nothing_is_kept(mode, graded, folder, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", mode)
    assert is_autograded() is graded
    assert (NUMBERS.path() is None) is graded


def test_off_keeps_nothing(folder, monkeypatch):
    monkeypatch.setenv(VARIABLE, "off")
    assert NUMBERS.change(lambda known: {**known, "a": 1}) is None
    assert NUMBERS.read() == {} and NUMBERS.reset() is None and not list(folder.iterdir())


def test_what_is_changed_is_kept_and_the_progress_left_alone(folder):
    assert NUMBERS.change(lambda known: {**known, "a": 1}) is None
    assert NUMBERS.change(lambda known: {**known, "b": 2}) is None
    assert NUMBERS.read() == {"a": 1, "b": 2}
    assert json.loads((folder / "numbers.json").read_text()) == {"a": 1, "b": 2}
    assert not (folder / "progress.json").exists()


def test_a_damaged_file_is_set_aside_whatever_is_changed(folder):
    file = folder / "numbers.json"
    file.write_text('{"a": 77}')
    with pytest.raises(Damaged, match=r"numbers\.json must hold numbers$"):
        NUMBERS.read()
    kept = folder / "numbers-damaged.json"
    said = f"(The file of your list was damaged: it is kept as {kept}, a new one begun.)"
    assert NUMBERS.change(lambda known: {**known, "a": 1}) == said
    assert kept.read_text() == '{"a": 77}' and NUMBERS.read() == {"a": 1}


@pytest.mark.parametrize("named", ["progress.json", "numbers.json"])
def test_neither_it_nor_the_file_it_lies_beside_may_be_a_folder(named, folder):
    (folder / named).mkdir()
    said = NUMBERS.change(lambda known: {**known, "a": 1})
    alone = f"{folder / named} is no ordinary file, and is left alone"
    assert said == f"(Your list is not kept: {alone}. {VARIABLE} names another file.)"
    with pytest.raises(OSError, match="is no ordinary file"):
        NUMBERS.read()
    assert NUMBERS.reset() is None
    assert [path.name for path in folder.iterdir()] == [named]
