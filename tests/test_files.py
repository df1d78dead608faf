"""Files: arrays come back, anything else is refused, and a file is written whole or not at all.
Files that would run something are in test_loading. Whatever becomes of a progress bar, work goes on."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from nas_tutorial.files import Bar, read_arrays, replacing, required_arrays
from tests import ROOT


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


# Files that are replaced


def leftovers(folder) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


def test_a_new_file_is_there_once_it_is_whole(path):
    with replacing(path) as new:
        assert new.parent == path.parent and new.suffix == path.suffix
        np.savez(new, numbers=np.arange(3))
        assert not path.exists()
    assert read_arrays(path)["numbers"].tolist() == [0, 1, 2]
    assert leftovers(path.parent) == {"file.npz"}


def test_the_new_file_takes_the_place_of_the_old_one(path):
    path.write_text("old")
    with replacing(str(path)) as new:
        new.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert leftovers(path.parent) == {"file.npz"}


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_where_the_block_raises_the_old_file_stays(path, error):
    path.write_text("old")
    with pytest.raises(error), replacing(path) as new:
        new.write_text("half of the ne")
        raise error
    assert path.read_text() == "old"
    assert leftovers(path.parent) == {"file.npz"}


def test_where_the_block_raises_before_it_writes_nothing_is_left(path):
    with pytest.raises(RuntimeError), replacing(path):
        raise RuntimeError
    assert leftovers(path.parent) == set()


def test_a_folder_is_refused_and_untouched(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "kept").write_text("kept")
    with pytest.raises(OSError, match=r"must be a file, but .* a folder or a device\. Name"):
        enter(folder)
    assert (folder / "kept").read_text() == "kept" and leftovers(tmp_path) == {"folder"}


def test_a_device_is_refused_and_untouched():
    before = os.stat(os.devnull)
    with pytest.raises(OSError, match="must be a file"):
        enter(os.devnull)
    assert os.stat(os.devnull).st_mode == before.st_mode


def test_a_pipe_is_refused_and_untouched(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="must be a file"):
        enter(pipe)
    assert pipe.is_fifo() and leftovers(tmp_path) == {"pipe"}


def enter(path) -> None:
    with replacing(path) as new:
        new.write_text("new")


def test_a_link_is_followed_and_stays_a_link(tmp_path):
    for folder in ("here", "there"):
        (tmp_path / folder).mkdir()
    target, link = tmp_path / "there" / "file", tmp_path / "here" / "link"
    target.write_text("old")
    link.symlink_to(target)
    enter(link)
    assert link.is_symlink() and target.read_text() == "new"
    assert leftovers(link.parent) == {"link"} and leftovers(target.parent) == {"file"}


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755])
def test_permissions_are_kept(path, mode):
    path.write_text("old")
    path.chmod(mode)
    enter(path)
    assert path.read_text() == "new" and path.stat().st_mode & 0o777 == mode


def test_of_two_writers_at_once_the_last_to_end_wins_and_nobody_reads_half(path):
    with replacing(path) as first, replacing(path) as second:
        assert first != second
        second.write_text("second" * 1000)
        first.write_text("first" * 1000)
    assert path.read_text() == "first" * 1000  # the outer block ends last
    assert leftovers(path.parent) == {"file.npz"}


def test_many_writers_and_a_reader_at_once(path):
    texts = [str(number) * 10_000 for number in range(8)]
    path.write_text(texts[0])

    def write(text: str) -> None:
        for _ in range(20):
            with replacing(path) as new:
                new.write_text(text)

    with ThreadPoolExecutor(len(texts)) as executor:
        writers = [executor.submit(write, text) for text in texts]
        while not all(writer.done() for writer in writers):
            assert path.read_text() in texts
        for writer in writers:
            writer.result()
    assert leftovers(path.parent) == {"file.npz"}


def test_a_folder_that_does_not_exist_is_not_made(tmp_path):
    with pytest.raises(FileNotFoundError):
        enter(tmp_path / "missing" / "file")
    assert leftovers(tmp_path) == set()


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


# Progress bars

SEARCH = """
import io, os, sys
from nas_tutorial.loop.search import search
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.strategies.random_search import RandomSearch
from nas_tutorial.trials import Objective, Result

def measure(candidate, *, seed):
    return Result({"Präzision": 0.5}, 1.0)

if sys.argv[2] == "closed by the program":
    sys.stderr.close()
if sys.argv[2] == "strict":
    sys.stderr = io.TextIOWrapper(sys.stderr.buffer, encoding="ascii")
strategy = RandomSearch(ChainSpace(2), objective=Objective("Präzision"))
history = search(strategy, measure, trials=300)
with open(sys.argv[1], "w") as file:
    file.write(f"{len(history)} trials")
"""
SHELL = {
    "no stderr": "2>&-",
    "no stream at all": "<&- >&- 2>&-",
    "closed by the program": "",
    "strict": "",
    "a full disk": "2>/dev/full",
    "nobody reads": "2>&1 | true",
}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a shell and Linux's /dev/full")
@pytest.mark.parametrize("streams", list(SHELL))
def test_a_search_needs_no_standard_stream(streams, tmp_path):
    (tmp_path / "search.py").write_text(SEARCH, encoding="utf-8")
    subprocess.run(
        ["sh", "-c", f'"$0" search.py done "$1" {SHELL[streams]}', sys.executable, streams],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=120,
    )
    assert (tmp_path / "done").read_text() == "300 trials"


def test_a_bar_is_drawn_where_it_can_be(capsys):
    with Bar(total=3, unit="fig") as bar:
        bar.update(3)
    assert "3/3" in capsys.readouterr().err
    assert list(Bar("abc", disable=True)) == ["a", "b", "c"]
    assert capsys.readouterr().err == ""


def test_a_bar_that_can_no_longer_be_drawn_counts_on(monkeypatch, capsys):
    def gone(*_):
        raise BrokenPipeError

    with Bar(total=9, mininterval=0) as bar:
        bar.update()
        monkeypatch.setattr(bar.fp, "write", gone)
        monkeypatch.setattr(bar, "sp", gone)
        for _ in range(4):
            bar.update()
    assert "1/9" in capsys.readouterr().err
