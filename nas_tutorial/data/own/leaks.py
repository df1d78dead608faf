"""What must not be in two sets: a group, or the very same sample."""

import numpy as np

from nas_tutorial.data.own.splits import Rows


def require_whole_groups(rows: Rows, groups) -> None:
    """Raise where a group has rows in two sets: what is learned of it would be tested on it.

    Args:
        rows: Of each set.
        groups: One per row of the source.

    Raises:
        ValueError: With the number of such groups, and the first of them.
    """
    groups = np.asarray(groups).astype(str)
    sets = [np.unique(groups[numbers]) for numbers in rows.values()]
    names, counts = np.unique(np.concatenate(sets), return_counts=True)
    shared = names[counts > 1].tolist()
    if shared:
        raise ValueError(
            f"a group must be in one set, but {len(shared)} groups are in two or more; the first is "
            f"{shared[0]!r}. Leave splits out and give groups, and they will be kept together."
        )


def num_repeated(x: np.ndarray, rows: Rows) -> dict[str, int]:
    """How many samples of a set are in an earlier set, number for number.

    Args:
        x: All inputs, of shape (num_samples, ...).
        rows: Of each set, in the order training, validation, test.

    Returns:
        Name of a later set -> how many of its samples repeat one of an earlier set.
    """
    seen: set[bytes] = set()
    repeated = {}
    for name, numbers in rows.items():
        keys = _keys(x[numbers])
        repeated[name] = sum(key in seen for key in keys)
        seen.update(keys)
    return {name: count for name, count in repeated.items() if name != "training"}


def first_of_each(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The row numbers of samples that do not repeat an earlier one, inputs and answer alike."""
    y = y.reshape(len(y), -1)
    pairs: dict[tuple[bytes, bytes], int] = {}
    for row, pair in enumerate(zip(_keys(x), _keys(y))):
        pairs.setdefault(pair, row)
    return np.array(list(pairs.values()))


def _keys(x: np.ndarray) -> list[bytes]:
    return [np.ascontiguousarray(sample).tobytes() for sample in x]
