"""Warm start (Mellor et al. 2021, Neural architecture search without training, Algorithm 2, AREA).

Draw more random architectures than the population holds, score them without training, and let an
evolution begin with the best of them.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.strategies.base import Strategy, whole
from nas_tutorial.trials import Candidate, Trial


class WarmStart(Strategy):
    """Any strategy whose first candidates are drawn at random, with others in their places.

    The founders are proposed in their order, each in place of a candidate without parents; once
    they are used up, or breeding has begun, the strategy is on its own. What is told goes to it
    unchanged.

    Args:
        strategy: A fresh one, such as `RegularizedEvolution`; it is used here alone.
        founders: Where to begin: its `num_founders`, or more, of which the next steps in where a
            founder fails. See `best_of_random`.

    Raises:
        ValueError: If there is no founder, or one is not of the strategy's space.

    Reference:
        Mellor, Turner, Storkey and Crowley 2021, section 4.1 and Algorithm 2.
    """

    name = "warm_start"

    def __init__(self, strategy: Strategy, founders: Iterable[Architecture]):
        super().__init__(
            strategy.space,
            objective=strategy.objective,
            constraints=strategy.constraints,
            seed=strategy.seed,
        )
        self.strategy = strategy
        self.founders = tuple(founders)
        self.num_founders = strategy.num_founders
        self._next = 0
        if not self.founders:
            raise ValueError(
                "founders must hold at least one architecture, got none. Give as many as the "
                f"strategy draws at random: {strategy.num_founders}."
            )
        for founder in self.founders:
            self.space.require(founder)

    def ask(self) -> Candidate | None:
        candidate = self.strategy.ask()
        if candidate is None or candidate.parents or self._next == len(self.founders):
            return candidate
        self._next += 1
        return replace(candidate, architecture=self.founders[self._next - 1])

    def tell(self, trial: Trial) -> None:
        self.strategy.tell(trial)

    def ranking_key(self, trial: Trial) -> tuple[float, float, float]:
        """As the strategy sorts."""
        return self.strategy.ranking_key(trial)

    def describe(self) -> dict:
        """The strategy's settings and the founders, JSON-ready."""
        founders = [list(founder.values) for founder in self.founders]
        return {**self.strategy.describe(), "founders": founders}


def best_of_random(
    space: SearchSpace,
    score: Callable[[Architecture], float],
    *,
    drawn: int,
    kept: int,
    rng: np.random.Generator,
) -> list[Architecture]:
    """The best by a score of so many random architectures, best first.

    Args:
        space: Where they come from.
        score: What is cheap to compute, such as a zero-cost proxy; larger is better.
        drawn: How many to draw and to score. The paper draws 20.
        kept: How many to keep. The paper keeps 10, the size of its population.
        rng: Random numbers.

    Raises:
        ValueError: If more are kept than drawn, or none.

    Reference:
        Mellor et al. 2021, Algorithm 2, its first loop and the line after it.
    """
    drawn, kept = whole("drawn", drawn), whole("kept", kept)
    if not 1 <= kept <= drawn:
        raise ValueError(
            f"kept must lie in [1, drawn={drawn}], got {kept}. Draw more or keep fewer."
        )
    candidates = [space.sample(rng) for _ in range(drawn)]
    return sorted(candidates, key=score, reverse=True)[:kept]
