"""The notebooks of this version, copied to where a learner works on them."""

import shutil
from pathlib import Path

INSTALLED = Path(__file__).with_name("notebooks")  # the wheel's build puts them there: setup.py
CHECKOUT = Path(__file__).parents[2] / "notebooks"


def copy_notebooks(folder: str | Path, *, source: Path | None = None) -> list[Path]:
    """Copy every chapter and its solution into a folder, which is made where it is not there.

    Args:
        folder: Where they go. Other files there stay as they are.
        source: The notebooks; by default those that came with this version, and in a checkout its own.

    Returns:
        The copies, chapters first, each list in order.

    Raises:
        ValueError: If one of them is there already (then nothing is copied), if the folder is a file,
            or if there are no notebooks to copy.
    """
    source = source or (INSTALLED if INSTALLED.is_dir() else CHECKOUT)
    chapters = [*sorted(source.glob("*.ipynb")), *sorted(source.glob("solutions/*.ipynb"))]
    if not chapters:
        raise ValueError(
            f"the notebooks must be in {source}, but there are none. Install the package again, from "
            "its wheel or from a checkout."
        )
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"the notebooks need a folder, but {folder} is a file. Name another one.")
    copies = {path: folder / path.relative_to(source) for path in chapters}
    there = [copy for copy in copies.values() if copy.exists() or copy.is_symlink()]
    if there:
        raise ValueError(
            f"nothing may be overwritten, but {folder} has {len(there)} of these {len(copies)} "
            f"notebooks, such as {there[0].name}. Name a new folder; nothing was copied."
        )
    for path, copy in copies.items():
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    return list(copies.values())
