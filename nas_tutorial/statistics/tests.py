"""Is one strategy better than another? Ranks, tests, and the size of the effect.

All functions take scores, of which larger ones are better: negate errors and regrets. A table of
scores has one column a strategy and one row a block, which is what the strategies have in common: a
seed (`repeats.final_values`), a data set, or both. Where blocks are seeds, the result holds for the
one table or data set that was searched, and for no other.

Scores that differ by rounding alone are equal everywhere here: 0.3 and 0.1 + 0.2 differ in the last
digit, which must not rank one strategy above the other.
"""

import itertools
from typing import NamedTuple

import numpy as np
import pandas
from scipy.stats import (
    friedmanchisquare,
    mannwhitneyu,
    rankdata,
    sem,
    studentized_range,
    t,
    wilcoxon,
)

from nas_tutorial.names import real, shown

ROUNDING = 1e-12  # of the largest score: what differs by less is equal
MOST_EXACT_BLOCKS = 500  # the exact distribution of more takes longer than a second


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


def paired_difference(
    differences: np.ndarray, *, level: float = 0.95, scale: float = 1.0
) -> Difference:
    """The mean of paired differences, one a block, with its confidence interval.

    Pairing removes what the two of a pair have in common, such as an easy seed. The interval is the
    mean plus and minus the standard error times a quantile of Student's t, and assumes that the mean
    of the differences is normal. (`scipy.stats.ttest_1samp` has the same interval, but warns where
    all differences are equal.)

    Args:
        differences: Scores of the first minus those of the second, of shape (num_blocks,).
        level: How often such an interval holds the true mean, in (0, 1).
        scale: How large the scores are that were subtracted. A difference in their 13th digit is
            rounding, and counts as 0.

    Raises:
        ValueError: If there are fewer than two, one is not finite, the level lies outside (0, 1), or
            the scale is not positive.

    Reference:
        Student 1908, The probable error of a mean.
    """
    differences = _scores("differences", differences, 2)
    level = real("level", level, above=0, below=1, advice="Give a share, such as 0.95.")
    scale = real("scale", scale, above=0, advice="Give the size of a typical score.")
    differences = np.where(np.abs(differences) < ROUNDING * scale, 0.0, differences)
    mean = float(differences.mean())
    half = float(t.ppf((1 + level) / 2, len(differences) - 1) * sem(differences))
    return Difference(mean, mean - half, mean + half)


def probability_of_superiority(first: np.ndarray, second: np.ndarray) -> float:
    """How often a run of the first beats one of the second, in [0, 1]; a tie counts half.

    0.5 means that neither is ahead. More runs estimate it better but do not move it towards 0 or 1,
    unlike a p-value.

    Args:
        first, second: Scores of shapes (num_runs,); their numbers may differ. Every run of one is
            compared with every run of the other.

    Raises:
        ValueError: If either has no score, or one is not finite.

    Reference:
        Vargha and Delaney 2000, A critique and improvement of the CL common language effect size
        statistics of McGraw and Wong (their measure A).
    """
    first, second = _scores("first", first, 1), _scores("second", second, 1)
    levels = _levels(np.append(first, second))
    statistic = mannwhitneyu(levels[: len(first)], levels[len(first) :]).statistic
    return float(statistic / (len(first) * len(second)))


def holm(p_values: np.ndarray) -> np.ndarray:
    """Adjust p-values for having asked several questions at once.

    With m questions, the smallest p-value is multiplied by m, the next by m - 1, and so on; none
    falls below the adjusted value of a smaller one, and none exceeds 1. If you reject the hypotheses
    whose adjusted value is below alpha, the probability of any wrong rejection is at most alpha.

    Args:
        p_values: Of shape (m,).

    Returns:
        Adjusted ones, in the same order.

    Raises:
        ValueError: If one is no probability.

    Reference:
        Holm 1979, A simple sequentially rejective multiple test procedure.
    """
    p_values = np.asarray(p_values, dtype=float)
    if p_values.ndim != 1 or not ((p_values >= 0) & (p_values <= 1)).all():
        raise ValueError(
            f"p_values must be of shape (m,) and lie in [0, 1], got {shown(p_values)}. Give the "
            "p-value of each question."
        )
    order = np.argsort(p_values, kind="stable")
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.maximum.accumulate(p_values[order] * np.arange(len(order), 0, -1))
    return np.minimum(adjusted, 1.0)


def wilcoxon_holm(scores: pandas.DataFrame) -> pandas.DataFrame:
    """Wilcoxon's signed-rank test of each pair of strategies, adjusted by Holm's method.

    Blocks in which two strategies are equal count half for either, and equal differences share their
    ranks. Up to `MOST_EXACT_BLOCKS` blocks the p-value is exact, with ties too: SciPy approximates it
    from 14 blocks with ties on, and was off by up to 0.043. With more blocks it is SciPy's normal
    approximation.

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
    scale = float(scores.abs().to_numpy().max())
    rows = []
    for first, second in itertools.combinations(scores.columns, 2):
        differences = (scores[first] - scores[second]).to_numpy()
        sizes = _levels(np.append(0.0, np.abs(differences)), scale)[1:] - 1
        p = _signed_rank_p(np.sign(differences) * sizes)
        rows.append((first, second, float(np.median(differences)), p))
    pairs = pandas.DataFrame(rows, columns=["first", "second", "difference", "p"])
    return pairs.assign(p_holm=holm(pairs["p"].to_numpy()))


def _signed_rank_p(differences: np.ndarray) -> float:
    """The two-sided p-value of Wilcoxon's test: the share of all patterns of signs, each equally
    likely, whose signed ranks have a sum as large as the observed one."""
    if len(differences) > MOST_EXACT_BLOCKS and differences.any():
        return float(wilcoxon(differences, zero_method="zsplit").pvalue)
    halves = (2 * rankdata(np.abs(differences))).astype(int)  # ranks of ties end in one half
    probability = np.ones(1)  # of each sum of the ranks that have a plus
    for rank in halves[differences != 0]:
        padded = np.pad(probability, (0, rank))
        probability = (padded + np.roll(padded, rank)) / 2  # with a minus, with a plus
    sums = 2 * np.arange(len(probability)) - len(probability) + 1  # less those with a minus
    extreme = np.abs(sums) >= abs(halves @ np.sign(differences))
    return min(1.0, float(probability[extreme].sum()))


class RankTest(NamedTuple):
    """What Friedman's test and Nemenyi's after it found.

    Attributes:
        ranks: Strategy -> its rank, 1 the best, averaged over blocks; the best first.
        statistic: Friedman's chi-square.
        p: The probability of one as large if all strategies were equally good.
        p_values: Nemenyi's p-value of each pair, strategies in rows and columns.
        critical_difference: Strategies whose average ranks differ by less are not distinguished.
        alpha: The level of the critical difference.
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
    alpha = real("alpha", alpha, above=0, below=1, advice="Give a level, such as 0.05.")
    num_blocks, k = scores.shape
    levels = pandas.DataFrame(_levels(scores.to_numpy(float)), columns=scores.columns)
    in_block = levels.rank(axis=1, ascending=False)
    statistic, p = 0.0, 1.0  # where all are equal in every block the formula is 0 / 0
    if (in_block.nunique(axis=1) > 1).any():
        statistic, p = friedmanchisquare(*levels.to_numpy().T)
    ranks = in_block.mean().sort_values(kind="stable")
    q = studentized_range.isf(alpha, k, np.inf) / np.sqrt(2)
    return RankTest(
        ranks=ranks,
        statistic=float(statistic),
        p=float(p),
        p_values=posthoc_nemenyi_friedman(levels).loc[ranks.index, ranks.index],
        critical_difference=float(q * np.sqrt(k * (k + 1) / (6 * num_blocks))),
        alpha=alpha,
        num_blocks=num_blocks,
    )


def _levels(values: np.ndarray, scale: float | None = None) -> np.ndarray:
    """Whole numbers from 1 in the order of the values; equal where these differ by rounding alone.

    Args:
        values: Of any shape.
        scale: The size of the scores that they come from; None takes the largest value.
    """
    distinct, place = np.unique(values, return_inverse=True)
    scale = np.abs(distinct).max() if scale is None else scale
    is_next = np.diff(distinct, prepend=-np.inf) > ROUNDING * scale
    return np.cumsum(is_next)[place].reshape(values.shape)


def _scores(name: str, values: np.ndarray, least: int) -> np.ndarray:
    """Numbers of shape (n,), if they are as many and all finite."""
    try:
        scores = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        scores = np.empty(0)
    if scores.ndim != 1 or len(scores) < least or not np.isfinite(scores).all():
        raise ValueError(
            f"{name} must be finite numbers of shape (n,), at least {least} of them, got "
            f"{shown(values)}. Leave out what has no result."
        )
    return scores


def _check(scores: pandas.DataFrame, *, at_least: int) -> None:
    num_blocks, num_strategies = scores.shape
    missing = int((~np.isfinite(scores.to_numpy(float))).sum())
    if num_strategies < at_least or not num_blocks or missing:
        raise ValueError(
            f"scores must have at least {at_least} strategies in columns, a row, and only finite "
            f"numbers, got {num_strategies} strategies, {num_blocks} rows and {missing} that are not "
            "finite. Add strategies or runs, and leave out blocks in which a strategy has no result."
        )
