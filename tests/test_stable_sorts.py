"""No result depends on how equal values are sorted, which differs between processors."""

import ast

import pytest

from tests import ROOT

SORTS = {"argsort", "argpartition", "sort_values", "sort_index"}  # they return or carry places
FILES = [
    path
    for folder in ("nas_tutorial", "sources", "benchmarks", "docs")
    for path in sorted((ROOT / folder).rglob("*.py"))
]


def unstable_sorts(text: str) -> list[str]:
    """The calls that sort places without kind="stable"; ranks of places, which never tie, are left out."""
    return [
        ast.unparse(call)
        for call in ast.walk(ast.parse(text))
        if _sorts(call) and not _is_stable(call) and not _sorts(call.func.value)
    ]


def _sorts(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in SORTS
    )


def _is_stable(call: ast.Call) -> bool:
    kinds = [keyword.value for keyword in call.keywords if keyword.arg == "kind"]
    return [ast.unparse(kind) for kind in kinds] == ["'stable'"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_sorts_of_places_are_stable(path):
    found = unstable_sorts(path.read_text(encoding="utf-8"))
    assert not found, f'write kind="stable" in {found}'


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("np.argsort(x)", ["np.argsort(x)"]),
        ("np.argsort(-x, kind='quicksort')[:3]", ["np.argsort(-x, kind='quicksort')"]),
        ("np.argsort(-x, kind='stable')[:3]", []),
        ("frame.sort_values('p').head(8)", ["frame.sort_values('p')"]),
        ("x.argsort().argsort()", ["x.argsort()"]),
        ("x.argsort(kind='stable').argsort()", []),
        ("np.argpartition(x, 3)", ["np.argpartition(x, 3)"]),
        ("np.sort(x)", []),  # equal values are equal
    ],
)
def test_an_unstable_sort_is_found(text, found):
    assert unstable_sorts(text) == found
