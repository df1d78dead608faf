"""Do the compiled program and ordinary Keras training measure the same thing?

    python benchmarks/evaluation_parity.py --networks 30 --seeds 3 --json

Prints the largest difference between the two ways' losses over the first steps from equal weights;
the mean difference of their validation accuracies over random networks with its 95 % interval, once
where both begin from the weights that Keras drew and take the samples in the same order ("paired"),
and once where each draws its own ("independent", which the noise of the draw makes wider); and
Kendall's tau between the ways' means over seeds, beside the mean tau between single seeds of one
way. Every measured network goes into --out, so a run that was cut goes on where it stopped.
"""

import argparse
import itertools
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas

from nas_tutorial.backend import keras
from nas_tutorial.data.datasets import load_dataset
from nas_tutorial.evaluators.one_program.training import CompiledEvaluator
from nas_tutorial.evaluators.training import TrainingEvaluator, steps_in
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.statistics.tests import paired_difference
from nas_tutorial.trials import Candidate

SPACE = EdgeCellSpace()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", type=int, default=30)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--steps", type=int, default=5, help="steps whose losses are compared")
    parser.add_argument("--out", type=Path, default=Path("runs/parity.jsonl"))
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    chosen = [SPACE.sample(rng) for _ in range(options.networks)]
    accuracy = {name: accuracies(name, chosen, options) for name in WAYS}
    result = {
        "backend": keras.backend.backend(),
        "networks": options.networks,
        "seeds": options.seeds,
        "largest_loss_difference": max(loss_difference(one, options.steps) for one in chosen[:5]),
        "paired": agreement(accuracy["training"], accuracy["compiled from the same weights"]),
        "independent": agreement(accuracy["training"], accuracy["compiled"]),
    }
    print(json.dumps(result) if options.json else pandas.Series(result).to_string())


def accuracies(name: str, architectures: list, options: argparse.Namespace) -> np.ndarray:
    """Validation accuracies by one way, of shape (num_networks, num_seeds)."""
    measure = WAYS[name](options.epochs)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    lines = options.out.read_text().splitlines() if options.out.exists() else []
    known = {tuple(key): value for key, value in map(json.loads, lines)}
    table = np.zeros((len(architectures), options.seeds))
    with options.out.open("a") as file:
        for index, seed in itertools.product(range(len(architectures)), range(options.seeds)):
            key = name, keras.backend.backend(), options.epochs, index, seed
            if key not in known:
                own_seed = 1000 * index + seed  # equal seeds would share weights between networks
                known[key] = measure(architectures[index], own_seed)
                file.write(json.dumps([key, known[key]]) + "\n")
                file.flush()
                print(*key, known[key], file=sys.stderr)
            table[index, seed] = known[key]
    return table


def training(epochs: int) -> Callable:
    evaluator = TrainingEvaluator(SPACE, load_dataset("mnist1d"), epochs=epochs)
    return lambda one, seed: evaluator(Candidate(one), seed=seed).metrics["val_accuracy"]


def compiled(epochs: int) -> Callable:
    evaluator = CompiledEvaluator(SPACE, load_dataset("mnist1d"), epochs=epochs)
    return lambda one, seed: evaluator(Candidate(one), seed=seed).metrics["val_accuracy"]


def compiled_from_the_same_weights(epochs: int) -> Callable:
    """The compiled program, started from the weights that Keras draws for this seed."""
    data = load_dataset("mnist1d")
    fast = CompiledEvaluator(SPACE, data, epochs=epochs)

    def measure(architecture: Architecture, seed: int) -> float:
        run = fast.start(architecture, seed=seed, weights=keras_weights(fast, architecture, seed))
        run.train_to(steps_in(epochs, run.steps_per_epoch))
        return float(np.mean(run.predict(data.x_val) == data.y_val))

    return measure


def keras_weights(fast: CompiledEvaluator, architecture: Architecture, seed: int) -> np.ndarray:
    operations = fast.stacked.operations(architecture)
    return fast.stacked.weights_of(fast.recipe.build(architecture, seed=seed), operations)


WAYS = {
    "training": training,
    "compiled from the same weights": compiled_from_the_same_weights,
    "compiled": compiled,
}


def agreement(first: np.ndarray, second: np.ndarray) -> dict:
    """Means and ranks of two tables of shape (num_networks, num_seeds) compared."""
    difference = (second - first).mean(axis=1)
    mean, low, high = paired_difference(difference)
    pairs = list(itertools.combinations(range(first.shape[1]), 2))
    single = [kendall(way[:, a], way[:, b]) for way in (first, second) for a, b in pairs]
    return {
        "mean_difference": mean,
        "interval_95": [low, high],
        "kendall_between_ways": kendall(first.mean(axis=1), second.mean(axis=1)),
        "kendall_between_seeds": float(np.mean(single)),
    }


def kendall(first: np.ndarray, second: np.ndarray) -> float:
    """Kendall's tau, ties counting as neither."""
    signs = [
        np.sign(first[a] - first[b]) * np.sign(second[a] - second[b])
        for a, b in itertools.combinations(range(len(first)), 2)
    ]
    return float(np.mean(signs))


def loss_difference(architecture, steps: int) -> float:
    """The largest difference of the two ways' losses over the first steps, from equal weights."""
    data = load_dataset("mnist1d")
    fast, slow = CompiledEvaluator(SPACE, data), TrainingEvaluator(SPACE, data)
    model = slow.recipe.build(architecture, seed=1)
    run = fast.start(architecture, seed=1, weights=keras_weights(fast, architecture, seed=1))
    run.train_to(steps)
    batch = slow.recipe.batch_size
    order = np.random.default_rng(1).permutation(len(data.x_train))
    schedule = keras.optimizers.schedules.CosineDecay(
        slow.recipe.learning_rate, slow.recipe.epochs * (len(data.x_train) // batch)
    )
    model.compile(
        optimizer=keras.optimizers.SGD(schedule, momentum=0.9, nesterov=True),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=False,
    )
    losses = [
        float(model.train_on_batch(data.x_train[rows], data.y_train[rows]))
        for rows in np.split(order[: steps * batch], steps)
    ]
    return float(np.abs(np.array(losses) - run.losses).max())


if __name__ == "__main__":
    main()
