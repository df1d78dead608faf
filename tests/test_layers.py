"""The house's one rule: imports go down only. The list stands here once, without exceptions."""

import ast
from pathlib import Path

import pytest

from tests import ROOT

PACKAGE = ROOT / "nas_tutorial"

# Each room imports only from those before it; inside a room there is no circle.
LAYERS = (
    "names", "files", "randomness", "backend",
    "spaces", "data", "trials", "history", "pareto", "strategies", "evaluators",
    "tables", "loop", "making", "statistics", "kerastuner", "reporting", "course", "__main__",
)  # fmt: skip
OF_KERAS = {"spaces", "data", "evaluators", "making", "kerastuner", "reporting"}  # by backend
NATIVE = {
    "keras": {"backend"}, "tensorflow": {"backend"}, "jax": {"backend"}, "torch": set(),
    "keras_tuner": {"kerastuner"},
}  # fmt: skip

FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")
each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))


def module(path: Path) -> str:
    """The dotted name of a file, a package's own for its __init__."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module(path): path for path in FILES}


def room(name: str) -> str:
    return name.split(".")[1]


def imported(path: Path) -> set[str]:
    """Dotted names of all modules that a file imports, inside functions too."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} has a relative import"
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= {node.module} | (inner & set(MODULES))
    return names


def ours(path: Path) -> set[str]:
    """The modules of this package that a file imports, without those around them."""
    names = imported(path) & set(MODULES)
    return {name for name in names if not any(other.startswith(f"{name}.") for other in names)}


def test_every_room_has_its_place():
    assert {room(name) for name in MODULES} == set(LAYERS)


@each_file
def test_imports_go_down(path):
    here = room(module(path))
    for name in ours(path):
        assert LAYERS.index(room(name)) <= LAYERS.index(here), f"{here} must not import {name}"


def test_there_is_no_circle():
    arrows = {name: ours(path) - {name} for name, path in MODULES.items()}
    while lowest := [name for name, targets in arrows.items() if not targets & set(arrows)]:
        for name in lowest:
            del arrows[name]
    assert not arrows, f"these import each other: {arrows}"


@each_file
def test_keras_and_backends_come_in_by_one_door(path):
    here, names = room(module(path)), imported(path)
    for package, allowed in NATIVE.items():
        assert package not in {name.split(".")[0] for name in names} or here in allowed


def test_the_package_is_seen_at_a_glance():
    names = {path.name.split(".")[0] for path in PACKAGE.iterdir() if path.name != "__pycache__"}
    assert len(names - {"py"}) <= 20  # py.typed is a mark, no name
