"""What a result cost: all the seconds that led to it."""

from nas_tutorial.names import real, whole


def total_cost(
    search_seconds: float,
    *,
    validation_seconds: float = 0.0,
    final_seconds: float = 0.0,
    runs: int = 1,
) -> float:
    """All seconds that led to a result: k (T_search + T_valid) + T_final.

    Args:
        search_seconds: T_search, what one search took; where runs differ, their mean.
        validation_seconds: T_valid, the time to validate what a search found, where that was done
            after the search.
        final_seconds: T_final, the time to train the chosen network for its final test.
        runs: k, how many searches the result was chosen from, including failed ones and those for
            settings that were given up.

    Returns:
        Seconds.

    Raises:
        ValueError: If a time is negative or no finite number, or `runs` is no whole number from 1.

    Reference:
        Lindauer and Hutter 2020, Best practices for scientific research on neural architecture
        search.
    """
    search = real("search_seconds", search_seconds, 0)
    validation = real("validation_seconds", validation_seconds, 0)
    runs = whole("runs", runs, 1, advice="Count every search that the result was chosen from.")
    return runs * (search + validation) + real("final_seconds", final_seconds, 0)
