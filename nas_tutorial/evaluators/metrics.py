"""What is measured of predictions, and that they are numbers."""

import numpy as np
from sklearn.metrics import accuracy_score, precision_recall_fscore_support


def classification_metrics(y_true: np.ndarray, y_pred: np.ndarray, *, prefix: str) -> dict:
    """Accuracy, and recall, precision and F1 as plain means over the classes ("macro").

    The classes are those that occur among labels or predictions. One that is never predicted has
    precision 0; one that is predicted but never true has recall 0.

    Args:
        y_true: Labels, of shape (num_samples,).
        y_pred: Predicted labels, of the same shape.
        prefix: Put before every name: "val_" or "test_".

    Returns:
        Name -> value in [0, 1].
    """
    precision, recall, f1, _ = precision_recall_fscore_support(
        y_true, y_pred, average="macro", zero_division=0
    )
    names = ("accuracy", "macro_recall", "macro_precision", "macro_f1")
    values = (accuracy_score(y_true, y_pred), recall, precision, f1)
    return {prefix + name: float(value) for name, value in zip(names, values)}


def labels(logits: np.ndarray) -> np.ndarray:
    """The class with the largest logit for each sample, of shape (num_samples,).

    Args:
        logits: Of shape (num_samples, num_classes).

    Raises:
        FloatingPointError: If one is no finite number; the largest would be the first of those.
    """
    advice = "Scale the inputs, or look at layers of your own."
    require_finite("each predicted logit", logits, advice=advice)
    return logits.argmax(axis=-1)


def require_finite(
    what: str, values, when: str = "", advice: str = "Lower the learning rate."
) -> None:
    """Raise unless all values are finite numbers.

    Args:
        what: What one of them is, for the error.
        values: A number, or an array or tensor of any shape.
        when: When they came, for the error.
        advice: What to do about others; ends the error.

    Raises:
        FloatingPointError: If one is infinite or no number.
    """
    values = np.asarray(values)
    if not (are_finite := np.isfinite(values)).all():
        wrong = f"{float(values[~are_finite][0])} {when}".strip()
        raise FloatingPointError(f"{what} must be a finite number, got {wrong}. {advice}")
