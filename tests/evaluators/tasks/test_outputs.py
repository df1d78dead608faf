"""tasks.outputs: heads, losses and metrics of each task."""

import keras
import numpy as np
import pytest
from sklearn import metrics

from nas_tutorial.data.datasets import Dataset
from nas_tutorial.evaluators.recipe import Recipe
from nas_tutorial.evaluators.tasks.outputs import (
    TASKS_BY_NAME,
    label_metrics,
    target_metrics,
    target_scale,
    task_of,
)
from nas_tutorial.evaluators.training import TrainingEvaluator
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.skeleton import Skeleton
from nas_tutorial.trials import Candidate, Objective

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 6, 1)).astype("float32")
LEVEL = X.mean(axis=(1, 2))
REGRESSION = Dataset.from_arrays(X, 500 + 40 * LEVEL)
SEVERAL = Dataset.from_arrays(X, np.stack([LEVEL > 0, X[:, 0, 0] > 0, X[:, 1, 0] < 0], 1) * 1)
CLASSES = Dataset.from_arrays(X, np.where(LEVEL > 0, "high", "low"))
SPACE = ChainSpace(1, ("max_pool_3x3",))
SKELETON = Skeleton(filters=4, cells=(1,))
ARCHITECTURE = SPACE.sample(np.random.default_rng(0))


def recipe(data: Dataset, **settings) -> Recipe:
    return Recipe(SPACE, data, SKELETON, **{"epochs": 3, "batch_size": 16, **settings})


def test_each_task_has_its_objective():
    assert task_of(CLASSES).objective == Objective("val_accuracy", "max")
    assert task_of(SEVERAL).objective == Objective("val_macro_f1", "max")
    assert task_of(REGRESSION).objective == Objective("val_rmse", "min")


@pytest.mark.parametrize("data", [CLASSES, SEVERAL, REGRESSION], ids=lambda data: data.task)
def test_each_task_is_trained_and_measured_and_tested_once(data):
    evaluator = TrainingEvaluator(recipe(data))
    result = evaluator(Candidate(ARCHITECTURE), seed=0)
    assert result.error is None
    assert task_of(data).objective.name in result.metrics
    same = evaluator(Candidate(ARCHITECTURE), seed=0)
    assert {n: v for n, v in same.metrics.items() if n != "latency_ms"} == pytest.approx(
        {n: v for n, v in result.metrics.items() if n != "latency_ms"}
    )
    _, tested = evaluator.final(ARCHITECTURE, seed=1)
    assert {name.removeprefix("test_") for name in tested} == {
        name.removeprefix("val_") for name in result.metrics if name.startswith("val_")
    }


def test_without_a_test_set_the_final_training_measures_nothing():
    data = Dataset.from_arrays(X, np.where(LEVEL > 0, "high", "low"), test=0)
    model, tested = TrainingEvaluator(recipe(data)).final(ARCHITECTURE, seed=0)
    assert tested == {} and model.output_shape == (None, 2)


def test_a_regression_returns_the_targets_units_and_learns_numbers_near_0():
    model = recipe(REGRESSION).build(ARCHITECTURE, seed=0)
    mean, deviation = target_scale(REGRESSION)
    inner = keras.Model(model.inputs, model.layers[-2].output)
    np.testing.assert_allclose(
        model.predict(X, verbose=0), inner.predict(X, verbose=0) * deviation + mean, rtol=1e-5
    )
    loss = TASKS_BY_NAME["regression"].loss(REGRESSION, 0.0)
    y = REGRESSION.y_val
    np.testing.assert_allclose(
        np.mean(loss(y, np.broadcast_to(mean, y.shape).astype("float32"))),
        (((y - mean) / deviation) ** 2).mean(), rtol=1e-5,
    )  # fmt: skip
    names = {"units": 1000.0, "shift": 7.0}
    scaled = Dataset.from_arrays(X, (500 + 40 * LEVEL) * names["units"] + names["shift"])
    one, other = (
        TrainingEvaluator(recipe(data))(Candidate(ARCHITECTURE), seed=0).metrics
        for data in (REGRESSION, scaled)
    )
    assert other["val_rmse"] == pytest.approx(1000 * one["val_rmse"], rel=1e-3)
    assert other["val_r2"] == pytest.approx(one["val_r2"], abs=1e-3)


def test_a_constant_target_is_learned_too():
    data = Dataset.from_arrays(X, np.full(120, 2.5), task="regression")
    assert target_scale(data)[1].tolist() == [1]


def test_label_smoothing_draws_labels_together():
    logits = np.array([[4.0, -4.0], [-4.0, 4.0]], "float32")
    plain, smoothed = (TASKS_BY_NAME["classification"].loss(CLASSES, each) for each in (0.0, 0.2))
    y = np.array([0, 1])
    expected = [-(0.9 * np.log(1 / (1 + np.exp(-8))) + 0.1 * np.log(1 / (1 + np.exp(8))))] * 2
    np.testing.assert_allclose(np.asarray(smoothed(y, logits)), expected, rtol=1e-4)
    assert float(plain(y, logits)) == pytest.approx(np.log1p(np.exp(-8)), rel=1e-3)


def test_a_label_is_predicted_above_one_half():
    logits = np.array([[0.1, -0.1], [-3.0, 3.0]])
    assert TASKS_BY_NAME["multilabel"].predictions(logits).tolist() == [[1, 0], [0, 1]]


@pytest.mark.parametrize("task", ["multilabel", "regression", "classification"])
def test_outputs_that_are_no_numbers_get_no_score(task):
    with pytest.raises(FloatingPointError, match="must be a finite number, got nan"):
        TASKS_BY_NAME[task].metrics(np.zeros((1, 2), int), np.array([[np.nan, 1.0]]), prefix="val_")


def test_metrics_of_labels_are_scikit_learns():
    y, predicted = RNG.integers(0, 2, (30, 3)), RNG.integers(0, 2, (30, 3))
    found = label_metrics(y, predicted, prefix="val_")
    assert found["val_hamming_loss"] == pytest.approx((y != predicted).mean())
    assert found["val_micro_f1"] == pytest.approx(metrics.f1_score(y.ravel(), predicted.ravel()))
    each = [metrics.f1_score(y[:, column], predicted[:, column]) for column in range(3)]
    assert found["val_macro_f1"] == pytest.approx(np.mean(each))


def test_metrics_of_targets_by_hand():
    y, predicted = np.array([[1.0], [2], [6]]), np.array([[2.0], [2], [2]])
    found = target_metrics(y, predicted, prefix="")
    assert found["mae"] == pytest.approx(5 / 3)
    assert found["rmse"] == pytest.approx(np.sqrt(17 / 3))
    assert found["r2"] == pytest.approx(1 - 17 / 14)
    both = target_metrics(np.hstack([y, 10 * y]), np.hstack([predicted, 10 * predicted]), prefix="")
    assert both["rmse"] == pytest.approx(5.5 * np.sqrt(17 / 3))
    assert target_metrics(y, np.full((3, 1), 3.0), prefix="")["r2"] == pytest.approx(0)
