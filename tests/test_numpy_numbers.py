"""Numbers of NumPy are taken wherever numbers are, and become Python's own where they come in.

What kept them would fail where it is written as JSON: after the first training run.
"""

import json

import numpy as np
import pytest

from nas_tutorial.data.datasets import load_dataset
from nas_tutorial.evaluators.one_program.darts import Darts
from nas_tutorial.evaluators.one_program.proxies import CompiledProxyEvaluator
from nas_tutorial.evaluators.one_program.supernet import Supernet
from nas_tutorial.evaluators.one_program.training import CompiledEvaluator
from nas_tutorial.evaluators.proxies import ProxyEvaluator
from nas_tutorial.evaluators.recipe import Recipe
from nas_tutorial.evaluators.training import TrainingEvaluator
from nas_tutorial.loop.search import Budget, search
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.spaces.node_cell import NodeCellSpace
from nas_tutorial.spaces.skeleton import Skeleton
from nas_tutorial.strategies.random_search import RandomSearch
from nas_tutorial.tables.table import Table, TableEvaluator
from nas_tutorial.trials import Candidate, Constraint, Result, Resumed, Trial

SPACE = EdgeCellSpace()
CANDIDATE = Candidate(SPACE.sample(np.random.default_rng(0)))
WHOLE, REAL = np.int64, np.float32


def of_recipe(kind, **settings):
    data = load_dataset("mnist1d")
    return kind(
        SPACE, data, epochs=WHOLE(2), batch_size=WHOLE(8), learning_rate=REAL(0.5), **settings
    )


MADE = {
    "constraint": lambda: Constraint("parameters", np.uint32(7)),
    "candidate": lambda: Candidate(
        CANDIDATE.architecture, REAL(1.5), (WHOLE(1),), Resumed(WHOLE(0), REAL(0.5))
    ),
    "result": lambda: Result({"a": np.float16(2)}, WHOLE(3), copied_from=WHOLE(2)),
    "trial": lambda: Trial(WHOLE(3), CANDIDATE, WHOLE(5), Result({"a": REAL(1)}, REAL(1))),
    "budget": lambda: Budget(WHOLE(3), REAL(3), REAL(0.5)),
    "chain": lambda: ChainSpace(WHOLE(3)),
    "node_cell": lambda: NodeCellSpace(WHOLE(4)),
    "skeleton": lambda: Skeleton(WHOLE(8), (WHOLE(2), WHOLE(1)), WHOLE(30)),
    "recipe": lambda: of_recipe(Recipe),
    "training": lambda: of_recipe(TrainingEvaluator),
    "compiled": lambda: of_recipe(CompiledEvaluator),
    "proxies": lambda: of_recipe(ProxyEvaluator),
    "compiled proxies": lambda: of_recipe(CompiledProxyEvaluator),
    "supernet": lambda: of_recipe(Supernet, seed=WHOLE(3)),
    "darts": lambda: of_recipe(Darts, order=WHOLE(1), alpha_rate=REAL(0.1)),
    "table": lambda: TableEvaluator(Table.load_course(), REAL(5)),
}


def of_numpy(value, path: str, depth: int = 4) -> list[str]:
    """Where numbers of NumPy are kept: in attributes, and in what these hold."""
    if isinstance(value, np.generic):
        return [path]
    if type(value).__module__.startswith("nas_tutorial"):
        value = vars(value) if hasattr(value, "__dict__") else {}
    if isinstance(value, tuple | list):
        value = dict(enumerate(value))
    if not isinstance(value, dict) or not depth:
        return []
    return [
        place for key, each in value.items() for place in of_numpy(each, f"{path}.{key}", depth - 1)
    ]


@pytest.mark.parametrize("name", list(MADE))
def test_what_is_made_of_them_keeps_none(name):
    made = MADE[name]()
    assert of_numpy(made, name) == []
    if hasattr(made, "describe"):
        json.dumps(made.describe())


def test_a_search_with_them_can_be_kept_and_goes_on(tmp_path):
    def evaluator(candidate, *, seed):
        return Result({"val_accuracy": REAL(0.5), "parameters": np.uint16(7)}, REAL(1))

    settings = {"seconds": REAL(99), "workers": WHOLE(1), "store": tmp_path / "store.jsonl"}
    for trials in (WHOLE(3), WHOLE(5)):
        strategy = RandomSearch(
            SPACE, seed=WHOLE(2), constraints=[Constraint("parameters", REAL(9))]
        )
        history = search(strategy, evaluator, trials=trials, progress=False, **settings)
        assert len(history) == trials
