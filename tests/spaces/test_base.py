"""spaces: what can be built, and the moves that every strategy makes in it."""

import csv
import gzip
import itertools
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import chisquare

from nas_tutorial.spaces import SPACES
from nas_tutorial.spaces.architecture import Architecture, Choice
from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.spaces.graph import INPUT, OUTPUT, OUTPUT_CONCAT, Graph
from nas_tutorial.spaces.node_cell import NodeCellSpace
from nas_tutorial.spaces.operations import OPERATIONS

ALL_SPACES = [ChainSpace(), EdgeCellSpace(), NodeCellSpace(), NodeCellSpace(num_nodes=4)]
SMALL_SPACES = [ChainSpace(3, ("a", "b")), NodeCellSpace(num_nodes=3), NodeCellSpace(4, 3)]
each_space = pytest.mark.parametrize("space", ALL_SPACES, ids=repr)
each_small_space = pytest.mark.parametrize("space", SMALL_SPACES, ids=repr)


class RulesOnly(SearchSpace):
    """Two choices, one of which has no second option; `allowed` says what is valid."""

    def __init__(self, allowed=lambda architecture: True, options=("a", "b")):
        self.allowed = allowed
        super().__init__("rules_only", (Choice("fixed", ("x",)), Choice("free", options)))

    def graph(self, architecture):
        return Graph((INPUT, *architecture.values, OUTPUT), frozenset({(0, 1), (1, 2), (2, 3)}))

    def is_valid(self, architecture):
        return self.allowed(architecture)


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def num_different(first: Architecture, second: Architecture) -> int:
    assert len(first.values) == len(second.values)
    return sum(a != b for a, b in zip(first.values, second.values))


def brute_force(space: SearchSpace) -> list[Architecture]:
    products = itertools.product(*(choice.options for choice in space.choices))
    return [a for a in map(Architecture, products) if space.is_valid(a)]


# Membership and enumeration


@each_small_space
def test_a_space_lists_its_valid_architectures_the_last_choice_fastest(space):
    assert list(space) == brute_force(space)
    assert all(architecture in space for architecture in space)


def test_sizes_count_encodings_valid_or_not():
    assert ChainSpace(3, ("a", "b")).size == 3**3
    assert EdgeCellSpace().size == 15_625
    assert NodeCellSpace().size == 2**21 * 3**5
    assert NodeCellSpace(3).size == 2**3 * 3 > len(list(NodeCellSpace(3)))
    assert repr(EdgeCellSpace()) == "EdgeCellSpace(6 choices, 15,625 encodings)"


def test_what_does_not_belong():
    space = NodeCellSpace(num_nodes=3)
    valid = Architecture((1, 0, 1, "maxpool3x3"))
    assert valid in space
    assert valid.values not in space
    assert Architecture((1, 0, 1)) not in space
    assert Architecture(("1", 0, 1, "maxpool3x3")) not in space
    assert Architecture((1, 0, 0, "maxpool3x3")) not in space  # nothing reaches the output


def test_require_tells_what_is_wrong():
    space = NodeCellSpace(num_nodes=3)
    space.require(Architecture((1, 0, 1, "maxpool3x3")))
    with pytest.raises(ValueError, match=r"of node_cell must have 4 values, got 2.*space.sample"):
        space.require(Architecture((1, 0)))
    with pytest.raises(ValueError, match=r"choice 'edge 1 to 2' must be one of 0, 1; got 7"):
        space.require(Architecture((1, 0, 7, "maxpool3x4")))
    with pytest.raises(
        ValueError, match=r"'operation 1'.*got 'maxpool3x4'. Did you mean 'maxpool3"
    ):
        space.require(Architecture((1, 0, 1, "maxpool3x4")))
    with pytest.raises(ValueError, match=r"must keep its rules \(see NodeCellSpace\), but 1 0 0 m"):
        space.require(Architecture((1, 0, 0, "maxpool3x3")))


# Sampling


@each_space
def test_samples_are_valid_and_repeat_with_their_seed(space):
    drawn = [space.sample(rng) for rng in [generator()] for _ in range(100)]
    assert all(architecture in space for architecture in drawn)
    assert drawn == [space.sample(rng) for rng in [generator()] for _ in range(100)]
    assert drawn != [space.sample(rng) for rng in [generator(1)] for _ in range(100)]


@each_small_space
def test_sampling_is_uniform_among_the_valid(space):
    rng, valid = generator(3), list(space)
    counts = Counter(space.sample(rng) for _ in range(40 * len(valid)))
    assert set(counts) <= set(valid)
    assert chisquare([counts[architecture] for architecture in valid]).pvalue > 0.001


@each_space
def test_values_keep_their_types(space):
    """A NumPy text or number in an architecture would not be the option, nor be JSON."""
    rng = generator()
    first = space.sample(rng)
    second = space.mutate(first, rng)
    for architecture in (first, second, space.crossover(first, second, rng)):
        assert {type(value) for value in architecture.values} <= {str, int}


# Mutation


@each_space
def test_mutation_changes_exactly_one_choice_and_stays_in_the_space(space):
    rng = generator(4)
    for _ in range(100):
        parent = space.sample(rng)
        child = space.mutate(parent, rng)
        assert child in space
        assert num_different(parent, child) == 1


def test_mutation_draws_choice_and_option_uniformly():
    space = EdgeCellSpace()
    rng, parent = generator(5), Architecture(("none",) * 6)
    counts = Counter(space.mutate(parent, rng) for _ in range(2_400))
    assert set(counts) == set(space.neighbors(parent))
    assert chisquare(list(counts.values())).pvalue > 0.001


def test_mutation_repeats_with_its_seed():
    space, parent = EdgeCellSpace(), Architecture(("none",) * 6)
    first, second = ([space.mutate(parent, r) for _ in range(20)] for r in map(generator, (1, 1)))
    assert first == second


def test_mutation_leaves_choices_without_alternative_alone():
    rng, parent = generator(), Architecture(("x", "a"))
    assert {RulesOnly().mutate(parent, rng) for _ in range(20)} == {Architecture(("x", "b"))}


def test_mutation_needs_an_alternative():
    with pytest.raises(
        ValueError, match=r"rules_only must have a choice with at least two opt.*Add"
    ):
        RulesOnly(options=("a",)).mutate(Architecture(("x", "a")), generator())


# Crossover


@each_space
def test_crossover_takes_each_value_from_a_parent(space):
    rng = generator(6)
    for _ in range(100):
        first, second = space.sample(rng), space.sample(rng)
        child = space.crossover(first, second, rng)
        assert child in space
        for value, *parents in zip(child.values, first.values, second.values):
            assert value in parents


def test_crossover_mixes_both_parents_evenly():
    space, rng = EdgeCellSpace(), generator(7)
    first, second = Architecture(("none",) * 6), Architecture(("skip_connect",) * 6)
    children = [space.crossover(first, second, rng) for _ in range(1_000)]
    for position in range(6):
        from_first = sum(child.values[position] == "none" for child in children)
        assert 430 < from_first < 570  # 4.4 standard deviations
    assert len(set(children)) == 2**6


def test_crossover_of_equal_parents_is_their_copy():
    space = NodeCellSpace()
    parent = space.sample(generator())
    assert space.crossover(parent, parent, generator()) == parent


def test_crossover_gives_the_first_parent_back_where_no_mix_is_valid():
    first, second = Architecture(("x", "a")), Architecture(("x", "b"))
    space = RulesOnly(allowed=lambda architecture: False)
    assert space.crossover(first, second, generator()) == first


# Infeasible spaces


def test_an_infeasible_space_is_an_error_that_states_the_rate():
    space = RulesOnly(allowed=lambda architecture: False)
    rate = r"0 of 1000 were valid \(a feasible rate below 0\.1%\)\. Loosen the space's rules"
    with pytest.raises(ValueError, match=rf"sample must find a valid .* rules_only .*{rate}"):
        space.sample(generator())
    with pytest.raises(ValueError, match=rf"mutate must find a valid .* rules_only .*{rate}"):
        space.mutate(Architecture(("x", "a")), generator())


def test_the_only_valid_architecture_has_no_mutant():
    space = NodeCellSpace(num_nodes=2)
    (only,) = space
    assert space.neighbors(only) == []
    with pytest.raises(ValueError, match="mutate must find a valid architecture of node_cell"):
        space.mutate(only, generator())


# Neighbours and encoding


@each_small_space
def test_neighbors_are_all_valid_architectures_at_distance_one(space):
    everything = brute_force(space)
    for architecture in everything:
        found = space.neighbors(architecture)
        expected = {other for other in everything if num_different(architecture, other) == 1}
        assert len(found) == len(expected)
        assert set(found) == expected


def test_edge_cell_has_24_neighbors_everywhere():
    space = EdgeCellSpace()
    assert {len(space.neighbors(space.sample(generator(seed)))) for seed in range(20)} == {24}


def test_encode_by_hand():
    space = ChainSpace(2, ("a", "b"))
    np.testing.assert_array_equal(space.encode(Architecture(("b", "skip"))), [0, 1, 0, 0, 0, 1])


@each_space
def test_encoding_is_one_hot(space):
    rng, widths = generator(8), [len(choice.options) for choice in space.choices]
    for _ in range(20):
        architecture = space.sample(rng)
        features = space.encode(architecture)
        assert features.shape == (sum(widths),)
        for part, choice, value in zip(
            np.split(features, np.cumsum(widths)[:-1]), space.choices, architecture.values
        ):
            assert sorted(part) == [0] * (len(part) - 1) + [1]
            assert choice.options[int(part.argmax())] == value


def test_encode_refuses_a_foreign_architecture():
    with pytest.raises(ValueError, match=r"choice 'slot 1' must be one of .*; got 'c'"):
        ChainSpace(1, ("a", "b")).encode(Architecture(("c",)))


# From architecture to graph


def test_a_chain_leaves_skipped_slots_out():
    space = ChainSpace(4, ("a", "b"))
    graph = space.graph(Architecture(("a", "skip", "b", "skip")))
    assert graph == Graph((INPUT, "a", "b", OUTPUT), frozenset({(0, 1), (1, 2), (2, 3)}))
    nothing = space.graph(Architecture(("skip",) * 4))
    assert nothing == Graph((INPUT, OUTPUT), frozenset({(0, 1)}))


def test_an_edge_of_the_cell_becomes_a_node():
    space = EdgeCellSpace()
    text = "|nor_conv_3x3~0|+|none~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_1x1~1|none~2|"
    graph = space.graph(space.from_string(text))
    # Nodes: 0 to 1 conv3, 0 to 3 skip, 1 to 2 pool (leads nowhere), 1 to 3 conv1.
    nodes = (INPUT, "nor_conv_3x3", "skip_connect", "avg_pool_3x3", "nor_conv_1x1", OUTPUT)
    assert graph == Graph(nodes, frozenset({(0, 1), (0, 2), (1, 3), (1, 4), (2, 5), (4, 5)}))
    assert "avg_pool_3x3" not in graph.pruned().operations


def test_paths_through_an_edge_cell_are_paths_through_its_graph():
    """Four nodes in a full cell: one path of one edge, two of two, one of three."""
    import networkx

    space = EdgeCellSpace()
    graph = space.graph(Architecture(("skip_connect",) * 6))
    paths = networkx.all_simple_paths(graph.to_networkx(), 0, len(graph.operations) - 1)
    assert sorted(len(path) - 2 for path in paths) == [1, 2, 2, 3]


def test_without_dead_edges_is_the_same_network_in_9445_ways():
    space = EdgeCellSpace()
    written = {architecture: space.without_dead_edges(architecture) for architecture in space}
    assert len(set(written.values())) == 9_445
    for architecture, shorter in written.items():
        changed = {new for old, new in zip(architecture.values, shorter.values) if old != new}
        assert changed <= {"none"}
        graph = space.graph(shorter)
        assert graph == space.graph(architecture).pruned()


def test_a_node_cell_is_its_graph():
    space = NodeCellSpace(num_nodes=4)
    assert space.pairs == ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3))
    graph = space.graph(Architecture((1, 0, 1, 1, 0, 1, "maxpool3x3", "conv1x1-bn-relu")))
    assert graph == Graph(
        (INPUT, "maxpool3x3", "conv1x1-bn-relu", OUTPUT_CONCAT),
        frozenset({(0, 1), (0, 3), (1, 2), (2, 3)}),
    )


def test_a_node_cell_counts_only_the_edges_that_work():
    space = NodeCellSpace(num_nodes=4, max_edges=3)
    operations = ("maxpool3x3", "maxpool3x3")
    assert Architecture((1, 0, 0, 1, 0, 1, *operations)) in space  # three in a row
    assert Architecture((1, 0, 1, 1, 0, 1, *operations)) not in space  # and a fourth
    assert Architecture((1, 0, 1, 1, 1, 0, *operations)) in space  # 1 to 2 leads nowhere
    assert Architecture((1, 0, 0, 1, 0, 0, *operations)) not in space  # output on its own


def test_the_default_node_cell_is_nasbench_101s():
    space = NodeCellSpace()
    assert (space.num_nodes, space.max_edges) == (7, 9)
    assert space.OPERATIONS == ("conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3")


# NAS-Bench-201's names


def test_a_name_of_nasbench_201_by_hand():
    space = EdgeCellSpace()
    text = "|nor_conv_3x3~0|+|none~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_1x1~1|none~2|"
    architecture = space.from_string(text)
    named = dict(zip((choice.name for choice in space.choices), architecture.values))
    assert named == {
        "0 to 1": "nor_conv_3x3",
        "0 to 2": "none",
        "1 to 2": "avg_pool_3x3",
        "0 to 3": "skip_connect",
        "1 to 3": "nor_conv_1x1",
        "2 to 3": "none",
    }
    assert space.to_string(architecture) == text
    assert space.from_string(f" {text}\n") == architecture


def test_all_names_round_trip():
    space = EdgeCellSpace()
    names = {space.to_string(architecture): architecture for architecture in space}
    assert len(names) == 15_625
    assert all(space.from_string(text) == architecture for text, architecture in names.items())


def test_the_names_of_nasbench_201_itself_round_trip():
    path = os.environ.get("NAS_TUTORIAL_NASBENCH201")
    if not path:
        pytest.skip("NAS_TUTORIAL_NASBENCH201 names no NAS-Bench-201 table")
    if not Path(path).is_file():
        pytest.skip(f"there is no file {path}, which NAS_TUTORIAL_NASBENCH201 names")
    with gzip.open(path, "rt", newline="") as file:
        names = [row["architecture"] for row in csv.DictReader(file)]
    space = EdgeCellSpace()
    architectures = {space.from_string(text) for text in names}
    assert architectures == set(space)
    assert all(space.to_string(space.from_string(text)) == text for text in names)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nor_conv_3x3",
        "|none~0|+|none~0|none~1|",
        "|none~0|+|none~0|none~1|+|none~0|none~1|none~3|",
        "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|none~3|",
        None,
        3,
    ],
)
def test_what_is_no_name_is_refused_with_an_example(text):
    expected = r"must look like \|skip_connect~0\|\+.*, got .*Write it with space.to_string"
    with pytest.raises(ValueError, match=expected):
        EdgeCellSpace().from_string(text)


def test_a_name_with_an_unknown_operation_is_refused():
    with pytest.raises(
        ValueError, match=r"choice '0 to 3' .*got 'nor_conv_3x4'. Did you mean 'nor"
    ):
        EdgeCellSpace().from_string(
            "|none~0|+|none~0|none~1|+|nor_conv_3x4~0|none~1|none~2|",
        )


def test_to_string_refuses_a_foreign_architecture():
    with pytest.raises(ValueError, match="of edge_cell must have 6 values, got 1"):
        EdgeCellSpace().to_string(Architecture(("none",)))


# Settings and the registry


@pytest.mark.parametrize("depth", [0, -1, 1001, 2.0, "3", None])
def test_a_chain_needs_a_slot(depth):
    expected = rf"depth must be a whole number, at least 1 .* got {depth!r}\. A chain needs"
    with pytest.raises(ValueError, match=expected):
        ChainSpace(depth)


@pytest.mark.parametrize("operations", ["nor_conv_3x3", None, ("nor_conv_3x3", 3)])
def test_a_chain_is_made_of_texts(operations):
    with pytest.raises(ValueError, match="operations must be a tuple of texts, got"):
        ChainSpace(operations=operations)


@pytest.mark.parametrize(
    "settings",
    [
        {"num_nodes": 1},
        {"num_nodes": 51},
        {"num_nodes": None},
        {"max_edges": 0},
        {"max_edges": 1.5},
    ],
)
def test_a_node_cell_needs_nodes_and_edges(settings):
    expected = rf"2 nodes and 1 edge, .* got .*{'='.join(map(str, *settings.items()))}.*Give other"
    with pytest.raises(ValueError, match=expected):
        NodeCellSpace(**settings)


def test_the_registry_loads_each_space_by_its_own_name():
    assert set(SPACES) == {"chain", "edge_cell", "node_cell"}
    for name in SPACES:
        assert SPACES.load(name)().name == name


def test_every_operation_of_every_space_can_be_built():
    for space in ALL_SPACES:
        used = {
            operation
            for a in [space.sample(generator(s)) for s in range(50)]
            for operation in space.graph(a).operations[1:-1]
        }
        assert used <= set(OPERATIONS)
        assert used
