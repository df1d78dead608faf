"""Checks of chapter 19, many workers."""

import numpy as np

from nas_tutorial.course.exercises.verdicts import require


def told_and_done(seconds: list[int], workers: int) -> tuple[list[int], int]:
    """Look at every second: who is done leaves, and who is free takes the next."""
    waiting, now = list(enumerate(seconds)), 0
    running: list[tuple[int, int]] = []  # (trial, when it ends)
    told: list[int] = []
    while waiting or running:
        while waiting and len(running) < workers:
            trial, length = waiting.pop(0)
            running.append((trial, now + length))
        now += 1
        for trial, end in list(running):
            if end <= now:
                running.remove((trial, end))
                told.append(trial)
    return told, now


def check_prediction(guess) -> None:
    """19.1: (order in which the strategy is told, seconds until all is done)."""
    require(
        isinstance(guess, (tuple, list)) and len(guess) == 2,
        f"guess must be a pair (list of trial numbers, seconds), got {guess!r}",
    )
    order, seconds = guess
    require(
        isinstance(order, (list, tuple)) and sorted(order) == list(range(6)),
        f"the order must hold each of the trials 0 to 5 once, got {order!r}",
    )
    expected, done = told_and_done([3, 5, 1, 1, 4, 1], 3)
    require(
        list(order) == expected,
        f"{list(order)} is not the order. Begin so: at second 1 trial 2 is done and its worker "
        "takes trial 3; at second 2 trial 3 is done and the same worker takes trial 4",
    )
    require(
        seconds == done,
        f"not {seconds} seconds. The 15 seconds of work are not shared out evenly, and nobody "
        "waits before there is nothing left to take",
    )


def check_done_after(done_after) -> None:
    """19.2: done_after(seconds, workers)."""
    rng = np.random.default_rng(192)
    cases = [([4, 1, 1, 1, 3], 2), ([1, 1, 4], 2), ([4, 1, 2], 9), ([2, 3], 1), ([5], 3)]
    for _ in range(40):
        number, workers = int(rng.integers(1, 12)), int(rng.integers(1, 6))
        cases.append((rng.integers(1, 9, size=number).tolist(), workers))
    for seconds, workers in cases:
        _, expected = told_and_done(seconds, workers)
        got = done_after(list(seconds), workers)
        require(
            np.ndim(got) == 0 and got == expected,
            f"with {workers} workers, trainings of {seconds} s are done after {expected} s, "
            f"got {got!r}",
        )


def check_efficiency(efficiency) -> None:
    """19.3: efficiency(workers, training, overhead)."""
    for workers, training, overhead in (
        (1, 3.0, 1.0),
        (2, 4.0, 0.0),
        (2, 4.0, 1.0),
        (10, 1.0, 1.0),
        (100, 0.8, 0.016),
        (7, 0.1, 2.0),
    ):
        alone = overhead + training
        together = overhead + training / workers
        expected = alone / together / workers
        got = efficiency(workers, training, overhead)
        require(
            np.ndim(got) == 0 and np.isclose(got, expected),
            f"a trial of {overhead} s that cannot be shared out and {training} s that can takes "
            f"{alone:.4g} s on one worker and {together:.4g} s a trial on {workers}: a speed-up of "
            f"{alone / together:.4g}, so an efficiency of {expected:.4g}, got {got!r}",
        )


def known_by_replay(told: list[int], number: int, workers: int) -> list[int]:
    """Ask while a worker is free, else take in the next result, until the trial is asked for."""
    asked, heard, results = 0, list[int](), iter(told)
    while True:
        while asked - len(heard) < workers:
            if asked == number:
                return heard
            asked += 1
        heard.append(next(results))


def check_known(known) -> None:
    """19.4: known(told, number, workers) -> what was told when that trial was proposed."""
    cases = [([1, 2, 3, 0, 4], number, 2) for number in range(5)]
    cases += [([0, 1, 2, 3], number, 1) for number in range(4)]
    cases += [([2, 3, 0, 5, 1, 4], number, 3) for number in range(6)]
    for told, number, workers in cases:
        expected = known_by_replay(told, number, workers)
        got = known(list(told), number, workers)
        require(
            isinstance(got, (list, tuple)) and list(got) == expected,
            f"with {workers} in flight and results in the order {told}, trial {number} is proposed "
            f"when {expected} are told, got {got!r}",
        )


CHECKS = {
    "19.1": check_prediction,
    "19.2": check_done_after,
    "19.3": check_efficiency,
    "19.4": check_known,
}
