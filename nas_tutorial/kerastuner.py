"""The bridge to KerasTuner, in both directions; an annex. Needs the extra `notebooks`.

`ArchitectureHyperModel` lets KerasTuner's tuners search a space of ours; `StrategyOracle` lets a
strategy of ours choose what KerasTuner trains; two functions carry finished trials across.

Reference:
    O'Malley et al. 2019, KerasTuner, https://github.com/keras-team/keras-tuner
"""

import itertools
import math
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from nas_tutorial.backend import keras  # first: it sets Keras up, which KerasTuner imports

# isort: split
import keras_tuner
from keras_tuner.engine.hyperparameters import Fixed
from keras_tuner.engine.trial import Trial as TunerTrial
from keras_tuner.engine.trial import TrialStatus
from keras_tuner.errors import FailedTrialError, FatalValueError

from nas_tutorial.data.datasets import Dataset
from nas_tutorial.evaluators.training import TrainingEvaluator
from nas_tutorial.history import History
from nas_tutorial.loop.search import Budget, SearchRun
from nas_tutorial.names import one_of, shown
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.spaces.skeleton import Skeleton
from nas_tutorial.strategies.base import Strategy
from nas_tutorial.trials import Candidate, Result, Resumed, Trial

SEED = "nas/seed"  # beside the choices among a trial's hyperparameters
EPOCHS = "tuner/epochs"  # there by the name that KerasTuner's Hyperband gives it
NOT_FOR_SEARCH = ("x", "y", "validation_data", "batch_size", "steps_per_epoch", "shuffle")


class ArchitectureHyperModel(keras_tuner.HyperModel):
    """A `hp.Choice` for each choice of a space, trained and measured as `TrainingEvaluator` does.

    Call `tuner.search()` without data. A trial reports what it measured after its last epoch;
    KerasTuner keeps the weights of the best one. Every trial begins from the same seed unless
    `StrategyOracle` gives it one, so `executions_per_trial` repeats the very same training. An
    architecture that the space refuses is a failed trial, and KerasTuner gives up after three of
    them in a row: where a space has rules, give the tuner `max_consecutive_failed_trials=None`.

    Args:
        space: Where to search.
        skeleton: How cells are stacked; None chooses `Skeleton.for_input`.
        dataset: What to train on.
        seed: Of the initial weights and the order of the samples.
        recipe: `epochs`, `batch_size` and `learning_rate` as in `TrainingEvaluator`.
    """

    def __init__(
        self, space: SearchSpace, skeleton: Skeleton | None, dataset: Dataset, *, seed=0, **recipe
    ):
        super().__init__(name=space.name)
        self.evaluator = TrainingEvaluator(space, dataset, skeleton=skeleton, **recipe)
        self.seed = seed
        self.batch_size = min(self.evaluator.recipe.batch_size, len(dataset.x_train))
        self.steps_per_epoch = len(dataset.x_train) // self.batch_size

    def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
        """The compiled model of an architecture.

        Raises:
            FailedTrialError: If the space refuses the architecture, or it cannot be built.
        """
        declare(hp, self.evaluator.recipe.space)
        seed = hp.Fixed(SEED, self.seed)
        architecture = architecture_of(hp, self.evaluator.recipe.space)
        try:
            self.evaluator.recipe.space.require(architecture)
            model = self.evaluator.recipe.build(architecture, seed=seed)
        except ValueError as error:
            raise FailedTrialError(str(error)) from error
        self.evaluator.compile(model, self.steps_per_epoch, metrics=["accuracy"])
        model.optimizer.build(model.trainable_variables)  # or no checkpoint could restore its state
        return model

    def fit(self, hp: keras_tuner.HyperParameters, model: keras.Model, *data, **settings) -> dict:
        """Train a model and measure it after the last epoch.

        Args:
            hp, model: What the model was built from, and the model, which is changed.
            data: None; the hypermodel has its own.
            settings: Of `keras.Model.fit`: callbacks, verbose, epochs, initial_epoch.

        Returns:
            Name -> value: Keras's metrics, those of an evaluator's result, and the seconds.

        Raises:
            FatalValueError: If data are given, or more epochs than the evaluator has.
            FailedTrialError: If the loss, a weight or a prediction is no longer a number.
        """
        evaluator, start = self.evaluator, time.perf_counter()
        if data or not settings.keys().isdisjoint(NOT_FOR_SEARCH):
            raise FatalValueError(
                f"search() must get no data and none of {', '.join(NOT_FOR_SEARCH)}, got "
                f"{len(data)} arrays and {', '.join(settings)}. ArchitectureHyperModel has its own."
            )
        epochs = settings.setdefault("epochs", hp.values.get(EPOCHS, evaluator.recipe.epochs))
        if epochs not in range(1, evaluator.recipe.epochs + 1):
            raise FatalValueError(
                f"epochs must be a whole number in [1, {evaluator.recipe.epochs}], the hypermodel's own, "
                f"got {epochs}. Make ArchitectureHyperModel with more epochs."
            )
        epochs_before = settings.get("initial_epoch", 0)
        model.optimizer.iterations.assign(epochs_before * self.steps_per_epoch)
        run = model.fit(
            self._batches(hp.values[SEED], epochs_before),
            steps_per_epoch=self.steps_per_epoch,
            validation_data=(evaluator.recipe.dataset.x_val, evaluator.recipe.dataset.y_val),
            shuffle=False,
            **settings,
        )
        last = {name: values[-1] for name, values in run.history.items()}
        if not math.isfinite(last["loss"]):
            raise FailedTrialError(
                f"the training loss must be a finite number, got {last['loss']} in epoch {epochs}. "
                "Lower the learning rate."
            )
        try:
            measured = evaluator.measured(model)
        except FloatingPointError as error:
            raise FailedTrialError(str(error)) from error
        return {**last, **measured, "seconds": time.perf_counter() - start}

    def _batches(self, seed: int, epochs_before: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The batches of `TrainingEvaluator.fit` without those of the epochs before."""
        x, y = self.evaluator.recipe.dataset.x_train, self.evaluator.recipe.dataset.y_train
        rng = np.random.default_rng(seed)
        for epoch in itertools.count():
            order = rng.permutation(len(x))[: self.steps_per_epoch * self.batch_size]
            if epoch >= epochs_before:
                yield from ((x[rows], y[rows]) for rows in order.reshape(-1, self.batch_size))


class MemoryStore:
    """Records of a search that someone else keeps, as KerasTuner does in a file of its own.

    Args:
        path: That file, to be named in errors.
    """

    def __init__(self, path: Path):
        self.path = path
        self.records: list[dict] = []

    def append(self, record: dict) -> None:
        """Keep one record more."""
        self.records.append(record)


class StrategyOracle(keras_tuner.Oracle):
    """A strategy of ours where KerasTuner has an algorithm of its own.

    Candidates, numbers and seeds are those of `search(strategy, ..., trials=max_trials)`. A tuner
    made again with a fresh strategy and the same directory goes on: what was asked and told stands
    in its oracle.json and is repeated, and an interrupted trial is trained again. So is one that
    resumes an earlier trial, from the beginning. Strategies heed constraints; KerasTuner's own
    `get_best_hyperparameters` does not, `history_from_tuner(tuner, space).best(...)` does.

    Args:
        strategy: A fresh one. Its space, objective and seed are the oracle's.
        max_trials: How many candidates to evaluate.
        settings: Of `keras_tuner.Oracle`: `max_retries_per_trial`, and
            `max_consecutive_failed_trials`, after which KerasTuner gives up; None for never.

    Raises:
        ValueError: If the strategy was searched with before, max_trials is not positive, or (where
            the tuner is made) the hypermodel asks for a hyperparameter that is no choice of the space.
    """

    def __init__(self, strategy: Strategy, max_trials: int, **settings):
        objective = keras_tuner.Objective(strategy.objective.name, strategy.objective.direction)
        choices = keras_tuner.HyperParameters()
        declare(choices, strategy.space)
        # What a hypermodel fixes besides the choices, as its seed, is not tuned.
        settings |= {"tune_new_entries": False, "seed": strategy.seed or 1}
        super().__init__(objective, max_trials, choices, **settings)
        self.seed = strategy.seed  # in place of 0, KerasTuner would draw one by Python's generator
        self._store = MemoryStore(Path("oracle.json"))
        self._run = SearchRun(strategy, Budget(max_trials), self._store)
        self._started: dict[str, float] = {}

    @property
    def history(self) -> History:
        """The trials that have ended, in the order in which they did."""
        return History(self._run.told.values())

    def populate_space(self, trial_id: str) -> dict:
        """What the strategy proposes, as KerasTuner wants it: a status, and values to run with."""
        job = self._run.ask()
        if job is None:
            return {"status": TrialStatus.IDLE if self.ongoing_trials else TrialStatus.STOPPED}
        _, candidate, seed = job
        values = _values(candidate.architecture, self._run.strategy.space) | {SEED: seed}
        if candidate.epochs is not None:
            values[EPOCHS] = candidate.epochs
        return {"status": TrialStatus.RUNNING, "values": values}

    def update_space(self, hyperparameters: keras_tuner.HyperParameters) -> None:
        """Take in what a hypermodel asks for, which must be the choices of the space.

        Raises:
            ValueError: If it asks for more. The strategy would leave that at its default for ever.
        """
        space = self._run.strategy.space
        chosen = {choice.name for choice in space.choices}
        others = {hp.name for hp in hyperparameters.space if not isinstance(hp, Fixed)} - chosen
        if others:
            raise ValueError(
                f"the hypermodel must ask for the choices of {space.name} and nothing else, but asks "
                f"for {', '.join(sorted(others))} too, which the strategy does not choose. Make them "
                "choices of the space, or write hp.Fixed."
            )
        super().update_space(hyperparameters)

    @keras_tuner.synchronized
    def create_trial(self, tuner_id: str) -> TunerTrial:
        """A trial to run, new or once more."""
        trial = super().create_trial(tuner_id)
        # What a run reported that did not end, KerasTuner would take for the new run's.
        trial.metrics = type(trial.metrics)()
        self._started[trial.trial_id] = time.perf_counter()
        return trial

    @keras_tuner.synchronized
    def end_trial(self, trial: TunerTrial) -> None:
        """Take in what a trial measured; tell the strategy, unless the trial is to be run again."""
        super().end_trial(trial)
        ended, number = self.trials[trial.trial_id], int(trial.trial_id)
        if ended.status != TrialStatus.INVALID and number not in self._run.told:
            seconds = time.perf_counter() - self._started[trial.trial_id]
            result = _result(ended, self.objective.name, seconds)
            self._run.tell(Trial(*self._run.asked[number], result))
            self.save()

    def get_state(self) -> dict:
        """KerasTuner's state, and what was asked and told; JSON-ready."""
        return {**super().get_state(), "records": self._store.records}

    def set_state(self, state: dict) -> None:
        """Take in what `get_state` gave, and repeat it with the fresh strategy.

        Raises:
            ValueError: If this strategy makes other proposals.
        """
        super().set_state(state)
        self._store.records[:] = state["records"]
        self._run.replay()

    def reload(self) -> None:
        """Go on where the directory's search stopped."""
        super().reload()
        # A crash may leave a trial that has a file and does not stand in oracle.json.
        self.trials: dict[str, TunerTrial] = {name: self.trials[name] for name in self.start_order}


def declare(hp: keras_tuner.HyperParameters, space: SearchSpace) -> None:
    """Add the choices of a space. Defaults are valid: a tuner builds them before it begins."""
    default = space.sample(np.random.default_rng(0))
    for choice, value in zip(space.choices, default.values):
        hp.Choice(choice.name, list(choice.options), default=value)


def architecture_of(hp: keras_tuner.HyperParameters, space: SearchSpace) -> Architecture:
    """The architecture that hyperparameters stand for, whether or not the space allows it.

    Raises:
        ValueError: If a choice of the space is not among them, or has none of its options.
    """
    for choice in space.choices:
        if choice.name not in hp.values:
            raise ValueError(
                f"hyperparameters must hold every choice of {space.name}, but {choice.name!r} is "
                f"not among {', '.join(hp.values)}. Give the space that the tuner searched."
            )
        one_of(f"choice {choice.name!r}", hp.values[choice.name], choice.options)
    return Architecture(tuple(hp.values[choice.name] for choice in space.choices))


def history_from_tuner(tuner, space: SearchSpace) -> History:
    """The trials of a tuner or an oracle that have ended, in the order in which they did.

    Of a `StrategyOracle`, what its strategy was told. Of others, a trial that Hyperband promoted
    resumes the earlier one; a trial that names no seed has its tuner's; and one that reports no
    seconds has 0, since KerasTuner does not keep the time.

    Raises:
        ValueError: If it searched another space.
    """
    oracle = getattr(tuner, "oracle", tuner)
    if isinstance(oracle, StrategyOracle):
        return oracle.history
    number = {trial_id: place for place, trial_id in enumerate(oracle.start_order)}
    trials = []
    for trial_id in dict.fromkeys(oracle.end_order):
        hp = oracle.trials[trial_id].hyperparameters
        architecture = architecture_of(hp, space)
        candidate = Candidate(architecture, hp.values.get(EPOCHS), resumes=_resumed(hp, number))
        result = _result(oracle.trials[trial_id], oracle.objective.name, seconds=0.0)
        trials.append(Trial(number[trial_id], candidate, hp.values.get(SEED, oracle.seed), result))
    return History(trials)


def history_to_tuner(history: History, tuner: keras_tuner.Tuner, space: SearchSpace) -> None:
    """Let a new tuner go on from a search, as if it had run its trials, which count as its own.

    BayesianOptimization learns from them, RandomSearch only does not repeat them. Left out are
    failed trials, of which three in a row would end the tuner's search, and those of fewer epochs
    than others, whose values do not compare.

    Raises:
        ValueError: If the tuner is no new one of these two or searches another space, or a trial is
            of another space or did not measure the tuner's objective.
    """
    oracle = tuner.oracle
    _require_receiver(oracle, space)
    trials = [trial for trial in history if not trial.failed]
    most = max((trial.candidate.epochs or math.inf for trial in trials), default=0)
    trials = [trial for trial in trials if (trial.candidate.epochs or math.inf) == most]
    for trial in trials:  # before anything is changed
        space.require(trial.candidate.architecture)
        trial.value(oracle.objective.name)
    verbose, oracle.verbose = oracle.verbose, 0
    digits = len(str(oracle.max_trials))
    for number, trial in enumerate(trials):
        hp = oracle.get_space()
        hp.values.update(_values(trial.candidate.architecture, space))
        ended = TunerTrial(hp, f"{number:0{digits}}", TrialStatus.COMPLETED)
        oracle.trials[ended.trial_id] = ended
        oracle.start_order.append(ended.trial_id)
        metrics = {**trial.result.metrics, "seconds": trial.result.seconds}
        oracle.update_trial(ended.trial_id, metrics)
        oracle.end_trial(ended)
        hp.values[SEED] = trial.seed  # not sooner: KerasTuner knows a repeated trial by its values
        ended.save(f"{tuner.get_trial_dir(ended.trial_id)}/trial.json")
    oracle.verbose = verbose
    tuner.save()


def _require_receiver(oracle: keras_tuner.Oracle, space: SearchSpace) -> None:
    kinds = keras_tuner.oracles.BayesianOptimizationOracle, keras_tuner.oracles.RandomSearchOracle
    if not isinstance(oracle, kinds) or oracle.trials:
        raise ValueError(
            "the tuner must be a BayesianOptimization or RandomSearch without trials, got a "
            f"{type(oracle).__name__} with {len(oracle.trials)}. Make one in a new directory."
        )
    searched = {hp.name: tuple(getattr(hp, "values", ())) for hp in oracle.get_space().space}
    searched.pop(SEED, None)
    if searched != {choice.name: choice.options for choice in space.choices}:
        raise ValueError(
            f"the tuner must search the choices of {space.name} and nothing else, got "
            f"{shown(searched)}. Give it an ArchitectureHyperModel of that space."
        )


def _values(architecture: Architecture, space: SearchSpace) -> dict:
    """An architecture as KerasTuner keeps it: name of a choice -> value."""
    return dict(zip([choice.name for choice in space.choices], architecture.values))


def _resumed(hp: keras_tuner.HyperParameters, number: dict[str, int]) -> Resumed | None:
    """The trial that Hyperband promoted, and where that one stopped; None for a new network."""
    earlier = number.get(hp.values.get("tuner/trial_id"))
    return None if earlier is None else Resumed(earlier, hp.values["tuner/initial_epoch"])


def _result(trial: TunerTrial, objective: str, seconds: float) -> Result:
    """What an ended trial measured in its best epoch; the seconds are its own where it has some."""
    measured = {
        name: observation.mean()
        for name, values in trial.metrics.metrics.items()
        for observation in values.get_history()
        if observation.step == trial.best_step and math.isfinite(observation.mean())
    }
    seconds = measured.pop("seconds", seconds)
    if trial.status == TrialStatus.COMPLETED and math.isfinite(trial.score):
        return Result(measured, seconds)
    message = trial.message or f"{objective} must be a finite number, got {trial.score}."
    return Result({}, seconds, error=message.strip().splitlines()[-1])
