import itertools
import math

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import FancyArrowPatch

from nas_tutorial.reporting.diagrams import (
    DEEP,
    FILLS,
    INK,
    PANEL,
    PAPER,
    Shape,
    alt_text,
    arrow,
    box,
    bracket,
    chart,
    circle,
    ink_on,
    lightness,
    route,
    sheet,
    strip,
)


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def test_a_unit_of_the_sheet_is_an_inch():
    ax = sheet(4, 2)
    ax.figure.canvas.draw()
    across, up = ax.transData.transform((1, 1)) - ax.transData.transform((0, 0))
    assert across == pytest.approx(ax.figure.dpi) and up == pytest.approx(ax.figure.dpi)


def test_axes_for_numbers_lie_where_they_were_put():
    ax = sheet(4, 2)
    numbers = chart(ax, (1, 0.5), (2, 1))
    assert numbers.get_position().bounds == pytest.approx((1 / 4, 0.5 / 2, 2 / 4, 1 / 2))


@pytest.mark.parametrize("angle", np.linspace(0, 2 * np.pi, 9))
def test_the_border_of_a_circle_is_its_radius_away(angle):
    shape = Shape(1, 2, 0.6, 0.6, is_round=True)
    towards = 1 + 5 * math.cos(angle), 2 + 5 * math.sin(angle)
    assert math.dist((1, 2), shape.border(towards, gap=0.1)) == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("towards", "border"),
    [
        ((9, 2), (2, 2)),
        ((-9, 2), (0, 2)),
        ((1, 9), (1, 2.5)),
        ((3, 3), (2, 2.5)),
        ((1.5, 4), (1.125, 2.5)),
    ],
)
def test_the_border_of_a_box_is_where_a_line_leaves_it(towards, border):
    assert Shape(1, 2, 2, 1).border(towards, gap=0) == pytest.approx(border)


def test_an_arrow_ends_at_the_borders_and_bends_to_its_left():
    ax = sheet(4, 2)
    one, two = box(ax, 0.5, 1, width=0.6), circle(ax, 3.5, 1, radius=0.2)
    assert arrow(ax, one, two, at=0) == pytest.approx((0.84, 1))
    assert arrow(ax, one, two, at=1) == pytest.approx((3.26, 1))
    assert arrow(ax, one, two, bend=0.2)[1] > 1 > arrow(ax, one, two, bend=-0.2)[1]


def test_a_route_begins_and_ends_where_it_should_and_cuts_its_corners():
    ax = sheet(4, 2)
    route(ax, [(0.5, 0.5), (2, 0.5), (2, 1.5)])
    (line,) = (patch for patch in ax.patches if isinstance(patch, FancyArrowPatch))
    (path, *_), _ = line._get_path_in_displaycoord()
    (points,) = path.to_polygons(closed_only=False)
    inches = points / ax.figure.dpi
    assert inches[0] == pytest.approx((0.5, 0.5)) and inches[-1] == pytest.approx(
        (2, 1.5), abs=0.05
    )
    assert np.linalg.norm(inches - (2, 0.5), axis=1).min() > 0.02


def test_a_strip_has_a_cell_for_each_value():
    shapes = strip(sheet(4, 2), 0.5, 1, ["a", "b", "c"], [PAPER] * 3, width=0.5)
    assert [shape.x for shape in shapes] == pytest.approx([0.75, 1.25, 1.75])


@pytest.mark.parametrize(("start", "end", "spine"), [((1, 1), (3, 1), 1.2), ((3, 1), (1, 1), 0.8)])
def test_a_bracket_has_its_spine_to_the_left_of_its_way(start, end, spine):
    ax = sheet(4, 2)
    bracket(ax, start, end, depth=0.2)
    assert ax.lines[0].get_ydata() == pytest.approx([1, spine, spine, 1])


def test_lightness_goes_from_black_to_white():
    assert lightness("black") == pytest.approx(0, abs=0.1)
    assert lightness("white") == pytest.approx(100, abs=0.1)
    assert lightness("#777777") == pytest.approx(50, abs=1)  # CIELAB's middle grey
    assert ink_on(PAPER) == INK and ink_on(DEEP) == PAPER


def test_the_fills_can_be_told_apart_in_grey_and_read_on():
    greys = sorted(lightness(fill) for fill in set(FILLS) - {PANEL})
    assert all(high - low > 9 for low, high in itertools.pairwise(greys))
    for fill in FILLS:
        assert abs(lightness(ink_on(fill)) - lightness(fill)) > 40


def test_the_alternative_text_is_the_first_paragraph_in_one_line():
    def drawing():
        """A box and
        a circle.

        More.
        """

    assert alt_text(drawing) == "A box and a circle."
    assert alt_text(lambda: None) == ""


def test_words_in_a_box_are_light_where_the_box_is_dark():
    ax = sheet(4, 2)
    box(ax, 1, 1, "dark", fill=DEEP)
    assert to_hex(ax.texts[0].get_color()) == PAPER
