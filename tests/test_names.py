"""names: registries, checks of names and numbers, and errors that help."""

import json
import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from nas_tutorial.names import (
    Entry,
    Registry,
    cause,
    one_of,
    real,
    require_kind,
    shown,
    unknown_name,
    whole,
)

FRUIT = Registry(
    "fruit",
    {
        "ratio": Entry("fractions:Fraction", "a number as a quotient"),
        "ordered": Entry("collections:OrderedDict", "a mapping that knows its order"),
        "missing": Entry("no_such_module_anywhere:Thing", "cannot be imported"),
    },
)


def test_a_registry_lists_its_names_in_order():
    assert list(FRUIT) == ["ratio", "ordered", "missing"]
    assert len(FRUIT) == 3
    assert "ordered" in FRUIT
    assert "apple" not in FRUIT


def test_load_returns_what_the_name_stands_for():
    assert FRUIT.load("ratio") is Fraction


def test_names_and_summaries_import_nothing():
    assert FRUIT.summary("missing") == "cannot be imported"
    with pytest.raises(ModuleNotFoundError, match="no_such_module_anywhere"):
        FRUIT.load("missing")


@pytest.mark.parametrize("ask", [FRUIT.load, FRUIT.summary])
def test_an_unknown_name_is_refused_with_the_nearest(ask):
    expected = (
        r"^fruit must be one of missing, ordered, ratio; got 'orderd'\. Did you mean 'ordered'\?$"
    )
    with pytest.raises(ValueError, match=expected):
        ask("orderd")


def test_where_nothing_is_near_the_error_only_lists():
    message = str(unknown_name("fruit", "xyz", ["pear", "fig"]))
    assert message == "fruit must be one of fig, pear; got 'xyz'. Choose one of these."


def test_a_value_of_another_type_is_refused_by_the_name_of_the_type():
    require_kind("a fruit", "fig", str, "Name one.")
    require_kind("a fruit", None, str | None, "Name one.")
    with pytest.raises(ValueError, match=r"^a fruit must be of type str, got 3\. Name one\.$"):
        require_kind("a fruit", 3, str, "Name one.")
    with pytest.raises(ValueError, match=r"^a fruit must be of type str \| None, got \[\]\. Name"):
        require_kind("a fruit", [], str | None, "Name one.")


def test_a_registry_is_not_changed_through_the_mapping_it_was_made_from():
    entries = {"ratio": Entry("fractions:Fraction", "a quotient")}
    registry = Registry("fruit", entries)
    entries.clear()
    assert list(registry) == ["ratio"]


# Numbers


class Silent:
    """What raises as soon as it is printed."""

    def __repr__(self):
        raise RuntimeError("not to be printed")


class Tensor:
    """A scalar as TensorFlow's: it asks its NumPy number for an __index__, which a float has not."""

    def __init__(self, number):
        self.number = np.asarray(number)[()]

    def __index__(self):
        return self.number.__index__()

    def __float__(self):
        return float(self.number)


NO_NUMBERS = [
    None, "3", b"3", bytearray(b"3"), memoryview(b"3"), True, np.True_, np.array(True), [3], 3j,
    np.complex128(3), Silent(),
]  # fmt: skip


@pytest.mark.parametrize("number", [3, np.int64(3), np.uint8(3), np.array(3), Tensor(3)])
def test_a_whole_number_becomes_pythons_own(number):
    found = whole("n", number, 3, 3)
    assert found == 3 and type(found) is int
    assert json.dumps(found) == "3"


@pytest.mark.parametrize(
    "value",
    [*NO_NUMBERS, 3.0, np.float64(3), math.nan, math.inf, Decimal(3), Fraction(3), Tensor(3.0)],
)
def test_what_is_no_whole_number_is_refused(value):
    with pytest.raises(
        ValueError, match=r"^n must be a whole number at least 0, got .*\. Count\.$"
    ):
        whole("n", value, advice="Count.")


@pytest.mark.parametrize(
    ("value", "bounds", "message"),
    [
        (-1, (), "at least 0, got -1"),
        (np.int64(1), (2,), "at least 2, got 1"),
        (0, (1, 20_000), r"in \[1, 20,000\], got 0"),
        (20_001, (1, 20_000), r"in \[1, 20,000\], got 20001"),
    ],
)
def test_a_whole_number_out_of_bounds_is_refused(value, bounds, message):
    with pytest.raises(ValueError, match=f"^n must be a whole number {message}. Change it.$"):
        whole("n", value, *bounds)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0.5, 0.5),
        (2, 2),
        (np.float32(0.5), 0.5),
        (np.int64(2), 2),
        (np.array(0.5), 0.5),
        (Decimal("0.5"), 0.5),
        (Fraction(1, 2), 0.5),
        (10**300, 10**300),
        (Tensor(0.5), 0.5),
        (Tensor(2), 2),
    ],
)
def test_a_real_number_becomes_pythons_own(number, expected):
    found = real("x", number)
    assert found == expected and type(found) is type(expected)
    assert json.loads(json.dumps(found)) == expected


NOT_FINITE = [
    math.nan,
    np.float64("nan"),
    math.inf,
    -math.inf,
    Decimal("NaN"),
    10**400,
    Tensor(math.nan),
]


@pytest.mark.parametrize(
    "value",
    [*NO_NUMBERS, *NOT_FINITE, np.datetime64("2020"), np.array([1.0, 2.0]), np.str_("3")],
)
def test_what_is_no_finite_number_is_refused(value):
    with pytest.raises(ValueError, match=r"^x must be a finite number, got .*\. Measure it\.$"):
        real("x", value, advice="Measure it.")


@pytest.mark.parametrize(
    ("value", "bounds", "message"),
    [
        (-0.1, {"least": 0}, "at least 0, got -0.1"),
        (np.float64(1.5), {"least": 0, "most": 1}, "at least 0 and at most 1, got 1.5"),
        (0, {"above": 0, "most": 1}, "above 0 and at most 1, got 0"),
        (1, {"least": 0, "below": 1}, "at least 0 and below 1, got 1"),
    ],
)
def test_a_real_number_out_of_bounds_is_refused(value, bounds, message):
    with pytest.raises(ValueError, match=f"^x must be a finite number {message}. Change it.$"):
        real("x", value, **bounds)


def test_the_ends_of_a_range_are_in_it_or_not_as_they_are_given():
    assert real("x", 0, 0, 1) == 0 and real("x", 1, 0, 1) == 1
    assert real("x", 1e-300, above=0, below=1) == 1e-300


# Names


def test_one_of_returns_the_name_as_it_is_registered():
    found = one_of("order", np.str_("own"), ("random", "own"))
    assert found == "own" and type(found) is str
    assert one_of("edge", 1, (0, 1)) == 1


@pytest.mark.parametrize("name", ["onw", None, ["own"], np.array([1, 2]), 3, "own" * 10**6])
def test_one_of_refuses_whatever_is_no_valid_name(name):
    expected = r"^order must be one of own, random; got .*\. (Did you mean 'own'\?|Choose one)"
    with pytest.raises(ValueError, match=expected) as caught:
        one_of("order", name, ("random", "own"))
    assert len(str(caught.value)) < 200


def test_one_of_lists_numbers_too():
    with pytest.raises(ValueError, match=r"edge must be one of 0, 1; got 7\. Choose one of these"):
        one_of("edge", 7, (0, 1))


# What came, in a message


@pytest.mark.parametrize("value", [3, 0.1, "own", None, (1, 2), {"a": 1}, True])
def test_a_short_value_is_shown_as_its_repr(value):
    assert shown(value) == repr(value)


HUGE = {
    "int": 10**400,
    "int beyond what Python prints": 10**5000,
    "str": "a" * 10**6,
    "list": list(range(10**5)),
    "nested": [[[[[1] * 99] * 99] * 99] * 99],
    "array": np.zeros(10**6),
    "dict": {n: n for n in range(10**4)},
}


@pytest.mark.parametrize("value", HUGE.values(), ids=list(HUGE))
def test_a_huge_value_is_shown_short(value):
    assert 0 < len(shown(value)) < 600


def test_a_value_that_cannot_be_printed_is_shown_by_its_kind():
    assert "Silent" in shown(Silent())
    assert shown(10**5000) == "an object of type int"
    with pytest.raises(ValueError, match=r"n must be a whole number at least 0, got .*Silent"):
        whole("n", Silent())


def test_the_cause_of_an_error_is_its_type_and_both_ends_of_its_text():
    assert cause(ValueError("first\n\n  second")) == "ValueError: first second"
    assert cause(MemoryError()) == "MemoryError"
    said = cause(RuntimeError("Graph error: " + "where\n" * 10_000 + "out of tokens"))
    assert said.startswith("RuntimeError: Graph error: where where")
    assert said.endswith("where out of tokens")
    assert len(said) < 1_000
