# ---
# jupyter:
#   nas_tutorial:
#     name: The search loop
#     about: random search and genetic search, step by step
#     minutes: 75
#     document: 3 the algorithm, step by step
#     modules: [loop.search, strategies.random_search, strategies.genetic]
# ---

# %% [markdown]
# # Run the search loop, one step at a time
#
# A search ran overnight and tried 160 networks. In the morning the log shows that the first twenty trials
# brought almost everything, and that the last ten improved the result by less than a twentieth of a
# percentage point. Was the second half of the night wasted? And could you have known at midnight?
#
# In this chapter you will run a search by hand with four networks, let the library repeat it, stop it in three
# ways, and then run two strategies a hundred times each to answer both questions.
#
# > **Follows** part 3 of the source tutorial · **Needs** chapters 01 and 02 · **Takes** about 75 minutes
# > (the cells themselves run in less than half a minute)
#
# **You will learn to**
# - name the five steps of the loop, and say which of them is the strategy;
# - say what changes when the worst network leaves: the population, not the search space;
# - write a search with `ask` and `tell`;
# - read an incumbent's step curve, and tell an observed value from a true mean;
# - decide when to stop, and say what each stopping rule can do to your conclusion;
# - notice a search in which nothing is bred.

# %%
import matplotlib.pyplot as plt
import numpy as np

import nas_tutorial as nas

settings = nas.course.start()

# %% [markdown]
# ## The idea in one picture
# **Measure a few networks, make a new one from the good ones, drop the worst, and repeat.**

# %%
nas.course.figures.chapter03.search_loop()
plt.show()

# %% [markdown]
# The numbers in the picture are the five steps of the algorithm:
#
# | step | | what happens |
# | --- | --- | --- |
# | 1 | initialise 初始化 | fix the search space, draw a few architectures at random |
# | 2 | evaluate 进行评估 | measure each of them |
# | 3 | search 进行搜索 | make a new architecture, guided by the measurements |
# | 4 | update 更新 | the new one joins, the worst one leaves |
# | 5 | repeat 重复 | go back to step 2 until a stopping condition holds |
#
# Chapter 02's three dimensions are all here. Step 1 fixes the search space, step 2 is performance estimation, and
# step 3 is the search strategy. Steps 4 and 5 are bookkeeping, and bookkeeping is where many published searches
# went wrong, as you'll see at the end.
#
# Nothing is trained in this chapter. `TableEvaluator` looks every result up in the course's table, which holds
# three training runs of each of 8,765 networks (chapter 01), so a search takes milliseconds.

# %%
table = nas.Table.load_course()
space = table.space
evaluator = nas.TableEvaluator(table)
print(f"{len(table):,} networks, {table.num_seeds} training runs each, {space.size:,} encodings")

# %% [markdown]
# ## By hand
# ### Step 1: initialise
# We draw four architectures at random. Each line below is one of them: the operations on its six edges. This small
# set is the **population**, the networks from which new ones will be made. Real searches keep between eight and a
# thousand; four fit on the page.

# %%
rng = np.random.default_rng(19)
drawn = [space.sample(rng) for _ in range(4)]
for architecture in drawn:
    print(*(f"{value:14}" for value in architecture.values))

# %% [markdown]
# ### Step 2: evaluate
# An evaluator takes a candidate and a seed and returns a result. On a table the seed picks one of the three
# training runs; by hand we always take the first. We keep (accuracy, architecture) **pairs**, so that a number
# can never be separated from its network. (One student project kept two parallel lists, sorted only one of them,
# and reported the wrong winner.)


# %%
def evaluate(architecture):
    """The validation accuracy of the first training run in the table."""
    return evaluator(nas.Candidate(architecture), seed=0).metrics["val_accuracy"]


def by_accuracy(pair):
    return pair[0]


population = sorted([(evaluate(a), a) for a in drawn], key=by_accuracy, reverse=True)
for accuracy, architecture in population:
    print(f"{accuracy:.4f}", *(f"{value:14}" for value in architecture.values))

# %% [markdown]
# These are the same four, best first. One guesses two digits in three right, another nearly nine in ten: before
# anything is searched, networks from the same space already differ that much.
#
# ### Step 3: search
# Take the two best as parents. The child gets each edge from one parent or the other, decided by the toss of a coin
# (**crossover**), and then one of its edges is changed at random (**mutation**).
#
# **Before you run the next cell: can the child have an operation on an edge where neither parent has it?**

# %%
mother, father = population[0][1], population[1][1]
mixed = space.crossover(mother, father, rng)
child = space.mutate(mixed, rng)
family = {"mother": mother, "father": father, "mixed": mixed, "child": child}
for name, architecture in family.items():
    print(f"{name:7}", *(f"{value:14}" for value in architecture.values))
new = [c not in (m, f) for c, m, f in zip(child.values, mother.values, father.values)]
print("edges on which the child has what neither parent has:", sum(new))

# %% [markdown]
# It can, through mutation, and on one edge at most: the child differs from the line above it in exactly one place.
# Crossover alone could never bring back an operation that every member of the population has lost.
#
# ### Step 4: update
# Measure the child and let it join. Now the population has one member too many, and the worst one leaves.
#
# **Which of the five will leave? Is it certain that the child stays?**

# %%
population.append((evaluate(child), child))
population.sort(key=by_accuracy, reverse=True)
leaver = population.pop()
print(f"the child has {evaluate(child):.4f}; the one that leaves has {leaver[0]:.4f}")
print("population:", *(f"{accuracy:.4f}" for accuracy, _ in population))
print(f"the search space still holds {space.size:,} encodings")

# %% [markdown]
# The worst of the five leaves, whichever it is. A child that is worse than all others would leave at once.
#
# Look at the last line of the output. The source tutorial says that the new network is added *to the search space*
# (加入到搜索空间中). It isn't, and it can't be: the search space is the set of all architectures that can be built,
# so the child was in it before anyone bred it. **What changes is the population.**

# %%
nas.course.figures.chapter03.two_exits()
plt.show()

# %% [markdown]
# The picture shows a second exit that we don't use here. Dropping the *oldest* member instead of the worst gives
# regularized evolution, the strategy behind AmoebaNet. Chapter 12 compares the two exits.
#
# ### Step 5: repeat
# We repeat steps 2 to 4 forty times. The parents are always the two best of the moment.
#
# **Can the worst accuracy in the population ever fall from one round to the next?**

# %%
rounds = [[accuracy for accuracy, _ in population]]
for _ in range(40):
    child = space.mutate(space.crossover(population[0][1], population[1][1], rng), rng)
    population.append((evaluate(child), child))
    population.sort(key=by_accuracy, reverse=True)
    population.pop()
    rounds.append([accuracy for accuracy, _ in population])
rounds = np.array(rounds)  # shape (41, 4), best first
print("did the worst ever fall?", bool((np.diff(rounds[:, -1]) < 0).any()))

# %%
nas.course.figures.chapter03.population_over_rounds(rounds)
plt.show()
for number in (0, 10, 40):
    print(f"after {number:2} rounds: best {rounds[number, 0]:.4f}, worst {rounds[number, -1]:.4f}")

# %% [markdown]
# The worst can't fall, because the member that leaves is never better than one that stays. Both curves are steps:
# they keep their value until something better comes. And they close in on each other. After forty rounds best and
# worst differ by a fraction of a percentage point; the four members are nearly the same network, so crossover has
# nothing left to mix and mutation does all the work. That is called *premature convergence*, and it is why
# real populations are larger than four.
#
# ## In the library
# A strategy has two methods. `ask` returns the next candidate (step 3), and `tell` takes in a result (step 4).
# Genetic search does what we did by hand, with one difference: each parent is the best of a few members drawn at
# random, a **tournament**, so the third best gets a chance too.

# %% tags=["nbval-ignore-output"]
nas.course.show(nas.Genetic.ask)

# %% [markdown]
# With `ask` and `tell`, the whole loop is the same six lines for every strategy.

# %%
strategy = nas.Genetic(space, population_size=4, seed=0)
trials = []
for number in range(44):
    candidate = strategy.ask()
    result = evaluator(candidate, seed=0)
    trials.append(nas.Trial(number, candidate, seed=0, result=result))
    strategy.tell(trials[-1])
bred = sum(bool(trial.candidate.parents) for trial in trials)
print(f"{len(trials) - bred} founders drawn at random, {bred} children bred")

# %% [markdown]
# The first four candidates are **founders**: they have no parents and fill the population. Each measurement is a
# **trial**: a number, a candidate, the seed of its training run, and the result. Random search has the same two
# methods; its `ask` draws from the space, and its `tell` does nothing.
#
# `nas.search` is this loop plus what you would otherwise have to add: a stopping condition, a separate seed for every
# trial, a file from which an interrupted search resumes, workers side by side, and failed training runs that don't
# end the search. It returns the `History` of all trials, and an `Objective` says which measured value counts and in
# which direction.

# %%
accuracy = nas.Objective("val_accuracy", "max")
history = nas.search(nas.Genetic(space, seed=0), evaluator, trials=60, progress=False)
best = history.best(accuracy)
print(f"{history}, {history.num_bred} of them bred")
print(f"best: trial {best.number} with {best.value('val_accuracy'):.4f}")

# %%
ax = nas.plots.plot_incumbent(history, accuracy)
ax.set_ylim(0.8, None)
plt.show()
low = sum(trial.value("val_accuracy") < 0.8 for trial in history)
print(f"{low} of {len(history)} trials lie below the lower edge of the picture")

# %% [markdown]
# The step curve is the **incumbent**, the best trial so far. It never falls, and it is never drawn as a slope,
# because between two steps nobody had anything better.
#
# This is the **reference search** of the course: the edge cell space, genetic search with its default settings, and
# look-ups in the table. When later chapters change one of the three, they compare with this one.
#
# ## When to stop
# "Until a stopping condition holds" leaves the condition to you. `search` knows three, and takes the first that
# holds: a number of `trials`, an amount of evaluation time in `seconds`, or a `target` that is good enough.

# %%
for budget in ({"trials": 50}, {"seconds": 60}, {"target": 0.90}):
    history = nas.search(nas.RandomSearch(space, seed=3), evaluator, **budget, progress=False)
    spent = sum(trial.result.seconds for trial in history)
    found = history.incumbent(accuracy)[-1]
    name = " ".join(f"{key}={value}" for key, value in budget.items())
    print(f"{name:12}  {len(history):3} trials  {spent:6.2f} s of training  best {found:.4f}")

# %% [markdown]
# On a table `seconds` counts what the training runs took when the table was made, so a strategy that picks slow
# networks pays for them. Each rule has a danger of its own:
#
# - **trials**: fair between strategies only if their trials cost the same.
# - **seconds**: another machine, or a busy one, gives another search. The trial in flight is finished, so slightly
#   more than a minute is spent above.
# - **target**: it may never be met, and, less obviously, a lucky observation can meet it.
#
# How serious is that last one? We run random search a hundred times with a target of 0.95. Then we look at the **true
# mean** of the network that met it: the average over all of the network's training runs, instead of the one
# run that the search happened to see.
#
# **What share of the networks that "reached 0.95" have a true mean below 0.95?**

# %% tags=["nbval-ignore-output"]
nas.course.predict("3.a", "networks that met 0.95 but lie below it", low=0, high=100, unit="%")

# %%
target, missed, lengths = 0.95, [], []
for seed in range(100):
    strategy = nas.RandomSearch(space, seed=seed)
    history = nas.search(strategy, evaluator, target=target, trials=500, progress=False)
    missed.append(nas.true_means(history, table)[-1] < target)
    lengths.append(len(history))
print(f"target met after {np.median(lengths):.0f} trials (median)")
print(f"true mean below the target: {np.mean(missed):.0%} of the networks")
nas.course.reveal("3.a", 100 * np.mean(missed))

# %% [markdown]
# Nearly nine in ten. A search that stops at the first value above a line stops at a value that is too good. The
# effect has a name, the **winner's curse**: the maximum of many noisy values is a good network *and* a good day.
# Chapter 05 derives how large it is. Until then, keep the two words apart: what a search saw is the **observed
# value**, and what its network does on average is the **true mean**.
#
# ## On the benchmark: does every trial help as much?
# Now for the question from the beginning. We run random search and genetic search, 160 trials each, with a hundred
# seeds: 32,000 evaluations. `compare` runs each strategy once per seed and returns a table with one row per
# strategy, seed and trial. Its column `incumbent` holds the observed value, and we add a column with the true mean of
# the same network.
#
# **Random search gains about 1.5 points from trial 10 to trial 20. How much will trials 150 to 160 gain, in
# percentage points?**

# %% tags=["nbval-ignore-output"]
nas.course.predict("3.b", "gain of random search, trials 150 to 160", low=0, high=2, unit="points")

# %%
strategies = {
    "random_search": lambda seed: nas.RandomSearch(space, seed=seed),
    "genetic": lambda seed: nas.Genetic(space, seed=seed),
}
curves = {"true_mean": lambda history: nas.true_means(history, table)}
comparison = nas.compare(strategies, evaluator, trials=160, seeds=range(100), curves=curves)
random_runs = comparison[comparison["strategy"] == "random_search"]
curve = random_runs.pivot(index="seed", columns="trial", values="incumbent")
for start, end in ((10, 20), (150, 160)):
    gain = nas.paired_difference(100 * (curve[end] - curve[start]))
    print(f"trials {start:3} to {end:3} gain {gain.text()} (points, 100 seeds)")
nas.course.reveal("3.b", 100 * (curve[160] - curve[150]).mean())

# %% [markdown]
# Ten late trials gain 0.045 points, a thirtieth of what ten early ones did. This is no weakness of random
# search. A new draw helps only if it beats *everything so far*, and among $n$ equally good draws the chance that the
# latest one is the best is exactly $1/n$: every order of the $n$ values is equally likely, so each place is equally
# likely to hold the largest. At trial 20 one draw in twenty improves the incumbent, at trial 160 one in 160,
# and the improvements get smaller too.
#
# So yes, at midnight you could have known. Does a strategy that learns escape this?

# %%
ax = nas.plots.plot_comparison(nas.quartiles(comparison), ylabel="incumbent, observed value")
ax.axhline(table.column("val_accuracy").max(), linestyle=":", color="black")
ax.set(xscale="log", ylim=(0.85, 0.98), title="median and quartiles of 100 seeds")
plt.show()
runs = table.column("val_accuracy")
luckiest = runs[runs.max(axis=1).argmax()]
print("best single run of the table:", f"{runs.max():.4f}; its network's runs:", *luckiest)
print(f"best network by its true mean: {runs.mean(axis=1).max():.4f}")

# %% [markdown]
# Genetic search flattens too, only later and higher. (Up to trial 8 the two curves are the same: with equal
# seeds both draw the same founders.)
#
# The dotted line needs a warning. At 0.9765 it is the best *single run* in the table, the luckiest of 26,295 training
# runs: the other two runs of that network gave 0.9455 and 0.9515. No network is that good. The best true mean is
# 0.9647, and in chapter 01, where only first runs were shown, the maximum was 0.9648. So how good are the networks
# that the searches return?

# %%
after = comparison[comparison["trial"] == 160]
print(after.groupby("strategy", sort=False)[["incumbent", "true_mean"]].mean().round(4))
for column in ("incumbent", "true_mean"):
    pair = after.pivot(index="seed", columns="strategy", values=column)
    lead = nas.paired_difference(100 * (pair["genetic"] - pair["random_search"]))
    print(f"genetic minus random search, {column:9}: {lead.text()}")

# %% [markdown]
# Both strategies report a value that is more than two points too good. The comparison survives that: by true mean,
# genetic search is ahead by 1.1 points, and the 95 % interval (0.8 to 1.4) is far from zero. The interval is paired:
# both strategies use the same seeds, so their common luck cancels.
#
# From which trial on is it ahead?

# %%
nas.plots.plot_difference(comparison, "random_search", "true_mean").set(xscale="log")
plt.show()

# %% [markdown]
# Where the band contains zero, we say **tie**. Genetic search needs about thirty trials before it is ahead, because
# the first eight are founders and the next few children have little to build on.
#
# ### The baseline that costs one training run
# One question must be asked of every search: what would you have got without it? The simplest answer in
# this space is the largest cell, a 3-tap convolution on all six edges. No search, one training run.
#
# **Is its true mean above or below what genetic search finds with 160?**

# %% tags=["nbval-ignore-output"]
nas.course.predict("3.c", "the largest cell against 160 trials", options=("above", "below", "tie"))

# %%
largest = nas.Architecture(("nor_conv_3x3",) * 6)
baseline = runs[table.row(largest)].mean()
found = after[after["strategy"] == "genetic"]["true_mean"]
lead = nas.paired_difference(100 * (found - baseline))
print(f"largest cell {baseline:.4f}, genetic search {found.mean():.4f}: {lead.text()}")
print(f"{(runs.mean(axis=1) > baseline).sum()} of {len(table):,} networks are better")
nas.course.reveal("3.c", "tie")

# %% [markdown]
# A tie. For accuracy alone, 160 training runs bought what a single one would have given. Only 76 of the 8,765
# networks are better than this cell, so the search did well; it is the *question* that was too easy. Searches
# earn their cost when size or speed matters too (chapter 18) or when nobody knows what the plain answer is. Keep this
# baseline in mind: it returns in most chapters.
#
# ## When it fails
# ### Nothing is bred
# A university's public exercise gave its evolutionary search a population of 100 and a budget of 100 evaluations
# (chapter 21 names it). The curves of evolution and of random search coincided, and the obvious conclusion was
# that evolution is no better than chance. We run both with these settings.
#
# **What happened?**

# %%
import warnings

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    strategy = nas.Genetic(space, population_size=100, seed=0)
    genetic = nas.search(strategy, evaluator, trials=100, progress=False)
random = nas.search(nas.RandomSearch(space, seed=0), evaluator, trials=100, progress=False)
print("bred:", genetic.num_bred)
print("same candidates:", [t.candidate for t in genetic] == [t.candidate for t in random])
print("the library warns:", caught[0].message)

# %% [markdown]
# The founders used up the whole budget, and not one child was made. No plot of the curves shows that. One number
# does: `history.num_bred`.
#
# ### The wrong one leaves
# The same exercise's solution stored errors instead of accuracies and removed the smallest one, so the *best* member
# left. Here is our loop with that slip.

# %%
rng = np.random.default_rng(19)
population = sorted([(evaluate(a), a) for a in drawn], key=by_accuracy, reverse=True)
before = population[0][0]
for _ in range(40):
    child = space.mutate(space.crossover(population[0][1], population[1][1], rng), rng)
    population.append((evaluate(child), child))
    population.sort(key=by_accuracy, reverse=True)
    population.pop(0)  # the slip: the best leaves
print(f"best of the population: {before:.4f} at the start, {population[0][0]:.4f} at the end")
print("worse than at the start:", population[0][0] < before)

# %% [markdown]
# It runs, it prints numbers, and after forty training runs the population is worse than before. Next to the correct
# loop you see it at once; on its own it looks like a weak strategy.
#
# ### A lucky network stays for ever
# Even the correct loop has a weakness. Suppose a mediocre network is measured on a good day. Nothing in the loop
# ever measures it again, so the worst leaves, and leaves, and the lucky one stays and breeds. How much of a
# population's standing is luck? We compare the members' observed values with their true means at the end of a
# search, over a hundred seeds.

# %%
gaps = []
for seed in range(100):
    strategy = nas.Genetic(space, seed=seed)
    nas.search(strategy, evaluator, trials=160, progress=False)
    observed = np.mean([trial.value("val_accuracy") for trial in strategy.population])
    rows = [table.row(trial.candidate.architecture) for trial in strategy.population]
    gaps.append(100 * (observed - runs[rows].mean()))
gap = nas.paired_difference(np.array(gaps))
print(f"observed minus true mean of the last population: {gap.text()} (points)")

# %% [markdown]
# The members look about two points better than they are. All eight survived a contest that rewards luck. Dropping the
# oldest instead of the worst gives every member an expiry date; whether that helps, chapter 12 measures.
#
# ## Recap
# - Five steps: initialise, evaluate, search, update, repeat. Step 3 is the strategy.
# - The population changes; the search space never does.
# - `ask` proposes, `tell` takes in, `search` repeats until trials, seconds or a target say stop.
# - The chance that trial $n$ of random search improves the incumbent is $1/n$.
# - What a search saw is an observed value; its network's true mean is lower (here by two points).
# - Before you believe a search, ask how many trials were bred and what one training run of the obvious network gives.

# %% tags=["nbval-ignore-output"]
nas.course.calibration("03")

# %% [markdown]
# ## Quiz
# Choose an answer before you click on it: it unfolds, and says why it is right or wrong.

# %%
nas.course.quiz("03")

# %% [markdown]
# ## Exercises
# ### Exercise 3.1 ★ Predict: what has grown?
# A genetic search on this space with `population_size=8` has run for 30 trials, one after the other. How many
# encodings does the search space hold now, how many trials does the population hold, and how many of the 30 were
# bred? Set `guess` to the triple (space, population, bred).

# %% nbgrader={"grade": false, "grade_id": "ex-3-1", "locked": false, "schema_version": 3, "solution": true, "task": false}
guess = ...
### BEGIN SOLUTION
guess = (15_625, 8, 22)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check-3-1", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("3.1", guess)

# %% [markdown]
# ### Exercise 3.2 ★ Write: the incumbent
# Write `incumbents(accuracies)`: a list of the same length with the best accuracy so far after each trial. A failed
# trial has `None` for its accuracy and changes nothing; before the first success the incumbent is `None` too.


# %% nbgrader={"grade": false, "grade_id": "ex-3-2", "locked": false, "schema_version": 3, "solution": true, "task": false}
def incumbents(accuracies):
    """Return the best accuracy so far after each trial."""
    ### BEGIN SOLUTION
    best, curve = None, []
    for accuracy in accuracies:
        if accuracy is not None and (best is None or accuracy > best):
            best = accuracy
        curve.append(best)
    return curve
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-3-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("3.2", incumbents)

# %% [markdown]
# ### Exercise 3.3 ★★ Write: random search in full
# Write `random_search(space, evaluate, trials, rng)`: draw `trials` architectures with `space.sample(rng)`, measure
# each **once** with `evaluate(architecture)`, and return the pair (accuracy, architecture) of the best. (A public
# notebook of a well-known benchmark returned the last one it had drawn, and printed its accuracy as what random
# search achieves; chapter 21 names it.)


# %% nbgrader={"grade": false, "grade_id": "ex-3-3", "locked": false, "schema_version": 3, "solution": true, "task": false}
def random_search(space, evaluate, trials, rng):
    """Return (accuracy, architecture) of the best of so many draws."""
    ### BEGIN SOLUTION
    best = None
    for _ in range(trials):
        architecture = space.sample(rng)
        accuracy = evaluate(architecture)
        if best is None or accuracy > best[0]:
            best = accuracy, architecture
    return best
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-3-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("3.3", random_search)

# %% [markdown]
# ### Exercise 3.4 ★★ Write: a search with `ask` and `tell`
# Write `run(strategy, evaluator, trials)`: ask the strategy for a candidate, evaluate it with
# `evaluator(candidate, seed=number)`, make a `nas.Trial(number, candidate, number, result)`, tell it to the
# strategy, and return the list of all trials. Two things are easy to forget: `ask` returns `None` when a strategy is
# finished, and a strategy must be told about a failed trial like any other.


# %% nbgrader={"grade": false, "grade_id": "ex-3-4", "locked": false, "schema_version": 3, "solution": true, "task": false}
def run(strategy, evaluator, trials):
    """Return the list of trials of one search."""
    ### BEGIN SOLUTION
    history = []
    for number in range(trials):
        candidate = strategy.ask()
        if candidate is None:
            break
        trial = nas.Trial(number, candidate, number, evaluator(candidate, seed=number))
        strategy.tell(trial)
        history.append(trial)
    return history
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-3-4", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("3.4", run)

# %% [markdown]
# ### Exercise 3.5 ★★ Experiment: how long until one of the best?
# Random search draws one of the best 1 % with probability 1 % each time. Write down how many draws it needs on average
# until the first one: 50, 69, 100 or 200? Then write `draws_until(is_good, draw)`: call `draw()` until `is_good` says
# true of what came, and return how many draws that took.


# %% nbgrader={"grade": false, "grade_id": "ex-3-5", "locked": false, "schema_version": 3, "solution": true, "task": false}
def draws_until(is_good, draw):
    """Return the number of draws up to and including the first good one."""
    ### BEGIN SOLUTION
    draws = 1
    while not is_good(draw()):
        draws += 1
    return draws
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-3-5", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("3.5", draws_until)

# %% [markdown]
# The next cell runs your function a thousand times for 10 %, 1 % and 0.1 %, once it is there.

# %%
rng = np.random.default_rng(0)
if draws_until(lambda value: True, lambda: 0) is not None:
    for share in (0.1, 0.01, 0.001):
        counts = [draws_until(lambda value, s=share: value < s, rng.random) for _ in range(1000)]
        print(f"{share:6.1%}: mean {np.mean(counts):7.1f}, median {np.median(counts):6.1f}")

# %% [markdown]
# The mean is one over the share. The median lies below it because a few very long searches pull the mean up: half of
# all searches for one of the best 1 % are over after about 69 draws.

# %% [markdown]
# ### Exercise 3.6 ★★★ Write and experiment: patience
# A popular stopping rule is *patience*: stop when the last `patience` trials brought no improvement. Write
# `stopped_at(incumbents, patience)`. It gets the incumbent's value after each trial and returns how many trials the
# rule would have run: the number of the trial (counted from 1) after which it stops, or `len(incumbents)` if it never
# does. Only a value that is *larger* than the incumbent before it counts as an improvement; the first trial counts as
# one.
#
# Before you run the experiment below it: what does a patience of 20 cost in accuracy, and how many of the
# 160 trials does it save?


# %% nbgrader={"grade": false, "grade_id": "ex-3-6", "locked": false, "schema_version": 3, "solution": true, "task": false}
def stopped_at(incumbents, patience):
    """Return after how many trials a search with this patience stops."""
    ### BEGIN SOLUTION
    last = 1
    for trial in range(2, len(incumbents) + 1):
        if incumbents[trial - 1] > incumbents[trial - 2]:
            last = trial
        if trial - last >= patience:
            return trial
    return len(incumbents)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-3-6", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("3.6", stopped_at)

# %%
if stopped_at([0.5], 5) is not None:
    for name, runs_of_one in comparison.groupby("strategy", sort=False):
        observed = runs_of_one.pivot(index="seed", columns="trial", values="incumbent")
        means = runs_of_one.pivot(index="seed", columns="trial", values="true_mean")
        for patience in (5, 10, 20, 40):
            ends = [stopped_at(row.tolist(), patience) for _, row in observed.iterrows()]
            kept = [means.loc[seed, end] for seed, end in zip(means.index, ends)]
            lost = nas.paired_difference(100 * (means[160] - np.array(kept)))
            print(
                f"{name:13} patience {patience:2}: {np.mean(ends):5.1f} trials, lost {lost.text()}"
            )

# %% [markdown]
# ### Project: a stopping rule that knows what a trial costs
# Patience ignores what you pay and what you gain. Design a rule that stops when the *expected* gain of the next ten
# trials is smaller than a price you name (for instance 0.05 points per ten trials). You may use only what the search
# has seen so far: the incumbent's curve, or the distribution of all observed values (the $1/n$ argument above is a
# good start). Judge it on both strategies with at least fifty seeds, by true mean minus price, against the best fixed
# number of trials and against patience. Report intervals, and say for which prices your rule pays. (The solutions
# discuss one design and what went wrong with it.)

# %% [markdown]
# ## In practice
# - One evaluation here is a look-up. In a real search step 2 takes nearly all of the time, so a stopping rule is worth
#   hours (chapter 01).
# - A population of 8 and tournaments of 3 are small numbers for small budgets; chapter 12 varies them.
# - With many workers the worst leaves in the order in which results arrive (chapter 19).
#
# ## Further reading
# - Whitley 1989, The GENITOR algorithm and selection pressure: one child per round, the worst leaves.
# - Stanley and Miikkulainen 2002, Evolving neural networks through augmenting topologies (NEAT): evolution of
#   weights and structure together.
# - Bergstra and Bengio 2012, Random search for hyper-parameter optimization.
# - Real et al. 2017, Large-scale evolution of image classifiers: many workers; of a random pair, the worse leaves.
# - Elsken, Metzen and Hutter 2019, Neural architecture search: a survey.
#
# **中文术语** 初始化 initialisation · 评估 evaluation · 搜索 search · 更新 update · 重复 repetition ·
# 停止条件 stopping condition · 种群 population · 交叉 crossover · 变异 mutation
