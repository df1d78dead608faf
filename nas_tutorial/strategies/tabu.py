"""Tabu search (Glover 1989, Tabu search, part I; Glover 1990, Tabu search, part II).

Move to the best neighbour even if it is worse, and forbid for some moves to undo what was changed.
"""

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

    def ask(self) -> Candidate | None:
        if self.centre is None:
            return Candidate(self.space.sample(self.rng))
        if not self._to_ask:
            return None
        self._in_flight += 1
        return Candidate(self._to_ask.pop(), parents=(self.centre.number,))

    def tell(self, trial: Trial) -> None:
        self._known[trial.candidate.architecture] = trial
        if trial.candidate.parents:
            self._in_flight -= 1
        elif trial.candidate.architecture in self._to_ask:  # one more start came late
            self._to_ask.remove(trial.candidate.architecture)
        if self.centre is None and not trial.failed:
            self._arrive_at(trial)
        for _ in range(MAX_FREE_MOVES):
            if self._is_waiting():
                return
            self._move()
        if not self._is_waiting():
            self._forget()

    def _is_waiting(self) -> bool:
        return self.centre is None or bool(self._to_ask) or self._in_flight > 0

    def _move(self) -> None:
        """Go to the best neighbour that is allowed, or forget the walk if none is."""
        trials = [self._known[neighbor] for neighbor in self._neighbors]
        allowed = [trial for trial in trials if not trial.failed and self._is_allowed(trial)]
        if not allowed:
            self._forget()
            return
        best = min(allowed, key=self.ranking_key)
        index, _ = change(self.centre, best)
        self._num_moves += 1
        replaced = index, self.centre.candidate.architecture.values[index]
        self._tabu_until[replaced] = self._num_moves + self.tenure
        self._arrive_at(best)

    def _is_allowed(self, trial: Trial) -> bool:
        is_tabu = self._tabu_until.get(change(self.centre, trial), 0) > self._num_moves
        return not is_tabu or self.ranking_key(trial) < self.ranking_key(self.best)  # aspiration

    def _arrive_at(self, trial: Trial) -> None:
        self.centre = trial
        self.best = min(self.best or trial, trial, key=self.ranking_key)
        neighbors = self.space.neighbors(trial.candidate.architecture)
        order = self.rng.permutation(len(neighbors))  # among equals any may be the first
        self._neighbors = [neighbors[index] for index in order]
        self._to_ask = [neighbor for neighbor in self._neighbors if neighbor not in self._known]

    def _forget(self) -> None:
        self.centre: Trial | None = None
        self.best: Trial | None = None  # centre of the walk
        self._known: dict[Architecture, Trial] = {}
        self._neighbors: list[Architecture] = []
        self._to_ask: list[Architecture] = []
        self._in_flight = 0
        self._num_moves = 0
        self._tabu_until: dict[tuple, int] = {}  # (choice, value) -> number of the move


def change(before: Trial, after: Trial) -> tuple[int, str | int]:
    """Where two neighbours differ: the number of the choice, and its value in the second."""
    pairs = zip(before.candidate.architecture.values, after.candidate.architecture.values)
    return next((index, new) for index, (old, new) in enumerate(pairs) if old != new)
