"""names: registries, and errors that help."""

import pytest

from nas_tutorial.names import Entry, Registry, unknown_name

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
    from fractions import Fraction

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


def test_a_registry_is_not_changed_through_the_mapping_it_was_made_from():
    entries = {"ratio": Entry("fractions:Fraction", "a quotient")}
    registry = Registry("fruit", entries)
    entries.clear()
    assert list(registry) == ["ratio"]
