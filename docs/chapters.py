"""The chapters as pages: the built notebooks, less what only Colab needs, and a list of them."""

import re
import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

sys.path.insert(0, str(Path(__file__).parents[1]))
from nas_tutorial.course.figures import described
from sources import build

NOTEBOOKS = build.NOTEBOOKS
ALTERNATIVE = 300  # characters at most


@dataclass(frozen=True)
class Chapter:
    """A built notebook.

    Args:
        stem: Its file's name, such as "04_search_spaces_as_graphs".
        notebook: What is in it.
    """

    stem: str
    notebook: NotebookNode

    @property
    def number(self) -> str:
        return self.stem[:2]

    @property
    def title(self) -> str:
        """The chapter's one H1."""
        return re.findall(r"^# (.+)$", self.text, re.MULTILINE)[0]

    @property
    def promise(self) -> str:
        """What one can do afterwards: the sentence that begins with "After"."""
        found = re.search(r"\bAfter\s+this\s+chapter.+?[.!](?=\s|$)", self.text, re.DOTALL)
        return " ".join(found[0].split()) if found else ""

    @property
    def text(self) -> str:
        """All Markdown of the chapter."""
        cells = [cell.source for cell in self.notebook.cells if cell.cell_type == "markdown"]
        return "\n\n".join(cells)


def chapters(numbers: Collection[str] = ()) -> list[Chapter]:
    """The chapters that are there, in order.

    Args:
        numbers: Such as "04"; none takes all.

    Raises:
        ValueError: If there is none of such a number.
    """
    found = [
        Chapter(path.stem, nbformat.read(path, as_version=4))
        for path in sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
    ]
    known = {chapter.number for chapter in found}
    if missing := sorted(set(numbers) - known):
        raise ValueError(
            f"chapters must be among {', '.join(sorted(known))}, got {', '.join(missing)}. "
            "Leave the numbers out to take all."
        )
    return [chapter for chapter in found if not numbers or chapter.number in numbers]


def page(chapter: Chapter) -> NotebookNode:
    """A chapter as Sphinx gets it: without the link to Colab and Colab's set-up cell."""
    notebook = nbformat.from_dict(chapter.notebook)
    idle = {build.colab_badge(chapter.stem), build.colab_set_up()}
    for cell, alternative in zip(list(notebook.cells), alternatives(notebook)):
        if alternative:
            cell.metadata["mystnb"] = {"image": {"alt": alternative}}
    notebook.cells = [cell for cell in notebook.cells if cell.source not in idle]
    return notebook


def alternatives(notebook: NotebookNode) -> list[str]:
    """For each cell the text that stands for its figures: a drawing's own, or the words below, which
    read the figures aloud.

    Blank where a cell draws nothing.
    """
    found, below = [], ""
    for cell in reversed(notebook.cells):
        if cell.cell_type == "markdown":
            paragraph = " ".join(cell.source.strip().split("\n\n")[0].split())
            below = re.sub(r"[*`$#\\]|\]\(\S*\)|\[", "", paragraph)[:ALTERNATIVE]
        found.append((described(cell.source) or below or "A figure.") if figures(cell) else "")
    return found[::-1]


def figures(cell: NotebookNode) -> list[NotebookNode]:
    """The outputs of a cell that are pictures."""
    return [out for out in cell.get("outputs", []) if "image/png" in out.get("data", {})]


def first_sentence(text: str) -> str:
    """The beginning of a text, up to the first full stop."""
    return re.split(r"(?<=[.?!:])\s", " ".join(text.split()), maxsplit=1)[0]


def write(taken: list[Chapter], folder: Path) -> None:
    """Write a page for each chapter, and the list of them."""
    folder.mkdir(parents=True)
    for chapter in taken:
        nbformat.write(page(chapter), folder / f"{chapter.stem}.ipynb")
    (folder / "index.md").write_text(contents(taken), encoding="utf-8")


def contents(taken: list[Chapter]) -> str:
    """The list of chapters, each with its promise."""
    rows = [f"| [{c.number}]({c.stem}.ipynb) | **{c.title}**. {c.promise} |" for c in taken]
    entries = [f"{c.number} {c.title} <{c.stem}>" for c in taken]
    return "\n".join([
        "# Chapters", "",
        "The notebooks as they were built, with their outputs. They follow the order of the course.", "",
        "| chapter | what it is about |", "| --- | --- |", *rows, "",
        "```{toctree}", ":hidden:", "", *entries, "```", "",
    ])  # fmt: skip
