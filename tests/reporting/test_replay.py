import matplotlib

matplotlib.use("Agg")

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest

from nas_tutorial.history import History
from nas_tutorial.loop.search import search
from nas_tutorial.reporting import plots
from nas_tutorial.reporting.replay import frame_trials, player, plot_replay, replay
from nas_tutorial.spaces.edge_cell import EdgeCellSpace
from nas_tutorial.strategies.genetic import Genetic
from nas_tutorial.strategies.random_search import RandomSearch
from nas_tutorial.trials import Constraint, Objective
from tests.toys import fragile, hopeless, noisy

SPACE = EdgeCellSpace()
HISTORY = search(Genetic(SPACE), fragile, trials=30, progress=False)
SHORT = HISTORY[:12]
DRAWN = search(RandomSearch(SPACE), noisy, trials=6, progress=False)


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def film(*arguments, **settings):
    """A replay that has been drawn once, as matplotlib wants it."""
    animation = replay(*arguments, **settings)
    animation._init_draw()
    return animation


def picture(ax) -> tuple:
    """What is on the axes, as numbers and texts: curves, dots, lines and the title."""
    return (
        [np.nan_to_num(line.get_xydata()).tolist() for line in ax.get_lines()],
        [dots.get_offsets().tolist() for dots in ax.collections],
        [segments.tolist() for lines in lineages(ax) for segments in lines.get_segments()],
        ax.get_title(),
        ax.get_ylim(),
    )


def lineages(ax) -> list:
    """The two groups of lines from parent to child: of earlier trials, and of the last."""
    return [c for c in ax.collections if hasattr(c, "get_segments")]


def test_a_frame_a_trial_and_evenly_spaced_ones_where_there_are_more():
    assert frame_trials(5) == [1, 2, 3, 4, 5]
    assert frame_trials(60) == list(range(1, 61))
    assert frame_trials(120) == list(range(2, 121, 2))
    assert frame_trials(61)[-1] == 61 and len(frame_trials(61)) == 60
    assert frame_trials(10, 3) == [4, 7, 10]


@pytest.mark.parametrize(("trials", "max_frames"), [(7, 60), (100, 60), (1001, 9)])
def test_frames_increase_and_the_last_shows_all(trials, max_frames):
    frames = frame_trials(trials, max_frames)
    assert len(frames) == min(trials, max_frames) and frames[-1] == trials
    assert (np.diff(frames) > 0).all()


def test_the_film_has_these_frames():
    assert list(film(SHORT).new_frame_seq()) == list(range(1, 13))
    assert list(film(HISTORY, max_frames=10).new_frame_seq()) == list(range(3, 31, 3))


def test_the_last_frame_is_the_plot_of_the_whole_history():
    animation = film(SHORT)
    for trials in (1, 12):
        animation._draw_frame(trials)
    (ax,) = animation._fig.axes
    assert picture(ax) == picture(plot_replay(SHORT))
    plain = plots.plot_incumbent(SHORT)
    (curve,) = ax.get_lines()
    np.testing.assert_array_equal(curve.get_xydata(), plain.get_lines()[0].get_xydata())
    assert curve.get_drawstyle() == "steps-post"
    assert [c.get_offsets().tolist() for c in ax.collections if c not in lineages(ax)] == [
        c.get_offsets().tolist() for c in plain.collections
    ]


def test_a_frame_shows_what_was_told_by_then_on_the_axes_of_the_whole():
    whole, part = plot_replay(HISTORY), plot_replay(HISTORY, trials=9)
    assert part.get_lines()[0].get_xdata().tolist() == list(range(1, 10))
    assert (part.get_title(), whole.get_title()) == ("9 of 30 trials", "30 of 30 trials")
    assert (part.get_xlim(), part.get_ylim()) == (whole.get_xlim(), whole.get_ylim())


def test_all_dots_lie_within_the_axes_unless_limits_are_given():
    values = [t.value("val_accuracy") for t in HISTORY if not t.failed]
    low, high = plot_replay(HISTORY).get_ylim()
    assert low < min(values) and max(values) < high
    assert plot_replay(HISTORY, ylim=(0.2, 0.9)).get_ylim() == (0.2, 0.9)


def test_lines_lead_from_each_parent_to_its_child():
    ax = plot_replay(HISTORY)
    expected = [
        [(parent + 1, HISTORY[parent].value("val_accuracy")), (n + 1, t.value("val_accuracy"))]
        for n, t in enumerate(HISTORY)
        if not t.failed
        for parent in t.candidate.parents
    ]
    shown = [[tuple(p) for p in line] for group in lineages(ax) for line in group.get_segments()]
    assert expected and sorted(shown) == sorted(expected)


def test_the_lines_of_the_last_trial_stand_out():
    last = next(n for n, t in enumerate(HISTORY, start=1) if t.candidate.parents and not t.failed)
    before, newest = lineages(plot_replay(HISTORY, trials=last))
    assert not before.get_segments() and len(newest.get_segments()) == 2
    assert all(line[1][0] == last for line in newest.get_segments())
    assert newest.get_linewidth()[0] > before.get_linewidth()[0]


def test_the_legend_names_the_lines_that_are_there():
    def names(ax):
        return [text.get_text() for text in ax.get_legend().get_texts()]

    last = next(n for n, t in enumerate(HISTORY, start=1) if t.candidate.parents and not t.failed)
    assert not {"parent to child", "to the newest trial"} & set(names(plot_replay(DRAWN)))
    assert "parent to child" not in names(plot_replay(HISTORY, trials=last))
    assert "to the newest trial" in names(plot_replay(HISTORY, trials=last))
    assert "parent to child" in names(plot_replay(HISTORY))


def test_a_search_that_breeds_nothing_has_no_lines():
    assert not any(group.get_segments() for group in lineages(plot_replay(DRAWN)))


def test_results_are_placed_in_the_order_of_arrival():
    swapped = History([*DRAWN[3:], *DRAWN[:3]])
    curve = plot_replay(swapped).get_lines()[0]
    np.testing.assert_array_equal(curve.get_ydata(), swapped.incumbent(Objective()))


def test_parents_that_a_slice_left_out_have_no_lines():
    part = HISTORY[20:]
    kept = {trial.number for trial in part if not trial.failed}
    bred = [t for t in part if not t.failed and kept & set(t.candidate.parents)]
    shown = sum(len(group.get_segments()) for group in lineages(plot_replay(part)))
    assert shown == sum(len([p for p in t.candidate.parents if p in kept]) for t in bred)


def test_constraints_and_objectives_are_those_of_the_incumbent():
    limit = Constraint("parameters", 250)
    shown = plot_replay(HISTORY, constraints=[limit]).get_lines()[0].get_ydata()
    np.testing.assert_array_equal(shown, HISTORY.incumbent(Objective(), [limit]))
    cheap = Objective("seconds", "min")
    shown = plot_replay(HISTORY, cheap).get_lines()[0].get_ydata()
    np.testing.assert_array_equal(shown, HISTORY.incumbent(cheap))
    animation = film(SHORT, constraints=(one for one in [limit]))
    for trials in (11, 12):
        animation._draw_frame(trials)
    shown = animation._fig.axes[0].get_lines()[0].get_ydata()
    np.testing.assert_array_equal(shown, SHORT.incumbent(Objective(), [limit]))


def test_a_history_in_which_everything_failed_can_be_replayed():
    failed = search(RandomSearch(SPACE), hopeless, trials=3, progress=False)
    plot_replay(failed).figure.canvas.draw()


@pytest.mark.parametrize("trials", [-1, 31])
def test_more_trials_than_there_are_are_refused(trials):
    with pytest.raises(
        ValueError, match=rf"trials must be .* in \[0, 30\], got {trials}\. A replay"
    ):
        plot_replay(HISTORY, trials=trials)


@pytest.mark.parametrize(
    ("history", "max_frames", "what"),
    [(History(), 60, "the number of trials"), (SHORT, 0, "max_frames")],
)
def test_a_film_of_nothing_is_refused(history, max_frames, what):
    with pytest.raises(ValueError, match=f"{what} must be a whole number at least 1, got 0"):
        replay(history, max_frames=max_frames)


def test_the_player_holds_every_frame_and_asks_the_net_for_nothing():
    page = player(replay(DRAWN))
    assert len(re.findall(r"data:image/png;base64", page)) == len(DRAWN)
    assert not re.search(r"https?://|<link|fa-", page)
    assert all(button in page for button in "▶‖«»")


def test_sixty_frames_stay_under_three_megabytes():
    long = search(Genetic(SPACE), noisy, trials=60, progress=False)
    page = player(replay(long))
    assert page.count("data:image/png;base64") == 60 and len(page) < 3e6


def test_a_replay_leaves_no_figure_that_a_notebook_would_show():
    player(replay(DRAWN, max_frames=2))
    assert plt.get_fignums() == []
