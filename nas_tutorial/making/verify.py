"""Annex: is a table still true? Train a few of its networks anew, by ordinary Keras, and compare."""

import math

import numpy as np
import pandas

from nas_tutorial.names import whole
from nas_tutorial.tables.table import Table
from nas_tutorial.trials import Candidate, Evaluator

LIMIT = 4.0  # standard errors; a true table exceeds them once in 16,000 networks


def verify_table(
    table: Table, evaluator: Evaluator, *, num_networks: int = 5, num_seeds: int = 3, seed: int = 0
) -> pandas.DataFrame:
    """Compare validation accuracies in the table with those of fresh training runs.

    Args:
        table: What is to be verified.
        evaluator: Trains a network by the table's recipe and reports val_accuracy.
        num_networks: How many networks to draw.
        num_seeds: Fresh runs of each, at least 2: their spread is the yardstick.
        seed: Of the draw, and of the runs.

    Returns:
        One row for each network: its number, the means in_table and anew, their difference, and
        standard_errors, the difference over its standard error by the pooled spread of the fresh
        runs. Beyond `LIMIT` the table and the training disagree.

    Raises:
        ValueError: If there are too few networks or seeds, or a run fails.
    """
    num_networks = whole("num_networks", num_networks, least=1, most=len(table))
    num_seeds = whole("num_seeds", num_seeds, least=2)
    rows = np.random.default_rng(seed).choice(len(table), num_networks, replace=False)
    in_table = table.column("val_accuracy")[rows].mean(axis=1)
    anew = np.array(
        [
            [
                _accuracy(evaluator, table.networks[row], 1000 * row + trial)
                for trial in range(num_seeds)
            ]
            for row in rows.tolist()
        ]
    )
    spread = math.sqrt(anew.var(axis=1, ddof=1).mean())
    error = spread * math.sqrt(1 / num_seeds + 1 / table.num_seeds)
    difference = anew.mean(axis=1) - in_table
    return pandas.DataFrame(
        {
            "network": rows,
            "in_table": in_table,
            "anew": anew.mean(axis=1),
            "difference": difference,
            "standard_errors": difference / max(error, 1e-12),
        }
    )


def _accuracy(evaluator: Evaluator, architecture, seed: int) -> float:
    result = evaluator(Candidate(architecture), seed=seed)
    if result.error is not None:
        raise ValueError(
            f"every training run must succeed to be compared, but {architecture} failed with "
            f"{result.error}. Run it alone to see why."
        )
    return result.metrics["val_accuracy"]
