"""What chance alone finds: random search on a table, by formula.

A strategy has to beat this curve. A random search that does not follow it has a bug.
"""

from collections.abc import Sequence

import numpy as np
from scipy.special import gammaln

from nas_tutorial.names import whole


def expected_best_of(
    values: np.ndarray,
    n: int | Sequence[int],
    *,
    report: np.ndarray | None = None,
    replace: bool = True,
) -> float | np.ndarray:
    """The exact mean of what random search finds in a table with n draws, without drawing.

    The best of n draws is at most v if all n are among the c values that are at most v. Of N values
    in all, that has probability (c / N)^n, or binomial(c, n) / binomial(N, n) without replacement.
    From one distinct value to the next that probability grows by the probability that the best is
    exactly that value. Among equal values the first one drawn is the best, and each is equally
    likely to be first, so the mean of what they report counts.

    The standard deviation follows from the mean square: the root of
    `expected_best_of(values, n, report=report**2) - expected_best_of(values, n, report=report)**2`.

    Args:
        values: What the best is chosen by, one for each draw that is equally likely, of shape (N,);
            the largest is best. Where encodings are drawn, and a network has several, give one
            value per encoding.
        n: The number of draws, or several.
        report: What is reported of the chosen one, of shape (N,), such as its test accuracy; None
            reports `values`.
        replace: Whether one may be drawn twice, as random search does.

    Returns:
        The mean for each n.

    Raises:
        ValueError: If an n is no whole number from 1, or exceeds N without replacement; if the two
            columns differ in length, are empty, or hold a value that is not finite.
    """
    values = np.asarray(values, dtype=float)
    report = values if report is None else np.asarray(report, dtype=float)
    alike = values.ndim == 1 and len(values) > 0 and report.shape == values.shape
    if not alike or not np.isfinite([values, report]).all():
        raise ValueError(
            f"values and report must be finite, not empty and of one shape (N,), got {values.shape} and "
            f"{report.shape}. Give one row for each equally likely draw."
        )
    draws, total = np.asarray(n), len(values)
    most, advice = (None, "Draw once or more.") if replace else (total, "Draw at most all.")
    for number in draws.flat:
        whole("n", number, 1, most, advice)
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    reported = np.bincount(place, weights=report) / count
    at_most = _all_among(np.cumsum(count), total, draws[..., None], replace)
    return np.diff(at_most, prepend=0.0) @ reported


def _all_among(c: np.ndarray, total: int, n: np.ndarray, replace: bool) -> np.ndarray:
    """The probability that n draws from `total` are all among c certain ones."""
    if replace:
        return (c / total) ** n
    logarithm = gammaln(c + 1) - gammaln(c - n + 1)  # minus infinity where c < n
    return np.exp(logarithm - gammaln(total + 1) + gammaln(total - n + 1))
