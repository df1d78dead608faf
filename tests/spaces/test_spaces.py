"""The package of spaces: its registry, and names that do not load Keras until they need it."""

import subprocess
import sys

from nas_tutorial.spaces import SPACES

PROGRAM = """
import sys
import nas_tutorial as nas
nas.Architecture, nas.Choice, nas.ChainSpace, nas.Graph, nas.SearchSpace
space = nas.SPACES.load("node_cell")()
graph = nas.EdgeCellSpace().graph(nas.EdgeCellSpace().sample(__import__("numpy").random.default_rng(0)))
print(sorted({"keras", "tensorflow", "jax"} & set(sys.modules)))
"""


def test_the_names_load_no_keras():
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert run.stdout.strip() == "[]", run.stderr


def test_the_registry_loads_each_space_by_its_own_name():
    assert set(SPACES) == {"chain", "edge_cell", "node_cell"}
    for name in SPACES:
        assert SPACES.load(name)().name == name
