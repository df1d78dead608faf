# ---
# jupyter:
#   nas_tutorial:
#     name: Measuring performance
#     about: accuracy, recall, seeds, costs
#     minutes: 90
#     document: 4.2 performance measures
#     modules: [evaluators.training, data.datasets, statistics.repeats]
# ---

# %% [markdown]
# # Measure a network, and doubt the number
#
# After this chapter you read "validation accuracy 0.94" as a measurement: with a formula behind it,
# an error bar beside it, and a reason to expect less when it belongs to the winner of a search.
#
# **You will** train a small Keras network, compute four measures by hand, train one network five
# times, simulate a search among equally good networks, and compare two strategies over 20 seeds.
#
# **You will learn to**
# - compute accuracy, recall, precision and F1, and say what accuracy hides;
# - say who may read the training, validation and test part, and why the test part is read once;
# - tell a standard deviation from a standard error, and use the right one;
# - say by how much the winner of $N$ trials looks better than it is;
# - compare strategies by medians and quartiles over seeds.
#
# **You need** chapters 02 to 04 and about 90 minutes. Of 02 and 03 it is the loop: a strategy
# proposes an architecture, an evaluator measures it, the strategy sees the result; one round is a
# trial. The cells run in one to two minutes. In the document this is part 4.2, the performance
# measures.

# %%
import matplotlib.pyplot as plt
import numpy as np

import nas_tutorial as nas

settings = nas.course.start()

# %% [markdown]
# ## The idea in one sentence
# A performance measure turns a trained network into one number, the number is partly luck, and a
# search that picks the highest number picks luck too.
#
# ## Keras in ten lines
# We need a trained network to measure. Keras builds one from layers: `Sequential` stacks them,
# `compile` says how to train, `fit` trains, `predict` applies. The data are 8 × 8 images of
# handwritten digits; the last layer gives ten numbers an image, and the largest one is the answer.
#
# **Before you run the cell: guessing gives 0.10. What will a network of two small layers give on
# images that it has not seen, after ten passes (epochs) over 1,077 others?**

# %% tags=["nbval-ignore-output"]
import keras

digits = nas.load_dataset("digits")
keras.utils.set_random_seed(0)
model = keras.Sequential(
    [
        keras.Input(digits.input_shape),
        keras.layers.Flatten(),
        keras.layers.Dense(32, activation="relu"),
        keras.layers.Dense(10),
    ]
)
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(optimizer="adam", loss=loss)
model.fit(digits.x_train, digits.y_train, epochs=10, batch_size=32, verbose=0)
predicted = model.predict(digits.x_val, verbose=0).argmax(axis=1)
accuracy = np.mean(predicted == digits.y_val)
print(f"accuracy on {len(digits.y_val)} validation images: {accuracy:.3f}")

# %% [markdown]
# Your number may differ a little from the stored one: another processor adds in another order. So
# each such cell is followed by one that states what must hold on every machine, with a margin.

# %%
print("far better than guessing:", bool(accuracy > 0.6))

# %% [markdown]
# ## By hand: ten labels, three classes
# The document gives one formula (准确性, accuracy):
#
# $$\text{accuracy} = \frac{\text{number of correct predictions}}{\text{number of samples}}$$
#
# and names recall. Recall, precision and F1 look at one class at a time. For class $c$, let
# $\mathrm{TP}_c$ be the samples of class $c$ that are called $c$ (true positives), $\mathrm{FN}_c$
# those of class $c$ that are called something else, $\mathrm{FP}_c$ those called $c$ that are not.
#
# $$\text{recall}_c = \frac{\mathrm{TP}_c}{\mathrm{TP}_c + \mathrm{FN}_c} \qquad
# \text{precision}_c = \frac{\mathrm{TP}_c}{\mathrm{TP}_c + \mathrm{FP}_c} \qquad
# \mathrm{F1}_c =
# \frac{2\,\text{precision}_c\,\text{recall}_c}{\text{precision}_c + \text{recall}_c}$$
#
# Recall asks: of the cats, how many did we find? Precision asks: of those we called cats, how many
# are cats? "Macro" is the plain mean over the classes: each class counts the same, however rare.
#
# Here are ten animals. **Compute the accuracy and the recall of each class on paper first.**

# %%
names = ("cat", "dog", "owl")
y_true = np.array([0, 0, 0, 0, 0, 1, 1, 1, 2, 2])
y_pred = np.array([0, 0, 0, 0, 1, 1, 1, 0, 2, 0])
print("true     ", " ".join(names[label] for label in y_true))
print("predicted", " ".join(names[label] for label in y_pred))

# %% [markdown]
# Count what is needed, class by class, straight from the formulas.

# %%
recall, precision, f1 = {}, {}, {}
for label, name in enumerate(names):
    tp = int(np.sum((y_true == label) & (y_pred == label)))
    fn = int(np.sum((y_true == label) & (y_pred != label)))
    fp = int(np.sum((y_true != label) & (y_pred == label)))
    recall[name], precision[name] = tp / (tp + fn), tp / (tp + fp)
    f1[name] = 2 * precision[name] * recall[name] / (precision[name] + recall[name])
    print(
        f"{name}: TP {tp}, FN {fn}, FP {fp}; recall {recall[name]:.3f}, "
        f"precision {precision[name]:.3f}, F1 {f1[name]:.3f}"
    )

# %% [markdown]
# The owl shows how recall and precision part: whatever was called an owl is one (precision 1), but
# only half of the owls were found (recall 0.5). Now the means, and the library's function beside
# them.

# %%
by_hand = {
    "accuracy": np.mean(y_true == y_pred),
    "macro_recall": np.mean(list(recall.values())),
    "macro_precision": np.mean(list(precision.values())),
    "macro_f1": np.mean(list(f1.values())),
}
from_library = nas.classification_metrics(y_true, y_pred, prefix="val_")
for name, value in by_hand.items():
    same = np.isclose(value, from_library["val_" + name])
    print(f"{name:15}  by hand {value:.3f}  library the same: {same}")

# %% [markdown]
# Four different numbers for the same ten predictions: "how good is it?" has no answer until the
# measure is named. Macro F1 is the mean of the classes' F1, not the F1 of the two means above it.
#
# ### In the library
# The arithmetic is scikit-learn's; the function fixes the choices (macro means, 0 for a precision
# without predictions) so that every evaluator makes the same ones.

# %% tags=["nbval-ignore-output"]
nas.course.show(nas.classification_metrics)

# %% [markdown]
# ### The confusion matrix
# All of these measures are read off one table: row = true class, column = predicted class. Here it
# is for the Keras network. **Which two digits do you expect it to mix up?**

# %%
nas.plots.plot_confusion(digits.y_val, predicted, digits.class_names)
plt.show()

# %% [markdown]
# Read it aloud. The diagonal holds the correct predictions. Row 8 says what became of the true
# eights: its diagonal entry, divided by the sum of the row, is the recall of 8. Column 8 says what
# was called an eight: the same entry divided by the sum of the column is the precision of 8. A
# number off the diagonal is a mistake with a direction: true class first, then what it was taken
# for.

# %% tags=["nbval-ignore-output"]
mistakes = digits.y_val != predicted
pairs = list(zip(digits.y_val[mistakes].tolist(), predicted[mistakes].tolist()))
true, called = max(sorted(set(pairs)), key=pairs.count)
print(f"{mistakes.sum()} mistakes; none more frequent than a {true} called {called}")
recalls = [np.mean(predicted[digits.y_val == label] == label) for label in range(10)]
print(f"recall of 8: {recalls[8]:.3f}, lowest: {min(recalls):.3f}; accuracy {accuracy:.3f}")

# %% [markdown]
# Accuracy is the mean of the recalls, each weighted by the size of its class. So the lowest recall
# is never above it, and a good accuracy can hide one class that is poor.
#
# ## A class that is never found
# 1,000 samples: 900 of class 0, 80 of class 1, 20 of class 2. The classifier below is perfect but
# for one thing: it has never heard of class 2 and calls it 0.
#
# **Guess its accuracy, and its macro recall.**

# %%
y_rare = np.repeat([0, 1, 2], [900, 80, 20])
y_blind = np.where(y_rare == 2, 0, y_rare)
for name, value in nas.classification_metrics(y_rare, y_blind, prefix="").items():
    print(f"{name:15}  {value:.3f}")

# %% [markdown]
# Accuracy 0.980 looks finished; macro recall 0.667 says that one class in three is missing. A
# search that maximises accuracy has little reason to find class 2; one that maximises macro recall
# has. `TrainingEvaluator` reports all four measures, and any can be the objective.
#
# ## Three parts, three readers
#
# | part | who reads it | how often |
# | --- | --- | --- |
# | training | the optimizer, to fit the weights of one network | every epoch |
# | validation | the search, to choose between networks | once a trial |
# | test | you, to report the network that was chosen | once |
#
# Whatever a part was used for, it is no longer fresh for. Weights fit the training part, so
# training accuracy flatters them; the search fits the validation part in the same way, only more
# slowly.

# %%
print(digits)

# %% [markdown]
# 1,077 images to fit, 360 to choose by, 360 to report. The last are behind `final_test()`, which
# opens once; the cell below uses that one time up. **What do you think the second call does?**

# %%
fresh = nas.load_dataset("digits")
x_test, y_test = fresh.final_test()
print("first call:", x_test.shape, y_test.shape)
try:
    fresh.final_test()
except RuntimeError as error:
    print("second call:", error)

# %% [markdown]
# It refuses, and says what to do. Nothing in Python can stop someone from loading the data set
# again; the point is that it does not happen by accident. The method is a lock on a garden gate:

# %% tags=["nbval-ignore-output"]
nas.course.show(nas.Dataset.final_test)

# %% [markdown]
# ## One network, five trainings
# `TrainingEvaluator` is what a search calls: it builds a fresh network, trains it, and measures it
# on the validation part. Two things in it are drawn from the seed: the initial weights and the
# order of the samples. Nothing else changes.

# %% tags=["nbval-ignore-output"]
nas.course.show(nas.TrainingEvaluator.__call__)

# %% [markdown]
# We take one cell of NAS-Bench-201's space, stacked three times with 16 channels, and MNIST-1D
# (digits as curves of 40 points, 4,000 of them in each part). **Five trainings, same network, same
# data, five seeds: how far apart will the best and the worst be: 0.001, 0.01, or more?**

# %% tags=["nbval-ignore-output"]
mnist1d = nas.load_dataset("mnist1d")
edge_cell = nas.EdgeCellSpace()
architecture = edge_cell.from_string(
    "|nor_conv_3x3~0|+|skip_connect~0|nor_conv_3x3~1|+|nor_conv_1x1~0|none~1|avg_pool_3x3~2|"
)
evaluator = nas.TrainingEvaluator(edge_cell, mnist1d, skeleton=nas.Skeleton(filters=16, cells=(3,)))
results = [evaluator(nas.Candidate(architecture), seed=seed) for seed in range(settings.seeds)]
accuracies = np.array([result.metrics["val_accuracy"] for result in results])
for seed, value in enumerate(accuracies):
    print(f"seed {seed}: validation accuracy {value:.4f}")

# %% [markdown]
# One network, five numbers. "The" accuracy of a network is a distribution, and one training draws
# one number from it.

# %%
print("best and worst more than 0.01 apart:", np.ptp(accuracies) > 0.01)

# %% [markdown]
# ### Standard deviation and standard error
# Two numbers describe $n$ trainings $x_1, \dots, x_n$ with mean $\bar{x}$, and they answer
# different questions:
#
# $$\mathrm{SD} = \sqrt{\frac{1}{n-1} \sum_{i=1}^{n} (x_i - \bar{x})^2} \qquad
# \mathrm{SE} = \frac{\mathrm{SD}}{\sqrt{n}}$$
#
# - SD: how far does **one** training lie from the mean? It is a property of the network.
# - SE: how far does **our mean** lie from the mean of infinitely many trainings? It depends on how
#   often we trained. ($n - 1$, because $\bar{x}$ was computed from the same numbers; in NumPy:
#   `ddof=1`.)

# %% tags=["nbval-ignore-output"]
n = len(accuracies)
mean, sd = accuracies.mean(), accuracies.std(ddof=1)
se = sd / np.sqrt(n)
print(f"mean {mean:.4f}, SD {sd:.4f}, SE {se:.4f} (n = {n})")

# %% [markdown]
# The same five dots carry two error bars, and the shorter one is not the better one: it is the
# answer to the other question. A paper that prints ± without saying which leaves you guessing by a
# factor of $\sqrt{n}$.

# %%
fig, ax = plt.subplots(figsize=(6.4, 2.4))
ax.scatter(accuracies, np.zeros(n), s=30, facecolor="white", edgecolor=nas.plots.COLOURS[0])
for row, bar, marker in ((1, sd, "s"), (2, se, "D")):
    ax.errorbar(mean, row, xerr=bar, fmt=marker, color=nas.plots.COLOURS[row], capsize=5)
ax.set_yticks(range(3), [f"{n} trainings", "mean ± SD", "mean ± SE"])
ax.set(xlabel="validation accuracy", ylim=(-0.5, 2.5), title=f"One network, n = {n} seeds")
plt.show()

# %% [markdown]
# **Train four times as many seeds: what happens to the SD, and what to the SE?** Training 320
# networks takes too long here, so we draw accuracies from a normal distribution with mean 0.90 and
# SD 0.020 instead, and know the truth.

# %%
rng = np.random.default_rng(0)
for seeds in (5, 20, 80, 320):
    drawn = rng.normal(0.90, 0.020, size=(1000, seeds))
    sds = drawn.std(axis=1, ddof=1)
    print(f"{seeds:3} seeds: SD {sds.mean():.3f}, SE {(sds / np.sqrt(seeds)).mean():.4f}")

# %% [markdown]
# The SD stays where it is, a shade low on average with five seeds (networks do not become steadier
# because we watch them); the SE halves whenever the number of seeds is multiplied by four. As a rule
# of thumb, a mean is seldom more than two SEs away from the truth (chapter 20 makes this exact).
#
# One thing is in neither number: all five trainings were measured on the same 4,000 validation
# samples. Other samples would have moved all five together. We come to that below.
#
# ## Cost is a measure too
# A phone does not care about accuracy alone. Parameters and FLOPs (floating-point operations of one
# forward pass) can be counted; seconds and latency have to be measured.
#
# Count one layer by hand: a convolution with 3 taps (it looks at 3 neighbouring positions), 16
# channels in and 16 out (numbers at each position; 16 filters make 16 of them), over 40 positions.
# Each output number is a sum of $3 \cdot 16$ products, a product and an addition count as two
# operations, and there are $16 \cdot 40$ outputs: $2 \cdot 3 \cdot 16 \cdot 16 \cdot 40$.

# %%
by_hand = 2 * 3 * 16 * 16 * 40
layer = keras.layers.Conv1D(16, 3, padding="same", use_bias=False)
one_layer = keras.Sequential([keras.Input((40, 16)), layer])
print(f"FLOPs by hand {by_hand:,}, counted {nas.count_flops(one_layer):,}")
print(f"parameters by hand {3 * 16 * 16}, counted {one_layer.count_params()}")

# %% [markdown]
# The same weights are used at each of the 40 positions: few parameters, many operations. In the
# whole network there are three cells with two such convolutions each, their `nor_conv_3x3`.

# %%
costs = results[0].metrics
print(f"parameters {costs['parameters']:,}, FLOPs {costs['flops']:,}")
print(f"share of the six 3-tap convolutions in the FLOPs: {6 * by_hand / costs['flops']:.0%}")

# %% [markdown]
# FLOPs are often quoted as if they were time. **The network with 64 filters in place of 16 has
# about 15 times the FLOPs. Is its forward pass 15 times slower?**

# %% tags=["nbval-ignore-output"]
from nas_tutorial.backend import latency_ms

sample = mnist1d.x_val[:1]
narrow, wide = (
    nas.Skeleton(filters=filters).build(edge_cell.graph(architecture), mnist1d.input_shape, 10)
    for filters in (16, 64)
)
flops_ratio = nas.count_flops(wide) / nas.count_flops(narrow)
latency_ratio = latency_ms(wide, sample) / latency_ms(narrow, sample)
print(f"FLOPs x {flops_ratio:.1f}, latency x {latency_ratio:.1f}")
print(f"one training: {results[0].seconds:.1f} s; one pass: {costs['latency_ms']:.2f} ms")

# %%
print(f"FLOPs x {flops_ratio:.1f}")
print("latency grows less than half as much:", latency_ratio < flops_ratio / 2)

# %% [markdown]
# No: its time grows less than half as much. Probably most of a pass through a network this small is
# spent on starting operations, not on arithmetic. And 15, not 16 = 4 · 4: only the convolutions
# inside the cells have four times the channels on both sides. The *stem* (the convolution in front of
# them), the classifier and the work number by number (normalisation, ReLU, pooling, sums) grow four times. Counted costs
# are exact and the same everywhere; measured ones are what the user feels, on one machine.
#
# ## The winner looks better than it is
# Now search. To know the truth we simulate: every candidate is **equally good**, with a true
# accuracy of 0.90. Validation on $n$ samples counts how many are right, so it measures
# $\mathrm{Binomial}(n, 0.90) / n$, with a standard deviation of $\sqrt{0.9 \cdot 0.1 / n}$. The
# search tries $N$ candidates and reports the highest number.
#
# **All are 0.90. With 100 trials and 360 validation samples, what will the winner's validation
# accuracy be on average: 0.90, 0.92, 0.94 or 0.98?**

# %%
rng = np.random.default_rng(5)
trials = np.arange(1, 1001)
optimism = {}
for num_samples in (360, 4000):
    measured = rng.binomial(num_samples, 0.90, size=(1000, 1000)) / num_samples
    best_so_far = np.maximum.accumulate(measured, axis=1)  # one row a search
    optimism[num_samples] = best_so_far.mean(axis=0) - 0.90
    claims = ", ".join(f"{0.90 + optimism[num_samples][k - 1]:.3f}" for k in (1, 10, 100, 1000))
    print(f"{num_samples:4} samples, winner of 1, 10, 100, 1,000 trials: {claims}")

# %% [markdown]
# The first column is honest: a single network, chosen without looking, shows 0.90 on average. From
# there on the winner claims more with every trial, and delivers 0.90 every time. Nothing is wrong
# with the network or the code: the maximum of noisy numbers is a biased number. We call the
# difference between the winner's validation accuracy and its true accuracy its *optimism*.

# %%
fig, ax = plt.subplots()
for (num_samples, values), line, colour in zip(
    optimism.items(), nas.plots.LINES, nas.plots.COLOURS
):
    label = f"{num_samples:,} validation samples"
    ax.step(trials, values, line, where="post", color=colour, label=label)
ax.set(xscale="log", xlabel="trials in the search", ylabel="optimism (accuracy)")
ax.set_title("Equally good candidates, mean of n = 1,000 searches")
ax.legend(loc="upper left")
plt.show()

# %% [markdown]
# Optimism grows with the number of trials: each tenfold adds less than the one before, but it goes
# on adding. More validation samples make it smaller: it scales with about $1/\sqrt{n}$, as the
# noise does.
#
# In a real search candidates differ, so the winner is usually better than most *and* lucky. How
# much of its lead is luck depends on how the noise compares with the differences.
#
# ## Compare strategies over seeds
# A strategy draws random numbers as a training does, so one run of it is one draw. To compare many
# runs cheaply we train every network of a small space once, and let the strategies look up the
# accuracies. (Chapter 10 does the same with thousands of networks.) The space: three slots, each
# a convolution, a pooling or skip. **27 encodings; how many networks?**

# %%
chain = nas.ChainSpace(depth=3, operations=("nor_conv_3x3", "max_pool_3x3"))
networks = {chain.graph(one).fingerprint(): one for one in chain}
trainer = nas.TrainingEvaluator(
    chain, digits, skeleton=nas.Skeleton(8, (1, 1)), epochs=2, batch_size=32
)
labels = {}
for seed, (fingerprint, one) in enumerate(networks.items()):
    network = trainer.recipe.build(one, seed=seed)
    trainer.fit(network, digits.x_train, digits.y_train, seed=seed)
    labels[fingerprint] = trainer.predict(network, digits.x_val)
correct = {fingerprint: label == digits.y_val for fingerprint, label in labels.items()}
print(f"{chain.size} encodings, {len(correct)} networks trained")

# %% [markdown]
# Fifteen: $1 + 2 + 4 + 8$ rows of at most three operations, since a skipped slot leaves no trace.
# We kept what each network got right, image by image; its accuracy is the mean of that.

# %% tags=["nbval-ignore-output"]
table = {fingerprint: float(right.mean()) for fingerprint, right in correct.items()}
for fingerprint in sorted(table, key=table.get, reverse=True)[:5]:
    print(f"{table[fingerprint]:.4f}  {networks[fingerprint]}")
print(f"...\n{min(table.values()):.4f}  the worst")

# %% [markdown]
# The evaluator is a function that looks up. It takes a seed, as every evaluator does, and has no
# use for it: each network was trained once, so the table knows one draw of each.
#
# Two strategies ask it, those of chapter 03. Random search draws every architecture anew. Genetic
# search keeps a population, here of four: a child is a mutated mix of two parents, and the worst makes
# room. Each parent wins a tournament, here of two that are drawn from the population.


# %%
def look_up(candidate, *, seed):
    """Look the validation accuracy up instead of training."""
    fingerprint = chain.graph(candidate.architecture).fingerprint()
    return nas.Result({"val_accuracy": table[fingerprint]}, seconds=0.0)


strategies = {
    "random_search": lambda seed: nas.RandomSearch(chain, seed=seed),
    "genetic": lambda seed: nas.Genetic(chain, population_size=4, tournament_size=2, seed=seed),
}
comparison = nas.compare(strategies, look_up, trials=12, seeds=range(20))
print(f"{len(comparison)} rows: 2 strategies x 20 seeds x 12 trials")

# %% [markdown]
# `compare` runs every strategy once a seed and keeps the incumbent (the best so far) after each
# trial. `quartiles` then takes, at each trial, the median over the seeds and the two quartiles:
# half of the runs lie between these. Medians and quartiles need no bell shape, and incumbents have
# none: they pile up against the best network of the space.

# %% tags=["nbval-ignore-output"]
nas.course.show(nas.compare, nas.quartiles)

# %%
summary = nas.quartiles(comparison)
best = max(table.values())
fig, axes = plt.subplots(1, 2, figsize=(8, 3.6), sharey=True)
for ax, (_, rows) in zip(axes, summary.groupby("strategy", sort=False)):
    nas.plots.plot_comparison(rows, ylabel="best validation accuracy so far", ax=ax)
    ax.axhline(best, linestyle=":", color="black", label="best of the table")
    ax.set_title("line: median, band: quartiles")
    ax.legend(loc="lower right")
axes[1].set_ylabel("")
fig.suptitle("Digits, 15 networks, n = 20 seeds")
plt.show()

# %% [markdown]
# Read it in three steps: where are the medians, do the bands overlap, and how large is the gap
# beside what a second training of one network would change? The first four trials coincide: equal
# seeds draw the same four networks for both strategies, and only then does genetic search breed.
# After twelve trials:

# %% tags=["nbval-ignore-output"]
print(summary[summary["trial"] == 12].round(4).to_string(index=False))
last = comparison[comparison["trial"] == 12].pivot(
    index="seed", columns="strategy", values="incumbent"
)
genetic_ahead = int((last["genetic"] > last["random_search"]).sum())
random_ahead = int((last["genetic"] < last["random_search"]).sum())
print(f"of 20 seeds: genetic ahead in {genetic_ahead}, random ahead in {random_ahead}, rest level")
for name, reached in (last == best).sum().items():
    print(f"{name} reaches the best network of the table in {reached} of 20")
by_trial = summary.groupby("trial")
overlap = by_trial["lower_quartile"].max() <= by_trial["upper_quartile"].min()
print("the bands overlap at trials", *overlap.index[overlap])

# %%
medians = last.median()
early = comparison[comparison["trial"] <= 4].pivot(
    index=["seed", "trial"], columns="strategy", values="incumbent"
)
print("first four trials alike:", (early["genetic"] == early["random_search"]).all())
print("medians closer than 0.03:", abs(medians["genetic"] - medians["random_search"]) < 0.03)
print("no strategy is ahead in every seed:", max(genetic_ahead, random_ahead) < 20)

# %% [markdown]
# The third question needs trainings. **The best network of the table, five times more: how far
# apart will they be, and will their mean reach the accuracy in the table?**

# %% tags=["nbval-ignore-output"]
top = networks[max(table, key=table.get)]
again = [trainer(nas.Candidate(top), seed=100 + seed) for seed in range(settings.seeds)]
again = np.array([result.metrics["val_accuracy"] for result in again])
print(f"{top}: in the table {best:.4f}; trained again:", *again.round(4))
print(f"mean {again.mean():.4f}, SD {again.std(ddof=1):.4f} (n = {len(again)})")
print(f"gap between the medians: {abs(medians['genetic'] - medians['random_search']):.4f}")

# %%
print("best and worst more than one image apart:", np.ptp(again) > 1.5 / len(digits.y_val))

# %% [markdown]
# What may we say? The medians lie within 0.03 of each other, and no strategy is ahead in every
# seed. In the stored run genetic search is ahead in more seeds than it is behind, but the bands
# overlap at every trial, neither strategy reaches the best network in most of its seeds, and the
# gap between the medians is smaller than the SD of one network. So: within twelve trials it did
# somewhat better on *this table*. Not: it finds better networks. The table holds one training of
# each, and its best entry is partly luck: in the stored run the same network gives less on average
# when it is trained again. Whoever runs one seed gets a winner, or a tie, by the luck of that seed.
# Chapter 12 asks again on a larger space, and chapter 20 with tests.
#
# ## When it fails
# ### One seed each
# Take the five trainings of the *same* network and pretend that they were different networks, each
# trained once. **How large a "difference" would we report?**

# %% tags=["nbval-ignore-output"]
import itertools

gaps = [abs(a - b) for a, b in itertools.combinations(accuracies, 2)]
print(f"{len(gaps)} pairs of trainings of one network")
print(f"differences: mean {np.mean(gaps):.4f}, largest {max(gaps):.4f}")

# %%
print("mean difference between a network and itself above 0.005:", np.mean(gaps) > 0.005)

# %% [markdown]
# A network beats itself by that much. A difference of this size between two networks with one seed
# each says nothing about the networks. The remedy is to train both several times and to look at the
# difference beside its standard error (exercise 5.4).
#
# ### Choosing by the test part
# The second mistake is quieter. Cut the 360 validation images in two halves, one to choose by and
# one to play the test part, and choose among our 15 networks in two ways:
#
# - honest: choose by the first half, report the second;
# - by test: choose by the second half and report the same second half.
#
# **Which way reports the higher accuracy? Which way finds the better network?** We repeat it with
# 500 random cuts, so that no lucky cut decides.

# %% tags=["nbval-ignore-output"]
right = np.array(list(correct.values()))  # (num_networks, num_images)
rng = np.random.default_rng(0)
honest, flattering, delivered = [], [], []
for _ in range(500):
    first, second = np.split(rng.permutation(right.shape[1]), 2)
    by_first = right[:, first].mean(axis=1).argmax()
    by_second = right[:, second].mean(axis=1).argmax()
    honest.append(right[by_first, second].mean())
    flattering.append(right[by_second, second].mean())
    delivered.append(right[by_second, first].mean())  # what that choice gives on fresh images
print(f"honest:  reports {np.mean(honest):.4f}")
print(f"by test: reports {np.mean(flattering):.4f}, gives {np.mean(delivered):.4f} on fresh images")
print(f"optimism of by test: {np.mean(flattering) - np.mean(delivered):.4f}")

# %%
print("by test reports more:", np.mean(flattering) - np.mean(honest) > 0.001)

# %% [markdown]
# Choosing by the test part raises the report. It cannot choose better: both ways choose by 180
# images, so "gives" is "honest" with the two halves swapped, and differs from it by chance alone.
# The same numbers answer the question of this chapter: read "by test" as "the winner's validation
# accuracy", and the gap to "gives" is the optimism of a real search among 15 real networks.
#
# ## Recap
# - Accuracy is one measure of several; a class that is never found shows in macro recall.
# - Training fits weights, validation chooses networks, the test part is read once.
# - One training is one draw. SD says how far draws scatter; SE = SD / √n says how well the mean is
#   known.
# - Parameters and FLOPs are counted, seconds and latency measured; they do not stand for each
#   other.
# - The winner's validation accuracy is optimistic, more so with more trials and fewer samples.
# - Strategies are compared by medians and quartiles over seeds; one seed decides nothing.
#
# ## Quiz
# Choose an answer before you click on it: it unfolds, and says why it is right or wrong.

# %%
nas.course.quiz("05")

# %% [markdown]
# ## Exercises
# ### Exercise 5.1 ★ Predict: four times the validation samples
# All candidates are equally good, as in the simulation. You validate on 1,440 samples in place of
# 360, with 100 trials as before. By what factor does the winner's optimism shrink? (10 would mean:
# to a tenth.) Set `guess` to a number before you try it.

# %% nbgrader={"grade": false, "grade_id": "ex-5-1", "locked": false, "schema_version": 3, "solution": true, "task": false}
guess = ...
### BEGIN SOLUTION
guess = 2
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check-5-1", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("5.1", guess)

# %% [markdown]
# ### Exercise 5.2 ★★ Write: macro recall
# Write `macro_recall(y_true, y_pred)` with NumPy alone: the recall of each class that occurs in
# `y_true`, then their plain mean. Labels need not be 0, 1, 2, ... *About 4 lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-5-2", "locked": false, "schema_version": 3, "solution": true, "task": false}
def macro_recall(y_true, y_pred):
    """Return the mean over the classes in y_true of the share of the class that was found."""
    ### BEGIN SOLUTION
    recalls = [np.mean(y_pred[y_true == label] == label) for label in np.unique(y_true)]
    return float(np.mean(recalls))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-5-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("5.2", macro_recall)

# %% [markdown]
# ### Exercise 5.3 ★ Write: standard error
# Write `standard_error(values)` for an array of at least two accuracies. *About 2 lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-5-3", "locked": false, "schema_version": 3, "solution": true, "task": false}
def standard_error(values):
    """Return the standard error of the mean of values."""
    ### BEGIN SOLUTION
    return float(np.std(values, ddof=1) / np.sqrt(len(values)))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-5-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("5.3", standard_error)

# %% [markdown]
# ### Exercise 5.4 ★★ Experiment: how many seeds?
# You want to see a difference between two networks, and you know the SD of one training. Write
# `seeds_needed(sd, difference)`: the smallest number of seeds, at least 2, with which the SE of one
# network's mean lies **below half** of the difference. (A rough rule, and a hopeful one: the SE of
# a difference of two means is $\sqrt{2}$ times larger, see In practice.) Then call it with the `sd`
# of our five trainings and differences of 0.02, 0.01 and 0.005. What does halving the difference
# cost? *About 4 lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-5-4", "locked": false, "schema_version": 3, "solution": true, "task": false}
def seeds_needed(sd, difference):
    """Return the smallest n >= 2 with sd / sqrt(n) < difference / 2."""
    ### BEGIN SOLUTION
    # Halving the difference costs four times as many seeds (but for rounding up): the SE falls
    # with the root of n, so n grows with (sd / difference) squared.
    seeds = 2
    while not sd / np.sqrt(seeds) < difference / 2:
        seeds += 1
    return seeds
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-5-4", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("5.4", seeds_needed)

# %% [markdown]
# ### Exercise 5.5 ★★★ Write and experiment: the winner's optimism
# Write `winner_optimism(num_candidates, num_samples, accuracy, rng)`: simulate **one** search among
# equally good candidates, each measured on `num_samples` validation samples of its own, and return
# the winner's measured accuracy minus its true accuracy. Draw from `rng` alone. Then average 1,000
# calls for 1, 10 and 100 candidates of accuracy 0.99 and of 0.50. Where is the optimism larger, and
# why? *About 2 lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-5-5", "locked": false, "schema_version": 3, "solution": true, "task": false}
def winner_optimism(num_candidates, num_samples, accuracy, rng):
    """Return measured minus true accuracy of the winner of one simulated search."""
    ### BEGIN SOLUTION
    # Optimism is larger at 0.50, where the noise of one validation, sqrt(p (1 - p) / n), is
    # largest. With 1 candidate it is 0 on average at both: nothing was chosen.
    measured = rng.binomial(num_samples, accuracy, size=num_candidates) / num_samples
    return float(measured.max() - accuracy)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-5-5", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("5.5", winner_optimism)

# %% [markdown]
# ## In practice
# - The simulation measures every candidate on samples of its own. In a search all share one
#   validation part, so their luck is partly shared, and optimism is smaller than simulated. It does
#   not vanish, as the 500 cuts showed.
# - The 500 cuts reuse the same 360 images. They average out the luck of the cut, not the luck of
#   those images.
# - The difference of two means has an SE of its own, $\sqrt{\mathrm{SE}_1^2 + \mathrm{SE}_2^2}$.
#   With two equal SEs that is $\sqrt{2}$ times one of them. Chapter 20 turns this into tests.
# - After a search: retrain the winner, read the test part once (`TrainingEvaluator.final` does
#   both) and report that number, with the number of trials beside it. It can lie above the search's
#   validation accuracy, in spite of optimism: `final` trains on training plus validation part, on
#   MNIST-1D twice the data.
#
# ## Further reading
# - Lindauer and Hutter 2020, Best practices for scientific research on neural architecture search.
# - Li and Talwalkar 2019, Random search and reproducibility for neural architecture search.
# - Cawley and Talbot 2010, On over-fitting in model selection and subsequent selection bias in
#   performance evaluation: this chapter's optimism, in earnest.
# - Bouthillier et al. 2021, Accounting for variance in machine learning benchmarks.
#
# **中文术语** 性能度量 performance measure, 准确性 accuracy, 召回率 recall, 精确率 precision,
# 混淆矩阵 confusion matrix, 训练集 / 验证集 / 测试集 training / validation / test part,
# 标准差 standard deviation, 标准误 standard error, 随机种子 random seed, 计算资源 compute.
