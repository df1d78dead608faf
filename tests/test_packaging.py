"""Names, bounds and addresses agree between the files that have to hold them."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
COLAB = {  # what Colab had on 2026-11-24, as the project's plan gives it
    "tensorflow": "2.20", "keras": "3.13", "numpy": "2.1", "pandas": "2.2",
    "scikit-learn": "1.6", "jax": "0.7",
}  # fmt: skip
PACKAGE_OF_MODULE = {
    "sklearn": "scikit-learn",
    "scikit_posthocs": "scikit-posthocs",
    "keras_tuner": "keras-tuner",
}
# Imported inside functions that say so, or by a room of their own.
OPTIONAL = {"jax": "fast", "IPython": "lab", "keras_tuner": "lab"}


def requirements(lines) -> dict[str, Requirement]:
    return {Requirement(line).name: Requirement(line) for line in lines}


def bounds() -> dict[str, Requirement]:
    """Every dependency of pyproject.toml, core and extras."""
    lines = list(PROJECT["dependencies"])
    for extra in PROJECT["optional-dependencies"].values():
        lines += extra
    return requirements(lines)


def pins() -> dict[str, Requirement]:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    return requirements(line for line in lines if re.match(r"[a-z]", line))


def test_requirements_pin_core_and_extras_within_their_bounds():
    assert set(pins()) == set(bounds())
    for name, pin in pins().items():
        (specifier,) = pin.specifier
        assert specifier.operator == "=="
        assert specifier.version in bounds()[name].specifier, name


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


@pytest.mark.parametrize(("name", "version"), COLAB.items())
def test_bounds_admit_what_colab_has(name, version):
    assert Version(version) in bounds()[name].specifier


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
    extra = PROJECT["optional-dependencies"][OPTIONAL["keras_tuner"]]
    assert {PACKAGE_OF_MODULE["keras_tuner"], "tensorboard"} <= set(requirements(extra))


def test_the_address_is_the_same_everywhere():
    address = PROJECT["urls"]["Repository"]
    repository = address.removeprefix("https://github.com/")
    files = [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    files += [*(ROOT / "notebooks").rglob("*.ipynb"), *(ROOT / "notebooks" / "source").glob("*.py")]
    seen = 0
    for path in files:
        text = path.read_text(encoding="utf-8")
        for found in re.findall(r"github(?:\.com)?/([\w-]+/nas_tutorial)", text):
            assert found == repository, path.name
            seen += 1
    assert seen > 0


def test_the_makefile_asks_for_the_pythons_that_the_package_takes():
    makefile = (ROOT / "Makefile").read_text()
    lower = re.search(r"\((\d+), (\d+)\) <= v", makefile).groups()
    assert PROJECT["requires-python"] == ">=" + ".".join(lower)
