# ---
# jupyter:
#   nas_tutorial:
#     name: Local search and annealing
#     about: heuristics and metaheuristics
#     minutes: 90
#     document: 7, 8.3 heuristics and metaheuristics
#     modules: [strategies.local_search, strategies.simulated_annealing, strategies.tabu]
#     part: "Part III: make it efficient · 提高搜索效率"
# ---

# %% [markdown]
# # Climb by small steps, and get off the wrong hill
#
# *The document's parts 7 and 8.3: heuristics and metaheuristics as a way to a faster search.*
# After this chapter you can say what local search, annealing and tabu search do at every step,
# and look at a space to see whether they will do it well.
#
# **You will** climb among 25 networks whose accuracies you all see, count every local optimum of
# the course's space, race four strategies, and build a space in which climbing is useless.
#
# **You will learn to**
# - say what a heuristic and a metaheuristic are;
# - carry out a step of hill climbing, annealing and tabu search by hand, and count what it costs;
# - compute the probability with which annealing accepts a worse network;
# - count local optima and their basins, and read from two plots how far climbing will carry;
# - choose a temperature that is neither a random walk nor a standstill.
#
# **You need** chapters 03, 04, 05 and 10, and about 90 minutes with the exercises. The cells
# take about twenty seconds.

# %%
import matplotlib.pyplot as plt
import numpy as np

import nas_tutorial as nas

settings = nas.course.start()

# %% [markdown]
# ## The idea in one sentence
# **Train the neighbours of what you have, move to a better one, and have a plan for the place where
# there is none.**
#
# Two words of the document. A *heuristic* is a rule that mostly finds something good at little
# cost, without a promise: "change one edge, keep the change if it helps". A *metaheuristic* is a
# plan for using such rules that knows nothing of the problem: begin anew when stuck, accept a
# loss now and then, remember where you were, keep a population. It would serve for timetables as
# well as for networks. Local search with restarts, annealing and tabu search are three of them;
# evolution (chapters 03 and 12) is a fourth. All that they ask of a space is chapter 10's
# locality: neighbours of good architectures are good.
#
# To see the ground that they walk on, let it stand still: in this chapter each network is worth
# the accuracy of its **first** training in the table. What noise does to a search is chapter 12's
# subject.

# %%
table = nas.Table.load_course()
space = table.space
accuracy = table.column("val_accuracy")[:, 0]
evaluator = nas.TableEvaluator(table)


def accuracy_of(architecture):
    """The validation accuracy of the first training in the table."""
    return accuracy[table.row(architecture)]


def look_up(candidate, *, seed):
    """An evaluator without noise: the first training, whatever the seed."""
    return evaluator(candidate, seed=0)


print(f"{space.size:,} encodings, {len(table):,} networks")

# %% [markdown]
# ## By hand: 25 networks
# Settle four edges of the cell and leave two open, five operations each: a space of 25, small
# enough to print. A space needs its choices and its graph (chapter 04); a choice with one option
# is settled.

# %%
SETTLED = {
    "0 to 1": ("nor_conv_1x1",),
    "0 to 2": ("skip_connect",),
    "1 to 2": ("nor_conv_3x3",),
    "2 to 3": ("nor_conv_1x1",),
}


class TwoEdges(nas.SearchSpace):
    """The cell with four edges settled; the edges 0 to 3 and 1 to 3 are open."""

    def __init__(self):
        choices = (
            nas.Choice(one.name, SETTLED.get(one.name, one.options)) for one in space.choices
        )
        super().__init__("two_edges", tuple(choices))

    def graph(self, architecture):
        return space.graph(architecture)


small = TwoEdges()
members = list(small)  # row by row: the last choice changes fastest
values = np.array([accuracy_of(one) for one in members]).reshape(5, 5)
operations = space.choices[0].options


def draw_grid(ax, path=()):
    """The 25 accuracies; under them the numbers of the moves that lead there."""
    ax.imshow(values, cmap="Blues", vmin=0.75, vmax=1)
    for index, one in enumerate(members):
        y, x = divmod(index, 5)
        ax.text(x, y, f"{values[y, x]:.3f}", ha="center", va="center", fontsize=9)
        moves = ", ".join(str(move) for move, centre in enumerate(path) if centre == one)
        ax.text(x, y + 0.32, moves, ha="center", va="center", weight="bold", fontsize=10)
    ax.set_xticks(range(5), operations, rotation=30, ha="right")
    ax.set_yticks(range(5), operations)
    ax.set(xlabel="edge 1 to 3", ylabel="edge 0 to 3")
    ax.grid(False)


ax = plt.subplots(figsize=(5.6, 4.8))[1]
draw_grid(ax)
ax.set_title("validation accuracy of 25 networks")
plt.show()

# %% [markdown]
# Two architectures are *neighbours* if they differ in one choice: here, if they stand in one row
# or in one column. Each has eight. A *local optimum* is an architecture of which no neighbour is
# better.
#
# **Find the local optima with your finger: how many are there?**

# %%
peaks = [
    one
    for one in members
    if all(accuracy_of(other) <= accuracy_of(one) for other in small.neighbors(one))
]
for peak in peaks:
    print(f"{accuracy_of(peak):.4f}", *(f"{value:13}" for value in peak.values[3:5]))

# %% [markdown]
# Two. The better one is the *global optimum* of the 25, the other a trap: whoever stands there sees
# eight neighbours, and all are worse.
#
# ### One step of hill climbing
# Begin at the top left, `none` on both edges, and evaluate all eight neighbours.

# %%
start = members[0]
around = small.neighbors(start)
print(f"start {accuracy_of(start):.3f}")
print("neighbours", *(f"{accuracy_of(one):.3f}" for one in around))
better = [one for one in around if accuracy_of(one) > accuracy_of(start)]
print(
    f"{len(better)} of {len(around)} are better, the best has {max(map(accuracy_of, around)):.4f}"
)

# %% [markdown]
# *Best improvement* evaluates all eight and moves to the best. *First improvement* evaluates them
# in random order and moves to the first that is better; the rest it does not evaluate.
#
# **With so many better ones among eight, how many evaluations does first improvement need for this
# step on average: about 2, 4 or 8?**

# %%
rng = np.random.default_rng(0)
costs = []
for _ in range(1000):
    order = rng.permutation(len(around))
    is_better = [accuracy_of(around[index]) > accuracy_of(start) for index in order]
    costs.append(is_better.index(True) + 1)
print(f"best improvement: {len(around)} evaluations")
print(f"first improvement: {np.mean(costs):.1f} on average (n = {len(costs):,} orders)")

# %% [markdown]
# About 2, not 8. (With $b$ better ones among $n$ in random order, the first is met after $(n + 1)
# / (b + 1)$ on average.) What it moves to is less good, so it needs more steps. Near the top few
# neighbours are better, and then both look at nearly all: to know that one *is* on top, both have
# to.
#
# ### Where does a climb end?
# Repeat the step until no neighbour is better.
#
# **If each of the 25 is tried as a start: how many climbs will end in the trap?**


# %%
def climb(architecture):
    """Best improvement until no neighbour is better; the whole path."""
    path = [architecture]
    while True:
        best = max(small.neighbors(path[-1]), key=accuracy_of)
        if accuracy_of(best) <= accuracy_of(path[-1]):
            return path
        path.append(best)


ends = [climb(one)[-1] for one in members]
for peak in peaks:
    print(f"{ends.count(peak):2} of {len(members)} climbs end at {accuracy_of(peak):.4f}")

# %% [markdown]
# The starts from which climbs end at an optimum are its *basin*. Whether one is stuck has thus
# been decided by the start. Hence the first metaheuristic: *restarts*. With a basin of share $p$,
# $n$ independent starts all miss it with probability $(1 - p)^n$.

# %%
trap, top = sorted(peaks, key=accuracy_of)
missed = ends.count(trap) / len(members)
for n in (1, 2, 5):
    print(f"{n} climbs: all end in the trap with probability {missed**n:.3f}")

# %% [markdown]
# ### Annealing: accept a loss now and then
# Instead of beginning anew one may walk out. *Simulated annealing* draws **one** neighbour and
# evaluates it. If it is not worse, it moves there. If it is worse by $\Delta$, it moves there all
# the same with probability
#
# $$P = e^{-\Delta / T}$$
#
# $T$ is the *temperature*, in the unit of the accuracy: a loss of $T$ is accepted with
# probability $1/e \approx 0.37$. It begins high and falls, as for a metal that cools slowly and
# so finds a better order than one that is quenched.
#
# **At temperature 0.02, what is the probability to accept a network that is one point (0.01)
# worse? And one that is six points worse?**

# %%
import math

print("loss    T = 0.001    T = 0.005     T = 0.02      T = 0.1")
for loss in (0.001, 0.01, 0.02, 0.06):
    row = [math.exp(-loss / temperature) for temperature in (0.001, 0.005, 0.02, 0.1)]
    print(f"{loss:.3f}", *(f"{probability:12.4f}" for probability in row))

# %% [markdown]
# About 0.6 and 0.05. Read by columns: at $T = 0.1$ nearly everything is accepted, a random walk;
# at $T = 0.001$ a loss of 0.001 passes now and then and one of 0.01 never: hill climbing.
#
# From our trap the shortest way to the top is two moves. **Will most walks of 400 steps find a way
# at $T = 0.02$? And at 0.005?**

# %%
from nas_tutorial.strategies.simulated_annealing import is_accepted

near = {one: small.neighbors(one) for one in members}
height = {one: accuracy_of(one) for one in members}
between = set(near[trap]) & set(near[top])
loss = height[trap] - max(height[one] for one in between)
print(f"the shortest way begins with a loss of {loss:.4f}")


def leave_and_arrive(temperature, rng):
    """The steps at which a walk first leaves the trap, and is at the top; inf: not in 400."""
    here, left = trap, math.inf
    for step in range(1, 401):
        other = near[here][rng.integers(8)]
        if is_accepted(height[here] - height[other], temperature, rng):  # the rule above
            here = other
        if here != trap:
            left = min(left, step)
        if here == top:
            return left, step
    return left, math.inf


for temperature in (0.02, 0.005):
    rng = np.random.default_rng(0)
    left, arrived = zip(*(leave_and_arrive(temperature, rng) for _ in range(1000)))
    print(f"T = {temperature}: median step of the first leave {np.median(left):.0f}, "
          f"at the top in time {np.isfinite(arrived).mean():.1%}, "
          f"median step {np.median(arrived):.0f} (1,000 walks)")  # fmt: skip

# %% [markdown]
# ("inf": more than half are not there after 400.) The warm walk is soon over the valley; the cold
# one stays long, and seldom finds the top. But a warm walk leaves the right top as well.
# That is why the temperature falls, and why the search keeps its best trial apart from where it
# stands.
#
# ### Tabu: no way back
# *Tabu search* always moves to the best neighbour, better or not. From the trap it steps down,
# and the best neighbour of that is the trap again; so the way back is closed: when a move changes
# a choice, that choice may not have its old value back for `tenure` moves.
#
# **Is it enough to forbid the way back for one move?**


# %%
def change(before, after):
    """Where two neighbours differ: the number of the choice, and its value in the second."""
    pairs = enumerate(zip(before.values, after.values))
    return next((index, new) for index, (old, new) in pairs if old != new)


def tabu_walk(architecture, tenure, moves=4):
    """The centres of a walk; `until` holds the move until which a (choice, value) is tabu."""
    path, until = [architecture], {}
    for move in range(1, moves + 1):
        here = path[-1]
        tabu = {pair for pair, last in until.items() if last >= move}
        allowed = [one for one in small.neighbors(here) if change(here, one) not in tabu]
        best = max(allowed, key=accuracy_of)
        until[change(best, here)] = move + tenure  # the value that is given up
        path.append(best)
    return path


for tenure in (0, 1, 2):
    path = tabu_walk(trap, tenure)
    evaluated = {other for one in path[:-1] for other in (one, *near[one])}
    print(f"tenure {tenure}:", *(f"{accuracy_of(one):.4f}" for one in path), end="")
    print(f"   ({len(evaluated)} of {len(members)} evaluated)")

# %%
fig, axes = plt.subplots(1, 2, figsize=(10.4, 4.8), sharey=True)
for ax, tenure in zip(axes, (1, 2)):
    draw_grid(ax, tabu_walk(trap, tenure))
    ax.set_title(f"tenure {tenure}: start (0) and four moves")
axes[1].set_ylabel("")
plt.show()

# %% [markdown]
# It is not: with a tenure of 1 the walk goes round in a triangle, all in the row of the trap.
# With 2 it has to go on along the row until a column leads up, and is at the top with its fourth
# move. It paid for that with three moves that made things worse, and it had to evaluate most of the
# 25 on the way.
#
# ## In the library
# Three files, none longer than two screens. Local search keeps a centre and a list of neighbours to
# ask for; here is what a result does, and the move. With one trial at a time read `_in_flight` as 0
# and `starts` as the one random architecture that has just been told. `_better` is the best
# neighbour so far that beats the centre, if one does, and `ranking_key` is the loss (a broken
# constraint counts first).

# %% tags=["nbval-ignore-output"]
nas.course.show(nas.LocalSearch.tell, nas.LocalSearch._begin, nas.LocalSearch._move_to)

# %% [markdown]
# Annealing, with Metropolis' rule as a function of its own. (The library speaks of losses, which
# are to be small, so that an objective may have either direction: an increase is bad.) By default
# it begins at temperature 0.02, which each step multiplies by a `cooling` of 0.97.

# %% tags=["nbval-ignore-output"]
nas.course.show(nas.SimulatedAnnealing.ask, nas.SimulatedAnnealing.tell, is_accepted)

# %% [markdown]
# Tabu search. One thing is new, *aspiration*: a forbidden move is free if it leads to something
# better than the walk has met so far.

# %% tags=["nbval-ignore-output"]
nas.course.show(nas.Tabu._move, nas.Tabu._is_allowed)

# %% [markdown]
# ## On the benchmark: all local optima of the space
# With a table one need not guess what climbing meets: all 15,625 encodings and their neighbours
# can be looked at. First the neighbours, as numbers of encodings.

# %%
encodings = list(space)
number = {one: index for index, one in enumerate(encodings)}
neighbors = np.array([[number[other] for other in space.neighbors(one)] for one in encodings])
network = np.array([table.row(one) for one in encodings])
landscape = accuracy[network]
print("accuracies:", landscape.shape, " neighbours:", neighbors.shape)

# %% [markdown]
# **How many of the 15,625 encodings have no better neighbour: about 10, 80, 600 or 3,000?** If
# accuracies were dealt out at random, each encoding would be the best of itself and its 24
# neighbours with probability 1/25.


# %%
def better_neighbors(value):
    """How many neighbours of each encoding are better, of shape (num_encodings,)."""
    return (value[neighbors] > value[:, None]).sum(axis=1)


is_optimum = better_neighbors(landscape) == 0
print(f"local optima: {is_optimum.sum()} encodings, {len(set(network[is_optimum]))} networks")
print(f"dealt out at random one would expect {space.size / 25:.0f} encodings")

# %% [markdown]
# A handful, compared with chance. (A network with several names can be an optimum under more than
# one of them: a twin is as good, and equal is not better.) Now the basins: from every encoding,
# climb by best improvement.


# %%
def ends_of_climbs(value):
    """The encoding at which best improvement ends, from each encoding."""
    here = np.arange(len(value))
    best = neighbors[here, value[neighbors].argmax(axis=1)]
    end = np.where(value[best] > value, best, here)
    while (end[end] != end).any():
        end = end[end]
    return end


end = ends_of_climbs(landscape)
basin = np.bincount(network[end], minlength=len(table)) / space.size  # by network
best = accuracy.max()
print("accuracy  basin     the five best optima")
for row in sorted(set(network[is_optimum]), key=lambda row: -accuracy[row])[:5]:
    print(f"{accuracy[row]:.4f}   {basin[row]:6.1%}")
print("\nbelow the best   optima (networks)   climbs ending there   encodings")
for points in (0, 0.5, 1, 2, 5):
    good = accuracy >= best - points / 100 - 1e-9
    optima = good[sorted(set(network[is_optimum]))].sum()
    print(f"{points:4} points {optima:18} {basin[good].sum():21.1%} {good[network].mean():11.2%}")

# %% [markdown]
# Here is the answer to "local search gets stuck", and it has two halves. **It does:** seven
# climbs of eight end somewhere else than at the best. **And it hardly matters:** most climbs end
# within two points of it, where fewer than one encoding in a hundred lies. Chapter 10 trained the
# ten champions three more times: trainings of one network were easily a point or two apart. Most
# of these optima cannot be told from the best by one training.
#
# ### Why the climb goes well
# Two pictures of the whole landscape. Left: accuracy against the *distance* to the best encoding,
# the number of edges in which they differ. Right: how many of its 24 neighbours are better than
# an encoding.
#
# **What would both look like if accuracies had been dealt out at random?**

# %%
from itertools import pairwise

CUTS = np.linspace(0, space.size, 11).astype(int)  # ten parts of equal size, worst first


def plot_landscape(axes, value, label, colour, line):
    """Value by distance to the best, and better neighbours by rank: medians and quartiles."""
    levels = [0.25, 0.5, 0.75]
    top = encodings[value.argmax()].values
    distance = np.array([sum(a != b for a, b in zip(one.values, top)) for one in encodings])
    by_distance = np.array([np.quantile(value[distance == d], levels) for d in range(7)])
    order, count = np.argsort(value, kind="stable"), better_neighbors(value)
    parts = [count[order[low:high]] for low, high in pairwise(CUTS)]
    by_rank = np.array([np.quantile(part, levels) for part in parts])
    for ax, x, y in ((axes[0], range(7), by_distance), (axes[1], range(1, 11), by_rank)):
        ax.plot(x, y[:, 1], line, marker="o", markersize=4, color=colour, label=label)
        ax.fill_between(x, y[:, 0], y[:, 2], color=colour, alpha=0.15, linewidth=0)
    axes[0].set(xlabel="distance to the best (edges)", ylabel="validation accuracy")
    axes[1].set(xlabel="tenth of the encodings, worst to best", ylabel="better neighbours (of 24)")


dealt = np.random.default_rng(0).permutation(landscape)
fig, axes = plt.subplots(1, 2, figsize=(9, 3.8))
plot_landscape(axes, landscape, "as measured", nas.plots.COLOURS[0], "-")
plot_landscape(axes, dealt, "dealt out at random", nas.plots.COLOURS[1], "--")
axes[1].legend(loc="upper right")
fig.suptitle(f"median, band: quartiles; n = {space.size:,} encodings each", fontsize=10)
plt.show()
equal = (landscape[neighbors] == landscape[:, None]).sum(axis=1)
worst = np.argsort(landscape, kind="stable")[: CUTS[1]]
print(f"equal neighbours, as measured: {equal[worst].mean():.1f} in the worst tenth, "
      f"{equal.mean():.1f} in the whole space (means)")  # fmt: skip

# %% [markdown]
# Left: every edge that is set right brings accuracy in the median, from any distance: the
# landscape leans towards its best. Dealt out at random, everything from a distance of 2 on looks
# the same. (At distance 1 there are only 24 encodings, so median and band wander.) Right: in the
# ninth tenth most encodings still have several better neighbours, about twice as many as by
# chance, so a climb goes on. (Far left the curve dips: the worst have many twins, and equal is not
# better.)
#
# ### What a climb costs
# Now as a search meets it, paying for each evaluation: one trial each. The library's local search begins a new
# descent whenever one ends; we let it run for 20,000 evaluations and cut the history at the
# starts (candidates without parents). A *descent* is the library's word: it makes the loss small.
#
# **Which needs fewer evaluations per descent, first or best improvement? And which ends higher?**

# %%
for improvement in ("first", "best"):
    history = nas.search(
        nas.LocalSearch(space, improvement=improvement, seed=0),
        look_up,
        trials=20_000,
        progress=False,
    )
    seen = np.array([trial.value("val_accuracy") for trial in history])
    starts = [trial.number for trial in history if not trial.candidate.parents]
    tops = np.array([seen[a:b].max() for a, b in pairwise(starts)])
    cost, share = np.diff(starts).mean(), np.mean(tops == best)
    print(f"{improvement} improvement: {len(tops)} descents of {cost:.0f} evaluations each")
    print(f"    {share:.0%} end at the best, {np.mean(tops >= best - 0.02):.0%} within 2 points")
    print(f"    cost / share: the best once in {cost / share:.0f} evaluations")

# %% [markdown]
# Both end about as well, and first improvement pays much less for it, since far from the top any
# step up will do. The last number is exercise 3.4's rule, one over the share, times the cost of a
# descent: with restarts the best comes once in so many evaluations, with random draws once in
# 15,625. Being stuck in seven climbs of eight costs a factor of eight, no more.
#
# ### Against chance
# Thirty seeds, 400 evaluations. Random search needs no run: the best of $n$ draws lies at or
# below $v$ if all $n$ do, and with a share $F$ of the encodings there that has the probability
# $F^n$. From this `expected_best_of` computes the mean of what chance finds. We run it
# nevertheless, as a check of the experiment.
#
# **Which will be ahead after 50 evaluations, and which after 400?**

# %%
strategies = {
    "random search": lambda seed: nas.RandomSearch(space, seed=seed),
    "local search": lambda seed: nas.LocalSearch(space, seed=seed),
    "annealing": lambda seed: nas.SimulatedAnnealing(space, seed=seed),
    "tabu": lambda seed: nas.Tabu(space, seed=seed),
}
trials, seeds = 400, range(30)
comparison = nas.compare(strategies, look_up, trials=trials, seeds=seeds)


def print_means(comparison, value):
    """The mean incumbent of each strategy, and what chance alone expects."""
    means = comparison.pivot_table(index="trial", columns="strategy", values="incumbent")
    print("trial", *(f"{name:>13}" for name in strategies), "   formula")
    for n in (25, 50, 100, 200, 400):
        row = [means.loc[n, name] for name in strategies]
        print(
            f"{n:5}", *(f"{mean:13.4f}" for mean in row), f"{nas.expected_best_of(value, n):10.4f}"
        )


print_means(comparison, landscape)
ended = nas.final_values(comparison)
print(f"\nat the best of the table after {trials}, of {len(seeds)} seeds:")
print(*(f"{name} {(ended[name] >= best - 1e-9).sum()}" for name in strategies), sep=", ", end="")
print(f"; chance expects {len(seeds) * (1 - (1 - 1 / space.size) ** trials):.1f}")

# %% [markdown]
# Random search keeps to its formula. All three others end above it; tabu starts slowly, for each
# of its moves waits for a whole neighbourhood. Annealing is quick, and yet most of its runs do not
# find the best within 400: with its defaults the temperature is down to a twentieth after a hundred
# steps, and from then on it is a climber without restarts. "When it fails" comes back to that.
#
# ## A space where climbing gets stuck
# Ruggedness can be dialled in. In Kauffman's *NK landscape*, an architecture has $N$ choices, and
# the value is a sum of $N$ contributions; the contribution of a choice depends on its own option
# and on those of $K$ other choices, by a table of random numbers. With $K = 0$ each choice can be
# settled by itself. With $K = N - 1$ every change alters all contributions: neighbours know
# nothing of each other.
#
# Ours has the six edges and five operations of the course's space. To compare like with like, the
# encoding with the lowest NK value gets the lowest accuracy of our table, and so on up: **the
# numbers are those of the table, all 15,625 of them; only who has which differs.** Chance finds
# the same in all of them. (Equal accuracies are parted by a ten-millionth times their rank.)

# %%
options = np.stack(np.unravel_index(np.arange(space.size), (5,) * 6), axis=1)  # (15625, 6)
spread = np.sort(landscape) + 1e-7 * np.arange(space.size)


def nk_landscape(k, seed):
    """The table's accuracies, dealt out in the order of an NK landscape."""
    rng = np.random.default_rng(seed)
    total = np.zeros(space.size)
    for choice in range(6):
        others = rng.permutation([other for other in range(6) if other != choice])[:k]
        columns = options[:, [choice, *others]]
        contributions = rng.random((5,) * (k + 1))
        total += contributions[tuple(columns.T)]  # each encoding's entry, all at once
    value = np.empty(space.size)
    value[np.argsort(total, kind="stable")] = spread
    return value


# %% [markdown]
# **From $K = 0$ to $K = 5$: what happens to the number of local optima, and to the climbs that
# end within two points of the best?** (The mean over ten landscapes for each $K$.)

# %%
print("          optima   climbs that end at the best   within 2 points")
rows = {"measured": [landscape]}
rows |= {f"K = {k}": [nk_landscape(k, seed) for seed in range(10)] for k in range(6)}
for name, landscapes in rows.items():
    found = [value[ends_of_climbs(value)] for value in landscapes]
    optima = np.mean([(better_neighbors(value) == 0).sum() for value in landscapes])
    at_best = np.mean([np.mean(one == value.max()) for one, value in zip(found, landscapes)])
    near = np.mean([np.mean(one >= value.max() - 0.02) for one, value in zip(found, landscapes)])
    print(f"{name:8} {optima:7.0f} {at_best:28.1%} {near:17.1%}")

# %% [markdown]
# With $K = 0$ there is one hill, and every climb arrives. With $K = 5$ each encoding has six random
# numbers of its own: that is dealing out at random, with the optima that chance has and the dashed
# curves above. Our space, as measured, lies in between.
#
# On one landscape with $K = 5$ we let the four strategies run, again with thirty seeds.
# **Will restarts, annealing and tabu be ahead of chance there, level with it, or behind?**


# %%
rugged = nk_landscape(5, seed=0)
values_of = dict(zip(encodings, rugged.tolist()))


def look_up_rugged(candidate, *, seed):
    return nas.Result({"val_accuracy": values_of[candidate.architecture]}, seconds=0.0)


rugged_comparison = nas.compare(strategies, look_up_rugged, trials=trials, seeds=seeds)
print_means(rugged_comparison, rugged)

# %%
fig, axes = plt.subplots(1, 2, figsize=(10, 3.9), sharey=True)
for ax, runs, title in (
    (axes[0], comparison, "as measured"),
    (axes[1], rugged_comparison, "K = 5"),
):
    nas.plots.plot_comparison(nas.quartiles(runs), ylabel="best validation accuracy so far", ax=ax)
    for band in ax.collections[1:]:  # four bands would hide each other; that of chance stays
        band.set_visible(False)
    ax.axhline(best, color="lightgrey", linewidth=5, zorder=0)
    ax.set(ylim=(0.9, 0.97), title=f"{title}; medians, n = {len(seeds)} seeds")
axes[1].set_ylabel("")
plt.show()

# %%
ended = nas.final_values(rugged_comparison)
print(f"K = 5, after {trials} evaluations, of {len(seeds)} seeds:")
for name in list(strategies)[1:]:
    ahead = int((ended[name] > ended["random search"]).sum())
    print(f"  {name:12} ahead of random search in {ahead}")

# %% [markdown]
# (Grey: the best of the table. The band holds the middle half of the runs of random search.)
#
# None clearly beats chance. Restarts and tabu keep up with it: both go on to fresh places, and
# where neighbours know nothing, each fresh place is a draw. Annealing is **worse** than chance:
# it cools, sits in one poor optimum and asks for the same two dozen neighbours again and again.
# So being stuck has less to do with local optima than with staying there. A strategy that moves
# on loses little where its belief about the space is wrong.
#
# ## When it fails: the temperature
# Back on the measured landscape, four walks with one temperature from beginning to end
# (`cooling=1`), from the same start. The picture shows the network at which each *stands*.

# %%
temperatures = (1.0, 0.02, 0.005, 0.0)
fig, axes = plt.subplots(1, 4, figsize=(11, 3), sharey=True)
for ax, temperature in zip(axes, temperatures):
    walker = nas.SimulatedAnnealing(space, temperature=temperature, cooling=1, seed=4)
    stands = []

    def look_up_and_note(candidate, *, seed, walker=walker, stands=stands):
        if walker.current is not None:
            stands.append(walker.current.value("val_accuracy"))
        return look_up(candidate, seed=seed)

    nas.search(walker, look_up_and_note, trials=300, progress=False)
    ax.step(range(len(stands)), stands, where="post", linewidth=1)
    below = sum(value < 0.8 for value in stands)
    print(f"T = {temperature:g}: {below} of {len(stands)} steps lie below the picture")
    ax.set(title=f"T = {temperature:g}", xlabel="step", ylim=(0.8, 0.97))
axes[0].set_ylabel("validation accuracy of\nthe current network")
plt.show()

# %% [markdown]
# At 1 it wanders through good and bad: a random walk. At 0 it climbs, and then moves to equals at
# most. **Which of the two finds more in 400 evaluations?**

# %%
schedules = {
    f"T = {temperature:g}": lambda seed, temperature=temperature: nas.SimulatedAnnealing(
        space, temperature=temperature, cooling=1, seed=seed
    )
    for temperature in temperatures
}
slow = 20 ** (-1 / trials)  # down to a twentieth after all trials
schedules["0.02, cooling 0.97"] = lambda seed: nas.SimulatedAnnealing(space, seed=seed)
schedules[f"0.02, cooling {slow:.4f}"] = lambda seed: nas.SimulatedAnnealing(
    space, cooling=slow, seed=seed
)
warm = nas.compare(schedules, look_up, trials=trials, seeds=seeds)
budgets = [50, 100, 200, 400]
print(f"{'mean best after':20}", *(f"{n:7}" for n in budgets), "      SE   improved after 200")
for name, runs in warm.groupby("strategy", sort=False):
    by_seed = runs.pivot(index="seed", columns="trial", values="incumbent")
    means, error = by_seed[budgets].mean(), by_seed[400].sem()
    rising = int((by_seed[400] > by_seed[200]).sum())
    print(f"{name:20}", *(f"{mean:7.4f}" for mean in means), f"± {error:.4f}", end="")
    print(f"{rising:10} of {len(seeds)}")

# %% [markdown]
# Too hot is random search by other means; compare with the formula above. Too cold is quick at
# first and then stops: hardly a run finds anything in the second half. The default is meant for
# about a hundred trials; of four hundred it spends most frozen. Cooled so slowly that a twentieth
# is left after all 400, it ends higher, and no higher than a constant 0.005. So what matters here
# is a temperature near the losses that you would accept, and that it does not freeze long before
# the budget ends; the cooling itself gains nothing over a well-chosen constant.
#
# ## What others found
# White, Nolen and Savani report that local search reaches the best of NAS-Bench-201 on CIFAR-100
# after 127 evaluations in the mean, ahead of many more intricate methods; and that it fails on
# the far larger space of DARTS (the numbers are theirs). They also find fewer local optima where
# noise is averaged away. We can go in the opposite direction and add noise to ours, one draw a
# network:

# %%
rng = np.random.default_rng(0)
for sd in (0, 0.005, 0.01, 0.02):
    counts = [
        (better_neighbors((accuracy + rng.normal(0, sd, len(table)))[network]) == 0).sum()
        for _ in range(10)
    ]
    print(f"noise of SD {sd:.3f} added: {np.mean(counts):4.0f} local optima")

# %% [markdown]
# Noise makes optima. Since the table's own accuracies hold the noise of one training, some of the
# optima that we counted are no more than luck.
#
# ## Recap
# - A heuristic is a rule without a promise; a metaheuristic a plan for using rules: restart,
#   accept losses, remember.
# - First improvement pays less for a step than best improvement, and here ends about as well.
# - Annealing accepts a loss of $\Delta$ with probability $e^{-\Delta/T}$; tabu search forbids the
#   way back.
# - Our landscape has few local optima, most of them good, because it leans towards its best.
#   Climbs do stop short of the best, at little cost; a restart mends it.
# - Where neighbours know nothing of each other, nothing beats chance, and who stays at one optimum
#   falls below it.
#
# ## Quiz
# Choose an answer before you click on it: it unfolds, and says why it is right or wrong.

# %%
nas.course.quiz("11")

# %% [markdown]
# ## Exercises
# ### Exercise 11.1 ★ Predict: what does a short descent cost?
# Best improvement begins at a random encoding of the course's space, moves **once**, and finds
# that it now stands on a local optimum. No encoding is evaluated twice. How many evaluations were
# that, the start included? Set `guess` to a whole number.

# %% nbgrader={"grade": false, "grade_id": "ex-11-1", "locked": false, "schema_version": 3, "solution": true, "task": false}
guess = ...
### BEGIN SOLUTION
# The start, its 24 neighbours, and 20 new ones: of the new centre's 24 neighbours the start and the
# three other options of the edge that was changed are known.
guess = 1 + 24 + 20
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check-11-1", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("11.1", guess)

# %% [markdown]
# ### Exercise 11.2 ★★ Write and experiment: does annealing accept?
# Write `accept(current, candidate, temperature, draw)`: whether a walk at accuracy `current`
# moves to one with accuracy `candidate`. `draw` is a random number in $[0, 1)$, drawn by the
# caller; the temperature is positive. *1 to 3 lines.* The cell after the check walks with it.
# Which temperature is best for 200 steps, and which cannot be told from it?


# %% nbgrader={"grade": false, "grade_id": "ex-11-2", "locked": false, "schema_version": 3, "solution": true, "task": false}
def accept(current, candidate, temperature, draw):
    """Return whether Metropolis' rule moves to the candidate."""
    ### BEGIN SOLUTION
    # Of those below, 0.005 and 0.02 do best here. Colder, the walk stays at its first optimum;
    # hotter, it cannot hold on to anything.
    return candidate >= current or draw < math.exp((candidate - current) / temperature)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-11-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("11.2", accept)

# %%
if accept(0.9, 0.9, 0.02, 0.5) is not None:
    for temperature in (0.0005, 0.005, 0.02, 0.1, 1.0):
        bests = []
        for seed in range(30):
            rng = np.random.default_rng(seed)
            here = highest = rng.integers(space.size)
            for _ in range(200):
                other = rng.choice(neighbors[here])
                if accept(landscape[here], landscape[other], temperature, rng.random()):
                    here = other
                highest = max(highest, other, key=landscape.__getitem__)
            bests.append(landscape[highest])
        error = np.std(bests, ddof=1) / len(bests) ** 0.5
        print(f"T = {temperature:6}: mean best of 200 steps {np.mean(bests):.4f}, ", end="")
        print(f"standard error {error:.4f} (n = {len(bests)} walks)")

# %% [markdown]
# ### Exercise 11.3 ★★ Write: a step of best improvement
# Write `best_step(architecture, space, accuracy_of)`: the best of its neighbours if that is
# better than the architecture, otherwise the architecture itself. (Equal is not better: a climb
# that moves to equals can go round for ever.) *About 4 lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-11-3", "locked": false, "schema_version": 3, "solution": true, "task": false}
def best_step(architecture, space, accuracy_of):
    """Return where a step of best improvement leads."""
    ### BEGIN SOLUTION
    best = max(space.neighbors(architecture), key=accuracy_of)
    return best if accuracy_of(best) > accuracy_of(architecture) else architecture
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-11-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("11.3", best_step)

# %% [markdown]
# ### Exercise 11.4 ★★ Write and experiment: a step of tabu search
# Write `tabu_step(architecture, space, accuracy_of, tabu)`: the best of its neighbours that is
# allowed, **even if it is worse** than the architecture. `tabu` is a set of pairs (number of the
# choice, value); a move that gives a choice such a value is not allowed. If no neighbour is
# allowed, return `None`. *About 6 lines; the chapter's `change(before, after)` helps.* The cell
# after the check walks with it, 16 moves from each of thirty starts. How many new centres does a
# walk reach, and how does that depend on the tenure?


# %% nbgrader={"grade": false, "grade_id": "ex-11-4", "locked": false, "schema_version": 3, "solution": true, "task": false}
def tabu_step(architecture, space, accuracy_of, tabu):
    """Return the best neighbour that no tabu forbids, or None."""
    ### BEGIN SOLUTION
    # With a tenure of 0 the walk swings between two centres as soon as it is on top; a tenure of a
    # few moves is enough to see new ones at almost every move.
    allowed = []
    for neighbor in space.neighbors(architecture):
        pairs = zip(architecture.values, neighbor.values)
        moved = next((index, new) for index, (old, new) in enumerate(pairs) if old != new)
        if moved not in tabu:
            allowed.append(neighbor)
    return max(allowed, key=accuracy_of, default=None)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-11-4", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("11.4", tabu_step)

# %%
if tabu_step(members[0], space, accuracy_of, set()) is not None:
    for tenure in (0, 1, 2, 5, 10):
        rng, new, bests = np.random.default_rng(0), [], []
        for _ in range(30):
            path, until = [space.sample(rng)], {}
            for move in range(1, 17):
                tabu = {pair for pair, last in until.items() if last >= move}
                step = tabu_step(path[-1], space, accuracy_of, tabu)
                if step is None:
                    break
                until[change(step, path[-1])] = move + tenure
                path.append(step)
            new.append(len(set(path)) - 1)
            bests.append(max(map(accuracy_of, path)))
        print(
            f"tenure {tenure:2}: {np.mean(new):4.1f} new centres, best {np.mean(bests):.4f}", end=""
        )
        print(f" (means of {len(new)} walks)")

# %% [markdown]
# ## In practice
# - With several workers (chapter 19) neighbours can be trained side by side: best improvement and tabu
#   search wait for a whole neighbourhood anyway. Annealing as above is one step after another.
# - In a large space a neighbourhood is large, and best improvement spends the budget on its first
#   moves. First improvement, or a sample of the neighbours, is what one can afford.
# - What a neighbour is, is a choice of yours. Here it is one operation; swapping two edges or
#   adding a node would make another landscape of the same networks.
# - With noise, a lucky centre is never left by a climber. Train it again before you call it an
#   optimum.
#
# ## Further reading
# - White, Nolen and Savani 2021, Exploring the loss landscape in neural architecture search; the
#   quoted numbers stand in the abstract of its first version (2020), Local search is state of the
#   art for NAS benchmarks.
# - Metropolis et al. 1953, Equation of state calculations by fast computing machines.
# - Kirkpatrick, Gelatt and Vecchi 1983, Optimization by simulated annealing.
# - Glover 1989, Tabu search, part I. His paper of 1986, Future paths for integer programming, has
#   the word metaheuristic.
# - Kauffman and Weinberger 1989, The NK model of rugged fitness landscapes.
# - Wolpert and Macready 1997, No free lunch theorems for optimization.
#
# **中文术语** 启发式 heuristic · 元启发式 metaheuristic · 局部搜索 local search · 爬山法 hill climbing · 模拟退火
# simulated annealing · 温度 temperature · 禁忌搜索 tabu search · 局部最优 local optimum · 搜索效率 search
# efficiency
