"""Plain data come back as Python's own pickle reads them; what else one asks for is refused."""

import collections
import io
import os
import pickle
import struct

import numpy as np
import pytest

from nas_tutorial.tables.published.pickles import load

PLAIN = {
    "numbers": [0, 255, 256, 65_535, 65_536, -1, 2**31 - 1, 0.1, -1e300],
    "constants": (None, True, False),
    "texts": ["", "|nor_conv_3x3~0|", "größe", "x" * 255],
    "tuples": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)],
    "sets": [set(), {1}, set(range(2000))],
    "ordered": collections.OrderedDict([("12", 1), ("200", {"a": [1.5]})]),
    "one item": {("cifar10", 777): []},
    "many items": {number: str(number) for number in range(3000)},
    "scalars": [np.float64(0.1), np.float32(0.1), np.int64(-7), np.int32(7), np.float64(0.2)],
}
SHARED = ["again and again"]


def read(content: bytes, finished=None):
    return load(io.BytesIO(content), "file.pickle", finished=finished)


@pytest.mark.parametrize("name", PLAIN)
def test_plain_data_come_back(name):
    assert read(pickle.dumps(PLAIN[name], protocol=4)) == PLAIN[name]


def test_everything_together_comes_back():
    content = pickle.dumps([PLAIN, SHARED, SHARED, PLAIN], protocol=4)
    assert read(content) == pickle.loads(content)


def test_scalars_come_as_pythons_numbers():
    numbers = read(pickle.dumps(PLAIN["scalars"], protocol=4))
    assert list(map(type, numbers)) == [float, float, int, int, float]


def test_a_finished_dict_is_replaced_while_the_pickle_is_read():
    whole = {"results": {number: {"12": number, "200": -number} for number in range(5)}, "rest": 1}
    seen = []

    def finished(made):
        if "200" not in made:
            return made
        seen.append(made)
        return made["200"]

    small = read(pickle.dumps(whole, protocol=4), finished)
    assert small == {"results": {number: -number for number in range(5)}, "rest": 1}
    assert seen == list(whole["results"].values())


def test_texts_last_when_the_dict_that_they_were_in_was_replaced():
    dataset = "cifar" + str(len(SHARED))  # one object in both dicts
    whole = [{"name": dataset, "12": 1}, {"name": dataset, "12": np.float64(2)}, np.float64(3)]
    content = pickle.dumps(whole, protocol=4)
    assert read(content, lambda made: made["name"]) == ["cifar1", "cifar1", 3.0]


def test_what_was_let_go_cannot_be_fetched_again():
    content = pickle.dumps([{"a": SHARED, "b": 1}, SHARED], protocol=4)
    with pytest.raises(ValueError, match="must be a whole pickle of protocol 4, but was cut off"):
        read(content, lambda made: None)


class Runs:
    """Pickles as a call of a function."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def test_pythons_pickle_would_run_what_ours_refuses(tmp_path):
    marker = tmp_path / "it ran"
    content = pickle.dumps([1, Runs(os.mkdir, str(marker))], protocol=4)
    with pytest.raises(ValueError, match=r"asks for (posix|nt)\.mkdir, which was refused"):
        read(content)
    assert not marker.exists()
    pickle.loads(content)
    assert marker.exists()


def named(module: str, name: str) -> bytes:
    """A pickle of protocol 4 that is just a name."""
    texts = (b"\x8c" + bytes([len(text)]) + text.encode() for text in (module, name))
    return b"\x80\x04" + b"".join(texts) + pickle.STACK_GLOBAL + pickle.STOP


class Ordered(collections.OrderedDict):
    """Pickles as a subclass, by name."""


def with_a_state() -> collections.OrderedDict:
    ordered = collections.OrderedDict(a=1)
    ordered.note = "an attribute"
    return ordered


REFUSED = {
    "eval": (pickle.dumps(Runs(eval, "1"), protocol=4), r"builtins\.eval"),
    "an attribute of an allowed name": (
        named("collections", "OrderedDict.__init__"), r"collections\.OrderedDict\.__init__",
    ),
    "the module of an allowed name": (named("collections", "abc"), r"collections\.abc"),
    "getattr": (named("builtins", "getattr"), r"builtins\.getattr"),
    "an array": (pickle.dumps(np.ones(3), protocol=4), r"core\.\w+\._(reconstruct|frombuffer)"),
    "weights": (named("torch._utils", "_rebuild_tensor_v2"), r"torch\._utils\._rebuild_tensor_v2"),
    "a number type that holds objects": (pickle.dumps(np.dtype("O"), protocol=4), "type 'O8'"),
    "a byte order": (pickle.dumps(np.dtype(">f8"), protocol=4), "state of .*'>'"),
    "a structure": (pickle.dumps(np.dtype("f8,i4"), protocol=4), "type 'V12'"),
    "a subclass": (pickle.dumps(Ordered(), protocol=4), r"tests\.tables\.published\.test_pickles\.Ordered"),
    "a state": (pickle.dumps(with_a_state(), protocol=4), "a dict in a state of"),
    "names of protocol 0": (b"cposix\nsystem\n(S'true'\ntR.", "the instruction GLOBAL"),
    "an instance": (b"(S'true'\niposix\nsystem\n.", "the instruction STRING"),
    "an object": (b"\x80\x04(o.", "the instruction OBJ"),
    "a new object": (b"\x80\x04))\x81.", "the instruction NEWOBJ"),
    "an extension": (b"\x80\x04\x82\x01.", "the instruction EXT1"),
    "a persistent name": (b"\x80\x04NQ.", "the instruction BINPERSID"),
    "a buffer": (b"\x80\x05\x97.", "the instruction NEXT_BUFFER"),
    "a large text": (b"\x80\x04\x8d" + struct.pack("<Q", 2**60) + b".", "BINUNICODE8"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_nothing_but_plain_data_is_read(name):
    content, asked = REFUSED[name]
    with pytest.raises(
        ValueError, match=rf"file.pickle must hold plain data, but asks for .*{asked}"
    ):
        read(content)


CALLS_OF_NUMBERS = b"\x80\x04" + pickle.BININT1 + b"\x07" + pickle.EMPTY_TUPLE + pickle.REDUCE
TO_A_TUPLE = b"\x80\x04" + pickle.EMPTY_TUPLE + pickle.NONE


@pytest.mark.parametrize(
    "content",
    [
        CALLS_OF_NUMBERS + b".",
        TO_A_TUPLE + pickle.APPEND + b".",
        TO_A_TUPLE + pickle.NONE + pickle.SETITEM + b".",
        b"\x80\x04" + pickle.EMPTY_DICT + pickle.MARK + pickle.NONE + pickle.SETITEMS + b".",
        b"\x80\x04" + pickle.EMPTY_DICT + pickle.MARK + pickle.NONE + pickle.ADDITEMS + b".",
        b"\x80\x04" + pickle.BINGET + b"\x07.",
        b"\x80\x04" + pickle.SHORT_BINUNICODE + b"\x01\xff.",
        b"\x80\x04.",
        b"\x80\x04" + pickle.APPENDS + b".",
        named("numpy.core.multiarray", "scalar")[:-1] + b"\x8c\x02f8C\x00\x86R.",
        b"a text, and not a pickle",
        b"",
    ],
)  # fmt: skip
def test_what_is_no_pickle_is_refused(content):
    with pytest.raises(ValueError, match=r"cut off or damaged.*Download it again|asks for"):
        read(content)


@pytest.mark.parametrize("value", [{((1,),): 2}, {((1,), 1)}], ids=["dict", "set"])
def test_tuples_within_a_key_are_refused(value):
    """Python hashes them by a recursion that ends the process where there are many."""
    content = pickle.dumps([value, {(1, "a"): 2}, {(1, "a")}], protocol=4)
    with pytest.raises(ValueError, match="a key is a tuple that holds tuples"):
        read(content)


def test_a_key_as_deep_as_a_file_can_make_it_is_refused():
    tuples = pickle.EMPTY_TUPLE + pickle.TUPLE1 * 300_000
    content = b"\x80\x04" + pickle.EMPTY_DICT + tuples + pickle.NONE + pickle.SETITEM + b"."
    with pytest.raises(ValueError, match="a key is a tuple that holds tuples"):
        read(content)


def test_a_pickle_that_was_cut_off_is_refused_wherever():
    content = pickle.dumps([PLAIN["numbers"], PLAIN["ordered"], PLAIN["scalars"]], protocol=4)
    for length in range(len(content)):
        with pytest.raises(ValueError, match="was cut off or damaged"):
            read(content[:length])
