"""Score every network of the course's table by the zero-cost proxies, and keep the scores beside it.

Networks are scored one after the other and written down in a journal, with which a later run goes
on; when all are there, they become one small file.
"""

import json
import os
import time
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from nas_tutorial.arrays import read_arrays
from nas_tutorial.spaces import EdgeCellSpace
from nas_tutorial.table_build import (
    DATASET,
    PROXIES_FILE,
    networks,
    read_journal,
    require_checksums,
    write_checksums,
)

# The Jacobian's scores share a constant of millions, and differ in the digits after it.
TYPES = {
    "grad_norm": "float32",
    "snip": "float32",
    "synflow": "float32",
    "jacob_cov": "float64",
    "naswot": "float32",
}


def build(folder: Path, journals: Path, *, seeds: range, minutes: float) -> bool:
    """Score what the journals lack, until done or the time is over; write the file when all is there.

    Args:
        folder: Where the file goes.
        journals: Where half-done work is kept.
        seeds: Of the initial weights and of the batch.
        minutes: After how long to stop; what is half done is kept.

    Returns:
        Whether all is done.
    """
    from nas_tutorial.compiled_proxies import CompiledProxyEvaluator
    from nas_tutorial.data import load_dataset

    space = EdgeCellSpace()
    first, _ = networks(space)
    evaluator = CompiledProxyEvaluator(space, load_dataset(DATASET))
    deadline = time.time() + 60 * minutes
    journals.mkdir(parents=True, exist_ok=True)
    scored = []
    with tqdm(total=len(seeds) * len(first), unit="network") as bar:
        for seed in seeds:
            journal = journals / f"proxies-seed{seed}.jsonl"
            records = read_journal(journal)
            bar.update(len(records))
            with journal.open("a", encoding="utf-8") as lines:
                for row in range(len(first)):
                    if row in records:
                        continue
                    if time.time() > deadline:
                        return False
                    records[row] = {"row": row, **evaluator.scores(first[row], seed=seed)}
                    lines.write(json.dumps(records[row]) + "\n")
                    lines.flush()
                    bar.update()
            scored.append([records[row] for row in range(len(first))])
    write(folder, scored)
    return True


def write(folder: Path, scored: list[list[dict]]) -> None:
    """Write the scores of all networks, one list a seed, and note the file's checksum."""
    arrays = {
        name: np.array([[record[name] for record in seed] for seed in scored], dtype=kind).T
        for name, kind in TYPES.items()
    }
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / PROXIES_FILE.replace(".npz", ".part.npz")
    np.savez_compressed(unfinished, **arrays)
    os.replace(unfinished, folder / PROXIES_FILE)
    write_checksums(folder)


def read(folder: Path) -> dict[str, np.ndarray]:
    """Name -> scores of shape (num_networks, num_seeds); nothing where there is no file.

    Raises:
        ValueError: If the file was damaged, or holds something else.
    """
    path = folder / PROXIES_FILE
    if not path.exists():
        return {}
    require_checksums(folder)
    scores = read_arrays(path)
    for name, kind in TYPES.items():
        if name not in scores or scores[name].dtype != kind or scores[name].ndim != 2:
            raise ValueError(
                f"{path} must hold {name} as {kind} with a row for each network and a column for "
                f"each seed, but does not. Delete it and build it anew: "
                "python -m nas_tutorial table proxies."
            )
    return {name: scores[name] for name in TYPES}
