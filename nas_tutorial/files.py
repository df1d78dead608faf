"""Files and streams: arrays are read without running anything, a file is written whole or not at all,
and a progress bar that cannot be drawn stops nothing.
"""

import os
import secrets
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

# What a stream raises where there is none, where it is broken, and where it lacks a letter.
CANNOT_DRAW = (AttributeError, OSError, ValueError)


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


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write an .npz file that `read_arrays` reads, whole or not at all.

    Raises:
        OSError: If it cannot be written, or is no ordinary file.
    """
    with replacing(path) as new, new.open("wb") as file:
        # NumPy's stubs fear that an array might be called allow_pickle, as a parameter is.
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]


def required_arrays(
    path: Path,
    arrays: Mapping[str, np.ndarray],
    expected: Mapping[str, tuple[str, tuple]],
    *,
    advice: str,
) -> dict[str, np.ndarray]:
    """The arrays that a file must hold, if it does.

    Args:
        path: What errors call it.
        arrays: What was read.
        expected: Name -> type, such as "uint16", or any of a kind by NumPy's letter, such as "f";
            and shape, in which equal words are equal sizes of any number.
        advice: What to do about another file; ends the error.

    Raises:
        ValueError: If one is missing, or of another type or shape.
    """
    sizes: dict[str, int] = {}
    for name, (kind, shape) in expected.items():
        found = arrays.get(name, np.zeros((), "O"))
        is_right = kind in (found.dtype.kind, found.dtype.name) and found.ndim == len(shape)
        for size, there in zip(shape, found.shape):
            is_right &= there == (sizes.setdefault(size, there) if isinstance(size, str) else size)
        if not is_right:
            raise ValueError(
                f"{path} must hold {name} of type {kind} and shape {shape}, got {found.dtype} of "
                f"shape {found.shape}. {advice}"
            )
    return {name: arrays[name] for name in expected}


def ordinary(path: str | Path) -> Path:
    """Where a path leads, links followed, if that is a file or nothing yet.

    Raises:
        OSError: If it is anything else.
    """
    path = Path(path).resolve()
    if path.exists() and not path.is_file():
        raise OSError(
            f"{path} must be a file, but is something else, such as a folder or a device. "
            "Name another place."
        )
    return path


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Write a file under another name in the same folder; it takes the place of `path` at the end.

    So a reader meets the old file or the new one and never half of one, also where two processes
    write at once, and where the block raises or the disk is full, `path` stays as it was.

        with replacing("table.npz") as new:
            np.savez(new, **arrays)

    Args:
        path: The file to write. It may exist, but must not be anything but a file: a folder, a
            device or a pipe is refused. A link is followed.

    Yields:
        Where to write. The name ends as `path` does, since `np.savez` and others look at that.

    Raises:
        OSError: If it cannot be written, or is no ordinary file.
    """
    path = ordinary(path)
    new = path.with_name(f".{path.stem}-{secrets.token_hex(4)}{path.suffix}")
    try:
        yield new
        if path.exists():
            shutil.copymode(path, new)
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


class Bar(tqdm):
    """tqdm's progress bar on the standard error stream. Where that is closed, full or gone, or cannot
    encode a name, the bar disappears, and the work that it shows goes on.

    Args:
        arguments, settings: As of `tqdm.auto.tqdm`.
    """

    def __init__(self, *arguments, disable: bool = False, **settings):
        try:
            sys.stderr.flush()
        except CANNOT_DRAW:
            disable = True
        super().__init__(*arguments, disable=disable, **settings)  # type: ignore[call-overload]

    def display(self, *arguments, **settings):
        """Draw the bar."""
        try:
            return super().display(*arguments, **settings)
        except CANNOT_DRAW:
            self.disable = True

    def close(self):
        """Draw the bar for the last time."""
        with suppress(*CANNOT_DRAW):
            super().close()
