"""Local search (White, Nolen and Savani 2021, Exploring the loss landscape in neural architecture
search, Algorithm 1).

Train the neighbours of an architecture and move to a better one; where none is better, begin anew
from a random architecture.
"""

from nas_tutorial.names import one_of
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.strategies.base import Strategy
from nas_tutorial.trials import Candidate, Trial

IMPROVEMENTS = ("first", "best")


class LocalSearch(Strategy):
    """Descends to a local optimum of what was measured, and restarts there.

    Within a descent no encoding is proposed twice, and the centre keeps its first result: with
    noisy results one lucky training run may end the descent early. The next descent remembers
    nothing, so it may train an encoding again, which is a second sample.

    All neighbours of the centre may be in flight at once. While the last of them are awaited, the
    strategy does not idle: it moves to the best result so far if that is better than the centre;
    otherwise it proposes random architectures, and the next descent begins from the best of those.
    With one candidate in flight neither happens.

    Args:
        space, objective, constraints, seed: As in `Strategy`.
        improvement: "first" moves to the first neighbour that turns out better, in random order;
            "best" waits for all of them and moves to the best, as in the paper.

    Raises:
        ValueError: If `improvement` is another.

    Reference:
        White, Nolen and Savani 2021, Algorithm 1.
    """

    name = "local_search"
    num_founders = 1

    def __init__(self, space, *, improvement: str = "first", **shared):
        super().__init__(space, **shared)
        self.improvement = one_of("improvement", improvement, IMPROVEMENTS)
        self.centre: Trial | None = None
        self.starts: list[Trial] = []  # random ones from which no descent has begun yet
        self._better: Trial | None = None  # the best of this descent, if it beats the centre
        self._seen: set[Architecture] = set()  # in this descent
        self._to_ask: list[Architecture] = []  # neighbours of the centre
        self._in_flight = 0  # neighbours, also of earlier centres of this descent

    def ask(self) -> Candidate:
        if not self._to_ask and self._better is not None:
            self._move_to(self._better)  # the last neighbours are still in flight
        if self.centre is None or not self._to_ask:
            return Candidate(self.space.sample(self.rng))
        neighbor = self._to_ask.pop()
        self._seen.add(neighbor)
        self._in_flight += 1
        return Candidate(neighbor, parents=(self.centre.number,))

    def tell(self, trial: Trial) -> None:
        if trial.candidate.parents:
            self._in_flight -= 1
            rival = self._better or self.centre
            if rival is not None and self.ranking_key(trial) < self.ranking_key(rival):
                self._better = trial
        elif not trial.failed:
            self.starts.append(trial)
        is_waiting = bool(self._to_ask) or self._in_flight > 0
        if self._better is not None and (self.improvement == "first" or not is_waiting):
            self._move_to(self._better)
        elif not is_waiting:
            self._begin()

    def _begin(self) -> None:
        """Start a descent from the best random architecture that waits, if any does."""
        self.centre = None
        if self.starts:
            start = min(self.starts, key=self.ranking_key)
            self.starts.remove(start)
            self._seen = {start.candidate.architecture}
            self._move_to(start)

    def _move_to(self, trial: Trial) -> None:
        self.centre, self._better = trial, None
        neighbors = self.space.neighbors(trial.candidate.architecture)
        new = [neighbor for neighbor in neighbors if neighbor not in self._seen]
        self._to_ask = [new[index] for index in self.rng.permutation(len(new))]
