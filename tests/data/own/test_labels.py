"""own.labels: answers of any kind as the numbers that networks learn."""

import numpy as np
import pytest

from nas_tutorial.data.own.labels import read_labels


@pytest.mark.parametrize(
    ("y", "numbers", "names", "originals"),
    [
        (["no", "yes", "no"], [0, 1, 0], ("no", "yes"), ("no", "yes")),
        ([True, False], [1, 0], ("False", "True"), (False, True)),
        ([1, 3, 2], [0, 2, 1], ("1", "2", "3"), (1, 2, 3)),
        ([0, 1, 0], [0, 1, 0], ("0", "1"), (0, 1)),
        ([7, 100, 7], [0, 1, 0], ("7", "100"), (7, 100)),
        ([[2], [1]], [1, 0], ("1", "2"), (1, 2)),
        ([[0, 1], [1, 0]], [1, 0], ("0", "1"), (0, 1)),
        ([2.0, 1.0, 2.0], [1, 0, 1], ("1", "2"), (1, 2)),
        (np.array([10, 9, 10], object), [1, 0, 1], ("9", "10"), (9, 10)),
    ],
)
def test_classes_are_found_and_numbered_in_order(y, numbers, names, originals):
    labels = read_labels(y)
    assert labels.task == "classification"
    assert labels.y.tolist() == numbers and labels.y.dtype == np.int32
    assert (labels.names, labels.originals) == (names, originals)


def test_names_may_be_given_in_order():
    assert read_labels([1, 2, 1], names=("cat", "dog")).names == ("cat", "dog")
    assert read_labels(["b", "a"], names=("first", "second")).y.tolist() == [1, 0]


def test_a_named_class_without_a_sample_keeps_its_number():
    labels = read_labels([0, 2, 0], names=("a", "b", "c"))
    assert (labels.y.tolist(), labels.originals) == ([0, 2, 0], (0, 1, 2))


def test_columns_of_0_and_1_are_labels_unless_each_row_has_one():
    labels = read_labels([[0, 1, 1], [1, 0, 0]])
    assert labels.task == "multilabel"
    assert labels.names == ("label 0", "label 1", "label 2")
    assert read_labels([0, 1, 1], "multilabel").y.shape == (3, 1)


def test_fractions_are_targets():
    labels = read_labels([0.5, 1.0])
    assert (labels.task, labels.y.shape, labels.y.dtype) == ("regression", (2, 1), np.float32)
    assert read_labels([[1.5, 2], [3, 4]], names=("x", "y")).names == ("x", "y")
    assert read_labels([1, 2], "regression").y.tolist() == [[1], [2]]


@pytest.mark.parametrize(
    ("y", "settings", "message"),
    [
        (["a", None], {}, r"1 of 2 have none; the first is sample 1, with None\. Leave"),
        ([1.5, np.nan], {}, "1 of 2 have none; the first is sample 1"),
        (np.zeros((2, 2, 2)), {}, r"labels must have shape .*, got \(2, 2, 2\)"),
        ([], {}, r"got \(0,\)\. Give one answer per sample"),
        (range(300), {}, "300 different whole numbers for 300 samples may be classes or measurem"),
        ([["a", "b"], ["b", "a"]], {}, "texts in several columns for 2 samples"),
        ([1, 2], {"task": "sorting"}, "task must be one of .*; got 'sorting'"),
        ([0.5, 1.5], {"task": "classification"}, "got float64, such as 0.5. Make classes"),
        (["a", "a"], {}, "at least two classes, got 'a' alone"),
        ([[1, 1], [0, 1]], {"task": "classification"}, "each sample must have one class"),
        (
            [[0, 2]],
            {"task": "multilabel"},
            "must be columns of 0 and 1, got int64, such as 2. Make",
        ),
        (["a", "b"], {"task": "regression"}, "targets of a regression must be numbers, got <U1"),
        (["a", "b"], {"names": ("x",)}, r"one name per class, got 1 names for 2: \('x',\)\. Leave"),
        ([[0, 1], [1, 1]], {"names": ("x",)}, "one name per label"),
        ([0.5, 1.0], {"names": ("x", "y")}, "one name per target"),
    ],
)
def test_what_is_no_answer_is_refused(y, settings, message):
    with pytest.raises(ValueError, match=message):
        read_labels(y, **settings)
