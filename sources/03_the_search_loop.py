# ---
# jupyter:
#   nas_tutorial:
#     name: The search loop
#     about: random search and genetic search, step by step
#     minutes: 60
#     document: 3 the algorithm, step by step
#     modules: [loop.search, strategies.random_search, strategies.genetic]
# ---

# %% [markdown]
# # Run the search loop, one step at a time
#
# *The document's part 3: the algorithm in five steps.* After this chapter you can carry out a
# search by hand, say what each step changes, and say when to stop.
#
# **You will** do the five steps with four networks, let the library repeat them, stop a search in
# three ways, and run two strategies fifty times each.
#
# **You will learn to**
# - name the five steps, and say which of them is the strategy;
# - say what changes when the worst makes room: the population, not the space;
# - write a search with `ask` and `tell`, and with `search`;
# - read an incumbent's step curve, and say what further trials will bring;
# - notice a search in which nothing is bred.
#
# **You need** chapters 01 and 02 and about 60 minutes. The cells take less than half a minute.

# %%
import matplotlib.pyplot as plt
import numpy as np

import nas_tutorial as nas

settings = nas.course.start()

# %% [markdown]
# ## The idea in one sentence
# **Measure a few networks, make a new one from the good ones, let the worst make room, and repeat.**
#
# The document writes it as five steps:
#
# | step | in the document | here |
# | --- | --- | --- |
# | 1 | 初始化 initialise | fix the space, draw a few architectures at random |
# | 2 | 进行评估 evaluate | measure each of them |
# | 3 | 进行搜索 search | make a new architecture, guided by the measurements |
# | 4 | 更新 update | take the new one in, the worst makes room |
# | 5 | 重复 repeat | steps 2 to 4 again, until a stopping condition holds |
#
# Step 3 is the search strategy, step 2 the performance estimation, step 1 names the space. These
# are chapter 02's three dimensions; the other two steps are bookkeeping.
#
# To see many rounds in seconds, nothing is trained here: `TableEvaluator` looks results up in the
# course's own table, in which every network of the space has been trained already (chapters 01
# and 10).

# %%
table = nas.Table.load_course()
space = table.space
evaluator = nas.TableEvaluator(table)
print(f"{len(table):,} networks; a space of {space.size:,} architectures")

# %% [markdown]
# Each of the 15,625 architectures says which of five operations each of six edges carries. There
# are fewer networks than architectures because some architectures describe the same network;
# chapter 04 counts them.
#
# ## By hand
# ### Step 1: initialise
# Four architectures, drawn at random, a line each: the six edges, with chapter 01's five operations
# (`none` is no edge). This is the *population*: the few candidates from which new
# ones will be made. Searches keep from eight to a thousand; four fit on the page.

# %%
rng = np.random.default_rng(19)
drawn = [space.sample(rng) for _ in range(4)]
for architecture in drawn:
    print(*(f"{value:14}" for value in architecture.values))

# %% [markdown]
# ### Step 2: evaluate
# An evaluator takes a candidate and a seed and returns a result. The seed says which training is
# meant; by hand we always look up the first one. We keep (accuracy, architecture) **pairs**, so that
# no number can come apart from its network, and compare them by accuracy alone (`key=by_accuracy`):
# architectures cannot be compared with `<`, as Python would try where two accuracies are equal.


# %%
def evaluate(architecture):
    """The validation accuracy of the first training in the table."""
    return evaluator(nas.Candidate(architecture), seed=0).metrics["val_accuracy"]


def by_accuracy(pair):
    return pair[0]


population = [(evaluate(architecture), architecture) for architecture in drawn]
population.sort(key=by_accuracy, reverse=True)
for accuracy, architecture in population:
    print(f"{accuracy:.4f}", *(f"{value:14}" for value in architecture.values))

# %% [markdown]
# The same four, best first. Before anything is searched they differ widely.
#
# ### Step 3: search
# Take the two best as parents. The child has each edge from one parent or the other, by the toss of
# a coin (*crossover*); then one edge is changed at random (*mutation*).
#
# **Before you run the cell: can the child have an operation on an edge where neither parent has it?**

# %%
mother, father = population[0][1], population[1][1]
mixed = space.crossover(mother, father, rng)
child = space.mutate(mixed, rng)
for name, one in (("mother", mother), ("father", father), ("mixed", mixed), ("child", child)):
    print(f"{name:7}", *(f"{value:14}" for value in one.values))
nobody = [value not in pair for value, *pair in zip(child.values, mother.values, father.values)]
print("edges of the child that neither parent has:", sum(nobody))

# %% [markdown]
# It can, by the mutation, on one edge at the most: compare the last line with the two above. Crossover
# alone could never bring back an operation that the population has lost on an edge.
#
# ### Step 4: update
# Measure the child and put it in; the population is one too large, and its worst leaves.
#
# **Which of the five will leave? And is it certain that the child stays?**

# %%
population.append((evaluate(child), child))
population.sort(key=by_accuracy, reverse=True)
left = population.pop()
print("the child:", f"{evaluate(child):.4f}", "- who left:", f"{left[0]:.4f}")
print("population:", *(f"{accuracy:.4f}" for accuracy, _ in population))
print(f"the space still has {space.size:,} architectures")

# %% [markdown]
# The worst of the five leaves, whoever it is; a child that is worse than all the others leaves at
# once. The last line is worth a look. The document says that the new network is added *to the search
# space* (加入到搜索空间中) and replaces the worst one there. Nothing was added to the space, and nothing
# can be: it is the set of all architectures that may be built, and the child was in it all the time.
# What changed is the population.
#
# ### Step 5: repeat
# Steps 2 to 4 again, forty times. The parents are now the two best of the moment.
#
# **Can the worst accuracy in the population ever fall from one round to the next?**

# %%
rounds = [[accuracy for accuracy, _ in population]]
for _ in range(40):
    mother, father = population[0][1], population[1][1]
    child = space.mutate(space.crossover(mother, father, rng), rng)
    population.append((evaluate(child), child))
    population.sort(key=by_accuracy, reverse=True)
    population.pop()
    rounds.append([accuracy for accuracy, _ in population])
rounds = np.array(rounds)  # (41, 4), best first
print("after 0, 10, 20, 40 rounds, best and worst:")
for number in (0, 10, 20, 40):
    print(f"{number:3}  {rounds[number, 0]:.4f}  {rounds[number, -1]:.4f}")
print("the worst ever fell:", bool((np.diff(rounds[:, -1]) < 0).any()))

# %%
fig, ax = plt.subplots()
for column, label in ((0, "best of the population"), (-1, "worst of the population")):
    colour, line = nas.plots.COLOURS[column], nas.plots.LINES[column]
    ax.step(range(41), rounds[:, column], line, where="post", color=colour, label=label)
ax.set(xlabel="further rounds after the first child", ylabel="validation accuracy")
ax.set_title("One search by hand, a population of four")
ax.legend(loc="lower right")
plt.show()

# %% [markdown]
# It cannot: whoever leaves is the worst, and so is not better than any that stay. Both curves are
# steps: they hold their value until something better comes. And they close up: the four become as good
# as each other, often because they are nearly the same network, and then mutation does all the work.
#
# ## In the library
# A strategy has two methods. `ask` gives the next candidate (step 3), `tell` takes in a result
# (step 4). Here they are for genetic search. It does what we did, with one difference: a parent is
# the best of a few drawn at random (a *tournament*), so the third-best has a chance too.

# %% tags=["nbval-ignore-output"]
from nas_tutorial.strategies.population import child_of

nas.course.show(nas.Genetic.ask, child_of, nas.Genetic.tell)

# %% [markdown]
# The loop is then six lines, whatever the strategy.

# %%
strategy = nas.Genetic(space, population_size=4, seed=0)
trials = []
for number in range(44):
    candidate = strategy.ask()
    result = evaluator(candidate, seed=0)
    trials.append(nas.Trial(number, candidate, 0, result))
    strategy.tell(trials[-1])
origins = ["bred" if trial.candidate.parents else "drawn" for trial in trials]
print(f"{origins.count('drawn')} drawn, {origins.count('bred')} bred")
print(f"best: {max(trial.value('val_accuracy') for trial in trials):.4f}")

# %% [markdown]
# Four *founders* (those that fill the population at first, drawn at random) and forty children, as
# many as by hand; other random numbers, so another best. Each measurement is a *trial*: a candidate (an
# architecture that is proposed, with its parents), the seed of its training, and the result. Random
# search has the same two methods; its `ask` draws, and its `tell` does nothing, as the class that it
# derives from has it.

# %% tags=["nbval-ignore-output"]
nas.course.show(nas.RandomSearch.ask, nas.Strategy.tell)

# %% [markdown]
# `search` is that loop with what one wants around it: a stopping condition, a seed for
# every trial (made from the strategy's seed and the trial's number), a file from which an interrupted
# search goes on, workers side by side, failed trainings that do not end the search. It returns the
# history of all trials. An `Objective` names the value that counts and says whether it is to be large or
# small.

# %%
history = nas.search(nas.Genetic(space, seed=0), evaluator, trials=60, progress=False)
print(history)
best = history.best(nas.Objective("val_accuracy", "max"))
print(f"best: trial {best.number}, {best.value('val_accuracy'):.4f}, {best.candidate.architecture}")
print(f"trials that were bred: {history.num_bred}")

# %%
ax = nas.plots.plot_incumbent(history, nas.Objective("val_accuracy", "max"))
ax.set_ylim(0.8, None)
plt.show()
low = sum(trial.value("val_accuracy") < 0.8 for trial in history)
print(f"{low} of {len(history)} trials lie below the picture")

# %% [markdown]
# The step curve is the *incumbent*: the best value so far. It never falls and is never drawn as a
# slope, since between two steps nobody had measured anything better.
#
# ## When to stop
# The document says "until a stopping condition holds" (直到满足停止条件) and names none. `search` has
# three, and takes the first that holds:
#
# - `trials`: so many candidates;
# - `seconds`: so much evaluation time, here what the trainings took when the table was made;
# - `target`: as soon as something is good enough.
#
# **Fifty trials, or a minute of training time, or an accuracy of 0.90: which would you give a
# colleague who wants to compare two strategies fairly?**

# %%
for budget in ({"trials": 50}, {"seconds": 60}, {"target": 0.90}):
    history = nas.search(nas.RandomSearch(space, seed=3), evaluator, **budget, progress=False)
    spent = sum(trial.result.seconds for trial in history)
    found = history.incumbent(nas.Objective("val_accuracy", "max"))[-1]
    name = " ".join(f"{key}={value}" for key, value in budget.items())
    print(f"{name:12}  {len(history):3} trials  {spent:6.2f} s  best {found:.4f}")

# %% [markdown]
# Trials or seconds: both strategies get the same, and what they find is compared. A target is for
# use: who needs 0.90 and has it is done. With `seconds` the trial in flight is finished, so slightly
# more than a minute is spent.
#
# The table answers at once, and yet `seconds` counts what a training would have cost. That
# is what makes a comparison on a table honest: a method that picks slow networks pays for them.
#
# ## On the benchmark: does every trial help as much?
# Random search and genetic search, 160 trials each, fifty seeds: sixteen thousand evaluations.
#
# **Random search gains something from trial 10 to trial 20. Will the ten trials from 150 to 160 gain
# as much, half as much, or less than a fifth of that?**
#
# `compare` runs every strategy once a seed and returns a table (a pandas frame) with a line for each
# strategy, seed and trial; its column `incumbent` is the best so far.

# %%
strategies = {
    "random_search": lambda seed: nas.RandomSearch(space, seed=seed),
    "genetic": lambda seed: nas.Genetic(space, seed=seed),
}
comparison = nas.compare(strategies, evaluator, trials=160, seeds=range(50))
print(comparison[["strategy", "seed", "trial", "incumbent"]].head(3).to_string(index=False))

# %% [markdown]
# The mean over the fifty seeds, for each trial and strategy:

# %%
means = comparison.pivot_table(index="trial", columns="strategy", values="incumbent")
print("trial   random search          genetic           (mean incumbent, gain per ten trials)")
for before, trial in ((10, 20), (20, 40), (40, 80), (80, 160)):
    gains = 10 * (means.loc[trial] - means.loc[before]) / (trial - before)
    print(
        f"{trial:5}",
        *(f"  {means.loc[trial, name]:.4f} ({gains[name]:+.5f})" for name in strategies),
    )

# %%
incumbent = means["random_search"]
first, last = incumbent[20] - incumbent[10], incumbent[160] - incumbent[150]
print(f"trials 10 to 20 gain {first:.4f}, trials 150 to 160 {last:.4f}")
print("less than a fifth:", last < first / 5)

# %% [markdown]
# Each row takes twice the trials of the row before, and the gain of ten further trials falls from
# row to row. That is no weakness of random search: the best of many draws moves towards the end of
# the distribution, where there is less and less room. Genetic search goes on longer and flattens
# too. (Up to trial 8 the two are the same: the candidates of genetic search are drawn at random
# until its population is full, and equal seeds draw the same.)

# %%
ax = nas.plots.plot_comparison(nas.quartiles(comparison), ylabel="best validation accuracy so far")
ax.axhline(
    table.column("val_accuracy").max(), linestyle=":", color="black", label="best of the table"
)
ax.set(xscale="log", ylim=(0.85, None), title="line: median, band: quartiles; n = 50 seeds")
ax.legend(loc="lower right")
plt.show()

# %% [markdown]
# The axis of trials is logarithmic: equal steps to the right are equal factors. The line is the median
# of the fifty searches, and half of them lie within the band. From where on do the bands part?

# %%
by_trial = nas.quartiles(comparison).groupby("trial")
overlap = by_trial["lower_quartile"].max() <= by_trial["upper_quartile"].min()
print(f"the bands overlap up to trial {overlap.index[overlap].max()}")
final = comparison[comparison["trial"] == 160].pivot(
    index="seed", columns="strategy", values="incumbent"
)
ahead = int((final["genetic"] > final["random_search"]).sum())
behind = int((final["genetic"] < final["random_search"]).sum())
print(f"after 160 trials, of 50 seeds: genetic ahead in {ahead}, behind in {behind}")

# %% [markdown]
# Early on it is a matter of luck which of the two is ahead; in the end genetic search is, in most seeds
# and not in all. These are validation accuracies of single trainings, so part of what a search finds is
# luck. Chapter 05 measures that part; chapter 12 asks which strategy is taken in by it.
#
# ## When it fails
# ### Nothing is bred
# A public exercise of a university's course (chapter 21 names it) gave its evolutionary search a
# population of 100 and a budget of 100 evaluations. By its code, the curves of random search and of
# evolution had to coincide; the conclusion at hand was that evolution is no better than chance. We run
# the two with these settings.
#
# **What happened?**

# %%
import warnings

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    genetic = nas.search(
        nas.Genetic(space, population_size=100, seed=0), evaluator, trials=100, progress=False
    )
drawn_only = nas.search(nas.RandomSearch(space, seed=0), evaluator, trials=100, progress=False)
print("bred:", genetic.num_bred)
print("same candidates:", [t.candidate for t in genetic] == [t.candidate for t in drawn_only])
print("the library warns:", caught[0].message)

# %% [markdown]
# The first 100 fill the population, drawn at random, and then the budget is spent: not one child was
# made. Nothing in a figure of the curves says so. The check that catches it is one number,
# `history.num_bred`.
#
# ### The wrong one makes room
# The same exercise's solution kept errors instead of accuracies and removed the smallest: so the
# *best* left the population. Our loop by hand with that slip:

# %%
rng = np.random.default_rng(19)
population = [(evaluate(architecture), architecture) for architecture in drawn]
start = sorted(accuracy for accuracy, _ in population)
for _ in range(40):
    population.sort(key=by_accuracy, reverse=True)
    child = space.mutate(space.crossover(population[0][1], population[1][1], rng), rng)
    population.append((evaluate(child), child))
    population.remove(max(population, key=by_accuracy))  # the slip
end = sorted(accuracy for accuracy, _ in population)
print("worst and best at the start:", f"{start[0]:.4f} {start[-1]:.4f}")
print("worst and best at the end:  ", f"{end[0]:.4f} {end[-1]:.4f}")
print("the best at the end is below the best at the start:", end[-1] < start[-1])

# %% [markdown]
# It runs and prints numbers, and the population is worse after forty trainings than before. Beside the right
# loop one sees it at once; alone, one may blame the strategy.
#
# ## Recap
# - Five steps: initialise, evaluate, search, update, repeat. Step 3 is the strategy.
# - The worst makes room in the population; no search adds anything to the space.
# - `ask` proposes, `tell` takes in, `search` repeats until trials, seconds or a target.
# - The incumbent is a step curve, and a further trial brings less and less.
# - Look at how many trials were bred before you believe a comparison.
#
# ## Quiz
# Choose an answer before you click on it: it unfolds, and says why it is right or wrong.

# %%
nas.course.quiz("03")

# %% [markdown]
# ## Exercises
# ### Exercise 3.1 ★ Predict: what has grown?
# A genetic search on this space with `population_size=8` has run for 30 trials, one after the other.
# How many architectures does the search space hold now, how many trials the population, and how many
# of the 30 were bred? Set `guess` to the triple (space, population, bred).

# %% nbgrader={"grade": false, "grade_id": "ex-3-1", "locked": false, "schema_version": 3, "solution": true, "task": false}
guess = ...
### BEGIN SOLUTION
guess = (15_625, 8, 22)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check-3-1", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("3.1", guess)

# %% [markdown]
# ### Exercise 3.2 ★ Write: the incumbent
# Write `incumbents(accuracies)`: a list of the same length with the best accuracy so far after each
# trial. A failed trial has `None` for its accuracy and changes nothing; before the first success the
# incumbent is `None` too. *About 6 lines.*


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
# Write `random_search(space, evaluate, trials, rng)`: draw `trials` architectures with
# `space.sample(rng)`, measure each **once** with `evaluate(architecture)`, and return the pair
# (accuracy, architecture) of the best. (A public notebook of a well-known benchmark returned the
# last one that it had drawn, and printed its accuracy as what random search reaches; chapter 21 names
# it.) *About 6 lines.*


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
# ### Exercise 3.4 ★★ Experiment: how long until one of the best?
# Random search draws one of the best 1 % with probability 1 % each time. Write down how many draws it
# needs on average until the first one: 50, 69, 100 or 200? Then write `draws_until(is_good, draw)`: call
# `draw()` until `is_good` says true of what came, and return how many draws that took. The cell after
# the check runs it a thousand times for 10 %, 1 % and 0.1 %. *About 5 lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-3-4", "locked": false, "schema_version": 3, "solution": true, "task": false}
def draws_until(is_good, draw):
    """Return the number of draws up to and including the first good one."""
    ### BEGIN SOLUTION
    draws = 1
    while not is_good(draw()):
        draws += 1
    return draws
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-3-4", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("3.4", draws_until)

# %% [markdown]
# The cell below runs the experiment once your function is there.

# %%
rng = np.random.default_rng(0)
if draws_until(lambda value: True, lambda: 0) is not None:
    for share in (0.1, 0.01, 0.001):
        counts = [draws_until(lambda value, s=share: value < s, rng.random) for _ in range(1000)]
        print(f"{share:6.1%}: mean {np.mean(counts):7.1f}, median {np.median(counts):6.1f}")

# %% [markdown]
# The mean is one over the share. The median lies below it, for a few very long searches make the mean:
# half of all searches for one of the best 1 % are through after about 69 draws.

# %% [markdown]
# ## In practice
# - One evaluation here is a look-up. In a real search step 2 is nearly all of the cost, and steps 3
#   to 5 take no time worth counting: chapter 01.
# - A population of 8 and tournaments of 3 are small numbers for small budgets. What they do is
#   chapter 12's subject.
# - Many rounds can be in flight at once; the worst then makes room in the order in which results
#   arrive: chapter 19.
# - Replacing the worst keeps a lucky network for ever. Chapter 12 lets the oldest make room instead.
#
# ## Further reading
# - Whitley 1989, The GENITOR algorithm and selection pressure: one child a round, the worst makes
#   room.
# - Bergstra and Bengio 2012, Random search for hyper-parameter optimization.
# - Real et al. 2017, Large-scale evolution of image classifiers: many workers at once; of a pair drawn at
#   random, the worse makes room.
# - Elsken, Metzen and Hutter 2019, Neural architecture search: a survey.
#
# **中文术语** 初始化 initialisation · 评估 evaluation · 搜索 search · 更新 update · 重复 repetition ·
# 停止条件 stopping condition · 种群 population · 交叉 crossover · 变异 mutation
