"""Search strategies: how to choose the next candidate. One file each, all with `ask` and `tell`."""

from nas_tutorial.names import Entry, Registry

STRATEGIES = Registry(
    "strategy",
    {
        "random_search": Entry(
            f"{__name__}.random_search:RandomSearch", "draws every candidate anew"
        ),
        "genetic": Entry(
            f"{__name__}.genetic:Genetic", "breeds from two good ones, the worst makes room"
        ),
        "regularized_evolution": Entry(
            f"{__name__}.regularized_evolution:RegularizedEvolution",
            "mutates a good one, the oldest makes room",
        ),
    },
)
