"""Annex: fully connected networks, for tables of numbers.

space    `DenseSpace`: how many layers, how wide, and what stands between them
network  from an architecture of it to a Keras model
"""

from nas_tutorial.spaces.dense.space import DenseSpace

__all__ = ["DenseSpace"]
