"""Warm start (Mellor et al. 2021, Neural architecture search without training, Algorithm 2, AREA).

Draw more random architectures than the population holds, score them without training, and let an
evolution begin with the best of them.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from nas_tutorial.names import require_kind, whole
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.strategies.base import Strategy
from nas_tutorial.trials import Candidate, Trial


class WarmStart(Strategy):
    """Replaces the first candidates of a strategy, which it draws at random, by given ones.

    The founders are proposed in their order, each in place of a candidate without parents. Once
    they are used up, or breeding has begun, the strategy decides alone. All results go to it
    unchanged.

    Args:
        strategy: A fresh one, such as `RegularizedEvolution`, that is used nowhere else.
        founders: Where to begin: `num_founders` of the strategy's, or more, so that there are
            others to replace those that fail. See `best_of_random`.

    Raises:
        ValueError: If there is no founder, or one is not of the strategy's space.

    Reference:
        Mellor, Turner, Storkey and Crowley 2021, section 4.1 and Algorithm 2.
    """

    name = "warm_start"

    def __init__(self, strategy: Strategy, founders: Iterable[Architecture]):
        advice = "Make one, such as RegularizedEvolution(space)."
        require_kind("the strategy of WarmStart", strategy, Strategy, advice)
        super().__init__(
            strategy.space,
            objective=strategy.objective,
            constraints=strategy.constraints,
            seed=strategy.seed,
        )
        self.strategy = strategy
        self.objectives = strategy.objectives
        self.founders = tuple(founders)
        self.num_founders = strategy.num_founders
        self._next = 0
        advice = f"Give as many as the strategy draws at random: {strategy.num_founders}."
        whole("the number of founders", len(self.founders), 1, advice=advice)
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

    def describe(self) -> dict:
        """The strategy's settings and the founders, JSON-ready.

        It replaces `Strategy.describe`, since most settings are those of the other strategy.
        """
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
    """Draw random architectures, score them, and return the best ones, best first.

    Args:
        space: Where they come from.
        score: A function that is cheap to compute, such as a zero-cost proxy; larger is better.
        drawn: How many to draw and to score. The paper draws 20.
        kept: How many to keep. The paper keeps 10, the size of its population.
        rng: Random numbers.

    Raises:
        ValueError: If more are kept than drawn, or none.

    Reference:
        Mellor et al. 2021, Algorithm 2, its first loop and the line after it.
    """
    drawn = whole("drawn", drawn, 1)
    kept = whole("kept", kept, 1, drawn, "Draw more or keep fewer.")
    candidates = [space.sample(rng) for _ in range(drawn)]
    return sorted(candidates, key=score, reverse=True)[:kept]
