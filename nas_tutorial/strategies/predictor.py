"""What strategies with a predictor share: what it sees of an architecture, what it predicts, and an
ensemble of predictors."""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy.special import ndtri
from scipy.stats import rankdata
from sklearn.tree import DecisionTreeRegressor

from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.spaces.graph import Graph


def one_hot(space: SearchSpace, architectures: Sequence[Architecture]) -> np.ndarray:
    """`space.encode` for many at once, of shape (num_architectures, num_features)."""
    values = np.array([architecture.values for architecture in architectures], dtype=object)
    columns = zip(values.T, space.choices)
    taken = [values == option for values, choice in columns for option in choice.options]
    return np.transpose(taken).astype(float)


def encode(space: SearchSpace, architectures: Sequence[Architecture]) -> np.ndarray:
    """The one-hot encoding, followed by the operation counts of the pruned graph.

    Both are scaled by the same factor, after which the squared distance between the one-hot
    encodings of two random architectures is 1 on average.

    Returns:
        Features of shape (num_architectures, num_features).
    """
    graphs = [space.graph(architecture).pruned() for architecture in architectures]
    blocks = [one_hot(space, architectures), operation_counts(space, graphs)]
    spread = 2 * sum(1 - 1 / len(choice.options) for choice in space.choices)
    return np.concatenate(blocks, axis=1) / math.sqrt(spread)


def operation_counts(space: SearchSpace, graphs: Sequence[Graph]) -> np.ndarray:
    """How often each of the space's operations occurs in a graph.

    Two networks with the same operations in other places often perform similarly, which the one-hot
    encoding does not show. Isomorphic encodings have equal counts.

    Args:
        space: Every text among its options counts as an operation.
        graphs: Pruned ones, so that operations that do no work are not counted.

    Returns:
        Counts of shape (num_graphs, num_operations), operations in the order of the options.
    """
    options = dict.fromkeys(option for choice in space.choices for option in choice.options)
    operations = [option for option in options if isinstance(option, str)]
    return np.array([[graph.operations.count(o) for o in operations] for graph in graphs], float)


def features(graph: Graph) -> dict[tuple[str, ...] | str, int]:
    """What a predictor sees of a pruned graph: its paths, each once, and its operations, counted.

    Reference:
        White, Neiswanger and Savani 2021, section 3 (path encoding).
    """
    return {**dict.fromkeys(paths(graph), 1), **Counter(graph.operations)}


def paths(graph: Graph) -> list[tuple[str, ...]]:
    """The operations along each path from input to output, without these two."""
    waiting: list[tuple[int, tuple[str, ...]]] = [(0, ())]
    found = []
    while waiting:
        node, operations = waiting.pop()
        for following in graph.successors(node):
            if following == len(graph.operations) - 1:
                found.append(operations)
            else:
                waiting.append((following, (*operations, graph.operations[following])))
    return found


def normal_scores(keys: Sequence[tuple]) -> np.ndarray:
    """Ranks turned into standard normal values: the smallest key gets the largest score.

    Such scores do not depend on the objective's unit and hardly on outliers, and they respect
    constraints and direction as the ranking key does.

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


def bagged_trees(
    x: np.ndarray, y: np.ndarray, number: int, rng: np.random.Generator
) -> list[DecisionTreeRegressor]:
    """Trees, each fitted to a bootstrap sample of the results.

    Reference:
        Breiman 1996, Bagging predictors.
    """
    trees = []
    for _ in range(number):
        drawn = rng.integers(len(y), size=len(y))
        tree = DecisionTreeRegressor(random_state=int(rng.integers(2**31)))
        trees.append(tree.fit(x[drawn], y[drawn], check_input=False))
    return trees
