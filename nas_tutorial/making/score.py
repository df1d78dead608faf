"""Annex: score every network of the course's table by the zero-cost proxies.

Networks are scored one after the other and written down in a journal, with which a later run goes
on; when all are there, they become one small file in the table's folder.
"""

import json
import time
from pathlib import Path

import numpy as np

from nas_tutorial.files import Bar, write_arrays
from nas_tutorial.making.build import alone_in, note_checksum, read_journal
from nas_tutorial.names import real
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.tables.course_table import DATASET, PROXIES_FILE, PROXY_TYPES, networks


def score_table(folder: Path, journals: Path, *, seeds: range, minutes: float) -> bool:
    """Score what the journals lack, until done or the time is over; write the file when all is there.

    Args:
        folder: Where the file goes.
        journals: Where half-done work is kept.
        seeds: Of the initial weights and of the batch.
        minutes: After how long to stop; what is half done is kept.

    Returns:
        Whether all is done.

    Raises:
        ValueError: If the minutes are no number of at least 0, or a journal was damaged.
        RuntimeError: If a build is at work in one of the folders.
    """
    from nas_tutorial.data.datasets import load_dataset
    from nas_tutorial.evaluators.one_program.proxies import CompiledProxyEvaluator

    space = EdgeCellSpace()
    first, _ = networks(space)
    deadline = time.time() + 60 * real("minutes", minutes, least=0)
    scored = []
    with alone_in(folder, journals), Bar(total=len(seeds) * len(first), unit="network") as bar:
        evaluator = CompiledProxyEvaluator(space, load_dataset(DATASET))
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
        write_scores(folder, scored)
    return True


def write_scores(folder: Path, scored: list[list[dict]]) -> None:
    """Write the scores of all networks, one list for each seed, and note the file's checksum."""
    arrays = {
        name: np.array([[record[name] for record in seed] for seed in scored], dtype=kind).T
        for name, kind in PROXY_TYPES.items()
    }
    write_arrays(folder / PROXIES_FILE, arrays)
    note_checksum(folder / PROXIES_FILE)
