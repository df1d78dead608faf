"""Chapter 05: 15 networks on digits, two runs each; genetic against random search with 12 trials, 200 seeds. Do the bands touch?"""

import json
from pathlib import Path

import numpy as np

from nas_tutorial.data.datasets import load_dataset
from nas_tutorial.evaluators.training import TrainingEvaluator
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.skeleton import Skeleton
from nas_tutorial.statistics.repeats import compare, final_values, quartiles
from nas_tutorial.statistics.tests import paired_difference
from nas_tutorial.strategies.genetic import Genetic
from nas_tutorial.strategies.random_search import RandomSearch
from nas_tutorial.trials import Result

KEPT = Path(__file__).parent / "runs" / "05.json"
chain = ChainSpace(depth=3, operations=("nor_conv_3x3", "max_pool_3x3"))
networks = {chain.graph(one).fingerprint(): one for one in chain}


def trained():
    if KEPT.exists():
        return json.loads(KEPT.read_text())
    digits = load_dataset("digits")
    trainer = TrainingEvaluator(chain, digits, Skeleton(8, (1, 1)), epochs=2, batch_size=32)
    kept = {}
    for run in range(2):
        for number, (fingerprint, one) in enumerate(networks.items()):
            seed = number + 100 * run  # run 0 is the chapter's
            model = trainer.build(one, seed=seed)
            trainer.fit(model, digits.x_train, digits.y_train, seed=seed)
            kept.setdefault(fingerprint, []).append(
                float(np.mean(trainer.predict(model, digits.x_val) == digits.y_val))
            )
    KEPT.write_text(json.dumps(kept))
    return kept


table = trained()
best = max(value[0] for value in table.values())


def look_up(candidate, *, seed):
    return Result(
        {"val_accuracy": table[chain.graph(candidate.architecture).fingerprint()][0]}, seconds=0.0
    )


def again(history):
    """The other run of the incumbent, after each trial."""
    values, told = [], -1.0
    for trial in history:
        if trial.value("val_accuracy") > told:
            told = trial.value("val_accuracy")
            other = table[chain.graph(trial.candidate.architecture).fingerprint()][1]
        values.append(other)
    return np.array(values)


strategies = {
    "random_search": lambda seed: RandomSearch(chain, seed=seed),
    "genetic": lambda seed: Genetic(chain, population_size=4, tournament_size=2, seed=seed),
}
for seeds in (range(20), range(200)):
    comparison = compare(strategies, look_up, trials=12, seeds=seeds, curves={"again": again})
    by_trial = quartiles(comparison).groupby("trial")
    low, high = by_trial["lower_quartile"].max(), by_trial["upper_quartile"].min()
    last = quartiles(comparison)
    print(f"{len(seeds)} seeds:\n", last[last["trial"] == 12].round(4).to_string(index=False))
    print(
        "bands overlap strictly at",
        *low.index[low < high],
        "; touch at",
        *low.index[low == high],
        "; part at",
        *low.index[low > high],
    )
    end = final_values(comparison)
    print("genetic - random, points:", paired_difference(100 * (end["genetic"] - end["random_search"])).text(),
          "; ahead", int((end["genetic"] > end["random_search"]).sum()), "behind", int((end["genetic"] < end["random_search"]).sum()),
          "; in the other run:", paired_difference(100 * (final_values(comparison, "again")["genetic"] - final_values(comparison, "again")["random_search"])).text())  # fmt: skip
