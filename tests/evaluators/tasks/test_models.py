"""tasks.models: spaces that build their models themselves."""

import inspect

import numpy as np
import pytest

import nas_tutorial as nas
from nas_tutorial.backend import keras

X = np.random.default_rng(0).normal(size=(60, 5))
TABLE = nas.Dataset.from_arrays(X, (X[:, 0] > 0) * 1)
REGRESSION = nas.Dataset.from_arrays(X, X[:, 0] + 10)


# The class as the docstring has it.
_, _, documented = (inspect.getdoc(nas.SearchSpace) or "").partition("class Mine")
names: dict = {"nas": nas, "keras": keras}
exec("class Mine" + documented.partition("evaluator =")[0], names)
Mine = names["Mine"]


class OneOutputTooMany(Mine):
    def build(self, architecture, input_shape, num_classes, *, seed):
        return keras.Sequential([keras.Input(input_shape), keras.layers.Dense(num_classes + 1)])


class NoModel(Mine):
    def build(self, architecture, input_shape, num_classes, *, seed):
        return None


class UnknownCost(Mine):
    def build(self, architecture, input_shape, num_classes, *, seed):
        layers = [
            keras.layers.Reshape((5, 1)),
            keras.layers.LSTM(2),
            keras.layers.Dense(num_classes),
        ]
        return keras.Sequential([keras.Input(input_shape), *layers])


class Picky(Mine):
    def build(self, architecture, input_shape, num_classes, *, seed):
        if architecture.values[0] == 32:
            raise ValueError("too wide")
        return super().build(architecture, input_shape, num_classes, seed=seed)


def test_the_documented_space_is_searched():
    docs = " ".join((nas.SearchSpace.__doc__ or "").split())
    assert (
        'super().__init__("mine", (nas.Choice("units", (8, 32)), nas.Choice("layers", (1, 2))))'
        in docs
    )
    evaluator = nas.TrainingEvaluator(Mine(), TABLE, epochs=4, batch_size=16)
    history = nas.search(nas.RandomSearch(Mine(), seed=0), evaluator, trials=2, progress=False)
    assert not any(trial.failed for trial in history)
    trial = history[0]
    units, layers = trial.candidate.architecture.values
    parameters = (5 + 1) * units + (layers - 1) * (units + 1) * units + (units + 1) * 2
    assert trial.result.metrics["parameters"] == parameters
    again = evaluator(trial.candidate, seed=trial.seed)
    assert again.metrics["val_accuracy"] == trial.result.metrics["val_accuracy"]


@pytest.mark.parametrize("data", [TABLE, REGRESSION], ids=lambda data: data.task)
def test_tables_are_searched_in_the_dense_space(data):
    space = nas.DenseSpace(layers=(1, 2), units=(8,))
    evaluator = nas.TrainingEvaluator(space, data, epochs=30, batch_size=8, optimizer="adam",
                                      learning_rate=0.02)  # fmt: skip
    result = evaluator(nas.Candidate(space.sample(np.random.default_rng(0))), seed=0)
    assert result.error is None
    better = result.metrics["val_accuracy"] > 0.6 if data is TABLE else result.metrics["val_r2"] > 0
    assert better


def test_a_description_holds_what_builds():
    one, same, other = (
        nas.Recipe(space, TABLE).describe()["build_digest"]
        for space in (Mine(), Mine(), nas.DenseSpace())
    )
    assert one == same != other
    assert nas.Recipe(Mine(), TABLE).describe()["skeleton"] is None


@pytest.mark.parametrize(
    ("space", "message"),
    [
        (
            OneOutputTooMany(),
            r"OneOutputTooMany must make models from \(None, 5\) to \(None, 2\) .*got .* 3\)",
        ),
        (
            NoModel(),
            "the build of NoModel returns must be of type Model, got None. Return keras.Mod",
        ),
        (UnknownCost(), "every layer must be of a kind whose cost is known, got"),
        (Picky(), "too wide"),
    ],
)
def test_models_that_cannot_be_trained_are_refused_before_the_first_trial(space, message):
    with pytest.raises(ValueError, match=message) as error:
        nas.TrainingEvaluator(space, TABLE)
    assert "of mine." in error.value.__notes__[0]


def test_a_skeleton_beside_models_of_the_spaces_own_is_refused():
    with pytest.raises(ValueError, match=r"DenseSpace builds its models itself, .* Leave it out"):
        nas.Recipe(nas.DenseSpace(), TABLE, nas.Skeleton())


def test_cells_do_not_read_tables():
    with pytest.raises(ValueError, match=r"input_shape must have 2 or 3 entries here, got \(5,\)"):
        nas.Recipe(nas.EdgeCellSpace(), TABLE)
