"""Slides from the chapters: `python docs/slides.py 04 --out FOLDER`; `make docs` makes them all.

nbconvert's reveal.js slides, which need no network: reveal.js itself comes from the package
sphinx-revealjs, formulas are MathML. The chapters hold no marks for slides, so one rule makes them:

- an H2 begins a column of slides, an H3 or a code cell the next slide below;
- on a slide stand what is bold, lists, tables, formulas, short code, outputs and figures;
- the prose is in the speaker's notes (press S), and so is code that is long or drew a figure;
- what would not fit goes on to another slide of the same title.
"""

import argparse
import re
import shutil
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from chapters import Chapter, alternatives, build, chapters, figures, first_sentence
from jinja2 import pass_context
from mathml import mathml
from nbconvert import SlidesExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from traitlets.config import Config

HERE = Path(__file__).parent
REVEAL = "reveal.js"
NEEDED = ("LICENSE", "dist/reset.css", "dist/reveal.css", "dist/reveal.js", "dist/theme/white.css",
          "dist/theme/fonts/source-sans-pro", "plugin/notes")  # fmt: skip
LINES = 18  # of text that a slide holds below its title
WIDTH = 84  # characters in such a line
CODE_LINES = 22  # of code and output together; longer code is for the notes
CODE_WIDTH = 96  # characters in a row of code
OUTPUT_LINES = 16
CAPTION_LINES = 4  # of an output that stands above its figure
LEFT_OUT = ("Further reading", "In Chinese", "Quiz")


@dataclass
class Slide:
    """A slide in the making.

    Args:
        title: Its heading.
        begins: Whether it begins a column.
        pieces: The cells below the heading.
        notes: What the speaker says, Markdown.
        lines: How many lines the pieces take, about.
        is_full: Whether whatever comes goes on to the next slide.
    """

    title: str
    begins: bool
    pieces: list[NotebookNode] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    lines: float = 0
    is_full: bool = False

    def cells(self) -> list[NotebookNode]:
        """The slide as nbconvert takes it."""
        kind = "slide" if self.begins else "subslide"
        heading = marked(new_markdown_cell(f"## {self.title}"), kind)
        notes = [marked(new_markdown_cell("\n\n".join(self.notes)), "notes")] if self.notes else []
        return [heading, *(marked(piece, "-") for piece in self.pieces), *notes]


def marked(cell: NotebookNode, kind: str) -> NotebookNode:
    """A cell with nbconvert's mark for what it is on a slide."""
    cell.metadata["slideshow"] = {"slide_type": kind}
    return cell


def slides(chapter: Chapter) -> list[Slide]:
    """The slides of a chapter by the rule above."""
    found: list[Slide] = []
    told = alternatives(chapter.notebook)
    for cell, alternative in zip(chapter.notebook.cells, told):
        if cell.cell_type == "markdown":
            for block in blocks(cell.source):
                add_block(found, block)
        elif cell.outputs and "quiz" not in cell.source and cell.source != build.colab_set_up():
            add_code(found, cell, alternative)
    for slide in found:
        if not slide.pieces and slide.notes:
            slide.pieces = [new_markdown_cell(first_sentence(slide.notes[0]))]
    kept = [slide for slide in found if slide.pieces and not slide.title.startswith(LEFT_OUT)]
    kept[0].pieces[:0] = [new_markdown_cell(chapter.promise)] if chapter.promise else []
    return kept


def blocks(markdown: str) -> list[str]:
    """Paragraphs, lists, tables, formulas and code blocks of a Markdown cell, headings alone."""
    fenced = re.split(r"^(```.*?^```)$", markdown, flags=re.DOTALL | re.MULTILINE)
    found = []
    for place, part in enumerate(fenced):
        if place % 2:
            found.append(part)
            continue
        part = re.sub(r"^(#+ .*)$", r"\n\1\n", part, flags=re.MULTILINE)
        part = re.sub(
            r"^(?![-*] |\d+\. |  )(.+\n)(?=[-*] |1\. )", r"\1\n", part, flags=re.MULTILINE
        )
        found += re.split(r"\n\s*\n", part)
    return [block.strip("\n") for block in found if block.strip()]


def add_block(found: list[Slide], block: str) -> None:
    """Put a block of Markdown on a slide, or among its notes."""
    heading = re.fullmatch(r"(#+) (.*)", block)
    if heading:
        level, title = len(heading[1]), heading[2]
        found.append(Slide(title, begins=level < 3))
        return
    if not found:
        return  # the link to Colab, above the title
    if is_listing(block):
        for part in portions(block):
            place(found, new_markdown_cell(part), height(part))
        return
    bold = re.findall(r"\*\*.+?\*\*", block, re.DOTALL)
    said = [one for one in bold if re.search(r"[.?!:]\*\*$", one) or one == block]
    if found[-1].title.startswith("Exercise") and len(block) < 5 * WIDTH:
        said = [block]
    if said:
        text = "\n\n".join(said)
        place(found, new_markdown_cell(text), height(text))
    if said != [block]:
        found[-1].notes.append(block)


def is_listing(block: str) -> bool:
    """Whether a block is a list, a table, a formula or code: what stands on a slide as it is."""
    return bool(re.match(r"[-*] |\d+\. |\||\$\$|```|> ", block))


def portions(block: str) -> list[str]:
    """A list or a table in parts that fit, a table's head repeated; other blocks whole."""
    lines = block.splitlines()
    head = "\n".join(lines[:2]) + "\n" if block.startswith("|") else ""
    if head:
        items = lines[2:]
    elif re.match(r"[-*] |\d+\. ", block):
        items = re.split(r"\n(?=[-*] |\d+\. )", block)
    else:
        return [block]
    parts: list[list[str]] = [[]]
    lines_used = height(head)
    for item in items:
        if parts[-1] and lines_used + height(item) > LINES:
            parts.append([])
            lines_used = height(head)
        parts[-1].append(item)
        lines_used += height(item)
    return [head + "\n".join(part) for part in parts]


def height(markdown: str) -> float:
    """About how many lines a block takes."""
    if markdown.startswith("|"):
        return sum(1.4 * max(1, -(-len(line) // WIDTH)) for line in markdown.splitlines())
    if markdown.startswith("$$"):
        return 3 + markdown.count("\\\\")
    if markdown.startswith("```"):
        return len(markdown.splitlines())
    paragraphs = re.split(r"\n\n|\n(?=[-*] |\d+\. )", markdown)
    return sum(0.4 + -(-len(" ".join(text.split())) // WIDTH) for text in paragraphs)


def place(found: list[Slide], piece: NotebookNode, lines: float, *, alone: bool = False) -> None:
    """Put a piece on the last slide, or on a further one of the same title."""
    last = found[-1]
    if last.pieces and (alone or last.is_full or last.lines + lines > LINES):
        found.append(last := Slide(last.title, begins=False))
    last.pieces.append(piece)
    last.lines += lines
    last.is_full = alone


def add_code(found: list[Slide], cell: NotebookNode, alternative: str) -> None:
    """Put what a cell printed and drew on slides, and its code where it is short."""
    drawn = figures(cell)
    texts = [output for output in cell.outputs if output not in drawn and text_of(output)]
    if re.search(r"^(nas\.course\.)?show\(", cell.source, re.MULTILINE):
        texts = []  # the library's source: on the site, not on a slide
    lines = cell.source.splitlines()
    printed = cut("".join(text_of(output).rstrip("\n") + "\n" for output in texts).splitlines())
    is_shown = not drawn and texts and rows(lines) + rows(printed) <= CODE_LINES
    if texts:
        source = f"```python\n{cell.source}\n```\n\n" if is_shown else ""
        piece = new_markdown_cell("\n".join([source + "```text", *printed, "```"]))
        place(found, piece, rows(printed), alone=True)
    is_caption = bool(texts) and rows(printed) <= CAPTION_LINES
    for number, figure in enumerate(drawn):
        piece = new_code_cell("", outputs=[figure], metadata={"tags": ["figure"]})
        piece.outputs[0].metadata = {"alt": alternative}
        if is_caption and not number:
            found[-1].pieces.append(piece)
        else:
            place(found, piece, LINES, alone=True)
    if (texts or drawn) and not is_shown:
        found[-1].notes.append(f"```python\n{cell.source}\n```")


def rows(lines: list[str]) -> int:
    """How many rows lines of code take, long ones wrapped."""
    return sum(max(1, -(-len(line) // CODE_WIDTH)) for line in lines)


def text_of(output: NotebookNode) -> str:
    return output.get("text", "") or output.get("data", {}).get("text/plain", "")


def cut(lines: list[str]) -> list[str]:
    """The first lines of an output, and how many more there are."""
    kept = lines
    while rows(kept) > OUTPUT_LINES:
        kept = kept[:-1]
    return kept if kept == lines else [*kept, f"... {len(lines) - len(kept)} lines more"]


class OfflineSlides(SlidesExporter):
    """nbconvert's slides without what it takes from the network: scripts, and MathJax."""

    @pass_context
    def markdown2html(self, context, source):
        return MarkdownWithMath(
            renderer=WithMathML(escape=False, exclude_anchor_links=True)
        ).render(source)


class WithMathML(IPythonRenderer):
    """Markdown in which formulas become MathML."""

    def inline_math(self, body):
        return mathml(body)

    def block_math(self, body):
        return mathml(body, as_block=True)


def html(chapter: Chapter) -> str:
    """The deck of a chapter, one page that needs the folder reveal.js beside it."""
    cells = [cell for slide in slides(chapter) for cell in slide.cells()]
    deck = new_notebook(cells=cells, metadata={**chapter.notebook.metadata, "title": chapter.title})
    settings = Config()
    settings.TagRemovePreprocessor.remove_input_tags = {"figure"}
    settings.TagRemovePreprocessor.enabled = True
    exporter = OfflineSlides(
        config=settings,
        raw_template=(HERE / "slides.html.j2").read_text(encoding="utf-8"),
        reveal_url_prefix=REVEAL,
        reveal_theme="white",
        reveal_number="c/t",
        reveal_transition="none",
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
    )
    body, _ = exporter.from_notebook_node(deck)
    return body


def write(taken: list[Chapter], folder: Path) -> None:
    """Write a deck for each chapter, and reveal.js beside them."""
    folder.mkdir(parents=True)
    for chapter in taken:
        (folder / f"{chapter.stem}.html").write_text(html(chapter), encoding="utf-8")
    source = Path(str(files("sphinx_revealjs"))) / "_static" / "revealjs"
    for name in NEEDED:
        target = folder / REVEAL / name
        target.parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (source / name).is_dir() else shutil.copy
        copy(source / name, target)


def links(taken: list[Chapter]) -> str:
    """The list of decks for the kit's page; they are no pages of Sphinx's, hence HTML."""
    rows = [
        f'<li><a href="../slides/{chapter.stem}.html">{chapter.number} {chapter.title}</a> '
        f"({len(slides(chapter))} slides)</li>"
        for chapter in taken
    ]
    return "\n".join(["<ul>", *rows, "</ul>"])


def main(arguments: list[str] | None = None) -> None:
    """Write the decks of the chapters that are named by number, or of all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("chapters", nargs="*", help="numbers such as 04; none takes all")
    parser.add_argument("--out", type=Path, default=HERE.parent / "build" / "slides")
    options = parser.parse_args(arguments)
    shutil.rmtree(options.out, ignore_errors=True)
    write(chapters(options.chapters), options.out)
    print(f"open {options.out}")


if __name__ == "__main__":
    main()
