"""What reads tables runs without Keras, processes, threads and sockets, as it must in a browser."""

import json
import subprocess
import sys

from tests.test_layers import MODULES

# What needs Keras as soon as it is imported. Everything else must do without.
OF_KERAS = {
    *(f"evaluators.one_program.{name}" for name in ("darts", "edge", "network", "proxies")),
    *(f"evaluators.one_program.{name}" for name in ("supernet", "training")),
    *(f"evaluators.{name}" for name in ("baselines", "proxies", "recipe", "training")),
    *(f"evaluators.tasks.{name}" for name in ("models", "outputs", "training")),
    *("kerastuner", "reporting.own_run", "spaces.dense.network", "spaces.flops", "spaces.skeleton"),
}
NEEDS = "it needs Keras and TensorFlow or JAX, which are not installed"

# As much of a browser's Python as a laptop can play. Scikit-learn is loaded before processes are taken
# away: Pyodide's does without.
BARE = """
import importlib.machinery, json, socket, sys, threading
import sklearn.gaussian_process, sklearn.metrics, sklearn.model_selection, sklearn.tree

MISSING = {"keras", "tensorflow", "jax", "torch", "keras_tuner", "distributed",
           "multiprocessing", "_multiprocessing"}
finders = list(sys.meta_path)

class Finder(importlib.machinery.PathFinder):  # which also finds versions
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name.partition(".")[0] not in MISSING:
            return next(filter(None, (f.find_spec(name, path, target) for f in finders)), None)

def refused(*arguments, **settings):
    raise RuntimeError("a browser does not start that")

for name in [name for name in sys.modules if name.partition(".")[0] in MISSING]:
    del sys.modules[name]
sys.meta_path[:] = [Finder]
socket.socket.__init__ = threading.Thread.start = refused
"""


def bare_python(code: str, *arguments: str) -> str:
    """What code prints in a Python that has little more than a browser's."""
    done = subprocess.run(
        [sys.executable, "-c", BARE + code, *arguments], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_all_but_what_trains_is_imported():
    code = """
said = {}
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except ImportError as error:
        said[name] = str(error)
print(json.dumps(said))
"""
    said = json.loads(bare_python(code, *sorted(MODULES)))
    unexpected = {name: why for name, why in said.items() if name.partition(".")[2] not in OF_KERAS}
    assert not unexpected
    assert {name.partition(".")[2] for name in said} == OF_KERAS
    said.pop("nas_tutorial.kerastuner")  # misses KerasTuner first
    assert all(NEEDS in why for why in said.values())


def test_a_search_on_the_table_runs_and_what_trains_says_what_it_needs():
    code = """
import nas_tutorial as nas
from nas_tutorial import backend

nas.course.start()
space = nas.EdgeCellSpace()
table = nas.Table.load_course()
found = nas.search(nas.Genetic(space, seed=0), nas.TableEvaluator(table), trials=25)
print(len(found), sorted(backend.versions()))
try:
    nas.TrainingEvaluator(space, "mnist1d")
except ImportError as error:
    print(error)
"""
    said = bare_python(code).splitlines()
    assert said[0] == "25 ['numpy', 'python']"
    assert NEEDS in said[1] and "pip install 'nas_tutorial[cpu]'" in said[1]
