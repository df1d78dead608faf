"""surnames: seven languages, no name in two of them, no family in two sets."""

import pickle
import subprocess
import sys
import unicodedata
import zlib
from collections import Counter

import numpy as np
import pytest
from faker.providers.person import de_DE, es_ES, fi_FI, fr_FR, it_IT, pl_PL, sv_SE

from nas_tutorial.data import surnames
from nas_tutorial.data.datasets import DATASETS, load_dataset
from nas_tutorial.data.surnames import LENGTH, decode, encode, family, letters
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.spaces.graph import Graph

LISTED = {
    "Finnish": fi_FI.Provider.last_names,
    "French": fr_FR.Provider.last_names,
    "German": de_DE.Provider.last_names,
    "Italian": it_IT.Provider.last_names,
    "Polish": [*pl_PL.Provider.unisex_last_names, *pl_PL.Provider.male_last_names],
    "Spanish": es_ES.Provider.last_names,
    "Swedish": sv_SE.Provider.last_names,
}


def splits() -> list[tuple[list[str], np.ndarray]]:
    dataset = load_dataset("surnames")
    arrays = (
        (dataset.x_train, dataset.y_train),
        (dataset.x_val, dataset.y_val),
        dataset.final_test(),
    )
    return [(decode(x), y) for x, y in arrays]


def without_marks(text: str) -> str:
    """A slow second opinion on `letters`, for names without letters such as ł."""
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(c for c in decomposed if c.isascii() and c.isalpha())


# The data set


def test_shapes_and_classes():
    dataset = load_dataset("surnames")
    assert DATASETS.load("surnames") is surnames.surnames
    assert dataset.class_names == tuple(LISTED)
    assert dataset.input_shape == (LENGTH,)
    assert dataset.vocabulary_size == 27
    for x, y in (
        (dataset.x_train, dataset.y_train),
        (dataset.x_val, dataset.y_val),
        dataset.final_test(),
    ):
        assert x.dtype == y.dtype == np.int32
        assert x.min() == 0 and x.max() == 26
        assert set(y) == set(range(7))


def test_three_fifths_train_and_every_set_is_unbalanced_alike():
    sizes = np.array([np.bincount(y) for _, y in splits()])
    np.testing.assert_allclose(sizes.sum(axis=1) / sizes.sum(), (0.6, 0.2, 0.2), atol=0.02)
    for shares in sizes / sizes.sum(axis=1, keepdims=True):
        np.testing.assert_allclose(shares, sizes.sum(axis=0) / sizes.sum(), atol=0.02)
        assert 0.45 < shares[list(LISTED).index("Polish")] < 0.55
        assert shares.min() < 0.06


def test_every_listed_name_is_in_once_unless_two_languages_share_it():
    languages = {}
    for language, listed in LISTED.items():
        for name in listed:
            for piece in name.split("-"):
                languages.setdefault(letters(piece), set()).add(language)
    expected = {name: min(one) for name, one in languages.items() if len(one) == 1}
    got = [
        (name, list(LISTED)[label])
        for names, labels in splits()
        for name, label in zip(names, labels)
    ]
    assert len(got) == len(expected)
    assert dict(got) == expected
    assert languages["garcia"] == {"French", "Spanish"} and "garcia" not in dict(got)


def test_no_family_is_in_two_sets():
    families = [{family(name) for name in names} for names, _ in splits()]
    assert not (families[0] & families[1] or families[0] & families[2] or families[1] & families[2])


def test_a_longer_list_moves_no_name(monkeypatch):
    before = [dict(zip(names, labels)) for names, labels in splits()]
    longer = {**surnames._LISTED, "Swedish": (*LISTED["Swedish"], "Qvistgård", "Kowalski")}
    monkeypatch.setattr(surnames, "_LISTED", longer)
    after = [dict(zip(names, labels)) for names, labels in splits()]
    added = [after[i].keys() - before[i].keys() for i in range(3)]
    gone = [before[i].keys() - after[i].keys() for i in range(3)]
    assert set().union(*added) == {"qvistgard"}
    assert set().union(*gone) == {"kowalski"}  # shared now


def test_it_pickles_as_its_name_and_is_the_same_in_another_process():
    dataset = load_dataset("surnames")
    assert len(pickle.dumps(dataset)) < 200
    code = """
import sys, zlib
from nas_tutorial.data.datasets import load_dataset
print(zlib.crc32(load_dataset("surnames").x_val.tobytes()))
assert "keras" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == zlib.crc32(dataset.x_val.tobytes())


# Letters


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("Núñez", "nunez"),
        ("Łęgowik", "legowik"),
        ("Großmann", "grossmann"),
        ("Söderström", "soderstrom"),
        ("Øster", "oster"),
        ("Lemaître", "lemaitre"),
        ("Le Gall", "legall"),
        ("O'Neill-Smith", "oneillsmith"),
        ("ÅÆŒĐ", "aaeoed"),
        ("中文", ""),
    ],
)
def test_letters(name, spelled):
    assert letters(name) == spelled


def test_letters_lose_nothing_but_marks():
    for listed in LISTED.values():
        for name in listed:
            if not set(name.lower()) & set("łßøæœđ"):
                assert letters(name) == without_marks(name)
            else:
                assert len(letters(name)) >= len(name.replace(" ", ""))


def test_encode_by_hand():
    (row,) = encode(["Núñez"])
    assert list(row) == [0] * 11 + [14, 21, 14, 5, 26]
    assert encode(["Az", "b"]).shape == (2, LENGTH)


def test_decode_undoes_encode():
    names = ["Kowalski", "Lopez", "A"]
    assert decode(encode(names)) == ["kowalski", "lopez", "a"]


def test_of_a_long_name_the_end_is_kept():
    assert decode(encode(["Abcdefghijklmnopqrstuvwxyz"])) == ["klmnopqrstuvwxyz"]
    assert max(len(name) for names, _ in splits() for name in names) < LENGTH


@pytest.mark.parametrize("name", ["", "  ", "123", "中文"])
def test_a_name_without_letters_is_refused(name):
    with pytest.raises(
        ValueError, match=r"a name must have a letter of a to z.*got .*Latin script"
    ):
        encode(["Garcia", name])


# Families


@pytest.mark.parametrize(
    "variants",
    [
        ("Kowalski", "Kowalska", "kowalski"),
        ("Łęgowik", "Legowik"),
        ("Müller", "Mueller", "Muller"),
        ("Krämer", "Kraemer"),
        ("Lindqvist", "Lindquist", "Lindkvist"),
        ("Carlsson", "Karlson"),
        ("Meyer", "Meier"),
        ("Hoffmann", "Hofmann"),
        ("González", "Gonzales"),
        ("Rossi", "Rosso", "Rossa"),
    ],
)
def test_variants_are_one_family(variants):
    assert len({family(name) for name in variants}) == 1


def test_families_are_small():
    """A key that made everything one family would make the sets uneven."""
    names = [name for names, _ in splits() for name in names]
    families = Counter(map(family, names))
    assert max(families.values()) < 10
    assert len(families) > 0.9 * len(names)
    assert family("Li") != family("Aho") and "" not in families


# A network takes it


@pytest.mark.parametrize("space", [EdgeCellSpace(), ChainSpace()], ids=lambda space: space.name)
def test_the_default_skeleton_embeds_the_letters(space):
    from nas_tutorial.spaces.skeleton import Skeleton

    dataset = load_dataset("surnames")
    skeleton = Skeleton.for_input(dataset.input_shape, dataset.vocabulary_size)
    graph = space.graph(space.sample(np.random.default_rng(0)))
    assert isinstance(graph, Graph)
    model = skeleton.build(graph, dataset.input_shape, dataset.num_classes)
    embedding = model.layers[1]
    assert embedding.get_weights()[0].shape == (27, skeleton.filters)
    logits = model(encode(["Kowalska", "Núñez"]))
    assert logits.shape == (2, 7)
    assert np.abs(logits[0] - logits[1]).max() > 0
