"""NAS-Bench-101: the published code's hashes and records, in files laid out like its own."""

import base64
import hashlib
import itertools
import json
import os
import pickle
import re
from pathlib import Path

import numpy as np
import pytest

from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.graph import INPUT, OUTPUT, OUTPUT_CONCAT, Graph
from nas_tutorial.spaces.node_cell import NodeCellSpace
from nas_tutorial.tables.published import nasbench101
from nas_tutorial.tables.published.nasbench101 import EPOCHS, NUM_CELLS, Cells, cell_hash
from nas_tutorial.tables.table import Table, TableEvaluator
from nas_tutorial.trials import Candidate, Resumed

SPACE = NodeCellSpace()
CONV3, CONV1, POOL = NodeCellSpace.OPERATIONS
OFFICIAL = os.environ.get("NAS_TUTORIAL_NASBENCH101", "")

# What the published code says was asked once, in a checkout of
# https://github.com/google-research/nasbench at b942470 with this repository on PYTHONPATH too.

# Adjacency matrix row by row, inner operations, hash:
#   from nasbench.lib.model_spec import ModelSpec
#   for rows, inner, _ in CELLS:
#       matrix = [[int(digit) for digit in row] for row in rows]
#       spec = ModelSpec(matrix, ["input", *inner, "output"])
#       print(spec.hash_spec(list(SPACE.OPERATIONS)))
CELLS = [
    (["01", "00"], [], "043721b9c7fe8c5fad811d47d83132ec"),
    (["011", "001", "000"], [CONV1], "09fc2d10bdd6225e167a6f81a22a3f06"),
    (["0110", "0001", "0001", "0000"], [CONV3, POOL], "7c65f6bd01b87407734781b6038050bc"),
    (
        ["01101", "00010", "00010", "00001", "00000"],
        [CONV3, CONV1, CONV3],
        "654aa52c85316267004802b148126e1f",
    ),
    (  # the example of the benchmark's README, like a cell of Inception
        ["0111010", "0000001", "0000001", "0000100", "0000001", "0000001", "0000000"],
        [CONV1, CONV3, CONV3, CONV3, POOL],
        "28cfc7874f6d200472e1a9dcd8650aa0",
    ),
]

# The hashes of all encodings of NodeCellSpace(5), sorted, in one digest:
#   hashes = set()
#   for architecture in NodeCellSpace(5):
#       matrix = np.zeros((5, 5), int)
#       for pair, link in zip(NodeCellSpace(5).pairs, architecture.values): matrix[pair] = link
#       spec = ModelSpec(matrix, ["input", *architecture.values[10:], "output"])
#       hashes.add(spec.hash_spec(list(SPACE.OPERATIONS)))
#   print(len(hashes), hashlib.sha256("".join(sorted(hashes)).encode()).hexdigest())
NUM_CELLS_UP_TO_FIVE = 2532
DIGEST_UP_TO_FIVE = "e023b254b5d136b01446fa78fcbf9d9abe31ba0357b2571d17614939d2aed708"


def graph(rows: list[str], inner: list[str]) -> Graph:
    edges = [(s, t) for s, row in enumerate(rows) for t, digit in enumerate(row) if digit == "1"]
    return Graph((INPUT, *inner, OUTPUT_CONCAT), frozenset(edges))


def encoding(rows: list[str], inner: list[str], numbers: list[int], dead: str) -> Architecture:
    """A cell in `SPACE`, its nodes at the numbers given, with an operation that does no work."""
    links = {
        (numbers[s], numbers[t])
        for s, row in enumerate(rows)
        for t in range(len(row))
        if row[t] == "1"
    }
    operations = dict(zip(numbers[1:], inner))
    return Architecture(
        (
            *(int(pair in links) for pair in SPACE.pairs),
            *(operations.get(node, dead) for node in range(1, SPACE.num_nodes - 1)),
        )
    )


def every_encoding(rows: list[str], inner: list[str]):
    """All ways to place a cell's nodes among the seven in their order, with two dead operations."""
    for between in itertools.combinations(range(1, SPACE.num_nodes - 1), len(inner)):
        for dead in (CONV3, POOL):
            yield encoding(rows, inner, [0, *between, SPACE.num_nodes - 1], dead)


@pytest.mark.parametrize(("rows", "inner", "expected"), CELLS)
def test_the_hash_is_the_published_one(rows, inner, expected):
    assert cell_hash(graph(rows, inner)) == expected


@pytest.mark.parametrize(("rows", "inner", "expected"), CELLS)
def test_every_encoding_of_a_smaller_cell_has_its_hash(rows, inner, expected):
    for architecture in every_encoding(rows, inner):
        assert architecture in SPACE
        assert cell_hash(SPACE.graph(architecture)) == expected


@pytest.fixture(scope="module")
def names_up_to_five() -> set[tuple[str, str]]:
    """(hash, fingerprint) of each encoding with up to five nodes."""
    space = NodeCellSpace(5)
    graphs = map(space.graph, space)
    return {(cell_hash(graph), graph.fingerprint()) for graph in graphs}


def test_cells_share_a_hash_just_if_they_share_a_fingerprint(names_up_to_five):
    hashes, fingerprints = map(set, zip(*names_up_to_five))
    assert len(names_up_to_five) == len(hashes) == len(fingerprints)


def test_there_are_as_many_cells_as_published(names_up_to_five):
    hashes = {name for name, _ in names_up_to_five}
    assert len(hashes) == NUM_CELLS_UP_TO_FIVE
    assert hashlib.sha256("".join(sorted(hashes)).encode()).hexdigest() == DIGEST_UP_TO_FIVE


def test_the_hash_of_another_spaces_graph_is_refused():
    with pytest.raises(ValueError, match="an operation of NAS-Bench-101 must be one of conv1x1"):
        cell_hash(Graph((INPUT, "skip_connect", OUTPUT), frozenset({(0, 1), (1, 2)})))


def made_up(cell: int, epochs: int, repeat: int, evaluation: int) -> list[float]:
    """Epoch, seconds, accuracies of training, validation and test, in single precision."""
    share = evaluation / 2
    seconds = 10 * epochs * share * (1 + cell) + repeat
    accuracies = [1 - 1 / (2 + cell + share * epochs + repeat / 7 + part / 11) for part in range(3)]
    return [epochs * share, *np.array([seconds, *accuracies], np.float32).astype(float).tolist()]


def metrics_class():
    """The message of nasbench/lib/model_metrics.proto, made by Google's library."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    field = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(
        name="model_metrics.proto", package="nasbench", syntax="proto2"
    )
    metrics, evaluation = (
        file.message_type.add(name=n) for n in ("ModelMetrics", "EvaluationData")
    )
    metrics.field.add(
        name="evaluation_data", number=1, type=field.TYPE_MESSAGE, label=field.LABEL_REPEATED,
        type_name=".nasbench.EvaluationData",
    )  # fmt: skip
    for message, number, name, kind in [
        (metrics, 2, "trainable_parameters", field.TYPE_INT32),
        (metrics, 3, "total_time", field.TYPE_DOUBLE),
        (evaluation, 1, "current_epoch", field.TYPE_DOUBLE),
        (evaluation, 2, "training_time", field.TYPE_DOUBLE),
        (evaluation, 3, "train_accuracy", field.TYPE_DOUBLE),
        (evaluation, 4, "validation_accuracy", field.TYPE_DOUBLE),
        (evaluation, 5, "test_accuracy", field.TYPE_DOUBLE),
        (evaluation, 6, "checkpoint_path", field.TYPE_STRING),
    ]:
        message.field.add(name=name, number=number, type=kind, label=field.LABEL_OPTIONAL)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("nasbench.ModelMetrics"))


def records(epochs=EPOCHS) -> list[list]:
    """All trainings of `CELLS`, mixed."""
    metrics = metrics_class()
    evaluation_names = [
        "current_epoch", "training_time", "train_accuracy", "validation_accuracy", "test_accuracy",
    ]  # fmt: skip
    made = []
    for repeat, (number, (rows, inner, name)), until in itertools.product(
        range(3), enumerate(CELLS), epochs
    ):
        message = metrics(trainable_parameters=1000 + 999_999 * number, total_time=1e4)
        for evaluation in range(3):
            values = made_up(number, until, repeat, evaluation)
            message.evaluation_data.add(**dict(zip(evaluation_names, values)))
        content = base64.b64encode(message.SerializeToString()).decode()
        operations = ",".join(["input", *inner, "output"])
        made.append([name, until, "".join(rows), operations, content])
    return made


def write(path: Path, made: list) -> Path:
    import tensorflow

    with tensorflow.io.TFRecordWriter(str(path)) as writer:
        for record in made:
            writer.write(record if isinstance(record, bytes) else json.dumps(record).encode())
    return path


@pytest.fixture(scope="module")
def official(tmp_path_factory) -> Path:
    return write(tmp_path_factory.mktemp("full") / "nasbench_full.tfrecord", records())


@pytest.fixture(scope="module")
def table(official) -> Table:
    return nasbench101.load(official, partial=True)


# What the published reader says about the file that `official` writes. It wants TensorFlow 1, and
# its compiled protocol buffer an old library, so both were put in its way:
#   protoc --python_out=. nasbench/lib/model_metrics.proto
#   import sys, tensorflow; sys.modules["tensorflow"] = tensorflow.compat.v1
#   from absl import flags; from nasbench import api; flags.FLAGS(["-"])
#   benchmark = api.NASBench(str(write(Path("nasbench_full.tfrecord"), records())))
#   fixed, computed = benchmark.get_metrics_from_hash(CELLS[4][2])
#   print(fixed["trainable_parameters"])
#   for epochs, repeat in ((4, 0), (36, 1), (108, 2)): print(computed[epochs][repeat])
PARAMETERS = 4_000_996
COMPUTED = {
    (4, 0): {
        "halfway_training_time": 100.0, "halfway_train_accuracy": 0.875,
        "halfway_validation_accuracy": 0.8764045238494873,
        "halfway_test_accuracy": 0.8777777552604675,
        "final_training_time": 200.0, "final_train_accuracy": 0.8999999761581421,
        "final_validation_accuracy": 0.9009009003639221,
        "final_test_accuracy": 0.9017857313156128,
    },
    (36, 1): {
        "halfway_training_time": 901.0, "halfway_train_accuracy": 0.9585798978805542,
        "halfway_validation_accuracy": 0.9587352871894836,
        "halfway_test_accuracy": 0.9588894844055176,
        "final_training_time": 1801.0, "final_train_accuracy": 0.9762712121009827,
        "final_validation_accuracy": 0.9763222336769104,
        "final_test_accuracy": 0.9763731360435486,
    },
    (108, 2): {
        "halfway_training_time": 2702.0, "halfway_train_accuracy": 0.9834123253822327,
        "halfway_validation_accuracy": 0.9834372997283936,
        "halfway_test_accuracy": 0.9834622144699097,
        "final_training_time": 5402.0, "final_train_accuracy": 0.9912499785423279,
        "final_validation_accuracy": 0.9912569522857666,
        "final_test_accuracy": 0.9912639260292053,
    },
}  # fmt: skip


def found(cell: int) -> Architecture:
    return next(every_encoding(*CELLS[cell][:2]))


def test_records_are_read_as_the_published_reader_reads_them(table):
    row = table.row(found(4))
    assert table.query(found(4))["parameters"] == PARAMETERS
    for (epochs, repeat), expected in COMPUTED.items():
        for when, until in (("halfway", epochs / 2), ("final", epochs)):
            for ours, theirs in (("train", "train"), ("val", "validation"), ("test", "test")):
                value = table.column(f"{ours}_accuracy", until)[row, repeat]
                assert float(value) == expected[f"{when}_{theirs}_accuracy"]
            result = table.result(found(4), epochs=until, seed=repeat)
            assert result.seconds == expected[f"{when}_training_time"]


def test_a_table_has_all_trainings_of_the_file(table):
    assert len(table) == len(CELLS)
    assert table.num_seeds == 3
    assert table.epochs == (2, 4, 6, 12, 18, 36, 54, 108)
    for cell, epochs, repeat, half in itertools.product(
        range(len(CELLS)), EPOCHS, range(3), (False, True)
    ):
        row = table.row(found(cell))
        _, seconds, *accuracies = made_up(cell, epochs, repeat, 1 if half else 2)
        until = epochs / 2 if half else epochs
        assert [table.column(f"{part}_accuracy", until)[row, repeat]
                for part in ("train", "val", "test")] == accuracies  # fmt: skip
        assert table.result(found(cell), epochs=until, seed=repeat).seconds == seconds


def test_the_smaller_file_has_one_training_and_its_half(tmp_path):
    path = write(tmp_path / "nasbench_only108.tfrecord", records(epochs=(108,)))
    table = nasbench101.load(path, partial=True)
    assert table.epochs == (54, 108)
    assert TableEvaluator(table).epochs == 108
    values = table.column("val_accuracy", 54)[table.row(found(2))]
    assert values.tolist() == [made_up(2, 108, repeat, 1)[3] for repeat in range(3)]


def test_every_encoding_finds_its_cell(table):
    for cell, (rows, inner, name) in enumerate(CELLS):
        encodings = list(every_encoding(rows, inner))
        rows_found = {table.row(architecture) for architecture in encodings}
        assert rows_found == {table.row(found(cell))}
        network = table.networks[rows_found.pop()]
        assert cell_hash(SPACE.graph(network)) == name
    assert [network in SPACE for network in table.networks] == [True] * len(CELLS)


def test_a_trial_of_the_table_tells_validation_and_charges_the_training(table):
    result = TableEvaluator(table)(Candidate(found(3), epochs=36), seed=4)
    assert set(result.metrics) == {"val_accuracy", "parameters"}
    assert result.metrics["val_accuracy"] == made_up(3, 36, 1, 2)[3]
    assert result.seconds == made_up(3, 36, 1, 2)[1]


def test_only_the_second_half_of_a_training_goes_on(table):
    evaluator = TableEvaluator(table)
    whole = evaluator(Candidate(found(3), epochs=108), seed=0).seconds
    half = evaluator(Candidate(found(3), epochs=54), seed=0).seconds
    for before, seconds in ((54, whole - half), (36, whole), (12, whole)):
        candidate = Candidate(found(3), 108, resumes=Resumed(0, before))
        assert evaluator(candidate, seed=0).seconds == seconds


def test_other_epochs_are_refused(table):
    with pytest.raises(ValueError, match="must be one of 2, 4, 6, 12, 18, 36, 54, 108, got 24"):
        TableEvaluator(table, epochs=24)


def test_cells_that_are_not_there_are_refused(table):
    missing = encoding(["0101", "0011", "0001", "0000"], [POOL, POOL], [0, 1, 2, 6], CONV3)
    with pytest.raises(ValueError, match=r"must denote a network that was measured.*networks, or"):
        table.row(missing)


def test_architectures_outside_the_benchmark_are_refused(table):
    twelve_edges = encoding(
        ["0111111", "0000001", "0000001", "0000101", "0000001", "0000001", "0000000"],
        [POOL] * 5, range(7), POOL,
    )  # fmt: skip
    no_edge = Architecture((*[0] * 21, *[CONV3] * 5))
    for architecture in (twelve_edges, no_edge):
        with pytest.raises(ValueError, match="must keep its rules"):
            table.row(architecture)
    with pytest.raises(ValueError, match="must have 26 values, got 13"):
        table.row(NodeCellSpace(5).sample(np.random.default_rng(0)))


def test_a_file_is_converted_once_with_a_progress_bar(tmp_path, capsys):
    path = write(tmp_path / "nasbench_only108.tfrecord", records(epochs=(108,)))
    first = nasbench101.load(path, partial=True)
    assert "nasbench_only108.tfrecord: 100%" in capsys.readouterr().err
    nasbench101.load(path, compact=tmp_path / "quiet.npz", partial=True, progress=False)
    assert capsys.readouterr().err == ""
    path.unlink()
    for source in (path, tmp_path / "nasbench_only108.tfrecord.npz"):
        second = nasbench101.load(source, partial=True)
        assert second.query(found(4)) == first.query(found(4))
    assert "%" not in capsys.readouterr().err
    there = tmp_path / "there.npz"
    (tmp_path / "nasbench_only108.tfrecord.npz").rename(there)
    assert len(nasbench101.load(path, compact=there, partial=True)) == len(CELLS)


def test_a_table_pickles_with_its_hash(table):
    assert pickle.loads(pickle.dumps(table)).query(found(4)) == table.query(found(4))


def test_a_file_without_all_cells_is_refused_unless_that_will_do(official):
    with pytest.raises(ValueError, match=f"all {NUM_CELLS:,} cells of NAS-Bench-101, got 5"):
        nasbench101.load(official)


def changed(place: int, value) -> list:
    record = list(records(epochs=(108,))[4])  # the first training of the last cell
    record[place] = value
    return record


def metrics_of(message) -> str:
    return base64.b64encode(message.SerializeToString()).decode()


LAST_ROWS, LAST_INNER, LAST_NAME = CELLS[-1]
CONV5 = ",".join(["input", CONV3, CONV3, CONV3, CONV3, "conv5x5-bn-relu", "output"])
TWELVE_EDGES = "".join(["0111111", "0000001", "0000001", "0000101", *LAST_ROWS[4:]])
CUT = base64.b64encode(b"\x0a\x2d").decode()
BAD_RECORDS = {
    "another file's": (lambda: b"\n\x0b\n\t\x08\x01", "JSONDecodeError"),
    "no list of five": (lambda: records()[0][:4], "not enough values to unpack"),
    "no list": (lambda: b"17", "cannot unpack"),
    "other epochs": (lambda: changed(1, 24), "not in tuple"),
    "another cell's hash": (
        lambda: changed(0, CELLS[3][2]),
        f"must be {CELLS[3][2]}, got {LAST_NAME}",
    ),
    "a backward edge": (lambda: changed(2, "1" + "".join(LAST_ROWS)[1:]), "not in tuple"),
    "a digit too few": (lambda: changed(2, "".join(LAST_ROWS)[:-1]), "the hash of cell"),
    "another operation": (lambda: changed(3, CONV5), "not in tuple"),
    "no input": (lambda: changed(3, ",".join([CONV3, *LAST_INNER, "output"])), "the hash of cell"),
    "twelve edges": (lambda: changed(2, TWELVE_EDGES), "must keep its rules"),
    "eight nodes": (
        lambda: changed(3, ",".join(["input", *LAST_INNER, CONV3, "output"])),
        "not in tuple",
    ),
    "no base 64": (lambda: changed(4, "?"), "binascii.Error|Error"),
    "a message that was cut": (lambda: changed(4, CUT), "field 1 is of kind 2"),
    "one evaluation": (lambda: changed(4, metrics_of(one_evaluation())), "IndexError"),
    "no parameters": (lambda: changed(4, metrics_of(no_parameters())), "KeyError"),
    "a list that is too deep": (lambda: b"[" * 4000, "RecursionError"),
    "no finite accuracy": (lambda: changed(4, metrics_of(odd(float("nan"), 3))), "finite numbers"),
    "too many parameters": (lambda: changed(4, bare(b"\x80\x80\x80\x80\x08")), "finite numbers"),
    "a whole number of seconds": (lambda: changed(4, bare(b"\x03", b"\x10\x07")), "finite num"),
}


def odd(accuracy: float, parameters: int):
    message = metrics_class()(trainable_parameters=parameters)
    for _ in range(3):
        message.evaluation_data.add(training_time=1.0, test_accuracy=accuracy)
    return message


def bare(parameters: bytes, evaluation: bytes = b"") -> str:
    """A message of which the bytes are given: those of a number, and of each evaluation."""
    evaluations = 3 * (b"\x0a" + bytes([len(evaluation)]) + evaluation)
    return base64.b64encode(evaluations + b"\x10" + parameters).decode()


def one_evaluation():
    message = metrics_class()(trainable_parameters=1)
    message.evaluation_data.add(training_time=1.0)
    return message


def no_parameters():
    message = metrics_class()()
    for _ in range(3):
        message.evaluation_data.add(training_time=1.0)
    return message


@pytest.mark.parametrize("name", BAD_RECORDS)
def test_a_record_that_is_none_is_refused(tmp_path, name):
    make, expected = BAD_RECORDS[name]
    path = write(tmp_path / "other.tfrecord", [*records(epochs=(108,))[:3], make()])
    with pytest.raises(
        ValueError, match=r"other.tfrecord must hold training runs.*record 3 is none"
    ) as e:
        nasbench101.convert(path)
    assert re.search(expected, str(e.value))


def test_what_a_message_leaves_out_is_zero(tmp_path):  # as protocol buffers say
    message = no_parameters()
    message.trainable_parameters = 5
    made = [changed(4, metrics_of(message))] * 3
    table = nasbench101.load(write(tmp_path / "zeros.tfrecord", made), partial=True)
    assert table.query(table.networks[0])["val_accuracy"] == 0


def test_cells_that_were_not_trained_three_times_are_refused(tmp_path):
    whole = records()
    for made in (whole[:-1], [*whole, whole[0]], []):
        path = write(tmp_path / "torn.tfrecord", made)
        with pytest.raises(ValueError, match=f"must hold 3 training runs.*got {len(made):,} runs"):
            nasbench101.convert(path)


def test_a_damaged_file_is_refused_and_leaves_nothing(official, tmp_path):
    damaged = bytearray(official.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    path = tmp_path / "damaged.tfrecord"
    path.write_bytes(damaged)
    with pytest.raises(ValueError, match="Download the file again"):
        nasbench101.load(path, partial=True)
    assert [left.name for left in tmp_path.iterdir()] == ["damaged.tfrecord"]


def test_cells_are_a_sequence():
    cells = Cells(np.array([1 << 5, 1 | 1 << 20]), np.zeros((2, 5), np.uint8))
    assert len(cells) == 2 and list(cells) == [cells[0], cells[1]]
    assert list(cells[1:]) == [cells[1]]
    links = dict(zip(SPACE.pairs, cells[1].values))
    assert [pair for pair, link in links.items() if link] == [(0, 1), (5, 6)]


@pytest.mark.skipif(
    not Path(OFFICIAL).is_file(), reason="set NAS_TUTORIAL_NASBENCH101 to an official file"
)
def test_the_official_file_has_its_known_optima():
    # github.com/automl/nas_benchmarks, tabular_benchmarks/nas_cifar10.py: y_star_valid, y_star_test
    table = nasbench101.load(OFFICIAL)
    assert table.optimum("val_accuracy", 108)[1] == pytest.approx(1 - 0.04944577, abs=1e-6)
    assert table.optimum("test_accuracy", 108)[1] == pytest.approx(1 - 0.05682425, abs=1e-6)
