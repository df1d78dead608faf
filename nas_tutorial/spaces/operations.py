"""From the name of an operation to Keras layers, in one dimension (sequences) and two (images)."""

from collections.abc import Callable
from functools import partial

import numpy as np

from nas_tutorial.backend import keras
from nas_tutorial.names import one_of

MOMENTUM = 0.9  # of batch normalisation; Keras's 0.99 is too slow for runs of a few epochs


class Layers:
    """Makes layers of one rank (1 for sequences, 2 for images), each with a seed of its own."""

    def __init__(self, rank: int, seed: int):
        self._rank = rank
        self._rng = np.random.default_rng(seed)

    def conv(self, x, filters: int, kernel: int, strides: int = 1):
        start = keras.initializers.HeNormal(seed=self._next_seed())
        settings = {"padding": "same", "use_bias": False, "kernel_initializer": start}
        return self._layer("Conv")(filters, kernel, strides=strides, **settings)(x)

    def dense(self, x, units: int):
        start = keras.initializers.GlorotUniform(seed=self._next_seed())
        return keras.layers.Dense(units, kernel_initializer=start)(x)

    def pool(self, x, kind: str):
        return self._layer(f"{kind}Pooling")(3, strides=1, padding="same")(x)

    def batch_norm(self, x):
        return keras.layers.BatchNormalization(momentum=MOMENTUM)(x)

    def relu(self, x):
        return keras.layers.ReLU()(x)

    def average(self, x):
        return self._layer("GlobalAveragePooling")()(x)

    def _layer(self, name: str):
        return getattr(keras.layers, f"{name}{self._rank}D")

    def _next_seed(self) -> int:
        return int(self._rng.integers(2**31))


def relu_conv_bn(make: Layers, x, filters: int, *, kernel: int, strides: int = 1):
    return make.batch_norm(make.conv(make.relu(x), filters, kernel, strides))


def conv_bn_relu(make: Layers, x, filters: int, *, kernel: int):
    return make.relu(make.batch_norm(make.conv(x, filters, kernel)))


# Name -> (make, x, filters) -> tensor. "3x3" means three taps where the input is a sequence.
OPERATIONS: dict[str, Callable] = {
    "skip_connect": lambda make, x, filters: x,
    "nor_conv_1x1": partial(relu_conv_bn, kernel=1),
    "nor_conv_3x3": partial(relu_conv_bn, kernel=3),
    "nor_conv_5x5": partial(relu_conv_bn, kernel=5),
    "avg_pool_3x3": lambda make, x, filters: make.pool(x, "Average"),
    "max_pool_3x3": lambda make, x, filters: make.pool(x, "Max"),
    "conv1x1-bn-relu": partial(conv_bn_relu, kernel=1),
    "conv3x3-bn-relu": partial(conv_bn_relu, kernel=3),
    "maxpool3x3": lambda make, x, filters: make.pool(x, "Max"),
}


BUILT_IN = dict(OPERATIONS)  # what the names mean here, whatever is put in their place later


def operation_of(name: str) -> Callable:
    """The function (make, x, filters) -> tensor that builds this operation.

    Raises:
        ValueError: If there is no operation of the name; the message has the nearest one.
    """
    return OPERATIONS[one_of("an operation", name, OPERATIONS)]
