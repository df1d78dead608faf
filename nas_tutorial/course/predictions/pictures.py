"""A guess in pictures: beside the truth, and as a band in a chapter's own plot."""

import textwrap
from dataclasses import replace

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from nas_tutorial.course.predictions.guesses import Guess, NumberGuess, OptionGuess
from nas_tutorial.reporting.diagrams import (
    DEEP,
    INK,
    LINE,
    PAPER,
    SMALL,
    SOFT,
    WARM,
    box,
    chart,
    figure_of,
    sheet,
    words,
)

WIDTH = 6.4  # inches
ROW = 0.42  # inches that an option takes
LONGEST = 50  # characters of an option that are shown


def beside_the_truth(key: str, guess: Guess) -> Figure:
    """A guess and the truth: a range and a mark on a line of numbers, or two among the options."""
    if isinstance(guess, NumberGuess):
        return _number_line(key, guess)
    return _option_list(key, guess)


def draw_band(ax: Axes, guess: NumberGuess, axis: str) -> None:
    """The range that was guessed as a light band across a plot."""
    assert guess.guess is not None
    low, high = guess.guess
    span = ax.axvspan if axis == "x" else ax.axhspan
    span(low, high, facecolor=SOFT, edgecolor=LINE, linestyle="--", zorder=0, label="your guess")


def _number_line(key: str, guess: NumberGuess) -> Figure:
    assert guess.guess is not None and guess.truth is not None
    low, high = guess.guess
    ax = sheet(WIDTH, 1.6)
    _say_verdict(ax, key, guess, 1.42)
    span = f"{_written(low, guess)} to {_written(high, guess)}"
    says = f"The truth is {guess.written(guess.truth)}; your range is {span}."
    words(ax, 0.3, 1.16, says, ha="left", size=SMALL)
    numbers = chart(ax, (0.5, 0.38), (WIDTH - 1.0, 0.5))
    numbers.spines[["left"]].set_visible(False)
    if guess.log and guess.truth > 0:
        numbers.set_xscale("log")
        numbers.xaxis.set_minor_formatter(NullFormatter())
    else:
        numbers.xaxis.set_major_locator(MaxNLocator(6, integer=isinstance(guess.low, int)))
    numbers.xaxis.set_major_formatter(FuncFormatter(lambda x, _: _written(x, guess)))
    numbers.set(xlim=_limits(guess), ylim=(0, 1))
    numbers.axvspan(low, high, 0.08, 0.62, facecolor=SOFT, edgecolor=DEEP, label="your guess")
    numbers.axvline(guess.truth, 0, 0.8, color=INK, linewidth=2.2, clip_on=False)
    numbers.plot(guess.truth, 0.8, "v", color=INK, markersize=9, clip_on=False)
    return figure_of(ax)


def _limits(guess: NumberGuess) -> tuple[float, float]:
    """The ends of the line: those of the slider, and the truth where it lies beyond."""
    assert guess.truth is not None
    low, high = min(guess.low, guess.truth), max(guess.high, guess.truth)
    return low, high


def _written(number: float, guess: NumberGuess) -> str:
    """A number without its unit; whole where the guess is."""
    is_whole = isinstance(guess.low, int) and float(number).is_integer()
    return replace(guess, unit="").written(int(number) if is_whole else number)


def _say_verdict(ax: Axes, key: str, guess: Guess, y: float) -> None:
    verdict = "hit" if guess.is_right else "miss"
    words(ax, 0.3, y, f"Guess {key}: {verdict}", ha="left", bold=True)


def _option_list(key: str, guess: OptionGuess) -> Figure:
    height = 0.45 + ROW * len(guess.options)
    ax = sheet(WIDTH, height)
    _say_verdict(ax, key, guess, height - 0.2)
    for row, option in enumerate(guess.options):
        y = height - 0.4 - ROW * (row + 0.5)
        is_right, is_chosen = option == guess.truth, option == guess.guess
        fill = WARM if is_right else SOFT if is_chosen else PAPER
        box(
            ax,
            2.0,
            y,
            textwrap.shorten(option, LONGEST, placeholder=" …"),
            size=SMALL,
            width=3.4,
            height=ROW - 0.1,
            fill=fill,
            line=2.2 if is_chosen else 0.8,
        )
        said = ["right"] * is_right + [f"your choice, {guess.sure} % sure"] * is_chosen
        words(ax, 3.85, y, "; ".join(said), ha="left", size=SMALL)
    return figure_of(ax)
