"""Chapter 02: take each operation in turn out of the space. Does the space move more than the strategy?

Searches of 30 trials by the table's first run, 200 seeds, as in the chapter; the winner is judged by
its test accuracy, mean of three runs.
"""

from common import OBJECTIVE, ROW, TEST, interval, np, search, space, table

from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.statistics.tests import paired_difference
from nas_tutorial.strategies.local_search import LocalSearch
from nas_tutorial.strategies.random_search import RandomSearch

SEEDS = range(200)


def without(operation):
    kept = tuple(name for name in EdgeCellSpace.OPERATIONS if name != operation)
    return type("Without", (EdgeCellSpace,), {"OPERATIONS": kept})()


def run(where, strategy, epochs=5, trials=30):
    def first_run(candidate, *, seed):
        return table.result(candidate.architecture, epochs=epochs, seed=0)

    found = []
    for seed in SEEDS:
        history = search(strategy(where, seed=seed), first_run, trials=trials, progress=False)
        found.append(TEST[ROW[history.best(OBJECTIVE).candidate.architecture]])
    return 100 * np.array(found)


spaces = {"all five": space} | {f"without {o}": without(o) for o in EdgeCellSpace.OPERATIONS}
strategies = {"random": RandomSearch, "local": LocalSearch}
found = {
    (s, name): run(where, strategies[name]) for s, where in spaces.items() for name in strategies
}
base = found["all five", "random"]
for s, where in spaces.items():
    rows = [ROW[architecture] for architecture in where]
    effect = paired_difference(found[s, "random"] - base).text() if s != "all five" else ""
    gain = paired_difference(found[s, "local"] - found[s, "random"]).text()
    print(
        f"{s:21} median random {np.median(found[s, 'random']):.2f}, local {np.median(found[s, 'local']):.2f}; "
        f"random pick {100 * TEST[rows].mean():.1f}, best of the space {100 * TEST[rows].max():.2f}"
    )
    print(
        f"{'':21} mean random {interval(found[s, 'random'])}; space: {effect}; local - random: {gain}"
    )

for epochs in (1.25, 2.5):
    for name, strategy in strategies.items():
        rough = run(space, strategy, epochs)
        print(
            f"estimate after {epochs} epochs, {name}: {paired_difference(rough - found['all five', name]).text()}"
        )
many = run(space, RandomSearch, 1.25, trials=120)
print(f"random, 120 trials of 1.25 epochs - 30 of 5: {paired_difference(many - base).text()}")
half = run(space, RandomSearch, 2.5, trials=60)
print(f"random, 60 trials of 2.5 epochs - 30 of 5: {paired_difference(half - base).text()}")
