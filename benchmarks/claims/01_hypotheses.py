"""Chapter 01: why is one wiring better than another of the same size? Hypotheses on the table."""

from common import MEAN, PARAMETERS, RUNS, np, table
from scipy.stats import spearmanr


def longest(graph, weight):
    """The largest sum of `weight` over the operations of a path from input to output."""
    best = {0: 0.0}
    for node in range(len(graph.operations)):  # nodes stand in topological order
        for following in graph.successors(node):
            step = best.get(node, -np.inf) + weight(graph.operations[following])
            best[following] = max(best.get(following, -np.inf), step)
    return best.get(len(graph.operations) - 1, 0.0)


graphs = [table.space.graph(network).pruned() for network in table.networks]
FEATURES = {
    "convolutions in a row": lambda g: longest(g, lambda o: "conv" in o),
    "3-tap convolutions in a row": lambda g: longest(g, lambda o: o == "nor_conv_3x3"),
    "3-tap conv. and pools in a row": lambda g: longest(g, lambda o: o.endswith("3x3")),
    "a pool anywhere": lambda g: sum(o == "avg_pool_3x3" for o in g.operations),
    "skips": lambda g: sum(o == "skip_connect" for o in g.operations),
    "fewest operations on a path": lambda g: -longest(g, lambda o: 0 if o == "output" else -1.0),
    "a path without convolution": lambda g: -longest(g, lambda o: -1.0 * ("conv" in o)) == 0,
}
values = {name: np.array([f(g) for g in graphs], float) for name, f in FEATURES.items()}
size = np.bincount(PARAMETERS.astype(int)).argmax()
family = np.flatnonzero(size == PARAMETERS)
ranked = family[np.argsort(RUNS[family, 0], kind="stable")]
for name, row in {"A": ranked[len(family) // 2], "B": ranked[-1], "C": ranked[0]}.items():
    print(name, table.networks[row], RUNS[row], {n: v[row] for n, v in values.items()})

rng = np.random.default_rng(0)
for title, rows in ((f"{len(family)} networks of {size}", family), ("all", np.arange(len(MEAN)))):
    print(f"\n{title}: Spearman with the true mean (95 % by bootstrap over networks)")
    for name, value in values.items():
        if np.ptp(value[rows]) == 0:
            continue
        rho = spearmanr(value[rows], MEAN[rows]).statistic
        draws = [rng.choice(rows, len(rows)) for _ in range(300)]
        low, high = np.nanquantile(
            [spearmanr(value[d], MEAN[d]).statistic for d in draws], (0.025, 0.975)
        )
        print(f"  {name:32} {rho:+.2f} ({low:+.2f} to {high:+.2f})")
    if rows is family:
        for level in np.unique(values["convolutions in a row"][rows]):
            for bypass in (0, 1):
                there = rows[
                    (values["convolutions in a row"][rows] == level)
                    & (values["a path without convolution"][rows] == bypass)
                ]
                if len(there):
                    print(
                        f"  {level:.0f} in a row, {'a' if bypass else 'no'} bypass: n = {len(there):4}, "
                        f"mean {MEAN[there].mean():.3f}, SD {MEAN[there].std(ddof=1):.3f}, "
                        f"{MEAN[there].min():.3f} to {MEAN[there].max():.3f}"
                    )
for name in ("convolutions in a row", "3-tap conv. and pools in a row"):
    x = np.stack([np.ones(len(family)), values[name][family]], axis=1)
    residual = MEAN[family] - x @ np.linalg.lstsq(x, MEAN[family], rcond=None)[0]
    print(
        f"share of the variance within the family that {name} explains: {1 - residual.var() / MEAN[family].var():.2f}"
    )
x = np.stack([np.ones(len(family))] + [values[n][family] for n in FEATURES], axis=1)
residual = MEAN[family] - x @ np.linalg.lstsq(x, MEAN[family], rcond=None)[0]
print(f"all of them together: {1 - residual.var() / MEAN[family].var():.2f}")
noise = RUNS[family].var(axis=1, ddof=1).mean() / 3  # of a mean of three runs
print(f"share of that variance that is noise of three runs: {noise / MEAN[family].var():.2f}")

from sklearn.linear_model import RidgeCV  # noqa: E402
from sklearn.model_selection import KFold, cross_val_score  # noqa: E402

one_hot = np.array([table.space.encode(table.networks[row]) for row in family])
pairs = np.stack([np.outer(x, x)[np.triu_indices(len(x))] for x in one_hot])
for name, x in (("operations on edges", one_hot), ("pairs of operations on edges", pairs)):
    folds = KFold(10, shuffle=True, random_state=0)
    score = cross_val_score(RidgeCV(np.logspace(-2, 3, 11)), x, MEAN[family], cv=folds).mean()
    print(f"ridge on {name}, cross-validated: {score:.2f}")
