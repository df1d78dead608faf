"""own.sources: from what people have to a `Dataset`, and where it came from."""

import json
import pickle
import warnings

import keras
import numpy as np
import pandas as pd
import pytest

from nas_tutorial.data.datasets import Dataset

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(40, 3)), np.arange(40) % 2
FRAME = pd.DataFrame(
    {"row": np.arange(40), "a": X[:, 0], "kind": np.where(Y, "p", "q"), "who": np.arange(40) // 2,
     "when": pd.date_range("2020-01-01", periods=40).astype(str), "price": X[:, 1],
     "label": np.where(Y, "yes", "no")}
)  # fmt: skip


def sets(data: Dataset) -> list:
    return [(data.x_train, data.y_train), (data.x_val, data.y_val), data.final_test()]


# Arrays


def test_arrays_become_a_data_set_whose_origin_is_known():
    data = Dataset.from_arrays(X, Y, class_names=("no", "yes"), name="ours")
    assert repr(data).startswith("Dataset(ours: 24 train, 8 validation, 8 test; inputs (3,), 2 cl")
    assert (data.task, data.num_classes, data.origin.original_labels) == (
        "classification",
        2,
        (0, 1),
    )
    rows = data.origin.rows
    mean, deviation = X[rows["training"]].mean(axis=0), X[rows["training"]].std(axis=0)
    for (x, y), numbers in zip(sets(data), rows.values()):
        np.testing.assert_allclose(x, (X[numbers] - mean) / deviation, atol=1e-5)
        np.testing.assert_array_equal(y, Y[numbers])
    np.testing.assert_allclose(data.origin.reader["mean"], mean, rtol=1e-6)
    described = json.loads(json.dumps(data.origin.describe()))
    assert described["sets"]["training"]["samples"] == 24
    assert (described["seed"], described["split"]) == (0, "in proportion to the classes")


def test_the_division_is_known_by_its_rows():
    digests = [
        Dataset.from_arrays(X, Y, seed=seed).origin.describe()["sets"]["test"]["rows_digest"]
        for seed in (0, 0, 1)
    ]
    assert digests[0] == digests[1] != digests[2]


def test_series_images_and_tokens_are_not_scaled_unless_asked():
    series = RNG.normal(5, 1, size=(40, 7, 2)).astype("float32")
    data = Dataset.from_arrays(series, Y)
    np.testing.assert_array_equal(data.x_train, series[data.origin.rows["training"]])
    assert abs(Dataset.from_arrays(series, Y, standardise=True).x_train.mean()) < 1e-5
    assert (
        Dataset.from_arrays(RNG.integers(0, 9, (40, 5)), Y, vocabulary_size=9).vocabulary_size == 9
    )
    np.testing.assert_array_equal(
        Dataset.from_arrays(X, Y, standardise=False).x_train.dtype, np.float32
    )


def test_images_without_channels_get_an_axis_and_it_is_said():
    with pytest.warns(UserWarning, match="taken as images and given an axis of channels") as said:
        data = Dataset.from_arrays(np.zeros((40, 9, 9)) + np.arange(40)[:, None, None], Y)
    assert said[0].filename == __file__
    assert data.input_shape == (9, 9, 1) and "images" in data.origin.notes[0]


def test_regressions_and_several_labels_have_sets_too():
    data = Dataset.from_arrays(X, X[:, 0] * 2)
    assert repr(data).endswith("inputs (3,), 1 targets)") and data.y_train.shape == (24, 1)
    data = Dataset.from_arrays(X, np.stack([Y, Y, 1 - Y], axis=1))
    assert (data.task, data.num_classes) == ("multilabel", 3)


def test_without_a_test_set_there_is_nothing_to_read():
    data = Dataset.from_arrays(X, Y, test=0)
    assert not data.has_test and "no test" in repr(data)
    with pytest.raises(
        RuntimeError, match="mine must have a test set to be read, but none was set a"
    ):
        data.final_test()


@pytest.mark.parametrize(
    "data",
    [Dataset.from_arrays(X, Y, test=0), Dataset.from_arrays(X, X), Dataset.from_arrays(X, Y)],
    ids=["no test set", "regression", "classification"],
)
def test_it_pickles_whole(data):
    copy = pickle.loads(pickle.dumps(data))
    assert (copy.digest, copy.task, copy.has_test) == (data.digest, data.task, data.has_test)
    assert copy.origin.describe() == data.origin.describe()


def test_targets_and_task_are_part_of_the_digest():
    y = X[:, :1]
    digests = {
        Dataset.from_arrays(X, each, task=task).digest
        for each, task in [
            (y, "regression"),
            (y + 1e-3, "regression"),
            (Y, None),
            (Y, "multilabel"),
        ]
    }
    assert len(digests) == 4


def test_a_group_in_two_sets_is_refused():
    with pytest.raises(ValueError, match=r"1 groups are in two or more; the first is '0'\. Leave"):
        Dataset.from_arrays(
            X, Y, groups=[0, 0, *list(range(1, 39))], test=0,
            splits={"training": [0, *range(2, 30)], "validation": [1, *range(30, 40)]},
        )  # fmt: skip


def test_repeated_samples_are_counted_and_said():
    x, y = np.concatenate([X, X]), np.concatenate([Y, Y])
    with pytest.warns(
        UserWarning, match=r"repeat one .*: \d+ of 16 of the validation set.*drop_d"
    ) as said:
        data = Dataset.from_arrays(x, y)
    assert said[0].filename == __file__
    assert data.origin.notes[-1].startswith("Samples of mine repeat one of an earlier set")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        once = Dataset.from_arrays(x, y, drop_duplicates=True)
    assert sum(len(rows) for rows in once.origin.rows.values()) == 40
    assert "40 repeated samples were left out." in once.origin.notes


@pytest.mark.parametrize(
    ("x", "y", "settings", "message"),
    [
        (X, Y[:-1], {}, "one answer per sample, got 39 for 40 samples"),
        (X, Y, {"groups": [1]}, r"groups must have one entry per row, got shape \(1,\) for 40 rows"),
        (X, Y, {"times": [1]}, "times must have one entry per row"),
        (X, Y, {"groups": ["a", None] * 20}, "20 of 40 are empty; the first is row 1"),
        (X, Y, {"drop_duplicates": True, "splits": {"training": [0], "validation": [1]}}, "drop_duplicates must be False where the sets are given"),
        (np.where(X[7, 1] == X, np.nan, X), Y, {}, "the first is sample 7, with nan"),
        (np.full((40, 4), 9), Y, {"vocabulary_size": 9}, r"tokens of vocabulary_size=9.*Give vocabulary_size=10"),
        (X, ["cat"] * 38 + ["dog"] * 2, {}, "first is 'dog', with 2"),
        (X, np.arange(40) > 34, {"times": np.arange(40)}, "the first is 'True'"),
    ],
)  # fmt: skip
def test_what_cannot_be_trained_on_is_refused_by_its_number(x, y, settings, message):
    with pytest.raises(ValueError, match=message):
        Dataset.from_arrays(x, y, **settings)


# Tables


def test_a_file_is_a_table(tmp_path):
    FRAME.to_csv(tmp_path / "sales.csv", index=False)
    data = Dataset.from_csv(tmp_path / "sales.csv", "label", drop=["row", "when", "who"])
    assert (data.name, data.input_shape, data.class_names) == ("sales", (4,), ("no", "yes"))
    assert data.origin.reader["features"] == ("a", "kind=p", "kind=q", "price")
    assert data.origin.source == str(tmp_path / "sales.csv")
    same = Dataset.from_csv(FRAME, "label", drop=["row", "when", "who"])
    assert same.digest == data.digest


def test_groups_and_times_are_columns_that_nothing_is_predicted_from():
    plain = FRAME[["a", "price", "who", "when"]]
    data = Dataset.from_csv(plain, "price", groups="who", drop=["when"])
    assert (data.task, data.input_shape, data.origin.split) == ("regression", (1,), "by group")
    data = Dataset.from_csv(plain, ["a", "price"], times="when")
    assert data.origin.rows["test"].tolist() == list(range(32, 40))
    assert (data.num_classes, data.class_names, data.input_shape) == (2, ("a", "price"), (1,))


@pytest.mark.parametrize(
    ("table", "settings", "error", "message"),
    [
        (
            FRAME,
            {"target": "lable"},
            ValueError,
            r"a column of the DataFrame must be one of .*'lable'",
        ),
        (FRAME, {"target": "label", "drop": ["x"]}, ValueError, "got 'x'. Write its name as"),
        (FRAME, {"target": "label", "times": "kind"}, ValueError, "column 'kind' must hold times"),
        (FRAME.assign(label=None), {"target": "label"}, ValueError, "40 of 40 have none"),
        (
            3,
            {"target": "label"},
            ValueError,
            "table must be of type .* Give a CSV file, or a DataFr",
        ),
        ("nowhere.csv", {"target": "label"}, FileNotFoundError, "nowhere"),
    ],
)
def test_tables_with_faults_are_refused(table, settings, error, message):
    with pytest.raises(error, match=message):
        Dataset.from_csv(table, **settings)


def test_a_file_without_a_table_is_refused(tmp_path):
    (tmp_path / "empty.csv").touch()
    with pytest.raises(ValueError, match=r"empty\.csv must be a CSV file .* Read it with pandas"):
        Dataset.from_csv(tmp_path / "empty.csv", "label")


# Folders of images


@pytest.fixture
def folder(tmp_path):
    for kind in ("rose", "tulip"):
        (tmp_path / "flowers" / kind).mkdir(parents=True)
        for number in range(5):
            image = RNG.integers(0, 256, (9, 8, 3))
            keras.utils.save_img(tmp_path / "flowers" / kind / f"{number}.png", image, scale=False)
    return tmp_path / "flowers"


def test_a_folder_of_images_is_a_data_set(folder):
    data = Dataset.from_folder(folder)
    assert (data.name, data.input_shape, data.class_names) == (
        "flowers",
        (9, 8, 3),
        ("rose", "tulip"),
    )
    assert 0 <= data.x_train.min() < data.x_train.max() <= 1
    first = keras.utils.img_to_array(keras.utils.load_img(folder / "rose" / "0.png")) / 255
    (place,) = [split for split, rows in data.origin.rows.items() if 0 in rows]
    x = {"training": data.x_train, "validation": data.x_val, "test": data.final_test()[0]}[place]
    np.testing.assert_allclose(x[list(data.origin.rows[place]).index(0)], first, atol=1e-6)


def test_images_are_scaled_and_made_grey(folder):
    data = Dataset.from_folder(folder, size=(4, 6), color="grayscale", test=0, name="small")
    assert (data.name, data.input_shape, data.has_test) == ("small", (4, 6, 1), False)
    assert data.origin.reader == {"kind": "images", "size": [4, 6], "color": "grayscale"}


def test_folders_with_faults_are_refused(folder, tmp_path):
    keras.utils.save_img(folder / "tulip" / "9.png", np.zeros((5, 8, 3)))
    with pytest.raises(ValueError, match=r"has \(9, 8\) and .*9\.png \(5, 8\)\. Write size="):
        Dataset.from_folder(folder)
    (folder / "tulip" / "9.png").write_text("no image")
    with pytest.raises(ValueError, match=r"9\.png must be an image, but it cannot be read"):
        Dataset.from_folder(folder)
    with pytest.raises(ValueError, match="must be a folder with a folder of images for each class"):
        Dataset.from_folder(tmp_path)


# Batches


def batches(x, y, size=16):
    return [(x[begin : begin + size], y[begin : begin + size]) for begin in range(0, len(x), size)]


def test_batches_are_read_into_memory():
    data = Dataset.from_keras_dataset(batches(X, Y), name="fed")
    assert data.digest == Dataset.from_arrays(X, Y).digest
    assert data.origin.source == "batches"


def test_sets_that_are_given_stay_as_they_are():
    data = Dataset.from_keras_dataset(
        batches(X[:30], Y[:30]), batches(X[30:], Y[30:]), standardise=False
    )
    np.testing.assert_array_equal(data.x_val, X[30:].astype("float32"))
    assert not data.has_test and data.origin.split == "as given"


def test_tensorflows_own_data_sets_are_read():
    tf = pytest.importorskip("tensorflow")
    given = tf.data.Dataset.from_tensor_slices((X, Y)).batch(16)
    assert Dataset.from_keras_dataset(given).digest == Dataset.from_arrays(X, Y).digest


@pytest.mark.parametrize(
    ("given", "settings", "message"),
    [
        (
            batches(X, Y),
            {"limit_mb": 0.0005},
            r"fit in limit_mb=0\.0005 megabytes, but .* raise limit",
        ),
        ([X], {}, r"each batch of the training set must be a pair \(x, y\)"),
        ([(X[0], Y[0])], {}, r"must give batches, got single samples\. Write dataset\.batch"),
        ([], {}, "the training set must give batches, got none"),
    ],
)
def test_batches_with_faults_are_refused(given, settings, message):
    with pytest.raises(ValueError, match=message):
        Dataset.from_keras_dataset(given, **settings)
