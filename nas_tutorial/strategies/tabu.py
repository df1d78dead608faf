"""Tabu search (Glover 1989, Tabu search, part I; Glover 1990, Tabu search, part II).

Move to the best neighbour even if it is worse, and forbid for some moves to undo what was changed.
"""

import math

from nas_tutorial.names import whole
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.strategies.base import Strategy
from nas_tutorial.trials import Candidate, Trial

MAX_FREE_MOVES = 100  # moves in a row that need no new result


class Tabu(Strategy):
    """A walk that leaves local optima, since undoing a move is forbidden for a while.

    Short-term memory: when a move changes a choice, no move may give it the old value back for
    `tenure` moves. Aspiration: a neighbour that is better than all centres of the walk is allowed
    nevertheless, so forbidden neighbours are trained too.

    A move waits for all neighbours; `ask` returns None while the last of them are in flight. Each
    encoding is trained once a walk, so with noisy results a lucky value is never corrected. Where
    no move is allowed, or `MAX_FREE_MOVES` moves in a row lead to nothing new, the walk is forgotten
    and another begins from a random architecture.

    Args:
        space, objective, constraints, seed: As in `Strategy`.
        tenure: For how many moves a replaced value is tabu, at least 0. With 0 the walk goes back
            to the local optimum that it has just left.

    Raises:
        ValueError: If the tenure is negative or not whole.

    Reference:
        Glover 1989, Tabu search, part I (short-term memory, aspiration).
    """

    name = "tabu"
    num_founders = 1

    def __init__(self, space, *, tenure: int = 5, **shared):
        super().__init__(space, **shared)
        self.tenure = whole("tenure", tenure, advice="Count moves.")
        self._forget()

    def _forget(self) -> None:
        """Give the walk up; another begins with the next start whose result arrives."""
        self.centre: Trial | None = None
        self._best_key = (math.inf, math.inf, math.inf)  # of all centres of the walk
        self._neighbors: list[Architecture] = []  # of the centre
        self._asked: set[Architecture] = set()
        self._known: dict[Architecture, Trial] = {}
        self._replaced: list[tuple[int, str | int]] = []  # (choice, value), those that are tabu

    def ask(self) -> Candidate | None:
        if self.centre is None:
            return Candidate(self.space.sample(self.rng))
        new = [n for n in self._neighbors if n not in self._known and n not in self._asked]
        if not new:
            return None
        self._asked.add(new[-1])
        return Candidate(new[-1], parents=(self.centre.number,))

    def tell(self, trial: Trial) -> None:
        self._known[trial.candidate.architecture] = trial
        if self.centre is None and not trial.failed:
            self._arrive_at(trial)
        for _ in range(MAX_FREE_MOVES):
            if self.centre is None or self._is_waiting():
                return
            self._move(self.centre)
        if not self._is_waiting():
            self._forget()

    def _is_waiting(self) -> bool:
        return any(neighbor not in self._known for neighbor in self._neighbors)

    def _move(self, centre: Trial) -> None:
        """Go to the best neighbour that is allowed, or forget the walk if none is."""
        trials = [self._known[neighbor] for neighbor in self._neighbors]
        allowed = [trial for trial in trials if self._is_allowed(trial, centre)]
        if allowed:
            best = min(allowed, key=self.ranking_key)
            self._replaced = [change(best, centre), *self._replaced][: self.tenure]
            self._arrive_at(best)
        else:
            self._forget()

    def _is_allowed(self, trial: Trial, centre: Trial) -> bool:
        is_better = self.ranking_key(trial) < self._best_key  # aspiration
        return not trial.failed and (is_better or change(centre, trial) not in self._replaced)

    def _arrive_at(self, trial: Trial) -> None:
        self.centre = trial
        self._best_key = min(self._best_key, self.ranking_key(trial))
        neighbors = self.space.neighbors(trial.candidate.architecture)
        order = self.rng.permutation(len(neighbors))  # among equals any may be the first
        self._neighbors = [neighbors[index] for index in order]


def change(before: Trial, after: Trial) -> tuple[int, str | int]:
    """Where two neighbours differ: the number of the choice, and its value in the second."""
    pairs = zip(before.candidate.architecture.values, after.candidate.architecture.values)
    return next((index, new) for index, (old, new) in enumerate(pairs) if old != new)
