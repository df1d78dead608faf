"""Hand-ins that attack: `make test-grading`. No part of `make test`, which runs test_sandbox.py.

Each is graded between two honest ones. In each case nothing of the others may change, no process may
be left, and limits must hold. Where there is no sandbox, everything here fails.

What held is written to the folder that the environment variable NAS_TUTORIAL_RECORD names, once as
root and once from an ordinary account: `NAS_TUTORIAL_RECORD=docs/grading/records make test-grading`.
"""

import contextlib
import datetime
import json
import os
import platform
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from nas_tutorial.course.exercises.own_numbers import STUDENT_VARIABLE
from tests.hand_ins import (
    ATTACKER,
    CHAPTER,
    EXERCISES,
    HONEST,
    LATER,
    MARK,
    ROOT,
    SECRET,
    Attack,
    Live,
    activated_path,
    grade,
    hand_in,
    nbgrader,
    points,
    prepare,
    put,
    released,
    sandbox,
    small_course,
    solved,
)

pytestmark = pytest.mark.filterwarnings("ignore::Warning:nbgrader")
MB = 1024**2
ACCOUNT = "root" if os.geteuid() == 0 else "ordinary account"
MOST_GROWN = 500  # MB, of the grading process with all tests in it
HELD: list[tuple[str, str, float]] = []


@pytest.fixture(scope="module", autouse=True)
def activated():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", activated_path())
        patch.setenv(STUDENT_VARIABLE, "nobody")  # nbgrader's settings change it
        yield


@pytest.fixture(scope="module")
def course(tmp_path_factory, activated) -> Path:
    """The small course; an error where there is no sandbox."""
    folder = tmp_path_factory.mktemp("course")
    sandbox.require_sandbox(folder)
    return small_course(folder)


@pytest.fixture
def attack(course):
    """An attack; when the test is over, nothing of others has changed."""
    for folder in ("submitted", "admitted", "autograded", "feedback"):
        shutil.rmtree(course / folder / ATTACKER, ignore_errors=True)
    made = Attack(course)
    yield made
    made.require_held()


@pytest.fixture
def held(request, attack):
    """Notes what held, for the record; a test calls it last."""
    begin = time.monotonic()

    def note(sentence: str) -> None:
        made = request.node.function.__doc__.splitlines()[0].rstrip(".")
        attack.require_held()
        HELD.append((made, sentence, time.monotonic() - begin))

    return note


@pytest.fixture(scope="module", autouse=True)
def record():
    """Write what held, where the environment says so."""
    yield
    folder = os.environ.get("NAS_TUTORIAL_RECORD")
    if folder:
        rows = [f"| {made} | {what} | {seconds:.0f} |" for made, what, seconds in HELD]
        path = Path(folder, f"{ACCOUNT.replace(' ', '_')}.md")
        path.write_text("\n".join([*heading(), *rows]) + "\n", encoding="utf-8")


def heading() -> list[str]:
    bwrap = subprocess.run(["bwrap", "--version"], capture_output=True, text=True).stdout.strip()
    used = ", ".join(f"{name} {version(name)}" for name in ("nbgrader", "nbclient", "ipykernel"))
    return [
        f"# What hand-ins tried, and what held ({ACCOUNT})",
        "",
        f"`make test-grading` on {datetime.date.today()}: {bwrap}, {used}, "
        f"Python {platform.python_version()}, Linux {platform.release().split('-')[0]}, "
        f"by {ACCOUNT}, {os.cpu_count()} cores. All {len(HELD)} held. In each case another "
        "student's points, files and hand-in were compared before and after, and no process was left.",
        "",
        "| a hand-in | what became of it | seconds |",
        "| --- | --- | --- |",
    ]


def attempt(*statements: str) -> str:
    """Code that tries each statement and prints those that worked."""
    return "\n".join(
        f"try:\n    {statement}\n    print('WORKED', {statement!r})\nexcept BaseException: pass"
        for statement in statements
    )


# The kernel takes open files of the process above it, which has the same account.
STEAL = """
import ctypes, fcntl, os, time
call = ctypes.CDLL(None).syscall
def stolen():
    above = call(434, os.getppid(), 0)  # pidfd_open
    for number in range(64):
        got = call(438, above, number, 0)  # pidfd_getfd
        if got >= 0 and os.readlink(f"/proc/self/fd/{got}").startswith("pipe:"):
            if fcntl.fcntl(got, fcntl.F_GETFL) & os.O_ACCMODE == os.O_WRONLY:
                yield got
"""

# ---- what belongs to others


def test_gradebook(attack, held, course):
    """Changes points in the gradebook, whose path it knows."""
    path = course / "gradebook.db"
    outcome = attack(
        "import sqlite3, os\n"
        + attempt(
            f"sqlite3.connect({str(path)!r}).execute('update grade set auto_score = 9')",
            f"open({str(path)!r}, 'ab').write(b'x')",
            f"os.unlink({str(path)!r})",
            f"open({str(course / 'points' / 'exercises.csv')!r}).read()",
        )
    )
    assert "WORKED" not in outcome.outputs
    assert (outcome.points, outcome.note) == (2, "")
    held("it finds no gradebook; its own answers count")


def test_another_hand_in(attack, held, course):
    """Changes the hand-in that is graded next, and reads the one graded before."""
    paths = [
        course / "submitted" / who / EXERCISES / f"{EXERCISES}.ipynb" for who in (LATER, HONEST)
    ]
    code = attempt(
        f"open({str(paths[0])!r}, 'w').write('mine')", f"print(open({str(paths[1])!r}).read())"
    )
    outcome = attack(code)
    assert "WORKED" not in outcome.outputs
    held("neither is there")


def test_solutions_and_hidden_tests(attack, held, course):
    """Looks for solutions and hidden tests: in files, and in the memory of the process outside it."""
    code = f"""
import os, re
MARKER = {SECRET[:9]!r} + {SECRET[9:]!r}
def search(path):
    with open(path, "rb") as file:
        return MARKER.encode() in file.read({50 * MB})
seen = found = 0
for top in ("/", "/tmp", "/work", "/home", "/root", "/sandbox", "/library"):
    for folder, folders, names in os.walk(top):
        folders[:] = [f for f in folders if os.path.join(folder, f) not in ("/proc", "/usr", "/dev")]
        for name in names:
            if name.endswith((".ipynb", ".db", ".json", ".csv")):
                try:
                    found += search(os.path.join(folder, name)); seen += 1
                except OSError: pass
for pid in filter(str.isdigit, os.listdir("/proc")):
    if int(pid) == os.getpid(): continue
    try:
        with open(f"/proc/{{pid}}/maps") as maps, open(f"/proc/{{pid}}/mem", "rb") as memory:
            for line in maps:
                first, last = (int(n, 16) for n in re.match("(\\\\w+)-(\\\\w+)", line).groups())
                if "rw" in line and last - first < {200 * MB}:
                    memory.seek(first); found += MARKER.encode() in memory.read(last - first)
                    seen += 1
    except OSError: pass
print("SEEN", seen, "FOUND", found)
"""
    outcome = attack(code + attempt(f"open({str(course / 'source')!r})"))
    assert " FOUND 0" in outcome.outputs
    assert "SEEN 0" not in outcome.outputs
    assert "WORKED" not in outcome.outputs
    held("nothing is found before the check's turn comes")


def test_own_hidden_tests_can_be_read(attack, held):
    """Reads a hidden test while it runs (named: it can)."""
    code = f"""
num_paths = lambda graph: print("READ", {SECRET!r}[:4], get_ipython().user_ns["In"][-1])
"""
    outcome = attack.answers({**attack.right, "ex-4-3": code})
    assert SECRET in outcome.outputs.split("READ", 1)[1]
    assert outcome.points == 1
    held("a check's text can be read once it runs, and shown in one's own page")


def test_network(attack, held):
    """Uses the network: a service of this machine, one in the abstract namespace, one far away."""
    with socket.socket() as near, socket.socket(socket.AF_UNIX) as abstract:
        near.bind(("127.0.0.1", 0))
        abstract.bind(f"\0nas-{os.getpid()}")
        for service in (near, abstract):
            service.listen()
            service.settimeout(0)
        port = near.getsockname()[1]
        code = "import socket, urllib.request\nsocket.setdefaulttimeout(3)\n" + attempt(
            f"socket.create_connection(('127.0.0.1', {port}))",
            f"socket.socket(socket.AF_UNIX).connect('\\0nas-{os.getpid()}')",
            "socket.create_connection(('1.1.1.1', 53))",
            "socket.getaddrinfo('example.org', 80)",
            "urllib.request.urlopen('https://example.org')",
        )
        outcome = attack(code)
        for service in (near, abstract):
            with pytest.raises(BlockingIOError):
                service.accept()
    assert "WORKED" not in outcome.outputs
    held("no connection arrives anywhere")


def test_outside(attack, held, course):
    """Writes where it may not: environment, library, system, home, the folder of the course."""
    places = [
        Path(sys.prefix, "lib/x.pth"), Path(sandbox.LIBRARY, "x.py"), "/library/nas_tutorial/x.py",
        "/sandbox/run_cells.py", "/usr/x", "/x", "/dev/x", "/etc/x", "/etc/ld.so.cache",
        Path.home() / "x", course / "x", course.parent / "x", "/proc/sys/kernel/core_pattern",
    ]  # fmt: skip
    statements = [f"open({str(place)!r}, 'ab').write(b'')" for place in places]
    statements += [
        "os.mount('a', 'b')",
        "os.chroot('/tmp')",
        "os.mknod('/tmp/disk', 0o60666, 65024)",
    ]
    statements += ["os.setuid(0)", "os.setgroups([0])"]
    outcome = attack("import os\n" + attempt(*statements))
    assert "WORKED" not in outcome.outputs
    assert outcome.points == 2
    held("nothing outside its own /tmp can be written")


def test_rights(attack, held):
    """Looks at what it is."""
    code = """
import os
status = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines())
print("IS", os.getuid(), os.getgid(), os.getgroups(), int(status["CapPrm"], 16),
      int(status["CapEff"], 16), status["NoNewPrivs"], os.uname().nodename)
print("PROCESSES", sum(name.isdigit() for name in os.listdir("/proc")))
print("NAMES", sorted(os.environ))
"""
    os.environ["SOMETHING_PRIVATE"] = "a password"
    outcome = attack(code)
    del os.environ["SOMETHING_PRIVATE"]
    groups = outcome.outputs.split("IS ")[1].split("]")[0]
    assert groups.startswith("65534 65534 [") and "0" not in groups.split("[")[1].split(", ")
    assert "] 0 0 1 sandbox" in outcome.outputs
    assert int(outcome.outputs.split("PROCESSES ")[1].split()[0]) <= 4
    assert "SOMETHING_PRIVATE" not in outcome.outputs
    held("it is nobody, without rights or a way to get any, sees its own processes only, and none of "
         "the teacher's environment variables")  # fmt: skip


def test_nothing_stays_for_the_next(attack, held):
    """Leaves files for the next hand-in."""
    attack("import os\nfor p in ('/tmp/x', '/dev/shm/x'): open(p, 'w').write('left')")
    outcome = attack(
        "import os\nprint('LEFT', [os.path.exists(p) for p in ('/tmp/x', '/dev/shm/x')])"
    )
    assert "LEFT [False, False]" in outcome.outputs
    held("its /tmp and /dev/shm are gone with it")


# ---- limits


def grown() -> float:
    """The most memory that the grading process has used so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def test_endless_output(attack, held):
    """Prints without end."""
    outcome = attack("while True: print('x' * 1000)", output_mb=4)
    assert outcome.note == "stopped: it put out too much"
    assert outcome.points == 0
    assert len(outcome.page) < 2 * MB
    assert grown() < MOST_GROWN
    held(f"stopped after 4 MB; the grading process never had more than {grown():.0f} MB")


def test_large_outputs(attack, held):
    """Puts out 300 MB at once: as text, as an error, as a picture."""
    for code in (
        f"print('x' * {300 * MB})",
        f"raise ValueError('x' * {300 * MB})",
        "from IPython.display import publish_display_data as p\n"
        f"p({{'image/png': 'A' * {300 * MB}, 'text/plain': ''}})",
    ):
        outcome = attack(code)
        assert outcome.note.startswith("stopped: it"), outcome.note
        assert outcome.points == 0
    assert grown() < MOST_GROWN
    held(f"stopped each time; the grading process never had more than {grown():.0f} MB")


def test_answers_without_end(attack, held):
    """Takes the pipe that its answers go through, and writes without a line's end."""
    code = (
        STEAL
        + """
import threading
def write(pipe):
    while True: os.write(pipe, b"[" * 65536)
for pipe in stolen(): threading.Thread(target=write, args=(pipe,)).start()
time.sleep(60)
"""
    )
    outcome = attack(code, output_mb=4)
    assert outcome.note == "stopped: it put out too much"
    assert outcome.points == 0
    assert grown() < MOST_GROWN
    held(f"{outcome.note}; the grading process never had more than {grown():.0f} MB")


def test_memory_of_one(attack, held):
    """Takes memory in one process."""
    code = "kept = []\nwhile True: kept.append(bytearray(b'x' * (64 << 20)))"
    outcome = attack(code, memory_mb=700)
    assert "MemoryError" in outcome.outputs or "memory" in outcome.note
    held(f"limit 700 MB: {outcome.note or 'its cell ends with MemoryError'}")


def test_memory_of_many(attack, held):
    """Takes memory in many processes."""
    code = """
import os, time
for _ in range(20):
    if not os.fork():
        kept = bytearray(b"x" * (200 << 20)); time.sleep(60); os._exit(0)
time.sleep(60)
"""
    outcome = attack(code, memory_mb=1000)
    assert outcome.note == "stopped: it used more than 1000 MB of memory"
    assert outcome.points == 0
    held(outcome.note)


def test_memory_of_nobody(attack, held):
    """Takes memory that belongs to no process: files in memory without a name."""
    code = """
import os, time
kept = []
for _ in range(40):
    kept.append(os.memfd_create("x"))
    for _ in range(20): os.write(kept[-1], b"x" * (1 << 20))
time.sleep(30)
"""
    reserve = int(psutil.virtual_memory().available / MB) - 500
    outcome = attack(code, reserve_mb=reserve)
    assert outcome.note == f"stopped: less than {reserve} MB of the machine's memory were free"
    held("stopped when the machine's memory fell below the reserve")


def test_disk(attack, held):
    """Fills /tmp, /dev/shm and one file."""
    code = """
for place in ("/tmp", "/dev/shm"):
    written = 0
    try:
        for number in range(100):
            with open(f"{place}/{number}", "wb") as file:
                for _ in range(10): written += file.write(b"x" * (1 << 20))
    except OSError as full: print("FULL", place, written >> 20, type(full).__name__)
import os, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
fd, size = os.memfd_create("x"), 0
try:
    while size < 1000: size += os.write(fd, b"x" * (1 << 20)) >> 20
except OSError as full: print("FILE", size)
"""
    outcome = attack(code, disk_mb=64)
    sizes = [int(part.split()[1]) for part in outcome.outputs.split("FULL ")[1:]]
    assert len(sizes) == 2 and all(40 <= size <= 64 for size in sizes)
    assert "FILE 64" in outcome.outputs
    held("each ends at the limit of 64 MB")


def test_fork_bomb(attack, held):
    """Starts as many processes as it can."""
    code = """
import os, time
started = 0
try:
    for _ in range(2000):
        if os.fork():
            started += 1
        else:
            time.sleep(100); os._exit(0)
except OSError as refused:
    print("STARTED", started, type(refused).__name__)
"""
    outcome = attack(code, processes=100)
    started = int(outcome.outputs.split("STARTED ")[1].split()[0])
    assert 10 < started < 100
    assert outcome.points == 2
    held(f"{started} start under a limit of 100, and all end with it")


def test_threads(attack, held):
    """Starts as many threads as it can."""
    code = """
import threading, time
started = 0
try:
    for _ in range(2000):
        threading.Thread(target=time.sleep, args=(100,), daemon=True).start(); started += 1
except RuntimeError: print("STARTED", started)
"""
    outcome = attack(code, processes=100)
    assert 10 < int(outcome.outputs.split("STARTED ")[1].split()[0]) < 100
    held("a limit of 100 holds for threads too")


def test_endless_loop(attack, held):
    """Loops without end."""
    outcome = attack("while True: pass", cell_seconds=5)
    assert outcome.points == 1  # the first answer was not reached
    assert outcome.note == ""
    held("its cell is interrupted at the limit; the next exercise counts")


def test_loop_that_catches(attack, held):
    """Loops without end, and ignores the interrupt."""
    loop = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    outcome = attack.answers({**attack.right, "ex-4-3": loop}, cell_seconds=5)
    assert outcome.points == 1
    assert outcome.note.startswith("stopped: a cell went on after its time")
    held(f"{outcome.note}; the exercise before it counts")


def test_slow_cells(attack, held):
    """Stays under the limit of a cell, in many cells."""
    notebook = released(attack.course, EXERCISES)
    notebook.cells[1:1] = [new_code_cell("import time; time.sleep(4)") for _ in range(50)]
    outcome = attack.notebook(notebook, cell_seconds=20, seconds=15)
    assert outcome.note == "stopped: it ran for more than 15 seconds"
    assert outcome.points == 0
    held(outcome.note)


def test_frozen_answers(attack, held):
    """Freezes the process that answers for it, and sends it a long cell."""
    notebook = released(attack.course, EXERCISES)
    stop = "import os, signal\nos.kill(os.getppid(), signal.SIGSTOP)"
    notebook.cells[1:1] = [new_code_cell(stop), new_code_cell("#" * 400_000)]
    outcome = attack.notebook(notebook, cell_seconds=2)
    assert outcome.note == "stopped: it did not answer in time"
    held(outcome.note)


@pytest.mark.parametrize(
    "code",
    ["os._exit(0)", "os.kill(os.getpid(), 9)", "os.kill(os.getppid(), 9)", "os.kill(1, 9)",
     "os.kill(-1, 9)", "os.abort()", "import ctypes; ctypes.string_at(0)"],
)  # fmt: skip
def test_killing(attack, held, code):
    """Kills itself, its parent, or everybody."""
    outcome = attack.answers({**attack.right, "ex-4-3": f"import os\n{code}"})
    assert outcome.points == 1
    held(f"`{code}`: {outcome.note or 'nothing happens'}; what was checked before counts")


def test_processes_that_stay(attack, held):
    """Leaves processes behind that have left its session and ignore signals."""
    code = f"""
import os, signal, subprocess
subprocess.Popen(["setsid", "nohup", "sleep", "{MARK}"])
if not os.fork():
    os.setsid()
    if os.fork(): os._exit(0)
    for number in range(1, 32):
        try: signal.signal(number, signal.SIG_IGN)
        except OSError: pass
    os.execvp("sleep", ["sleep", "{MARK}"])
"""
    outcome = attack(code)
    assert outcome.points == 2
    held("they end with the sandbox")


def test_grading_that_is_killed(attack, held, course):
    """Goes on when the grading itself is killed."""
    code = f"import subprocess, time\nsubprocess.Popen(['sleep', '{MARK}'])\ntime.sleep(600)"
    hand_in(course, ATTACKER, EXERCISES, {**attack.right, "ex-4-1": code})
    command = [sys.executable, "docs/grading/grade.py", str(course), EXERCISES, ATTACKER]
    grading = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)

    def is_there() -> bool:
        return any(MARK in (p.info["cmdline"] or []) for p in psutil.process_iter(["cmdline"]))

    wait_for(is_there, 120)
    grading.send_signal(signal.SIGKILL)
    grading.wait()
    wait_for(lambda: not is_there(), 10)
    held("it ends with the grading")


def wait_for(condition, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.1)


# ---- the file


def test_links(attack, held, course):
    """Is a link: to the gradebook, to another's file, its folder to another's folder."""
    notes = set()
    for name in (EXERCISES + ".ipynb", ""):
        for other in (HONEST, LATER):
            folder = course / "submitted" / ATTACKER / EXERCISES
            shutil.rmtree(folder.parent, ignore_errors=True)
            (folder if name else folder.parent).mkdir(parents=True)
            (folder / name).symlink_to(course / "submitted" / other / EXERCISES / name)
            outcome = attack.grade()
            assert (outcome.status, outcome.points) == (1, 0)
            notes.add(outcome.note)
            shutil.rmtree(folder.parent)
    put(course, ATTACKER, EXERCISES, "").unlink()
    (course / "submitted" / ATTACKER / EXERCISES / f"{EXERCISES}.ipynb").symlink_to(
        course / "gradebook.db"
    )
    notes.add(attack.grade().note)
    assert notes == {"not graded: its file or folder is a link"}
    held(notes.pop())


@pytest.mark.parametrize(
    ("content", "note"),
    [
        ("", "not JSON"),
        ("{" * 100, "not JSON"),
        ("[" * 200_000, "not JSON"),
        ('{"a":' * 200_000, "not JSON"),
        ("9" * 100_000, "not JSON"),
        ("[]", "not a notebook of format 4"),
        ('{"cells": {}}', "not a notebook of format 4"),
        ('{"cells": [7]}', "not a notebook of format 4"),
        ('{"worksheets": [{"cells": []}]}', "not a notebook of format 4"),
        ('{"cells": [{"cell_type": "code", "source": {"a": 1}}]}', "cells has no text"),
        (json.dumps({"cells": [{"source": ""}] * 2000}), "more than 1000 cells"),
        (json.dumps({"cells": [{"source": "x" * MB}]}), "more than 500000 characters"),
        (" " * (11 * MB), "more than 10 MB"),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else None,
)
def test_files(attack, held, course, content, note):
    """Is not what it should be."""
    put(course, ATTACKER, EXERCISES, content)
    outcome = attack.grade()
    assert (outcome.status, outcome.points) == (1, 0)
    assert outcome.note.startswith("not graded: ") and outcome.note.endswith(note)
    held(f"`{content.strip()[:12] or 'blank'}` …: {outcome.note}")


def test_special_files(attack, held, course):
    """Is a pipe, a folder, a file of 100 GB, or nothing."""
    path = put(course, ATTACKER, EXERCISES, "")
    with path.open("wb") as file:
        file.truncate(100 * 1024 * MB)
    assert attack.grade().note.endswith("more than 10 MB")
    assert grown() < MOST_GROWN
    for make in (os.mkfifo, Path.mkdir, lambda path: None):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        make(path)
        assert attack.grade().note == f"not graded: there is no file {EXERCISES}.ipynb"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b'{"cells": [{"source": "\xff"}]}')
    assert attack.grade().note.endswith("not JSON")
    held("refused each time, and none is read beyond 10 MB")


def test_names(attack, held, course):
    """Has the name of a path, or of a formula."""
    for name in ("=1+1", "a b", "a[1]", "..", "é"):
        put(course, name, EXERCISES, "{}") if name != ".." else None
        assert grade.grade(course, EXERCISES, [name]) == 1
        shutil.rmtree(course / "submitted" / name) if name != ".." else None
    lines_left = (course / "points" / f"{EXERCISES}.csv").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines_left if line.startswith(("student", HONEST, ATTACKER))]
    (course / "points" / f"{EXERCISES}.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    held("refused: a student's id must be of letters, digits and . _ @ + -")


def forged(course: Path, **marks) -> nbformat.NotebookNode:
    """The released notebook unanswered, with nbgrader's marks changed in all cells."""
    notebook = released(course, EXERCISES)
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.update(marks)
    return notebook


@pytest.mark.parametrize(
    "marks",
    [{"points": 100}, {"locked": False}, {"grade": False, "solution": True}, {"grade_id": "check-4-1"},
     {"schema_version": 99}, {"schema_version": 1}, {"checksum": "0"}, {"cell_type": "markdown"},
     {"grade_id": ["a"]}, {"grade_id": "a" * 10_000}, {"points": float("nan")}, {"task": True}],
    ids=str,
)  # fmt: skip
def test_forged_marks(attack, held, course, marks):
    """Has nbgrader's marks forged, and all checks emptied."""
    notebook = forged(course, **marks)
    for cell in notebook.cells:
        if "check" in cell.source:
            cell.source = "7 * 6"
    outcome = attack.notebook(notebook)
    assert (outcome.status, outcome.points) == (0, 0)
    held(f"`{str(marks)[:40]}`: checks and marks are the released ones; no points")


def test_removed_and_moved(attack, held, course):
    """Has the checks removed, as code cells made text, and in another order."""
    notebook = released(course, EXERCISES)
    checks = [cell for cell in notebook.cells if "check-" in str(cell.metadata)]
    texts = [new_markdown_cell(cell.source, metadata=cell.metadata) for cell in checks]
    rest = [cell for cell in notebook.cells if cell not in checks]
    for cells in (rest, [*texts, *rest], [*checks[::-1], *rest], []):
        notebook.cells = cells
        outcome = attack.notebook(notebook)
        assert (outcome.status, outcome.points) == (0, 0)
    held("missing checks are put back; no points")


def test_doubled(attack, held, course):
    """Has each check twice, the first emptied, and extra cells that claim points."""
    notebook = released(course, EXERCISES)
    cells = []
    for cell in notebook.cells:
        cells.append(cell)
        if "check-" in str(cell.metadata):
            cells.append(new_code_cell("1", metadata=json.loads(json.dumps(cell.metadata))))
    marks = {"nbgrader": {**cells[-1].metadata["nbgrader"], "grade_id": "bonus", "points": 50}}
    notebook.cells = [*cells, new_code_cell("50", metadata=marks)]
    assert attack.notebook(notebook).points == 0
    notebook.cells = [new_code_cell("1", metadata=cells[-1].metadata), *cells]
    assert attack.notebook(notebook).points == 0
    held("each check counts once, a claim of points not at all")


def test_strange_texts(attack, held, course):
    """Holds texts that cannot be written, control characters, and very long lines."""
    notebook = json.loads(nbformat.writes(released(course, EXERCISES)))
    texts = ["# \ud800", "\x00\x1b[2J", "#" + "x" * 50_000, "# \u202e", "```\n" + "`" * 5000]
    for kind in ("code", "markdown", "raw", "heading", None, 7):
        notebook["cells"] += [{"cell_type": kind, "source": text, "metadata": 5} for text in texts]
    put(course, ATTACKER, EXERCISES, json.dumps(notebook))
    outcome = attack.grade()
    assert (outcome.status, outcome.points) == (0, 0)
    held("graded like any other")


# ---- its own points


def test_check_is_replaced(attack, held):
    """Replaces the course's check by one that is content (named: it gets its own points)."""
    code = """
import nas_tutorial.course, nas_tutorial.course.exercises.verdicts as verdicts
guess, check = 0, lambda *a: None
nas_tutorial.course.check = check
verdicts.require = lambda *a: None
num_paths = lambda graph: 2
"""
    outcome = attack.answers({"ex-4-1": code, "ex-4-3": "pass"})
    assert outcome.points == 2
    again = attack.answers({})
    assert again.points == 0
    held(
        f"{outcome.points:g} of 2 points for nothing, its own only; the next hand-in is checked as ever"
    )


def test_forged_answers(attack, held):
    """Writes answers for cells that have not run (named: it gets its own points)."""
    code = STEAL + "for pipe in stolen(): os.write(pipe, ANSWER * 10)\ntime.sleep(2)"
    plain = attack.answers({"ex-4-1": "ANSWER = b'[]\\n'" + code})
    assert plain.points == 2
    many = [{"output_type": "execute_result", "data": {"text/plain": "100"}}]
    outcome = attack.answers({"ex-4-1": f"ANSWER = {json.dumps(many).encode()!r} + b'\\n'" + code})
    assert outcome.points == 0
    held("2 of 2 points for nothing, its own only; results of 100 give none")


@pytest.mark.parametrize("answer", ["x", '[{"output_type": "x"}]', '{"end": "<b>"}'])
def test_malformed_answers(attack, held, answer):
    """Writes answers that are no outputs."""
    code = (
        f"{STEAL}for pipe in stolen(): os.write(pipe, {answer.encode()!r} + b'\\n')\ntime.sleep(2)"
    )
    outcome = attack(code)
    assert (outcome.status, outcome.points) == (0, 0)
    assert outcome.note.startswith("stopped: ") and "<b>" not in outcome.note
    held(f"`{answer}`: {outcome.note}")


def test_results_before_a_failure(attack, held):
    """Answers wrong, and shows a result of 1, 100 or infinity before its check fails."""
    for shown in ("1", "100", "float('inf')", "float('nan')", "-1"):
        code = f"num_paths = lambda graph: get_ipython().displayhook({shown})"
        outcome = attack.answers({**attack.right, "ex-4-3": code})
        assert outcome.points == 1, shown
    code = "num_paths = lambda graph: print('{\"score\": 1, \"points\": 100}', 'PASSED')"
    assert attack.answers({**attack.right, "ex-4-3": code}).points == 1
    held("a failure counts, whatever was shown before it")


def test_hidden_failure(attack, held):
    """Answers wrong, and hides the error that its check raises."""
    code = "get_ipython().showtraceback = lambda *a, **k: None\nnum_paths = lambda graph: 0"
    outcome = attack.answers({**attack.right, "ex-4-3": code})
    assert outcome.points == 1
    held("an error counts without its text")


# ---- its page

ALIVE = (
    "<script>document.title = 'alive'</script>",
    "<img src=x onerror=\"document.title = 'alive'\">",
    "<img src='https://example.org/x.png'>",
    "<svg onload=alert(1)></svg>",
    "<iframe src='https://example.org'></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "<style>@import 'https://example.org/x.css'</style>",
    "</pre></div><script src=//example.org></script>",
    "<math href='javascript:alert(1)'>x</math>",
    "<meta http-equiv=refresh content='0;url=https://example.org'>",
    "![x](https://example.org/x.png) [x](javascript:alert(1))",
    "$\\href{javascript:alert(1)}{x}$",
)


def test_live_outputs(attack, held):
    """Shows outputs that hold scripts, handlers and pictures from elsewhere, in every kind."""
    kinds = ("text/html", "image/svg+xml", "text/markdown", "text/latex", "application/javascript",
             "application/vnd.jupyter.widget-view+json", "application/pdf", "image/gif", "text/x")  # fmt: skip
    outcome = attack(f"""
from IPython.display import publish_display_data, display, HTML, Javascript, Image
import sys, base64
alive = {ALIVE!r}
for one in alive:
    print(one)
    display(HTML(one), Javascript("alert(1)"))
    for kind in {kinds!r}: publish_display_data({{kind: one}})
    publish_display_data({{"text/plain": one, "text/html": one}})
    for picture in (one, base64.b64encode(one.encode()).decode(), '" onerror="alert(1)'):
        publish_display_data({{"image/png": picture, "image/jpeg": picture}})
    publish_display_data({{"text/plain": "x"}}, metadata={{"image/png": {{"width": '"><script>'}}}})
display(Image(url="https://example.org/x.png"))
""")
    live = Live(outcome.page)
    assert live.found == []
    assert "<script" not in outcome.page.lower()
    assert all(one in live.text for one in ALIVE if "\\" not in one)
    assert outcome.points == 2
    held("shown as text, or left out; the page holds no script and loads nothing")


def test_live_errors_and_cells(attack, held, course):
    """Puts scripts into error messages, code, markdown and raw cells."""
    notebook = released(course, EXERCISES)
    for one in ALIVE:
        notebook.cells += [new_code_cell(f"raise ValueError({one!r})"), new_code_cell(one)]
        notebook.cells += [new_markdown_cell(one), nbformat.v4.new_raw_cell(one)]
        notebook.cells.append(new_markdown_cell(f"```\n{one}\n```\n\n{one}"))
        notebook.cells.append(
            new_markdown_cell(one, attachments={"x": {"image/png": one}}, metadata={"x": one})
        )
    outcome = attack.notebook(notebook)
    live = Live(outcome.page)
    assert live.found == []
    assert "<script" not in outcome.page.lower()
    assert live.text.count("document.title = 'alive'") >= 8
    held("shown as they were written")


def test_page_forbids(attack, held):
    """Shows a picture, which the page may hold, and nothing else."""
    outcome = attack("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()")
    assert 'src="data:image/png;base64,' in outcome.page
    head = outcome.page[: outcome.page.index("</head>")]
    assert "Content-Security-Policy" in head and "default-src 'none'" in head
    held("a PNG picture stays; the page forbids the browser scripts and whatever is elsewhere")


# ---- and the honest


def test_the_whole_chapter(tmp_path, held):
    """A whole chapter, handed in right, half right, blank, hanging and crashing (no attack)."""
    prepare.prepare(tmp_path, [CHAPTER[:2]])
    assert nbgrader(tmp_path, "generate_assignment", CHAPTER).returncode == 0
    right = solved(tmp_path, CHAPTER)
    first, second, third, *_ = right
    hand_in(tmp_path, "right", CHAPTER, right)
    hand_in(tmp_path, "half", CHAPTER, {first: right[first], third: right[third]})
    hand_in(tmp_path, "blank", CHAPTER, {})
    hang = "def names_per_network(space):\n    while True:\n        pass"
    hand_in(tmp_path, "hangs", CHAPTER, {**right, second: hang})
    hand_in(tmp_path, "crashes", CHAPTER, {**right, third: "import os\n\nos._exit(1)"})
    command = [sys.executable, "docs/grading/grade.py", str(tmp_path), CHAPTER, "--cell-seconds=60"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == [
        "blank: 0 of 5",
        "crashes: 2 of 5; stopped: its kernel died",
        "half: 2 of 5",
        "hangs: 4 of 5",
        "right: 5 of 5",
    ]
    held("5, 2, 0, 4 and 2 of 5 points, as nbgrader alone gives")


def test_own_numbers(tmp_path, held):
    """Hands in another student's notebook where everybody has numbers of their own."""
    name = prepare.OWN_NUMBERS.stem
    prepare.prepare(tmp_path, [name])
    assert nbgrader(tmp_path, "generate_assignment", name).returncode == 0
    for student in ("teacher", ATTACKER):
        hand_in(tmp_path, student, name, solved(tmp_path, name))
    assert grade.grade(tmp_path, name) == 0
    rows = (tmp_path / "points" / f"{name}.csv").read_text().splitlines()
    given = {
        who: sum(float(row.split(",")[3]) for row in rows if row.startswith(who))
        for who in ("teacher", ATTACKER)
    }
    assert given == {"teacher": 7, ATTACKER: 0}
    held("its owner gets 7 of 7, who hands it in a second time 0")


def test_last_points_of_the_others(course):
    """The one who waited behind all attackers gets what honest work gives."""
    assert grade.grade(course, EXERCISES, [LATER]) == 0
    assert points(course, LATER) == points(course, HONEST) == {"check-4-1": 1, "check-4-3": 1}
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(course / "submitted" / ATTACKER)
