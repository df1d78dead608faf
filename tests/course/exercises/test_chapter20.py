"""The checks of chapter 20: solutions pass, plausible mistakes do not, stubs are not attempted."""

from itertools import pairwise, product

import numpy as np
import pytest
from scipy.stats import norm, rankdata, studentized_range, t, wilcoxon

from nas_tutorial.course.exercises.chapter20 import _slow_holm
from nas_tutorial.statistics.tests import holm
from tests.course.exercises.promises import promises

ANSWERS = {
    "20.1": "guess",
    "20.2": "paired_interval",
    "20.3": "holm",
    "20.4": "verdict",
    "20.5": "wrong_sign_rate",
    "20.6": "signed_rank_p",
    "20.7": "told_apart",
}


def around(mean, error, factor):
    return mean - factor * error, mean + factor * error


def takes_sd_for_se(first, second, level):
    d = first - second
    return around(d.mean(), d.std(ddof=1), t.ppf((1 + level) / 2, len(d) - 1))


def forgets_that_runs_are_paired(first, second, level):
    error = np.sqrt((first.var(ddof=1) + second.var(ddof=1)) / len(first))
    return around((first - second).mean(), error, t.ppf((1 + level) / 2, len(first) - 1))


def takes_the_normal_quantile(first, second, level):
    d = first - second
    return around(d.mean(), d.std(ddof=1) / np.sqrt(len(d)), norm.ppf((1 + level) / 2))


def divides_by_n(first, second, level):
    d = first - second
    return around(d.mean(), d.std() / np.sqrt(len(d)), t.ppf((1 + level) / 2, len(d) - 1))


def has_the_sign_turned_round(first, second, level):
    d = second - first
    factor = t.ppf((1 + level) / 2, len(d) - 1)
    return around(d.mean(), d.std(ddof=1) / np.sqrt(len(d)), factor)


def puts_all_the_error_on_one_side(first, second, level):
    d = first - second
    return around(d.mean(), d.std(ddof=1) / np.sqrt(len(d)), t.ppf(level, len(d) - 1))


def is_bonferroni(p_values):
    return np.minimum(p_values * len(p_values), 1)


def forgets_the_maximum(p_values):
    order = np.argsort(p_values)
    adjusted = np.empty(len(p_values))
    adjusted[order] = p_values[order] * np.arange(len(p_values), 0, -1)
    return np.minimum(adjusted, 1)


def returns_them_sorted(p_values):
    return np.sort(holm(p_values))


def goes_beyond_one(p_values):
    order = np.argsort(p_values)
    adjusted = np.empty(len(p_values))
    steps = p_values[order] * np.arange(len(p_values), 0, -1)
    adjusted[order] = np.maximum.accumulate(steps)
    return adjusted


def multiplies_the_largest_most(p_values):
    order = np.argsort(p_values)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.maximum.accumulate(p_values[order] * np.arange(1, len(p_values) + 1))
    return np.minimum(adjusted, 1)


def believes_that_significant_is_better(low, high, matters):
    """The belief that this chapter is about."""
    if low > 0:
        return "better"
    return "worse" if high < 0 else "unclear"


def takes_no_evidence_for_no_difference(low, high, matters):
    if low > matters:
        return "better"
    if high < -matters:
        return "worse"
    return "alike"


def looks_at_the_middle(low, high, matters):
    middle = (low + high) / 2
    if abs(middle) < matters:
        return "alike"
    return "better" if middle > 0 else "worse"


def forgets_worse(low, high, matters):
    if low > matters:
        return "better"
    return "alike" if max(abs(low), abs(high)) < matters else "unclear"


def counts_the_right_ones(differences, n, repeats, rng):
    means = rng.choice(differences, (repeats, n)).mean(axis=1)
    return np.mean(np.sign(means) == np.sign(differences.mean()))


def takes_negative_for_wrong(differences, n, repeats, rng):
    return np.mean(rng.choice(differences, (repeats, n)).mean(axis=1) < 0)


def counts_single_seeds(differences, n, repeats, rng):
    drawn = rng.choice(differences, (repeats, n))
    return np.mean(np.sign(drawn) != np.sign(differences.mean()))


def draws_as_it_likes(differences, n, repeats, rng):
    means = np.random.default_rng().choice(differences, (repeats, n)).mean(axis=1)
    return np.mean(np.sign(means) != np.sign(differences.mean()))


def draws_without_replacement(differences, n, repeats, rng):
    means = rng.permuted(np.tile(differences, (repeats, 1)), axis=1)[:, :n].mean(axis=1)
    return np.mean(np.sign(means) != np.sign(differences.mean()))


def lets_choice_draw_without_replacement(differences, n, repeats, rng):
    means = np.array([rng.choice(differences, n, replace=False).mean() for _ in range(repeats)])
    return np.mean(np.sign(means) != np.sign(differences.mean()))


def takes_the_median(differences, n, repeats, rng):
    middles = np.median(rng.choice(differences, (repeats, n)), axis=1)
    return np.mean(np.sign(middles) != np.sign(differences.mean()))


def takes_the_median_for_the_truth(differences, n, repeats, rng):
    means = rng.choice(differences, (repeats, n)).mean(axis=1)
    return np.mean(np.sign(means) != np.sign(np.median(differences)))


def trusts_the_bell(differences, n, repeats, rng):
    """The normal approximation: means are drawn, differences are not."""
    means = rng.normal(differences.mean(), differences.std(ddof=1) / np.sqrt(n), repeats)
    return np.mean(np.sign(means) != np.sign(differences.mean()))


def trusts_the_bell_without_drawing(differences, n, repeats, rng):
    return norm.cdf(-abs(differences.mean()) * np.sqrt(n) / differences.std(ddof=1))


def draws_an_eighth(differences, n, repeats, rng):
    means = rng.choice(differences, (repeats // 8, n)).mean(axis=1)
    return np.mean(np.sign(means) != np.sign(differences.mean()))


def draws_a_thousand_whatever_is_asked(differences, n, repeats, rng):
    means = rng.choice(differences, (1000, n)).mean(axis=1)
    return np.mean(np.sign(means) != np.sign(differences.mean()))


def lets_a_mean_of_zero_be_right(differences, n, repeats, rng):
    means = rng.choice(differences, (repeats, n)).mean(axis=1)
    return np.mean(means * differences.mean() < 0)


def swaps_n_and_repeats(differences, n, repeats, rng):
    means = rng.choice(differences, (n, repeats)).mean(axis=1)
    return np.mean(np.sign(means) != np.sign(differences.mean()))


def signed_rank(differences, ranks, extreme):
    """The share of all patterns of signs whose sum of ranks is extreme."""
    observed, middle = ranks[differences > 0].sum(), ranks.sum() / 2
    sums = np.array(list(product((0, 1), repeat=len(ranks)))) @ ranks
    return np.mean(extreme(sums - middle, observed - middle))


def at_least_as_far(sums, observed):
    return np.abs(sums) >= abs(observed)


def looks_at_one_side(differences):
    ranks = rankdata(np.abs(differences))
    return signed_rank(differences, ranks, lambda sums, observed: sums >= observed)


def leaves_the_observed_sum_out(differences):
    ranks = rankdata(np.abs(differences))
    return signed_rank(differences, ranks, lambda sums, observed: np.abs(sums) > abs(observed))


def ranks_with_the_sign(differences):
    return signed_rank(differences, rankdata(differences), at_least_as_far)


def breaks_ties_by_place(differences):
    ranks = rankdata(np.abs(differences), method="ordinal")
    return signed_rank(differences, ranks, at_least_as_far)


def counts_signs_alone(differences):
    return signed_rank(differences, np.ones(len(differences)), at_least_as_far)


def takes_the_normal_approximation(differences):
    return wilcoxon(differences, method="approx").pvalue


def critical(k, num_blocks):
    q = studentized_range.isf(0.05, k, np.inf) / np.sqrt(2)
    return q * np.sqrt(k * (k + 1) / (6 * num_blocks))


def apart(ranks, least):
    return {(a, b) for a in ranks for b in ranks if ranks[b] - ranks[a] > least}


def reads_bars_as_differences(ranks, num_blocks):
    """What shares a bar."""
    least = critical(len(ranks), num_blocks)
    return {(a, b) for a in ranks for b in ranks if 0 < ranks[b] - ranks[a] <= least}


def believes_that_the_order_is_established(ranks, num_blocks):
    return apart(ranks, 0)


def compares_neighbours_alone(ranks, num_blocks):
    order, least = sorted(ranks, key=ranks.get), critical(len(ranks), num_blocks)
    return {(a, b) for a, b in pairwise(order) if ranks[b] - ranks[a] > least}


def takes_large_ranks_for_better(ranks, num_blocks):
    return {(b, a) for a, b in apart(ranks, critical(len(ranks), num_blocks))}


def forgets_the_root_of_two(ranks, num_blocks):
    return apart(ranks, np.sqrt(2) * critical(len(ranks), num_blocks))


def lets_ties_be_passed_on(ranks, num_blocks):
    """Whoever shares a bar with one that shares a bar cannot be told apart."""
    order, least = sorted(ranks, key=ranks.get), critical(len(ranks), num_blocks)
    cuts = np.cumsum([0] + [ranks[b] - ranks[a] > least for a, b in pairwise(order)])
    group = dict(zip(order, cuts))
    return {(a, b) for a in ranks for b in ranks if group[a] < group[b]}


MISTAKES = [
    ("20.1", 30),  # three times the seeds for a third of the error
    ("20.1", 17),
    ("20.1", 0),
    ("20.1", "90"),
    ("20.2", takes_sd_for_se),
    ("20.2", forgets_that_runs_are_paired),
    ("20.2", takes_the_normal_quantile),
    ("20.2", divides_by_n),
    ("20.2", has_the_sign_turned_round),
    ("20.2", puts_all_the_error_on_one_side),
    ("20.3", is_bonferroni),
    ("20.3", forgets_the_maximum),
    ("20.3", returns_them_sorted),
    ("20.3", goes_beyond_one),
    ("20.3", multiplies_the_largest_most),
    ("20.4", believes_that_significant_is_better),
    ("20.4", takes_no_evidence_for_no_difference),
    ("20.4", looks_at_the_middle),
    ("20.4", forgets_worse),
    ("20.5", counts_the_right_ones),
    ("20.5", takes_negative_for_wrong),
    ("20.5", counts_single_seeds),
    ("20.5", draws_as_it_likes),
    ("20.5", draws_without_replacement),
    ("20.5", lets_choice_draw_without_replacement),
    ("20.5", takes_the_median),
    ("20.5", takes_the_median_for_the_truth),
    ("20.5", trusts_the_bell),
    ("20.5", trusts_the_bell_without_drawing),
    ("20.5", draws_an_eighth),
    ("20.5", draws_a_thousand_whatever_is_asked),
    ("20.5", lets_a_mean_of_zero_be_right),
    ("20.5", swaps_n_and_repeats),
    ("20.6", looks_at_one_side),
    ("20.6", leaves_the_observed_sum_out),
    ("20.6", ranks_with_the_sign),
    ("20.6", breaks_ties_by_place),
    ("20.6", counts_signs_alone),
    ("20.6", takes_the_normal_approximation),
    ("20.7", reads_bars_as_differences),
    ("20.7", believes_that_the_order_is_established),
    ("20.7", compares_neighbours_alone),
    ("20.7", takes_large_ranks_for_better),
    ("20.7", forgets_the_root_of_two),
    ("20.7", lets_ties_be_passed_on),
]


test_solution_is_right, test_plausible_mistake_is_wrong, test_stub_is_not_attempted = promises(
    "20", ANSWERS, MISTAKES
)


@pytest.mark.parametrize("size", [1, 2, 7, 21])
def test_the_reference_is_the_library_s_adjustment(size):
    p_values = np.random.default_rng(size).uniform(0, 0.4, size)
    np.testing.assert_allclose(_slow_holm(p_values.tolist()), holm(p_values))
