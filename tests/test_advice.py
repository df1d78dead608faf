"""Errors whose advice is followed: it is read out of the message, done, and works.

For the mistakes that people make most. A message whose advice does not help is a fault.
"""

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nas_tutorial.data.datasets import load_dataset
from nas_tutorial.evaluators.one_program.training import CompiledEvaluator
from nas_tutorial.history import History
from nas_tutorial.loop.search import search
from nas_tutorial.spaces import SPACES
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.strategies import STRATEGIES
from nas_tutorial.strategies.genetic import Genetic
from nas_tutorial.strategies.nsga2 import Nsga2
from nas_tutorial.strategies.random_search import RandomSearch
from nas_tutorial.tables.course_table import EPOCHS
from nas_tutorial.tables.table import Table, TableEvaluator
from nas_tutorial.trials import Constraint, Objective
from tests import ROOT
from tests.toys import noisy

SPACE = EdgeCellSpace()


@pytest.fixture(scope="module")
def table() -> Table:
    return Table.load_course()


def run(strategy, evaluator=noisy, **settings) -> History:
    return search(strategy, evaluator, **{"trials": 4, "progress": False, **settings})


def advice(call, pattern: str) -> tuple[str, ...]:
    """What the error of a call advises: the groups of a pattern that its message must hold."""
    with pytest.raises((ValueError, TypeError, RuntimeError)) as error:
        call()
    found = re.search(pattern, str(error.value))
    assert found, str(error.value)
    return found.groups()


# Names


def test_the_nearest_strategy():
    (name,) = advice(lambda: STRATEGIES.load("genetics"), r"Did you mean '(\w+)'\?$")
    assert len(run(STRATEGIES.load(name)(SPACE, population_size=3), trials=8)) == 8


def test_the_nearest_data_set():
    (name,) = advice(lambda: load_dataset("digit"), r"Did you mean '(\w+)'\?$")
    assert load_dataset(name).name == name


@pytest.mark.parametrize(("typed", "kind"), [("val_acc", Objective), ("parametrs", Constraint)])
def test_the_nearest_metric(typed, kind):
    def searched(name):
        if kind is Objective:
            return run(RandomSearch(SPACE, objective=Objective(name)))
        return run(RandomSearch(SPACE, constraints=[Constraint(name, 300)]))

    (name,) = advice(lambda: searched(typed), r"Did you mean '(\w+)'\?$")
    assert len(searched(name)) == 4


def test_the_nearest_setting():
    wrong = {"objective": (Objective(), Objective("parameters", "min"))}
    (name,) = advice(lambda: Nsga2(SPACE, **wrong), r"Did you mean '(\w+)'\?$")
    assert len(Nsga2(SPACE, **{name: wrong["objective"]}).objectives) == 2


# What does not fit together


def test_the_evaluator_that_suits_the_space():
    data = load_dataset("mnist1d")
    (name,) = advice(lambda: CompiledEvaluator(ChainSpace(1), data, epochs=1), r"Use (\w+)\.$")
    evaluator = getattr(importlib.import_module("nas_tutorial"), name)
    history = run(RandomSearch(ChainSpace(1)), evaluator(ChainSpace(1), data, epochs=1), trials=1)
    assert not history[0].failed


@pytest.mark.parametrize("space", ["chain", "node_cell"])
def test_a_table_is_searched_in_its_own_space(space, table):
    evaluator = TableEvaluator(table, EPOCHS)
    strategy = RandomSearch(SPACES.load(space)())
    (name,) = advice(lambda: run(strategy, evaluator), r"must share one space, here (\w+)\.$")
    assert len(run(RandomSearch(SPACES.load(name)()), evaluator)) == 4


def test_epochs_that_a_table_has(table):
    (name,) = advice(lambda: TableEvaluator(table, 7), r"Choose one of table\.(\w+)\.$")
    for epochs in getattr(table, name):
        assert len(run(RandomSearch(SPACE), TableEvaluator(table, epochs))) == 4


def test_a_tournament_that_fits_the_population():
    pattern = r"in \[1, (\d+)\], got 25\. Lower it or (enlarge) the population\.$"
    most, _ = advice(lambda: Genetic(SPACE, tournament_size=25), pattern)
    Genetic(SPACE, tournament_size=int(most))
    Genetic(SPACE, tournament_size=25, population_size=25)


# How to search


def test_a_budget():
    pattern = r"Give (trials), (seconds) or a (target)\.$"
    names = advice(lambda: search(RandomSearch(SPACE), noisy), pattern)
    for name, value in zip(names, (3, 5.0, 0.1)):
        assert search(RandomSearch(SPACE), noisy, progress=False, **{name: value})


def test_a_strategy_that_is_made():
    (made,) = advice(lambda: run(RandomSearch), r"Make one, such as (.+)\.$")
    assert len(run(eval(made, {"RandomSearch": RandomSearch, "space": SPACE}))) == 4


def test_a_space_that_is_made():
    (made,) = advice(lambda: RandomSearch(ChainSpace), r"Make one, such as (.+)\.$")
    assert len(run(RandomSearch(eval(made, {"ChainSpace": ChainSpace})))) == 4


def test_another_strategy_for_another_search(tmp_path):
    strategy, store = RandomSearch(SPACE), tmp_path / "store.jsonl"
    run(strategy, store=store)
    advice(lambda: run(strategy, trials=6, store=store), "Make another one; with the same store")
    assert len(run(RandomSearch(SPACE), trials=6, store=store)) == 6


def test_an_executor_for_several_workers():
    pattern = r"such as that of ([\w.]+)\.(\w+)\.$"
    module, name = advice(lambda: run(RandomSearch(SPACE), workers=2), pattern)
    with getattr(importlib.import_module(module), name)(2) as executor:
        assert len(run(RandomSearch(SPACE), executor=executor, workers=2)) == 4


SCRIPT = """
from nas_tutorial.loop.search import search
from nas_tutorial.loop.workers import processes
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.strategies.random_search import RandomSearch
from tests.toys import noisy

GUARD
with processes(2) as pool:
    history = search(RandomSearch(ChainSpace()), noisy, trials=4, executor=pool, workers=2)
    print(len(history), "trials")
"""


def test_the_guard_of_a_script_that_makes_a_pool(tmp_path):
    def ran(text: str) -> subprocess.CompletedProcess:
        path = tmp_path / "script.py"
        path.write_text(text)
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, str(path)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)

    wrong = ran(SCRIPT.replace("GUARD", ""))
    (guard,) = re.findall(r"make the pool below `(.+)`\.$", wrong.stderr.strip())
    above, below = SCRIPT.split("GUARD")
    right = ran(above + guard + below.replace("\n", "\n    "))
    assert right.stdout == "4 trials\n", right.stderr


# Stores


@pytest.fixture
def store(tmp_path) -> Path:
    """The store of a search of eight trials by a population of three."""
    path = tmp_path / "store.jsonl"
    run(Genetic(SPACE, population_size=3), trials=8, store=path)
    return path


def test_the_same_settings_or_a_new_file_where_the_store_is_of_another_search(store):
    def resumed(population: int, path=store) -> History:
        return run(Genetic(SPACE, population_size=population), trials=10, store=path)

    pattern = r"population_size is (\d) there and 4 here\. Use the same data and settings .* name a new file\.$"
    (there,) = advice(lambda: resumed(4), pattern)
    assert len(resumed(int(there))) == 10
    assert len(resumed(4, store.with_name("new.jsonl"))) == 10


@pytest.mark.parametrize("line", [2, 5, 16])
def test_a_damaged_store_goes_on_from_above_the_damage(store, line):
    before = History.load(store)
    lines = store.read_text().splitlines(keepends=True)
    lines[line - 1] = lines[line - 1].replace(":", ";")
    store.write_text("".join(lines))

    def resumed() -> History:
        return run(Genetic(SPACE, population_size=3), trials=8, store=store)

    (number,) = advice(
        resumed, r"but line (\d+) is .*cut it off before that line: what stands above"
    )
    store.write_text("".join(lines[: int(number) - 1]))
    assert resumed() == before


def test_a_new_file_where_the_store_is_something_else(tmp_path):
    (tmp_path / "letter.jsonl").write_text('{"dear": "reader"}\n')
    strategy = RandomSearch(SPACE)
    advice(lambda: run(strategy, store=tmp_path / "letter.jsonl"), r"Name a new file\.$")
    assert len(run(RandomSearch(SPACE), store=tmp_path / "new.jsonl")) == 4


# Results


def test_where_nothing_keeps_the_limit_it_is_raised():
    history = run(RandomSearch(SPACE))
    pattern = r"Raise the limit or search longer\.$"
    advice(lambda: history.best(Objective(), [Constraint("parameters", 1)]), pattern)
    highest = max(trial.value("parameters") for trial in history)
    assert history.best(Objective(), [Constraint("parameters", highest)]) in list(history)


def test_where_everything_failed_the_errors_are_looked_at():
    from tests.toys import hopeless

    history = run(RandomSearch(SPACE), hopeless)
    (look,) = advice(lambda: history.best(Objective()), r"Look at the errors: (.+)\.$")
    assert set(eval(look, {"history": history})) == {"MemoryError: too large"}
