"""The concept drawings of the chapters: one file a chapter, one function a drawing.

nas.course.figures.chapter03.search_loop()
"""

import lazy_loader

CHAPTERS = (*range(1, 21), 22)  # that have drawings
SUBMODULES = [f"chapter{number:02}" for number in CHAPTERS]
__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, SUBMODULES)
