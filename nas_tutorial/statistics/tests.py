"""May we say that one strategy is better than another? Ranks, tests, and the size of the effect.

All functions take scores, of which larger ones are better: negate errors and regrets. A table of
scores has one column a strategy and one row a block, which is what the strategies have in common: a
seed (`analysis.final_values`), a data set, or both. Blocks that are seeds speak of the one table or
data set that was searched, and of no other.
"""

import itertools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas
from scipy.stats import friedmanchisquare, mannwhitneyu, sem, studentized_range, t, wilcoxon


class Difference(NamedTuple):
    """By how much one strategy is better than another, and how sure that is.

    Attributes:
        mean: Of the paired differences.
        low, high: The ends of the interval that holds the true mean, at the level asked for.
    """

    mean: float
    low: float
    high: float

    @property
    def says(self) -> str:
        """ "better" or "worse" where the interval leaves 0 out, else "tie"."""
        return "better" if self.low > 0 else "worse" if self.high < 0 else "tie"

    def text(self, digits: int = 2) -> str:
        """Such as "+1.20 ± 0.31  better"."""
        return f"{self.mean:+.{digits}f} ± {self.mean - self.low:.{digits}f}  {self.says}"


def paired_difference(differences: np.ndarray, *, level: float = 0.95) -> Difference:
    """The mean of paired differences, one a block, with its confidence interval.

    Pairing takes out what is common to both of a pair, such as an easy seed. The interval is the mean
    plus and minus the standard error times a quantile of Student's t, and takes the mean of the
    differences for normal.

    Args:
        differences: Scores of the first minus those of the second, of shape (num_blocks,).
        level: How often such an interval holds the true mean, in (0, 1).

    Raises:
        ValueError: If there are fewer than two, one is missing, or the level is none.

    Reference:
        Student 1908, The probable error of a mean.
    """
    differences = np.asarray(differences, dtype=float)
    if differences.ndim != 1 or len(differences) < 2 or np.isnan(differences).any():
        raise ValueError(
            f"differences must be a list of at least two numbers, none of them NaN, got "
            f"{differences!s:.60}. Leave blocks out in which one of the two has no result."
        )
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, such as 0.95, got {level!r}.")
    mean = float(differences.mean())
    half = float(t.ppf((1 + level) / 2, len(differences) - 1) * sem(differences))
    return Difference(mean, mean - half, mean + half)


def probability_of_superiority(first: np.ndarray, second: np.ndarray) -> float:
    """How often a run of the first beats one of the second, in [0, 1]; a tie counts half.

    0.5 says that neither is ahead. Unlike a p-value it does not grow with the number of runs.

    Args:
        first, second: Scores of shapes (num_runs,); their numbers may differ. Every run of one
            meets every run of the other.

    Raises:
        ValueError: If there is none, or one is missing.

    Reference:
        Vargha and Delaney 2000, A critique and improvement of the CL common language effect size
        statistics of McGraw and Wong (their measure A).
    """
    first, second = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if not len(first) or not len(second) or np.isnan([*first, *second]).any():
        raise ValueError(
            f"both must have at least one score and none may be NaN, got {len(first)} and "
            f"{len(second)} scores with {np.isnan([*first, *second]).sum()} NaN. Leave runs "
            "without a result out."
        )
    return float(mannwhitneyu(first, second).statistic / (len(first) * len(second)))


def holm(p_values: np.ndarray) -> np.ndarray:
    """Adjust p-values for having asked several questions at once.

    With m questions, the smallest p-value is multiplied by m, the next by m - 1, and so on; none
    falls below a smaller one's, none exceeds 1. Whoever rejects those below alpha rejects any
    wrongly with a probability of at most alpha.

    Args:
        p_values: Of shape (m,).

    Returns:
        Adjusted ones, in the same order.

    Reference:
        Holm 1979, A simple sequentially rejective multiple test procedure.
    """
    p_values = np.asarray(p_values, dtype=float)
    order = np.argsort(p_values)
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.maximum.accumulate(p_values[order] * np.arange(len(order), 0, -1))
    return np.minimum(adjusted, 1.0)


def wilcoxon_holm(scores: pandas.DataFrame) -> pandas.DataFrame:
    """Wilcoxon's signed-rank test of each pair of strategies, adjusted by Holm's method.

    Blocks in which two strategies are level count half for either. Differences are equal where
    they agree to 12 digits of the largest score: the last digits are rounding, which must not rank.

    Args:
        scores: Of shape (num_blocks, num_strategies), at least two strategies.

    Returns:
        A frame with one row a pair: first, second, difference (the median over blocks of first
        minus second), p, and p_holm.

    Raises:
        ValueError: If there are fewer than two strategies or no block, or a score is missing.

    Reference:
        Wilcoxon 1945, Individual comparisons by ranking methods.
        Demšar 2006, Statistical comparisons of classifiers over multiple data sets, section 3.1.3.
    """
    _check(scores, at_least=2)
    scale = float(scores.abs().to_numpy().max()) or 1.0
    rows = []
    for first, second in itertools.combinations(scores.columns, 2):
        differences = (scores[first] - scores[second]).to_numpy()
        rounded = np.round(differences / scale, 12)
        p = wilcoxon(rounded, zero_method="zsplit").pvalue if rounded.any() else 1.0
        rows.append((first, second, float(np.median(differences)), float(p)))
    pairs = pandas.DataFrame(rows, columns=["first", "second", "difference", "p"])
    return pairs.assign(p_holm=holm(pairs["p"]))


@dataclass(frozen=True)
class RankTest:
    """What Friedman's test and Nemenyi's after it found.

    Args:
        ranks: Strategy -> its rank, 1 the best, averaged over blocks; the best first.
        statistic: Friedman's chi-square.
        p: The probability of one as large if all strategies were alike.
        p_values: Nemenyi's p-value of each pair, strategies in rows and columns.
        critical_difference: Average ranks that differ by less do not tell strategies apart.
        alpha: The level of that.
        num_blocks: How many rows of scores there were.
    """

    ranks: pandas.Series
    statistic: float
    p: float
    p_values: pandas.DataFrame
    critical_difference: float
    alpha: float
    num_blocks: int


def friedman_nemenyi(scores: pandas.DataFrame, *, alpha: float = 0.05) -> RankTest:
    """Rank the strategies in each block; Friedman's test asks whether any differ, Nemenyi's which.

    Args:
        scores: Of shape (num_blocks, num_strategies), at least three strategies.
        alpha: The level of the critical difference, in (0, 1).

    Raises:
        ValueError: If there are fewer than three strategies or no block, or a score is missing.

    Reference:
        Friedman 1937, The use of ranks to avoid the assumption of normality.
        Demšar 2006, section 3.2.2 (the critical difference).
    """
    from scikit_posthocs import posthoc_nemenyi_friedman

    _check(scores, at_least=3)
    num_blocks, k = scores.shape
    in_block = scores.rank(axis=1, ascending=False)
    statistic, p = 0.0, 1.0  # where all are level in every block the formula is 0 / 0
    if (in_block.nunique(axis=1) > 1).any():
        statistic, p = friedmanchisquare(*scores.to_numpy().T)
    ranks = in_block.mean().sort_values(kind="stable")
    q = studentized_range.isf(alpha, k, np.inf) / np.sqrt(2)
    return RankTest(
        ranks=ranks,
        statistic=float(statistic),
        p=float(p),
        p_values=posthoc_nemenyi_friedman(scores).loc[ranks.index, ranks.index],
        critical_difference=float(q * np.sqrt(k * (k + 1) / (6 * num_blocks))),
        alpha=alpha,
        num_blocks=num_blocks,
    )


def _check(scores: pandas.DataFrame, *, at_least: int) -> None:
    num_blocks, num_strategies = scores.shape
    missing = int(scores.isna().to_numpy().sum())
    if num_strategies < at_least or not num_blocks or missing:
        raise ValueError(
            f"scores must have at least {at_least} strategies in columns, a row, and no NaN, got "
            f"{num_strategies} strategies, {num_blocks} rows and {missing} NaN. Add strategies or "
            "runs, and leave out blocks in which a strategy has no result."
        )
