import pytest

from nas_tutorial.spaces import SPACES
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.chain import ChainSpace
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.strategies.tabu import MAX_FREE_MOVES, Tabu
from nas_tutorial.trials import Candidate, Constraint
from tests.toys import Grid, Heights, constant, drive, evaluated, fragile, hopeless, noisy, quick


class Watched(Grid):
    """Keeps at which points the neighbours were looked up: the centres, in turn."""

    def __init__(self, *sizes: int):
        super().__init__(*sizes)
        self.centres = []

    def neighbors(self, architecture):
        self.centres.append(architecture.values)
        return super().neighbors(architecture)


def begun(strategy: Tabu, values: tuple, evaluator) -> Tabu:
    """The strategy with a walk that begins at a given point, trial 0."""
    strategy.tell(evaluated(0, Candidate(Architecture(values)), evaluator))
    return strategy


def walk(start: tuple, evaluator, trials: int, sizes: tuple, **settings) -> list[tuple]:
    """All centres of a walk, those that needed no new result too."""
    space = Watched(*sizes)
    drive(begun(Tabu(space, **settings), start, evaluator), evaluator, trials, first=1)
    return space.centres


# A local optimum at 0 0, the global one at 2 2, and low ground between them.
PASS = Heights([[5, 4, 1], [3, 2, 0], [1, 0.5, 9]])


@pytest.mark.parametrize("tenure", [2, 3, 10])
@pytest.mark.parametrize("seed", range(3))
def test_it_leaves_a_local_optimum_and_does_not_fall_back(tenure, seed):
    # 0 1 is the best neighbour of 0 0. From there 0 0 is tabu, so 1 1; from there 0 1 and 1 0 are
    # tabu, so 2 1; and beside that lies the top.
    centres = walk((0, 0), PASS, 8, (3, 3), tenure=tenure, seed=seed)
    assert centres[:5] == [(0, 0), (0, 1), (1, 1), (2, 1), (2, 2)]


def test_a_replaced_value_is_tabu_for_as_many_moves_as_the_tenure_says():
    # With 1, at 1 1 the value 0 is free on axis 1, where it was replaced two moves ago, and not on
    # axis 0. With 0 nothing is ever tabu.
    assert walk((0, 0), PASS, 7, (3, 3), tenure=1)[:5] == [(0, 0), (0, 1), (1, 1), (1, 0), (0, 0)]
    assert walk((0, 0), PASS, 6, (3, 3), tenure=0)[:4] == [(0, 0), (0, 1), (0, 0), (0, 1)]


@pytest.mark.parametrize(("height", "is_reached"), [(9, True), (5, False), (4.5, False)])
def test_what_is_better_than_all_centres_is_free_of_tabu(height, is_reached):
    # 000 -> 100 -> 110 -> 111, and there all three values 0 are tabu, that of 011 too.
    cube = Heights([[[5, 2], [3, height]], [[4, 1], [3.5, 1]]])
    centres = walk((0, 0, 0), cube, 7, (2, 2, 2))
    assert centres[:4] == [(0, 0, 0), (1, 0, 0), (1, 1, 0), (1, 1, 1)]
    assert ((0, 1, 1) in centres) == is_reached


def test_where_no_move_is_allowed_another_walk_begins():
    cube = Heights([[[5, 2], [3, 4.5]], [[4, 1], [3.5, 1]]])
    strategy = begun(Tabu(Grid(2, 2, 2)), (0, 0, 0), cube)
    drive(strategy, cube, 7, first=1)
    assert strategy.centre is None
    start = strategy.ask()
    assert not start.parents
    strategy.tell(evaluated(8, start, cube))
    assert {strategy.ask().parents for _ in range(3)} == {(8,)}  # trained anew, nothing is known


def test_going_in_circles_ends():
    space = Watched(3, 3)
    strategy = begun(Tabu(space, tenure=0), (0, 0), PASS)
    drive(strategy, PASS, 6, first=1)
    assert strategy.centre is None
    assert len(space.centres) == 2 + MAX_FREE_MOVES  # 0 0, 0 1, and then back and forth


@pytest.mark.parametrize("name", list(SPACES))
def test_no_encoding_is_trained_twice_within_a_walk(name):
    trials = drive(Tabu(SPACES.load(name)()), noisy, 200)
    assert [bool(trial.candidate.parents) for trial in trials] == [False] + [True] * 199
    assert len({trial.candidate.architecture for trial in trials}) == 200


@pytest.mark.parametrize("name", list(SPACES))
def test_a_candidate_is_a_neighbour_of_its_parent(name):
    space = SPACES.load(name)()
    trials = drive(Tabu(space), fragile, 80, in_flight=5)
    of_number = {trial.number: trial.candidate.architecture for trial in trials}
    for trial in trials:
        for parent in trial.candidate.parents:
            assert trial.candidate.architecture in space.neighbors(of_number[parent])


def test_equal_heights_are_walked_without_a_stop():
    trials = drive(Tabu(EdgeCellSpace()), constant, 150)
    assert len({trial.candidate.parents for trial in trials}) > 6


def test_a_neighbourhood_that_fails_is_left():
    isle = Heights([[5, None, None], [None, 1, 1], [None, 1, 1]])
    strategy = begun(Tabu(Grid(3, 3)), (0, 0), isle)
    assert all(trial.failed for trial in drive(strategy, isle, 4, first=1))
    assert not strategy.ask().parents


def test_a_start_that_fails_is_followed_by_another():
    trials = drive(Tabu(EdgeCellSpace()), hopeless, 30, in_flight=4)
    assert not any(trial.candidate.parents for trial in trials)


# Many in flight


@pytest.mark.parametrize("order", [1, -1])
def test_a_move_waits_for_all_neighbours(order):
    strategy = begun(Tabu(Grid(3, 3)), (0, 0), PASS)
    asked = [strategy.ask() for _ in range(6)]
    assert [candidate is None for candidate in asked] == [False] * 4 + [True] * 2
    for number, candidate in list(enumerate(asked[:4], start=1))[::order]:
        assert strategy.centre.number == 0
        assert strategy.ask() is None
        strategy.tell(evaluated(number, candidate, PASS))
    assert strategy.centre.candidate.architecture.values == (0, 1)
    assert strategy.ask() is not None


def test_a_start_that_comes_late_is_known_and_not_trained_again():
    space = EdgeCellSpace()
    strategy = Tabu(space)
    first = strategy.ask()
    late = Candidate(space.neighbors(first.architecture)[3])
    strategy.tell(evaluated(0, first, noisy))
    strategy.tell(evaluated(1, late, noisy))
    trials = drive(strategy, noisy, 100, first=2)
    assert late.architecture not in {trial.candidate.architecture for trial in trials}


# What it finds


def test_it_reaches_the_best_architecture_of_a_small_space():
    trials = drive(Tabu(ChainSpace(depth=4)), quick, 100)  # 256 architectures
    assert max(trial.value("val_accuracy") for trial in trials) == 1.0


def test_it_moves_to_what_keeps_the_constraints_where_it_can():
    strategy = Tabu(EdgeCellSpace(), constraints=[Constraint("parameters", 250)])
    drive(strategy, quick, 60)
    for number in range(60, 200):
        assert strategy.centre.value("parameters") <= 250
        strategy.tell(evaluated(number, strategy.ask(), quick))


@pytest.mark.parametrize(
    ("tenure", "complaint"),
    [(-1, "at least 0, got -1. Count"), (1.5, "at least 0, got 1.5. Count")],
)
def test_a_bad_tenure_is_refused(tenure, complaint):
    with pytest.raises(ValueError, match=f"tenure must be a whole number {complaint}"):
        Tabu(EdgeCellSpace(), tenure=tenure)
