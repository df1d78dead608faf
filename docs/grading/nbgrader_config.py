"""nbgrader's settings for this course; `prepare.py` copies them to a course's folder.

A cell that runs longer than the limit is interrupted and gets no points; the next cells run. Where a
kernel dies, what was checked before counts, and nothing after it.
"""

import os

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_output
from nbgrader.converters import Autograde
from nbgrader.preprocessors import Execute, NbGraderPreprocessor


class TellStudent(NbGraderPreprocessor):
    """Say who handed a notebook in, to the checks that compute with the student's own numbers."""

    def preprocess(self, nb, resources):
        os.environ["NAS_TUTORIAL_STUDENT"] = resources["nbgrader"]["student"]
        return nb, resources


class KeepWhatRan(Execute):
    """Run a notebook; where its kernel dies or cannot be interrupted, fail only what is left.

    nbgrader alone gives such a notebook no points at all.
    """

    def preprocess(self, nb, resources):
        self.ran = set()  # positions of cells
        try:
            return super().preprocess(nb, resources)
        except (DeadKernelError, CellTimeoutError) as stopped:
            name = type(stopped).__name__
            for position, cell in enumerate(nb.cells):
                if cell.cell_type == "code" and position not in self.ran:
                    error = new_output("error", ename=name, evalue=str(stopped), traceback=[])
                    cell.outputs.append(error)
            return nb, resources

    def on_cell_executed(self, **kwargs):
        super().on_cell_executed(**kwargs)
        self.ran.add(kwargs["cell_index"])


c = get_config()  # noqa: F821, nbgrader defines it
c.CourseDirectory.course_id = "nas_tutorial"
c.ClearSolutions.code_stub = {"python": "# your answer here"}
c.KeepWhatRan.timeout = 300  # seconds a cell; nbgrader's own 30 are too few where it trains
c.KeepWhatRan.interrupt_on_timeout = True

steps = Autograde.class_traits()["autograde_preprocessors"].default()
place = steps.index(Execute)
c.Autograde.autograde_preprocessors = [
    *steps[:place],
    TellStudent,
    KeepWhatRan,
    *steps[place + 1 :],
]
