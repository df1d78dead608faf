"""Chapter 07: winner, plain network, random cells on digits (scripts/07_cells.py made the runs)."""

import json
from pathlib import Path

import numpy as np

from nas_tutorial.statistics.tests import paired_difference

kept = {
    name: np.array(list(right)) == "1"
    for name, right in json.loads((Path(__file__).parent / "runs" / "07.json").read_text()).items()
}
of = {
    kind: np.array([right for name, right in kept.items() if name.startswith(f"{kind}/")])
    for kind in ("winner", "plain", "same size", "any size")
}
rng = np.random.default_rng(0)
for kind, right in of.items():
    runs = right.mean(axis=1)
    images = [right[:, d].mean() for d in rng.integers(360, size=(2000, 360))]
    both = [
        right[rng.integers(len(right), size=len(right))][:, rng.integers(360, size=360)].mean()
        for _ in range(2000)
    ]
    print(
        f"{kind:10} n = {len(runs):2}: mean {100 * runs.mean():.2f}, SD over runs {100 * runs.std(ddof=1):.2f}, SE over runs {100 * runs.std(ddof=1) / len(runs) ** 0.5:.2f}, "
        f"over images {100 * np.std(images):.2f}, over both {100 * np.std(both):.2f}; {100 * runs.min():.2f} to {100 * runs.max():.2f}; at least the winner's mean {np.mean(runs >= of['winner'].mean()):.0%}"
    )
winner, plain = of["winner"], of["plain"]
print(
    "winner - plain over runs:",
    paired_difference(100 * (winner.mean(axis=1) - plain.mean(axis=1))).text(),
)
gap = winner.mean(axis=0) - plain.mean(axis=0)
print("winner - plain over images:", paired_difference(100 * gap).text())
both = []
for _ in range(4000):
    i, a, b = rng.integers(360, size=360), rng.integers(10, size=10), rng.integers(10, size=10)
    both.append(100 * (winner[a][:, i].mean() - plain[b][:, i].mean()))
print(
    "winner - plain, runs and images resampled:",
    np.mean(both).round(2),
    np.quantile(both, (0.025, 0.975)).round(2),
)
for kind in ("same size", "any size"):
    both = []
    for _ in range(4000):
        i, a, b = rng.integers(360, size=360), rng.integers(10, size=10), rng.integers(20, size=20)
        both.append(100 * (winner[a][:, i].mean() - of[kind][b][:, i].mean()))
    print(
        f"winner - random cells, {kind}, runs and images resampled:",
        np.mean(both).round(2),
        np.quantile(both, (0.025, 0.975)).round(2),
    )
five = [100 * (winner[:5].mean() - plain[:5].mean()), 100 * (winner[5:].mean() - plain[5:].mean())]
print("the chapter's five seeds, and five others:", np.round(five, 2))
