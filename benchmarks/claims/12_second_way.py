"""Chapter 12, the second way: both rules written anew without the library's strategies, 2,000 fresh pairs per level.

The pair shares its founders and their noise. Nothing else of the library is used but the table.
"""

from collections import deque

import numpy as np
from common import MEAN, ROW, both_cores, space
from scipy.stats import norm

from nas_tutorial.statistics.tests import holm, paired_difference

VALUE = np.array([MEAN[ROW[one]] for one in space]).tolist()  # by encoding, last edge fastest
POWERS = [5**k for k in (5, 4, 3, 2, 1, 0)]
LEVELS = (0, 0.005, 0.01, 0.02, 0.04, 0.06)


def run(oldest, sd, seed, size=20, tournament=5, trials=150):
    """The true mean of the best by observed value."""
    founders, rng = np.random.default_rng([7, seed]), np.random.default_rng([11, seed, oldest])
    population, best = deque(), (-9.0, 0.0)
    for number in range(trials):
        source = founders if number < size else rng
        if number < size:
            code = int(source.integers(5**6))
        else:
            parent = max(
                (population[i] for i in rng.integers(size, size=tournament)), key=lambda m: m[0]
            )[1]
            edge, step = int(rng.integers(6)), int(rng.integers(1, 5))
            old = parent // POWERS[edge] % 5
            code = parent + ((old + step) % 5 - old) * POWERS[edge]
        member = (VALUE[code] + sd * source.standard_normal(), code)
        best = max(best, (member[0], VALUE[code]))
        population.append(member)
        if len(population) > size:
            if oldest:
                population.popleft()
            else:
                population.remove(min(population, key=lambda m: m[0]))
    return 100 * best[1]


def pair(job):
    sd, seed = job
    return run(True, sd, seed) - run(False, sd, seed)


if __name__ == "__main__":
    p = []
    for sd in LEVELS:
        d = np.array(both_cores(pair, [(sd, seed) for seed in range(2000)]))
        t = d.mean() / (d.std(ddof=1) / len(d) ** 0.5)
        p.append(2 * norm.sf(abs(t)))
        print(f"noise {sd:.3f}: oldest - worst {paired_difference(d).text(3)} (p {p[-1]:.1e}), "
              f"oldest ahead in {np.mean(d > 0):.0%}, behind in {np.mean(d < 0):.0%}", flush=True)  # fmt: skip
    print("Holm:", [f"{one:.1e}" for one in holm(np.array(p))])
