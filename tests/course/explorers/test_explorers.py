"""What holds for every explorer: a picture where outputs are compared, and nothing that must be there."""

import subprocess
import sys

import matplotlib

matplotlib.use("Agg")

import IPython
import ipywidgets
import matplotlib.pyplot as plt
import pytest

import nas_tutorial as nas
from nas_tutorial import course
from nas_tutorial.course import session, widgets
from tests import ROOT

TABLE = nas.Table.load_course()
HISTORY = course.stored_history("digits")[:12]
EXPLORERS = {
    "explore_cell": lambda: course.explore_cell(TABLE),
    "explore_maximum": lambda: course.explore_maximum(),
    "explore_annealing": lambda: course.explore_annealing(),
    "explore_acquisition": lambda: course.explore_acquisition(),
    "explore_population": lambda: course.explore_population(HISTORY, nas.Genetic(TABLE.space)),
}
each_explorer = pytest.mark.parametrize("name", EXPLORERS)


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


@each_explorer
def test_where_outputs_are_compared_there_is_one_picture(name, monkeypatch, capsys):
    monkeypatch.setenv(session.STILL_VARIABLE, "1")
    shown = []
    monkeypatch.setattr(plt, "show", lambda: shown.append(plt.get_fignums()))
    assert EXPLORERS[name]() is None
    assert len(shown) == 1 and len(shown[0]) == 1
    assert capsys.readouterr() == ("", "")


@each_explorer
def test_every_option_of_every_control_can_be_drawn(name, monkeypatch, capsys):
    monkeypatch.delenv(session.STILL_VARIABLE, raising=False)
    monkeypatch.setattr(IPython, "get_ipython", lambda: type("Shell", (), {"kernel": 1})())
    monkeypatch.setattr(widgets, "SHARPNESS", 0.5)  # to be quick
    box = EXPLORERS[name]()
    controls, picture = box.children
    assert isinstance(picture, ipywidgets.Image) and plt.get_fignums() == []
    for control in controls.children:
        for label, value in control.options:
            before, changes = picture.value, value != control.value
            control.value = value
            assert (picture.value != before) is changes, f"{control.description} {label}"
    assert capsys.readouterr() == ("", "")


@each_explorer
def test_no_words_overlap_or_leave_the_sheet(name, monkeypatch):
    monkeypatch.setenv(session.STILL_VARIABLE, "1")
    EXPLORERS[name]()
    figure = plt.gcf()
    figure.canvas.draw()
    words = [text for ax in figure.axes for text in [*ax.texts, ax.title, ax.xaxis.label]]
    boxes = [(w.get_text(), w.get_window_extent()) for w in words if w.get_text()]
    for place, (text, box) in enumerate(boxes):
        assert figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1, text
        assert figure.bbox.y0 <= box.y0 and box.y1 <= figure.bbox.y1, text
        assert not any(box.overlaps(other) for _, other in boxes[:place]), text


WITHOUT = """
import sys
for name in ("keras", "tensorflow", "jax", "ipywidgets", "IPython"):
    sys.modules[name] = None
import matplotlib
matplotlib.use("Agg")
import nas_tutorial as nas
table = nas.Table.load_course()
history = nas.search(nas.Genetic(table.space), nas.TableEvaluator(table), trials=9, progress=False)
nas.course.explore_cell(table)
nas.course.explore_maximum()
nas.course.explore_annealing()
nas.course.explore_acquisition()
nas.course.explore_population(history, nas.Genetic(table.space))
nas.course.predict("4.a", "How many?", low=1, high=9)
nas.course.reveal("4.a", 3)
nas.course.calibration("04")
"""


def test_they_need_neither_widgets_nor_keras():
    run = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, cwd=ROOT)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("Guess 4.a: How many? Write down a range")


def test_importing_the_course_loads_no_widgets_and_no_matplotlib():
    program = "import sys, nas_tutorial.course as c; c.predict, c.settings; "
    program += "print({'ipywidgets', 'IPython', 'matplotlib', 'scipy'} & set(sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert run.stdout.strip() == "set()"
