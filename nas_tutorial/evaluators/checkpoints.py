"""Training runs that stopped, kept in a folder so that they can go on.

A candidate that resumes a trial finds here the arrays that the trial left, in NumPy's own format,
which holds numbers and never runs code. Where there is nothing that fits, as on another machine, the
evaluator trains from the beginning: with the same seed the result is the same, only later.
"""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from nas_tutorial.files import read_arrays, replacing
from nas_tutorial.names import digest, require_kind
from nas_tutorial.trials import Candidate


class Checkpoints:
    """The stopped runs of one evaluator; an evaluator of another recipe does not see them.

    Args:
        folder: Where they are kept, made when it is needed; None keeps nothing.
        description: What a training run depends on besides candidate and seed, JSON-ready.

    Raises:
        ValueError: If the folder is no path.
    """

    def __init__(self, folder: str | Path | None, description: dict):
        advice = 'Name a folder, such as checkpoints="runs/checkpoints".'
        require_kind("checkpoints", folder, str | Path | None, advice)
        self.folder = None if folder is None else Path(folder)
        self.description = description

    def load(self, candidate: Candidate, seed: int) -> list[np.ndarray] | None:
        """What the trial that a candidate resumes left; None where the candidate resumes none, or
        nothing can be read."""
        if self.folder is None or candidate.resumes is None:
            return None
        name = self._name(candidate, seed, candidate.resumes.epochs)
        with suppress(OSError, ValueError):
            return list(read_arrays(self.folder / name).values())
        return None

    def save(self, candidate: Candidate, seed: int, state: Sequence[np.ndarray]) -> None:
        """Keep the run of a candidate as it stands where it stopped, after `candidate.epochs`.

        Raises:
            OSError: If it cannot be written.
        """
        if self.folder is None or candidate.epochs is None:  # which does not stop early
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with replacing(self.folder / self._name(candidate, seed, candidate.epochs)) as new:
                np.savez(new, *state)
        except OSError as error:
            raise OSError(
                error.errno,
                f"{self.folder} must keep a training run that stopped, but that failed: "
                f"{error.strerror or error}. Make room there, or give another folder as "
                "checkpoints, and search again.",
            ) from error

    def _name(self, candidate: Candidate, seed: int, epochs: float) -> str:
        """One file for each architecture, seed and stop of the run."""
        identity = [self.description, candidate.architecture.values, seed, float(epochs)]
        return f"{digest(identity)}-seed{seed}-epochs{epochs:.4g}.npz"


def fits(state: Sequence[np.ndarray], like: Sequence[np.ndarray]) -> bool:
    """Whether a state that was read has as many arrays as another, of the same shapes and kinds.

    It may not have, where it was left by another release of Keras or of this library.
    """
    return [(a.shape, a.dtype.kind) for a in state] == [(a.shape, a.dtype.kind) for a in like]
