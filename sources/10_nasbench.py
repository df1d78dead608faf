# ---
# jupyter:
#   nas_tutorial:
#     name: NASBench
#     about: tables of trained networks, in which a search takes seconds
#     minutes: 80
#     document: "6 tools: NASBench"
#     modules: [tables.table, tables.published.nasbench101, tables.published.nasbench201]
# ---

# %% [markdown]
# # Look results up instead of training
#
# *The document's part 6 names NASBench beside TensorFlow and Keras.* After this chapter you can ask
# a benchmark a thousand questions a second, and you know which of its answers are luck.
#
# **You will** read a learning curve out of a table, look at the whole landscape of 8,765 networks,
# measure how well an early ranking predicts the final one, train the table's champions again, and write and
# read two entries of NAS-Bench-101 in its own format, byte by byte.
#
# **You will learn to**
# - say what a tabular benchmark holds, and what a search on it costs;
# - compute a rank correlation by hand, and say what it does not tell about the top;
# - tell an entry of a table from the network that it describes;
# - say why neighbours of good architectures are worth a look;
# - say when two cells of NAS-Bench-101 are one, what its files hold, and how its time is counted;
# - read NAS-Bench-201 and NAS-Bench-101 with the same class.
#
# **You need** chapters 03 to 05 and about 80 minutes with the exercises. The cells take about a minute,
# most of it for one live training of many networks.

# %%
import matplotlib.pyplot as plt
import numpy as np

import nas_tutorial as nas

settings = nas.course.start()

# %% [markdown]
# ## The idea in one sentence
# **Train every network of a space once, write down what happened, and let every search after that
# look it up.**
#
# NAS-Bench-101 (2019) did so for 423,624 cells on CIFAR-10, NAS-Bench-201 (2020) for 15,625 on
# three data sets. What takes a laboratory months is then a line in a table, and strategies can be
# compared with hundreds of seeds by anyone. The course has a table of its own, for the space of
# NAS-Bench-201's cell and for MNIST-1D; it comes with the package and needs no download.

# %%
table = nas.Table.load_course()
space = table.space
print(f"{space.size:,} encodings, {len(table):,} networks")
print("trainings of each network:", table.num_seeds)
print("measured after epochs", *(f"{epochs:.4g}" for epochs in table.epochs))

# %% [markdown]
# ## By hand: one entry
# Ask about one architecture. Accuracies are means over the trainings that the table has of it; parameters
# and FLOPs (operations of one forward pass) are counted, so they have no noise.

# %%
architecture = space.from_string(
    "|nor_conv_3x3~0|+|skip_connect~0|nor_conv_3x3~1|+|nor_conv_1x1~0|none~1|avg_pool_3x3~2|"
)
answer = table.query(architecture)
for name in ("val_accuracy", "test_accuracy", "parameters", "flops"):
    print(f"{name:14}", f"{answer[name]:.4f}" if name.endswith("accuracy") else f"{answer[name]:,}")

# %% [markdown]
# A table also keeps the way to the end: the validation accuracy after a fraction of the training.
#
# **The step size (the *learning rate*) falls smoothly to zero over the five epochs (half a wave of a
# cosine). Where does the curve rise most: in the first quarter of the training, or in the second half?**

# %%
row = table.row(architecture)
curve = [table.column("val_accuracy", epochs)[row, 0] for epochs in table.epochs]
for epochs, accuracy in zip(table.epochs, curve):
    print(f"after {epochs:.4g} epochs: {accuracy:.4f}")

# %% [markdown]
# Most in the first quarter, up to 1.25 epochs; and the second half, while the steps become small, still
# brings several points. Now and then a later point lies below an earlier one: that is the noise of a training
# under way.
#
# These are points of **one** training with one schedule, not seven trainings of different lengths: a
# training that was planned to be shorter would have lowered its learning rate sooner. And only
# these points are known. What was not measured is refused, not made up by interpolation:

# %%
try:
    table.column("val_accuracy", 3)
except ValueError as error:
    print(error)

# %% [markdown]
# ### In the library
# `TableEvaluator` gives a strategy what a live evaluator would: validation metrics of one training, the
# costs, and the seconds that the training took when the table was made. Where the table has several
# trainings of a network, the seed of the trial chooses among them. It never hands out a test accuracy: a
# search that saw it would choose by it.

# %% tags=["nbval-ignore-output"]
nas.course.show(nas.Table.result, nas.TableEvaluator)

# %% [markdown]
# ## The landscape
# All networks at once, as in chapter 01. We take the first training of each (column 0), as a search that
# trains a network once would see it.
#
# **What share of the networks is within two points of the best: 1 %, 5 % or 20 %?**

# %%
accuracy = table.column("val_accuracy")[:, 0]
best = accuracy.max()
levels = np.quantile(accuracy, [0, 0.25, 0.5, 0.75, 1])
print("minimum, quartiles, maximum:", *(f"{level:.3f}" for level in levels))
for points in (1, 2, 5, 10):
    share = np.mean(accuracy >= best - points / 100)
    print(f"within {points:2} points of the best: {share:6.2%}")

# %%
fig, axes = plt.subplots(1, 2, figsize=(8.6, 3.6))
axes[0].hist(accuracy, bins=60, color=nas.plots.COLOURS[0])
axes[0].set(xlabel="validation accuracy", ylabel="networks", title=f"n = {len(table):,} networks")
parameters = np.array([table.query(one)["parameters"] for one in table.networks])
axes[1].scatter(parameters, accuracy, s=3, alpha=0.1, color=nas.plots.COLOURS[1])
axes[1].set(xlabel="parameters", ylabel="validation accuracy", title="accuracy against size")
plt.show()

# %% [markdown]
# About one network in a hundred is within two points of the best. Left: most are decent, few excellent.
# Right: larger networks are better on average, with a wide spread at every size. A column holds the
# networks with equal numbers of convolutions of each kind. The bar at 0.33 and the single dot at 0.1 are
# the same column, at the far left:

# %%
from scipy.stats import spearmanr

smallest = np.flatnonzero(parameters == parameters.min())
cells = [table.networks[row] for row in smallest]
without = [not any("conv" in value for value in cell.values) for cell in cells]
print(
    f"{len(smallest)} networks with {parameters.min()} parameters, no convolution in the cell:",
    all(without),
)
print("no path through the cell at all:", sum(set(cell.values) == {"none"} for cell in cells))
print(
    f"Spearman (next section) of size and accuracy: {spearmanr(parameters, accuracy).statistic:.2f}"
)

# %% [markdown]
# Without a convolution in the cell there is only the first layer to learn with; without a path there is
# nothing to see, and the network guesses.
#
# ## What a rank correlation is
# A search does not need accuracies, it needs an *order*: which is better? How well one measurement
# orders what another orders is a *rank correlation*. Spearman's: replace each value by its rank, and
# take the ordinary correlation of the ranks. `argsort` gives the places in order, smallest first; the
# `argsort` of that gives each value its rank, from 0. Five networks, measured early and at the end:

# %%
early = np.array([0.42, 0.55, 0.47, 0.61, 0.30])
final = np.array([0.80, 0.91, 0.93, 0.95, 0.78])
early_rank, final_rank = (values.argsort(kind="stable").argsort() for values in (early, final))
print("early ranks:", early_rank, " final ranks:", final_rank)
by_hand = np.corrcoef(early_rank, final_rank)[0, 1]
print(f"by hand {by_hand:.2f}, SciPy {spearmanr(early, final).statistic:.2f}")

# %% [markdown]
# 1 means the same order, 0 no relation, -1 the reverse. One swapped pair of neighbours among five costs a
# tenth. Any stretching of the values leaves it as it is, as long as the order stays.
#
# ## Do early leaders win?
# Each network was measured seven times along its training. **How well does the order after a
# sixteenth of the training agree with the final one, over all networks? And among the better half?**

# %%
better = accuracy >= np.median(accuracy)
top = accuracy >= np.quantile(accuracy, 0.9)
print("epochs   all    better half   best tenth     (Spearman with the final order)")
correlations = []
for epochs in table.epochs[:-1]:
    early = table.column("val_accuracy", epochs)[:, 0]
    groups = [slice(None), better, top]
    correlations.append([spearmanr(early[group], accuracy[group]).statistic for group in groups])
    print(f"{epochs:6.3f}  {correlations[-1][0]:5.2f}  {correlations[-1][1]:9.2f}"
          f"  {correlations[-1][2]:11.2f}")  # fmt: skip

# %%
ax = plt.subplots()[1]
for line, colour, values, label in zip(
    nas.plots.LINES,
    nas.plots.COLOURS,
    np.transpose(correlations),
    ("all", "better half", "best tenth"),
):
    ax.plot(table.epochs[:-1], values, line, marker="o", color=colour, label=label)
ax.set(
    xscale="log",
    xlabel="epochs trained (of 5)",
    ylabel="Spearman with the final order",
    ylim=(-0.1, 1),
)
ax.set_xticks(table.epochs[:-1], [f"{epochs:.2f}" for epochs in table.epochs[:-1]], rotation=45)
ax.minorticks_off()
ax.set_title(f"Early against final order, n = {len(table):,} networks")
ax.legend(loc="lower right")
plt.show()

# %% [markdown]
# After a sixteenth of the training the order means nothing yet. After a quarter it is good
# over all networks, and poor in the best tenth: a short training tells the hopeless from the decent, and
# says much less about who will win among the good ones. A correlation over *all* networks is flattered
# by the easy pairs: whoever quotes one should say over which networks. Chapter 15 makes searches cheap
# out of the left end of this figure, and has to live with it.
#
# ## Does a table hold the truth?
# The table's champion has the highest validation accuracy of 8,765; chapter 01 trained it again. **Train
# the ten best again, with other seeds. Will they come out as in the table, higher on average, or
# lower?**
#
# `CompiledEvaluator` trains by the table's own recipe, only much faster than an ordinary `fit`: one
# compiled program serves every architecture, so only the first training waits for the compiler.

# %% tags=["nbval-ignore-output"]
evaluator = nas.CompiledEvaluator(space, nas.load_dataset("mnist1d"))
champions = np.argsort(-accuracy, kind="stable")[:10]
again = np.array(
    [
        [
            evaluator(nas.Candidate(table.networks[row]), seed=1000 + 10 * row + seed).metrics[
                "val_accuracy"
            ]
            for seed in range(3)
        ]
        for row in champions.tolist()
    ]
)
print("in the table   trained again, three times   mean")
for row, values in zip(champions, again):
    print(
        f"{accuracy[row]:12.4f}  ", *(f"{value:.4f}" for value in values), f"   {values.mean():.4f}"
    )
print(f"mean of the ten: {accuracy[champions].mean():.4f} in the table, {again.mean():.4f} again")

# %%
fall = accuracy[champions].mean() - again.mean()
print("on average the ten champions fall when they are trained again:", fall > 0)
print("they stay among the better half:", again.mean() > np.median(accuracy))

# %% [markdown]
# On average they fall; single ones rise. Each entry is a network's worth plus the luck of
# one training, and whoever is picked for the highest sum of 8,765 has been picked for luck as well as
# for worth. (Chapter 05 called it optimism.) The table is not wrong, it is a record of what happened; a
# *network* is what would happen on average. So what a search has found is best judged by means over
# several trainings, and by a metric that was not searched.
#
# How large is the luck? The table holds several trainings of each network, under seeds of their own: other
# initial weights, another order of the samples. **How well do the orders of two trainings agree: over all
# networks, in the better half, in the best tenth?** (The group is chosen by a training that is not one of
# the two, so that neither has a say in who is compared.)

# %%
trainings = table.column("val_accuracy")
print("group        Spearman of two trainings   SD of luck   SD of worth")
for name, level in (("all", 0), ("better half", 0.5), ("best tenth", 0.9)):
    values = []
    for chooser in range(table.num_seeds):
        group = trainings[:, chooser] >= np.quantile(trainings[:, chooser], level)
        one, two = np.delete(trainings[group], chooser, axis=1).T
        luck, worth = np.var(one - two) / 2, np.cov(one, two)[0, 1]
        values.append((spearmanr(one, two).statistic, luck, worth))
    agreement, luck, worth = np.mean(values, axis=0)
    print(f"{name:11}  {agreement:25.2f}   {luck**0.5:10.4f}   {worth**0.5:11.4f}")

# %% [markdown]
# *Worth* is what two trainings of a network have in common (the square root of their covariance), *luck*
# the rest (their difference has the luck of both, so its variance is halved). Two trainings agree about all
# networks, and much less about the best: there the luck of one training weighs more than the differences of
# worth. No search that trains each network once can order the top of this table.
#
# And the ten champions? Here is where they stand in each training of the table.

# %%
ranks = (-trainings).argsort(axis=0, kind="stable").argsort(axis=0) + 1
print("training                       ", *(f"{seed:8}" for seed in range(table.num_seeds)))
for name, values in (
    ("mean of all networks", trainings.mean(axis=0)),
    ("mean of the ten champions", trainings[champions].mean(axis=0)),
):
    print(f"{name:31}", *(f"{value:8.4f}" for value in values))
middle = np.median(ranks[champions], axis=0)
print(f"{'median rank of the champions':31}", *(f"{rank:8,.1f}" for rank in middle))

# %% [markdown]
# They were the first ten where they were chosen; elsewhere they are good, and not the first. Look at the
# accuracies, too: in one of the trainings they are even higher, though the ranks are worse. No training is
# equally kind to all networks. Those of one training share its seed (as in
# NAS-Bench-201), here with it the weights at the start and the order of the samples, so a part of their luck
# is shared. Compare networks within a training, or by their means over all trainings, never one network's
# first with another's second. A search does just that: each trial has a seed of its own, on the table
# as in life, so that the shared part is noise to it like the rest.
#
# NAS-Bench-201 shows luck without any training of ours. There each of the 15,625 encodings was trained, the
# second names of a network too: `benchmarks/nasbench201_ranking.py` (below) counts 685
# networks with several names, and in 680 of them the names have different accuracies on CIFAR-10, by
# 0.2 points in the median.
#
# ## Locality: what neighbours know
# Two architectures are neighbours if they differ on one edge; each has 24. (Some of these are the same
# network under another name, chapter 04's twins; we leave them out, for they are alike by definition.)
# **Take a good
# architecture, and one of its neighbours. Are their accuracies more alike than those of two
# architectures drawn at random?**

# %%
rng = np.random.default_rng(0)
drawn = [space.sample(rng) for _ in range(2000)]
beside = [neighbors[rng.integers(24)] for neighbors in map(space.neighbors, drawn)]
pairs = np.array([(table.row(one), table.row(other)) for one, other in zip(drawn, beside)])
pairs = pairs[pairs[:, 0] != pairs[:, 1]]
print(f"{len(pairs):,} pairs of neighbours that are different networks, of {len(drawn):,}")
own, near = accuracy[pairs].T
far = rng.permutation(own)
print(f"correlation with a neighbour {np.corrcoef(own, near)[0, 1]:.2f}, ", end="")
print(f"with anyone {np.corrcoef(own, far)[0, 1]:.2f}")
print(f"median difference: neighbours {np.median(abs(own - near)):.3f}, ", end="")
print(f"any two {np.median(abs(own - far)):.3f}")

# %%
fig, axes = plt.subplots(1, 2, figsize=(8, 3.8), sharey=True)
for ax, other, title in ((axes[0], near, "a neighbour"), (axes[1], far, "anyone")):
    ax.scatter(own, other, s=5, alpha=0.3, color=nas.plots.COLOURS[0])
    ax.set(xlabel="accuracy of an architecture", title=f"against {title}, n = {len(own):,}")
axes[0].set_ylabel("accuracy of the other")
plt.show()

# %% [markdown]
# The left cloud leans along the diagonal: near the good are good ones. That is all that a mutation
# relies on, and local search (chapter 11) and evolution (chapter 12) with it. It is a property of
# this space and these data, not of search.
#
# ## When it fails
# ### A landscape without neighbourhood
# To see that, destroy it: give every network the accuracies of another, at random. The distribution
# stays the same, number by number; only who has which is shuffled.
#
# **What happens to the genetic search of chapter 03? And to random search?**

# %%
as_measured, others = nas.TableEvaluator(table), rng.permutation(len(table))


def look_up_shuffled(candidate, *, seed):
    """What the table says of another network, always the same one."""
    other = table.networks[others[table.row(candidate.architecture)]]
    return as_measured(nas.Candidate(other), seed=seed)


strategies = {
    "random_search": lambda seed: nas.RandomSearch(space, seed=seed),
    "genetic": lambda seed: nas.Genetic(space, seed=seed),
}
seeds, trials = range(40), 100
in_order = nas.quartiles(nas.compare(strategies, as_measured, trials=trials, seeds=seeds))
in_disorder = nas.quartiles(nas.compare(strategies, look_up_shuffled, trials=trials, seeds=seeds))

# %%
fig, axes = plt.subplots(1, 2, figsize=(8.6, 3.8), sharey=True)
for ax, summary, title in ((axes[0], in_order, "as measured"), (axes[1], in_disorder, "shuffled")):
    nas.plots.plot_comparison(summary, ylabel="best validation accuracy so far", ax=ax)
    ax.set(title=f"{title}, n = {len(seeds)} seeds", ylim=(0.9, 0.98))
axes[1].set_ylabel("")
plt.show()

# %%
for name, summary in (("as measured", in_order), ("shuffled", in_disorder)):
    last = summary[summary["trial"] == trials].set_index("strategy")["median"]
    width = summary[summary["trial"] == trials].set_index("strategy")
    width = (width["upper_quartile"] - width["lower_quartile"])["random_search"]
    gap = last["genetic"] - last["random_search"]
    print(f"{name:12} median of genetic minus random after {trials} trials: {gap:+.4f}", end="")
    print(f"  (quartiles of random search are {width:.4f} apart)")

# %% [markdown]
# (Line: median, band: quartiles.) Random search does not notice: it never looked at neighbours, and the
# distribution is the same. Where neighbours know nothing of each other, breeding is drawing at random with
# more words; a difference within the quartiles is chance. A
# strategy that wins on one benchmark wins by what it assumes about the space, and another space may
# not grant it.
#
# ## Does MNIST-1D rank cells as CIFAR-10 does?
# Every encoding of our space is an architecture of NAS-Bench-201 as well, there with two-dimensional
# layers, photographs and 200 epochs. With the public extract of that benchmark in the environment
# variable `NAS_TUTORIAL_NASBENCH201`,
#
# ```sh
# python benchmarks/nasbench201_ranking.py
# ```
#
# prints Spearman's correlation between the two orders of the 15,625 cells. A stored result of it, with the
# mean over our trainings (see `benchmarks/README.md`):
#
# | order by | against CIFAR-10, 200 epochs |
# | --- | --- |
# | our table, all cells | 0.84 |
# | our table, the better half | 0.39 |
# | CIFAR-100, in NAS-Bench-201 itself | 0.98 |
# | the number of parameters | 0.82 |
#
# Our table agrees on what is hopeless and much less on what is best, and for the coarse order one might as
# well count parameters. A table knows one recipe (here five epochs and 16 filters) and one data set.
#
# ## NAS-Bench-101: one name for a cell
# NAS-Bench-101 lets a cell have up to seven nodes and nine edges; each inner node is a 3x3 convolution, a 1x1
# convolution or a max pooling. It is written as an adjacency matrix (a 1 where an edge goes from row to
# column) and a list of operations. Its own demonstration notebook asks for the first cell below, and the
# answer comes with the second.
#
# **Is that a bug?**

# %%
from nas_tutorial.tables.published.nasbench101 import cell_hash

cells = nas.NodeCellSpace()
CONV3, CONV1, POOL = cells.OPERATIONS


def cell(rows, operations):
    """A cell from the rows of its matrix and the operations of its five inner nodes."""
    return nas.Architecture((*(int(rows[s][t]) for s, t in cells.pairs), *operations))


asked = cell(
    ["0111010", "0000001", "0000001", "0000100", "0000001", "0000001", "0000000"],
    [CONV1, CONV3, CONV3, CONV3, POOL],
)
answered = cell(
    ["0111100", "0000001", "0000001", "0000001", "0000010", "0000001", "0000000"],
    [CONV3, CONV1, POOL, CONV3, CONV3],
)
print("same encoding:", asked == answered)
for one in (asked, answered):
    print(cell_hash(cells.graph(one)))

# %% [markdown]
# No bug: two numberings of one graph. Four branches go from input to output: one convolution of each kind, a
# pooling, and two 3x3 convolutions in a row. The benchmark names a cell by a hash of the pruned graph (chapter
# 04's fingerprint does the same for our spaces): each node starts with its degrees and its
# operation, and again and again takes the names of its neighbours into its own; the sorted names make
# the cell's. Node numbers never enter.
#
# **Up to five nodes there are 22,680 valid encodings. How many cells?**

# %%
small = nas.NodeCellSpace(num_nodes=5)
hashes = [cell_hash(small.graph(one)) for one in small]
print(f"{len(hashes):,} encodings, {len(set(hashes)):,} cells")

# %% [markdown]
# As many as the published code names. With seven nodes it is 423,624 cells, each of them trained
# from scratch for 4, 12, 36 and 108 epochs, three times each: 5,083,488 trainings.
#
# ## What is in the official file
# The file is 2 GB (0.5 GB with 108 epochs alone), too large to come with a course. Our own networks
# cannot stand in: a label `conv3x3-bn-relu` promises a convolution before its batch norm, an accuracy
# promises CIFAR-10, and with our numbers in these fields the file would lie. So here are two entries of
# the benchmark itself, as public repositories quote them: two cells, three trainings each, measured
# after 54 and after 108 epochs. Accuracies are right answers among 9,984 images.

# %%
rows_a = ["0100110", "0010000", "0001001", "0000010", "0000010", "0000001", "0000000"]
rows_b = ["0101000", "0010110", "0000001", "0000100", "0000010", "0000001", "0000000"]
first = cell(rows_a, [CONV3, POOL, CONV3, CONV3, CONV1])
second = cell(rows_b, [POOL, CONV3, POOL, CONV1, POOL])
entries = [  # cell, rows, parameters, then a line a training: twice seconds, train, val, test
    (first, rows_a, 8_555_530, [
        (883.4580078125, 8269, 7764, 7728, 1769.1279296875, 9984, 9227, 9197),
        (883.6810302734375, 8782, 8278, 8191, 1768.2509765625, 9984, 9231, 9176),
        (883.4569702148438, 8621, 8103, 8046, 1768.9759521484375, 9984, 9290, 9201),
    ]),
    (second, rows_b, 3_468_426, [
        (702.2459716796875, 6582, 6323, 6267, 1405.5989990234375, 9982, 8956, 8925),
        (700.7080078125, 7751, 7382, 7307, 1402.673095703125, 9984, 9072, 9009),
        (700.573974609375, 7792, 7326, 7120, 1401.5679931640625, 9982, 8977, 8923),
    ]),
]  # fmt: skip

# %% [markdown]
# A training is a list in JSON: hash, epochs, matrix, operations, and the measurements, a *protocol buffer*
# in base 64. In a protocol buffer each field is a byte that says its number and kind, and then the
# value.


# %%
import base64
import json
import struct


def field(number, value):
    """One field of a protocol buffer: a double, a message inside, or a whole number."""
    if isinstance(value, float):
        return bytes([number << 3 | 1]) + struct.pack("<d", value)
    if isinstance(value, bytes):
        return bytes([number << 3 | 2, len(value)]) + value
    sevens = [value >> shift & 127 for shift in (0, 7, 14, 21)]  # seven bits a byte, lowest first
    return bytes([number << 3, *(bits | 128 for bits in sevens[:-1]), sevens[-1]])


def evaluation(epoch, seconds, *correct):
    """What was measured after some epochs; fields 1 to 5."""
    values = [epoch, seconds, *(count / 9984 for count in correct)]
    return b"".join(field(number, float(value)) for number, value in enumerate(values, start=1))


def training(one, rows, parameters, numbers):
    """One training as the file's JSON has it. What was measured before it we do not know: empty."""
    measured = (b"", evaluation(54, *numbers[:4]), evaluation(108, *numbers[4:]))
    metrics = b"".join(field(1, part) for part in measured) + field(2, parameters)
    operations = ["input", *one.values[len(cells.pairs) :], "output"]
    name, text = cell_hash(cells.graph(one)), base64.b64encode(metrics).decode()
    return json.dumps([name, 108, "".join(rows), ",".join(operations), text]).encode()


print(training(*entries[0][:3], entries[0][3][0]).decode()[:240])

# %% [markdown]
# The file strings such texts together as TensorFlow's *TFRecord*: length, checksum of the length, content,
# checksum of the content. Then it is read by what would read the official one.


# %%
import tempfile
from pathlib import Path

from IPython.utils.capture import capture_output

from nas_tutorial.tables.published import nasbench101
from nas_tutorial.tables.published.tfrecord import masked_checksum


def record(content):
    """A TFRecord: eight bytes of length, and four of checksum after each part."""
    length = struct.pack("<Q", len(content))
    sums = [struct.pack("<I", masked_checksum(part)) for part in (length, content)]
    return length + sums[0] + content + sums[1]


path = Path(tempfile.mkdtemp()) / "excerpt.tfrecord"
path.write_bytes(
    b"".join(
        record(training(one, rows, parameters, numbers))
        for one, rows, parameters, trainings in entries
        for numbers in trainings
    )
)
with capture_output():  # the progress bar
    excerpt = nasbench101.load(path, partial=True)
print(excerpt)
for one in excerpt.networks:
    answer = excerpt.query(one)
    print(cell_hash(cells.graph(one)), f"{answer['parameters']:,} parameters", end="")
    print(f"  validation {answer['val_accuracy']:.4f}  test {answer['test_accuracy']:.4f}")

# %% [markdown]
# The reader has checked the checksums, and that each hash is the hash of its cell. `partial=True` allows
# that cells are missing; without it a file of two is refused:

# %%
try:
    nasbench101.load(path)
except ValueError as error:
    print(str(error).replace(str(path), "the excerpt"))

# %% [markdown]
# ### How it is asked, and how its time is counted
# The published rules, kept by our table:
#
# - **Epochs** are 4, 12, 36 or 108, or half of each. Other lengths were not trained. (This excerpt, like the
#   small official file, has 108 alone.)
# - **Repeats**: a query gets one of three trainings, drawn at random. `TableEvaluator` draws by the trial's
#   seed, so that a search can be repeated.
# - **Time**: each query costs the seconds of the training that it got, a second query of the same cell as well.
#   Ours adds one case: who stopped halfway may go on to the end and pays the rest. A training for 36
#   epochs cannot go on to 108, since its learning rate has come to its end.
#
# **How much of the final accuracy is there after half of the epochs: nearly all of it?**

# %%
from nas_tutorial.trials import Resumed

for epochs in (36, 108):
    try:
        look_up = nas.TableEvaluator(excerpt, epochs)
    except ValueError as error:
        print(error)
for seed in range(3):
    half = look_up(nas.Candidate(first, epochs=54), seed=seed)
    whole = look_up(nas.Candidate(first), seed=seed)
    rest = look_up(nas.Candidate(first, 108, resumes=Resumed(0, 54)), seed=seed)
    print(
        f"repeat {seed}: validation {half.metrics['val_accuracy']:.4f} after {half.seconds:.0f} s, "
        f"{whole.metrics['val_accuracy']:.4f} after {whole.seconds:.0f} s; the second half {rest.seconds:.0f} s"
    )

# %% [markdown]
# Halfway, 9 to 15 points are missing, and the repeats differ by five; at the end they differ by less than one.
# The learning rate falls along a cosine, as in our own table, and most of the settling comes late. One training
# took half an hour. That is what each look-up saves, and `seconds` charges.
#
# ### What you type with the official files
# The course's README says where they are to be had. They are converted once to a compact file beside them,
# and then answer as the course's table does:
#
# ```python
# table = nasbench101.load("nasbench_full.tfrecord")         # minutes, once; then seconds
# table.query(first)                                         # means of three trainings for 108 epochs
# table.query(first, epochs=36)
# history = search(RegularizedEvolution(table.space), TableEvaluator(table), seconds=5e5)
#
# from nas_tutorial.tables.published import nasbench201
# table = nasbench201.load("NATS-tss-v1_0-3ffb9-simple", "cifar100")
# table.optimum("test_accuracy", epochs=200)
# ```
#
# | | course | NAS-Bench-101 | NAS-Bench-201 (NATS-Bench) |
# | --- | --- | --- | --- |
# | operations sit on | edges | nodes | edges |
# | entries | 8,765 networks | 423,624 cells | 15,625 encodings |
# | data | MNIST-1D | CIFAR-10 | CIFAR-10, CIFAR-100, ImageNet16-120 |
# | trained for | 5 epochs | 4, 12, 36, 108 | 12, 200 |
# | a second name of a network | finds the same entry | finds the same entry | has an entry of its own |
# | file | NumPy arrays | TFRecord of JSON | pickle |
#
# A pickle can run any program when it is opened; our converter of the NATS-Bench files admits a short list of
# harmless types and refuses everything else.
#
# ## Recap
# - A tabular benchmark answers at once what took months; simulated seconds keep the costs.
# - A rank correlation says how well one order agrees with another; over all networks it flatters.
# - An entry is a network's worth plus luck; the best entry is lucky, and falls when trained again.
# - Among the best networks luck weighs more than worth. Some of it is shared by all that have one seed.
# - Neighbours of good architectures are good: that is what search strategies live on.
# - One table is one recipe on one data set.
# - NAS-Bench-101 names a cell by a hash that forgets node numbers; a query gets one of three trainings and
#   pays its time.
#
# ## Quiz
# Choose an answer before you click on it: it unfolds, and says why it is right or wrong.

# %%
nas.course.quiz("10")

# %% [markdown]
# ## Exercises
# ### Exercise 10.1 ★ Predict: the order of errors

# %%
test_accuracy = table.column("test_accuracy")[:, 0]
print(f"validation and test accuracy: Spearman {spearmanr(accuracy, test_accuracy).statistic:.3f}")

# %% [markdown]
# So the two orders are nearly one. What is Spearman's correlation between validation **accuracy** and test
# **error** ($1 -$ accuracy)? Set `guess` to a number with three decimals.

# %% nbgrader={"grade": false, "grade_id": "ex-10-1", "locked": false, "schema_version": 3, "solution": true, "task": false}
guess = ...
### BEGIN SOLUTION
guess = -0.998
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check-10-1", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("10.1", guess)

# %% [markdown]
# ### Exercise 10.2 ★★ Write: Spearman with ties
# Write `spearman(first, second)` with NumPy alone, for arrays that may hold equal values: equal
# values share the mean of the ranks that they occupy, so that 3, 5, 5, 9 have the ranks 1, 2.5, 2.5,
# 4. *About 5 lines. `argsort().argsort()` gives equal values different ranks: not enough here.*


# %% nbgrader={"grade": false, "grade_id": "ex-10-2", "locked": false, "schema_version": 3, "solution": true, "task": false}
def spearman(first, second):
    """Return the correlation of the ranks; equal values share the mean of their ranks."""

    ### BEGIN SOLUTION
    def ranks(values):
        below = (values[:, None] > values[None, :]).sum(axis=1)
        equal = (values[:, None] == values[None, :]).sum(axis=1)
        return below + (equal + 1) / 2

    return float(np.corrcoef(ranks(np.asarray(first)), ranks(np.asarray(second)))[0, 1])
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-10-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("10.2", spearman)

# %% [markdown]
# ### Exercise 10.3 ★★ Write and experiment: precision at the top
# A search that stops most trainings early keeps the `k` networks that look best early on. What share
# of them belongs to the `k` that are best in the end? Write `precision_at(k, early, final)`, where
# `early` and `final` are arrays of accuracies of the same networks, all values different. (The cell after
# the check uses it on the table, where equal accuracies are parted by a tiny random number.) Which would
# you rather have: a correlation of 0.9 over all, or a precision of 0.5 at ten? *About 4 lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-10-3", "locked": false, "schema_version": 3, "solution": true, "task": false}
def precision_at(k, early, final):
    """Return the share of the early top k that is in the final top k."""
    ### BEGIN SOLUTION
    # For a search the second: it only needs the winner to survive. A high correlation over all
    # networks can come from telling the hopeless ones apart.
    chosen = np.argsort(early, kind="stable")[-k:]
    wanted = np.argsort(final, kind="stable")[-k:]
    return len(set(chosen.tolist()) & set(wanted.tolist())) / k
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-10-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("10.3", precision_at)

# %% [markdown]
# The experiment, once your function is there:

# %%
if precision_at(1, np.array([0.1, 0.2]), np.array([0.1, 0.2])) is not None:
    for epochs in (table.epochs[0], table.epochs[-2]):
        parted = np.random.default_rng(0).uniform(0, 1e-6, size=(2, len(table)))
        early = table.column("val_accuracy", epochs)[:, 0] + parted[0]
        shares = [precision_at(k, early, accuracy + parted[1]) for k in (10, 100, 1000)]
        whole = spearmanr(early, accuracy).statistic
        print(f"after {epochs:.4g} epochs: Spearman over all {whole:.2f}, ", end="")
        print("precision at 10, 100, 1,000:", *(f"{one:.2f}" for one in shares))

# %% [markdown]
# ### Exercise 10.4 ★★ Write: is it a local optimum?
# An architecture is a *local optimum* if none of its neighbours is better. Write
# `is_local_optimum(architecture, space, accuracy_of)`, where `accuracy_of(architecture)` looks up. (A
# twin is a neighbour of equal accuracy, and equal is not better.) The cell after the check counts, among
# 500 random architectures, how many are local optima: chapter 11 begins there. *About 3 lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-10-4", "locked": false, "schema_version": 3, "solution": true, "task": false}
def is_local_optimum(architecture, space, accuracy_of):
    """Return whether no neighbour of the architecture is better than it."""
    ### BEGIN SOLUTION
    own = accuracy_of(architecture)
    return all(accuracy_of(neighbor) <= own for neighbor in space.neighbors(architecture))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-10-4", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("10.4", is_local_optimum)

# %%
if is_local_optimum(drawn[0], space, lambda one: 0.5) is not None:
    found = [
        is_local_optimum(one, space, lambda one: accuracy[table.row(one)]) for one in drawn[:500]
    ]
    print(f"{sum(found)} of 500 random architectures are local optima")

# %% [markdown]
# ## In practice
# - A table covers a space that is small enough to train whole. Larger ones have *surrogate* benchmarks:
#   a model predicts what a training would give (NAS-Bench-301), with an error of its own.
# - Seconds in a table are those of the machine that made it. They compare trainings with each other,
#   not with your machine.
# - Search on the validation metric at the length of training that a real search could afford, and
#   report the test metric of the full one.
# - Data sets differ in what they ask of a cell. A strategy tuned on one table has seen that table;
#   test it on another.
#
# ## Further reading
# - Ying et al. 2019, NAS-Bench-101: towards reproducible neural architecture search.
# - Dong and Yang 2020, NAS-Bench-201: extending the scope of reproducible neural architecture search.
# - Dong et al. 2021, NATS-Bench: the same for sizes, and more measurements.
# - Zela et al. 2022, Surrogate NAS benchmarks (NAS-Bench-301).
# - Yang, Esperança and Carlucci 2020, NAS evaluation is frustratingly hard.
#
# **中文术语** 基准 benchmark · 基准库 benchmark suite (NASBench) · 秩相关 rank correlation ·
# 学习曲线 learning curve · 随机种子 random seed · 局部最优 local optimum · 邻居 neighbour
