"""Checks of the learners' answers: `check("4.2", answer)` prints one line, and never raises.

One file a chapter: chapter04.py has CHECKS, exercise number -> function of the answer. Such a
function raises `Wrong` with a counter-example where the answer is wrong, and returns where it is
right.
"""

import traceback
from collections.abc import Callable
from importlib import import_module

from nas_tutorial.course.exercises import progress
from nas_tutorial.course.exercises.verdicts import Wrong, is_autograded, is_untouched
from nas_tutorial.names import unknown_name

CHAPTERS = (
    "01",
    "02",
    "03",
    "04",
    "05",
    "06",
    "07",
    "08",
    "09",
    "10",
    "11",
    "12",
    "13",
    "14",
    "15",
    "16",
    "17",
    "18",
    "19",
    "20",
    "21",
    "22",
)
_UNTOUCHED = "not attempted yet"
_said: set[str] = set()


def checks(chapter: str) -> dict[str, Callable]:
    """The checks of a chapter such as "04": exercise number -> function of the answer.

    Raises:
        ValueError: If that chapter has none.
    """
    if chapter not in CHAPTERS:
        raise unknown_name("a chapter with exercises", chapter, CHAPTERS)
    return import_module(f"{__name__}.chapter{chapter}").CHECKS


def check(number: str, answer) -> None:
    """Print the verdict on an answer: not attempted yet, wrong and why, or right.

    An attempt is noted in the learner's file (`progress`), a solved exercise too.

    Args:
        number: Such as "4.2".
        answer: What the exercise asks for: a function, or a value.

    Raises:
        ValueError: If there is no such exercise.
        Wrong: Only under nbgrader's autograder, which gives points by whether this cell fails.
    """
    number = str(number)
    known = checks(number.partition(".")[0].zfill(2))
    if number not in known:
        raise unknown_name("an exercise", number, known)
    complaint = _complaint(known[number], answer)
    _say(f"{number}: {complaint or 'right'}")
    if complaint and is_autograded():
        raise Wrong(complaint)
    if complaint != _UNTOUCHED:
        trouble = progress.note(number, solved=complaint is None)
        if trouble and trouble not in _said:  # once a notebook is enough
            _said.add(trouble)
            _say(trouble)


def _say(text: str) -> None:
    print(text.encode(errors="backslashreplace").decode())


def _complaint(check_answer: Callable, answer) -> str | None:
    if is_untouched(answer):
        return _UNTOUCHED
    try:
        check_answer(answer)
    except Wrong as wrong:
        return f"wrong: {wrong}"
    except (Exception, SystemExit) as error:  # the learner's function failed: a verdict, no crash
        return "wrong: it raised " + traceback.format_exception_only(error)[-1].splitlines()[0]
    return None
