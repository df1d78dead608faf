import numpy as np
import pandas
import pytest

from nas_tutorial.analysis import compare, quartiles
from nas_tutorial.loop import search
from nas_tutorial.randomness import trial_seed
from nas_tutorial.spaces import EdgeCellSpace
from nas_tutorial.strategies.genetic import Genetic
from nas_tutorial.strategies.random_search import RandomSearch
from nas_tutorial.trials import Objective, Result
from tests.toys import constant, fragile, hopeless, noisy, quick

SPACE = EdgeCellSpace()


def random_search(seed: int) -> RandomSearch:
    return RandomSearch(SPACE, seed=seed)


def least_seconds(seed: int) -> RandomSearch:
    return RandomSearch(SPACE, seed=seed, objective=Objective("seconds", "min"))


def genetic(seed: int) -> Genetic:
    return Genetic(SPACE, seed=seed)


def scripted(runs: dict[int, list[float | None]]):
    """An evaluator that gives trial n of the search with seed s the value runs[s][n]."""
    values = {trial_seed(seed, n): v for seed, run in runs.items() for n, v in enumerate(run)}

    def evaluator(candidate, *, seed):
        value = values[seed]
        if value is None:
            return Result({}, 1.0, error="failed")
        return Result({"val_accuracy": value}, 1.0)

    return evaluator


def test_a_comparison_has_one_row_a_trial():
    frame = compare(
        {"random": random_search, "genetic": genetic}, noisy, trials=20, seeds=[4, 2, 9]
    )
    assert list(frame.columns) == ["strategy", "seed", "trial", "incumbent"]
    assert len(frame) == 2 * 3 * 20
    assert frame["strategy"].unique().tolist() == ["random", "genetic"]
    assert frame["seed"].unique().tolist() == [4, 2, 9]
    assert frame.groupby(["strategy", "seed"])["trial"].apply(list).tolist() == (
        [list(range(1, 21))] * 6
    )


def test_a_comparison_holds_the_searches_that_each_seed_gives():
    frame = compare({"genetic": genetic}, noisy, trials=20, seeds=[1, 2])
    for seed in (1, 2):
        history = search(genetic(seed), noisy, trials=20, progress=False)
        found = frame.loc[frame["seed"] == seed, "incumbent"]
        np.testing.assert_array_equal(found, history.incumbent(Objective()))


def test_values_by_hand():
    runs = {0: [0.1, 0.4, 0.2], 1: [0.3, 0.2, 0.8], 2: [0.2, 0.9, 0.1]}
    frame = compare({"one": random_search}, scripted(runs), trials=3, seeds=runs)
    incumbents = [0.1, 0.4, 0.4, 0.3, 0.3, 0.8, 0.2, 0.9, 0.9]
    assert frame["incumbent"].tolist() == incumbents
    # Trial 1: 0.1 0.2 0.3; trial 2: 0.3 0.4 0.9; trial 3: 0.4 0.8 0.9. The lower quartile lies
    # half-way between the first two values, the upper one half-way between the last two.
    summary = quartiles(frame)
    assert summary["median"].tolist() == pytest.approx([0.2, 0.4, 0.8])
    assert summary["lower_quartile"].tolist() == pytest.approx([0.15, 0.35, 0.6])
    assert summary["upper_quartile"].tolist() == pytest.approx([0.25, 0.65, 0.85])


def test_quartiles_have_one_row_a_strategy_and_trial_in_the_order_of_the_comparison():
    strategies = {"zebra": random_search, "ant": genetic}
    summary = quartiles(compare(strategies, noisy, trials=20, seeds=range(3)))
    assert list(summary.columns) == [
        "strategy",
        "trial",
        "lower_quartile",
        "median",
        "upper_quartile",
    ]
    assert summary["strategy"].tolist() == ["zebra"] * 20 + ["ant"] * 20
    assert summary["trial"].tolist() == [*range(1, 21)] * 2
    assert (summary["lower_quartile"] <= summary["median"]).all()
    assert (summary["median"] <= summary["upper_quartile"]).all()


def test_the_quartiles_of_one_seed_are_its_curve():
    frame = compare({"one": random_search}, noisy, trials=10, seeds=[3])
    summary = quartiles(frame)
    for column in ("lower_quartile", "median", "upper_quartile"):
        assert summary[column].tolist() == frame["incumbent"].tolist()


def test_medians_never_get_worse():
    for make, sign in ((random_search, 1), (least_seconds, -1)):
        medians = quartiles(compare({"one": make}, quick, trials=30, seeds=range(5)))["median"]
        assert (sign * medians.diff().dropna() >= 0).all()
        assert sign * medians.iloc[-1] > sign * medians.iloc[0]


def test_constants_leave_nothing_to_tell_apart():
    frame = compare({"a": random_search, "b": genetic}, constant, trials=20, seeds=range(3))
    assert (frame["incumbent"] == 0.5).all()
    assert quartiles(frame).groupby("strategy")["median"].nunique().tolist() == [1, 1]


def test_before_the_first_success_there_is_no_incumbent():
    runs = {0: [None, 0.4, None], 1: [None, None, 0.6]}
    frame = compare({"one": random_search}, scripted(runs), trials=3, seeds=runs)
    nothing = float("nan")
    expected = pandas.Series(
        [nothing, 0.4, 0.4, nothing, nothing, 0.6], name="incumbent", dtype=float
    )
    pandas.testing.assert_series_equal(frame["incumbent"], expected)


def test_searches_with_failures_can_be_compared():
    frame = compare({"one": genetic}, fragile, trials=30, seeds=range(3))
    assert frame.loc[frame["trial"] == 30, "incumbent"].notna().all()
    nothing = compare({"one": random_search}, hopeless, trials=3, seeds=[0])
    assert nothing["incumbent"].isna().all()


def test_seeds_may_be_a_generator():
    frame = compare(
        {"a": random_search, "b": random_search}, noisy, trials=3, seeds=(s for s in range(2))
    )
    assert len(frame) == 2 * 2 * 3


@pytest.mark.parametrize(("strategies", "seeds"), [({}, [0]), ({"one": random_search}, [])])
def test_nothing_to_compare_is_refused(strategies, seeds):
    with pytest.raises(ValueError, match=r"must have a strategy and a seed, got .*\. Add one\."):
        compare(strategies, noisy, trials=3, seeds=seeds)
