"""The search loop: ask the strategy, evaluate, tell the strategy, until a budget is spent."""

import functools
import math
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    wait,
)
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from numbers import Integral, Real
from pathlib import Path
from time import perf_counter

from tqdm.auto import tqdm

from nas_tutorial.history import History, ask_record, tell_record, trials_from_records
from nas_tutorial.loop.store import Store
from nas_tutorial.loop.workers import deadly_errors, portable
from nas_tutorial.randomness import trial_seed
from nas_tutorial.strategies.base import Strategy
from nas_tutorial.trials import Candidate, Result, Trial

Evaluator = Callable[..., Result]  # (candidate, *, seed) -> Result


def search(
    strategy: Strategy,
    evaluator: Evaluator,
    *,
    trials: int | None = None,
    seconds: float | None = None,
    target: float | None = None,
    store: str | Path | None = None,
    executor: Executor | None = None,
    workers: int = 1,
    reuse: bool = False,
    progress: bool = True,
) -> History:
    """Search until a budget is spent, a target is reached, or the strategy is finished.

    Args:
        strategy: A fresh strategy. It is told every result, failed ones too.
        evaluator: Called as `evaluator(candidate, seed=...)`; returns a `Result`.
        trials: How many candidates to evaluate.
        seconds: How much evaluation time to spend, summed over trials; the trials in flight are
            finished.
        target: The objective value that is good enough, reached by the best trial so far.
        store: A file to keep the search in. Given the same file again, the search goes on where it
            stopped, also after a crash.
        executor: Where evaluations run: any of `concurrent.futures`, such as a process pool or a
            Dask client's `get_executor(pure=False)`; None runs them here.
        workers: How many candidates are in flight.
        reuse: Copy the metrics of the first finished trial of the same network and epochs instead
            of training it again, at no cost in seconds.
        progress: Show a progress bar with the best value so far, and after three trials a line that
            says how long those that remain of `trials` will take.

    Returns:
        The trials in the order in which their results arrived.

    Raises:
        ValueError: If no budget is given, a budget or `workers` is not positive, the strategy was
            searched with before or resumes what cannot be, the evaluator returns no `Result` or
            none with the objective, or the store belongs to another search.
        RuntimeError: If the store is in use, or the executor is gone, since a process of its pool
            died or its scheduler was lost; the store is whole then, and the same call with a fresh
            strategy resumes.
    """
    budget = Budget(trials, seconds, target)
    _check_workers(workers, executor)
    _warn_if_few_are_bred(strategy, trials)
    with _opened(store, strategy, evaluator) as kept:
        if executor is not None:
            evaluator = portable(evaluator)
        run = Run(strategy, evaluator, budget, kept, reuse, executor or _Here())
        forecast = Forecast(trials)
        with tqdm(total=trials, disable=not progress, unit="trial") as bar:
            for _ in run.steps(workers):
                bar.n = len(run.told)
                bar.set_postfix_str(run.incumbent(), refresh=False)
                bar.refresh()
                if (line := forecast.after(len(run.told))) and progress:
                    bar.write(line, file=bar.fp)
    return History(run.told.values())


@dataclass(frozen=True)
class Budget:
    """When to stop: after so many trials, so many seconds, or at a target value.

    Raises:
        ValueError: If none is given, or trials or seconds is not positive.
    """

    trials: int | None = None
    seconds: float | None = None
    target: float | None = None

    def __post_init__(self):
        if self.trials is None and self.seconds is None and self.target is None:
            raise ValueError(
                "a search must have a budget, got none. Give trials, seconds or a target."
            )
        for name, kind in (("trials", Integral), ("seconds", Real), ("target", Real)):
            value = getattr(self, name)
            if value is not None and (not isinstance(value, kind) or math.isnan(value)):
                what = "a whole number" if kind is Integral else "a number"
                raise ValueError(f"{name} must be {what}, got {value!r}. Give another.")
            if value is not None and name != "target" and not value > 0:
                raise ValueError(f"{name} must be positive, got {value}. Raise it.")

    def is_spent(self, asked: int, seconds: float, best: Trial | None, strategy: Strategy) -> bool:
        """Whether no further candidate should be asked for."""
        if self.trials is not None and asked >= self.trials:
            return True
        if self.seconds is not None and seconds >= self.seconds:
            return True
        return self.target is not None and best is not None and self._is_reached(best, strategy)

    def _is_reached(self, best: Trial, strategy: Strategy) -> bool:
        violation, _, loss = strategy.ranking_key(best)
        sign = -1 if strategy.objective.direction == "max" else 1
        return violation == 0 and loss <= sign * self.target


class Forecast:
    """Says once how long a search will take: from the first three trials of this very call.

    Args:
        trials: How many there will be, those of earlier calls included; None is not known.
    """

    def __init__(self, trials: int | None):
        self._trials = trials
        self._before: int | None = None

    def after(self, told: int) -> str | None:
        """A line after the third trial, where others remain; called first after the replay.

        Args:
            told: How many trials there are by now.
        """
        if self._before is None:
            self._before, self._start = told, perf_counter()
        here, remaining = told - self._before, (self._trials or 0) - told
        if here != 3 or remaining <= 0:
            return None
        seconds = perf_counter() - self._start
        spent, rest = map(tqdm.format_interval, (seconds, seconds / here * remaining))
        return f"{here} trials in {spent}; about {rest} for the remaining {remaining}"


class Run:
    """One call of `search`: what was asked and told, and what is in flight.

    Who evaluates elsewhere (KerasTuner does) leaves out `steps`, and asks, tells and replays.
    """

    def __init__(self, strategy, evaluator, budget, store: Store | None, reuse, executor):
        if strategy.is_used:
            raise ValueError(
                "a strategy must be fresh, but this one has been in a search. Make another one; "
                "with the same store the search goes on."
            )
        strategy.is_used = True
        self.strategy = strategy
        self.evaluator = evaluator
        self.budget = budget
        self.store = store
        self.reuse = reuse
        self.executor = executor
        self.asked: list[tuple[int, Candidate, int]] = []
        self.told: dict[int, Trial] = {}  # by number, in the order of arrival
        self.seconds = 0.0
        self.best: Trial | None = None
        self._best_key: tuple[float, float, float] | None = None
        self._finished: dict = {}  # (fingerprint, epochs) -> first finished trial

    def steps(self, workers: int) -> Iterator[None]:
        """Go on until the budget is spent, yielding after the replay and after every result."""
        lost = self.replay()
        yield
        pending: dict[Future, tuple[int, Candidate, int]] = {}
        while True:
            while len(pending) < workers and (job := lost.pop(0) if lost else self.ask()):
                pending[self._submit(*job)] = job
            if not pending:
                return
            done = [future for future in pending if future.done()]
            done = done or wait(pending, return_when=FIRST_COMPLETED).done
            for future in sorted(done, key=lambda future: pending[future][0]):
                self.tell(Trial(*pending.pop(future), self._result(future)))
                yield

    def incumbent(self) -> str:
        """The best value so far, for the progress bar."""
        objective = self.strategy.objective
        if self.best is None or self.best.failed:
            return ""
        return f"best {objective.name} {self.best.value(objective.name):.4g}"

    def ask(self) -> tuple[int, Candidate, int] | None:
        """The next candidate with its number and seed, kept in the store; None as in `Strategy`."""
        if self.budget.is_spent(len(self.asked), self.seconds, self.best, self.strategy):
            return None
        candidate = self.strategy.ask()
        if candidate is None:
            return None
        job = self._numbered(candidate)
        if self.store is not None:
            self.store.append(ask_record(*job))
        return job

    def _numbered(self, candidate: Candidate) -> tuple[int, Candidate, int]:
        number = len(self.asked)
        job = number, candidate, self._seed(number, candidate)
        self.asked.append(job)
        return job

    def _seed(self, number: int, candidate: Candidate) -> int:
        """The trial's own seed, or that of the training that it goes on with."""
        if candidate.resumes is None:
            return trial_seed(self.strategy.seed, number)
        resumed = self.told.get(candidate.resumes.number)
        if resumed is None or resumed.failed or not _goes_on(candidate, resumed.candidate):
            raise ValueError(
                "a candidate must resume a trial of its own architecture that has succeeded, where "
                f"that one stopped, got {candidate} to go on with {resumed}. "
                "Write trial.resumed(epochs)."
            )
        # A copy was not trained; it goes on with the training of its original.
        return self.told.get(resumed.result.copied_from, resumed).seed

    def _submit(self, number: int, candidate: Candidate, seed: int) -> Future:
        earlier = self._finished.get(self._identity(candidate)) if self.reuse else None
        if earlier is not None:
            return _Completed(Result(earlier.result.metrics, 0.0, copied_from=earlier.number))
        with self._advice_if_executor_is_gone():
            return self.executor.submit(self.evaluator, candidate, seed=seed)

    def _result(self, future: Future) -> Result:
        with self._advice_if_executor_is_gone():
            try:
                result = future.result()
            except deadly_errors() as error:  # such as a network too large for any worker's memory
                return Result({}, 0.0, error=f"{type(error).__name__}: {error}")
        if not isinstance(result, Result):
            raise ValueError(
                f"an evaluator must return a Result, got a {type(result).__name__}. "
                "Return Result(metrics, seconds)."
            )
        return result

    @contextmanager
    def _advice_if_executor_is_gone(self) -> Iterator[None]:
        try:
            yield
        except (BrokenExecutor, CancelledError) as error:
            is_pool = isinstance(error, BrokenExecutor)
            died, place = ("a worker process", "pool") if is_pool else ("the scheduler", "client")
            kept = f"{self.store.path} is whole" if self.store else "without a store all is lost"
            raise RuntimeError(
                f"{died} died, and the {place} with it ({str(error) or type(error).__name__}); "
                f"{kept}. Run again with a new {place}, a fresh strategy and the same store to "
                "resume."
            ) from error

    def tell(self, trial: Trial) -> None:
        """Keep a result in the store, and pass it on to the strategy."""
        key = self.strategy.ranking_key(trial)  # an unknown objective must not enter the store
        if self.store is not None:
            self.store.append(tell_record(trial))
        self._take_in(trial, key)

    def _take_in(self, trial: Trial, key: tuple[float, float, float]) -> None:
        self.strategy.tell(trial)
        self.told[trial.number] = trial
        self.seconds += trial.result.seconds
        if self._best_key is None or key < self._best_key:
            self.best, self._best_key = trial, key
        if self.reuse and not trial.failed:
            self._finished.setdefault(self._identity(trial.candidate), trial)

    def _identity(self, candidate: Candidate) -> tuple:
        fingerprint = self.strategy.space.graph(candidate.architecture).fingerprint()
        return fingerprint, candidate.epochs

    def replay(self) -> list[tuple[int, Candidate, int]]:
        """Repeat what the store holds; return the proposals whose results were lost."""
        if self.store is None:
            return []
        results = iter(trials_from_records(self.store.records, source=str(self.store.path)))
        for record in self.store.records:
            if "ask" in record:
                candidate = self.strategy.ask()
                if candidate is None or ask_record(*self._numbered(candidate)) != record:
                    raise ValueError(
                        f"{self.store.path} must hold the proposals that this strategy makes, but "
                        f"trial {record['ask']['number']} differs: {record['ask']} there and "
                        f"{candidate} here. Give search a fresh strategy, or a new file where the "
                        "program has changed."
                    )
            elif "tell" in record:
                trial = next(results)
                self._take_in(trial, self.strategy.ranking_key(trial))
        return [job for job in self.asked if job[0] not in self.told]


def _goes_on(candidate: Candidate, earlier: Candidate) -> bool:
    """Whether a candidate begins where an earlier one stopped."""
    there = earlier.architecture, earlier.epochs
    return (candidate.architecture, candidate.resumes.epochs) == there


class _Here(Executor):
    """An executor that evaluates at once, in this thread; errors come up where they happen."""

    def submit(self, function, /, *args, **kwargs) -> "_Completed":
        return _Completed(function(*args, **kwargs))


class _Completed:
    """A future whose result is there already, without the locks of one that others wait for."""

    def __init__(self, result: Result):
        self._result = result

    def done(self) -> bool:
        return True

    def result(self) -> Result:
        return self._result


def _opened(
    path: str | Path | None, strategy: Strategy, evaluator: Evaluator
) -> AbstractContextManager[Store | None]:
    if path is None:
        return nullcontext()
    return Store(path, {**strategy.describe(), **_space(strategy), **recipe(evaluator)})


def _space(strategy: Strategy) -> dict:
    space = strategy.space
    choices = [[choice.name, *choice.options] for choice in space.choices]
    return {"space": space.name, "choices": choices}


def recipe(evaluator: Evaluator) -> dict:
    """What a result of an evaluator depends on, JSON-ready; of a bare function only its name."""
    if hasattr(evaluator, "describe"):
        return evaluator.describe()
    if isinstance(evaluator, functools.partial):
        fixed = {"arguments": repr(evaluator.args), "settings": repr(evaluator.keywords)}
        return {**recipe(evaluator.func), **fixed}
    return {"evaluator": getattr(evaluator, "__qualname__", type(evaluator).__qualname__)}


def _check_workers(workers: int, executor: Executor | None) -> None:
    if workers < 1 or (workers > 1 and executor is None):
        raise ValueError(
            f"workers must be at least 1, and more than 1 need an executor, got workers={workers} "
            f"and executor={executor}. Give an executor, such as a spawned process pool."
        )


def _warn_if_few_are_bred(strategy: Strategy, trials: int | None) -> None:
    """Warn where the founders swallow the budget and hardly anything is left to breed."""
    founders = strategy.num_founders
    if trials is not None and founders > 1 and 2 * founders > trials:
        setting = "population_size" if hasattr(strategy, "population_size") else "num_founders"
        warnings.warn(
            f"{setting}={founders} leaves {max(0, trials - founders)} of {trials} trials to be bred; "
            f"the rest is random search. Lower {setting}, or raise trials.",
            stacklevel=3,
        )
