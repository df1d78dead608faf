"""randomness: one seed, from which every other seed comes."""

import random

import numpy as np
import pytest

from nas_tutorial.randomness import generator, kept_global_state, trial_seed


def test_trial_seeds_are_whole_numbers_below_2_to_31():
    for seed in (0, 1, 2**31, 2**63):
        for number in range(200):
            derived = trial_seed(seed, number)
            assert type(derived) is int  # a store writes it as JSON
            assert 0 <= derived < 2**31


def test_trial_seeds_differ_between_trials_and_between_searches():
    derived = {trial_seed(seed, number) for seed in range(50) for number in range(50)}
    assert len(derived) == 2_500
    assert trial_seed(1, 2) != trial_seed(2, 1)


def test_trial_seeds_stay_what_they_are():
    """Stored searches go on with these seeds: another rule would break them silently."""
    assert [trial_seed(0, 0), trial_seed(0, 1), trial_seed(7, 3)] == [
        1484405855,
        1982462498,
        1733098030,
    ]


def test_without_a_purpose_a_generator_is_numpys_own():
    for seed in (0, 5, 2**31, 2**70):
        assert generator(seed).integers(2**60) == np.random.default_rng(seed).integers(2**60)


def test_purposes_of_one_seed_have_streams_of_their_own():
    drawn = [generator(seed, *purpose).integers(2**60) for seed in (3, 4) for purpose in
             ((), (1,), (2,), (1, 2), (0, 1))]  # fmt: skip
    assert len(set(drawn)) == 10
    assert generator(3, 0).integers(2**60) == drawn[0]  # a zero at the end adds nothing
    assert generator(3, 1).integers(2**60) == np.random.default_rng([3, 1]).integers(2**60)


@pytest.mark.parametrize("fails", [False, True])
def test_global_random_states_come_back(fails):
    random.seed(5)
    np.random.seed(5)  # noqa: NPY002
    expected = random.random(), np.random.random()  # noqa: NPY002
    random.seed(5)
    np.random.seed(5)  # noqa: NPY002
    try:
        with kept_global_state():
            random.seed(99)
            np.random.seed(99)  # noqa: NPY002
            np.random.standard_normal(3)  # noqa: NPY002
            if fails:
                raise KeyError
    except KeyError:
        assert fails
    assert (random.random(), np.random.random()) == expected  # noqa: NPY002
