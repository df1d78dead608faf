"""How good are the strategies, on published data? Two questions on NAS-Bench-201.

    NAS_TUTORIAL_NASBENCH201=nasbench201.csv.gz python benchmarks/strategies_nasbench201.py --part a --json

(a) As a user searches, on CIFAR-10: by validation accuracy after 12 epochs. What is the winner's
    test accuracy after 200 epochs, in percent, when 50, 100, 200 or 400 architectures were
    evaluated? `test_after[budget][strategy]` are means over seeds. Random search must meet the mean
    that a formula gives, and `chosen` is compared with its rivals seed by seed.
(b) As papers print it: the test accuracy after 200 epochs itself is searched, until a value equal
    to the table's best is met. `evaluations_to_optimum[dataset][strategy]` are means over seeds. A
    run ends after 3,000; where a strategy's runs did, it is counted in `runs_at_the_cap` and has
    no mean.

Every finished run is one line of the records file, so that a run cut short goes on where it was.
Delete that file when a strategy was changed.
"""

import argparse
import functools
import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import numpy as np
import pandas
from nasbench201_ranking import VARIABLE
from records import append, read
from tqdm import tqdm

from nas_tutorial.history import History
from nas_tutorial.loop.search import search
from nas_tutorial.statistics.chance import expected_best_of
from nas_tutorial.statistics.tests import paired_difference
from nas_tutorial.strategies import STRATEGIES
from nas_tutorial.tables.published import nasbench201
from nas_tutorial.tables.table import Table, TableEvaluator
from nas_tutorial.trials import Objective, Result

BUDGETS = (50, 100, 200, 400)
CAP = 3000
RECORDS = Path(__file__).parent / "records" / "strategies_nasbench201.jsonl"
CHOSEN = "bayesian"  # developed on the course's own table
RIVALS = ("optuna_tpe", "kerastuner_random", "kerastuner_bayesian")
FEWER = {"kerastuner_bayesian": (20, 100)}  # seeds and evaluations, at most: it is slow
STRATEGIES_A = (
    "random_search",
    "genetic",
    "regularized_evolution",
    "local_search",
    "simulated_annealing",
    "tabu",
    "reinforce",
    CHOSEN,
    *RIVALS,
)
STRATEGIES_B = ("regularized_evolution", "local_search", CHOSEN)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--part", choices=("a", "b"), required=True)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--strategies", nargs="+", help="only these")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--records", type=Path, default=RECORDS)
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    options = parser.parse_args()
    if VARIABLE not in os.environ:
        sys.exit(f"{VARIABLE} must name an extract of NAS-Bench-201; see the README. Set it.")
    names = options.strategies or (STRATEGIES_A if options.part == "a" else STRATEGIES_B)
    datasets = ("cifar10",) if options.part == "a" else tuple(nasbench201.DATASETS)
    jobs = [
        (options.part, dataset, name, seed)
        for name in names
        for dataset in datasets
        for seed in range(min(options.seeds, FEWER.get(name, (np.inf,))[0]))
    ]
    runs = finished(jobs, options.records, options.workers)
    result = {"a": after_budgets, "b": until_the_optimum}[options.part](runs)
    print(json.dumps(result) if options.json else json.dumps(result, indent=2))


def finished(jobs: list[tuple], records: Path, workers: int) -> pandas.DataFrame:
    """The records of all jobs; those that are missing are run."""
    known = read(records)
    missing = [job for job in jobs if job not in known]
    with ProcessPoolExecutor(workers) as pool, records.open("a") as file:
        running = {pool.submit(run, *job): job for job in missing}
        for future in tqdm(as_completed(running), total=len(running), unit="run"):
            known[running[future]] = future.result()
            append(file, running[future], future.result())
    columns = ("part", "dataset", "strategy", "seed")
    return pandas.DataFrame([{**dict(zip(columns, job)), **known[job]} for job in jobs])


def run(part: str, dataset: str, name: str, seed: int) -> dict[str, float]:
    """One search. Part a: budget -> test accuracy in percent. Part b: evaluations, and if it met
    the optimum."""
    table = published(dataset)
    strategy = make(name, table, seed)
    if part == "a":
        trials = FEWER.get(name, (0, BUDGETS[-1]))[1]
        history = search(strategy, TableEvaluator(table, 12), trials=trials, progress=False)
        reported = table.column("test_accuracy", 200)[:, 0] * 100
        return {
            str(budget): float(reported[table.row(winner(history, budget))])
            for budget in BUDGETS
            if budget <= trials
        }
    values = table.column("test_accuracy", 200)[:, 0]

    def searched(candidate, *, seed: int) -> Result:
        return Result({"val_accuracy": float(values[table.row(candidate.architecture)])}, 0.0)

    best = float(values.max())
    history = search(strategy, searched, trials=CAP, target=best, progress=False)
    met = history.best(strategy.objective).value("val_accuracy") >= best
    return {"evaluations": len(history), "met": float(met)}


@functools.cache
def published(dataset: str) -> Table:
    return nasbench201.load(os.environ[VARIABLE], dataset)


def make(name: str, table: Table, seed: int):
    if name in STRATEGIES:
        return STRATEGIES.load(name)(table.space, seed=seed)
    from rivals import RIVALS as foreign

    return foreign[name](table.space, seed=seed)


def winner(history: History, budget: int):
    """The architecture that is best by validation among the first trials."""
    return History(history[:budget]).best(Objective("val_accuracy")).candidate.architecture


def after_budgets(runs: pandas.DataFrame) -> dict:
    """What part a prints."""
    table = published("cifar10")
    budgets = [str(budget) for budget in BUDGETS]
    grouped = runs.groupby("strategy", sort=False)[budgets]
    means, errors = grouped.mean(), grouped.sem()
    chance = expected_best_of(
        table.column("val_accuracy", 12)[:, 0],
        BUDGETS,
        report=table.column("test_accuracy", 200)[:, 0] * 100,
    )
    by_seed = {name: group.set_index("seed")[budgets] for name, group in runs.groupby("strategy")}
    return {
        "seeds": grouped.count().max(axis=1).to_dict(),
        "test_after": plain(means),
        "standard_error": plain(errors),
        "rank": plain(means.rank(ascending=False)),
        "random_search_by_formula": dict(zip(budgets, chance.tolist())),
        "chosen": CHOSEN,
        "chosen_minus": differences(by_seed, CHOSEN, RIVALS),
        "evolution_minus": differences(by_seed, "regularized_evolution", ("random_search",)),
    }


def differences(by_seed: dict, first: str, others: tuple[str, ...]) -> dict:
    """[other][budget] -> the mean difference over seeds, its 95 % interval, and what it says."""
    found = {}
    for other in others:
        if first not in by_seed or other not in by_seed:
            continue
        apart = (by_seed[first] - by_seed[other]).dropna(how="all")
        for budget, column in apart.dropna(axis=1).items():
            apart_by = paired_difference(column)
            found.setdefault(other, {})[budget] = {
                "difference": apart_by.mean,
                "interval_95": [apart_by.low, apart_by.high],
                "seeds": len(column),
                "says": apart_by.says,
            }
    return found


def until_the_optimum(runs: pandas.DataFrame) -> dict:
    """What part b prints."""
    means, spread, at_the_cap = {}, {}, {}
    for dataset, group in runs.groupby("dataset", sort=False):
        values = published(dataset).column("test_accuracy", 200)[:, 0]
        # Each draw meets one of the best with the same probability, so the number is geometric.
        means[dataset] = {"random_search": len(values) / int((values == values.max()).sum())}
        spread[dataset], at_the_cap[dataset] = {}, {}
        for name, of_one in group.groupby("strategy", sort=False):
            capped = int((of_one["met"] == 0).sum())
            evaluations = of_one["evaluations"]
            if capped:
                at_the_cap[dataset][name] = capped
            else:
                means[dataset][name] = float(evaluations.mean())
            spread[dataset][name] = {
                "standard_error": float(evaluations.sem()),
                "quartiles": evaluations.quantile([0.25, 0.5, 0.75]).tolist(),
                "largest": int(evaluations.max()),
            }
    return {
        "seeds": int(runs["seed"].nunique()),
        "evaluations_to_optimum": means,
        "spread": spread,
        "runs_at_the_cap": at_the_cap,
    }


def plain(frame: pandas.DataFrame) -> dict:
    """[budget][strategy], without what was not measured."""
    return {
        budget: {name: float(value) for name, value in column.dropna().items()}
        for budget, column in frame.items()
    }


if __name__ == "__main__":
    main()
