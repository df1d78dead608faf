"""own.inputs: arrays of any form as numbers that networks take."""

import numpy as np
import pytest

from nas_tutorial.data.own.inputs import input_array, standardised


@pytest.mark.parametrize("dtype", ["float64", "int64", "bool", "float32"])
def test_numbers_become_float32(dtype):
    x = np.arange(12).reshape(4, 3).astype(dtype)
    read, notes = input_array(x, None)
    assert read.dtype == np.float32 and not notes
    np.testing.assert_array_equal(read, x)


def test_bytes_are_pixels_and_images_get_an_axis_of_channels():
    x = np.full((5, 3, 4), 51, "uint8")
    read, notes = input_array(x, None)
    assert read.shape == (5, 3, 4, 1) and read.dtype == np.float32
    np.testing.assert_allclose(read, 0.2)
    assert len(notes) == 1 and "(3, 4) were taken as images" in notes[0]
    colour, notes = input_array(np.zeros((5, 3, 4, 3), "uint8"), None)
    assert colour.shape == (5, 3, 4, 3) and not notes


def test_series_stay_series():
    assert input_array(np.zeros((5, 30, 2)), None)[0].shape == (5, 30, 2)
    assert input_array(np.zeros((5, 30, 30)), None)[0].shape == (
        5,
        30,
        30,
        1,
    )  # looks like an image


def test_tokens_stay_as_they_are():
    x = np.arange(6).reshape(2, 3)
    read, notes = input_array(x, 6)
    assert read is x and not notes


def test_lists_are_stacked():
    np.testing.assert_array_equal(input_array([[1, 2], [3, 4]], None)[0], [[1, 2], [3, 4]])


def test_what_is_too_large_for_float32_is_infinite():
    assert np.isinf(input_array(np.array([[1e300]]), None)[0]).all()


def test_samples_of_two_shapes_are_refused_by_their_numbers():
    x = [np.zeros((4, 1)), np.zeros((4, 1)), np.zeros((5, 1))]
    with pytest.raises(ValueError, match=r"sample 0 has \(4, 1\) and sample 2 has \(5, 1\)\. Cut"):
        input_array(x, None)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.array([["a"], ["b"]]), "inputs must be numbers, got <U1: .* read by Dataset.from_csv"),
        (np.zeros(5), r"got \(5,\)\. Write x\[:, None\]"),
        (np.zeros((5, 1, 1, 1, 1)), r"got \(5, 1, 1, 1, 1\)"),
        ([], r"got \(0,\)"),
    ],
)
def test_what_is_no_input_is_refused(x, message):
    with pytest.raises(ValueError, match=message):
        input_array(x, None)


def test_scales_are_those_of_the_training_set_alone():
    x = np.array([[1.0, 5], [3, 5], [100, 5]], "float32")
    scaled, mean, deviation = standardised(x, np.array([0, 1]))
    np.testing.assert_allclose(scaled, [[-1, 0], [1, 0], [98, 0]])
    np.testing.assert_allclose((mean, deviation), [[2, 5], [1, 1]])


def test_channels_of_series_are_scaled_over_samples_and_steps():
    x = np.random.default_rng(0).normal(3, 2, (50, 10, 2)).astype("float32")
    scaled, mean, _ = standardised(x, np.arange(40))
    assert mean.shape == (2,)
    np.testing.assert_allclose(scaled[:40].mean(axis=(0, 1)), 0, atol=1e-5)
    np.testing.assert_allclose(scaled[:40].std(axis=(0, 1)), 1, atol=1e-5)
