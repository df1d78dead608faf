"""Every drawing can be read: words apart from each other and from lines, fills apart without colours."""

import importlib
import inspect
import itertools

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pytest
from matplotlib.colors import to_hex, to_rgba
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from nas_tutorial.course import figures
from nas_tutorial.reporting.diagrams import FILLS, PANEL, PAPER, SMALL, alt_text, lightness

MODULES = [importlib.import_module(f"{figures.__name__}.{name}") for name in figures.SUBMODULES]
DRAWINGS = {
    f"{module.__name__[-9:]}.{name}": function
    for module in MODULES
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if function.__module__ == module.__name__
    and not name.startswith("_")
    and inspect.signature(function).return_annotation is plt.Figure
}
each_drawing = pytest.mark.parametrize("name", sorted(DRAWINGS))


@pytest.fixture(scope="module")
def drawn():
    """Every drawing, drawn once, with its renderer."""
    found = {}
    with plt.rc_context():
        for name, function in DRAWINGS.items():
            figure = function()
            figure.canvas.draw()
            found[name] = figure
    yield found
    plt.close("all")


def texts(figure) -> list[tuple[Text, Bbox]]:
    """All that is written on a figure, with the rectangle that it covers in pixels."""
    seen = [t for t in figure.findobj(Text) if t.get_text().strip() and t.get_visible()]
    shown = [(text, text.get_window_extent()) for text in seen if _is_drawn(text)]
    return [(text, box) for text, box in shown if box.width and box.height]


def _is_drawn(text: Text) -> bool:
    """Not what belongs to axes that are switched off."""
    return text.axes is None or text.axes.axison or text in text.axes.texts


def shrunk(box: Bbox, pixels: float = 1.0) -> Bbox:
    return Bbox.from_extents(box.x0 + pixels, box.y0 + pixels, box.x1 - pixels, box.y1 - pixels)


def filled(figure) -> list[FancyBboxPatch | Circle]:
    kinds = (FancyBboxPatch, Circle)
    patches = [patch for ax in figure.axes for patch in ax.patches if isinstance(patch, kinds)]
    return [patch for patch in patches if patch.get_facecolor()[3] > 0]


@each_drawing
def test_no_two_texts_overlap(drawn, name):
    for (one, first), (other, second) in itertools.combinations(texts(drawn[name]), 2):
        assert not shrunk(first).overlaps(second), f"{one.get_text()!r} on {other.get_text()!r}"


@each_drawing
def test_no_text_leaves_the_sheet(drawn, name):
    figure = drawn[name]
    sheet = figure.bbox
    for text, box in texts(figure):
        inside = (
            sheet.x0 <= box.x0 and sheet.y0 <= box.y0 and box.x1 <= sheet.x1 and box.y1 <= sheet.y1
        )
        assert inside, f"{text.get_text()!r} leaves the sheet: {box} in {sheet}"


@each_drawing
def test_no_text_crosses_the_border_of_a_shape(drawn, name):
    figure = drawn[name]
    for patch in filled(figure):
        shape = patch.get_window_extent()
        for text, box in texts(figure):
            inner = shrunk(box)
            within = (
                shape.x0 <= inner.x0
                and shape.y0 <= inner.y0
                and inner.x1 <= shape.x1
                and inner.y1 <= shape.y1
            )
            assert within or not shape.overlaps(inner), f"{text.get_text()!r} crosses a border"


@each_drawing
def test_no_line_runs_through_a_text(drawn, name):
    figure = drawn[name]
    lines = [p for ax in figure.axes for p in ax.patches if isinstance(p, FancyArrowPatch)]
    open_texts = [(text, box) for text, box in texts(figure) if text.get_bbox_patch() is None]
    for line in lines:
        (path, *_), _ = line._get_path_in_displaycoord()
        (polygon,) = path.to_polygons(closed_only=False)  # curves as short straight lines
        points = Path(polygon).interpolated(8).vertices
        above = [p.get_window_extent() for p in filled(figure) if p.zorder > line.zorder]
        for text, box in open_texts:
            if shrunk(box, 2).count_contains(points):
                hidden = any(shape.containsx(box.x0) and shape.containsx(box.x1) for shape in above
                             if shape.containsy(box.y0) and shape.containsy(box.y1))  # fmt: skip
                assert hidden, f"a line runs through {text.get_text()!r}"


@each_drawing
def test_nothing_is_written_too_small(drawn, name):
    sizes = {text.get_fontsize() for text, _ in texts(drawn[name])}
    assert sizes and min(sizes) >= SMALL >= 8


@each_drawing
def test_a_drawing_fits_a_notebook(drawn, name):
    width, height = drawn[name].get_size_inches()
    assert 3 <= width <= 9 and height <= 6


@each_drawing
def test_a_drawing_says_in_words_what_it_shows(name):
    words = alt_text(DRAWINGS[name])
    assert words.endswith(".") and 12 <= len(words.split()) <= 120


@each_drawing
def test_fills_differ_without_colours(drawn, name):
    fills = {to_hex(patch.get_facecolor()) for patch in filled(drawn[name])}
    greys = sorted(lightness(fill) for fill in fills - {PANEL})
    assert all(high - low > 9 for low, high in itertools.pairwise(greys)), fills


def test_the_palette_differs_without_colours():
    greys = sorted(lightness(fill) for fill in set(FILLS) - {PANEL})
    assert all(high - low > 9 for low, high in itertools.pairwise(greys))


@each_drawing
def test_the_sheet_is_white_on_any_page(name):
    with plt.style.context("dark_background"):
        figure = DRAWINGS[name]()
    assert figure.get_facecolor() == to_rgba(PAPER)
    for text, _ in texts(figure):
        assert text.get_color() != "white" or text.get_bbox_patch() is None
    plt.close(figure)
