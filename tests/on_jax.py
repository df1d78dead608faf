"""Run a test file once more, on the other backend."""

import os
import subprocess
import sys

import pytest

from nas_tutorial.backend import keras

not_on_jax_itself = pytest.mark.skipif(
    keras.backend.backend() == "jax", reason="this is the JAX run itself"
)


def assert_passes_on_jax(file: str) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", file],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout[-2000:]
