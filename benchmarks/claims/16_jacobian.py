"""Chapter 16: jacob_cov with batches of 16, 32 and 64, of which only the last forces eigenvalues to 0.

150 networks of the table, five seeds of weights and batch. Scores are kept in runs/16.npz (10 minutes).
"""

from pathlib import Path

import numpy as np
from common import PARAMETERS, TEST, interval, space, table
from scipy.stats import spearmanr

KEPT = Path(__file__).parent / "runs" / "16.npz"
ROWS = np.random.default_rng(16).choice(len(table), 150, replace=False)
SEEDS, SIZES = range(100, 105), (16, 32, 64)


def collect():
    from nas_tutorial.data.datasets import load_dataset
    from nas_tutorial.evaluators.one_program.proxies import CompiledProxyEvaluator

    kept = dict(np.load(KEPT)) if KEPT.exists() else {}
    for size in SIZES:
        evaluator = CompiledProxyEvaluator(space, load_dataset("mnist1d"), batch_size=size)
        for seed in SEEDS:
            if f"{size}_{seed}" not in kept:
                kept[f"{size}_{seed}"] = [
                    evaluator.scores(table.networks[row], seed=seed)["jacob_cov"] for row in ROWS
                ]
                np.savez_compressed(KEPT, **kept)
                print(size, seed, flush=True)
    return kept


def forced_zeros():
    """The score of all and without the eigenvalues that are forced to 0 differ by a constant."""
    from nas_tutorial.evaluators.proxies import JITTER, correlation_score

    rng = np.random.default_rng(0)
    gaps = []
    for _ in range(5):
        j = rng.standard_normal((64, 40)) @ np.diag(rng.random(40))
        centred = j - j.mean(axis=1, keepdims=True)
        units = centred / np.linalg.norm(centred, axis=1)[:, None]
        v = np.sort(np.linalg.eigvalsh(units @ units.T))[25:] + JITTER
        gaps.append(correlation_score(j) + np.sum(np.log(v) + 1 / v))
    print(
        "what 25 zero eigenvalues add, five Jacobians:",
        np.round(gaps, 3),
        "by formula",
        round(-25 * (np.log(JITTER) + 1 / JITTER), 3),
    )


if __name__ == "__main__":
    forced_zeros()
    kept, test = collect(), TEST[ROWS]
    whole = [spearmanr(table.proxy("jacob_cov")[:, s], TEST).statistic for s in range(3)]
    half = np.median(TEST) <= TEST
    print("table, all networks, batch 64:", np.round(whole, 2), " better half:",
          np.round([spearmanr(table.proxy("jacob_cov")[half, s], TEST[half]).statistic for s in range(3)], 2))  # fmt: skip
    print("table, these 150:", np.round([spearmanr(table.proxy("jacob_cov")[ROWS, s], test).statistic for s in range(3)], 2),
          " parameters on these 150:", round(spearmanr(PARAMETERS[ROWS], test).statistic, 2))  # fmt: skip
    rhos = {
        size: np.array([spearmanr(kept[f"{size}_{seed}"], test).statistic for seed in SEEDS])
        for size in SIZES
    }
    for size in SIZES:
        agree = [
            spearmanr(kept[f"{size}_{a}"], kept[f"{size}_{b}"]).statistic
            for a in SEEDS
            for b in SEEDS
            if a < b
        ]
        print(
            f"batch {size}: Spearman {np.round(rhos[size], 2)}, mean {interval(rhos[size])} between seeds; two seeds agree {np.mean(agree):.2f}"
        )
    for size in (16, 32):
        print(f"batch {size} - 64, seed by seed: {interval(rhos[size] - rhos[64])}")
