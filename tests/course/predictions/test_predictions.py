import matplotlib

matplotlib.use("Agg")

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
import pytest

from nas_tutorial import course
from nas_tutorial.course import predictions, session, widgets
from nas_tutorial.course.predictions import guesses
from nas_tutorial.course.predictions.guesses import NumberGuess, OptionGuess
from nas_tutorial.course.records import OFF, VARIABLE

ASKED = {"low": 1, "high": 100}


@pytest.fixture(autouse=True)
def learner(tmp_path, monkeypatch):
    """A learner with a file of their own, in a notebook without widgets."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "progress.json"))
    monkeypatch.delenv(session.STILL_VARIABLE, raising=False)
    monkeypatch.setattr(guesses, "_of_this_kernel", {})
    yield
    plt.close("all")


@pytest.fixture
def forms(monkeypatch):
    """A notebook that shows widgets."""
    monkeypatch.setattr(predictions, "ipywidgets_or_none", lambda: ipywidgets)


@pytest.fixture
def built(monkeypatch):
    """As notebooks are built and tested."""
    monkeypatch.setenv(session.STILL_VARIABLE, "1")
    monkeypatch.setenv(VARIABLE, OFF)


@pytest.fixture
def drawn(monkeypatch) -> list:
    """The figures that were shown."""
    figures = []
    monkeypatch.setattr(plt, "show", lambda: figures.append(plt.gcf()))
    return figures


def lock_in(box, ends) -> None:
    _, row, last = box.children
    row.children[1].value = ends
    last.children[0].click()


def test_the_courses_face_hands_them_on():
    for name in ("predict", "reveal", "guess", "mark_guess", "calibration"):
        assert getattr(course, name) is getattr(predictions, name)


def test_a_guess_meets_its_result(forms, drawn, capsys):
    lock_in(course.predict("4.a", "How many?", **ASKED), (20, 40))
    assert course.guess("4.a") == (20, 40)
    assert course.reveal("4.a", np.float64(30)) is None
    (figure,) = drawn
    assert "Guess 4.a: hit" in [text.get_text() for text in figure.axes[0].texts]
    assert capsys.readouterr() == ("", "")
    course.calibration("04")
    assert capsys.readouterr().out.startswith("Chapter 4: 1 of your 1 range held the truth;")


def test_an_earlier_guess_is_shown_when_the_cell_runs_again(forms, drawn):
    lock_in(course.predict("4.a", "How many?", **ASKED), (20, 40))
    again = course.predict("4.a", "How many?", **ASKED)
    assert again.children[1].children[1].value == (20, 40)
    course.reveal("4.a", 50)
    button = course.predict("4.a", "How many?", **ASKED).children[-1].children[0]
    assert button.disabled


def test_a_guess_of_another_question_is_not_shown(forms):
    lock_in(course.predict("4.a", "How many?", **ASKED), (20, 40))
    other = course.predict("4.a", "How many, at most?", **ASKED)
    assert other.children[1].children[1].value == (1, 100)


def test_a_blank_answer_runs_on(forms, drawn, capsys):
    course.predict("4.a", "How many?", **ASKED)
    course.predict("4.b", "Which?", options=["a", "b"])
    course.reveal("4.a", 30)
    course.reveal("4.b", "a")
    _, ax = plt.subplots()
    course.mark_guess(ax, "4.a")
    assert course.guess("4.a") is None and not drawn and not ax.patches
    assert capsys.readouterr().out == ""
    course.calibration("04")
    assert capsys.readouterr().out == "No guess of chapter 4 has met its result yet.\n"


def test_where_outputs_are_compared_only_a_fixed_sentence_is_printed(built, drawn, capsys):
    assert course.predict("4.a", "How many?", **ASKED) is None
    assert capsys.readouterr().out.startswith("Guess 4.a: How many? Write down a range, from 1 to")
    course.reveal("4.a", 30)
    course.calibration("04")
    assert capsys.readouterr() == ("", "") and not drawn and not plt.get_fignums()


def test_there_an_earlier_guess_changes_nothing_of_what_is_printed(
    built, monkeypatch, tmp_path, capsys
):
    course.predict("4.a", "How many?", **ASKED)
    blank = capsys.readouterr().out
    monkeypatch.setenv(VARIABLE, str(tmp_path / "progress.json"))
    guesses.keep("4.a", NumberGuess("How many?", 1, 100, guess=(20, 40), truth=30))
    course.predict("4.a", "How many?", **ASKED)
    assert capsys.readouterr().out == blank
    course.calibration("04")
    assert capsys.readouterr().out == ""


def test_without_widgets_an_earlier_guess_is_printed(capsys):
    guesses.keep("4.a", NumberGuess("How many?", 1, 100, guess=(20, 40)))
    assert course.predict("4.a", "How many?", **ASKED) is None
    first, *_, last = capsys.readouterr().out.splitlines()
    assert first.startswith("Guess 4.a: ")
    assert last == "Your guess: 80 % sure that it lies between 20 and 40."


def test_a_choice_is_handed_to_the_chapter_and_marks_no_axis():
    guesses.keep("4.b", OptionGuess("Which?", ("a", "b"), "b", 50))
    _, ax = plt.subplots()
    course.mark_guess(ax, "4.b")
    assert course.guess("4.b") == "b" and not ax.patches


def test_a_range_marks_the_axis_that_it_is_of():
    guesses.keep("4.a", NumberGuess("How many?", 1, 100, guess=(20, 40)))
    _, ax = plt.subplots()
    course.mark_guess(ax, "4.a", axis="y")
    (band,) = ax.patches
    assert (band.get_y(), band.get_height()) == (20, 20)


def test_a_truth_that_does_not_fit_an_old_guess_stops_nothing(drawn):
    guesses.keep("4.a", NumberGuess("How many?", 1, 100, guess=(20, 40)))
    course.reveal("4.a", "a tie")
    assert not drawn


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({}, "a guess must have either low and high, or options, got low=None"),
        ({"low": 1, "options": ["a", "b"]}, "a guess must have either low and high, or options"),
        ({"low": 1}, "high must be a finite number above 1, got None"),
        ({"low": "a", "high": 3}, "low must be a finite number, got 'a'"),
        ({"low": 0, "high": 3, "log": True}, "low must be a finite number above 0, got 0"),
        ({"options": ["a"]}, "options must be two or more different texts"),
    ],
)
def test_a_question_that_is_none_is_refused(arguments, complaint, built):
    with pytest.raises(ValueError) as caught:
        course.predict("4.a", "How many?", **arguments)
    assert str(caught.value).startswith(complaint)


@pytest.mark.parametrize(
    "call",
    [
        lambda: course.predict("4.1", "How many?", low=1, high=2),
        lambda: course.reveal("4.1", 3),
        lambda: course.guess("4.1"),
        lambda: course.mark_guess(None, "4.1"),
    ],
)
def test_a_wrong_key_is_refused_by_all(call, built):
    with pytest.raises(ValueError, match="the key of a guess must be"):
        call()


@pytest.mark.parametrize("truth", [None, float("nan"), [3]])
def test_a_truth_that_is_none_is_refused_without_a_guess_too(truth, built):
    with pytest.raises(ValueError, match="truth must be a finite number"):
        course.reveal("4.a", truth)


def test_other_wrong_arguments_are_refused(built):
    with pytest.raises(ValueError, match="axis must be one of x, y; got 'z'"):
        course.mark_guess(None, "4.a", axis="z")
    for chapter in ("4.a", "", "104", None):
        with pytest.raises(ValueError, match="a chapter must be a number of at most two digits"):
            course.calibration(chapter)


def test_widgets_are_shown_in_a_notebook_alone(monkeypatch):
    assert widgets.ipywidgets_or_none() is None  # no kernel runs this test
