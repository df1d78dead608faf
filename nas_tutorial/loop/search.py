"""The search loop: ask the strategy, evaluate, tell the strategy, until a budget is spent."""

import functools
import math
import os
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from contextlib import contextmanager, nullcontext
from pathlib import Path
from queue import SimpleQueue

from nas_tutorial.files import Bar
from nas_tutorial.history import History, ask_record, tell_record, trials_from_records
from nas_tutorial.loop.store import Records, Store
from nas_tutorial.loop.workers import NotSent, deadly_errors, evaluate, portable
from nas_tutorial.names import real, require_kind, shown, whole
from nas_tutorial.randomness import trial_seed
from nas_tutorial.strategies.base import Strategy
from nas_tutorial.trials import NO_INCUMBENT, Candidate, Evaluator, Result, Trial

MAX_FREE_TRIALS = 1000  # in a row, before a search without a number of trials ends
Proposal = tuple[int, Candidate, int]  # the trial's number, what to evaluate, the trial's seed


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
    catch: type[Exception] | tuple[type[Exception], ...] = (),
    progress: bool = True,
) -> History:
    """Search until a budget is spent, a target is reached, or the strategy is finished.

    Args:
        strategy: A fresh strategy. It is told every result, failed ones too.
        evaluator: Called as `evaluator(candidate, seed=...)`; returns a `Result`.
        trials: How many candidates to evaluate. Without it, a search ends with a warning after 1,000
            trials in a row that cost no seconds, as copies do: it might never end by itself.
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
        catch: Types of exceptions that make a failed trial, with their message as its error; any
            other that the evaluator raises ends the search. `catch=ValueError` includes results with
            NaN, which `Result` refuses. Name what may happen to a single candidate: an error that
            every candidate causes is found sooner without it.
        progress: Show a progress bar with the best value so far and, where `trials` is given, the
            time that the rest will take.

    Returns:
        The trials in the order in which their results arrived.

    Raises:
        ValueError: If no budget is given, a budget or `workers` is not positive, the strategy has
            been in a search before or resumes a trial that cannot be resumed, the evaluator returns
            no `Result` or none with the objective, `catch` holds anything but types of exceptions,
            the store belongs to another search, or `reuse` is asked for where a choice shows in no
            graph.
        RuntimeError: If the store is in use, or the executor is gone, since a process of its pool
            died or its scheduler was lost; the store is whole then, and the same call with a fresh
            strategy resumes.
        Exception: What the evaluator raises and `catch` does not name. A note in its traceback says
            at which trial; the store is whole, and the same call comes to that trial again.
    """
    require_kind("the strategy", strategy, Strategy, "Make one, such as RandomSearch(space).")
    budget = Budget(trials, seconds, target)
    if whole("workers", workers, 1) > 1 and executor is None:
        raise ValueError(
            f"more than one worker must have an executor, got workers={workers} and executor=None. "
            "Give an executor, such as that of nas_tutorial.loop.workers.processes."
        )
    measure = functools.partial(evaluate, catch=_exception_types(catch), sender=os.getpid())
    _warn_if_few_are_bred(strategy, trials)
    kept = nullcontext() if store is None else Store(store, describe_search(strategy, evaluator))
    with kept as records:
        run = SearchRun(strategy, budget, records, reuse=reuse)
        run.replay()
        if executor is None:
            steps = evaluate_here(run, functools.partial(measure, evaluator))
        else:
            steps = evaluate_on(executor, workers, run, measure, portable(evaluator))
        before, hidden = len(run.told), not progress
        bar = Bar(total=trials, initial=before, unit="trial", miniters=1, disable=hidden)
        with bar, _advice_if_executor_is_gone(run):
            for _ in steps:
                if progress:
                    bar.set_postfix_str(run.incumbent(), refresh=False)
                    bar.update()
    if budget.is_out_of_reach(run):
        warnings.warn(
            f"the search ended early: {MAX_FREE_TRIALS:,} trials in a row cost no seconds, so it "
            "might never end by itself. If you need more of them, give trials as well.",
            stacklevel=2,
        )
    return History(run.told.values())


def evaluate_here(run: "SearchRun", measure: Callable[..., Result]) -> Iterator[None]:
    """Measure one candidate after the other in this thread, yielding after each trial."""
    while (proposal := run.next()) is not None:
        run.tell(Trial(*proposal, run.copied(proposal[1]) or measure(*proposal)))
        yield


def evaluate_on(
    executor: Executor,
    workers: int,
    run: "SearchRun",
    measure: Callable[..., Result],
    evaluator: Evaluator,
) -> Iterator[None]:
    """Keep a candidate in flight for each worker of an executor, yielding after each trial."""
    pending: dict[Future, Proposal] = {}
    done: SimpleQueue[Future] = SimpleQueue()

    def submit(what: Evaluator, proposal: Proposal) -> None:
        future = executor.submit(measure, what, *proposal)
        pending[future] = proposal
        future.add_done_callback(done.put)

    let_clock_go_on = getattr(executor, "finish_next", lambda: None)  # as SimulatedWorkers have
    while True:
        while len(pending) < workers and (proposal := run.next()) is not None:
            if copy := run.copied(proposal[1]):
                run.tell(Trial(*proposal, copy))
                yield
            else:
                submit(evaluator, proposal)
        if not pending:
            return
        let_clock_go_on()
        future = done.get()
        proposal, result = pending.pop(future), _result(future)
        if isinstance(result, NotSent):
            submit(evaluator.whole, proposal)  # type: ignore[attr-defined]  # of a `Portable`
        else:
            run.tell(Trial(*proposal, result))
            yield


class Budget:
    """When to stop: after so many trials, so many seconds, or at a target value.

    Raises:
        ValueError: If none is given, or trials or seconds is not positive.
    """

    def __init__(
        self, trials: int | None = None, seconds: float | None = None, target: float | None = None
    ):
        if trials is None and seconds is None and target is None:
            raise ValueError(
                "a search must have a budget, got none. Give trials, seconds or a target."
            )
        self.trials = math.inf if trials is None else whole("trials", trials, 1)
        self.seconds = math.inf if seconds is None else real("seconds", seconds, above=0)
        self.target = None if target is None else real("target", target)

    def is_spent(self, run: "SearchRun") -> bool:
        """Whether no further candidate should be asked for."""
        is_over = len(run.asked) >= self.trials or run.seconds >= self.seconds
        if is_over or self.is_out_of_reach(run):
            return True
        if self.target is None or run.best is None:
            return False
        objective = run.strategy.objective
        return objective.loss(run.best) <= objective.loss_of(self.target)

    def is_out_of_reach(self, run: "SearchRun") -> bool:
        """Whether it might never be spent: no trials are counted, and none has cost anything since
        `MAX_FREE_TRIALS`."""
        return self.trials == math.inf and run.num_free_trials >= MAX_FREE_TRIALS


class SearchRun:
    """One run of a search: what was asked and told so far, and what the store keeps of it.

    `search` evaluates what `next` returns. The bridge to KerasTuner, which evaluates elsewhere,
    calls `ask`, `tell` and `replay`.

    Args:
        strategy: A fresh one.
        budget: When `ask` stops.
        store: Where each proposal and result is written; None keeps nothing.
        reuse: As in `search`.

    Attributes:
        asked: All proposals, by number.
        told: Number -> trial, in the order in which results arrived.
        seconds: Those of all results, summed.
        num_free_trials: How many of the last results cost no seconds.
        best: The incumbent: the best trial so far; None until one succeeded and kept the
            constraints.

    Raises:
        ValueError: If the strategy has been in a search before.
    """

    def __init__(
        self, strategy: Strategy, budget: Budget, store: Records | None, *, reuse: bool = False
    ):
        if strategy.is_used:
            raise ValueError(
                "a strategy must be fresh, but this one has been in a search. Make another one; "
                "with the same store the search goes on."
            )
        strategy.is_used = True
        self.strategy = strategy
        self.budget = budget
        self.store = store
        self.reuse = reuse
        if reuse:
            strategy.space.require_choices_in_graph()
        self.asked: list[Proposal] = []
        self.told: dict[int, Trial] = {}
        self.seconds = 0.0
        self.num_free_trials = 0
        self.best: Trial | None = None
        self._best_key = NO_INCUMBENT
        self._lost: list[Proposal] = []  # of an earlier run, which ended before their results came
        self._finished: dict[tuple, Trial] = {}  # (fingerprint, epochs) -> first finished trial

    def incumbent(self) -> str:
        """The best value so far, for the progress bar."""
        name = self.strategy.objective.name
        return f"best {name} {self.best.value(name):.4g}" if self.best else ""

    def next(self) -> Proposal | None:
        """What to evaluate next: a proposal whose result was lost, or a new one."""
        return self._lost.pop(0) if self._lost else self.ask()

    def ask(self) -> Proposal | None:
        """A new proposal, kept in the store; None as in `Strategy`, or where the budget is spent."""
        if self.budget.is_spent(self) or (candidate := self.strategy.ask()) is None:
            return None
        proposal = self._numbered(candidate)
        if self.store is not None:
            self.store.append(ask_record(*proposal))
        return proposal

    def _numbered(self, candidate: Candidate) -> Proposal:
        number = len(self.asked)
        self.asked.append((number, candidate, self._seed(number, candidate)))
        return self.asked[-1]

    def _seed(self, number: int, candidate: Candidate) -> int:
        """The trial's own seed, or that of the training run that it resumes."""
        if candidate.resumes is None:
            return trial_seed(self.strategy.seed, number)
        resumed = self.told.get(candidate.resumes.number)
        begins = candidate.architecture, candidate.resumes.epochs
        if resumed is None or resumed.failed or begins != _end(resumed):
            raise ValueError(
                "a candidate must resume a trial of its own architecture that has succeeded, where "
                f"it stopped, got {candidate} to go on with {resumed}. Write trial.resumed(epochs)."
            )
        # A copy was not trained; it goes on with the training run of its original.
        copied_from = resumed.result.copied_from
        return self.told.get(resumed.number if copied_from is None else copied_from, resumed).seed

    def copied(self, candidate: Candidate) -> Result | None:
        """The metrics of a finished trial of the same network, with `reuse` and if there is one."""
        earlier = self._finished.get(self._identity(candidate)) if self.reuse else None
        if earlier is None:
            return None
        return Result(earlier.result.metrics, 0.0, copied_from=earlier.number)

    def _identity(self, candidate: Candidate) -> tuple:
        fingerprint = self.strategy.space.graph(candidate.architecture).fingerprint()
        return fingerprint, candidate.epochs

    def tell(self, trial: Trial) -> None:
        """Keep a result in the store, and pass it on to the strategy."""
        key = self.strategy.ranking_key(trial)  # an unknown objective must not enter the store
        if self.store is not None:
            self.store.append(tell_record(trial))
        self._take_in(trial, key)

    def _take_in(self, trial: Trial, key: tuple[float, float, float]) -> None:
        self.strategy.tell(trial)
        self.told[trial.number] = trial
        self.num_free_trials = 0 if trial.result.seconds else self.num_free_trials + 1
        self.seconds += trial.result.seconds
        if key < self._best_key:
            self.best, self._best_key = trial, key
        if self.reuse and not trial.failed:
            self._finished.setdefault(self._identity(trial.candidate), trial)

    def replay(self) -> None:
        """Repeat what the store holds.

        Raises:
            ValueError: If the strategy makes other proposals.
        """
        if self.store is None:
            return
        source = self.store.path
        results = iter(trials_from_records(self.store.records, source=str(source)))
        for record in self.store.records:
            if "ask" in record:
                candidate = self.strategy.ask()
                if candidate is None or ask_record(*self._numbered(candidate)) != record:
                    raise ValueError(
                        f"{source} must hold the proposals that this strategy makes, but the next "
                        f"is {record['ask']} there and {candidate} here. Give search a fresh "
                        "strategy, or a new file where the program has changed."
                    )
            elif "tell" in record:
                trial = next(results)
                self._take_in(trial, self.strategy.ranking_key(trial))
        self._lost = [proposal for proposal in self.asked if proposal[0] not in self.told]


@contextmanager
def _advice_if_executor_is_gone(run: SearchRun) -> Iterator[None]:
    """Say how to resume where an executor has lost a process or its scheduler."""
    try:
        yield
    except (BrokenExecutor, CancelledError) as error:
        is_pool = isinstance(error, BrokenExecutor)
        died, place = ("a worker process", "pool") if is_pool else ("the scheduler", "client")
        kept = f"{run.store.path} is whole" if run.store else "without a store all is lost"
        is_new = is_pool and not run.told
        guard = ' In a script, make the pool below `if __name__ == "__main__":`.' if is_new else ""
        raise RuntimeError(
            f"{died} died, and the {place} with it ({str(error) or type(error).__name__}); "
            f"{kept}. Run again with a new {place}, a fresh strategy and the same store to resume."
            f"{guard}"
        ) from error


def _result(future: Future) -> Result:
    try:
        return future.result()
    except deadly_errors() as error:  # such as a network too large for any worker's memory
        return Result.of_error(error, 0.0)


def _exception_types(catch: object) -> tuple[type[Exception], ...]:
    types = tuple(catch) if isinstance(catch, tuple | list) else (catch,)
    if not all(isinstance(kind, type) and issubclass(kind, Exception) for kind in types):
        raise ValueError(
            f"catch must hold types of exceptions, got {shown(catch)}. Write catch=MemoryError, or "
            "a tuple of several."
        )
    return types


def _end(trial: Trial) -> tuple:
    """Where a trial's training run stopped: its architecture and epochs."""
    return trial.candidate.architecture, trial.candidate.epochs


def describe_search(strategy: Strategy, evaluator: Evaluator) -> dict:
    """What a search is: strategy, space and evaluator with all that results depend on, JSON-ready."""
    space = strategy.space
    choices = [[choice.name, *choice.options] for choice in space.choices]
    where = {"space": space.name, "choices": choices}
    return {**strategy.describe(), **where, **describe_evaluator(evaluator)}


def describe_evaluator(evaluator: Evaluator) -> dict:
    """What a result of an evaluator depends on, JSON-ready; of a bare function only its name."""
    if hasattr(evaluator, "describe"):
        return evaluator.describe()
    if isinstance(evaluator, functools.partial):
        fixed = {"arguments": repr(evaluator.args), "settings": repr(evaluator.keywords)}
        return {**describe_evaluator(evaluator.func), **fixed}
    return {"evaluator": getattr(evaluator, "__qualname__", type(evaluator).__qualname__)}


def _warn_if_few_are_bred(strategy: Strategy, trials: int | None) -> None:
    """Warn where the founders use up the budget and hardly anything is left to breed."""
    founders = strategy.num_founders
    if trials is not None and founders > 1 and 2 * founders > trials:
        setting = "population_size" if hasattr(strategy, "population_size") else "num_founders"
        warnings.warn(
            f"{setting}={founders} leaves {max(0, trials - founders)} of {trials} trials to be bred; "
            f"the rest is random search. Lower {setting}, or raise trials.",
            stacklevel=3,
        )
