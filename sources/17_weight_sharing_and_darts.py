# ---
# jupyter:
#   nas_tutorial:
#     name: Weight sharing and DARTS
#     about: one large network that holds them all
#     minutes: 90
#     document: "7 challenges: the cost of computation"
#     modules: [evaluators.one_program.supernet, evaluators.one_program.darts]
# ---

# %% [markdown]
# # Train one network that holds them all
#
# *The document's part 7: the cost of computation.* After this chapter you can train the weights of all
# networks together, score a network by them, search by gradient descent, and say how far either is to be
# believed.
#
# **You will** train two paths by hand that share a weight, train a small supernet, compare its order with the
# table's, mix operations by hand, and look at what ten searches by DARTS have kept.
#
# **You will learn to**
# - say which weights a step trains, and what one path does to another;
# - recompute the statistics of batch normalisation, and know why a shared network needs it;
# - judge shared weights by a rank correlation with its interval, beside the number of parameters;
# - derive the gradient of a mixture, and tell what is lost when one operation of it is kept;
# - ask of a large alpha whether its operation is any good.
#
# **You need** chapters 05, 10, 15 and 16 and about 90 minutes with the exercises. The cells take about two
# minutes.

# %%
import matplotlib.pyplot as plt
import numpy as np

import nas_tutorial as nas

settings = nas.course.start()

# %% [markdown]
# ## The idea in one sentence
# **Give every operation on every edge weights of its own, train them all in one training, and score a network
# by the weights that it finds there.**
#
# The whole is called a *supernet*; a network in it is a *path*, one operation on each edge. Because the
# weights are trained once for all, the method is called *one-shot*. A search then costs one long training
# and a look at the validation data for each candidate. Chapter 15 trained each network less, chapter 16
# not at all; here they are trained together.
#
# ## By hand: two paths that share a weight
# Two edges in a row, three operations on each, and every operation multiplies by one weight: six numbers. A
# path takes one from each edge, and its network is $y = w_a w_b x$. We train it on one sample, $x = 1$ with
# the target 2, under half the squared error, by one step with the rate 0.1.
#
# **We train the path (1, 0). How many of the six numbers change? And the path (0, 0), which shares one of
# them: will it be nearer to its target, or further away?**

# %%
weights = np.array([[0.5, 2.0, -1.0], [1.5, 1.0, 0.2]])  # [edge, operation]


def output(weights, path):
    """The network of a path, for x = 1."""
    return weights[0, path[0]] * weights[1, path[1]]


def stepped(weights, path, target=2.0, rate=0.1):
    """The weights after one step on a path; the gradient by the chain rule."""
    a, b = weights[0, path[0]], weights[1, path[1]]
    error, after = a * b - target, weights.copy()
    after[0, path[0]] -= rate * error * b
    after[1, path[1]] -= rate * error * a
    return after


after = stepped(weights, (1, 0))
for edge in (0, 1):
    print(f"edge {edge}: {weights[edge].tolist()} before, {after[edge].round(2).tolist()} after")
for path in ((1, 0), (0, 0)):
    print(
        f"path {path}: {output(weights, path):.2f} before, {output(after, path):.2f} after; target 2"
    )

# %% [markdown]
# Two numbers change. The trained path comes nearer to its target, and the other moves away from its own:
# it wanted the shared weight larger, and the first made it smaller. That is the price of sharing. What one
# path learns, all others through the same weight must live with, and the weights of a supernet are a
# compromise between thousands of networks. **Whether the compromise keeps their order is the question of this
# chapter.**
#
# ## By hand: statistics that fit nobody
# There is a second thing that paths share. Batch normalisation computes with the mean and variance of a batch
# while it trains, and keeps a running average of them, to predict with later. Suppose two paths meet in
# one normalisation. What path A hands over lies around 1, what path B hands over around 9.
#
# **They are trained in turn. Around what will the running mean settle? And what becomes of A's three values,
# which should be about -1, 0 and 1 after normalisation?**

# %%
a, b = np.array([0.0, 1.0, 2.0]), np.array([7.0, 9.0, 11.0])
mean, variance = 0.0, 1.0
for batch in (a, b) * 20:
    mean = 0.9 * mean + 0.1 * batch.mean()
    variance = 0.9 * variance + 0.1 * batch.var()
print(f"running mean {mean:.2f}, running variance {variance:.2f}")
print("A by the running statistics:", ((a - mean) / variance**0.5).round(2))
print("A by its own:               ", ((a - a.mean()) / a.var() ** 0.5).round(2))

# %% [markdown]
# Between the two, so it fits neither: every value of A comes out negative, and the ReLU behind it would
# pass nothing on. *Recalibration* mends that: before a path is scored, its own mean and variance are computed
# from a few batches of training samples. No weight is changed by it. (Guo et al. do so; we shall see
# what happens without.)
#
# ## In the library
# Training descends with *momentum*: each weight has a *velocity*, a fading sum of its last moves, and goes on by
# it. Weights, velocities and statistics have one row for each edge and operation. `on_path` picks the rows of a
# path, `with_path` puts new ones in their places. A training step does both, and in between it is the compiled
# program of chapter 01's networks.

# %% tags=["nbval-ignore-output"]
from nas_tutorial.evaluators.one_program.supernet import SupernetProgram, on_path, with_path

nas.course.show(on_path, with_path, SupernetProgram._train)

# %% [markdown]
# The velocity is picked and put back like the weights: **the momentum of a weight off the path rests, too.**
# (Exercise 17.1 shows what would happen otherwise.) Which paths are drawn is a decision too: uniformly among the
# encodings without a dead edge, since otherwise the five plainest networks alone, with their 341 names each
# (chapter 04), would get every ninth step.
#
# ## Train one
# Forty epochs, as many training samples as eight networks of the table get. (200 epochs follow below, from
# storage.) How often is each operation trained? **A network of its own takes 155 steps in the table. How many
# does a single 3x3 convolution on one edge get here?**

# %%
table = nas.Table.load_course()
space, dataset = table.space, nas.load_dataset("mnist1d")
accuracy = table.column("test_accuracy").mean(axis=1)
supernet = nas.Supernet(space, dataset, epochs=40, seed=0)
conv3 = space.OPERATIONS.index("nor_conv_3x3")
steps = (supernet.paths == conv3).sum(axis=0)
print(f"{table.epochs[-1] * supernet.steps_per_epoch:.0f} steps in a training alone")
print(f"{len(supernet.paths):,} steps here; with the 3x3 convolution on the edge")
for choice, number in zip(space.choices, steps):
    print(f"   {choice.name}: {number}")
distinct = len(np.unique(supernet.paths, axis=0))
print(f"{distinct:,} different paths among these steps")

# %% [markdown]
# Half as many again as in a training alone, up to about twice as many. But few paths come twice: nearly each time
# the convolution has other partners. Now train, and watch the loss of the paths.

# %% tags=["nbval-ignore-output"]
supernet.train()
print(f"{supernet.seconds:.0f} s, compilation included; mean loss of the paths in ten epochs each:")
print(supernet.losses.reshape(4, -1).mean(axis=1).round(2))

# %%
first, *_, last = supernet.losses.reshape(4, -1).mean(axis=1)
print("the loss of the last ten epochs is lower by a sixth or more:", last < first * 5 / 6)

# %% [markdown]
# It falls, and slowly. Each weight has many masters.
#
# ### Score networks by it
# `OneShotEvaluator` is an evaluator like any other: a candidate and a seed in, a `Result` out. It takes the
# weights on the path, recalibrates, and looks at the validation data. The statistics come from here:

# %% tags=["nbval-ignore-output"]
nas.course.show(nas.Supernet.statistics, nas.OneShotEvaluator.__call__)

# %% [markdown]
# Sixty networks of the table, drawn at random, scored with and without recalibration. What training each of
# them alone gives, the table knows. **Guess Spearman's correlation with the table's test accuracy, once with
# recalibration and once without. And for the number of parameters?**

# %% tags=["nbval-ignore-output"]
from scipy.stats import spearmanr

rows = np.random.default_rng(0).choice(len(table), 60, replace=False)
live = {}
for name, recalibration in (("without recalibration", 0), ("recalibrated", 4)):
    evaluator = nas.OneShotEvaluator(supernet, recalibration=recalibration)
    results = [evaluator(nas.Candidate(table.networks[row]), seed=0) for row in rows]
    live[name] = np.array([result.metrics["val_accuracy"] for result in results])
parameters = table.proxy("parameters")[:, 0]

fig, axes = plt.subplots(1, 2, figsize=(9, 3.6), sharex=True, sharey=True)
for ax, (name, scores) in zip(axes, live.items()):
    ax.scatter(scores, accuracy[rows], s=16, color=nas.plots.COLOURS[0])
    ax.set(xlabel="accuracy by shared weights (validation)", title=name)
    print(f"{name:22} Spearman {spearmanr(scores, accuracy[rows]).statistic:.2f}", end="")
    print(f", mean score {scores.mean():.2f}")
axes[0].set_ylabel("accuracy trained alone (test)")
fig.suptitle(f"n = {len(rows)} networks, one supernet of 40 epochs")
plt.show()
count = spearmanr(parameters[rows], accuracy[rows]).statistic
print(f"{'number of parameters':22} Spearman {count:.2f}")

# %%
with_it, without_it = (
    spearmanr(live[name], accuracy[rows]).statistic
    for name in ("recalibrated", "without recalibration")
)
print("recalibration raises the correlation by 0.1 or more:", with_it > without_it + 0.1)
print("the parameter count is ahead by 0.1 or more:", count > with_it + 0.1)

# %% [markdown]
# Without recalibration the order is worthless, and some of the best networks score as if they guessed (0.1). With it there is a
# correlation, below that of the number of parameters, which needs no training at all. Look at the right picture, too:
# nearly all networks, good or middling, crowd at the same score. But this is one short training and a sample of sixty.
# Before judging: more seeds, longer trainings, more networks. (Your figures will differ from these, even with the same
# seed. Threads may add up in another order, and a training with large steps makes much of the last digits.)
#
# ## A belief: shared weights rank as trained ones do
# Five supernets of 200 epochs, as many samples as 40 networks trained alone, scored 300 networks each. That takes
# longer than a chapter should; the records are kept with the course. They come from
# `OMP_NUM_THREADS=1 KERAS_BACKEND=jax python benchmarks/weight_sharing.py`.
#
# The interval is that of a *bootstrap*: draw 300 networks from the 300 with replacement, compute the mean
# correlation of the five seeds again, and again, and take the middle 95 %. It says how far another sample of
# networks might have moved the figure. **How much will five times as many epochs help?**

# %%
records = nas.course.stored_records("weight_sharing")
trained = [one["values"] for one in records if one["job"][0] == "supernet"]
rows = np.array(trained[0]["rows"])
test = accuracy[rows]
better = np.flatnonzero(test >= np.median(test))
scores = {
    "recalibrated": np.array([one["recalibrated"] for one in trained]),
    "without recalibration": np.array([one["collected"] for one in trained]),
    "parameters": parameters[rows][None],
    "flops": table.proxy("flops")[rows].T,
}
print(f"{len(trained)} supernets of {trained[0]['epochs']} epochs, {len(rows)} networks")


# %%
from scipy.stats import kendalltau


def mean_correlation(scores, values, correlation=spearmanr):
    """The mean over seeds; scores of shape (seeds, networks)."""
    return np.mean([correlation(one, values).statistic for one in scores])


def interval(scores, values, times=200):
    """The middle 95 % of the mean correlation where other networks had been drawn."""
    rng = np.random.default_rng(0)
    drawn = rng.integers(len(values), size=(times, len(values)))
    return np.quantile(
        [mean_correlation(scores[:, one], values[one]) for one in drawn], [0.025, 0.975]
    )


print("Spearman with the test accuracy, mean of the seeds (95 % interval)")
print(f"{'':22} {'all':>18}   {'better half':>20}   Kendall, all")
for name, given in scores.items():
    line = []
    for chosen in (np.arange(len(rows)), better):
        low, high = interval(given[:, chosen], test[chosen])
        mean = mean_correlation(given[:, chosen], test[chosen])
        line.append(f"{mean:.2f} ({low:.2f} to {high:.2f})")
    tau = mean_correlation(given, test, kendalltau)
    print(f"{name:22} {line[0]:>18}   {line[1]:>20}   {tau:12.2f}")

# %%
fig, axes = plt.subplots(1, 3, figsize=(9.6, 3.6), sharey=True)
for ax, name in zip(axes, ("without recalibration", "recalibrated", "parameters")):
    one = scores[name][0]
    ax.scatter(one, test, s=8, alpha=0.6, color=nas.plots.COLOURS[0])
    ax.axhline(np.median(test), linestyle="--", color="black", linewidth=1)
    ax.set(title=name, xlabel="accuracy by shared weights (validation)")
axes[2].set(xlabel="number of parameters", xticks=(0, 4000, 8000, 12000))
axes[0].set_ylabel("accuracy trained alone (test)")
fig.suptitle(f"Seed 0, n = {len(rows)} networks; dashed: the median")
plt.show()

# %% [markdown]
# Longer training helps much. With 200 epochs the shared weights know a good deal about all networks, and much
# less about the better half. The number of parameters knows more of both. Without recalibration nothing of it can be
# seen: the same weights, the same networks, other means and variances, and an order that is useless or
# upside down. So the belief is half right. Shared weights tell the hopeless from the rest, as a count does.
#
# These are means over five supernets. **Did all five trainings go well?** Look at their losses before you believe
# a mean.

# %%
ax = plt.subplots(figsize=(7, 3.8))[1]
for seed, one in enumerate(trained):
    losses = np.array(one["losses"])
    back = (losses - np.minimum.accumulate(losses)).max()  # above the best epoch before
    rho = spearmanr(one["recalibrated"], test).statistic
    print(
        f"seed {seed}: falls back by up to {back:.2f}, ends at {losses[-10:].mean():.2f};", end=""
    )
    print(f" Spearman {rho:.2f}")
    line = (*nas.plots.LINES, (0, (1, 4)))[seed]
    ax.plot(
        losses, linestyle=line, linewidth=1.2, color=nas.plots.COLOURS[seed], label=f"seed {seed}"
    )
ax.set(xlabel="epochs", ylabel="loss of the paths (mean of an epoch)", title="Five supernets")
ax.legend()
plt.show()

# %% [markdown]
# Not one of them simply descends. Each falls back at least once, as if a step had been too large, and one never finds its
# way back. The correlations differ, too, and the loss does not say which supernet orders well. The learning rate, 0.1, is the
# one at which the table's networks were trained alone; paths that pull at the same weights need not bear it. The records
# hold five more supernets, trained at half of it. **Will they order better? Better than the count?**

# %%
gentle = [one["values"] for one in records if one["job"][0] == "gentle supernet"]
print("         falls back   Spearman, all                        better half   favourite")
for rate, some in ((0.1, trained), (0.05, gentle)):
    losses = np.array([one["losses"] for one in some])
    back = (losses - np.minimum.accumulate(losses, axis=1)).max()
    given = np.array([one["recalibrated"] for one in some])
    rhos = [mean_correlation(one[None], test) for one in given]
    low, high = interval(given, test)
    half = mean_correlation(given[:, better], test[better])
    chosen = np.mean([test[one.argmax()] for one in given])
    print(f"rate {rate:4} {back:10.2f}   {np.mean(rhos):.2f} ({low:.2f} to {high:.2f}),", end="")
    print(f" seeds {min(rhos):.2f} to {max(rhos):.2f} {half:13.2f}   {chosen:9.3f}")

# %% [markdown]
# A little better in the mean, with intervals that overlap, and trainings fall back at this rate as well. The rate is not all of
# it, then, and the count stays ahead. A recipe is part of such a result: say which one, and show every seed.
#
# Do two supernets at least agree with each other? If what disturbs the order were only the luck of a training,
# the mean of five would be much better than one.

# %%
given = scores["recalibrated"]
pairs = [(i, j) for i in range(len(given)) for j in range(i)]
agree = np.mean([spearmanr(given[i], given[j]).statistic for i, j in pairs])
together = spearmanr(given.mean(axis=0), test).statistic
print(f"two supernets with each other: {agree:.2f}")
print(f"one with the table: {mean_correlation(given, test):.2f}; the mean of all: {together:.2f}")

# %% [markdown]
# They agree with each other far better than with the truth, and their mean is hardly better than one. So most of the
# error is not luck. Sharing, as we do it, prefers some networks over others, the same ones every time, and more seeds do not mend it.
#
# ### What the same work would have bought
# A correlation does not pay a bill. Training a supernet for 200 epochs costs as many samples as training 40
# networks alone. **Who hands over the better network: the supernet's favourite of 300, or the best of 40 random
# networks by validation?** Chapter 11's formula gives the second exactly. And since nobody hands over a favourite
# untrained: as a third way train the ten favourites alone, and take the best by validation; for 50 trainings in all.

# %%
validation = table.column("val_accuracy").mean(axis=1)
alone = int(trained[0]["epochs"] / table.epochs[-1])


def favourites(given, number):
    """Rows of the best by score, the best first."""
    return rows[np.argsort(-given, kind="stable")[:number]]


def best_of(some):
    """Test accuracy of the best by validation."""
    return accuracy[some[validation[some].argmax()]]


def means(supernets):
    """Test accuracy of the favourite, and of the best of ten favourites: means over supernets."""
    given = [np.array(one["recalibrated"]) for one in supernets]
    first = np.mean([accuracy[favourites(one, 1)[0]] for one in given])
    return first, np.mean([best_of(favourites(one, 10)) for one in given])


first, tens = means(trained)
gentle_first, gentle_tens = means(gentle)
by_count = best_of(favourites(parameters[rows], 10))
by_chance = nas.expected_best_of(validation, [10, alone, alone + 10], report=accuracy)
print(f"{'':32} test accuracy   trainings' worth")
for name, value, worth in (
    ("one random network", accuracy.mean(), 1),
    ("the supernet's favourite of 300", first, alone),
    ("the same at rate 0.05", gentle_first, alone),
    (f"best of {alone} random networks", by_chance[1], alone),
    ("best of ten favourites", tens, alone + 10),
    ("the same at rate 0.05", gentle_tens, alone + 10),
    (f"best of {alone + 10} random networks", by_chance[2], alone + 10),
    ("best of the ten largest of 300", by_count, 10),
    ("best of 10 random networks", by_chance[0], 10),
    ("best of the table", accuracy.max(), ""),
):
    print(f"{name:32} {value:13.3f}   {worth:>16}")

# %% [markdown]
# At either rate the favourite itself is no better than what random search finds with the same work. The ten favourites,
# trained alone, give a good network, about as good as 50 random ones do. And ten that were chosen by counting give one as well, for ten
# trainings. (These are means over five supernets and one sample of 300 networks: differences of a few thousandths say nothing.)
# Here a supernet does not pay.
#
# A space of small networks is hard on it: 40 trainings alone are nothing. Where one training takes a day on a GPU, nobody
# does 40, and one long training for all may be what there is. The question stays the same, and its answer becomes another
# one: *what would the same work have bought?*
#
# ### Any strategy can search by it
# The evaluator takes the place of training in any search: here regularized evolution on our live supernet.

# %% tags=["nbval-ignore-output"]
history = nas.search(
    nas.RegularizedEvolution(space, population_size=10, seed=0),
    nas.OneShotEvaluator(supernet),
    trials=40,
    progress=False,
)
best = max(history, key=lambda trial: trial.value("val_accuracy"))
row = table.row(best.candidate.architecture)
print(f"best score {best.value('val_accuracy'):.3f}; trained alone {accuracy[row]:.3f},", end="")
print(f" better than {np.mean(accuracy < accuracy[row]):.0%} of all networks")

# %%
print(f"{len(history)} candidates, {sum(trial.failed for trial in history)} failed;", end="")
print(f" steps trained for them: {len(supernet.losses) - len(supernet.paths)}")

# %% [markdown]
# Forty candidates for no training at all. But what evolution climbs is the score, and the network that has the best one
# can only be as good as the score is right. Nothing in the search tells you; the look into the table does.
#
# ## From one path to a mixture: DARTS
# *DARTS* (differentiable architecture search) goes further. **Let every edge compute all operations at once, mixed by
# numbers alpha that gradient descent can move, and in the end keep the operation with the largest alpha.** No
# candidates are drawn any more. Search becomes one training.
#
# ### By hand: a mixture that fits
# One edge, three operations: `none` gives 0, `skip` gives $x$, `double` gives $2x$. The mixture is $y = \sum_o p_o\,o(x)$
# with $p = \mathrm{softmax}(\alpha)$. For $x = 1$ the target is 1.5. All alphas start at 0.
#
# The gradient has a simple form. With $L = (y - t)^2/2$ it is $\partial L/\partial\alpha_o = (y - t)\,p_o\,(o(x) - y)$: an
# operation gains when it lies on the side of the mixture where the target is.
#
# **Which alpha will grow first, which will fall, and which will stay?**

# %%
values = np.array([0.0, 1.0, 2.0])  # what none, skip and double give for x = 1


def softmax(alpha):
    """Shares that are positive and add up to one."""
    return np.exp(alpha) / np.exp(alpha).sum()


def slope(alpha, target=1.5):
    """The gradient of half the squared error by alpha."""
    shares = softmax(alpha)
    y = shares @ values
    return (y - target) * shares * (values - y)


alpha = np.zeros(3)
print("gradient at the start", slope(alpha).round(3) + 0.0)  # + 0.0 makes a 0 of -0
for place in range(3):
    move = np.eye(3)[place] * 1e-6
    above, below = ((softmax(alpha + s * move) @ values - 1.5) ** 2 / 2 for s in (1, -1))
    print(f"   by finite differences {(above - below) / 2e-6:.3f}")
for _ in range(500):
    alpha -= slope(alpha)
shares = softmax(alpha)
print("shares after 500 steps", shares.round(2), f"mixture {shares @ values:.2f}, target 1.5")
print(f"kept alone: {values[shares.argmax()]:.0f}, wrong by {values[shares.argmax()] - 1.5:.1f}")

# %% [markdown]
# `double` grows, `none` falls, `skip` stays at first. The mixture hits the target; the operation with the largest share
# alone misses it by 0.5, as far as `skip` would have missed. It can be worse. Were the target 1, three equal shares would fit at
# once, no alpha would ever move, and nothing would say that `skip` alone is right.
#
# A mixture is a network that is not in the space, and what is best *in the mixture* need not be any good alone. Keep this
# picture: most of the trouble with DARTS is in it.
#
# ### Two levels, and a step ahead
# If weights and alphas learnt from the same samples, the alphas would favour what helps to learn these
# samples by heart. So the training part is halved: weights $w$ descend on the one half, alphas on the other, in turn. That is a *bilevel*
# problem: alphas shall be good *for the weights that follow them*. The *first order* ignores the second part of that sentence and
# takes the weights as they are. The *second order* looks one step of length $\xi$ ahead, $w' = w - \xi\,\nabla_w L_{\mathrm{train}}$:
#
# $$\nabla_\alpha L_{\mathrm{val}}(w', \alpha) - \xi\, \nabla^2_{\alpha, w} L_{\mathrm{train}}(w, \alpha)\, \nabla_{w'} L_{\mathrm{val}}(w', \alpha)$$
#
# The matrix of second derivatives is never built. Its product with a vector $v$ is a difference of two gradients, at
# $w \pm \epsilon v$, over $2\epsilon$. The smallest case in which it matters: $L_{\mathrm{train}} = (w - \alpha)^2 / 2$ and
# $L_{\mathrm{val}} = (w - 1)^2 / 2$. Alpha is not even in the second; it acts only through the weight. We stand at $w = 0$, $\alpha = 2$, $\xi =
# 0.1$. **What does the first order say, and what should be said?**

# %%
import keras

from nas_tutorial.evaluators.one_program.darts import first_order, second_order

w, a = (keras.ops.convert_to_tensor(np.array([value], "float32")) for value in (0.0, 2.0))


def training_loss(w, a):
    return keras.ops.sum((w - a) ** 2) / 2


def validation_loss(w, a):
    return keras.ops.sum((w - 1) ** 2 + 0 * a) / 2


one = float(first_order(validation_loss, w, a)[0])
two = float(second_order(training_loss, validation_loss, w, a, 0.1)[0])
print(f"first order {abs(one):.3f}, second order {two:.3f}")
print(f"by hand: w' = 0.2, so (w' - 1) times dw'/da = {(0.2 - 1) * 0.1:.3f}")

# %% [markdown]
# The first order sees nothing. The second says: raise alpha, for the weight follows it, and the weight is too small. It pays
# for that with three more gradients a step.
#
# ### In the library

# %% tags=["nbval-ignore-output"]
from nas_tutorial.evaluators.one_program.darts import MixedCells

nas.course.show(MixedCells.logits, second_order, nas.Darts._steps)

# %% [markdown]
# As in NAS-Bench-201's own code, `none` is one of the five operations, may win, and all six edges are kept. (The DARTS
# paper never keeps `none`.) Adam moves alpha at 0.003, ten times the paper's rate, since the records' 50 epochs are a
# tenth of its steps.
#
# Eight epochs live, to see the mixture at work. Its accuracy on validation samples is compared with that of the same weights
# when each edge passes on its favourite operation alone. (Both normalise by these very samples, so nothing needs
# recalibration here.) The network of the favourites is then trained alone, from fresh weights. **Three accuracies: in
# which order?**

# %% tags=["nbval-ignore-output"]
darts = nas.Darts(space, dataset, epochs=8, alpha_rate=3e-3)
relaxed = darts.search(seed=0)
x, y = dataset.x_val[:1000], dataset.y_val[:1000]


def right(mixture):
    """The share of validation samples on which a mixture of the trained weights is right."""
    logits = darts.cells.logits(relaxed.weights, mixture.astype("float32"), x)
    return np.mean(keras.ops.convert_to_numpy(logits).argmax(axis=1) == y)


mixture = np.apply_along_axis(softmax, 1, relaxed.alphas[-1])
cut = np.eye(5)[mixture.argmax(axis=1)]
print(f"{relaxed.seconds:.0f} s, compilation included; training loss {relaxed.losses.round(2)}")
print("favourites:", *relaxed.architecture.values)
print("largest share on each edge:", mixture.max(axis=1).round(2))
print(f"mixture {right(mixture):.2f}, the favourites with its weights {right(cut):.2f}")

# %% tags=["nbval-ignore-output"]
anew = nas.CompiledEvaluator(space, dataset)(nas.Candidate(relaxed.architecture), seed=0)
looked_up = table.column("val_accuracy").mean(axis=1)[table.row(relaxed.architecture)]
trained_alone = anew.metrics["val_accuracy"]
print(f"trained alone: {trained_alone:.2f} on validation samples; in the table {looked_up:.2f}")

# %%
print("the mixture is right on more than half:", right(mixture) > 0.5)
print("with its weights the favourites lose 20 points or more:", right(mixture) - right(cut) > 0.2)
print("trained alone they gain 10 or more over the mixture:", trained_alone - right(mixture) > 0.1)

# %% [markdown]
# The weights have learnt to work in company; in the kept network they are worth nothing. They are thrown away. The network
# itself may be good all the same, once it is trained alone. But the alphas were chosen by gradients in this company.
#
# ## What ten searches kept
# From the records: 50 epochs, first and second order, five seeds each. First the shares over the epochs of one search.

# %%
runs = {
    (one["job"][1], one["job"][2]): one["values"] for one in records if one["job"][0] == "darts"
}
alphas = np.array(runs[1, 0]["alphas"])
shares = np.exp(alphas) / np.exp(alphas).sum(axis=-1, keepdims=True)
fig, axes = plt.subplots(2, 3, figsize=(9.6, 5), sharex=True, sharey=True)
for edge, (ax, choice) in enumerate(zip(axes.flat, space.choices)):
    for place, name in enumerate(space.OPERATIONS):
        line, colour = (*nas.plots.LINES, (0, (1, 4)))[place], nas.plots.COLOURS[place]
        ax.plot(shares[:, edge, place], linestyle=line, color=colour, label=name)
    ax.set_title(f"edge {choice.name}")
for ax in axes[1]:
    ax.set_xlabel("epochs")
for ax in axes[:, 0]:
    ax.set_ylabel("share")
fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=5)
fig.suptitle("DARTS, first order, seed 0")
plt.show()

# %% [markdown]
# On NAS-Bench-201 DARTS is notorious: in each of the three runs of the benchmark's authors it ended in six skip connections, test
# accuracy 54.30 % on CIFAR-10 (Dong and Yang 2020). A network drawn at random has about 87 %. Asked about it, they answered that
# this is the expected result (github.com/D-X-Y/AutoDL-Projects, issue 58). **How many of the six edges will be skips here?** Test
# accuracies are the table's: there each of these networks was trained alone.

# %%
from nas_tutorial.evaluators.one_program.darts import num_skips

found = {job: space.from_string(values["architecture"]) for job, values in runs.items()}
print("order seed  test   rank of 8,765  skips  nones  3x3 convolutions")
for (order, seed), architecture in found.items():
    row = table.row(architecture)
    rank = 1 + np.sum(accuracy > accuracy[row])
    kinds = architecture.values
    print(
        f"{order:5} {seed:4}  {accuracy[row]:.3f}  {rank:14,}  {num_skips(architecture):5}", end=""
    )
    print(f"  {kinds.count('none'):5}  {kinds.count('nor_conv_3x3'):16}")
answers = list(dict.fromkeys(found.values()))
print(f"{len(answers)} different answers, {len({table.row(one) for one in answers})} networks")

# %%
for order in (1, 2):
    mean = np.mean([accuracy[table.row(a)] for (o, _), a in found.items() if o == order])
    seconds = np.mean([runs[job]["processor_seconds"] for job in runs if job[0] == order])
    print(f"order {order}: mean {mean:.3f}, regret {accuracy.max() - mean:.3f}, {seconds:.0f} s")
print(
    f"one random network: mean {accuracy.mean():.3f}, regret {accuracy.max() - accuracy.mean():.3f}"
)

# %% [markdown]
# Not a single skip: on every edge of every search its share is small. *Here DARTS does not collapse into skips.* We cannot
# say why it is otherwise on NAS-Bench-201: its networks are five times as deep, on images, with more data and ten times the
# steps, and any of these may matter. Here many edges end in something else, `none`, and that has an explanation
# (below).
#
# The networks kept are better than a random one, and some of them are good. They are also far from each other and
# from the best: the seed decides between the best few percent and places far behind the best tenth. The step ahead of the second
# order costs about twice the time and changes hardly an answer: from the same seed both orders nearly always keep the same
# operations. So ten searches are not ten independent ones, and we count different answers from here on.
#
# ## A belief: large alphas are important operations
# To keep the largest alpha is to believe that it marks the operation that its network needs. The table can check it, edge by
# edge: put each of the five operations there, leave the other five edges as they are, and look up all five networks. An edge where
# all five are the same network says nothing and does not count: the other edges have cut it off (chapter 04). **On what share of
# the edges is the kept operation the best of the five? Blind choice would have one in five.**


# %%
def place_on_edge(architecture, edge):
    """The place of an edge's operation among the five by test accuracy, 1 the best; 0: a dead edge."""
    before, after = architecture.values[:edge], architecture.values[edge + 1 :]
    rows = [table.row(nas.Architecture((*before, one, *after))) for one in space.OPERATIONS]
    if len(set(rows)) == 1:
        return 0
    return 1 + int(np.sum(accuracy[rows] > accuracy[table.row(architecture)]))


places = np.array([[place_on_edge(one, edge) for edge in range(6)] for one in answers])
dead, *counts = np.bincount(places.ravel(), minlength=6)
print(f"{len(answers)} answers have {places.size} edges, {dead} of them dead; of the others")
print(f"the kept operation is the best of five on {counts[0] / sum(counts):.0%}")
for place, number in enumerate(counts, start=1):
    print(f"   number {place} of five: {number}")
print(
    "no edge could be better:", int((places <= 1).all(axis=1).sum()), "of", len(answers), "answers"
)

# %% [markdown]
# The kept operation is mostly the first or the second of the five, so the alphas know something. But on most edges another
# one is better, and as the last line says, hardly an answer could not be improved by changing a single edge.
#
# Do the alphas at least know which operations are good *on average*? Thirty shares, five operations on six edges (means over
# all ten searches), against the mean accuracy of all networks that have this operation on this edge. **Guess the correlation.**

# %%
every = [np.array(values["alphas"][-1]) for values in runs.values()]
share = np.mean([np.exp(a) / np.exp(a).sum(axis=1, keepdims=True) for a in every], axis=0)
encodings = list(space)
worth = accuracy[[table.row(one) for one in encodings]]
effect = np.array(
    [
        [worth[[one.values[edge] == name for one in encodings]].mean() for name in space.OPERATIONS]
        for edge in range(6)
    ]
)
ax = plt.subplots()[1]
for place, (name, marker) in enumerate(zip(space.OPERATIONS, "os^Dv")):
    ax.scatter(
        share[:, place], effect[:, place], marker=marker, color=nas.plots.COLOURS[place], label=name
    )
ax.set(xlabel="share in the mixture (mean of ten searches)", ylabel="mean test accuracy with it")
ax.set_title("Five operations on six edges, n = 30")
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()
print(f"Spearman {spearmanr(share.ravel(), effect.ravel()).statistic:.2f}")
for place, name in enumerate(space.OPERATIONS):
    print(
        f"{name:14} mean share {share[:, place].mean():.2f}, mean accuracy {effect[:, place].mean():.3f}"
    )

# %% [markdown]
# On average the shares do know something: convolutions of three taps are good and have large shares. But look at
# `none`: the worst operation of all has one of the largest shares.
#
# ## When it fails
# ### The share of nothing
# `none` adds nothing to the mixture, so its share only makes an edge quieter. But batch normalisation follows
# sooner or later, and takes back what is equally quiet everywhere. In our live mixture we raise one alpha by 1 on all six edges. That
# multiplies its odds against the others by 2.7. **For which operation will the accuracy suffer least?**

# %% tags=["nbval-ignore-output"]
drop = {}
for place, name in enumerate(space.OPERATIONS):
    raised = relaxed.alphas[-1] + np.eye(5)[place]
    now = right(np.apply_along_axis(softmax, 1, raised))
    drop[name] = right(mixture) - now
    print(f"{name:14} raised by 1: accuracy {right(mixture):.2f} becomes {now:.2f}")

# %%
others = [drop[name] for name in ("skip_connect", "avg_pool_3x3")]
print("raising none costs less than half of raising skip or pool:", drop["none"] < min(others) / 2)

# %% [markdown]
# The mixture hardly minds, so hardly anything holds the alpha of `none` in its place. When the mixtures are cut, it matters
# all of a sudden: an edge that was quiet is gone. The DARTS paper says so and never keeps `none`: its strength is
# *underdetermined*, for a larger one only changes the scale, which batch normalisation undoes (section 2.4).
# NAS-Bench-201's code keeps it, as ours does. (Exercise 17.4 tries the other rule on the ten searches.)
#
# So a share can be large because an operation is needed, because it is harmless, or because it fits the company. What it
# says of the operation *alone*, nothing in the gradient has asked.
#
# ## Recap
# - A supernet has weights for every operation on every edge; a step trains one path, and moves all others that share
#   its weights.
# - Statistics collected from many paths fit none. Recalibrate before you score.
# - Shared weights tell the hopeless from the rest. Here counting parameters orders better, and for the same work random
#   search hands over as good a network.
# - A mean over supernets hides the one whose training broke. Look at every loss.
# - DARTS descends on a mixture. The kept operations are not the mixture, and the largest alpha is often not the best
#   operation on its edge.
# - Look at what was kept: count skips, look up, train anew, compare with chance.
#
# ## Quiz
# Choose an answer before you click on it: it unfolds, and says why it is right or wrong.

# %%
nas.course.quiz("17")

# %% [markdown]
# ## Exercises
# ### Exercise 17.1 ★ Predict: momentum that does not rest
# Plain momentum: $v \leftarrow 0.9\,v - \text{rate} \cdot \text{gradient}$, then $w \leftarrow w + v$. A weight is 1 and its
# velocity -0.2 after its last step. The next four steps take other paths, so its gradient is 0. In our supernet it
# rests, and is 1. Where is it if its momentum does not rest?

# %% nbgrader={"grade": false, "grade_id": "ex-17-1", "locked": false, "schema_version": 3, "solution": true, "task": false}
guess = ...
### BEGIN SOLUTION
# It goes on by -0.18, -0.162, -0.1458 and -0.13122.
guess = 1 - 0.2 * (0.9 + 0.9**2 + 0.9**3 + 0.9**4)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check-17-1", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("17.1", guess)

# %% [markdown]
# ### Exercise 17.2 ★★ Write: a step on one path
# Write `trained(weights, path, gradient, rate)`. `weights` has the shape (edges, operations, n): n numbers for each
# operation on each edge. `path` has an operation for each edge, `gradient` the shape (edges, n). Return new weights in which
# the rows on the path have moved against the gradient, and all others are as they were. The array that you are given must not
# change. *About 3 lines; `weights[np.arange(edges), path]` picks one row an edge.*


# %% nbgrader={"grade": false, "grade_id": "ex-17-2", "locked": false, "schema_version": 3, "solution": true, "task": false}
def trained(weights, path, gradient, rate):
    """Return the weights after one step of gradient descent on a path."""
    ### BEGIN SOLUTION
    after = weights.copy()
    after[np.arange(len(path)), path] -= rate * gradient
    return after
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-17-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("17.2", trained)

# %% [markdown]
# ### Exercise 17.3 ★★ Write: the statistics of all batches
# Our recalibration takes the plain mean of the batches' means and variances. That leaves out how far the batches' means are
# apart, and fits batches of equal size alone. Write `pooled(counts, means, variances)`, three arrays with a number for each batch:
# the mean and the variance of all samples together (divided by their number). *Hint: the mean of the squares is variance
# plus squared mean. About 3 lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-17-3", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pooled(counts, means, variances):
    """Return mean and variance of all samples of several batches."""
    ### BEGIN SOLUTION
    mean = np.average(means, weights=counts)
    squares = np.average(variances + means**2, weights=counts)
    return mean, squares - mean**2
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-17-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("17.3", pooled)

# %% [markdown]
# ### Exercise 17.4 ★★ Write and experiment: may nothing be kept?
# The DARTS paper never keeps `none`, NAS-Bench-201's code may. Write `kept(alpha, none_allowed)` for alphas of shape (edges,
# 5), their columns in the order of `space.OPERATIONS`. Return a pair: the list of the names kept, one an edge, and how many of them are
# `skip_connect`. Where alphas are equal the first counts. *About 4 lines.*
#
# Before you run the experiment: will the ten networks be better or worse without `none`?


# %% nbgrader={"grade": false, "grade_id": "ex-17-4", "locked": false, "schema_version": 3, "solution": true, "task": false}
def kept(alpha, none_allowed):
    """Return the names of the operations with the largest alpha, and the number of skips."""
    ### BEGIN SOLUTION
    operations = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
    first = 0 if none_allowed else 1
    names = [operations[first + place] for place in alpha[:, first:].argmax(axis=1)]
    return names, names.count("skip_connect")
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-17-4", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("17.4", kept)

# %% [markdown]
# The experiment, once your function is there:

# %%
if kept(np.eye(5), True) is not None:
    print("none may be kept   test accuracy: mean, lowest, highest   skips, mean   nones, mean")
    for allowed in (True, False):
        chosen = [kept(np.array(values["alphas"][-1]), allowed) for values in runs.values()]
        tests = [
            accuracy[table.row(nas.Architecture(tuple(map(str, names))))] for names, _ in chosen
        ]
        skips = np.mean([number for _, number in chosen])
        nones = np.mean([list(names).count("none") for names, _ in chosen])
        print(f"{allowed!s:16}  {np.mean(tests):20.3f}", end="")
        print(f"   {min(tests):.3f}   {max(tests):.3f}   {skips:11.1f}   {nones:11.1f}")

# %% [markdown]
# ## In practice
# - Train a few dozen networks alone, and measure whether the shared weights order them in *your* space. If not, no search on them
#   can help.
# - Train longer than seems needed, watch the loss for falls, recalibrate, and train several: one may have lost its way.
# - Ours is the plainest recipe. Published ones draw paths so that every operation is trained equally often, share fewer weights, train the
#   largest path first, or go on training the favourites (few-shot, fair and progressive variants).
# - DARTS has many mended forms: they stop early, watch the curvature, handicap the skip, or choose by what the mixture
#   loses without an operation.
# - A step on a path holds in memory what one path computes; a step on a mixture holds what all operations compute.
#
# ## Further reading
# - Guo et al. 2020, Single path one-shot neural architecture search with uniform sampling.
# - Li and Talwalkar 2019, Random search and reproducibility for neural architecture search.
# - Yu, Sciuto, Jaggi, Musat and Salzmann 2020, Evaluating the search phase of neural architecture search: shared weights do not
#   reflect the true order.
# - Liu, Simonyan and Yang 2019, DARTS: differentiable architecture search.
# - Dong and Yang 2020, NAS-Bench-201: extending the scope of reproducible neural architecture search.
# - Zela et al. 2020, Understanding and robustifying differentiable architecture search.
# - Wang et al. 2021, Rethinking architecture selection in differentiable NAS: the size of alpha does not say how much an operation
#   contributes.
#
# **中文术语** 权重共享 weight sharing · 超网络 supernet · 单路径一次性 single-path one-shot · 批归一化校准 batch-norm
# recalibration · 可微架构搜索 differentiable architecture search · 双层优化 bilevel optimisation · 跳跃连接 skip connection
