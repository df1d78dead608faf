from concurrent.futures import FIRST_COMPLETED, as_completed, wait

import pytest

from nas_tutorial.loop.search import search
from nas_tutorial.loop.simulated import SimulatedWorkers
from nas_tutorial.strategies import STRATEGIES
from nas_tutorial.strategies.random_search import RandomSearch
from nas_tutorial.trials import Result
from tests.toys import Grid, by_number, constant, fragile, noisy


class Lasts:
    """Trainings of given lengths, in the order in which they are asked for."""

    def __init__(self, *seconds: float):
        self.left = list(seconds)

    def __call__(self, candidate, *, seed):
        return Result({"val_accuracy": 0.5}, self.left.pop(0))


def told(*seconds: float, workers: int, dispatch: float = 0.0):
    """In which order results arrive, and when."""
    simulated = SimulatedWorkers(dispatch)
    history = search(
        RandomSearch(Grid(9, 9)),
        Lasts(*seconds),
        trials=len(seconds),
        executor=simulated,
        workers=workers,
        progress=False,
    )
    return [trial.number for trial in history], simulated.arrivals


def test_one_worker_takes_one_after_the_other():
    assert told(4, 1, 2, workers=1) == ([0, 1, 2], [4, 5, 7])


def test_a_free_worker_begins_at_once():
    assert told(4, 1, 1, 1, 3, workers=2) == ([1, 2, 3, 0, 4], [1, 2, 3, 4, 6])


def test_more_workers_than_trainings_wait_for_the_longest():
    assert told(4, 1, 2, workers=9) == ([1, 2, 0], [1, 2, 4])


def test_of_two_that_end_together_the_earlier_is_told_first():
    assert told(1, 1, 1, workers=3) == ([0, 1, 2], [1, 1, 1])


def test_candidates_are_sent_out_one_after_the_other():
    """At 1 and 2; the first result is there at 11, the third leaves at 12, when the second is in."""
    assert told(10, 10, 10, workers=2, dispatch=1) == ([0, 1, 2], [11, 12, 22])


def test_where_sending_takes_longer_than_training_one_worker_is_enough():
    _, arrivals = told(*[1] * 50, workers=30, dispatch=2)
    assert arrivals[-1] >= 50 * 2
    assert told(*[1] * 50, workers=1, dispatch=2)[1][-1] == 50 * 3


@pytest.mark.parametrize("name", ["random_search", "successive_halving"])
@pytest.mark.parametrize("evaluator", [noisy, fragile])
def test_what_does_not_depend_on_order_is_as_on_one_worker(name, evaluator):
    def run(**settings):
        strategy = STRATEGIES.load(name)(Grid(9, 9))
        return search(strategy, evaluator, trials=40, progress=False, **settings)

    assert by_number(run(executor=SimulatedWorkers(), workers=7)) == by_number(run())


@pytest.mark.parametrize("name", list(STRATEGIES))
def test_every_strategy_runs_on_them_and_the_same_every_time(name, tmp_path):
    def run(path):
        strategy = STRATEGIES.load(name)(Grid(5, 5))
        return search(
            strategy, constant, trials=20, store=path, executor=SimulatedWorkers(), workers=4,
            progress=False,
        )  # fmt: skip

    first = run(tmp_path / "first")
    assert first == run(tmp_path / "second")
    assert (tmp_path / "first").read_text() == (tmp_path / "second").read_text()


def test_their_futures_are_those_of_python():
    """So every function of concurrent.futures takes them."""
    simulated = SimulatedWorkers()
    slow, quick = (simulated.submit(Lasts(seconds), None, seed=0) for seconds in (4, 1))
    simulated.finish_next()
    assert wait([slow, quick], return_when=FIRST_COMPLETED) == ({quick}, {slow})
    simulated.finish_next()
    assert [future.result().seconds for future in as_completed([slow, quick])] in ([4, 1], [1, 4])
    assert simulated.arrivals == [1, 4]


@pytest.mark.parametrize("seconds", [-1, float("nan"), "1"])
def test_dispatch_must_take_no_negative_time(seconds):
    with pytest.raises(ValueError, match=r"dispatch_seconds must be a finite .* at least 0, got"):
        SimulatedWorkers(seconds)
