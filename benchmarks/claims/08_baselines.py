"""Chapter 08: counts of letters, pairs, triples, quadruples, with and without class weights, beside the wide network.

Validation: fitted on the training set. Test: fitted on training and validation sets. Macro recall has a standard
error: the root of the sum of r (1 - r) / n over the languages, over 7; and by a bootstrap within languages.
"""

from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from nas_tutorial.data.datasets import load_dataset
from nas_tutorial.data.surnames import decode

data = load_dataset("surnames")
x_test, y_test = load_dataset("surnames").final_test()
both_x, both_y = data.train_and_validation()
SPLITS = {
    "val": (decode(data.x_train), data.y_train, decode(data.x_val), data.y_val),
    "test": (decode(both_x), both_y, decode(x_test), y_test),
}
CLASSES = range(data.num_classes)


def counting(most, weight, analyzer="char_wb", c=1.0):
    counts = CountVectorizer(analyzer=analyzer, ngram_range=(1, most))
    return make_pipeline(counts, LogisticRegression(max_iter=1000, class_weight=weight, C=c))


def measures(right, y):
    """Accuracy and macro recall with standard errors, from which names are right."""
    recalls = np.array([right[y == k].mean() for k in CLASSES])
    sizes = np.array([np.sum(y == k) for k in CLASSES])
    se = np.sqrt((recalls * (1 - recalls) / sizes).sum()) / len(sizes)
    return right.mean(), np.sqrt(right.mean() * (1 - right.mean()) / len(y)), recalls.mean(), se


def resampled(y, times=2000, seed=0):
    rng = np.random.default_rng(seed)
    return [
        np.concatenate([rng.choice(np.flatnonzero(y == k), np.sum(y == k)) for k in CLASSES])
        for _ in range(times)
    ]


def macro(right, y):
    return np.mean([right[y == k].mean() for k in CLASSES])


predicted = {}
for split, (x, y, asked, truth) in SPLITS.items():
    predicted[split, "all Polish"] = np.full(len(truth), data.class_names.index("Polish"))
    for most in (1, 2, 3, 4):
        for weight in (None, "balanced"):
            predicted[split, f"1 to {most} letters, {weight or 'unweighted'}"] = (
                counting(most, weight).fit(x, y).predict(asked)
            )
for split, (*_, truth) in SPLITS.items():
    print(f"\n{split}: n = {len(truth)}, per language {np.bincount(truth)}")
    for (part, name), labels in predicted.items():
        if part == split:
            a, sa, m, sm = measures(labels == truth, truth)
            print(f"{name:28} accuracy {a:.3f} ± {sa:.3f}   macro recall {m:.3f} ± {sm:.3f} (SE)")

kept_file = Path(__file__).parent / "runs" / "08.npz"
if kept_file.exists():
    kept = dict(np.load(kept_file))
    for split in SPLITS:
        y, draws = kept[f"y_{split}"], resampled(kept[f"y_{split}"])
        assert (y == SPLITS[split][3]).all()
        print(
            f"\n{split}: the wide network, four seeds; paired bootstrap over names within languages"
        )
        for kind in ("plain", "balanced"):
            runs = [kept[name] == y for name in kept if name.startswith(f"{split}_{kind}")]
            if not runs:
                continue
            acc, mac = [r.mean() for r in runs], [macro(r, y) for r in runs]
            print(
                f"wide, {kind}: {len(runs)} runs, accuracy {np.mean(acc):.3f} ({np.round(acc, 3)}), macro recall {np.mean(mac):.3f} ({np.round(mac, 3)})"
            )
            for name in (
                "1 to 2 letters, unweighted",
                "1 to 2 letters, balanced",
                "1 to 3 letters, unweighted",
                "1 to 3 letters, balanced",
                "1 to 4 letters, balanced",
            ):
                base, own = predicted[split, name] == y, np.mean(runs, axis=0)
                a, m = own.mean() - base.mean(), macro(own, y) - macro(base, y)
                da = np.quantile([own[d].mean() - base[d].mean() for d in draws], (0.025, 0.975))
                dm = np.quantile(
                    [macro(own[d], y[d]) - macro(base[d], y[d]) for d in draws], (0.025, 0.975)
                )
                print(
                    f"   - {name:28} accuracy {a:+.3f} ({da[0]:+.3f} to {da[1]:+.3f})   macro recall {m:+.3f} ({dm[0]:+.3f} to {dm[1]:+.3f})"
                )
