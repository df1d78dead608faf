"""Every line of slow.txt names tests that are there."""

import re

import pytest

from conftest import SLOW, is_slow
from tests import ROOT


@pytest.mark.parametrize("line", SLOW)
def test_a_line_names_tests_that_are_there(line):
    place, _, test = line.partition("::")
    assert (ROOT / place).exists()
    if test:
        name = re.escape(test.partition("[")[0]).replace(r"\*", r"\w+")
        assert re.search(rf"\b{name}", (ROOT / place).read_text(encoding="utf-8"))


def test_a_line_is_the_beginning_of_a_name():
    assert is_slow("tests/test_docs.py") and is_slow("tests/test_docs.py::test_anything")
    assert is_slow("tests/strategies/test_contract.py::test_anything[bayesian-chain]")
    assert not is_slow("tests/strategies/test_contract.py::test_anything[genetic-chain]")
    assert not is_slow("tests/strategies/test_contract.py")
