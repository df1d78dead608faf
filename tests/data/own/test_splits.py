"""own.splits: which rows train, validate and test."""

import numpy as np
import pytest

from nas_tutorial.data.own.labels import read_labels
from nas_tutorial.data.own.splits import given_rows, require_all_classes, split_rows

LABELS = read_labels([0] * 80 + [1] * 20)


def test_classes_are_in_proportion_and_each_row_is_in_one_set():
    rows, how = split_rows(LABELS, 0.2, 0.1, 0)
    assert how == "in proportion to the classes"
    assert list(rows) == ["training", "validation", "test"]
    assert [len(each) for each in rows.values()] == [70, 20, 10]
    assert sorted(np.concatenate(list(rows.values()))) == list(range(100))
    assert [LABELS.y[each].mean() for each in rows.values()] == [0.2, 0.2, 0.2]
    assert all((np.diff(each) > 0).all() for each in rows.values())


def test_a_seed_says_which_rows():
    first, again, other = (split_rows(LABELS, 0.2, 0.1, seed)[0] for seed in (1, 1, 2))
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not np.array_equal(first["test"], other["test"])


def test_no_test_set_is_possible():
    assert list(split_rows(LABELS, 0.2, 0, 0)[0]) == ["training", "validation"]


def test_other_tasks_are_divided_at_random():
    rows, how = split_rows(read_labels(np.linspace(0, 1, 50)), 0.2, 0.2, 0)
    assert how == "at random" and [len(each) for each in rows.values()] == [30, 10, 10]


def test_groups_stay_together():
    groups = np.arange(100) // 5
    rows, how = split_rows(LABELS, 0.2, 0.2, 0, groups=groups)
    sets = [set(groups[each]) for each in rows.values()]
    assert how == "by group" and [len(each) for each in sets] == [12, 4, 4]
    assert len(set.union(*sets)) == 20


def test_the_latest_rows_test_and_rows_of_one_moment_stay_together():
    times = np.array([5, 1, 4, 2, 3, 3, 3, 6, 7, 0])
    labels = read_labels(np.linspace(0, 1, 10))
    rows, how = split_rows(labels, 0.3, 0.2, 0, times=times)
    assert how == "by time, the latest rows last"
    assert times[rows["test"]].tolist() == [6, 7]
    assert times[rows["validation"]].tolist() == [3, 3, 3, 4, 5]
    assert times[rows["training"]].tolist() == [0, 1, 2]


def test_a_few_samples_suffice_where_each_set_gets_one_of_each_class():
    rows, _ = split_rows(read_labels([0, 1] * 3), 0.1, 0.1, 0)
    assert [len(each) for each in rows.values()] == [2, 2, 2]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"validation": 0}, "validation must be a finite number above 0 and below 1, got 0"),
        ({"test": 1}, "test must be a finite number at least 0 and below 1, got 1"),
        ({"validation": 0.6, "test": 0.5}, r"validation \+ test must be .* Leave rows to train on"),
        ({"seed": -1}, "seed must be a whole number at least 0"),
        ({"groups": np.arange(100), "times": np.arange(100)}, "by groups or by times, got both"),
        (
            {"groups": np.zeros(100)},
            "the number of groups must be a whole number at least 3, got 1",
        ),
        (
            {"times": np.zeros(100)},
            "must be left to train on, got none: too many rows have one time",
        ),
        ({"times": np.full(100, "x")}, "times must be numbers or dates, got <U1, such as"),
        ({"times": np.full(100, np.nan)}, "100 have none; the first is row 0"),
    ],
)
def test_bad_divisions_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        split_rows(LABELS, **{"validation": 0.2, "test": 0.2, "seed": 0, **settings})


def test_a_class_with_too_few_samples_is_refused_by_name():
    labels = read_labels(["cat"] * 9 + ["dog"] * 2)
    with pytest.raises(
        ValueError, match=r"at least 3 samples.*1 of 2 have fewer; the first is 'dog', wi"
    ):
        split_rows(labels, 0.2, 0.2, 0)
    split_rows(labels, 0.2, 0, 0)


def test_a_class_that_is_not_in_the_training_set_is_refused_by_name():
    labels = read_labels(["cat", "cat", "dog"])
    with pytest.raises(ValueError, match="training set, but 1 of 2 have none; the first is 'dog'"):
        require_all_classes(labels, {"training": np.array([0, 1])})
    require_all_classes(labels, {"training": np.array([0, 2])})


def test_a_division_may_be_given():
    rows, how = given_rows({"validation": [3], "training": [2, 0]}, 4)
    assert how == "as given" and list(rows) == ["training", "validation"]


@pytest.mark.parametrize(
    ("splits", "message"),
    [
        ({"training": [0]}, "splits must have rows for training, validation and, if wanted, test"),
        ({"training": [0], "validation": [1], "holdout": [2]}, r"got \['holdout', 'train"),
        (
            {"training": [0, 4], "validation": [1]},
            r"training set must be whole numbers in \[0, 3\]",
        ),
        ({"training": [0], "validation": []}, "the rows of the validation set must be"),
        (
            {"training": [0, 2], "validation": [2]},
            "1 rows are there more often; the first is row 2",
        ),
    ],
)
def test_a_division_with_faults_is_refused(splits, message):
    with pytest.raises(ValueError, match=message):
        given_rows(splits, 4)
