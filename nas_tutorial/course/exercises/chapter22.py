"""Checks of chapter 22, the capstone: a bill, a decision, a plan, and a study that is run again."""

import functools
import math
from collections.abc import Mapping
from numbers import Real

import numpy as np
from scipy.stats import norm, t

from nas_tutorial.course.exercises.verdicts import require
from nas_tutorial.loop.search import search
from nas_tutorial.strategies import STRATEGIES
from nas_tutorial.tables.table import Table, TableEvaluator
from nas_tutorial.trials import Constraint, Trial

BASELINE = "random_search"
PICK = "random pick"
CHALLENGERS = (
    "genetic",
    "local_search",
    "regularized_evolution",
    "reinforce",
    "simulated_annealing",
    "tabu",
)
PLAN = (
    "question",
    "limit",
    "limit_for",
    "trials",
    "seeds",
    "baselines",
    "chosen_by",
    "reported",
    "matters",
)
RESULT = ("means", "interval", "verdict")
FEWEST_SEEDS = 10
FEWEST_TRIALS = 20  # a population of 8 has hardly bred before
MOST_TRAININGS = 40_000  # that the check of a study looks up: some ten seconds

# 22.1: a pilot, the study that it is for, and what comes after
SD, REACH, STRATEGIES_RUN, TRIALS, PILOT_SEEDS, FINAL_TRAININGS = 2.0, 0.5, 4, 100, 10, 10


def check_bill(guess) -> None:
    """22.1: (seeds, trainings)."""
    require(
        isinstance(guess, (tuple, list)) and len(guess) == 2 and all(map(_is_whole, guess)),
        f"guess must be two whole numbers, (seeds, trainings), got {guess!r}",
    )
    seeds, trainings = guess
    reach = 2 * SD / math.sqrt(seeds) if seeds > 0 else math.inf
    right = round((2 * SD / REACH) ** 2)
    require(
        seeds == right,
        f"with {seeds} seeds the interval reaches 2 · {SD:g} / √{seeds} = {reach:.2f} points to "
        f"each side; asked for was {REACH:g}",
    )
    searches = STRATEGIES_RUN * TRIALS
    both = searches * (right + PILOT_SEEDS)
    known = {
        "the pilot is forgotten": searches * right + FINAL_TRAININGS,
        "the trainings at the end are forgotten": both,
        "pilot and end are forgotten": searches * right,
        "all the searches that lost are forgotten": TRIALS * right + FINAL_TRAININGS,
        "a random pick is the first trial of random search and costs nothing more": both
        + (right + PILOT_SEEDS)
        + FINAL_TRAININGS,
    }
    meant = [what for what, count in known.items() if count == trainings]
    require(
        trainings == both + FINAL_TRAININGS,
        f"{right} seeds are right, but {trainings:,} trainings are not the bill: "
        + (meant[0] if meant else "add up pilot, study and end, one by one"),
    )


class _Record(dict):
    """A finished trial whose test accuracy is locked."""

    def __getitem__(self, name):
        self._require_unlocked(name)
        return super().__getitem__(name)

    def get(self, name, default=None):
        self._require_unlocked(name)
        return super().get(name, default)

    def _require_unlocked(self, name) -> None:
        require(
            name != "test_accuracy",
            "your function reads test_accuracy. It reports, and must decide nothing, ties included",
        )


def check_hand_over(hand_over) -> None:
    """22.2: hand_over(trials, limit), by validation alone."""
    first = [
        ("A", 0.90, 0.95, 5_000, None),
        ("B", 0.99, 0.99, 4_000, "the loss is not a number"),
        ("C", 0.96, 0.97, 6_001, None),
        ("D", 0.94, 0.91, 6_000, None),
        ("E", 0.94, 0.96, 3_000, None),
        ("F", 0.94, 0.93, 2_000, None),
    ]
    cases = [(first, 6_000), (first[1:3], 6_000), (first[1:2], 6_000), ([], 6_000)]
    rng = np.random.default_rng(222)
    for size in (1, 3, 8, 20, 20, 20):
        rows = [
            (
                f"{number}",
                round(float(rng.uniform(0.85, 0.95)), 2),  # rounded, so that some are equal
                round(float(rng.uniform(0.85, 0.95)), 4),
                int(rng.integers(2_000, 9_000)),
                "out of memory" if rng.random() < 0.2 else None,
            )
            for number in range(size)
        ]
        cases.append((rows, 6_000))
    for rows, limit in cases:
        trials = [_record(*row) for row in rows]
        expected = _slow_hand_over(rows, limit)
        got = hand_over(trials, limit)
        shown = [dict(zip(_FIELDS, row)) for row in rows[:6]]
        require(
            got == expected and type(got) is type(expected),
            f"with limit={limit} and the trials {shown}{' ...' * (len(rows) > 6)}, "
            f"{expected!r} is handed over, got {got!r:.60}",
        )


_FIELDS = ("architecture", "val_accuracy", "test_accuracy", "parameters", "error")


def _record(*row) -> _Record:
    return _Record(zip(_FIELDS, row))


def _slow_hand_over(rows: list[tuple], limit: int) -> str | None:
    """By its meaning: nobody before it is as good, and nobody after it is better."""
    kept = [row for row in rows if row[4] is None and row[3] <= limit]
    for place, (architecture, accuracy, *_) in enumerate(kept):
        before = [other[1] for other in kept[:place]]
        after = [other[1] for other in kept[place + 1 :]]
        if all(value < accuracy for value in before) and all(value <= accuracy for value in after):
            return architecture
    return None


def check_plan(plan) -> None:
    """22.3: a plan whose faults are mended, and whose question is kept."""
    _require_sound(plan)
    require(
        plan["limit"] == 4_500 and set(plan["trials"]) == {BASELINE, "local_search"},
        "the plan is sound, but it answers another question. Keep the limit of 4,500 and the two "
        "strategies",
    )


def check_study(study) -> None:
    """22.4: a plan and its result, which is looked up in the table once more."""
    _require_sound(study)
    _require_keys(study, RESULT)
    require(
        study["limit"] != 6_000,
        "a limit of 6,000 parameters is the chapter's own question. Choose another",
    )
    trainings = len(study["seeds"]) * sum(study["trials"].values())
    require(
        trainings <= MOST_TRAININGS,
        f"the check runs your study again, and {trainings:,} trainings take too long; "
        f"{MOST_TRAININGS:,} are the most here. Use fewer seeds or trials",
    )
    runs = {name: run(study, name) for name in (PICK, *study["trials"])}
    _require_means(study["means"], runs)
    challenger = _challenger(study)
    _require_interval(study["interval"], runs[challenger]["worth"], runs[BASELINE]["worth"])
    low, high = study["interval"]
    verdict = _verdict(low, high, study["matters"])
    require(
        study["verdict"] == verdict,
        f"an interval from {low:+.2f} to {high:+.2f}, where {study['matters']:g} is the least that "
        f"matters, says {verdict!r}, got {study['verdict']!r}",
    )


def run(plan: Mapping, name: str) -> dict[str, np.ndarray]:
    """Run one strategy of a plan on the course's table, once a seed.

    Args:
        plan: With limit, trials and seeds.
        name: Of a strategy in plan["trials"], or "random pick".

    Returns:
        One value a seed, in percent: "worth", the test accuracy of the network handed over, 0 where
        none keeps the limit; "shown", its validation accuracy; "unlimited", the test accuracy of
        the network that would have been handed over without the limit.
    """
    table, worth = _table()
    strategy, trials = (BASELINE, 1) if name == PICK else (name, plan["trials"][name])
    make = STRATEGIES.load(strategy)
    values: dict[str, list[float]] = {"worth": [], "shown": [], "unlimited": []}
    for seed in plan["seeds"]:
        history = search(
            make(table.space, constraints=[Constraint("parameters", plan["limit"])], seed=seed),
            TableEvaluator(table),
            trials=trials,
            progress=False,
        )
        kept = [trial for trial in history if trial.value("parameters") <= plan["limit"]]
        best = max(kept, key=_val_accuracy, default=None)
        any_size = max(history, key=_val_accuracy)
        values["worth"].append(
            0.0 if best is None else worth[table.row(best.candidate.architecture)]
        )
        values["shown"].append(0.0 if best is None else 100 * best.value("val_accuracy"))
        values["unlimited"].append(worth[table.row(any_size.candidate.architecture)])
    return {what: np.array(each) for what, each in values.items()}


def _val_accuracy(trial: Trial) -> float:
    return trial.value("val_accuracy")


@functools.cache
def _table() -> tuple[Table, np.ndarray]:
    table = Table.load_course()
    return table, 100 * table.column("test_accuracy").mean(axis=1)


def _require_sound(plan) -> None:
    """Whether a plan of one challenger against random search can answer its question."""
    _require_keys(plan, PLAN)
    question, trials = plan["question"], plan["trials"]
    require(
        isinstance(question, str) and bool(question.strip()),
        f"question must be a sentence, got {question!r:.40}. Without one nobody can say what the "
        "numbers answer",
    )
    require(
        isinstance(trials, Mapping) and len(trials) == 2 and BASELINE in trials,
        "trials must give a budget to random_search and to one other strategy, such as "
        f'{{"random_search": 100, "genetic": 100}}, got {trials!r}',
    )
    challenger = _challenger(plan)
    require(
        challenger in CHALLENGERS,
        f"the other strategy must be one of {', '.join(CHALLENGERS)}, got {challenger!r}",
    )
    require(
        all(_is_whole(n) and n > 0 for n in trials.values()) and len(set(trials.values())) == 1,
        f"both must get the same number of trials, got {dict(trials)}. What was bought with more "
        "trainings is not the strategy's",
    )
    require(
        max(trials.values()) >= FEWEST_TRIALS,
        f"{FEWEST_TRIALS} trials or more are asked for, got {trials[challenger]}. With fewer, most "
        "strategies are still drawing at random",
    )
    limit, limit_for = plan["limit"], plan["limit_for"]
    require(
        _is_whole(limit) and limit > 0, f"limit must be a number of parameters, got {limit!r:.40}"
    )
    require(
        _names(limit_for) == set(trials),
        f"limit_for must name both strategies, got {limit_for!r}. A baseline without the limit "
        "answers another question",
    )
    _require_seeds(plan["seeds"])
    baselines = plan["baselines"]
    require(
        {"random_pick", BASELINE} <= (_names(baselines) or set()),
        f'baselines must name "random pick" and "random search", got {baselines!r}. The one says '
        "what the space gives for nothing, the other what looking gives",
    )
    require(
        plan["chosen_by"] == "val_accuracy",
        f"the search must choose by val_accuracy, got {plan['chosen_by']!r}. Nothing else is left "
        "to report by",
    )
    require(
        plan["reported"] == "test_accuracy",
        f"reported must be test_accuracy, got {plan['reported']!r}. By what it was chosen, a "
        "winner is flattered",
    )
    require(
        isinstance(plan["matters"], Real) and not isinstance(plan["matters"], bool)
        and 0 < float(plan["matters"]) < 100,
        f"matters must be a positive number of points, got {plan['matters']!r}. Which difference "
        "would change what you do? Say it before you look",
    )  # fmt: skip


def _require_keys(given, keys: tuple[str, ...]) -> None:
    require(isinstance(given, Mapping), f"a dictionary must come, got {type(given).__name__}")
    missing = [key for key in keys if key not in given]
    require(not missing, f"it must say {', '.join(keys)}; missing: {', '.join(missing)}")


def _require_seeds(seeds) -> None:
    are_whole = isinstance(seeds, (list, tuple, range)) and all(map(_is_whole, seeds))
    require(are_whole, f"seeds must be a list of whole numbers, got {seeds!r:.60}")
    different = len(set(seeds))
    require(
        different == len(seeds),
        f"{len(seeds)} seeds are listed, but only {different} of them are different. Equal seeds "
        "make equal runs, and no new evidence",
    )
    require(
        different >= FEWEST_SEEDS,
        f"{FEWEST_SEEDS} seeds or more are asked for, got {different}. A table makes them cheap",
    )


def _require_means(said, runs: dict[str, dict]) -> None:
    require(
        isinstance(said, Mapping) and set(said) == set(runs),
        f"means must have the keys {', '.join(runs)}, got {said!r:.80}",
    )
    for name, values in runs.items():
        mean = said[name]
        require(_is_number(mean), f"the mean of {name} must be a number, got {mean!r:.40}")
        known = {
            "the mean of what the winners showed in validation, by which they were chosen": values[
                "shown"
            ].mean(),
            "what is handed over where nobody keeps the limit": values["unlimited"].mean(),
            "a share, and percent are asked for": values["worth"].mean() / 100,
            "the median, and the mean is asked for": np.median(values["worth"]),
            "the best of the seeds": values["worth"].max(),
        }
        meant = [what for what, value in known.items() if abs(value - mean) < 0.006]
        require(
            abs(values["worth"].mean() - mean) < 0.01,
            f"run again, your plan does not give {mean:.4g} for {name}. "
            + (f"That is {meant[0]}" if meant else _SCORE),
        )


_SCORE = (
    "The score of a search is the test accuracy in percent, the mean over the table's trainings, "
    "of the network with the highest validation accuracy within the limit, 0 where there is none"
)


def _require_interval(said, ours: np.ndarray, theirs: np.ndarray) -> None:
    require(
        isinstance(said, (tuple, list, np.ndarray))
        and len(said) == 2
        and all(map(_is_number, said)),
        f"interval must be two numbers, (low, high), got {said!r:.60}",
    )
    differences = ours - theirs
    n, mean, sd = len(differences), differences.mean(), differences.std(ddof=1)
    half = t.ppf(0.975, n - 1) * sd / math.sqrt(n)
    unpaired = math.sqrt((ours.var(ddof=1) + theirs.var(ddof=1)) / n)
    known = {
        "the sign is turned round: your strategy minus random search is asked for": (-mean, half),
        "the SD stands where the SE = SD / √n belongs": (mean, t.ppf(0.975, n - 1) * sd),
        "mean ± SE is no 95 % interval": (mean, sd / math.sqrt(n)),
        f"the quantile is the normal one, and with {n} seeds it is t's": (
            mean,
            norm.ppf(0.975) * sd / math.sqrt(n),
        ),
        "the runs are paired by their seeds": (mean, t.ppf(0.975, n - 1) * unpaired),
        "the quartiles are no interval of the mean": (
            np.quantile(differences, [0.25, 0.75]).mean(),
            np.ptp(np.quantile(differences, [0.25, 0.75])) / 2,
        ),
    }
    low, high = said
    wrong = [
        what
        for what, (middle, reach) in known.items()
        if np.allclose([low, high], [middle - reach, middle + reach], atol=0.01)
    ]
    require(
        np.allclose([low, high], [mean - half, mean + half], rtol=0, atol=0.011),
        f"({low:.2f}, {high:.2f}) is not the 95 % interval of the mean paired difference. "
        + (wrong[0] if wrong else "Mean ± t · SE, with one degree of freedom fewer than seeds"),
    )


def _verdict(low: float, high: float, matters: float) -> str:
    """As in exercise 20.4."""
    if low > matters:
        return "better"
    if high < -matters:
        return "worse"
    return "alike" if low > -matters and high < matters else "unclear"


def _challenger(plan: Mapping) -> str:
    (challenger,) = set(plan["trials"]) - {BASELINE}
    return challenger


def _names(given) -> set[str] | None:
    """The names in a list, with underscores for blanks."""
    if not isinstance(given, (list, tuple, set)) or not all(isinstance(one, str) for one in given):
        return None
    return {one.replace(" ", "_") for one in given}


def _is_whole(value) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _is_number(value) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


CHECKS = {"22.1": check_bill, "22.2": check_hand_over, "22.3": check_plan, "22.4": check_study}
