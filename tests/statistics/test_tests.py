import itertools
import warnings

import numpy as np
import pandas
import pytest
from scikit_posthocs import posthoc_wilcoxon
from scipy.stats import rankdata, ttest_1samp

from nas_tutorial.statistics.tests import (
    MOST_EXACT_BLOCKS,
    friedman_nemenyi,
    holm,
    paired_difference,
    probability_of_superiority,
    wilcoxon_holm,
)


def scores(num_blocks: int, *means: float) -> pandas.DataFrame:
    """Normal scores around these means, one column a strategy."""
    noise = np.random.default_rng(0).normal(size=(num_blocks, len(means)))
    return pandas.DataFrame(noise + means, columns=list("abcdefg")[: len(means)])


# Rounding

NOISE = {"a": [0.3] * 10, "b": [0.1 + 0.2] * 10, "c": [0.3] * 10}  # b is larger in the last digit


@pytest.mark.parametrize("scale", [1, 100, 1e-9, 1e9])
def test_rounding_makes_no_strategy_better_than_another(scale):
    frame = scale * pandas.DataFrame(NOISE)
    test = friedman_nemenyi(frame)
    assert (test.statistic, test.p) == (0.0, 1.0) and test.ranks.tolist() == [2.0] * 3
    assert (test.p_values == 1).all().all()
    assert wilcoxon_holm(frame)["p"].tolist() == [1.0] * 3
    assert probability_of_superiority(frame["b"], frame["a"]) == 0.5
    found = paired_difference(frame["b"] - frame["a"], scale=scale)
    assert (found.mean, found.says) == (0.0, "tie")


def test_rounding_ranks_nothing_where_it_falls_on_the_edge_between_two_roundings():
    """Rounded to 12 digits, these three would be two values: what is equal is judged by gaps."""
    edge = 0.1234567890125
    three = [edge * (1 - 2e-16), edge, edge * (1 + 2e-16)]
    frame = pandas.DataFrame([three] * 6, columns=list("abc"))
    assert friedman_nemenyi(frame).ranks.tolist() == [2.0] * 3
    assert probability_of_superiority(three[:1], three[1:]) == 0.5


def test_scores_that_differ_in_the_ninth_digit_are_not_equal():
    frame = pandas.DataFrame({"a": [0.5] * 6, "b": [0.5 + 1e-9] * 6, "c": [0.1] * 6})
    assert list(friedman_nemenyi(frame).ranks.index) == ["b", "a", "c"]
    assert wilcoxon_holm(frame)["p"].tolist() == [2 / 2**6] * 3
    assert probability_of_superiority(frame["b"], frame["a"]) == 1.0
    assert paired_difference(frame["b"] - frame["a"]).says == "better"


# Paired differences


def test_the_interval_of_paired_differences_is_students():
    differences = np.random.default_rng(0).normal(0.3, 1, size=12)
    for level in (0.95, 0.8):
        found = paired_difference(differences, level=level)
        expected = ttest_1samp(differences, 0).confidence_interval(level)
        assert found == pytest.approx((differences.mean(), *expected))


@pytest.mark.parametrize(
    ("differences", "says"),
    [
        ([1, 1.1, 0.9], "better"),
        ([-1, -1.1, -0.9], "worse"),
        ([1, -1, 0.5], "tie"),
        ([0, 0], "tie"),
    ],
)
def test_it_says_better_or_worse_only_where_zero_is_left_out(differences, says):
    found = paired_difference(differences)
    assert found.says == says
    assert found.text(1).endswith(says)


def test_it_holds_the_true_mean_as_often_as_it_promises():
    rng = np.random.default_rng(0)
    found = [paired_difference(rng.normal(1, 2, size=5), level=0.8) for _ in range(2000)]
    held = np.mean([interval.low <= 1 <= interval.high for interval in found])
    assert held == pytest.approx(0.8, abs=4 * np.sqrt(0.8 * 0.2 / 2000))


@pytest.mark.parametrize(
    "differences", [[], [1.0], [1.0, np.nan], [np.inf, 1.0], [[1.0, 2.0], [3.0, 4.0]], 3, "ab"]
)
def test_paired_differences_must_be_at_least_two_finite_numbers(differences):
    must = r"differences must be finite numbers of shape \(n,\), at least 2 of them, got"
    with pytest.raises(ValueError, match=must):
        paired_difference(differences)


@pytest.mark.parametrize("scale", [0, -1, np.nan, "1"])
def test_a_scale_is_positive(scale):
    with pytest.raises(ValueError, match="scale must be a finite number above 0, got"):
        paired_difference([1.0, 2.0], scale=scale)


@pytest.mark.parametrize("level", [0, 1, 95, np.nan])
def test_a_level_is_a_share(level):
    with pytest.raises(ValueError, match=r"level must be .* above 0 and below 1, got"):
        paired_difference([1.0, 2.0], level=level)
    with pytest.raises(ValueError, match=r"alpha must be .* above 0 and below 1, got"):
        friedman_nemenyi(scores(5, 0, 0, 0), alpha=level)


@pytest.mark.parametrize("difference", [0.0, 0.1, -3.0])
def test_equal_differences_have_an_interval_of_no_width_and_warn_of_nothing(difference):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = paired_difference([difference] * 5)
    assert found == pytest.approx((difference, difference, difference))


# Superiority


def test_superiority_counts_pairs_and_a_tie_half():
    # Of the six pairs, 3 beats 1 and 2, 2 beats 1 and ties with 2, 1 ties with 1.
    first, second = [3, 2, 1], [1, 2]
    assert probability_of_superiority(first, second) == (2 + 1.5 + 0.5) / 6
    assert probability_of_superiority(second, first) == pytest.approx(1 - 4 / 6)


def test_superiority_is_one_half_of_like_and_one_of_what_is_always_better():
    assert probability_of_superiority([0.5] * 4, [0.5] * 7) == 0.5
    assert probability_of_superiority([2, 3], [0, 1]) == 1.0


@pytest.mark.parametrize(
    ("first", "second"), [([], [1.0]), ([1.0], []), ([1.0, np.nan], [1.0]), ([1.0], [np.inf])]
)
def test_superiority_needs_scores(first, second):
    must = r"(first|second) must be finite numbers of shape \(n,\), at least 1 of them, got"
    with pytest.raises(ValueError, match=must):
        probability_of_superiority(first, second)


# Holm


def test_holm_by_hand():
    # Sorted .01 .02 .03 .04: times 4, 3, 2, 1 makes .04 .06 .06 .04, and none falls.
    np.testing.assert_allclose(holm([0.04, 0.01, 0.03, 0.02]), [0.06, 0.04, 0.06, 0.06])
    np.testing.assert_allclose(holm([0.6, 0.7]), [1.0, 1.0])
    assert holm([]).tolist() == []


@pytest.mark.parametrize("p_values", [[0.1, np.nan], [0.1, 1.5], [-0.1], [[0.1, 0.2]], 0.1])
def test_holm_takes_only_p_values(p_values):
    must = r"p_values must be of shape \(m,\) and lie in \[0, 1\], got"
    with pytest.raises(ValueError, match=must):
        holm(p_values)


# Wilcoxon


def test_the_exact_p_value_by_hand():
    # All five differences have one sign: 2 of the 2**5 sign patterns are as extreme.
    frame = pandas.DataFrame({"a": [2.0, 3, 4, 5, 6], "b": [1.0, 1, 1, 1, 1]})
    (row,) = wilcoxon_holm(frame).to_dict("records")
    assert row == {"first": "a", "second": "b", "difference": 3.0, "p": 2 / 32, "p_holm": 2 / 32}


def enumerated(differences: np.ndarray) -> float:
    """Wilcoxon's p-value by all patterns of signs, as Pratt and midranks have it."""
    ranks = rankdata(np.abs(differences))[differences != 0]
    observed = abs(ranks @ np.sign(differences[differences != 0]))
    sums = [np.dot(signs, ranks) for signs in itertools.product((-1, 1), repeat=len(ranks))]
    return float(np.mean(np.abs(sums) >= observed))


@pytest.mark.parametrize("num_blocks", [1, 2, 5, 9, 14, 16])
@pytest.mark.parametrize("levels", [2, 4, 50])
def test_p_values_are_those_of_enumeration_with_ties_and_zeros(num_blocks, levels):
    """SciPy approximates them from 14 blocks with ties on, and is off by up to 0.043."""
    rng = np.random.default_rng(levels)
    for _ in range(3):
        whole = rng.integers(-levels + 1, levels + 1, size=num_blocks)
        frame = pandas.DataFrame({"a": 0.5 + whole / 100, "b": np.full(num_blocks, 0.5)})
        assert wilcoxon_holm(frame)["p"].item() == pytest.approx(enumerated(whole), abs=1e-12)


def test_a_p_value_of_many_blocks_is_near_the_normal_one():
    whole = np.random.default_rng(0).integers(-9, 11, size=MOST_EXACT_BLOCKS)
    exact = wilcoxon_holm(pandas.DataFrame({"a": whole, "b": 0 * whole}))["p"].item()
    more = wilcoxon_holm(pandas.DataFrame({"a": [*whole, 0], "b": [*(0 * whole), 0]}))["p"].item()
    assert exact == pytest.approx(more, abs=2e-3)


def test_every_pair_is_tested_and_all_are_adjusted_together():
    frame = scores(25, 0, 0, 1.5)
    pairs = wilcoxon_holm(frame)
    assert list(zip(pairs["first"], pairs["second"])) == [("a", "b"), ("a", "c"), ("b", "c")]
    np.testing.assert_allclose(pairs["p_holm"], holm(pairs["p"]))
    assert (pairs["p_holm"] < 0.05).tolist() == [False, True, True]
    assert (pairs["difference"][1:] < 0).all()
    assert pairs["difference"][0] == (frame["a"] - frame["b"]).median()


def test_adjusted_p_values_are_those_of_scikit_posthocs():
    frame = scores(25, 0, 0.2, 0.4, 0.8, 1.6)
    expected = posthoc_wilcoxon([frame[name] for name in frame], p_adjust="holm").to_numpy()
    np.testing.assert_allclose(wilcoxon_holm(frame)["p_holm"], expected[np.triu_indices(5, 1)])


def test_it_is_paired():
    # Blocks differ by far more than the strategies: only a paired test sees the difference.
    blocks = 100.0 * np.arange(20)
    frame = pandas.DataFrame({"a": blocks + scores(20, 1)["a"], "b": blocks})
    assert wilcoxon_holm(frame)["p"].item() < 0.01


def test_what_is_level_everywhere_is_not_told_apart():
    frame = pandas.DataFrame(np.full((8, 3), 0.5), columns=list("abc"))
    pairs = wilcoxon_holm(frame)
    assert pairs["p"].tolist() == pairs["p_holm"].tolist() == [1.0] * 3
    assert pairs["difference"].tolist() == [0.0] * 3


def test_rounding_does_not_rank():
    # 0.4 - 0.3 is larger than 0.3 - 0.2 in the last digit; both are 0.1.
    first, second = np.array([0.3, 0.9, 0.7, 0.4, 0.2]), np.array([0.2, 0.8, 0.6, 0.3, 0.3])
    whole = pandas.DataFrame({"a": np.round(10 * first), "b": np.round(10 * second)})
    (p,) = wilcoxon_holm(pandas.DataFrame({"a": first, "b": second}))["p"]
    assert p == wilcoxon_holm(whole)["p"].item()


def test_rounding_does_not_rank_accuracies_of_three_hundred_samples_either():
    """Rounding the scores would not do: 1/3 and 2/3 differ by more than 1/3 in the last digit."""
    counts = pandas.DataFrame(np.random.default_rng(0).integers(270, 300, size=(15, 4)))
    np.testing.assert_allclose(wilcoxon_holm(counts / 300)["p"], wilcoxon_holm(counts)["p"])


def test_p_values_are_uniform_where_nothing_differs():
    rng = np.random.default_rng(0)
    p = [wilcoxon_holm(pandas.DataFrame(rng.normal(size=(15, 2))))["p"].item() for _ in range(400)]
    assert abs(np.mean(np.array(p) < 0.1) - 0.1) < 4 * np.sqrt(0.1 * 0.9 / 400)


# Friedman and Nemenyi


def test_ranks_by_hand():
    frame = pandas.DataFrame({"a": [1.0, 2, 1, 2], "b": [3.0, 3, 3, 1], "c": [2.0, 1, 1, 3]})
    # Ranks a: 3 2 2.5 2; b: 1 1 1 3; c: 2 3 2.5 1.
    test = friedman_nemenyi(frame)
    assert test.ranks.to_dict() == {"b": 1.5, "c": 2.125, "a": 2.375}
    assert list(test.ranks.index) == list(test.p_values.index) == ["b", "c", "a"]
    assert test.num_blocks == 4


def test_friedmans_statistic_by_hand():
    # Three blocks, the same order in each: 12 n / (k (k + 1)) * sum (R - 2)^2 = 12 * 3 / 12 * 2.
    frame = pandas.DataFrame({"a": [1.0, 4, 1], "b": [2.0, 5, 3], "c": [3.0, 6, 9]})
    test = friedman_nemenyi(frame)
    assert test.statistic == pytest.approx(6.0)
    assert test.p == pytest.approx(np.exp(-3.0))  # chi-square of two degrees of freedom


def test_the_critical_difference_is_the_published_one():
    # Demšar 2006, section 3.2.2: q = 2.569 for four classifiers at 5 %, on 14 data sets: 1.25.
    assert friedman_nemenyi(scores(14, 0, 0, 0, 0)).critical_difference == pytest.approx(
        2.569 * np.sqrt(4 * 5 / (6 * 14)), abs=1e-3
    )
    strict = friedman_nemenyi(scores(14, 0, 0, 0, 0), alpha=0.1)
    assert strict.critical_difference == pytest.approx(2.291 * np.sqrt(4 * 5 / (6 * 14)), abs=1e-3)


def test_pairs_further_apart_than_the_critical_difference_have_small_p_values():
    test = friedman_nemenyi(scores(20, 0, 0.3, 1, 2))
    apart = np.abs(np.subtract.outer(test.ranks.to_numpy(), test.ranks.to_numpy()))
    significant = (test.p_values < test.alpha).to_numpy()
    np.testing.assert_array_equal(significant, apart > test.critical_difference)
    assert significant.any() and not significant.all()


def test_the_best_comes_first():
    test = friedman_nemenyi(scores(20, 0, 3, 6))
    assert list(test.ranks.index) == ["c", "b", "a"]
    assert test.p < 1e-6


def test_where_all_are_level_nothing_differs():
    frame = pandas.DataFrame(np.full((8, 3), 0.5), columns=list("abc"))
    test = friedman_nemenyi(frame)
    assert (test.statistic, test.p) == (0.0, 1.0)
    assert test.ranks.tolist() == [2.0] * 3
    assert (test.p_values == 1).all().all()


@pytest.mark.parametrize(
    ("function", "least", "frame"),
    [
        (wilcoxon_holm, 2, scores(5, 0)),
        (wilcoxon_holm, 2, scores(0, 0, 0)),
        (wilcoxon_holm, 2, scores(5, 0, 0).mask(lambda f: f == f.iloc[2, 1])),
        (wilcoxon_holm, 2, scores(5, 0, 0).replace(scores(5, 0, 0).iloc[1, 1], np.inf)),
        (friedman_nemenyi, 3, scores(5, 0, 0)),
        (friedman_nemenyi, 3, scores(5, 0, 0, 0).replace(scores(5, 0, 0, 0).iloc[1, 1], np.inf)),
        (friedman_nemenyi, 3, scores(5, 0, 0, 0).mask(lambda f: f == f.iloc[2, 1])),
    ],
)
def test_scores_that_cannot_be_tested_are_refused(function, least, frame):
    with pytest.raises(ValueError, match=f"at least {least} strategies in columns.*leave out"):
        function(frame)
