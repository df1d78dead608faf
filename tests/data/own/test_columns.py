"""own.columns: a table as numbers."""

import json

import numpy as np
import pandas as pd
import pytest

from nas_tutorial.data.own.columns import as_list, feature_names, fill, learn_columns, numbers_of

FRAME = pd.DataFrame({"size": [1.5, 2], "colour": ["red", "blue"], "sold": [True, False]})


def test_texts_become_a_flag_for_each_option():
    reader = learn_columns(FRAME)
    assert json.loads(json.dumps(reader)) == reader
    assert feature_names(reader) == ("size", "colour=blue", "colour=red", "sold")
    np.testing.assert_array_equal(numbers_of(FRAME, reader), [[1.5, 0, 1, 1], [2, 1, 0, 0]])


def test_new_rows_are_read_alike_in_any_order_of_columns():
    reader = learn_columns(FRAME)
    new = pd.DataFrame({"other": [0], "sold": [1], "colour": ["green"], "size": [9]})
    np.testing.assert_array_equal(numbers_of(new, reader), [[9, 0, 0, 1]])


def test_empty_cells_may_be_filled_by_the_mean_of_the_training_set():
    frame = pd.DataFrame({"a": [1, 3, np.nan, 100], "b": ["x", None, "x", "x"]})
    reader = learn_columns(frame, "fill")
    x = numbers_of(frame, reader)
    assert np.isnan(x[2, 0]) and x[1, 1] == 0
    filled, means = fill(x, np.array([0, 1, 2]))
    assert filled[2, 0] == 2 and means[0] == 2


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({}, "a table must have columns to predict from, got none beside the target"),
        ({"a": [1, None]}, r"column 'a' must have no empty cells, but 1 of 2 .* row 1\. Write mis"),
        ({"a": [None, None]}, r"column 'a' must hold values, got none\. Leave it out: drop="),
        ({"a": pd.to_datetime(["2020-01-01"])}, "column 'a' must hold numbers or texts, got dates"),
        ({"a": [str(i) for i in range(51)]}, "at most 50 options, but 'a' has 51, such as '0'"),
    ],
)
def test_columns_that_cannot_be_learned_are_refused_by_name(columns, message):
    with pytest.raises(ValueError, match=message):
        learn_columns(pd.DataFrame(columns))


def test_unknown_ways_with_empty_cells_are_refused():
    with pytest.raises(ValueError, match="missing must be one of fill, refuse; got 'drop'"):
        learn_columns(FRAME, "drop")


@pytest.mark.parametrize(
    ("new", "message"),
    [
        (FRAME.drop(columns="size"), r"but size is not among \['colour', 'sold'\]\. Write the na"),
        (FRAME[["sold"]], "but size, colour are not among"),
        (FRAME.assign(size=["1", "two"]), "column 'size' must hold numbers, .* row 1 has 'two'"),
        (FRAME.assign(size=[1, None]), "column 'size' must have no empty cells, but 1 of 2"),
    ],
)
def test_new_rows_that_differ_in_kind_are_refused(new, message):
    with pytest.raises(ValueError, match=message):
        numbers_of(new, learn_columns(FRAME))


def test_one_name_is_a_list_of_one():
    assert (as_list("a"), as_list(("a", "b"))) == (["a"], ["a", "b"])
