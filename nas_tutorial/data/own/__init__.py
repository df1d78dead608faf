"""Annex: from what people have, arrays, files or folders, to a `Dataset` that can be trusted.

inputs    arrays of numbers as networks take them
labels    answers of any kind as the numbers that networks learn, and their names
splits    which rows train, validate and test: in proportion, by group or by time
leaks     what must not be in two sets
columns   a table with a column for each thing, as numbers
sources   all of that in order, for arrays, tables, folders of images and Keras's data sets
origin    where a data set came from, for the run card
checks    what every data set must hold, checked when it is made
"""
