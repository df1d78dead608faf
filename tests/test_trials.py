"""trials: candidates, results, histories; objective and constraints."""

import json
import math
import pickle
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nas_tutorial.history import History, ask_record, read_records, tell_record
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.trials import (
    IDENTITY,
    Candidate,
    Constraint,
    Objective,
    Result,
    Resumed,
    Trial,
    ranking_key,
)

FAILED = "ResourceExhaustedError: out of memory"


def trial(
    number: int, accuracy: float | None = None, *, epochs=None, parameters=100, parents=()
) -> Trial:
    """A trial with this validation accuracy, or a failed one."""
    candidate = Candidate(Architecture(("conv", number)), epochs, parents)
    if accuracy is None:
        return Trial(number, candidate, number, Result({}, 1.5, error=FAILED))
    metrics = {"val_accuracy": accuracy, "parameters": parameters}
    return Trial(number, candidate, number, Result(metrics, 2.0))


FINITE = st.floats(allow_nan=False, allow_infinity=False)
NAMES = st.text(max_size=5).filter(lambda name: name not in {*IDENTITY, "error"})
RESULTS = st.builds(
    Result,
    st.dictionaries(NAMES, FINITE | st.integers(-(2**60), 2**60), max_size=4),
    st.floats(0, 1e9),
    st.none() | st.text(),
    st.none() | st.integers(0, 99),
)
ARCHITECTURES = st.builds(Architecture, st.lists(st.text(max_size=5) | st.integers(), max_size=4))
FRESH = st.builds(
    Candidate,
    ARCHITECTURES,
    st.none() | st.integers(1, 200),
    st.lists(st.integers(0, 99), max_size=2),
)
RESUMED = st.builds(
    Candidate,
    ARCHITECTURES,
    st.none() | st.floats(1, 200),
    resumes=st.integers(0, 99),
    epochs_before=st.floats(0, 1, exclude_min=True, exclude_max=True),
)
CANDIDATES = FRESH | RESUMED
HISTORIES = st.lists(st.tuples(CANDIDATES, st.integers(0, 2**31 - 1), RESULTS), max_size=5).map(
    lambda rows: History(Trial(number, *row) for number, row in enumerate(rows))
)


# Candidate and Result


@pytest.mark.parametrize("architecture", [None, ("a",), "a", '["a"]'])
def test_a_candidate_holds_an_architecture(architecture):
    with pytest.raises(ValueError, match=r"must hold an Architecture, got .*space\.sample"):
        Candidate(architecture)


@pytest.mark.parametrize("epochs", [0, -3, math.inf, math.nan, "5", [5]])
def test_a_candidate_trains_for_more_than_no_epoch(epochs):
    expected = rf"epochs must be positive and finite, got {re.escape(repr(epochs))}\. Leave it out"
    with pytest.raises(ValueError, match=expected):
        Candidate(Architecture(("a",)), epochs=epochs)


@pytest.mark.parametrize("parents", [3, "12", ("1",), (-1,), (0.0,), None])
def test_parents_are_numbers_of_trials(parents):
    with pytest.raises(ValueError, match=r"parents must be .* of .*trial"):
        Candidate(Architecture(("a",)), parents=parents)


@pytest.mark.parametrize("number", [-1, 1.5, "3"])
def test_what_is_resumed_is_the_number_of_a_trial(number):
    with pytest.raises(ValueError, match=r"must be the number of a trial, got .*trial\.resumed"):
        Candidate(Architecture(("a",)), 3, resumes=Resumed(number, 1))


def test_a_numpy_number_can_be_resumed():
    candidate = Candidate(Architecture(("a",)), 3, resumes=Resumed(np.int64(7), 1))
    assert candidate == Candidate(Architecture(("a",)), 3, resumes=Resumed(7, 1))
    json.dumps(ask_record(8, candidate, 0))


@pytest.mark.parametrize(
    ("resumes", "before"), [(None, 1), (4, 0), (4, 3), (4, 5), (4, -1), (4, math.nan)]
)
def test_what_goes_on_begins_after_the_start_and_before_the_end(resumes, before):
    with pytest.raises(ValueError, match=rf"must lie between .* got epochs_before={before}, epoch"):
        Candidate(Architecture(("a",)), 3, resumes=Resumed(resumes, before))


def test_a_trial_is_resumed_where_it_stopped():
    stopped = trial(4, 0.5, epochs=1.5)
    assert stopped.resumed(3) == Candidate(
        stopped.candidate.architecture, 3, resumes=Resumed(4, 1.5)
    )


@pytest.mark.parametrize("stopped", [trial(4, 0.5), trial(4, 0.5, epochs=3)])
def test_a_trial_that_was_trained_as_far_is_not_resumed(stopped):
    with pytest.raises(ValueError, match="Resume a trial that says its epochs and stopped earlier"):
        stopped.resumed(3)


def test_metrics_are_read_only():
    given_metrics = {"val_accuracy": 0.5}
    result = Result(given_metrics, 1.0)
    given_metrics["val_accuracy"] = 0.9
    assert result.metrics["val_accuracy"] == 0.5
    with pytest.raises(TypeError):
        result.metrics["val_accuracy"] = 0.9
    with pytest.raises(AttributeError):
        result.metrics = {}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, np.float32("nan")])
def test_metrics_that_are_not_finite_are_refused(value):
    with pytest.raises(
        ValueError, match=r"a finite number.* got 'loss': .*Result\(\{\}, seconds, err"
    ):
        Result({"val_accuracy": 0.5, "loss": value}, 1.0)
    with pytest.raises(ValueError, match=r"a finite number.* got 'seconds': "):
        Result({}, value)


@pytest.mark.parametrize("metrics", [None, [("a", 1)], 3])
def test_metrics_are_a_mapping(metrics):
    with pytest.raises(ValueError, match="metrics must map names to numbers, got"):
        Result(metrics, 1.0)


@pytest.mark.parametrize("number", [-1, 0.5, "1", [2]])
def test_what_was_copied_is_the_number_of_a_trial(number):
    with pytest.raises(ValueError, match="copied_from must be the number of a trial, got"):
        Result({}, 1.0, copied_from=number)


@pytest.mark.parametrize("name", ["number", "epochs", "seed", "error"])
def test_a_metric_is_not_called_as_what_a_trial_has_anyway(name):
    with pytest.raises(ValueError, match=f"must not be called {name}, .* Give it another name"):
        Result({"val_accuracy": 0.5, name: 1}, 1.0)


def test_negative_seconds_are_refused():
    with pytest.raises(ValueError, match=r"seconds must be at least 0, got -1.0. Check the clock"):
        Result({}, -1.0)


@settings(deadline=None, derandomize=True)
@given(RESULTS)
def test_results_pickle(result):
    copy = pickle.loads(pickle.dumps(result))
    assert copy == result
    with pytest.raises(TypeError):
        copy.metrics["val_accuracy"] = 1.0


# Trial, Objective, Constraint


def test_value_reads_metrics_and_seconds():
    assert trial(0, 0.5).value("val_accuracy") == 0.5
    assert trial(0, 0.5).value("seconds") == 2.0


def test_value_names_the_nearest_metric():
    with pytest.raises(ValueError, match=r"got 'val_acuracy'. Did you mean 'val_accuracy'"):
        trial(0, 0.5).value("val_acuracy")


def test_a_failed_trial_has_no_values_not_even_seconds():
    for name in ("val_accuracy", "seconds"):
        with pytest.raises(ValueError, match=f"trial 3 must have succeeded to have a {name}.*memo"):
            trial(3).value(name)


def test_an_objective_turns_both_directions_into_losses():
    better, worse = trial(0, 0.9, parameters=10), trial(1, 0.6, parameters=20)
    for objective in (Objective(), Objective("parameters", "min")):
        assert objective.loss(better) < objective.loss(worse) < objective.loss(trial(2))
        assert objective.loss(trial(2)) == math.inf


def test_an_objective_has_one_of_two_directions():
    with pytest.raises(ValueError, match=r"direction must be one of max, min; got 'maxi'. Did you"):
        Objective("val_accuracy", "maxi")


def test_violation_is_the_share_of_the_limit_in_excess():
    constraint = Constraint("parameters", 100)
    assert constraint.violation(trial(0, 0.5, parameters=80)) == 0
    assert constraint.violation(trial(0, 0.5, parameters=100)) == 0
    assert constraint.violation(trial(0, 0.5, parameters=150)) == pytest.approx(0.5)
    assert constraint.violation(trial(0)) == math.inf


@pytest.mark.parametrize("limit", [0, -1, math.nan, "9", None])
def test_a_limit_is_positive(limit):
    expected = rf"the limit on parameters must be a positive number, got {limit!r}\. No network"
    with pytest.raises(ValueError, match=expected):
        Constraint("parameters", limit)


@pytest.mark.parametrize("make", [Objective, lambda name: Constraint(name, 1)])
def test_a_measured_value_has_a_text_as_name(make):
    with pytest.raises(ValueError, match=r"the name of .* must be a text, got None\. Write that"):
        make(None)


def test_a_constraint_on_something_unmeasured_is_refused():
    with pytest.raises(ValueError, match=r"got 'parameter'. Did you mean 'parameters'"):
        History([trial(0, 0.5)]).best(Objective(), [Constraint("parameter", 100)])


# Ranking: Deb's three rules


def test_ranking_follows_debs_rules():
    in_order = [
        trial(0, 0.7, parameters=90),
        trial(1, 0.6, parameters=10),  # feasible: the objective decides, not the room left
        trial(2, 0.5, parameters=110),
        trial(3, 0.9, parameters=120),  # infeasible: the violation decides, not the objective
        trial(4),
    ]
    constraints = [Constraint("parameters", 100)]
    shuffled = [in_order[i] for i in (3, 1, 4, 0, 2)]
    assert sorted(shuffled, key=lambda t: ranking_key(t, Objective(), constraints)) == in_order


def test_violations_add_up_relative_to_their_limits():
    constraints = [Constraint("parameters", 1000), Constraint("seconds", 1)]
    slow = trial(0, 0.9, parameters=1000)  # 2 seconds: twice the limit
    large = trial(1, 0.5, parameters=1500)  # half over, and as slow
    assert ranking_key(slow, Objective(), constraints)[0] == pytest.approx(1.0)
    assert ranking_key(large, Objective(), constraints)[0] == pytest.approx(1.5)


def test_a_training_in_full_beats_a_better_beginning():
    constraints = [Constraint("parameters", 100)]
    in_order = [
        trial(0, 0.6),  # the evaluator's own epochs are all there are
        trial(1, 0.8, epochs=5),
        trial(2, 0.7, epochs=5),
        trial(3, 0.9, epochs=1),
        trial(4, 0.9, epochs=5, parameters=110),  # what breaks a limit comes behind all these
        trial(5, 0.9, epochs=1, parameters=120),
        trial(6, epochs=5),  # and what failed behind everything, with or without limits
    ]
    shuffled = [in_order[i] for i in (3, 6, 1, 4, 0, 5, 2)]
    assert sorted(shuffled, key=lambda t: ranking_key(t, Objective(), constraints)) == in_order
    assert max(shuffled, key=lambda t: ranking_key(t, Objective())).failed


# History


def test_a_history_is_a_sequence_of_trials():
    trials = [trial(0, 0.5), trial(1), trial(2, 0.7, parents=(0,))]
    history = History(iter(trials))
    assert len(history) == 3
    assert list(history) == trials
    assert history[-1] is trials[-1]
    assert history[1:] == History(trials[1:])
    assert history != History(trials[:2])
    assert history != trials
    assert hash(history) == hash(History(trials))
    assert history.num_bred == 1
    assert repr(history) == "History(3 trials, 1 failed)"


def test_best_in_both_directions_and_the_earliest_of_equals():
    history = History([trial(0, 0.5), trial(1), trial(2, 0.8), trial(3, 0.8), trial(4, 0.6)])
    assert history.best(Objective()).number == 2
    assert history.best(Objective("val_accuracy", "min")).number == 0


def test_best_keeps_the_constraints():
    history = History([trial(0, 0.9, parameters=200), trial(1, 0.5), trial(2, 0.6)])
    constraints = (c for c in [Constraint("parameters", 100)])  # any iterable will do
    assert history.best(Objective(), constraints).number == 2


def test_best_is_among_those_trained_longest():
    low, full, failed = trial(0, 0.9, epochs=1), trial(1, 0.6, epochs=9), trial(2, epochs=9)
    assert History([low, full, failed]).best(Objective()) is full
    assert History([low, failed]).best(Objective()) is low  # nothing else succeeded
    in_limits = [Constraint("parameters", 100)]
    too_large = trial(3, 0.7, epochs=9, parameters=200)
    assert History([low, too_large]).best(Objective(), in_limits) is low


@pytest.mark.parametrize("trials", [[], [trial(0), trial(1)]])
def test_best_needs_a_success(trials):
    with pytest.raises(ValueError, match=rf"must have succeeded, got History\({len(trials)} trial"):
        History(trials).best(Objective(), [Constraint("parameters", 100)])


def test_best_needs_a_trial_that_keeps_the_constraints():
    with pytest.raises(ValueError, match=r"must keep .*limit=100.*none of 2 does.*search longer"):
        History([trial(0, 0.9, parameters=101), trial(1)]).best(
            Objective(), [Constraint("parameters", 100)]
        )


def test_incumbent_is_the_best_so_far():
    history = History([trial(0), trial(1, 0.5), trial(2, 0.4), trial(3), trial(4, 0.7)])
    np.testing.assert_array_equal(history.incumbent(Objective()), [np.nan, 0.5, 0.5, 0.5, 0.7])
    smallest = history.incumbent(Objective("val_accuracy", "min"))
    np.testing.assert_array_equal(smallest, [np.nan, 0.5, 0.4, 0.4, 0.4])


def test_incumbent_keeps_the_constraints():
    sizes = [(0.9, 300), (0.5, 100), (0.8, 200), (0.7, 90)]
    history = History(trial(i, a, parameters=p) for i, (a, p) in enumerate(sizes))
    limits = (limit for limit in [Constraint("parameters", 100)])
    np.testing.assert_array_equal(history.incumbent(Objective(), limits), [np.nan, 0.5, 0.5, 0.7])


def test_incumbent_passes_to_the_first_that_is_trained_longer_even_where_it_is_worse():
    values = [(0.5, 1), (0.8, 1), (0.7, 3), (0.9, 1), (None, 9), (0.75, 3)]
    history = History(
        trial(number, value, epochs=epochs) for number, (value, epochs) in enumerate(values)
    )
    expected = [0.5, 0.8, 0.7, 0.7, 0.7, 0.75]
    np.testing.assert_array_equal(history.incumbent(Objective()), expected)
    for length in range(1, len(history) + 1):
        best = history[:length].best(Objective())
        assert best.value("val_accuracy") == expected[length - 1]


def test_incumbent_without_a_success():
    assert History().incumbent(Objective()).shape == (0,)
    assert np.isnan(History([trial(0), trial(1)]).incumbent(Objective())).all()


@settings(deadline=None, derandomize=True)
@given(st.lists(st.none() | st.floats(0, 1), min_size=1, max_size=12))
def test_the_last_incumbent_is_the_best(accuracies):
    history = History(trial(number, value) for number, value in enumerate(accuracies))
    incumbent = history.incumbent(Objective())
    if any(value is not None for value in accuracies):
        assert incumbent[-1] == history.best(Objective()).value("val_accuracy")
    known = incumbent[~np.isnan(incumbent)]
    assert (np.diff(known) >= 0).all()


def test_to_frame_has_one_row_a_trial():
    frame = History([trial(0, 0.5), trial(1, parents=(0,))]).to_frame()
    first, second = (frame.iloc[row] for row in range(2))
    assert list(frame["number"]) == [0, 1]
    assert first["architecture"] == "conv 0"
    assert (first["val_accuracy"], first["parameters"], first["seconds"]) == (0.5, 100, 2.0)
    assert second["error"] == FAILED
    assert second["resumes"] is None
    assert second["parents"] == (0,)
    assert math.isnan(second["val_accuracy"])


def test_an_empty_history_has_an_empty_frame_with_the_errors_that_best_points_to():
    """`best` of an empty history advises to look at history.to_frame()['error']."""
    assert list(History().to_frame()["error"]) == []


# Files


@settings(deadline=None, derandomize=True)
@given(HISTORIES)
def test_save_and_load_round_trip(tmp_path_factory, history):
    path = tmp_path_factory.mktemp("history") / "trials.jsonl"
    history.save(path)
    assert History.load(path) == history
    assert History.load(str(path)) == history


def test_numpy_numbers_can_be_saved(tmp_path):
    """`Result` takes them as finite numbers, and evaluators come by them easily."""
    metrics = {"val_accuracy": np.float32(0.5), "parameters": np.int64(7)}
    history = History([Trial(0, Candidate(Architecture(("a",))), 1, Result(metrics, 1.0))])
    history.save(tmp_path / "trials.jsonl")
    assert History.load(tmp_path / "trials.jsonl") == history


def test_results_are_joined_to_their_proposals_in_the_order_in_which_they_came(tmp_path):
    first, second = trial(0, 0.5), trial(1, 0.7)
    records = [
        {"search": {"strategy": "any"}},  # the first line of a search's store
        *(ask_record(t.number, t.candidate, t.seed) for t in (first, second, trial(2, 0.1))),
        *(tell_record(t) for t in (second, first)),  # trial 2 is still running
    ]
    path = tmp_path / "store.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    assert History.load(path) == History([second, first])


def test_what_resumes_nothing_is_written_as_before_there_was_resuming(tmp_path):
    """So a store that was begun by an earlier version goes on."""
    before = {"number": 0, "architecture": ["conv", 0], "epochs": None, "parents": [], "seed": 0}
    assert ask_record(0, trial(0, 0.5).candidate, 0) == {"ask": before}
    path = tmp_path / "store.jsonl"
    path.write_text(json.dumps({"ask": before}) + "\n" + TELL + "\n")
    assert History.load(path) == History([trial(0, 0.5)])


def test_a_torn_last_line_is_left_out(tmp_path):
    history = History([trial(0, 0.5), trial(1, 0.7)])
    path = tmp_path / "trials.jsonl"
    history.save(path)
    content = path.read_bytes()
    last = content[:-1].rfind(b"\n") + 1
    for end in range(last, len(content)):  # even a line that lacks but its line break
        path.write_bytes(content[:end])
        assert History.load(path) == history[:1]
        assert len(read_records(path)) == 3


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nothing\.jsonl"):
        History.load(tmp_path / "nothing.jsonl")


ASK = json.dumps(ask_record(0, trial(0, 0.5).candidate, 0))
TELL = json.dumps(tell_record(trial(0, 0.5)))


@pytest.mark.parametrize(
    "lines",
    [
        ["number,accuracy", "0,0.5"],
        [ASK, "", TELL],
        [ASK, TELL[:20], TELL],  # torn, but not the last
        ["[1, 2]"],
        ["3"],
        ["[" * 100_000],
        ["\x00\xff"],
        ['{"cells": [], "nbformat": 4}'],
        [TELL],  # a result of nothing
        [ASK, TELL.replace('"number": 0', '"number": 1')],
        [ASK, '{"tell": null}'],
        [ASK, TELL.replace("0.5", "NaN")],
        [ASK, TELL.replace("0.5", '"good"')],
        [ASK, TELL.replace('"metrics"', '"measured"')],
        ['{"ask": 3}'],
        [ASK.replace('["conv", 0]', "[0.5]")],
        [ASK.replace('"epochs": null', '"epochs": 0')],
        [ASK.replace('"parents": []', '"parents": 5')],
        [ASK.replace('"parents": []', '"parents": "12"')],
        [ASK.replace('"epochs": null', '"epochs": Infinity')],
        [ASK.replace('"number": 0', '"number": "0"')],
        [ASK.replace('"seed": 0', '"seed": 0.5')],
        [ASK, TELL.replace('"copied_from": null', '"copied_from": [1]')],
        [ASK.replace('"parents": []', '"parents": [], "resumes": 3')],
        [ASK.replace('"parents": []', '"parents": [], "resumes": -1, "epochs_before": 1')],
    ],
    ids=lambda lines: lines[-1][:25],
)
def test_a_foreign_line_is_refused_and_the_file_named(tmp_path, lines):
    path = tmp_path / "other.jsonl"
    path.write_text("\n".join(lines) + "\n")
    expected = r"other\.jsonl must hold the JSON lines of a search, but .*Name the file that search"
    with pytest.raises(ValueError, match=expected):
        History.load(path)


def test_the_number_of_a_foreign_line_is_told(tmp_path):
    path = tmp_path / "other.jsonl"
    path.write_text(f"{ASK}\nhello\n{TELL}\n")
    with pytest.raises(ValueError, match="line 2 is 'hello'"):
        History.load(path)
