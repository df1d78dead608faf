"""Chapter 13: what each part of BANANAS is worth here. 60 trials, kept searches (python benchmarks/claims/13_ablation.py run).

Variants: independent Thompson sampling (the library), Thompson sampling by one member, the mean alone (no spread),
random candidates in place of mutations, mutations without a predictor, operation counts or paths alone.
"""

import sys

import numpy as np
import searches
from common import MEAN, TEST, space
from searches import collect, counted, load

from nas_tutorial.statistics.tests import paired_difference
from nas_tutorial.strategies.bananas import Bananas, as_matrix, bagged_trees, thompson_samples
from nas_tutorial.strategies.predictor import normal_scores
from nas_tutorial.trials import Candidate


class Ablated(Bananas):
    def __init__(self, where, *, acquisition="its", candidates="mutations", sees="both", **shared):
        super().__init__(where, **shared)
        self.acquisition, self.candidates, self.sees = acquisition, candidates, sees

    def _count(self, candidate):
        """Paths are tuples, operations are texts."""
        seen = counted(candidate.architecture)
        kinds = {"both": (tuple, str), "paths": (tuple,), "operations": (str,)}[self.sees]
        return {feature: count for feature, count in seen.items() if isinstance(feature, kinds)}

    def _mutations(self):
        if self.candidates == "mutations":
            return super()._mutations()
        drawn = {self.space.sample(self.rng) for _ in range(self.num_candidates)} - self._proposed
        return [Candidate(one) for one in sorted(drawn, key=str)]

    def _most_promising(self, candidates):
        if self.acquisition == "none":
            return candidates[self.rng.integers(len(candidates))]
        vocabulary = list(dict.fromkeys(f for seen in self._features for f in seen))
        scores = normal_scores([self.ranking_key(trial) for trial in self.trials])
        trees = bagged_trees(
            as_matrix(self._features, vocabulary), scores, self.num_predictors, self.rng
        )
        x = as_matrix([self._count(one) for one in candidates], vocabulary)
        predictions = np.array([tree.predict(x, check_input=False) for tree in trees])
        value = {
            "its": lambda: thompson_samples(predictions, self.rng),
            "ts": lambda: predictions[self.rng.integers(len(predictions))],
            "mean": lambda: predictions.mean(axis=0),
        }[self.acquisition]()
        return candidates[int(value.argmax())]


VARIANTS = {
    "bananas_ts": {"acquisition": "ts"},
    "bananas_mean": {"acquisition": "mean"},
    "bananas_random_candidates": {"candidates": "random"},
    "bananas_mutation_only": {"acquisition": "none"},
    "bananas_operations": {"sees": "operations"},
    "bananas_paths": {"sees": "paths"},
}
searches.MAKERS |= {
    n: (lambda seed, v=v: Ablated(space, seed=seed, **v)) for n, v in VARIANTS.items()
}


def ends(name, trials=60):
    seeds, rows, _, observed = load(name)
    return dict(
        zip(
            seeds.tolist(),
            zip(
                100 * observed[:, trials - 1],
                100 * MEAN[rows[:, trials - 1]],
                100 * TEST[rows[:, trials - 1]],
            ),
        )
    )


def compare(first, second, trials=60, seeds=None):
    a, b = ends(first, trials), ends(second, trials)
    common = sorted(set(a) & set(b) if seeds is None else set(a) & set(b) & set(seeds))
    d = np.array([np.subtract(a[s], b[s]) for s in common])
    return len(common), [paired_difference(d[:, i]) for i in range(3)]


if __name__ == "__main__":
    if "run" in sys.argv:
        for name in VARIANTS:
            collect(name, "full", 60, range(100))
            print(name, flush=True)
    others = [
        n
        for n in (
            "random_search",
            "regularized_evolution",
            "genetic",
            "local_search",
            "bayesian",
            "bananas",
            *VARIANTS,
        )
        if (searches.RUNS / f"{n}_full.npz").exists()
    ]
    for trials in (20, 40, 60):
        print(f"\nafter {trials} trials: observed, true mean, test (points, 95 %)")
        for name in others:
            values = np.array(list(ends(name, trials).values()))
            line = f"  {name:26} n {len(values):3}: {values.mean(axis=0).round(2)}"
            for base in ("random_search", "regularized_evolution", "bananas"):
                if base != name and base in others:
                    n, d = compare(name, base, trials)
                    line += f";  - {base} (n {n}): {d[0].text()}, {d[1].text()}, {d[2].text()}"
            print(line)
    print("\nthe chapter's ten seeds, after 60:")
    for one in ("bayesian", "bananas"):
        for base in ("random_search", "regularized_evolution"):
            n, d = compare(one, base, 60, range(10))
            print(
                f"  {one} - {base} (n {n}): observed {d[0].text()}, true mean {d[1].text()}, test {d[2].text()}"
            )
