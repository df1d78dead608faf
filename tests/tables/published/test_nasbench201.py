"""NAS-Bench-201: what the published code says of files laid out like its own, the table says too."""

import bz2
import collections
import io
import os
import pickle
import re
import tracemalloc
from pathlib import Path

import numpy as np
import pandas
import pytest

from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.tables.published import nasbench201, pickles
from nas_tutorial.tables.table import TableEvaluator
from nas_tutorial.trials import Candidate, Resumed

SPACE = EdgeCellSpace()
OFFICIAL = os.environ.get("NAS_TUTORIAL_NATSBENCH", "")
POOL, SKIP, CONV1, CONV3 = "avg_pool_3x3", "skip_connect", "nor_conv_1x1", "nor_conv_3x3"
NAMES = [  # the benchmark's first two architectures
    f"|{POOL}~0|+|{CONV1}~0|{SKIP}~1|+|{CONV1}~0|{SKIP}~1|{SKIP}~2|",
    f"|{CONV3}~0|+|{CONV3}~0|{POOL}~1|+|{SKIP}~0|{CONV3}~1|{SKIP}~2|",
]
PARTS = {
    "cifar10-valid": ("x-valid", "ori-test"),
    "cifar10": ("ori-test",),
    "cifar100": ("x-valid", "x-test", "ori-test"),
    "ImageNet16-120": ("x-valid", "x-test", "ori-test"),
}


def seeds(index: int, epochs: int, dataset: str) -> list[int]:
    """As in the benchmark: two architectures are not trained equally often."""
    if epochs == 12:
        return [111, 777] if dataset == "cifar10-valid" else [111]
    return [777, 888, 999] if index == 0 else [777, 888]


def made_up(*what) -> float:
    """A percentage that all of this decides."""
    return (
        10 + sum(ord(letter) * (place + 3) for place, letter in enumerate(str(what))) % 8000 / 100
    )


def training(index: int, epochs: int, dataset: str, seed: int) -> dict:
    """One training as `ResultsCount.state_dict` has it (nats_bench/api_utils.py)."""
    keys = [f"{part}@{epoch}" for part in PARTS[dataset] for epoch in range(epochs)]
    last_only = (
        {"x-valid", "x-test"} if epochs == 200 and dataset in ("cifar100", "ImageNet16-120") else ()
    )
    measured = [key for key in keys if key.split("@")[0] not in last_only or key.endswith("@199")]
    what = index, epochs, dataset, seed
    return {
        "name": dataset,
        "train_acc1es": {epoch: made_up("train", epoch, *what) for epoch in range(epochs)},
        "train_acc5es": None,
        "train_losses": {epoch: 1 / (1 + epoch) for epoch in range(epochs)},
        "train_times": collections.OrderedDict.fromkeys(range(epochs), len(dataset) + index / 8),
        "arch_config": {"channel": 16, "num_cells": 5, "arch_str": NAMES[index], "class_num": 10},
        "params": np.float64(0.129306 + 0.673120 * index + len(dataset) / 1000),
        "flop": 15.64737 + 98.304 * index + len(dataset),
        "seed": f"{seed:04d}",
        "epochs": epochs,
        "latency": [np.float64(0.0139 + 0.0022 * index)],
        "eval_names": list(PARTS[dataset]),
        "eval_acc1es": {key: made_up(key, *what) for key in measured},
        "eval_times": {key: 0.5 + len(key) / 16 for key in keys},
        "eval_losses": {key: 0.5 for key in measured},
        "net_state_dict": None,
    }  # fmt: skip


def results(index: int) -> collections.OrderedDict:
    """All trainings of an architecture, as tss-collect.py saved them."""
    made = collections.OrderedDict()
    for epochs in (12, 200):
        of_epochs = {
            (dataset, seed): training(index, epochs, dataset, seed)
            for dataset in PARTS for seed in reversed(seeds(index, epochs, dataset))
        }  # fmt: skip
        made[str(epochs)] = {
            "arch_index": index,
            "arch_str": NAMES[index],
            "all_results": of_epochs,
            "dataset_seed": {dataset: seeds(index, epochs, dataset) for dataset in PARTS},
            "clear_net_done": True,
        }
    return made


class NumPy1Pickler(pickle._Pickler):
    """Spells numpy's scalars as the official files do; the benchmark was made with NumPy 1."""

    def save_global(self, obj, name=None):
        if getattr(obj, "__name__", None) != "scalar":
            return super().save_global(obj, name)
        self.save("numpy.core.multiarray")
        self.save("scalar")
        self.write(pickle.STACK_GLOBAL)
        self.memoize(obj)


def save(path: Path, made) -> Path:
    """As `pickle_save` does (nats_bench/api_utils.py)."""
    stream = io.BytesIO()
    NumPy1Pickler(stream, protocol=4).dump(made)
    path.write_bytes(bz2.compress(stream.getvalue()))
    return path


def meta(arch2infos=None) -> dict:
    return {
        "meta_archs": NAMES,
        "total_archs": len(NAMES),
        "arch2infos": arch2infos,
        "evaluated_indexes": set(arch2infos or ()),
    }


def save_folder(folder: Path) -> Path:
    folder.mkdir()
    save(folder / "meta.pickle.pbz2", meta())
    for index in range(len(NAMES)):
        save(folder / f"{index:06d}.pickle.pbz2", results(index))
    return folder


def save_file(path: Path) -> Path:
    return save(path, meta({index: results(index) for index in range(len(NAMES))}))


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return save_folder(tmp_path_factory.mktemp("folder") / "NATS-tss-v1_0-3ffb9-simple")


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    return save_file(tmp_path_factory.mktemp("file") / "NATS-tss-v1_0-3ffb9.pickle.pbz2")


@pytest.fixture(scope="module", params=["folder", "file"])
def official(request) -> Path:
    return request.getfixturevalue(request.param)


# What the published code says about these files was asked once, in a checkout of
# https://github.com/D-X-Y/NATS-Bench at 1d4a304 with this repository on PYTHONPATH too; it says the
# same about the file and, with fast_mode=True, the folder:
#   from nats_bench import create
#   benchmark = create(str(save_file(Path("made_up.pickle.pbz2"))), "tss", verbose=False)
#   for index, dataset, trained_on, hp in itertools.product((0, 1), ..., ("12", "200")):
#       cost = benchmark.get_cost_info(index, trained_on)
#       val = benchmark.get_more_info(index, trained_on, hp=hp, is_random=False)
#       test = benchmark.get_more_info(index, dataset, hp=hp, is_random=False)
#       print(cost["params"], cost["flops"], val["train-accuracy"], val["valid-accuracy"],
#             test["test-accuracy"], benchmark.simulate_train_eval(index, dataset, hp=hp)[2])
# where trained_on is "cifar10-valid" for "cifar10", and else the dataset.
PUBLISHED = {
    ("cifar10", 0, 12): (0.142306, 28.64737, 53.53, 51.82, 14.95, 157.07291666666666),
    ("cifar10", 0, 200): (0.142306, 28.64737, 74.56, 33.83, 69.44, 2601.153125),
    ("cifar10", 1, 12): (0.815426, 126.95137, 53.7, 52.0, 15.14, 158.57291666666666),
    ("cifar10", 1, 200): (0.815426, 126.95137, 74.08, 33.345, 69.04, 2626.153125),
    ("cifar100", 0, 12): (0.137306, 23.64737, 51.04, 83.99, 59.1, 97.07291666666667),
    ("cifar100", 0, 200): (0.137306, 23.64737, 24.3, 58.32, 32.1, 1601.153125),
    ("cifar100", 1, 12): (0.810426, 121.95137, 51.21, 84.17, 59.27, 98.57291666666667),
    ("cifar100", 1, 200): (0.810426, 121.95137, 23.895, 57.91, 31.695, 1626.153125),
    ("imagenet16_120", 0, 12): (0.143306, 29.64737, 51.87, 88.93, 59.93, 169.07291666666666),
    ("imagenet16_120", 0, 200): (0.143306, 29.64737, 34.61, 72.74, 42.41, 2801.153125),
    ("imagenet16_120", 1, 12): (0.816426, 127.95137, 52.04, 89.11, 60.1, 170.57291666666666),
    ("imagenet16_120", 1, 200): (0.816426, 127.95137, 34.115, 72.24, 41.915, 2826.153125),
}
LATENCIES_MS = (13.9, 16.1)


@pytest.mark.parametrize(("dataset", "index", "epochs"), PUBLISHED)
def test_the_table_says_what_the_published_code_says(official, dataset, index, epochs):
    parameters, flops, *accuracies, seconds = PUBLISHED[dataset, index, epochs]
    table = nasbench201.load(official, dataset, partial=True)
    architecture = SPACE.from_string(NAMES[index])
    assert table.row(architecture) == index
    answer = table.query(architecture, epochs=epochs)
    for part, expected in zip(("train", "val", "test"), accuracies):
        assert 100 * answer[f"{part}_accuracy"] == pytest.approx(expected, abs=1e-9)
    assert answer["parameters"] == pytest.approx(1e6 * parameters, abs=1e-3)
    assert answer["flops"] == pytest.approx(1e6 * flops, abs=1e-3)
    assert answer["latency_ms"] == pytest.approx(LATENCIES_MS[index])
    for seed in range(table.num_seeds):
        result = table.result(architecture, epochs=epochs, seed=seed)
        assert result.seconds == pytest.approx(seconds, abs=1e-9)


def test_each_training_of_an_architecture_is_as_many_seeds_as_the_others(official):
    table = nasbench201.load(official, "cifar10", partial=True)
    assert table.num_seeds == 6  # one, two or three trainings
    for index in range(len(NAMES)):
        for epochs in (12, 200):
            values = table.column("val_accuracy", epochs)[index]
            expected = [
                made_up(f"x-valid@{epochs - 1}", index, epochs, "cifar10-valid", seed) / 100
                for seed in seeds(index, epochs, "cifar10-valid")
            ]
            assert values.tolist() == expected * (6 // len(expected))


def test_trainings_for_other_epochs_do_not_go_on(official):
    table = nasbench201.load(official, "cifar100", partial=True)
    architecture = table.networks[1]
    candidate = Candidate(architecture, 200, resumes=Resumed(0, 12))
    result = TableEvaluator(table)(candidate, seed=0)
    assert result.seconds == PUBLISHED["cifar100", 1, 200][-1]
    assert set(result.metrics) == {"val_accuracy", "parameters", "flops", "latency_ms"}
    assert table.epochs == (12, 200)


def test_an_architecture_that_is_not_there_is_refused(official):
    table = nasbench201.load(official, partial=True)
    assert len(table) == len(NAMES) and "NATS-Bench, cifar10" in repr(table)
    with pytest.raises(ValueError, match="must denote a network that was measured"):
        table.row(SPACE.sample(np.random.default_rng(0)))


def test_files_without_all_architectures_are_refused_unless_they_will_do(official):
    with pytest.raises(ValueError, match=r"must hold all 15,625 architectures.*got 2. Unpack"):
        nasbench201.load(official)


def test_official_files_are_converted_once_with_a_progress_bar(tmp_path, capsys):
    there = tmp_path / "there.npz"
    for official in (save_folder(tmp_path / "folder"), save_file(tmp_path / "file.pickle.pbz2")):
        tables = [nasbench201.load(official, "cifar100", compact=there, partial=True)]
        assert f"{official.name}: 100%" in capsys.readouterr().err
        for source in (official, there, tmp_path / "gone.pickle.pbz2"):
            tables.append(nasbench201.load(source, "cifar100", compact=there, partial=True))
        assert "%" not in capsys.readouterr().err
        architecture = SPACE.from_string(NAMES[1])
        assert len({str(table.query(architecture)) for table in tables}) == 1
        there.unlink()
        nasbench201.load(official, compact=there, partial=True, progress=False)
        assert capsys.readouterr().err == ""
        there.unlink()


def peak_bytes(path: Path) -> int:
    """The most memory in use while files are converted."""
    tracemalloc.start()
    nasbench201.convert(path, progress=False)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_results_are_let_go_once_they_are_read(tmp_path):
    peaks = []
    for count in (2, 8):
        folder = tmp_path / f"{count}"
        folder.mkdir()
        for index in range(count):
            save(folder / f"{index:06d}.pickle.pbz2", results(0))
        peaks.append(peak_bytes(folder))
    assert peaks[1] < 1.1 * peaks[0]


def test_a_file_of_very_many_architectures_is_refused_before_it_fills_the_memory(
    tmp_path, monkeypatch
):
    path = save(tmp_path / "many.pickle.pbz2", meta({index: results(0) for index in range(9)}))
    monkeypatch.setattr(pickles, "MOST_BYTES", 1_000_000)
    with pytest.raises(ValueError, match=r"asks for more than 1,000,000 bytes.*official folder"):
        nasbench201.load(path, partial=True)
    monkeypatch.undo()
    monkeypatch.setattr(pickles, "MOST_VALUES", 100_000)
    with pytest.raises(ValueError, match=r"asks for more than 100,000 values.*official folder"):
        nasbench201.load(path, partial=True)


def one_file(tmp_path: Path, made) -> Path:
    return save(tmp_path / "other.pickle.pbz2", made)


def without(place: str, index: int = 1) -> dict:
    made = results(index)
    del made["200"]["all_results"][place, 888]
    return made


def without_seeds() -> dict:
    made = results(0)
    made["12"]["dataset_seed"]["cifar10-valid"] = []
    return made


def with_measurement(value) -> dict:
    made = results(0)
    made["12"]["all_results"]["cifar100", 111]["eval_acc1es"]["x-valid@11"] = value
    return made


def without_latency() -> dict:
    made = results(0)
    made["12"]["all_results"]["cifar100", 111]["latency"] = []
    return made


def named(name) -> dict:
    made = results(0)
    made["12"]["arch_str"] = name
    return made


FOREIGN = {
    "an accuracy that is none": (lambda: with_measurement(float("nan")), "is not finite"),
    "an accuracy that is a text": (lambda: with_measurement("90"), "TypeError"),
    "no latency": (without_latency, "ZeroDivisionError"),
    "a name that is none": (lambda: named("a cell"), "must look like"),
    "no results": (lambda: meta(), "but holds none. Unpack NATS-tss"),
    "the size space": (
        lambda: collections.OrderedDict({"01": {}, "12": results(0)["12"], "90": {}}),
        "KeyError.*'200'",
    ),
    "a training is missing": (lambda: without("cifar100"), "KeyError.*cifar100.*888"),
    "a data set was never trained on": (
        without_seeds,
        "no run for 12 epochs on cifar10-valid",
    ),
    "results of another kind": (
        lambda: {**results(0), "12": {"arch_str": NAMES[0], "all_results": None, "arch_index": 0}},
        "KeyError",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FOREIGN)
def test_other_files_are_refused(tmp_path, name):
    make, expected = FOREIGN[name]
    with pytest.raises(
        ValueError, match="must hold results of NATS-Bench's topology space"
    ) as error:
        nasbench201.convert(one_file(tmp_path, make()))
    assert re.search(expected, str(error.value))


def test_a_compact_file_that_lacks_runs_is_refused(tmp_path, file):
    there = tmp_path / "there.npz"
    nasbench201.load(file, compact=there, partial=True, progress=False)
    arrays = dict(np.load(there))
    arrays["cifar10"] = np.full_like(arrays["cifar10"], np.nan)
    np.savez(there, **arrays)
    with pytest.raises(
        ValueError, match="must hold a training run of each architecture on cifar10"
    ):
        nasbench201.load(there, partial=True)


def test_a_folder_without_results_is_refused(tmp_path):
    with pytest.raises(ValueError, match="but holds none"):
        nasbench201.convert(tmp_path)


def test_a_file_that_would_run_something_is_refused_and_does_not_run(tmp_path):
    marker = tmp_path / "it ran"

    class Runs:
        def __reduce__(self):
            return os.mkdir, (str(marker),)

    made = results(0)
    made["12"]["all_results"]["cifar10-valid", 777]["net_state_dict"] = Runs()
    for path in (one_file(tmp_path, made), one_file(tmp_path, meta({0: made}))):
        with pytest.raises(ValueError, match=r"mkdir', which was refused.*without weights"):
            nasbench201.load(path, partial=True)
        assert [left.name for left in tmp_path.iterdir()] == ["other.pickle.pbz2"]


def test_damaged_files_are_refused(tmp_path, file):
    whole = file.read_bytes()
    path = tmp_path / "damaged.pickle.pbz2"
    for content in (whole[: len(whole) // 2], whole[:-100], b"PK\3\4" + whole, b""):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"damaged.pickle.pbz2 must be a whole pickle"):
            nasbench201.convert(path)


# The published repository has three architectures in fake_torch_dir/NATS-tss-v1_0-3ffb9-simple. Its
# code says of them, asked as above: val, test, seconds of 200 epochs on CIFAR-10.
OFFICIAL_VALUES = {
    NAMES[0]: (81.98266665690103, 85.86333333333334, 1446.7675790332612),
    f"|{CONV3}~0|+|{CONV3}~0|{POOL}~1|+|none~0|{CONV3}~1|{POOL}~2|": (
        87.9399999983724,
        91.58333333333333,
        2496.562610864639,
    ),
    f"|{SKIP}~0|+|{SKIP}~0|{SKIP}~1|+|none~0|{CONV1}~1|none~2|": (
        86.04666666341147,
        88.79,
        977.548367679122,
    ),
}


@pytest.mark.skipif(
    not OFFICIAL or not Path(OFFICIAL).exists(),
    reason="set NAS_TUTORIAL_NATSBENCH to NATS-Bench's official file or folder",
)
def test_official_files_say_what_the_published_code_says():
    table = nasbench201.load(OFFICIAL, partial=True)
    for name, (val, test, seconds) in OFFICIAL_VALUES.items():
        architecture = SPACE.from_string(name)
        answer = table.query(architecture, epochs=200)
        assert 100 * answer["val_accuracy"] == pytest.approx(val, abs=1e-9)
        assert 100 * answer["test_accuracy"] == pytest.approx(test, abs=1e-9)
        result = table.result(architecture, epochs=200, seed=0)
        assert result.seconds == pytest.approx(seconds, abs=1e-9)


# Extracts


EXTRACT = os.environ.get("NAS_TUTORIAL_NASBENCH201", "")
needs_extract = pytest.mark.skipif(
    not Path(EXTRACT).is_file(),
    reason="set NAS_TUTORIAL_NASBENCH201 to an extract of NAS-Bench-201",
)


@needs_extract
@pytest.mark.parametrize(
    ("dataset", "best", "row", "mean"),
    [
        ("cifar10", 94.373, 6111, 87.063),
        ("cifar100", 73.513, 9930, 61.406),
        ("imagenet16_120", 47.311, 857, 33.586),
    ],
)
def test_nasbench201_has_its_published_optima(dataset, best, row, mean):
    table = nasbench201.load(EXTRACT, dataset)
    architecture, value = table.optimum()
    assert 100 * value == pytest.approx(best, abs=5e-4)
    assert table.row(architecture) == row
    assert 100 * table.column("test_accuracy").mean() == pytest.approx(mean, abs=5e-4)
    assert len(table) == SPACE.size  # each encoding was trained by itself


def extract(path: Path, known_rows: int) -> Path:
    """A made-up extract of NAS-Bench-201, in another order than the space's."""
    names = [SPACE.to_string(architecture) for architecture in SPACE][::-1]
    frame = pandas.DataFrame({"architecture": names})
    for place, column in enumerate(("val_12epochs", "test_12epochs", "test_200epochs")):
        frame[f"cifar100_{column}"] = np.linspace(10 + place, 70 + place, len(frame))
    frame[:known_rows].to_csv(path, index=False)
    return path


def test_an_extract_of_nasbench201_is_read(tmp_path):
    table = nasbench201.load(extract(tmp_path / "made_up.csv.gz", SPACE.size), "cifar100")
    first, last = (next(iter(SPACE)), Architecture((SPACE.OPERATIONS[-1],) * 6))
    assert table.row(last) == 0 and table.row(first) == len(table) - 1 == SPACE.size - 1
    assert table.query(last, epochs=12) == pytest.approx(
        {"val_accuracy": 0.1, "test_accuracy": 0.11}
    )
    assert table.optimum() == (first, pytest.approx(0.72))
    assert TableEvaluator(table, epochs=12)(Candidate(last), seed=3).seconds == 0


def test_a_part_of_an_extract_is_refused(tmp_path):
    path = extract(tmp_path / "made_up.csv", 100)
    with pytest.raises(ValueError, match=r"all 15,625 architectures once, .* got 100. Take"):
        nasbench201.load(path, "cifar100")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "EmptyDataError"),
        (b"number,accuracy\n0,0.5\n", "Usecols do not match"),
        (b"\xff\xfe\x00", "UnicodeDecodeError"),
        (b"architecture,cifar10_val_12epochs,cifar10_test_12epochs,cifar10_test_200epochs\na,b,c,d\n",
         "could not convert string to float: 'b'"),
    ],
)  # fmt: skip
def test_what_is_no_extract_is_refused(tmp_path, content, says):
    path = tmp_path / "other.csv"
    path.write_bytes(content)
    with pytest.raises(
        ValueError, match=rf"other\.csv must be .* or a CSV with .*{says}.* Take the"
    ):
        nasbench201.load(path)
    path = tmp_path / "packed.csv.gz"
    path.write_bytes(b"no gzip")
    with pytest.raises(ValueError, match=r"packed\.csv\.gz must be .* a CSV"):
        nasbench201.load(path)
    with pytest.raises(FileNotFoundError):
        nasbench201.load(tmp_path / "nothing.csv")


@pytest.mark.parametrize(
    "name", ["NAS-Bench-201-v1_1-096897.pth", "NATS-tss-v1_0-3ffb9-simple.tar"]
)
def test_the_files_that_are_not_read_are_answered_with_those_that_are(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(
        ValueError, match=rf"{name} must be .*folder NATS-tss-v1_0-3ffb9-simple, unpacked, or a CSV"
    ):
        nasbench201.load(path)


def test_a_cell_of_an_extract_that_is_long_makes_no_long_message(tmp_path):
    path = extract(tmp_path / "made_up.csv", SPACE.size)
    text = path.read_text()
    for old, new in ((",10.0,", f",{'x' * 10**6},"), ("|none~0|+", "y" * 10**6)):
        path.write_text(text.replace(old, new, 1))
        with pytest.raises(ValueError, match=r"must .*\.$") as error:
            nasbench201.load(path, "cifar100")
        assert len(str(error.value)) < 1000


def test_accuracies_that_are_no_percentages_are_refused(tmp_path):
    path = extract(tmp_path / "made_up.csv", SPACE.size)
    text = path.read_text()
    for odd in ("101.5", "", "-1"):
        path.write_text(text.replace(",10.0,", f",{odd},", 1))
        with pytest.raises(ValueError, match=r"with accuracies in \[0, 100\]"):
            nasbench201.load(path, "cifar100")


def test_an_architecture_that_is_there_twice_is_refused(tmp_path):
    path = extract(tmp_path / "made_up.csv", SPACE.size)
    path.write_text(path.read_text() + path.read_text().splitlines()[-1] + "\n")
    with pytest.raises(ValueError, match="all 15,625 architectures once"):
        nasbench201.load(path, "cifar100")


def test_an_unknown_nasbench201_dataset_is_refused():
    with pytest.raises(ValueError, match="Did you mean 'cifar10'"):
        nasbench201.load("anything", "cifar")
