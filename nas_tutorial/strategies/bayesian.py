"""Bayesian optimisation with Gaussian processes (Jones, Schonlau and Welch 1998, Efficient global
optimization of expensive black-box functions).

Fit Gaussian processes to the results so far; propose the architecture with the largest expected
improvement over the best of them; repeat.
"""

import math

import numpy as np

from nas_tutorial.names import whole
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.strategies.base import Strategy
from nas_tutorial.strategies.gaussian_process import GaussianProcess, Kernel, expected_improvement
from nas_tutorial.strategies.pool import REFILL, Pool
from nas_tutorial.strategies.predictor import encode, normal_scores
from nas_tutorial.trials import Candidate, Trial

TIE = 1e-3  # relative differences below it are no differences: rounding differs between machines
NUM_PARENTS = 10  # best trials whose mutations join the pool of a large space


class Bayesian(Strategy):
    """Two Gaussian processes that see different features; their expected improvements are averaged.

    Both see which options two architectures share. One of them also sees how often each operation
    occurs. That helps a lot in most tables, but traps a search for a long time where the best
    network is an exception. The average of both is rarely trapped.

    The processes model normal scores of the trials' ranks, so constraints count as they do in the
    ranking: a trial that breaks one scores below all that keep it, and the lower the more it
    exceeds the limit. Failed trials are left out.

    A small space is searched as a whole; in a large one the strategy chooses from a pool that grows
    by random architectures and by mutations of the best trials. No architecture is proposed twice
    before all others were.

    Until the result of a candidate in flight arrives, each process takes its own predicted mean for
    it (kriging believer). No uncertainty is left there, so the next candidate lies elsewhere.

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
        self.num_founders = whole("num_founders", num_founders, 2)
        self.pool_size = whole("pool_size", pool_size, REFILL)
        self.trials: list[Trial] = []  # that succeeded
        options, counts = kernels(space)
        self.processes = [GaussianProcess([options, counts]), GaussianProcess([options])]
        self._fit_at = self.num_founders  # results at which hyper-parameters are chosen next
        self._in_flight: list[Architecture] = []
        self._pool = Pool(space, self.pool_size)

    def ask(self) -> Candidate:
        if len(self.trials) >= self.num_founders:
            best = sorted(self.trials, key=self.ranking_key)[:NUM_PARENTS]
            self._pool.refill([trial.candidate.architecture for trial in best], self.rng)
        if len(self._pool):
            architecture = self._pool.take(first_of_largest(self._expected_improvements()))
        else:  # too few results, or all architectures were proposed
            architecture = self._pool.draw(self.rng)
        self._in_flight.append(architecture)
        return Candidate(architecture)

    def tell(self, trial: Trial) -> None:
        if trial.candidate.architecture in self._in_flight:
            self._in_flight.remove(trial.candidate.architecture)
        if not trial.failed:
            self.trials.append(trial)

    def _expected_improvements(self) -> np.ndarray:
        """For each architecture in the pool, averaged over the processes, in normal scores."""
        x = encode(self.space, [trial.candidate.architecture for trial in self.trials])
        scores = normal_scores([self.ranking_key(trial) for trial in self.trials])
        learn = len(scores) >= self._fit_at
        if learn:
            self._fit_at = math.ceil(1.1 * len(scores))
        improvements = []
        for process in self.processes:
            (process.fit if learn else process.condition)(x, scores)
            if self._in_flight:
                waiting = encode(self.space, self._in_flight)
                believed, _ = process.predict(waiting)
                process.condition(np.concatenate([x, waiting]), np.concatenate([scores, believed]))
            mean, deviation = process.predict(self._pool.features)
            deviation = np.hypot(deviation, process.noise)
            improvements.append(expected_improvement(mean, deviation, scores.max()))
        return np.mean(improvements, axis=0)


def first_of_largest(values: np.ndarray) -> int:
    """The place of the first value that is as large as the largest up to `TIE`; none is negative.

    Many architectures have the same expected improvement, and rounding must not choose among them.
    """
    return int((values >= (1 - TIE) * values.max()).argmax())


def kernels(space: SearchSpace) -> tuple[Kernel, Kernel]:
    """One kernel on the one-hot columns of `encode`, and one on its operation counts.

    Changing one option can change the result completely, so the kernel on options is rough. Results
    change smoothly with the counts.
    """
    num_options = sum(len(choice.options) for choice in space.choices)
    return Kernel(slice(0, num_options), power=1), Kernel(slice(num_options, None))
