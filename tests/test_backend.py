"""backend: a quiet start, either backend, and no Keras where none is needed."""

import json
import os
import subprocess
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest

from nas_tutorial.backend import (
    compile_function,
    gpus,
    keras,
    latency_ms,
    median_ms,
    value_and_grad,
    versions,
)


def python(code: str, **environment: str) -> subprocess.CompletedProcess:
    """Run code in an interpreter of its own."""
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )


def small_model() -> keras.Model:
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])


@pytest.mark.parametrize(
    "modules",
    [
        "nas_tutorial",
        "nas_tutorial.loop.search, nas_tutorial.strategies.genetic, nas_tutorial.statistics.repeats",
        "nas_tutorial.history, nas_tutorial.spaces.edge_cell, nas_tutorial.data.datasets",
    ],
)
def test_keras_and_its_backends_are_not_loaded_without_need(modules):
    code = f"""
import sys
import {modules}
print(sorted({{"keras", "tensorflow", "jax", "torch"}} & set(sys.modules)))
"""
    done = python(code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_a_missing_gpu_is_not_complained_of_once_the_backend_is_there():
    code = """
import sys
from nas_tutorial.backend import keras
print("loaded", file=sys.stderr, flush=True)
keras.ops.ones(3) + 1
"""
    done = python(code, TF_CPP_MIN_LOG_LEVEL="0")
    assert done.returncode == 0, done.stderr
    assert "cuInit" not in done.stderr.partition("loaded")[2]


def test_registries_tell_their_names_without_loading_keras():
    code = """
import sys
from nas_tutorial.data.datasets import DATASETS
from nas_tutorial.spaces import SPACES
from nas_tutorial.strategies import STRATEGIES
for registry in (DATASETS, SPACES, STRATEGIES):
    assert all(registry.summary(name) for name in registry)
for name in STRATEGIES:
    STRATEGIES.load(name)
print("keras" in sys.modules)
"""
    done = python(code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "False"


def test_the_start_is_quiet_and_standard_error_works_afterwards():
    """An nbgrader check cell that writes to standard error gets no point."""
    code = """
import os, sys
import nas_tutorial.backend as backend
print(backend.keras.backend.backend())
print("python", file=sys.stderr, flush=True)
os.write(2, b"native")
"""
    done = python(code)
    assert done.returncode == 0
    assert done.stdout.strip() == keras.backend.backend()
    assert done.stderr == "python\nnative"


def test_the_start_leaves_the_environment_as_it_was():
    code = """
import os
before = dict(os.environ)
import nas_tutorial.backend
print({name for name in {*before, *os.environ} if before.get(name) != os.environ.get(name)})
"""
    clean = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=clean)
    assert (done.stdout.strip(), done.stderr) == ("set()", "")


def test_it_starts_without_a_standard_error():
    """As a cron job may: `python program.py 2>&-`."""
    code = (
        "import nas_tutorial.backend as b; print(b.keras.ops.convert_to_numpy(b.keras.ops.ones(1)))"
    )
    command = f"{sys.executable} -c '{code}' 2>&-"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "[1.]")


def test_jax_trains_a_candidate():
    code = """
import json
from nas_tutorial.backend import versions
from nas_tutorial.data.datasets import load_dataset
from nas_tutorial.evaluators.training import TrainingEvaluator
from nas_tutorial.spaces.skeleton import Skeleton
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.trials import Candidate

space = EdgeCellSpace()
name = "|nor_conv_3x3~0|+|skip_connect~0|avg_pool_3x3~1|+|none~0|nor_conv_1x1~1|skip_connect~2|"
skeleton = Skeleton(filters=8, cells=(1,))
evaluator = TrainingEvaluator(space, load_dataset("digits"), epochs=2, batch_size=16, skeleton=skeleton)
result = evaluator(Candidate(space.from_string(name)), seed=0)
print(json.dumps({"error": result.error, "metrics": dict(result.metrics), **versions()}))
"""
    done = python(code, KERAS_BACKEND="jax")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["error"] is None
    assert "jax" in report
    assert all(np.isfinite(value) for value in report["metrics"].values())
    assert report["metrics"]["val_accuracy"] > 0.3  # chance is 0.1


def test_latency_is_positive_and_grows_with_the_work():
    small = small_model()
    large = keras.Sequential([keras.Input((2048,))])
    for _ in range(6):
        large.add(keras.layers.Dense(2048))
    fast = latency_ms(small, np.ones((1, 4), "float32"))
    slow = latency_ms(large, np.ones((64, 2048), "float32"), repeats=5)
    assert 0 < fast < slow


def test_a_compiled_function_gives_what_the_function_gives():
    function = compile_function(lambda x: 2 * x + 1)
    x = keras.ops.convert_to_tensor(np.arange(3, dtype="float32"))
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(function(x)), [1, 3, 5])


@pytest.mark.parametrize("place", ["the environment", "keras.json"])
def test_another_backend_is_refused_before_anything_is_trained(place, tmp_path):
    (tmp_path / "keras.json").write_text(json.dumps({"backend": "numpy"}))
    names = {"the environment": {"KERAS_BACKEND": "torch"}, "keras.json": {"KERAS_HOME": tmp_path}}
    code = """
import os, sys
if "KERAS_HOME" in os.environ:
    os.environ.pop("KERAS_BACKEND", None)
import nas_tutorial.backend
"""
    done = python(code, **{name: str(value) for name, value in names[place].items()})
    says = {"the environment": "variable KERAS_BACKEND", "keras.json": "settings (keras.json)"}
    assert f"{says[place]} must be one of jax, tensorflow; got" in done.stderr.splitlines()[-1]


def test_value_and_grad_by_hand():
    function = value_and_grad(lambda x, factor: (keras.ops.sum(factor * x**2), x + 1))
    x = keras.ops.convert_to_tensor(np.array([1.0, -2.0], "float32"))
    (value, extra), gradient = function(x, 3.0)
    arrays = (keras.ops.convert_to_numpy(tensor) for tensor in (value, extra, gradient))
    for found, expected in zip(arrays, (15, [2, -1], [6, -12])):
        np.testing.assert_allclose(found, expected)


def test_the_first_call_is_not_timed():
    calls = []

    def slow_at_first():
        calls.append(time.sleep(0.0 if calls else 0.3))
        return keras.ops.ones(1)

    assert 0 < median_ms(slow_at_first, repeats=1) < 200
    assert len(calls) == 2


def test_versions_name_python_keras_and_the_backend():
    found = versions()
    assert found["python"] == sys.version.split()[0].rstrip("+")
    assert found["keras"] == keras.__version__
    assert found["numpy"] == np.__version__
    assert set(found) == {"python", "numpy", "keras", keras.backend.backend()}
    json.dumps(found)


@pytest.mark.parametrize("name", ["tensorflow", "jax"])
def test_as_many_gpus_as_keras_knows_and_not_a_word_more(name):
    code = """
from nas_tutorial.backend import gpus, keras
found = gpus()
devices = keras.distribution.list_devices()  # the CPU where there is nothing else
print(len(found) == sum(not device.startswith("cpu") for device in devices))
"""
    done = python(code, KERAS_BACKEND=name)
    assert (done.stdout, done.stderr) == ("True\n", "")


@pytest.mark.parametrize(
    ("details", "name"), [({"device_name": "Tesla T4"}, "Tesla T4"), ({}, "GPU")]
)
def test_a_gpu_is_named_by_tensorflow(details, name, monkeypatch):
    import tensorflow

    monkeypatch.setattr(keras.backend, "backend", lambda: "tensorflow")
    monkeypatch.setattr(tensorflow.config, "list_physical_devices", lambda kind: [f"a {kind}"])
    experimental = tensorflow.config.experimental
    monkeypatch.setattr(experimental, "get_device_details", {"a GPU": details}.get)
    assert gpus() == [name]


def test_a_gpu_is_named_by_jax(monkeypatch):
    jax = pytest.importorskip("jax")
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    devices = [SimpleNamespace(platform=kind, device_kind=f"a {kind}") for kind in ("cpu", "gpu")]
    monkeypatch.setattr(jax, "devices", lambda: devices)
    assert gpus() == ["a gpu"]


COMPILE_SOMETHING = """
from nas_tutorial.backend import compile_function, keras
print(float(compile_function(lambda x: x * 3 + 1)(keras.ops.convert_to_tensor(2.0))))
"""
AT_ONCE = {  # JAX keeps only what took a second to compile
    "KERAS_BACKEND": "jax",
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
}


def test_jax_keeps_what_it_compiled_in_the_users_cache(tmp_path):
    done = python(COMPILE_SOMETHING, XDG_CACHE_HOME=str(tmp_path), **AT_ONCE)
    assert done.stdout.strip() == "7.0", done.stderr
    assert any((tmp_path / "nas_tutorial" / "jax").iterdir())


def test_jax_keeps_it_where_its_own_variable_says(tmp_path):
    places = {
        "XDG_CACHE_HOME": str(tmp_path / "a"),
        "JAX_COMPILATION_CACHE_DIR": str(tmp_path / "b"),
    }
    done = python(COMPILE_SOMETHING, **places, **AT_ONCE)
    assert done.stdout.strip() == "7.0", done.stderr
    assert any((tmp_path / "b").iterdir()) and not (tmp_path / "a" / "nas_tutorial").exists()


def test_jax_compiles_quietly_where_nothing_can_be_kept(tmp_path):
    (tmp_path / "a file").touch()
    done = python(COMPILE_SOMETHING, XDG_CACHE_HOME=str(tmp_path / "a file"), **AT_ONCE)
    assert (done.stdout.strip(), done.stderr) == ("7.0", "")


@pytest.mark.parametrize("name", ["tensorflow", "jax"])
def test_double_precision_holds_inside_and_ends_with_an_error_too(name):
    code = """
from nas_tutorial.backend import double_precision, keras

def dtype():
    return keras.backend.standardize_dtype(keras.ops.ones(1).dtype)

try:
    with double_precision():
        print(dtype())
        raise LookupError
except LookupError:
    print(dtype())
"""
    assert python(code, KERAS_BACKEND=name).stdout.split() == ["float64", "float32"]
