"""A folder of shards is read as it was written, and damage is found, in the file that has it."""

import numpy as np
import pytest

from nas_tutorial.data.datasets import load_dataset
from nas_tutorial.evaluators.one_program.proxies import CompiledProxyEvaluator
from nas_tutorial.evaluators.proxies import PROXIES
from nas_tutorial.making.build import data_checksum, note_checksum
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.tables import course_table
from nas_tutorial.tables.course_table import (
    CHECKSUMS,
    COURSE,
    PROXIES_FILE,
    PROXY_TYPES,
    Shard,
    checkpoint_epochs,
    networks,
    read_folder,
    read_proxies,
    require_checksums,
    shards,
)
from nas_tutorial.tables.table import Table
from tests.tables.shards import write

SPACE = EdgeCellSpace()
SIZE = 8765


@pytest.fixture(scope="module")
def known():
    return networks(SPACE)


def test_there_are_as_many_networks_as_fingerprints(known):
    first, of_encoding = known
    assert len(first) == SIZE == len(set(of_encoding.tolist()))
    assert len(of_encoding) == SPACE.size
    fingerprints = {SPACE.graph(architecture).fingerprint() for architecture in first}
    assert len(fingerprints) == SIZE


def test_checkpoints_serve_halving_by_two_and_by_three():
    assert checkpoint_epochs(144) == [9, 16, 18, 36, 48, 72, 144]


def test_the_shards_of_a_seed_hold_each_network_once():
    rows = [row for shard in shards(1, SIZE) for row in shard.rows(SIZE)]
    assert rows == list(range(SIZE))
    assert len(shards(1, SIZE)[-1].rows(SIZE)) == 15


@pytest.fixture
def folder(tmp_path, monkeypatch, known):
    """Two whole seeds, and the first shard of a third; `networks` is not asked each time."""
    monkeypatch.setattr(course_table, "networks", lambda space: known)
    for shard in [*shards(0, SIZE), *shards(1, SIZE), Shard(2, 0)]:
        write(shard, tmp_path, SIZE)
    return tmp_path


def test_a_table_has_the_whole_seeds_and_what_was_written(folder):
    table = Table.load(folder)
    assert len(table) == SIZE and table.num_seeds == 2
    assert table.epochs == tuple(checkpoint_epochs(5))
    np.testing.assert_allclose(table.column("val_accuracy")[3], [600 / 4000, 601 / 4000])
    np.testing.assert_allclose(table.column("val_accuracy", 5 / 16)[3], [0, 1 / 4000])
    np.testing.assert_allclose(table.column("train_loss", 5 / 16)[3], 2)
    np.testing.assert_allclose(table.column("test_accuracy")[4321], 321 / 4000)
    assert table.query(table.networks[9])["parameters"] == 7


def test_no_whole_seed_says_how_to_go_on(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"lacks seed0-00\.npz.* table build"):
        read_folder(tmp_path)


def test_a_missing_shard_is_named_and_no_other_is_blamed(folder):
    (folder / "seed0-07.npz").unlink()
    with pytest.raises(FileNotFoundError, match=r"every shard of seed 0, but lacks seed0-07\.npz"):
        read_folder(folder)


def test_a_damaged_shard_is_refused(folder):
    shard = folder / "seed1-07.npz"
    note_checksum(shard)
    assert Table.load(folder).num_seeds == 2
    content = bytearray(shard.read_bytes())
    content[200] ^= 1
    shard.write_bytes(content)
    with pytest.raises(ValueError, match=r"seed1-07.npz must have the SHA-256 .* build it anew"):
        Table.load(folder)


def test_a_shard_under_anothers_name_is_refused(folder):
    (folder / "seed1-07.npz").replace(folder / "seed1-08.npz")
    write(Shard(1, 7), folder, SIZE)
    with pytest.raises(ValueError, match=r"seed1-08\.npz must hold .* networks 2,000 to 2,249"):
        read_folder(folder)


def test_a_shard_that_is_not_noted_yet_is_taken_as_it_is(folder):
    for path in folder.glob("seed1-0?.npz"):
        note_checksum(path)
    assert Table.load(folder).num_seeds == 2


@pytest.fixture
def shard(tmp_path):
    """A file with three networks of seed 0."""
    return write(Shard(0, 0), tmp_path, 3)


def read(path):
    return course_table.read_shard(Shard(0, 0), path.parent, 3)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"val_correct": None}, r"val_correct of type uint16 and shape \(3, 7\), got object"),
        ({"val_correct": np.zeros((3, 6), "uint16")}, r"val_correct .* of shape \(3, 6\)"),
        ({"val_correct": np.full((3, 7), 4001, "uint16")}, "at most 4,000 right predictions"),
        ({"test_correct": np.full(3, 4001, "uint16")}, "at most 4,000 right predictions"),
        ({"seconds": np.full(3, np.nan, "float32")}, "finite values"),
        ({"flops": np.zeros(3, "int64")}, "flops of type uint32 .* got int64"),
        ({"row": np.zeros(4, "uint16")}, r"row .*shape \(3,\), got uint16 of shape \(4,\)"),
        ({"row": np.arange(1, 4, dtype="uint16")}, "networks 0 to 2"),
    ],
)
def test_what_is_no_shard_is_refused(shard, changed, says):
    ((name, array),) = changed.items()
    arrays = dict(np.load(shard))
    arrays.pop(name)
    np.savez(shard, **arrays, **({} if array is None else changed))
    with pytest.raises(ValueError, match=rf"seed0-00\.npz must hold .*{says}.* Delete the file"):
        read(shard)


def test_a_run_that_diverged_is_no_damage(shard):
    arrays = dict(np.load(shard))
    arrays["train_loss"][1, 3:] = np.nan
    np.savez(shard, **arrays)
    assert np.isnan(read(shard)["train_loss"][1, 3])


@pytest.mark.parametrize("line", ["", "no checksum", "ab  seed0-00.npz", f"{'0' * 64}  ../other"])
def test_checksums_of_another_form_are_refused(shard, line):
    note_checksum(shard)
    require_checksums(shard.parent)
    noted = shard.with_name(CHECKSUMS)
    noted.write_text(f"{noted.read_text()}{line}\n")
    with pytest.raises(ValueError, match=r"SHA256SUMS must hold a SHA-256 and the name .*Take it"):
        require_checksums(shard.parent)


# Proxies


@pytest.fixture
def scores() -> dict:
    return {name: np.ones((SIZE, 2), kind) for name, kind in PROXY_TYPES.items()}


def test_proxies_are_read_as_they_were_written(folder, scores):
    scores["snip"][7] = 1, 101
    np.savez(folder / PROXIES_FILE, **scores)
    assert Table.load(folder).proxy("snip")[7].tolist() == [1, 101]


def test_without_a_file_there_are_no_proxies(tmp_path):
    assert read_proxies(tmp_path) == {}


def test_damaged_proxies_are_refused(folder, scores):
    path = folder / PROXIES_FILE
    np.savez(path, **scores)
    note_checksum(path)
    content = bytearray(path.read_bytes())
    content[200] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match=rf"{PROXIES_FILE} must have the SHA-256"):
        Table.load(folder)


def test_scores_of_another_form_are_refused(tmp_path, scores):
    path = tmp_path / PROXIES_FILE
    for odd in (scores["snip"][:, 0], scores["snip"].astype(int), scores["snip"][:5]):
        np.savez(path, **{**scores, "snip": odd})
        with pytest.raises(ValueError, match=rf"{PROXIES_FILE} must hold \w+ of type float.*anew"):
            read_proxies(tmp_path)


# The course's own files


@pytest.fixture(scope="module")
def course() -> Table:
    return Table.load_course()


def test_every_shard_of_the_course_is_noted():
    files = {path.name for path in COURSE.glob("*.npz")}
    lines = (COURSE / CHECKSUMS).read_text().splitlines()
    assert {line.split("  ")[1] for line in lines} == files


def test_the_course_was_trained_on_the_data_that_are_loaded():
    assert data_checksum(load_dataset("mnist1d")) in (COURSE / "README.md").read_text()


def test_the_course_has_three_seeds_of_every_proxy(course):
    for name in set(PROXIES) - {"parameters", "flops"}:
        values = course.proxy(name)
        assert values.shape == (SIZE, 3)
        assert np.isfinite(values).all(axis=1).sum() == SIZE - (name == "naswot")


def test_the_course_holds_what_the_program_computes(course):
    evaluator = CompiledProxyEvaluator(SPACE, load_dataset("mnist1d"))
    for row, seed in ((17, 0), (4321, 2), (8000, 1)):
        for name, score in evaluator.scores(course.networks[row], seed=seed).items():
            assert course.proxy(name)[row, seed] == pytest.approx(score, rel=1e-3), name
