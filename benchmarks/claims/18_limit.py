"""Chapter 18: limits of 2,000 and 4,000 parameters. Medians far apart, means a tie: the values are bimodal. 200 seeds."""

import numpy as np
from common import MEAN, PARAMETERS, ROW, both_cores, look_up, search, space

from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.statistics.tests import paired_difference
from nas_tutorial.strategies.genetic import Genetic
from nas_tutorial.strategies.random_search import RandomSearch
from nas_tutorial.trials import Constraint


class Within(EdgeCellSpace):
    def __init__(self, limit):
        super().__init__()
        self.limit = limit

    def is_valid(self, architecture):
        return PARAMETERS[ROW[architecture]] <= self.limit


SMALL = {limit: Within(limit) for limit in (2_000, 4_000)}


def make(way, limit, seed):
    rule = [Constraint("parameters", limit)]
    return {
        "genetic, constraint": lambda: Genetic(space, constraints=rule, seed=seed),
        "genetic, afterwards": lambda: Genetic(space, seed=seed),
        "genetic, rule of space": lambda: Genetic(SMALL[limit], seed=seed),
        "random, constraint": lambda: RandomSearch(space, constraints=rule, seed=seed),
        "random, rule of space": lambda: RandomSearch(SMALL[limit], seed=seed),
    }[way]()


WAYS = (
    "genetic, constraint",
    "genetic, afterwards",
    "genetic, rule of space",
    "random, constraint",
    "random, rule of space",
)


def found(job):
    """(row or -1, trials within the limit, different networks within it) of one search of 100 trials."""
    way, limit, seed = job
    history = search(make(way, limit, seed), look_up, trials=100, progress=False)
    inside = [t for t in history if t.value("parameters") <= limit]
    rows = {ROW[t.candidate.architecture] for t in inside}
    best = max(inside, key=lambda t: t.value("val_accuracy"), default=None)
    return -1 if best is None else ROW[best.candidate.architecture], len(inside), len(rows)


if __name__ == "__main__":
    for limit in SMALL:
        allowed = np.flatnonzero(limit >= PARAMETERS)
        top = allowed[np.argsort(-MEAN[allowed], kind="stable")[:6]]
        print(
            f"\nat most {limit:,}: {len(allowed)} networks; the best by true mean {np.round(100 * MEAN[top], 1)}"
        )
        ends = {}
        for way in WAYS:
            rows, inside, different = np.array(
                both_cores(found, [(way, limit, seed) for seed in range(200)])
            ).T
            ends[way] = np.where(rows < 0, 0.0, 100 * MEAN[rows])
            networks, counts = np.unique(rows, return_counts=True)
            common = [
                (f"{100 * MEAN[networks[i]]:.1f}" if networks[i] >= 0 else "none", int(counts[i]))
                for i in np.argsort(-counts, kind="stable")[:4]
            ]
            first = ends[way][:30]
            print(f"{way:23} mean {ends[way].mean():.2f}, median {np.median(ends[way]):.1f} (30 seeds: {first.mean():.2f}, {np.median(first):.1f}); "
                  f"seeds without any {np.sum(rows < 0)}; within {inside.mean():.0f} of 100, different {different.mean():.0f}; most often {common}")  # fmt: skip
        for way in WAYS[1:]:
            d = ends["genetic, constraint"] - ends[way]
            print(
                f"genetic, constraint - {way}: {paired_difference(d).text()};  30 seeds: {paired_difference(d[:30]).text()}"
            )
        for way in WAYS[:3:2]:
            values = ends[way]
            print(f"{way}: share at 65 to 72 {np.mean((values > 65) & (values < 72)):.0%}, at 78 to 84 {np.mean((values > 78) & (values < 84)):.0%}, "
                  f"deciles {np.quantile(values, np.linspace(0.1, 0.9, 9)).round(1)}")  # fmt: skip
