"""Annex: one edge of a cell whose operation is chosen while the program runs.

A compiled program is bound to one network; compiling takes longer than training a small one. So the
operation is an argument here: a switch runs the branch that is asked for and no other. Automatic
differentiation through a switch keeps what every branch would need; the backward pass is therefore
written by hand, as a second switch.

All branches take and return equal shapes. An edge's weights are one vector: a convolution kernel of
three taps (a 1x1 convolution uses the first third), then batch normalisation's scale and offset.

Reference:
    Ioffe and Szegedy 2015, Batch normalization, section 3 (the gradients).
"""

from nas_tutorial.backend import keras

ops = keras.ops

EPSILON = 1e-3  # in batch normalisation, as in Keras


def edge_weights(filters: int) -> int:
    """How many numbers the weights of an edge are."""
    return 3 * filters * filters + 2 * filters


def edge(operation, x, weights):
    """Apply an operation in training, with batch statistics.

    Args:
        operation: Index into EdgeCellSpace.OPERATIONS, a scalar tensor.
        x: Of shape (batch, length, filters).
        weights: Of shape (edge_weights(filters),).

    Returns:
        (y, statistics): y of x's shape, and the batch mean and variance that normalised it, of
        shape (2, filters); zero and one where the operation does not normalise. Gradients flow
        through y alone.
    """

    @ops.custom_gradient
    def apply(x, weights):
        y, normalised, scale, statistics = ops.switch(operation, _FORWARD, x, weights)

        def gradient(*upstream_outputs, upstream=None):
            dy = _first(upstream_outputs if upstream is None else upstream)
            return ops.switch(operation, _BACKWARD, dy, x, weights, normalised, scale)

        return (y, statistics), gradient

    return apply(x, weights)


def edge_at_rest(operation, x, weights, statistics):
    """Apply an operation after training, with the statistics that training collected.

    Args:
        operation, x, weights: As in `edge`.
        statistics: Mean and variance, of shape (2, filters).

    Returns:
        y, of x's shape.
    """
    return ops.switch(operation, _AT_REST, x, weights, statistics)


def normalise(z):
    """Batch normalisation without scale and offset.

    Args:
        z: Of shape (rows, filters).

    Returns:
        The normalised z, the factor 1 / standard deviation of shape (1, filters), and mean and
        variance of shape (2, filters).
    """
    mean = _column_means(z)
    centred = z - mean
    variance = _column_means(centred * centred)
    factor = ops.rsqrt(variance + EPSILON)
    return centred * factor, factor, ops.concatenate([mean, variance], axis=0)


def normalise_at_rest(z, statistics):
    """Batch normalisation by collected statistics, of shape (2, filters)."""
    return (z - statistics[0]) * ops.rsqrt(statistics[1] + EPSILON)


def as_rows(x):
    """(batch, length, filters) as a matrix of shape (batch * length, filters)."""
    return ops.reshape(x, (-1, x.shape[-1]))


def taps(x):
    """Each position beside its neighbours: (batch, length, filters) to (batch, length, 3 filters).

    A convolution of three taps is one matrix product with these.
    """
    padded = ops.pad(x, [[0, 0], [1, 1], [0, 0]])
    return ops.concatenate([padded[:, :-2], x, padded[:, 2:]], axis=-1)


# --- forwards: (x, weights) -> (y, normalised, scale, statistics) ---------------------------------


def _none(x, weights):
    return ops.zeros_like(x), *_nothing_normalised(x)


def _skip(x, weights):
    return x, *_nothing_normalised(x)


def _conv1(x, weights):
    return _normalised_product(x, as_rows(ops.relu(x)), _kernel(weights, taps=1), weights)


def _conv3(x, weights):
    return _normalised_product(x, as_rows(taps(ops.relu(x))), _kernel(weights, taps=3), weights)


def _pool(x, weights):
    return _sum_of_three(x) * _one_over_count(x), *_nothing_normalised(x)


def _normalised_product(x, inputs, kernel, weights):
    normalised, factor, statistics = normalise(ops.matmul(inputs, kernel))
    scale, offset = _scale_and_offset(weights, x.shape[-1])
    y = ops.reshape(normalised * scale + offset, x.shape)
    return y, normalised, factor, statistics


def _nothing_normalised(x):
    """Stand-ins of the right shapes for branches without batch normalisation."""
    zero, one = ops.zeros((1, x.shape[-1])), ops.ones((1, x.shape[-1]))
    return as_rows(x), one, ops.concatenate([zero, one], axis=0)


# --- backwards: (dy, x, weights, normalised, factor) -> (dx, dweights) ----------------------------


def _none_back(dy, x, weights, normalised, factor):
    return ops.zeros_like(x), ops.zeros_like(weights)


def _skip_back(dy, x, weights, normalised, factor):
    return dy, ops.zeros_like(weights)


def _conv1_back(dy, x, weights, normalised, factor):
    dz, d_scale_offset = _normalise_back(dy, weights, normalised, factor)
    d_kernel = ops.matmul(ops.transpose(as_rows(ops.relu(x))), dz)
    d_inputs = ops.matmul(dz, ops.transpose(_kernel(weights, taps=1)))
    unused = ops.zeros((2 * x.shape[-1] ** 2,))
    d_weights = ops.concatenate([ops.reshape(d_kernel, (-1,)), unused, d_scale_offset])
    return _relu_back(d_inputs, x), d_weights


def _conv3_back(dy, x, weights, normalised, factor):
    filters = x.shape[-1]
    dz, d_scale_offset = _normalise_back(dy, weights, normalised, factor)
    d_kernel = ops.matmul(ops.transpose(as_rows(taps(ops.relu(x)))), dz)
    kernel = ops.reshape(_kernel(weights, taps=3), (3, filters, filters))
    mirrored = ops.reshape(
        ops.transpose(ops.flip(kernel, axis=0), (0, 2, 1)), (3 * filters, filters)
    )
    d_inputs = ops.matmul(as_rows(taps(ops.reshape(dz, x.shape))), mirrored)
    d_weights = ops.concatenate([ops.reshape(d_kernel, (-1,)), d_scale_offset])
    return _relu_back(d_inputs, x), d_weights


def _pool_back(dy, x, weights, normalised, factor):
    return _sum_of_three(dy * _one_over_count(x)), ops.zeros_like(weights)


def _normalise_back(dy, weights, normalised, factor):
    dy = as_rows(dy)
    mean_dy, mean_product = _column_means(dy), _column_means(dy * normalised)
    scale, _ = _scale_and_offset(weights, dy.shape[-1])
    dz = factor * scale * (dy - mean_dy - normalised * mean_product)
    rows = dy.shape[0]
    return dz, rows * ops.concatenate([mean_product[0], mean_dy[0]])


def _relu_back(d_inputs, x):
    return ops.where(x > 0, ops.reshape(d_inputs, x.shape), 0.0)


# --- at rest: (x, weights, statistics) -> y -------------------------------------------------------


def _none_at_rest(x, weights, statistics):
    return ops.zeros_like(x)


def _skip_at_rest(x, weights, statistics):
    return x


def _conv1_at_rest(x, weights, statistics):
    z = ops.matmul(as_rows(ops.relu(x)), _kernel(weights, taps=1))
    return _scaled_at_rest(x, z, weights, statistics)


def _conv3_at_rest(x, weights, statistics):
    z = ops.matmul(as_rows(taps(ops.relu(x))), _kernel(weights, taps=3))
    return _scaled_at_rest(x, z, weights, statistics)


def _pool_at_rest(x, weights, statistics):
    return _sum_of_three(x) * _one_over_count(x)


def _scaled_at_rest(x, z, weights, statistics):
    scale, offset = _scale_and_offset(weights, x.shape[-1])
    return ops.reshape(normalise_at_rest(z, statistics) * scale + offset, x.shape)


# In the order of EdgeCellSpace.OPERATIONS.
_FORWARD = (_none, _skip, _conv1, _conv3, _pool)
_BACKWARD = (_none_back, _skip_back, _conv1_back, _conv3_back, _pool_back)
_AT_REST = (_none_at_rest, _skip_at_rest, _conv1_at_rest, _conv3_at_rest, _pool_at_rest)


def _kernel(weights, *, taps: int):
    """The convolution kernel as a matrix of shape (taps * filters, filters)."""
    filters = _filters(weights)
    return ops.reshape(weights[: taps * filters * filters], (taps * filters, filters))


def _scale_and_offset(weights, filters: int):
    return weights[-2 * filters : -filters], weights[-filters:]


def _filters(weights) -> int:
    """Solve edge_weights(filters) = size for filters."""
    return round(((1 + 3 * weights.shape[0]) ** 0.5 - 1) / 3)


def _column_means(z):
    """The mean of each column, of shape (1, columns): as a matrix product, which is quick."""
    rows = z.shape[0]
    return ops.matmul(ops.full((1, rows), 1.0 / rows), z)


def _sum_of_three(x):
    """Each position plus its two neighbours. Written around a maximum with a huge negative number:
    TensorFlow's optimiser crashes on three shifted additions inside a switch."""
    padded = ops.pad(x, [[0, 0], [1, 1], [0, 0]])
    return ops.maximum(padded[:, :-2] + padded[:, 2:], -3e38) + x


def _one_over_count(x):
    """One over the number of positions that a pooling window of three covers."""
    length = x.shape[1]
    if length == 1:
        return ops.ones((1, 1, 1))
    ends, inner = ops.full((1, 1, 1), 1 / 2), ops.full((1, length - 2, 1), 1 / 3)
    return ops.concatenate([ends, inner, ends], axis=1)


def _first(outputs):
    """The upstream gradient of the first output: backends hand over one tuple or single values."""
    while isinstance(outputs, (tuple, list)):
        outputs = outputs[0]
    return outputs
