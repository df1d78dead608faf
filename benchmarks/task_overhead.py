"""What does it cost to evaluate a candidate elsewhere? Milliseconds a trial that does nothing.

    python benchmarks/task_overhead.py --json

Random search through `search`, with two workers and two candidates in flight, by each engine that
has an executor of `concurrent.futures`: a spawned process pool, Dask's LocalCluster, joblib's loky.
`milliseconds` has the median over rounds in which the engines take turns; `start_seconds` what an
engine takes until its first result; `table` the same trials by a `TableEvaluator` of the course's
table, which travels as its name: `recipe_bytes` with every task, and `load_seconds` until each worker
has loaded it.
"""

import argparse
import json
import pickle
import statistics
import sys
import time
from contextlib import contextmanager

from distributed import Client, LocalCluster
from joblib.externals.loky import get_reusable_executor

from nas_tutorial.loop.search import search
from nas_tutorial.loop.workers import processes
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.strategies.random_search import RandomSearch
from nas_tutorial.tables.table import Table, TableEvaluator
from nas_tutorial.trials import Result

WORKERS = 2


class Nothing:
    """Every candidate is as good as every other, and costs nothing."""

    def describe(self) -> dict:
        return {"evaluator": "nothing"}

    def __call__(self, candidate, *, seed: int) -> Result:
        return Result({"val_accuracy": 0.5}, 0.0)


@contextmanager
def serial():
    yield None


@contextmanager
def dask():
    with (
        LocalCluster(n_workers=WORKERS, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        client.wait_for_workers(WORKERS)
        yield client.get_executor(pure=False)


@contextmanager
def loky():
    executor = get_reusable_executor(max_workers=WORKERS)
    try:
        yield executor
    finally:
        executor.shutdown()


ENGINES = {"serial": serial, "process_pool": lambda: processes(WORKERS), "dask": dask, "loky": loky}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=300, help="in a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    options = parser.parse_args()
    looked_up = TableEvaluator(Table.load_course())
    seconds: dict[tuple[str, str], list[float]] = {}
    starts: dict[str, list[float]] = {}
    loads: dict[str, list[float]] = {}
    for _ in range(options.rounds):
        for name, engine in ENGINES.items():
            start = time.perf_counter()
            with engine() as executor:
                timed(executor, Nothing(), WORKERS)
                starts.setdefault(name, []).append(time.perf_counter() - start)
                loads.setdefault(name, []).append(timed(executor, looked_up, 10 * WORKERS))
                for what, evaluator in (("nothing", Nothing()), ("table", looked_up)):
                    took = timed(executor, evaluator, options.trials)
                    seconds.setdefault((what, name), []).append(took / options.trials)
                    print(f"{name:<14} {what:<8} {1000 * took / options.trials:8.3f} ms",
                          file=sys.stderr)  # fmt: skip
    result = {
        "milliseconds": in_milliseconds(seconds, "nothing"),
        "table": in_milliseconds(seconds, "table"),
        "start_seconds": {name: statistics.median(values) for name, values in starts.items()},
        "load_seconds": {name: statistics.median(values) for name, values in loads.items()},
        "recipe_bytes": len(pickle.dumps(looked_up)),
        "trials": options.trials,
        "rounds": options.rounds,
        "workers": WORKERS,
    }
    print(json.dumps(result) if options.json else json.dumps(result, indent=2))


def timed(executor, evaluator, trials: int) -> float:
    """Seconds of a search."""
    workers = 1 if executor is None else WORKERS
    start = time.perf_counter()
    search(
        RandomSearch(EdgeCellSpace()),
        evaluator,
        trials=trials,
        executor=executor,
        workers=workers,
        progress=False,
    )
    return time.perf_counter() - start


def in_milliseconds(seconds: dict, what: str) -> dict[str, float]:
    """Engine -> median over rounds."""
    return {n: 1000 * statistics.median(values) for (w, n), values in seconds.items() if w == what}


if __name__ == "__main__":
    main()
