"""Search strategies: how to choose the next candidate. One file each, all with `ask` and `tell`.

base                   what every strategy is
random_search          the baseline; exhaustive: every architecture once
local_search           a walk to better neighbours; simulated_annealing, tabu: walks that get away
population             what the next three share: tournaments
genetic                two parents, one child; regularized_evolution, nsga2: other selections
warm_start             an evolution that begins with architectures of your own
reinforce              a distribution that learns by policy gradient
predictor              what the next two share: what a predictor sees, and what it predicts
gaussian_process       a prediction with its uncertainty; pool: architectures to choose among
bayesian               the largest expected improvement; bananas: an ensemble, and mutation
rungs                  what the last three share: epochs at which candidates are compared
successive_halving     many for few epochs, few for many; hyperband, asha: without its guesses
"""

from nas_tutorial.names import Entry, Registry

_STRATEGIES = {  # name, which is the module's too -> class, and one line about it
    "random_search": ("RandomSearch", "draws every candidate anew"),
    "exhaustive": ("Exhaustive", "proposes every architecture once, then ends"),
    "local_search": ("LocalSearch", "moves to better neighbours, restarts at a local optimum"),
    "simulated_annealing": ("SimulatedAnnealing", "accepts worse neighbours, ever more rarely"),
    "tabu": ("Tabu", "moves to the best neighbour, never straight back"),
    "genetic": ("Genetic", "breeds from two good ones, the worst makes room"),
    "nsga2": ("Nsga2", "keeps a front of several objectives"),
    "regularized_evolution": ("RegularizedEvolution", "mutates a good one, the oldest makes room"),
    "reinforce": ("Reinforce", "learns a distribution by policy gradient"),
    "bayesian": ("Bayesian", "Gaussian process, largest expected improvement"),
    "bananas": ("Bananas", "ensemble of predictors, mutates the best"),
    "successive_halving": ("SuccessiveHalving", "trains many for few epochs, ever fewer for more"),
    "hyperband": ("Hyperband", "halves in brackets that start at different rungs"),
    "asha": ("Asha", "halves without waiting for a rung to fill"),
}
_ENTRIES = {
    name: Entry(f"{__name__}.{name}:{class_name}", summary)
    for name, (class_name, summary) in _STRATEGIES.items()
}
STRATEGIES = Registry("strategy", _ENTRIES)
