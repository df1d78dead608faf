# ---
# jupyter:
#   nas_tutorial:
#     name: Evolution
#     about: replace the worst, or replace the oldest
#     minutes: 90
#     document: "7, 8.3 metaheuristics: evolution"
#     modules: [strategies.regularized_evolution, strategies.genetic, strategies.population]
# ---

# %% [markdown]
# # Let the worst go, or the oldest
#
# *The document's parts 7 and 8.3: metaheuristics; here the evolutionary ones.* After this chapter
# you can say what an evolutionary search keeps, what it forgets, and what luck has to do with it.
#
# **You will** carry two rules of replacement out by hand, compute what a tournament prefers, break
# a cell by crossover, replay a search, and watch how much of a population's merit is luck.
#
# **You will learn to**
# - say what genetic search and regularized evolution share, and in what they differ;
# - compute the selection pressure of a tournament;
# - say what mutation keeps of a cell and what crossover may lose;
# - measure the luck in a population, and say when a difference between strategies is a tie;
# - count the steps of evolution before you believe a comparison.
#
# **You need** chapters 03, 05 and 10 and about 90 minutes with the exercises. The cells take about
# half a minute.

# %%
import matplotlib.pyplot as plt
import numpy as np

import nas_tutorial as nas

settings = nas.course.start()

# %% [markdown]
# ## The idea in one sentence
# **Keep a small population, breed a child from one of its better members, and let one member go for
# each child: the worst, or the oldest.**
#
# Everything in chapter 03's loop stays. This chapter is about two decisions in it: who breeds
# (*selection*) and who leaves (*replacement*).
#
# ## By hand: two generations, two rules
# Four networks, in the order in which they came, with invented numbers. *Told* is what the search
# was told after one training. *Worth* is the mean over many trainings, which the search never sees.
# The difference is luck: B was lucky, C a little unlucky.
#
# Two children come, E and then F. To see what replacement does and nothing else, the same two
# children come under both rules.
#
# **Before you run the cell: who leaves when E comes, and who when F comes, if the worst has to
# leave? And if the oldest has to?**

# %%
founders = [("A", 0.90, 0.90), ("B", 0.96, 0.91), ("C", 0.92, 0.93), ("D", 0.88, 0.87)]
children = [("E", 0.93, 0.93), ("F", 0.91, 0.92)]


def told_value(member):
    return member[1]


for rule in ("worst", "oldest"):
    members = list(founders)
    print(f"replace the {rule}:", *(f"{name} {told:.2f}" for name, told, _ in members))
    for child in children:
        members.append(child)
        leaver = min(members, key=told_value) if rule == "worst" else members[0]
        members.remove(leaver)
        line = "  ".join(f"{name} {told:.2f}" for name, told, _ in members)
        print(f"  {child[0]} comes, {leaver[0]} leaves:  {line}")
    _, told, worth = np.array(members, dtype=object).T
    print(f"  mean told {told.mean():.4f}, mean worth {worth.mean():.4f}, ", end="")
    print(f"luck {told.mean() - worth.mean():+.4f}\n")

# %% [markdown]
# Under the first rule B stays, at the head until a child is told more than 0.96. Under the second B
# leaves in its turn, and so does A, while D stays though it was told the least. Look at the last
# line of each rule. Replacing the worst leaves a population that looks better than it is. Replacing
# the oldest leaves one with hardly any luck in it; it is worth less too, for it has kept D.
#
# ## Who breeds: a tournament and its pressure
# Draw $s$ members at random, each draw from all $n$ (so one may be drawn twice); the best of them
# becomes the parent. That is a *tournament* of size $s$. The best member is drawn at least once
# with probability
#
# $$P(\text{best breeds}) = 1 - \left(1 - \frac{1}{n}\right)^s,$$
#
# and no member of the better half is drawn, so that the worse half breeds, with probability
# $(1/2)^s$. This is the *selection pressure*: $s = 1$ draws a parent at random, a larger $s$
# prefers the best. (Exercise 12.3 asks for every rank.)
#
# **With $n = 20$ and $s = 5$: how often does the best breed? And with $s = 20$, as many draws as
# there are members: always?**

# %%
from nas_tutorial.strategies.population import tournament

n, rng = 20, np.random.default_rng(0)
ranks = list(range(1, n + 1))
won = {s: [tournament(ranks, s, lambda rank: rank, rng) for _ in range(20_000)] for s in (1, 5, 20)}
print("  s   best breeds: formula, counted   worse half breeds: formula, counted")
for s, winners in won.items():
    best, worse = np.mean(np.array(winners) == 1), np.mean(np.array(winners) > n / 2)
    print(f"{s:3}  {1 - (1 - 1 / n) ** s:20.3f}  {best:.3f}  {0.5**s:26.3f}  {worse:.3f}")

# %%
ax = plt.subplots()[1]
for (s, winners), line, colour in zip(won.items(), nas.plots.LINES, nas.plots.COLOURS):
    shares = np.bincount(winners, minlength=n + 1)[1:] / len(winners)
    ax.plot(ranks, shares, line, marker="o", markersize=4, color=colour, label=f"s = {s}")
ax.set(xlabel="rank in the population (1 is best)", ylabel="share of the tournaments won")
ax.set_title("Who becomes a parent, n = 20,000 tournaments each")
ax.set_xticks(range(1, 21, 2))
ax.legend()
plt.show()

# %% [markdown]
# With five draws the best breeds in about one case of four, with twenty in about two of three: even
# then it is not always drawn. Pressure costs variety, as the last section shows.
#
# ## How children differ: mutation and crossover
# Mutation changes one edge and keeps five. Crossover takes each edge from one of two parents. It is
# tempting to think that a mix of two good cells has the good of both. Look at the smallest case:
# the mother computes along node 1, the father along node 2.
#
# **The two parents differ on four edges, so there are $2^4 = 16$ mixes. In how many does any path
# lead from the input to the output?**

# %%
import itertools

table = nas.Table.load_course()
space = table.space
CONV, NONE = "nor_conv_3x3", "none"
# edges in the order     0→1   0→2   1→2   0→3   1→3   2→3
mother = nas.Architecture((CONV, NONE, NONE, NONE, CONV, NONE))
father = nas.Architecture((NONE, CONV, NONE, NONE, NONE, CONV))
mixes = set(map(nas.Architecture, itertools.product(*zip(mother.values, father.values))))
with_path = [mix for mix in mixes if space.graph(mix).pruned().edges]
same = space.graph(mother).fingerprint() == space.graph(father).fingerprint()
print(f"{len(mixes)} mixes, {len(with_path)} with a path; parents are the same network: {same}")

# %% [markdown]
# Seven of sixteen: more than half of the children compute nothing. And the parents are not even two
# networks, only two names of one (chapter 04). An edge means something by the edges before and
# after it, and crossover takes it out of their company.
#
# Is it so bad in practice? We draw pairs among the best 2 % of networks, cross the two, and mutate
# the better one; every child is compared with the better of its pair. A child that equals one of
# the two is a *copy*: a training paid for, with no loss and no gain possible, so copies are counted
# apart. **Of the other children, how many are five points or more below the better parent by
# crossover, and how many by mutation: about 2, 20 or 60 of a hundred?**

# %%
worth = table.column("val_accuracy").mean(axis=1)  # a mean over all trainings in the table
good = [table.networks[row] for row in np.argsort(-worth, kind="stable")[: len(table) // 50]]
rng = np.random.default_rng(1)


def worth_of(architecture):
    return worth[table.row(architecture)]


ways = ("crossover", "mutation", "crossover and mutation", "drawn at random")
copies, falls = dict.fromkeys(ways, 0), {way: [] for way in ways}
for pair in rng.integers(len(good), size=(1500, 2)):
    one, other = good[pair[0]], good[pair[1]]
    better = max(one, other, key=worth_of)
    mixed = space.crossover(one, other, rng)
    made = (mixed, space.mutate(better, rng), space.mutate(mixed, rng), space.sample(rng))
    for way, child in zip(ways, made):
        if child in (one, other):
            copies[way] += 1
        else:
            falls[way].append(worth_of(better) - worth_of(child))
print("child by (n = 1,500)     copies   of the others: five points lost   better than both")
for way in ways:
    lost, gained = np.mean(np.array(falls[way]) >= 0.05), np.mean(np.array(falls[way]) < 0)
    print(f"{way:22}  {copies[way] / 1500:7.1%}  {lost:32.1%}  {gained:17.1%}")

# %% [markdown]
# Compare the rows. Against a network drawn at random each of the three is a great help: that is
# chapter 10's locality. About crossover the small case has made us too pessimistic: good cells of
# this space share much, and a mix keeps what both have, while a mutation cannot know which edge
# matters. The price is in the first column. A mutation after the crossover all but ends the copies,
# and loses more.
#
# ## In the library
# Two strategies. `Genetic` is chapter 03's: two parents by tournament, crossover, mutation, the
# worst leaves. `RegularizedEvolution` (Real et al. 2019) has one parent by tournament and a
# mutation, and the oldest leaves (*ageing*); the population is a queue.

# %% tags=["nbval-ignore-output"]
nas.course.show(
    nas.Genetic.ask, nas.Genetic.tell, nas.RegularizedEvolution.ask, nas.RegularizedEvolution.tell
)

# %% [markdown]
# Look for the last line of each `tell`. Then watch a search. Each dot is a trial, filled where it
# was bred; thin lines lead from parent to child, black for the newest trial; the step curve is the
# incumbent. In your own JupyterLab the cell below gives a player: press ▶. (In the stored notebook
# it is the last picture.) Founders that were told less than 0.6 lie below the picture.
#
# **Which dots have many children? Does any dot have children more than ten trials later?**

# %%
evaluator = nas.TableEvaluator(table)
strategy = nas.RegularizedEvolution(space, population_size=10, tournament_size=3, seed=0)
history = nas.search(strategy, evaluator, trials=60, progress=False)
nas.course.play(history, nas.Objective("val_accuracy", "max"), ylim=(0.6, 1.0))

# %%
from collections import Counter

ages = [trial.number - parent for trial in history for parent in trial.candidate.parents]
print(f"{len(ages)} children; the oldest parent had been told {max(ages)} trials before its child")
parents = Counter(parent for trial in history for parent in trial.candidate.parents)
for parent, count in parents.most_common(4):
    rank = 1 + sum(
        history[other].value("val_accuracy") > history[parent].value("val_accuracy")
        for other in range(max(parent - 9, 0), parent + 1)
    )
    print(f"trial {parent + 1}: {count} children; number {rank} of the ten when it came")

# %% [markdown]
# Dots with many children are those that stood high when they came. But a member lives for ten
# trials and then leaves, however good it was. The incumbent's curve does not fall when that
# happens: the **history** forgets nothing, and the search hands over the best of the history. What
# ageing forgets is only who may breed.
#
# ## On the benchmark
# Both strategies beside random search: 150 trials, populations of 20, tournaments of 5, forty
# seeds. We look at two things: the incumbent, which is what a search sees (one training's
# validation accuracy), and the *regret* of what it would hand over (how many points its test
# accuracy, the mean over the table's trainings, is below the best of the table), which it does not
# see.
#
# Two strategies are compared seed by seed: the mean of the forty differences, plus and minus about two
# standard errors (chapter 05), is a 95 % interval. `paired_difference` forms it, and chapter 20 takes
# it apart. **Where it holds 0 we say tie.**

# %%
SIZES = {"population_size": 20, "tournament_size": 5}
strategies = {
    "random_search": lambda seed: nas.RandomSearch(space, seed=seed),
    "genetic": lambda seed: nas.Genetic(space, seed=seed, **SIZES),
    "regularized_evolution": lambda seed: nas.RegularizedEvolution(space, seed=seed, **SIZES),
}
seeds, trials = range(40), 150
comparison = nas.compare(
    strategies,
    evaluator,
    trials=trials,
    seeds=seeds,
    curves={"regret": lambda history: 100 * nas.regret(history, table)},
)

# %%
fig, axes = plt.subplots(1, 2, figsize=(9, 3.8))
for ax, column, label in (
    (axes[0], "incumbent", "best validation accuracy so far"),
    (axes[1], "regret", "regret (points of test accuracy)"),
):
    nas.plots.plot_comparison(nas.quartiles(comparison, column), ylabel=label, ax=ax)
    ax.axvline(20, linestyle=":", color="black", linewidth=1)
    ax.set(title=f"median and quartiles, n = {len(seeds)} seeds", xlim=(1, trials))
axes[0].set_ylim(0.85, None)
axes[1].set_ylim(0, 10)
axes[1].legend(loc="upper right")
plt.show()

# %%
final = nas.final_values(comparison, "regret")
print("regret saved after 150 trials, points: mean over seeds; positive is better for the first")
for one, other in (
    ("genetic", "random_search"),
    ("regularized_evolution", "random_search"),
    ("regularized_evolution", "genetic"),
):
    saved = nas.paired_difference(final[other] - final[one])
    print(f"{one:21} against {other:13} {saved.text()}")

# %% [markdown]
# Until the dotted line, trial 20, all three draw at random and coincide. Then breeding pays, in
# what the search sees (left) and in what it hands over (right). The medians of the two kinds of evolution
# lie close together, with wide bands; the third line asks whether there is a mean gap that is
# larger than forty seeds can mistake. A tie there is no proof of equality: chapter 20 asks again, with
# 200 seeds, and with populations of 8 and tournaments of 3. And no such line says *why*: the two
# differ in who leaves **and** in crossover. To learn what replacement does, change one thing.
#
# ## A belief: keeping the best for ever is safest
# Replacing the worst never loses its best member. Is that not safer than a rule that throws the
# best away when its time has come? The next class is regularized evolution with one line changed:
# the worst leaves.


# %%
class KeepTheBest(nas.RegularizedEvolution):
    """One parent, one mutated child, and the worst makes room."""

    def tell(self, trial):
        self.population.append(trial)
        if len(self.population) > self.population_size:
            self.population.remove(max(self.population, key=self.ranking_key))


# %% [markdown]
# Now the noise. In a laboratory of our own we say what is true: *worth* is the mean of the table's
# trainings of a network, and the search is told worth plus a normal random number of a given SD,
# drawn anew for each trial. That is the evaluation of a network by one short or one unlucky
# training, with a size that we set.
#
# How large is it in truth? Accuracy on 4,000 validation samples alone scatters by
# $\sqrt{p(1-p)/4000}$; training adds the rest. The table has several trainings of each network (chapter
# 10), so the whole can be computed.

# %%
print(f"sampling alone, at an accuracy of 0.95: SD {np.sqrt(0.95 * 0.05 / 4000):.4f}")
upper = np.argsort(-worth, kind="stable")[: len(table) // 10]
variances = table.column("val_accuracy")[upper].var(axis=1, ddof=1)
print(f"one training, best tenth of the table: SD {np.sqrt(variances.mean()):.4f}")
print(f"trainings of each network in the table, of which worth is the mean: {table.num_seeds}")

# %% [markdown]
# So one training of a good network has an SD of about 0.02, several times the sampling alone. Take 0.02
# as the ordinary case, 0.01 as what the mean of four trainings would have, 0.005 as still less, 0.04 as a very
# noisy one, 0 as no noise at all. For each level, both rules run on forty seeds, and after every
# trial we note three things about the population: the mean that it was told, the mean that it is
# worth, and the age of the member that looks best.
#
# **Write down three guesses for an SD of 0.02. By how much does the population look better than it
# is, under each rule: 0, 0.01, 0.02? How old is the best-looking member? And which rule hands over
# the better network?**


# %%
def laboratory(sd):
    """An evaluator that tells worth plus normal noise of this SD."""

    def evaluate(candidate, *, seed):
        value = worth_of(candidate.architecture)
        noise = sd * np.random.default_rng(seed).standard_normal()
        return nas.Result({"val_accuracy": value + noise, "worth": value}, seconds=0.0)

    return evaluate


def watch(strategy, evaluate, trials):
    """Search; after each trial note the population's mean told, mean worth, and its best's age."""
    told, notes = [], []
    for number in range(trials):
        seed = nas.trial_seed(strategy.seed, number)
        candidate = strategy.ask()
        told.append(nas.Trial(number, candidate, seed, evaluate(candidate, seed=seed)))
        strategy.tell(told[-1])
        values = [trial.value("val_accuracy") for trial in strategy.population]
        worths = [trial.value("worth") for trial in strategy.population]
        age = number - strategy.population[int(np.argmax(values))].number
        notes.append((np.mean(values), np.mean(worths), age))
    return nas.History(told), np.array(notes)


rules = {"replace the worst": KeepTheBest, "replace the oldest": nas.RegularizedEvolution}
levels = (0, 0.005, 0.01, 0.02, 0.04)
objective = nas.Objective("val_accuracy", "max")
population, handed_over = {}, {}
for sd in levels:
    for name, rule in rules.items():
        watched = [watch(rule(space, seed=s, **SIZES), laboratory(sd), trials) for s in seeds]
        population[name, sd] = np.array([notes for _, notes in watched])  # (seeds, trials, 3)
        handed_over[name, sd] = [h.best(objective).value("worth") for h, _ in watched]
    drawn = [
        nas.search(nas.RandomSearch(space, seed=s), laboratory(sd), trials=trials, progress=False)
        for s in seeds
    ]
    handed_over["random search", sd] = [h.best(objective).value("worth") for h in drawn]

# %% [markdown]
# ### The lucky stay

# %%
number = np.arange(1, trials + 1)
fig, axes = plt.subplots(1, 2, figsize=(9, 3.8), sharey=True)
for ax, name in zip(axes, rules):
    mean = population[name, 0.02].mean(axis=0)
    ax.step(number, mean[:, 0], "--", where="post", color=nas.plots.COLOURS[1], label="told")
    ax.step(number, mean[:, 1], where="post", color=nas.plots.COLOURS[0], label="worth")
    ax.fill_between(number, mean[:, 0], mean[:, 1], step="post", color="black", alpha=0.12)
    ax.set(xlabel="trial", title=f"{name}, n = {len(seeds)} seeds", xlim=(20, trials))
    ax.legend(loc="lower right")
axes[0].set(ylabel="mean of the population", ylim=(0.7, 1.0))
plt.show()

# %% [markdown]
# The noise has an SD of 0.02; the shaded part is luck. Left, it opens and stays open: whoever was
# told too much is kept, whoever was told too little leaves, so luck is collected. Right, the two
# curves lie on each other: age does not ask what a member was told, so those present are lucky as
# often as unlucky. In numbers, after the last trial:

# %%
print("noise   luck ± SE: replace the worst   replace the oldest")
luck = {}
for sd in levels:
    for name in rules:
        gaps = population[name, sd][:, -1, 0] - population[name, sd][:, -1, 1]
        luck[name, sd] = gaps.mean(), gaps.std(ddof=1) / np.sqrt(len(gaps))
    texts = [f"{mean:+.4f} ± {error:.4f}" for mean, error in (luck[name, sd] for name in rules)]
    print(f"{sd:.3f}  {texts[0]:>29}  {texts[1]:>18}")
for name in rules:
    age = population[name, 0.02][:, :, 2].max()
    print(f"{name}: the best-looking member was at most {age:.0f} trials old (noise 0.02)")

# %%
fig, axes = plt.subplots(1, 2, figsize=(9, 3.8))
for (name, line), colour in zip(zip(rules, nas.plots.LINES), nas.plots.COLOURS):
    means, errors = np.array([luck[name, sd] for sd in levels]).T
    axes[0].errorbar(
        levels, means, errors, fmt=line, marker="o", color=colour, capsize=3, label=name
    )
    age = population[name, 0.02][:, :, 2]
    axes[1].step(number, np.median(age, axis=0), line, where="post", color=colour, label=name)
    low, high = np.quantile(age, [0.25, 0.75], axis=0)
    axes[1].fill_between(number, low, high, step="post", color=colour, alpha=0.15, linewidth=0)
axes[0].set(xlabel="noise of a trial (SD)", ylabel="told minus worth", title="luck, ± SE")
axes[0].set_xticks([0, 0.01, 0.02, 0.03, 0.04])
axes[1].set(xlabel="trial", ylabel="age of the best member (trials)")
axes[1].set_title("noise 0.02, median and quartiles")
for ax in axes:
    ax.legend(loc="upper left")
fig.suptitle(f"n = {len(seeds)} seeds")
plt.show()

# %% [markdown]
# Left: luck grows with the noise under the one rule and stays at zero under the other. Right: the
# member that looks best grows old where nobody can push it out, and cannot where everyone leaves
# after 20 trials. So far the belief is in trouble: the best that is kept for ever is largely the
# luckiest.
#
# ### Does it matter for what is handed over?
# Each search hands over the best of its *history*, by what it was told. What is that network worth?

# %%
print("noise     worth handed over, oldest minus worst, points")
for sd in levels:
    one, other = (np.array(handed_over[name, sd]) for name in reversed(rules))
    print(f"{sd:.3f}     {nas.paired_difference(100 * (one - other)).text()}")

# %%
ax = plt.subplots()[1]
for index, name in enumerate((*rules, "random search")):
    values = np.array([handed_over[name, sd] for sd in levels])
    half = 1.96 * values.std(axis=1, ddof=1) / np.sqrt(len(seeds))
    shifted = np.array(levels) + 0.0004 * (index - 1)
    ax.errorbar(shifted, values.mean(axis=1), half, fmt=nas.plots.LINES[index], marker="o",
                color=nas.plots.COLOURS[index], capsize=3, label=name)  # fmt: skip
ax.set(xlabel="noise of a trial (SD)", ylabel="worth of what is handed over")
ax.set_title(f"{trials} trials, n = {len(seeds)} seeds, 95 % intervals")
ax.legend(loc="lower left")
plt.show()

# %% [markdown]
# Read the words at the end of the lines, and then the picture: between the two rules lie a few
# tenths of a point, with intervals about as wide; from left to right, noise costs both of them far more.
# Where the data say tie, we say tie. (Five intervals are five chances to be wrong, as chapter 20 will count: a
# single other word whose neighbours say tie is no finding.) Why does honesty not pay?
#
# - The history has no age. Under either rule the network that is handed over is the one with the
#   highest told value of 150, and that is picked for luck (chapter 05's optimism).
# - Honesty has its price: the population of the second rule keeps what is bad for twenty trials too.

# %%
for name in rules:
    values = population[name, 0.02][:, -1, 1]
    error = values.std(ddof=1) / np.sqrt(len(values))
    print(f"{name:18}: worth of the last population {values.mean():.4f} ± {error:.4f} (SE)")

# %% [markdown]
# The flattered population is the better one all the same. Yet what is handed over comes from the
# history, and there no rule is ahead at every noise.
#
# So the belief falls in one word, *safest*. Letting the best go loses nothing, for the history
# keeps it; keeping it makes the population claim more than it is worth. Real et al. report
# accuracies similar or higher with ageing, in other and larger spaces; by what is handed over, ours
# cannot tell the rules apart.
#
# ### Noise that does not change
# Fresh noise is one way to be wrong. Another is to stop the trainings early (chapter 10): then a
# network that begins well looks good each time it is looked at, and neither rule can find out. What
# do the two rules hand over, judged at the end of the training?

# %%
for epochs in (table.epochs[1], table.epochs[3], table.epochs[-1]):
    early, results = nas.TableEvaluator(table, epochs), {}
    for name, rule in rules.items():
        runs = [
            nas.search(rule(space, seed=s, **SIZES), early, trials=trials, progress=False)
            for s in seeds
        ]
        results[name] = [worth_of(run.best(objective).candidate.architecture) for run in runs]
    one, other = (np.array(results[name]) for name in reversed(rules))
    print(f"{epochs:.2f} epochs: worst {other.mean():.4f}, oldest {one.mean():.4f}, ", end="")
    print("oldest minus worst, points:", nas.paired_difference(100 * (one - other)).text())

# %% [markdown]
# The fewer epochs, the less both find, and that is the large effect. The small one, between the
# rules, is in the last column with its interval. A short training errs in the same way each time it
# is asked, and what does not change, ageing cannot mend.
#
# ## When it fails
# ### No step of evolution
# With 100 trials and a population of 100 nothing is bred (chapter 03). Here is the whole scale,
# with one number that shows it at once.
#
# **A budget of 100 trials: which population would you take, 4, 10, 20, 50 or 100?**

# %%
import warnings

print("population   bred   regret after 100 trials, points (mean ± SE, n = 40 seeds)")
for size in (4, 10, 20, 50, 100):
    ends, bred = [], set()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library warns at 100, as chapter 03 shows
        for s in seeds:
            strategy = nas.RegularizedEvolution(
                space, population_size=size, tournament_size=3, seed=s
            )
            run = nas.search(strategy, evaluator, trials=100, progress=False)
            ends.append(100 * nas.regret(run, table)[-1])
            bred.add(run.num_bred)
    error = np.std(ends, ddof=1) / np.sqrt(len(ends))
    print(f"{size:10}  {bred.pop():5}   {np.mean(ends):.2f} ± {error:.2f}")

# %% [markdown]
# The column `bred` says at once what the last row is: random search under another name. Which of
# the other sizes is best, forty seeds hardly tell: compare their differences with the standard
# errors.
#
# ### A tournament of the whole population
# If pressure is good, why not draw as many as there are? **What becomes of the variety in the
# population, and does it show in what is handed over?**

# %%
print("rule                s   parents   networks at the end   worth handed over")
for name, rule in rules.items():
    for s in (1, 5, 20):
        rows = []
        for seed in seeds:
            strategy = rule(space, seed=seed, population_size=20, tournament_size=s)
            run = nas.search(strategy, laboratory(0.02), trials=trials, progress=False)
            parents = {parent for trial in run for parent in trial.candidate.parents}
            networks = {table.row(trial.candidate.architecture) for trial in strategy.population}
            rows.append((len(parents), len(networks), run.best(objective).value("worth")))
        few, left, value = np.mean(rows, axis=0)
        error = np.std(rows, axis=0, ddof=1)[2] / np.sqrt(len(rows))
        print(f"{name:18} {s:2}  {few:8.1f}  {left:20.1f}   {value:.4f} ± {error:.4f}")

# %% [markdown]
# (Noise 0.02, means over forty seeds, ± standard error; distinct parents, distinct networks.) All
# rows have 130 children; the larger the tournament, the fewer members become their parents, and the
# more of the population are one network. In 150 trials between 5 and 20 that does not show in what
# is handed over; it is what a longer search would have to live on. With $s = 1$ and the oldest
# leaving, nothing prefers the good at all: a random walk.
#
# ### A mutation that changes nothing
# The mutation below draws one of five operations for an edge and forgets that the edge has one
# already.
#
# **Which share of the children is an exact copy of its parent?**


# %%
class Careless(nas.EdgeCellSpace):
    """Draws the new operation among all five."""

    def mutate(self, architecture, rng):
        values = list(architecture.values)
        values[rng.integers(len(values))] = str(rng.choice(self.OPERATIONS))
        return nas.Architecture(values)


for name, one in (("the library's", space), ("the careless one", Careless())):
    strategy = nas.RegularizedEvolution(one, seed=0, **SIZES)
    run = nas.search(strategy, evaluator, trials=520, progress=False)
    pairs = [(trial, run[parent]) for trial in run for parent in trial.candidate.parents]
    pairs = [(c.candidate.architecture, p.candidate.architecture) for c, p in pairs]
    copies = sum(child == parent for child, parent in pairs)
    twins = sum(table.row(child) == table.row(parent) for child, parent in pairs) - copies
    print(
        f"{name:16}: {len(pairs)} bred, {copies} copies, {twins} other names of the parent's network"
    )

# %% [markdown]
# One in five, and each was trained. The check is one line: no child equals its parent. The last
# number is harder to mend: some true mutations change an edge that does no work, or the name alone
# (chapter 04). `search(..., reuse=True)` does not pay for such twins a second time.
#
# ## Recap
# - Selection says who breeds, replacement who leaves; the history forgets nobody.
# - A tournament of $s$ among $n$ picks the best with probability $1 - (1 - 1/n)^s$.
# - Mutation keeps five edges of six; crossover can cut every path, and does less harm among cells that
#   are alike.
# - Replacing the worst collects luck, more of it the noisier the trials; replacing the oldest none.
# - What the two hand over is a tie where the interval says so. Look at the interval, not at the belief.
# - Count what was bred.
#
# ## Quiz
# Choose an answer before you click on it: it unfolds, and says why it is right or wrong.

# %%
nas.course.quiz("12")

# %% [markdown]
# ## Exercises
# ### Exercise 12.1 ★ Predict: who is still there?
# A search of 100 trials, numbered from 0, with a population of 20; trials come one after the other
# and none fails. How many are bred? Replacing the oldest: which number has the oldest member at the
# end? Replacing the worst: which is the smallest number that a member can have at the end? Set
# `guess` to the triple (bred, oldest rule, worst rule).

# %% nbgrader={"grade": false, "grade_id": "ex-12-1", "locked": false, "schema_version": 3, "solution": true, "task": false}
guess = ...
### BEGIN SOLUTION
guess = (80, 80, 0)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check-12-1", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("12.1", guess)

# %% [markdown]
# ### Exercise 12.2 ★★ Write: both rules of replacement
# `told` holds the told values of the trials 0, 1, 2, ... in the order of their arrival. Write
# `survivors(told, size, rule)`: the list of the numbers of those that are in the population after
# the last one has come, where `rule` is "worst" or "oldest". Each newcomer enters; then, if there
# are more than `size`, one leaves, and it may be the newcomer. Among equally bad ones the earliest
# leaves. *About 8 lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-12-2", "locked": false, "schema_version": 3, "solution": true, "task": false}
def survivors(told, size, rule):
    """Return the numbers of the trials that are left in the population."""
    ### BEGIN SOLUTION
    members = []
    for number in range(len(told)):
        members.append(number)
        if len(members) > size:
            leaver = members[0] if rule == "oldest" else min(members, key=lambda m: told[m])
            members.remove(leaver)
    return members
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-12-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("12.2", survivors)

# %% [markdown]
# ### Exercise 12.3 ★★ Write: the pressure on every rank
# Write `win_probability(rank, population_size, tournament_size)`: how likely the member of that
# rank (1 is the best, no ties) wins a tournament whose draws are each made from the whole
# population. *Hint: with which probability is nobody drawn who is better than rank $r$? 2 lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-12-3", "locked": false, "schema_version": 3, "solution": true, "task": false}
def win_probability(rank, population_size, tournament_size):
    """Return the probability that the member of this rank becomes the parent."""
    ### BEGIN SOLUTION
    # All draws have rank r or worse, but not all have a rank worse than r.
    none_better, all_worse = population_size - rank + 1, population_size - rank
    return (none_better**tournament_size - all_worse**tournament_size) / (
        population_size**tournament_size
    )
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-12-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("12.3", win_probability)

# %% [markdown]
# ### Exercise 12.4 ★★★ Write and experiment: train the finalists again
# If luck decides what is handed over, spend the last trainings on it. Write `hand_over(pairs,
# measure, finalists, repeats)`. `pairs` is a list of (told, architecture). Take the `finalists`
# architectures with the highest told values (an architecture that comes several times counts once,
# by its highest; there may be fewer than asked for), call `measure(architecture)` `repeats` times
# for each, and return the architecture whose **new** values have the highest mean. *About 9 lines.*
#
# Before you run the experiment: 120 trials and 30 such trainings (ten finalists, three times),
# against 150 trials without. Which hands over the better network, and by more or less than the two
# rules of replacement differ?


# %% nbgrader={"grade": false, "grade_id": "ex-12-4", "locked": false, "schema_version": 3, "solution": true, "task": false}
def hand_over(pairs, measure, finalists, repeats):
    """Return the architecture that is best when the finalists are trained again."""
    ### BEGIN SOLUTION
    highest = {}
    for told, architecture in pairs:
        highest[architecture] = max(told, highest.get(architecture, told))
    chosen = sorted(highest, key=highest.get, reverse=True)[:finalists]
    means = [np.mean([measure(one) for _ in range(repeats)]) for one in chosen]
    return chosen[int(np.argmax(means))]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-12-4", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("12.4", hand_over)

# %% [markdown]
# The experiment, once your function is there (noise 0.02, both rules):

# %%
if hand_over([(0.5, mother)], lambda one: 0.5, 1, 1) is not None:
    for name, rule in rules.items():
        again = []
        for s in seeds:
            strategy = rule(space, seed=s, **SIZES)
            run = nas.search(strategy, laboratory(0.02), trials=120, progress=False)
            pairs = [(t.value("val_accuracy"), t.candidate.architecture) for t in run]
            rng = np.random.default_rng([s, 12])
            chosen = hand_over(
                pairs, lambda one, rng=rng: worth_of(one) + 0.02 * rng.standard_normal(), 10, 3
            )
            again.append(worth_of(chosen))
        gains = 100 * (np.array(again) - handed_over[name, 0.02])
        print(f"{name:18}: finalists against none, points: {nas.paired_difference(gains).text()}")

# %% [markdown]
# ## In practice
# - One trial after the other here. With many workers (chapter 19) "the oldest" is the one whose result
#   came first, and a child may be bred before its elder siblings are measured.
# - Real et al. evolved with a population of 100 and tournaments of 25. At the budget of a laptop
#   populations are small, and founders a large part of all trials.
# - Real et al.'s argument for ageing: a network stays only through its children, and those are
#   trained anew, so what lasts has been good more than once. Our mutation always changes something, so
#   that a child is another cell than its parent.
# - Our laboratory's noise is equal everywhere. In truth bad networks are noisier than good ones.
# - The finalists of any strategy can be trained again; exercise 12.4 measures what that brings.
#
# ## Further reading
# - Real, Aggarwal, Huang and Le 2019, Regularized evolution for image classifier architecture search.
# - Goldberg and Deb 1991, A comparative analysis of selection schemes used in genetic algorithms.
# - Whitley 1989, The GENITOR algorithm and selection pressure.
# - Syswerda 1989, Uniform crossover in genetic algorithms.
# - Elsken, Metzen and Hutter 2019, Neural architecture search: a survey (section on evolution).
#
# **中文术语** 进化算法 evolutionary algorithm · 遗传算法 genetic algorithm · 元启发式 metaheuristic ·
# 种群 population · 锦标赛选择 tournament selection · 选择压力 selection pressure · 变异 mutation ·
# 交叉 crossover · 噪声 noise
