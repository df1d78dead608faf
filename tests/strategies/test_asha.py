import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from nas_tutorial.loop.search import search
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.strategies.asha import Asha
from nas_tutorial.trials import Constraint, Result, Resumed, Trial
from tests.toys import drive, fragile, hopeless, noisy, quick

SPACE = EdgeCellSpace()


def asha(**settings) -> Asha:
    return Asha(SPACE, **{"epochs": (1, 3, 9), **settings})


def told(strategy, number: int, candidate, accuracy: float | None) -> Trial:
    failed = accuracy is None
    result = Result({} if failed else {"val_accuracy": accuracy}, 1.0, "no" if failed else None)
    trial = Trial(number, candidate, number, result)
    strategy.tell(trial)
    return trial


def test_the_lowest_rung_grows_until_three_are_in():
    strategy = asha()
    for number in range(2):
        candidate = strategy.ask()
        assert (candidate.epochs, candidate.resumes) == (1, None)
        told(strategy, number, candidate, 0.1 * number)
    third = strategy.ask()
    assert third.resumes is None  # floor(2 / 3) is 0
    told(strategy, 2, third, 0.05)
    assert strategy.ask().resumes == Resumed(1, 1)  # the best of three
    assert strategy.ask().resumes is None  # which goes on once


def test_a_run_by_hand():
    """One worker, eta = 3: the accuracies of trials 0 to 15, and what Algorithm 2 asks for."""
    strategy = asha()
    accuracies = [0.5, 0.2, 0.3, 0.6, 0.4, 0.9, 0.7, 0.8, 0.1, 0.6, 0.3, 0.95, 0.5, 0.5, 0.1, 0.2]
    expected = [
        (1, None), (1, None), (1, None),  # 0.5, 0.2, 0.3: of three one goes on
        (3, 0), (1, None), (1, None),  # of five one goes on: 5 with 0.9, so 0 did by mistake
        (3, 5), (1, None),  # of six two go on, 5 and 7; 5 has gone on
        (3, 7), (9, 6),  # rung 3 holds 0.6, 0.7, 0.1: of three one goes on, before all others
        (1, None), (1, None),  # of eight two go on: 11 with 0.95, and 5
        (3, 11), (1, None), (1, None), (1, None),  # of nine and ten three, all have gone on
    ]  # fmt: skip
    for number, accuracy in enumerate(accuracies):
        candidate = strategy.ask()
        resumes = None if candidate.resumes is None else candidate.resumes.number
        assert (candidate.epochs, resumes) == expected[number], number
        told(strategy, number, candidate, accuracy)


def test_the_highest_rung_is_served_first_and_the_last_is_the_end():
    strategy = asha(epochs=(1, 3, 9))
    trials = drive(strategy, noisy, 300)
    of_number = {trial.number: trial for trial in trials}
    counts = Counter(trial.candidate.epochs for trial in trials)
    assert counts[1] // 3 - 1 <= counts[3] <= counts[1] // 3 + counts[1] // 9
    assert counts[9] >= counts[3] // 3
    for trial in trials:
        if trial.candidate.resumes is not None:
            earlier = of_number[trial.candidate.resumes.number]
            assert trial.candidate.epochs == 3 * earlier.candidate.epochs


def test_nobody_goes_on_twice():
    trials = drive(asha(), noisy, 200, in_flight=7)
    resumed = [t.candidate.resumes for t in trials if t.candidate.resumes is not None]
    assert len(resumed) == len(set(resumed)) > 40


def test_there_is_always_work_even_while_nothing_is_told():
    strategy = asha()
    assert all(strategy.ask() is not None for _ in range(500))


def test_a_slow_training_keeps_no_other_worker_idle():
    rest_is_done = threading.Event()

    def first_is_slow(candidate, *, seed):
        with lock:
            calls.append(candidate)
            number = len(calls)
        if number == 1:
            assert rest_is_done.wait(timeout=60)
        if number == 40:
            rest_is_done.set()
        return noisy(candidate, seed=seed)

    calls, lock = [], threading.Lock()
    with ThreadPoolExecutor(2) as executor:
        history = search(
            asha(), first_is_slow, trials=40, executor=executor, workers=2, progress=False
        )
    assert len(history) == 40
    assert history[-1].number == 0 or history[-2].number == 0  # the slow one comes last
    assert any(trial.candidate.epochs == 9 for trial in history)


def test_the_failed_do_not_count():
    strategy = asha()
    for number, accuracy in enumerate([None, 0.5, None, 0.4, None]):
        told(strategy, number, strategy.ask(), accuracy)
    assert strategy.ask().resumes is None  # five were tried, but two succeeded
    told(strategy, 5, strategy.ask(), 0.1)
    assert strategy.ask().resumes == Resumed(1, 1)


@pytest.mark.parametrize("evaluator", [hopeless, fragile])
def test_failures_stop_nothing(evaluator):
    trials = drive(asha(), evaluator, 100, in_flight=5)
    failed = {trial.number for trial in trials if trial.failed}
    assert failed
    assert not failed & {t.candidate.resumes.number for t in trials if t.candidate.resumes}


def test_what_keeps_the_constraints_goes_on_first():
    strategy = asha(constraints=[Constraint("parameters", 250)])
    trials = drive(strategy, quick, 200)
    inside = {t.number for t in trials if t.value("parameters") <= 250}
    resumed = {t.candidate.resumes.number for t in trials if t.candidate.resumes}
    assert len(resumed & inside) > 10 * len(resumed - inside)


def test_the_longer_it_trains_the_better_it_is():
    trials = drive(asha(), quick, 300)
    by_rung = {
        epochs: np.mean([t.value("val_accuracy") for t in trials if t.candidate.epochs == epochs])
        for epochs in (1, 3, 9)
    }
    assert by_rung[1] < by_rung[3] < by_rung[9]


def test_what_are_no_rungs_is_refused():
    with pytest.raises(ValueError, match="must be two or more numbers that grow"):
        asha(epochs=(1,))
