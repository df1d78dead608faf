"""Chapter 03: what a further trial brings, by observed value and by the true mean; what a target as stopping rule means. 200 seeds."""

import numpy as np
from common import MEAN, RUNS, TEST, interval, look_up, search, space, table
from searches import load

from nas_tutorial.statistics.tests import paired_difference
from nas_tutorial.strategies.random_search import RandomSearch

ends = {name: load(name) for name in ("random_search", "genetic")}
print(
    "trials   random: observed, true mean    genetic: observed, true mean    genetic - random: observed; true mean; test"
)
for n in (10, 20, 40, 80, 160):
    at = {
        name: (100 * o[:, n - 1], 100 * MEAN[r[:, n - 1]], 100 * TEST[r[:, n - 1]])
        for name, (_, r, _, o) in ends.items()
    }
    d = [paired_difference(g - r).text() for g, r in zip(at["genetic"], at["random_search"])]
    print(
        f"{n:6}   "
        + "    ".join(f"{v[0].mean():.2f}, {v[1].mean():.2f}" for v in at.values())
        + "    "
        + "; ".join(d)
    )
gain = {}
for name, (_, r, _, o) in ends.items():
    for measure, values in (("observed", 100 * o), ("true mean", 100 * MEAN[r])):
        early, late = values[:, 19] - values[:, 9], values[:, 159] - values[:, 149]
        print(
            f"{name} {measure}: trials 10 to 20 gain {interval(early)}, 150 to 160 {interval(late)}"
        )
for n in (50, 200):
    a, b = (ends[name][3][:n, 159] for name in ("genetic", "random_search"))
    a2, b2 = (MEAN[ends[name][1][:n, 159]] for name in ("genetic", "random_search"))
    print(
        f"after 160, {n} seeds: by observed value genetic ahead in {np.sum(a > b)}, behind {np.sum(a < b)}; by true mean {np.sum(a2 > b2)}, {np.sum(a2 < b2)}"
    )

print("\na target as the stopping rule, random search, 200 seeds, at most 500 trials")
for target in (0.90, 0.93, 0.95, 0.97):
    met, trials, others = [], [], []
    for seed in range(200):
        history = search(
            RandomSearch(space, seed=seed), look_up, target=target, trials=500, progress=False
        )
        last = history[-1]
        met.append(last.value("val_accuracy") >= target)
        if met[-1]:
            trials.append(len(history))
            row = table.row(last.candidate.architecture)
            others.append(np.delete(RUNS[row], last.seed % 3).mean())
    others = np.array(others)
    print(f"target {target}: met in {np.mean(met):.0%}, after {np.median(trials):.0f} trials in the median; two further runs of the network: mean "
          f"{interval(others)}, below the target in {np.mean(others < target):.0%}")  # fmt: skip
