import numpy as np
import pytest

from nas_tutorial.data.datasets import Dataset
from nas_tutorial.evaluators.baselines import baseline, spoken, trivial
from nas_tutorial.evaluators.tasks.outputs import task_of

RNG = np.random.default_rng(0)


def made(x, y, **settings) -> Dataset:
    return Dataset.from_arrays(x, y, test=0, **settings)


TABLE = RNG.normal(size=(120, 3)).astype("float32")
SERIES = RNG.normal(size=(60, 12, 2)).astype("float32")
CASES = {
    "table": made(TABLE, np.where(TABLE[:, 0] > 0, "up", "down")),
    "targets": made(TABLE, TABLE[:, :2] * 5, task="regression"),
    "labels": made(TABLE, (TABLE[:, :2] > 0).astype(int), task="multilabel"),
    "series": made(SERIES, (SERIES.mean(axis=(1, 2)) > 0).astype(int)),
    "tokens": made(
        RNG.integers(0, 2, (60, 30)) + np.array([[2], [0]] * 30),
        np.array([1, 0] * 30),
        vocabulary_size=4,
    ),
}


@pytest.mark.parametrize("kind", CASES)
def test_a_baseline_is_measured_as_networks_are_and_beats_a_constant(kind):
    dataset = CASES[kind]
    objective = task_of(dataset).objective
    _, found = baseline(dataset)
    _, constant = trivial(dataset)
    assert found.keys() == constant.keys() and objective.name in found
    better = found[objective.name] - constant[objective.name]
    assert better > 0 if objective.direction == "max" else better < 0


def test_the_pipeline_suits_the_kind_of_data():
    assert spoken(baseline(CASES["table"])[0]) == "HistGradientBoostingClassifier"
    assert spoken(baseline(CASES["series"])[0]) == (
        "FunctionTransformer + StandardScaler + PCA + LogisticRegression"
    )


def test_a_constant_answer_is_the_largest_class_or_the_mean():
    dataset = CASES["table"]
    most = np.bincount(dataset.y_train).argmax()
    assert trivial(dataset)[1]["val_accuracy"] == np.mean(dataset.y_val == most)
    data = CASES["targets"]
    expected = np.abs(data.y_val - data.y_train.mean(axis=0)).mean()
    assert trivial(data)[1]["val_mae"] == pytest.approx(expected, rel=1e-5)
