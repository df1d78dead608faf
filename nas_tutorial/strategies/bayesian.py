"""Bayesian optimisation with Gaussian processes (Jones, Schonlau and Welch 1998, Efficient global
optimization of expensive black-box functions).

Fit Gaussian processes to the results so far; propose the architecture that promises the largest
expected improvement over the best of them; repeat.
"""

import math
from collections.abc import Sequence
from functools import partial

import numpy as np

from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.strategies.base import Strategy
from nas_tutorial.strategies.gaussian_process import GaussianProcess, Kernel, expected_improvement
from nas_tutorial.strategies.pool import REFILL, Pool
from nas_tutorial.strategies.predictor import at_least, normal_scores, one_hot, operation_counts
from nas_tutorial.trials import Candidate, Trial

TIE = 1e-3  # promises that differ by less, relatively, are equal: rounding differs between machines
NUM_PARENTS = 10  # best trials whose mutations join the pool of a large space


class Bayesian(Strategy):
    """Two Gaussian processes, of which one sees more than the other; their promises are averaged.

    Both see which options two architectures share. One sees also how often each operation occurs,
    which is worth much in most tables, and traps a search for long where the best network is an
    exception. The mean of both expected improvements is rarely trapped.

    What they model are normal scores of the trials' ranks. So constraints are heeded as the ranking
    heeds them: who breaks one scores below all who keep it, the lower the more. Failed trials are
    left out.

    It chooses among the whole space where that is small, else among a pool that grows by random
    architectures and by mutations of the best trials. No architecture is proposed twice, until
    nothing else is left.

    A candidate in flight is believed to get the mean that a process predicts (kriging believer).
    That takes the uncertainty away around it, so the next one lies elsewhere.

    Args:
        space, objective, constraints, seed: As in `Strategy`.
        num_founders: How many results of random architectures come first, at least 2.
        pool_size: How many architectures to choose among where the space is too large to search
            whole, at least `REFILL`.

    Raises:
        ValueError: If a size is too small.

    Reference:
        Jones, Schonlau and Welch 1998, sections 3 and 4.
        Ginsbourger, Le Riche and Carraro 2010, Kriging is well-suited to parallelize optimization,
        section 4.2 (kriging believer).
    """

    name = "bayesian"

    def __init__(self, space, *, num_founders: int = 5, pool_size: int = 2000, **shared):
        super().__init__(space, **shared)
        self.num_founders = at_least(2, num_founders=num_founders)
        self.pool_size = at_least(REFILL, pool_size=pool_size)
        self.trials: list[Trial] = []  # that succeeded
        options, counts = kernels(space)
        self.processes = [GaussianProcess([options, counts]), GaussianProcess([options])]
        self._fit_at = self.num_founders  # results at which hyper-parameters are chosen next
        self._in_flight: list[Architecture] = []
        self._pool = Pool(space, partial(encode, space), self.pool_size)

    def ask(self) -> Candidate:
        if len(self.trials) >= self.num_founders:
            best = sorted(self.trials, key=self.ranking_key)[:NUM_PARENTS]
            self._pool.refill([trial.candidate.architecture for trial in best], self.rng)
        if len(self.trials) < self.num_founders or not len(self._pool):
            architecture = self._pool.draw(self.rng)
        else:
            architecture = self._pool.take(first_of_largest(self._expected_improvements()))
        self._in_flight.append(architecture)
        return Candidate(architecture)

    def tell(self, trial: Trial) -> None:
        if trial.candidate.architecture in self._in_flight:
            self._in_flight.remove(trial.candidate.architecture)
        if not trial.failed:
            self.trials.append(trial)

    def _expected_improvements(self) -> np.ndarray:
        """Of each architecture in the pool, in normal scores, the mean over the processes."""
        x = encode(self.space, [trial.candidate.architecture for trial in self.trials])
        scores = normal_scores([self.ranking_key(trial) for trial in self.trials])
        learn = len(scores) >= self._fit_at
        if learn:
            self._fit_at = math.ceil(1.1 * len(scores))
        for process in self.processes:
            (process.fit if learn else process.condition)(x, scores)
        return np.mean([self._improvements(process, x, scores) for process in self.processes], 0)

    def _improvements(
        self, process: GaussianProcess, x: np.ndarray, scores: np.ndarray
    ) -> np.ndarray:
        """By one process, once it believes in the candidates in flight."""
        if self._in_flight:
            waiting = encode(self.space, self._in_flight)
            believed, _ = process.predict(waiting)
            process.condition(np.concatenate([x, waiting]), np.concatenate([scores, believed]))
        mean, deviation = process.predict(self._pool.features)
        return expected_improvement(mean, np.hypot(deviation, process.noise), scores.max())


def first_of_largest(values: np.ndarray) -> int:
    """The place of the first value that is as large as the largest, but for `TIE`; none negative.

    Many architectures promise the same, and the last digit must not choose among them.
    """
    return int((values >= (1 - TIE) * values.max()).argmax())


def encode(space: SearchSpace, architectures: Sequence[Architecture]) -> np.ndarray:
    """The one-hot encoding beside the operation counts of the pruned graph.

    Both are scaled by the same factor, after which two random architectures differ by 1 in the
    mean square of the first.

    Returns:
        Features of shape (num_architectures, num_features).
    """
    graphs = [space.graph(architecture).pruned() for architecture in architectures]
    features = [one_hot(space, architectures), operation_counts(space, graphs)]
    spread = 2 * sum(1 - 1 / len(choice.options) for choice in space.choices)
    return np.concatenate(features, axis=1) / math.sqrt(spread)


def kernels(space: SearchSpace) -> tuple[Kernel, Kernel]:
    """What sees the columns of `encode` that are the one-hot encoding, and what sees the counts.

    One changed option can change everything, so likeness by options is rough. Counts are smooth.
    """
    num_options = sum(len(choice.options) for choice in space.choices)
    return Kernel(slice(0, num_options), "exponential"), Kernel(slice(num_options, None))
