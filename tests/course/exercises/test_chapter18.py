"""The checks of chapter 18: solutions pass, plausible mistakes do not, stubs are not attempted."""

import numpy as np

from nas_tutorial.course.exercises.chapter18 import _slow_crowding, squares
from nas_tutorial.pareto import crowding_distance, hypervolume
from tests.course.exercises.promises import promises

ANSWERS = {
    "18.1": "guess",
    "18.2": "dominates",
    "18.3": "area",
    "18.4": "better",
    "18.5": "chebyshev",
    "18.6": "crowding",
}


def asks_for_strictly_less_everywhere(first, second):
    return all(a < b for a, b in zip(first, second))


def lets_equal_points_dominate(first, second):
    return all(a <= b for a, b in zip(first, second))


def is_content_with_one_better(first, second):
    return any(a < b for a, b in zip(first, second))


def takes_large_for_good(first, second):
    return all(a >= b for a, b in zip(first, second)) and tuple(first) != tuple(second)


def adds_the_objectives_up(first, second):
    return sum(first) < sum(second)


def looks_at_two_objectives_only(first, second):
    first, second = first[:2], second[:2]
    return all(a <= b for a, b in zip(first, second)) and first != second


def counts_overlaps_twice(points, reference):
    right, above = reference
    return sum((right - x) * (above - y) for x, y in points if x < right and y < above)


def trusts_every_point_to_be_on_the_front(points, reference):
    right, above = reference
    total = 0
    for x, y in sorted(points):
        total += (right - x) * (above - y)
        above = y
    return total


def forgets_to_sort(points, reference):
    right, above = reference
    total = 0
    for x, y in points:
        if x < right and y < above:
            total += (right - x) * (above - y)
            above = y
    return total


def measures_from_the_origin(points, reference):
    return sum(x * y for x, y in points)


def takes_large_points(points, reference):
    right, above = reference
    return hypervolume([(right - x, above - y) for x, y in points] or [(right, above)], reference)


def takes_the_bounding_box(points, reference):
    if not points:
        return 0
    (xs, ys), (right, above) = zip(*points), reference
    return max(0, right - min(xs)) * max(0, above - min(ys))


def ignores_the_limit(first, second, limit):
    return first[0] > second[0]


def adds_a_penalty(first, second, limit):
    return first[0] - max(0, first[1] - limit) > second[0] - max(0, second[1] - limit)


def compares_accuracy_over_the_limit(first, second, limit):
    return (first[1] <= limit, first[0]) > (second[1] <= limit, second[0])


def takes_the_limit_itself_for_over(first, second, limit):
    def key(pair):
        over = pair[1] if pair[1] >= limit else 0
        return over, -pair[0] if not over else 0

    return key(first) < key(second)


def lets_equal_be_better(first, second, limit):
    def key(pair):
        over = max(0, pair[1] - limit)
        return over, -pair[0] if not over else 0

    return key(first) <= key(second)


def prefers_small_within_the_limit(first, second, limit):
    return first[1] < second[1]


def adds_the_distances_up(losses, weights, ideal):
    return int((weights * (losses - ideal)).sum(axis=1).argmin())


def takes_the_nearest_objective(losses, weights, ideal):
    return int((weights * (losses - ideal)).min(axis=1).argmin())


def forgets_the_ideal(losses, weights, ideal):
    return int((weights * losses).max(axis=1).argmin())


def takes_the_farthest(losses, weights, ideal):
    return int((weights * (losses - ideal)).max(axis=1).argmax())


def divides_by_the_weights(losses, weights, ideal):
    return int(((losses - ideal) / weights).max(axis=1).argmin())


def crowd(losses, *, scaled=True, ends=np.inf, in_order=True, half=False):
    distance = np.zeros(len(losses))
    for values in losses.T:
        order = np.argsort(values, kind="stable")
        span = values[order[-1]] - values[order[0]]
        if span > 0:
            gaps = np.diff(values[order])
            inner = gaps[:-1] if half else gaps[:-1] + gaps[1:]
            added = np.concatenate([[ends], inner / (span if scaled else 1), [ends]])[: len(order)]
            distance[order if in_order else slice(None)] += added
    return distance


def forgets_the_range(losses):
    return crowd(losses, scaled=False)


def gives_the_ends_nothing(losses):
    return crowd(losses, ends=0.0)


def returns_them_sorted_by_value(losses):
    return crowd(losses, in_order=False)


def looks_at_one_neighbour(losses):
    return crowd(losses, half=True)


def looks_at_the_first_objective(losses):
    return crowd(losses[:, :1])


MISTAKES = [
    ("18.1", "PPP"),  # the belief that one sum is as good as another
    ("18.1", "PSR"),
    ("18.1", "RRR"),
    ("18.1", "PRQ"),
    ("18.1", "PR"),
    ("18.1", 3),
    ("18.2", asks_for_strictly_less_everywhere),
    ("18.2", lets_equal_points_dominate),
    ("18.2", is_content_with_one_better),
    ("18.2", takes_large_for_good),
    ("18.2", adds_the_objectives_up),  # the chapter's belief
    ("18.2", looks_at_two_objectives_only),
    ("18.3", counts_overlaps_twice),
    ("18.3", trusts_every_point_to_be_on_the_front),
    ("18.3", forgets_to_sort),
    ("18.3", measures_from_the_origin),
    ("18.3", takes_large_points),
    ("18.3", takes_the_bounding_box),
    ("18.4", ignores_the_limit),
    ("18.4", adds_a_penalty),
    ("18.4", compares_accuracy_over_the_limit),
    ("18.4", takes_the_limit_itself_for_over),
    ("18.4", lets_equal_be_better),
    ("18.4", prefers_small_within_the_limit),
    ("18.5", adds_the_distances_up),
    ("18.5", takes_the_nearest_objective),
    ("18.5", forgets_the_ideal),
    ("18.5", takes_the_farthest),
    ("18.5", divides_by_the_weights),
    ("18.6", forgets_the_range),
    ("18.6", gives_the_ends_nothing),
    ("18.6", returns_them_sorted_by_value),
    ("18.6", looks_at_one_neighbour),
    ("18.6", looks_at_the_first_objective),
]


test_solution_is_right, test_plausible_mistake_is_wrong, test_stub_is_not_attempted = promises(
    "18", ANSWERS, MISTAKES
)


def test_squares_are_the_hypervolume():
    points = [(1, 3), (2, 2), (3, 1), (3, 3)]
    assert squares(points, (4, 4)) == hypervolume(points, (4, 4)) == 6


def test_the_slow_crowding_distance_is_the_library_s():
    losses = np.random.default_rng(0).permutation(36).reshape(12, 3)
    np.testing.assert_allclose(_slow_crowding(losses.tolist()), crowding_distance(losses))
