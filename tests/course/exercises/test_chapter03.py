"""The checks of chapter 03: solutions pass, plausible mistakes do not, stubs are not attempted."""

from nas_tutorial.course.exercises.chapter03 import best_so_far
from nas_tutorial.trials import Trial
from tests.course.exercises.promises import promises

ANSWERS = {
    "3.1": "guess",
    "3.2": "incumbents",
    "3.3": "random_search",
    "3.4": "run",
    "3.5": "draws_until",
    "3.6": "stopped_at",
}


def repeats_the_last(accuracies):
    return list(accuracies)


def lets_a_failure_through(accuracies):
    best, curve = None, []
    for accuracy in accuracies:
        if accuracy is None:
            curve.append(None)
            continue
        best = accuracy if best is None else max(best, accuracy)
        curve.append(best)
    return curve


def begins_with_zero(accuracies):
    best, curve = 0, []
    for accuracy in accuracies:
        best = max(best, accuracy or 0)
        curve.append(best)
    return curve


def keeps_the_worst(accuracies):
    best, curve = None, []
    for accuracy in accuracies:
        if accuracy is not None and (best is None or accuracy < best):
            best = accuracy
        curve.append(best)
    return curve


def takes_zero_for_a_failure(accuracies):
    best, curve = None, []
    for accuracy in accuracies:
        if accuracy and (best is None or accuracy > best):
            best = accuracy
        curve.append(best)
    return curve


def lags_behind(accuracies):
    return [None, *best_so_far(list(accuracies))[:-1]][: len(accuracies)]


def by_accuracy(pair):
    return pair[0]


def _search(space, evaluate, trials, rng, *, choose):
    pairs = [
        (evaluate(architecture), architecture)
        for architecture in (space.sample(rng) for _ in range(trials))
    ]
    return choose(pairs)


def returns_the_last_drawn(space, evaluate, trials, rng):
    return _search(space, evaluate, trials, rng, choose=lambda pairs: pairs[-1])


def returns_the_worst(space, evaluate, trials, rng):
    return _search(space, evaluate, trials, rng, choose=lambda pairs: min(pairs, key=by_accuracy))


def returns_best_accuracy_with_the_last_architecture(space, evaluate, trials, rng):
    return _search(
        space,
        evaluate,
        trials,
        rng,
        choose=lambda pairs: (max(pairs, key=by_accuracy)[0], pairs[-1][1]),
    )


def measures_the_best_again(space, evaluate, trials, rng):
    best = max((space.sample(rng) for _ in range(trials)), key=evaluate)
    return evaluate(best), best


def draws_one_too_few(space, evaluate, trials, rng):
    best = None
    for _ in range(1, max(trials, 2)):
        architecture = space.sample(rng)
        accuracy = evaluate(architecture)
        if best is None or accuracy > best[0]:
            best = accuracy, architecture
    return best


def begins_with_accuracy_zero(space, evaluate, trials, rng):
    best = 0, None
    for _ in range(trials):
        architecture = space.sample(rng)
        accuracy = evaluate(architecture)
        if accuracy > best[0]:
            best = accuracy, architecture
    return best


def swaps_the_pair(space, evaluate, trials, rng):
    return _search(
        space, evaluate, trials, rng, choose=lambda pairs: max(pairs, key=by_accuracy)[::-1]
    )


def draws_from_a_seed_of_its_own(space, evaluate, trials, rng):
    return _search(space, evaluate, trials, 0, choose=lambda pairs: max(pairs, key=by_accuracy))


def compares_architectures_on_a_tie(space, evaluate, trials, rng):
    return _search(space, evaluate, trials, rng, choose=max)


def counts_the_misses(is_good, draw):
    misses = 0
    while not is_good(draw()):
        misses += 1
    return misses


def stops_at_the_first_bad_one(is_good, draw):
    draws = 1
    while is_good(draw()):
        draws += 1
    return draws


def draws_twice_a_turn(is_good, draw):
    draws, value = 1, draw()
    while not is_good(value):
        draw()
        value = draw()
        draws += 2
    return draws


def draws_once_more(is_good, draw):
    draws = 1
    while not is_good(draw()):
        draws += 1
    draw()
    return draws


def _run(strategy, evaluator, trials, *, tells=lambda trial: True, seed=lambda number: number):
    history = []
    for number in range(trials):
        candidate = strategy.ask()
        if candidate is None:
            break
        trial = Trial(number, candidate, seed(number), evaluator(candidate, seed=seed(number)))
        if tells(trial):
            strategy.tell(trial)
        history.append(trial)
    return history


def never_tells(strategy, evaluator, trials):
    return _run(strategy, evaluator, trials, tells=lambda trial: False)


def tells_only_successes(strategy, evaluator, trials):
    return _run(strategy, evaluator, trials, tells=lambda trial: not trial.failed)


def gives_every_trial_one_seed(strategy, evaluator, trials):
    return _run(strategy, evaluator, trials, seed=lambda number: 0)


def counts_from_one(strategy, evaluator, trials):
    return _run(strategy, evaluator, trials, seed=lambda number: number + 1)


def asks_for_all_first(strategy, evaluator, trials):
    candidates = [strategy.ask() for _ in range(trials)]
    return [
        Trial(number, candidate, number, evaluator(candidate, seed=number))
        for number, candidate in enumerate(candidates)
        if candidate is not None
    ]


def does_not_notice_the_end(strategy, evaluator, trials):
    history = []
    for number in range(trials):
        candidate = strategy.ask()
        result = evaluator(candidate, seed=number)
        history.append(Trial(number, candidate, number, result))
        strategy.tell(history[-1])
    return history


def _patience(incumbents, patience, *, better, after):
    last = 1
    for trial in range(2, len(incumbents) + 1):
        if better(incumbents[trial - 1], incumbents[trial - 2]):
            last = trial
        if trial - last >= patience + after:
            return trial
    return len(incumbents)


def takes_a_tie_for_an_improvement(incumbents, patience):
    return _patience(incumbents, patience, better=lambda a, b: a >= b, after=0)


def waits_one_trial_more(incumbents, patience):
    return _patience(incumbents, patience, better=lambda a, b: a > b, after=1)


def counts_from_zero(incumbents, patience):
    return _patience(incumbents, patience, better=lambda a, b: a > b, after=0) - 1


def returns_the_last_improvement(incumbents, patience):
    end = _patience(incumbents, patience, better=lambda a, b: a > b, after=0)
    return 1 + incumbents.index(incumbents[end - 1])


MISTAKES = [
    ("3.1", (15_647, 8, 22)),  # the document's words, taken literally
    ("3.1", (15_625, 30, 22)),
    ("3.1", (8_765, 8, 22)),
    ("3.1", (15_625, 8, 30)),
    ("3.1", (15_625, 8, 23)),
    ("3.1", (15_625, 8)),
    ("3.1", 15_625),
    ("3.2", repeats_the_last),
    ("3.2", lets_a_failure_through),
    ("3.2", begins_with_zero),
    ("3.2", keeps_the_worst),
    ("3.2", takes_zero_for_a_failure),
    ("3.2", lags_behind),
    ("3.3", returns_the_last_drawn),
    ("3.3", returns_the_worst),
    ("3.3", returns_best_accuracy_with_the_last_architecture),
    ("3.3", measures_the_best_again),
    ("3.3", draws_one_too_few),
    ("3.3", begins_with_accuracy_zero),
    ("3.3", swaps_the_pair),
    ("3.3", draws_from_a_seed_of_its_own),
    ("3.3", compares_architectures_on_a_tie),
    ("3.4", never_tells),
    ("3.4", tells_only_successes),
    ("3.4", gives_every_trial_one_seed),
    ("3.4", counts_from_one),
    ("3.4", asks_for_all_first),
    ("3.4", does_not_notice_the_end),
    ("3.5", counts_the_misses),
    ("3.5", stops_at_the_first_bad_one),
    ("3.5", draws_twice_a_turn),
    ("3.5", draws_once_more),
    ("3.6", takes_a_tie_for_an_improvement),
    ("3.6", waits_one_trial_more),
    ("3.6", counts_from_zero),
    ("3.6", returns_the_last_improvement),
]


test_solution_is_right, test_plausible_mistake_is_wrong, test_stub_is_not_attempted = promises(
    "03", ANSWERS, MISTAKES
)
