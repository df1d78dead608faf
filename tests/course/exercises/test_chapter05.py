"""Chapter 05: the solutions pass, plausible mistakes fail, untouched stubs are not attempted."""

import math

import numpy as np
import pytest

from nas_tutorial.course.exercises import check
from tests.course.exercises.promises import promises
from tests.course.exercises.solutions import solution

ANSWERS = {
    "5.1": "guess",
    "5.2": "macro_recall",
    "5.3": "standard_error",
    "5.4": "seeds_needed",
    "5.5": "winner_optimism",
}


def micro_average(y_true, y_pred):
    return np.mean(y_true == y_pred)


def columns_for_rows(y_true, y_pred):
    """Precision."""
    called = [y_true[y_pred == label] == label for label in np.unique(y_true)]
    return np.mean([np.mean(hits) if len(hits) else 0.0 for hits in called])


def divided_by_all_samples(y_true, y_pred):
    hits = [np.sum((y_true == c) & (y_pred == c)) / len(y_true) for c in np.unique(y_true)]
    return np.mean(hits)


def only_predicted_classes(y_true, y_pred):
    """Leaves out the class that is never found."""
    return np.mean([np.mean(y_pred[y_true == c] == c) for c in np.intersect1d(y_true, y_pred)])


def labels_without_gaps(y_true, y_pred):
    num_classes = len(np.unique(y_true))
    hits = [np.sum((y_true == c) & (y_pred == c)) for c in range(num_classes)]
    return np.mean([hit / max(1, np.sum(y_true == c)) for c, hit in enumerate(hits)])


def standard_deviation(values):
    return np.std(values, ddof=1)


def population_deviation(values):
    return np.std(values) / np.sqrt(len(values))


def divided_by_n(values):
    return np.std(values, ddof=1) / len(values)


def root_forgotten(values):
    return np.var(values, ddof=1) / len(values)


def whole_difference(sd, difference):
    return next(n for n in range(2, 10**6) if sd / math.sqrt(n) < difference)


def without_root(sd, difference):
    return next(n for n in range(2, 10**6) if sd / n < difference / 2)


def equal_will_do(sd, difference):
    return max(2, math.ceil((2 * sd / difference) ** 2))


def one_seed_will_do(sd, difference):
    return next(n for n in range(1, 10**6) if sd / math.sqrt(n) < difference / 2)


def mean_for_maximum(num_candidates, num_samples, accuracy, rng):
    return (
        np.mean(rng.binomial(num_samples, accuracy, size=num_candidates)) / num_samples - accuracy
    )


def one_shared_measurement(num_candidates, num_samples, accuracy, rng):
    return max([rng.binomial(num_samples, accuracy) / num_samples] * num_candidates) - accuracy


def wrong_sign(num_candidates, num_samples, accuracy, rng):
    return accuracy - rng.binomial(num_samples, accuracy, size=num_candidates).max() / num_samples


def never_negative(num_candidates, num_samples, accuracy, rng):
    best = rng.binomial(num_samples, accuracy, size=num_candidates).max() / num_samples
    return abs(best - accuracy)


def not_subtracted(num_candidates, num_samples, accuracy, rng):
    return rng.binomial(num_samples, accuracy, size=num_candidates).max() / num_samples


def one_candidate_short(num_candidates, num_samples, accuracy, rng):
    draws = rng.binomial(num_samples, accuracy, size=max(1, num_candidates // 2))
    return draws.max() / num_samples - accuracy


def bell_shaped(num_candidates, num_samples, accuracy, rng):
    sd = math.sqrt(accuracy * (1 - accuracy) / num_samples)
    return rng.normal(accuracy, sd, size=num_candidates).max() - accuracy


def global_generator(num_candidates, num_samples, accuracy, rng):
    draws = np.random.binomial(num_samples, accuracy, size=num_candidates)  # noqa: NPY002
    return draws.max() / num_samples - accuracy


def generator_of_its_own(num_candidates, num_samples, accuracy, rng):
    draws = np.random.default_rng().binomial(num_samples, accuracy, size=num_candidates)
    return draws.max() / num_samples - accuracy


def fixed_seed(num_candidates, num_samples, accuracy, rng):
    draws = np.random.default_rng(0).binomial(num_samples, accuracy, size=num_candidates)
    return draws.max() / num_samples - accuracy


MISTAKES = [
    ("5.1", 4),
    ("5.1", 1),
    ("5.1", 0.5),
    ("5.1", "half"),
    ("5.2", micro_average),
    ("5.2", columns_for_rows),
    ("5.2", divided_by_all_samples),
    ("5.2", only_predicted_classes),
    ("5.2", labels_without_gaps),
    ("5.3", standard_deviation),
    ("5.3", population_deviation),
    ("5.3", divided_by_n),
    ("5.3", root_forgotten),
    ("5.4", whole_difference),
    ("5.4", without_root),
    ("5.4", equal_will_do),
    ("5.4", one_seed_will_do),
    ("5.5", mean_for_maximum),
    ("5.5", one_shared_measurement),
    ("5.5", wrong_sign),
    ("5.5", never_negative),
    ("5.5", not_subtracted),
    ("5.5", one_candidate_short),
    ("5.5", bell_shaped),
    ("5.5", global_generator),
    ("5.5", generator_of_its_own),
    ("5.5", fixed_seed),
]


test_solution_is_right, test_plausible_mistake_is_wrong, test_stub_is_not_attempted = promises(
    "05", ANSWERS, MISTAKES
)


@pytest.mark.parametrize("number", ["5.2", "5.3", "5.4", "5.5"])
def test_an_array_without_dimensions_is_a_number(number, capsys):
    answer = solution("05", f"ex-{number.replace('.', '-')}")[ANSWERS[number]]
    check(number, lambda *given: np.array(answer(*given)))
    assert capsys.readouterr().out == f"{number}: right\n"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (global_generator, "changed the state of np.random"),
        (generator_of_its_own, "two generators in equal states"),
    ],
)
def test_numbers_that_are_not_drawn_from_rng_are_named(answer, said, capsys):
    check("5.5", answer)
    assert said in capsys.readouterr().out
