import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import FancyBboxPatch, Rectangle

from nas_tutorial.course.predictions.guesses import NumberGuess, OptionGuess
from nas_tutorial.course.predictions.pictures import beside_the_truth, draw_band
from nas_tutorial.reporting.diagrams import PAPER, SOFT, WARM


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def line_of(guess: NumberGuess):
    """The axes with the line of numbers."""
    return beside_the_truth("4.a", guess).axes[1]


def texts(figure) -> list[str]:
    return [text.get_text() for ax in figure.axes for text in ax.texts]


@pytest.mark.parametrize(
    ("log", "low", "truth", "verdict"),
    [(False, 1, 500, "hit"), (True, 1, 20, "miss"), (False, 0, 900, "hit"), (True, 1, 5000, "miss")],
)  # fmt: skip
def test_the_range_and_the_truth_stand_on_the_line(log, low, truth, verdict):
    guess = NumberGuess("How many?", low, 1000, log, "s", (300, 900), truth)
    numbers = line_of(guess)
    (band,) = (patch for patch in numbers.patches if isinstance(patch, Rectangle))
    assert (band.get_x(), band.get_x() + band.get_width()) == pytest.approx((300, 900))
    mark, tip = numbers.lines
    assert set(mark.get_xdata()) == set(tip.get_xdata()) == {truth}
    assert numbers.get_xlim() == (low, max(1000, truth))
    assert numbers.get_xscale() == ("log" if log else "linear")
    assert f"Guess 4.a: {verdict}" in texts(numbers.figure)
    says = f"The truth is {truth:,} s; your range is 300 to 900."
    assert says in texts(numbers.figure)


def test_a_truth_that_has_no_logarithm_is_drawn_all_the_same():
    numbers = line_of(NumberGuess("How many?", 1, 1000, True, "", (300, 900), 0))
    assert numbers.get_xscale() == "linear" and numbers.get_xlim() == (0, 1000)


def test_no_words_leave_the_sheet_or_overlap():
    guess = NumberGuess("?", 1, 10**6, False, "simulated seconds", (123_456, 987_654), 10**7)
    figure = beside_the_truth("22.e", guess)
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    boxes += [
        tick.get_window_extent() for tick in figure.axes[1].get_xticklabels() if tick.get_text()
    ]
    assert all(figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1 for box in boxes)
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


@pytest.mark.parametrize(
    ("truth", "fills", "said"),
    [
        ("b", [PAPER, WARM, PAPER], ["", "right; your choice, 75 % sure", ""]),
        ("a", [WARM, SOFT, PAPER], ["right", "your choice, 75 % sure", ""]),
    ],
)
def test_the_chosen_and_the_right_option_are_marked(truth, fills, said):
    figure = beside_the_truth("4.b", OptionGuess("Which?", ("a", "b", "c"), "b", 75, truth))
    boxes = [patch for patch in figure.axes[0].patches if isinstance(patch, FancyBboxPatch)]
    assert [to_hex(box.get_facecolor()) for box in boxes] == fills
    assert [box.get_linewidth() > 1 for box in boxes] == [False, True, False]
    first, *rest = texts(figure)
    assert first == f"Guess 4.b: {'hit' if truth == 'b' else 'miss'}"
    assert rest[1::2] == said


@pytest.mark.parametrize("axis", ["x", "y"])
def test_a_band_marks_the_guess_in_a_plot(axis):
    _, ax = plt.subplots()
    ax.plot([0, 1000], [0, 1000])
    draw_band(ax, NumberGuess("?", 0, 1000, guess=(300, 900)), axis)
    (band,) = ax.patches
    start, length = (band.get_x, band.get_width) if axis == "x" else (band.get_y, band.get_height)
    assert (start(), start() + length()) == (300, 900)
    assert ax.get_legend_handles_labels()[1] == ["your guess"]
    assert band.get_zorder() < ax.lines[0].get_zorder()
