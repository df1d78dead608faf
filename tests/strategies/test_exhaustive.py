import pickle
from collections import Counter
from itertools import islice

import numpy as np
import pytest

from nas_tutorial.loop.search import search
from nas_tutorial.spaces import SPACES
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.spaces.node_cell import NodeCellSpace
from nas_tutorial.strategies import exhaustive
from nas_tutorial.strategies.exhaustive import Exhaustive, numbered, strides
from tests.toys import Grid, drive, fragile, noisy, quick

SMALL = [ChainSpace(depth=2), NodeCellSpace(num_nodes=4, max_edges=4), Grid(3, 1, 5)]


def all_of(strategy: Exhaustive) -> list:
    return [candidate.architecture for candidate in iter(strategy.ask, None)]


@pytest.mark.parametrize("space", SMALL, ids=repr)
def test_its_own_order_is_the_order_of_the_space(space):
    assert all_of(Exhaustive(space, order="own")) == list(space)


@pytest.mark.parametrize("space", SMALL, ids=repr)
@pytest.mark.parametrize("seed", range(5))
def test_the_strided_order_holds_each_architecture_once(space, seed):
    architectures = all_of(Exhaustive(space, seed=seed))
    assert sorted(a.values for a in architectures) == [a.values for a in _sorted(space)]
    assert architectures != list(space)


def _sorted(space) -> list:
    return sorted(space, key=lambda architecture: architecture.values)


def test_the_whole_edge_cell_is_met_once():
    space = EdgeCellSpace()
    architectures = all_of(Exhaustive(space))
    assert len(architectures) == space.size == len(set(architectures))


@pytest.mark.parametrize("name", list(SPACES))
def test_a_number_stands_for_the_encoding_at_its_place(name):
    space = SPACES.load(name)()
    space.is_valid = lambda architecture: True  # numbers count the invalid ones too
    assert [numbered(space, i) for i in range(600)] == list(islice(space, 600))


@pytest.mark.parametrize("size", [*range(1, 40), 64, 65, 255, 256, 257, 1000])
def test_strides_leave_no_number_out(size):
    start, stride = strides(size, np.random.default_rng(size))
    assert sorted((start + stride * i) % size for i in range(size)) == list(range(size))


def test_the_first_of_the_strided_order_are_not_alike():
    """In the space's own order, the first choice would be the same in all of them."""
    space = EdgeCellSpace()
    for seed in range(20):
        strategy = Exhaustive(space, seed=seed)
        first = [strategy.ask().architecture.values[0] for _ in range(100)]
        assert len(set(first)) > 1


def test_a_space_of_any_size_is_begun_without_a_list():
    space = ChainSpace(depth=500)  # 4 ** 500 architectures
    strategy = Exhaustive(space)
    architectures = [strategy.ask().architecture for _ in range(50)]
    assert len(set(architectures)) == 50
    assert all(architecture in space for architecture in architectures)
    counts = Counter(value for a in architectures for value in a.values)
    assert min(counts.values()) > 0.2 * 50 * 500  # a quarter each, or nearly
    assert len(pickle.dumps(strategy)) < 100_000


def test_what_failed_is_not_repeated():
    trials = drive(Exhaustive(ChainSpace(depth=2)), fragile, 16)
    assert any(trial.failed for trial in trials)
    assert len({trial.candidate.architecture for trial in trials}) == 16


@pytest.mark.parametrize("order", ["strided", "own"])
def test_a_search_without_another_limit_ends_with_the_best(order):
    strategy = Exhaustive(ChainSpace(depth=3), order=order)
    history = search(strategy, quick, seconds=1e9, progress=False)
    assert len(history) == 64
    assert history.best(strategy.objective).value("val_accuracy") == 1.0


def test_results_change_nothing():
    runs = [drive(Exhaustive(EdgeCellSpace()), toy, 40) for toy in (noisy, fragile)]
    first, second = ([trial.candidate for trial in trials] for trials in runs)
    assert first == second


def test_too_many_invalid_encodings_in_a_row_end_it_with_advice(monkeypatch):
    monkeypatch.setattr(exhaustive, "MAX_INVALID", 700)
    strategy = Exhaustive(NodeCellSpace(), order="own")  # it begins with millions without an edge
    for _ in range(2):
        with pytest.raises(
            ValueError, match=r"within 700 encodings, but in its own order the last"
        ):
            strategy.ask()
    assert Exhaustive(NodeCellSpace()).ask() is not None


def test_an_unknown_order_is_refused():
    with pytest.raises(ValueError, match=r"order must be one of own, strided; got 'stride'\. Did"):
        Exhaustive(EdgeCellSpace(), order="stride")
