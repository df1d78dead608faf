"""kerastuner: our spaces in KerasTuner's tuners, our strategies as its oracle, trials across."""

import json
import random
import time
from pathlib import Path

import keras
import keras_tuner
import numpy as np
import pytest
from keras_tuner.errors import FailedTrialError, FatalValueError
from keras_tuner.src import utils

from nas_tutorial.data.datasets import Dataset
from nas_tutorial.evaluators.training import TrainingEvaluator
from nas_tutorial.history import History, read_records
from nas_tutorial.kerastuner import (
    ArchitectureHyperModel,
    MemoryStore,
    StrategyOracle,
    architecture_of,
    declare,
    history_from_tuner,
    history_to_tuner,
)
from nas_tutorial.loop.search import Budget, SearchRun, search
from nas_tutorial.randomness import trial_seed
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.spaces.node_cell import NodeCellSpace
from nas_tutorial.spaces.skeleton import Skeleton
from nas_tutorial.strategies.base import Strategy
from nas_tutorial.strategies.genetic import Genetic
from nas_tutorial.strategies.random_search import RandomSearch
from nas_tutorial.strategies.regularized_evolution import RegularizedEvolution
from nas_tutorial.trials import Candidate, Constraint, Objective, Result, Resumed, Trial
from tests.toys import by_number, fragile, hopeless, noisy

SPACE = EdgeCellSpace()
POOLS = ChainSpace(2, ("max_pool_3x3", "avg_pool_3x3"))  # nine networks that train in no time
SKELETON = Skeleton(filters=2, cells=(1,))
SAVE_JSON = utils.save_json
STRATEGY = {
    "random_search": lambda **s: RandomSearch(SPACE, **s),
    "genetic": lambda **s: Genetic(SPACE, population_size=4, **s),
    "regularized_evolution": lambda **s: RegularizedEvolution(SPACE, population_size=4, **s),
}


def tiny() -> Dataset:
    """Two classes told apart by the sign of four noisy numbers."""
    rng = np.random.default_rng(0)

    def part(size: int):
        y = np.arange(size) % 2
        return (rng.normal(size=(size, 4, 1)) + 2 * y[:, None, None] - 1).astype("float32"), y

    return Dataset("tiny", part(20), part(16), part(8), class_names=("minus", "plus"))


def hypermodel(space=POOLS, **settings) -> ArchitectureHyperModel:
    settings = {"epochs": 2, "batch_size": 8, **settings}
    return ArchitectureHyperModel(space, SKELETON, tiny(), **settings)


def hyperparameters(architecture: Architecture, space=POOLS, **values):
    hp = keras_tuner.HyperParameters()
    declare(hp, space)
    hp.values.update(zip((choice.name for choice in space.choices), architecture.values))
    hp.values.update(values)
    return hp


class Declaring(keras_tuner.HyperModel):
    """The choices of a space, and no model."""

    def __init__(self, space=SPACE):
        super().__init__()
        self.space = space

    def build(self, hp):
        declare(hp, self.space)


def evaluating(kind: type[keras_tuner.Tuner], evaluator, space=SPACE) -> type[keras_tuner.Tuner]:
    """A tuner of KerasTuner's that asks one of our evaluators instead of training a model."""

    class Evaluating(kind):
        def run_trial(self, trial, **settings):
            hp = trial.hyperparameters
            result = evaluator(Candidate(architecture_of(hp, space)), seed=hp.values["nas/seed"])
            if result.error:
                raise FailedTrialError(result.error)
            return {**result.metrics, "seconds": result.seconds}

    return Evaluating


def driven(strategy: Strategy, evaluator, folder: Path, trials: int = 12, **settings):
    """A tuner that one of our strategies drives, made and not yet run."""
    settings = {"max_consecutive_failed_trials": None, **settings}
    oracle = StrategyOracle(strategy, trials, **settings)
    kind = evaluating(keras_tuner.Tuner, evaluator, strategy.space)
    return kind(oracle, Declaring(strategy.space), directory=folder, project_name="p")


def ran(*arguments, **settings) -> History:
    tuner = driven(*arguments, **settings)
    tuner.search(verbose=0)
    return history_from_tuner(tuner, SPACE)


# The hypermodel trains as our evaluator does


def test_a_model_is_trained_and_measured_as_training_evaluator_does():
    model_of, architecture = hypermodel(), Architecture(("max_pool_3x3", "avg_pool_3x3"))
    hp = hyperparameters(architecture, **{"nas/seed": 7})
    model = model_of.build(hp)
    measured = model_of.fit(hp, model, verbose=0)
    evaluator, data = model_of.evaluator, model_of.evaluator.recipe.dataset
    reference = evaluator.recipe.build(architecture, seed=7)
    losses = evaluator.fit(reference, data.x_train, data.y_train, seed=7)
    expected = evaluator.measured(reference)
    assert measured["loss"] == pytest.approx(losses[-1], rel=1e-5)
    for one, other in zip(model.get_weights(), reference.get_weights()):
        np.testing.assert_allclose(one, other, atol=1e-6)
    assert set(measured) == {*expected, "loss", "accuracy", "val_loss", "seconds"}
    for name in expected.keys() - {"latency_ms"}:
        assert measured[name] == pytest.approx(expected[name]), name
    assert measured["seconds"] > 0


def test_a_training_goes_on_where_its_checkpoint_stopped(tmp_path):
    """As Hyperband does it: weights from a file into a model built anew."""
    model_of = hypermodel()
    hp = hyperparameters(Architecture(("max_pool_3x3", "avg_pool_3x3")))
    full = model_of.build(hp)
    whole = model_of.fit(hp, full, verbose=0)
    hp.values["tuner/epochs"] = 1
    first = model_of.build(hp)
    model_of.fit(hp, first, verbose=0)
    assert int(first.optimizer.iterations) == 1 * (20 // 8)  # the trial's epochs are heeded
    first.save_weights(tmp_path / "checkpoint.weights.h5")
    second = model_of.build(hp)
    second.load_weights(tmp_path / "checkpoint.weights.h5")
    rest = model_of.fit(hp, second, epochs=2, initial_epoch=1, verbose=0)
    assert rest["loss"] == pytest.approx(whole["loss"], rel=1e-5)
    for one, other in zip(second.get_weights(), full.get_weights()):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_a_dataset_smaller_than_a_batch_is_one_batch():
    assert (hypermodel(batch_size=500).batch_size, hypermodel().steps_per_epoch) == (20, 2)


@pytest.mark.parametrize("arguments", [([0], {}), ([], {"validation_data": 0}), ([], {"x": 0})])
def test_data_for_search_are_refused(arguments):
    data, settings = arguments
    hp = hyperparameters(Architecture(("skip", "skip")))
    with pytest.raises(FatalValueError, match=r"search\(\) must get no data .* has its own"):
        hypermodel().fit(hp, None, *data, **settings)


@pytest.mark.parametrize("epochs", [3, 0, 0.5])
def test_more_epochs_than_the_hypermodels_are_refused(epochs):
    hp = hyperparameters(Architecture(("skip", "skip")))
    with pytest.raises(FatalValueError, match=rf"whole number in \[1, 2\].*got {epochs}. Make"):
        hypermodel().fit(hp, None, epochs=epochs)


def test_a_loss_that_is_no_number_fails_the_trial():
    model_of = hypermodel(learning_rate=1e36)
    hp = hyperparameters(Architecture(("skip", "skip")))
    with pytest.raises(
        FailedTrialError, match=r"must be a finite number, got .* in epoch 2\. Lower"
    ):
        model_of.fit(hp, model_of.build(hp), verbose=0)


class NoSkipFirst(ChainSpace):
    """A space with a rule."""

    def is_valid(self, architecture) -> bool:
        return architecture.values[0] != self.SKIP


def test_an_architecture_that_the_space_refuses_is_a_failed_trial(tmp_path):
    space = NoSkipFirst(2, ("max_pool_3x3", "avg_pool_3x3"))

    class OnlyBuilding(keras_tuner.RandomSearch):
        def run_trial(self, trial, **settings):
            self.hypermodel.build(trial.hyperparameters)
            return 0.5

    tuner = OnlyBuilding(
        hypermodel(space), "val_accuracy", max_trials=7, seed=1, directory=tmp_path,
        max_consecutive_failed_trials=None,
    )  # fmt: skip
    tuner.search(verbose=0)
    history = history_from_tuner(tuner, space)
    assert len(history) == 7
    assert {trial.failed for trial in history} == {True, False}
    for trial in history:
        assert trial.failed == (trial.candidate.architecture not in space)
        if trial.failed:
            assert "an architecture of chain must keep its rules" in trial.result.error


def test_the_first_model_that_a_tuner_builds_is_valid(tmp_path):
    """The first options of every choice make no valid cell of NAS-Bench-101."""
    space = NodeCellSpace(5)
    first = Architecture(tuple(choice.options[0] for choice in space.choices))
    assert first not in space
    keras_tuner.RandomSearch(
        ArchitectureHyperModel(space, Skeleton(4, (1,)), tiny()), "val_accuracy", directory=tmp_path
    )


def test_an_operation_that_nobody_knows_is_refused_before_the_tuner_is_made():
    with pytest.raises(ValueError, match="an operation must be one of"):
        hypermodel(ChainSpace(1, ("nor_conv_3x4",)))


def test_a_model_that_cannot_be_built_is_a_failed_trial():
    """Two nodes that the output joins cannot share one filter."""
    space = NodeCellSpace(4)
    model_of = ArchitectureHyperModel(space, Skeleton(1, (1,)), tiny())
    joined = {"edge 0 to 1", "edge 0 to 2", "edge 1 to 3", "edge 2 to 3"}
    values = [int(name in joined) for name in (choice.name for choice in space.choices[:6])]
    cell = Architecture((*values, "maxpool3x3", "maxpool3x3"))
    with pytest.raises(FailedTrialError, match=r"filters must be .* build with more filters"):
        model_of.build(hyperparameters(cell, space))


def test_predictions_that_are_no_numbers_fail_the_trial():
    model_of = hypermodel()
    hp = hyperparameters(Architecture(("skip", "skip")))
    model = model_of.build(hp)

    class SpoilWeights(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            model.set_weights([np.full_like(weight, np.nan) for weight in model.get_weights()])

    with pytest.raises(FailedTrialError, match="must be a finite number, got nan after training"):
        model_of.fit(hp, model, verbose=0, epochs=1, callbacks=[SpoilWeights()])


# Real trainings in KerasTuner's own tuners


def random_tuner(folder):
    return keras_tuner.RandomSearch(
        hypermodel(), "val_accuracy", max_trials=2, seed=1, directory=folder
    )


def bayesian_tuner(folder):
    return keras_tuner.BayesianOptimization(
        hypermodel(), "val_accuracy", max_trials=2, num_initial_points=1, seed=1, directory=folder
    )


def hyperband_tuner(folder):
    return keras_tuner.Hyperband(
        hypermodel(), "val_accuracy", max_epochs=2, factor=2, seed=1, directory=folder
    )


@pytest.mark.parametrize("make", [random_tuner, bayesian_tuner, hyperband_tuner])
def test_kerastuners_own_tuners_search_a_space(make, tmp_path):
    tuner = make(tmp_path)
    tuner.search(verbose=0)
    history = history_from_tuner(tuner, POOLS)
    assert len(history) == len(tuner.oracle.trials) >= 2
    for number, trial in enumerate(history):
        assert trial.number == number
        assert trial.result.error is None
        assert trial.candidate.architecture in POOLS
        assert trial.seed == 0
        assert trial.result.seconds > 0
        assert trial.value("parameters") > 0
        assert (
            trial.value("val_accuracy") == tuner.oracle.trials[tuner.oracle.end_order[number]].score
        )
    (best,) = tuner.get_best_hyperparameters()
    winner = history.best(Objective())
    if make is hyperband_tuner:
        assert {trial.candidate.epochs for trial in history} == {1, 2}
        (promoted,) = [trial for trial in history if trial.candidate.resumes is not None]
        earlier = history[promoted.candidate.resumes.number]
        assert promoted.candidate.architecture == earlier.candidate.architecture
        assert (earlier.candidate.epochs, promoted.candidate.resumes.epochs) == (1, 1)
    else:
        assert architecture_of(best, POOLS) == winner.candidate.architecture
    (model,) = tuner.get_best_models()
    assert model.count_params() == winner.value("parameters")


def test_a_strategy_drives_real_trainings_as_search_does(tmp_path):
    def strategy():
        return Genetic(POOLS, seed=3, population_size=2, tournament_size=1)

    oracle = StrategyOracle(strategy(), 4)
    keras_tuner.Tuner(oracle, hypermodel(), directory=tmp_path).search(verbose=0)
    evaluator = TrainingEvaluator(POOLS, tiny(), skeleton=SKELETON, epochs=2, batch_size=8)
    reference = search(strategy(), evaluator, trials=4, progress=False)
    assert (len(oracle.history), oracle.history.num_bred) == (4, 2)
    for one, other in zip(oracle.history, reference):
        assert (one.number, one.candidate, one.seed) == (other.number, other.candidate, other.seed)
        assert one.value("val_accuracy") == pytest.approx(other.value("val_accuracy"), abs=0.02)


# A strategy as the oracle: the same search


@pytest.mark.parametrize("evaluator", [noisy, fragile])
@pytest.mark.parametrize("seed", [0, 5])
@pytest.mark.parametrize("name", STRATEGY)
def test_the_oracles_search_is_ours(name, seed, evaluator, tmp_path):
    history = ran(STRATEGY[name](seed=seed), evaluator, tmp_path, trials=20)
    reference = search(STRATEGY[name](seed=seed), evaluator, trials=20, progress=False)
    assert by_number(history) == by_number(reference)
    assert [t.result.seconds for t in history if not t.failed] == [
        t.result.seconds for t in reference if not t.failed
    ]
    assert history.num_bred == reference.num_bred
    assert (history.num_bred > 0) == (name != "random_search")


def test_seed_zero_is_honoured_and_python_keeps_its_random_state(tmp_path):
    random.seed(1)
    state = random.getstate()
    oracle = StrategyOracle(RandomSearch(SPACE, seed=0), 3)
    assert random.getstate() == state
    assert oracle.seed == 0
    trials = [oracle_trial(oracle, tmp_path, tuner) for tuner in "abc"]
    seeds = [trial.hyperparameters.values["nas/seed"] for trial in trials]
    assert seeds == [trial_seed(0, number) for number in range(3)]


def oracle_trial(oracle, folder, tuner_id: str):
    oracle._set_project_dir(folder, "p")
    oracle.verbose = 0
    return oracle.create_trial(tuner_id)


def ended(oracle, trial, metrics=None, status="COMPLETED", message=None) -> None:
    if metrics:
        oracle.update_trial(trial.trial_id, metrics)
    trial.status, trial.message = status, message
    oracle.end_trial(trial)


class Scripted(Strategy):
    """Proposes given candidates in order; None in the list waits until all are told."""

    name = "scripted"

    def __init__(self, space, script, **shared):
        super().__init__(space, **shared)
        self.script, self.waiting, self.told = list(script), 0, []

    def ask(self):
        if self.script and self.script[0] is None and not self.waiting:
            self.script.pop(0)
        if not self.script or self.script[0] is None:
            return None
        self.waiting += 1
        return self.script.pop(0)

    def tell(self, trial):
        self.waiting -= 1
        self.told.append(trial)


def candidates(number: int) -> list[Candidate]:
    rng = np.random.default_rng(0)
    return [Candidate(SPACE.sample(rng)) for _ in range(number)]


def test_a_strategy_that_waits_idles_and_one_that_is_finished_stops(tmp_path):
    a, b, c = candidates(3)
    strategy = Scripted(SPACE, [a, b, None, c])
    oracle = StrategyOracle(strategy, 10)
    one, two = oracle_trial(oracle, tmp_path, "one"), oracle_trial(oracle, tmp_path, "two")
    assert (one.trial_id, two.trial_id) == ("00", "01")
    assert oracle.create_trial("three").status == "IDLE"
    ended(oracle, two, {"val_accuracy": 0.2})
    assert oracle.create_trial("three").status == "IDLE"
    ended(oracle, one, {"val_accuracy": 0.1})
    three = oracle.create_trial("three")
    assert three.status == "RUNNING"
    assert oracle.create_trial("one").status == "IDLE"  # it may still fail and be replaced
    ended(oracle, three, {"val_accuracy": 0.3})
    assert oracle.create_trial("one").status == "STOPPED"
    assert [trial.number for trial in strategy.told] == [1, 0, 2]
    assert [trial.candidate for trial in strategy.told] == [b, a, c]
    assert oracle.history == History(strategy.told)


def test_a_search_ends_where_the_strategy_is_finished(tmp_path):
    strategy = Scripted(SPACE, candidates(3))
    assert len(ran(strategy, noisy, tmp_path, trials=10)) == 3


def test_epochs_of_a_candidate_reach_the_trial(tmp_path):
    (drawn,) = candidates(1)
    short = Candidate(drawn.architecture, epochs=1)
    longer = Candidate(drawn.architecture, 3, resumes=Resumed(0, 1))
    strategy = Scripted(SPACE, [short, None, longer])
    oracle = StrategyOracle(strategy, 2)
    first = oracle_trial(oracle, tmp_path, "one")
    assert first.hyperparameters.values["tuner/epochs"] == 1
    ended(oracle, first, {"val_accuracy": 0.5})
    second = oracle.create_trial("one")
    assert second.hyperparameters.values["tuner/epochs"] == 3
    # It goes on with the training of the first, so it has its seed.
    assert second.hyperparameters.values["nas/seed"] == trial_seed(0, 0)


def test_failed_trials_are_told_as_failed(tmp_path):
    strategy = Scripted(SPACE, candidates(4))
    oracle = StrategyOracle(strategy, 4)
    message = "Traceback:\n  File\nMemoryError: too large\n"
    ended(oracle, oracle_trial(oracle, tmp_path, "one"), status="FAILED", message=message)
    ended(oracle, oracle.create_trial("one"), {"val_accuracy": float("nan")})
    ended(oracle, oracle.create_trial("one"), {"val_accuracy": 0.5, "val_loss": float("inf")})
    ended(oracle, oracle.create_trial("one"), {"val_accuracy": float("inf")})
    errors = [trial.result.error for trial in strategy.told]
    assert errors[0] == "MemoryError: too large"
    assert errors[1] == "val_accuracy must be a finite number, got nan."
    assert errors[2] is None
    assert strategy.told[2].result.metrics == {"val_accuracy": 0.5}
    assert errors[3] == "val_accuracy must be a finite number, got inf."


def test_the_clock_stands_in_where_a_trial_reports_no_seconds(tmp_path):
    strategy = Scripted(SPACE, candidates(2))
    oracle = StrategyOracle(strategy, 2)
    trial = oracle_trial(oracle, tmp_path, "one")
    time.sleep(0.02)
    ended(oracle, trial, {"val_accuracy": 0.5})
    ended(oracle, oracle.create_trial("one"), {"val_accuracy": 0.5, "seconds": 77})
    assert 0.02 <= strategy.told[0].result.seconds < 10
    assert strategy.told[1].result.seconds == 77


def test_a_trial_that_is_run_again_is_told_once_as_it_ended(tmp_path):
    strategy = Scripted(SPACE, candidates(1))
    runs = iter([OSError("once"), float("nan"), 0.5, 0.75])

    class Unreliable(keras_tuner.Tuner):
        def run_trial(self, trial, **settings):
            value = next(runs)
            if isinstance(value, Exception):
                raise value
            return value

    oracle = StrategyOracle(strategy, 1, max_retries_per_trial=9)
    Unreliable(oracle, Declaring(), directory=tmp_path).search(verbose=0)
    (only,) = strategy.told
    assert (only.number, only.result.error, only.value("val_accuracy")) == (0, None, 0.5)
    assert next(runs) == 0.75  # it was not run a fourth time


def test_three_failures_in_a_row_end_a_search_unless_told_otherwise(tmp_path):
    tuner = driven(
        RandomSearch(SPACE), hopeless, tmp_path / "three", max_consecutive_failed_trials=3
    )
    with pytest.raises(RuntimeError, match="exceeded the limit of 3"):
        tuner.search(verbose=0)
    assert len(ran(RandomSearch(SPACE), hopeless, tmp_path / "none")) == 12


def test_constraints_are_heeded(tmp_path):
    limit = [Constraint("parameters", 250)]
    history = ran(Genetic(SPACE, constraints=limit), noisy, tmp_path, trials=20)
    reference = search(Genetic(SPACE, constraints=limit), noisy, trials=20, progress=False)
    assert by_number(history) == by_number(reference)
    assert history.best(Objective(), limit).value("parameters") <= 250


def test_a_measure_that_a_constraint_needs_must_be_reported(tmp_path):
    strategy = RandomSearch(SPACE, constraints=[Constraint("flops", 100)])
    with pytest.raises(ValueError, match=r"a measured value must be one of .*; got 'flops'"):
        ran(strategy, noisy, tmp_path)


def test_a_fresh_strategy_and_a_positive_number_of_trials_are_needed():
    strategy = RandomSearch(SPACE)
    with pytest.raises(ValueError, match="trials must be a whole number at least 1, got 0"):
        StrategyOracle(strategy, 0)
    strategy = RandomSearch(SPACE)
    StrategyOracle(strategy, 1)
    with pytest.raises(ValueError, match="a strategy must be fresh"):
        StrategyOracle(strategy, 1)


# Interrupted and resumed


class InterruptedAt:
    """`fragile`, but one call is interrupted."""

    def __init__(self, call: int):
        self.left = call

    def __call__(self, candidate, *, seed) -> Result:
        self.left -= 1
        if self.left == -1:
            raise KeyboardInterrupt
        return fragile(candidate, seed=seed)


@pytest.mark.parametrize("call", [0, 1, 6, 11])
@pytest.mark.parametrize("name", STRATEGY)
def test_interrupted_and_resumed_equals_uninterrupted(name, call, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        ran(STRATEGY[name](), InterruptedAt(call), tmp_path)
    history = ran(STRATEGY[name](), fragile, tmp_path)
    assert by_number(history) == by_number(
        search(STRATEGY[name](), fragile, trials=12, progress=False)
    )


class CrashAt:
    """KerasTuner's way to write a file, interrupted before one of its writes."""

    def __init__(self, number: int):
        self.left = number

    def __call__(self, path, content):
        self.left -= 1
        if self.left == -1:
            raise KeyboardInterrupt
        return SAVE_JSON(path, content)


class Flaky:
    """`fragile`, but the first call with every seed raises."""

    def __init__(self):
        self.seen = set()

    def __call__(self, candidate, *, seed) -> Result:
        if seed not in self.seen:
            self.seen.add(seed)
            raise OSError("once")
        return fragile(candidate, seed=seed)


@pytest.mark.parametrize("make", [lambda: fragile, Flaky])
def test_a_crash_at_any_write_of_kerastuner_costs_nothing(make, tmp_path, monkeypatch):
    """At any moment, also where its files disagree with each other."""

    def run(folder) -> History:
        strategy = Genetic(SPACE, population_size=2, tournament_size=2)
        return ran(strategy, make(), folder, trials=3, max_retries_per_trial=9)

    reference = run(tmp_path / "whole")
    for number in range(60):
        folder, crash = tmp_path / str(number), CrashAt(number)
        monkeypatch.setattr(utils, "save_json", crash)
        try:
            history = run(folder)
        except KeyboardInterrupt:
            run(folder)
            history = run(folder)  # and what was kept then can be read again
        assert by_number(history) == by_number(reference), number
        if crash.left >= 0:  # it had its turn at every write
            break
    assert 20 < number < 59


def test_a_finished_search_goes_on_with_more_trials(tmp_path):
    ran(STRATEGY["genetic"](), noisy, tmp_path, trials=6)
    history = ran(STRATEGY["genetic"](), noisy, tmp_path, trials=12)
    reference = search(STRATEGY["genetic"](), noisy, trials=12, progress=False)
    assert by_number(history) == by_number(reference)


def test_trials_in_flight_at_a_crash_are_run_again_and_told_in_their_order(tmp_path):
    drawn = candidates(3)
    oracle = StrategyOracle(Scripted(SPACE, drawn), 3)
    one, _ = oracle_trial(oracle, tmp_path, "one"), oracle_trial(oracle, tmp_path, "two")
    three = oracle.create_trial("three")
    ended(oracle, three, {"val_accuracy": 0.3})
    oracle.update_trial(one.trial_id, {"val_accuracy": 0.9})  # measured, and not ended
    strategy = Scripted(SPACE, drawn)
    again = StrategyOracle(strategy, 3)
    again._set_project_dir(tmp_path, "p")
    again.reload()
    again.verbose = 0
    for value in (0.2, 0.1):
        ended(again, again.create_trial("one"), {"val_accuracy": value})
    assert again.create_trial("one").status == "STOPPED"
    assert sorted(trial.number for trial in strategy.told) == [0, 1, 2]
    assert {trial.value("val_accuracy") for trial in strategy.told} == {0.1, 0.2, 0.3}


def test_a_strategy_that_proposes_otherwise_is_refused(tmp_path):
    ran(STRATEGY["genetic"](), noisy, tmp_path)
    with pytest.raises(ValueError, match="must hold the proposals that this strategy makes"):
        driven(STRATEGY["genetic"](seed=1), noisy, tmp_path)


def test_the_directory_of_another_oracle_is_refused(tmp_path):
    kind = evaluating(keras_tuner.RandomSearch, noisy)
    fixed = keras_tuner.HyperParameters()
    fixed.Fixed("nas/seed", 0)
    kind(Declaring(), "val_accuracy", 1, directory=tmp_path, project_name="p",
         hyperparameters=fixed).search(verbose=0)  # fmt: skip
    with pytest.raises(RuntimeError, match="Error reloading `Oracle` from existing project"):
        driven(RandomSearch(SPACE), noisy, tmp_path)


def test_the_oracles_file_is_json_alone(tmp_path):
    history = ran(STRATEGY["genetic"](), fragile, tmp_path)
    state = json.loads((tmp_path / "p" / "oracle.json").read_text())
    assert sum("ask" in record for record in state["records"]) == 12
    assert sum("tell" in record for record in state["records"]) == len(history) == 12


# Histories across


def seeded(seed: int = 0) -> keras_tuner.HyperParameters:
    """What `ArchitectureHyperModel` adds to the choices."""
    hp = keras_tuner.HyperParameters()
    hp.Fixed("nas/seed", seed)
    return hp


def ordinary(kind, folder, space=SPACE, evaluator=noisy, **settings):
    settings = {"max_trials": 12, "seed": 1, "hyperparameters": seeded(), **settings}
    return evaluating(kind, evaluator, space)(
        Declaring(space), "val_accuracy", directory=folder, **settings
    )


def test_trials_of_another_tuner_become_a_history(tmp_path):
    tuner = ordinary(
        keras_tuner.RandomSearch, tmp_path, evaluator=fragile, max_consecutive_failed_trials=None
    )
    tuner.search(verbose=0)
    history = history_from_tuner(tuner, SPACE)
    assert history == history_from_tuner(tuner.oracle, SPACE)
    assert [trial.number for trial in history] == list(range(12))
    assert 0 < sum(trial.failed for trial in history) < 12
    for trial in history:
        expected = fragile(trial.candidate, seed=0)
        assert dict(trial.result.metrics) == pytest.approx(dict(expected.metrics))
        if trial.failed:
            assert trial.result.error.endswith("FailedTrialError: MemoryError: too large")
        else:
            assert trial.result.seconds == expected.seconds
    history.save(tmp_path / "history.jsonl")
    assert History.load(tmp_path / "history.jsonl") == history


def test_a_trial_without_seed_and_seconds_has_the_tuners_seed_and_none():
    oracle = keras_tuner.oracles.RandomSearchOracle("val_accuracy", 1, seed=8)
    declare(oracle.hyperparameters, SPACE)
    oracle._set_project_dir("/nonexistent", "p")
    hp = oracle.get_space()
    trial = keras_tuner.engine.trial.Trial(hp, "0", "COMPLETED")
    for step, (accuracy, loss) in enumerate([(0.25, 1.0), (0.75, 9.0), (0.5, 0.5)]):
        trial.metrics.update("val_accuracy", accuracy, step=step)
        trial.metrics.update("val_loss", loss, step=step)
    oracle.score_trial(trial)
    oracle.trials, oracle.start_order, oracle.end_order = {"0": trial}, ["0"], ["0"]
    (only,) = history_from_tuner(oracle, SPACE)
    assert (only.seed, only.result.seconds) == (8, 0)
    assert dict(only.result.metrics) == {"val_accuracy": 0.75, "val_loss": 9.0}  # of the best epoch


def test_a_tuner_of_another_space_gives_no_history(tmp_path):
    tuner = ordinary(keras_tuner.RandomSearch, tmp_path, max_trials=1)
    tuner.search(verbose=0)
    with pytest.raises(
        ValueError, match="every choice of chain, but 'slot 1' is not among nas/seed"
    ):
        history_from_tuner(tuner, POOLS)


def evaluated(architectures, epochs=None) -> History:
    trials = []
    for number, architecture in enumerate(architectures):
        candidate = Candidate(architecture, epochs)
        trials.append(Trial(number, candidate, 40 + number, noisy(candidate, seed=number)))
    return History(trials)


def failed(number: int) -> Trial:
    return Trial(number, candidates(1)[0], 0, Result({}, 1.0, error="MemoryError: too large"))


def test_bayesian_optimization_goes_on_from_our_search(tmp_path):
    ours = search(STRATEGY["genetic"](), fragile, trials=12, progress=False)
    succeeded = [trial for trial in ours if not trial.failed]
    count = len(succeeded)
    assert 3 < count < 12
    settings = {"num_initial_points": count, "max_trials": count + 1}
    tuner = ordinary(keras_tuner.BayesianOptimization, tmp_path, **settings)
    history_to_tuner(ours, tuner, SPACE)
    assert tuner.oracle.verbose == 1
    back = history_from_tuner(tuner, SPACE)
    assert [(t.candidate.architecture, t.seed, t.result) for t in back] == [
        (t.candidate.architecture, t.seed, t.result) for t in succeeded
    ]
    best = ours.best(Objective()).candidate.architecture
    assert architecture_of(tuner.get_best_hyperparameters()[0], SPACE) == best
    again = ordinary(keras_tuner.BayesianOptimization, tmp_path, **settings)  # from its directory
    assert history_from_tuner(again, SPACE) == back
    again.search(verbose=0)
    assert len(again.oracle.trials) == count + 1
    assert len(again.oracle.gpr.X_train_) == count  # the model was fitted to our trials
    scores = [-trial.value("val_accuracy") for trial in succeeded]
    fitted = again.oracle.gpr.y_train_ * again.oracle.gpr._y_train_std + np.mean(scores)
    np.testing.assert_allclose(sorted(fitted), sorted(scores))


def test_random_search_does_not_repeat_our_trials(tmp_path):
    *known, last = POOLS
    tuner = ordinary(keras_tuner.RandomSearch, tmp_path, POOLS, max_trials=9, seed=2)
    history_to_tuner(evaluated(known), tuner, POOLS)
    tuner.oracle._max_collisions = 1000  # or it may stop before it meets the last one
    tuner.search(verbose=0)
    assert history_from_tuner(tuner, POOLS)[-1].candidate.architecture == last


def test_failed_trials_and_those_of_fewer_epochs_are_left_out(tmp_path):
    short, long = evaluated(list(POOLS)[:3], epochs=1), evaluated(list(POOLS)[3:5], epochs=2)
    mixed = History([*short, *long, failed(5), failed(6), failed(7)])
    tuner = ordinary(keras_tuner.RandomSearch, tmp_path, POOLS)
    history_to_tuner(mixed, tuner, POOLS)
    taken = [trial.candidate.architecture for trial in history_from_tuner(tuner, POOLS)]
    assert taken == list(POOLS)[3:5]


@pytest.mark.parametrize("kind", [keras_tuner.GridSearch, keras_tuner.Hyperband])
def test_tuners_that_count_on_their_own_trials_are_refused(kind, tmp_path):
    tuner = kind(Declaring(POOLS), "val_accuracy", directory=tmp_path)
    with pytest.raises(
        ValueError, match=rf"got a {kind.__name__}Oracle with 0\. Make one in a new"
    ):
        history_to_tuner(evaluated(POOLS), tuner, POOLS)


def test_a_tuner_with_trials_is_refused(tmp_path):
    tuner = ordinary(keras_tuner.RandomSearch, tmp_path, POOLS)
    history_to_tuner(evaluated(list(POOLS)[:2]), tuner, POOLS)
    with pytest.raises(ValueError, match="without trials, got a RandomSearchOracle with 2"):
        history_to_tuner(evaluated(POOLS), tuner, POOLS)


def test_a_tuner_or_a_history_of_another_space_or_objective_is_refused(tmp_path):
    tuner = ordinary(keras_tuner.RandomSearch, tmp_path / "edge")
    with pytest.raises(
        ValueError, match=r"must search the choices of chain and nothing else, got \{'0 to 1'"
    ):
        history_to_tuner(evaluated(POOLS), tuner, POOLS)
    with pytest.raises(ValueError, match="an architecture of edge_cell must have 6 values, got 2"):
        history_to_tuner(evaluated(POOLS), tuner, SPACE)
    tuner = evaluating(keras_tuner.RandomSearch, noisy)(
        Declaring(), "val_loss", directory=tmp_path / "loss"
    )
    ours = search(RandomSearch(SPACE), noisy, trials=2, progress=False)
    with pytest.raises(ValueError, match=r"a measured value must be one of .*; got 'val_loss'"):
        history_to_tuner(ours, tuner, SPACE)
    assert not tuner.oracle.trials


# Records that KerasTuner keeps


def test_records_in_memory_are_those_of_a_file(tmp_path):
    """So a search that another program keeps can go on as one in a file does."""
    path = tmp_path / "store.jsonl"
    search(RandomSearch(SPACE), noisy, trials=4, store=path, progress=False)
    memory = MemoryStore(Path("elsewhere.json"))
    run = SearchRun(RandomSearch(SPACE), Budget(trials=4), memory)
    while (proposal := run.ask()) is not None:
        run.tell(Trial(*proposal, noisy(proposal[1], seed=proposal[2])))
    assert memory.records == read_records(path)[1:]
    again = MemoryStore(Path("elsewhere.json"))
    again.records = memory.records[:-1]
    resumed = SearchRun(RandomSearch(SPACE), Budget(trials=4), again)
    resumed.replay()
    assert list(resumed.told) == [0, 1, 2]
    assert resumed.next() == run.asked[3]  # its result was lost
    assert resumed.next() is None


def test_records_of_another_strategy_are_refused_by_the_name_of_their_place():
    memory = MemoryStore(Path("elsewhere.json"))
    run = SearchRun(RandomSearch(SPACE), Budget(trials=4), memory)
    run.ask()
    other = SearchRun(RandomSearch(SPACE, seed=1), Budget(trials=4), memory)
    with pytest.raises(ValueError, match=r"elsewhere\.json must hold the proposals that this"):
        other.replay()


# What a strategy does not choose


class Tunes(Declaring):
    """Asks for the choices of the space, and for more."""

    def build(self, hp):
        super().build(hp)
        hp.Fixed("momentum", 0.9)
        hp.Float("learning_rate", 0.01, 0.1)
        hp.Boolean("normalise")


def test_a_hyperparameter_that_the_strategy_does_not_choose_is_named(tmp_path):
    """It would keep its default in every trial."""
    expected = (
        r"choices of edge_cell and nothing else, but asks for learning_rate, normalise too.*Fix"
    )
    with pytest.raises(ValueError, match=expected):
        keras_tuner.Tuner(StrategyOracle(RandomSearch(SPACE), 2), Tunes(), directory=tmp_path)


def test_a_tuner_of_other_options_is_another_space(tmp_path):
    others = ChainSpace(2, ("max_pool_3x3", "nor_conv_1x1"))
    tuner = keras_tuner.RandomSearch(
        Declaring(others), "val_accuracy", max_trials=3, directory=tmp_path
    )
    with pytest.raises(ValueError, match="must search the choices of chain and nothing else"):
        history_to_tuner(History([]), tuner, POOLS)
    hp = hyperparameters(Architecture(("nor_conv_1x1", "skip")), others)
    with pytest.raises(ValueError, match=r"choice 'slot 1' must be one of .*got 'nor_conv_1x1'"):
        architecture_of(hp, POOLS)
