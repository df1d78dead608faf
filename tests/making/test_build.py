"""Building is resumable, and a table is read back as it was written."""

import numpy as np
import pytest

from nas_tutorial.data.datasets import load_dataset
from nas_tutorial.making import build
from nas_tutorial.making.build import build_shard, read_journal, write_shard
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.tables import course_table
from nas_tutorial.tables.course_table import (
    CHECKSUMS,
    Shard,
    checkpoints,
    data_checksum,
    write_checksums,
)
from nas_tutorial.tables.table import COURSE, Table

SPACE = EdgeCellSpace()
COSTS = {"parameters": 7, "flops": 9}


class Quick:
    """Stands for the evaluator: nothing is trained."""

    def costs(self, architecture):
        return {"parameters": 7, "flops": 9}


def made_up(row: int, seed: int) -> dict:
    return {
        "train_loss": [2.0 - 0.1 * place for place in range(7)],
        "val_correct": [100 * place + seed for place in range(7)],
        "test_correct": row % 4000,
        "test_macro_recall": 0.25,
        "seconds": 1.5,
        "latency_ms": 0.1,
    }


@pytest.fixture
def quick(monkeypatch):
    """A workplace in which measuring takes no time; counts what is measured."""
    first, _ = course_table.networks(SPACE)
    number = {architecture: row for row, architecture in enumerate(first)}
    measured = []

    def measure(evaluator, architecture, test, *, seed):
        measured.append((number[architecture], seed))
        return made_up(number[architecture], seed)

    monkeypatch.setattr(build, "_workplace", lambda: (first, Quick(), None))
    monkeypatch.setattr(build, "measure", measure)
    return measured


def test_checkpoints_serve_halving_by_two_and_by_three():
    assert checkpoints(144) == [9, 16, 18, 36, 48, 72, 144]


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


@pytest.fixture
def folder(tmp_path, quick):
    """Two whole seeds, and the first shard of a third."""
    shards = [Shard(seed, number) for seed in (0, 1) for number in range(36)] + [Shard(2, 0)]
    for shard in shards:
        build_shard(shard, tmp_path, tmp_path, deadline=float("inf"))
    return tmp_path


def test_a_table_has_the_whole_seeds_and_what_was_written(folder):
    table = Table.load(folder)
    assert len(table) == 8765 and table.num_seeds == 2
    assert table.epochs == tuple(checkpoints(5))
    np.testing.assert_allclose(table.column("val_accuracy")[3], [600 / 4000, 601 / 4000])
    np.testing.assert_allclose(table.column("test_accuracy")[4321], 321 / 4000)
    assert table.query(table.networks[9])["parameters"] == 7


def test_no_whole_seed_says_how_to_go_on(tmp_path):
    with pytest.raises(FileNotFoundError, match="python -m nas_tutorial table build"):
        Table.load(tmp_path)


def test_a_damaged_shard_is_refused(folder):
    write_checksums(folder)
    assert Table.load(folder).num_seeds == 2
    shard = folder / "seed1-07.npz"
    content = bytearray(shard.read_bytes())
    content[200] ^= 1
    shard.write_bytes(content)
    with pytest.raises(ValueError, match=r"seed1-07.npz must have the SHA-256 .* build it anew"):
        Table.load(folder)


@pytest.fixture
def shard(tmp_path):
    """A file with three networks of seed 0."""
    path = tmp_path / "seed0-03.npz"
    write_shard(path, [{"row": row, **made_up(row, 0), **COSTS} for row in range(3)])
    return path


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"val_correct": None}, "val_correct as finite uint16 of shape"),
        ({"val_correct": np.zeros((3, 6), "uint16")}, r"val_correct .* of shape \(3, 6\)"),
        ({"seconds": np.full(3, np.nan, "float32")}, "seconds as finite float32"),
        ({"flops": np.zeros(3, "int64")}, "flops as finite uint32 .* got int64"),
        ({"row": np.zeros(4, "uint16")}, r"row .* of shape \(3,\), got uint16 of shape \(4,\)"),
    ],
)
def test_what_is_no_shard_is_refused(shard, changed, says):
    ((name, array),) = changed.items()
    arrays = dict(np.load(shard))
    arrays.pop(name)
    np.savez(shard, **arrays, **({} if array is None else changed))
    with pytest.raises(ValueError, match=rf"seed0-03\.npz must hold {says}.* Delete the shard"):
        course_table._read_shard(shard, 3, with_costs=True)


def test_a_training_that_diverged_is_no_damage(shard):
    arrays = dict(np.load(shard))
    arrays["train_loss"][1, 3:] = np.nan
    np.savez(shard, **arrays)
    assert np.isnan(course_table._read_shard(shard, 3, with_costs=True)["train_loss"][1, 3])


@pytest.mark.parametrize("line", ["", "no checksum", "ab  seed0-00.npz", f"{'0' * 64}  ../other"])
def test_checksums_of_another_form_are_refused(shard, line):
    write_checksums(shard.parent)
    course_table.require_checksums(shard.parent)
    noted = shard.with_name(CHECKSUMS)
    noted.write_text(f"{noted.read_text()}{line}\n")
    with pytest.raises(ValueError, match=r"SHA256SUMS must hold a SHA-256 and the name .*Take it"):
        course_table.require_checksums(shard.parent)


@pytest.mark.parametrize("line", ["a text", "[1]", '{"number": 3}', '{"row": "3"}', "[" * 9999])
def test_a_damaged_journal_is_refused(tmp_path, line):
    journal = tmp_path / "seed0-00.jsonl"
    journal.write_text(f'{{"row": 0}}\n{line}\n{{"row": 1}}\n')
    with pytest.raises(ValueError, match=r"seed0-00.jsonl must hold one record .* Delete the line"):
        read_journal(journal)


def test_a_shard_that_is_not_noted_yet_is_taken_as_it_is(folder):
    (folder / "seed1-35.npz").rename(folder / "later.npz")
    write_checksums(folder)
    (folder / "later.npz").rename(folder / "seed1-35.npz")
    assert Table.load(folder).num_seeds == 2


def test_every_shard_of_the_course_is_noted():
    shards = {path.name for path in COURSE.glob("*.npz")}
    lines = (COURSE / CHECKSUMS).read_text().splitlines()
    assert {line.split("  ")[1] for line in lines} == shards


def test_the_course_was_trained_on_the_data_that_are_loaded():
    assert data_checksum(load_dataset("mnist1d")) in (COURSE / "README.md").read_text()
