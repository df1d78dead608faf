"""Predict first: a guess before the result, kept, drawn into the result, and judged in the end.

    nas.course.predict("4.a", "different networks among 15,625 encodings", low=1, high=15_625)
    ...
    nas.course.reveal("4.a", len(networks))
    nas.course.calibration("04")

Nothing depends on a guess: a chapter runs from top to bottom without any, nobody grades it, and where
a notebook is built or tested nothing but a fixed sentence is printed.

guesses      what was guessed and what turned out to be so, in a file beside the learner's progress
form         how a guess is made: widgets, or a sentence on paper
pictures     a guess beside the truth, and as a band in a plot
balance      how many guesses were right, beside how many should have been
"""

import re
from collections.abc import Iterable

from nas_tutorial.course.predictions import guesses
from nas_tutorial.course.predictions.guesses import Guess, NumberGuess, OptionGuess, required_key
from nas_tutorial.course.session import is_still
from nas_tutorial.course.widgets import ipywidgets_or_none
from nas_tutorial.names import one_of, real, shown


def predict(
    key: str,
    question: str,
    *,
    low: float | None = None,
    high: float | None = None,
    log: bool = False,
    unit: str = "",
    options: Iterable[str] | None = None,
):
    """Ask for a guess before the result: a range for a number, or one of several options.

    The form keeps the guess when its button is pressed; an earlier guess is shown again. Where no form
    can be shown, a sentence asks to write the guess down.

    Args:
        key: The chapter's number and a letter, such as "4.a".
        question: What is asked.
        low, high: Between what a number may be guessed, far apart enough to give nothing away. Two
            whole numbers ask for a whole one.
        log: Whether the slider's numbers are spread by their logarithms.
        unit: Of the number, such as "%".
        options: Texts to choose from, in place of low and high.

    Raises:
        ValueError: If the key is none, neither or both kinds of answer are described, or a description
            is wrong.
    """
    key, asked = required_key(key), _asked(question, low, high, log, unit, options)
    from nas_tutorial.course.predictions.form import form, on_paper, summary

    earlier = None if is_still() else guesses.all_kept().get(key)
    if earlier is not None and guesses.asked(earlier) != asked:  # of an earlier edition
        earlier = None
    widgets = ipywidgets_or_none()
    if widgets is not None:
        return form(widgets, key, earlier or asked)
    print(on_paper(key, asked))
    if earlier is not None:
        print(summary(earlier))
    return None


def reveal(key: str, truth: float | str) -> None:
    """Draw the truth beside the guess, and keep it there. Without a guess nothing happens.

    Args:
        key: Of the guess.
        truth: The number, or the right option.

    Raises:
        ValueError: If the key is none, or the truth is neither a finite number nor a text.
    """
    key = required_key(key)
    if not isinstance(truth, str):
        truth = real("truth", truth, advice="Give a number, or one of the options.")
    guess = guesses.settle(key, truth)
    if guess is None:
        return
    import matplotlib.pyplot as plt

    from nas_tutorial.course.predictions.pictures import beside_the_truth

    beside_the_truth(key, guess)
    plt.show()


def guess(key: str) -> tuple[float, float] | str | None:
    """What the learner guessed: the two ends of a range, or an option; None where nothing is kept.

    Raises:
        ValueError: If the key is none.
    """
    kept = guesses.all_kept().get(required_key(key))
    return None if kept is None else kept.guess


def mark_guess(ax, key: str, axis: str = "x") -> None:
    """Draw the range that was guessed as a light band; nothing where no range is kept.

    Args:
        ax: The axes of a plot.
        key: Of the guess.
        axis: "x" or "y": which numbers of the plot were guessed.

    Raises:
        ValueError: If the key or the axis is none.
    """
    one_of("axis", axis, ("x", "y"))
    kept = guesses.all_kept().get(required_key(key))
    if isinstance(kept, NumberGuess):
        from nas_tutorial.course.predictions.pictures import draw_band

        draw_band(ax, kept, axis)


def calibration(chapter: str) -> None:
    """Print how many guesses of a chapter were right, and of all so far, beside how many should be.

    Where the notebook is built or tested nothing is printed, since its output is compared there.

    Args:
        chapter: Such as "04".

    Raises:
        ValueError: If it is no number of a chapter.
    """
    if not re.fullmatch(r"[0-9]{1,2}", str(chapter)):
        raise ValueError(
            f'a chapter must be a number of at most two digits, such as "04", got {shown(chapter)}. '
            "Name the chapter whose guesses are to be judged."
        )
    if not is_still():
        from nas_tutorial.course.predictions.balance import report

        print(report(str(int(chapter)), guesses.all_kept()))


def _asked(question, low, high, log, unit, options) -> Guess:
    """The question with its bounds or options, checked."""
    has_bounds = low is not None or high is not None
    if has_bounds == (options is not None):
        raise ValueError(
            f"a guess must have either low and high, or options, got low={shown(low)}, "
            f"high={shown(high)} and options={shown(options)}. Describe one kind of answer."
        )
    if options is not None:
        return OptionGuess(question, options)
    return NumberGuess(question, low, high, log, unit)
