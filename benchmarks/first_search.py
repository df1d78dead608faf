"""Does breeding beat drawing at random, at the main command's own settings?

Runs genetic and random search on MNIST-1D for several seeds at equal trials, and prints genetic
minus random, paired by seed: the validation accuracy of the winner, mean and standard error.

    python benchmarks/first_search.py --seeds 5 --json

Every search keeps its history in --out, so a run that was cut goes on where it stopped.
"""

import argparse
import json
import statistics
import sys
from pathlib import Path

from nas_tutorial.data.datasets import load_dataset
from nas_tutorial.evaluators.training import TrainingEvaluator
from nas_tutorial.loop.search import search
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.strategies import STRATEGIES
from nas_tutorial.trials import Objective

STRATEGY_NAMES = ("random_search", "genetic")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("runs/first_search"))
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    options = parser.parse_args()
    best = {name: [best_accuracy(name, seed, options) for seed in range(options.seeds)]
            for name in STRATEGY_NAMES}  # fmt: skip
    differences = [g - r for g, r in zip(best["genetic"], best["random_search"])]
    result = {
        "trials": options.trials,
        "epochs": options.epochs,
        "seeds": options.seeds,
        "val_accuracy": best,
        "genetic_minus_random": statistics.mean(differences),
        "standard_error": standard_error(differences),
    }
    print(
        f"genetic minus random: {result['genetic_minus_random']:+.4f}, standard error "
        f"{result['standard_error']:.4f}, {options.seeds} seeds, {options.trials} trials each"
    )
    if options.json:
        print(json.dumps(result))


def best_accuracy(name: str, seed: int, options: argparse.Namespace) -> float:
    """The winner's validation accuracy in one search."""
    space = EdgeCellSpace()
    evaluator = TrainingEvaluator(space, load_dataset("mnist1d"), epochs=options.epochs)
    history = search(
        STRATEGIES.load(name)(space, seed=seed),
        evaluator,
        trials=options.trials,
        store=options.out / f"{name}-{seed}.jsonl",
    )
    accuracy = history.best(Objective()).value("val_accuracy")
    print(f"{name:<14} seed {seed}: {accuracy:.4f}", file=sys.stderr)
    return accuracy


def standard_error(values: list[float]) -> float:
    return statistics.stdev(values) / len(values) ** 0.5


if __name__ == "__main__":
    main()
