import json

import numpy as np
import pandas as pd
import pytest

from nas_tutorial.data.datasets import Dataset
from nas_tutorial.reporting import own_run

RNG = np.random.default_rng(0)


@pytest.fixture
def table(tmp_path):
    frame = pd.DataFrame(RNG.normal(size=(60, 2)), columns=["a", "b"])
    frame["colour"] = np.where(frame["a"] > 0, "red", "blue")
    frame["kind"] = np.where(frame["b"] > 0, "cat", "dog")
    frame.to_csv(tmp_path / "mine.csv", index=False)
    return tmp_path / "mine.csv"


def test_new_rows_are_read_exactly_as_those_of_the_search(table, tmp_path):
    dataset = own_run.read_data(table, "kind", seed=1)
    own_run.write_reader(dataset, tmp_path)
    reader = json.loads((tmp_path / own_run.READER).read_text())["reader"]
    x = own_run._scaled(own_run.numbers_of(pd.read_csv(table), reader), reader)
    np.testing.assert_array_equal(x[dataset.origin.rows["validation"]], dataset.x_val)


def test_arrays_come_from_an_npz_file(tmp_path):
    x, y = RNG.normal(size=(40, 12, 1)).astype("float32"), np.arange(40) % 2
    np.savez(tmp_path / "mine.npz", x=x, y=y)
    dataset = own_run.read_data(tmp_path / "mine.npz", None)
    assert dataset.input_shape == (12, 1)
    assert own_run.space_for(dataset) == "edge_cell"


def test_the_objective_heeds_imbalance():
    x = RNG.normal(size=(100, 2))
    even, uneven = np.arange(100) % 2, np.arange(100) % 10 == 0
    names = [own_run.objective_for(Dataset.from_arrays(x, y, test=0)).name for y in (even, uneven)]
    assert names == ["val_accuracy", "val_macro_f1"]


@pytest.mark.parametrize(
    ("path", "target", "says"),
    [
        ("none.csv", "kind", "--data must name a CSV file, .* that exists, got"),
        ("mine.csv", None, "Write --target COLUMN"),
        ("mine.npz", "kind", "Leave it out"),
        ("mine.npz", None, "must hold the arrays x and y"),
        ("mine.csv", "sort", "must be one of .* got 'sort'"),
    ],
)
def test_what_cannot_be_read_is_said_before_any_work(table, tmp_path, path, target, says):
    np.savez(tmp_path / "mine.npz", z=[1])
    with pytest.raises(ValueError, match=says):
        own_run.read_data(tmp_path / path, target)


def test_formats_are_known_and_their_packages_there(monkeypatch):
    monkeypatch.setattr(own_run, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match="--export onnx needs tf2onnx, onnx, onnxruntime"):
        own_run.formats("onnx")
    with pytest.raises(ValueError, match="onnx"):
        own_run.formats("onxx")


def test_predictions_need_a_finished_run_on_a_table(table, tmp_path):
    with pytest.raises(ValueError, match=r"--run must name .* lacks reader.json"):
        own_run.predict(tmp_path, table)
    (tmp_path / "best.keras").touch()
    about = {"reader": {"kind": "images"}, "data": {"source": "flowers"}}
    (tmp_path / own_run.READER).write_text(json.dumps(about))
    with pytest.raises(ValueError, match="one on flowers"):
        own_run.predict(tmp_path, table)
    (tmp_path / own_run.READER).write_text(json.dumps({"reader": {"kind": "table"}}))
    with pytest.raises(ValueError, match="--data must name a CSV file that exists"):
        own_run.predict(tmp_path, tmp_path / "none.csv")
    (tmp_path / "empty.csv").touch()
    with pytest.raises(ValueError, match="with a line of names"):
        own_run.predict(tmp_path, tmp_path / "empty.csv")


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_a_look_at_the_test_set_is_drawn(task, tmp_path):
    y = np.array([0, 1, 1])
    outputs = np.array([[0.0, 2.0], [0.0, 1.0], [3.0, 0.0]])
    if task == "regression":
        y, outputs = y[:, None], outputs[:, :1]
    name = own_run.write_check(task, y, outputs, tmp_path)
    assert (tmp_path / name).stat().st_size > 0


def test_labels_are_the_original_ones():
    about = {
        "task": "classification", "original_labels": [3, 7], "names": ["3", "7"],
        "reader": {"target": ["kind"]},
    }  # fmt: skip
    named = own_run._named(np.array([[0.0, 0.0], [0.0, 50.0]]), about)
    assert named["kind"].tolist() == [3, 7]
    assert named["probability"].tolist() == pytest.approx([0.5, 1.0])
