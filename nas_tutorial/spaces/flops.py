"""What a model costs, counted without running it: floating-point operations."""

import math
from collections.abc import Callable

from nas_tutorial.backend import keras

# Class of a layer without 1D or 2D -> (layer, numbers in, numbers out) -> its operations. Add your own.
FLOPS: dict[str, Callable] = {
    "InputLayer": lambda layer, size_in, size_out: 0,
    "Embedding": lambda layer, size_in, size_out: 0,
    "Concatenate": lambda layer, size_in, size_out: 0,
    "GetItem": lambda layer, size_in, size_out: 0,
    "Flatten": lambda layer, size_in, size_out: 0,
    "Dropout": lambda layer, size_in, size_out: 0,
    "Activation": lambda layer, size_in, size_out: size_out,
    "Conv": lambda layer, size_in, size_out: 2 * math.prod(layer.kernel.shape[:-1]) * size_out,
    "Dense": lambda layer, size_in, size_out: 2 * size_in * layer.units + layer.units,
    "AveragePooling": lambda layer, size_in, size_out: math.prod(layer.pool_size) * size_out,
    "MaxPooling": lambda layer, size_in, size_out: math.prod(layer.pool_size) * size_out,
    "GlobalAveragePooling": lambda layer, size_in, size_out: size_in,
    "BatchNormalization": lambda layer, size_in, size_out: 2 * size_out,
    # Mean, variance, one subtraction and division, scale and shift: a few for each number.
    "LayerNormalization": lambda layer, size_in, size_out: 6 * size_out,
    "ReLU": lambda layer, size_in, size_out: size_out,
    "Rescaling": lambda layer, size_in, size_out: size_out,
    "Add": lambda layer, size_in, size_out: (len(layer.input) - 1) * size_out,
}


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
    if kind not in FLOPS:
        raise ValueError(
            f"every layer must be of a kind whose cost is known, got {type(layer).__name__}. "
            f'Add its cost: nas_tutorial.spaces.flops.FLOPS["{kind}"] = '
            "lambda layer, size_in, size_out: ..."
        )
    return FLOPS[kind](layer, _size(layer.input), _size(layer.output))


def _size(tensor) -> int:
    """Numbers in a tensor without its batch axis; for a list of tensors, in all of them."""
    if isinstance(tensor, (list, tuple)):
        return sum(map(_size, tensor))
    return math.prod(tensor.shape[1:])
