"""The house's one rule: imports go down only. The table stands here once."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "nas_tutorial"

LAYER = {
    "graph": 0, "architecture": 0, "trials": 0, "names": 0, "randomness": 0, "arrays": 0,
    "pareto": 0, "hypervolume": 0,
    "spaces": 1, "backend": 1, "models": 1, "data": 1, "checkpoints": 1, "surnames": 1,
    "gaussian_process": 1,
    "strategies": 2, "evaluation": 2, "switched": 2,
    "stacked": 2, "compiled": 2, "proxies": 2, "compiled_proxies": 2,
    "shared": 2, "supernet": 2, "darts": 2,
    "workers": 3, "simulated": 3, "store": 3, "loop": 3, "analysis": 3, "significance": 3, "chance": 3, "costs": 3, "table_build": 3, "table_proxies": 3, "table_index": 3, "nasbench201": 3, "table": 3, "table_verify": 3,
    "converted": 3, "tfrecord": 3, "plain_pickle": 3, "nasbench101": 3, "natsbench": 3,
    "layout": 4, "plots": 4, "replay": 4, "report": 4, "kerastuner": 4,
    "exercises": 5, "quizzes": 5, "course": 5, "options": 5, "__main__": 5,
}  # fmt: skip
WITHIN_A_LAYER = {
    ("trials", "architecture"), ("trials", "names"),
    ("pareto", "trials"), ("hypervolume", "pareto"), ("hypervolume", "trials"),
    ("models", "backend"), ("data", "backend"), ("surnames", "data"),
    ("strategies", "strategies"), ("stacked", "switched"), ("compiled", "stacked"), ("compiled", "evaluation"),
    ("proxies", "evaluation"), ("compiled_proxies", "proxies"), ("compiled_proxies", "compiled"),
    ("compiled_proxies", "stacked"), ("compiled_proxies", "switched"),
    ("supernet", "shared"), ("supernet", "compiled"), ("supernet", "evaluation"),
    ("supernet", "stacked"), ("supernet", "switched"), ("darts", "compiled"), ("darts", "switched"),
    ("exercises", "exercises"),
    ("loop", "store"), ("loop", "workers"), ("table_build", "workers"),
    ("analysis", "loop"), ("table", "table_build"),
    ("table_proxies", "table_build"), ("table", "table_proxies"),
    ("table", "table_index"), ("table", "nasbench101"), ("table", "nasbench201"), ("nasbench101", "converted"), ("nasbench101", "tfrecord"),
    ("table", "natsbench"), ("natsbench", "converted"), ("natsbench", "plain_pickle"),
    ("table_verify", "table"), ("table_verify", "loop"),
    ("plots", "layout"), ("replay", "plots"), ("course", "exercises"), ("course", "quizzes"),
    ("__main__", "exercises"), ("__main__", "options"),
}  # fmt: skip
KERAS = {"backend"}  # all others take it from there
NATIVE = {
    "tensorflow": {"backend"}, "jax": {"backend"}, "torch": set(),
    "keras_tuner": {"kerastuner"},
}  # fmt: skip

FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def part(path: Path) -> str:
    """The room that a file belongs to: its own name, or its folder's."""
    relative = path.relative_to(PACKAGE)
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


def imported(path: Path) -> set[str]:
    """Dotted names of all modules that a file imports, inside functions too."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} has a relative import"
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def rooms(path: Path) -> set[str]:
    """The rooms of this package that a file imports from."""
    return {
        name.split(".")[1]
        for name in imported(path)
        if name.startswith("nas_tutorial.") and name.split(".")[1] in LAYER
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down(path):
    here = part(path)
    for there in rooms(path):
        down = LAYER[there] < LAYER[here]
        assert down or (here, there) in WITHIN_A_LAYER, f"{here} must not import {there}"


def test_every_room_has_a_layer():
    assert {part(path) for path in FILES} == set(LAYER)


def test_the_table_names_no_arrow_that_is_gone():
    arrows = {(part(path), there) for path in FILES for there in rooms(path)}
    assert arrows >= WITHIN_A_LAYER


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_keras_and_backends_come_in_by_one_door(path):
    top = {name.split(".")[0] for name in imported(path)}
    assert "keras" not in top or part(path) in KERAS
    for package, allowed in NATIVE.items():
        assert package not in top or part(path) in allowed
