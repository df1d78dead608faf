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
# Change one edge of a network, train it, keep the change if it helps. Every textbook warns that such a climb gets
# stuck on the wrong hill, and on this course's table seven climbs in eight do. Yet a climber that simply starts
# again is a point ahead of random search after 400 evaluations. How can a method fail almost every time and still win?
#
# In this chapter you will climb among 25 networks whose accuracies you all see, derive the rule by which annealing
# accepts a loss, count every local optimum of the course's space, and build a space in which climbing is useless.
#
# > **Follows** parts 7 and 8.3 of the source tutorial · **Needs** chapters 03, 04, 05 and 10 ·
# > **Takes** about 90 minutes (the cells themselves run in about twenty seconds)
#
# **You will learn to**
# - say what a heuristic and a metaheuristic are;
# - carry out a step of hill climbing, annealing and tabu search by hand, and count what it costs;
# - derive Metropolis's rule, and say what temperature and cooling do;
# - count local optima and their basins, and tell real optima from those that noise makes;
# - choose a temperature that is neither a random walk nor a standstill.

# %%
import math

import matplotlib.pyplot as plt
import numpy as np

import nas_tutorial as nas

settings = nas.course.start()

# %% [markdown]
# ## The idea in one picture
# **Train the neighbours of what you have, move to a better one, and have a plan for the place where there is none.**

# %%
nas.course.figures.chapter11.landscape_walk()
plt.show()

# %% [markdown]
# On the left, a climb stops on the low hill. On the right, annealing accepts some steps down and crosses the valley.
#
# A *heuristic* is a rule that usually finds something good at little cost and guarantees nothing: "change one edge,
# keep the change if it helps". A *metaheuristic* is a plan for using such rules that knows nothing about the problem:
# restart when stuck, accept a loss now and then, remember where you were, keep a population. Local search with
# restarts, simulated annealing and tabu search are three of them, and evolution (chapters 03 and 12) is a fourth.
# All they need is that neighbours of good architectures tend to be good.
#
# To see the ground they walk on, we hold it still: the value of a network is the accuracy of the **first** of its three
# training runs in the table, and looking it up twice gives the same number. The average of all three runs, the **true
# mean**, we keep for judging. Chapter 12 lets the noise back in.

# %%
table = nas.Table.load_course()
space = table.space
runs = table.column("val_accuracy")  # shape (8765, 3)
accuracy = runs[:, 0]
evaluator = nas.TableEvaluator(table)


def accuracy_of(architecture):
    """The validation accuracy of the first training run in the table."""
    return accuracy[table.row(architecture)]


print(f"{space.size:,} encodings, {len(table):,} networks")

# %% [markdown]
# ## By hand: 25 networks
# Fix four edges of the cell and leave two open, with five operations each: a space of 25 networks, small enough to
# print. A choice with a single option is fixed.

# %%
FIXED = {"0 to 1": ("nor_conv_1x1",), "0 to 2": ("skip_connect",),
         "1 to 2": ("nor_conv_3x3",), "2 to 3": ("nor_conv_1x1",)}  # fmt: skip


class TwoEdges(nas.SearchSpace):
    """The cell with four edges fixed; the edges 0 to 3 and 1 to 3 are open."""

    def __init__(self):
        choices = [nas.Choice(c.name, FIXED.get(c.name, c.options)) for c in space.choices]
        super().__init__("two_edges", tuple(choices))

    def graph(self, architecture):
        return space.graph(architecture)


# %%
small = TwoEdges()
members = list(small)  # row by row: the last choice changes fastest
values = np.array([accuracy_of(one) for one in members]).reshape(5, 5)
operations = space.choices[0].options
nas.course.figures.chapter11.grid(values, operations, {"validation accuracy of 25 networks": ()})
plt.show()

# %% [markdown]
# Two architectures are *neighbours* if they differ in one choice: here, if they stand in the same row or the same
# column. Each has eight. A *local optimum* is an architecture that has no better neighbour.
#
# **Find the local optima with your finger. How many are there?**

# %%
peaks = [
    one
    for one in members
    if all(accuracy_of(other) <= accuracy_of(one) for other in small.neighbors(one))
]
for peak in peaks:
    print(f"{accuracy_of(peak):.4f}", *(f"{value:13}" for value in peak.values[3:5]))

# %% [markdown]
# There are two. The better one is the *global optimum* of the 25. The other one is a trap: from there you see eight
# neighbours, and all of them are worse.
#
# ### One step of hill climbing
# Start at the top left, with `none` on both edges. *Best improvement* evaluates all eight neighbours and moves to the
# best. *First improvement* evaluates them in random order and moves to the first that is better; it never evaluates
# the rest.

# %%
start = members[0]
around = small.neighbors(start)
better = [one for one in around if accuracy_of(one) > accuracy_of(start)]
print(f"start {accuracy_of(start):.3f}")
print("neighbours", *(f"{accuracy_of(one):.3f}" for one in around))
print(f"{len(better)} of {len(around)} are better, so first improvement needs on average")
print(f"{(len(around) + 1) / (len(better) + 1):.1f} evaluations for this step")

# %% [markdown]
# With $b$ better ones among $n$ neighbours in random order, the first better one is met after $(n+1)/(b+1)$
# evaluations on average: 1.8 here instead of 8. The step is smaller, so more steps are needed. Near the top few
# neighbours are better, and to know that you *are* on top, you have to evaluate all of them either way.
#
# ### Where does a climb end?
# Repeat the step until no neighbour is better, from each of the 25.


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
trap, top = sorted(peaks, key=accuracy_of)
missed = ends.count(trap) / len(members)
for n in (1, 2, 5):
    print(f"{n} climbs: all end in the trap with probability {missed**n:.3f}")

# %% [markdown]
# The starts from which climbs end at an optimum are its *basin*. The trap's basin holds 11 of the 25, so a
# climber is stuck from the moment it starts. That suggests the first metaheuristic, *restarts*: if the top's
# basin has the share $p$, then $n$ independent climbs all miss it with probability $(1-p)^n$. Five climbs miss it with
# probability 0.016.
#
# ### Annealing: accept a loss now and then
# Instead of restarting, you can walk out. *Simulated annealing* draws **one** neighbour at random and evaluates it. If
# it is not worse, the walk moves there. If it is worse by $\Delta$, the walk still moves there, with probability
# $e^{-\Delta/T}$, where $T$ is the *temperature*. Why this formula, and not another one that falls with $\Delta$?
#
# Metropolis and his colleagues started from the other end. Suppose we want a walk that, in the long run, visits
# architecture $x$ with value $f(x)$ in proportion to $e^{f(x)/T}$:
#
# $$ \pi_T(x) = \frac{e^{f(x)/T}}{\sum_z e^{f(z)/T}}. $$
#
# This is the *Boltzmann distribution*. For large $T$ all architectures are visited equally often. As $T \to 0$ all
# visits go to the global optimum, wherever the walk began. Such a walk would be worth having, and we only need
# to find its rule.
#
# Let $q(x \to y)$ be the probability of *proposing* $y$ at $x$, and $a(x \to y)$ that of *accepting* it. Visits
# stay in proportion to $\pi_T$ if, for each pair of architectures, as many moves go one way as the other:
#
# $$ \pi_T(x)\, q(x \to y)\, a(x \to y) = \pi_T(y)\, q(y \to x)\, a(y \to x). $$
#
# This is called *detailed balance*. (Sum both sides over $x$: what flows into $y$ equals what flows out of it, so
# $\pi_T$ is a *stationary distribution*.) A uniformly drawn neighbour is a symmetric proposal, $q(x \to y) =
# q(y \to x) = 1/8$, so $q$ cancels, and so does the sum in $\pi_T$:
#
# $$ \frac{a(x \to y)}{a(y \to x)} = \frac{\pi_T(y)}{\pi_T(x)} = e^{(f(y)-f(x))/T}. $$
#
# Only the ratio is prescribed. A walk moves most often if the larger of the two probabilities is 1: a gain is always
# accepted, and a loss $\Delta = f(x) - f(y) > 0$ with
#
# $$ a(x \to y) = \min\bigl(1,\; e^{-\Delta/T}\bigr). $$
#
# That is **Metropolis's rule**. The code writes the 25 × 25 matrix of the walk and checks that it leaves $\pi_T$
# unchanged.

# %%
near = {one: small.neighbors(one) for one in members}
heights = np.array([accuracy_of(one) for one in members])


def walk_matrix(temperature):
    """The probability of going from each of the 25 to each, in one step."""
    matrix = np.zeros((25, 25))
    for x, one in enumerate(members):
        for y in map(members.index, near[one]):
            matrix[x, y] = min(1, np.exp((heights[y] - heights[x]) / temperature)) / 8
        matrix[x, x] = 1 - matrix[x].sum()  # refused: the walk stays
    return matrix


def boltzmann(temperature):
    weights = np.exp((heights - heights.max()) / temperature)
    return weights / weights.sum()


for T in (0.001, 0.005, 0.02, 0.1):
    change_of_pi = np.abs(boltzmann(T) @ walk_matrix(T) - boltzmann(T)).max()
    accepted = ", ".join(f"{loss}: {np.exp(-loss / T):.4f}" for loss in (0.001, 0.01, 0.06))
    print(f"T = {T:5}: pi stationary {change_of_pi < 1e-12}; P(accept a loss of) {accepted}")

# %% [markdown]
# $\pi_T$ is stationary at each temperature. At $T = 0.1$ nearly every loss is accepted, which is a random walk. At
# $T = 0.001$ a loss of 0.01 never passes, which is hill climbing. At $T = 0.02$ a loss of one point passes six times in
# ten, and one of six points once in twenty.
#
# So why not simply walk at a very low temperature? Start in the trap and take 400 steps. **With which probability
# does a walk at $T = 0.005$ stand at the top afterwards?**

# %% tags=["nbval-ignore-output"]
nas.course.predict("11.a", "walks at T = 0.005 that stand at the top", low=0, high=100, unit="%")

# %%
t, b = members.index(trap), members.index(top)
for T in (0.001, 0.005, 0.02, 0.1):
    after = np.linalg.matrix_power(walk_matrix(T), 400)[t, b]
    print(
        f"T = {T:5}: at the top after 400 steps {after:6.1%}, in the long run {boltzmann(T)[b]:6.1%}"
    )
after = np.linalg.matrix_power(walk_matrix(0.005), 400)[t, b]
nas.course.reveal("11.a", 100 * after)

# %% [markdown]
# At $T = 0.005$ nearly all visits go to the top *in the long run*, but 400 steps are not the long run: to leave the
# trap, the walk must accept a loss first. At $T = 0.02$ it has reached its long run, 44 %, and doesn't
# stay, because a warm walk also wanders off the right peak. That is the case for *cooling*: start warm, so the walk
# gets around, and end cold, so it stays. It is also why a search keeps its best trial apart from where it stands.
#
# Move the temperature yourself. **At which temperature does a walk cross the valley most reliably?**

# %%
nas.course.explore_annealing()

# %% [markdown]
# ### Tabu: no way back
# *Tabu search* always moves to the best neighbour, better or not. From the trap it steps down, and now the best
# neighbour is the trap again. So the way back is closed: when a move changes a choice, that choice may not have its
# old value back for `tenure` moves.


# %%
def change(before, after):
    """Where two neighbours differ: the number of the choice, and its value in the second."""
    pairs = enumerate(zip(before.values, after.values))
    return next((index, new) for index, (old, new) in pairs if old != new)


def tabu_walk(architecture, tenure, moves=4):
    """The places of a walk; `until` holds the move until which a (choice, value) is tabu."""
    path, until = [architecture], {}
    for move in range(1, moves + 1):
        here = path[-1]
        tabu = {pair for pair, last in until.items() if last >= move}
        allowed = [one for one in small.neighbors(here) if change(here, one) not in tabu]
        best = max(allowed, key=accuracy_of)
        until[change(best, here)] = move + tenure  # the value that is given up
        path.append(best)
    return path


# %% [markdown]
# **Is it enough to forbid the way back for one move?**

# %%
walks = {f"tenure {n}": [members.index(one) for one in tabu_walk(trap, n)] for n in (1, 2)}
nas.course.figures.chapter11.grid(values, operations, walks)
plt.show()
for name, path in walks.items():
    print(name, *(f"{value:.4f}" for value in heights[path]))

# %% [markdown]
# It isn't. With a tenure of 1 the walk goes round in a triangle and is back in the trap after three moves. With a tenure
# of 2 it has to go on along the row until a column leads up, and its fourth move reaches the top, 0.9270. Three of its
# moves made things worse, and it had to evaluate most of the 25 on the way.
#
# ## In the library
# `nas.LocalSearch` climbs by first improvement and restarts where nothing is better. `nas.SimulatedAnnealing` starts at
# temperature 0.02 and multiplies it by a `cooling` of 0.97 at each step. `nas.Tabu` adds one thing, *aspiration*: a
# forbidden move is allowed if it leads to something better than the walk has met so far. The library works with
# losses, which should be small, so an increase is bad.

# %% tags=["nbval-ignore-output"]
from nas_tutorial.strategies.simulated_annealing import is_accepted

nas.course.show(nas.SimulatedAnnealing.tell, is_accepted)

# %% [markdown]
# ## On the benchmark: all local optima of the space
# With a table we don't have to guess what a climb meets. We can look at all 15,625 encodings and their 24 neighbours
# each.

# %%
encodings = list(space)
number = {one: index for index, one in enumerate(encodings)}
neighbors = np.array([[number[other] for other in space.neighbors(one)] for one in encodings])
network = np.array([table.row(one) for one in encodings])
landscape = accuracy[network]
print("accuracies:", landscape.shape, " neighbours:", neighbors.shape)

# %% [markdown]
# If the accuracies were shuffled among the networks, an encoding would be the best of itself and its 24 neighbours with
# a probability near 1/25. **How many of the 15,625 encodings have no better neighbour in fact?**

# %% tags=["nbval-ignore-output"]
nas.course.predict("11.b", "encodings with no better neighbour", low=1, high=3000, log=True)


# %%
def better_neighbors(value):
    """How many neighbours of each encoding are better, of shape (num_encodings,)."""
    return (value[neighbors] > value[:, None]).sum(axis=1)


is_optimum = better_neighbors(landscape) == 0
shuffled = np.random.default_rng(0).permutation(accuracy)[network]
print(f"local optima: {is_optimum.sum()} encodings, {len(set(network[is_optimum]))} networks")
print(f"with shuffled accuracies: {(better_neighbors(shuffled) == 0).sum()} encodings")
nas.course.reveal("11.b", int(is_optimum.sum()))

# %% [markdown]
# Only 79, a tenth of what shuffled accuracies give. (A network with several encodings can be an optimum under more than
# one of them.) Now the basins: from every encoding, climb by best improvement. **What share of the climbs ends within
# two percentage points of the best network?**

# %% tags=["nbval-ignore-output"]
nas.course.predict("11.c", "climbs that end within 2 points of the best", low=0, high=100, unit="%")


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
best = accuracy.max()
for points in (0, 1, 2, 5):
    good = landscape >= best - points / 100 - 1e-9
    print(
        f"within {points} points of the best: {np.mean(good[end]):6.1%} of the climbs end there, ",
        end="",
    )
    print(f"{good.mean():6.2%} of the encodings lie there")
nas.course.reveal("11.c", 100 * np.mean(landscape[end] >= best - 0.02))

# %% [markdown]
# Does local search get stuck? **It does:** only 12.7 % of the climbs end at the best network, so seven in eight
# end elsewhere. **And it hardly matters:** 78.6 % end within two points of the best, where fewer than one encoding in
# a hundred lies. Two training runs of one network easily differ by a point or two (chapter 10).
#
# ### How many of these optima are real?
# The landscape is that of one training run per network. The table has three, so we can count three times, and once more
# on their average. **Of the 49 networks that are optima of the first run, how many are still optima of the average?**

# %% tags=["nbval-ignore-output"]
nas.course.predict("11.d", "of 49 optima of run 0, optima of the average", low=0, high=49)

# %%
views = {
    "run 0": runs[:, 0],
    "run 1": runs[:, 1],
    "run 2": runs[:, 2],
    "average": runs.mean(axis=1),
}
kept = {}
for name, value in views.items():
    value = value[network]
    optima, reached = better_neighbors(value) == 0, value[ends_of_climbs(value)]
    kept[name] = set(network[optima])
    print(
        f"{name:8} {optima.sum():4} optima ({len(kept[name])} networks); climbs at the best ",
        end="",
    )
    print(
        f"{np.mean(reached == value.max()):5.1%}, within 2 points {np.mean(reached >= value.max() - 0.02):5.1%}"
    )
for name in ("run 0", "run 1", "run 2"):
    print(
        f"{name}: {len(kept[name] & kept['average'])} of {len(kept[name])} are optima of the average"
    )
nas.course.reveal("11.d", len(kept["run 0"] & kept["average"]))

# %% [markdown]
# The three runs have 79, 103 and 123 optima, their average has 62 encodings (25 networks). Of the 49 optima of the
# first run only 7 survive the averaging: fewer than a fifth. Most hills on which a climb gets stuck are noise.
# White, Nolen and Savani report the same for NAS-Bench-201: less noise, fewer local optima. The share of climbs that
# end exactly at the best varies between 1.1 % and 12.7 % from run to run, but at least 79 % always end within
# two points.
#
# ### Why the climb goes well
# Here are two views of the whole landscape. On the left you see accuracy against the *distance* to the best encoding:
# the number of edges in which they differ. On the right you see how many of its 24 neighbours are better.
#
# **What would both look like with shuffled accuracies?**

# %%
values_of_edges = np.array([one.values for one in encodings])


def view(value):
    """Accuracy, distance to the best encoding, and better neighbours of each encoding."""
    return (
        value,
        (values_of_edges != values_of_edges[value.argmax()]).sum(axis=1),
        better_neighbors(value),
    )


nas.course.figures.chapter11.shape({"as measured": view(landscape), "shuffled": view(shuffled)})
plt.show()

# %% [markdown]
# On the left, the median of the measured landscape rises with every edge that is set right: the landscape leans towards
# its best. Shuffled, it is flat except close to the best, where few encodings lie. On the right, most encodings of
# the measured landscape still have better neighbours high up, so a climb goes on. (The worst encodings have few strictly
# better neighbours because many of theirs are the very same network.)
#
# ### What a climb costs
# A search pays for each evaluation. We let the library's local search run for 10,000 evaluations without noise, and cut
# the history at its starts. (The library calls a climb a *descent*, because it makes the loss smaller.)


# %%
def look_up(candidate, *, seed):
    """An evaluator without noise: the first training run, whatever the seed."""
    return evaluator(candidate, seed=0)


for improvement in ("first", "best"):
    climber = nas.LocalSearch(space, improvement=improvement, seed=0)
    history = nas.search(climber, look_up, trials=10_000, progress=False)
    seen = np.array([trial.value("val_accuracy") for trial in history])
    starts = [trial.number for trial in history if not trial.candidate.parents]
    tops = np.maximum.reduceat(seen, starts)[:-1]  # the last climb is cut short
    print(
        f"{improvement:5} improvement: {len(tops)} climbs, {np.diff(starts).mean():.0f} evaluations each; ",
        end="",
    )
    print(f"within 2 points of the best {np.mean(tops >= best - 0.02):.0%}")

# %% [markdown]
# Both end about equally well, and first improvement pays much less per climb.
#
# ### Against chance
# Forty seeds, 400 evaluations each, compared with random search and with the network that needs no search, the all-3x3
# cell. The incumbent is what a strategy *observed*; `true_mean` is the average over the three runs of
# the same network.

# %%
strategies = {
    "random search": lambda seed: nas.RandomSearch(space, seed=seed),
    "local search": lambda seed: nas.LocalSearch(space, seed=seed),
    "annealing": lambda seed: nas.SimulatedAnnealing(space, seed=seed),
    "tabu": lambda seed: nas.Tabu(space, seed=seed),
}
curves = {"true_mean": lambda history: nas.true_means(history, table)}
comparison = nas.compare(strategies, look_up, trials=400, seeds=range(40), curves=curves)
largest = table.row(nas.Architecture(("nor_conv_3x3",) * 6))


def leads(comparison, column, trial=400, baseline="random search"):
    """Print each strategy minus random search after so many trials, paired by seed."""
    last = comparison[comparison["trial"] == trial]
    wide = last.pivot(index="seed", columns="strategy", values=column)
    for name in list(strategies)[1:]:
        lead = nas.paired_difference(100 * (wide[name] - wide[baseline]))
        print(
            f"{column:9} after {trial}: {name:12} {wide[name].mean():.4f}, minus random {lead.text()}"
        )


# %%
for trial in (50, 400):
    leads(comparison, "incumbent", trial)
leads(comparison, "true_mean")
print(f"all-3x3 cell: first run {accuracy[largest]:.4f}, true mean {runs[largest].mean():.4f}")
last = comparison[(comparison["trial"] == 400) & (comparison["incumbent"] >= best - 1e-9)]
print(
    "at the best after 400, of 40 seeds:",
    last["strategy"].value_counts().sort_index(kind="stable").to_dict(),
)

# %% [markdown]
# After 50 evaluations local search (+1.40 ± 0.44 points) and annealing (+1.13 ± 0.38) are ahead of random search, and
# tabu ties, because each of its moves waits for a whole neighbourhood. After 400 all three are ahead on the landscape
# they climb: tabu +1.12 ± 0.19, local search +1.03 ± 0.22, annealing +0.64 ± 0.26.
#
# By true mean all three **tie** with random search, and the all-3x3 cell, a single training run, is at 0.9494, where
# they are. The climbers climbed well, but the last point of the hill is the noise of the first run.
#
# ## A space where climbing gets stuck
# Ruggedness can be dialled in. In Kauffman's *NK landscape*, an architecture has $N$ choices and its value is a sum of
# $N$ contributions. The contribution of a choice depends on its own option and on those of $K$ other choices, through a
# table of random numbers. With $K = 0$ each choice can be settled on its own. With $K = N - 1$ every change alters
# all contributions, so neighbours know nothing about each other.
#
# To compare like with like, we give the encoding with the lowest NK value the lowest accuracy of our table, and so on
# upwards. **All 15,625 numbers are the table's; only who has which differs.** Random search finds the same in all of
# them.

# %%
options = np.stack(np.unravel_index(np.arange(space.size), (5,) * 6), axis=1)  # (15625, 6)
spread = np.sort(landscape) + 1e-7 * np.arange(space.size)  # no two are equal


def nk_landscape(k, seed):
    """The table's accuracies in the order of an NK landscape."""
    rng = np.random.default_rng(seed)
    total = np.zeros(space.size)
    for choice in range(6):
        others = rng.permutation([other for other in range(6) if other != choice])[:k]
        contributions = rng.random((5,) * (k + 1))
        total += contributions[tuple(options[:, [choice, *others]].T)]
    value = np.empty(space.size)
    value[np.argsort(total, kind="stable")] = spread
    return value


# %%
print("          optima   climbs at the best   within 2 points (means of 10 landscapes)")
for k in range(6):
    drawn = [nk_landscape(k, seed) for seed in range(10)]
    found = [value[ends_of_climbs(value)] for value in drawn]
    optima = np.mean([(better_neighbors(value) == 0).sum() for value in drawn])
    at_best = np.mean([one == spread[-1] for one in found])
    near_best = np.mean([one >= spread[-1] - 0.02 for one in found])
    print(f"K = {k}    {optima:7.0f} {at_best:20.1%} {near_best:17.1%}")

# %% [markdown]
# With $K = 0$ there is one hill, and every climb reaches its top. With $K = 5$ there are as many optima as chance
# makes, 624 (15,625/25 = 625). Our measured landscape, with its 79, lies near $K = 2$.
#
# Now the four strategies run on one landscape with $K = 5$, again with forty seeds. **Which of them falls behind
# random search?**

# %% tags=["nbval-ignore-output"]
nas.course.predict(
    "11.e",
    "behind random search at K = 5",
    options=("none", "local search", "annealing", "tabu", "all"),
)

# %%
values_of = dict(zip(encodings, nk_landscape(5, seed=0).tolist()))


def look_up_rugged(candidate, *, seed):
    return nas.Result({"val_accuracy": values_of[candidate.architecture]}, seconds=0.0)


rugged = nas.compare(strategies, look_up_rugged, trials=400, seeds=range(40))
leads(rugged, "incumbent")
nas.course.reveal("11.e", "annealing")

# %%
nas.course.figures.chapter11.differences({"as measured": comparison, "K = 5": rugged})
plt.show()

# %% [markdown]
# On this one landscape tabu ties with random search, local search is slightly ahead (+0.33 ± 0.26), and annealing is
# **behind** (-1.27 ± 0.28). Local search and tabu move on to fresh places, and where neighbours know nothing, each
# fresh place is as good as a random draw. Annealing has cooled, and proposes the neighbours of one place again and again.
#
# ## When it fails: the temperature
# Back on the measured landscape. The next cell is annealing for many walks at once, with the whole schedule of
# temperatures as an argument. It returns where each walk stands after each step.


# %%
def anneal(temperatures, num_walks, seed):
    """The encodings at which walks stand, of shape (steps + 1, walks), and the best values seen."""
    rng = np.random.default_rng(seed)
    here = rng.integers(space.size, size=num_walks)
    best, path = landscape[here], [here]
    for temperature in temperatures:
        other = neighbors[here, rng.integers(24, size=num_walks)]
        loss = np.maximum(landscape[here] - landscape[other], 0)
        accepted = rng.random(num_walks) < np.exp(-loss / max(temperature, 1e-12))
        here = np.where(accepted, other, here)
        best = np.maximum(best, landscape[other])
        path.append(here)
    return np.array(path), best


constant = {f"T = {T:g}": np.full(399, T) for T in (1.0, 0.02, 0.005, 0.0)}
stands = {name: landscape[anneal(steps, 1, seed=4)[0][:, 0]] for name, steps in constant.items()}
nas.course.figures.chapter11.stands(stands)
plt.show()

# %%
falling = {"0.02, cooling 0.97": 0.02 * 0.97 ** np.arange(399)}
for name, steps in {**constant, **falling}.items():
    found = 100 * anneal(steps, 400, seed=0)[1]
    print(f"{name:18} best after 400: {found.mean():.2f} ± {2 * found.std() / 20:.2f} (400 walks)")
chance = 100 * nas.expected_best_of(landscape, 400)
print(f"random search, by formula: {chance:.2f}")

# %% [markdown]
# At $T = 1$ the walk wanders through good and bad, and its 95.20 is what random search gives (95.25). At $T = 0$ it
# climbs once and stops at 95.42. In between, 0.005 gives 96.28. The library's default, meant for about a hundred trials,
# is frozen long before 400 and ends at 95.82.
#
# So is cooling worth anything? That is a fair question only if both sides are tuned. We choose the best
# constant temperature and the best falling schedule on one set of walks, and compare them on another.

# %%
levels = (0.0025, 0.005, 0.01, 0.02, 0.04)
kinds = {
    "constant": {T: np.full(399, T) for T in levels},
    "falling": {
        (T, share): T * share ** np.linspace(0, 1, 399) for T in levels for share in (0.33, 0.05)
    },
}
judged = {}
for kind, schedules in kinds.items():
    tuned = {key: anneal(steps, 400, seed=1)[1].mean() for key, steps in schedules.items()}
    chosen = max(tuned, key=tuned.get)
    judged[kind] = anneal(schedules[chosen], 400, seed=2)[1]
    print(f"{kind}: chosen {chosen}, best after 400 {100 * judged[kind].mean():.2f}")
print(
    "falling - constant:",
    nas.paired_difference(100 * (judged["falling"] - judged["constant"])).text(),
)

# %% [markdown]
# Both end at 96.28, and the difference is +0.00 ± 0.05: a tie. On this landscape cooling gains nothing over a
# well-chosen constant. Choosing is what matters: a temperature near the losses that you would accept, which doesn't
# freeze long before the budget ends.
#
# ## Recap
# - A heuristic is a rule without a guarantee. A metaheuristic is a plan for using rules: restart, accept losses, remember.
# - Metropolis's rule, $\min(1, e^{-\Delta/T})$, follows from detailed balance with the Boltzmann distribution.
# - First improvement pays less per climb than best improvement and ends about as well.
# - The space has few local optima, most of them are noise, and most climbs end close to the best.
# - On a landscape without structure, annealing that has cooled falls behind chance.
# - What climbers gained on one run's landscape was a tie by true mean.

# %% tags=["nbval-ignore-output"]
nas.course.calibration("11")

# %% [markdown]
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
# ### Exercise 11.5 ★★★ Write: a walk whose neighbourhoods differ in size
# The derivation used that each architecture proposes each neighbour with the same probability. Suppose one place has
# two neighbours and another has five. Redo detailed balance with $q(x \to y) = 1/n_x$ and write
# `transitions(heights, near, temperature)`. `near[x]` lists the neighbours of place `x` (if `y` is a neighbour of `x`,
# then `x` is one of `y`). Return the matrix of the walk: entry (x, y) is the probability of going from `x` to `y`,
# rows sum to 1, and the Boltzmann distribution of `heights` at this temperature must be stationary. Accept as
# often as possible. *About 8 lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-11-5", "locked": false, "schema_version": 3, "solution": true, "task": false}
def transitions(heights, near, temperature):
    """Return the matrix of a walk that visits places in proportion to exp(height / temperature)."""
    ### BEGIN SOLUTION
    # Detailed balance asks for a(x, y) / a(y, x) = (n_x / n_y) exp((f(y) - f(x)) / T): Hastings 1970.
    matrix = np.zeros((len(heights), len(heights)))
    for x, around in enumerate(near):
        for y in around:
            ratio = len(around) / len(near[y]) * math.exp((heights[y] - heights[x]) / temperature)
            matrix[x, y] = min(1, ratio) / len(around)
        matrix[x, x] = 1 - matrix[x].sum()
    return matrix
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-11-5", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("11.5", transitions)

# %% [markdown]
# ### Project: choose the neighbourhood
# What a neighbour is, is your choice. Give the same space another neighbourhood (two edges at once, swapping the
# operations of two edges, or both together with the old one) and ask which suits climbing better. Count local optima,
# measure how far climbs from all starts end below the best, and charge for evaluations: compare first improvement with
# restarts under both neighbourhoods at 100 and at 400 evaluations, with at least fifty seeds, by true mean, with an
# interval. Say which one you would use for which budget. (The solutions discuss one design.)

# %% nbgrader={"grade": false, "grade_id": "project-11", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN SOLUTION
# One design: a neighbour also differs in two edges, 264 neighbours in place of 24. There are fewer optima
# by necessity, since each has more rivals. What goes wrong with counting alone: to know that a place is an
# optimum now costs 264 evaluations, so within 400 a search sees hardly more than one climb to its end.
best_within_two = 0
for column in np.flatnonzero(better_neighbors(landscape) == 0):
    within = (options != options[column]).sum(axis=1) <= 2
    best_within_two += landscape[within].max() <= landscape[column]
print(f"of {is_optimum.sum()} optima, {best_within_two} are still optima when two edges may change")
### END SOLUTION

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
