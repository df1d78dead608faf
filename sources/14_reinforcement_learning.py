# ---
# jupyter:
#   nas_tutorial:
#     name: Reinforcement learning
#     about: learn a distribution over architectures
#     minutes: 75
#     document: "7 challenges: search efficiency"
#     modules: [strategies.reinforce]
# ---

# %% [markdown]
# # Learn a distribution instead of a network
#
# *The document's part 7: efficient search strategies; the one that began modern architecture
# search.* After this chapter you can derive a step of REINFORCE, and say what has been learned when
# its search is over.
#
# **You will** compute a policy gradient for one choice with three options, measure what a baseline
# does to it, watch six distributions move during a search, and break them with a learning rate.
#
# **You will learn to**
# - write the gradient of a log-probability and check it by finite differences;
# - say why a baseline changes the variance of a step and not its mean;
# - read the entropy of a policy as the number of architectures that it still draws from;
# - tell the best network that was drawn from the distribution that was learned;
# - recognise a collapsed search, and name two causes.
#
# **You need** chapters 03 to 05 and about 75 minutes. The cells take less than 20 seconds.

# %%
import matplotlib.pyplot as plt
import numpy as np

import nas_tutorial as nas

settings = nas.course.start()

# %% [markdown]
# ## The idea in one sentence
# **Draw architectures from a distribution, and after each result shift the distribution so that
# what paid better than usual is drawn more often.**
#
# The words are those of reinforcement learning: the distribution is the *policy*, what it draws is
# the *action*, what comes back is the *reward*. Here the policy is one distribution per choice: for
# a cell, six distributions over five operations, each written as five numbers (*logits*) that the
# softmax turns into probabilities. What holds the policy and moves it is called the *controller*.
#
# $$p_k = \frac{e^{\ell_k}}{\sum_j e^{\ell_j}}$$
#
# ## By hand: one choice, three options
# Three operations A, B, C, drawn with probabilities 0.2, 0.3 and 0.5:

# %%
from nas_tutorial.strategies.reinforce import softmax

logits = np.log([0.2, 0.3, 0.5])
print("logits       ", logits.round(3))
print("probabilities", softmax(logits).round(3))
drawn = np.random.default_rng(0).choice(["A", "B", "C"], size=1000, p=softmax(logits))
print("1,000 draws  ", {option: int((drawn == option).sum()) for option in "ABC"})

# %% [markdown]
# ### The gradient
# To make an option more likely, follow the gradient of the logarithm of its probability. From
# $\log p_o = \ell_o - \log \sum_j e^{\ell_j}$ it follows that
#
# $$\frac{\partial \log p_o}{\partial \ell_k} = [k = o] - p_k$$
#
# where $[k = o]$ is 1 for the option that was drawn and 0 for the others.
#
# **A was drawn. Compute the three numbers with pencil and paper. What is their sum?**

# %%
from nas_tutorial.strategies.reinforce import log_probability_gradient

option = 0
by_hand = np.array([1 - 0.2, -0.3, -0.5])
print("by hand    ", by_hand, " sum", by_hand.sum().round(12))
print("the library", log_probability_gradient(logits, option).round(3))

# %% [markdown]
# The sum is 0: what one option gains the others lose. A rare option has the larger gradient: 0.8
# for A, 0.5 for C, which is likely already.
#
# A gradient on paper should be checked against what it claims. Move each logit a little up and
# down, and see how much the log-probability changes:

# %%
small = 1e-6
differences = [
    (
        np.log(softmax(logits + small * unit)[option])
        - np.log(softmax(logits - small * unit)[option])
    )
    / (2 * small)
    for unit in np.eye(3)
]
print("finite differences", np.round(differences, 3))
print("largest error is below 1e-8:", bool(np.abs(differences - by_hand).max() < 1e-8))

# %% [markdown]
# ### One step
# The reward says how far to go, and a *baseline* says what is usual. REINFORCE (Williams 1992) adds
# to the logits
#
# $$\text{learning rate} \times (\text{reward} - \text{baseline}) \times \text{gradient}$$
#
# **A earned 1.0 where 0.5 is usual; the learning rate is 1. Will A be drawn more often than C after
# this one step?**

# %%
after = logits + 1.0 * (1.0 - 0.5) * log_probability_gradient(logits, option)
print("before", softmax(logits).round(3))
print("after ", softmax(after).round(3))

# %% [markdown]
# No: A rises from 0.2 to 0.3, and C stays the likeliest. One result shifts the odds; it does not
# decide. A reward below the baseline would have pushed A down.
#
# ## Why this climbs, and what the baseline is for
# Let the options be worth these rewards, close together, as accuracies of good networks are. The
# mean reward of the policy is $J = \sum_o p_o r_o$, and J is what should rise.
#
# We cannot compute the gradient of $J$ in a search, since it needs every option's reward. But we
# can draw one option and take $r_o \times$ its gradient. With three options the mean of that over
# the draw is a sum of three terms. **Is it the gradient of $J$?**

# %%
rewards = np.array([0.90, 0.93, 0.95])
probabilities = softmax(logits)
gradients = np.array([log_probability_gradient(logits, option) for option in range(3)])
mean_step = probabilities @ (rewards[:, None] * gradients)
of_mean_reward = [
    (softmax(logits + small * unit) - softmax(logits - small * unit)) @ rewards / (2 * small)
    for unit in np.eye(3)
]
print("mean of reward x gradient       ", mean_step.round(5))
print("gradient of J, by differences   ", np.round(of_mean_reward, 5))

# %% [markdown]
# It is. So a step by a single draw is right *on average*: it is a noisy measurement of the
# direction in which the mean reward rises. How noisy? Take the same mean and the variance of a step
# (summed over the three logits) with several baselines.
#
# **Subtract 0.93, about the mean reward, from every reward. Does the mean step change? Does the
# variance change: a little, by half, or by a factor of more than a thousand?**

# %%
print("baseline   mean step                        variance")
for baseline in (0.0, 0.5, 0.90, 0.93, 0.95):
    steps = (rewards - baseline)[:, None] * gradients
    mean = probabilities @ steps
    variance = probabilities @ ((steps - mean) ** 2).sum(axis=1)
    print(f"{baseline:8.2f}   {mean.round(5)}   {variance:.6f}")

# %% [markdown]
# The mean does not move, whatever the baseline: the gradients themselves average to zero ($\sum_o
# p_o \nabla \log p_o = \nabla \sum_o p_o = \nabla 1 = 0$), and so does a constant times them. The
# variance falls by a factor of more than a thousand. Without a baseline a step says mostly "this
# option was drawn", and hardly "this option was better".
#
# What that does to learning: a hundred policies, each drawing 300 times, with and without a
# baseline. The baseline is the moving average of rewards, as in Zoph and Le's paper; each reward
# has noise of standard deviation 0.005.
#
# **Without a baseline, how many of the hundred end with the best option in front?**


# %%
def learn(learning_rate, with_baseline, seed, num_steps=300):
    """The policies of one learner, of shape (num_steps + 1, 3)."""
    rng = np.random.default_rng(seed)
    logits, baseline = np.zeros(3), None
    policies = [softmax(logits)]
    for _ in range(num_steps):
        option = int((rng.random() > policies[-1].cumsum()[:2]).sum())
        reward = rewards[option] + rng.normal(0, 0.005)
        if baseline is None:
            baseline = reward
        usual = baseline if with_baseline else 0.0
        logits = logits + learning_rate * (reward - usual) * log_probability_gradient(
            logits, option
        )
        baseline = 0.9 * baseline + 0.1 * reward
        policies.append(softmax(logits))
    return np.array(policies)


learned = {
    (learning_rate, with_baseline): np.array(
        [learn(learning_rate, with_baseline, seed) for seed in range(100)]
    )
    for learning_rate in (0.1, 1.0, 10.0)
    for with_baseline in (False, True)
}
print("learning rate   baseline   A, B, C in front   mean reward at the end")
for (learning_rate, with_baseline), policies in learned.items():
    front = np.bincount(policies[:, -1].argmax(axis=1), minlength=3)
    earned = (policies[:, -1] @ rewards).mean()
    used = "moving" if with_baseline else "none"
    print(f"{learning_rate:13}   {used:8}   {front.tolist()!s:16}   {earned:.4f}")

# %%
fig, axes = plt.subplots(1, 2, figsize=(8.6, 3.4), sharey=True)
for ax, with_baseline in zip(axes, (False, True)):
    best = learned[1.0, with_baseline][:20, :, 2]
    ax.plot(best.T, color=nas.plots.COLOURS[0], linewidth=0.8, alpha=0.7)
    name = "moving average as baseline" if with_baseline else "no baseline"
    ax.set(xlabel="draws", title=f"{name}, n = 20 learners")
axes[0].set_ylabel("probability of the best option")
fig.suptitle("learning rate 1.0")
plt.show()

# %% [markdown]
# About four in ten, hardly more than the third that chance would give; the learning rate changes
# nothing about that within 300 draws. With the baseline it is all of them. Left: whatever is drawn
# gets more likely, so it is drawn again, until nearly nothing else is; a learner changes its mind by
# luck alone. Right: only the better than usual gets more likely.
#
# ## In the library
# `Reinforce` does this for all choices of a space at once: the reward of an architecture moves each
# of its six choices. One thing differs from the papers, where the reward is the accuracy. Here it
# is the share of earlier trials that the new one beats, a number from 0 to 1 without a unit: the
# first step is as large on a hard data set as on an easy one, and the baseline starts at 0.5.

# %% tags=["nbval-ignore-output"]
nas.course.show(nas.Reinforce.ask, nas.Reinforce.tell, log_probability_gradient)

# %% [markdown]
# Two tells, to see that. The first trial has nothing to be compared with; its reward is 0.5, as the
# baseline, and moves nothing. **The second earns 1 if it beats the first and 0 if not. Which was
# it?**

# %%
table = nas.Table.load_course()
space, evaluator = table.space, nas.TableEvaluator(table)


def run(strategy, num_trials):
    """Search, and keep the policy that each trial was drawn from, and the last one."""
    policies, trials = [], []
    for number in range(num_trials):
        policies.append([softmax(logits) for logits in strategy.logits])
        candidate = strategy.ask()
        seed = nas.trial_seed(strategy.seed, number)  # as `search` does it
        trials.append(nas.Trial(number, candidate, seed, evaluator(candidate, seed=seed)))
        strategy.tell(trials[-1])
    policies.append([softmax(logits) for logits in strategy.logits])
    return np.array(policies), nas.History(trials)  # (num_trials + 1, 6, 5)


policies, history = run(nas.Reinforce(space, seed=1), 2)
for trial, policy in zip(history, policies[1:]):
    place = space.choices[0].options.index(trial.candidate.architecture.values[0])
    print(
        f"trial {trial.number}: {trial.value('val_accuracy'):.4f}, on edge 0 to 1 "
        f"{trial.candidate.architecture.values[0]}, afterwards drawn with {policy[0][place]:.3f}"
    )

# %%
rose = policies[2][0].max() > 0.2  # what each of five options had
print(
    "the second beat the first:",
    history[1].value("val_accuracy") > history[0].value("val_accuracy"),
)
print("its option on edge 0 to 1 rose:", bool(rose))

# %% [markdown]
# It beat the first, and its option rose above the 0.2 that each of five had.
#
# ## On the benchmark: what is learned
# One search of 200 trials, and the policy at five moments: a row is an edge, a column an operation.

# %%
policies, history = run(nas.Reinforce(space, seed=0), 200)
moments = (0, 25, 50, 100, 200)
operations = [option.replace("nor_", "").replace("_connect", "") for option in space.OPERATIONS]
fig, axes = plt.subplots(1, 5, figsize=(10, 3.1), sharey=True)
for ax, moment in zip(axes, moments):
    picture = ax.imshow(policies[moment], cmap="Blues", vmin=0, vmax=1)
    ax.set(title=f"after {moment}", xlabel="operation")
    ax.set_xticks(range(5), operations, rotation=90)
    ax.set_yticks(range(6), [choice.name for choice in space.choices])
    ax.grid(False)
axes[0].set_ylabel("edge")
fig.colorbar(picture, ax=axes, label="probability", shrink=0.8)
fig.suptitle("the policy of one search, seed 0")
plt.show()

# %% [markdown]
# It begins with no preference (0.2 everywhere) and ends with one dark field in nearly every row.
# How far it has got is one number, the *entropy*, summed over the six choices: $-\sum p \log_2 p$,
# in bits. Two to the power of it is the number of equally likely architectures that would be as
# undecided: at the start all of them.
#
# **After 200 trials, how many architectures does the policy still hesitate between: thousands,
# about a hundred, or fewer than thirty?**


# %%
def entropy(policies):
    """In bits, summed over the choices."""
    return -(policies * np.log2(np.maximum(policies, 1e-300))).sum(axis=(-2, -1))


seeds = range(30)
runs = [run(nas.Reinforce(space, seed=seed), 200) for seed in seeds]
bits = np.array([entropy(policies) for policies, _ in runs])
print("trials   entropy (bits)   architectures     (medians of 30 seeds)")
for moment in moments:
    median = np.median(bits[:, moment])
    print(f"{moment:6}   {median:14.2f}   {2**median:13,.0f}")

# %% [markdown]
# The entropy falls from the whole space to some twenty. Now the belief with which many come to this
# chapter: *reinforcement learning finds an architecture*. If it did, it would be the one in which
# the policy believes most.
#
# **Is the most probable architecture of the final policy the best one that its search has drawn?
# In how many of 30 searches?**


# %%
def most_probable(policy):
    return nas.Architecture(
        tuple(choice.options[p.argmax()] for choice, p in zip(space.choices, policy))
    )


def accuracies(history):
    """What the search was told, trial by trial."""
    return np.array([trial.value("val_accuracy") for trial in history])


def num_different(history):
    return len({trial.candidate.architecture for trial in history})


worth = table.column("val_accuracy").mean(axis=1)  # over all trainings that the table has
rows = []
for policies, history in runs:
    told = accuracies(history)
    favourite = table.row(most_probable(policies[-1]))
    best = table.row(history[int(told.argmax())].candidate.architecture)
    chance = policies[-1].max(axis=1).prod()
    late, different = told[-50:].mean(), num_different(history)
    rows.append((favourite == best, chance, worth[favourite], worth[best], late, different))
same, chance, of_favourite, of_best, late, different = np.array(rows).T
random_draw = np.mean([worth[table.row(architecture)] for architecture in space])
print(f"favourite and best drawn are one network: {same.sum():.0f} of {len(runs)}")
print(f"worth more: favourite {(of_favourite > of_best).sum()}", end="")
print(f", best drawn {(of_best > of_favourite).sum()} of {len(runs)}")
print(
    f"best drawn minus favourite, points: {nas.paired_difference(100 * (of_best - of_favourite)).text()}"
)
print("medians over the seeds:")
print(f"  probability of the favourite     {np.median(chance):.2f}")
print(f"  worth of the favourite           {np.median(of_favourite):.4f}")
print(f"  worth of the best drawn          {np.median(of_best):.4f}")
print(f"  mean of the last 50 trials       {np.median(late):.4f}")
print(f"  mean of a draw from the space    {random_draw:.4f}")
print(f"  different architectures drawn    {np.median(different):.0f} of 200")

# %%
print("one network in fewer than half of the searches:", same.mean() < 0.5)
print(
    "a late trial is better than a random draw, in every search:", bool((late > random_draw).all())
)

# %% [markdown]
# In few of them. What has been learned is a distribution: a draw from it is far better than a draw
# from the space, and on the best draw of the way most searches did not settle.
#
# Yet look which of the two is *worth* more (the mean over the table's trainings; a trial is told one of
# them). The best drawn was told the highest of 200 values, luck included. The favourite has been drawn
# again and again, and what moved the policy was an average over its luck. So in the mean of these
# searches the belief does better than the record, though not in every search. Which one to take home? A
# few new trainings of both decide, and are cheap beside the search.
#
# The distribution has its price: some four in ten trials went to architectures that had been drawn before.
# A second training of a network is not all waste, since it tells about luck (chapter 12); but
# nobody decided to buy it here.
#
# Zoph and Le did the same at another scale: after 12,800 architectures they took the one with the
# best validation accuracy. (In the same year Baker and others let Q-learning, another method of
# reinforcement learning, choose the layers one after the other.)
#
# ### Beside the others
# Random search and regularized evolution (chapter 12: mutate a good one, the oldest makes room),
# 200 trials, the same 30 seeds. Two curves: the best so far, and the mean of the last 50 trials,
# which is what the strategy *draws*.
#
# **Whose best is better after 200 trials: REINFORCE's or random search's? And whose last trials are
# better on average: REINFORCE's or evolution's?**


# %%
def recent(history):
    """The mean of the last 50 trials, or of those that there are."""
    told = accuracies(history)
    return np.array([told[max(0, end - 50) : end].mean() for end in range(1, len(told) + 1)])


strategies = {
    "random_search": lambda seed: nas.RandomSearch(space, seed=seed),
    "regularized_evolution": lambda seed: nas.RegularizedEvolution(space, seed=seed),
    "reinforce": lambda seed: nas.Reinforce(space, seed=seed),
}
comparison = nas.compare(strategies, evaluator, trials=200, seeds=seeds, curves={"recent": recent})

# %%
fig, axes = plt.subplots(1, 2, figsize=(9, 3.8))
for ax, column, ylabel in (
    (axes[0], "incumbent", "best validation accuracy so far"),
    (axes[1], "recent", "mean of the last 50 trials"),
):
    nas.plots.plot_comparison(nas.quartiles(comparison, column), ylabel=ylabel, ax=ax)
    ax.set_title(f"median and quartiles, n = {len(seeds)} seeds")
axes[0].set_ylim(0.88, None)
plt.show()

# %%
for column, what in (("incumbent", "best of 200"), ("recent", "mean of the last 50")):
    final = nas.final_values(comparison, column)
    print(f"{what}:", *(f"{name} {final[name].median():.4f} " for name in strategies))
    for one, other in (("reinforce", "random_search"), ("reinforce", "regularized_evolution")):
        ahead = (final[one] > final[other]).sum()
        points = nas.paired_difference(100 * (final[one] - final[other])).text()
        print(f"    {one} against {other:21} ahead in {ahead} of {len(seeds)}, points {points}")

# %% [markdown]
# (Behind ± stands half of a 95 % interval of the mean over the seeds; where it holds 0 the word is *tie*,
# chapter 12.) By its best, REINFORCE is ahead of random search; how it stands against evolution, the
# third line says. By what it draws in the end it is ahead of both, and clearly: evolution never
# stops mutating, and many mutants are poor. The best of a search and the mean of what it draws are
# different goals, and the gradient climbs the second. A policy that always drew the same decent
# network would have a fine mean and find nothing.
#
# How it went on NAS-Bench-201 (test accuracy on CIFAR-10 in %, mean and standard deviation of 500
# runs of 12,000 simulated seconds; Dong and Yang 2020, as reprinted by Mellor et al. 2021, Table
# 2a):
#
# | random search | REINFORCE | regularized evolution |
# | --- | --- | --- |
# | 93.70 ± 0.36 | 93.85 ± 0.37 | 93.92 ± 0.30 |
#
# The ± are spreads between single runs, of which these differences are a fraction. They are not
# standard errors: the means of 500 runs are known $\sqrt{500} \approx 22$ times more exactly
# (chapter 05). Chapter 20 says how to read that.
#
# ## When it fails
# ### The learning rate is too high
# The default is 0.8; how many different architectures it drew in 200 trials stands above. **How many
# will they be with 10: about as many, a third of that, or fewer than twenty?**

# %%
rates = (0.1, 0.8, 3.0, 10.0)
by_rate = {
    rate: runs
    if rate == 0.8
    else [run(nas.Reinforce(space, learning_rate=rate, seed=seed), 200) for seed in seeds]
    for rate in rates
}


def in_letters(history):
    """One letter a trial: A for the first network that was drawn, B for the next new one, ..."""
    rows = [table.row(trial.candidate.architecture) for trial in history]
    letters = {row: chr(ord("A") + place) for place, row in enumerate(dict.fromkeys(rows))}
    return "".join(letters[row] for row in rows)


print("learning rate   hesitates between   different   mean of last 50   best     (medians)")
for rate, ended in by_rate.items():
    left = 2 ** np.median([entropy(policies[-1]) for policies, _ in ended])
    different = np.median([num_different(history) for _, history in ended])
    told = np.array([accuracies(history) for _, history in ended])
    late, best = np.median(told[:, -50:].mean(axis=1)), np.median(told.max(axis=1))
    print(f"{rate:13}   {left:17,.0f}   {different:9.0f}   {late:15.4f}   {best:.4f}")
late, best = (
    nas.final_values(comparison, column)["random_search"] for column in ("recent", "incumbent")
)
print(f"random search   {space.size:17,}   {'':9}   {late.median():15.4f}   {best.median():.4f}")
print("learning rate 10, the first 25 trials, a letter for each network:")
for seed in range(4):
    print(f"  seed {seed}: {in_letters(by_rate[10.0][seed][1][:25])}")

# %%
fig, axes = plt.subplots(1, 2, figsize=(9, 3.6))
for rate, colour, line in zip(rates, nas.plots.COLOURS, nas.plots.LINES):
    curves = np.array([entropy(policies) for policies, _ in by_rate[rate]])
    axes[0].plot(np.median(curves, axis=0), line, color=colour)
    told = np.array([accuracies(history) for _, history in by_rate[rate]])
    incumbent = np.median(np.maximum.accumulate(told, axis=1), axis=0)
    label = f"learning rate {rate}"
    axes[1].step(range(1, 201), incumbent, line, where="post", color=colour, label=label)
axes[0].set(xlabel="trials", ylabel="entropy of the policy (bits)", ylim=(0, 14.5))
axes[1].set(xlabel="trials", ylabel="best validation accuracy so far", ylim=(0.8, None))
fig.legend(loc="outside lower center", ncols=4)
for ax in axes:
    ax.set_title(f"medians of {len(seeds)} seeds")
plt.show()

# %% [markdown]
# A dozen or so. One early success moves the policy so far that nearly every later draw is a repeat;
# something new comes now and then. The search has *collapsed*, on whatever did well among the first
# few. The curve of the best so far rises seldom, and alone it does not say why; the number of
# different architectures does. With 0.1 the policy moves slowly: after 200 trials it still hesitates
# between thousands, and yet its late trials are far better than those of random search.
#
# ### No baseline
# The reward lies between 0 and 1, so with a baseline of 0 no result can ever make its own options
# less likely.


# %%
class WithoutBaseline(nas.Reinforce):
    """REINFORCE whose baseline stays at zero."""

    name = "without_baseline"

    def tell(self, trial):
        self.baseline = 0.0
        super().tell(trial)


class OfAccuracy(nas.Reinforce):
    """REINFORCE whose reward is the accuracy itself, as in the papers."""

    name = "of_accuracy"

    def _reward(self, trial):
        return trial.value("val_accuracy")


class OfAccuracyWithoutBaseline(WithoutBaseline):
    """Both."""

    name = "of_accuracy_without_baseline"
    _reward = OfAccuracy._reward


print("reward     baseline   entropy after 50   different   mean of last 50   best     (medians)")
for reward, kinds in (
    ("rank", (nas.Reinforce, WithoutBaseline)),
    ("accuracy", (OfAccuracy, OfAccuracyWithoutBaseline)),
):
    lates = []
    for baseline, kind in zip(("moving", "none"), kinds):
        ended = (
            runs if kind is nas.Reinforce else [run(kind(space, seed=seed), 200) for seed in seeds]
        )
        bits = np.median([entropy(policies[50]) for policies, _ in ended])
        different = np.median([num_different(history) for _, history in ended])
        told = np.array([accuracies(history) for _, history in ended])
        lates.append(np.median(told[:, -50:].mean(axis=1)))
        print(
            f"{reward:8}   {baseline:8}   {bits:16.2f}   {different:9.0f}   {lates[-1]:15.4f}   "
            f"{np.median(told.max(axis=1)):.4f}"
        )
    print(f"    without it the last 50 lose {100 * (lates[0] - lates[1]):.1f} points")

# %% [markdown]
# By rank, the policy decides sooner, on less evidence, and draws fewer different architectures. It
# is not the disaster of the three options, and the lower rows say why. Rewards by rank are spread
# over all of 0 to 1. Accuracies lie closer together, far above a baseline of 0: each says mostly
# "this was drawn", and the loss is larger. (With its baseline, the accuracy makes small steps at
# this learning rate, which was chosen for ranks.)
#
# ## Recap
# - The policy is a distribution per choice; a step moves the logits by reward minus baseline times
#   $[k = o] - p_k$.
# - On average the step climbs the mean reward. The baseline leaves that as it is, and takes away
#   most of the noise.
# - What is learned is a distribution. Its most probable architecture is seldom the best that was
#   drawn on the way; with noisy trainings it may be worth more all the same.
# - Falling entropy is learning, and it is also fewer new architectures for the same money.
# - A learning rate that is too high, or no baseline, makes the first success the last.
#
# ## Quiz
# Choose an answer before you click on it: it unfolds, and says why it is right or wrong.

# %%
nas.course.quiz("14")

# %% [markdown]
# ## Exercises
# ### Exercise 14.1 ★ Predict: up or down?
# Two options, each drawn with probability 0.5. The worse one is drawn and earns 0.90 (the better
# would earn 0.94). What happens to the probability of the one drawn (a) with baseline 0, (b) with
# baseline 0.92, (c) with baseline 0.90? Set `guess` to three of the words "rises", "falls",
# "stays".

# %% nbgrader={"grade": false, "grade_id": "ex-14-1", "locked": false, "schema_version": 3, "solution": true, "task": false}
guess = ...
### BEGIN SOLUTION
guess = ("rises", "falls", "stays")
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check-14-1", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("14.1", guess)

# %% [markdown]
# ### Exercise 14.2 ★ Write: one step
# Write `reinforce_step(logits, option, reward, baseline, learning_rate)`: the new logits after that
# option was drawn and earned that reward. Leave the array that you are given as it is, and write
# the gradient out, without the library's functions. *About 4 lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-14-2", "locked": false, "schema_version": 3, "solution": true, "task": false}
def reinforce_step(logits, option, reward, baseline, learning_rate):
    """Return the logits after one step of REINFORCE."""
    ### BEGIN SOLUTION
    powers = np.exp(logits - np.max(logits))
    gradient = -powers / powers.sum()
    gradient[option] += 1
    return logits + learning_rate * (reward - baseline) * gradient
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-14-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("14.2", reinforce_step)

# %% [markdown]
# ### Exercise 14.3 ★★ Write: how noisy is a step?
# Write `mean_and_variance(probabilities, rewards, baseline)`: over the draw of one option, the mean
# of $(r_o - b) \nabla \log p_o$ (an array, one number a logit) and its variance (one number, summed
# over the logits). *About 5 lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-14-3", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mean_and_variance(probabilities, rewards, baseline):
    """Return the mean step, of the shape of the probabilities, and the variance of a step."""
    ### BEGIN SOLUTION
    gradients = np.eye(len(probabilities)) - probabilities
    steps = (rewards - baseline)[:, None] * gradients
    mean = probabilities @ steps
    return mean, float(probabilities @ ((steps - mean) ** 2).sum(axis=1))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-14-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("14.3", mean_and_variance)

# %% [markdown]
# With it one can ask which baseline is best. **The mean reward, as everyone uses it?** The cell
# answers once your function is there.

# %%
if mean_and_variance(np.array([0.5, 0.5]), np.array([0.0, 1.0]), 0.0) is not None:
    grid = np.linspace(0.89, 0.96, 7001)
    for probabilities in (np.array([0.2, 0.3, 0.5]), np.array([0.04, 0.06, 0.9])):
        variances = [mean_and_variance(probabilities, rewards, b)[1] for b in grid]
        print(
            f"probabilities {probabilities}: least variance at {grid[np.argmin(variances)]:.4f}, "
            f"mean reward {probabilities @ rewards:.4f}"
        )

# %% [markdown]
# The best baseline weighs each reward by the squared length of its gradient too, so rare options
# count for more (Greensmith, Bartlett and Baxter 2004). How far does that take it from the mean
# reward, which is simpler?
#
# ### Exercise 14.4 ★★ Experiment: pay for hesitation
# A remedy against collapse is to reward entropy as well: after each tell, the logits of each choice
# take a step along the gradient of $H = -\sum_k p_k \log p_k$ (natural logarithm). That gradient is
#
# $$\frac{\partial H}{\partial \ell_k} = -p_k (\log p_k + H)$$
#
# Before you go on, write down what it is for three equal probabilities. Then write
# `entropy_gradient(logits)`. The cell after the check searches with a learning rate of 3, too high
# without it, and several bonuses. *About 4 lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-14-4", "locked": false, "schema_version": 3, "solution": true, "task": false}
def entropy_gradient(logits):
    """Return the gradient of the entropy (natural logarithm) by the logits."""
    ### BEGIN SOLUTION
    shifted = logits - np.max(logits)
    log_p = shifted - np.log(np.exp(shifted).sum())
    p = np.exp(log_p)
    return -p * (log_p - p @ log_p)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-14-4", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("14.4", entropy_gradient)


# %%
class Hesitant(nas.Reinforce):
    """REINFORCE with an entropy bonus."""

    name = "hesitant"
    bonus = 0.0

    def tell(self, trial):
        super().tell(trial)
        for logits in self.logits:
            logits += self.bonus * entropy_gradient(logits)


if entropy_gradient(np.zeros(3)) is not None:
    print("bonus   different   mean of last 50   best     (medians of 30 seeds)")
    for bonus in (0.0, 0.1, 0.3, 1.0):
        Hesitant.bonus = bonus
        ended = [run(Hesitant(space, learning_rate=3.0, seed=seed), 200)[1] for seed in seeds]
        told = np.array([accuracies(history) for history in ended])
        different = np.median([num_different(history) for history in ended])
        late, best = np.median(told[:, -50:].mean(axis=1)), np.median(told.max(axis=1))
        print(f"{bonus:5}   {different:9.0f}   {late:15.4f}   {best:.4f}")

# %% [markdown]
# Does a bonus let the search draw more than without, and still learn? Is the largest one random
# search again? Compare its last trials with those of random search above. A bonus is one more
# setting to be chosen.
#
# ## In practice
# - Zoph and Le's controller is a recurrent network that writes an architecture piece by piece, so a
#   choice can depend on those before it. Six separate distributions cannot say "a pooling here *or*
#   there, not both". The step is the same.
# - Their reward was the highest validation accuracy of the last five epochs, cubed; their baseline
#   a moving average of it. At any time 800 networks were in training on 800 GPUs; the search took
#   three to four weeks, by the survey of Elsken, Metzen and Hutter. Nearly all that came after it
#   wanted to be cheaper: ENAS (2018) keeps the controller and lets all architectures share one set
#   of weights (chapter 17).
# - An architecture that is drawn again need not be trained again: `search(..., reuse=True)` copies
#   its result and charges no seconds. A second training would tell about noise.
# - With many candidates in flight, results come from policies that have moved on. Zoph and Le's
#   updates were asynchronous too; ours use the policy at the time of the tell.
#
# ## Further reading
# - Williams 1992, Simple statistical gradient-following algorithms for connectionist reinforcement
#   learning.
# - Zoph and Le 2017, Neural architecture search with reinforcement learning.
# - Baker, Gupta, Naik and Raskar 2017, Designing neural network architectures using reinforcement
#   learning.
# - Pham, Guan, Zoph, Le and Dean 2018, Efficient neural architecture search via parameter sharing.
# - Greensmith, Bartlett and Baxter 2004, Variance reduction techniques for gradient estimates in
#   reinforcement learning.
# - Real, Aggarwal, Huang and Le 2019, Regularized evolution for image classifier architecture
#   search: a comparison with the controller at equal cost.
# - Mellor, Turner, Storkey and Crowley 2021, Neural architecture search without training, Table 2a.
#
# **中文术语** 强化学习 reinforcement learning · 策略 policy · 动作 action · 奖励 reward · 策略梯度 policy
# gradient · 基线 baseline · 控制器 controller · 熵 entropy
