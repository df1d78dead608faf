import json
import os
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import filelock
import pytest
from platformdirs import user_data_path

from nas_tutorial.course import records
from nas_tutorial.course.exercises import progress
from tests.permissions import may_write, without_privileges

LOCK = ".progress.json.lock"


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch) -> Path:
    """Where the learner's file is: in a folder that does not exist yet."""
    place = tmp_path / "made" / "progress.json"
    monkeypatch.setenv(progress.VARIABLE, str(place))
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    return place


def content(file: Path) -> dict:
    return json.loads(file.read_text(encoding="utf-8"))


def test_what_was_tried_and_solved_is_kept(file):
    assert progress.records() == {}
    assert progress.note("4.2", solved=False) is None
    assert progress.note("5.1", solved=True) is None
    assert progress.records() == content(file) == {"4.2": "attempted", "5.1": "solved"}
    assert {path.name for path in file.parent.iterdir()} <= {"progress.json", LOCK}


def test_what_is_solved_stays_solved():
    for solved in (False, True, False):
        progress.note("4.2", solved=solved)
    assert progress.records() == {"4.2": "solved"}


def test_what_is_known_is_not_written_again(file):
    progress.note("4.2", solved=True)
    os.utime(file, (0, 0))
    for solved in (True, False):
        progress.note("4.2", solved=solved)
    assert file.stat().st_mtime == 0


def test_by_default_the_file_is_the_users_own(monkeypatch):
    monkeypatch.delenv(progress.VARIABLE)
    assert progress.path().is_relative_to(user_data_path("nas_tutorial", appauthor=False).resolve())
    monkeypatch.setenv(progress.VARIABLE, "")
    assert progress.path().name == "progress.json"


def test_the_variable_may_begin_with_the_home_folder(monkeypatch):
    monkeypatch.setenv(progress.VARIABLE, "~/here.json")
    assert progress.path() == (Path.home() / "here.json").resolve()


def test_a_link_is_followed_and_stays(file, tmp_path):
    file.parent.mkdir()
    file.symlink_to(tmp_path / "elsewhere.json")
    progress.note("4.2", solved=True)
    assert file.is_symlink()
    assert content(tmp_path / "elsewhere.json") == {"4.2": "solved"}


@pytest.mark.parametrize(
    ("variable", "value"),
    [(progress.VARIABLE, progress.OFF), ("NBGRADER_EXECUTION", "autograde")],
)
def test_nothing_is_kept_where_it_is_off_or_graded(variable, value, file, monkeypatch):
    monkeypatch.setenv(variable, value)
    assert progress.path() is None
    assert progress.note("4.2", solved=True) is None
    assert progress.records() == {}
    assert progress.reset() is None
    assert not file.parent.exists() and not Path(progress.OFF).exists()


@pytest.mark.parametrize("mode", ["validate", ""])
def test_a_student_who_presses_validate_has_solved_it(mode, file, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", mode)
    progress.note("4.2", solved=True)
    assert content(file) == {"4.2": "solved"}


DAMAGED = [
    b"",
    b'{"4.2": "solv',
    b"\xff\xfe\x00",
    b"[]",
    b"3",
    b"null",
    b'{"4.2": "done"}',
    b'{"4.2": ["solved"]}',
    b"[" * 100_000,
]


@pytest.mark.parametrize("damaged", DAMAGED, ids=lambda data: repr(data[:12]))
def test_a_damaged_file_is_kept_aside_and_a_new_one_begun(damaged, file):
    file.parent.mkdir()
    file.write_bytes(damaged)
    with pytest.raises(progress.Damaged, match=r"progress\.json must .*"):
        progress.records()
    said = progress.note("4.2", solved=True)
    kept = file.with_name("progress-damaged.json")
    assert (
        said == f"(The file of your progress was damaged: it is kept as {kept}, a new one begun.)"
    )
    assert kept.read_bytes() == damaged
    assert progress.records() == {"4.2": "solved"}
    assert progress.note("4.3", solved=True) is None


def test_a_second_damaged_file_does_not_push_out_the_first(file):
    file.parent.mkdir()
    for text in ("first", "second", "third"):
        file.write_text(text)
        progress.note("4.2", solved=True)
    kept = sorted(path.read_text() for path in file.parent.glob("progress-damaged*.json"))
    assert kept == ["first", "second", "third"]


def assert_goes_on_without(said: str) -> None:
    assert said.startswith("(Your progress is not kept: ")
    assert said.endswith(f" {progress.VARIABLE} names another file.)")
    assert "\n" not in said


def test_a_place_that_cannot_be_written_stops_nothing(tmp_path, monkeypatch):
    (tmp_path / "no folder").write_text("a file")
    monkeypatch.setenv(progress.VARIABLE, str(tmp_path / "no folder" / "progress.json"))
    assert_goes_on_without(progress.note("4.2", solved=True))


def test_a_folder_in_place_of_the_file_stops_nothing(file):
    file.mkdir(parents=True)
    assert_goes_on_without(progress.note("4.2", solved=True))
    with pytest.raises(OSError):
        progress.records()


def make_device(path: Path) -> None:
    """As /dev/null is one; the real one is never touched."""
    try:
        os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    except (AttributeError, PermissionError):
        pytest.skip("this user may not make a device")


def make_folder(path: Path) -> None:
    path.mkdir()
    (path / "thesis.tex").write_text("years of work")


def make_pipe(path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("there are no named pipes here")
    os.mkfifo(path)


NOTES = """
from nas_tutorial import course
from nas_tutorial.course.exercises import progress
print(progress.note("4.2", solved=True))
print(progress.reset())
course.progress()
"""


@pytest.mark.parametrize("make", [make_device, make_folder, make_pipe])
def test_what_is_no_ordinary_file_is_left_alone(make, tmp_path):
    place = tmp_path / "named"
    make(place)
    before = place.stat()
    environment = {**os.environ, progress.VARIABLE: str(place)}
    command = [sys.executable, "-c", NOTES]
    run = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    said, reset, *_, read = run.stdout.splitlines()
    reason = (
        f"{place} is no ordinary file, and is left alone. {progress.VARIABLE} names another file."
    )
    assert_goes_on_without(said)
    assert said == f"(Your progress is not kept: {reason})"
    assert reset == "None"
    assert read == f"They cannot be read: {reason}"
    assert [path.name for path in tmp_path.iterdir()] == ["named"]
    after = place.stat()
    assert (after.st_ino, after.st_mode) == (before.st_ino, before.st_mode)


@pytest.mark.parametrize("place", ["~nobody-has-this-name/progress.json", "\0"])
def test_a_name_that_makes_no_file_stops_nothing(place, monkeypatch):
    if "\0" in place:  # no environment holds one, a notebook's may be made to
        monkeypatch.setattr(os, "environ", {**os.environ, progress.VARIABLE: place})
    else:
        monkeypatch.setenv(progress.VARIABLE, place)
    assert_goes_on_without(progress.note("4.2", solved=True))


def test_a_full_disk_leaves_the_old_file_whole(file, monkeypatch):
    progress.note("4.2", solved=True)

    def full(path, *_, **__):
        path.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    assert_goes_on_without(progress.note("4.3", solved=True))
    assert content(file) == {"4.2": "solved"}
    assert {path.name for path in file.parent.iterdir()} <= {"progress.json", LOCK}


def test_a_read_only_folder_stops_nothing(monkeypatch):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "progress.json")
        monkeypatch.setenv(progress.VARIABLE, str(file))
        file.write_text('{"4.2": "solved"}')
        os.chmod(folder, 0o555)
        try:
            with without_privileges():
                if may_write(folder):
                    pytest.skip("this user may write everywhere")
                assert progress.note("4.2", solved=False) is None  # nothing to write
                assert_goes_on_without(progress.note("4.3", solved=True))
                assert progress.records() == {"4.2": "solved"}
        finally:
            os.chmod(folder, 0o755)
        assert os.listdir(folder) == ["progress.json"]


def test_another_notebook_is_waited_for_and_not_for_ever(file, monkeypatch):
    monkeypatch.setattr(records, "LOCK_SECONDS", 0.05)
    file.parent.mkdir()
    with filelock.FileLock(file.with_name(LOCK)):
        assert_goes_on_without(progress.note("4.2", solved=True))
    assert progress.note("4.2", solved=True) is None


WRITER = """
import sys
from nas_tutorial.course.exercises import progress
for number in range(25):
    assert progress.note(f"{sys.argv[1]}.{number}", solved=True) is None
"""


def test_two_notebooks_that_write_at_once_lose_nothing(file):
    stop, seen = threading.Event(), []

    def read():
        while not stop.is_set():
            seen.append(len(progress.records()))  # raises where it meets half a file

    reader = threading.Thread(target=read)
    reader.start()
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, name]) for name in "12"]
    assert [writer.wait() for writer in writers] == [0, 0]
    stop.set()
    reader.join()
    assert progress.records() == {f"{a}.{b}": "solved" for a in (1, 2) for b in range(25)}
    assert seen == sorted(seen)


def test_reset_moves_the_records_aside(file):
    assert progress.reset() is None
    for number in ("4.2", "4.3"):
        progress.note(number, solved=True)
        kept = progress.reset()
        assert content(kept) == {number: "solved"}
        assert progress.records() == {}
    assert kept.name == "progress-old-2.json"
