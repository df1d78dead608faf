"""Does a recipe tell architectures apart, and what would a whole table of it cost?

Trains random networks of the edge cell space, several seeds each, by CompiledEvaluator, and prints
the spread of their accuracies, how much of it is the seed, how well two seeds agree on the ranking
(of all, and of the better half), and the seconds a run; then the forecast for all networks.

    python benchmarks/table_recipe.py --networks 30 --seeds 3 --batch-size 64 --json
"""

import argparse
import itertools
import json
import sys
import time

import numpy as np
import pandas

from nas_tutorial.data.datasets import load_dataset
from nas_tutorial.evaluators.one_program.training import CompiledEvaluator
from nas_tutorial.making.build import measure
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.tables.course_table import checkpoint_epochs, networks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", type=int, default=30)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--learning-rate", type=float, default=0.1)
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    options = parser.parse_args()
    space = EdgeCellSpace()
    evaluator = CompiledEvaluator(
        space,
        load_dataset("mnist1d"),
        epochs=options.epochs,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
    )
    everything, _ = networks(space)
    test = evaluator.recipe.dataset.final_test()
    chosen = np.random.default_rng(0).choice(len(everything), options.networks, replace=False)
    measure(evaluator, everything[0], test, seed=0)  # compiles
    accuracy, final_val, seconds = [], [], []
    for seed in range(options.seeds):
        for row in chosen:
            start = time.perf_counter()
            one = measure(evaluator, everything[row], test, seed=seed)
            accuracy.append(one["test_correct"] / len(test[1]))
            final_val.append(one["val_correct"][-1] / len(evaluator.recipe.dataset.y_val))
            seconds.append(time.perf_counter() - start)
        print(f"seed {seed} done", file=sys.stderr)
    table = np.reshape(accuracy, (options.seeds, options.networks)).T
    result = {
        "recipe": vars(options),
        "checkpoints": checkpoint_epochs(evaluator.recipe.epochs),
        **spread(table),
        "val_spearman": spearman(np.reshape(final_val, table.T.shape).T),
        "seconds_a_run": float(np.mean(seconds)),
        "forecast_hours_a_seed_two_cores": float(np.mean(seconds)) * len(everything) / 2 / 3600,
    }
    print(json.dumps(result) if options.json else pandas.Series(result).to_string())


def spread(table: np.ndarray) -> dict:
    """Statistics of accuracies of shape (num_networks, num_seeds)."""
    means = table.mean(axis=1)
    better = table[means >= np.median(means)]
    return {
        "quartiles": np.quantile(means, [0, 0.25, 0.5, 0.75, 1]).round(3).tolist(),
        "seed_sd": float(np.sqrt(table.var(axis=1, ddof=1).mean())),
        "spearman": spearman(table),
        "spearman_better_half": spearman(better),
        "signal_to_noise": signal_to_noise(table),
        "signal_to_noise_better_half": signal_to_noise(better),
    }


def signal_to_noise(table: np.ndarray) -> float:
    """SD of the networks' true means, estimated, over the SD of one training about its mean."""
    noise = table.var(axis=1, ddof=1).mean()
    signal = max(0.0, table.mean(axis=1).var(ddof=1) - noise / table.shape[1])
    return float(np.sqrt(signal / noise))


def spearman(table: np.ndarray) -> float:
    """Mean rank correlation between two seeds."""
    ranks = pandas.DataFrame(table).rank()
    pairs = itertools.combinations(range(table.shape[1]), 2)
    return float(np.mean([ranks[a].corr(ranks[b]) for a, b in pairs]))


if __name__ == "__main__":
    main()
