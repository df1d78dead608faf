# ---
# jupyter:
#   nas_tutorial:
#     name: Search spaces as graphs
#     about: how many networks a space holds
#     minutes: 90
#     document: 4.1 the search space as a graph
#     modules: [spaces.graph, spaces.base]
# ---

# %% [markdown]
# # Count the networks in a search space
#
# After this chapter you can look at a search space and say how many networks it holds, which is
# not the number that is printed on its label.
#
# It walks through part 4.1 of the document (搜索空间数学模型): a search space is modelled by a
# graph whose nodes are layers and whose edges are connections.
#
# **You will** draw three search spaces, count them by hand and by code, build one network, and find
# out when two descriptions mean the same one.
#
# **You will learn to**
# - say what a directed acyclic graph is, and read a network from one;
# - count the encodings of a space as a product;
# - tell which parts of a graph do any work, and prune the rest;
# - tell whether two graphs are the same network, and state the rule by which you do;
# - list the moves from an architecture to its neighbours.
#
# **You need** chapter 02 (what a search space is), Python's sets and dictionaries, and about 90
# minutes. One cell builds Keras models; none is trained.

# %%
import matplotlib.pyplot as plt
import numpy as np

import nas_tutorial as nas

settings = nas.course.start()

# %% [markdown]
# ## The idea
#
# **An architecture is a name; the network is the graph that is left when everything idle is gone;
# and several names can mean one network.**
#
# A network is drawn as a *graph*: nodes, and edges that carry tensors from one node to the next. A
# tensor flows one way, so the edges are *directed*. A layer cannot wait for its own output, so no
# path leads back to where it began: the graph is *acyclic*. Together: a *directed acyclic graph*, a
# DAG.
#
# In the document, nodes are layers and edges are connections. Papers do it both ways.
# NAS-Bench-101, a table of the accuracies of all networks in one space, has the operations on
# nodes. NAS-Bench-201, a second such table, has them on edges, and so has DARTS, a search that
# chooses them by gradient descent. This library turns both into graphs of one kind, with the
# **operations as nodes**. So one drawing, one comparison and one way to build a model serve every
# space.
#
# The names of the operations follow the two benchmarks, which are about images. On a sequence,
# read "3x3" as three:
#
# | name | what it does |
# |---|---|
# | `nor_conv_3x3` | "normal convolution": ReLU, convolution with three taps, batch normalisation |
# | `nor_conv_1x1`, `nor_conv_5x5` | the same with one tap, with five |
# | `avg_pool_3x3`, `max_pool_3x3` | the mean, the maximum of three neighbours in each channel |
# | `skip_connect` | hands its input on |
# | `none` | no edge |
# | `conv1x1-bn-relu`, `conv3x3-bn-relu` | convolution, batch normalisation, ReLU |
# | `maxpool3x3` | NAS-Bench-101's name for `max_pool_3x3` |
#
# A tensor holds several numbers, its *channels*, for each position of the sequence. A convolution
# with three *taps* sums, with weights, all channels of three neighbouring positions (3 x 3 on an
# image). *ReLU* turns negative numbers into 0. *Batch normalisation* brings each channel to mean 0
# and variance 1, then applies a trained scale and offset.
#
# ## By hand: three nodes
#
# The smallest case worth drawing has an input (node 0), one operation (node 1) and an output (node
# 2). Number the nodes so that every edge leads from a lower number to a higher one: then no cycle
# is possible. Three such edges exist, 0→1, 1→2 and 0→2. Each is there or not: $2^3 = 8$ graphs.
#
# **Before you run the cell: how many different networks are among the eight?** Write it down.

# %%
possible_edges = [(0, 1), (1, 2), (0, 2)]
eight = []
for bits in np.ndindex(2, 2, 2):
    edges = frozenset(edge for edge, bit in zip(possible_edges, bits) if bit)
    eight.append(nas.Graph(("input", "nor_conv_3x3", "output"), edges))

figure, axes = plt.subplots(2, 4, figsize=(11, 3.6))
for number, (graph, ax) in enumerate(zip(eight, axes.flat), start=1):
    nas.plots.plot_graph(graph, ax=ax)
    ax.set_title(f"graph {number}")
plt.show()

# %% [markdown]
# Pale and dashed is what does no work. The convolution works only where both 0→1 and 1→2 are
# there. In graph 3 it computes from nothing; in graph 5 nobody reads what it computes.
#
# The next cell removes the idle parts and puts equal ones together.

# %%
together = {}
for number, graph in enumerate(eight, start=1):
    together.setdefault(graph.pruned(), []).append(number)
for network, numbers in together.items():
    print("graphs", numbers, "are", network.operations, sorted(network.edges))

# %% [markdown]
# Eight graphs, four networks: nothing at all, the bare connection, the convolution, and the
# convolution with a connection around it. Half of the names are spare already here.
#
# A graph that runs in a circle cannot be built; the library says so at once.

# %%
try:
    nas.Graph(("input", "nor_conv_3x3", "nor_conv_3x3", "output"), {(0, 1), (1, 2), (2, 1), (2, 3)})
except ValueError as error:
    print(error)

# %% [markdown]
# ## Three spaces in the library
#
# A search space is a list of *choices*, and a rule that turns one value per choice (an
# *architecture*) into a graph. Where names are counted, an architecture is also called an *encoding*.
# The number of encodings is a product of numbers of options.
#
# ### The chain: layers in a row
#
# `ChainSpace` has six slots. Each holds one of three operations or is skipped.
#
# **By hand first: how many encodings?** Four options, six times.

# %%
chain = nas.ChainSpace()
row = nas.Architecture(
    ("nor_conv_3x3", "skip", "max_pool_3x3", "nor_conv_5x5", "skip", "nor_conv_3x3")
)
print(chain.choices[0])
print(f"4**6 = {4**6:,}; the library says {chain.size:,}")
nas.plots.plot_graph(chain.graph(row))
plt.show()

# %% [markdown]
# 4,096. Six slots were filled and four operations are drawn: a skipped slot leaves no trace. Keep
# that in mind.
#
# ### The edge cell: operations on edges
#
# NAS-Bench-201's *cell* is a small graph that is stacked several times to make a network. It has
# four nodes, 0 (input) to 3 (output); each adds up what reaches it. Every pair of nodes has an
# edge, and each edge carries one of five operations. One of them, `none`, means: no edge.
#
# **By hand: how many edges do four nodes have, and how many encodings are there?**

# %%
space = nas.EdgeCellSpace()
print(len(space.EDGES), "edges:", *(choice.name for choice in space.choices), sep="  ")
print(*space.OPERATIONS, sep="  ")
print(f"5**6 = {5**6:,}; the library says {space.size:,}")

# %% [markdown]
# Six edges, 15,625 encodings. NAS-Bench-201 writes an encoding as a text: for each node after the
# first, the operations that reach it, each with the number of the node that it comes from. You will
# meet these texts wherever the benchmark is used, so the library reads and writes them.

# %%
text = "|nor_conv_3x3~0|+|skip_connect~0|none~1|+|nor_conv_1x1~0|none~1|avg_pool_3x3~2|"
cell = space.from_string(text)
print(cell)
print(space.to_string(cell) == text)

try:
    space.from_string(text.replace("conv_1x1", "conv_7x7"))
except ValueError as error:
    print(error)

# %% [markdown]
# Both ways work, and a foreign operation is refused. Now the graph. The operations sit on edges,
# and we want them as nodes. So each edge becomes a node, and two of them are linked where the first
# edge ends at the node at which the second begins.

# %% tags=["nbval-ignore-output"]
nas.course.show(nas.EdgeCellSpace.graph)

# %% [markdown]
# The sum that NAS-Bench-201 has in its nodes is not lost: a node of ours adds up whatever reaches
# it. **Before you run the cell: the encoding has two `none`. How many operations will be drawn,
# and will all of them do work?**

# %%
graph = space.graph(cell)
nas.plots.plot_graph(graph)
plt.show()

# %% [markdown]
# Four are drawn, three of them work. The `nor_conv_3x3` on edge 0→1 leads to node 1, and both edges
# that leave node 1 are `none`.
#
# ### The node cell: operations on nodes
#
# NAS-Bench-101's cell has up to seven nodes. We write it with exactly seven: a smaller cell is one
# in which some nodes are idle. Each of the 21 pairs of nodes is linked or not, and the five inner
# nodes hold one of three operations, a 1x1 convolution, a 3x3 convolution or max pooling:
# $2^{21} \cdot 3^5$ encodings. Two rules apply: the output must hang on the input, and at most nine
# edges may do work.

# %%
node_cell = nas.NodeCellSpace()
print(f"2**21 * 3**5 = {2**21 * 3**5:,}; the library says {node_cell.size:,}")
nas.plots.plot_graph(node_cell.graph(node_cell.sample(np.random.default_rng(3))))
plt.show()

# %% [markdown]
# Three of the five operations are idle, so this is a cell of four nodes: two 1x1 convolutions in a
# row, and a connection around them. The output is "concat": here it does not add up what reaches
# it, but joins it along the channels.
#
# Half a billion: too many to list. How many of them keep the rules? Draw some at random and look.
# `space.sample` is no help, since it returns valid ones only; so we draw each choice ourselves.
#
# **Guess: what share of 2,000 random encodings is valid: 1 %, 10 %, 50 %, 75 % or 99 %?**

# %%
rng, draws = np.random.default_rng(0), 2000
valid = 0
for _ in range(draws):
    values = [choice.options[rng.integers(len(choice.options))] for choice in node_cell.choices]
    valid += node_cell.is_valid(nas.Architecture(values))
share = valid / draws
error = (share * (1 - share) / draws) ** 0.5
print(f"valid: {valid:,} of {draws:,}, {share:.1%} with a standard error of {error:.1%}")
print(f"about {share * node_cell.size / 1e6:.0f} million valid encodings")

# %% [markdown]
# About three in four (seed 0). Other draws would give another share; the *standard error* says by how
# much such a share is typically off (chapter 05). The authors of NAS-Bench-101 trained every different
# cell among the valid encodings: 423,624 (Ying et al. 2019). So a cell of theirs has hundreds of names
# in the mean. Why?
#
# ## From architecture to graph to model
#
# A graph becomes a Keras model in `Skeleton.build`: it puts a convolution in front, stacks the
# cell, and ends in a classifier. Here one cell with 16 channels, for sequences of 40 numbers in ten
# classes. We also build a *twin*: the same encoding but for edge 0→1, which does no work.
#
# **Guess: which of the two models has more parameters? A 3-tap convolution from 16 to 16 channels
# has 3 · 16 · 16 weights, and its batch normalisation 4 · 16 more numbers: scale, offset, mean and
# variance of each channel.**

# %%
from nas_tutorial.spaces.skeleton import Skeleton

twin = space.from_string(text.replace("nor_conv_3x3~0", "avg_pool_3x3~0"))
bare = space.from_string(text.replace("nor_conv_1x1~0", "none~0"))
skeleton = Skeleton(filters=16, cells=(1,))
for name, one in (("cell", cell), ("twin", twin), ("bare", bare)):
    model = skeleton.build(space.graph(one), input_shape=(40, 1), num_classes=10)
    print(f"{name}: {model.count_params()} parameters")
print("a convolution on the dead edge would add", 3 * 16 * 16 + 4 * 16)

# %% [markdown]
# The cell and its twin have equally many: the idle convolution was never built. `bare` differs in
# an edge that does work, 0→3; its 1-tap convolution was $16 \cdot 16 + 4 \cdot 16 = 320$ numbers.
#
# ## What does work, and what does not
#
# A node does work if and only if it lies on a path from input to output: the input reaches it
# *and* it reaches the output. Either half alone is not enough, as graphs 3 and 5 have shown. To
# *prune* is to keep those nodes and the edges between them.

# %% tags=["nbval-ignore-output"]
nas.course.show(nas.Graph.live_nodes, nas.Graph.pruned)

# %% [markdown]
# Two walks, one along the edges from the input, one against them from the output; what both reach
# is alive. Watch it on the cell from above.

# %%
print("all  ", graph.operations)
print("alive", sorted(graph.live_nodes()))
print("left ", graph.pruned().operations, sorted(graph.pruned().edges))

# %% [markdown]
# Node 1 is gone, and the rest is numbered afresh. Why not keep the idle parts, and let the training
# sort them out? A convolution that nothing reaches does not give zero: its batch normalisation
# adds a trained offset. So with idle parts kept, a network would change by an edge that should not
# exist. Every model in this course is built from the pruned graph.
#
# ## When are two graphs the same network?
#
# Pruning takes away one source of second names. There is another: the *numbering*. Take a
# convolution on 0→1→3, passed on by a skip, or the same on 0→2→3.

# %%
by_node_1 = space.from_string(
    "|nor_conv_3x3~0|+|avg_pool_3x3~0|none~1|+|none~0|skip_connect~1|nor_conv_1x1~2|"
)
by_node_2 = space.from_string(
    "|avg_pool_3x3~0|+|nor_conv_3x3~0|none~1|+|none~0|nor_conv_1x1~1|skip_connect~2|"
)
figure, axes = plt.subplots(1, 2, figsize=(10, 2))
for one, ax in zip((by_node_1, by_node_2), axes):
    nas.plots.plot_graph(space.graph(one), ax=ax)
plt.show()
first, second = space.graph(by_node_1), space.graph(by_node_2)
print("dead nodes:   ", len(first.operations) - len(first.live_nodes()))
print("equal graphs: ", first == second)
print("fingerprints: ", first.fingerprint() == second.fingerprint())

# %% [markdown]
# Everything works in both, they differ as sets of numbered edges, and yet any eye sees one network
# drawn upside down. Two graphs that become equal by renumbering are *isomorphic*. Trying all
# numberings is slow, so `fingerprint` writes the pruned graph in one agreed way: two graphs get the
# same text if and only if they are isomorphic.

# %%
print(first.fingerprint())
print(second.fingerprint())

# %% [markdown]
# A list of operations, then edges between places in that list. Equal texts, one network.
#
# The rule of this course is now complete, and it is worth a sentence: **two architectures are the
# same network if and only if their pruned graphs are isomorphic, with a skip counted as a node.**
#
# ## How many networks are there?
#
# $5^6 = 15\,625$ encodings. It is tempting to call them 15,625 networks.
#
# **Guess before you count: how many networks remain: about 15,000, 12,000, 9,000 or 3,000?**

# %%
fingerprint = {a: space.graph(a).fingerprint() for a in space}
networks = set(fingerprint.values())
print(f"{len(fingerprint):,} encodings, {len(networks):,} networks")
print(f"{1 - len(networks) / len(fingerprint):.0%} of the encodings are second names")

# %% [markdown]
# 8,765. Does it matter to a search? A random search draws names. The next cell draws 1,000 of them,
# with 20 seeds, and counts after each draw how many different encodings and how many different
# networks it has met.
#
# **Guess: among the first 100 draws, how many networks are repeats: 0, 1, 10 or 40?**

# %%
encodings = list(space)
number = {text: i for i, text in enumerate(sorted(networks))}
network_of = np.array([number[fingerprint[a]] for a in encodings])


def distinct_so_far(items):
    """How many different items there are among the first 1, 2, ... of them."""
    first_seen = np.zeros(len(items), dtype=bool)
    first_seen[np.unique(items, return_index=True)[1]] = True
    return np.cumsum(first_seen)


drawn = [np.random.default_rng(seed).integers(space.size, size=1000) for seed in range(20)]
curves = {
    "different encodings": np.array([distinct_so_far(one) for one in drawn]),
    "different networks": np.array([distinct_so_far(network_of[one]) for one in drawn]),
}

# %%
figure, ax = plt.subplots()
draw = np.arange(1, 1001)
for (name, counts), line, colour in zip(curves.items(), nas.plots.LINES, nas.plots.COLOURS):
    low, middle, high = np.quantile(counts, (0.25, 0.5, 0.75), axis=0)
    ax.plot(draw, middle, line, color=colour, label=name)
    ax.fill_between(draw, low, high, color=colour, alpha=0.2, linewidth=0)
ax.set(xlabel="random draws", ylabel="met so far")
ax.set_title("What 1,000 draws buy: median of n = 20 seeds, band: quartiles")
ax.legend()
plt.show()
for name, counts in curves.items():
    print(
        f"{name}: {np.median(counts[:, 99]):.0f} of 100, {np.median(counts[:, 999]):.0f} of 1,000"
    )
print(f"equally many names each: {100 * 99 / 2 / len(networks):.2f} repeats expected in 100 draws")

# %% [markdown]
# In the median, eleven of 100 draws are repeats, and a third of 1,000. The encodings hardly repeat;
# the networks do. A search that trains each draw afresh pays for them, unless it remembers
# fingerprints (`search(..., reuse=True)` does).
#
# The last line: 100 draws make 100 · 99 / 2 pairs. If all 8,765 networks had equally many names, a
# pair would be equal with chance 1/8,765: about half a repeat in 100 draws, not eleven. So some
# networks must have far more names than others. (Which? Exercise 4.2.)
#
# ## When it fails: a fingerprint that is too eager
#
# A fingerprint can be wrong in two ways. One that is too *lazy* gives twins different texts: we
# train a network twice, which costs time. One that is too *eager* gives different networks the same
# text: the search believes that it knows a network which it has never seen.
#
# Here is an eager one. It looks at which operations the pruned graph has, and forgets how they are
# linked. It answers in no time, and it is right about the twin.

# %%


def eager(architecture):
    """The working operations, in alphabetical order."""
    return tuple(sorted(space.graph(architecture).pruned().operations))


in_a_row = space.from_string(
    "|nor_conv_3x3~0|+|none~0|nor_conv_1x1~1|+|none~0|none~1|skip_connect~2|"
)
side_by_side = space.from_string(
    "|nor_conv_3x3~0|+|none~0|none~1|+|nor_conv_1x1~0|skip_connect~1|none~2|"
)
figure, axes = plt.subplots(1, 2, figsize=(10, 2))
for one, ax in zip((in_a_row, side_by_side), axes):
    nas.plots.plot_graph(space.graph(one), ax=ax)
plt.show()
print("cell and twin:            ", eager(cell) == eager(twin))
print("in a row and side by side:", eager(in_a_row) == eager(side_by_side))

# %% [markdown]
# Right about the twin, and wrong about these two: they hold the same three operations and compute
# different things. **Guess: how many of the 8,765 networks does the eager fingerprint lose?**

# %%
by_eager = {eager(a) for a in space}
print(f"{len(by_eager):,} networks by the eager rule, {len(networks) - len(by_eager):,} lost")

# %% [markdown]
# Nearly all of them. Two cells that are known to be twins are a weak test of a fingerprint; it must
# be tried on cells that are known to differ.
#
# ## Another rule gives another number
#
# Is 8,765 *the* number of networks? It is the number by our rule. Two others:
#
# - *Dead edges only*: drop the edges that do no work, and compare what is left edge by edge. No
#   renumbering.
# - *NAS-Bench-201's*, from its published code: write down the formula that the output computes. A
#   skip leaves its input as it is, so it is not written; `none` is written as a zero, and so is an
#   operation on a zero. The terms of a sum are sorted.
#
# The next cell spells such a formula in two ways, in the published letters and as a textbook
# would, for two cells whose output is the same sum.
#
# **Guess: do both spellings find that the two cells are the same?**

# %%


def formula(architecture, x, zero, apply):
    """What the output computes from x, skips left out, sums sorted as texts."""
    operation = dict(zip(space.EDGES, architecture.values))
    written = [x]
    for target in range(1, space.NUM_NODES):
        terms = []
        for source in range(target):
            name, given = operation[source, target], written[source]
            if name == space.NONE or given == zero:
                terms.append(zero)
            else:
                terms.append(given if name == "skip_connect" else apply(name, given))
        written.append("+".join(sorted(terms)))
    return written[-1]


def as_published(architecture):
    """The formula with the letters of NAS-Bench-201's code."""
    return formula(architecture, "0", "#", lambda name, given: f"({given})@{name}")


def as_in_a_textbook(architecture):
    """The same formula in other letters."""
    return formula(architecture, "x", "0", lambda name, given: f"{name}({given})")


for name in (
    "|nor_conv_1x1~0|+|none~0|none~1|+|nor_conv_1x1~0|nor_conv_3x3~1|skip_connect~2|",
    "|nor_conv_1x1~0|+|none~0|skip_connect~1|+|none~0|nor_conv_3x3~1|skip_connect~2|",
):
    one = space.from_string(name)
    print(name)
    print("  textbook: ", as_in_a_textbook(one))
    print("  published:", as_published(one))

# %% [markdown]
# The textbook's text is the same twice; the published one is not, for its last two terms have
# changed places. In the second cell a skip hands on the sum of node 2, `#+(0)@nor_conv_1x1`. It is
# sorted as one text, by its first letter `#`, and so comes before `((0)@...`. In the first cell
# `(0)@nor_conv_1x1` is a term of its own, and comes after it. Whether two sums meet depends on the
# alphabet.
#
# Now count by each rule; for the first one the library has `space.without_dead_edges`.
#
# **Guess: which rule counts more networks than ours, which fewer?**

# %%
for name, rule in (
    ("dead edges only", space.without_dead_edges),
    ("our rule", fingerprint.get),
    ("NAS-Bench-201's", as_published),
    ("the same in other letters", as_in_a_textbook),
):
    print(f"{name:26}{len({rule(a) for a in space}):,}")

# %% [markdown]
# *Dead edges only* is lazy: it counts mirror images twice. The third line is the 6,466 that the
# NAS-Bench-201 paper prints (Dong and Yang 2020): with skips left out, more cells fall together.
# The last line is a warning: other letters for the same formula, and the count is another. A rule
# should be about graphs, not about letters.
#
# Why does a skip stay a node here? Two skips side by side give $x + x$, and that is not $x$. Our
# edges are a set: two connections between the same nodes would become one. As nodes, two skips
# stay two. The price: a network with a skip in a row and one without it count as two, though they
# compute the same. That errs on the lazy side, which costs time and never loses a network.
#
# Whenever a paper says how many networks a space has, ask: by which rule?
#
# ## The chain has second names too
#
# In a chain nothing is ever dead: it is one path. Yet a skipped slot leaves no trace, so it does
# not matter *which* slots are skipped. By hand: a chain with $k$ operations left is one of $3^k$,
# and $k$ is 0 to 6.
#
# **Add them up, then run.**

# %%
from collections import Counter

powers = [3**k for k in range(7)]
chains = Counter(chain.graph(a).fingerprint() for a in chain)
print(*powers, sep=" + ", end=f" = {sum(powers):,}\n")
print(f"{chain.size:,} encodings, {len(chains):,} networks")

# %% [markdown]
# 1,093 networks in 4,096 encodings: even the plainest space has nearly four names a network. It
# leans to one side as well: a random name skips each slot with probability 1/4, so mostly one or
# two are skipped, though most of the networks, 729, skip none.
#
# ## A space is also its moves
#
# Most strategies do not jump about. They stand on an architecture and step to one close by. So the
# space is more than a set: it is a set with *moves*, and these make a graph of their own, in which
# every architecture is a node. Three moves come with every space:
#
# - **neighbours**: all architectures that differ in exactly one choice;
# - **mutation**: one of these at random;
# - **crossover**: each value from one of two parents, by the toss of a coin.
#
# **By hand: how many neighbours has an edge cell?** Six choices, each with four other options. And
# a node cell has $21 \cdot 1 + 5 \cdot 2 = 31$, if all are valid.

# %%
rng = np.random.default_rng(1)
print("6 * 4 =", 6 * 4, "and the library lists", len(space.neighbors(cell)))
counts = [len(node_cell.neighbors(node_cell.sample(rng))) for _ in range(200)]
print(f"node cell, 200 samples: {min(counts)} to {max(counts)} valid neighbours of 31")

# %% [markdown]
# 24, always. The node cell has a border: some steps lead out of the valid region, so some cells
# have fewer neighbours than others.
#
# Now a mutation and a crossover, each shown by the choices that it changed.

# %%
other = space.sample(rng)
child, mixed = space.mutate(cell, rng), space.crossover(cell, other, rng)
print(f"{'edge':8}{'cell':16}{'mutated':16}{'other':16}crossover")
for choice, *values in zip(space.choices, cell.values, child.values, other.values, mixed.values):
    print(f"{choice.name:8}" + "".join(f"{value:16}" for value in values).rstrip())

# %% [markdown]
# The mutation changed exactly one edge. The crossover took every value from one parent or the
# other, so where the parents agree, the child cannot differ: crossover alone never brings in
# a new value.
#
# Six steps suffice from any cell to any other, one an edge. **But does a step always change the
# network? Of the 24 neighbours of the cell above, how many are the same network as it?** Look at
# the drawing: its idle edge 0→1 has four other options.

# %%
same = [n for n in space.neighbors(cell) if fingerprint[n] == fingerprint[cell]]
for n in same:
    changed = [
        f"edge {choice.name}: {old} becomes {new}"
        for choice, old, new in zip(space.choices, cell.values, n.values)
        if old != new
    ]
    print(*changed)
print(len(same), "of", len(space.neighbors(cell)), "neighbours are the same network")

# %% [markdown]
# Four steps of 24 change the name and leave the network. (How often is it so elsewhere? Exercise
# 4.4.)
#
# ## Numbers for the chapters to come
#
# Predictors of accuracy (chapter 13) want a vector. `encode` writes an architecture as *one-hot*: a
# feature for each option of each choice, 1 where it was chosen and 0 elsewhere.
#
# **By hand: how many features has an edge cell, and how many are 1?**

# %%
features = space.encode(cell)
print(features.reshape(6, 5).astype(int))
print("features:", features.size, " ones:", int(features.sum()))
print("features in which cell and twin differ:", int((features != space.encode(twin)).sum()))

# %% [markdown]
# 6 · 5 = 30 features, six of them 1; each row is an edge. One step in the space changes two
# features. The last line is a warning: cell and twin are one network, and their vectors differ. A
# one-hot vector describes the name.
#
# ## Recap
# - A network is a directed acyclic graph; here its nodes are operations, whatever the paper does.
# - A space is a product of choices, so its encodings are counted by multiplying.
# - An encoding is a name. The network is what is left after pruning, up to isomorphism: 15,625
#   names, 8,765 networks.
# - The number depends on the rule, so state the rule. Too lazy costs time; too eager loses
#   networks.
# - A space is also its moves, and some moves change the name alone.
#
# ## Quiz
# Choose an answer before you click on it: it unfolds, and says why it is right or wrong.

# %%
nas.course.quiz("04")

# %% [markdown]
# ## Exercises
#
# ### Exercise 4.1 ★ Predict: which edges work?
# Look at this cell, and do not draw it yet:
#
# `|none~0|+|skip_connect~0|nor_conv_3x3~1|+|nor_conv_1x1~0|avg_pool_3x3~1|none~2|`
#
# Which of its six edges do any work? Write them as a set of pairs, such as `{(0, 1), (1, 2)}`. Draw
# the graph after your guess.

# %% nbgrader={"grade": false, "grade_id": "ex-4-1", "locked": false, "schema_version": 3, "solution": true, "task": false}
guess = ...
### BEGIN SOLUTION
guess = {(0, 3)}  # nothing reaches node 1, and nothing leaves node 2
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check-4-1", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("4.1", guess)

# %% [markdown]
# ### Exercise 4.2 ★★ Write: how many names has a network?
# Write `names_per_network(space)`: a dictionary from fingerprint to the number of encodings that
# share it. Then look at the largest numbers in the edge cell. Which networks are these, and why
# do they have so many names? *About 1 to 5 lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-4-2", "locked": false, "schema_version": 3, "solution": true, "task": false}
def names_per_network(space):
    """Return {fingerprint: number of encodings that denote that network}."""
    ### BEGIN SOLUTION
    return Counter(space.graph(architecture).fingerprint() for architecture in space)
    ### END SOLUTION


### BEGIN SOLUTION
for text, count in names_per_network(nas.EdgeCellSpace()).most_common(5):
    print(count, "names:", text)
# The empty network, and each of the four operations alone on the direct edge 0 to 3. Where no path
# leads through nodes 1 and 2, only that edge counts; the other five can be filled in 341 such ways.
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check-4-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("4.2", names_per_network)

# %% [markdown]
# ### Exercise 4.3 ★★ Write: count the paths
# A network with skips is many networks at once: one for each path from input to output (Veit et al.
# 2016). Write `num_paths(graph)`, the number of different paths from input to output. A graph in
# which the output hangs on nothing has 0. Do not list the paths: count, for one node after the
# other, in how many ways it is reached. *About 4 lines; `graph.predecessors(node)` helps.*


# %% nbgrader={"grade": false, "grade_id": "ex-4-3", "locked": false, "schema_version": 3, "solution": true, "task": false}
def num_paths(graph):
    """Return the number of different paths from the graph's input to its output."""
    ### BEGIN SOLUTION
    ways = [1]
    for node in range(1, len(graph.operations)):
        ways.append(sum(ways[source] for source in graph.predecessors(node)))
    return ways[-1]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-4-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("4.3", num_paths)

# %% [markdown]
# ### Exercise 4.4 ★★★ Experiment: steps that lead nowhere
# Call a step to a neighbour *silent* if the neighbour is the same network. Write
# `silent_share(space, architectures)`: of all steps from these architectures to their neighbours,
# taken together, the share that is silent. *About 6 lines.*
#
# **Before you use it, order the three spaces by their share of silent steps.** Then measure: 30
# samples of each space (`SPACES.load(name)()` makes one, `np.random.default_rng(0)` draws). One of
# the three numbers is exact, and you can prove it.


# %% nbgrader={"grade": false, "grade_id": "ex-4-4", "locked": false, "schema_version": 3, "solution": true, "task": false}
def silent_share(space, architectures):
    """Return the share, in [0, 1], of all steps to a neighbour that keep the network."""
    ### BEGIN SOLUTION
    silent = steps = 0
    for architecture in architectures:
        here = space.graph(architecture).fingerprint()
        for neighbor in space.neighbors(architecture):
            steps += 1
            silent += space.graph(neighbor).fingerprint() == here
    return silent / steps
    ### END SOLUTION


### BEGIN SOLUTION
for name in nas.SPACES:
    one, rng = nas.SPACES.load(name)(), np.random.default_rng(0)
    print(f"{name}: {silent_share(one, [one.sample(rng) for _ in range(30)]):.3f}")
# chain: 0 exactly. One changed slot changes an operation or the length, so no step is silent,
# though three in four of the encodings are second names. In a node cell most steps are silent.
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check-4-4", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("4.4", silent_share)

# %% [markdown]
# ## In practice
# - The three spaces are small on purpose, so that they can be counted. A network of the DARTS space
#   has a normal cell and a reduction cell, each one of about $10^9$: $10^{18}$ encodings by its
#   authors' count (Liu et al. 2019), and nobody lists it.
# - Our graphs say nothing of widths, strides or the number of cells: the skeleton fixes these.
#   Large spaces search them too.
# - Equal graphs are equal networks *before* training. Trained twice with two seeds, one network
#   still gives two accuracies (chapter 05).
#
# ## Further reading
# - Ying, Klein, Christiansen, Real, Murphy, Hutter 2019, *NAS-Bench-101: Towards Reproducible
#   Neural Architecture Search*, section 2: the node cell, pruning, and duplicates by isomorphism.
# - Dong and Yang 2020, *NAS-Bench-201: Extending the Scope of Reproducible Neural Architecture
#   Search*, section 2: the edge cell, and the count 6,466.
# - Liu, Simonyan, Yang 2019, *DARTS: Differentiable Architecture Search*: operations on edges.
# - White, Neiswanger, Nolen, Savani 2020, *A Study on Encodings for Neural Architecture Search*:
#   what a choice of encoding does to a search.
# - Veit, Wilber, Belongie 2016, *Residual Networks Behave Like Ensembles of Relatively Shallow
#   Networks*: paths as networks.
# - McKay and Piperno 2014, *Practical graph isomorphism, II*: how a fingerprint is made fast.
#
# ## In Chinese
# 搜索空间 search space; 图 graph; 节点 node; 边 edge; 层次 layer; 连接 connection; 有向无环图 directed
# acyclic graph; 编码 encoding; 剪枝 pruning; 同构 isomorphic; 邻居 neighbour; 变异 mutation; 交叉 crossover
