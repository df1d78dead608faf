"""What the scripts share: the course's table, its true means, and searches compared on them.

Run a script from the project's root: PYTHONPATH=$PWD OMP_NUM_THREADS=1 python benchmarks/claims/NN_name.py
"""

from multiprocessing import get_context

import numpy as np
import pandas

from nas_tutorial.loop.search import search
from nas_tutorial.statistics.tests import paired_difference
from nas_tutorial.tables.table import Table, TableEvaluator
from nas_tutorial.trials import Objective

table = Table.load_course()
look_up = TableEvaluator(table)
space = table.space
RUNS = table.column("val_accuracy")  # (8765, 3): one column per training run
MEAN = RUNS.mean(axis=1)  # the true mean, as far as three runs know it
TEST = table.column("test_accuracy").mean(axis=1)
PARAMETERS = table.proxy("parameters")[:, 0]
ROW = {architecture: table.row(architecture) for architecture in space}  # all 15,625 encodings
OBJECTIVE = Objective("val_accuracy")


def row_of(history):
    """The network that a search reports, by its validation accuracy alone."""
    return ROW[history.best(OBJECTIVE).candidate.architecture]


def measures(history):
    """One search in three measures, in percentage points; only the first is seen by the search."""
    row = row_of(history)
    return {
        "observed": 100 * history.incumbent(OBJECTIVE)[-1],
        "true mean": 100 * MEAN[row],
        "test regret": -100 * (TEST.max() - TEST[row]),  # negated: larger is better
    }


def run_seeds(make, seeds, trials, evaluator=look_up):
    """A frame with one row per seed: what `measures` says of the search with that seed."""
    rows = [
        measures(search(make(seed), evaluator, trials=trials, progress=False)) for seed in seeds
    ]
    return pandas.DataFrame(rows, index=list(seeds))


def against(first, second):
    """Paired difference in each measure, as text."""
    return {
        name: paired_difference((first[name] - second[name]).to_numpy()).text() for name in first
    }


def report(results, baseline):
    """Print the mean of each strategy, and each against the baseline."""
    for name, frame in results.items():
        means = "  ".join(f"{column} {frame[column].mean():7.3f}" for column in frame)
        print(f"{name:28} {means}")
    for name, frame in results.items():
        if name != baseline:
            print(f"{name} - {baseline} (n = {len(frame)}): {against(frame, results[baseline])}")


def interval(values):
    """Mean and half-width of the 95 % interval by Student's t, as text."""
    d = paired_difference(np.asarray(values, float))
    return f"{d.mean:.4f} ± {d.mean - d.low:.4f}"


def both_cores(function, jobs):
    """Map in two processes: the machine has two cores."""
    with get_context("fork").Pool(2) as pool:
        return pool.map(function, jobs)
