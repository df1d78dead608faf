"""Do zero-cost proxies find good networks? Two questions on the course's table.

    python benchmarks/proxies.py --json

`ranking[proxy]`: Spearman's and Kendall's rank correlation between a proxy and the test accuracy of
all networks, and of the half that is better; and `top_tenth`, the share of the proxy's best tenth
that is in the real best tenth (0.1 by chance). Means over the proxy's seeds, each taken alone;
`between_seeds` is the mean Spearman correlation of two of them. The number of parameters is the
baseline. `published` has what the papers print for NAS-Bench-201.

`warm_start[drawn][proxy][trials]`: regularized evolution with ten founders, the best by a proxy of
so many random architectures (20 in the paper), minus the same from the first ten of these: the mean
difference over seeds of the incumbent's test accuracy after so many trials, and its 95 % interval.
"""

import argparse
import functools
import itertools
import json
import sys

import numpy as np
import pandas
from scipy.stats import kendalltau, spearmanr
from tqdm import tqdm

from nas_tutorial.statistics.repeats import compare
from nas_tutorial.statistics.tests import paired_difference
from nas_tutorial.strategies.regularized_evolution import RegularizedEvolution
from nas_tutorial.strategies.warm_start import WarmStart, best_of_random
from nas_tutorial.tables.table import Table, TableEvaluator, regret

PROXIES = ("parameters", "flops", "grad_norm", "snip", "synflow", "jacob_cov", "naswot")
PUBLISHED = {  # on CIFAR-10, CIFAR-100 and ImageNet16-120
    "spearman, authors' notebook of Abdelfattah et al. 2021": {
        "grad_norm": (0.594, 0.637, 0.578),
        "snip": (0.596, 0.637, 0.578),
        "synflow": (0.737, 0.763, 0.751),
        "jacob_cov": (0.731, 0.704, 0.701),
    },
    "kendall, Mellor et al. 2021, Figure 3": {"naswot": (0.574, 0.611, 0.549)},
}
FOUNDERS = 10
DRAWN = (20, 100, 1000)
TRIALS = (10, 20, 50, 100)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=50, help="searches of each kind")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    options = parser.parse_args()
    table = Table.load_course()
    result = {
        "networks": len(table),
        "seeds_in_the_table": table.num_seeds,
        "seeds_of_the_proxies": table.proxy("naswot").shape[1],
        "ranking": {name: ranking(table, name) for name in PROXIES},
        "published": PUBLISHED,
        "search_seeds": options.seeds,
        "warm_start": warm_starts(table, options.seeds),
    }
    print(json.dumps(result) if options.json else json.dumps(result, indent=2))


def ranking(table: Table, name: str) -> dict[str, float]:
    """How well a proxy orders the networks of the table."""
    accuracy = table.column("test_accuracy").mean(axis=1)
    better = accuracy >= np.median(accuracy)
    scores = table.proxy(name).T
    found = [
        {
            "spearman": spearmanr(one, accuracy).statistic,
            "kendall": kendalltau(one, accuracy).statistic,
            "spearman_better_half": spearmanr(one[better], accuracy[better]).statistic,
            "kendall_better_half": kendalltau(one[better], accuracy[better]).statistic,
            "top_tenth": top_share(one, accuracy, len(accuracy) // 10),
        }
        for one in scores
    ]
    pairs = [spearmanr(a, b).statistic for a, b in itertools.combinations(scores, 2)]
    between = {"between_seeds": float(np.mean(pairs))} if pairs else {}
    return {**pandas.DataFrame(found).mean().to_dict(), **between}


def top_share(scores: np.ndarray, values: np.ndarray, size: int) -> float:
    """The share of the best `size` by score that is among the best `size` by value."""
    return float(membership(scores, size) @ membership(values, size) / size)


def membership(values: np.ndarray, size: int) -> np.ndarray:
    """The probability that each is among the best `size`, where ties are broken by chance."""
    threshold = np.sort(values)[-size]
    above, tied = values > threshold, values == threshold
    return above + tied * (size - above.sum()) / tied.sum()


def warm_starts(table: Table, seeds: int) -> dict:
    """Evolution from founders that a proxy chose, minus evolution from random ones."""
    searched = functools.partial(searches, table, range(seeds))
    cold = searched(functools.partial(evolution, table))
    found = {}
    for drawn, name in tqdm(list(itertools.product(DRAWN, PROXIES)), file=sys.stderr):
        warm = searched(functools.partial(warm_evolution, table, name, drawn))
        found.setdefault(str(drawn), {})[name] = {
            str(trials): difference(warm[trials] - cold[trials]) for trials in TRIALS
        }
    cold_means = {str(trials): float(cold[trials].mean()) for trials in TRIALS}
    return {"cold_test_accuracy": cold_means, **found}


def searches(table: Table, seeds: range, make) -> pandas.DataFrame:
    """The incumbent's test accuracy: one row a seed, one column for each number of trials."""
    best = table.optimum()[1]
    runs = compare(
        {"evolution": make},
        TableEvaluator(table),
        trials=max(TRIALS),
        seeds=seeds,
        curves={"test": lambda history: best - regret(history, table)},
    )
    return runs.pivot(index="seed", columns="trial", values="test")[list(TRIALS)]


def evolution(table: Table, seed: int) -> RegularizedEvolution:
    return RegularizedEvolution(table.space, population_size=FOUNDERS, seed=seed)


def warm_evolution(table: Table, name: str, drawn: int, seed: int) -> WarmStart:
    """The proxy is measured once, as a user would; the random ones begin as evolution's own do."""
    columns = table.proxy(name).T
    scores = columns[seed % len(columns)]
    founders = best_of_random(
        table.space,
        lambda architecture: scores[table.row(architecture)],
        drawn=drawn,
        kept=FOUNDERS,
        rng=np.random.default_rng(seed),
    )
    return WarmStart(evolution(table, seed), founders)


def difference(apart: pandas.Series) -> dict:
    """The mean over seeds, and its 95 % interval."""
    mean, low, high = paired_difference(apart)
    return {"difference": mean, "interval_95": [low, high]}


if __name__ == "__main__":
    main()
