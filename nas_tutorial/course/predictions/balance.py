"""How well calibrated the guesses are: how many were right, beside how many should have been.

Reference:
    Alpert and Raiffa 1982, A progress report on the training of probability assessors: ranges in
    which people are 98 % sure hold the truth far less often.
"""

from collections.abc import Sequence

from scipy.stats import binomtest

from nas_tutorial.course.predictions.guesses import SURE, Guess, NumberGuess

LEVEL = 0.05  # of the test whether ranges are too narrow or too wide


def report(number: str, guesses: dict[str, Guess]) -> str:
    """The balance of a chapter, and of all so far where there is more.

    Args:
        number: Of the chapter, as in keys: "4".
        guesses: Key -> guess, of all chapters; those without a truth are left out.
    """
    settled = {key: guess for key, guess in guesses.items() if guess.truth is not None}
    here = [guess for key, guess in settled.items() if key.partition(".")[0] == number]
    if not here:
        return f"No guess of chapter {number} has met its result yet."
    lines = [f"Chapter {number}: {balance(here)}"]
    everything = list(settled.values())
    if len(everything) > len(here):
        lines.append(f"All chapters: {balance(everything)}")
    return "\n".join([*lines, *advice(everything)])


def balance(guesses: Sequence[Guess]) -> str:
    """How many guesses were right, and how many one would expect, in one sentence for each kind."""
    ranges = [guess for guess in guesses if isinstance(guess, NumberGuess)]
    choices = [guess for guess in guesses if not isinstance(guess, NumberGuess)]
    said = []
    if ranges:
        held = f"{_right(ranges)} of your {_counted(ranges, 'range')} held the truth"
        said.append(f"{held}; at {SURE} % you would expect {_expected(ranges)}.")
    if choices:
        right = f"{_right(choices)} of your {_counted(choices, 'choice')} hit the right answer"
        said.append(f"{right}; as sure as you were, you would expect {_expected(choices)}.")
    return " ".join(said)


def advice(guesses: Sequence[Guess]) -> list[str]:
    """What the ranges say by an exact binomial test, in a line; none without ranges."""
    ranges = [guess for guess in guesses if isinstance(guess, NumberGuess)]
    if not ranges:
        return []
    share = SURE / 100
    if binomtest(_right(ranges), len(ranges), share).pvalue > LEVEL:
        return [f"That is compatible with {SURE} %."]
    if _right(ranges) < share * len(ranges):
        return ["That is fewer than chance explains: your ranges are too narrow. Make them wider."]
    return ["That is more than chance explains: your ranges are too wide. Make them narrower."]


def _right(guesses: Sequence[Guess]) -> int:
    return sum(guess.is_right for guess in guesses)


def _expected(guesses: Sequence[Guess]) -> str:
    return f"{sum(guess.probability for guess in guesses):.3g}"


def _counted(guesses: Sequence[Guess], word: str) -> str:
    return f"{len(guesses)} {word}{'s' if len(guesses) > 1 else ''}"
