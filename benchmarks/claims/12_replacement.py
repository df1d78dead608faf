"""Chapter 12: the oldest or the worst makes room? 200 fresh pairs of searches at each noise level.

As in the chapter: populations of 20, tournaments of 5, 150 trials, the true mean plus normal noise.
"""

from common import MEAN, ROW, both_cores, np, space
from scipy.stats import ttest_rel

from nas_tutorial.randomness import trial_seed
from nas_tutorial.statistics.tests import holm, paired_difference
from nas_tutorial.strategies.random_search import RandomSearch
from nas_tutorial.strategies.regularized_evolution import RegularizedEvolution
from nas_tutorial.trials import Result, Trial

SEEDS, TRIALS, LEVELS = range(200), 150, (0, 0.005, 0.01, 0.02, 0.04)


class KeepTheBest(RegularizedEvolution):
    def tell(self, trial):
        self.population.append(trial)
        if len(self.population) > self.population_size:
            self.population.remove(max(self.population, key=self.ranking_key))


RULES = {"worst": KeepTheBest, "oldest": RegularizedEvolution}


def found(job):
    """The true mean of the network with the best observed value, and what the last population is worth."""
    rule, sd, seed, size = job
    if rule == "random":
        strategy = RandomSearch(space, seed=seed)
    else:
        strategy = RULES[rule](space, seed=seed, population_size=20, tournament_size=size)
    best = (-1.0, None)
    for number in range(TRIALS):
        candidate, noise_seed = strategy.ask(), trial_seed(seed, number)
        value = MEAN[ROW[candidate.architecture]]
        observed = value + sd * np.random.default_rng(noise_seed).standard_normal()
        best = max(best, (observed, value))
        strategy.tell(Trial(number, candidate, noise_seed, Result({"val_accuracy": observed}, 0.0)))
    last = (
        [MEAN[ROW[t.candidate.architecture]] for t in strategy.population]
        if rule != "random"
        else [0]
    )
    return 100 * best[1], 100 * np.mean(last)


def all_seeds(rule, sd, size=5):
    return np.array(both_cores(found, [(rule, sd, seed, size) for seed in SEEDS]))


if __name__ == "__main__":
    p_values, half = [], range(len(SEEDS) // 2)
    for sd in LEVELS:
        worst, oldest, random = (all_seeds(rule, sd) for rule in ("worst", "oldest", "random"))
        d = oldest[:, 0] - worst[:, 0]
        p_values.append(ttest_rel(oldest[:, 0], worst[:, 0]).pvalue)
        print(
            f"noise {sd:.3f}: worst {worst[:, 0].mean():.2f}, oldest {oldest[:, 0].mean():.2f}, random "
            f"{random[:, 0].mean():.2f}; oldest - worst {paired_difference(d).text()} (p {p_values[-1]:.4f}); "
            f"seeds 0-39 {paired_difference(d[:40]).text()}, 40-199 {paired_difference(d[40:]).text()}; "
            f"last population: oldest - worst {paired_difference(oldest[:, 1] - worst[:, 1]).text()}",
            flush=True,
        )
    print("p adjusted for five levels, Holm:", holm(np.array(p_values)).round(4))
    for size in (1, 5, 20):
        worst, oldest = (all_seeds(rule, 0.02, size)[:, 0] for rule in ("worst", "oldest"))
        print(f"noise 0.02, tournaments of {size}: worst {worst.mean():.2f}, oldest {oldest.mean():.2f}, "
              f"oldest - worst {paired_difference(oldest - worst).text()}", flush=True)  # fmt: skip
