"""Concept drawings: boxes, circles, arrows and strips on a sheet that is measured in inches.

A drawing is a function that returns a figure. The first paragraph of its docstring says in words what
the figure shows, and is the figure's alternative text (`alt_text`). Figures have a white sheet of
their own, so they look alike on a light and on a dark page; the fills differ in lightness, so they
can be told apart in print without colours.

    ax = sheet(6, 2)
    one = box(ax, 1, 1, "strategy", fill=SOFT)
    two = box(ax, 5, 1, "evaluator")
    arrow(ax, one, two, "candidate")
    ax.figure
"""

import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path
from matplotlib.text import Text

INK, LINE, FAINT = "#1f2a35", "#5a6874", "#a9b3bc"  # words; lines; what is switched off
PAPER, PANEL = "#ffffff", "#f1f4f6"  # the sheet; a quiet area on it
SOFT, WARM, DEEP = "#cfe2f3", "#f0a54a", "#1f4e79"  # from light to dark
FILLS = (PAPER, PANEL, SOFT, WARM, DEEP)
SMALL, NORMAL, LARGE = 8.5, 9.5, 11.0  # points; nothing is smaller than SMALL

Point = tuple[float, float]


@dataclass(frozen=True)
class Shape:
    """Where something was drawn: its centre and its size, in inches."""

    x: float
    y: float
    width: float
    height: float
    is_round: bool = False

    @property
    def left(self) -> Point:
        return self.x - self.width / 2, self.y

    @property
    def right(self) -> Point:
        return self.x + self.width / 2, self.y

    @property
    def top(self) -> Point:
        return self.x, self.y + self.height / 2

    @property
    def bottom(self) -> Point:
        return self.x, self.y - self.height / 2

    def border(self, towards: Point, gap: float = 0.04) -> Point:
        """The point of the border in the direction of another point, or `gap` inches outside it."""
        dx, dy = towards[0] - self.x, towards[1] - self.y
        distance = math.hypot(dx, dy)
        if self.is_round:
            reach = self.width / 2
        else:
            sides = [(self.width, dx), (self.height, dy)]
            reach = min(size / 2 / abs(along) for size, along in sides if along) * distance
        share = (reach + gap) / distance
        return self.x + share * dx, self.y + share * dy


def alt_text(drawing: Callable) -> str:
    """What a drawing shows, in words: the first paragraph of its docstring."""
    paragraph = (inspect.getdoc(drawing) or "").split("\n\n")[0]
    return " ".join(paragraph.split())


def sheet(width: float, height: float) -> Axes:
    """An empty white sheet, at most 9 inches wide; one unit of its axes is one inch."""
    figure = plt.figure(figsize=(width, height), layout="none", facecolor=PAPER)
    ax = figure.add_axes((0, 0, 1, 1), facecolor=PAPER)
    ax.set(xlim=(0, width), ylim=(0, height))
    ax.set_axis_off()
    return ax


def chart(
    ax: Axes, corner: Point, size: Point, xlabel: str = "", ylabel: str = "", title: str = ""
) -> Axes:
    """Axes for numbers on a sheet, without ticks until they are set.

    Args:
        ax: The sheet.
        corner: The lower left corner of the axes, in inches.
        size: Width and height of the axes, in inches.
        xlabel, ylabel, title: What they say.
    """
    figure = figure_of(ax)
    width, height = figure.get_size_inches()
    numbers = figure.add_axes(
        (corner[0] / width, corner[1] / height, size[0] / width, size[1] / height), facecolor=PAPER
    )
    numbers.set(xticks=[], yticks=[])
    numbers.grid(False)
    numbers.spines[["top", "right"]].set_visible(False)
    numbers.spines[["left", "bottom"]].set(color=LINE, linewidth=0.9)
    numbers.tick_params(colors=LINE, labelcolor=INK, labelsize=SMALL, width=0.9, length=3)
    numbers.set_xlabel(xlabel, fontsize=SMALL, color=INK)
    numbers.set_ylabel(ylabel, fontsize=SMALL, color=INK)
    numbers.set_title(title, fontsize=NORMAL, color=INK, weight="bold")
    return numbers


def words(
    ax: Axes,
    x: float,
    y: float,
    text: str,
    *,
    size: float = NORMAL,
    color: str = INK,
    ha: str = "center",
    va: str = "center",
    bold: bool = False,
    slanted: bool = False,
    over: str | None = None,
) -> Text:
    """A text; `over` gives it a ground of that colour, so that lines do not run through it."""
    return ax.text(
        x,
        y,
        text,
        fontsize=size,
        color=color,
        ha=ha,
        va=va,
        weight="bold" if bold else "normal",
        style="italic" if slanted else "normal",
        linespacing=1.25,
        zorder=5,
        bbox=over and {"boxstyle": "square,pad=0.2", "facecolor": over, "edgecolor": "none"},
    )


def heading(ax: Axes, x: float, y: float, text: str, *, ha: str = "left") -> Text:
    """The name of a part of the drawing."""
    return words(ax, x, y, text, size=LARGE, ha=ha, bold=True)


def box(
    ax: Axes,
    x: float,
    y: float,
    text: str = "",
    *,
    width: float = 1.0,
    height: float = 0.42,
    fill: str = PAPER,
    edge: str = INK,
    style: str = "-",
    line: float = 1.0,
    rounding: float = 0.07,
    size: float = NORMAL,
    bold: bool = False,
    color: str | None = None,
    zorder: float = 3,
) -> Shape:
    """A box around its centre, with words in it."""
    ax.add_patch(
        FancyBboxPatch(
            (x - width / 2, y - height / 2),
            width,
            height,
            boxstyle=f"round,pad=0,rounding_size={rounding}" if rounding else "square,pad=0",
            facecolor=fill,
            edgecolor=edge,
            linestyle=style,
            linewidth=line,
            zorder=zorder,
        )
    )
    if text:
        words(ax, x, y, text, size=size, bold=bold, color=color or ink_on(fill))
    return Shape(x, y, width, height)


def circle(
    ax: Axes,
    x: float,
    y: float,
    text: str = "",
    *,
    radius: float = 0.18,
    fill: str = PAPER,
    edge: str = INK,
    style: str = "-",
    size: float = NORMAL,
    bold: bool = False,
) -> Shape:
    """A circle with a number or a letter in it."""
    ax.add_patch(Circle((x, y), radius, facecolor=fill, edgecolor=edge, linestyle=style, zorder=3))
    if text:
        words(ax, x, y - 0.01, text, size=size, bold=bold, color=ink_on(fill))
    return Shape(x, y, 2 * radius, 2 * radius, is_round=True)


def badge(ax: Axes, x: float, y: float, number: int | str) -> Shape:
    """The number of a step."""
    return circle(ax, x, y, str(number), radius=0.12, fill=DEEP, edge=DEEP, size=SMALL, bold=True)


def panel(
    ax: Axes, left: float, bottom: float, width: float, height: float, title: str = ""
) -> Shape:
    """A quiet area behind what belongs together, its name in the upper left corner."""
    centre = left + width / 2, bottom + height / 2
    shape = box(
        ax, *centre, width=width, height=height, fill=PANEL, edge=PANEL, rounding=0.1, zorder=0
    )
    if title:
        words(ax, left + 0.12, bottom + height - 0.2, title, ha="left", bold=True)
    return shape


def strip(
    ax: Axes,
    left: float,
    y: float,
    texts: Sequence[str],
    fills: Sequence[str],
    *,
    width: float = 0.6,
    height: float = 0.34,
    size: float = SMALL,
) -> list[Shape]:
    """Values side by side, such as the choices of an architecture; the cell of each is returned."""
    return [
        box(
            ax,
            left + (place + 0.5) * width,
            y,
            text,
            width=width,
            height=height,
            fill=fill,
            line=0.8,
            rounding=0,
            size=size,
        )
        for place, (text, fill) in enumerate(zip(texts, fills, strict=True))
    ]


def arrow(
    ax: Axes,
    start: Shape | Point,
    end: Shape | Point,
    text: str = "",
    *,
    bend: float = 0.0,
    color: str = LINE,
    style: str = "-",
    line: float = 1.3,
    head: bool = True,
    at: float = 0.5,
    zorder: float = 2,
) -> Point:
    """An arrow from one shape or point to another.

    Args:
        ax: The sheet.
        start, end: Shapes, at whose borders the arrow ends, or points.
        text: Words on the arrow, on the sheet's white.
        bend: How far the arrow leaves the straight line to its left, as a share of its length.
        color, style, line: Of the line; `line` is its width in points.
        head: Whether it has a head.
        at: Where on the arrow the words stand, from 0 to 1.
        zorder: Boxes have 3, so that by default an arrow passes behind them.

    Returns:
        The point of the arrow at `at`.
    """
    first, last = _centre(start), _centre(end)
    dx, dy = last[0] - first[0], last[1] - first[1]
    control = (first[0] + dx / 2 - bend * dy, first[1] + dy / 2 + bend * dx)
    first, last = _end(start, control), _end(end, control)
    path = Path([first, control, last], [Path.MOVETO, Path.CURVE3, Path.CURVE3])
    _add_line(ax, path, color=color, style=style, line=line, head=head, zorder=zorder)
    weights = ((1 - at) ** 2, 2 * at * (1 - at), at**2)
    x, y = weights @ np.array([first, control, last])
    if text:
        words(ax, x, y, text, size=SMALL, over=PAPER)
    return float(x), float(y)


def route(ax: Axes, points: Sequence[Point]) -> None:
    """An arrow that goes straight from point to point, with round corners."""
    vertices, codes = [points[0]], [Path.MOVETO]
    for (before, corner), (_, after) in pairwise(pairwise(points)):
        vertices += [_short_of(corner, before), corner, _short_of(corner, after)]
        codes += [Path.LINETO, Path.CURVE3, Path.CURVE3]
    path = Path([*vertices, points[-1]], [*codes, Path.LINETO])
    _add_line(ax, path, color=LINE, style="-", line=1.3, head=True, zorder=2)


def bracket(
    ax: Axes, start: Point, end: Point, text: str = "", *, depth: float = 0.1, gap: float = 0.06
) -> None:
    """A square bracket from one point to another that opens to the right of that way.

    So one that is drawn from left to right has its spine above, and the words above that.
    """
    length = math.dist(start, end)
    normal = (start[1] - end[1]) / length, (end[0] - start[0]) / length
    corners = [(x + depth * normal[0], y + depth * normal[1]) for x, y in (start, end)]
    ax.plot(*zip(start, *corners, end), color=LINE, linewidth=1, solid_capstyle="butt", zorder=2)
    x, y = ((corners[0][i] + corners[1][i]) / 2 + gap * normal[i] for i in (0, 1))
    if text:
        ha = "left" if normal[0] > 0.5 else "right" if normal[0] < -0.5 else "center"
        va = "bottom" if normal[1] > 0.5 else "top" if normal[1] < -0.5 else "center"
        words(ax, x, y, text, size=SMALL, ha=ha, va=va)


def lightness(colour: str) -> float:
    """How light a colour looks, from 0 (black) to 100 (white): L* of CIELAB."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    luminance = float(np.dot((0.2126, 0.7152, 0.0722), linear))
    return 116 * luminance ** (1 / 3) - 16 if luminance > 0.008856 else 903.3 * luminance


def ink_on(fill: str) -> str:
    """The colour in which words can be read on a fill."""
    return INK if lightness(fill) > 60 else PAPER


def figure_of(ax: Axes) -> Figure:
    """The figure of a sheet."""
    figure = ax.get_figure(root=True)
    assert figure is not None  # a sheet is made with its figure
    return figure


def _add_line(
    ax: Axes, path: Path, *, color: str, style: str, line: float, head: bool, zorder: float
) -> None:
    ax.add_patch(
        FancyArrowPatch(
            path=path,
            arrowstyle="-|>" if head else "-",
            mutation_scale=7 + 2 * line,
            color=color,
            linestyle=style,
            linewidth=line,
            capstyle="butt",
            joinstyle="miter",
            zorder=zorder,
        )
    )


def _centre(place: Shape | Point) -> Point:
    return (place.x, place.y) if isinstance(place, Shape) else place


def _end(place: Shape | Point, towards: Point) -> Point:
    return place.border(towards) if isinstance(place, Shape) else place


def _short_of(corner: Point, other: Point, distance: float = 0.12) -> Point:
    """The point at a distance from a corner on the way to another point, at most half of the way."""
    share = min(distance / math.dist(corner, other), 0.5)
    return corner[0] + share * (other[0] - corner[0]), corner[1] + share * (other[1] - corner[1])
