"""A fully connected network in Keras, and what its layers cost."""

import numpy as np

from nas_tutorial.backend import keras
from nas_tutorial.spaces.flops import FLOPS
from nas_tutorial.spaces.operations import MOMENTUM

FLOPS.update(
    Activation=lambda layer, size_in, size_out: size_out,
    Dropout=lambda layer, size_in, size_out: 0,
    Flatten=lambda layer, size_in, size_out: 0,
    # Mean, variance, one subtraction and division, scale and shift: a few for each number.
    LayerNormalization=lambda layer, size_in, size_out: 6 * size_out,
)


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
        x = (
            keras.layers.ReLU()(x)
            if activation == "relu"
            else keras.layers.Activation(activation)(x)
        )
        if dropout_percent:
            x = keras.layers.Dropout(dropout_percent / 100, seed=int(rng.integers(2**31)))(x)
        if connections == "residual" and layer > 0:
            x = keras.layers.Add()([before, x])
    return keras.Model(
        inputs, keras.layers.Dense(num_classes, kernel_initializer=_start("GlorotUniform", rng))(x)
    )


def _start(name: str, rng: np.random.Generator):
    return getattr(keras.initializers, name)(seed=int(rng.integers(2**31)))
