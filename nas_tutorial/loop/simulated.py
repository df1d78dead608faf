"""Workers on a clock of their own: what many of them would do, without having them.

A table knows how long each training took. So the order in which results come back, and the time that
a search would need, follow from the table alone, and are the same on every machine.
"""

import heapq
import itertools
from collections.abc import Callable
from concurrent.futures import Executor

from nas_tutorial.trials import Result


class SimulatedWorkers(Executor):
    """An executor for `search`: as many workers as it keeps candidates in flight.

    A candidate is evaluated when it is submitted; its result arrives on the simulated clock after
    the seconds that the result itself names.

    Args:
        dispatch_seconds: What the search spends on each candidate before a worker has it, one
            candidate after the other: choosing it, and sending it out.

    Attributes:
        clock: Simulated seconds since the start.
        arrivals: At which second each result was told, in order.

    Raises:
        ValueError: If `dispatch_seconds` is negative.
    """

    def __init__(self, dispatch_seconds: float = 0.0):
        if not dispatch_seconds >= 0:
            raise ValueError(
                f"dispatch_seconds must be at least 0, got {dispatch_seconds}. Raise it."
            )
        self.dispatch_seconds = dispatch_seconds
        self.clock = 0.0
        self.arrivals: list[float] = []
        self._running: list[tuple[float, int, _Task]] = []
        self._order = itertools.count()

    def submit(self, function: Callable[..., Result], /, *args, **kwargs) -> "_Task":
        """Begin an evaluation."""
        self.clock += self.dispatch_seconds  # the others go on meanwhile
        task = _Task(self, function(*args, **kwargs))
        finish = self.clock + task.value.seconds
        heapq.heappush(self._running, (finish, next(self._order), task))
        return task

    def is_next(self, task: "_Task") -> bool:
        """Whether no other evaluation ends before this one."""
        return self._running[0][-1] is task

    def finish_next(self) -> None:
        """Let the clock go on to where the next evaluation ends, if it is not there yet."""
        finish, _, _ = heapq.heappop(self._running)
        self.clock = max(self.clock, finish)
        self.arrivals.append(self.clock)


class _Task:
    """A future, as far as `search` uses one."""

    def __init__(self, workers: SimulatedWorkers, value: Result):
        self._workers = workers
        self.value = value

    def done(self) -> bool:
        return self._workers.is_next(self)

    def result(self) -> Result:
        self._workers.finish_next()
        return self.value
