"""Build the documentation site: `make docs`, or `python docs/make_site.py --out FOLDER`.

The pages come from four places. They are laid out in one folder, and Sphinx runs on it:

    docs/*.md, docs/teaching/    written by hand
    notebooks/*.ipynb            the chapters, as they were built, figures included
    nas_tutorial/                one page a module, room by room
    all of them                  terms, minutes and slides, collected by the scripts beside this one

Nothing is executed and nothing is fetched.
"""

import argparse
import shutil
import sys
from collections.abc import Collection
from pathlib import Path

import chapters
import library
import minutes
import slides
import terms
import wrong_answers
from sphinx.cmd.build import build_main

HERE = Path(__file__).parent
IGNORED = shutil.ignore_patterns(
    "*.py", "*.j2", "*.toml", "*.json", "__pycache__", "static", "grading"
)
OUT = HERE.parent / "build" / "docs"
GENERATED = {  # what replaces a line "% generated: NAME" in a page of the kit
    "minutes": minutes.table,
    "questions": wrong_answers.questions,
    "slides": slides.links,
    "wrong answers": wrong_answers.page,
}


def main(arguments: list[str] | None = None) -> int:
    """Build the site of the chapters that are named by number, or of all; return Sphinx's code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("chapters", nargs="*", help="numbers such as 04; none takes all")
    parser.add_argument("--out", type=Path, default=OUT, help="a folder; its site is in html/")
    options = parser.parse_args(arguments)
    out = options.out.resolve()
    pages, site = out / "pages", out / "html"
    for folder in (pages, site):
        shutil.rmtree(folder, ignore_errors=True)
    lay_out(pages, options.chapters)
    slides_too = ["-D", f"html_extra_path={pages / 'extra'}"]
    strict = [] if options.chapters else ["-W", "--keep-going"]  # a part has links to the rest
    options_of_sphinx = [*strict, "-q", "-d", str(out / "cache"), *slides_too]
    code = build_main([*options_of_sphinx, "-c", str(HERE), str(pages), str(site)])
    if not code:
        print(f"the site is {site / 'index.html'}")
    return code


def lay_out(pages: Path, numbers: Collection[str] = ()) -> None:
    """Write every page that Sphinx is to read.

    Args:
        pages: The folder to write, which must not exist.
        numbers: Of the chapters to take, such as "04"; none takes all.
    """
    shutil.copytree(HERE, pages, ignore=IGNORED)
    taken = chapters.chapters(numbers)
    chapters.write(taken, pages / "chapters")
    library.write(pages / "library")
    terms.write(taken, pages / "terms.md")
    slides.write(taken, pages / "extra" / "slides")
    for page in (pages / "teaching").glob("*.md"):
        text = page.read_text(encoding="utf-8")
        for name, made in GENERATED.items():
            if (line := f"% generated: {name}\n") in text:
                text = text.replace(line, made(taken))
        page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
