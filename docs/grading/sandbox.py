"""A sandbox for one hand-in: bubblewrap around the process that runs its cells.

Inside are the system's programs, this Python environment and the library, all read-only, and a
private /tmp in memory. There is no network, no home, no course folder and nobody else's process.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from runner import MB, Limits, Runner

HERE = Path(__file__).resolve().parent
LIBRARY = HERE.parents[1] / "nas_tutorial"
PROGRAM = HERE / "run_cells.py"
SYSTEM = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")  # links into /usr on most systems
SETTINGS = ("alternatives", "fonts", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime")
NOBODY = "65534"  # the id of user and group inside
PROBE_SECONDS = 60


class NoSandbox(Exception):
    """There is no sandbox on this machine; the message says why and what to do."""


def command(student: str, disk_mb: int) -> list[str]:
    """The command that runs a student's cells inside bubblewrap (version 0.8 or newer).

    Args:
        student: Who handed in; the checks of `own_numbers` read it.
        disk_mb: How much /tmp and /dev/shm hold, each.
    """
    files = ["--perms", "1777", "--size", str(disk_mb * MB), "--tmpfs"]
    inside = {"PYTHONPATH": "/library", "HOME": "/tmp", "PATH": f"{sys.prefix}/bin:/usr/bin:/bin"}
    variables = {**environment(student), **inside}
    return [
        *("bwrap", "--die-with-parent", "--new-session", "--hostname", "sandbox"),
        *("--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts"),
        *("--unshare-cgroup-try", *_identity(), "--clearenv"),
        *(word for pair in variables.items() for word in ("--setenv", *pair)),
        *("--proc", "/proc", "--dev", "/dev", *files, "/dev/shm", *files, "/tmp"),
        *_system(),
        *(word for folder in folders() for word in _bind(folder, folder)),
        *_bind(LIBRARY, Path("/library/nas_tutorial")),
        *_bind(PROGRAM, Path("/sandbox/run_cells.py")),
        *("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp"),
        *_drop(),
        *(sys.executable, "/sandbox/run_cells.py"),
    ]


def runner(student: str, limits: Limits, bare: bool = False) -> Runner:
    """What runs a student's cells; bare, without a sandbox, is for hand-ins that are trusted."""
    if bare:
        variables = {**os.environ, **environment(student), "PYTHONPATH": str(LIBRARY.parent)}
        return Runner([sys.executable, str(PROGRAM)], limits, variables)
    return Runner(command(student, limits.disk_mb), limits)


def environment(student: str) -> dict[str, str]:
    """The variables that a hand-in's cells see, beside those that say where things are."""
    backend = os.environ.get("KERAS_BACKEND")
    return {
        "LANG": "C.UTF-8",
        "USER": "student",
        "PYTHONDONTWRITEBYTECODE": "1",
        "NBGRADER_EXECUTION": "autograde",
        "NAS_TUTORIAL_STUDENT": student,
        "NAS_TUTORIAL_STILL": "1",
        "NAS_TUTORIAL_PROGRESS": "off",
        **({"KERAS_BACKEND": backend} if backend else {}),
    }


def folders() -> list[Path]:
    """The folders of this Python environment that are not in /usr; they are seen inside."""
    places = {Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve(), Path(sys.prefix)}
    return sorted(place for place in places if not place.is_relative_to("/usr"))


def require_sandbox(course: Path) -> None:
    """Try the sandbox with an import of what runs cells.

    Raises:
        NoSandbox: If it does not work here, or the course lies in a folder that is seen inside.
    """
    for folder in (Path("/usr"), LIBRARY, *folders()):
        if course.resolve().is_relative_to(folder):
            raise NoSandbox(
                f"the course must not lie in {folder}, which hand-ins can read. Move it elsewhere."
            )
    if shutil.which("bwrap") is None:
        raise NoSandbox("there is no bubblewrap. On Debian or Ubuntu: apt install bubblewrap.")
    trial = [*command("nobody", 16)[:-1], "-c", "import ipykernel, nbclient"]
    try:
        tried = subprocess.run(trial, capture_output=True, text=True, timeout=PROBE_SECONDS)
    except subprocess.TimeoutExpired:
        raise NoSandbox(f"bubblewrap did not answer within {PROBE_SECONDS} seconds.") from None
    if tried.returncode:
        said = tried.stderr.strip().split("\n")[-1] or f"it ended with {tried.returncode}"
        raise NoSandbox(f"bubblewrap 0.8 or newer is needed, and here it fails: {said}.")


def _bind(outside: Path, inside: Path) -> list[str]:
    """To be read inside, through folders that everybody may pass."""
    parents = [str(folder) for folder in reversed(inside.parents)][1:]
    through = (word for folder in parents for word in ("--perms", "0755", "--dir", folder))
    return [*through, "--ro-bind", str(outside), str(inside)]


def _identity() -> list[str]:
    """Somebody without rights: by a user namespace, or where root grades, by `_drop`."""
    if os.geteuid() == 0:
        return ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    return ["--unshare-user", "--disable-userns", "--uid", NOBODY, "--gid", NOBODY]


def _drop() -> list[str]:
    """From root to nobody for good. Inside a user namespace root's processes would still be root's:
    without a limit on their number, and owners of what lies in /proc/sys."""
    if os.geteuid() == 0:
        return ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]
    return []


def _system() -> list[str]:
    """The system's programs and the few of its settings that programs need."""
    words = ["--ro-bind", "/usr", "/usr"]
    for name in SYSTEM:
        path = Path("/", name)
        if path.is_symlink():
            words += ["--symlink", os.readlink(path), str(path)]
        elif path.exists():
            words += ["--ro-bind", str(path), str(path)]
    settings = (path for name in SETTINGS if (path := Path("/etc", name)).exists())
    return [*words, *(word for path in settings for word in _bind(path, path))]
