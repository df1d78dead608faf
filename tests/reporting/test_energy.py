"""energy: seconds times a few factors."""

import math

import pytest

from nas_tutorial.reporting.energy import energy_kwh


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
