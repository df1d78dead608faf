"""Pickles that hold data and nothing else, read without doing anything else that they ask for.

A pickle is a program for a small machine with a stack, and Python's own machine imports and calls
whatever the program names. The machine here knows the instructions that build numbers, texts,
lists, tuples, sets and dicts. Of names it knows those in `NAMES`; it imports none, but has its own
function for each.

Reference:
    Python, Lib/pickletools.py (every instruction, explained), protocol 4.
"""

import pickle  # for the codes of the instructions alone: pickle.MARK, pickle.STOP, ...
import pickletools
import struct
from array import array
from collections.abc import Callable
from typing import BinaryIO

import numpy as np

NUMBERS = {code: np.dtype(f"<{code}") for code in ("f4", "f8", "i4", "i8")}


class Refused(Exception):
    """What a pickle asked for in vain."""


def load(stream: BinaryIO, name: str, *, finished: Callable[[dict], object] | None = None):
    """What a pickle holds: ordered dicts come as dicts, numpy's scalars as Python's numbers.

    Args:
        stream: The open file.
        name: What errors call it.
        finished: Gets each dict into which several items were put, and what it returns takes the
            dict's place. So a large pickle can be made small while it is read.

    Raises:
        ValueError: If the pickle asks for anything else, ends early, or was damaged.
    """
    try:
        return _Machine(stream, finished or (lambda made: made)).run()
    except Refused as error:
        raise ValueError(
            f"{name} must hold plain data, but asks for {error}, which was refused. Take the "
            "benchmark's official file, the one without weights."
        ) from error
    except (
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        EOFError,
        OSError,
        struct.error,
    ) as e:
        raise ValueError(
            f"{name} must be a whole pickle of protocol 4, but was cut off or damaged: {e!r}. "
            "Download it again."
        ) from e


def _number_type(code: str, *_) -> np.dtype:
    if code not in NUMBERS:
        raise Refused(f"numpy numbers of type {code!r}")
    return NUMBERS[code]


def _scalar(kind: np.dtype, content: bytes) -> int | float:
    return np.frombuffer(content, NUMBERS[kind.str[1:]])[0].item()


NAMES = {
    ("collections", "OrderedDict"): dict,
    ("numpy", "dtype"): _number_type,
    ("numpy.core.multiarray", "scalar"): _scalar,
    ("numpy._core.multiarray", "scalar"): _scalar,  # since NumPy 2
}


class _Machine:
    """Runs one pickle.

    What a pickle may fetch again would keep a large one in memory. So only texts and the meanings
    of names are kept, equal texts once; the rest is let go when `finished` has replaced a dict.
    """

    def __init__(self, stream: BinaryIO, finished: Callable[[dict], object]):
        self._read = stream.read
        self._finished = finished
        self._stack = []
        self._marks = []  # heights of the stack
        self._memo = array("I")  # places in _kept; 0 for what is in _passing
        self._kept, self._places = [None], {}
        self._passing = {}  # number in the memo -> value

    def run(self):
        read, actions = self._read, self._actions()
        while (code := read(1)) != pickle.STOP:
            action = actions.get(code)
            if action is None:
                if not code:
                    raise LookupError("there is no end mark")
                raise Refused(f"the instruction {pickletools.code2op[code.decode('latin1')].name}")
            action()
        return self._stack.pop()

    def _actions(self) -> dict[bytes, Callable[[], None]]:
        """What each instruction does."""
        read, push, pop, marks = self._read, self._stack.append, self._stack.pop, self._marks

        def number(layout: str) -> Callable[[], int | float]:
            size, unpack = struct.calcsize(layout), struct.Struct(layout).unpack
            return lambda: unpack(read(size))[0]

        byte, four_bytes = number("<B"), number("<I")
        two_bytes, signed, double = number("<H"), number("<i"), number(">d")
        return {
            pickle.PROTO: lambda: read(1),
            pickle.FRAME: lambda: read(8),
            pickle.MARK: lambda: marks.append(len(self._stack)),
            pickle.NONE: lambda: push(None),
            pickle.NEWTRUE: lambda: push(True),
            pickle.NEWFALSE: lambda: push(False),
            pickle.BININT: lambda: push(signed()),
            pickle.BININT1: lambda: push(byte()),
            pickle.BININT2: lambda: push(two_bytes()),
            pickle.BINFLOAT: lambda: push(double()),
            pickle.SHORT_BINBYTES: lambda: push(read(byte())),
            pickle.SHORT_BINUNICODE: lambda: push(read(byte()).decode()),
            pickle.EMPTY_DICT: lambda: push({}),
            pickle.EMPTY_LIST: lambda: push([]),
            pickle.EMPTY_SET: lambda: push(set()),
            pickle.EMPTY_TUPLE: lambda: push(()),
            pickle.TUPLE1: lambda: push((pop(),)),
            pickle.TUPLE2: lambda: push((pop(), pop())[::-1]),
            pickle.TUPLE3: lambda: push((pop(), pop(), pop())[::-1]),
            pickle.TUPLE: lambda: push(tuple(self._since_mark())),
            pickle.APPEND: lambda: self._add(list, [pop()]),
            pickle.APPENDS: lambda: self._add(list, self._since_mark()),
            pickle.ADDITEMS: lambda: self._add(set, self._since_mark()),
            pickle.SETITEM: lambda: self._set_items([pop(), pop()][::-1]),
            pickle.SETITEMS: lambda: self._set_items(self._since_mark()),
            pickle.MEMOIZE: self._memoize,
            pickle.BINGET: lambda: self._fetch(byte()),
            pickle.LONG_BINGET: lambda: self._fetch(four_bytes()),
            pickle.STACK_GLOBAL: lambda: push(self._named((pop(), pop())[::-1])),
            pickle.REDUCE: self._call,
            pickle.BUILD: self._set_state,
        }

    def _since_mark(self) -> list:
        start = self._marks.pop()
        items = self._stack[start:]
        del self._stack[start:]
        return items

    def _add(self, kind: type, items: list) -> None:
        _require(self._stack[-1], kind)
        if kind is set:
            _require_flat(items)
        (list.extend if kind is list else set.update)(self._stack[-1], items)

    def _set_items(self, items: list) -> None:
        target = _require(self._stack[-1], dict)
        _require_flat(items[::2])
        target.update(zip(items[::2], items[1::2], strict=True))
        made = self._finished(target)
        if made is not target:
            self._stack[-1] = made
            self._passing.clear()

    def _memoize(self) -> None:
        value, place = self._stack[-1], 0
        if isinstance(value, str):
            place = self._places.setdefault(value, len(self._kept))
        elif isinstance(value, np.dtype) or callable(value):
            place = len(self._kept)
        else:
            self._passing[len(self._memo)] = value
        if place == len(self._kept):
            self._kept.append(value)
        self._memo.append(place)

    def _fetch(self, number: int) -> None:
        place = self._memo[number]
        self._stack.append(self._kept[place] if place else self._passing[number])

    def _named(self, name: tuple) -> Callable:
        if name not in NAMES:
            raise Refused(".".join(map(str, name)))
        return NAMES[name]

    def _call(self) -> None:
        arguments, function = self._stack.pop(), self._stack.pop()
        self._stack.append(function(*arguments))  # nothing but NAMES can be called

    def _set_state(self) -> None:
        """A pickled number type says its byte order after it was made; nothing else has a state."""
        state, made = self._stack.pop(), self._stack[-1]
        if not isinstance(made, np.dtype) or state[1] != "<":
            raise Refused(f"a {type(made).__name__} in a state of {state!r:.40}")


def _require_flat(keys: list) -> None:
    """Tuples in tuples must not be keys: Python follows them down to hash them, and a file with a
    hundred thousand of them, one in the other, would end the process."""
    for key in keys:
        if type(key) is tuple and any(type(part) is tuple for part in key):
            raise TypeError("a key is a tuple that holds tuples")


def _require(value, kind: type):
    if type(value) is not kind:
        raise TypeError(f"items for a {kind.__name__} go to a {type(value).__name__}")
    return value
