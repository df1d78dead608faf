"""trials: candidates, results, trials; objective and constraints; which trial is better."""

import json
import math
import pickle
import re

import numpy as np
import pytest
from hypothesis import given, settings

from nas_tutorial.history import ask_record
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.trials import (
    IDENTITY,
    Candidate,
    Constraint,
    Objective,
    Result,
    Resumed,
    ranking_key,
)
from tests.examples import RESULTS
from tests.toys import trial

# Candidate and Result


@pytest.mark.parametrize("architecture", [None, ("a",), "a", '["a"]'])
def test_a_candidate_holds_an_architecture(architecture):
    with pytest.raises(ValueError, match=r"must be of type Architecture, got .*space\.sample"):
        Candidate(architecture)


@pytest.mark.parametrize("epochs", [0, -3, math.inf, math.nan, "5", [5]])
def test_a_candidate_trains_for_more_than_no_epoch(epochs):
    expected = rf"epochs must be a finite number above 0, got {re.escape(repr(epochs))}\. Leave it"
    with pytest.raises(ValueError, match=expected):
        Candidate(Architecture(("a",)), epochs=epochs)


@pytest.mark.parametrize("parents", [3, "12", None])
def test_parents_are_several(parents):
    with pytest.raises(
        ValueError, match=r"parents must be of type tuple \| list, got .* in a tuple\."
    ):
        Candidate(Architecture(("a",)), parents=parents)


@pytest.mark.parametrize("parents", [("1",), (-1,), (0.0,), (True,)])
def test_parents_are_numbers_of_trials(parents):
    with pytest.raises(
        ValueError, match=r"parents must be a whole .* least 0, got .*Count trials f"
    ):
        Candidate(Architecture(("a",)), parents=parents)


@pytest.mark.parametrize("number", [-1, 1.5, "3", None])
def test_what_is_resumed_is_the_number_of_a_trial(number):
    expected = (
        r"the number of the resumed trial must be a whole .* at least 0, got .*trial\.resumed"
    )
    with pytest.raises(ValueError, match=expected):
        Resumed(number, 1)


@pytest.mark.parametrize("epochs", [0, -1, math.nan, math.inf, "1", None])
def test_what_is_resumed_has_stopped_after_some_epochs(epochs):
    expected = r"the epochs of the resumed trial must be a finite number above 0, .*trial\.resumed"
    with pytest.raises(ValueError, match=expected):
        Resumed(4, epochs)


def test_a_numpy_number_can_be_resumed():
    candidate = Candidate(Architecture(("a",)), 3, resumes=Resumed(np.int64(7), 1))
    assert candidate == Candidate(Architecture(("a",)), 3, resumes=Resumed(7, 1))
    json.dumps(ask_record(8, candidate, 0))


@pytest.mark.parametrize("epochs", [3, 5])
def test_what_goes_on_begins_before_its_end(epochs):
    expected = rf"epochs of the resumed trial must be a finite number below 3, got {epochs}\. Let"
    with pytest.raises(ValueError, match=expected):
        Candidate(Architecture(("a",)), 3, resumes=Resumed(4, epochs))


@pytest.mark.parametrize("resumed", [4, (4, 1)])
def test_what_is_resumed_says_where_it_stopped(resumed):
    with pytest.raises(ValueError, match=r"resumes must be of type .*Resumed.* got .*resumed\(ep"):
        Candidate(Architecture(("a",)), 3, resumes=resumed)


def test_without_epochs_of_its_own_a_candidate_goes_on_to_the_evaluators():
    assert Candidate(Architecture(("a",)), resumes=Resumed(4, 5)).resumes.epochs == 5


def test_a_trial_is_resumed_where_it_stopped():
    stopped = trial(4, 0.5, epochs=1.5)
    assert stopped.resumed(3) == Candidate(
        stopped.candidate.architecture, 3, resumes=Resumed(4, 1.5)
    )


def test_a_trial_that_does_not_say_its_epochs_is_not_resumed():
    with pytest.raises(
        ValueError, match=r"epochs of the resumed trial must be .* above 0, got 0\."
    ):
        trial(4, 0.5).resumed(3)


def test_a_trial_that_was_trained_as_far_is_not_resumed():
    with pytest.raises(ValueError, match=r"resumed trial must be a finite number below 3, got 3\."):
        trial(4, 0.5, epochs=3).resumed(3)


class Mute(Exception):
    """An error that raises as soon as it is printed."""

    def __str__(self):
        raise RuntimeError("not to be printed")


def test_what_an_error_says_is_the_error_of_a_failed_result():
    failed = Result.of_error(MemoryError("too\nlarge"), 2.0)
    assert failed == Result({}, 2.0, error="MemoryError: too large")
    assert "Mute" in Result.of_error(Mute(), 0.0).error
    assert Result.of_error(KeyError(), 0.0).error == "KeyError"


def test_a_long_error_is_cut():
    failed = Result.of_error(MemoryError("first" + 10**6 * "x"), 2.0)
    assert failed.error.startswith("MemoryError: firstxxx") and len(failed.error) < 1000
    assert Result({}, 1.0, error=3000 * "x").error == 2000 * "x"
    assert pickle.loads(pickle.dumps(failed)) == failed


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
    expected = r"metric 'loss' must be a finite number, got .*Result\(\{\}, seconds, err"
    with pytest.raises(ValueError, match=expected):
        Result({"val_accuracy": 0.5, "loss": value}, 1.0)
    with pytest.raises(ValueError, match=r"seconds must be a finite number at least 0, got "):
        Result({}, value)


@pytest.mark.parametrize("metrics", [None, [("a", 1)], 3])
def test_metrics_are_a_mapping(metrics):
    with pytest.raises(ValueError, match="metrics must be of type Mapping, got"):
        Result(metrics, 1.0)


@pytest.mark.parametrize("number", [-1, 0.5, "1", [2]])
def test_what_was_copied_is_the_number_of_a_trial(number):
    with pytest.raises(ValueError, match="copied_from must be a whole number at least 0, got"):
        Result({}, 1.0, copied_from=number)


@pytest.mark.parametrize("name", [*IDENTITY, "error", "seconds", 3, None])
def test_a_metric_is_not_called_as_what_a_trial_has_anyway(name):
    expected = rf"must be a text, and none that a trial has itself, got {name!r}\. Give it another"
    with pytest.raises(ValueError, match=expected):
        Result({"val_accuracy": 0.5, name: 1}, 1.0)


@pytest.mark.parametrize("error", [3, OSError("gone"), b"gone"])
def test_an_error_is_a_text(error):
    with pytest.raises(ValueError, match=r"error must be of type str, got .*error=str\(error\)"):
        Result({}, 1.0, error=error)


def test_negative_seconds_are_refused():
    expected = r"seconds must be a finite number at least 0, got -1\.0\. Check the clock"
    with pytest.raises(ValueError, match=expected):
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
    expected = rf"limit on parameters must be a finite number above 0, got {limit!r}\. No network"
    with pytest.raises(ValueError, match=expected):
        Constraint("parameters", limit)


@pytest.mark.parametrize("make", [Objective, lambda name: Constraint(name, 1)])
def test_a_measured_value_has_a_text_as_name(make):
    with pytest.raises(
        ValueError, match=r"name must be of type str, got None\. Name a measured value"
    ):
        make(None)


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
