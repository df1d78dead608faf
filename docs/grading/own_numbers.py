# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Answer with your own numbers
#
# Three questions on chapters 04, 05 and 10. They are the same for everybody, the data are yours
# alone: they come from a seed that is made of your id. You may use the library, the chapters and
# their solutions; somebody else's answers will not help.
#
# **You need** chapters 04, 05 and 10, and about 60 minutes.

# %%
from itertools import pairwise

import numpy as np

from nas_tutorial.course.exercises.own_numbers import require_own, student_seed
from nas_tutorial.course.exercises.verdicts import require
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.statistics.repeats import compare, final_values
from nas_tutorial.strategies.random_search import RandomSearch
from nas_tutorial.strategies.regularized_evolution import RegularizedEvolution
from nas_tutorial.tables.table import Table, TableEvaluator

# %% [markdown]
# ## Who you are
# Write the id under which you hand in, in quotes. Until you do, you see nobody's numbers.

# %% nbgrader={"grade": false, "grade_id": "own-student", "locked": false, "schema_version": 3, "solution": true, "task": false}
student = ...
### BEGIN SOLUTION
student = "teacher"
### END SOLUTION

# %% [markdown]
# Your data: four cells, eight seeds, and a hundred networks of the course's table with a limit on the
# number of parameters.

# %% nbgrader={"grade": false, "grade_id": "own-data", "locked": true, "schema_version": 3, "solution": false, "task": false}
ASSIGNMENT = "own numbers, first term"
space, table = EdgeCellSpace(), Table.load_course()
parameters = table.proxy("parameters")[:, 0]


def own_data(student):
    """A student's cells, seeds, rows of the table, and limit."""
    rng = np.random.default_rng(student_seed(student, ASSIGNMENT))
    cells = [telling_cell(rng) for _ in range(4)]
    seeds = sorted(int(seed) for seed in rng.choice(1000, size=8, replace=False))
    rows = np.sort(rng.choice(len(table), size=100, replace=False))
    limit = int(np.quantile(parameters[rows], rng.uniform(0.4, 0.8)))
    return cells, seeds, rows, limit


def telling_cell(rng):
    """A cell in which some operations work, and some do not."""
    while True:
        graph = space.graph(cell := space.sample(rng))
        if 4 <= len(graph.pruned().operations) < len(graph.operations):  # with input and output
            return cell


cells, seeds, rows, limit = own_data(student)
for cell in cells:
    print("cell: ", space.to_string(cell))
print("seeds:", *seeds)
print("rows: ", *rows[:5], "... of the table, a hundred in all")
print("limit:", limit, "parameters")

# %% [markdown]
# ## 1. Which edges work?
# Of the six edges of each of your cells, which do any work (chapter 04)? Write a list of four sets of
# pairs, such as `[{(0, 1), (1, 3)}, ...]`.

# %% nbgrader={"grade": false, "grade_id": "own-1", "locked": false, "schema_version": 3, "solution": true, "task": false}
working = ...


### BEGIN SOLUTION
def without(cell, edge):
    """The cell with none on one edge."""
    values = [space.NONE if e == edge else v for e, v in zip(space.EDGES, cell.values)]
    return Architecture(values)


def edges_at_work(cell):
    """Those whose loss makes another network."""
    here = space.graph(cell).fingerprint()
    return {e for e in space.EDGES if space.graph(without(cell, e)).fingerprint() != here}


working = [edges_at_work(cell) for cell in cells]
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "own-check-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
is_list = isinstance(working, list) and all(isinstance(edges, set) for edges in working)
print("1:", "in the right form" if is_list else "write a list of sets of pairs")
### BEGIN HIDDEN TESTS
require_own(student)
the_cells, _, _, _ = own_data(student)
paths = [set(pairwise(nodes)) for nodes in ((0, 3), (0, 1, 3), (0, 2, 3), (0, 1, 2, 3))]
expected = []
for one in the_cells:
    there = {edge for edge, value in zip(space.EDGES, one.values) if value != space.NONE}
    expected.append(set().union(*(path for path in paths if path <= there)))
require(working == expected, f"{expected} do work, you say {working}")
### END HIDDEN TESTS

# %% [markdown]
# ## 2. How much better, and how sure?
# Run `RandomSearch` and `RegularizedEvolution` on the course's table, 60 trials each, once with each
# of your eight seeds (chapter 05's `compare`). Take the eight differences of the final incumbents,
# evolution minus random search. Write their mean and the mean's standard error, each to four
# decimals.

# %% nbgrader={"grade": false, "grade_id": "own-2", "locked": false, "schema_version": 3, "solution": true, "task": false}
mean_difference, standard_error = ..., ...
### BEGIN SOLUTION
strategies = {
    "random": lambda seed: RandomSearch(space, seed=seed),
    "evolution": lambda seed: RegularizedEvolution(space, seed=seed),
}
final = final_values(compare(strategies, TableEvaluator(table), trials=60, seeds=seeds))
differences = (final["evolution"] - final["random"]).to_numpy()
mean_difference = round(differences.mean(), 4)
standard_error = round(differences.std(ddof=1) / np.sqrt(len(differences)), 4)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "own-check-2", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
numbers = all(isinstance(one, float) for one in (mean_difference, standard_error))
print("2:", "in the right form" if numbers else "write two numbers")
### BEGIN HIDDEN TESTS
require_own(student)
_, the_seeds, _, _ = own_data(student)
ends = [
    final_values(
        compare(
            {"it": lambda seed, strategy=strategy: strategy(space, seed=seed)},
            TableEvaluator(table),
            trials=60,
            seeds=the_seeds,
        )
    )["it"].to_numpy()
    for strategy in (RandomSearch, RegularizedEvolution)
]
gains = ends[1] - ends[0]
spread = gains.std(ddof=1) / len(gains) ** 0.5
require(numbers, f"two numbers are wanted, not {mean_difference!r} and {standard_error!r}")
require(abs(mean_difference - gains.mean()) < 6e-5, f"the mean is {gains.mean():.4f}")
require(abs(standard_error - spread) < 6e-5, f"the standard error is {spread:.4f}")
### END HIDDEN TESTS

# %% [markdown]
# ## 3. The best within your limit
# Take your hundred networks (`table.networks[row]` for each of `rows`). Which of those with at most as
# many parameters as your limit has the highest validation accuracy, mean over the table's seeds, after
# the last epoch? Write one of its names, as a text in NAS-Bench-201's form (`space.to_string`).

# %% nbgrader={"grade": false, "grade_id": "own-3", "locked": false, "schema_version": 3, "solution": true, "task": false}
best = ...
### BEGIN SOLUTION
accuracy = table.column("val_accuracy").mean(axis=1)
best = max((row for row in rows if parameters[row] <= limit), key=lambda row: accuracy[row])
best = space.to_string(table.networks[best])
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "own-check-3", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
print("3:", "in the right form" if isinstance(best, str) else "write a text in quotes")
### BEGIN HIDDEN TESTS
require_own(student)
_, _, the_rows, the_limit = own_data(student)
allowed = the_rows[table.proxy("parameters")[the_rows, 0] <= the_limit]
winner = allowed[table.column("val_accuracy")[allowed].mean(axis=1).argmax()]
require(isinstance(best, str), f"write a text in quotes, not {best!r}")
require(
    table.row(space.from_string(best)) == winner,
    f"the best within the limit is {space.to_string(table.networks[winner])}",
)
### END HIDDEN TESTS
