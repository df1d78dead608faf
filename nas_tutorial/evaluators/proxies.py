"""How good is a candidate that was not trained? Zero-cost proxies: scores of a fresh network.

A proxy is a function `(model, x, y) -> float` of a Keras model with its initial weights and one
batch of the training set. It costs a pass or two, and a network that scores higher is meant to be
better once it is trained. How far that holds is measured in benchmarks/proxies.py.

Weights here are the kernels of convolutions and dense layers, as in the reference code
(github.com/SamsungLabs/zero-cost-nas, function get_layer_metric_array). Batch normalisation takes
the batch's own statistics, as in training; `synflow` leaves it out. No proxy changes the model.

Reference:
    Abdelfattah, Mehrotra, Dudziak and Lane 2021, Zero-cost proxies for lightweight NAS, section 3.
"""

import gc
import math
import time
from collections.abc import Callable, Iterable
from typing import Unpack

import numpy as np

from nas_tutorial.backend import double_precision, keras, value_and_grad
from nas_tutorial.data.datasets import Dataset
from nas_tutorial.evaluators.recipe import Recipe, Settings
from nas_tutorial.names import Entry, Registry
from nas_tutorial.randomness import kept_global_state
from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.spaces.flops import count_flops
from nas_tutorial.trials import Candidate, Result

ops = keras.ops

BATCH_SIZE = 64  # as in the reference code
JITTER = 1e-5  # k in the score of the Jacobian's correlations

PROXIES = Registry(
    "proxy",
    {
        "parameters": Entry(f"{__name__}:parameters", "how many numbers the network holds"),
        "flops": Entry(f"{__name__}:flops", "what one forward pass costs"),
        "grad_norm": Entry(f"{__name__}:grad_norm", "how large the loss's gradients are"),
        "snip": Entry(f"{__name__}:snip", "how much the loss would change if weights were removed"),
        "synflow": Entry(f"{__name__}:synflow", "how much flows along all paths, without data"),
        "jacob_cov": Entry(f"{__name__}:jacob_cov", "how differently it reacts to each sample"),
        "naswot": Entry(f"{__name__}:naswot", "how differently samples switch its ReLUs"),
    },
)


def parameters(model: keras.Model, x: np.ndarray, y: np.ndarray) -> float:
    """The number of parameters: the baseline that every other proxy has to beat."""
    return float(model.count_params())


def flops(model: keras.Model, x: np.ndarray, y: np.ndarray) -> float:
    """Floating-point operations of one forward pass of one sample; a baseline as well."""
    return float(count_flops(model))


def grad_norm(model: keras.Model, x: np.ndarray, y: np.ndarray) -> float:
    """The sum over the kernels W of ||dL/dW||, L the mean cross-entropy of the batch.

    Reference:
        Abdelfattah et al. 2021, section 3 (`grad_norm`).
    """
    return gradient_norms(_loss_gradients(model, x, y))


def snip(model: keras.Model, x: np.ndarray, y: np.ndarray) -> float:
    """The sum over the weights w of |w dL/dw|, L the mean cross-entropy of the batch.

    To first order this is by how much the loss would change if weights were removed, each alone.

    Reference:
        Lee, Ajanthan and Torr 2019, SNIP: single-shot network pruning based on connection
        sensitivity, section 4.1 (the sensitivity of a connection, before it is divided by the sum).
        Abdelfattah et al. 2021, section 3 (summed over the network).
    """
    return saliency(_loss_gradients(model, x, y))


def synflow(model: keras.Model, x: np.ndarray, y: np.ndarray) -> float:
    """The sum over the weights w of |w dR/dw|, R the sum of the outputs where all is positive.

    For R every weight is replaced by its absolute value and the input by ones; labels and data play
    no role. A ReLU then passes everything, R is the sum over all paths of the product of
    their weights, and the score counts each path once for every weight on it.

    Batch normalisation would divide the flow by itself. It does nothing here, as the reference
    code's `copynet(bn=False)` has it. Products over many layers leave the range of 32 bits, hence
    64, as there.

    Reference:
        Tanaka, Kunin, Yamins and Ganguli 2020, Pruning neural networks without any data by
        iteratively conserving synaptic flow, section 6. Abdelfattah et al. 2021, section 3.
    """
    _require_numbers("synflow", x)
    with double_precision():
        ones = ops.ones((1, *x.shape[1:]), dtype="float64")
        return saliency(_kernel_gradients(_linear_copy(model), ones, ops.sum, training=False))


def jacob_cov(model: keras.Model, x: np.ndarray, y: np.ndarray) -> float:
    """How little the network's reactions to small changes of different samples are correlated.

    See `correlation_score`; row i of the Jacobian is d(sum of all outputs) / d(sample i), as in the
    authors' code.

    Reference:
        Mellor, Turner, Storkey and Crowley 2020, Neural architecture search without training, first
        version (arXiv 2006.04647v1), section 3. Called jacob_cov by Abdelfattah et al. 2021.
    """
    _require_numbers("jacob_cov", x)

    def total(x):
        return ops.sum(_outputs(model, x, training=True)), ()

    _, jacobian = value_and_grad(total)(ops.convert_to_tensor(x))
    return correlation_score(ops.convert_to_numpy(jacobian).reshape(len(x), -1))


def naswot(model: keras.Model, x: np.ndarray, y: np.ndarray) -> float:
    """How differently the samples switch the network's ReLUs on and off: log |K|.

    K[i, j] is the number of rectified units, over all layers, on which samples i and j agree. See
    `agreement_score`.

    Raises:
        ValueError: If the model has no ReLU layer.

    Reference:
        Mellor, Turner, Storkey and Crowley 2021, Neural architecture search without training,
        equations 1 and 2.
    """
    rectified = [layer.output for layer in model.layers if isinstance(layer, keras.layers.ReLU)]
    if not rectified:
        raise ValueError(
            f"naswot must get a model with ReLU layers, got {len(model.layers)} layers and none "
            "of them. Choose another proxy."
        )
    outputs = _outputs(keras.Model(model.input, rectified), x, training=True)
    codes = [
        ops.convert_to_numpy(output).reshape(len(x), -1)
        for output in keras.tree.flatten(outputs)  # a single one comes without a list
    ]
    signs = np.where(np.concatenate(codes, axis=1) > 0, 1.0, -1.0)
    return agreement_score((signs.shape[1] + signs @ signs.T) / 2)  # agree minus differ, and all


# --- from gradients to scores: for models here, and for the compiled program ----------------------


def gradient_norms(kernels: Iterable[tuple[np.ndarray, np.ndarray]]) -> float:
    """The sum of the Euclidean norms of gradients, from (kernel, gradient) pairs."""
    return float(sum(np.linalg.norm(gradient) for _, gradient in kernels))


def saliency(kernels: Iterable[tuple[np.ndarray, np.ndarray]]) -> float:
    """The sum of |w g| over all entries w of kernels and g of their gradients."""
    return float(sum(np.abs(kernel * gradient).sum() for kernel, gradient in kernels))


def correlation_score(jacobian: np.ndarray) -> float:
    """Minus the sum over eigenvalues v of log(v + k) + 1 / (v + k), k = 1e-5.

    The eigenvalues are those of the correlations between the rows of a Jacobian. Without any
    correlation all are 1, and the score is largest. Rows that are constant have no correlation;
    they count as alike, since the network treats these samples alike.

    With more samples than inputs some eigenvalues are always 0. They add the same large number to
    the score of every network.

    Args:
        jacobian: Of shape (num_samples, num_inputs).

    Reference:
        Mellor et al. 2020, first version, section 3 (`eval_score` in their code).
    """
    jacobian = np.asarray(jacobian, dtype=float)
    centred = jacobian - jacobian.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(centred, axis=1)
    constant = norms == 0
    units = centred / np.where(constant, 1, norms)[:, None]
    eigenvalues = np.linalg.eigvalsh(units @ units.T + np.outer(constant, constant)) + JITTER
    return float(-np.sum(np.log(eigenvalues) + 1 / eigenvalues))


def agreement_score(agreements: np.ndarray) -> float:
    """log |K| of a kernel K of agreements, of shape (num_samples, num_samples).

    It is minus infinity where samples agree with each other everywhere.
    """
    return float(np.linalg.slogdet(np.asarray(agreements, dtype=float)).logabsdet)


def first_batch(dataset: Dataset, size: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The samples (x, y) of the training set that a training run with this seed begins with."""
    first = np.random.default_rng(seed).permutation(len(dataset.x_train))[:size]
    return dataset.x_train[first], dataset.y_train[first]


def finite_result(metrics: dict[str, float], seconds: float) -> Result:
    """The metrics as a result, which fails where one is not finite."""
    for name, value in metrics.items():
        if not math.isfinite(value):
            return Result({}, seconds, error=f"FloatingPointError: {name} is {value}")
    return Result(metrics, seconds)


# --- models as functions --------------------------------------------------------------------------


def _loss_gradients(model, x, y) -> list[tuple[np.ndarray, np.ndarray]]:
    def loss(logits):
        return ops.mean(ops.sparse_categorical_crossentropy(y, logits, from_logits=True))

    return _kernel_gradients(model, x, loss, training=True)


def _kernel_gradients(model: keras.Model, x, value: Callable, *, training: bool) -> list:
    """(kernel, d value(outputs) / d kernel) for every kernel of a model."""

    def of_weights(weights):
        return value(_outputs(model, x, weights, training=training)), ()

    _, gradients = value_and_grad(of_weights)(_values(model.trainable_variables))
    return [
        (variable.numpy(), ops.convert_to_numpy(gradient))
        for variable, gradient in zip(model.trainable_variables, gradients)
        if variable.name == "kernel"
    ]


def _outputs(model: keras.Model, x, weights: list | None = None, *, training: bool):
    """What the model returns, maybe with other trainable weights; its own state stays as it is."""
    weights = _values(model.trainable_variables) if weights is None else weights
    others = _values(model.non_trainable_variables)
    return model.stateless_call(weights, others, x, training=training)[0]


def _values(variables) -> list:
    return [variable.value for variable in variables]


def _linear_copy(model: keras.Model) -> keras.Model:
    """The model with absolute weights in 64 bits, its batch normalisation without effect."""

    def copy_of(layer):
        config = {**layer.get_config(), "dtype": "float64"}
        if isinstance(layer, keras.layers.BatchNormalization):  # fresh: mean 0 and variance 1
            config |= {"center": False, "scale": False, "epsilon": 0.0}
        return type(layer).from_config(config)

    copy = keras.models.clone_model(model, clone_function=copy_of)
    for layer, original in zip(copy.layers, model.layers):
        if not isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([np.abs(weight) for weight in original.get_weights()])
    return copy


def _require_numbers(name: str, x: np.ndarray) -> None:
    if not np.issubdtype(x.dtype, np.floating):
        raise ValueError(
            f"{name} must get inputs that are numbers to compute with, got {x.dtype} (tokens). "
            "Choose grad_norm, snip or naswot."
        )


class ProxyEvaluator:
    """Scores candidates by proxies instead of training them, so that a strategy searches by one.

    `Objective("naswot")` then names what to maximise. The seed of an evaluation sets the initial
    weights and the batch.

    Args:
        recipe: Whose networks to score, with a batch of its batch size; or a space, from which a
            `Recipe` is made with the rest.
        dataset: Whose training set the batch comes from, where no recipe is given.
        proxies: Names in `PROXIES`; parameters and flops are always there.
        settings: As in `Recipe`, but the batch size is 64 unless another one is given.

    Raises:
        ValueError: If a proxy is unknown, or another argument is wrong.
    """

    def __init__(
        self,
        recipe: Recipe | SearchSpace,
        dataset: Dataset | None = None,
        proxies: Iterable[str] = PROXIES,
        **settings: Unpack[Settings],
    ):
        self.recipe = Recipe.of(recipe, dataset, settings, batch_size=BATCH_SIZE)
        self.recipe.require_plain(type(self).__name__, self.recipe.dataset.task)
        self.proxies = {name: PROXIES.load(name) for name in ("parameters", "flops", *proxies)}

    def __call__(self, candidate: Candidate, *, seed: int) -> Result:
        """One metric per proxy; a result with an error if one of them is not finite.

        Raises:
            ValueError: If the architecture is not of the space, or a proxy does not apply to it.
        """
        self.recipe.require(candidate.architecture)
        start = time.perf_counter()
        with kept_global_state(seed):
            model = self.recipe.build(candidate.architecture, seed=seed)
            batch = first_batch(self.recipe.dataset, self.recipe.batch_size, seed)
            scores = {name: proxy(model, *batch) for name, proxy in self.proxies.items()}
        del model
        gc.collect()  # as in `TrainingEvaluator`
        return finite_result(scores, time.perf_counter() - start)

    def describe(self) -> dict:
        """What a result of this evaluator depends on, JSON-ready."""
        settings = untrained_settings(self.recipe)
        return {"evaluator": type(self).__name__, **settings, "proxies": list(self.proxies)}


def untrained_settings(recipe: Recipe) -> dict:
    """What a score depends on, JSON-ready: all of a recipe that is no matter of training."""
    settings = recipe.describe()
    return {name: settings[name] for name in settings if name not in ("epochs", "learning_rate")}
