"""Chapter 10: does pooling over networks (ridge on pairs) beat the raw run in the best tenth? It depends on the fit.

Fitted to one run, compared with another, in the best tenth of the third. Targets: accuracy, or normal
scores of the ranks; rows that are fitted: all, or only the upper half of the fitted run.
"""

from itertools import permutations

from common import RUNS, np, space, table
from scipy.special import ndtri
from scipy.stats import rankdata, spearmanr
from sklearn.linear_model import RidgeCV

ALPHAS = np.logspace(-1, 3, 9)


def pairs_of(x):
    """All products of two features that occur."""
    upper = np.triu_indices(x.shape[1])
    two = np.stack([np.outer(row, row)[upper] for row in x]).astype(np.float32)
    return two[:, two.any(axis=0)]


x = pairs_of(np.array([space.encode(network) for network in table.networks]))
groups = [np.flatnonzero(RUNS[:, c] >= np.quantile(RUNS[:, c], 0.9)) for c in range(3)]


def normal(values):
    return ndtri((rankdata(values) - 0.5) / len(values))


def logit(values):
    return np.log(values / (1 - values))


for target, transform in (("accuracy", lambda v: v), ("logit", logit), ("normal scores", normal)):
    for level in (0.0, 0.5, 0.8):
        fitted = []
        for run in range(3):
            rows = np.flatnonzero(RUNS[:, run] >= np.quantile(RUNS[:, run], level))
            model = RidgeCV(ALPHAS).fit(x[rows], transform(RUNS[:, run])[rows])
            fitted.append(model.predict(x))
        each = [
            spearmanr(fitted[a][groups[c]], RUNS[groups[c], b]).statistic
            for a, b, c in permutations(range(3))
        ]
        both = [
            spearmanr(
                normal(fitted[a])[groups[c]] + normal(RUNS[:, a])[groups[c]], RUNS[groups[c], b]
            ).statistic
            for a, b, c in permutations(range(3))
        ]
        best = [100 * np.delete(RUNS, a, axis=1)[fitted[a].argmax()].mean() for a in range(3)]
        print(
            f"{target:14} fitted to the upper {1 - level:4.0%}: {np.mean(each):.2f} "
            f"({min(each):.2f} to {max(each):.2f}); with the raw run added {np.mean(both):.2f}; "
            f"names {np.mean(best):.2f}",
            flush=True,
        )
raw = [
    spearmanr(RUNS[groups[c], a], RUNS[groups[c], b]).statistic
    for a, b, c in permutations(range(3))
]
print(f"the raw run: {np.mean(raw):.2f} ({min(raw):.2f} to {max(raw):.2f})")
