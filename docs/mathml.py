"""Formulas as MathML, which browsers draw themselves: no script, no font and no network.

docutils translates; this file only hands its translation to Sphinx (as the extension that
`html_math_renderer = "mathml"` asks for) and to the slides.
"""

import re

from docutils.nodes import SkipNode
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml


def mathml(latex: str, as_block: bool = False) -> str:
    """The MathML of a formula.

    Args:
        latex: The formula without its dollar signs.
        as_block: Whether it stands on a line of its own.

    Raises:
        ValueError: If docutils cannot read the formula.
    """
    latex = re.sub(r"\\dots\b", r"\\ldots", latex.strip())  # the one name here that docutils lacks
    try:
        return tex2mathml(latex, as_block=as_block)
    except MathError as error:
        raise ValueError(
            f"a formula must be LaTeX that docutils reads, got {latex!r}: {error}. Write it with "
            "plainer commands."
        ) from error


def visit_inline(translator, node) -> None:
    translator.body.append(mathml(node.astext()))
    raise SkipNode


def visit_block(translator, node) -> None:
    translator.body.append(f'<div class="math">{mathml(node.astext(), as_block=True)}</div>\n')
    raise SkipNode


def setup(app) -> dict:
    """Register the renderer with Sphinx."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
