"""The files of the course's table: archives of networks under one seed, and how they are read.

`nas_tutorial.making` writes them.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nas_tutorial.files import read_arrays, required_arrays
from nas_tutorial.names import shown
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.edge_cell import EdgeCellSpace

COURSE = Path(__file__).parent / "edge_cell_mnist1d"
DATASET, EPOCHS = "mnist1d", 5  # and the evaluator's other defaults
SPLIT_SIZE = 4000  # samples in the validation set, and in the test set
SHARD_SIZE = 250  # networks
PROXIES_FILE = "proxies.npz"  # scores without training, see making.score
CHECKSUMS = "SHA256SUMS"  # in the form that the command sha256sum reads
BUILD_ANEW = "Delete the file, and build it anew with python -m nas_tutorial table build."
TYPES = {  # of the arrays of a shard
    "row": "uint16", "train_loss": "float16", "val_correct": "uint16", "test_correct": "uint16",
    "test_macro_recall": "float32", "seconds": "float32", "latency_ms": "float32",
}  # fmt: skip
COST_TYPES = {"parameters": "uint32", "flops": "uint32"}  # with seed 0; no seed changes them
AT_CHECKPOINTS = ("train_loss", "val_correct")  # the others are of the end
# The Jacobian's scores share a constant of millions, and differ in the digits after it.
PROXY_TYPES = {
    "grad_norm": "float32", "snip": "float32", "synflow": "float32", "jacob_cov": "float64",
    "naswot": "float32",
}  # fmt: skip


def networks(space: EdgeCellSpace) -> tuple[list[Architecture], np.ndarray]:
    """The distinct networks of a space, and which one each encoding denotes.

    Returns:
        The networks, each by its first encoding in the space's order, dead edges removed; and for
        each encoding, in the same order, the network's number, of shape (space.size,).
    """
    numbers: dict[str, int] = {}
    first: list[Architecture] = []
    of_encoding = []
    for architecture in space:
        fingerprint = space.graph(architecture).fingerprint()
        if fingerprint not in numbers:
            numbers[fingerprint] = len(first)
            first.append(space.without_dead_edges(architecture))
        of_encoding.append(numbers[fingerprint])
    return first, np.array(of_encoding, dtype="uint16")


def checkpoint_epochs(epochs: float) -> list[float]:
    """Where validation accuracy is measured, in epochs: for halving by 2 and by 3 from the end."""
    return sorted(epochs / divisor for divisor in (1, 2, 3, 4, 8, 9, 16))


@dataclass(frozen=True)
class Shard:
    """The networks number * SHARD_SIZE and following, trained with one seed: a file of the table.

    Args:
        seed: Of the training runs.
        number: Which networks.
    """

    seed: int
    number: int

    @property
    def name(self) -> str:
        return f"seed{self.seed}-{self.number:02}"

    def path(self, folder: Path) -> Path:
        return folder / f"{self.name}.npz"

    def rows(self, num_networks: int) -> range:
        start = self.number * SHARD_SIZE
        return range(start, min(start + SHARD_SIZE, num_networks))


def shards(seed: int, num_networks: int) -> list[Shard]:
    """All shards of a seed."""
    return [Shard(seed, number) for number in range(-(-num_networks // SHARD_SIZE))]


def read_folder(folder: Path) -> dict:
    """The arguments of `Table` from a folder of shards: of the seeds that are there in full.

    Raises:
        FileNotFoundError: If a shard of seed 0 is missing, which holds the costs as well.
        ValueError: If a file was damaged.
    """
    require_checksums(folder)
    space = EdgeCellSpace()
    first, of_encoding = networks(space)
    seeds = _whole_seeds(folder, len(first))
    by_seed = {name: np.stack([seed[name] for seed in seeds], axis=1) for name in TYPES}
    metrics: dict[tuple[str, float], np.ndarray] = {
        ("test_accuracy", EPOCHS): by_seed["test_correct"] / SPLIT_SIZE,
        ("test_macro_recall", EPOCHS): by_seed["test_macro_recall"],
    }
    for place, epochs in enumerate(checkpoint_epochs(EPOCHS)):
        metrics["val_accuracy", epochs] = by_seed["val_correct"][..., place] / SPLIT_SIZE
        metrics["train_loss", epochs] = by_seed["train_loss"][..., place].astype("float32")
    return {
        "name": "edge cell on MNIST-1D",
        "space": space,
        "networks": first,
        "index": of_encoding,
        "metrics": metrics,
        "costs": {name: seeds[0][name] for name in (*COST_TYPES, "latency_ms")},
        "seconds": by_seed["seconds"],
        "proxies": read_proxies(folder),
    }


def _whole_seeds(folder: Path, num_networks: int) -> list[dict[str, np.ndarray]]:
    """The arrays of each seed of which all shards are there, joined."""
    seeds = []
    for seed in range(len(list(folder.glob("seed*-00.npz"))) or 1):
        of_seed = shards(seed, num_networks)
        missing = [shard.name for shard in of_seed if not shard.path(folder).exists()]
        if missing and seed == 0:
            raise FileNotFoundError(
                f"{folder} must hold every shard of seed 0, but lacks {missing[0]}.npz. Go on with "
                "python -m nas_tutorial table build."
            )
        if not missing:
            read = [read_shard(shard, folder, num_networks) for shard in of_seed]
            seeds.append({name: np.concatenate([one[name] for one in read]) for name in read[0]})
    return seeds


def read_shard(shard: Shard, folder: Path, num_networks: int) -> dict[str, np.ndarray]:
    """The arrays of a shard, of the types and shapes that `making` gives them.

    Raises:
        ValueError: If the file is not this shard.
    """
    path, rows = shard.path(folder), shard.rows(num_networks)
    types = TYPES | COST_TYPES if shard.seed == 0 else TYPES
    shapes: dict[str, tuple] = dict.fromkeys(types, (len(rows),))
    shapes |= dict.fromkeys(AT_CHECKPOINTS, (len(rows), len(checkpoint_epochs(EPOCHS))))
    expected = {name: (kind, shapes[name]) for name, kind in types.items()}
    arrays = required_arrays(path, read_arrays(path), expected, advice=BUILD_ANEW)
    most = max(arrays["val_correct"].max(), arrays["test_correct"].max())
    finite = [np.isfinite(arrays[name]).all() for name in types if name != "train_loss"]
    if arrays["row"].tolist() != list(rows) or most > SPLIT_SIZE or not all(finite):
        raise ValueError(  # a run that diverged has an infinite loss, and nothing else
            f"{path} must hold finite values of the networks {rows.start:,} to {rows.stop - 1:,}, "
            f"at most {SPLIT_SIZE:,} right predictions each, but does not. {BUILD_ANEW}"
        )
    return arrays


def read_proxies(folder: Path) -> dict[str, np.ndarray]:
    """Name -> scores of shape (num_networks, num_seeds); nothing where there is no file.

    Raises:
        ValueError: If the file holds something else.
    """
    path = folder / PROXIES_FILE
    expected = {name: (kind, ("networks", "seeds")) for name, kind in PROXY_TYPES.items()}
    if not path.exists():
        return {}
    return required_arrays(path, read_arrays(path), expected, advice=BUILD_ANEW)


def require_checksums(folder: Path) -> None:
    """Raise unless every file is what was written; one that is not noted yet is taken as it is.

    Raises:
        ValueError: If a file was damaged.
    """
    noted = folder / CHECKSUMS
    for line in noted.read_bytes().splitlines() if noted.exists() else ():
        match = re.fullmatch(rb"([0-9a-f]{64})  ([\w.-]+)", line)
        if match is None:
            raise ValueError(
                f"{noted} must hold a SHA-256 and the name of a file in each line, got {shown(line)}. "
                "Take it from the same version of the course as the shards."
            )
        file = folder / match[2].decode()
        if file.exists() and checksum(file) != match[1].decode():
            raise ValueError(
                f"{file} must have the SHA-256 that {noted} holds, but was damaged or changed. Take "
                f"both from the same version of the course. {BUILD_ANEW}"
            )


def checksum(path: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
