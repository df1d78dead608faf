"""What Keras leaves to its backends (compiling, gradients, precision, versions), and a quiet start.

Keras runs on the backend that the environment variable KERAS_BACKEND names; TensorFlow is the
default, and JAX works too. Other modules take `keras` from here, so that the backend's start-up
messages stay out of the way.
"""

import functools
import logging
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from platformdirs import user_cache_path

from nas_tutorial.names import one_of, whole


@contextmanager
def _without_native_log() -> Iterator[None]:
    """Send what native libraries write to standard error to nowhere, Python's own stream too.

    TensorFlow reads how much to log when it first logs, so the variable that says so is only set here.
    """
    if sys.stderr is None:  # closed, as a cron job may have it
        yield
        return
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    level, is_own = "TF_CPP_MIN_LOG_LEVEL", "TF_CPP_MIN_LOG_LEVEL" not in os.environ
    try:
        os.environ.setdefault(level, "3")
        os.dup2(nowhere, 2)
        yield
    finally:
        if is_own:
            os.environ.pop(level, None)
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


class _NoKeras:
    """What stands for Keras where it is not installed, as in a browser: an error when it is used."""

    def __getattr__(self, name: str):
        if name.startswith("__"):  # Python and notebooks ask any object for these
            raise AttributeError(name)
        raise ImportError(
            "this does not run here: it needs Keras and TensorFlow or JAX, which are not installed. "
            "Whatever reads a table works without them; to train networks, run "
            "pip install 'nas_tutorial[cpu]' (with a GPU, [tf]), or open the course in JupyterLab or Colab."
        )


_BACKENDS = ("tensorflow", "jax")
_BY_ENVIRONMENT = os.environ.get("KERAS_BACKEND", "tensorflow")
one_of("the environment variable KERAS_BACKEND", _BY_ENVIRONMENT, _BACKENDS)  # before the import
HAS_KERAS = find_spec("keras") is not None and any(find_spec(name) for name in _BACKENDS)
if TYPE_CHECKING or HAS_KERAS:
    with _without_native_log():
        import keras

        one_of("the backend in Keras's settings (keras.json)", keras.backend.backend(), _BACKENDS)
        if keras.backend.backend() == "tensorflow":
            # It complains once of a GPU that is not there: now, and not in the middle of a cell.
            import tensorflow

            tensorflow.config.list_physical_devices()
else:
    keras = _NoKeras()
# TensorFlow warns when many models are built in one process, which is what a search does.
logging.getLogger("tensorflow").setLevel(logging.ERROR)


def compile_function(function: Callable) -> Callable:
    """Compile a function of tensors; the backend does so at its first call with each set of shapes."""
    if keras.backend.backend() == "jax":
        import jax

        _keep_what_jax_compiles()
        return jax.jit(function)
    import tensorflow

    return tensorflow.function(function, autograph=False)


@functools.cache
def _keep_what_jax_compiles() -> None:
    """Let JAX keep compiled programs in the user's cache folder, unless another folder was named.

    TensorFlow has no such cache.
    """
    import jax

    if jax.config.values["jax_compilation_cache_dir"] is not None:
        return
    folder = user_cache_path("nas_tutorial", appauthor=False) / "jax"
    with suppress(OSError):  # where nothing can be written, nothing is kept
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
        jax.config.update("jax_compilation_cache_dir", str(folder))


def value_and_grad(function: Callable) -> Callable:
    """From a function (x, ...) -> (value, extra), make one that also returns d value / d x.

    Returns:
        A function with the same arguments that returns ((value, extra), gradient).
    """
    if keras.backend.backend() == "jax":
        import jax

        return jax.value_and_grad(function, has_aux=True)
    import tensorflow

    def with_gradient(x, *others):
        with tensorflow.GradientTape() as tape:
            tape.watch(x)
            value, extra = function(x, *others)
        return (value, extra), tape.gradient(value, x)

    return with_gradient


@contextmanager
def dtype_policy(name: str) -> Iterator[None]:
    """Inside, layers are made with this dtype policy, such as "mixed_bfloat16"."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


@contextmanager
def double_precision() -> Iterator[None]:
    """Inside, Keras computes with 64 bits wherever no other precision is given."""
    with ExitStack() as afterwards:
        afterwards.callback(keras.config.set_floatx, keras.config.floatx())
        keras.config.set_floatx("float64")
        if keras.backend.backend() == "jax":  # which cuts 64 bits to 32 unless this is switched on
            import jax

            name = "jax_enable_x64"
            afterwards.callback(jax.config.update, name, jax.config.values[name])
            jax.config.update(name, True)
        yield


def latency_ms(model: "keras.Model", sample, *, repeats: int = 20) -> float:
    """Milliseconds of one compiled forward pass: the median of `repeats` passes after one more.

    Args:
        model: A built model.
        sample: A batch to pass through, of shape (batch, *input_shape); usually a batch of one.
        repeats: How many passes to time.
    """
    forward = compile_function(lambda x: model(x, training=False))
    sample = keras.ops.convert_to_tensor(sample)
    return median_ms(lambda: forward(sample), repeats=repeats)


def median_ms(function: Callable, *, repeats: int = 20) -> float:
    """Milliseconds of a call that returns a tensor: the median of `repeats` calls after one more."""
    seconds = []
    for _ in range(whole("repeats", repeats, 1) + 1):  # the first call compiles
        start = time.perf_counter()
        keras.ops.convert_to_numpy(function())
        seconds.append(time.perf_counter() - start)
    return 1000 * statistics.median(seconds[1:])


def gpus() -> list[str]:
    """The accelerators that the backend computes on, by name; empty if it has only the CPU.

    Returns:
        Such as ["Tesla T4"].
    """
    if keras.backend.backend() == "jax":
        import jax

        return [device.device_kind for device in jax.devices() if device.platform != "cpu"]
    import tensorflow

    devices = tensorflow.config.list_physical_devices("GPU")
    details = map(tensorflow.config.experimental.get_device_details, devices)
    return [detail.get("device_name", "GPU") for detail in details]


def versions() -> dict[str, str]:
    """The versions that a result depends on: Python, NumPy, and where Keras is, it and its backend."""
    modules = ("numpy", *(("keras", keras.backend.backend()) if HAS_KERAS else ()))
    python = ".".join(map(str, sys.version_info[:3]))
    return {"python": python, **{name: import_module(name).__version__ for name in modules}}
