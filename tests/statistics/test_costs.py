import math

import numpy as np
import pytest

from nas_tutorial.statistics.costs import energy_kwh, total_cost


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


def test_an_hour_of_a_kilowatt_is_a_kilowatt_hour():
    assert energy_kwh(3600, memory_gb=0, watts_per_core=1000, pue=1) == pytest.approx(1)


def test_the_energy_by_hand():
    # 12 W of a core and 8 x 0.3725 W = 2.98 W of memory are 14.98 W, by 1.56 they are 23.3688 W;
    # two hours of that
    assert energy_kwh(7200, memory_gb=8) == pytest.approx(0.0467376)


def test_memory_is_paid_for_once_and_cores_each():
    def one(cores, memory):
        return energy_kwh(3600, memory_gb=memory, cores=cores, pue=1)

    assert one(2, 0) == pytest.approx(2 * one(1, 0))
    assert one(2, 4) - one(2, 0) == pytest.approx(one(1, 4) - one(1, 0))


@pytest.mark.parametrize("name", ["cores", "watts_per_core", "watts_per_gb", "memory_gb"])
@pytest.mark.parametrize("value", [-1, math.nan])
def test_factors_are_not_negative(name, value):
    with pytest.raises(ValueError, match=f"{name} must be a finite number at least 0"):
        energy_kwh(1, **{"memory_gb": 1, name: value})


def test_no_data_centre_draws_less_than_its_computers():
    with pytest.raises(ValueError, match=r"pue must be a finite number at least 1, got 0\.9"):
        energy_kwh(1, memory_gb=1, pue=0.9)
