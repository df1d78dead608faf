"""Annex: what is shown of a search."""

import lazy_loader

SUBMODULES = ["cells", "diagrams", "layout", "plots", "replay", "run_card"]
__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, SUBMODULES)
