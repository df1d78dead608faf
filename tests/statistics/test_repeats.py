import numpy as np
import pandas
import pytest

from nas_tutorial.loop.search import search
from nas_tutorial.randomness import trial_seed
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.statistics.repeats import compare, final_values, on_grid, quartiles
from nas_tutorial.strategies.genetic import Genetic
from nas_tutorial.strategies.random_search import RandomSearch
from nas_tutorial.trials import Constraint, Objective, Result
from tests.toys import constant, fails_on, fragile, hopeless, noisy, quick

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
    assert list(frame.columns) == ["strategy", "seed", "trial", "seconds", "incumbent"]
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


def test_seconds_add_up_within_a_run():
    frame = compare({"one": random_search}, quick, trials=10, seeds=[1, 2])
    for seed in (1, 2):
        history = search(random_search(seed), quick, trials=10, progress=False)
        spent = np.cumsum([trial.result.seconds for trial in history])
        np.testing.assert_array_equal(frame.loc[frame["seed"] == seed, "seconds"], spent)


def test_runs_may_have_a_budget_in_seconds():
    frame = compare({"one": random_search}, quick, seconds=20.0, seeds=range(3))
    for _, run in frame.groupby("seed"):
        assert run["seconds"].iloc[-1] >= 20 > run["seconds"].iloc[-2]


def test_the_incumbent_keeps_the_constraints_of_the_strategy():
    # Published mistake: a random search that was compared without the limit of the others.
    limit = Constraint("parameters", 200)  # at most one convolution of six

    def limited(seed: int) -> RandomSearch:
        return RandomSearch(SPACE, seed=seed, constraints=[limit])

    frame = compare({"free": random_search, "limited": limited}, quick, trials=40, seeds=range(3))
    final = final_values(frame)
    assert (final["limited"] == 1 / 6).all() and (final["free"] > 1 / 6).all()


def test_further_curves_become_columns():
    def seen(history) -> np.ndarray:
        return np.array([len({t.candidate for t in history[:n]}) for n in range(1, 21)])

    frame = compare({"one": genetic}, noisy, trials=20, seeds=[3], curves={"seen": seen})
    history = search(genetic(3), noisy, trials=20, progress=False)
    np.testing.assert_array_equal(frame["seen"], seen(history))
    assert quartiles(frame, "seen")["median"].tolist() == frame["seen"].tolist()


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
        "seeds",
        "missing",
    ]
    assert summary["strategy"].tolist() == ["zebra"] * 20 + ["ant"] * 20
    assert summary["trial"].tolist() == [*range(1, 21)] * 2
    assert (summary["lower_quartile"] <= summary["median"]).all()
    assert (summary["median"] <= summary["upper_quartile"]).all()


def test_quartiles_say_how_many_seeds_stand_behind_them():
    """With a constraint, early medians are those of the few runs that had found something."""
    runs = {0: [None, 0.4, 0.5], 1: [None, None, 0.6], 2: [0.9, 0.9, 0.9]}
    summary = quartiles(compare({"one": random_search}, scripted(runs), trials=3, seeds=runs))
    assert summary["median"].tolist() == pytest.approx([0.9, 0.65, 0.6])
    assert summary["seeds"].tolist() == [1, 2, 3]
    assert summary["missing"].tolist() == [2, 1, 0]


def test_a_run_that_ended_earlier_is_missing():
    summary = quartiles(pandas.concat([FRAME[:3], FRAME[:2].assign(seed=1)]))
    assert summary["seeds"].tolist() == [2, 2, 1] and summary["missing"].tolist() == [0, 0, 1]


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


def test_errors_that_are_caught_are_failures_of_a_comparison_too():
    def brittle(candidate, *, seed):
        if fails_on(candidate):
            raise ZeroDivisionError
        return noisy(candidate, seed=seed)

    strategies = {"random": lambda seed: RandomSearch(EdgeCellSpace(), seed=seed)}
    found = [
        compare(strategies, evaluator, trials=20, seeds=[3], catch=ZeroDivisionError)["incumbent"]
        for evaluator in (brittle, fragile)
    ]
    np.testing.assert_array_equal(*found)
    with pytest.raises(ZeroDivisionError):
        compare(strategies, brittle, trials=20, seeds=[3])


def test_seeds_may_be_a_generator():
    frame = compare(
        {"a": random_search, "b": random_search}, noisy, trials=3, seeds=(s for s in range(2))
    )
    assert len(frame) == 2 * 2 * 3


@pytest.mark.parametrize(
    ("strategies", "seeds", "what"),
    [({}, [0], "strategies"), ({"one": random_search}, [], "seeds")],
)
def test_nothing_to_compare_is_refused(strategies, seeds, what):
    with pytest.raises(ValueError, match=rf"number of {what} must be .* got 0\. Add one\."):
        compare(strategies, noisy, trials=3, seeds=seeds)


# A common grid

FRAME = pandas.DataFrame(
    {
        "strategy": ["a", "a", "a", "b", "b"],
        "seed": [0, 0, 0, 0, 0],
        "trial": [1, 2, 3, 1, 2],
        "seconds": [2.0, 4.0, 9.0, 5.0, 10.0],
        "incumbent": [0.1, 0.3, 0.6, 0.2, 0.8],
        "regret": [0.9, 0.7, 0.4, 0.8, 0.2],
    }
)


def test_what_was_reached_after_some_seconds_by_hand():
    grid = [0, 2, 3.9, 4, 8, 20]
    at = on_grid(FRAME, grid)
    assert list(at.columns) == ["strategy", "seed", "seconds", "incumbent", "regret"]
    assert at["strategy"].tolist() == ["a"] * 6 + ["b"] * 6
    assert at["seconds"].tolist() == grid * 2
    nothing = float("nan")
    # Published mistake: interpolated curves show an accuracy that nobody had yet.
    expected = [nothing, 0.1, 0.1, 0.3, 0.3, 0.6, nothing, nothing, nothing, nothing, 0.2, 0.8]
    np.testing.assert_array_equal(at["incumbent"], expected)
    regret = [nothing, 0.9, 0.9, 0.7, 0.7, 0.4, nothing, nothing, nothing, nothing, 0.8, 0.2]
    np.testing.assert_array_equal(at["regret"], regret)


def test_a_run_that_has_ended_keeps_its_value_on_a_grid_of_trials():
    at = on_grid(FRAME, [1, 2, 3], over="trial")
    assert at["incumbent"].tolist() == [0.1, 0.3, 0.6, 0.2, 0.8, 0.8]


def test_on_the_grid_of_its_own_trials_a_comparison_is_itself():
    frame = compare({"b": genetic, "a": random_search}, noisy, trials=20, seeds=[2, 1])
    at = on_grid(frame, range(1, 21), over="trial")
    pandas.testing.assert_frame_equal(at, frame.drop(columns="seconds"), check_dtype=False)


def test_quartiles_over_seconds_are_those_at_each_second():
    frame = compare({"b": genetic, "a": random_search}, quick, trials=20, seeds=range(5))
    at = on_grid(frame, [5.0, 10.0, 15.0])
    summary = quartiles(at, over="seconds")
    assert list(summary.columns)[:2] == ["strategy", "seconds"]
    for strategy, second in (("b", 5.0), ("a", 15.0)):
        last = [
            run.loc[run["seconds"] <= second, "incumbent"].iloc[-1]
            for _, run in frame[frame["strategy"] == strategy].groupby("seed")
        ]
        row = summary[(summary["strategy"] == strategy) & (summary["seconds"] == second)]
        assert row["median"].item() == np.median(last)
        assert row["upper_quartile"].item() == np.quantile(last, 0.75)


def test_rounding_of_summed_seconds_does_not_decide_what_was_reached():
    """Three times 0.1 s are 0.30000000000000004 s, and reached at 0.3 s."""
    seconds = np.cumsum([0.1, 0.1, 0.1])
    frame = FRAME[:3].assign(seconds=seconds)
    assert on_grid(frame, [0.1, 0.2, 0.3])["incumbent"].tolist() == [0.1, 0.3, 0.6]


def test_a_grid_over_anything_else_is_refused():
    with pytest.raises(ValueError, match="over must be one of seconds, trial; got 'second'"):
        on_grid(FRAME, [1], over="second")


# Ends and baselines


def test_final_values_have_one_row_a_seed_and_one_column_a_strategy():
    frame = compare({"zebra": genetic, "ant": random_search}, noisy, trials=20, seeds=[7, 3])
    final = final_values(frame)
    assert final.columns.tolist() == ["zebra", "ant"] and final.index.tolist() == [7, 3]
    for name, make in (("zebra", genetic), ("ant", random_search)):
        history = search(make(3), noisy, trials=20, progress=False)
        assert final.loc[3, name] == history.incumbent(Objective())[-1]
    assert final_values(FRAME, "regret").to_numpy().tolist() == [[0.4, 0.2]]


def test_a_run_without_a_success_has_no_final_value():
    frame = compare({"a": random_search}, hopeless, trials=3, seeds=[0])
    assert final_values(frame).isna().all().all()


def test_a_run_whose_last_value_is_missing_has_no_final_value():
    ended = FRAME.assign(regret=[0.9, 0.7, np.nan, 0.8, 0.2])
    final = final_values(ended, "regret").iloc[0]
    assert np.isnan(final["a"]) and final["b"] == 0.2
