"""A look-up gives what was written down, for every encoding of a network."""

import pickle

import numpy as np
import pytest

from nas_tutorial.history import History
from nas_tutorial.loop.search import search
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.strategies.random_search import RandomSearch
from nas_tutorial.strategies.successive_halving import SuccessiveHalving
from nas_tutorial.tables.course_table import networks
from nas_tutorial.tables.table import ByPosition, Table, TableEvaluator, regret, true_means
from nas_tutorial.trials import Candidate, Objective, Result, Resumed, Trial

SPACE = EdgeCellSpace()


@pytest.fixture(scope="module")
def known():
    return networks(SPACE)


@pytest.fixture(scope="module")
def table(known):
    """A made-up table: accuracies drawn with a seed, two runs of each network."""
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


def test_isomorphic_encodings_get_one_answer(table):
    one = SPACE.from_string(
        "|nor_conv_3x3~0|+|skip_connect~0|none~1|+|none~0|none~1|avg_pool_3x3~2|"
    )
    other = SPACE.from_string("|none~0|+|skip_connect~0|none~1|+|none~0|none~1|avg_pool_3x3~2|")
    assert table.query(one) == table.query(other)


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
    went_on = {trial.candidate.resumes.number for trial in history if trial.candidate.resumes}
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
    assert regret(History([low, full]), table).tolist() == pytest.approx([of_low, of_full])
    assert regret(History([full, low]), table).tolist() == pytest.approx([of_full, of_full])


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
        "run_epochs": {1: 1, 2: 4, 4: 4},
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


def test_positions_find_what_fingerprints_say(known):
    first, of_encoding = known
    rows = {SPACE.graph(network).fingerprint(): row for row, network in enumerate(first)}
    by_position, rng = ByPosition(SPACE, of_encoding), np.random.default_rng(2)
    for architecture in [SPACE.sample(rng) for _ in range(300)]:
        assert by_position(architecture) == rows[SPACE.graph(architecture).fingerprint()]


def test_networks_that_were_not_measured_are_refused(known):
    first, of_encoding = known
    table = measured(known, index=np.where(of_encoding == 7, -1, of_encoding.astype(int)))
    with pytest.raises(ValueError, match="must denote a network that was measured"):
        table.row(first[7])
    with pytest.raises(ValueError, match="must have 6 values"):
        table.row(Architecture(("none",)))


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


@pytest.mark.parametrize("shape", [(3, 1), (8765, 2), (8765,), (8765, 1, 1), ()])
def test_shapes_that_do_not_agree_are_refused(known, shape):
    first, of_encoding = known
    for metrics in (np.zeros(shape), np.zeros((len(first), 1))):
        with pytest.raises(ValueError, match=r"of ragged must be numbers of shape \(8765, .*Check"):
            Table(
                "ragged", SPACE, first, of_encoding, costs={},
                metrics={("val_accuracy", 5.0): metrics},
                seconds=np.zeros((len(first), 1) if metrics.shape == shape else shape),
            )  # fmt: skip


def test_epochs_are_any_numbers_that_equal_the_known_ones(table):
    third = Table(
        "thirds", SPACE, table.networks, table.row, costs={}, seconds=table.column("val_accuracy"),
        metrics={("val_accuracy", 5 / 3): table.column("val_accuracy")},
    )  # fmt: skip
    for epochs in (5 / 3, 1.6666667, np.float32(5 / 3)):
        assert third.required_epochs(epochs) == 5 / 3
        assert TableEvaluator(third, epochs).epochs == 5 / 3
    for odd in ("5", float("nan"), True):
        with pytest.raises(ValueError, match="epochs must be a finite number, got"):
            third.column("val_accuracy", odd)


def test_the_evaluator_takes_the_last_epochs_with_a_validation_accuracy(known):
    values = np.full((len(known[0]), 1), 0.5)
    metrics = {("val_accuracy", 12): values, ("test_accuracy", 200): values}
    seconds = {12: values, 200: values}
    table = measured(known, metrics=metrics, seconds=seconds, run_epochs=None)
    assert TableEvaluator(table).epochs == 12
    with pytest.raises(ValueError, match="epochs of val_accuracy must be one of 12, got 200"):
        TableEvaluator(table, 200)


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
        with pytest.raises(
            ValueError, match=r"must be numbers of shape \(8765,.* a row for each network"
        ):
            measured(known, **changed)
    with pytest.raises(ValueError, match="measured must have a metric, got none"):
        measured(known, metrics={})


# Proxies


@pytest.fixture(scope="module")
def course() -> Table:
    return Table.load_course()


def test_a_table_without_proxies_says_so(known):
    with pytest.raises(ValueError, match=r"asked for snip, but measured holds none.*load_course"):
        measured(known).proxy("snip")


def test_costs_are_proxies_that_no_seed_changes(course):
    for name in ("parameters", "flops"):
        assert course.proxy(name).shape == (len(course), 1)
        assert course.proxy(name)[5, 0] == course.query(course.networks[5])[name]


def test_an_unknown_proxy_is_refused(course):
    with pytest.raises(ValueError, match=r"a proxy of this table must be one of .* 'synflow'"):
        course.proxy("synflaw")


def test_the_true_mean_of_the_incumbent_is_that_of_its_network(table):
    strategy = RandomSearch(table.space, seed=0)
    history = search(strategy, TableEvaluator(table), trials=20, progress=False)
    incumbents = history.incumbents(Objective("val_accuracy"))
    expected = [
        table.column("val_accuracy")[table.row(t.candidate.architecture)].mean() for t in incumbents
    ]
    assert true_means(history, table).tolist() == pytest.approx(expected)


def test_without_an_incumbent_there_is_no_true_mean(table):
    failed = Trial(0, Candidate(table.networks[0]), 0, Result({}, 1.0, error="out of memory"))
    assert np.isnan(true_means(History([failed]), table)).all()
    best = table.column("test_accuracy").mean(axis=1).max()
    assert regret(History([failed]), table).tolist() == [best]
