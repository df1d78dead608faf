"""Chapter 06: all 81 architectures of its space, trained twice; where the ten-trial winner stands. Kept in runs/06.json."""

import itertools
import json
import os
from pathlib import Path

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
KEPT = Path(__file__).parent / "runs" / "06.json"
OPTIONS = {
    "blocks": (1, 2, 3),
    "filters": (8, 16, 32),
    "kernel": (3, 5, 7),
    "pooling": ("none", "average", "max"),
}
CELLS = [dict(zip(OPTIONS, values)) for values in itertools.product(*OPTIONS.values())]


def train_all(seeds=(0, 1)):
    import tensorflow as tf

    from nas_tutorial.data.datasets import load_dataset

    data, layers = load_dataset("mnist1d"), tf.keras.layers
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    for seed, number in itertools.product(seeds, range(len(CELLS))):
        if f"{seed}/{number}" in kept:
            continue
        tf.keras.utils.set_random_seed(1000 * seed + number)
        one = CELLS[number]
        model = tf.keras.Sequential([layers.Input(data.input_shape)])
        for _ in range(one["blocks"]):
            model.add(
                layers.Conv1D(one["filters"], one["kernel"], padding="same", activation="relu")
            )
            if one["pooling"] != "none":
                model.add(
                    {"average": layers.AveragePooling1D, "max": layers.MaxPooling1D}[
                        one["pooling"]
                    ](2)
                )
        model.add(layers.Flatten())
        model.add(layers.Dense(data.num_classes))
        loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(optimizer=tf.keras.optimizers.Adam(0.01), loss=loss, metrics=["accuracy"])
        model.fit(data.x_train, data.y_train, batch_size=64, epochs=5, verbose=0)
        kept[f"{seed}/{number}"] = [
            model.evaluate(data.x_val, data.y_val, batch_size=500, verbose=0)[1],
            model.count_params(),
        ]
        KEPT.write_text(json.dumps(kept))
        tf.keras.backend.clear_session()
    return kept


def genetic(value, rng, trials=10, size=4):
    """The chapter's program on looked-up values; the number of the best by `value`."""
    code = {tuple(one.values()): i for i, one in enumerate(CELLS)}
    population, told = [], []
    for trial in range(trials):
        if trial < size:
            cell = {slot: options[rng.integers(3)] for slot, options in OPTIONS.items()}
        else:
            parents = [
                max(
                    (population[rng.integers(len(population))] for _ in range(2)),
                    key=lambda p: p[0],
                )[1]
                for _ in range(2)
            ]
            cell = {slot: parents[rng.integers(2)][slot] for slot in OPTIONS}
            slot = list(OPTIONS)[rng.integers(4)]
            cell[slot] = [o for o in OPTIONS[slot] if o != cell[slot]][rng.integers(2)]
        number = code[tuple(cell.values())]
        population.append((value[number], cell))
        told.append(number)
        if len(population) > size:
            population.remove(min(population, key=lambda p: p[0]))
    return max(told, key=lambda number: value[number])


if __name__ == "__main__":
    from nas_tutorial.statistics.chance import expected_best_of
    from nas_tutorial.statistics.tests import paired_difference

    kept = train_all()
    value = np.array([[kept[f"{seed}/{i}"][0] for seed in (0, 1)] for i in range(81)])
    size = np.array([kept[f"0/{i}"][1] for i in range(81)])
    print(
        "best of 81 by run 0, run 1:",
        value.max(axis=0).round(4),
        CELLS[value[:, 0].argmax()],
        CELLS[value[:, 1].argmax()],
    )
    print(
        "the best of run 0 in run 1:",
        value[value[:, 0].argmax(), 1].round(4),
        " mean, median:",
        value.mean().round(4),
        np.median(value).round(4),
    )
    print(
        "best ten by the mean of two:",
        [
            (round(float(value[i].mean()), 4), *CELLS[i].values(), int(size[i]))
            for i in np.argsort(-value.mean(axis=1), kind="stable")[:10]
        ],
    )
    own, other = value[:, 0], value[:, 1]
    print(
        "random search, 10 trials, by formula: observed",
        round(float(expected_best_of(own, 10)), 4),
        "run 1",
        round(float(expected_best_of(own, 10, report=other)), 4),
    )
    rng = np.random.default_rng(0)
    found = np.array([genetic(own, rng) for _ in range(2000)])
    drawn = np.array([max(rng.integers(81, size=10), key=lambda i: own[i]) for _ in range(2000)])
    print(
        "genetic, 10 trials, 2,000 seeds: observed",
        own[found].mean().round(4),
        "run 1",
        other[found].mean().round(4),
    )
    print(
        "genetic - random: observed",
        paired_difference(100 * (own[found] - own[drawn])).text(),
        "run 1",
        paired_difference(100 * (other[found] - other[drawn])).text(),
    )
    print(
        "a winner of 0.9162 is beaten by",
        int((value[:, 0] > 0.9162).sum()),
        "and",
        int((value[:, 1] > 0.9162).sum()),
        "of 81; largest network:",
        value[size.argmax()].round(4),
        CELLS[size.argmax()],
    )
    print(
        "SD between two runs of one:",
        (np.std(own - other) / 2**0.5).round(4),
        " correlation",
        np.corrcoef(own, other)[0, 1].round(3),
    )
