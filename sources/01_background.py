# ---
# jupyter:
#   nas_tutorial:
#     name: Background
#     about: why search at all, and what a search costs
#     minutes: 60
#     document: 1 background
#     modules: [tables.table, evaluators.one_program.training]
#     part: "Part I: the idea · 基本原理"
# ---

# %% [markdown]
# # See what a search can gain, and what it costs
#
# In 2016 a program at Google kept 800 graphics processors busy for 28 days. It invented neural networks, trained each
# of them to see how good it was, and invented better ones. The networks it found competed with the best that people
# had designed, and the bill made the method famous. How much does the design of a network matter, that someone
# would pay this? And do *you* need 800 processors to get most of it?
#
# In this chapter you will train three networks of exactly equal size that could hardly differ more, look at 8,765
# networks that the course has trained for you, and find out how far ten random draws get you, why the very best network
# is so hard to name, and what searches have cost.
#
# > **Follows** part 1 of the source tutorial · **Needs** chapter 00 · **Takes** about 60 minutes
# > (the cells themselves run in a minute or two, most of it training)
#
# **You will learn to**
# - say what is held fixed when architectures are compared;
# - read a ranking of networks: where it is steep, and where it is flat;
# - tell a difference between two networks from a difference between two training runs;
# - say how many random draws it takes to meet a good network, and to meet the best one;
# - turn "800 GPUs for 28 days" into a cost per network.

# %%
import matplotlib.pyplot as plt
import numpy as np

import nas_tutorial as nas

settings = nas.course.start()

# %% [markdown]
# ## The idea in one picture
# **Keep the data, the training and the size of a network fixed. Its architecture alone can decide whether it is
# useful or useless.**

# %%
nas.course.figures.chapter01.whole_network()
plt.show()

# %% [markdown]
# Every network in this chapter looks like this. A convolution (the *stem*) turns a curve of 40 points into 16 curves,
# its **channels**. Then one small graph, the **cell**, is applied three times, and a classifier turns the result into
# ten scores, one for each digit. The cell has four numbered nodes, each of which adds up what reaches it, and on each
# of its six edges stands one of five operations:
#
# | in drawings | name in the library | what it does |
# | --- | --- | --- |
# | conv 3 | `nor_conv_3x3` | a convolution: mixes all channels of three neighbouring points |
# | conv 1 | `nor_conv_1x1` | the same, but looks at one point at a time |
# | pool 3 | `avg_pool_3x3` | averages three neighbouring points; nothing to train |
# | skip | `skip_connect` | passes its input on unchanged |
# | none | `none` | the edge does not exist |
#
# (The long names come from the benchmark NAS-Bench-201, which is about images. On our curves "3x3" means three
# points.)
#
# The **architecture** of such a network is the choice of the six operations. Training finds the *weights* of a network
# and leaves its architecture alone, so someone has to choose it beforehand: a person, or a program. When a program
# chooses, that is **neural architecture search**, NAS for short. MobileNetV3, a network that runs on phones, was found
# in part this way: a program searched for accuracy *and* speed on the device (Howard et al. 2019).
#
# Papers draw a cell as on the left below. Programs often prefer the picture on the right, in which the operations are
# the nodes. Both show the same cell, and you will meet both.

# %%
nas.course.figures.chapter01.cell()
plt.show()

# %% [markdown]
# ## The task
# MNIST-1D holds the digits 0 to 9 as curves of 40 points. A program draws them: it takes a clean template of the digit,
# stretches, scales, shifts and tilts it at random, and adds noise.

# %%
nas.course.figures.chapter01.digit_in_steps()
plt.show()
data = nas.load_dataset("mnist1d")
print(data)

# %% [markdown]
# This is a five, from its template to what a network sees. No two fives are alike, so memorising the training
# set won't help. A network that guesses is right one time in ten.
#
# The **training set** has 4,000 curves, and every network passes over it five times (five *epochs*), with the same step
# sizes. A further 4,000 curves, the **validation set**, are used to measure it: its *validation accuracy* is the share
# of them that it names correctly.
#
# ## By hand: three networks
# The course has trained all 8,765 different networks of this kind and keeps the results in a *table*. Each was trained
# three times, since a training run begins with random weights and sees the curves in a random order.

# %%
table = nas.Table.load_course()
runs = table.column("val_accuracy")  # shape (8765, 3): one column per training run
first = runs[:, 0]
print(f"{len(table):,} networks, {runs.shape[1]} training runs each: {runs.size:,} in all")

# %% [markdown]
# To see what the *architecture* does, we hold the size fixed as well. Which number of parameters is the most common?

# %%
parameters = table.proxy("parameters")[:, 0].astype(int)
size = int(np.bincount(parameters).argmax())
family = np.flatnonzero(parameters == size)
print(
    f"{len(family):,} networks have exactly {size:,} parameters; the smallest has {parameters.min()}"
)

# %% [markdown]
# You can derive that number. A conv 3 from 16 to 16 channels has $3 \cdot 16 \cdot 16$ weights, and the normalisation
# behind it has $4 \cdot 16$ numbers: 832 together. A conv 1 has $16 \cdot 16 + 4 \cdot 16 = 320$. The other operations
# have none, and stem and classifier need 346, which is all that the smallest network has. So
#
# $$ 346 + 3 \cdot (832 + 320) = 3802 $$
#
# is a network whose cell holds one conv 3 and one conv 1, and nothing else that is trained. Here are three of these
# 1,234 networks. In the table one is the best of its size, one the worst, and one is in the middle.

# %%
ranked = family[np.argsort(first[family], kind="stable")]
three = {"A": ranked[len(family) // 2], "B": ranked[-1], "C": ranked[0]}
cells = {name: table.networks[row] for name, row in three.items()}
nas.course.figures.chapter01.named_cells(table.space, cells)
plt.show()

# %% tags=["nbval-ignore-output"]
nas.course.predict("1.a", "Which of the three is the best?", options=("A", "B", "C"))

# %% [markdown]
# Now train them, here and now. A `CompiledEvaluator` compiles one program that can train any network of the space.
# That takes twenty seconds or so the first time, and about a second per network from then on.

# %% tags=["nbval-ignore-output"]
evaluator = nas.CompiledEvaluator(table.space, data)
losses, live = {}, {}
for seed, (name, cell) in enumerate(cells.items(), start=1):
    run = evaluator.start(cell, seed=seed)
    run.train_to(evaluator.recipe.epochs * run.steps_per_epoch)
    losses[name] = run.losses
    live[name] = np.mean(run.predict(data.x_val) == data.y_val)
    in_table = ", ".join(f"{value:.3f}" for value in runs[three[name]])
    print(f"{name}: validation accuracy {live[name]:.3f} now; in the table {in_table}")

# %%
nas.course.figures.chapter01.three_runs(losses, live)
plt.show()

# %% [markdown]
# On the left is the *loss*, which training lowers: the mean of $-\ln p$, where $p$ is the probability that the network
# gives to the right digit. (Its unit, the *nat*, comes from the natural logarithm.) On the right is the accuracy after
# five epochs.

# %%
print("A is more than 0.1 above C:", live["A"] - live["C"] > 0.1)
print("B is more than 0.2 above C:", live["B"] - live["C"] > 0.2)
nas.course.reveal("1.a", "B")

# %% [markdown]
# B is the best and C the worst. They have the same data, the same training and the same number of parameters. What
# differs is the wiring, and it separates a network that you would use from one that you would throw away.
#
# Look at A as well: your training run and the three in the table give four different numbers for one network. We will
# come back to that.
#
# ### Why is B better than C?
# B is a plain chain, conv 3, conv 1, pool 3. In C there are ways around every convolution. Here are two rules that you
# might have guessed from the drawings: *convolutions should follow one another*, and *no path from input to output
# should avoid them*. We can test both on all networks of this size. The next cell counts the convolutions on each path
# from node 0 to node 3.

# %%
PATHS = [(3,), (0, 4), (1, 5), (0, 2, 5)]  # 0→3, 0→1→3, 0→2→3, 0→1→2→3, as places of edges


def convolutions(cell):
    """How many convolutions lie on each path from input to output."""
    on = cell.values
    there = [path for path in PATHS if all(on[edge] != "none" for edge in path)]
    return [sum("conv" in on[edge] for edge in path) for path in there]


true_mean = runs.mean(axis=1)
counts = [convolutions(table.networks[row]) for row in family]
kinds = np.array([(max(count), min(count) == 0) for count in counts])
for row, avoided in ((1, True), (1, False), (2, True), (2, False)):
    group = true_mean[family[(kinds == (row, avoided)).all(axis=1)]]
    print(
        f"{row} in a row, {'a' if avoided else 'no'} way around: {len(group):3} networks, "
        f"mean {group.mean():.3f}, from {group.min():.3f} to {group.max():.3f}"
    )

# %% [markdown]
# Both rules hold on average. Two convolutions in a row are better than one, a way around them is worse than none, and
# the group to which B belongs is the best of the four, 14 points above C's. But the groups overlap: the worst network of
# the best group is below the average of each of the other three. The rules say which wiring *tends* to be good (and not
# why). They don't pick a network, and that is why people search.
#
# ## Try all 8,765 yourself
# Choose the operation on each edge, and read off the accuracy of the network, its rank and its size. **Can you get above
# 0.95 in ten attempts?** Pale edges do no work: nothing reaches them, or nothing that leaves them reaches the output.

# %%
nas.course.explore_cell(table)

# %% [markdown]
# Without any attempt at all, the cell that the explorer starts with deserves attention: conv 3 on all six edges, the
# largest network of the space. Nobody has to search for it. We call it the **largest cell** and use it as a baseline
# throughout the course.
#
# ## Hundreds of networks
# Three networks may be a lucky choice. What does the whole space look like?

# %% tags=["nbval-ignore-output"]
nas.course.predict("1.b", "accuracy of the median network", low=0.1, high=1.0)

# %%
largest = table.row(nas.Architecture(("nor_conv_3x3",) * 6))
named = {**{f"network {name}": row for name, row in three.items()}, "largest cell": largest}
nas.course.figures.chapter01.all_networks(parameters, first, named)
plt.show()
for name, level in (("worst", 0), ("lower quartile", 0.25), ("median", 0.5), ("best", 1)):
    print(f"{name:15} {np.quantile(first, level):.3f}")
without = parameters == parameters.min()
print(f"{without.sum()} networks hold no convolution; their best has {first[without].max():.2f}")
nas.course.reveal("1.b", float(np.median(first)))

# %% [markdown]
# The median network is right five times in six, the best more than nineteen times in twenty, and a quarter of the
# networks are below 0.73. (These are the first training runs. Of all 26,295 runs the highest reaches 0.9765. You'll
# soon see why you should not believe that number.) The dots at the far left have no convolution at all, and the lone one
# at 0.1 has nothing on any edge, so it can only guess.
#
# The picture on the right answers a fair objection: isn't it just size? Size helps. But each column of dots is a family
# of networks of one size, and the columns are tall.

# %%
print(
    f"{len(family):,} networks of {size:,} parameters: {first[family].min():.2f} to {first[family].max():.2f}"
)
as_good = true_mean >= true_mean[largest]
print(f"largest cell: {parameters[largest]:,} parameters, true mean {true_mean[largest]:.4f},")
print(
    f"rank {as_good.sum()} of {len(table):,}; the smallest network that is as good has {parameters[as_good].min():,}"
)

# %% [markdown]
# The **true mean** of a network is the average over its training runs, here over three. By that measure the largest
# cell takes rank 77 without any search, so for accuracy alone a search has little left to find. But some network with
# a third of the parameters is as good (by three runs, so it may be lucky), and no rule of thumb points to it.
#
# ## Where the gain is
# If you pick a network at random, you get, on average, the mean of the table. If you find the best one, you get
# the maximum. Two cheaper achievements lie in between: to land anywhere in the better half, or anywhere among the best
# 300.
#
# We have to be careful with the word "best". The first training run shall *choose* the groups, and the other two runs
# *judge* them. Otherwise every group would look too good, since a network also gets into the best 300 by luck.

# %% tags=["nbval-ignore-output"]
question = (
    "share of the way from a random pick to the best that you cover by leaving the worse half"
)
nas.course.predict("1.c", question, low=0, high=100, unit="%")

# %%
order = np.argsort(-first, kind="stable")
judged = runs[:, 1:].mean(axis=1)  # by the two runs that had no say in the order
groups = {"all networks": order, "the better half": order[:4382], "the best 300": order[:300]}
groups["the first"] = order[:1]
low, high = judged.mean(), judged[order[0]]
share = {name: (judged[rows].mean() - low) / (high - low) for name, rows in groups.items()}
for name, rows in groups.items():
    means = f"first run {first[rows].mean():.3f}, judged {judged[rows].mean():.3f}"
    print(f"{name:16} {means}: {share[name]:4.0%} of the way")
print(f"the largest cell, judged by the same two runs: {judged[largest]:.3f}")
nas.course.reveal("1.c", 100 * share["the better half"])

# %% [markdown]
# Leaving the worse half covers more than two thirds of the way, and being anywhere among the best 300 covers nearly all
# of it. The network that came *first of 8,765* is judged at 0.943 and not at 0.965, and the largest cell, for which
# nobody searched, is not behind it.
#
# How hard is it to get that far? The simplest search draws $n$ networks at random, trains each, and keeps the
# best. If a share $p$ of all networks is good enough, one draw misses them with probability $1 - p$, so
#
# $$ P(\text{none of } n \text{ draws is good enough}) = (1 - p)^n, \qquad
#    P(\text{at least one is}) = 1 - (1 - p)^n. $$

# %%
for level in (0.85, 0.90, 0.92, 0.94):
    p = (first >= level).mean()
    print(
        f"{p:5.1%} of the networks reach {level:.2f}; ten draws meet one with probability {1 - (1 - p) ** 10:.2f}"
    )

# %% [markdown]
# Ten draws almost always meet a network above 0.90. For 0.94 you would need luck. On average over all possible draws,
# the best of $n$ looks like this (`expected_best_of` computes the average exactly, from the formula above):

# %%
nas.course.figures.chapter01.plateau(first, judged)
plt.show()
for n in (3, 10, 100, 1000):
    seen = 100 * (nas.expected_best_of(first, n) - first.mean())
    kept = 100 * (nas.expected_best_of(first, n, report=judged) - judged.mean())
    print(
        f"best of {n:5,} draws: {seen:4.1f} points above a random pick; {kept:4.1f} as judged by the other runs"
    )

# %% [markdown]
# Read the left picture from right to left: a cliff, a slope, then a plateau that is nearly flat. The right picture shows
# the same fact to someone who searches. Ten draws, about ten seconds of training, gain 13 points. A hundred times as
# many draws gain fewer than three points more.
#
# The dashed curve lies below the solid one, and the gap grows. That part of the gain was luck, and it does not come back
# when the network is trained again.
#
# ## Does the last step exist?
# Is there a best network on the plateau at all? Take the best 300 by their first run, and compare their other two
# runs. Two runs of *one* network differ because training is random. Runs of two *different* networks differ because
# training is random and because the networks differ.

# %% tags=["nbval-ignore-output"]
question = "the difference between two runs of one network, as a share of that between two networks"
nas.course.predict("1.d", question, low=0, high=100, unit="%")

# %%
top = order[:300]
second, third = (runs[top, 1:] - runs[top, 1:].mean(axis=0)).T  # the level of each column taken out
distances = np.abs(second[:, None] - third[None, :])  # between every two of the 300
within = np.diagonal(distances).mean()
between = distances[~np.eye(300, dtype=bool)].mean()
print(f"two runs of one network of the best 300:    {within:.4f} apart on average")
print(f"runs of two different ones of the best 300: {between:.4f}")
print(
    f"first runs of any two networks:             {np.abs(np.subtract.outer(first, first)).mean():.4f}"
)
nas.course.reveal("1.d", 100 * within / between)

# %%
some = np.sort(np.random.default_rng(1).choice(300, size=12, replace=False))
nas.course.figures.chapter01.runs_of_the_best(runs, order[some])
plt.show()

# %% [markdown]
# Two training runs of one network differ by 0.018 on average, runs of two different networks by 0.021. So 87 % of the
# difference between two of the best 300 is there even if you train the *same* network twice. Any two networks of the
# table differ seven times as much. In the picture the lines are long and overlap, and they hardly follow the order of
# the diamonds.
#
# The architecture matters a great deal, but nearly all of that is the difference between the bad and the
# good. There may be a best network on the plateau. One training run each can't tell you which it is, and if you
# use it you'll hardly notice. On this task NAS isn't about finding the one best network. It is about leaving the bad ones behind at a
# small price. (On other tasks the plateau may be narrower. Look before you believe it.)
#
# ## What a search costs
# The price of a search is the number of networks it tries, times the price of one. Nearly every method in
# this course makes one of the two smaller.
#
# Our table was made by the most expensive search there is: try everything, three times.

# %% tags=["nbval-ignore-output"]
nas.course.predict(
    "1.e", "hours of one core for all 26,295 runs", low=0.1, high=1000.0, log=True, unit="hours"
)

# %%
look_up = nas.TableEvaluator(table)
seconds = [
    look_up(nas.Candidate(network), seed=seed).seconds
    for network in table.networks
    for seed in range(3)
]
print(
    f"one run: {np.mean(seconds):.2f} s of one core, on average; all of them: {np.sum(seconds) / 3600:.1f} hours"
)
nas.course.reveal("1.e", np.sum(seconds) / 3600)

# %% [markdown]
# Under seven hours. That is a toy, made so that you can run it. The next cell has published searches for image
# networks, in *GPU-days*: the number of GPUs times the days for which they ran.

# %%
published = {
    "NAS, Zoph and Le 2017": 800 * 28,  # 28 days: Zoph et al. 2018, section 4
    "NASNet, Zoph et al. 2018": 500 * 4,  # section 4
    "AmoebaNet, Real et al. 2019": 450 * 7,  # "approx. 7 days"
    "ENAS, Pham et al. 2018": 16 / 24,  # "less than 16 hours" of one GPU
    "DARTS, Liu et al. 2019": 4,  # second order, table 1
}
run_in_days = np.mean(seconds) / 86_400
ours = {"all runs of our table": run_in_days * runs.size, "ten random draws": run_in_days * 10}
nas.course.figures.chapter01.costs(published, ours)
plt.show()
print(f"from Zoph and Le to ENAS: a factor of {800 * 28 / (16 / 24):,.0f}")

# %% [markdown]
# Few people have 800 GPUs for four weeks, and that is what kept NAS out of wide use. Within two years the price fell by
# a factor of 33,600, and little of that came from faster machines: ENAS and DARTS stopped training every network on its
# own (chapter 17). The points don't compare exactly. The GPUs are of different makes, the search spaces differ, and a
# core is no GPU. On such an axis that is a small matter.
#
# **Check what you copy.** Zoph et al. 2018 write that 800 GPUs for 28 days are "22,400 GPU-hours". Multiply: that is
# the number of GPU-*days*. The hours are 24 times as many, and the slip has been copied many times since.

# %%
print(f"800 GPUs for 28 days: {800 * 28:,} GPU-days, {800 * 28 * 24:,} GPU-hours")

# %% [markdown]
# ## In the library
# You have met the two ways to measure a network. `CompiledEvaluator` trains it, `TableEvaluator` looks up what a training
# run gave. Both are called in the same way, with a `Candidate` (an architecture to be measured) and the seed of a training
# run, and both return a result. So whatever searches with one can search with the other, and most chapters use the table,
# which answers in microseconds.

# %% tags=["nbval-ignore-output"]
candidate = nas.Candidate(cells["B"])
for measure in (look_up, evaluator):
    result = measure(candidate, seed=0)
    print(f"{type(measure).__name__:18} {result.metrics['val_accuracy']:.3f}")

# %%
looked_up = look_up(candidate, seed=0).metrics["val_accuracy"]
print("they agree within 0.06:", abs(result.metrics["val_accuracy"] - looked_up) < 0.06)

# %% [markdown]
# ## When it fails: reporting the winner's number
# Suppose we had searched the whole table and reported: "our best network reaches 0.965". Someone takes that network and
# trains it again, five times.
#
# **How many of the five runs will reach 0.965?**

# %% tags=["nbval-ignore-output"]
winner = nas.Candidate(table.networks[order[0]])
again = np.array(
    [evaluator(winner, seed=1000 + k).metrics["val_accuracy"] for k in range(settings.seeds)]
)
print(f"reported {first[order[0]]:.3f}; again", *(f"{value:.3f}" for value in again))
print(f"mean {again.mean():.3f}; {np.sum(again >= first[order[0]])} of {len(again)} reach it")

# %%
print("the other two runs in the table:", *runs[order[0], 1:])
print("on average the winner falls short of its number:", again.mean() < first[order[0]])
print("and is still far above a random pick:", again.mean() > first.mean() + 0.08)

# %% [markdown]
# It falls short. No network comes first of 8,765 without luck: the winner is good *and* had a good day, and the next
# day is an ordinary one. The number was measured honestly, but it is the largest of 8,765 noisy numbers. This is the
# **winner's curse**, a *selection bias*. The best of all 26,295 runs, 0.9765, is an even better example: the other
# runs of its network are printed below. Chapter 05 derives how large this effect is.

# %%
luckiest = runs[runs.max(axis=1).argmax()]
print("the three runs of the network that holds the record:", *luckiest)

# %% [markdown]
# ## Recap
# - With data, training and size fixed, the architecture alone moves the accuracy from useless to good.
# - Leaving the worse half covers more than two thirds of what can be gained, and ten random draws do better than that.
# - The largest cell, without any search, is not behind the network that came first. Searches earn their price when
#   size matters too.
# - Among the best 300, two runs of one network differ nearly as much as runs of two networks.
# - The largest of many noisy numbers is too large: the winner's curse.
# - A search costs networks tried times the price of one: from seconds here to 22,400 GPU-days.

# %% tags=["nbval-ignore-output"]
nas.course.calibration("01")

# %% [markdown]
# ## Quiz
# Choose an answer before you click on it: it unfolds, and says why it is right or wrong.

# %%
nas.course.quiz("01")

# %% [markdown]
# ## Exercises
# ### Exercise 1.1 ★ Predict: the cost of one network
# Real et al. 2019 trained 20,000 networks on 450 GPUs in about 7 days. How many GPU-*hours* did one network take? Set
# `guess` to a number. Pen and paper are enough.

# %% nbgrader={"grade": false, "grade_id": "ex-1-1", "locked": false, "schema_version": 3, "solution": true, "task": false}
guess = ...
### BEGIN SOLUTION
guess = 450 * 7 * 24 / 20_000  # 3.78
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check-1-1", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("1.1", guess)

# %% [markdown]
# ### Exercise 1.2 ★★ Write: how many draws?
# A random draw is *good enough* with probability `share`. Write `draws_needed(share, chance)`: the smallest number of
# independent draws among which at least one is good enough with a probability of at least `chance`. Both arguments lie
# strictly between 0 and 1. *About 4 lines.*
#
# Then call it with a chance of 0.95 for the better half, for the best 300 of 8,765, and for the single best. **Guess
# the three numbers first.**


# %% nbgrader={"grade": false, "grade_id": "ex-1-2", "locked": false, "schema_version": 3, "solution": true, "task": false}
def draws_needed(share, chance):
    """Return the smallest n with 1 - (1 - share) ** n >= chance."""
    ### BEGIN SOLUTION
    draws, none_is_good = 1, 1 - share
    while 1 - none_is_good < chance:
        draws, none_is_good = draws + 1, none_is_good * (1 - share)
    return draws
    ### END SOLUTION


### BEGIN SOLUTION
for name, good in (
    ("the better half", 1 / 2),
    ("the best 300", 300 / 8765),
    ("the best", 1 / 8765),
):
    print(f"{name}: {draws_needed(good, 0.95):,} draws")
# 5, 87 and 26,257. The single best costs more draws than there are networks, since draws repeat;
# and with one training run each you could not tell that you have met it.
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check-1-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("1.2", draws_needed)

# %% [markdown]
# ### Exercise 1.3 ★★ Write and experiment: two runs, or two networks?
# Write `within_and_between(runs)`. `runs` is an array of shape (num_networks, 2) with two training runs of each of at
# least two networks. Return two numbers: the mean absolute difference between the two runs of *one* network, and the
# mean absolute difference between the first run of one network and the second run of *another*, over all such pairs.
# *About 4 lines.*
#
# The cell below the check calls it on the best 300, the best 30, and 300 networks around the median. **In which group do
# the two numbers differ most?**


# %% nbgrader={"grade": false, "grade_id": "ex-1-3", "locked": false, "schema_version": 3, "solution": true, "task": false}
def within_and_between(runs):
    """Return the mean difference between two runs of one network, and of two networks."""
    ### BEGIN SOLUTION
    runs = np.asarray(runs, dtype=float)
    distances = np.abs(runs[:, 0][:, None] - runs[:, 1][None, :])
    same = np.eye(len(runs), dtype=bool)
    return distances[same].mean(), distances[~same].mean()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-1-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("1.3", within_and_between)

# %%
centred = runs[:, 1:] - runs[order[:300], 1:].mean(axis=0)  # the level of each column taken out
if within_and_between(np.eye(2)) is not None:
    groups = {"best 300": order[:300], "best 30": order[:30], "middle 300": order[4232:4532]}
    for name, rows in groups.items():
        within, between = within_and_between(centred[rows])
        print(f"{name:10}: {within:.4f} and {between:.4f}, ratio {within / between:.2f}")

# %% [markdown]
# ## In practice
# - The spread depends on the recipe. Five epochs are few. Trained for longer, more networks become good and the
#   plateau widens. The recipe of this table was chosen so that the networks differ (`benchmarks/README.md` has the
#   alternatives).
# - We drew networks, each with equal probability. A search draws descriptions of networks, and some networks have many
#   (chapter 04), so its random pick is another one.
# - People who knew what works designed the space itself. Much of "the architecture matters" happened before the search
#   began; chapter 02 changes the space to see.
# - Costs in papers often leave out the final training, the failed attempts and the tuning of the search itself. Ask
#   for the sum.
#
# ## Further reading
# - Zoph and Le 2017, *Neural Architecture Search with Reinforcement Learning* (ICLR): the paper that made the field
#   known, and its cost notorious.
# - Zoph, Vasudevan, Shlens and Le 2018, *Learning Transferable Architectures for Scalable Image Recognition* (CVPR):
#   NASNet; section 4 has the costs.
# - Real, Aggarwal, Huang and Le 2019, *Regularized Evolution for Image Classifier Architecture Search* (AAAI): AmoebaNet.
# - Pham, Guan, Zoph, Le and Dean 2018, *Efficient Neural Architecture Search via Parameter Sharing* (ICML): ENAS.
# - Liu, Simonyan and Yang 2019, *DARTS: Differentiable Architecture Search* (ICLR): table 1 lists costs, with a random
#   search of 24 networks that comes close.
# - Howard et al. 2019, *Searching for MobileNetV3* (ICCV).
# - Elsken, Metzen and Hutter 2019, *Neural Architecture Search: A Survey* (JMLR); White et al. 2023, *Neural
#   Architecture Search: Insights from 1000 Papers*.
# - Greydanus and Kobak 2024, *Scaling Down Deep Learning with MNIST-1D* (ICML): the data.
#
# **中文术语** 神经架构搜索 neural architecture search · 神经网络结构 network architecture ·
# 计算资源 compute · 搜索效率 search efficiency · 准确性 accuracy
