"""Hyperband (Li, Jamieson, DeSalvo, Rostamizadeh and Talwalkar 2018, Hyperband: a novel bandit-based
approach to hyperparameter optimization, Algorithm 1).

Run successive halving first with many candidates that start at the lowest rung, then with fewer that
start one rung higher, and so on to a few that are trained in full at once; then begin anew.
"""

import math
from collections.abc import Iterable, Sequence

from nas_tutorial.strategies.base import Strategy
from nas_tutorial.strategies.rungs import checked_rungs, geometric_rungs
from nas_tutorial.strategies.successive_halving import Bracket
from nas_tutorial.trials import Candidate, Trial


class Hyperband(Strategy):
    """Successive halving for when you do not know how far the first epochs can be trusted.

    All brackets are given about equally many epochs. They run one after the other, and each waits
    at its rungs as in `SuccessiveHalving`. After the last one the first comes again with fresh
    candidates, so the search ends with its budget. The paper returns the smallest loss seen at any
    rung; here the winner is the best of those that were trained longest (`History.best`).

    Args:
        space, objective, constraints, seed: As in `Strategy`.
        epochs: The rungs: after how many epochs candidates are compared; the last is training in
            full, R in the paper, and the ratio of neighbours is its eta.

    Raises:
        ValueError: If the rungs do not grow.

    Reference:
        Li et al. 2018, Algorithm 1.
    """

    name = "hyperband"

    def __init__(self, space, *, epochs: Iterable[float] = geometric_rungs(5), **shared):
        super().__init__(space, **shared)
        self.epochs = checked_rungs(epochs)
        self.num_started = 0
        self.bracket = self._new_bracket()

    def ask(self) -> Candidate | None:
        if self.bracket.is_finished:
            self.bracket = self._new_bracket()
        return self.bracket.ask()

    def tell(self, trial: Trial) -> None:
        self.bracket.tell(trial, self.ranking_key)

    def _new_bracket(self) -> Bracket:
        skipped = self.num_started % len(self.epochs)  # s counts down from s_max to 0
        self.num_started += 1
        size = bracket_size(self.epochs, skipped)
        architectures = [self.space.sample(self.rng) for _ in range(size)]
        return Bracket(architectures, self.epochs[skipped:])


def bracket_size(epochs: Sequence[float], skipped: int) -> int:
    """How many candidates start a bracket that leaves out the lowest `skipped` rungs.

    Reference:
        Li et al. 2018, Algorithm 1: n = ceil(B / R * eta^s / (s + 1)), with B = (s_max + 1) R,
        where s + 1 is the number of rungs in the bracket, and s_max + 1 that of all.
    """
    num_rungs = len(epochs) - skipped
    ratio = epochs[-1] / epochs[skipped]  # eta^s
    return math.ceil(len(epochs) * ratio / num_rungs - 1e-9)  # 5 / (5 / 9) is a little more than 9
