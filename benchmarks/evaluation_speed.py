"""How many candidates a minute does each way of evaluating give?

    python benchmarks/evaluation_speed.py --networks 20 --json

In one run, with the same architectures, epochs and data:

    kerastuner          KerasTuner's RandomSearch with an ordinary build function, whole machine
    training            TrainingEvaluator, whole machine
    compiled            CompiledEvaluator, one core, one thread
    compiled_workers    CompiledEvaluator in two processes, one thread each

The compiled ways are timed after compilation, whose seconds are printed apart, and on both
backends; the other two include their own tracing, since every trial pays for it. `useful_share` is
the arithmetic that training needs, over what the core could do in that time by the rate of a
product of two 1024 x 1024 matrices measured in the same run.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from multiprocessing import get_context

import numpy as np

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", type=int, default=20)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--way", help="measure this way alone, in this process")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    options = parser.parse_args()
    if options.way:
        print(json.dumps(WAYS[options.way](options)))
        return
    measured = {
        (way, backend): in_a_process(way, backend, options)
        for way, backend in (
            ("kerastuner", "tensorflow"), ("training", "tensorflow"),
            ("compiled", "tensorflow"), ("compiled_workers", "tensorflow"),
            ("compiled", "jax"), ("compiled_workers", "jax"),
        )
    }  # fmt: skip
    result = summary(measured, options)
    for key, value in result.items():
        print(f"{key}: {value}", file=sys.stderr)
    print(json.dumps(result) if options.json else "")


def summary(measured: dict, options: argparse.Namespace) -> dict:
    """Rates in candidates a minute, ratios to KerasTuner, compile seconds and useful share."""
    slow = measured["kerastuner", "tensorflow"]["per_minute"]
    result = {"networks": options.networks, "epochs": options.epochs}
    result["candidates_a_minute"] = {
        f"{way}_{backend}": round(one["per_minute"], 2) for (way, backend), one in measured.items()
    }
    for backend in ("tensorflow", "jax"):
        result[f"ratio_{backend}"] = measured["compiled_workers", backend]["per_minute"] / slow
        result[f"compile_seconds_{backend}"] = measured["compiled", backend]["compile_seconds"]
        result[f"useful_share_{backend}"] = measured["compiled", backend]["useful_share"]
    result["useful_share"] = max(result["useful_share_tensorflow"], result["useful_share_jax"])
    return result


def in_a_process(way: str, backend: str, options: argparse.Namespace) -> dict:
    """Measure a way in a process of its own, with the threads that it is allowed."""
    print(f"measuring {way} on {backend}", file=sys.stderr)
    threads = ONE_THREAD if way.startswith("compiled") else {}
    arguments = [f"--{name}={getattr(options, name.replace('-', '_'))}"
                 for name in ("networks", "epochs", "batch-size")]  # fmt: skip
    run = subprocess.run(
        [sys.executable, __file__, "--way", way, *arguments],
        env={**os.environ, **threads, "KERAS_BACKEND": backend},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(run.stdout.splitlines()[-1])


def architectures(options: argparse.Namespace) -> list:
    from nas_tutorial.spaces.edge_cell import EdgeCellSpace

    rng = np.random.default_rng(0)
    space = EdgeCellSpace()
    return [space.sample(rng) for _ in range(options.networks)]


def evaluator_of(kind, options: argparse.Namespace):
    from nas_tutorial.data.datasets import load_dataset
    from nas_tutorial.spaces.edge_cell import EdgeCellSpace

    return kind(
        EdgeCellSpace(), load_dataset("mnist1d"), epochs=options.epochs,
        batch_size=options.batch_size,
    )  # fmt: skip


def kerastuner(options: argparse.Namespace) -> dict:
    """A user's first attempt: a choice an edge, build, and RandomSearch."""
    import keras_tuner

    from nas_tutorial.backend import keras
    from nas_tutorial.evaluators.training import TrainingEvaluator
    from nas_tutorial.spaces.edge_cell import EdgeCellSpace

    evaluator = evaluator_of(TrainingEvaluator, options)
    space, data = EdgeCellSpace(), evaluator.recipe.dataset
    waiting = iter(architectures(options))

    def build(hp):
        for choice in space.choices:
            hp.Choice(choice.name, list(choice.options))
        model = evaluator.recipe.build(next(waiting, architectures(options)[0]), seed=0)
        model.compile(
            optimizer=keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
        )
        return model

    with tempfile.TemporaryDirectory() as folder:
        tuner = keras_tuner.RandomSearch(
            build, objective="val_accuracy", max_trials=options.networks, directory=folder, seed=1
        )
        start = time.perf_counter()
        tuner.search(
            data.x_train, data.y_train, validation_data=(data.x_val, data.y_val),
            epochs=options.epochs, batch_size=options.batch_size, verbose=0,
        )  # fmt: skip
        seconds = time.perf_counter() - start
    return {"per_minute": 60 * options.networks / seconds}


def training(options: argparse.Namespace) -> dict:
    from nas_tutorial.evaluators.training import TrainingEvaluator
    from nas_tutorial.trials import Candidate

    evaluator = evaluator_of(TrainingEvaluator, options)
    start = time.perf_counter()
    for seed, architecture in enumerate(architectures(options)):
        evaluator(Candidate(architecture), seed=seed)
    return {"per_minute": 60 * options.networks / (time.perf_counter() - start)}


def compiled(options: argparse.Namespace) -> dict:
    """One core, one thread."""
    pin(0)
    rate = matrix_rate()
    evaluator, compile_seconds = compiled_evaluator(options)
    seconds, flops = evaluate_all(evaluator, architectures(options))
    samples = options.epochs * len(evaluator.recipe.dataset.x_train)
    useful = 3 * flops * samples  # forwards, and about twice that backwards
    return {
        "per_minute": 60 * options.networks / seconds,
        "compile_seconds": compile_seconds,
        "useful_share": useful / seconds / rate,
    }


def compiled_workers(options: argparse.Namespace) -> dict:
    """Two processes, one thread each, which begin together when both have compiled."""
    context = get_context("spawn")
    barrier, results = context.Barrier(2), context.Queue()
    workers = [context.Process(target=work, args=(share, options, barrier, results))
               for share in range(2)]  # fmt: skip
    for worker in workers:
        worker.start()
    seconds = max(results.get() for _ in workers)
    for worker in workers:
        worker.join()
    return {"per_minute": 60 * options.networks / seconds}


def work(share: int, options: argparse.Namespace, barrier, results) -> None:
    pin(share)
    evaluator, _ = compiled_evaluator(options)
    mine = architectures(options)[share::2]
    barrier.wait()
    results.put(evaluate_all(evaluator, mine)[0])


def pin(share: int) -> None:
    """Keep this process on one core of its own, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[share % len(cores)]})


def compiled_evaluator(options: argparse.Namespace):
    """An evaluator that has compiled everything, and how long that took."""
    from nas_tutorial.evaluators.one_program.training import CompiledEvaluator
    from nas_tutorial.trials import Candidate

    evaluator = evaluator_of(CompiledEvaluator, options)
    start = time.perf_counter()
    evaluator(Candidate(architectures(options)[0]), seed=0)
    return evaluator, time.perf_counter() - start


def evaluate_all(evaluator, chosen: list) -> tuple[float, float]:
    """Seconds for all, and the FLOPs of one forward pass of one sample, summed over networks."""
    from nas_tutorial.trials import Candidate

    start = time.perf_counter()
    results = [evaluator(Candidate(one), seed=seed) for seed, one in enumerate(chosen)]
    seconds = time.perf_counter() - start
    return seconds, sum(result.metrics["flops"] for result in results)


def matrix_rate() -> float:
    """Floating-point operations a second in a product of two 1024 x 1024 float32 matrices."""
    a = np.random.default_rng(0).standard_normal((1024, 1024)).astype("float32")
    times = []
    for _ in range(10):
        start = time.perf_counter()
        a @ a
        times.append(time.perf_counter() - start)
    return 2 * 1024**3 / min(times)


WAYS = {
    "kerastuner": kerastuner,
    "training": training,
    "compiled": compiled,
    "compiled_workers": compiled_workers,
}


if __name__ == "__main__":
    main()
