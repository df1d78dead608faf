"""REINFORCE (Williams 1992, Simple statistical gradient-following algorithms for connectionist
reinforcement learning), the search of Zoph and Le 2017, Neural architecture search with
reinforcement learning.

Sample every choice from a distribution of its own; once the result is in, make the options taken
more likely if it beat the moving average of earlier ones, and less likely if it did not.
"""

import bisect

import numpy as np

from nas_tutorial.names import real
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.base import MAX_ATTEMPTS
from nas_tutorial.strategies.base import Strategy
from nas_tutorial.trials import Candidate, Trial


class Reinforce(Strategy):
    """A controller that is one categorical distribution per choice, trained by policy gradient.

    Zoph and Le's controller is a recurrent network, which lets a choice depend on those before it;
    here the choices are independent, as in the baselines of NAS-Bench-101 and NAS-Bench-201.

    The papers' reward is the accuracy itself. Here it is the share of earlier results that a trial
    beats by its ranking key: a number in [0, 1] without a unit that respects constraints and
    direction. Failed trials are ignored.

    The gradient is that of the policy at the time of the tell. With several candidates in flight
    the policy has moved since the ask, a small bias that asynchronous searches accept.

    Args:
        space, objective, constraints, seed: As in `Strategy`.
        learning_rate: Step along the gradient, in units of logit per unit of reward; positive.
        momentum: Share of the old baseline in the new one, in [0, 1).

    Raises:
        ValueError: If the learning rate is not positive, or momentum lies outside [0, 1).

    Reference:
        Williams 1992, section 5 (REINFORCE with a reinforcement baseline).
        Zoph and Le 2017, section 3.2.
    """

    name = "reinforce"

    def __init__(self, space, *, learning_rate: float = 0.8, momentum: float = 0.9, **shared):
        super().__init__(space, **shared)
        self.learning_rate = real("learning_rate", learning_rate, above=0, advice="Raise it.")
        advice = "At 1 the baseline would never move."
        self.momentum = real("momentum", momentum, 0, below=1, advice=advice)
        self.logits = [np.zeros(len(choice.options)) for choice in space.choices]
        self.baseline = 0.5  # what an average trial earns
        self._standings: list[tuple] = []  # ranking keys of all results, best first

    def ask(self) -> Candidate:
        """Propose a valid draw from the policy; a uniform one if `MAX_ATTEMPTS` were invalid."""
        distributions = [np.cumsum(softmax(logits)) for logits in self.logits]
        for _ in range(MAX_ATTEMPTS):
            uniform = self.rng.random(len(distributions))
            values = tuple(
                choice.options[min(int(np.searchsorted(sums, u, "right")), len(sums) - 1)]
                for choice, sums, u in zip(self.space.choices, distributions, uniform)
            )
            if self.space.is_valid(architecture := Architecture(values)):
                return Candidate(architecture)
        return Candidate(self.space.sample(self.rng))

    def tell(self, trial: Trial) -> None:
        if trial.failed:
            return
        reward = self._reward(trial)
        options = [
            choice.options.index(value)
            for choice, value in zip(self.space.choices, trial.candidate.architecture.values)
        ]
        step = self.learning_rate * (reward - self.baseline)  # Zoph and Le 2017, eq. in section 3.2
        for logits, option in zip(self.logits, options):
            logits += step * log_probability_gradient(logits, option)
        self.baseline = self.momentum * self.baseline + (1 - self.momentum) * reward

    def _reward(self, trial: Trial) -> float:
        """The share of earlier results that the trial beats, ties by half; 0.5 for the first."""
        key, earlier = self.ranking_key(trial), len(self._standings)
        better = bisect.bisect_left(self._standings, key)
        not_worse = bisect.bisect_right(self._standings, key)
        self._standings.insert(not_worse, key)
        return 1 - (better + not_worse) / (2 * earlier) if earlier else 0.5


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities, of the shape of `logits`."""
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()


def log_probability_gradient(logits: np.ndarray, option: int) -> np.ndarray:
    """The gradient of log softmax(logits)[option] by the logits, of their shape.

    Reference:
        Williams 1992, section 4 (the characteristic eligibility).
    """
    return np.eye(len(logits))[option] - softmax(logits)
