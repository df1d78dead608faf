import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pytest

from nas_tutorial.course.explorers.population import (
    draw_population,
    explore_population,
    population_steps,
)
from nas_tutorial.history import History
from nas_tutorial.loop.search import search
from nas_tutorial.reporting.replay import plot_replay
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.strategies.genetic import Genetic
from nas_tutorial.strategies.random_search import RandomSearch
from nas_tutorial.strategies.regularized_evolution import RegularizedEvolution
from nas_tutorial.trials import Objective
from tests.toys import fragile, noisy

SPACE = EdgeCellSpace()
KINDS = (Genetic, RegularizedEvolution)
HISTORIES = {kind: search(kind(SPACE), noisy, trials=30, progress=False) for kind in KINDS}
each_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


@each_kind
def test_at_the_end_it_is_the_population_that_the_search_had(kind):
    used = kind(SPACE)
    history = search(used, noisy, trials=30, progress=False)
    (*_, last) = population_steps(history, kind(SPACE))
    assert sorted(t.number for t in last.members) == sorted(t.number for t in used.population)


@each_kind
def test_members_are_sorted_and_no_more_than_fit(kind):
    for number, step in enumerate(population_steps(HISTORIES[kind], kind(SPACE)), start=1):
        values = [trial.value("val_accuracy") for trial in step.members]
        assert values == sorted(values, reverse=True)
        assert len(values) == min(number, 8) and (step.left is None) is (number <= 8)


def test_genetic_search_drops_the_worst_and_regularized_evolution_the_oldest():
    for kind, key in (
        (Genetic, lambda trial: trial.value("val_accuracy")),
        (RegularizedEvolution, lambda trial: trial.number),
    ):
        for step in population_steps(HISTORIES[kind], kind(SPACE))[8:]:
            there = [*step.members, step.left]
            assert key(step.left) == min(map(key, there))


def test_a_failed_trial_does_not_enter():
    history = search(Genetic(SPACE), fragile, trials=30, progress=False)
    steps = population_steps(history, Genetic(SPACE))
    assert any(trial.failed for trial in history)
    for trial, step in zip(history, steps):
        assert (step.entered is None) is trial.failed
        assert not trial.failed or step.left is None


def test_the_strategy_is_left_as_it_was():
    strategy = Genetic(SPACE)
    population_steps(HISTORIES[Genetic], strategy)
    assert strategy.population == []


@pytest.mark.parametrize("number", [3, 20, 30])
def test_the_picture_shows_the_search_and_the_population(number):
    history = HISTORIES[RegularizedEvolution]
    steps = population_steps(history, RegularizedEvolution(SPACE))
    left, right = draw_population(history, steps, number, Objective()).axes
    assert left.get_title() == plot_replay(history, trials=number).get_title()
    now = steps[number - 1]
    shown = {dots.get_label(): dots.get_offsets().data.tolist() for dots in right.collections}
    members = [trial for trial in now.members]
    if now.left:
        assert shown["leaves"] == [[len(members), now.left.value("val_accuracy")]]
    place = members.index(now.entered)
    assert shown["enters"] == [[place, now.entered.value("val_accuracy")]]
    parents = [m for m in members if m.number in now.entered.candidate.parents]
    assert shown["parent"] == [[members.index(p), p.value("val_accuracy")] for p in parents]
    assert len(shown["stays"]) == len(members) - 1 - len(parents)
    labels = [tick.get_text() for tick in right.get_xticklabels()]
    assert labels[: len(members)] == [str(trial.number + 1) for trial in members]


def test_the_title_says_who_enters_and_leaves():
    history = HISTORIES[Genetic]
    steps = population_steps(history, Genetic(SPACE))

    def title(step):
        return draw_population(history, steps, step, Objective()).axes[1].get_title()

    assert title(1) == "trial 1 enters, since there is room"
    gone = next(n for n, step in enumerate(steps, 1) if step.left and step.left is step.entered)
    assert title(gone) == f"trial {gone} is the worst and leaves at once"
    stays = next(
        n for n, step in enumerate(steps, 1) if step.left and step.left is not step.entered
    )
    assert title(stays) == f"trial {stays} enters, trial {steps[stays - 1].left.number + 1} leaves"


def test_all_values_can_be_seen_unless_limits_are_given():
    history = HISTORIES[Genetic]
    steps = population_steps(history, Genetic(SPACE))
    (_, right) = draw_population(history, steps, 30, Objective(), (0.6, 0.9)).axes
    assert right.get_ylim() == (0.6, 0.9)


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda: explore_population(History(), Genetic(SPACE)), "the number of trials must be"),
        (lambda: explore_population(HISTORIES[Genetic], RandomSearch(SPACE)), "have a population"),
        (lambda: explore_population(HISTORIES[Genetic], Genetic(SPACE), step=31), r"step must .*\[1, 30\]"),
        (lambda: explore_population(HISTORIES[Genetic], Genetic(SPACE), step=0), "step must"),
    ],
)  # fmt: skip
def test_what_cannot_be_followed_is_refused(call, complaint):
    with pytest.raises(ValueError, match=complaint):
        call()


def test_a_strategy_that_was_used_is_refused():
    used = Genetic(SPACE)
    search(used, noisy, trials=20, progress=False)
    with pytest.raises(
        ValueError, match=r"and none yet.*Make a fresh one, such as Genetic\(space\)"
    ):
        explore_population(HISTORIES[Genetic], used)
