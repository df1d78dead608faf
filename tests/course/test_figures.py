"""Every drawing can be read: words apart from each other and from lines, fills apart without colours."""

import functools
import importlib
import inspect
import itertools
import subprocess
import sys

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas
import pytest
import scipy
from matplotlib.colors import to_hex, to_rgba
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from nas_tutorial.course import figures
from nas_tutorial.course.figures import (
    chapter01,
    chapter02,
    chapter04,
    chapter05,
    chapter07,
    chapter10,
    chapter11,
    chapter13,
    chapter14,
    chapter15,
    chapter16,
    chapter18,
    chapter19,
    chapter20,
)  # fmt: skip
from nas_tutorial.loop.search import search
from nas_tutorial.pareto import hypervolume
from nas_tutorial.randomness import kept_global_state
from nas_tutorial.reporting.diagrams import PANEL, PAPER, SMALL, SOFT, alt_text, lightness
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.statistics.tests import friedman_nemenyi, paired_difference
from nas_tutorial.tables.table import Table, TableEvaluator
from tests import ROOT

MODULES = [importlib.import_module(f"{figures.__name__}.{name}") for name in figures.SUBMODULES]
DRAWINGS = {
    f"{module.__name__[-9:]}.{name}": function
    for module in MODULES
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if function.__module__ == module.__name__
    and not name.startswith("_")
    and inspect.signature(function).return_annotation is plt.Figure
    and not any(p.default is p.empty for p in inspect.signature(function).parameters.values())
}  # a plot of a chapter's own data takes them as arguments, and is drawn in the chapter
each_drawing = pytest.mark.parametrize("name", sorted(DRAWINGS))


class Picture:
    """A drawing, drawn once, and where its words and shapes lie in pixels."""

    def __init__(self, figure: plt.Figure):
        figure.canvas.draw()
        plt.close(figure)
        self.figure = figure
        self.texts = [(t, t.get_window_extent()) for t in figure.findobj(Text) if _is_drawn(t)]
        patches = [patch for ax in figure.axes for patch in ax.patches]
        self.lines = [patch for patch in patches if isinstance(patch, FancyArrowPatch)]
        self.shapes = [
            (patch, patch.get_window_extent())
            for patch in patches
            if isinstance(patch, (FancyBboxPatch, Circle)) and patch.get_facecolor()[3] > 0
        ]


def _is_drawn(text: Text) -> bool:
    """Not what is empty, hidden, or belongs to axes that are switched off."""
    if not text.get_text().strip() or not text.get_visible():
        return False
    return text.axes is None or text.axes.axison or text in text.axes.texts


@functools.cache
def drawn(name: str) -> Picture:
    return Picture(DRAWINGS[name]())


def shrunk(box: Bbox, pixels: float = 1.0) -> Bbox:
    return Bbox.from_extents(box.x0 + pixels, box.y0 + pixels, box.x1 - pixels, box.y1 - pixels)


def holds(outer: Bbox, inner: Bbox) -> bool:
    return all(outer.containsx(x) for x in inner.intervalx) and all(
        outer.containsy(y) for y in inner.intervaly
    )


@each_drawing
def test_no_two_texts_overlap(name):
    for (one, first), (other, second) in itertools.combinations(drawn(name).texts, 2):
        assert not shrunk(first).overlaps(second), f"{one.get_text()!r} on {other.get_text()!r}"


@each_drawing
def test_no_text_leaves_the_sheet(name):
    for text, box in drawn(name).texts:
        assert holds(drawn(name).figure.bbox, box), f"{text.get_text()!r} leaves the sheet"


@each_drawing
def test_no_text_crosses_the_border_of_a_shape(name):
    for text, box in drawn(name).texts:
        for _, shape in drawn(name).shapes:
            apart = not shape.overlaps(shrunk(box))
            assert apart or holds(shape, shrunk(box)), f"{text.get_text()!r} crosses a border"


@each_drawing
def test_no_line_runs_through_a_text(name):
    picture = drawn(name)
    for line in picture.lines:
        (path, *_), _ = line._get_path_in_displaycoord()
        (polygon,) = path.to_polygons(closed_only=False)  # curves as short straight lines
        points = Path(polygon).interpolated(8).vertices
        above = [shape for patch, shape in picture.shapes if patch.zorder > line.zorder]
        for text, box in picture.texts:
            if text.get_bbox_patch() is None and shrunk(box, 2).count_contains(points):
                hidden = any(holds(shape, shrunk(box)) for shape in above)
                assert hidden, f"a line runs through {text.get_text()!r}"


@each_drawing
def test_nothing_is_written_too_small(name):
    sizes = {text.get_fontsize() for text, _ in drawn(name).texts}
    assert sizes and min(sizes) >= SMALL >= 8


@each_drawing
def test_a_drawing_fits_a_notebook(name):
    width, height = drawn(name).figure.get_size_inches()
    assert 3 <= width <= 9 and height <= 6


@each_drawing
def test_a_drawing_says_in_words_what_it_shows(name):
    words = alt_text(DRAWINGS[name])
    assert words.endswith(".") and 12 <= len(words.split()) <= 120


@each_drawing
def test_fills_differ_without_colours(name):
    fills = {to_hex(patch.get_facecolor()) for patch, _ in drawn(name).shapes} - {PANEL}
    greys = sorted(lightness(fill) for fill in fills)
    assert all(high - low > 9 for low, high in itertools.pairwise(greys)), fills


@each_drawing
def test_a_drawing_looks_the_same_whatever_the_style_of_the_page(name):
    with plt.style.context("dark_background"):
        dark = Picture(DRAWINGS[name]())
    assert dark.figure.get_facecolor() == to_rgba(PAPER)
    colours = [[to_hex(text.get_color()) for text, _ in p.texts] for p in (dark, drawn(name))]
    assert colours[0] == colours[1]


# What the drawings say is so.


@pytest.fixture(scope="module")
def table():
    return Table.load_course()


def test_a_digit_is_distorted_as_mnist1d_does_it():
    from mnist1d.data import get_dataset_args, get_templates
    from mnist1d.transform import transform
    from mnist1d.utils import set_seed

    templates = get_templates()
    with kept_global_state():
        set_seed(3)
        expected, _ = transform(templates["x"][5], templates["t"], get_dataset_args())
    assert chapter01.distorted(5, 3)[-1] == pytest.approx(expected)


def test_dimensions_are_lit_one_by_one():
    one, three = (
        Picture(chapter02.three_dimensions(lit)) for lit in (["space"], chapter02.DIMENSIONS)
    )
    assert [
        sum(to_hex(p.get_facecolor()) == SOFT for p, _ in each.shapes) for each in (one, three)
    ] == [1, 3]
    with pytest.raises(ValueError, match="Did you mean 'strategy'"):
        chapter02.three_dimensions(["strategie"])


def test_three_encodings_are_one_of_two_networks_and_are_counted_right():
    space = EdgeCellSpace()
    marks = [space.graph(architecture).fingerprint() for architecture in chapter04.ENCODINGS]
    assert len(set(marks[:3])) == 1 and marks[3] != marks[0]
    for mark, count in zip(marks[::3], chapter04.COUNTS):
        operations = {
            sorted_operations(space.graph(a)): mark for a, mark in zip(chapter04.ENCODINGS, marks)
        }
        likely = (each for each in space if sorted_operations(space.graph(each)) in operations)
        assert sum(space.graph(each).fingerprint() == mark for each in likely) == count


def sorted_operations(graph) -> tuple[str, ...]:
    return tuple(sorted(graph.pruned().operations))


@pytest.mark.parametrize(
    ("trials", "expected"), [(1, 0.0), (10, 1.539), (100, 2.508), (1000, 3.241)]
)
def test_the_best_of_equal_networks_is_optimistic(trials, expected):
    scores = np.linspace(
        -8, 8, 4001
    )  # order statistics of the normal distribution (Teichroew 1956)
    density = chapter05.density_of_best(scores, trials)
    assert np.trapezoid(density, scores) == pytest.approx(1)
    assert np.trapezoid(scores * density, scores) == pytest.approx(expected, abs=1e-3)


def test_the_window_is_a_convolution():
    image = chapter07.one_of_the_digits(1)
    expected = scipy.signal.correlate2d(image, chapter07.KERNEL, mode="same")
    assert chapter07.convolved(image) == pytest.approx(expected, abs=1e-5)


def test_the_rows_of_the_table_are_the_tables(table):
    for row, (parameters, *accuracies) in chapter10.ROWS.items():
        assert table.proxy("parameters")[row, 0] == parameters
        assert table.column("val_accuracy")[row] == pytest.approx(accuracies, abs=5.1e-5)
    rows = {table.row(Architecture(values)) for values in chapter10.QUERIES}
    assert rows == {chapter10.ANSWER} and len(table) == 8765


def test_the_climb_gets_stuck_and_the_walk_gets_away():
    heights = chapter11.landscape()
    stuck = chapter11.climb(heights, chapter11.START)[-1]
    assert heights[stuck] == max(heights[stuck - 1 : stuck + 2]) < max(heights)
    walk = chapter11.anneal(heights, chapter11.START, chapter11.SEED)
    assert heights[walk[-1]] == max(heights) and min(np.diff(heights[walk])) < 0


def test_the_posterior_knows_what_was_measured():
    mean, deviation = chapter13.posterior()
    known = [int(np.abs(chapter13.GRID - x).argmin()) for x in chapter13.RESULTS]
    assert mean[known] == pytest.approx(chapter13.measured(), abs=0.01)
    assert deviation[known].max() < 0.02 < 0.5 < deviation.max()
    assert chapter13.prior_draws(4000).std(axis=0) == pytest.approx(1, abs=0.06)


def test_a_step_of_reinforce_has_the_numbers_of_its_text():
    after = [f"{value:.2f}" for value in chapter14.one_step()[1]]
    assert all(value in alt_text(chapter14.policy_loop) for value in after)


def test_the_bracket_has_the_tables_numbers(table):
    nine = np.sort(np.random.default_rng(0).choice(len(table), 9, replace=False))
    going = list(chapter15.NINE)
    for place, rung in enumerate(chapter15.RUNGS):
        assert set(going) == {n for n, values in chapter15.NINE.items() if len(values) > place}
        seen = dict(zip("ABCDEFGHI", table.column("val_accuracy", rung)[nine, 0]))
        for name in going:
            assert chapter15.NINE[name][place] == pytest.approx(seen[name], abs=5.1e-4)
        going = sorted(going, key=seen.get, reverse=True)[: len(going) // 3]


def test_promotions_are_those_of_a_search_in_the_table(table):
    for kind in chapter15.SEEN:
        found = search(kind(table.space, seed=0), TableEvaluator(table), trials=16, progress=False)
        assert [t.value("val_accuracy") for t in found] == pytest.approx(
            chapter15.SEEN[kind], abs=5.1e-5
        )
        assert [t.candidate for t in found] == [t.candidate for t in chapter15.replayed(kind)]


def test_hyperbands_brackets_cost_what_is_written():
    costs = [round(chapter15.bracket_cost(skipped), 1) for skipped in range(3)]
    assert costs == [11.7, 11.7, 15.0]
    assert [chapter15.bracket_sizes(skipped) for skipped in range(3)] == [[9, 3, 1], [5, 1], [3]]


def test_the_paths_add_up_to_the_output_for_ones():
    output = np.ones(2) @ abs(chapter16.FIRST) @ abs(chapter16.SECOND)
    assert sum(chapter16.paths().values()) == pytest.approx(output) == pytest.approx(4.3)


def test_the_front_and_its_area_are_the_librarys():
    assert "".join(chapter18.NAMES[row] for row in chapter18.FRONT) == "ABCF"
    assert hypervolume(chapter18.POINTS, chapter18.REFERENCE) == 49


def test_workers_are_done_after_eight_and_six_seconds():
    by_two, at_once = (chapter19.schedule(way) for way in (False, True))
    assert max(bar[2] for bar in by_two) == 8 and max(bar[2] for bar in at_once) == 6
    assert chapter19.idle(by_two, 1) == [(1, 4), (5, 8)] and chapter19.idle(at_once, 0) == [(4, 6)]


def test_pairing_turns_a_tie_into_a_difference():
    first, second = chapter20.two_strategies()
    assert chapter20.unpaired_difference(first, second).says == "tie"
    assert paired_difference(second - first).says == "better"
    low, high = scipy.stats.ttest_ind(second, first).confidence_interval()
    assert chapter20.unpaired_difference(first, second)[1:] == pytest.approx((low, high))


def test_the_critical_difference_is_the_librarys():
    scores = pandas.DataFrame(np.random.default_rng(0).normal(size=(12, 4)))
    ours = chapter20.critical_difference(4, 12, chapter20.LEVEL)
    assert ours == pytest.approx(friedman_nemenyi(scores).critical_difference)
    assert chapter20.indistinguishable(ours) == [("A", "B"), ("B", "C"), ("C", "D")]


def test_a_cell_that_calls_drawings_is_described_by_them():
    code = "nas.course.figures.chapter02.three_dimensions(['space'])\nplt.show()"
    assert figures.described(code) == alt_text(chapter02.three_dimensions)
    assert figures.described("plt.plot([1, 2])") == ""


def test_the_figures_are_loaded_on_use():
    program = "import sys, nas_tutorial.course as c; c.figures; print('matplotlib' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert run.stdout.strip() == "False"
