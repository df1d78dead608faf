import inspect

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pytest

from nas_tutorial import course, exercises, graph, plots
from nas_tutorial.graph import Graph


@pytest.fixture
def mode(monkeypatch):
    """Sets the environment variable; None takes it away."""

    def set_to(value: str | None) -> None:
        if value is None:
            monkeypatch.delenv(course.MODE_VARIABLE, raising=False)
        else:
            monkeypatch.setenv(course.MODE_VARIABLE, value)

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


KEPT = sorted(course.HISTORIES.glob("*.jsonl"))


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_a_stored_history_loads_and_has_its_command(path):
    history = course.stored_history(path.stem)
    assert len(history) >= 20 and history.num_bred > 0
    described = (course.HISTORIES / "README.md").read_text(encoding="utf-8")
    assert f"`{path.name}` | `python -m nas_tutorial search" in described


def test_an_unknown_history_is_refused():
    with pytest.raises(ValueError, match=r"a stored history must be one of .*; got 'digit'"):
        course.stored_history("digit")
