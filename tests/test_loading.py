"""Loading a file never runs what it holds."""

import ast
import bz2
import pickle
from pathlib import Path
from unittest import mock

import numpy as np
import pytest

from nas_tutorial.evaluators.checkpoints import Checkpoints
from nas_tutorial.files import read_arrays
from nas_tutorial.history import History
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.tables import course_table
from nas_tutorial.tables.published import nasbench101, nasbench201
from nas_tutorial.tables.published.compact import MADE_BY, MADE_FROM
from nas_tutorial.tables.table import Table
from nas_tutorial.trials import Candidate, Resumed
from tests import ROOT
from tests.tables.shards import write

PACKAGE = ROOT / "nas_tutorial"
SPACE = EdgeCellSpace()
NETWORKS = [SPACE.sample(np.random.default_rng(seed)) for seed in range(3)]

# What runs code out of a file or a text, by the last part of its dotted name.
RUNS = {
    "eval", "exec", "compile", "__import__", "execfile", "run_path", "run_module", "run_cell",
    "Unpickler", "read_pickle", "load_model", "from_json_model", "unsafe_load", "full_load",
    "enable_unsafe_deserialization", "getoutput",
}  # fmt: skip
UNPICKLES = {"pickle", "_pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve",
             "yaml", "torch"}  # fmt: skip
ALLOWED = {
    # It knows three names, and what it gets was gone through before.
    ("pickles.py", "pickle.Unpickler"),
    # A worker makes the evaluator that the process which started it has sent; no file is read.
    ("workers.py", "pickle.loads"),
    # A network that a search of this course has saved, in safe mode: Keras refuses code in it.
    ("own_run.py", "keras.models.load_model"),
}


def called(path: Path) -> list[tuple[str, ast.Call]]:
    """The dotted name of each call in a file; a base of a class counts as called."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    bases = [base for node in nodes if isinstance(node, ast.ClassDef) for base in node.bases]
    calls += [ast.Call(base, [], []) for base in bases]
    return [(ast.unparse(call.func), call) for call in calls]


def runs_code(name: str, call: ast.Call) -> bool:
    """Whether a call may run what a file or a text says."""
    *modules, last = name.split(".")
    given = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    if last == "load" and modules in (["np"], ["numpy"]):
        return given.get("allow_pickle") != "False"
    if given.get("allow_pickle") == "True" or given.get("shell") == "True":
        return True
    if name in ("os.system", "os.popen"):
        return True
    if last == "compile" and modules:
        return False  # re.compile, and models
    return last in RUNS or (
        last in ("load", "loads") and set(modules) <= UNPICKLES and modules != []
    )


FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_part_of_the_package_runs_what_it_reads(path):
    found = {name for name, call in called(path) if runs_code(name, call)}
    assert {(path.name, name) for name in found} <= ALLOWED


def test_what_is_allowed_is_still_there():
    there = {(path.name, name) for path in FILES for name, call in called(path)}
    assert there >= ALLOWED


@pytest.mark.parametrize(
    "text",
    [
        "eval(text)", "exec(open(path).read())", "pickle.load(file)", "pickle.Unpickler(file).load()",
        "np.load(path)", "np.load(path, allow_pickle=True)", "numpy.load(path, allow_pickle=yes)",
        "np.lib.format.read_array(file, allow_pickle=True)", "joblib.load(path)", "yaml.load(text)",
        "torch.load(path)", "pandas.read_pickle(path)", "os.system(text)", "compile(text, '', 'exec')",
        "class Quiet(pickle.Unpickler): pass", "keras.models.load_model(path)", "subprocess.run(text, shell=True)", "dill.loads(content)",
    ],
)  # fmt: skip
def test_the_search_finds_what_it_looks_for(text, tmp_path):
    path = tmp_path / "bad.py"
    path.write_text(text)
    assert any(runs_code(name, call) for name, call in called(path))


@pytest.mark.parametrize("text", ["json.loads(text)", "re.compile(text)", "model.compile(loss=x)",
                                  "np.load(path, allow_pickle=False)", "Table.load(path)"])  # fmt: skip
def test_the_search_finds_nothing_else(text, tmp_path):
    path = tmp_path / "good.py"
    path.write_text(text)
    assert not any(runs_code(name, call) for name, call in called(path))


# Files that would leave a mark


class Trap:
    """Leaves a mark where it is unpickled."""

    def __reduce__(self):
        return Path.mkdir, (Path("trapped"),)


def trapped(arrays: dict, name: str) -> dict:
    """The same arrays, one of which has a trap in each place."""
    array = arrays[name]
    return {**arrays, name: np.full(array.shape, Trap(), dtype=object)}


def shard() -> dict:
    return dict(np.load(write(course_table.Shard(0, 0), Path("."), len(NETWORKS))))


def table_of(files: dict[str, dict]) -> Table:
    folder = Path("table")
    folder.mkdir()
    for name, arrays in files.items():
        np.savez(folder / name, **arrays)
    index = np.arange(SPACE.size) % len(NETWORKS)
    with mock.patch.object(course_table, "networks", lambda space: (NETWORKS, index)):
        return Table.load(folder)


def a_shard() -> None:
    table_of({"seed0-00.npz": trapped(shard(), "val_correct")})


def proxies_of_a_table() -> None:
    scores = {name: np.ones((3, 2), kind) for name, kind in course_table.PROXY_TYPES.items()}
    table_of({"seed0-00.npz": shard(), course_table.PROXIES_FILE: trapped(scores, "snip")})


def what_was_made_of_nasbench101() -> None:
    arrays = {"links": np.zeros(3), MADE_BY: np.array(nasbench101.VERSION), MADE_FROM: np.array(1)}
    np.savez("a.npz", **trapped(arrays, "links"))
    nasbench101.load("a.npz", partial=True)


def what_was_made_of_nasbench201() -> None:
    arrays = {
        "cifar10": np.zeros(3),
        MADE_BY: np.array(nasbench201.VERSION),
        MADE_FROM: np.array(1),
    }
    np.savez("a.npz", **trapped(arrays, "cifar10"))
    nasbench201.load("a.npz", partial=True)


def results_of_nasbench201() -> None:
    Path("a.pickle.pbz2").write_bytes(bz2.compress(pickle.dumps({"a": Trap()}, protocol=4)))
    nasbench201.load("a.pickle.pbz2", partial=True, progress=False)


def an_extract() -> None:
    Path("a.csv").write_bytes(pickle.dumps(Trap()))
    nasbench201.load("a.csv")


def records_of_nasbench101() -> None:
    Path("a.tfrecord").write_bytes(pickle.dumps(Trap()))
    nasbench101.load("a.tfrecord", progress=False)


def a_history() -> None:
    Path("a.jsonl").write_bytes(pickle.dumps(Trap()) + b"\n")
    History.load("a.jsonl")


def any_arrays() -> None:
    np.savez("a.npz", np.array([Trap()], dtype=object))
    read_arrays(Path("a.npz"))


def a_single_array() -> None:
    np.save("a.npy", np.array([Trap()], dtype=object))
    read_arrays(Path("a.npy"))


def a_pickle_in_place_of_arrays() -> None:
    Path("a.npz").write_bytes(pickle.dumps(Trap()))
    read_arrays(Path("a.npz"))


@pytest.mark.parametrize(
    "load",
    [a_shard, proxies_of_a_table, what_was_made_of_nasbench101, what_was_made_of_nasbench201,
     results_of_nasbench201, an_extract, records_of_nasbench101, a_history, any_arrays,
     a_single_array, a_pickle_in_place_of_arrays],
)  # fmt: skip
def test_a_file_that_would_run_something_is_refused_and_does_not_run(load, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=r"must .*\.$"):
        load()
    assert not (tmp_path / "trapped").exists()


def test_a_training_that_would_run_something_is_as_good_as_missing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    checkpoints = Checkpoints(tmp_path / "kept", {})
    checkpoints.save(Candidate(NETWORKS[0], 1), 0, [np.arange(3)])
    (path,) = checkpoints.folder.iterdir()
    np.savez(path, np.array([Trap()], dtype=object))
    assert checkpoints.load(Candidate(NETWORKS[0], 2, resumes=Resumed(0, 1)), 0) is None
    assert not (tmp_path / "trapped").exists()


def test_the_trap_works(tmp_path, monkeypatch):
    """Read as NumPy reads it where it may unpickle, such a file leaves its mark."""
    monkeypatch.chdir(tmp_path)
    np.savez("a.npz", np.array([Trap()], dtype=object))
    dict(np.load("a.npz", allow_pickle=True))
    assert (tmp_path / "trapped").exists()
