"""Chapter 13: exp(-d^2) is no kernel for every distance d. Shortest paths in small graphs; Hamming distance is safe."""

import itertools

import numpy as np
from scipy.sparse.csgraph import shortest_path


def smallest(d, length, power):
    return np.linalg.eigvalsh(np.exp(-((d / length) ** power))).min()


def graph(n, edges):
    a = np.zeros((n, n))
    for i, j in edges:
        a[i, j] = a[j, i] = 1
    return shortest_path(a)


GRAPHS = {
    "star with 4 leaves": graph(5, [(0, i) for i in range(1, 5)]),
    "cycle of 6": graph(6, [(i, (i + 1) % 6) for i in range(6)]),
    "K(3,3)": graph(6, itertools.product(range(3), range(3, 6))),
    "K(2,3)": graph(5, itertools.product(range(2), range(2, 5))),
}
cells = np.array(list(itertools.product(range(3), repeat=4)))
GRAPHS["Hamming, 3^4 cells"] = (cells[:, None] != cells[None]).sum(axis=2).astype(float)
for name, d in GRAPHS.items():
    print(
        f"{name:20}",
        "  ".join(
            f"length {l}: exp(-d^2) {smallest(d, l, 2):+.4f}, exp(-d) {smallest(d, l, 1):+.4f}"
            for l in (1, 2, 4)
        ),
    )
print(
    "one-hot vectors: |x - x'|^2 = 2 Hamming, so exp(-|x - x'|^2 / 2l^2) = exp(-Hamming / l^2), the second column: never negative there"
)
