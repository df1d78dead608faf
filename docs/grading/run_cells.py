"""Runs inside the sandbox: cells come in line by line, and what each puts out goes back, as JSON.

The first line holds the limits. Nothing that this process says can be trusted, since it shares its
account with the code of the hand-in; `runner.py` reads it with suspicion.
"""

import json
import os
import resource
import sys

from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_code_cell, new_notebook, new_output

MB = 1024**2
LATE = "the cell was interrupted at its limit of time"


class Client(NotebookClient):
    """A kernel, and an end where cells put out too much."""

    def __init__(self, limits: dict, **settings):
        super().__init__(
            new_notebook(),
            kernel_name="python3",
            timeout=limits["cell_seconds"],
            interrupt_on_timeout=True,
            raise_on_iopub_timeout=True,
            error_on_timeout={"ename": "CellTimeoutError", "evalue": LATE, "traceback": [LATE]},
            allow_errors=True,
            on_cell_executed=note_failure,
            **settings,
        )
        self._left = limits["output_mb"] * MB

    def process_message(self, msg, cell, cell_index):
        self._left -= len(json.dumps(msg["content"]))
        if self._left < 0:
            end("output")
        return super().process_message(msg, cell, cell_index)

    def run(self, source: str) -> list:
        """Run a cell and return its outputs."""
        cell = new_code_cell(source)
        self.nb.cells.append(cell)
        try:
            self.execute_cell(cell, len(self.nb.cells) - 1)
        except (DeadKernelError, CellTimeoutError) as stopped:
            end(type(stopped).__name__)
        return cell.outputs


def note_failure(cell, cell_index, execute_reply) -> None:
    """Add an error where a cell failed and shows none, as nbgrader does."""
    said = execute_reply["content"]
    if said["status"] != "ok" and all(output.output_type != "error" for output in cell.outputs):
        name, value = said.get("ename", said["status"]), said.get("evalue", "")
        error = new_output("error", ename=name, evalue=value, traceback=[f"{name}: {value}"])
        cell.outputs.append(error)


def confine(limits: dict) -> None:
    """Set the limits that the system keeps; no process inside can raise them."""
    kinds = {
        resource.RLIMIT_NPROC: limits["processes"],
        resource.RLIMIT_FSIZE: limits["disk_mb"] * MB,
        resource.RLIMIT_DATA: limits["memory_mb"] * MB,
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in kinds.items():
        resource.setrlimit(kind, (most, most))


def answer(value) -> None:
    """Say something to the process outside."""
    with open(OUTSIDE, "w", closefd=False) as file:
        file.write(json.dumps(value) + "\n")


def end(why: str) -> None:
    """Say why there will be no more answers, and go; the sandbox goes with this process."""
    answer({"end": why})
    os._exit(1)


if __name__ == "__main__":
    # The kernel writes elsewhere.
    OUTSIDE = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    given = json.loads(sys.stdin.readline())
    confine(given)
    client = Client(given)
    with client.setup_kernel():
        answer([])
        for line in sys.stdin:
            answer(client.run(json.loads(line)))
