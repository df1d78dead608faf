"""Chapter 08: the wide network over four seeds, plain and with class weights. Kept in runs/08.npz (20 minutes)."""

from pathlib import Path

import numpy as np

from nas_tutorial import course
from nas_tutorial.backend import keras
from nas_tutorial.data.datasets import load_dataset
from nas_tutorial.evaluators.training import TrainingEvaluator
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.spaces.skeleton import Skeleton
from nas_tutorial.trials import Objective

KEPT = Path(__file__).parent / "runs" / "08.npz"
data = load_dataset("surnames")
skeleton = Skeleton(filters=64, vocabulary_size=data.vocabulary_size)
wide = TrainingEvaluator(EdgeCellSpace(), data, skeleton, epochs=20)
history = course.stored_history("surnames")
winner = history.best(Objective("val_macro_recall")).candidate.architecture


def trained(x, y, seed, balanced):
    """The evaluator's recipe; `balanced` weighs each class by n / (classes * its count)."""
    weights = (
        len(y) / (data.num_classes * np.bincount(y)) if balanced else np.ones(data.num_classes)
    )
    model, steps = wide.build(winner, seed=seed), len(x) // wide.batch_size
    wide.compile(model, steps)
    rng = np.random.default_rng(seed)
    for _ in range(wide.epochs):
        now = rng.permutation(len(x))[: steps * wide.batch_size]
        model.fit(
            x[now],
            y[now],
            sample_weight=weights[y[now]],
            batch_size=wide.batch_size,
            shuffle=False,
            verbose=0,
        )
    return model


x_test, y_test = load_dataset("surnames").final_test()
kept = dict(np.load(KEPT)) if KEPT.exists() else {"y_val": data.y_val, "y_test": y_test}
for seed in range(4):
    for balanced in (False, True):
        for part, (x, y), asked in (
            ("val", (data.x_train, data.y_train), data.x_val),
            ("test", data.train_and_validation(), x_test),
        ):
            name = f"{part}_{'balanced' if balanced else 'plain'}_{seed}"
            if name not in kept:
                kept[name] = wide.predict(trained(x, y, seed, balanced), asked)
                keras.backend.clear_session()
                np.savez_compressed(KEPT, **kept)
                print(name, np.mean(kept[name] == kept[f"y_{part}"]).round(4), flush=True)
