# ---
# jupyter:
#   nas_tutorial:
#     name: Multi-fidelity
#     about: stop the hopeless early
#     minutes: 85
#     document: "7 challenges: the cost of computation"
#     modules: [strategies.successive_halving, strategies.hyperband, strategies.asha]
# ---

# %% [markdown]
# # Stop the hopeless early
#
# *The document's part 7: the cost of computation, and the efficiency of the search.* After this
# chapter you can spend a search's time on the networks that deserve it, and say what that costs in
# good ones lost.
#
# **You will** measure how far early leaders can be trusted, halve nine networks by hand, count
# epochs, compare four ways to spend the same seconds, and see a champion thrown away.
#
# **You will learn to**
# - say what a short training tells, and about whom;
# - compute what a bracket of successive halving costs, with and without resumed trainings;
# - tell successive halving, Hyperband and ASHA apart by who waits for whom;
# - compare strategies whose trials cost different amounts;
# - choose a first rung, and say what is lost by one that is too short.
#
# **You need** chapters 03, 05, 10 and 12 and about 85 minutes with the exercises. The cells take about
# half a minute: hundreds of searches on the table, and one network trained here.

# %%
import matplotlib.pyplot as plt
import numpy as np

import nas_tutorial as nas

settings = nas.course.start()

# %% [markdown]
# ## The idea in one sentence
# **Train many networks a little, and give more epochs only to those that look good so far.**
#
# An accuracy after few epochs is a cheaper and rougher measurement of the same network. Such
# measurements are called *fidelities*: the full training is the highest, and searches that use
# several are *multi-fidelity*. The epochs at which networks are compared are *rungs* (of a ladder).
#
# ## Do early leaders win?
# Chapter 10 compared the order after some epochs with the final one, for all networks, the better
# half and the best tenth, by Spearman's rank correlation. A search asks something else. It keeps
# the top and drops the rest: **of the 10 % that are best after 1.25 of 5 epochs, what share is
# among the 10 % best at the end? More than 90 %, about 70 %, about 50 %?** And of the worse half at
# that time, who comes to be among those 10 %? (The last column; if the order meant nothing, one in
# ten.)
#
# As in chapter 10 we take the table's first training of each network (column 0).

# %%
from scipy.stats import spearmanr

table = nas.Table.load_course()
space, final_epochs = table.space, table.epochs[-1]
curves = {epochs: table.column("val_accuracy", epochs)[:, 0] for epochs in table.epochs}
accuracy = curves[final_epochs]


def best_rows(values, number):
    """The rows of the highest values, the best first; of equal values the earlier row."""
    return np.argsort(-values, kind="stable")[:number]


tenth = len(table) // 10
better = accuracy >= np.median(accuracy)
winners = set(best_rows(accuracy, tenth).tolist())
print("epochs   Spearman, all   better half   precision at the top tenth   worse half that wins")
rows = []
for epochs in table.epochs[:-1]:
    early = curves[epochs]
    whole = spearmanr(early, accuracy).statistic
    half = spearmanr(early[better], accuracy[better]).statistic
    leaders = set(best_rows(early, tenth).tolist())
    losers = set(best_rows(-early, len(table) // 2).tolist())
    rows.append((whole, half, len(leaders & winners) / tenth))
    print(f"{epochs:6.3f}  {whole:14.2f}  {half:12.2f}  {rows[-1][2]:27.0%}", end="")
    print(f"  {len(losers & winners) / len(losers):21.1%}")

# %%
ax = plt.subplots()[1]
labels = ("Spearman, all networks", "Spearman, better half", "precision at the top tenth")
for values, label, line, colour in zip(
    np.transpose(rows), labels, nas.plots.LINES, nas.plots.COLOURS
):
    ax.plot(table.epochs[:-1], values, line, marker="o", color=colour, label=label)
ax.axhline(0.1, linestyle=":", color="black", linewidth=1)
ax.text(2.5, 0.11, "precision of guessing", ha="right", va="bottom", fontsize=8)
ax.set(
    xscale="log", xlabel="epochs trained (of 5)", ylabel="agreement with the end", ylim=(-0.1, 1)
)
ax.set_xticks(table.epochs[:-1], [f"{epochs:.2f}" for epochs in table.epochs[:-1]], rotation=45)
ax.minorticks_off()
ax.set_title(f"Early against final, n = {len(table):,} networks")
ax.legend(loc="upper left")
plt.show()

# %% [markdown]
# About half. After 1.25 epochs the order over all networks looks trustworthy (0.87), and still
# nearly every second of the leaders does not end among the best. After a sixteenth of the training
# leading means nothing at all: the precision is that of guessing. *Early leaders win* is false as
# it stands. What the last column does support is weaker: **early losers mostly lose**, once the
# curve has risen a little, and a search can live on that.
#
# One thing to know about these numbers, from the table's datasheet: the checkpoints are **points of
# one schedule, not shorter trainings**. The learning rate falls over five epochs. After 1.25 of
# them it is still high and the network is unsettled; a training *planned* for 1.25 epochs would
# have cooled down, and might rank better or worse. The table does not say. What it does say is what
# a search sees that stops a training and may go on with it later.
#
# ## By hand: halving nine networks
# *Successive halving* keeps one network in $\eta$ at each rung. With $\eta = 3$: train nine, keep
# the best third, train these three times as long, keep the best third, train the last one to the
# end. (The name is from the first version, $\eta = 2$.) Such a tournament is called a *bracket*.
# The rungs are $5/9$, $5/3$ and $5$ epochs. Nine networks of the table, drawn at random, A to I.
#
# **After $5/9$ epochs the accuracies are these. Which three go on? And would you bet that the best
# of the nine is among them?**

# %%
nine = np.sort(np.random.default_rng(0).choice(len(table), 9, replace=False))
names = np.array(list("ABCDEFGHI"))
rungs = (5 / 9, 5 / 3, 5.0)
seen = {rung: table.column("val_accuracy", rung)[nine, 0] for rung in rungs}  # what each would show
print("epochs    ", *(f"{name:>6}" for name in names))
print(f"{rungs[0]:9.3f} ", *(f"{value:.4f}" for value in seen[rungs[0]]))

# %%
going, spent, before = np.arange(9), 0.0, 0.0
for rung, number in zip(rungs, (3, 1, 1)):
    spent += len(going) * (rung - before)
    values = seen[rung][going]
    shown = {int(place): f"{value:.4f}" for place, value in zip(going, values)}
    print(f"{rung:9.3f} ", *(f"{shown.get(place, '-'):>6}" for place in range(9)))
    going = going[best_rows(values, number)]
    print(f"    best: {' '.join(names[going])}; {spent:.2f} epochs spent so far")
    before = rung

# %% [markdown]
# B wins the bracket, for 11.67 epochs in place of the 45 that nine full trainings take. Each rung
# cost little: $9 \cdot 5/9 = 5$ epochs, then $3 \cdot (5/3 - 5/9)$, then $1 \cdot (5 - 5/3)$. A
# training that goes on pays only what it adds.
#
# Now look behind the curtain, at all nine in full. **Was B the best? Was anyone kept who should not
# have been?**

# %%
for rung in rungs:
    print(f"{rung:9.3f} ", *(f"{value:.4f}" for value in seen[rung]))
ranks = 1 + np.argsort(-seen[5.0], kind="stable").argsort(kind="stable")
print("final rank", *(f"{rank:6}" for rank in ranks))

# %% [markdown]
# B is the second of nine. The best, H, got through the first rung by one sample of 4,000 before D,
# and was dropped at the second, where it was two points behind B. E was in the best third after
# $5/9$ epochs and is among the last at the end. A quarter of the epochs bought nearly the best,
# this time. One bracket is an anecdote; the benchmark below has hundreds.
#
# ## In the library
# A `Bracket` is what we just did: it waits until a rung is complete, sorts it, and lets the best go
# on. `SuccessiveHalving` starts one bracket after the other, until the budget is spent.

# %% tags=["nbval-ignore-output"]
from nas_tutorial.strategies.successive_halving import Bracket

nas.course.show(Bracket.tell, nas.SuccessiveHalving.ask, nas.SuccessiveHalving._new_bracket)

# %% [markdown]
# The line with `trial.resumed(epochs)` makes a candidate that **goes on with a training** in place
# of beginning anew: `Candidate.resumes` holds the number of that trial, and where it
# stopped. A live evaluator looks for the weights and the optimizer's state that were left there;
# the table looks up the difference. Here is one whole bracket; the seconds are those that the
# table's machine took.

# %%
evaluator = nas.TableEvaluator(table)
history = nas.search(nas.SuccessiveHalving(space, seed=0), evaluator, trials=13, progress=False)
print("trial  network  epochs  resumes  from  seconds  val. accuracy")
for trial in history:
    one = trial.candidate
    resumes, stopped = (one.resumes.number, one.resumes.epochs) if one.resumes else ("-", 0)
    print(f"{trial.number:5}  {table.row(one.architecture):7}", end="")
    print(f"  {one.epochs:6.3f}  {resumes:>7}  {stopped:4.2f}", end="")
    print(f"  {trial.result.seconds:7.2f}  {trial.value('val_accuracy'):13.4f}")

# %% [markdown]
# Trial and network are now two things: 13 trials, nine candidates, one of them trained in full.
# (Trials 1 and 5 drew one network under two names, chapter 04, and the bracket pays for it twice.)
# Which trial is the best? Values after different epochs do not compare, so the history takes the
# best of those **trained longest** (`History.best`), never a lucky start.
#
# Does a training that goes on end where one in one go ends? Try it with real weights: one network
# on the digits, stopped after one epoch of four and resumed, and the same in one go.

# %% tags=["nbval-ignore-output"]
from pathlib import Path
from tempfile import TemporaryDirectory

small = nas.Skeleton(filters=16, cells=(1,))
cell = table.networks[nine[1]]  # B
with TemporaryDirectory() as folder:
    live = nas.TrainingEvaluator(
        space,
        nas.load_dataset("digits"),
        skeleton=small,
        epochs=4,
        batch_size=32,
        checkpoints=folder,
    )
    begun = nas.Candidate(cell, epochs=1)
    stopped = nas.Trial(0, begun, 0, live(begun, seed=0))
    kept_files = [path.name for path in Path(folder).iterdir()]
    resumed = live(stopped.resumed(4), seed=0)
in_one_go = live(nas.Candidate(cell, epochs=4), seed=0)
print("kept:", *kept_files)
print(f"after 1 epoch           {stopped.value('val_accuracy'):.4f}")
print(f"after 4, resumed        {resumed.metrics['val_accuracy']:.4f}")
print(f"after 4, in one go      {in_one_go.metrics['val_accuracy']:.4f}")

# %%
apart = abs(resumed.metrics["val_accuracy"] - in_one_go.metrics["val_accuracy"])
print("one file is kept:", len(kept_files) == 1)
print("resumed and in one go differ by less than two points:", apart < 0.02)

# %% [markdown]
# The file holds the weights and the optimizer's state; the order of the samples follows from the
# seed. So three epochs were trained in place of four, for the same network.
#
# ### Hyperband: when you do not trust the first rung
# How short may the first rung be? *Hyperband* does not answer; it runs brackets with every first
# rung in turn, from "many networks, very short" to "few networks, all in full", each for about the
# same epochs.

# %%
from nas_tutorial.strategies.hyperband import bracket_size
from nas_tutorial.strategies.rungs import num_promoted

for skipped in range(len(rungs)):
    size, cost, before, steps = bracket_size(rungs, skipped), 0.0, 0.0, []
    for rung in rungs[skipped:]:
        number = num_promoted(size, rungs[skipped], rung)
        cost += number * (rung - before)
        steps.append(f"{number} for {rung:.2f}")
        before = rung
    print(f"bracket {skipped + 1}: {cost:5.2f} epochs:  {',  '.join(steps)}")

# %% tags=["nbval-ignore-output"]
nas.course.show(nas.Hyperband.ask, nas.Hyperband._new_bracket, bracket_size)

# %% [markdown]
# The last bracket is random search with full trainings. That is the insurance: should the short
# rungs mislead, a part of the budget does not depend on them. The premium is that part.
#
# ### ASHA: when nobody should wait
# In a bracket a free worker waits until the whole rung is there. *ASHA* never waits: whenever a
# worker is free, someone goes on who is among the best third of their rung **so far**; if there is
# nobody, a new network is drawn.

# %% tags=["nbval-ignore-output"]
nas.course.show(nas.Asha.ask, nas.Asha._promotable)

# %% [markdown]
# **The first promotion of successive halving comes after nine trials. When does ASHA's come?**

# %%
for make in (nas.SuccessiveHalving, nas.Asha):
    history = nas.search(make(space, seed=0), evaluator, trials=16, progress=False)
    letters = ["abc"[rungs.index(trial.candidate.epochs)] for trial in history]
    print(f"{make.name:18}", *letters)
print("a: 0.56 epochs, b: on to 1.67, c: on to 5")

# %% [markdown]
# After three, when a third of the rung is one network. That is early to judge: had the ninth been
# the best, ASHA would have promoted another before it came. This is its price, a few that go on by
# mistake. What it buys shows with several workers. `SimulatedWorkers` (chapter 19 explains it) runs
# eight of them on a clock made of the table's seconds. **How much of the time do eight workers
# stand idle?**

# %%
print("eight workers, n = 30 seeds; mean share of their time that they stand idle")
for make in (nas.SuccessiveHalving, nas.Hyperband, nas.Asha):
    idle = []
    for seed in range(30):
        pool = nas.SimulatedWorkers()
        history = nas.search(
            make(space, seed=seed), evaluator, trials=130, executor=pool, workers=8, progress=False
        )
        idle.append(1 - sum(trial.result.seconds for trial in history) / (8 * pool.clock))
    print(f"{make.name:18} {np.mean(idle):5.0%}")

# %% [markdown]
# In brackets of nine the workers of the first two mostly wait: on the last rung one of the eight
# has something to do. Several brackets at a time would mend most of that; ASHA does not need them.
# With one worker, as below, waiting costs nothing.
#
# ## On the benchmark
# Four strategies, a hundred seeds, 48 simulated seconds of training each. Random search trains
# every network in full. None of them learns where good networks are: all draw at random, and differ
# only in how they spend epochs. They are compared by chapter 12's *regret*: by how many points the
# network handed over is below the best of the table in test accuracy.
#
# **Who is ahead? Remember how poor the order after $5/9$ epochs is.**

# %%
strategies = {
    "random_search": lambda seed: nas.RandomSearch(space, seed=seed),
    "successive_halving": lambda seed: nas.SuccessiveHalving(space, seed=seed),
    "hyperband": lambda seed: nas.Hyperband(space, seed=seed),
    "asha": lambda seed: nas.Asha(space, seed=seed),
}
budget, seeds = 48, range(100)


def points(history):
    """The regret in test accuracy, in points."""
    return 100 * nas.regret(history, table)


def networks(history):
    """How many networks had been begun, after each trial."""
    return np.cumsum([trial.candidate.resumes is None for trial in history])


def full_trainings(history):
    """How many networks had been trained to the end, after each trial."""
    return np.cumsum([trial.candidate.epochs in (None, final_epochs) for trial in history])


comparison = nas.compare(
    strategies,
    evaluator,
    seconds=budget,
    seeds=seeds,
    curves={"regret": points, "networks": networks, "full": full_trainings},
)
gridded = nas.on_grid(comparison, np.arange(4, budget + 1), over="seconds")

# %%
ax = nas.plots.plot_comparison(
    nas.quartiles(gridded, "regret", over="seconds"),
    over="seconds",
    ylabel="regret (points of test accuracy)",
    ax=plt.subplots(figsize=(7.5, 4.4))[1],
)
ax.set(title=f"median and quartiles, n = {len(seeds)} seeds", xlabel="simulated seconds (s)")
ax.set(ylim=(0, 10), xlim=(4, budget))
ax.legend(loc="upper right")
plt.show()

# %%
losses = nas.final_values(gridded, "regret")
print(f"points of regret saved against random search after {budget} s; positive is better")
for name in list(strategies)[1:]:
    gain = losses["random_search"] - losses[name]
    seeds_that = (gain > 0).sum(), (gain == 0).sum(), (gain < 0).sum()
    print(
        f"{name:18} {nas.paired_difference(gain).text():20}  better, equal, worse in",
        *seeds_that,
        "seeds",
    )
counts = comparison.groupby(["strategy", "seed"], sort=False)[["trial", "networks", "full"]].max()
means = counts.groupby("strategy", sort=False).mean()
print("\nmean of a run:      trials   networks   trained in full")
for name, row in means.iterrows():
    print(f"{name:18}  {row['trial']:6.0f}  {row['networks']:9.0f}  {row['full']:16.0f}")

# %%
for name in ("successive_halving", "asha"):
    fewer = means.loc[name, "full"] < means.loc["random_search", "full"] / 2
    print(f"{name} trained fewer than half as many networks in full: {fewer}", end="")
    print(f", with less regret in the mean: {losses[name].mean() < losses['random_search'].mean()}")

# %% [markdown]
# Behind ± stands half of a 95 % interval (chapter 12); where the interval holds 0 we say tie. (Three
# intervals are three chances to be wrong: chapter 20.) Equal seeds draw the same networks in the same
# order, so halving sees all the networks that random search sees, and then more. But it numbers its trials
# otherwise, so it may see a network in another of the table's trainings, with another luck. *Equal* is
# where both hand over the same one; what is gained in the mean is gained in the other seeds.
#
# How can a first rung help whose order says so little about the final one? It costs a ninth, so
# several times as many networks are looked at (second column); and it keeps about three in four of
# the best percent, where chance would keep one in three (counted below). Rough knowledge about many
# is worth at least as much here as certainty about few. Hyperband spends a part of its budget as
# random search does, and takes fewer looks for it.
#
# ## When it fails
# ### The trap: another axis, another winner
# The same runs, read at three points that all look fair: after equal **trials**, after equal
# numbers of networks **trained in full**, after equal **seconds**. **Which of the three flatters
# halving, and which random search?**

# %%
fewest_trials = int(counts["trial"].min())
fewest_full = int(counts["full"].min())
readings = {
    f"{fewest_trials} trials": comparison[comparison["trial"] == fewest_trials],
    f"{fewest_full} in full": comparison[comparison["full"] == fewest_full],
    f"{budget} seconds": gridded[gridded["seconds"] == budget],
}
print("regret (points) at ", *(f"{reading:>12}" for reading in readings))
for name in strategies:
    means = []
    for reading in readings.values():
        runs = reading[reading["strategy"] == name].groupby("seed")
        means.append(runs["regret"].first().mean())
    print(f"{name:18} ", *(f"{mean:12.2f}" for mean in means))
print("mean seconds by then")
for name in strategies:
    runs = comparison[comparison["strategy"] == name]
    after_trials = runs[runs["trial"] == fewest_trials].groupby("seed")["seconds"].first()
    after_full = runs[runs["full"] == fewest_full].groupby("seed")["seconds"].first()
    print(f"{name:18}  {after_trials.mean():12.0f} {after_full.mean():12.0f} {budget:12}")

# %% [markdown]
# Counted in trials, a look of half an epoch costs as much as a full training: halving is
# *punished*, for it has spent a fraction of the seconds (lower table). Counted in full trainings
# its short ones are free: halving is *flattered*, for it has spent more of them. Only what is
# really paid compares, here seconds. Look at the axis before you look who wins.
#
# (Seconds hide something too: a table has no compiling, no loading of weights. Where a start
# costs as much as a short rung, add it to the bill.)
#
# ### A first rung that is too short
# The belief again, now with power: if early leaders won, a first rung of $5/16$ epochs and one in
# sixteen going on would be a bargain. Two rungs each, the first and full training, and brackets of
# which two go on. The shorter the first rung, the smaller that share. **Which first rung would you
# take: 5/16, 5/9, 5/4 or 5/2?**

# %%
first_rungs = {"5/16": 5 / 16, "5/9": 5 / 9, "5/4": 5 / 4, "5/2": 5 / 2}
sizes = {name: 2 * round(5 / rung) for name, rung in first_rungs.items()}
brackets = {
    name: lambda seed, name=name: nas.SuccessiveHalving(
        space, seed=seed, epochs=(first_rungs[name], 5), bracket_size=sizes[name]
    )
    for name in first_rungs
}
tried = nas.compare(
    brackets, evaluator, seconds=budget, seeds=seeds[:50], curves={"regret": points}
)
ends = nas.final_values(nas.on_grid(tried, [budget]), "regret")
gains = ends.rsub(losses["random_search"].loc[ends.index], axis=0)  # random search minus each
print("first rung   bracket   points saved against random search")
for name in brackets:
    print(f"{name:>10}   {sizes[name]:7}   {nas.paired_difference(gains[name]).text()}")
for longer, shorter in (("5/9", "5/16"), ("5/4", "5/9")):
    print(
        f"{longer} against {shorter}: {nas.paired_difference(gains[longer] - gains[shorter]).text()}"
    )

# %%
ax = plt.subplots()[1]
found = [nas.paired_difference(gains[name]) for name in first_rungs]
means, halves = [one.mean for one in found], [one.mean - one.low for one in found]
ax.errorbar(first_rungs.values(), means, halves, fmt="-o", color=nas.plots.COLOURS[0], capsize=3)
ax.axhline(0, linestyle="--", color="black", linewidth=1)
ax.text(0.83, -0.03, "random search", ha="center", va="top", fontsize=8)
ax.set(xscale="log", xlabel="first rung (epochs of 5)", ylabel="regret saved (points)")
ax.set_xticks(list(first_rungs.values()), list(first_rungs))
ax.minorticks_off()
ax.set_title(f"{budget} s, paired, n = {len(gains)} seeds, 95 % intervals")
plt.show()

# %% [markdown]
# At the left end halving is no help, or worse than none: most of the budget goes into looks that
# tell nothing, and the few that go on are a random sixteenth. A quarter of an epoch more makes the
# difference (the line "5/9 against 5/16"). To the right a rung tells more and saves less. Whether
# the middle ones differ, the last line says.
#
# ### The best network of all, dropped
# Let the whole table pass the first rung of our bracket, $5/9$ epochs, a third going on. **Of the
# 87 networks in the best percent, how many are dropped?**

# %%
early = curves[table.epochs[1]]
place = np.empty(len(table), dtype=int)
place[best_rows(early, len(table))] = np.arange(1, len(table) + 1)
percent = best_rows(accuracy, len(table) // 100)
dropped = [row for row in percent.tolist() if place[row] > len(table) // 3]
print(f"{len(dropped)} of {len(percent)} dropped; the first three of them by final rank:")
for row in dropped[:3]:
    rank = 1 + int(np.flatnonzero(percent == row)[0])
    print(f"final rank {rank:2}, rank {place[row]:,} of {len(table):,} after 5/9 epochs")

# %%
ax = plt.subplots()[1]
loser = int(best_rows(early, 1)[0])  # who leads after 5/9 epochs
shown = ((dropped[0], "dropped"), (loser, "leads after 5/9 epochs"))
for (row, label), line, colour in zip(shown, nas.plots.LINES, nas.plots.COLOURS):
    values = [curves[epochs][row] for epochs in table.epochs]
    ax.plot(table.epochs, values, line, marker="o", color=colour, label=label)
    print(f"{label:22}", *(f"{value:.3f}" for value in values))
ax.axvline(5 / 9, linestyle=":", color="black", linewidth=1)
ax.text(0.57, 0.95, "first rung", va="top", fontsize=8)
ax.set(xscale="log", xlabel="epochs trained (of 5)", ylabel="validation accuracy", ylim=(0, 1))
ax.set_xticks(table.epochs, [f"{epochs:.2f}" for epochs in table.epochs], rotation=45)
ax.minorticks_off()
ax.set_title("A slow starter and an early leader, one training each")
ax.legend(loc="lower right")
plt.show()
print(table.networks[dropped[0]])

# %% [markdown]
# In this training, the table's first, the network with the highest validation accuracy is among the
# slowest starters. It looks like a hopeless one until past half an epoch, and no ranking by the
# last value can know. (Chapter 10 has said what to think of champions of one training; but nearly a
# quarter of the best percent are slow starters.)
#
# ## Can the curve be continued?
# Perhaps the last value is the wrong thing to look at. *Learning-curve extrapolation* predicts the
# end from all values so far. The simplest law: the final accuracy is a weighted sum of the
# checkpoints and a constant, with weights fitted by least squares **on other networks**, 300 that
# were trained to the end.
#
# **Will its order be better than that of the last value alone? By a lot, a little, not at all?**

# %%
order = np.random.default_rng(0).permutation(len(table))
fitted, others = order[:300], order[300:]
good = others[better[others]]
print("              all            better half")
print("epochs   last   law    last   law    mean error: last    law")
for number in range(1, len(table.epochs)):
    values = np.stack([curves[epochs] for epochs in table.epochs[:number]], axis=1)
    inputs = np.column_stack([np.ones(len(table)), values])
    weights = np.linalg.lstsq(inputs[fitted], accuracy[fitted], rcond=None)[0]
    law = inputs @ weights
    line = []
    for group in (others, good):
        for guess_of_end in (values[:, -1], law):
            line.append(spearmanr(guess_of_end[group], accuracy[group]).statistic)
    errors = [np.mean(abs(end - accuracy)[others]) for end in (values[:, -1], law)]
    print(f"{table.epochs[number - 1]:6.3f}", *(f"{one:6.2f}" for one in line), end="")
    print(f"{errors[0]:21.3f} {errors[1]:6.3f}")

# %% [markdown]
# Hardly. The law comes much closer to the final *accuracy*, which lies far above the last value. But
# a search needs the *order*, and any growing function of the last value has the order of the last
# value. (In the first line the fitted weight is negative, which turns an order that means nothing
# around.) What the earlier checkpoints add is a few hundredths at most over all networks, and nothing in the
# better half. Slow starters give no sign before they start. Published methods add the architecture,
# several curves at once, or the training loss; test them beside the last value, on other networks,
# in the half that matters.
#
# ## Recap
# - A short training is a rough measurement: it knows the hopeless, and little about the order of
#   the good.
# - Halving gives each rung about equal epochs and keeps one in $\eta$; a resumed training pays what
#   it adds.
# - Hyperband insures against a first rung that misleads; ASHA never waits, and promotes some by
#   mistake.
# - Compare over what is paid. Trials punish halving, full trainings flatter it.
# - A first rung that tells nothing buys nothing: those who go on are a random choice. Measure it
#   before you trust it.
#
# ## Quiz
# Choose an answer before you click on it: it unfolds, and says why it is right or wrong.

# %%
nas.course.quiz("15")

# %% [markdown]
# ## Exercises
# ### Exercise 15.1 ★ Predict: the cost of a bracket
# 27 networks, rungs at 1, 3, 9 and 27 epochs, $\eta = 3$; trainings are resumed and none fails. How
# many epochs are trained in all? Set `guess`. (27 full trainings would be 729.)

# %% nbgrader={"grade": false, "grade_id": "ex-15-1", "locked": false, "schema_version": 3, "solution": true, "task": false}
guess = ...
### BEGIN SOLUTION
guess = 27 * 1 + 9 * 2 + 3 * 6 + 1 * 18
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check-15-1", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("15.1", guess)

# %% [markdown]
# ### Exercise 15.2 ★★ Write: one halving
# Write `halve(values, eta)`: the places of those who go on, a list, the best first. Of $n$ values
# at most $\lfloor n / \eta \rfloor$ go on; of equal values the earlier place comes first. A
# training that failed has the value `nan`; it counts among the $n$, and never goes on. *About 4
# lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-15-2", "locked": false, "schema_version": 3, "solution": true, "task": false}
def halve(values, eta):
    """Return the places of the best floor(n / eta) values, the best first, without any nan."""
    ### BEGIN SOLUTION
    succeeded = [place for place in range(len(values)) if not np.isnan(values[place])]
    best_first = sorted(succeeded, key=lambda place: -values[place])  # keeps the order of equals
    return best_first[: int(len(values) // eta)]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-15-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("15.2", halve)

# %% [markdown]
# ### Exercise 15.3 ★★ Write and experiment: who survives the first rung?
# Write `share_kept(early, final, eta, top)`: the share of the `top` networks that are best at the
# end that is among the best $\lfloor n / \eta \rfloor$ early on. All values are different. *About 4
# lines.*
#
# The cell after the check uses it on the table. Before you run it: with **one in three** going on,
# from which first rung on are nine in ten of the best percent kept? And does a smaller $\eta$ help
# at $5/16$ epochs?


# %% nbgrader={"grade": false, "grade_id": "ex-15-3", "locked": false, "schema_version": 3, "solution": true, "task": false}
def share_kept(early, final, eta, top):
    """Return which share of the final best `top` is among the early best floor(n / eta)."""
    ### BEGIN SOLUTION
    going_on = np.argsort(-np.asarray(early), kind="stable")[: int(len(early) // eta)]
    wanted = np.argsort(-np.asarray(final), kind="stable")[:top]
    return len(set(going_on.tolist()) & set(wanted.tolist())) / top
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-15-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("15.3", share_kept)

# %%
if share_kept(np.array([0.1, 0.2]), np.array([0.1, 0.2]), 2, 1) is not None:
    parted = np.random.default_rng(0).uniform(0, 1e-6, size=(2, len(table)))  # no equal values
    print("best percent kept, with one in ... going on")
    print("epochs       2      3      9")
    for epochs in table.epochs[:-1]:
        measured = curves[epochs] + parted[0], accuracy + parted[1]
        shares = [share_kept(*measured, eta, len(table) // 100) for eta in (2, 3, 9)]
        print(f"{epochs:6.3f}", *(f"{share:6.0%}" for share in shares))

# %% [markdown]
# Compare each column with chance, which keeps one in two, three or nine. Where the first line is no
# better than that, a smaller $\eta$ keeps more of the good only because it keeps more of all.
#
# ### Exercise 15.4 ★★★ Write: ASHA's promotion
# Write `promote(values, promoted, eta)`: `values` are the results of a rung so far, in the order in
# which they came, all different; `promoted` is the set of places that have gone on already. Return
# the place of the best that is among the best $\lfloor n / \eta \rfloor$ and has not gone on, or
# `None` where there is nobody. *About 3 lines. Beware: the best $\lfloor n / \eta \rfloor$ of all,
# not of those that are left.*


# %% nbgrader={"grade": false, "grade_id": "ex-15-4", "locked": false, "schema_version": 3, "solution": true, "task": false}
def promote(values, promoted, eta):
    """Return the place that goes on next, or None."""
    ### BEGIN SOLUTION
    best_first = sorted(range(len(values)), key=lambda place: -values[place])
    promotable = best_first[: int(len(values) // eta)]
    return next((place for place in promotable if place not in promoted), None)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-15-4", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("15.4", promote)

# %% [markdown]
# ## In practice
# - Epochs are one fidelity; fewer samples, smaller images and narrower networks are others. Each
#   has its own rank correlation, to be measured before it is trusted.
# - A live search resumes from stored weights. Give `TrainingEvaluator` and `CompiledEvaluator` a
#   folder (`checkpoints=`) for them; without one a resumed candidate is trained from the beginning,
#   and pays all.
# - Our strategies draw at random. BOHB stops early by Hyperband too, and draws by a model of the
#   results so far: the idea of chapter 13 with another model, two densities in place of a Gaussian
#   process.
# - On a schedule that falls to zero an early value is taken at a high learning rate. Some prefer a
#   short schedule of its own for each rung; then nothing can be resumed.
# - Whoever is trained in full in the end is still picked for luck (chapter 10): train the winner
#   again.
#
# ## Further reading
# - Karnin, Koren and Somekh 2013, Almost optimal exploration in multi-armed bandits: successive
#   halving.
# - Jamieson and Talwalkar 2016, Non-stochastic best arm identification and hyperparameter
#   optimization: its use for choosing what to train.
# - Li et al. 2018, Hyperband: a novel bandit-based approach to hyperparameter optimization.
# - Li et al. 2020, A system for massively parallel hyperparameter tuning (ASHA).
# - Falkner, Klein and Hutter 2018, BOHB: robust and efficient hyperparameter optimization at scale.
# - Domhan, Springenberg and Hutter 2015, Speeding up automatic hyperparameter optimization of deep
#   neural networks by extrapolation of learning curves.
#
# **中文术语** 多保真度 multi-fidelity · 逐次减半 successive halving · 提前停止 early stopping ·
# 学习曲线外推 learning-curve extrapolation · 秩相关 rank correlation · 计算资源 compute
