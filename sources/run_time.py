"""How long each notebook takes in a test run, against what run_seconds.json promises.

The promise: so many seconds does a reader wait for all cells of a chapter, on two cores without a GPU
and beside one other notebook. A test run prints what it took beside it and warns where that is much
more. `--keep-seconds` makes a run's own seconds the promise, if all its tests pass.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

PROMISED = Path(__file__).with_name("run_seconds.json")
TOLERANCE = 1.5


def promised() -> dict[str, float]:
    """Number of a chapter -> seconds."""
    return json.loads(PROMISED.read_text(encoding="utf-8"))


def keep(taken: dict[str, float]) -> None:
    """Promise what was taken; other chapters keep their promise."""
    rounded = {chapter: round(seconds, 1) for chapter, seconds in taken.items()}
    kept = dict(sorted({**promised(), **rounded}.items()))
    PROMISED.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def taken(reports: list) -> dict[str, float]:
    """Number of a chapter -> seconds that its cells took, with the start of its kernel."""
    seconds: dict[str, float] = defaultdict(float)
    for report in reports:
        folder, _, cell = getattr(report, "nodeid", "").rpartition("/")
        if folder == "notebooks" and ".ipynb::" in cell:
            seconds[cell[:2]] += report.duration
    return dict(sorted(seconds.items()))


def lines(seconds: dict[str, float]) -> Iterator[tuple[str, bool]]:
    """What to print of each chapter and of all, and whether it is a warning."""
    known = promised()
    before = {chapter: known.get(chapter, 0.0) for chapter in seconds}
    for chapter, value in seconds.items():
        is_late = value > TOLERANCE * before[chapter]
        warning = f"  WARNING: over {TOLERANCE} times the promise" if is_late else ""
        yield f"{chapter}   {value:7.1f} of {before[chapter]:7.1f} s{warning}", is_late
    yield f"all  {sum(seconds.values()):7.1f} of {sum(before.values()):7.1f} s", False
