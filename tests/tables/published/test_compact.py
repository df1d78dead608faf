"""A benchmark's file is read once, and what was made of it is taken for nothing else."""

import numpy as np
import pytest

from nas_tutorial.tables.published.compact import (
    MADE_BY,
    MADE_FROM,
    converted,
    num_bytes,
)

VERSION = "a benchmark, 1"


class Converter:
    """Counts the bytes of a file, and how often it was asked to."""

    def __init__(self):
        self.times = 0

    def __call__(self, path):
        self.times += 1
        return {"sizes": np.array([num_bytes(path)]), "names": np.array(["größe"])}


@pytest.fixture
def official(tmp_path):
    path = tmp_path / "official.tfrecord"
    path.write_bytes(b"12345")
    return path


def test_a_file_is_converted_once(official):
    convert = Converter()
    first = converted(official, None, convert, version=VERSION)
    second = converted(official, None, convert, version=VERSION)
    assert convert.times == 1
    assert set(first) == set(second) == {"sizes", "names"}
    assert first["sizes"] == second["sizes"] == [5]
    assert second["names"].tolist() == ["größe"]
    beside = {path.name for path in official.parent.iterdir()}
    assert beside == {"official.tfrecord", "official.tfrecord.npz"}


def test_the_compact_file_goes_where_it_is_told(official, tmp_path):
    convert, there = Converter(), tmp_path / "there.npz"
    for _ in range(2):
        converted(official, there, convert, version=VERSION)
    assert convert.times == 1 and there.exists()
    assert not official.with_name("official.tfrecord.npz").exists()


def test_the_compact_file_does_without_the_official_one(official):
    convert = Converter()
    converted(official, None, convert, version=VERSION)
    official.unlink()
    for path in (official, official.with_name("official.tfrecord.npz")):
        assert converted(path, None, convert, version=VERSION)["sizes"] == [5]
    assert convert.times == 1


def test_a_file_of_another_size_is_converted_anew(official):
    convert = Converter()
    converted(official, None, convert, version=VERSION)
    official.write_bytes(b"123")
    assert converted(official, None, convert, version=VERSION)["sizes"] == [3]


def test_a_folder_is_as_large_as_its_files(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.pickle").write_bytes(b"12")
    assert converted(folder, None, Converter(), version=VERSION)["sizes"] == [6]
    assert (tmp_path / "folder.npz").exists()


def test_no_file_at_all_is_refused(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"no.tfrecord must be the .* Download the official"
    ):
        converted(tmp_path / "no.tfrecord", None, Converter(), version=VERSION)
    with pytest.raises(FileNotFoundError, match="Download the official"):
        converted(tmp_path / "no.npz", None, Converter(), version=VERSION)


def test_what_is_no_compact_file_is_refused_and_stays(official, tmp_path):
    other = {"text": b"not at all", "empty": b"", "array": None, "of another": None}
    for name, content in other.items():
        path = tmp_path / f"{name}.npz"
        if content is not None:
            path.write_bytes(content)
        elif name == "array":
            with path.open("wb") as stream:
                np.save(stream, np.ones(3))
        else:
            converted(official, path, Converter(), version="another benchmark, 1")
        before = path.read_bytes()
        for source in (official, path):
            with pytest.raises(ValueError, match=f"{name}.npz must be .*'a benchmark, 1'.*Move it"):
                converted(source, path, Converter(), version=VERSION)
        assert path.read_bytes() == before


def test_a_compact_file_that_does_not_say_of_what_it_was_made_is_refused(tmp_path):
    path = tmp_path / "a.npz"
    for marks in ({}, {MADE_FROM: np.array([1, 2])}):
        np.savez(path, sizes=np.ones(3), **{MADE_BY: VERSION}, **marks)
        with pytest.raises(ValueError, match=r"a\.npz must be .*'a benchmark, 1'"):
            converted(path, None, Converter(), version=VERSION)


def test_a_conversion_that_fails_leaves_nothing(official):
    def fails(path):
        raise ValueError("damaged")

    with pytest.raises(ValueError, match="damaged"):
        converted(official, None, fails, version=VERSION)
    assert [path.name for path in official.parent.iterdir()] == ["official.tfrecord"]
