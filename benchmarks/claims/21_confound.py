"""Chapter 21, part one: the winners are larger than the residual block. 200 searches by one run, judged by the other two.

Baselines: the block, the 3x3 convolution on every edge, random networks of the winner's own size.
"""

import numpy as np
from common import PARAMETERS, ROW, RUNS, both_cores, interval, look_up, search, space, table

from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.statistics.tests import paired_difference
from nas_tutorial.strategies.regularized_evolution import RegularizedEvolution
from nas_tutorial.trials import Objective

TESTS = 100 * table.column("test_accuracy")
BLOCK = ROW[
    space.from_string("|nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|nor_conv_3x3~1|none~2|")
]
EVERYWHERE = ROW[Architecture(("nor_conv_3x3",) * 6)]


def first_run(candidate, *, seed):
    return look_up(candidate, seed=0)


def winner(seed):
    strategy = RegularizedEvolution(space, population_size=20, tournament_size=5, seed=seed)
    history = search(strategy, first_run, trials=200, progress=False)
    return ROW[history.best(Objective("val_accuracy")).candidate.architecture]


if __name__ == "__main__":
    rows, rng = np.array(both_cores(winner, range(200))), np.random.default_rng(0)
    others = TESTS[:, 1:].mean(axis=1)  # the two runs that did not choose
    fall = 100 * (
        RUNS[:, 0] - RUNS[:, 1:].mean(axis=1)
    )  # validation; with the level of the seed in it
    level = 100 * (RUNS[:, 0].mean() - RUNS[:, 1:].mean())
    for name, some in (("the chapter's eight", rows[:8]), ("200", rows)):
        networks, counts = np.unique(some, return_counts=True)
        sizes = PARAMETERS[some].astype(int)
        equal = np.array(
            [rng.choice(np.flatnonzero(PARAMETERS[row] == PARAMETERS)) for row in some]
        )
        best_equal = np.array(
            [
                np.flatnonzero(PARAMETERS[row] == PARAMETERS)[
                    others[PARAMETERS[row] == PARAMETERS].argmax()
                ]
                for row in some
            ]
        )
        print(
            f"{name} winners: {len(networks)} networks, sizes {dict(zip(*np.unique(sizes, return_counts=True)))}"
        )
        print(
            f"   observed (validation, run 0) {interval(100 * RUNS[some, 0])}; test in the other two runs {interval(others[some])}"
        )
        print(
            f"   random networks of equal size {interval(others[equal])}; the best of that size, known afterwards {others[best_equal].mean():.2f}"
        )
        for base, row in (("residual block", BLOCK), ("3x3 everywhere", EVERYWHERE)):
            print(
                f"   winners - {base} ({PARAMETERS[row]:.0f} parameters, {others[row]:.2f}): {paired_difference(others[some] - others[row]).text()}"
            )
        print(
            f"   winners - random of equal size: {paired_difference(others[some] - others[equal]).text()}"
        )
        print(
            f"   fall of the winners, run 0 to the others {interval(fall[some])}; the seed's own level {level:.2f}"
        )
    for name, row in (("block", BLOCK), ("3x3 everywhere", EVERYWHERE)):
        print(
            f"{name}: test of the three runs {TESTS[row].round(2)}, mean {TESTS[row].mean():.2f}, validation {(100 * RUNS[row]).round(2)}"
        )
    same = np.flatnonzero(PARAMETERS[BLOCK] == PARAMETERS)
    print(
        f"{len(same)} networks of the block's size: mean {others[same].mean():.2f}, the block better than {np.mean(others[same] < others[BLOCK]):.0%}, best {others[same].max():.2f}"
    )
