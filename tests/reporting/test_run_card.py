import itertools
import json
import os
import re
import statistics
from functools import partial
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

from nas_tutorial.loop.search import search
from nas_tutorial.reporting.run_card import Practice, checklist, run_card, summarise, text
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.statistics.repeats import compare, final_values
from nas_tutorial.strategies.genetic import Genetic
from nas_tutorial.strategies.random_search import RandomSearch
from nas_tutorial.strategies.successive_halving import SuccessiveHalving
from nas_tutorial.tables.table import Table, TableEvaluator
from nas_tutorial.trials import Constraint, Objective, Result
from tests.toys import constant, fails_on, fragile, hopeless, noisy

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


# The run card


def card_of(history=None, strategy=None, evaluator=noisy, **about) -> dict[int, Practice]:
    """The items by number, for a search with as little known of it as may be."""
    strategy = strategy or Genetic(SPACE, seed=4)
    if history is None:
        history = search(strategy, evaluator, trials=40, progress=False)
    practices = checklist(history, strategy, evaluator, **{"versions": {"python": "3"}, **about})
    return {practice.number: practice for practice in practices}


def on_table(epochs=None) -> TableEvaluator:
    """An evaluator on a table of constants."""
    shape = (SPACE.size, 1)
    networks = list(SPACE)
    table = Table(
        "made up",
        SPACE,
        networks,
        np.arange(len(networks)),
        metrics={("val_accuracy", 5.0): np.full(shape, 0.5)},
        costs={},
        seconds=np.full(shape, 2.0),
    )
    return TableEvaluator(table, epochs)


def comparison_of(*names: str, seeds=range(12)):
    makers = {"genetic": Genetic, "random_search": RandomSearch, "random search": RandomSearch}
    strategies = {name: lambda seed, make=makers[name]: make(SPACE, seed=seed) for name in names}
    return compare(strategies, noisy, trials=20, seeds=seeds)


def test_the_card_has_the_fourteen_items_in_order():
    card = card_of()
    assert list(card) == list(range(1, 15))
    assert len({practice.name for practice in card.values()}) == 14


def test_every_item_says_something_or_asks_for_it():
    for practice in card_of().values():
        assert practice.known or practice.question, practice.name


class Unknown(Genetic):
    """A strategy of somebody else."""

    __module__ = "elsewhere"


def test_1_code_of_the_pipeline_is_known_where_it_is_this_library_s():
    evaluator = on_table()
    mine, yours = card_of(evaluator=evaluator)[1], card_of()[1]
    assert mine.known == f"TableEvaluator of nas_tutorial {version('nas_tutorial')}."
    assert not mine.is_open
    assert (yours.known, yours.question) == ("Evaluated by noisy.", "where is its code?")


def test_1_a_partial_is_whose_function_it_is():
    ours = partial(on_table())
    assert card_of(evaluator=ours)[1].known.startswith("TableEvaluator of nas_tutorial")
    assert card_of(evaluator=partial(noisy))[1].is_open


def test_2_code_of_the_method_is_known_where_it_is_this_library_s():
    assert card_of()[2].known == f"genetic of nas_tutorial {version('nas_tutorial')}."
    yours = card_of(strategy=Unknown(SPACE))[2]
    assert (yours.known, yours.question) == ("Proposed by Unknown.", "where is its code?")
    assert yours.is_open


@pytest.mark.parametrize("number", [3, 5])
def test_3_and_5_only_you_can_say(number):
    practice = card_of(evaluator=on_table(), comparison=comparison_of("random_search"))[number]
    assert practice.known == "" and practice.is_open


def test_4_a_benchmark_is_space_data_and_settings():
    mine, yours = card_of(evaluator=on_table())[4], card_of()[4]
    assert mine.known == (
        "Space edge_cell of 15,625 architectures; TableEvaluator with table made up, epochs 5."
    )
    assert not mine.is_open
    assert yours.known == "Space edge_cell of 15,625 architectures." and yours.is_open


def test_4_a_data_set_with_its_recipe_is_a_benchmark():
    class Trains:
        __call__ = staticmethod(noisy)

        def describe(self):
            return {"evaluator": "Trains", "dataset": "digits", "batch_size": 32}

    practice = card_of(evaluator=Trains())[4]
    assert "Trains with dataset digits, batch_size 32." in practice.known
    assert not practice.is_open


def test_an_evaluator_that_describes_nothing_has_its_name():
    class Silent:
        __call__ = staticmethod(noisy)

        def describe(self):
            return {}

    card = card_of(evaluator=Silent())
    assert card[1].known == "Evaluated by Silent." and card[4].is_open


def test_6_a_comparison_has_one_protocol():
    practice = card_of(comparison=comparison_of("genetic", "random_search"))[6]
    assert "one evaluator and with one budget" in practice.known
    assert "genetic 20, random_search 20" in practice.known and not practice.is_open
    assert card_of()[6].is_open


def test_7_performance_over_compute_is_the_incumbent():
    strategy = Genetic(SPACE, seed=4)
    history = search(strategy, noisy, trials=40, progress=False)
    known = card_of(history, strategy)[7].known
    best, seconds = history.incumbent(Objective()), sum(t.result.seconds for t in history[:5])
    assert known.startswith(f"Best val_accuracy: {best[4]:.4g} after 5 trials and {seconds:.1f} s,")
    assert f"{best[9]:.4g} after 10 trials" in known and f"{best[39]:.4g} after 40" in known


def test_7_says_nothing_of_the_time_before_the_first_success():
    def late(candidate, *, seed):
        return hopeless(candidate, seed=seed) if next(calls) < 6 else noisy(candidate, seed=seed)

    calls = itertools.count()
    strategy = RandomSearch(SPACE)
    history = search(strategy, late, trials=16, progress=False)
    known = card_of(history, strategy)[7].known
    assert "nan" not in known and "after 4 trials" not in known and "after 8 trials" in known


@pytest.mark.parametrize("name", ["random_search", "random search"])
def test_8_baselines_are_the_first_and_the_last_of_random_search(name):
    comparison = comparison_of("genetic", name)
    practice = card_of(comparison=comparison)[8]
    of_random = comparison[comparison["strategy"] == name]
    first = of_random.loc[of_random["trial"] == 1, "incumbent"].median()
    last = of_random.loc[of_random["trial"] == 20, "incumbent"].median()
    assert f"random pick {first:.4g}" in practice.known and not practice.is_open
    assert f"{name} {last:.4g}" in practice.known


def test_8_without_random_search_the_baselines_are_asked_for():
    for practice in (card_of()[8], card_of(comparison=comparison_of("genetic"))[8]):
        assert practice.is_open and not practice.known


def test_9_seeds_are_listed_with_quartiles():
    comparison = comparison_of("genetic", seeds=range(3, 15))
    practice = card_of(comparison=comparison)[9]
    ends = final_values(comparison)["genetic"]
    assert practice.known.startswith("12 seeds (3, 4, 5, ")
    assert f"genetic {ends.quantile(0.25):.4g} to {ends.quantile(0.75):.4g}" in practice.known
    assert not practice.is_open


@pytest.mark.parametrize(
    ("seeds", "named"),
    [(range(5, 30), "25 seeds (5 to 29); "), ([0, *range(2, 30)], "29 seeds (0, 2, 3, ")],
)
def test_9_a_long_run_of_seeds_is_named_by_its_ends(seeds, named):
    practice = card_of(comparison=comparison_of("genetic", seeds=seeds))[9]
    assert practice.known.startswith(named)


def test_8_and_9_say_of_how_many_seeds_a_value_is_where_some_have_none():
    comparison = comparison_of("genetic", "random_search", seeds=range(12))
    missing = (comparison["strategy"] == "genetic") & (comparison["seed"] < 5)
    early = (comparison["strategy"] == "random_search") & (comparison["trial"] == 1)
    comparison.loc[missing | (early & (comparison["seed"] < 2)), "incumbent"] = np.nan
    card = card_of(comparison=comparison)
    assert re.search(r"genetic [\d.]+ \(7 of 12 seeds\)", card[8].known)
    assert re.search(r"random pick [\d.]+ \(10 of 12 seeds\)", card[8].known)
    assert re.search(r"random_search [\d.]+\.$", card[8].known)
    assert re.search(r"genetic [\d.]+ to [\d.]+ \(7 of 12 seeds\)", card[9].known)


def test_9_one_search_or_few_seeds_are_asked_about():
    assert card_of()[9].known == "One search, seed 4." and card_of()[9].is_open
    few = card_of(comparison=comparison_of("genetic", seeds=range(9)))[9]
    assert few.question == "why so few seeds?" and few.known.startswith("9 seeds")


def test_10_a_table_is_a_tabular_benchmark():
    mine, yours = card_of(evaluator=on_table())[10], card_of()[10]
    assert mine.known.startswith("Searched on the table made up;") and not mine.is_open
    assert yours.known == "Networks were trained." and yours.is_open


def test_11_confounders_are_versions_and_the_machine():
    practice = card_of(versions={"python": "3.11.9", "keras": "3.1"})[11]
    assert practice.known.startswith("python 3.11.9, keras 3.1; ")
    assert f"{os.cpu_count()} cores" in practice.known and not practice.is_open


def test_12_settings_are_known_their_choice_is_not():
    usual = card_of()[12]
    changed = card_of(strategy=Genetic(SPACE, population_size=10))[12]
    assert usual.known == "All at the defaults."
    assert changed.known == "Changed from the defaults: population_size 10."
    assert card_of(strategy=RandomSearch(SPACE))[12].known == "It has no settings of its own."
    assert usual.is_open and changed.is_open


def test_13_time_is_k_searches_with_validation_and_the_final_training():
    strategy = RandomSearch(SPACE)
    history = search(strategy, constant, trials=7, progress=False)  # a second each
    whole = card_of(history, strategy, runs=3, validation_seconds=2.0, final_seconds=4.5)[13]
    assert whole.known == (
        "k (T_search + T_valid) + T_final = 3 x (7.0 s + 2.0 s) + 4.5 s = 31.5 s."
    )
    part = card_of(history, strategy)[13]
    assert part.known == "k (T_search + T_valid) = 1 x (7.0 s + 0.0 s), without T_final."
    assert part.is_open and not whole.is_open


def test_14_the_set_up_is_settings_budget_and_outcome():
    strategy = Genetic(SPACE, seed=4, constraints=[Constraint("parameters", 300)])
    history = search(strategy, fragile, trials=40, progress=False)
    known = card_of(history, strategy, budget={"trials": 40})[14].known
    best = history.best(Objective(), strategy.constraints)
    failed = sum(trial.failed for trial in history)
    for part in (
        "strategy genetic, objective ['val_accuracy', 'max'], constraints [['parameters', 300]]",
        "seed 4, population_size 8",
        "budget trials 40; 40 trials",
        f"{history.num_bred} bred, {failed} failed",
        f"best is trial {best.number}: {best.candidate.architecture}.",
    ):
        assert part in known
    assert failed and "budget not noted" in card_of(history, strategy)[14].known


def test_what_you_say_closes_an_item_or_adds_to_it():
    card = card_of(said={5: "None was run.", 11: "Nothing else ran on it."})
    assert card[5].markdown() == "- [x] **5. Run ablation studies.** None was run."
    assert card[11].markdown().endswith("cores. Nothing else ran on it.")


def test_an_item_that_is_not_in_the_checklist_is_refused():
    with pytest.raises(ValueError, match=r"said must have numbers of items, 1 to 14, .* \[5, 15\]"):
        card_of(said={5: "yes", 15: "no"})


def test_a_card_without_success_is_refused():
    with pytest.raises(ValueError, match="at least one trial must have succeeded"):
        card_of(evaluator=hopeless)


def test_the_card_is_a_task_list_in_markdown():
    strategy = Genetic(SPACE, seed=4)
    history = search(strategy, noisy, trials=40, progress=False)
    about = {"versions": {"python": "3"}, "said": {3: "At home."}}
    lines = run_card(history, strategy, noisy, **about).splitlines()
    practices = checklist(history, strategy, noisy, **about)
    num_open = sum(practice.is_open for practice in practices)
    assert lines[0] == "# Run card: genetic on edge_cell, seed 4"
    assert f"{14 - num_open} of 14 items are said, {num_open} are to be said by you." in lines[2]
    assert lines[4:] == [practice.markdown() for practice in practices]
    assert sum(line.startswith("- [ ] ") for line in lines) == num_open > 0
    assert all("To be said by you: " in line for line in lines if line.startswith("- [ ] "))
    assert not any("To be said by you" in line for line in lines if line.startswith("- [x] "))
