"""Names and bounds agree between the files that have to hold them."""

import ast
import re
import sys
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from sources import build
from tests import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
COLAB = {  # pip-freeze.gpu.txt of googlecolab/backend-info, 2026-08-19, its newest on 2026-11-24
    "tensorflow": "2.20.0", "keras": "3.13.2", "numpy": "2.1.3", "pandas": "2.2.3",
    "scikit-learn": "1.6.1", "jax": "0.7.2", "filelock": "3.32.3", "ipywidgets": "7.7.1",
    "matplotlib": "3.10.0", "networkx": "3.6.1", "platformdirs": "4.11.3", "scipy": "1.16.3",
    "tensorboard": "2.20.0", "threadpoolctl": "3.6.0", "tqdm": "4.67.3", "distributed": "2026.1.1",
}  # fmt: skip
PACKAGE_OF_MODULE = {
    "sklearn": "scikit-learn",
    "scikit_posthocs": "scikit-posthocs",
    "keras_tuner": "keras-tuner",
}
NOTEBOOKS = "nas_tutorial[notebooks]"
# Imported inside functions that say so, or by a room of their own.
OPTIONAL = {
    "keras": "tf", "tensorflow": "tf", "jax": "fast", "IPython": "lab", "keras_tuner": "notebooks", "distributed": "cluster",
    "ipywidgets": "lab", "matplotlib_inline": "lab", "ai_edge_litert": "notebooks",
    "onnxruntime": None,  # `search --export onnx` says what to install
}  # fmt: skip


def requirements(lines) -> dict[str, Requirement]:
    return {Requirement(line).name: Requirement(line) for line in lines}


def bounds() -> dict[str, Requirement]:
    """Every dependency of pyproject.toml, core and extras."""
    lines = list(PROJECT["dependencies"])
    for extra in PROJECT["optional-dependencies"].values():
        lines += extra
    return requirements(line for line in lines if line != NOTEBOOKS)


def installed_on_colab() -> dict[str, Requirement]:
    """What the set-up cell asks for, and JAX, which is there and may be chosen."""
    (extra,) = re.findall(r"nas_tutorial\[(\w+)\] @", build.colab_set_up())
    extras = PROJECT["optional-dependencies"]
    return requirements([*PROJECT["dependencies"], *extras[extra], *extras["fast"]])


def pins(*names: str) -> dict[str, Requirement]:
    """What these files pin; by default both, a learner's and the rest."""
    files = names or ("requirements.txt", "requirements-dev.txt")
    lines = [line for name in files for line in (ROOT / name).read_text().splitlines()]
    pinned = requirements(line for line in lines if re.match(r"[a-z]", line))
    assert len(pinned) == sum(bool(re.match(r"[a-z]", line)) for line in lines)  # nothing twice
    return pinned


def test_requirements_pin_core_and_extras_within_their_bounds():
    assert set(pins()) == set(bounds())
    for name, pin in pins().items():
        (specifier,) = pin.specifier
        assert specifier.operator == "=="
        assert specifier.version in bounds()[name].specifier, name


def test_a_learner_gets_core_cpu_and_lab_and_the_rest_builds_on_it():
    extras = PROJECT["optional-dependencies"]
    lines = [*PROJECT["dependencies"], *extras["cpu"], *extras["lab"], *extras["notebooks"]]
    assert set(pins("requirements.txt")) == set(requirements(lines)) - {"nas_tutorial"}
    assert "-r requirements.txt" in (ROOT / "requirements-dev.txt").read_text().splitlines()


@pytest.mark.parametrize("machine", ["x86_64", "aarch64", "arm64"])
@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
def test_one_tensorflow_is_installed_never_two(system, machine):
    """Both own the folder tensorflow, so each would overwrite the other."""
    here = {"sys_platform": system, "platform_machine": machine}
    expected = "tensorflow-cpu" if (system, machine) == ("linux", "x86_64") else "tensorflow"
    cpu = requirements(PROJECT["optional-dependencies"]["cpu"])
    for asked in (cpu, pins()):
        names = {n for n, r in asked.items() if r.marker is None or r.marker.evaluate(here)}
        assert {name for name in names if name.startswith("tensorflow")} == {expected}


def test_colab_keeps_its_own_keras_and_tensorflow():
    assert not {"keras", "tensorflow", "tensorflow-cpu"} & set(installed_on_colab())


def test_requirements_install_the_project_itself():
    assert "-e ." in (ROOT / "requirements.txt").read_text().splitlines()


def test_environment_is_python_pip_and_the_requirements():
    lines = (ROOT / "environment.yml").read_text().split("dependencies:")[1].split("\n")
    entries = [line.strip(" -") for line in lines if line.strip()]
    python, pip, pip_section, file = entries
    assert python.startswith("python=") and (pip, pip_section) == ("pip", "pip:")
    assert file == "r requirements.txt"
    assert (
        Version(python.removeprefix("python="))
        in Requirement("python" + PROJECT["requires-python"]).specifier
    )


def test_the_set_up_cell_leaves_colabs_packages_as_they_are():
    """Where a bound does not admit what is there, pip would exchange it."""
    asked = installed_on_colab()
    excluded = {n: v for n, v in COLAB.items() if n in asked and v not in asked[n].specifier}
    assert not excluded
    assert len(set(COLAB) & set(asked)) >= 12


def test_core_dependencies_are_what_the_library_imports():
    modules = set()
    for path in (ROOT / "nas_tutorial").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                modules.add(node.module.split(".")[0])
    foreign = modules - set(sys.stdlib_module_names) - {"nas_tutorial"} - set(OPTIONAL)
    assert {PACKAGE_OF_MODULE.get(m, m) for m in foreign} == {
        Requirement(line).name for line in PROJECT["dependencies"]
    }


def test_keras_tuner_comes_with_the_extra_that_says_so():
    """And with tensorboard, without which each of its trials fails."""
    extras = PROJECT["optional-dependencies"]
    extra = extras[OPTIONAL["keras_tuner"]]
    assert {PACKAGE_OF_MODULE["keras_tuner"], "tensorboard"} <= set(requirements(extra))
    assert NOTEBOOKS in extras["lab"]  # so `lab` brings them too


def test_what_is_no_python_in_the_package_is_installed_with_it():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    package = ROOT / "nas_tutorial"
    installed = {
        path
        for pattern in settings["package-data"]["nas_tutorial"]
        for path in package.glob(pattern)
    }
    beside = {path for path in package.rglob("*.*") if path.suffix not in (".py", ".pyc")}
    assert {path for path in beside if path.is_file()} <= installed


def test_the_makefile_asks_for_the_pythons_that_the_package_takes():
    makefile = (ROOT / "Makefile").read_text()
    lower = re.search(r"\((\d+), (\d+)\) <= v", makefile).groups()
    assert PROJECT["requires-python"] == ">=" + ".".join(lower)
