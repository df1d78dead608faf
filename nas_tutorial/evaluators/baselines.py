"""Annex: what a search must beat: a scikit-learn pipeline that suits the data, and a constant answer."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.decomposition import PCA
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.multioutput import MultiOutputClassifier, MultiOutputRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from nas_tutorial.data.datasets import Dataset
from nas_tutorial.evaluators.tasks.outputs import task_of

MOST_COMPONENTS = 50  # of a PCA; enough for most of the variance of small images and series


def baseline(dataset: Dataset, *, seed: int = 0) -> tuple[Pipeline, dict]:
    """Fit on the training set a pipeline that suits the kind of data; measure it as networks are.

    Tables get gradient-boosted trees. Images and series are flattened, scaled, reduced to at most 50
    principal components, and given to logistic regression or ridge regression; tokens are counted
    first. All settings are scikit-learn's own, so nothing is tuned on the validation set.

    Args:
        dataset: Of any task.
        seed: Of whatever the pipeline draws.

    Returns:
        The fitted pipeline, and what the task measures on the validation set, named as of networks.
    """
    return _measured(make_pipeline(*_steps(dataset, seed)), dataset)


def trivial(dataset: Dataset) -> tuple[Pipeline, dict]:
    """The same answer for every sample: the most frequent class or labels, or the mean target."""
    is_regression = dataset.task == "regression"
    model = DummyRegressor() if is_regression else DummyClassifier(strategy="most_frequent")
    return _measured(make_pipeline(model), dataset)


def spoken(pipeline: Pipeline) -> str:
    """What a pipeline is, in a few words: the classes of its steps."""
    return " + ".join(_name(step) for _, step in pipeline.steps)


def _name(step: BaseEstimator) -> str:
    return type(getattr(step, "estimator", step)).__name__


def _steps(dataset: Dataset, seed: int) -> list[BaseEstimator]:
    """The steps of the pipeline for a data set, the last of which predicts."""
    is_regression = dataset.task == "regression"
    last: BaseEstimator
    if dataset.vocabulary_size is None and len(dataset.input_shape) == 1:
        trees = HistGradientBoostingRegressor if is_regression else HistGradientBoostingClassifier
        return [_for_columns(trees(random_state=seed), dataset)]
    last = Ridge() if is_regression else LogisticRegression(max_iter=1000)
    if dataset.vocabulary_size is not None:
        first = FunctionTransformer(_counts, kw_args={"size": dataset.vocabulary_size})
        return [first, _for_columns(last, dataset)]
    features = int(np.prod(dataset.input_shape))
    components = min(MOST_COMPONENTS, features, len(dataset.x_train))
    reduce = PCA(components, random_state=seed)
    return [FunctionTransformer(_flat), StandardScaler(), reduce, _for_columns(last, dataset)]


def _for_columns(model: BaseEstimator, dataset: Dataset) -> BaseEstimator:
    """One model for each column of the answers, where there are several."""
    if dataset.task == "multilabel":
        return MultiOutputClassifier(model)
    return MultiOutputRegressor(model) if dataset.task == "regression" else model


def _measured(pipeline: Pipeline, dataset: Dataset) -> tuple[Pipeline, dict]:
    pipeline.fit(dataset.x_train, dataset.y_train)
    predicted = np.asarray(pipeline.predict(dataset.x_val)).reshape(dataset.y_val.shape)
    return pipeline, task_of(dataset).measures(dataset.y_val, predicted, prefix="val_")


def _flat(x: np.ndarray) -> np.ndarray:
    return x.reshape(len(x), -1)


def _counts(x: np.ndarray, size: int) -> np.ndarray:
    """How often each token is in each sample, of shape (num_samples, size)."""
    return np.stack([np.bincount(row.astype(int), minlength=size) for row in x])
