"""How many evaluations a second does a search on a table make, and how long is a look-up?

    python benchmarks/table_speed.py --trials 20000 --json

The table is made up, of the course's size; nothing is stored and no bar is shown.
"""

import argparse
import json
import time

import numpy as np

from nas_tutorial.loop.search import search
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.strategies import STRATEGIES
from nas_tutorial.tables.course_table import networks
from nas_tutorial.tables.table import Table, TableEvaluator
from nas_tutorial.trials import Candidate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=20_000)
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    options = parser.parse_args()
    table = made_up_table()
    evaluator = TableEvaluator(table)
    rates = {}
    for name in ("random_search", "genetic", "regularized_evolution"):  # those that need no model
        strategy = STRATEGIES.load(name)(table.space, seed=0)
        start = time.perf_counter()
        search(strategy, evaluator, trials=options.trials, progress=False)
        rates[name] = options.trials / (time.perf_counter() - start)
    rng = np.random.default_rng(0)
    candidates = [Candidate(table.space.sample(rng)) for _ in range(options.trials)]
    start = time.perf_counter()
    for seed, candidate in enumerate(candidates):
        evaluator(candidate, seed=seed)
    microseconds = 1e6 * (time.perf_counter() - start) / options.trials
    for name, rate in rates.items():
        print(f"{name:<22} {rate:,.0f} evaluations a second")
    print(f"a look-up takes {microseconds:.1f} microseconds")
    if options.json:
        print(json.dumps({"evaluations_a_second": rates, "lookup_microseconds": microseconds}))


def made_up_table() -> Table:
    space = EdgeCellSpace()
    first, of_encoding = networks(space)
    values = np.random.default_rng(0).uniform(size=(len(first), 3))
    metrics = {("val_accuracy", 5.0): values, ("test_accuracy", 5.0): values}
    costs = {"parameters": np.arange(len(first))}
    return Table(
        "made up", space, first, of_encoding, metrics=metrics, costs=costs, seconds=1 + values
    )


if __name__ == "__main__":
    main()
