import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest

from nas_tutorial.course.explorers.maximum import NUMBERS, best_of, draw_maximum, explore_maximum

EXPECTED = {
    1: 0.0,
    2: 0.56419,
    5: 1.16296,
    10: 1.53875,
    100: 2.50759,
    1000: 3.24144,
}  # Teichroew 1956


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize("n", EXPECTED)
def test_the_optimism_is_that_of_normal_order_statistics(n):
    best = best_of(n, 0.02, 0.7)
    assert best.optimism == pytest.approx(0.02 * EXPECTED[n], abs=1e-6)
    assert best.expected == pytest.approx(0.7 + best.optimism)


@pytest.mark.parametrize("n", NUMBERS)
def test_the_density_is_one(n):
    best = best_of(n, 0.02, 0.7)
    assert np.trapezoid(best.density, best.values) == pytest.approx(1, abs=1e-4)
    mean = np.trapezoid(best.density * best.values, best.values)
    assert mean == pytest.approx(best.expected, abs=1e-4)


def test_it_agrees_with_simulation():
    rng = np.random.default_rng(0)
    drawn = rng.normal(0.9, 0.01, size=(4000, 20)).max(axis=1)
    assert best_of(20, 0.01, 0.9).expected == pytest.approx(drawn.mean(), abs=4 * drawn.std() / 63)


def test_the_picture_shows_them():
    ax = draw_maximum(10, 0.0047, 0.9).axes[1]
    best = best_of(10, 0.0047, 0.9)
    assert ax.get_title() == "the best of 10 shows 0.9072 on average, 0.0072 too much"
    assert ax.lines[1].get_ydata() == pytest.approx(best.density)
    assert ax.lines[2].get_xdata()[0] == 0.9 and ax.lines[3].get_xdata()[0] == best.expected


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"sd": 0}, "sd must be a finite number above 0, got 0"),
        ({"mean": None}, "mean must be a finite number, got None"),
        ({"n": 0}, r"n must be a whole number in \[1, 10,000\], got 0"),
        ({"n": 1.5}, "n must be a whole number"),
    ],
)
def test_other_numbers_are_refused(arguments, complaint):
    with pytest.raises(ValueError, match=complaint):
        explore_maximum(**arguments)
