"""Scoring the table is resumable, and the scores are read back as they were written."""

import functools
import os

import numpy as np
import pytest

from nas_tutorial import __main__ as command
from nas_tutorial.evaluators.one_program import proxies as compiled_proxies
from nas_tutorial.evaluators.proxies import PROXIES
from nas_tutorial.loop.workers import ONE_THREAD
from nas_tutorial.making import score as making_score
from nas_tutorial.tables import course_table
from nas_tutorial.tables.course_table import CHECKSUMS, PROXIES_FILE

SIZE = 8765


class Quick:
    """Stands for the evaluator: the scores are counted up."""

    def __init__(self, space, dataset):
        self.calls = 0
        Quick.last = self

    def scores(self, architecture, *, seed: int) -> dict:
        self.calls += 1
        values = enumerate(("grad_norm", "snip", "synflow", "jacob_cov"))
        return {**{name: 100 * seed + place for place, name in values}, "naswot": -np.inf}


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(compiled_proxies, "CompiledProxyEvaluator", Quick)


def score(folder, *, seeds: int = 2, minutes: float = 10) -> bool:
    return making_score.score_table(folder, folder, seeds=range(seeds), minutes=minutes)


def test_what_is_written_is_read(quick, tmp_path):
    assert score(tmp_path)
    found = course_table.read_proxies(tmp_path)
    assert set(found) == set(PROXIES) - {"parameters", "flops"}
    assert all(values.shape == (SIZE, 2) for values in found.values())
    assert found["snip"][7].tolist() == [1, 101] and found["naswot"][0, 0] == -np.inf


def test_it_goes_on_where_it_stopped(quick, tmp_path):
    assert score(tmp_path)
    journal = tmp_path / "proxies-seed1.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:100]) + lines[100][:20])  # a kill in the middle of a line
    assert not score(tmp_path, minutes=0)
    assert score(tmp_path)
    assert Quick.last.calls == SIZE - 100
    assert journal.read_bytes().splitlines(keepends=True) == lines


def test_the_file_is_noted(quick, tmp_path):
    score(tmp_path, seeds=1)
    assert PROXIES_FILE in (tmp_path / CHECKSUMS).read_text()
    course_table.require_checksums(tmp_path)


def test_the_command_says_whether_all_is_done(quick, tmp_path, monkeypatch, capsys):
    for name in ("KERAS_BACKEND", *ONE_THREAD):  # put back afterwards
        monkeypatch.setenv(name, os.environ.get(name, ""))
    arguments = ["table", "proxies", "--folder", str(tmp_path), "--out", str(tmp_path)]
    arguments += ["--seeds", "1"]
    with monkeypatch.context() as patch:
        patch.setattr(
            making_score, "score_table", functools.partial(no_time, making_score.score_table)
        )
        assert command.main(arguments) == 1
    assert "run the same command again" in capsys.readouterr().err
    assert command.main(arguments) == 0
    assert (tmp_path / PROXIES_FILE).exists()


def no_time(score, *places, minutes: float, **settings) -> bool:
    return score(*places, minutes=0, **settings)
