"""Simulated annealing (Kirkpatrick, Gelatt and Vecchi 1983, Optimization by simulated annealing;
Cerny 1985, Thermodynamical approach to the traveling salesman problem).

Walk from neighbour to neighbour. A better one is always accepted; a worse one less often the worse
it is and the lower the temperature, which falls from trial to trial.
"""

import math

import numpy as np

from nas_tutorial.names import real
from nas_tutorial.strategies.base import Strategy
from nas_tutorial.trials import Candidate, Trial


class SimulatedAnnealing(Strategy):
    """One current architecture, a mutation of it, and a temperature that falls geometrically.

    A candidate is a mutation of the architecture that is current when it is asked for, and competes
    with the one that is current when its result is told; with one in flight they are the same. The
    current one keeps its first result. The temperature weighs the objective alone: between two
    that break the constraints by different amounts, the one that breaks them less is always taken.

    Args:
        space, objective, constraints, seed: As in `Strategy`.
        temperature: At the start, in the unit of the objective: a candidate worse by this much is
            accepted with probability 1/e. The default suits accuracies in [0, 1]; give another
            with another objective.
        cooling: What the temperature is multiplied by after each mutation told, in (0, 1]. The
            default leaves a twentieth after 100 of them; once cold, the walk stays in the local
            optimum where it is, so cool more slowly if there are more trials.

    Raises:
        ValueError: If the temperature is negative, or cooling lies outside (0, 1].

    Reference:
        Kirkpatrick, Gelatt and Vecchi 1983, section "Statistical mechanics" (Metropolis' rule).
    """

    name = "simulated_annealing"
    num_founders = 1

    def __init__(self, space, *, temperature: float = 0.02, cooling: float = 0.97, **shared):
        super().__init__(space, **shared)
        advice = "Give the increase of the loss that may well be accepted at first, such as 0.02."
        self.temperature = float(real("temperature", temperature, 0, advice=advice))
        advice = "It multiplies the temperature after each trial; 1 keeps it."
        self.cooling = float(real("cooling", cooling, above=0, most=1, advice=advice))
        self.current: Trial | None = None
        self._steps = 0

    def ask(self) -> Candidate:
        if self.current is None:
            return Candidate(self.space.sample(self.rng))
        mutated = self.space.mutate(self.current.candidate.architecture, self.rng)
        return Candidate(mutated, parents=(self.current.number,))

    def tell(self, trial: Trial) -> None:
        if not trial.failed and (self.current is None or self._accepts(trial, self.current)):
            self.current = trial
        self._steps += bool(trial.candidate.parents)

    def _accepts(self, trial: Trial, current: Trial) -> bool:
        violation, current_violation = self.ranking_key(trial)[0], self.ranking_key(current)[0]
        if violation != current_violation:
            return violation < current_violation
        increase = self.objective.loss(trial) - self.objective.loss(current)
        return is_accepted(increase, self.temperature * self.cooling**self._steps, self.rng)


def is_accepted(increase: float, temperature: float, rng: np.random.Generator) -> bool:
    """Metropolis' rule: yes if the loss does not increase, else with exp(-increase / temperature).

    Reference:
        Metropolis et al. 1953, Equation of state calculations by fast computing machines.
    """
    if increase <= 0:
        return True
    return temperature > 0 and rng.random() < math.exp(-increase / temperature)
