"""Random search (Bergstra and Bengio 2012, Random search for hyper-parameter optimization).

Draw every candidate uniformly from the space, whatever the results: the baseline of all others.
"""

from nas_tutorial.strategies.base import Strategy
from nas_tutorial.trials import Candidate


class RandomSearch(Strategy):
    """Draws with replacement, so an architecture may come twice.

    Reference:
        Li and Talwalkar 2019, Random search and reproducibility for neural architecture search.
    """

    name = "random_search"

    def ask(self) -> Candidate:
        return Candidate(self.space.sample(self.rng))
