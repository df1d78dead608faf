"""BANANAS (White, Neiswanger and Savani 2021, BANANAS: Bayesian optimization with neural
architectures for neural architecture search).

Fit an ensemble of predictors to the results so far; mutate the best architectures; of these
children propose the best by a sample from the ensemble's predictions; repeat.
"""

import numpy as np
from sklearn.feature_extraction import DictVectorizer

from nas_tutorial.names import whole
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.strategies.base import Strategy
from nas_tutorial.strategies.predictor import bagged_trees, features, normal_scores
from nas_tutorial.trials import Candidate, Trial


class Bananas(Strategy):
    """Predictors that see paths, mutation as the optimiser, Thompson sampling as the acquisition.

    It departs from the paper in two ways. The paper's predictors are five neural networks; these
    are bagged trees, which predict as well from the paths of 50 networks of the course's table and
    fit in a tenth of the time. They also see how often each operation occurs.

    The trees predict normal scores of the trials' ranks, which respect constraints and direction.
    Failed trials are left out. No architecture is proposed twice as long as some mutation is new.
    Candidates in flight differ for that reason, and because each is chosen by its own sample.

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
        space.require_choices_in_graph()  # it sees nothing else of an architecture
        self.num_founders = whole("num_founders", num_founders, 2)
        self.num_predictors = whole("num_predictors", num_predictors, 2)
        self.num_parents = whole("num_parents", num_parents, 1)
        self.num_candidates = whole("num_candidates", num_candidates, 1)
        self.trials: list[Trial] = []  # that succeeded
        self._features: list[dict] = []  # of these trials
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
        children: dict[Architecture, Candidate] = {}
        for place in range(self.num_candidates):  # line 2, ii
            parent = best[place % len(best)]
            child = self.space.mutate(parent.candidate.architecture, self.rng)
            children.setdefault(child, Candidate(child, parents=(parent.number,)))
        new = [child for child in children if child not in self._proposed]
        return [children[child] for child in new or children]

    def _most_promising(self, candidates: list[Candidate]) -> Candidate:
        """The candidate with the best sample from what the ensemble predicts."""
        # The paper numbers all paths that a space allows. A predictor learns nothing from a path that
        # no trained network has, so the features of the trained networks are vocabulary enough.
        vectorizer = DictVectorizer(dtype=np.float32, sparse=False, sort=False)
        x = vectorizer.fit_transform(self._features)
        scores = normal_scores([self.ranking_key(trial) for trial in self.trials])
        ensemble = bagged_trees(x, scores, self.num_predictors, self.rng)  # line 2, i
        x = vectorizer.transform([self._count(candidate) for candidate in candidates])
        predictions = np.array([tree.predict(x, check_input=False) for tree in ensemble])
        samples = thompson_samples(predictions, self.rng)  # line 2, iii
        return candidates[int(samples.argmax())]  # line 2, iv

    def _count(self, candidate: Candidate) -> dict:
        return features(self.space.graph(candidate.architecture).pruned())


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
