"""Real processes, and a real Dask cluster on this machine."""

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, wait
from multiprocessing import active_children
from pathlib import Path

import numpy as np
import pytest
from distributed import Client, LocalCluster

from nas_tutorial.data.datasets import Dataset
from nas_tutorial.history import History
from nas_tutorial.loop.search import search
from nas_tutorial.loop.workers import PickledEvaluator, portable, processes
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.strategies.random_search import RandomSearch
from nas_tutorial.strategies.regularized_evolution import RegularizedEvolution
from nas_tutorial.strategies.successive_halving import SuccessiveHalving
from nas_tutorial.tables.table import Table, TableEvaluator
from tests import ROOT, toys
from tests.toys import (
    CountsItsMaking,
    DeadlyAt,
    DiesOnce,
    HoldsArrays,
    Sleeps,
    by_number,
    fragile,
    noisy,
)

SPACE = EdgeCellSpace()
RUNGS = (1.0, 2.0, 4.0)


@pytest.fixture(scope="module")
def dask():
    """Two processes with one thread each."""
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as made:
        yield made


@pytest.fixture
def client(dask):
    with Client(dask, set_as_default=False) as made:
        made.wait_for_workers(2, timeout=60)
        yield made


def small_table(seeds: int = 2) -> Table:
    """All chains of three slots, with made-up accuracies at three epochs."""
    space, rng = ChainSpace(depth=3), np.random.default_rng(0)
    shape = space.size, seeds
    return Table(
        "small",
        space,
        list(space),
        np.arange(space.size),
        metrics={("val_accuracy", epochs): rng.random(shape) for epochs in RUNGS},
        costs={"parameters": rng.integers(100, 900, space.size)},
        seconds=rng.random(shape),
    )


def halving(space, **settings) -> SuccessiveHalving:
    return SuccessiveHalving(space, epochs=RUNGS, bracket_size=8, **settings)


# The same results, trial by trial


@pytest.mark.parametrize("make", [RandomSearch, halving])
def test_a_cluster_finds_on_a_table_what_one_process_finds(make, client):
    """For halving too: who goes on depends on a whole rung, not on the order of its results."""
    table = small_table()
    evaluator = TableEvaluator(table)
    there = search(
        make(table.space, seed=3),
        evaluator,
        trials=40,
        executor=client.get_executor(pure=False),
        workers=2,
        progress=False,
    )
    here = search(make(table.space, seed=3), evaluator, trials=40, progress=False)
    assert by_number(there) == by_number(here)
    assert {t.number: t.result.seconds for t in there} == {
        t.number: t.result.seconds for t in here
    }  # simulated ones


def test_failed_trials_are_the_same_on_a_cluster(client, tmp_path):
    store = tmp_path / "store.jsonl"
    executor = client.get_executor(pure=False)
    there = search(
        RandomSearch(SPACE), fragile, trials=30, store=store, executor=executor, workers=2,
        progress=False,
    )  # fmt: skip
    here = search(RandomSearch(SPACE), fragile, trials=30, progress=False)
    assert by_number(there) == by_number(here)
    assert {t.number for t in there if t.failed} == {t.number for t in here if t.failed}
    assert History.load(store) == there


def test_a_strategy_that_listens_takes_another_path_with_another_number_in_flight():
    """The other half of the promise: only these may differ."""

    def evolution():
        return RegularizedEvolution(SPACE, population_size=3, tournament_size=2)

    with ThreadPoolExecutor(4) as executor:
        together = search(
            evolution(), noisy, trials=20, executor=executor, workers=4, progress=False
        )
    alone = search(evolution(), noisy, trials=20, progress=False)
    assert by_number(together)[:3] == by_number(alone)[:3]  # the founders
    assert by_number(together) != by_number(alone)


def tiny_data() -> Dataset:
    """Whether a wave rises or falls."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 96).astype("int32")
    waves = np.linspace(-1, 1, 8) * (2 * labels[:, None] - 1)
    x = (waves + rng.normal(0, 0.5, (96, 8)))[..., None].astype("float32")
    parts = [(x[start : start + 32], labels[start : start + 32]) for start in (0, 32, 64)]
    return Dataset("waves", *parts, class_names=("falls", "rises"))


def test_another_process_trains_what_this_one_trains(tmp_path):
    """Within a tolerance: with one computing thread, sums are rounded in another order."""
    from nas_tutorial.evaluators.training import (
        TrainingEvaluator,  # loads the backend: only where needed
    )

    space = ChainSpace(depth=1)
    evaluator = TrainingEvaluator(
        space, tiny_data(), epochs=2, batch_size=16, checkpoints=tmp_path / "checkpoints"
    )

    def strategy():
        return SuccessiveHalving(space, epochs=(1, 2), bracket_size=2)

    with processes(1) as executor:
        there = search(strategy(), evaluator, trials=3, executor=executor, progress=False)
    here = search(strategy(), evaluator, trials=3, progress=False)
    assert here[-1].candidate.resumes is not None
    for one, other in zip(there, here, strict=True):
        assert (one.number, one.candidate, one.seed) == (other.number, other.candidate, other.seed)
        for name in ("parameters", "flops"):
            assert one.value(name) == other.value(name)
        assert one.value("val_accuracy") == pytest.approx(other.value("val_accuracy"), abs=0.07)


# Workers that die


def test_a_worker_of_a_cluster_killed_in_the_middle_loses_no_trial(client, tmp_path):
    mark = tmp_path / "killed"
    history = search(
        RandomSearch(SPACE),
        DiesOnce(7, mark),
        trials=30,
        store=tmp_path / "store.jsonl",
        executor=client.get_executor(pure=False),
        workers=2,
        progress=False,
    )
    assert mark.exists() and int(mark.read_text()) not in client.run(os.getpid).values()
    assert by_number(history) == by_number(
        search(RandomSearch(SPACE), noisy, trials=30, progress=False)
    )
    assert History.load(tmp_path / "store.jsonl") == history


def test_a_trial_that_takes_every_worker_with_it_is_a_failed_one(client, dask, monkeypatch):
    monkeypatch.setattr(dask.scheduler, "allowed_failures", 1)  # Dask's own is 3: a longer test
    history = search(
        RandomSearch(SPACE),
        DeadlyAt(3),
        trials=8,
        executor=client.get_executor(pure=False),
        workers=2,
        progress=False,
    )
    (failed,) = [trial for trial in history if trial.failed]
    assert failed.number == 3
    assert "KilledWorker: Attempted to run task" in failed.result.error
    rest = by_number(search(RandomSearch(SPACE), noisy, trials=8, progress=False))
    assert [t for t in by_number(history) if t[0] != 3] == [t for t in rest if t[0] != 3]


def test_after_the_death_of_a_pool_the_same_call_resumes(tmp_path):
    store, mark = tmp_path / "store.jsonl", tmp_path / "killed"

    def call():
        with processes(2) as executor:
            return search(
                RandomSearch(SPACE), DiesOnce(5, mark), trials=12, store=store,
                executor=executor, workers=2, progress=False,
            )  # fmt: skip

    with pytest.raises(RuntimeError, match=r"a worker process died.* is whole\. Run again with a"):
        call()
    assert 0 < len(History.load(store)) < 12
    alone = search(RandomSearch(SPACE), noisy, trials=12, progress=False)
    assert by_number(call()) == by_number(alone)


# Processes that are replaced


def test_a_process_is_replaced_after_its_number_of_trials():
    with processes(2, trials_a_process=3) as executor:
        history = _counted(executor, trials=16)
    assert [trial.value("made") for trial in history] == [1] * 16
    each = Counter(trial.value("process") for trial in history)
    assert max(each.values()) == 3 and len(each) >= 6


def test_a_pool_goes_on_however_many_tasks_wait_for_it():
    """Python's own stood still after two: github.com/python/cpython/issues/115634."""
    with processes(1, trials_a_process=2) as executor:
        futures = [executor.submit(os.getpid) for _ in range(7)]
        done, waiting = wait(futures, timeout=60)
        for future in waiting:  # or the test would stand still too
            future.cancel()
        assert not waiting
    assert len({future.result() for future in done}) == 4


def test_a_search_in_processes_that_are_replaced_is_the_same_search(tmp_path):
    with processes(2, trials_a_process=4) as executor:
        there = search(
            RandomSearch(SPACE), fragile, trials=20, store=tmp_path / "store.jsonl",
            executor=executor, workers=2, progress=False,
        )  # fmt: skip
    assert by_number(there) == by_number(
        search(RandomSearch(SPACE), fragile, trials=20, progress=False)
    )


@pytest.mark.parametrize("settings", [(0, None), (float("nan"), None), (1, 0), (1, -3), (1, 2.5)])
def test_a_pool_needs_a_process_and_a_process_a_trial(settings):
    workers, trials = settings
    name = "workers" if trials is None else "trials_a_process"
    with (
        pytest.raises(ValueError, match=rf"{name} must be a whole number at least 1, got .*\."),
        processes(workers, trials_a_process=trials),
    ):
        pass


def test_an_evaluator_knows_after_how_many_trials_its_process_is_better_replaced():
    from nas_tutorial.evaluators.one_program.training import CompiledEvaluator
    from nas_tutorial.evaluators.training import TrainingEvaluator

    assert TrainingEvaluator.trials_a_process == 25
    assert not hasattr(CompiledEvaluator, "trials_a_process")


# What travels


@pytest.mark.parametrize("place", ["processes", "cluster"])
def test_a_worker_makes_its_evaluator_once_and_computes_with_one_thread(place, request):
    if place == "cluster":
        executor = request.getfixturevalue("client").get_executor(pure=False)
        history = _counted(executor)
    else:
        with processes(2) as executor:
            history = _counted(executor)
    assert {trial.value("made") for trial in history} == {1}
    assert os.getpid() not in {trial.value("process") for trial in history}
    assert {trial.value("threads") for trial in history} == {1}


def _counted(executor, trials: int = 10) -> History:
    return search(
        RandomSearch(SPACE),
        CountsItsMaking(),
        trials=trials,
        executor=executor,
        workers=2,
        progress=False,
    )


@pytest.mark.parametrize("place", ["processes", "replaced", "cluster"])
def test_arrays_of_ones_own_do_not_travel_with_every_task(place, request):
    evaluator = HoldsArrays(np.random.default_rng(0).random(250_000))
    assert len(pickle.dumps(portable(evaluator))) < 1_000 < 2e6 < len(pickle.dumps(evaluator))
    settings = {"trials": 10, "workers": 2, "progress": False}
    if place == "cluster":
        executor = request.getfixturevalue("client").get_executor(pure=False)
        history = search(RandomSearch(SPACE), evaluator, executor=executor, **settings)
    else:
        with processes(2, trials_a_process=2 if place == "replaced" else None) as executor:
            history = search(RandomSearch(SPACE), evaluator, executor=executor, **settings)
    unpickled = {(trial.value("process"), trial.value("made")) for trial in history}
    assert len(unpickled) == len({process for process, _ in unpickled})  # once in each process
    assert sorted(trial.number for trial in history) == list(range(10))
    assert os.getpid() not in {trial.value("process") for trial in history}


def test_passing_an_evaluator_on_does_not_make_it():
    """Dask's scheduler unpickles what it is sent, and has no use for a backend."""
    before = toys.MADE
    content = pickle.dumps(portable(CountsItsMaking()))
    passed_on = pickle.loads(pickle.dumps(pickle.loads(content)))
    assert isinstance(passed_on, PickledEvaluator) and before == toys.MADE
    assert pickle.loads(content) == passed_on


def test_where_nothing_is_pickled_the_evaluator_is_called_as_it_is():
    class Local(CountsItsMaking):
        def __call__(self, candidate, *, seed):
            return noisy(candidate, seed=seed)

    with ThreadPoolExecutor(1) as executor:
        history = search(RandomSearch(SPACE), Local(), trials=5, executor=executor, progress=False)
    assert history == search(RandomSearch(SPACE), noisy, trials=5, progress=False)


def test_functions_and_what_a_notebook_defines_travel_as_the_executor_has_it(monkeypatch):
    assert portable(noisy) is noisy
    evaluator = CountsItsMaking()
    monkeypatch.setattr(CountsItsMaking, "__module__", "__main__")
    assert portable(evaluator) is evaluator


# Pools and clusters

PARENT = """
import sys, time
from concurrent.futures import wait
from nas_tutorial.loop.workers import processes
from tests.toys import Sleeps, process_number

if __name__ == "__main__":
    with processes(2) as pool:
        numbers = [pool.submit(process_number) for _ in range(20)]
        print(*{number.result() for number in numbers}, flush=True)
        if sys.argv[1] == "busy":
            wait([pool.submit(Sleeps(), None, seed=0) for _ in range(2)])
        time.sleep(300)
"""
OWN_POOL = """
import multiprocessing, sys
from concurrent.futures import ProcessPoolExecutor
from nas_tutorial.loop.search import search
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.strategies.random_search import RandomSearch
from tests.toys import prints_its_process_and_sleeps

if __name__ == "__main__":
    pool = ProcessPoolExecutor(3, mp_context=multiprocessing.get_context(sys.argv[1]))
    search(
        RandomSearch(ChainSpace()), prints_its_process_and_sleeps, trials=9, executor=pool,
        workers=3, progress=False,
    )
"""
UNGUARDED = """
from nas_tutorial.loop.search import search
from nas_tutorial.loop.workers import processes
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.strategies.random_search import RandomSearch
from tests.toys import noisy

with processes(2) as pool:
    search(RandomSearch(ChainSpace()), noisy, trials=4, executor=pool, workers=2, progress=False)
"""


def script(path: Path, text: str, *arguments: str, **settings) -> subprocess.Popen:
    """A script of its own, which a spawned process can import; its output can be read."""
    path.write_text(text)
    return subprocess.Popen(
        [sys.executable, str(path), *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # so that Ctrl-C reaches all of its processes, and them alone
        **settings,
    )


def is_alive(process: int) -> bool:
    """Whether a process of this number is there, and not only waits to be noticed as ended."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="asks Linux what is alive")
@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("doing", ["idle", "busy"])
def test_workers_end_with_their_parent_however_it_ends(stop, doing, tmp_path):
    """In the middle of a training run too; SIGKILL leaves the parent no time to end them itself."""
    parent = script(tmp_path / "parent.py", PARENT, doing)
    children = [int(number) for number in parent.stdout.readline().split()]
    try:
        assert children and all(map(is_alive, children))
        time.sleep(0.5 * (doing == "busy"))  # until both have begun
        if stop == signal.SIGINT:
            os.killpg(parent.pid, stop)  # as a terminal does it
        else:
            parent.send_signal(stop)
        deadline = time.monotonic() + 20
        while any(map(is_alive, children)) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not [child for child in children if is_alive(child)]
        parent.wait(timeout=20)
    finally:
        for process in [parent.pid, *children]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        parent.communicate()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="asks Linux what is alive")
@pytest.mark.parametrize("method", ["spawn", "fork", "forkserver"])
def test_the_workers_of_any_pool_end_with_a_search_that_is_killed(method, tmp_path):
    """Python's own pools leave them there for ever."""
    parent = script(tmp_path / "parent.py", OWN_POOL, method)
    children = [int(parent.stdout.readline()) for _ in range(3)]
    try:
        assert len(set(children)) == 3 and all(map(is_alive, children))
        parent.kill()
        deadline = time.monotonic() + 20
        while any(map(is_alive, children)) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not [child for child in children if is_alive(child)]
    finally:
        for process in [parent.pid, *children]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        parent.communicate()


def test_a_script_without_its_guard_is_told_about_it_in_few_lines(tmp_path):
    """Each worker would run the script anew, and start workers of its own."""
    errors = script(tmp_path / "unguarded.py", UNGUARDED).communicate(timeout=120)[1]
    assert 'below `if __name__ == "__main__":`' in errors.splitlines()[-1]
    assert len(errors.splitlines()) < 60
    assert "bootstrapping" not in errors


def test_an_interrupted_pool_ends_in_the_middle_of_its_trainings():
    before, start = set(active_children()), time.monotonic()
    with pytest.raises(KeyboardInterrupt), processes(1) as pool:
        pool.submit(Sleeps(), None, seed=0)
        assert set(active_children()) - before
        raise KeyboardInterrupt
    assert time.monotonic() - start < 60
    assert not set(active_children()) - before
