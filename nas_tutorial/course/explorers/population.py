"""A population from step to step: who enters, who leaves, and the search so far beside it."""

import copy
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nas_tutorial.course.widgets import Control, explorer
from nas_tutorial.history import History
from nas_tutorial.names import shown, whole
from nas_tutorial.reporting.diagrams import DEEP, INK, LINE, PAPER, SMALL, SOFT, WARM
from nas_tutorial.reporting.plots import STYLE
from nas_tutorial.reporting.replay import plot_replay
from nas_tutorial.strategies.base import Strategy
from nas_tutorial.trials import Objective, Trial

LOOKS: dict[str, dict[str, Any]] = {  # of the dots, by what happens to a trial at this step
    "stays": {"facecolor": SOFT, "edgecolor": INK, "linewidth": 1.0},
    "parent": {"facecolor": SOFT, "edgecolor": DEEP, "linewidth": 2.8},
    "enters": {"facecolor": WARM, "edgecolor": INK, "linewidth": 1.0, "marker": "D"},
    "leaves": {"facecolor": PAPER, "edgecolor": LINE, "linewidth": 1.2, "linestyle": ":"},
}


class Step(NamedTuple):
    """A population after one more result.

    Attributes:
        members: Sorted, the best first.
        entered: The trial that joined; None where it failed.
        left: The trial that made room; it may be the one that had just entered. None while there was
            room.
    """

    members: list[Trial]
    entered: Trial | None
    left: Trial | None


def explore_population(
    history: History,
    strategy: Strategy,
    *,
    step: int | None = None,
    ylim: tuple[float, float] | None = None,
):
    """Go through a search step by step: the population sorted, who enters it and who leaves it.

    Args:
        history: The search.
        strategy: A fresh strategy with a population and the settings of the search, such as
            `Genetic(space)`. Results are told to copies of it.
        step: After which trial to begin; None begins at the end.
        ylim: The lowest and highest value to show; None shows all of the whole search.

    Raises:
        ValueError: If nothing was searched, the strategy has no population or was used before, or
            the step lies outside the search.
    """
    steps = population_steps(history, strategy)
    step = len(steps) if step is None else step
    whole("step", step, 1, len(steps), "A search has as many steps as trials.")
    numbers = {str(number): number for number in range(1, len(steps) + 1)}
    return explorer(
        lambda step: draw_population(history, steps, step, strategy.objective, ylim),
        step=Control("step", numbers, step),
    )


def population_steps(history: History, strategy: Strategy) -> list[Step]:
    """The population after each trial, as the strategy itself keeps it.

    Raises:
        ValueError: As in `explore_population`.
    """
    whole("the number of trials", len(history), 1, advice="Search first.")
    if _population(strategy) != []:
        raise ValueError(
            "a strategy must have a population, and none yet, to be followed step by step, got "
            f"{shown(strategy)}. Make a fresh one, such as Genetic(space)."
        )
    strategy, before, steps = copy.deepcopy(strategy), list[Trial](), list[Step]()
    for trial in history:
        strategy.tell(trial)
        members = sorted(_population(strategy) or (), key=strategy.ranking_key)
        kept = {member.number for member in members}
        gone = [one for one in [*before, trial] if one.number not in kept and not one.failed]
        steps.append(Step(members, None if trial.failed else trial, gone[0] if gone else None))
        before = members
    return steps


def _population(strategy: Strategy) -> list[Trial] | None:
    """The strategy's population; None if it has none."""
    population = getattr(strategy, "population", None)
    return None if population is None else list(population)


def draw_population(
    history: History,
    steps: list[Step],
    step: int,
    objective: Objective,
    ylim: tuple[float, float] | None = None,
) -> Figure:
    """Left the search up to this step, as `plot_replay` draws it; right the population after it."""
    with plt.style.context(STYLE):
        figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.7), sharey=True)
    plot_replay(history, objective, trials=step, ylim=ylim, ax=left)
    left.get_legend().remove()
    places = {trial.number: place for place, trial in enumerate(history, start=1)}
    _draw_members(right, steps[step - 1], objective, places)
    return figure


def _draw_members(numbers: Axes, now: Step, objective: Objective, places: dict[int, int]) -> None:
    """A dot for each member at its value, its place in the search below; last the one that left."""
    columns = [*now.members, *([now.left] if now.left else [])]
    for kind, look in LOOKS.items():
        these = [x for x, trial in enumerate(columns) if _kind(trial, now) == kind]
        values = [columns[x].value(objective.name) for x in these]
        numbers.scatter(these, values, s=110, zorder=3, label=kind, **look)
    if now.left:
        numbers.axvline(len(now.members) - 0.5, color=LINE, linewidth=0.8, linestyle="--")
    numbers.set_xticks(range(len(columns)), [str(places[trial.number]) for trial in columns])
    numbers.set(xlim=(-0.7, len(columns) - 0.3), xlabel="population by trial, the best first")
    numbers.set_title(_caption(now, places), fontsize=10, color=INK)
    numbers.legend(loc="lower left", fontsize=SMALL, frameon=True, framealpha=0.85,
                   edgecolor="none")  # fmt: skip


def _kind(trial: Trial, now: Step) -> str:
    """Which of `LOOKS` a trial has at this step."""
    if trial is now.left:
        return "leaves"
    if trial is now.entered:
        return "enters"
    parents = now.entered.candidate.parents if now.entered else ()
    return "parent" if trial.number in parents else "stays"


def _caption(now: Step, places: dict[int, int]) -> str:
    if now.entered is None:
        return "the trial failed and does not enter"
    enters = f"trial {places[now.entered.number]}"
    if now.left is None:
        return f"{enters} enters, since there is room"
    if now.left is now.entered:
        return f"{enters} is the worst and leaves at once"
    return f"{enters} enters, trial {places[now.left.number]} leaves"
