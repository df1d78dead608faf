"""One hand-in's process, seen from outside: cells go in one by one, limits are kept, answers bounded.

A cell is sent when its turn has come, so a hidden test is not in the sandbox before it runs. Memory
is watched by looking: five times a second, over all processes of the hand-in.
"""

import contextlib
import json
import os
import select
import subprocess
import time
from dataclasses import asdict, dataclass

import psutil

MB = 1024**2
LOOK_SECONDS = 0.2  # between two looks at the clock and the memory
START_SECONDS = 120
GRACE_SECONDS = 30  # for an interrupted cell to end
GONE = (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess)
ENDS = {
    "output": "it put out too much",
    "DeadKernelError": "its kernel died",
    "CellTimeoutError": "a cell went on after its time and could not be interrupted",
}


class Stopped(Exception):
    """There will be no more answers; the message says why."""


@dataclass(frozen=True)
class Limits:
    """What one hand-in may use.

    Attributes:
        seconds: For all of its cells together.
        cell_seconds: For each of its cells, which is then interrupted.
        memory_mb: Resident memory of all its processes together; also the data of each process.
        processes: Processes and threads.
        disk_mb: Each of its files, and all in /tmp together.
        output_mb: What all its cells put out together, as JSON.
        reserve_mb: Memory of the machine that must stay free, whoever uses the rest.
    """

    seconds: int = 1800
    cell_seconds: int = 300
    memory_mb: int = 4096
    processes: int = 512
    disk_mb: int = 512
    output_mb: int = 8
    reserve_mb: int = 512


class Runner:
    """Runs one hand-in's cells; use it in a `with` statement, which ends all of its processes.

    Args:
        command: Starts `run_cells.py`, inside a sandbox or not.
        limits: What the hand-in may use.
        environment: Of the process; None hands on that of this one.

    Attributes:
        peak_mb: The most resident memory that was seen.
    """

    def __init__(self, command: list[str], limits: Limits, environment: dict | None = None):
        self.limits, self.peak_mb = limits, 0.0
        self._buffer, self._received = bytearray(), 0
        self._begin = self._next_look = time.monotonic()
        self._process = psutil.Popen(
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._into, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._into, False)

    def __enter__(self) -> "Runner":
        return self

    def __exit__(self, *_) -> None:
        self.end()

    def start(self) -> None:
        """Start the kernel.

        Raises:
            Stopped: If it does not start.
        """
        self._ask(asdict(self.limits), START_SECONDS)

    def run(self, source: str):
        """Run a cell.

        Returns:
            What the process says that the cell put out: any JSON, since the hand-in's code can make
            it say whatever it likes.

        Raises:
            Stopped: If a limit is passed, or the kernel or the process has ended.
        """
        answer = self._ask(source, self.limits.cell_seconds + GRACE_SECONDS)
        if isinstance(answer, dict):
            raise Stopped(ENDS.get(str(answer.get("end")), "it ended"))
        return answer

    def end(self) -> None:
        """End every process of the hand-in."""
        # Inside a sandbox the first of them is the first process of a namespace. When that is
        # killed, the kernel kills all the others before bubblewrap hears of its end.
        self._process.stdin.close()
        below = self._children()
        for process in below:
            with contextlib.suppress(*GONE):
                process.kill()
        psutil.wait_procs(below[:1], timeout=GRACE_SECONDS)
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def _ask(self, question, seconds: float):
        until = time.monotonic() + seconds
        self._send(json.dumps(question).encode() + b"\n", until)
        line = self._line(until)
        try:
            return json.loads(line)
        except (ValueError, RecursionError):
            raise Stopped("what it put out cannot be read") from None

    def _send(self, line: bytes, until: float) -> None:
        while line:
            self._look(until)
            if select.select([], [self._into], [], LOOK_SECONDS)[1]:
                try:
                    line = line[os.write(self._into, line) :]
                except BrokenPipeError:
                    raise Stopped("its process ended") from None

    def _line(self, until: float) -> bytes:
        """The next line that comes out."""
        while (length := self._buffer.find(b"\n")) < 0:
            self._look(until)
            if select.select([self._out], [], [], LOOK_SECONDS)[0]:
                piece = os.read(self._out, MB)
                if not piece:
                    raise Stopped("its process ended")
                self._buffer += piece
                self._received += len(piece)
                if self._received > (self.limits.output_mb + 1) * MB:  # 1 MB for what is around it
                    raise Stopped(ENDS["output"])
        line = bytes(self._buffer[:length])
        del self._buffer[: length + 1]
        return line

    def _look(self, until: float) -> None:
        """Stop where a limit is passed."""
        now, limits = time.monotonic(), self.limits
        if now < self._next_look:
            return
        self._next_look = now + LOOK_SECONDS
        if now - self._begin > limits.seconds:
            raise Stopped(f"it ran for more than {limits.seconds} seconds")
        if now > until:
            raise Stopped("it did not answer in time")
        used = self._resident() / MB
        self.peak_mb = max(self.peak_mb, used)
        if used > limits.memory_mb:
            raise Stopped(f"it used more than {limits.memory_mb} MB of memory")
        if psutil.virtual_memory().available < limits.reserve_mb * MB:
            raise Stopped(f"less than {limits.reserve_mb} MB of the machine's memory were free")

    def _children(self) -> list[psutil.Process]:
        """All processes under the first one; the nearest come first."""
        with contextlib.suppress(*GONE):
            return self._process.children(recursive=True)
        return []

    def _resident(self) -> int:
        """Resident memory of all of them, in bytes; what they share counts for each."""
        total = 0
        for process in [self._process, *self._children()]:
            with contextlib.suppress(*GONE):
                total += process.memory_info().rss
        return total
