"""Test runs: the learner's progress is left alone, and notebooks are run as they were built."""

import os

import pytest

from nas_tutorial.course.exercises import progress
from sources import build, run_time

# Kernels, workers and other processes that tests start inherit these.
os.environ.update(build.STILL)
os.environ[progress.VARIABLE] = progress.OFF


def pytest_addoption(parser):
    parser.addoption(
        "--keep-seconds", action="store_true", help="promise this run's seconds (run_time.py)"
    )


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
