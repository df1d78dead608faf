"""A fully connected network in Keras."""

import numpy as np

from nas_tutorial.backend import keras
from nas_tutorial.spaces.operations import MOMENTUM


def dense_network(
    input_shape: tuple[int, ...],
    num_classes: int,
    *,
    layers: int,
    units: int,
    activation: str,
    normalisation: str,
    dropout_percent: int,
    connections: str,
    seed: int,
) -> keras.Model:
    """The model of an architecture of `DenseSpace`; see there."""
    rng = np.random.default_rng(seed)
    inputs = keras.Input(input_shape)
    x = keras.layers.Flatten()(inputs) if len(input_shape) > 1 else inputs
    for layer in range(layers):
        before = x
        x = keras.layers.Dense(units, kernel_initializer=_start("HeNormal", rng))(x)
        if normalisation == "batch":
            x = keras.layers.BatchNormalization(momentum=MOMENTUM)(x)
        if normalisation == "layer":
            x = keras.layers.LayerNormalization()(x)
        is_relu = activation == "relu"  # which proxies look for by its own layer
        x = (keras.layers.ReLU() if is_relu else keras.layers.Activation(activation))(x)
        if dropout_percent:
            x = keras.layers.Dropout(dropout_percent / 100, seed=int(rng.integers(2**31)))(x)
        if connections == "residual" and layer > 0:
            x = keras.layers.Add()([before, x])
    last = keras.layers.Dense(num_classes, kernel_initializer=_start("GlorotUniform", rng))
    return keras.Model(inputs, last(x))


def _start(name: str, rng: np.random.Generator):
    return getattr(keras.initializers, name)(seed=int(rng.integers(2**31)))
