import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest

from nas_tutorial.course.explorers.annealing import (
    NUM_STEPS,
    acceptance,
    draw_annealing,
    explore_annealing,
    visits,
    walk,
)
from nas_tutorial.course.figures.chapter11 import START, climb, landscape

HEIGHTS = landscape()


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def test_acceptance_falls_to_1_over_e_at_the_temperature():
    assert acceptance(np.array([0, 0.1, 0.2]), 0.1) == pytest.approx([1, np.exp(-1), np.exp(-2)])
    assert acceptance(np.array([0, 0.1]), 0).tolist() == [1, 0]


@pytest.mark.parametrize("temperature", [0.05, 0.2, 1])
def test_steps_down_are_accepted_as_often_as_the_curve_says(temperature):
    flat = np.array([0.5, 0.4] * 5)  # each step up or down is 0.1
    walked = walk(flat, 0, temperature, 20_000, 0)
    expected = acceptance(np.array(0.1), temperature)
    share = walked.num_accepted / walked.num_down
    assert share == pytest.approx(expected, abs=4 * (expected / walked.num_down) ** 0.5)


def test_at_temperature_zero_a_walk_is_local_search():
    walked = walk(HEIGHTS, START, 0, NUM_STEPS, 3)
    assert walked.num_accepted == 0 and walked.places[-1] == climb(HEIGHTS, START)[-1]
    assert (np.diff(HEIGHTS[walked.places]) >= 0).all()


def test_a_hot_walk_goes_everywhere_and_a_warm_one_stays_high():
    hot, warm = (visits(walk(HEIGHTS, START, t, 20_000, 0), HEIGHTS) for t in (50, 0.15))
    assert hot.min() > 0.7 * hot.mean() and hot.max() < 1.4 * hot.mean()
    assert (HEIGHTS @ warm) / warm.sum() > 1.3 * HEIGHTS.mean()


def test_steps_go_to_a_neighbour():
    walked = walk(HEIGHTS, START, 0.2, NUM_STEPS, 0)
    assert walked.places.shape == (NUM_STEPS + 1,) and walked.places[0] == START
    assert (np.abs(np.diff(walked.places)) <= 1).all() and walked.num_accepted <= walked.num_down


def test_the_picture_shows_them():
    figure = draw_annealing(0.15, 1)
    left, right = figure.axes[1:]
    walked = walk(HEIGHTS, START, 0.15, NUM_STEPS, 1)
    curve = left.lines[0]
    assert curve.get_ydata() == pytest.approx(acceptance(curve.get_xdata(), 0.15))
    number = visits(walked, HEIGHTS)
    assert right.collections[1].get_sizes().tolist() == (4 * number[number > 0]).tolist()
    assert right.get_title() == (
        f"{walked.num_accepted} of {walked.num_down} steps down accepted; "
        f"network {number.argmax() + 1} visited most"
    )


@pytest.mark.parametrize("temperature", [-0.1, None, float("inf")])
def test_another_temperature_is_refused(temperature):
    with pytest.raises(ValueError, match="temperature must be a finite number at least 0"):
        explore_annealing(temperature)
