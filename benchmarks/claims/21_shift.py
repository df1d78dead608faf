"""Chapter 21, the shift figure: does "scale x 2" hurt shrunk or enlarged digits? Accuracy by quarter of the factor.

Same seeds with and without the shift give the same samples, so each shifted sample has its twin.
"""

import numpy as np
from common import TEST, space, table
from mnist1d.data import get_dataset_args, get_templates
from mnist1d.transform import transform
from mnist1d.utils import ObjectView, set_seed

from nas_tutorial.data.datasets import load_dataset
from nas_tutorial.evaluators.one_program.training import CompiledEvaluator
from nas_tutorial.randomness import kept_global_state
from nas_tutorial.spaces.architecture import Architecture

USUAL = get_dataset_args(as_dict=True)
CELLS = {
    "residual block": space.from_string(
        "|nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|nor_conv_3x3~1|none~2|"
    ),
    "3x3 everywhere": Architecture(("nor_conv_3x3",) * 6),
    "best of the table": table.networks[int(TEST.argmax())],
}


def draw(num_samples, seed, **changes):
    """Raw samples, labels, and the number in [0, 1) that decides how much each is shrunk or enlarged."""
    labels, shapes = np.repeat(np.arange(10), num_samples // 10), get_templates()
    raw, place = [], []
    with kept_global_state():
        set_seed(seed)
        for y in labels:
            state = np.random.get_state()
            np.random.rand()  # the padding
            place.append(np.random.rand())  # the scale, the second number that transform draws
            np.random.set_state(state)
            raw.append(transform(shapes["x"][y], shapes["t"], ObjectView({**USUAL, **changes}))[0])
    return np.stack(raw), labels, np.array(place)


old = draw(12_000, seed=42)[0]
dataset = load_dataset("mnist1d")
evaluator = CompiledEvaluator(space, dataset)


def scaled(raw):
    return ((raw - old.mean()) / old.std()).astype("float32")[..., None]


usual, y, place = draw(4_000, 5)
shifts = {
    "scale x 2": {"scale_coeff": 0.8},
    "shear x 2": {"shear_scale": 1.5},
    "noise x 1.5": {"corr_noise_scale": 0.375, "iid_noise_scale": 0.03},
}
shifted = {name: draw(4_000, 5, **changes)[0] for name, changes in shifts.items()}
quarters = np.digitize(place, (0.25, 0.5, 0.75))
print(
    "factor by quarter, usual and shifted:",
    [
        f"{1 + 0.4 * (q - 0.5):.2f} / {1 + 0.8 * (q - 0.5):.2f}"
        for q in (0.125, 0.375, 0.625, 0.875)
    ],
)
moved = {name: np.abs(values - usual).mean(axis=1) for name, values in shifted.items()}
for name, m in moved.items():
    two = np.flatnonzero(y == 2)
    most = two[m[two].argmax()]
    print(
        f"{name}: the digit 2 that moves most has place {place[most]:.2f} (0 shrunk, 1 enlarged); mean |change| by quarter {[round(m[quarters == q].mean(), 3) for q in range(4)]}"
    )
for name, cell in CELLS.items():
    for seed in range(200, 203):
        run = evaluator.start(cell, seed=seed)
        run.train_to(evaluator.epochs * run.steps_per_epoch)
        right = {"usual": run.predict(scaled(usual)) == y} | {
            n: run.predict(scaled(v)) == y for n, v in shifted.items()
        }
        by = {
            n: [round(float(r[quarters == q].mean()), 3) for q in range(4)]
            for n, r in right.items()
            if n in ("usual", "scale x 2")
        }
        se = np.sqrt(0.25 / 1000)
        print(f"{name}, seed {seed}: {', '.join(f'{n} {r.mean():.3f}' for n, r in right.items())}; by quarter, most shrunk first: "
              f"usual {by['usual']}, scale x 2 {by['scale x 2']} (SE at most {se:.3f})", flush=True)  # fmt: skip
