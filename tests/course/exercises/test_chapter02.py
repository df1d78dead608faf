"""Chapter 02: the solutions pass, plausible mistakes fail, untouched stubs are told apart."""

import itertools

import numpy as np

from nas_tutorial.course.exercises import check
from nas_tutorial.course.exercises.chapter02 import DIMENSIONS
from nas_tutorial.trials import Result
from tests.course.exercises.promises import promises
from tests.course.exercises.solutions import SOURCES

ANSWERS = {"2.1": "guess", "2.2": "without_repeats", "2.3": "twice", "2.4": "effect"}
RIGHT = {letter: word for letter, (word, _) in DIMENSIONS.items()}
LEVELS = (("all", "few"), ("random", "local"), ("long", "short"))
GIVEN = {  # what earlier cells of the chapter define
    "means": {key: place / 8 for place, key in enumerate(itertools.product(*LEVELS))},
    **{name: levels for name, levels in zip(("spaces", "strategies", "estimates"), LEVELS)},
}


def any_architecture(space, history, rng):
    return space[rng.integers(len(space))]


def avoids_the_last_one(space, history, rng):
    new = [one for one in space if not history or one != history[-1][0]]
    return new[rng.integers(len(new))]


def looks_for_it_among_the_pairs(space, history, rng):
    """An architecture is never equal to a pair, so nothing is left out."""
    new = [one for one in space if one not in history]
    return new[rng.integers(len(new))]


def takes_the_next_one(space, history, rng):
    """The neighbour of what was measured gets its share too."""
    measured = [one for one, _ in history]
    index = rng.integers(len(space))
    while space[index] in measured:
        index = (index + 1) % len(space)
    return space[index]


def takes_the_first_one(space, history, rng):
    measured = [one for one, _ in history]
    return next(one for one in space if one not in measured)


def brings_its_own_generator(space, history, rng):
    measured = [one for one, _ in history]
    new = [one for one in space if one not in measured]
    return new[np.random.default_rng().integers(len(new))]


def repeats_the_best(space, history, rng):
    """The belief that a strategy improves on what it has, as SGD does."""
    return max(history, key=lambda pair: pair[1])[0] if history else space[rng.integers(len(space))]


def strikes_out_what_was_measured(space, history, rng):
    """Right once; then the space of everybody else is smaller."""
    for one, _ in history:
        space.remove(one)
    return space[rng.integers(len(space))]


def shuffles_the_space(space, history, rng):
    rng.shuffle(space)
    measured = [one for one, _ in history]
    return next(one for one in space if one not in measured)


def keeps_the_history_itself(space, history, rng):
    """Then `run` notes every trial a second time."""
    drawn = draws_again_if_measured(space, history, rng)
    history.append((drawn, 0.0))
    return drawn


def draws_again_if_measured(space, history, rng):
    """A right answer without a list of what is left."""
    measured = {one for one, _ in history}
    while (drawn := space[rng.integers(len(space))]) in measured:
        pass
    return drawn


def _twice(seeds, combine=np.mean, total=sum):
    def twice(evaluate):
        def evaluate_twice(candidate, *, seed):
            pair = [evaluate(candidate, seed=one) for one in seeds(seed)]
            value = combine([result.metrics["val_accuracy"] for result in pair])
            return Result({"val_accuracy": value}, total([result.seconds for result in pair]))

        return evaluate_twice

    return twice


def two_of(seed):
    return seed, seed + 1


def reports_a_number(evaluate):
    return lambda candidate, *, seed: evaluate(candidate, seed=seed).metrics["val_accuracy"]


def all_differences(values, place, before, after):
    """Pairs that may differ elsewhere too."""
    pairs = [(a, b) for a in values for b in values if a[place] == before and b[place] == after]
    return np.mean([values[b] - values[a] for a, b in pairs])


def difference_of_bests(values, place, before, after):
    best = [max(v for k, v in values.items() if k[place] == level) for level in (before, after)]
    return best[1] - best[0]


def ignores_the_place(values, place, before, after):
    """Pairs that differ in one entry, wherever it stands."""
    differences = [
        values[b] - values[a]
        for a, b in itertools.permutations(values, 2)
        if before in a and after in b and sum(x != y for x, y in zip(a, b)) == 1
    ]
    return np.mean(differences)


def difference_of_means(values, place, before, after):
    """Right until a key is missing."""
    old, new = ([v for k, v in values.items() if k[place] == level] for level in (before, after))
    return np.mean(new) - np.mean(old)


def first_pair_only(values, place, before, after):
    for key in values:
        partner = (*key[:place], after, *key[place + 1 :])
        if key[place] == before and partner in values:
            return values[partner] - values[key]


def _paired(change):
    """An answer that looks at the right pairs, and changes their mean difference."""

    def effect(values, place, before, after):
        partners = {key: (*key[:place], after, *key[place + 1 :]) for key in values}
        differences = [
            values[partner] - values[key]
            for key, partner in partners.items()
            if key[place] == before and partner in values
        ]
        return change(np.mean(differences))

    return effect


MISTAKES = [
    ("2.1", {**RIGHT, "a": "strategy"}),  # the belief of the chapter
    ("2.1", {**RIGHT, "c": "strategy"}),
    ("2.1", {**RIGHT, "d": "strategy"}),
    ("2.1", {**RIGHT, "e": "estimation"}),
    ("2.1", {**RIGHT, "f": "strategy"}),
    ("2.1", {**RIGHT, "b": "search strategy"}),
    ("2.1", {"a": "estimation"}),
    ("2.1", "estimation"),
    ("2.2", any_architecture),
    ("2.2", avoids_the_last_one),
    ("2.2", looks_for_it_among_the_pairs),
    ("2.2", takes_the_next_one),
    ("2.2", takes_the_first_one),
    ("2.2", brings_its_own_generator),
    ("2.2", repeats_the_best),
    ("2.2", strikes_out_what_was_measured),
    ("2.2", shuffles_the_space),
    ("2.2", keeps_the_history_itself),
    ("2.2", lambda space, history, rng: rng.integers(len(space))),
    ("2.3", _twice(lambda seed: (seed, seed))),
    ("2.3", _twice(lambda seed: (0, 1))),  # the same two trainings for ever
    ("2.3", _twice(lambda seed: (seed, 0))),  # the second training is always the same
    ("2.3", _twice(lambda seed: (seed, 2 * seed))),  # equal where seed is 0
    ("2.3", _twice(lambda seed: (seed // 2, seed // 2 + 1))),  # 4 and 5 train alike
    ("2.3", _twice(two_of, combine=max)),
    ("2.3", _twice(two_of, total=max)),
    ("2.3", _twice(two_of, total=np.mean)),
    ("2.3", _twice(lambda seed: np.random.default_rng().integers(10**6, size=2))),
    ("2.3", _twice(lambda seed: (seed, seed + 1, seed + 2))),
    ("2.3", reports_a_number),
    ("2.4", all_differences),
    ("2.4", difference_of_bests),
    ("2.4", first_pair_only),
    ("2.4", ignores_the_place),
    ("2.4", difference_of_means),
    ("2.4", _paired(lambda value: -value)),
    ("2.4", _paired(abs)),
    ("2.4", _paired(str)),
]


test_solution_is_right, test_plausible_mistake_is_wrong, test_stub_is_not_attempted = promises(
    "02", ANSWERS, MISTAKES, given=GIVEN
)


def test_other_right_answers_are_right(capsys):
    check("2.2", draws_again_if_measured)
    check("2.3", _twice(two_of))
    check("2.3", _twice(lambda seed: np.random.default_rng(seed).integers(2**31, size=2)))
    check("2.4", _paired(float))
    assert capsys.readouterr().out == "2.2: right\n2.3: right\n2.3: right\n2.4: right\n"


def test_the_chapter_states_every_change_of_the_prediction():
    (source,) = SOURCES.glob("02_*.py")
    text = source.read_text(encoding="utf-8")
    assert all(f"# - **{letter}** " in text for letter in DIMENSIONS)


def test_counter_examples_are_shown(capsys):
    check("2.1", {**RIGHT, "a": "strategy"})
    assert "a is not the strategy: does Adam change" in capsys.readouterr().out
    check("2.2", takes_the_first_one)
    assert "of 6 architectures 0 are measured; in 1,200 calls" in capsys.readouterr().out
    check("2.3", _twice(lambda seed: (seed, seed)))
    assert "with seed 5 both trainings have the seed 5" in capsys.readouterr().out
    check("2.4", difference_of_bests)
    assert "4 pairs differ at place 0 alone, a to b" in capsys.readouterr().out
