"""Chapter 08: the solutions pass, plausible mistakes fail, untouched stubs are not attempted."""

import numpy as np

from nas_tutorial.course.exercises import check
from nas_tutorial.data.datasets import load_dataset
from nas_tutorial.data.surnames import letters
from tests.course.exercises.promises import promises
from tests.course.exercises.solutions import solution

ANSWERS = {
    "8.1": "guess",
    "8.2": "unshared",
    "8.3": "oversample",
    "8.4": "recall_with_error",
}


def shared_as_written(listed):
    """Compares names before their accents are gone."""
    every = [name for names in listed.values() for name in set(names)]
    return {
        letters(name): language
        for language, names in listed.items()
        for name in names
        if every.count(name) == 1
    }


def first_language_keeps_it(listed):
    answer = {}
    for language, names in listed.items():
        for name in names:
            answer.setdefault(letters(name), language)
    return answer


def last_language_keeps_it(listed):
    return {letters(name): language for language, names in listed.items() for name in names}


def twice_in_one_list_is_shared(listed):
    every = [letters(name) for names in listed.values() for name in names]
    return {
        letters(name): language
        for language, names in listed.items()
        for name in names
        if every.count(letters(name)) == 1
    }


def third_language_brings_it_back(listed):
    """Drops a name when it is met again, and forgets that it did."""
    answer = {}
    for language, names in listed.items():
        for name in {letters(one) for one in names}:
            if name in answer:
                del answer[name]
            else:
                answer[name] = language
    return answer


def keyed_as_written(listed):
    spellings = {language: {letters(name) for name in names} for language, names in listed.items()}
    return {
        name: language
        for language, names in listed.items()
        for name in names
        if sum(letters(name) in one for one in spellings.values()) == 1
    }


def undersample(y, rng):
    classes, sizes = np.unique(y, return_counts=True)
    return np.concatenate(
        [rng.choice(np.flatnonzero(y == label), sizes.min(), replace=False) for label in classes]
    )


def drawn_anew(y, rng):
    """As many of each class, but some rows are left out."""
    classes, sizes = np.unique(y, return_counts=True)
    return np.concatenate([rng.choice(np.flatnonzero(y == c), sizes.max()) for c in classes])


def largest_added_to_each(y, rng):
    classes, sizes = np.unique(y, return_counts=True)
    more = [rng.choice(np.flatnonzero(y == c), sizes.max()) for c in classes]
    return np.concatenate([np.arange(len(y)), *more])


def labels_for_rows(y, rng):
    classes, sizes = np.unique(y, return_counts=True)
    return np.repeat(classes, sizes.max())


def positions_within_the_class(y, rng):
    sizes = np.unique(y, return_counts=True)[1]
    more = [rng.choice(size, sizes.max() - size) for size in sizes]
    return np.concatenate([np.arange(len(y)), *more])


def generator_of_its_own(y, rng):
    return solved("8.3")(y, np.random.default_rng())


def the_same_again_and_again(y, rng):
    classes, sizes = np.unique(y, return_counts=True)
    return np.concatenate([np.resize(np.flatnonzero(y == c), sizes.max()) for c in classes])


def all_samples_for_its_own(y_true, y_pred, label):
    recall = np.mean(y_pred[y_true == label] == label)
    return recall, np.sqrt(recall * (1 - recall) / len(y_true))


def precision(y_true, y_pred, label):
    share = np.mean(y_true[y_pred == label] == label)
    return share, np.sqrt(share * (1 - share) / np.sum(y_pred == label))


def accuracy_of_one_against_the_rest(y_true, y_pred, label):
    share = np.mean((y_true == label) == (y_pred == label))
    return share, np.sqrt(share * (1 - share) / len(y_true))


def root_forgotten(y_true, y_pred, label):
    recall = np.mean(y_pred[y_true == label] == label)
    return recall, recall * (1 - recall) / np.sum(y_true == label)


def deviation_for_error(y_true, y_pred, label):
    recall = np.mean(y_pred[y_true == label] == label)
    return recall, np.sqrt(recall * (1 - recall))


def other_way_round(y_true, y_pred, label):
    return solved("8.4")(y_true, y_pred, label)[::-1]


MISTAKES = [
    ("8.1", (0.5, 0.5)),  # as if each measure were the recall of French
    ("8.1", (0.5 / 7, 0.5 * 69 / 1463)),  # the two exchanged
    ("8.1", (0.5 / 7, 0.5 / 7)),
    ("8.1", (69 / 1463, 1 / 7)),  # all of the French names
    ("8.1", (0.5 * 69 / 1463, 0.5)),
    ("8.1", 0.07),
    ("8.1", ("a little", "more")),
    ("8.2", shared_as_written),
    ("8.2", first_language_keeps_it),
    ("8.2", last_language_keeps_it),
    ("8.2", twice_in_one_list_is_shared),
    ("8.2", third_language_brings_it_back),
    ("8.2", keyed_as_written),
    ("8.2", list),
    ("8.3", undersample),
    ("8.3", drawn_anew),
    ("8.3", largest_added_to_each),
    ("8.3", labels_for_rows),
    ("8.3", positions_within_the_class),
    ("8.3", generator_of_its_own),
    ("8.3", the_same_again_and_again),
    ("8.3", lambda y, rng: y / 2),
    ("8.3", lambda y, rng: np.arange(len(y)) + 1),
    ("8.4", all_samples_for_its_own),
    ("8.4", precision),
    ("8.4", accuracy_of_one_against_the_rest),
    ("8.4", root_forgotten),
    ("8.4", deviation_for_error),
    ("8.4", other_way_round),
    ("8.4", lambda y_true, y_pred, label: 0.5),
]


test_solution_is_right, test_plausible_mistake_is_wrong, test_stub_is_not_attempted = promises(
    "08", ANSWERS, MISTAKES
)


def solved(number: str):
    return solution("08", f"ex-{number.replace('.', '-')}")[ANSWERS[number]]


def test_a_guess_of_three_digits_is_right(capsys):
    check("8.1", (0.024, 0.071))
    assert capsys.readouterr().out == "8.1: right\n"


def test_a_pair_may_be_a_list(capsys):
    check("8.4", lambda *given: list(solved("8.4")(*given)))
    assert capsys.readouterr().out == "8.4: right\n"


def test_the_statement_of_8_1_has_the_numbers_of_the_data():
    data = load_dataset("surnames")
    french = data.class_names.index("French")
    assert (len(data.y_val), sum(data.y_val == french), data.num_classes) == (1463, 69, 7)
