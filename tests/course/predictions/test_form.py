import ipywidgets
import numpy as np
import pytest

from nas_tutorial.course.predictions import guesses
from nas_tutorial.course.predictions.form import form, on_paper, slider_values, summary
from nas_tutorial.course.predictions.guesses import NumberGuess, OptionGuess
from nas_tutorial.course.records import VARIABLE

NUMBER = NumberGuess("How many networks?", 1, 15_625, log=True)
OPTION = OptionGuess("Which is <better>?", ("random search", "genetic search", "neither"))


@pytest.fixture(autouse=True)
def own_file(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "progress.json"))
    monkeypatch.setattr(guesses, "_of_this_kernel", {})


def shown(guess):
    return form(ipywidgets, "4.a", guess)


def found(widget, kind):
    """The one widget of a kind in a form."""
    (one,) = [each for each in walk(widget) if type(each) is kind]
    return one


def walk(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from walk(child)


def said(box) -> str:
    """What stands beside the button."""
    return box.children[-1].children[-1].value


def test_a_range_is_kept_when_the_button_is_pressed():
    box = shown(NUMBER)
    slider, button = found(box, ipywidgets.SelectionRangeSlider), found(box, ipywidgets.Button)
    slider.value = (300, 9000)
    assert guesses.all_kept() == {}
    button.click()
    (kept,) = guesses.all_kept().values()
    assert kept == NumberGuess("How many networks?", 1, 15_625, True, guess=(300, 9000))
    assert said(box) == "Your guess: 80 % sure that it lies between 300 and 9,000."


def test_the_whole_range_is_no_guess():
    box = shown(NUMBER)
    found(box, ipywidgets.Button).click()
    assert guesses.all_kept() == {}
    assert said(box) == "This range holds every answer. Move its ends first."


def test_a_choice_is_kept_with_how_sure_one_is():
    box = shown(OPTION)
    found(box, ipywidgets.Button).click()
    found(box, ipywidgets.RadioButtons).value = "neither"
    found(box, ipywidgets.Button).click()
    assert said(box) == "Choose an answer, and say how sure you are."
    assert guesses.all_kept() == {}
    found(box, ipywidgets.ToggleButtons).value = 95
    found(box, ipywidgets.Button).click()
    (kept,) = guesses.all_kept().values()
    assert (kept.guess, kept.sure) == ("neither", 95)
    assert said(box) == "Your guess: 95 % sure of “neither”."


def test_an_earlier_guess_is_shown_again():
    earlier = NumberGuess("How many networks?", 1, 15_625, True, guess=(300, 9000))
    box = shown(earlier)
    assert found(box, ipywidgets.SelectionRangeSlider).value == (300, 9000)
    assert said(box) == summary(earlier) and not found(box, ipywidgets.Button).disabled
    chosen = OptionGuess(OPTION.question, OPTION.options, "neither", 50)
    box = shown(chosen)
    assert found(box, ipywidgets.RadioButtons).value == "neither"
    assert found(box, ipywidgets.ToggleButtons).value == 50


def test_once_the_result_is_known_the_button_is_off():
    box = shown(NumberGuess(NUMBER.question, 1, 15_625, True, "", (300, 9000), 8765))
    assert found(box, ipywidgets.Button).disabled
    assert said(box).endswith("The result is known, so it stays.") and "8,765" not in said(box)


def test_a_form_that_was_open_before_the_result_changes_nothing_after_it():
    box = shown(NUMBER)
    slider, button = found(box, ipywidgets.SelectionRangeSlider), found(box, ipywidgets.Button)
    slider.value = (300, 9000)
    button.click()
    guesses.settle("4.a", 8765)
    slider.value = (8000, 9000)
    button.click()
    assert guesses.all_kept()["4.a"].guess == (300, 9000)
    assert said(box) == "The result is known already, so your guess stays as it was."


def test_a_question_is_text_and_no_markup():
    assert "Which is &lt;better&gt;?" in shown(OPTION).children[0].value


def test_what_cannot_be_kept_is_said_beside_the_button(tmp_path):
    (tmp_path / "predictions.json").mkdir()
    box = shown(NUMBER)
    found(box, ipywidgets.SelectionRangeSlider).value = (300, 9000)
    found(box, ipywidgets.Button).click()
    assert said(box).startswith("(Your list of guesses is not kept: ")


def test_on_paper_both_kinds_are_asked_for():
    assert on_paper("4.a", NUMBER).replace("\n", " ") == (
        "Guess 4.a: How many networks? Write down a range, from 1 to 15,625, in which you are 80 % "
        "sure that it lies."
    )
    assert on_paper("4.b", OPTION).replace("\n", " ") == (
        "Guess 4.b: Which is <better>? Write down one of: random search; genetic search; neither. "
        "Add how sure you are, in percent."
    )
    assert on_paper("4.c", NumberGuess("the share", 0, 1)).startswith("Guess 4.c: the share. Write")


@pytest.mark.parametrize(
    ("low", "high", "log"),
    [(0, 6, False), (1, 15_625, False), (1, 15_625, True), (0.5, 1.0, False), (1e-4, 1.0, True),
     (-3, 3, False), (0.123, 0.977, False), (0, 1, False), (2, 3, True), (7, 10**9, False)],
)  # fmt: skip
def test_the_slider_has_about_a_hundred_round_numbers(low, high, log):
    values = slider_values(low, high, log)
    assert values[0] == low and values[-1] == high and (np.diff(values) > 0).all()
    whole = isinstance(low, int) and isinstance(high, int)
    assert all(isinstance(value, int) for value in values) is whole
    decades = np.log10(high / low) if log else 0
    most = 30 * decades if decades > 1 else 103
    assert (min(high - low + 1, 40) if whole else 40) <= len(values) <= most
    steps = np.diff(np.log(values) if decades > 1 else values)
    assert not (log and not whole) or steps.max() < 0.15 or decades < 1
    for value in values[1:-1]:
        digits = f"{abs(value):.9e}".split("e")[0].replace(".", "").rstrip("0")
        assert len(digits) <= (2 if decades > 1 else 3)


def test_a_slider_has_the_numbers_that_come_to_mind():
    assert {10, 50, 300, 1000, 9000, 15_625} <= set(slider_values(1, 15_625, True))
    assert slider_values(0, 6, False) == [0, 1, 2, 3, 4, 5, 6]
    assert {0.5, 0.505, 0.93, 1.0} <= set(slider_values(0.5, 1.0, False))


def test_numbers_are_written_with_their_unit():
    assert NumberGuess("?", 0, 1, unit="%").written(12.3456) == "12.35 %"
    assert NUMBER.written(8765) == "8,765"
