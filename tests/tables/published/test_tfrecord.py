"""Records come back as TensorFlow wrote them, messages as Google's library did; else an error."""

import io
import struct

import pytest

from nas_tutorial.tables.published.tfrecord import (
    LONGEST,
    masked_checksum,
    read_message,
    read_records,
)

CONTENTS = [b"", b"\0", b"a record", bytes(range(256)) * 2, b"x" * LONGEST]


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> bytes:
    """A file that TensorFlow wrote."""
    import tensorflow

    path = tmp_path_factory.mktemp("tfrecord") / "file.tfrecord"
    with tensorflow.io.TFRecordWriter(str(path)) as writer:
        for content in CONTENTS:
            writer.write(content)
    return path.read_bytes()


def read(content: bytes) -> list[bytes]:
    return list(read_records(io.BytesIO(content), "file.tfrecord"))


@pytest.mark.parametrize(
    ("content", "crc"),
    [
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(range(31, -1, -1)), 0x113FDB5C),
    ],
)
def test_the_checksum_is_that_of_the_standard(content, crc):  # RFC 3720, appendix B.4
    rotated = (masked_checksum(content) - 0xA282EAD8) % 2**32
    assert (rotated << 15 | rotated >> 17) % 2**32 == crc


def test_what_tensorflow_wrote_comes_back(whole):
    assert read(whole) == CONTENTS


def test_an_empty_file_has_no_records():
    assert read(b"") == []


def test_a_file_that_ends_inside_a_record_is_refused(whole):
    ends, position = [], 0
    for content in CONTENTS:
        ends.append(position)
        position += 16 + len(content)
    for start, content in zip(ends, CONTENTS):
        for length in {1, 11, 12, 12 + len(content), 15 + len(content)}:
            with pytest.raises(ValueError, match=f"ends inside the one at byte {start:,}. Down"):
                read(whole[: start + length])


def test_damage_is_found_wherever_it_is(whole):
    start = 16 + 17  # of the third record, "a record"
    for place in range(24):
        damaged = bytearray(whole)
        damaged[start + place] ^= 1
        expected = "is no such record" if place < 12 else "agree with its checksums"
        with pytest.raises(ValueError, match=expected) as error:
            read(bytes(damaged))
        assert f"at byte {start} " in str(error.value)


def test_another_file_is_refused():
    for content in (b"PK\3\4" + bytes(100), b"architecture,accuracy\n" * 9):
        with pytest.raises(ValueError, match=r"file.tfrecord must be a TFRecord file.*at byte 0 "):
            read(content)


def test_a_record_that_is_too_long_is_refused_before_it_is_read():
    length = struct.pack("<Q", LONGEST + 1)
    header = length + struct.pack("<I", masked_checksum(length))
    with pytest.raises(ValueError, match=f"at most {LONGEST:,} bytes"):
        read(header)


@pytest.fixture(scope="module")
def message_class():
    """A message with every kind of field that is read, made by Google's library."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    file = descriptor_pb2.FileDescriptorProto(name="kinds.proto", package="kinds", syntax="proto2")
    message, field = file.message_type.add(name="Kinds"), descriptor_pb2.FieldDescriptorProto
    for number, (name, kind) in enumerate(
        [
            ("number", field.TYPE_INT64), ("double", field.TYPE_DOUBLE),
            ("text", field.TYPE_STRING), ("inside", field.TYPE_MESSAGE),
            ("short", field.TYPE_FLOAT),
        ],
        start=14,
    ):  # fmt: skip
        repeated = message.field.add(name=name, number=number, type=kind)
        repeated.label = field.LABEL_REPEATED
        if kind == field.TYPE_MESSAGE:
            repeated.type_name = ".kinds.Kinds"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("kinds.Kinds"))


NUMBERS = [0, 1, 127, 128, 8_555_530, 2**31 - 1, 2**63 - 1]
DOUBLES = [0.0, -1.5, 0.1, 1e300]


def test_messages_are_read_as_googles_library_wrote_them(message_class):
    inside = message_class(number=[7], double=[0.25])
    message = message_class(
        number=NUMBERS, double=DOUBLES, text=["", "model.ckpt-1"], inside=[inside]
    )
    fields = read_message(message.SerializeToString())
    assert fields[14] == NUMBERS
    assert fields[15] == DOUBLES
    assert fields[16] == [b"", b"model.ckpt-1"]
    assert [read_message(part) for part in fields[17]] == [{14: [7], 15: [0.25]}]
    assert read_message(b"") == {}


def test_other_kinds_of_fields_are_refused(message_class):
    with pytest.raises(ValueError, match="field 18 is of kind 5"):
        read_message(message_class(short=[1.0]).SerializeToString())


def test_a_message_that_was_cut_is_refused(message_class):
    double = message_class(double=[0.5]).SerializeToString()
    text = message_class(text=["a text"]).SerializeToString()
    for content in (double[:-1], text[:-1]):
        with pytest.raises(ValueError, match=f"ends at byte .* of {len(content)}. Check where"):
            read_message(content)
    for content in (message_class(number=[300]).SerializeToString()[:-1], b"\xff" * 20):
        with pytest.raises(ValueError, match="the last one does not end"):
            read_message(content)
