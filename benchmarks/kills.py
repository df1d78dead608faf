"""What is lost when a process is killed, and what stays behind? Kills at random moments, counted.

    python benchmarks/kills.py --json

Searches on the course's table, in processes that load no Keras, are killed (SIGKILL: no handler, no
clean-up) and called again with the same store, `--kills` times in all. Half of the moments are drawn
from the start of the process, so that they hit the opening of the store and its replay too, half
from the first new trial. Every evaluation that begins leaves a byte in a file of its own, so it is
known how many trials a kill took with it. At the end the store must hold what a search holds that
nobody killed.

Then the same for `--live` kills in a search that trains, for `--parents` kills of a search with two
worker processes, and for `--builds` kills of `table build` with two of them, where measuring a
network takes a millisecond. There the workers must end by themselves, and a second build must be
refused as long as the first one runs. Needs a system that can fork.
"""

import argparse
import json
import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from nas_tutorial.loop.workers import ONE_THREAD

os.environ.update(ONE_THREAD)  # before NumPy is loaded: a forked process must have no threads
os.environ["TQDM_DISABLE"] = "1"  # of the builds

from nas_tutorial.history import History, read_records
from nas_tutorial.loop.search import search
from nas_tutorial.loop.workers import processes
from nas_tutorial.making import build
from nas_tutorial.making.build import build_shard, read_journal
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.strategies import STRATEGIES
from nas_tutorial.tables.course_table import CHECKSUMS, read_folder, require_checksums, shards
from nas_tutorial.tables.table import Table, TableEvaluator
from nas_tutorial.trials import Result
from tests.tables.shards import COSTS, made_up

STRATEGY_NAMES = (
    "regularized_evolution", "genetic", "random_search", "local_search", "successive_halving",
    "nsga2",
)  # fmt: skip
TRIALS = 1000  # of a search on the table
LIVE_TRIALS = 12
PARENT_TRIALS = 1000
NETWORKS = 8765  # of the course's table
SECONDS_TO_END = 20  # for a worker whose parent is gone
BACKENDS = {"keras", "tensorflow", "jax", "torch"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200, help="on the table")
    parser.add_argument("--live", type=int, default=3, help="in live training")
    parser.add_argument("--parents", type=int, default=20, help="of searches with workers")
    parser.add_argument("--builds", type=int, default=20, help="of table build")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    options = parser.parse_args()
    moments = random.Random(options.seed)
    parts = {
        "on the table": lambda: on_table(options.kills, moments),
        "of parents": lambda: of_parents(options.parents, moments),
        "of table build": lambda: of_builds(options.builds, moments),
        "in live training": lambda: in_training(options.live, moments),
    }
    found = {}
    for what, run in parts.items():
        found[what] = one = run()
        print(
            f"{one['kills']} kills {what}, in {one['searches']} runs of {one['trials']:,} trials: a "
            f"kill cost at most {one['most_lost']}, {one['lost']} in all; {one['idle']} came before "
            f"the first new trial; the same at the end: {one['same']}; the last worker ended after "
            f"{one['seconds_to_end']:.1f} s at most; {one['seconds']:.0f} s",
            flush=True,
        )
    if options.json:
        print(json.dumps(found))
    sys.exit(0 if all(one["ok"] for one in found.values()) else 1)


def on_table(kills: int, moments: random.Random) -> dict:
    """Kill searches on the table, one strategy after the other, until there were enough kills."""
    table = Table.load_course()
    found = nothing_found(TRIALS)
    while found["kills"] < kills:
        number = found["searches"]

        def run(store: Path, witness: Path, number=number) -> None:
            kind = STRATEGIES.load(STRATEGY_NAMES[number % len(STRATEGY_NAMES)])
            evaluator = Witnessed(TableEvaluator(table), witness)
            strategy = kind(table.space, seed=number)
            require_no_backend()
            search(strategy, evaluator, trials=TRIALS, store=store, progress=False)
            require_no_backend()

        found["searches"] += 1
        search_and_kill(run, found, kills, moments, context="fork", pause=0.1, halves=True)
    found["ok"] = found["same"] and found["most_lost"] <= 1
    return found


def in_training(kills: int, moments: random.Random) -> dict:
    """Kill one search that trains; each process is a new one, with a backend of its own."""
    found = nothing_found(LIVE_TRIALS)
    if kills > 0:
        found["searches"] = 1
        search_and_kill(train, found, kills, moments, context="spawn", pause=8, halves=False)
    found["ok"] = found["same"] and found["most_lost"] <= 1 and found["kills"] == kills
    return found


def of_parents(kills: int, moments: random.Random) -> dict:
    """Kill searches with two worker processes, whose workers are then alone."""
    found = nothing_found(PARENT_TRIALS)
    while found["kills"] < kills:
        found["searches"] += 1
        search_and_kill(
            search_with_workers, found, kills, moments, context="spawn", pause=6, halves=True
        )
    found["ok"] = found["same"] and found["most_lost"] <= 2
    return found


def search_with_workers(store: Path, witness: Path) -> None:
    space = EdgeCellSpace()
    strategy = STRATEGIES.load("random_search")(space)
    with processes(2) as pool:
        search(
            strategy, Brief(witness), trials=PARENT_TRIALS, executor=pool, workers=2, store=store,
            progress=False,
        )  # fmt: skip


class Brief:
    """An evaluator that takes a moment, and says which process it runs in."""

    def __init__(self, witness: Path):
        self.witness = witness

    def describe(self) -> dict:
        return {"evaluator": "Brief"}

    def __call__(self, candidate, *, seed: int) -> Result:
        note_worker(self.witness)
        with self.witness.open("ab") as file:
            file.write(b".")
        time.sleep(0.02)
        return Result({"val_accuracy": seed % 1000 / 1000}, 0.02)


def note_worker(witness: Path) -> None:
    """Leave this process's number beside a file."""
    witness.with_name(f"{witness.name}.worker-{os.getpid()}").touch()


def seconds_until_workers_end(folder: Path) -> float:
    """Wait for the processes that left their numbers in a folder, which are forgotten."""
    start = time.perf_counter()
    for path in folder.glob("*.worker-*"):
        while is_running(int(path.name.rpartition("-")[2])):
            assert time.perf_counter() - start < SECONDS_TO_END, f"a worker was left: {path.name}"
            time.sleep(0.01)
        path.unlink()
    return time.perf_counter() - start


def is_running(number: int) -> bool:
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"  # a zombie has ended, and nobody has asked yet how


def of_builds(kills: int, moments: random.Random) -> dict:
    """Kill builds of a table, with two workers, until there were enough kills."""
    found = nothing_found(NETWORKS)
    while found["kills"] < kills:
        found["searches"] += 1
        with tempfile.TemporaryDirectory() as folder:
            build_and_kill(Path(folder), found, kills, moments)
    found["ok"] = found["same"] and found["most_lost"] <= 2
    return found


def build_and_kill(folder: Path, found: dict, kills: int, moments: random.Random) -> None:
    """One table, its build killed until it is done or there were enough kills; then to its end."""
    start = time.perf_counter()
    witness = folder / "witness"
    make = multiprocessing.get_context("spawn").Process
    is_done = False
    while not is_done:
        begun, kept = size(witness), num_measured(folder)
        process = make(target=build_quickly, args=(folder,))
        process.start()
        if found["kills"] >= kills:
            process.join()
        elif found["kills"] % 2:
            while size(witness) == begun and process.is_alive():
                time.sleep(0.001)
            require_alone(folder, process)
        process.join(moments.uniform(0, 3))
        is_done = not process.is_alive()
        if not is_done:
            process.kill()
            process.join()
        found["seconds_to_end"] = max(found["seconds_to_end"], seconds_until_workers_end(folder))
        if not is_done:
            count(found, size(witness) - begun, num_measured(folder) - kept)
        assert process.exitcode in (0, -9), f"a build failed: exit code {process.exitcode}"
    require_checksums(folder)
    noted = (folder / CHECKSUMS).read_text().split()[1::2]
    all_there = noted == [f"{shard.name}.npz" for shard in shards(0, NETWORKS)]
    correct = read_folder(folder)["metrics"]["test_accuracy", 5]
    expected = [made_up(row, 0)["test_correct"] / 4000 for row in range(NETWORKS)]
    found["same"] &= all_there and correct[:, 0].tolist() == expected
    found["seconds"] += time.perf_counter() - start


def require_alone(folder: Path, process) -> None:
    """A second build must be refused, as long as the first one runs."""
    try:
        with build.alone_in(folder):
            assert not process.is_alive(), "two builds were let in"
    except RuntimeError:
        pass


def build_quickly(folder: Path) -> None:
    build.build_shard = quick_shard
    build.build_table(folder, folder, seeds=range(1), workers=2, minutes=60)


def quick_shard(shard, folder: Path, journals: Path, deadline: float) -> bool:
    """A shard, built in a worker where measuring a network takes a millisecond."""
    witness = folder / "witness"
    note_worker(witness)
    build._workplace = lambda: (range(NETWORKS), Brief(witness), None)
    build.measure = measure_quickly
    Brief.costs = lambda self, row: COSTS
    return build_shard(shard, folder, journals, deadline)


def measure_quickly(evaluator: Brief, row: int, test, *, seed: int) -> dict:
    with evaluator.witness.open("ab") as file:
        file.write(b".")
    time.sleep(0.001)
    record = made_up(row, seed)
    del record["row"]
    return record


def num_measured(folder: Path) -> int:
    """How many networks a new build would find in the journals, of which torn lines are cut off."""
    return sum(len(read_journal(path)) for path in folder.glob("*.jsonl"))


def train(store: Path, witness: Path) -> None:
    """A small search by ordinary training."""
    from nas_tutorial.data.datasets import load_dataset
    from nas_tutorial.evaluators.training import TrainingEvaluator

    kind, space = STRATEGIES.load("regularized_evolution"), EdgeCellSpace()
    evaluator = Witnessed(TrainingEvaluator(space, load_dataset("digits"), epochs=1), witness)
    strategy = kind(space, population_size=4, tournament_size=2)
    search(strategy, evaluator, trials=LIVE_TRIALS, store=store, progress=False)


def require_no_backend() -> None:
    loaded = BACKENDS & set(sys.modules)
    assert not loaded, f"a search on a table must load no backend, got {loaded}"


class Witnessed:
    """An evaluator that leaves a byte in a file at the beginning of each evaluation."""

    def __init__(self, evaluator, witness: Path):
        self._evaluator = evaluator
        self._witness = os.open(witness, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self.describe = evaluator.describe

    def __call__(self, candidate, *, seed: int):
        os.write(self._witness, b".")
        return self._evaluator(candidate, seed=seed)


def nothing_found(trials: int) -> dict:
    return {"kills": 0, "searches": 0, "trials": trials, "most_lost": 0, "lost": 0,
            "idle": 0, "same": True, "seconds": 0.0, "seconds_to_end": 0.0}  # fmt: skip


def search_and_kill(
    run: Callable[[Path, Path], None],
    found: dict,
    kills: int,
    moments: random.Random,
    *,
    context: str,
    pause: float,
    halves: bool,
) -> None:
    """One search, killed until it is done or there were enough kills; adds to what was found.

    Args:
        run: Searches with a store and the witness of its evaluations, until it is done.
        found: See `nothing_found`.
        kills: How many are wanted in all.
        moments: Draws when to kill.
        context: How processes are started.
        pause: Seconds, at most, until a kill.
        halves: Whether half of them count from the start of the process; else all do from the first
            new trial.
    """
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        store, whole = Path(folder) / "killed.jsonl", Path(folder) / "whole.jsonl"
        witness = Path(folder) / "witness"
        make = multiprocessing.get_context(context).Process
        is_done = False
        while not is_done and found["kills"] < kills:
            begun, told = size(witness), num_told(store)
            process = make(target=run, args=(store, witness))
            process.start()
            if found["kills"] % 2 or not halves:
                while size(witness) == begun and process.is_alive():
                    time.sleep(0.001)
            process.join(moments.uniform(0, pause))
            is_done = not process.is_alive()
            if not is_done:
                process.kill()
                process.join()
            gone = seconds_until_workers_end(Path(folder))
            found["seconds_to_end"] = max(found["seconds_to_end"], gone)
            if not is_done:
                count(found, size(witness) - begun, num_told(store) - told)
            assert process.exitcode in (0, -9), f"a search failed: exit code {process.exitcode}"
        for path in (store, whole):  # to their ends
            process = make(target=run, args=(path, witness.with_name(f"{path.name}.witness")))
            process.start()
            process.join()
            assert process.exitcode == 0, f"a search failed: exit code {process.exitcode}"
        found["same"] &= without_times(store) == without_times(whole)
    found["seconds"] += time.perf_counter() - start


def count(found: dict, begun: int, kept: int) -> None:
    """Note what one kill cost: evaluations that were begun and are not kept."""
    lost = begun - kept
    found["kills"] += 1
    found["lost"] += lost
    found["most_lost"] = max(found["most_lost"], lost)
    found["idle"] += begun == 0
    print(f"kill {found['kills']}: {begun} begun, {lost} lost", file=sys.stderr)


def size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def num_told(store: Path) -> int:
    records = read_records(store) if store.exists() else []
    return sum("tell" in record for record in records)


def without_times(store: Path) -> list[tuple]:
    """The trials of a store: number, candidate, seed, and every metric that is no time."""
    return [
        (trial.number, trial.candidate, trial.seed, trial.result.error,
         {name: value for name, value in trial.result.metrics.items() if name != "latency_ms"})
        for trial in sorted(History.load(store), key=lambda trial: trial.number)
    ]  # fmt: skip


if __name__ == "__main__":
    main()
