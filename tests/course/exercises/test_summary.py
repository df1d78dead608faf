import pytest

from nas_tutorial.course.exercises import CHAPTERS, checks, progress
from nas_tutorial.course.exercises.summary import summary


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    place = tmp_path / "progress.json"
    monkeypatch.setenv(progress.VARIABLE, str(place))
    return place


def rows() -> dict[str, str]:
    """Chapter -> its line."""
    table = summary().split("\n\n")[0].splitlines()
    assert table[0].split() == ["chapter", "solved", "attempted", "open"]
    return {line.split()[0]: line for line in table[1:]}


def number_of_exercises() -> int:
    return sum(len(checks(chapter)) for chapter in CHAPTERS)


def test_in_the_beginning_all_is_open(file):
    assert list(rows()) == list(CHAPTERS)
    for chapter, line in rows().items():
        assert line.split() == [chapter, "-", "-", *checks(chapter)]
    last = f"0 of {number_of_exercises()} solved, 0 attempted. Kept in {file.resolve()}"
    assert summary().splitlines()[-1] == last


def test_every_exercise_stands_in_its_column():
    progress.note("4.2", solved=True)
    progress.note("4.1", solved=False)
    others = [number for number in checks("04") if number not in ("4.1", "4.2")]
    assert rows()["04"].split() == ["04", "4.2", "4.1", *others]
    head, line = summary().splitlines()[0], rows()["04"]
    assert head.index("solved") == line.index("4.2")
    assert head.index("attempted") == line.index("4.1")
    assert head.index("open") == line.index("4.3")
    assert f"1 of {number_of_exercises()} solved, 1 attempted." in summary()


def test_a_record_of_an_exercise_that_is_gone_is_passed_over(file):
    progress.note("4.99", solved=True)
    assert f"0 of {number_of_exercises()} solved" in summary()


def test_where_nothing_is_kept_it_says_so(monkeypatch):
    monkeypatch.setenv(progress.VARIABLE, progress.OFF)
    assert summary().endswith("0 attempted. Nothing is kept here.")


def test_a_damaged_file_is_named_and_left(file):
    file.write_text("{")
    assert list(rows()) == list(CHAPTERS)
    *_, said = summary().splitlines()
    assert said.startswith(f"{file.resolve()} must be JSON, but ")
    assert said.endswith(". The next check keeps that file aside and begins a new one.")
    assert file.read_text() == "{"


def test_a_file_that_cannot_be_read_is_named(file):
    file.mkdir()
    *_, said = summary().splitlines()
    assert said.startswith("They cannot be read: ")
