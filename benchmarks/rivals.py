"""Other libraries' searches as strategies of ours, so that a benchmark treats all alike."""

import tempfile

import optuna

from nas_tutorial.kerastuner import architecture_of, declare, keras_tuner
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.strategies.base import Strategy
from nas_tutorial.trials import Candidate, Trial

SCORE = "score"  # what KerasTuner is told


class OptunaTPE(Strategy):
    """Optuna's default, a tree-structured Parzen estimator, one categorical a choice.

    Reference:
        Bergstra et al. 2011, Algorithms for hyper-parameter optimization.
        Akiba et al. 2019, Optuna.
    """

    name = "optuna_tpe"

    def __init__(self, space, **shared):
        super().__init__(space, **shared)
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self.study = optuna.create_study(
            direction="maximize", sampler=optuna.samplers.TPESampler(seed=self.seed)
        )
        self._waiting: dict[Architecture, list] = {}

    def ask(self) -> Candidate:
        trial = self.study.ask()
        values = [trial.suggest_categorical(c.name, c.options) for c in self.space.choices]
        architecture = Architecture(tuple(values))
        self._waiting.setdefault(architecture, []).append(trial)
        return Candidate(architecture)

    def tell(self, trial: Trial) -> None:
        waiting = self._waiting[trial.candidate.architecture].pop()
        self.study.tell(waiting, trial.value(self.objective.name))


class Tuner(Strategy):
    """One of KerasTuner's oracles, driven as its tuners drive it, files included.

    Reference:
        O'Malley et al. 2019, KerasTuner.
    """

    oracle: type

    def __init__(self, space, **shared):
        super().__init__(space, **shared)
        declared = keras_tuner.HyperParameters()
        declare(declared, space)
        self.driven = type(self).oracle(
            objective=keras_tuner.Objective(SCORE, "max"),
            max_trials=10**6,
            hyperparameters=declared,
            seed=self.seed + 1,  # KerasTuner takes 0 for "any"
        )
        self.driven.verbose = 0
        self._folder = tempfile.TemporaryDirectory()
        self.driven._set_project_dir(self._folder.name, "project")
        self._waiting: dict[Architecture, list] = {}

    def ask(self) -> Candidate | None:
        trial = self.driven.create_trial("tuner0")
        if trial.status != "RUNNING":
            return None
        architecture = architecture_of(trial.hyperparameters, self.space)
        self._waiting.setdefault(architecture, []).append(trial)
        return Candidate(architecture)

    def tell(self, trial: Trial) -> None:
        waiting = self._waiting[trial.candidate.architecture].pop()
        self.driven.update_trial(waiting.trial_id, {SCORE: trial.value(self.objective.name)})
        waiting.status = "COMPLETED"
        self.driven.end_trial(waiting)


class KerasTunerRandom(Tuner):
    name = "kerastuner_random"
    oracle = keras_tuner.oracles.RandomSearchOracle


class KerasTunerBayesian(Tuner):
    name = "kerastuner_bayesian"
    oracle = keras_tuner.oracles.BayesianOptimizationOracle


RIVALS = {rival.name: rival for rival in (OptunaTPE, KerasTunerRandom, KerasTunerBayesian)}
