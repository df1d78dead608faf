"""Data of one's own: graded work whose data come from a seed that is made of the student's id.

The course's solutions are public. If every student computes with different data, a copied answer is
wrong. `docs/grading/own_numbers.py` is such an assignment.
"""

import hashlib
import os

from nas_tutorial.course.exercises.verdicts import require

STUDENT_VARIABLE = "NAS_TUTORIAL_STUDENT"
NOBODY = "nobody"


def student_seed(student, assignment: str) -> int:
    """A seed that belongs to one student and one assignment.

    Args:
        student: The id that the class uses, such as "ada.l". Letter case and the blanks around it do
            not count. `...`, which stands in an untouched notebook, gives data that are nobody's.
        assignment: The assignment's name. Put the term into it, so that last term's answers are wrong.

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
    """Refuse a notebook whose id is not that of the student who submitted it.

    Only nbgrader knows who submitted a notebook. This course's nbgrader configuration passes the id
    on in the environment variable NAS_TUTORIAL_STUDENT; without that variable every id is accepted.

    Args:
        student: The id in the notebook.

    Raises:
        Wrong: If the two ids differ.
    """
    owner = os.environ.get(STUDENT_VARIABLE)
    if owner is not None:
        require(
            isinstance(student, str) and student.strip().casefold() == owner.strip().casefold(),
            f"the notebook has the numbers of {student!r}, but {owner!r} handed it in",
        )
