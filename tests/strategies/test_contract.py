"""What holds for every registered strategy on every space, and what some promise beyond that."""

import inspect
import json
import pickle

import numpy as np
import pytest

from nas_tutorial.history import History
from nas_tutorial.loop.search import search
from nas_tutorial.spaces import SPACES
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.strategies import STRATEGIES
from nas_tutorial.strategies.base import Strategy
from nas_tutorial.strategies.random_search import RandomSearch
from nas_tutorial.trials import Constraint, Objective
from tests.toys import constant, drive, evaluated, fragile, hopeless, noisy, quick

TRIALS = 60
FEWER = {"bayesian": 20, "bananas": 20}  # they fit predictors, which takes long after many results

# What a strategy promises beyond what all do. When you register one, add its line.
#   learns  results steer it: it turns to what is better, and to what keeps the constraints
#   breeds  once `num_founders` results are in, every candidate has parents
#   ends    it proposes each architecture once and is finished then; the others never end
#   rungs   every candidate says its epochs, one of `epochs`; the best are resumed for more
PROMISES = {
    "random_search": set(),
    "exhaustive": {"ends"},
    "local_search": {"learns"},
    "simulated_annealing": {"learns", "breeds"},
    "tabu": {"learns", "breeds"},
    "genetic": {"learns", "breeds"},
    "regularized_evolution": {"learns", "breeds"},
    "nsga2": {"learns", "breeds"},
    "reinforce": {"learns"},
    "bayesian": {"learns"},
    "bananas": {"learns"},
    "successive_halving": {"rungs"},
    "hyperband": {"rungs"},
    "asha": {"rungs"},
}

# Another value for each setting to which one cannot be added.
OTHERWISE = {
    "order": "own",
    "improvement": "best",
    "cooling": 0.5,
    "momentum": 0.5,
    "epochs": (1, 2, 4),
    "objectives": (Objective(), Objective("flops", "min")),  # the first as it was
}


def length(strategy_class: type[Strategy], usual: int = TRIALS) -> int:
    """How many trials to drive a strategy for."""
    return FEWER.get(strategy_class.name, usual)


def who(promise: str) -> list[str]:
    return [name for name in STRATEGIES if promise in PROMISES.get(name, ())]


@pytest.fixture(params=list(STRATEGIES))
def name(request) -> str:
    return request.param


@pytest.fixture
def strategy_class(name) -> type[Strategy]:
    return STRATEGIES.load(name)


@pytest.fixture
def count(strategy_class) -> int:
    return length(strategy_class)


@pytest.fixture(params=who("breeds"))
def breeding_class(request) -> type[Strategy]:
    return STRATEGIES.load(request.param)


@pytest.fixture(params=who("learns"))
def learning_class(request) -> type[Strategy]:
    return STRATEGIES.load(request.param)


@pytest.fixture(params=who("rungs"))
def rung_class(request) -> type[Strategy]:
    return STRATEGIES.load(request.param)


@pytest.fixture(params=list(SPACES))
def space(request):
    return SPACES.load(request.param)()


class Watched:
    """A strategy that is checked at each ask: what it builds on was told and has succeeded."""

    def __init__(self, strategy: Strategy):
        self.strategy, self.seed = strategy, strategy.seed
        self.usable = {}  # number -> trial

    def ask(self):
        candidate = self.strategy.ask()
        if candidate is not None:
            assert set(candidate.parents) <= set(self.usable)
        if candidate is not None and candidate.resumes is not None:
            assert candidate == self.usable[candidate.resumes.number].resumed(candidate.epochs)
        return candidate

    def tell(self, trial):
        self.strategy.tell(trial)
        if not trial.failed:
            self.usable[trial.number] = trial


def candidates(trials) -> list:
    return [trial.candidate for trial in sorted(trials, key=lambda trial: trial.number)]


def own_settings(strategy_class) -> dict:
    """The keyword arguments that a strategy adds to those of every strategy, with defaults."""
    parameters = inspect.signature(strategy_class.__init__).parameters.values()
    shared = inspect.signature(Strategy.__init__).parameters
    return {
        p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY and p.name not in shared
    }


def aiming_at(strategy_class, objective: Objective = Objective()) -> dict:
    """The setting that makes this the objective, and the only one."""
    many = "objectives" in own_settings(strategy_class)
    return {"objectives": (objective,)} if many else {"objective": objective}


def test_it_is_called_as_it_is_registered(name, strategy_class):
    assert issubclass(strategy_class, Strategy)
    assert strategy_class.name == name


def test_it_says_what_it_promises(name):
    assert name in PROMISES, f"add a line for {name} to PROMISES"


def test_equal_seeds_give_equal_candidates(strategy_class, space, count):
    first = drive(strategy_class(space, seed=3), fragile, count)
    second = drive(strategy_class(space, seed=3), fragile, count)
    assert first == second


def test_other_seeds_give_other_candidates(strategy_class, space, count):
    first = drive(strategy_class(space, seed=3), quick, count)
    second = drive(strategy_class(space, seed=4), quick, count)
    assert candidates(first) != candidates(second)


def test_global_random_state_has_no_part_in_it(strategy_class, space, count):
    np.random.seed(1)  # noqa: NPY002
    state = np.random.get_state()[1].tolist()  # noqa: NPY002
    first = drive(strategy_class(space), noisy, count)
    assert np.random.get_state()[1].tolist() == state  # noqa: NPY002
    np.random.seed(2)  # noqa: NPY002
    assert drive(strategy_class(space), noisy, count) == first


@pytest.mark.parametrize("evaluator", [noisy, fragile, constant])
def test_every_candidate_is_in_the_space(strategy_class, space, evaluator, count):
    trials = drive(strategy_class(space), evaluator, count)
    assert all(trial.candidate.architecture in space for trial in trials)


@pytest.mark.parametrize("in_flight", [1, 2, 7, 40])
@pytest.mark.parametrize("order", [0, 1])
def test_tells_come_in_any_order_with_many_in_flight(
    strategy_class, space, in_flight, order, count
):
    strategy = strategy_class(space)
    trials = drive(strategy, fragile, count, in_flight=in_flight, order=order)
    assert sorted(trial.number for trial in trials) == list(range(count))
    assert all(trial.candidate.architecture in space for trial in trials)


@pytest.mark.parametrize("in_flight", [1, 9])
def test_it_builds_on_told_trials_that_succeeded(strategy_class, space, in_flight):
    watched = Watched(strategy_class(space))
    trials = drive(watched, fragile, length(strategy_class, 150), in_flight=in_flight)
    assert len(trials) - len(watched.usable) > len(trials) / 15  # or nothing was tested


@pytest.mark.parametrize("in_flight", [1, 5])
def test_a_search_in_which_everything_fails_goes_on_and_breeds_nothing(
    strategy_class, space, in_flight, count
):
    trials = drive(Watched(strategy_class(space)), hopeless, count, in_flight=in_flight)
    assert len({trial.candidate.architecture for trial in trials}) > 1


def test_it_breeds_when_the_failures_end(breeding_class, space):
    strategy = breeding_class(space)
    drive(strategy, hopeless, 30)
    trials = drive(strategy, noisy, TRIALS, first=30)
    drawn = [not trial.candidate.parents for trial in trials]
    assert drawn == [True] * strategy.num_founders + [False] * (TRIALS - strategy.num_founders)


@pytest.mark.parametrize("cut", [0, 5, 31])
def test_it_pickles_in_the_middle_and_goes_on_the_same(strategy_class, space, cut, count):
    strategy = strategy_class(space, seed=5, constraints=[Constraint("parameters", 350)])
    drive(strategy, fragile, cut)
    asked = [strategy.ask() for _ in range(3)]  # in flight while it is pickled
    waiting = [candidate for candidate in asked if candidate is not None]
    twin = pickle.loads(pickle.dumps(strategy))
    for one in (strategy, twin):
        for number, candidate in enumerate(waiting, start=1000):
            one.tell(evaluated(number, candidate, noisy))
    goes_on, also = (drive(one, fragile, count, first=2000) for one in (strategy, twin))
    assert goes_on == also


def test_a_description_is_plain_json_and_names_the_strategy(name, strategy_class, space):
    strategy = strategy_class(space, constraints=[Constraint("parameters", 350)])
    description = strategy.describe()
    assert json.loads(json.dumps(description)) == description
    assert description["strategy"] == name
    assert {"seed", "objective", "constraints", *own_settings(strategy_class)} <= set(description)


def test_every_setting_changes_the_description(strategy_class, space):
    usual = strategy_class(space).describe()
    others = {
        "seed": 7,
        "objective": Objective("seconds", "min"),
        "constraints": [Constraint("parameters", 350)],
    }
    others |= {
        setting: OTHERWISE[setting] if setting in OTHERWISE else default + 1
        for setting, default in own_settings(strategy_class).items()
    }
    if "objectives" in others:
        del others["objective"]  # the first of the objectives is no setting of its own
    for setting, value in others.items():
        changed = strategy_class(space, **{setting: value}).describe()
        assert changed[setting] != usual[setting]
        assert {key: changed[key] for key in usual if key != setting} == {
            key: usual[key] for key in usual if key != setting
        }


def test_numbers_of_numpy_become_pythons_own(strategy_class, space):
    """They would be refused only when the store is written, after the first training run."""

    def in_numpy(value, whole, real):
        if isinstance(value, tuple):
            return tuple(in_numpy(each, whole, real) for each in value)
        return (
            whole(value) if type(value) is int else real(value) if type(value) is float else value
        )

    plain = {"seed": 3, **own_settings(strategy_class)}
    expected = strategy_class(space, constraints=[Constraint("flops", 7)], **plain).describe()
    for whole, real, limit in (
        (np.int64, np.float64, np.uint32),
        (np.uint16, np.float32, np.float32),
    ):
        settings = {name: in_numpy(value, whole, real) for name, value in plain.items()}
        strategy = strategy_class(space, constraints=[Constraint("flops", limit(7))], **settings)
        found = json.loads(json.dumps(strategy.describe()))
        assert found == expected or (real is np.float32 and found.keys() == expected.keys())


@pytest.mark.parametrize("wrong", [None, "chain", ChainSpace, Objective()])
def test_a_space_that_is_none_is_refused_by_name(strategy_class, wrong):
    must = (
        rf"the space of {strategy_class.__name__} must be of type SearchSpace, got .*ChainSpace\(\)"
    )
    with pytest.raises(ValueError, match=must):
        strategy_class(wrong)


@pytest.mark.parametrize(
    ("setting", "wrong", "kind"),
    [
        ("objective", "val_accuracy", "Objective"),
        ("constraints", [("parameters", 3)], "Constraint"),
        ("constraints", 3, "Constraint"),
    ],
)
def test_objectives_and_constraints_of_another_kind_are_refused(setting, wrong, kind):
    with pytest.raises(ValueError, match=rf"must be of type {kind}, got .*Write \[?{kind}\("):
        RandomSearch(ChainSpace(), **{setting: wrong})


def test_an_unknown_setting_is_refused_with_the_nearest(strategy_class, space):
    with pytest.raises(TypeError, match="populaton_size"):
        strategy_class(space, populaton_size=4)
    name = strategy_class.__name__
    with pytest.raises(TypeError, match=rf"a setting of {name} must .* Did you mean 'seed'\?"):
        strategy_class(space, sead=4)


def test_a_bad_name_for_a_strategy_is_answered_by_the_nearest(name):
    with pytest.raises(ValueError, match=f"Did you mean '{name}'"):
        STRATEGIES.load(name[:-1])


def test_what_keeps_the_constraints_comes_first(strategy_class, space, count):
    limit = Constraint("parameters", 250)  # at most one convolution
    strategy = strategy_class(space, constraints=[limit])
    trials = drive(strategy, noisy, count)
    inside = [trial for trial in trials if trial.value("parameters") <= 250]
    outside = [trial for trial in trials if trial.value("parameters") > 250]
    assert inside and outside
    best_outside = min(strategy.ranking_key(trial) for trial in outside)
    assert max(strategy.ranking_key(trial) for trial in inside) < best_outside
    assert History(trials).best(strategy.objective, strategy.constraints) in inside


def test_learning_turns_to_what_keeps_the_constraints(learning_class, space):
    limit = Constraint("parameters", 250)

    def share_inside(**settings) -> float:
        strategy = learning_class(space, seed=2, **aiming_at(learning_class), **settings)
        number = length(learning_class, 120)
        later = drive(strategy, quick, number)[number // 2 :]
        return sum(trial.value("parameters") <= limit.limit for trial in later) / len(later)

    # Convolutions pay, so an unconstrained search leaves the allowed region; a limit holds it.
    assert share_inside(constraints=[limit]) > 2 * share_inside() + 0.1


def test_a_constraint_of_an_unknown_name_is_refused(strategy_class, space, count):
    # Published mistake: a misspelt limit was ignored, and random search ran unconstrained.
    strategy = strategy_class(space, constraints=[Constraint("paramters", 350)])
    with pytest.raises(ValueError, match="Did you mean 'parameters'"):
        search(strategy, quick, trials=count, progress=False)


def test_minimising_is_maximising_the_negative(strategy_class, space, count):
    def negated(candidate, *, seed):
        result = noisy(candidate, seed=seed)
        return type(result)({"negative": -result.metrics["val_accuracy"]}, result.seconds)

    upwards = aiming_at(strategy_class, Objective("val_accuracy", "max"))
    downwards = aiming_at(strategy_class, Objective("negative", "min"))
    up = drive(strategy_class(space, **upwards), noisy, count)
    down = drive(strategy_class(space, **downwards), negated, count)
    assert candidates(up) == candidates(down)


def test_seconds_can_be_the_objective(strategy_class, space, count):
    strategy = strategy_class(space, **aiming_at(strategy_class, Objective("seconds", "min")))
    history = search(strategy, quick, trials=count, progress=False)
    seconds = [trial.result.seconds for trial in history]
    best = history.best(strategy.objective)
    rivals = [t.result.seconds for t in history if t.candidate.epochs == best.candidate.epochs]
    assert best.result.seconds == min(rivals) < max(seconds)
    assert sorted(history, key=strategy.ranking_key)[0] == history.best(strategy.objective)


def drawn(space, seed: int) -> list:
    """What drawing at random gives: a learner has to do better."""
    return drive(RandomSearch(space, seed=seed), quick, 200)


def test_learning_turns_to_what_takes_few_seconds(learning_class, space):
    strategy = learning_class(space, **aiming_at(learning_class, Objective("seconds", "min")))
    late = [
        trial.result.seconds for trial in drive(strategy, quick, length(learning_class, 80))[-20:]
    ]
    assert np.mean(late) < np.mean([trial.result.seconds for trial in drawn(space, 0)])


def test_learning_beats_drawing_where_the_accuracy_is_a_count(learning_class, space):
    for seed in range(5):
        strategy = learning_class(space, seed=seed, **aiming_at(learning_class))
        trials = drive(strategy, quick, length(learning_class, 80))
        late = [trial.value("val_accuracy") for trial in trials[-20:]]
        assert np.mean(late) > np.mean([t.value("val_accuracy") for t in drawn(space, seed)])


@pytest.mark.parametrize("depth", [1, 2])  # 4 and 16 architectures
@pytest.mark.parametrize("evaluator", [noisy, fragile, constant])
def test_a_space_that_is_seen_whole_ends_nothing_but_what_promises_to_end(
    name, strategy_class, depth, evaluator, count
):
    space = ChainSpace(depth=depth)
    history = search(strategy_class(space), evaluator, trials=count, progress=False)
    if name in who("ends"):
        assert sorted(t.candidate.architecture.values for t in history) == sorted(
            architecture.values for architecture in space
        )
    else:
        assert len(history) == count


@pytest.mark.parametrize("in_flight", [1, 3])
@pytest.mark.parametrize("name", who("ends"))
def test_what_is_finished_stays_finished(name, strategy_class, in_flight):
    strategy = strategy_class(ChainSpace(depth=2))
    drive(strategy, fragile, 16, in_flight=in_flight)
    assert [strategy.ask() for _ in range(3)] == [None] * 3


def test_only_rungs_say_epochs(name, strategy_class, space, count):
    strategy = strategy_class(space)
    epochs = {trial.candidate.epochs for trial in drive(strategy, noisy, count)}
    if name in who("rungs"):
        assert len(epochs) > 1
        assert epochs <= set(strategy.epochs)
    else:
        assert epochs == {None}  # so nothing is resumed


@pytest.mark.parametrize("in_flight", [1, 9])
def test_what_did_well_goes_on_and_the_rest_does_not(rung_class, space, in_flight):
    trials = drive(rung_class(space), quick, 100, in_flight=in_flight)
    went_on = {t.candidate.resumes.number for t in trials if t.candidate.resumes}
    accuracies = {True: [], False: []}
    for trial in trials:
        accuracies[trial.number in went_on].append(trial.value("val_accuracy"))
    assert 0 < len(accuracies[True]) < len(accuracies[False])
    assert np.mean(accuracies[True]) > np.mean(accuracies[False])


def test_what_goes_on_to_the_end_is_better_than_the_rest(rung_class, space):
    strategy = rung_class(space)
    trials = drive(strategy, quick, 100)
    went_on = [t for t in trials if t.candidate.resumes is not None]
    longest = [t for t in went_on if t.candidate.epochs == max(strategy.epochs)]
    assert 0 < len(longest) < len(trials) / 2
    assert np.mean([t.value("val_accuracy") for t in longest]) > np.mean(
        [t.value("val_accuracy") for t in trials]
    )


def test_through_search_it_finds_what_the_bare_loop_finds(strategy_class, space, count):
    history = search(strategy_class(space, seed=1), fragile, trials=count, progress=False)
    assert list(history) == drive(strategy_class(space, seed=1), fragile, count)
