"""Annex: files of records as TensorFlow writes them, read one record at a time and without TensorFlow.

NAS-Bench-101 was published as such a file; its measurements are protocol buffers, of which three
kinds of fields are enough. Both formats take a page of code, so the library asks for no package.

Reference:
    TensorFlow, TFRecord and tf.train.Example, section "TFRecords format details".
    RFC 3720, appendix B.4 (CRC-32C).
    Protocol Buffers, Encoding.
"""

import functools
import struct
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

LONGEST = 4096  # bytes of a record; NAS-Bench-101's have about 400
HEADER, CHECKSUM, DOUBLE = struct.Struct("<QI"), struct.Struct("<I"), struct.Struct("<d")
POLYNOMIAL = np.uint32(0x82F63B78)  # of CRC-32C, lowest bit first


def read_records(stream: BinaryIO, name: str) -> Iterator[bytes]:
    """The contents of a file, each checked against its checksum.

    A record is the content's length (8 bytes), a checksum of these, the content, and a checksum of
    that (4 bytes each), all little-endian.

    Args:
        stream: The open file.
        name: What errors call it.

    Raises:
        ValueError: If something else than a record stands there, the file ends inside a record, or
            a checksum does not agree.
    """
    position = 0

    def whole(piece: bytes, size: int) -> bytes:
        if len(piece) == size:
            return piece
        raise ValueError(
            f"{name} must hold whole records, but ends inside the one at byte {position:,}. "
            "Download the file again."
        )

    while header := stream.read(HEADER.size):
        length, checksum = HEADER.unpack(whole(header, HEADER.size))
        if length > LONGEST or masked_checksum(header[:8]) != checksum:
            raise ValueError(
                f"{name} must be a TFRecord file with records of at most {LONGEST:,} bytes, but "
                f"what stands at byte {position:,} is no such record. Check the path, or download "
                "the file again."
            )
        size = length + CHECKSUM.size
        rest = whole(stream.read(size), size)
        if masked_checksum(rest[:length]) != CHECKSUM.unpack_from(rest, length)[0]:
            raise ValueError(
                f"{name} must agree with its checksums, but the record at byte {position:,} does "
                "not. Download the file again."
            )
        yield rest[:length]
        position += HEADER.size + size


def masked_checksum(content: bytes) -> int:
    """The CRC-32C of at most `LONGEST` bytes, masked as in a TFRecord file.

    The code is linear: what a byte adds depends on its value and its distance from the end alone.
    So the checksum is one look-up a byte, and the exclusive or of all that was found.
    """
    shares, starts, offsets = _tables()
    places = offsets[LONGEST - len(content) :] + np.frombuffer(content, np.uint8)
    crc = int(np.bitwise_xor.reduce(shares[places])) ^ starts[len(content)] ^ 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


@functools.cache
def _tables() -> tuple[np.ndarray, list[int], np.ndarray]:
    """What a byte adds, at 256 * its distance from the end + its value; what the register's start
    adds, by the number of bytes; and 256 * each distance, the largest first.
    """
    byte = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        byte = np.where(byte & 1, byte >> 1 ^ POLYNOMIAL, byte >> 1)

    def one_further(register):
        return register >> 8 ^ byte[register & 255]

    shares, starts = [byte], [np.uint32(0xFFFFFFFF)]
    for _ in range(LONGEST):
        shares.append(one_further(shares[-1]))
        starts.append(one_further(starts[-1]))
    return np.concatenate(shares), list(map(int, starts)), np.arange(LONGEST)[::-1] * 256


def read_message(content: bytes) -> dict[int, list]:
    """The fields of a protocol buffer: number -> values, in their order.

    Whole numbers come as int, doubles as float, texts and messages inside as bytes.

    Raises:
        ValueError: If the content is no message of such fields.
    """
    fields: dict[int, list] = {}
    position = 0
    while position < len(content):
        tag, position = _whole_number(content, position)
        number, kind = tag >> 3, tag & 7
        value, piece = 0, b""
        if kind == 0:
            value, position = _whole_number(content, position)
        elif kind in (1, 2):
            size, position = (8, position) if kind == 1 else _whole_number(content, position)
            piece, position = content[position : position + size], position + size
        if kind > 2 or position > len(content):
            raise ValueError(
                "a message must consist of whole numbers, doubles, texts and messages, but field "
                f"{number} is of kind {kind} and ends at byte {position} of {len(content)}. "
                "Check where it comes from."
            )
        of_kind = value if kind == 0 else DOUBLE.unpack(piece)[0] if kind == 1 else piece
        fields.setdefault(number, []).append(of_kind)
    return fields


def _whole_number(content: bytes, position: int) -> tuple[int, int]:
    """A number in groups of seven bits, the lowest first, and the position after it."""
    value = 0
    for place, byte in enumerate(content[position : position + 10]):
        value |= (byte & 127) << 7 * place
        if byte < 128:
            return value, position + place + 1
    raise ValueError(
        "a message must hold its numbers whole, but the last one does not end. "
        "Check where it comes from."
    )
