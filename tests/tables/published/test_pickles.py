"""Plain data come back as Python's own pickle reads them; what else a file asks for is refused.

Nothing here may take long, fill the memory or end the process, which is part of each test.
"""

import collections
import io
import os
import pickle
import pickletools
import struct

import numpy as np
import pytest

from nas_tutorial.names import shown
from nas_tutorial.tables.published import pickles
from nas_tutorial.tables.published.pickles import DEEPEST, MOST_BYTES, cause, load

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


def read(content: bytes):
    return load(io.BytesIO(content), "file.pickle")


def refused(content: bytes, says: str = "") -> None:
    """It is, and the message is short."""
    with pytest.raises(ValueError, match=rf"file\.pickle must .*{says}.*\.$") as error:
        read(content)
    assert len(str(error.value)) < 1000


@pytest.mark.parametrize("name", PLAIN)
def test_plain_data_come_back(name):
    assert read(pickle.dumps(PLAIN[name], protocol=4)) == PLAIN[name]


def test_everything_together_comes_back():
    content = pickle.dumps([PLAIN, SHARED, SHARED, PLAIN], protocol=4)
    assert read(content) == pickle.loads(content)


def test_scalars_come_as_pythons_numbers():
    numbers = read(pickle.dumps(PLAIN["scalars"], protocol=4))
    assert list(map(type, numbers)) == [float, float, int, int, float]


class Runs:
    """Pickles as a call of a function."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def test_pythons_pickle_would_run_what_ours_refuses(tmp_path):
    marker = tmp_path / "it ran"
    content = pickle.dumps([1, Runs(os.mkdir, str(marker))], protocol=4)
    with pytest.raises(ValueError, match=r"asks for '(posix|nt)\.mkdir', which was refused"):
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
    "a state": (b"\x80\x04}}b.", "a state of what EMPTY_DICT made"),
    "a state of a function": (
        named("collections", "OrderedDict")[:-1] + b"N}\x86b.", "a state of what STACK_GLOBAL made",
    ),
    "a call of what is no name": (b"\x80\x04K\x07)R.", "a call of what BININT1 made"),
    "a call of what a call made": (
        named("collections", "OrderedDict")[:-1] + b")R)R.", "a call of what REDUCE made",
    ),
    "a key that is a number": (b"\x80\x04}G?\xf0\0\0\0\0\0\0Ns.", "a key that is no text"),
    "a key of three": (b"\x80\x04}K\1K\2K\3\x87Ns.", "a key that is no text"),
    "an item of a set that is a tuple of tuples": (b"\x80\x04\x8f(K\1\x85\x85\x90.", "a key that"),
    "a constant that grows": (b"\x80\x04NNa.", "a change of a value that is used already"),
    "a tuple that grows": (b"\x80\x04K\1\x85Na.", "a change of a value that is used already"),
    "a list in itself": (b"\x80\x04]\x94h\0a.", "a change of a value that is used already"),
}  # fmt: skip
UNKNOWN = {  # instructions that NATS-Bench's files do not have, as short as they can be
    "POP": b"0", "POP_MARK": b"(1", "DUP": b"2", "INT": b"I7\n", "LONG": b"L7L\n", "FLOAT": b"F7\n",
    "STRING": b"S'a'\n", "BINSTRING": b"T\1\0\0\0a", "SHORT_BINSTRING": b"U\1a",
    "UNICODE": b"Va\n", "BINUNICODE": b"X\1\0\0\0a", "BINUNICODE8": b"\x8d\1\0\0\0\0\0\0\0a",
    "BINBYTES": b"B\1\0\0\0a", "BINBYTES8": b"\x8e\1\0\0\0\0\0\0\0a",
    "BYTEARRAY8": b"\x96\1\0\0\0\0\0\0\0a", "NEXT_BUFFER": b"\x97", "READONLY_BUFFER": b"\x98",
    "LONG1": b"\x8a\1\7", "LONG4": b"\x8b\1\0\0\0\7", "LIST": b"(l", "DICT": b"(d",
    "FROZENSET": b"(\x91", "GET": b"g0\n", "PUT": b"p0\n", "BINPUT": b"q\0",
    "LONG_BINPUT": b"r\xff\xff\xff\x7f", "EXT1": b"\x82\1", "EXT2": b"\x83\1\0",
    "EXT4": b"\x84\1\0\0\0", "GLOBAL": b"cposix\nsystem\n", "INST": b"(iposix\nsystem\n",
    "OBJ": b"(o", "NEWOBJ": b"))\x81", "NEWOBJ_EX": b")))\x92", "PERSID": b"P7\n",
    "BINPERSID": b"NQ",
}  # fmt: skip
KNOWN = [
    "PROTO",
    "FRAME",
    "STOP",
    "MARK",
    "NONE",
    "NEWTRUE",
    "NEWFALSE",
    "BININT",
    "BININT1",
    "BININT2",
    "BINFLOAT",
    "SHORT_BINBYTES",
    "SHORT_BINUNICODE",
    "EMPTY_DICT",
    "EMPTY_LIST",
    "EMPTY_SET",
    "EMPTY_TUPLE",
    "TUPLE1",
    "TUPLE2",
    "TUPLE3",
    "TUPLE",
    "APPEND",
    "APPENDS",
    "ADDITEMS",
    "SETITEM",
    "SETITEMS",
    "MEMOIZE",
    "BINGET",
    "LONG_BINGET",
    "STACK_GLOBAL",
    "REDUCE",
    "BUILD",
]


@pytest.mark.parametrize("name", UNKNOWN)
def test_other_instructions_are_refused(name):
    for before in (b"", b"N"):
        refused(b"\x80\x05" + before + UNKNOWN[name] + b".", f"the instruction {name}, which was")


def test_every_instruction_is_known_or_refused():
    """A later version of Python may have more."""
    assert sorted([*KNOWN, *UNKNOWN]) == sorted(op.name for op in pickletools.opcodes)


def test_an_ordered_dict_with_a_state_is_refused():
    refused(pickle.dumps(with_a_state(), protocol=4), "AttributeError")


@pytest.mark.parametrize("name", REFUSED)
def test_nothing_but_plain_data_is_read(name):
    content, asked = REFUSED[name]
    with pytest.raises(
        ValueError, match=rf"file.pickle must hold plain data .* but asks for .*{asked}"
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
    refused(pickle.dumps([value, {(1, "a"): 2}, {(1, "a")}], protocol=4), "a key that is no text")


# Files that are small and do much


START = b"\x80\x04"
LIST, DICT, SET, TUPLE = pickle.EMPTY_LIST, pickle.EMPTY_DICT, pickle.EMPTY_SET, pickle.EMPTY_TUPLE
FETCH, KEEP, NONE = pickle.BINGET, pickle.MEMOIZE, pickle.NONE
NAMED = named("collections", "OrderedDict")[2:-1]


@pytest.mark.parametrize("start", [TUPLE, NONE])
def test_a_key_as_deep_as_a_file_can_make_it_is_refused(start):
    key = start + pickle.TUPLE1 * 300_000
    refused(START + DICT + key + NONE + pickle.SETITEM + b".", "nested more than 100 deep")
    refused(START + SET + pickle.MARK + key + pickle.ADDITEMS + b".", "nested more than 100 deep")


@pytest.mark.parametrize(
    "nested",
    [
        LIST * 300_000 + pickle.APPEND * 299_999,
        (DICT + b"K\0") * 300_000 + NONE + pickle.SETITEM * 300_000,
        pickle.MARK * 300_000 + pickle.TUPLE * 300_000,
        NONE + (KEEP + LIST + pickle.MARK + FETCH + b"\0" + pickle.APPENDS) * 9 + b"\x85" * 99,
    ],
    ids=["lists", "dicts", "tuples", "levels that a memo hides"],
)
def test_other_values_are_no_deeper(nested):
    refused(START + nested + b".", f"nested more than {DEEPEST} deep|one value must be left")


def test_values_that_are_just_not_too_deep_come_back():
    for depth, is_taken in ((DEEPEST - 1, True), (DEEPEST, False)):
        content = START + NONE + pickle.TUPLE1 * depth + b"."
        if is_taken:
            assert read(content) == pickle.loads(content)
        else:
            refused(content, "nested more than 100 deep")


def doubled(times: int) -> bytes:
    """A tuple that holds one twice, which holds one twice, and so on."""
    return (
        TUPLE
        + KEEP
        + b"".join(
            FETCH + bytes([number]) + FETCH + bytes([number]) + pickle.TUPLE2 + KEEP
            for number in range(times)
        )
    )


def memo_of(times: int) -> bytes:
    """All that `doubled` has left on the stack, in one tuple."""
    return START + pickle.MARK + doubled(times) + pickle.TUPLE + b"."


@pytest.mark.parametrize("times", [25, 50, 90])
def test_what_is_doubled_by_the_memo_is_refused(times):
    assert len(memo_of(times)) < 600
    refused(memo_of(times), "more than 1,000,000 values")


def test_what_is_doubled_a_few_times_comes_back():
    assert read(memo_of(9)) == pickle.loads(memo_of(9))


@pytest.mark.parametrize("place", ["a type", "a call", "a name", "a key", "a state", "a scalar"])
def test_a_message_is_short_whatever_it_names(place):
    """The values are not too large to be read, but they would be to be printed."""
    text = pickle.SHORT_BINUNICODE + b"\xff" + b"x" * 255
    large = pickle.MARK + (text + pickle.MEMOIZE + (FETCH + b"\0") * 50_000) + pickle.TUPLE
    kind = named("numpy", "dtype")[2:-1]
    refused(
        START
        + {
            "a type": kind + large + pickle.TUPLE1 + pickle.REDUCE,
            "a call": NAMED + large + pickle.REDUCE,
            "a name": text + text + pickle.STACK_GLOBAL,
            "a key": DICT + large + NONE + pickle.SETITEM,
            "a state": kind + b"\x8c\2f8\x85R" + NONE + large + pickle.TUPLE2 + pickle.BUILD,
            "a scalar": named("numpy.core.multiarray", "scalar")[2:-1] + large + NONE + b"\x86R",
        }[place]
        + b"."
    )


def test_an_error_is_shown_by_the_start_of_what_it_says():
    value = tuple(range(10**6))
    assert cause(KeyError(value)) == f"KeyError({shown(value)})"
    assert len(cause(ValueError("x" * 10**6))) < 120


@pytest.mark.parametrize(
    "content",
    [
        pickle.DUP * 10**5,
        pickle.NONE * 10**5,
        pickle.MARK * 10**5,
        pickle.NONE + pickle.MEMOIZE * 10**5,
        (pickle.PROTO + b"\4") * 10**5,
        pickle.EMPTY_SET * 10**5,
    ],
    ids=["DUP", "NONE", "MARK", "MEMOIZE", "PROTO", "EMPTY_SET"],
)
def test_instructions_count_whatever_they_make(content, monkeypatch):
    monkeypatch.setattr(pickles, "MOST_VALUES", 99_999)
    refused(START + content + b".", "the instruction DUP|more than 99,999 values")


@pytest.mark.parametrize("code", [b"X", b"B", b"T", b"\x8b"])
def test_a_length_that_is_not_there_takes_no_memory(code):
    refused(START + code + struct.pack("<i", 2**31 - 1) + b".")


@pytest.mark.parametrize("code", [b"\x8d", b"\x8e", b"\x96", b"\x95"])
def test_a_longer_length_that_is_not_there_takes_no_memory(code):
    refused(START + code + struct.pack("<Q", 2**60) + b"N.")


def test_a_frame_that_is_longer_than_anything_is_refused():
    refused(START + pickle.FRAME + b"\xff" * 8 + b"N.", "OverflowError")


@pytest.mark.parametrize("number", [1, 255])
def test_the_memo_has_what_was_kept_and_nothing_else(number):
    refused(START + NONE + KEEP + FETCH + bytes([number]) + b"\x86.", "IndexError")
    far = pickle.LONG_BINGET + struct.pack("<I", 2**32 - number)
    refused(START + NONE + KEEP + far + b"\x86.", "IndexError")


def test_a_packed_file_that_is_large_is_not_read_to_its_end():
    class Endless(io.RawIOBase):
        def read(self, size: int) -> bytes:
            assert 0 < size <= MOST_BYTES + 1
            return bytes(size)

    with pytest.raises(ValueError, match=f"more than {MOST_BYTES:,} bytes"):
        load(Endless(), "file.pickle")


def test_values_have_one_place_when_they_grow():
    """One that was fetched may be in two places, also in itself; its size there was counted."""
    content = LIST + KEEP + FETCH + b"\0" + LIST + pickle.APPEND + b"\x86."
    refused(START + content, "a change of a value that is used already")


def test_nothing_is_remembered_from_one_file_to_the_next():
    for _ in range(3):
        refused(START + NONE + NONE + pickle.APPEND + b".", "a change of a value")
        assert read(START + NONE + b".") is None
    assert {value.size for value in pickles.CONSTANTS.values()} == {1}


@pytest.mark.parametrize(
    "content", [b"N(.", b"NN.", b"(N\x86.", b"N(0.", b"(Nt\x86.", b"(a.", b"](a.", b"}(Nu.", b"b."]
)
def test_a_stack_that_does_not_fit_is_refused(content):
    refused(START + content)


def test_scalars_have_their_bytes_and_no_more():
    whole = pickle.dumps(np.float64(0.1), protocol=4)
    assert read(whole) == 0.1
    for size in (0, 7, 9):
        refused(whole.replace(b"C\x08", b"C" + bytes([size])), "cut off or damaged")


def test_a_pickle_that_was_cut_off_is_refused_wherever():
    content = pickle.dumps([PLAIN["numbers"], PLAIN["ordered"], PLAIN["scalars"]], protocol=4)
    for length in range(len(content)):
        with pytest.raises(ValueError, match="was cut off or damaged"):
            read(content[:length])
