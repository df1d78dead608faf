"""What the checks of every chapter promise: solutions pass, plausible mistakes do not, stubs wait."""

import pytest

from nas_tutorial.course.exercises import check
from tests.course.exercises.solutions import solution


def untouched(given):
    """A stub as a learner finds it."""
    # your answer here


def promises(
    chapter: str, answers: dict[str, str], mistakes: list[tuple], *, given: dict | None = None
):
    """Three tests for a chapter's test file to bind to names that begin with test_.

    Args:
        chapter: Number, such as "03".
        answers: Exercise number -> the name that its solution defines.
        mistakes: (exercise number, a wrong answer that people give).
        given: What the chapter's earlier cells define for the solutions.
    """

    @pytest.mark.parametrize("number", answers)
    def solution_is_right(number, capsys):
        defined = solution(chapter, f"ex-{number.replace('.', '-')}", **(given or {}))
        capsys.readouterr()  # what the solution prints
        check(number, defined[answers[number]])
        assert capsys.readouterr().out == f"{number}: right\n"

    @pytest.mark.parametrize(("number", "mistake"), mistakes)
    def plausible_mistake_is_wrong(number, mistake, capsys):
        check(number, mistake)
        verdict = capsys.readouterr().out
        assert verdict.startswith(f"{number}: wrong: ")
        assert "it raised" not in verdict

    @pytest.mark.parametrize("stub", [..., untouched])
    @pytest.mark.parametrize("number", answers)
    def stub_is_not_attempted(number, stub, capsys):
        check(number, stub)
        assert capsys.readouterr().out == f"{number}: not attempted yet\n"

    return solution_is_right, plausible_mistake_is_wrong, stub_is_not_attempted
