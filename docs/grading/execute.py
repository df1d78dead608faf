"""Run a notebook's cells by a process that is not trusted, and leave outputs from which points are read.

nbgrader's rule for a check: no point where it raised or wrote to standard error, a part where its
value is a number, and all otherwise.
"""

from nbformat import NotebookNode
from nbgrader.utils import determine_grade, has_failed, is_grade
from outputs import Malformed, error, harmless
from runner import Runner, Stopped


def run_cells(notebook: NotebookNode, runner: Runner) -> str:
    """Run a notebook's code, and keep harmless outputs.

    A cell that was not run gets an error, since nbgrader gives all points where there is none.

    Returns:
        Why it was stopped; blank where it came to its end.
    """
    waiting = [cell for cell in notebook.cells if cell.cell_type == "code"]
    note = ""
    try:
        with runner:
            runner.start()
            while waiting:
                waiting[0].outputs = harmless(runner.run(waiting[0].source))
                _require_points(waiting.pop(0))
    except (Stopped, Malformed) as stopped:
        note = f"stopped: {stopped}"
        for cell in waiting:
            cell.outputs = [error("Stopped", str(stopped))]
    return note


def _require_points(cell: NotebookNode) -> None:
    """Make an error of a check's result that nbgrader cannot take, and let errors come first.

    nbgrader looks at the first error or result, and a result may have been put before the error.
    """
    if is_grade(cell):
        try:
            determine_grade(cell)
        except (ValueError, KeyError) as refused:
            cell.outputs.append(error("Stopped", str(refused)))
        cell.outputs.sort(key=lambda output: not has_failed(_only(output)))


def _only(output: NotebookNode) -> NotebookNode:
    return NotebookNode(cell_type="code", outputs=[output])
