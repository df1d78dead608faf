"""How much memory does an evaluation leave behind?

Evaluates many candidates and prints by how much the resident memory of the process grew after the
first few, which load code. With `--trials-a-process` they are evaluated in a process that is replaced
after so many, as the command `search --workers` does, and what is bounded is the most that any of
the processes had in use.

    python benchmarks/memory.py --trials 60 --json
    python benchmarks/memory.py --evaluator compiled --trials 300 --json
    python benchmarks/memory.py --trials 60 --trials-a-process 25 --json
"""

import argparse
import functools
import json
import os
import sys

import numpy as np

from nas_tutorial.loop.workers import processes

WARM_UP = 10  # trials that are not counted
DATASETS = {"training": "digits", "compiled": "mnist1d"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--evaluator", choices=list(DATASETS), default="training")
    parser.add_argument("--trials", type=int, default=60)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--trials-a-process", type=int, help="replace processes; default: use none")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    options = parser.parse_args()
    if options.trials <= WARM_UP:
        parser.error(f"--trials must be more than {WARM_UP}, the ones that are not counted")
    what = options.evaluator, options.epochs
    if options.trials_a_process is None:
        found = in_one_process([watched(measured(*what, n), n) for n in range(options.trials)])
    else:
        with processes(1, trials_a_process=options.trials_a_process) as pool:
            found = in_many([watched(pool.submit(measured, *what, n).result(), n)
                             for n in range(options.trials)])  # fmt: skip
    print("; ".join(f"{name.replace('_', ' ')} {value:,.2f}" for name, value in found.items()))
    if options.json:
        print(json.dumps({"evaluator": options.evaluator, "trials": options.trials,
                          "trials_a_process": options.trials_a_process, **found}))  # fmt: skip


def in_one_process(trials: list[dict]) -> dict:
    """By how much the process grew after the first trials, in all and by a straight line."""
    megabytes = [trial["megabytes"] for trial in trials]
    counted = megabytes[WARM_UP:]
    return {
        "megabytes_a_trial": np.polyfit(range(len(counted)), counted, 1)[0],
        "megabytes_grown": megabytes[-1] - megabytes[WARM_UP - 1],
        "megabytes_at_end": megabytes[-1],
        "megabytes_at_most": trials[-1]["peak"],
    }


def in_many(trials: list[dict]) -> dict:
    """The most that any process had in use, and how many there were."""
    return {
        "megabytes_after_first_trial": trials[0]["megabytes"],
        "megabytes_at_most": max(trial["peak"] for trial in trials),
        "processes": len({trial["process"] for trial in trials}),
    }


def measured(kind: str, epochs: int, number: int) -> dict:
    """Evaluate a random candidate, and look at the memory of the process that did."""
    from nas_tutorial.trials import Candidate

    evaluator = made(kind, epochs)
    candidate = Candidate(evaluator.recipe.space.sample(np.random.default_rng(number)))
    result = evaluator(candidate, seed=number)
    assert result.error is None, result.error
    in_use, peak = megabytes("VmRSS"), megabytes("VmHWM")
    return {"megabytes": in_use, "peak": peak, "process": os.getpid()}


@functools.cache
def made(kind: str, epochs: int):
    """The evaluator, made once in a process; only who evaluates loads a backend."""
    from nas_tutorial.data.datasets import load_dataset
    from nas_tutorial.evaluators.one_program.training import CompiledEvaluator
    from nas_tutorial.evaluators.training import TrainingEvaluator
    from nas_tutorial.spaces.edge_cell import EdgeCellSpace

    make = {"training": TrainingEvaluator, "compiled": CompiledEvaluator}[kind]
    return make(EdgeCellSpace(), load_dataset(DATASETS[kind]), epochs=epochs)


def watched(trial: dict, number: int) -> dict:
    print(f"trial {number + 1}: {trial['megabytes']:.0f} MB", file=sys.stderr)
    return trial


def megabytes(name: str) -> float:
    """The memory of this process that is in RAM, now (VmRSS) or at most (VmHWM), on Linux."""
    with open("/proc/self/status") as status:
        (line,) = (line for line in status if line.startswith(name))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
