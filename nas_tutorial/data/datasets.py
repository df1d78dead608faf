"""Data sets with a fixed split into training, validation and test set.

The training set fits the weights, the validation set chooses the architecture, and the test set is
read once, at the very end: it is behind `final_test()`, which refuses a second call. Data of your own
come in by `Dataset.from_arrays`, `from_csv`, `from_folder` and `from_keras_dataset`.
"""

import functools
import hashlib
from collections.abc import Callable

import numpy as np

from nas_tutorial.data.own import sources
from nas_tutorial.data.own.checks import TASKS, checked_sets
from nas_tutorial.data.own.origin import Origin
from nas_tutorial.names import DIGEST_LENGTH, Entry, Registry, one_of, require_kind, whole
from nas_tutorial.randomness import kept_global_state

Arrays = tuple[np.ndarray, np.ndarray]


class Dataset:
    """Inputs and what is to be predicted, split into training, validation and test set.

    Args:
        name: Short name.
        train: (x, y): finite x of shape (num_samples, length, channels), (num_samples, height,
            width, channels), (num_samples, num_features), or (num_samples, length) of tokens. What
            y is, the task says.
        validation: The same, for choosing.
        test: The same, for one final look; None where there is none.
        class_names: One per class, label or target.
        vocabulary_size: How many tokens there are, where x holds token numbers.
        task: "classification": y of shape (num_samples,) holds whole numbers in [0, num_classes); a
            column is taken as a row, and False and True as 0 and 1. "multilabel": y of shape
            (num_samples, num_labels) holds 0 and 1. "regression": y of shape (num_samples,
            num_targets) holds finite numbers; a row is taken as one column.
        origin: Where the samples came from, for the run card.

    Raises:
        ValueError: If a set is empty, ragged, no pair of arrays, or has inputs that are not finite
            or no tokens, a y that does not fit the task, or another shape than the training set.
    """

    def __init__(
        self,
        name: str,
        train: Arrays,
        validation: Arrays,
        test: Arrays | None = None,
        *,
        class_names: tuple[str, ...],
        vocabulary_size: int | None = None,
        task: str = "classification",
        origin: Origin | None = None,
    ):
        advice = 'Write ("cat", "dog").'
        require_kind("class_names", class_names, tuple | list, advice)
        for each in class_names:
            require_kind("the name of a class", each, str, advice)
        self.name = name
        self.class_names = tuple(class_names)
        if vocabulary_size is not None:
            vocabulary_size = whole("vocabulary_size", vocabulary_size, 1)
        self.vocabulary_size = vocabulary_size
        self.task, self.origin = one_of("task", task, TASKS), origin
        given = {"training": train, "validation": validation, "test": test}
        sets = checked_sets(name, given, self.num_classes, vocabulary_size, self.task)
        (self.x_train, self.y_train), (self.x_val, self.y_val), self._test = sets
        self._test_was_read = False
        self._is_registered = False

    def __repr__(self) -> str:
        num_test = f"{len(self._test[0]):,}" if self._test else "no"
        outputs = {"classification": "classes", "multilabel": "labels", "regression": "targets"}
        return (
            f"Dataset({self.name}: {len(self.x_train):,} train, {len(self.x_val):,} validation, "
            f"{num_test} test; inputs {self.input_shape}, {self.num_classes} {outputs[self.task]})"
        )

    def __reduce__(self):
        """What `load_dataset` loaded pickles as its name: another process loads it itself."""
        if self._is_registered:
            return _loaded_again, (self.name, self.digest)
        splits = (self.x_train, self.y_train), (self.x_val, self.y_val), self._test
        names = "class_names", "vocabulary_size", "task", "origin"
        rebuilt = functools.partial(Dataset, **{name: getattr(self, name) for name in names})
        return rebuilt, (self.name, *splits)

    from_arrays = classmethod(sources.from_arrays)
    from_csv = classmethod(sources.from_csv)
    from_folder = classmethod(sources.from_folder)
    from_keras_dataset = classmethod(sources.from_keras_dataset)

    @property
    def input_shape(self) -> tuple[int, ...]:
        return self.x_train.shape[1:]

    @property
    def num_classes(self) -> int:
        """How many classes there are; or labels, or targets: numbers that a network returns."""
        return len(self.class_names)

    @property
    def has_test(self) -> bool:
        """Whether there is a test set, read or not."""
        return self._test is not None

    @functools.cached_property
    def digest(self) -> str:
        """A short hash of the task, all arrays and the numbers of outputs and tokens: what the
        data are."""
        kind = () if self.task == "classification" else (self.task,)
        content = hashlib.sha256(repr((self.num_classes, self.vocabulary_size, *kind)).encode())
        for x, y in filter(
            None, ((self.x_train, self.y_train), (self.x_val, self.y_val), self._test)
        ):
            content.update(repr((x.dtype.str, x.shape)).encode())
            content.update(np.ascontiguousarray(x).data)
            content.update(np.ascontiguousarray(y, "float32" if y.ndim > 1 else "int64").data)
        return content.hexdigest()[:DIGEST_LENGTH]

    def train_and_validation(self) -> Arrays:
        """Both sets in one, for training the architecture that has been chosen."""
        x, y = (self.x_train, self.x_val), (self.y_train, self.y_val)
        return np.concatenate(x), np.concatenate(y)

    def final_test(self) -> Arrays:
        """The test set (x, y), once.

        Raises:
            RuntimeError: Where there is none, and on the second call. A test set that is read twice
                helps to choose, and then no longer gives an honest estimate.
        """
        if self._test is None:
            raise RuntimeError(
                f"{self.name} must have a test set to be read, but none was set apart. Report what "
                "was measured on the validation set, and call it so, or make the data set with one."
            )
        if self._test_was_read:
            raise RuntimeError(
                f"the test set of {self.name} must be read once, and it was read already. Use "
                "x_val and y_val to choose; to begin a new study, load the data set again."
            )
        self._test_was_read = True
        return self._test


def load_dataset(name: str) -> Dataset:
    """Load a data set of `DATASETS` by name, its test set unread.

    Raises:
        ValueError: If the name is unknown.
        ConnectionError: If it has to be downloaded and cannot be.
    """
    dataset = DATASETS.load(name)()
    dataset._is_registered = True
    return dataset


def mnist1d() -> Dataset:
    """MNIST-1D: ten digits drawn as noisy curves of 40 points; 4,000 / 4,000 / 4,000.

    Generated on the spot with the paper's settings except for the number of samples, so that the
    validation and test sets are large enough to tell good architectures apart.

    Reference:
        Greydanus and Kobak 2024, Scaling down deep learning with MNIST-1D.
    """
    x, y = _mnist1d_arrays()
    splits = [(x[start : start + 4000], y[start : start + 4000]) for start in (0, 4000, 8000)]
    return Dataset("mnist1d", *splits, class_names=tuple("0123456789"))


@functools.lru_cache(maxsize=1)
def _mnist1d_arrays() -> Arrays:
    with kept_global_state():  # the generator seeds NumPy's global state
        from mnist1d.data import get_dataset_args, make_dataset

        settings = get_dataset_args()
        settings.num_samples = 12_000
        made = make_dataset(settings)
    x = np.concatenate([made["x"], made["x_test"]])[..., None].astype("float32")
    return x, np.concatenate([made["y"], made["y_test"]]).astype("int32")


def digits() -> Dataset:
    """scikit-learn's digits: 1,797 images of 8 x 8 pixels; 1,077 / 360 / 360.

    Reference:
        Alpaydin and Kaynak 1998, Optical recognition of handwritten digits, UCI repository.
    """
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    x = (x / 16).reshape(-1, 8, 8, 1).astype("float32")
    rest, test = _split(x, y, 360)
    return Dataset("digits", *_split(*rest, 360), test, class_names=tuple("0123456789"))


def fashion_mnist() -> Dataset:
    """Fashion-MNIST: 28 x 28 grey images of clothes; 50,000 / 10,000 / 10,000. Downloaded once.

    Reference:
        Xiao, Rasul and Vollgraf 2017, Fashion-MNIST.
    """
    names = ("T-shirt", "trouser", "pullover", "dress", "coat",
             "sandal", "shirt", "sneaker", "bag", "ankle boot")  # fmt: skip
    return _images("fashion_mnist", names, megabytes=30)


def cifar10() -> Dataset:
    """CIFAR-10: 32 x 32 colour photographs; 40,000 / 10,000 / 10,000. Downloaded once.

    Reference:
        Krizhevsky 2009, Learning multiple layers of features from tiny images.
    """
    names = ("airplane", "automobile", "bird", "cat", "deer",
             "dog", "frog", "horse", "ship", "truck")  # fmt: skip
    return _images("cifar10", names, megabytes=170)


def imdb() -> Dataset:
    """IMDB film reviews, the last 200 words of each as token numbers: 20,000 / 5,000 / 25,000.

    The 10,000 most frequent words have a number of their own. Downloaded once.

    Reference:
        Maas et al. 2011, Learning word vectors for sentiment analysis.
    """
    words = 10_000
    (x, y), (x_test, y_test) = _downloaded("imdb", megabytes=17, num_words=words)
    splits = (*_split(padded(x, 200), y, 5_000), (padded(x_test, 200), y_test))
    return Dataset("imdb", *splits, class_names=("negative", "positive"), vocabulary_size=words)


DATASETS = Registry(
    "dataset",
    {
        "mnist1d": Entry(f"{__name__}:mnist1d", "digits as curves of 40 points, generated"),
        "digits": Entry(f"{__name__}:digits", "8 x 8 images, comes with scikit-learn"),
        "surnames": Entry("nas_tutorial.data.surnames:surnames", "names of seven languages"),
        "fashion_mnist": Entry(f"{__name__}:fashion_mnist", "28 x 28 images, 30 MB download"),
        "cifar10": Entry(f"{__name__}:cifar10", "32 x 32 colour images, 170 MB download"),
        "imdb": Entry(f"{__name__}:imdb", "film reviews as words, 17 MB download"),
    },
)


def _split(x: np.ndarray, y: np.ndarray, size: int) -> tuple[Arrays, Arrays]:
    """Set `size` samples apart, classes in proportion, the same ones every time."""
    from sklearn.model_selection import train_test_split

    x_rest, x_apart, y_rest, y_apart = train_test_split(
        x, y, test_size=size, stratify=y, random_state=0
    )
    return (x_rest, y_rest), (x_apart, y_apart)


def _images(name: str, class_names: tuple[str, ...], *, megabytes: int) -> Dataset:
    """Images of `keras.datasets`, with pixels in [0, 1]; 10,000 of those to train on validate."""
    (x, y), test = (
        (x.reshape(*x.shape[:3], -1).astype("float32") / 255, y.ravel())
        for x, y in _downloaded(name, megabytes=megabytes)
    )
    return Dataset(name, *_split(x, y, 10_000), test, class_names=class_names)


def _downloaded(name: str, *, megabytes: int, **settings) -> tuple[Arrays, Arrays]:
    """What `keras.datasets` has under this name: from its cache, or from the network."""
    from nas_tutorial.backend import keras

    loader: Callable = getattr(keras.datasets, name).load_data
    try:
        return loader(**settings)
    except Exception as error:  # Keras raises a bare Exception where a download fails
        raise ConnectionError(
            f"{name} must be downloaded once ({megabytes} MB), and that failed: {error}. Connect "
            "to the network, or use mnist1d, digits or surnames, which need none."
        ) from error


def padded(sequences, length: int) -> np.ndarray:
    """The last `length` tokens of each sequence, with zeros in front of shorter ones."""
    rows = np.zeros((len(sequences), length), dtype="int32")
    for row, sequence in zip(rows, sequences):
        kept = sequence[-length:]
        row[length - len(kept) :] = kept
    return rows


def _loaded_again(name: str, digest: str) -> Dataset:
    dataset = load_dataset(name)
    if dataset.digest != digest:
        raise ValueError(
            f"{name} must be the same data in every process, but here it is {dataset.digest} and "
            f"where it was sent from {digest}. Install the same packages in both places."
        )
    return dataset
