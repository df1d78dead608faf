"""Searches with a surrogate on the course's table, over more seeds than a chapter has time for.

    OMP_NUM_THREADS=1 python benchmarks/surrogate_searches.py --workers 2 --json

(a) `bananas` and `bayesian`: what a search had found after 10, 20, ... 60 trials: the observed value of
    the best trial, and the row of its network in the table.
(b) `length ...`: expected improvement with one Gaussian process, as chapter 13 writes it, whose length
    scale is given. The row of the best network of 60, and Spearman's rank correlation over the whole
    table of the same surrogate with 60 random results.

It prints, for each of them at the end, the mean over the seeds of the true mean and of the test
accuracy (means of the network's three training runs). Every finished search is one line of the records
file, so that a run cut short goes on where it was. Delete that file when a strategy was changed.
"""

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
from records import append, read
from scipy.stats import spearmanr

from nas_tutorial.loop.search import search
from nas_tutorial.strategies import STRATEGIES
from nas_tutorial.strategies.gaussian_process import expected_improvement
from nas_tutorial.strategies.predictor import normal_scores, one_hot
from nas_tutorial.tables.table import Table, TableEvaluator
from nas_tutorial.trials import Objective

RECORDS = Path(__file__).parent / "records" / "surrogate_searches.jsonl"
LENGTHS = (0.1, 0.5, 2.5, 10.0, 100.0)
NAMES = ("bananas", "bayesian", *(f"length {length}" for length in LENGTHS))
TRIALS, FOUNDERS, EVERY, NOISE = 60, 10, 10, 0.3
OBJECTIVE = Objective("val_accuracy", "max")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=60)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--records", type=Path, default=RECORDS)
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    options = parser.parse_args()
    done = read(options.records)
    jobs = [(name, seed) for seed in range(options.seeds) for name in NAMES]
    missing = [job for job in jobs if job not in done]
    with options.records.open("a") as file, ProcessPoolExecutor(options.workers) as pool:
        for job, values in zip(missing, pool.map(run, missing)):
            append(file, job, values)
            done[job] = values
    seeds = range(options.seeds)
    result = {name: summary([done[name, seed] for seed in seeds]) for name in NAMES}
    print(json.dumps(result) if options.json else json.dumps(result, indent=2))


@cache
def course_table() -> tuple[Table, np.ndarray]:
    """The table, and the one-hot encodings of its networks."""
    table = Table.load_course()
    return table, one_hot(table.space, table.networks)


def run(job: tuple[str, int]) -> dict:
    name, seed = job
    if name.startswith("length"):
        return of_length(float(name.split()[1]), seed)
    table, _ = course_table()
    strategy = STRATEGIES.load(name)(table.space, seed=seed)
    history = search(strategy, TableEvaluator(table), trials=TRIALS, progress=False)
    best = [history[:number].best(OBJECTIVE) for number in range(EVERY, TRIALS + 1, EVERY)]
    return {
        "rows": [int(table.row(trial.candidate.architecture)) for trial in best],
        "observed": [trial.value(OBJECTIVE.name) for trial in best],
    }


def of_length(length: float, seed: int) -> dict:
    """A search that sees the first training run of each network, with a kernel of this length."""
    accuracy = course_table()[0].column(OBJECTIVE.name)[:, 0]
    rows = np.random.default_rng(seed).choice(len(accuracy), FOUNDERS, replace=False).tolist()
    kernels = kernel(rows, length)
    while len(rows) < TRIALS:
        mean, deviation = posterior(kernels, rows, accuracy)
        improvement = expected_improvement(mean, deviation, mean[rows].max())
        improvement[rows] = -np.inf
        largest = improvement.max()
        rows.append(int(np.flatnonzero(improvement >= largest - 1e-9 * abs(largest))[0]))
        kernels = np.vstack([kernels, kernel(rows[-1:], length)])
    drawn = np.random.default_rng(seed).choice(len(accuracy), TRIALS, replace=False).tolist()
    predicted, _ = posterior(kernel(drawn, length), drawn, accuracy)
    return {
        "rows": [rows[int(accuracy[rows].argmax())]],
        "spearman": round(float(spearmanr(predicted, accuracy).statistic), 4),
    }


def kernel(rows: list[int], length: float) -> np.ndarray:
    """Between these networks and all, of shape (num_rows, num_networks)."""
    _, features = course_table()
    differences = len(course_table()[0].space.choices) - features[rows] @ features.T
    return np.exp(-differences / length**2)


def posterior(kernels: np.ndarray, rows: list[int], accuracy: np.ndarray) -> tuple:
    """Mean and standard deviation for every network of the table."""
    scores = normal_scores([(-value,) for value in accuracy[rows]])
    weights = np.linalg.inv(kernels[:, rows] + NOISE**2 * np.eye(len(rows))) @ kernels
    variance = 1 - (kernels * weights).sum(axis=0)
    return scores @ weights, np.sqrt(np.maximum(variance, 0))


def summary(values: list[dict]) -> dict:
    """What searches had found at their end, on average."""
    table, _ = course_table()
    rows = [one["rows"][-1] for one in values]
    columns = {"true_mean": "val_accuracy", "test": "test_accuracy"}
    means = {key: table.column(name).mean(axis=1)[rows].mean() for key, name in columns.items()}
    rounded = {key: round(float(value), 4) for key, value in means.items()}
    if "spearman" in values[0]:
        rounded["spearman"] = round(float(np.mean([one["spearman"] for one in values])), 2)
    return {"seeds": len(values), **rounded}


if __name__ == "__main__":
    main()
