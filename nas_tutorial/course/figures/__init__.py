"""The concept drawings of the chapters: one file per chapter, one function per drawing.

    nas.course.figures.chapter03.search_loop()

The first paragraph of a function's docstring is its drawing's alternative text.
"""

import re
from importlib import import_module
from pathlib import Path

import lazy_loader

SUBMODULES = sorted(path.stem for path in Path(__file__).parent.glob("chapter*.py"))
__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, SUBMODULES)


def described(code: str) -> str:
    """What the drawings that a cell calls show, in words; empty where it calls none.

    Args:
        code: Of the cell, in which a drawing is called as above.
    """
    from nas_tutorial.reporting.diagrams import alt_text

    calls = re.findall(r"\bfigures\.(chapter\d\d)\.(\w+)\(", code)
    modules = {name: import_module(f"{__name__}.{name}") for name, _ in calls}
    return " ".join(alt_text(getattr(modules[name], drawing)) for name, drawing in calls)
