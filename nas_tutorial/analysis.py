"""Statistics of searches: repeat over seeds, then look at medians and quartiles.

One run of a search says little: another seed gives another result.
"""

from collections.abc import Callable, Iterable, Mapping

import pandas

from nas_tutorial.loop import Evaluator, search
from nas_tutorial.strategies.base import Strategy


def compare(
    strategies: Mapping[str, Callable[[int], Strategy]],
    evaluator: Evaluator,
    *,
    trials: int,
    seeds: Iterable[int],
) -> pandas.DataFrame:
    """Run each strategy once per seed, all with the same number of trials.

    Equal seeds draw equal first candidates, so the runs are paired: curves of strategies that begin
    at random coincide until one of them breeds.

    Args:
        strategies: Name -> function of a seed that makes a fresh strategy.
        evaluator: What evaluates every candidate.
        trials: Evaluations a run.
        seeds: One run each. Ten or more, if the conclusion is to hold.

    Returns:
        A frame with one row a trial: strategy, seed, trial (1, 2, ...), and incumbent, the best
        objective value found up to there (NaN before the first success).

    Raises:
        ValueError: If there is no strategy or no seed.
    """
    seeds = list(seeds)
    if not strategies or not seeds:
        raise ValueError(
            f"a comparison must have a strategy and a seed, got {len(strategies)} strategies and "
            f"{len(seeds)} seeds. Add one."
        )
    runs = []
    for name, make in strategies.items():
        for seed in seeds:
            strategy = make(seed)
            history = search(strategy, evaluator, trials=trials, progress=False)
            runs.append(
                pandas.DataFrame(
                    {
                        "strategy": name,
                        "seed": seed,
                        "trial": range(1, len(history) + 1),
                        "incumbent": history.incumbent(strategy.objective),
                    }
                )
            )
    return pandas.concat(runs, ignore_index=True)


def quartiles(comparison: pandas.DataFrame) -> pandas.DataFrame:
    """Summarise `compare` over seeds.

    Returns:
        A frame with strategy, trial, and the lower quartile, median and upper quartile of the
        incumbents at that trial; strategies in the order in which they were compared.
    """
    grouped = comparison.groupby(["strategy", "trial"], sort=False)["incumbent"]
    levels = {"lower_quartile": 0.25, "median": 0.5, "upper_quartile": 0.75}
    return pandas.DataFrame(
        {name: grouped.quantile(level) for name, level in levels.items()}
    ).reset_index()
