"""What strategies of several fidelities share: rungs, the epochs at which candidates are compared."""

import math
from collections.abc import Iterable
from itertools import pairwise

from nas_tutorial.names import real, shown, whole


def geometric_rungs(epochs: float, *, reduction: float = 3, number: int = 3) -> tuple[float, ...]:
    """Rungs that end with training in full: epochs / 9, epochs / 3 and epochs by default.

    Args:
        epochs: Of the last rung; usually the evaluator's own.
        reduction: The ratio of one rung to the next, above 1; eta in the papers.
        number: How many rungs, at least 2.

    Raises:
        ValueError: If a number is out of range.
    """
    epochs = real("epochs", epochs, above=0)
    reduction = real("reduction", reduction, above=1)
    number = whole("number", number, 2)
    return tuple(epochs / reduction**steps for steps in reversed(range(number)))


def checked_rungs(epochs: Iterable[float]) -> tuple[float, ...]:
    """The rungs as Python's floats, if they are rungs.

    Raises:
        ValueError: If there are fewer than two, one is not above 0, or they do not grow.
    """
    advice = "Write epochs=(1, 3, 9)."
    given = tuple(epochs) if isinstance(epochs, Iterable) else (epochs,)
    rungs = tuple(float(real("each of the epochs", rung, above=0, advice=advice)) for rung in given)
    if len(rungs) < 2 or any(low >= high for low, high in pairwise(rungs)):
        raise ValueError(
            f"epochs must be two or more numbers that grow, the rungs, got {shown(given)}. {advice}"
        )
    return rungs


def num_promoted(number: int, epochs: float, more_epochs: float) -> int:
    """How many of `number` candidates go on from one rung to a higher one.

    The share is the ratio of the rungs, 1 / eta from one to the next, so that each rung is given
    equally many epochs.

    Reference:
        Li et al. 2018, Hyperband, Algorithm 1 (floor(n_i / eta)).
    """
    return math.floor(number * epochs / more_epochs + 1e-9)  # 9 * (5 / 9) / 5 is not quite 1
