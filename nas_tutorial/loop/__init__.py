"""The loop that joins a strategy and an evaluator, wherever evaluations run. Read in this order:

    search       search(): ask, evaluate, tell, until a budget is spent
    store        the file that a search keeps as it goes, and from which it resumes
    workers      processes of this machine, or a Dask cluster, in place of this process
    simulated    many workers on a clock of their own, without having them

The package is called loop, since a package called search would hide the function in it.
"""
