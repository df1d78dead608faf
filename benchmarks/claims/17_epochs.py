"""Chapter 17: does longer training help? Supernets of 40 epochs on the SAME 300 networks as the stored ones of 200. Kept in runs/17.json.

KERAS_BACKEND=jax, five minutes of one core.
"""

import json
import os
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")

import numpy as np
from common import PARAMETERS, TEST, interval, space, table
from scipy.stats import spearmanr

from nas_tutorial import course
from nas_tutorial.statistics.tests import paired_difference

KEPT = Path(__file__).parent / "runs" / "17.json"
nets = [r["values"] for r in course.stored_records("weight_sharing") if r["job"][0] == "supernet"]
ROWS = np.array(nets[0]["rows"])


def collect():
    from nas_tutorial.data.datasets import load_dataset
    from nas_tutorial.evaluators.one_program.supernet import OneShotEvaluator, Supernet
    from nas_tutorial.trials import Candidate

    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    for seed in range(5):
        if str(seed) not in kept:
            supernet = Supernet(space, load_dataset("mnist1d"), epochs=40, seed=seed)
            supernet.train()
            score = OneShotEvaluator(supernet, recalibration=4)
            kept[seed] = [
                score(Candidate(table.networks[row]), seed=0).metrics["val_accuracy"]
                for row in ROWS
            ]
            KEPT.write_text(json.dumps(kept))
            print(seed, flush=True)
    return json.loads(KEPT.read_text())


if __name__ == "__main__":
    kept, test = collect(), TEST[ROWS]
    short = np.array([spearmanr(kept[str(s)], test).statistic for s in range(5)])
    long = np.array([spearmanr(one["recalibrated"], test).statistic for one in nets])
    print(
        "40 epochs:", short.round(2), interval(short), " 200 epochs:", long.round(2), interval(long)
    )
    print(
        "200 - 40, between seeds:",
        paired_difference(long - short).text(),
        " parameters",
        round(spearmanr(PARAMETERS[ROWS], test).statistic, 2),
    )
    sixty = np.random.default_rng(0).choice(len(table), 60, replace=False)
    print(
        "parameters on the chapter's 60 networks:",
        round(spearmanr(PARAMETERS[sixty], TEST[sixty]).statistic, 2),
    )
