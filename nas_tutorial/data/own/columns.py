"""A table with a column for each thing, as numbers: `learn_columns` says how, `numbers_of` does it.

What is learned is JSON-ready, so that new rows can be read alike in another process, later.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from nas_tutorial.data.own.checks import MISSING
from nas_tutorial.names import one_of, shown

if TYPE_CHECKING:  # it is loaded where a table is read
    import pandas as pd

MOST_OPTIONS = 50  # of a column of texts; more are hardly categories


def learn_columns(frame: "pd.DataFrame", missing: str = "refuse") -> dict:
    """How each column becomes numbers: as it is, or as a 0 or 1 for each of its options.

    Args:
        frame: The columns to predict from, of all rows.
        missing: What to do about empty cells: "refuse", or "fill": a number by the training set's
            mean, a text by zeros for all options.

    Returns:
        JSON-ready: "missing", and "columns", a list of {"name", "options"}; options are None for
        numbers.

    Raises:
        ValueError: If a column holds dates, is empty or has too many options, or cells are empty
            and are to be refused.
    """
    one_of("missing", missing, MISSING)
    if not len(frame.columns):
        raise ValueError(
            "a table must have columns to predict from, got none beside the target. Leave fewer out."
        )
    columns = [_column(frame[name], str(name), missing) for name in frame.columns]
    return {"missing": missing, "columns": columns}


def numbers_of(frame: "pd.DataFrame", reader: Mapping) -> np.ndarray:
    """The columns of a table as numbers, of shape (num_rows, num_features); empty cells as NaN.

    Args:
        frame: With at least the columns that were learned, in any order.
        reader: What `learn_columns` returned.

    Raises:
        ValueError: If a column is missing, or holds texts where numbers were learned, or has empty
            cells that are to be refused.
    """
    names = [column["name"] for column in reader["columns"]]
    frame = frame.rename(columns=str)
    if absent := [name for name in names if name not in frame.columns]:
        raise ValueError(
            f"the table must have the columns that were learned, but {', '.join(absent)} "
            f"{'is' if len(absent) == 1 else 'are'} not among {shown(list(frame.columns))}. Write "
            "the names as they were."
        )
    parts = [
        _values(frame[column["name"]], column, reader["missing"]) for column in reader["columns"]
    ]
    return np.concatenate(parts, axis=1)


def feature_names(reader: Mapping) -> tuple[str, ...]:
    """What each feature of `numbers_of` is: a column, or a column and one of its options."""
    return tuple(
        column["name"] if option is None else f"{column['name']}={option}"
        for column in reader["columns"]
        for option in column["options"] or [None]
    )


def _column(values: "pd.Series", name: str, missing: str) -> dict:
    import pandas as pd

    if not len(values.dropna()):
        raise ValueError(
            f"column {name!r} must hold values, got none. Leave it out: drop=[{name!r}]."
        )
    if missing == "refuse":
        _require_full(values, name)
    if pd.api.types.is_datetime64_any_dtype(values) or pd.api.types.is_timedelta64_dtype(values):
        raise ValueError(
            f"column {name!r} must hold numbers or texts, got dates. Make numbers of them, such as "
            "the day of the year, or leave the column out and give it as times."
        )
    if pd.api.types.is_bool_dtype(values) or pd.api.types.is_numeric_dtype(values):
        return {"name": name, "options": None}
    options = sorted(values.dropna().astype(str).unique())
    if len(options) > MOST_OPTIONS:
        raise ValueError(
            f"a column of texts must have at most {MOST_OPTIONS} options, but {name!r} has "
            f"{len(options)}, such as {options[0]!r}. Leave it out: drop=[{name!r}], or group them."
        )
    return {"name": name, "options": options}


def _values(values: "pd.Series", column: Mapping, missing: str) -> np.ndarray:
    import pandas as pd

    name, options = column["name"], column["options"]
    if missing == "refuse":
        _require_full(values, name)
    if options is not None:
        texts = values.astype(str)
        return np.stack([(texts == option).to_numpy(float) for option in options], axis=1)
    numbers = pd.to_numeric(values, errors="coerce")
    if len(wrong := np.flatnonzero(numbers.isna() & values.notna())):
        raise ValueError(
            f"column {name!r} must hold numbers, as it did when it was learned, but row {wrong[0]} "
            f"has {shown(values.iloc[wrong[0]])}. Correct it."
        )
    return numbers.to_numpy(float)[:, None]


def _require_full(values: "pd.Series", name: str) -> None:
    empty = np.flatnonzero(values.isna())
    if len(empty):
        raise ValueError(
            f"column {name!r} must have no empty cells, but {len(empty)} of {len(values)} are empty; "
            f'the first is in row {empty[0]}. Write missing="fill", or leave these rows out.'
        )


def fill(x: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Empty cells filled by the mean of their column in the training set, and those means.

    Args:
        x: Of shape (num_rows, num_features), with NaN where a cell is empty.
        rows: Those of the training set.
    """
    part = x[rows]
    counts = (~np.isnan(part)).sum(axis=0)
    means = np.nansum(part, axis=0) / np.maximum(counts, 1)
    return np.where(np.isnan(x), means, x), means


def as_list(names: str | Sequence[str]) -> list[str]:
    """One name or several as a list."""
    return [names] if isinstance(names, str) else list(names)
