"""Does the course's table rank cells as NAS-Bench-201 does?

    NAS_TUTORIAL_NASBENCH201=nasbench201.csv.gz python benchmarks/nasbench201_ranking.py --json

Prints Spearman's rank correlation between the accuracy of every cell on MNIST-1D, five epochs of
one-dimensional layers, and of the same cell in NAS-Bench-201: on CIFAR-10 after 12 and 200 epochs,
over all 15,625 encodings, and over the half that is better on MNIST-1D. Beside it, as yardsticks:
the correlation of NAS-Bench-201's own data sets with CIFAR-10, and of the parameter count.

In NAS-Bench-201 every encoding was trained, twins included: `twins` counts the networks that have
several encodings, `twins_that_differ` those whose accuracies on CIFAR-10 are not all equal, and
`twins_median_spread` says by how much, largest minus smallest.
"""

import argparse
import json
import os
import sys

import numpy as np
import pandas
from scipy.stats import spearmanr

from nas_tutorial.tables.published import nasbench201
from nas_tutorial.tables.table import Table

VARIABLE = "NAS_TUTORIAL_NASBENCH201"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    options = parser.parse_args()
    if VARIABLE not in os.environ:
        sys.exit(f"{VARIABLE} must name an extract of NAS-Bench-201; see the README. Set it.")
    ours = Table.load_course()
    cifar10 = published("cifar10", 200)
    mnist1d = accuracies(ours, "val_accuracy")
    better = mnist1d > np.median(mnist1d)
    parameters = np.array([ours.query(one)["parameters"] for one in ours.space])
    result = {
        "seeds_in_the_table": ours.num_seeds,
        "spearman_cifar10_200_epochs": spearman(mnist1d, cifar10),
        "spearman_cifar10_12_epochs": spearman(mnist1d, published("cifar10", 12)),
        "spearman_cifar10_200_epochs_better_half": spearman(mnist1d[better], cifar10[better]),
        "yardstick_cifar100": spearman(published("cifar100", 200), cifar10),
        "yardstick_imagenet16_120": spearman(published("imagenet16_120", 200), cifar10),
        "yardstick_parameters": spearman(parameters, cifar10),
        **twins(ours, cifar10),
    }
    print(json.dumps(result) if options.json else pandas.Series(result).to_string())


def published(dataset: str, epochs: int) -> np.ndarray:
    """Test accuracy in NAS-Bench-201, of shape (15,625,), in the space's own order."""
    table = nasbench201.load(os.environ[VARIABLE], dataset)
    return accuracies(table, "test_accuracy", epochs)


def accuracies(table: Table, name: str, epochs: float | None = None) -> np.ndarray:
    """The mean over seeds for every encoding, of shape (space.size,), in the space's own order."""
    means = table.column(name, epochs).mean(axis=1)
    return means[[table.row(one) for one in table.space]]


def twins(ours: Table, accuracy: np.ndarray) -> dict:
    """How encodings of one network differ in a benchmark that trained each encoding apart.

    Args:
        ours: Knows which encodings are one network.
        accuracy: One value an encoding, of shape (15,625,), in the space's own order.
    """
    numbers = [ours.row(one) for one in ours.space]
    groups = pandas.Series(accuracy).groupby(numbers)
    spread = (groups.max() - groups.min())[groups.size() > 1]
    return {
        "twins": len(spread),
        "twins_that_differ": int((spread > 0).sum()),
        "twins_median_spread": float(spread.median()),
    }


def spearman(first: np.ndarray, second: np.ndarray) -> float:
    return float(spearmanr(first, second).statistic)


if __name__ == "__main__":
    main()
