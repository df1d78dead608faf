import functools
import json
import math
import multiprocessing
import random
import re
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from nas_tutorial.history import History, read_records
from nas_tutorial.loop.search import Budget, search
from nas_tutorial.loop.simulated import SimulatedWorkers
from nas_tutorial.randomness import trial_seed
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.strategies import STRATEGIES
from nas_tutorial.strategies.base import Strategy
from nas_tutorial.strategies.genetic import Genetic
from nas_tutorial.strategies.random_search import RandomSearch
from nas_tutorial.strategies.regularized_evolution import RegularizedEvolution
from nas_tutorial.trials import Candidate, Constraint, Objective, Result, Resumed
from tests import ROOT
from tests.toys import (
    DeadlyAt,
    by_number,
    constant,
    fails_on,
    fragile,
    hopeless,
    noisy,
    num_convolutions,
    quick,
    slow,
)

SPACE = EdgeCellSpace()
search = functools.partial(search, progress=False)


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "store.jsonl"


def evolution(**settings) -> RegularizedEvolution:
    return RegularizedEvolution(SPACE, population_size=3, tournament_size=2, **settings)


class Failing:
    """`noisy`, but one call raises, once."""

    def __init__(self, at: int, error: BaseException):
        self.at, self.error, self.calls = at, error, 0

    def describe(self) -> dict:
        return {"evaluator": "noisy"}

    def __call__(self, candidate, *, seed):
        self.calls += 1
        if self.calls - 1 == self.at:
            raise self.error
        return noisy(candidate, seed=seed)


class Counted:
    """An evaluator that counts its calls, and describes itself as what it wraps."""

    def __init__(self, evaluator):
        self.evaluator, self.calls = evaluator, 0

    def describe(self) -> dict:
        return {"evaluator": self.evaluator.__qualname__}

    def __call__(self, candidate, *, seed):
        self.calls += 1
        return self.evaluator(candidate, seed=seed)


class Scripted(Strategy):
    """Proposes given candidates in order; None in the list waits until all are told."""

    name = "scripted"

    def __init__(self, space, script, **shared):
        super().__init__(space, **shared)
        self.script, self.waiting = list(script), 0

    def ask(self):
        if self.script and self.script[0] is None and not self.waiting:
            self.script.pop(0)
        if not self.script or self.script[0] is None:
            return None
        self.waiting += 1
        return self.script.pop(0)

    def tell(self, trial):
        self.waiting -= 1


def drawn(number: int, seed: int = 0, space=SPACE) -> list[Candidate]:
    rng = np.random.default_rng(seed)
    return [Candidate(space.sample(rng)) for _ in range(number)]


# Budgets


@pytest.mark.parametrize("trials", [1, 2, 17])
def test_a_budget_of_trials_is_spent_exactly(trials):
    evaluator = Counted(noisy)
    history = search(RandomSearch(SPACE), evaluator, trials=trials)
    assert len(history) == evaluator.calls == trials
    assert [trial.number for trial in history] == list(range(trials))


@pytest.mark.parametrize(("seconds", "trials"), [(5, 5), (4.5, 5), (0.1, 1), (5.1, 6)])
def test_a_budget_of_seconds_ends_with_the_trial_that_spends_it(seconds, trials):
    assert len(search(RandomSearch(SPACE), constant, seconds=seconds, trials=50)) == trials


def test_failed_trials_cost_their_time():
    assert len(search(RandomSearch(SPACE), hopeless, seconds=7, trials=50)) == 7


@pytest.mark.parametrize(
    ("objective", "target"),
    [(Objective(), 0.5), (Objective("seconds", "min"), 1.0), (Objective("parameters", "min"), 100)],
)
def test_a_target_ends_the_search_when_it_is_reached(objective, target):
    strategy = RandomSearch(SPACE, objective=objective)
    history = search(strategy, quick, target=target, trials=500)
    values = [trial.value(objective.name) for trial in history]
    sign = 1 if objective.direction == "max" else -1
    reached = [sign * value >= sign * target for value in values]
    assert reached == [False] * (len(values) - 1) + [True]
    assert len(values) > 1


def test_a_target_of_zero_is_a_target():
    strategy = RandomSearch(SPACE, objective=Objective("val_accuracy", "min"))
    history = search(strategy, quick, target=0.0, trials=1000)
    assert history[-1].value("val_accuracy") == 0 and len(history) < 1000


def test_what_breaks_a_constraint_reaches_no_target():
    limit = Constraint("parameters", 150)  # no convolution at all, so the accuracy is zero
    strategy = RandomSearch(SPACE, constraints=[limit])
    assert len(search(strategy, quick, target=0.3, trials=50)) == 50


def test_the_first_budget_to_be_spent_ends_the_search():
    assert len(search(RandomSearch(SPACE), constant, trials=3, seconds=5)) == 3
    assert len(search(RandomSearch(SPACE), constant, trials=5, seconds=3)) == 3
    assert len(search(RandomSearch(SPACE), constant, trials=5, seconds=3, target=0.5)) == 1


def test_a_search_without_a_budget_is_refused():
    with pytest.raises(ValueError, match=r"must have a budget, got none\. Give trials, seconds or"):
        search(RandomSearch(SPACE), noisy)


@pytest.mark.parametrize(
    ("budget", "must"), [("trials", "a whole number at least 1"), ("seconds", "a .* above 0")]
)
@pytest.mark.parametrize("value", [0, -1])
def test_a_budget_that_is_not_positive_is_refused(budget, must, value):
    with pytest.raises(ValueError, match=rf"{budget} must be {must}, got {value}\. Change it\."):
        search(RandomSearch(SPACE), noisy, **{budget: value})
    with pytest.raises(ValueError):
        Budget(**{budget: value})


def test_a_refused_search_leaves_no_file(path):
    with pytest.raises(ValueError):
        search(RandomSearch(SPACE), noisy, store=path)
    with pytest.raises(ValueError):
        search(RandomSearch(SPACE), noisy, trials=2, workers=2, store=path)
    assert not path.exists()


# What the trials hold


def test_a_trial_has_the_seed_of_its_number_and_the_result_of_its_seed():
    history = search(RandomSearch(SPACE, seed=9), noisy, trials=10)
    for number, trial in enumerate(history):
        assert trial.seed == trial_seed(9, number)
        assert trial.result == noisy(trial.candidate, seed=trial.seed)
    assert len({trial.seed for trial in history}) == 10


def test_the_strategy_is_told_every_result_failed_ones_too():
    class Listening(RandomSearch):
        heard: list

        def tell(self, trial):
            self.heard.append(trial)

    strategy = Listening(SPACE)
    strategy.heard = []
    history = search(strategy, fragile, trials=30)
    assert strategy.heard == list(history)
    assert 0 < sum(trial.failed for trial in history) < 30


def test_of_equals_the_earliest_is_best_and_nothing_improves():
    history = search(Genetic(SPACE), constant, trials=30)
    assert history.best(Objective()).number == 0
    assert history.incumbent(Objective()).tolist() == [0.5] * 30


def test_a_search_ends_where_the_strategy_is_finished():
    history = search(Scripted(SPACE, drawn(4)), noisy, trials=10)
    assert len(history) == 4


def test_a_strategy_may_wait_for_results():
    script = [*drawn(5), None, *drawn(5, seed=1), None]
    with ThreadPoolExecutor(3) as executor:
        history = search(Scripted(SPACE, script), noisy, trials=50, executor=executor, workers=3)
    assert {trial.number for trial in history[:5]} == set(range(5))
    assert {trial.number for trial in history[5:]} == set(range(5, 10))


def test_progress_shows_the_best_so_far_and_is_silent_when_told(capsys):
    history = search(RandomSearch(SPACE), noisy, trials=3)
    assert capsys.readouterr() == ("", "")
    search(RandomSearch(SPACE), noisy, trials=3, progress=True)
    shown = capsys.readouterr().err
    best = history.best(Objective()).value("val_accuracy")
    assert "3/3" in shown
    assert f"best val_accuracy {best:.4g}" in shown


def test_progress_shows_no_best_that_breaks_a_constraint(capsys):
    """As `History.incumbent` has none."""
    strategy = RandomSearch(SPACE, constraints=[Constraint("parameters", 1)])
    search(strategy, noisy, trials=3, progress=True)
    shown = capsys.readouterr().err
    assert "3/3" in shown and "best" not in shown


def test_progress_survives_a_search_in_which_everything_fails(capsys):
    search(RandomSearch(SPACE), hopeless, trials=3, progress=True)
    assert "3/3" in capsys.readouterr().err


def test_the_bar_says_how_long_the_rest_takes_where_trials_are_given(capsys):
    search(RandomSearch(SPACE), slow, trials=40, progress=True)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert re.search(r" [1-9]\d*/40 \[00:00<00:00, .*trial", shown.err)


def test_the_bar_counts_on_from_what_the_store_holds(path, capsys):
    """The time of the rest is that of the trials to come, at the speed of this call."""
    search(RandomSearch(SPACE), noisy, trials=5, store=path)
    search(RandomSearch(SPACE), noisy, trials=9, store=path, progress=True)
    bars = capsys.readouterr().err.split("\r")
    assert [bar for bar in bars if " 5/9 " in bar] and [bar for bar in bars if " 9/9 " in bar]
    assert not [bar for bar in bars if " 0/9 " in bar]


# Stores


@pytest.mark.parametrize("name", list(STRATEGIES))
@pytest.mark.parametrize("evaluator", [noisy, fragile])
def test_a_search_cut_after_any_trial_goes_on_the_same(name, evaluator, tmp_path):
    strategy_class = STRATEGIES.load(name)
    whole = search(strategy_class(SPACE), evaluator, trials=24)
    for cut in (1, 8, 15, 23):
        path = tmp_path / f"{cut}.jsonl"
        with ThreadPoolExecutor(1):  # nothing but the store survives between the two calls
            search(strategy_class(SPACE), evaluator, trials=20 if cut == 8 else 24, store=path)
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join(lines[: 1 + 2 * cut]))
        counted = Counted(evaluator)
        assert search(strategy_class(SPACE), counted, trials=24, store=path) == whole
        assert counted.calls == 24 - cut


@pytest.mark.parametrize("reuse", [False, True])
def test_a_search_killed_at_any_byte_goes_on_the_same(reuse, tmp_path):
    space = ChainSpace(depth=1)  # four networks, so there are twins among seven trials

    def strategy():
        return RegularizedEvolution(space, population_size=3, tournament_size=2)

    whole = tmp_path / "whole.jsonl"
    history = search(strategy(), noisy, trials=7, store=whole, reuse=reuse)
    assert any(trial.result.copied_from is not None for trial in history) == reuse
    content = whole.read_bytes()
    path = tmp_path / "cut.jsonl"
    for position in range(len(content) + 1):
        path.write_bytes(content[:position])
        resumed = search(strategy(), noisy, trials=7, store=path, reuse=reuse)
        assert resumed == history, position
        assert path.read_bytes() == content, position


def test_a_stored_search_is_the_same_as_one_without_a_store(path):
    assert search(evolution(), noisy, trials=20, store=path) == search(
        evolution(), noisy, trials=20
    )
    assert History.load(path) == search(evolution(), noisy, trials=20)


def test_a_finished_search_is_read_back_without_evaluating(path):
    history = search(evolution(), noisy, trials=20, store=path)
    content = path.read_bytes()
    counted = Counted(noisy)
    assert search(evolution(), counted, trials=20, store=path) == history
    assert counted.calls == 0
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("first", "then"),
    [({"trials": 8}, {"trials": 20}), ({"seconds": 5}, {"seconds": 30}), ({"trials": 8},) * 2],
)
def test_a_larger_budget_extends_a_search(first, then, path):
    begun = search(evolution(), noisy, store=path, **first)
    extended = search(evolution(), noisy, store=path, **then)
    assert extended[: len(begun)] == begun
    assert extended == search(evolution(), noisy, **then)


def test_a_smaller_budget_gives_back_what_was_found(path):
    history = search(evolution(), noisy, trials=12, store=path)
    assert search(evolution(), noisy, trials=6, store=path) == history


def test_proposals_without_a_result_are_evaluated_again(path):
    with ThreadPoolExecutor(4) as executor:
        whole = search(
            RandomSearch(SPACE), noisy, trials=12, store=path, executor=executor, workers=4
        )
    lines = path.read_bytes().splitlines(keepends=True)
    results = [line for line in lines if line.startswith(b'{"tell"')]
    lost = results[2:5]
    path.write_bytes(b"".join(line for line in lines if line not in lost))
    counted = Counted(noisy)
    history = search(RandomSearch(SPACE), counted, trials=12, store=path)
    assert counted.calls == 3
    assert by_number(history) == by_number(whole)
    numbers = Counter(record["tell"]["number"] for record in read_records(path) if "tell" in record)
    assert numbers == Counter(range(12))


@pytest.mark.parametrize(
    ("other", "named"),
    [
        (lambda: evolution(seed=1), "seed is 0 there and 1 here"),
        (
            lambda: RegularizedEvolution(SPACE, population_size=4, tournament_size=2),
            "population_size is 3 there and 4 here",
        ),
        (
            lambda: evolution(objective=Objective("seconds", "min")),
            r"objective is \['val_accuracy', 'max'\] there and \['seconds', 'min'\] here",
        ),
        (
            lambda: evolution(constraints=[Constraint("parameters", 300)]),
            r"constraints is \[\] there and \[\['parameters', 300\]\] here",
        ),
        (
            lambda: Genetic(SPACE, population_size=3, tournament_size=2),
            "strategy is 'regularized_evolution' there and 'genetic' here",
        ),
        (
            lambda: RegularizedEvolution(ChainSpace(), population_size=3, tournament_size=2),
            "space is 'edge_cell' there and 'chain' here",
        ),
    ],
)
def test_a_store_of_another_search_is_refused_by_what_differs(other, named, path):
    search(evolution(), noisy, trials=12, store=path)
    content = path.read_bytes()
    with pytest.raises(ValueError, match=f"must belong to the same search, but .*{named}"):
        search(other(), noisy, trials=12, store=path)
    assert path.read_bytes() == content


def test_a_store_of_another_depth_of_the_same_space_is_refused(path):
    search(RandomSearch(ChainSpace(depth=3)), noisy, trials=6, store=path)
    with pytest.raises(ValueError, match="choices is"):
        search(RandomSearch(ChainSpace(depth=4)), noisy, trials=6, store=path)


def test_a_store_of_another_evaluator_is_refused(path):
    search(evolution(), noisy, trials=6, store=path)
    with pytest.raises(ValueError, match="evaluator is 'noisy' there and 'quick' here"):
        search(evolution(), quick, trials=6, store=path)


def test_a_foreign_file_is_refused_and_left_alone(path):
    path.write_text("number,accuracy\n0,0.9\n")
    with pytest.raises(ValueError, match="must hold the JSON lines of a search"):
        search(evolution(), noisy, trials=6, store=path)
    assert path.read_text() == "number,accuracy\n0,0.9\n"


def test_a_used_strategy_is_refused():
    strategy = evolution()
    search(strategy, noisy, trials=6)
    with pytest.raises(ValueError, match=r"must be fresh.*Make another one"):
        search(strategy, noisy, trials=8)


@pytest.mark.parametrize(
    "budget",
    [
        {"trials": 2.5}, {"trials": float("nan")}, {"trials": True}, {"seconds": "9"},
        {"seconds": float("inf")}, {"target": float("nan")},
    ],
)  # fmt: skip
def test_a_budget_of_another_kind_is_refused(budget):
    with pytest.raises(ValueError, match=r"must be a (whole|finite) number.*, got .* Change it"):
        search(RandomSearch(SPACE), noisy, **budget)


@pytest.mark.parametrize("wrong", [None, 0.5, {"val_accuracy": 0.5}])
def test_an_evaluator_that_returns_no_result_is_refused(path, wrong):
    with pytest.raises(ValueError, match=r"returns must be of type Result, got .*\. Return"):
        search(RandomSearch(SPACE), lambda candidate, *, seed: wrong, trials=2, store=path)


def test_an_unknown_objective_does_not_spoil_the_store(path):
    def misspelt(candidate, *, seed):
        return Result({"val_acc": 0.5}, 0.0)

    with pytest.raises(ValueError, match="Did you mean 'val_acc'"):
        search(RandomSearch(SPACE), misspelt, trials=3, store=path)
    assert len(History.load(path)) == 0
    right = RandomSearch(SPACE, objective=Objective("val_acc"))
    with pytest.raises(ValueError, match="objective is"):
        search(right, misspelt, trials=3, store=path)


def test_one_file_has_one_lock_whatever_leads_to_it(tmp_path):
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "store.jsonl")

    def meddling(candidate, *, seed):
        with pytest.raises(RuntimeError, match="another one has it open"):
            search(RandomSearch(SPACE), noisy, trials=1, store=tmp_path / "link.jsonl")
        return noisy(candidate, seed=seed)

    assert len(search(RandomSearch(SPACE), meddling, trials=1, store=tmp_path / "store.jsonl")) == 1


def test_a_result_that_is_there_twice_is_refused(path):
    search(RandomSearch(SPACE), noisy, trials=3, store=path)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines, lines[2]]))
    with pytest.raises(ValueError, match="must hold the JSON lines of a search"):
        search(RandomSearch(SPACE), noisy, trials=3, store=path)


def test_a_refused_store_keeps_its_torn_line(path):
    search(RandomSearch(SPACE), noisy, trials=3, store=path)
    torn = path.read_bytes() + b'{"foreign": 1}\n{"ask'
    path.write_bytes(torn)
    with pytest.raises(ValueError, match="neither a proposal nor a result"):
        search(RandomSearch(SPACE), noisy, trials=3, store=path)
    assert path.read_bytes() == torn


def test_a_proposal_that_the_strategy_would_not_make_is_refused(path):
    search(evolution(), noisy, trials=6, store=path)
    lines = path.read_text().splitlines()
    record = json.loads(lines[5])
    record["ask"]["architecture"][0] = "none" if record["ask"]["architecture"][0] != "none" else "x"
    lines[5] = json.dumps(record)
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(ValueError, match="must hold the proposals that this strategy makes"):
        search(evolution(), noisy, trials=6, store=path)


@pytest.mark.parametrize(
    "record",
    [
        {"tell": {"number": 77, "metrics": {}, "seconds": 1, "error": None, "copied_from": None}},
        {"tell": {"number": 0}},
        {"tell": 3},
        {"ask": {"number": 1}},
    ],
)
def test_a_record_that_makes_no_sense_is_refused(path, record):
    search(evolution(), noisy, trials=6, store=path)
    path.write_text(path.read_text() + json.dumps(record) + "\n")
    with pytest.raises(ValueError, match="must hold the JSON lines of a search"):
        search(evolution(), noisy, trials=6, store=path)


def test_a_store_in_use_is_refused(path):
    def again(candidate, *, seed):
        with pytest.raises(RuntimeError, match="one search at a time"):
            search(RandomSearch(SPACE), again, trials=2, store=path)
        return noisy(candidate, seed=seed)

    assert len(search(RandomSearch(SPACE), again, trials=2, store=path)) == 2


# Crashes


@pytest.mark.parametrize("at", [0, 1, 5, 11])
@pytest.mark.parametrize("error", [ZeroDivisionError("mine"), KeyboardInterrupt(), SystemExit(3)])
def test_an_error_in_the_evaluator_comes_up_and_the_search_can_go_on(at, error, path):
    with pytest.raises(type(error)) as caught:
        search(evolution(), Failing(at, error), trials=12, store=path)
    assert caught.value is error
    assert len(History.load(path)) == at
    counted = Counted(noisy)
    assert search(evolution(), counted, trials=12, store=path) == search(
        evolution(), noisy, trials=12
    )
    assert counted.calls == 12 - at


def test_an_error_on_a_worker_comes_up_and_the_search_can_go_on(path):
    evaluator = Failing(5, ZeroDivisionError("mine"))
    with ThreadPoolExecutor(3) as executor:
        with pytest.raises(ZeroDivisionError, match="mine"):
            search(
                RandomSearch(SPACE), evaluator, trials=12, store=path, executor=executor, workers=3
            )
        assert len(History.load(path)) < 12
        history = search(
            RandomSearch(SPACE), noisy, trials=12, store=path, executor=executor, workers=3
        )
    assert by_number(history) == by_number(search(RandomSearch(SPACE), noisy, trials=12))


KILLED = """
import sys
from nas_tutorial.loop.search import search
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.strategies.regularized_evolution import RegularizedEvolution
from tests.toys import Witnessed
evaluator, strategy = Witnessed(sys.argv[2]), RegularizedEvolution(EdgeCellSpace())
assert not {"keras", "tensorflow", "jax"} & set(sys.modules), "a search alone loads no backend"
search(strategy, evaluator, trials=120, store=sys.argv[1], progress=False)
print("finished", flush=True)
"""


def test_a_search_killed_again_and_again_ends_as_if_nothing_had_happened(path, tmp_path):
    """Two hundred such kills, and some in live training: benchmarks/kills.py."""
    witness = tmp_path / "witness"
    moments = random.Random(0)
    kills, lost = 0, [0]
    before = 0
    while kills < 5:
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(path), str(witness)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        deadline = time.monotonic() + 60
        while not path.exists() or path.stat().st_size <= before:  # until it has done something
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.001)
        time.sleep(moments.uniform(0, 0.08))
        process.kill()  # SIGKILL: no handler, no clean-up
        output, _ = process.communicate(timeout=60)
        assert "finished" not in output
        before = path.stat().st_size
        kills += 1
        lost.append(witness.stat().st_size - len(History.load(path)))  # by all kills so far
        assert lost[-1] - lost[-2] <= 1

    done = len(History.load(path))
    assert 0 < done < 120
    evaluator = Counted(slow)
    history = search(RegularizedEvolution(SPACE), evaluator, trials=120, store=path)
    assert evaluator.calls == 120 - done
    assert history == search(RegularizedEvolution(SPACE), noisy, trials=120)


# Workers


@pytest.mark.parametrize("workers", [0, -1, float("nan"), 1.5, "2"])
def test_at_least_one_worker_is_needed(workers):
    for where in ({}, {"executor": SimulatedWorkers()}):
        with pytest.raises(ValueError, match=f"workers must be a whole .* 1, got {workers!r}"):
            search(RandomSearch(SPACE), noisy, trials=2, workers=workers, **where)


def test_several_workers_need_an_executor():
    with pytest.raises(ValueError, match=r"must have an executor, got workers=2 .*\. Give an exec"):
        search(RandomSearch(SPACE), noisy, trials=2, workers=2)


@pytest.mark.parametrize("evaluator", [noisy, fragile])
def test_four_threads_find_what_one_finds(evaluator):
    with ThreadPoolExecutor(4) as executor:
        history = search(
            RandomSearch(SPACE, seed=2), evaluator, trials=40, executor=executor, workers=4
        )
    alone = search(RandomSearch(SPACE, seed=2), evaluator, trials=40)
    assert by_number(history) == by_number(alone)


@pytest.mark.parametrize("name", list(STRATEGIES))
def test_every_strategy_runs_on_threads_and_goes_on_serially(name, path):
    strategy_class = STRATEGIES.load(name)
    with ThreadPoolExecutor(4) as executor:
        begun = search(
            strategy_class(SPACE), fragile, trials=30, store=path, executor=executor, workers=4
        )
    history = search(strategy_class(SPACE), fragile, trials=40, store=path)
    assert history[:30] == begun
    assert sorted(trial.number for trial in history) == list(range(40))


def test_one_worker_of_a_pool_is_the_same_as_none():
    with ThreadPoolExecutor(1) as executor:
        history = search(Genetic(SPACE), noisy, trials=30, executor=executor)
    assert history == search(Genetic(SPACE), noisy, trials=30)


def test_as_many_candidates_are_in_flight_as_there_are_workers():
    together = threading.Barrier(4)

    def meets_three_others(candidate, *, seed):
        together.wait(timeout=20)
        return noisy(candidate, seed=seed)

    with ThreadPoolExecutor(8) as executor:
        history = search(
            RandomSearch(SPACE), meets_three_others, trials=8, executor=executor, workers=4
        )
    assert len(history) == 8


def test_never_more_candidates_are_in_flight_than_there_are_workers():
    running, most, lock = set(), [], threading.Lock()

    def watched(candidate, *, seed):
        with lock:
            running.add(seed)
            most.append(len(running))
        time.sleep(0.002)
        with lock:
            running.remove(seed)
        return noisy(candidate, seed=seed)

    with ThreadPoolExecutor(8) as executor:
        search(RandomSearch(SPACE), watched, trials=30, executor=executor, workers=3)
    assert max(most) <= 3


def test_a_free_worker_is_given_work_at_once():
    fifth_is_done = threading.Event()

    def first_waits_for_the_fifth(candidate, *, seed):
        if seed == trial_seed(0, 0):
            assert fifth_is_done.wait(timeout=20)
        if seed == trial_seed(0, 4):
            fifth_is_done.set()
        return noisy(candidate, seed=seed)

    with ThreadPoolExecutor(2) as executor:
        history = search(
            RandomSearch(SPACE), first_waits_for_the_fifth, trials=6, executor=executor, workers=2
        )
    numbers = [trial.number for trial in history]
    assert numbers[:3] == [1, 2, 3]  # in the order in which the results arrived
    assert sorted(numbers) == list(range(6))


def spawned(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))


def test_a_spawned_process_pool_finds_what_one_process_finds(path):
    with spawned(2) as executor:
        history = search(
            RandomSearch(SPACE), fragile, trials=20, store=path, executor=executor, workers=2
        )
    assert by_number(history) == by_number(search(RandomSearch(SPACE), fragile, trials=20))
    assert History.load(path) == history


def test_a_killed_worker_says_how_to_resume_and_the_store_is_whole(path):
    with spawned(2) as executor:
        with pytest.raises(RuntimeError) as caught:
            search(
                RandomSearch(SPACE),
                DeadlyAt(3),
                trials=10,
                store=path,
                executor=executor,
                workers=2,
            )
        assert "a worker process died" in str(caught.value)
        assert f"{path} is whole. Run again with a new pool, a fresh strategy and the same" in str(
            caught.value
        )
    done = len(History.load(path))
    assert done < 10
    history = search(RandomSearch(SPACE), DeadlyAt(999), trials=10, store=path)
    assert by_number(history) == by_number(search(RandomSearch(SPACE), noisy, trials=10))


def test_a_killed_worker_without_a_store_says_what_is_lost():
    with spawned(1) as executor, pytest.raises(RuntimeError, match="without a store all is lost"):
        search(RandomSearch(SPACE), DeadlyAt(0), trials=2, executor=executor)


def test_a_pool_that_is_broken_already_says_how_to_resume(path):
    with spawned(1) as executor:
        for _ in range(2):
            with pytest.raises(RuntimeError, match="Run again with a new pool, a fresh strategy"):
                search(RandomSearch(SPACE), DeadlyAt(0), trials=2, store=path, executor=executor)


def test_a_pool_that_breaks_between_two_candidates_says_how_to_resume(path):
    class BreaksLater(Executor):
        """What a process pool does when a worker dies while none of its results is awaited."""

        def __init__(self):
            self.threads, self.submitted = ThreadPoolExecutor(1), 0

        def submit(self, function, /, *args, **kwargs):
            self.submitted += 1
            if self.submitted == 3:
                raise BrokenProcessPool("A child process terminated abruptly")
            return self.threads.submit(function, *args, **kwargs)

    with pytest.raises(RuntimeError, match=r"is whole\. Run again with a new pool"):
        search(RandomSearch(SPACE), noisy, trials=5, store=path, executor=BreaksLater())
    history = search(RandomSearch(SPACE), noisy, trials=5, store=path)
    assert history == search(RandomSearch(SPACE), noisy, trials=5)


def test_a_lost_scheduler_says_how_to_resume(path):
    class LosesItsScheduler(Executor):
        """What becomes of Dask's futures when the client can no longer reach the scheduler."""

        def __init__(self):
            self.submitted = 0

        def submit(self, function, /, *args, **kwargs):
            future, self.submitted = Future(), self.submitted + 1
            if self.submitted == 3:
                future.cancel()
                future.set_running_or_notify_cancel()
            else:
                future.set_result(function(*args, **kwargs))
            return future

    says = r"the scheduler died, and the client with it \(CancelledError\); .* is whole\. Run again"
    with pytest.raises(RuntimeError, match=says):
        search(RandomSearch(SPACE), noisy, trials=5, store=path, executor=LosesItsScheduler())
    history = search(RandomSearch(SPACE), noisy, trials=5, store=path)
    assert history == search(RandomSearch(SPACE), noisy, trials=5)


# Errors of an own evaluator


class Awkward(Exception):
    """An error that does not unpickle, as many with an __init__ of their own."""

    def __init__(self, first, second):
        super().__init__(f"{first} and {second}")


def brittle(candidate, *, seed):
    """`noisy`, but a third of the architectures raise."""
    if fails_on(candidate):
        raise ZeroDivisionError("boom")
    return noisy(candidate, seed=seed)


def awkward(candidate, *, seed):
    raise Awkward(1, 2)


def not_a_number(candidate, *, seed):
    """`noisy`, but a third of the architectures measure NaN."""
    measured = noisy(candidate, seed=seed).metrics["val_accuracy"]
    return Result({"val_accuracy": math.nan if fails_on(candidate) else measured}, 1.0)


@pytest.mark.parametrize(
    ("evaluator", "catch", "says"),
    [
        (brittle, ZeroDivisionError, "ZeroDivisionError: boom"),
        (brittle, (KeyError, ArithmeticError), "ZeroDivisionError: boom"),
        (not_a_number, [ValueError], "ValueError: metric 'val_accuracy' must be a finite number"),
    ],
)
@pytest.mark.parametrize("where", ["here", "threads", "simulated", "processes"])
def test_errors_that_are_caught_are_failed_trials(evaluator, catch, says, where, path):
    with ThreadPoolExecutor(2) as threads, spawned(2) as pool:
        executors = {"threads": threads, "simulated": SimulatedWorkers(), "processes": pool}
        history = search(
            evolution(),
            evaluator,
            trials=20,
            store=path,
            catch=catch,
            executor=executors.get(where),
        )
    failed = [trial for trial in history if trial.failed]
    assert failed == [trial for trial in history if fails_on(trial.candidate)]
    assert 0 < len(failed) < 20
    for trial in failed:
        assert trial.result.error.startswith(says)
        assert trial.result.seconds > 0 and not trial.result.metrics
    assert History.load(path) == history


def test_an_error_that_is_not_caught_says_where_it_was_and_how_to_go_on(path):
    """The error is the evaluator's own; the note is printed below it."""
    for _ in range(2):  # a resume comes to the same trial, and says it again
        with pytest.raises(ZeroDivisionError, match="boom") as caught:
            search(evolution(), brittle, trials=20, store=path)
        done = len(History.load(path))
        ask = read_records(path)[-1]["ask"]
        assert ask["number"] == done
        (note,) = caught.value.__notes__
        assert (
            f"trial {done}, architecture {' '.join(ask['architecture'])}, seed {ask['seed']}"
            in note
        )
        assert "catch=ZeroDivisionError" in note
    history = search(evolution(), brittle, trials=20, store=path, catch=ZeroDivisionError)
    assert [t.failed for t in history] == [fails_on(t.candidate) for t in history]
    assert len(history) == 20 and not any(trial.failed for trial in history[:done])


def test_a_process_says_it_too_of_an_error_that_does_not_unpickle_as_well(path):
    with spawned(1) as executor:
        for evaluator, error in ((brittle, ZeroDivisionError), (awkward, RuntimeError)):
            store = path.with_name(f"{evaluator.__name__}.jsonl")
            with pytest.raises(error, match=r"boom|Awkward: 1 and 2") as caught:
                search(RandomSearch(SPACE), evaluator, trials=9, store=store, executor=executor)
            says = f"{caught.value} {getattr(caught.value, '__notes__', '')}"
            assert "trial " in says and re.search(r"catch=(ZeroDivisionError|Awkward)", says)
        history = search(
            RandomSearch(SPACE), awkward, trials=4, store=store, executor=executor, catch=Awkward
        )
    assert [trial.result.error for trial in history] == [
        "tests.loop.test_search.Awkward: 1 and 2"
    ] * 4


def test_what_is_no_error_of_one_candidate_is_not_caught(path):
    """A result of another type, and an objective that was not measured, fail for every candidate."""
    for evaluator in (lambda candidate, *, seed: 0.5, lambda candidate, *, seed: Result({}, 1.0)):
        with pytest.raises(ValueError, match=r"must be (of type Result|one of seconds)"):
            search(RandomSearch(SPACE), evaluator, trials=2, store=path, catch=Exception)
    assert len(History.load(path)) == 0


def test_a_broken_pool_is_no_failed_trial(path):
    with spawned(1) as executor, pytest.raises(RuntimeError, match="Run again with a new pool"):
        search(
            RandomSearch(SPACE),
            DeadlyAt(2),
            trials=5,
            store=path,
            executor=executor,
            catch=Exception,
        )
    assert not any(trial.failed for trial in History.load(path))


@pytest.mark.parametrize("catch", [3, "ValueError", (ValueError, None), KeyboardInterrupt, int])
def test_only_types_of_exceptions_can_be_caught(catch, path):
    with pytest.raises(ValueError, match=r"catch must hold types of exceptions, got .*\. Write"):
        search(RandomSearch(SPACE), noisy, trials=2, store=path, catch=catch)
    assert not path.exists()


# Searches whose budget would never be spent


def free(candidate, *, seed):
    """`noisy`, for nothing: a table that does not know how long its training runs took."""
    return Result(noisy(candidate, seed=seed).metrics, 0.0)


@pytest.mark.parametrize("workers", [1, 3])
def test_seconds_end_where_only_known_networks_are_proposed(workers, path):
    executor = SimulatedWorkers() if workers > 1 else None
    settings = {"seconds": 60, "reuse": True, "executor": executor, "workers": workers}
    with pytest.warns(UserWarning, match=r"1,000 trials in a row cost no seconds.* give trials"):
        history = search(RandomSearch(ChainSpace(2)), constant, store=path, **settings)
    assert sum(trial.result.seconds for trial in history) < 60
    assert [t.result.copied_from is None for t in history[-1000:]] == [False] * 1000
    assert history[-1001].result.copied_from is None
    with pytest.warns(UserWarning, match="1,000 trials in a row"):  # a resume says it again
        assert search(RandomSearch(ChainSpace(2)), constant, store=path, **settings) == history


@pytest.mark.parametrize("budget", [{"seconds": 5}, {"target": 9.0}, {"seconds": 5, "target": 9.0}])
def test_trials_that_cost_nothing_end_a_search_without_a_number_of_trials(budget):
    with pytest.warns(UserWarning, match="1,000 trials in a row cost no seconds"):
        assert len(search(RandomSearch(SPACE), free, **budget)) == 1000
    assert len(search(RandomSearch(SPACE), free, trials=1200, **budget)) == 1200


# Reuse


def identity(space, trial) -> str:
    return space.graph(trial.candidate.architecture).fingerprint()


def test_a_twin_takes_over_the_metrics_of_the_first_at_no_cost():
    space = ChainSpace(depth=2)
    evaluator = Counted(noisy)
    history = search(RandomSearch(space), evaluator, trials=60, reuse=True)
    first: dict = {}
    for trial in history:
        earlier = first.setdefault(identity(space, trial), trial)
        if earlier is trial:
            assert trial.result == noisy(trial.candidate, seed=trial.seed)
        else:
            assert trial.result == Result(earlier.result.metrics, 0.0, copied_from=earlier.number)
    assert evaluator.calls == len(first) < 20
    encodings = {trial.candidate.architecture for trial in history}
    assert len(encodings) > len(first)  # some twins are spelt differently


def test_by_default_a_twin_is_evaluated_again():
    history = search(RandomSearch(ChainSpace(depth=1)), noisy, trials=20)
    assert all(trial.result.copied_from is None for trial in history)
    assert len({trial.value("val_accuracy") for trial in history}) == 20


def test_copies_keep_no_worker():
    """On an executor a copy is told at once, and its place goes to the next candidate."""
    space, simulated = ChainSpace(depth=1), SimulatedWorkers()
    history = search(
        RandomSearch(space), constant, trials=30, reuse=True, executor=simulated, workers=3
    )
    assert sorted(trial.number for trial in history) == list(range(30))
    copies = [trial for trial in history if trial.result.copied_from is not None]
    assert len(copies) + len(simulated.arrivals) == 30 and len(copies) > 15
    told = {trial.number: place for place, trial in enumerate(history)}
    for copy in copies:
        assert told[copy.result.copied_from] < told[copy.number]


def test_failures_are_not_copied():
    counted = Counted(hopeless)
    history = search(RandomSearch(ChainSpace(depth=1)), counted, trials=20, reuse=True)
    assert counted.calls == 20
    assert all(trial.failed for trial in history)


def test_other_epochs_are_another_evaluation():
    (one,) = drawn(1)
    script = [Candidate(one.architecture, epochs) for epochs in (1, 2, 1, 2, None)]
    history = search(Scripted(SPACE, script), noisy, trials=5, reuse=True)
    assert [trial.result.copied_from for trial in history] == [None, None, 0, 1, None]


def test_copies_spend_trials_but_no_seconds():
    space = ChainSpace(depth=1)  # four networks
    history = search(RandomSearch(space), constant, trials=30, seconds=5, reuse=True)
    assert len(history) == 30
    assert sum(trial.result.seconds for trial in history) == 4


def test_reuse_survives_a_store(path):
    space = ChainSpace(depth=2)
    search(RandomSearch(space), noisy, trials=20, store=path, reuse=True)
    history = search(RandomSearch(space), noisy, trials=60, store=path, reuse=True)
    assert history == search(RandomSearch(space), noisy, trials=60, reuse=True)


# Resuming


def going_on(*, stopped_at=1, to=3, number=0, architecture=None) -> Candidate:
    """A candidate that resumes a trial of the first one drawn."""
    architecture = architecture or drawn(1)[0].architecture
    return Candidate(architecture, to, resumes=Resumed(number, stopped_at))


def beginning(epochs=1) -> Candidate:
    return Candidate(drawn(1)[0].architecture, epochs)


def test_a_trial_that_goes_on_has_the_seed_with_which_the_training_began():
    other = Candidate(drawn(1)[0].architecture, 1)
    script = [beginning(), other, None, going_on(), None, going_on(stopped_at=3, to=9, number=2)]
    history = search(Scripted(SPACE, script, seed=5), noisy, trials=10)
    began = [trial_seed(5, number) for number in (0, 1, 0, 0)]
    assert [trial.seed for trial in history] == began
    for trial in history:
        assert trial.result == noisy(trial.candidate, seed=trial.seed)


@pytest.mark.parametrize(
    "impossible",
    [
        going_on(number=1),  # there is no trial of that number
        going_on(stopped_at=2),  # it stopped elsewhere
        going_on(architecture=drawn(1, seed=1)[0].architecture),
    ],
    ids=["number", "epochs", "architecture"],
)
def test_what_cannot_be_resumed_is_refused_and_not_written(path, impossible):
    script = [beginning(), None, impossible]
    with pytest.raises(ValueError, match=r"must resume a trial of its own .*Write trial\.resumed"):
        search(Scripted(SPACE, script), noisy, trials=10, store=path)
    assert len(History.load(path)) == 1
    assert sum("ask" in record for record in read_records(path)) == 1


@pytest.mark.parametrize("begun", [beginning(), beginning(None)], ids=["failed", "no epochs"])
def test_what_failed_or_says_no_epochs_cannot_be_resumed(begun):
    evaluator = hopeless if begun.epochs else noisy
    with pytest.raises(ValueError, match="own architecture that has succeeded"):
        search(Scripted(SPACE, [begun, None, going_on()]), evaluator, trials=10)


def test_what_is_not_finished_cannot_be_resumed():
    too_early = Scripted(SPACE, [beginning(), going_on()])
    complaint = pytest.raises(ValueError, match="of its own architecture that has succeeded")
    with ThreadPoolExecutor(2) as executor, complaint:
        search(too_early, noisy, trials=10, executor=executor, workers=2)


def test_a_lost_proposal_that_goes_on_keeps_its_seed(path):
    script = [beginning(), None, going_on()]
    whole = search(Scripted(SPACE, script), noisy, trials=2, store=path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))
    counted = Counted(noisy)
    assert search(Scripted(SPACE, script), counted, trials=2, store=path) == whole
    assert counted.calls == 1


def test_a_copy_goes_on_with_the_training_of_its_original():
    """The copy itself was never trained: its own seed has no beginning to go on from."""
    script = [beginning(), None, beginning(), None, going_on(number=1)]
    history = search(Scripted(SPACE, script, seed=5), noisy, trials=3, reuse=True)
    assert [trial.result.copied_from for trial in history] == [None, 0, None]
    assert history[2].seed == history[0].seed == trial_seed(5, 0)


def test_a_lucky_beginning_reaches_no_target_once_something_was_trained_longer():
    def by_epochs(candidate, *, seed):
        return Result({"val_accuracy": {5: 0.5, 1: 0.9}[candidate.epochs]}, 1.0)

    script = [beginning(5), None, beginning(1), None, beginning(1), None]
    history = search(Scripted(SPACE, script), by_epochs, trials=10, target=0.8)
    assert len(history) == 3
    assert len(search(Scripted(SPACE, script), by_epochs, trials=10, target=0.5)) == 1


# Small things that a user meets


def scaled(candidate, *, seed, factor):
    result = noisy(candidate, seed=seed)
    return Result({"val_accuracy": factor * result.metrics["val_accuracy"]}, result.seconds)


def test_an_evaluator_may_be_a_partial_and_its_settings_belong_to_the_search(path):
    half = functools.partial(scaled, factor=0.5)
    assert len(search(RandomSearch(SPACE), half, trials=4, store=path)) == 4
    assert read_records(path)[0]["search"]["evaluator"] == "scaled"
    assert len(search(RandomSearch(SPACE), half, trials=5, store=path)) == 5
    with pytest.raises(ValueError, match=r"settings is .*0\.5.* there and .*0\.25"):
        search(RandomSearch(SPACE), functools.partial(scaled, factor=0.25), trials=5, store=path)


def test_incumbents_never_get_worse():
    for objective in (Objective(), Objective("seconds", "min")):
        history = search(RandomSearch(SPACE, objective=objective), fragile, trials=60)
        curve = history.incumbent(objective)
        curve = curve[~np.isnan(curve)]
        sign = 1 if objective.direction == "max" else -1
        assert all(sign * after >= sign * before for before, after in pairwise(curve))
        assert curve[-1] == history.best(objective).value(objective.name)


def test_a_store_may_be_moved(path, tmp_path):
    search(evolution(), noisy, trials=8, store=path)
    moved = tmp_path / "elsewhere" / "moved.jsonl"
    moved.parent.mkdir()
    shutil.move(path, moved)
    counted = Counted(noisy)
    search(evolution(), counted, trials=10, store=str(moved))
    assert counted.calls == 2


def test_the_toy_has_something_to_find():
    counts = [num_convolutions(candidate) for candidate in drawn(50)]
    assert min(counts) == 0 and max(counts) >= 3


def test_the_warning_names_the_setting_that_the_strategy_has():
    with pytest.warns(UserWarning, match=r"num_founders=10 leaves 2 of 12 .* Lower num_founders"):
        search(STRATEGIES.load("bananas")(SPACE), quick, trials=12)


def test_one_founder_is_no_reason_to_warn():
    search(STRATEGIES.load("local_search")(SPACE), quick, trials=1)
