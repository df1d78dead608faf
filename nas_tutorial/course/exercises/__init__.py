"""Checks of the learner's answers: `check("4.2", answer)` prints one line, and never raises.

Each chapter has a file: chapter04.py holds CHECKS, exercise number -> function of the answer. The
function raises `Wrong` with a counter-example if the answer is wrong, and returns if it is right.

verdicts     what they are made of: `Wrong`, `require`, and when an answer is still the stub
progress     the file in which the learner's progress is kept
summary      that file as a table
own_numbers  graded work in which every student has data of their own
"""

import traceback
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from nas_tutorial.course.exercises import progress
from nas_tutorial.course.exercises.verdicts import Wrong, is_untouched
from nas_tutorial.course.records import is_autograded
from nas_tutorial.names import unknown_name

CHAPTERS = tuple(sorted(path.stem[-2:] for path in Path(__file__).parent.glob("chapter*.py")))
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

    Attempted and solved exercises are recorded in the learner's progress file (`progress`).

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
        if trouble and trouble not in _said:  # said once, not at every check
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
