import json
import math
from pathlib import Path

import numpy as np
import pytest

from nas_tutorial.course.predictions import guesses
from nas_tutorial.course.predictions.guesses import NumberGuess, OptionGuess
from nas_tutorial.course.records import OFF, VARIABLE

RANGE = NumberGuess("How many?", 1, 100, guess=(20, 40))
CHOICE = OptionGuess("Which?", ("a", "b", "c"), "b", 75)


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "progress.json"))
    monkeypatch.setattr(guesses, "_of_this_kernel", {})
    return tmp_path / "predictions.json"


def test_both_kinds_are_kept_and_read_again(file):
    assert guesses.keep("4.a", RANGE) is None
    assert guesses.keep("4.b", CHOICE) is None
    assert guesses.all_kept() == {"4.a": RANGE, "4.b": CHOICE}
    assert json.loads(file.read_text())["4.a"]["guess"] == [20, 40]
    assert not file.with_name("progress.json").exists()


def test_the_truth_is_kept_beside_the_guess_and_then_the_guess_stays(file):
    guesses.keep("4.a", RANGE)
    settled = guesses.settle("4.a", np.int64(30))
    assert settled == NumberGuess("How many?", 1, 100, guess=(20, 40), truth=30)
    assert guesses.all_kept()["4.a"] == settled
    said = guesses.keep("4.a", NumberGuess("How many?", 1, 100, guess=(29, 31)))
    assert said == "The result is known already, so your guess stays as it was."
    assert guesses.all_kept()["4.a"] == settled


def test_before_that_a_guess_may_change():
    guesses.keep("4.a", RANGE)
    other = NumberGuess("How many?", 1, 100, guess=(29, 31))
    assert guesses.keep("4.a", other) is None
    assert guesses.all_kept() == {"4.a": other}


def test_another_question_under_the_same_key_is_guessed_anew():
    guesses.keep("4.a", RANGE)
    guesses.settle("4.a", 30)
    assert guesses.keep("4.a", CHOICE) is None
    assert guesses.all_kept() == {"4.a": CHOICE}


def test_a_truth_without_a_guess_or_that_does_not_answer_it_is_not_kept(file):
    assert guesses.settle("4.a", 30) is None and not file.exists()
    guesses.keep("4.a", RANGE)
    guesses.keep("4.b", CHOICE)
    assert guesses.settle("4.a", "b") is None
    assert guesses.settle("4.b", "none of them") is None
    assert guesses.all_kept() == {"4.a": RANGE, "4.b": CHOICE}


@pytest.mark.parametrize(
    ("guess", "truth", "is_right"),
    [
        (RANGE, 20, True), (RANGE, 40.0, True), (RANGE, 41, False), (RANGE, 1000, False),
        (CHOICE, "b", True), (CHOICE, "c", False),
    ],
)  # fmt: skip
def test_a_guess_is_right_or_wrong(guess, truth, is_right):
    guesses.keep("4.a", guess)
    assert guesses.settle("4.a", truth).is_right is is_right


def test_how_sure_one_was():
    assert (RANGE.probability, CHOICE.probability) == (0.8, 0.75)


DAMAGED = [
    b"{", b"[]", b'{"4.a": 3}', b'{"4.a": {"question": "How many?"}}',
    b'{"4.a": {"question": "How many?", "low": 1, "high": 100, "guess": null}}',
    b'{"4.a": {"question": "How many?", "low": 1, "high": 100, "guess": [20]}}',
    b'{"4.a": {"question": "How many?", "low": 1, "high": 100, "guess": [40, 20]}}',
    b'{"4.a": {"question": "How many?", "low": 1, "high": NaN, "guess": [20, 40]}}',
    b'{"4.a": {"question": "Which?", "options": ["a", "b"], "guess": "c", "sure": 75}}',
    b'{"4.a": {"question": "Which?", "options": ["a", "b"], "guess": "a", "sure": 76}}',
    b'{"4.a": {"question": "Which?", "options": ["a", "b"], "guess": "a"}}',
]  # fmt: skip


@pytest.mark.parametrize("damaged", DAMAGED, ids=lambda data: data[-26:].decode())
def test_a_damaged_file_is_set_aside(damaged, file):
    file.write_bytes(damaged)
    assert guesses.all_kept() == {}
    kept = file.with_name("predictions-damaged.json").resolve()
    said = f"(The file of your list of guesses was damaged: it is kept as {kept}, a new one begun.)"
    assert guesses.keep("4.b", CHOICE) == said
    assert kept.read_bytes() == damaged
    assert guesses.all_kept() == {"4.b": CHOICE}


def test_where_nothing_is_kept_a_guess_lasts_as_long_as_the_kernel(file, monkeypatch):
    monkeypatch.setenv(VARIABLE, OFF)
    assert guesses.keep("4.a", RANGE) is None
    assert guesses.settle("4.a", 30).truth == 30
    assert guesses.all_kept()["4.a"].truth == 30
    assert not file.exists()


def test_where_it_cannot_be_written_the_learner_is_told_and_the_guess_lasts(file):
    file.mkdir()
    said = guesses.keep("4.a", RANGE)
    assert said.startswith("(Your list of guesses is not kept: ") and "\n" not in said
    assert guesses.all_kept() == {"4.a": RANGE}


def test_reset_begins_anew_and_keeps_the_old_file(file):
    assert guesses.reset() is None
    guesses.keep("4.a", RANGE)
    kept = guesses.reset()
    assert kept.name == "predictions-old.json" and "4.a" in json.loads(kept.read_text())
    assert guesses.all_kept() == {}


@pytest.mark.parametrize("key", ["4.a", "22.f", "0.b", "10.z"])
def test_a_key_is_a_chapter_and_a_letter(key):
    assert guesses.required_key(key) == key


@pytest.mark.parametrize("key", ["4a", "04.a", "4.1", "4.A", "4.ab", "4.a ", "4.a\n", "", 4, None])
def test_another_key_is_refused(key):
    with pytest.raises(
        ValueError, match=r'must be the number of a chapter and a letter, such as "4\.a"'
    ):
        guesses.required_key(key)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((5, 5), "high must be a finite number above 5, got 5. It must lie above low."),
        ((None, 5), "low must be a finite number, got None. Give the ends of the slider."),
        ((0, math.inf), "high must be a finite number above 0, got inf. It must lie above low."),
        ((0, 5, True), "low must be a finite number above 0, got 0. Logarithms need positive numbers."),
    ],
)  # fmt: skip
def test_bounds_that_are_none_are_refused(arguments, complaint):
    with pytest.raises(ValueError) as caught:
        NumberGuess("How many?", *arguments)
    assert str(caught.value) == complaint


@pytest.mark.parametrize("options", [["a"], ["a", "a"], ["a", 1], "ab", 3, []])
def test_options_that_are_none_are_refused(options):
    with pytest.raises(ValueError, match="options must be two or more different texts, got "):
        OptionGuess("Which?", options)
