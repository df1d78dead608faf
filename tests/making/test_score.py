"""Scoring the table is resumable, and the scores are read back as they were written."""

import functools
import os

import numpy as np
import pytest

from nas_tutorial import __main__ as command
from nas_tutorial.data.datasets import load_dataset
from nas_tutorial.evaluators.one_program import proxies as compiled_proxies
from nas_tutorial.evaluators.proxies import PROXIES
from nas_tutorial.loop.workers import ONE_THREAD
from nas_tutorial.making import score as making_score
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.tables import course_table
from nas_tutorial.tables.course_table import CHECKSUMS, PROXIES_FILE, write_checksums
from nas_tutorial.tables.table import Table

SPACE = EdgeCellSpace()
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


def build(folder, *, seeds: int = 2, minutes: float = 10) -> bool:
    return making_score.build(folder, folder, seeds=range(seeds), minutes=minutes)


def test_what_is_written_is_read(quick, tmp_path):
    assert build(tmp_path)
    found = course_table.read_proxies(tmp_path)
    assert set(found) == set(PROXIES) - {"parameters", "flops"}
    assert all(values.shape == (SIZE, 2) for values in found.values())
    assert found["snip"][7].tolist() == [1, 101] and found["naswot"][0, 0] == -np.inf


def test_it_goes_on_where_it_stopped(quick, tmp_path):
    assert build(tmp_path)
    journal = tmp_path / "proxies-seed1.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:100]) + lines[100][:20])  # a kill in the middle of a line
    assert not build(tmp_path, minutes=0)
    assert build(tmp_path)
    assert Quick.last.calls == SIZE - 100
    assert journal.read_bytes().splitlines(keepends=True) == lines


def test_without_a_file_there_are_none(tmp_path):
    assert course_table.read_proxies(tmp_path) == {}


def test_a_damaged_file_is_refused(quick, tmp_path):
    build(tmp_path, seeds=1)
    assert PROXIES_FILE in (tmp_path / CHECKSUMS).read_text()
    path = tmp_path / PROXIES_FILE
    content = bytearray(path.read_bytes())
    content[200] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match=rf"{PROXIES_FILE} must have the SHA-256"):
        course_table.read_proxies(tmp_path)


def test_scores_of_another_form_are_refused(quick, tmp_path):
    build(tmp_path, seeds=1)
    path = tmp_path / PROXIES_FILE
    scores = dict(np.load(path))
    for odd in (scores["snip"][:, 0], scores["snip"].astype(int)):
        np.savez(path, **{**scores, "snip": odd})
        write_checksums(tmp_path)
        with pytest.raises(ValueError, match=rf"{PROXIES_FILE} must hold snip as float32 .*anew"):
            course_table.read_proxies(tmp_path)


def test_the_command_says_whether_all_is_done(quick, tmp_path, monkeypatch, capsys):
    for name in ("KERAS_BACKEND", *ONE_THREAD):  # put back afterwards
        monkeypatch.setenv(name, os.environ.get(name, ""))
    arguments = ["table", "proxies", "--folder", str(tmp_path), "--out", str(tmp_path)]
    arguments += ["--seeds", "1"]
    with monkeypatch.context() as patch:
        patch.setattr(making_score, "build", functools.partial(no_time, making_score.build))
        assert command.main(arguments) == 1
    assert "run the same command again" in capsys.readouterr().err
    assert command.main(arguments) == 0
    assert (tmp_path / PROXIES_FILE).exists()


def no_time(build, *places, minutes: float, **settings) -> bool:
    return build(*places, minutes=0, **settings)


def test_a_table_without_proxies_says_so():
    one, nothing = np.zeros((1, 1)), np.zeros(SPACE.size, int)
    metrics = {("val_accuracy", 1.0): one}
    table = Table(
        "bare", SPACE, [next(iter(SPACE))], nothing, metrics=metrics, costs={}, seconds=one
    )
    with pytest.raises(ValueError, match=r"asked for snip, but bare holds none.*load_course"):
        table.proxy("snip")


@pytest.fixture(scope="module")
def course() -> Table:
    return Table.load_course()


def test_the_course_has_three_seeds_of_every_proxy(course):
    for name in set(PROXIES) - {"parameters", "flops"}:
        scores = course.proxy(name)
        assert scores.shape == (SIZE, 3)
        assert np.isfinite(scores).all(axis=1).sum() == SIZE - (name == "naswot")


def test_costs_are_proxies_that_no_seed_changes(course):
    for name in ("parameters", "flops"):
        assert course.proxy(name).shape == (SIZE, 1)
        assert course.proxy(name)[5, 0] == course.query(course.networks[5])[name]


def test_an_unknown_proxy_is_refused(course):
    with pytest.raises(ValueError, match=r"a proxy of this table must be one of .* 'synflow'"):
        course.proxy("synflaw")


def test_the_course_holds_what_the_program_computes(course):
    evaluator = compiled_proxies.CompiledProxyEvaluator(SPACE, load_dataset("mnist1d"))
    for row, seed in ((17, 0), (4321, 2), (8000, 1)):
        for name, score in evaluator.scores(course.networks[row], seed=seed).items():
            assert course.proxy(name)[row, seed] == pytest.approx(score, rel=1e-3), name
