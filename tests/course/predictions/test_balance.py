import pytest
from scipy.stats import binomtest

from nas_tutorial.course.predictions.balance import advice, report
from nas_tutorial.course.predictions.guesses import NumberGuess, OptionGuess


def ranges(hits: int, misses: int) -> list[NumberGuess]:
    truths = [5] * hits + [9] * misses
    return [NumberGuess("?", 0, 10, guess=(4, 6), truth=truth) for truth in truths]


def choices(*sure: int, truth: str = "a") -> list[OptionGuess]:
    return [OptionGuess("?", ("a", "b"), "a", level, truth) for level in sure]


def keyed(chapter: int, *guesses) -> dict:
    return {f"{chapter}.{letter}": guess for letter, guess in zip("abcdefghijk", guesses)}


def test_a_chapters_ranges_are_counted():
    assert report("4", keyed(4, *ranges(4, 1))) == (
        "Chapter 4: 4 of your 5 ranges held the truth; at 80 % you would expect 4.\n"
        "That is compatible with 80 %."
    )


def test_choices_have_a_line_of_their_own_kind():
    guesses = [*choices(50, 95), *choices(75, truth="b")]
    assert report("4", keyed(4, *guesses)) == (
        "Chapter 4: 2 of your 3 choices hit the right answer; as sure as you were, you would expect 2.2."
    )


def test_both_kinds_and_all_chapters():
    guesses = keyed(4, *ranges(1, 0), *choices(75)) | keyed(14, *ranges(1, 3))
    assert report("4", guesses).splitlines() == [
        "Chapter 4: 1 of your 1 range held the truth; at 80 % you would expect 0.8. "
        "1 of your 1 choice hit the right answer; as sure as you were, you would expect 0.75.",
        "All chapters: 2 of your 5 ranges held the truth; at 80 % you would expect 4. "
        "1 of your 1 choice hit the right answer; as sure as you were, you would expect 0.75.",
        "That is compatible with 80 %.",
    ]


def test_what_has_no_result_yet_does_not_count():
    waiting = NumberGuess("?", 0, 10, guess=(4, 6))
    assert report("4", keyed(4, waiting)) == "No guess of chapter 4 has met its result yet."
    assert report("4", {}) == "No guess of chapter 4 has met its result yet."
    assert "1 of your 1 range " in report("4", {"4.a": waiting, "4.b": ranges(1, 0)[0]})


@pytest.mark.parametrize("total", [1, 5, 13, 14, 40])
def test_the_verdict_is_that_of_an_exact_test(total):
    for hits in range(total + 1):
        (said,) = advice(ranges(hits, total - hits))
        if binomtest(hits, total, 0.8).pvalue > 0.05:
            assert said == "That is compatible with 80 %."
        else:
            assert ("too narrow" in said) is (hits < 0.8 * total)
            assert ("too wide" in said) is (hits > 0.8 * total)
    assert not advice(choices(50))
