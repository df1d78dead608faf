"""Every line of slow.txt names tests that are there."""

import re

import pytest

from conftest import SLOW
from tests import ROOT


@pytest.mark.parametrize("line", SLOW)
def test_a_line_names_tests_that_are_there(line):
    place, _, test = line.partition("::")
    assert (ROOT / place).exists()
    if test:
        name = re.escape(test.partition("[")[0])
        assert re.search(rf"\b{name}", (ROOT / place).read_text(encoding="utf-8"))


def test_slow_tests_are_marked(request):
    for item in request.session.items:
        assert item.nodeid.startswith(SLOW) == bool(item.get_closest_marker("slow"))
