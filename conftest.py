"""Test runs: what is slow, how notebooks run, and a learner's progress, which is left alone."""

import os
import re
import signal
from pathlib import Path

import pytest

from nas_tutorial.course.exercises import progress
from sources import build, run_time

ROOT = Path(__file__).parent
SLOW = [
    line
    for line in (ROOT / "tests" / "slow.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
QUICK = "not slow"  # as in `make quick`

# Kernels, workers and other processes that tests start inherit these.
os.environ.update(build.STILL)
os.environ[progress.VARIABLE] = progress.OFF
# What a script starts in the background ignores Ctrl-C, and so would all that tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser):
    parser.addoption(
        "--keep-seconds", action="store_true", help="promise this run's seconds (run_time.py)"
    )


def is_slow(name: str) -> bool:
    """Whether a line of slow.txt is the beginning of a test's or a file's name."""
    return any(re.match(re.escape(line).replace(r"\*", ".*"), name) for line in SLOW)


def pytest_ignore_collect(collection_path, config):
    """Do not even import files that are slow as a whole: many of them load TensorFlow."""
    name = collection_path.relative_to(ROOT).as_posix()
    return True if config.option.markexpr == QUICK and is_slow(name) else None


def pytest_collection_modifyitems(items):
    for item in items:
        if is_slow(item.nodeid):
            item.add_marker("slow")


def pytest_terminal_summary(terminalreporter, exitstatus, config):
    reports = [report for kind in terminalreporter.stats.values() for report in kind]
    seconds = run_time.taken(reports)
    if not seconds:
        return
    if config.getoption("keep_seconds") and exitstatus == pytest.ExitCode.OK:
        run_time.keep(seconds)
    terminalreporter.section("seconds of each notebook")
    for line, is_late in run_time.lines(seconds):
        terminalreporter.line(line, red=is_late)
