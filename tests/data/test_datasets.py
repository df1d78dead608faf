"""datasets: a fixed split, and a test set that is read once."""

import pickle
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest

from nas_tutorial.data import datasets
from nas_tutorial.data.datasets import DATASETS, Dataset, load_dataset

SIZES = {
    "mnist1d": (4_000, 4_000, 4_000),
    "digits": (1_077, 360, 360),
    "fashion_mnist": (50_000, 10_000, 10_000),
    "cifar10": (40_000, 10_000, 10_000),
    "imdb": (20_000, 5_000, 25_000),
}
OFFLINE = ("mnist1d", "digits")
LOAD_DATA = "nas_tutorial.backend.keras.datasets.{}.load_data"  # Keras is imported with its use


def splits(dataset: Dataset) -> list:
    return [
        (dataset.x_train, dataset.y_train),
        (dataset.x_val, dataset.y_val),
        dataset.final_test(),
    ]


def equal(first: Dataset, second: Dataset) -> bool:
    return all(
        np.array_equal(a, b)
        for one, other in zip(splits(first), splits(second))
        for a, b in zip(one, other)
    )


def custom(name: str = "mine", *, size: int = 4, **changed) -> Dataset:
    """Two classes; each set holds other numbers."""
    given = {
        part: (np.full((size, 3, 1), number, "float32"), np.arange(size) % 2)
        for number, part in enumerate(("train", "validation", "test"))
    }
    given |= {"class_names": ("no", "yes"), **changed}
    return Dataset(name, **given)


# What comes with the course


@pytest.mark.parametrize(("name", "input_shape"), [("mnist1d", (40, 1)), ("digits", (8, 8, 1))])
def test_shapes_and_labels(name, input_shape):
    dataset = load_dataset(name)
    assert dataset.name == name
    assert dataset.input_shape == input_shape
    assert dataset.num_classes == 10
    assert dataset.class_names == tuple("0123456789")
    assert dataset.vocabulary_size is None
    for (x, y), size in zip(splits(dataset), SIZES[name]):
        assert x.shape == (size, *input_shape)
        assert y.shape == (size,)
        assert x.dtype == np.float32
        assert np.issubdtype(y.dtype, np.integer)
        assert set(y) == set(range(10))
        assert np.isfinite(x).all()


@pytest.mark.parametrize("name", OFFLINE)
def test_parts_share_no_sample(name):
    rows = [Counter(sample.tobytes() for sample in x) for x, _ in splits(load_dataset(name))]
    assert not (rows[0] & rows[1] or rows[0] & rows[2] or rows[1] & rows[2])


def test_digits_are_scikit_learns_scaled_and_in_proportion():
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    dataset = load_dataset("digits")
    x, y = (np.concatenate(arrays) for arrays in zip(*splits(dataset)))
    ours = Counter(zip((row.tobytes() for row in (x.reshape(-1, 64) * 16).astype(int)), y))
    assert ours == Counter(zip((row.tobytes() for row in images.astype(int)), labels))
    for _, y_split in splits(load_dataset("digits")):
        assert abs(np.bincount(y_split) / len(y_split) - np.bincount(labels) / 1_797).max() < 0.01


@pytest.mark.parametrize("name", OFFLINE)
def test_parts_are_the_same_at_every_call(name):
    assert equal(load_dataset(name), load_dataset(name))


def test_mnist1d_leaves_global_random_states_alone_and_is_the_same_in_another_process():
    code = """
import random, zlib
import numpy as np
from nas_tutorial.data.datasets import mnist1d
random.seed(3); np.random.seed(3)
expected = random.random(), np.random.random()
random.seed(3); np.random.seed(3)
dataset = mnist1d()
assert (random.random(), np.random.random()) == expected, "a global random state has moved"
print(zlib.crc32(dataset.x_val.tobytes()))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    import zlib

    assert int(done.stdout) == zlib.crc32(load_dataset("mnist1d").x_val.tobytes())


# The test set


def test_the_test_set_is_read_once():
    dataset = load_dataset("digits")
    x, _ = dataset.final_test()
    assert len(x) == 360
    with pytest.raises(RuntimeError, match=r"test set of digits must be read once.*load the data"):
        dataset.final_test()
    load_dataset("digits").final_test()  # a new study


def test_training_and_validation_without_the_test_set():
    dataset = custom()
    x, y = dataset.train_and_validation()
    assert x.shape == (8, 3, 1)
    assert list(x[:, 0, 0]) == [0] * 4 + [1] * 4  # the test set holds 2
    assert list(y) == [0, 1] * 4
    dataset.final_test()  # was not read by the way


def test_arrays_are_read_only():
    dataset = custom()
    for x, y in splits(dataset):
        for array in (x, y):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 1


# Pickles


def test_a_registered_data_set_pickles_as_its_name():
    dataset = load_dataset("digits")
    content = pickle.dumps(dataset)
    assert len(content) < 200
    assert equal(pickle.loads(content), dataset)


def test_a_data_set_of_ones_own_pickles_whole():
    dataset = custom(vocabulary_size=7)
    copy = pickle.loads(pickle.dumps(dataset))
    assert (copy.name, copy.class_names, copy.vocabulary_size) == ("mine", ("no", "yes"), 7)
    assert equal(copy, dataset)
    with pytest.raises(ValueError, match="read-only"):
        copy.x_train[0] = 1


def test_a_data_set_of_ones_own_under_a_registered_name_keeps_its_arrays():
    """A part of digits, say: a worker process must train on it, not on the whole."""
    assert pickle.loads(pickle.dumps(custom("digits"))).x_train.shape == (4, 3, 1)


# What is no data set


@pytest.mark.parametrize("arrays", [None, 3, (1, 2, 3), (np.array(3), np.array(3)),
                                    (np.array(["a", "b"]), np.array([0, 1]))])  # fmt: skip
def test_what_is_no_pair_of_arrays_is_refused(arrays):
    expected = r"the training set of mine must (be a pair|have inputs that are|be whole numbers)"
    with pytest.raises(ValueError, match=expected):
        custom(train=arrays)


@pytest.mark.parametrize("names", [None, "ab", ("a", 1)])
def test_classes_have_texts_as_names(names):
    with pytest.raises(ValueError, match=r"class.* must be of type .*, got .* Write \(\"cat"):
        custom(class_names=names)


@pytest.mark.parametrize(
    ("argument", "split"), [("train", "training"), ("validation", "validation"), ("test", "test")]
)
def test_empty_and_uneven_sets_are_refused(argument, split):
    must = rf"the {split} set of mine must have inputs that are numbers and a label for each, got"
    for inputs, labels in ((0, 0), (5, 4)):
        with pytest.raises(
            ValueError, match=rf"{must} .*\({inputs}, 3, 1\), .*\({labels},\)\. Check"
        ):
            custom(**{argument: (np.zeros((inputs, 3, 1)), np.zeros(labels, int))})


@pytest.mark.parametrize(
    ("argument", "split"), [("train", "training"), ("validation", "validation"), ("test", "test")]
)
@pytest.mark.parametrize(
    ("labels", "advice"),
    [
        ([0, 1, 2], r"from 0, and give each of the 3 a name\."),
        ([1, 2, 1], r"from 0: y - 1\."),
        ([-1, 1, 1], r"from 0: y = np\.unique\(all_labels, return_inverse=True\)\[1\], before"),
        ([0.0, 1.0, 1.0], r"Write y\.astype\(int\)\."),
        ([0.0, 0.5, 1.0], r"measured.*np\.digitize"),
        ([0.0, np.nan, 1.0], r"Leave out the samples without a label\."),
        ([[1, 0], [0, 1], [1, 0]], r"one-hot.*y\.argmax\(axis=1\)"),
        ([[True, False], [False, True], [True, False]], r"one-hot.*y\.argmax\(axis=1\)"),
        ([[1, 1], [0, 1], [0, 0]], r"Give one label per sample, in an array of shape \(3,\)"),
        (["no", "yes", "no"], r"names, y = np\.unique\(all_labels, return_inverse=True\)"),
        (np.array(["no", None, 3], object), r"names, y = np\.unique"),
    ],
)
def test_each_kind_of_wrong_label_has_advice_of_its_own(argument, split, labels, advice):
    expected = rf"labels of the {split} set of mine must be whole numbers in \[0, 1\].* {advice}"
    with pytest.raises(ValueError, match=expected):
        custom(**{argument: (np.zeros((3, 3, 1)), np.array(labels))})


@pytest.mark.parametrize(
    "labels", [[[0], [1], [1]], [False, True, True], [[False], [True], [True]]]
)
def test_a_column_of_labels_and_truth_values_are_taken_as_numbers(labels):
    dataset = custom(train=(np.zeros((3, 3, 1)), np.array(labels)))
    assert dataset.y_train.tolist() == [0, 1, 1]
    assert np.issubdtype(dataset.y_train.dtype, np.integer)


@pytest.mark.parametrize(
    ("argument", "split"), [("train", "training"), ("validation", "validation"), ("test", "test")]
)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e39])
def test_inputs_that_are_no_finite_float32_are_refused(argument, split, value):
    x = np.zeros((6, 3, 1))
    x[[2, 4], 1] = value
    expected = (
        rf"the inputs of the {split} set of mine must be finite numbers, but those of 2 of 6 samples "
        r"are not; the first is sample 2, with (nan|-?inf|1e\+39)\. Leave .*np\.nan_to_num"
    )
    with pytest.raises(ValueError, match=expected):
        custom(**{argument: (x, np.arange(6) % 2)})
    custom(**{argument: (np.full((6, 3, 1), 3e38), np.arange(6) % 2)})


@pytest.mark.parametrize(
    ("argument", "split"), [("train", "training"), ("validation", "validation"), ("test", "test")]
)
@pytest.mark.parametrize(
    ("token", "advice"),
    [(-1, "Number the tokens from 0"), (1.5, "Number the tokens from 0"),
     (float("nan"), "Number the tokens from 0"), (7, "Give vocabulary_size=8, or")],
)  # fmt: skip
def test_tokens_outside_the_vocabulary_are_refused(argument, split, token, advice):
    given = {part: (np.zeros((4, 3), int), np.arange(4) % 2) for part in
             ("train", "validation", "test")}  # fmt: skip
    x = np.zeros((4, 3), int if token in (-1, 7) else float)
    x[3, 1] = token
    expected = (
        rf"the inputs of the {split} set of mine must be whole numbers in \[0, 6\], the tokens of "
        rf"vocabulary_size=7, but those of 1 of 4 samples are not; the first is sample 3, with "
        rf"{token}\. {advice}"
    )
    with pytest.raises(ValueError, match=expected):
        custom(vocabulary_size=7, **given | {argument: (x, np.arange(4) % 2)})
    custom(vocabulary_size=7, **given)


@pytest.mark.parametrize(("argument", "split"), [("validation", "validation"), ("test", "test")])
def test_splits_of_unequal_shapes_are_refused(argument, split):
    expected = (
        rf"all sets of mine must have inputs of one shape, but those of the training set have "
        rf"\(3, 1\) and those of the {split} set \(5, 1\)\. Cut or pad"
    )
    with pytest.raises(ValueError, match=expected):
        custom(**{argument: (np.zeros((4, 5, 1)), np.arange(4) % 2)})


@pytest.mark.parametrize("shape", [(28, 28), (8, 12)])
def test_images_without_channels_are_named(shape):
    x, y = np.zeros((4, *shape)), np.arange(4) % 2
    expected = rf"shape \({shape[0]}, {shape[1]}\).*{shape[0]} steps.*x\[\.\.\., None\]"
    with pytest.warns(UserWarning, match=expected):
        custom(train=(x, y), validation=(x, y), test=(x, y))


@pytest.mark.parametrize("shape", [(40, 1), (128, 9), (7, 2), (28, 28, 1), (28,)])
def test_of_sequences_and_images_with_channels_nothing_is_said(shape):
    x, y = np.zeros((4, *shape)), np.arange(4) % 2
    custom(train=(x, y), validation=(x, y), test=(x, y))  # warnings are errors here


# Identity


def test_a_digest_is_that_of_the_content():
    dataset = custom()
    assert custom("another").digest == dataset.digest == pickle.loads(pickle.dumps(dataset)).digest
    assert len(dataset.digest) == 16


def changed(index, value) -> tuple:
    x, y = np.full((4, 3, 1), 0.5, "float32"), np.arange(4) % 2
    arrays = [x, y]
    arrays[index].flat[3] = value
    return tuple(arrays)


@pytest.mark.parametrize("argument", ["train", "validation", "test"])
def test_each_value_of_each_split_counts(argument):
    whole = changed(0, 0.5)
    others = [changed(0, 0.25), changed(1, 0), (whole[0].astype("float64"), whole[1]),
              (whole[0].reshape(4, 1, 3), whole[1])]  # fmt: skip
    usual = {part: whole for part in ("train", "validation", "test")}
    digests = {custom(**usual).digest, custom(**usual, vocabulary_size=None).digest}
    assert len(digests) == 1
    for other in others[:3]:
        digests.add(custom(**usual | {argument: other}).digest)
    digests.add(custom(**dict.fromkeys(usual, others[3])).digest)
    digests.add(custom(**usual, class_names=("no", "yes", "perhaps")).digest)
    assert len(digests) == 6


def test_the_same_values_have_one_digest_however_they_lie_in_memory():
    x, y = np.random.default_rng(0).random((4, 3, 2)), np.arange(4) % 2
    ordered = custom(**dict.fromkeys(("train", "validation", "test"), (x, y)))
    fortran = np.asfortranarray(x), y.astype("uint8")[::1]
    other = custom(**dict.fromkeys(("train", "validation", "test"), fortran))
    assert other.digest == ordered.digest


def test_a_digest_is_computed_once(monkeypatch):
    dataset = custom()
    before = dataset.digest
    monkeypatch.setattr(datasets.hashlib, "sha256", None)
    assert dataset.digest == before


def test_another_process_refuses_to_go_on_with_other_data_of_the_name(monkeypatch):
    """As where it has another release of the package that the data come from."""
    content = pickle.dumps(load_dataset("digits"))
    monkeypatch.setattr(datasets, "digits", lambda: custom("digits"))
    with pytest.raises(ValueError, match=r"digits must be the same .*here.*Install the same"):
        pickle.loads(content)


def test_repr_tells_the_sizes():
    expected = "Dataset(mine: 4 train, 4 validation, 4 test; inputs (3, 1), 2 classes)"
    assert repr(custom()) == expected
    assert "1,077 train, 360 validation, 360 test" in repr(load_dataset("digits"))


# Downloads


def images(size: int, *shape: int, labels_shape=()) -> tuple[np.ndarray, np.ndarray]:
    """Images as Keras gives them, but smaller; pixel 0 is 255 times (number modulo 2)."""
    x = np.zeros((size, *shape), "uint8")
    x[1::2] = 255
    return x, (np.arange(size) % 10).astype("uint8").reshape(size, *labels_shape)


def reviews(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Reviews as Keras gives them: every second one of 3 words, the others of 250."""
    short, long = [1, 7, 8], list(range(1, 251))
    x = np.empty(size, dtype=object)
    x[:] = [short if number % 2 else long for number in range(size)]
    return x, np.arange(size) % 2


@pytest.mark.parametrize(
    ("name", "loaded", "input_shape"),
    [
        ("fashion_mnist", (images(60_000, 2, 3), images(10_000, 2, 3)), (2, 3, 1)),
        (
            "cifar10",
            (
                images(50_000, 2, 2, 3, labels_shape=(1,)),
                images(10_000, 2, 2, 3, labels_shape=(1,)),
            ),
            (2, 2, 3),
        ),
        ("imdb", (reviews(25_000), reviews(25_000)), (200,)),
    ],
    ids=["fashion_mnist", "cifar10", "imdb"],
)
def test_downloaded_data_sets(monkeypatch, name, loaded, input_shape):
    asked = []
    monkeypatch.setattr(LOAD_DATA.format(name), lambda **s: asked.append(s) or loaded)
    dataset = load_dataset(name)
    assert asked == [{"num_words": 10_000} if name == "imdb" else {}]
    assert dataset.name == name
    assert dataset.vocabulary_size == (10_000 if name == "imdb" else None)
    for (x, y), size in zip(splits(dataset), SIZES[name]):
        assert x.shape == (size, *input_shape)
        assert y.shape == (size,)
        assert len(set(np.bincount(y))) == 1  # classes in proportion
        if name != "imdb":
            assert x.dtype == np.float32
            # Pixels lie in [0, 1], and each is still with its own label.
            np.testing.assert_array_equal(x.reshape(size, -1), (y % 2)[:, None] + 0 * x[0].ravel())
    assert equal(load_dataset(name), load_dataset(name))


def test_reviews_keep_their_last_words_with_zeros_in_front(monkeypatch):
    loaded = reviews(25_000), reviews(25_000)
    monkeypatch.setattr(LOAD_DATA.format("imdb"), lambda **settings: loaded)
    x, y = load_dataset("imdb").final_test()
    np.testing.assert_array_equal(x[y == 0][0], np.arange(51, 251))
    np.testing.assert_array_equal(x[y == 1][0], [0] * 197 + [1, 7, 8])


@pytest.mark.parametrize("name", ["fashion_mnist", "cifar10", "imdb"])
def test_a_failed_download_says_what_to_do(monkeypatch, name):
    def load_data(**settings):
        raise Exception("URL fetch failure: no route to host")  # Keras raises it so

    monkeypatch.setattr(LOAD_DATA.format(name), load_data)
    expected = (
        rf"^{name} must be downloaded once \(\d+ MB\), and that failed: .*no route.*or use mnist1d"
    )
    with pytest.raises(ConnectionError, match=expected):
        load_dataset(name)


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(
        ValueError, match=r"dataset must be one of .*got 'minst1d'. Did you mean 'mn"
    ):
        load_dataset("minst1d")


def test_the_registry_names_the_functions_of_the_module():
    assert set(DATASETS) == {*SIZES, "surnames"}  # which has a file of its own
    for name in SIZES:
        assert DATASETS.load(name) is getattr(datasets, name)
