import inspect
import math
import os
import re
import runpy
import sys
from base64 import b64decode
from io import BytesIO

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pytest
from IPython.core.interactiveshell import InteractiveShell

from nas_tutorial import course
from nas_tutorial.course import exercises, session
from nas_tutorial.course.exercises import progress
from nas_tutorial.course.histories import HISTORIES
from nas_tutorial.reporting import plots
from nas_tutorial.spaces import graph
from nas_tutorial.spaces.graph import Graph
from sources import build
from tests import ROOT


@pytest.fixture
def mode(monkeypatch):
    """Sets the environment variable; None takes it away."""

    def set_to(value: str | None) -> None:
        if value is None:
            monkeypatch.delenv(session.MODE_VARIABLE, raising=False)
        else:
            monkeypatch.setenv(session.MODE_VARIABLE, value)

    return set_to


def test_quick_is_the_default(mode):
    mode(None)
    assert course.settings().mode == "quick"


@pytest.mark.parametrize("name", ["quick", "full"])
def test_the_environment_variable_chooses(name, mode):
    mode(name)
    assert course.settings().mode == name


def test_full_computes_more_of_everything(mode):
    mode("quick")
    quick = course.settings()
    mode("full")
    full = course.settings()
    assert full.trials > quick.trials > 0
    assert full.epochs > quick.epochs > 0
    assert full.seeds > quick.seeds > 1  # one seed decides nothing


@pytest.mark.parametrize(("name", "advice"), [("ful", "Did you mean 'full'"), ("", "Choose one")])
def test_another_mode_is_refused(name, advice, mode):
    mode(name)
    complaint = "the environment variable NAS_TUTORIAL_MODE must be one of full, quick; "
    complaint += f"got '{name}'. {advice}"
    with pytest.raises(ValueError) as caught:
        course.settings()
    assert str(caught.value).startswith(complaint)


def test_settings_cannot_be_changed_by_accident(mode):
    mode(None)
    with pytest.raises(AttributeError):
        course.settings().trials = 1


def test_show_gives_the_source_of_what_runs():
    shown = course.show(Graph.pruned)
    assert shown.data == inspect.getsource(Graph.pruned).rstrip()
    assert shown.language == "python"
    assert "def pruned" in shown._repr_html_() or "pruned" in shown._repr_html_()


def test_show_takes_several_things_and_modules():
    shown = course.show(Graph.predecessors, Graph.successors).data
    first, second = shown.index("def predecessors"), shown.index("def successors")
    assert 0 <= first < second
    assert "\n\n" in shown[first:second]
    assert course.show(graph).data == inspect.getsource(graph).rstrip()


def test_show_refuses_what_has_no_source():
    with pytest.raises(TypeError):
        course.show(3)


def test_check_is_that_of_the_exercises():
    assert course.check is exercises.check


def test_start_sets_the_style_quiets_keras_and_returns_the_settings(mode):
    from nas_tutorial.backend import keras

    mode("full")
    keras.utils.enable_interactive_logging()
    with plt.rc_context():
        plt.rcdefaults()
        settings = course.start()
        assert {key: plt.rcParams[key] for key in plots.STYLE} == {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in plots.STYLE.items()
        }
    assert not keras.utils.is_interactive_logging_enabled()
    assert settings == course.settings()
    assert settings.mode == "full"


def test_start_says_what_is_wrong_with_the_mode(mode):
    mode("fast")
    with plt.rc_context(), pytest.raises(ValueError, match="NAS_TUTORIAL_MODE"):
        course.start()


def test_training_bytes_by_hand():
    import keras

    from tests.course.memory import training_bytes

    model = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(5), keras.layers.BatchNormalization()]
    )
    weights = 3 * (3 * 5 + 5 + 2 * 5) + 2 * 5  # kernel, bias, scale and shift; mean and variance
    outputs = 3 + 5 + 5 if isinstance(model.layers[0], keras.layers.InputLayer) else 5 + 5
    assert training_bytes(model, 1) == 4 * (weights + 2 * outputs)
    assert training_bytes(model, 7) == 4 * (weights + 7 * 2 * outputs)


@pytest.mark.parametrize(
    ("input_shape", "num_classes", "vocabulary_size", "num_samples"),
    [((28, 28, 1), 10, None, 60_000), ((32, 32, 3), 10, None, 50_000), ((200,), 2, 10_000, 25_000)],
    ids=["fashion_mnist", "cifar10", "imdb"],
)
def test_what_full_mode_trains_needs_a_twelfth_of_a_t4(
    input_shape, num_classes, vocabulary_size, num_samples
):
    from nas_tutorial.spaces.architecture import Architecture
    from nas_tutorial.spaces.chain import ChainSpace
    from nas_tutorial.spaces.edge_cell import EdgeCellSpace
    from nas_tutorial.spaces.skeleton import Skeleton
    from tests.course.memory import training_bytes

    gib, data = 2**30, 4 * num_samples * math.prod(input_shape)
    assert data < 0.6 * gib
    for space, largest in ((EdgeCellSpace(), "nor_conv_3x3"), (ChainSpace(), "nor_conv_5x5")):
        architecture = Architecture((largest,) * len(space.choices))
        model = Skeleton.for_input(input_shape, vocabulary_size).build(
            space.graph(architecture), input_shape, num_classes
        )
        assert training_bytes(model, batch_size=128) < 0.65 * gib
        assert training_bytes(model, batch_size=128) + data < 15 * gib / 12


@pytest.fixture
def machine(monkeypatch):
    """Begins a notebook on a machine with these GPUs, on Colab or not."""
    from nas_tutorial import backend

    def begin(*gpus: str, colab: bool = False) -> None:
        monkeypatch.setattr(backend, "gpus", lambda: list(gpus))
        monkeypatch.delitem(sys.modules, "google.colab", raising=False)
        if colab:
            monkeypatch.setitem(sys.modules, "google.colab", sys)
        with plt.rc_context():
            course.start()

    monkeypatch.delenv(session.STILL_VARIABLE, raising=False)
    return begin


def test_a_machine_without_gpu_is_not_spoken_of(machine, capsys):
    machine()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("colab", [False, True])
def test_a_gpu_is_named(machine, colab, capsys):
    machine("Tesla T4", colab=colab)
    assert capsys.readouterr().out == "Computing on: Tesla T4.\n"


def test_on_colab_one_hears_how_to_get_a_gpu(machine, capsys):
    machine(colab=True)
    said = "Computing on: the CPU. Runtime > Change runtime type lends a GPU.\n"
    assert capsys.readouterr().out == said


def test_where_outputs_are_compared_a_gpu_is_not_spoken_of(machine, monkeypatch, capsys):
    monkeypatch.setenv(session.STILL_VARIABLE, "1")
    machine("Tesla T4")
    assert capsys.readouterr().out == ""


KEPT = sorted(HISTORIES.glob("*.jsonl"))


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_a_stored_history_loads_and_has_its_command(path):
    history = course.stored_history(path.stem)
    assert len(history) >= 20 and history.num_bred > 0
    described = (HISTORIES / "README.md").read_text(encoding="utf-8")
    assert f"`{path.name}` | `python -m nas_tutorial search" in described


def test_an_unknown_history_is_refused():
    with pytest.raises(ValueError, match=r"a stored history must be one of .*; got 'digit'"):
        course.stored_history("digit")


RECORDS = ROOT / "benchmarks" / "records"


@pytest.mark.parametrize("path", sorted(HISTORIES.glob("*.ndjson")), ids=lambda p: p.stem)
def test_stored_records_are_those_of_the_benchmark_and_have_their_command(path):
    assert path.read_bytes() == (RECORDS / f"{path.stem}.jsonl").read_bytes()
    assert all(set(one) == {"job", "values"} for one in course.stored_records(path.stem))
    described = (HISTORIES / "README.md").read_text(encoding="utf-8")
    assert re.search(rf"`{path.name}` \| `.*python benchmarks/{path.stem}.py", described)


def test_unknown_records_are_refused():
    with pytest.raises(ValueError, match=r"stored records must be one of .*; got 'weights'"):
        course.stored_records("weights")


# The replay of a search: a player for a learner, a picture where outputs are compared

SEARCHED = course.stored_history("digits")[:3]


@pytest.fixture
def still(monkeypatch):
    """Sets the switch as build.py and the notebooks' tests do; None takes it away."""

    def set_to(value: str | None) -> None:
        monkeypatch.setenv(session.STILL_VARIABLE, value or "")
        if value is None:
            monkeypatch.delenv(session.STILL_VARIABLE)

    yield set_to
    plt.close("all")


@pytest.mark.parametrize("value", [None, ""])
def test_a_learner_gets_a_player(still, value):
    still(value)
    shown = course.play(SEARCHED)
    assert shown.data.count("data:image/png;base64") == len(SEARCHED)
    assert plt.get_fignums() == []


def test_where_outputs_are_compared_there_is_the_last_frame_alone(still, monkeypatch):
    drawn = []
    monkeypatch.setattr(plt, "show", lambda: drawn.append(plt.gca()))
    still("1")
    assert course.play(SEARCHED, ylim=(0.5, 1)) is None
    (ax,) = drawn
    assert ax.get_title() == f"{len(SEARCHED)} of {len(SEARCHED)} trials" and ax.get_ylim() == (
        0.5,
        1,
    )


def test_notebooks_are_built_and_tested_with_the_switch(still, monkeypatch):
    assert build.STILL == {session.STILL_VARIABLE: "1", progress.VARIABLE: progress.OFF}
    still(None)
    monkeypatch.delenv(progress.VARIABLE, raising=False)
    runpy.run_path(str(ROOT / "conftest.py"))
    assert {name: os.environ[name] for name in build.STILL} == build.STILL


def test_progress_is_printed(monkeypatch, capsys):
    monkeypatch.setenv(progress.VARIABLE, progress.OFF)
    course.progress()
    printed = capsys.readouterr().out
    assert printed.startswith("chapter  solved  attempted  open\n01 ")
    assert printed.endswith(" Nothing is kept here.\n")


def test_pictures_in_a_notebook_are_sharp(mode):
    mode(None)
    before = plt.get_backend()
    shell = InteractiveShell.instance()
    try:
        plt.switch_backend("module://matplotlib_inline.backend_inline")
        course.start()
        figure, _ = plt.subplots(figsize=(3, 2), dpi=100)
        picture, size = shell.display_formatter.formatters["image/png"](figure)
        drawn = plt.imread(BytesIO(b64decode(picture)))
        assert drawn.shape[1] == pytest.approx(2 * size["width"], abs=2)
    finally:
        plt.close("all")
        plt.switch_backend(before)
        InteractiveShell.clear_instance()
