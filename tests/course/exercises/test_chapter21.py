"""The checks of chapter 21: solutions pass; the published mistakes and other wrong repairs do not."""

import bisect
import math
import random

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from nas_tutorial.course.exercises import check
from nas_tutorial.course.exercises.chapter21 import _slow_front
from nas_tutorial.pareto import non_dominated
from tests.course.exercises.promises import promises

ANSWERS = {
    "21.1": "mended_random_search",
    "21.2": "mended_draw_networks",
    "21.3": "mended_keeps",
    "21.4": "mended_sample_feasible",
    "21.5": "mended_replace_worst",
    "21.6": "front",
    "21.7": "mended_incumbent_at",
    "21.8": "mended_prepare",
    "21.9": "mended_evolve",
    "21.10": "mended_final_report",
    "21.11": "guess",
}


def returns_the_last_drawn(draw, measure, trials):
    """The published mistake."""
    told = {}
    for _ in range(trials):
        network = draw()
        told[network] = measure(network)
    return network


def returns_the_value(draw, measure, trials):
    return max(measure(draw()) for _ in range(trials))


def begins_with_a_record_of_zero(draw, measure, trials):
    record, best = 0.0, None
    for _ in range(trials):
        network = draw()
        value = measure(network)
        if value > record:
            record, best = value, network
    return best


def compares_with_the_one_before(draw, measure, trials):
    before, best = -math.inf, None
    for _ in range(trials):
        network = draw()
        value = measure(network)
        if value > before:
            best = network
        before = value
    return best


def stops_one_early(draw, measure, trials):
    told = {network: measure(network) for network in (draw() for _ in range(trials - 1))}
    return max(told, key=told.get)


def takes_the_smallest(draw, measure, trials):
    told = {network: measure(network) for network in (draw() for _ in range(trials))}
    return min(told, key=told.get)


def overwrites_the_seed(networks, trials, seed):
    """The published mistake, on a generator of its own."""
    generator = random.Random()
    generator.seed = seed
    return [generator.choice(networks) for _ in range(trials)]


def overwrites_the_seed_of_all(networks, trials, seed):
    random.seed = seed
    return [random.choice(networks) for _ in range(trials)]


def seeds_what_others_draw_from(networks, trials, seed):
    random.seed(seed)
    return [random.choice(networks) for _ in range(trials)]


def seeds_another_generator(networks, trials, seed):
    np.random.default_rng(seed)
    return [random.Random().choice(networks) for _ in range(trials)]


def begins_anew_for_each_draw(networks, trials, seed):
    return [random.Random(seed).choice(networks) for _ in range(trials)]


def never_draws_the_last_one(networks, trials, seed):
    """`len(networks) - 1` for the last place, with a generator that leaves the upper end out."""
    rng = np.random.default_rng(seed)
    return [networks[place] for place in rng.integers(len(networks) - 1, size=trials)]


def always_takes_42(networks, trials, seed):
    generator = random.Random(42)
    return [generator.choice(networks) for _ in range(trials)]


def ignores_unknown_names(measured, limits):
    """The published mistake."""
    return all(value <= limits.get(name, math.inf) for name, value in measured.items())


def says_no_to_unknown_names(measured, limits):
    return all(measured.get(name, math.inf) <= limit for name, limit in limits.items())


def says_yes_to_unknown_names(measured, limits):
    return all(measured.get(name, 0) <= limit for name, limit in limits.items())


def stops_at_the_first_broken_limit(measured, limits):
    return all(measured[name] <= limit for name, limit in limits.items())


def wants_a_limit_on_everything(measured, limits):
    return all(measured[name] <= limits[name] for name in measured)


def wants_to_be_below(measured, limits):
    if not set(limits) <= set(measured):
        raise ValueError(f"unknown: {set(limits) - set(measured)}")
    return all(measured[name] < limit for name, limit in limits.items())


def does_not_say_which(measured, limits):
    if not set(limits) <= set(measured):
        raise ValueError("there is an unknown limit")
    return all(measured[name] <= limit for name, limit in limits.items())


def draws_for_ever(draw, is_feasible, attempts):
    """The published mistake."""
    while True:
        network = draw()
        if is_feasible(network):
            return network


def returns_nothing(draw, is_feasible, attempts):
    for _ in range(attempts):
        network = draw()
        if is_feasible(network):
            return network
    return None


def returns_the_last_one(draw, is_feasible, attempts):
    for _ in range(attempts):
        network = draw()
        if is_feasible(network):
            break
    return network


def gives_up_one_early(draw, is_feasible, attempts):
    for _ in range(attempts - 1):
        network = draw()
        if is_feasible(network):
            return network
    raise ValueError(f"none in {attempts} draws")


def draws_once_too_often(draw, is_feasible, attempts):
    for _ in range(attempts + 1):
        network = draw()
        if is_feasible(network):
            return network
    raise ValueError(f"none in {attempts} draws")


def gives_no_number(draw, is_feasible, attempts):
    for _ in range(attempts):
        network = draw()
        if is_feasible(network):
            return network
    raise ValueError("no luck")


def error_of(member):
    return member[1]


def removes_the_smallest_error(members, child):
    """The published mistake."""
    everyone = [*members, child]
    everyone.remove(min(everyone, key=error_of))
    return everyone


def removes_the_oldest(members, child):
    return [*members, child][1:]


def always_lets_the_child_in(members, child):
    left = list(members)
    left.remove(max(left, key=error_of))
    return [*left, child]


def goes_by_name(members, child):
    everyone = [*members, child]
    everyone.remove(max(everyone))
    return everyone


def removes_from_the_callers_list(members, child):
    members.append(child)
    members.remove(max(members, key=error_of))
    return members


def removes_all_that_are_equally_bad(members, child):
    everyone = [*members, child]
    worst = max(map(error_of, everyone))
    return [member for member in everyone if error_of(member) < worst]


def adds_the_objectives_up(accuracy, parameters):
    """The published mistake."""
    return [int(np.argmin(parameters - accuracy))]


def adds_them_up_normalised(accuracy, parameters):
    spread = np.ptp(accuracy) or 1, np.ptp(parameters) or 1
    return [int(np.argmin(parameters / spread[1] - accuracy / spread[0]))]


def keeps_what_some_weights_like(accuracy, parameters):
    """A dent in the front is best for no weights."""
    weights = np.geomspace(1e-9, 1e3, 400)
    return sorted({int(np.argmin(weight * parameters - accuracy)) for weight in weights})


def wants_to_be_beaten_in_both(accuracy, parameters):
    return [
        row
        for row in range(len(accuracy))
        if not np.any((accuracy > accuracy[row]) & (parameters < parameters[row]))
    ]


def beats_itself(accuracy, parameters):
    return [
        row
        for row in range(len(accuracy))
        if np.sum((accuracy >= accuracy[row]) & (parameters <= parameters[row])) == 1
    ]  # of two equal rows neither is left


def wants_many_parameters(accuracy, parameters):
    return np.flatnonzero(non_dominated(np.column_stack([-accuracy, -parameters])))


def draws_a_straight_line(finished, best, at):
    """The published mistake."""
    return float(np.interp(at, finished, best))


def looks_ahead(finished, best, at):
    return best[min(np.searchsorted(finished, at), len(best) - 1)]


def takes_the_nearest(finished, best, at):
    return best[np.argmin(abs(np.asarray(finished) - at))]


def begins_at_zero(finished, best, at):
    place = bisect.bisect_right(list(finished), at)
    return best[place - 1] if place else 0.0


def leaves_out_the_moment_itself(finished, best, at):
    place = bisect.bisect_left(list(finished), at)
    return best[place - 1] if place else math.nan


def wraps_round(finished, best, at):
    return best[np.searchsorted(finished, at, side="right") - 1]


def never_adapts(x_train, x_val, normalise):
    """The published mistake."""
    from nas_tutorial.backend import keras

    layer = keras.layers.Normalization()
    return (np.asarray(layer(x_train)) if normalise else x_train), x_val


def forgets_validation(x_train, x_val, normalise):
    """The published repair."""
    if not normalise:
        return x_train, x_val
    return (x_train - x_train.mean(axis=0)) / x_train.std(axis=0), x_val


def normalises_each_by_itself(x_train, x_val, normalise):
    if not normalise:
        return x_train, x_val
    scale = StandardScaler().fit_transform
    return scale(x_train), scale(x_val)


def takes_the_statistics_of_both(x_train, x_val, normalise):
    if not normalise:
        return x_train, x_val
    scaler = StandardScaler().fit(np.concatenate([x_train, x_val]))
    return scaler.transform(x_train), scaler.transform(x_val)


def takes_one_mean_for_all_columns(x_train, x_val, normalise):
    if not normalise:
        return x_train, x_val
    mean, sd = x_train.mean(), x_train.std()
    return (x_train - mean) / sd, (x_val - mean) / sd


def cannot_be_switched_off(x_train, x_val, normalise):
    scaler = StandardScaler().fit(x_train)
    return scaler.transform(x_train), scaler.transform(x_val)


def writes_over_what_it_was_given(x_train, x_val, normalise):
    """Right once; whoever uses the data afterwards has them scaled, switched on or off."""
    if normalise:
        mean, sd = x_train.mean(axis=0), x_train.std(axis=0)
        for part in (x_train, x_val):
            part -= mean
            part /= sd
    return x_train, x_val


def pairs_parents_values_with_children(population, measure, breed, rounds):
    """The published mistake."""
    for _ in range(rounds):
        told = [measure(network) for network in population]
        population = breed(population, told)
    best = int(np.argmax(told))
    return population[best], told[best]


def looks_at_the_last_round(population, measure, breed, rounds):
    for number in range(rounds):
        told = [measure(network) for network in population]
        if number < rounds - 1:
            population = breed(population, told)
    best = int(np.argmax(told))
    return population[best], told[best]


def measures_the_children_too(population, measure, breed, rounds):
    for _ in range(rounds):
        population = breed(population, [measure(network) for network in population])
    told = [measure(network) for network in population]
    best = int(np.argmax(told))
    return population[best], told[best]


def measures_the_winner_again(population, measure, breed, rounds):
    seen = []
    for _ in range(rounds):
        told = [measure(network) for network in population]
        seen += zip(told, population)
        population = breed(population, told)
    _, best = max(seen)
    return best, measure(best)


def sorts_only_one_of_two_lists(population, measure, breed, rounds):
    seen, values = [], []
    for _ in range(rounds):
        told = [measure(network) for network in population]
        seen += population
        values += told
        population = breed(population, told)
    values.sort(reverse=True)
    return seen[0], values[0]


def keeps_the_first_best(population, measure, breed, rounds):
    best = None
    for _ in range(rounds):
        told = [measure(network) for network in population]
        best = best or max(zip(told, population))
        population = breed(population, told)
    return best[1], best[0]


def takes_the_best_test(networks, validate, test):
    """The published mistake."""
    tested = {network: test(network) for network in networks}
    best = max(tested, key=tested.get)
    return best, tested[best]


def reports_the_best_test_of_another(networks, validate, test):
    """The other published one: the best of each column."""
    return max(networks, key=validate), max(map(test, networks))


def reports_validation(networks, validate, test):
    best = max(networks, key=validate)
    test(best)
    return best, validate(best)


def chooses_finalists_by_test(networks, validate, test):
    finalists = sorted(networks, key=validate)[-2:]
    tested = {network: test(network) for network in finalists}
    best = max(tested, key=tested.get)
    return best, tested[best]


def reads_test_while_it_searches(networks, validate, test):
    record, best = -math.inf, None
    for network in networks:
        value = validate(network)
        if value > record:
            record, best, report = value, network, test(network)
    return best, report


def takes_the_worst(networks, validate, test):
    best = min(networks, key=validate)
    return best, test(best)


MISTAKES = [
    ("21.1", returns_the_last_drawn),
    ("21.1", returns_the_value),
    ("21.1", begins_with_a_record_of_zero),
    ("21.1", compares_with_the_one_before),
    ("21.1", stops_one_early),
    ("21.1", takes_the_smallest),
    ("21.2", overwrites_the_seed),
    ("21.2", overwrites_the_seed_of_all),
    ("21.2", seeds_what_others_draw_from),
    ("21.2", seeds_another_generator),
    ("21.2", begins_anew_for_each_draw),
    ("21.2", always_takes_42),
    ("21.2", never_draws_the_last_one),
    ("21.3", ignores_unknown_names),
    ("21.3", says_no_to_unknown_names),
    ("21.3", says_yes_to_unknown_names),
    ("21.3", stops_at_the_first_broken_limit),
    ("21.3", wants_a_limit_on_everything),
    ("21.3", wants_to_be_below),
    ("21.3", does_not_say_which),
    ("21.4", draws_for_ever),
    ("21.4", returns_nothing),
    ("21.4", returns_the_last_one),
    ("21.4", gives_up_one_early),
    ("21.4", draws_once_too_often),
    ("21.4", gives_no_number),
    ("21.5", removes_the_smallest_error),
    ("21.5", removes_the_oldest),
    ("21.5", always_lets_the_child_in),
    ("21.5", goes_by_name),
    ("21.5", removes_from_the_callers_list),
    ("21.5", removes_all_that_are_equally_bad),
    ("21.6", adds_the_objectives_up),
    ("21.6", adds_them_up_normalised),
    ("21.6", keeps_what_some_weights_like),
    ("21.6", wants_to_be_beaten_in_both),
    ("21.6", beats_itself),
    ("21.6", wants_many_parameters),
    ("21.7", draws_a_straight_line),
    ("21.7", looks_ahead),
    ("21.7", takes_the_nearest),
    ("21.7", begins_at_zero),
    ("21.7", leaves_out_the_moment_itself),
    ("21.7", wraps_round),
    ("21.8", never_adapts),
    ("21.8", forgets_validation),
    ("21.8", normalises_each_by_itself),
    ("21.8", takes_the_statistics_of_both),
    ("21.8", takes_one_mean_for_all_columns),
    ("21.8", cannot_be_switched_off),
    ("21.8", writes_over_what_it_was_given),
    ("21.9", pairs_parents_values_with_children),
    ("21.9", looks_at_the_last_round),
    ("21.9", measures_the_children_too),
    ("21.9", measures_the_winner_again),
    ("21.9", sorts_only_one_of_two_lists),
    ("21.9", keeps_the_first_best),
    ("21.10", takes_the_best_test),
    ("21.10", reports_the_best_test_of_another),
    ("21.10", reports_validation),
    ("21.10", chooses_finalists_by_test),
    ("21.10", reads_test_while_it_searches),
    ("21.10", takes_the_worst),
    ("21.11", "abcd"),
    ("21.11", "ad"),
    ("21.11", "c"),
    ("21.11", "abc"),
    ("21.11", ["b", "c"]),
]


test_solution_is_right, test_plausible_mistake_is_wrong, test_stub_is_not_attempted = promises(
    "21", ANSWERS, MISTAKES
)


def another_random_search(draw, measure, trials):
    best, record = None, -math.inf
    for _ in range(trials):
        network = draw()
        if (value := measure(network)) > record:
            best, record = network, value
    return best


def draws_with_numpy(networks, trials, seed):
    rng = np.random.default_rng(seed)
    return [networks[place] for place in rng.integers(len(networks), size=trials)]


def refuses_before_all(measured, limits):
    for name in limits:
        measured[name]  # a KeyError that names it will do
    return all(measured[name] <= limit for name, limit in limits.items())


def gives_up_with_a_runtime_error(draw, is_feasible, attempts):
    for _ in range(attempts):
        network = draw()
        if is_feasible(network):
            return network
    raise RuntimeError(f"0 of {attempts} draws were feasible")


def sorts_by_error(members, child):
    return sorted([*members, child], key=error_of)[:-1]


def asks_the_library(accuracy, parameters):
    return np.flatnonzero(non_dominated(np.column_stack([-accuracy, parameters])))


def reads_the_last_that_was_there(finished, best, at):
    return next((b for f, b in zip(finished[::-1], best[::-1]) if f <= at), float("nan"))


def adapts_a_layer(x_train, x_val, normalise):
    from nas_tutorial.backend import keras

    if not normalise:
        return x_train, x_val
    layer = keras.layers.Normalization()
    layer.adapt(x_train)
    return layer(x_train), layer(x_val)


def keeps_pairs(population, measure, breed, rounds):
    pairs = []
    for number in range(rounds):
        told = [measure(network) for network in population]
        pairs += zip(population, told)
        if number + 1 < rounds:
            population = breed(population, told)
    return max(pairs, key=error_of)


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("21.1", another_random_search),
        ("21.2", draws_with_numpy),
        ("21.3", refuses_before_all),
        ("21.4", gives_up_with_a_runtime_error),
        ("21.5", sorts_by_error),
        ("21.6", asks_the_library),
        ("21.7", reads_the_last_that_was_there),
        ("21.8", adapts_a_layer),
        ("21.9", keeps_pairs),
        ("21.11", "CB"),
    ],
)
def test_another_right_repair_is_right(number, answer, capsys):
    check(number, answer)
    assert capsys.readouterr().out == f"{number}: right\n"


@pytest.mark.parametrize("mistake", [overwrites_the_seed_of_all, seeds_what_others_draw_from])
def test_the_check_gives_random_seed_back(mistake, capsys):
    before = random.seed
    check("21.2", mistake)
    assert random.seed is before
    random.seed(0)  # still a function


@pytest.mark.parametrize("size", [1, 2, 7, 30])
def test_the_reference_is_the_library_s_front(size):
    rng = np.random.default_rng(size)
    accuracy, parameters = rng.integers(5, size=(2, size)).astype(float)
    expected = np.flatnonzero(non_dominated(np.column_stack([-accuracy, parameters])))
    assert _slow_front(accuracy.tolist(), parameters.tolist()) == expected.tolist()
