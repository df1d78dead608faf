"""Chapter 17: what the same work would have bought. Everything is chosen by ONE run and judged twice:

by the mean test accuracy of all three runs (as the chapter does), and by the two runs that did not choose.
"""

import numpy as np
from common import PARAMETERS, RUNS, interval, space, table
from scipy.stats import spearmanr
from sklearn.linear_model import RidgeCV

from nas_tutorial import course
from nas_tutorial.statistics.chance import expected_best_of
from nas_tutorial.statistics.tests import paired_difference

TESTS = 100 * table.column("test_accuracy")
records = course.stored_records("weight_sharing")
nets = {
    kind: [r["values"] for r in records if r["job"][0] == kind]
    for kind in ("supernet", "gentle supernet")
}
ROWS = np.array(nets["supernet"][0]["rows"])
COUNTS = np.array([[n.values.count(o) for o in space.OPERATIONS] for n in table.networks], float)
JUDGES = {
    "all three runs": lambda run: TESTS.mean(axis=1),
    "the other two": lambda run: np.delete(TESTS, run, 1).mean(axis=1),
}


def best_of(rows, run):
    """The one that is best by validation accuracy of this run."""
    return rows[RUNS[rows, run].argmax()]


def as_text(values):
    return f"{np.mean(values):.2f}"


print("random networks, by formula; over networks, and over encodings as a search draws them")
encoded = np.array([table.row(a) for a in space])
for n in (1, 10, 40, 50):
    for name, judge in JUDGES.items():
        by = [
            [expected_best_of(RUNS[d, r], n, report=judge(r)[d]) for r in range(3)]
            for d in (slice(None), encoded)
        ]
        print(
            f"  best of {n:2}, judged by {name:14}: networks {np.mean(by[0]):.2f} (runs {np.round(by[0], 2)}), encodings {np.mean(by[1]):.2f}"
        )
mean = RUNS.mean(axis=1)
print("as printed, chosen by the mean of three (three times the bill):",
      [round(float(expected_best_of(mean, n, report=TESTS.mean(axis=1))), 2) for n in (10, 40, 50)])  # fmt: skip
for seen in (40, 50):
    print(
        f"of {3 * seen} trainings:",
        round(float(expected_best_of(RUNS[:, 0], 3 * seen, report=TESTS.mean(axis=1))), 2),
    )

print(
    "\nsupernets: favourite, and best of k favourites by one run; mean over supernets (5) and runs (3); interval over supernets"
)
for kind, some in nets.items():
    order = [ROWS[np.argsort(-np.array(one["recalibrated"]), kind="stable")] for one in some]
    for name, judge in JUDGES.items():
        line = [
            f"favourite {interval([np.mean([judge(r)[o[0]] for r in range(3)]) for o in order])}"
        ]
        for k in (5, 10):
            values = [np.mean([judge(r)[best_of(o[:k], r)] for r in range(3)]) for o in order]
            line.append(f"best of {k} {interval(values)} ({np.round(values, 2)})")
        print(f"  {kind:15} judged by {name:14}: " + ";  ".join(line))
largest = ROWS[np.argsort(-PARAMETERS[ROWS], kind="stable")]
for name, judge in JUDGES.items():
    print(
        f"  ten largest of the 300, judged by {name}:",
        as_text([judge(r)[best_of(largest[:10], r)] for r in range(3)]),
    )
rng, found = np.random.default_rng(0), []
for _ in range(
    200
):  # a count model in the supernet's place: 40 random networks trained, its 10 favourites of 300 trained
    run = rng.integers(3)
    seen, pool = (
        rng.choice(len(table), 40, replace=False),
        rng.choice(len(table), 300, replace=False),
    )
    model = RidgeCV(np.logspace(-2, 2, 5)).fit(COUNTS[seen], RUNS[seen, run])
    ten = pool[np.argsort(-model.predict(COUNTS[pool]), kind="stable")[:10]]
    everything = best_of(np.concatenate([seen, ten]), run)
    size = pool[np.argsort(-PARAMETERS[pool], kind="stable")[:10]]
    some = rng.choice(len(table), 50, replace=False)
    found.append(
        [
            judge(run)[row]
            for row in (everything, best_of(size, run), best_of(some, run))
            for judge in JUDGES.values()
        ]
    )
found = np.array(found)
print("\n200 repetitions, judged by all three runs / by the other two:")
for i, name in enumerate(
    (
        "linear model on counts from 40, its ten favourites of 300 trained (50 trainings)",
        "ten largest of 300 (10)",
        "best of 50 random (50)",
    )
):
    print(f"  {name}: {interval(found[:, 2 * i])} / {interval(found[:, 2 * i + 1])}")
print(
    "  linear model - best of 50:",
    paired_difference(found[:, 1] - found[:, 5]).text(),
    "(other two)",
)

print("\nthe sample of 300 networks in the supernets: best by one run", as_text([JUDGES["all three runs"](r)[best_of(ROWS, r)] for r in range(3)]),
      " ten random of it", as_text([JUDGES["all three runs"](r)[best_of(rng.choice(ROWS, 10, replace=False), r)] for r in range(3) for _ in range(500)]))  # fmt: skip
test = TESTS.mean(axis=1)[ROWS]
better = np.flatnonzero(test >= np.median(test))
rho = {
    kind: np.array([spearmanr(one["recalibrated"], test).statistic for one in some])
    for kind, some in nets.items()
}
half = {
    kind: np.array(
        [spearmanr(np.array(one["recalibrated"])[better], test[better]).statistic for one in some]
    )
    for kind, some in nets.items()
}
print("\nSpearman, mean and interval between seeds (t over five)")
for kind in nets:
    print(
        f"  {kind:15} all {interval(rho[kind])} {np.round(rho[kind], 2)};  better half {interval(half[kind])}"
    )
print(
    "  parameters: all",
    round(spearmanr(PARAMETERS[ROWS], test).statistic, 3),
    " better half",
    round(spearmanr(PARAMETERS[ROWS][better], test[better]).statistic, 3),
)
print(
    "  gentle - rate 0.1, between seeds (seed by seed):",
    paired_difference(rho["gentle supernet"] - rho["supernet"]).text(3),
)
draws, rng = [], np.random.default_rng(0)
scores = {kind: np.array([one["recalibrated"] for one in some]) for kind, some in nets.items()}
both = []
for _ in range(1000):
    drawn = rng.integers(len(ROWS), size=len(ROWS))
    seeds = rng.integers(5, size=5)
    r = {
        kind: np.array([spearmanr(one[drawn], test[drawn]).statistic for one in scores[kind]])
        for kind in nets
    }
    count = spearmanr(PARAMETERS[ROWS][drawn], test[drawn]).statistic
    draws.append(
        (
            r["gentle supernet"].mean() - r["supernet"].mean(),
            count - r["gentle supernet"].mean(),
            count - r["supernet"].mean(),
        )
    )
    both.append(
        (
            r["gentle supernet"][seeds].mean() - r["supernet"][rng.integers(5, size=5)].mean(),
            count - r["gentle supernet"][seeds].mean(),
        )
    )
print("  paired bootstrap over networks: gentle - rate 0.1, parameters - gentle, parameters - rate 0.1:\n   ",
      np.mean(draws, axis=0).round(3), np.quantile(draws, (0.025, 0.975), axis=0).round(3).tolist())  # fmt: skip
print(
    "  over networks and seeds: gentle - rate 0.1, parameters - gentle:",
    np.mean(both, axis=0).round(3),
    np.quantile(both, (0.025, 0.975), axis=0).round(3).tolist(),
)
