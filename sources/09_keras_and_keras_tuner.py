# ---
# jupyter:
#   nas_tutorial:
#     name: Keras and KerasTuner
#     about: one training step by hand; the same search in KerasTuner
#     minutes: 75
#     document: "6 tools: TensorFlow, Keras"
#     modules: [kerastuner, backend]
# ---

# %% [markdown]
# # Use the tools: TensorFlow, Keras, KerasTuner
#
# *The document's part 6 recommends TensorFlow, Keras and NASBench.* After this chapter you know what
# happens inside `fit` and where its time goes, and you can search with KerasTuner, by its tuners or by
# the course's strategies, without walking into its traps.
#
# **You will** take one training step by hand, time what is not training, run one search in KerasTuner
# and the same space with a strategy that KerasTuner does not have, and carry trials across.
#
# **You will learn to**
# - write a training step with `GradientTape`, and say what `tf.function` does with it;
# - tell preparation from training in the time of a trial;
# - say what Keras 3 leaves to its backend;
# - put a search space of ours into KerasTuner, and a strategy of ours into its place for an oracle;
# - name six traps of KerasTuner, and what avoids each.
#
# **You need** chapters 03, 05 and 06, and about 75 minutes. The cells take one to two minutes. The
# installation needs the extra `notebooks`, which `make lab` and the requirements bring.

# %%
import numpy as np

import nas_tutorial as nas

settings = nas.course.start()

# %% [markdown]
# ## The idea in one sentence
# **A framework computes gradients, a high-level library hides the loop around them, a tuner hides the
# loop around that; each layer is convenient, and each has costs and habits to know.**
#
# ## TensorFlow: one training step
# A network of one layer and four samples, so that everything fits on the page. The loss is the mean
# squared error; a step of gradient descent is
#
# $$w \leftarrow w - \eta \, \frac{\partial L}{\partial w}$$
#
# `GradientTape` records what is computed inside it and gives the derivatives afterwards.
#
# **With $w = 0$, inputs $x = (1, 2, 3, 4)$ and targets $y = 2x$: what is the loss, and what sign has
# the gradient?**

# %%
import tensorflow as tf

x = tf.constant([[1.0], [2.0], [3.0], [4.0]])
y = 2 * x
w = tf.Variable([[0.0]])
with tf.GradientTape() as tape:
    loss = tf.reduce_mean((x @ w - y) ** 2)
gradient = tape.gradient(loss, w)
print(f"loss {loss.numpy():.1f}, gradient {gradient.numpy().item():.1f}")
w.assign_sub(0.05 * gradient)
print(
    f"w after one step {w.numpy().item():.2f}, loss {tf.reduce_mean((x @ w - y) ** 2).numpy():.3f}"
)

# %% [markdown]
# By hand: $L = \frac14(2^2 + 4^2 + 6^2 + 8^2) = 30$, and $\partial L / \partial w = -2 \cdot
# \frac14(1 \cdot 2 + 2 \cdot 4 + 3 \cdot 6 + 4 \cdot 8) = -30$. The step takes $w$ three
# quarters of the way to 2.
#
# ### Beside `fit`
# `fit` does the same, batch after batch; `train_on_batch` is one such step. Three steps by tape and
# three by Keras, from the same weights:

# %%
import keras

data = nas.load_dataset("mnist1d")
batch = data.x_train[:128], data.y_train[:128]


def small_network():
    """Two layers, always with the same initial weights."""
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input(data.input_shape),
            keras.layers.Conv1D(16, 5, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(10),
        ]
    )


def train_step(model, optimizer, x, y):
    """One step of training: forwards, backwards, update."""
    with tf.GradientTape() as tape:
        loss = loss_function(y, model(x, training=True))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    return loss


loss_function = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
by_tape, by_keras = small_network(), small_network()
optimizer = keras.optimizers.SGD(0.1)
by_keras.compile(optimizer=keras.optimizers.SGD(0.1), loss=loss_function)
for _ in range(3):
    train_step(by_tape, optimizer, *batch)
    by_keras.train_on_batch(*batch)
apart = max(
    float(np.abs(a.numpy() - b.numpy()).max())
    for a, b in zip(by_tape.trainable_variables, by_keras.trainable_variables)
)
print("weights agree after three steps:", apart < 1e-5)

# %% [markdown]
# ### `tf.function`: trace once, run often
# Python runs `train_step` line by line, each operation called from Python. `tf.function` runs the
# Python code once, with stand-ins that have a shape and no values (*tracing*), and keeps what was to
# be computed, operation by operation, as a graph. From then on it executes the graph without Python.
# A `print` is Python, so it happens only while tracing.
#
# **Four calls below, two shapes of input. How often will "tracing" be printed?**


# %%
@tf.function
def traced(x):
    """Sum of squares; says when it is traced."""
    print("tracing for the shape", *x.shape)
    return tf.reduce_sum(x**2)


for length in (3, 3, 5, 5):
    print(f"length {length}: {traced(tf.ones(length)).numpy():.0f}")

# %% [markdown]
# Twice: once a shape. (It would be traced again for another type of number, and for every new value
# of an argument that is a plain Python number.) A new *network* is a new function, and is traced
# again, every time. That is what a search does all day. How much of the time of a trial is it?
#
# **A network of three cells, one epoch, then another one. What share of the first epoch is training?**

# %% tags=["nbval-ignore-output"]
import time

space = nas.EdgeCellSpace()
architecture = space.from_string(
    "|nor_conv_3x3~0|+|skip_connect~0|nor_conv_3x3~1|+|nor_conv_1x1~0|none~1|avg_pool_3x3~2|"
)
model = nas.Skeleton.for_input(data.input_shape).build(
    space.graph(architecture), data.input_shape, 10
)
model.compile(
    optimizer=keras.optimizers.SGD(0.1),
    loss=loss_function,
    jit_compile=False,  # a further compiler, which takes longer still for a network of this size
)
seconds = []
for _ in range(2):
    start = time.perf_counter()
    model.fit(data.x_train, data.y_train, batch_size=128, verbose=0)
    seconds.append(time.perf_counter() - start)
print(f"first epoch {seconds[0]:.2f} s, second {seconds[1]:.2f} s")
print(f"of the first, training takes about {seconds[1] / seconds[0]:.0%}")

# %% [markdown]
# The share differs between machines and from run to run; on a quiet one, most of the first epoch is
# preparation: tracing, and what TensorFlow then makes of the graph. It is why `CompiledEvaluator`
# (chapter 01) compiles one program for all architectures, and why the number of *trials*, more than
# that of epochs, decides what a small search costs.
#
# ## Keras 3: one interface, several backends
# Keras builds models, and leaves the arithmetic to a *backend*: TensorFlow, JAX or PyTorch, chosen by
# the environment variable `KERAS_BACKEND` before the first import. `keras.ops` has NumPy's names and
# runs on whichever it is.

# %% tags=["nbval-ignore-output"]
from nas_tutorial.backend import versions

print(versions())

# %%
print("backend:", keras.backend.backend())
print(keras.ops.convert_to_numpy(keras.ops.softmax(keras.ops.array([0.0, 0.0, np.log(2.0)]))))

# %% [markdown]
# The library of this course imports `tensorflow` and `jax` in one file alone, `backend`: what Keras
# has no neutral word for, compiling a function and taking a gradient. All else, models, evaluators,
# weights, runs on both; `KERAS_BACKEND=jax make test` is how we know.
#
# ## KerasTuner: the same search
# A *hyperparameter* is what is fixed before training: here the choices that make an architecture.
# KerasTuner's user writes a function that asks for each by name and builds a model:
#
# ```python
# def build(hp):
#     units = hp.Choice("units", [8, 16, 32])
#     return keras.Sequential([keras.Input((4,)), keras.layers.Dense(units)])
# ```
#
# An object with such a method is a *hypermodel*; what proposes the values, the strategy, is an
# *oracle*; the *tuner* is the loop around both. `ArchitectureHyperModel` is a hypermodel for any of
# our spaces: one `hp.Choice` for each choice, the model from the skeleton, the recipe of
# `TrainingEvaluator`.

# %%
import tempfile
from pathlib import Path

import keras_tuner

from nas_tutorial.kerastuner import ArchitectureHyperModel, StrategyOracle, history_from_tuner

folder = Path(tempfile.mkdtemp())
hypermodel = ArchitectureHyperModel(space, nas.Skeleton.for_input(data.input_shape), data, epochs=2)
tuner = keras_tuner.RandomSearch(
    hypermodel,
    objective="val_accuracy",
    max_trials=3,
    seed=1,
    directory=folder,
    project_name="random",
)
for hp in tuner.oracle.get_space().space:
    print(hp.name, *getattr(hp, "values", []))

# %% tags=["nbval-ignore-output"]
nas.course.show(ArchitectureHyperModel.build)

# %% [markdown]
# Six choices of five operations, and the seed that a trial trains by. (`declare` is the call of
# `hp.Choice` for each of them; `FailedTrialError` tells KerasTuner that this architecture cannot be
# built.) Search, without data: the hypermodel has its own. Two epochs a trial, to be quick.

# %% tags=["nbval-ignore-output"]
start = time.perf_counter()
tuner.search(verbose=0)
elapsed = time.perf_counter() - start
for trial in tuner.oracle.get_best_trials(3):
    print(f"{trial.score:.4f}", *(trial.hyperparameters.get(c.name) for c in space.choices))
print(f"{elapsed / 3:.1f} s a trial")

# %% [markdown]
# Three networks, ten points of accuracy apart after two epochs already. The winner is a KerasTuner
# trial; `history_from_tuner` makes a `History` of all of them, and every plot and statistic of this
# course applies.

# %%
history = history_from_tuner(tuner, space)
best = history.best(nas.Objective("val_accuracy", "max"))
print(
    history,
    "- same winner:",
    best.value("val_accuracy") == tuner.oracle.get_best_trials(1)[0].score,
)

# %% [markdown]
# ## A strategy that KerasTuner does not have
# KerasTuner has random search, a grid of all combinations, Bayesian optimisation (chapter 13) and
# Hyperband (chapter 15). An evolutionary tuner was asked for early (issue 47 of its repository), and
# a pull request with one (777) was not taken in. `StrategyOracle` puts any strategy of ours into an
# oracle's place; here it is regularized evolution, which mutates one parent and lets the oldest make
# room (chapter 12).

# %% tags=["nbval-ignore-output"]
strategy = nas.RegularizedEvolution(space, population_size=2, tournament_size=2, seed=0)
oracle = StrategyOracle(strategy, max_trials=4)
tuner = keras_tuner.Tuner(
    oracle=oracle, hypermodel=hypermodel, directory=folder, project_name="ours"
)
tuner.search(verbose=0)
for trial in oracle.history:
    origin = f"child of {trial.candidate.parents[0]}" if trial.candidate.parents else "drawn"
    print(f"trial {trial.number}  {trial.value('val_accuracy'):.4f}  {origin}")

# %%
print("bred:", oracle.history.num_bred, "of", len(oracle.history))

# %% [markdown]
# Two drawn, two bred, as `search` would have had it with this seed. The tuner's folder holds
# everything. Make the same tuner again with a **fresh** strategy, and ask for two trials more: it goes
# on, and does not repeat the four.

# %% tags=["nbval-ignore-output"]
import contextlib
import io

strategy = nas.RegularizedEvolution(space, population_size=2, tournament_size=2, seed=0)
oracle = StrategyOracle(strategy, max_trials=6)
with contextlib.redirect_stdout(io.StringIO()):  # it prints the folder
    tuner = keras_tuner.Tuner(
        oracle=oracle, hypermodel=hypermodel, directory=folder, project_name="ours"
    )
known = len(oracle.history)
tuner.search(verbose=0)

# %%
print(f"known before it started: {known}; after: {len(oracle.history)}")
print("bred:", oracle.history.num_bred)

# %% [markdown]
# ## When it fails: six traps
# ### 1. The same seed, twice
# Two random searches with equal seeds should propose the same. **Which of the two pairs below will
# differ: those with seed 1, or those with seed 0?**


# %%
numbers = keras_tuner.HyperParameters()
numbers.Int("units", 1, 1000)


def propose(seed, choices=numbers):
    """The first six proposals of KerasTuner's random search, without training."""
    oracle = keras_tuner.oracles.RandomSearchOracle(
        objective="val_accuracy", max_trials=100, hyperparameters=choices, seed=seed
    )
    oracle.verbose = 0
    oracle._set_project_dir(tempfile.mkdtemp(), "proposals")
    trials = [oracle.create_trial(f"tuner {number}") for number in range(6)]
    return [trial.hyperparameters.values for trial in trials]


for seed in (1, 0):
    print(f"seed {seed}: two searches propose the same:", propose(seed) == propose(seed))

# %% [markdown]
# To KerasTuner 0 counts as no seed, and it draws one. Give it a seed from 1 on. `StrategyOracle`
# honours 0, for its random numbers are the strategy's own:

# %%
pair = [StrategyOracle(nas.RegularizedEvolution(space, seed=0), max_trials=6) for _ in range(2)]
proposals = []
for oracle in pair:
    oracle.verbose = 0
    oracle._set_project_dir(tempfile.mkdtemp(), "proposals")
    trials = [oracle.create_trial(f"tuner {one}") for one in range(6)]
    proposals.append([trial.hyperparameters.values for trial in trials])
print("StrategyOracle, seed 0: two searches propose the same:", proposals[0] == proposals[1])

# %% [markdown]
# (`create_trial` is what a tuner calls; `_set_project_dir` gives the oracle a folder, as a tuner does.)
#
# ### 2. The next seed
# One search is one draw, so you repeat it with seeds 1, 2 and 3. **How many of the six proposals of
# seed 2 will seed 1 have made too?**

# %%
for seed in (1, 2, 3):
    print(f"seed {seed}:", *(values["units"] for values in propose(seed)))

# %% [markdown]
# Five. KerasTuner makes a new random generator for every value, with the seeds $s$, $s + 1$, $s + 2$
# and so on; so seed 2 is seed 1, one value later. A trial of a cell takes seven values, six choices
# and the seed that it trains by, and there it is seed 8 that follows seed 1:

# %%
cells = keras_tuner.HyperParameters()
hypermodel.build(cells)
for seed in (2, 8):
    shared = sum(values in propose(seed, cells) for values in propose(1, cells))
    print(f"of the 6 cells of seed 1, seed {seed} proposes {shared} too")

# %% [markdown]
# Searches that share their trials are no repeats, and their spread says nothing. Take seeds further
# apart than a search draws values: 1,000, 2,000, 3,000. The random trials of `BayesianOptimization`
# and `Hyperband` are drawn in the same way.
#
# ### 3. A proposal that was made before
# Five values, eight trials, and nothing random in the results: more units are better. Random search
# leaves out what it has tried, and stops after five. **Bayesian optimisation knows the results. What
# will it do with trials 6 to 8?**


# %% tags=["nbval-ignore-output"]
def tried(kind):
    """All units that an oracle proposes for eight trials, with the units themselves as result."""
    five = keras_tuner.HyperParameters()
    five.Choice("units", [8, 16, 32, 64, 128])
    objective = keras_tuner.Objective("val_accuracy", "max")
    oracle = kind(objective=objective, max_trials=8, hyperparameters=five, seed=1)
    oracle.verbose = 0
    oracle._set_project_dir(tempfile.mkdtemp(), "proposals")
    units = []
    while (trial := oracle.create_trial("tuner")).status == "RUNNING":
        units.append(trial.hyperparameters.get("units"))
        oracle.update_trial(trial.trial_id, {"val_accuracy": units[-1] / 128})
        trial.status = "COMPLETED"
        oracle.end_trial(trial)
    return units


with contextlib.redirect_stderr(io.StringIO()):  # scikit-learn warns of so few points
    by_chance = tried(keras_tuner.oracles.RandomSearchOracle)
    by_model = tried(keras_tuner.oracles.BayesianOptimizationOracle)
print("random:  ", *by_chance)
print("Bayesian:", *by_model)

# %%
for name, units in (("random", by_chance), ("Bayesian", by_model)):
    print(f"{name}: {len(units)} trials, one proposed again: {len(set(units)) < len(units)}")

# %% [markdown]
# In the stored run it proposes the best again and again, and never tries 32 and 64: after its random
# trials it no longer asks whether a proposal is new. With `ArchitectureHyperModel`, whose trials all train by one seed, each repeat is the very same
# training. Count the different proposals before you say how many networks a search has seen.
#
# ### 4. Two objectives
# Ask for high accuracy *and* few parameters, and KerasTuner makes one number of the two. **Which of
# these networks does it prefer: 0.95 with 7,000 parameters, or 0.10 with 6,900?**

# %%
both = keras_tuner.oracles.RandomSearchOracle(
    objective=[
        keras_tuner.Objective("val_accuracy", "max"),
        keras_tuner.Objective("parameters", "min"),
    ],
    max_trials=1,
).objective
for accuracy, parameters in ((0.95, 7_000), (0.10, 6_900)):
    value = both.get_value({"val_accuracy": accuracy, "parameters": parameters})
    print(
        f"accuracy {accuracy}, {parameters:,} parameters: {value:,.2f} ({both.direction} is best)"
    )

# %% [markdown]
# The one that guesses. Parameters are counted in thousands and accuracy is at most 1, so the sum is a
# count of parameters with a decoration. Give KerasTuner one objective and look at the other yourself;
# chapter 18 does without sums.
#
# ### 5. A switch that is read too late
# A hyperparameter exists from the moment on at which it is first asked for. One that is asked for in
# `fit` alone is not there when the first trial is proposed.


# %%
class Late(keras_tuner.HyperModel):
    """Reads one hyperparameter in build, and one in fit."""

    def build(self, hp):
        hp.Choice("units", [8, 16, 32])
        return keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])

    def fit(self, hp, model, *data, **settings):
        hp.Boolean("normalise")
        return {"val_accuracy": 0.5}


tuner = keras_tuner.RandomSearch(
    Late(),
    objective=keras_tuner.Objective("val_accuracy", "max"),
    max_trials=1,
    seed=1,
    directory=tempfile.mkdtemp(),
)
print("before the first trial:", *(hp.name for hp in tuner.oracle.get_space().space))
tuner.search(verbose=0)
print("after it:              ", *(hp.name for hp in tuner.oracle.get_space().space))
print("the first trial had:   ", tuner.oracle.get_best_trials(1)[0].hyperparameters.values)

# %% [markdown]
# The first trial ran with the default, `False`, whatever the search would have proposed, and so does
# every later trial that copies its values, as Hyperband's promotions do. (Issue 128 of the
# handson-ml3 repository is a reader's report of such a switch.) Declare everything in `build`, used
# or not.
#
# ### 6. An error in a trial
# Whoever writes a tuner of their own overrides `run_trial`; what is passed to `search` is passed on.


# %%
class Mine(keras_tuner.RandomSearch):
    """Forgets **settings."""

    def run_trial(self, trial):
        return {"val_accuracy": 0.5}


class Mended(keras_tuner.RandomSearch):
    """Takes what search passes on."""

    def run_trial(self, trial, *data, **settings):
        return {"val_accuracy": 0.5}


for kind in (Mine, Mended):
    tuner = kind(
        Late(),
        objective=keras_tuner.Objective("val_accuracy", "max"),
        max_trials=1,
        seed=1,
        directory=tempfile.mkdtemp(),
    )
    tuner.oracle.verbose = 0
    try:
        print(kind.__name__, tuner.run_trial(tuner.oracle.create_trial("tuner 0"), verbose=0))
    except TypeError as error:
        print(kind.__name__, error)

# %% [markdown]
# Write `*data, **settings` into every `run_trial`. Inside `search` such an error ends nothing at
# once: it counts as a failed trial. Below every trial of more than 500 units fails, as one does that
# runs out of memory. **Fifty trials are asked for. How many will there be?**


# %%
class Small(keras_tuner.RandomSearch):
    """Has no memory for more than 500 units."""

    def run_trial(self, trial, *data, **settings):
        if trial.hyperparameters.get("units") > 500:
            raise MemoryError("too large")
        return {"val_accuracy": 0.5}


for limit in (3, None):
    tuner = Small(
        objective=keras_tuner.Objective("val_accuracy", "max"),
        hyperparameters=numbers,
        max_trials=50,
        seed=1,
        max_consecutive_failed_trials=limit,
        directory=tempfile.mkdtemp(),
    )
    with contextlib.redirect_stderr(io.StringIO()):  # it prints every failure
        try:
            tuner.search(verbose=0)
        except RuntimeError as error:
            print(str(error).splitlines()[0])
    ended = [trial.status for trial in tuner.oracle.trials.values()]
    print(f"limit {limit}: {len(ended)} of 50 trials, {ended.count('FAILED')} of them failed")

# %% [markdown]
# Three failures in a row end a search (3 is the default), and where half of a space fails they come
# soon. `None` goes on; then count what failed before you believe the rest. And one more, that no cell
# can show: with TensorFlow, KerasTuner imports TensorBoard inside every trial and does not list it
# among what it needs; where it is missing, every trial fails. The extra `notebooks` brings both.
#
# ## Recap
# - A training step is forwards, backwards, update; `fit` repeats it.
# - `tf.function` traces once a shape, type and function: every new network is traced anew.
# - Keras 3 leaves the arithmetic to a backend, which is chosen before the first import.
# - A hypermodel says what can be built, an oracle what comes next; ours fit into both places.
# - `seed=0`, neighbouring seeds, repeated proposals, raw sums of objectives, switches that are read too
#   late, three failures in a row: look before you trust a tuner.
#
# ## Quiz
# Choose an answer before you click on it: it unfolds, and says why it is right or wrong.

# %%
nas.course.quiz("09")

# %% [markdown]
# ## Exercises
# ### Exercise 9.1 ★ Predict: traced again?
# `traced` from above has been traced for lengths 3 and 5. Now it is called with `tf.ones` of length
# 2, 3, 2, 4 and 3. How many further tracings? Set `guess`, then try it.

# %% nbgrader={"grade": false, "grade_id": "ex-9-1", "locked": false, "schema_version": 3, "solution": true, "task": false}
guess = ...
### BEGIN SOLUTION
guess = 2
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check-9-1", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("9.1", guess)

# %% [markdown]
# ### Exercise 9.2 ★★ Write: a step without a tape
# Write `sgd_step(w, x, y, rate)` in NumPy: one step of gradient descent on the mean squared error of
# `x @ w` against `y`, with the gradient derived by you. Shapes: x (n, d), w (d,), y (n,). Return the
# new w and leave the old one alone. *About 3 lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-9-2", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sgd_step(w, x, y, rate):
    """Return the weights after one step of gradient descent."""
    ### BEGIN SOLUTION
    gradient = 2 / len(x) * x.T @ (x @ w - y)
    return w - rate * gradient
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-9-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("9.2", sgd_step)

# %% [markdown]
# ### Exercise 9.3 ★ Write: what KerasTuner keeps
# KerasTuner keeps a dictionary of values, a space of ours an `Architecture`. Write
# `to_values(architecture, space)`: the dictionary from each choice's name to the architecture's value
# for it (`space.choices` are in the order of `architecture.values`; a choice has a `name`). *About 2
# lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-9-3", "locked": false, "schema_version": 3, "solution": true, "task": false}
def to_values(architecture, space):
    """Return {name of a choice: the architecture's value for it}."""
    ### BEGIN SOLUTION
    names = [choice.name for choice in space.choices]
    return dict(zip(names, architecture.values))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-9-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("9.3", to_values)

# %% [markdown]
# ### Exercise 9.4 ★★ Experiment: which seeds hold?
# Write `seeds_that_hold(propose, seeds)`: the list of those seeds for which two calls of
# `propose(seed)` give the same. Then try it on `propose` from above with 0 to 5, and on any tuner that
# you use. *About 1 line.*


# %% nbgrader={"grade": false, "grade_id": "ex-9-4", "locked": false, "schema_version": 3, "solution": true, "task": false}
def seeds_that_hold(propose, seeds):
    """Return the seeds whose proposals repeat."""
    ### BEGIN SOLUTION
    return [seed for seed in seeds if propose(seed) == propose(seed)]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-9-4", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("9.4", seeds_that_hold)

# %%
if seeds_that_hold(lambda seed: seed, [1]) is not None:
    print("seeds that hold, of 0 to 5:", seeds_that_hold(propose, range(6)))

# %% [markdown]
# ## In practice
# - On a GPU a trial of a large network is training for the most part, and tracing stops to matter.
# - KerasTuner also runs with a chief and workers (chapter 19); killing a worker leaves the chief
#   waiting.
# - `keras.saving` and `model.export` are the way out of all of this: chapters 07 and 08 used them.
#
# ## Further reading
# - The TensorFlow guide, "Better performance with tf.function": tracing, and when it happens again.
# - The Keras guides, "Writing a training loop from scratch" for each backend.
# - O'Malley et al. 2019, KerasTuner.
#
# **中文术语** 深度学习框架 deep learning framework · 高级 API high-level API · 梯度 gradient ·
# 训练步 training step · 超参数 hyperparameter · 调参器 tuner
