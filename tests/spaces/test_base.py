"""spaces: what can be built, and the moves that every strategy makes in it."""

import itertools
from collections import Counter

import numpy as np
import pytest
from scipy.stats import chisquare

from nas_tutorial.spaces.architecture import Architecture, Choice
from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.spaces.graph import INPUT, OUTPUT, Graph
from nas_tutorial.spaces.node_cell import NodeCellSpace

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
    for foreign, number in ((Architecture((1, 0)), 2), ((1, 0), "none"), ([1, 0], "none")):
        expected = rf"of node_cell must have 4 values, got {number}: .*1, 0.*space.sample"
        with pytest.raises(ValueError, match=expected):
            space.require(foreign)
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
    expected = r"choices of rules_only that have a second option must be .* got 0\. Add an option"
    with pytest.raises(ValueError, match=expected):
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


# Identity


class Units(SearchSpace):
    """One choice, and no graph."""

    def __init__(self, options=(8, 16, 32), name="units"):
        super().__init__("units", (Choice(name, options),))


class Constant(Units):
    """A graph that says nothing."""

    def graph(self, architecture):
        return Graph((INPUT, OUTPUT), frozenset({(0, 1)}))


class HalfTold(SearchSpace):
    """A graph that leaves the second choice out."""

    def __init__(self):
        super().__init__("half", (Choice("operation", ("a", "b")), Choice("units", (8, 16))))

    def graph(self, architecture):
        return Graph((INPUT, architecture.values[0], OUTPUT), frozenset({(0, 1), (1, 2)}))


class ByNumber(SearchSpace):
    """Operations by their numbers, so that choices do not tell them."""

    OPERATIONS = ("a", "b")

    def __init__(self):
        super().__init__("by_number", (Choice("operation", (0, 1)),))

    def graph(self, architecture):
        operation = self.OPERATIONS[architecture.values[0]]
        return Graph((INPUT, operation, OUTPUT), frozenset({(0, 1), (1, 2)}))


def test_without_a_graph_each_encoding_is_a_network_of_its_own():
    space = SearchSpace("bare", (Choice("units", (8, 16)), Choice("kind", ("8", "16"))))
    graphs = [space.graph(architecture) for architecture in space]
    assert len({graph.fingerprint() for graph in graphs}) == 4
    assert graphs[0].operations == (INPUT, "units=8", "kind='8'", OUTPUT)
    assert graphs[0].pruned() == graphs[0]
    assert len({Units((1, "1")).graph(one).fingerprint() for one in Units((1, "1"))}) == 2


@each_space
def test_the_graphs_of_these_spaces_show_every_choice(space):
    space.require_choices_in_graph()


def test_a_choice_that_shows_in_no_graph_is_named():
    Units().require_choices_in_graph()
    RulesOnly().require_choices_in_graph()
    for space, choice in ((Constant(), "units"), (HalfTold(), "units")):
        expected = rf"graph of {space.name} must show every choice.* {choice!r} .*Leave .graph. out"
        with pytest.raises(ValueError, match=expected):
            space.require_choices_in_graph()


def test_where_no_single_change_is_valid_a_graph_is_not_blamed():
    class Pairs(HalfTold):
        def is_valid(self, architecture):
            return architecture.values in (("a", 8), ("b", 16))

    Pairs().require_choices_in_graph()


@each_space
def test_a_space_made_again_is_the_same(space):
    again = {
        ChainSpace: lambda: ChainSpace(), EdgeCellSpace: EdgeCellSpace,
        NodeCellSpace: lambda: NodeCellSpace(space.num_nodes),
    }[type(space)]()  # fmt: skip
    assert again.digest == space.digest
    assert len(space.digest) == 16


def test_spaces_differ_by_what_their_encodings_mean():
    class Other(EdgeCellSpace):
        OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "avg_pool_3x3")

    class Otherwise(ByNumber):
        OPERATIONS = ("a", "c")

    Otherwise.__name__ = "ByNumber"
    spaces = [EdgeCellSpace(), Other(), ChainSpace(), ChainSpace(5), Units(), Units((8, 16)),
              Units(name="width"), Constant(), ByNumber(), Otherwise()]  # fmt: skip
    assert len({space.digest for space in spaces}) == len(spaces)


def test_two_choices_of_one_name_are_refused():
    with pytest.raises(
        ValueError, match=r"choices of twice must have distinct names, got 'units' 2 times\. Rename"
    ):
        SearchSpace("twice", (Choice("units", (8, 16)), Choice("units", (1, 2))))
