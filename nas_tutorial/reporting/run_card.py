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
from dataclasses import KW_ONLY, dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

import pandas

from nas_tutorial.history import History
from nas_tutorial.loop.search import Evaluator, describe_evaluator
from nas_tutorial.statistics.costs import total_cost
from nas_tutorial.statistics.repeats import final_values
from nas_tutorial.strategies.base import Strategy

FEW_SEEDS = 10  # with fewer, the card asks why
LONG_RUN = 20  # seeds; more without a gap are named by their ends
RANDOM_SEARCH = ("random_search", "random search")  # as a comparison may call it


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
        "objective": objective.name,
        "best_value": best.value(objective.name),
        "best_trial": best.number,
        "best_architecture": list(best.candidate.architecture.values),
        **best.result.metrics,
        f"median_{objective.name}": statistics.median(t.value(objective.name) for t in rivals),
        **test_metrics,
        "seconds": sum(trial.result.seconds for trial in history),
        "versions": versions,
    }


def text(summary: dict, *, out: Path, files: list[str]) -> str:
    """The summary of a search as a few lines for the screen; of costs, those that were measured."""
    name, found = summary["objective"], summary["best_value"]
    median = summary[f"median_{name}"]
    places = 4 if abs(median) < 100 else 0  # none for counts
    tested = "test_" + name.removeprefix("val_")
    tested = tested if tested in summary else "test_accuracy"
    failed = f", {summary['failed']} failed" if summary["failed"] else ""
    units = {
        "parameters": "{:,} parameters",
        "flops": "{:,} FLOPs",
        "latency_ms": "{:.2f} ms a sample",
    }
    costs = [unit.format(summary[cost]) for cost, unit in units.items() if cost in summary]
    lines = [
        f"Searched {summary['space']} on {summary['dataset']} by {summary['strategy']}: "
        f"{summary['trials']} trials, {summary['bred']} of them bred{failed}, in "
        f"{summary['seconds']:.0f} s by {summary['evaluator']}.",
        f"Winner: trial {summary['best_trial']}, "
        + " ".join(map(str, summary["best_architecture"])),
        f"  {_spoken(name)} {found:,.{places}f}, {found - median:+,.{places}f} against the median "
        f"candidate ({median:,.{places}f})",
        f"  {_spoken(tested)} {summary[tested]:.4f}, after retraining on training plus validation; "
        "tested once"
        if tested in summary
        else "  No test set was set apart; the value above helped to choose, and flatters.",
        *([f"  {_spoken('costs')} {', '.join(costs)}"] if costs else []),
        f"Files in {out}: {', '.join(files)}",
    ]
    return "\n".join(lines)


def _spoken(metric: str) -> str:
    """The name of a metric in words, as wide as the longest of them."""
    return f"{metric.replace('val_', 'validation ').replace('_', ' '):<19}"


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


@dataclass(frozen=True)
class Study:
    """A finished search, and what you tell about it.

    Args:
        history: All trials; at least one succeeded.
        strategy: The strategy that proposed them.
        evaluator: What evaluated them.
        versions: Name of a package -> its version, as `backend.versions` gives them.
        budget: What the search was given, as to `search`: {"trials": 20}.
        comparison: What `repeats.compare` returned for this strategy and others. A strategy that is
            called random_search in it is taken for random search, its first trial for a random
            pick.
        runs: k, how many searches the result was chosen from.
        validation_seconds: T_valid, the time to validate the network that a search found, where
            that was done after the search.
        final_seconds: T_final, the time to train the chosen network for its final test.
    """

    history: History
    strategy: Strategy
    evaluator: Evaluator
    _: KW_ONLY
    versions: Mapping[str, str]
    budget: Mapping[str, float] | None = None
    comparison: pandas.DataFrame | None = None
    runs: int = 1
    validation_seconds: float = 0.0
    final_seconds: float | None = None


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
    said: Mapping[int, str] | None = None,
    **about,
) -> list[Practice]:
    """Go through the practices of the checklist, in its order, in this library's words.

    Args:
        history, strategy, evaluator: The search.
        said: Number of an item -> what you say about it.
        about: The further arguments of `Study`, of which `versions` is needed.

    Raises:
        ValueError: If no trial succeeded, `said` has an item that the checklist has not, or runs or
            a time cannot be (see `costs.total_cost`).

    Reference:
        Lindauer and Hutter 2020, Best practices for scientific research on neural architecture
        search (the checklist).
    """
    study, said = Study(history, strategy, evaluator, **about), dict(said or {})
    if not said.keys() <= set(range(1, len(PRACTICES) + 1)):
        raise ValueError(
            f"said must have numbers of items, 1 to {len(PRACTICES)}, as keys, got "
            f"{[*said]}. Look the numbers up in the card."
        )
    practices = []
    for number, (name, question, describe) in enumerate(PRACTICES, start=1):
        known, is_answered = describe(study)
        left = "" if is_answered else question
        practices.append(Practice(number, name, known, left, said.get(number, "")))
    return practices


# What describes a practice returns what the search knows of itself, and whether that answers the
# practice's question.


def _nothing(study: Study) -> tuple[str, bool]:
    return "", False


def _training_code(study: Study) -> tuple[str, bool]:
    name = _name(study.evaluator)
    if _is_ours(study.evaluator):
        return f"{name} of nas_tutorial {version('nas_tutorial')}.", True
    return f"Evaluated by {name}.", False


def _search_code(study: Study) -> tuple[str, bool]:
    if _is_ours(study.strategy):
        return f"{study.strategy.name} of nas_tutorial {version('nas_tutorial')}.", True
    return f"Proposed by {type(study.strategy).__name__}.", False


def _benchmark(study: Study) -> tuple[str, bool]:
    space = f"Space {study.strategy.space.name} of {study.strategy.space.size:,} architectures"
    settings = describe_evaluator(study.evaluator)
    settings = {k: value for k, value in settings.items() if k not in ("evaluator", "space")}
    if "table" in settings or "dataset" in settings:
        return f"{space}; {_name(study.evaluator)} with {_listed(settings)}.", True
    return f"{space}.", False


def _protocol(study: Study) -> tuple[str, bool]:
    if study.comparison is None:
        return "", False
    most = study.comparison.groupby("strategy", sort=False)["trial"].max()
    trials = _listed(most.to_dict())
    return f"By one evaluator and with one budget; trials a run at most: {trials}.", True


def _over_compute(study: Study) -> tuple[str, bool]:
    objective, history = study.strategy.objective, study.history
    best = history.incumbent(objective, study.strategy.constraints)
    seconds = pandas.Series([trial.result.seconds for trial in history]).cumsum()
    after = sorted({math.ceil(len(history) * share) for share in (1 / 8, 1 / 4, 1 / 2, 1)})
    steps = [
        f"{best[n - 1]:.4g} after {n} trials and {seconds[n - 1]:,.1f} s"
        for n in after
        if not math.isnan(best[n - 1])  # before the first success
    ]
    return f"Best {objective.name}: {', '.join(steps)}.", True


def _baselines(study: Study) -> tuple[str, bool]:
    if study.comparison is None:
        return "", False
    random = study.comparison[study.comparison["strategy"].isin(RANDOM_SEARCH)]
    if random.empty:
        return "", False
    first = random.loc[random["trial"] == 1, "incumbent"]
    values = {"random pick": first, **final_values(study.comparison)}
    listed = _listed({name: _counted(f"{v.median():.4g}", v) for name, v in values.items()})
    return f"Median of the best {study.strategy.objective.name} over seeds: {listed}.", True


def _seeds(study: Study) -> tuple[str, bool]:
    if study.comparison is None:
        return f"One search, seed {study.strategy.seed}.", False
    values = final_values(study.comparison)
    quartiles = {
        name: _counted(f"{ends.quantile(0.25):.4g} to {ends.quantile(0.75):.4g}", ends)
        for name, ends in values.items()
    }
    known = (
        f"{len(values)} seeds ({_numbers(list(values.index))}); quartiles of the best "
        f"{study.strategy.objective.name}: {_listed(quartiles)}."
    )
    return known, len(values) >= FEW_SEEDS


def _counted(text: str, values: pandas.Series) -> str:
    """What is said of the values, and where seeds have none, of how many it is said."""
    count = values.count()
    return text if count == len(values) else f"{text} ({count} of {len(values)} seeds)"


def _numbers(seeds: list[int]) -> str:
    """All of them; of a long run without a gap its ends."""
    if len(seeds) > LONG_RUN and seeds == list(range(seeds[0], seeds[-1] + 1)):
        return f"{seeds[0]} to {seeds[-1]}"
    return ", ".join(map(str, seeds))


def _table(study: Study) -> tuple[str, bool]:
    settings = describe_evaluator(study.evaluator)
    if "table" in settings:
        table = settings["table"]
        return f"Searched on the table {table}; seconds are those of its training runs.", True
    return "Networks were trained.", False


def _confounders(study: Study) -> tuple[str, bool]:
    machine = f"{platform.system()} on {platform.machine()}, {os.cpu_count()} cores"
    return f"{_listed(study.versions)}; {machine}.", True


def _settings(study: Study) -> tuple[str, bool]:
    shared = inspect.signature(Strategy.__init__).parameters
    usual = {
        parameter.name: parameter.default
        for parameter in inspect.signature(type(study.strategy).__init__).parameters.values()
        if parameter.kind is parameter.KEYWORD_ONLY and parameter.name not in shared
    }
    if not usual:
        return "It has no settings of its own.", False
    values = {name: getattr(study.strategy, name) for name in usual}
    changed = {name: value for name, value in values.items() if value != usual[name]}
    known = f"Changed from the defaults: {_listed(changed)}." if changed else "All at the defaults."
    return known, False


def _resources(study: Study) -> tuple[str, bool]:
    search_seconds = sum(trial.result.seconds for trial in study.history)
    runs = f"{study.runs} x ({search_seconds:,.1f} s + {study.validation_seconds:,.1f} s)"
    if study.final_seconds is None:
        return f"k (T_search + T_valid) = {runs}, without T_final.", False
    total = total_cost(
        search_seconds,
        validation_seconds=study.validation_seconds,
        final_seconds=study.final_seconds,
        runs=study.runs,
    )
    final = f"{study.final_seconds:,.1f} s = {total:,.1f} s."
    return f"k (T_search + T_valid) + T_final = {runs} + {final}", True


def _details(study: Study) -> tuple[str, bool]:
    history, strategy = study.history, study.strategy
    best = history.best(strategy.objective, strategy.constraints)
    given = f"budget {_listed(study.budget)}" if study.budget else "budget not noted"
    failed = sum(trial.failed for trial in history)
    known = (
        f"{_listed(strategy.describe())}; {given}; {len(history)} trials, {history.num_bred} bred, "
        f"{failed} failed; best is trial {best.number}: {best.candidate.architecture}."
    )
    return known, True


# In the order of the checklist: a practice, what to ask where the search does not know the answer,
# and what describes it.
# fmt: off
PRACTICES = (
    ("Release the code of the training pipeline", "where is its code?", _training_code),
    ("Release the code of the search method", "where is its code?", _search_code),
    ("Do not wait until the code is clean",
     "where is the code of your study, as it is?", _nothing),
    ("Use the same benchmark, not only the same data set",
     "which data, split how, and trained with which settings?", _benchmark),
    ("Run ablation studies", "what changes when a part of the strategy is left out?", _nothing),
    ("Evaluate all methods by the same protocol",
     "what was it compared with, and was all of that evaluated alike?", _protocol),
    ("Report performance over compute", "", _over_compute),
    ("Compare with random sampling and with random search",
     "what do a random network and random search reach with the same budget?", _baselines),
    ("Repeat with several seeds, and report them", "why so few seeds?", _seeds),
    ("Use tabular or surrogate benchmarks where there are any",
     "is there a table for this space and data, and why not that?", _table),
    ("Control confounders: hardware, versions, run time", "", _confounders),
    ("Report how the search method itself was tuned",
     "how were the settings chosen, and on which data?", _settings),
    ("Report all the time that led to the result",
     "how long did the final training take, and on what?", _resources),
    ("Report every detail of the set-up", "", _details),
)
# fmt: on


def _name(evaluator: Evaluator) -> str:
    return describe_evaluator(evaluator).get("evaluator", type(evaluator).__name__)


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
