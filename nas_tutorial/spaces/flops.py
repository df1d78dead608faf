"""What a model costs, counted without running it: floating-point operations, and memory."""

import math

from nas_tutorial.backend import keras


def count_flops(model: keras.Model) -> int:
    """Floating-point operations of one forward pass of one sample.

    A multiplication and an addition count as two; batch normalisation as the one multiplication
    and one addition that it comes down to after training; slicing, joining and look-ups as none.

    Raises:
        ValueError: If the model holds a layer whose cost this function does not know.
    """
    return sum(_layer_flops(layer) for layer in model.layers)


def _layer_flops(layer) -> int:
    """The cost of one layer, from its class name and the shapes that pass through it."""
    kind = type(layer).__name__.removesuffix("1D").removesuffix("2D")
    if kind in ("InputLayer", "Embedding", "Concatenate", "GetItem"):
        return 0
    size_in, size_out = _size(layer.input), _size(layer.output)
    if kind == "Conv":
        return 2 * math.prod(layer.kernel.shape[:-1]) * size_out
    if kind == "Dense":
        return 2 * size_in * layer.units + layer.units
    if kind in ("AveragePooling", "MaxPooling"):
        return math.prod(layer.pool_size) * size_out
    if kind == "GlobalAveragePooling":
        return size_in
    if kind == "BatchNormalization":
        return 2 * size_out
    if kind in ("ReLU", "Rescaling"):
        return size_out
    if kind == "Add":
        return (len(layer.input) - 1) * size_out
    raise ValueError(
        f"every layer must be of a kind whose cost is known, got {type(layer).__name__}. "
        "Add its cost to nas_tutorial.spaces.flops."
    )


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
    outputs = sum(_size(layer.output) for layer in model.layers)
    return 4 * (3 * trainable + others + 2 * batch_size * outputs)


def _size(tensor) -> int:
    """Numbers in a tensor without its batch axis; for a list of tensors, in all of them."""
    if isinstance(tensor, (list, tuple)):
        return sum(map(_size, tensor))
    return math.prod(tensor.shape[1:])
