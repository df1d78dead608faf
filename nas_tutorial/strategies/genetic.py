"""Genetic search, steady state (Whitley 1989, The GENITOR algorithm), as the tutorial describes it.

Start from random architectures; breed a child from two tournament winners by crossover and
mutation; add it to the population and drop the worst; repeat until the budget is spent.
"""

from nas_tutorial.names import whole
from nas_tutorial.strategies.base import Strategy
from nas_tutorial.strategies.population import child_of, tournament
from nas_tutorial.trials import Candidate, Trial


class Genetic(Strategy):
    """Two parents, one child, and the worst makes room.

    Args:
        space, objective, constraints, seed: As in `Strategy`.
        population_size: How many trials may breed, at least 2. Keep it well below the number of
            trials, since so many are drawn at random first.
        tournament_size: How many trials compete to become a parent, at most `population_size`.

    Raises:
        ValueError: If a size is out of range.

    Reference:
        Whitley 1989, The GENITOR algorithm and selection pressure, section 2.
    """

    name = "genetic"

    def __init__(self, space, *, population_size: int = 8, tournament_size: int = 3, **shared):
        super().__init__(space, **shared)
        self.population_size = whole("population_size", population_size, 2, advice="Raise it.")
        advice = "Lower it or enlarge the population."
        self.tournament_size = whole("tournament_size", tournament_size, 1, population_size, advice)
        self.num_founders = self.population_size
        self.population: list[Trial] = []
        self._founders_asked = 0

    def ask(self) -> Candidate:
        if self._founders_asked < self.num_founders or not self.population:
            self._founders_asked += 1
            return Candidate(self.space.sample(self.rng))
        return child_of(self._parent(), self._parent(), self.space, self.rng)

    def tell(self, trial: Trial) -> None:
        if trial.failed:
            self._founders_asked -= not trial.candidate.parents  # another founder takes its place
            return
        self.population.append(trial)
        if len(self.population) > self.population_size:
            self.population.remove(max(self.population, key=self.ranking_key))  # the worst

    def _parent(self) -> Trial:
        return tournament(self.population, self.tournament_size, self.ranking_key, self.rng)
