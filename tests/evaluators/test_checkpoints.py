"""checkpoints: training runs that stopped, kept so that they can go on."""

import errno
import multiprocessing
import os
import pickle
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest

from nas_tutorial.evaluators.checkpoints import Checkpoints
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.trials import Candidate, Resumed

DESCRIPTION = {"space": "chain", "epochs": 5}
FIRST = Candidate(Architecture(("conv", "skip")), 1)
NEXT = Candidate(FIRST.architecture, 3, resumes=Resumed(0, 1))
STATE = [np.arange(6, dtype="float32").reshape(2, 3), np.array(7), np.zeros(0, "float32")]


def test_what_is_saved_is_found_by_who_resumes_it(tmp_path):
    folder = tmp_path / "made" / "when needed"
    Checkpoints(folder, DESCRIPTION).save(FIRST, 11, STATE)
    found = Checkpoints(str(folder), DESCRIPTION).load(NEXT, 11)
    assert [(a.dtype, a.tolist()) for a in found] == [(a.dtype, a.tolist()) for a in STATE]


def test_nothing_is_found_by_anyone_else(tmp_path):
    checkpoints = Checkpoints(tmp_path, DESCRIPTION)
    checkpoints.save(FIRST, 11, STATE)
    assert checkpoints.load(NEXT, 12) is None  # another seed
    assert checkpoints.load(FIRST, 11) is None  # resumes nothing
    assert checkpoints.load(Candidate(FIRST.architecture, 3, resumes=Resumed(0, 2)), 11) is None
    other = Candidate(Architecture(("conv", "conv")), 3, resumes=Resumed(0, 1))
    assert checkpoints.load(other, 11) is None
    assert Checkpoints(tmp_path, {**DESCRIPTION, "epochs": 9}).load(NEXT, 11) is None
    assert Checkpoints(tmp_path / "elsewhere", DESCRIPTION).load(NEXT, 11) is None


def test_a_whole_number_of_epochs_is_the_same_as_float(tmp_path):
    checkpoints = Checkpoints(tmp_path, DESCRIPTION)
    checkpoints.save(FIRST, 11, STATE)
    as_float = Candidate(FIRST.architecture, 3.0, resumes=Resumed(0, 1.0))
    assert checkpoints.load(as_float, 11) is not None


def test_each_stop_has_its_own_file(tmp_path):
    """So two trials may go on from one, and a proposal that was lost costs the same again."""
    checkpoints = Checkpoints(tmp_path, DESCRIPTION)
    checkpoints.save(FIRST, 11, STATE)
    checkpoints.save(NEXT, 11, [np.array(1)])
    assert len(checkpoints.load(NEXT, 11)) == len(STATE)


@pytest.mark.parametrize("folder", [3, b"kept", ["kept"]])
def test_a_folder_is_a_path(folder):
    with pytest.raises(
        ValueError, match=r"checkpoints must be of type str \| .*Path \| None, got .* Name a folder"
    ):
        Checkpoints(folder, DESCRIPTION)


def test_without_a_folder_nothing_is_kept(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    checkpoints = Checkpoints(None, DESCRIPTION)
    checkpoints.save(FIRST, 11, STATE)
    assert checkpoints.load(NEXT, 11) is None
    assert list(tmp_path.iterdir()) == []


class Trap:
    """Leaves a mark where it is unpickled."""

    def __reduce__(self):
        return os.mkdir, ("trapped",)


@pytest.mark.parametrize("content", ["pickled", "objects", "array", "torn", "empty", "folder"])
def test_what_cannot_be_read_is_as_good_as_missing_and_never_runs(tmp_path, monkeypatch, content):
    monkeypatch.chdir(tmp_path)
    checkpoints = Checkpoints(tmp_path / "kept", DESCRIPTION)
    checkpoints.save(FIRST, 11, STATE)
    (path,) = checkpoints.folder.iterdir()
    whole = path.read_bytes()
    if content == "objects":
        np.savez(path, np.array([Trap()], dtype=object))
    elif content == "array":
        with path.open("wb") as file:
            np.save(file, STATE[0])
    elif content == "folder":
        path.unlink()
        path.mkdir()
    else:
        pieces = {"pickled": pickle.dumps(Trap()), "torn": whole[: len(whole) // 2], "empty": b""}
        path.write_bytes(pieces[content])
    assert checkpoints.load(NEXT, 11) is None
    assert not (tmp_path / "trapped").exists()


def test_a_flipped_bit_is_noticed(tmp_path):
    checkpoints = Checkpoints(tmp_path, DESCRIPTION)
    checkpoints.save(FIRST, 11, STATE)
    (path,) = tmp_path.iterdir()
    content = bytearray(path.read_bytes())
    place = content.index(STATE[0].tobytes())
    content[place] ^= 1
    path.write_bytes(content)
    assert checkpoints.load(NEXT, 11) is None


def test_a_failed_writing_leaves_what_was_there(tmp_path, monkeypatch):
    checkpoints = Checkpoints(tmp_path, DESCRIPTION)
    checkpoints.save(FIRST, 11, STATE)

    def full(path, *arrays):
        path.write_bytes(b"half of it")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(
        OSError, match=r"must keep a training run .* Make room there.* search again"
    ):
        checkpoints.save(FIRST, 11, [np.array(0)])
    assert len(list(tmp_path.iterdir())) == 1
    assert len(checkpoints.load(NEXT, 11)) == len(STATE)


def _save_and_load(folder, rounds: int) -> bool:
    checkpoints = Checkpoints(folder, DESCRIPTION)
    state = [np.full(20_000, os.getpid())]
    for _ in range(rounds):
        checkpoints.save(FIRST, 11, state)
        (found,) = checkpoints.load(NEXT, 11)
        if len(found) != 20_000 or (found != found[0]).any():
            return False
    return True


def test_two_workers_may_write_the_same_at_once(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=spawn) as pool:
        assert all(pool.map(_save_and_load, [tmp_path] * 2, [50] * 2))
    assert len(list(tmp_path.iterdir())) == 1
