"""NSGA-II (Deb, Pratap, Agarwal and Meyarivan 2002, A fast and elitist multiobjective genetic
algorithm: NSGA-II), steady state.

Breed from winners by crossover and mutation; sort parents and child into fronts, and within a front
by how much room each has; let the last make room; repeat until the budget is spent.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from nas_tutorial.pareto import crowding_distance, losses_of, non_dominated_sort
from nas_tutorial.strategies.base import Strategy
from nas_tutorial.strategies.population import checked_sizes, tournament
from nas_tutorial.trials import Candidate, Constraint, Objective, Trial


class Nsga2(Strategy):
    """Several objectives at once, none weighed against another.

    The paper makes a whole generation of children before it selects. Here each child competes as
    soon as its result arrives, so there is no generation to wait for with many in flight.

    The first objective is `strategy.objective`, by which a search shows its progress and tells
    whether a target is reached. What was found is more than the population holds:
    `pareto_front(history, strategy.objectives, strategy.constraints)`.

    Args:
        space, constraints, seed: As in `Strategy`.
        objectives: What to optimise, each with its direction; at least one, no name twice.
        population_size: How many trials may breed; N in the paper.

    Raises:
        ValueError: If there is no objective or one occurs twice, or the size makes no sense.

    Reference:
        Deb et al. 2002, sections III and VI.
        Durillo, Nebro, Luna and Alba 2009, On the effect of the steady-state selection scheme in
        multi-objective genetic algorithms (one child a step).
    """

    name = "nsga2"

    def __init__(
        self,
        space,
        *,
        objectives: Iterable[Objective] = (Objective(), Objective("parameters", "min")),
        population_size: int = 10,
        **shared,
    ):
        self.objectives = _checked(objectives)
        super().__init__(space, objective=self.objectives[0], **shared)
        self.population_size, _ = checked_sizes(population_size, 2)
        self.num_founders = self.population_size
        self.population: list[Trial] = []  # always in the order of `crowded_order`
        self._founders_asked = 0

    def ranking_key(self, trial: Trial) -> tuple:
        """As every strategy's; every objective must have been measured, not the first alone."""
        losses_of([trial], self.objectives)
        return super().ranking_key(trial)

    def ask(self) -> Candidate:
        if self._founders_asked < self.num_founders or not self.population:
            self._founders_asked += 1
            return Candidate(self.space.sample(self.rng))
        mother, father = self._parent(), self._parent()
        child = self.space.crossover(
            mother.candidate.architecture, father.candidate.architecture, self.rng
        )
        child = self.space.mutate(child, self.rng)
        return Candidate(child, parents=(mother.number, father.number))

    def tell(self, trial: Trial) -> None:
        if trial.failed:
            self._founders_asked -= not trial.candidate.parents  # another founder takes its place
            return
        ordered = crowded_order([*self.population, trial], self.objectives, self.constraints)
        self.population = ordered[: self.population_size]  # section III.C, with one child

    def _parent(self) -> Trial:
        """The winner of a binary tournament: in order, so the smaller index wins."""
        places = range(len(self.population))
        return self.population[tournament(places, 2, int, self.rng)]


def crowded_order(
    trials: Sequence[Trial], objectives: Sequence[Objective], constraints: Iterable[Constraint] = ()
) -> list[Trial]:
    """Best first: by front, and within a front those with more room, the earlier where equal.

    Reference:
        Deb et al. 2002, the crowded-comparison operator (section III.B) and constrained domination
        (section VI.A).
    """
    constraints = tuple(constraints)
    losses = losses_of(trials, objectives)
    violations = np.array([sum(c.violation(trial) for c in constraints) for trial in trials])
    ordered: list[Trial] = []
    for front in non_dominated_sort(losses, violations):
        roomiest_first = np.argsort(-crowding_distance(losses[front]), kind="stable")
        ordered += [trials[row] for row in front[roomiest_first]]
    return ordered


def _checked(objectives: Iterable[Objective]) -> tuple[Objective, ...]:
    given = tuple(objectives) if isinstance(objectives, Iterable) else ()
    known = all(isinstance(objective, Objective) for objective in given)
    if not given or not known or len({objective.name for objective in given}) < len(given):
        raise ValueError(
            f"objectives must be Objectives of different names, at least one, got {objectives!r}. "
            'Write (Objective("val_accuracy"), Objective("parameters", "min")).'
        )
    return given
