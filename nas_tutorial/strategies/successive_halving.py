"""Successive halving (Jamieson and Talwalkar 2016, Non-stochastic best arm identification and
hyperparameter optimization, section 3).

Train a number of random candidates for a few epochs, resume the best of them for more, and so on
until a few are trained in full; then begin anew.
"""

import math
from collections.abc import Callable, Iterable, Sequence

from nas_tutorial.names import whole
from nas_tutorial.strategies.base import Strategy
from nas_tutorial.strategies.rungs import checked_rungs, geometric_rungs, num_promoted
from nas_tutorial.trials import Candidate, Trial


class Bracket:
    """One run of successive halving.

    All candidates of a rung are trained before any is promoted to the next, so a worker may have to
    wait. A failed trial is not promoted; a rung in which all fail is the last.

    Args:
        architectures: What starts in the lowest rung.
        epochs: The rungs.
    """

    def __init__(self, architectures: Sequence, epochs: Sequence[float]):
        self.size = len(architectures)
        self.lowest, *self.rungs_left = epochs
        self.waiting = [Candidate(architecture, self.lowest) for architecture in architectures]
        self.num_in_flight = 0
        self.succeeded: list[Trial] = []  # in this rung

    @property
    def is_finished(self) -> bool:
        return not self.waiting and not self.num_in_flight

    def ask(self) -> Candidate | None:
        """The next candidate of this rung; None while it waits for results."""
        if not self.waiting:
            return None
        self.num_in_flight += 1
        return self.waiting.pop(0)

    def tell(self, trial: Trial, key: Callable) -> None:
        """Take in a result; after the last of a rung, the best by `key` go on to the next."""
        self.num_in_flight -= 1
        if not trial.failed:
            self.succeeded.append(trial)
        if self.is_finished and self.rungs_left:
            epochs = self.rungs_left.pop(0)
            # In order of key and number, so the order in which results arrive changes nothing.
            best_first = sorted(self.succeeded, key=lambda trial: (*key(trial), trial.number))
            promoted = best_first[: num_promoted(self.size, self.lowest, epochs)]
            self.waiting = [trial.resumed(epochs) for trial in promoted]
            self.succeeded = []


class SuccessiveHalving(Strategy):
    """Brackets of equal size, one after the other.

    The paper halves from round to round; here the rungs say how many are promoted: three times the
    epochs, a third of the candidates. After a bracket the next one begins with fresh candidates, so
    the search ends with its budget and not by itself. The winner is the best of those that were
    trained longest (`History.best`).

    Args:
        space, objective, constraints, seed: As in `Strategy`.
        epochs: The rungs: after how many epochs candidates are compared; the last is training in
            full.
        bracket_size: How many candidates start in the lowest rung; n in the paper.

    Raises:
        ValueError: If the rungs do not grow, or no candidate would reach the last.

    Reference:
        Jamieson and Talwalkar 2016, section 3, the Successive Halving algorithm.
        Li et al. 2018, Hyperband, Algorithm 1, its inner loop (any ratio in place of 2).
    """

    name = "successive_halving"

    def __init__(
        self,
        space,
        *,
        epochs: Iterable[float] = geometric_rungs(5),
        bracket_size: int = 9,
        **shared,
    ):
        super().__init__(space, **shared)
        self.epochs = checked_rungs(epochs)
        least = math.ceil(self.epochs[-1] / self.epochs[0] - 1e-9)
        advice = "Raise it, so that a candidate reaches the last rung."
        self.bracket_size = whole("bracket_size", bracket_size, least, advice=advice)
        self.bracket = self._new_bracket()

    def ask(self) -> Candidate | None:
        if self.bracket.is_finished:
            self.bracket = self._new_bracket()
        return self.bracket.ask()

    def tell(self, trial: Trial) -> None:
        self.bracket.tell(trial, self.ranking_key)

    def _new_bracket(self) -> Bracket:
        architectures = [self.space.sample(self.rng) for _ in range(self.bracket_size)]
        return Bracket(architectures, self.epochs)
