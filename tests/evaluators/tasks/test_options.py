"""tasks.options: optional settings are checked, described, and refused where not honoured."""

import functools
import json
import pickle

import numpy as np
import pytest

from nas_tutorial.data.datasets import Dataset
from nas_tutorial.evaluators.one_program.darts import Darts
from nas_tutorial.evaluators.one_program.proxies import CompiledProxyEvaluator
from nas_tutorial.evaluators.one_program.supernet import Supernet
from nas_tutorial.evaluators.one_program.training import CompiledEvaluator
from nas_tutorial.evaluators.proxies import ProxyEvaluator
from nas_tutorial.evaluators.recipe import Recipe
from nas_tutorial.evaluators.tasks.options import sample_weights
from nas_tutorial.evaluators.training import TrainingEvaluator
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.trials import Candidate

SPACE = EdgeCellSpace()
X = np.random.default_rng(0).normal(size=(40, 8, 1))
DATA = Dataset.from_arrays(X, np.arange(40) % 2)
REGRESSION = Dataset.from_arrays(X, X[:, 0, 0])


def no_callbacks(number: int = 0) -> list:
    return []


@pytest.mark.parametrize(("optimizer", "rate"), [("sgd", 0.1), ("adam", 0.002), ("adamw", 0.002)])
def test_each_optimizer_has_its_usual_rate(optimizer, rate):
    assert Recipe(SPACE, DATA, optimizer=optimizer).learning_rate == rate
    assert Recipe(SPACE, DATA, optimizer=optimizer, learning_rate=0.5).learning_rate == 0.5


@pytest.mark.parametrize(
    ("data", "settings", "message"),
    [
        (
            DATA,
            {"optimizer": "sdg"},
            "optimizer must be one of adam, adamw, sgd; got 'sdg'. Did you",
        ),
        (DATA, {"weight_decay": -1}, "weight_decay must be a finite number at least 0, got -1"),
        (DATA, {"label_smoothing": 1}, "label_smoothing must be .* below 1, got 1"),
        (REGRESSION, {"label_smoothing": 0.1}, "a regression must be trained without label_smooth"),
        (DATA, {"patience": 0}, "patience must be a whole number at least 1, got 0. Give a number"),
        (DATA, {"max_seconds": 0}, "max_seconds must be a finite number above 0, got 0. Give sec"),
        (DATA, {"class_weight": "even"}, "class_weight must be one of balanced; got 'even'"),
        (DATA, {"class_weight": 2}, "class_weight must be of type .*, got 2. Write class_weight="),
        (DATA, {"class_weight": (1, 2, 3)}, r"number of class weights must be .* \[2, 2\], got 3"),
        (DATA, {"class_weight": (1, 0)}, "a class weight must be a finite number above 0, got 0"),
        (
            REGRESSION,
            {"class_weight": "balanced"},
            "must be None where the task is regression, got",
        ),
        (
            DATA,
            {"callbacks": "nowhere:at_all"},
            "function that can be imported, .*'nowhere:at_all'",
        ),
        (DATA, {"callbacks": "json:at_all"}, "must name a function that can be imported"),
        (DATA, {"callbacks": lambda: []}, "callbacks must be a function at the top of a module"),
        (DATA, {"callbacks": 3}, "for each training run, got 3"),
    ],
)
def test_settings_out_of_range_are_refused(data, settings, message):
    with pytest.raises(ValueError, match=message):
        Recipe(SPACE, data, **settings)


@pytest.mark.parametrize(
    "callbacks",
    [no_callbacks, functools.partial(no_callbacks, 2), f"{__name__}:no_callbacks"],
    ids=["function", "with an argument", "name"],
)
def test_callbacks_are_described_by_name_arguments_and_source(callbacks):
    recipe = Recipe(SPACE, DATA, callbacks=callbacks)
    described = json.loads(json.dumps(recipe.describe()))
    assert described["callbacks"].startswith(f"{__name__}:no_callbacks")
    assert len(described["callbacks_digest"]) == 16
    assert pickle.loads(pickle.dumps(recipe)).describe() == recipe.describe()


def test_other_arguments_of_callbacks_are_another_recipe():
    digests = {
        Recipe(SPACE, DATA, callbacks=functools.partial(no_callbacks, number)).describe()[
            "callbacks_digest"
        ]
        for number in (1, 2, 2)
    }
    assert len(digests) == 2


@pytest.mark.parametrize(
    "settings",
    [{"optimizer": "adam"}, {"weight_decay": 0.1}, {"patience": 2}, {"max_seconds": 9.0},
     {"label_smoothing": 0.1}, {"class_weight": "balanced"}, {"callbacks": no_callbacks}],
    ids=lambda settings: next(iter(settings)),
)  # fmt: skip
@pytest.mark.parametrize(
    "kind",
    [CompiledEvaluator, ProxyEvaluator, CompiledProxyEvaluator, Supernet, Darts],
    ids=lambda kind: kind.__name__,
)
def test_who_does_not_honour_a_setting_refuses_it_by_name(kind, settings):
    (name,) = settings
    with pytest.raises(
        ValueError, match=rf"{kind.__name__} must get a recipe with {name}=.* Use Tr"
    ):
        kind(SPACE, DATA, **settings)
    with pytest.raises(ValueError, match=f"{kind.__name__} must get .* task='classification'"):
        kind(SPACE, REGRESSION)


def test_balanced_weights_give_each_class_the_same_sum():
    y = np.array([0] * 6 + [1] * 2)
    weights = sample_weights("balanced", y, 2)
    assert weights.sum() == pytest.approx(8)
    assert weights[y == 0].sum() == pytest.approx(weights[y == 1].sum())
    assert sample_weights((1, 3), y, 2).tolist() == [1] * 6 + [3] * 2
    assert sample_weights(None, y, 2) is None


@pytest.mark.parametrize("settings", [{"patience": 2}, {"callbacks": no_callbacks}])
def test_runs_that_stop_themselves_are_not_stopped_by_a_strategy(settings):
    evaluator = TrainingEvaluator(SPACE, DATA, **settings)
    candidate = Candidate(SPACE.sample(np.random.default_rng(0)), epochs=1)
    with pytest.raises(ValueError, match="leave their epochs to it, got one of 1 epochs"):
        evaluator(candidate, seed=0)
