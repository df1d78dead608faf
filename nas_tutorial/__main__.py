"""The command line, `python -m nas_tutorial search`; an annex."""

import argparse
import inspect
import io
import os
import re
import shlex
import signal
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from nas_tutorial.data.datasets import DATASETS
from nas_tutorial.data.own.checks import MISSING, TASKS
from nas_tutorial.names import Registry, one_of, real, shown, unknown_name, whole
from nas_tutorial.spaces import SPACES
from nas_tutorial.strategies import STRATEGIES
from nas_tutorial.tables.course_table import COURSE

EVALUATORS = ("training", "compiled")
TRIALS_TO_COMPILE = 10  # compiling takes as long as the tracing of about so many models
SECONDS_TO_CONNECT = 10
OWN = ("target", "task", "drop", "missing", "size", "test", "export")  # what --data needs
MOST = 10**9  # larger numbers are typing errors


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return its exit code: 0 done, 1 failed, 2 bad input, 130 interrupted."""
    options = argparse.Namespace()
    with warnings.catch_warnings():
        warnings.showwarning = _show_warning
        try:
            options = _parser().parse_args(arguments)
            return options.run(options)
        except BrokenPipeError:
            raise
        except (ValueError, RuntimeError, OSError) as error:
            print(f"error: {error}{_advice(error)}", file=sys.stderr)
            return 2 if isinstance(error, ValueError) else 1
        except KeyboardInterrupt:
            kept = (
                f"{options.out} holds what is finished" if "out" in options else "nothing is kept"
            )
            print(f"\nstopped; {kept}. Run the same command again to go on.", file=sys.stderr)
            return 130


def _program() -> int:
    """`main` as a program, whatever its streams are connected to."""
    _open_streams()
    try:
        try:
            return main()
        finally:
            sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the flush at the end
        if not isinstance(error, BrokenPipeError):  # the reader has left, as `head` does
            print(f"error: {error}", file=sys.stderr)
        return 1


def _open_streams() -> None:
    """Let closed streams, such as cron's, lead nowhere, before a file is opened in their place; and
    let names that the terminal has no characters for be printed by their numbers."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)
    os.close(number)
    sys.stdout = sys.stdout or os.fdopen(1, "w")
    sys.stderr = sys.stderr or os.fdopen(2, "w")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _advice(error: Exception) -> str:
    """What to do where a folder cannot be written; other errors say it themselves."""
    is_bare = isinstance(error, PermissionError) and error.filename is not None
    return ". Name a folder where you may write: --out FOLDER." if is_bare else ""


def run_search(options: argparse.Namespace) -> int:
    """Search, train the winner once more, test it once, and write what was found."""
    import matplotlib

    from nas_tutorial.data.datasets import load_dataset
    from nas_tutorial.loop.search import search
    from nas_tutorial.reporting.outcome import FILES, earlier_summary, write_outcome
    from nas_tutorial.reporting.run_card import text

    matplotlib.use("Agg")
    out: Path = options.out
    own = _own_search(options)
    dataset = own.dataset if own else load_dataset(options.dataset)
    out.mkdir(parents=True, exist_ok=True)
    space = _space(options.space, own)
    evaluator = _evaluator(options, space, dataset, own)
    strategy = _strategy(options, space, **({"objective": own.objective} if own else {}))
    said = own.compare() if own else None
    with _executor(options, evaluator) as (executor, workers), _Stoppable(evaluator) as stoppable:
        history = search(
            strategy,
            stoppable if executor is None else evaluator,
            trials=options.trials,
            store=out / "history.jsonl",
            executor=executor,
            workers=workers,
        )
    if all(trial.failed for trial in history):
        raise RuntimeError(f"no trial succeeded; the last failed with {history[-1].result.error}")
    summary = earlier_summary(history, strategy, evaluator, out)
    if summary is None:
        print("Training the winner on training plus validation data ...")
        budget = {"trials": options.trials}
        summary = write_outcome(history, strategy, evaluator, out, budget=budget, said=said)
    print(text(summary, out=out, files=["history.jsonl", *FILES]))
    if own:
        own.finish(evaluator, said)
    return 0


def _own_search(options: argparse.Namespace):
    """What `search --data` adds to a search; None without it."""
    if options.data is not None:
        from nas_tutorial.reporting.own_run import OwnSearch

        return OwnSearch(options)
    for name in OWN:
        if getattr(options, name) is not None:
            raise ValueError(f"--{name} must come with --data, which it is about. Add --data FILE.")
    return None


def _space(name: str, own):
    """The space by name; auto takes the one that suits the shape of own data, or edge_cell."""
    if name == "auto":
        name = own.space if own else "edge_cell"
    if name == "dense":
        from nas_tutorial.spaces.dense import DenseSpace

        return DenseSpace()
    return SPACES.load(name)()


def run_predict(options: argparse.Namespace) -> int:
    """Write what the network of a finished run says of new data."""
    from nas_tutorial.files import replacing
    from nas_tutorial.reporting.own_run import predict

    table = predict(options.run_folder, options.data)
    with replacing(options.out) as new:
        table.to_csv(new, index=False)
    print(f"{len(table):,} predictions in {options.out}")
    return 0


@contextmanager
def _executor(options: argparse.Namespace, evaluator) -> Iterator[tuple]:
    """Where candidates are evaluated, and how many at once: here, in processes, on a cluster."""
    from nas_tutorial.loop.workers import processes

    number = getattr(options, "workers", None)
    most = getattr(evaluator, "trials_a_process", None)
    if options.scheduler is not None:
        with _cluster(options.scheduler) as client:
            yield client.get_executor(pure=False), number or _at_least_one(_num_threads(client))
    elif number is not None and number > 1:
        with processes(number, trials_a_process=most) as pool:
            yield pool, number
    else:
        if most is not None and options.trials > 3 * most:  # more would not fit into 2 GB
            warnings.warn(
                f"each of {options.trials:,} training runs leaves memory in use of this process. "
                f"With --workers 2 they run in processes that are replaced after {most} each.",
                stacklevel=2,
            )
        yield None, 1


@contextmanager
def _cluster(address: str):
    """A client of a running Dask scheduler, whose `get_executor(pure=False)` is what `search` takes.

    `pure=False`, because Dask otherwise takes equal calls for one; here a second training run of the
    same network is a second sample.

    Args:
        address: Such as tcp://192.0.2.1:8786, which `dask scheduler` prints when it starts.

    Raises:
        RuntimeError: If the extra `cluster` is not installed.
        ConnectionError: If no scheduler answers at the address.
        ValueError: If that is no address.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise RuntimeError(
            f"a cluster needs Dask, but {error}. Install it with pip install 'nas_tutorial[cluster]'."
        ) from error
    if not re.fullmatch(r"(\w+://)?[^\s:/]+:\d+", address):
        raise ValueError(
            f"a scheduler's address must look like tcp://192.0.2.1:8786, got {shown(address)}. "
            "Copy the one that `dask scheduler` prints."
        )
    try:
        client = Client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False)
    except OSError as error:
        raise ConnectionError(
            f"a Dask scheduler must answer at {address}, but none did in {SECONDS_TO_CONNECT} s. "
            f"Start one with `dask scheduler`, and workers with "
            f"`dask worker {address} --nthreads 1`."
        ) from error
    with client:
        yield client


def _num_threads(client) -> int:
    """How many evaluations the workers of a client can run at once, as of now."""
    return sum(client.nthreads().values())


def _at_least_one(threads: int) -> int:
    if threads == 0:
        warnings.warn(
            "the scheduler has no workers yet; one candidate at a time will wait for them. Start "
            "them first, or say with --workers how many there will be.",
            stacklevel=2,
        )
    return max(1, threads)


def _strategy(options: argparse.Namespace, space, **aim):
    """The strategy; one with rungs trains in full in the last."""
    from nas_tutorial.strategies.rungs import geometric_rungs

    strategy_class = STRATEGIES.load(options.strategy)
    has_rungs = "epochs" in inspect.signature(strategy_class).parameters
    rungs = {"epochs": geometric_rungs(options.epochs)} if has_rungs else {}
    return strategy_class(space, seed=options.seed, **rungs, **aim)


def _evaluator(options: argparse.Namespace, space, dataset, own=None):
    """Ordinary training, or one compiled program where that earns its compile time back."""
    from nas_tutorial.evaluators.one_program.training import CompiledEvaluator, suits
    from nas_tutorial.evaluators.recipe import Recipe
    from nas_tutorial.evaluators.training import TrainingEvaluator

    batch_size = own.batch_size if own else 128
    recipe = Recipe(space, dataset, epochs=options.epochs, batch_size=batch_size)
    chosen = options.evaluator
    if chosen == "auto":
        earns = suits(recipe) and options.trials >= TRIALS_TO_COMPILE
        chosen = _evaluator_before(options.out) or ("compiled" if earns else "training")
    kind = CompiledEvaluator if chosen == "compiled" else TrainingEvaluator
    return kind(recipe, checkpoints=options.out / "checkpoints")


class _Stoppable:
    """An evaluator that heeds Ctrl-C also where the backend's code swallows the interrupt: it then
    stops before the next trial. Ctrl-C is as it was before, once the `with` statement ends."""

    def __init__(self, evaluator):
        self._evaluator = evaluator
        self._pressed = False
        self.describe = evaluator.describe

    def __call__(self, candidate, *, seed: int):
        if self._pressed:
            raise KeyboardInterrupt
        return self._evaluator(candidate, seed=seed)

    def __enter__(self) -> "_Stoppable":
        self._before = signal.signal(signal.SIGINT, self._press)
        return self

    def __exit__(self, *exception) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _press(self, *_) -> None:
        self._pressed = True
        raise KeyboardInterrupt


def _evaluator_before(out: Path) -> str | None:
    """How the search in this folder was evaluated so far; None where there is none."""
    from nas_tutorial.history import read_records

    kinds = {"CompiledEvaluator": "compiled", "TrainingEvaluator": "training"}
    try:
        return kinds[read_records(out / "history.jsonl")[0]["search"]["evaluator"]]
    except (OSError, ValueError, LookupError, TypeError):
        return None


def run_exercises(options: argparse.Namespace) -> int:
    """Print what the learner has solved, tried and left open, chapter by chapter."""
    from nas_tutorial.course.exercises import progress
    from nas_tutorial.course.exercises.summary import summary
    from nas_tutorial.course.predictions import guesses

    if options.reset:
        for what, kept in (("records", progress.reset()), ("guesses", guesses.reset())):
            if kept:
                print(f"The {what} so far are kept as {kept}\n")
    print(summary())
    return 0


def run_course(options: argparse.Namespace) -> int:
    """Copy the notebooks of this version to where the learner works."""
    from nas_tutorial.course.copying import copy_notebooks

    copies = copy_notebooks(options.folder)
    print(f"{options.folder} has {len(copies)} notebooks now, solutions included; begin with:")
    print(f"  {sys.executable} -m jupyter lab {shlex.quote(str(copies[0]))}")
    return 0


def run_table_build(options: argparse.Namespace) -> int:
    """Train what the course's table lacks, until done or the time is over."""
    from importlib.util import find_spec

    from nas_tutorial.making.build import build_table

    if find_spec("jax"):  # the faster backend, for the workers
        os.environ.setdefault("KERAS_BACKEND", "jax")
    build_table(
        options.folder,
        options.out,
        seeds=range(options.seeds),
        workers=options.workers,
        minutes=options.minutes,
    )
    return 0


def run_table_proxies(options: argparse.Namespace) -> int:
    """Score what the course's table lacks of the proxies; 1 where the time was over before."""
    from importlib.util import find_spec

    from nas_tutorial.loop.workers import ONE_THREAD
    from nas_tutorial.making.score import score_table

    if find_spec("jax"):  # as for the table itself
        os.environ.setdefault("KERAS_BACKEND", "jax")
    os.environ.update(ONE_THREAD)
    done = score_table(
        options.folder, options.out, seeds=range(options.seeds), minutes=options.minutes
    )
    if not done:
        print("the time is over; run the same command again to go on", file=sys.stderr)
    return 0 if done else 1


def run_table_verify(options: argparse.Namespace) -> int:
    """Train a handful of the table's networks anew and compare; 1 where they disagree."""
    from nas_tutorial.data.datasets import load_dataset
    from nas_tutorial.evaluators.training import TrainingEvaluator
    from nas_tutorial.making.verify import LIMIT, verify_table
    from nas_tutorial.tables.course_table import DATASET, EPOCHS
    from nas_tutorial.tables.table import Table

    table = Table.load(options.folder)
    evaluator = TrainingEvaluator(table.space, load_dataset(DATASET), epochs=EPOCHS)
    report = verify_table(
        table, evaluator, num_networks=options.networks, num_seeds=options.seeds, seed=options.seed
    )
    print(report.round(4).to_string(index=False))
    worst = report["standard_errors"].abs().max()
    agrees = bool(worst < LIMIT)
    print(
        f"{table}: the largest difference is {worst:.1f} standard errors, "
        f"{'within' if agrees else 'beyond'} the limit of {LIMIT:.0f}"
    )
    return 0 if agrees else 1


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="nas_tutorial", description="Neural architecture search, hands on.")
    parser.add_argument("--list", action=_List, help="show data sets, spaces and strategies")
    commands = parser.add_subparsers(required=True, metavar="command", parser_class=_Parser)
    add = _command(commands, "search", run_search, help="search for an architecture")
    add("--list", action=_List, help="show data sets, spaces and strategies")
    add("--dataset", type=_name_in(DATASETS), default="mnist1d", help="what to learn")
    spaces = _one_of("space", ["auto", *SPACES, "dense"])
    says = "where to search: auto takes edge_cell, and dense for a table of your own"
    add("--space", type=spaces, default="auto", help=says)
    add("--strategy", type=_name_in(STRATEGIES), default="genetic", help="how to search")
    add(
        "--evaluator",
        type=_one_of("evaluator", ["auto", *EVALUATORS]),
        default="auto",
        help="how to measure a candidate: auto, training or compiled",
    )
    add("--trials", type=_whole(1), default=20, help="candidates to evaluate")
    add("--epochs", type=_whole(1), default=5, help="epochs per candidate")
    add("--seed", type=_whole(0), default=0, help="of every random decision")
    add("--out", type=_folder, default=Path("runs/first"), help="for the results")
    add(
        "--workers",
        type=_whole(1),
        default=argparse.SUPPRESS,
        help="candidates at a time, in as many processes of one thread each (default: 1, in this "
        "process; with --scheduler, as many as its workers have threads)",
    )
    add(
        "--scheduler",
        metavar="ADDRESS",
        help="evaluate on the workers of this Dask scheduler, such as tcp://192.0.2.1:8786",
    )
    _add_own_data(add)
    add = _command(commands, "predict", run_predict, help="predict for new rows of a CSV file")
    add("--run", dest="run_folder", type=_folder, required=True, help="folder of a search")
    add("--data", type=Path, required=True, help="the CSV file")
    add("--out", type=Path, default=Path("predictions.csv"), help="for the predictions")
    _add_table_commands(commands)
    says = "copy the notebooks of this version into a folder; overwrites nothing"
    add = _command(commands, "course", run_course, help=says)
    add("folder", metavar="DIR", type=_folder, help="where they go")
    says = "what you have solved, tried and left open"
    add = _command(commands, "exercises", run_exercises, help=says)
    add("--reset", action="store_true", help="begin anew; keeps the old file aside")
    return parser


def _add_own_data(add: Callable) -> None:
    """What `search` takes for data of your own."""
    add("--data", type=Path, help="your own: a CSV file, a folder of images, or an .npz of x and y")
    add("--target", help="the column to predict; several with commas")
    add("--task", type=_one_of("task", TASKS), help="found out where it is clear")
    add("--drop", help="columns to leave out, with commas")
    add("--missing", type=_one_of("missing", MISSING), help="empty cells: refuse (usual) or fill")
    add("--size", type=_whole(1), help="pixels along each side, to which images are scaled")
    add("--test", type=_share, help="share of rows for the test (usual: 0.2); 0 for none")
    add("--export", help="also write the winner as onnx, litert, or both with a comma")


def _share(text: str) -> float:
    return _reader(lambda text: real("the share", float(text), 0, below=1))(text)


def _command(parsers, name: str, run: Callable, *, help: str) -> Callable:
    """A command that is carried out by `run(options)`; returns what adds an option to it."""
    shows_defaults = argparse.ArgumentDefaultsHelpFormatter
    parser = parsers.add_parser(name, help=help, formatter_class=shows_defaults)
    parser.set_defaults(run=run)
    return parser.add_argument


def _add_table_commands(commands) -> None:
    table = commands.add_parser("table", help="the course's own table of trained networks")
    parsers = table.add_subparsers(required=True, metavar="command", parser_class=_Parser)
    says = "train what the table lacks; goes on where it stopped"
    add = _command(parsers, "build", run_table_build, help=says)
    add("--folder", type=_folder, default=COURSE, help="where full shards go")
    add("--out", type=_folder, default=Path("runs/table"), help="half-done shards")
    add("--seeds", type=_whole(1), default=3, help="training runs of each network")
    add("--workers", type=_whole(1), default=2, help="processes, one thread each")
    add("--minutes", type=_whole(1), default=120, help="when to stop")
    says = "train a few of its networks anew by ordinary Keras, and compare"
    add = _command(parsers, "verify", run_table_verify, help=says)
    add("--folder", type=_folder, default=COURSE, help="the table")
    add("--networks", type=_whole(1), default=5, help="how many networks")
    add("--seeds", type=_whole(2), default=3, help="training runs of each")
    add("--seed", type=_whole(0), default=0, help="of the draw")
    says = "score every network without training; goes on where it stopped"
    add = _command(parsers, "proxies", run_table_proxies, help=says)
    add("--folder", type=_folder, default=COURSE, help="where the file goes")
    add("--out", type=_folder, default=Path("runs/table"), help="half-done work")
    add("--seeds", type=_whole(1), default=3, help="of weights and batch")
    add("--minutes", type=_whole(1), default=120, help="when to stop")


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and which option comes nearest to one that there is not."""

    def parse_known_args(self, args=None, namespace=None):
        options, unknown = super().parse_known_args(args, namespace)
        for text in unknown:
            if text.startswith("--"):
                name = text.partition("=")[0]
                self.error(str(unknown_name("an option", name, self._option_string_actions)))
        return options, unknown

    def error(self, message: str):
        self.exit(2, f"error: {' '.join(message.split())} (see --help)\n")


def _reader(check: Callable) -> Callable:
    """A reader of an option's text, whose error says what the check says."""

    def read(text: str):
        try:
            return check(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return read


def _name_in(registry: Registry) -> Callable:
    return _one_of(registry.kind, registry)


def _one_of(kind: str, names: Iterable[str]) -> Callable:
    return _reader(lambda text: one_of(kind, text, names))


def _whole(least: int) -> Callable:
    def check(text: str) -> int:
        value = int(text) if re.fullmatch(r"-?\d{1,15}", text) else text
        return whole("the number", value, least, MOST)

    return _reader(check)


def _folder(text: str) -> Path:
    """The name of a folder, which need not be there yet."""
    if not text.strip() or "\0" in text:
        raise argparse.ArgumentTypeError(f"must name a folder, got {shown(text)}")
    return Path(text)


class _List(argparse.Action):
    """Print every registered name and end."""

    def __init__(self, option_strings, dest, help):
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser, *_):
        for heading, registry in (
            ("data sets", DATASETS),
            ("spaces", SPACES),
            ("strategies", STRATEGIES),
        ):
            print(heading)
            for name in registry:
                print(f"  {name:<22} {registry.summary(name)}")
        parser.exit(0)


def _show_warning(message, *_, **__) -> None:
    print(f"warning: {message}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(_program())
