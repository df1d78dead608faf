"""What was guessed, and what turned out to be so: a file beside the learner's progress.

A guess of a number is a range in which the learner is 80 % sure that it lies; a guess among options is
one of them, and how sure the learner is. Where nothing can be kept on this machine, guesses last as
long as the notebook's kernel.
"""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from nas_tutorial.course.records import Records
from nas_tutorial.names import one_of, real, shown

SURE = 80  # percent: how sure the learner is of each range
LEVELS = (50, 75, 95)  # percent: how sure the learner may be of a choice
KEY = re.compile(r"(0|[1-9][0-9]?)\.[a-z]")


@dataclass(frozen=True)
class NumberGuess:
    """A question for a number, the range that was guessed, and the number itself.

    Args:
        question: What is asked.
        low, high: Between what the guess may lie.
        log: Whether the numbers between are spread by their logarithms.
        unit: Of the number, such as "%".
        guess: The ends of the range; None while nothing is guessed.
        truth: The number; None until it is known.

    Raises:
        ValueError: If a number is not finite, or the ends do not lie in order within their bounds.
    """

    question: str
    low: float
    high: float
    log: bool = False
    unit: str = ""
    guess: tuple[float, float] | None = None
    truth: float | None = None

    def __post_init__(self):
        advice = "Logarithms need positive numbers." if self.log else "Give the ends of the slider."
        above = 0 if self.log else float("-inf")
        low = real("low", self.low, above=above, advice=advice)
        high = real("high", self.high, above=low, advice="It must lie above low.")
        _set(self, question=str(self.question), unit=str(self.unit), log=bool(self.log))
        _set(self, low=low, high=high)
        if self.guess is not None:
            first, last = self.guess
            first = real("the guess", first, low, high)
            _set(self, guess=(first, real("the guess", last, first, high)))
        if self.truth is not None:
            _set(self, truth=real("truth", self.truth))

    @property
    def probability(self) -> float:
        """How sure the learner was, in [0, 1]."""
        return SURE / 100

    @property
    def is_right(self) -> bool:
        """Whether the number lies in the range that was guessed; both must be known."""
        assert self.guess is not None and self.truth is not None
        return self.guess[0] <= self.truth <= self.guess[1]

    def written(self, number: float) -> str:
        """A number with its unit, as the learner reads it."""
        text = f"{number:,}" if isinstance(number, int) else f"{number:.4g}"
        return f"{text} {self.unit}".rstrip()


@dataclass(frozen=True)
class OptionGuess:
    """A question with options, the one that was chosen, and the right one.

    Args:
        question: What is asked.
        options: Texts to choose from, at least two.
        guess: The one chosen; None while nothing is guessed.
        sure: How sure the learner is, in percent, one of `LEVELS`; None while nothing is guessed.
        truth: The right one; None until it is known.

    Raises:
        ValueError: If the options are no texts, fewer than two, or occur twice, or another argument is
            none of its own.
    """

    question: str
    options: tuple[str, ...]
    guess: str | None = None
    sure: int | None = None
    truth: str | None = None

    def __post_init__(self):
        texts = isinstance(self.options, Iterable) and not isinstance(self.options, str)
        options = tuple(self.options) if texts else ()
        if not all(isinstance(o, str) for o in options) or not 2 <= len(options) == len(
            set(options)
        ):
            raise ValueError(
                f"options must be two or more different texts, got {shown(self.options)}. "
                'Write options=["yes", "no"].'
            )
        _set(self, question=str(self.question), options=options)
        for name in ("guess", "truth"):
            if getattr(self, name) is not None:
                one_of(name, getattr(self, name), options)
        if self.guess is not None:
            one_of("how sure you are, in percent,", self.sure, LEVELS)

    @property
    def probability(self) -> float:
        """How sure the learner was, in [0, 1]."""
        assert self.sure is not None
        return self.sure / 100

    @property
    def is_right(self) -> bool:
        """Whether the right one was chosen; both must be known."""
        return self.guess == self.truth


Guess = NumberGuess | OptionGuess


def required_key(key: Any) -> str:
    """The key of a guess: a chapter's number and a letter, such as "4.a".

    Raises:
        ValueError: If it is none.
    """
    if not isinstance(key, str) or not KEY.fullmatch(key):
        raise ValueError(
            f'the key of a guess must be the number of a chapter and a letter, such as "4.a", got '
            f"{shown(key)}. The guesses of chapter 4 are 4.a, 4.b and so on."
        )
    return key


def asked(guess: Guess) -> Guess:
    """The question alone, as it is before anything is guessed."""
    if isinstance(guess, OptionGuess):
        return OptionGuess(guess.question, guess.options)
    return replace(guess, guess=None, truth=None)


def all_kept() -> dict[str, Guess]:
    """Key -> guess, of all chapters; empty where the file cannot be read."""
    try:
        kept = {key: _from_json(entry) for key, entry in _KEPT.read().items()}
    except (OSError, ValueError, RuntimeError):  # said where a guess is kept
        kept = {}
    return {**kept, **_of_this_kernel}


def keep(key: str, guess: Guess) -> str | None:
    """Keep a guess. Once the truth of a question is known, its guess stays as it is.

    Returns:
        A sentence for the learner if the guess is lost with the notebook's kernel; else None.
    """
    earlier = all_kept().get(key)
    if earlier is not None and earlier.truth is not None and asked(earlier) == asked(guess):
        return "The result is known already, so your guess stays as it was."
    return _keep(key, guess)


def settle(key: str, truth: float | str) -> Guess | None:
    """Keep the truth beside a guess.

    Returns:
        Both; None if nothing was guessed, or the truth is no answer to what was asked then.
    """
    guess = all_kept().get(key)
    if guess is None:
        return None
    kind: Any = type(guess)
    try:
        settled = kind(**{**vars(guess), "truth": truth})
    except ValueError:
        return None
    _keep(key, settled)
    return settled


def reset() -> Path | None:
    """Start afresh: the file of guesses is renamed.

    Returns:
        Its new name; None if there was no file.
    """
    _of_this_kernel.clear()
    return _KEPT.reset()


def _keep(key: str, guess: Guess) -> str | None:
    entry = {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(guess).items()}
    said = _KEPT.change(lambda known: {**known, key: entry})
    _of_this_kernel.pop(key, None)
    if all_kept().get(key) != guess:
        _of_this_kernel[key] = guess
    return said


def _from_json(entry: dict[str, Any]) -> Guess:
    """The guess that the file holds.

    Raises:
        ValueError: If it holds something else.
    """
    kind = OptionGuess if isinstance(entry, dict) and "options" in entry else NumberGuess
    try:
        guess = kind(**entry)
    except TypeError as error:
        raise ValueError(f"a guess must hold its question and its answer, but {error}") from error
    if guess.guess is None:
        raise ValueError("a guess must hold its answer, but it is None")
    return guess


def _is_entry(entry: Any) -> bool:
    try:
        return bool(_from_json(entry))
    except ValueError:
        return False


def _set(record, **field) -> None:
    """Give a field of a frozen record its checked value, as its own __post_init__ may."""
    for name, value in field.items():
        object.__setattr__(record, name, value)


_KEPT = Records(
    "predictions",
    what="list of guesses",
    content="map keys such as 4.a to guesses",
    is_entry=_is_entry,
)
_of_this_kernel: dict[str, Guess] = {}  # what could not be kept
