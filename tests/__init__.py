"""Tests, laid out as nas_tutorial is: a promise is checked where the code that makes it stands."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
