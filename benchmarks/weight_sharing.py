"""Do shared weights rank networks as trained ones do, and what does DARTS find? On the course's table.

    OMP_NUM_THREADS=1 KERAS_BACKEND=jax python benchmarks/weight_sharing.py --json

(a) A supernet is trained for each seed and scores the same random networks of the table, with and
    without recalibration. `ranking[scores]`: Spearman's and Kendall's rank correlation with the test
    accuracy in the table, mean over the seeds, over all scored networks and over their better half,
    each with the 95 % interval of a bootstrap over networks; and by validation accuracy. The number
    of parameters and of FLOPs are the baselines. `choice[scores]`: test accuracy of the network with
    the best score, of the best ten, and the regret, against all networks of the table.
    `random_search` is the expectation of the best by validation among as many networks, trained
    alone, as the training of a supernet has epochs for. `gentle_supernet`: the same at half the
    learning rate, recalibrated.
(b) DARTS, first and second order: what each seed keeps, its skips, its accuracy in the table.
    `random_pick` is the mean over the table.

Every finished seed is one line of the records file, so that a run cut short goes on where it was.
Delete that file when the supernet or DARTS was changed. Seconds are the processor's, compilation
included.
"""

import argparse
import functools
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from records import append, read
from scipy.stats import kendalltau, spearmanr
from tqdm import tqdm

from nas_tutorial.data.datasets import load_dataset
from nas_tutorial.evaluators.one_program.darts import Darts, num_skips
from nas_tutorial.evaluators.one_program.supernet import OneShotEvaluator, Supernet
from nas_tutorial.statistics.chance import expected_best_of
from nas_tutorial.tables.table import Table
from nas_tutorial.trials import Candidate

RECORDS = Path(__file__).parent / "records" / "weight_sharing.jsonl"
SUPERNET_EPOCHS = 200
GENTLE = 0.05  # half the learning rate of the table's networks
DARTS_EPOCHS = 50
ALPHA_RATE = 3e-3  # ten times the paper's: there are about a tenth of its steps
NETWORKS = 300
RESAMPLED = 2000
RECALIBRATION = {"recalibrated": 4, "collected": 0}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--records", type=Path, default=RECORDS)
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    options = parser.parse_args()
    table = Table.load_course()
    jobs = [
        *(("supernet", seed) for seed in range(options.seeds)),
        *(("darts", 1, seed) for seed in range(options.seeds)),
        *(("darts", 2, seed) for seed in range(options.seeds)),
        *(("gentle supernet", seed) for seed in range(options.seeds)),
    ]
    values = finished(jobs, options.records, table)
    result = {
        "seeds": options.seeds,
        "seeds_in_the_table": table.num_seeds,
        "supernet": about_supernets(table, [values[j] for j in jobs if j[0] == "supernet"]),
        "gentle_supernet": about_supernets(
            table, [values[j] for j in jobs if j[0] == "gentle supernet"]
        ),
        "darts": {
            f"order {order}": about_darts(
                table, [values[j] for j in jobs if j[:2] == ("darts", order)]
            )
            for order in (1, 2)
        },
        "random_pick": random_pick(table),
    }
    print(json.dumps(result) if options.json else json.dumps(result, indent=2))


def finished(jobs: list[tuple], records: Path, table: Table) -> dict[tuple, dict]:
    """The values of all jobs; those that are not among the records are run."""
    known = read(records)
    missing = [job for job in jobs if job not in known]
    run: dict[str, Callable] = {
        "supernet": run_supernet,
        "darts": run_darts,
        "gentle supernet": functools.partial(
            run_supernet, learning_rate=GENTLE, scored=("recalibrated",)
        ),
    }
    with records.open("a") as file:
        for job in tqdm(missing, file=sys.stderr, unit="seed"):
            known[job] = run[job[0]](table, *job[1:])
            append(file, job, known[job])
    return known


def sample(table: Table) -> np.ndarray:
    """The rows of the networks that every supernet scores."""
    return np.sort(np.random.default_rng(0).choice(len(table), NETWORKS, replace=False))


def run_supernet(
    table: Table, seed: int, *, scored: Sequence[str] = (*RECALIBRATION,), **settings
) -> dict:
    """Train one supernet, and score the sample with and without recalibration, or one way."""
    data = load_dataset("mnist1d")
    supernet = Supernet(table.space, data, epochs=SUPERNET_EPOCHS, seed=seed, **settings)
    start = time.process_time()
    supernet.train()
    processor_seconds = time.process_time() - start
    rows = sample(table)
    values = {
        "epochs": SUPERNET_EPOCHS,
        "processor_seconds": round(processor_seconds, 1),
        "losses": rounded(supernet.losses.reshape(SUPERNET_EPOCHS, -1).mean(axis=1)),
        "rows": rows.tolist(),
    }
    for name in scored:
        start = time.process_time()
        evaluator = OneShotEvaluator(supernet, recalibration=RECALIBRATION[name])
        results = [evaluator(Candidate(table.networks[row]), seed=seed) for row in rows]
        values[name] = [round(result.metrics["val_accuracy"], 5) for result in results]
        values[f"processor_seconds_{name}"] = round(time.process_time() - start, 1)
    return values


def run_darts(table: Table, order: int, seed: int) -> dict:
    """One search by DARTS."""
    darts = Darts(
        table.space,
        load_dataset("mnist1d"),
        epochs=DARTS_EPOCHS,
        order=order,
        alpha_rate=ALPHA_RATE,
    )
    start = time.process_time()
    found = darts.search(seed)
    return {
        "epochs": DARTS_EPOCHS,
        "alpha_rate": ALPHA_RATE,
        "processor_seconds": round(time.process_time() - start, 1),
        "losses": rounded(found.losses),
        "alphas": rounded(found.alphas),
        "architecture": table.space.to_string(found.architecture),
    }


def rounded(values: np.ndarray) -> list:
    return np.round(values.astype(float), 4).tolist()


# --- what the records say -------------------------------------------------------------------------


def about_supernets(table: Table, values: list[dict]) -> dict:
    rows = np.array(values[0]["rows"])
    scored = [name for name in RECALIBRATION if name in values[0]]
    scores = {name: np.array([one[name] for one in values]) for name in scored}
    scores |= {name: table.proxy(name)[rows].T for name in ("parameters", "flops")}
    trainings = SUPERNET_EPOCHS / table.epochs[-1]
    val, test = (table.column(f"{part}_accuracy").mean(axis=1) for part in ("val", "test"))
    drawn = expected_best_of(val, [int(trainings)], report=test)
    return {
        "epochs": SUPERNET_EPOCHS,
        "as_many_trainings_alone": trainings,
        "networks": len(rows),
        "ranking": {name: ranking(table, rows, one) for name, one in scores.items()},
        "choice": {name: choice(table, rows, one) for name, one in scores.items()},
        "best_of_the_table": float(test.max()),
        "best_of_the_networks": float(test[rows].max()),
        "random_search": float(drawn[0]),
        "processor_seconds": [one["processor_seconds"] for one in values],
        "processor_seconds_a_score": float(
            np.mean([one["processor_seconds_recalibrated"] for one in values]) / len(rows)
        ),
    }


def ranking(table: Table, rows: np.ndarray, scores: np.ndarray) -> dict:
    """How scores, one row a seed, order networks."""
    test = table.column("test_accuracy")[rows].mean(axis=1)
    val = table.column("val_accuracy")[rows].mean(axis=1)
    better = np.flatnonzero(test >= np.median(test))
    return {
        "spearman": with_interval(spearmanr, scores, test),
        "kendall": with_interval(kendalltau, scores, test),
        "spearman_better_half": with_interval(spearmanr, scores[:, better], test[better]),
        "kendall_better_half": with_interval(kendalltau, scores[:, better], test[better]),
        "spearman_validation": mean_over_seeds(spearmanr, scores, val),
        "spearman_of_each_seed": [float(spearmanr(one, test).statistic) for one in scores],
        "spearman_between_seeds": between(scores),
    }


def with_interval(correlation: Callable, scores: np.ndarray, values: np.ndarray) -> dict:
    """The mean over seeds, and its 95 % interval where other networks had been drawn."""
    rng = np.random.default_rng(0)
    drawn = rng.integers(len(values), size=(RESAMPLED, len(values)))
    means = [mean_over_seeds(correlation, scores[:, one], values[one]) for one in drawn]
    low, high = np.quantile(means, [0.025, 0.975])
    return {
        "mean": mean_over_seeds(correlation, scores, values),
        "interval_95": [float(low), float(high)],
    }


def mean_over_seeds(correlation: Callable, scores: np.ndarray, values: np.ndarray) -> float:
    return float(np.mean([correlation(one, values).statistic for one in scores]))


def between(scores: np.ndarray) -> float | None:
    """Spearman's correlation between two seeds' scores, mean over the pairs."""
    pairs = [(a, b) for place, a in enumerate(scores) for b in scores[:place]]
    return float(np.mean([spearmanr(a, b).statistic for a, b in pairs])) if pairs else None


def choice(table: Table, rows: np.ndarray, scores: np.ndarray) -> dict:
    """Test accuracy of what the best scores choose; ties go to the earlier row."""
    test = table.column("test_accuracy").mean(axis=1)
    firsts = [rows[np.argsort(-one, kind="stable")] for one in scores]
    best = np.array([test[order[0]] for order in firsts])
    return {
        "best_of_each_seed": best.tolist(),
        "best": float(best.mean()),
        "regret": float(test.max() - best.mean()),
        "mean_of_best_ten": float(np.mean([test[order[:10]].mean() for order in firsts])),
        "best_of_best_ten": float(np.mean([test[order[:10]].max() for order in firsts])),
    }


def about_darts(table: Table, values: list[dict]) -> dict:
    test = table.column("test_accuracy").mean(axis=1)
    found = [table.space.from_string(one["architecture"]) for one in values]
    accuracy = np.array([test[table.row(one)] for one in found])
    return {
        "epochs": DARTS_EPOCHS,
        "architectures": [one["architecture"] for one in values],
        "skips": [num_skips(one) for one in found],
        "nones": [one.values.count("none") for one in found],
        "test_accuracy": accuracy.tolist(),
        "rank": [int((test > one).sum()) + 1 for one in accuracy],
        "mean": float(accuracy.mean()),
        "regret": float(test.max() - accuracy.mean()),
        "better_than": float(np.mean([np.mean(test < one) for one in accuracy])),
        "processor_seconds": [one["processor_seconds"] for one in values],
    }


def random_pick(table: Table) -> dict:
    """One network of the table, drawn uniformly."""
    test = table.column("test_accuracy").mean(axis=1)
    skips = np.array([num_skips(one) for one in table.networks])
    return {
        "mean": float(test.mean()),
        "quartiles": np.quantile(test, [0.25, 0.5, 0.75]).tolist(),
        "regret": float(test.max() - test.mean()),
        "skips": float(skips.mean()),
    }


if __name__ == "__main__":
    main()
