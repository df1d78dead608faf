"""Search strategies: how to choose the next candidate. One file each, all with `ask` and `tell`."""

from nas_tutorial.names import Entry, Registry

STRATEGIES = Registry(
    "strategy",
    {
        "random_search": Entry(
            f"{__name__}.random_search:RandomSearch", "draws every candidate anew"
        ),
        "exhaustive": Entry(
            f"{__name__}.exhaustive:Exhaustive", "proposes every architecture once, then ends"
        ),
        "local_search": Entry(
            f"{__name__}.local_search:LocalSearch",
            "moves to better neighbours, restarts at a local optimum",
        ),
        "simulated_annealing": Entry(
            f"{__name__}.simulated_annealing:SimulatedAnnealing",
            "moves to worse neighbours too, ever more rarely",
        ),
        "tabu": Entry(f"{__name__}.tabu:Tabu", "moves to the best neighbour, never straight back"),
        "genetic": Entry(
            f"{__name__}.genetic:Genetic", "breeds from two good ones, the worst makes room"
        ),
        "nsga2": Entry(f"{__name__}.nsga2:Nsga2", "keeps a front of several objectives"),
        "regularized_evolution": Entry(
            f"{__name__}.regularized_evolution:RegularizedEvolution",
            "mutates a good one, the oldest makes room",
        ),
        "reinforce": Entry(
            f"{__name__}.reinforce:Reinforce", "learns a distribution by policy gradient"
        ),
        "bayesian": Entry(
            f"{__name__}.bayesian:Bayesian", "Gaussian process, largest expected improvement"
        ),
        "bananas": Entry(f"{__name__}.bananas:Bananas", "ensemble of predictors, mutates the best"),
        "successive_halving": Entry(
            f"{__name__}.successive_halving:SuccessiveHalving",
            "trains many for few epochs, ever fewer for more",
        ),
        "hyperband": Entry(
            f"{__name__}.hyperband:Hyperband", "halves in brackets that start at different rungs"
        ),
        "asha": Entry(f"{__name__}.asha:Asha", "halves without waiting for a rung to fill"),
    },
)
