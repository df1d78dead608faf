# ---
# jupyter:
#   nas_tutorial:
#     name: The project
#     about: the document's four functions, complete
#     minutes: 65
#     document: the project in code
#     modules: [loop.search, strategies.genetic]
# ---

# %% [markdown]
# # Write the whole search in four functions
#
# *The document's section "项目实践", the project in code.* The document gives a program of four
# functions and leaves their bodies empty. Here you fill them in, one at a time, and at the end they
# search for a network on real data.
#
# **You will** write `create_search_space()`, `evaluate_model(model)`,
# `search_space(model, performance)` and `main()`, try each alone, and run them together.
#
# **You will learn to**
# - say what each of the four functions takes, returns and must remember;
# - keep a population in which the worst makes room, as (performance, architecture) pairs;
# - tell how many trials of a search are bred, before it runs;
# - name two ways in which such a program prints a winner and is wrong;
# - write the same search with the library, and say what the library adds.
#
# **You need** chapters 03 (the loop) and 05 (measuring), and about 65 minutes. All cells together run
# for about a minute on two cores.

# %%
import matplotlib.pyplot as plt
import numpy as np

import nas_tutorial as nas

settings = nas.course.start()

# %% [markdown]
# ## The idea
# **Measure a network, keep the good ones, and make the next one from them.**
#
# The document's program has two imports and four functions, whose bodies it leaves empty:
#
# ```python
# import tensorflow as tf
# from tensorflow.keras import layers
#
# def create_search_space():
# def evaluate_model(model):
# def search_space(model, performance):
# def main():
# ```
#
# Three of them are the three dimensions of NAS (chapter 02); `main` is the loop
# that joins them:
#
# | dimension | what it decides | function |
# | --- | --- | --- |
# | search space | which architectures may be built | `create_search_space` |
# | performance estimation | how a model is measured, and at what cost | `evaluate_model` |
# | search strategy | which one is tried next, given the measurements | `search_space` |
#
# Two of the document's words mislead. `search_space` is a **verb** there: it *searches the space*;
# the space itself is what `create_search_space` returns. And step 4 adds each new network "to the
# search space" (加入到搜索空间中). The space never changes; what changes is the **population**, the few
# measured networks from which the next one is made (chapter 03).
#
# The document's two imports come first; a data set and a generator of random numbers follow.

# %%
import tensorflow as tf
from tensorflow.keras import layers

from nas_tutorial.data.datasets import load_dataset

data = load_dataset("mnist1d")
rng = np.random.default_rng(0)
print(data)

# %% [markdown]
# The data are MNIST-1D: digits drawn as noisy curves of 40 points. They are small, and still the
# architecture matters on them.
#
# ## `create_search_space()`: what may be built
# A search space is a list of choices. As a dictionary, each slot has its options. This function
# remembers nothing: it returns the same choices whenever it is called.


# %%
def create_search_space():
    """The choices: slot -> options."""
    return {
        "blocks": (1, 2, 3),
        "filters": (8, 16, 32),
        "kernel": (3, 5, 7),
        "pooling": ("none", "average", "max"),
    }


# %% [markdown]
# **Before you run the next cell: how many architectures is that: 12, 64, 81 or 256?**

# %%
sizes = [len(options) for options in create_search_space().values()]
print(" x ".join(map(str, sizes)), "=", np.prod(sizes))

# %% [markdown]
# 81: the numbers of options are multiplied, not added. An *architecture* takes one option for every
# slot. The document's functions pass models around, so a model has to say which architecture it
# has: `build_model` hangs the dictionary on the model. It also notes in the model's name where the
# architecture came from, "drawn" at random or "bred".


# %%
def pick(options):
    """One of the options, drawn uniformly."""
    return options[rng.integers(len(options))]


def random_architecture():
    """One option for every slot."""
    return {slot: pick(options) for slot, options in create_search_space().items()}


def build_model(architecture, origin):
    """An untrained model that carries its architecture, named after its origin."""
    model = tf.keras.Sequential([layers.Input(data.input_shape)], name=origin)
    for _ in range(architecture["blocks"]):
        size = architecture["filters"], architecture["kernel"]
        model.add(layers.Conv1D(*size, padding="same", activation="relu"))
        if architecture["pooling"] == "average":
            model.add(layers.AveragePooling1D(2))
        if architecture["pooling"] == "max":
            model.add(layers.MaxPooling1D(2))
    model.add(layers.Flatten())
    model.add(layers.Dense(data.num_classes))
    model.architecture = architecture
    return model


# %% [markdown]
# Try it on one block and on three, and look at the shapes.

# %%
one_block = {"blocks": 1, "filters": 8, "kernel": 3, "pooling": "max"}
three_blocks = {"blocks": 3, "filters": 32, "kernel": 7, "pooling": "max"}
for architecture in (one_block, three_blocks):
    model = build_model(architecture, "drawn")
    shapes = [layer.output.shape[1:] for layer in model.layers]
    print(f"{model.count_params():>6,} parameters", *shapes)

# %% [markdown]
# Each pooling halves the 40 points: 20 after one block, then 10 and 5. It shrinks the last layer
# too, so that another block may even save parameters. Both end in ten numbers, one a digit.
#
# ## `evaluate_model(model)`: how good it is
# Compile, fit for a few epochs on the training part, return the accuracy on the **validation**
# part. The signature has no room for the data, so the choice of samples is easily overlooked. They
# decide which network wins, and so they must not be the test part. More below, in "When it fails".

# %%
EPOCHS = settings.epochs


def evaluate_model(model):
    """Train the model; return its accuracy on the validation part."""
    model.compile(
        optimizer=tf.keras.optimizers.Adam(0.01),
        loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.fit(data.x_train, data.y_train, batch_size=64, epochs=EPOCHS, verbose=0)
    return model.evaluate(data.x_val, data.y_val, batch_size=500, verbose=0)[1]


# %% [markdown]
# **Guess first: ten digits, one block of eight filters. Nearer to 0.1, 0.6 or 0.9?**

# %% tags=["nbval-ignore-output"]
tf.keras.utils.set_random_seed(0)
model = build_model(one_block, "drawn")
performance = evaluate_model(model)
print(f"validation accuracy {performance:.3f}")

# %% [markdown]
# Guessing gives 0.1, so one block has learned something, and leaves much to find. Is the number
# what the document's formula says, right predictions divided by all?

# %%
predicted = model(data.x_val).numpy().argmax(axis=1)
right = (predicted == data.y_val).sum()
difference = abs(right / len(data.y_val) - performance)
print("right predictions / all validation samples = performance:", difference < 0.001)
print("better than guessing:", performance > 0.2)

# %% [markdown]
# It is.
#
# ## `search_space(model, performance)`: which one is next
# This is the document's steps 3 and 4. The function takes in the model that was just measured and
# returns the next one to try:
#
# 1. put the measured pair into the population;
# 2. while the population is filling, the next model is drawn at random;
# 3. when it is over its size, the worst makes room;
# 4. from then on, the next model is bred: two parents win a tournament each, the child takes every
#    value from one of them (crossover), and one value is changed (mutation).
#
# The signature has no room for the population either, so it lives outside, as does `rng`. It is one
# list of **(performance, architecture) pairs**. A public student project (chapter 21) kept performances
# and networks in separate arrays whose places did not match, and saved the wrong networks as its
# winners. Pairs cannot come apart.

# %%
POPULATION_SIZE = 4
TOURNAMENT_SIZE = 2
population = []  # (performance, architecture)


def by_performance(pair):
    return pair[0]


def tournament():
    """The best architecture of a few that are drawn from the population."""
    return max((pick(population) for _ in range(TOURNAMENT_SIZE)), key=by_performance)[1]


def search_space(model, performance):
    """Search the space: take in a measured model, return the next one to try."""
    population.append((performance, dict(model.architecture)))
    if len(population) < POPULATION_SIZE:
        return build_model(random_architecture(), "drawn")
    if len(population) > POPULATION_SIZE:
        population.remove(min(population, key=by_performance))  # the worst makes room
    mother, father = tournament(), tournament()
    child = {slot: pick((mother[slot], father[slot])) for slot in mother}  # crossover
    slot = pick(list(child))
    others = [option for option in create_search_space()[slot] if option != child[slot]]
    child[slot] = pick(others)  # mutation
    return build_model(child, "bred")


# %% [markdown]
# `key=by_performance` is not decoration: without it, two equal performances would make Python
# compare the dictionaries behind them, and stop with an error.
#
# Try it without any training: hand in invented performances. The fifth is worse than all before it.
#
# **Which four performances are in the population after the fifth? And after the sixth?**

# %%
population.clear()
model = build_model(random_architecture(), "drawn")
for number, performance in enumerate((0.50, 0.70, 0.60, 0.80, 0.40, 0.65), start=1):
    origin, model = model.name, search_space(model, performance)
    kept = [pair[0] for pair in population]
    print(f"trial {number}  {origin:<5}  performance {performance:.2f}  population {kept}")

# %% [markdown]
# The 0.40 came and went at once: the newcomer was the worst of the five. The 0.65 pushed the 0.50
# out. Trials 1 to 4 were drawn, trials 5 and 6 bred. And the space still has 81 architectures.
#
# Now a child beside its parents. The population shrinks to two, so that there are no other parents,
# and a tournament of one lets either of them win.

# %%
population[:] = sorted(population, key=by_performance)[-2:]
POPULATION_SIZE, TOURNAMENT_SIZE, rng = 2, 1, np.random.default_rng(8)
child = search_space(build_model(one_block, "drawn"), 0.0)  # the worst of three leaves at once
POPULATION_SIZE, TOURNAMENT_SIZE = 4, 2
for performance, architecture in population:
    print(f"in the population, {performance:.2f}:", *architecture.values())
print("child:                  ", *child.architecture.values())

# %% [markdown]
# Compare slot by slot: the 2 and the "max" are the second parent's, the 8 is the first one's. The
# kernel of 5 is nobody's: the mutation.
#
# ## `main()`: the loop
# Begin with a random model; measure it and ask for the next, until the trials are used up. `main`
# starts from an empty population and fixed seeds, so that running it twice gives the same search.

# %%
TRIALS = settings.trials


def main():
    """Search until the trials are used up; return the best (performance, architecture)."""
    global history, rng
    population.clear()
    history, rng = [], np.random.default_rng(1)
    tf.keras.utils.set_random_seed(1)
    model = build_model(random_architecture(), "drawn")
    for trial in range(1, TRIALS + 1):
        performance = evaluate_model(model)
        history.append((performance, dict(model.architecture), model.name))
        values = " ".join(map(str, model.architecture.values()))
        print(f"trial {trial:>2}  {model.name:<5}  {performance:.4f}  {values}", flush=True)
        model = search_space(model, performance)
    return max(history, key=by_performance)[:2]


# %% [markdown]
# The last call of `search_space` makes a child that nobody measures. That costs nothing worth
# saving: a model is only trained in `evaluate_model`.
#
# The four function cells together, with their helpers, are the program. It ends as the document's
# does; in a notebook `__name__` is `"__main__"`, so the guard lets it run.
#
# **Before you run it: of ten trials with a population of four, how many are bred? And in which
# trial do you expect the winner?**

# %% tags=["nbval-ignore-output"]
if __name__ == "__main__":
    performance, architecture = main()
    print(f"best: {performance:.4f} with {architecture}")

# %%
origins = [origin for _, _, origin in history]
performances = [performance for performance, _, _ in history]
gap = max(performances) - min(performances)
print(f"{origins.count('drawn')} drawn, {origins.count('bred')} bred")
print("the best is more than five points of accuracy above the worst:", gap > 0.05)

# %% [markdown]
# Six of ten: the first four fill the population. The winner of the stored run is the ninth. The
# incumbent, the best so far, is a step curve: it holds its value until a better network has been
# measured.

# %%
number = np.arange(1, len(history) + 1)
bred = np.array(origins) == "bred"
plt.step(number, np.maximum.accumulate(performances), where="post", label="best so far")
for chosen, label, face in ((~bred, "drawn at random", "white"), (bred, "bred", "C1")):
    values = np.array(performances)[chosen]
    plt.scatter(number[chosen], values, facecolor=face, edgecolor="C1", label=label, zorder=3)
plt.xlabel("trial")
plt.ylabel("validation accuracy")
plt.title(f"The document's program on MNIST-1D, n = {len(history)}")
plt.xticks(number if len(number) <= 20 else None)
plt.legend()
plt.show()

# %% [markdown]
# In the stored run most filled dots lie higher than most open ones: children take after parents,
# and the worst do not become parents. They also spread: a mutation may hurt. One run with one seed
# does not show that breeding beats drawing, and on another machine it may look otherwise; chapter
# 05 says how to find out.
#
# ### The winner, tested once
# The validation accuracy of the winner is the best of ten, so it is a little flattered. Train its
# architecture afresh and read the test part, once: run the cell again and it refuses.

# %% tags=["nbval-ignore-output"]
winner = build_model(architecture, "winner")
validation = evaluate_model(winner)
x_test, y_test = data.final_test()
test = winner.evaluate(x_test, y_test, batch_size=500, verbose=0)[1]
print(f"in the search      {performance:.4f} (validation)")
print(f"trained once more  {validation:.4f} (validation)")
print(f"                   {test:.4f} (test)")

# %%
gap = abs(test - validation)
print("test and validation accuracy of the retrained winner differ by less than 0.04:", gap < 0.04)

# %% [markdown]
# Two trainings of one architecture differ, as chapter 05 showed; test and validation agree for one
# and the same training.
#
# ## The same search with the library
# The library's `Genetic` is this strategy. Its space here is a row of four slots, so the winner
# will differ; the steps do not. **Find the line in which the worst makes room.**

# %% tags=["nbval-ignore-output"]
from nas_tutorial.strategies.genetic import Genetic

nas.course.show(Genetic.ask, Genetic.tell)

# %% [markdown]
# The last one of `tell`: `ranking_key` is small for good trials, so `max` finds the worst. `ask`
# and `tell` are the document's `search_space` cut in two: `tell` takes a measurement in, `ask`
# returns the next candidate. Cut so, several networks can be trained at the same time.

# %%
from nas_tutorial.evaluators.training import TrainingEvaluator
from nas_tutorial.loop.search import search
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.skeleton import Skeleton
from nas_tutorial.trials import Objective

space = ChainSpace(depth=4)
skeleton = Skeleton(filters=16, cells=(1,))
evaluator = TrainingEvaluator(space, load_dataset("mnist1d"), skeleton=skeleton, epochs=3)
strategy = Genetic(space, population_size=3, tournament_size=2, seed=0)
print(space)

# %% tags=["nbval-ignore-output"]
found = search(strategy, evaluator, trials=6, progress=False)
columns = ["number", "parents", "seed", "architecture", "val_accuracy", "parameters", "seconds"]
print(found.to_frame()[columns].round(3).to_string(index=False))

# %%
best = found.best(Objective("val_accuracy", "max"))
values = [trial.value("val_accuracy") for trial in found]
print(f"{len(found)} trials, {found.num_bred} of them bred")
print("the best has the highest accuracy:", best.value("val_accuracy") == max(values))

# %% [markdown]
# Six trials, three of them bred, from five lines: space, skeleton, evaluator, strategy, search. The
# library numbers trials from 0, while `main` above and the plots count from 1: the `(1, 1)` in the
# last row of the stored run is the second trial, twice. One network can win both tournaments, and a
# tournament may draw the same one twice. What the library adds to the document's program:
#
# | | the four functions | the library |
# | --- | --- | --- |
# | seeds | one for all: change a trial and all later ones change | one a trial |
# | a training that fails | the program ends | a result with an error; never breeds nor wins |
# | a crash after 90 trials | begin again | `search(..., store="file")` goes on where it stopped |
# | the same network twice | unseen | fingerprints tell; `reuse=True` copies the result |
# | costs | none | seconds, parameters, FLOPs and latency in every result |
# | parents | forgotten | in every candidate, so that the bred ones can be counted |
#
# ## When it fails
# ### Nothing is ever bred
# Chapter 03 told of a population of 100 with a budget of 100, in which no child is ever made. This
# program can be set so as well. Do it in small: no training, invented performances, only the origins
# counted.
#
# **With ten trials and a population of ten, how many are bred: 10, 5, 1 or 0?**

# %%
for POPULATION_SIZE in (4, 10):
    population.clear()
    model, origins = build_model(random_architecture(), "drawn"), []
    for _ in range(10):
        origins.append(model.name)
        model = search_space(model, performance=rng.random())
    print(f"population {POPULATION_SIZE:>2}: {origins.count('bred')} of {len(origins)} bred")
POPULATION_SIZE = 4

# %% [markdown]
# None. The program runs, prints ten lines and a winner, and is random search. The library counts
# before it starts, and warns.


# %%
import warnings

from nas_tutorial.trials import Result


def invented(candidate, *, seed):
    """An evaluator that trains nothing: the share of slots that hold a convolution."""
    convolutions = sum("conv" in operation for operation in candidate.architecture.values)
    return Result({"val_accuracy": convolutions / 4}, seconds=0.0)


with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    found = search(Genetic(space, population_size=10), invented, trials=10, progress=False)
for warning in caught:
    print("warning:", warning.message)
print("bred:", found.num_bred)

# %% [markdown]
# ### Choosing by the test part
# `evaluate_model(model)` does not say on which samples. Programs of this shape often return the
# accuracy on `x_test`, keep the best, and report that same number. Suppose, as chapter 05 did for the
# validation part, that all networks are equally good, right on 90 % of all digits, and that each is
# tested on 4,000 samples.
#
# **The best of ten by test accuracy: will it report less than 0.900, about 0.900, or more?**

# %%
luck = np.random.default_rng(0)
for trials in (1, 10, 100, 1000):
    measured = luck.binomial(4000, 0.9, size=(1000, trials)) / 4000
    print(f"best of {trials:>4} equal networks, mean over 1,000 searches: ", end="")
    print(f"{measured.max(axis=1).mean():.3f}")

# %% [markdown]
# More, and the more the longer you search, though no network is better than another. The part that
# chooses cannot also judge. This is why our data set keeps its test part behind a call that works
# once.

# %%
try:
    data.final_test()
except RuntimeError as error:
    print(error)

# %% [markdown]
# ## Recap
# - The document's program is a loop of two calls: measure a model, ask for the next.
# - Its `search_space` is a verb. The space stays as it is; the population changes.
# - What the signatures leave out (population, random numbers, data) lives outside the functions.
# - A pair keeps a performance with its architecture; two lists come apart.
# - Of $n$ trials with a population of $p$, the first $p$ are drawn and the other $n - p$ are bred.
# - The validation part chooses, the test part is read once.
#
# ## Quiz
# Choose an answer before you click on it: it unfolds, and says why it is right or wrong.

# %%
nas.course.quiz("06")

# %% [markdown]
# ## Exercises
# ### Exercise 6.1 ★ Predict: how many are bred?
# A search of 30 trials has a population of 12. How many of the trials are bred, and how many times
# is a network dropped from the population? Write the pair `(bred, dropped)`. Predict, do not run.

# %% nbgrader={"grade": false, "grade_id": "ex-6-1", "locked": false, "schema_version": 3, "solution": true, "task": false}
guess = ...
### BEGIN SOLUTION
guess = (18, 18)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check-6-1", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("6.1", guess)

# %% [markdown]
# ### Exercise 6.2 ★ Write: the worst makes room
# Write `replace_worst(population, newcomer, size)` for a list of (performance, architecture) pairs.
# It returns a **new** list with the newcomer in it, and if that is one too many, without the worst.
# The newcomer may be the worst, and performances may be equal. The list that you are given stays as
# it is. *About 3 lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-6-2", "locked": false, "schema_version": 3, "solution": true, "task": false}
def replace_worst(population, newcomer, size):
    """Return the population with the newcomer, at most `size` pairs, the worst left out."""
    ### BEGIN SOLUTION
    everyone = [*population, newcomer]
    return sorted(everyone, key=lambda pair: pair[0], reverse=True)[:size]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-6-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("6.2", replace_worst)

# %% [markdown]
# ### Exercise 6.3 ★★ Write: change exactly one value
# Write `mutate(architecture, space, rng)`; `space` is what `create_search_space()` returns. Return
# a new dictionary in which exactly one value differs. The slot is drawn uniformly among those that
# have another option, and so is the new value among the slot's other options. A space may have a
# slot with one option: leave it alone. Draw with `rng.integers`. The architecture that you are
# given is a parent, and stays as it is. *About 4 lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-6-3", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mutate(architecture, space, rng):
    """Return a copy of the architecture with one value changed to another option."""
    ### BEGIN SOLUTION
    slots = [slot for slot, options in space.items() if len(options) > 1]
    slot = slots[rng.integers(len(slots))]
    others = [option for option in space[slot] if option != architecture[slot]]
    return {**architecture, slot: others[rng.integers(len(others))]}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-6-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("6.3", mutate)

# %% [markdown]
# ### Exercise 6.4 ★★ Write and experiment: when to stop
# The document repeats its steps "until a stopping condition holds" (直到满足停止条件), and does not
# name one. Write `stop_after_no_progress(performances, patience)`: the number of the trial (from 1)
# after which a search stops, if it stops as soon as `patience` trials in a row have brought nothing
# better than the best before them. Equal is not better. Without such a row, the search runs to its
# end. *About 8 lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-6-4", "locked": false, "schema_version": 3, "solution": true, "task": false}
def stop_after_no_progress(performances, patience):
    """Return after how many trials the search stops."""
    ### BEGIN SOLUTION
    best, waited = performances[0], 0
    for trial, performance in enumerate(performances[1:], start=2):
        if performance > best:
            best, waited = performance, 0
        else:
            waited += 1
        if waited == patience:
            return trial
    return len(performances)
    # The experiment below: 10 saves a third of the hours and loses about a point, 5 loses three.
    # The chapter's stored run would stop at trial 6 with patience 5: its winner was the ninth.
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-6-4", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("6.4", stop_after_no_progress)

# %% [markdown]
# Now experiment. The searches below are invented: 30 trials each, drawn uniformly between 0.5 and
# 0.95. Which patience would you choose, if a trial took an hour? And does the search of this
# chapter (`performances`) stop early with it?

# %%
searches = np.random.default_rng(0).uniform(0.5, 0.95, size=(500, 30))
if stop_after_no_progress([0.5], 1) is not None:
    for patience in (1, 3, 5, 10):
        stops = [stop_after_no_progress(list(one), patience) for one in searches]
        best = [one[:stop].max() for one, stop in zip(searches, stops)]
        print(f"patience {patience:>2}: {np.mean(stops):4.1f} of 30 trials, ", end="")
        print(f"best {np.mean(best):.3f} (all 30: {searches.max(axis=1).mean():.3f}); ", end="")
        stop = stop_after_no_progress(performances, patience)
        print(f"this chapter's search: {stop} of {len(performances)}")

# %% [markdown]
# ## In practice
# - The space here has 81 architectures. Real ones have millions, and a shape that a dictionary of
#   slots does not show: chapter 04.
# - Global names are the price of the document's signatures. A class with `ask` and `tell` keeps
#   population and generator to itself, and two searches can run side by side.
# - The winner is usually trained once more on training plus validation data before its test; the
#   library's `evaluator.final` does so. Its test accuracy may then lie above the validation
#   accuracy of the search, for here that is twice the data.
# - Ten trials show the mechanics. Whether breeding pays is decided over many seeds: `compare`.
#
# ## Further reading
# - Whitley 1989, The GENITOR algorithm and selection pressure: one child at a time, the worst makes
#   room.
# - Syswerda 1989, Uniform crossover in genetic algorithms: each value from either parent.
# - Goldberg and Deb 1991, A comparative analysis of selection schemes: tournaments.
# - Elsken, Metzen and Hutter 2019, Neural architecture search: a survey: the three dimensions.
# - Greydanus and Kobak 2024, Scaling down deep learning with MNIST-1D: the data.
#
# **Terms**: 搜索空间 search space · 搜索策略 search strategy · 性能度量 performance measure ·
# 评估 evaluation · 停止条件 stopping condition · 主函数 main function · 种群 population ·
# 遗传算法 genetic algorithm · 交叉 crossover · 变异 mutation
