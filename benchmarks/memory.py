"""How much memory does a training evaluation leave behind?

Trains many candidates in one process and prints the growth of the process's resident memory a
trial, after the first few, which load code.

    python benchmarks/memory.py --trials 60 --json
"""

import argparse
import json
import sys

import numpy as np

from nas_tutorial.data import load_dataset
from nas_tutorial.evaluation import TrainingEvaluator
from nas_tutorial.spaces import EdgeCellSpace
from nas_tutorial.trials import Candidate

WARM_UP = 10  # trials that are not counted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=60)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    options = parser.parse_args()
    if options.trials <= WARM_UP:
        parser.error(f"--trials must be more than {WARM_UP}, the ones that are not counted")
    space = EdgeCellSpace()
    evaluator = TrainingEvaluator(space, load_dataset("digits"), epochs=options.epochs)
    rng = np.random.default_rng(0)
    megabytes = []
    for number in range(options.trials):
        evaluator(Candidate(space.sample(rng)), seed=number)
        megabytes.append(resident_megabytes())
        print(f"trial {number + 1}: {megabytes[-1]:.0f} MB", file=sys.stderr)
    growth = np.polyfit(range(options.trials - WARM_UP), megabytes[WARM_UP:], 1)[0]
    print(f"{growth:.2f} MB a trial over {options.trials - WARM_UP} trials")
    if options.json:
        print(json.dumps({"megabytes_a_trial": growth, "trials": options.trials,
                          "megabytes_at_end": megabytes[-1]}))  # fmt: skip


def resident_megabytes() -> float:
    """The memory of this process that is in RAM, on Linux."""
    with open("/proc/self/status") as status:
        (line,) = (line for line in status if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
