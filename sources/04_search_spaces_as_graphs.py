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
# Draw a hundred architectures at random from a space of 15,625. How often will you draw a network that you have already
# seen? Someone who multiplies says: hardly ever. In fact eleven of the hundred are repeats, so a search that trains each of
# its draws pays for one training run in nine without learning anything new about the space.
#
# The reason is that a search space lists *descriptions*, and one network can have many. In this chapter you will draw
# three search spaces, count them by hand and by code, decide when two descriptions mean the same network, and find out
# that the space on whose label stands 15,625 holds 8,765 networks.
#
# > **Follows** section 4.1 of the source tutorial · **Needs** chapters 01 to 03, Python's sets and dictionaries · **Takes** about 90 minutes
# > (the cells themselves run in less than half a minute; nothing is trained)
#
# **You will learn to**
# - say what a directed acyclic graph is, and read a network from one;
# - count the encodings of a space as a product;
# - tell which parts of a graph do any work, and prune the rest;
# - tell whether two graphs are the same network, and state the rule by which you do;
# - list the moves from an architecture to its neighbours.

# %%
import matplotlib.pyplot as plt
import numpy as np

import nas_tutorial as nas
from nas_tutorial.reporting.cells import plot_cell_twice

settings = nas.course.start()

# %% [markdown]
# ## The idea in one picture
# **An encoding is what a strategy writes down. The network is the graph that remains when everything idle is gone. Several
# encodings can mean one network.**

# %%
nas.course.figures.chapter04.encodings_and_networks()
plt.show()

# %% [markdown]
# Each row on the left is an **encoding**, six operations for the six edges of chapter 01's cell. The first three lead
# to the same network. In two of them an operation differs that does no work (it is in italics), and in the third the
# nodes 1 and 2 have swapped their roles.
#
# ## A network is a graph
# A network is drawn as a *graph*: nodes, and edges that carry tensors from one node to the next. A tensor flows one way,
# so the edges are *directed*. A layer can't wait for its own output, so no path leads back to where it began: the graph
# is *acyclic*. Together that makes a **directed acyclic graph**, a DAG.
#
# Should operations be nodes or edges? Papers do it both ways. NAS-Bench-101, a table of all networks in one space, puts
# operations on nodes. NAS-Bench-201, a second such table, puts them on edges, and so does DARTS. This library turns
# both into graphs of one kind, with the **operations as nodes**, so that one drawing, one comparison and one way to build
# a model serve every space.
#
# ### By hand: three nodes
# The smallest interesting case has an input (node 0), one operation (node 1) and an output (node 2). Number the nodes so
# that every edge leads from a lower number to a higher one. Then no cycle is possible. Three such edges exist, 0→1, 1→2
# and 0→2, and each is there or not: $2^3 = 8$ graphs.
#
# **Before you run the cell: how many different networks are among the eight?**

# %%
possible_edges = [(0, 1), (1, 2), (0, 2)]
eight = {}
for number, bits in enumerate(np.ndindex(2, 2, 2), start=1):
    edges = frozenset(edge for edge, bit in zip(possible_edges, bits) if bit)
    eight[f"graph {number}"] = nas.Graph(("input", "nor_conv_3x3", "output"), edges)
nas.course.figures.chapter04.graphs(eight)
plt.show()

# %% [markdown]
# What does no work is pale and dashed. The convolution works only where both 0→1 and 1→2 are there. In graph 3 it
# computes from nothing, and in graph 5 nobody reads what it computes. The next cell removes the idle parts (`pruned`)
# and puts equal graphs together.

# %%
together = {}
for name, graph in eight.items():
    together.setdefault(graph.pruned(), []).append(name.removeprefix("graph "))
for network, numbers in together.items():
    print(f"graphs {', '.join(numbers):8}", network.operations, sorted(network.edges))

# %% [markdown]
# Eight graphs, four networks: nothing at all, the bare connection, the convolution, and the convolution with a
# connection around it.
#
# ## Three spaces in the library
# A search space is a list of *choices*, and a rule that turns one option per choice into a graph. Its number of
# encodings is the product of the numbers of options.
#
# **The chain** is a row of layers. `ChainSpace` has six slots, and each holds one of three operations or is skipped.

# %%
chain = nas.ChainSpace()
row = nas.Architecture(
    ("nor_conv_3x3", "skip", "max_pool_3x3", "nor_conv_5x5", "skip", "nor_conv_3x3")
)
print(f"options of a slot: {chain.choices[0].options}")
print(f"4**6 = {4**6:,}; the library says {chain.size:,}")
nas.plots.plot_graph(chain.graph(row))
plt.show()

# %% [markdown]
# Six slots were filled and four operations are drawn, since a skipped slot leaves no trace. (This drawing works for every
# space and uses the library's names: `nor_conv_3x3` is conv 3.)
#
# **The edge cell** is that of NAS-Bench-201 and of chapter 01. It has four nodes, each of which adds up what reaches it,
# and every pair of nodes is joined by an edge that carries one of five operations. Four nodes have
# $4 \cdot 3 / 2 = 6$ pairs, so there are $5^6 = 15\,625$ encodings. NAS-Bench-201 writes an encoding as a text: for each node
# after the first the operations that reach it, each with the number of the node it comes from. You will meet such
# texts wherever the benchmark is used.

# %%
space = nas.EdgeCellSpace()
text = "|nor_conv_3x3~0|+|skip_connect~0|none~1|+|nor_conv_1x1~0|none~1|avg_pool_3x3~2|"
cell = space.from_string(text)
print(f"5**6 = {5**6:,}; the library says {space.size:,}")
print("edges:    ", *(choice.name for choice in space.choices), sep="  ")
print("encoding: ", *cell.values, sep="  ")

# %%
plot_cell_twice(space, cell)
plt.show()

# %% [markdown]
# On the left the cell as papers draw it, on the right the graph that the library makes of it. Each edge becomes a
# node, and two of them are linked where the first edge ends at the node at which the second begins. The sums are not lost:
# a node on the right adds up whatever reaches it.
#
# **The node cell** is that of NAS-Bench-101, with seven nodes. Each of the 21 pairs of nodes is linked or not, and the
# five inner nodes hold one of three operations: $2^{21} \cdot 3^5$ encodings. Two rules apply. The output must be
# reachable from the input, and at most nine edges may do work.

# %%
node_cell = nas.NodeCellSpace()
print(f"2**21 * 3**5 = {2**21 * 3**5:,}; the library says {node_cell.size:,}")
nas.plots.plot_graph(node_cell.graph(node_cell.sample(np.random.default_rng(3))))
plt.show()

# %% [markdown]
# Three of the five operations are idle in this one, so it is a small cell in a large frame. (The output is labelled
# "concat": it does not add up what reaches it, but stacks the channels.)
#
# Half a billion encodings are too many to list. How many keep the rules? Draw some and look. (`space.sample` is no help
# here, since it returns valid ones only.)

# %%
rng, draws = np.random.default_rng(0), 2000
valid = 0
for _ in range(draws):
    values = [choice.options[rng.integers(len(choice.options))] for choice in node_cell.choices]
    valid += node_cell.is_valid(nas.Architecture(values))
share = valid / draws
print(
    f"{share:.1%} are valid, give or take {(share * (1 - share) / draws) ** 0.5:.1%} (standard error)"
)
print(f"that is about {share * node_cell.size / 423_624:,.0f} valid encodings per network")

# %% [markdown]
# The authors of NAS-Bench-101 trained every different network of this space, 423,624 of them (Ying et al. 2019). So on
# average a network has hundreds of encodings here. The picture shows why: an idle node can hold any operation and
# any links that lead nowhere, and none of that changes the network.
#
# ## What works, and what does not
# A node works if and only if it lies on a path from input to output: it is reachable from the input, *and* the output
# is reachable from it. To **prune** a graph is to keep those nodes and the edges between them.
#
# **Look at the cell above again. Two of its edges are `none`. How many of its six edges do any work?**

# %%
plot_cell_twice(space, cell, fade_dead=True)
plt.show()
graph = space.graph(cell)
print("on edges that are not none:", graph.operations)
print("left after pruning:        ", graph.pruned().operations)

# %% tags=["nbval-ignore-output"]
nas.course.show(nas.Graph.live_nodes)

# %% [markdown]
# Three. The conv 3 on edge 0→1 leads to node 1, and both edges that leave node 1 are `none`. The library finds this with
# two walks, one along the edges from the input, one against them from the output. What both reach is alive.
#
# Why not keep the idle parts and let training sort them out? Training would pay for an operation that nobody reads.
# Worse, a convolution that nothing *reaches* does not output zero, since the normalisation behind it adds a trained offset,
# so the network would change by an edge that should not exist. Every model in this course is built from the pruned graph. The
# next cell builds three of them: the cell, a second encoding of it that differs on the dead edge, and a cell that really is
# different.
#
# **A conv 3 has 832 parameters and a conv 1 has 320. Which of the three models has most?**

# %%
from nas_tutorial.spaces.skeleton import Skeleton

second = space.from_string(text.replace("nor_conv_3x3~0", "avg_pool_3x3~0"))
smaller = space.from_string(text.replace("nor_conv_1x1~0", "none~0"))
for name, one in (("cell", cell), ("second encoding", second), ("without conv 1", smaller)):
    model = Skeleton(filters=16, cells=(1,)).build(
        space.graph(one), input_shape=(40, 1), num_classes=10
    )
    print(f"{name:16} {model.count_params()} parameters")

# %% [markdown]
# The first two have equally many: the idle conv 3 was never built. The third lacks the 320 numbers of the conv 1.
#
# ## When are two graphs the same network?
# Pruning removes one source of second encodings. The other is the *numbering* of the nodes.

# %%
nas.course.figures.chapter04.isomorphism()
plt.show()

# %% [markdown]
# Two graphs are **isomorphic** if one becomes the other by renumbering its nodes: a one-to-one map $\pi$ of the nodes
# keeps every operation and every edge,
#
# $$ \text{op}_A(i) = \text{op}_B(\pi(i)), \qquad (i, j) \in E_A \Leftrightarrow (\pi(i), \pi(j)) \in E_B. $$
#
# Trying all renumberings is slow. So `fingerprint` writes the pruned graph down in one agreed order, and two graphs get
# the same text if and only if they are isomorphic. Here the branches of a cell swap nodes 1 and 2.

# %%
by_node_1 = space.from_string(
    "|nor_conv_3x3~0|+|avg_pool_3x3~0|none~1|+|none~0|skip_connect~1|nor_conv_1x1~2|"
)
by_node_2 = space.from_string(
    "|avg_pool_3x3~0|+|nor_conv_3x3~0|none~1|+|none~0|nor_conv_1x1~1|skip_connect~2|"
)
first, other = space.graph(by_node_1), space.graph(by_node_2)
print("the same numbered graph:", first == other)
print(first.fingerprint())
print(other.fingerprint())

# %% [markdown]
# Everything works in both, they differ as sets of numbered edges, and they are one network.
#
# The rule of this course is now complete: **two encodings are the same network if and only if their pruned graphs are
# isomorphic, with a skip counted as a node.**
#
# ### How many encodings has the cell from above?
# We can count by hand. Its network goes through node 2 and over the edge 0→3, and node 1 does nothing. There are two ways
# for node 1 to do nothing. Either nothing reaches it: 0→1 is `none`, and the two edges that leave it can carry anything, $5
# \cdot 5 = 25$ encodings. Or something reaches it and nothing leaves: 0→1 is one of four operations, and both edges
# behind it are `none`, 4 encodings. Nodes 1 and 2 can also swap their roles, which doubles the count:
#
# $$ 2 \cdot (25 + 4) = 58. $$
#
# Now let the computer compare fingerprints, for this network and for the whole space.

# %% tags=["nbval-ignore-output"]
nas.course.predict("4.a", "different networks among 15,625 encodings", low=1, high=15_625)

# %%
from collections import Counter

fingerprint = {architecture: space.graph(architecture).fingerprint() for architecture in space}
encodings = Counter(fingerprint.values())
print(f"encodings of the cell's network: {encodings[fingerprint[cell]]}")
print(f"{space.size:,} encodings, {len(encodings):,} networks")
for size, count in sorted(Counter(encodings.values()).items()):
    print(f"{count:5,} networks have {size:3} encodings each: {size * count:6,} in all")
nas.course.reveal("4.a", len(encodings))

# %% [markdown]
# 58, as derived, and 8,765 networks, so 44 % of the encodings are second ones. They are spread very unevenly. Most
# networks have a single encoding, 80 have 58 each, and five have 341. (Which five? Exercise 4.2.)
#
# ## What does it cost a search?
# Random search draws encodings. If a network has $c_i$ of the $N = 15\,625$, two draws meet in the same network with probability
#
# $$ P(\text{same}) = \sum_i \left(\frac{c_i}{N}\right)^2 , $$
#
# and among $n$ draws we expect $n - \sum_i \left(1 - (1 - c_i/N)^n\right)$ repeats: $n$, minus the expected number of
# different networks.

# %% tags=["nbval-ignore-output"]
nas.course.predict("4.b", "repeated networks among 100 random draws", low=0, high=50)

# %%
share = np.array(list(encodings.values())) / space.size
even = np.full(len(encodings), 1 / len(encodings))  # as if all networks had equally many
for name, chance in (("as it is", share), ("equally many", even)):
    repeats = [n - (1 - (1 - chance) ** n).sum() for n in (100, 1000)]
    print(f"{name:13} {repeats[0]:5.1f} repeats in 100 draws, {repeats[1]:5.0f} in 1,000")
nas.course.reveal("4.b", 100 - (1 - (1 - share) ** 100).sum())

# %% [markdown]
# Eleven or twelve of a hundred, and a third of a thousand. If all networks had equally many encodings, a hundred draws
# would repeat half a network. So it is the *unevenness* that costs. A simulation agrees:

# %%
number = {text: i for i, text in enumerate(encodings)}
network_of = np.array([number[text] for text in fingerprint.values()])


def distinct_so_far(items):
    """How many different items are among the first 1, 2, ... of them."""
    first_places = np.unique(items, return_index=True)[1]
    return np.cumsum(np.isin(np.arange(len(items)), first_places))


drawn = [np.random.default_rng(seed).integers(space.size, size=1000) for seed in range(100)]
met = {
    "different encodings": np.array([distinct_so_far(one) for one in drawn]),
    "different networks": np.array([distinct_so_far(network_of[one]) for one in drawn]),
}
for name, counts in met.items():
    print(
        f"{name}: {counts[:, 99].mean():.1f} of 100, {counts[:, 999].mean():.0f} of 1,000 (100 seeds)"
    )

# %%
nas.course.figures.chapter04.met_so_far(met)
plt.show()

# %% [markdown]
# A search that trains every draw pays for the repeats, unless it remembers fingerprints. `nas.search(..., reuse=True)`
# does.
#
# ## When it fails: a fingerprint that is too eager
# A fingerprint can be wrong in two ways. One that is too *lazy* gives two encodings of one network different texts. Then
# the network is trained twice, which costs time. One that is too *eager* gives two different networks the same text. Then
# the search believes that it knows a network which it has never seen.
#
# Here is an eager one. It looks at which operations the pruned graph has, and forgets how they are linked.

# %%


def eager(architecture):
    """The working operations in alphabetical order."""
    return tuple(sorted(space.graph(architecture).pruned().operations))


in_a_row = space.from_string(
    "|nor_conv_3x3~0|+|none~0|nor_conv_1x1~1|+|none~0|none~1|skip_connect~2|"
)
side_by_side = space.from_string(
    "|nor_conv_3x3~0|+|none~0|none~1|+|nor_conv_1x1~0|skip_connect~1|none~2|"
)
two = {"in a row": space.graph(in_a_row), "side by side": space.graph(side_by_side)}
nas.course.figures.chapter04.graphs(two, columns=2)
plt.show()
print("the cell and its second encoding:", eager(cell) == eager(second))
print("in a row and side by side:       ", eager(in_a_row) == eager(side_by_side))

# %% [markdown]
# It is right about the first pair and wrong about the second.

# %% tags=["nbval-ignore-output"]
nas.course.predict("4.c", "networks of 8,765 that the eager rule loses", low=0, high=8764)

# %%
lost = len(encodings) - len({eager(architecture) for architecture in space})
print(f"{len(encodings) - lost:,} networks by the eager rule, {lost:,} lost")
nas.course.reveal("4.c", lost)

# %% [markdown]
# Nearly all of them. A test on encodings that are known to be *equal* can't find such a bug. A fingerprint must be
# tried on networks that are known to *differ*.
#
# ## Another rule gives another number
# Is 8,765 *the* number of networks? It is the number by our rule. If you only drop dead edges and compare what is left
# edge by edge, mirror images count twice:

# %%
without_dead_edges = {space.without_dead_edges(architecture) for architecture in space}
print(
    f"dead edges dropped, no renumbering: {len(without_dead_edges):,}; our rule: {len(encodings):,}"
)

# %% [markdown]
# And the NAS-Bench-201 paper prints 6,466 (Dong and Yang 2020), because it also leaves out skips, which pass their
# input on unchanged. Why does a skip stay a node here? Two skips side by side give $x + x$, and that is not $x$. Our edges
# are a set, so without a node of their own the two would become one. The price: a network with a skip in a row and one without it count
# as two, although they compute the same. That is an error on the lazy side, which costs time and never loses a network.
#
# Whenever a paper says how many networks a space has, ask: by which rule?
#
# ### Optional: a count that depends on the alphabet
# The published 6,466 hides a small bug. The benchmark's code writes down the formula that the output computes, with the
# input as `0` and a missing term as `#`, and sorts the terms of a sum *as texts*. The next cell does the same in two
# alphabets.

# %%


def formula(architecture, x, zero, apply):
    """What the output computes from x, skips left out, the terms of a sum sorted as texts."""
    operation = dict(zip(space.EDGES, architecture.values))
    written = [x]
    for target in range(1, space.NUM_NODES):
        terms = [zero] * target
        for source in range(target):
            name, given = operation[source, target], written[source]
            if name != space.NONE and given != zero:
                terms[source] = given if name == "skip_connect" else apply(name, given)
        written.append("+".join(sorted(terms)))
    return written[-1]


published = {formula(a, "0", "#", lambda name, given: f"({given})@{name}") for a in space}
textbook = {formula(a, "x", "0", lambda name, given: f"{name}({given})") for a in space}
print(f"in the published letters {len(published):,}, in a textbook's letters {len(textbook):,}")

# %% [markdown]
# The same formulas, another alphabet, another count. A sum that was passed on by a skip is sorted as *one* text, by its
# first letter, so whether two equal sums get the same text depends on the letters. A rule should be about graphs and not about
# letters.
#
# ## The chain has second encodings too
# In a chain nothing is ever dead, since it is a single path. But a skipped slot leaves no trace, so it doesn't matter
# *which* slots are skipped. A chain with $k$ operations left is one of $3^k$, and $k$ runs from 0 to 6:

# %%
powers = [3**k for k in range(7)]
chains = {chain.graph(architecture).fingerprint() for architecture in chain}
print(*powers, sep=" + ", end=f" = {sum(powers):,}\n")
print(f"{chain.size:,} encodings, {len(chains):,} networks")

# %% [markdown]
# 1,093 networks in 4,096 encodings: even the plainest space has nearly four encodings per network.
#
# ## A space is also its moves
# Most strategies don't jump about. They stand on an architecture and step to one nearby. So a space is more than a set:
# it is a set with *moves*, and every space in the library has three:
#
# - **neighbours**: all architectures that differ in exactly one choice;
# - **mutation**: one of the neighbours, drawn at random;
# - **crossover**: each value from one of two parents, by the toss of a coin.
#
# An edge cell has six choices with four other options each, so $6 \cdot 4 = 24$ neighbours.

# %%
rng = np.random.default_rng(1)
print("neighbours of the cell:", len(space.neighbors(cell)))
parent = space.sample(rng)
child, mixed = space.mutate(cell, rng), space.crossover(cell, parent, rng)
print(f"{'edge':8}{'cell':16}{'mutated':16}{'parent':16}crossover")
for choice, *values in zip(space.choices, cell.values, child.values, parent.values, mixed.values):
    print(f"{choice.name:8}" + "".join(f"{value:16}" for value in values).rstrip())

# %% [markdown]
# The mutation changed exactly one edge. The crossover took every value from one parent or the other, so where the parents
# agree, the child can't differ.
#
# Six steps lead from any cell to any other. But does a step always change the network?

# %% tags=["nbval-ignore-output"]
nas.course.predict("4.d", "neighbours of the cell that are the same network", low=0, high=24)

# %%
same = [one for one in space.neighbors(cell) if fingerprint[one] == fingerprint[cell]]
for one in same:
    changed = [
        (choice.name, new)
        for choice, old, new in zip(space.choices, cell.values, one.values)
        if old != new
    ]
    print("edge {} becomes {}".format(*changed[0]))
print(len(same), "of", len(space.neighbors(cell)), "neighbours are the same network")
nas.course.reveal("4.d", len(same))

# %% [markdown]
# Four of 24 steps change the encoding and leave the network as it was: the dead edge 0→1 has four other options. How
# often that happens elsewhere is exercise 4.4.
#
# ### Numbers for the chapters to come
# Predictors of accuracy (chapter 13) want a vector. `encode` writes an architecture as **one-hot**: one feature for each
# option of each choice, 1 where it was chosen and 0 elsewhere.

# %%
features = space.encode(cell)
print(features.reshape(6, 5).astype(int))
print("features:", features.size, " ones:", int(features.sum()))
print("features that differ in the second encoding:", int((features != space.encode(second)).sum()))

# %% [markdown]
# Each row is an edge: $6 \cdot 5 = 30$ features, six of them 1. The last line is a warning. The cell and its second
# encoding are one network, and their vectors differ. A one-hot vector describes the encoding.
#
# ## Recap
# - A network is a directed acyclic graph. Here its nodes are operations, whatever the paper does.
# - A space is a list of choices, so its encodings are counted by multiplying.
# - The network is what remains after pruning, up to isomorphism: 15,625 encodings, 8,765 networks.
# - Encodings are spread unevenly over networks, and so random search repeats itself.
# - The number of networks depends on the rule, so state the rule. Too lazy costs time; too eager loses networks.
# - A space is also its moves, and some moves change only the encoding.

# %% tags=["nbval-ignore-output"]
nas.course.calibration("04")

# %% [markdown]
# ## Quiz
# Choose an answer before you click on it: it unfolds, and says why it is right or wrong.

# %%
nas.course.quiz("04")

# %% [markdown]
# ## Exercises
# ### Exercise 4.1 ★ Predict: which edges work?
# Look at this cell, and don't draw it yet:
#
# `|none~0|+|skip_connect~0|nor_conv_3x3~1|+|nor_conv_1x1~0|avg_pool_3x3~1|none~2|`
#
# Which of its six edges do any work? Write them as a set of pairs, such as `{(0, 1), (1, 2)}`. Draw the graph after your
# guess.

# %% nbgrader={"grade": false, "grade_id": "ex-4-1", "locked": false, "schema_version": 3, "solution": true, "task": false}
guess = ...
### BEGIN SOLUTION
guess = {(0, 3)}  # nothing reaches node 1, and nothing leaves node 2
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check-4-1", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("4.1", guess)

# %% [markdown]
# ### Exercise 4.2 ★★ Write: how many encodings has each network?
# Write `names_per_network(space)`: a dictionary from fingerprint to the number of encodings that share it, for any
# space. Then find the five networks of the edge cell that have 341 encodings each. Can you derive that number, as we
# derived 58? *About 1 to 5 lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-4-2", "locked": false, "schema_version": 3, "solution": true, "task": false}
def names_per_network(space):
    """Return {fingerprint: number of encodings of that network}."""
    ### BEGIN SOLUTION
    return Counter(space.graph(architecture).fingerprint() for architecture in space)
    ### END SOLUTION


### BEGIN SOLUTION
for text, count in names_per_network(nas.EdgeCellSpace()).most_common(5):
    print(count, "encodings:", text)
# The empty network, and each of the four operations alone on edge 0->3. Then no path may lead through
# nodes 1 and 2. If 0->1 is none (1 way), 1->2 and 1->3 are free (25) and 0->2, 2->3 must not both be
# there (25 - 16 = 9): 225. If 0->1 is an operation (4 ways), 1->3 must be none; then either 2->3 is
# none, and 0->2 and 1->2 are free (25), or 2->3 is an operation and both are none (4): 4 * 29 = 116.
# 225 + 116 = 341.
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check-4-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("4.2", names_per_network)

# %% [markdown]
# ### Exercise 4.3 ★★ Write: count the paths
# A network with skips is many networks at once: one for each path from input to output (Veit et al. 2016). Write
# `num_paths(graph)`, the number of different paths from input to output. If the output can't be reached, it is 0. Don't
# list the paths. Count, for one node after the other, in how many ways it is reached. *About 4 lines;
# `graph.predecessors(node)` helps.*


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
# ### Exercise 4.4 ★★★ Write and experiment: steps that lead nowhere
# Call a step to a neighbour *silent* if the neighbour is the same network. Write `silent_share(space, architectures)`: of
# all steps from these architectures to their neighbours, taken together, the share that is silent. *About 6 lines.*
#
# **Before you use it, order the three spaces (chain, edge cell, node cell) by their share of silent steps.** The cell
# below the check measures 30 samples of each. One of the three numbers is exact. Can you prove it?


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
    # chain: 0 exactly. One changed slot changes an operation or the length, so no step is silent,
    # although three in four of its encodings are second ones. In a node cell most steps are silent.
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-4-4", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("4.4", silent_share)

# %%
if silent_share(chain, [row]) is not None:
    for name, one in (("chain", chain), ("edge cell", space), ("node cell", node_cell)):
        rng = np.random.default_rng(0)
        print(f"{name:9} {silent_share(one, [one.sample(rng) for _ in range(30)]):.3f}")

# %% [markdown]
# ### Exercise 4.5 ★ Predict: count without a computer
# How many encodings do these spaces have? Set `sizes` to a dictionary from letter to number. An expression such as
# `2**10` counts as pen and paper.
#
# - **a** A chain with four slots. Each holds one of three operations or is skipped.
# - **b** An edge cell with five nodes instead of four, every pair of them joined by an edge, and three operations, one of
#   which is `none`.
# - **c** A node cell with four nodes (input, two inner nodes, output). Each pair of nodes is linked or not, and an inner
#   node holds one of three operations.
# - **d** Two *different* edge cells of NAS-Bench-201, as a network has that uses one cell in its first half and another
#   in its second.

# %% nbgrader={"grade": false, "grade_id": "ex-4-5", "locked": false, "schema_version": 3, "solution": true, "task": false}
sizes = ...
### BEGIN SOLUTION
sizes = {
    "a": 4**4,  # 256
    "b": 3**10,  # 59,049: five nodes have 10 pairs
    "c": 2**6 * 3**2,  # 576
    "d": 5**12,  # 244,140,625: the sizes multiply, they do not add up
}
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check-4-5", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("4.5", sizes)

# %% [markdown]
# ### Project: a sampler that is fair to networks
# `space.sample` gives every *encoding* the same probability, and so it is unfair to networks. Design a sampler for the
# edge cell that draws every *network* with the same probability, without listing the space. Show that it is fair (which
# test can fail?), say how many encodings it looks at per network, and measure what it is good for: does random search over
# networks end at better networks than random search over encodings, by true mean, after 50 trials? Report an interval, or
# an exact value if you can (`nas.expected_best_of`). The solutions discuss one design and what it gave.


# %% nbgrader={"grade": false, "grade_id": "project-4", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN SOLUTION
def is_normal(architecture):
    """Whether this encoding is the one that stands for its network."""
    e01, e02, e12, e03, e13, e23 = architecture.values
    mirrored = (e02, e01, e12, e03, e23, e13)  # nodes 1 and 2 swap, which needs 1->2 to be none
    no_second = e12 != space.NONE or architecture.values <= mirrored
    return space.without_dead_edges(architecture) == architecture and no_second


normal = [architecture for architecture in space if is_normal(architecture)]
print(f"{len(normal):,} accepted, {len({fingerprint[a] for a in normal}):,} networks among them")
table = nas.Table.load_course()
first_run, true_mean = table.column("val_accuracy")[:, 0], table.column("val_accuracy").mean(axis=1)
rows = np.array([table.row(architecture) for architecture in space])
for n in (10, 50, 200):
    by_network = nas.expected_best_of(first_run, n, report=true_mean)
    by_encoding = nas.expected_best_of(first_run[rows], n, report=true_mean[rows])
    print(f"{n:3} draws: fair to networks {100 * (by_network - by_encoding):+.2f} points")
# One design: draw encodings until one is in a normal form, that is, dead edges are none, and of the two
# encodings that differ by swapping nodes 1 and 2 it is the smaller. The test that can fail: over the
# whole space (only here!) exactly one encoding per network is accepted, 8,765 of 15,625, so it looks at
# 1.8 encodings per network. What goes wrong easily: without the condition on 1->2 only 4,605 are
# accepted, all of different networks, so half of the networks can never be drawn. Only a comparison
# with the list of all fingerprints shows it. The gain is exact, by formula: 0.65 points at 10 draws,
# 0.26 at 50, 0.17 at 200. (The five networks with 341 encodings, for instance, are poor ones.)
### END SOLUTION

# %% [markdown]
# ## In practice
# - The three spaces are small on purpose, so that they can be counted. A network of the DARTS space has a normal cell and
#   a reduction cell, each one of about $10^9$, so $10^{18}$ encodings by its authors' count (Liu et al. 2019). Nobody
#   lists it.
# - Our graphs say nothing about widths, strides or the number of cells: the skeleton fixes these. Large spaces search them
#   too.
# - Equal graphs are equal networks *before* training. Trained with two seeds, one network still gives two accuracies
#   (chapter 05).
#
# ## Further reading
# - Ying, Klein, Christiansen, Real, Murphy and Hutter 2019, *NAS-Bench-101: Towards Reproducible Neural Architecture
#   Search* (ICML), section 2: the node cell, pruning, and duplicates by isomorphism.
# - Dong and Yang 2020, *NAS-Bench-201: Extending the Scope of Reproducible Neural Architecture Search* (ICLR), section
#   2: the edge cell, and the count 6,466.
# - Liu, Simonyan and Yang 2019, *DARTS: Differentiable Architecture Search* (ICLR): operations on edges.
# - White, Neiswanger, Nolen and Savani 2020, *A Study on Encodings for Neural Architecture Search* (NeurIPS): what a
#   choice of encoding does to a search.
# - Veit, Wilber and Belongie 2016, *Residual Networks Behave Like Ensembles of Relatively Shallow Networks* (NIPS):
#   paths as networks.
# - McKay and Piperno 2014, *Practical graph isomorphism, II* (Journal of Symbolic Computation): how a fingerprint is
#   made fast.
#
# ## In Chinese
# 搜索空间 search space; 图 graph; 节点 node; 边 edge; 层次 layer; 连接 connection; 有向无环图 directed
# acyclic graph; 编码 encoding; 剪枝 pruning; 同构 isomorphic; 邻居 neighbour; 变异 mutation; 交叉 crossover
