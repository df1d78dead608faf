"""How much memory a step of training needs, estimated without running it."""

import math

import keras


def training_bytes(model: keras.Model, batch_size: int) -> int:
    """An estimate of the memory that a step of SGD with momentum needs in 32 bits.

    4 bytes for each of: a trainable weight three times (itself, its gradient, its momentum), any
    other weight once, and the output of each layer for each sample twice (kept for the backward
    pass, and its gradient). A backend that frees gradients early needs less. The data, the backend
    itself and the workspace of its convolutions are not included.

    Args:
        model: A built model.
        batch_size: Samples a step.
    """
    trainable = sum(math.prod(weight.shape) for weight in model.trainable_weights)
    others = model.count_params() - trainable
    outputs = sum(math.prod(layer.output.shape[1:]) for layer in model.layers)
    return 4 * (3 * trainable + others + 2 * batch_size * outputs)
