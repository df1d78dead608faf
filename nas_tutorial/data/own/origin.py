"""Where a data set came from: what a run card says of it, and what new data need to be read alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nas_tutorial.names import digest


@dataclass(frozen=True)
class Origin:
    """The source of a data set, how it was split, and what was done to its numbers.

    Args:
        source: A file, a folder, or the kind of arrays.
        split: How the rows were divided, in words: "in proportion to the classes", "by group".
        rows: Name of a set -> row numbers in the source, of shape (num_samples,).
        seed: Of the division; None where nothing was drawn.
        notes: What was changed or found on the way, one sentence each.
        original_labels: Of a classification, what each class was called in the source, by class.
        reader: How inputs are made from the source's own form, JSON-ready: columns, means, sizes.
    """

    source: str
    split: str
    rows: Mapping[str, np.ndarray]
    seed: int | None = None
    notes: tuple[str, ...] = ()
    original_labels: tuple | None = None
    reader: Mapping[str, Any] = field(default_factory=dict)

    def describe(self) -> dict:
        """JSON-ready, with a short hash in place of the row numbers of each set."""
        rows = {
            split: {"samples": len(numbers), "rows_digest": digest(numbers.tolist())}
            for split, numbers in self.rows.items()
        }
        return {
            "source": self.source, "split": self.split, "seed": self.seed, "sets": rows,
            "notes": list(self.notes),
        }  # fmt: skip
