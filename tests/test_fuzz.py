"""Whatever comes in by a file, a text or a setting: it is taken, or refused by a documented error.

Each target below makes something by `draw` and hands it to the library. What the library raises must
be of a documented kind, and say what must hold and what to do. Hypothesis makes the inputs, out of
valid ones by damage, or of nothing. The number for each target is `NAS_TUTORIAL_FUZZ`;
`benchmarks/fuzz.py` runs more of them.
"""

import functools
import inspect
import io
import json
import math
import os
import pickle
import tempfile
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nas_tutorial import __main__ as command
from nas_tutorial.evaluators.checkpoints import Checkpoints
from nas_tutorial.history import History
from nas_tutorial.loop.search import Budget, search
from nas_tutorial.making import build
from nas_tutorial.reporting.outcome import earlier_summary
from nas_tutorial.spaces.architecture import Architecture, Choice
from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.spaces.graph import Graph
from nas_tutorial.spaces.node_cell import NodeCellSpace
from nas_tutorial.strategies import STRATEGIES
from nas_tutorial.tables import course_table
from nas_tutorial.tables.published import nasbench101, nasbench201, pickles
from nas_tutorial.tables.published.tfrecord import masked_checksum
from nas_tutorial.tables.table import Table, TableEvaluator
from nas_tutorial.trials import Candidate, Constraint, Objective, Result, Resumed
from tests.tables.published import test_nasbench101, test_nasbench201
from tests.tables.shards import made_up, write
from tests.toys import noisy

EXAMPLES = int(os.environ.get("NAS_TUTORIAL_FUZZ", "40"))
CELL, CHAIN = EdgeCellSpace(), ChainSpace(depth=3)
NETWORKS = [CELL.sample(np.random.default_rng(seed)) for seed in range(4)]

# What goes in


texts = st.text(st.characters(exclude_categories=()), max_size=12)  # half surrogates too
numbers = (
    st.integers(-3, 300)
    | st.integers()
    | st.floats()
    | st.sampled_from([10**400, -(10**25), 1e308, -0.0, math.inf, math.nan])
)
plain = st.none() | st.booleans() | numbers | texts
anything = st.recursive(
    plain,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
settings_of_any_kind = (
    anything | st.lists(plain, max_size=4).map(tuple) | st.binary(max_size=4) | st.just(object())
)


def damaged(draw, value, *, depth: int = 8):
    """A copy of lists and dicts with one place, at random, changed to anything, or gone."""
    if depth and isinstance(value, (list, tuple, dict)) and value and draw(st.integers(0, 7)):
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        key = draw(st.sampled_from(keys))
        copy = dict(value) if isinstance(value, dict) else list(value)
        if draw(st.integers(0, 9)) == 0:
            del copy[key]
        else:
            copy[key] = damaged(draw, value[key], depth=depth - 1)
        return tuple(copy) if isinstance(value, tuple) else copy
    return draw(anything)


def damaged_bytes(draw, content: bytes) -> bytes:
    """Cut, flipped, doubled in a place, or something else altogether."""
    way = draw(st.sampled_from(["cut", "flip", "insert", "double", "other", "none"]))
    if way == "other" or not content:
        return draw(st.binary(max_size=60))
    start = draw(st.integers(0, len(content) - 1))
    end = min(len(content), start + draw(st.integers(1, 20)))
    if way == "cut":
        return content[:start]
    if way == "flip":
        mask = draw(st.binary(min_size=end - start, max_size=end - start))
        flipped = bytes(a ^ b for a, b in zip(content[start:end], mask))
        return content[:start] + flipped + content[end:]
    middle = {"insert": draw(st.binary(max_size=8)), "double": content[start:end], "none": b""}
    return content[:start] + middle[way] + content[start:]


ODD_ARRAYS = [
    np.array(3), np.zeros(0), np.zeros((2, 3)), np.full(4, np.nan), np.full(4, -1.0),
    np.array(["a", "b", "c", "d"]), np.array([True, False, True, False]), np.array([1j] * 4),
    np.array([2**63] * 4, np.uint64), np.array([None, {}, [], 1], dtype=object),
    np.zeros((4, 7)), np.zeros((4, 1, 1, 1)), np.array([b"x"] * 4), np.zeros(4, "datetime64[s]"),
    np.zeros(4, [("a", "f4"), ("b", "i4")]), np.full(4, np.inf), np.arange(4),
]  # fmt: skip


def damaged_arrays(draw, arrays: dict) -> dict:
    """One array changed, renamed or gone."""
    copy = dict(arrays)
    name = draw(st.sampled_from(sorted(copy)))
    array = copy.pop(name)
    way = draw(st.sampled_from(["gone", "renamed", "odd", "shorter", "other type", "nan"]))
    if way == "renamed":
        copy[f"{name} "] = array
    elif way == "odd":
        copy[name] = draw(st.sampled_from(ODD_ARRAYS))
    elif way == "shorter":
        copy[name] = array[:-1] if array.ndim else array
    elif way == "other type":
        kind = draw(st.sampled_from(["U5", "S3", "f2", "i1", "?", "O", "c8"]))
        with np.errstate(all="ignore"):
            copy[name] = array.astype(kind) if array.dtype.kind != "U" else array.astype("O")
    elif way == "nan" and array.dtype.kind == "f":
        copy[name] = np.full_like(array, np.nan)
    return copy


def npz(arrays: dict) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


# What comes out


def refused(error: Exception, *kinds: type) -> None:
    """An error is a refusal if its kind is documented and it says what must hold and what to do."""
    assert type(error) in (ValueError, *kinds), f"not documented: {error!r}"
    text = str(error)
    assert "must" in text, f"it does not say what must hold: {text}"
    assert text.rstrip().endswith((".", "?")), f"it does not say what to do: {text}"
    text.encode("utf-8", errors="surrogatepass")


def taken(call: Callable, *kinds: type):
    """What a call returns; None where it refused."""
    try:
        return call()
    except (SystemExit, AssertionError):
        raise
    except Exception as error:
        try:
            refused(error, *kinds)
        except AssertionError as found:
            raise found from error
        return None


@functools.cache
def folder() -> Path:
    """One folder for all files, gone with the process."""
    made = tempfile.TemporaryDirectory()
    folder.keep = made
    return Path(made.name)


def file(name: str, content: bytes) -> Path:
    path = folder() / name
    path.write_bytes(content)
    return path


# Architectures and settings


def architectures_as_json(draw) -> None:
    valid = json.dumps(list(draw(st.sampled_from(NETWORKS)).values)).encode()
    text = draw(
        st.one_of(
            anything.map(json.dumps),
            st.lists(plain, max_size=4).map(json.dumps),
            texts,
            st.just(damaged_bytes(draw, valid).decode("utf-8", "replace")),
            settings_of_any_kind,
            st.sampled_from(["[" * 9999, "[1" + "0" * 5000 + "]", "\ufeff[]", '["\\ud800"]']),
        )
    )
    made = taken(lambda: Architecture.from_json(text))
    if made is not None:
        assert Architecture.from_json(made.to_json()) == made
        for space in (CELL, CHAIN, NodeCellSpace(5)):
            taken(lambda space=space: space.encode(made))


def names_of_cells(draw) -> None:
    name = CELL.to_string(draw(st.sampled_from(NETWORKS)))
    text = draw(
        st.one_of(
            st.just(damaged_bytes(draw, name.encode()).decode("utf-8", "replace")),
            settings_of_any_kind,
            st.from_regex(r"\|\w+~0\|\+\|\w+~0\|\w+~1\|\+\|\w+~0\|\w+~1\|\w+~2\|", fullmatch=True),
        )
    )
    made = taken(lambda: CELL.from_string(text))
    if made is not None:
        assert CELL.to_string(made) == text.strip()


MADE = (
    Architecture, Choice, Candidate, Result, Objective, Constraint, Graph, Budget, ChainSpace,
    NodeCellSpace,
)  # fmt: skip
VALID = {
    "architecture": NETWORKS[0], "objective": Objective(), "options": ("a", "b"), "depth": 3,
    "operations": ("input", "output"), "edges": [(0, 1)], "metrics": {"a": 0.5}, "seconds": 1.0,
    "name": "a", "limit": 3, "values": ("a", 1), "direction": "max", "epochs": 3, "num_nodes": 4,
}  # fmt: skip


def with_settings(draw, kind: type, *first):
    """Make one of a kind with settings of which some are valid."""
    parameters = inspect.signature(kind.__init__).parameters.values()
    fixed = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    named = [p for p in parameters if p.kind not in fixed][1 + len(first) :]  # 1 for self
    given = {}
    for parameter in named:
        needed = parameter.default is inspect.Parameter.empty
        way = draw(st.sampled_from(["valid", "valid", "any"] + ["left out"] * (not needed)))
        if way == "valid" and parameter.name in VALID:
            given[parameter.name] = VALID[parameter.name]
        elif way == "any" or needed:
            given[parameter.name] = draw(settings_of_any_kind)
    return taken(lambda: kind(*first, **given))


def settings_of_trials_and_spaces(draw) -> None:
    made = with_settings(draw, draw(st.sampled_from(MADE)))
    if made is not None:
        assert repr(made)
    if isinstance(made, (ChainSpace, NodeCellSpace)) and len(made.choices) < 50:
        architecture = taken(lambda: made.sample(np.random.default_rng(0)))
        assert architecture is None or architecture in made


def settings_of_strategies(draw) -> None:
    kind = STRATEGIES.load(draw(st.sampled_from(list(STRATEGIES))))
    shared = {}
    if draw(st.booleans()):
        takes_many = "objectives" in inspect.signature(kind.__init__).parameters
        names = ["seed", "constraints"] + ["objective"] * (not takes_many)
        name = draw(st.sampled_from(names))
        shared[name] = draw(settings_of_any_kind)
    make = functools.partial(kind, **shared)
    make.__init__ = kind.__init__
    strategy = with_settings(draw, make, CHAIN)
    if strategy is not None:
        candidate = strategy.ask()
        assert candidate is None or candidate.architecture in CHAIN
        json.dumps(strategy.describe())


def settings_of_evaluators(draw) -> None:
    """Data sets, skeletons, and how to train."""
    from nas_tutorial.data.datasets import Dataset
    from nas_tutorial.evaluators.recipe import Recipe
    from nas_tutorial.evaluators.training import TrainingEvaluator
    from nas_tutorial.spaces.skeleton import Skeleton

    arrays = st.sampled_from([*ODD_ARRAYS, np.zeros((4, 8, 1), "float32"), np.array([0, 1, 1, 0])])
    good = np.zeros((4, 8, 1), "float32"), np.array([0, 1, 1, 0])
    parts = [good, good, good]
    if draw(st.booleans()):
        parts[draw(st.integers(0, 2))] = draw(st.tuples(arrays, arrays) | settings_of_any_kind)
    names = draw(st.just(("a", "b")) | settings_of_any_kind)
    dataset = taken(lambda: Dataset("data", *parts, class_names=names))
    skeleton = with_settings(draw, Skeleton)
    if dataset is not None and skeleton is not None:
        recipe = with_settings(draw, Recipe, CHAIN, dataset, skeleton)
        if recipe is not None:
            with_settings(draw, TrainingEvaluator, recipe)


ODD_LABELS = [
    np.array([[0], [1], [1], [0]]), np.eye(4, 2), np.array([0.0, 1, 1, 0]), np.array([0, -1, 1, 0]),
    np.array([0, 1, 2, 0]), np.array([0, np.nan, 1, 0]), np.array([0, 1, 1], "uint8"), np.zeros(4, int),
]  # fmt: skip
ODD_INPUTS = [
    np.full((4, 8, 1), np.nan), np.full((4, 8, 1), -np.inf), np.zeros((4, 0, 1)), np.zeros((0, 8, 1)),
    np.zeros((4, 8, 2)), np.zeros((4, 8, 8)), np.arange(32).reshape(4, 8), -np.ones((4, 8), int),
    np.full((4, 8, 1), 1e39), [[1.0], [1.0, 2.0], [], [3.0]], [[1, 2]] * 4, range(4),
]  # fmt: skip


def data_of_any_kind(draw) -> None:
    """Data sets of which one split, or the number of classes or tokens, is wrong."""
    from nas_tutorial.data.datasets import Dataset

    good = draw(st.sampled_from([np.ones((4, 8, 1)), np.ones((4, 8, 8, 1)), np.ones((4, 8), int)]))
    splits = [(good, np.array([0, 1, 1, 0]))] * 3
    place = draw(st.integers(0, 2))
    x = draw(st.just(good) | st.sampled_from(ODD_INPUTS + ODD_ARRAYS) | settings_of_any_kind)
    y = draw(
        st.just(splits[0][1]) | st.sampled_from(ODD_LABELS + ODD_ARRAYS) | settings_of_any_kind
    )
    splits[place] = draw(st.just((x, y)) | settings_of_any_kind)
    others = {"class_names": ("a", "b")}
    others |= {"vocabulary_size": draw(settings_of_any_kind)} if draw(st.booleans()) else {}
    made = taken(lambda: Dataset("data", *splits, **others))
    if made is not None:
        assert repr(made) and pickle.loads(pickle.dumps(made)).num_classes == 2
        assert np.isfinite(made.x_train).all() and made.y_train.max() < 2


class OtherCell(EdgeCellSpace):
    """As a learner makes one in chapter 02."""

    OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "max_pool_3x3")


class ManyUnits(SearchSpace):
    """As somebody makes one who has a build function, and no graph."""

    def __init__(self):
        super().__init__("units", (Choice("units", (8, 16)),))

    def graph(self, architecture):
        return Graph(("input", "output"), {(0, 1)})


EVALUATORS = (
    "training:TrainingEvaluator", "proxies:ProxyEvaluator", "one_program.training:CompiledEvaluator",
    "one_program.proxies:CompiledProxyEvaluator", "one_program.supernet:Supernet",
    "one_program.darts:Darts",
)  # fmt: skip


def pairs_of_space_and_evaluator(draw) -> None:
    """Any space with any evaluator on data of any form: it works, or is refused at once."""
    from nas_tutorial.data.datasets import Dataset

    spaces = (EdgeCellSpace, OtherCell, ManyUnits, ChainSpace, lambda: ChainSpace(2, ("dropout",)))
    space = taken(draw(st.sampled_from((*spaces, lambda: NodeCellSpace(5)))))
    if space is None:
        return
    shape = draw(st.sampled_from([(8, 1), (1, 1), (8,), (8, 8, 1), (1, 1, 2), (2, 2, 2, 2), ()]))
    tokens = draw(st.sampled_from([None, None, 5]))
    rng = np.random.default_rng(0)
    x = rng.integers(0, 5, (8, *shape)) if tokens else rng.random((8, *shape), "float32")
    split = (x, np.arange(8) % 2)
    names = ("a", "b")
    data = taken(lambda: Dataset("d", *[split] * 3, class_names=names, vocabulary_size=tokens))
    if data is None:
        return
    module, name = draw(st.sampled_from(EVALUATORS)).split(":")
    kind = getattr(import_module(f"nas_tutorial.evaluators.{module}"), name)
    made = taken(lambda: kind(space, data, epochs=1, batch_size=4))
    if made is None or not hasattr(made, "describe"):
        return
    json.dumps(made.describe())
    if draw(st.integers(0, 29)) == 0:  # it takes seconds
        candidate = Candidate(space.sample(rng))
        result = taken(lambda: made(candidate, seed=0))
        assert result is None or isinstance(result, Result)


def measured_values(draw) -> None:
    """Whatever finite numbers an evaluator finds, a search goes on to its end."""
    kind = STRATEGIES.load(draw(st.sampled_from(list(STRATEGIES))))
    finite = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0, 1, 0.5])
    values = draw(st.lists(finite, min_size=4, max_size=14))

    def evaluator(candidate, *, seed):
        value = values[seed % len(values)]
        return Result({"val_accuracy": value, "parameters": abs(value)}, 1.0)

    strategy = kind(CHAIN, constraints=[Constraint("parameters", 3)] if draw(st.booleans()) else [])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # few trials are left to be bred
        history = search(strategy, evaluator, trials=14, progress=False)
    assert 0 < len(history) <= 14


# Histories and stores


def damaged_lines(draw, content: bytes) -> bytes:
    """JSON lines with one record damaged, or all of them as bytes."""
    if draw(st.booleans()):
        return damaged_bytes(draw, content)
    records = [json.loads(line) for line in content.splitlines()]
    records = damaged(draw, records) if draw(st.booleans()) else draw(st.permutations(records))
    lines = records if isinstance(records, list) else [records]
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def kept(name: str, **settings) -> tuple[Callable, bytes]:
    """A strategy, and the store of a search with it."""

    def strategy():
        return STRATEGIES.load(name)(CHAIN, **settings)

    path = folder() / "valid.jsonl"
    path.unlink(missing_ok=True)
    search(strategy(), noisy, trials=8, store=path, progress=False)
    return strategy, path.read_bytes()


@functools.cache
def stores() -> list[tuple[Callable, bytes]]:
    return [
        kept("random_search"),
        kept("regularized_evolution", population_size=3, tournament_size=2),
        kept("successive_halving", epochs=(1, 2), bracket_size=4),
    ]


def histories(draw) -> None:
    _, content = draw(st.sampled_from(stores()))
    path = file("history.jsonl", damaged_lines(draw, content))
    history = taken(lambda: History.load(path))
    if history is None:
        return
    history.save(folder() / "again.jsonl")
    assert History.load(folder() / "again.jsonl") == history
    assert len(history.to_frame()) == len(history)
    taken(lambda: history.best(Objective()))
    taken(lambda: history.incumbent(Objective(), [Constraint("parameters", 300)]))


def stores_that_are_replayed(draw) -> None:
    strategy, content = draw(st.sampled_from(stores()))
    before = damaged_lines(draw, content)
    path = file("store.jsonl", before)
    history = taken(lambda: search(strategy(), noisy, trials=8, store=path, progress=False))
    if history is None:
        assert path.read_bytes() == before
    else:
        assert len(history) >= 8 and History.load(path) == history


def stores_that_are_swapped(draw) -> None:
    """Another file comes to the store's place while the search runs, as a sync tool puts it there."""
    strategy, other = draw(st.sampled_from(stores()))
    way = draw(st.sampled_from(["older", "other", "empty", "gone", "folder", "same"]))
    number, path = draw(st.integers(1, 8)), folder() / "swapped.jsonl"
    put: list[bytes] = []

    def evaluator(candidate, *, seed):
        nonlocal number
        number -= 1
        if number == 0:
            lines = path.read_bytes().splitlines(keepends=True)
            older = b"".join(lines[: draw(st.integers(1, len(lines)))])
            content = {"older": older, "other": other, "empty": b"", "same": b"".join(lines)}
            path.unlink()
            if way == "folder":
                path.mkdir()
            elif way != "gone":
                put.append(content[way])
                path.write_bytes(content[way])
        return noisy(candidate, seed=seed)

    history = taken(
        lambda: search(strategy(), evaluator, trials=8, store=path, progress=False),
        OSError, RuntimeError, FileNotFoundError, IsADirectoryError,
    )  # fmt: skip
    try:
        if path.is_file() and put and path.read_bytes() != put[0]:  # what was written can be read
            assert way in ("same", "older", "empty"), f"another search's file was changed: {way}"
            assert history is not None and History.load(path) == history
    finally:
        path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)


def evaluated_before(draw) -> None:
    """What the command line reads of earlier runs: the evaluator, and the summary."""
    content = b'{"search": {"evaluator": "TrainingEvaluator"}}\n'
    made = file("history.jsonl", damaged_lines(draw, content)).parent
    assert command._evaluator_before(made) in (None, "training", "compiled")
    strategy, store = stores()[0]
    file("best.keras", b"")
    file("summary.json", json.dumps(draw(anything)).encode())
    history = History.load(file("whole.jsonl", store))
    assert earlier_summary(history, strategy(), noisy, made) is None


def journals(draw) -> None:
    content = b"".join(json.dumps(made_up(row, 0)).encode() + b"\n" for row in range(2))
    taken(lambda: build.read_journal(file("seed0-00.jsonl", damaged_lines(draw, content))))


def shards_that_were_built(draw) -> None:
    """What a build finds in its folder: shards of others, or damaged ones, with checksums or without."""
    there = folder() / "built"
    there.mkdir(exist_ok=True)
    for path in there.iterdir():
        path.unlink()
    size = len(NETWORKS)
    one = course_table.Shard(0, 0)
    path = write(draw(st.sampled_from([one, course_table.Shard(1, 0)])), there, size)
    content = path.read_bytes()
    path.unlink()
    path = one.path(there)
    path.write_bytes(draw(st.just(content) | st.just(damaged_bytes(draw, content))))
    if draw(st.booleans()):
        build.note_checksum(path)
    if draw(st.booleans()):
        noted = there / course_table.CHECKSUMS
        noted.write_bytes(damaged_bytes(draw, noted.read_bytes() if noted.exists() else b"x"))
    if draw(st.booleans()):
        (there / "seed0-00.jsonl").write_bytes(b"")
    taken(lambda: course_table.require_checksums(there))
    assert taken(lambda: build.is_built(one, there, there, size)) in (True, False, None)


# Tables


@functools.cache
def shard() -> dict:
    return dict(np.load(write(course_table.Shard(0, 0), folder(), len(NETWORKS))))


@functools.cache
def scores() -> dict:
    return {name: np.ones((4, 2), kind) for name, kind in course_table.PROXY_TYPES.items()}


def tables(draw) -> None:
    """Folders of shards, of which one file is damaged."""
    there, files = whole_table()
    contents = {name: (there / name).read_bytes() for name in files}
    has_checksums = draw(st.booleans())
    if has_checksums:
        note(there, files)
    name = draw(st.sampled_from([*files, course_table.CHECKSUMS]))
    if name in files and draw(st.booleans()):
        (there / name).write_bytes(npz(damaged_arrays(draw, files[name])))
    elif name in files:
        (there / name).write_bytes(damaged_bytes(draw, contents[name]))
    elif has_checksums:
        (there / name).write_bytes(damaged_bytes(draw, (there / name).read_bytes()))
    if draw(st.booleans()) and name in files and has_checksums:
        note(there, files)
    asked(taken(lambda: load_four(there), FileNotFoundError))


def note(there: Path, files: dict) -> None:
    for name in files:
        build.note_checksum(there / name)


def whole_table() -> tuple[Path, dict]:
    """A folder of shards with four networks, anew; and the arrays in it."""
    there = folder() / "table"
    there.mkdir(exist_ok=True)
    for path in there.iterdir():
        path.unlink()
    files = {"seed0-00.npz": shard(), "seed1-00.npz": shard(), course_table.PROXIES_FILE: scores()}
    for name, arrays in files.items():
        (there / name).write_bytes(npz(arrays))
    return there, files


def load_four(there: Path) -> Table:
    """What `Table.load` makes of a folder where there are but four networks."""
    index = np.arange(CELL.size) % len(NETWORKS)
    with mock.patch.object(course_table, "networks", lambda space: (NETWORKS, index)):
        return Table.load(there)


def asked(table: Table | None) -> None:
    """A table that was taken answers, with numbers, or says what is wrong with them."""
    if table is None:
        return
    network = taken(lambda: table.networks[0])
    if network is None:
        return
    taken(lambda: table.optimum("val_accuracy"))
    answer = taken(lambda: table.query(network))
    assert answer is None or all(isinstance(value, (int, float)) for value in answer.values())
    epochs = max(epochs for name, epochs in table._metrics if name == "val_accuracy")
    taken(lambda: TableEvaluator(table, epochs)(Candidate(network), seed=1))


def extracts(draw) -> None:
    """CSV files; most are refused at once, since all architectures have to be there."""
    lines = valid_extract().splitlines()
    keep = draw(st.sampled_from([0, 1, 3]))
    text = b"\n".join(lines[: 1 + keep]) + b"\n"
    path = file(draw(st.sampled_from(["a.csv", "a.csv.gz", "a"])), damaged_bytes(draw, text))
    taken(lambda: nasbench201.load(path, "cifar100"))


@functools.cache
def valid_extract() -> bytes:
    names = ("val_12epochs", "test_12epochs", "test_200epochs")
    rows = [",".join(["architecture", *(f"cifar100_{name}" for name in names)])]
    rows += [f"{CELL.to_string(each)},10.5,20,30.25" for each in CELL]
    return "\n".join(rows).encode()


def whole_extracts(draw) -> None:
    """All architectures, and one value that is none."""
    if draw(st.integers(0, 19)):  # reading one takes a while
        return
    lines = valid_extract().decode().splitlines()
    number = draw(st.integers(0, len(lines) - 1))
    parts = lines[number].split(",")
    parts[draw(st.integers(0, 3))] = draw(
        st.sampled_from(["", "nan", "x", "-1", "101", "1e400", '"', "1,2", "cifar100"])
    )
    lines[number] = ",".join(parts)
    path = file("whole.csv", "\n".join(lines).encode())
    asked(taken(lambda: nasbench201.load(path, "cifar100")))


# Official files


@functools.cache
def official_101() -> tuple[list, dict]:
    """The records of a file of NAS-Bench-101, and the arrays that are made of it."""
    records = test_nasbench101.records(epochs=(108,))
    path = folder() / "valid.tfrecord"
    path.write_bytes(framed([json.dumps(record).encode() for record in records]))
    nasbench101.load(path, partial=True, progress=False)
    return records, dict(np.load(folder() / "valid.tfrecord.npz"))


def framed(contents: list[bytes]) -> bytes:
    """Records as a TFRecord file has them, checksums and all."""
    pieces = []
    for content in contents:
        length = len(content).to_bytes(8, "little")
        pieces += [length, masked_checksum(length).to_bytes(4, "little"), content]
        pieces.append(masked_checksum(content).to_bytes(4, "little"))
    return b"".join(pieces)


def files_of_nasbench101(draw) -> None:
    records, arrays = official_101()
    (folder() / "a.tfrecord.npz").unlink(missing_ok=True)
    way = draw(st.sampled_from(["records", "values", "contents", "bytes", "arrays", "compact"]))
    path = folder() / "a.tfrecord"
    if way in ("arrays", "compact"):
        path = folder() / "a.npz"
        content = npz(damaged_arrays(draw, arrays))
        content = damaged_bytes(draw, npz(arrays)) if way == "compact" else content
    else:
        if way == "records":
            records = damaged(draw, records)
        elif way == "values":
            number = draw(st.integers(0, len(records) - 1))
            records = [list(record) for record in records]
            import base64

            message = damaged_bytes(draw, base64.b64decode(records[number][4]))
            records[number][4] = base64.b64encode(message).decode()
        lines = records if isinstance(records, list) else [records]
        contents = [json.dumps(line).encode() for line in lines]
        if way == "contents":
            number = draw(st.integers(0, len(contents) - 1))
            contents[number] = damaged_bytes(draw, contents[number])
            if draw(st.booleans()):
                contents[number] = b"[" * 4000
        content = framed([each[:4096] for each in contents])
        content = damaged_bytes(draw, content) if way == "bytes" else content
    path.write_bytes(content)
    table = taken(lambda: nasbench101.load(path, partial=True, progress=False))
    asked(table)


@functools.cache
def official_201() -> tuple[dict, bytes, dict]:
    """Results of NAS-Bench-201, as a pickle, and the arrays that are made of them."""
    whole = test_nasbench201.meta({index: test_nasbench201.results(index) for index in range(2)})
    path = test_nasbench201.save(folder() / "valid.pickle.pbz2", whole)
    nasbench201.load(path, "cifar100", partial=True, progress=False)
    stream = io.BytesIO()
    test_nasbench201.NumPy1Pickler(stream, protocol=4).dump(whole)
    return whole, stream.getvalue(), dict(np.load(folder() / "valid.pickle.pbz2.npz"))


def files_of_nasbench201(draw) -> None:
    import bz2

    whole, pickled, arrays = official_201()
    (folder() / "a.pickle.pbz2.npz").unlink(missing_ok=True)
    way = draw(st.sampled_from(["results", "pickle", "packed", "arrays", "compact"]))
    path = folder() / ("b.npz" if way in ("arrays", "compact") else "a.pickle.pbz2")
    if way == "results":
        path.write_bytes(bz2.compress(pickle.dumps(damaged(draw, whole, depth=12), protocol=4), 1))
    elif way == "pickle":
        path.write_bytes(bz2.compress(damaged_bytes(draw, pickled), 1))
    elif way == "packed":
        path.write_bytes(damaged_bytes(draw, bz2.compress(pickled[:2000], 1)))
    elif way == "arrays":
        path.write_bytes(npz(damaged_arrays(draw, arrays)))
    else:
        path.write_bytes(damaged_bytes(draw, npz(arrays)))
    dataset = draw(st.sampled_from(["cifar10", "cifar100", "imagenet16_120"]))
    table = taken(lambda: nasbench201.load(path, dataset, partial=True, progress=False))
    asked(table)


def pickles_of_any_kind(draw) -> None:
    """Instructions in any order, some of them many times: deep, wide, or both."""
    many = st.builds(
        bytes.__mul__, st.sampled_from(INSTRUCTIONS), st.sampled_from([99, 101, 99_999])
    )
    instruction = st.sampled_from(INSTRUCTIONS) | st.binary(max_size=3) | many
    start = draw(
        st.sampled_from([b"", b"\x80\x04", pickle.dumps([{"a": (1, "b")}], protocol=4)[:-1]])
    )
    content = start + b"".join(draw(st.lists(instruction, max_size=30))) + pickle.STOP
    found = taken(lambda: (pickles.load(io.BytesIO(content), "file.pickle"),))
    if found and pickle.STACK_GLOBAL not in content:
        assert repr(found[0]) == repr(pickle.loads(content))


INSTRUCTIONS = [
    getattr(pickle, name)
    for name in pickle.__all__
    if isinstance(getattr(pickle, name, None), bytes) and len(getattr(pickle, name)) == 1
]


def checkpoints(draw) -> None:
    """They are never refused: what cannot be read is as good as missing."""
    kept = Checkpoints(folder() / "checkpoints", {"epochs": 5})
    first = Candidate(NETWORKS[0], 1)
    kept.save(first, 3, [np.arange(4.0), np.array(3)])
    (path,) = kept.folder.iterdir()
    path.write_bytes(damaged_bytes(draw, path.read_bytes()))
    found = kept.load(Candidate(NETWORKS[0], 3, resumes=Resumed(0, 1)), 3)
    assert found is None or [array.dtype.kind for array in found]


@functools.cache
def small_evaluator():
    """A compiled evaluator that trains in an instant, and its folder of checkpoints."""
    from nas_tutorial.data.datasets import Dataset
    from nas_tutorial.evaluators.one_program.training import CompiledEvaluator
    from nas_tutorial.evaluators.recipe import Recipe
    from nas_tutorial.spaces.skeleton import Skeleton

    x, y = np.random.default_rng(0).random((16, 4, 1), "float32"), np.arange(16) % 2
    data = Dataset("small", *[(x, y)] * 3, class_names=("a", "b"))
    recipe = Recipe(CELL, data, Skeleton(2, (1,)), epochs=3, batch_size=8)
    return CompiledEvaluator(recipe, None, folder() / "runs")


def checkpoints_that_do_not_fit(draw) -> None:
    """What is no stop of this run counts as missing, and never makes a failed trial."""
    evaluator = small_evaluator()
    evaluator(Candidate(NETWORKS[0], 1), seed=3)
    resumed = Candidate(NETWORKS[0], 3, resumes=Resumed(0, 1))
    (path,) = evaluator.checkpoints.folder.iterdir()
    arrays = dict(np.load(path))
    if draw(st.booleans()):
        path.write_bytes(npz(damaged_arrays(draw, arrays)))
    else:
        path.write_bytes(damaged_bytes(draw, path.read_bytes()))
    result = evaluator(resumed, seed=3)
    assert result.error is None or "nan" in result.error, result.error


# The command line


@functools.cache
def released():
    """A notebook as it is given out: a text, an answer and its check."""
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    marks = {"schema_version": 3, "task": False}
    answer = {**marks, "grade": False, "grade_id": "a", "locked": False, "solution": True}
    check = {
        **marks,
        "grade": True,
        "grade_id": "b",
        "locked": True,
        "solution": False,
        "points": 1,
    }
    cells = [new_markdown_cell("# Title")]
    cells.append(new_code_cell("answer = ...", metadata={"nbgrader": answer}))
    cells.append(new_code_cell("assert answer", metadata={"nbgrader": check}))
    return new_notebook(cells=cells)


def hand_ins(draw) -> None:
    """A file that somebody hands in is refused, or becomes a notebook in the released frame."""
    import nbformat

    from tests.hand_ins import admit

    valid = json.loads(nbformat.writes(released()))
    content = json.dumps(damaged(draw, valid, depth=12)).encode()
    if draw(st.booleans()):
        content = damaged_bytes(draw, json.dumps(valid).encode())
    where = folder() / "submitted" / "eve" / "one"
    where.mkdir(parents=True, exist_ok=True)
    (where / "one.ipynb").write_bytes(content)
    try:
        made = admit.admit(where / "one.ipynb", released())
    except admit.Refused as error:
        assert 0 < len(str(error)) < 200
        return
    nbformat.validate(made)
    frame = [cell.metadata for cell in made.cells if cell.metadata]
    assert sorted(map(repr, frame)) == sorted(repr(c.metadata) for c in released().cells[1:])
    checks = [cell.source for cell in made.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    assert checks == ["assert answer"] and not any(cell.get("outputs") for cell in made.cells)


def outputs_of_hand_ins(draw) -> None:
    """What a hand-in's process sends as outputs is refused, or is text and pictures."""
    import nbformat
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    from tests.hand_ins import outputs

    valid = [
        new_output("stream", text="a"),
        new_output("error", ename="E", evalue="e", traceback=["x"]),
        new_output("display_data", data={"text/plain": "a", "text/html": "<script>"}),
    ]
    try:
        made = outputs.harmless(damaged(draw, valid, depth=12))
    except outputs.Malformed as error:
        assert 0 < len(str(error)) < 200
        return
    nbformat.validate(new_notebook(cells=[new_code_cell(outputs=made)]))
    kept = {kind for one in made for kind in one.get("data", {})}
    assert kept <= {"text/plain", "image/png"}


def command_lines(draw) -> None:
    words = ["search", "table", "build", "verify", "proxies", "exercises", "--help", "--list"]
    options = [
        "--dataset",
        "--space",
        "--strategy",
        "--evaluator",
        "--trials",
        "--epochs",
        "--seed",
    ]
    options += [
        "--out",
        "--workers",
        "--scheduler",
        "--folder",
        "--seeds",
        "--minutes",
        "--networks",
    ]
    options += [option[: draw(st.integers(1, 9))] for option in options[:3]]
    values = ["digits", "edge_cell", "genetic", "0", "-1", "3", "1e9", "9" * 5000, "", " ", "a\0b"]
    word = st.sampled_from(words + options + values) | texts
    arguments = draw(st.lists(word, max_size=6))
    if draw(st.booleans()):
        arguments.insert(0, "search")
    errors, output = io.StringIO(), io.StringIO()
    with mock.patch("sys.stderr", errors), mock.patch("sys.stdout", output):
        try:
            options = command._parser().parse_args(arguments)
        except SystemExit as end:
            assert end.code in (0, 2)
            if end.code == 2:
                line = errors.getvalue()
                assert line.startswith("error: ") and line.endswith("(see --help)\n"), line
        else:
            assert callable(options.run)


TARGETS = (
    architectures_as_json, names_of_cells, settings_of_trials_and_spaces, settings_of_strategies,
    settings_of_evaluators, data_of_any_kind, pairs_of_space_and_evaluator,
    measured_values, histories, stores_that_are_replayed, stores_that_are_swapped, evaluated_before,
    journals, shards_that_were_built, tables, extracts, whole_extracts, files_of_nasbench101,
    files_of_nasbench201, pickles_of_any_kind, checkpoints, checkpoints_that_do_not_fit, hand_ins,
    outputs_of_hand_ins, command_lines,
)  # fmt: skip


def fuzz(target: Callable, examples: int, **chosen) -> int:
    """Run a target on so many inputs; return how many there were."""
    number = 0

    @settings(
        max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), **chosen
    )
    @given(st.data())
    def run(data):
        nonlocal number
        number += 1
        target(data.draw)

    run()
    return number


def test_what_is_not_damaged_is_taken():
    """Else nothing but refusals would be tested."""
    assert load_four(whole_table()[0]).num_seeds == 2
    assert len(nasbench201.load(file("whole.csv", valid_extract()), "cifar100")) == CELL.size
    for load, content in (
        (nasbench101.load, npz(official_101()[1])),
        (nasbench201.load, npz(official_201()[2])),
    ):
        asked(load(file("valid.npz", content), partial=True))
    for strategy, content in stores():
        path = file("store.jsonl", content)
        assert len(search(strategy(), noisy, trials=8, store=path, progress=False)) == 8


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.__name__)
def test_only_documented_errors(target):
    fuzz(target, EXAMPLES, derandomize=True)
