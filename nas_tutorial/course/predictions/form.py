"""The small form in which a guess is made, and the sentence that stands for it on paper."""

import html
import textwrap
from collections.abc import Callable

import numpy as np

from nas_tutorial.course.predictions.guesses import (
    LEVELS,
    SURE,
    Guess,
    NumberGuess,
    OptionGuess,
    keep,
)

WIDTH = 90  # of the printed form, in characters
NUM_STEPS = 100  # of the slider, about
NICE = (1, 2, 5, 10)  # steps, times a power of ten


def form(widgets, key: str, asked: Guess, earlier: Guess | None):
    """Controls for a guess, and a button that keeps it.

    Args:
        widgets: The package ipywidgets.
        key: Of the guess.
        asked: The question, nothing guessed.
        earlier: The guess that was made of it before, if any; it is shown again.
    """
    number = isinstance(asked, NumberGuess)
    controls, read = (_range if number else _options)(widgets, asked, earlier)
    button = widgets.Button(description="Lock in", disabled=_is_settled(earlier))
    said = widgets.HTML(html.escape(summary(earlier) if earlier else ""))

    def lock_in(_) -> None:
        guess = read()
        if isinstance(guess, str):
            said.value = html.escape(guess)
        else:
            trouble = keep(key, guess)
            said.value = html.escape(trouble or summary(guess))

    button.on_click(lock_in)
    question = widgets.HTML(f"<b>Guess {key}</b>: {html.escape(asked.question)}")
    return widgets.VBox((question, *controls, widgets.HBox((button, said))))


def on_paper(key: str, asked: Guess) -> str:
    """What is printed where no form can be shown: how to write the guess down."""
    if isinstance(asked, NumberGuess):
        ends = f"from {asked.written(asked.low)} to {asked.written(asked.high)}"
        how = f"Write down a range, {ends}, in which you are {SURE} % sure that it lies."
    else:
        how = f"Write down one of: {'; '.join(asked.options)}. Add how sure you are, in percent."
    question = asked.question.rstrip()
    stop = "" if question.endswith((".", "?", "!")) else "."
    return textwrap.fill(f"Guess {key}: {question}{stop} {how}", WIDTH, break_on_hyphens=False)


def summary(guess: Guess) -> str:
    """A guess in a sentence."""
    if isinstance(guess, NumberGuess):
        assert guess.guess is not None
        low, high = map(guess.written, guess.guess)
        text = f"Your guess: {SURE} % sure that it lies between {low} and {high}."
    else:
        text = f"Your guess: {guess.sure} % sure of “{guess.guess}”."
    return f"{text} The result is known, so it stays." if _is_settled(guess) else text


def slider_values(low: float, high: float, log: bool) -> list[float]:
    """About a hundred round numbers from low to high, both among them; whole if both are whole."""
    if log:
        between = [float(f"{value:.2g}") for value in np.geomspace(low, high, NUM_STEPS)]
    else:
        step = _nice_step((high - low) / NUM_STEPS)
        if _are_whole(low, high):
            step = max(1, round(step))
        first, last = np.ceil(low / step), np.floor(high / step)
        between = [round(float(n * step), 12) for n in np.arange(first, last + 1)]
    if _are_whole(low, high):
        between = [round(value) for value in between]
    return sorted({low, high, *(value for value in between if low < value < high)})


def _range(widgets, asked: NumberGuess, earlier: NumberGuess | None) -> tuple[tuple, Callable]:
    """A slider with two ends, and a function that reads the guess off it, or says what is missing."""
    values = slider_values(asked.low, asked.high, asked.log)
    ends = earlier.guess if earlier and earlier.guess else (asked.low, asked.high)
    slider = widgets.SelectionRangeSlider(
        options=[(asked.written(value), value) for value in values],
        index=tuple(int(np.abs(np.subtract(values, end)).argmin()) for end in ends),
        layout={"width": "36em"},
    )
    text = widgets.HTML(f"I am {SURE} % sure that it lies between")

    def read() -> NumberGuess | str:
        if slider.value == (asked.low, asked.high):
            return "This range holds every answer. Move its ends first."
        return NumberGuess(**{**vars(asked), "guess": slider.value})

    return (widgets.HBox((text, slider), layout={"flex_flow": "row wrap"}),), read


def _options(widgets, asked: OptionGuess, earlier: OptionGuess | None) -> tuple[tuple, Callable]:
    """A list of options and of levels, and a function that reads the guess, or says what is missing."""
    choice = widgets.RadioButtons(options=asked.options, value=earlier and earlier.guess)
    levels = [(f"{level} %", level) for level in LEVELS]
    sure = widgets.ToggleButtons(options=levels, value=earlier and earlier.sure)
    sure.style.button_width = "5em"
    text = widgets.HTML("How sure are you?")

    def read() -> OptionGuess | str:
        if choice.value is None or sure.value is None:
            return "Choose an answer, and say how sure you are."
        return OptionGuess(asked.question, asked.options, choice.value, sure.value)

    return (choice, widgets.HBox((text, sure), layout={"flex_flow": "row wrap"})), read


def _is_settled(guess: Guess | None) -> bool:
    return guess is not None and guess.truth is not None


def _are_whole(*numbers: float) -> bool:
    return all(isinstance(number, int) for number in numbers)


def _nice_step(least: float) -> float:
    """The smallest of 1, 2, 5, 10 times a power of ten that is at least so large."""
    power = 10.0 ** np.floor(np.log10(least))
    return next(float(nice * power) for nice in NICE if nice * power >= least * (1 - 1e-9))
