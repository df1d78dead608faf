"""recipe: the settings of a training run, checked once."""

import dataclasses
import json
import pickle

import numpy as np
import pytest

from nas_tutorial.data.datasets import Dataset, load_dataset
from nas_tutorial.evaluators.one_program.darts import Darts
from nas_tutorial.evaluators.one_program.proxies import CompiledProxyEvaluator
from nas_tutorial.evaluators.one_program.supernet import Supernet
from nas_tutorial.evaluators.one_program.training import CompiledEvaluator
from nas_tutorial.evaluators.proxies import ProxyEvaluator
from nas_tutorial.evaluators.recipe import Recipe
from nas_tutorial.evaluators.training import TrainingEvaluator
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.spaces.skeleton import Skeleton
from nas_tutorial.trials import Candidate

SPACE = EdgeCellSpace()
SPLIT = np.zeros((6, 8, 1), "float32"), np.arange(6) % 2
DATA = Dataset("zeros", SPLIT, SPLIT, SPLIT, class_names=("no", "yes"))
EVALUATORS = (
    TrainingEvaluator, CompiledEvaluator, ProxyEvaluator, CompiledProxyEvaluator, Supernet, Darts
)  # fmt: skip
each_evaluator = pytest.mark.parametrize("kind", EVALUATORS, ids=lambda kind: kind.__name__)


def test_the_skeleton_suits_the_data_where_none_is_given():
    split = SPLIT[0][..., 0].astype("int32"), SPLIT[1]
    tokens = Dataset("t", split, split, split, class_names=("no", "yes"), vocabulary_size=9)
    assert Recipe(SPACE, DATA).skeleton == Skeleton.for_input((8, 1))
    assert Recipe(SPACE, tokens).skeleton.vocabulary_size == 9
    own = Skeleton(filters=2)
    assert Recipe(SPACE, DATA, own).skeleton is own


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"epochs": 0}, "epochs must be a whole number at least 1, got 0"),
        ({"epochs": 2.5}, "epochs must be a whole number at least 1, got 2.5"),
        ({"batch_size": 0}, "batch_size must be a whole number at least 1, got 0"),
        ({"batch_size": None}, "batch_size must be a whole number at least 1, got None"),
        ({"learning_rate": 0}, "learning_rate must be a finite number above 0, got 0"),
        ({"learning_rate": float("nan")}, "learning_rate must be a finite number above 0, got nan"),
        ({"space": DATA}, r"space of a recipe must be of type SearchSpace, got Dataset\(zeros"),
        ({"dataset": "mnist1d"}, "dataset of a recipe must be of type Dataset, got 'mnist1d'"),
        ({"skeleton": 16}, "skeleton of a recipe must be of type Skeleton, got 16"),
        ({"dtype_policy": "float31"}, "float31"),
    ],
)
def test_settings_that_train_nothing_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        Recipe(**{"space": SPACE, "dataset": DATA, **settings})


@each_evaluator
def test_data_that_no_network_of_the_space_can_read_are_refused_before_the_first_trial(kind):
    columns = SPLIT[0][..., 0], SPLIT[1]
    table = Dataset("table", columns, columns, columns, class_names=("no", "yes"))
    with pytest.raises(ValueError, match=r"input_shape must have 2 or 3 entries here, got \(8,\)"):
        kind(SPACE, table)


@each_evaluator
def test_tokens_beyond_the_skeletons_vocabulary_are_refused_before_the_first_trial(kind):
    split = np.full((6, 8), 8, "int32"), SPLIT[1]
    tokens = Dataset("t", split, split, split, class_names=("no", "yes"), vocabulary_size=9)
    for skeleton in Skeleton(vocabulary_size=8), Skeleton():
        with pytest.raises(ValueError, match=r"one vocabulary_size, got (8|None) and 9"):
            kind(SPACE, tokens, skeleton=skeleton)


def test_every_option_of_every_choice_is_among_the_probes():
    recipe = Recipe(SPACE, DATA)
    for place, choice in enumerate(SPACE.choices):
        assert {probe.values[place] for probe in recipe.probes()} == set(choice.options)


def test_numbers_of_numpy_become_pythons_own():
    recipe = Recipe(SPACE, DATA, epochs=np.int64(3), learning_rate=np.float32(0.5))
    assert json.loads(json.dumps(recipe.describe())) == {
        "space": "edge_cell",
        "space_digest": SPACE.digest,
        "dataset": "zeros",
        "dataset_digest": DATA.digest,
        "skeleton": {"filters": 16, "cells": [3], "vocabulary_size": None},
        "epochs": 3,
        "batch_size": 128,
        "learning_rate": 0.5,
        "dtype_policy": "float32",
        "optimizer": "sgd",
        "weight_decay": 0.0,
        "label_smoothing": 0.0,
        "class_weight": None,
        "patience": None,
        "callbacks": None,
        "max_seconds": None,
    }


def test_two_data_sets_or_spaces_of_one_name_are_not_the_same():
    class Other(EdgeCellSpace):
        OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "avg_pool_3x3")

    other = Dataset("zeros", (SPLIT[0] + 1, SPLIT[1]), SPLIT, SPLIT, class_names=("no", "yes"))
    described = [Recipe(SPACE, DATA), Recipe(SPACE, other), Recipe(Other(), DATA)]
    assert len({json.dumps(recipe.describe()) for recipe in described}) == 3


def test_it_pickles_small_and_stays_the_same():
    recipe = Recipe(SPACE, load_dataset("digits"), epochs=3)
    content = pickle.dumps(recipe)
    assert len(content) < 5_000  # digits alone has 460,000 bytes
    assert pickle.loads(content).describe() == recipe.describe()


def test_it_does_not_change():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Recipe(SPACE, DATA).epochs = 9


def test_each_epoch_takes_every_sample_once():
    order = Recipe(SPACE, DATA, epochs=3, batch_size=2).batches(7, np.random.default_rng(5))
    assert order.shape == (9, 2)
    rng = np.random.default_rng(5)
    expected = [rng.permutation(7)[:6] for _ in range(3)]  # the seventh fills no batch
    np.testing.assert_array_equal(order.reshape(3, 6), expected)


def test_fewer_samples_than_a_batch_are_one_batch():
    order = Recipe(SPACE, DATA, epochs=2, batch_size=128).batches(7, np.random.default_rng(5))
    assert [sorted(batch) for batch in order.tolist()] == [list(range(7))] * 2


def test_it_builds_the_model_of_its_skeleton():
    recipe = Recipe(SPACE, DATA, Skeleton(filters=2, cells=(1,)))
    architecture = SPACE.sample(np.random.default_rng(0))
    model = recipe.build(architecture, seed=3)
    expected = recipe.skeleton.build(SPACE.graph(architecture), (8, 1), 2, seed=3)
    for ours, theirs in zip(model.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_candidate_says_where_to_stop():
    recipe, architecture = Recipe(SPACE, DATA, epochs=4), SPACE.sample(np.random.default_rng(0))
    assert recipe.epochs_of(Candidate(architecture)) == 4
    assert recipe.epochs_of(Candidate(architecture, 0.5)) == 0.5
    with pytest.raises(
        ValueError, match=r"epochs must be .* at most 4, got 5\. Give the evaluator"
    ):
        recipe.epochs_of(Candidate(architecture, 5))


# --- what evaluators make of it -------------------------------------------------------------------


@each_evaluator
def test_an_evaluator_takes_a_recipe_as_it_is(kind):
    recipe = Recipe(SPACE, DATA, epochs=7)
    assert kind(recipe).recipe is recipe


@each_evaluator
def test_an_evaluator_makes_a_recipe_of_space_data_and_settings(kind):
    skeleton = Skeleton(filters=2, cells=(1,))
    recipe = kind(SPACE, DATA, skeleton=skeleton, epochs=3, learning_rate=0.2).recipe
    assert (recipe.space, recipe.dataset, recipe.skeleton) == (SPACE, DATA, skeleton)
    assert (recipe.epochs, recipe.learning_rate) == (3, 0.2)


def test_evaluators_differ_in_what_they_leave_out():
    """Scores need fewer samples than training; shared and mixed weights need more epochs."""
    usual = [kind(SPACE, DATA).recipe for kind in EVALUATORS]
    assert [recipe.epochs for recipe in usual] == [5, 5, 5, 5, 100, 50]
    assert [recipe.batch_size for recipe in usual] == [128, 128, 64, 64, 128, 64]
    assert [recipe.learning_rate for recipe in usual] == [0.1, 0.1, 0.1, 0.1, 0.1, 0.025]


@each_evaluator
@pytest.mark.parametrize("beside", [{"dataset": DATA}, {"epochs": 3}], ids=["data", "epochs"])
def test_a_recipe_comes_alone(kind, beside):
    with pytest.raises(
        ValueError,
        match=r"must get a recipe and nothing else, .* got Recipe.* with all settings in it",
    ):
        kind(Recipe(SPACE, DATA), **beside)


@each_evaluator
def test_a_setting_that_does_not_exist_is_refused(kind):
    with pytest.raises(TypeError, match="unexpected keyword argument 'epoch'"):
        kind(SPACE, DATA, epoch=3)
