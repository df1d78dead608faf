"""The checks of chapter 11: solutions pass, plausible mistakes do not, stubs are not attempted."""

import math

import numpy as np

from nas_tutorial.course.exercises import check
from tests.course.exercises.promises import promises

ANSWERS = {
    "11.1": "guess",
    "11.2": "accept",
    "11.3": "best_step",
    "11.4": "tabu_step",
    "11.5": "transitions",
}


def minimises(current, candidate, temperature, draw):
    return candidate <= current or draw < math.exp((current - candidate) / temperature)


def accepts_only_better_ones(current, candidate, temperature, draw):
    return candidate >= current


def compares_the_wrong_way_round(current, candidate, temperature, draw):
    return candidate >= current or draw > math.exp((candidate - current) / temperature)


def forgets_the_temperature(current, candidate, temperature, draw):
    return candidate >= current or draw < math.exp(candidate - current)


def multiplies_by_the_temperature(current, candidate, temperature, draw):
    return candidate >= current or draw < math.exp((candidate - current) * temperature)


def overflows_where_much_is_gained(current, candidate, temperature, draw):
    return draw < math.exp((candidate - current) / temperature)


def takes_a_relative_loss(current, candidate, temperature, draw):
    return candidate >= current or draw < math.exp((candidate / current - 1) / temperature)


def returns_the_probability(current, candidate, temperature, draw):
    return min(1.0, math.exp(min(0.0, candidate - current) / temperature))


def moves_to_the_best_even_if_worse(architecture, space, accuracy_of):
    return max(space.neighbors(architecture), key=accuracy_of)


def moves_to_equals(architecture, space, accuracy_of):
    best = max(space.neighbors(architecture), key=accuracy_of)
    return best if accuracy_of(best) >= accuracy_of(architecture) else architecture


def moves_to_the_first_better(architecture, space, accuracy_of):
    own = accuracy_of(architecture)
    better = (one for one in space.neighbors(architecture) if accuracy_of(one) > own)
    return next(better, architecture)


def moves_to_the_last_better(architecture, space, accuracy_of):
    own = accuracy_of(architecture)
    for one in space.neighbors(architecture):
        if accuracy_of(one) > own:
            architecture = one
    return architecture


def descends(architecture, space, accuracy_of):
    worst = min(space.neighbors(architecture), key=accuracy_of)
    return worst if accuracy_of(worst) < accuracy_of(architecture) else architecture


def returns_the_accuracy(architecture, space, accuracy_of):
    return max(map(accuracy_of, [architecture, *space.neighbors(architecture)]))


def move(before, after):
    pairs = enumerate(zip(before.values, after.values))
    return next((index, old, new) for index, (old, new) in pairs if old != new)


def allowed_neighbors(architecture, space, tabu):
    moves = {one: move(architecture, one) for one in space.neighbors(architecture)}
    return [one for one, (index, _, new) in moves.items() if (index, new) not in tabu]


def stays_where_nothing_is_better(architecture, space, accuracy_of, tabu):
    allowed = allowed_neighbors(architecture, space, tabu)
    return max([architecture, *allowed], key=accuracy_of)


def stays_where_nothing_is_allowed(architecture, space, accuracy_of, tabu):
    allowed = allowed_neighbors(architecture, space, tabu)
    return max(allowed, key=accuracy_of, default=architecture)


def forgets_the_list(architecture, space, accuracy_of, tabu):
    return max(space.neighbors(architecture), key=accuracy_of)


def forbids_to_give_a_value_up(architecture, space, accuracy_of, tabu):
    moves = {one: move(architecture, one) for one in space.neighbors(architecture)}
    allowed = [one for one, (index, old, _) in moves.items() if (index, old) not in tabu]
    return max(allowed, key=accuracy_of, default=None)


def forbids_the_whole_choice(architecture, space, accuracy_of, tabu):
    frozen = {index for index, _ in tabu}
    moves = {one: move(architecture, one) for one in space.neighbors(architecture)}
    allowed = [one for one, (index, _, _) in moves.items() if index not in frozen]
    return max(allowed, key=accuracy_of, default=None)


def gives_up_if_the_best_is_tabu(architecture, space, accuracy_of, tabu):
    best = max(space.neighbors(architecture), key=accuracy_of)
    return best if best in allowed_neighbors(architecture, space, tabu) else None


def takes_the_worst_allowed(architecture, space, accuracy_of, tabu):
    return min(allowed_neighbors(architecture, space, tabu), key=accuracy_of, default=None)


def walk(heights, near, temperature, correction, sign=1):
    matrix = np.zeros((len(heights), len(heights)))
    for x, around in enumerate(near):
        for y in around:
            ratio = math.exp(sign * (heights[y] - heights[x]) / temperature)
            matrix[x, y] = min(1, correction(x, y) * ratio) / len(around)
    return matrix


def stays_too(matrix):
    return matrix + np.diag(1 - matrix.sum(axis=1))


def ignores_how_many_neighbours(heights, near, temperature):
    return stays_too(walk(heights, near, temperature, lambda x, y: 1))


def corrects_the_wrong_way_round(heights, near, temperature):
    return stays_too(walk(heights, near, temperature, lambda x, y: len(near[y]) / len(near[x])))


def walks_downhill(heights, near, temperature):
    return stays_too(walk(heights, near, temperature, lambda x, y: len(near[x]) / len(near[y]), -1))


def never_stays(heights, near, temperature):
    return walk(heights, near, temperature, lambda x, y: len(near[x]) / len(near[y]))


def jumps_anywhere(heights, near, temperature):
    weights = np.exp((heights - heights.max()) / temperature)
    return np.tile(weights / weights.sum(), (len(heights), 1))


MISTAKES = [
    ("11.1", 49),  # every neighbour of both, once more
    ("11.1", 48),
    ("11.1", 44),  # without the start
    ("11.1", 25),
    ("11.1", 45.0),
    ("11.2", minimises),
    ("11.2", accepts_only_better_ones),
    ("11.2", compares_the_wrong_way_round),
    ("11.2", forgets_the_temperature),
    ("11.2", multiplies_by_the_temperature),
    ("11.2", overflows_where_much_is_gained),
    ("11.2", takes_a_relative_loss),
    ("11.2", returns_the_probability),
    ("11.3", moves_to_the_best_even_if_worse),
    ("11.3", moves_to_equals),
    ("11.3", moves_to_the_first_better),
    ("11.3", moves_to_the_last_better),
    ("11.3", descends),
    ("11.3", returns_the_accuracy),
    ("11.4", stays_where_nothing_is_better),
    ("11.4", stays_where_nothing_is_allowed),
    ("11.4", forgets_the_list),
    ("11.4", forbids_to_give_a_value_up),
    ("11.4", forbids_the_whole_choice),
    ("11.4", gives_up_if_the_best_is_tabu),
    ("11.4", takes_the_worst_allowed),
    ("11.5", ignores_how_many_neighbours),
    ("11.5", corrects_the_wrong_way_round),
    ("11.5", walks_downhill),
    ("11.5", never_stays),
    ("11.5", jumps_anywhere),
]


test_solution_is_right, test_plausible_mistake_is_wrong, test_stub_is_not_attempted = promises(
    "11", ANSWERS, MISTAKES
)


def test_an_overflow_is_told_where_it_comes_from(capsys):
    check("11.2", overflows_where_much_is_gained)
    told = capsys.readouterr().out
    assert "the exponential overflows. Is one needed where the candidate is not worse?" in told
