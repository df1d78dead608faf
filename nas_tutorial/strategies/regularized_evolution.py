"""Regularized evolution (Real et al. 2019, Regularized evolution for image classifier architecture
search, Algorithm 1).

Mutate the best of a few drawn from the population, and let the oldest make room: no network lives
for ever because one training run was lucky.
"""

from collections import deque

from nas_tutorial.names import whole
from nas_tutorial.strategies.base import Strategy
from nas_tutorial.strategies.population import tournament
from nas_tutorial.trials import Candidate, Trial


class RegularizedEvolution(Strategy):
    """One parent, one mutated child, and the oldest makes room.

    Args:
        space, objective, constraints, seed: As in `Strategy`.
        population_size: How many trials may breed, at least 2; P in the paper.
        tournament_size: How many of them compete to become the parent, at most `population_size`;
            S in the paper.

    Raises:
        ValueError: If a size is out of range.

    Reference:
        Real, Aggarwal, Huang and Le 2019, Algorithm 1.
    """

    name = "regularized_evolution"

    def __init__(self, space, *, population_size: int = 8, tournament_size: int = 3, **shared):
        super().__init__(space, **shared)
        self.population_size = whole("population_size", population_size, 2, advice="Raise it.")
        advice = "Lower it or enlarge the population."
        self.tournament_size = whole("tournament_size", tournament_size, 1, population_size, advice)
        self.num_founders = self.population_size
        self.population: deque[Trial] = deque()
        self._founders_asked = 0

    def ask(self) -> Candidate:
        if self._founders_asked < self.num_founders or not self.population:  # Alg. 1, lines 3-8
            self._founders_asked += 1
            return Candidate(self.space.sample(self.rng))
        # Lines 10-16: sample, and take the best.
        parent = tournament(self.population, self.tournament_size, self.ranking_key, self.rng)
        child = self.space.mutate(parent.candidate.architecture, self.rng)  # line 17
        return Candidate(child, parents=(parent.number,))

    def tell(self, trial: Trial) -> None:
        if trial.failed:
            self._founders_asked -= not trial.candidate.parents  # another founder takes its place
            return
        self.population.append(trial)  # lines 19-20
        if len(self.population) > self.population_size:
            self.population.popleft()  # line 21: the oldest
