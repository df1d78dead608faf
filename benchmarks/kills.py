"""What does a search lose when its process is killed? Kills at random moments, counted.

    python benchmarks/kills.py --json

Searches on the course's table, in processes that load no Keras, are killed (SIGKILL: no handler, no
clean-up) and called again with the same store, `--kills` times in all. Half of the moments are drawn
from the start of the process, so that they hit the opening of the store and its replay too, half
from the first new trial. Then `--live` kills in a search that trains. Every evaluation that begins
leaves a byte in a file of its own, so it is known how many trials a kill took with it. At the end
the store must hold what a search holds that nobody killed. Needs a system that can fork.
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

from nas_tutorial.loop.workers import ONE_THREAD

os.environ.update(ONE_THREAD)  # before NumPy is loaded: a forked process must have no threads

from nas_tutorial.history import History, read_records
from nas_tutorial.loop.search import search
from nas_tutorial.strategies import STRATEGIES
from nas_tutorial.tables.table import Table, TableEvaluator

STRATEGY_NAMES = (
    "regularized_evolution", "genetic", "random_search", "local_search", "successive_halving",
    "nsga2",
)  # fmt: skip
TRIALS = 1000  # of a search on the table
LIVE_TRIALS = 12
BACKENDS = {"keras", "tensorflow", "jax", "torch"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200, help="on the table")
    parser.add_argument("--live", type=int, default=3, help="in live training")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    options = parser.parse_args()
    moments = random.Random(options.seed)
    table = on_table(options.kills, moments)
    live = in_training(options.live, moments)
    for what, found in (("on the table", table), ("in live training", live)):
        print(
            f"{found['kills']} kills {what}, in {found['searches']} searches of "
            f"{found['trials']:,} trials: a kill cost at most {found['most_lost']} trial, "
            f"{found['lost']} in all; {found['idle']} came before the first new trial; the same "
            f"history at the end: {found['same']}"
        )
    if options.json:
        print(json.dumps({"table": table, "live": live}))
    sys.exit(0 if table["ok"] and live["ok"] else 1)


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


def train(store: Path, witness: Path) -> None:
    """A small search by ordinary training."""
    from nas_tutorial.data.datasets import load_dataset
    from nas_tutorial.evaluators.training import TrainingEvaluator
    from nas_tutorial.spaces.edge_cell import EdgeCellSpace

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
            "idle": 0, "same": True, "seconds": 0.0}  # fmt: skip


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
                count(found, told, size(witness) - begun, store)
            assert process.exitcode in (0, -9), f"a search failed: exit code {process.exitcode}"
        for path in (store, whole):  # to their ends
            process = make(target=run, args=(path, witness.with_name(f"{path.name}.witness")))
            process.start()
            process.join()
            assert process.exitcode == 0, f"a search failed: exit code {process.exitcode}"
        found["same"] &= without_times(store) == without_times(whole)
    found["seconds"] += time.perf_counter() - start


def count(found: dict, told_before: int, begun: int, store: Path) -> None:
    """Note what one kill cost: evaluations that were begun and are not in the store."""
    lost = begun - (num_told(store) - told_before)
    found["kills"] += 1
    found["lost"] += lost
    found["most_lost"] = max(found["most_lost"], lost)
    found["idle"] += begun == 0
    print(f"kill {found['kills']}: {num_told(store)} trials, {lost} lost", file=sys.stderr)


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
        for trial in History.load(store)
    ]  # fmt: skip


if __name__ == "__main__":
    main()
