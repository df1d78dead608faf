"""Build the documentation site: `make docs`, or `python docs/make_site.py --out FOLDER`.

The pages come from four places. They are laid out in one folder, and Sphinx runs on it:

    docs/*.md, docs/teaching/    written by hand
    notebooks/*.ipynb            the chapters, as they were built, figures included
    nas_tutorial/                one page a module, in the order of the package's docstring
    all of them                  terms, minutes and slides, collected by the scripts beside this one

Nothing is executed and nothing is fetched.
"""

import argparse
import shutil
import sys
from pathlib import Path

from sphinx.cmd.build import build_main

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path[:0] = [str(HERE), str(ROOT / "notebooks")]
import chapters  # noqa: E402
import library  # noqa: E402
import terms  # noqa: E402

OUT = ROOT / "build" / "docs"


def main(arguments: list[str] | None = None) -> int:
    """Build the site of the chapters that are named by number, or of all; return Sphinx's code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("chapters", nargs="*", help="numbers such as 04; none takes all")
    parser.add_argument("--out", type=Path, default=OUT, help="a folder; its site is in html/")
    options = parser.parse_args(arguments)
    pages, site = options.out / "pages", options.out / "html"
    for folder in (pages, site):
        shutil.rmtree(folder, ignore_errors=True)
    lay_out(pages, options.chapters)
    strict = ["-W", "--keep-going", "-q"]
    code = build_main(
        [*strict, "-d", str(options.out / "cache"), "-c", str(HERE), str(pages), str(site)]
    )
    if not code:
        print(f"the site is {site / 'index.html'}")
    return code


def lay_out(pages: Path, numbers: list[str] = ()) -> None:
    """Write every page that Sphinx is to read.

    Args:
        pages: The folder to write, which must not exist.
        numbers: Of the chapters to take, such as "04"; none takes all.
    """
    shutil.copytree(HERE, pages, ignore=shutil.ignore_patterns("*.py", "__pycache__", "static"))
    taken = chapters.chapters(numbers)
    chapters.write(taken, pages / "chapters")
    library.write(pages / "library")
    terms.write(taken, pages / "terms.md")


if __name__ == "__main__":
    sys.exit(main())
