"""Annex: other tasks than one label per sample, and other ways to train than the course's own.

outputs   `task_of` a data set: the head of its networks, their loss, and what is measured
options   the optional settings of a `Recipe`: checked, described, and refused where not honoured
training  optimisers, class weights, early stopping, callbacks and a limit of time
"""
