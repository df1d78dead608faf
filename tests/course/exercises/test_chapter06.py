"""The checks of chapter 06: solutions pass, plausible mistakes do not, stubs are not attempted."""

import numpy as np
import pytest

from nas_tutorial.course.exercises import check
from nas_tutorial.course.exercises.chapter06 import bred_and_dropped
from tests.course.exercises.promises import promises

ANSWERS = {
    "6.1": "guess",
    "6.2": "replace_worst",
    "6.3": "mutate",
    "6.4": "stop_after_no_progress",
}


def drops_the_oldest(population, newcomer, size):
    return [*population, newcomer][-size:]


def drops_the_best(population, newcomer, size):
    return sorted([*population, newcomer], key=lambda pair: pair[0])[:size]


def drops_before_adding(population, newcomer, size):
    kept = sorted(population, key=lambda pair: pair[0])
    if len(kept) >= size:
        kept = kept[1:]
    return [*kept, newcomer]


def changes_the_given_population(population, newcomer, size):
    population.append(newcomer)
    if len(population) > size:
        population.remove(min(population, key=lambda pair: pair[0]))
    return population


def compares_architectures_on_a_tie(population, newcomer, size):
    return sorted([*population, newcomer], reverse=True)[:size]


def forgets_the_key(population, newcomer, size):
    return sorted([*population, newcomer])[-size:]


def returns_the_given_list(population, newcomer, size):
    if len(population) >= size and newcomer[0] <= min(population)[0]:
        return population
    return sorted([*population, newcomer], key=lambda pair: pair[0])[-size:]


def drops_although_there_is_room(population, newcomer, size):
    return sorted([*population, newcomer], key=lambda pair: pair[0])[1:]


def sorts_one_of_two_arrays(population, newcomer, size):
    performances, architectures = zip(*population, newcomer)
    return list(zip(sorted(performances, reverse=True), architectures))[:size]


def _choose(options, rng):
    return options[int(rng.integers(len(options)))]


def may_return_the_parent(architecture, space, rng):
    slot = _choose(list(space), rng)
    return {**architecture, slot: _choose(space[slot], rng)}


def _change(architecture, space, slot, rng):
    others = [option for option in space[slot] if option != architecture[slot]]
    return {**architecture, slot: _choose(others, rng)}


def _open(space):
    return [slot for slot, options in space.items() if len(options) > 1]


def changes_two(architecture, space, rng):
    slots = _open(space)
    first = int(rng.integers(len(slots)))
    child = _change(architecture, space, slots[first], rng)
    return _change(child, space, slots[first - 1], rng)


def changes_the_parent(architecture, space, rng):
    architecture.update(_change(architecture, space, _choose(_open(space), rng), rng))
    return architecture


def never_the_last_slot(architecture, space, rng):
    return _change(architecture, space, _choose(_open(space)[:-1], rng), rng)


def meets_a_slot_without_a_choice(architecture, space, rng):
    return _change(architecture, space, _choose(list(space), rng), rng)


def takes_the_next_option(architecture, space, rng):
    slot = _choose(_open(space), rng)
    options = space[slot]
    return {**architecture, slot: options[(options.index(architecture[slot]) + 1) % len(options)]}


def prefers_the_first_option(architecture, space, rng):
    child = changes_one(architecture, space, rng)
    (slot,) = (slot for slot in child if child[slot] != architecture[slot])
    others = [option for option in space[slot] if option != architecture[slot]]
    child[slot] = others[int(rng.random() > 0.98)]
    return child


def changes_one(architecture, space, rng):
    return _change(architecture, space, _choose(_open(space), rng), rng)


def goes_on_to_the_next_slot(architecture, space, rng):
    slots = list(space)
    index = int(rng.integers(len(slots)))
    while len(space[slots[index]]) == 1:
        index += 1
    return _change(architecture, space, slots[index], rng)


def draws_again(architecture, space, rng):
    """Another right answer: reject what changes nothing."""
    child = architecture
    while child == architecture:
        child = may_return_the_parent(architecture, space, rng)
    return child


def draws_from_a_generator_of_its_own(architecture, space, rng):
    rng = np.random.default_rng()
    return _change(architecture, space, _choose(_open(space), rng), rng)


def _stop(performances, patience, *, is_better, slack=0, resets=True):
    best, waited = performances[0], 0
    for trial, performance in enumerate(performances[1:], start=2):
        if is_better(performance, best):
            best, waited = performance, waited * (not resets)
        else:
            waited += 1
        if waited >= patience + slack:
            return trial
    return len(performances)


def calls_a_tie_progress(performances, patience):
    return _stop(performances, patience, is_better=lambda new, best: new >= best)


def waits_one_too_long(performances, patience):
    return _stop(performances, patience, is_better=lambda new, best: new > best, slack=1)


def never_forgets(performances, patience):
    return _stop(performances, patience, is_better=lambda new, best: new > best, resets=False)


def compares_with_the_trial_before(performances, patience):
    waited = 0
    for trial in range(1, len(performances)):
        waited = 0 if performances[trial] > performances[trial - 1] else waited + 1
        if waited >= patience:
            return trial + 1
    return len(performances)


def counts_from_zero(performances, patience):
    return _stop(performances, patience, is_better=lambda new, best: new > best) - 1


def looks_for_smaller_values(performances, patience):
    return _stop(performances, patience, is_better=lambda new, best: new < best)


MISTAKES = [
    ("6.1", (19, 18)),  # the trial that fills the population is not bred
    ("6.1", (17, 18)),
    ("6.1", (18, 17)),
    ("6.1", (18, 30)),
    ("6.1", 18),
    ("6.2", drops_the_oldest),
    ("6.2", drops_the_best),
    ("6.2", drops_before_adding),
    ("6.2", changes_the_given_population),
    ("6.2", compares_architectures_on_a_tie),
    ("6.2", forgets_the_key),
    ("6.2", returns_the_given_list),
    ("6.2", drops_although_there_is_room),
    ("6.2", sorts_one_of_two_arrays),
    ("6.3", may_return_the_parent),
    ("6.3", changes_two),
    ("6.3", changes_the_parent),
    ("6.3", never_the_last_slot),
    ("6.3", meets_a_slot_without_a_choice),
    ("6.3", takes_the_next_option),
    ("6.3", prefers_the_first_option),
    ("6.3", goes_on_to_the_next_slot),
    ("6.3", draws_from_a_generator_of_its_own),
    ("6.4", calls_a_tie_progress),
    ("6.4", waits_one_too_long),
    ("6.4", never_forgets),
    ("6.4", compares_with_the_trial_before),
    ("6.4", counts_from_zero),
    ("6.4", looks_for_smaller_values),
]


test_solution_is_right, test_plausible_mistake_is_wrong, test_stub_is_not_attempted = promises(
    "06", ANSWERS, MISTAKES
)


def test_another_right_answer(capsys):
    check("6.3", draws_again)
    assert capsys.readouterr().out == "6.3: right\n"


@pytest.mark.parametrize(
    ("number", "mistake", "case"),
    [
        ("6.2", forgets_the_key, "population [0.6, 0.6, 0.7], newcomer 0.6 and size 3"),
        ("6.2", forgets_the_key, "key=by_performance"),
        ("6.3", meets_a_slot_without_a_choice, "'input': ('raw',)"),
    ],
)
def test_the_verdict_on_an_error_names_the_case(number, mistake, case, capsys):
    check(number, mistake)
    assert case in capsys.readouterr().out


@pytest.mark.parametrize(
    ("trials", "population_size", "expected"),
    [(3, 2, (1, 1)), (10, 4, (6, 6)), (10, 10, (0, 0)), (10, 20, (0, 0)), (30, 12, (18, 18))],
)
def test_bred_and_dropped(trials, population_size, expected):
    assert bred_and_dropped(trials, population_size) == expected
