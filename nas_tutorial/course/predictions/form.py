"""The small form in which a guess is made, and the sentence that stands for it on paper."""

import html
import math
import textwrap
from collections.abc import Callable
from dataclasses import replace

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
DECADE = (1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.8, 2, 2.2, 2.5, 2.8, 3, 3.3, 3.6, 4, 4.5, 5, 5.5, 6,
          6.5, 7, 7.5, 8, 8.5, 9, 9.5)  # fmt: skip


def form(widgets, key: str, guess: Guess):
    """Controls for a guess, and a button that keeps it.

    Args:
        widgets: The package ipywidgets.
        key: Of the guess.
        guess: The question, and the guess that was made of it before, if any; it is shown again.
    """
    controls, read = (
        _range(widgets, guess) if isinstance(guess, NumberGuess) else _options(widgets, guess)
    )
    button = widgets.Button(description="Lock in", disabled=guess.truth is not None)
    said = widgets.HTML("" if guess.guess is None else html.escape(summary(guess)))

    def lock_in(_) -> None:
        made = read()
        text = made if isinstance(made, str) else keep(key, made) or summary(made)
        said.value = html.escape(text)

    button.on_click(lock_in)
    question = widgets.HTML(f"<b>Guess {key}</b>: {html.escape(guess.question)}")
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
    return f"{text} The result is known, so it stays." if guess.truth is not None else text


def slider_values(low: float, high: float, log: bool) -> list[float]:
    """Round numbers from low to high, both among them; whole if both are whole.

    They are about a hundred evenly spaced ones, or with `log` those of `DECADE` in each power of ten.
    """
    whole = isinstance(low, int) and isinstance(high, int)
    between = (
        _log_values(low, high) if log and high >= 10 * low else _linear_values(low, high, whole)
    )
    inside = [value for value in between if low < value < high]
    if whole:
        inside = [int(value) for value in inside if float(value).is_integer()]
    return [low, *inside, high]


def _linear_values(low: float, high: float, whole: bool) -> list[float]:
    """Multiples of a round step."""
    step = _round_step((high - low) / NUM_STEPS)
    step = max(step, 1.0) if whole else step
    first, last = math.ceil(low / step), math.floor(high / step)
    return [float(f"{n * step:.12g}") for n in range(first, last + 1)]


def _log_values(low: float, high: float) -> list[float]:
    """`DECADE` times each power of ten that is needed."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)))
    return [float(f"{number}e{power}") for power in powers for number in DECADE]


def _round_step(least: float) -> float:
    """The smallest of 1, 2, 5, 10 times a power of ten that is at least so large."""
    power = math.floor(math.log10(least))
    steps = [float(f"{number}e{power}") for number in (1, 2, 5, 10)]
    return next(step for step in steps if step >= least * (1 - 1e-9))


def _range(widgets, guess: NumberGuess) -> tuple[tuple, Callable[[], NumberGuess | str]]:
    """A slider with two ends, and a function that reads the guess off it, or says what is missing."""
    values = slider_values(guess.low, guess.high, guess.log)
    ends = guess.guess or (guess.low, guess.high)
    slider = widgets.SelectionRangeSlider(
        options=[(guess.written(value), value) for value in values],
        index=tuple(int(np.abs(np.subtract(values, end)).argmin()) for end in ends),
        layout={"width": "36em"},
    )
    text = widgets.HTML(f"I am {SURE} % sure that it lies between")

    def read() -> NumberGuess | str:
        if slider.value == (guess.low, guess.high):
            return "This range holds every answer. Move its ends first."
        return replace(guess, guess=slider.value, truth=None)

    return (widgets.HBox((text, slider), layout={"flex_flow": "row wrap"}),), read


def _options(widgets, guess: OptionGuess) -> tuple[tuple, Callable[[], OptionGuess | str]]:
    """A list of options and of levels, and a function that reads the guess, or says what is missing."""
    choice = widgets.RadioButtons(options=guess.options, value=guess.guess)
    levels = [(f"{level} %", level) for level in LEVELS]
    sure = widgets.ToggleButtons(options=levels, value=guess.sure)
    sure.style.button_width = "5em"
    text = widgets.HTML("How sure are you?")

    def read() -> OptionGuess | str:
        if choice.value is None or sure.value is None:
            return "Choose an answer, and say how sure you are."
        return OptionGuess(guess.question, guess.options, choice.value, sure.value)

    return (choice, widgets.HBox((text, sure), layout={"flex_flow": "row wrap"})), read
