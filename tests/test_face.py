"""One public face: `import nas_tutorial as nas`, names loaded on use, and no Keras before it is asked for."""

import ast
import pickle
import subprocess
import sys
from importlib import import_module

import pytest

import nas_tutorial as nas
from tests import ROOT

STUB = ROOT / "nas_tutorial" / "__init__.pyi"
FROM = {
    alias.name: node.module
    for node in ast.parse(STUB.read_text(encoding="utf-8")).body
    for alias in node.names
}  # name -> where it lives


def python(program: str) -> str:
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return run.stdout.strip()


@pytest.mark.parametrize("name", sorted(FROM))
def test_a_public_name_is_what_its_module_defines(name):
    module = import_module(f"nas_tutorial.{FROM[name]}" if FROM[name] else "nas_tutorial")
    assert getattr(nas, name) is getattr(module, name)
    assert name in dir(nas)


def test_there_are_about_sixty():
    assert 55 <= len(FROM) <= 75
    assert set(FROM) == set(nas.__all__)


def test_importing_the_package_loads_no_keras_and_nothing_of_its_own():
    program = (
        "import nas_tutorial, sys;"
        "print([m for m in sys.modules if 'keras' in m or m.startswith('nas_tutorial.')])"
    )
    assert python(program) == "[]"


def test_what_reads_tables_loads_no_keras():
    program = (
        "import sys, nas_tutorial as nas;"
        "table = nas.Table.load_course();"
        "nas.search(nas.Genetic(table.space), nas.TableEvaluator(table), trials=3, progress=False);"
        "nas.compare, nas.paired_difference, nas.plots, nas.course;"
        "print([m for m in sys.modules if m.split('.')[0] in ('keras', 'tensorflow', 'jax')])"
    )
    assert python(program) == "[]"


def test_a_name_that_does_not_exist_is_an_attribute_error():
    with pytest.raises(AttributeError, match="Genetics"):
        nas.Genetics  # noqa: B018


def test_what_the_face_hands_out_pickles_by_its_own_place():
    assert pickle.loads(pickle.dumps(nas.Genetic)) is nas.Genetic
