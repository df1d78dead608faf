"""Which rows train, validate and test: in proportion to the classes, by group, or by time."""

from collections.abc import Mapping

import numpy as np

from nas_tutorial.data.own.labels import Labels
from nas_tutorial.names import real, shown, whole

SETS = ("training", "validation", "test")
Rows = dict[str, np.ndarray]  # name of a set -> its row numbers, sorted


def split_rows(
    labels: Labels, validation: float, test: float, seed: int, groups=None, times=None
) -> tuple[Rows, str]:
    """Divide the rows of a source into sets.

    Args:
        labels: Of all rows.
        validation: The share of rows that choose, in (0, 1).
        test: The share of rows for the final look, in [0, 1); 0 sets none apart.
        seed: Of the division.
        groups: One group per row, such as a patient, in an array: no group is in two sets.
        times: One time per row, in an array: the latest rows test, those before them validate.

    Returns:
        The rows of each set, and how they were divided, in words.

    Raises:
        ValueError: If the shares leave nothing to train on, a class has too few samples to be in
            every set, or groups or times do not fit.
    """
    validation = real(
        "validation", validation, above=0, below=1, advice="Give a share of the rows."
    )
    test = real("test", test, 0, below=1, advice="Give a share of the rows, or 0 for no test set.")
    real("validation + test", validation + test, below=1, advice="Leave rows to train on.")
    seed = whole("seed", seed)
    shares = {"test": test, "validation": validation}
    if groups is not None and times is not None:
        raise ValueError(
            "rows must be divided by groups or by times, got both. Where groups must not be split, "
            "give groups alone; where the future is to be predicted, times alone."
        )
    if times is not None:
        return _by_time(times, shares), "by time, the latest rows last"
    if groups is not None:
        return _by_group(groups, shares, seed), "by group"
    if labels.task == "classification":
        _require_enough(labels, 3 if test else 2)
        return _at_random(labels.y, shares, seed, labels.y), "in proportion to the classes"
    return _at_random(labels.y, shares, seed, None), "at random"


def given_rows(splits: Mapping, num_rows: int) -> tuple[Rows, str]:
    """A division that is given: name of a set -> its row numbers.

    Raises:
        ValueError: If a set is missing, unknown or empty, or a row is in two sets, or is none.
    """
    required = {"training", "validation"}
    if not required <= set(splits) <= set(SETS):
        raise ValueError(
            f"splits must have rows for training, validation and, if wanted, test, got "
            f"{shown(sorted(map(str, splits)))}. Write splits={{'training': rows, ...}}."
        )
    rows = {name: np.asarray(splits[name]) for name in SETS if name in splits}
    for name, numbers in rows.items():
        is_right = numbers.ndim == 1 and len(numbers) and numbers.dtype.kind in "iu"
        if not is_right or numbers.min() < 0 or numbers.max() >= num_rows:
            raise ValueError(
                f"the rows of the {name} set must be whole numbers in [0, {num_rows - 1}], got "
                f"{shown(splits[name])}. Count rows from 0."
            )
    found, counts = np.unique(np.concatenate(list(rows.values())), return_counts=True)
    if (counts > 1).any():
        raise ValueError(
            f"a row must be in one set, once, but {(counts > 1).sum()} rows are there more often; the "
            f"first is row {found[counts > 1][0]}. Cut the sets anew."
        )
    return rows, "as given"


def _at_random(y: np.ndarray, shares: dict[str, float], seed: int, classes) -> Rows:
    from sklearn.model_selection import train_test_split

    rest, rows = np.arange(len(y)), {}
    for name, share in shares.items():
        if share:
            count = max(1, round(share * len(y)))
            stratify = None if classes is None else classes[rest]
            if stratify is not None:
                count = max(count, len(np.unique(classes)))
            rest, rows[name] = train_test_split(
                rest, test_size=count, stratify=stratify, random_state=seed
            )
    return _in_order({**rows, "training": rest})


def _by_group(groups: np.ndarray, shares: dict[str, float], seed: int) -> Rows:
    """Whole groups; the shares are those of the groups, whose sizes may differ."""
    from sklearn.model_selection import GroupShuffleSplit

    groups = groups.astype(str)
    num_groups, wanted = len(np.unique(groups)), {n: s for n, s in shares.items() if s}
    whole("the number of groups", num_groups, len(wanted) + 1, advice="Every set needs its own.")
    rest, rows = np.arange(len(groups)), {}
    for name, share in wanted.items():
        divide = GroupShuffleSplit(
            1, test_size=max(1, round(share * num_groups)), random_state=seed
        )
        kept, apart = next(divide.split(rest, groups=groups[rest]))
        rest, rows[name] = rest[kept], rest[apart]
    return _in_order({**rows, "training": rest})


def _by_time(times: np.ndarray, shares: dict[str, float]) -> Rows:
    """The latest rows test, those before them validate; rows of one moment stay together."""
    if times.dtype.kind not in "biufM":
        raise ValueError(
            f"times must be numbers or dates, got {times.dtype}, such as {shown(times[0])}. Texts "
            "become dates by pandas.to_datetime."
        )
    wrong = np.flatnonzero(times != times)  # what is no number, or no time, does not equal itself
    if len(wrong):
        raise ValueError(
            f"every row must have a time, but {len(wrong)} have none; the first is row {wrong[0]}. "
            "Leave these rows out."
        )
    order = np.argsort(times, kind="stable")
    num_rows = end = len(times)
    sorted_times, rows = times[order], {}
    for name, share in shares.items():
        if share:
            begin = max(0, end - max(1, round(share * num_rows)))
            begin = int(np.searchsorted(sorted_times, sorted_times[begin], side="left"))
            rows[name], end = order[begin:end], begin
    if not end:
        raise ValueError(
            "rows before those of the validation set must be left to train on, got none: too many "
            "rows have one time. Give finer times, or smaller shares."
        )
    return _in_order({**rows, "training": order[:end]}, is_sorted=True)


def _in_order(rows: Rows, is_sorted: bool = False) -> Rows:
    """Training, validation, test; rows by number, or, of a series, by time."""
    return {name: rows[name] if is_sorted else np.sort(rows[name]) for name in SETS if name in rows}


def require_all_classes(labels: Labels, rows: Rows) -> None:
    """Raise where a class has no sample to learn from.

    Args:
        labels: Of all rows.
        rows: Of each set.

    Raises:
        ValueError: With the first such class.
    """
    counts = np.bincount(labels.y[rows["training"]], minlength=len(labels.names))
    if not counts.all():
        raise ValueError(
            f"every class must have samples in the training set, but {(counts == 0).sum()} of "
            f"{len(counts)} have none; the first is {labels.names[int(counts.argmin())]!r}. Take "
            "another seed, or divide the rows otherwise."
        )


def _require_enough(labels: Labels, num_sets: int) -> None:
    """Raise where a class has fewer samples than there are sets."""
    counts = np.bincount(labels.y, minlength=len(labels.names))
    few = np.flatnonzero(counts < num_sets)
    if len(few):
        name, count = labels.names[few[0]], counts[few[0]]
        raise ValueError(
            f"every class must have at least {num_sets} samples, one for each set, but "
            f"{len(few)} of {len(counts)} have fewer; the first is {name!r}, with {count}. Join it to "
            "another class, leave its samples out, or collect more."
        )
