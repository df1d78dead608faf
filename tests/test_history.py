"""history: all trials of a search, and their JSON lines."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nas_tutorial.history import History, ask_record, read_records, tell_record
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.trials import Candidate, Constraint, Objective, Result, Trial
from tests.examples import HISTORIES
from tests.toys import FAILED, trial


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


def test_incumbents_are_the_best_trials_so_far():
    trials = [trial(0), trial(1, 0.5), trial(2, 0.4), trial(3), trial(4, 0.7), trial(5, 0.7)]
    _, half, less, _, most, _ = trials
    assert History(trials).incumbents(Objective()) == [None, half, half, half, most, most]
    smallest = History(trials).incumbents(Objective("val_accuracy", "min"))
    assert smallest == [None, half, less, less, less, less]
    assert History().incumbents(Objective()) == []


def test_incumbents_keep_the_constraints():
    """A smaller excess of a limit is a better trial, but never an incumbent."""
    sizes = [(0.9, 300), (0.5, 100), (0.8, 101), (0.7, 90)]
    history = History(trial(i, a, parameters=p) for i, (a, p) in enumerate(sizes))
    limits = (limit for limit in [Constraint("parameters", 100)])
    incumbents = history.incumbents(Objective(), limits)
    assert incumbents == [None, history[1], history[1], history[3]]


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
    for length, incumbent in enumerate(history.incumbents(Objective()), start=1):
        if incumbent is not None:
            assert incumbent is history[:length].best(Objective())
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


def test_a_constraint_on_something_unmeasured_is_refused():
    with pytest.raises(ValueError, match=r"got 'parameter'. Did you mean 'parameters'"):
        History([trial(0, 0.5)]).best(Objective(), [Constraint("parameter", 100)])


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
