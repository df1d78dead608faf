"""training: train a candidate and measure it."""

import json
import os
import pickle
import random
import subprocess
import sys

import numpy as np
import pytest

from nas_tutorial.backend import keras
from nas_tutorial.data.datasets import Dataset, load_dataset
from nas_tutorial.evaluators.metrics import classification_metrics, labels
from nas_tutorial.evaluators.training import TrainingEvaluator, training_state
from nas_tutorial.files import read_arrays
from nas_tutorial.loop.search import search
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.flops import FLOPS, count_flops
from nas_tutorial.spaces.node_cell import NodeCellSpace
from nas_tutorial.spaces.operations import OPERATIONS
from nas_tutorial.spaces.skeleton import Skeleton
from nas_tutorial.strategies.random_search import RandomSearch
from nas_tutorial.trials import Candidate, Resumed

SPACE = ChainSpace(2)
CANDIDATE = Candidate(Architecture(("nor_conv_3x3", "max_pool_3x3")))
METRICS = {"accuracy", "macro_recall", "macro_precision", "macro_f1"}


def evaluator(epochs: int = 1, *, space=SPACE, dataset=None, **settings) -> TrainingEvaluator:
    settings = {"batch_size": 16, "skeleton": Skeleton(filters=16, cells=(1,)), **settings}
    dataset = dataset or load_dataset("digits")
    return TrainingEvaluator(space, dataset, epochs=epochs, **settings)


@pytest.fixture(scope="module")
def result():
    """One ordinary evaluation."""
    return evaluator()(CANDIDATE, seed=3)


# Metrics


def test_metrics_of_three_classes_by_hand():
    y_true = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2, 2])
    y_pred = np.array([0, 0, 0, 1, 1, 1, 2, 2, 0, 0])
    # class  found  of these right  really there   precision  recall
    #     0      5               3             4         3/5     3/4
    #     1      3               2             3         2/3     2/3
    #     2      2               1             3         1/2     1/3
    precisions, recalls = (3 / 5, 2 / 3, 1 / 2), (3 / 4, 2 / 3, 1 / 3)
    f1 = [2 * p * r / (p + r) for p, r in zip(precisions, recalls)]
    assert classification_metrics(y_true, y_pred, prefix="val_") == pytest.approx(
        {
            "val_accuracy": 6 / 10,
            "val_macro_precision": sum(precisions) / 3,
            "val_macro_recall": sum(recalls) / 3,
            "val_macro_f1": sum(f1) / 3,
        }
    )


def test_a_class_that_is_never_predicted_has_precision_zero():
    metrics = classification_metrics(np.array([0, 1, 2]), np.array([0, 1, 1]), prefix="")
    assert metrics["macro_precision"] == pytest.approx((1 + 1 / 2 + 0) / 3)
    assert metrics["macro_recall"] == pytest.approx(2 / 3)


# An ordinary evaluation


def test_a_result_holds_validation_metrics_and_costs(result):
    costs = {"parameters", "flops", "latency_ms"}
    assert set(result.metrics) == {f"val_{name}" for name in METRICS} | costs
    assert result.error is None
    assert 0.5 < result.metrics["val_accuracy"] <= 1  # chance is 0.1
    assert result.seconds > 0
    assert result.metrics["latency_ms"] > 0
    model = evaluator().recipe.build(CANDIDATE.architecture, seed=0)
    assert result.metrics["parameters"] == model.count_params()
    assert result.metrics["flops"] == count_flops(model)
    json.dumps(dict(result.metrics))


def test_the_seed_decides(result):
    again = evaluator()(CANDIDATE, seed=3)
    other = evaluator()(CANDIDATE, seed=4)
    for name in METRICS:
        assert again.metrics[f"val_{name}"] == pytest.approx(
            result.metrics[f"val_{name}"], abs=0.02
        )
    assert any(other.metrics[f"val_{n}"] != result.metrics[f"val_{n}"] for n in METRICS)


def test_an_evaluator_pickles_small_and_works_the_same(result):
    content = pickle.dumps(evaluator())
    assert len(content) < 5_000  # digits alone has 460,000 bytes
    again = pickle.loads(content)(CANDIDATE, seed=3)
    assert again.metrics["val_accuracy"] == pytest.approx(result.metrics["val_accuracy"], abs=0.02)


def test_the_test_set_stays_unread(result):
    trained = evaluator()
    trained(CANDIDATE, seed=0)
    x, _ = trained.recipe.dataset.final_test()  # would raise, had the evaluation read it
    assert len(x) == 360


def test_what_is_measured_is_the_validation_set():
    """With every validation label off by one, a good model is nearly always wrong there."""
    digits = load_dataset("digits")
    off_by_one = digits.x_val, (digits.y_val + 1) % 10
    train = digits.x_train, digits.y_train
    names = digits.class_names
    misled = evaluator(dataset=Dataset("off by one", train, off_by_one, train, class_names=names))
    measured = misled(CANDIDATE, seed=3)
    model = misled.recipe.build(CANDIDATE.architecture, seed=3)
    misled.fit(model, *train, seed=3)
    predicted = misled.predict(model, digits.x_val)
    assert predicted.shape == (360,)
    assert np.mean(predicted == digits.y_val) > 0.5
    accuracy = np.mean(predicted == off_by_one[1])
    assert measured.metrics["val_accuracy"] == pytest.approx(accuracy, abs=0.02)
    assert accuracy < 0.2


def test_describe_tells_every_setting():
    described = evaluator(4, batch_size=50, learning_rate=0.2).describe()
    json.dumps(described)
    expected = {"dataset": "digits", "epochs": 4, "batch_size": 50, "learning_rate": 0.2}
    assert described.items() >= expected.items()
    assert described["skeleton"]["filters"] == 16
    assert evaluator(4).describe() != evaluator(5).describe()


def test_many_evaluations_leave_standard_error_empty():
    """nbval compares standard error, and nbgrader gives no point to a cell that writes to it."""
    code = """
import numpy as np
from nas_tutorial.data.datasets import Dataset
from nas_tutorial.evaluators.training import TrainingEvaluator
from nas_tutorial.spaces.skeleton import Skeleton
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.trials import Candidate

split = np.ones((8, 4, 1), "float32"), np.arange(8) % 2
tiny = Dataset("tiny", split, split, split, class_names=("no", "yes"))
space = ChainSpace(1, ("max_pool_3x3", "avg_pool_3x3"))
evaluator = TrainingEvaluator(space, tiny, skeleton=Skeleton(filters=2, cells=(1,)), epochs=1)
for seed in range(7):
    assert evaluator(Candidate(space.sample(np.random.default_rng(seed))), seed=seed).error is None
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


# Epochs and the learning rate


def test_stopping_earlier_is_the_beginning_of_the_full_training():
    def losses(own_epochs: int, stop: int | None = None) -> list[float]:
        trained = evaluator(own_epochs)
        model = trained.recipe.build(CANDIDATE.architecture, seed=0)
        data = trained.recipe.dataset
        return trained.fit(model, data.x_train, data.y_train, seed=0, epochs=stop)

    full, stopped, short = losses(2), losses(2, stop=1), losses(1)
    assert (len(full), len(stopped), len(short)) == (2, 1, 1)
    assert full[1] < full[0]
    assert stopped[0] == pytest.approx(full[0], rel=1e-3)
    # A training laid out over one epoch has a lower learning rate from the second step on.
    assert abs(short[0] / full[0] - 1) > 0.01


def test_a_candidate_says_where_to_stop(monkeypatch):
    """Two epochs of a schedule laid out over three; the evaluator's own where it says nothing."""
    passes = []
    trained = evaluator(3)
    fit = trained.fit

    def spy(*args, **settings):
        passes.append(fit(*args, **settings))
        return passes[-1]

    monkeypatch.setattr(trained, "fit", spy)
    trained(Candidate(CANDIDATE.architecture, epochs=2), seed=0)
    trained(CANDIDATE, seed=0)
    assert [len(losses) for losses in passes] == [2, 3]
    assert passes[0] == pytest.approx(passes[1][:2], rel=0.02)


def test_more_epochs_than_the_evaluators_are_refused():
    with pytest.raises(
        ValueError,
        match=r"epochs must be a finite number at most 2, got 3\. Give the evaluator more",
    ):
        evaluator(2)(Candidate(CANDIDATE.architecture, epochs=3), seed=0)


def test_fewer_samples_than_a_batch_still_train():
    x, y = np.ones((6, 8, 1), "float32"), np.arange(6) % 2
    tiny = Dataset("tiny", (x, y), (x, y), (x, y), class_names=("no", "yes"))
    measured = evaluator(dataset=tiny, batch_size=512)(CANDIDATE, seed=0)
    assert measured.error is None
    assert measured.metrics["val_accuracy"] == 0.5  # equal inputs have equal predictions


# Stopping and going on


def few_digits() -> Dataset:
    digits = load_dataset("digits")
    train, val = (digits.x_train[:200], digits.y_train[:200]), (digits.x_val, digits.y_val)
    return Dataset("few digits", train, val, val, class_names=digits.class_names)


def trained(*stops: float) -> tuple[list[float], list[np.ndarray]]:
    """Losses and last state of a training of five epochs, a fresh model after every stop."""
    unbroken = evaluator(5, dataset=few_digits())
    state, losses = None, []
    for stop in stops:
        model = unbroken.recipe.build(CANDIDATE.architecture, seed=3)
        x, y = unbroken.recipe.dataset.x_train, unbroken.recipe.dataset.y_train
        losses += unbroken.fit(model, x, y, seed=3, epochs=stop, earlier=state)
        state = training_state(model)
    return losses, state


@pytest.fixture(scope="module")
def in_one_go():
    return trained(5)


def test_five_epochs_in_two_runs_are_five_epochs(in_one_go):
    losses, state = trained(2, 5)
    assert losses == pytest.approx(in_one_go[0], abs=1e-6)
    assert len(losses) == 5
    for value, expected in zip(state, in_one_go[1], strict=True):
        np.testing.assert_allclose(value, expected, atol=1e-5)


def test_fractions_of_epochs_are_epochs(in_one_go):
    losses, state = trained(0.5, 0.75, 2.25, 5)  # 12 steps an epoch
    assert losses[-2:] == pytest.approx(in_one_go[0][-2:], abs=1e-6)  # whole again
    assert np.average(losses[:3], weights=[6, 3, 3]) == pytest.approx(in_one_go[0][0], abs=1e-6)
    for value, expected in zip(state, in_one_go[1], strict=True):
        np.testing.assert_allclose(value, expected, atol=1e-5)


def test_the_state_holds_all_weights_the_steps_and_the_momentum(in_one_go):
    model = evaluator(dataset=few_digits()).recipe.build(CANDIDATE.architecture, seed=3)
    shapes = [value.shape for value in in_one_go[1]]
    trainable = [tuple(variable.shape) for variable in model.trainable_variables]
    assert shapes[: len(model.weights)] == [tuple(variable.shape) for variable in model.weights]
    assert shapes[len(model.weights) :] == [(), *trainable]
    assert in_one_go[1][len(model.weights)] == 60  # steps taken


class Watched(TrainingEvaluator):
    """Keeps the losses of its last training, so how many epochs it took."""

    def fit(self, *args, **settings):
        self.losses = super().fit(*args, **settings)
        return self.losses


def watched(folder, epochs: int = 5) -> Watched:
    return Watched(evaluator(epochs, dataset=few_digits()).recipe, checkpoints=folder)


def without_clock(result) -> dict:
    return {name: value for name, value in result.metrics.items() if name != "latency_ms"}


STOPPED = Candidate(CANDIDATE.architecture, 2)
GOING_ON = Candidate(CANDIDATE.architecture, 4, resumes=Resumed(0, 2))


@pytest.fixture(scope="module")
def four_epochs():
    whole = watched(None)
    return whole(Candidate(CANDIDATE.architecture, 4), seed=3), whole.losses


def test_a_trial_goes_on_from_the_folder(tmp_path, four_epochs):
    result, losses = four_epochs
    assert watched(tmp_path)(STOPPED, seed=3).error is None
    resumed = watched(tmp_path)  # another worker, say
    assert without_clock(resumed(GOING_ON, seed=3)) == pytest.approx(without_clock(result))
    assert resumed.losses == pytest.approx(losses[2:], abs=1e-6)


@pytest.mark.parametrize("kept", ["no folder", "another seed"])
def test_where_nothing_is_kept_it_trains_from_the_beginning(tmp_path, four_epochs, kept):
    result, losses = four_epochs
    if kept == "another seed":
        watched(tmp_path)(STOPPED, seed=4)
    begun = watched(None if kept == "no folder" else tmp_path)
    assert without_clock(begun(GOING_ON, seed=3)) == pytest.approx(without_clock(result))
    assert begun.losses == pytest.approx(losses, abs=1e-6)


def test_what_is_trained_in_full_leaves_no_file(tmp_path):
    watched(tmp_path, epochs=1)(Candidate(CANDIDATE.architecture, 1), seed=3)
    assert list(tmp_path.iterdir()) == []
    watched(tmp_path, epochs=2)(Candidate(CANDIDATE.architecture, 1), seed=3)
    assert [path.suffix for path in tmp_path.iterdir()] == [".npz"]


def test_other_recipes_do_not_meet_in_one_folder(tmp_path):
    watched(tmp_path, epochs=5)(STOPPED, seed=3)
    other = watched(tmp_path, epochs=4)
    other(GOING_ON, seed=3)
    assert len(other.losses) == 4


def test_the_folder_is_no_part_of_what_a_result_depends_on(tmp_path):
    assert watched(tmp_path).describe() == watched(None).describe()
    copy = pickle.loads(pickle.dumps(watched(tmp_path)))
    assert copy.checkpoints.folder == tmp_path


@pytest.mark.parametrize("change", ["fewer", "other shape", "other kind"])
def test_a_checkpoint_that_does_not_fit_is_as_good_as_missing(tmp_path, change):
    """As where another release of Keras left it."""
    watched(tmp_path)(STOPPED, seed=3)
    (path,) = tmp_path.iterdir()
    state = list(read_arrays(path).values())
    changed = {
        "fewer": state[:-1],
        "other shape": [state[0][..., None], *state[1:]],
        "other kind": [state[0].astype("int32"), *state[1:]],
    }
    np.savez(path, *changed[change])
    again = watched(tmp_path)
    result = again(GOING_ON, seed=3)
    assert result.error is None and len(again.losses) == 4


def test_a_folder_that_cannot_be_written_is_no_fault_of_the_network(tmp_path):
    """A failed trial would stay in the store for ever; this way the search goes on later."""
    (tmp_path / "taken").write_text("by a file")
    with pytest.raises(OSError, match=r"taken must keep a training run that stopped.* Make room"):
        watched(tmp_path / "taken")(Candidate(CANDIDATE.architecture, 1), seed=3)


# What goes wrong


def test_a_model_that_cannot_be_built_is_a_result_with_an_error():
    """Three nodes lead to the output of this cell; in the space's other cells, fewer do."""
    space = NodeCellSpace(num_nodes=5)
    edges = [int(0 in pair or 4 in pair) for pair in space.pairs]
    wide = Architecture((*edges, *["maxpool3x3"] * 3))
    narrow = evaluator(space=space, skeleton=Skeleton(filters=2, cells=(1,)))
    failed = narrow(Candidate(wide), seed=0)
    assert failed.error.startswith("ValueError: filters must be a whole number at least 3, got 2.")
    assert failed.error.endswith("build with more filters.")
    assert dict(failed.metrics) == {}
    assert failed.seconds >= 0
    assert pickle.loads(pickle.dumps(failed)) == failed


@pytest.fixture
def own_operation(monkeypatch):
    """Adds an operation "own" to the library's."""
    return lambda build: monkeypatch.setitem(OPERATIONS, "own", build)


def dropout(make, x, filters):
    return keras.layers.Dropout(0.5)(x)


def test_an_operation_that_no_model_can_be_built_with_is_refused_before_the_first_trial():
    with pytest.raises(ValueError, match=r"got 'nor_conv_3x4'\. Did you mean 'nor_conv_3x3'\?"):
        evaluator(space=ChainSpace(40, ("nor_conv_3x3", "max_pool_3x3", "nor_conv_3x4")))


def test_an_own_layer_of_unknown_cost_is_refused_before_the_first_trial(own_operation, monkeypatch):
    monkeypatch.delitem(
        FLOPS,
        "Dropout",
    )
    own_operation(dropout)
    space = ChainSpace(2, ("nor_conv_3x3", "own"))
    with pytest.raises(ValueError, match=r"got Dropout\. Add its cost: .*FLOPS\[\"Dropout\"\]"):
        evaluator(space=space)
    monkeypatch.setitem(FLOPS, "Dropout", lambda layer, size_in, size_out: size_out)
    evaluator(space=space)


def test_an_own_operation_that_changes_the_shape_is_refused_before_the_first_trial(own_operation):
    own_operation(lambda make, x, filters: make.conv(x, filters, 3, strides=2))
    with pytest.raises(ValueError, match=r"'own' must return what it is given in shape, \(None, 8"):
        evaluator(space=ChainSpace(1, ("own",)))


class Hidden(ChainSpace):
    """Has an operation that only one cell in a thousand shows."""

    def graph(self, architecture):
        values = architecture.values
        return super().graph(
            Architecture(("own",)) if set(values) == {"nor_conv_5x5"} else architecture
        )


def test_an_operation_that_shows_late_stops_the_search_before_its_training_run(own_operation):
    """It is no fault of the one network: the program has to be changed."""
    rare = evaluator(space=Hidden(6))
    with pytest.raises(ValueError, match=r"an operation must be one of .*; got 'own'"):
        rare(Candidate(Architecture(("nor_conv_5x5",) * 6)), seed=0)


def test_a_failed_trial_holds_the_cause_and_not_the_beginning_alone(own_operation, monkeypatch):
    """Of TensorFlow's errors the first line says only "Graph execution error:"."""

    class Reading(keras.layers.Layer):
        def call(self, x):
            if keras.backend.backend() == "jax":
                raise RuntimeError("Graph execution error:\n\nout of tokens")
            import tensorflow

            with tensorflow.control_dependencies([tensorflow.debugging.Assert(
                tensorflow.reduce_sum(x) > 1e9, ["out of tokens"])]):  # fmt: skip
                return x + 0.0

        def compute_output_spec(self, x):
            return keras.KerasTensor(x.shape, x.dtype)

    monkeypatch.setitem(FLOPS, "Reading", lambda layer, size_in, size_out: 0)
    own_operation(lambda make, x, filters: Reading()(x))
    failed = evaluator(space=ChainSpace(1, ("own",)))(Candidate(Architecture(("own",))), seed=0)
    assert "Graph execution error" in failed.error
    assert "out of tokens" in failed.error
    assert len(failed.error) < 1_000
    assert "\n" not in failed.error


def test_weights_that_are_no_numbers_behind_a_max_pooling_get_no_score():
    """The maximum of nothing but NaN is a number in TensorFlow, so the loss is one as well."""

    class Breaking(TrainingEvaluator):
        def fit(self, model, *args, **settings):
            losses = super().fit(model, *args, **settings)
            kernel = next(w for w in model.weights if w.shape[:2] == (3, 3) and w.shape[2] == 16)
            kernel.assign(np.full(kernel.shape, np.nan))
            return losses

    failed = Breaking(evaluator().recipe)(CANDIDATE, seed=0)
    assert failed.error.startswith("FloatingPointError: each number in conv2d")
    assert "kernel must be a finite number, got nan after training" in failed.error


def test_predictions_that_are_no_numbers_get_no_score():
    with pytest.raises(FloatingPointError, match=r"predicted logit must be .* got nan\. Scale"):
        labels(np.array([[0.5, 0.1], [np.nan, 0.2]]))
    assert labels(np.array([[0.5, 0.1], [0.1, 0.2]])).tolist() == [0, 1]


def test_a_training_that_diverges_is_a_result_with_an_error():
    failed = evaluator(2, learning_rate=1e30)(CANDIDATE, seed=0)
    assert failed.error.startswith("FloatingPointError: the training loss must be a finite number")
    assert failed.error.endswith("Lower the learning rate.")
    assert dict(failed.metrics) == {}


def test_an_evaluator_goes_on_after_a_failure(result):
    assert evaluator(learning_rate=1e30)(CANDIDATE, seed=3).error
    again = evaluator()(CANDIDATE, seed=3)
    assert again.metrics["val_accuracy"] == pytest.approx(result.metrics["val_accuracy"], abs=0.02)


def test_an_architecture_of_another_space_is_refused():
    with pytest.raises(ValueError, match=r"choice 'slot 2' must be one of .*; got 'none'"):
        evaluator()(Candidate(Architecture(("skip", "none"))), seed=0)
    with pytest.raises(ValueError, match="of chain must have 2 values, got 1"):
        evaluator().final(Architecture(("skip",)), seed=0)


# The process around it


@pytest.fixture
def own_settings():
    """A program's own settings of Keras, taken back afterwards."""
    policy, distribution = keras.config.dtype_policy(), keras.distribution.distribution()
    keras.config.set_dtype_policy("mixed_bfloat16")
    if keras.backend.backend() == "jax":  # on TensorFlow, Keras makes none
        keras.distribution.set_distribution(keras.distribution.DataParallel(devices=["cpu:0"]))
    yield keras.distribution.distribution()
    keras.config.set_dtype_policy(policy)
    keras.distribution.set_distribution(distribution)


@pytest.fixture
def with_dropout(own_operation, monkeypatch):
    """A space whose operation draws its seed by Python's random state."""
    own_operation(dropout)
    monkeypatch.setitem(FLOPS, "Dropout", lambda layer, size_in, size_out: size_out)
    return ChainSpace(1, ("own",))


def drawn() -> list[float]:
    """What a program draws by global random states after it has set them."""
    keras_own = keras.ops.convert_to_numpy(keras.random.normal((2,))).tolist()
    return [random.random(), np.random.random(), *keras_own]  # noqa: NPY002


def test_a_search_leaves_the_process_as_it_was(with_dropout, own_settings):
    keras.utils.set_random_seed(5)
    keras.random.normal((2,))
    expected, environment, streams = drawn(), dict(os.environ), (sys.stdout, sys.stderr)
    keras.utils.set_random_seed(5)
    keras.random.normal((2,))
    strategy = RandomSearch(with_dropout)
    found = search(strategy, evaluator(space=with_dropout), trials=2, progress=False)
    assert [trial.result.error for trial in found] == [None, None]
    assert drawn() == expected
    assert keras.config.dtype_policy().name == "mixed_bfloat16"
    assert keras.distribution.distribution() is own_settings
    assert dict(os.environ) == environment
    assert (sys.stdout, sys.stderr) == streams


def test_all_trials_use_the_dtype_policy_that_was_in_force(own_settings, monkeypatch):
    policies = []
    mixed = evaluator(space=ChainSpace(1))
    monkeypatch.setattr(
        mixed, "measured", lambda model: policies.append(model.layers[1].dtype_policy.name) or {}
    )
    candidate = Candidate(Architecture(("skip",)))
    mixed(candidate, seed=0)
    keras.config.set_dtype_policy("float32")  # as another process has it
    mixed(candidate, seed=0)
    sent = pickle.loads(pickle.dumps(mixed.recipe)).build(candidate.architecture, seed=0)
    assert policies == [sent.layers[1].dtype_policy.name, "mixed_bfloat16"]
    assert policies[0] == mixed.describe()["dtype_policy"] == "mixed_bfloat16"
    assert keras.config.dtype_policy().name == "float32"


def test_layers_without_a_seed_of_their_own_repeat_too(with_dropout):
    recipe = evaluator(space=with_dropout).recipe

    def state(seed: int) -> list[int]:
        model = recipe.build(Architecture(("own",)), seed=seed)
        layer = next(each for each in model.layers if isinstance(each, keras.layers.Dropout))
        return layer.seed_generator.state.numpy().tolist()

    assert state(3) == state(3) != state(4)


# The last step


def test_final_trains_on_training_and_validation_set_and_reads_the_test_set_once(monkeypatch):
    chosen = evaluator(2)
    trained_on = []
    fit = chosen.fit
    monkeypatch.setattr(
        chosen, "fit", lambda model, x, y, **s: trained_on.append(len(x)) or fit(model, x, y, **s)
    )
    model, metrics = chosen.final(CANDIDATE.architecture, seed=0)
    assert trained_on == [1_077 + 360]
    assert set(metrics) == {f"test_{name}" for name in METRICS}
    with pytest.raises(RuntimeError, match="test set of digits must be read once"):
        chosen.final(CANDIDATE.architecture, seed=0)
    x_test, y_test = load_dataset("digits").final_test()
    accuracy = np.mean(chosen.predict(model, x_test) == y_test)
    assert metrics["test_accuracy"] == pytest.approx(accuracy)
    assert accuracy > 0.5
