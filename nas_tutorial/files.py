"""Files of arrays, read without running anything that they may hold."""

from pathlib import Path

import numpy as np


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays of an .npz file: numbers and texts. Python objects are refused, not unpickled.

    Raises:
        ValueError: If the file is none, was damaged, or holds something else.
        OSError: If it cannot be opened.
    """
    with path.open("rb") as file:
        try:
            with np.load(file, allow_pickle=False) as arrays:
                return dict(arrays)
        except Exception as error:  # the kinds that a damaged file brings are many, as zlib.error
            raise ValueError(
                f"{path} must be a whole .npz file of numbers and texts, but is not: "
                f"{str(error) or type(error).__name__}. Take it anew from where it came."
            ) from error
