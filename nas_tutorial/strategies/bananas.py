"""BANANAS (White, Neiswanger and Savani 2021, BANANAS: Bayesian optimization with neural
architectures for neural architecture search).

Fit an ensemble of predictors to the results so far; mutate the best architectures; of these
children propose the one that a sample from the ensemble's predictions puts first; repeat.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from sklearn.tree import DecisionTreeRegressor

from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.graph import Graph
from nas_tutorial.strategies.base import Strategy
from nas_tutorial.strategies.predictor import at_least, normal_scores
from nas_tutorial.trials import Candidate, Trial


class Bananas(Strategy):
    """Predictors that see paths, mutation as the optimiser, Thompson sampling as the acquisition.

    Two departures from the paper. Its predictors are five neural networks; here they are
    bagged trees, which predict as well from the paths of 50 networks of the course's table,
    and fit in a tenth of the time. And operation counts stand beside the paths.

    What they predict are normal scores of the trials' ranks, in which constraints and direction
    are heeded already. Failed trials are left out. No architecture is proposed twice, until no
    mutation is new. Candidates in flight differ for that reason, and because each is chosen by a
    sample of its own.

    Args:
        space, objective, constraints, seed: As in `Strategy`.
        num_founders: How many results of random architectures come first.
        num_predictors: Trees in the ensemble.
        num_parents: How many of the best trials are mutated.
        num_candidates: Mutations among which the acquisition chooses.

    Raises:
        ValueError: If there are fewer than two founders or predictors, or no parent or candidate.

    Reference:
        White, Neiswanger and Savani 2021, Algorithm 1.
    """

    name = "bananas"

    def __init__(
        self,
        space,
        *,
        num_founders: int = 10,
        num_predictors: int = 20,
        num_parents: int = 5,
        num_candidates: int = 100,
        **shared,
    ):
        super().__init__(space, **shared)
        self.num_founders = at_least(2, num_founders=num_founders)
        self.num_predictors = at_least(2, num_predictors=num_predictors)
        self.num_parents = at_least(1, num_parents=num_parents)
        self.num_candidates = at_least(1, num_candidates=num_candidates)
        self.trials: list[Trial] = []  # that succeeded
        self._features: list[dict] = []  # theirs
        self._proposed: set[Architecture] = set()

    def ask(self) -> Candidate:
        if len(self.trials) < self.num_founders:  # Alg. 1, line 1
            candidate = Candidate(self.space.sample(self.rng))
        else:
            candidate = self._most_promising(self._mutations())
        self._proposed.add(candidate.architecture)
        return candidate

    def tell(self, trial: Trial) -> None:
        if not trial.failed:
            self.trials.append(trial)
            self._features.append(self._count(trial.candidate))

    def _mutations(self) -> list[Candidate]:
        """Mutations of the best trials, new ones if there are any."""
        best = sorted(self.trials, key=self.ranking_key)[: self.num_parents]
        children = {}
        for place in range(self.num_candidates):  # line 2, ii
            parent = best[place % len(best)]
            child = self.space.mutate(parent.candidate.architecture, self.rng)
            children.setdefault(child, Candidate(child, parents=(parent.number,)))
        new = [child for child in children if child not in self._proposed]
        return [children[child] for child in new or children]

    def _most_promising(self, candidates: list[Candidate]) -> Candidate:
        """The candidate with the best sample from what the ensemble predicts."""
        vocabulary = list(dict.fromkeys(feature for seen in self._features for feature in seen))
        scores = normal_scores([self.ranking_key(trial) for trial in self.trials])
        ensemble = bagged_trees(  # line 2, i
            as_matrix(self._features, vocabulary), scores, self.num_predictors, self.rng
        )
        x = as_matrix([self._count(candidate) for candidate in candidates], vocabulary)
        predictions = np.array([tree.predict(x, check_input=False) for tree in ensemble])
        samples = thompson_samples(predictions, self.rng)  # line 2, iii
        return candidates[int(samples.argmax())]  # line 2, iv

    def _count(self, candidate: Candidate) -> dict:
        return features(self.space.graph(candidate.architecture).pruned())


def features(graph: Graph) -> dict[tuple[str, ...] | str, int]:
    """What a predictor sees of a pruned graph: its paths, each once, and its operations, counted.

    Reference:
        White, Neiswanger and Savani 2021, section 3 (path encoding).
    """
    return {**dict.fromkeys(paths(graph), 1), **Counter(graph.operations)}


def paths(graph: Graph) -> list[tuple[str, ...]]:
    """The operations along each path from input to output, without these two."""
    waiting, found = [(0, ())], []
    while waiting:
        node, operations = waiting.pop()
        for following in graph.successors(node):
            if following == len(graph.operations) - 1:
                found.append(operations)
            else:
                waiting.append((following, (*operations, graph.operations[following])))
    return found


def as_matrix(counted: Sequence[dict], vocabulary: Sequence) -> np.ndarray:
    """Features as numbers, of shape (num_graphs, num_features).

    The paper numbers all paths that a space allows. A path that no trained network has teaches a
    predictor nothing, so the vocabulary of those will do.
    """
    rows = [[counts.get(feature, 0) for feature in vocabulary] for counts in counted]
    return np.array(rows, dtype=np.float32)


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


def thompson_samples(predictions: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One draw for each input from a normal with the ensemble's mean and deviation.

    Args:
        predictions: Of shape (num_predictors, num_inputs).
        rng: Draws for each input by itself (independent Thompson sampling).

    Returns:
        Samples of shape (num_inputs,).

    Reference:
        White, Neiswanger and Savani 2021, section 4 (acquisition function).
    """
    return rng.normal(predictions.mean(axis=0), predictions.std(axis=0))
