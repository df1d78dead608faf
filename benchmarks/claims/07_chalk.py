"""Chapter 07: chalk on a blackboard, and eight times the parameters, over seeds in place of one. Kept in runs/07b.json."""

import json
from pathlib import Path

import numpy as np

from nas_tutorial import course
from nas_tutorial.backend import keras
from nas_tutorial.data.datasets import load_dataset
from nas_tutorial.evaluators.training import TrainingEvaluator
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.spaces.skeleton import Skeleton
from nas_tutorial.trials import Objective

KEPT = Path(__file__).parent / "runs" / "07b.json"
data, space = load_dataset("digits"), EdgeCellSpace()
evaluator = TrainingEvaluator(space, data, epochs=20)
winner = course.stored_history("digits").best(Objective("val_accuracy")).candidate.architecture
kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}


def share(model, images):
    return float(np.mean(evaluator.predict(model, images) == data.y_val))


for seed in range(5):
    if f"small {seed}" not in kept:
        model = evaluator.build(winner, seed=seed)
        evaluator.fit(model, data.x_train, data.y_train, seed=seed)
        logits = model.predict(1 - data.x_val, verbose=0)
        sure = float(keras.ops.mean(keras.ops.max(keras.ops.softmax(logits), axis=1)))
        kept[f"small {seed}"] = [
            share(model, data.x_val),
            share(model, 1 - data.x_val),
            sure,
            share(model, np.roll(data.x_val, 1, axis=2)),
        ]
        KEPT.write_text(json.dumps(kept))
for seed in range(3):
    if f"large {seed}" not in kept:
        model = Skeleton(filters=24, cells=(2, 2)).build(
            space.graph(winner), data.input_shape, data.num_classes, seed=seed
        )
        evaluator.fit(model, data.x_train, data.y_train, seed=seed)
        kept[f"large {seed}"] = [share(model, data.x_val), int(model.count_params())]
        KEPT.write_text(json.dumps(kept))
small = np.array([v for k, v in kept.items() if k.startswith("small")])
large = np.array([v for k, v in kept.items() if k.startswith("large")])
for i, name in enumerate(
    ("as trained", "chalk", "chalk, mean probability of its answers", "moved by a pixel, wrapped")
):
    print(f"{name}: {small[:, i].mean():.3f}, single networks {small[:, i].round(3)}")
print("SE of a share of 0.2 over 360 images:", round((0.2 * 0.8 / 360) ** 0.5, 3), " guessing 0.1")
print(
    "scaled up:",
    large[:, 1].mean(),
    "parameters, accuracy",
    large[:, 0].round(4),
    "mean",
    large[:, 0].mean().round(4),
)
