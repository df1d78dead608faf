"""Chapter 10: what an early look, another run, and a model know of the order in the best tenth.

The group is always chosen by a run that has no other part in the comparison.
"""

from itertools import permutations

from common import PARAMETERS, RUNS, np, table
from scipy.stats import spearmanr
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import KFold, cross_val_predict

EPOCHS = table.epochs
curves = np.stack([table.column("val_accuracy", epochs) for epochs in EPOCHS])  # (7, 8765, 3)
LEVELS = {"all": 0.0, "better half": 0.5, "best tenth": 0.9}


def group(chooser, level):
    return np.flatnonzero(RUNS[:, chooser] >= np.quantile(RUNS[:, chooser], level))


def mean_rho(first, second, level, draws=0):
    """Mean Spearman of first[run] and second[run] over all (run, chooser); with a bootstrap interval."""
    pairs = [(first(a, b), second(a, b), group(c, level)) for a, b, c in permutations(range(3))]
    value = np.mean([spearmanr(x[g], y[g]).statistic for x, y, g in pairs])
    rng, boot = np.random.default_rng(0), []
    for _ in range(draws):
        drawn = rng.integers(len(RUNS), size=len(RUNS))
        weights = np.bincount(drawn, minlength=len(RUNS))
        boot.append(
            np.mean(
                [
                    spearmanr(x[w], y[w]).statistic
                    for x, y, g in pairs
                    for w in [np.repeat(g, weights[g])]
                ]
            )
        )
    return value, np.quantile(boot, (0.025, 0.975)) if draws else None


print("as printed: the group is chosen by the final accuracy that is correlated (run 0)")
for e, epochs in enumerate(EPOCHS[:-1]):
    rho = [
        spearmanr(curves[e, g, 0], RUNS[g, 0]).statistic
        for g in (group(0, level) for level in LEVELS.values())
    ]
    print(f"{epochs:6.3f} " + "".join(f"{r:10.2f}" for r in rho))
for title, second in (
    ("its own end", lambda a, b: RUNS[:, a]),
    ("the end of another run", lambda a, b: RUNS[:, b]),
):
    print(
        f"\nearly look of a run against {title}; group chosen by a third run; 95 % by bootstrap in the best tenth"
    )
    for e, epochs in enumerate(EPOCHS):
        row = [mean_rho(lambda a, b: curves[e, :, a], second, level)[0] for level in (0.0, 0.5)]
        value, (low, high) = mean_rho(lambda a, b: curves[e, :, a], second, 0.9, draws=100)
        print(
            f"{epochs:6.3f} "
            + "".join(f"{r:10.2f}" for r in row)
            + f"{value:10.2f} ({low:.2f} to {high:.2f})"
        )

one_hot = np.array([table.space.encode(network) for network in table.networks])
operations = table.space.choices[0].options
counts = np.array(
    [[sum(v == o for v in n.values) for o in operations] for n in table.networks], float
)
upper = np.triu_indices(one_hot.shape[1])
pairs = np.stack([np.outer(x, x)[upper] for x in one_hot])
pairs = pairs[:, pairs.any(axis=0)]
print(f"\nridge on one run, its predictions against another run; {pairs.shape[1]} pairs")
alphas = np.logspace(-1, 3, 9)
folds = KFold(10, shuffle=True, random_state=0)
for name, x in (("operation counts", counts), ("operations on edges", one_hot), ("pairs", pairs)):
    seen = [RidgeCV(alphas).fit(x, RUNS[:, a]).predict(x) for a in range(3)]
    unseen = [cross_val_predict(RidgeCV(alphas), x, RUNS[:, a], cv=folds) for a in range(3)]
    for kind, fitted in (("in the fit", seen), ("left out of the fit", unseen)):
        row = [
            mean_rho(lambda a, b: fitted[a], lambda a, b: RUNS[:, b], level)[0]
            for level in (0.0, 0.5)
        ]
        value, (low, high) = mean_rho(
            lambda a, b: fitted[a], lambda a, b: RUNS[:, b], 0.9, draws=100
        )
        print(
            f"{name:22} {kind:20}"
            + "".join(f"{r:8.2f}" for r in row)
            + f"{value:8.2f} ({low:.2f} to {high:.2f})"
        )
    if x is pairs:
        gains = []
        for a, b, c in permutations(range(3)):
            g = group(c, 0.9)
            gains.append(
                spearmanr(seen[a][g], RUNS[g, b]).statistic
                - spearmanr(RUNS[g, a], RUNS[g, b]).statistic
            )
        print("pairs minus the raw run, each of the six (run, other, chooser):", np.round(gains, 2))
for name, x in (("the raw run", RUNS), ("parameters", np.repeat(PARAMETERS[:, None], 3, axis=1))):
    row = [
        mean_rho(lambda a, b: x[:, a], lambda a, b: RUNS[:, b], level)[0]
        for level in LEVELS.values()
    ]
    print(f"{name:43}" + "".join(f"{r:8.2f}" for r in row))

print("\nthe network that a rule names, by the mean of the two runs that it did not see (points)")
for name in ("the best of one run", "the best by ridge on pairs"):
    found = []
    for a in range(3):
        score = (
            RUNS[:, a]
            if name.startswith("the best of")
            else RidgeCV(alphas).fit(pairs, RUNS[:, a]).predict(pairs)
        )
        found.append(100 * np.delete(RUNS, a, axis=1)[score.argmax()].mean())
    print(name, np.round(found, 2))
