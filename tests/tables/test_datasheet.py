"""The table can be made again from its datasheet: in plain Keras, without a line of this package.

What is quoted stands in nas_tutorial/tables/edge_cell_mnist1d/README.md, from which this was written.
"""

import functools
import hashlib
import itertools
import re
from pathlib import Path

import keras
import numpy as np
import pytest
from mnist1d.data import get_dataset_args, make_dataset

from tests import ROOT

FOLDER = ROOT / "nas_tutorial" / "tables" / "edge_cell_mnist1d"
# "the operations on the edges 0 to 1, 0 to 2, 1 to 2, 0 to 3, 1 to 3 and 2 to 3, in this order"
EDGES = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
# "`none` (no edge), `skip_connect` (the identity), `nor_conv_1x1`, `nor_conv_3x3` and
# `avg_pool_3x3`, in this order"
OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
NONE, SKIP, CONV1, CONV3, POOL = OPERATIONS
CELLS, LENGTH, WIDTH, CLASSES = 3, 40, 16, 10  # "Three equal cells", "The width is 16 channels ..."
STEPS = (10, 17, 19, 39, 52, 78, 155)  # "10, 17, 19, 39, 52, 78 and 155 steps"

DENSE = (CONV3, SKIP, CONV3, CONV1, SKIP, CONV3)
POOLED = (POOL, CONV3, CONV1, POOL, NONE, CONV3)
HALF_DEAD = (CONV3, CONV1, NONE, CONV3, NONE, NONE)  # nothing leads on from nodes 1 and 2
DEAD = (CONV3, NONE, CONV3, NONE, NONE, NONE)  # nothing reaches the output
SOME = (DENSE, POOLED, HALF_DEAD, DEAD, (CONV3,) * 6, (SKIP,) * 6, (POOL,) * 6)


@functools.cache
def data() -> list[tuple[np.ndarray, np.ndarray]]:
    """Training, validation and test set."""
    kept = np.random.get_state()  # noqa: NPY002
    settings = get_dataset_args()
    settings.num_samples = 12_000  # "except that `settings.num_samples` is 12,000"
    assert settings.seed == 42  # "The seed among them is 42."
    made = make_dataset(settings)
    np.random.set_state(kept)  # noqa: NPY002
    # "`x` and `x_test` are joined in this order", "40 positions of one channel, in float32"
    x = np.concatenate([made["x"], made["x_test"]]).reshape(-1, 40, 1).astype("float32")
    y = np.concatenate([made["y"], made["y_test"]]).astype("int32")
    # "Samples 0 to 3,999 are the training set, 4,000 to 7,999 the validation set, ..."
    return [(x[start : start + 4000], y[start : start + 4000]) for start in (0, 4000, 8000)]


def alive(values: tuple[str, ...]) -> dict[tuple[int, int], str]:
    """Edge -> operation."""
    # "An edge that node 0 does not reach, or that does not reach node 3, is removed"
    edges = {edge: operation for edge, operation in zip(EDGES, values) if operation != NONE}
    reached, reaching = {0}, {3}
    for _ in range(3):
        reached |= {target for source, target in edges if source in reached}
        reaching |= {source for source, target in edges if target in reaching}
    return {
        (source, target): operation
        for (source, target), operation in edges.items()
        if source in reached and target in reaching
    }


def identity(edges: dict[tuple[int, int], str]) -> tuple:
    """Equal for isomorphic graphs."""
    # "in the graph every operation is a node, a skip too"
    colours = {edge: hash((name, edge[0] == 0, edge[1] == 3)) for edge, name in edges.items()}
    for _ in edges:
        before = colours
        colours = {}
        for source, target in edges:
            earlier = sorted(before[edge] for edge in edges if edge[1] == source)
            later = sorted(before[edge] for edge in edges if edge[0] == target)
            colours[source, target] = hash((before[source, target], *earlier, None, *later))
    return tuple(sorted(colours.values()))


@functools.cache
def numbers() -> dict[tuple, int]:
    """The number of each network."""
    # "Go through the 15,625 encodings with the last value changing fastest and the operations in
    # the order above: a network is numbered, from 0, when its first encoding is met."
    found: dict[tuple, int] = {}
    for values in itertools.product(OPERATIONS, repeat=6):
        found.setdefault(identity(alive(values)), len(found))
    return found


def row_of(values: tuple[str, ...]) -> int:
    return numbers()[identity(alive(values))]


@functools.cache
def column(name: str, seed: int) -> np.ndarray:
    """What the table holds of all networks."""
    # "one NumPy archive for each seed and 250 networks in the order of their numbers"
    paths = sorted(FOLDER.glob(f"seed{seed}-*.npz"))
    return np.concatenate([np.load(path)[name] for path in paths])


class InitialWeights:
    """The kernels that a seed draws."""

    def __init__(self, values, seed: int):
        # "`numpy.random.default_rng(seed)` draws the stem's kernel of shape (3, 1, 16); then for
        # each cell and each of its six edges a kernel of shape (3, 16, 16), whatever the operation;
        # then the dense layer's matrix of shape (16, 10)."
        rng = np.random.default_rng(seed)
        self.stem = he_normal(rng, (3, 1, WIDTH), fan_in=3)
        self.edges = {}
        for cell, edge in itertools.product(range(CELLS), EDGES):
            # "A 1x1 convolution takes the first of its edge's three taps, with fan-in 16"
            taps = 1 if alive(values).get(edge) == CONV1 else 3
            drawn = he_normal(rng, (3, WIDTH, WIDTH), fan_in=taps * WIDTH)
            self.edges[cell, edge] = drawn[:taps]
        limit = (6 / (WIDTH + CLASSES)) ** 0.5  # "a Glorot-uniform dense layer"
        self.matrix = rng.uniform(-limit, limit, (WIDTH, CLASSES))


def he_normal(rng, shape: tuple[int, ...], fan_in: int) -> np.ndarray:
    # "normal numbers, drawn anew beyond two standard deviations, then scaled to variance 2 / fan-in"
    drawn = rng.standard_normal(shape)
    while (far := np.abs(drawn) > 2).any():
        drawn[far] = rng.standard_normal(far.sum())
    deviation = 0.8796256610342398  # of a standard normal number that is cut there
    return drawn * (2 / fan_in) ** 0.5 / deviation


class Network:
    """Builds the model of an architecture. `momentum` is there to show what another one does."""

    def __init__(self, values: tuple[str, ...], seed: int = 0, momentum: float = 0.9):
        self.edges, self.start = alive(values), InitialWeights(values, seed)
        self.momentum = momentum  # "Momentum 0.9"

    def build(self) -> keras.Model:
        inputs = keras.Input((LENGTH, 1))
        # "The stem is a convolution of three taps, as above but with no ReLU before it"
        x = self.convolved(inputs, self.start.stem)
        for cell in range(CELLS):
            x = self.cell(cell, x)
        # "The head is batch normalisation, ReLU, the average over all positions, and a dense layer"
        x = keras.layers.GlobalAveragePooling1D()(keras.layers.ReLU()(self.normalised(x)))
        dense = keras.layers.Dense(CLASSES, kernel_initializer=constant(self.start.matrix))
        return keras.Model(inputs, dense(x))

    def cell(self, number: int, x):
        nodes = {0: x}
        for node in (1, 2, 3):
            arriving = [
                self.applied(operation, nodes[edge[0]], self.start.edges[number, edge])
                for edge, operation in self.edges.items()
                if edge[1] == node
            ]
            if arriving:  # "every other node is the sum of what its edges bring"
                nodes[node] = keras.layers.Add()(arriving) if len(arriving) > 1 else arriving[0]
        # "Where nothing is left, the cell's output is zero."
        return nodes[3] if self.edges else keras.layers.Rescaling(0.0)(x)

    def applied(self, operation: str, x, kernel: np.ndarray):
        if operation == SKIP:
            return x
        if (
            operation == POOL
        ):  # "The average over three positions with stride 1. Padding is left out"
            return keras.layers.AveragePooling1D(3, strides=1, padding="same")(x)
        return self.convolved(keras.layers.ReLU()(x), kernel)  # "ReLU, then a convolution ..."

    def convolved(self, x, kernel: np.ndarray):
        # "with stride 1, zero padding", "and no bias, then batch normalisation"
        taps, _, width = kernel.shape
        settings = {"padding": "same", "use_bias": False, "kernel_initializer": constant(kernel)}
        return self.normalised(keras.layers.Conv1D(width, taps, **settings)(x))

    def normalised(self, x):
        # "epsilon 0.001, scale and offset both trained"
        return keras.layers.BatchNormalization(momentum=self.momentum, epsilon=0.001)(x)


def constant(array: np.ndarray):
    """An initialiser that gives these values."""
    return lambda shape, dtype=None: array


def train(model: keras.Model, seed: int, checkpoints: tuple[int, ...]) -> tuple[list, int]:
    """The training loss at each checkpoint, and the right validation predictions at the last."""
    (x, y), (x_val, y_val), _ = data()
    # "The rate of step t, from 0, is 0.1 · (1 + cos(π t / 155)) / 2."
    rate = keras.optimizers.schedules.CosineDecay(0.1, 155)
    model.compile(
        # "Stochastic gradient descent with Nesterov momentum 0.9, as in Keras"
        optimizer=keras.optimizers.SGD(rate, momentum=0.9, nesterov=True),
        # "The mean cross-entropy of the batch.", "ten logits"
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=keras.backend.backend() == "jax",  # how fast, not what
    )
    # "a permutation of the 4,000 training samples for each epoch. Its first 3,968 samples are 31
    # batches of 128; the remaining 32 are dropped."
    rng = np.random.default_rng(seed)
    order = np.concatenate([rng.permutation(4000)[:3968].reshape(31, 128) for _ in range(5)])
    losses = []
    for begin, end in itertools.pairwise((0, *checkpoints)):
        # "the mean loss of the batches since the checkpoint before"
        rows = order[begin:end].ravel()
        run = model.fit(x[rows], y[rows], batch_size=128, shuffle=False, verbose=0)
        losses.append(run.history["loss"][0])
    predicted = model.predict(x_val, batch_size=500, verbose=0).argmax(axis=1)
    return losses, int((predicted == y_val).sum())


def costs(values: tuple[str, ...]) -> tuple[int, int]:
    """Parameters and FLOPs, added up by hand."""
    # "All numbers that the network holds, moving means and variances included, dead edges excluded."
    edges, n = alive(values), LENGTH * WIDTH
    normalisation, dense = 4 * WIDTH, WIDTH * CLASSES + CLASSES
    parameters = 3 * WIDTH + normalisation + normalisation + dense
    # "a convolution 2 · taps · input channels · n, batch normalisation 2n, ReLU n", "the average over
    # all positions 640, the dense layer 330"
    flops = 2 * 3 * 1 * n + 2 * n + 2 * n + n + 640 + 330
    for operation in edges.values():
        if operation == POOL:  # "pooling 3n"
            flops += CELLS * 3 * n
        if operation in (CONV1, CONV3):
            taps = 1 if operation == CONV1 else 3
            parameters += CELLS * (taps * WIDTH * WIDTH + normalisation)
            flops += CELLS * (n + 2 * taps * WIDTH * n + 2 * n)
    for node in (1, 2, 3):  # "adding k tensors (k − 1) n"
        flops += CELLS * max(0, sum(target == node for _, target in edges) - 1) * n
    # "A cell that gives zero costs 640, a multiplication by zero."
    return parameters, flops if edges else flops + CELLS * 640


def test_what_is_quoted_here_stands_in_the_datasheet():
    code = Path(__file__).read_text(encoding="utf-8")
    comments = re.findall(r"((?:(?:^ *|  )# .*\n)+)", code, re.MULTILINE)
    said = [re.sub(r"\s*\n\s*# |^\s*# ", " ", comment) for comment in comments]
    quoted = [quote for comment in said for quote in re.findall(r'"([^"]+)"', comment)]
    assert len(quoted) > 30
    for piece in itertools.chain(*(quote.split(" ...") for quote in quoted)):
        assert " ".join(piece.split()) in " ".join(datasheet().split())


def datasheet() -> str:
    return (FOLDER / "README.md").read_text(encoding="utf-8")


def test_the_data_have_the_checksum():
    # "each as float32, rounded to three decimals, negative zeros made positive, in C order as
    # little-endian bytes"
    digest = hashlib.sha256()
    for values in (*data()[0], *data()[1]):
        digest.update((np.round(values.astype("<f4"), 3) + 0.0).tobytes())
    assert re.search(r"SHA-256 is `(\w+)`", datasheet())[1] == digest.hexdigest()


def test_there_are_8765_networks_in_this_order_and_of_these_costs():
    assert len(numbers()) == 8765 == len(column("row", 0))
    expected = {row_of(values): costs(values) for values in itertools.product(OPERATIONS, repeat=6)}
    in_table = zip(column("parameters", 0).tolist(), column("flops", 0).tolist())
    assert [expected[row] for row in range(8765)] == list(in_table)


@pytest.mark.parametrize("values", SOME, ids=",".join)
def test_a_model_in_plain_keras_has_these_parameters(values):
    assert Network(values).build().count_params() == column("parameters", 0)[row_of(values)]


def test_the_first_steps_agree_to_several_digits():
    losses, _ = train(Network(DENSE, seed=2).build(), 2, STEPS[:2])
    np.testing.assert_allclose(losses, column("train_loss", 2)[row_of(DENSE)][:2], atol=0.01)


def test_a_whole_training_run_ends_within_the_tables_spread():
    losses, correct = train(Network(POOLED).build(), 0, STEPS)
    row = row_of(POOLED)
    np.testing.assert_allclose(losses, column("train_loss", 0)[row], atol=0.1)
    all_seeds = np.stack([column("val_correct", seed)[:, -1] for seed in range(3)], dtype=float)
    spread = all_seeds.var(axis=0, ddof=1).mean() ** 0.5  # of the runs of one network, by seed
    assert abs(correct - all_seeds[0, row]) < 2 * spread


def test_with_kerass_own_momentum_it_would_be_another_network():
    _, correct = train(Network(POOLED, momentum=0.99).build(), 0, STEPS[:4])
    assert correct < 0.7 * column("val_correct", 0)[row_of(POOLED)][3]


def test_a_proxy_is_what_the_datasheet_says():
    # "the initial weights of seed s, as above, and the first 64 samples of
    # `numpy.random.default_rng(s).permutation(4000)` from the training set", "Batch normalisation
    # takes the batch's own statistics.", "K[i, j] counts the outputs of all ReLUs that are positive
    # for both samples i and j, or for neither"
    model = Network(DENSE, seed=2).build()
    relus = [layer.output for layer in model.layers if isinstance(layer, keras.layers.ReLU)]
    batch = data()[0][0][np.random.default_rng(2).permutation(4000)[:64]]
    outputs = keras.Model(model.input, relus)(batch, training=True)
    on = np.concatenate([np.reshape(output, (64, -1)) > 0 for output in outputs], axis=1)
    agreements = (on[:, None] == on).sum(axis=2)
    in_table = np.load(FOLDER / "proxies.npz")["naswot"][row_of(DENSE), 2]
    assert np.linalg.slogdet(agreements.astype(float)).logabsdet == pytest.approx(
        in_table, rel=1e-3
    )
