"""Where evaluations run when not here: in processes of this machine, or wherever an executor has them.

`search` takes any executor of `concurrent.futures`; this file makes one, a pool of processes. An evaluator travels to a worker as pickled bytes, a large one only where the worker asks for
it. The worker unpickles it once, so it loads its data once and compiles once, and keeps it for all
candidates to come.
"""

import functools
import hashlib
import os
import pickle
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from threadpoolctl import threadpool_limits

from nas_tutorial.names import cause, require_kind, whole
from nas_tutorial.trials import Candidate, Evaluator, Result

if TYPE_CHECKING:  # a browser has neither processes nor threads: they are imported where they start
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing.process import BaseProcess

ONE_THREAD = {  # set before a worker loads its backend
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}
MOST_BYTES = 1_000_000  # of a pickled evaluator that travels with every task
_KEPT: dict[str, Callable] = {}  # digest -> the evaluator that this worker keeps, one at a time


@contextmanager
def processes(
    workers: int, *, trials_a_process: int | None = None
) -> Iterator["ProcessPoolExecutor"]:
    """A pool of spawned processes, which end with the `with` statement: where it is left by an error
    or by Ctrl-C, at once, in the middle of their training runs. They also end when this process is
    killed.

    Processes are spawned and not forked: a fork copies the locks of a backend that is running, and
    hangs. A spawned process starts empty, and imports what it is sent by name. First it imports the
    script that it was started from, so in a script this must stand below
    `if __name__ == "__main__":`.

    Python's own pool, and not loky's: loky's processes outlive a parent that is killed, idle ones
    too, and it replaces those whose memory grows only where psutil is installed.

    Args:
        workers: How many processes, each with one computing thread.
        trials_a_process: After how many trials a process ends and a fresh one takes its place, so
            that what a backend keeps of each training run does not add up; None is never. An
            evaluator knows how many suit it: `evaluator.trials_a_process`.

    Raises:
        ValueError: If one of them is not at least 1.
    """
    from multiprocessing import active_children, get_context

    main = sys.modules["__main__"]
    if sys.modules.get("__mp_main__", main) is not main:  # a process that is to be a worker imports
        os._exit(1)  # a script without its guard: it would start workers of its own
    if trials_a_process is not None:
        trials_a_process = whole("trials_a_process", trials_a_process, 1)
    with _pool(
        whole("workers", workers, 1),
        mp_context=get_context("spawn"),
        initializer=_follow_the_parent,
        max_tasks_per_child=trials_a_process,
    ) as pool:
        before = set(active_children())
        try:
            yield pool
        except BaseException:
            for child in set(active_children()) - before:
                child.terminate()
            raise


def _pool(workers: int, **settings) -> "ProcessPoolExecutor":
    """A pool that replaces every process that has ended.

    Python's own asks first how many are idle, by a count that may be out of date; then it replaces
    nothing and waits for ever (github.com/python/cpython/issues/115634). Releases since July 2026
    do not ask, and get on without this.
    """
    from concurrent.futures import ProcessPoolExecutor

    class Pool(ProcessPoolExecutor):
        def _adjust_process_count(self):
            if len(self._processes) < self._max_workers:  # type: ignore[attr-defined]
                self._spawn_process()  # type: ignore[attr-defined]

    return Pool(workers, **settings)


def _follow_the_parent() -> None:
    """Leave Ctrl-C to the parent process, and end as soon as it is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _watch_the_parent()


@functools.cache
def _watch_the_parent() -> None:
    """End as soon as the process that started this one is gone; no pool of Python's does it."""
    from multiprocessing import parent_process
    from threading import Thread

    if (parent := parent_process()) is not None:
        Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(process: "BaseProcess") -> None:
    process.join()
    os._exit(1)


def evaluate(
    evaluator: Evaluator,
    number: int,
    candidate: Candidate,
    seed: int,
    *,
    catch: tuple[type[Exception], ...],
    sender: int,
) -> Result:
    """Evaluate the candidate of a trial, wherever this is called.

    Args:
        evaluator: What measures it.
        number, candidate, seed: Of the trial.
        catch: As in `search`.
        sender: Number of the process in which the search runs. Another one computes with one thread
            and ends with the process that started it.

    Returns:
        What was measured; `NotSent` where the evaluator itself has yet to travel here.

    Raises:
        ValueError: If the evaluator returns no `Result`.
        Exception: What the evaluator raises and `catch` does not name, with a note on the trial.
    """
    is_away = os.getpid() != sender
    if is_away:
        _compute_with_one_thread()
        _watch_the_parent()
    start = time.perf_counter()
    try:
        result = evaluator(candidate, seed=seed)
    except catch as error:
        return Result.of_error(error, time.perf_counter() - start)
    except Exception as error:
        error.add_note(
            f"The evaluator raised this at trial {number}, architecture {candidate.architecture}, "
            f"seed {seed}. To record such trials as failed and go on, search again, with the same "
            f"store if there is one, and with catch={type(error).__name__}."
        )
        if is_away and not _unpickles(error):  # which would break a process pool
            raise RuntimeError(cause(error)) from error
        raise
    if not isinstance(result, NotSent):
        require_kind(
            "what an evaluator returns", result, Result, "Return Result(metrics, seconds)."
        )
    return result


def _unpickles(error: Exception) -> bool:
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # such as a TypeError, since its __init__ has other arguments
        return False
    return True


class Portable:
    """An evaluator that becomes a `PickledEvaluator` where it is pickled. Where nothing is pickled,
    as on threads, it is called as it is.

    A large one, as with arrays of its own, does not travel with every task: a worker that does not
    have it yet answers `NotSent`, and is then given `whole`.

    Args:
        evaluator: One that pickles.
    """

    def __init__(self, evaluator: Callable):
        self._evaluator = evaluator

    def __call__(self, candidate, *, seed: int):
        return self._evaluator(candidate, seed=seed)

    def __reduce__(self):
        whole = self.whole
        content = whole.content if len(whole.content) <= MOST_BYTES else b""
        return PickledEvaluator, (whole.digest, content)

    @functools.cached_property
    def whole(self) -> "PickledEvaluator":
        content = pickle.dumps(self._evaluator)
        return PickledEvaluator(hashlib.sha256(content).hexdigest(), content)


class NotSent:
    """The answer of a worker that has not been sent the evaluator yet."""


@dataclass(frozen=True)
class PickledEvaluator:
    """An evaluator that is unpickled where it is first called; Dask's scheduler only passes it on.

    Args:
        digest: By which a worker knows the evaluator that it keeps.
        content: The pickled evaluator; empty where a worker is to ask for it.
    """

    digest: str
    content: bytes = field(repr=False)

    def __call__(self, candidate, *, seed: int):
        evaluator = _KEPT.get(self.digest)
        if evaluator is None and not self.content:
            return NotSent()
        if evaluator is None:
            _KEPT.clear()
            evaluator = _KEPT[self.digest] = pickle.loads(self.content)
        return evaluator(candidate, seed=seed)


def portable(evaluator: Callable) -> Callable:
    """The evaluator in the form in which an executor is given it.

    A bare function has nothing to load, and travels as the executor has it. So does what was
    defined in a notebook or script: Dask sends its code, a process pool cannot.
    """
    is_imported = type(evaluator).__module__ != "__main__"
    return Portable(evaluator) if hasattr(evaluator, "describe") and is_imported else evaluator


@functools.cache
def _compute_with_one_thread() -> None:
    os.environ.update(ONE_THREAD)
    threadpool_limits(1)  # for the libraries that are loaded already


def deadly_errors() -> tuple[type[BaseException], ...]:
    """The errors of a task that killed every Dask worker that ran it; none where Dask is not loaded."""
    distributed = sys.modules.get("distributed")
    return (distributed.KilledWorker,) if distributed else ()
