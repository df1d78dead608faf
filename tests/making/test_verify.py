"""A true table passes the verification, and a false one does not."""

import numpy as np
import pytest

from nas_tutorial.making.verify import LIMIT, verify_table
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.tables.course_table import networks
from nas_tutorial.tables.table import Table
from nas_tutorial.trials import Result

SPACE = EdgeCellSpace()
NOISE = 0.02


@pytest.fixture(scope="module")
def truth():
    first, of_encoding = networks(SPACE)
    return first, of_encoding, np.random.default_rng(0).uniform(0.3, 0.9, len(first))


def table_of(truth, shift: float = 0.0) -> Table:
    first, of_encoding, means = truth
    noise = np.random.default_rng(1).normal(0, NOISE, (len(first), 2))
    return Table(
        "toy",
        SPACE,
        first,
        of_encoding,
        metrics={("val_accuracy", 5.0): means[:, None] + shift + noise},
        costs={},
        seconds=np.ones_like(noise),
    )


@pytest.fixture
def training(truth):
    first, _, means = truth
    mean_of = dict(zip(first, means))

    def train(candidate, *, seed):
        noise = np.random.default_rng(seed).normal(0, NOISE)
        return Result({"val_accuracy": mean_of[candidate.architecture] + noise}, 1.0)

    return train


def test_a_true_table_passes(truth, training):
    report = verify_table(table_of(truth), training, num_networks=40)
    assert (report["standard_errors"].abs() < LIMIT).all()
    assert len(set(report["network"])) == 40


def test_standard_errors_have_unit_spread(truth, training):
    report = verify_table(table_of(truth), training, num_networks=400)
    assert report["standard_errors"].std() == pytest.approx(1, abs=0.15)


def test_a_table_that_is_off_does_not_pass(truth, training):
    report = verify_table(table_of(truth, shift=10 * NOISE), training, num_networks=10)
    assert (report["standard_errors"] < -LIMIT).all()


def test_the_draw_has_a_seed(truth, training):
    one, again, other = (verify_table(table_of(truth), training, seed=seed) for seed in (1, 1, 2))
    assert one.equals(again) and not one.equals(other)


def test_a_failed_run_ends_the_verification(truth):
    def fails(candidate, *, seed):
        return Result({}, 1.0, error="out of memory")

    with pytest.raises(ValueError, match="failed with out of memory"):
        verify_table(table_of(truth), fails)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"num_networks": 0}, r"num_networks must be .* in \[1, 8,765\], got 0"),
        ({"num_networks": 8766}, r"num_networks must be .* in \[1, 8,765\], got 8766"),
        ({"num_seeds": 1}, "num_seeds must be a whole number at least 2, got 1"),
    ],
)
def test_other_numbers_are_refused(truth, training, wrong, says):
    with pytest.raises(ValueError, match=says):
        verify_table(table_of(truth), training, **wrong)
