"""Each proxy is what its formula says, worked by hand on networks small enough for that."""

import json
import math

import numpy as np
import pytest

from nas_tutorial.backend import keras
from nas_tutorial.data.datasets import Dataset
from nas_tutorial.evaluators import proxies
from nas_tutorial.evaluators.proxies import PROXIES, ProxyEvaluator, correlation_score, first_batch
from nas_tutorial.loop.search import search
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.spaces.flops import count_flops
from nas_tutorial.spaces.node_cell import NodeCellSpace
from nas_tutorial.spaces.skeleton import Skeleton
from nas_tutorial.strategies.random_search import RandomSearch
from nas_tutorial.trials import Candidate, Objective
from tests.on_jax import assert_passes_on_jax, not_on_jax_itself

SPACE = EdgeCellSpace()
SKELETON = Skeleton(filters=4, cells=(1,))
SOME = Architecture(
    ("nor_conv_3x3", "none", "avg_pool_3x3", "skip_connect", "none", "nor_conv_1x1")
)
EMPTY = Architecture(("none",) * 6)
RNG = np.random.default_rng(0)
X = RNG.standard_normal((6, 9, 1)).astype("float32")
Y = np.array([0, 1, 2, 0, 1, 2], "int32")


def data(x=X) -> Dataset:
    return Dataset("noise", (x, Y), (x, Y), (x, Y), class_names=("a", "b", "c"))


def build(architecture: Architecture = SOME, seed: int = 0) -> keras.Model:
    return SKELETON.build(SPACE.graph(architecture), X.shape[1:], 3, seed=seed)


def dense(*shapes: tuple[int, int], norm: bool = False, relu: bool = False) -> keras.Model:
    """Dense layers without offsets, of random weights; maybe with more between them."""
    inputs = x = keras.Input((shapes[0][0],))
    for _, units in shapes:
        x = keras.layers.Dense(units, use_bias=False)(x)
        x = keras.layers.BatchNormalization()(x) if norm else x
        x = keras.layers.ReLU()(x) if relu else x
    model = keras.Model(inputs, x)
    rng = np.random.default_rng(1)
    for variable in model.trainable_variables:
        if variable.name == "kernel":
            variable.assign(rng.standard_normal(variable.shape))
    return model


def scores(model: keras.Model, x=X, y=Y) -> dict[str, float]:
    return {name: PROXIES.load(name)(model, x, y) for name in PROXIES}


def test_the_number_of_parameters_and_of_operations():
    model = build()
    assert proxies.parameters(model, X, Y) == model.count_params()
    assert proxies.flops(model, X, Y) == count_flops(model)


def softmax_gradient(model: keras.Model, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """d(mean cross-entropy) / dW of one dense layer: x' (p - onehot) / n."""
    (kernel,) = model.get_weights()
    exponentials = np.exp(x @ kernel)
    probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    return x.T @ (probabilities - np.eye(kernel.shape[1])[y]) / len(x)


def test_gradient_norm_and_snip_of_one_layer():
    model, x = dense((9, 3)), X[..., 0]
    gradient = softmax_gradient(model, x, Y)
    assert proxies.grad_norm(model, x, Y) == pytest.approx(np.linalg.norm(gradient), rel=1e-5)
    by_hand = np.abs(model.get_weights()[0] * gradient).sum()
    assert proxies.snip(model, x, Y) == pytest.approx(by_hand, rel=1e-5)


def test_norms_are_added_and_not_joined():
    """The sum over layers of each gradient's norm is larger than the norm of all together."""
    ones = np.ones((2, 2))
    assert proxies.gradient_norms([(ones, 3 * ones), (ones, 4 * ones)]) == 6 + 8


def test_synflow_of_a_linear_network():
    """Every path has two weights, so the score is twice the sum over paths."""
    model = dense((9, 4), (4, 3))
    first, second = map(np.abs, model.get_weights())
    by_hand = 2 * (first @ second).sum()
    assert proxies.synflow(model, X[..., 0], Y) == pytest.approx(by_hand, rel=1e-6)


def test_synflow_sees_neither_data_nor_rectifiers_nor_batch_normalisation():
    plain = proxies.synflow(dense((9, 4), (4, 3)), X[..., 0], Y)
    other = dense((9, 4), (4, 3), norm=True, relu=True)
    for layer in other.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([weight + 1.5 for weight in layer.get_weights()])
    assert proxies.synflow(other, 7 * X[:2, :, 0], Y[:2]) == pytest.approx(plain, rel=1e-6)


def test_synflow_does_not_overflow():
    model = dense(*[(20, 20)] * 40)
    flow = proxies.synflow(model, np.zeros((1, 20), "float32"), Y[:1])
    assert math.isfinite(flow) and flow > float(np.finfo("float32").max)
    assert keras.config.floatx() == "float32"


def test_naswot_counts_the_units_on_which_samples_agree():
    inputs = keras.Input((3,))
    model = keras.Model(inputs, keras.layers.ReLU()(inputs))
    x = np.array([[1, 1, -1], [1, -1, 1]], "float32")  # they agree on the first unit alone
    assert proxies.naswot(model, x, Y[:2]) == pytest.approx(math.log(3 * 3 - 1 * 1))


def test_naswot_of_identical_inputs_is_the_lowest():
    assert proxies.naswot(build(), X[[0, 0, 0]], Y[:3]) == -math.inf


def test_naswot_without_a_relu_is_refused():
    with pytest.raises(ValueError, match=r"must get a model with ReLU.*got 2 .*another proxy"):
        proxies.naswot(dense((9, 3)), X[..., 0], Y)


def test_correlations_are_scored_from_none_to_all():
    uncorrelated = correlation_score([[1, -1, 0, 0], [0, 0, 1, -1]])
    k = proxies.JITTER
    assert uncorrelated == pytest.approx(-2 * (math.log(1 + k) + 1 / (1 + k)))
    half = correlation_score([[1, -1, 0, 0], [1, 0, -1, 0]])
    alike = correlation_score([[1, -1, 0, 0], [2, -2, 0, 0]])
    assert uncorrelated > half > alike
    assert alike == pytest.approx(-math.log(2 + k) - 1 / (2 + k) - math.log(k) - 1 / k)


def test_samples_to_which_nothing_reacts_count_as_alike():
    assert correlation_score(np.zeros((2, 4))) == correlation_score([[1, -1, 0, 0]] * 2)
    one_of_each = correlation_score([[0, 0, 0, 0], [1, -1, 0, 0]])
    assert one_of_each == correlation_score([[1, 1, -1, -1], [1, -1, 0, 0]])


def test_a_linear_network_reacts_to_all_samples_alike():
    score = proxies.jacob_cov(dense((9, 4), (4, 3)), X[..., 0], Y)
    assert score == pytest.approx(correlation_score([[1, -1]] * len(X)), rel=1e-3)


def test_a_network_in_which_nothing_reaches_the_output():
    found = scores(build(EMPTY))
    assert found["grad_norm"] == found["snip"] == found["synflow"] == 0
    assert found["jacob_cov"] == correlation_score(np.zeros((len(X), 9)))
    assert found["naswot"] == -math.inf


def test_a_network_whose_only_weights_are_the_classifier():
    inputs = keras.Input((9,))
    logits = keras.layers.Dense(3, use_bias=False)(keras.layers.ReLU()(inputs))
    model, x = keras.Model(inputs, logits), X[..., 0]
    found, gradient = scores(model, x), softmax_gradient(model, np.maximum(x, 0), Y)
    assert found["grad_norm"] == pytest.approx(np.linalg.norm(gradient), rel=1e-5)
    assert found["synflow"] == pytest.approx(np.abs(model.get_weights()[0]).sum(), rel=1e-6)


def test_equal_weights_give_equal_scores_and_others_do_not():
    first, again, other = scores(build()), scores(build()), scores(build(seed=1))
    assert first == again
    assert all(first[name] != other[name] for name in ("grad_norm", "snip", "synflow"))


def test_a_model_is_left_as_it_was():
    model = build()
    before = model.get_weights()
    scores(model)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_images_and_cells_that_join_channels():
    space = NodeCellSpace(num_nodes=4)
    graph = space.graph(space.sample(np.random.default_rng(1)))
    model = Skeleton(filters=4, cells=(1, 1)).build(graph, (4, 4, 1), 3)
    x = RNG.standard_normal((6, 4, 4, 1)).astype("float32")
    found = scores(model, x)
    assert list(found) == list(PROXIES) and all(map(math.isfinite, found.values()))


@pytest.mark.parametrize("name", ["synflow", "jacob_cov"])
def test_tokens_are_refused_where_inputs_are_computed_with(name):
    with pytest.raises(ValueError, match=rf"{name} must get .* got int32 .*Choose grad_norm"):
        PROXIES.load(name)(build(), X.astype("int32"), Y)


def test_tokens_have_the_other_proxies():
    skeleton = Skeleton(filters=4, cells=(1,), vocabulary_size=5)
    model = skeleton.build(SPACE.graph(SOME), (9,), 3)
    x = RNG.integers(5, size=(6, 9)).astype("int32")
    for name in ("grad_norm", "snip", "naswot"):
        assert math.isfinite(PROXIES.load(name)(model, x, Y))


def test_the_batch_is_what_a_training_begins_with():
    x, y = first_batch(data(), 4, seed=3)
    order = np.random.default_rng(3).permutation(len(X))[:4]
    np.testing.assert_array_equal(x, X[order])
    np.testing.assert_array_equal(y, Y[order])


def test_the_evaluator_scores_a_fresh_model():
    evaluator = ProxyEvaluator(SPACE, data(), ["snip", "naswot"], skeleton=SKELETON, batch_size=4)
    result = evaluator(Candidate(SOME), seed=3)
    expected = scores(build(seed=3), *first_batch(data(), 4, seed=3))
    assert list(result.metrics) == ["parameters", "flops", "snip", "naswot"]
    for name, value in result.metrics.items():
        assert value == pytest.approx(expected[name], rel=1e-5)
    assert result.seconds > 0


def test_a_strategy_searches_by_a_proxy():
    evaluator = ProxyEvaluator(SPACE, data(), ["naswot"], skeleton=SKELETON)
    objective = Objective("naswot")
    history = search(RandomSearch(SPACE, objective=objective), evaluator, trials=4, progress=False)
    values = [trial.value("naswot") for trial in history if not trial.failed]
    assert history.best(objective).value("naswot") == max(values)


def test_a_score_that_is_not_finite_is_a_failed_result():
    result = ProxyEvaluator(SPACE, data(), ["naswot"], skeleton=SKELETON)(Candidate(EMPTY), seed=0)
    assert result.error == "FloatingPointError: naswot is -inf"


def test_an_unknown_proxy_is_refused():
    with pytest.raises(ValueError, match=r"proxy must be one of .* got 'synflaw'.*'synflow'"):
        ProxyEvaluator(SPACE, data(), ["synflaw"])


def test_the_evaluator_says_what_it_does():
    found = ProxyEvaluator(SPACE, data(), ["snip"], skeleton=SKELETON).describe()
    assert json.loads(json.dumps(found))["proxies"] == ["parameters", "flops", "snip"]
    assert found["evaluator"] == "ProxyEvaluator" and found["batch_size"] == 64


@not_on_jax_itself
def test_all_of_this_holds_on_jax_too():
    assert_passes_on_jax(__file__)
