"""Checks of chapter 08: surnames, and the classes that accuracy hides."""

import numbers

import numpy as np

from nas_tutorial.course.exercises.verdicts import require
from nas_tutorial.data.surnames import letters


def check_rise(guess) -> None:
    """8.1: by how much accuracy and macro recall rise when one recall rises by 0.5."""
    require(
        isinstance(guess, (tuple, list))
        and len(guess) == 2
        and all(isinstance(one, numbers.Real) for one in guess),
        f"guess must be a pair of numbers (accuracy, macro recall), got {guess!r}.",
    )
    y_true, french = _validation_labels()
    found_none = np.where(y_true == french, french + 1, y_true)
    found_half = y_true.copy()
    found_half[np.flatnonzero(y_true == french)[::2]] = french + 1
    for name, measure, said in zip(
        ("accuracy", "macro recall"), (_accuracy, _macro_recall), guess, strict=True
    ):
        before, after = measure(y_true, found_none), measure(y_true, found_half)
        require(
            abs(said - (after - before)) < 0.004,
            f"you say that {name} rises by {said}. Where all other names are found and French goes "
            f"from none to half, it goes from {before:.3f} to {after:.3f}. What is the weight of "
            "one language in it?",
        )


def check_unshared(unshared) -> None:
    """8.2: spelling -> language, without the spellings that two languages have."""
    cases = [
        {"French": ["Martin", "Petit"], "German": ["Martin", "Vogel"]},
        {"Italian": ["Rossi"], "Spanish": ["Núñez", "Nunez", "Vega"]},  # twice in one language
        {"French": ["Muller"], "German": ["Müller", "Weiß"], "Polish": ["Weiss", "Żak"]},
        {"French": ["Le Gall"], "Italian": ["Gallo", "Legall"], "Spanish": ["Gallo"]},
        {"Finnish": ["Berg", "Aho"], "German": ["Berg"], "Swedish": ["Berg", "Ek"]},
        {"Finnish": ["Aho"], "Swedish": []},
    ]
    rng = np.random.default_rng(82)
    pool = ["Aho", "Ek", "Núñez", "Nunez", "Müller", "Muller", "Weiß", "Weiss", "Rossi", "Żak"]
    for _ in range(30):
        drawn = {name: list(rng.choice(pool, size=4)) for name in ("Finnish", "Polish", "Spanish")}
        cases.append({language: [str(name) for name in names] for language, names in drawn.items()})
    for listed in cases:
        got = unshared({language: list(names) for language, names in listed.items()})
        require(isinstance(got, dict), f"a dictionary must come back, got {got!r}.")
        expected = _slow_unshared(listed)
        wrong = sorted(str(one) for one in got.keys() ^ expected.keys()) or sorted(
            spelling for spelling, language in expected.items() if got[spelling] != language
        )
        require(
            not wrong,
            f"for {listed} the answer is {expected}; yours differs at {wrong[:1]}: {got}.",
        )


def check_oversample(oversample) -> None:
    """8.3: all rows, and as many more of the rare classes as the largest class has."""
    for y in ([0, 0, 0, 0, 1, 1, 2], [2, 0, 2, 2, 2], [1, 1, 0, 0], [0] * 9 + [1] * 30 + [2] * 3):
        y = np.array(y)
        shown = f"y={y.tolist()}" if len(y) < 10 else f"{np.bincount(y).tolist()} samples a class"
        given, draws = y.copy(), []
        for seed in (3, 3, 4):
            draws.append(oversample(y, np.random.default_rng(seed)))
        require(np.array_equal(y, given), f"for {shown} your function changed y itself.")
        rows = np.asarray(draws[0])
        require(
            rows.ndim == 1 and np.issubdtype(rows.dtype, np.integer),
            f"for {shown} row numbers must come back, of shape (num_rows,), got {draws[0]!r:.80}.",
        )
        require(
            bool(np.all((rows >= 0) & (rows < len(y)))),
            f"for {shown} every row number must lie in [0, {len(y) - 1}], got {rows.tolist()}.",
        )
        classes, sizes = np.unique(y, return_counts=True)
        got = [int(np.sum(y[rows] == label)) for label in classes]
        require(
            got == [sizes.max()] * len(classes),
            f"for {shown} each of the classes {classes.tolist()} must come up {sizes.max()} times, "
            f"yours come up {got} times.",
        )
        missing = sorted(set(range(len(y))) - set(rows.tolist()))
        require(not missing, f"for {shown} row {missing[:1]} is not in it. Keep every row.")
        require(
            np.array_equal(draws[0], draws[1]),
            f"for {shown} two generators in equal states gave different rows. Draw from rng alone.",
        )
    require(
        not np.array_equal(draws[0], draws[2]),
        f"for {shown} two generators in different states gave the same rows. Draw the extra rows "
        "from rng: the same few names again and again are not a fair sample of their class.",
    )


def check_recall_with_error(recall_with_error) -> None:
    """8.4: the recall of one class and its standard error over the samples of that class."""
    rng = np.random.default_rng(84)
    y_drawn = rng.choice(3, size=200, p=(0.7, 0.2, 0.1))
    cases = [
        ([1, 1, 1, 1, 0, 0], [1, 1, 0, 1, 1, 0], 1),
        ([0, 0, 0, 0, 0, 0, 0, 0, 1, 1], [0, 0, 0, 0, 0, 0, 0, 1, 1, 0], 1),
        ([2, 2, 2, 5], [2, 2, 2, 2], 2),  # all are found
        (y_drawn.tolist(), np.where(rng.random(200) < 0.6, y_drawn, 0).tolist(), 2),
    ]
    for y_true, y_pred, label in cases:
        asked = f"for class {label}, of which {y_true.count(label)} of {len(y_true)} samples are"
        got = recall_with_error(np.array(y_true), np.array(y_pred), label)
        require(
            isinstance(got, (tuple, list)) and len(got) == 2,
            f"{asked}, a pair (recall, standard error) must come back, got {got!r}.",
        )
        expected = _slow_recall_with_error(y_true, y_pred, label)
        for name, one, other in zip(("recall", "standard error"), got, expected, strict=True):
            require(
                abs(float(one) - other) < 1e-9,
                f"{asked}, the {name} is {other:.4f}, you return {float(one):.4f}.",
            )


def _validation_labels() -> tuple[np.ndarray, int]:
    """The labels of the validation part, and which of them is French."""
    from nas_tutorial.data.datasets import load_dataset

    data = load_dataset("surnames")
    return data.y_val, data.class_names.index("French")


def _accuracy(y_true: np.ndarray, y_pred: np.ndarray) -> float:
    return float(np.mean(y_true == y_pred))


def _macro_recall(y_true: np.ndarray, y_pred: np.ndarray) -> float:
    return float(np.mean([np.mean(y_pred[y_true == c] == c) for c in np.unique(y_true)]))


def _slow_unshared(listed: dict[str, list[str]]) -> dict[str, str]:
    expected = {}
    for language, names in listed.items():
        others = [name for other in listed if other != language for name in listed[other]]
        elsewhere = [letters(name) for name in others]
        for name in names:
            if letters(name) not in elsewhere:
                expected[letters(name)] = language
    return expected


def _slow_recall_with_error(y_true: list, y_pred: list, label: int) -> tuple[float, float]:
    found = [called == label for true, called in zip(y_true, y_pred) if true == label]
    recall = sum(found) / len(found)
    return recall, (recall * (1 - recall) / len(found)) ** 0.5


CHECKS = {
    "8.1": check_rise,
    "8.2": check_unshared,
    "8.3": check_oversample,
    "8.4": check_recall_with_error,
}
