"""Annex: pickles that hold data and nothing else, as NATS-Bench's files do.

A pickle is a program for a small machine with a stack, and Python's machine imports and calls
whatever the program names. Here it is still Python's machine, but it knows three names, each of
which stands for a harmless function of this module.

That alone is not enough. A key of a dict that is a tuple in a tuple, 300,000 times, ends the process
when it is hashed. A tuple that holds another one twice, which holds another one twice, and so on,
takes 100 bytes for a billion values, all of which would be printed. So `_Scan` goes through the
instructions first. It builds nothing, but follows what would stand on the stack, and refuses
whatever is too deep or too large, or does not occur in the benchmark's files.

Reference:
    Python, Lib/pickletools.py: every instruction, what it takes from the stack and what it leaves.
"""

import io
import pickle
import pickletools
import struct
from collections.abc import Callable, Sequence
from typing import Any

from nas_tutorial.names import shown

# NATS-Bench has 0.3 million bytes and 0.05 million instructions for an architecture, 10 deep.
MOST_BYTES, MOST_VALUES, DEEPEST = 1 << 24, 1_000_000, 100
LAYOUTS = {"f4": "<f", "f8": "<d", "i4": "<i", "i8": "<q"}  # NumPy's code -> struct's


class Refused(Exception):
    """What a pickle asked for in vain."""


def load(stream: io.BufferedIOBase, name: str) -> Any:
    """What a pickle holds: ordered dicts come as dicts, NumPy's scalars as Python's numbers.

    Args:
        stream: The open file.
        name: What errors call it.

    Raises:
        ValueError: If the pickle asks for anything else, is too large, ends early, or was damaged.
    """
    try:
        content = stream.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise Refused(f"more than {MOST_BYTES:,} bytes")
        _Scan().run(content)
        return _Unpickler(io.BytesIO(content)).load()
    except Refused as error:
        raise ValueError(
            f"{name} must hold plain data of one architecture or a few, but asks for {error}, which "
            "was refused. Take the benchmark's official folder, the one without weights."
        ) from error
    except Exception as error:  # the kinds that a damaged file brings are many, as OverflowError
        raise ValueError(
            f"{name} must be a whole pickle of protocol 4, but was cut off or damaged: "
            f"{cause(error)}. Download it again."
        ) from error


def cause(error: Exception) -> str:
    """An exception for a message, short also where it names a large value."""
    return f"{type(error).__name__}({', '.join(map(shown, error.args))})"


# What stands for the names that a pickle may call


def _ordered_dict() -> dict:
    return {}


class _NumberType:
    """NumPy's type of a number, in the two steps in which a pickle makes it."""

    def __init__(self, code, *_):
        if code not in LAYOUTS:
            raise Refused(f"NumPy's numbers of type {shown(code)}")
        self.layout = LAYOUTS[code]

    def __setstate__(self, state):
        if state[1] != "<":  # the byte order
            raise Refused(f"NumPy's numbers in a state of {shown(state)}")


def _scalar(kind: _NumberType, content: bytes) -> int | float:
    return struct.unpack(kind.layout, content)[0]


NAMES: dict[tuple[str, str], Callable] = {
    ("collections", "OrderedDict"): _ordered_dict,
    ("numpy", "dtype"): _NumberType,
    ("numpy.core.multiarray", "scalar"): _scalar,
    ("numpy._core.multiarray", "scalar"): _scalar,  # since NumPy 2
}


class _Unpickler(pickle.Unpickler):
    """Python's machine, which imports nothing here. It gets only what `_Scan` has let through."""

    def find_class(self, module: str, name: str) -> Callable:
        if (module, name) not in NAMES:
            raise Refused(shown(f"{module}.{name}"))
        return NAMES[module, name]


# The scan


class _Value:
    """What would stand on the stack.

    Args:
        maker: The instruction that makes it.
        parts: What it holds from the beginning.
    """

    __slots__ = ("depth", "is_fixed", "maker", "parts", "size")

    def __init__(self, maker: str, parts: Sequence["_Value"] = ()):
        self.maker, self.parts = maker, parts
        self.depth = self.size = 1  # values in one another; all values, as often as they are met
        self.is_fixed = False
        self.hold(parts)
        self.is_fixed = maker not in GROWING

    def hold(self, parts: Sequence["_Value"], keys: Sequence["_Value"] = ()) -> None:
        """Take parts in, the keys of a dict and the items of a set among them."""
        if self.is_fixed:
            raise Refused("a change of a value that is used already")
        if not all([key.is_safe_key() for key in keys]):
            raise Refused("a key that is no text, no whole number and no pair of these")
        self.size += sum([part.size for part in parts])
        self.depth = max([self.depth, *[1 + part.depth for part in parts]])
        if self.depth > DEEPEST:
            raise Refused(f"values nested more than {DEEPEST} deep")

    def is_safe_key(self) -> bool:
        """Whether it takes little to hash. Of floats and longer tuples, too, a file could bring
        many that share one hash, and a dict would take hours for them."""
        parts = self.parts if self.maker.startswith("TUPLE") else [self]
        return len(parts) <= 2 and all(part.maker in KEYS for part in parts)


KEYS = {"SHORT_BINUNICODE", "BININT", "BININT1", "BININT2"}
GROWING = {"EMPTY_LIST", "EMPTY_SET", "EMPTY_DICT", "REDUCE"}
CONSTANTS = {
    name: _Value(name)
    for name in (*KEYS, "BINFLOAT", "NONE", "NEWTRUE", "NEWFALSE", "SHORT_BINBYTES")
}
TAKEN = {  # how many values an instruction takes from the stack; None: those since the last mark
    "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3, "TUPLE": None, "APPEND": 1, "APPENDS": None,
    "ADDITEMS": None, "SETITEM": 2, "SETITEMS": None, "STACK_GLOBAL": 2, "REDUCE": 2, "BUILD": 1,
}  # fmt: skip


class _Scan:
    """Goes through a pickle's instructions, and follows what would stand on the stack."""

    def __init__(self):
        self.stack: list[_Value] = []
        self.below: list[list[_Value]] = []  # the stacks under the marks
        self.memo: list[_Value] = []
        self.num_values = 0

    def run(self, content: bytes) -> None:
        """Raise `Refused` unless the pickle is harmless, and another error where it is none."""
        for opcode, argument, _ in pickletools.genops(content):
            self.num_values += 1
            if opcode.name in CONSTANTS:
                self.stack.append(CONSTANTS[opcode.name])
            elif opcode.name == "MEMOIZE":
                self.memo.append(self.stack[-1])
            else:
                self.step(opcode.name, argument)
            if self.num_values > MOST_VALUES:
                raise Refused(f"more than {MOST_VALUES:,} values")
        if len(self.stack) != 1 or self.below:
            raise ValueError("one value must be left at the end")

    def step(self, name: str, argument: Any) -> None:
        """Follow one of the rarer instructions."""
        if name.startswith("EMPTY_"):
            self.stack.append(_Value(name))
        elif name == "MARK":
            self.below.append(self.stack)
            self.stack = []
        elif name in ("BINGET", "LONG_BINGET"):
            self.stack.append(self.memo[argument])
            self.stack[-1].is_fixed = True  # it may be in several places, even in itself
            self.num_values += self.stack[-1].size
        elif name in TAKEN:
            self.join(name, self.taken(TAKEN[name]))
        elif name not in ("PROTO", "FRAME", "STOP"):
            raise Refused(f"the instruction {name}")

    def taken(self, number: int | None) -> list[_Value]:
        """So many values from the stack; None: all since the last mark."""
        if number is None:
            values, self.stack = self.stack, self.below.pop()
            return values
        return [self.stack.pop() for _ in range(number)][::-1]

    def join(self, name: str, taken: list[_Value]) -> None:
        """Follow an instruction that makes values of others."""
        if name in ("APPEND", "APPENDS"):
            self.stack[-1].hold(taken)
        elif name in ("ADDITEMS", "SETITEM", "SETITEMS"):
            self.stack[-1].hold(taken, taken if name == "ADDITEMS" else taken[::2])
        elif name == "BUILD":
            if self.stack[-1].maker != "REDUCE":
                raise Refused(f"a state of what {self.stack[-1].maker} made")
        elif name == "REDUCE" and taken[0].maker != "STACK_GLOBAL":
            raise Refused(f"a call of what {taken[0].maker} made")
        else:
            self.stack.append(_Value(name, taken))
