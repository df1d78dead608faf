"""tasks.training: optimisers, early stopping, callbacks and a limit of time, in real training runs."""

import functools

import keras
import numpy as np
import pytest

from nas_tutorial.data.datasets import Dataset
from nas_tutorial.evaluators.recipe import Recipe
from nas_tutorial.evaluators.training import TrainingEvaluator, training_state
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.skeleton import Skeleton
from nas_tutorial.trials import Candidate

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 6, 1)).astype("float32")
Y = (X.mean(axis=(1, 2)) > 0) * 1
DATA = Dataset.from_arrays(X, Y)
SPACE = ChainSpace(1, ("max_pool_3x3",))
ARCHITECTURE = SPACE.sample(np.random.default_rng(0))
SEEN: list[tuple] = []


class Notes(keras.callbacks.Callback):
    """Notes what it is told, and stops after an epoch."""

    def __init__(self, last: int):
        super().__init__()
        self.last = last

    def on_train_begin(self, logs=None):
        SEEN.append(("begin",))

    def on_epoch_end(self, epoch, logs=None):
        SEEN.append((epoch, logs["val_loss"]))
        if epoch == self.last:
            self.model.stop_training = True

    def on_train_end(self, logs=None):
        SEEN.append(("end",))


def notes(last: int = 99) -> list:
    return [Notes(last)]


def evaluator(data: Dataset = DATA, **settings) -> TrainingEvaluator:
    usual = {"epochs": 3, "batch_size": 16, "skeleton": Skeleton(filters=4, cells=(1,))}
    return TrainingEvaluator(SPACE, data, **{**usual, **settings})


def trained(made: TrainingEvaluator, **settings) -> tuple[keras.Model, list[float]]:
    model = made.recipe.build(ARCHITECTURE, seed=0)
    return model, made.fit(model, DATA.x_train, DATA.y_train, seed=0, **settings)


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw"])
def test_a_run_that_stops_and_resumes_is_the_run_in_one_piece(optimizer):
    made = evaluator(optimizer=optimizer, weight_decay=0.01)
    whole, _ = trained(made)
    begun, _ = trained(made, epochs=1)
    rest, _ = trained(made, earlier=training_state(begun))
    for one, other in zip(rest.get_weights(), whole.get_weights()):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_weight_decay_and_optimizers_change_what_is_learned():
    runs = [
        trained(evaluator(**settings))[0].get_weights()[0]
        for settings in ({}, {"weight_decay": 0.3}, {"optimizer": "adam"}, {"optimizer": "adamw"})
    ]
    assert not any(np.allclose(runs[0], run) for run in runs[1:])
    np.testing.assert_allclose(runs[2], runs[3])  # without decay Adam and AdamW are one


def test_patience_stops_a_run_and_keeps_its_best_epoch():
    SEEN.clear()
    made = evaluator(epochs=30, patience=2, learning_rate=3.0, batch_size=8, callbacks=notes)
    model, losses = trained(made)
    seen = [loss for _, loss in SEEN[1:-1]]
    best = int(np.argmin(seen))
    assert len(losses) == len(seen) == best + 3 < 30
    assert model.evaluate(DATA.x_val, DATA.y_val, verbose=0) == pytest.approx(seen[best], rel=1e-5)


def test_with_patience_the_final_training_leaves_the_validation_set_to_it(monkeypatch):
    data = Dataset.from_arrays(X, Y)
    sizes = []
    fit = TrainingEvaluator.fit

    def watched(self, model, x, y, **settings):
        sizes.append(len(x))
        return fit(self, model, x, y, **settings)

    monkeypatch.setattr(TrainingEvaluator, "fit", watched)
    for settings in {"patience": 2}, {}:
        data._test_was_read = False
        evaluator(data, **settings).final(ARCHITECTURE, seed=0)
    assert sizes == [len(data.x_train), len(data.x_train) + len(data.x_val)]


def test_callbacks_see_one_run_whose_epochs_are_counted_on():
    SEEN.clear()
    trained(evaluator(callbacks=notes))
    assert [told[0] for told in SEEN] == ["begin", 0, 1, 2, "end"]
    SEEN.clear()
    _, losses = trained(evaluator(callbacks=functools.partial(notes, 1)))
    assert len(losses) == 2 and SEEN[-1] == ("end",)


def test_callbacks_change_nothing_that_they_do_not_change():
    plain, watched = (trained(each)[0] for each in (evaluator(), evaluator(callbacks=notes)))
    for one, other in zip(plain.get_weights(), watched.get_weights()):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_a_run_beyond_its_time_is_a_failed_trial():
    result = evaluator(max_seconds=1e-6)(Candidate(ARCHITECTURE), seed=0)
    assert result.error.startswith("TimeoutError: a training run must end within max_seconds=1e-06")
    assert evaluator(max_seconds=600)(Candidate(ARCHITECTURE), seed=0).error is None


def test_the_final_training_is_not_watched_and_loses_nothing():
    data = Dataset.from_arrays(X, Y)
    SEEN.clear()
    _, tested = evaluator(data, callbacks=notes, max_seconds=1e-6).final(ARCHITECTURE, seed=0)
    assert "test_accuracy" in tested and not SEEN


def test_callbacks_are_told_of_the_end_of_a_run_that_fails():
    SEEN.clear()
    made = evaluator(callbacks=notes, learning_rate=1e30)
    assert made(Candidate(ARCHITECTURE), seed=0).error.startswith("FloatingPointError")
    assert SEEN[-1] == ("end",)


def test_class_weights_move_the_decision_to_rare_classes():
    rare = Dataset.from_arrays(X, (X.mean(axis=(1, 2)) > 0.45) * 1)
    plain, even = (
        evaluator(rare, epochs=8, class_weight=weight)(Candidate(ARCHITECTURE), seed=0).metrics
        for weight in (None, (1, 1))
    )
    assert plain["val_accuracy"] == even["val_accuracy"]
    counts = [
        made.predict(_fitted(made, rare), X).sum()
        for made in (evaluator(rare), evaluator(rare, class_weight=(1, 20)))
    ]
    assert counts[1] > counts[0]


def _fitted(made: TrainingEvaluator, data: Dataset) -> keras.Model:
    model = made.recipe.build(ARCHITECTURE, seed=0)
    made.fit(model, data.x_train, data.y_train, seed=0)
    return model


def test_mixed_precision_lasts_for_all_trials():
    made = evaluator(dtype_policy="mixed_bfloat16")
    before = keras.config.dtype_policy().name
    for seed in (0, 1):
        assert made(Candidate(ARCHITECTURE), seed=seed).error is None
        policies = {
            layer.dtype_policy.name for layer in made.recipe.build(ARCHITECTURE, seed=seed).layers
        }
        assert "mixed_bfloat16" in policies
        assert keras.config.dtype_policy().name == before


def test_a_recipe_says_all_of_it():
    described = Recipe(SPACE, DATA, patience=3, max_seconds=2, optimizer="adam").describe()
    assert (described["patience"], described["max_seconds"], described["optimizer"]) == (
        3,
        2,
        "adam",
    )
