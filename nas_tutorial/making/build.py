"""Annex: build the course's table, that is, train every network of the edge cell space.

The work is cut into shards of networks and seeds. A worker writes each network down as it is
measured, in a journal that a later run goes on with, and a full shard as one small file; the table
reads the shards that are there.
"""

import functools
import hashlib
import json
import operator
import os
import re
import time
from collections.abc import Iterator
from concurrent.futures import as_completed
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path

import filelock
import numpy as np

from nas_tutorial.files import Bar, replacing, write_arrays
from nas_tutorial.loop.workers import ONE_THREAD, processes
from nas_tutorial.names import real, shown
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.tables.course_table import (
    CHECKSUMS,
    COST_TYPES,
    DATASET,
    EPOCHS,
    TYPES,
    Shard,
    checkpoint_epochs,
    checksum,
    networks,
    read_shard,
    require_checksums,
    shards,
)


def measure(evaluator, architecture: Architecture, test, *, seed: int) -> dict:
    """Train one network and measure it at every checkpoint.

    Args:
        evaluator: A `CompiledEvaluator`.
        architecture: What to train.
        test: The test set (x, y), which a table holds for every network.
        seed: Of weights and order.

    Returns:
        train_loss, the mean loss of the steps since the checkpoint before, and val_correct, the
        number of right validation predictions, at each checkpoint; test_correct and
        test_macro_recall at the end; seconds of processor time for training alone; latency_ms.
    """
    from nas_tutorial.evaluators.metrics import classification_metrics
    from nas_tutorial.evaluators.training import steps_in

    data, (x_test, y_test) = evaluator.recipe.dataset, test
    run = evaluator.start(architecture, seed=seed)
    seconds, train_loss, val_correct = 0.0, [], []
    for epochs in checkpoint_epochs(evaluator.recipe.epochs):
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


def build_table(
    folder: Path, journals: Path, *, seeds: range, workers: int, minutes: float
) -> None:
    """Train what is missing, one seed after the other, until done or the time is over.

    Args:
        folder: Where full shards go.
        journals: Where half-done shards are kept.
        seeds: Which seeds.
        workers: Processes, one thread each.
        minutes: After how long to stop; what is half done is kept.

    Raises:
        ValueError: If a number is out of range, or a shard that is there was damaged.
        RuntimeError: If another build is at work in one of the folders.
    """
    deadline = time.time() + 60 * real("minutes", minutes, least=0)
    require_checksums(folder)
    num_networks = len(networks(EdgeCellSpace())[0])
    wanted = [shard for seed in seeds for shard in shards(seed, num_networks)]
    missing = [shard for shard in wanted if not is_built(shard, folder, journals, num_networks)]
    os.environ.update(ONE_THREAD)
    with (
        alone_in(folder, journals) if missing else nullcontext(),
        processes(workers) as pool,
        Bar(total=len(wanted), initial=len(wanted) - len(missing), unit="shard") as bar,
    ):
        jobs = {
            pool.submit(build_shard, shard, folder, journals, deadline): shard for shard in missing
        }
        for job in as_completed(jobs):
            if job.result():
                bar.update()
                note_checksum(jobs[job].path(folder))


@contextmanager
def alone_in(*folders: Path) -> Iterator[None]:
    """Make folders, and keep every other build out of them until the end of the `with` statement.

    Raises:
        RuntimeError: If another build is at work in one of them.
    """
    with ExitStack() as locks:
        for folder in sorted({folder.resolve() for folder in folders}):
            folder.mkdir(parents=True, exist_ok=True)
            lock = filelock.FileLock(folder / ".build.lock", timeout=0)
            try:
                locks.enter_context(lock)
            except filelock.Timeout as error:
                is_mark = isinstance(lock, filelock.SoftFileLock)
                mark = f" This file system has no locks: if no build runs, delete {lock.lock_file}."
                raise RuntimeError(
                    f"{folder} must belong to one build at a time, but another one is at work in "
                    f"it. Wait for that one to end, or name another folder.{mark * is_mark}"
                ) from error
        yield


def is_built(shard: Shard, folder: Path, journals: Path, num_networks: int) -> bool:
    """Whether a shard is there, and its checksum, which a kill may have left out.

    Then it is written again, from its journal; one that came without a journal stays as it is.

    Raises:
        ValueError: If the file is not this shard.
    """
    path = shard.path(folder)
    if not path.exists():
        return False
    read_shard(shard, folder, num_networks)
    noted = folder / CHECKSUMS
    is_noted = noted.exists() and path.name.encode() in noted.read_bytes().split()
    return is_noted or not _journal(shard, journals).exists()


def build_shard(shard: Shard, folder: Path, journals: Path, deadline: float) -> bool:
    """Measure the networks of a shard that its journal lacks; write the shard when all are there.

    Returns:
        Whether the shard is complete.
    """
    first, evaluator, test = _workplace()
    rows = shard.rows(len(first))
    journal = _journal(shard, journals)
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
    write_shard(shard.path(folder), [measured[row] for row in rows])
    return True


def _journal(shard: Shard, journals: Path) -> Path:
    return journals / f"{shard.name}.jsonl"


def read_journal(path: Path) -> dict[int, dict]:
    """Row -> record of a journal; a torn last line is cut off.

    Raises:
        ValueError: If another line is no record.
    """
    if not path.exists():
        return {}
    content = path.read_bytes()
    lines = content[: content.rfind(b"\n") + 1]
    if lines != content:
        os.truncate(
            path, len(lines)
        )  # the lines before are not written again: they are the only copy
    try:
        records = [json.loads(line) for line in lines.splitlines()]
        return {operator.index(record["row"]): record for record in records}
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise ValueError(
            f"{path} must hold one record of a network a line, but was damaged: {shown(error)}. "
            "Delete the line, or the file; what it lacks is done again."
        ) from error


def write_shard(path: Path, records: list[dict]) -> None:
    """Write the records of a shard's networks as arrays."""
    arrays = {
        name: np.array([record[name] for record in records], dtype=kind)
        for name, kind in (TYPES | COST_TYPES).items()
        if name in records[0]
    }
    write_arrays(path, arrays)


def note_checksum(file: Path) -> None:
    """Note the SHA-256 of a file that was just written; what was noted of others stays as it is."""
    noted = file.with_name(CHECKSUMS)
    lines = noted.read_text().splitlines() if noted.exists() else []
    by_name = {line.split()[-1]: line for line in lines} | {
        file.name: f"{checksum(file)}  {file.name}"
    }
    with replacing(noted) as new:
        new.write_text("".join(f"{by_name[name]}\n" for name in sorted(by_name)))


def data_checksum(dataset) -> str:
    """The SHA-256 of what a table was trained on, to three decimals: training and validation set."""
    digest = hashlib.sha256()
    for values in (dataset.x_train, dataset.y_train, dataset.x_val, dataset.y_val):
        rounded = np.round(values, 3) + 0.0  # + 0.0: no negative zeros
        digest.update(rounded.astype("<f4").tobytes())
    return digest.hexdigest()


@functools.cache
def _workplace():
    """What a worker makes once: the networks, the evaluator, and the test set."""
    from nas_tutorial.data.datasets import load_dataset
    from nas_tutorial.evaluators.one_program.training import CompiledEvaluator

    _take_a_core()
    space = EdgeCellSpace()
    dataset = load_dataset(DATASET)
    evaluator, first = CompiledEvaluator(space, dataset, epochs=EPOCHS), networks(space)[0]
    evaluator.start(first[0], seed=0).train_to(0)  # compiles, which no network shall pay for
    return first, evaluator, dataset.final_test()


def _take_a_core() -> None:
    """Keep each worker on a core of its own, where the system can; two then hardly disturb."""
    from multiprocessing import current_process

    number = re.search(r"\d+$", current_process().name)  # SpawnProcess-1, SpawnProcess-2, ...
    if number and hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[int(number[0]) % len(cores)]})
