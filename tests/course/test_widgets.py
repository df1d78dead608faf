import io
import sys
from types import SimpleNamespace

import matplotlib

matplotlib.use("Agg")

import IPython
import ipywidgets
import matplotlib.pyplot as plt
import pytest
from PIL import Image

from nas_tutorial.course import session, widgets
from nas_tutorial.course.widgets import Control, explorer, ipywidgets_or_none, png

CONTROLS = {
    "height": Control("height", {"low": 2, "high": 3}, 3),
    "colour": Control("colour", {"dark": "black", "light": "white"}, "white", is_slider=False),
}


@pytest.fixture
def notebook(monkeypatch):
    """As in a notebook's kernel."""
    monkeypatch.delenv(session.STILL_VARIABLE, raising=False)
    monkeypatch.setattr(IPython, "get_ipython", lambda: SimpleNamespace(kernel=object()))


@pytest.fixture
def seen() -> list:
    """What was drawn, as (height, colour)."""
    yield (calls := [])
    plt.close("all")
    assert all(call in [(h, c) for h in (2, 3) for c in ("black", "white")] for call in calls)


def drawing(seen):
    def draw(height, colour):
        seen.append((height, colour))
        return plt.figure(figsize=(4, height), facecolor=colour)

    return draw


def picture(box) -> Image.Image:
    return Image.open(io.BytesIO(box.children[1].value))


def test_widgets_are_shown_in_a_notebook(notebook, monkeypatch):
    assert ipywidgets_or_none() is ipywidgets
    monkeypatch.setenv(session.STILL_VARIABLE, "1")
    assert ipywidgets_or_none() is None


@pytest.mark.parametrize("missing", ["ipywidgets", "IPython"])
def test_nothing_breaks_without_them(missing, notebook, monkeypatch):
    monkeypatch.setitem(sys.modules, missing, None)
    assert ipywidgets_or_none() is None


def test_a_terminal_shows_none(notebook, monkeypatch):
    monkeypatch.setattr(IPython, "get_ipython", lambda: SimpleNamespace())
    assert ipywidgets_or_none() is None


def test_the_picture_follows_the_controls(notebook, seen):
    box = explorer(drawing(seen), **CONTROLS)
    assert picture(box).size == (800, 600) and box.children[1].width == "400"
    assert picture(box).getpixel((9, 9))[:3] == (255, 255, 255)
    height, colour = box.children[0].children
    assert (type(height), type(colour)) == (ipywidgets.SelectionSlider, ipywidgets.Dropdown)
    height.label = "low"
    colour.value = "black"
    assert picture(box).size == (800, 400) and picture(box).getpixel((9, 9))[:3] == (0, 0, 0)
    assert seen == [(3, "white"), (2, "white"), (2, "black")]


def test_no_figure_is_left_for_the_notebook_to_show_again(notebook, seen):
    explorer(drawing(seen), **CONTROLS)
    assert plt.get_fignums() == []


def test_where_outputs_are_compared_there_is_the_first_picture_alone(seen, monkeypatch):
    monkeypatch.setenv(session.STILL_VARIABLE, "1")
    shown = []
    monkeypatch.setattr(plt, "show", lambda: shown.append(plt.gcf()))
    assert explorer(drawing(seen), **CONTROLS) is None
    assert seen == [(3, "white")] and shown == [plt.gcf()]


def test_a_picture_is_a_png_and_its_figure_is_closed():
    figure = plt.figure(figsize=(1, 1))
    assert png(figure).startswith(b"\x89PNG") and plt.get_fignums() == []


def test_pictures_are_sharp():
    assert Image.open(io.BytesIO(png(plt.figure(figsize=(3, 2))))).size == (600, 400)
    assert widgets.PIXELS * widgets.SHARPNESS == 200
