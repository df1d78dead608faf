"""Chapter 14: what REINFORCE learns (operations and size of the favourites), and whom it beats, 200 seeds.

Baselines: the cell with the largest operation on all six edges, and a random network of equal size.
"""

import numpy as np
from common import MEAN, PARAMETERS, ROW, TEST, both_cores, interval, look_up, space
from searches import load

from nas_tutorial.randomness import trial_seed
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.statistics.tests import paired_difference
from nas_tutorial.strategies.reinforce import Reinforce, softmax
from nas_tutorial.trials import Trial


def learned(seed, trials=200):
    """(favourite, row of the best by observed value, policy, observed values) of one search."""
    strategy, told = Reinforce(space, seed=seed), []
    for number in range(trials):
        candidate, noise = strategy.ask(), trial_seed(seed, number)
        trial = Trial(number, candidate, noise, look_up(candidate, seed=noise))
        strategy.tell(trial)
        told.append((trial.value("val_accuracy"), ROW[candidate.architecture]))
    policy = np.array([softmax(logits) for logits in strategy.logits])
    favourite = Architecture(tuple(c.options[p.argmax()] for c, p in zip(space.choices, policy)))
    return favourite, max(told, key=lambda pair: pair[0])[1], policy, np.array([v for v, _ in told])


if __name__ == "__main__":
    runs = both_cores(learned, range(200))
    operations = space.OPERATIONS
    for n in (30, 200):
        favourites = [one for one, *_ in runs[:n]]
        rows = np.array([ROW[one] for one in favourites])
        counts = {o: [one.values.count(o) for one in favourites] for o in operations}
        sizes = PARAMETERS[rows]
        encoded = PARAMETERS[[ROW[one] for one in space]]
        print(f"\n{n} favourites, {len(set(rows))} networks")
        print(
            "  median number of each operation:",
            {o: float(np.median(c)) for o, c in counts.items()},
        )
        print(
            "  mean number of each operation:  ",
            {o: round(float(np.mean(c)), 2) for o, c in counts.items()},
        )
        print("  3x3 convolutions:", np.bincount(counts["nor_conv_3x3"], minlength=7))
        print(f"  median size {np.median(sizes):.0f}; larger than {np.mean(np.median(sizes) > PARAMETERS):.2%} of networks, "
              f"{np.mean(encoded < np.median(sizes)):.2%} of encodings; quantiles of single ones "
              f"{np.quantile([np.mean(s > PARAMETERS) for s in sizes], (0.1, 0.5, 0.9)).round(4)}")  # fmt: skip
    favourite = np.array([ROW[one] for one, *_ in runs])
    best = np.array([row for _, row, *_ in runs])
    largest = ROW[Architecture(("nor_conv_3x3",) * 6)]
    rng = np.random.default_rng(0)
    equal = np.array(
        [
            rng.choice(np.flatnonzero(np.abs(PARAMETERS - PARAMETERS[f]) <= 0.05 * PARAMETERS[f]))
            for f in favourite
        ]
    )
    for name, rows in (
        ("favourite", favourite),
        ("best drawn", best),
        ("random of equal size (5 %)", equal),
    ):
        print(
            f"{name:27} true mean {interval(100 * MEAN[rows])}, test {interval(100 * TEST[rows])}"
        )
    print(f"3x3 on all six edges        true mean {100 * MEAN[largest]:.2f}, test {100 * TEST[largest]:.2f}, "
          f"{PARAMETERS[largest]:.0f} parameters, rank {1 + np.sum(MEAN[largest] < MEAN)} by true mean")  # fmt: skip
    for name, a, b in (
        ("favourite - best drawn", favourite, best),
        ("favourite - all 3x3", favourite, np.full(200, largest)),
        ("best drawn - all 3x3", best, np.full(200, largest)),
        ("favourite - random of equal size", favourite, equal),
    ):
        for n in (30, 200):
            print(f"{name} ({n} seeds): true mean {paired_difference(100 * (MEAN[a] - MEAN[b])[:n]).text()}, "
                  f"test {paired_difference(100 * (TEST[a] - TEST[b])[:n]).text()}")  # fmt: skip
    policies = np.array([policy for *_, policy, _ in runs])
    print("mean final probability, edges in rows, operations", *operations)
    print(policies.mean(axis=0).round(2))

    print("\nafter 200 trials (kept searches), points, n = 200 and the chapter's first 30")
    kept = {name: load(name) for name in ("random_search", "regularized_evolution", "reinforce")}
    for other in ("random_search", "regularized_evolution"):
        for measure in ("observed", "true mean", "test"):
            ends = []
            for name in ("reinforce", other):
                _, rows, _, observed = kept[name]
                ends.append(
                    100
                    * {
                        "observed": observed[:, 199],
                        "true mean": MEAN[rows[:, 199]],
                        "test": TEST[rows[:, 199]],
                    }[measure]
                )
            d = ends[0] - ends[1]
            print(
                f"reinforce - {other:22} {measure:9} {paired_difference(d).text()};  30: {paired_difference(d[:30]).text()}"
            )
