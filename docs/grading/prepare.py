"""Lay out a folder that nbgrader can work in: `python docs/grading/prepare.py COURSE 04 12`.

It gets this course's settings, and the chapters that are named by number as assignments: nbgrader's
source of a chapter is its solution notebook. `own_numbers` names the graded assignment in which
every student has numbers of their own.
"""

import argparse
import shutil
import sys
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

HERE = Path(__file__).parent
OWN_NUMBERS = HERE / "own_numbers.py"
sys.path.insert(0, str(HERE.parents[1]))
from sources import build  # noqa: E402


def main(arguments: list[str] | None = None) -> None:
    """Write the folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("course", type=Path, help="the folder to write")
    parser.add_argument("names", nargs="*", help="numbers such as 04, own_numbers; none takes all")
    options = parser.parse_args(arguments)
    for name in prepare(options.course, options.names):
        print(f"nbgrader generate_assignment {name}")


def prepare(course: Path, names: list[str] = ()) -> list[str]:
    """Write settings and sources; return the assignments' names.

    Args:
        course: The folder. What is in it stays, but for the sources of the same names.
        names: Chapters by number, such as "04", and "own_numbers"; none takes all.

    Raises:
        ValueError: If there is no such assignment.
    """
    known = assignments()
    if missing := sorted(set(names) - set(known)):
        raise ValueError(
            f"assignments must be among {', '.join(known)}, got {', '.join(missing)}. "
            "Leave them out to take all."
        )
    course.mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "nbgrader_config.py", course)
    taken = [known[name] for name in names or known]
    for source in taken:
        target = course / "source" / source.stem / f"{source.stem}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook(source), target)
    return [source.stem for source in taken]


def assignments() -> dict[str, Path]:
    """What can be named -> its percent file, solutions inside."""
    return {**{path.name[:2]: path for path in build.sources()}, OWN_NUMBERS.stem: OWN_NUMBERS}


def notebook(source: Path) -> NotebookNode:
    """The notebook that nbgrader starts from, solutions and hidden tests inside."""
    if source != OWN_NUMBERS:
        return build.solution_notebook(source)
    read = jupytext.read(source)
    read.metadata = NotebookNode(kernelspec=build.KERNEL, language_info={"name": "python"})
    read.nbformat, read.nbformat_minor = 4, 5
    for position, cell in enumerate(read.cells):
        cell.id = f"{source.stem.replace('_', '-')}-{position:03}"
        cell.metadata.pop("lines_to_next_cell", None)
    return read


if __name__ == "__main__":
    main()
