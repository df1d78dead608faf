"""The files of the course's table: shards of networks and seeds, their checksums, and how they are read."""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nas_tutorial.files import read_arrays
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.edge_cell import EdgeCellSpace

DATASET, EPOCHS = "mnist1d", 5  # and the evaluator's other defaults
PART_SIZE = 4000  # samples in the validation part, and in the test part
SHARD_SIZE = 250  # networks
PROXIES_FILE = "proxies.npz"  # scores without training, see making.score
CHECKSUMS = "SHA256SUMS"  # in the form that the command sha256sum reads
TYPES = {  # of the arrays of a shard
    "row": "uint16", "train_loss": "float16", "val_correct": "uint16", "test_correct": "uint16",
    "test_macro_recall": "float32", "seconds": "float32", "latency_ms": "float32",
    "parameters": "uint32", "flops": "uint32",
}  # fmt: skip
OF_SEED_0 = ("parameters", "flops")  # which no seed changes
# The Jacobian's scores share a constant of millions, and differ in the digits after it.
PROXY_TYPES = {
    "grad_norm": "float32",
    "snip": "float32",
    "synflow": "float32",
    "jacob_cov": "float64",
    "naswot": "float32",
}


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


def read_proxies(folder: Path) -> dict[str, np.ndarray]:
    """Name -> scores of shape (num_networks, num_seeds); nothing where there is no file.

    Raises:
        ValueError: If the file was damaged, or holds something else.
    """
    path = folder / PROXIES_FILE
    if not path.exists():
        return {}
    require_checksums(folder)
    scores = read_arrays(path)
    for name, kind in PROXY_TYPES.items():
        if name not in scores or scores[name].dtype != kind or scores[name].ndim != 2:
            raise ValueError(
                f"{path} must hold {name} as {kind} with a row for each network and a column for "
                f"each seed, but does not. Delete it and build it anew: "
                "python -m nas_tutorial table proxies."
            )
    return {name: scores[name] for name in PROXY_TYPES}
