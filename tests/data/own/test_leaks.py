"""own.leaks: what must not be in two sets."""

import numpy as np
import pytest

from nas_tutorial.data.own.leaks import first_of_each, num_repeated, require_whole_groups

ROWS = {"training": np.array([0, 1]), "validation": np.array([2, 3]), "test": np.array([4])}


def test_a_group_in_two_sets_is_refused_by_name():
    require_whole_groups(ROWS, ["a", "a", "b", "b", "c"])
    with pytest.raises(
        ValueError, match=r"2 groups are in two or more; the first is 'a'. Leave splits"
    ):
        require_whole_groups(ROWS, ["a", "b", "b", "c", "a"])


def test_repeated_samples_are_counted_in_later_sets():
    x = np.array([[1, 2], [3, 4], [1, 2], [5, 6], [5, 6]])
    assert num_repeated(x, ROWS) == {"validation": 1, "test": 1}
    assert num_repeated(np.arange(10).reshape(5, 2), ROWS) == {"validation": 0, "test": 0}


def test_the_first_of_equal_samples_with_equal_answers_is_kept():
    x = np.array([[1], [2], [1], [1], [2]])
    assert first_of_each(x, np.array([0, 1, 0, 1, 1])).tolist() == [0, 1, 3]
