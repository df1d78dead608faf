"""How good a whole front is, in one number: the size of the region that it dominates.

The region ends at a reference point, the worst values that count. Choose it once: it weighs the
ends of the front, so volumes compare only under the same one.

Reference:
    Zitzler and Thiele 1998, Multiobjective optimization using evolutionary algorithms (the size of
    the space covered).
"""

from collections.abc import Iterable, Sequence

import numpy as np

from nas_tutorial.pareto import checked_losses, losses_of, non_dominated, pareto_front
from nas_tutorial.trials import Constraint, Objective, Trial


def hypervolume(losses: np.ndarray, reference: Sequence[float]) -> float:
    """The size of the region that the points dominate, up to the reference: larger is better.

    Exact for any number of objectives; meant for two and three. Its unit is the product of the
    objectives' units.

    Args:
        losses: Of shape (num_points, num_objectives). What does not dominate the reference adds
            nothing.
        reference: A loss for each objective, of shape (num_objectives,).

    Raises:
        ValueError: If losses are not a table of numbers, or the reference has another length.

    Reference:
        While, Hingston, Barone and Huband 2006, A faster algorithm for calculating hypervolume
        (slices).
    """
    losses = checked_losses(losses)
    reference = _checked_reference(reference, losses.shape[1])
    inside = losses[(losses < reference).all(axis=1)]
    return _volume(inside[non_dominated(inside)], reference)


def hypervolume_curve(
    history: Iterable[Trial],
    objectives: Sequence[Objective],
    reference: Sequence[float],
    constraints: Iterable[Constraint] = (),
) -> np.ndarray:
    """The hypervolume of the front found up to each trial, of shape (num_trials,).

    Args:
        history: Trials in order; failed ones and those that break a constraint add nothing.
        objectives: What to optimise, each with its direction.
        reference: A value for each objective, in its own unit, such as (0.1, 60_000) for accuracy
            and parameters.
        constraints: Upper limits.

    Raises:
        ValueError: If there is no objective, or the reference has another length.
    """
    constraints = tuple(constraints)
    signs = [-1 if objective.direction == "max" else 1 for objective in objectives]
    corner = signs * _checked_reference(reference, len(signs))
    front, volumes = pareto_front([], objectives), []
    for trial in history:
        front = pareto_front([*front, trial], objectives, constraints)
        volumes.append(hypervolume(losses_of(front, objectives), corner))
    return np.array(volumes)


def _volume(losses: np.ndarray, reference: np.ndarray) -> float:
    """Cut the region into slices along the last objective; each is a region of one less."""
    if len(reference) == 1:
        return float(reference[0] - losses.min(initial=reference[0]))
    losses = losses[np.argsort(losses[:, -1])]
    depths = np.diff(losses[:, -1], append=reference[-1])
    return sum(
        float(depth) * _volume(losses[: last + 1, :-1], reference[:-1])
        for last, depth in enumerate(depths)
        if depth > 0
    )


def _checked_reference(reference: Sequence[float], num_objectives: int) -> np.ndarray:
    reference = np.asarray(reference, dtype=float)
    if reference.shape != (num_objectives,):
        raise ValueError(
            f"the reference must have one value for each of {num_objectives} objectives, got shape "
            f"{reference.shape}. Give the worst values that count."
        )
    return reference
