"""nas_tutorial: neural architecture search, hands on. A small library that a course walks through.

    import nas_tutorial as nas

Everything that two chapters use is here, and is loaded on use: `nas.EdgeCellSpace`, `nas.Genetic`,
`nas.search`, `nas.Table`, `nas.plots` and about fifty more (see __init__.pyi). Importing the package
loads neither Keras nor a backend.

Each folder is one room of the house. Read them in this order; a room imports only from those above it.

    names        names and numbers that people type: registries, checks, and errors that help
    files        arrays are read safely, and a file is written whole or not at all
    randomness   one seed, from which every other seed comes
    backend      what Keras has no neutral word for

    spaces       what can be built: the first of the three dimensions of NAS
    data         data sets with a training, a validation and a test set
    trials       candidates, results, objective and constraints
    history      all trials of a search in order, and how they are kept
    pareto       several objectives at once: what nothing dominates
    strategies   how to choose the next candidate: the second dimension, one file each
    evaluators   how good a candidate is: the third dimension

    tables       results that are looked up instead of trained
    loop         search(): ask, evaluate, tell, until a budget is spent
    making       annex: build, score and verify a table
    statistics   what may be said of a comparison
    kerastuner   annex: our spaces and strategies in KerasTuner
    reporting    annex: figures, replays and run cards
    course       annex: what the notebooks need
    __main__     annex: the command line
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
