import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF

from nas_tutorial.course.explorers.acquisition import (
    RULES,
    draw_acquisition,
    explore_acquisition,
    function,
    optimise,
)
from nas_tutorial.course.figures.chapter13 import GRID, NOISE, RESULTS
from nas_tutorial.strategies.gaussian_process import expected_improvement


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize("length", [0.4, 1.2, 3.0])
def test_the_posterior_is_that_of_scikit_learn(length):
    now = optimise(length, 2, RULES[0])
    x, y = GRID[now.points], function(GRID[now.points, 0])
    other = GaussianProcessRegressor(RBF(length), alpha=NOISE**2, optimizer=None, normalize_y=True)
    mean, deviation = other.fit(x, y).predict(GRID, return_std=True)
    assert now.mean == pytest.approx(mean, abs=2e-3)
    assert now.deviation == pytest.approx(deviation, abs=5e-3)


def test_the_first_points_are_those_of_the_chapter():
    assert GRID[optimise(1.2, 0, RULES[0]).points, 0] == pytest.approx(RESULTS[:, 0])


@pytest.mark.parametrize("rule", RULES)
def test_each_point_is_where_the_rule_was_largest_before(rule):
    rounds = [optimise(1.2, number, rule) for number in range(4)]
    assert rounds[3].points[4:].tolist() == [now.next for now in rounds[:3]]
    for now in rounds:
        best = function(GRID[now.points, 0]).max()
        expected = {
            "expected improvement": expected_improvement(now.mean, now.deviation, best),
            "largest mean": now.mean,
            "widest band": now.deviation,
        }[rule]
        assert now.acquisition == pytest.approx(expected)


def test_expected_improvement_finds_the_maximum_and_the_widest_band_covers_the_line():
    def best(rule, rounds):
        return function(GRID[optimise(1.2, rounds, rule).points, 0]).max()

    assert best("expected improvement", 3) > function(GRID[:, 0]).max() - 1e-3
    assert best("expected improvement", 3) > best("widest band", 3)
    widest = np.sort(GRID[optimise(1.2, 6, "widest band").points, 0])
    assert np.diff(widest).max() <= 2


def test_the_picture_shows_them():
    figure = draw_acquisition(0.9, 2, RULES[0])
    above, below = figure.axes[1:]
    now = optimise(0.9, 2, RULES[0])
    assert above.lines[0].get_ydata() == pytest.approx(now.mean)
    assert above.collections[1].get_offsets().data[:, 0] == pytest.approx(GRID[now.points, 0])
    assert below.lines[0].get_ydata() == pytest.approx(now.acquisition)
    assert set(below.lines[1].get_xdata()) == {GRID[now.next, 0]}
    assert above.get_title().startswith("6 points; the best is ")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"length": 0}, "length must be a finite number above 0, got 0"),
        ({"rounds": 11}, r"rounds must be a whole number in \[0, 10\], got 11"),
        ({"rule": "widest bend"}, "Did you mean 'widest band'"),
    ],
)
def test_other_settings_are_refused(arguments, complaint):
    with pytest.raises(ValueError, match=complaint):
        explore_acquisition(**arguments)
