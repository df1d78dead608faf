"""The checks of chapter 12: solutions pass, plausible mistakes do not, stubs are not attempted."""

from math import comb

import numpy as np
import pytest

from nas_tutorial.course.exercises import check
from nas_tutorial.course.exercises.chapter12 import counted_wins, last_population
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.strategies.genetic import Genetic
from nas_tutorial.strategies.regularized_evolution import RegularizedEvolution
from nas_tutorial.trials import Candidate, Result, Trial
from tests.course.exercises.promises import promises
from tests.toys import Grid

ANSWERS = {
    "12.1": "guess",
    "12.2": "survivors",
    "12.3": "win_probability",
    "12.4": "hand_over",
}


def _survivors(told, size, leaver):
    members = []
    for number in range(len(told)):
        members.append(number)
        if len(members) > size:
            members.remove(leaver(members))
    return members


def keeps_the_best_for_ever_under_both_rules(told, size, rule):
    return _survivors(told, size, lambda members: min(members, key=lambda m: told[m]))


def lets_the_best_go(told, size, rule):
    if rule == "oldest":
        return last_population(told, size, rule)
    return _survivors(told, size, lambda members: max(members, key=lambda m: told[m]))


def lets_the_youngest_go(told, size, rule):
    if rule == "worst":
        return last_population(told, size, rule)
    return _survivors(told, size, max)


def swaps_the_rules(told, size, rule):
    return last_population(told, size, "worst" if rule == "oldest" else "oldest")


def makes_room_before_the_child_is_measured(told, size, rule):
    members = []
    for number in range(len(told)):
        if len(members) == size:
            oldest = members[0]
            members.remove(oldest if rule == "oldest" else min(members, key=lambda m: told[m]))
        members.append(number)
    return members


def keeps_one_too_many(told, size, rule):
    return last_population(told, size + 1, rule)


def keeps_the_earlier_of_two_equal_ones(told, size, rule):
    if rule == "oldest":
        return last_population(told, size, rule)
    return sorted(sorted(range(len(told)), key=lambda n: (-told[n], n))[:size])


def returns_the_values(told, size, rule):
    return [told[number] for number in last_population(told, size, rule)]


def draws_without_putting_back(rank, population_size, tournament_size):
    if tournament_size > population_size:
        return 0.0
    return comb(population_size - rank, tournament_size - 1) / comb(
        population_size, tournament_size
    )


def counts_ranks_from_the_worst(rank, population_size, tournament_size):
    return counted_wins(population_size, tournament_size)[-rank]


def is_one_rank_off(rank, population_size, tournament_size):
    return counted_wins(population_size, tournament_size)[rank % population_size]


def says_how_likely_it_is_drawn(rank, population_size, tournament_size):
    return 1 - (1 - 1 / population_size) ** tournament_size


def says_how_likely_that_rank_or_a_worse_wins(rank, population_size, tournament_size):
    return ((population_size - rank + 1) / population_size) ** tournament_size


def hands_over_the_luckiest(pairs, measure, finalists, repeats):
    return max(pairs)[1]


def _hand_over(pairs, measure, finalists, repeats, *, summary=np.mean, reverse=True):
    highest = {}
    for told, name in pairs:
        highest[name] = max(told, highest.get(name, told))
    chosen = sorted(highest, key=highest.get, reverse=reverse)[:finalists]
    values = {name: [measure(name) for _ in range(repeats)] for name in chosen}
    return max(chosen, key=lambda name: summary(values[name]))


def takes_the_luckiest_new_value(pairs, measure, finalists, repeats):
    return _hand_over(pairs, measure, finalists, repeats, summary=np.max)


def takes_the_worst_for_finalists(pairs, measure, finalists, repeats):
    return _hand_over(pairs, measure, finalists, repeats, reverse=False)


def takes_the_lowest_mean(pairs, measure, finalists, repeats):
    return _hand_over(pairs, measure, finalists, repeats, summary=lambda values: -np.mean(values))


def measures_once(pairs, measure, finalists, repeats):
    return _hand_over(pairs, measure, finalists, 1)


def measures_all(pairs, measure, finalists, repeats):
    return _hand_over(pairs, measure, len(pairs), repeats)


def counts_the_first_value_too(pairs, measure, finalists, repeats):
    highest = {}
    for told, name in pairs:
        highest[name] = max(told, highest.get(name, told))
    chosen = sorted(highest, key=highest.get, reverse=True)[:finalists]
    return max(
        chosen, key=lambda one: np.mean([highest[one], *(measure(one) for _ in range(repeats))])
    )


def counts_a_network_as_often_as_it_came(pairs, measure, finalists, repeats):
    chosen = [name for _, name in sorted(pairs, reverse=True)[:finalists]]
    return max(chosen, key=lambda name: np.mean([measure(name) for _ in range(repeats)]))


MISTAKES = [
    ("12.1", (100, 80, 0)),  # every trial bred
    ("12.1", (81, 80, 0)),
    ("12.1", (80, 79, 0)),
    ("12.1", (80, 81, 0)),
    ("12.1", (80, 0, 80)),  # the rules swapped
    ("12.1", (80, 80, 80)),
    ("12.1", 80),
    ("12.2", keeps_the_best_for_ever_under_both_rules),
    ("12.2", lets_the_best_go),
    ("12.2", lets_the_youngest_go),
    ("12.2", swaps_the_rules),
    ("12.2", makes_room_before_the_child_is_measured),
    ("12.2", keeps_one_too_many),
    ("12.2", keeps_the_earlier_of_two_equal_ones),
    ("12.2", returns_the_values),
    ("12.3", draws_without_putting_back),
    ("12.3", counts_ranks_from_the_worst),
    ("12.3", is_one_rank_off),
    ("12.3", says_how_likely_it_is_drawn),
    ("12.3", says_how_likely_that_rank_or_a_worse_wins),
    ("12.4", hands_over_the_luckiest),
    ("12.4", takes_the_luckiest_new_value),
    ("12.4", takes_the_worst_for_finalists),
    ("12.4", takes_the_lowest_mean),
    ("12.4", measures_once),
    ("12.4", measures_all),
    ("12.4", counts_the_first_value_too),
    ("12.4", counts_a_network_as_often_as_it_came),
]


test_solution_is_right, test_plausible_mistake_is_wrong, test_stub_is_not_attempted = promises(
    "12", ANSWERS, MISTAKES
)


@pytest.mark.parametrize(
    ("strategy", "rule"), [(Genetic, "worst"), (RegularizedEvolution, "oldest")]
)
def test_the_reference_is_what_the_strategies_keep(strategy, rule):
    told = (np.random.default_rng(0).integers(6, size=40) / 10).tolist()
    search = strategy(Grid(3, 3), population_size=5, tournament_size=2)
    for number, value in enumerate(told):
        candidate = Candidate(Architecture((0, 0)))
        search.tell(Trial(number, candidate, 0, Result({"val_accuracy": value}, 1.0)))
        kept = sorted(trial.number for trial in search.population)
        assert kept == last_population(told[: number + 1], 5, rule)


@pytest.mark.parametrize("kind", [list, tuple, set, np.array])
def test_survivors_may_come_in_any_container(kind, capsys):
    check("12.2", lambda told, size, rule: kind(last_population(told, size, rule)))
    assert capsys.readouterr().out == "12.2: right\n"


@pytest.mark.parametrize("answer", [None, 3, "abc", [[0, 1]]])
def test_what_holds_no_numbers_of_trials_is_refused(answer, capsys):
    check("12.2", lambda told, size, rule: answer)
    complaint = "12.2: wrong: the numbers of the trials that are left must come back"
    assert capsys.readouterr().out.startswith(complaint)


def test_all_tournaments_have_a_winner():
    assert counted_wins(2, 2) == [0.75, 0.25]
    assert sum(counted_wins(5, 3)) == pytest.approx(1)
