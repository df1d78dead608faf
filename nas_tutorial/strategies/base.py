"""What every search strategy can do: propose a candidate, and take in a result."""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import astuple

import numpy as np

from nas_tutorial.names import require_kind, unknown_name, whole
from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.trials import Candidate, Constraint, Objective, Trial, ranking_key


class Strategy(ABC):
    """Chooses the next candidate from the results of earlier ones.

    Results may be told in any order, and any number of candidates may be waiting for theirs. A
    strategy pickles with the state of its random numbers. A subclass keeps each argument of its
    constructor under the argument's own name.

    Args:
        space: Where candidates come from.
        objective: What to optimise.
        constraints: Upper limits that the winner has to keep.
        seed: Of every random decision; equal seeds and results give equal candidates.

    Attributes:
        objectives: All objectives. A strategy for several sets them; the first is `objective`.

    Raises:
        ValueError: If the seed is negative, or an argument is of the wrong kind.
        TypeError: If an argument has an unknown name; the message has the nearest known one.
    """

    name: str  # as in the registry
    num_founders = 0  # how many candidates come before any result is used

    def __init__(
        self,
        space: SearchSpace,
        *,
        objective: Objective = Objective(),
        constraints: Iterable[Constraint] = (),
        seed: int = 0,
        **unknown,
    ):
        kind = type(self)
        for name in unknown:
            raise unknown_setting(kind, name)
        constraints = tuple(constraints) if isinstance(constraints, Iterable) else (constraints,)
        advice = "Make one, such as ChainSpace()."
        require_kind(f"the space of {kind.__name__}", space, SearchSpace, advice)
        require_kind("objective", objective, Objective, 'Write Objective("val_accuracy", "max").')
        advice = 'Write [Constraint("parameters", 20_000)].'
        for constraint in constraints:
            require_kind("each of the constraints", constraint, Constraint, advice)
        self.space = space
        self.objective = objective
        self.objectives: tuple[Objective, ...] = (objective,)
        self.constraints = constraints
        self.seed = whole("seed", seed)
        self.is_used = False  # set by the search that it is given to
        self.rng = np.random.default_rng(self.seed)

    @abstractmethod
    def ask(self) -> Candidate | None:
        """Propose a candidate.

        None says that nothing can be proposed until more results are told; with no candidate
        waiting for its result, it says that the strategy is finished.
        """

    def tell(self, trial: Trial) -> None:  # noqa: B027 (a strategy may ignore results)
        """Take in the result of a candidate. A failed one never breeds and never wins."""

    def ranking_key(self, trial: Trial) -> tuple[float, float, float]:
        """Sort by this and the best trial comes first: constraints, then epochs, then objective.

        Raises:
            ValueError: If a value that an objective or a constraint names was not measured.
        """
        for further in self.objectives[1:]:
            further.loss(trial)  # it does not rank, but must have been measured
        return ranking_key(trial, self.objective, self.constraints)

    def describe(self) -> dict:
        """The strategy's name and all its settings, JSON-ready."""
        settings = {name: _plain(getattr(self, name)) for name in _settings(type(self))}
        return {"strategy": self.name, **settings}


def unknown_setting(kind: type[Strategy], name: str) -> TypeError:
    """The error for a setting that a strategy does not have, as `objective` beside `objectives`."""
    names = _settings(kind)
    valid = [each for each in names if f"{each}s" not in names]
    return TypeError(unknown_name(f"a setting of {kind.__name__}", name, valid))


def _plain(value):
    """A setting as JSON knows it."""
    if isinstance(value, Objective | Constraint):
        return list(astuple(value))
    return list(map(_plain, value)) if isinstance(value, tuple) else value


def _settings(cls: type[Strategy]) -> list[str]:
    """The names of all settings of a strategy, the shared ones first."""
    parameters = {**inspect.signature(Strategy).parameters, **inspect.signature(cls).parameters}
    return [name for name, each in parameters.items() if each.kind is each.KEYWORD_ONLY]
