import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest

from nas_tutorial.course.explorers.cell import cell_facts, draw_cell, explore_cell
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.tables.table import Table, TableEvaluator
from nas_tutorial.trials import Candidate

TABLE = Table.load_course()
SOME = [TABLE.space.sample(np.random.default_rng(seed)) for seed in range(5)]


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize("architecture", SOME, ids=str)
def test_the_facts_are_the_tables(architecture):
    facts = cell_facts(TABLE, architecture)
    evaluator = TableEvaluator(TABLE)
    results = [evaluator(Candidate(architecture), seed=seed) for seed in range(TABLE.num_seeds)]
    assert facts.runs == tuple(result.metrics["val_accuracy"] for result in results)
    assert facts.mean == pytest.approx(TABLE.query(architecture)["val_accuracy"])
    assert facts.parameters == results[0].metrics["parameters"]
    better = TABLE.column("val_accuracy").mean(axis=1) > facts.mean
    assert facts.rank == 1 + better.sum() and facts.num_networks == len(TABLE) == 8765


@pytest.mark.parametrize("metric", ["val_accuracy", "test_accuracy"])
def test_the_best_has_rank_one(metric):
    best, value = TABLE.optimum(metric)
    facts = cell_facts(TABLE, best, metric)
    assert (facts.rank, facts.mean) == (1, value)


def test_the_picture_says_and_shows_them():
    figure = draw_cell(TABLE, SOME[0], metric="test_accuracy")
    facts = cell_facts(TABLE, SOME[0], "test_accuracy")
    cell, numbers = figure.axes
    texts = [text.get_text() for text in cell.texts]
    assert f"test accuracy {facts.mean:.4f} on average" in texts
    assert f"rank {facts.rank:,} of 8,765" in texts and f"{facts.parameters:,} parameters" in texts
    assert f"runs: {', '.join(f'{run:.4f}' for run in facts.runs)}" in texts
    (dots,) = numbers.collections
    assert dots.get_offsets()[:, 0].tolist() == pytest.approx(facts.runs)
    assert numbers.lines[0].get_xdata()[0] == facts.mean
    (histogram,) = numbers.patches
    assert histogram.get_data().values.sum() == len(TABLE)


def test_it_begins_with_the_cell_that_is_asked_for(monkeypatch):
    from nas_tutorial.course.explorers import cell

    monkeypatch.setattr(cell, "explorer", lambda draw, **controls: controls)
    controls = explore_cell(TABLE, SOME[1])
    assert tuple(control.value for control in controls.values()) == SOME[1].values
    assert [control.label for control in controls.values()][:2] == ["0→1", "0→2"]
    assert set(controls["edge_01"].options) == {"none", "skip", "conv 1", "conv 3", "pool 3"}


def test_images_have_labels_of_their_own(monkeypatch):
    from nas_tutorial.course.explorers import cell

    monkeypatch.setattr(cell, "explorer", lambda draw, **controls: controls)
    assert "conv 3×3" in explore_cell(TABLE, dimensions=2)["edge_01"].options


class OtherTable:
    space = ChainSpace()


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda: explore_cell(OtherTable()), "a table must cover an EdgeCellSpace"),
        (lambda: explore_cell(TABLE, metric="accuracy"), "a metric must be one of"),
        (
            lambda: explore_cell(TABLE, Architecture(("none",))),
            "an architecture of edge_cell must have 6 values",
        ),
    ],
)
def test_what_cannot_be_explored_is_refused(call, complaint):
    with pytest.raises(ValueError, match=complaint):
        call()
