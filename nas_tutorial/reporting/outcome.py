"""What a finished search leaves in a folder: figures, the winner's model, a run card and a summary."""

import json
import time
from pathlib import Path

import matplotlib.pyplot as plt

from nas_tutorial.backend import versions
from nas_tutorial.files import replacing
from nas_tutorial.history import History, ask_record, tell_record
from nas_tutorial.loop.search import describe_search
from nas_tutorial.names import digest
from nas_tutorial.reporting import plots
from nas_tutorial.reporting.run_card import run_card, summarise
from nas_tutorial.strategies.base import Strategy

FILES = ["search.png", "architecture.png", "best.keras", "run_card.md", "summary.json"]


def earlier_summary(history: History, strategy: Strategy, evaluator, out: Path) -> dict | None:
    """The summary that `write_outcome` left in a folder, if it is that of this very search.

    So the winner of a finished search is not trained again, and the test set is not read twice. It
    is None where the search has gone on since, or was another one, or a file is not there.
    """
    try:
        summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):  # there is none yet, or it was damaged
        return None
    identity = _identity(history, strategy, evaluator)
    is_whole = isinstance(summary, dict) and all((out / name).exists() for name in FILES)
    return summary if is_whole and summary.get("search") == identity else None


def write_outcome(
    history: History, strategy: Strategy, evaluator, out: Path, *, budget, said=None
) -> dict:
    """Train the winner on training plus validation data, test it once, and write all `FILES`.

    Args:
        history: All trials; at least one succeeded and keeps the constraints.
        strategy: The strategy that proposed them.
        evaluator: What evaluated them, and trains the winner: one that has a method `final`, as
            `TrainingEvaluator` does.
        out: The folder; it must exist.
        budget: What the search was given, as to `search`: {"trials": 20}.
        said: Number of an item of the run card -> what is said about it.

    Returns:
        The summary, which is written last.

    Raises:
        ValueError: If no trial succeeded, or none keeps the constraints.
    """
    best = history.best(strategy.objective, strategy.constraints).candidate.architecture
    write_figures(history, strategy, out)
    start = time.perf_counter()
    model, test_metrics = evaluator.final(best, seed=strategy.seed)
    final_seconds = time.perf_counter() - start
    with replacing(out / "best.keras") as new:
        model.save(new)
    about = {"budget": budget, "final_seconds": final_seconds, "versions": versions(), "said": said}
    with replacing(out / "run_card.md") as new:
        new.write_text(run_card(history, strategy, evaluator, **about), encoding="utf-8")
    summary = summarise(
        history,
        strategy,
        dataset=evaluator.recipe.dataset.name,
        evaluator=type(evaluator).__name__,
        test_metrics=test_metrics,
        versions=versions(),
    )
    summary["search"] = _identity(history, strategy, evaluator)
    with replacing(out / "summary.json") as new:
        new.write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    return summary


def write_figures(history: History, strategy: Strategy, out: Path) -> None:
    """Draw how the search went (search.png), and what it found (architecture.png)."""
    objective, constraints = strategy.objective, strategy.constraints
    best = history.best(objective, constraints).candidate.architecture
    with plt.style.context(plots.STYLE):
        search, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
        plots.plot_incumbent(history, objective, constraints=constraints, ax=left)
        plots.plot_tradeoff(history, objective, constraints=constraints, ax=right)
        with replacing(out / "search.png") as new:
            search.savefig(new, dpi=150)
        plots.plot_graph(strategy.space.graph(best))
        with replacing(out / "architecture.png") as new:
            plt.savefig(new, dpi=150)
    plt.close(search)
    plt.close()


def _identity(history: History, strategy: Strategy, evaluator) -> str:
    """A short hash of all that a search was and found."""
    records = [describe_search(strategy, evaluator)]
    for trial in history:
        records += [ask_record(trial.number, trial.candidate, trial.seed), tell_record(trial)]
    return digest(records)
