"""Numbers of one's own: graded work whose data come from a seed made of the student's id.

The course's solutions are public. Where every student computes with other data, an answer that was
copied is wrong. `docs/grading/own_numbers.py` is an assignment made so.
"""

import hashlib
import os

from nas_tutorial.course.exercises.verdicts import require

STUDENT_VARIABLE = "NAS_TUTORIAL_STUDENT"
NOBODY = "nobody"


def student_seed(student, assignment: str) -> int:
    """A seed that belongs to one student and one assignment.

    Args:
        student: The id that the class uses, such as "ada.l"; letter case and the blanks around it do
            not count. `...`, as in a notebook that nobody has begun, gives nobody's numbers.
        assignment: Its name, with the term in it: so last term's answers are of no use.

    Returns:
        A whole number in [0, 2**63).

    Raises:
        ValueError: If the id or the assignment's name is no text, or is blank.
    """
    student = NOBODY if student is ... else student
    for what, given in (("student", student), ("assignment", assignment)):
        if not isinstance(given, str) or not given.strip():
            raise ValueError(
                f"{what} must be a text that is not blank, got {given!r}. Write it in quotes, such "
                'as "ada.l".'
            )
    text = "\n".join(part.strip().casefold() for part in (student, assignment))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def require_own(student) -> None:
    """Refuse work that says another id than that of the student who handed it in.

    Who handed it in is known under nbgrader alone, where this course's configuration says it in the
    environment variable NAS_TUTORIAL_STUDENT.

    Args:
        student: The id in the notebook.

    Raises:
        Wrong: If the two differ.
    """
    owner = os.environ.get(STUDENT_VARIABLE)
    if owner is not None:
        require(
            isinstance(student, str) and student.strip().casefold() == owner.strip().casefold(),
            f"the notebook has the numbers of {student!r}, but {owner!r} handed it in",
        )
