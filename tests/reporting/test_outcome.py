"""outcome: what a search leaves in a folder, without the command line."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from nas_tutorial.history import History
from nas_tutorial.loop.search import search
from nas_tutorial.reporting.outcome import FILES, earlier_summary, write_outcome
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.strategies.genetic import Genetic
from nas_tutorial.trials import Constraint, Objective
from tests.toys import hopeless, noisy

SPACE = EdgeCellSpace()


class Model:
    """A model that is written as a line of text."""

    def save(self, path: Path) -> None:
        path.write_text("a model")


class Toy:
    """`noisy`, which counts how often a winner was trained and tested."""

    recipe = SimpleNamespace(dataset=SimpleNamespace(name="toy"))

    def __init__(self, seconds: float = 1.0):
        self.seconds, self.finals = seconds, []

    def describe(self) -> dict:
        return {"evaluator": "Toy", "seconds": self.seconds}

    def __call__(self, candidate, *, seed):
        return noisy(candidate, seed=seed)

    def final(self, architecture, *, seed):
        self.finals.append((architecture, seed))
        return Model(), {"test_accuracy": 0.75}


def searched(seed: int = 0, trials: int = 12, evaluator=noisy, **settings):
    strategy = Genetic(SPACE, seed=seed, population_size=4, **settings)
    return search(strategy, evaluator, trials=trials, progress=False), strategy


def written(out: Path, toy: Toy | None = None, **settings):
    history, strategy = searched(**settings)
    toy = toy or Toy()
    summary = write_outcome(history, strategy, toy, out, budget={"trials": len(history)})
    return history, strategy, toy, summary


def test_a_folder_holds_figures_the_winner_a_card_and_a_summary(tmp_path):
    history, strategy, toy, summary = written(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(FILES)
    for name in ("search.png", "architecture.png"):
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "best.keras").read_text() == "a model"
    assert (tmp_path / "run_card.md").read_text().startswith("# Run card: genetic on edge_cell")
    assert json.loads((tmp_path / "summary.json").read_text()) == summary
    assert (summary["dataset"], summary["evaluator"]) == ("toy", "Toy")
    assert summary["test_accuracy"] == 0.75
    best = history.best(Objective())
    assert summary["best_trial"] == best.number
    assert toy.finals == [(best.candidate.architecture, strategy.seed)]


def test_no_figure_stays_open(tmp_path):
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    written(tmp_path)
    assert plt.get_fignums() == before


def test_the_winner_keeps_the_constraints(tmp_path):
    limit = [Constraint("parameters", 250)]
    *_, summary = written(tmp_path, constraints=limit)
    assert summary["parameters"] <= 250


def test_the_summary_of_this_search_is_found_again(tmp_path):
    history, strategy, toy, summary = written(tmp_path)
    assert earlier_summary(history, strategy, toy, tmp_path) == summary
    same, fresh = searched()
    assert earlier_summary(same, fresh, Toy(), tmp_path) == summary


@pytest.mark.parametrize("changed", [{"seed": 1}, {"trials": 13}, {"tournament_size": 2}])
def test_the_summary_of_another_search_is_not(changed, tmp_path):
    _, _, toy, _ = written(tmp_path)
    history, strategy = searched(**changed)
    assert earlier_summary(history, strategy, toy, tmp_path) is None


def test_nor_is_that_of_another_evaluator_or_of_other_results(tmp_path):
    history, strategy, toy, _ = written(tmp_path)
    assert earlier_summary(history, strategy, Toy(seconds=2.0), tmp_path) is None
    last = history[-1]
    changed = History([*history[:-1], replace(last, result=history[0].result)])
    assert earlier_summary(changed, strategy, toy, tmp_path) is None


@pytest.mark.parametrize("name", FILES)
def test_where_a_file_is_missing_there_is_no_summary(name, tmp_path):
    history, strategy, toy, _ = written(tmp_path)
    (tmp_path / name).unlink()
    assert earlier_summary(history, strategy, toy, tmp_path) is None


@pytest.mark.parametrize("damaged", ["", '{"trials": 12, "best', "{}", "[]", "null", "[" * 10_000])
def test_a_damaged_summary_is_none(damaged, tmp_path):
    history, strategy, toy, _ = written(tmp_path)
    (tmp_path / "summary.json").write_text(damaged)
    assert earlier_summary(history, strategy, toy, tmp_path) is None


def test_an_interrupted_final_training_leaves_no_summary(tmp_path):
    class Interrupted(Toy):
        def final(self, architecture, *, seed):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        written(tmp_path, Interrupted())
    assert not (tmp_path / "summary.json").exists()
    assert not (tmp_path / "best.keras").exists()


def test_a_search_in_which_all_failed_has_no_outcome(tmp_path):
    with pytest.raises(ValueError, match="at least one trial must have succeeded"):
        written(tmp_path, evaluator=hopeless)
    assert not list(tmp_path.iterdir())
