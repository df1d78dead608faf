"""ASHA, the asynchronous successive halving algorithm (Li, Jamieson, Rostamizadeh, Gonina,
Ben-Tzur, Hardt, Recht and Talwalkar 2020, A system for massively parallel hyperparameter tuning,
Algorithm 2).

Whenever a worker is free, resume a candidate that is among the best of its rung so far; where there
is none, draw a new one for the lowest rung.
"""

from collections.abc import Iterable

from nas_tutorial.strategies.base import Strategy
from nas_tutorial.strategies.rungs import checked_rungs, geometric_rungs, num_promoted
from nas_tutorial.trials import Candidate, Trial


class Asha(Strategy):
    """Successive halving without waiting, at the price of a few that are promoted by mistake.

    There is always a candidate to train, so the search ends with its budget. A failed trial belongs
    to no rung. The winner is the best of those that were trained longest (`History.best`).

    Args:
        space, objective, constraints, seed: As in `Strategy`.
        epochs: The rungs: after how many epochs candidates are compared; the last is training in
            full, and the ratio of neighbours is the paper's eta.

    Raises:
        ValueError: If the rungs do not grow.

    Reference:
        Li et al. 2020, Algorithm 2, with s = 0.
    """

    name = "asha"

    def __init__(self, space, *, epochs: Iterable[float] = geometric_rungs(5), **shared):
        super().__init__(space, **shared)
        self.epochs = checked_rungs(epochs)
        self.rungs: list[list[Trial]] = [[] for _ in self.epochs]  # those that succeeded
        self.promoted: set[int] = set()  # numbers of trials

    def ask(self) -> Candidate:
        for rung in reversed(range(len(self.epochs) - 1)):  # get_job: the highest rung first
            if promotable := self._promotable(rung):
                self.promoted.add(promotable[0].number)
                return promotable[0].resumed(self.epochs[rung + 1])
        return Candidate(self.space.sample(self.rng), self.epochs[0])

    def tell(self, trial: Trial) -> None:
        if not trial.failed:
            self.rungs[self.epochs.index(trial.candidate.epochs)].append(trial)

    def _promotable(self, rung: int) -> list[Trial]:
        """The trials in the best 1 / eta of a rung that were not promoted yet, the best first."""
        trials = self.rungs[rung]
        number = num_promoted(len(trials), self.epochs[rung], self.epochs[rung + 1])
        candidates = sorted(trials, key=self.ranking_key)[:number]  # top_k(rung k, |rung k| / eta)
        return [trial for trial in candidates if trial.number not in self.promoted]
