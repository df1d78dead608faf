import numpy as np
import pytest
from pymoo.indicators.hv import HV

from nas_tutorial.history import History
from nas_tutorial.pareto import hypervolume, hypervolume_curve, losses_of, pareto_front
from nas_tutorial.trials import Constraint
from tests.test_pareto import ACCURACY, SIZE, history


def test_hypervolume_by_hand():
    # Up to (4, 4), a staircase of three columns, each 1 wide.
    assert hypervolume([(1, 3), (2, 2), (3, 1)], (4, 4)) == 1 + 2 + 3
    assert hypervolume([(1.5,), (3.0,)], (4.0,)) == 2.5
    # Two boxes of 2 x 2 x 1 and 1 x 1 x 2 that share 1 x 1 x 1.
    assert hypervolume([(0, 0, 1), (1, 1, 0)], (2, 2, 2)) == 4 + 2 - 1


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_hypervolume_is_that_of_pymoo(k):
    rng = np.random.default_rng(k)
    for losses in (rng.random((25, k)), rng.integers(5, size=(25, k)) / 4):
        for corner in (0.5, 0.9, 1.5):
            reference = np.full(k, corner)
            expected = HV(ref_point=reference).do(losses)
            assert hypervolume(losses, reference) == pytest.approx(expected)


def test_what_is_dominated_or_beyond_the_reference_adds_nothing():
    front = [(1, 3), (2, 2)]
    whole = hypervolume(front, (4, 4))
    assert hypervolume([*front, (2, 3), (2, 2), (0, 4), (5, 0)], (4, 4)) == whole
    assert hypervolume([(4, 0), (9, 9)], (4, 4)) == 0
    assert hypervolume(np.empty((0, 2)), (4, 4)) == 0


def test_a_curve_needs_an_objective():
    with pytest.raises(ValueError, match="there must be an objective, got none"):
        hypervolume_curve(history((0.9, 1)), (), ())


def test_the_curve_is_the_hypervolume_of_each_beginning():
    rng = np.random.default_rng(4)
    pairs = [(float(a), int(p)) for a, p in zip(rng.random(40), rng.integers(100, 999, 40))]
    trials = history(None, *pairs[:20], None, *pairs[20:])
    limit = Constraint("parameters", 800)
    curve = hypervolume_curve(trials, (ACCURACY, SIZE), (0.1, 900), [limit])
    for length, volume in enumerate(curve, start=1):
        front = pareto_front(trials[:length], (ACCURACY, SIZE), [limit])
        expected = hypervolume(losses_of(front, (ACCURACY, SIZE)), (-0.1, 900))
        assert volume == pytest.approx(expected)
    assert curve[0] == 0 and curve[-1] > 0
    assert (np.diff(curve) >= 0).all()
    assert hypervolume_curve(History(), (ACCURACY, SIZE), (0.1, 900)).tolist() == []


def test_a_reference_of_another_length_is_refused():
    complaint = r"one value for each of 2 objectives, got shape \(3,\)\. Give the worst"
    with pytest.raises(ValueError, match=complaint):
        hypervolume([(1, 2)], (4, 4, 4))
    with pytest.raises(ValueError, match=complaint):
        hypervolume_curve(history((0.9, 1)), (ACCURACY, SIZE), (0.1, 900, 3))
