"""Where nbval runs the notebooks: pictures that can be compared, and seconds that are told."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import build
import run_time

os.environ.update(build.STILL)  # the kernels inherit it


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
