"""Chapter 05: is the optimism of the winner SD x 1.54 / 2.51 / 3.24? By formula, by simulation, on the table."""

from common import RUNS, np
from scipy.stats import binom, norm

from nas_tutorial.statistics.chance import expected_best_of


def normal_maximum(n):
    """The mean of the largest of n standard normal values, by integration."""
    x = np.linspace(-12, 12, 200_001)
    return np.trapezoid(x * n * norm.pdf(x) * norm.cdf(x) ** (n - 1), x)


def binomial_optimism(n, samples, p=0.9):
    """The exact mean of the largest of n binomial shares, minus p."""
    at_most = binom.cdf(np.arange(samples + 1), samples, p) ** n
    return float(np.arange(samples + 1) @ np.diff(at_most, prepend=0.0)) / samples - p


rng = np.random.default_rng(5)
print("n        " + "".join(f"{n:>10,}" for n in (1, 10, 100, 1000)))
print("factor   " + "".join(f"{normal_maximum(n):10.3f}" for n in (1, 10, 100, 1000)))
for samples in (360, 1440, 4000):
    sd = np.sqrt(0.9 * 0.1 / samples)
    measured = rng.binomial(samples, 0.9, size=(1000, 1000)) / samples
    best = np.maximum.accumulate(measured, axis=1).mean(axis=0) - 0.9
    print(f"{samples} samples, SD {sd:.5f}")
    print(
        "  SD x factor  " + "".join(f"{sd * normal_maximum(n):10.4f}" for n in (1, 10, 100, 1000))
    )
    print(
        "  exact        "
        + "".join(f"{binomial_optimism(n, samples):10.4f}" for n in (1, 10, 100, 1000))
    )
    print("  simulated    " + "".join(f"{best[n - 1]:10.4f}" for n in (1, 10, 100, 1000)))

print(
    "\nrandom search on the table, chosen by one run, exact: reported minus mean of the other two"
)
for run in range(3):
    own = RUNS[:, run]
    other = np.delete(RUNS, run, axis=1).mean(axis=1)
    n = [1, 10, 100, 1000]
    gap = expected_best_of(own, n) - expected_best_of(own, n, report=other)
    level = own.mean() - other.mean()  # what the seed does to all networks
    print(f"run {run}: gap {gap.round(4)}, without the seed's own level {(gap - level).round(4)}")
