# ---
# jupyter:
#   nas_tutorial:
#     name: Choosing and comparing
#     about: which strategy when, answered by data
#     minutes: 90
#     document: 8.1 how to choose a strategy
#     modules: [statistics.tests, statistics.chance, reporting.run_card]
#     part: "Part IV: use it well · 选择与局限"
# ---

# %% [markdown]
# # Choose a strategy, and say how sure you are
#
# Run genetic search and random search with seeds 0, 1 and 2, as many papers would, and random search wins by
# three quarters of a point. Run a hundred seeds, and genetic search wins by nine tenths. The first study isn't
# unlucky in a rare way: of all studies with three seeds, one in five gets this comparison wrong.
#
# In this chapter you will find out how many seeds a claim needs, compute a p-value by hand, compare nine strategies at
# three budgets, and watch a verdict on two strategies change because a third one joined the table.
#
# > **Follows** part 8.1 of the source tutorial · **Needs** chapters 03, 05 and 10; of 11 to 17 only the names ·
# > **Takes** about 90 minutes (the cells themselves run in less than half a minute)
#
# **You will learn to**
# - say how many seeds a difference needs, and what a study with fewer would conclude;
# - pair runs, and check whether pairing helped;
# - compute Wilcoxon's and Friedman's tests by hand, and read a critical-difference diagram;
# - ask many questions at once without finding what isn't there;
# - tell "significant" from "large enough to matter" and from "true elsewhere";
# - report a search so that others can judge it.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas

import nas_tutorial as nas

settings = nas.course.start()

# %% [markdown]
# ## The idea in one picture
# **What a search finds is a draw from a distribution. Compare strategies by many draws, in pairs, and say "tie"
# where the interval holds zero.**

# %%
nas.course.figures.chapter20.paired_and_unpaired()
plt.show()

# %% [markdown]
# Both panels show the same twenty scores. On the left the two clouds overlap, and the interval of the difference holds
# zero: a tie. On the right each line joins two runs with the same seed, nearly all of them rise, and the interval lies above
# zero. Whether pairing helps *searches* that much, you will measure below.
#
# A search returns one network. Its **score** in this chapter is that network's test accuracy in percent, averaged
# over the table's three training runs. The search never sees it: it chooses by the observed validation
# accuracy of one run per trial. `compare` keeps both.

# %%
table = nas.Table.load_course()
space = table.space
evaluator = nas.TableEvaluator(table)


def fresh(name):
    """A function of a seed that makes a strategy of this name."""
    strategy = nas.STRATEGIES.load(name)
    return lambda seed: strategy(space, seed=seed)


names = ("random_search", "genetic", "regularized_evolution", "local_search")
names = (*names, "simulated_annealing", "tabu", "reinforce")
curves = {"score": lambda history: 100 * nas.true_means(history, table, name="test_accuracy")}
strategies = {name: fresh(name) for name in names}
runs = nas.compare(strategies, evaluator, trials=180, seeds=range(100), curves=curves)
print(f"{runs.groupby(['strategy', 'seed']).ngroups} searches, {len(runs):,} trials")


# %%
def after(trials, column="score"):
    """What each search had found after so many trials: one row a seed, one column a strategy."""
    return nas.final_values(runs[runs["trial"] <= trials], column)


clear = after(60)["genetic"] - after(60)["random_search"]
close = after(180)["genetic"] - after(180)["regularized_evolution"]

# %% [markdown]
# We'll follow two pairs of strategies. The *clear* pair is genetic against random search after 60 trials, the *close*
# pair is genetic search against regularized evolution after 180.
#
# ## By hand: three seeds
# Here are the first three seeds of the clear pair, and the mean of a hundred.

# %%
for seed in range(3):
    print(f"seed {seed}: genetic search minus random search {clear[seed]:+.2f} points")
print(f"mean of these three {clear[:3].mean():+.2f}; mean of all {len(clear)} {clear.mean():+.2f}")

# %% [markdown]
# The first three seeds have the wrong sign. With a hundred seeds we can ask what others would have concluded from
# seeds 3 to 5, from 6 to 8, and so on, 33 studies in all.
#
# **In how many of the 33 will the mean have the wrong sign (or be zero), for the clear pair?**

# %% tags=["nbval-ignore-output"]
nas.course.predict("20.a", "studies of three seeds with the wrong sign", low=0, high=33)

# %%
for name, differences in (("clear", clear), ("close", close)):
    means = differences.to_numpy()[:99].reshape(33, 3).mean(axis=1)
    wrong = int((np.sign(means) != np.sign(differences.mean())).sum())
    print(f"{name}: mean {differences.mean():+.2f}, SD {differences.std():.2f}, wrong in {wrong}")
    if name == "clear":
        nas.course.reveal("20.a", wrong)

# %% [markdown]
# Seven studies of 33 name the wrong winner of the clear pair, and ten that of the close one. The reason stands in
# the same lines: from seed to seed the difference varies with an SD of 1.8 points, twice its mean.
#
# ## How many seeds?
# Let $d_1, \dots, d_n$ be the differences of $n$ seeds, with true mean $\delta$ and standard deviation $\sigma$.
# The seeds are independent, so the variance of their sum is $n\sigma^2$, and the mean $\bar d$ has the standard
# error
#
# $$ \mathrm{SE}(\bar d) = \frac{\sqrt{n\sigma^2}}{n} = \frac{\sigma}{\sqrt n}. $$
#
# Four times the seeds, half the error. The 95 % interval is $\bar d \pm t_{n-1}\,\mathrm{SE}$, where $t_{n-1}$ is
# the 97.5 % quantile of Student's distribution: 4.3 for three seeds, 1.98 for a hundred. That is
# `nas.paired_difference`, which you have used since chapter 03.
#
# ### Did pairing help?
# With scores $X$ and $Y$ of one seed,
#
# $$ \operatorname{Var}(X - Y) = \operatorname{Var} X + \operatorname{Var} Y - 2 \operatorname{Cov}(X, Y), $$
#
# so pairs make $\sigma$ smaller exactly if the two scores are positively correlated. Equal seeds draw equal founders
# here. **How large is the correlation of genetic and random search after 60 trials?**

# %% tags=["nbval-ignore-output"]
nas.course.predict("20.b", "correlation of the two scores after 60 trials", low=-1.0, high=1.0)

# %%
for trials in (8, 10, 20, 60, 180):
    scores = after(trials)
    r = scores["genetic"].corr(scores["random_search"])
    unpaired = np.sqrt(scores["genetic"].var() + scores["random_search"].var())
    paired = (scores["genetic"] - scores["random_search"]).std()
    print(
        f"{trials:3} trials: correlation {r:+.2f}, SD in pairs {paired:.2f}, without {unpaired:.2f}"
    )
    if trials == 60:
        nas.course.reveal("20.b", r)

# %% [markdown]
# As long as both are drawing the same founders the correlation is 1. After 20 trials it has fallen to 0.14, and after 60
# nothing is left: the two SDs are the same. So equal seeds hardly help to compare finished searches. We still pair, since
# it costs nothing. Pairs matter more when blocks differ a lot, as data sets do.
#
# ### Power
# The **power** of a study is the probability that it finds a difference that is there. For large $n$ the interval lies
# above zero if $\bar d > 1.96\,\sigma/\sqrt n$, and $\bar d$ is normal with mean $\delta$, so
#
# $$ \text{power} = P\!\left(\frac{\bar d - \delta}{\sigma/\sqrt n} > 1.96 - \frac{\delta\sqrt n}{\sigma}\right)
# = \Phi\!\left(\frac{\delta\sqrt n}{\sigma} - 1.96\right). $$
#
# Set this to 80 %, for which $\Phi(0.84) = 0.8$, and solve for $n$:
#
# $$ n = \left(\frac{(1.96 + 0.84)\,\sigma}{\delta}\right)^2 \approx 8\,\frac{\sigma^2}{\delta^2}. $$
#
# **Our SD is 1.8 points. How many seeds give a power of 80 % if the true difference is half a point?**

# %% tags=["nbval-ignore-output"]
nas.course.predict("20.c", "seeds to find half a point", low=3, high=3000, log=True)

# %%
from scipy.stats import norm, t


def seeds_needed(sd, difference, power=0.8):
    """How many paired seeds find a true difference with this power, at a level of 5 %."""
    return int(np.ceil(((norm.ppf(0.975) + norm.ppf(power)) * sd / difference) ** 2))


for difference in (2.0, 1.0, 0.5, 0.25):
    print(f"{difference:4} points: {seeds_needed(1.8, difference):4} seeds")
nas.course.reveal("20.c", seeds_needed(1.8, 0.5))

# %% [markdown]
# A hundred and two. Half the difference takes four times the seeds, so a quarter of a point takes 407.
#
# Is the formula right, although scores are not normal? We let 2,000 people draw $n$ of our hundred differences each, with
# replacement (a *bootstrap*), and count what they conclude.

# %%
rng = np.random.default_rng(0)
measured = []
for pair, differences in (("clear", clear), ("close", close)):
    truth, sd = differences.mean(), differences.std()
    for n in (3, 5, 10, 20, 40, 80, 160):
        drawn = rng.choice(differences.to_numpy(), size=(2000, n))
        half = t.ppf(0.975, n - 1) * drawn.std(axis=1, ddof=1) / np.sqrt(n)
        row = {"pair": pair, "seeds": n, "wrong": (drawn.mean(axis=1) <= 0).mean()}
        row["power"] = (drawn.mean(axis=1) > half).mean()
        row["formula"] = norm.cdf(truth * np.sqrt(n) / sd - 1.96)
        measured.append(row)
measured = pandas.DataFrame(measured)
print(measured.round(2).to_string(index=False))

# %%
nas.course.figures.chapter20.seeds_and_errors(measured)
plt.show()

# %% [markdown]
# From 20 seeds on the formula is within a few percent; for three or five it promises too much, since it leaves out that
# $\sigma$ is estimated as well. Ten seeds find the clear difference in one study of four, forty in nearly nine of ten. So
# "how many seeds are enough?" has no answer until you say for which difference.
#
# The panels show two risks. A study that names whichever mean is ahead is often *wrong*. A study that looks at the
# interval is mostly *silent*: it says "tie", and a tie from ten seeds is no evidence that the strategies are equal.
#
# ## Baselines, and what not to report
# Three baselines belong beside every comparison: a **random pick** (no search), **random search** with the same budget,
# and the plainest network, here the all-3x3 cell. `expected_best_of` computes the mean of random search from the table
# by formula, which also tests the program.

# %%
networks = np.array([table.row(architecture) for architecture in space])  # of each encoding
observed = table.column("val_accuracy")[networks].ravel()  # what a draw can show to a search
score = 100 * table.column("test_accuracy").mean(axis=1)
score_of_draw = np.repeat(score[networks], table.num_seeds)
for n in (1, 20, 60, 180):
    expected = nas.expected_best_of(observed, n, report=score_of_draw)
    found = after(n)["random_search"]
    apart = abs(found.mean() - expected) / found.sem()
    print(
        f"{n:3} trials: by formula {expected:.2f}, 100 searches {found.mean():.2f} ({apart:.1f} SE)"
    )
largest = score[table.row(nas.Architecture(("nor_conv_3x3",) * 6))]
print(f"the all-3x3 cell, one training run: {largest:.2f}")

# %% [markdown]
# The random pick is the first line. Twenty trials of random search gain most of what can be gained, and
# the largest cell, without any search, is a point ahead of 180.
#
# ### The winner's observed value is not its score
# A search reports the network with the highest *observed* value, and part of that is luck (chapter 05). **With 100 validation samples instead of 4,000, will the
# winner of 1,000 trials still be better than that of 100?**

# %%
few = np.random.default_rng(1).binomial(100, observed) / 100  # as counted on 100 samples
for samples, seen in (("4,000", observed), ("100", few)):
    for n in (10, 100, 1000):
        shown = 100 * nas.expected_best_of(seen, n)
        real = nas.expected_best_of(seen, n, report=score_of_draw)
        print(f"{samples:>5} samples, {n:4} trials: observed {shown:6.2f}, score {real:.2f}")

# %% [markdown]
# Hardly. With 100 samples the observed value of the winner runs up to 99.5 %, while its score gains 0.4 points. With
# 4,000 samples the gap is still two to three points, the luck of one training run. So report scores that didn't
# choose the network.
#
# ## On the benchmark: nine strategies, three budgets
# You know the first seven from chapters 03, 11, 12 and 14. `tabu` tries *all* neighbours before it moves. The other two,
# `bayesian` and `bananas`, model the results (chapter 13) and think for seconds before each trial, so 60 of their searches
# were run beforehand and stored. All have the library's default settings.
#
# **Which group will be ahead of random search after 20 trials?**

# %% tags=["nbval-ignore-output"]
options = ("none of the eight", "one to three", "four or more")
nas.course.predict("20.d", "clearly better than random search after 20 trials", options=options)

# %%
records = nas.course.stored_records("surrogate_searches")
kept = {tuple(one["job"]): one["values"]["rows"] for one in records}  # after 10, 20, ... 60 trials


def against_random(trials):
    """Each strategy minus random search, paired by seed."""
    scores = after(trials)
    baseline = scores.pop("random_search")
    found = {name: scores[name] - baseline for name in scores}
    for name in ("bayesian", "bananas") if trials <= 60 else ():
        ends = [score[kept[name, seed][trials // 10 - 1]] for seed in range(60)]
        found[name] = ends - baseline[:60]
    return {name: nas.paired_difference(each) for name, each in found.items()}


# %%
differences = {trials: against_random(trials) for trials in (20, 60, 180)}
for name in differences[20]:
    texts = [found[name].text() if name in found else "" for found in differences.values()]
    print(f"{name:22}" + "".join(f"{text:23}" for text in texts))
better = sum(found.says == "better" for found in differences[20].values())
nas.course.reveal("20.d", options[0 if better == 0 else 1 if better <= 3 else 2])

# %%
nas.course.figures.chapter20.against_random_search(differences)
plt.show()

# %% [markdown]
# After 20 trials most strategies tie with random search: what they learn hasn't paid yet. Reinforcement learning is
# half a point ahead. `tabu` is nearly three points behind: it has not even looked at all 24 neighbours of its first
# architecture. The exception is `bayesian`, a point and a half ahead; its default settings were developed on this
# very table, so take that as an upper bound. After 60 trials all but `tabu` are ahead, after 180 all of them, and the
# differences *among* them are small. And none of the six at the right beats the plainest baseline:

# %%
for name, scores in after(180).items():
    print(f"{name:22} minus the all-3x3 cell: {nas.paired_difference(scores - largest).text()}")

# %% [markdown]
# Genetic search, local search and reinforcement learning tie with the largest cell, the others are worse than it. In this space a
# search for accuracy alone buys nothing that size doesn't (chapter 03); under a limit on size it does (chapter 18).
#
# The table holds 22 intervals. If nothing differed anywhere, one of them would be expected to leave zero out by
# chance. What follows is about asking many questions at once.
#
# ## Tests for many pairs
# The **p-value** is the probability that pure chance, if there were no difference at all, would give a difference at least
# as large as the observed one. If it is below a **level** fixed in advance, usually 5 %, the difference is called
# **significant**.
#
# ### Wilcoxon's signed-rank test, by hand
# Six seeds gave these differences. Rank them by *size*, and add up the ranks of the positive ones.

# %%
from scipy.stats import rankdata, wilcoxon

six = np.array([2.1, 0.4, -0.3, 1.6, 0.9, -0.6])
ranks = rankdata(np.abs(six))
print("ranks:", ranks, " sum of the positive ones:", ranks[six > 0].sum(), "of", ranks.sum())

# %% [markdown]
# The positive ones have 2 + 4 + 5 + 6 = 17 of 21. Is that a lot? If the two strategies are equally good, each
# difference is as likely to be positive as negative, so all $2^6 = 64$ patterns of signs are equally likely. Count those whose
# sum lies at least as far from the middle, 10.5, as 17 does: sums of at least 17, or at most 4.

# %%
nas.course.figures.chapter20.signed_rank_sums(ranks, observed=17.0)
plt.show()
print(f"p by counting 14 / 64 = {14 / 64:.4f}, by SciPy {wilcoxon(six).pvalue:.4f}")

# %% [markdown]
# Seven patterns give a sum of at most 4: no rank positive, 1, 2, 3, 4, 1 + 2 and 1 + 3. Seven more mirror them on the
# other side, so $p = 14/64 = 0.22$. Three seeds can never get below $2/8 = 0.25$: **no study of three seeds can be
# significant by this test**.
#
# ### Twenty-one questions at once
# Seven strategies make 21 pairs. **If all seven are the same, in what share of studies will at least one pair be
# significant at 5 %?**

# %% tags=["nbval-ignore-output"]
nas.course.predict("20.e", "studies that find a difference among equals", low=0, high=100, unit="%")

# %%
alike = after(60)["random_search"].to_numpy()
rng = np.random.default_rng(2)
alarms = {"p": 0, "p_holm": 0}
for _ in range(100):
    equals = pandas.DataFrame(rng.choice(alike, size=(25, 7)))  # random search under seven names
    pairs = nas.wilcoxon_holm(equals)
    for column in alarms:
        alarms[column] += int((pairs[column] < 0.05).any())
print(f"a difference was found in {alarms['p']} of 100 studies, by Holm's p in {alarms['p_holm']}")
nas.course.reveal("20.e", alarms["p"])

# %% [markdown]
# In half of them. **Holm's correction** multiplies the smallest of $m$ p-values by $m$, the next by $m - 1$, and so on, and
# keeps their order. Then the probability of *any* false finding is at most the level. Here are the real pairs after 60 trials.

# %%
pairs = nas.wilcoxon_holm(after(60))
print(
    f"significant by p: {(pairs['p'] < 0.05).sum()}, by Holm's p: {(pairs['p_holm'] < 0.05).sum()}"
)
print(
    pairs.sort_values("p", kind="stable")
    .head(8)
    .to_string(index=False, float_format="{:.2g}".format)
)

# %% [markdown]
# Twelve pairs pass alone, five after the correction.
#
# ### Friedman's test, by hand
# Friedman's test compares all strategies at once. Rank them *within* each seed, and average the ranks.

# %%
hand = pandas.DataFrame({"A": [94.1, 95.0, 93.1, 94.8], "B": [93.0, 94.2, 93.9, 94.0]})
hand["C"] = [92.2, 94.6, 92.0, 93.1]
print(hand.rank(axis=1, ascending=False).assign(seed=range(4)).to_string(index=False))
print("average ranks:", hand.rank(axis=1, ascending=False).mean().to_dict())

# %% [markdown]
# If all $k$ strategies are equal, each rank $R$ is one of $1, \dots, k$ with equal probability. Its mean is
# $(k+1)/2$, its variance $(k^2-1)/12$, and the average over $N$ seeds has $N$ times less. Take the squared
# distances of the average ranks $\bar R_j$ from their mean in units of that variance. The $\bar R_j$ have a fixed sum, so only
# $k - 1$ of them are free, and a factor of $(k-1)/k$ makes the sum a $\chi^2$ with $k-1$ degrees of freedom:
#
# $$ \chi^2_F = \frac{k-1}{k} \sum_{j=1}^{k} \frac{\left(\bar R_j - \frac{k+1}{2}\right)^2}{(k^2-1)/(12N)}
# = \frac{12N}{k(k+1)} \sum_{j=1}^{k} \left(\bar R_j - \frac{k+1}{2}\right)^2. $$
#
# Here $k = 3$, $N = 4$ and the average ranks are 1.25, 2 and 2.75, so $\chi^2_F = 4\,(0.75^2 + 0 + 0.75^2) = 4.5$.
#
# How far apart must *two* average ranks be? In one seed, two ranks have the covariance $-(k+1)/12$ (if one
# strategy is first, the others are not). So
#
# $$ \operatorname{Var}(\bar R_i - \bar R_j) = \frac1N\left(2\,\frac{k^2-1}{12} + 2\,\frac{k+1}{12}\right)
# = \frac{k(k+1)}{6N}, $$
#
# and Nemenyi's **critical difference** is so many of these standard deviations that the largest of all
# $k(k-1)/2$ differences exceeds it with probability 5 % only:
#
# $$ \mathrm{CD} = q_k \sqrt{\frac{k(k+1)}{6N}}, $$
#
# where $q_k$ is the quantile of the studentized range, divided by $\sqrt 2$ (2.34 for three strategies, 2.95
# for seven).

# %%
test = nas.friedman_nemenyi(hand)
print(
    f"chi-square {test.statistic:.2f}, p {test.p:.3f}, critical difference {test.critical_difference:.2f}"
)

# %% [markdown]
# By hand and by the library 4.5. A and C are 1.5 ranks apart, less than the critical difference of 1.66, so four seeds can't tell
# them apart. Such results are drawn like this:

# %%
nas.course.figures.chapter20.reading_critical_differences()
plt.show()

# %% [markdown]
# Read the bars, not the order: strategies that share a bar cannot be told apart. Now the real seven, after 20 and
# after 180 trials.

# %%
tests = {trials: nas.friedman_nemenyi(after(trials)) for trials in (20, 180)}
nas.course.figures.chapter20.critical_differences(tests)
plt.show()
for trials, test in tests.items():
    print(
        f"{trials:3} trials: p of Friedman's test {test.p:.0e}, CD {test.critical_difference:.2f}"
    )

# %% [markdown]
# After 20 trials `tabu` stands apart from everything else, after 180 random search does. Who leads the group is not
# established at either budget.
#
# ### The company you keep
# Benavoli, Corani and Mangili (2016) pointed out a catch in average ranks: Nemenyi's verdict on two strategies depends on
# *which others* are in the table. We take local search and random search after 60 trials and add every possible
# company from the other five.

# %%
from itertools import combinations

pair = ["local_search", "random_search"]
others = [name for name in names if name not in pair]
p_values = {}
for size in range(1, 6):
    for company in combinations(others, size):
        scores = after(60)[[*pair, *company]]
        p_values[company] = nas.friedman_nemenyi(scores).p_values.loc[pair[0], pair[1]]
significant = sum(p < 0.05 for p in p_values.values())
print(f"significant in {significant} of {len(p_values)} companies")
for company in (min(p_values, key=p_values.get), max(p_values, key=p_values.get)):
    print(f"p {p_values[company]:.3f} beside {', '.join(company)}")
alone = pairs.set_index(["second", "first"]).reindex([tuple(pair), tuple(pair)[::-1]]).dropna()
print(f"Wilcoxon's p of the pair {alone['p'].item():.4f}, by Holm {alone['p_holm'].item():.3f}")

# %% [markdown]
# The same two hundred runs are significantly different in 2 of 31 companies and not in 29. Wilcoxon's test, which
# looks at nothing but the pair, gives 0.0007. So use Friedman's test and its diagram for an overview, and
# **Wilcoxon with Holm for pairs**, and choose the test before you look at the results.
#
# ## Significant, large, true elsewhere: three questions
# "Genetic search is significantly better (p < .001)." Does that say it is *much* better? We take more and more seeds of
# the clear pair. The **superiority** is how often a run of the first beats a run of the second (0.5 is no
# difference).

# %%
for n in (10, 25, 50, 100):
    some = after(60)[["genetic", "random_search"]].head(n)
    p = nas.wilcoxon_holm(some)["p"].item()
    beats = nas.probability_of_superiority(some["genetic"], some["random_search"])
    found = nas.paired_difference(some["genetic"] - some["random_search"])
    print(f"{n:3} seeds: p {p:.1e}, superiority {beats:.2f}, difference {found.text()}")

# %% [markdown]
# From 10 to 100 seeds p falls by four powers of ten, while superiority and difference stay about the same. A p-value mixes
# the size of an effect with the number of seeds, so report the size, with its interval.
#
# Is 0.9 points *large*? Compare: how much do the training runs of one and the same good network differ?

# %%
test_runs = 100 * table.column("test_accuracy")
good = score >= np.quantile(score, 0.9)
print(
    f"SD between runs of one network, best tenth: {test_runs[good].std(axis=1, ddof=1).mean():.2f} points"
)

# %% [markdown]
# By 1.7 points: if you train the chosen network once more, you may gain or lose more than the choice of strategy brought.
#
# And is it true *elsewhere*? `tabu` is worse than random search after 20 trials and better after 180, both far beyond
# chance. "Tabu search is better" without a budget is neither true nor false. The same goes for the noise, the space
# and the data: our blocks are seeds, so all these tests speak of *this table*.
#
# ## When it fails: until it is significant
# "Five seeds, not significant. Let's add some." Here are two copies of random search, so there is nothing to find. We look
# after 5, 10, 15, … 50 seeds and stop as soon as the interval leaves zero out.
#
# **In what share of studies will we announce a winner?**

# %% tags=["nbval-ignore-output"]
nas.course.predict("20.f", "studies that announce a winner", low=0, high=100, unit="%")

# %%
from scipy.stats import ttest_1samp

rng = np.random.default_rng(3)
nothing = rng.choice(alike, size=(1000, 50)) - rng.choice(alike, size=(1000, 50))
looks = [ttest_1samp(nothing[:, :n], 0, axis=1).pvalue < 0.05 for n in range(5, 51, 5)]
print(f"one look, at 50 seeds:       {looks[-1].mean():.1%} of the studies find a winner")
print(f"ten looks, stop at a winner: {np.any(looks, axis=0).mean():.1%}")
nas.course.reveal("20.f", 100 * np.any(looks, axis=0).mean())

# %% [markdown]
# One look keeps to its 5 %, ten looks announce a winner four times as often. The remedy is to fix the number of seeds
# before the first run, and the budget and the metric as well.
#
# ## So which strategy?
# - **Always run random search and the plainest network beside it.** They say what the strategy adds.
# - **About twenty trials:** few strategies beat random search. A model of the results is worth a try, since training
#   costs far more than its thinking. Avoid one that explores a whole neighbourhood first.
# - **A hundred trials and more:** the differences between strategies are small compared with retraining. Take the
#   simplest that you understand.
# - **No table for your problem?** Take a strategy that did well in others' comparisons *at your budget*, and say that
#   your data didn't choose it.
#
# ## Report it
# Lindauer and Hutter (2020) give a checklist of fourteen practices. `run_card` fills in what a search knows about itself,
# and asks you for the rest:

# %%
from nas_tutorial.backend import versions
from nas_tutorial.reporting.run_card import checklist

strategy = fresh("genetic")(0)
history = nas.search(strategy, evaluator, trials=60, progress=False)
items = checklist(history, strategy, evaluator, versions=versions(), budget={"trials": 60})
for item in items:
    if item.is_open:
        print(f"{item.number:2}. {item.question}")

# %% [markdown]
# `nas.run_card(..., said={5: "..."})` writes the card with your answers. Item 13 asks for the total cost, the subject of
# chapter 19.
#
# ## Recap
# - One search is a draw. With three seeds one study in five named the wrong winner.
# - $n \approx 8\,\sigma^2/\delta^2$ seeds find a difference $\delta$ with a power of 80 %.
# - Pairing helps as much as the pairs correlate, and finished searches hardly do.
# - A random pick, random search and the plainest network stand beside every comparison.
# - Many questions: correct by Holm. Many strategies: Friedman for an overview, Wilcoxon for pairs.
# - Significant isn't large, and here isn't elsewhere. Fix the number of seeds before you look.

# %% tags=["nbval-ignore-output"]
nas.course.calibration("20")

# %% [markdown]
# ## Quiz
# Choose an answer before you click on it: it unfolds, and says why it is right or wrong.

# %%
nas.course.quiz("20")

# %% [markdown]
# ## Exercises
# ### Exercise 20.1 ★ Predict: seeds for a third
# With 10 seeds the standard error of a difference is 0.6 points. You want exactly 0.2, and the SD stays what it
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
# Write `paired_interval(first, second, level)`: the two ends of the interval, mean ± quantile · SE, of the mean of
# `first - second`, two arrays of scores with one pair per seed. For a `level` of 0.95 each end leaves 2.5 %
# outside: take `t.ppf` of 0.975, with one degree of freedom fewer than there are seeds.


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
# Write `holm(p_values)` for an array of $m$ p-values: multiply the smallest by $m$, the next by $m-1$ and so on; none may
# become smaller than one before it in this order, and none larger than 1; return them in the order in which they
# came. Two equal p-values of 0.02 both become 0.04.


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
# You decide in advance which difference `matters`, say half a point. The interval of the difference goes from `low` to
# `high`. Write `verdict(low, high, matters)`:
#
# - `"better"`: the whole interval lies above `matters`;
# - `"worse"`: the whole interval lies below `-matters`;
# - `"alike"`: the whole interval lies between the two;
# - `"unclear"`: anything else.
#
# Which verdict has a significant difference that is too small to matter? And an interval that holds 0 and is ten
# points wide? (Call `verdict(0.1, 0.3, 0.5)` and `verdict(-5, 5, 0.5)`.)


# %% nbgrader={"grade": false, "grade_id": "ex-20-4", "locked": false, "schema_version": 3, "solution": true, "task": false}
def verdict(low, high, matters):
    """Return "better", "worse", "alike" or "unclear"."""
    ### BEGIN SOLUTION
    # Significant and too small is "alike". The wide interval is "unclear": that no difference was
    # found does not show that there is none.
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
# Write `wrong_sign_rate(differences, n, repeats, rng)`: draw `n` of the differences *with replacement*, `repeats`
# times, and return the share of times in which the mean of the drawn ones doesn't have the sign of the mean of all (a
# mean of 0 has no sign, so it counts as wrong). Draw from `rng` alone. Before you look below: how many seeds
# bring it under 5 % for genetic search against `tabu` after 60 trials?


# %% nbgrader={"grade": false, "grade_id": "ex-20-5", "locked": false, "schema_version": 3, "solution": true, "task": false}
def wrong_sign_rate(differences, n, repeats, rng):
    """Return how often the mean of n drawn differences has the wrong sign."""
    ### BEGIN SOLUTION
    means = rng.choice(differences, size=(repeats, n)).mean(axis=1)
    return np.mean(np.sign(means) != np.sign(differences.mean()))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-20-5", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("20.5", wrong_sign_rate)

# %%
gap = (after(60)["genetic"] - after(60)["tabu"]).to_numpy()
if wrong_sign_rate(gap, 1, 10, np.random.default_rng(0)) is not None:
    for n in (1, 3, 5, 10, 20, 40):
        rate = wrong_sign_rate(gap, n, 4000, np.random.default_rng(0))
        print(f"{n:3} seeds: wrong sign in {rate:.1%}")

# %% [markdown]
# ### Exercise 20.6 ★★★ Write: Wilcoxon's p-value, exactly
# Write `signed_rank_p(differences)`: the two-sided p-value of Wilcoxon's signed-rank test for at most twelve
# differences, none of which is 0. Rank their sizes (equal sizes share the mean of their ranks, as
# `scipy.stats.rankdata` does it), go through all patterns of signs, and return the share of them whose sum of
# positive ranks lies at least as far from the middle as the observed one. Sums with shared ranks end in .5, so
# they can be compared exactly.


# %% nbgrader={"grade": false, "grade_id": "ex-20-6", "locked": false, "schema_version": 3, "solution": true, "task": false}
def signed_rank_p(differences):
    """Return the exact two-sided p-value of Wilcoxon's signed-rank test."""
    ### BEGIN SOLUTION
    from itertools import product

    ranks = rankdata(np.abs(differences))
    middle = ranks.sum() / 2
    observed = abs(ranks[np.asarray(differences) > 0].sum() - middle)
    patterns = np.array(list(product((0, 1), repeat=len(ranks))))
    return np.mean(np.abs(patterns @ ranks - middle) >= observed)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-20-6", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("20.6", signed_rank_p)

# %% [markdown]
# ### Exercise 20.7 ★★ Write: read a critical-difference diagram
# Write `told_apart(ranks, num_blocks)`: given the average ranks as a dictionary name → rank, return the set of pairs
# `(better, worse)` that Nemenyi's test tells apart at 5 %, that is, whose average ranks are *more* than the critical
# difference apart. $q_k$ is `studentized_range.isf(0.05, k, np.inf) / np.sqrt(2)` from `scipy.stats`.


# %% nbgrader={"grade": false, "grade_id": "ex-20-7", "locked": false, "schema_version": 3, "solution": true, "task": false}
def told_apart(ranks, num_blocks):
    """Return the set of (better, worse) whose average ranks differ by more than the CD."""
    ### BEGIN SOLUTION
    from scipy.stats import studentized_range

    k = len(ranks)
    q = studentized_range.isf(0.05, k, np.inf) / np.sqrt(2)
    cd = q * np.sqrt(k * (k + 1) / (6 * num_blocks))
    return {(a, b) for a in ranks for b in ranks if ranks[b] - ranks[a] > cd}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-20-7", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("20.7", told_apart)

# %% [markdown]
# ### Project: re-analyse a published table
# Papers print a mean and an SD per method and set the best mean in bold. Here is a part of such a table: NAS-Bench-201, test
# accuracy on CIFAR-10 in percent (Dong and Yang 2020, as reprinted by Mellor et al. 2021, Table 2).
#
# | method | runs | mean ± SD |
# | --- | --- | --- |
# | REA (regularized evolution) | 500 | 93.92 ± 0.30 |
# | REINFORCE | 500 | 93.85 ± 0.37 |
# | RS (random search) | 500 | 93.70 ± 0.36 |
# | BOHB | 500 | 93.61 ± 0.52 |
# | GDAS | 3 | 93.51 ± 0.13 |
# | SETN | 3 | 86.19 ± 4.63 |
#
# Which of its rows can be told apart, and which differences are large enough to matter to you? Decide what
# you need that the table doesn't say, and what you assume instead. Then say how many runs a new method would need to
# claim 0.1 points over REA. Or take a table from a paper that you care about. (The solutions discuss one way.)

# %% [markdown] nbgrader={"grade": true, "grade_id": "project-20", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
# *Your report:*
#
# ### BEGIN SOLUTION
# The runs aren't paired, so use SE² = SD₁²/n₁ + SD₂²/n₂. REA − RS is 0.22 ± 0.04, clearly more than chance, and REA −
# REINFORCE is 0.07 ± 0.04: significant with 500 runs each, and a fifth of one SD. RS − BOHB is 0.09 ± 0.06. So five hundred runs tell all
# four apart, and the largest of these differences is smaller than the SD of a single run: superiority, assuming
# normal scores, is Φ(0.22 / √(0.30² + 0.36²)) = 0.68 for REA against RS and 0.56 against REINFORCE.
#
# The rows with three runs are another matter. With Welch's degrees of freedom (about 2) the interval of RS − GDAS is 0.19 ± 0.30: a tie,
# although 0.13 looks like a small SD. An SD from three runs is itself known only within a factor of about 0.5 to 6.
# SETN is 7.5 points lower, and with an SD of 4.63 even that interval (± 11.5) holds zero; here one should see
# the three runs.
#
# To claim 0.1 points over REA with equal SDs of 0.30 and 80 % power, unpaired: n = 2 · 7.85 · 0.30² / 0.1² = 142 runs *of each*.
#
# What went wrong on the way: reading "±" as a standard error (some tables print that; this one prints SDs), and
# treating 0.04 as the uncertainty of one future search, which is the SD's job. What the table cannot say: whether settings were
# tuned on this benchmark, and whether anything holds elsewhere.
# ### END SOLUTION

# %% [markdown]
# ## In practice
# - With real training, plan for three to five searches, say so, show every one of them, and claim little.
# - The t interval takes the mean of $n$ differences for normal. Scores are skewed, and with three seeds that is a bold
#   assumption. Wilcoxon's test needs less.
# - The table's mean of three runs includes the run that the search saw, so part of its luck is in the score too.
# - Seeds aren't tasks. Other data sets are in NAS-Bench-201 (three) and NAS-Bench-Suite (many).
# - Bayesian tests answer "how probable is it that A is better by half a point?", at the price of a prior; the verdicts
#   of exercise 20.4 follow their idea of a region that doesn't matter (Benavoli et al. 2017).
#
# ## Further reading
# - Lindauer and Hutter 2020, Best practices for scientific research on neural architecture search (JMLR): the checklist.
# - Li and Talwalkar 2019, Random search and reproducibility for neural architecture search (UAI).
# - Yang, Esperança and Carlucci 2020, NAS evaluation is frustratingly hard (ICLR).
# - Demšar 2006, Statistical comparisons of classifiers over multiple data sets (JMLR): which test when, and the diagram.
# - Benavoli, Corani and Mangili 2016, Should we really use post-hoc tests based on mean-ranks? (JMLR): the company
#   problem.
# - Benavoli, Corani, Demšar and Zaffalon 2017, Time for a change: a tutorial for comparing multiple classifiers through
#   Bayesian analysis (JMLR).
# - The tests themselves: Wilcoxon 1945, Individual comparisons by ranking methods; Friedman 1937, The use of ranks to
#   avoid the assumption of normality implicit in the analysis of variance; Nemenyi 1963, Distribution-free multiple
#   comparisons (a thesis, Princeton); Holm 1979, A simple sequentially rejective multiple test procedure.
# - Vargha and Delaney 2000: superiority, as their measure A.
# - Agarwal et al. 2021, Deep reinforcement learning at the edge of the statistical precipice (NeurIPS): intervals where
#   runs are few.
#
# **中文术语** 搜索策略 search strategy · 随机种子 random seed · 置信区间 confidence interval · 显著性 significance ·
# 效应量 effect size · 检验功效 power of a test · 基线 baseline · 过拟合 overfitting · 泛化能力 generalisation ·
# 计算资源 compute · 可重复性 reproducibility
