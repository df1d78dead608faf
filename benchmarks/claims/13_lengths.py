"""Chapter 13: must the surrogate be right everywhere? The length of the kernel changed, the data left alone.

For each length: Spearman over all networks of a surrogate with 60 random results, and with the 60 of its own
search; the best found, by the run that was searched and by the other two. 60 seeds, paired with length 2.5.
"""

import sys

import numpy as np
from common import RUNS, both_cores, table
from scipy.stats import spearmanr

from nas_tutorial.statistics.tests import paired_difference
from nas_tutorial.strategies.gaussian_process import expected_improvement
from nas_tutorial.strategies.predictor import normal_scores, one_hot

X = one_hot(table.space, table.networks).astype(np.float32)
DIFFERENT = 6 - X @ X.T  # edges on which two networks differ
ACCURACY, OTHERS = RUNS[:, 0], RUNS[:, 1:].mean(axis=1)
TOP = np.argsort(-RUNS[:, 1], kind="stable")[: len(table) // 10]  # by a run that is not searched
LENGTHS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 100.0)


def predict(rows, length, noise=0.3):
    """Mean and deviation of all networks, as the chapter's twenty lines."""
    k = np.exp(-DIFFERENT[rows] / length**2)
    scores = normal_scores([(-value,) for value in ACCURACY[rows]])
    weights = np.linalg.solve(k[:, rows] + noise**2 * np.eye(len(rows), dtype=np.float32), k)
    return scores @ weights, np.sqrt(np.maximum(1 - (k * weights).sum(axis=0), 0)), scores


def search_cells(job):
    """What one search finds and how right its surrogate is; `incumbent` is the luckiest or the highest mean."""
    length, seed, incumbent = job
    rng = np.random.default_rng(seed)
    rows = rng.choice(len(table), 10, replace=False).tolist()
    while len(rows) < 60:
        mean, deviation, scores = predict(rows, length)
        best = scores.max() if incumbent == "score" else mean[rows].max()
        promise = expected_improvement(mean, deviation, best)
        promise[rows] = -np.inf
        rows.append(int(np.flatnonzero(promise >= promise.max() - 1e-9 * abs(promise.max()))[0]))
    drawn = rng.choice(len(table), 60, replace=False)
    found = rows[int(ACCURACY[rows].argmax())]
    own, random = predict(rows, length)[0], predict(drawn, length)[0]
    best_drawn = drawn[ACCURACY[drawn].argmax()]
    return (
        100 * ACCURACY[found], 100 * OTHERS[found], spearmanr(own, ACCURACY).statistic, spearmanr(random, ACCURACY).statistic,
        spearmanr(random[TOP], OTHERS[TOP]).statistic, 100 * ACCURACY[best_drawn], 100 * OTHERS[best_drawn],
    )  # fmt: skip


if __name__ == "__main__":
    seeds = range(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
    lengths = LENGTHS if len(sys.argv) < 3 else (0.5, 2.5, 10.0)
    found = {
        length: np.array(both_cores(search_cells, [(length, s, "score") for s in seeds]))
        for length in lengths
    }
    base = found[2.5]
    print(
        "random draws of 60: searched run",
        base[:, 5].mean().round(2),
        "other two",
        base[:, 6].mean().round(2),
    )
    print(
        "length  rho: own results, random results, random in the best tenth   best: searched run, other two   - length 2.5; - random draws"
    )
    for length, v in found.items():
        a, b = (
            paired_difference(v[:, i] - base[:, i]).text() if length != 2.5 else "" for i in (0, 1)
        )
        c, d = (paired_difference(v[:, i] - v[:, i + 5]).text() for i in (0, 1))
        print(
            f"{length:6}  {v[:, 2].mean():.2f}  {v[:, 3].mean():.2f}  {v[:, 4].mean():.2f}   {v[:, 0].mean():.2f} (median {np.median(v[:, 0]):.2f})  {v[:, 1].mean():.2f}   {a} | {b};   {c} | {d}"
        )
    for i, name in enumerate(("searched run", "other two")):
        print(
            f"length 0.5 - length 10, {name}:",
            paired_difference(found[0.5][:, i] - found[10.0][:, i]).text(),
        )
    for i in range(0, len(seeds), 10):  # what ten seeds would have said of the medians
        print(
            f"seeds {i} to {i + 9}: median with 0.5 {np.median(found[0.5][i : i + 10, 0]):.2f}, with 10 {np.median(found[10.0][i : i + 10, 0]):.2f}"
        )
    v = np.array(both_cores(search_cells, [(2.5, s, "mean") for s in seeds]))
    print(
        "length 2.5, incumbent by the highest mean in place of the highest score:",
        *(paired_difference(v[:, i] - base[:, i]).text() for i in (0, 1)),
    )
