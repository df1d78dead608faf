"""Build the course's table: train every network of the edge cell space and keep what was measured.

The work is cut into shards of networks and seeds. A worker writes each network down as it is
measured, in a journal that a later run goes on with, and a full shard as one small file; the table
reads the shards that are there.
"""

import functools
import json
import operator
import os
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from nas_tutorial.loop.workers import ONE_THREAD
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.tables.course_table import (
    DATASET,
    EPOCHS,
    SHARD_SIZE,
    TYPES,
    Shard,
    checkpoints,
    networks,
    write_checksums,
)


def measure(evaluator, architecture: Architecture, test, *, seed: int) -> dict:
    """Train one network and measure it at every checkpoint.

    Args:
        evaluator: A `CompiledEvaluator`.
        architecture: What to train.
        test: The test part (x, y), which a table holds for every network.
        seed: Of weights and order.

    Returns:
        train_loss, the mean loss of the steps since the checkpoint before, and val_correct, the
        number of right validation predictions, at each checkpoint; test_correct and
        test_macro_recall at the end; seconds of processor time for training alone; latency_ms.
    """
    from nas_tutorial.evaluators.training import classification_metrics, steps_in

    data, (x_test, y_test) = evaluator.recipe.dataset, test
    run = evaluator.start(architecture, seed=seed)
    seconds, train_loss, val_correct = 0.0, [], []
    for epochs in checkpoints(evaluator.recipe.epochs):
        step, start = run.steps, time.process_time()
        run.train_to(steps_in(epochs, run.steps_per_epoch))
        seconds += time.process_time() - start
        train_loss.append(float(run.losses[step:].mean()))
        val_correct.append(int(np.sum(run.predict(data.x_val) == data.y_val)))
    predicted = run.predict(x_test)
    metrics = classification_metrics(y_test, predicted, prefix="")
    return {
        "train_loss": train_loss,
        "val_correct": val_correct,
        "test_correct": int(np.sum(predicted == y_test)),
        "test_macro_recall": metrics["macro_recall"],
        "seconds": seconds,
        "latency_ms": run.latency_ms(),
    }


def build(folder: Path, journals: Path, *, seeds: range, workers: int, minutes: float) -> None:
    """Train what is missing, one seed after the other, until done or the time is over.

    Args:
        folder: Where full shards go.
        journals: Where half-done shards are kept.
        seeds: Which seeds.
        workers: Processes, one thread each.
        minutes: After how long to stop; what is half done is kept.
    """
    first, _ = networks(EdgeCellSpace())
    num_shards = -(-len(first) // SHARD_SIZE)
    shards = [Shard(seed, number) for seed in seeds for number in range(num_shards)]
    missing = [shard for shard in shards if not (folder / f"{shard.name}.npz").exists()]
    folder.mkdir(parents=True, exist_ok=True)
    journals.mkdir(parents=True, exist_ok=True)
    os.environ.update(ONE_THREAD)
    deadline = time.time() + 60 * minutes
    context = get_context("spawn")
    started = context.Value("i", 0)
    with (
        ProcessPoolExecutor(
            workers, mp_context=context, initializer=_take_a_core, initargs=(started,)
        ) as pool,
        tqdm(total=len(shards), initial=len(shards) - len(missing), unit="shard") as bar,
    ):
        jobs = [pool.submit(build_shard, shard, folder, journals, deadline) for shard in missing]
        for job in as_completed(jobs):
            bar.update(job.result())
            write_checksums(folder)


def build_shard(shard: Shard, folder: Path, journals: Path, deadline: float) -> bool:
    """Measure the networks of a shard that its journal lacks; write the shard when all are there.

    Returns:
        Whether the shard is complete.
    """
    first, evaluator, test = _workplace()
    rows = shard.rows(len(first))
    journal = journals / f"{shard.name}.jsonl"
    measured = read_journal(journal)
    with journal.open("a", encoding="utf-8") as lines:
        for row in rows:
            if row in measured:
                continue
            if time.time() > deadline:
                return False
            record = {"row": row, **measure(evaluator, first[row], test, seed=shard.seed)}
            if shard.seed == 0:
                record |= evaluator.costs(first[row])
            lines.write(json.dumps(record) + "\n")
            lines.flush()
            measured[row] = record
    write_shard(folder / f"{shard.name}.npz", [measured[row] for row in rows])
    return True


def _take_a_core(started) -> None:
    """Keep each worker on a core of its own, where the system can; two then hardly disturb."""
    with started.get_lock():
        place, started.value = started.value, started.value + 1
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[place % len(cores)]})


def read_journal(path: Path) -> dict[int, dict]:
    """Row -> record of a journal, a torn last line left out (and cut off).

    Raises:
        ValueError: If another line is no record.
    """
    if not path.exists():
        return {}
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if whole != content:
        path.write_bytes(whole)
    try:
        records = [json.loads(line) for line in whole.splitlines()]
        return {operator.index(record["row"]): record for record in records}
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise ValueError(
            f"{path} must hold one record of a network a line, but was damaged: {error!r}. "
            "Delete the line, or the file; what it lacks is done again."
        ) from error


def write_shard(path: Path, records: list[dict]) -> None:
    """Write records as arrays, under another name first so that a shard is there whole or not."""
    arrays = {
        name: np.array([record[name] for record in records], dtype=kind)
        for name, kind in TYPES.items()
        if name in records[0]
    }
    unfinished = path.with_suffix(".part.npz")
    np.savez_compressed(unfinished, **arrays)
    os.replace(unfinished, path)


@functools.cache
def _workplace():
    """What a worker makes once: the networks, the evaluator, and the test part."""
    from nas_tutorial.data.datasets import load_dataset
    from nas_tutorial.evaluators.one_program.training import CompiledEvaluator

    space = EdgeCellSpace()
    dataset = load_dataset(DATASET)
    evaluator = CompiledEvaluator(space, dataset, epochs=EPOCHS)
    return networks(space)[0], evaluator, dataset.final_test()
