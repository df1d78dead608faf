"""The run card: what a search was, what it found and what it cost, as data and as text.

`summarise` and `text` are the search in a few values and a few lines. `run_card` goes through a
checklist of good practice: what the search knows of itself is filled in, the rest is asked for.
"""

import inspect
import math
import os
import platform
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

import pandas

from nas_tutorial.history import History
from nas_tutorial.loop.search import Evaluator, recipe
from nas_tutorial.statistics.costs import total_cost
from nas_tutorial.statistics.repeats import final_values
from nas_tutorial.strategies.base import Strategy
from nas_tutorial.strategies.random_search import RandomSearch

FEW_SEEDS = 10  # with fewer, the card asks why
LONG_RUN = 20  # seeds; more without a gap are named by their ends


def summarise(
    history: History,
    strategy: Strategy,
    *,
    dataset: str,
    evaluator: str,
    test_metrics: dict,
    versions: dict,
) -> dict:
    """A finished search in a few JSON-ready values.

    Args:
        history: All trials; at least one succeeded.
        strategy: The strategy that proposed them.
        dataset: Name of the data set.
        evaluator: Name of the evaluator's class.
        test_metrics: What the final test measured, such as test_accuracy in [0, 1].
        versions: Name of a package -> its version.

    Returns:
        The winner with its validation and test metrics and costs, the median of those trained for
        as many epochs beside it, how many trials were bred and how many failed, and the seconds of
        all evaluations.

    Raises:
        ValueError: If no trial succeeded.
    """
    objective = strategy.objective
    best = history.best(objective, strategy.constraints)
    succeeded = [trial for trial in history if not trial.failed]
    rivals = [trial for trial in succeeded if trial.candidate.epochs == best.candidate.epochs]
    return {
        "dataset": dataset,
        "space": strategy.space.name,
        "strategy": strategy.name,
        "evaluator": evaluator,
        "trials": len(history),
        "bred": history.num_bred,
        "failed": len(history) - len(succeeded),
        "seed": strategy.seed,
        "best_trial": best.number,
        "best_architecture": list(best.candidate.architecture.values),
        **best.result.metrics,
        f"median_{objective.name}": statistics.median(t.value(objective.name) for t in rivals),
        **test_metrics,
        "seconds": sum(trial.result.seconds for trial in history),
        "versions": versions,
    }


def text(summary: dict, *, out: Path, files: list[str]) -> str:
    """The summary of a search on accuracy as a few lines for the screen."""
    val, median = summary["val_accuracy"], summary["median_val_accuracy"]
    failed = f", {summary['failed']} failed" if summary["failed"] else ""
    return "\n".join(
        [
            f"Searched {summary['space']} on {summary['dataset']} by {summary['strategy']}: "
            f"{summary['trials']} trials, {summary['bred']} of them bred{failed}, in "
            f"{summary['seconds']:.0f} s by {summary['evaluator']}.",
            f"Winner: trial {summary['best_trial']}, "
            + " ".join(map(str, summary["best_architecture"])),
            f"  validation accuracy {val:.4f}, {val - median:+.4f} against the median candidate "
            f"({median:.4f})",
            f"  test accuracy       {summary['test_accuracy']:.4f}, after retraining on training "
            "plus validation; tested once",
            f"  parameters          {summary['parameters']:,}, {summary['flops']:,} FLOPs, "
            f"{summary['latency_ms']:.2f} ms a sample",
            f"Files in {out}: {', '.join(files)}",
        ]
    )


@dataclass(frozen=True)
class Practice:
    """One item of the checklist, and what is said about it.

    Args:
        number: Its place in the checklist, from 1.
        name: What good practice is.
        known: What the search knows of itself; empty where it knows nothing.
        question: What is left for you to say; empty where nothing is.
        said: What you said.
    """

    number: int
    name: str
    known: str = ""
    question: str = ""
    said: str = ""

    @property
    def is_open(self) -> bool:
        """Whether something is left for you to say."""
        return bool(self.question) and not self.said

    def markdown(self) -> str:
        """One line of a task list, ticked where nothing is left to say."""
        parts = [self.known, self.said, f"To be said by you: {self.question}" * self.is_open]
        box = " " if self.is_open else "x"
        return f"- [{box}] **{self.number}. {self.name}.** {' '.join(filter(None, parts))}"


def run_card(history: History, strategy: Strategy, evaluator: Evaluator, **about) -> str:
    """The checklist about a finished search, as Markdown; the arguments are those of `checklist`."""
    practices = checklist(history, strategy, evaluator, **about)
    num_open = sum(practice.is_open for practice in practices)
    return "\n".join(
        [
            f"# Run card: {strategy.name} on {strategy.space.name}, seed {strategy.seed}",
            "",
            "By the checklist of Lindauer and Hutter 2020, Best practices for scientific research "
            f"on neural architecture search. {len(practices) - num_open} of {len(practices)} items "
            f"are said, {num_open} are to be said by you.",
            "",
            *(practice.markdown() for practice in practices),
            "",
        ]
    )


def checklist(
    history: History,
    strategy: Strategy,
    evaluator: Evaluator,
    *,
    versions: Mapping[str, str],
    budget: Mapping[str, float] | None = None,
    comparison: pandas.DataFrame | None = None,
    runs: int = 1,
    validation_seconds: float = 0.0,
    final_seconds: float | None = None,
    said: Mapping[int, str] | None = None,
) -> list[Practice]:
    """Go through the practices of the checklist, in its order, in this library's words.

    Args:
        history: All trials; at least one succeeded.
        strategy: The strategy that proposed them.
        evaluator: What evaluated them.
        versions: Name of a package -> its version, as `backend.versions` gives them.
        budget: What the search was given, as to `search`: {"trials": 20}.
        comparison: What `analysis.compare` returned for this strategy and others. A strategy that
            is called random_search in it is taken for random search, its first trial for a random
            pick.
        runs: k, how many searches the result was chosen from.
        validation_seconds: T_valid, what it took to validate the network that a search found, where
            that was done after the search.
        final_seconds: T_final, what it took to train the chosen network for its final test.
        said: Number of an item -> what you say about it.

    Raises:
        ValueError: If no trial succeeded, `said` has an item that the checklist has not, or runs or
            a time cannot be (see `costs.total_cost`).

    Reference:
        Lindauer and Hutter 2020, Best practices for scientific research on neural architecture
        search (the checklist).
    """
    known = {
        1: _training_code(evaluator),
        2: _search_code(strategy),
        4: _benchmark(strategy, evaluator),
        6: _protocol(comparison),
        7: (_over_compute(history, strategy), ""),
        8: _baselines(comparison, strategy),
        9: _seeds(comparison, strategy),
        10: _table(evaluator),
        11: (_confounders(versions), ""),
        12: (_settings(strategy), "how were the settings chosen, and on which data?"),
        13: _resources(history, runs, validation_seconds, final_seconds),
        14: (_details(history, strategy, evaluator, budget), ""),
    }
    said = dict(said or {})
    if not said.keys() <= _PRACTICES.keys():
        raise ValueError(
            f"said must have numbers of items, 1 to {len(_PRACTICES)}, as keys, got "
            f"{[*said]}. Look the numbers up in the card."
        )
    return [
        Practice(number, name, *known.get(number, ("", question)), said.get(number, ""))
        for number, (name, question) in _PRACTICES.items()
    ]


_PRACTICES = {  # number -> name, and what to ask where the search knows nothing
    1: ("Release the code of the training pipeline", ""),
    2: ("Release the code of the search method", ""),
    3: ("Do not wait until the code is clean", "where is the code of your study, as it is?"),
    4: ("Use the same benchmark, not only the same data set", ""),
    5: ("Run ablation studies", "what changes when a part of the strategy is left out?"),
    6: ("Evaluate all methods by the same protocol", ""),
    7: ("Report performance over compute", ""),
    8: ("Compare with random sampling and with random search", ""),
    9: ("Repeat with several seeds, and report them", ""),
    10: ("Use tabular or surrogate benchmarks where there are any", ""),
    11: ("Control confounders: hardware, versions, run time", ""),
    12: ("Report how the search method itself was tuned", ""),
    13: ("Report all the time that led to the result", ""),
    14: ("Report every detail of the set-up", ""),
}
_Known = tuple[str, str]  # what is known, and what is left to ask


def _training_code(evaluator: Evaluator) -> _Known:
    name = _name(evaluator)
    if _is_ours(evaluator):
        return f"{name} of nas_tutorial {version('nas_tutorial')}.", ""
    return f"Evaluated by {name}.", f"where is the code of {name}?"


def _search_code(strategy: Strategy) -> _Known:
    if _is_ours(strategy):
        return f"{strategy.name} of nas_tutorial {version('nas_tutorial')}.", ""
    name = type(strategy).__name__
    return f"Proposed by {name}.", f"where is the code of {name}?"


def _benchmark(strategy: Strategy, evaluator: Evaluator) -> _Known:
    space = f"Space {strategy.space.name} of {strategy.space.size:,} architectures"
    settings = {
        name: value
        for name, value in recipe(evaluator).items()
        if name not in ("evaluator", "space")
    }
    if "table" in settings or "dataset" in settings:
        return f"{space}; {_name(evaluator)} with {_listed(settings)}.", ""
    return f"{space}.", "which data, split how, and trained with which settings?"


def _protocol(comparison: pandas.DataFrame | None) -> _Known:
    if comparison is None:
        return "", "what was it compared with, and was all of that evaluated alike?"
    most = comparison.groupby("strategy", sort=False)["trial"].max()
    trials = _listed(most.to_dict())
    return f"By one evaluator and with one budget; trials a run at most: {trials}.", ""


def _over_compute(history: History, strategy: Strategy) -> str:
    best = history.incumbent(strategy.objective, strategy.constraints)
    seconds = pandas.Series([trial.result.seconds for trial in history]).cumsum()
    after = sorted({math.ceil(len(history) * share) for share in (1 / 8, 1 / 4, 1 / 2, 1)})
    steps = [
        f"{best[n - 1]:.4g} after {n} trials and {seconds[n - 1]:,.1f} s"
        for n in after
        if not math.isnan(best[n - 1])  # before the first success
    ]
    return f"Best {strategy.objective.name}: {', '.join(steps)}."


def _baselines(comparison: pandas.DataFrame | None, strategy: Strategy) -> _Known:
    asks = "what do a random network and random search reach with the same budget?"
    if comparison is None:
        return "", asks
    random = comparison[comparison["strategy"].str.replace(" ", "_") == RandomSearch.name]
    if random.empty:
        return "", asks
    first = random.loc[random["trial"] == 1, "incumbent"].median()
    medians = final_values(comparison).median().to_dict()
    listed = _listed({"random pick": first, **medians})
    return f"Median of the best {strategy.objective.name} over seeds: {listed}.", ""


def _seeds(comparison: pandas.DataFrame | None, strategy: Strategy) -> _Known:
    if comparison is None:
        return f"One search, seed {strategy.seed}.", "what do other seeds give?"
    values = final_values(comparison)
    low, high = values.quantile(0.25), values.quantile(0.75)
    quartiles = {name: f"{low[name]:.4g} to {high[name]:.4g}" for name in values}
    known = (
        f"{len(values)} seeds ({_numbers(list(values.index))}); quartiles of the best "
        f"{strategy.objective.name}: {_listed(quartiles)}."
    )
    return known, "why so few seeds?" if len(values) < FEW_SEEDS else ""


def _numbers(seeds: list[int]) -> str:
    """All of them; of a long run without a gap its ends."""
    if len(seeds) > LONG_RUN and seeds == list(range(seeds[0], seeds[-1] + 1)):
        return f"{seeds[0]} to {seeds[-1]}"
    return ", ".join(map(str, seeds))


def _table(evaluator: Evaluator) -> _Known:
    settings = recipe(evaluator)
    if "table" in settings:
        return f"Searched on the table {settings['table']}; seconds are those of its trainings.", ""
    return "Networks were trained.", "is there a table for this space and data, and why not that?"


def _confounders(versions: Mapping[str, str]) -> str:
    machine = f"{platform.system()} on {platform.machine()}, {os.cpu_count()} cores"
    return f"{_listed(versions)}; {machine}."


def _settings(strategy: Strategy) -> str:
    shared = inspect.signature(Strategy.__init__).parameters
    own = inspect.signature(type(strategy).__init__).parameters.values()
    own = [one for one in own if one.kind is one.KEYWORD_ONLY and one.name not in shared]
    usual = {one.name: one.default for one in own}
    if not usual:
        return "It has no settings of its own."
    changed = {name: getattr(strategy, name) for name in usual}
    changed = {name: value for name, value in changed.items() if value != usual[name]}
    return f"Changed from the defaults: {_listed(changed)}." if changed else "All at the defaults."


def _resources(
    history: History, runs: int, validation_seconds: float, final_seconds: float | None
) -> _Known:
    search_seconds = sum(trial.result.seconds for trial in history)
    each = f"{runs} x ({search_seconds:,.1f} s + {validation_seconds:,.1f} s)"
    if final_seconds is None:
        asks = "how long did the final training take, and on what?"
        return f"k (T_search + T_valid) = {each}, without T_final.", asks
    total = total_cost(
        search_seconds,
        validation_seconds=validation_seconds,
        final_seconds=final_seconds,
        runs=runs,
    )
    return (
        f"k (T_search + T_valid) + T_final = {each} + {final_seconds:,.1f} s = {total:,.1f} s.",
        "",
    )


def _details(
    history: History,
    strategy: Strategy,
    evaluator: Evaluator,
    budget: Mapping[str, float] | None,
) -> str:
    best = history.best(strategy.objective, strategy.constraints)
    given = f"budget {_listed(budget)}" if budget else "budget not noted"
    failed = sum(trial.failed for trial in history)
    return (
        f"{_listed(strategy.describe())}; {given}; {len(history)} trials, {history.num_bred} bred, "
        f"{failed} failed; best is trial {best.number}: {best.candidate.architecture}."
    )


def _name(evaluator: Evaluator) -> str:
    return recipe(evaluator).get("evaluator", type(evaluator).__name__)


def _is_ours(thing: object) -> bool:
    """Whether the code of a strategy or evaluator is this library's."""
    while isinstance(thing, partial):
        thing = thing.func
    return getattr(thing, "__module__", "").startswith("nas_tutorial.")


def _listed(values: Mapping) -> str:
    """Names and values in a row; numbers with four digits."""
    return ", ".join(
        f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in values.items()
    )
