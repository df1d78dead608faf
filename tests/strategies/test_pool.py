import numpy as np
import pytest

from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.node_cell import NodeCellSpace
from nas_tutorial.strategies.pool import REFILL, Pool

SMALL, LARGE = ChainSpace(depth=2), NodeCellSpace()


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def pool_of(space, size: int = 250) -> Pool:
    return Pool(space, size)


def contents(pool: Pool) -> list[Architecture]:
    """What can be taken, read off the features."""
    options = [(choice, option) for choice in pool.space.choices for option in choice.options]
    return [
        Architecture(tuple(option for (_, option), on in zip(options, row) if on))
        for row in pool.features
    ]


def test_a_small_space_is_there_whole_but_for_what_was_proposed(rng):
    pool = pool_of(SMALL)
    drawn = [pool.draw(rng) for _ in range(5)]
    pool.refill([], rng)
    assert len(pool) == 11 and len(set(drawn)) == 5
    assert contents(pool) == [a for a in SMALL if a not in drawn]


def test_what_is_taken_is_the_architecture_of_that_row_and_is_gone(rng):
    pool = pool_of(SMALL)
    pool.refill([], rng)
    third = contents(pool)[2]
    assert pool.take(2) == third
    pool.refill([third], rng)
    assert len(pool) == 15 and third not in contents(pool)


def test_no_architecture_is_drawn_twice_until_all_were(rng):
    pool = pool_of(SMALL)
    assert len({pool.draw(rng) for _ in range(16)}) == 16
    assert pool.draw(rng) in SMALL
    pool.refill([], rng)
    assert len(pool) == 0


def test_of_a_large_space_more_comes_in_half_of_it_mutations(rng):
    pool = pool_of(LARGE)
    parents = [LARGE.sample(rng) for _ in range(10)]
    pool.refill(parents, rng)
    neighbours = {n for parent in parents for n in LARGE.neighbors(parent)}
    bred = [architecture for architecture in contents(pool) if architecture in neighbours]
    assert REFILL // 2 - 15 < len(bred) <= REFILL // 2  # a few mutations are equal
    assert len(pool) - len(bred) >= REFILL // 2 - 1


def test_the_oldest_make_room_and_features_stay_with_their_architectures(rng):
    pool = pool_of(LARGE, size=250)
    for _ in range(5):
        before = contents(pool) if len(pool) else []
        pool.refill([LARGE.sample(rng) for _ in range(10)], rng)
        after = contents(pool)
        kept = [architecture for architecture in after if architecture in before]
        assert after[: len(kept)] == kept == before[len(before) - len(kept) :]
    assert len(pool) == 250
    for row in (0, 100, 200):
        expected = contents(pool)[row]
        assert pool.take(row) == expected


def test_what_was_proposed_does_not_come_in_again(rng):
    parent = LARGE.sample(rng)
    pool = pool_of(LARGE)
    pool.refill([parent], rng)
    taken = {pool.take(0) for _ in range(len(pool))}
    for _ in range(3):
        pool.refill([parent], rng)
        assert not taken & set(contents(pool))
    assert len(set(contents(pool))) == len(pool)
