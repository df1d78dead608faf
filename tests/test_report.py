import json
import statistics
from pathlib import Path

import pytest

from nas_tutorial.loop import search
from nas_tutorial.report import summarise, text
from nas_tutorial.spaces import EdgeCellSpace
from nas_tutorial.strategies.genetic import Genetic
from nas_tutorial.strategies.random_search import RandomSearch
from nas_tutorial.strategies.successive_halving import SuccessiveHalving
from nas_tutorial.trials import Constraint, Objective, Result
from tests.toys import fails_on, fragile, hopeless, noisy

SPACE = EdgeCellSpace()


def measured(candidate, *, seed):
    if fails_on(candidate):
        return Result({}, 2.0, error="failed")
    exact = noisy(candidate, seed=seed)
    return Result({**exact.metrics, "flops": 12_345, "latency_ms": 0.5}, 2.0)


def summary_of(history, strategy, **changed) -> dict:
    return summarise(
        history,
        strategy,
        **{
            "dataset": "toy",
            "evaluator": "Toy",
            "test_metrics": {"test_accuracy": 0.75},
            "versions": {"python": "3"},
            **changed,
        },
    )


def test_a_summary_says_what_the_search_was_and_found():
    strategy = Genetic(SPACE, seed=4)
    history = search(strategy, fragile, trials=40, progress=False)
    summary = summary_of(history, strategy)
    best = history.best(Objective())
    succeeded = [trial.value("val_accuracy") for trial in history if not trial.failed]
    assert summary == {
        "dataset": "toy",
        "space": "edge_cell",
        "strategy": "genetic",
        "evaluator": "Toy",
        "trials": 40,
        "bred": sum(bool(trial.candidate.parents) for trial in history),
        "failed": 40 - len(succeeded),
        "seed": 4,
        "best_trial": best.number,
        "best_architecture": list(best.candidate.architecture.values),
        "val_accuracy": max(succeeded),
        "parameters": best.value("parameters"),
        "median_val_accuracy": statistics.median(succeeded),
        "test_accuracy": 0.75,
        "seconds": sum(trial.result.seconds for trial in history),
        "versions": {"python": "3"},
    }
    assert 0 < summary["failed"] < 40 and 0 < summary["bred"] < 40
    assert json.loads(json.dumps(summary)) == summary


def test_the_seconds_are_those_of_all_trials_not_of_the_winner():
    strategy = RandomSearch(SPACE)
    history = search(strategy, fragile, trials=10, progress=False)
    seconds = summary_of(history, strategy)["seconds"]
    assert seconds > max(trial.result.seconds for trial in history)


def test_the_winner_keeps_the_constraints():
    strategy = RandomSearch(SPACE, constraints=[Constraint("parameters", 200)])
    history = search(strategy, noisy, trials=40, progress=False)
    assert summary_of(history, strategy)["parameters"] <= 200
    assert summary_of(history, RandomSearch(SPACE))["parameters"] > 200


def test_another_objective_has_a_median_of_its_own():
    strategy = RandomSearch(SPACE, objective=Objective("parameters", "min"))
    history = search(strategy, noisy, trials=41, progress=False)
    summary = summary_of(history, strategy)
    assert summary["parameters"] == min(trial.value("parameters") for trial in history)
    assert summary["median_parameters"] == statistics.median(
        trial.value("parameters") for trial in history
    )


def test_the_winner_is_compared_with_those_trained_as_long():
    strategy = SuccessiveHalving(SPACE)
    history = search(strategy, noisy, trials=39, progress=False)
    summary = summary_of(history, strategy)
    in_full = [t.value("val_accuracy") for t in history if t.candidate.epochs == 5]
    assert summary["val_accuracy"] == max(in_full)
    assert summary["median_val_accuracy"] == statistics.median(in_full)
    assert len(in_full) == 3


def test_a_search_without_success_has_no_summary():
    strategy = RandomSearch(SPACE)
    history = search(strategy, hopeless, trials=3, progress=False)
    with pytest.raises(ValueError, match="at least one trial must have succeeded"):
        summary_of(history, strategy)


def test_the_text_shows_the_winner_beside_the_median_and_the_test_apart():
    strategy = Genetic(SPACE)
    history = search(strategy, measured, trials=30, progress=False)
    summary = summary_of(history, strategy, test_metrics={"test_accuracy": 0.71239})
    summary |= {"val_accuracy": 0.81237, "median_val_accuracy": 0.7, "parameters": 54_321}
    lines = text(summary, out=Path("runs") / "one", files=["a.txt", "b.png"]).splitlines()
    assert lines[0] == (
        f"Searched edge_cell on toy by genetic: 30 trials, {history.num_bred} of them bred, "
        f"{summary['failed']} failed, in 60 s by Toy."
    )
    assert lines[1] == f"Winner: trial {summary['best_trial']}, " + " ".join(
        summary["best_architecture"]
    )
    assert "validation accuracy 0.8124, +0.1124 against the median candidate (0.7000)" in lines[2]
    assert "test accuracy" in lines[3] and "0.7124" in lines[3] and "tested once" in lines[3]
    assert "54,321, 12,345 FLOPs, 0.50 ms a sample" in lines[4]
    assert lines[5] == f"Files in {Path('runs') / 'one'}: a.txt, b.png"


def test_without_failures_the_text_does_not_speak_of_them():
    strategy = RandomSearch(SPACE)
    summary = summary_of(search(strategy, noisy, trials=5, progress=False), strategy)
    summary |= {"flops": 1, "latency_ms": 1.0}
    assert "failed" not in text(summary, out=Path("x"), files=[])
