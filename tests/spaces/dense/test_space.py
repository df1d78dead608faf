"""dense: fully connected networks for tables."""

import subprocess
import sys

import numpy as np
import pytest

from nas_tutorial.backend import keras
from nas_tutorial.loop.search import search
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.dense import DenseSpace
from nas_tutorial.spaces.flops import count_flops
from nas_tutorial.strategies.bayesian import Bayesian
from nas_tutorial.strategies.genetic import Genetic
from nas_tutorial.strategies.local_search import LocalSearch
from tests.toys import noisy

SPACE = DenseSpace()
PLAIN = Architecture((2, 16, "relu", "none", 0, "plain"))


def changed(**choices) -> Architecture:
    names = [choice.name for choice in SPACE.choices]
    return Architecture(tuple(choices.get(n, v) for n, v in zip(names, PLAIN.values)))


def test_it_is_a_product_of_six_choices():
    assert SPACE.size == 4 * 4 * 3 * 3 * 3 * 2
    assert PLAIN in SPACE and changed(units=17) not in SPACE


def test_a_network_by_hand():
    model = SPACE.build(PLAIN, (10,), 3, seed=0)
    assert (model.input_shape, model.output_shape) == ((None, 10), (None, 3))
    assert model.count_params() == (10 + 1) * 16 + (16 + 1) * 16 + (16 + 1) * 3
    flops = (2 * 10 + 1) * 16 + 16 + (2 * 16 + 1) * 16 + 16 + (2 * 16 + 1) * 3
    assert count_flops(model) == flops


@pytest.mark.parametrize(
    ("choices", "kinds"),
    [
        ({"normalisation": "batch"}, {"BatchNormalization"}),
        ({"normalisation": "layer"}, {"LayerNormalization"}),
        ({"dropout_percent": 10}, {"Dropout"}),
        ({"connections": "residual"}, {"Add"}),
        ({"activation": "gelu"}, {"Activation"}),
    ],
)
def test_each_choice_shows_in_the_network_and_its_cost(choices, kinds):
    plain, other = (SPACE.build(each, (10,), 3, seed=0) for each in (PLAIN, changed(**choices)))
    added = {type(layer).__name__ for layer in other.layers} - {
        type(layer).__name__ for layer in plain.layers
    }
    assert added == kinds
    assert count_flops(other) >= count_flops(plain)
    graphs = [SPACE.graph(each).fingerprint() for each in (PLAIN, changed(**choices))]
    assert graphs[0] != graphs[1]


def test_a_residual_network_adds_what_the_layer_was_given():
    model = SPACE.build(changed(connections="residual"), (5,), 2, seed=0)
    x = np.random.default_rng(0).normal(size=(4, 5)).astype("float32")
    dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    first, second, last = (layer.get_weights() for layer in dense)
    one = np.maximum(x @ first[0] + first[1], 0)
    two = one + np.maximum(one @ second[0] + second[1], 0)
    np.testing.assert_allclose(
        model.predict(x, verbose=0), two @ last[0] + last[1], rtol=1e-4, atol=1e-5
    )


def test_with_one_layer_there_is_nothing_to_add():
    one, other = (SPACE.graph(changed(layers=1, connections=c)) for c in ("plain", "residual"))
    assert one.fingerprint() == other.fingerprint()


def test_equal_seeds_give_equal_weights():
    first, again, other = (
        SPACE.build(PLAIN, (10,), 3, seed=seed).get_weights()[0] for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_inputs_of_more_axes_are_flattened():
    assert (
        SPACE.build(PLAIN, (4, 5), 2, seed=0).count_params()
        == SPACE.build(PLAIN, (20,), 2, seed=0).count_params()
    )


@pytest.mark.parametrize("kind", [Genetic, LocalSearch, Bayesian], ids=lambda kind: kind.__name__)
def test_strategies_search_it_unchanged(kind):
    history = search(kind(SPACE, seed=0), noisy, trials=25, progress=False)
    assert all(trial.candidate.architecture in SPACE for trial in history)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"layers": 3}, r"the options of layers must be of type .* got 3\. Write \(1, 2\)"),
        ({"layers": (0, 1)}, "an option of layers must be a whole number at least 1, got 0"),
        ({"units": (8.5,)}, "an option of units must be a whole number at least 1, got 8.5"),
        (
            {"activations": ("rulu",)},
            "an option of activation must be one of .* Did you mean 'relu'",
        ),
        ({"normalisations": ("group",)}, "an option of normalisation must be one of"),
        (
            {"dropout_percents": (100,)},
            r"an option of dropout_percent must be .* \[0, 99\], got 100",
        ),
        ({"connections": ("dense",)}, "an option of connections must be one of plain, residual"),
    ],
)
def test_options_that_build_nothing_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        DenseSpace(**settings)


def test_the_space_alone_loads_no_keras():
    code = "import nas_tutorial as nas, sys; nas.DenseSpace(); assert 'keras' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
