"""The package of spaces: its registry, and names that do not load Keras until they need it."""

import subprocess
import sys

import pytest

import nas_tutorial.spaces
from nas_tutorial.spaces import SPACES, skeleton

PROGRAM = """
import sys
from nas_tutorial import spaces
from nas_tutorial.spaces import Architecture, Choice, ChainSpace, EdgeCellSpace, Graph
from nas_tutorial.spaces import NodeCellSpace, SPACES, SearchSpace
graph = EdgeCellSpace().graph(EdgeCellSpace().sample(__import__("numpy").random.default_rng(0)))
print(sorted({"keras", "tensorflow", "jax"} & set(sys.modules)))
"""


def test_the_names_load_no_keras():
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert run.stdout.strip() == "[]", run.stderr


def test_the_skeleton_is_handed_on_when_it_is_asked_for():
    assert nas_tutorial.spaces.Skeleton is skeleton.Skeleton


def test_a_name_that_is_not_there_is_refused():
    with pytest.raises(AttributeError, match=r"'nas_tutorial.spaces' has no attribute 'Skelton'"):
        _ = nas_tutorial.spaces.Skelton


def test_the_registry_loads_each_space_by_its_own_name():
    assert set(SPACES) == {"chain", "edge_cell", "node_cell"}
    for name in SPACES:
        assert SPACES.load(name)().name == name
