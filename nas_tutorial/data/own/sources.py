"""From arrays, tables, folders of images and batches to a `Dataset`, whose classmethods these are.

Each function reads a source, converts inputs and labels, divides the rows, refuses what leaks, and keeps
in an `Origin` what was done.
"""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nas_tutorial.data.own.checks import require_inputs
from nas_tutorial.data.own.columns import as_list, feature_names, fill, learn_columns, numbers_of
from nas_tutorial.data.own.inputs import input_array, standardised
from nas_tutorial.data.own.labels import Labels, read_labels
from nas_tutorial.data.own.leaks import first_of_each, num_repeated, require_whole_groups
from nas_tutorial.data.own.origin import Origin
from nas_tutorial.data.own.splits import given_rows, require_all_classes, split_rows
from nas_tutorial.names import real, require_kind, shown, whole

if TYPE_CHECKING:  # it is loaded where a table is read
    import pandas as pd

IMAGES = (".bmp", ".gif", ".jpeg", ".jpg", ".png")


def from_arrays(
    cls,
    /,
    x,
    y,
    *,
    name: str = "mine",
    task: str | None = None,
    validation: float = 0.2,
    test: float = 0.2,
    seed: int = 0,
    groups: Any = None,
    times: Any = None,
    splits: Mapping[str, Sequence[int]] | None = None,
    class_names: tuple[str, ...] | None = None,
    vocabulary_size: int | None = None,
    standardise: bool | None = None,
    drop_duplicates: bool = False,
    source: str = "arrays",
    reader: Mapping[str, Any] | None = None,
):
    """A data set from inputs and answers in arrays or lists.

    Args:
        x: Inputs of shape (num_samples, num_features) for a table, (num_samples, length, channels)
            for series, (num_samples, height, width[, channels]) for images, or (num_samples, length)
            of tokens with a vocabulary_size.
        y: One answer per sample, of any kind: see `labels.read_labels`.
        name: A short name for the data.
        task: "classification", "multilabel" or "regression"; None finds out.
        validation, test: Their shares of the rows; test=0 sets no test set apart.
        seed: Of the division into sets.
        groups: One group per row, such as a patient: none is in two sets.
        times: One time per row: the latest rows test, those before them validate.
        splits: "training", "validation" and perhaps "test" -> row numbers, to divide them yourself.
        class_names: One per class, label or target, in sorted order; None takes the labels' own.
        vocabulary_size: How many tokens there are, where x holds token numbers.
        standardise: Whether columns get mean 0 and standard deviation 1 over the training set; None
            does it for tables and for nothing else.
        drop_duplicates: Leave out samples that repeat an earlier one with the same answer.
        source: Where the arrays come from, for the run card.
        reader: How they were read, kept with the data.

    Raises:
        ValueError: If inputs or labels cannot be trained on, or something would be in two sets. The
            message names the sample and the remedy.
    """
    x, notes = input_array(x, vocabulary_size)
    for note in notes:
        warnings.warn(note, stacklevel=2)
    labels = read_labels(y, task, class_names)
    if len(labels.y) != len(x):
        raise ValueError(
            f"there must be one answer per sample, got {len(labels.y)} for {len(x)} samples. Check "
            "how they were cut."
        )
    kept = np.arange(len(x))
    if drop_duplicates and splits is not None:
        raise ValueError(
            "drop_duplicates must be False where the sets are given, got True: the rows to leave out "
            "may be those that were given. Leave them out of the sets, or leave the division to this."
        )
    if drop_duplicates:
        kept = first_of_each(x, labels.y)
        notes.append(f"{len(x) - len(kept)} repeated samples were left out.")
    groups, times = _one_per_row("groups", groups, len(x)), _one_per_row("times", times, len(x))
    if splits is None:
        part = Labels(labels.task, labels.y[kept], labels.names, labels.originals)
        of_part = (each if each is None else each[kept] for each in (groups, times))
        rows, how = split_rows(part, validation, test, seed, *of_part)
        rows = {split: kept[numbers] for split, numbers in rows.items()}
    else:
        rows, how = given_rows(splits, len(x))
    if groups is not None:
        require_whole_groups(rows, groups)
    if labels.task == "classification":
        require_all_classes(labels, rows)
    x, how_read = _scaled(name, x, rows["training"], vocabulary_size, standardise, reader or {})
    notes += _repetitions(name, x, rows)
    origin = Origin(source, how, rows, seed, tuple(notes), labels.originals, how_read)
    sets = {split: (x[numbers], labels.y[numbers]) for split, numbers in rows.items()}
    return cls(
        name,
        *sets.values(),
        class_names=labels.names,
        vocabulary_size=vocabulary_size,
        task=labels.task,
        origin=origin,
    )


def from_csv(
    cls,
    /,
    table: "str | Path | pd.DataFrame",
    target: str | Sequence[str],
    *,
    drop: Sequence[str] = (),
    groups: str | None = None,
    times: str | None = None,
    missing: str = "refuse",
    name: str | None = None,
    **division: Any,
):
    """A data set from a table in which each row is a sample: a CSV file, or a DataFrame.

    Columns of numbers stay as they are, columns of texts become a 0 or 1 for each of their options,
    and all get mean 0 and standard deviation 1 over the training set.

    Args:
        table: The file, or the DataFrame.
        target: The column to predict; several for several targets or labels.
        drop: Columns to leave out, such as a row's number.
        groups: A column of groups, such as patients, none of which is in two sets; not predicted from.
        times: A column of times: the latest rows test; not predicted from.
        missing: What to do about empty cells to predict from: "refuse", or "fill".
        name: A short name; None takes the file's.
        division: `task`, `validation`, `test`, `seed` and `drop_duplicates`, as of `from_arrays`.

    Raises:
        ValueError: If a column does not exist or cannot be made numbers, or as `from_arrays` does.
        FileNotFoundError: If there is no such file.
    """
    frame, source, usual_name = read_frame(table)
    targets = as_list(target)
    apart = [column for column in (groups, times) if column is not None]
    for column in [*targets, *as_list(drop), *apart]:
        if column not in frame.columns:
            raise ValueError(
                f"a column of {source} must be one of {shown(list(frame.columns))}, got "
                f"{column!r}. Write its name as the table does."
            )
    inputs = frame.drop(columns=list({*targets, *as_list(drop), *apart}))
    reader = learn_columns(inputs, missing)
    answers = frame[targets[0]] if len(targets) == 1 else frame[targets]
    return from_arrays(
        cls,
        numbers_of(inputs, reader),
        _plain(answers),
        name=name or usual_name,
        class_names=None if len(targets) == 1 else tuple(targets),
        groups=None if groups is None else frame[groups].to_numpy(),
        times=None if times is None else _times(frame[times]),
        source=source,
        reader={"kind": "table", "target": targets, **reader, "features": feature_names(reader)},
        **division,
    )


def from_folder(
    cls,
    /,
    folder: str | Path,
    *,
    size: tuple[int, int] | None = None,
    color: str = "rgb",
    name: str | None = None,
    **division: Any,
):
    """A data set from a folder that holds a folder of images for each class, by Keras's own loader.

    Args:
        folder: Such as "flowers", with flowers/rose/1.png and flowers/tulip/1.png.
        size: (height, width) to which all images are scaled; None leaves them as they are, which
            must be one size.
        color: "rgb" or "grayscale".
        name: A short name; None takes the folder's.
        division: `validation`, `test`, `seed` and `drop_duplicates`, as of `from_arrays`.

    Raises:
        ValueError: If there are no classes or no images, an image cannot be read, or sizes differ.
    """
    from nas_tutorial.backend import keras

    root = Path(folder)
    classes = sorted(
        each for each in root.glob("*") if each.is_dir() and not each.name.startswith(".")
    )
    files = [
        (file, each.name)
        for each in classes
        for file in sorted(each.glob("*"))
        if file.suffix.lower() in IMAGES
    ]
    if len(classes) < 2 or not files:
        raise ValueError(
            f"{root} must be a folder with a folder of images for each class, got {len(classes)} "
            f"folders with {len(files)} images ({', '.join(IMAGES)}). Write flowers for "
            "flowers/rose/1.png and flowers/tulip/1.png."
        )
    scaled_to = None if size is None else tuple(whole("a side of size", side, 1) for side in size)
    images = []
    for file, _ in files:
        try:
            image = keras.utils.load_img(file, color_mode=color, target_size=scaled_to)
        except OSError as error:
            raise ValueError(
                f"{file} must be an image, but it cannot be read: {error}. Leave it out."
            ) from error
        images.append(np.asarray(keras.utils.img_to_array(image), "uint8"))
        if images[-1].shape != images[0].shape:
            raise ValueError(
                f"all images must have one size, but {files[0][0]} has {images[0].shape[:2]} and {file} "
                f"{images[-1].shape[:2]}. Write size=(height, width), and they are scaled."
            )
    reader = {"kind": "images", "size": list(images[0].shape[:2]), "color": color}
    labels = [label for _, label in files]
    return from_arrays(
        cls,
        np.stack(images), labels, name=name or root.resolve().name, source=str(root), reader=reader,
        **{"task": "classification", **division},
    )  # fmt: skip


def from_keras_dataset(
    cls,
    /,
    training: Iterable,
    validation_set: Iterable | None = None,
    test_set: Iterable | None = None,
    *,
    limit_mb: float = 1000,
    **settings: Any,
):
    """A data set from `tf.data`, or anything that gives batches (x, y): read into memory, once.

    Args:
        training: Batches; all samples, where no other set is given, which are divided then.
        validation_set, test_set: Batches of the others; a test set is not needed.
        limit_mb: The most megabytes that the inputs may take.
        settings: As of `from_arrays`.

    Raises:
        ValueError: If the inputs take more memory, or as `from_arrays` does.
    """
    limit_mb = real("limit_mb", limit_mb, above=0)
    given = {"training": training, "validation": validation_set, "test": test_set}
    sets = {
        name: _batches(name, each, limit_mb) for name, each in given.items() if each is not None
    }
    x, y = (np.concatenate([arrays[part] for arrays in sets.values()]) for part in (0, 1))
    if len(sets) > 1:
        ends = np.cumsum([len(arrays[0]) for arrays in sets.values()])
        settings["splits"] = dict(zip(sets, np.split(np.arange(len(x)), ends[:-1])))
    return from_arrays(cls, x, y, source="batches", **settings)


def _batches(name: str, batches: Iterable, limit_mb: float) -> tuple[np.ndarray, np.ndarray]:
    xs, ys, megabytes = [], [], 0.0
    for batch in batches:
        if not isinstance(batch, tuple | list) or len(batch) != 2:
            raise ValueError(
                f"each batch of the {name} set must be a pair (x, y), got {shown(batch)}. Map it: "
                "dataset.map(lambda ...: (x, y))."
            )
        x, y = np.asarray(batch[0]), np.asarray(batch[1])
        if y.ndim == 0:
            raise ValueError(
                f"the {name} set must give batches, got single samples. Write dataset.batch(100)."
            )
        megabytes += x.nbytes / 1e6
        if megabytes > limit_mb:
            raise ValueError(
                f"the inputs must fit in limit_mb={limit_mb:g} megabytes, but those of the {name} set "
                f"have reached {megabytes:.0f}. Take fewer, dataset.take(...), or raise limit_mb."
            )
        xs.append(x)
        ys.append(y)
    if not xs:
        raise ValueError(
            f"the {name} set must give batches, got none. A generator gives them once."
        )
    return np.concatenate(xs), np.concatenate(ys)


def read_frame(table: "str | Path | pd.DataFrame") -> "tuple[pd.DataFrame, str, str]":
    """The table, what to call it in messages, and a short name for the data."""
    import pandas as pd

    if isinstance(table, pd.DataFrame):
        return table, "the DataFrame", "mine"
    require_kind("table", table, str | Path, "Give a CSV file, or a DataFrame.")
    try:
        return pd.read_csv(table), str(table), Path(table).stem
    except (pd.errors.EmptyDataError, pd.errors.ParserError, UnicodeDecodeError) as error:
        raise ValueError(
            f"{table} must be a CSV file with a line of names, but reading it says: {error}. Read it "
            "with pandas, and give the DataFrame."
        ) from error


def _plain(answers: "pd.Series | pd.DataFrame") -> np.ndarray:
    """As NumPy has them: texts as objects, in which an empty cell is found."""
    values = answers.to_numpy()
    is_text = not np.issubdtype(values.dtype, np.number) and values.dtype != bool
    return values.astype(object) if is_text else values


def _times(values: "pd.Series") -> np.ndarray:
    import pandas as pd

    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_datetime64_any_dtype(values):
        return values.to_numpy()
    try:
        return pd.to_datetime(values, format="ISO8601").to_numpy()
    except ValueError as error:
        raise ValueError(
            f"column {values.name!r} must hold times, numbers or dates such as 2026-01-31, but {error}. "
            "Make dates of them by pandas.to_datetime, and give the DataFrame."
        ) from error


def _scaled(
    name: str, x: np.ndarray, training: np.ndarray, vocabulary_size, standardise, reader: Mapping
) -> tuple[np.ndarray, dict]:
    """Inputs that can be trained on, columns of a table scaled; and how to do it to new ones."""
    is_table = x.ndim == 2 and vocabulary_size is None
    how: dict[str, Any] = dict(reader)
    if is_table and how.get("missing") == "fill":
        x, means = fill(x, training)
        how["means"] = means.tolist()
    require_inputs(name, x, vocabulary_size)
    if is_table if standardise is None else standardise:
        x, mean, deviation = standardised(x, training)
        how |= {"mean": mean.tolist(), "deviation": deviation.tolist()}
    return x, how


def _one_per_row(what: str, values: Any, num_rows: int) -> np.ndarray | None:
    if values is None:
        return None
    values = np.asarray(values)
    if values.shape != (num_rows,):
        raise ValueError(
            f"{what} must have one entry per row, got shape {values.shape} for {num_rows} rows. Give "
            "an array or a list."
        )
    empty = _empty(values)
    if len(empty):
        raise ValueError(
            f"{what} must be known for every row, but {len(empty)} of {num_rows} are empty; the first is "
            f"row {empty[0]}. Fill them in, or leave these rows out."
        )
    return values


def _empty(values: np.ndarray) -> np.ndarray:
    """The numbers of the rows that hold None or NaN among objects."""
    if values.dtype != object:
        return np.array([], int)
    from pandas import isna

    return np.flatnonzero(isna(values))


def _repetitions(name: str, x: np.ndarray, rows: Mapping[str, np.ndarray]) -> list[str]:
    """Say which samples are in two sets, number for number; one sentence for the run card."""
    repeated = {split: count for split, count in num_repeated(x, dict(rows)).items() if count}
    if not repeated:
        return []
    counts = ", ".join(
        f"{count} of {len(rows[split])} of the {split} set" for split, count in repeated.items()
    )
    sentence = f"Samples of {name} repeat one of an earlier set, number for number: {counts}."
    warnings.warn(
        f"{sentence} What is measured on them was learned by heart. Write drop_duplicates=True, or give groups.",
        stacklevel=3,
    )
    return [sentence]
