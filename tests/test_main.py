import contextlib
import errno
import io
import json
import os
import re
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from nas_tutorial import __main__ as command
from nas_tutorial.course.exercises import checks, progress
from nas_tutorial.course.predictions import guesses
from nas_tutorial.data.datasets import DATASETS, load_dataset
from nas_tutorial.history import History
from nas_tutorial.spaces import SPACES
from nas_tutorial.strategies import STRATEGIES
from nas_tutorial.trials import Result
from tests import ROOT
from tests.toys import noisy

TINY = ("search", "--dataset", "digits", "--trials", "2", "--epochs", "1")


def run(*arguments) -> SimpleNamespace:
    """Run the command here, as a user's Python would: warnings are shown, not raised."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("always")
        try:
            code = command.main([str(argument) for argument in arguments])
        except SystemExit as stopped:
            code = stopped.code
    return SimpleNamespace(code=code, out=out.getvalue(), err=err.getvalue())


def complaint(ran: SimpleNamespace) -> str:
    """The one line on standard error that a bad call gets."""
    assert ran.out == ""
    assert ran.err.endswith("\n")
    (line,) = ran.err.splitlines()
    assert line.startswith("error: ")
    return line


def last_error(ran: SimpleNamespace) -> str:
    """The error line of a search that had begun, below its progress bar."""
    assert "Traceback" not in ran.err
    *_, line = ran.err.splitlines()
    assert line.startswith("error: ")
    return line


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".lock"}


@pytest.fixture(scope="module")
def first(tmp_path_factory) -> SimpleNamespace:
    """A real search, tiny. Copy its folder before you change it."""
    out = tmp_path_factory.mktemp("first") / "made" / "by the search"
    ran = run(*TINY, "--out", out)
    return SimpleNamespace(**vars(ran), folder=out)


@pytest.fixture
def copied(first, tmp_path) -> Path:
    return shutil.copytree(first.folder, tmp_path / "copy")


class Fake:
    """Takes the place of training: counts its calls, and raises or fails where it is told to."""

    def __init__(self):
        self.calls, self.finals = 0, 0
        self.raises: dict[int, BaseException] = {}
        self.final_raises: BaseException | None = None
        self.fails = False

    def __call__(self, evaluator, candidate, *, seed):
        self.calls += 1
        if self.calls in self.raises:
            raise self.raises[self.calls]
        if self.fails:
            return Result({}, 1.0, error=f"MemoryError: number {self.calls} is too large")
        metrics = noisy(candidate, seed=seed).metrics
        return Result({**metrics, "flops": 10, "latency_ms": 0.1}, 1.0)

    def final(self, evaluator, architecture, *, seed):
        from nas_tutorial.backend import keras

        self.finals += 1
        if self.final_raises:
            raise self.final_raises
        evaluator.recipe.space.require(architecture)
        model = keras.Sequential([keras.layers.Input((8, 8, 1)), keras.layers.Flatten()])
        return model, {"test_accuracy": 0.5}


@pytest.fixture
def fake(monkeypatch) -> Fake:
    from nas_tutorial.evaluators.training import TrainingEvaluator

    made = Fake()
    monkeypatch.setattr(
        TrainingEvaluator,
        "__call__",
        lambda self, candidate, *, seed: made(self, candidate, seed=seed),
    )
    monkeypatch.setattr(
        TrainingEvaluator,
        "final",
        lambda self, architecture, *, seed: made.final(self, architecture, seed=seed),
    )
    return made


# Bad input


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "required: command"),
        (["serch"], "invalid choice: 'serch' .*search"),
        (["search", "--dataset", "mnist"], "got 'mnist'. Did you mean 'mnist1d'?"),
        (["search", "--dataset", "DIGITS"], "must be one of .*digits"),
        (["search", "--space", "edge_cel"], "got 'edge_cel'. Did you mean 'edge_cell'?"),
        (["search", "--strategy", "genetics"], "got 'genetics'. Did you mean 'genetic'?"),
        (["search", "--strategy", "random"], "Did you mean 'random_search'?"),
        (["search", "--strategy", ""], "must be one of .*genetic, .*random_search, .*Choose one"),
        (
            ["search", "--trials", "0"],
            r"--trials: the number must be a whole number in \[1, 1,000,000,000\], got 0\.",
        ),
        (["search", "--trials", "-5"], "--trials: .* got -5"),
        (["search", "--trials", "2.5"], "--trials: .* got '2.5'"),
        (["search", "--trials", "many"], "--trials: .* got 'many'"),
        (
            ["search", "--epochs", "0"],
            r"--epochs: the number must be a whole number in \[1, 1,000,000,000\], got 0\.",
        ),
        (["search", "--epochs", "nan"], "--epochs: .* got 'nan'"),
        (
            ["search", "--seed", "-1"],
            r"--seed: the number must be a whole number in \[0, 1,000,000,000\], got -1\.",
        ),
        (["search", "--seed", "1e3"], "--seed: .* got '1e3'"),
        (
            ["search", "--trails", "3"],
            "an option must be .* got '--trails'. Did you mean '--trials'?",
        ),
        (["table", "build", "--minuts=3"], "got '--minuts'. Did you mean '--minutes'?"),
        (["search", "--out", " "], "--out: must name a folder, got ' '"),
        (["search", "--out", "a\0b"], "--out: must name a folder, got"),
        (["search", "extra"], "unrecognized arguments: extra"),
        (["search", "--trials"], "--trials: expected one argument"),
        (
            ["search", "--workers", "0"],
            r"--workers: the number must be a whole number in \[1, 1,000,000,000\], got 0\.",
        ),
        (["search", "--scheduler"], "--scheduler: expected one argument"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_is_answered_in_one_line(arguments, says):
    ran = run(*arguments)
    assert ran.code == 2
    assert re.search(says.replace("?", r"\?"), complaint(ran)), ran.err
    assert "--help" in ran.err


def test_a_bad_name_from_the_shell_gives_one_line_and_code_2():
    ran = subprocess.run(
        [sys.executable, "-m", "nas_tutorial", "search", "--space", "edge-cell"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 2
    assert "Did you mean 'edge_cell'" in complaint(SimpleNamespace(out=ran.stdout, err=ran.stderr))


def test_a_file_in_place_of_the_folder_is_answered_in_one_line(tmp_path):
    (tmp_path / "file").write_text("mine")
    for out in (tmp_path / "file", tmp_path / "file" / "below"):
        ran = run(*TINY, "--out", out)
        assert ran.code == 1
        assert "file" in complaint(ran)
    assert (tmp_path / "file").read_text() == "mine"


def test_a_folder_where_one_may_not_write_is_answered_in_one_line(tmp_path, monkeypatch):
    def refused(self, *_, **__):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self))

    with monkeypatch.context() as guarded:
        guarded.setattr(Path, "mkdir", refused)
        ran = run(*TINY, "--out", tmp_path / "there")
    assert ran.code == 1
    assert "Name a folder where you may write: --out FOLDER." in complaint(ran)


def test_a_data_set_that_cannot_be_downloaded_is_answered_in_one_line(tmp_path, monkeypatch):
    from nas_tutorial.backend import keras

    def no_network(**settings):
        raise Exception("URL fetch failure: no route to host")

    monkeypatch.setattr(keras.datasets.imdb, "load_data", no_network)
    ran = run("search", "--dataset", "imdb", "--out", tmp_path)
    assert ran.code == 1
    assert re.search(
        "imdb must be downloaded once .* use mnist1d, digits or surnames", complaint(ran)
    )


# Streams that cannot be written


def in_shell(line: str, **environment: str) -> SimpleNamespace:
    """What a shell makes of a line in which `nas` is the command."""
    nas = f"{sys.executable} -m nas_tutorial"
    ran = subprocess.run(
        ["bash", "-c", line.replace("nas ", f"{nas} ", 1)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        timeout=300,
    )
    return SimpleNamespace(code=ran.returncode, out=ran.stdout.decode(), err=ran.stderr.decode())


@pytest.mark.parametrize(
    ("command", "unbuffered"), [("search --list", "1"), ("exercises", "1"), ("--help", "")]
)
def test_a_reader_that_leaves_early_ends_the_command_quietly(command, unbuffered):
    ran = in_shell(f"nas {command} | true", PYTHONUNBUFFERED=unbuffered)
    assert (ran.code, ran.out, ran.err) == (0, "", "")


def test_a_full_disk_below_the_output_is_answered_in_one_line():
    for unbuffered in ("", "1"):
        ran = in_shell("nas search --list > /dev/full", PYTHONUNBUFFERED=unbuffered)
        assert ran.code == 1
        assert "No space left" in complaint(ran)


@pytest.mark.parametrize(
    ("closed", "out"), [("2>&-", "data sets\n"), (">&-", ""), (">&- 2>&-", "")]
)
def test_closed_streams_stop_nothing(closed, out):
    ran = in_shell(f"nas search --list {closed}")
    assert (ran.code, ran.err) == (0, "") and ran.out.startswith(out)


def test_bad_input_is_refused_without_standard_error_too():
    ran = in_shell("nas search --trials none 2>&-")
    assert (ran.code, ran.out) == (2, "")


def test_a_name_that_the_terminal_cannot_print_is_printed_by_its_numbers(tmp_path):
    ran = in_shell(
        "nas exercises", PYTHONIOENCODING="ascii", NAS_TUTORIAL_PROGRESS=f"{tmp_path}/räume.json"
    )
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.endswith("r\\xe4ume.json\n")


def test_a_search_without_standard_error_reports_on_a_folder_of_any_name(tmp_path):
    """Cron closes what nobody reads; a file that is opened next must not become stream 2."""
    folder = str(tmp_path / "räume\udcff")
    ran = in_shell(
        f"nas {' '.join(TINY)} --trials 1 --space chain --out '{folder}' 2>&-",
        PYTHONIOENCODING="ascii",
    )
    assert ran.code == 0
    assert "Searched chain on digits by genetic: 1 trials" in ran.out
    assert "r\\xe4ume\\udcff" in ran.out
    assert len(History.load(Path(folder) / "history.jsonl")) == 1
    assert json.loads((Path(folder) / "summary.json").read_text())["trials"] == 1


# Lists and help


@pytest.mark.parametrize("arguments", [["--list"], ["search", "--list"]])
def test_the_list_names_everything(arguments):
    ran = run(*arguments)
    assert (ran.code, ran.err) == (0, "")
    for registry in (DATASETS, SPACES, STRATEGIES):
        for name in registry:
            assert re.search(rf"^  {name} +{re.escape(registry.summary(name))}$", ran.out, re.M)


def test_the_list_loads_no_backend():
    code = (
        "import sys\n"
        "from nas_tutorial.__main__ import main\n"
        "try:\n    main(['--list'])\nexcept SystemExit: pass\n"
        "heavy = {'tensorflow', 'jax', 'torch', 'keras', 'sklearn', 'matplotlib', 'pandas'}\n"
        "print('loaded:', sorted(heavy & set(sys.modules)))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[0] == "data sets"
    assert ran.stdout.splitlines()[-1] == "loaded: []"


def test_help_shows_every_option_with_its_default():
    ran = run("search", "--help")
    assert ran.code == 0
    text = " ".join(ran.out.split())
    for option in ("dataset", "space", "strategy", "trials", "epochs", "seed", "out"):
        assert re.search(rf"--{option} .*?\(default: \S+\)", text), option


# A real search, tiny


def test_a_search_writes_its_six_files_and_a_report(first):
    assert first.code == 0, first.err
    assert {path.name for path in first.folder.iterdir()} - {".history.jsonl.lock"} == {
        "history.jsonl",
        "summary.json",
        "search.png",
        "architecture.png",
        "best.keras",
        "run_card.md",
    }
    assert "Searched edge_cell on digits by genetic: 2 trials" in first.out
    assert "best.keras" in first.out and str(first.folder) in first.out
    for name in ("search.png", "architecture.png"):
        assert (first.folder / name).read_bytes().startswith(b"\x89PNG")


def test_a_warning_is_one_line(first):
    lines = [line for line in first.err.splitlines() if "population_size" in line]
    assert len(lines) == 1
    assert lines[0].startswith("warning: population_size=8 leaves 0 of 2 trials to be bred")
    assert "UserWarning" not in first.err and "__main__.py" not in first.err


def test_the_summary_holds_what_was_searched_and_found(first):
    summary = json.loads((first.folder / "summary.json").read_text())
    history = History.load(first.folder / "history.jsonl")
    assert summary["dataset"] == "digits"
    assert summary["space"] == "edge_cell"
    assert summary["strategy"] == "genetic"
    assert summary["trials"] == len(history) == 2
    assert summary["seed"] == 0
    assert summary["val_accuracy"] == max(trial.value("val_accuracy") for trial in history)
    best = history[summary["best_trial"]]
    assert summary["best_architecture"] == list(best.candidate.architecture.values)
    assert summary["parameters"] == best.value("parameters")
    assert summary["seconds"] == pytest.approx(sum(trial.result.seconds for trial in history))
    assert summary["versions"].keys() >= {"python", "numpy", "keras"}
    assert 0 <= summary["test_accuracy"] <= 1


def test_the_run_card_says_what_the_search_knows_and_asks_for_the_rest(first):
    card = (first.folder / "run_card.md").read_text()
    assert card.startswith("# Run card: genetic on edge_cell, seed 0\n")
    assert "TrainingEvaluator with dataset digits" in card and "budget trials 2" in card
    assert re.search(r"- \[x\] \*\*13\..* \+ T_final = 1 x .* \+ [\d.]+ s = [\d.]+ s\.", card)
    assert "- [ ] **9. " in card


def test_no_test_metric_reached_the_strategy(first):
    for trial in History.load(first.folder / "history.jsonl"):
        assert not trial.failed, trial.result.error
        assert not [name for name in trial.result.metrics if "test" in name]


def test_the_saved_model_is_the_one_that_was_tested(first):
    from nas_tutorial.backend import keras

    summary = json.loads((first.folder / "summary.json").read_text())
    model = keras.models.load_model(first.folder / "best.keras")
    x, y = load_dataset("digits").final_test()
    accuracy = np.mean(model.predict(x, verbose=0).argmax(axis=-1) == y)
    assert accuracy == pytest.approx(summary["test_accuracy"], abs=1e-6)
    assert model.count_params() == summary["parameters"]


# Again, and on


def test_a_second_run_adds_nothing_and_trains_nothing(first, copied, fake):
    before = content(copied)
    fake.final_raises = AssertionError("the test part would be read again")
    ran = run(*TINY, "--out", copied)
    assert ran.code == 0, ran.err
    assert (fake.calls, fake.finals) == (0, 0)
    assert "Training the winner" not in ran.out
    assert ran.out.splitlines()[:-1] == first.out.splitlines()[1:-1]  # the folder is another
    after = content(copied)
    for name in ("history.jsonl", "summary.json", "best.keras"):
        assert after[name] == before[name]


def test_more_trials_go_on_from_there(copied, fake):
    before = History.load(copied / "history.jsonl")
    ran = run(*TINY[:3], "--trials", 5, "--epochs", 1, "--out", copied)
    assert ran.code == 0, ran.err
    assert (fake.calls, fake.finals) == (3, 1)
    history = History.load(copied / "history.jsonl")
    assert len(history) == 5 and history[:2] == before
    summary = json.loads((copied / "summary.json").read_text())
    assert (summary["trials"], summary["test_accuracy"]) == (5, 0.5)


def test_without_its_model_the_winner_is_trained_again(copied, fake):
    (copied / "best.keras").unlink()
    assert run(*TINY, "--out", copied).code == 0
    assert (fake.calls, fake.finals) == (0, 1)
    assert (copied / "best.keras").exists()


@pytest.mark.parametrize("damaged", ["", '{"trials": 2, "best', "{}", "[]", "null"])
def test_a_damaged_summary_is_written_anew(damaged, copied, fake):
    (copied / "summary.json").write_text(damaged)
    assert run(*TINY, "--out", copied).code == 0
    assert (fake.calls, fake.finals) == (0, 1)
    assert json.loads((copied / "summary.json").read_text())["trials"] == 2


def test_the_summary_of_another_search_is_not_taken_for_this_ones(copied, fake):
    """Though the numbers of trials and of the winner are the same."""
    (copied / "history.jsonl").unlink()
    ran = run(*TINY, "--space", "chain", "--strategy", "random_search", "--out", copied)
    assert ran.code == 0, ran.err
    assert (fake.calls, fake.finals) == (2, 1)
    assert "Searched chain on digits by random_search: 2 trials" in ran.out
    assert json.loads((copied / "summary.json").read_text())["space"] == "chain"


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (["--seed", "1"], "seed is 0 there and 1 here"),
        (["--epochs", "2"], "epochs is 1 there and 2 here"),
        (["--strategy", "random_search"], "strategy is 'genetic' there and 'random_search' here"),
        (["--space", "chain"], "space is 'edge_cell' there and 'chain' here"),
        (["--dataset", "mnist1d"], "dataset is 'digits' there and 'mnist1d' here"),
    ],
)
def test_the_folder_of_another_search_is_refused(changed, says, copied, fake):
    before = content(copied)
    ran = run(*TINY, "--trials", 20, *changed, "--out", copied)
    assert ran.code == 2
    assert says in complaint(ran)
    assert fake.calls == 0
    assert content(copied) == before


def test_a_folder_in_which_a_search_is_running_is_refused(copied, fake):
    from nas_tutorial.loop.store import Store

    header = json.loads((copied / "history.jsonl").read_text().splitlines()[0])
    with Store(copied / "history.jsonl", header["search"]):
        ran = run(*TINY, "--trials", 20, "--out", copied)
    assert ran.code == 1
    assert "one search at a time" in complaint(ran)


# Workers


def alike(one: History, other: History) -> bool:
    """Whether two searches proposed the same and measured the same, but for rounding and clocks."""
    pairs = list(zip(sorted(one, key=lambda t: t.number), other, strict=True))
    return all(
        (a.number, a.candidate, a.seed) == (b.number, b.candidate, b.seed)
        and a.value("val_accuracy") == pytest.approx(b.value("val_accuracy"), abs=0.02)
        for a, b in pairs
    )


def test_two_processes_search_as_one_does(first, tmp_path):
    ran = run(*TINY, "--workers", 2, "--out", tmp_path)
    assert ran.code == 0, ran.err
    assert "Searched edge_cell on digits by genetic: 2 trials" in ran.out
    there, here = (History.load(f / "history.jsonl") for f in (tmp_path, first.folder))
    assert alike(there, here)


@pytest.mark.parametrize("evaluator", ["training", "compiled"])
def test_processes_are_replaced_where_the_backend_keeps_what_it_traced(evaluator, monkeypatch):
    from nas_tutorial.evaluators.one_program.training import CompiledEvaluator
    from nas_tutorial.evaluators.training import TrainingEvaluator
    from nas_tutorial.loop import workers

    asked = []

    @contextlib.contextmanager
    def processes(number, **settings):
        asked.append((number, settings))
        yield "a pool"

    monkeypatch.setattr(workers, "processes", processes)
    options = command._parser().parse_args(["search", "--workers", "2"])
    kind = {"training": TrainingEvaluator, "compiled": CompiledEvaluator}[evaluator]
    with command._executor(options, object.__new__(kind)) as executor:
        assert executor == ("a pool", 2)
    assert asked == [(2, {"trials_a_process": 25 if evaluator == "training" else None})]


@pytest.mark.parametrize(("trials", "is_told"), [(75, False), (300, True)])
def test_many_trainings_in_one_process_are_warned_of(trials, is_told, recwarn):
    from nas_tutorial.evaluators.training import TrainingEvaluator

    options = command._parser().parse_args(["search", "--trials", str(trials)])
    with command._executor(options, object.__new__(TrainingEvaluator)) as executor:
        assert executor == (None, 1)
    told = [str(warning.message) for warning in recwarn]
    expected = "each of 300 training runs leaves memory in use of this process. With --workers 2"
    assert [text[: len(expected)] for text in told] == [expected] * is_told


@pytest.mark.parametrize(("workers", "in_flight"), [([], 2), (["--workers", 3], 3)])
def test_a_cluster_evaluates_as_many_at_once_as_it_can_or_as_it_is_told(
    workers, in_flight, tmp_path, fake, monkeypatch
):
    """Dask's workers are threads of this process here, so that they see the fake."""
    from distributed import LocalCluster

    from nas_tutorial.loop import search as loop

    seen, search = [], loop.search

    def watched(*arguments, **settings):
        seen.append((settings["workers"], type(settings["executor"]).__name__))
        return search(*arguments, **settings)

    monkeypatch.setattr(loop, "search", watched)
    arguments = ["search", "--dataset", "digits", "--strategy", "random_search", "--trials", 12]
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, protocol="tcp", dashboard_address=None
    ) as cluster:
        address = ["--scheduler", cluster.scheduler_address]
        ran = run(*arguments, *address, *workers, "--out", tmp_path / "there")
    assert ran.code == 0, ran.err
    assert seen == [(in_flight, "ClientExecutor")]
    assert run(*arguments, "--out", tmp_path / "here").code == 0
    there, here = (History.load(tmp_path / f / "history.jsonl") for f in ("there", "here"))
    assert alike(there, here)


def test_a_cluster_without_workers_is_waited_for_and_one_is_told():
    with pytest.warns(UserWarning, match=r"has no workers yet; .* Start them first, or say with"):
        assert command._at_least_one(0) == 1
    assert command._at_least_one(3) == 3


@pytest.mark.parametrize(
    ("address", "code", "says"),
    [
        ("here", 2, "address must look like tcp://192.0.2.1:8786, got 'here'"),
        ("tcp://nowhere", 2, "Copy the one that `dask scheduler` prints."),
        ("http://a b:1", 2, "got 'http://a b:1'"),
        ("tcp://127.0.0.1:9", 1, "a Dask scheduler must answer at tcp://127.0.0.1:9"),
    ],
)
def test_a_scheduler_that_is_not_there_is_answered_in_one_line(
    address, code, says, tmp_path, monkeypatch
):
    monkeypatch.setattr(command, "SECONDS_TO_CONNECT", 1)
    ran = run(*TINY, "--scheduler", address, "--out", tmp_path)
    assert ran.code == code
    assert says in complaint(ran)


def test_without_dask_the_extra_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "distributed", None)
    ran = run(*TINY, "--scheduler", "tcp://127.0.0.1:8786", "--out", tmp_path)
    assert ran.code == 1
    assert "needs Dask, but" in complaint(ran)
    assert "pip install 'nas_tutorial[cluster]'" in complaint(ran)


# Stopped, and failed


def test_an_interrupted_search_goes_on_when_it_is_called_again(tmp_path, fake):
    arguments = ["search", "--dataset", "digits", "--trials", 20, "--out"]
    assert run(*arguments, tmp_path / "whole").code == 0
    fake.calls, fake.finals, fake.raises = 0, 0, {2: KeyboardInterrupt()}
    stopped = run(*arguments, tmp_path / "stopped")
    assert stopped.code == 130
    assert fake.finals == 0
    *_, last = stopped.err.splitlines()
    assert last.startswith("stopped; ") and "Run the same command again to go on." in last
    assert str(tmp_path / "stopped") in last
    assert "Traceback" not in stopped.err
    assert len(History.load(tmp_path / "stopped" / "history.jsonl")) == 1
    fake.calls, fake.raises = 0, {}
    assert run(*arguments, tmp_path / "stopped").code == 0
    assert (fake.calls, fake.finals) == (19, 1)
    histories = [History.load(tmp_path / name / "history.jsonl") for name in ("whole", "stopped")]
    assert histories[0] == histories[1]
    summaries = [(tmp_path / name / "summary.json").read_text() for name in ("whole", "stopped")]
    assert summaries[0] == summaries[1]


def test_an_interrupt_in_the_middle_of_a_real_training_stops_the_search(first, tmp_path):
    from nas_tutorial.evaluators.training import TrainingEvaluator

    out, fit, fits = tmp_path / "stopped", TrainingEvaluator.fit, []

    def stops_at_the_second(self, *arguments, **settings):
        fits.append(settings["seed"])
        if len(fits) == 2:
            raise KeyboardInterrupt
        return fit(self, *arguments, **settings)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TrainingEvaluator, "fit", stops_at_the_second)
        assert run(*TINY, "--out", out).code == 130
        assert run(*TINY, "--out", out).code == 0
    assert len(fits) == 4  # the second trial twice, and the winner
    assert fits[1] == fits[2]
    for resumed, whole in zip(
        History.load(out / "history.jsonl"),
        History.load(first.folder / "history.jsonl"),
        strict=True,
    ):
        assert (resumed.number, resumed.candidate, resumed.seed) == (
            whole.number,
            whole.candidate,
            whole.seed,
        )
        assert resumed.value("parameters") == whole.value("parameters")
        assert resumed.value("val_accuracy") == pytest.approx(whole.value("val_accuracy"), abs=0.02)


def test_an_interrupt_while_the_winner_is_trained_costs_no_trial(tmp_path, fake):
    fake.final_raises = KeyboardInterrupt()
    assert run(*TINY, "--out", tmp_path).code == 130
    assert not (tmp_path / "summary.json").exists()
    fake.calls, fake.final_raises = 0, None
    assert run(*TINY, "--out", tmp_path).code == 0
    assert (fake.calls, fake.finals) == (0, 2)
    assert (tmp_path / "summary.json").exists()


def test_a_search_in_which_everything_fails_says_why(tmp_path, fake):
    fake.fails = True
    ran = run(*TINY, "--out", tmp_path)
    assert ran.code == 1
    assert last_error(ran) == (
        "error: no trial succeeded; the last failed with MemoryError: number 2 is too large"
    )
    assert fake.finals == 0
    assert not (tmp_path / "summary.json").exists()


def test_a_bug_in_the_program_is_not_hidden(tmp_path, fake):
    fake.raises = {1: ZeroDivisionError("a bug")}
    with pytest.raises(ZeroDivisionError, match="a bug"):
        run(*TINY, "--out", tmp_path)


@pytest.mark.parametrize("space", list(SPACES))
@pytest.mark.parametrize("strategy", list(STRATEGIES))
def test_every_strategy_runs_on_every_space(space, strategy, tmp_path, fake):
    arguments = ["--space", space, "--strategy", strategy, "--trials", 21, "--seed", 3]
    ran = run("search", "--dataset", "digits", *arguments, "--out", tmp_path)
    assert ran.code == 0, ran.err
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert (summary["space"], summary["strategy"], summary["seed"]) == (space, strategy, 3)
    assert summary["bred"] == History.load(tmp_path / "history.jsonl").num_bred
    assert "warning" not in ran.err


# How candidates are measured


@pytest.mark.parametrize(
    ("arguments", "dataset", "kind"),
    [
        (["--trials", "20"], "mnist1d", "CompiledEvaluator"),
        (["--trials", "9"], "mnist1d", "TrainingEvaluator"),
        (["--trials", "9", "--evaluator", "compiled"], "mnist1d", "CompiledEvaluator"),
        (["--trials", "20", "--evaluator", "training"], "mnist1d", "TrainingEvaluator"),
        (["--trials", "20"], "digits", "TrainingEvaluator"),
        (["--trials", "20", "--space", "chain"], "mnist1d", "TrainingEvaluator"),
    ],
)
def test_compiling_is_chosen_where_it_earns_its_time_back(tmp_path, arguments, dataset, kind):
    options = command._parser().parse_args(["search", "--out", str(tmp_path), *arguments])
    data = load_dataset(dataset)
    space = command._space(options.space, command._own_search(options))
    evaluator = command._evaluator(options, space, data)
    assert type(evaluator).__name__ == kind


def test_a_search_goes_on_the_way_it_began(tmp_path):
    header = {"search": {"evaluator": "TrainingEvaluator"}}
    (tmp_path / "history.jsonl").write_text(json.dumps(header) + "\n")
    options = command._parser().parse_args(["search", "--out", str(tmp_path)])
    evaluator = command._evaluator(options, SPACES.load("edge_cell")(), load_dataset("mnist1d"))
    assert type(evaluator).__name__ == "TrainingEvaluator"


def test_an_evaluator_that_does_not_suit_is_refused_in_one_line(tmp_path, capsys):
    code = command.main(
        ["search", "--dataset", "digits", "--evaluator", "compiled", "--out", str(tmp_path)]
    )
    assert code == 2
    assert "Use TrainingEvaluator." in capsys.readouterr().err


def test_ctrl_c_that_was_swallowed_stops_before_the_next_trial():
    import signal

    class Swallows:
        """Stands for native code that loses the exception of a signal handler."""

        def describe(self):
            return {}

        def __call__(self, candidate, *, seed):
            with contextlib.suppress(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
            return Result({"val_accuracy": 0.5}, 0.0)

    before = signal.getsignal(signal.SIGINT)
    with command._Stoppable(Swallows()) as stoppable:
        assert stoppable(None, seed=0).metrics["val_accuracy"] == 0.5
        with pytest.raises(KeyboardInterrupt):
            stoppable(None, seed=1)
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_in_a_command_that_keeps_nothing(monkeypatch, capsys):
    def interrupted(options):
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "run_table_verify", interrupted)
    assert command.main(["table", "verify"]) == 130
    assert "stopped; nothing is kept." in capsys.readouterr().err


# What the learner has solved


@pytest.fixture
def noted(tmp_path, monkeypatch) -> Path:
    """A learner's file with one solved exercise."""
    monkeypatch.setenv(progress.VARIABLE, str(tmp_path / "progress.json"))
    progress.note("4.2", solved=True)
    return tmp_path / "progress.json"


def test_exercises_prints_what_is_solved(noted):
    ran = run("exercises")
    assert (ran.code, ran.err) == (0, "")
    still_open = " ".join(number for number in checks("04") if number != "4.2")
    assert re.search(rf"^04 +4\.2 +- +{re.escape(still_open)}$", ran.out, re.MULTILINE)
    assert ran.out.endswith(f"Kept in {noted.resolve()}\n")


def test_exercises_reset_begins_anew_and_keeps_the_old_file(noted):
    ran = run("exercises", "--reset")
    kept = noted.with_name("progress-old.json").resolve()
    assert ran.out.startswith(f"The records so far are kept as {kept}\n\nchapter ")
    assert json.loads(kept.read_text()) == {"4.2": "solved"}
    assert " 0 of " in f" {ran.out.splitlines()[-1]}"
    assert run("exercises", "--reset").out.startswith("chapter ")


def test_exercises_reset_forgets_the_guesses_too(noted):
    kept = noted.with_name("predictions-old.json").resolve()
    guesses.keep("4.a", guesses.NumberGuess("How many?", 1, 9, guess=(2, 4)))
    ran = run("exercises", "--reset")
    assert f"\n\nThe guesses so far are kept as {kept}\n\nchapter " in ran.out
    assert list(json.loads(kept.read_text())) == ["4.a"] and guesses.all_kept() == {}


def test_exercises_reset_renames_no_folder(tmp_path, monkeypatch):
    (tmp_path / "thesis").mkdir()
    monkeypatch.setenv(progress.VARIABLE, str(tmp_path / "thesis"))
    ran = run("exercises", "--reset")
    assert ran.code == 0 and "thesis is no ordinary file, and is left alone" in ran.out
    assert [path.name for path in tmp_path.iterdir()] == ["thesis"]


def test_exercises_loads_no_backend():
    program = "import sys; from nas_tutorial.__main__ import main; main(['exercises']); "
    program += "print(sorted({'keras', 'tensorflow', 'jax', 'sklearn'} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert ran.stdout.splitlines()[-1] == "[]", ran.stderr


def test_search_options_for_your_own_data_need_data():
    assert "--target must come with --data" in complaint(run(*TINY, "--target", "kind"))


def test_own_data_that_are_not_there_are_bad_input(tmp_path):
    out = tmp_path / "out"
    ran = run("search", "--data", tmp_path / "none.csv", "--target", "kind", "--out", out)
    assert ran.code == 2
    assert "--data must name a CSV file" in complaint(ran)
    assert not out.exists()


def test_a_search_on_your_own_table_predicts_its_original_labels(tmp_path):
    rng = np.random.default_rng(0)
    rows = [f"{a:.3f},{'yes' if a > 0 else 'no'}" for a in rng.normal(size=60)]
    data, out = tmp_path / "mine.csv", tmp_path / "out"
    data.write_text("\n".join(["a,answer", *rows]))
    call = ("search", "--data", data, "--target", "answer", "--trials", 2, "--epochs", 1)
    ran = run(*call, "--strategy", "random_search", "--out", out)
    assert ran.code == 0, ran.err
    assert "HistGradientBoostingClassifier" in ran.out
    assert "HistGradientBoostingClassifier" in (out / "run_card.md").read_text(encoding="utf-8")
    assert (out / "calibration.png").exists()
    told = run("predict", "--run", out, "--data", data, "--out", tmp_path / "told.csv")
    assert told.code == 0, told.err
    lines = (tmp_path / "told.csv").read_text().splitlines()
    assert lines[0] == "answer,probability" and len(lines) == 61
    assert {line.split(",")[0] for line in lines[1:]} <= {"yes", "no"}
