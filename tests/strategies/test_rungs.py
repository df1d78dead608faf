import numpy as np
import pytest

from nas_tutorial.strategies.rungs import checked_rungs, geometric_rungs, num_promoted
from nas_tutorial.tables.course_table import checkpoint_epochs


def test_geometric_rungs_end_with_all_epochs():
    assert geometric_rungs(9) == (1, 3, 9)
    assert geometric_rungs(16, reduction=2, number=5) == (1, 2, 4, 8, 16)
    assert geometric_rungs(5)[-1] == 5


@pytest.mark.parametrize(("reduction", "number"), [(3, 3), (2, 4), (4, 3)])
def test_the_courses_table_has_these_rungs(reduction, number):
    there = checkpoint_epochs(5)
    for epochs in geometric_rungs(5, reduction=reduction, number=number):
        assert min(abs(epochs - known) for known in there) < 1e-12


@pytest.mark.parametrize(
    ("epochs", "settings", "named"),
    [
        ("9", {}, "epochs"),
        (0, {}, "epochs"),
        (9, {"reduction": 1}, "reduction"),
        (9, {"number": 2.5}, "number"),
        (9, {"number": 1}, "number"),
    ],
)
def test_rungs_of_no_numbers_are_refused(epochs, settings, named):
    with pytest.raises(ValueError, match=f"^{named} must be"):
        geometric_rungs(epochs, **settings)


def test_rungs_of_numpys_numbers_are_pythons():
    rungs = geometric_rungs(np.int64(9), reduction=np.float32(3), number=np.uint8(3))
    assert rungs == (1, 3, 9)
    assert [type(rung) for rung in rungs] == [float] * 3


def test_rungs_become_floats_that_equal_what_came():
    rungs = checked_rungs(np.array([1, 3, 9]))
    assert rungs == (1, 3, 9)
    assert [type(rung) for rung in rungs] == [float] * 3


@pytest.mark.parametrize(
    "epochs",
    [(), (3,), 9, (3, 3), (9, 3), (9, 1, 3)],
)
def test_what_are_no_rungs_is_refused(epochs):
    with pytest.raises(
        ValueError, match=r"two or more numbers that grow.*Write epochs=\(1, 3, 9\)"
    ):
        checked_rungs(epochs)


@pytest.mark.parametrize(
    "epochs", [(0, 3), (-1, 3), (1, float("nan")), (1, float("inf")), "139", (True, 3), None]
)
def test_each_rung_is_a_number_above_0(epochs):
    complaint = r"each of the epochs must be .* above 0, got .*Write epochs=\(1, 3, 9\)"
    with pytest.raises(ValueError, match=complaint):
        checked_rungs(epochs)


def test_the_share_that_goes_on_is_the_ratio_of_the_rungs():
    assert [num_promoted(number, 1, 3) for number in range(10)] == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3]
    assert num_promoted(10, 4, 10) == 4


@pytest.mark.parametrize("steps", range(1, 6))
@pytest.mark.parametrize("epochs", [1, 5, 7, 200, 0.1])
@pytest.mark.parametrize("reduction", [2, 3, 4])
def test_rounding_loses_no_candidate(epochs, reduction, steps):
    # 9 * (5 / 9) / 5 is less than 1 in floating-point numbers, and its floor 0.
    assert num_promoted(reduction**steps, epochs / reduction**steps, epochs) == 1
