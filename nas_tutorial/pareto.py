"""Many objectives at once: what dominates what, and what nothing dominates.

Points are rows of losses, of shape (num_points, num_objectives): numbers to be made small, as
`Objective.loss` gives them. One point dominates another if it is nowhere worse and somewhere
better. The points that nothing dominates are the front; `hypervolume` measures a front by the size
of the region that it dominates.

No function here adds objectives up: in a sum of accuracies in [0, 1] and parameters in the
thousands, only the parameters count.

Reference:
    Deb, Pratap, Agarwal and Meyarivan 2002, A fast and elitist multiobjective genetic algorithm:
    NSGA-II, sections III and VI.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from nas_tutorial.history import History
from nas_tutorial.names import shown, whole
from nas_tutorial.trials import Constraint, Objective, Trial


def domination(losses: np.ndarray, violations: np.ndarray | None = None) -> np.ndarray:
    """Which point dominates which.

    The smaller violation dominates; where two are equal, as 0 and 0 are, the losses decide.

    Args:
        losses: Of shape (num_points, num_objectives).
        violations: By how much each point exceeds the constraints, of shape (num_points,), at
            least 0; None where there is no constraint.

    Returns:
        Booleans of shape (num_points, num_points): row dominates column.

    Raises:
        ValueError: If losses are not a table of numbers.

    Reference:
        Deb et al. 2002, definition 1 (section VI.A).
    """
    losses = checked_losses(losses)
    violations = np.zeros(len(losses)) if violations is None else np.asarray(violations, float)
    first, second = losses[:, None], losses[None, :]
    by_losses = np.all(first <= second, axis=2) & np.any(first < second, axis=2)
    equal = np.equal.outer(violations, violations)
    return np.less.outer(violations, violations) | (equal & by_losses)


def non_dominated_sort(
    losses: np.ndarray, violations: np.ndarray | None = None
) -> list[np.ndarray]:
    """Sort points into fronts: those that nothing dominates, then those that only these dominate,
    and so on.

    Args:
        losses, violations: As in `domination`.

    Returns:
        For each front, the best first, the row numbers of its points in ascending order.

    Raises:
        ValueError: If losses are not a table of numbers.

    Reference:
        Deb et al. 2002, fast-non-dominated-sort (section III.A).
    """
    dominates = domination(losses, violations)
    dominators = dominates.sum(axis=0)  # n_p: by how many points each is dominated
    waiting = np.ones(len(dominators), dtype=bool)
    fronts = []
    while waiting.any():
        front = np.flatnonzero(waiting & (dominators == 0))
        fronts.append(front)
        waiting[front] = False
        dominators = dominators - dominates[front].sum(axis=0)  # n_q - 1 for each q in S_p
    return fronts


def crowding_distance(losses: np.ndarray) -> np.ndarray:
    """How far apart the neighbours of each point of a front are: the larger, the less crowded it is.

    In each objective it is the distance between the next smaller and the next larger value, as a
    share of the range of the finite values; these are added up. The points at both ends of an
    objective get infinity, and so does a point next to an infinite loss. An objective that has the
    same value everywhere is left out.

    Args:
        losses: The points of one front, of shape (num_points, num_objectives).

    Returns:
        Non-negative values, infinity included, of shape (num_points,).

    Raises:
        ValueError: If losses are not a table of numbers.

    Reference:
        Deb et al. 2002, crowding-distance-assignment (section III.B).
    """
    losses = checked_losses(losses)
    distance = np.zeros(len(losses))
    for values in losses.T:
        order = np.argsort(values, kind="stable")
        ordered = values[order]
        if len(values) and ordered[0] < ordered[-1]:
            span = np.ptp(ordered[np.isfinite(ordered)]) or 1.0
            before, after = ordered[:-2], ordered[2:]
            distance[order[[0, -1]]] = np.inf
            apart = np.zeros(len(after))  # as two infinite losses are
            np.subtract(after, before, out=apart, where=before < after)
            distance[order[1:-1]] += apart / span
    return distance


def non_dominated(losses: np.ndarray) -> np.ndarray:
    """Which points nothing dominates: only the first front, quick for tens of thousands of points.

    Args:
        losses: Of shape (num_points, num_objectives).

    Returns:
        Booleans of shape (num_points,). Of equal points, all are in the front or none.

    Raises:
        ValueError: If losses are not a table of numbers.

    Reference:
        Kung, Luccio and Preparata 1975, On finding the maxima of a set of vectors (sort by one
        objective, then compare with what is in the front already).
    """
    losses = checked_losses(losses)
    keep = np.zeros(len(losses), dtype=bool)
    front = losses[:0]
    for row in np.lexsort(losses.T[::-1]):  # whatever dominates a point comes before it
        point = losses[row]
        better = (front <= point).all(axis=1) & (front < point).any(axis=1)
        if not better.any():
            keep[row] = True
            front = np.vstack([front, point])
    return keep


def pareto_front(
    history: Iterable[Trial],
    objectives: Sequence[Objective],
    constraints: Iterable[Constraint] = (),
) -> History:
    """The trials that no other trial dominates, among those that keep the constraints.

    Only the trials with the most epochs count, as in `History.best`: values after different numbers
    of epochs cannot be compared.

    Args:
        history: Trials; failed ones are left out.
        objectives: What to optimise, each with its direction.
        constraints: Upper limits.

    Returns:
        The front, best first by the first objective; empty if no trial keeps the constraints.

    Raises:
        ValueError: If there is no objective, or a trial measured nothing of its name.
    """
    constraints = tuple(constraints)
    allowed = [t for t in history if not (t.failed or any(c.violation(t) for c in constraints))]
    longest = max(map(_epochs, allowed), default=None)
    trials = [trial for trial in allowed if _epochs(trial) == longest]
    losses = losses_of(trials, objectives)
    front = np.flatnonzero(non_dominated(losses))
    return History(trials[row] for row in front[np.lexsort(losses[front].T[::-1])])


def losses_of(trials: Sequence[Trial], objectives: Sequence[Objective]) -> np.ndarray:
    """The losses of trials, of shape (num_trials, num_objectives).

    Raises:
        ValueError: If there is no objective.
    """
    advice = 'Write (Objective("val_accuracy"),).'
    whole("the number of objectives", len(objectives), 1, advice=advice)
    losses = [[objective.loss(trial) for objective in objectives] for trial in trials]
    return np.array(losses, dtype=float).reshape(len(trials), len(objectives))


def checked_losses(losses: np.ndarray) -> np.ndarray:
    """Losses as floats of shape (num_points, num_objectives).

    Raises:
        ValueError: If they are not such a table, or one is NaN or minus infinity.
    """
    losses = np.asarray(losses, dtype=float)
    are_losses = losses > -np.inf
    if losses.ndim != 2 or not losses.shape[1] or not are_losses.all():
        raise ValueError(
            "losses must be numbers of shape (num_points, num_objectives), got shape "
            f"{losses.shape} with {(~are_losses).sum()} NaN or minus infinity. Give one row a point, "
            "and leave failed ones out."
        )
    return losses


def _epochs(trial: Trial) -> float:
    return np.inf if trial.candidate.epochs is None else trial.candidate.epochs


def hypervolume(losses: np.ndarray, reference: Sequence[float]) -> float:
    """The size of the region that the points dominate, up to the reference: larger is better.

    Exact for any number of objectives; meant for two and three. Its unit is the product of the
    objectives' units.

    Args:
        losses: Of shape (num_points, num_objectives). What does not dominate the reference adds
            nothing.
        reference: A loss for each objective, of shape (num_objectives,).

    Raises:
        ValueError: If losses are not a table of numbers, or the reference has another length or is
            not finite.

    Reference:
        While, Hingston, Barone and Huband 2006, A faster algorithm for calculating hypervolume
        (slices).
    """
    losses = checked_losses(losses)
    reference = np.asarray(reference, dtype=float)
    if reference.shape != losses.shape[1:] or not np.isfinite(reference).all():
        raise ValueError(
            f"the reference must have one finite value for each of {losses.shape[1]} objectives, got "
            f"{shown(reference)}. Give the worst values that count."
        )
    inside = losses[(losses < reference).all(axis=1)]
    return _volume(inside[non_dominated(inside)], reference)


def _volume(losses: np.ndarray, reference: np.ndarray) -> float:
    """Cut the region into slices along the last objective; each is a region of one less."""
    if len(reference) == 1:
        return float(reference[0] - losses.min(initial=reference[0]))
    losses = losses[np.argsort(losses[:, -1], kind="stable")]
    depths = np.diff(losses[:, -1], append=reference[-1])
    return sum(
        float(depth) * _volume(losses[: last + 1, :-1], reference[:-1])
        for last, depth in enumerate(depths)
    )
