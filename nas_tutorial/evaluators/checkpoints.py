"""Trainings that stopped, kept in a folder so that they can go on.

A candidate that resumes a trial finds here what that trial left: arrays in NumPy's own format, which
holds numbers and never runs code. Where there is nothing, as on another machine, the evaluator trains
from the beginning; the seed is the same, so the result is too, only later.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nas_tutorial.files import read_arrays
from nas_tutorial.trials import Candidate


class Checkpoints:
    """The stopped trainings of one recipe; another recipe does not see them.

    Args:
        folder: Where they are kept, made where it does not exist; None keeps nothing.
        recipe: What a training depends on besides candidate and seed, JSON-ready.

    Raises:
        ValueError: If the folder is no path.
    """

    def __init__(self, folder: str | Path | None, recipe: dict):
        if not isinstance(folder, (str, Path, type(None))):
            raise ValueError(
                f"checkpoints must be the path of a folder, or None, got {folder!r:.60}. "
                'Write checkpoints="runs/checkpoints".'
            )
        self.folder = None if folder is None else Path(folder)
        self.recipe = recipe

    def load(self, candidate: Candidate, seed: int) -> list[np.ndarray] | None:
        """What the trial that a candidate resumes left; None where nothing can be read, or none is
        resumed."""
        if self.folder is None or candidate.resumes is None:
            return None
        try:
            arrays = read_arrays(self._path(candidate, seed, candidate.resumes.epochs))
            return [arrays[f"arr_{place}"] for place in range(len(arrays))]
        except (OSError, ValueError, KeyError):
            return None

    def save(self, candidate: Candidate, seed: int, state: Sequence[np.ndarray]) -> None:
        """Keep the training of a candidate where it stopped, after `candidate.epochs`.

        The file is written under another name first, so that it is there whole or not at all, also
        where two workers write it at once.

        Raises:
            OSError: If it cannot be written.
        """
        if self.folder is None:
            return
        path = self._path(candidate, seed, candidate.epochs)
        try:
            self._write(path, state)
        except OSError as error:
            raise OSError(
                error.errno,
                f"{self.folder} must keep a training that stopped, but that failed: "
                f"{error.strerror or error}. Make room there, or give another folder as "
                "checkpoints, and search again.",
            ) from error

    def _write(self, path: Path, state: Sequence[np.ndarray]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".part", delete=False) as part:
            try:
                np.savez(part, *state)
            except BaseException:
                os.unlink(part.name)
                raise
        os.replace(part.name, path)

    def _path(self, candidate: Candidate, seed: int, epochs: float) -> Path:
        """One file for each architecture, seed and point of the training."""
        identity = [self.recipe, candidate.architecture.values, seed, float(epochs)]
        digest = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
        return self.folder / f"{digest[:32]}-seed{seed}-epochs{epochs:.4g}.npz"
