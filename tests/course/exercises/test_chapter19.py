"""The checks of chapter 19: solutions pass, plausible mistakes do not, stubs are not attempted."""

import pytest

from nas_tutorial.course.exercises.chapter19 import known_by_replay, told_and_done
from nas_tutorial.loop.search import search
from nas_tutorial.loop.simulated import SimulatedWorkers
from nas_tutorial.strategies.random_search import RandomSearch
from nas_tutorial.trials import Result
from tests.course.exercises.promises import promises
from tests.course.exercises.solutions import code_cell
from tests.toys import Grid

ANSWERS = {"19.1": "guess", "19.2": "done_after", "19.3": "efficiency", "19.4": "known"}


def shares_the_work_out_evenly(seconds, workers):
    return sum(seconds) / workers


def waits_for_each_batch(seconds, workers):
    starts = range(0, len(seconds), workers)
    return sum(max(seconds[start : start + workers]) for start in starts)


def begins_with_the_longest(seconds, workers):
    return told_and_done(sorted(seconds, reverse=True), workers)[1]


def waits_for_the_longest_alone(seconds, workers):
    return max(seconds)


def deals_them_out_beforehand(seconds, workers):
    return max(sum(seconds[worker::workers]) for worker in range(workers))


def is_free_first_and_not_last(seconds, workers):
    free = [0] * workers
    for length in seconds:
        free[free.index(min(free))] += length
    return min(free)


def gives_the_speed_up(workers, training, overhead):
    return (overhead + training) / (overhead + training / workers)


def believes_in_n(workers, training, overhead):
    return 1.0


def shares_the_overhead_out_too(workers, training, overhead):
    return (overhead + training) / ((overhead + training) / workers) / workers


def forgets_the_overhead_of_one(workers, training, overhead):
    return training / (overhead + training / workers) / workers


def swaps_the_two(workers, training, overhead):
    return gives_the_speed_up(workers, overhead, training) / workers


def knows_all_earlier_ones(told, number, workers):
    return list(range(number))


def knows_one_too_few(told, number, workers):
    return told[: max(0, number - workers)]


def knows_as_many_as_one_worker_would(told, number, workers):
    return told[:number]


def puts_them_in_order(told, number, workers):
    return sorted(known_by_replay(told, number, workers))


def cuts_from_behind_at_the_start(told, number, workers):
    return told[: number - workers + 1]


def counts_them(told, number, workers):
    return len(known_by_replay(told, number, workers))


MISTAKES = [
    ("19.1", ([0, 1, 2, 3, 4, 5], 6)),  # told as asked
    ("19.1", ([2, 3, 0, 5, 1, 4], 5)),  # 15 seconds by three
    ("19.1", ([2, 3, 0, 5, 1, 4], 9)),  # three by three
    ("19.1", ([2, 0, 1, 3, 5, 4], 9)),
    ("19.1", ([2, 3, 0, 1, 5, 4], 6)),
    ("19.1", 6),
    ("19.2", shares_the_work_out_evenly),
    ("19.2", waits_for_each_batch),
    ("19.2", begins_with_the_longest),
    ("19.2", waits_for_the_longest_alone),
    ("19.2", deals_them_out_beforehand),
    ("19.2", is_free_first_and_not_last),
    ("19.3", gives_the_speed_up),
    ("19.3", believes_in_n),
    ("19.3", shares_the_overhead_out_too),
    ("19.3", forgets_the_overhead_of_one),
    ("19.3", swaps_the_two),
    ("19.4", knows_all_earlier_ones),
    ("19.4", knows_one_too_few),
    ("19.4", knows_as_many_as_one_worker_would),
    ("19.4", puts_them_in_order),
    ("19.4", cuts_from_behind_at_the_start),
    ("19.4", counts_them),
]


test_solution_is_right, test_plausible_mistake_is_wrong, test_stub_is_not_attempted = promises(
    "19", ANSWERS, MISTAKES
)


@pytest.mark.parametrize(
    "mistake",
    [given for number, given in MISTAKES if number == "19.3"],
    ids=lambda one: one.__name__,
)
def test_the_experiment_of_19_3_ends_for_wrong_answers_too(mistake, capsys):
    calls = []

    def counted(*arguments):
        calls.append(arguments)
        assert len(calls) < 1000, "the cell goes on and on"
        return mistake(*arguments)

    exec(code_cell("19", "if efficiency("), {"efficiency": counted, "overhead": 0.006})
    assert len(capsys.readouterr().out.splitlines()) == 3


SECONDS = [3, 5, 1, 1, 4, 1, 2, 6, 1, 3]


@pytest.mark.parametrize("workers", [1, 2, 3, 20])
def test_the_references_are_what_a_search_does(workers):
    left, known = list(SECONDS), []

    class Listens(RandomSearch):
        def ask(self):
            known.append(list(told))
            return super().ask()

        def tell(self, trial):
            told.append(trial.number)

    def lasts(candidate, *, seed):
        return Result({"val_accuracy": 0.5}, left.pop(0))

    told: list[int] = []
    simulated = SimulatedWorkers()
    search(
        Listens(Grid(9, 9)), lasts, trials=len(SECONDS), executor=simulated, workers=workers,
        progress=False,
    )  # fmt: skip
    assert (told, simulated.clock) == told_and_done(SECONDS, workers)
    assert known == [known_by_replay(told, number, workers) for number in range(len(SECONDS))]
