import sys
import types

import pytest

from nas_tutorial.course import exercises
from nas_tutorial.course.exercises import check, checks, progress
from nas_tutorial.course.exercises.verdicts import Wrong, is_untouched, require


def check_double(answer) -> None:
    """The check of a made-up exercise: a function that doubles."""
    for value in (0, 3):
        require(answer(value) == 2 * value, f"double({value}) must be {2 * value}")


def check_number(answer) -> None:
    require(answer == 42, f"the number must be 42, got {answer!r}")


@pytest.fixture(autouse=True)
def made_up_chapter(monkeypatch):
    """Chapter 04 with exercises of our own."""
    chapter = types.ModuleType("nas_tutorial.course.exercises.chapter04")
    chapter.CHECKS = {"4.1": check_double, "4.2": check_number}
    monkeypatch.setattr(exercises, "CHAPTERS", ("04",))
    monkeypatch.setitem(sys.modules, chapter.__name__, chapter)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)


def stub(values):
    """Return twice the value."""
    ...  # about 1 line


def bare_stub(values): ...


def stub_with_comment(
    values,
):  # about 1 line
    """Return twice the value."""
    # YOUR CODE HERE


def verdict(capsys, number, answer) -> str:
    check(number, answer)
    output = capsys.readouterr()
    assert output.err == ""  # nbgrader gives no points to a cell that writes there
    assert output.out.endswith("\n")
    lines = output.out.splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def test_a_right_answer(capsys):
    assert verdict(capsys, "4.1", lambda value: 2 * value) == "4.1: right"
    assert verdict(capsys, "4.2", 42) == "4.2: right"


def test_a_wrong_answer_comes_with_its_counter_example(capsys):
    assert verdict(capsys, "4.1", lambda value: value) == "4.1: wrong: double(3) must be 6"
    assert verdict(capsys, "4.2", 41) == "4.2: wrong: the number must be 42, got 41"


@pytest.mark.parametrize("untouched", [..., stub, bare_stub, stub_with_comment])
def test_an_untouched_answer(untouched, capsys):
    assert verdict(capsys, "4.1", untouched) == "4.1: not attempted yet"


def test_an_answer_that_raises_is_wrong(capsys):
    def divides(value):
        return value / 0

    said = verdict(capsys, "4.1", divides)
    assert said == "4.1: wrong: it raised ZeroDivisionError: division by zero"


def test_an_answer_of_the_wrong_kind_is_wrong(capsys):
    said = verdict(capsys, "4.1", 3)
    assert said.startswith("4.1: wrong: it raised TypeError: ")


def test_an_answer_without_end_is_wrong(capsys):
    def endless(value):
        return endless(value)

    assert "RecursionError" in verdict(capsys, "4.1", endless)


def test_the_verdict_on_an_error_of_many_lines_is_one_line(capsys):
    def talkative(value):
        raise ValueError("first line\nsecond line")

    assert "first line" in verdict(capsys, "4.1", talkative)


@pytest.mark.parametrize("number", ["4.3", "4", "4.10", ""])
def test_an_unknown_exercise_is_refused(number):
    with pytest.raises(ValueError, match="exercise"):
        check(number, 42)


def test_an_unknown_exercise_is_answered_by_the_nearest():
    with pytest.raises(ValueError, match=r"must be one of 4\.1, 4\.2; got '4\.3'. Did you mean"):
        check("4.3", 42)


def test_a_chapter_without_exercises_is_refused():
    with pytest.raises(ValueError, match="a chapter with exercises must be one of 04; got '77'"):
        checks("77")


@pytest.mark.parametrize("answer", [..., stub, 41])
def test_only_the_autograder_is_told_by_an_error(answer, capsys, monkeypatch):
    check("4.2", answer)
    said = capsys.readouterr().out
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    check("4.2", answer)
    assert capsys.readouterr().out == said
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    with pytest.raises(Wrong) as caught:
        check("4.2", answer)
    assert capsys.readouterr().out == said == f"4.2: {caught.value}\n"


def test_the_autograder_hears_nothing_of_a_right_answer(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    check("4.2", 42)


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """The learner's file."""
    monkeypatch.setattr(exercises, "_said", set())
    monkeypatch.setenv(progress.VARIABLE, str(tmp_path / "progress.json"))
    return tmp_path / "progress.json"


def test_attempts_and_solutions_are_noted(kept, capsys):
    for answer in (..., stub):
        verdict(capsys, "4.2", answer)
        assert not kept.exists()
    verdict(capsys, "4.1", lambda value: value)
    verdict(capsys, "4.2", 42)
    assert progress.records() == {"4.1": "attempted", "4.2": "solved"}


def test_under_the_autograder_nothing_is_noted(kept, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    check("4.2", 42)
    with pytest.raises(Wrong):
        check("4.1", 3)
    assert not kept.exists()


def test_trouble_with_the_file_is_told_once_after_the_verdict(kept, capsys):
    kept.mkdir()
    check("4.2", 42)
    right, trouble = capsys.readouterr().out.splitlines()
    assert right == "4.2: right" and trouble.startswith("(Your progress is not kept: ")
    for _ in range(2):
        assert verdict(capsys, "4.2", 42) == "4.2: right"


def test_require():
    require(True, "unused")
    with pytest.raises(Wrong, match="why"):
        require(False, "why")


def doubles(value):
    """Return twice the value."""
    return 2 * value


def gives_five():
    return 5


def gives_true(value):
    """Return whether the value is good."""
    return True


def gives_an_empty_list(value):
    """Return the good values."""
    return []


def only_raises(value):
    """Return twice the value."""
    raise NotImplementedError


@pytest.mark.parametrize("answer", [..., stub, bare_stub, stub_with_comment])
def test_what_is_untouched(answer):
    assert is_untouched(answer)


@pytest.mark.parametrize(
    "answer",
    [
        0,
        None,
        "",
        [],
        print,
        int,
        doubles,
        gives_five,
        gives_true,
        gives_an_empty_list,
        only_raises,
        lambda value: value,
        lambda: 5,
    ],
    ids=lambda answer: getattr(answer, "__name__", repr(answer)),
)
def test_what_is_an_attempt(answer):
    assert not is_untouched(answer)
