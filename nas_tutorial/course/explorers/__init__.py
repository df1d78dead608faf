"""Small laboratories: move a control, and the picture is drawn anew.

Each file has a function that computes, a function that draws, and one that puts controls above the
drawing. Where a notebook is built or tested, or there are no widgets, the picture alone is shown.

cell         six operations: the cell, its accuracy, its rank, its size
maximum      the best of n observed values, and how far it looks better than it is
annealing    the temperature: which steps down are accepted, and where a walk gets to
acquisition  points on a line: the posterior, the acquisition, the next point
population   a search step by step: who enters the population, who leaves it
"""
