"""Chapter 20: Nemenyi's verdict on a pair depends on who else is compared (Benavoli, Corani and Mangili 2016)."""

from itertools import combinations

import pandas
from common import TEST
from searches import load

from nas_tutorial.statistics.tests import friedman_nemenyi, wilcoxon_holm

NAMES = (
    "random_search",
    "genetic",
    "regularized_evolution",
    "local_search",
    "simulated_annealing",
    "reinforce",
    "tabu",
)
for trials in (20, 60, 180):
    scores = pandas.DataFrame({name: 100 * TEST[load(name)[1][:50, trials - 1]] for name in NAMES})
    flips = {}
    for pair in combinations(NAMES, 2):
        rest = [name for name in NAMES if name not in pair]
        p = {}
        for size in range(1, len(rest) + 1):
            for others in combinations(rest, size):
                p[others] = friedman_nemenyi(scores[[*pair, *others]]).p_values.loc[pair]
        yes = [o for o in p if p[o] < 0.05]
        if 0 < len(yes) < len(p):
            flips[pair] = (
                len(yes),
                len(p),
                min(p.values()),
                max(p.values()),
                min(p, key=p.get),
                max(p, key=p.get),
            )
    print(
        f"\n{trials} trials, 50 seeds: of 21 pairs, {len(flips)} are significant or not by the company they are in"
    )
    alone = wilcoxon_holm(scores).set_index(["first", "second"])["p"]
    for pair, (yes, all_, low, high, a, b) in sorted(flips.items(), key=lambda item: item[1][2])[
        :6
    ]:
        print(
            f"  {pair[0]} and {pair[1]}: significant in {yes} of {all_} pools, p {low:.3f} with {a} to {high:.2f} with {b}; Wilcoxon alone {alone[pair]:.3f}"
        )
