# ---
# jupyter:
#   nas_tutorial:
#     name: Core concepts
#     about: search space, search strategy, performance estimation
#     minutes: 75
#     document: 2 core concepts
#     modules: [spaces, strategies, evaluators]
# ---

# %% [markdown]
# # Take a search apart into three choices
#
# After this chapter you can take any search for architectures, say what its three parts are, and
# change one of them without touching the others.
#
# It walks through part 2 of the document (核心概念与联系). NAS, it says, rests on search algorithms:
# in a space that is made of a network's layers and connections, it looks for the structure that is
# most accurate and most efficient. Three concepts follow, 搜索空间 search space, 搜索策略 search
# strategy and 性能度量 performance measure. How they are related, which the heading promises, is the
# loop below.
#
# **You will** search a space of 25 networks by hand, see every one of its accuracies, train eight
# networks while two loops run at once, and run eight searches that differ in one part each.
#
# **You will learn to**
# - name the three dimensions of a search, and the question that each answers;
# - write a search in seven lines, with one argument for each dimension;
# - tell the search strategy from the optimizer that trains the weights;
# - compare two searches such that you know which change did what;
# - spot a comparison in which two things changed at once.
#
# **You need** chapter 01 and about 75 minutes with the exercises. The cells run in about a minute, half
# of it training.

# %%
import matplotlib.pyplot as plt
import numpy as np

import nas_tutorial as nas

settings = nas.course.start()

# %% [markdown]
# ## The idea in one sentence
# A search is three independent choices: what may be proposed, what to propose next, and how to find
# out how good a proposal is.
#
# | dimension | question | in the document | examples |
# | --- | --- | --- | --- |
# | search space | what may be proposed? | 搜索空间 | a cell with six edges; a row of layers |
# | search strategy | what next? | 搜索策略 | random search, genetic search (chapter 03) |
# | performance estimation | how good is it? | 性能度量 | train it, and count what is right |
#
# ```text
# search space ──▶ search strategy ──── an architecture ────▶ performance estimation
#                        ▲                                              │
#                        └────────────── its number ◀───────────────────┘
# ```
#
# The three are from the survey by Elsken, Metzen and Hutter (2019). The third has two sides. The
# document's word is about *what* is measured, such as accuracy or recall (chapter 05); the survey's
# is about *how* one gets at it, since to train every network in full is what costs. (Where efficiency
# counts beside accuracy, a measurement is two numbers or more: chapter 18.)
#
# An *optimizer* is the rule that changes the weights, step by step, while a network trains; SGD
# (stochastic gradient descent) is the plainest.
#
# **Before you go on: is a search strategy a kind of optimizer, like SGD? Write down what the two have
# in common.**
#
# ## By hand: a space of 25 networks
# We take the cell of chapter 01, and leave open just two of its six edges: the direct edge from the
# input, node 0, to the output, node 3, and the edge from node 1 to node 3. The edge from 0 to 1 is a
# convolution with three taps; the other three edges are empty. Two choices of five operations: 25
# networks.
#
# An architecture is written as six operations, one an edge, in the order 0→1, 0→2, 1→2, 0→3, 1→3,
# 2→3. In the drawing below, edges that hold `none` are left out.

# %%
OPERATIONS = nas.EdgeCellSpace.OPERATIONS  # none, skip, two convolutions, pooling


def cell(direct, second):
    """The cell with `direct` on edge 0 to 3 and `second` on edge 1 to 3."""
    return nas.Architecture(("nor_conv_3x3", "none", "none", direct, second, "none"))


small_space = [cell(direct, second) for second in OPERATIONS for direct in OPERATIONS]
print(len(small_space), "architectures; the first and the last:")
print(small_space[0], small_space[-1], sep="\n")
nas.plots.plot_graph(nas.EdgeCellSpace().graph(cell("skip_connect", "avg_pool_3x3")))
plt.show()

# %% [markdown]
# That is a **space**: a set of architectures, and nothing else. It knows
# neither how to search itself nor how good its members are.
#
# **Performance estimation** is a function from an architecture to a number.
# In place of training we look the number up in the course's table (chapter 01). The table also
# knows how far each training had come on the way: so here are two estimates of the same thing, one
# after five epochs (passes over the data), one after one and a quarter, at a quarter of the price.

# %%
table = nas.Table.load_course()


def after_5_epochs(architecture):
    """The validation accuracy of the table's first training."""
    return table.result(architecture, epochs=5, seed=0).metrics["val_accuracy"]


def after_a_quarter(architecture):
    """The same training, stopped after a quarter of its epochs."""
    return table.result(architecture, epochs=1.25, seed=0).metrics["val_accuracy"]


example = cell("skip_connect", "avg_pool_3x3")
print(f"{after_a_quarter(example):.3f} after 1.25 epochs, {after_5_epochs(example):.3f} after 5")

# %% [markdown]
# A **strategy** is a function too. It gets the space, the history of what was measured
# so far, and a source of random numbers; it returns the architecture to measure next. Here are two.

# %%


def at_random(space, history, rng):
    """Any architecture, whatever was measured so far."""
    return space[rng.integers(len(space))]


def near_the_best(space, history, rng):
    """The best so far with one choice changed; any architecture to begin with."""
    if not history:
        return at_random(space, history, rng)
    best, _ = max(history, key=lambda pair: pair[1])
    near = [one for one in space if sum(a != b for a, b in zip(one.values, best.values)) == 1]
    return near[rng.integers(len(near))]


# %% [markdown]
# Now the search itself. It is a loop, and it takes one argument for each dimension.

# %%


def run(space, strategy, estimate, trials=6, seed=0):
    """Propose, measure, remember; return the history, a list of (architecture, value) pairs."""
    rng, history = np.random.default_rng(seed), []
    for _ in range(trials):
        architecture = strategy(space, history, rng)
        history.append((architecture, estimate(architecture)))
    return history


for architecture, value in run(small_space, at_random, after_5_epochs):
    print(f"{value:.3f}  {architecture}")

# %% [markdown]
# Six trials. The best so far is the result; a search returns nothing else.
#
# The space is so small that we can look at all of it. The next cell only says how to draw that: you
# may pass over it.

# %%
LABELS = ("none", "skip", "conv 1x1", "conv 3x3", "pool 3x3")  # short for OPERATIONS


def place(architecture):
    """Column and row of a network of the small space."""
    *_, direct, second, _ = architecture.values
    return OPERATIONS.index(direct), OPERATIONS.index(second)


def draw(ax, space, strategy, estimate, title):
    """The whole space as squares with their estimates, and the trials of one search on it."""
    values = np.full((5, 5), np.nan)
    for one in space:
        x, y = place(one)
        value = values[y, x] = estimate(one)
        colour = "white" if value > 0.75 else "black"
        ax.text(x, y + 0.22, f"{value:.2f}", ha="center", va="center", color=colour)
    ax.imshow(values, cmap="Blues", vmin=0, vmax=1)
    history = run(space, strategy, estimate)
    trials = {}
    for number, (one, _) in enumerate(history, start=1):
        trials.setdefault(place(one), []).append(str(number))
    label = {"boxstyle": "round,pad=0.2", "facecolor": "white"}
    for (x, y), numbers in trials.items():
        text = ", ".join(numbers)
        ax.text(x, y - 0.22, text, ha="center", va="center", fontsize=8, bbox=label)
    best, _ = max(history, key=lambda pair: pair[1])
    x, y = place(best)
    frame = {"fill": False, "linewidth": 3, "edgecolor": nas.plots.COLOURS[1]}
    ax.add_patch(plt.Rectangle((x - 0.47, y - 0.47), 0.94, 0.94, **frame))
    ax.set(title=title, xlabel="edge 0 to 3", ylabel="edge 1 to 3")
    ax.set_xticks(range(5), LABELS, rotation=30)
    ax.set_yticks(range(5), LABELS)
    ax.grid(False)


# %% [markdown]
# Below, each square is a network: its column says what is on edge 0 to 3, its row what is on edge 1
# to 3, and the number is what the estimate says. The small labels number the trials of a search. The
# first panel is the search above; each of the others changes *one* argument of `run`.
#
# **Before you run the cell: in which of the panels will the numbers in the squares differ from the
# first, and in which will only the labels move?**

# %%
without_pooling = [one for one in small_space if "avg_pool_3x3" not in one.values]
figure, axes = plt.subplots(2, 2, figsize=(9.5, 9))
draw(axes[0, 0], small_space, at_random, after_5_epochs, "the search above")
draw(axes[0, 1], small_space, near_the_best, after_5_epochs, "another strategy")
draw(axes[1, 0], small_space, at_random, after_a_quarter, "another estimate")
draw(axes[1, 1], without_pooling, at_random, after_5_epochs, "another space")
figure.suptitle("n = 6 trials each; framed: the result")
plt.show()

# %% [markdown]
# The search above took the best that it met, not the best that there is. (The square at the top left
# has nothing on either edge: no curve reaches the output, and the network guesses.) Read the panels
# one by one.
# - *Another strategy*: the same squares, the same numbers; the labels move. From the second trial
#   on each lies in the row or the column of the best before it.
# - *Another estimate*: the same squares, and the same labels, since this strategy ignores what it
#   is told; the numbers are others, and so may be the winner.
# - *Another space*: a row and a column are gone. The numbers that remain are as they were. What is
#   not in the space cannot be found by any strategy.
#
# Only the loop ties the three together, and the loop does not care which ones it gets.

# %%
import itertools

for name, estimate in (("5 epochs", after_5_epochs), ("1.25 epochs", after_a_quarter)):
    best = max(small_space, key=estimate)
    *_, direct, second, _ = best.values
    print(f"best by {name}: {direct} on 0 to 3, {second} on 1 to 3")
pairs = list(itertools.combinations(small_space, 2))
alike = sum(
    (after_a_quarter(a) < after_a_quarter(b)) == (after_5_epochs(a) < after_5_epochs(b))
    for a, b in pairs
)
print(f"of {len(pairs)} pairs of networks, both estimates put {alike} in the same order")

# %% [markdown]
# The cheap estimate is another number, but it puts most pairs of networks in the same order. It is
# this that makes cheap estimates useful: a search needs to know which network is better, not how
# good each is (chapter 15).
#
# ## Two loops: the strategy is not the optimizer
# What do a strategy and SGD have in common? Both go step by step, both have a number that they would
# like to improve. So it is tempting to think of one as a kind of the other. Watch both at work. The
# outer loop below is a search by *local search*, the library's careful version of `near_the_best`;
# the inner loop is a real training.
#
# **While the strategy makes its eight proposals, how many steps does SGD make? The training part
# has 4,000 curves; a step takes 128 of them, and a training goes over them five times.**

# %% tags=["nbval-ignore-output"]
space = nas.EdgeCellSpace()
evaluator = nas.CompiledEvaluator(space, nas.load_dataset("mnist1d"))
strategy = nas.LocalSearch(space, seed=6)
losses, accuracies, proposals = [], [], []
for number in range(8):
    candidate = strategy.ask()  # the strategy's step
    training = evaluator.start(candidate.architecture, seed=number)
    training.train_to(evaluator.recipe.epochs * training.steps_per_epoch)  # all of SGD's steps
    predicted = training.predict(evaluator.recipe.dataset.x_val)
    accuracy = np.mean(predicted == evaluator.recipe.dataset.y_val)
    strategy.tell(nas.Trial(number, candidate, number, nas.Result({"val_accuracy": accuracy}, 0.0)))
    losses.append(training.losses)
    accuracies.append(accuracy)
    proposals.append(candidate.architecture)
    print(f"{accuracy:.3f}  {candidate.architecture}")

# %%
per_trial, trials = len(losses[0]), len(losses)
print(f"{trials} proposals, {per_trial} steps of SGD each, {trials * per_trial:,} in all")
for number in range(1, trials):
    best = proposals[int(np.argmax(accuracies[:number]))]
    changed = [i for i in range(6) if proposals[number].values[i] != best.values[i]]
    assert len(changed) == 1
print("every proposal after the first changes one of six choices of the best so far")

# %%
figure, (upper, lower) = plt.subplots(2, 1, figsize=(9, 5), sharex=True)
ends = per_trial * np.arange(1, trials + 1)
best_so_far = np.maximum.accumulate(accuracies)
upper.step(ends, best_so_far, where="post", color=nas.plots.COLOURS[1], label="best so far")
upper.scatter(ends, accuracies, s=40, color=nas.plots.COLOURS[1], label="one trial", zorder=3)
upper.set(ylabel="validation accuracy", ylim=(0, 1), title="Outer loop: what the strategy sees")
upper.legend(loc="lower right")
lower.plot(
    1 + np.arange(ends[-1]), np.concatenate(losses), color=nas.plots.COLOURS[0], linewidth=0.8
)
lower.set(xlabel="steps of SGD since the search began", ylabel="training loss (nats)")
lower.set(ylim=(0, None), title="Inner loop: what SGD sees")
for end in ends:
    upper.axvline(end, color="black", linewidth=0.6, linestyle=":")
    lower.axvline(end, color="black", linewidth=0.6, linestyle=":")
figure.suptitle(f"One search, n = {trials} trials")
plt.show()

# %% [markdown]
# 155 steps a training: 4,000 curves make 31 full batches of 128, and five passes are 5 x 31. The lower
# curve is a row of eight descents. Each begins high up again, with fresh weights, and each is one dot
# in the upper picture. In words:
#
# | | optimizer (SGD) | search strategy |
# | --- | --- | --- |
# | what it changes | the weights of one network: thousands of numbers | the architecture: six choices |
# | what it is told | the gradient of the loss, on training data | one number, on validation data |
# | steps | 155 a trial, milliseconds each | one a trial, which takes a whole training |
# | what stays in the end | nothing: the weights are thrown away | the architecture |
#
# So SGD is not a strategy. It is a part of *performance estimation*: it is how a number for an
# architecture is found. Whoever trains with Adam instead, or with half the step size, asks another
# question about each network, and leaves the strategy as it was.
#
# (One family of searches does choose architectures by gradient descent: DARTS, chapter 17. Even
# there it is a second descent, on other numbers, with other data.)
#
# ## In the library
# The same three parts, with a little more care. A space knows its choices, and how to sample and to
# list neighbours. A strategy is asked for a candidate and told the result of a trial; the whole of
# random search is one line.

# %% tags=["nbval-ignore-output"]
nas.course.show(nas.RandomSearch, nas.TableEvaluator.__call__)

# %% [markdown]
# An *evaluator* is a function from a candidate to a result, which holds the metrics and the price
# in seconds. `search` is the loop: `search(strategy, evaluator, trials=30)`. Chapter 03 builds all
# of it step by step.
#
# ## On the benchmark: eight searches
# Two spaces, two strategies, two estimates make eight searches. We run each of them with 200 seeds:
# one run is one draw, and you have seen what one draw is worth.
#
# - **space**: the whole cell, with five operations on six edges (15,625 architectures), or the same
#   without the convolution with three taps (4,096).
# - **strategy**: random search, or local search.
# - **estimate**: the accuracy after 5 epochs, or after 1.25.
#
# Whatever the estimate, what counts in the end is how good the chosen network is when it is trained
# in full. So the winner of each search is judged by the table's *test* accuracy after 5 epochs,
# which no search has seen.
#
# **Order the three: which change will move the result most, which least?**

# %%


class WithoutThreeTaps(nas.EdgeCellSpace):
    """The edge cell without the convolution that has three taps."""

    OPERATIONS = tuple(name for name in OPERATIONS if name != "nor_conv_3x3")


def look_up(epochs):
    """An evaluator: the table's first training, stopped after so many epochs."""
    return lambda candidate, *, seed: table.result(candidate.architecture, epochs=epochs, seed=0)


def outcomes(space, strategy, estimate, trials=30):
    """What 200 searches end with: test accuracies of their winners in full, and the mean price."""
    worth, prices = [], []
    for seed in range(200):
        history = nas.search(strategy(space, seed=seed), estimate, trials=trials, progress=False)
        winner = history.best(nas.Objective("val_accuracy")).candidate.architecture
        worth.append(table.column("test_accuracy")[table.row(winner), 0])
        prices.append(sum(trial.result.seconds for trial in history))
    return worth, np.mean(prices)


spaces = {"five operations": nas.EdgeCellSpace(), "without 3 taps": WithoutThreeTaps()}
strategies = {"random search": nas.RandomSearch, "local search": nas.LocalSearch}
estimates = {"5 epochs": look_up(5), "1.25 epochs": look_up(1.25)}
results, medians = {}, {}
for key in itertools.product(spaces, strategies, estimates):
    space, strategy, estimate = key
    results[key], price = outcomes(spaces[space], strategies[strategy], estimates[estimate])
    medians[key] = float(np.median(results[key]))
    print(f"{medians[key]:.3f}  {price:4.1f} s  {', '.join(key)}")

# %%
figure, axes = plt.subplots(1, 2, figsize=(9, 4), sharey=True)
for ax, space in zip(axes, spaces):
    for shift, strategy, line, colour in zip(
        (-0.04, 0.04), strategies, nas.plots.LINES, nas.plots.COLOURS
    ):
        runs = [results[space, strategy, estimate] for estimate in estimates]
        low, middle, high = np.quantile(runs, (0.25, 0.5, 0.75), axis=1)
        bars = {"yerr": (middle - low, high - middle), "capsize": 4, "marker": "o"}
        ax.errorbar(
            [shift, 1 + shift], middle, linestyle=line, color=colour, label=strategy, **bars
        )
    ax.set(title=f"space: {space}", xlabel="estimate in the search", xlim=(-0.4, 1.4))
    ax.set_xticks(range(2), estimates)
axes[0].set_ylabel("test accuracy of the winner, in full")
axes[1].legend()
figure.suptitle("Eight searches of 30 trials: median and quartiles of n = 200 seeds")
plt.show()

# %% [markdown]
# The picture shows all three effects at once: from the left panel to the right is a change of the
# space, along a line a change of the estimate, from one line to the other a change of the strategy.
# Here the space moves the result most, by far.

# %%
base = ("five operations", "random search", "5 epochs")
for name, changed in (
    ("space", ("without 3 taps", *base[1:])),
    ("strategy", (base[0], "local search", base[2])),
    ("estimate", (*base[:2], "1.25 epochs")),
):
    print(f"change the {name:9} alone: {medians[changed] - medians[base]:+.3f}")

# %% [markdown]
# From this base the strategy moves the result least. (Without the three taps it moves it more than the
# estimate does: compare 0.834 with 0.862, and with 0.812, above.)
#
# Each line changes one thing and keeps the others; so each difference has one cause. That is all that
# "independent" means: the parts can be *exchanged* one by one. It does not mean that their effects add
# up. In the left panel local search, which builds on what it is told, is ahead with the good estimate,
# and its lead is gone with the rough one.
#
# Nor do equal trials mean equal seconds. Local search spends a fifth more on its 30 in the whole space,
# since it goes where trainings are dearer; chapter 20 compares by seconds.
#
# And it does not mean that the parts cost the same. The rough estimate takes a quarter of the
# seconds, so for the price of 30 trials in full it allows 120.
#
# **Random search, 30 trials in full or 120 rough ones at the same price: which finds the better
# network?**

# %%
rough, price = outcomes(spaces["five operations"], nas.RandomSearch, look_up(1.25), trials=120)
print(f" 30 trials of 5 epochs:    {medians[base]:.3f}")
print(f" 30 trials of 1.25 epochs: {medians[(*base[:2], '1.25 epochs')]:.3f}")
print(f"120 trials of 1.25 epochs: {np.median(rough):.3f} for {price:.1f} s")

# %% [markdown]
# The 30 in full: four times as many rough trials make good a part of the loss, no more. Whoever
# draws more finds what is best *by the estimate*, and what is best after 1.25 epochs is not quite
# what is best after five. A rough estimate tells good networks from bad ones better than good ones
# from better ones: it is a sieve, and chapter 15 uses it as one.
#
# ## When it fails: two changes at once
# Suppose that a paper proposes random search. It runs random search on its own space, and compares
# with the number that an older paper reports: local search, on the space of the older paper.

# %%
theirs = ("without 3 taps", "local search", "5 epochs")
print(f"local search:  {medians[theirs]:.3f}")
print(f"random search: {medians[base]:.3f}")

# %% [markdown]
# Random search wins clearly, with 200 seeds each; no statistics will object. **What is wrong?** Two
# of the three dimensions changed, and only one of them was named. With the same space for both:

# %%
ahead = []
for space in spaces:
    local, random = (medians[space, strategy, "5 epochs"] for strategy in reversed(strategies))
    print(f"{space}: local search {local:.3f}, random search {random:.3f}")
    ahead.append(local > random)
print("local search is ahead in both spaces:", all(ahead))

# %% [markdown]
# In each space local search is ahead; the "win" was the space's. The example is ours, the fault is
# common: Lindauer and Hutter (2020) ask for the same space, the same training and the same budget
# for all methods that are compared.
#
# The space also sets a limit that no strategy passes. The best network of the table (by its first
# training) is outside the smaller space, and is refused:

# %%
best = table.networks[table.column("val_accuracy")[:, 0].argmax()]
try:
    spaces["without 3 taps"].require(best)
except ValueError as error:
    print(error)

# %% [markdown]
# ## Recap
# - Space: what may be proposed. Strategy: what next. Estimation: how good. The loop joins them.
# - They can be exchanged one by one; to know what a change did, change one and keep the others.
# - SGD trains the weights of one candidate. It belongs to estimation; a strategy never sees a
#   weight.
# - An estimate need not be true; it has to put networks in about the right order, at a low price.
# - Here the space mattered more than the strategy. Nobody finds what the space leaves out.
#
# ## Quiz
# Choose an answer before you click on it: it unfolds, and says why it is right or wrong.

# %%
nas.course.quiz("02")

# %% [markdown]
# ## Exercises
# ### Exercise 2.1 ★ Predict: which dimension?
# Each of these six changes is made to a search and nothing else is changed. Which dimension does it
# belong to?
#
# - **a** Every network is trained with Adam in place of SGD.
# - **b** The next proposal is the best so far with one choice changed, no longer a random draw.
# - **c** An edge may also hold a convolution with five taps.
# - **d** Networks are compared by recall in place of accuracy.
# - **e** At most four of the six edges may hold an operation.
# - **f** Every network is trained for 20 epochs in place of 5.
#
# Set `guess` to a dictionary from letter to one of `"space"`, `"strategy"`, `"estimation"`.

# %% nbgrader={"grade": false, "grade_id": "ex-2-1", "locked": false, "schema_version": 3, "solution": true, "task": false}
guess = ...
### BEGIN SOLUTION
guess = {
    "a": "estimation",  # the optimizer is part of how the number is found
    "b": "strategy",
    "c": "space",
    "d": "estimation",
    "e": "space",
    "f": "estimation",
}
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check-2-1", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("2.1", guess)

# %% [markdown]
# ### Exercise 2.2 ★★ Write: a strategy
# `at_random` may propose what was measured before. Write `without_repeats(space, history, rng)`, a
# strategy for `run`: it returns an architecture of the list `space` that is not in the history, each
# of them equally likely, drawn with `rng` alone. `history` is a list of (architecture, value) pairs;
# it never holds the whole space. Leave both lists as they are: `run` goes on using them. *About 3
# lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-2-2", "locked": false, "schema_version": 3, "solution": true, "task": false}
def without_repeats(space, history, rng):
    """Return an architecture that was not measured yet, each of them equally likely."""
    ### BEGIN SOLUTION
    measured = {architecture for architecture, _ in history}
    new = [architecture for architecture in space if architecture not in measured]
    return new[rng.integers(len(new))]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-2-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("2.2", without_repeats)

# %% [markdown]
# ### Exercise 2.3 ★★ Write: an estimate
# A network that is trained twice, with two seeds, is known better, and costs twice as much. Write
# `twice(evaluate)`. It gets an evaluator, a function that is called as
# `evaluate(candidate, seed=seed)` and returns a `Result`; and it returns a new evaluator, called in
# the same way. The new one calls the old one twice, with two different seeds that follow from its
# own `seed`. Its result holds the mean `val_accuracy` as the only metric, and the seconds that were
# spent. *About 6 lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-2-3", "locked": false, "schema_version": 3, "solution": true, "task": false}
def twice(evaluate):
    """Return an evaluator that trains every candidate twice and reports the mean."""
    ### BEGIN SOLUTION

    def evaluate_twice(candidate, *, seed):
        pair = [evaluate(candidate, seed=2 * seed), evaluate(candidate, seed=2 * seed + 1)]
        mean = sum(result.metrics["val_accuracy"] for result in pair) / 2
        return nas.Result({"val_accuracy": mean}, sum(result.seconds for result in pair))

    return evaluate_twice
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-2-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("2.3", twice)

# %% [markdown]
# ### Exercise 2.4 ★★★ Experiment: the effect of one change
# Write `effect(values, place, before, after)`. `values` is a dictionary such as `medians`: its keys
# are tuples with one entry a dimension. Look at every pair of keys that have `before` and `after` at
# `place`, and are *equal everywhere else*; return the mean, over these pairs, of the second value
# minus the first. A key whose partner is missing does not count. *About 5 lines.*
#
# **Before you use it, order the three effects by size.** Then compute them from `medians`: space,
# strategy and estimate are places 0, 1 and 2. Which one would you work on first?


# %% nbgrader={"grade": false, "grade_id": "ex-2-4", "locked": false, "schema_version": 3, "solution": true, "task": false}
def effect(values, place, before, after):
    """Return the mean difference that one change makes, everything else being equal."""
    ### BEGIN SOLUTION
    differences = []
    for key, value in values.items():
        partner = (*key[:place], after, *key[place + 1 :])
        if key[place] == before and partner in values:
            differences.append(values[partner] - value)
    return sum(differences) / len(differences)
    ### END SOLUTION


### BEGIN SOLUTION
for dimension, (before, after) in enumerate((spaces, strategies, estimates)):
    print(f"{before} -> {after}: {effect(medians, dimension, before, after):+.3f}")
# The space comes first by far. Each effect is a mean over four pairs; chapter 20 asks when such a
# difference is more than luck.
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check-2-4", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("2.4", effect)

# %% [markdown]
# ## In practice
# - The parts are exchangeable, and still have to fit: local search needs a space that knows
#   neighbours, a strategy that stops trainings early needs an estimate that can stop and go on.
# - Some methods choose two parts in one: weight sharing (chapter 17) trains one large network that
#   holds all others, which makes a strategy and an estimate of it. Ask of such a method, too, what
#   each part contributes.
# - We took away the best operation on purpose. Spaces of papers differ less, but they differ, and
#   the space was chosen by people who had seen results.
# - All eight searches were judged by one training of each winner. It is the same for all eight, so
#   the comparison is fair; the level is a little high, since a winner is also lucky (chapter 05).
#
# ## Further reading
# - Elsken, Metzen and Hutter 2019, *Neural Architecture Search: A Survey*: the three dimensions.
# - White, Safari, Sukthanker, Ru, Elsken, Zela, Dey and Hutter 2023, *Neural Architecture Search:
#   Insights from 1000 Papers*: the same map, four years later.
# - Lindauer and Hutter 2020, *Best Practices for Scientific Research on Neural Architecture Search*.
# - Yang, Esperança and Carlucci 2020, *NAS Evaluation is Frustratingly Hard*: how much of published
#   gains belongs to space and training rather than to strategy.
#
# **中文术语** 搜索空间 search space, 搜索策略 search strategy, 性能度量 performance measure,
# 性能评估 performance estimation, 优化器 optimizer, 准确性 accuracy, 随机搜索 random search.
