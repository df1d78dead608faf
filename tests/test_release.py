"""A wheel with the notebooks, that reads tables with the core's packages alone; the address; workflows."""

import json
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from release import address, make
from tests import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def closure(requirements: list[str]) -> set[str]:
    """The installed packages that pip would bring for these, and what they require in turn."""
    found: set[str] = set()
    waiting = [(Requirement(line), "") for line in requirements]
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        wanted = [(name, given) for given in ("", *requirement.extras)]
        for _, given in [pair for pair in wanted if pair not in found]:
            found.add((name, given))
            lines = metadata.requires(name) or []
            waiting += [(Requirement(line), given) for line in lines]
    return {name for name, _ in found}


def test_the_core_brings_neither_keras_nor_a_backend():
    core = closure(PROJECT["dependencies"])
    assert {"numpy", "pandas", "scikit-learn", "statsmodels"} <= core
    assert not core & {"keras", "tensorflow", "tensorflow-cpu", "jax", "keras-tuner", "jupyterlab"}


@pytest.fixture(scope="module")
def dist(tmp_path_factory) -> Path:
    if Version(metadata.version("setuptools")) < Version("77"):
        pytest.skip(
            "setuptools 77 is needed to build without a network: install requirements-dev.txt"
        )
    out = tmp_path_factory.mktemp("dist")
    make.build(out, "--no-isolation")
    return out


def test_the_index_would_take_wheel_and_sdist(dist):
    make.check(dist)


def test_the_wheel_holds_the_notebooks_and_nothing_of_the_house(dist):
    (wheel,) = dist.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    prefix = "nas_tutorial/course/notebooks/"
    held = {name.removeprefix(prefix) for name in names if name.startswith(prefix)}
    folder = ROOT / "notebooks"
    assert held == {path.relative_to(folder).as_posix() for path in folder.rglob("[0-9]*.ipynb")
                    if ".ipynb_checkpoints" not in path.parts}  # fmt: skip
    assert {name.split("/")[0] for name in names} == {
        "nas_tutorial", f"nas_tutorial-{PROJECT['version']}.dist-info",
    }  # fmt: skip


def test_changelog_and_citation_name_the_version():
    assert make.says_otherwise(make.version()) == []
    assert make.says_otherwise("0.0.0") == ["CHANGELOG.md", "CITATION.cff"]


# The public address


def test_every_address_has_the_owner_of_pyproject():
    found = {
        (path.name, match[2])
        for path in address.places()
        for match in address.ADDRESS.finditer(path.read_text(encoding="utf-8"))
    }
    assert {name for _, name in found} == {address.owner()}
    assert {"pyproject.toml", "README.md", "CITATION.cff", "00_start_here.ipynb"} <= {
        name for name, _ in found
    }


def test_an_owner_is_written_everywhere_and_back(tmp_path):
    for path in address.places():
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    copies = address.places(tmp_path)
    before = {path: path.read_bytes() for path in copies}
    was = address.owner(tmp_path)
    changed = address.write_address("some-body", tmp_path)
    assert address.owner(tmp_path) == "some-body" and len(changed) > 45
    assert not [path for path in copies if f"/{was}/nas_tutorial" in path.read_text("utf-8")]
    assert address.write_address("some-body", tmp_path) == []  # once is enough
    assert address.write_address(was, tmp_path) == changed
    assert {path: path.read_bytes() for path in copies} == before


@pytest.mark.parametrize("name", ["", "two words", "-a", "a--b", "a/b", "x" * 40])
def test_what_is_no_owner_is_refused_before_anything_is_written(name, tmp_path):
    with pytest.raises(ValueError, match="the owner must be a name on GitHub"):
        address.write_address(name, tmp_path)


# What other services read


def test_github_would_take_the_workflows():
    workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    assert [path.stem for path in workflows] == ["site", "tests", "wheel"]
    schema = ["--builtin-schema", "vendor.github-workflows"]
    command = [sys.executable, "-m", "check_jsonschema", *schema, *map(str, workflows)]
    pytest.importorskip("check_jsonschema", reason="install requirements-dev.txt")
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_workflows_run_what_the_makefile_has():
    makefile = (ROOT / "Makefile").read_text()
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        targets = re.findall(r"run: make (\S+)", path.read_text())
        assert targets
        assert all(re.search(rf"(?m)^{target}:", makefile) for target in targets)


def test_binder_and_codespaces_install_what_a_learner_does():
    assert (ROOT / "binder" / "requirements.txt").read_text().strip() == "-r ../requirements.txt"
    settings = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    assert settings["postCreateCommand"].endswith("pip install --user -r requirements.txt")
