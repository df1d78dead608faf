# ---
# jupyter:
#   nas_tutorial:
#     name: Bayesian optimisation
#     about: a model of the results says where to look next
#     minutes: 85
#     document: "7 challenges: search efficiency"
#     modules: [strategies.bayesian, strategies.gaussian_process, strategies.bananas]
# ---

# %% [markdown]
# # Let a model of the results say where to look next
#
# *The document's part 7: search efficiency.* After this chapter you can compute a Gaussian process
# and an expected improvement by hand, and say what a surrogate must be right about.
#
# **You will** predict with one, two and three results, find the top of a function in six looks,
# let the same twenty lines search for cells, and compare them with what the library has.
#
# **You will learn to**
# - compute the mean and the band of a Gaussian process from a few results;
# - compute an expected improvement, and say what it pays for uncertainty;
# - say why a surrogate may be wrong nearly everywhere and still be useful;
# - say what BANANAS changes: an ensemble, paths, and mutations as candidates;
# - recognise a wrong length scale, and a model that takes noise for truth.
#
# **You need** chapters 03 to 05 and 10, and about 85 minutes. The cells take about half a minute,
# nearly all of it for fitting surrogates.

# %%
import matplotlib.pyplot as plt
import numpy as np

import nas_tutorial as nas

settings = nas.course.start()

# %% [markdown]
# ## The idea in one sentence
# **Fit a cheap model to the results so far, let it say of every candidate how good it may be and
# how sure that is, measure the one that promises most, and repeat.**
#
# The model is called a *surrogate*: it stands in for the expensive measurement. The rule that turns
# its predictions into a choice is the *acquisition function*. A measurement may take an hour; both
# of these take milliseconds, so they may look at thousands of candidates for each one that is
# trained.
#
# ## By hand: a Gaussian process
# Before anything is measured, let each value be unknown in the same way: mean 0 and standard
# deviation 1, as for a draw from a normal distribution. What makes results useful is that near
# inputs have like values. *How* alike, the *kernel* says; ours is
#
# $$k(x, x') = \exp\left(-\frac{|x - x'|^2}{2\,\text{length}^2}\right)$$
#
# the correlation of the values at two inputs: 1 where they coincide, 0.61 one length apart, 0.14
# two, 0.01 three.
#
# One result: the value is 1.0 at $x = 0$. The rules for normal distributions give, at a new input
# whose likeness to the known one is $k$, the mean $k \cdot 1.0$ and the variance $1 - k^2$.
#
# **At one length's distance: what are mean and standard deviation? And at five?**

# %%
for distance in (0, 1, 2, 3, 5):
    k = np.exp(-(distance**2) / 2)
    print(f"distance {distance}: likeness {k:.3f}  mean {k * 1.0:.3f}  sd {np.sqrt(1 - k**2):.3f}")

# %% [markdown]
# Where it was measured the value is known. Far away the result says nothing: mean 0 and standard
# deviation 1, as at the beginning. In between the prediction leans towards what is near.
#
# With several results the same rule needs their likeness among each other. Two results at 0 and 1
# say partly the same, and must not be counted as two. So the vector of likenesses to the new input
# is first multiplied by the inverse of the matrix among the known ones, and what comes out are
# weights:


# %%
def likeness(first, second, length):
    """The kernel for every pair of rows: 1 for equal inputs, towards 0 for distant ones."""
    squared = (first**2).sum(axis=1)[:, None] + (second**2).sum(axis=1) - 2 * first @ second.T
    return np.exp(-squared / (2 * length**2))


def predict(known, values, new, length=1.0, noise=1e-3):
    """Mean and standard deviation at new inputs, from the values at known ones."""
    among = likeness(known, known, length) + noise**2 * np.eye(len(known))
    across = likeness(known, new, length)
    weights = np.linalg.inv(among) @ across  # (num_known, num_new)
    variance = 1 - (across * weights).sum(axis=0)
    return values @ weights, np.sqrt(np.maximum(variance, 0))


known, values = np.array([[0.0], [1.0]]), np.array([1.0, 0.2])
mean, deviation = predict(known, values, np.array([[0.5], [2.0]]))
print("likeness among the known:", likeness(known, known, 1.0).round(3).tolist())
print("at 0.5 and 2.0: mean", mean.round(3), " sd", deviation.round(3))

# %% [markdown]
# Between the two it is nearly certain. At 2.0 the mean is *negative*, below both results: they fall
# from 1.0 to 0.2, and the fall goes on before it dies out. Scikit-learn's Gaussian process should
# say the same:

# %%
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF

reference = GaussianProcessRegressor(RBF(1.0), alpha=1e-3**2, optimizer=None).fit(known, values)
places = np.linspace(-3, 4, 50)[:, None]
theirs = reference.predict(places, return_std=True)
ours = predict(known, values, places)
print("same mean:", np.allclose(ours[0], theirs[0], atol=1e-6))
print("same standard deviation:", np.allclose(ours[1], theirs[1], atol=1e-6))


# %%
def draw(ax, known, values, grid, **settings):
    """Mean and band of two standard deviations."""
    mean, deviation = predict(known, values, grid, **settings)
    ax.plot(grid[:, 0], mean, color=nas.plots.COLOURS[0], label="mean")
    band = mean - 2 * deviation, mean + 2 * deviation
    ax.fill_between(grid[:, 0], *band, color=nas.plots.COLOURS[0], alpha=0.18, linewidth=0)
    ax.plot(known[:, 0], values, "o", color="black", markersize=5, label="measured")


line = np.linspace(-2, 6, 161)[:, None]
some, of_them = np.array([[0.0], [1.0], [4.0]]), np.array([1.0, 0.2, -0.5])
fig, axes = plt.subplots(1, 3, figsize=(9.6, 3), sharey=True)
for ax, number in zip(axes, (1, 2, 3)):
    draw(ax, some[:number], of_them[:number], line)
    ax.set(xlabel="input", title=f"n = {number} result{'s' * (number > 1)}")
axes[0].set_ylabel("value (band: 2 sd)")
axes[0].legend(loc="lower right")
plt.show()

# %% [markdown]
# A prediction everywhere, and beside it how much it is worth: that is what the next step needs.
#
# ## By hand: expected improvement
# The best value so far is 1.0. Candidate A is predicted at 0.9 with standard deviation 0.1,
# candidate B at 0.5 with 1.0. **Which would you measure next?**
#
# Measure by how much a candidate will exceed the best, where falling short counts as 0, and take
# the mean over what the surrogate thinks possible. The idea is Mockus's (1978); for a normal value it
# has a formula (Jones, Schonlau and Welch 1998). With $z = (\text{mean} - \text{best}) / \text{sd}$, the normal
# distribution function $\Phi$ and its density $\varphi$,
#
# $$\text{EI} = (\text{mean} - \text{best})\,\Phi(z) + \text{sd}\,\varphi(z)$$

# %%
from scipy.stats import norm

best = 1.0
for name, mean, deviation in (("A", 0.9, 0.1), ("B", 0.5, 1.0)):
    z = (mean - best) / deviation
    promise = (mean - best) * norm.cdf(z) + deviation * norm.pdf(z)
    print(
        f"{name}: z {z:.1f}, {mean - best:.1f} x {norm.cdf(z):.4f} + "
        f"{deviation} x {norm.pdf(z):.4f} = {promise:.4f}"
    )
possible = np.random.default_rng(0).normal(0.5, 1.0, size=1_000_000)
average = np.maximum(possible - best, 0).mean()
print(f"B by a million draws agrees: {abs(average - promise) < 0.002}")

# %% [markdown]
# B, by far, though it is predicted lower: it may well be 1.5 or 2, and if it is bad, nothing is
# lost but one measurement. The first term rewards a good mean, the second uncertainty; so one
# number settles between *exploiting* what looks good and *exploring* what is unknown.
#
# ## In one dimension: the whole loop
# A function hides between 0 and 10. We have measured it twice, and look six more times where the
# expected improvement is largest. **When its top has been found, how well will the surrogate know
# the rest of the function?** The cell prints the surrogate's mean error over all inputs, and first
# what it would be for someone who always predicts the function's mean.


# %%
from nas_tutorial.strategies.gaussian_process import expected_improvement


def hidden(x):
    return ((np.sin(x) + np.cos(1.7 * x + 1) + 0.25 * (x - 5)) / 1.3)[:, 0]


def first_of_largest(promise):
    """Its place; what is smaller by rounding alone counts as equal."""
    largest = promise.max()
    return int(np.flatnonzero(promise >= largest - 1e-9 * abs(largest))[0])


grid = np.linspace(0, 10, 201)[:, None]
truth = hidden(grid)
summit = int(truth.argmax())
print(f"the summit: {truth[summit]:.3f} at {grid[summit, 0]:.2f}")
print(f"error of the function's mean: {np.abs(truth - truth.mean()).mean():.2f}")
measured = [40, 120]
print("results   best    mean error   error at the summit   next look   its promise")
for _ in range(7):
    mean, deviation = predict(grid[measured], truth[measured], grid)
    promise = expected_improvement(mean, deviation, truth[measured].max())
    error = np.abs(mean - truth)
    look = first_of_largest(promise)
    print(
        f"{len(measured):7}   {truth[measured].max():.3f}   {error.mean():9.2f}   "
        f"{error[summit]:19.2f}   {grid[look, 0]:9.2f}   {promise[look]:.3f}"
    )
    measured.append(look)

# %%
fig, axes = plt.subplots(2, 4, figsize=(10, 4.2), sharex=True, sharey="row", height_ratios=(2.2, 1))
for (above, below), number in zip(axes.T, (2, 3, 5, 6)):
    there = measured[:number]
    above.plot(grid[:, 0], truth, ":", color="black", label="hidden")
    draw(above, grid[there], truth[there], grid)
    mean, deviation = predict(grid[there], truth[there], grid)
    promise = expected_improvement(mean, deviation, truth[there].max())
    below.plot(grid[:, 0], promise, color=nas.plots.COLOURS[1])
    below.axvline(
        grid[first_of_largest(promise), 0], linestyle="--", linewidth=1, color=nas.plots.COLOURS[1]
    )
    above.set(title=f"n = {number} results", ylim=(-3.2, 3.2))
    below.set(xlabel="input")
axes[0, 0].set_ylabel("value (band: 2 sd)")
axes[1, 0].set_ylabel("expected\nimprovement")
axes[0, 3].legend(loc="lower right", fontsize=7)
plt.show()

# %% [markdown]
# (Dotted: the hidden function. Dashed below: the next look.) With five results the surrogate knows
# the summit to a few hundredths, with six it has been measured. Elsewhere it is still wrong by
# about half of what knowing only the mean would cost, and that does no harm: few of these places
# promise anything. *It need be right about where to look next, and nowhere else.*
#
# ## The same twenty lines search for cells
# Nothing above asks for numbers on a line; it asks for a distance. Write a cell as its one-hot
# encoding: a 1 for the operation on each edge, 30 numbers in all. Two cells that differ on one edge
# differ in two of the 30 numbers, so the squared distance is twice the number of edges that differ.

# %%
from nas_tutorial.strategies.predictor import one_hot

table = nas.Table.load_course()
space, evaluator = table.space, nas.TableEvaluator(table)
features = one_hot(space, table.networks)
accuracy = table.column("val_accuracy")[:, 0]  # the first training of each network
print("features:", features.shape)
one = nas.Architecture(("nor_conv_3x3",) * 6)
for number in range(0, 7, 2):
    other = nas.Architecture(("skip_connect",) * number + ("nor_conv_3x3",) * (6 - number))
    alike = likeness(*(one_hot(space, [cell]) for cell in (one, other)), length=2.5)
    print(f"{number} edges differ: likeness {alike.item():.2f}")

# %% [markdown]
# Two preparations. Accuracies have a long tail of hopeless networks, and a surrogate would spend
# itself on them; so we give it *normal scores*: the results' ranks, turned into the values that as
# many draws from a normal distribution would have. And a training has noise: an accuracy is the
# network's worth plus luck. With `noise` 0.3 on the diagonal, a result is believed only as far as
# its neighbours agree.
#
# Ten networks at random, then fifty by expected improvement among all 8,765:


# %%
from nas_tutorial.strategies.predictor import normal_scores


def look_for_cells(acquisition, seed, length=2.5, noise=0.3, num_trials=60):
    """The rows of the table that a search measured, in order."""
    rows = np.random.default_rng(seed).choice(len(table), size=10, replace=False).tolist()
    while len(rows) < num_trials:
        scores = normal_scores([(-value,) for value in accuracy[rows]])  # smallest key: best
        mean, deviation = predict(features[rows], scores, features, length, noise)
        promise = acquisition(mean, deviation, scores.max())
        promise[rows] = -np.inf  # not twice
        rows.append(first_of_largest(promise))
    return rows


seeds = range(20)
chosen = [look_for_cells(expected_improvement, seed) for seed in seeds]
drawn = [np.random.default_rng(seed).choice(len(table), 60, replace=False) for seed in seeds]
print("scores of 0.90, 0.75, 0.92:", normal_scores([(-0.90,), (-0.75,), (-0.92,)]).round(2))
best_chosen = np.array([accuracy[rows].max() for rows in chosen])
best_drawn = np.array([accuracy[rows].max() for rows in drawn])
print(f"median best of 60: by surrogate {np.median(best_chosen):.4f}", end="")
print(f", at random {np.median(best_drawn):.4f}")
print(f"by surrogate better in {(best_chosen > best_drawn).sum()} of {len(seeds)} seeds")

# %% [markdown]
# ### Must the surrogate be right everywhere?
# After the sixty results we can let the surrogate predict all 8,765 networks, and look up what the
# table says of them. For comparison take a second surrogate of the same make, with the sixty
# *random* networks as its results.
#
# **Which of the two orders the whole space better (rank correlation, chapter 10): the one whose
# sixty results were chosen by a search, or the one with sixty random ones?**


# %%
from scipy.stats import spearmanr


def judged(rows):
    """What a surrogate with these results predicts of all networks."""
    scores = normal_scores([(-value,) for value in accuracy[rows]])
    return predict(features[rows], scores, features, 2.5, 0.3)[0]


top = accuracy >= np.quantile(accuracy, 0.9)
answers = []
for searched, at_random in zip(chosen, drawn):
    for results in (searched, at_random):
        mean = judged(results)
        rest = mean.copy()
        rest[[*searched, *at_random]] = -np.inf  # the same networks are left for both
        answers.append(
            [
                spearmanr(mean, accuracy).statistic,
                spearmanr(mean[top], accuracy[top]).statistic,
                accuracy[np.argsort(-rest, kind="stable")[:20]].mean(),
                np.mean(top[results[10:]]),
            ]
        )
both = np.array(answers).reshape(len(seeds), 2, 4)
rows = (
    "known:    Spearman, all networks",
    "          Spearman, best tenth",
    "          accuracy of the next 20",
    "measured: of the last 50, in best tenth",
)
print("medians of 20 seeds, results from:        a search   random   higher for search")
for row, first, second in zip(rows, both[:, 0].T, both[:, 1].T):
    print(
        f"{row:39}   {np.median(first):8.3f}   {np.median(second):6.3f}   "
        f"{(first > second).sum():6} of {len(seeds)}"
    )
print("best tenth: of the table; next 20: predicted best among those that neither has measured")

# %%
fig, axes = plt.subplots(1, 2, figsize=(9, 4), sharex=True, sharey=True)
for ax, results, name in ((axes[0], chosen[0], "a search"), (axes[1], drawn[0], "random draws")):
    mean = judged(results)
    ax.scatter(
        accuracy, mean, s=3, alpha=0.12, color=nas.plots.COLOURS[0], label="all 8,765 networks"
    )
    ax.scatter(
        accuracy[results], mean[results], s=14, color="black", marker="x", label="the 60 results"
    )
    ax.set(xlabel="validation accuracy in the table", title=f"60 results of {name}, seed 0")
    ax.set_xlim(0.3, 1)
axes[0].set_ylabel("predicted (normal score)")
legend = axes[0].legend(loc="upper left", markerscale=1.5)
legend.legend_handles[0].set_alpha(1)
plt.show()

# %% [markdown]
# The surrogate of the search is the worse one over the whole space, in every seed: it has hardly
# ever seen a bad network, and what it says about bad ones is nearly guesswork. In the figure, left,
# the crosses lie far above the other networks of the same accuracy: where it did not look, it
# promises too little. Within the best tenth the two are about equal. And the next twenty that it
# names are the better ones in most seeds, by little, although the search has taken its fifty best
# out of the list already. Those fifty, the last row, are the gain: most are of the best tenth, where
# random draws go about one time in ten. The random draws bought knowledge about networks that
# nobody wants.
#
# So a surrogate's correlation over all networks, the number that is often quoted for it, says
# little about the search that uses it. What counts is whether the *next* networks that it names are
# good.
#
# ## In the library
# `GaussianProcess` is our `predict`, grown up. The matrix is factored once (Cholesky) for all that
# follows, the values are standardised first, and the kernel is a sum of kernels, each with a scale
# and a length:

# %% tags=["nbval-ignore-output"]
from nas_tutorial.strategies.gaussian_process import GaussianProcess

nas.course.show(GaussianProcess.condition, GaussianProcess.predict)

# %% tags=["nbval-ignore-output"]
nas.course.show(nas.Bayesian.ask, nas.Bayesian._expected_improvements)

# %% [markdown]
# `Bayesian` departs from our twenty lines in four ways.
#
# - Scales, lengths and noise are not set by hand. `fit` takes those under which the results so far
#   are most probable, held near sensible values by a *prior* (what is believed of them beforehand),
#   and anew whenever there are a tenth more results.
# - It asks *two* processes and averages their promises. Both see the operation on each edge, by a
#   rougher kernel than ours, $e^{-\text{distance}/\text{length}}$; one sees also how often each
#   operation occurs in the cell.
# - The promise is that of a *measurement*, so the noise is added to the deviation (`np.hypot`).
# - Where several candidates are in flight, each is believed to get its predicted value until the
#   result is there, so that the next one lies elsewhere.
#
# ## An ensemble in place of the process: BANANAS
# A Gaussian process is one surrogate; whatever predicts, and says how sure it is, will do. BANANAS
# (White, Neiswanger and Savani 2021) changes three parts:
#
# - **the surrogate** is an *ensemble*: several predictors, each fitted to another sample of the
#   results. Where they agree one may be sure, where they differ not. In the paper they are neural
#   networks; here they are *decision trees*: a tree asks yes-no questions about the encoding, one
#   after the other, and predicts the mean of the results that gave the same answers;
# - **the encoding** lists the *paths* from input to output, so that dead edges do not count (in
#   ours, the number of each operation stands beside them);
# - **the candidates** are mutations of the best networks so far, not the whole space, which in
#   larger spaces nobody can list.
#
# The paths of one cell (chapter 04: edge 1 to 2 is `none` here):

# %%
from nas_tutorial.strategies.predictor import paths

cell = nas.Architecture(
    ("nor_conv_3x3", "nor_conv_1x1", "none", "skip_connect", "avg_pool_3x3", "nor_conv_3x3")
)
for path in paths(space.graph(cell).pruned()):
    print("input", *path, "output", sep=" > ")

# %% [markdown]
# The acquisition is *Thompson sampling*: draw one value for each candidate from a normal
# distribution with the ensemble's mean and deviation, and take the candidate whose draw is largest.
# Three predictors, two candidates:
#
# **Whose mean is better? And how often in a thousand draws will the other one win?**

# %%
from nas_tutorial.strategies.bananas import thompson_samples

predictions = np.array([[0.0, 0.5], [0.3, 0.5], [0.9, 0.5]])  # (num_predictors, num_candidates)
print("mean", predictions.mean(axis=0).round(2), " deviation", predictions.std(axis=0).round(2))
rng = np.random.default_rng(0)
wins = [int(thompson_samples(predictions, rng).argmax()) for _ in range(1000)]
print(f"the first wins {wins.count(0)} of 1,000 draws")

# %% [markdown]
# The second has the better mean, and the first wins about four times in ten, since nobody is sure
# about it. Thompson sampling too pays for uncertainty, by chance instead of by a formula.

# %% tags=["nbval-ignore-output"]
nas.course.show(nas.Bananas._mutations, nas.Bananas._most_promising)

# %% [markdown]
# ## On the benchmark
# Random search, regularized evolution (chapter 12) and the two with a surrogate; 60 trials, ten
# seeds.
#
# **Sixty trials are few. From which trial on will the median of a surrogate stay ahead of random
# search's: within twenty, after about forty, or not within sixty?**

# %%
strategies = {
    "random_search": lambda seed: nas.RandomSearch(space, seed=seed),
    "regularized_evolution": lambda seed: nas.RegularizedEvolution(space, seed=seed),
    "bayesian": lambda seed: nas.Bayesian(space, seed=seed),
    "bananas": lambda seed: nas.Bananas(space, seed=seed),
}
comparison = nas.compare(strategies, evaluator, trials=60, seeds=range(10))

# %%
ax = nas.plots.plot_comparison(nas.quartiles(comparison), ylabel="best validation accuracy so far")
ax.set(ylim=(0.88, None), title="line: median, band: quartiles; n = 10 seeds")
plt.show()

# %% tags=["nbval-ignore-output"]
medians = nas.quartiles(comparison).pivot(index="trial", columns="strategy", values="median")
print(f"{'medians after trial':22}", *(f"{trial:8}" for trial in (10, 20, 40, 60)))
for name in strategies:
    print(f"{name:22}", *(f"{medians.loc[trial, name]:8.4f}" for trial in (10, 20, 40, 60)))
for one in ("bayesian", "bananas"):
    not_ahead = medians.index[medians[one] <= medians["random_search"]]
    print(f"{one} stays ahead of random search from trial {not_ahead.max() + 1} on")
final = nas.final_values(comparison)
ahead = {
    (one, other): (final[one] > final[other]).sum()
    for one in ("bayesian", "bananas")
    for other in ("random_search", "regularized_evolution")
}
print("after 60 trials: seeds of 10 ahead, and points ahead in the mean")
for (one, other), seeds_ahead in ahead.items():
    points = nas.paired_difference(100 * (final[one] - final[other])).text()
    print(f"  {one:8} against {other:21} {seeds_ahead:2}   {points}")

# %%
for one in ("bayesian", "bananas"):
    print(f"after 20 trials {one} has the higher median:", end=" ")
    print(medians.loc[20, one] > medians.loc[20, "random_search"])
    print(f"after 60 it is ahead in more than half of the seeds: {ahead[one, 'random_search'] > 5}")

# %% [markdown]
# `bayesian` begins to use its results after five, `bananas` after ten, and neither needs many more
# to leave random search behind. The start is fair: equal seeds draw equal first networks, which is
# why `bananas` and random search are level at the tenth trial. (Evolution has bred only two by
# then, too few to tell skill from luck.) Behind ± stands half of a 95 % interval over the ten seeds; where
# it holds 0 the word is *tie*. For evolution at the end, read the words; chapter 20 asks how many seeds it
# takes to name a winner.
#
# ### What an ask costs
# A surrogate has to be fitted. Time one ask after sixty results, beside one training as the table's
# makers timed it.

# %% tags=["nbval-ignore-output"]
import time

for name, make in strategies.items():
    strategy = make(0)
    history = nas.search(strategy, evaluator, trials=60, progress=False)
    start = time.perf_counter()
    for _ in range(5):
        strategy.ask()
    print(f"{name:22} {1000 * (time.perf_counter() - start) / 5:8.2f} ms an ask")
training = np.mean([trial.result.seconds for trial in history])
print(f"{'one training':22} {1000 * training:8.0f} ms, in the fast form of chapter 10")

# %% [markdown]
# A surrogate's ask takes some hundredths of a second, a mutation next to nothing. Beside a training
# that takes minutes neither counts. On a table, where a measurement is a look-up, the ask is all
# that one waits for: do not judge a strategy by that.
#
# ## When it fails
# ### A wrong length
# The length says how far a result reaches. **With a length of 0.1, where even cells that differ on
# one edge are strangers, what will the loop do? And with 100, where all cells are alike?**

# %%
ended = {2.5: chosen[:10]}  # from above
print("the first ten seeds")
print("length   likeness of neighbours   median best of 60   beats random draws")
for length in (0.1, 0.5, 2.5, 10.0, 100.0):
    if length not in ended:
        ended[length] = [look_for_cells(expected_improvement, seed, length) for seed in range(10)]
    best_found = np.array([accuracy[rows].max() for rows in ended[length]])
    print(
        f"{length:6}   {np.exp(-1 / length**2):22.3f}   {np.median(best_found):17.4f}   "
        f"{(best_found > best_drawn[:10]).sum():12} of 10"
    )
empty = np.array([cell.values.count("none") for cell in table.networks])
print(f"length 0.1, seed 0: the first rows chosen are {ended[0.1][0][10:16]}; `none` on ", end="")
print(f"{empty[ended[0.1][0][10:]].mean():.1f} edges in the mean ({empty.mean():.1f} in the table)")

# %% [markdown]
# With 0.1 the surrogate says the same of every unmeasured cell: a *constant predictor*. All promise
# equally, and the loop takes the first of equals; so it walks through the table from its first line
# on, among cells that are mostly empty: worse than random. With 100 the results differ where the
# kernel says that they cannot; all is put down to noise, the predictions are nearly equal again,
# and the advantage over random draws is gone. In between it does not matter much: lengths four or
# five times shorter or longer than our 2.5 still beat random draws in most seeds, and 2.5 is not
# even the best of them. That is what the library's `fit` is for: it need not be exact, it must
# avoid the ends.
#
# ### Noise taken for truth
# A surrogate without a noise term believes every result to the last digit. Four results, two of
# them near each other and different by luck:

# %%
near, by_luck = np.array([[2.0], [5.0], [5.1], [8.0]]), np.array([0.0, 0.2, 0.7, 0.5])
fig, axes = plt.subplots(1, 2, figsize=(9, 3.4), sharey=True)
for ax, noise in zip(axes, (1e-3, 0.3)):
    draw(ax, near, by_luck, grid, noise=noise)
    ax.set(xlabel="input", title=f"noise term {noise:g}, n = 4 results")
    mean, deviation = predict(near, by_luck, grid, noise=noise)
    peak = mean.argmax()
    low, high = mean[peak] + np.array([-2, 2]) * deviation[peak]
    print(f"noise term {noise:g}: the mean reaches {mean[peak]:.2f}", end="")
    print(f", the band there {low:.2f} to {high:.2f}; largest measured {by_luck.max():.2f}")
axes[0].set_ylabel("value (band: 2 sd)")
axes[0].legend(loc="upper left")
plt.show()

# %% [markdown]
# Left: to pass through both, the mean must shoot up to several times anything that was measured,
# and down on the other side. Where it is highest, the whole band lies above everything measured: the
# surrogate is wrong, and confident. Right: the two are taken as two looks at about the same value.
#
# What does that do to a search? The hidden function again, each look with an error of standard
# deviation 0.5; twenty looks; at the end each search names the input where its surrogate is
# highest. The best so far, which the promise has to exceed, is now the highest *mean* among the
# inputs looked at; the highest value seen would be the luckiest.
#
# **Which of the two expects more than it then gets?**


# %%
def noisy_search(noise, seed, error=0.5):
    """(what the surrogate expects at its highest point, what is there, different inputs looked at)."""
    rng = np.random.default_rng(seed)
    looked = rng.choice(len(grid), size=2, replace=False).tolist()
    seen = [truth[row] + rng.normal(0, error) for row in looked]
    while True:
        mean, deviation = predict(grid[looked], np.array(seen), grid, noise=noise)
        if len(looked) == 20:
            return mean.max(), truth[mean.argmax()], len(set(looked))
        promise = expected_improvement(mean, deviation, mean[looked].max())
        looked.append(first_of_largest(promise))
        seen.append(truth[looked[-1]] + rng.normal(0, error))


print(f"the summit: {truth[summit]:.2f}; medians of 50 seeds")
print("noise term   expected at the end   really there   different inputs of 20")
for noise in (1e-3, 0.5):
    medians = np.median([noisy_search(noise, seed) for seed in range(50)], axis=0)
    print(f"{noise:10g}   {medians[0]:19.2f}   {medians[1]:12.2f}   {medians[2]:20.0f}")

# %% [markdown]
# The one without: it expects too much, and ends lower. The other promises less than it gives. A
# measured input has a promise of next to nothing for the first, so it hardly looks twice at
# anything; the second goes back to good inputs, and finds out which of them were lucky.
#
# ## Recap
# - A Gaussian process gives a mean and a standard deviation, from likeness to what was measured.
# - Expected improvement settles between a good mean and a wide band.
# - A surrogate must be right about where to look next. Correlation over the whole space does not
#   tell.
# - BANANAS: an ensemble for the uncertainty, paths for the encoding, mutations for candidates.
# - A length that is too short or too long makes the search random; a missing noise term makes it
#   credulous.
#
# ## Quiz
# Choose an answer before you click on it: it unfolds, and says why it is right or wrong.

# %%
nas.course.quiz("13")

# %% [markdown]
# ## Exercises
# ### Exercise 13.1 ★ Predict: two promises
# The best value measured so far is 0, and there is no noise. What is the expected improvement (a)
# at the input where that best was measured, and (b) so far away from every result that the
# prediction is mean 0 and standard deviation 1 again? Set `guess` to two numbers, two decimals
# each.

# %% nbgrader={"grade": false, "grade_id": "ex-13-1", "locked": false, "schema_version": 3, "solution": true, "task": false}
guess = ...
### BEGIN SOLUTION
guess = (0.0, 0.40)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check-13-1", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("13.1", guess)

# %% [markdown]
# ### Exercise 13.2 ★★ Write: expected improvement
# Write `improvement(mean, deviation, best)` for arrays of means and deviations. A deviation may be
# 0; then the improvement is certain, and is `mean - best` or 0. *About 5 lines, without the
# library's function; `norm.cdf` and `norm.pdf` are imported.*


# %% nbgrader={"grade": false, "grade_id": "ex-13-2", "locked": false, "schema_version": 3, "solution": true, "task": false}
def improvement(mean, deviation, best):
    """Return the expected improvement over the best, of the shape of the means; larger is better."""
    ### BEGIN SOLUTION
    gain = mean - best
    z = gain / np.where(deviation > 0, deviation, 1.0)
    uncertain = gain * norm.cdf(z) + deviation * norm.pdf(z)
    return np.where(deviation > 0, uncertain, np.maximum(gain, 0))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-13-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("13.2", improvement)

# %% [markdown]
# ### Exercise 13.3 ★ Write: how alike are two cells?
# Write `likeness_of(first, second, length)` for two architectures of any space: the kernel of their
# one-hot encodings, without making these. An architecture's `values` are what its choices hold.
# *About 2 lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-13-3", "locked": false, "schema_version": 3, "solution": true, "task": false}
def likeness_of(first, second, length):
    """Return exp(-|x - x'|^2 / (2 length^2)) for the one-hot encodings x of two architectures."""
    ### BEGIN SOLUTION
    different = sum(a != b for a, b in zip(first.values, second.values))
    return float(np.exp(-2 * different / (2 * length**2)))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-13-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("13.3", likeness_of)

# %% [markdown]
# ### Exercise 13.4 ★★ Experiment: how much should uncertainty be worth?
# Three simpler acquisition functions: the mean alone; the deviation alone; and the *probability* of
# an improvement, however small, which is $\Phi(z)$. Write `probability_of_improvement(mean,
# deviation, best)` for arrays; with a deviation of 0 it is 1 where the mean lies above the best,
# else 0. *About 3 lines.*
#
# Before the last cell, write down: in how many of 50 searches with ten looks does each of the four
# find the summit of the hidden function? And does the order carry over to the cells?


# %% nbgrader={"grade": false, "grade_id": "ex-13-4", "locked": false, "schema_version": 3, "solution": true, "task": false}
def probability_of_improvement(mean, deviation, best):
    """Return the probability that a value exceeds the best, of the shape of the means."""
    ### BEGIN SOLUTION
    z = (mean - best) / np.where(deviation > 0, deviation, 1.0)
    return np.where(deviation > 0, norm.cdf(z), (mean > best).astype(float))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-13-4", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("13.4", probability_of_improvement)


# %%
def finds_the_summit(acquisition, seed):
    """Whether ten looks come within 0.05 of the hidden function's highest value."""
    looked = np.random.default_rng(seed).choice(len(grid), size=2, replace=False).tolist()
    while len(looked) < 10:
        mean, deviation = predict(grid[looked], truth[looked], grid)
        promise = acquisition(mean, deviation, truth[looked].max())
        promise[looked] = -np.inf
        looked.append(first_of_largest(promise))
    return truth[summit] - truth[looked].max() < 0.05


if probability_of_improvement(np.zeros(1), np.ones(1), 0.0) is not None:
    rules = {
        "expected improvement": expected_improvement,
        "probability": probability_of_improvement,
        "mean alone": lambda mean, deviation, best: mean.copy(),
        "deviation alone": lambda mean, deviation, best: deviation.copy(),
    }
    print("                       summit found   median best cell of 60 (20 seeds)")
    for name, rule in rules.items():
        found = sum(finds_the_summit(rule, seed) for seed in range(50))
        cells = [accuracy[look_for_cells(rule, seed)].max() for seed in seeds]
        print(f"{name:20}   {found:6} of 50   {np.median(cells):.4f}")

# %% [markdown]
# When the table is there, explain it. Why does the mean alone so often stay at the first hill? Why
# does the probability, which prefers a sure crumb to a likely loaf, do no better? What does the
# deviation alone spend its looks on? And what have the cells, with ten random results to begin with
# and few traps, that the line has not? How much exploring is worth depends on the landscape.
#
# ### Exercise 13.5 ★★ Write: one choice of BANANAS
# Write `thompson_choice(predictions, rng)`: given predictions of shape (num_predictors,
# num_candidates), larger is better, draw for every candidate a value of its own from the normal
# distribution with the ensemble's mean and standard deviation for it, and return the place of the
# candidate with the largest draw. *2 lines, without the library's function; `rng.normal` takes
# arrays.*


# %% nbgrader={"grade": false, "grade_id": "ex-13-5", "locked": false, "schema_version": 3, "solution": true, "task": false}
def thompson_choice(predictions, rng):
    """Return the place of the candidate that Thompson sampling takes, an integer."""
    ### BEGIN SOLUTION
    samples = rng.normal(predictions.mean(axis=0), predictions.std(axis=0))
    return int(samples.argmax())
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-13-5", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("13.5", thompson_choice)

# %% [markdown]
# ## In practice
# - A Gaussian process takes time with the cube of the number of results: fine for hundreds, not for
#   tens of thousands. Ensembles and neural predictors grow more slowly.
# - Our table lets every network be a candidate. Where the space cannot be listed, the candidates
#   are a pool: random ones and mutations of the best, as `Bayesian` does in large spaces.
# - Which predictor? White and others (2021) compared 31 of them; their message is that it depends
#   on how much time there is for training and for predicting.
# - Normal scores throw away by how much one network beats another. That is a choice, and a robust
#   one.
#
# ## Further reading
# - Jones, Schonlau and Welch 1998, Efficient global optimization of expensive black-box functions.
# - Rasmussen and Williams 2006, Gaussian processes for machine learning, chapters 2 and 5.
# - White, Neiswanger and Savani 2021, BANANAS: Bayesian optimization with neural architectures for
#   neural architecture search.
# - White, Zela, Ru, Liu and Hutter 2021, How powerful are performance predictors in neural
#   architecture search?
# - Ru, Wan, Dong and Osborne 2021, Interpretable neural architecture search via Bayesian
#   optimisation with Weisfeiler-Lehman kernels: a kernel on the graphs themselves.
#
# **中文术语** 贝叶斯优化 Bayesian optimisation · 高斯过程 Gaussian process · 代理模型 surrogate · 核函数
# kernel · 采集函数 acquisition function · 期望改进 expected improvement · 探索与利用 exploration and
# exploitation · 集成 ensemble
