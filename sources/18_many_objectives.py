# ---
# jupyter:
#   nas_tutorial:
#     name: Many objectives
#     about: accuracy against size and latency
#     minutes: 75
#     document: "7 challenges: several objectives"
#     modules: [pareto, strategies.nsga2]
# ---

# %% [markdown]
# # Search with several goals at once
#
# *The document's part 7: what a network costs counts beside what it can do.* After this chapter you can
# search for small **and** accurate networks without inventing an exchange rate between the two.
#
# **You will** add accuracy and parameters up and see who wins, find by hand and by code what nothing
# beats, run NSGA-II with 20 seeds, put a limit on a search, and look at a latency that depends on
# the day.
#
# **You will learn to**
# - say why a sum of objectives is a decision about units, and what no sum can find;
# - sort points into fronts, and compute crowding distance and hypervolume by hand;
# - compare fronts by hypervolume, with the reference point stated;
# - choose between a limit that a strategy is told and one that is a rule of the space;
# - distrust an objective that was measured once.
#
# **You need** chapters 03, 05 and 10 and about 75 minutes with the exercises. The cells take less than
# half a minute.

# %%
import matplotlib.pyplot as plt
import numpy as np

import nas_tutorial as nas

settings = nas.course.start()

# %% [markdown]
# ## The idea in one sentence
# **Keep every network that no other beats in everything, and choose among them when you know what you
# are willing to pay.**
#
# The course's table has four numbers for each of its networks that one may care about: validation
# accuracy (here the mean over the trainings in the table), the count of *parameters*, *FLOPs* (the
# operations of one forward pass) and *latency* (the milliseconds that one pass took).

# %%
table = nas.Table.load_course()
space = table.space
answers = [table.query(one) for one in table.networks]
accuracy, parameters, flops = (
    np.array([answer[name] for answer in answers])
    for name in ("val_accuracy", "parameters", "flops")
)
print(f"{len(table):,} networks")
print(f"accuracy   {accuracy.min():.3f} to {accuracy.max():.3f}")
print(f"parameters {parameters.min():,} to {parameters.max():,}")
print(f"FLOPs      {flops.min():,} to {flops.max():,}")

# %% [markdown]
# ## Add the objectives up?
# Accuracy should be large and parameters few, so make one number of them: parameters minus accuracy,
# smallest first. It is no straw man: KerasTuner does this with a list of objectives (chapter 09), the
# values as they are.
#
# **Which network will be first: an accurate one, a small one, or something in between? And how large are
# the first hundred?**

# %%
total = parameters - accuracy
order = np.argsort(total, kind="stable")
first = order[0]
print(f"first: accuracy {accuracy[first]:.3f} with {parameters[first]:,} parameters")
hundred = parameters[order[:100]]
print(f"the first hundred have from {hundred.min():,} to {hundred.max():,} parameters")

working = [space.graph(one).pruned().operations for one in table.networks]
plain = np.array([not any("conv" in name for name in names) for names in working])
smallest = parameters == parameters.min()
print(f"{smallest.sum()} networks are as small, those without a working convolution:", end=" ")
print(np.array_equal(smallest, plain))
print(f"sizes differ by {np.diff(np.unique(parameters)).min()} or more, accuracies by less than 1")

# %% [markdown]
# Smaller ones do not exist: these are the networks in whose cell no convolution does any work. The
# largest step in accuracy moves the sum by less than the smallest step in size. One objective has
# silently won.
#
# So weigh them. **Accuracy in percent, parameters in thousands: does that settle it?**

# %%
scores = {
    "accuracy - parameters": accuracy - parameters,
    "accuracy - parameters in millions": accuracy - parameters / 1e6,
    "percent - parameters in thousands": 100 * accuracy - parameters / 1e3,
    "both scaled to [0, 1]": accuracy / np.ptp(accuracy) - parameters / np.ptp(parameters),
}
for name, score in scores.items():
    pick = score.argmax()
    print(f"{name:34} picks {accuracy[pick]:.3f} with {parameters[pick]:6,} parameters")

# %% [markdown]
# Other units, other decisions. Scaling to [0, 1] looks neutral and is not: it makes the
# distance from the worst network of the table to the best worth as much as the distance from the smallest
# to the largest, and nobody asked for that. Every sum has an exchange rate in it; whoever does not choose
# it gets one anyway.
#
# ## By hand: who beats whom
# Six networks, as *losses*, numbers to be made small: parameters in thousands, and error in percent.
#
# One point *dominates* another if it is nowhere worse and somewhere better. **Which of the six are
# dominated by none? (Two of them are dominated.)**

# %%
letters = "ABCDEF"
six = np.array([(1, 9), (3, 7), (4, 3), (4, 8), (6, 9), (8, 2)])
ax = plt.subplots(figsize=(4.6, 3.6))[1]
ax.scatter(*six.T, color=nas.plots.COLOURS[0], zorder=3)
for letter, point in zip(letters, six):
    ax.annotate(letter, point, xytext=(6, 4), textcoords="offset points")
ax.set(xlabel="parameters (thousands)", ylabel="error (%)", xlim=(0, 10), ylim=(0, 10))
ax.set_title("Six networks: left and down is better")
plt.show()

# %%
from nas_tutorial.pareto import domination

dominates = domination(six)  # [row, column]: row dominates column
for column, letter in enumerate(letters):
    by = [letters[row] for row in np.flatnonzero(dominates[:, column])]
    print(letter, "is dominated by", ", ".join(by) or "none")

# %% [markdown]
# A, B, C and F remain: the *Pareto front*. E has the error of A and more parameters, which is enough.
# Between A and C there is nothing to say: each is better in something, and that is where taste begins.
#
# ### What no weighted sum finds
# Give parameters any weight from 0 to 1, and error the rest. **Will each of A, B, C and F be the best
# for some weight?**

# %%
weights = np.linspace(0, 1, 1001)
picked = {letters[(weight * six[:, 0] + (1 - weight) * six[:, 1]).argmin()] for weight in weights}
print("picked by some weight:", *sorted(picked))

# %% [markdown]
# B never wins. A weighted sum is a ruler that is pushed towards the lower left until it touches the last
# point; B lies in a dent behind the line from A to C. Yet B is the best that 3,000 parameters buy: who may
# have so many needs B, and no weight will say so.
#
# How is it with the real networks? `non_dominated` finds the front of all 8,765 exactly. And a sum misses
# exactly those of its points above which a straight line between two others passes: those in a dent.


# %%
from nas_tutorial.pareto import non_dominated


def in_a_dent(point, points):
    """Whether a line between two other points passes above this one; then no sum picks it."""
    return any(
        (point[0] - left[0]) * (right[1] - left[1]) > (point[1] - left[1]) * (right[0] - left[0])
        for left in points
        for right in points
        if left[0] < point[0] < right[0]
    )


losses = np.column_stack([parameters, -accuracy])
front = np.flatnonzero(non_dominated(losses))
points = sorted({(parameters[row], accuracy[row]) for row in front.tolist()})
print(f"{len(front)} networks on the front, {len(points)} different points")
for size, value in points:
    missed = "   no sum finds it" if in_a_dent((size, value), points) else ""
    print(f"{size:7,} parameters  accuracy {value:.4f}{missed}")

# %%
ax = plt.subplots()[1]
ax.scatter(parameters, accuracy, s=3, alpha=0.15, color=nas.plots.COLOURS[5])
ax.step(*np.transpose(points), where="post", color="black", linestyle="--", label="front")
ax.scatter(*np.transpose(points), color=nas.plots.COLOURS[0], zorder=3, label="on the front")
ax.set(xlabel="parameters", ylabel="validation accuracy", title=f"n = {len(table):,} networks")
ax.legend(loc="lower right")
plt.show()

# %% [markdown]
# A handful of networks is all that anyone with an eye on these two numbers needs to look at. Read it from
# left to right: the first convolution buys most, and where the steps become flat, a fraction of a point costs
# thousands of parameters. With FLOPs in place of parameters the front is finer, and the sums miss more:

# %%
by_flops = np.flatnonzero(non_dominated(np.column_stack([flops, -accuracy])))
places = {(flops[row], accuracy[row]) for row in by_flops.tolist()}
missed = sum(in_a_dent(point, places) for point in places)
print(f"{len(places)} points on the front of accuracy and FLOPs; sums miss {missed} of them")

# %% [markdown]
# ## In the library
# `domination` compares every point with every other; `non_dominated_sort` peels: the front, then the front
# of what is left, and so on.

# %% tags=["nbval-ignore-output"]
from nas_tutorial.pareto import non_dominated_sort

nas.course.show(non_dominated_sort)

# %%
for number, rows in enumerate(non_dominated_sort(six), start=1):
    print(f"front {number}:", *(letters[row] for row in rows))

# %% [markdown]
# A search needs one more thing: an order *within* a front, or it would crowd where it is easy. The
# *crowding distance* of a point is, for each objective, the gap between its two neighbours as a share of
# the whole range, summed. The ends of the front count as infinite.
#
# By hand, for B: its neighbours are A and C. Parameters: $(4 - 1)/(8 - 1) = 3/7$. Error: $(9 - 3)/(9 - 2)
# = 6/7$. Together $9/7 \approx 1.29$. **And C?**

# %%
from nas_tutorial.pareto import crowding_distance

best_front = non_dominated_sort(six)[0]
for row, distance in zip(best_front, crowding_distance(six[best_front])):
    print(letters[row], f"{distance:.2f}")

# %% [markdown]
# $5/7 + 5/7 = 10/7$: C has a little more room than B. That is all that NSGA-II is made of. It breeds as
# the genetic search of chapter 03 does; who makes room is the last by front, and within a front the most
# crowded.

# %% tags=["nbval-ignore-output"]
from nas_tutorial.strategies.nsga2 import crowded_order

nas.course.show(nas.Nsga2.tell, crowded_order)

# %% [markdown]
# A search with two objectives is a search as always, and what it found is a front instead of a winner.

# %%
objectives = (nas.Objective("val_accuracy"), nas.Objective("parameters", "min"))
evaluator = nas.TableEvaluator(table)
strategy = nas.Nsga2(space, objectives=objectives, population_size=20, seed=0)
history = nas.search(strategy, evaluator, trials=300, progress=False)
found = nas.pareto_front(history, objectives)
pairs = {(trial.value("parameters"), trial.value("val_accuracy")) for trial in found}
for size, value in sorted(pairs):
    print(f"{size:7,} parameters  accuracy {value:.4f}")
print(f"{len(found)} trials on the front, {len(pairs)} different points")
names = {table.row(trial.candidate.architecture) for trial in strategy.population}
print(f"{len(names)} different networks in a population of {len(strategy.population)}")

# %%
ax = nas.plots.plot_tradeoff(history)
ax.set(ylim=(0.3, 1), title=f"NSGA-II, seed 0, n = {len(history)}; ringed: the most accurate")
plt.show()

# %% [markdown]
# One run, 300 of 15,625. The last line of the numbers is a weakness of the published method on a space as
# small as this: the same networks fill up the population. Copies with equal results do not dominate each
# other, so they share a place on the front. (Where copies were trained with several seeds, their results
# differ, and the luckiest of them stands on the front alone.)
#
# ## How good is a front? Hypervolume
# To compare strategies we need a number after all, but one for a whole front. Take a *reference point*,
# the worst values that count, and measure the area between it and the front: the *hypervolume*. Larger
# is better.
#
# By hand, with the reference at 10 thousand parameters and 10 % error: cut the area into strips. Each begins
# at a point, reaches right to the reference, and up to the error of the point before. **Add up the four
# boxes in the figure.**

# %%
stairs = six[best_front]  # A, B, C, F: from left to right, the error falls
ax = plt.subplots(figsize=(4.6, 3.6))[1]
above = 10
for letter, (x, y), colour in zip("ABCF", stairs, nas.plots.COLOURS):
    ax.add_patch(plt.Rectangle((x, y), 10 - x, above - y, alpha=0.3, color=colour))
    ax.annotate(f"{letter}: {10 - x} x {above - y}", (x + 0.15, (y + above) / 2), va="center")
    above = y
ax.plot(10, 10, "k*", markersize=12, clip_on=False, zorder=4)
ax.set(xlabel="parameters (thousands)", ylabel="error (%)", xlim=(0, 10), ylim=(0, 10))
ax.set_title("The star is the reference point")
plt.show()

# %%
print("the boxes:", 9 * 1 + 7 * 2 + 6 * 4 + 2 * 1)
print("the library:", nas.hypervolume(stairs, (10, 10)))
print("with D and E as well:", nas.hypervolume(six, (10, 10)))

# %% [markdown]
# What is dominated adds nothing. And no exchange rate was needed: in other units every area grows by the same
# factor. What is needed is a corner, the reference point.
#
# ## On the benchmark: NSGA-II against random search
# 20 seeds, 300 trials each, and the genetic search that looks at accuracy alone. Both breed from a population
# of 20, so all three begin with the same 20 random networks. The reference point, the
# same for all: accuracy 0.8 and 12,000 parameters. A network that is worse or larger counts as nothing. We
# give the volume as a share of what the whole table holds, each network at its luckiest training: more no
# search can be told.
#
# **Who will be ahead after 300 trials, and in how many of the 20 seeds?**

# %%
from nas_tutorial.pareto import losses_of

strategies = {
    "random_search": lambda seed: nas.RandomSearch(space, seed=seed),
    "genetic": lambda seed: nas.Genetic(space, population_size=20, seed=seed),
    "nsga2": lambda seed: nas.Nsga2(space, objectives=objectives, population_size=20, seed=seed),
}
seeds, trials = range(20), 300
histories = {
    name: [nas.search(make(seed), evaluator, trials=trials, progress=False) for seed in seeds]
    for name, make in strategies.items()
}
everything = np.column_stack([-table.column("val_accuracy").max(axis=1), parameters])
most = everything[non_dominated(everything)]


def share(found, reference):
    """The hypervolume of what was found, as a share of the table's."""
    corner = (-reference[0], reference[1])  # as losses
    return nas.hypervolume(losses_of(found, objectives), corner) / nas.hypervolume(most, corner)


# %%
import pandas

rows = [
    (name, seed, trial, share(one[:trial], (0.8, 12_000)))
    for name, runs in histories.items()
    for seed, one in zip(seeds, runs)
    for trial in (*range(20, trials + 1, 20), trials + 10)  # a last step, to see where it ends
]
curves = pandas.DataFrame(rows, columns=["strategy", "seed", "trial", "volume"])
ax = nas.plots.plot_comparison(
    nas.quartiles(curves, "volume"), ylabel="share of the table's hypervolume"
)
ax.set_title(f"Reference 0.8 and 12,000; line: median, band: quartiles; n = {len(seeds)} seeds")
plt.show()

# %%
last = {
    name: np.array([share(one, (0.8, 12_000)) for one in runs]) for name, runs in histories.items()
}
print("median share:", *(f"{name} {np.median(values):.2f} " for name, values in last.items()))
for other in ("random_search", "genetic"):
    wins = (last["nsga2"] > last[other]).sum()
    points = nas.paired_difference(100 * (last["nsga2"] - last[other])).text()
    print(f"nsga2 ahead of {other} in {wins} of {len(seeds)} seeds, points of the share {points}")

# %% [markdown]
# NSGA-II ends ahead of either in more seeds than not, and not in all; for most of the way the bands
# overlap. (Behind ± stands half of a 95 % interval of the mean over the seeds; where it holds 0 the word is
# *tie*.) And genetic search, which never looked at a parameter, does about as well as random search: on
# its way to high accuracy it passes networks of every size.
#
# ## When it fails: the reference point decides
# The same searches, measured again from other corners. *Ahead* means ahead of genetic search. **Will the
# same strategy win?**

# %%
print("reference            nsga2 ahead     medians: random genetic nsga2")
for reference in ((0.1, 15_322), (0.8, 12_000), (0.93, 12_000), (0.1, 1_000_000)):
    shares = {name: [share(one, reference) for one in runs] for name, runs in histories.items()}
    wins = np.greater(shares["nsga2"], shares["genetic"]).sum()
    medians = "   ".join(f"{np.median(values):.3f}" for values in shares.values())
    print(f"{reference[0]:4} and {reference[1]:9,}   {wins:2} of {len(seeds)} seeds {medians:>29}")

# %% [markdown]
# Nothing was searched again, and the winner changes. The first corner is about the worst that the table
# has, so the small and poor networks count, which genetic search soon leaves behind. The higher the
# corner's accuracy, the more the accurate end weighs. The last corner is careless: with a million
# parameters as the worst, every network is small, the front is its most accurate point, and all shares are
# close to 1. So choose the reference by what you would still accept, before the search, and state it.
#
# ## A limit instead of a trade
# Often one number is simply bounded: the chip holds so many parameters, and below that nobody cares. That
# is a `Constraint`, an upper limit, and the search has one objective again. Every strategy takes
# constraints: a network within the limit beats one that is not, and of two that are not, the one nearer
# to it wins (Deb 2000).
#
# Three ways to do it with genetic search: tell the strategy the limit; search freely and discard
# afterwards; or make the limit a rule of the *space*, so that nothing larger is ever proposed. Parameters
# can be counted before a training, so this costs nothing. (Here they are looked up; a live search counts
# them on the model.)


# %%
class Within(nas.EdgeCellSpace):
    """The cells whose network keeps a limit on parameters."""

    def __init__(self, limit):
        super().__init__()
        self.limit = limit

    def is_valid(self, architecture):
        return parameters[table.row(architecture)] <= self.limit


# %% [markdown]
# **Two limits, 4,000 and 2,000 parameters, 100 trials: which of the three ways does best? And random
# search, told the limit?** (A search chooses by what it was told; accuracies below are the means over the
# table's trainings of what it chose.)


# %%
def run_under(limit):
    """Four ways to search under the limit, 30 seeds each."""
    rule, small = [nas.Constraint("parameters", limit)], Within(limit)
    ways = {
        "genetic, told": lambda seed: nas.Genetic(space, constraints=rule, seed=seed),
        "genetic, afterwards": lambda seed: nas.Genetic(space, seed=seed),
        "genetic, rule of space": lambda seed: nas.Genetic(small, seed=seed),
        "random, told": lambda seed: nas.RandomSearch(space, constraints=rule, seed=seed),
    }

    def in_hand(constraints):
        """What the best network so far is worth, after each trial; nan while there is none."""

        def worths(history):
            told, values = -np.inf, [np.nan]
            for trial in history:
                kept = not any(one.violation(trial) for one in constraints)
                better = kept and trial.value("val_accuracy") > told
                told = trial.value("val_accuracy") if better else told
                row = table.row(trial.candidate.architecture)
                values.append(accuracy[row] if better else values[-1])
            return values[1:]

        return worths

    def different(history):
        """How many different networks within the limit there have been, after each trial."""
        seen, counts = set(), []
        for trial in history:
            if not rule[0].violation(trial):
                seen.add(table.row(trial.candidate.architecture))
            counts.append(len(seen))
        return counts

    curves = {
        "within": in_hand(rule),
        "free": in_hand([]),
        "kept": lambda history: np.cumsum([not rule[0].violation(one) for one in history]),
        "different": different,
    }
    return nas.compare(ways, evaluator, trials=100, seeds=range(30), curves=curves)


constrained = {limit: run_under(limit) for limit in (4_000, 2_000)}
for limit, runs in constrained.items():
    ends = nas.final_values(runs, "within")
    kept, different = (nas.final_values(runs, name).median() for name in ("kept", "different"))
    best = accuracy[parameters <= limit].max()
    print(f"at most {limit:,} parameters, medians of 30 seeds; best in the table {best:.3f}")
    for name in ends.columns:
        lost = ends[name].isna().sum()  # no trial kept the limit: nothing to hand over, 0
        print(f"  {name:23} accuracy {ends[name].fillna(0).median():.3f}", end="")
        print(f"   within {kept[name]:3.0f} of 100, different {different[name]:2.0f}", end="")
        print(f"   seeds without any: {lost}")

# %%
for limit, runs in constrained.items():
    ends = nas.final_values(runs, "within").fillna(0)
    print(f"at most {limit:,} parameters, points of accuracy, 30 seeds:")
    for other in ("genetic, afterwards", "random, told", "genetic, rule of space"):
        points = nas.paired_difference(100 * (ends["genetic, told"] - ends[other])).text()
        print(f"  genetic, told, against {other:23} {points}")

# %% [markdown]
# Left free, the search drifts to large networks, and the tighter the limit, the less of it can be used
# afterwards: told the limit, it does better under the tight one. As a rule of the space the limit wastes no
# trial at all. But look at random search: under the tight limit it holds its own against the strategy that
# learns. Among networks this plain there is little to learn, and a population of eight soon holds the same
# few of them: many of its trials keep the limit, few of these are different. A baseline costs nothing here;
# without it we would have credited the wrong thing.
#
# ### The trap: a limit that nobody reads
# A public course on efficient deep learning (MIT 6.5940, lab 3) gave its random search a limit under the
# name `millonMACs`, one letter short, and the function that checks limits passed over names that it
# did not know. So the baseline ran without any limit, beside an evolution that had one. The same here:

# %%
ends = {name: nas.final_values(constrained[2_000], name) for name in ("within", "free")}
careless = ends["free"]["random, told"]  # its best trial, whatever its size
kept = ends["within"]["genetic, told"].fillna(0)
print(
    f"median: random without the limit {careless.median():.3f}, genetic with it {kept.median():.3f}"
)
print(f"random search ahead in {(careless > kept).sum()} of {len(kept)} seeds")

# %% [markdown]
# "Random search beats evolution": a sensation, from one missing letter. A name that is not known must be
# refused, with the nearest one that is:

# %%
try:
    misspelt = nas.RandomSearch(space, constraints=[nas.Constraint("paramters", 2_000)])
    nas.search(misspelt, evaluator, trials=5, progress=False)
except ValueError as error:
    print(error)

# %% [markdown]
# ## Latency: the number that depends on the day
# Parameters and FLOPs are counted. Latency is measured, and it is what a user feels. With each training of
# the table came one latency, the median of 20 passes of one sample. They lie in the table's files, 250
# networks each, as they were measured; here are those of the first training of each network.
#
# **Which should take longer: networks with at most three operations in their cell, or those with six?**


# %%
from scipy.stats import spearmanr

from nas_tutorial.tables.table import COURSE


def measured(seed, files):
    """Latencies in milliseconds that came with this seed's trainings, in the order of measuring."""
    names = [COURSE / f"seed{seed}-{number:02}.npz" for number in files]
    return np.concatenate([np.load(name)["latency_ms"] for name in names])


def by_operations(latency):
    """Print how long plain and full cells take, and how FLOPs and latency agree."""
    for label, chosen in (("at most three operations", operations <= 3), ("six", operations == 6)):
        work, micro = np.median(flops[chosen]), 1000 * np.median(latency[chosen])
        print(
            f"{label:24} n = {chosen.sum():5,}  median {work:8,.0f} FLOPs, {micro:4.0f} microseconds"
        )
    print(f"Spearman of FLOPs and latency: {spearmanr(flops, latency).statistic:.2f}")


operations = np.array([sum(value != "none" for value in one.values) for one in table.networks])
latency = measured(0, range(36))
by_operations(latency)

# %% [markdown]
# The emptiest networks are the slowest? Before a theory is built on that, look at the order in which
# they were measured.

# %%
ax = plt.subplots()[1]
ax.scatter(np.arange(len(table)), 1000 * latency, s=3, alpha=0.2, color=nas.plots.COLOURS[0])
ax.set(
    yscale="log",
    xlabel="number of the network, in order of measuring",
    ylabel="latency (microseconds)",
)
ax.set_title(f"Median of 20 passes each, n = {len(table):,} networks")
plt.show()

# %% [markdown]
# The table's datasheet says that the machine had other work to do part of the time: so it looks for the
# first sixth. The first 1,500 networks were measured again on another day, with their second training.
# **What remains of the emptiest cells' slowness?**

# %%
again = latency.copy()
again[:1500] = measured(1, range(6))
for day, values in (("the first day", latency), ("another day", again)):
    print(f"networks 0 to 1,499 on {day}: {1000 * np.median(values[:1500]):.0f} microseconds")
by_operations(again)

# %% [markdown]
# Nothing: the emptiest are the fastest, as they should be. The median of 20 passes had not helped, since
# all 20 were slow together. What does such a day do to a front?

# %%
for name, cost in (("latency", latency), ("latency again", again), ("FLOPs", flops)):
    rows = np.flatnonzero(non_dominated(np.column_stack([cost, -accuracy])))
    print(f"accuracy and {name:13}: {len(rows)} on the front, ", end="")
    print(f"{(rows < 1500).sum()} of them among the first 1,500")

# %% [markdown]
# It shuts a sixth of the space out. And here is your own machine, one network, one pass at a time (200
# passes; your numbers will differ):

# %% tags=["nbval-ignore-output"]
from nas_tutorial.backend import compile_function, median_ms

model = nas.Skeleton().build(space.graph(table.networks[front[-1]]), (40, 1), 10)
forward = compile_function(lambda x: model(x, training=False))
sample = np.zeros((1, 40, 1), "float32")
passes = [median_ms(lambda: forward(sample), repeats=1) for _ in range(200)]
levels = np.quantile(passes, [0, 0.5, 0.95, 1])
print("minimum, median, 95 %, maximum (ms):", *(f"{level:.3f}" for level in levels))
print(f"slowest over fastest: {levels[-1] / levels[0]:.1f}")

# %% [markdown]
# The same network, the same input. So search with FLOPs or parameters, and measure the latency of the few
# that remain on the device that is meant: many passes, the networks in turn, so that a bad minute hits all.
#
# ### When it fails: an objective that is noise
# Each objective adds points to the front: whoever is best in *something* is on it. **How many different
# points does the front have if the third objective is the throw of a die with many sides?**

# %%
dice = np.random.default_rng(0).random(len(table))
fronts = {
    "accuracy, parameters": [parameters],
    "accuracy, parameters, FLOPs": [parameters, flops],
    "accuracy, parameters, latency": [parameters, latency],
    "accuracy, parameters, dice": [parameters, dice],
    "accuracy, parameters, FLOPs, latency, dice": [parameters, flops, latency, dice],
}
for name, costs in fronts.items():
    points = np.column_stack([-accuracy, *costs])
    different = np.unique(points[non_dominated(points)], axis=0)
    print(f"{name:44} {len(different):4} points on the front")

# %% [markdown]
# The dice make the front several times longer, with networks that are there because they threw well. Long
# fronts look rich. Accuracy has its noise, too. So far it was the mean over the table's trainings. **Take the
# front by the first training alone, and by the second alone: how many networks are on both?**

# %%
first, second = table.column("val_accuracy")[:, :2].T
by_first, by_second = (
    set(np.flatnonzero(non_dominated(np.column_stack([parameters, -values]))).tolist())
    for values in (first, second)
)
print(f"networks on the front by the first training {len(by_first)}, by the second ", end="")
print(f"{len(by_second)}, by both {len(by_first & by_second)}")
for limit in (1_500, 3_000, 6_000):
    best = [values[parameters <= limit].max() for values in (first, second)]
    print(f"best within {limit:,} parameters: {best[0]:.3f} and {best[1]:.3f}")

# %% [markdown]
# A front is a set of winners, and each of them is a lucky one (chapter 05): another training has other
# winners. How high the front is at each size they agree about far better. Its shape is worth more than its
# members.
#
# ## Recap
# - A sum of objectives has an exchange rate in it, by choice or by accident of units; and points in a
#   dent of the front are never found by any.
# - A front needs no weights: what nothing dominates stays. NSGA-II breeds by front and by room.
# - Hypervolume compares fronts; its reference point is a decision, made before and stated.
# - A limit is not a trade: tell the search, or make it a rule of the space. Unknown names must be errors.
# - A measured cost is a measurement. More objectives make longer fronts, noise included.
#
# ## Quiz
# Choose an answer before you click on it: it unfolds, and says why it is right or wrong.

# %%
nas.course.quiz("18")

# %% [markdown]
# ## Exercises
# ### Exercise 18.1 ★ Predict: three sums, three winners
# | network | accuracy | parameters |
# | --- | --- | --- |
# | P | 0.80 | 1,000 |
# | Q | 0.90 | 3,000 |
# | R | 0.95 | 12,000 |
# | S | 0.93 | 5,000 |
#
# Which one is best by (a) accuracy minus parameters, (b) accuracy minus parameters in millions, (c) accuracy
# in percent minus parameters in thousands? Set `guess` to three letters, such as `"PPP"`.

# %% nbgrader={"grade": false, "grade_id": "ex-18-1", "locked": false, "schema_version": 3, "solution": true, "task": false}
guess = ...
### BEGIN SOLUTION
guess = "PRS"
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check-18-1", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("18.1", guess)

# %% [markdown]
# ### Exercise 18.2 ★ Write: who dominates?
# Write `dominates(first, second)` for two lists of losses (any number of them, small is good): `True` if the
# first is nowhere worse and somewhere better. *About 3 lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-18-2", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dominates(first, second):
    """Return whether the losses `first` dominate the losses `second`."""
    ### BEGIN SOLUTION
    nowhere_worse = all(a <= b for a, b in zip(first, second))
    somewhere_better = any(a < b for a, b in zip(first, second))
    return nowhere_worse and somewhere_better
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-18-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("18.2", dominates)

# %% [markdown]
# ### Exercise 18.3 ★★ Write and experiment: the area
# Write `area(points, reference)`: the hypervolume of points with two losses. Points may be dominated, or lie
# beyond the reference, and come in any order. The cell after the check uses it: two fronts, and the corner
# that makes each of them the better one. *About 8 lines: from left to right, keep the lowest error so far.*


# %% nbgrader={"grade": false, "grade_id": "ex-18-3", "locked": false, "schema_version": 3, "solution": true, "task": false}
def area(points, reference):
    """Return the area that the points dominate, up to the reference."""
    ### BEGIN SOLUTION
    right, above = reference
    total = 0.0
    for x, y in sorted(points):
        if x < right and y < above:
            total += (right - x) * (above - y)
            above = y
    return total
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-18-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("18.3", area)

# %%
if area([(1, 1)], (2, 2)) is not None:
    small, accurate = [(1, 6), (2, 5)], [(4, 3), (6, 2)]
    for corner in ((7, 7), (7, 10), (10, 7), (20, 7), (7, 20)):
        print(corner, f"small {area(small, corner):5.0f}  accurate {area(accurate, corner):5.0f}")
    print("Further to the right favours one front, further up the other: the corner is the taste.")

# %% [markdown]
# ### Exercise 18.4 ★★ Write and experiment: better under a limit
# Write `better(first, second, limit)` for two pairs (accuracy, parameters): `True` if the first is better.
# Within the limit beats over it; of two within the limit, the higher accuracy wins; of two over it, the one
# with fewer parameters, whatever their accuracy. Equal is not better. The cell after the check lets 1,000
# random networks compete under three limits, the last of which none can keep. *About 5 lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-18-4", "locked": false, "schema_version": 3, "solution": true, "task": false}
def better(first, second, limit):
    """Return whether `first`, a pair of accuracy and parameters, beats `second` under the limit."""
    ### BEGIN SOLUTION
    over = [max(0, size - limit) for _, size in (first, second)]
    if any(over):
        return over[0] < over[1]
    return first[0] > second[0]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-18-4", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("18.4", better)

# %%
if better((0.9, 100), (0.8, 100), 200) is not None:
    rng = np.random.default_rng(0)
    drawn = [table.row(space.sample(rng)) for _ in range(1000)]
    pairs = [(float(accuracy[row]), int(parameters[row])) for row in drawn]
    for limit in (4_000, 2_000, 300):
        winner = pairs[0]
        for pair in pairs:
            winner = pair if better(pair, winner, limit) else winner
        print(f"at most {limit:5,}: accuracy {winner[0]:.3f} with {winner[1]:,} parameters")

# %% [markdown]
# ## In practice
# - Two or three objectives are a picture; with five, fronts grow too long to look at. Make limits of the
#   rest.
# - Log the axes or the objectives where values span orders of magnitude; the front stays the same, for it
#   knows only better and worse. Crowding distance and hypervolume change.
# - NSGA-II as published keeps copies; later implementations (pymoo's, for one) drop them. It also breeds
#   a whole generation before it selects; ours takes in one child at a time, so that no worker waits.
# - A latency table for each operation, measured once on the device, or a predictor, replaces measuring
#   every candidate (ProxylessNAS, Once-for-all).
# - Report the whole front, with the seeds, and its reference point if you give a volume.
#
# ## Further reading
# - Deb, Pratap, Agarwal and Meyarivan 2002, A fast and elitist multiobjective genetic algorithm: NSGA-II.
# - Deb 2000, An efficient constraint handling method for genetic algorithms.
# - Zitzler and Thiele 1998, Multiobjective optimization using evolutionary algorithms, a comparative case
#   study (the hypervolume).
# - Elsken, Metzen and Hutter 2019, Efficient multi-objective neural architecture search via Lamarckian
#   evolution.
# - Tan et al. 2019, MnasNet: platform-aware neural architecture search for mobile (accuracy and latency in
#   one product, with the exponent in the open).
#
# **中文术语** 多目标优化 multi-objective optimisation · 帕累托前沿 Pareto front · 支配 domination ·
# 拥挤距离 crowding distance · 超体积 hypervolume · 约束 constraint · 参数量 number of parameters ·
# 延迟 latency · 搜索策略 search strategy
