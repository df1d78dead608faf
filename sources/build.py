"""Build the notebooks from their sources: `make notebooks`, or `python -m sources.build 04 06`.

A source in this folder is a jupytext percent file with the solutions inside. From it come

    notebooks/solutions/NN_name.ipynb    everything, not executed
    notebooks/NN_name.ipynb              solutions cut out, executed, as a student opens it

with a link to Colab and a set-up cell added, both made from the project's one public address. Cell
ids come from positions, so that a rebuild changes nothing else. The lists of chapters, in chapter 00
and in the README, are made by contents.py.
"""

import argparse
import difflib
import os
import re
import sys
import tomllib
from collections.abc import Collection
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from traitlets.config import Config

from sources import contents

SOURCES = Path(__file__).parent
ROOT = SOURCES.parent
NOTEBOOKS = ROOT / "notebooks"
SOLUTIONS = NOTEBOOKS / "solutions"
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
CELL_SECONDS = 300
STILL = {
    "NAS_TUTORIAL_STILL": "1",  # what can be stored: a picture, not a player (see course.play)
    "NAS_TUTORIAL_PROGRESS": "off",  # whoever builds has solved nothing
}
STUB = "# your answer here"


def main(arguments: list[str] | None = None) -> None:
    """Build the chapters that are named by number, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("chapters", nargs="*", help="numbers such as 04; none builds all")
    parser.add_argument("--no-run", action="store_true", help="keep the outputs that are there")
    options = parser.parse_args(arguments)
    for source in sources(options.chapters):
        solution, student = solution_notebook(source), student_notebook(source)
        write(solution, SOLUTIONS / f"{source.stem}.ipynb")
        target = NOTEBOOKS / f"{source.stem}.ipynb"
        if options.no_run:
            keep_outputs(student, target)
        else:
            print(f"running {source.stem}", file=sys.stderr)
            execute(student)
        write(student, target)
    contents.write_readme(entries())


def sources(chapters: Collection[str] = ()) -> list[Path]:
    """The source files of the chapters with these numbers, or all, in order."""
    every = sorted(SOURCES.glob("[0-9][0-9]_*.py"))
    return [path for path in every if not chapters or path.name[:2] in chapters]


def entries() -> list[contents.Entry]:
    """What the sources say of their chapters, in order."""
    return [contents.entry(source) for source in sources()]


def solution_notebook(source: Path) -> NotebookNode:
    """The whole notebook of a source, not executed."""
    notebook = jupytext.read(source)
    notebook.metadata = NotebookNode(kernelspec=KERNEL, language_info={"name": "python"})
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    set_up = next(i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code")
    notebook.cells.insert(set_up, nbformat.v4.new_code_cell(colab_set_up()))
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell(colab_badge(source.stem)))
    for position, cell in enumerate(notebook.cells):
        cell.id = f"{source.stem[:2]}-{position:03}"
        cell.metadata.pop("lines_to_next_cell", None)
        if contents.MARK in cell.source:
            cell.source = cell.source.replace(contents.MARK, contents.in_chapter_00(entries()))
    return notebook


def student_notebook(source: Path) -> NotebookNode:
    """The notebook of a source as a student gets it: solutions cut by nbgrader, not executed."""
    from nbgrader.preprocessors import ClearSolutions

    notebook = solution_notebook(source)
    settings = Config()
    settings.ClearSolutions.code_stub = {"python": STUB}
    settings.ClearSolutions.enforce_metadata = False
    cleared, _ = ClearSolutions(config=settings).preprocess(notebook, {})
    return cleared


def execute(notebook: NotebookNode) -> None:
    """Run all cells in place, and drop what differs from run to run beside the outputs."""
    client = NotebookClient(
        notebook, timeout=CELL_SECONDS, resources={"metadata": {"path": NOTEBOOKS}}
    )
    client.execute(env={**os.environ, **STILL})
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    for cell in _code_cells(notebook):
        cell.outputs = joined(cell.outputs)
    notebook.metadata = NotebookNode(kernelspec=KERNEL, language_info={"name": "python"})


def joined(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Outputs with the text that one stream wrote in a row as one; a kernel cuts it by the clock."""
    whole: list[NotebookNode] = []
    for output in outputs:
        last = whole[-1] if whole else NotebookNode(output_type=None)
        if output.output_type == last.output_type == "stream" and output.name == last.name:
            last.text += output.text
        else:
            whole.append(output)
    return whole


def keep_outputs(notebook: NotebookNode, built: Path) -> None:
    """Take over the outputs of the notebook that was built before, cell by cell.

    Cells are found by their code, as ids shift where a cell is put in between. A changed cell keeps
    its output; a new one has none and must be run.
    """
    before = _code_cells(nbformat.read(built, as_version=4))
    now = _code_cells(notebook)
    old_codes, new_codes = ([cell.source for cell in cells] for cells in (before, now))
    matcher = difflib.SequenceMatcher(None, old_codes, new_codes, autojunk=False)
    for _, first, last, start, end in matcher.get_opcodes():
        if last - first == end - start:
            for old, new in zip(before[first:last], now[start:end]):
                new.outputs, new.execution_count = old.outputs, old.execution_count
    _number(now)


def _code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _number(cells: list[NotebookNode]) -> None:
    """Count the cells that ran from 1, as one run from top to bottom would."""
    not_empty = (cell for cell in cells if cell.source.strip())
    for count, cell in enumerate(not_empty, start=1):
        if cell.execution_count is not None:
            cell.execution_count = count
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = count


def write(notebook: NotebookNode, path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    nbformat.validate(notebook)
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")


def repository() -> str:
    """The project's public address, the one constant in pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return project["project"]["urls"]["Repository"]


def colab_set_up() -> str:
    """The first code cell: it does nothing where the package is installed."""
    return f"""\
import sys
from importlib.util import find_spec
from subprocess import run

if find_spec("nas_tutorial") is None:  # on Colab
    package = "nas_tutorial[notebooks] @ git+{repository()}"
    run([sys.executable, "-m", "pip", "install", "--quiet", package], check=True)"""


def colab_badge(stem: str) -> str:
    """A link that opens the notebook in Colab."""
    path = re.sub(r"^https://github\.com/", "", repository())
    link = f"https://colab.research.google.com/github/{path}/blob/main/notebooks/{stem}.ipynb"
    return f"[Open in Colab]({link})"


if __name__ == "__main__":
    main()
