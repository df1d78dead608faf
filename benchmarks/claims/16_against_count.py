"""Chapter 16: is any proxy better than the parameter count? Paired bootstrap over networks, mean of the proxy's three seeds."""

import numpy as np
from common import PARAMETERS, TEST, table
from scipy.stats import spearmanr

rng, better = np.random.default_rng(0), np.median(TEST) <= TEST


def rho(scores, values):
    return np.mean([spearmanr(one, values).statistic for one in scores])


def gap(scores, rows):
    return rho(scores[:, rows], TEST[rows]) - spearmanr(PARAMETERS[rows], TEST[rows]).statistic


for group, rows in (("all", np.arange(len(TEST))), ("better half", np.flatnonzero(better))):
    print(f"{group}: parameters {spearmanr(PARAMETERS[rows], TEST[rows]).statistic:.3f}")
    for name in ("flops", "grad_norm", "snip", "synflow", "jacob_cov", "naswot"):
        scores = table.proxy(name).T
        draws = [gap(scores, rng.choice(rows, len(rows))) for _ in range(200)]
        low, high = np.quantile(draws, (0.025, 0.975))
        each = [round(float(spearmanr(one[rows], TEST[rows]).statistic), 2) for one in scores]
        print(
            f"   {name:10} {rho(scores[:, rows], TEST[rows]):.3f} {each}; minus parameters {gap(scores, rows):+.3f} ({low:+.3f} to {high:+.3f})"
        )
counts = np.array(
    [[n.values.count(o) for o in table.space.OPERATIONS] for n in table.networks], float
)
rng = np.random.default_rng(1)
found = []
for _ in range(100):  # a linear model on counts, fitted to 20 or 50 trained networks
    for n in (20, 50):
        seen = rng.choice(len(TEST), n, replace=False)
        x = np.column_stack([np.ones(len(TEST)), counts])
        w = np.linalg.solve(
            x[seen].T @ x[seen] + 0.1 * np.eye(6), x[seen].T @ table.column("val_accuracy")[seen, 0]
        )
        found.append(
            (
                n,
                spearmanr(x @ w, TEST).statistic,
                spearmanr((x @ w)[better], TEST[better]).statistic,
            )
        )
found = np.array(found)
for n in (20, 50):
    _, whole, half = found[found[:, 0] == n].mean(axis=0)
    print(
        f"linear model on operation counts, {n} trained networks: all {whole:.3f}, better half {half:.3f}"
    )
