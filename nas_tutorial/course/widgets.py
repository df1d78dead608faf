"""Forms and explorers in a notebook: ipywidgets where it can be shown, a picture elsewhere.

They use plain widgets alone, so they work in JupyterLab, on Colab (ipywidgets 7) and in a browser
without a server. A picture is an Image widget, whose bytes are replaced when a control moves.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from nas_tutorial.course.session import is_still

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PIXELS = 100  # an inch of a picture on the page
SHARPNESS = 2  # pixels drawn for each of them


def ipywidgets_or_none():
    """The package ipywidgets; None where it is missing or nothing of it can be shown.

    That is so where a notebook is built or tested (`session.is_still`), and outside a notebook.
    """
    if is_still():
        return None
    try:
        import ipywidgets
        from IPython import get_ipython
    except ImportError:
        return None
    return ipywidgets if getattr(get_ipython(), "kernel", None) is not None else None


@dataclass(frozen=True)
class Control:
    """A setting that the learner changes.

    Args:
        label: What it is called.
        options: The text of each option -> its value.
        value: What is set at first.
        is_slider: Whether the options lie on a slider rather than in a list that drops down.
    """

    label: str
    options: Mapping[str, Any]
    value: Any
    is_slider: bool = True


def explorer(draw: Callable[..., "Figure"], **controls: Control):
    """Controls above a picture that is drawn anew when one of them changes.

    Args:
        draw: Draws the picture, from the value of each control by its name.
        controls: What can be changed, by the argument of `draw` that it sets.

    Returns:
        The controls and the picture as one widget. Where no widget can be shown, None: the picture
        for the first values is shown instead.
    """
    widgets = ipywidgets_or_none()
    if widgets is None:
        import matplotlib.pyplot as plt

        draw(**{name: control.value for name, control in controls.items()})
        plt.show()
        return None
    chosen = {name: _widget(widgets, control) for name, control in controls.items()}
    picture = widgets.Image(format="png")

    def refresh(_=None) -> None:
        figure = draw(**{name: widget.value for name, widget in chosen.items()})
        picture.width = str(round(PIXELS * figure.get_size_inches()[0]))
        picture.value = png(figure)

    for widget in chosen.values():
        widget.observe(refresh, "value")
    refresh()
    row = widgets.HBox(tuple(chosen.values()), layout={"flex_flow": "row wrap"})
    return widgets.VBox((row, picture))


def png(figure: "Figure") -> bytes:
    """A picture's bytes. The figure is closed, so that the notebook does not show it as well."""
    import matplotlib.pyplot as plt

    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=SHARPNESS * PIXELS)
    plt.close(figure)
    return buffer.getvalue()


def _widget(widgets, control: Control):
    settings = {
        "options": tuple(control.options.items()),
        "value": control.value,
        "description": control.label,
        "style": {"description_width": "initial"},
    }
    if not control.is_slider:
        return widgets.Dropdown(**settings, layout={"width": "auto"})
    return widgets.SelectionSlider(**settings, continuous_update=False, layout={"width": "26em"})
