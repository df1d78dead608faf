# ---
# jupyter:
#   nas_tutorial:
#     name: Zero-cost proxies
#     about: score networks without training them
#     minutes: 75
#     document: "7 challenges: the cost of computation"
#     modules: [evaluators.proxies, strategies.warm_start]
# ---

# %% [markdown]
# # Score networks without training them
#
# *The document's part 7: the cost of computation.* After this chapter you can score a network without
# training it, and say what such a score costs and what it is worth.
#
# **You will** compute four scores by hand, compare the scores of 8,765 networks with what training
# made of them, put the number of parameters beside each, and begin an evolution with them.
#
# **You will learn to**
# - compute gradient norm, SNIP, SynFlow and NASWOT of a network that fits on a line;
# - judge a score by more than one correlation: the better half, the top, equal sizes;
# - ask of every score whether counting parameters would have done;
# - say when a warm start pays, and when it no longer does.
#
# **You need** chapters 10 and 12 and about 75 minutes with the exercises. The cells take well under a
# minute.

# %%
import matplotlib.pyplot as plt
import numpy as np

import nas_tutorial as nas

settings = nas.course.start()

# %% [markdown]
# ## The idea in one sentence
# **Build a network, do not train it, and compute from its random weights and one batch a number that
# is larger for networks that would train well.**
#
# Such a number is a *zero-cost proxy*: zero beside the cost of a training, it is said; we shall measure it.
# Chapter 15 trains less; this chapter does not train at all.
#
# ## By hand: gradient norm and SNIP
# A network of two weights, $y = w_2\,\mathrm{relu}(w_1 x)$, one sample, and half the squared error.
# *Gradient norm* adds up how long the gradient of each layer is. *SNIP* (single-shot network pruning)
# multiplies each weight by its gradient, $|w\,\partial L/\partial w|$, and adds up: to first order,
# how much the loss would feel it if that weight were taken away.
#
# **The two weights have unequal gradients. Which has the larger share of SNIP?**


# %%
from nas_tutorial.evaluators.proxies import gradient_norms, saliency


def loss(w1, w2, x=2.0, target=1.0):
    """Half the squared error of the network of two weights."""
    return (w2 * max(w1 * x, 0.0) - target) ** 2 / 2


w1, w2, x, target = 0.5, -1.5, 2.0, 1.0
hidden = max(w1 * x, 0.0)
error = w2 * hidden - target
g1, g2 = error * w2 * x, error * hidden  # the chain rule, with relu' = 1 here
print(f"hidden {hidden}, output {w2 * hidden}, error {error}, loss {loss(w1, w2)}")
print(f"gradients {g1} and {g2};   w * gradient {w1 * g1} and {w2 * g2}")

step = 1e-6
n1 = (loss(w1 + step, w2) - loss(w1 - step, w2)) / (2 * step)
n2 = (loss(w1, w2 + step) - loss(w1, w2 - step)) / (2 * step)
print(f"by finite differences {n1:.4f} and {n2:.4f}")

layers = [(np.array([w1]), np.array([g1])), (np.array([w2]), np.array([g2]))]
print("gradient norm", gradient_norms(layers), "  SNIP", saliency(layers))

# %% [markdown]
# Neither: 3.75 each, though one gradient is three times the other. In a chain without biases what flows
# through one layer flows through the next, so the sum of $w\,\partial L/\partial w$, with its sign, is the
# same in every layer; with one weight a layer the sign does not matter. (Exercise 16.1 uses that.)
#
# ## By hand: SynFlow is a sum over paths
# *SynFlow* asks the same of another "loss": $R$, the sum of the outputs when every weight is replaced by
# its absolute value and the input by ones. It looks at no data and no labels. Take two inputs, two
# hidden units, one output. $R$ is a sum over the four paths from an input to the output, each
# the product of its weights.
#
# **Each path has two weights. How often does $\sum |w\,\partial R/\partial w|$ count it?**

# %%
import itertools

first, second = np.array([[0.5, -1.0], [2.0, 0.1]]), np.array([-0.4, 3.0])  # [input, hidden]
paths = {
    (i, h): abs(first[i, h]) * abs(second[h]) for i, h in itertools.product(range(2), range(2))
}
for (i, h), product in paths.items():
    print(f"input {i} → hidden {h} → output: {product:.2f}")
total = sum(paths.values())

a, b = abs(first), abs(second)
gradient_first = np.tile(b, (2, 1))  # dR/d first[i, h] = second[h]
gradient_second = a.sum(axis=0)  # dR/d second[h] = what arrives at h from ones
flow = saliency([(a, gradient_first), (b, gradient_second)])
print(f"R = {total:.2f}, SynFlow = {flow:.2f}, ratio {flow / total:.0f}")

# %% [markdown]
# Twice, once for each weight on it. SynFlow grows with the number of paths, and a wider or deeper
# network has more of them: keep that in mind when it is compared with size.
#
# ## By hand: NASWOT counts agreements
# *NASWOT* (NAS without training) looks at which ReLUs each sample switches on: its *code*. $K_{ij}$ is the
# number of units on which samples $i$ and $j$ agree, and the score is $\log|\det K|$. If samples have
# different codes, the network tells them apart before it has learnt anything.
#
# **Three samples, four units. What happens to the score if two samples share one code?**

# %%
from nas_tutorial.evaluators.proxies import agreement_score

codes = np.array([[1, 0, 1, 1], [1, 0, 0, 1], [0, 1, 0, 0]], dtype=bool)
agree = (codes[:, None, :] == codes[None, :, :]).sum(axis=2)
print(agree, f"\nscore {agreement_score(agree):.3f}")
alike = codes[[0, 0, 2]]
agree = (alike[:, None, :] == alike[None, :, :]).sum(axis=2)
print(agree, "\nscore", agreement_score(agree))

# %% [markdown]
# Two equal rows make the determinant 0 and the score minus infinity. A fifth score, *jacob_cov*, asks a
# similar question of the *Jacobian*, here the table of how the output of each sample reacts to each of its
# inputs: how little are the rows of two samples correlated?
#
# ### In the library
# The functions take a Keras model and one batch. In `synflow` the twin of the model is one without effect of
# batch normalisation, which would divide the flow by itself.

# %% tags=["nbval-ignore-output"]
from nas_tutorial.evaluators.proxies import snip, synflow

nas.course.show(snip, saliency, synflow)

# %% [markdown]
# ## One network, scored live
# The course's table holds the scores of all networks, for three *proxy seeds*: each sets the initial
# weights and the batch of 64 samples. One compiled program computed them; here ordinary Keras scores one
# network. Its batch is that of the table's seed 0, but Keras draws its initial weights in another order than
# the program, so it is a fourth draw. **How far apart will the draws be: 1 %, 10 % or 50 %?**

# %% tags=["nbval-ignore-output"]
from nas_tutorial.evaluators.proxies import first_batch

table = nas.Table.load_course()
space = table.space
dataset = nas.load_dataset("mnist1d")
architecture = space.from_string(
    "|nor_conv_3x3~0|+|skip_connect~0|nor_conv_3x3~1|+|nor_conv_1x1~0|none~1|avg_pool_3x3~2|"
)
row = table.row(architecture)
evaluator = nas.ProxyEvaluator(space, dataset, nas.PROXIES)
model = evaluator.recipe.build(architecture, seed=0)
batch = first_batch(dataset, 64, seed=0)
live = {name: nas.PROXIES.load(name)(model, *batch) for name in nas.PROXIES}
print(f"{'':10}  {'live':>15}   in the table")
for name in nas.PROXIES:
    stored = "".join(f"{score:15,.2f}" for score in table.proxy(name)[row])
    print(f"{name:10}  {live[name]:15,.2f}   {stored}")

# %% [markdown]
# The counts agree, of course. The scores that depend on the weights do not, and their own units hide how far
# they are apart: print the largest of the table's three draws over the smallest.

# %%
for name in ("grad_norm", "snip", "synflow", "naswot"):
    draws = table.proxy(name)[row]
    print(f"{name:10} largest over smallest of three draws: {draws.max() / draws.min():.2f}")

# %% [markdown]
# For the first three nearer to 50 % than to 10 %. Is the rest only the draw? Give the program the weights of
# the Keras model.

# %%
from nas_tutorial.evaluators.one_program.proxies import CompiledProxyEvaluator

program = CompiledProxyEvaluator(space, dataset)
weights = program.stacked.weights_of(model, program.stacked.operations(architecture))
compiled = program.scores(architecture, seed=0, weights=weights)
apart = max(abs(live[name] - score) / abs(score) for name, score in compiled.items())
print("from equal weights, Keras and the table's program agree to a ten-thousandth:", apart < 1e-4)

# %% [markdown]
# They agree: the table holds what Keras would give.
#
# ### What does a score cost?
# A fair measure does not depend on the machine: how many samples go through the network, forwards and back?
# **A training of the table makes five epochs over the training part, in batches of 128. How many scores
# does it pay for?**

# %%
trained = 5 * (len(dataset.x_train) // 128) * 128  # an epoch has whole batches only
scored = len(batch[0])
print(f"a training sees {trained:,} samples, SNIP sees {scored}; {trained // scored} times as many")

# %% [markdown]
# That is the "zero". A clock is less kind, since a program has costs that do not depend on the samples. Here
# is the processor's time, which other work on the computer does not change much; the table has it, too.

# %% tags=["nbval-ignore-output"]
import time

start = time.process_time()
for seed in range(10):
    program.scores(architecture, seed=seed)
by_program = (time.process_time() - start) / 10
start = time.process_time()
another = evaluator.recipe.build(architecture, seed=1)
building = time.process_time() - start
start = time.process_time()
snip(another, *batch)
by_keras = time.process_time() - start
last = table.epochs[-1]
stored = [table.result(one, epochs=last, seed=0).seconds for one in table.networks[::50]]
print(f"all five scores by the compiled program  {1000 * by_program:5.0f} ms")
print(f"SNIP by ordinary Keras                   {1000 * by_keras:5.0f} ms")
print(f"   and to build its model                {1000 * building:5.0f} ms")
print(f"a training in the table, mean            {1000 * np.mean(stored):5.0f} ms")

# %% [markdown]
# The program's scores still cost a small part of a training. In ordinary Keras, building a model and its
# first gradient cost several times as much, and a good part of a whole training of networks as small as
# these: where a training takes hours nobody notices, here it is far from zero.
#
# ### Which scores look at the task?
# Now the same model, with other data: first the labels shuffled, then noise in place of
# the inputs. **Which scores cannot notice?**

# %%
x_batch, y_batch = batch
rng = np.random.default_rng(0)
changed = {
    "labels shuffled": (x_batch, rng.permutation(y_batch)),
    "inputs are noise": (rng.standard_normal(x_batch.shape).astype("float32"), y_batch),
}
for what, data in changed.items():
    same = [
        name
        for name in ("grad_norm", "snip", "synflow", "naswot")
        if np.isclose(nas.PROXIES.load(name)(model, *data), live[name], rtol=1e-6)
    ]
    print(f"{what}: unchanged are {', '.join(same)}")

# %% [markdown]
# NASWOT never looks at labels, SynFlow at no data at all: from equal weights it gives a network the same
# score on every data set of this shape. Whatever it knows, it does not know your task.
#
# ## A belief: a score that correlates picks winners
# Now all networks, against the test accuracy that training gave them (the mean over the table's trainings).
# This is an analysis of the table, not a search: nothing is chosen by it, so the test part may be read. Two
# of the seven "proxies" are mere counts, the parameters and the FLOPs: the baseline. Chapter
# 10 taught to ask *over which networks* a correlation is, so there are more columns than one: all, the
# better half, and the share of the score's best tenth that is in the real best tenth (where scores are
# equal, the tenth is filled by lot, in expectation), then the same of its best 100 and its best ten. Every
# number is the mean over the three proxy seeds.
#
# **Guess a correlation over all for the best proxy, and for the parameter count.**


# %%
from scipy.stats import spearmanr


def membership(values, size):
    """The probability that each is among the best `size`, where ties are broken by lot."""
    threshold = np.sort(values)[-size]
    above, tied = values > threshold, values == threshold
    return above + tied * (size - above.sum()) / tied.sum()


def precision(scores, values, size):
    """The expected share of the best `size` by score that is among the best `size` by value."""
    return float(membership(scores, size) @ membership(values, size) / size)


accuracy = table.column("test_accuracy").mean(axis=1)
better = accuracy >= np.median(accuracy)
tenth = len(table) // 10
sizes = (tenth, 100, 10)
print(f"{'':12}Spearman: all  better half   precision at {tenth}   at 100   at 10")
correlations = {}
for name in nas.PROXIES:
    scores = table.proxy(name).T
    whole = np.mean([spearmanr(one, accuracy).statistic for one in scores])
    half = np.mean([spearmanr(one[better], accuracy[better]).statistic for one in scores])
    tops = [np.mean([precision(one, accuracy, size) for one in scores]) for size in sizes]
    correlations[name] = whole
    print(f"{name:12}{whole:13.2f}  {half:11.2f}", end="")
    print(f"{tops[0]:19.3f}{tops[1]:9.3f}{tops[2]:8.3f}")
chance = [size / len(table) for size in sizes]
print(f"{'chance':12}{0:13.2f}  {0:11.2f}{chance[0]:19.3f}{chance[1]:9.3f}{chance[2]:8.3f}")

# %%
from scipy.stats import rankdata

fig, axes = plt.subplots(2, 4, figsize=(9.6, 5), sharex=True, sharey=True)
for ax, name in zip(axes.flat, nas.PROXIES):
    place = rankdata(table.proxy(name)[:, 0]) / len(table)
    ax.scatter(place, accuracy, s=2, alpha=0.08, color=nas.plots.COLOURS[0], rasterized=True)
    ax.axhline(np.median(accuracy), linestyle="--", color="black", linewidth=1)
    ax.set_title(f"{name}, {correlations[name]:.2f}")
axes.flat[-1].set_axis_off()
for ax in (*axes[1, :3], axes[0, 3]):
    ax.set_xlabel("rank of score (1: highest)")
    ax.tick_params(labelbottom=True)
for ax in axes[:, 0]:
    ax.set_ylabel("test accuracy")
fig.suptitle(
    f"Dots: proxy seed 0, n = {len(table):,}; dashed: the median; "
    "titles: Spearman over all, mean of three seeds"
)
plt.show()

# %% [markdown]
# A high correlation over all comes from the left of each picture: the scores know the hopeless. Above the
# dashed line every correlation is clearly lower. And beside the first row no proxy is a clear improvement:
# what takes a batch, gradients and a page of code orders these networks about as well as a count that needs
# no network at all. One of them, jacob_cov, says nothing about the better half.
#
# So the belief is half right. Of the best tenth by the better scores about half are winners, some five
# times as many as by chance; the others are not. Of the best hundred far fewer are, though still many times
# more than by chance, and of the ten networks that a score likes most hardly
# one is among the ten best. A score that correlates leads to a good region; it does not pick winners.
#
# ### Does it depend on the weights that were drawn?
# A score is a number of one draw of weights and one batch. **Which proxies change least from seed to seed?**

# %%
print("Spearman between two proxy seeds, mean of three pairs: all, better half")
for name in ("grad_norm", "snip", "synflow", "jacob_cov", "naswot"):
    pairs = list(itertools.combinations(table.proxy(name).T, 2))
    whole = np.mean([spearmanr(one, other).statistic for one, other in pairs])
    half = np.mean([spearmanr(one[better], other[better]).statistic for one, other in pairs])
    mean = spearmanr(table.proxy(name).mean(axis=1), accuracy).statistic
    gain = mean - correlations[name]
    print(f"{name:10} {whole:.2f} {half:.2f}   with accuracy, mean of three seeds: {gain:+.2f}")
for name in ("snip", "synflow"):
    low, high = np.quantile(table.proxy(name)[:, 0], [0.1, 0.9])
    print(f"{name}: nine tenths of the networks score below {high:.2g}, one tenth below {low:.2g}")

# %% [markdown]
# SynFlow and NASWOT hardly order differently from seed to seed, jacob_cov very much. That is a riddle:
# SynFlow of our one network moved by 40 % from draw to draw. The last two lines solve it. SynFlow's scores
# reach over so many powers of ten that 40 % is a small step; SNIP's lie close together, and half as much
# again overtakes many. Steady is not right, either: NASWOT repeats itself and is no better for it. Where
# seeds disagree, the mean of three scores helps a little (the last column is what it adds to the
# correlation).
#
# ### Beside what was published
# NAS-Bench-201 has the same cells as our space, in larger networks, on images. The first four rows are
# Spearman's correlation with test accuracy over all its networks, as the notebook of Abdelfattah et al.
# (2021) prints it; their paper prints 0.58 for the first two: even authors' numbers move by 0.02. NASWOT
# was published as Kendall's correlation, which is smaller for the same order.
#
# | | CIFAR-10 | CIFAR-100 | ImageNet16-120 | source |
# | --- | --- | --- | --- | --- |
# | grad_norm | .594 | .637 | .578 | Abdelfattah et al. 2021, notebook |
# | snip | .596 | .637 | .578 | same |
# | synflow | .737 | .763 | .751 | same |
# | jacob_cov | .731 | .704 | .701 | same |
# | naswot, Kendall's | .574 | .611 | .549 | Mellor et al. 2021, Figure 3 |

# %%
from scipy.stats import kendalltau

published = {"grad_norm": 0.594, "snip": 0.596, "synflow": 0.737, "jacob_cov": 0.731}
print("Spearman    CIFAR-10, published   MNIST-1D, here")
for name, value in published.items():
    print(f"{name:10}  {value:19.3f}   {correlations[name]:14.2f}")
tau = np.mean([kendalltau(one, accuracy).statistic for one in table.proxy("naswot").T])
print(f"naswot, Kendall's: {0.574:12.3f}   {tau:14.2f}")

# %% [markdown]
# Another order: SNIP is first here and behind SynFlow there, and jacob_cov falls from about .7 to about .4.
# The score depends on the data and the batch, not on the cells alone. We have 40 inputs a sample and 64
# samples, so the Jacobian's 64 rows of 40 numbers always depend on each other, which the score punishes in
# every network alike; an image of CIFAR has 3,072 inputs. That is one difference among several (width,
# depth, length of training), and we have not shown that it is the cause. *A proxy's correlation is a
# property of proxy, space and data together.*
#
# ## Warm start: a use that survives
# A search does not need a perfect order. Mellor et al. begin regularized evolution (chapter 12) with the
# best by score of more random architectures than the population holds (AREA; 20 drawn, ten kept). We
# draw 100, keep ten, and train none of the ninety that are left.

# %% tags=["nbval-ignore-output"]
nas.course.show(nas.best_of_random, nas.WarmStart.ask)

# %% [markdown]
# Thirty seeds each; the curve is the regret in test accuracy of what would be handed over (chapter 12; here
# 0.01 is a point, and behind ± stands half of a 95 % interval, as there). **Where does the warm start help
# most: after 10, 30 or 100 trials? Is SNIP ahead of counting parameters?**


# %%
def cold(seed):
    return nas.RegularizedEvolution(space, population_size=10, seed=seed)


def warm(name):
    def make(seed):
        columns = table.proxy(name).T
        scores = columns[seed % len(columns)]
        founders = nas.best_of_random(
            space,
            lambda one: scores[table.row(one)],
            drawn=100,
            kept=10,
            rng=np.random.default_rng(seed),
        )
        return nas.WarmStart(cold(seed), founders)

    return make


trials, seeds = 100, range(30)
starts = {"cold": cold, "warm by snip": warm("snip"), "warm by parameters": warm("parameters")}
runs = nas.compare(
    starts,
    nas.TableEvaluator(table),
    trials=trials,
    seeds=seeds,
    curves={"regret": lambda history: nas.regret(history, table)},
)
ax = nas.plots.plot_comparison(nas.quartiles(runs, "regret"), ylabel="regret in test accuracy")
ax.set(ylim=(0, 0.1), xlim=(1, trials), title=f"Median, band: quartiles, n = {len(seeds)} seeds")
ax.legend(loc="upper right")
plt.show()


# %%
pairs = (
    ("warm by snip", "cold"),
    ("warm by parameters", "cold"),
    ("warm by snip", "warm by parameters"),
)
for one, other in pairs:
    print(f"{one} against {other}, in test accuracy")
    for trial in (10, 20, 50, 100):
        at = runs[runs["trial"] == trial].pivot(index="seed", columns="strategy", values="regret")
        print(f"   after {trial:3} trials {nas.paired_difference(at[other] - at[one]).text(4)}")
means = runs.groupby(["trial", "strategy"])["regret"].mean().unstack()
apart = (means["warm by snip"] - means["warm by parameters"]).loc[[10, 20, 50, 100]].abs().max()
print("\nSNIP and counting, never apart by 0.005 or more:", apart < 0.005)
print(f"100 scores see {100 * scored:,} samples, as many as {100 * scored / trained:.2f} trainings")

# %% [markdown]
# Early a clear gain: the first ten trainings are no longer spent on hopeless cells. It shrinks as evolution
# finds such cells by itself, and after a hundred trials it is small or gone. SNIP adds to counting nothing
# that thirty seeds can show. Nor is the start quite free, as chapter 15 taught to ask ("Look at the axis"):
# a hundred scores cost the samples of a part of one training, and by the clock somewhat more; the count
# costs neither. (`benchmarks/proxies.py` has this for all proxies, 50 seeds and 20, 100 and 1,000 drawn.)
#
# ## When it fails
# ### A favourite that does not train
# A score leads to a good region on average. Take the best tenth by the count and by SNIP (mean of its three
# seeds), and in each the network that training liked least. **What share of the whole table is better?**

# %%
fig, axes = plt.subplots(1, 2, figsize=(9.6, 3.2))
for ax, name in zip(axes, ("parameters", "snip")):
    scores = table.proxy(name).mean(axis=1)
    favourites = np.argsort(-scores, kind="stable")[:tenth]
    worst = favourites[accuracy[favourites].argmin()]
    print(f"{name:10} test accuracy {accuracy[worst]:.3f};", end="")
    print(f" {np.mean(accuracy > accuracy[worst]):.0%} of all networks are better")
    nas.plots.plot_graph(space.graph(table.networks[worst]), ax=ax)
    ax.set_title(f"the worst of the best tenth by {name}")
plt.show()

# %% [markdown]
# A large part of the table is better than either. They are extremes, picked because they are bad, and
# some of that is bad luck in training. But a score says nothing of it beforehand: whoever trains only the
# first on the list may hold such a one.
#
# ### The number of parameters in disguise
# A proxy may correlate with accuracy only because both grow with size. Two ways to see it. A *partial
# correlation* takes out what the ranks of the parameter count explain: $r_{sa\cdot p} = (r_{sa} - r_{sp}
# r_{ap}) / \sqrt{(1 - r_{sp}^2)(1 - r_{ap}^2)}$. It trusts that the ranks depend on each other along a
# straight line. The other way trusts nothing: look only among networks of exactly equal size, and average
# (groups of 50 or more, weighted by their size).
#
# **Which proxies are left with little?**


# %%
def without_size(scores):
    """Spearman with the parameters, partial with accuracy, and with accuracy within equal size."""
    with_size = spearmanr(scores, parameters).statistic
    rest = np.sqrt((1 - with_size**2) * (1 - with_accuracy**2))
    partial = (spearmanr(scores, accuracy).statistic - with_size * with_accuracy) / rest
    inside = [spearmanr(scores[one], accuracy[one]).statistic for one in groups]
    return with_size, partial, np.average(inside, weights=[one.sum() for one in groups])


parameters = table.proxy("parameters")[:, 0]
with_accuracy = spearmanr(parameters, accuracy).statistic
sizes, counts = np.unique(parameters, return_counts=True)
groups = [parameters == size for size in sizes[counts >= 50]]
print(f"{len(sizes)} sizes, {len(groups)} of them shared by 50 networks or more\n")
print(f"{'':10}  with parameters   partial   within equal size")
for name in list(nas.PROXIES)[1:]:
    left = np.mean([without_size(scores) for scores in table.proxy(name).T], axis=0)
    print(f"{name:10}  {left[0]:15.2f}   {left[1]:7.2f}   {left[2]:17.2f}")

# %% [markdown]
# Read the last column, which assumes nothing. FLOPs are parameters under another name: nothing is left.
# SynFlow keeps little; its many paths are many parameters. SNIP, NASWOT and the gradient norm keep more than
# half of what they had: among equally large networks they still order. (The straight line of the middle
# column would have put NASWOT near SynFlow.) And jacob_cov, the weakest in the first
# table, keeps more than SynFlow: it knows little, but what it knows is not size.
#
# That SNIP gains so little over the count in the first table is no contradiction: most of what there is to
# know about *all* networks is their size.
#
# ### A score that is no number
# A cell of `none` alone passes nothing on. What do the proxies say of it?

# %%
nothing = nas.Architecture(("none",) * 6)
at = table.row(nothing)
for name in ("grad_norm", "snip", "synflow", "jacob_cov", "naswot"):
    scores = table.proxy(name)[:, 0]
    print(
        f"{name:10} {scores[at]:14,.1f}   lowest of the table: {scores[at] == scores.min()}", end=""
    )
    print(f"   mean of the table: {scores.mean():,.1f}")

# %% [markdown]
# All put it last, as they should. But minus infinity, which has a rank, spoils the mean, and with it every
# difference and every plot, by one network in thousands. `ProxyEvaluator` makes such a candidate a failed
# trial, with the reason.
#
# ## Recap
# - A zero-cost proxy is computed from random weights and at most one batch, a small part of a training.
# - Over all networks the good ones correlate at about .8 with accuracy; so does the number of parameters.
# - In the better half they know much less, and about half of their top tenth is not in the real one.
# - A proxy's merit belongs to proxy, space and data together; published values do not travel.
# - As founders of a search they save the first trials; after a hundred the gain is small or gone.
#
# ## Quiz
# Choose an answer before you click on it: it unfolds, and says why it is right or wrong.

# %%
nas.course.quiz("16")

# %% [markdown]
# ## Exercises
# ### Exercise 16.1 ★ Predict: the same function with other weights
# In the network of two weights at the top multiply $w_1$ by 10 and divide $w_2$ by 10. It computes the
# same function. The gradient norm changes from 10 to 25.75. What is SNIP now?

# %% nbgrader={"grade": false, "grade_id": "ex-16-1", "locked": false, "schema_version": 3, "solution": true, "task": false}
guess = ...
### BEGIN SOLUTION
# Each gradient changes by the inverse of its weight's factor, so every product stays.
guess = 7.5
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check-16-1", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("16.1", guess)

# %% [markdown]
# ### Exercise 16.2 ★ Write: SNIP
# Write `snip_score(weights, gradients)` for two lists of arrays, one a layer, of equal shapes: the sum of
# $|w\,\partial L/\partial w|$ over all weights of all layers. *1 line.*


# %% nbgrader={"grade": false, "grade_id": "ex-16-2", "locked": false, "schema_version": 3, "solution": true, "task": false}
def snip_score(weights, gradients):
    """Return the sum of |weight * gradient| over all weights."""
    ### BEGIN SOLUTION
    return sum(np.abs(w * g).sum() for w, g in zip(weights, gradients))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-16-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("16.2", snip_score)

# %% [markdown]
# ### Exercise 16.3 ★★ Write: NASWOT's agreements for large networks
# The cell that counted agreements compares every two samples on every unit at once, in an array of samples
# × samples × units. For 64 samples and a million units that takes 4 GB. Write `agreements(codes)` for a
# boolean array of shape (samples, units): the array $K$ of shape (samples, samples) that counts on how many
# units two samples agree, without any array of three axes. *Hint: both on, or both off; a product of two
# arrays adds up over units. About 2 lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-16-3", "locked": false, "schema_version": 3, "solution": true, "task": false}
def agreements(codes):
    """Return on how many units each two samples agree, of shape (num_samples, num_samples)."""
    ### BEGIN SOLUTION
    on, off = codes.astype(int), (~codes).astype(int)
    return on @ on.T + off @ off.T
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-16-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("16.3", agreements)

# %% [markdown]
# ### Exercise 16.4 ★★ Write and experiment: do two proxies know more than one?
# Scores have different units, ranks have none. Write `vote(scores)` for an array of shape (proxies,
# networks): for each network the mean of its ranks by the proxies. Rank 1 is the lowest score; equal scores
# share the mean of their ranks, as in exercise 10.2. *About 1 line with `rankdata`.*
#
# Before you run the experiment: which of the pairs below will beat the better of its two?


# %% nbgrader={"grade": false, "grade_id": "ex-16-4", "locked": false, "schema_version": 3, "solution": true, "task": false}
def vote(scores):
    """Return the mean rank of each network, of shape (num_networks,)."""
    ### BEGIN SOLUTION
    # A pair helps where each knows what the other does not, and both know something: SNIP orders
    # equal sizes, and the count knows size. Parameters and FLOPs know the same; jacob_cov knows
    # too little.
    return rankdata(scores, axis=1).mean(axis=0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-16-4", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("16.4", vote)

# %% [markdown]
# The experiment, once your function is there (mean over the three proxy seeds):

# %%
if vote(np.array([[1.0, 2.0]])) is not None:
    print(f"{'':24}  Spearman: all, better half   precision at 10, 100, {tenth}")
    chosen = (
        ("parameters",),
        ("snip",),
        ("parameters", "snip"),
        ("parameters", "flops"),
        ("snip", "synflow"),
        ("snip", "naswot"),
        ("snip", "jacob_cov"),
    )
    for names in chosen:
        drawn = [table.proxy(name).T for name in names]  # counts have one seed, and keep it
        votes = [
            vote(np.array([one[seed % len(one)] for one in drawn], float)) for seed in range(3)
        ]
        whole = np.mean([spearmanr(one, accuracy).statistic for one in votes])
        half = np.mean([spearmanr(one[better], accuracy[better]).statistic for one in votes])
        tops = [np.mean([precision(one, accuracy, k) for one in votes]) for k in (10, 100, tenth)]
        shares = "  ".join(f"{share:.2f}" for share in tops)
        print(f"{' + '.join(names):24}  {whole:13.2f}  {half:11.2f}   {shares}")

# %% [markdown]
# ## In practice
# - Count parameters and FLOPs first. A proxy has to beat them in your space, or to add to them.
# - With a limit on size (chapter 18) most candidates are about as large as allowed, and size can no longer
#   tell them apart: look at the last column of the disguise table, not at the first.
# - Measure on a few dozen trained networks of *your* space whether a score orders them, before a
#   search relies on it.
#
# ## Further reading
# - Abdelfattah, Mehrotra, Dudziak and Lane 2021, Zero-cost proxies for lightweight NAS.
# - Mellor, Turner, Storkey and Crowley 2021, Neural architecture search without training.
# - Lee, Ajanthan and Torr 2019, SNIP: single-shot network pruning based on connection sensitivity.
# - Tanaka, Kunin, Yamins and Ganguli 2020, Pruning neural networks without any data by iteratively
#   conserving synaptic flow.
# - Krishnakumar et al. 2022, NAS-Bench-Suite-Zero: accelerating research on zero cost proxies.
#
# **中文术语** 零成本代理 zero-cost proxy · 性能度量 performance measure · 梯度范数 gradient norm ·
# 剪枝 pruning · 秩相关 rank correlation · 偏相关 partial correlation · 热启动 warm start
