from collections import Counter

import numpy as np
import pytest

from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.strategies.random_search import RandomSearch
from tests.toys import constant, drive, hopeless, noisy


def test_results_change_nothing():
    space = EdgeCellSpace()
    runs = [drive(RandomSearch(space, seed=1), toy, 40) for toy in (noisy, constant, hopeless)]
    architectures = [[trial.candidate for trial in trials] for trials in runs]
    assert architectures[0] == architectures[1] == architectures[2]


def test_a_longer_search_begins_with_the_shorter_one():
    space = EdgeCellSpace()
    short, long = (drive(RandomSearch(space, seed=1), noisy, n) for n in (10, 30))
    assert long[:10] == short


def test_nothing_is_bred():
    trials = drive(RandomSearch(EdgeCellSpace()), noisy, 40)
    assert all(trial.candidate.parents == () for trial in trials)


def test_every_architecture_is_drawn_equally_often_with_replacement():
    space = ChainSpace(depth=1)  # four architectures
    strategy = RandomSearch(space)
    counts = Counter(strategy.ask().architecture for _ in range(4000))
    assert len(counts) == space.size == 4
    assert np.array(list(counts.values())) / 4000 == pytest.approx(0.25, abs=0.035)
