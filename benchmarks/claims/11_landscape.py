"""Chapter 11: local optima of each run, of their mean, and with noise; basins; constant or falling temperature.

The temperatures are tuned on seeds 1000 to 1099 and judged on seeds 0 to 199, both kinds alike.
"""

from common import MEAN, RUNS, both_cores, np, search, space, table
from scipy.stats import sem

from nas_tutorial.statistics.chance import expected_best_of
from nas_tutorial.statistics.tests import paired_difference
from nas_tutorial.strategies.simulated_annealing import SimulatedAnnealing

encodings = list(space)
number = {one: index for index, one in enumerate(encodings)}
neighbors = np.array([[number[other] for other in space.neighbors(one)] for one in encodings])
network = np.array([table.row(one) for one in encodings])
RUN = RUNS[:, 0]


def optima(value):
    """Which encodings have no better neighbour."""
    return (value[network][neighbors] > value[network][:, None]).sum(axis=1) == 0


def ends_of_climbs(value):
    value = value[network]
    here = np.arange(len(value))
    best = neighbors[here, value[neighbors].argmax(axis=1)]
    end = np.where(value[best] > value, best, here)
    while (end[end] != end).any():
        end = end[end]
    return end


def landscape():
    shuffled = np.random.default_rng(0).permutation(RUN)
    views = {f"run {i}": RUNS[:, i] for i in range(3)}
    views |= {
        "mean of runs 0, 1": RUNS[:, :2].mean(axis=1),
        "mean of runs 0, 2": RUNS[:, [0, 2]].mean(axis=1),
    }
    views |= {
        "mean of runs 1, 2": RUNS[:, 1:].mean(axis=1),
        "mean of three": MEAN,
        "shuffled": shuffled,
    }
    for name, value in views.items():
        there, end = optima(value), ends_of_climbs(value)
        reached = value[network][end]
        print(
            f"{name:18} optima {there.sum():4} encodings, {len(set(network[there])):4} networks; climbs that end at "
            f"the best {np.mean(reached == value.max()):6.1%}, within 2 points {np.mean(reached >= value.max() - 0.02):6.1%}; "
            f"mean true mean where they end {MEAN[network[end]].mean():.4f}"
        )
    true = set(network[optima(MEAN)])
    for i in range(3):
        of_run = set(network[optima(RUNS[:, i])])
        print(
            f"optima of run {i} that are optima of the mean too: {len(of_run & true)} of {len(of_run)} networks"
        )
    rng = np.random.default_rng(0)
    for sd in (0.005, 0.01, 0.02):
        counts = [optima(MEAN + rng.normal(0, sd, len(MEAN))).sum() for _ in range(10)]
        print(f"mean of three with noise of SD {sd}: {np.mean(counts):.0f} optima")


def found(job):
    """The best of run 0 that a walk has met after 100, 200 and 400 evaluations, in points; no noise."""
    temperature, cooling, seed = job
    walk = SimulatedAnnealing(space, temperature=temperature, cooling=cooling, seed=seed)
    history = search(walk, lambda candidate, *, seed: table.result(candidate.architecture, epochs=5.0, seed=0),
                     trials=400, progress=False)  # fmt: skip
    values = np.maximum.accumulate([trial.value("val_accuracy") for trial in history])
    return 100 * values[[99, 199, 399]]


def walks(temperature, cooling, seeds):
    return np.array(both_cores(found, [(temperature, cooling, seed) for seed in seeds]))


def annealing():
    tuning, judging = range(1000, 1100), range(200)
    print(
        "chance, by formula, after 100, 200, 400:",
        100 * expected_best_of(RUN[network], [100, 200, 400]),
    )
    tuned = {}
    for kind, shares in (("constant", (1,)), ("falling", (1 / 3, 1 / 20, 1 / 100))):
        for share in shares:  # of the temperature that is left after 400
            for temperature in (0.0025, 0.005, 0.01, 0.02, 0.04):
                cooling = share ** (1 / 400)
                values = walks(temperature, cooling, tuning)[:, 2]
                tuned[kind, temperature, share] = values.mean()
                print(f"tuning: {kind} {temperature}, share left {share:.2f}: {values.mean():.3f} ± {sem(values):.3f} (SE)",
                      flush=True)  # fmt: skip
    chosen = {
        kind: max((k for k in tuned if k[0] == kind), key=tuned.get)
        for kind in ("constant", "falling")
    }
    results = {
        kind: walks(t, share ** (1 / 400), judging) for kind, (_, t, share) in chosen.items()
    }
    results["default 0.02, 0.97"] = walks(0.02, 0.97, judging)
    for name, values in results.items():
        print(name, chosen.get(name, ""), "after 100, 200, 400:", values.mean(axis=0).round(3))
    for name in ("constant", "default 0.02, 0.97"):
        for place, n in enumerate((100, 200, 400)):
            d = results["falling"][:, place] - results[name][:, place]
            print(f"falling - {name} after {n}: {paired_difference(d).text()}")


if __name__ == "__main__":
    landscape()
    annealing()
