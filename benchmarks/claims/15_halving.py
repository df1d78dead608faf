"""Chapter 15: halving against random search at equal seconds, 200 seeds; first rungs; the top tenth by another run."""

import sys
from itertools import permutations

import numpy as np
from common import MEAN, ROW, RUNS, TEST, both_cores, look_up, search, space, table

from nas_tutorial.statistics.tests import paired_difference
from nas_tutorial.strategies.asha import Asha
from nas_tutorial.strategies.hyperband import Hyperband
from nas_tutorial.strategies.random_search import RandomSearch
from nas_tutorial.strategies.successive_halving import SuccessiveHalving
from nas_tutorial.trials import Objective

BUDGET, SEEDS = 48, range(1000, 1200)  # fresh: the chapter used 0 to 99
FIRST = {"5/16": 5 / 16, "5/9": 5 / 9, "5/4": 5 / 4, "5/2": 5 / 2}
MAKERS = {
    "random_search": lambda seed: RandomSearch(space, seed=seed),
    "successive_halving": lambda seed: SuccessiveHalving(space, seed=seed),
    "hyperband": lambda seed: Hyperband(space, seed=seed),
    "asha": lambda seed: Asha(space, seed=seed),
}
MAKERS |= {
    f"first rung {name}": lambda seed, rung=rung: SuccessiveHalving(
        space, seed=seed, epochs=(rung, 5), bracket_size=2 * round(5 / rung)
    )
    for name, rung in FIRST.items()
}


def found(job):
    """What a search reports by the end of the budget: observed, true mean and test, in points."""
    name, seed = job
    history = search(MAKERS[name](seed), look_up, seconds=BUDGET, progress=False)
    spent = np.cumsum([trial.result.seconds for trial in history])
    best = history[: int(np.searchsorted(spent, BUDGET, side="right"))].best(
        Objective("val_accuracy")
    )
    row = ROW[best.candidate.architecture]
    return 100 * best.value("val_accuracy"), 100 * MEAN[row], 100 * TEST[row]


def searches():
    ends = {name: np.array(both_cores(found, [(name, seed) for seed in SEEDS])) for name in MAKERS}
    random = ends["random_search"]
    for name, values in ends.items():
        texts = (
            [paired_difference(values[:, i] - random[:, i]).text() for i in range(3)]
            if name != "random_search"
            else []
        )
        print(f"{name:20} observed {values[:, 0].mean():.2f}, true mean {values[:, 1].mean():.2f}, test {values[:, 2].mean():.2f}; "
              f"- random search: {texts}")  # fmt: skip
    for longer, shorter in (("5/9", "5/16"), ("5/4", "5/9"), ("5/2", "5/4"), ("5/2", "5/9")):
        d = ends[f"first rung {longer}"][:, 2] - ends[f"first rung {shorter}"][:, 2]
        print(f"first rung {longer} - {shorter}, test: {paired_difference(d).text()}")


def top_tenth():
    """Precision of an early look at the top tenth: as printed, and by another run's end or the mean of two."""
    tenth = len(table) // 10

    def best(values, number):
        return set(np.argsort(-values, kind="stable")[:number].tolist())

    print(
        "epochs  its own end   another run's end   worse half early, in that top tenth   best percent kept by 1/3: own, other"
    )
    for epochs in table.epochs:
        early = table.column("val_accuracy", epochs)
        rows = []
        for a, b in permutations(range(3), 2):
            leaders, losers = best(early[:, a], tenth), best(-early[:, a], len(table) // 2)
            own, other = best(RUNS[:, a], tenth), best(RUNS[:, b], tenth)
            third = best(early[:, a], len(table) // 3)
            percent = [best(RUNS[:, i], len(table) // 100) for i in (a, b)]
            rows.append(
                (len(leaders & own) / tenth, len(leaders & other) / tenth, len(losers & other) / len(losers),
                 *(len(third & p) / len(p) for p in percent))
            )  # fmt: skip
        own, other, losing, kept, kept_other = np.mean(rows, axis=0)
        spread = np.std([r[1] for r in rows])
        print(
            f"{epochs:6.3f} {own:12.0%} {other:18.0%} (SD of six {spread:.0%}) {losing:15.1%} {kept:25.0%} {kept_other:8.0%}"
        )


if __name__ == "__main__":
    top_tenth()
    if "quick" not in sys.argv:
        searches()
