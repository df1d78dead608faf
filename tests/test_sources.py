"""Outputs stay with their cells where a notebook is built without running it, and are alike if it runs."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from sources import build


def ran(*codes: str):
    """A notebook that was run: each cell printed its code, and returned it."""
    cells = [new_markdown_cell("# Title")]
    for count, code in enumerate(codes, start=1):
        value = new_output("execute_result", {"text/plain": code}, execution_count=count)
        outputs = [new_output("stream", text=code), value]
        cells.append(new_code_cell(code, outputs=outputs, execution_count=count))
    return numbered(new_notebook(cells=cells))


def not_run(*codes: str):
    return numbered(new_notebook(cells=[new_code_cell(code) for code in codes]))


def numbered(notebook):
    """With ids from positions, as the builder makes them."""
    for position, cell in enumerate(notebook.cells):
        cell.id = f"00-{position:03}"
    return notebook


@pytest.fixture
def kept(tmp_path):
    """What each cell has after the notebook was built again: (its count, what it printed)."""

    def build_again(before, now) -> list[tuple]:
        path = tmp_path / "built.ipynb"
        nbformat.write(before, path)
        build.keep_outputs(now, path)
        nbformat.validate(now)
        for cell in now.cells:
            counts = {o.execution_count for o in cell.outputs if o.output_type == "execute_result"}
            assert counts <= {cell.execution_count}
        return [
            (cell.execution_count, cell.outputs[0].text if cell.outputs else None)
            for cell in now.cells
        ]

    return build_again


def test_without_a_change_all_is_as_it_was(kept):
    assert kept(ran("a", "b", "b"), not_run("a", "b", "b")) == [(1, "a"), (2, "b"), (3, "b")]


def test_a_cell_put_in_between_moves_no_output_to_another_cell(kept):
    assert kept(ran("a", "b", "b"), not_run("a", "new", "b", "b")) == [
        (1, "a"),
        (None, None),
        (3, "b"),
        (4, "b"),
    ]


def test_a_cell_taken_out_takes_its_output_along(kept):
    assert kept(ran("a", "b", "c"), not_run("a", "c")) == [(1, "a"), (2, "c")]


def test_a_changed_cell_keeps_what_it_had(kept):
    assert kept(ran("a", "b", "c"), not_run("a", "B", "c")) == [(1, "a"), (2, "b"), (3, "c")]


def test_an_empty_cell_is_not_counted(kept):
    before = ran("a", "", "b")
    before.cells[2].outputs, before.cells[2].execution_count = [], None
    before.cells[3].execution_count = 2
    assert kept(before, not_run("a", "", "b")) == [(1, "a"), (None, None), (2, "b")]


def test_text_that_a_stream_wrote_in_a_row_is_one_output():
    def text(content: str, name: str = "stdout"):
        return new_output("stream", text=content, name=name)

    picture = new_output("display_data", {"image/png": ""})
    outputs = [text("a\n"), text("b\n"), text("c\n", "stderr"), picture, text("d\n"), text("e\n")]
    whole = build.joined(outputs)
    assert [output.get("text") for output in whole] == ["a\nb\n", "c\n", None, "d\ne\n"]
