"""Short quizzes: each question has one right answer, and every answer says why it is right or wrong.

Each chapter has a JSON file in the format of jupyterquiz, with one more key: `section`, the heading
under which the chapter answers the question. A quiz is shown as HTML in which answers unfold. That
needs no JavaScript, no kernel and no network, and it draws no random numbers.
"""

import html
import json
import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

from nas_tutorial.course.session import is_still
from nas_tutorial.names import unknown_name

HERE = Path(__file__).parent
WIDTH = 90  # of the printed form, in characters


@dataclass(frozen=True)
class Answer:
    """An answer to choose from, and why it is right or wrong."""

    text: str
    is_right: bool
    why: str


@dataclass(frozen=True)
class Question:
    """A question, the heading to read again, and the answers in the order in which they are shown."""

    text: str
    section: str
    answers: tuple[Answer, ...]


def chapters() -> list[str]:
    """The chapters that have a quiz, such as "05"."""
    return sorted(path.stem.removeprefix("chapter") for path in HERE.glob("chapter*.json"))


def questions(chapter: str) -> tuple[Question, ...]:
    """The quiz of a chapter.

    Raises:
        ValueError: If the chapter has none.
    """
    if chapter not in chapters():
        raise unknown_name("a chapter with a quiz", chapter, chapters())
    listed = json.loads((HERE / f"chapter{chapter}.json").read_text(encoding="utf-8"))
    return tuple(
        Question(
            question["question"],
            question["section"],
            tuple(Answer(a["answer"], a["correct"], a["feedback"]) for a in question["answers"]),
        )
        for question in listed
    )


def as_html(asked: tuple[Question, ...]) -> str:
    """The quiz as HTML in which each answer unfolds its explanation."""
    return "\n".join(_question_as_html(number, each) for number, each in enumerate(asked, start=1))


def as_text(asked: tuple[Question, ...]) -> str:
    """The questions and the answers to choose from, without saying which is right."""
    lines = []
    for number, question in enumerate(asked, start=1):
        lines += [*_wrapped(question.text, f"{number}. ", "   "), ""]
        for letter, answer in zip("abcdef", question.answers):
            lines += _wrapped(answer.text, f"   {letter}) ", "      ")
        lines.append("")
    return "\n".join(
        [*lines, "Run this cell: then a click on an answer says why it is right or wrong."]
    )


def _question_as_html(number: int, question: Question) -> str:
    answers = "\n".join(_answer_as_html(answer, question.section) for answer in question.answers)
    text = _inline(question.text)
    return f'<div style="margin: 1em 0"><b>{number}.</b> {text}\n{answers}\n</div>'


def _answer_as_html(answer: Answer, section: str) -> str:
    verdict = "Right." if answer.is_right else "Not so."
    again = "" if answer.is_right else f" <i>Read again: “{_inline(section)}”.</i>"
    return (
        f'<details style="margin: 0.3em 1.5em"><summary>{_inline(answer.text)}</summary>'
        f'<div style="margin: 0.3em 1.1em"><b>{verdict}</b> {_inline(answer.why)}{again}</div>'
        "</details>"
    )


def _inline(text: str) -> str:
    """HTML of a text in which `code` stands between backticks."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def _wrapped(text: str, first: str, later: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=later, break_on_hyphens=False
    )


def quiz(chapter: str):
    """Show a chapter's quiz: click on an answer, and it says why it is right or wrong.

    Where the environment variable NAS_TUTORIAL_STILL is set, as when notebooks are built, the
    questions are printed instead, so that they can be read in a notebook that is not running.

    Args:
        chapter: Such as "05".

    Raises:
        ValueError: If the chapter has no quiz.
    """
    asked = questions(chapter)
    if is_still():
        print(as_text(asked))
        return None
    from IPython.display import HTML

    return HTML(as_html(asked))
