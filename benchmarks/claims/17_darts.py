"""Chapter 17: DARTS against the dumbest rule (a 3x3 convolution on every edge), and intervals for its shares."""

import numpy as np
from common import MEAN, PARAMETERS, TEST, space, table
from scipy.stats import binomtest, spearmanr

from nas_tutorial import course
from nas_tutorial.spaces.architecture import Architecture

runs = {
    (r["job"][1], r["job"][2]): r["values"]
    for r in course.stored_records("weight_sharing")
    if r["job"][0] == "darts"
}
found = {job: space.from_string(values["architecture"]) for job, values in runs.items()}
answers = list(dict.fromkeys(found.values()))


def places(architecture, kept=None):
    """Place among the five by test accuracy of the kept operation on each live edge (or of `kept`)."""
    result = {}
    for edge in range(6):
        options = [
            Architecture((*architecture.values[:edge], o, *architecture.values[edge + 1 :]))
            for o in space.OPERATIONS
        ]
        rows = [table.row(one) for one in options]
        if len(set(rows)) > 1:
            own = rows[space.OPERATIONS.index(kept or architecture.values[edge])]
            result[edge] = 1 + int(np.sum(TEST[rows] > TEST[own]))
    return result


def report(name, kept):
    got = [place for one in answers for place in places(one, kept).values()]
    counts = np.bincount(got, minlength=6)[1:]
    n, first, two = len(got), counts[0], counts[0] + counts[1]
    print(f"{name:16} {counts} of {n}: best on {first} ({first / n:.0%}, chance 20 %, one-sided p {binomtest(first, n, 0.2, 'greater').pvalue:.3f}, "
          f"two-sided {binomtest(first, n, 0.2).pvalue:.3f}); first or second on {two} ({two / n:.0%}, chance 40 %, p {binomtest(two, n, 0.4, 'greater').pvalue:.4f})")  # fmt: skip
    return got


print(f"{len(found)} searches, {len(answers)} different answers")
report("alphas", None)
for operation in space.OPERATIONS:
    report(operation, operation)
rng = np.random.default_rng(0)  # edges of one answer are not independent: resample answers
ours, theirs = (
    [list(places(one, kept).values()) for one in answers] for kept in (None, "nor_conv_3x3")
)
draws = [rng.integers(len(answers), size=len(answers)) for _ in range(4000)]
gap = [
    np.mean(sum((theirs[i] for i in d), [])) - np.mean(sum((ours[i] for i in d), [])) for d in draws
]
print(f"mean place: alphas {np.mean(sum(ours, [])):.2f}, always 3x3 {np.mean(sum(theirs, [])):.2f}; difference, bootstrap over answers "
      f"{np.quantile(gap, (0.025, 0.975)).round(2)}")  # fmt: skip

for name, cell in (
    ("3x3 everywhere", Architecture(("nor_conv_3x3",) * 6)),
    *((f"order {o} seed {s}", a) for (o, s), a in found.items()),
):
    row = table.row(cell)
    print(
        f"{name:15} test {TEST[row]:.4f} rank {1 + np.sum(TEST[row] < TEST):5}; validation {MEAN[row]:.4f} rank {1 + np.sum(MEAN[row] < MEAN):5}; {PARAMETERS[row]:.0f} parameters"
    )
tests = np.array([TEST[table.row(one)] for one in answers])
print(f"mean of the {len(answers)} answers {tests.mean():.4f}; a random network {TEST.mean():.4f}; random ones of the same sizes "
      f"{np.mean([TEST[PARAMETERS[table.row(one)] == PARAMETERS].mean() for one in answers]):.4f}")  # fmt: skip

alphas = {job: np.array(v["alphas"][-1]) for job, v in runs.items()}
shares = {job: np.exp(a) / np.exp(a).sum(axis=1, keepdims=True) for job, a in alphas.items()}
encodings = list(space)
value = TEST[[table.row(one) for one in encodings]]
effect = np.array(
    [
        [value[[one.values[e] == o for one in encodings]].mean() for o in space.OPERATIONS]
        for e in range(6)
    ]
)
share = np.mean(list(shares.values()), axis=0)
rho = spearmanr(share.ravel(), effect.ravel()).statistic
boot = [
    spearmanr(share.ravel()[d], effect.ravel()[d]).statistic
    for d in rng.integers(30, size=(5000, 30))
]
by_edge = [
    spearmanr(share[d].ravel(), effect[d].ravel()).statistic
    for d in rng.integers(6, size=(5000, 6))
]
z = np.arctanh(rho) + np.array([-1.96, 1.96]) * np.sqrt(1.06 / 27)
each = [spearmanr(s.ravel(), effect.ravel()).statistic for s in shares.values()]
print(f"Spearman of share and effect, n = 30: {rho:.2f}; bootstrap over pairs {np.quantile(boot, (0.025, 0.975)).round(2)}, over edges "
      f"{np.quantile(by_edge, (0.025, 0.975)).round(2)}, Fisher's z {np.tanh(z).round(2)}; single searches {min(each):.2f} to {max(each):.2f}")  # fmt: skip
without = [i for i, o in enumerate(space.OPERATIONS) if o != "none"]
r = spearmanr(share[:, without].ravel(), effect[:, without].ravel()).statistic
b = [
    spearmanr(share[:, without].ravel()[d], effect[:, without].ravel()[d]).statistic
    for d in rng.integers(24, size=(5000, 24))
]
print(f"without none, n = 24: {r:.2f} {np.quantile(b, (0.025, 0.975)).round(2)}")
