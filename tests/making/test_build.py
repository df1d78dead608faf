"""Building goes on where it stopped, and loses nothing that was measured."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import filelock
import numpy as np
import pytest

from nas_tutorial.evaluators.one_program import training
from nas_tutorial.making import build
from nas_tutorial.making.build import (
    alone_in,
    build_shard,
    build_table,
    note_checksum,
    read_journal,
)
from nas_tutorial.making.score import score_table
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.tables import course_table
from nas_tutorial.tables.course_table import CHECKSUMS, Shard, checksum, require_checksums
from tests import ROOT
from tests.tables.shards import COSTS, made_up, write

SPACE = EdgeCellSpace()


class Quick:
    """Stands for the evaluator: nothing is trained."""

    def costs(self, architecture):
        return COSTS


@pytest.fixture
def quick(monkeypatch):
    """A workplace in which measuring takes no time; counts what is measured."""
    first, _ = course_table.networks(SPACE)
    number = {architecture: row for row, architecture in enumerate(first)}
    measured = []

    def measure(evaluator, architecture, test, *, seed):
        measured.append((number[architecture], seed))
        record = made_up(number[architecture], seed)
        del record["row"]
        return record

    monkeypatch.setattr(build, "_workplace", lambda: (first, Quick(), None))
    monkeypatch.setattr(build, "measure", measure)
    return measured


def test_a_shard_goes_on_where_its_journal_ends(tmp_path, quick):
    shard = Shard(seed=0, number=0)
    assert build_shard(shard, tmp_path, tmp_path, deadline=float("inf"))
    journal = tmp_path / "seed0-00.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    assert len(lines) == course_table.SHARD_SIZE == len(quick)
    whole = dict(np.load(tmp_path / "seed0-00.npz"))
    journal.write_bytes(b"".join(lines[:100]) + lines[100][:20])  # a kill in the middle of a line
    (tmp_path / "seed0-00.npz").unlink()
    quick.clear()
    assert build_shard(shard, tmp_path, tmp_path, deadline=float("inf"))
    assert [row for row, _ in quick] == list(range(100, 250))
    again = dict(np.load(tmp_path / "seed0-00.npz"))
    assert again.keys() == whole.keys()
    for name, values in whole.items():
        np.testing.assert_array_equal(again[name], values)


def test_time_over_keeps_what_is_done(tmp_path, quick):
    assert not build_shard(Shard(0, 1), tmp_path, tmp_path, deadline=0)
    assert not list(tmp_path.glob("*.npz"))
    assert read_journal(tmp_path / "seed0-01.jsonl") == {}


def test_the_last_shard_is_shorter(tmp_path, quick):
    build_shard(Shard(1, 35), tmp_path, tmp_path, deadline=float("inf"))
    rows = np.load(tmp_path / "seed1-35.npz")["row"]
    assert rows.tolist() == list(range(8750, 8765))


@pytest.mark.parametrize("line", ["a text", "[1]", '{"number": 3}', '{"row": "3"}', "[" * 9999])
def test_a_damaged_journal_is_refused(tmp_path, line):
    journal = tmp_path / "seed0-00.jsonl"
    journal.write_text(f'{{"row": 0}}\n{line}\n{{"row": 1}}\n')
    with pytest.raises(ValueError, match=r"seed0-00.jsonl must hold one record .* Delete the line"):
        read_journal(journal)


def test_a_torn_journal_is_cut_and_not_written_anew(tmp_path):
    """A file that grows too large, as on a full disk, must not cost the records that are there."""
    journal = tmp_path / "seed0-00.jsonl"
    whole = "".join(json.dumps({"row": row, "x": "y" * 150}) + "\n" for row in range(200))
    journal.write_text(whole + '{"row": 2')
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        assert list(read_journal(journal)) == list(range(200))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert journal.read_text() == whole


def test_noting_a_file_says_nothing_new_of_others(tmp_path):
    """Else a damaged file would be taken for a whole one as soon as the next was built."""
    first, second = (write(Shard(0, number), tmp_path, 500) for number in range(2))
    note_checksum(first)
    before = checksum(first)
    first.write_bytes(first.read_bytes()[:-1] + b"x")
    note_checksum(second)
    lines = (tmp_path / CHECKSUMS).read_text().splitlines()
    assert lines == [f"{before}  seed0-00.npz", f"{checksum(second)}  seed0-01.npz"]
    with pytest.raises(ValueError, match=r"seed0-00\.npz must have the SHA-256"):
        require_checksums(tmp_path)
    note_checksum(first)  # it was built anew
    require_checksums(tmp_path)


def test_a_table_with_a_damaged_shard_is_not_built_further(tmp_path):
    path = write(Shard(0, 0), tmp_path, 250)
    note_checksum(path)
    path.write_bytes(b"damaged")
    with pytest.raises(ValueError, match=r"seed0-00\.npz must have the SHA-256 .* Delete the file"):
        build_table(tmp_path, tmp_path, seeds=range(1), workers=1, minutes=1)


def test_minutes_are_checked_before_anything_is_made(tmp_path):
    with pytest.raises(ValueError, match="minutes must be a finite number at least 0"):
        build_table(tmp_path, tmp_path / "new", seeds=range(1), workers=1, minutes=float("nan"))


@pytest.fixture
def threads(monkeypatch):
    """Workers of this process, which stand for processes: they see what was patched."""
    monkeypatch.setattr(build, "processes", ThreadPoolExecutor)


def test_a_shard_that_a_kill_left_without_a_checksum_gets_one(tmp_path, quick, threads):
    shard = Shard(seed=0, number=0)
    build_shard(shard, tmp_path, tmp_path, deadline=float("inf"))
    quick.clear()
    build_table(tmp_path, tmp_path, seeds=range(1), workers=1, minutes=0)
    assert shard.path(tmp_path).name in (tmp_path / CHECKSUMS).read_text()
    assert not quick  # all of it was in the journal


def test_a_shard_from_elsewhere_is_left_as_it_is(tmp_path, quick, threads):
    """Without a journal nothing says what should be in it."""
    write(Shard(0, 0), tmp_path, 250)
    build_table(tmp_path, tmp_path, seeds=range(1), workers=1, minutes=0)
    assert not quick and not (tmp_path / CHECKSUMS).exists()


def test_a_shard_in_anothers_place_is_not_built_upon(tmp_path, quick, threads):
    write(Shard(0, 1), tmp_path, 500).rename(tmp_path / "seed0-00.npz")
    with pytest.raises(ValueError, match=r"seed0-00\.npz must hold .* networks 0 to 249"):
        build_table(tmp_path, tmp_path, seeds=range(1), workers=1, minutes=0)


@pytest.mark.parametrize("shared", ["table", "journals"])
def test_a_second_build_is_refused_at_once(tmp_path, quick, threads, shared):
    folders = {"table": tmp_path / "table", "journals": tmp_path / "journals"}
    others = {**folders, **{name: tmp_path / f"other {name}" for name in folders if name != shared}}
    with alone_in(*folders.values()):
        with pytest.raises(RuntimeError, match=rf"{shared} must belong to one .* Wait for that"):
            build_table(*others.values(), seeds=range(1), workers=1, minutes=9)
        with pytest.raises(RuntimeError, match=rf"{shared} must belong to one .* Wait for that"):
            score_table(*others.values(), seeds=range(1), minutes=9)
    assert not quick
    build_table(*folders.values(), seeds=range(1), workers=1, minutes=0)


def test_a_lock_that_is_only_a_file_says_how_to_go_on(tmp_path, monkeypatch):
    """As on a network drive, where the machine that made it may be gone."""
    monkeypatch.setattr(filelock, "FileLock", filelock.SoftFileLock)
    with alone_in(tmp_path), pytest.raises(RuntimeError, match=r"no locks: if .* delete .*\.lock"):
        alone_in(tmp_path).__enter__()


def test_a_whole_table_needs_no_lock(tmp_path, quick, threads):
    for shard in course_table.shards(0, 8765):
        note_checksum(write(shard, tmp_path, 8765))
    with alone_in(tmp_path):  # or the folder is read-only
        build_table(tmp_path, tmp_path, seeds=range(1), workers=1, minutes=9)


def test_compilation_is_not_in_the_seconds_of_the_first_network(monkeypatch):
    steps = []

    class Evaluator:
        def __init__(self, space, dataset, epochs):
            pass

        def start(self, architecture, *, seed):
            return SimpleNamespace(train_to=steps.append)

    monkeypatch.setattr(training, "CompiledEvaluator", Evaluator)
    build._workplace.__wrapped__()
    assert steps == [0]  # no step is taken, and the program is there


SLOW = """
import time
from pathlib import Path
from nas_tutorial.making import build

def slow(shard, folder, journals, deadline):
    (folder / f"started-{shard.name}").touch()
    time.sleep(30)
    return False

if __name__ == "__main__":
    build.build_shard = slow
    build.build_table(Path("."), Path("."), seeds=range(1), workers=2, minutes=9)
"""


def test_ctrl_c_ends_the_workers_in_the_middle_of_their_shards(tmp_path):
    (tmp_path / "slow.py").write_text(SLOW)
    process = subprocess.Popen(
        [sys.executable, "slow.py"], cwd=tmp_path, stderr=subprocess.PIPE, text=True,
        start_new_session=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    for _ in range(600):
        if process.poll() is not None or len(list(tmp_path.glob("started-*"))) == 2:
            break
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does, to all
    _, errors = process.communicate(timeout=20)  # until the last process closes its end
    assert process.returncode != 0 and "KeyboardInterrupt" in errors
    assert len(list(tmp_path.glob("started-*"))) == 2
