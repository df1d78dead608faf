import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from nas_tutorial.history import History, ask_record, read_records, tell_record
from nas_tutorial.loop.search import search
from nas_tutorial.loop.store import Store
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.strategies.random_search import RandomSearch
from nas_tutorial.strategies.regularized_evolution import RegularizedEvolution
from tests import ROOT
from tests.permissions import may_write, without_privileges
from tests.toys import evaluated, noisy

SEARCH = {"strategy": "genetic", "seed": 0, "constraints": (("parameters", 9),)}


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "store.jsonl"


def written(path, *records, search=SEARCH) -> bytes:
    with Store(path, search) as store:
        for record in records:
            store.append(record)
    return path.read_bytes()


def in_another_process(code: str, *arguments, **settings) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **settings,
    )


HOLD = """
import sys, time
from nas_tutorial.loop.store import Store
with Store(sys.argv[1], {}) as store:
    store.append({"ask": 0})
    print("open", flush=True)
    time.sleep(60)
"""


def test_a_new_file_begins_with_the_search(path):
    written(path)
    assert read_records(path) == [{"search": json.loads(json.dumps(SEARCH))}]


def test_what_was_appended_comes_back_in_order(path):
    written(path, {"ask": 0}, {"ask": 1}, {"tell": 1})
    with Store(path, SEARCH) as store:
        assert store.records == [{"ask": 0}, {"ask": 1}, {"tell": 1}]
        store.append({"tell": 0})
    with Store(path, SEARCH) as store:
        assert store.records[3:] == [{"tell": 0}]


def test_a_record_is_in_the_file_when_append_returns(path):
    with Store(path, SEARCH) as store:
        for number in range(3):
            store.append({"ask": number})
            assert read_records(path)[-1] == {"ask": number}


def open_here() -> set[Path]:
    """The files that this process holds open."""
    links = Path("/proc/self/fd").iterdir()
    return {Path(os.readlink(link)) for link in links if link.is_symlink()}


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="asks Linux what is open")
def test_the_file_is_closed_between_records(path):
    """A mounted drive may upload a file only once it is closed."""
    with Store(path, SEARCH) as store:
        store.append({"ask": 0})
        assert path not in open_here()
        assert store._lock.is_locked


def kept_beside(path: Path, caught) -> Path:
    """The file that an error names, in the folder of the store."""
    others = set(path.parent.iterdir()) - {path}
    (copy,) = (file for file in others if file.name in str(caught.value))
    return copy


def taken_away(path: Path) -> None:
    path.unlink()


def older(path: Path) -> None:
    """A sync tool puts a copy in its place that has a record less."""
    replaced(path, path.read_bytes()[: -len(b'{"ask": 1}\n')])


def of_another_search(path: Path) -> None:
    replaced(path, path.read_bytes().replace(b"1", b"2"))


def longer(path: Path) -> None:
    """Another search writes to the same file: over a hard link, or since the lock was removed."""
    with path.open("ab") as file:
        file.write(b'{"ask": 2}\n')


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def torn(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-3])


def folder_taken_away(path: Path) -> None:
    shutil.rmtree(path.parent)


def replaced(path: Path, content: bytes) -> None:
    other = path.with_name("other")
    other.write_bytes(content)
    other.replace(path)


@pytest.mark.parametrize(
    "happens", [taken_away, older, of_another_search, longer, emptied, torn, folder_taken_away]
)
def test_what_is_no_longer_its_file_is_left_alone_and_all_records_are_kept_beside(
    tmp_path, happens
):
    path = tmp_path / "folder" / "store.jsonl"
    with Store(path, SEARCH) as store:
        store.append({"ask": 0})
        store.append({"ask": 1})
        happens(path)
        there = path.read_bytes() if path.exists() else None
        with pytest.raises(
            RuntimeError, match=r"must hold what this search wrote, .* to go on"
        ) as caught:
            store.append({"tell": 0})
    assert (path.read_bytes() if path.exists() else None) == there
    copy = kept_beside(path, caught)
    assert read_records(copy)[1:] == [{"ask": 0}, {"ask": 1}, {"tell": 0}]
    written(copy, {"ask": 3})  # which goes on


def test_a_search_whose_file_was_swapped_goes_on_with_the_copy(path):
    older = []

    def meddled_with(candidate, *, seed):
        """`noisy`; at the third trial an older copy of the file takes its place."""
        older.append(path.read_bytes())
        if len(older) == 3:
            replaced(path, older[0])
        return noisy(candidate, seed=seed)

    meddled_with.__qualname__ = noisy.__qualname__
    space = EdgeCellSpace()
    with pytest.raises(RuntimeError, match="must hold what this search wrote") as caught:
        search(RandomSearch(space), meddled_with, trials=6, store=path, progress=False)
    copy = kept_beside(path, caught)
    alone = search(RandomSearch(space), noisy, trials=6, progress=False)
    assert History.load(copy) == alone[:3]
    assert search(RandomSearch(space), noisy, trials=6, store=copy, progress=False) == alone
    assert path.read_bytes() == older[0]


def test_of_two_searches_over_a_hard_link_one_stops_and_nothing_is_lost(tmp_path):
    one, other = tmp_path / "one.jsonl", tmp_path / "other.jsonl"
    written(one)
    os.link(one, other)
    with Store(one, SEARCH) as first, Store(other, SEARCH) as second:
        first.append({"ask": 0})
        with pytest.raises(RuntimeError, match="must hold what this search wrote") as caught:
            second.append({"ask": 7})
        first.append({"tell": 0})
    assert read_records(one)[1:] == [{"ask": 0}, {"tell": 0}]
    assert read_records(kept_beside(other, caught))[1:] == [{"ask": 7}]


def test_a_device_or_a_pipe_is_no_store(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (Path(os.devnull), tmp_path / "pipe"):
        with pytest.raises(OSError, match="must be a file, but is something else"):
            written(path)


def test_numbers_that_an_evaluator_describes_itself_by_become_pythons(path):
    content = written(path, search={"epochs": np.int64(5), "rate": np.float32(0.5)})
    assert json.loads(content) == {"search": {"epochs": 5, "rate": 0.5}}
    with pytest.raises(ValueError, match=r"describe\(\) returns must be .* got Path\('|PosixPath"):
        Store(path, {"data": path})


def test_what_a_full_disk_cut_off_is_dropped_by_the_next_record(path):
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Store(path, SEARCH) as store:
        whole = path.read_bytes()
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole) + 4, before[1]))
        try:
            with pytest.raises(OSError, match=r"store\.jsonl must be written .* Make room on the"):
                store.append({"ask": 0})
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert path.read_bytes() == whole + b'{"as'
        store.append({"ask": 1})
    assert path.read_bytes() == whole + b'{"ask": 1}\n'


class FullDisk:
    """A file on a disk that is full: half of what is written arrives, and then the error."""

    def __init__(self, file, number: int):
        self._file, self._number = file, number

    def __enter__(self) -> "FullDisk":
        return self

    def __exit__(self, *exception):
        self._file.close()

    def __getattr__(self, name):
        return getattr(self._file, name)

    def write(self, content: bytes):
        self._file.write(content[: len(content) // 2])
        raise OSError(self._number, os.strerror(self._number))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_on_a_full_disk_a_search_keeps_what_it_had_and_says_what_to_do(path, monkeypatch, number):
    def strategy():
        return RegularizedEvolution(EdgeCellSpace(), population_size=3, tournament_size=2)

    opened = Path.open
    with monkeypatch.context() as full, pytest.raises(OSError) as caught:
        full.setattr(Path, "open", lambda self, mode="r", **settings: (
            FullDisk(opened(self, mode), number)
            if self == path and mode == "r+b" and path.stat().st_size > 2000
            else opened(self, mode, **settings)
        ))  # fmt: skip
        search(strategy(), noisy, trials=12, store=path, progress=False)
    assert caught.value.errno == number
    assert "What this one holds stays, and the same search with it goes on" in str(caught.value)
    assert 2 < len(History.load(path)) < 11
    assert not path.read_bytes().endswith(b"\n")  # half a line, which is dropped:
    alone = search(strategy(), noisy, trials=12, progress=False)
    assert search(strategy(), noisy, trials=12, store=path, progress=False) == alone


def test_folders_are_made(tmp_path):
    path = tmp_path / "deep" / "er" / "store.jsonl"
    written(path)
    assert path.exists()


@pytest.mark.parametrize("kept_bytes", [0, 1, 9])
def test_a_torn_last_line_is_dropped_and_overwritten(path, kept_bytes):
    whole = written(path, {"ask": 0})
    path.write_bytes(whole + b'{"tell": 0}\n'[:kept_bytes])
    with Store(path, SEARCH) as store:
        assert store.records == [{"ask": 0}]
        store.append({"tell": 1})
    assert path.read_bytes() == whole + b'{"tell": 1}\n'


def test_a_line_torn_within_a_character_is_dropped(path):
    whole = written(path)
    path.write_bytes(whole + '{"ask": "é'.encode()[:-1])
    written(path, {"ask": 0})
    assert path.read_bytes() == whole + b'{"ask": 0}\n'


def test_a_torn_first_line_is_written_anew(path):
    whole = written(path)
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        assert written(path) == whole


def test_the_difference_to_another_search_is_named(path):
    before = written(path, {"ask": 0})
    other = {**SEARCH, "seed": 1}
    with pytest.raises(ValueError, match="seed is 0 there and 1 here") as caught:
        written(path, search=other)
    assert "strategy" not in str(caught.value)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == before


def test_all_differences_are_named(path):
    written(path)
    with pytest.raises(ValueError, match=r"strategy is 'genetic' there and 'x' here; seed is 0"):
        written(path, search={**SEARCH, "strategy": "x", "seed": 2})


def test_a_setting_that_the_file_does_not_know_is_named(path):
    written(path)
    with pytest.raises(ValueError, match="epochs is None there and 5 here"):
        written(path, search={**SEARCH, "epochs": 5})


@pytest.mark.parametrize(
    "content",
    [
        b"a shopping list\nmilk\n",
        b"[1, 2]\n",
        b"\n",
        b'{"ask": 0}\n',
        b'{"search": 3}\n',
        bytes(range(256)) + b"\n",
        b"[" * 100_000 + b"\n",
        b"one line without a line break at its end",
        b'{"name": "a package", "version": "1.0"}',
    ],
    ids=["text", "list", "blank", "no header", "bad header", "bytes", "deep", "unended", "json"],
)
def test_a_foreign_file_is_refused_and_left_alone(path, content):
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"must (hold|begin with|belong to)"):
        written(path)
    assert path.read_bytes() == content


def test_a_broken_line_in_the_middle_is_refused_by_its_number(path):
    content = written(path, {"ask": 0}) + b"\x00\x00\x00\n" + b'{"tell": 0}\n'
    path.write_bytes(content)
    with pytest.raises(ValueError, match="line 3"):
        written(path)
    assert path.read_bytes() == content


def test_a_second_store_of_the_same_file_is_refused(path):
    with Store(path, SEARCH) as store:
        with pytest.raises(RuntimeError, match=r"one search at a time.*Wait for that one"):
            written(path)
        store.append({"ask": 0})  # the first one goes on
    assert read_records(path)[1:] == [{"ask": 0}]


def test_two_files_in_one_folder_do_not_shut_each_other_out(tmp_path):
    with Store(tmp_path / "a.jsonl", SEARCH), Store(tmp_path / "b.jsonl", SEARCH):
        pass


def test_the_file_is_free_again_after_an_error(path):
    with pytest.raises(KeyError), Store(path, SEARCH):
        raise KeyError
    refused = Store(path, {**SEARCH, "seed": 1})  # alive, so nothing is tidied up behind its back
    with pytest.raises(ValueError, match="seed"):
        refused.__enter__()
    written(path)
    assert refused.path == path


def test_another_process_is_kept_out(path):
    code = (
        "import sys; from nas_tutorial.loop.store import Store; Store(sys.argv[1], {}).__enter__()"
    )
    with Store(path, {}):
        process = in_another_process(code, path)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert errors.splitlines()[-1].startswith("RuntimeError: ")
    assert "one search at a time" in errors


def test_the_lock_ends_with_the_process_that_held_it(path):
    process = in_another_process(HOLD, path)
    try:
        assert process.stdout.readline() == "open\n"
        with pytest.raises(RuntimeError, match="one search at a time"):
            written(path, search={})
    finally:
        process.kill()
        process.communicate(timeout=60)
    with Store(path, {}) as store:
        assert store.records == [{"ask": 0}]


@pytest.fixture
def no_locks(monkeypatch):
    """A file system that has no locks, as some that are mounted from elsewhere."""
    fcntl = pytest.importorskip("fcntl")

    def refused(*_):
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", refused)


@pytest.mark.filterwarnings("ignore:flock not supported")
def test_it_works_on_a_file_system_without_locks(path, no_locks):
    written(path, {"ask": 0})
    with Store(path, SEARCH) as store:
        assert store.records == [{"ask": 0}]
        store.append({"tell": 0})
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.filterwarnings("ignore:flock not supported")
def test_the_mark_that_a_lost_machine_left_there_is_named(path, no_locks):
    written(path)
    mark = path.with_name(f".{path.name}.lock")
    mark.write_text("1\nanother-machine\n")
    with pytest.raises(RuntimeError, match="one search at a time") as caught:
        written(path)
    assert str(caught.value).endswith(f"has no locks: if no search runs, delete {mark}.")
    mark.unlink()
    written(path)


def test_a_folder_that_cannot_be_written_is_an_os_error():
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o555)
        try:
            with without_privileges():
                if may_write(folder):
                    pytest.skip("this user may write everywhere")
                with pytest.raises(PermissionError, match=r"store\.jsonl must .* you may write"):
                    written(Path(folder) / "store.jsonl")
        finally:
            os.chmod(folder, 0o755)
        assert os.listdir(folder) == []


def test_a_store_that_became_read_only_ends_the_search_with_advice_and_can_go_on(path, monkeypatch):
    opened = Path.open

    def protected(self, mode="r", **settings):
        if self == path and mode == "r+b" and len(History.load(path)) == 3:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        return opened(self, mode, **settings)

    with monkeypatch.context() as mounted, pytest.raises(OSError, match=r"Read-only .* may write"):
        mounted.setattr(Path, "open", protected)
        search(RandomSearch(EdgeCellSpace()), noisy, trials=6, store=path, progress=False)
    alone = search(RandomSearch(EdgeCellSpace()), noisy, trials=6, progress=False)
    assert History.load(path) == alone[:3]
    again = search(RandomSearch(EdgeCellSpace()), noisy, trials=6, store=path, progress=False)
    assert again == alone


def test_a_folder_in_place_of_the_file_is_an_os_error(tmp_path):
    with pytest.raises(OSError):
        written(tmp_path)


def test_a_file_in_place_of_the_folder_is_an_os_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError):
        written(tmp_path / "file" / "store.jsonl")


def test_history_reads_a_store_of_a_search_that_goes_on(path):
    strategy = RandomSearch(EdgeCellSpace())
    trials = [evaluated(number, strategy.ask(), noisy) for number in range(3)]
    with Store(path, SEARCH) as store:
        for trial in trials:
            store.append(ask_record(trial.number, trial.candidate, trial.seed))
        store.append(tell_record(trials[1]))
        assert list(History.load(path)) == [trials[1]]


# Identity by content

NOW = {"dataset": "digits", "dataset_digest": "d" * 16, "space_digest": "5" * 16, "epochs": 5}


@pytest.mark.parametrize("name", ["dataset_digest", "space_digest"])
def test_other_data_or_another_space_of_the_same_name_is_another_search(path, name):
    content = written(path, {"ask": 0}, search=NOW)
    expected = rf"same search, but {name} is '.*' there and 'other' here\. Use the same data"
    with pytest.raises(ValueError, match=expected), Store(path, {**NOW, name: "other"}):
        pass
    assert path.read_bytes() == content


def test_a_store_that_does_not_say_what_its_data_are_is_refused(path):
    written(path, {"ask": 0}, search={"dataset": "mine", "epochs": 5})
    expected = r"dataset_digest is None there and 'd{16}' here.*or name a new file"
    with pytest.raises(ValueError, match=expected), Store(path, {**NOW, "dataset": "mine"}):
        pass
