# ---
# jupyter:
#   nas_tutorial:
#     name: Scaling out
#     about: several processes, then a cluster
#     minutes: 75
#     document: "7 challenges: the cost of computation"
#     modules: [loop.workers, loop.simulated]
# ---

# %% [markdown]
# # Search with many workers
#
# *The document's part 7: the cost of computation.* After this chapter you can spread a search over the
# processes of your computer or the machines of a cluster, and say what that changes in its results.
#
# **You will** hand out trainings to workers by hand, run one search in three places, watch a
# strategy take another path because results came back in another order, kill a worker, and see which
# searches survive it.
#
# **You will learn to**
# - say in which order results arrive, and when the last one does;
# - say which strategies find the same with many workers, and what the others pay;
# - bound the gain of many workers from the cost of a task;
# - say why a function of a notebook cannot be sent to a spawned process, and what to do;
# - start a search on a cluster, and go on with it after a crash.
#
# **You need** chapters 03, 05, 12 and 15 and about 75 minutes with the exercises. The cells take about a minute.

# %%
import matplotlib.pyplot as plt
import numpy as np

import nas_tutorial as nas

settings = nas.course.start()

# %% [markdown]
# ## The idea in one sentence
# **Keep as many candidates in flight as there are workers, tell the strategy whatever comes back first,
# and hand the free worker the next candidate at once.**
#
# Most people expect two things of it: with $n$ workers the search is $n$ times faster, and it finds what
# it would have found. Write down which of the two you believe. Both are nearly right, and it
# matters where they are not.
#
# ## By hand: five trainings, two workers
# Trials 0 to 4 take 4, 1, 1, 1 and 3 seconds. One worker needs 10 seconds. Two workers may
# take them two by two, and wait for each other; or a free worker may take the next trial at once.
#
# **Guess before you run the cell: how many seconds does each way take, and which trial does the strategy
# hear of first?**

# %%
ways = {  # (trial, worker, start, end), worked out by hand
    "two by two": [(0, 0, 0, 4), (1, 1, 0, 1), (2, 0, 4, 5), (3, 1, 4, 5), (4, 0, 5, 8)],
    "refilled at once": [(0, 0, 0, 4), (1, 1, 0, 1), (2, 1, 1, 2), (3, 1, 2, 3), (4, 1, 3, 6)],
}
idle = {"two by two": [(1, 1, 4), (1, 5, 8)], "refilled at once": [(0, 4, 6)]}
fig, axes = plt.subplots(2, 1, figsize=(7, 3.2), sharex=True)
for ax, (way, bars) in zip(axes, ways.items()):
    for worker, start, end in idle[way]:
        ax.text((start + end) / 2, worker, "idle", ha="center", va="center", color="gray")
    for trial, worker, start, end in bars:
        ax.barh(worker, end - start, left=start, color=nas.plots.COLOURS[5], edgecolor="black")
        ax.text((start + end) / 2, worker, f"{trial}", ha="center", va="center")
    ax.set(title=f"{way} (the numbers are trials)", ylabel="worker", yticks=[0, 1])
    ax.invert_yaxis()
axes[1].set_xlabel("seconds")
plt.show()
for way, bars in ways.items():
    told = sorted(bars, key=lambda bar: bar[3])
    last = max(bar[3] for bar in bars)
    print(f"{way:17} told in the order {[bar[0] for bar in told]}, done after {last} s")

# %% [markdown]
# Eight seconds and six. Two by two, the second worker waits for the first from second 1 to second 4, and
# again at the end. Refilled at once nobody waits while there is work left; only the last training has to be
# waited for, and so it is six seconds and not half of ten. Look at the orders. Trial 0 was proposed first
# and is told fourth. Whatever a strategy learns from trial 0, it proposed trials 2, 3 and 4 without it.
#
# ## In the library
# `search(..., executor=..., workers=n)` does just that, with any executor of Python's own
# `concurrent.futures`. The lines to look for in the loop: fill up to `workers`, wait for the first, tell.

# %% tags=["nbval-ignore-output"]
from nas_tutorial.loop.search import evaluate_on

nas.course.show(evaluate_on)

# %% [markdown]
# Now the same search in three places. Here, one after the other; in two *spawned* processes of this
# computer, that is fresh Pythons that start empty; and on a Dask cluster, which is a *scheduler* that hands
# tasks to *workers*, on this computer or on a thousand. Our cluster has two workers, both here. Only the
# line that makes the executor differs.
#
# A trial's seed follows from the strategy's seed and the trial's number (chapter 03), so it does not matter
# who trains it.

# %%
import logging

from distributed import Client, LocalCluster

table = nas.Table.load_course()
space, evaluator = table.space, nas.TableEvaluator(table)


def by_number(history):
    """What must be equal between two searches; the order of arrival may differ."""
    return {t.number: (t.candidate, t.seed, dict(t.result.metrics)) for t in history}


def searched(strategy, trials=40, **where):
    return nas.search(strategy(space, seed=0), evaluator, trials=trials, progress=False, **where)


cluster = LocalCluster(
    n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=logging.CRITICAL
)
client = Client(cluster)
here = searched(nas.RandomSearch)
with nas.processes(2) as pool:
    in_processes = searched(nas.RandomSearch, executor=pool, workers=2)
on_cluster = searched(nas.RandomSearch, executor=client.get_executor(pure=False), workers=2)
print("two processes found the same, trial by trial:", by_number(in_processes) == by_number(here))
print("the cluster found the same, trial by trial:  ", by_number(on_cluster) == by_number(here))

# %% [markdown]
# The same candidates with the same seeds and results. (Live training agrees within rounding: a worker
# sums with one thread, in another order. `pure=False` tells Dask that two equal calls are two trainings; it
# would run them once.)
#
# An evaluator that loads data and compiles a program must not do so for each trial. So `search` sends it as
# pickled bytes, and a worker unpickles it once and keeps it. The bytes travel with every task if they are
# few, as where the data are known by a name. More than a megabyte travels only when a worker asks for it:

# %% tags=["nbval-ignore-output"]
from nas_tutorial.loop.workers import PickledEvaluator, Portable

nas.course.show(Portable, PickledEvaluator)

# %%
import pickle

print(f"a table of {len(table):,} networks, in less than 1,000 bytes:", end=" ")
print(len(pickle.dumps(Portable(evaluator))) < 1000)

# %% [markdown]
# ## What changes, and for whom
# To see sixteen or sixty-four workers we do not need them. The table knows how long each training took, so
# `SimulatedWorkers` can give the results back in the order in which they would have come, on a clock of its
# own. The same `search` runs on it, and it is the same on every machine. Choosing a candidate and sending
# it take no time there; what they cost comes later.
#
# **Three strategies, four workers: which of them find, trial by trial, what they find with one?**

# %%
RUNGS = (table.epochs[0], table.epochs[3], table.epochs[-1])


def halving(space, seed):
    return nas.SuccessiveHalving(space, epochs=RUNGS, bracket_size=16, seed=seed)


def evolution(space, seed):
    return nas.RegularizedEvolution(space, population_size=20, tournament_size=5, seed=seed)


for name, strategy in (
    ("random search", nas.RandomSearch),
    ("successive halving", halving),
    ("regularized evolution", evolution),
):
    alone = by_number(searched(strategy, trials=80))
    four = by_number(searched(strategy, trials=80, executor=nas.SimulatedWorkers(), workers=4))
    first = next((number for number in alone if alone[number] != four[number]), None)
    print(f"{name:22} the same: {alone == four!s:5}  first difference: trial {first}")

# %% [markdown]
# Random search hears nothing, so nothing changes. Successive halving (chapter 15) listens, but only to whole
# rungs: who goes on is decided when all of a rung are there, in whatever order they came. Evolution is told
# other things when it breeds its first children, after the 20 founders, and from there on it is another search.
# Neither of the two is the right one.
#
# **Does the path cost quality? 150 trials, with 1, 4, 16 and 64 in flight, forty seeds: is the regret of
# what is found the same?** The column *as alone* counts, among the 130 candidates that are bred, those that
# one worker with the same seed would have trained under the same number; the last row has one worker with
# another seed, for comparison.

# %%
import pandas

seeds, trials = range(40), 150
flights = (1, 4, 16, 64)


def flown(in_flight, seed, trials):
    """An evolution with so many in flight: its history, and its curve over simulated seconds."""
    simulated = nas.SimulatedWorkers()
    history = nas.search(
        evolution(space, seed), evaluator, trials=trials, progress=False,
        executor=simulated, workers=in_flight,
    )  # fmt: skip
    columns = {"strategy": f"{in_flight} in flight", "seed": seed}
    columns |= {"trial": np.arange(1, trials + 1), "seconds": simulated.arrivals}
    return history, pandas.DataFrame({**columns, "regret": nas.regret(history, table)})


def alike(one, other):
    """How many of the bred candidates are the same in two histories."""
    pairs = zip(*(sorted(history, key=lambda t: t.number)[20:] for history in (one, other)))
    return sum(a.candidate.architecture == b.candidate.architecture for a, b in pairs)


flown_by = {(n, seed): flown(n, seed, trials) for n in flights for seed in seeds}
histories = {key: history for key, (history, _) in flown_by.items()}
runs = pandas.concat([curve for _, curve in flown_by.values()], ignore_index=True)
last = runs[runs["trial"] == trials].set_index(["strategy", "seed"])
alone = last.loc["1 in flight"]
print("in flight   as alone   median regret   saved against 1 alone      done after")
for n in flights:
    same = np.mean([alike(histories[1, seed], histories[n, seed]) for seed in seeds])
    end = last.loc[f"{n} in flight"]
    saved = nas.paired_difference(alone["regret"] - end["regret"]).text(4) if n > 1 else ""
    print(f"{n:9}   {same:8.1f}   {end['regret'].median():13.4f}   {saved:25}"
          f"{end['seconds'].median():8.1f} s")  # fmt: skip
others = np.mean([alike(histories[1, seed], histories[1, seed + 1]) for seed in seeds[:-1]])
print(f"{'next seed':9}   {others:8.1f}")

# %% [markdown]
# Of the 130 candidates that are bred hardly any is the one that a single worker would have trained. Read the
# column of differences (0.01 is a point, and behind ± stands half of a 95 % interval, chapter 12): a few in
# flight cost little or nothing; with 64 the search is worse *per trial*, for a child is bred from what was
# known 63 proposals before. But the 64 were done long before the one. **Who is ahead after equal times: 20
# seconds for each, in which nobody runs out of trials?**

# %%
budget = 20  # simulated seconds
timed = pandas.concat([flown(n, seed, 40 * n)[1] for n in flights for seed in range(20)])
at_the_end = nas.on_grid(timed, [budget]).groupby("strategy", sort=False)["regret"].median()
told = timed[timed["seconds"] <= budget].groupby(["strategy", "seed"], sort=False).size()
for name, trials_told in told.groupby("strategy", sort=False).median().items():
    print(
        f"{name:12}  {trials_told:4.0f} trials in {budget} s, median regret {at_the_end[name]:.4f}"
    )

# %%
fig, axes = plt.subplots(1, 2, figsize=(9.5, 3.9), sharey=True)
nas.plots.plot_comparison(
    nas.quartiles(runs, "regret"), ylabel="regret in test accuracy", ax=axes[0]
)
grid = np.linspace(0.5, budget, 100)
in_time = nas.quartiles(nas.on_grid(timed, grid), "regret", over="seconds")
nas.plots.plot_comparison(in_time.dropna(), over="seconds", ylabel="", ax=axes[1])
axes[0].set_title(f"{trials} trials for each, n = {len(seeds)} seeds")
axes[1].set(title=f"{budget} s for each, n = 20 seeds", xlabel="simulated seconds")
for ax in axes:
    ax.set_ylim(0, 0.1)
    ax.legend(loc="upper right")
fig.suptitle("Median and quartiles")
plt.show()

# %% [markdown]
# The order is turned round. *Per second* the many are far ahead: in the same time they make many times as
# many trials. (At the left edge of the left panel, where the curve of 64 lies above it, part of its gap
# comes from counting only what was told: with many in flight the shortest trainings come back first, and
# these are of poor networks.)
#
# So a claim such as "evolution with 150 trials" should say how many were in flight. And where you may choose:
# more trials with few workers, if computing is what you pay for; more workers, if you wait.
#
# ### Who has to wait
# The simulated clock also says how busy the workers were. **Sixteen workers: how many times faster are
# random search, halving with its rungs of 16, and ASHA, which promotes without waiting for a rung?** The
# last column says how much was trained with 64 workers, as a share of what one worker trained.

# %%
print("speed-up over one worker: mean seconds by mean seconds, 10 seeds, 144 trials")
print("workers                4     16     64   trained with 64")
for name, strategy in (
    ("random search", nas.RandomSearch),
    ("successive halving", halving),
    ("ASHA", lambda space, seed: nas.Asha(space, epochs=RUNGS, seed=seed)),
):
    took, trained = {}, {}
    for workers in (1, 4, 16, 64):
        clocks, seconds = [], []
        for seed in range(10):
            simulated = nas.SimulatedWorkers()
            history = nas.search(
                strategy(space, seed=seed), evaluator, trials=144, progress=False,
                executor=simulated, workers=workers,
            )  # fmt: skip
            clocks.append(simulated.clock)
            seconds.append(sum(trial.result.seconds for trial in history))
        took[workers], trained[workers] = np.mean(clocks), np.mean(seconds)
    print(f"{name:18}", *(f"{took[1] / took[workers]:6.1f}" for workers in (4, 16, 64)), end="")
    print(f"{trained[64] / trained[1]:18.0%}")

# %% [markdown]
# Even random search, which never waits, is not sixteen times faster: at the end workers stand idle until
# the slowest training is done, and with 64 workers "the end" begins early. Halving is worst. In its upper
# rungs a few train and all others wait. That is what ASHA was made for (chapter 15). Its figure for 64 is
# not all speed, as the last column says: with 64 in flight it has heard too little to promote many, and so
# it trains less.
#
# ## What a task costs
# Choosing a candidate, packing it, sending it, and taking the result in costs time too, and it is the
# search that pays it, one candidate after the other. On your computer, there and back:

# %% tags=["nbval-ignore-output"]
import time

with nas.processes(2) as pool:
    places = {"process pool": pool, "Dask": client.get_executor(pure=False)}
    for place, executor in places.items():
        executor.submit(abs, -1).result()  # the first one starts the worker
        began = time.perf_counter()
        for _ in range(100):
            executor.submit(abs, -1).result()
        print(f"{place:12} {10 * (time.perf_counter() - began):6.2f} ms a task")

# %% [markdown]
# When the course was written, `benchmarks/task_overhead.py` measured, on a computer with two cores, 0.02 ms
# a trial here, 0.2 ms in a process pool, 0.5 ms with loky (the pool of the package joblib) and 6 ms on
# Dask, and more of each when the computer was busy. It sounds like nothing beside a training. Gene Amdahl's
# argument of
# 1967 says when it is something. Let a trial take $o$ seconds that cannot be shared out and $t$ seconds
# that can. Then $n$ workers are faster by
#
# $$\text{speed-up}(n) = \frac{o + t}{o + t/n} \;<\; \frac{o + t}{o},$$
#
# however large $n$ is. **With $o = 6$ ms and trainings of less than a second in the mean: how many
# times faster can a search become at most: about 10,000, 1,000 or 100?**

# %%
overhead, number = 0.006, 2000
alone = nas.SimulatedWorkers(overhead)
found = searched(nas.RandomSearch, trials=number, executor=alone)
training = np.mean([trial.result.seconds for trial in found])  # times add up, so the mean
ceiling = (overhead + training) / overhead
print(f"mean training {training:.2f} s, ceiling {ceiling:.0f}")
print(f"workers   Amdahl   simulated, {number:,} trials")
for workers in (4, 16, 64, 256, 1024):
    simulated = nas.SimulatedWorkers(overhead)
    searched(nas.RandomSearch, trials=number, executor=simulated, workers=workers)
    amdahl = (overhead + training) / (overhead + training / workers)
    print(f"{workers:7}  {amdahl:7.1f}  {alone.clock / simulated.clock:10.1f}")
print("\nthe ceiling holds:", alone.clock / simulated.clock < ceiling)
print(f"with 1,024: all are sent after {number * overhead:.0f} s, ", end="")
print(f"the last is done after {simulated.clock:.1f} s")

# %% [markdown]
# Four workers are as good as four. Beyond the ceiling's number of workers nothing is gained, and most of
# 1,024 wait to be served. They stay below the ceiling because the last training has to be waited for; a
# longer search comes nearer. (With fewer workers the simulated figure lies above Amdahl's curve: he counts
# the sending as a time in which nobody trains, and in our loop the others go on meanwhile.) A training of
# ten minutes moves the ceiling to a hundred thousand: **the cost of a task matters where tasks are short**.
# The same holds for whatever the search does between two candidates. A Bayesian strategy that thinks for
# two seconds is an overhead of two seconds.
#
# ## When it fails
# ### A worker dies
# Machines are taken away, and a network that is too large gets its process killed for lack of memory. The
# function below looks a candidate up, but the first process that calls it is killed on the spot. Dask
# notices, starts another worker and gives it the lost trial. (A bare function is no evaluator, and travels
# with all that it names. So it names a `Portable`, or each trial would load the table again.)

# %%
import os
import tempfile
from pathlib import Path

mark = Path(tempfile.mkdtemp()) / "killed"
portable = Portable(evaluator)


def looked_up(candidate, *, seed):
    """Kill this process the first time; afterwards look up."""
    if not mark.exists():
        mark.touch()
        os._exit(1)  # at once, without a word
    return portable(candidate, seed=seed)


survived = nas.search(
    nas.RandomSearch(space, seed=0), looked_up, trials=40, progress=False,
    executor=client.get_executor(pure=False), workers=2,
)  # fmt: skip
print("a worker was killed:", mark.exists())
print("no trial is lost, none differs:", by_number(survived) == by_number(here))
client.close()
cluster.close()

# %% [markdown]
# (A trial that takes every worker with it, four in a row by Dask's setting `allowed-failures: 3`, becomes a
# failed trial, and the search goes on without it.)
#
# KerasTuner has a way to distribute as well: one process is the *chief*, which holds the strategy, and the
# workers ask it for hyperparameters. We tried it (KerasTuner 1.4.8, a chief and two workers) and killed one
# worker: the chief waited for it as long as we watched. Ask of any system that is to run over night what
# happens to the work of a worker that is gone.
#
# ### A function that cannot be spawned
# **That function was defined in this notebook, and Dask could run it. Can the process pool?** A spawned
# process starts empty, and is sent functions by Python's `pickle`. Look at all that pickle writes down:

# %%
import subprocess
import sys

content = pickle.dumps(looked_up, protocol=4)
print(content)
ran = subprocess.run(
    [sys.executable, "-c", "import pickle, sys; pickle.load(sys.stdin.buffer)"],
    input=content,
    capture_output=True,
)
print(ran.stderr.decode().splitlines()[-1].partition(" on ")[0])

# %% [markdown]
# A name, and where to look for it: `__main__`, which is whatever program a process runs. Here that is the
# notebook. In the new process it is something else, which has no `looked_up`. So the worker dies before it
# has begun, of the error above, and all that the search can say is that it died:

# %%
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

mute = dict(initializer=os.close, initargs=(2,))  # the worker's complaint would be printed as well
with ProcessPoolExecutor(1, mp_context=get_context("spawn"), **mute) as pool:
    try:
        nas.search(nas.RandomSearch(space), looked_up, trials=2, executor=pool, progress=False)
    except RuntimeError as error:
        print(str(error).partition(" (")[0])

# %% [markdown]
# Dask packs what `__main__` defines with *cloudpickle*, which sends the code itself. For a process pool
# the remedy is a file: put the function into a module, which a new process can import. (Forking
# instead of spawning would copy the notebook into the worker, and with it the locks that TensorFlow's threads
# hold at that moment. It hangs, now and then.)
#
# ### A pool that breaks, and a search that goes on
# Here is such a file, with the same deadly function. A process pool does not restart what died: it breaks
# as a whole. The store keeps what was told.

# %%
folder = Path(tempfile.mkdtemp())
(folder / "deadly.py").write_text('''
"""Looks a candidate up; the sixth call in a process kills it, once."""
import os
from pathlib import Path
from nas_tutorial.trials import Result

mark, calls = Path(__file__).with_name("killed"), []

def by_size(candidate, *, seed):
    calls.append(seed)
    if len(calls) == 6 and not mark.exists():
        mark.touch()
        os._exit(1)
    return Result({"val_accuracy": sum("conv" in v for v in candidate.architecture.values) / 6}, 1.0)
''')
sys.path.insert(0, str(folder))
import deadly

store = folder / "store.jsonl"
for call in ("first call", "the same call again"):
    try:
        with nas.processes(2) as pool:
            found = nas.search(
                nas.RandomSearch(space), deadly.by_size, trials=30, progress=False,
                store=store, executor=pool, workers=2,
            )  # fmt: skip
        print(f"{call}: {len(found)} trials")
    except RuntimeError as error:
        print(f"{call}: {str(error).partition(' (')[0]};")
        print("   ... Run again" + str(error).partition("Run again")[2])
        print("the store holds results, but not all:", 0 < len(nas.History.load(store)) < 30)

# %% [markdown]
# The message says what to do, and the same call does it: `search` replays the store, trains again what was in
# flight, and goes on.
#
# ## On a cluster
# From a shell, with several processes of one computer, or with a scheduler that runs somewhere:
#
# ```bash
# python -m nas_tutorial search --trials 100 --workers 4
#
# dask scheduler                                           # prints its address
# dask worker tcp://192.0.2.1:8786 --nthreads 1 --nworkers 4     # on each machine
# python -m nas_tutorial search --trials 100 --scheduler tcp://192.0.2.1:8786
# ```
#
# From Python, Dask has a class for each kind of cluster that starts scheduler and workers for you.
# We show them and do not run them here; the extra is `pip install 'nas_tutorial[cluster]'`, and
# `dask-jobqueue` or `dask-kubernetes` for the last two.
#
# ```python
# from distributed import Client, SSHCluster              # machines that you can log in to
# cluster = SSHCluster(["head", "node1", "node2"],         # the first runs the scheduler alone
#                      worker_options={"nthreads": 1, "n_workers": 4})
# workers = 8                                              # two machines with four each
#
# from dask_jobqueue import SLURMCluster                   # a batch system: each job brings one worker
# cluster = SLURMCluster(cores=1, processes=1, memory="4GB", walltime="04:00:00")  # ends by then
# workers = 16
# cluster.scale(jobs=workers)
#
# from dask_kubernetes.operator import KubeCluster         # containers, whose image has nas_tutorial
# workers = 16
# cluster = KubeCluster(name="search", image="registry.example/nas_tutorial:0.1.0",
#                       n_workers=workers, worker_command=["dask", "worker", "--nthreads", "1"])
#
# with Client(cluster) as client:
#     client.wait_for_workers(workers)                     # for more than there will be: for ever
#     history = search(strategy, evaluator, trials=200, store="search.jsonl",
#                      executor=client.get_executor(pure=False), workers=workers)
# ```
#
# - Every machine needs the same versions of Python and of the packages, `nas_tutorial` too.
# - One training at a time in a worker: that is Dask's `--nthreads 1`. With more, it runs several trainings at
#   once in one process. And one computing thread inside a training: ten workers with ten threads each on ten
#   cores are slower than ten with one. Our evaluators see to the second, not to the first.
# - The store belongs to the process that calls `search`, and is on its disk. Checkpoints of halving are
#   found again where workers share the folder; where they do not, a training begins anew, with the
#   same result.
# - A Dask scheduler runs whatever it is sent. Keep its port inside your network.
#
# ## Recap
# - A free worker gets the next candidate at once; results come back in another order than they were asked.
# - Strategies that do not listen, and those that wait for whole rungs, find the same with any number of
#   workers. The others take another path: about as good with a few in flight, worse per trial with many, and
#   far ahead per second.
# - $n$ workers are less than $n$ times faster: the last training, rungs, and the cost of a task.
# - A cluster gives a lost trial to another worker; a process pool breaks, and the store resumes.
# - What a new process is to run must be importable there.
#
# ## Quiz
# Choose an answer before you click on it: it unfolds, and says why it is right or wrong.

# %%
nas.course.quiz("19")

# %% [markdown]
# ## Exercises
# ### Exercise 19.1 ★ Predict: three workers
# Trials 0 to 5 take 3, 5, 1, 1, 4 and 1 seconds. Three workers, refilled at once; a free worker takes the
# next trial. In which order is the strategy told, and after how many seconds is the last one done? Set
# `guess` to (list of trial numbers, seconds).

# %% nbgrader={"grade": false, "grade_id": "ex-19-1", "locked": false, "schema_version": 3, "solution": true, "task": false}
guess = ...
### BEGIN SOLUTION
guess = ([2, 3, 0, 5, 1, 4], 6)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check-19-1", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("19.1", guess)

# %% [markdown]
# ### Exercise 19.2 ★★ Write: when is it done?
# Write `done_after(seconds, workers)`: the time at which the last training ends. Trainings are handed
# out in the order of the list, each to the worker that is free first. *About 5 lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-19-2", "locked": false, "schema_version": 3, "solution": true, "task": false}
def done_after(seconds, workers):
    """Return when the last training ends, where all workers start at 0."""
    ### BEGIN SOLUTION
    free = [0] * workers
    for length in seconds:
        first = free.index(min(free))
        free[first] += length
    return max(free)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-19-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("19.2", done_after)

# %% [markdown]
# ### Exercise 19.3 ★★ Write: how many workers are worth it?
# A worker is worth its place if it is busy. Write `efficiency(workers, training, overhead)`: Amdahl's
# speed-up divided by the number of workers. The cell after the check prints, for three lengths of training,
# how many workers keep it above one half. *About 2 lines.*


# %% nbgrader={"grade": false, "grade_id": "ex-19-3", "locked": false, "schema_version": 3, "solution": true, "task": false}
def efficiency(workers, training, overhead):
    """Return the speed-up per worker, 1 if n workers are n times faster."""
    ### BEGIN SOLUTION
    speed_up = (overhead + training) / (overhead + training / workers)
    return speed_up / workers
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-19-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("19.3", efficiency)

# %%
if efficiency(1, 1.0, 0.1) is not None:
    for length in (0.8, 60, 3600):
        worth = [2**k for k in range(30) if efficiency(2**k, length, overhead) > 0.5]
        most = max(worth, default=0)
        print(f"trainings of {length:6} s: {most:,} workers, and not twice as many")

# %% [markdown]
# ### Exercise 19.4 ★★ Write and experiment: what did it know?
# `told` holds the numbers of all trials in the order in which the strategy was told of them. With `workers`
# in flight, trial `number` is proposed as soon as a worker is free. Write `known(told, number,
# workers)`: the list of the trials that the strategy had been told of by then, in that order. (The first
# `workers` proposals are made before anything is told. Then each result makes room for one.) The cell
# after the check counts how often the best trial proposed so far was not known yet. *About 1 line.*


# %% nbgrader={"grade": false, "grade_id": "ex-19-4", "locked": false, "schema_version": 3, "solution": true, "task": false}
def known(told, number, workers):
    """Return the numbers of the trials that were told when this one was proposed."""
    ### BEGIN SOLUTION
    return told[: max(0, number - workers + 1)]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-19-4", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
nas.course.check("19.4", known)

# %%
if known([0, 1, 2], 2, 1) is not None:
    for in_flight in flights:
        unknown = []
        for seed in seeds:
            history = histories[in_flight, seed]
            told = [trial.number for trial in history]
            value = {trial.number: trial.value("val_accuracy") for trial in history}
            for number in range(20, trials):
                best = max(range(number), key=value.get)
                unknown.append(best not in known(told, number, in_flight))
        print(f"{in_flight:2} in flight: the best so far was not known to {np.mean(unknown):6.1%} "
              "of the children")  # fmt: skip

# %% [markdown]
# ## In practice
# - Our simulated workers are equally fast and never fail. Real ones differ, and the slowest
#   decides when a rung is full.
# - A strategy can be made for many workers: ASHA does not wait; batch Bayesian methods choose
#   $n$ candidates that are not alike.
# - Python has other engines: Ray, joblib, MPI. Whatever gives an executor of `concurrent.futures` works here.
#
# ## Further reading
# - Amdahl 1967, Validity of the single processor approach to achieving large scale computing
#   capabilities.
# - Li et al. 2020, A system for massively parallel hyperparameter tuning (ASHA).
# - Real et al. 2019, Regularized evolution for image classifier architecture search.
# - Rocklin 2015, Dask: parallel computation with blocked algorithms and task scheduling.
# - Python's documentation: `concurrent.futures`, and the start methods of `multiprocessing`.
#
# **中文术语** 并行 parallel · 异步 asynchronous · 工作进程 worker process · 调度器 scheduler ·
# 集群 cluster · 加速比 speed-up · 阿姆达尔定律 Amdahl's law · 开销 overhead
