"""Build the course's table: train every network of the edge cell space and keep what was measured.

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
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from nas_tutorial.architecture import Architecture
from nas_tutorial.arrays import read_arrays
from nas_tutorial.spaces import EdgeCellSpace
from nas_tutorial.workers import ONE_THREAD

DATASET, EPOCHS = "mnist1d", 5  # and the evaluator's other defaults
PART_SIZE = 4000  # samples in the validation part, and in the test part
SHARD_SIZE = 250  # networks
PROXIES_FILE = "proxies.npz"  # see table_proxies
CHECKSUMS = "SHA256SUMS"  # in the form that the command sha256sum reads
TYPES = {  # of the arrays of a shard
    "row": "uint16", "train_loss": "float16", "val_correct": "uint16", "test_correct": "uint16",
    "test_macro_recall": "float32", "seconds": "float32", "latency_ms": "float32",
    "parameters": "uint32", "flops": "uint32",
}  # fmt: skip
OF_SEED_0 = ("parameters", "flops")  # which no seed changes


def networks(space: EdgeCellSpace) -> tuple[list[Architecture], np.ndarray]:
    """The distinct networks of a space, and which one each encoding denotes.

    Returns:
        The networks, each by its first encoding in the space's order, dead edges removed; and for
        each encoding, in the same order, the network's number, of shape (space.size,).
    """
    numbers, first, of_encoding = {}, [], []
    for architecture in space:
        fingerprint = space.graph(architecture).fingerprint()
        if fingerprint not in numbers:
            numbers[fingerprint] = len(first)
            first.append(space.without_dead_edges(architecture))
        of_encoding.append(numbers[fingerprint])
    return first, np.array(of_encoding, dtype="uint16")


def checkpoints(epochs: float) -> list[float]:
    """Where validation accuracy is measured, in epochs: for halving by 2 and by 3 from the end."""
    return sorted(epochs / divisor for divisor in (1, 2, 3, 4, 8, 9, 16))


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
    from nas_tutorial.evaluation import classification_metrics, steps_in

    data, (x_test, y_test) = evaluator.dataset, test
    run = evaluator.start(architecture, seed=seed)
    seconds, train_loss, val_correct = 0.0, [], []
    for epochs in checkpoints(evaluator.epochs):
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


@dataclass(frozen=True)
class Shard:
    """A range of networks under one seed.

    Args:
        seed: Of the training.
        number: Which range: networks number * SHARD_SIZE and following.
    """

    seed: int
    number: int

    @property
    def name(self) -> str:
        return f"seed{self.seed}-{self.number:02}"

    def rows(self, num_networks: int) -> range:
        start = self.number * SHARD_SIZE
        return range(start, min(start + SHARD_SIZE, num_networks))


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


def write_checksums(folder: Path) -> None:
    """Note the SHA-256 of every shard that is there, and of the proxies."""
    files = sorted([*folder.glob("seed*-??.npz"), *folder.glob(PROXIES_FILE)])
    lines = [f"{_sha256(file)}  {file.name}\n" for file in files]
    unfinished = folder / f"{CHECKSUMS}.part"
    unfinished.write_text("".join(lines))
    os.replace(unfinished, folder / CHECKSUMS)


def require_checksums(folder: Path) -> None:
    """Raise unless every shard is what was written; one that is not noted yet is taken as it is.

    Raises:
        ValueError: If a shard was damaged.
    """
    noted = folder / CHECKSUMS
    for line in noted.read_bytes().splitlines() if noted.exists() else ():
        match = re.fullmatch(rb"([0-9a-f]{64})  ([\w.-]+)", line)
        if match is None:
            raise ValueError(
                f"{noted} must hold a SHA-256 and the name of a file in each line, got {line!r:.80}. "
                "Take it from the same version of the course as the shards."
            )
        expected, name = match[1].decode(), match[2].decode()
        shard = folder / name
        if shard.exists() and _sha256(shard) != expected:
            raise ValueError(
                f"{shard} must have the SHA-256 that {noted} holds, but it was damaged or changed. "
                "Take both from the same version of the course, or delete the shard and build it anew."
            )


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def data_checksum(dataset) -> str:
    """The SHA-256 of what a table was trained on, to three decimals: training and validation part."""
    parts = [dataset.x_train, dataset.y_train, dataset.x_val, dataset.y_val]
    digest = hashlib.sha256()
    for part in parts:
        digest.update((np.round(part, 3) + 0.0).astype("<f4").tobytes())  # + 0.0: no negative zeros
    return digest.hexdigest()


def read_table(folder: Path) -> dict:
    """The arguments of `Table` from a folder of shards; seeds that are there for all networks.

    Raises:
        FileNotFoundError: If there is no whole seed.
        ValueError: If a shard was damaged.
    """
    require_checksums(folder)
    first, of_encoding = networks(EdgeCellSpace())
    num_shards = -(-len(first) // SHARD_SIZE)
    sizes = [len(Shard(0, number).rows(len(first))) for number in range(num_shards)]
    seeds = []
    for seed in range(len(list(folder.glob("seed*-00.npz")))):
        shards = [folder / f"{Shard(seed, number).name}.npz" for number in range(num_shards)]
        if all(shard.exists() for shard in shards):
            with_costs = not seeds
            seeds.append([_read_shard(path, rows, with_costs) for path, rows in zip(shards, sizes)])
    if not seeds:
        raise FileNotFoundError(
            f"{folder} must hold every shard of a seed, but none is whole. Go on with "
            "python -m nas_tutorial table build."
        )

    def joined(seed: list[dict], name: str) -> np.ndarray:
        return np.concatenate([shard[name] for shard in seed])

    metrics = {}
    for place, epochs in enumerate(checkpoints(EPOCHS)):
        correct = [joined(seed, "val_correct")[:, place] for seed in seeds]
        metrics["val_accuracy", epochs] = np.stack(correct, axis=1) / PART_SIZE
        losses = [joined(seed, "train_loss")[:, place] for seed in seeds]
        metrics["train_loss", epochs] = np.stack(losses, axis=1).astype("float32")
    correct = [joined(seed, "test_correct") for seed in seeds]
    metrics["test_accuracy", EPOCHS] = np.stack(correct, axis=1) / PART_SIZE
    recalls = [joined(seed, "test_macro_recall") for seed in seeds]
    metrics["test_macro_recall", EPOCHS] = np.stack(recalls, axis=1)
    return {
        "networks": first,
        "index": of_encoding,
        "metrics": metrics,
        "costs": {name: joined(seeds[0], name) for name in ("parameters", "flops", "latency_ms")},
        "seconds": np.stack([joined(seed, "seconds") for seed in seeds], axis=1),
    }


def _read_shard(path: Path, num_rows: int, with_costs: bool) -> dict[str, np.ndarray]:
    """The arrays of a shard, of the types and shapes that `write_shard` gives them.

    Raises:
        ValueError: If the file is no shard of so many networks.
    """
    arrays = read_arrays(path)
    for name, kind in TYPES.items():
        if name in OF_SEED_0 and not with_costs:
            continue
        many = name in ("train_loss", "val_correct")
        shape = (num_rows, len(checkpoints(EPOCHS))) if many else (num_rows,)
        found = arrays.get(name, np.zeros((), "O"))
        may_be_infinite = name == "train_loss"  # of a training that diverged
        is_right = (found.dtype, found.shape) == (kind, shape)
        if not is_right or not (may_be_infinite or np.isfinite(found).all()):
            raise ValueError(
                f"{path} must hold {name} as finite {kind} of shape {shape}, got {found.dtype} of "
                f"shape {found.shape}. Delete the shard and build it anew."
            )
    return arrays


@functools.cache
def _workplace():
    """What a worker makes once: the networks, the evaluator, and the test part."""
    from nas_tutorial.compiled import CompiledEvaluator
    from nas_tutorial.data import load_dataset

    space = EdgeCellSpace()
    dataset = load_dataset(DATASET)
    evaluator = CompiledEvaluator(space, dataset, epochs=EPOCHS)
    return networks(space)[0], evaluator, dataset.final_test()
