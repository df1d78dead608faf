"""Files of arrays: numbers and texts come back, anything else is refused. Files that would run
something are in test_loading."""

from pathlib import Path

import numpy as np
import pytest

from nas_tutorial.files import read_arrays, required_arrays


@pytest.fixture
def path(tmp_path):
    return tmp_path / "file.npz"


def test_numbers_and_texts_come_back(path):
    np.savez_compressed(path, numbers=np.arange(6.0).reshape(2, 3), names=np.array(["größe"]))
    found = read_arrays(path)
    assert set(found) == {"numbers", "names"}
    assert found["numbers"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert found["names"].tolist() == ["größe"]


def test_a_file_that_was_cut_off_is_refused_wherever(path):
    np.savez(path, np.arange(50))
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"file\.npz must be a whole .* Take it anew"):
            read_arrays(path)


@pytest.mark.parametrize("content", [b"", b"number,accuracy\n", b"PK\x03\x04 a zip that is none"])
def test_other_files_are_refused(path, content):
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"file\.npz must be a whole"):
        read_arrays(path)


def test_a_single_array_is_refused(path):
    with path.open("wb") as file:
        np.save(file, np.arange(3))
    with pytest.raises(ValueError, match=r"file\.npz must be a whole"):
        read_arrays(path)


def test_no_file(path):
    with pytest.raises(FileNotFoundError):
        read_arrays(path)


EXPECTED = {"names": ("U", ("n",)), "values": ("f", ("n", 2, "seeds"))}
ARRAYS = {"names": np.array(["a", "b"]), "values": np.ones((2, 2, 5), "float32")}


def required(arrays, expected=EXPECTED):
    return required_arrays(Path("a.npz"), arrays, expected, advice="Take another.")


def test_arrays_of_the_right_types_and_shapes_are_taken():
    found = required({**ARRAYS, "more": np.zeros(3)})
    assert list(found) == ["names", "values"] and found["values"] is ARRAYS["values"]
    required(ARRAYS, {"values": ("float32", (2, 2, 5))})


@pytest.mark.parametrize(
    "changed",
    [
        {"names": np.array([1, 2])},
        {"names": np.array(["a"])},
        {"values": np.ones((2, 2), "float32")},
        {"values": np.ones((2, 3, 5), "float32")},
        {"values": np.ones((2, 2, 5), int)},
        {"values": np.array(3.0)},
    ],
)
def test_arrays_of_other_types_or_shapes_are_refused(changed):
    ((name, _),) = changed.items()
    with pytest.raises(ValueError, match=rf"a.npz must hold ({name}|values) .* Take another\."):
        required({**ARRAYS, **changed})
    without = {key: value for key, value in ARRAYS.items() if key != name}
    with pytest.raises(ValueError, match=f"a.npz must hold {name} of type"):
        required(without)


def test_another_size_of_the_type_is_refused_where_it_is_named():
    with pytest.raises(ValueError, match=r"must hold values of type float64 .* got float32"):
        required(ARRAYS, {"values": ("float64", (2, 2, 5))})
