"""Repeat searches over seeds, and look at what they reach: medians, quartiles, common grids.

One run of a search says little: another seed gives another result. `tests` has the tests.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import pandas

from nas_tutorial.history import History
from nas_tutorial.loop.search import Evaluator, search
from nas_tutorial.names import one_of, whole
from nas_tutorial.statistics.tests import ROUNDING
from nas_tutorial.strategies.base import Strategy


def compare(
    strategies: Mapping[str, Callable[[int], Strategy]],
    evaluator: Evaluator,
    *,
    trials: int | None = None,
    seconds: float | None = None,
    seeds: Iterable[int],
    catch: type[Exception] | tuple[type[Exception], ...] = (),
    curves: Mapping[str, Callable[[History], np.ndarray]] | None = None,
) -> pandas.DataFrame:
    """Run each strategy once per seed, all with the same budget.

    Equal seeds draw equal first candidates, so the runs are paired: curves of strategies that begin
    at random coincide until one of them breeds.

    Args:
        strategies: Name -> function of a seed that makes a fresh strategy.
        evaluator: What evaluates every candidate.
        trials: Evaluations a run.
        seconds: Evaluation time a run; give trials, seconds or both, as to `search`.
        seeds: One run each. Ten or more, if the conclusion is to hold.
        catch: Types of exceptions that make a failed trial, as to `search`.
        curves: Name of a further column -> function of a run's history that gives a value for each
            trial, such as {"regret": lambda history: regret(history, table)}.

    Returns:
        A frame with one row a trial: strategy, seed, trial (1, 2, ...), seconds (spent by then),
        incumbent (the objective of the best trial by then that keeps the strategy's constraints,
        NaN before the first), and a column for each of `curves`.

    Raises:
        ValueError: If there is no strategy, no seed or no budget.
    """
    seeds = list(seeds)
    whole("the number of strategies", len(strategies), 1, advice="Add one.")
    whole("the number of seeds", len(seeds), 1, advice="Add one.")
    runs = []
    for name, make in strategies.items():
        for seed in seeds:
            strategy = make(seed)
            history = search(
                strategy, evaluator, trials=trials, seconds=seconds, catch=catch, progress=False
            )
            columns = {
                "strategy": name,
                "seed": seed,
                "trial": np.arange(1, len(history) + 1),
                "seconds": np.cumsum([trial.result.seconds for trial in history]),
                "incumbent": history.incumbent(strategy.objective, strategy.constraints),
            }
            columns |= {curve: function(history) for curve, function in (curves or {}).items()}
            runs.append(pandas.DataFrame(columns))
    return pandas.concat(runs, ignore_index=True)


def on_grid(
    comparison: pandas.DataFrame, grid: Sequence[float], *, over: str = "seconds"
) -> pandas.DataFrame:
    """What each run had reached at each point of a grid that all runs share.

    Use it where runs differ in their numbers of trials, or where a trial of one strategy costs more
    than one of another. Values step from trial to trial and are never interpolated. A run that has
    ended keeps its last values, so let the grid end where the shortest run does.

    Args:
        comparison: What `compare` returns.
        grid: Seconds spent, or numbers of trials.
        over: "seconds" or "trial": which of them.

    Returns:
        A frame with one row for each run and point of the grid: strategy, seed, `over`, and the
        curves of the comparison; NaN before the run's first trial is finished.

    Raises:
        ValueError: If `over` is neither.
    """
    one_of("over", over, ("seconds", "trial"))
    curves = comparison.columns.drop(["strategy", "seed", "trial", "seconds"])
    runs = []
    for (strategy, seed), run in comparison.groupby(["strategy", "seed"], sort=False):
        reached = np.asarray(grid) * (1 + ROUNDING)  # 3 x 0.1 s are 0.30000000000000004 s
        last = np.searchsorted(run[over], reached, side="right") - 1  # -1: none is finished
        values = np.where(last[:, None] < 0, np.nan, run[curves].to_numpy(float)[last])
        columns = {"strategy": strategy, "seed": seed, over: grid, **dict(zip(curves, values.T))}
        runs.append(pandas.DataFrame(columns))
    return pandas.concat(runs, ignore_index=True)


def quartiles(
    comparison: pandas.DataFrame, column: str = "incumbent", *, over: str = "trial"
) -> pandas.DataFrame:
    """Summarise `compare` or `on_grid` over seeds.

    Args:
        comparison: Runs with equal numbers of trials, or on a common grid.
        column: Which curve.
        over: "trial" or "seconds": along what.

    Returns:
        A frame with strategy, `over`, and the lower quartile, median and upper quartile of the
        curve there; strategies in the order in which they were compared. They are those of the runs
        that have a value: `seeds` says how many have one, `missing` how many have none.
    """
    grouped = comparison.groupby(["strategy", over], sort=False)[column]
    levels = {"lower_quartile": 0.25, "median": 0.5, "upper_quartile": 0.75}
    columns = {name: grouped.quantile(level) for name, level in levels.items()}
    seeds, runs = grouped.count(), comparison.groupby("strategy")["seed"].nunique()
    missing = runs.reindex(seeds.index, level="strategy") - seeds
    return pandas.DataFrame({**columns, "seeds": seeds, "missing": missing}).reset_index()


def final_values(comparison: pandas.DataFrame, column: str = "incumbent") -> pandas.DataFrame:
    """Where each run ended: one row a seed, one column a strategy, as `tests` takes them.

    NaN where a run's last value is.
    """
    last = comparison.groupby(["seed", "strategy"], sort=False)[column].last(skipna=False)
    return last.unstack("strategy")[comparison["strategy"].unique()]
