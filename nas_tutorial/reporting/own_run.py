"""Your own data on the command line: from a file to a data set, a baseline, files, and predictions."""

import argparse
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy.special import expit, softmax

from nas_tutorial.backend import keras
from nas_tutorial.data.datasets import Dataset
from nas_tutorial.data.own.columns import numbers_of
from nas_tutorial.data.own.inputs import scaled
from nas_tutorial.data.own.origin import Origin
from nas_tutorial.data.own.sources import read_frame
from nas_tutorial.evaluators.baselines import baseline, spoken, trivial
from nas_tutorial.evaluators.tasks.outputs import task_of
from nas_tutorial.files import read_arrays, replacing
from nas_tutorial.names import one_of, shown
from nas_tutorial.trials import Objective

IMBALANCE = 3  # so many times the smallest class, and accuracy is mostly about the largest
READER = "reader.json"
EXPORTS = {  # format -> suffix, the packages that it needs, and what to install
    "onnx": (".onnx", ("tf2onnx", "onnx", "onnxruntime"), "tf2onnx onnx onnxruntime"),
    "litert": (".tflite", ("ai_edge_litert",), "ai-edge-litert"),
}


class OwnSearch:
    """What `search --data` adds to a search: data, what suits them, a baseline, and more files.

    Args:
        options: What the command line was given.

    Attributes:
        dataset: Read from the file or folder.
        objective, space, batch_size: What suits the data: the space by its name.

    Raises:
        ValueError: If the data cannot be learned, or a format cannot be exported to.
    """

    def __init__(self, options: argparse.Namespace):
        self.seed, self.out = options.seed, options.out
        self.formats = formats(options.export) if options.export else []
        self.dataset = read_data(
            options.data,
            options.target,
            size=options.size,
            task=options.task,
            missing=options.missing,
            drop=options.drop and options.drop.split(","),
            test=options.test,
            seed=options.seed,
        )
        self.objective = objective_for(self.dataset)
        self.space, self.batch_size = space_for(self.dataset), batch_size_for(self.dataset)

    def compare(self) -> dict[int, str]:
        """Print what baselines reach; for items 4 and 8 of the run card."""
        print(self.dataset)
        sentence = compared(self.dataset, self.objective, seed=self.seed)
        print(sentence)
        return {4: f"Data: {_origin(self.dataset).describe()}.", 8: sentence}

    def finish(self, evaluator, said: dict[int, str]) -> None:
        """Write how to read new data, the figure of the test set, and exports; print differences."""
        write_reader(self.dataset, self.out)
        files = [READER]
        if hasattr(evaluator, "tested"):
            y, outputs = evaluator.tested
            files.append(write_check(self.dataset.task, y, outputs, self.out))
        print(f"  {said[8]}\nAlso in {self.out}: {', '.join(files)}")
        for name in self.formats:
            file, difference = export(network(self.out), name, self.out, self.dataset.x_val[:100])
            print(
                f"{file}: the largest difference from Keras on validation samples is {difference:.1e}"
            )


def _origin(dataset: Dataset) -> Origin:
    """Where the data came from, which everything that `read_data` returns knows."""
    assert dataset.origin is not None
    return dataset.origin


def read_data(path: Path, target: str | None, *, size: int | None = None, **settings) -> Dataset:
    """The data set of a CSV file, a folder of images, or an .npz file with arrays x and y.

    Args:
        path: The file or folder.
        target: The column to predict, of a CSV file; several with commas between them.
        size: Images are scaled to so many pixels along each side; None leaves them as they are.
        settings: As of `Dataset.from_csv`, `from_folder` or `from_arrays`; None is left out.

    Raises:
        ValueError: If nothing is there, the kind of file is unknown, or the data cannot be learned.
    """
    given: dict[str, Any] = {n: value for n, value in settings.items() if value is not None}
    suffix = "folder" if path.is_dir() else path.suffix.lower()
    if not path.exists() or suffix not in ("folder", ".csv", ".npz"):
        raise ValueError(
            f"--data must name a CSV file, a folder of images or an .npz file that exists, got "
            f"{shown(str(path))}. Look at the name, or write another form as one of these."
        )
    if (suffix == ".csv") != (target is not None):
        raise ValueError(
            f"--target must name the column to predict of a CSV file, and nothing else, got "
            f"{shown(target)} for {path}. "
            + ("Leave it out." if target else "Write --target COLUMN.")
        )
    of_other_forms = {"drop": ".csv", "missing": ".csv", "size": "folder"}
    for name, form in of_other_forms.items():
        if (size if name == "size" else given.get(name)) is not None and suffix != form:
            raise ValueError(
                f"--{name} must come with {'images' if form == 'folder' else 'a CSV file'}, got "
                f"{path}. Leave it out."
            )
    if suffix == "folder":
        return Dataset.from_folder(path, size=None if size is None else (size, size), **given)
    if target is not None:
        return Dataset.from_csv(path, target.split(",") if "," in target else target, **given)
    arrays = read_arrays(path)
    if not {"x", "y"} <= set(arrays):
        raise ValueError(
            f"{path} must hold the arrays x and y, got {shown(sorted(arrays))}. Write "
            "np.savez(path, x=x, y=y)."
        )
    return Dataset.from_arrays(arrays["x"], arrays["y"], name=path.stem, source=str(path), **given)


def space_for(dataset: Dataset) -> str:
    """The name of the space that suits the shape: dense for tables, cells for series and images."""
    is_table = len(dataset.input_shape) == 1 and dataset.vocabulary_size is None
    return "dense" if is_table else "edge_cell"


def batch_size_for(dataset: Dataset) -> int:
    """A power of two from 8 to 128 that gives small training sets 20 steps per epoch or more."""
    return int(np.clip(2 ** int(np.log2(max(len(dataset.x_train) / 20, 1))), 8, 128))


def objective_for(dataset: Dataset) -> Objective:
    """The task's objective; macro F1 where the largest class has over 3 times the smallest."""
    if dataset.task == "classification":
        counts = np.bincount(dataset.y_train)
        if counts.max() > IMBALANCE * counts.min():
            return Objective("val_macro_f1", "max")
    return task_of(dataset).objective


def compared(dataset: Dataset, objective: Objective, *, seed: int) -> str:
    """Fit the baselines; what they reach on the validation set, in one sentence."""
    parts = []
    for name, (pipeline, metrics) in (
        ("a constant answer", trivial(dataset)),
        ("the baseline", baseline(dataset, seed=seed)),
    ):
        parts.append(f"{name} ({spoken(pipeline)}) {metrics[objective.name]:.4f}")
    return f"{objective.name} without a search: {', '.join(parts)}."


def formats(text: str) -> list[str]:
    """The formats of a list with commas, if what they need is installed.

    Raises:
        ValueError: If a format is unknown, or a package is missing; the message names it.
    """
    names = [one_of("a format of --export", name, EXPORTS) for name in text.split(",")]
    for name in names:
        _, packages, install = EXPORTS[name]
        if absent := [package for package in packages if find_spec(package) is None]:
            raise ValueError(
                f"--export {name} needs {', '.join(absent)}, which cannot be imported. Install it "
                f"with pip install {install}, or leave {name} out."
            )
    return names


def export(model: keras.Model, name: str, out: Path, x: np.ndarray) -> tuple[str, float]:
    """Write a model in another format, and run it there on some samples.

    Args:
        model: What to export.
        name: One of `EXPORTS`.
        out: The folder.
        x: Samples, of shape (num_samples, *input_shape).

    Returns:
        The file's name, and the largest difference of an output from Keras's own.
    """
    path = out / f"best{EXPORTS[name][0]}"
    model.export(path, format=name, verbose=False)
    run = _onnx if name == "onnx" else _litert
    return path.name, float(np.abs(run(path, x) - model.predict(x, verbose=0)).max())


def _onnx(path: Path, x: np.ndarray) -> np.ndarray:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path))
    return session.run(None, {session.get_inputs()[0].name: x})[0]


def _litert(path: Path, x: np.ndarray) -> np.ndarray:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path))
    (given,), (returned,) = interpreter.get_input_details(), interpreter.get_output_details()
    rows = []
    for sample in x:
        interpreter.resize_tensor_input(given["index"], (1, *sample.shape))
        interpreter.allocate_tensors()
        interpreter.set_tensor(given["index"], sample[None].astype(given["dtype"]))
        interpreter.invoke()
        rows.append(interpreter.get_tensor(returned["index"])[0])
    return np.stack(rows)


def network(run: Path) -> keras.Model:
    """The network of a finished run. In safe mode Keras runs no code that a file brings."""
    return keras.models.load_model(run / "best.keras", compile=False, safe_mode=True)


def write_reader(dataset: Dataset, out: Path) -> None:
    """Keep what new data need to be read alike, and predictions to have their original labels."""
    origin = _origin(dataset)
    about = {
        "task": dataset.task,
        "names": list(dataset.class_names),
        "original_labels": origin.original_labels and list(origin.original_labels),
        "reader": dict(origin.reader),
        "data": origin.describe(),
    }
    with replacing(out / READER) as new:
        new.write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")


def predict(run: Path, data: Path) -> pd.DataFrame:
    """What the network of a finished run says of new rows of a CSV file, with the original labels.

    Args:
        run: The folder of a search on a CSV file.
        data: A CSV file with the same columns; the target's may be absent.

    Returns:
        One row per row of the file: the class and its probability; or a column per label or target.

    Raises:
        ValueError: If the folder holds no such run, or the file cannot be read as its data were.
    """
    if not (run / READER).exists() or not (run / "best.keras").exists():
        raise ValueError(
            f"--run must name the folder of a finished search on your own data, got {run}, which "
            f"lacks {READER} or best.keras. Run search --data ... --out {run} first."
        )
    about = json.loads((run / READER).read_text(encoding="utf-8"))
    if about["reader"].get("kind") != "table":
        raise ValueError(
            f"predict must get the run of a search on a CSV file, got one on {about['data']['source']}. "
            f"Load {run / 'best.keras'} with keras.models.load_model, and give it arrays."
        )
    if not data.is_file():
        raise ValueError(f"--data must name a CSV file that exists, got {data}. Look at the name.")
    frame, *_ = read_frame(data)
    x = _scaled(numbers_of(frame, about["reader"]), about["reader"])
    model = network(run)
    return _named(model.predict(x, batch_size=500, verbose=0), about)


def _scaled(x: np.ndarray, reader: dict) -> np.ndarray:
    """Numbers filled and scaled by what the training set had, as those of the search were."""
    if "means" in reader:
        x = np.where(np.isnan(x), reader["means"], x)
    x = x.astype("float32")  # as the search's own were before they were scaled
    return scaled(x, reader["mean"], reader["deviation"])


def _named(outputs: np.ndarray, about: dict) -> pd.DataFrame:
    if about["task"] == "regression":
        return pd.DataFrame(outputs, columns=about["reader"]["target"])
    if about["task"] == "multilabel":
        return pd.DataFrame((outputs > 0).astype(int), columns=about["names"])
    probabilities = softmax(outputs, axis=1)
    labels = [about["original_labels"][number] for number in outputs.argmax(axis=1)]
    return pd.DataFrame(
        {about["reader"]["target"][0]: labels, "probability": probabilities.max(axis=1)}
    )


def write_check(task: str, y: np.ndarray, outputs: np.ndarray, out: Path) -> str:
    """Draw what one look at the test set showed: residuals of a regression, or calibration.

    Args:
        task: The data set's.
        y: The test set's answers.
        outputs: What the network returned for them.
        out: The folder.

    Returns:
        The file's name.
    """
    figure, ax = plt.subplots(figsize=(5, 4))
    if task == "regression":
        name = "residuals.png"
        ax.axhline(0, color="grey", linewidth=1)
        ax.plot(outputs, y - outputs, ".")
        ax.set(xlabel="predicted, test set", ylabel="residual: true minus predicted")
    else:
        name = "calibration.png"
        sure, right = _confidence(task, y, outputs)
        bins = np.minimum((sure * 10).astype(int), 9)
        used = np.unique(bins)
        ax.plot([0, 1], [0, 1], color="grey", linewidth=1)
        ax.plot(*([values[bins == each].mean() for each in used] for values in (sure, right)), "o-")
        ax.set(xlabel="probability of the prediction, test set", ylabel="share that is right")
    with replacing(out / name) as new:
        figure.savefig(new, dpi=150)
    plt.close(figure)
    return name


def _confidence(task: str, y: np.ndarray, outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The probability of each prediction, and whether it is right."""
    if task == "multilabel":
        positive = expit(outputs)
        return np.maximum(positive, 1 - positive).ravel(), ((outputs > 0) == y).ravel()
    return softmax(outputs, axis=1).max(axis=1), outputs.argmax(axis=1) == y
