"""Chapter 07: the winner, plain networks and random cells on digits, ten seeds each. Kept in runs/07.json."""

import json
from pathlib import Path

import numpy as np

from nas_tutorial import course
from nas_tutorial.backend import keras
from nas_tutorial.data.datasets import load_dataset
from nas_tutorial.evaluators.training import TrainingEvaluator
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.trials import Objective

KEPT = Path(__file__).parent / "runs" / "07.json"
data, space = load_dataset("digits"), EdgeCellSpace()
evaluator = TrainingEvaluator(space, data, epochs=20)
best = course.stored_history("digits").best(Objective("val_accuracy"))
winner, wanted = best.candidate.architecture, best.value("parameters")


def plain_network(channels, seed):
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input(data.input_shape)])
    for _ in range(4):
        model.add(keras.layers.Conv2D(channels, 3, padding="same", use_bias=False))
        model.add(keras.layers.BatchNormalization(momentum=0.9))
        model.add(keras.layers.ReLU())
    model.add(keras.layers.GlobalAveragePooling2D())
    model.add(keras.layers.Dense(data.num_classes))
    return model


def right_of(model, seed):
    """The 360 validation images that it gets right, as text of 0 and 1."""
    evaluator.fit(model, data.x_train, data.y_train, seed=seed)
    right = evaluator.predict(model, data.x_val) == data.y_val
    keras.backend.clear_session()
    return "".join("01"[int(one)] for one in right)


def size(architecture):
    return evaluator.build(architecture, seed=0).count_params()


def distinct(count, of_size, rng):
    """Random cells, none the winner's network; of its size, or any that reaches the output."""
    found = {space.graph(winner).fingerprint()}
    while len(found) <= count:
        one = space.sample(rng)
        mark = space.graph(one).fingerprint()
        if mark not in found and (not of_size or size(one) == wanted):
            found.add(mark)
            yield one


kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
channels = min(range(4, 40), key=lambda c: abs(plain_network(c, 0).count_params() - wanted))
makers = {
    f"winner/{seed}": (lambda s: evaluator.build(winner, seed=s), seed) for seed in range(100, 110)
}
makers |= {
    f"plain/{seed}": (lambda s: plain_network(channels, s), seed) for seed in range(100, 110)
}
for kind, of_size, count in (("same size", True, 20), ("any size", False, 20)):
    for number, cell in enumerate(distinct(count, of_size, np.random.default_rng(7))):
        makers[f"{kind}/{number}/{cell}"] = (
            lambda s, c=cell: evaluator.build(c, seed=s),
            200 + number,
        )
print(
    f"winner {wanted} parameters, plain with {channels} channels {plain_network(channels, 0).count_params()}"
)
for name, (make, seed) in makers.items():
    if name not in kept:
        kept[name] = right_of(make(seed), seed)
        KEPT.write_text(json.dumps(kept, indent=0))
        print(name, kept[name].count("1") / 360, flush=True)
