"""The checks of chapter 22: solutions pass, plausible mistakes do not, stubs are not attempted."""

import functools
import math
import re
from collections.abc import Mapping

import numpy as np
import pytest
from scipy.stats import norm, t

from nas_tutorial.course.exercises import check
from nas_tutorial.course.exercises.chapter22 import CHALLENGERS, _slow_hand_over, run
from nas_tutorial.statistics.repeats import compare, final_values
from nas_tutorial.strategies import STRATEGIES
from nas_tutorial.tables.table import Table, TableEvaluator
from nas_tutorial.trials import Constraint, Objective
from tests.course.exercises.promises import promises
from tests.course.exercises.solutions import SOURCES, solution

ANSWERS = {"22.1": "guess", "22.2": "hand_over", "22.3": "mended", "22.4": "study"}


# 22.2: which network is handed over


def fits(trials, limit):
    return [one for one in trials if one["error"] is None and one["parameters"] <= limit]


def highest(trials, key):
    return max(trials, key=key)["architecture"] if trials else None


def by_validation(trial):
    return trial["val_accuracy"]


def chooses_by_test(trials, limit):
    return highest(fits(trials, limit), lambda trial: trial["test_accuracy"])


def breaks_ties_by_test(trials, limit):
    return highest(fits(trials, limit), lambda one: (one["val_accuracy"], one["test_accuracy"]))


def breaks_ties_by_test_quietly(trials, limit):
    """Where the lock on single values is not noticed, the result gives it away."""
    copies = [dict(trial.items()) for trial in trials]
    return breaks_ties_by_test(copies, limit)


def believes_that_the_limit_is_for_others(trials, limit):
    return highest([one for one in trials if one["error"] is None], by_validation)


def takes_the_limit_itself_for_over(trials, limit):
    return highest([one for one in fits(trials, limit) if one["parameters"] < limit], by_validation)


def lets_a_failed_trial_win(trials, limit):
    return highest([one for one in trials if one["parameters"] <= limit], by_validation)


def takes_the_last_of_equals(trials, limit):
    return highest(fits(trials, limit)[::-1], by_validation)


def breaks_ties_by_size(trials, limit):
    return highest(fits(trials, limit), lambda one: (one["val_accuracy"], -one["parameters"]))


def takes_the_smallest_where_none_fits(trials, limit):
    kept = fits(trials, limit) or sorted(trials, key=lambda one: one["parameters"])[:1]
    return highest(kept, by_validation)


def takes_the_best_and_then_looks_at_the_limit(trials, limit):
    good = [one for one in trials if one["error"] is None]
    best = max(good, key=by_validation, default=None)
    return best["architecture"] if best and best["parameters"] <= limit else None


def hands_over_the_last(trials, limit):
    kept = fits(trials, limit)
    return kept[-1]["architecture"] if kept else None


# 22.3: a plan with one fault left

SOUND = {
    "question": "Under 4,500 parameters, does local search find better networks?",
    "limit": 4_500,
    "limit_for": ["random_search", "local_search"],
    "trials": {"random_search": 100, "local_search": 100},
    "seeds": list(range(20)),
    "baselines": ["random pick", "random search"],
    "chosen_by": "val_accuracy",
    "reported": "test_accuracy",
    "matters": 0.5,
}
FAULTS = [
    {"limit_for": ["local_search"]},
    {"trials": {"random_search": 100, "local_search": 200}},
    {"trials": {"random_search": 10, "local_search": 10}},  # hardly a search
    {"seeds": [0, 1, 2]},
    {"seeds": [7] * 10},
    {"seeds": 20},
    {"baselines": ["random search"]},
    {"baselines": ["random pick"]},
    {"chosen_by": "test_accuracy"},
    {"reported": "val_accuracy"},  # the belief of chapter 05
    {"matters": None},
    {"matters": 0},
    {"limit": 9_000},  # another question
    {"question": ""},
    {"baselines": ["random pick", "residual block"]},
    {"trials": {"random_search": 100, "genetic": 100}, "limit_for": ["random_search", "genetic"]},
    {"trials": {"local_search": 100}},
    {"trials": {"random_search": 100, "hyperband": 100}},
]


# 22.4: a study, computed here in another way than the check does

SMALL = SOUND | {
    "limit": 3_500,
    "limit_for": ["random_search", "genetic"],
    "trials": {"random_search": 30, "genetic": 30},
    "seeds": list(range(10)),
}


@functools.cache
def measured():
    """What the searches of SMALL hand over, in percent: (worth, shown), a column a strategy."""
    table = Table.load_course()
    worth = 100 * table.column("test_accuracy").mean(axis=1)
    rule = [Constraint("parameters", SMALL["limit"])]

    def handed_over(history):
        values = []
        for n in range(1, len(history) + 1):
            try:
                best = history[:n].best(Objective(), rule)
                values.append(worth[table.row(best.candidate.architecture)])
            except ValueError:  # none keeps the limit yet
                values.append(0.0)
        return values

    def fresh(name):
        return lambda seed: STRATEGIES.load(name)(table.space, constraints=rule, seed=seed)

    runs = compare(
        {name: fresh(name) for name in SMALL["trials"]},
        TableEvaluator(table),
        trials=30,
        seeds=SMALL["seeds"],
        curves={"worth": handed_over},
    )
    first = final_values(runs[runs["trial"] == 1], "worth")["random_search"]
    ends = final_values(runs, "worth").assign(**{"random pick": first})
    shown = 100 * final_values(runs, "incumbent").assign(
        **{"random pick": final_values(runs[runs["trial"] == 1])["random_search"]}
    ).fillna(0)
    return ends, shown


def interval(quantile=None, scale="se"):
    ends, _ = measured()
    differences = ends["genetic"] - ends["random_search"]
    n = len(differences)
    spread = differences.std(ddof=1) / (1 if scale == "sd" else math.sqrt(n))
    half = (t.ppf(0.975, n - 1) if quantile is None else quantile) * spread
    return differences.mean() - half, differences.mean() + half


def verdict(low, high):
    if low > SMALL["matters"]:
        return "better"
    if high < -SMALL["matters"]:
        return "worse"
    return "alike" if -SMALL["matters"] < low and high < SMALL["matters"] else "unclear"


def right_study():
    means = measured()[0].mean().to_dict()
    return SMALL | {"means": means, "interval": interval(), "verdict": verdict(*interval())}


class Study(Mapping):
    """A study that is computed when the check looks at it, not when the tests are collected."""

    def __init__(self, change):
        self._change = change

    @functools.cached_property
    def _made(self):
        made = right_study()
        return made | self._change(made)

    def __getitem__(self, key):
        return self._made[key]

    def __iter__(self):
        return iter(self._made)

    def __len__(self):
        return len(self._made)


def reports_what_the_winners_showed(made):
    return {"means": measured()[1].mean().to_dict()}


def reports_shares(made):
    return {"means": {name: mean / 100 for name, mean in made["means"].items()}}


def reports_medians(made):
    return {"means": measured()[0].median().to_dict()}


def reports_its_best_seed(made):
    return {"means": made["means"] | {"genetic": measured()[0]["genetic"].max()}}


def forgets_the_random_pick(made):
    return {"means": {name: mean for name, mean in made["means"].items() if name != "random pick"}}


def takes_sd_for_se(made):
    return {"interval": interval(scale="sd")}


def takes_the_normal_quantile(made):
    return {"interval": interval(norm.ppf(0.975))}


def takes_one_se(made):
    return {"interval": interval(1)}


def turns_the_sign_round(made):
    low, high = made["interval"]
    return {"interval": (-high, -low)}


def calls_what_it_hoped_for(made):
    return {"verdict": "worse" if made["verdict"] == "better" else "better"}


def leaves_seeds_out(made):
    """The results are those of ten seeds; the plan says others."""
    return {"seeds": list(range(100, 110))}


def asks_the_chapters_question(made):
    return {"limit": 6_000}


def lets_the_baseline_go_without(made):
    return {"limit_for": ["genetic"]}


def chooses_by_test_accuracy(made):
    return {"chosen_by": "test_accuracy"}


def asks_for_too_much(made):
    return {"trials": {"random_search": 5_000, "genetic": 5_000}}


MISTAKES = [
    ("22.1", (16, 10_410)),  # the SD of the mean for that of one seed
    ("22.1", (64, 25_610)),  # no pilot
    ("22.1", (64, 29_600)),  # no end
    ("22.1", (64, 25_600)),
    ("22.1", (64, 6_410)),  # the winner alone
    ("22.1", (64, 29_684)),  # the random picks once more
    ("22.1", (64, 1)),
    ("22.1", 64),
    ("22.1", (0, 0)),
    ("22.2", chooses_by_test),
    ("22.2", breaks_ties_by_test),
    ("22.2", breaks_ties_by_test_quietly),
    ("22.2", believes_that_the_limit_is_for_others),
    ("22.2", takes_the_limit_itself_for_over),
    ("22.2", lets_a_failed_trial_win),
    ("22.2", takes_the_last_of_equals),
    ("22.2", breaks_ties_by_size),
    ("22.2", takes_the_smallest_where_none_fits),
    ("22.2", takes_the_best_and_then_looks_at_the_limit),
    ("22.2", hands_over_the_last),
    *(("22.3", SOUND | fault) for fault in FAULTS),
    ("22.3", {key: value for key, value in SOUND.items() if key != "matters"}),
    ("22.3", {key: value for key, value in SOUND.items() if key != "question"}),
    ("22.3", "a plan"),
    *(
        ("22.4", Study(change))
        for change in (
            reports_what_the_winners_showed,
            reports_shares,
            reports_medians,
            reports_its_best_seed,
            forgets_the_random_pick,
            takes_sd_for_se,
            takes_the_normal_quantile,
            takes_one_se,
            turns_the_sign_round,
            calls_what_it_hoped_for,
            leaves_seeds_out,
            asks_the_chapters_question,
            lets_the_baseline_go_without,
            chooses_by_test_accuracy,
            asks_for_too_much,
        )
    ),
    ("22.4", SMALL),  # a plan without a result
]


test_solution_is_right, test_plausible_mistake_is_wrong, test_stub_is_not_attempted = promises(
    "22", ANSWERS, MISTAKES
)


def test_a_study_that_was_computed_in_another_way_is_right(capsys):
    check("22.4", right_study())
    assert capsys.readouterr().out == "22.4: right\n"


def test_numbers_that_were_rounded_to_two_digits_are_right(capsys):
    made = right_study()
    means = {name: round(mean, 2) for name, mean in made["means"].items()}
    check("22.4", made | {"means": means, "interval": [round(end, 2) for end in made["interval"]]})
    assert capsys.readouterr().out == "22.4: right\n"


def test_a_baseline_drawn_by_hand_may_stand_beside_the_two(capsys):
    check("22.3", SOUND | {"baselines": ["random pick", "random search", "residual block"]})
    assert capsys.readouterr().out == "22.3: right\n"


def test_a_sound_plan_is_right(capsys):
    check("22.3", SOUND | {"seeds": range(30, 60), "baselines": ("random_search", "random pick")})
    assert capsys.readouterr().out == "22.3: right\n"


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        (reports_what_the_winners_showed, "showed in validation"),
        (reports_shares, "percent are asked for"),
        (takes_sd_for_se, "the SE = SD"),
        (takes_the_normal_quantile, "it is t's"),
        (turns_the_sign_round, "sign is turned round"),
    ],
)
def test_a_known_mistake_is_named(change, hint, capsys):
    check("22.4", Study(change))
    assert hint in capsys.readouterr().out


@pytest.mark.parametrize("name", CHALLENGERS)
def test_every_strategy_that_is_allowed_keeps_a_budget_and_a_limit(name):
    plan = SMALL | {"trials": {"random_search": 20, name: 20}, "seeds": [0, 1]}
    values = run(plan, name)
    assert len(values["worth"]) == 2
    assert all(value == 0 or value > 10 for value in values["worth"])


def test_where_nothing_keeps_the_limit_nothing_is_worth_anything():
    plan = SMALL | {"limit": 1, "seeds": [0, 1]}
    values = run(plan, "random_search")
    assert list(values["worth"]) == list(values["shown"]) == [0, 0]
    assert (values["unlimited"] > 0).all()


def test_the_reference_of_22_2_is_the_library_s_history():
    rows = [("A", 0.9, 0.5, 10, None), ("B", 0.9, 0.6, 10, None), ("C", 0.95, 0.1, 11, None)]
    assert _slow_hand_over(rows, 10) == "A"
    assert _slow_hand_over(rows, 11) == "C"
    assert _slow_hand_over(rows, 9) is None


def test_a_mended_plan_of_the_chapter_is_the_faulty_one_with_its_faults_gone():
    mended = solution("22", "ex-22-3")["mended"]
    assert (mended["limit"], set(mended["trials"])) == (4_500, {"random_search", "local_search"})


def test_the_marking_scheme_adds_up_to_a_hundred():
    (source,) = SOURCES.glob("22_*.py")
    text = source.read_text(encoding="utf-8")
    scheme = text.split("# ## The marking scheme")[1].split("# ##")[0]
    rows = re.findall(r"^# \| (\d+)\. .*?\| (\d+) \|(.*)$", scheme, re.MULTILINE)
    assert [int(number) for number, *_ in rows] == list(range(1, len(rows) + 1))
    assert sum(int(points) for _, points, _ in rows) == 100
    assert all(rest.count("|") == 4 for *_, rest in rows)  # full, half, none, where it is taught
    assert np.all([int(points) % 2 == 0 for _, points, _ in rows])  # half of it is a whole number
