import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.patches import FancyArrowPatch

from nas_tutorial.reporting.cells import (
    draw_edges,
    draw_operations,
    operation_label,
    plot_cell_twice,
)
from nas_tutorial.reporting.diagrams import FAINT, sheet
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.edge_cell import EdgeCellSpace

SPACE = EdgeCellSpace()
ARCHITECTURES = [SPACE.sample(np.random.default_rng(seed)) for seed in range(12)]
ARCHITECTURES += [Architecture((operation,) * 6) for operation in SPACE.OPERATIONS]


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def written(ax) -> list[str]:
    return sorted(text.get_text() for text in ax.texts)


def arrows(ax) -> list[FancyArrowPatch]:
    return [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=str)
def test_each_operation_is_an_edge_and_none_is_dashed(architecture):
    ax = sheet(5, 3)
    draw_edges(ax, 0.5, 1, SPACE, architecture)
    labels = [operation_label(value) for value in architecture.values]
    assert written(ax) == sorted([*labels, "0", "1", "2", "3"])
    dashed = [line for line in arrows(ax) if line.get_linestyle() not in ("-", "solid")]
    assert len(arrows(ax)) == 6 and len(dashed) == labels.count("none")


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=str)
def test_the_dual_drawing_has_the_graphs_nodes_and_edges(architecture):
    ax = sheet(6, 3)
    draw_operations(ax, 1, 1, SPACE, architecture)
    graph = SPACE.graph(architecture)
    assert written(ax) == sorted(operation_label(name) for name in graph.operations)
    assert len(arrows(ax)) == len(graph.edges)


def test_both_drawings_say_the_same():
    ax = plot_cell_twice(SPACE, ARCHITECTURES[0]).axes[0]
    kept = [operation_label(v) for v in ARCHITECTURES[0].values if v != SPACE.NONE]
    assert all(written(ax).count(label) == 2 * kept.count(label) for label in kept)


def test_dead_operations_are_pale_where_that_is_asked_for():
    dead = SPACE.from_string(
        "|nor_conv_3x3~0|+|skip_connect~0|none~1|+|nor_conv_1x1~0|none~1|avg_pool_3x3~2|"
    )
    for fade, number in ((False, 0), (True, 1)):
        ax = sheet(6, 3)
        draw_operations(ax, 1, 1, SPACE, dead, fade_dead=fade)
        pale = [
            line
            for line in arrows(ax)
            if line.get_edgecolor() == plt.matplotlib.colors.to_rgba(FAINT)
        ]
        assert len(pale) == number


@pytest.mark.parametrize(
    ("operation", "on_sequences", "on_images"),
    [
        ("nor_conv_3x3", "conv 3", "conv\n3×3"),
        ("nor_conv_1x1", "conv 1", "conv\n1×1"),
        ("avg_pool_3x3", "pool 3", "pool\n3×3"),
        ("skip_connect", "skip", "skip"),
        ("none", "none", "none"),
        ("input", "input", "input"),
    ],
)
def test_operations_have_short_names(operation, on_sequences, on_images):
    assert operation_label(operation) == on_sequences
    assert operation_label(operation, dimensions=2) == on_images


def test_another_spaces_architecture_is_refused():
    with pytest.raises(ValueError, match="edge_cell"):
        plot_cell_twice(SPACE, Architecture(("none",) * 5))
