"""A look-up gives what was written down, for every name that a network has."""

import os
import pickle
from pathlib import Path

import numpy as np
import pandas
import pytest

from nas_tutorial.loop.search import search
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.spaces.graph import Graph
from nas_tutorial.strategies.random_search import RandomSearch
from nas_tutorial.strategies.successive_halving import SuccessiveHalving
from nas_tutorial.tables.course_table import networks
from nas_tutorial.tables.index import ByHash, ByPosition
from nas_tutorial.tables.table import Table, TableEvaluator, regret
from nas_tutorial.trials import Candidate, Resumed, Trial

SPACE = EdgeCellSpace()
EXTRACT = os.environ.get("NAS_TUTORIAL_NASBENCH201", "")
needs_extract = pytest.mark.skipif(
    not Path(EXTRACT).is_file(),
    reason="set NAS_TUTORIAL_NASBENCH201 to an extract of NAS-Bench-201",
)


@pytest.fixture(scope="module")
def known():
    return networks(SPACE)


@pytest.fixture(scope="module")
def table(known):
    """A made-up table: accuracies drawn with a seed, two trainings a network."""
    first, of_encoding = known
    rng = np.random.default_rng(0)
    values = {key: rng.uniform(0.1, 0.9, (len(first), 2)) for key in KEYS}
    costs = {"parameters": rng.integers(100, 9999, len(first))}
    seconds = rng.uniform(1, 2, (len(first), 2))
    return Table("made up", SPACE, first, of_encoding, metrics=values, costs=costs, seconds=seconds)


KEYS = [
    ("val_accuracy", 2.5), ("val_accuracy", 5.0), ("test_accuracy", 5.0), ("train_loss", 2.5),
]  # fmt: skip


def test_every_encoding_finds_its_own_network(table):
    rng = np.random.default_rng(1)
    for architecture in [SPACE.sample(rng) for _ in range(500)]:
        network = table.networks[table.row(architecture)]
        assert SPACE.graph(network).fingerprint() == SPACE.graph(architecture).fingerprint()


def test_there_are_as_many_networks_as_fingerprints(known):
    first, of_encoding = known
    assert len(first) == 8765 == len(set(of_encoding.tolist()))
    assert len(of_encoding) == SPACE.size


def test_twins_get_one_answer(table):
    one = SPACE.from_string(
        "|nor_conv_3x3~0|+|skip_connect~0|none~1|+|none~0|none~1|avg_pool_3x3~2|"
    )
    twin = SPACE.from_string("|none~0|+|skip_connect~0|none~1|+|none~0|none~1|avg_pool_3x3~2|")
    assert table.query(one) == table.query(twin)


def test_a_query_is_the_mean_over_seeds_at_the_last_epochs(table):
    architecture = table.networks[17]
    answer = table.query(architecture)
    assert answer["val_accuracy"] == table.column("val_accuracy", 5.0)[17].mean()
    assert answer["train_loss"] == table.column("train_loss", 2.5)[17].mean()
    assert answer["parameters"] == table.query(architecture, epochs=2.5)["parameters"]
    assert "test_accuracy" not in table.query(architecture, epochs=2.5)


def test_the_optimum_is_the_highest_mean(table):
    architecture, value = table.optimum()
    means = table.column("test_accuracy").mean(axis=1)
    assert value == means.max()
    assert table.row(architecture) == means.argmax()


def test_other_epochs_are_refused_with_those_that_there_are(table):
    for ask in (
        lambda: table.column("val_accuracy", 3),
        lambda: table.query(table.networks[0], epochs=3),
        lambda: TableEvaluator(table, epochs=3),
        lambda: TableEvaluator(table)(Candidate(table.networks[0], epochs=3), seed=0),
    ):
        with pytest.raises(ValueError, match=r"must be one of 2\.5, 5, got 3"):
            ask()


def test_unknown_metrics_and_foreign_architectures_are_refused(table):
    with pytest.raises(ValueError, match="Did you mean 'val_accuracy'"):
        table.column("val_acuracy")
    with pytest.raises(ValueError, match="must have 6 values"):
        table.row(Architecture(("none",)))
    with pytest.raises(ValueError, match="choice '0 to 1' must be one of"):
        table.row(Architecture(("nothing",) * 6))


def test_the_evaluator_tells_validation_metrics_of_one_seed_only(table):
    architecture = table.networks[5]
    for seed in range(4):
        result = TableEvaluator(table)(Candidate(architecture), seed=seed)
        assert set(result.metrics) == {"val_accuracy", "parameters"}
        assert result.metrics["val_accuracy"] == table.column("val_accuracy")[5, seed % 2]


def test_simulated_seconds_go_with_the_epochs(table):
    evaluator = TableEvaluator(table)
    whole = evaluator(Candidate(table.networks[5]), seed=0)
    half = evaluator(Candidate(table.networks[5], epochs=2.5), seed=0)
    assert half.seconds == pytest.approx(whole.seconds / 2)


def test_going_on_costs_what_it_adds_and_finds_what_one_go_finds(table):
    evaluator = TableEvaluator(table)
    architecture = table.networks[5]
    half = evaluator(Candidate(architecture, 2.5), seed=1)
    rest = evaluator(Candidate(architecture, 5, resumes=Resumed(0, 2.5)), seed=1)
    whole = evaluator(Candidate(architecture, 5), seed=1)
    assert rest.metrics == whole.metrics
    assert half.seconds + rest.seconds == pytest.approx(whole.seconds)
    assert rest.seconds > 0


def test_halving_costs_what_its_trainings_cost(table):
    """Four halves, two of which become whole: seconds add up to those of the trainings."""
    strategy = SuccessiveHalving(SPACE, epochs=(2.5, 5), bracket_size=4)
    history = search(strategy, TableEvaluator(table), trials=6, progress=False)
    went_on = {trial.candidate.resumes for trial in history}
    expected = sum(
        table._seconds[5.0][table.row(trial.candidate.architecture), trial.seed % 2]
        * (1 if trial.number in went_on else 0.5)
        for trial in history
        if trial.candidate.resumes is None
    )
    assert sum(trial.result.seconds for trial in history) == pytest.approx(expected)


def test_regret_goes_by_those_trained_longest(table):
    evaluator = TableEvaluator(table)
    means = table.column("test_accuracy").mean(axis=1)
    low, full = (
        Trial(number, candidate, 0, evaluator(candidate, seed=0))
        for number, candidate in enumerate(
            [Candidate(table.networks[3], 2.5), Candidate(table.networks[4], 5)]
        )
    )
    of_low, of_full = means.max() - means[3], means.max() - means[4]
    assert regret([low, full], table).tolist() == pytest.approx([of_low, of_full])
    assert regret([full, low], table).tolist() == pytest.approx([of_full, of_full])


def test_a_training_that_goes_on_costs_what_it_adds(table):
    evaluator = TableEvaluator(table)
    whole = evaluator(Candidate(table.networks[5]), seed=0).seconds
    half = evaluator(Candidate(table.networks[5], epochs=2.5), seed=0).seconds
    goes_on = Candidate(table.networks[5], 5.0, resumes=Resumed(0, 2.5))
    assert evaluator(goes_on, seed=0).seconds == pytest.approx(whole - half)
    with pytest.raises(ValueError, match=r"must be one of 2\.5, 5, got 3"):
        evaluator(Candidate(table.networks[5], 5.0, resumes=Resumed(0, 3)), seed=0)


def measured(known, **changed) -> Table:
    """A table with seconds of its own after 1, 2 and 4 epochs, where only 2 goes on to 4."""
    first, of_encoding = known
    accuracies = np.full((len(first), 1), 0.5)
    seconds = {1: np.full((len(first), 1), 3.0), 2: 2 * accuracies, 4: 14 * accuracies}
    arguments = {
        "index": of_encoding,
        "metrics": {("val_accuracy", epochs): accuracies for epochs in seconds},
        "costs": {},
        "seconds": seconds,
        "trainings": {1: 1, 2: 4, 4: 4},
    }
    return Table("measured", SPACE, first, **arguments | changed)


def test_measured_seconds_are_charged_as_they_are(known):
    table = measured(known)
    evaluator = TableEvaluator(table)
    network = table.networks[5]
    for epochs, seconds in ((1, 3), (2, 1), (4, 7)):
        assert evaluator(Candidate(network, epochs), seed=0).seconds == seconds
    for before, seconds in ((1, 7), (2, 6)):
        candidate = Candidate(network, 4, resumes=Resumed(0, before))
        assert evaluator(candidate, seed=0).seconds == seconds


def test_seconds_must_be_known_for_all_epochs(known):
    seconds = {epochs: np.zeros((len(known[0]), 1)) for epochs in (1, 2)}
    with pytest.raises(ValueError, match=r"epochs \(1, 2, 4\) and seconds for \(1, 2\)"):
        measured(known, seconds=seconds)


def test_a_hash_finds_what_the_position_finds(known):
    first, of_encoding = known
    rows = {SPACE.graph(network).fingerprint(): row for row, network in enumerate(first)}
    by_position, by_hash = ByPosition(SPACE, of_encoding), ByHash(SPACE, Graph.fingerprint, rows)
    rng = np.random.default_rng(2)
    for architecture in [SPACE.sample(rng) for _ in range(300)]:
        assert by_position(architecture) == by_hash(architecture)


def test_networks_that_were_not_measured_are_refused(known):
    first, of_encoding = known
    indices = (ByPosition(SPACE, np.where(of_encoding == 7, -1, of_encoding.astype(int))),
               ByHash(SPACE, Graph.fingerprint, {}))  # fmt: skip
    for index in indices:
        with pytest.raises(ValueError, match="must denote a network that was measured"):
            measured(known, index=index).row(first[7])
        with pytest.raises(ValueError, match="must have 6 values"):
            measured(known, index=index).row(Architecture(("none",)))


def test_positions_must_cover_the_space(known):
    with pytest.raises(ValueError, match="one number for each of the 15,625 encodings, got 15,624"):
        measured(known, index=known[1][:-1])


def test_regret_is_the_distance_of_the_incumbent_by_validation(table):
    history = search(RandomSearch(SPACE), TableEvaluator(table), trials=40, progress=False)
    values = regret(history, table)
    means = table.column("test_accuracy").mean(axis=1)
    chosen = max(history, key=lambda trial: trial.value("val_accuracy")).candidate.architecture
    assert values[-1] == pytest.approx(means.max() - means[table.row(chosen)])
    assert (values >= 0).all() and values.shape == (40,)


def test_a_table_of_constants_has_no_regret(known):
    first, of_encoding = known
    constant = np.full((len(first), 1), 0.5)
    flat = Table(
        "flat", SPACE, first, of_encoding, costs={}, seconds=constant,
        metrics={("val_accuracy", 5.0): constant, ("test_accuracy", 5.0): constant},
    )  # fmt: skip
    history = search(RandomSearch(SPACE), TableEvaluator(flat), trials=9, progress=False)
    assert not regret(history, flat).any()


def test_shapes_that_do_not_agree_are_refused(known):
    first, of_encoding = known
    with pytest.raises(ValueError, match="Check how they were read"):
        Table(
            "ragged", SPACE, first, of_encoding, costs={}, seconds=np.zeros((len(first), 1)),
            metrics={("val_accuracy", 5.0): np.zeros((3, 1))},
        )  # fmt: skip


def test_the_courses_table_pickles_as_its_name_and_others_as_they_are(table):
    course = Table.load_course()
    content = pickle.dumps(TableEvaluator(course, 1.25))
    assert len(content) < 1000 < len(pickle.dumps(table))
    assert pickle.loads(content).table is pickle.loads(content).table  # a worker reads it once
    for one in (course, table):
        other = pickle.loads(pickle.dumps(TableEvaluator(one))).table
        assert repr(other) == repr(one) and other.networks == one.networks
        assert other.query(one.networks[17]) == one.query(one.networks[17])


def test_what_is_no_number_or_has_no_row_for_each_network_is_refused(known):
    accuracies = np.full((len(known[0]), 1), 0.5)
    for changed in (
        {"costs": {"parameters": np.zeros(3)}},
        {"costs": {"parameters": np.full(len(known[0]), "many")}},
        {"metrics": {("val_accuracy", epochs): accuracies.astype(str) for epochs in (1, 2, 4)}},
        {"proxies": {"snip": np.zeros((3, 2))}},
    ):
        with pytest.raises(ValueError, match=r"must be numbers with a row for each of the 8,765"):
            measured(known, **changed)
    with pytest.raises(ValueError, match="measured must have a metric, got none"):
        measured(known, metrics={})


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
    table = Table.load_nasbench201(EXTRACT, dataset)
    architecture, value = table.optimum()
    assert 100 * value == pytest.approx(best, abs=5e-4)
    assert table.row(architecture) == row
    assert 100 * table.column("test_accuracy").mean() == pytest.approx(mean, abs=5e-4)
    assert len(table) == SPACE.size  # twins were trained apart there


def extract(path: Path, known_rows: int) -> Path:
    """A made-up extract of NAS-Bench-201, in another order than the space's."""
    names = [SPACE.to_string(architecture) for architecture in SPACE][::-1]
    frame = pandas.DataFrame({"architecture": names})
    for place, column in enumerate(("val_12epochs", "test_12epochs", "test_200epochs")):
        frame[f"cifar100_{column}"] = np.linspace(10 + place, 70 + place, len(frame))
    frame[:known_rows].to_csv(path, index=False)
    return path


def test_an_extract_of_nasbench201_is_read(tmp_path):
    table = Table.load_nasbench201(extract(tmp_path / "made_up.csv.gz", SPACE.size), "cifar100")
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
        Table.load_nasbench201(path, "cifar100")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "No columns"),
        (b"number,accuracy\n0,0.5\n", "architecture"),
        (b"\xff\xfe\x00", "codec|columns"),
        (b"architecture,cifar10_val_12epochs,cifar10_test_12epochs,cifar10_test_200epochs\na,b,c,d\n",
         "could not convert|b"),
    ],
)  # fmt: skip
def test_what_is_no_extract_is_refused(tmp_path, content, says):
    path = tmp_path / "other.csv"
    path.write_bytes(content)
    with pytest.raises(
        ValueError, match=rf"other\.csv must be a CSV with .*{says}.* Take the whole"
    ):
        Table.load_nasbench201(path)
    path = tmp_path / "packed.csv.gz"
    path.write_bytes(b"no gzip")
    with pytest.raises(ValueError, match=r"packed\.csv\.gz must be a CSV"):
        Table.load_nasbench201(path)
    with pytest.raises(FileNotFoundError):
        Table.load_nasbench201(tmp_path / "nothing.csv")


def test_accuracies_that_are_no_percentages_are_refused(tmp_path):
    path = extract(tmp_path / "made_up.csv", SPACE.size)
    text = path.read_text()
    for odd in ("101.5", "", "-1"):
        path.write_text(text.replace(",10.0,", f",{odd},", 1))
        with pytest.raises(ValueError, match=r"with accuracies in \[0, 100\]"):
            Table.load_nasbench201(path, "cifar100")


def test_an_architecture_that_is_there_twice_is_refused(tmp_path):
    path = extract(tmp_path / "made_up.csv", SPACE.size)
    path.write_text(path.read_text() + path.read_text().splitlines()[-1] + "\n")
    with pytest.raises(ValueError, match="all 15,625 architectures once"):
        Table.load_nasbench201(path, "cifar100")


def test_an_unknown_nasbench201_dataset_is_refused():
    with pytest.raises(ValueError, match="Did you mean 'cifar10'"):
        Table.load_nasbench201("anything", "cifar")
