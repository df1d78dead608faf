"""The compiled program trains the network that Keras trains."""

import dataclasses
import pickle
from pathlib import Path

import numpy as np
import pytest

from nas_tutorial.data.datasets import Dataset
from nas_tutorial.evaluators.one_program.darts import Darts
from nas_tutorial.evaluators.one_program.proxies import CompiledProxyEvaluator
from nas_tutorial.evaluators.one_program.supernet import Supernet
from nas_tutorial.evaluators.one_program.training import CompiledEvaluator, TrainingRun, suits
from nas_tutorial.evaluators.recipe import Recipe
from nas_tutorial.evaluators.training import TrainingEvaluator
from nas_tutorial.files import read_arrays
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.spaces.flops import count_flops
from nas_tutorial.spaces.graph import Graph
from nas_tutorial.spaces.operations import OPERATIONS
from nas_tutorial.spaces.skeleton import Skeleton
from nas_tutorial.trials import Candidate, Resumed
from tests.on_jax import assert_passes_on_jax, not_on_jax_itself
from tests.toys import waves

SPACE = EdgeCellSpace()
SKELETON = Skeleton(filters=8, cells=(2,))
RNG = np.random.default_rng(3)
ARCHITECTURES = [SPACE.sample(RNG) for _ in range(4)] + [
    Architecture(("nor_conv_3x3", "nor_conv_1x1", "avg_pool_3x3", "skip_connect", "none",
                  "nor_conv_3x3")),
    Architecture(("none",) * 6),
]  # fmt: skip


DATA = Dataset(
    "waves",
    waves(0, 256, 20),
    waves(1, 300, 20),
    waves(2, 60, 20),
    class_names=("slow", "middle", "fast"),
)
RECIPE = Recipe(SPACE, DATA, SKELETON, epochs=4, batch_size=64)


@pytest.fixture(scope="module")
def evaluator():
    return CompiledEvaluator(RECIPE)


@pytest.fixture(scope="module")
def ordinary():
    return TrainingEvaluator(RECIPE)


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=str)
def test_from_equal_weights_it_takes_the_steps_that_keras_takes(evaluator, ordinary, architecture):
    """The seed gives both the same order of samples, and the loss of an epoch is the mean of its
    steps, so the first epoch's loss compares four steps."""
    model = RECIPE.build(architecture, seed=1)
    operations = evaluator.stacked.operations(architecture)
    weights = evaluator.stacked.weights_of(model, operations)
    run = evaluator.start(architecture, seed=5, weights=weights)
    run.train_to(run.steps_per_epoch)
    losses = ordinary.fit(model, DATA.x_train, DATA.y_train, seed=5, epochs=1)
    assert run.losses.mean() == pytest.approx(losses[0], abs=1e-3)


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=str)
def test_untrained_it_computes_what_keras_computes(evaluator, ordinary, architecture):
    model = RECIPE.build(architecture, seed=1)
    operations = evaluator.stacked.operations(architecture)
    weights = evaluator.stacked.weights_of(model, operations)
    run = evaluator.start(architecture, seed=0, weights=weights)
    agreement = np.mean(run.predict(DATA.x_val) == ordinary.predict(model, DATA.x_val))
    assert agreement > 0.99  # two nearly equal logits may fall either way


class Fewer(EdgeCellSpace):
    """As chapter 02 makes one: the operations stand in other places than in EdgeCellSpace."""

    OPERATIONS = ("avg_pool_3x3", "none", "nor_conv_1x1", "skip_connect")


@pytest.mark.parametrize(
    "architecture",
    [Architecture(("avg_pool_3x3",) * 6), Fewer().sample(np.random.default_rng(0))],
    ids=str,
)
def test_operations_of_a_subclass_are_found_by_their_names(architecture):
    recipe = dataclasses.replace(RECIPE, space=Fewer())
    fewer, ordinary = CompiledEvaluator(recipe), TrainingEvaluator(recipe)
    model = recipe.build(architecture, seed=1)
    counted = {"parameters": model.count_params(), "flops": count_flops(model)}
    assert fewer.costs(architecture) == counted
    weights = fewer.stacked.weights_of(model, fewer.operations(architecture))
    run = fewer.start(architecture, seed=5, weights=weights)
    run.train_to(run.steps_per_epoch)
    losses = ordinary.fit(model, DATA.x_train, DATA.y_train, seed=5, epochs=1)
    assert run.losses.mean() == pytest.approx(losses[0], abs=1e-3)
    with pytest.raises(ValueError, match=r"got 'nor_conv_3x3'\. Did you mean 'nor_conv_1x1'\?"):
        fewer(Candidate(Architecture(("nor_conv_3x3",) * 6)), seed=0)


def test_it_learns(evaluator):
    result = evaluator(Candidate(ARCHITECTURES[4]), seed=0)
    assert result.error is None
    assert result.metrics["val_accuracy"] > 0.5


def test_the_metrics_are_those_of_training_evaluator(evaluator, ordinary):
    candidate = Candidate(ARCHITECTURES[4])
    ours, theirs = evaluator(candidate, seed=0), ordinary(candidate, seed=0)
    assert set(ours.metrics) == set(theirs.metrics)
    for name in ("parameters", "flops"):
        assert ours.metrics[name] == theirs.metrics[name]


def test_the_seed_decides(evaluator):
    first, again, other = (
        evaluator(Candidate(ARCHITECTURES[4], epochs=1), seed=seed).metrics["val_accuracy"]
        for seed in (1, 1, 2)
    )
    assert first == again != other


def test_stopping_and_going_on_is_the_same_as_going_through(evaluator):
    through = evaluator.start(ARCHITECTURES[4], seed=0)
    through.train_to(12)
    stopped = evaluator.start(ARCHITECTURES[4], seed=0)
    for step in (3, 4, 12):
        stopped.train_to(step)
    np.testing.assert_allclose(stopped.losses, through.losses, rtol=1e-5)
    np.testing.assert_array_equal(stopped.predict(DATA.x_val), through.predict(DATA.x_val))


@pytest.fixture
def keeping(evaluator, tmp_path, monkeypatch):
    """The evaluator with a folder; `runs` holds what it started."""
    monkeypatch.setattr(evaluator.checkpoints, "folder", tmp_path)
    runs, start = [], evaluator.start
    monkeypatch.setattr(evaluator, "start", lambda *a, **s: runs.append(start(*a, **s)) or runs[-1])
    return evaluator, runs


def test_a_trial_goes_on_from_the_folder(keeping):
    evaluator, runs = keeping
    one = ARCHITECTURES[4]
    whole = evaluator(Candidate(one, 3), seed=7)
    evaluator(Candidate(one, 1), seed=7)
    steps = []
    train_to = TrainingRun.train_to
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            TrainingRun, "train_to", lambda r, stop: steps.append(r.steps) or train_to(r, stop)
        )
        resumed = evaluator(Candidate(one, 3, resumes=Resumed(1, 1)), seed=7)
        evaluator(Candidate(one, 3, resumes=Resumed(1, 1)), seed=8)
    assert steps == [4, 0]  # one epoch is four steps; with another seed nothing is kept
    assert resumed.metrics["val_accuracy"] == whole.metrics["val_accuracy"]
    np.testing.assert_allclose(runs[2].losses, runs[0].losses, atol=1e-6)
    for ours, theirs in zip(runs[2].arrays(), runs[0].arrays(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_a_checkpoint_that_does_not_fit_is_as_good_as_missing(keeping, tmp_path):
    evaluator, runs = keeping
    one = ARCHITECTURES[4]
    evaluator(Candidate(one, 1), seed=7)
    (path,) = tmp_path.iterdir()
    losses, weights, *rest = read_arrays(path).values()
    np.savez(path, losses, weights[:-1], *rest)
    evaluator(Candidate(one, 2, resumes=Resumed(1, 1)), seed=7)
    np.savez(path, losses, weights)
    evaluator(Candidate(one, 2, resumes=Resumed(1, 1)), seed=7)
    evaluator(Candidate(one, 2), seed=7)
    for run in runs[1:3]:
        np.testing.assert_array_equal(run.losses, runs[3].losses)


def test_what_is_trained_in_full_leaves_no_file(keeping, tmp_path):
    evaluator, _ = keeping
    evaluator(Candidate(ARCHITECTURES[5]), seed=0)
    evaluator(Candidate(ARCHITECTURES[5], 4), seed=0)
    assert list(tmp_path.iterdir()) == []


def test_it_does_not_meet_the_other_evaluator_in_one_folder(evaluator, ordinary):
    assert evaluator.checkpoints.description != ordinary.checkpoints.description


def test_candidate_epochs_say_where_to_stop(evaluator):
    full = evaluator.start(ARCHITECTURES[4], seed=0)
    full.train_to(full.steps_per_epoch)
    accuracy = np.mean(full.predict(DATA.x_val) == DATA.y_val)
    result = evaluator(Candidate(ARCHITECTURES[4], epochs=1), seed=0)
    assert result.metrics["val_accuracy"] == pytest.approx(accuracy)


def test_prediction_does_not_depend_on_how_many_come_together(evaluator):
    run = evaluator.start(ARCHITECTURES[0], seed=0)
    run.train_to(4)
    np.testing.assert_array_equal(run.predict(DATA.x_val)[:7], run.predict(DATA.x_val[:7]))


def test_a_diverged_training_is_a_failed_result():
    wild = CompiledEvaluator(dataclasses.replace(RECIPE, learning_rate=3e38))
    result = wild(Candidate(ARCHITECTURES[4]), seed=0)
    assert "FloatingPointError" in result.error


def test_it_pickles_as_a_recipe():
    evaluator = CompiledEvaluator(RECIPE, checkpoints="kept")
    copy = pickle.loads(pickle.dumps(evaluator))
    assert copy.describe() == evaluator.describe()
    assert copy.checkpoints.folder == Path("kept")
    assert evaluator.describe()["evaluator"] == "CompiledEvaluator"


def test_weights_and_predictions_that_are_no_numbers_get_no_score(evaluator, monkeypatch):
    """The last step may break weights whose loss, taken before it, was a number still."""
    train_to = TrainingRun.train_to

    def broken(run, step):
        train_to(run, step)
        run.state = run.state._replace(weights=run.state.weights * np.float32("nan"))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TrainingRun, "train_to", broken)
        result = evaluator(Candidate(ARCHITECTURES[4], 1), seed=0)
    assert result.error.startswith("FloatingPointError: each weight must be a finite number, got n")
    run = evaluator.start(ARCHITECTURES[4], seed=0)
    run.state = run.state._replace(weights=run.state.weights * np.float32("nan"))
    with pytest.raises(FloatingPointError, match="each predicted logit must be a finite number"):
        run.predict(DATA.x_val)


def test_what_goes_wrong_in_training_is_a_failed_result(evaluator, monkeypatch):
    def out_of_memory(run, step):
        raise MemoryError("out of memory")

    monkeypatch.setattr(TrainingRun, "train_to", out_of_memory)
    assert evaluator(Candidate(ARCHITECTURES[4]), seed=0).error == "MemoryError: out of memory"


class Larger(EdgeCellSpace):
    OPERATIONS = (*EdgeCellSpace.OPERATIONS, "nor_conv_5x5")


class Straight(EdgeCellSpace):
    """The same choices, but the network is the edges in a row."""

    def graph(self, architecture):
        edges = frozenset((node, node + 1) for node in range(7))
        return Graph(("input", *(v.replace("none", "skip_connect") for v in architecture.values),
                      "output"), edges)  # fmt: skip


class Backwards(EdgeCellSpace):
    EDGES = EdgeCellSpace.EDGES[::-1]


@pytest.mark.parametrize("kind", [CompiledEvaluator, CompiledProxyEvaluator, Supernet, Darts])
@pytest.mark.parametrize(
    "space", [Larger(), Straight(), Backwards()], ids=lambda s: type(s).__name__
)
def test_operations_and_graphs_that_the_program_does_not_know_are_refused(kind, space):
    recipe = dataclasses.replace(RECIPE, space=space)
    assert not suits(recipe)
    with pytest.raises(ValueError, match=f"one of {type(space).__name__} that it does not know: "):
        kind(recipe)


class Pruned(EdgeCellSpace):
    """Differs from EdgeCellSpace in one cell alone."""

    def graph(self, architecture):
        row = (
            Architecture(("none",) * 6)
            if set(architecture.values) == {"nor_conv_1x1"}
            else architecture
        )
        return super().graph(row)


def test_a_cell_that_is_another_network_in_its_space_is_refused():
    evaluator = CompiledEvaluator(dataclasses.replace(RECIPE, space=Pruned()))
    with pytest.raises(ValueError, match="one of Pruned that it does not know"):
        evaluator(Candidate(Architecture(("nor_conv_1x1",) * 6)), seed=0)


def test_an_operation_that_was_replaced_is_refused(monkeypatch):
    monkeypatch.setitem(OPERATIONS, "avg_pool_3x3", OPERATIONS["max_pool_3x3"])
    assert not suits(RECIPE)
    with pytest.raises(ValueError, match="library's own operations, but 'avg_pool_3x3' was replac"):
        CompiledEvaluator(RECIPE)


class Wider(Skeleton):
    def build(self, graph, input_shape, num_classes, *, seed=0):
        return Skeleton(99).build(graph, input_shape, num_classes, seed=seed)


@pytest.mark.parametrize(
    "changed",
    [{"dtype_policy": "mixed_bfloat16"}, {"skeleton": Wider(filters=8, cells=(2,))}],
    ids=["policy", "skeleton"],
)
def test_another_precision_or_way_to_build_is_refused(changed):
    recipe = dataclasses.replace(RECIPE, **changed)
    assert not suits(recipe)
    with pytest.raises(
        ValueError, match=r"Skeleton of one stage and the dtype policy float32, got"
    ):
        CompiledEvaluator(recipe)


@pytest.mark.parametrize(
    ("space", "skeleton"),
    [(ChainSpace(), SKELETON), (SPACE, Skeleton(filters=8, cells=(1, 1)))],
    ids=["space", "stages"],
)
def test_another_kind_of_network_is_refused(space, skeleton):
    with pytest.raises(ValueError, match=r"must get an EdgeCellSpace.*Use TrainingEvaluator"):
        CompiledEvaluator(space, DATA, skeleton=skeleton)


def test_a_foreign_architecture_is_refused(evaluator):
    with pytest.raises(ValueError, match="must have 6 values"):
        evaluator(Candidate(Architecture(("none",))), seed=0)


@not_on_jax_itself
def test_all_of_this_holds_on_jax_too():
    assert_passes_on_jax(__file__)


def test_costs_are_those_of_each_networks_own_model(evaluator, ordinary):
    rng = np.random.default_rng(7)
    for architecture in [SPACE.sample(rng) for _ in range(60)]:
        model = RECIPE.build(architecture, seed=0)
        counted = {"parameters": model.count_params(), "flops": count_flops(model)}
        assert evaluator.costs(architecture) == counted
