"""What does a strategy itself cost, beside the training? Milliseconds for one ask and one tell.

    OMP_NUM_THREADS=1 python benchmarks/strategy_overhead.py --json

`milliseconds[name]` is the mean over 1,000 trials, over 200 for the strategies with a predictor, and
over 100 for KerasTuner's, whose cost grows steeply: `at_the_end` has the last ten alone. Results
come from the course's table, outside the measured time. `bayesian_large_space` searches
NodeCellSpace, too large to enumerate, through its pool of `pool_size` architectures, with made-up
results.
"""

import argparse
import json
import sys
import time

import numpy as np
from rivals import RIVALS

from nas_tutorial.randomness import trial_seed
from nas_tutorial.spaces.node_cell import NodeCellSpace
from nas_tutorial.strategies import STRATEGIES
from nas_tutorial.strategies.base import Strategy
from nas_tutorial.tables.table import Table, TableEvaluator
from nas_tutorial.trials import Result, Trial

CHEAP, PREDICTORS = 1000, 200
TRIALS = {
    "random_search": CHEAP,
    "genetic": CHEAP,
    "regularized_evolution": CHEAP,
    "local_search": CHEAP,
    "simulated_annealing": CHEAP,
    "tabu": CHEAP,
    "reinforce": CHEAP,
    "nsga2": CHEAP,
    "bayesian": PREDICTORS,
    "bananas": PREDICTORS,
    "optuna_tpe": PREDICTORS,
    "kerastuner_random": 100,
    "kerastuner_bayesian": 100,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    options = parser.parse_args()
    table = Table.load_course()
    looked_up = TableEvaluator(table)
    times = {}
    for name, trials in TRIALS.items():
        strategy = (STRATEGIES.load(name) if name in STRATEGIES else RIVALS[name])(
            table.space, seed=options.seed
        )
        times[name] = milliseconds(strategy, looked_up, trials)
        print(f"{name:<22} {times[name].mean():9.3f} ms", file=sys.stderr)
    large = STRATEGIES.load("bayesian")(NodeCellSpace(), seed=options.seed)
    times["bayesian_large_space"] = milliseconds(large, made_up, PREDICTORS)
    result = {
        "milliseconds": {name: float(values.mean()) for name, values in times.items()},
        "at_the_end": {name: float(values[-10:].mean()) for name, values in times.items()},
        "trials": {name: len(values) for name, values in times.items()},
        "pool_size": large.pool_size,
    }
    print(json.dumps(result) if options.json else json.dumps(result, indent=2))


def milliseconds(strategy: Strategy, evaluator, trials: int) -> np.ndarray:
    """The processor time of each ask and its tell, of shape (trials,)."""
    spent = []
    for number in range(trials):
        start = time.process_time()
        candidate = strategy.ask()
        asked = time.process_time() - start
        seed = trial_seed(strategy.seed, number)
        trial = Trial(number, candidate, seed, evaluator(candidate, seed=seed))
        start = time.process_time()
        strategy.tell(trial)
        spent.append(1000 * (asked + time.process_time() - start))
    return np.array(spent)


def made_up(candidate, *, seed: int) -> Result:
    """Convolutions help, with noise."""
    convolutions = sum("conv" in str(value) for value in candidate.architecture.values)
    noise = np.random.default_rng(seed).normal(scale=0.02)
    return Result({"val_accuracy": 0.5 + 0.05 * convolutions + noise}, 0.0)


if __name__ == "__main__":
    main()
