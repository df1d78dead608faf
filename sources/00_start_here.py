# ---
# jupyter:
#   nas_tutorial:
#     name: Start here
#     about: this page
#     minutes: 15
#     modules: [course]
# ---

# %% [markdown]
# # Check your machine and run a first search
#
# *Neural architecture search* (NAS) lets a program choose the architecture of a neural network: which
# operations it has, and how they are connected. In this course you write such programs, run them, and
# find out when to believe them.
#
# The course follows, part by part, a short introduction to NAS in Chinese, which the chapters call
# *the document*. You need not have it: a chapter tells what its part says, and gives the key terms in
# both languages.
#
# **You will** check that everything is installed, search for a network that reads digits, and
# choose your way through the course.
#
# **You will learn to**
# - read what the environment check says, and mend what it names;
# - run a search of three networks and read its two pictures;
# - use a chapter: predict, run, read, answer, check.
#
# **You need** about 15 minutes; the cells take under a minute.
#
# **What to know first**: Python (functions, lists, dictionaries, a little NumPy), and what it means
# that a network is trained: `fit` on some samples, measured on others. If you have trained one
# network with Keras, that is enough. No search algorithm is presupposed.
#
# Click on the next cell and press Shift+Enter; go on like this to the end.

# %%
import matplotlib.pyplot as plt

import nas_tutorial as nas

settings = nas.course.start()

# %% [markdown]
# ## Check the environment
# The next cell looks at what the course needs and says in words what is missing. (If the cell above
# stopped with `ModuleNotFoundError`, the package is not installed for this kernel: close Jupyter,
# run `make lab` in the course's folder, and open this notebook from the page that appears. Where
# there is no `make`, as on Windows, the README has the commands, under "Other ways to install".)

# %% tags=["nbval-ignore-output"]
import os
import sys
from importlib.util import find_spec

from nas_tutorial.backend import gpus, keras, versions


def row(what, found, is_good, advice):
    print(f"{what:<7} {found!s:<22} {'good' if is_good else advice}")


backend = keras.backend.backend()
keras_version = tuple(int(part) for part in keras.__version__.split(".")[:2])

python_is_good = (3, 11) <= sys.version_info < (3, 14)
row("Python", versions()["python"], python_is_good, "use 3.11, 3.12 or 3.13: TensorFlow has those")
row("Keras", keras.__version__, keras_version >= (3, 13), "run: pip install --upgrade keras")
on_a_good_one = backend in ("tensorflow", "jax")
row("backend", f"{backend} {versions()[backend]}", on_a_good_one, "set KERAS_BACKEND=tensorflow")
extras = ("ai_edge_litert", "distributed", "keras_tuner", "tensorboard")
missing = [name for name in extras if find_spec(name) is None]
advice = f"chapters 07 to 09, 19 and 21 need {', '.join(missing)}: install requirements.txt"
row("extras", f"{len(extras) - len(missing)} of {len(extras)}", not missing, advice)
row("cores", os.cpu_count(), os.cpu_count() >= 2, "enough, but training takes twice as long")
row("GPU", ", ".join(gpus()) or "none", bool(gpus()), "not needed in quick mode; Colab lends one")
row("mode", settings.mode, True, "")

# %% [markdown]
# A line that ends in "good" asks nothing of you; any other says what to do. (The extras are packages
# that some chapters use beside the library.) No GPU is no fault: every chapter is written for two
# processor cores.
#
# Now the shortest search there is. A *trial* is one architecture, proposed and measured; we make
# three. What measures is an *evaluator*: it trains the network and says how accurate it is. To be
# quick, ours counts convolutions in place of training. If anything is broken, it breaks here.

# %%
from nas_tutorial.loop.search import search
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.strategies.random_search import RandomSearch
from nas_tutorial.trials import Result


def count_convolutions(candidate, *, seed):
    """An evaluator that trains nothing: the share of edges that hold a convolution."""
    convolutions = sum("conv" in operation for operation in candidate.architecture.values)
    return Result({"val_accuracy": convolutions / 6}, seconds=0.0)


space = EdgeCellSpace()
history = search(RandomSearch(space, seed=0), count_convolutions, trials=3, progress=False)
print(f"{len(history)} trials, {sum(trial.failed for trial in history)} failed")

# %% [markdown]
# 0 failed: the library works.
#
# ## Your first search
# Now with real training. The data are images of handwritten digits, 8 x 8 pixels each. The *search
# space* holds 15,625 ways to fill a small cell of a network (chapter 04 draws and counts them). The
# *search strategy* says which to try next: ours draws three at random. Each is trained for three
# passes over the training images; its *validation accuracy* is the share of other images that it
# names rightly.
#
# **Before you run it: guessing a digit is right one time in ten. How often will the best of three
# random networks be right on images that it has not seen: 20 %, 50 % or over 80 %? And how far
# apart are the best and the worst?** Write both down.

# %% tags=["nbval-ignore-output"]
from nas_tutorial.data.datasets import load_dataset
from nas_tutorial.evaluators.training import TrainingEvaluator
from nas_tutorial.spaces.skeleton import Skeleton

digits = load_dataset("digits")
print(digits)
skeleton = Skeleton(filters=16, cells=(1,))
evaluator = TrainingEvaluator(space, digits, skeleton=skeleton, epochs=3, batch_size=32)
history = search(RandomSearch(space, seed=0), evaluator, trials=3, progress=False)
print(history.to_frame()[["number", "val_accuracy", "parameters", "seconds"]].round(2).to_string())

# %%
from nas_tutorial.trials import Objective

best = history.best(Objective("val_accuracy", "max"))
values = [trial.value("val_accuracy") for trial in history]
print("the best is right on more than half of the validation images:", max(values) > 0.5)
print("the worst is at least 20 points of accuracy below it:", max(values) - min(values) > 0.2)

# %% [markdown]
# A row is a trial: its validation accuracy, its parameters (the weights that training sets), and the
# seconds that it took. From 0.23 to 0.87 in the stored run: the best is right on over 80 %, and the
# worst is more than 60 points below (a *point* is a hundredth). Part of that is luck (each trial begins with other random
# weights; chapter 05), part of it size (look at the parameters), but not all.
#
# The first picture is the one that you will see most often: a dot is a trial, the step curve the best
# so far, which is called the *incumbent*. The library numbers trials from 0, as in the table above;
# its plots count from 1.

# %%
nas.plots.plot_incumbent(history)
plt.show()

# %% [markdown]
# The curve only ever rises, and only where a dot lies above all before it. (With three trials it
# cannot say more.) The second picture is the winner's cell: a graph whose nodes are operations.

# %%
nas.plots.plot_graph(space.graph(best.candidate.architecture))
plt.show()

# %% [markdown]
# Read it from left to right: the image, already turned into 16 channels, comes in as `input`; each
# box changes what it gets, and a box that several arrows reach adds them up first. `nor_conv_3x3`
# is a convolution with its ReLU and batch normalisation, `avg_pool_3x3` the mean over 3 x 3
# neighbours; chapter 04 has the table.
#
# ## How to use a chapter
# 1. **Predict.** Before a cell there is often a question in bold. Answer it, in writing, first. You
#    learn most where your guess was wrong.
# 2. **Run** the cell, then **read** the sentence below it: it says what the output says.
# 3. **Change** something and run it again. Nothing can break: at worst a cell stops with an error,
#    and the repository has the original.
# 4. **Answer** the exercises. A stub says `# your answer here`; the cell below it calls `check`,
#    which prints one line: not attempted yet, wrong with an example, or right. It never stops the
#    notebook, so you can leave an exercise and come back.
# 5. Compare with the folder `solutions`, which holds every chapter with its answers, after yours is
#    right, or when you have been stuck for ten minutes.
# 6. A **quiz** of a few questions stands between the recap and the exercises. Each answer unfolds and
#    says why it is right or wrong.
#
# Where a chapter shows code of the library, it shows what runs: `show(obj)` prints the source.
#
# ## What you have solved
# `check` notes what you tried and what you solved in a small file on this machine, and nothing
# else. The next cell reads it; run it whenever you come back. On the command line,
# `python -m nas_tutorial exercises` prints the same.

# %%
nas.course.progress()

# %% [markdown]
# A line a chapter; below them stands where the file is. (In the stored notebook nothing is solved,
# and nothing kept.) The environment variable `NAS_TUTORIAL_PROGRESS` names another file, or says
# `off`. On Colab name one in your Drive, once that is mounted as below, since its own disk is gone
# after the session: a cell `%env NAS_TUTORIAL_PROGRESS=/content/drive/MyDrive/nas/progress.json`
# before the first check.
#
# ## Two ways to run it
# - **JupyterLab on your machine.** `make lab` in the course's folder installs what is needed into a
#   folder of its own (`.venv`) and opens the notebooks. The first time takes minutes, and needs the
#   network; after that, no chapter needs it unless it says so.
# - **Colab in the browser.** The link "Open in Colab" at the top of every notebook opens it there,
#   and the first code cell installs the course beside Colab's own TensorFlow. Both work once the
#   course has its public address; until then they hold a placeholder, OWNER. For a GPU: *Runtime*,
#   *Change runtime type*.
#
# Colab keeps nothing after the session unless you save a copy, and may end a session at any time. A
# search whose `store` lies in your Google Drive goes on in the next one. Before the search, type
#
# ```python
# from google.colab import drive
# drive.mount("/content/drive")
# ```
#
# and give the search `store="/content/drive/MyDrive/nas/search.jsonl"`; the folder is made. In a new
# session run the same cells: the trials that are in the file are read, the others trained. (Mount
# first, or the file lands on the machine that Colab takes back. The Drive uploads with some delay:
# `drive.flush_and_unmount()` waits for it, and what was lost is trained again.)
#
# ## How much it computes
# Every chapter computes by `settings`. Yours are:

# %%
print(settings)

# %% [markdown]
# So a live search trains that many candidates (*trials*), each of them for that many passes over the
# data (*epochs*), and what is repeated is repeated with that many *seeds*.
#
# *Quick* is the default, and what the text is written for. *Full* trains more candidates for longer
# and is meant for a GPU. On paper it takes a twelfth of the memory of the T4 that Colab lends
# (`course.show(course.Settings)`); it was **not tested on one**, and how long it takes nobody has
# measured. A search's progress bar says how long the rest will take. The environment variable
# `NAS_TUTORIAL_MODE` chooses, before the set-up cell runs: `NAS_TUTORIAL_MODE=full make lab` on your
# machine, a cell with `%env NAS_TUTORIAL_MODE=full` at the top on Colab.
#
# ## The chapters
# They follow the document part by part. The minutes are for reading, running and the exercises:
# estimates, from the number of words, lines and exercises, since nobody has timed a class.
#
# % chapters: made by `make notebooks`
#
# **One evening**, about two and a half hours: the thread of the course, without the exercises. Guess
# where a question stands in bold, and leave the rest of these chapters for another day.
#
# | chapter | what to read | about (min) |
# | --- | --- | --- |
# | [01][01] | all | 35 |
# | [03][03] | all | 30 |
# | [06][06] | to the end of "`main()`: the loop" | 25 |
# | [10][10] | to the end of "Does a table hold the truth?" | 25 |
# | [12][12] | to the end of "Who breeds: a tournament and its pressure"; "A belief: keeping the best for ever is safest" | 25 |
# | [20][20] | to the end of "How many seeds?"; "So which strategy?" | 15 |
#
# Where you pass over a part, let its cells run, since later ones use what they made: click on the next
# cell that you want, then *Run*, *Run All Above Selected Cell*.
#
# **One weekend**, about eight hours: the same six chapters whole, exercises included.
#
# Both paths pass over chapter 05. Where 12 and 20 speak of SD, SE and the luck of a winner, read there
# "Standard deviation and standard error" and "The winner looks better than it is".
#
# **Terms**: 神经架构搜索 neural architecture search · 搜索空间 search space · 搜索策略 search
# strategy · 性能度量 performance measure · 搜索效率 search efficiency
#
# ## Recap
# - The check says in words what is missing; the three-trial search shows that the library works.
# - A trial is one candidate, trained and measured; the incumbent is the best so far.
# - Predict, run, read, change, answer, compare: then go on to chapter 01.
#
# ## Quiz
# Choose an answer before you click on it: it unfolds, and says why it is right or wrong.

# %%
nas.course.quiz("00")

# %% [markdown]
# ## Further reading
# - Elsken, Metzen and Hutter 2019, Neural architecture search: a survey. Its three dimensions order
#   this course.
# - White et al. 2023, Neural architecture search: insights from 1000 papers. A later, longer map.
# - Alpaydin and Kaynak 1998, Optical recognition of handwritten digits, UCI repository: the data.
