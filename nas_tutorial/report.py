"""The run card: what a search was, what it found and what it cost, as data and as text."""

import statistics
from pathlib import Path

from nas_tutorial.strategies.base import Strategy
from nas_tutorial.trials import History


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
