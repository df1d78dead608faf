"""What strategies with a predictor share: what it sees of an architecture, and what it predicts."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy.special import ndtri
from scipy.stats import rankdata

from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.spaces.graph import Graph
from nas_tutorial.strategies.base import whole


def one_hot(space: SearchSpace, architectures: Sequence[Architecture]) -> np.ndarray:
    """`space.encode` for many at once, of shape (num_architectures, num_features)."""
    columns, total = [], 0
    for choice in space.choices:
        columns.append({option: total + place for place, option in enumerate(choice.options)})
        total += len(choice.options)
    features = np.zeros((len(architectures), total))
    for row, architecture in zip(features, architectures):
        row[[column[value] for column, value in zip(columns, architecture.values)]] = 1
    return features


def operation_counts(space: SearchSpace, graphs: Sequence[Graph]) -> np.ndarray:
    """How often each of the space's operations occurs in a graph.

    Two networks with the same operations in other places are often alike, which the one-hot
    encoding does not show. Pruned graphs of one network give equal counts.

    Args:
        space: Every text among its options counts as an operation.
        graphs: Pruned, so that what does no work does not count.

    Returns:
        Counts of shape (num_graphs, num_operations), operations in the order of the options.
    """
    options = dict.fromkeys(option for choice in space.choices for option in choice.options)
    operations = [option for option in options if isinstance(option, str)]
    counts = [Counter(graph.operations) for graph in graphs]
    return np.array([[count[operation] for operation in operations] for count in counts], float)


def normal_scores(keys: Sequence[tuple]) -> np.ndarray:
    """Ranks turned into standard normal values: the smallest key gets the largest score.

    A predictor of such scores is blind to the unit of the objective and to outliers, and heeds
    constraints and direction as far as the ranking key does.

    Args:
        keys: Ranking keys of at least one trial.

    Returns:
        Scores of shape (num_keys,), of mean 0; equal keys share one.

    Reference:
        Blom 1958, Statistical estimates and transformed beta-variables (scores of shifted ranks; the
        shift of one half is Hazen's of 1914, Blom's own is 3/8).
    """
    order = {key: place for place, key in enumerate(sorted(set(keys), reverse=True))}
    ranks = rankdata([order[key] for key in keys])
    return ndtri((ranks - 0.5) / len(keys))


def at_least(least: int, **setting) -> int:
    """The one setting given by name, as Python's int.

    Raises:
        ValueError: If it is no whole number, or smaller than `least`.
    """
    ((name, value),) = setting.items()
    value = whole(name, value)
    if value < least:
        raise ValueError(f"{name} must be at least {least}, got {value}. Raise it.")
    return value
