"""Chapter 20: one-shot search against random search at equal seconds, with all seeds; who wins at 20, 60, 180 trials.

Needs the kept searches (scripts/searches.py). Test accuracy, mean of three runs, in points.
"""

import numpy as np
from common import PARAMETERS, TEST, interval, look_up, table
from scipy.stats import mannwhitneyu, ttest_ind
from searches import RUNS, load

from nas_tutorial import course
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.statistics.tests import paired_difference
from nas_tutorial.trials import Candidate

BEST = 100 * TEST.max()


def regret_at(name, seconds, number=None):
    """Regret of each run after so many seconds; NaN where nothing was finished."""
    _, rows, spent, _ = load(name)
    rows, spent = rows[:number], spent[:number]
    place = (spent <= seconds).sum(axis=1) - 1
    enough = spent[:, -1] >= seconds
    values = BEST - 100 * TEST[rows[np.arange(len(rows)), place]]
    return np.where((place >= 0) & enough, values, np.nan)


def one_shot(kind):
    """(kept, total seconds, regret) of each supernet."""
    nets = [r["values"] for r in course.stored_records("weight_sharing") if r["job"][0] == kind]
    result = []
    for seed, net in enumerate(nets):
        order = np.argsort(-np.array(net["recalibrated"]), kind="stable")
        for kept in (1, 5, 10):
            rows = np.array(net["rows"])[order[:kept]]
            alone = [look_up(Candidate(table.networks[row]), seed=seed) for row in rows]
            chosen = rows[np.argmax([one.metrics["val_accuracy"] for one in alone])]
            total = (
                net["processor_seconds"]
                + net["processor_seconds_recalibrated"]
                + sum(one.seconds for one in alone)
            )
            result.append((kept, total, BEST - 100 * TEST[chosen]))
    return np.array(result)


def counted(rng):
    """Regret and seconds of the cheapest baseline that chooses: train the ten largest of 300."""
    found = []
    for run in range(200):
        pool = rng.choice(len(table), 300, replace=False)
        ten = pool[np.argsort(-PARAMETERS[pool], kind="stable")[:10]]
        alone = [look_up(Candidate(table.networks[row]), seed=run) for row in ten]
        best = ten[np.argmax([one.metrics["val_accuracy"] for one in alone])]
        found.append((BEST - 100 * TEST[best], sum(one.seconds for one in alone)))
    regret, seconds = np.array(found).T
    return f"mean {interval(regret)}, median {np.median(regret):.2f}, after {seconds.mean():.0f} s"


def bootstrap_median(values, rng, times=4000):
    return np.median(rng.choice(values, (times, len(values))), axis=1)


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    _, _, spent, _ = load("random_search")
    print(f"200 runs of random search last {spent[:, -1].min():.0f} to {spent[:, -1].max():.0f} s")
    for n in (20, 200):
        curve = [
            (s, np.nanmedian(regret_at("random_search", s, n)))
            for s in (60, 71, 73, 81, 90, 100, 109, 120, 130, 133, 140, 150)
        ]
        print(
            f"median regret of random search, {n} seeds:",
            ", ".join(f"{s} s {m:.2f}" for s, m in curve),
        )
    grid = np.arange(10, 165)
    for n in (20, 200):
        medians = np.array([np.nanmedian(regret_at("random_search", s, n)) for s in grid])
        below = grid[medians <= 1.92]
        print(
            f"{n} seeds: median is at most 1.92 at",
            f"{below.min()} s first, then again above it until {grid[medians > 1.92].max()} s"
            if len(below)
            else "no second",
            f"; lowest {medians.min():.2f}",
        )
    for kind in ("supernet", "gentle supernet"):
        found = one_shot(kind)
        for kept in (1, 5, 10):
            _, total, regret = found[found[:, 0] == kept].T
            at = np.median(total)
            random = regret_at("random_search", at)
            gap = random.mean() - regret
            t = ttest_ind(random, regret, equal_var=False).confidence_interval(0.95)
            medians = bootstrap_median(random, rng) - bootstrap_median(regret, rng)
            p = mannwhitneyu(random, regret).pvalue
            print(
                f"{kind}, best {kept:2} alone: {at:.0f} s, regret median {np.median(regret):.2f}, mean {regret.mean():.2f}; random search then median "
                f"{np.median(random):.2f}, mean {random.mean():.2f} (n = {len(random)}); saved, mean {gap.mean():+.2f} ({t.low:+.2f} to {t.high:+.2f}, Welch), "
                f"medians {np.median(random) - np.median(regret):+.2f} ({np.quantile(medians, 0.025):+.2f} to {np.quantile(medians, 0.975):+.2f}, bootstrap), rank p {p:.2f}"
            )
    everywhere = table.row(Architecture(("nor_conv_3x3",) * 6))
    first = np.mean(
        [look_up(Candidate(table.networks[everywhere]), seed=s).seconds for s in range(3)]
    )
    print(
        f"3x3 on every edge, no search: regret {BEST - 100 * TEST[everywhere]:.2f} after one training of {first:.1f} s"
    )
    print("ten largest of 300 random networks, the best by validation (200 draws):", counted(rng))
    a_training = np.mean([look_up(Candidate(one), seed=0).seconds for one in table.networks])
    print(f"a training {a_training:.2f} s")

    print("\nagainst random search, test accuracy, points; all seeds that are there")
    names = [
        f.stem.rsplit("_", 1)[0]
        for f in sorted(RUNS.glob("*_full.npz"))
        if not f.stem.startswith("bananas_") or f.stem == "bananas_full"
    ]
    for kind in ("full", "short"):
        for name in names:
            if name == "random_search" or not (RUNS / f"{name}_{kind}.npz").exists():
                continue
            seeds, rows, _, _ = load(name, kind)
            base_seeds, base, _, _ = load("random_search", kind)
            common = np.intersect1d(seeds, base_seeds)
            line = f"{kind:5} {name:22} n = {len(common):3}"
            for trials in (20, 60, 180):
                if rows.shape[1] >= trials:
                    a, b = (
                        100 * TEST[r[np.isin(s, common), trials - 1]]
                        for s, r in ((seeds, rows), (base_seeds, base))
                    )
                    line += f"  {trials}: {paired_difference(a - b).text()} [- all 3x3 {paired_difference(a - 100 * TEST[everywhere]).text()}]"
            print(line)
    print("\nat equal seconds of training, regret saved against random search (paired by seed)")
    for name in names:
        if name != "random_search":
            line = f"{name:22}"
            for at in (15, 30, 45, 60):
                n = min(len(load(name)[0]), 200)
                d = regret_at("random_search", at, n) - regret_at(name, at, n)
                d = d[np.isfinite(d)]
                line += f"  {at} s: {paired_difference(d).text()} (n {len(d)})"
            print(line)
    print("\nbayesian against the others, full trainings")
    if (RUNS / "bayesian_full.npz").exists():
        seeds, rows, _, _ = load("bayesian")
        for name in names:
            if name != "bayesian":
                s2, r2, _, _ = load(name)
                common = np.intersect1d(seeds, s2)
                line = f"bayesian - {name:22} n = {len(common):3}"
                for trials in (20, 60):
                    a, b = (
                        100 * TEST[r[np.isin(s, common), trials - 1]]
                        for s, r in ((seeds, rows), (s2, r2))
                    )
                    line += f"  {trials}: {paired_difference(a - b).text()}"
                print(line)
