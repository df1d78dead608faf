"""Searches on the table, kept: after each trial the network that a search would report, and the seconds.

python benchmarks/claims/searches.py NAME EVALUATOR TRIALS FIRST LAST   ->  benchmarks/claims/runs/NAME_EVALUATOR.npz
EVALUATOR is "full" (5 epochs) or "short" (1.25). Seeds FIRST to LAST-1 are added to those that are there.
"""

import sys
from functools import cache
from pathlib import Path

import numpy as np
import sklearn
from common import OBJECTIVE, ROW, both_cores, search, space, table

import nas_tutorial.strategies.bayesian as bayesian
from nas_tutorial.strategies import STRATEGIES
from nas_tutorial.strategies.bananas import Bananas, features
from nas_tutorial.tables.table import TableEvaluator

RUNS = Path(__file__).parent / "runs"
KEYS = ("rows", "seconds", "observed")
sklearn.set_config(
    skip_parameter_validation=True, assume_finite=True
)  # a third faster, the same trees
EVALUATORS = {"full": TableEvaluator(table), "short": TableEvaluator(table, epochs=1.25)}


@cache
def all_encoded():
    everything = list(space)
    return {a: i for i, a in enumerate(everything)}, ENCODE(space, everything)


ENCODE = bayesian.encode


def encode_cached(where, architectures):
    """`bayesian.encode`, which a table needs once and not once per search."""
    places, values = all_encoded()
    return values[[places[a] for a in architectures]]


bayesian.encode = encode_cached


@cache
def counted(architecture):
    return features(space.graph(architecture).pruned())


Bananas._count = lambda self, candidate: counted(candidate.architecture)


def curve(history):
    """After each trial: the row of the incumbent by validation accuracy, and the seconds spent."""
    rows, best = [], -1.0
    for trial in history:
        value = trial.value(OBJECTIVE.name)
        if value > best:
            best, row = value, ROW[trial.candidate.architecture]
        rows.append(row)
    seconds = np.cumsum([trial.result.seconds for trial in history])
    observed = history.incumbent(OBJECTIVE)
    return np.array(rows, np.int16), seconds.astype(np.float32), np.array(observed, np.float32)


def _one(job):
    name, evaluator, trials, seed = job
    strategy = MAKERS[name](seed) if name in MAKERS else STRATEGIES.load(name)(space, seed=seed)
    return seed, curve(search(strategy, EVALUATORS[evaluator], trials=trials, progress=False))


# Of strategies that are not in the registry, or are to be kept apart: name -> function of a seed.
MAKERS = {"bayesian_long": lambda seed: STRATEGIES.load("bayesian")(space, seed=seed)}


def collect(name, evaluator, trials, seeds):
    """Run what is missing in two processes, keep it, and return (seeds, rows, seconds, observed), a row per seed."""
    path = RUNS / f"{name}_{evaluator}.npz"
    there = dict(np.load(path)) if path.exists() else {}
    done = (
        {s: [there[k][i] for k in KEYS] for i, s in enumerate(there["seeds"].tolist())}
        if there
        else {}
    )
    missing = [seed for seed in seeds if seed not in done or len(done[seed][0]) < trials]
    if name.startswith("bayesian"):
        all_encoded()  # once, before the processes part
    for start in range(0, len(missing), 20):
        jobs = [(name, evaluator, trials, seed) for seed in missing[start : start + 20]]
        done |= dict(both_cores(_one, jobs))
        _save(path, done, trials)
    return load(name, evaluator)


def _save(path, done, trials):
    kept = {
        seed: [v[:trials] for v in values]
        for seed, values in done.items()
        if len(values[0]) >= trials
    }
    order = sorted(kept)
    columns = {k: np.array([kept[s][i] for s in order]) for i, k in enumerate(KEYS)}
    np.savez_compressed(path, seeds=np.array(order), **columns)


def load(name, evaluator="full"):
    there = np.load(RUNS / f"{name}_{evaluator}.npz")
    return there["seeds"], there["rows"], there["seconds"], there["observed"]


if __name__ == "__main__":
    name, evaluator, trials, first, last = sys.argv[1:]
    seeds, *_ = collect(name, evaluator, int(trials), range(int(first), int(last)))
    print(name, evaluator, len(seeds), "seeds")
