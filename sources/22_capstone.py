# ---
# jupyter:
#   nas_tutorial:
#     name: Capstone
#     about: a search under a limit, from question to report; then one of your own
#     minutes: 120
#     document: all of it, 7 where the field goes next
#     modules: [reporting.run_card, statistics.tests]
# ---

# %% [markdown]
# # Carry a search from question to report
#
# *The whole document once more, in one project; its part 7 asks where the field goes next.* After
# this chapter you can plan a search so that its answer is worth something, run it, report it on one
# page, and mark such a report, your own included.
#
# **You will** turn a wish into a question, count what a limit leaves of a space, plan a study from a
# pilot, freeze the plan, run it over many seeds, test it, train the network that it hands over beside
# one made by hand, and write the page. Then you do it again, with a question of your own.
#
# **You will learn to**
# - say before a run which outcome would make you do what;
# - choose the number of seeds from the difference that matters;
# - follow a plan that cannot be changed unnoticed, and report every departure from it;
# - show how many headlines one set of runs holds for somebody without a plan;
# - mark a report by a scheme that adds up to 100 points.
#
# **You need** chapters 05, 12, 18, 20 and 21 and about 120 minutes: half for the worked project, half
# for your own. "Your own project" is a good place to begin a second sitting. The cells take one to
# two minutes.

# %%
import matplotlib.pyplot as plt
import numpy as np

import nas_tutorial as nas

settings = nas.course.start()

# %% [markdown]
# ## The idea in one sentence
# **Write the report first and leave its numbers open; then run, fill them in, and change nothing
# else.**
#
# Most people believe that *the report is written after the search*. Where is the harm? It says what
# was found, after all. Keep your answer; "When it fails" comes back to it with numbers.
#
# | step | what is there at its end |
# | --- | --- |
# | 1 the question | one sentence, and what each answer would make us do |
# | 2 the space | how much of it the limit leaves |
# | 3 the strategies | two or three, each with a reason and a doubt |
# | 4 the pilot | the number of seeds |
# | 5 the plan | a fingerprint |
# | 6 the runs | all of them, in one picture |
# | 7 the answer | an interval, an effect size, a test |
# | 8 the network | its accuracy after new trainings, test part read once |
# | 9 the report | a run card and one page |
#
# ## Step 1: from a wish to a question
# A firm builds a sensor that reads a curve of forty points and names one of ten classes. The chip
# has 24,000 bytes left for weights: 6,000 numbers of four bytes. Somebody asks: "Is it worth
# searching for a network?" That is a wish. A question says all of this:
#
# | open in the wish | decided here |
# | --- | --- |
# | searching | 100 trainings by a strategy that learns from results |
# | instead of what? | random search with 100 trainings; a random pick; a cell drawn by hand |
# | a network | a cell of the course's space with **at most 6,000 parameters** |
# | better in what? | test accuracy in percent of the network that the search hands over |
# | worth it | at least **half a point** more than random search: 20 of 4,000 test samples |
# | sure of it? | a 95 % interval over new seeds, none of which the plan was made from |
#
# And what would we do? The four words are those of exercise 20.4, which ask for more than the *better*,
# *worse* and *tie* of earlier chapters: those asked only whether the interval holds 0.
#
# - *better* (the whole interval above half a point): use that strategy;
# - *alike* or *worse*: use random search, which is simpler;
# - *unclear*: say so, and use random search until a new study with its own plan says more.
#
# A question whose every answer leads to the same deed is not worth its electricity.
#
# ## Step 2: count what the limit leaves
# The space is that of the course's table; the table's accuracies stay closed for now, since on your
# own problem you would not know them. Parameters may be counted at once: they need no training.
#
# **Before you run it: of the 8,765 networks, and of the 15,625 encodings that random search draws
# from, which share has at most 6,000 parameters? Is it the same share?**

# %%
table = nas.Table.load_course()
space = table.space
sizes = table.proxy("parameters")[:, 0].astype(int)  # of each network
network_of = np.array([table.row(architecture) for architecture in space])  # of each encoding
counted = {"networks": sizes, "encodings": sizes[network_of]}
limit = 6_000
for name, of in counted.items():
    print(f"{len(of):6,} {name:9}: {np.mean(of <= limit):.1%} have at most {limit:,} parameters")

# %%
ax = plt.subplots(figsize=(6.4, 3.6))[1]
for (name, of), line, colour in zip(counted.items(), nas.plots.LINES, nas.plots.COLOURS):
    shares = np.arange(1, len(of) + 1) / len(of)
    ax.step(np.sort(of), shares, line, where="post", color=colour, label=f"{name}, n = {len(of):,}")
ax.axvline(limit, color="black", linestyle=":", label=f"the limit, {limit:,}")
ax.set(xlabel="limit (parameters)", ylabel="share within the limit", title="What a limit leaves")
ax.legend(loc="lower right")
plt.show()

# %% [markdown]
# Not the same: small networks have more names (chapter 04), so draws meet them more often. For a
# search the second share counts. Of 100 draws about a fifth are wasted on networks that are too large
# for the chip, and every strategy here is told the limit in the same way, as a `Constraint`. (It could
# be a rule of the space as well, chapter 18; then for all of them, or the comparison is of rules and
# not of strategies.)
#
# ## Step 3: two or three strategies, each with a reason and a doubt
# | strategy | a reason to try it | a doubt |
# | --- | --- | --- |
# | `genetic` | ahead of random search after 60 trainings in chapter 20 | under a tight limit its population filled up with copies (chapter 18) |
# | `regularized_evolution` | the oldest leave, so copies cannot stay for ever (chapter 12) | chapter 12 could hardly tell it from the one above |
# | `local_search` | the simplest that learns; it gets stuck, and beginning anew costs it little (chapter 11) | a limit takes neighbours away, and maybe paths |
#
# And why not others? `tabu` looks at all of 24 neighbours before each step, which is much for 100
# trainings. `bayesian` thinks before each trial (chapter 13), and in dozens of searches that adds up to
# minutes. Strategies of chapter 15 count their budget in epochs; they would need a question of their own.
#
# None of the three is tuned: all keep the library's settings, as the plan will say.

# %%
evaluator = nas.TableEvaluator(table)
rule = [nas.Constraint("parameters", limit)]
worth = 100 * table.column("test_accuracy").mean(axis=1)  # percent, of each network
names = ("random_search", "genetic", "regularized_evolution", "local_search")
challengers = names[1:]


def in_hand(history):
    """What the network is worth that would be handed over after each trial; 0 while there is none."""
    best, values = None, []
    for trial in history:
        keeps = not rule[0].violation(trial)
        if keeps and (best is None or trial.value("val_accuracy") > best.value("val_accuracy")):
            best = trial
        values.append(0.0 if best is None else worth[table.row(best.candidate.architecture)])
    return values


def within(history):
    """How many trials have kept the limit, after each."""
    return np.cumsum([not rule[0].violation(trial) for trial in history])


def fresh(name):
    """A function of a seed that makes the strategy of this name, told the limit."""
    strategy = nas.STRATEGIES.load(name)
    return lambda seed: strategy(space, constraints=rule, seed=seed)


def run_study(seeds):
    """All four strategies, 100 trials a seed."""
    makers = {name: fresh(name) for name in names}
    curves = {"worth": in_hand, "within": within}
    return nas.compare(makers, evaluator, trials=100, seeds=seeds, curves=curves)


# %% [markdown]
# `in_hand` is the rule of the whole project in a few lines: **validation chooses, the limit is kept,
# and test accuracy decides nothing.** (Exercise 22.2 asks you for it once more.)
#
# ## Step 4: a pilot says how many seeds
# Ten seeds of everything, to try the program and to see how much a difference scatters from seed to
# seed. From its SD follows how many seeds bring the 95 % interval down to the half point that
# matters: the interval reaches about 2 · SD / √n to each side, so
#
# $$n = \left(\frac{2 \cdot \mathrm{SD}}{\text{what matters}}\right)^2.$$
#
# **Guess: 10 seeds, 25, 60 or 200?**

# %%
import math

matters = 0.5
pilot = nas.final_values(run_study(range(10)), "worth")
needed = []
for name in challengers:
    sd = (pilot[name] - pilot["random_search"]).std()
    needed.append(math.ceil((2 * sd / matters) ** 2))
    print(f"{name:22} SD of the difference {sd:.1f} points; seeds needed: {needed[-1]}")
num_seeds = min(200, 10 * math.ceil(max(needed) / 10))
print(f"planned: {num_seeds} seeds")

# %% [markdown]
# With real trainings that is more than most can pay for. Who cannot may still ask, but for a larger
# difference: with a quarter of the seeds one sees a whole point. That is better known before than
# after. (We round up to the next ten, and stop at 200. An SD of ten seeds is itself uncertain by a
# quarter or so.)
#
# The plan has a price that can be computed now: where the interval reaches half a point, only a
# strategy that is a whole point ahead in the mean will be called *better*. Who expects less needs a
# shorter interval, and four times the seeds for half its length.
#
# The cell prints no means, on purpose. Ten seeds could not tell them apart, and who has seen who leads
# will find reasons for it. (Whoever wrote this chapter did see the means, at three limits, before
# settling on one, and later the study itself, on the table's first edition, which had one training of
# each network; the plan was left as it was. That cannot be undone, but it can be said: the plan has a
# line for it.) The pilot's seeds will not be used again.
#
# ## Step 5: write the plan down and freeze it
# A plan is data: a dictionary. Its *fingerprint* is twelve characters computed from all of it, and a
# plan that was changed afterwards does not have it any more.
#
# **Before you run the cell, write a forecast beside the plan: better, worse, alike or unclear, for
# each of the three.** A forecast costs nothing and shows whether a result taught you something.

# %%
import hashlib
import json

plan = {
    "question": "With at most 6,000 parameters and 100 trainings, does a strategy that learns find "
    "better networks than random search?",
    "limit": limit,
    "limit_for": list(names),
    "settings": "all defaults",
    "trials": dict.fromkeys(names, 100),
    "baselines": ["random pick", "random search", "residual block of chapter 21"],
    "chosen_by": "val_accuracy",
    "reported": "test_accuracy",
    "matters": matters,
    "seeds": list(range(100, 100 + num_seeds)),
    "seen before": "pilot, seeds 0 to 9, means too, at this limit and at 3,500 and 4,500 parameters; "
    "this table in chapters 10 to 21, mostly without a limit; this study, on the table's first "
    "edition with one training a network",
    "answer": "95 % interval of the mean paired difference to random search, for each of the three",
    "also": "Wilcoxon's test of all six pairs, Holm's correction; superiority; quartiles",
    "then": "the strategy called better that has the largest mean, or random search; the network of "
    "its search with the first seed; 5 new trainings of it and of the block, 10 in full mode",
}


def fingerprint(plan):
    """Twelve characters that change when anything in the plan does."""
    text = json.dumps(plan, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


frozen = fingerprint(plan)
for key, value in plan.items():
    print(f"{key:12} {f'{value[0]} to {value[-1]}' if key == 'seeds' else value}")
print("fingerprint ", frozen)
print("with one seed more:", fingerprint(plan | {"seeds": [*plan["seeds"], 99]}))

# %% [markdown]
# A fingerprint proves something only if somebody else has it, with a date: commit the plan to a
# public repository, send it to a colleague, or register it where such plans are kept
# (*preregistration*, as other sciences call it). A plan may be departed from, with a good reason. The
# report then says where and why.
#
# What will it cost? Of the trainings that this takes, the table knows the seconds:

# %%
trainings = len(names) * 100 * (10 + num_seeds)
mean_seconds = np.mean([table.result(one, epochs=5.0, seed=0).seconds for one in table.networks])
print(f"{trainings:,} trainings, pilot included, of {mean_seconds:.1f} s in the mean: ", end="")
print(f"{trainings * mean_seconds / 3600:.0f} hours of one core. Looked up: seconds.")

# %% [markdown]
# That is what a table is for. With real trainings the same question would be planned with fewer
# seeds and a larger difference that matters.
#
# ## Step 6: run it, and look at all of it
# One cell, once.

# %%
main = run_study(plan["seeds"])
print("the plan is the frozen one:", fingerprint(plan) == frozen)
print("searches:", main.groupby(["strategy", "seed"]).ngroups, "of", len(names) * num_seeds)
print("trials in each:", *main.groupby(["strategy", "seed"]).size().unique())

# %% [markdown]
# Three gates first (chapter 21): the plan, the number of searches, equal budgets. Then the curves:
# median and quartiles of what a search has in hand.

# %%
ax = plt.subplots(figsize=(7, 4))[1]
nas.plots.plot_comparison(
    nas.quartiles(main, "worth"), ylabel="test accuracy of the network in hand (%)", ax=ax
)
ax.set(ylim=(84, 97), title=f"Line: median, band: quartiles; n = {num_seeds} seeds each")
plt.show()

# %% [markdown]
# And every single search, since a median hides the ones that went wrong. A random pick is the first
# trial of random search, worth 0 where it is too large for the chip.

# %%
ends = nas.final_values(main, "worth")
pick = nas.final_values(main[main["trial"] == 1], "worth")["random_search"]
shown = {"random pick": pick, **{name: ends[name] for name in names}}
rng = np.random.default_rng(0)
fig, ax = plt.subplots(figsize=(7.4, 3.6))
for row, values in enumerate(shown.values()):
    ax.plot(values, row + rng.uniform(-0.28, 0.28, len(values)), "o", markersize=2.5, alpha=0.4,
            color=nas.plots.COLOURS[0])  # fmt: skip
    ax.plot([values.median()] * 2, [row - 0.38, row + 0.38], color="black", linewidth=2)
ax.set_yticks(range(len(shown)), list(shown))
ax.invert_yaxis()
ax.set(xlim=(60, 97.5), xlabel="test accuracy of the network handed over (%)")
ax.set_title(f"A dot is a search, a bar the median; n = {num_seeds} each")
plt.show()
print("left of the picture:", *(f"{name} {(v < 60).sum()}" for name, v in shown.items()), sep="  ")

# %%
kept = nas.final_values(main, "within").mean()
print(f"{'':22}lower quartile  median  upper quartile   mean  within the limit")
for name, values in shown.items():
    low, middle, high = values.quantile([0.25, 0.5, 0.75])
    share = f"{kept[name]:.0f} of 100" if name in kept else ""
    print(f"{name:22}{low:14.2f}{middle:8.2f}{high:16.2f}{values.mean():7.2f}  {share:>16}")

# %% [markdown]
# A random pick is a gamble. Random search, which only looks 100 times, makes most of the way from it
# to the best; what is left for a strategy that learns is little beside that. Dots one above the other are
# searches that handed over the same network. The last column says how many trainings were not wasted
# on networks that are too large. It differs little among the four, so whoever is ahead is not ahead
# because it wasted less; without the column we could not say so.
#
# ## Step 7: the answer
# The interval of the plan, the superiority (how often a search of one beats a search of the other,
# 0.5 is no difference), and the p-values of all six pairs after Holm's correction. **Look at the
# picture above once more: which verdict will each of the three get?**


# %%
def verdict(low, high):
    """better, worse, alike or unclear, by what matters (exercise 20.4)."""
    if low > matters:
        return "better"
    if high < -matters:
        return "worse"
    return "alike" if low > -matters and high < matters else "unclear"


answers = {}
print(f"{'against random search':22}  points (95 % interval)  superiority  verdict")
for name in challengers:
    mean, low, high = answers[name] = nas.paired_difference(ends[name] - ends["random_search"])
    beats = nas.probability_of_superiority(ends[name], ends["random_search"])
    print(f"{name:22}  {mean:+.2f} ({low:+.2f} to {high:+.2f}) {beats:12.2f}  {verdict(low, high)}")
print()
pairs = nas.wilcoxon_holm(ends)
print(pairs[["first", "second", "p_holm"]].to_string(index=False, float_format="{:.2g}".format))

# %%
fig, ax = plt.subplots(figsize=(7, 2.4))
for row, (mean, low, high) in enumerate(answers.values()):
    ax.plot([low, high], [row, row], color=nas.plots.COLOURS[0], linewidth=2)
    ax.plot(mean, row, "o", color=nas.plots.COLOURS[0])
ax.axvspan(-matters, matters, color="0.85", label="too little to matter")
ax.axvline(0, color="black", linewidth=1)
ax.set_yticks(range(3), challengers)
ax.set(ylim=(2.5, -0.5), xlabel="points ahead of random search: mean and 95 % interval")
ax.set_title(f"n = {num_seeds} seeds")
ax.locator_params(axis="x", nbins=6)
ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
plt.show()

# %% [markdown]
# Read the verdicts by the plan, not by the p-values. Each interval is asked two questions, and their
# answers may differ. *Is there a difference?* Where the interval holds 0, none was shown, which is
# not the same as that there is none. *Does it matter?* Yes, where the whole interval lies outside the grey
# band; no, where it lies inside; open, where it crosses an edge. An honest sentence has both halves:


# %%
def in_words(low, high):
    """Both answers that an interval gives."""
    there = "ahead" if low > 0 else "behind" if high < 0 else "not told apart"
    matter = {
        "better": f"{matters:g} points ahead or more",
        "worse": f"{matters:g} points behind or more",
        "alike": f"less than {matters:g} points either way",
        "unclear": f"whether it is {matters:g} points or more is open",
    }
    return f"{there}; {matter[verdict(low, high)]}"


for name in challengers:
    print(f"{name}: {in_words(*answers[name][1:])}")

# %% [markdown]
# Now look for an interval with an end close to an edge of the band, on either side of it. A few
# hundredths of a point more or less, and the word would be another one. The temptation is great: call
# 0.4 points enough; add ten seeds (chapter 20 has shown what that does); leave out the seed that
# went wrong. Each would make another headline, and each would give the plan another fingerprint. A verdict
# close to the edge counts as any other does, and other seeds might turn it, whichever it is; so the
# report prints the interval beside the word. The next plan may ask for less or take more seeds. This
# one stands.
#
# And compare with chapter 20, where there was no limit and genetic search was ahead of random search.
# Is it here? A verdict belongs to its space, its limit and its budget.
#
# ## Step 8: one network, trained again, tested once
# The plan names the search whose network is handed over. So many searches have a lucky one among them,
# and the plan does not let us choose it.

# %%
better = [name for name in challengers if verdict(*answers[name][1:]) == "better"]
chosen = max(better, key=lambda name: answers[name][0]) if better else "random_search"
strategy = fresh(chosen)(plan["seeds"][0])
history = nas.search(strategy, evaluator, trials=100, progress=False)
winner = history.best(nas.Objective(), rule)
block = space.from_string("|nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|nor_conv_3x3~1|none~2|")
finalists = {"winner": winner.candidate.architecture, "residual block": block}
print(f"{chosen}, seed {plan['seeds'][0]}, trial {winner.number}")
print(f"the search was told {100 * winner.value('val_accuracy'):.2f} % (validation)")
for name, architecture in finalists.items():
    size = sizes[table.row(architecture)]
    print(f"{name}: {size:,} parameters, within the limit: {size <= limit}")
is_same = table.row(winner.candidate.architecture) == table.row(block)
print("same network:", is_same)

# %%
fig, axes = plt.subplots(2, 1, figsize=(8, 4.4))
for ax, (name, architecture) in zip(axes, finalists.items()):
    nas.plots.plot_graph(space.graph(architecture).pruned(), ax=ax)
    ax.set_title(name)
plt.show()

# %% [markdown]
# The plan's rule is followed, whoever likes it. If no strategy was called better, the network comes from
# random search, and in any case from the search with the first seed, be it a good one or not. Who now
# takes a luckier search has made one more choice by the outcome. Compare the sizes: where they differ, say
# so beside the comparison, or take another network by hand. (And if the last line
# says that it is the same network twice, then the search has found what people drew, and what follows
# compares it with itself: it shows how far the luck of five trainings alone can move a mean.)
#
# Both are trained from scratch, by the table's recipe and with new seeds. **Three numbers to guess
# for the winner: what it was told is printed above; how much will new trainings have on the same
# validation samples, and how much on the test samples? And the block?**

# %%
import time

dataset = nas.load_dataset("mnist1d")
compiled = nas.CompiledEvaluator(space, dataset)


def trained(architecture, seed):
    """One training by the compiled program."""
    run = compiled.start(architecture, seed=seed)
    run.train_to(compiled.recipe.epochs * run.steps_per_epoch)
    return run


start = time.perf_counter()
trained_seeds = range(500, 500 + settings.seeds)
runs = {name: [trained(one, seed) for seed in trained_seeds] for name, one in finalists.items()}
final_seconds = time.perf_counter() - start


def percent(name, x, y):
    """Accuracy of each training of this network, in percent."""
    return np.array([100 * np.mean(run.predict(x) == y) for run in runs[name]])


on_validation = {name: percent(name, dataset.x_val, dataset.y_val) for name in finalists}

# %% [markdown]
# Everything is decided. Now the test part is read, for both, and for the only time (chapter 05). (The
# table's test accuracies have compared strategies, but chosen no network: see "In practice".)

# %% tags=["nbval-ignore-output"]
x_test, y_test = dataset.final_test()
on_test = {name: percent(name, x_test, y_test) for name in finalists}
for name, architecture in finalists.items():
    told = 100 * table.column("val_accuracy")[table.row(architecture)].mean()
    print(f"{name:15} in the table {told:.2f}  again on validation "
          f"{on_validation[name].mean():.2f} ± {on_validation[name].std(ddof=1):.2f}  "
          f"on test {on_test[name].mean():.2f} ± {on_test[name].std(ddof=1):.2f}")  # fmt: skip
ahead = on_test["winner"].mean() - on_test["residual block"].mean()
error = math.sqrt(sum(values.var(ddof=1) / len(values) for values in on_test.values()))
gap = 100 * winner.value("val_accuracy") - on_test["winner"].mean()
print(f"winner minus block on test: {ahead:+.2f} points, standard error {error:.2f}: ", end="")
print("told apart" if abs(ahead) > 2 * error else "not told apart, less than two standard errors")
print(f"selection gap, told minus test: {gap:+.2f} points (± is an SD, n = {len(trained_seeds)})")

# %%
in_table = worth[table.row(winner.candidate.architecture)]
print("winner, new trainings on test within three points of the table:",
      abs(on_test["winner"].mean() - in_table) < 3)  # fmt: skip
print("winner on test at most four points behind the block:", ahead > -4)
spread = max(values.std(ddof=1) for values in on_test.values())
print("trainings of one network scatter by more than a tenth of a point:", spread > 0.1)

# %% [markdown]
# Look at the difference beside its standard error. Where it is less than two of them, five trainings of
# each cannot tell the two networks apart: as far as they show, a hundred trainings found one about as good
# as people drew. That is not what one hopes for, and it is what belongs on the page. It does not say that searching is useless: it
# says that *this* search, under this limit, on these data, has not been shown to pay beside what was known
# already, and that was worth knowing. Where it is more, the page says by how much, and that one cell drawn
# by hand is one cell.
#
# Look also at the SDs: a new training of one network may move it by as much as the choice of a strategy did
# in step 7. And the selection gap of a single network may have either sign: one training was lucky or not,
# and the test part is a shade easier than the validation part (chapter 21). What choosing does shows as a
# mean over many winners, between what they were told and new trainings on the *same* part (chapter 21).
#
# ## Step 9: the run card and the page
# `run_card` (chapter 20) asks for what a reader needs to repeat and to judge. Here `runs` counts
# every search that was made, the pilot's too.

# %% tags=["nbval-ignore-output"]
from IPython.display import Markdown

from nas_tutorial.backend import versions

means = {"random pick": pick.mean(), **ends.mean()}
low, high = ends.quantile(0.25), ends.quantile(0.75)
said = {
    3: "This notebook.",
    5: "None: library strategies, compared as they are.",
    7: "Test accuracy in hand (%), median over seeds: "
    + ", ".join(
        f"{n} trials {main[(main['strategy'] == chosen) & (main['trial'] == n)]['worth'].median():.2f}"
        for n in (12, 25, 50, 100)
    ),
    8: "Mean test accuracy (%): " + ", ".join(f"{name} {mean:.2f}" for name, mean in means.items()),
    9: "Quartiles of it: " + ", ".join(f"{n} {low[n]:.2f} to {high[n]:.2f}" for n in names),
    12: f"Nothing was tuned. Plan {frozen}, frozen before the runs; departures: none.",
}
card = nas.run_card(
    history,
    strategy,
    evaluator,
    versions=versions(),
    budget={"trials": 100},
    comparison=main,
    runs=len(names) * (10 + num_seeds),
    final_seconds=final_seconds,
    said=said,
)
Markdown(card)

# %% [markdown]
# The page is for those who have two minutes. It has eight parts, and seven of them stood in the plan:
#
# | part | what it must say | common mistake |
# | --- | --- | --- |
# | question | one sentence, with the budget and the limit in it | "we explore NAS for sensors" |
# | plan | fingerprint, date, departures | none is mentioned |
# | method | space, share within the limit, strategies, baselines, seeds | baselines under other rules |
# | answer | difference with interval and n, effect size, verdict by the plan | a p-value alone |
# | network | parameters, test accuracy with SD over trainings, selection gap, the one made by hand | its validation accuracy |
# | cost | all trainings, the pilot's and the losers' too | the winner's search alone |
# | limits | what was not shown | "future work" |
# | repeat | code, versions, seeds | "on request" |
#
# Filled in by the program, so that no number is copied by hand:

# %% tags=["nbval-ignore-output"]
lines = []
for name in challengers:
    mean, low, high = answers[name]
    beats = nas.probability_of_superiority(ends[name], ends["random_search"])
    lines.append(
        f"{name} {mean:+.2f} points ({low:+.2f} to {high:+.2f}), superiority {beats:.2f}: "
        f"**{verdict(low, high)}**"
    )
relation = "The two are one network, and differ by the luck of trainings alone." if is_same else ""
report = f"""
### Is a search worth it below {limit:,} parameters?

**Question.** {plan["question"]} Half a point of test accuracy is the least that matters.

**Plan.** Frozen before the runs, fingerprint `{frozen}`. Departures: none. Seen before it was
frozen: {plan["seen before"]}.

**Method.** Cells of the course's space on MNIST-1D; {np.mean(counted["encodings"] <= limit):.0%} of
the encodings keep the limit, and every strategy was told it. 100 trainings a search, {num_seeds}
paired seeds, none of them the pilot's. Validation chooses; test accuracy is reported.

**Answer.** Random pick {pick.mean():.1f} % in the mean (0 where it is too large), random search
{ends["random_search"].mean():.1f} %. Against random search: {"; ".join(lines)}. (95 % intervals of
the mean paired difference, n = {num_seeds}.)

**Network.** From {chosen}, seed {plan["seeds"][0]}: {sizes[table.row(winner.candidate.architecture)]:,}
parameters; {on_test["winner"].mean():.1f} % ± {on_test["winner"].std(ddof=1):.1f} on test (SD of
{len(trained_seeds)} new trainings), {abs(gap):.1f} points {"below" if gap > 0 else "above"} what the
search was told. A residual block of {sizes[table.row(block)]:,} parameters, drawn by hand, has {on_test["residual block"].mean():.1f} %
± {on_test["residual block"].std(ddof=1):.1f}. {relation}

**Cost.** {len(names) * (10 + num_seeds):,} searches with {trainings:,} trainings, looked up in a table;
trained, they would take {trainings * mean_seconds / 3600:.0f} hours of one core.
{2 * len(trained_seeds)} trainings at the end.

**Limits.** One data set, one space, one recipe, one budget, default settings. The seeds speak of
this table. The test samples are those by which the strategies were compared, so the chosen strategy is
flattered a little. Nothing was measured on a chip.

**Repeat.** This notebook; seeds {plan["seeds"][0]} to {plan["seeds"][-1]}; versions on the run card.
"""
Markdown(report)

# %% [markdown]
# ## When it fails: the report that was written afterwards
# Back to the belief: *the report is written after the search*. Suppose that there was no plan, only the
# same runs and an honest person who looks for what is interesting. Which of the three strategies? After
# how many trials: 10, 20, ... 100? Which ten seeds ("we used ten seeds")? And the accuracy on the test
# part, or what the winners showed in validation? Every choice can be defended. **How many of these analyses
# are significant at the 5 % level, in which direction? Can two opposite headlines be had?**

# %%
from scipy.stats import ttest_1samp

budgets = np.arange(10, 101, 10)


def after(name, measure):
    """Percent after each budget, of shape (seeds, budgets)."""
    rows = main[main["strategy"] == name].pivot(index="seed", columns="trial", values=measure)
    return rows[budgets].fillna(0).to_numpy() * (1 if measure == "worth" else 100)


measures = {"worth": "on the test part", "incumbent": "in validation"}
analyses = []
for name in challengers:
    for measure, where in measures.items():
        differences = after(name, measure) - after("random_search", measure)
        for first in range(0, num_seeds, 10):
            some = differences[first : first + 10]
            for n, mean, p in zip(budgets, some.mean(axis=0), ttest_1samp(some, 0).pvalue):
                text = f"{name} {mean:+.1f} points {where}, {n} trials, seeds from {100 + first}"
                analyses.append((mean, np.nan_to_num(p, nan=1.0), f"{text} (p = {p:.3f}, n = 10)"))
found = [one for one in analyses if one[1] < 0.05]
print(
    f"{len(analyses)} analyses; significantly better in {sum(m > 0 for m, *_ in found)}, ", end=""
)
print(f"significantly worse in {sum(m < 0 for m, *_ in found)}")
print(f"with no difference anywhere about {0.05 * len(analyses):.0f} would be significant")
both = []
for name in challengers:
    of_it = sorted(one for one in found if one[2].startswith(name))
    for headline in dict.fromkeys((of_it[-1], of_it[0])) if of_it else ():
        print("  ", headline[2])
    if of_it and of_it[0][0] < 0 < of_it[-1][0]:
        both.append(name)
print("two opposite headlines can be had for:", ", ".join(both) or "none")

# %%
means_of, p_values = (np.array(column, dtype=float) for column in list(zip(*analyses))[:2])
bins = np.linspace(means_of.min(), means_of.max(), 40)
ax = plt.subplots(figsize=(7, 3.4))[1]
parts = [means_of[p_values >= 0.05], means_of[p_values < 0.05]]
ax.hist(
    parts, bins, stacked=True, color=["0.8", nas.plots.COLOURS[0]], label=["p ≥ 0.05", "p < 0.05"]
)
ax.axvline(0, color="black", linewidth=1)
ax.set(xlabel="points ahead of random search", ylabel="analyses")
ax.set_title(f"The same runs, {len(analyses)} ways to analyse them")
ax.legend()
plt.show()

# %% [markdown]
# Out of one set of runs come hundreds of analyses, and many of them are significant. Compare the lines of
# each strategy, its most and its least favourable significant headline, with its one verdict in step 7.
# For whoever stands in the last line one may print "wins" or "loses", as one likes. Each headline is true of its
# ten seeds. None of them is what the plan's question asks.
#
# Part of this may be real: strategies differ, and not at every budget in the same way. So let us take away
# everything that is real. Random search against random search, on other seeds: nothing to find. There are twenty
# paths: ten budgets, two measures. **In how many of 1,000 such studies is at least one path significant?**

# %%
rng = np.random.default_rng(1)
half = num_seeds // 2
alike = {measure: after("random_search", measure) for measure in measures}
planned, any_path = [], []
for _ in range(1000):
    order = rng.permutation(num_seeds)
    p = np.array(
        [
            ttest_1samp(one[order[:half]] - one[order[half : 2 * half]], 0).pvalue
            for one in alike.values()
        ]
    )
    planned.append(p[0, -1] < 0.05)
    any_path.append((p < 0.05).any())
print(f"the path of the plan (test part, 100 trials): {np.mean(planned):.1%} false alarms")
print(f"the best of twenty paths:                     {np.mean(any_path):.1%}")

# %% [markdown]
# With a plan, about one study in twenty finds what is not there, as promised. Without one it is
# several times as many, and nobody has cheated: one analysis was made, the one that the data
# suggested. Gelman and Loken call it the garden of forking paths. So the harm in writing the report
# after the search is that the result chooses its own question.
#
# ## Your own project
# Take one of these questions, or a better one. Work through the nine steps in a notebook of your
# own; exercises 22.1 to 22.4 check what a program can check.
#
# - **Another limit.** 2,300, 3,000 or 4,500 parameters. From which limit on is learning worth it?
# - **Another cost.** A `Constraint("flops", …)`, for a chip that is slow and not small.
# - **Another budget.** 30 trainings, or 300. Does the verdict last?
# - **Another rule.** The limit as a rule of the space (chapter 18) against the limit that a strategy
#   is told. Is the rule worth more than the strategy?
# - **Shorter trainings.** `TableEvaluator(table, epochs=1.25)`, four times as many of them.
# - **Live.** `load_dataset("surnames")` or `"digits"` with `TrainingEvaluator`: three seeds, ten trials, a
#   night; a large difference that matters, and every run shown.
#
# Hand in: the plan with its fingerprint (before the runs), the notebook, the run card, the page.
#
# ## The marking scheme
# For a teacher, and for yourself: mark your own page after a night's sleep, or swap it with somebody.
# The marks are *full*, *half* or *none*, nothing between; what is not on the page or the card counts
# as not done.
#
# | criterion | points | full | half | none | learned in |
# | --- | --- | --- | --- | --- | --- |
# | 1. Question | 10 | one sentence with budget, limit, metric, and the least difference that matters; each answer leads to a deed | one of these is missing | a topic | 20, 22 |
# | 2. Plan | 12 | complete, frozen before the runs, every departure reported | complete, but without proof of its date | written afterwards | 22.3 |
# | 3. Space and limit | 8 | counted share of what is drawn; limit the same for all, and a gate that shows it | limit the same, share not counted | limit for one side only | 04, 18 |
# | 4. Strategies | 8 | two or three, each with a reason from data and a doubt | reasons, no doubts | "state of the art" | 11 to 20 |
# | 5. Baselines | 12 | random pick and random search with equal budget and rules, and one made by hand | one of the three is missing | none, or with a smaller budget | 20, 21 |
# | 6. Seeds and curves | 10 | number of seeds derived; ten or more; quartiles, and every run shown | ten or more, not derived, or means alone | fewer, without a word | 05, 20 |
# | 7. Answer | 14 | interval, effect size, corrected test, and the verdict that follows from the plan | right numbers, a verdict that goes beyond them | the best run, or p alone | 20, 22.4 |
# | 8. Network | 12 | chosen by validation, retrained over seeds, tested once, gap reported, equal parameters beside it | one of these is missing | test used to choose | 05, 07, 22.2 |
# | 9. Cost and run card | 6 | all searches and trainings, the pilot's too; card without open items, or they are named | the winner's search alone | none | 20, 22.1 |
# | 10. Limits and page | 8 | one page; says what was not shown; figures with units and n; can be repeated from it | one of these is missing | praise | 20, 21 |
#
# In all 100. A program can check parts of 2, 3 and 5 to 9, and the exercises below do (in a class their
# checks give points by nbgrader, and the page is marked by hand); whether a question is worth asking, a
# doubt honest and a page clear, people must say. A result that disappoints costs no
# points. "Unclear", well shown, earns them all.
#
# ## Where the field goes next
# Directions, not results of ours. For each: what is tried, and what is open or disputed. (What the sources
# claim was read in their abstracts; judge their numbers by the scheme above.)
#
# - **One large network for many devices.** Once-for-all (Cai et al. 2020) trains a single network from
#   which a smaller one is cut for each device, without a training of its own. *Disputed*: how far a rank
#   among shared weights can be trusted. Yu et al. (2020) found that weight sharing ranked candidates
#   wrongly and that random picks did as well; Yu, Ranftl and Salzmann (2021) trace much of it to how the
#   large network is trained, and find random search competitive once that is done well. Chapter 17 has a
#   small version.
# - **Costs that are measured.** HW-NAS-Bench (Li et al. 2021) has latency and energy of
#   NAS-Bench-201's networks on six devices. Counted costs often follow the measured ones poorly, and the best
#   network differs from device to device. *Open*: carrying a result over to a device that nobody
#   measured. Chapter 18 saw how easily one measures wrongly.
# - **Transformers.** HAT (Wang et al. 2020) searches translation models under a latency limit,
#   AutoFormer (Chen et al. 2021) vision models, both inside one large network. What is chosen are sizes:
#   depth, width, heads. *Open*: what to do where a single training costs more than a whole study here.
# - **Richer spaces.** Ericsson et al. (2024) remark that architecture search has not brought forth a
#   change like that from convolutions to attention, since its spaces did not hold one, and describe a space
#   by a grammar that holds both. From scratch they find networks that compete; large gains come where the
#   search begins from a known strong one. *Open*: how to search a space so rich.
# - **Language models that propose.** EvoPrompting (Chen, Dohan and So 2023) lets a language model be mutation
#   and crossover, first of all on MNIST-1D, this course's data; by prompting alone it did not work. GENIUS
#   (Zheng et al. 2023) asks GPT-4 for the next candidate. FunSearch (Romera-Paredes et al. 2024) is the
#   same loop over programs in mathematics: a model proposes, an evaluator throws out what is wrong.
#   *Ask*: has the model read the paper that published the benchmark? Does the same loop with random
#   proposals stand beside it?
# - **Scores without training.** NAS-Bench-Suite-Zero (Krishnakumar et al. 2022) compares 13 of them on 28
#   tasks, finds that they know different things and that some mostly prefer large cells. *Disputed*: what
#   they add to the number of parameters; chapter 16 has our own numbers.
# - **Architecture and training settings together.** JAHS-Bench-201 (Bansal et al. 2022) joins the cells of
#   this course to learning rate, weight decay, activation and augmentation. *Disputed*: how much of a
#   published gain is architecture at all; Yang, Esperança and Carlucci (2020) put much of it down to the
#   recipe.
# - **Energy.** Strubell, Ganesh and McCallum (2019) estimated that one large search had caused as much
#   carbon dioxide as five cars in their lifetimes; Patterson et al. (2021) recomputed the same search
#   with knowledge from inside, and warn that factors of a hundred lie in hardware and place, so that
#   estimates made afterwards go wrong. EC-NAS (Bakhtiarifard, Igel and Selvan 2022) adds measured
#   energy to a table. *What to do*: measure while you run; item 13 of the card is the place.
# - **Plans.** Hofman et al. (2023) try preregistration for predictive models, with a short template and
#   researchers who used it. *Open*: whether it holds where the next experiment is always one cell away.
#
# ## Recap
# - A question names budget, limit, metric and the least difference that matters, and every answer leads to a
#   deed.
# - The pilot gives the SD; SD and what matters give the number of seeds.
# - A plan is data with a fingerprint. Departures are reported, not forbidden.
# - All runs, then the interval, then the verdict that the plan said. "Unclear" is a result.
# - The network is chosen by validation, trained again, tested once, beside one made by hand.
# - Without a plan the same runs hold many headlines, and chance alone supplies some.
#
# ## Quiz
# Choose an answer before you click on it: it unfolds, and says why it is right or wrong.

# %%
nas.course.quiz("22")

# %% [markdown]
# ## Exercises
# ### Exercise 22.1 ★ Predict: the seeds, and the bill
# A pilot of 10 seeds gives paired differences with an SD of 2 points. The interval is to reach half a
# point to each side. How many new seeds? And the bill: pilot and study each run random search and three
# other strategies, 100 trainings a seed; a random pick is the first trial of random search; at the end,
# winner and hand-made network are trained five times each. How many trainings in all? Set `guess` to
# (seeds, trainings).

# %% nbgrader={"grade": false, "grade_id": "ex-22-1", "locked": false, "schema_version": 3, "solution": true, "task": false}
guess = ...
### BEGIN SOLUTION
guess = (64, 4 * 100 * (10 + 64) + 2 * 5)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check-22-1", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("22.1", guess)

# %% [markdown]
# ### Exercise 22.2 ★★ Write: who is handed over?
# `trials` is a list of dictionaries in the order of the search, with `architecture`, `val_accuracy`,
# `test_accuracy`, `parameters` and `error`. Where `error` is not `None` the trial failed, and its other
# values mean nothing. Write `hand_over(trials, limit)`: the architecture with the highest validation accuracy
# among the trials that succeeded with at most `limit` parameters, the earliest of equals; `None` where
# there is none. *About 4 lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-22-2", "locked": false, "schema_version": 3, "solution": true, "task": false}
def hand_over(trials, limit):
    """Return the architecture that the search hands over, or None."""
    ### BEGIN SOLUTION
    # `max` keeps the first of equals. Test accuracy is not touched, not even to break a tie.
    kept = [one for one in trials if one["error"] is None and one["parameters"] <= limit]
    best = max(kept, key=lambda one: one["val_accuracy"], default=None)
    return None if best is None else best["architecture"]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-22-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("22.2", hand_over)

# %% [markdown]
# ### Exercise 22.3 ★★ Mend: a plan that answers nothing
# The plan below would run without an error message. It has seven faults, and each alone spoils the answer.
# Find them, then set `mended` to a plan without them that keeps its question. The check names one fault at a
# time.

# %%
faulty = {
    "question": "Under 4,500 parameters, does local search find better networks?",
    "limit": 4_500,
    "limit_for": ["local_search"],
    "trials": {"random_search": 100, "local_search": 200},
    "seeds": [42, 42, 42, 42, 42, 42, 42, 42, 42, 42],
    "baselines": ["random search"],
    "chosen_by": "test_accuracy",
    "reported": "val_accuracy",
    "matters": None,
}

# %% nbgrader={"grade": false, "grade_id": "ex-22-3", "locked": false, "schema_version": 3, "solution": true, "task": false}
mended = ...
### BEGIN SOLUTION
mended = {
    "question": "Under 4,500 parameters, does local search find better networks?",
    "limit": 4_500,
    "limit_for": ["random_search", "local_search"],  # a limit for one side compares two questions
    "trials": {"random_search": 100, "local_search": 100},  # equal budgets
    "seeds": list(range(20)),  # one seed ten times is one run
    "baselines": ["random pick", "random search"],
    "chosen_by": "val_accuracy",
    "reported": "test_accuracy",  # the two had changed places
    "matters": 0.5,  # points, decided before looking
}
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check-22-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("22.3", mended)

# %% [markdown]
# ### Exercise 22.4 ★★★ Experiment: a study of your own
# Random search and **one** other strategy (`genetic`, `local_search`, `regularized_evolution`, `reinforce`,
# `simulated_annealing` or `tabu`) under a limit other than 6,000 parameters. Plan it with the keys of
# exercise 22.3, run it, and set `study` to the plan with three keys more:
#
# - `means`: the mean score of `"random pick"`, `"random_search"` and your strategy;
# - `interval`: (low, high), the 95 % interval of the mean paired difference, yours minus random search;
# - `verdict`: `"better"`, `"worse"`, `"alike"` or `"unclear"`, by your `matters`.
#
# The score is that of this chapter: test accuracy in percent of the network handed over, 0 where there is
# none. Every strategy is made with its defaults, `constraints=[Constraint("parameters", …)]` and the seed, on
# the whole space, with at least 10 seeds and 20 trials. The check looks everything up once more (at most
# 40,000 trainings, some seconds). *About 25 lines, or fewer with the functions above; note that those
# read* `rule`.

# %% nbgrader={"grade": false, "grade_id": "ex-22-4", "locked": false, "schema_version": 3, "solution": true, "task": false}
study = ...
### BEGIN SOLUTION
study = {
    "question": "With at most 3,000 parameters and 50 trainings, is local search better than random "
    "search by half a point?",
    "limit": 3_000,
    "limit_for": ["random_search", "local_search"],
    "trials": {"random_search": 50, "local_search": 50},
    "seeds": list(range(30)),
    "baselines": ["random pick", "random search"],
    "chosen_by": "val_accuracy",
    "reported": "test_accuracy",
    "matters": 0.5,
}
table = nas.Table.load_course()
percent_on_test = 100 * table.column("test_accuracy").mean(axis=1)


def score(name, seed, trials):
    """Test accuracy of the network that one search hands over, in percent."""
    limited = [nas.Constraint("parameters", study["limit"])]
    strategy = nas.STRATEGIES.load(name)(table.space, constraints=limited, seed=seed)
    history = nas.search(strategy, nas.TableEvaluator(table), trials=trials, progress=False)
    kept = [trial for trial in history if trial.value("parameters") <= study["limit"]]
    best = max(kept, key=lambda trial: trial.value("val_accuracy"), default=None)
    return 0.0 if best is None else percent_on_test[table.row(best.candidate.architecture)]


scores = {"random pick": np.array([score("random_search", seed, 1) for seed in study["seeds"]])}
for name, trials in study["trials"].items():
    scores[name] = np.array([score(name, seed, trials) for seed in study["seeds"]])
differences = scores["local_search"] - scores["random_search"]
_, low, high = nas.paired_difference(differences)
if low > study["matters"]:
    word = "better"
elif high < -study["matters"]:
    word = "worse"
else:
    word = "alike" if low > -study["matters"] and high < study["matters"] else "unclear"
study |= {
    "means": {name: values.mean() for name, values in scores.items()},
    "interval": (low, high),
    "verdict": word,
}
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check-22-4", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("22.4", study)

# %% [markdown]
# Your headline, once the study is there:

# %%
if study is not ...:
    (other,) = set(study["trials"]) - {"random_search"}
    low, high = study["interval"]
    print(f"At most {study['limit']:,} parameters, {study['trials'][other]} trainings.")
    print(f"{other} against random search: {study['verdict']}, {low:+.2f} to {high:+.2f} points,")
    print(f"95 % interval, n = {len(study['seeds'])} seeds.")

# %% [markdown]
# ## In practice
# - A fingerprint in one's own notebook proves nothing to others: the date must be somebody else's.
# - With real trainings, three seeds and ten trials may be all there is. Then the plan says so, the
#   difference that matters is large, and all runs are shown.
# - We compare strategies on the test part and then read the same test samples for the network. Where the
#   report is about the *network*, a third part that not even the comparison has seen is cleaner (chapter 21
#   draws one).
# - Count parameters before you train: here a fifth of the draws could have been refused unpaid.
# - A search for one chip ends on that chip: latency, memory and energy are measured there.
#
# ## Further reading
# Planning and reporting:
#
# - Lindauer and Hutter 2020, Best practices for scientific research on neural architecture search.
# - Gelman and Loken 2013, The garden of forking paths.
# - Hofman et al. 2023, Pre-registration for predictive modeling.
# - White et al. 2023, Neural architecture search: insights from 1000 papers: the map of the field.
#
# Where the field goes:
#
# - Cai, Gan, Wang, Zhang and Han 2020, Once-for-all: train one network and specialize it for efficient
#   deployment.
# - Yu, Sciuto, Jaggi, Musat and Salzmann 2020, Evaluating the search phase of neural architecture search.
# - Yu, Ranftl and Salzmann 2021, An analysis of super-net heuristics in weight-sharing NAS.
# - Li et al. 2021, HW-NAS-Bench: hardware-aware neural architecture search benchmark.
# - Wang et al. 2020, HAT: hardware-aware transformers for efficient natural language processing.
# - Chen, Peng, Fu and Ling 2021, AutoFormer: searching transformers for visual recognition.
# - Ericsson et al. 2024, einspace: searching for neural architectures from fundamental operations.
# - Chen, Dohan and So 2023, EvoPrompting: language models for code-level neural architecture search.
# - Zheng et al. 2023, Can GPT-4 perform neural architecture search?
# - Romera-Paredes et al. 2024, Mathematical discoveries from program search with large language models.
# - Krishnakumar et al. 2022, NAS-Bench-Suite-Zero: accelerating research on zero cost proxies.
# - Bansal et al. 2022, JAHS-Bench-201: a foundation for research on joint architecture and hyperparameter
#   search.
# - Yang, Esperança and Carlucci 2020, NAS evaluation is frustratingly hard.
# - Strubell, Ganesh and McCallum 2019, Energy and policy considerations for deep learning in NLP.
# - Patterson et al. 2021, Carbon emissions and large neural network training.
# - Bakhtiarifard, Igel and Selvan 2022, EC-NAS: energy consumption aware tabular benchmarks for neural
#   architecture search.
#
# **中文术语** 神经架构搜索 neural architecture search · 搜索空间 search space · 搜索策略 search strategy ·
# 约束 constraint · 参数量 number of parameters · 基线 baseline · 预实验 pilot · 预注册 preregistration ·
# 置信区间 confidence interval · 效应量 effect size · 实验报告 report · 评分标准 marking scheme · 发展趋势 where
# the field goes
