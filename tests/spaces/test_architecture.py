"""architecture: choices, and one value for each."""

import json
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nas_tutorial.spaces.architecture import Architecture, Choice

VALUES = st.lists(st.text() | st.integers(), max_size=8).map(tuple)


@settings(deadline=None, derandomize=True)
@given(VALUES)
def test_json_round_trip(values):
    architecture = Architecture(values)
    text = architecture.to_json()
    assert json.loads(text) == list(values)
    assert Architecture.from_json(text) == architecture


@settings(deadline=None, derandomize=True)
@given(VALUES, VALUES)
def test_equal_values_are_equal_architectures(first, second):
    assert (Architecture(first) == Architecture(second)) == (first == second)
    assert hash(Architecture(first)) == hash(Architecture(list(first)))
    assert pickle.loads(pickle.dumps(Architecture(first))) == Architecture(first)


def test_a_text_and_a_number_that_print_alike_differ():
    assert Architecture(("1",)) != Architecture((1,))
    assert Architecture.from_json(Architecture(("1", 1)).to_json()).values == ("1", 1)


def test_an_architecture_cannot_be_changed():
    with pytest.raises(AttributeError):
        Architecture(("a",)).values = ("b",)


def test_str_lists_the_values():
    assert str(Architecture(("conv", 1, "skip"))) == "conv 1 skip"


@pytest.mark.parametrize("value", [1.0, True, None, ["a"], b"a"])
def test_a_value_is_a_text_or_a_whole_number(value):
    with pytest.raises(ValueError, match=r"texts and whole numbers in a tuple, got .*Use the opt"):
        Architecture(("a", value))


@pytest.mark.parametrize("values", ["conv", 3, None, {"conv": 1}, {"conv"}])
def test_values_come_in_a_tuple_or_a_list(values):
    with pytest.raises(ValueError, match=r"in a tuple, got .*(conv|3|None)"):
        Architecture(values)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("conv skip", r"JSON list of .* numbers, got 'conv skip'.*Architecture.to_json"),
        ('["a"', "must be a JSON list of texts"),
        ("[" * 100_000, "must be a JSON list of texts"),
        ('{"a": 1}', r"must be a JSON list of .*got '\{\"a\": 1\}'.*Architecture.to_json"),
        ('"conv"', "must be a JSON list of .*got '\"conv\"'"),
        (None, "must be a JSON list of .*got None"),
        ("[1.5]", r"must be a JSON list of .*got '.1.5.'"),
        ("[null]", r"must be a JSON list of .*got '.null.'"),
        ("[true]", r"must be a JSON list of .*got '.true.'"),
        ("[NaN]", r"must be a JSON list of .*got '.NaN.'"),
    ],
)
def test_from_json_refuses_what_to_json_does_not_write(text, message):
    with pytest.raises(ValueError, match=message) as caught:
        Architecture.from_json(text)
    assert len(str(caught.value)) < 300


def test_a_choice_keeps_the_order_of_its_options():
    assert Choice("slot 1", ["b", "a", 3]).options == ("b", "a", 3)


@pytest.mark.parametrize("options", [(), ("a", "b", "a")])
def test_options_are_distinct_and_at_least_one(options):
    with pytest.raises(ValueError, match=r"choice 'slot 1' must be distinct.*List each option"):
        Choice("slot 1", options)
