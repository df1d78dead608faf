"""Chapter 22: what a plan can answer. Verdict probabilities by simulation, for n by the formula and for half that width.

python benchmarks/claims/22_power.py            normal differences, as planned
python benchmarks/claims/22_power.py searches   the four strategies under the limit, 400 seeds (kept in runs/22.npz), pilots drawn from them
"""

import math
import sys
from pathlib import Path

import numpy as np
from scipy.stats import norm, t

KEPT = Path(__file__).parent / "runs" / "22.npz"
MATTERS = 0.5
RNG = np.random.default_rng(22)


def seeds_needed(sd, matters, half_width):
    """n for a 95 % interval that reaches `half_width` times what matters to each side (z = 2)."""
    return math.ceil((2 * sd / (half_width * matters)) ** 2)


def verdicts(draw, n, times=4000):
    """Shares of better, alike, unclear, worse in studies of n paired differences."""
    d = draw((times, n))
    mean, half = d.mean(axis=1), t.ppf(0.975, n - 1) * d.std(axis=1, ddof=1) / math.sqrt(n)
    low, high = mean - half, mean + half
    better, worse = low > MATTERS, high < -MATTERS
    alike = (low > -MATTERS) & (high < MATTERS)
    return [np.mean(x) for x in (better, alike, ~(better | alike | worse), worse)]


def show(title, draw_at, n):
    print(f"{title}, n = {n}")
    for true in (0.0, 0.25, 0.5, 0.75, 1.0, 1.5):
        b, a, u, w = verdicts(draw_at(true), n)
        print(
            f"   true {true:+.2f}: better {b:4.0%}, alike {a:4.0%}, unclear {u:4.0%}, worse {w:4.0%}"
        )


def normal(sd):
    return lambda true: lambda shape: RNG.normal(true, sd, shape)


def planned():
    for sd in (2.6, 3.7):
        for half_width in (1, 0.5):
            n = seeds_needed(sd, MATTERS, half_width)
            show(f"SD {sd}, half-width {half_width} x what matters", normal(sd), n)
    show("SD 3.7, stopped at 200 as in the chapter", normal(3.7), 200)
    show("planned for SD 3.7, true SD 2.6 (the stored study's case)", normal(2.6), 200)
    print("n for 'better' with power 80 % at a true difference d, SD 2.6 and 3.7:")
    for d in (0.75, 1.0, 1.5):
        print(
            f"   d = {d}: {[math.ceil(((1.96 + norm.ppf(0.8)) * sd / (d - MATTERS)) ** 2) for sd in (2.6, 3.7)]}"
        )
    print("n for 'alike' with power 80 % at no difference:",
          [math.ceil(((1.96 + norm.ppf(0.9)) * sd / MATTERS) ** 2) for sd in (2.6, 3.7)])  # fmt: skip


def one_search(job):
    """Test accuracy in percent of what one search of 100 trials reports under the limit."""
    from common import ROW, TEST, look_up, search, space

    from nas_tutorial.strategies import STRATEGIES
    from nas_tutorial.trials import Constraint, Objective

    name, seed = job
    rule = [Constraint("parameters", 6_000)]
    strategy = STRATEGIES.load(name)(space, constraints=rule, seed=seed)
    history = search(strategy, look_up, trials=100, progress=False)
    return 100 * TEST[ROW[history.best(Objective(), rule).candidate.architecture]]


def searches(seeds=range(1000, 1400)):
    from common import both_cores

    names = ("random_search", "genetic", "regularized_evolution", "local_search")
    ends = {
        name: np.array(both_cores(one_search, [(name, seed) for seed in seeds])) for name in names
    }
    np.savez_compressed(KEPT, **ends)


def pilots():
    if not KEPT.exists():
        searches()
    ends = dict(np.load(KEPT))
    for name in ends:
        if name == "random_search":
            continue
        d = ends[name] - ends["random_search"]
        sds = np.array([RNG.choice(d, 10, replace=False).std(ddof=1) for _ in range(4000)])
        n = np.ceil((2 * sds / MATTERS) ** 2)
        half = t.ppf(0.975, len(d) - 1) * d.std(ddof=1) / len(d) ** 0.5
        print(
            f"\n{name} - random_search: {d.mean():+.2f} ± {half:.2f}, SD {d.std(ddof=1):.2f}, n = {len(d)}; excess kurtosis {((d - d.mean()) ** 4).mean() / d.var() ** 2 - 3:.1f}"
        )
        print(f"   SD of a pilot of 10: quantiles 5, 50, 95 %: {np.quantile(sds, (0.05, 0.5, 0.95)).round(2)}; n that follows: "
              f"{np.quantile(n, (0.05, 0.5, 0.95)).round()}; for half the width {np.quantile(4 * n, (0.05, 0.5, 0.95)).round()}")  # fmt: skip
        centred = d - d.mean()
        show(
            "   drawn from these differences, shifted",
            lambda true, c=centred: lambda shape: true + RNG.choice(c, shape),
            200,
        )
        show(
            "   the same",
            lambda true, c=centred: lambda shape: true + RNG.choice(c, shape),
            seeds_needed(d.std(ddof=1), MATTERS, 0.5),
        )
    three = np.array(
        [ends[name] - ends["random_search"] for name in ends if name != "random_search"]
    )
    planned = []
    for _ in range(4000):
        pilot = three[:, RNG.choice(three.shape[1], 10, replace=False)]
        planned.append(
            min(200, 10 * math.ceil(max((2 * pilot.std(axis=1, ddof=1) / MATTERS) ** 2) / 10))
        )
    print(
        "\nseeds that the chapter's rule plans (largest of three, at most 200): quantiles 5, 25, 50, 75, 95 %",
        np.quantile(planned, (0.05, 0.25, 0.5, 0.75, 0.95)),
    )


if __name__ == "__main__":
    (pilots if "searches" in sys.argv else planned)()
