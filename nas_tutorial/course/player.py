"""A search replayed as a film, in a player with buttons."""

from nas_tutorial.course.session import is_still
from nas_tutorial.history import History
from nas_tutorial.trials import Objective


def play(
    history: History, objective: Objective = Objective(), *, ylim: tuple[float, float] | None = None
):
    """Replay a search in a player with buttons.

    Where the environment variable NAS_TUTORIAL_STILL is set, as when notebooks are built and tested,
    the last frame is drawn as a picture instead: pictures compare equal, players do not.

    Args:
        history, objective, ylim: As in `reporting.replay.plot_replay`.
    """
    import matplotlib.pyplot as plt

    from nas_tutorial.reporting import replay

    if is_still():
        replay.plot_replay(history, objective, ylim=ylim)
        plt.show()
        return None
    from IPython.display import HTML

    return HTML(replay.player(replay.replay(history, objective, ylim=ylim)))
