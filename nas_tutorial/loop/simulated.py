"""Workers on a clock of their own: what many of them would do, without having them.

A table knows how long each training run took. So the order in which results come back, and the time
that a search would need, follow from the table alone, and are the same on every machine.
"""

import heapq
import itertools
from collections.abc import Callable
from concurrent.futures import Executor, Future

from nas_tutorial.names import real
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
        arrivals: The second at which each result arrived, in order.

    Raises:
        ValueError: If `dispatch_seconds` is negative or no finite number.
    """

    def __init__(self, dispatch_seconds: float = 0.0):
        self.dispatch_seconds = real("dispatch_seconds", dispatch_seconds, 0)
        self.clock = 0.0
        self.arrivals: list[float] = []
        self._running: list[tuple[float, int, Future, Result]] = []
        self._order = itertools.count()

    def submit(self, function: Callable, /, *args, **kwargs) -> Future:
        """Begin an evaluation. Its future is done once `finish_next` has come to it."""
        self.clock += self.dispatch_seconds  # the others go on meanwhile
        result = function(*args, **kwargs)
        future: Future = Future()
        end = self.clock + result.seconds
        heapq.heappush(self._running, (end, next(self._order), future, result))
        return future

    def finish_next(self) -> None:
        """Let the clock go on to the end of the next evaluation; `search` calls this and waits."""
        end, _, future, result = heapq.heappop(self._running)
        self.clock = max(self.clock, end)
        self.arrivals.append(self.clock)
        future.set_result(result)
