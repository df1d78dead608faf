"""The site is built without a warning, whole, with links that lead somewhere, and needs no network."""

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import nbformat
import pytest

from tests import ROOT

sys.path.insert(0, str(ROOT / "docs"))
import chapters
import library
import make_site
import minutes
import slides
import terms
import wrong_answers
from mathml import mathml

# Sphinx's extensions speak of Sphinx 11.
pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
TAKEN = chapters.chapters()
each_chapter = pytest.mark.parametrize("chapter", TAKEN, ids=lambda chapter: chapter.stem)
LOADS = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
}


class Page(HTMLParser):
    """What a page loads, where it links to, and which names its parts have."""

    def __init__(self, path: Path):
        super().__init__()
        self.loads, self.links, self.names, self.pictures = [], [], set(), 0
        self.alternatives, self.formulas = [], 0
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.names |= {given[key] for key in ("id", "name") if given.get(key)}
        self.formulas += tag == "math"
        if tag in LOADS and given.get(LOADS[tag]):
            self.loads.append(given[LOADS[tag]])
            self.pictures += tag == "img"
            self.alternatives += [given.get("alt", "")] if tag == "img" else []
        if tag == "link" and given.get("rel") not in ("index", "search", "next", "prev"):
            self.loads.append(given["href"])
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The whole site, built as `make docs` builds it; a warning is an error there."""
    out = tmp_path_factory.mktemp("docs")
    assert make_site.main(["--out", str(out)]) == 0
    return out / "html"


@pytest.fixture(scope="module")
def pages(site):
    written = [path for path in sorted(site.rglob("*.html")) if "_static" not in path.parts]
    return {path: Page(path) for path in written}


def figures(notebook) -> int:
    return sum(len(chapters.figures(cell)) for cell in notebook.cells)


def test_every_chapter_is_there_with_all_its_figures(site, pages):
    for chapter in TAKEN:
        page = pages[site / "chapters" / f"{chapter.stem}.html"]
        assert page.pictures == figures(chapter.notebook), chapter.stem
        assert all(re.search(r"[a-z] [a-z]|A figure", text) for text in page.alternatives)


def test_every_module_is_there(site, pages):
    for path in (ROOT / "nas_tutorial").rglob("*.py"):
        relative = path.relative_to(ROOT / "nas_tutorial").with_suffix("")
        name = ".".join(part for part in relative.parts if part != "__init__")
        if name:
            assert f"module-nas_tutorial.{name}" in pages[site / "library" / f"{name}.html"].names


def test_docstrings_are_read_as_they_are_meant(site):
    edge_cell = (site / "library" / "spaces.edge_cell.html").read_text(encoding="utf-8")
    assert 'id="nas_tutorial.spaces.edge_cell.EdgeCellSpace"' in edge_cell
    base = (site / "library" / "spaces.base.html").read_text(encoding="utf-8")
    assert "The number of encodings: the product of" in base  # napoleon would call it a type
    trials = (site / "library" / "trials.html").read_text(encoding="utf-8")
    assert re.search(r"<pre>.*Candidate", trials)  # a drawing stays a drawing


def test_links_lead_somewhere(site, pages):
    missing = []
    for path, page in pages.items():
        for link in page.links + page.loads:
            if re.match(r"[a-z]+:", link):
                continue
            address, part = urldefrag(link.partition("?")[0] if "#" not in link else link)
            target = (
                (path.parent / unquote(address.partition("?")[0])).resolve() if address else path
            )
            if target.is_dir():
                target /= "index.html"
            if not target.exists() or (part and target in pages and not_there(part, pages[target])):
                missing.append((path.relative_to(site).as_posix(), link))
    assert not missing


def not_there(part: str, page: Page) -> bool:
    return not part.startswith("/") and unquote(part) not in page.names  # "#/3": a slide


def test_nothing_is_loaded_from_the_network(site, pages):
    for path, page in pages.items():
        assert not [load for load in page.loads if re.match(r"(https?:)?//", load)], path.name
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"""\b(import|from|fetch|require)\b\s*\(?["']https?:""", text), (
            path.name
        )
    for path in site.rglob("*.css"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"""(url\(|@import )\s*["']?(https?:)?//""", text), path.name


def test_no_path_of_this_machine_is_on_the_site(site):
    texts = [path for path in site.rglob("*") if path.suffix in (".html", ".js", ".css", ".json")]
    for path in [path for path in texts if path.is_file()]:
        text = path.read_text(encoding="utf-8", errors="replace")
        assert str(ROOT) not in text and str(site.parent) not in text, path.name


def test_formulas_are_drawn_by_the_browser(site, pages):
    for chapter in TAKEN:
        page = pages[site / "chapters" / f"{chapter.stem}.html"]
        assert bool(page.formulas) == ("$" in re.sub(r"`[^`]*`", "", chapter.text)), chapter.stem


def test_the_terms_are_those_of_the_chapters(site):
    text = (site / "terms.html").read_text(encoding="utf-8")
    found = terms.collected(TAKEN)
    assert len(found) >= 90
    for english, by_chinese in found.items():
        assert english.replace("'", "’") in text
        assert all(chinese in text for chinese in by_chinese)


@each_chapter
def test_every_chapter_has_terms(chapter):
    assert len(terms.terms(chapter)) >= 3


def test_an_entry_that_is_not_chinese_first_is_refused():
    chapter = chapters.Chapter("99_x", nbformat.v4.new_notebook())
    chapter.notebook.cells = [nbformat.v4.new_markdown_cell("**Terms**: search space 搜索空间.")]
    with pytest.raises(ValueError, match="must be Chinese, then English, got 'search space"):
        terms.terms(chapter)


def test_unknown_chapters_are_refused():
    with pytest.raises(ValueError, match=r"must be among 00, 01, .*, got 77\. Leave the"):
        chapters.chapters(["77"])


def test_a_formula_that_cannot_be_read_is_refused():
    with pytest.raises(ValueError, match=r"must be LaTeX that docutils reads, got '\\\\nonsense"):
        mathml(r"\nonsense{x}")


@each_chapter
def test_a_deck_has_every_figure_and_no_slide_is_too_long(chapter):
    deck = slides.slides(chapter)
    cells = [cell for slide in deck for cell in slide.cells()]
    assert figures(nbformat.v4.new_notebook(cells=cells)) == figures(chapter.notebook)
    assert len(deck) >= 10
    for slide in deck:
        assert slide.pieces
        assert slide.lines <= slides.CODE_LINES or len(slide.pieces) == 1, slide.title


def test_a_deck_asks_before_it_answers(site):
    (chapter,) = [chapter for chapter in TAKEN if chapter.number == "04"]
    deck = slides.slides(chapter)
    place = next(i for i, s in enumerate(deck) if "Guess 4.a" in s.pieces[0].source)
    assert "8,765" not in "".join(piece.source for piece in deck[place].pieces)
    assert "8,765 networks" in deck[place + 1].pieces[0].source
    text = (site / "slides" / f"{chapter.stem}.html").read_text(encoding="utf-8")
    assert 'src="reveal.js/dist/reveal.js"' in text and '<aside class="notes">' in text


def test_long_lists_and_tables_go_on_to_another_slide():
    parts = slides.portions("\n".join(f"- item {number}" for number in range(40)))
    assert len(parts) > 1 and sum(part.count("- item") for part in parts) == 40
    rows = "\n".join(f"| {number} | x |" for number in range(40))
    parts = slides.portions(f"| a | b |\n| --- | --- |\n{rows}")
    assert len(parts) > 1 and all(part.startswith("| a | b |\n| --- | --- |\n") for part in parts)


def test_minutes_are_counted():
    cells = [
        nbformat.v4.new_markdown_cell("# One two\n\n**Guess: three?** `four` $$x$$ [five](six)"),
        nbformat.v4.new_code_cell("a = 1\n\nb = 2"),
        nbformat.v4.new_markdown_cell("### Exercise 9.1 ★★ Write\n| seven | eight |"),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    found = minutes.effort(chapters.Chapter("09_x", notebook), seconds=120)
    assert (found.words, found.code_lines, found.guesses, found.stars) == (8, 2, 1, (2,))
    assert found.total == 5 * round((found.reading + 2 + found.exercises) / 5)


PLANS = (
    ROOT / "sources" / "00_start_here.py",
    ROOT / "docs" / "teaching" / "plans.md",
)


def named_parts(text: str) -> list[tuple[str, str]]:
    """Chapter and heading of what the rows of a plan put in quotation marks."""
    found = []
    for row in re.findall(r"^(?:# )?\|.*$", text, re.MULTILINE):
        chapter = None
        for number, heading in re.findall(r"\[(\d\d)\]|\"([^\"]+)\"", row):
            chapter = number or chapter
            found += [(chapter, heading)] if heading else []
    return found


@pytest.mark.parametrize("plan", PLANS, ids=lambda path: path.stem)
def test_the_parts_that_a_plan_names_are_there(plan):
    texts = {chapter.number: chapter.text for chapter in TAKEN}
    named = named_parts(plan.read_text(encoding="utf-8"))
    assert len(named) > 3
    for number, heading in named:
        assert f"\n## {heading}\n" in texts[number], (number, heading)


def test_an_evening_is_no_longer_than_three_hours():
    text = PLANS[0].read_text(encoding="utf-8")
    rows = re.findall(r"^# \| \[(\d\d)\]\[\1\] \|.*\| (\d+) \|$", text, re.MULTILINE)
    assert len(rows) > 3 and sum(int(minutes) for _, minutes in rows) <= 180


def test_every_reply_answers_an_exercise_that_is_there():
    text = "\n".join(chapter.text for chapter in TAKEN)
    numbers = {chapter.number for chapter in TAKEN}
    for number, told in wrong_answers.replies().items():
        assert told["questions"]
        for exercise in told.get("replies", {}):
            assert number not in numbers or f"### Exercise {exercise} " in text, exercise


@each_chapter
def test_every_exercise_has_its_wrong_answers(chapter):
    """Run docs/wrong_answers.py, and write a reply, where this fails."""
    exercises = set(re.findall(r"^### Exercise (\S+)", chapter.text, re.MULTILINE))
    told = {row["exercise"] for row in wrong_answers.kept().get(chapter.number, [])}
    assert told == exercises
    by_hand = wrong_answers.replies().get(chapter.number, {})
    assert set(by_hand.get("replies", {})) == exercises


@pytest.mark.parametrize("number", ["04", "12"])
def test_the_verdicts_that_are_kept_are_what_the_checks_say(number):
    assert wrong_answers.collect(number) == wrong_answers.kept()[number], (
        "run docs/wrong_answers.py"
    )


def test_the_library_is_listed_whole_and_in_the_order_of_the_docstrings():
    found = list(library.modules())
    there = {
        ".".join(path.relative_to(library.PACKAGE).with_suffix("").parts).removesuffix(".__init__")
        for path in library.PACKAGE.rglob("*.py")
    } - {"__init__"}
    assert set(found) == there
    for package in (
        library.PACKAGE,
        *(path.parent for path in library.PACKAGE.rglob("*/__init__.py")),
    ):
        inside = ".".join(package.relative_to(library.PACKAGE).parts)
        named = [f"{inside}.{name}".strip(".") for name in library.listed(package)]
        assert [name for name in found if name in named] == named, "listed, but not there"


@pytest.mark.parametrize(
    ("docstring", "names"),
    [
        ("Rooms.\n\nspaces/, data   two\n    names  one, indented\n\nProse, one space.",
         ["spaces", "data", "names"]),
        ("Nothing is listed.", []),
    ],
)  # fmt: skip
def test_a_docstring_lists_modules_before_two_spaces(docstring, names, tmp_path):
    (tmp_path / "__init__.py").write_text(f'"""{docstring}"""')
    assert library.listed(tmp_path) == names
