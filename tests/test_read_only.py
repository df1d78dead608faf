"""The course as it is installed for a class: read-only, on machines without a network.

Linux has both for the asking: a process in a network of its own, with nothing in it, and without
the right to write where the permissions forbid it, root or not.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nas_tutorial.course.exercises import checks
from tests import ROOT

JAIL = [
    "unshare", "--map-root-user", "--net",
    "setpriv", "--bounding-set=-all", "--inh-caps=-all",
]  # fmt: skip
WRITE = "import sys; open(sys.argv[1], 'w')"
CONNECT = "import socket, sys; socket.create_connection(('192.0.2.1', 80), timeout=5)"
RUN_NOTEBOOK = """
import sys
import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

notebook = nbformat.read(sys.argv[1], as_version=4)
kernel = AsyncKernelManager(transport="ipc", ip=sys.argv[2])
NotebookClient(notebook, km=kernel, resources={"metadata": {"path": "."}}).execute()
"""


def jail_works() -> bool:
    try:
        return subprocess.run([*JAIL, "true"], capture_output=True).returncode == 0
    except OSError:
        return False


pytestmark = pytest.mark.skipif(
    not jail_works(), reason="it takes Linux, unshare and setpriv to be locked in"
)


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """The package and the notebooks where nobody may write."""
    folder = tmp_path_factory.mktemp("installed")
    for part in ("nas_tutorial", "notebooks"):
        shutil.copytree(
            ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__", "*.lock")
        )
    everything = [folder, *folder.rglob("*")]
    modes = {path: path.stat().st_mode for path in everything}
    for path in everything:
        path.chmod(modes[path] & ~0o222)
    yield folder
    for path in everything:
        path.chmod(modes[path])


def locked_in(course: Path, home: Path, *arguments) -> subprocess.CompletedProcess:
    """Run Python beside the notebooks, with a home of its own and the installed course."""
    own = {"HOME": home, "PYTHONPATH": course, "NAS_TUTORIAL_PROGRESS": home / "progress.json"}
    caches = ("XDG_CACHE_HOME", "XDG_DATA_HOME", "JUPYTER_RUNTIME_DIR", "MPLCONFIGDIR")
    kept = {key: value for key, value in os.environ.items() if key not in caches}
    return subprocess.run(
        [*JAIL, sys.executable, *map(str, arguments)],
        cwd=course / "notebooks",
        env={**kept, **{key: str(value) for key, value in own.items()}},
        capture_output=True,
        text=True,
    )


def test_the_jail_is_one(course, tmp_path):
    assert "PermissionError" in locked_in(course, tmp_path, "-c", WRITE, course / "new").stderr
    assert "unreachable" in locked_in(course, tmp_path, "-c", CONNECT).stderr
    where = locked_in(course, tmp_path, "-c", "import nas_tutorial; print(nas_tutorial.__file__)")
    assert Path(where.stdout.strip()).is_relative_to(course)


def test_a_search_runs_and_writes_where_it_is_told_to(course, tmp_path):
    out = tmp_path / "first"
    done = locked_in(course, tmp_path, "-m", "nas_tutorial", "search", "--trials", 3, "--out", out)
    assert done.returncode == 0, done.stderr
    assert (out / "history.jsonl").exists()


def test_a_search_that_may_not_write_says_so(course, tmp_path):
    done = locked_in(course, tmp_path, "-m", "nas_tutorial", "search", "--trials", 3)
    assert done.returncode == 1
    assert "--out" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_chapter_runs_and_its_solved_exercises_are_shown(course, tmp_path):
    solved = course / "notebooks" / "solutions" / "03_the_search_loop.ipynb"
    done = locked_in(course, tmp_path, "-c", RUN_NOTEBOOK, solved, tmp_path / "kernel")
    assert done.returncode == 0, done.stderr
    shown = locked_in(course, tmp_path, "-m", "nas_tutorial", "exercises")
    assert shown.returncode == 0, shown.stderr
    (line,) = (line for line in shown.stdout.splitlines() if line.startswith("03 "))
    assert line.split() == ["03", *checks("03"), "-", "-"]
