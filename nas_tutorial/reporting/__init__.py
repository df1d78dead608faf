"""Annex: what a finished search shows, and what it says about itself.

plots     the incumbent, an architecture's graph, costs, confusions, comparisons
layout    where the nodes of a graph stand in its drawing
cells     NAS-Bench-201's cell as papers draw it, and as programs do
diagrams  what concept drawings are made of
replay    a search as a film
energy    an estimate of the energy behind a result
run_card  what a search was, what it found and what it cost; a checklist of good practice
outcome   what a finished search leaves in a folder
"""

import lazy_loader

SUBMODULES = ["cells", "diagrams", "energy", "layout", "outcome", "plots", "replay", "run_card"]
__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, SUBMODULES)
