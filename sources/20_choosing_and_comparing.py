# ---
# jupyter:
#   nas_tutorial:
#     name: Choosing and comparing
#     about: which strategy when, answered by data
#     minutes: 110
#     document: 8.1 how to choose a strategy
#     modules: [statistics.tests, statistics.chance, reporting.run_card]
#     part: "Part IV: use it well · 选择与局限"
# ---

# %% [markdown]
# # Choose a strategy, and say how sure you are
#
# *The document's question 8.1: how do I choose the right search strategy?* After this chapter you
# answer it with data: for a budget, for a noise level, with an interval, and with "tie" where the
# data cannot tell.
#
# **You will** draw wrong conclusions from three seeds, watch an interval shrink, compare seven
# strategies at three budgets and two noise levels, put cheap and dear methods on one axis of seconds,
# test 21 pairs at once, and fill in a run card.
#
# **You will learn to**
# - say how many seeds a difference needs, and what SD and SE are for;
# - put two baselines beside every search: a random pick and random search;
# - say by how much the winner's validation accuracy flatters it;
# - count all the seconds behind a result, and estimate their energy;
# - read Wilcoxon's and Friedman's tests, Holm's correction and a critical-difference diagram;
# - tell "significant" from "large enough to matter" and from "true elsewhere";
# - report a search so that others can repeat and judge it.
#
# **You need** chapters 03, 05 and 10; of chapters 11 to 17 only the names. About 110 minutes, forty
# of them for the exercises; "Tests for many pairs" is a good place to begin a second sitting. The
# cells take about three quarters of a minute.

# %%
import matplotlib.pyplot as plt
import numpy as np

import nas_tutorial as nas

settings = nas.course.start()

# %% [markdown]
# ## The idea in one sentence
# **What a strategy finds is a draw: compare strategies by many paired draws, at the budget and the
# noise that are yours, and say "tie" where the interval holds 0.**
#
# A search hands over one network. Its *score* in this chapter is the test accuracy of that network
# in percent, the mean over all trainings in the course's table: more is better, and differences are
# in points. (Chapter 12's *regret* is the distance to the best score in the table.) The search
# itself sees validation accuracies only, of one training a trial. Three functions save typing.

# %%
table = nas.Table.load_course()
space = table.space
full = nas.TableEvaluator(table)
best_score = 100 * table.optimum()[1]


def fresh(name):
    """A function of a seed that makes the strategy of this name."""
    strategy = nas.STRATEGIES.load(name)
    return lambda seed: strategy(space, seed=seed)


def searches(names, evaluator, seeds, trials=180):
    """Search once a strategy and seed; keep the score of the best network after each trial."""
    return nas.compare(
        {name: fresh(name) for name in names},
        evaluator,
        trials=trials,
        seeds=seeds,
        curves={"score": lambda history: best_score - 100 * nas.regret(history, table)},
    )


def scores(comparison, trials):
    """What each search would hand over after so many trials: a row a seed, a column a strategy."""
    return nas.final_values(comparison[comparison["trial"] <= trials], "score")


print(f"{len(table):,} networks, trainings of each: {table.num_seeds}; best score {best_score:.2f}")

# %% [markdown]
# ## By hand: three seeds
# Genetic search against random search, 60 trials each, seeds 0, 1 and 2. The runs are paired: equal
# seeds draw equal first candidates.

# %%
four = ("random_search", "genetic", "regularized_evolution", "tabu")
many = searches(four, full, range(200))
after_60 = scores(many, 60)
clear = after_60["genetic"] - after_60["random_search"]
for seed in range(3):
    ours, theirs = after_60.loc[seed, ["genetic", "random_search"]]
    print(f"seed {seed}: genetic {ours:.2f}, random {theirs:.2f}, ahead by {clear[seed]:+.2f}")
print(f"mean {clear[:3].mean():+.2f}; the mean over 200 seeds is {clear.mean():+.2f}")

# %% [markdown]
# We know the answer from 200 seeds, which few studies have: this triple names the wrong winner. So we can
# ask what others would have concluded: from the seeds 3 to 5, from 6 to 8, and so on.
#
# **Of the 66 triples, how many have the wrong sign, or none: 1, 5, 17 or 30?** And for two
# strategies that are closer to each other, genetic search and regularized evolution after 180
# trials?

# %%
after_180 = scores(many, 180)
close = after_180["genetic"] - after_180["regularized_evolution"]


def wrong(means, truth):
    """Whether means have another sign than the truth, or none."""
    return np.sign(means) != np.sign(truth)


for name, differences in (("clear", clear), ("close", close)):
    triples = differences.to_numpy()[:198].reshape(66, 3).mean(axis=1)
    print(
        f"{name}: mean {differences.mean():+.2f}, SD of one difference {differences.std():.2f}; "
        f"wrong in {wrong(triples, differences.mean()).sum()} of 66 triples"
    )

# %% [markdown]
# Every one of those triples would have made a figure with two curves and a winner. The mean of the
# difference is smaller than its SD from seed to seed, and three seeds average too little of that
# away; where strategies are closer, the error is more frequent.
#
# ## How many seeds?
# Two numbers, two questions (chapter 05). The SD says how far *one* search lies from the mean of
# all: quote it to say what a user must expect. The SE = SD / √n says how well the *mean* is known:
# use it to compare. The interval that goes with it is mean ± $t_{n-1}$ · SE, where $t_{n-1}$ is the
# quantile of Student's distribution: large for few seeds. (`paired_difference`, since chapter 12, does
# this; here we do it by hand.)


# %%
from scipy.stats import t


def interval(differences):
    """Mean of paired differences, and the ends of its 95 % interval, along the last axis."""
    differences = np.asarray(differences, dtype=float)
    n = differences.shape[-1]
    mean = differences.mean(axis=-1)
    half = t.ppf(0.975, n - 1) * differences.std(axis=-1, ddof=1) / np.sqrt(n)
    return mean, mean - half, mean + half


print(f"t for 3 seeds {t.ppf(0.975, 2):.1f}, for 50 seeds {t.ppf(0.975, 49):.1f}")
for name, differences in (("clear", clear), ("close", close)):
    mean, low, high = interval(differences)
    print(f"{name}: {mean:+.2f} points, 95 % interval {low:+.2f} to {high:+.2f}, n = 200 seeds")

# %% [markdown]
# (Where even 200 seeds leave 0 inside, we take the sign of their mean for the truth.) Now let 2,000
# people have n of these seeds each. **Which n makes a wrong sign rarer than one in twenty for the
# clear pair: 5, 10, 20 or 40? And how much narrower is the interval with 40 seeds than with 10?**

# %%
import pandas

rng = np.random.default_rng(0)
counts = (3, 5, 10, 20, 40, 80)
measured = []
for n in counts:
    people = np.array([rng.permutation(200)[:n] for _ in range(2000)])  # n different seeds each
    for name, differences in (("clear", clear), ("close", close)):
        mean, low, high = interval(differences.to_numpy()[people])
        row = {"pair": name, "seeds": n, "wrong sign": wrong(mean, differences.mean()).mean()}
        row |= {"width": (high - low).mean(), "holds 0": ((low <= 0) & (high >= 0)).mean()}
        measured.append(row | {"√(1 - n/200)": np.sqrt(1 - n / 200)})
measured = pandas.DataFrame(measured)
print(measured.sort_values("pair", kind="stable").round(3).to_string(index=False))

# %%
fig, axes = plt.subplots(1, 2, figsize=(8.6, 3.6))
for index, (name, rows) in enumerate(measured.groupby("pair", sort=False)):
    look = {
        "color": nas.plots.COLOURS[index],
        "linestyle": nas.plots.LINES[index],
        "marker": "os"[index],
    }
    axes[0].plot(rows["seeds"], rows["wrong sign"], label=f"{name} pair", **look)
    axes[1].plot(rows["seeds"], rows["width"], label=f"{name} pair", **look)
axes[0].axhline(0.05, color="black", linestyle=":", label="one in twenty")
axes[0].set(ylabel="share of wrong signs", title="Wrong conclusions", ylim=(0, None))
axes[1].set(ylabel="width of the interval (points)", title="95 % interval", yscale="log")
axes[1].set_yticks([0.2, 0.5, 1, 2, 5, 10], ["0.2", "0.5", "1", "2", "5", "10"])
for ax in axes:
    ax.set(xscale="log", xlabel="seeds (2,000 draws each, from 200)")
    ax.set_xticks(counts, counts)
    ax.minorticks_off()
    ax.legend()
plt.show()

# %% [markdown]
# Four times the seeds, half the width: on the logarithmic axes the right picture is nearly a
# straight line (steeper at the left, where $t_{n-1}$ is large as well). Wrong signs die out sooner
# for the clear pair than for the close one, so no number of seeds is "enough" without saying for
# which difference. The column "holds 0" is the honest part: with few seeds the interval mostly
# holds 0 and says *tie*, where the mean alone would have named a winner.
#
# One thing flatters the lower rows: the seeds are drawn from our 200, none twice. So people with 80
# seeds share many, and their means lie closer to the mean of all than those of fresh seeds would,
# by the factor in the last column; fresh seeds go wrong more often. (Exercise 20.5 draws in a way
# that has no such factor.)
#
# ## Two baselines
# Beside every search belong a **random pick**, which did not search at all, and **random search**
# with the same budget. The first says what the space gives for nothing, the second what looking
# gives. Random search needs no luck to be known: `expected_best_of` computes its mean from the
# table by formula. The formula also tests the program: searches that lie many SE away from it have
# a mistake.

# %%
networks = np.array([table.row(architecture) for architecture in space])  # of each encoding
shown = table.column("val_accuracy")[networks].ravel()  # what a draw shows to the search
score = 100 * table.column("test_accuracy").mean(axis=1)[networks]
score = np.repeat(score, table.num_seeds)  # what it is worth, whichever training was shown

print("random search   score by formula   of 200 searches (± SE)   apart")
for n in (1, 20, 60, 180):
    expected = nas.expected_best_of(shown, n, report=score)
    found = scores(many, n)["random_search"]
    mean, error = found.mean(), found.sem()
    apart = abs(mean - expected) / error
    print(f"{n:6} trials {expected:18.2f} {mean:18.2f} ± {error:.2f} {apart:10.1f} SE")

# %% [markdown]
# One trial is the random pick. (The rows are not independent: they are the same searches.) It shows
# that most of the way from a random network to the best is made by random search, in its first
# twenty trials.
#
# ## The winner flatters itself
# Three parts, three readers: training fits weights, validation chooses, test reports (chapter 05).
# A network that was chosen for its validation accuracy was chosen for its luck as well. The
# **selection gap** is what the winner *shows*, its validation accuracy as the search saw it, minus
# what it *is worth*, its test accuracy: chapter 05's optimism, as one can measure it. The course's
# validation part has 4,000 samples; we also let random search choose by a validation part of 100,
# that is, with the noise of counting 100 samples.
#
# **From 10 to 1,000 trials, what will grow more: what the winner shows, or what it is worth?**

# %%
rng = np.random.default_rng(1)
parts = {"4,000": [shown], "100": [rng.binomial(100, shown) / 100 for _ in range(10)]}
numbers = np.unique(np.geomspace(1, 1000, 25).round().astype(int))
shows, worth = {}, {}
for size, drawn in parts.items():  # the mean over ten validation parts of 100 samples
    shows[size] = 100 * np.mean([nas.expected_best_of(part, numbers) for part in drawn], axis=0)
    worth[size] = np.mean(
        [nas.expected_best_of(part, numbers, report=score) for part in drawn], axis=0
    )

print("samples  trials   shows   is worth   gap (points)")
for size in parts:
    for place in np.searchsorted(numbers, (1, 10, 100, 1000)):
        s, w = shows[size][place], worth[size][place]
        print(f"{size:>7}  {numbers[place]:6}   {s:5.1f}   {w:8.1f}   {s - w:+12.1f}")

# %%
fig, axes = plt.subplots(1, 2, figsize=(8.6, 3.6), sharey=True)
for ax, size in zip(axes, parts):
    ax.plot(numbers, shows[size], "--", color=nas.plots.COLOURS[1], label="shows (validation)")
    ax.plot(numbers, worth[size], "-", color=nas.plots.COLOURS[0], label="is worth (test)")
    ax.set(xscale="log", xlabel="trials", ylim=(88, 100), title=f"{size} validation samples")
    ax.legend(loc="lower right")
axes[0].set_ylabel("accuracy of the winner (%, mean)")
plt.show()

# %% [markdown]
# With one trial nothing is chosen, and the gap is only that between the two parts: the test part is
# a shade easier. After choosing, the winner shows more than that, and the two curves part. Left, what
# was chosen beside worth is the luck of one training (chapter 10). Right, the luck in 100 samples comes
# on top: the search goes on improving what the winner *shows*, and most of that is flattery.
# This is **overfitting to validation**, without a single weight being fitted; chapter 21 takes it
# up. Two consequences: report the test accuracy, never the winner's validation accuracy; and score
# strategies by something that they did not search, as our score does.
#
# How well do validation and test agree about the top?

# %%
by_test = table.column("test_accuracy").mean(axis=1)
by_val = table.column("val_accuracy").mean(axis=1)
by_few = np.random.default_rng(2).binomial(100, by_val) / 100
top = np.argsort(-by_test, kind="stable")[:20]
for size, by in (("4,000", by_val), ("100", by_few)):
    place = 1 + int((by_test > by_test[by.argmax()]).sum())
    common = len(np.intersect1d(np.argsort(-by, kind="stable")[:20], top))
    print(f"{size:>5} samples: the best of {len(table):,} is number {place} by test; ", end="")
    print(f"{common} of the first 20 are among the 20 best by test")

# %% [markdown]
# With 4,000 samples the two parts agree about most of the top, if not about every place. With 100
# they agree about little: many networks get all or nearly all of so few samples right, and which of
# them comes first is luck.
#
# ## On the benchmark: seven strategies, three budgets, two noise levels
# | strategy | in half a sentence | chapter |
# | --- | --- | --- |
# | `random_search` | draws | 03 |
# | `genetic` | breeds from the better ones, the worst makes room | 03, 12 |
# | `regularized_evolution` | mutates the better ones, the oldest makes room | 12 |
# | `local_search` | steps to the first better neighbour | 11 |
# | `simulated_annealing` | accepts a worse neighbour now and then | 11 |
# | `tabu` | tries **all** neighbours, takes the best, may not go straight back | 11 |
# | `reinforce` | learns probabilities of operations | 14 |
#
# Two noise levels: a trial trains in full, or for a quarter (1.25 of 5 epochs). A short training
# costs a quarter and says less about the end:

# %%
from scipy.stats import spearmanr

early = nas.TableEvaluator(table, epochs=1.25)
at_end = table.column("val_accuracy")[:, 0]
at_quarter = table.column("val_accuracy", 1.25)[:, 0]
better = at_end >= np.median(at_end)
print(
    f"Spearman of a quarter with the end: all {spearmanr(at_quarter, at_end).statistic:.2f}, "
    f"better half {spearmanr(at_quarter[better], at_end[better]).statistic:.2f}"
)

# %% [markdown]
# All strategies keep the library's defaults. In both cases the score is that of the network found,
# *trained in full* (by the table). Budgets of 20, 60 and 180 trials, fifty seeds.
#
# **Write down: which strategy will have the best average rank after 20 trials, and which the worst?
# Will it be the same two after 180? Will random search be last everywhere?**

# %%
seven = (*four, "local_search", "simulated_annealing", "reinforce")
others, budgets = seven[1:], (20, 60, 180)
runs = {
    "short": searches(seven, early, range(50)),
    "full": pandas.concat([many[many["seed"] < 50], searches(seven[4:], full, range(50))]),
}
blocks = {(noise, n): scores(run, n) for noise, run in runs.items() for n in budgets}


def verdict_on(differences):
    """better, worse or tie, by the 95 % interval of paired differences."""
    _, low, high = interval(differences)
    return "better" if low > 0 else "worse" if high < 0 else "tie"


# %% [markdown]
# In each seed the seven are ranked from 1, the best; the table holds average ranks, and the verdict
# of the paired interval *against random search*.

# %%
verdicts, intervals = {}, {}  # of each setting: strategy -> what is said of it
for setting, block in blocks.items():
    ahead = {name: block[name] - block["random_search"] for name in others}
    verdicts[setting] = {name: verdict_on(ahead[name]) for name in others}
    intervals[setting] = {name: interval(ahead[name]) for name in others}
for noise in runs:
    print(f"{noise + ', trials':22}" + "".join(f"{n:5}        " for n in budgets))
    for name in seven:
        line = f"{name:22}"
        for n in budgets:
            rank = blocks[noise, n].rank(axis=1, ascending=False)[name].mean()
            line += f"{rank:5.1f} {verdicts[noise, n].get(name, ''):7}"
        print(line)
    print()

# %% [markdown]
# Six settings with six intervals each make 36 intervals at 95 %: if nothing differed anywhere, one
# or two of them would exclude 0 by chance alone. So no single word of the table is a test, and what
# counts is the pattern:

# %%
for (noise, n), words in verdicts.items():
    num_better = sum(word == "better" for word in words.values())
    worse = ", ".join(name for name in others if words[name] == "worse")
    print(f"{n:3} {noise} trainings: {num_better} of 6 better than random search", end="")
    print(f"; worse: {worse or 'none'}")

# %%
fig, axes = plt.subplots(2, 3, figsize=(9.2, 6), sharex="row", sharey=True)
for ax, (noise, n) in zip(axes.flat, blocks):
    for row, (name, (mean, low, high)) in enumerate(intervals[noise, n].items()):
        filling = "white" if verdicts[noise, n][name] == "tie" else None
        ax.plot([low, high], [row, row], color=nas.plots.COLOURS[0], linewidth=1.5)
        ax.plot(mean, row, "o", color=nas.plots.COLOURS[0], markerfacecolor=filling)
    ax.axvline(0, color="black", linewidth=1)
    ax.set_title(f"{n} {noise} trainings", fontsize=10)
    ax.set_yticks(range(6), others)
axes[0, 0].invert_yaxis()
fig.supxlabel("points ahead of random search: mean and 95 % interval, n = 50 seeds; open: tie")
plt.show()

# %% [markdown]
# After 20 trials hardly anyone is better than random search: what a strategy learns has not paid
# yet. `tabu` is worse: it has seen one architecture and not even all of its 24 neighbours. With
# more trials the intervals move to the right: some strategies are better, and after 180 none is
# worse. And compare the two rows, each on its own scale: short trainings have the longer intervals.
# By how much?

# %%
for n in budgets:
    widths = {
        noise: [high - low for _, low, high in intervals[noise, n].values()] for noise in runs
    }
    ratio = np.divide(widths["short"], widths["full"])
    print(
        f"{n:3} trials: {ratio.min():.1f} to {ratio.max():.1f} times as wide with short trainings"
    )

# %% [markdown]
# The noise of the measurement hides what the strategies do. Who leads, and who ties with the
# leader?

# %%
for (noise, n), block in blocks.items():
    ranks = block.rank(axis=1, ascending=False).mean().sort_values(kind="stable")
    leader, *rest = ranks.index
    ties = [name for name in rest if verdict_on(block[leader] - block[name]) == "tie"]
    print(f"{n:3} {noise} trainings: {leader}; {'ties: ' + ', '.join(ties) if ties else 'alone'}")

# %% [markdown]
# Mostly a leader with company, not one name. That is the answer of these data to "which strategy":
# a *group*, for this budget and this noise. If a line says *alone*, that strategy is told from all
# others at that setting. Before you believe in it, look at the lines beside it: is it among the
# leaders there too? A leader is picked after looking, and that has a selection gap as well.
#
# Is it worth training in full? Compare at equal **cost**: four short trials cost as much as a full
# one.

# %%
print("full trainings against four times as many short ones, points ahead")
print(f"{'':22}{'20 against 80':32}45 against 180")
for name in seven:
    texts = []
    for n in (20, 45):
        ahead = scores(runs["full"], n)[name] - scores(runs["short"], 4 * n)[name]
        mean, low, high = interval(ahead)
        texts.append(f"{mean:+.2f} ({low:+.2f} to {high:+.2f}) {verdict_on(ahead)}")
    print(f"{name:22}{texts[0]:32}{texts[1]}")

# %% [markdown]
# Nobody is clearly better off here with fewer and better measurements, and some are worse off. `tabu`
# fares worst: twenty trials do not show it one whole neighbourhood, however well they are measured. And a
# full training is no exact measurement either; among good networks it has the luck that chapter
# 10 measures, while four short ones look at four times as many networks. Chapter 15 combines the two: short
# trainings to drop the hopeless, full ones for the rest.
#
# ## Every method on one axis: total seconds
# Trials are no common currency. A trial of ASHA may be short (chapter 15), a warm start scores a
# hundred networks before its first trial (chapter 16), and one-shot search trains one supernet in
# place of many networks (chapter 17). What all of them spend is time. So here they stand on one
# axis, the *total seconds* of a run:
#
# | method | what its seconds are |
# | --- | --- |
# | `random_search`, `regularized_evolution`, `local_search` | full trainings; 20 of the runs from above |
# | `bayesian` (chapter 13) | full trainings; 8 runs of 60 seconds, since it thinks before each trial |
# | `asha` | short trainings; one that goes on pays only what it adds |
# | `warm start` | 100 scores by SNIP, then trainings of regularized evolution |
# | `one-shot` | training a supernet, scoring 300 networks by it, training the best few alone |
#
# The seconds are the processor's, as the table and the records of chapter 17 hold them. The time of
# one SNIP score is the table's own: its datasheet gives 17 minutes for three scores of all
# networks. That is the clock of a busy machine, and for five proxies at once, so rather too much.
# What a strategy thinks between trials is on nobody's axis; for `bayesian` a cell prints it.
#
# **Which method has the smallest regret after 30 seconds? And how long will random search need for
# what one-shot search finds: less time than that, or more?**


# %%
def warm(seed):
    """Regularized evolution that begins with the best by SNIP of 100 random networks."""
    evolution = fresh("regularized_evolution")(seed)
    columns = table.proxy("snip").T
    snip = columns[seed % len(columns)]
    founders = nas.best_of_random(
        space,
        lambda one: snip[table.row(one)],
        drawn=100,
        kept=evolution.num_founders,
        rng=np.random.default_rng(seed),
    )
    return nas.WarmStart(evolution, founders)


trained = runs["full"][runs["full"]["seed"] < 20]
trained = trained[
    trained["strategy"].isin(["random_search", "regularized_evolution", "local_search"])
]
end = trained.groupby(["strategy", "seed"])["seconds"].last().min()  # until there all have results
curves = {"score": lambda history: best_score - 100 * nas.regret(history, table)}
cheap = nas.compare(
    {"asha": fresh("asha"), "warm start": warm},
    full,
    seconds=end,
    seeds=range(20),
    curves=curves,
)
a_score = 17 * 60 / (3 * len(table))
cheap.loc[cheap["strategy"] == "warm start", "seconds"] += 100 * a_score
a_training = np.mean([full(nas.Candidate(one), seed=0).seconds for one in table.networks])
print(f"a training {a_training:.2f} s on average; 100 scores {100 * a_score:.1f} s")

# %% tags=["nbval-ignore-output"]
import time

start = time.process_time()
thinks = nas.compare(
    {"bayesian": fresh("bayesian")}, full, seconds=60, seeds=range(8), curves=curves
)
thought = (time.process_time() - start) / 8
print(f"bayesian thought for {thought:.1f} s in a run of 60 s of training, on this machine")

# %% [markdown]
# One-shot search has to end with a network that was trained alone. The best by shared weights is
# one answer; to train the best five or ten alone and to choose among them by validation is another,
# and costs as many trainings more. The table looks those trainings up.

# %%
supernets = [
    record["values"]
    for record in nas.course.stored_records("weight_sharing")
    if record["job"][0] == "supernet"
]
one_shot = []
for seed, supernet in enumerate(supernets):
    order = np.argsort(-np.array(supernet["recalibrated"]), kind="stable")
    for kept in (1, 5, 10):
        rows = np.array(supernet["rows"])[order[:kept]]
        alone = [full(nas.Candidate(table.networks[row]), seed=seed) for row in rows]
        chosen = rows[np.argmax([result.metrics["val_accuracy"] for result in alone])]
        one_shot.append(
            {
                "kept": kept,
                "search": supernet["processor_seconds"]
                + supernet["processor_seconds_recalibrated"],
                "valid": sum(result.seconds for result in alone),
                "regret": best_score - 100 * by_test[chosen],
            }
        )
one_shot = pandas.DataFrame(one_shot)
one_shot["total"] = one_shot["search"] + one_shot["valid"]
alone = np.median([supernet["processor_seconds"] for supernet in supernets]) / a_training
print(f"{len(supernets)} supernets; to train one takes as long as {alone:.0f} trainings. Medians:")
print(one_shot.groupby("kept").median().round(1).to_string())

# %%
grid = np.geomspace(10, end, 80)
steps = [
    nas.on_grid(trained, grid),
    nas.on_grid(cheap, grid),
    nas.on_grid(thinks, grid[grid <= 60]),
]
steps = pandas.concat(steps).assign(regret=lambda step: best_score - step["score"])
bands = dict(list(nas.quartiles(steps, "regret", over="seconds").groupby("strategy")))
panels = (
    ("random_search", "regularized_evolution", "local_search", "bayesian"),
    ("random_search", "asha", "warm start"),
)
looks = dict(
    zip(dict.fromkeys(sum(panels, ())), zip(nas.plots.COLOURS, [*nas.plots.LINES, "-", "--"]))
)

fig, axes = plt.subplots(1, 2, figsize=(9.2, 4.2), sharey=True)
for ax, names in zip(axes, panels):
    for name in names:
        (colour, line), band = looks[name], bands[name]
        low, high = band["lower_quartile"], band["upper_quartile"]
        n = steps[steps["strategy"] == name]["seed"].nunique()
        ax.step(
            band["seconds"], band["median"], line, where="post", color=colour, label=f"{name} ({n})"
        )
        ax.fill_between(
            band["seconds"], low, high, step="post", color=colour, alpha=0.12, linewidth=0
        )
for marker, (kept, found) in zip("o^s", one_shot.groupby("kept")):
    low, middle, high = found["regret"].quantile([0.25, 0.5, 0.75])
    axes[1].errorbar(
        found["total"].median(),
        middle,
        [[middle - low], [high - middle]],
        fmt=marker,
        color=nas.plots.COLOURS[6],
        capsize=3,
        label=f"one-shot, best {kept} alone ({len(found)})",
    )
for ax, title in zip(axes, ("Every trial a full training", "Cheaper signals")):
    ax.set(
        xscale="log", xlim=(10, 170), ylim=(0, 5.5), title=title, xlabel="total seconds of a run"
    )
    ax.set_xticks([10, 20, 50, 100, 150], ["10", "20", "50", "100", "150"])
    ax.minorticks_off()
    ax.legend(fontsize=8, loc="upper right")
axes[0].set_ylabel("regret in test accuracy (points)")
fig.suptitle("Median, band or bar: quartiles; in brackets n", fontsize=10)
plt.show()

# %%
half_minute, minute = (
    nas.on_grid(pandas.concat([trained, cheap]), [at]).pivot(
        index="seed", columns="strategy", values="score"
    )
    for at in (30, 60)
)
print("against random search, points (95 % interval), n = 20 seeds")
for name in ("regularized_evolution", "local_search", "asha", "warm start"):
    line = f"{name:22}"
    for at, reached in ((30, half_minute), (60, minute)):
        ahead = reached[name] - reached["random_search"]
        mean, low, high = interval(ahead)
        line += f" {at} s: {mean:+.2f} ({low:+.2f} to {high:+.2f}) {verdict_on(ahead):7}"
    print(line)
found = one_shot[one_shot["kept"] == 10].median()
random = bands["random_search"]
as_good = random[random["median"] <= found["regret"]]["seconds"]
print(
    f"one-shot, best 10 alone: median regret {found['regret']:.2f} after {found['total']:.0f} s;",
    f"random search is there after {as_good.min():.0f} s"
    if len(as_good)
    else f"random search is not there after {random['seconds'].max():.0f} s",
)

# %% [markdown]
# Read the right panel as a bill. The warm start begins late, by the seconds of its scores, and that
# is soon earned back. ASHA has something useful early, since its first trials are short. One-shot
# search pays nearly everything before its first point: the supernet, the scores, and only then a
# network. To train a few more of its best alone is the cheap part, and it helps: shared weights
# point to a region, trainings alone choose in it. (A median may rise: the search keeps what is best
# by validation, the regret is by test.)
# These five are the supernets of chapter 17 whose losses fell back on the way, one of them for good;
# those at half the rate, which it also shows, ranked a little better.
#
# Beware of taking these seconds elsewhere. These networks train in about a second, so whatever does
# not grow with a training weighs heavily: compiling the supernet, scoring, thinking. By samples, a
# supernet of chapter 17 costs as much as 40 trainings; by the clock the cell above counts more.
# Where one training takes hours, thinking and scoring vanish, and a supernet may cost less than the
# trainings that it saves. And the settings of `bayesian` were developed on this very table, so its
# place in the left panel flatters it (item 12 of the run card below asks for that); its arithmetic
# may round differently on your machine.
#
# ### The whole bill
# Lindauer and Hutter (2020) ask for all of it: $k\,(T_\text{search} + T_\text{valid}) +
# T_\text{final}$. $T_\text{search}$ is one search; $T_\text{valid}$ what validating its find took
# afterwards, here the trainings alone of one-shot search; $T_\text{final}$ the training of the
# chosen network for its test; $k$ the number of searches from which the result was chosen.
#
# Energy was not measured. It is estimated as Lannelongue, Grealey and Inouye (2021) do: seconds,
# times the watts of the cores and of the memory, times the *PUE*, what a data centre draws for each
# watt of its computers. The factors are those of their calculator for a processor and a data centre
# that are not known. The 4 GB are our assumption.

# %% tags=["nbval-ignore-output"]
from nas_tutorial.statistics.costs import energy_kwh, total_cost

nas.course.show(total_cost, energy_kwh)

# %% tags=["nbval-ignore-output"]
factors = {"memory_gb": 4, "cores": 1, "watts_per_core": 12, "watts_per_gb": 0.3725, "pue": 1.56}
reached = nas.on_grid(pandas.concat([trained, cheap, thinks]), [60]).groupby("strategy")["score"]
bills = [(name, len(scored), 60.0, 0.0, best_score - scored.median()) for name, scored in reached]
for kept, found in one_shot.groupby("kept"):
    mean, middle = found.mean(), found["regret"].median()
    bills.append((f"one-shot, best {kept}", len(found), mean["search"], mean["valid"], middle))

print("assumed:", ", ".join(f"{name} {value}" for name, value in factors.items()))
print(f"{'':22}T_search T_valid T_final     one run           k   k runs            regret")
for name, k, searched, validated, middle in bills:
    line = f"{name:22}{searched:8.1f} {validated:7.1f} {a_training:7.1f}"
    times = {"validation_seconds": validated, "final_seconds": a_training}
    for count, before in ((1, ""), (k, f"{k:5}")):
        total = total_cost(searched, runs=count, **times)
        watt_hours = 1000 * energy_kwh(total, **factors)
        line += f"{before} {total:7,.0f} s {watt_hours:5.1f} Wh"
    print(f"{line} {middle:8.2f}")

# %% [markdown]
# The searches are stopped at 60 seconds here, one-shot search takes what it takes. "One run" is what
# a single search costs you; "k runs" what it costs to make as many runs as stand behind the regret,
# its median, or to choose the best of them. $k$ is the part that reports like to leave out, and it
# multiplies nearly everything. The energies are tiny, since the networks are; $k$ would be the same
# for large ones.
#
# ## Tests for many pairs
# Three words first. A **p-value** is the probability that chance alone, if there were no difference
# at all, shows a difference at least as large as the one that was seen. A **level** is fixed before
# looking, mostly 5 %. Where p is below the level, the difference is called **significant**. So of
# comparisons of two *equal* strategies, one in twenty is called significant.
#
# *Wilcoxon's signed-rank test* takes the paired differences of two strategies, ranks them by size,
# and asks whether they lean to one side. *Holm's correction* raises the p-values for the number of
# questions.

# %% tags=["nbval-ignore-output"]
nas.course.show(nas.wilcoxon_holm)

# %% [markdown]
# Seven strategies make 21 pairs. **How often will at least one of 21 pairs be significant when all
# seven are the same: in 5 % of the studies, in 20 %, or in half of them?** We shuffle the 200 runs
# of random search and make seven "strategies" of 25 runs each out of them, a hundred times.

# %%
from scipy.stats import binom

alike = after_60["random_search"].to_numpy()
rng = np.random.default_rng(2)
alarms = {"p": 0, "p_holm": 0}
for _ in range(100):
    seven_times_the_same = pandas.DataFrame(rng.permutation(alike)[:175].reshape(25, 7))
    pairs = nas.wilcoxon_holm(seven_times_the_same)
    for column in alarms:
        alarms[column] += bool((pairs[column] < 0.05).any())
low, high = binom.interval(0.95, 100, 0.05)
print(f"a difference was found in {alarms['p']} of 100 studies; by Holm's p in {alarms['p_holm']}")
print(f"where 5 % are promised, chance gives {low:.0f} to {high:.0f} of 100 (95 of 100 times)")

# %% [markdown]
# Every alarm is false. Uncorrected, such a study "finds" something far more often than one time in
# twenty. By Holm's p-values the count is what chance makes of 5 %; a hundred studies cannot say it
# more exactly. (They are shuffles of the same 200 runs, so they speak for this set of runs, not for
# a hundred sets.) Now the real ones, after 180 full trainings. The last column, the *superiority*, is how often a run of the first beats a run of the
# second, over all pairings of their runs: 0.5 is no difference, below it the second is ahead.

# %%
block = blocks["full", 180]
pairs = nas.wilcoxon_holm(block)
pairs["first beats second"] = [
    nas.probability_of_superiority(block[one], block[other])
    for one, other in zip(pairs["first"], pairs["second"])
]
raw, adjusted = ((pairs[column] < 0.05).sum() for column in ("p", "p_holm"))
print(f"of 21 pairs, significant by p: {raw}, by Holm's p: {adjusted}")
columns = ["first", "second", "p", "p_holm", "first beats second"]
first_eight = pairs.sort_values("p", kind="stable")[columns].head(8)
print(first_eight.to_string(index=False, float_format="{:.3g}".format))

# %% [markdown]
# Friedman's test looks at all seven at once, by their ranks within each seed: could all average
# ranks be chance? After it, Nemenyi's asks how far two average ranks must be apart to be told
# apart, the *critical difference*. A thick bar joins strategies that are not. The same searches
# after 20 trials and after 180:

# %%
fig, axes = plt.subplots(2, 1, figsize=(7, 7))
for ax, n in zip(axes, (20, 180)):
    test = nas.friedman_nemenyi(blocks["full", n])
    nas.plots.plot_critical_difference(test, ax=ax)
    ax.set_title(f"{n} full trainings: average rank, 1 is best; n = 50 seeds, level 0.05")
plt.show()

# %%
for n in (20, 180):
    test = nas.friedman_nemenyi(blocks["full", n])
    best, *rest = test.ranks.index
    outside = [name for name in rest if test.p_values.loc[best, name] < test.alpha]
    print(f"{n:3} trials, p of Friedman's test {test.p:.0e}")
    print(f"    leader {best}; not joined with it: {', '.join(outside) or 'none'}")

# %% [markdown]
# Read a diagram from the bars, not from the order: within a bar the order is not established, so a
# new order alone says nothing. What the two diagrams do establish is who stands apart from the
# best, and that is not the same at both budgets. The rows here are seeds, so the tests speak of
# *this table*; to speak of tasks in general the rows would have to be data sets (Demšar 2006).
#
# ### Three methods, three questions
# | method | asks of a pair | promises |
# | --- | --- | --- |
# | paired interval | by how many points do the means differ? | 95 % for each interval alone |
# | Wilcoxon and Holm | do the paired differences lean to one side? | at most 5 % for a false alarm among all 21 pairs |
# | Friedman and Nemenyi | do the average ranks *among all seven* differ? | the same, from ranks alone |
#
# The first keeps no account of how many pairs were looked at; the others do. The last knows nothing
# but places: second by a hair or by three points is the same to it. So they need not agree:

# %%
from itertools import combinations

told_apart = [verdict_on(block[a] - block[b]) != "tie" for a, b in combinations(seven, 2)]
by_ranks = (
    nas.friedman_nemenyi(block).p_values.to_numpy() < 0.05
).sum() // 2  # each pair is in twice
print("of 21 pairs after 180 full trainings, told apart by")
print(f"  intervals, each alone: {sum(told_apart)}")
print(f"  Wilcoxon and Holm:     {adjusted}")
print(f"  Friedman and Nemenyi:  {by_ranks}")

# %% [markdown]
# Choose the question before you look, and name it in the report.
#
# ## Significant, large, true elsewhere: three questions
# "Genetic search is significantly better (p < .001)." **Does that say that it is much better? That
# you will have a better network if you use it?**
#
# A p-value mixes two things: how large an effect is, and how many seeds were used. The superiority,
# how often a run of the one beats a run of the other, is the first alone. We take the clear pair
# and use ever more of its seeds:

# %%
print("seeds   Wilcoxon's p   superiority   mean difference (points)")
for n in (10, 25, 50, 100, 200):
    some = after_60[["genetic", "random_search"]].head(n)
    p = nas.wilcoxon_holm(some)["p"].item()
    beats = nas.probability_of_superiority(some["genetic"], some["random_search"])
    mean = (some["genetic"] - some["random_search"]).mean()
    print(f"{n:5}   {p:12.1e}   {beats:11.2f}   {mean:+.2f}")

# %% [markdown]
# With more seeds p goes on falling, in the end by powers of ten, while superiority and difference
# settle. So p is no size. The size is the superiority, or the difference in points; and beside it
# belongs what else moves the accuracy by as much. Chapter 05's five trainings of *one* network lay
# more than a point apart: who trains the chosen network once more may lose or win as much as the
# choice of strategy brought.
#
# And elsewhere? One strategy, two budgets, one table:

# %%
print("tabu against random search, 200 seeds: points, superiority, verdict")
for n in budgets:
    tabu, random = scores(many, n)["tabu"], scores(many, n)["random_search"]
    mean, low, high = interval(tabu - random)
    beats, word = nas.probability_of_superiority(tabu, random), verdict_on(tabu - random)
    print(f"{n:4} trials  {mean:+.2f} ({low:+.2f} to {high:+.2f})  {beats:.2f}  {word}")

# %% [markdown]
# Worse at one end and better at the other, both far beyond chance. Each sentence is true for its
# budget; "tabu is better" without a budget is neither true nor false. The same holds for the noise,
# for the space (chapter 11 builds one where climbing fails) and for the data.
#
# ## When it fails
# ### Until it is significant
# "Five seeds; not significant; let us add some." Two copies of random search, so nothing to find.
# We look after 5, 10, 15, ... 50 seeds and stop as soon as the interval does not hold 0.
#
# **How often will we announce a winner: in 5 % of the studies, 10 %, or more?**

# %%
from scipy.stats import ttest_1samp

rng = np.random.default_rng(3)
shuffled = np.array([rng.permutation(alike)[:100] for _ in range(1000)])
nothing = shuffled[:, :50] - shuffled[:, 50:]  # 1,000 studies of 50 paired seeds
looks = [ttest_1samp(nothing[:, :n], 0, axis=1).pvalue < 0.05 for n in range(5, 51, 5)]
print(f"one look, at 50 seeds:      {looks[-1].mean():.1%} of the studies find a winner")
print(f"ten looks, stop at a winner: {np.any(looks, axis=0).mean():.1%}")

# %% [markdown]
# One look keeps its promise; ten looks break it several times over. The remedy is to fix the number
# of seeds before the first run. The same happens with *which* budget, which metric, which seeds:
# choosing after looking is one more search, with a selection gap of its own.
#
# ## So which strategy?
# What these data support, in words:
#
# - **Always run random search, and a random pick, beside it.** They say what any other strategy
#   adds.
# - **About twenty trials:** hardly any cheap strategy is better than random search; avoid one that
#   explores a whole neighbourhood first. A model of the results (chapter 13) is worth a try, since
#   a training costs far more than its thinking.
# - **A hundred trials and more:** none of those that learn is behind random search, and several
#   are ahead. Between them the differences are small beside a retraining: take the simplest that
#   you understand.
# - **Noisy measurements:** first see what serves better at equal cost, many rough ones or a few good
#   ones. That can matter more than the strategy.
# - **No table for your problem?** Then you cannot run fifty seeds. Take a strategy that did well in
#   others' comparisons *at your budget*, and say that it was not chosen by data of yours.
#
# ## The run card
# Lindauer and Hutter (2020) give a checklist of fourteen practices for such reports. `run_card`
# goes through it: it fills in what the search knows of itself and asks for the rest. `python -m
# nas_tutorial search` writes one for every search, as `run_card.md`. We write one for a genetic
# search that was chosen over random search by ten seeds of each. **How many of the fourteen can a
# program know?**

# %%
from nas_tutorial.backend import versions
from nas_tutorial.reporting.run_card import checklist

strategy = fresh("genetic")(0)
history = nas.search(strategy, full, trials=60, progress=False)
compared = many[many["strategy"].isin(["random_search", "genetic"])]
compared = compared[(compared["seed"] < 10) & (compared["trial"] <= 60)]
about = {
    "versions": versions(),
    "budget": {"trials": 60},
    "comparison": compared,
    "runs": compared.groupby(["strategy", "seed"]).ngroups,
}
open_items = [item for item in checklist(history, strategy, full, **about) if item.is_open]
print(f"{14 - len(open_items)} of 14 are filled in, with k = {about['runs']} searches")
print("to be said by you:")
for item in open_items:
    print(f"{item.number:4}. {item.question}")

# %% [markdown]
# "Filled in" says that something was handed over, not that it is right or that it is enough. Three
# things here need a person:
#
# - *Items 7 to 9* hold `val_accuracy` alone, which is all that a search knows, and which flatters.
#   The scores must be added.
# - *Item 13* is the whole bill, where $k$ counts *all* searches from whose results you chose, the
#   failed ones too. The program takes $k = 1$ unless it is told (`runs`). Here it is told of the
#   comparison; who chose after reading this chapter has seen the results of hundreds more.
# - *Item 5*, ablation: what does each part of the method do? Chapter 12 changes the replacement of
#   *regularized evolution*, not of this strategy. So we say that there was none.
#
# What you say goes in as `said`, by number, and closes an open item or adds to a filled one.

# %%
curve = compared[(compared["strategy"] == "genetic") & (compared["seed"] == 0)]["score"].to_numpy()
ends = scores(compared, 60)
lower, upper = ends.quantile(0.25), ends.quantile(0.75)
seconds = compared.groupby(["strategy", "seed"])["seconds"].last().sum()
means = {"random pick": scores(compared, 1)["random_search"].mean(), **ends.mean()}
said = {
    3: "The course's repository.",
    5: "None was made of this strategy.",
    7: "Test accuracy (%): " + ", ".join(f"{curve[n - 1]:.2f} after {n}" for n in (8, 15, 30, 60)),
    8: "Mean test accuracy (%): " + ", ".join(f"{name} {mean:.2f}" for name, mean in means.items()),
    9: "Quartiles of test accuracy (%): "
    + ", ".join(f"{name} {lower[name]:.2f} to {upper[name]:.2f}" for name in ends),
    12: "Nothing but the defaults was tried.",
    13: f"All {about['runs']} searches took {seconds:,.0f} s. There was no final training: the table "
    "holds the test accuracy.",
}
for number in (7, 8, 9):
    print(f"{number}. {said[number]}")

# %% [markdown]
# The whole card, in Markdown, for the file that goes beside your results:

# %% tags=["nbval-ignore-output"]
from IPython.display import Markdown

Markdown(nas.run_card(history, strategy, full, **about, said=said))

# %% [markdown]
# An empty box is no shame; a box that nobody asked about is.
#
# ## Recap
# - One search is a draw. Three seeds often get the sign wrong; report an interval, and *tie*.
# - SD: what a user must expect. SE: how well the mean is known; four times the seeds halve it.
# - A random pick and random search stand beside every comparison.
# - Methods that are not made of equal trials are compared by total seconds, and all of $k$ counts.
# - The winner's validation accuracy flatters it, the more, the more trials and the fewer samples.
# - Many questions: Holm. Many strategies: Friedman, then a critical-difference diagram.
# - Significant is not large, and here is not elsewhere: budget and noise choose the winner.
#
# ## Quiz
# Choose an answer before you click on it: it unfolds, and says why it is right or wrong.

# %%
nas.course.quiz("20")

# %% [markdown]
# ## Exercises
# ### Exercise 20.1 ★ Predict: seeds for a third
# With 10 seeds the SE of a difference is 0.6 points. You want exactly 0.2, and the SD stays what it
# is. How many seeds do you need in all? Set `guess`.

# %% nbgrader={"grade": false, "grade_id": "ex-20-1", "locked": false, "schema_version": 3, "solution": true, "task": false}
guess = ...
### BEGIN SOLUTION
guess = 90
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check-20-1", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("20.1", guess)

# %% [markdown]
# ### Exercise 20.2 ★★ Write: a paired interval
# Write `paired_interval(first, second, level)`: the two ends of the interval, mean ± quantile · SE,
# of the mean of `first - second`, two arrays of scores with a pair a seed. For `level` 0.95 each
# end leaves 2.5 % outside: `t.ppf` of 0.975, with one degree of freedom fewer than there are seeds.
# *About 4 lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-20-2", "locked": false, "schema_version": 3, "solution": true, "task": false}
def paired_interval(first, second, level):
    """Return (low, high) for the mean of first minus second."""
    ### BEGIN SOLUTION
    differences = first - second
    n = len(differences)
    half = t.ppf((1 + level) / 2, n - 1) * differences.std(ddof=1) / np.sqrt(n)
    return differences.mean() - half, differences.mean() + half
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-20-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("20.2", paired_interval)

# %% [markdown]
# ### Exercise 20.3 ★★ Write: Holm's correction
# Write `holm(p_values)` for an array of $m$ p-values: multiply the smallest by $m$, the next by
# $m-1$ and so on; none may become smaller than one before it in this order, none larger than 1;
# return them in the order in which they came. Two equal p-values of 0.02 both become 0.04. *About 5
# lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-20-3", "locked": false, "schema_version": 3, "solution": true, "task": false}
def holm(p_values):
    """Return the adjusted p-values, in the order of p_values."""
    ### BEGIN SOLUTION
    m = len(p_values)
    order = np.argsort(p_values, kind="stable")
    adjusted = np.empty(m)
    adjusted[order] = np.maximum.accumulate(p_values[order] * np.arange(m, 0, -1))
    return np.minimum(adjusted, 1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-20-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("20.3", holm)

# %% [markdown]
# ### Exercise 20.4 ★★ Write: what may be said?
# You decide beforehand the least difference that `matters`, say half a point. The interval of the
# difference goes from `low` to `high`. Write `verdict(low, high, matters)`:
#
# - `"better"`: the whole interval lies above `matters`;
# - `"worse"`: the whole interval lies below `-matters`;
# - `"alike"`: the whole interval lies between the two;
# - `"unclear"`: anything else.
#
# Which verdict has a significant difference that is too small to matter? And an interval that holds
# 0 and is ten points wide? (A hint: call `verdict(0.1, 0.3, 0.5)` and `verdict(-5, 5, 0.5)`.)
# *About 7 lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-20-4", "locked": false, "schema_version": 3, "solution": true, "task": false}
def verdict(low, high, matters):
    """Return "better", "worse", "alike" or "unclear"."""
    ### BEGIN SOLUTION
    # Significant and too small is "alike". The wide interval is "unclear": that no difference was
    # shown does not show that there is none.
    if low > matters:
        return "better"
    if high < -matters:
        return "worse"
    if -matters < low and high < matters:
        return "alike"
    return "unclear"
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-20-4", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("20.4", verdict)

# %% [markdown]
# ### Exercise 20.5 ★★ Experiment: how many seeds does your claim need?
# Write `wrong_sign_rate(differences, n, repeats, rng)`: draw `n` of the differences *with
# replacement*, so that each draw is from all of them and `n` may be as large as you like. Do that
# `repeats` times, and return the share of times in which the mean of the drawn has not the sign of
# the mean of all (a mean of 0 has no sign, so it counts). Draw from `rng` alone. This is a
# *bootstrap*: what was measured stands for what could have been. Then guess, and look below: how
# many seeds bring it under 5 % for genetic search against `tabu` after 60 trials? *About 3 lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-20-5", "locked": false, "schema_version": 3, "solution": true, "task": false}
def wrong_sign_rate(differences, n, repeats, rng):
    """Return how often the mean of n drawn differences has the wrong sign."""
    ### BEGIN SOLUTION
    means = rng.choice(differences, size=(repeats, n)).mean(axis=1)
    return np.mean(np.sign(means) != np.sign(differences.mean()))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-20-5", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("20.5", wrong_sign_rate)

# %% [markdown]
# The experiment, once your function is there:

# %%
differences = (after_60["genetic"] - after_60["tabu"]).to_numpy()
if wrong_sign_rate(differences, 1, 10, np.random.default_rng(0)) is not None:
    for n in (1, 3, 5, 10, 20, 40):
        rate = wrong_sign_rate(differences, n, 4000, np.random.default_rng(0))
        print(f"{n:3} seeds: wrong sign in {rate:.1%}")

# %% [markdown]
# ## In practice
# - Fifty seeds are cheap on a table. With real trainings plan three to five searches, say so, show
#   every one of them, and claim little.
# - The t interval takes the mean of n differences for normal. Scores are skewed, and with three
#   seeds that is a bold wish; medians and Wilcoxon's test ask for less. Means let a few long
#   failures count, as they do for who pays for them.
# - What a network is worth is here the mean of the few trainings that the table has, and one of them
#   is the one that the search was told. So a part of its luck is in both numbers, and the selection
#   gap comes out too small; new trainings would show more of it.
# - Seeds are not tasks. Other data sets are in NAS-Bench-201 (three) and NAS-Bench-Suite (many).
#
# ## Further reading
# - Lindauer and Hutter 2020, Best practices for scientific research on neural architecture search:
#   the checklist.
# - Lannelongue, Grealey and Inouye 2021, Green Algorithms: quantifying the carbon footprint of
#   computation.
# - Li and Talwalkar 2019, Random search and reproducibility for neural architecture search.
# - Yang, Esperança and Carlucci 2020, NAS evaluation is frustratingly hard.
# - Demšar 2006, Statistical comparisons of classifiers over multiple data sets: which test when,
#   and the diagram.
# - The tests themselves: Wilcoxon 1945, Individual comparisons by ranking methods; Friedman 1937,
#   The use of ranks to avoid the assumption of normality implicit in the analysis of variance;
#   Nemenyi 1963, Distribution-free multiple comparisons (a thesis, Princeton); Holm 1979, A simple
#   sequentially rejective multiple test procedure.
# - Vargha and Delaney 2000: the superiority, as their measure A.
# - Agarwal et al. 2021, Deep reinforcement learning at the edge of the statistical precipice:
#   intervals where runs are few.
#
# **中文术语** 搜索策略 search strategy · 随机种子 random seed · 置信区间 confidence interval · 显著性 significance ·
# 效应量 effect size · 基线 baseline · 过拟合 overfitting · 泛化能力 generalisation · 计算资源 compute · 可重复性
# reproducibility
