# %% [markdown]
# # Score networks without training them
#
# *The document's part 7: the cost of computation.* After this chapter you can score a network in the
# time of a pass or two, and say what such a score is worth.
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
# **You need** chapters 10 and 12 and about 60 minutes with the exercises. The cells take well under a
# minute.

# %%
import itertools

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import kendalltau, rankdata, spearmanr

from nas_tutorial import course, plots
from nas_tutorial.analysis import compare, quartiles
from nas_tutorial.architecture import Architecture
from nas_tutorial.compiled_proxies import CompiledProxyEvaluator
from nas_tutorial.course import check, show
from nas_tutorial.data import load_dataset
from nas_tutorial.proxies import (
    PROXIES,
    ProxyEvaluator,
    agreement_score,
    correlation_score,
    first_batch,
    gradient_norms,
    naswot,
    saliency,
    snip,
    synflow,
)
from nas_tutorial.strategies.regularized_evolution import RegularizedEvolution
from nas_tutorial.strategies.warm_start import WarmStart, best_of_random
from nas_tutorial.table import Table, TableEvaluator, regret

settings = course.start()

# %% [markdown]
# ## The idea in one sentence
# **Build a network, do not train it, and compute from its random weights and one batch a number that
# is larger for networks that would train well.**
#
# Such a number is a *zero-cost proxy*: zero beside the cost of a training. Chapter 15 trains less;
# this chapter does not train at all.
#
# ## By hand: gradient norm and SNIP
# A network of two weights, $y = w_2\,\mathrm{relu}(w_1 x)$, one sample, and half the squared error.
# *Gradient norm* adds up how long the gradient of each layer is. *SNIP* (single-shot network pruning)
# multiplies each weight by its gradient, $|w\,\partial L/\partial w|$, and adds up: to first order,
# how much the loss would feel it if that weight were taken away.
#
# **The two weights have unequal gradients. Which has the larger share of SNIP?**


# %%
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

kernels = [(np.array([w1]), np.array([g1])), (np.array([w2]), np.array([g2]))]
print("gradient norm", gradient_norms(kernels), "  SNIP", saliency(kernels))

# %% [markdown]
# Neither: 3.75 each, though one gradient is three times the other. In a chain without biases what
# flows through one layer flows through the next, so $w\,\partial L/\partial w$ adds up to the same in
# every layer. (Exercise 16.1 uses that.)
#
# ## By hand: SynFlow is a sum over paths
# *SynFlow* asks the same of another "loss": $R$, the sum of the outputs when every weight is replaced by
# its absolute value and the input by ones. It looks at no data and no labels. Take two inputs, two
# hidden units, one output. $R$ is a sum over the four paths from an input to the output, each
# the product of its weights.
#
# **Each path has two weights. How often does $\sum |w\,\partial R/\partial w|$ count it?**

# %%
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
# ## By hand: NASWOT's kernel
# *NASWOT* (NAS without training) looks at which ReLUs each sample switches on: its *code*. $K_{ij}$ is the number of units on
# which samples $i$ and $j$ agree, and the score is $\log|\det K|$. If samples have different codes, the network tells
# them apart before it has learnt anything.
#
# **Three samples, four units. What happens to the score if two samples share one code?**

# %%
codes = np.array([[1, 0, 1, 1], [1, 0, 0, 1], [0, 1, 0, 0]], dtype=bool)
kernel = (codes[:, None, :] == codes[None, :, :]).sum(axis=2)
print(kernel, f"\nscore {agreement_score(kernel):.3f}")
alike = codes[[0, 0, 2]]
kernel = (alike[:, None, :] == alike[None, :, :]).sum(axis=2)
print(kernel, "\nscore", agreement_score(kernel))

# %% [markdown]
# Two equal rows make the determinant 0 and the score minus infinity. A fourth score, *jacob_cov*, asks a
# similar question of gradients: how little are the reactions of the output to small changes of
# different samples correlated?
#
# ### In the library
# The functions take a Keras model and one batch.

# %% tags=["nbval-ignore-output"]
show(snip, saliency, synflow, naswot, agreement_score, correlation_score)

# %% [markdown]
# ## One network, scored live
# The course's table holds the scores of all networks, for three *proxy seeds*: each sets the initial
# weights and the batch of 64 samples. One compiled program computed them; here ordinary Keras scores one
# network. Its batch is that of the table's seed 0, but Keras draws its initial weights in another order than
# the program, so it is a fourth draw. **How far apart will the draws be: 1 %, 10 % or 50 %?**

# %% tags=["nbval-ignore-output"]
table = Table.load_course()
space = table.space
dataset = load_dataset("mnist1d")
architecture = space.from_string(
    "|nor_conv_3x3~0|+|skip_connect~0|nor_conv_3x3~1|+|nor_conv_1x1~0|none~1|avg_pool_3x3~2|"
)
row = table.row(architecture)
evaluator = ProxyEvaluator(space, dataset, PROXIES)
model = evaluator.trainer.build(architecture, seed=0)
batch = first_batch(dataset, 64, seed=0)
live = {name: PROXIES.load(name)(model, *batch) for name in PROXIES}
print(f"{'':10}  {'live':>15}   in the table")
for name in PROXIES:
    stored = "".join(f"{score:15,.2f}" for score in table.proxy(name)[row])
    print(f"{name:10}  {live[name]:15,.2f}   {stored}")

# %% [markdown]
# Gradient norm and SNIP of one network differ by half from draw to draw. The counts agree, of course. Is
# the rest only the draw? Give the program the weights of the Keras model.

# %%
program = CompiledProxyEvaluator(space, dataset)
weights = program.stacked.weights_of(model, program.stacked.operations(space, architecture))
compiled = program.scores(architecture, seed=0, weights=weights)
apart = max(abs(live[name] - score) / abs(score) for name, score in compiled.items())
print("from equal weights, Keras and the table's program agree to a ten-thousandth:", apart < 1e-4)

# %% [markdown]
# They agree: the table holds what Keras would give. Now the same model, with other data: first the labels shuffled, then noise in place of
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
        if np.isclose(PROXIES.load(name)(model, *data), live[name], rtol=1e-6)
    ]
    print(f"{what}: unchanged are {', '.join(same)}")

# %% [markdown]
# NASWOT never looks at labels, SynFlow at no data at all: from equal weights it gives a network the same score
# on every data set of this shape. Whatever it knows, it does not know your task.
#
# ## A belief: a score that correlates picks winners
# Now all networks, against the test accuracy that training gave them (the mean over the table's
# trainings). Two of the seven "proxies" are mere counts, the parameters and the FLOPs: the baseline. Chapter
# 10 taught to ask *over which networks* a correlation is, so there are more columns than one: all,
# the better half, and the share of the score's best tenth that is in the real best tenth (0.1 by chance; where scores
# are equal, the tenth is filled by lot, in expectation), then the same of its best 100 and its best ten.
#
# **Guess a correlation over all for the best proxy, and for the parameter count.**


# %%
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
print(f"{'':10}   Spearman: all, better half   precision at the top tenth, 100, 10")
correlations = {}
for name in PROXIES:
    scores = table.proxy(name).T
    whole = np.mean([spearmanr(one, accuracy).statistic for one in scores])
    half = np.mean([spearmanr(one[better], accuracy[better]).statistic for one in scores])
    tops = [np.mean([precision(one, accuracy, k) for one in scores]) for k in (tenth, 100, 10)]
    correlations[name] = whole
    shares = "  ".join(f"{share:.2f}" for share in tops)
    print(f"{name:10}   {whole:13.2f}  {half:11.2f}   {shares:>26}")

# %%
fig, axes = plt.subplots(2, 4, figsize=(9.6, 5), sharex=True, sharey=True)
for ax, name in zip(axes.flat, PROXIES):
    place = rankdata(table.proxy(name)[:, 0]) / len(table)
    ax.scatter(place, accuracy, s=2, alpha=0.08, color=plots.COLOURS[0], rasterized=True)
    ax.axhline(np.median(accuracy), linestyle="--", color="black", linewidth=1)
    ax.set_title(f"{name}, {spearmanr(place, accuracy).statistic:.2f}")
axes.flat[-1].set_axis_off()
for ax in (*axes[1, :3], axes[0, 3]):
    ax.set_xlabel("rank of score (1: highest)")
    ax.tick_params(labelbottom=True)
for ax in axes[:, 0]:
    ax.set_ylabel("test accuracy")
fig.suptitle(f"Spearman over all in the titles; n = {len(table):,}; dashed: the median")
plt.show()

# %% [markdown]
# A high correlation over all comes from the left of each picture: the scores know the hopeless. Above
# the dashed line it falls by about a third, or more. And beside the first row no proxy is a clear improvement: what takes a
# batch, gradients and a page of code orders these networks about as well as a count that needs no network at
# all. One of them, jacob_cov, says nothing about the better half.
#
# So the belief is half right. Of the best tenth by the better scores almost half are winners, five
# times as many as by chance; the other half are not. And of the ten networks that a score likes most hardly
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

# %% [markdown]
# SynFlow and NASWOT hardly depend on the seed, jacob_cov very much. Steady is not right: NASWOT repeats
# itself and is no better for it. Where seeds disagree, the mean of three scores helps a little (the last column is
# what it adds to the correlation).
#
# ### Beside what was published
# Spearman over all of NAS-Bench-201, as the notebook of Abdelfattah et al. (2021) prints it, which
# has the same cells as our space, in larger networks, on images. (Their paper rounds the first two to 0.58: even
# authors' numbers move by 0.02.) NASWOT was published as Kendall's correlation, which is smaller for the same
# order.
#
# | | CIFAR-10 | CIFAR-100 | ImageNet16-120 | source |
# | --- | --- | --- | --- | --- |
# | grad_norm | .594 | .637 | .578 | Abdelfattah et al. 2021, notebook |
# | snip | .596 | .637 | .578 | same |
# | synflow | .737 | .763 | .751 | same |
# | jacob_cov | .731 | .704 | .701 | same |
# | naswot (Kendall) | .574 | .611 | .549 | Mellor et al. 2021, Figure 3 |

# %%
published = {"grad_norm": 0.594, "snip": 0.596, "synflow": 0.737, "jacob_cov": 0.731}
print("Spearman    CIFAR-10, published   MNIST-1D, here")
for name, value in published.items():
    print(f"{name:10}  {value:19.3f}   {correlations[name]:14.2f}")
tau = np.mean([kendalltau(one, accuracy).statistic for one in table.proxy("naswot").T])
print(f"naswot, Kendall's: {0.574:12.3f}   {tau:14.2f}")

# %% [markdown]
# Another order: SNIP is first here and behind SynFlow there, and jacob_cov falls from about .7 to about .4. The
# score depends on the data and the batch, not on the cells alone. We have 40 inputs a sample and 64 samples, so the
# Jacobian's rows are always dependent: some eigenvalues are zero for every network, where an image of
# CIFAR has 3,072 inputs. That is one difference among several (width, depth, length of training), and we
# have not shown that it is the cause. *A proxy's correlation is a property of proxy, space and data
# together.*
#
# ## Warm start: a use that survives
# A search does not need a perfect order. Mellor et al. begin regularized evolution (chapter 12) with the
# best by score of more random architectures than the population holds (AREA; 20 drawn, ten kept). We
# draw 100, keep ten, and pay for none of the ninety that are left.

# %% tags=["nbval-ignore-output"]
show(best_of_random, WarmStart.ask)

# %% [markdown]
# Thirty seeds each; the curve is the regret in test accuracy of what would be handed over (chapter
# 12). **Where does the warm start help most: after 10, 30 or 100 trials? Is SNIP ahead of counting parameters?**


# %%
def cold(seed):
    return RegularizedEvolution(space, population_size=10, seed=seed)


def warm(name):
    def make(seed):
        columns = table.proxy(name).T
        scores = columns[seed % len(columns)]
        founders = best_of_random(
            space,
            lambda one: scores[table.row(one)],
            drawn=100,
            kept=10,
            rng=np.random.default_rng(seed),
        )
        return WarmStart(cold(seed), founders)

    return make


trials, seeds = 100, range(30)
starts = {"cold": cold, "warm by snip": warm("snip"), "warm by parameters": warm("parameters")}
runs = compare(
    starts,
    TableEvaluator(table),
    trials=trials,
    seeds=seeds,
    curves={"regret": lambda history: regret(history, table)},
)
ax = plots.plot_comparison(quartiles(runs, "regret"), ylabel="regret in test accuracy")
ax.set(ylim=(0, 0.1), xlim=(1, trials), title=f"Median, band: quartiles, n = {len(seeds)} seeds")
ax.legend(loc="upper right")
plt.show()


# %%
def verdict(differences):
    """The mean of paired differences with its 95 % interval, and what may be said of it."""
    differences = np.asarray(differences, dtype=float)
    mean, half = differences.mean(), 1.96 * differences.std(ddof=1) / np.sqrt(len(differences))
    word = "tie" if abs(mean) <= half else "ahead" if mean > 0 else "behind"
    return f"{mean:+.4f} ± {half:.4f}  {word}"


pairs = (
    ("warm by snip", "cold"),
    ("warm by parameters", "cold"),
    ("warm by snip", "warm by parameters"),
)
for one, other in pairs:
    print(f"{one} against {other}, in test accuracy")
    for trial in (10, 20, 50, 100):
        at = runs[runs["trial"] == trial].pivot(index="seed", columns="strategy", values="regret")
        print(f"   after {trial:3} trials {verdict(at[other] - at[one])}")

# %% [markdown]
# Early a clear gain: the first ten trainings are no longer spent on hopeless cells. It shrinks as
# evolution finds such cells by itself, and after a hundred trials it is small or gone. The last block
# says what SNIP adds to counting. (`benchmarks/proxies.py` has this for all proxies, 50 seeds and
# 20, 100 and 1,000 drawn.)
#
# ## When it fails
# ### The number of parameters in disguise
# A proxy may correlate with accuracy only because both grow with size. Two ways to see it. A *partial
# correlation* takes out what the ranks of the parameter count explain: $r_{sa\cdot p} = (r_{sa} -
# r_{sp} r_{ap}) / \sqrt{(1 - r_{sp}^2)(1 - r_{ap}^2)}$. And plainer: look only among networks of exactly
# equal size, and average (groups of 50 or more, weighted by their size).
#
# **Which proxies are left with little?**

# %%
parameters = table.proxy("parameters")[:, 0]
sizes, counts = np.unique(parameters, return_counts=True)
large = sizes[counts >= 50]
print(f"{len(sizes)} sizes, {len(large)} of them shared by 50 networks or more\n")
print(f"{'':10}  with parameters   partial   within equal size")
with_accuracy = spearmanr(parameters, accuracy).statistic
for name in list(PROXIES)[1:]:
    scores = table.proxy(name)[:, 0]
    with_size = spearmanr(scores, parameters).statistic
    own = spearmanr(scores, accuracy).statistic
    rest = np.sqrt((1 - with_size**2) * (1 - with_accuracy**2))
    partial = (own - with_size * with_accuracy) / rest
    groups = [parameters == size for size in large]
    inside = [spearmanr(scores[one], accuracy[one]).statistic for one in groups]
    within = np.average(inside, weights=[one.sum() for one in groups])
    print(f"{name:10}  {with_size:15.2f}   {partial:7.2f}   {within:17.2f}")

# %% [markdown]
# FLOPs are parameters under another name: nothing is left. SynFlow is nearly that; its many paths are
# many parameters. NASWOT lies between. SNIP and the gradient norm do know something that size does not: among equally large networks they
# still order. That they gain so little over the
# count in the first table is no contradiction: most of what there is to know about *all* networks is
# their size.
#
# ### A cell through which no data flow
# A cell of `none` alone passes nothing on. What do the proxies say of it?

# %%
nothing = Architecture(("none",) * 6)
at = table.row(nothing)
print(f"test accuracy {accuracy[at]:.2f}, parameters {parameters[at]:,}")
for name in ("grad_norm", "snip", "synflow", "jacob_cov", "naswot"):
    print(f"{name:10} {table.proxy(name)[at, 0]:14,.1f}", end="")
    print(f"   lowest of the table: {table.proxy(name)[at, 0] == table.proxy(name)[:, 0].min()}")
infinite = ~np.isfinite(table.proxy("naswot")[:, 0])
print(f"networks with a NASWOT score that is not finite: {infinite.sum()}")

# %% [markdown]
# Read the last lines with the arithmetic of a program in mind: minus infinity has a rank, and spoils every mean, every
# difference and every plot. `ProxyEvaluator` makes such a candidate a failed trial, with the reason.
#
# ## Recap
# - A zero-cost proxy is computed from random weights and at most one batch.
# - Over all networks the good ones correlate at about .8 with accuracy; so does the number of parameters.
# - In the better half they know much less, and about half of their top tenth is not in the real one.
# - A proxy's merit belongs to proxy, space and data together; published values do not travel.
# - As founders of a search they save the first trials, and at a hundred it no longer shows.
#
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
check("16.1", guess)

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
check("16.2", snip_score)

# %% [markdown]
# ### Exercise 16.3 ★★ Write: NASWOT's kernel without a loop
# Write `agreements(codes)` for a boolean array of shape (samples, units): the array $K$ of shape
# (samples, samples) that counts on how many units two samples agree. Use products of arrays: the comparison of
# this chapter's cell needs memory for samples × samples × units. *Hint: both on, or both off. About 2 lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-16-3", "locked": false, "schema_version": 3, "solution": true, "task": false}
def agreements(codes):
    """Return on how many units each two samples agree, of shape (num_samples, num_samples)."""
    ### BEGIN SOLUTION
    on, off = codes.astype(int), (~codes).astype(int)
    return on @ on.T + off @ off.T
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-16-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("16.3", agreements)

# %% [markdown]
# ### Exercise 16.4 ★★ Write and experiment: do two proxies know more than one?
# Scores have different units, ranks have none. Write `vote(scores)` for an array of shape (proxies,
# networks): for each network the mean of its ranks by the proxies. Rank 1 is the lowest score; equal scores share the mean
# of their ranks, as in exercise 10.2. *About 1 line with `rankdata`.*
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
check("16.4", vote)

# %% [markdown]
# The experiment, once your function is there (first seed of each proxy):

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
        scores = vote(np.array([table.proxy(name)[:, 0] for name in names], dtype=float))
        whole = spearmanr(scores, accuracy).statistic
        half = spearmanr(scores[better], accuracy[better]).statistic
        tops = "  ".join(f"{precision(scores, accuracy, k):.2f}" for k in (10, 100, tenth))
        print(f"{' + '.join(names):24}  {whole:13.2f}  {half:11.2f}   {tops}")

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
