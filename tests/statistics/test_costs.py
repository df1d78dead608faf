import math

import numpy as np
import pytest

from nas_tutorial.statistics.costs import total_cost


def test_searches_are_paid_for_k_times_and_the_final_training_once():
    cost = total_cost(100, validation_seconds=10, final_seconds=3, runs=5)
    assert cost == 5 * (100 + 10) + 3


def test_one_search_without_anything_after_it_costs_itself():
    assert total_cost(12.5) == 12.5


@pytest.mark.parametrize("name", ["validation_seconds", "final_seconds"])
@pytest.mark.parametrize("value", [-1, math.nan, math.inf, "3"])
def test_times_are_finite_and_not_negative(name, value):
    with pytest.raises(ValueError, match=name):
        total_cost(1, **{name: value})


def test_the_search_has_a_time():
    with pytest.raises(
        ValueError, match="search_seconds must be a finite number at least 0, got -2"
    ):
        total_cost(-2)


@pytest.mark.parametrize("runs", [0, -1, 2.5, None])
def test_at_least_one_whole_search_was_run(runs):
    with pytest.raises(ValueError, match="runs must be a whole number at least 1"):
        total_cost(1, runs=runs)


def test_numbers_of_numpy_will_do():
    assert total_cost(np.float32(2), runs=np.int64(3)) == 6
