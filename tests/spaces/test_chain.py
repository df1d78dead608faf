"""chain: a row of slots becomes a graph in a row."""

import pytest

from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.graph import INPUT, OUTPUT, Graph


def test_a_chain_leaves_skipped_slots_out():
    space = ChainSpace(4, ("a", "b"))
    graph = space.graph(Architecture(("a", "skip", "b", "skip")))
    assert graph == Graph((INPUT, "a", "b", OUTPUT), frozenset({(0, 1), (1, 2), (2, 3)}))
    nothing = space.graph(Architecture(("skip",) * 4))
    assert nothing == Graph((INPUT, OUTPUT), frozenset({(0, 1)}))


@pytest.mark.parametrize("depth", [0, -1, 1001, 2.0, "3", None])
def test_a_chain_needs_a_slot(depth):
    expected = rf"depth must be a whole number in \[1, 1,000\], got {depth!r}\. A chain needs"
    with pytest.raises(ValueError, match=expected):
        ChainSpace(depth)


@pytest.mark.parametrize("operations", ["nor_conv_3x3", None, ("nor_conv_3x3", 3)])
def test_a_chain_is_made_of_texts(operations):
    with pytest.raises(ValueError, match="operations must be a tuple of texts, got"):
        ChainSpace(operations=operations)
