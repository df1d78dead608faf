"""Annex: benchmark files that are read once: what they hold is kept as arrays in a compact file.

Reading an official file takes minutes, reading the compact one seconds.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from nas_tutorial.files import read_arrays, write_arrays

MADE_BY, MADE_FROM = "made_by", "made_from_bytes"  # kept in a compact file with the arrays
CONVERT_ANEW = "Delete it, and give the official file, which is then converted anew."


def converted(
    source: Path,
    compact: str | Path | None,
    convert: Callable[[Path], dict[str, np.ndarray]],
    *,
    version: str,
) -> dict[str, np.ndarray]:
    """The arrays of a benchmark file, converted unless a file of that size was before.

    Args:
        source: The official file or folder; or the compact file, which does without the other.
        compact: Where the compact file is or goes; None puts it next to the source, with .npz added
            to its name.
        convert: Reads the official file.
        version: Names what `convert` makes.

    Raises:
        FileNotFoundError: If there is neither an official nor a compact file.
        ValueError: If there is a file in the compact one's place that is none of this version.
    """
    is_compact = source.suffix == ".npz"
    compact = Path(compact or (source if is_compact else source.with_name(f"{source.name}.npz")))
    official = source.exists() and source != compact
    if compact.exists():
        arrays = _read(compact)
        made_by, size = (arrays.pop(name, np.zeros(0)) for name in (MADE_BY, MADE_FROM))
        if not np.array_equal(made_by, version) or np.shape(size) != ():
            raise ValueError(
                f"{compact} must be what was converted for {version!r}, but is something else. "
                "Move it away, and give the official file, which is then converted."
            )
        if not official or size == num_bytes(source):
            return arrays
    elif not official:
        raise FileNotFoundError(
            f"{source} must be the benchmark's official file, or {compact} what was made of it, "
            "but there is neither. Download the official file first."
        )
    arrays = convert(source)
    origin = {MADE_BY: np.array(version), MADE_FROM: np.array(num_bytes(source))}
    write_arrays(compact, arrays | origin)
    return arrays


def num_bytes(path: Path) -> int:
    """The size of a file, or of all files in a folder."""
    files = path.iterdir() if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files)


def _read(compact: Path) -> dict[str, np.ndarray]:
    """All arrays of a compact file; none where it is something else."""
    try:
        return read_arrays(compact)
    except ValueError:
        return {}
