"""Small graphs and the networks built from them, for the tests of skeleton, operations and flops."""

import numpy as np

from nas_tutorial.backend import keras
from nas_tutorial.spaces.graph import INPUT, OUTPUT, Graph
from nas_tutorial.spaces.skeleton import Skeleton

SMALL = Skeleton(filters=4, cells=(1,))
SEQUENCE, IMAGE = (8, 1), (6, 6, 1)


def graph(*operations: str, edges, output: str = OUTPUT) -> Graph:
    return Graph((INPUT, *operations, output), frozenset(edges))


def chain(*operations: str, output: str = OUTPUT) -> Graph:
    edges = {(i, i + 1) for i in range(len(operations) + 1)}
    return graph(*operations, edges=edges, output=output)


def batch(input_shape, *, size: int = 3, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(size, *input_shape)).astype("float32")


def logits(model, x, **settings) -> np.ndarray:
    return keras.ops.convert_to_numpy(model(x, **settings))


def layers(model, kind: str) -> list:
    return [layer for layer in model.layers if type(layer).__name__.startswith(kind)]
