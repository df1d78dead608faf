"""NSGA-II (Deb, Pratap, Agarwal and Meyarivan 2002, A fast and elitist multiobjective genetic
algorithm: NSGA-II), steady state.

Breed from winners by crossover and mutation; sort parents and child into fronts, and within a front
by how far their neighbours are; drop the last; repeat until the budget is spent.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from nas_tutorial.names import shown, whole
from nas_tutorial.pareto import crowding_distance, losses_of, non_dominated_sort
from nas_tutorial.strategies.base import Strategy, unknown_setting
from nas_tutorial.strategies.population import child_of, tournament
from nas_tutorial.trials import Candidate, Constraint, Objective, Trial


class Nsga2(Strategy):
    """Several objectives at once, none weighed against another.

    The paper breeds a whole generation before it selects. Here each child competes as soon as its
    result arrives, so that no worker waits for the end of a generation.

    The first objective is `strategy.objective`: a search shows its progress and compares it with a
    target. The population may be smaller than the front that was found, which is
    `pareto_front(history, strategy.objectives, strategy.constraints)`.

    Args:
        space, constraints, seed: As in `Strategy`.
        objectives: What to optimise, each with its direction; at least one, no name twice.
        population_size: How many trials may breed; N in the paper.

    Raises:
        ValueError: If there is no objective or one occurs twice, or the population is too small.
        TypeError: If `objective` is given.

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
        if "objective" in shared:
            raise unknown_setting(Nsga2, "objective")
        objectives = _checked(objectives)
        super().__init__(space, objective=objectives[0], **shared)
        self.objectives = objectives
        self.population_size = whole("population_size", population_size, 2, advice="Raise it.")
        self.num_founders = self.population_size
        self.population: list[Trial] = []  # always in the order of `crowded_order`
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
        ordered = crowded_order([*self.population, trial], self.objectives, self.constraints)
        self.population = ordered[: self.population_size]  # section III.C, with one child

    def _parent(self) -> Trial:
        """The winner of a binary tournament: the population is sorted, so the smaller index."""
        return tournament(self.population, 2, self.population.index, self.rng)


def crowded_order(
    trials: Sequence[Trial], objectives: Sequence[Objective], constraints: Iterable[Constraint] = ()
) -> list[Trial]:
    """Best first: by front, within a front by crowding distance, and the earlier one among equals.

    Reference:
        Deb et al. 2002, the crowded-comparison operator (section III.B) and constrained domination
        (section VI.A).
    """
    constraints = tuple(constraints)
    losses = losses_of(trials, objectives)
    violations = np.array([sum(c.violation(trial) for c in constraints) for trial in trials])
    ordered: list[Trial] = []
    for front in non_dominated_sort(losses, violations):
        farthest_apart_first = np.argsort(-crowding_distance(losses[front]), kind="stable")
        ordered += [trials[row] for row in front[farthest_apart_first]]
    return ordered


def _checked(objectives: Iterable[Objective]) -> tuple[Objective, ...]:
    given = tuple(objectives) if isinstance(objectives, Iterable) else ()
    names = {objective.name for objective in given if isinstance(objective, Objective)}
    if not names or len(names) < len(given):
        raise ValueError(
            "objectives must be Objectives of different names, at least one, got "
            f'{shown(objectives)}. Write (Objective("val_accuracy"), Objective("seconds", "min")).'
        )
    return given
