"""Sphinx's settings. `make_site.py` lays the pages out in a folder and runs Sphinx there."""

import os
import re
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # for mathml
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # autodoc imports the library, and it TensorFlow

PROJECT = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]

project = PROJECT["name"]
release = version = PROJECT["version"]
language = "en"
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "mathml"]

# Chapters are shown as they were built: nothing is run here.
nb_execution_mode = "off"
nb_render_markdown_format = "myst"
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3

# Docstrings: what stands between single backticks is code.
default_role = "code"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "show-inheritance": True}
napoleon_google_docstring, napoleon_numpy_docstring = True, False
napoleon_custom_sections = ["Reference"]
napoleon_use_ivar = True

# Every name of this project must be found. Others' are text: looking them up needs their sites.
nitpicky = True
nitpick_ignore_regex = [
    (r"py:.*", r"(?!nas_tutorial\.).*"),
    (r"py:.*", r"nas_tutorial\.(.*\.)?_\w+"),  # private: not on the site
]

html_theme = "pydata_sphinx_theme"
html_title = "nas_tutorial"
html_math_renderer = "mathml"
html_static_path, html_css_files = [str(HERE / "static")], ["site.css"]
html_sidebars: dict[str, list[str]] = {"index": [], "terms": []}
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "show_prev_next": True,
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
    "navbar_end": ["theme-switcher"],
}

MARKUP = re.compile(r"[|*]|(?<=\w)_(?!\w)")  # |x|, *args and val_ are no markup in our docstrings
SENTENCES: dict[str, list[str]] = {}  # what attributes and properties say
CODE = re.compile(r"(`+.*?`+)", re.DOTALL)
DRAWING = re.compile(r"(`+[^`]+`+|^    .*(?:\n(?:    .*)?)*)", re.MULTILINE)


def plain(app, what, name, obj, options, lines: list[str]) -> None:
    """Keep, in place, what reStructuredText or napoleon would take for markup."""
    parts = (DRAWING if what == "module" else CODE).split("\n".join(lines))
    parts[::2] = [MARKUP.sub(r"\\\g<0>", part) for part in parts[::2]]
    parts[1::2] = [f"::\n\n{part}" if part.startswith(" ") else part for part in parts[1::2]]
    lines[:] = "".join(parts).split("\n")
    if what in ("attribute", "property"):
        SENTENCES[name] = list(lines)


def whole(app, what, name, obj, options, lines: list[str]) -> None:
    """Put back what napoleon took for an attribute's type: the words before a colon."""
    lines[:] = SENTENCES.pop(name, lines)


def setup(app) -> None:
    app.connect("autodoc-process-docstring", plain, priority=400)  # before napoleon, at 500
    app.connect("autodoc-process-docstring", whole, priority=600)
